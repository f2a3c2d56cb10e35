"""Mix: where a programme asks for it, a team is of two home departments at least.

One whose department is not known brings none. The draw's valid teams know no departments, so this
stands between lots and plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from auditor.entities import Staff
from auditor.plan.given import Given
from auditor.plan.options import hold_together
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "mix"


def mixed(departments: Mapping[str, str], team: Sequence[str]) -> bool:
    """Whether a team is of two departments, or nobody asks."""
    return not departments or len({departments.get(one, "") for one in team} - {""}) > 1


def mixed_team_holds(
    departments: Mapping[str, str], staff: Sequence[Staff], domains: Sequence[str], team: int
) -> bool:
    """Whether some `team` of these people, of two departments if somebody asks, hold all these domains."""
    if not departments:
        return hold_together(staff, domains, team)
    for one, other in combinations(staff, 2):
        if mixed(departments, (one.id, other.id)):
            missing = sorted(set(domains) - {*one.domains, *other.domains})
            if hold_together([third for third in staff if third not in (one, other)], missing, team - 2):
                return True
    return False


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let no team of one department go out; a choice without a team is decided later."""
    for choice in v.all:
        if choice.team and not mixed(problem.departments, choice.team):
            model.add(choice.goes == 0)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether the team itself is of one department, whoever else is out."""
    return not mixed(problem.departments, wish.team)
