"""Seats: days that leave everyone's half-days, load and evenness room for teams.

Days are first given by what each half-day can take. Where people are few that may leave no teams, since
whoever holds a rare domain would be out too often. Then the seats of each sortie on each offered day
stand in the same model, with the rules that speak of one person at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.entities import Lots, Sortie
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import Rule, again, even, half_days, load, people
from auditor.plan.variables import Choice, Choices

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

RULES: tuple[Rule, ...] = (people, half_days, again, load, even)
"""The rules that speak of people, which days with seats must leave room for."""


def seat(
    model: cp_model.CpModel,
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    goes: Mapping[tuple[str, str], cp_model.IntVar],
) -> None:
    """Let each sortie that goes on a day take a team's people who hold its domains.

    Parameters
    ----------
    goes
        Whether a sortie (its key) goes on a day, for the days of its lots that are offered.
    """
    domains = {one.id: frozenset(one.domains) for one in problem.staff}
    seats = []
    for sortie in sorties:
        for day in lots[sortie.key].days:
            going = goes.get((sortie.key, day))
            if going is None:
                continue
            able = sorted({person for team in lots[sortie.key].teams[day] for person in team})
            mine = {person: model.new_bool_var("") for person in able}
            model.add(sum(mine.values()) == problem.team * going)
            for one in mine.values():
                model.add_implication(one, going)
            for key in sorted(sortie.domains):
                model.add(sum(one for person, one in mine.items() if key in domains[person]) >= going)
            seats += [
                Choice(day, sortie.slot, (person,), one, sortie.key, sortie.units)
                for person, one in mine.items()
            ]
    for rule in RULES:
        rule.add(model, problem, Choices(seats))
