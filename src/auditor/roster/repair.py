"""Repair a roster with least change: fewest cells, then fewest people, then fairest, each proven in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ortools.sat.python import cp_model

from auditor.roster import objective
from auditor.roster.make import Duties, chosen, hint, ruled
from auditor.roster.problem import Fixed, RosterPerson, RosterProblem, Shift
from auditor.roster.rules import leave
from auditor.roster.variables import RosterVariables
from auditor.solving import OPTIMAL, solve

CELLS, PEOPLE, FAIRNESS = "cells", "people", "fairness"
STAGES = (CELLS, PEOPLE, FAIRNESS)
"""What is made small, one after the other."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a repair: what it made small, its value, and a proven bound of it."""

    name: str
    value: int
    bound: int


@dataclass(frozen=True, slots=True)
class Mended:
    """The duties of a repaired part that are open, and its stages; `duties` is None where none were found."""

    duties: Duties | None
    stages: tuple[Stage, ...] = ()


def open_part(
    part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]], open_shifts: Callable[[Shift], bool]
) -> tuple[RosterProblem, Duties]:
    """Take what stands out of a part: it is carried and rested from, and no shift of the problem any more.

    Parameters
    ----------
    open_shifts
        Whether a shift may still change; what is past or locked may not.

    Returns
    -------
    The part with its open shifts only, and those of `duties` that are open.
    """
    standing: dict[str, list[Shift]] = {}
    left = []
    for shift, person in duties:
        if open_shifts(shift):
            left.append((shift, person))
        else:
            standing.setdefault(person.id, []).append(shift)
    # of a weekend's block that has begun, or is locked in half, the other day stays open to who is there
    sundays = {shift.block: shift.index for shift in part.shifts if shift.block not in (-1, shift.index)}
    beside = {**sundays, **{sunday: saturday for saturday, sunday in sundays.items()}}
    people = []
    for person in part.people:
        own = standing.get(person.id, [])
        carried = dict(person.carried)
        for shift in own:
            for name in shift.classes:
                if name in carried:
                    carried[name] += 1
        fixed = [
            Fixed.at(shift.post, shift.start, shift.rested - shift.end, beside.get(shift.index, -1))
            for shift in own
        ]
        people.append(replace(person, carried=carried, fixed=(*person.fixed, *fixed)))
    by_id = {person.id: person for person in people}
    shifts = tuple(shift for shift in part.shifts if open_shifts(shift))
    opened = replace(part, shifts=shifts, people=tuple(people), goes_on=False)
    return opened, tuple((shift, by_id[person.id]) for shift, person in left if person.id in by_id)


def mend(part: RosterProblem, before: Duties, *, stages: Sequence[str] = STAGES, work: float) -> Mended:
    """Change the duties of an open part as little as the rules allow.

    A cell is one person's day; it changes if he fills anything else on it than before.

    Parameters
    ----------
    part
        Only open shifts (`open_part`), with what is new: leave, people who left or joined.
    before
        The duties as they stood. Those of people who are no longer in the part are missing and count with
        whoever takes them.
    stages
        Which of STAGES, in this order; each keeps the values of those before it.
    work
        Deterministic units at most for each stage.
    """
    here = {shift.index for shift in part.shifts}
    # whoever changed his role may stand at posts of another part
    before = tuple((shift, person) for shift, person in before if shift.index in here)
    model, v = ruled(part)
    cells = _cells(model, part, v, before)
    counters = objective.Counters(model, part, v)
    found: list[Stage] = []
    duties: Duties | None = None
    for name in stages:
        aim: cp_model.LinearExprT
        if name == CELLS:
            aim = sum(cells.values())
        elif name == PEOPLE:
            aim = sum(_touched(model, part, cells))
        else:
            aim = sum(objective.squares(model, counters, objective.levels_of(part)))
        model.minimize(aim)
        if duties is not None:
            hint(model, part, v, duties)
        solved = solve(model, work=work)
        if not solved.found:
            break
        duties = chosen(part, v, solved)
        value = objective.unfairness(part, duties) if name == FAIRNESS else solved.objective
        found.append(Stage(name, value, value if solved.status == OPTIMAL else min(solved.bound, value)))
        model.add(aim <= solved.objective)
        if name == CELLS and value == _forced(part, before):
            _others_stand(model, part, v, before)
    return Mended(duties, tuple(found))


def _lost(part: RosterProblem, before: Duties) -> set[tuple[str, int]]:
    """Name the duties, by person and shift, that leave takes away."""
    return {(person.id, shift.index) for shift, person in before if leave.touches(person, shift, part)}


def _forced(part: RosterProblem, before: Duties) -> int | None:
    """Give how many cells change in a repair in which nobody gives up a duty but those who must.

    That is the cells that leave empties, and one for each seat that is to be filled. Who gives up another
    duty changes one cell more, for its seat is filled in one too: no cell holds two duties, and none that
    leave empties can be filled again. None where that is not so.
    """
    by_day: dict[int, list[Shift]] = {}
    for shift in part.shifts:
        by_day.setdefault(part.day(shift), []).append(shift)
    for shifts in by_day.values():
        for one, other in combinations(shifts, 2):
            if one.start >= other.rested or other.start >= one.rested:
                return None
    lost = _lost(part, before)
    emptied = {(person.id, part.day(shift)) for shift, person in before if (person.id, shift.index) in lost}
    people = {person.id: person for person in part.people}
    for who, day in emptied:
        person = people[who]
        if not all(leave.touches(person, shift, part) for shift in by_day[day] if person.fills(shift)):
            return None
    seats = sum(shift.need for shift in part.shifts)
    return len(emptied) + seats - (len(before) - len(lost))


def _others_stand(model: cp_model.CpModel, part: RosterProblem, v: RosterVariables, before: Duties) -> None:
    """Let all duties stand that leave does not take away, and only their seats be filled anew."""
    lost = _lost(part, before)
    stands = {(person.id, shift.index) for shift, person in before} - lost
    filled = Counter(index for _who, index in stands)
    for person in part.people:
        for shift in part.shifts:
            if not person.fills(shift):
                continue
            if (person.id, shift.index) in stands:
                model.add(v.on_duty(person, shift) == 1)
            elif filled[shift.index] >= shift.need:
                model.add(v.on_duty(person, shift) == 0)


def _cells(
    model: cp_model.CpModel, part: RosterProblem, v: RosterVariables, before: Duties
) -> dict[tuple[str, int], cp_model.IntVar]:
    """Make a variable for each person's day: whether he fills anything else on it than before."""
    was = {(person.id, shift.index) for shift, person in before}
    by_day: dict[int, list[Shift]] = {}
    for shift in part.shifts:
        by_day.setdefault(part.day(shift), []).append(shift)
    found = {}
    for person in part.people:
        for day, shifts in by_day.items():
            own = [shift for shift in shifts if person.fills(shift)]
            if not own:
                continue
            changed = model.new_bool_var(f"changed:{person.id}:{day}")
            for shift in own:
                cell = v.on_duty(person, shift)
                stood = (person.id, shift.index) in was
                model.add_implication(cell.negated() if stood else cell, changed)
            found[person.id, day] = changed
    return found


def _touched(
    model: cp_model.CpModel, part: RosterProblem, cells: dict[tuple[str, int], cp_model.IntVar]
) -> list[cp_model.IntVar]:
    """Make a variable for each person: whether any of his days changes."""
    found = []
    for person in part.people:
        touched = model.new_bool_var(f"touched:{person.id}")
        for (who, _day), changed in cells.items():
            if who == person.id:
                model.add_implication(changed, touched)
        found.append(touched)
    return found
