"""Apart: two sorties that visit one unit are not out in one half-day.

A unit drawn twice (in the main draw and in a week's) has two visits; at one moment they would be one
visit told twice, and the contract refuses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choice, Choices

NAME = "apart"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let at most one choice of a half-day visit each unit.

    Choices that are no sortie's yet name the units that others visit too; each stands for as many sorties
    as go.
    """
    for choices in v.half_days():
        visiting: dict[str, list[Choice]] = defaultdict(list)
        for choice in choices:
            for unit in choice.units:
                visiting[unit].append(choice)
        for unit in sorted(visiting):
            sorties = {choice.sortie for choice in visiting[unit]}
            if len(sorties) > 1 or "" in sorties:
                goes = [choice.goes for choice in visiting[unit]]
                if all(choice.team for choice in visiting[unit]):
                    model.add_at_most_one(goes)
                else:
                    model.add(sum(goes) <= 1)  # without a team it is a number


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether another sortie visits a unit of this one in that half-day."""
    return any(
        other.units & wish.units
        for other in others.values()
        if (other.day, other.slot) == (wish.day, wish.slot)
    )
