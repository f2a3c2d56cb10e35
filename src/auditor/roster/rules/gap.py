"""Gap: so many days lie at least between the days on which two duties of a person start."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import DAY, RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "gap"


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Take one duty of a role at most from each row of as many days as its gap.

    With gap g, for each day d::

        sum over shifts a of the role with d <= day[a] < d + g of on_duty[p, a] <= 1

    and ``on_duty[p, a] = 0`` where a duty that stands already starts less than g days away.
    """
    last = max((problem.day(shift) for shift in problem.shifts), default=0)
    for role, gap in sorted(problem.gaps.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role]
        for first in range(max(1, last + 2 - gap)):
            there = [shift for shift in own if first <= problem.day(shift) < first + gap]
            for person in problem.people:
                cells = v.of(person, there)
                if len(cells) > 1:
                    model.add_at_most_one(cells)
        for person in problem.people:
            days = [duty.start // DAY for duty in person.fixed if duty.role == role]
            near = [shift for shift in own if any(abs(problem.day(shift) - day) < gap for day in days)]
            for cell in v.of(person, near):
                model.add(cell == 0)
