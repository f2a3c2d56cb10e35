"""Mix: where a programme asks for it, a team is of two home departments at least.

One whose department is not known brings none. The draw's valid teams know no departments, so this
stands between lots and plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "mix"


def mixed(problem: PlanProblem, team: Sequence[str]) -> bool:
    """Whether a team is of two departments, or nobody asks."""
    return not problem.departments or len({problem.departments.get(one, "") for one in team} - {""}) > 1


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let no team of one department go out; a choice without a team is decided later."""
    for choice in v.all:
        if choice.team and not mixed(problem, choice.team):
            model.add(choice.goes == 0)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether the team itself is of one department, whoever else is out."""
    return not mixed(problem, wish.team)
