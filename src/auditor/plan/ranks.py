"""Days and teams by lot: the least sum of day ranks, then the least sum of team ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor import solving
from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES, forbidding
from auditor.plan.variables import sortie_choices

WIDTHS: tuple[tuple[int | None, int | None], ...] = ((None, None), (8, 12), (16, 40))
"""How many days, and teams of each, are offered to a sortie: all, unless that is too much."""
MOST_CHOICES = 40_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """What each sortie is given; `status` is optimal if both sums are proven over all lots."""

    status: str
    given: Mapping[str, Given]


def rank(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    *,
    work: float,
) -> Ranked:
    """Give every sortie a day and a team of its lots, with the fewest ranks given up.

    Parameters
    ----------
    known
        An assignment that obeys the rules, where one is known for all sorties: the solver starts
        there, and it is the answer if the solver finds none. Empty where none is known.

    Returns
    -------
    Ranked; its `given` is empty where nothing fits (status impossible or out of work).
    """
    if any(not lots[sortie.key].days for sortie in sorties):
        return Ranked(solving.IMPOSSIBLE, {})
    status, given = solving.IMPOSSIBLE, dict(known)
    for most_days, most_teams in WIDTHS:
        size = sum(
            min(len(lots[sortie.key].teams[day]), most_teams or len(lots[sortie.key].teams[day]))
            for sortie in sorties
            for day in lots[sortie.key].days[:most_days]
        )
        if size > MOST_CHOICES:
            continue
        status, found = _rank(problem, sorties, lots, known, most_days, most_teams, work)
        if found:
            whole = status == solving.OPTIMAL and most_days is None
            status, given = solving.OPTIMAL if whole else solving.FEASIBLE, found
            break
        if most_days is None:
            break
    if not given:
        return Ranked(status, {})
    if status != solving.OPTIMAL:
        status = solving.FEASIBLE
    return Ranked(status, settle(problem, sorties, lots, given))


def _rank(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    most_days: int | None,
    most_teams: int | None,
    work: float,
) -> tuple[str, dict[str, Given]]:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    v = sortie_choices(model, sorties, lots, most_days, most_teams)
    for sortie in sorties:
        model.add_exactly_one(choice.goes for choice in v.of_sortie(sortie.key))
    for rule in RULES:
        rule.add(model, problem, v)
    days = sum(choice.day_rank * choice.goes for choice in v.all)
    teams = sum(choice.team_rank * choice.goes for choice in v.all)

    def start_from(given: Mapping[str, Given]) -> None:
        model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools 9.15 has no annotation here
        for choice in v.all:
            wish = given.get(choice.sortie)
            model.add_hint(
                choice.goes, wish is not None and (wish.day, wish.team) == (choice.day, choice.team)
            )

    def read(solved: solving.Solved) -> dict[str, Given]:
        return {
            choice.sortie: Given(choice.day, choice.slot, choice.team)
            for choice in v.all
            if solved.solver.boolean_value(choice.goes)
        }

    if known:
        start_from(known)
    model.minimize(days)
    first = solving.solve(model, work=work)
    if not first.found:
        return first.status, {}
    given = read(first)
    model.add(days <= first.objective)
    start_from(given)
    model.minimize(teams)
    second = solving.solve(model, work=work)
    if not second.found:
        return solving.FEASIBLE, given
    both = solving.OPTIMAL if first.status == second.status == solving.OPTIMAL else solving.FEASIBLE
    return both, read(second)


def settle(
    problem: PlanProblem, sorties: Sequence[Sortie], lots: Mapping[str, Lots], given: Mapping[str, Given]
) -> dict[str, Given]:
    """Move sorties one by one to an earlier day or team of their lots while no rule forbids it.

    After a proven optimum nothing moves. Afterwards every departure has a rule that forbids its lot.
    """
    settled = dict(given)
    moved = True
    while moved:
        moved = False
        for sortie in sorties:
            now = settled[sortie.key]
            others = {key: one for key, one in settled.items() if key != sortie.key}
            better = _better(problem, sortie, lots[sortie.key], now, others)
            if better is not None:
                settled[sortie.key] = better
                moved = True
    return settled


def _better(
    problem: PlanProblem, sortie: Sortie, lots: Lots, now: Given, others: Mapping[str, Given]
) -> Given | None:
    for day in lots.days:
        for team in lots.teams[day]:
            if (day, team) == (now.day, now.team):
                return None
            wish = Given(day, sortie.slot, team)
            if not forbidding(problem, others, wish):
                return wish
    return None
