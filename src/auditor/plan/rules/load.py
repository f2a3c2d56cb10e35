"""Load: nobody is out in more half-days than the mean of all, rounded up, and a few more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.loads import before, loads, most_load
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "load"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let everyone's half-days, carried ones too, stay below the most; before sorties are known nothing."""
    sorties = {choice.sortie for choice in v.all} - {""}
    if problem.load is None or not sorties:
        return
    most = most_load(problem, len(sorties))
    for person, carried in before(problem).items():
        going = [choice.goes for choice in v.of_person(person)]
        room = max(0, most - carried)
        if len(going) > room:
            model.add(sum(going) <= room)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone of the team would be out more often than anyone may."""
    if problem.load is None:
        return False
    most = most_load(problem, len(others) + 1)
    out = loads(problem, [*(one.team for one in others.values()), wish.team])
    return any(out.get(person, 0) > most for person in wish.team)
