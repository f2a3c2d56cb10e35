"""Check a plan against register, staff, calendar and lots, without the solver.

Everything is said again here in plain Python; nothing is shared with the modules that make plans,
so that a mistake there is not repeated here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date
from itertools import combinations
from math import asin, cos, floor, radians, sin, sqrt
from typing import Any

from auditor.entities import SLOTS, Breach, Domain, Lots, Staff, Window
from auditor.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What a plan must agree with; all of it comes from elsewhere than the plan.

    `points` holds every drawn Unit's latitude and longitude, stand-ins too; `demand` for each draw
    the domains to be inspected at each drawn Unit. The facts with None are checked only where they
    are known: `bound_m` as it was proven when the plan was made, `stand_ins` the drawn Units without
    a point of their own, `visit_id` the id of a Unit's visit by its number from 0. `cars_in` says
    where a kind of half-day has other cars than `cars`; `departments` everyone's home department where
    a team must be of two; `hours` the half-days at which a Unit with hours of its own is at work, with
    first and last minute; `shut` the half-days at which a Unit is not visited though its day is open; `areas`
    the Units of everyone's own contact area.
    """

    points: Mapping[str, tuple[float, float]]
    start: tuple[float, float]
    demand: Mapping[str, Mapping[str, Collection[str]]]
    domains: Mapping[str, Domain]
    staff: Sequence[Staff]
    days: Sequence[str]
    beacon_day: str
    windows: Mapping[str, tuple[str, str]]
    closed: Mapping[str, Collection[str]]
    strata: Mapping[str, str]
    team: int = 2
    cars: int = 2
    factor: int = 1300
    speed_kmh: int = 40
    sortie_cost_m: int = 10_000
    bound_m: int | None = None
    commit_sha256: str | None = None
    provisional: bool | None = None
    stand_ins: Collection[str] | None = None
    visit_id: Callable[[str, int], str] | None = None
    cars_in: Mapping[str, int] = made_by(default_factory=dict)
    departments: Mapping[str, str] = made_by(default_factory=dict)
    hours: Mapping[str, Mapping[str, tuple[int, int]]] = made_by(default_factory=dict)
    shut: Mapping[str, Collection[str]] = made_by(default_factory=dict)
    areas: Mapping[str, Collection[str]] = made_by(default_factory=dict)


PLAN = frozenset(
    [
        "visits",
        "unplaced",
        "departures",
        "objective_m",
        "bound_m",
        "commit_sha256",
        "start",
        "points",
        "factor",
        "speed_kmh",
        "sortie_cost_m",
        "provisional",
    ]
)
VISIT = frozenset(
    ["id", "unit", "draw", "domains", "source", "sortie", "date", "slot", "start", "team", "lead", "minutes"]
)
UNPLACED = frozenset(["unit", "draw", "domains", "reason", "evidence"])
DEPARTURE = frozenset(["sortie", "of", "lot", "given", "rank", "rule"])
REASONS = ("unreachable", "closed", "no-skill", "no-team", "capacity")
RULES = ("people", "cars", "half-days", "apart", "mix", "hours", "again")
EARTH_M = 6_371_008.8

Record = Mapping[str, Any]
Outing = tuple[str, str, tuple[str, ...], frozenset[str]]
Out = Mapping[str, Outing]
"""Day, slot, team and units of each sortie."""


