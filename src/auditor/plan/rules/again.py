"""Again: nobody sees a unit of the own contact area twice in one plan.

A unit drawn twice (in the main draw and in a week's) has two visits. Who saw it at its last visit
before is in conflict with it already; between the visits of one plan only a rule can tell.
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

NAME = "again"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let at most one choice take each person to each unit of the own area.

    Choices that are no sortie's yet name the units that others visit too.
    """
    for person in sorted(problem.areas):
        seeing: dict[str, list[Choice]] = defaultdict(list)
        for choice in v.of_person(person):
            for unit in choice.units & problem.areas[person]:
                seeing[unit].append(choice)
        for unit in sorted(seeing):
            sorties = {choice.sortie for choice in seeing[unit]}
            if len(sorties) > 1 or "" in sorties:
                model.add_at_most_one(choice.goes for choice in seeing[unit])


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone of the team sees one of the units, in the own area, in another sortie."""
    return any(
        other.units & wish.units & problem.areas.get(person, frozenset())
        for other in others.values()
        for person in set(other.team) & set(wish.team)
    )
