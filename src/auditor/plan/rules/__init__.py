"""The rules that CP-SAT keeps: what sorties take from each other, and what the lots cannot know.

Each has ``NAME``, ``add`` for the model, and ``forbids``: plain Python, whether the rule stands in
the way of one sortie on a day with a team, all other sorties as they are given. The order of
`RULES` is the order in which a departure names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import again, apart, cars, even, half_days, hours, load, mix, pairs, people

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices


class Rule(Protocol):
    """What every module of a rule has."""

    NAME: str

    def add(self, model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
        """Add the rule to a model."""

    def forbids(self, problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
        """Whether the rule stands in the way of `wish`, the others as they are given."""


RULES: tuple[Rule, ...] = (people, cars, half_days, apart, mix, hours, again, load, even, pairs)
"""All rules, in the order in which a departure names the first that forbids its lot."""


def forbidding(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> str:
    """Give the name of the first rule that forbids `wish`, or "" where none does."""
    return next((rule.NAME for rule in RULES if rule.forbids(problem, others, wish)), "")
