"""Departures: which sortie does not have its lot, and the rule that forbids the lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.entities import Departure, Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import forbidding


def departures_of(
    problem: PlanProblem, sorties: Sequence[Sortie], lots: Mapping[str, Lots], given: Mapping[str, Given]
) -> tuple[Departure, ...]:
    """Name every difference from the lots, by sortie, day before team.

    The rule of a day is the one that forbids the first valid team of the lot day, all other sorties
    as they are given; that of a team the one that forbids the first valid team of the given day.

    Raises
    ------
    ValueError
        If no rule forbids a lot: the days and teams were not the best ones.
    """
    found = []
    for sortie in sorties:
        lot, now = lots[sortie.key], given[sortie.key]
        others = {key: one for key, one in given.items() if key != sortie.key}
        first = lot.days[0]
        if now.day != first:
            named = [
                forbidding(problem, others, Given(first, sortie.slot, team, sortie.units))
                for team in lot.teams[first]
            ]
            found.append(_departure(sortie, "day", first, now.day, lot.days.index(now.day), named))
        teams = lot.teams[now.day]
        if now.team != teams[0]:
            named = [forbidding(problem, others, Given(now.day, sortie.slot, teams[0], sortie.units))]
            found.append(_departure(sortie, "team", teams[0], now.team, teams.index(now.team), named))
    return tuple(found)


def _departure(
    sortie: Sortie,
    of: str,
    lot: str | tuple[str, ...],
    given: str | tuple[str, ...],
    rank: int,
    named: Sequence[str],
) -> Departure:
    if not all(named):
        raise ValueError(f"{sortie.key}: no rule forbids the lot of its {of}")
    return Departure(sortie=sortie.key, of=of, lot=lot, given=given, rank=rank, rule=named[0])
