"""Block: Saturday and Sunday of a post are filled by the same people, where the desk wants it so."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "weekend-block"


def asked(problem: RosterProblem) -> bool:
    """Whether any weekend is one block."""
    return any(shift.block >= 0 for shift in problem.shifts)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Fill both days of a block alike: ``on_duty[p, saturday] = on_duty[p, sunday]``.

    A block of which one day alone is open binds nothing.
    """
    at = {shift.index: shift for shift in problem.shifts}
    for shift in problem.shifts:
        saturday = at.get(shift.block)
        if saturday is None or saturday.index == shift.index:
            continue
        for person in problem.people:
            if person.fills(shift):
                model.add(v.on_duty(person, saturday) == v.on_duty(person, shift))