def check_plan(plan: object, facts: PlanFacts, lots: Mapping[str, Lots]) -> list[Breach]:
    """List every rule that a plan breaks; none for a good one.

    Parameters
    ----------
    plan
        What was read from a plan.json, whatever it is: a record of another shape is a breach, and
        nothing more is checked then.
    lots
        The lots of each sortie of this plan, by its key, drawn for the units it holds.
    """
    found = list(_shape(plan))
    if found or not isinstance(plan, Mapping):
        return found
    sorties: dict[str, list[Record]] = defaultdict(list)
    for visit in plan["visits"]:
        sorties[visit["sortie"]].append(visit)
    for visits in sorties.values():
        visits.sort(key=lambda visit: (visit["start"], visit["unit"]))
    found += _references(plan, facts)
    if found:
        return found
    found += _coverage(plan, facts)
    found += _ids(plan, facts)
    driven = 0
    for key in sorted(sorties):
        found += _sortie(key, sorties[key], facts)
        metres, late = _drive(key, sorties[key], facts)
        driven += metres
        found += late
    out = {
        key: (
            one[0]["date"],
            one[0]["slot"],
            tuple(one[0]["team"]),
            frozenset(visit["unit"] for visit in one),
        )
        for key, one in sorties.items()
    }
    found += _together(out, facts)
    found += _numbers(plan, facts, driven + facts.sortie_cost_m * len(sorties))
    for record in plan["unplaced"]:
        found += _reason(record, facts)
    found += _departures(plan, facts, lots, sorties, out)
    return found


def check_visits(visits: Sequence[Mapping[str, Any]], fixed: Out, facts: PlanFacts) -> list[Breach]:
    """List the rules that visits break on their days with their teams, whatever their lots are.

    Parameters
    ----------
    visits
        Records of whole sorties.
    fixed
        What other sorties are given; they are not looked at, but they take people and cars.
    """
    sorties: dict[str, list[Record]] = defaultdict(list)
    for visit in visits:
        sorties[visit["sortie"]].append(visit)
    found = [one for key in sorted(sorties) for one in _sortie(key, sorties[key], facts)]
    out = {
        key: (
            several[0]["date"],
            several[0]["slot"],
            tuple(several[0]["team"]),
            frozenset(one["unit"] for one in several),
        )
        for key, several in sorties.items()
    }
    return [*found, *_together({**fixed, **out}, facts)]


def _broken(rule: str, where: str, what: str, **values: object) -> Breach:
    return Breach(rule=rule, where=where, what=what.format(**values))


# What a record looks like


def _shape(plan: object) -> Iterator[Breach]:
    if not isinstance(plan, Mapping):
        yield _broken("record", "plan", _("this is no plan: a JSON object is expected"))
        return
    if set(plan) != PLAN:
        names = ", ".join(sorted(map(str, set(plan) ^ PLAN)))
        yield _broken("record", "plan", _("missing or unknown keys: {names}"), names=names)
        return
    for field, keys, check in (
        ("visits", VISIT, _visit_shape),
        ("unplaced", UNPLACED, _unplaced_shape),
        ("departures", DEPARTURE, _departure_shape),
    ):
        if not isinstance(plan[field], list):
            yield _broken("record", field, _("a list is expected"))
            continue
        for number, record in enumerate(plan[field]):
            where = f"{field}[{number}]"
            if not isinstance(record, Mapping) or set(record) != keys:
                names = ", ".join(sorted(keys))
                yield _broken("record", where, _("exactly these keys are expected: {names}"), names=names)
                continue
            wrong = sorted(key for key, good in check(record).items() if not good)
            if wrong:
                yield _broken("record", where, _("unusable values: {names}"), names=", ".join(wrong))
    start, points = plan["start"], plan["points"]
    good = {
        "objective_m": _whole(plan["objective_m"]),
        "bound_m": _whole(plan["bound_m"]),
        "commit_sha256": _text(plan["commit_sha256"]),
        "start": isinstance(start, Mapping)
        and set(start) == {"lat", "lng"}
        and all(map(_number, start.values())),
        "points": isinstance(points, Mapping)
        and all(_text(unit) and _point(point) for unit, point in points.items()),
        "factor": _number(plan["factor"]),
        "speed_kmh": _number(plan["speed_kmh"]),
        "sortie_cost_m": _whole(plan["sortie_cost_m"]),
        "provisional": isinstance(plan["provisional"], bool),
    }
    wrong = sorted(key for key, fine in good.items() if not fine)
    if wrong:
        yield _broken("record", "plan", _("unusable values: {names}"), names=", ".join(wrong))


