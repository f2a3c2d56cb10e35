"""Rest: after a night post 24 hours, else 12, until the next duty; across the month's edge too."""

from __future__ import annotations

from itertools import combinations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "rest"


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Forbid two duties of one person of which the later starts before the earlier one is rested.

    A duty keeps its person from its start until he is rested. At the start t of each shift at most one may
    keep him, which forbids just those pairs::

        sum over shifts a with start[a] <= t < rested[a] of on_duty[p, a] <= 1

    and ``on_duty[p, b] = 0`` where a duty that stands already is too near. Saturday and Sunday of a weekend
    that is one block may be filled by one person; where both are among the shifts, pairs are forbidden one
    by one.
    """
    for moment in sorted({shift.start for shift in problem.shifts}):
        there = [shift for shift in problem.shifts if shift.start <= moment < shift.rested]
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
        for shift in problem.shifts:
            if person.fills(shift) and any(duty.too_near(shift) for duty in person.fixed):
                model.add(v.on_duty(person, shift) == 0)
