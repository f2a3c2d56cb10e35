"""Hours: no sortie comes in a half-day at which a unit of it is shut though its day is open.

A boarding school's dormitories are empty on the evening before days off. The draw closes whole days
only, so half a day stands between lots and plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "hours"


def _shut(problem: PlanProblem, day: str, slot: str, units: frozenset[str]) -> bool:
    return any(f"{day}/{slot}" in problem.shut.get(unit, ()) for unit in units)


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let no choice go where a unit of it is shut; choices that are no sortie's yet name none."""
    if not problem.shut:
        return
    for choice in v.all:
        if _shut(problem, choice.day, choice.slot, choice.units):
            model.add(choice.goes == 0)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether a unit of the sortie is shut in that half-day, whoever else is out."""
    return _shut(problem, wish.day, wish.slot, wish.units)
