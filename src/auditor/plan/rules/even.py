"""Even: everyone's half-days out lie close together, where a bureau wants that more than lots.

Whoever has carried more than that from before stays at home; nothing can take those half-days away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.plan.given import Given
from auditor.plan.loads import before, loads
from auditor.plan.problem import PlanProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.plan.variables import Choices

NAME = "even"


def leasts(problem: PlanProblem, sorties: int) -> range:
    """Give what everyone's half-days out can be at least, after so many sorties that are even.

    They add up to what was carried and the seats of all sorties: no more than what everyone may have.
    Empty where no way to share them is even; raises ValueError where evenness is not asked.
    """
    if problem.even is None:
        raise ValueError("evenness is not asked")
    carried = before(problem).values()
    total = sum(carried) + problem.team * sorties
    most = total // max(1, len(carried))
    enough = [
        least
        for least in range(most + 1)
        if sum(max(least + problem.even, own if own > problem.even else 0) for own in carried) >= total
    ]
    return range(enough[0] if enough else most + 1, most + 1)


def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
    """Let nobody go out who has more than `even` above the least then; before sorties are known nothing.

    Where a team is not named yet anyone may be in it.
    """
    sorties = {choice.sortie for choice in v.all} - {""}
    carried = before(problem)
    if problem.even is None or not sorties or not carried:
        return
    can = leasts(problem, len(sorties))
    if any(person not in carried for choice in v.all for person in choice.team):
        can = range(can.stop)  # whoever does not count bears some of it
    if not can:
        model.add_bool_or([])
        return
    least = model.new_int_var(can[0], can[-1], "") if v.least is None else v.least
    unnamed = [choice.goes for choice in v.all if not choice.team]
    seats = {one: model.new_int_var(0, len(unnamed), "") for one in carried} if unnamed else {}
    if unnamed:
        model.add(sum(seats.values()) == problem.team * sum(unnamed))
    for person, own in carried.items():
        going = sum(choice.goes for choice in v.of_person(person)) + seats.get(person, 0)
        model.add(going + own >= least)
        if own <= problem.even:
            model.add(going + own <= least + problem.even)
            continue
        stays = model.new_bool_var("")
        model.add(going + own <= least + problem.even).only_enforce_if(~stays)
        model.add(going == 0).only_enforce_if(stays)


def forbids(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
    """Whether someone would be out who has more than `even` above the least then."""
    if problem.even is None:
        return False
    teams = [*(one.team for one in others.values()), wish.team]
    out = loads(problem, teams)
    most = min(out.values(), default=0) + problem.even
    return any(out.get(person, 0) > most for team in teams for person in team)
