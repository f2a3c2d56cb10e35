"""Why no roster can be made: a smallest set of named rules that cannot all be kept, each tried out.

A demand is one rule about one shift (its cover) or about one person. A set of demands is tried by solving
for the shifts whose cover is in it alone, with the rules of the people that are in it. From the first shift
that lacks people the days around it are taken in until no roster is left; then every demand is left out once,
halves first (QuickXplain, Junker, AAAI 2004): what can then be kept was needed. So no name comes from the
solver (its assumptions may name what was never assumed: google/or-tools issue 5141), and each is verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.roster.make import RULES, rules_of
from auditor.roster.problem import RosterProblem
from auditor.roster.rules import block, cover
from auditor.roster.variables import RosterVariables
from auditor.solving import IMPOSSIBLE, solve

PERSONAL = tuple(rule for rule in RULES if rule is not cover)
"""The rules about one person each."""


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """One rule about one thing: `rule` is its name; `person` is "" where `shift`, an index, says it."""

    rule: str
    person: str = ""
    shift: int = -1


def core(part: RosterProblem, short: Sequence[int], *, work: float) -> tuple[Demand, ...]:
    """Give a smallest set of demands that cannot all be kept: covers by shift, then rules by person.

    Parameters
    ----------
    short
        Indexes of shifts that lack people when as many seats as possible are filled; the first is the one
        that is explained.
    work
        Deterministic units at most for each try.

    Returns
    -------
    No demand of it can be left out. Empty where nothing was proven to be impossible.
    """
    tries = _Tries(part, work)
    asked = [rule for rule in rules_of(part) if rule is not cover]
    people = [Demand(rule.NAME, person=person.id) for rule in asked for person in part.people]
    days = {shift.index: part.day(shift) for shift in part.shifts}
    for first in short[:1]:
        for reach in (0, 1, 2, 4, 8, 16, 32, len(part.shifts)):
            near = sorted(
                (
                    Demand("cover", shift=index)
                    for index, day in days.items()
                    if abs(day - days[first]) <= reach
                ),
                key=lambda one: (one.shift != first, abs(days[one.shift] - days[first]), one.shift),
            )
            if tries.impossible([*near, *people]):
                kept = tries.smallest([*near, *people])
                return tuple(
                    sorted(kept, key=lambda one: (one.rule != "cover", one.shift, one.rule, one.person))
                )
    return ()


def contradiction(part: RosterProblem, *, work: float) -> tuple[Demand, ...]:
    """Give a smallest set of demands that cannot all be kept where no seats left empty help: of a cover only
    that nobody stands there beside its seats.

    Looked for around the days on which something stands: days left out ask for less, since each rule that
    binds people to one another binds them on one day, or on both of a weekend that is there.

    Parameters
    ----------
    work
        Deterministic units at most for each try.

    Returns
    -------
    As `core`: no demand of it can be left out. Empty where nothing was proven to be impossible.
    """
    asked = [rule for rule in rules_of(part) if rule is not cover]
    people = [Demand(rule.NAME, person=person.id) for rule in asked for person in part.people]
    held = {index for index, _who in part.locked}
    held |= {duty.block for person in part.people for duty in person.fixed}
    days = {part.day(shift) for shift in part.shifts}
    anchors = {part.day(shift) for shift in part.shifts if shift.index in held}
    anchors |= {duty.day for person in part.people for duty in person.fixed} & days
    for reach in (0, 1, 2, 4, 8, 16, 32, len(part.shifts)):
        near = tuple(
            shift
            for shift in part.shifts
            if not anchors or any(abs(part.day(shift) - day) <= reach for day in anchors)
        )
        tries = _Tries(replace(part, shifts=near), work, filled=False)
        for covers in ([], [Demand("cover", shift=shift.index) for shift in near]):
            if tries.impossible([*covers, *people]):
                kept = tries.smallest([*covers, *people])
                return tuple(
                    sorted(kept, key=lambda one: (one.rule != "cover", one.shift, one.rule, one.person))
                )
    return ()


class _Tries:
    """Tries whether demands can all be kept; what was tried is remembered.

    `filled` is whether a cover asks for every seat to be filled, or for no more people than seats.
    """

    def __init__(self, part: RosterProblem, work: float, *, filled: bool = True) -> None:
        self.part = part
        self.work = work
        self.filled = filled
        self._known: dict[frozenset[Demand], bool] = {}

    def impossible(self, demands: Sequence[Demand]) -> bool:
        """Whether it is proven that these cannot all be kept."""
        asked = frozenset(demands)
        if asked not in self._known:
            self._known[asked] = self._solve(asked)
        return self._known[asked]

    def _solve(self, asked: frozenset[Demand]) -> bool:
        from ortools.sat.python import cp_model

        kept = {one.shift for one in asked if one.rule == cover.NAME}
        covered = replace(self.part, shifts=tuple(one for one in self.part.shifts if one.index in kept))
        # a rule that ties people, and a cell that stands, may ask for a duty on another shift, which need not
        # be covered then
        part = self.part if self.part.coupled or self.part.locked else covered
        if not part.shifts:
            return False
        model = cp_model.CpModel()
        v = RosterVariables(model, part)
        if self.filled:
            cover.add(model, covered, v)
        for shift in () if self.filled else covered.shifts:
            able = [person for person in part.people if person.fills(shift)]
            model.add(sum(v.on_duty(person, shift) for person in able) <= shift.need)
        for rule in PERSONAL:
            bound = tuple(one for one in part.people if Demand(rule.NAME, person=one.id) in asked)
            if bound and rule is block:
                # whom it asks for a day goes by others too, whatever rules bind them
                block.add(model, part, v, [one.id for one in bound])
            elif bound:
                rule.add(model, replace(part, people=bound), v)
        return solve(model, work=self.work).status == IMPOSSIBLE

    def smallest(self, demands: Sequence[Demand]) -> list[Demand]:
        """Give demands of these that cannot all be kept, of which none can be left out; the first stay."""
        return self._needed([], False, list(demands))

    def _needed(self, given: list[Demand], grown: bool, some: list[Demand]) -> list[Demand]:
        """Give those of `some` that are needed beside what is `given`, which has just `grown` or not."""
        if grown and self.impossible(given):
            return []
        if len(some) == 1:
            return some
        half = len(some) // 2
        first, second = some[:half], some[half:]
        of_second = self._needed([*given, *first], True, second)
        of_first = self._needed([*given, *of_second], bool(of_second), first)
        return [*of_first, *of_second]
