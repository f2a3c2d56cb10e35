"""Month: nobody has more duties in the month than his role's limit."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.desk import DUTY
from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "month"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk asks for it."""
    return bool(problem.month)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Limit the duties of the month: ``sum over shifts a of the role of on_duty[p, a] <= m``.

    Duties of the month that stand already count, those before it do not.
    """
    for role, most in sorted(problem.month.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role and shift.is_duty]
        for person in problem.people:
            cells = v.of(person, own)
            fixed = sum(duty.role == role and duty.kind == DUTY and duty.day >= 0 for duty in person.fixed)
            if cells and len(cells) + fixed > most:
                model.add(sum(cells) <= max(0, most - fixed))
