"""Teams by lot where the days are given: the least sum of team ranks.

As with days a sortie may take a later team than those offered, which costs the next rank and takes nobody
by name (for evenness anyone): a solution without later ones is the least of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor import solving
from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.rules.even import leasts
from auditor.plan.variables import Choice, Choices
from auditor.solving import Budget

FIRST = 120
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
    """Give every sortie a team of its lots on its day, all rules kept, with the fewest ranks.

    With evenness what everyone's half-days are at least is said beforehand, each possible number after the
    other: that is solved many times faster than where it is open.
    """
    teams = {sortie.key: lots[sortie.key].teams[days[sortie.key]] for sortie in sorties}
    if problem.even is None:
        return _widened(problem, sorties, teams, days, budget)
    best, tried = Teams(solving.IMPOSSIBLE, {}), []
    for least in _from_the_middle(leasts(problem, len(sorties))):
        below = best.total - 1 if best.given else None
        tried.append(_widened(problem, sorties, teams, days, budget, least, below))
        if tried[-1].given:
            best = tried[-1]
    if all(one.status in (solving.OPTIMAL, solving.IMPOSSIBLE) for one in tried):
        return best
    bounds = [best.total if one.status == solving.IMPOSSIBLE else one.bound for one in tried]
    status = solving.FEASIBLE if best.given else solving.OUT_OF_WORK
    return replace(best, status=status, bound=min([best.total, *bounds]))


def _from_the_middle(numbers: Sequence[int]) -> list[int]:
    return sorted(numbers, key=lambda one: abs(2 * one - numbers[0] - numbers[-1]))


def _widened(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    teams: Mapping[str, Sequence[tuple[str, ...]]],
    days: Mapping[str, str],
    budget: Budget,
    least: int | None = None,
    below: int | None = None,
) -> Teams:
    """Offer each sortie its first teams, and more as long as one would take a later one.

    More to all of them: a team that this one gets makes another late.
    """
    offered = {key: min(FIRST, len(some)) for key, some in teams.items()}
    while True:
        found = _solve(problem, sorties, teams, days, offered, budget, least, below)
        if found.status not in (solving.OPTIMAL, solving.FEASIBLE) or len(found.given) == len(sorties):
            return found
        if all(number >= len(teams[key]) for key, number in offered.items()):
            return Teams(solving.IMPOSSIBLE, {})
        offered = {key: min(3 * number, len(teams[key])) for key, number in offered.items()}


def _solve(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    teams: Mapping[str, Sequence[tuple[str, ...]]],
    days: Mapping[str, str],
    offered: Mapping[str, int],
    budget: Budget,
    least: int | None,
    below: int | None,
) -> Teams:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    choices = []
    for sortie in sorties:
        mine = [
            Choice(
                days[sortie.key], sortie.slot, team, model.new_bool_var(""), sortie.key, sortie.units, 0, rank
            )
            for rank, team in enumerate(teams[sortie.key][: offered[sortie.key]])
        ]
        if offered[sortie.key] < len(teams[sortie.key]):
            mine.append(replace(mine[-1], team=(), goes=model.new_bool_var(""), team_rank=len(mine)))
        choices += mine
        model.add_exactly_one(choice.goes for choice in mine)
    v = Choices(choices, least)
    for rule in RULES:
        rule.add(model, problem, v)
    ranks = sum(choice.team_rank * choice.goes for choice in v.all)
    if below is not None:
        model.add(ranks <= below)
    model.minimize(ranks)
    solved = solving.solve(model, work=budget.work, seconds=budget.left())
    if not solved.found:
        return Teams(solved.status, {})
    given = {
        choice.sortie: Given(choice.day, choice.slot, choice.team, choice.units)
        for choice in v.all
        if choice.team and solved.solver.boolean_value(choice.goes)
    }
    return Teams(solved.status, given, solved.objective, solved.bound)
