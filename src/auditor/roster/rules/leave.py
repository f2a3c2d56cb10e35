"""Leave: nobody is on duty at any time of a day of leave, so not in the night before it either."""

from __future__ import annotations

from datetime import timedelta

from ortools.sat.python import cp_model

from auditor.roster.problem import DAY, RosterPerson, RosterProblem, Shift
from auditor.roster.variables import RosterVariables

NAME = "leave"


def touches(person: RosterPerson, shift: Shift, problem: RosterProblem) -> bool:
    """Whether the shift's clock time touches a day of the person's leave."""
    days = range(shift.start // DAY, (shift.end - 1) // DAY + 1)
    return any(problem.first + timedelta(days=day) in person.leave for day in days)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Switch off every shift that touches a day of leave: ``on_duty[p, s] = 0``."""
    for person in problem.people:
        for shift in problem.shifts:
            if person.fills(shift) and touches(person, shift, problem):
                model.add(v.on_duty(person, shift) == 0)
