"""Even: everyone's half-days out lie close together, where a bureau wants that more than lots.

Whoever has carried more than that from before stays at home; nothing can take those half-days away.
"""

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
    """Let nobody go out who has more than `even` above the least then; before sorties are known nothing."""
    sorties = {choice.sortie for choice in v.all} - {""}
    carried = before(problem)
    if problem.even is None or not sorties or not carried:
        return
    total = sum(carried.values()) + problem.team * len(sorties)
    least = model.new_int_var(0, total // len(carried), "")
    for person, own in carried.items():
        going = sum(choice.goes for choice in v.of_person(person))
        model.add(going + own >= least)
        if own <= problem.even:
            model.add(going + own <= least + problem.even)
            continue
        stays = model.new_bool_var("")
        model.add(going + own <= least + problem.even).only_enforce_if(~stays)
        model.add(going == 0).only_enforce_if(stays)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone would be out who has more than `even` above the least then."""
    if problem.even is None:
        return False
    teams = [*(one.team for one in others.values()), wish.team]
    out = loads(problem, teams)
    most = min(out.values(), default=0) + problem.even
    return any(out.get(person, 0) > most for team in teams for person in team)
