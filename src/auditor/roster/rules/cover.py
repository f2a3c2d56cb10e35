"""Cover: every seat of every shift is filled, by people of its role, and no seat more."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "cover"


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Fill each shift: ``sum over people of on_duty[p, s] = need[s]``."""
    for shift in problem.shifts:
        able = [person for person in problem.people if person.fills(shift)]
        model.add(sum(v.on_duty(person, shift) for person in able) == shift.need)
