"""Stand-by: no duty and no rest lies on a stand-by half-day (外勤待命)."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.variables import RosterVariables

NAME = "stand-by"


def disturbs(person: RosterPerson, shift: Shift) -> bool:
    """Whether the duty, or the rest after it, lies on one of the person's stand-by half-days."""
    return any(shift.start < end and start < shift.rested for start, end in person.standby)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Switch off every shift that would disturb a stand-by half-day: ``on_duty[p, s] = 0``."""
    for person in problem.people:
        for shift in problem.shifts:
            if person.fills(shift) and disturbs(person, shift):
                model.add(v.on_duty(person, shift) == 0)
