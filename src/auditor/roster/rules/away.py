"""Out of town (外出报备): whoever is out of town can be telephoned, and fills no post on site."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.rules.leave import days_of
from auditor.roster.variables import RosterVariables

NAME = "out-of-town"


def asked(problem: RosterProblem) -> bool:
    """Whether anybody is out of town."""
    return any(person.away or person.away_half for person in problem.people)


def forbids(person: RosterPerson, shift: Shift, problem: RosterProblem) -> bool:
    """Whether the shift wants him on site on a day on which he is out of town."""
    return not shift.post.by_phone and (
        any(day in person.away for day in days_of(shift, problem)) or problem.meets(person.away_half, shift)
    )


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Switch off every shift on site that touches a day out of town: ``on_duty[p, s] = 0``."""
    for person in problem.people:
        if person.away or person.away_half:
            for shift in problem.shifts:
                if person.fills(shift) and forbids(person, shift, problem):
                    model.add(v.on_duty(person, shift) == 0)
