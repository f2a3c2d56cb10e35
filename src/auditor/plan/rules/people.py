"""People: nobody is out with two sorties in one half-day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "people"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let at most one choice of a half-day take each person along."""
    for choices in v.half_days():
        taking = defaultdict(list)
        for choice in choices:
            for person in choice.team:
                taking[person].append(choice.goes)
        for person in sorted(taking):
            model.add_at_most_one(taking[person])


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone of the team is out with another sortie in that half-day."""
    return any(
        set(other.team) & set(wish.team)
        for other in others.values()
        if (other.day, other.slot) == (wish.day, wish.slot)
    )
