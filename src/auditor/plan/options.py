"""The options of staffing: every half-day and team that could go out, and for which errands.

An option is one bit of a whole number, so the options that serve a set of errands are the bitwise
and of those that serve each: a team holds all domains of a tour exactly if it holds those of each
visit, and likewise for conflicts, windows and closed days.

A half-day with very many free people is *crowded*: its teams are not listed, it is one option
without a team and with room for several. What is found there is confirmed when days and teams are
given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

from auditor.entities import SLOTS, Staff
from auditor.plan.problem import Errand, PlanProblem, cars_of, open_days

MOST_FREE = 8
"""More people free in a half-day than this make it crowded."""
MOST_OPTIONS = 4_000
"""So many options are listed; half-days with the most free people are crowded instead."""


@dataclass(frozen=True, slots=True)
class Option:
    """One team out in one half-day; a crowded one has no team and `room` for several sorties."""

    day: str
    slot: str
    team: tuple[str, ...]
    room: int = 1


@dataclass(frozen=True, slots=True)
class Options:
    """All options, sorted; `masks` has the bits that serve each errand, `crowded` those without a team."""

    problem: PlanProblem
    all: tuple[Option, ...]
    masks: tuple[int, ...]
    in_slot: dict[str, int]
    crowded: int
    _free: dict[int, int]
    """Who is free in each crowded half-day, as bits of the problem's staff."""
    _may: tuple[int, ...]
    """Who may see each errand, likewise."""
    _known: dict[tuple[int, frozenset[str]], bool] = field(default_factory=dict)

    def serving(self, mask: int, errands: Sequence[int]) -> int:
        """Give the bits of `mask` (the and of the errands' masks) whose half-day has a team for all."""
        if not mask & self.crowded:
            return mask
        domains = frozenset(key for at in errands for key in self.problem.errands[at].domains)
        may = -1
        for at in errands:
            may &= self._may[at]
        for bit in bits(mask & self.crowded):
            known = (self._free[bit] & may, domains)
            if known not in self._known:
                staff = [self.problem.staff[number] for number in bits(known[0])]
                self._known[known] = hold_together(staff, sorted(domains), self.problem.team)
            if not self._known[known]:
                mask &= ~(1 << bit)
        return mask


def bits(mask: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def free_staff(problem: PlanProblem, day: str, slot: str) -> list[Staff]:
    """Give who is free in a half-day, by id."""
    half_day = f"{day}/{slot}"
    return sorted((one for one in problem.staff if half_day in one.free), key=lambda one: one.id)


def may_see(problem: PlanProblem, one: Staff, errand: Errand) -> bool:
    """Whether a person has no conflict with an errand's Unit or its stratum."""
    return (
        errand.unit not in one.conflict_units
        and problem.strata.get(errand.unit, "") not in one.conflict_strata
    )


def hold_together(staff: Sequence[Staff], domains: Sequence[str], team: int) -> bool:
    """Whether some `team` of these people together hold every one of these domains."""
    if len(staff) < team:
        return False
    kinds = sorted({frozenset(one.domains) & frozenset(domains) for one in staff}, key=sorted)

    def cover(missing: frozenset[str], seats: int) -> bool:
        if not missing:
            return True
        if not seats:
            return False
        rarest = min(sorted(missing), key=lambda key: sum(key in kind for kind in kinds))
        return any(cover(missing - kind, seats - 1) for kind in kinds if rarest in kind)

    return cover(frozenset(domains), team)


def _listed(sizes: Sequence[int], most: int, team: int) -> int:
    """Count the options when half-days with more than `most` free people are crowded."""
    return sum(comb(size, team) for size in sizes if size <= most)


def options_of(problem: PlanProblem) -> Options:
    """List every option of a problem and say which errands each can serve."""
    free = {
        (day, slot): free_staff(problem, day, slot)
        for day in sorted(problem.days)
        if day > problem.beacon_day
        for slot in SLOTS
    }
    sizes = [len(people) for people in free.values()]
    most = MOST_FREE
    while most > problem.team and _listed(sizes, most, problem.team) > MOST_OPTIONS:
        most -= 1
    found: list[Option] = []
    crowded = 0
    for (day, slot), people in free.items():
        if len(people) > most:
            crowded |= 1 << len(found)
            found.append(Option(day, slot, (), min(cars_of(problem, slot), len(people) // problem.team)))
            continue
        teams = combinations([one.id for one in people], problem.team)
        found.extend(Option(day, slot, team) for team in teams)
    staff = {one.id: one for one in problem.staff}
    number = {one.id: 1 << at for at, one in enumerate(problem.staff)}
    in_slot = dict.fromkeys(SLOTS, 0)
    for at, option in enumerate(found):
        in_slot[option.slot] |= 1 << at
    masks = []
    known: dict[tuple[object, ...], int] = {}
    held = {option.team: {key for one in option.team for key in staff[one].domains} for option in found}
    for errand in problem.errands:
        days = open_days(problem, errand)
        shut = problem.shut.get(errand.unit, frozenset())
        able = frozenset(one.id for one in problem.staff if may_see(problem, one, errand))
        alike = (tuple(errand.arrivals), tuple(days), shut, able, errand.domains)
        if alike not in known:
            known[alike] = 0
            for at, option in enumerate(found):
                if option.slot not in errand.arrivals or option.day not in days:
                    continue
                if f"{option.day}/{option.slot}" in shut:
                    continue
                if option.team:
                    serves = able.issuperset(option.team) and held[option.team].issuperset(errand.domains)
                else:
                    people = [one for one in free[option.day, option.slot] if one.id in able]
                    serves = hold_together(people, errand.domains, problem.team)
                if serves:
                    known[alike] |= 1 << at
        masks.append(known[alike])
    return Options(
        problem,
        tuple(found),
        tuple(masks),
        in_slot,
        crowded,
        {at: sum(number[one.id] for one in free[found[at].day, found[at].slot]) for at in bits(crowded)},
        tuple(
            sum(number[one.id] for one in problem.staff if may_see(problem, one, errand))
            for errand in problem.errands
        ),
    )
