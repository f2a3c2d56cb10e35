"""How often everyone is out: what the rules of load and of evenness speak about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from auditor.plan.problem import PlanProblem

FAIR = ("load", "even", "pairs")
"""The rules that are about those who go out and about nobody who is visited."""


def fair_rules(problem: PlanProblem) -> tuple[str, ...]:
    """Name the rules of FAIR that a problem has."""
    return tuple(name for name in FAIR if getattr(problem, name) is not None)


def without(problem: PlanProblem, names: Collection[str] = FAIR) -> PlanProblem:
    """Give the problem without these rules of FAIR."""
    return replace(
        problem,
        load=None if "load" in names else problem.load,
        even=None if "even" in names else problem.even,
        pairs=None if "pairs" in names else problem.pairs,
    )


def counted(problem: PlanProblem) -> list[str]:
    """Give whose half-days count: everyone who is free in some, by id."""
    return sorted(one.id for one in problem.staff if one.free)


def before(problem: PlanProblem) -> dict[str, int]:
    """Give what everyone who counts has carried over, above the one who has carried least."""
    people = counted(problem)
    least = min((problem.carried.get(one, 0) for one in people), default=0)
    return {one: problem.carried.get(one, 0) - least for one in people}


def loads(problem: PlanProblem, teams: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """Give everyone's half-days out with these teams, carried ones too."""
    out = Counter(person for team in teams for person in team)
    return {one: carried + out[one] for one, carried in before(problem).items()}


def most_load(problem: PlanProblem, sorties: int) -> int:
    """Give the most half-days that anyone may be out: the mean, rounded up, and what `load` adds."""
    carried = before(problem)
    total = sum(carried.values()) + problem.team * sorties
    return -(-total // max(1, len(carried))) + (problem.load or 0)
