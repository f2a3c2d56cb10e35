"""Rest: after a night post 24 hours, else 12, until the next duty; across the month's edge too."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "rest"


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Forbid two duties of one person of which the later starts before the earlier one is rested.

    For shifts a, b of one role with ``start[a] <= start[b] < rested[a]``::

        on_duty[p, a] + on_duty[p, b] <= 1

    and ``on_duty[p, b] = 0`` where a duty of the month before is not rested yet.
    """
    for role in sorted({post.role for post in problem.posts}):
        shifts = [shift for shift in problem.shifts if shift.post.role == role]
        people = [person for person in problem.people if person.role == role]
        for at, early in enumerate(shifts):
            for late in shifts[at + 1 :]:
                first, second = sorted((early, late), key=lambda shift: (shift.start, shift.index))
                if second.start < first.rested:
                    for person in people:
                        model.add_at_most_one(v.on_duty(person, first), v.on_duty(person, second))
        for person in people:
            for shift in shifts:
                if any(shift.start < rested for _start, rested in person.before):
                    model.add(v.on_duty(person, shift) == 0)
