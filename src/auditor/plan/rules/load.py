"""Load: nobody is out in more half-days than the mean of all, rounded up, and a few more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.loads import before, loads, most_load
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "load"


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let everyone's half-days, carried ones too, stay below the most.

    Before sorties are known that depends on how many go out.
    """
    if problem.load is None or not v.all:
        return
    sorties = {choice.sortie for choice in v.all} - {""}
    most = most_load(problem, len(sorties)) if sorties else _most(model, problem, v)
    for person, own in before(problem).items():
        going = [choice.goes for choice in v.of_person(person)]
        if sorties and len(going) > max(0, most - own):
            model.add(sum(going) <= max(0, most - own))
        elif going and not sorties:
            some = model.new_bool_var("")
            model.add(sum(going) == 0).only_enforce_if(~some)
            model.add(sum(going) + own <= most).only_enforce_if(some)


def _most(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> cp_model.LinearExprT:
    """Give what anyone may be out at most by how many go out: the mean rounded up, and what `load` adds."""
    carried = before(problem)
    people, own = max(1, len(carried)), sum(carried.values())
    seats = problem.team * sum(choice.goes for choice in v.all)
    mean = model.new_int_var(0, 1 << 20, "")
    model.add(people * mean <= own + seats + people - 1)
    return mean + (problem.load or 0)


def barred(problem: PlanProblem, others: Mapping[str, Given]) -> frozenset[str]:
    """Give who would be out more often than anyone may, if one sortie more took him."""
    if problem.load is None:
        return frozenset()
    most = most_load(problem, len(others) + 1)
    out = loads(problem, [one.team for one in others.values()])
    return frozenset(person for person, half_days in out.items() if half_days + 1 > most)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone of the team would be out more often than anyone may."""
    return not barred(problem, others).isdisjoint(wish.team)
