"""The step of the plan: from drawn units to visits, and the check of any plan file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.draw import lots, records
from auditor.entities import Lots, Sortie, Unit
from auditor.plan.legs import stand_in_points
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import Errand, PlanProblem, errands_of
from auditor.plugins import Plugins
from auditor.workflow.draws import DRAW, TEAM, Drawn

FACTOR = 1300
"""Thousandths: roads are this much longer than great circles."""
SPEED_KMH = 40
SORTIE_COST_M = 10_000
CARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan: its record (plan.json) and the sealed records of the transcript."""

    record: dict[str, Any]
    made: PlanMade
    visits: tuple[dict[str, Any], ...]
    unplaced: tuple[dict[str, Any], ...]
    departures: tuple[dict[str, Any], ...]


def clock(minute: int) -> str:
    """Write a minute of the day as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def points_of(units: Mapping[str, Unit], start: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """Give every Unit's point; those without one stand where the rule of stand-ins puts them."""
    stand_ins = stand_in_points(list(units.values()), start)
    return {
        unit.id: stand_ins[unit.id] if unit.lat is None or unit.lng is None else (unit.lat, unit.lng)
        for unit in units.values()
    }


def errands(
    units: Sequence[Unit],
    domains: Mapping[str, Sequence[str]],
    plugins: Plugins,
    points: Mapping[str, tuple[float, float]],
) -> list[Errand]:
    """Give the visits that the drawn Units need."""
    return [
        errand
        for unit in units
        for errand in errands_of(
            unit, DRAW, [plugins.domain(key) for key in domains[unit.id]], points[unit.id]
        )
    ]


def lots_for(drawn: Drawn) -> Callable[[Sequence[Sortie]], dict[str, Lots]]:
    """Give the function that draws the lots of sorties, for the plan's room."""

    def give(sorties: Sequence[Sortie]) -> dict[str, Lots]:
        return {
            sortie.key: lots.sortie_lots(
                drawn.key,
                sortie,
                staff=drawn.staff,
                team=TEAM,
                windows=drawn.windows,
                beacon_day=drawn.beacon["published_at"][:10],
                days=drawn.field_record["days"],
                strata=drawn.strata,
                closed=drawn.frame.closed,
            )
            for sortie in sorties
        }

    return give


def plan(
    drawn: Drawn,
    plugins: Plugins,
    start: tuple[float, float],
    *,
    provisional: bool,
    work: float,
    progress: Callable[[str], None],
) -> Planned:
    """Plan the visits of a draw: screen, keep by lot, bundle, then days and teams by lot."""
    points = points_of(drawn.frame.units, start)
    problem = PlanProblem(
        start=start,
        errands=tuple(
            errands([drawn.frame.units[unit] for unit in drawn.units], drawn.frame.domains, plugins, points)
        ),
        staff=drawn.staff,
        days=tuple(drawn.field_record["days"]),
        windows=drawn.windows,
        beacon_day=drawn.beacon["published_at"][:10],
        closed={unit: frozenset(days) for unit, days in drawn.frame.closed.items()},
        strata=drawn.strata,
        team=TEAM,
        cars=CARS,
        factor=FACTOR,
        speed_kmh=SPEED_KMH,
        sortie_cost_m=SORTIE_COST_M,
        keep_order=tuple(lots.keep_order(drawn.key, drawn.units)),
    )
    made = make_plan(problem, lots_for(drawn), work=work, progress=progress)
    visits = visit_records(drawn.key, made)
    sealed = tuple({key: value for key, value in visit.items() if key != "minutes"} for visit in visits)
    unplaced = tuple(records.unplaced_record(one) for one in made.unplaced)
    departures = tuple(records.departure_record(one) for one in made.departures)
    record = {
        "visits": list(visits),
        "unplaced": list(unplaced),
        "departures": list(departures),
        "objective_m": made.objective_m,
        "bound_m": made.bound_m,
        "commit_sha256": drawn.commit_sha256,
        "start": {"lat": start[0], "lng": start[1]},
        "points": {
            unit.id: list(points[unit.id])
            for unit in drawn.frame.units.values()
            if unit.lat is None and unit.id in drawn.units
        },
        "factor": FACTOR / 1000,
        "speed_kmh": SPEED_KMH,
        "sortie_cost_m": SORTIE_COST_M,
        "provisional": provisional,
    }
    return Planned(record=record, made=made, visits=sealed, unplaced=unplaced, departures=departures)


def visit_records(key: bytes, made: PlanMade) -> list[dict[str, Any]]:
    """Write the visits of a plan with their ids, sorted by id."""
    rows = sorted(
        (made.days[sortie.key], stop.start, stop.unit, sortie.key)
        for sortie in made.sorties
        for stop in sortie.stops
    )
    seen: dict[str, int] = {}
    number: dict[tuple[str, str], int] = {}
    for _day, _start, unit, sortie_key in rows:
        number[unit, sortie_key] = seen.get(unit, 0)
        seen[unit] = seen.get(unit, 0) + 1
    visits = [
        {
            "id": lots.visit_id(key, stop.unit, number[stop.unit, sortie.key]),
            "unit": stop.unit,
            "draw": stop.draw,
            "domains": sorted(stop.domains),
            "source": "drawn",
            "sortie": sortie.key,
            "date": made.days[sortie.key],
            "slot": sortie.slot,
            "start": clock(stop.start),
            "team": sorted(made.teams[sortie.key]),
            "lead": made.leads[sortie.key],
            "minutes": stop.minutes,
        }
        for sortie in made.sorties
        for stop in sortie.stops
    ]
    return sorted(visits, key=lambda visit: str(visit["id"]))
