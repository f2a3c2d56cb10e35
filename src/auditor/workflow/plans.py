"""The step of the plan: from drawn units to visits, and the check of any plan file."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from auditor.draw import lots, records
from auditor.draw.frames import field_record
from auditor.draw.verify import verify
from auditor.entities import Breach, Lots, Sortie, Staff, Stop, Unit
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.legs import stand_in_points
from auditor.plan.problem import Errand, PlanProblem, Travel, errands_of
from auditor.plugins import Plugins
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_frozen_part
from auditor.store.records import read_draw, read_plans, read_settings
from auditor.store.rosters import read_in_force
from auditor.store.staff import read_absences, read_inspectors
from auditor.store.units import read_aliases, read_units
from auditor.workflow.defaults import start_point
from auditor.workflow.drawn import Drawn, draw_number
from auditor.workflow.duty import rosters
from auditor.workflow.fairness import USUAL, Wishes, fair_fields, fairness_record
from auditor.workflow.frames import days_record, make_staff
from auditor.workflow.means import Means, frozen_means, frozen_travel, travel_facts
from auditor.workflow.months import Month, calendar_of, month_of, period_of
from auditor.workflow.secrecy import KEY, limits_in, meets_in, plan_at

if TYPE_CHECKING:
    from auditor.plan.make import PlanMade

FACTOR = 1300
"""Thousandths: roads are this much longer than great circles."""
SPEED_KMH = 40
"""How fast teams drive where no table says it."""
SORTIE_COST_M = 10_000
"""What every sortie costs on top of its road, as metres."""


class CheckFailed(AuditorError):
    """A result did not pass its own check: a bug, and nothing is kept."""

    exit_code = 4
    sentence = N_("the {what} did not pass its check ({first}); nothing was written; please report this")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan: its record (plan.json), what it solves, and the sealed records of the transcript."""

    record: dict[str, Any]
    problem: PlanProblem
    made: PlanMade
    visits: tuple[dict[str, Any], ...]
    unplaced: tuple[dict[str, Any], ...]
    departures: tuple[dict[str, Any], ...]


def passed(what: str, breaches: Sequence[Breach]) -> None:
    """Go on if a result broke no rule; raises CheckFailed with the first breach."""
    if breaches:
        first = breaches[0]
        raise CheckFailed(what=what, first=f"{first.rule} {first.where}: {first.what}")


def day_of(text: str) -> date:
    """Read a day of the contract."""
    return date.fromisoformat(text)


NOWHERE = (0.0, 0.0)
"""Where the inspectors start if nobody says and no unit has coordinates: all distances are assumed then."""


def start_of(db: Database) -> tuple[float, float]:
    """Give where the inspectors start: as the bureau says, else the middle of all its units."""
    settings = read_settings(db)
    if "start_lat" in settings:
        return float(settings["start_lat"]), float(settings["start_lng"])
    return start_point(read_units(db)) or NOWHERE


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where tours start and where every Unit of the frames is: (lat, lng) degrees.

    `stand_ins` are the Units without coordinates of their own. `starts` are other places where tours may
    start and end, by name behind an @, so that none is called like a Unit.
    """

    start: tuple[float, float]
    points: Mapping[str, tuple[float, float]]
    stand_ins: frozenset[str]
    starts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Write them for the frozen parts of a number: degrees as text, for no float is hashed."""
        return {
            "start": [repr(one) for one in self.start],
            "points": {unit: [repr(one) for one in point] for unit, point in sorted(self.points.items())},
            "stand_ins": sorted(self.stand_ins),
            **({"starts": self._other_starts()} if self.starts else {}),
        }

    def _other_starts(self) -> list[dict[str, Any]]:
        return [
            {"start": name, "point": [repr(one) for one in point]}
            for name, point in sorted(self.starts.items())
        ]


