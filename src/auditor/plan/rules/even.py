"""Even: everyone's half-days out lie close together, where a bureau wants that more than lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.loads import before, loads
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "even"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let everyone's half-days lie within `even` of the least; before sorties are known nothing."""
    sorties = {choice.sortie for choice in v.all} - {""}
    carried = before(problem)
    if problem.even is None or not sorties or not carried:
        return
    total = sum(carried.values()) + problem.team * len(sorties)
    least = model.new_int_var(0, total // len(carried), "")
    for person, own in carried.items():
        going = sum(choice.goes for choice in v.of_person(person))
        model.add(going + own >= least)
        model.add(going + own <= least + problem.even)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether half-days would lie farther apart."""
    if problem.even is None:
        return False
    out = loads(problem, [*(one.team for one in others.values()), wish.team]).values()
    return max(out, default=0) - min(out, default=0) > problem.even
