"""The step of the plan: from drawn units to visits, and the check of any plan file."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from auditor.draw import lots, records, seed
from auditor.draw.frames import field_record
from auditor.draw.verify import verify
from auditor.entities import Breach, Lots, Sortie, Staff, Stop, Unit
from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.legs import stand_in_points
from auditor.plan.problem import Errand, PlanProblem, errands_of
from auditor.plugins import Plugins
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.records import read_draw, read_plans, read_rosters, read_settings
from auditor.store.staff import read_absences, read_inspectors
from auditor.store.units import read_aliases, read_units
from auditor.workflow import rosters
from auditor.workflow.draws import DRAW, TEAM, Drawn, make_staff
from auditor.workflow.months import Month

if TYPE_CHECKING:
    from auditor.plan.make import PlanMade

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
    from auditor.plan.make import make_plan

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


def staff_of(
    db: Database,
    month: Month,
    ids: Mapping[str, str],
    units: Mapping[str, Unit],
    former: Mapping[str, str] | None = None,
) -> tuple[Staff, ...]:
    """Show the bureau's Inspectors as the field does: stand-by less leave, duty and rest.

    `former` gives the id that a Unit had when the field was frozen, by the one that it has now.
    """
    past = former or {}
    inspectors = [
        replace(one, conflicts=tuple(past.get(name, name) for name in one.conflicts))
        for one in read_inspectors(db)
        if one.id in ids
    ]
    roster = read_rosters(db).get(month.key)
    free = free_half_days(rosters.pattern(inspectors, month), read_absences(db), rosters.duties_of(roster))
    return make_staff(inspectors, free, ids, units)


def check(db: Database, plan: object, month: Month, plugins: Plugins) -> list[Breach]:
    """Check a plan against register, staff, leave, calendar, road figures, and the transcript's lots.

    Nothing of the solver is loaded. A plan that agrees with itself but not with what was sealed and
    stored is refused too.
    """
    stored = read_plans(db).get(month.key)
    if stored is None:
        return [Breach(rule="stored", where=month.key, what="no plan of this month is stored")]
    number, kept = stored
    closed = read_draw(db, number)
    settings = read_settings(db)
    if closed is None or f"staff_key/{number}" not in settings:
        return [Breach(rule="stored", where=month.key, what="its draw is not stored")]
    if not isinstance(plan, Mapping):
        return [Breach(rule="form", where="plan", what="not an object")]
    breaches = []
    for name, sealed in (("visits", "plan"), ("unplaced", "unplaced"), ("departures", "departures")):
        mine = plan.get(name)
        if isinstance(mine, list):
            mine = [
                {key: value for key, value in one.items() if key != "minutes"}
                if isinstance(one, dict)
                else one
                for one in mine
            ]
        if mine != closed[sealed]:
            breaches.append(Breach(rule="sealed", where=name, what="differ from what was sealed"))
    for name in sorted(set(kept) | set(map(str, plan))):
        if name not in ("visits", "unplaced", "departures") and not rosters.same(
            plan.get(name), kept.get(name)
        ):
            breaches.append(Breach(rule="stored", where=name, what="differs from the plan that was stored"))
    failed, _told = verify(json.dumps(closed).encode(), closed["commit_sha256"], closed["plan_root"])
    breaches += [Breach(rule="transcript", where=f"draw {number}", what=one) for one in failed]

    register = {unit.id: unit for unit in read_units(db)}
    # a Unit may have taken another id since: the draw knows it by the one that it had
    former = {old: new for old, new in read_aliases(db).items() if new in register}
    register |= {old: replace(register[new], id=old) for old, new in former.items()}
    frame = {one["id"]: one for one in closed["frames"][DRAW]["units"]}
    lost = sorted(set(frame) - set(register))
    if lost:
        return [*breaches, Breach(rule="register", where=lost[0], what="is not in the register")]
    in_frame = {unit: register[unit] for unit in frame}
    ids = dict(json.loads(settings[f"staff_key/{number}"]))
    staff = staff_of(db, month, ids, in_frame, {new: old for old, new in former.items() if old in frame})
    if field_record(staff, [f"{day:%Y-%m-%d}" for day in month.working]) != closed["field"]:
        breaches.append(
            Breach(rule="field", where=month.key, what="staff, leave, roster or calendar are not as frozen")
        )
    start = (float(settings["start_lat"]), float(settings["start_lng"]))
    strata = {unit: one["stratum"] for unit, one in frame.items()}
    shut = {unit: frozenset(one.get("closed", ())) for unit, one in frame.items()}
    windows = {one["key"]: (one["from"], one["to"]) for one in closed["commit"]["draws"]}
    beacon_day = closed["beacon"]["published_at"][:10]
    key = seed.seed_key(
        [bytes.fromhex(one) for one in closed["shares"]], closed["commit_sha256"], closed["beacon"]["value"]
    )
    keys = closed["commit"]["spec"]["domains"]
    facts = PlanFacts(
        points=points_of(in_frame, start),
        start=start,
        demand={DRAW: {unit: frame[unit].get("domains", keys) for unit in closed["drawn"][DRAW]}},
        domains={name: plugins.domain(name) for name in keys},
        staff=staff,
        days=closed["field"]["days"],
        beacon_day=beacon_day,
        windows=windows,
        closed=shut,
        strata=strata,
        team=TEAM,
        cars=CARS,
        factor=FACTOR,
        speed_kmh=SPEED_KMH,
        sortie_cost_m=SORTIE_COST_M,
        bound_m=kept["bound_m"],
        commit_sha256=closed["commit_sha256"],
        provisional=month.provisional,
        stand_ins=[
            unit.id for unit in in_frame.values() if unit.lat is None and unit.id in closed["drawn"][DRAW]
        ],
        visit_id=lambda unit, k: lots.visit_id(key, unit, k),
    )
    given = {
        sortie.key: lots.sortie_lots(
            key,
            sortie,
            staff=staff,
            team=TEAM,
            windows=windows,
            beacon_day=beacon_day,
            days=closed["field"]["days"],
            strata=strata,
            closed=shut,
        )
        for sortie in _sorties(plan, set(frame), set(windows))
    }
    return [*breaches, *check_plan(plan, facts, given)]


def _sorties(plan: Mapping[str, Any], units: Collection[str], draws: Collection[str]) -> list[Sortie]:
    """Give the sorties of a plan that may be malformed, for their lots: what cannot be read is left out."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    visits = plan.get("visits")
    for visit in visits if isinstance(visits, list) else ():
        if (
            isinstance(visit, Mapping)
            and isinstance(visit.get("sortie"), str)
            and isinstance(visit.get("slot"), str)
            and isinstance(visit.get("unit"), str)
            and visit["unit"] in units
            and isinstance(visit.get("draw"), str)
            and visit["draw"] in draws
            and isinstance(visit.get("domains"), list)
            and all(isinstance(one, str) for one in visit["domains"])
        ):
            grouped.setdefault(visit["sortie"], []).append(visit)
    return [
        Sortie(
            key=name,
            slot=visits[0]["slot"],
            metres=0,
            stops=tuple(
                Stop(unit=one["unit"], draw=one["draw"], domains=tuple(one["domains"]), minutes=0, start=0)
                for one in visits
            ),
        )
        for name, visits in sorted(grouped.items())
    ]
