"""Runs: nobody is on duty on more days on end than his role's limit; across the month's edge too."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.desk import DUTY
from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "runs"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk asks for it."""
    return bool(problem.runs)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Leave a day free in each row of days that is one longer than the limit m::

        sum over days e with d <= e <= d + m of at[p, e] <= m

    where ``at[p, e]`` is 1 if any duty of the role starts on e. Days of duties that stand count; stand-by
    does not.
    """
    last = max((problem.day(shift) for shift in problem.shifts), default=-1)
    for role, most in sorted(problem.runs.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role and shift.is_duty]
        for person in problem.people:
            stood = {duty.day for duty in person.fixed if duty.role == role and duty.kind == DUTY}
            at: dict[int, cp_model.IntVar] = {}
            for day in sorted({problem.day(shift) for shift in own} - stood):
                cells = v.of(person, (shift for shift in own if problem.day(shift) == day))
                if len(cells) > 1:
                    at[day] = model.new_bool_var(f"at:{person.id}:{day}")
                    for cell in cells:
                        model.add_implication(cell, at[day])
                elif cells:
                    at[day] = cells[0]
            for first in range(-most, last + 1):
                row = range(first, first + most + 1)
                free = [at[day] for day in row if day in at]
                fixed = sum(day in stood for day in row)
                if free and len(free) + fixed > most:
                    model.add(sum(free) <= max(0, most - fixed))
