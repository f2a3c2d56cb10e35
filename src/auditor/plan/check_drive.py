"""Drive a sortie again: its road, its windows, and whether too many stops lie near each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from math import asin, cos, floor, radians, sin, sqrt

from auditor.entities import SLOTS, Breach, Window
from auditor.i18n import _
from auditor.plan.check_facts import PlanFacts, Record, broken

EARTH_M = 6_371_008.8


def drive(
    key: str, visits: Sequence[Record], facts: PlanFacts, met: Collection[str] = (), home: str = ""
) -> tuple[int, list[Breach]]:
    """Drive the sortie again from and to its start: its metres, and what is late, early or too long.

    `met` has the ids of visits to which a team may come later than it could, because another one arrives
    near by in that minute; for the sake of one in the sortie it may leave later too.
    """
    slot = visits[0]["slot"]
    opens, closes = SLOTS[slot]
    found = []
    driven, now, here = 0, opens, home
    for visit in visits:
        far, long = leg(here, visit["unit"], facts)
        arrivals = span(visit["unit"], visit["domains"], slot, facts)
        start = int(visit["start"][:2]) * 60 + int(visit["start"][3:])
        driven, now, here = driven + far, now + long, visit["unit"]
        minutes = sum(facts.domains[domain].minutes for domain in visit["domains"])
        if arrivals is None:
            found.append(broken("windows", visit["id"], _("its domains have no window in this half-day")))
        elif not arrivals[0] <= start <= arrivals[1]:
            window = f"{_written(arrivals[0])}-{_written(arrivals[1])}"
            found.append(
                broken("windows", visit["id"], _("its arrival lies outside {window}"), window=window)
            )
        else:
            due = max(now, arrivals[0])
            meets = [visit] if visits[0] is not visit else visits
            if start < due or (start > due and not any(one["id"] in met for one in meets)):
                found.append(
                    broken(
                        "travel",
                        visit["id"],
                        _("the team arrives at {due}, no other minute"),
                        due=_written(due),
                    )
                )
        now = max(now, start) + minutes
    far, long = leg(here, home, facts)
    if now + long > closes:
        found.append(broken("travel", key, _("it is not back within the half-day")))
    return driven + far, found


def _written(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def leg(a: str, b: str, facts: PlanFacts) -> tuple[int, int]:
    """Metres and minutes from one unit to another, the start under the empty name, others under theirs.

    Raises KeyError for a unit that no table and no point knows.
    """
    if facts.travel is not None:
        return facts.travel[a, b]
    known = {"": facts.start, **facts.starts}
    here, there = (known[one] if one in known else facts.points[one] for one in (a, b))
    metres = _great_circle(here, there, facts)
    return metres, _minutes(metres, facts)


def unknown_legs(key: str, visits: Sequence[Record], facts: PlanFacts, home: str = "") -> Iterator[Breach]:
    """Name legs of a sortie that a table should say and does not."""
    stops = [home, *(visit["unit"] for visit in visits), home]
    for here, there in pairwise(stops):
        if facts.travel is not None and (here, there) not in facts.travel:
            yield broken("travel", key, _("no table says how far {unit} is"), unit=there or here)


def company(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    """Name the stops of a sortie that have too many of its stops near them, themselves counted."""
    if facts.company is None:
        return
    units = sorted(visit["unit"] for visit in visits)
    for unit in units:
        near = 1 + sum(_neighbours(unit, other, facts) for other in units if other != unit)
        if near > facts.company:
            what = _("{found} of its stops lie near {unit}, {due} may")
            yield broken("company", key, what, found=near, unit=unit, due=facts.company)


def meetings(visits: Sequence[Record], facts: PlanFacts) -> set[str]:
    """Name the visits at whose minute another team arrives near by, on that day; none where none may wait."""
    if not facts.meets:
        return set()
    return {
        one["id"]
        for one in visits
        if any(
            other["sortie"] != one["sortie"]
            and (other["date"], other["slot"], other["start"]) == (one["date"], one["slot"], one["start"])
            and _neighbours(one["unit"], other["unit"], facts)
            for other in visits
        )
    }


def given_away(visits: Sequence[Record], facts: PlanFacts) -> tuple[int, int]:
    """Count the visits that are not the first of their day, and those given away by an earlier one."""
    later, told = 0, 0
    for one in visits:
        before = [
            other["unit"]
            for other in visits
            if other["date"] == one["date"] and other["start"] < one["start"]
        ]
        later += bool(before)
        told += any(_neighbours(one["unit"], unit, facts) for unit in before)
    return later, told


def _neighbours(unit: str, other: str, facts: PlanFacts) -> bool:
    township = facts.townships.get(unit)
    if township and facts.townships.get(other) == township:
        return True
    if facts.travel is not None and not {(unit, other), (other, unit)} <= facts.travel.keys():
        return False
    return min(leg(unit, other, facts)[0], leg(other, unit, facts)[0]) < facts.near_m


def _great_circle(a: tuple[float, float], b: tuple[float, float], facts: PlanFacts) -> int:
    north_a, north_b = radians(a[0]), radians(b[0])
    east = radians(b[1] - a[1])
    chord = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin(east / 2) ** 2
    return floor(facts.factor / 1000 * (2 * EARTH_M * asin(min(1.0, sqrt(chord)))) + 0.5)


def _minutes(leg: int, facts: PlanFacts) -> int:
    return (leg * 60 + facts.speed_kmh * 1000 - 1) // (facts.speed_kmh * 1000) + 3 if leg > 0 else 0


def span(unit: str, domains: Sequence[str], slot: str, facts: PlanFacts) -> tuple[int, int] | None:
    """First and last minute of arrival of a visit with these domains in this half-day, None for never.

    Of several windows of a Domain in one half-day the longest counts, of equal ones the earlier.
    """
    opens, closes = SLOTS[slot]
    total = sum(facts.domains[key].minutes for key in domains)
    first, last = opens, closes - total
    for key in domains:
        spans = [
            (
                opens if window.earliest is None else window.earliest,
                closes if window.latest is None else window.latest,
                window,
            )
            for window in _windows(unit, key, facts)
            if window.slot == slot
        ]
        if not spans:
            return None
        _begin, _end, window = min(spans, key=lambda one: (one[0] - one[1], one[0]))
        if window.earliest is not None:
            first = max(first, window.earliest - total + facts.domains[key].minutes)
        if window.latest is not None:
            last = min(last, window.latest)
    return (first, last) if first <= last else None


def _windows(unit: str, key: str, facts: PlanFacts) -> list[Window]:
    """Give the windows of a Domain at a Unit: hours of its own bound those without times.

    Where none is left the Domain is inspected whenever the Unit is at work.
    """
    windows = list(facts.domains[key].windows)
    if unit not in facts.hours:
        return windows
    need = facts.domains[key].minutes
    at_work = {
        slot: Window(slot=slot, earliest=opens, latest=closes - need)
        for slot, (opens, closes) in facts.hours[unit].items()
        if closes - need >= opens
    }
    kept = []
    for window in windows:
        if window.earliest is not None or window.latest is not None:
            kept.append(window)
        elif window.slot in at_work:
            kept.append(at_work[window.slot])
    return kept or list(at_work.values())
