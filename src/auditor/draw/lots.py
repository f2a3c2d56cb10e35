"""Lots, section 5 of the contract: who is kept, leads, days and teams of sorties, domains, visit ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from auditor.draw.prf import prf
from auditor.entities import Lots, Sortie, Staff

MOST_TEAMS = 10_000
"""The rank of a given team is at most this: later teams are no lots."""


def keep_order(key: bytes, units: Collection[str]) -> list[str]:
    """Give the order in which units are kept where not all fit."""
    return sorted(units, key=lambda unit: (prf(key, "keep", unit), unit))


def lead_of(key: bytes, units: Collection[str]) -> str:
    """Give the lead of a sortie: its unit with the smallest lot."""
    return min(units, key=lambda unit: (prf(key, "lead", unit), unit))


def domains_by_lot(key: bytes, unit: str, domains: Collection[str], m: int) -> list[str]:
    """Give the m domains of a unit that come first by lot, sorted; all where there are fewer."""
    return sorted(sorted(domains, key=lambda domain: (prf(key, "domain", unit, domain), domain))[:m])


def visit_id(key: bytes, unit: str, k: int) -> str:
    """Give the id of a unit's visit number k (from 0, by date and start)."""
    return prf(key, "visit", unit, str(k)).hex()[:16]


def valid_teams(ordered: Sequence[Staff], wanted: frozenset[str], size: int) -> Iterator[tuple[str, ...]]:
    """Give the teams that hold all wanted domains, in lexicographic order of their members' ranks.

    Branches that can no longer hold every domain are left early, so that a large staff does not
    mean a large walk.
    """
    count = len(ordered)
    held = [frozenset(one.domains) & wanted for one in ordered]
    behind = [frozenset[str]()] * (count + 1)
    for at in range(count - 1, -1, -1):
        behind[at] = behind[at + 1] | held[at]

    def walk(at: int, team: tuple[str, ...], missing: frozenset[str]) -> Iterator[tuple[str, ...]]:
        if len(team) == size:
            if not missing:
                yield tuple(sorted(team))
            return
        for index in range(at, count - (size - len(team)) + 1):
            if missing <= behind[index]:
                yield from walk(index + 1, (*team, ordered[index].id), missing - held[index])

    yield from walk(0, (), wanted)


def sortie_lots(
    key: bytes,
    sortie: Sortie,
    *,
    staff: Sequence[Staff],
    team: int,
    windows: Mapping[str, tuple[str, str]],
    beacon_day: str,
    days: Sequence[str],
    strata: Mapping[str, str],
    closed: Mapping[str, Collection[str]],
) -> Lots:
    """Draw the lots of one sortie of drawn units.

    Parameters
    ----------
    windows
        First and last day of each draw.
    beacon_day
        The day of the beacon; a sortie's day is later.
    days
        The field's days.

    Returns
    -------
    Lots; `days` is empty if no day has a valid team.
    """
    units = sorted({stop.unit for stop in sortie.stops})
    wanted = frozenset(domain for stop in sortie.stops for domain in stop.domains)
    lead = lead_of(key, units)
    touched = set(units)
    touched_strata = {strata[unit] for unit in units}
    able = [
        one
        for one in sorted(staff, key=lambda one: (prf(key, "staff", lead, one.id), one.id))
        if not touched & set(one.conflict_units) and not touched_strata & set(one.conflict_strata)
    ]
    first = max([windows[stop.draw][0] for stop in sortie.stops])
    last = min([windows[stop.draw][1] for stop in sortie.stops])
    shut = {day for unit in units for day in closed.get(unit, ())}
    free = {one.id: frozenset(one.free) for one in able}
    teams: dict[str, tuple[tuple[str, ...], ...]] = {}
    for day in sorted(days, key=lambda day: (prf(key, "day", lead, day), day)):
        if not first <= day <= last or day <= beacon_day or day in shut:
            continue
        there = [one for one in able if f"{day}/{sortie.slot}" in free[one.id]]
        possible: list[tuple[str, ...]] = []
        for one_team in valid_teams(there, wanted, team):
            possible.append(one_team)
            if len(possible) == MOST_TEAMS:
                break
        if possible:
            teams[day] = tuple(possible)
    return Lots(lead=lead, days=tuple(teams), teams=teams)