def places_of(
    units: Mapping[str, Unit],
    start: tuple[float, float],
    starts: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> Places:
    """Give the places of Units as the register knows them; `starts` are those of a programme, if any."""
    return Places(
        starts={f"@{name}": (float(lat), float(lng)) for name, (lat, lng) in starts.items()},
        start=start,
        points=points_of(units, start),
        stand_ins=frozenset(unit.id for unit in units.values() if unit.lat is None),
    )


def frozen_places(record: Mapping[str, Any]) -> Places:
    """Read the places that were frozen with a number."""

    def degrees(pair: Sequence[str]) -> tuple[float, float]:
        return float(pair[0]), float(pair[1])

    return Places(
        start=degrees(record["start"]),
        points={unit: degrees(point) for unit, point in record["points"].items()},
        stand_ins=frozenset(record["stand_ins"]),
        starts={one["start"]: degrees(one["point"]) for one in record.get("starts", [])},
    )


def errands(
    demand: Mapping[str, Mapping[str, Sequence[str]]], plugins: Plugins, places: Places, means: Means
) -> list[Errand]:
    """Give the visits that the drawn Units of every draw need, by draw and unit."""
    return [
        errand
        for draw in sorted(demand)
        for unit in sorted(demand[draw])
        for errand in errands_of(
            unit,
            draw,
            [plugins.domain(key) for key in demand[draw][unit]],
            places.points[unit],
            means.hours.get(unit, {}),
        )
    ]


def lots_for(drawn: Drawn) -> Callable[[Sequence[Sortie]], dict[str, Lots]]:
    """Give the function that draws the lots of sorties, for the plan's room."""
    strata, windows, closed = drawn.strata, drawn.windows, drawn.closed

    def give(sorties: Sequence[Sortie]) -> dict[str, Lots]:
        return {
            sortie.key: lots.sortie_lots(
                drawn.key,
                sortie,
                staff=drawn.staff,
                team=drawn.spec["team"],
                windows=windows,
                beacon_day=drawn.beacon["published_at"][:10],
                days=drawn.field["days"],
                strata=strata,
                closed=closed,
            )
            for sortie in sorties
        }

    return give


def plan(
    drawn: Drawn,
    places: Places,
    plugins: Plugins,
    means: Means,
    *,
    travel: Travel | None = None,
    secrecy: str | None = None,
    provisional: bool,
    work: float,
    progress: Callable[[str], None],
    wishes: Wishes = USUAL,
    carried: Mapping[str, int] = MappingProxyType({}),
) -> Planned:
    """Plan the visits of a number: screen, keep by lot, bundle, then days and teams by lot.

    Without a level of `secrecy` (a demonstration) the shortest orders are driven, and nothing is said of it.
    `wishes` give way before a visit is left out; `carried` are half-days from before by neutral id.
    """
    from auditor.plan.make import make_plan

    start = places.start
    wanted = errands(drawn.demand, plugins, places, means)
    problem = PlanProblem(
        start=start,
        errands=tuple(wanted),
        staff=drawn.staff,
        days=tuple(drawn.field["days"]),
        windows=drawn.windows,
        beacon_day=drawn.beacon["published_at"][:10],
        closed=drawn.closed,
        strata=drawn.strata,
        team=drawn.spec["team"],
        cars=max(means.cars.values()),
        factor=FACTOR,
        speed_kmh=SPEED_KMH,
        sortie_cost_m=SORTIE_COST_M,
        keep_order=tuple(lots.keep_order(drawn.key, drawn.chosen)),
        cars_in=means.cars,
        departments=means.departments,
        shut=means.shut,
        areas=means.areas,
        travel=travel,
        starts=places.starts,
        carried=carried,
        **wishes.rules(len(wanted)),
    )
    secret: dict[str, Any] = {}
    if secrecy is None:
        made = make_plan(problem, lots_for(drawn), work=work, progress=progress, gives_way=True)
    else:
        made, secret[KEY] = plan_at(
            problem, secrecy, means.townships, drawn, lots_for(drawn), work=work, progress=progress
        )
    visits = visit_records(drawn.key, made)
    unplaced = tuple(records.unplaced_record(one) for one in made.unplaced)
    departures = tuple(records.departure_record(one) for one in made.departures)
    chosen = set(drawn.chosen)
    record = {
        "visits": list(visits),
        "unplaced": list(unplaced),
        "departures": list(departures),
        "objective_m": made.objective_m,
        "bound_m": made.bound_m,
        "commit_sha256": drawn.commit_sha256,
        "start": {"lat": start[0], "lng": start[1]},
        "points": {
            unit: list(places.points[unit])
            for unit in sorted(places.points)
            if unit in places.stand_ins & chosen
        },
        "factor": FACTOR / 1000,
        "speed_kmh": SPEED_KMH,
        "sortie_cost_m": SORTIE_COST_M,
        "provisional": provisional,
        **secret,
        "fairness": fairness_record(replace(problem, even=made.even), made.given_up),
        **({} if made.share is None else {"share": made.share}),
        **({"cut": True} if made.cut else {}),
        **({"starts": starts} if (starts := {s.key: s.start for s in made.sorties if s.start}) else {}),
    }
    return Planned(
        record=record,
        problem=problem,
        made=made,
        visits=tuple(bare(visits)),
        unplaced=unplaced,
        departures=departures,
    )


def bare(visits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the visits as the transcript has them: a plan's record tells minutes beside."""
    return [{key: value for key, value in visit.items() if key != "minutes"} for visit in visits]


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
    roster = read_in_force(db).get(month.key)
    public = rosters.pattern_in_force(inspectors, month, roster)
    free = free_half_days(public, read_absences(db), rosters.duties_of(roster))
    return make_staff(inspectors, free, ids, units)


def check(db: Database, plan: object, key: str, plugins: Plugins) -> list[Breach]:
    """Check a plan against register, staff, leave, calendar, road figures, and the transcript's lots.

    Nothing of the solver is loaded. A plan that agrees with itself but not with what was sealed and
    stored is refused too.

    Parameters
    ----------
    key
        Under which the plan is stored: a month, or programme and number of a closed draw.
    """
    stored = read_plans(db).get(key)
    if stored is None:
        return [Breach(rule="stored", where=key, what="no plan of this month is stored")]
    number, kept = stored
    closed = read_draw(db, number)
    if closed is None or not staff_key(db, number):
        return [Breach(rule="stored", where=key, what="its draw is not stored")]
    return check_against(db, plan, kept, closed, plugins)


def check_against(
    db: Database, plan: object, kept: Mapping[str, Any], closed: Mapping[str, Any], plugins: Plugins
) -> list[Breach]:
    """Check a plan against the record that was kept of it and the transcript of its number."""
    if not isinstance(plan, Mapping):
        return [Breach(rule="form", where="plan", what="not an object")]
    number = closed["commit"]["number"]
    if "repairs" in plan:
        what = _(
            "this is the plan as it was carried out; check the one that `auditor plan export --sealed` writes"
        )
        return [Breach(rule="form", where="plan", what=what)]
    breaches = []
    for name, sealed in (("visits", "plan"), ("unplaced", "unplaced"), ("departures", "departures")):
        mine = plan.get(name)
        if isinstance(mine, list):
            mine = [bare([one])[0] if isinstance(one, dict) else one for one in mine]
        if mine != closed[sealed]:
            breaches.append(Breach(rule="sealed", where=name, what=_("differ from what was sealed")))
    for name in sorted(set(kept) | set(map(str, plan))):
        if name not in ("visits", "unplaced", "departures") and not rosters.same(
            plan.get(name), kept.get(name)
        ):
            breaches.append(
                Breach(rule="stored", where=name, what=_("differs from the plan that was stored"))
            )
    failed, _told = verify(json.dumps(closed).encode(), closed["commit_sha256"], closed["plan_root"])
    breaches += [Breach(rule="transcript", where=f"draw {number}", what=one) for one in failed]

    spec = closed["commit"]["spec"]
    first, last = map(day_of, spec["period"])
    period = period_of(first, last, calendar_of(db))
    half_days = half_days_of(db, number)
    parts = read_frozen(db, number)
    means = frozen_means(parts.get("means"))
    if "places" in parts:
        places = frozen_places(parts["places"])
    else:  # an open demonstration froze its field from what the register says
        units, former, lost = units_of_frames(db, closed["frames"])
        if lost:
            return [*breaches, Breach(rule="register", where=lost[0], what="is not in the register")]
        places = places_of(units, start_of(db))
        month = month_of(period.months[0], period.of)
        staff = staff_of(db, month, staff_key(db, number), units, {new: old for old, new in former.items()})
        if field_record(staff, days_record(month.working)) != closed["field"]:
            breaches.append(
                Breach(
                    rule="field", where=month.key, what="staff, leave, roster or calendar are not as frozen"
                )
            )
        half_days = {one.id: one.share for one in staff}
    drawn = drawn_of(closed, half_days, staff_key(db, number))
    chosen = set(drawn.chosen)
    facts = PlanFacts(
        points=places.points,
        start=places.start,
        demand=drawn.demand,
        domains={name: plugins.domain(name) for name in spec["domains"]},
        staff=drawn.staff,
        days=closed["field"]["days"],
        beacon_day=closed["beacon"]["published_at"][:10],
        windows=drawn.windows,
        closed=drawn.closed,
        strata=drawn.strata,
        team=spec["team"],
        cars=max(means.cars.values()),
        factor=FACTOR,
        speed_kmh=SPEED_KMH,
        sortie_cost_m=SORTIE_COST_M,
        bound_m=kept["bound_m"],
        commit_sha256=closed["commit_sha256"],
        provisional=period.provisional,
        stand_ins=sorted(places.stand_ins & chosen),
        visit_id=lambda unit, k: lots.visit_id(drawn.key, unit, k),
        cars_in=means.cars,
        departments=means.departments,
        hours=means.hours,
        shut=means.shut,
        areas=means.areas,
        travel=travel_facts(frozen_travel(parts.get("travel"))),
        townships=means.townships,
        meets=meets_in(kept),
        **limits_in(kept),
        starts=places.starts,
        **fair_fields(kept.get("fairness")),
    )
    given = lots_for(drawn)(_sorties(plan, set(drawn.strata), set(drawn.windows)))
    return [*breaches, *check_plan(plan, facts, given)]


def drawn_of(
    closed: Mapping[str, Any], half_days: Mapping[str, int], ids: Mapping[str, str] | None = None
) -> Drawn:
    """Draw a closed transcript again: K from its shares, and the units of its draws.

    Parameters
    ----------
    half_days
        How many half-days a plan may use of each person, by neutral id; lots need none.
    ids
        The neutral id of each Inspector, where they are known.
    """
    return draw_number(
        commit=closed["commit"],
        commit_sha256=closed["commit_sha256"],
        frames=closed["frames"],
        field=closed["field"],
        half_days={one["id"]: half_days.get(one["id"], 0) for one in closed["field"]["staff"]},
        staff_key=ids or {},
        shares=[bytes.fromhex(one) for one in closed["shares"]],
        beacon=closed["beacon"],
    )


def units_of_frames(
    db: Database, frames: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Unit], dict[str, str], list[str]]:
    """Give the Units of all frames as the register knows them now, by the id that the draw knows.

    Returns
    -------
    The Units; the id of now by that of the draw, for those that took another one since; and the ids
    that the register has no longer.
    """
    register = {unit.id: unit for unit in read_units(db)}
    wanted = sorted({one["id"] for frame in frames.values() for one in frame["units"]})
    former = {old: new for old, new in read_aliases(db).items() if new in register and old in set(wanted)}
    register |= {old: replace(register[new], id=old) for old, new in former.items()}
    lost = [unit for unit in wanted if unit not in register]
    return {unit: register[unit] for unit in wanted if unit in register}, former, lost


def staff_key(db: Database, number: int) -> dict[str, str]:
    """Give the neutral id of each Inspector of a number; empty where none is kept."""
    settings = read_settings(db)
    if f"staff_key/{number}" in settings:
        return dict(json.loads(settings[f"staff_key/{number}"]))
    kept = read_frozen_part(db, number, "staff") or {}
    return {own: one["id"] for own, one in kept.items()}


def half_days_of(db: Database, number: int) -> dict[str, int]:
    """Give how many half-days a plan of a number may use of each person, by neutral id."""
    kept = read_frozen_part(db, number, "staff") or {}
    return {one["id"]: one["half_days"] for one in kept.values()}


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
    return sorties_in([visit for _name, several in sorted(grouped.items()) for visit in several])


def sorties_in(visits: Sequence[Mapping[str, Any]]) -> list[Sortie]:
    """Give the sorties of visits, for their lots: no metres, no minutes."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for visit in visits:
        grouped.setdefault(visit["sortie"], []).append(visit)
    return [
        Sortie(
            key=name,
            slot=several[0]["slot"],
            metres=0,
            stops=tuple(
                Stop(unit=one["unit"], draw=one["draw"], domains=tuple(one["domains"]), minutes=0, start=0)
                for one in several
            ),
        )
        for name, several in sorted(grouped.items())
    ]
