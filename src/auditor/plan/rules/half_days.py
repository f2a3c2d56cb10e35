"""Half-days: nobody is out in more half-days than the share one plan may use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "half-days"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let each person go out at most as often as the share says."""
    for one in sorted(problem.staff, key=lambda one: one.id):
        going = [choice.goes for choice in v.of_person(one.id)]
        if len(going) > one.share:
            model.add(sum(going) <= one.share)


def barred(problem: PlanProblem, others: Mapping[str, Given]) -> frozenset[str]:
    """Give whose whole share the other sorties already use."""
    used = Counter(person for other in others.values() for person in other.team)
    return frozenset(one.id for one in problem.staff if used[one.id] >= one.share)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether the other sorties already use someone's whole share."""
    return not barred(problem, others).isdisjoint(wish.team)
