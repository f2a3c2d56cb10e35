"""Locked: cells that stand are filled as they stand."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "locked"


def asked(problem: RosterProblem) -> bool:
    """Whether any cell stands."""
    return bool(problem.locked)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Fill each locked cell: ``on_duty[p, s] = 1``."""
    shifts = {shift.index: shift for shift in problem.shifts}
    people = {person.id: person for person in problem.people}
    for index, who in problem.locked:
        if index in shifts and who in people and people[who].fills(shifts[index]):
            model.add(v.on_duty(people[who], shifts[index]) == 1)
