"""What pages about plans show: the list of plans, and of one plan its months, teams, load and map.

Everything of a visit comes from what `door.look` let through.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from auditor.draw import lots
from auditor.entities import SLOTS, Unit
from auditor.pages.plan_map import PlanMap, plan_map
from auditor.pages.words import month_name
from auditor.plan.legs import metres
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import read_number, read_numbers
from auditor.store.units import read_aliases, read_units
from auditor.workflow import explaining, plans, repairing, telling
from auditor.workflow.called import staff_names
from auditor.workflow.directed import DIRECTED
from auditor.workflow.domains import domain_titles
from auditor.workflow.door import DEMONSTRATION, Seen
from auditor.workflow.explaining import World
from auditor.workflow.keys import AskPassword
from auditor.workflow.months import calendar_of, month_of, period_of
from auditor.workflow.outputs import became, places_of
from auditor.workflow.programmes import programmes

WAITING = "run"
"""The state of a number that waits for its plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One plan in the list; counts as far as they are public. `ident` stands in its address."""

    ident: str
    name: str
    first: str
    last: str
    state: str
    drill: bool = False
    counts: Mapping[str, Any] | None = None
    number: int = 0
    programme: str = ""
    repairs: int = 0

    @property
    def months(self) -> tuple[str, ...]:
        """The months that it touches."""
        return _months(date.fromisoformat(self.first), date.fromisoformat(self.last))


def rows(db: Database) -> list[PlanRow]:
    """Give all plans and the numbers that wait for theirs, the latest period first."""
    names = {one.id: one.name for one in programmes(db)}
    found = [
        PlanRow(
            ident=str(one["number"]),
            name=names.get(one["programme"], one["programme"]),
            first=one["facts"]["period"][0],
            last=one["facts"]["period"][1],
            state=one["state"],
            drill=bool(one["drill"]),
            counts=one.get("counts"),
            number=one["number"],
            programme=one["programme"],
            repairs=one.get("repairs", 0),
        )
        for one in read_numbers(db)
        if one["state"] in (WAITING, "planned", "closed")
    ]
    for month, record in telling.demonstrations(db).items():
        days = month_of(month, calendar_of(db)).days
        found.append(
            PlanRow(
                ident=month,
                name=month_name(month),
                first=f"{days[0].day:%Y-%m-%d}",
                last=f"{days[-1].day:%Y-%m-%d}",
                state=DEMONSTRATION,
                counts={
                    "visits": len(record["visits"]),
                    "sorties": len({one["sortie"] for one in record["visits"]}),
                    "unplaced": len(record["unplaced"]),
                },
            )
        )
    return sorted(found, key=lambda one: (one.first, one.number), reverse=True)


def number(db: Database, of: int) -> dict[str, Any] | None:
    """Give the record of a number that has a plan or waits for it, or None."""
    record = read_number(db, of)
    return record if record is not None and record["state"] in (WAITING, "planned", "closed") else None


def name_of(db: Database, seen: Seen) -> str:
    """Give the name of a plan: its programme's, or the month of a demonstration."""
    if not seen.programme:
        return month_name(seen.key)
    return next((one.name for one in programmes(db) if one.id == seen.programme), seen.programme)


def people_names(db: Database) -> dict[str, str]:
    """Give the names of the inspectors by their ids."""
    return staff_names(db)


def people_of(db: Database, of: int) -> list[tuple[str, str]]:
    """Give the inspectors of a number with their names, by name."""
    names = people_names(db)
    return sorted(((one, names.get(one, one)) for one in plans.staff_key(db, of)), key=lambda one: one[1])


def never_placed(db: Database, seen: Seen, password: AskPassword) -> list[dict[str, Any]]:
    """Give the units that orders asked for and that could not be visited, by unit; not those visited since.

    Each is what the diff of its repair says under ``refused``.
    """
    if seen.record is None or seen.state != "planned" or not seen.facts.get("repairs"):
        return []
    ordered = {one["unit"] for one in seen.visits if one.get("source") == DIRECTED}
    found = {
        one["unit"]: one
        for entry in repairing.history(db, seen.number, password)
        for one in entry["refused"]
        if one["unit"] not in ordered
    }
    return [found[unit] for unit in sorted(found)]


def unit_names(db: Database, of: set[str]) -> dict[str, str]:
    """Give the names of units by their ids, also by former ones; an unknown one by itself."""
    units = {one.id: one.name for one in read_units(db)}
    aliases = _aliases(db, of - set(units))
    return {one: units.get(aliases.get(one, one), one) for one in of}


