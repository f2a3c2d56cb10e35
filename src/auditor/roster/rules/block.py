"""Block: Saturday and Sunday of a post are filled by the same people, where the desk wants it so."""

from __future__ import annotations

from collections.abc import Iterator

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.rotation import forbidding
from auditor.roster.rules.groups import leading
from auditor.roster.variables import RosterVariables

NAME = "weekend-block"


def asked(problem: RosterProblem) -> bool:
    """Whether any weekend is one block."""
    return problem.goes_on or any(shift.block >= 0 for shift in problem.shifts)


def over_the_edge(problem: RosterProblem) -> Iterator[tuple[RosterPerson, Shift]]:
    """Give who has the day of a weekend that lies beyond the month's edge, with the other day of it.

    That is who had the Saturday before the month, with its Sunday, and where the month after stands already
    who has its Sunday, with the Saturday; both where no rule about him forbids it.
    """
    at = {shift.index: shift for shift in problem.shifts}
    for person in problem.people if problem.goes_on else ():
        for duty in person.fixed:
            other = at.get(duty.block)
            if other is not None and person.fills(other) and not forbidding(problem, person, other, ()):
                yield person, other


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Fill both days of a block alike: ``on_duty[p, saturday] = on_duty[p, sunday]``.

    Where the month's edge parts them, who has the day d beyond it has the other one too,
    ``on_duty[p, d] = 1``, unless a rule about him alone forbids it; a member of a fixed group where his
    leader leads, for every leader's duty b of that day ``on_duty[l, b]  implies  on_duty[p, d]``. A block
    of which one day alone is open in a repair binds nothing.
    """
    at = {shift.index: shift for shift in problem.shifts}
    for shift in problem.shifts:
        saturday = at.get(shift.block)
        if saturday is None or saturday.index == shift.index:
            continue
        for person in problem.people:
            if person.fills(shift):
                model.add(v.on_duty(person, saturday) == v.on_duty(person, shift))
    people = {person.id: person for person in problem.people}
    led = {who: group.leader for group in problem.groups for who in group.members if group.leader in people}
    for person, other in over_the_edge(problem):
        cell = v.on_duty(person, other)
        leads = [one for one in problem.shifts if one.leads and problem.day(one) == problem.day(other)]
        if person.id not in led or not leads or not other.is_duty:
            model.add(cell == 1)
            continue
        for one in leading(problem, people[led[person.id]], problem.day(other)):
            for lead in v.of(one, leads):
                model.add_implication(lead, cell)
