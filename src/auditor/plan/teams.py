"""Teams by lot where the days are given: the least sum of team ranks.

As with days a sortie may take a later team than those offered, which uses nobody and costs the next
rank: a solution without later ones is the least of all. Where loads are to be even everyone counts, so
all teams are offered at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor import solving
from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.variables import Choice, Choices
from auditor.solving import Budget

FIRST = 24
"""How many teams are offered to each sortie at first."""


@dataclass(frozen=True, slots=True)
class Teams:
    """What each sortie is given, the sum of team ranks, and a proven lower bound on that sum."""

    status: str
    given: Mapping[str, Given]
    total: int = 0
    bound: int = 0


def give_teams(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    days: Mapping[str, str],
    budget: Budget,
) -> Teams:
    """Give every sortie a team of its lots on its day, all rules kept, with the fewest ranks."""
    all_teams = {sortie.key: lots[sortie.key].teams[days[sortie.key]] for sortie in sorties}
    first = FIRST if problem.even is None else max(map(len, all_teams.values()), default=0)
    offered = {key: min(first, len(teams)) for key, teams in all_teams.items()}
    while True:
        found = _solve(problem, sorties, all_teams, days, offered, budget)
        late = [sortie.key for sortie in sorties if sortie.key not in found.given]
        if not late or found.status not in (solving.OPTIMAL, solving.FEASIBLE):
            return found
        wider = [key for key in late if offered[key] < len(all_teams[key])]
        if not wider:
            return Teams(solving.IMPOSSIBLE, {})
        for key in wider:
            offered[key] = min(3 * offered[key], len(all_teams[key]))


def _solve(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    teams: Mapping[str, Sequence[tuple[str, ...]]],
    days: Mapping[str, str],
    offered: Mapping[str, int],
    budget: Budget,
) -> Teams:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    choices = []
    later = []
    for sortie in sorties:
        mine = [
            Choice(
                days[sortie.key], sortie.slot, team, model.new_bool_var(""), sortie.key, sortie.units, 0, rank
            )
            for rank, team in enumerate(teams[sortie.key][: offered[sortie.key]])
        ]
        choices += mine
        some = [choice.goes for choice in mine]
        if offered[sortie.key] < len(teams[sortie.key]):
            some.append(model.new_bool_var(""))
            later.append(offered[sortie.key] * some[-1])
        model.add_exactly_one(some)
    v = Choices(choices)
    for rule in RULES:
        rule.add(model, problem, v)
    model.minimize(sum(choice.team_rank * choice.goes for choice in v.all) + sum(later))
    solved = solving.solve(model, work=budget.work, seconds=budget.left())
    if not solved.found:
        return Teams(solved.status, {})
    given = {
        choice.sortie: Given(choice.day, choice.slot, choice.team, choice.units)
        for choice in v.all
        if solved.solver.boolean_value(choice.goes)
    }
    return Teams(solved.status, given, solved.objective, solved.bound)
