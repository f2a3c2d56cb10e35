"""Week: no more duties in a calendar week than the role's limit; weeks that the edge cuts count too."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.desk import DUTY
from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "week"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk asks for it."""
    return bool(problem.week)


def week_of(problem: RosterProblem, day: int) -> int:
    """Give the number of the week, Monday to Sunday, in which a day lies: day 1 of all days is a Monday."""
    return (problem.first.toordinal() + day - 1) // 7


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Limit the duties of each week: ``sum over shifts a of the role in the week of on_duty[p, a] <= m``."""
    for role, most in sorted(problem.week.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role and shift.is_duty]
        for person in problem.people:
            stood = [duty.day for duty in person.fixed if duty.role == role and duty.kind == DUTY]
            for week in sorted({week_of(problem, problem.day(shift)) for shift in own}):
                cells = v.of(person, (one for one in own if week_of(problem, problem.day(one)) == week))
                fixed = sum(week_of(problem, day) == week for day in stood)
                if cells and len(cells) + fixed > most:
                    model.add(sum(cells) <= max(0, most - fixed))
