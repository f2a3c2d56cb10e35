"""Pairs: no two people are out together in more than so many sorties of one plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "pairs"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let every two people go out together at most so often."""
    if problem.pairs is None:
        return
    together = defaultdict(list)
    for choice in v.all:
        for pair in combinations(choice.team, 2):
            together[pair].append(choice.goes)
    for pair in sorted(together):
        if len(together[pair]) > problem.pairs:
            model.add(sum(together[pair]) <= problem.pairs)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether two of the team are out together often enough already."""
    if problem.pairs is None:
        return False
    return any(
        sum({one, two} <= set(other.team) for other in others.values()) >= problem.pairs
        for one, two in combinations(wish.team, 2)
    )
