"""Days and teams by hand: a first assignment, and a last pass over any assignment.

Where days and teams are out of time each sortie takes the first of its lots that no rule forbids beside
those that have theirs. In the end any smaller rank that nothing forbids is taken, so that every departure
from a lot has a true rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import Rule, apart, cars, forbidding, half_days, hours, load

HERE: tuple[Rule, ...] = (cars, apart, hours)
"""Rules that look at the sorties of one half-day and ask for no team."""


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
    beside: dict[str, dict[str, Given]] = defaultdict(dict)
    for key, one in others.items():
        if one.slot == sortie.slot:
            beside[one.day][key] = one
    barred = half_days.barred(problem, others) | load.barred(problem, others)
    for day in lots.days:
        last = now is not None and day == now.day
        wish = Given(day, sortie.slot, (), sortie.units)
        if not any(rule.forbids(problem, beside[day], wish) for rule in HERE):
            teams = lots.teams[day]
            some = teams[: teams.index(now.team)] if now is not None and last else teams
            busy = barred.union(*(one.team for one in beside[day].values()))
            for team in some:
                # rules look at all the others: asked last
                if busy.isdisjoint(team) and not forbidding(problem, others, replace(wish, team=team)):
                    return replace(wish, team=team)
        if last:
            break
    return None
