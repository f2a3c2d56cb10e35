"""Lots, section 5 of the contract: who is kept, leads, days and teams of sorties, domains, visit ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

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


@lru_cache(maxsize=1 << 16)
def _coverable(kinds: tuple[frozenset[str], ...], people: int, missing: frozenset[str]) -> bool:
    """Tell whether so many people of these kinds can hold what is missing: by its rarest domain."""
    if not missing or not people:
        return not missing
    holders = min(([kind for kind in kinds if one in kind] for one in sorted(missing)), key=len)
    return any(_coverable(kinds, people - 1, missing - kind) for kind in holders)


def valid_teams(ordered: Sequence[Staff], wanted: frozenset[str], size: int) -> Iterator[tuple[str, ...]]:
    """Give the teams that hold all wanted domains, in lexicographic order of their members' ranks.

    Only branches that end in a valid team are entered, so that a large staff without one is no
    large walk. Members are sorted by id.
    """
    count = len(ordered)
    held = [frozenset(one.domains) & wanted for one in ordered]
    kinds: list[tuple[frozenset[str], ...]] = [()] * (count + 1)
    for at in range(count - 1, -1, -1):
        kinds[at] = kinds[at + 1] if held[at] in kinds[at + 1] else (*kinds[at + 1], held[at])

    def walk(at: int, team: tuple[str, ...], missing: frozenset[str]) -> Iterator[tuple[str, ...]]:
        people = size - len(team)
        if not people:
            yield tuple(sorted(team))
            return
        for index in range(at, count - people + 1):
            if not _coverable(kinds[index], people, missing):
                return
            left = missing - held[index]
            if _coverable(kinds[index + 1], people - 1, left):
                yield from walk(index + 1, (*team, ordered[index].id), left)

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
    Lots; `days` is empty if no day has a valid team. Of a day with more than ``MOST_TEAMS`` valid
    teams only the first are there.
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
    there: dict[str, tuple[str, ...]] = {}
    groups: dict[tuple[str, ...], Sequence[Staff]] = {}  # many days have the same people
    for day in sorted(days, key=lambda day: (prf(key, "day", lead, day), day)):
        if not first <= day <= last or day <= beacon_day or day in shut:
            continue
        people = [one for one in able if f"{day}/{sortie.slot}" in free[one.id]]
        names = tuple(one.id for one in people)
        if names not in groups:
            kinds = tuple(dict.fromkeys(frozenset(one.domains) & wanted for one in people))
            groups[names] = people if len(people) >= team and _coverable(kinds, team, wanted) else ()
        if groups[names]:
            there[day] = names
    return Lots(lead=lead, days=tuple(there), teams=_Teams(there, groups, wanted, team))


class _Teams(Mapping[str, tuple[tuple[str, ...], ...]]):
    """The valid teams of each day, found when a day is asked for: most days of a large field never are."""

    def __init__(
        self,
        there: Mapping[str, tuple[str, ...]],
        groups: Mapping[tuple[str, ...], Sequence[Staff]],
        wanted: frozenset[str],
        size: int,
    ) -> None:
        """`there` names who is there on each day, `groups` holds the same people by lot."""
        self._there, self._groups, self._wanted, self._size = there, groups, wanted, size
        self._found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}

    def __getitem__(self, day: str) -> tuple[tuple[str, ...], ...]:
        names = self._there[day]
        if names not in self._found:
            found = islice(valid_teams(self._groups[names], self._wanted, self._size), MOST_TEAMS)
            self._found[names] = tuple(found)
        return self._found[names]

    def __iter__(self) -> Iterator[str]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)


def pattern_lot(key: bytes, *words: str) -> int:
    """Give the lot of some words about the pattern of a plan, from 0 to below 2^64; it moves no other lot."""
    return int.from_bytes(prf(key, "pattern", *words)[:8], "big")
