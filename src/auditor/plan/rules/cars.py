"""Cars: no more sorties are out in one half-day than there are cars for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem, cars_of

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "cars"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let at most as many sorties go out in each half-day as it has cars."""
    for choices in v.half_days():
        cars = cars_of(problem, choices[0].slot)
        model.add(sum(choice.goes for choice in choices) <= cars)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether all cars are out in that half-day."""
    out = sum((other.day, other.slot) == (wish.day, wish.slot) for other in others.values())
    return out >= cars_of(problem, wish.slot)