def why(db: Database, seen: Seen, world: World, unit: str, *, sortie: str = "") -> list[dict[str, Any]]:
    """Tell of a unit what `explaining.of_unit` tells, but for what only planning again would tell.

    Parameters
    ----------
    sortie
        Only the visits of this sortie.

    Raises
    ------
    UsageProblem, NoSuchUnit
    """
    found = explaining.of_unit(db, seen, replace(world, unplaced=()), unit, work=0.0)
    for row in found:
        if sortie:
            row["visits"] = [one for one in row["visits"] if one["sortie"] == sortie]
        left = [one for one in world.unplaced if (one.unit, one.draw) == (row["unit"], row["draw"])]
        if left and not row["drawn"]:
            row["drawn"] = True
            if world.drawn is not None:
                kept = lots.keep_order(world.drawn.key, world.drawn.chosen)
                row |= {"keep_place": kept.index(row["unit"]) + 1, "keep_of": len(kept)}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """One visit. `outcome` is what became of it in words, or ""."""

    id: str
    start: str
    minutes: int
    unit: str
    name: str
    domains: tuple[str, ...]
    outcome: str
    ordered: bool
    instead_of: str
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SortieRow:
    """One team's half-day; `metres` is 0 where the way is not known."""

    key: str
    day: date
    slot: str
    team: tuple[str, ...]
    people: tuple[str, ...]
    stops: tuple[StopRow, ...]
    metres: int

    @property
    def told(self) -> bool:
        """Whether all of it was released."""
        return all(one.told for one in self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day of the grid; `inside` is false of days outside month or period. `cls` is its day class."""

    day: date
    inside: bool
    cls: str
    name: str
    key_period: str
    sorties: tuple[SortieRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthGrid:
    """A month as weeks from Monday."""

    month: str
    weeks: tuple[tuple[DayCell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftRow:
    """A drawn unit without its visit; `why` is the code of the reason."""

    unit: str
    name: str
    draw: str
    domains: tuple[str, ...]
    keys: tuple[str, ...]
    why: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSight:
    """One plan as far as it may be seen. `metres` and `bound_m` are None unless all of it may be."""

    sorties: tuple[SortieRow, ...]
    fallen: tuple[SortieRow, ...]
    grids: tuple[MonthGrid, ...]
    left: tuple[LeftRow, ...]
    map: PlanMap | None
    metres: int | None
    bound_m: int | None
    objective_m: int | None

    def sortie(self, key: str) -> tuple[SortieRow, ...]:
        """Give the rows of a sortie: more than one where a visit really had another day or team."""
        return tuple(one for one in self.sorties if one.key == key)

    def on(self, day: date) -> tuple[SortieRow, ...]:
        """Give the sorties of a day."""
        return tuple(one for one in self.sorties if one.day == day)

    def by_team(self, offset: int, limit: int) -> list[tuple[tuple[str, ...], list[SortieRow]]]:
        """Give some of the sorties by team, in the order of names; each team's by day."""
        ordered = sorted(self.sorties, key=lambda one: sorted(one.team))
        found: dict[tuple[str, ...], list[SortieRow]] = {}
        for one in ordered[offset : offset + limit]:
            found.setdefault(tuple(sorted(one.team)), []).append(one)
        return list(found.items())


def sight(db: Database, seen: Seen, plugins: Plugins, today: date, register: Sequence[Unit]) -> PlanSight:
    """Put what may be seen of a plan into rows, grids and a map; words in the language of the context.

    `register` is the whole register.
    """
    places = places_of(db, seen)
    named = {visit["unit"] for visit in (*seen.visits, *seen.fallen)}
    whole = seen.record
    unplaced = _unplaced(seen)
    named |= {one["unit"] for one in unplaced}
    named |= {visit["instead_of"] for visit in seen.visits if "instead_of" in visit}
    units = {one.id: one for one in register}
    aliases = _aliases(db, named - set(units))
    names = {
        one: units[aliases.get(one, one)].name if aliases.get(one, one) in units else one for one in named
    }
    people = people_names(db)
    titles = domain_titles(plugins)
    sorties = _sorties(seen, seen.visits, names, people, titles, places, today)
    drawn = [
        (places.points[stop.unit], one.slot)
        for one in sorties
        for stop in one.stops
        if stop.unit in places.points
    ]
    lines = [
        (
            one.slot,
            [
                _start(seen, one, places),
                *(places.points[stop.unit] for stop in one.stops if stop.unit in places.points),
            ],
        )
        for one in sorties
    ]
    townships: dict[str, list[tuple[float, float]]] = {}
    for unit, point in places.points.items():
        if unit in units and units[unit].township:
            townships.setdefault(units[unit].township, []).append(point)
    return PlanSight(
        sorties=sorties,
        fallen=_sorties(seen, seen.fallen, names, people, titles, places, today),
        grids=_grids(db, seen, sorties),
        left=tuple(
            LeftRow(
                unit=one["unit"],
                name=names[one["unit"]],
                draw=one["draw"],
                domains=tuple(titles.get(key, key) for key in one["domains"]),
                keys=tuple(one["domains"]),
                why=one["reason"],
                evidence=str(one["evidence"]),
            )
            for one in unplaced
        ),
        map=plan_map(
            places.start,
            list(places.points.values()),
            drawn,
            lines,
            townships,
            [places.points[one["unit"]] for one in unplaced if one["unit"] in places.points],
        ),
        metres=sum(one.metres for one in sorties) if whole is not None else None,
        bound_m=whole.get("bound_m") if whole is not None and seen.standing is None else None,
        objective_m=whole.get("objective_m") if whole is not None and seen.standing is None else None,
    )


def _unplaced(seen: Seen) -> Sequence[Mapping[str, Any]]:
    if seen.record is None:
        return ()
    found: Sequence[Mapping[str, Any]] = (seen.record if seen.standing is None else seen.standing)["unplaced"]
    return found


def _aliases(db: Database, names: set[str]) -> Mapping[str, str]:
    return read_aliases(db) if names else {}


def _start(seen: Seen, sortie: SortieRow, places: plans.Places) -> tuple[float, float]:
    names = (
        {visit.get("from", "") for visit in seen.visits if visit["sortie"] == sortie.key}
        if places.starts
        else set()
    )
    return next((places.starts[one] for one in sorted(names) if one in places.starts), places.start)


def _sorties(
    seen: Seen,
    several: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    people: Mapping[str, str],
    titles: Mapping[str, str],
    places: plans.Places,
    today: date,
) -> tuple[SortieRow, ...]:
    slots = list(SLOTS)
    grouped: dict[tuple[str, int, str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    for one in several:
        key = (one["date"], slots.index(one["slot"]), one["sortie"], tuple(one["team"]))
        grouped.setdefault(key, []).append(one)
    found = []
    for (day, slot, sortie, team), visits in sorted(grouped.items()):
        visits = sorted(visits, key=lambda one: (one["start"], one["id"]))
        home = places.starts.get(visits[0].get("from", ""), places.start)
        way = [home, *(places.points.get(one["unit"], home) for one in visits if "stop" not in one), home]
        found.append(
            SortieRow(
                key=sortie,
                day=date.fromisoformat(day),
                slot=slots[slot],
                team=tuple(people.get(one, one) for one in team),
                people=team,
                stops=tuple(
                    StopRow(
                        id=one["id"],
                        start=one["start"],
                        minutes=one["minutes"],
                        unit=one["unit"],
                        name=names[one["unit"]],
                        domains=tuple(titles.get(key, key) for key in one["domains"]),
                        outcome=became(seen, one, today),
                        ordered=one.get("source") == "directed",
                        instead_of=names[one["instead_of"]] if "instead_of" in one else "",
                        told=seen.public or one["id"] in seen.told,
                    )
                    for one in visits
                ),
                metres=sum(metres(a, b, plans.FACTOR) for a, b in pairwise(way)),
            )
        )
    return tuple(found)


def _months(first: date, last: date) -> tuple[str, ...]:
    return tuple(
        f"{at // 12}-{at % 12 + 1:02d}"
        for at in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    )


def _grids(db: Database, seen: Seen, sorties: Sequence[SortieRow]) -> tuple[MonthGrid, ...]:
    first, last = date.fromisoformat(seen.first), date.fromisoformat(seen.last)
    known = {one.day: one for one in period_of(first, last, calendar_of(db)).days}
    by_day: dict[date, list[SortieRow]] = {}
    for one in sorties:
        by_day.setdefault(one.day, []).append(one)
    grids = []
    for month in _months(first, last):
        year, number = map(int, month.split("-"))
        grids.append(
            MonthGrid(
                month=month,
                weeks=tuple(
                    tuple(
                        DayCell(
                            day=day,
                            inside=day.month == number and day in known,
                            cls=known[day].cls if day in known else "",
                            name=known[day].name if day in known else "",
                            key_period=known[day].key_period if day in known else "",
                            sorties=tuple(by_day.get(day, ())) if day.month == number else (),
                        )
                        for day in week
                    )
                    for week in Calendar().monthdatescalendar(year, number)
                ),
            )
        )
    return tuple(grids)