def _visit_shape(visit: Record) -> dict[str, bool]:
    good = {key: _text(visit[key]) for key in ("id", "unit", "draw", "sortie", "lead", "source")}
    return good | {
        "domains": _names(visit["domains"]),
        "date": _day(visit["date"]),
        "slot": isinstance(visit["slot"], str) and visit["slot"] in SLOTS,
        "start": _clock(visit["start"]),
        "team": _names(visit["team"]),
        "minutes": _whole(visit["minutes"]),
    }


def _unplaced_shape(record: Record) -> dict[str, bool]:
    good = {key: _text(record[key]) for key in ("unit", "draw", "reason", "evidence")}
    return good | {"domains": _names(record["domains"])}


def _departure_shape(record: Record) -> dict[str, bool]:
    right = {"day": _day, "team": _names}.get(record["of"] if isinstance(record["of"], str) else "")
    return {
        "sortie": _text(record["sortie"]),
        "of": right is not None,
        "lot": right is not None and right(record["lot"]),
        "given": right is not None and right(record["given"]),
        "rank": _whole(record["rank"]),
        "rule": _text(record["rule"]),
    }


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _point(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_number, value))


def _names(value: object) -> bool:
    """Whether this is a list of texts, not empty, sorted, none twice."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(map(_text, value))
        and list(value) == sorted(set(value))
    )


def _day(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _clock(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return False
    hour, minute = value[:2], value[3:]
    digits = hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()
    return digits and int(hour) < 24 and int(minute) < 60


# What it speaks of


def _references(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    """Names that nobody knows; with one of them nothing else can be checked."""
    people = {one.id for one in facts.staff}
    for visit in plan["visits"]:
        if visit["source"] != "drawn":
            yield _broken("record", visit["id"], _("only drawn visits stand in this plan"))
        strangers = sorted(set(visit["team"]) - people)
        if strangers:
            yield _broken("team", visit["id"], _("nobody has the id {names}"), names=", ".join(strangers))
    for record in (*plan["visits"], *plan["unplaced"]):
        where = str(record.get("id", record["unit"]))
        if record["unit"] not in facts.demand.get(record["draw"], {}) or record["unit"] not in facts.points:
            yield _broken(
                "demand",
                where,
                _("{unit} was not drawn in {draw}"),
                unit=record["unit"],
                draw=record["draw"],
            )
        unknown = sorted(set(record["domains"]) - set(facts.domains))
        if unknown:
            yield _broken("demand", where, _("no domain is called {names}"), names=", ".join(unknown))


def _coverage(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    planned: Counter[tuple[str, str, str]] = Counter(
        (record["draw"], record["unit"], domain)
        for record in (*plan["visits"], *plan["unplaced"])
        for domain in record["domains"]
    )
    wanted = {
        (draw, unit, domain)
        for draw, units in facts.demand.items()
        for unit, domains in units.items()
        for domain in domains
    }
    for draw, unit, domain in sorted(wanted | set(planned)):
        times, due = planned[draw, unit, domain], int((draw, unit, domain) in wanted)
        if times != due:
            yield _broken(
                "demand",
                f"{draw}/{unit}",
                _("{domain} is planned or explained {times} times, not {due}"),
                domain=domain,
                times=times,
                due=due,
            )


def _ids(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    for name, times in sorted(Counter(visit["id"] for visit in plan["visits"]).items()):
        if times > 1:
            yield _broken("record", name, _("{times} visits have this id"), times=times)
    if facts.visit_id is None:
        return
    seen: Counter[str] = Counter()
    for visit in sorted(
        plan["visits"], key=lambda one: (one["date"], one["start"], one["unit"], one["sortie"])
    ):
        due = facts.visit_id(visit["unit"], seen[visit["unit"]])
        seen[visit["unit"]] += 1
        if visit["id"] != due:
            yield _broken("record", visit["id"], _("the id of this visit is {due}"), due=due)


# One sortie


def _sortie(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    first = visits[0]
    for field in ("date", "slot", "team", "lead"):
        if any(visit[field] != first[field] for visit in visits):
            yield _broken("sortie", key, _("its visits have not one and the same {field}"), field=field)
    units = [visit["unit"] for visit in visits]
    if len(set(units)) < len(units):
        yield _broken("sortie", key, _("it visits one unit twice"))
    if first["lead"] not in units:
        yield _broken("sortie", key, _("its lead {lead} is none of its units"), lead=first["lead"])
    yield from _sortie_day(key, visits, facts)
    yield from _sortie_team(key, visits, facts)
    for visit in visits:
        minutes = sum(facts.domains[domain].minutes for domain in visit["domains"])
        if visit["minutes"] != minutes:
            yield _broken(
                "minutes", visit["id"], _("{found} minutes, not {due}"), found=visit["minutes"], due=minutes
            )


def _sortie_day(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    day = visits[0]["date"]
    if day not in facts.days:
        yield _broken("day", key, _("{day} is no day of the field"), day=day)
    if day <= facts.beacon_day:
        yield _broken("day", key, _("{day} is not later than the beacon"), day=day)
    for visit in visits:
        first, last = facts.windows[visit["draw"]]
        if not first <= day <= last:
            yield _broken("day", visit["id"], _("{day} lies outside the window of its draw"), day=day)
        if day in facts.closed.get(visit["unit"], ()):
            yield _broken("closed", visit["id"], _("{unit} is closed on {day}"), unit=visit["unit"], day=day)
        half_day = f"{day}/{visit['slot']}"
        if half_day in facts.shut.get(visit["unit"], ()):
            yield _broken(
                "hours", visit["id"], _("{unit} is shut on {when}"), unit=visit["unit"], when=half_day
            )


def _sortie_team(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    team = [one for one in facts.staff if one.id in visits[0]["team"]]
    half_day = f"{visits[0]['date']}/{visits[0]['slot']}"
    if len(team) != facts.team:
        yield _broken("team", key, _("{found} people, not {due}"), found=len(team), due=facts.team)
    if _of_one_department(visits[0]["team"], facts):
        yield _broken("mix", key, _("its team is of one department"))
    held = {domain for one in team for domain in one.domains}
    missing = sorted({domain for visit in visits for domain in visit["domains"]} - held)
    if missing:
        yield _broken("skills", key, _("nobody of the team holds {names}"), names=", ".join(missing))
    for one in team:
        if half_day not in one.free:
            yield _broken("free", key, _("{person} is not free on {when}"), person=one.id, when=half_day)
        for visit in visits:
            if _conflict(one, visit["unit"], facts):
                yield _broken(
                    "conflicts",
                    key,
                    _("{person} has a conflict with {unit}"),
                    person=one.id,
                    unit=visit["unit"],
                )


def _of_one_department(team: Collection[str], facts: PlanFacts) -> bool:
    """Whether a rule asks for two departments and the known ones of a team are fewer."""
    known = [facts.departments[one] for one in team if facts.departments.get(one)]
    return bool(facts.departments) and all(one == known[0] for one in known)


def _conflict(one: Staff, unit: str, facts: PlanFacts) -> bool:
    return unit in one.conflict_units or facts.strata.get(unit) in one.conflict_strata


def _drive(key: str, visits: Sequence[Record], facts: PlanFacts) -> tuple[int, list[Breach]]:
    """Drive the sortie again: its metres, and what is late, early or too long."""
    slot = visits[0]["slot"]
    opens, closes = SLOTS[slot]
    found = []
    driven, now, here = 0, opens, facts.start
    for visit in visits:
        there = facts.points[visit["unit"]]
        leg = _metres(here, there, facts)
        span = _span(visit["unit"], visit["domains"], slot, facts)
        start = int(visit["start"][:2]) * 60 + int(visit["start"][3:])
        driven, now, here = driven + leg, now + _minutes(leg, facts), there
        minutes = sum(facts.domains[domain].minutes for domain in visit["domains"])
        if span is None:
            found.append(_broken("windows", visit["id"], _("its domains have no window in this half-day")))
        elif not span[0] <= start <= span[1]:
            window = f"{_written(span[0])}-{_written(span[1])}"
            found.append(
                _broken("windows", visit["id"], _("its arrival lies outside {window}"), window=window)
            )
        else:
            due = max(now, span[0])
            if start != due:
                found.append(
                    _broken(
                        "travel",
                        visit["id"],
                        _("the team arrives at {due}, no other minute"),
                        due=_written(due),
                    )
                )
        now = max(now, start) + minutes
    leg = _metres(here, facts.start, facts)
    if now + _minutes(leg, facts) > closes:
        found.append(_broken("travel", key, _("it is not back within the half-day")))
    return driven + leg, found


def _written(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _metres(a: tuple[float, float], b: tuple[float, float], facts: PlanFacts) -> int:
    north_a, north_b = radians(a[0]), radians(b[0])
    east = radians(b[1] - a[1])
    chord = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin(east / 2) ** 2
    return floor(facts.factor / 1000 * (2 * EARTH_M * asin(min(1.0, sqrt(chord)))) + 0.5)


def _minutes(leg: int, facts: PlanFacts) -> int:
    return (leg * 60 + facts.speed_kmh * 1000 - 1) // (facts.speed_kmh * 1000) + 3 if leg > 0 else 0


def _span(unit: str, domains: Sequence[str], slot: str, facts: PlanFacts) -> tuple[int, int] | None:
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


# All sorties together


def _together(out: Out, facts: PlanFacts) -> Iterator[Breach]:
    teams: Counter[tuple[str, str]] = Counter()
    seats: Counter[tuple[str, str, str]] = Counter()
    used: Counter[str] = Counter()
    visited: Counter[tuple[str, str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for day, slot, team, units in out.values():
        visited.update((day, slot, unit) for unit in units)
        seen.update((person, unit) for person in team for unit in units)
        teams[day, slot] += 1
        for person in team:
            seats[day, slot, person] += 1
            used[person] += 1
    for (day, slot), count in sorted(teams.items()):
        cars = facts.cars_in.get(slot, facts.cars)
        if count > cars:
            yield _broken("cars", f"{day}/{slot}", _("{found} sorties, {due} cars"), found=count, due=cars)
    for (day, slot, person), count in sorted(seats.items()):
        if count > 1:
            yield _broken("people", f"{day}/{slot}", _("{person} is in two sorties"), person=person)
    for (day, slot, unit), count in sorted(visited.items()):
        if count > 1:
            yield _broken("apart", f"{day}/{slot}", _("{unit} is visited by two sorties"), unit=unit)
    for (person, unit), count in sorted(seen.items()):
        if count > 1 and unit in facts.areas.get(person, ()):
            yield _broken("again", person, _("{unit} of the own contact area is seen twice"), unit=unit)
    for one in facts.staff:
        if used[one.id] > one.share:
            yield _broken(
                "half-days", one.id, _("{found} half-days of {due}"), found=used[one.id], due=one.share
            )


def _numbers(plan: Record, facts: PlanFacts, objective: int) -> Iterator[Breach]:
    for field, due in (
        ("factor", facts.factor / 1000),
        ("speed_kmh", facts.speed_kmh),
        ("sortie_cost_m", facts.sortie_cost_m),
        ("commit_sha256", facts.commit_sha256),
        ("provisional", facts.provisional),
    ):
        if due is not None and plan[field] != due:
            yield _broken("record", field, _("{found}, not {due}"), found=plan[field], due=due)
    if (plan["start"]["lat"], plan["start"]["lng"]) != tuple(facts.start):
        yield _broken("points", "start", _("tours do not start here"))
    for unit, point in sorted(plan["points"].items()):
        if tuple(point) != facts.points.get(unit):
            yield _broken("points", unit, _("the unit does not stand here"))
    if facts.stand_ins is not None and set(plan["points"]) != set(facts.stand_ins):
        names = ", ".join(sorted(set(plan["points"]) ^ set(facts.stand_ins)))
        yield _broken("points", "plan", _("points are missing or needless: {names}"), names=names)
    if plan["objective_m"] != objective:
        yield _broken(
            "objective", "plan", _("{found} m, not {due} m"), found=plan["objective_m"], due=objective
        )
    if plan["bound_m"] > objective:
        yield _broken("bound", "plan", _("{found} m, above {due} m"), found=plan["bound_m"], due=objective)
    if facts.bound_m is not None and plan["bound_m"] != facts.bound_m:
        yield _broken("bound", "plan", _("{found} m, not {due} m"), found=plan["bound_m"], due=facts.bound_m)


# What is not placed


def _reason(record: Record, facts: PlanFacts) -> Iterator[Breach]:
    where = f"{record['draw']}/{record['unit']}"
    if record["reason"] not in REASONS:
        yield _broken("unplaced", where, _("{reason} is no reason"), reason=record["reason"])
        return
    true = _true_reason(record, facts)
    if record["reason"] != true:
        yield _broken(
            "unplaced", where, _("{reason} is not true: it is {true}"), reason=record["reason"], true=true
        )


def _true_reason(record: Record, facts: PlanFacts) -> str:
    unit, domains = record["unit"], record["domains"]
    minutes = sum(facts.domains[key].minutes for key in domains)
    leg = _minutes(_metres(facts.start, facts.points[unit], facts), facts)
    slots, able_slots = [], []
    for slot, (opens, closes) in SLOTS.items():
        span = _span(unit, domains, slot, facts)
        if span is None:
            continue
        able_slots.append(slot)
        arrival = max(span[0], opens + leg)
        if arrival <= span[1] and arrival + minutes + leg <= closes:
            slots.append(slot)
    if not slots:
        return "unreachable"
    first, last = facts.windows[record["draw"]]
    closed = facts.closed.get(unit, ())
    shut = facts.shut.get(unit, ())
    days = [
        day
        for day in facts.days
        if first <= day <= last
        and day > facts.beacon_day
        and day not in closed
        and any(f"{day}/{slot}" not in shut for slot in able_slots)
    ]
    if not days:
        return "closed"
    if not _some_team(facts.staff, domains, facts.team):
        return "no-skill"
    able = [one for one in facts.staff if not _conflict(one, unit, facts)]
    for day in days:
        for slot in slots:
            if f"{day}/{slot}" in shut:
                continue
            there = [one for one in able if f"{day}/{slot}" in one.free]
            if _some_team(there, domains, facts.team) and _some_mix(there, domains, facts):
                return "capacity"
    return "no-team"


def _some_mix(staff: Sequence[Staff], domains: Sequence[str], facts: PlanFacts) -> bool:
    """Whether some team with all domains is of two departments, or need not be."""
    if not facts.departments:
        return True
    wanted = frozenset(domains)
    kinds = {(facts.departments.get(one.id, ""), frozenset(one.domains) & wanted) for one in staff}
    for (one, held), (other, more) in combinations(sorted(kinds, key=str), 2):
        if not one or not other or one == other:
            continue
        left = wanted - held - more
        skills = {frozenset(person.domains) & left for person in staff}
        if not left or any(
            left <= frozenset().union(*some)
            for number in range(1, facts.team - 1)
            for some in combinations(sorted(skills, key=sorted), number)
        ):
            return True
    return False


def _some_team(staff: Sequence[Staff], domains: Sequence[str], size: int) -> bool:
    if len(staff) < size:
        return False
    skills = {frozenset(one.domains) & frozenset(domains) for one in staff}
    return any(
        frozenset(domains) <= frozenset().union(*some)
        for number in range(1, size + 1)
        for some in combinations(sorted(skills, key=sorted), number)
    )


# Lots and departures


def _departures(
    plan: Record,
    facts: PlanFacts,
    lots: Mapping[str, Lots],
    sorties: Mapping[str, Sequence[Record]],
    out: Out,
) -> Iterator[Breach]:
    due: dict[tuple[str, str], tuple[object, object, int, str]] = {}
    for key in sorted(sorties):
        lot = lots.get(key)
        day, slot, team, units = out[key]
        if lot is None or not lot.days:
            yield _broken("lots", key, _("no day and team are possible for these units together"))
            continue
        if sorties[key][0]["lead"] != lot.lead:
            yield _broken("lots", key, _("its lead is {lead}"), lead=lot.lead)
        if day not in lot.days:
            yield _broken("lots", key, _("{day} is not among its lots"), day=day)
            continue
        if team not in lot.teams[day]:
            names = ", ".join(team)
            yield _broken("lots", key, _("{team} is no valid team of {day}"), team=names, day=day)
            continue
        others = [one for name, one in out.items() if name != key]
        if day != lot.days[0]:
            stands = [
                _forbids(facts, others, (lot.days[0], slot, one, units)) for one in lot.teams[lot.days[0]]
            ]
            if not all(stands):
                yield _broken("departure", key, _("no rule forbids its lot {lot}"), lot=lot.days[0])
            due[key, "day"] = (lot.days[0], day, lot.days.index(day), stands[0])
        best = lot.teams[day][0]
        if team != best:
            rule = _forbids(facts, others, (day, slot, best, units))
            if not rule:
                yield _broken("departure", key, _("no rule forbids its lot {lot}"), lot=", ".join(best))
            due[key, "team"] = (best, team, lot.teams[day].index(team), rule)
    stated: set[tuple[str, str]] = set()
    for record in plan["departures"]:
        here = (record["sortie"], record["of"])
        where = "/".join(here)
        if here in stated:
            yield _broken("departure", where, _("it stands here twice"))
        stated.add(here)
        if here not in due:
            yield _broken("departure", where, _("nothing departs here from its lot"))
            continue
        for field, right in zip(("lot", "given", "rank", "rule"), due[here], strict=True):
            value = tuple(record[field]) if isinstance(record[field], list) else record[field]
            if value != right:
                yield _broken(
                    "departure",
                    where,
                    _("{field} is {due}, not {found}"),
                    field=field,
                    due=right,
                    found=record[field],
                )
    for here in sorted(set(due) - stated):
        yield _broken("departure", "/".join(here), _("this departure from the lot is not stated"))


def _forbids(
    facts: PlanFacts,
    others: Collection[Outing],
    wish: Outing,
) -> str:
    """Name the first rule that forbids a sortie this day, slot and team, or give ""."""
    same = [team for day, slot, team, _units in others if (day, slot) == wish[:2]]
    if any(person in team for team in same for person in wish[2]):
        return RULES[0]
    if len(same) >= facts.cars_in.get(wish[1], facts.cars):
        return RULES[1]
    shares = {one.id: one.share for one in facts.staff}
    used = Counter(person for _day, _slot, team, _units in others for person in team)
    if any(used[person] >= shares[person] for person in wish[2]):
        return RULES[2]
    if any(units & wish[3] for day, slot, _team, units in others if (day, slot) == wish[:2]):
        return RULES[3]
    if _of_one_department(wish[2], facts):
        return RULES[4]
    if any(f"{wish[0]}/{wish[1]}" in facts.shut.get(unit, ()) for unit in wish[3]):
        return RULES[5]
    if any(
        unit in units and unit in facts.areas.get(person, ())
        for _day, _slot, team, units in others
        for person in team
        if person in wish[2]
        for unit in wish[3]
    ):
        return RULES[6]
    return ""
