"""Days and teams by hand: a first assignment, and a last pass over any assignment.

Where days and teams are out of time each sortie takes the first of its lots that no rule forbids beside
those that have theirs. In the end any smaller rank that nothing forbids is taken, so that every departure
from a lot has a true rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import Rule, apart, cars, forbidding, half_days, hours, load, people

ANYBODY: tuple[Rule, ...] = (cars, apart, hours)
"""Rules that ask for no team: what they forbid a half-day they forbid it with any team."""
PERSON: tuple[Rule, ...] = (people, half_days, load)
"""Rules that speak of each person: whoever may not go alone may not go in any team."""


def first_fit(problem: PlanProblem, sorties: Sequence[Sortie], lots: Mapping[str, Lots]) -> dict[str, Given]:
    """Give one sortie after the other the first day and team of its lots that no rule forbids.

    Those that need most knowledge come first. Empty where a sortie finds none.
    """
    given: dict[str, Given] = {}
    for sortie in sorted(sorties, key=lambda one: (-len(one.domains), one.key)):
        found = first(problem, sortie, lots[sortie.key], given)
        if found is None:
            return {}
        given[sortie.key] = found
    return given


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
            others = {key: one for key, one in settled.items() if key != sortie.key}
            better = first(problem, sortie, lots[sortie.key], others, settled[sortie.key])
            if better is not None:
                settled[sortie.key] = better
                moved = True
    return settled


def first(
    problem: PlanProblem,
    sortie: Sortie,
    lots: Lots,
    others: Mapping[str, Given],
    now: Given | None = None,
) -> Given | None:
    """Give the first day and team of a sortie's lots, before those it has now, that no rule forbids."""
    for day in lots.days:
        last = now is not None and day == now.day
        teams = lots.teams[day]
        some = teams[: teams.index(now.team)] if now is not None and last else teams
        found = _first_team(problem, sortie, day, some, others)
        if found is not None or last:
            return found
    return None


def _first_team(
    problem: PlanProblem,
    sortie: Sortie,
    day: str,
    teams: Sequence[tuple[str, ...]],
    others: Mapping[str, Given],
) -> Given | None:
    def wish(*team: str) -> Given:
        return Given(day, sortie.slot, team, sortie.units)

    if not teams or any(rule.forbids(problem, others, wish()) for rule in ANYBODY):
        return None
    known: dict[str, bool] = {}
    for team in teams:
        for one in team:
            if one not in known:
                known[one] = not any(rule.forbids(problem, others, wish(one)) for rule in PERSON)
        if all(known[one] for one in team) and not forbidding(problem, others, wish(*team)):
            return wish(*team)
    return None
