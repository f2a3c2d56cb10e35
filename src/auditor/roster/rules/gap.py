"""Gap: so many days lie at least between the days on which two duties of a person start."""

from __future__ import annotations

from itertools import combinations

from ortools.sat.python import cp_model

from auditor.roster.desk import DUTY
from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "gap"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk asks for it."""
    return bool(problem.gaps)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Take one duty of a role at most from each row of as many days as its gap.

    With gap g, for each day d::

        sum over shifts a of the role with d <= day[a] < d + g of on_duty[p, a] <= 1

    and ``on_duty[p, a] = 0`` where a duty that stands already starts less than g days away. Stand-by does
    not count, and a weekend's block may be filled by one person.
    """
    last = max((problem.day(shift) for shift in problem.shifts), default=0)
    for role, gap in sorted(problem.gaps.items()):
        own = [shift for shift in problem.shifts if shift.post.role == role and shift.is_duty]
        for first in range(max(1, last + 2 - gap)):
            there = [shift for shift in own if first <= problem.day(shift) < first + gap]
            near = list(combinations(there, 2))
            blocks = any(one.one_block(other) for one, other in near)
            for person in problem.people:
                cells = v.of(person, there)
                if len(cells) > 1 and not blocks:
                    model.add_at_most_one(cells)
                elif len(cells) > 1:
                    for one, other in near:
                        if person.fills(one) and person.fills(other) and not one.one_block(other):
                            model.add_at_most_one(v.on_duty(person, one), v.on_duty(person, other))
        for person in problem.people:
            stood = [duty for duty in person.fixed if duty.role == role and duty.kind == DUTY]
            close = [
                shift
                for shift in own
                if any(
                    abs(problem.day(shift) - duty.day) < gap and not duty.one_block(shift) for duty in stood
                )
            ]
            for cell in v.of(person, close):
                model.add(cell == 0)
