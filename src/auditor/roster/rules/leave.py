"""Leave: nobody is on duty at any time of a day or half-day of leave, so not in the night before a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from ortools.sat.python import cp_model

from auditor.roster.problem import DAY, RosterPerson, RosterProblem, Shift
from auditor.roster.variables import RosterVariables

NAME = "leave"


def touches(person: RosterPerson, shift: Shift, problem: RosterProblem) -> bool:
    """Whether the shift's clock time touches a day or half-day of leave; out of town is another rule."""
    gone = any(day in person.leave and day not in person.away for day in days_of(shift, problem))
    return gone or problem.meets(person.half, shift)


def days_of(shift: Shift, problem: RosterProblem) -> Collection[date]:
    """Give the days that a shift's clock time touches."""
    days = range(shift.start // DAY, (shift.end - 1) // DAY + 1)
    return [problem.first + timedelta(days=day) for day in days]


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Switch off every shift that touches a day of leave: ``on_duty[p, s] = 0``."""
    for person in problem.people:
        if person.half or len(person.leave) > len(person.away):
            for shift in problem.shifts:
                if person.fills(shift) and touches(person, shift, problem):
                    model.add(v.on_duty(person, shift) == 0)
