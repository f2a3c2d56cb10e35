"""Month: nobody has more duties in the month than his role's limit."""

from __future__ import annotations

from datetime import timedelta

from ortools.sat.python import cp_model

from auditor.roster.desk import DUTY
from auditor.roster.problem import Fixed, RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "month"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk asks for it."""
    return bool(problem.month)


def within(problem: RosterProblem, duty: Fixed) -> bool:
    """Whether a duty that stands starts in the month itself, neither before it nor after."""
    day = problem.first + timedelta(days=duty.day)
    return (day.year, day.month) == (problem.first.year, problem.first.month)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Limit the duties of the month: ``sum over shifts a of the role of on_duty[p, a] <= m``.

    Duties of the month that stand already count, those before and after it do not.
    """
    for role, most in sorted(problem.month.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role and shift.is_duty]
        for person in problem.people:
            cells = v.of(person, own)
            fixed = sum(
                duty.role == role and duty.kind == DUTY and within(problem, duty) for duty in person.fixed
            )
            if cells and len(cells) + fixed > most:
                model.add(sum(cells) <= max(0, most - fixed))
