"""Rest: after a night post 24 hours, else 12, until the next duty; across the month's edge too."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "rest"


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """Forbid two duties of one person of which the later starts before the earlier one is rested.

    A duty keeps its person from its start until he is rested. At the start t of each shift at most one may
    keep him, which forbids just those pairs::

        sum over shifts a with start[a] <= t < rested[a] of on_duty[p, a] <= 1

    and ``on_duty[p, b] = 0`` where a duty that stands already is too near.
    """
    for moment in sorted({shift.start for shift in problem.shifts}):
        there = [shift for shift in problem.shifts if shift.start <= moment < shift.rested]
        for person in problem.people:
            cells = v.of(person, there)
            if len(cells) > 1:
                model.add_at_most_one(cells)
    for person in problem.people:
        for shift in problem.shifts:
            if person.fills(shift) and any(duty.too_near(shift) for duty in person.fixed):
                model.add(v.on_duty(person, shift) == 0)
