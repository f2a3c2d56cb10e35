"""Freeze: who can be drawn and who could go, fixed with their hashes before anything is committed."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import Any

from auditor.draw import frames as frame_room
from auditor.draw.canon import canon, digest
from auditor.draw.probabilities import MILLION, probabilities
from auditor.draw.programmes import Programme
from auditor.draw.rules import check_sizes
from auditor.draw.weekly import Week, weekly_pi, weeks
from auditor.entities import Inspection, Inspector, Staff, Unit
from auditor.errors import AuditorError, Infeasible
from auditor.i18n import N_, _, listed
from auditor.plan.problem import errands_of
from auditor.plan.rules.mix import mixed_team_holds
from auditor.plugins import Plugins
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.findings import read_findings
from auditor.store.numbers import (
    put_frozen,
    put_number,
    read_frozen,
    read_numbers,
    read_standings,
)
from auditor.store.past import read_blackouts
from auditor.store.records import read_rosters, read_settings
from auditor.store.staff import read_absences, read_inspectors
from auditor.store.units import read_units
from auditor.store.visits import read_visits
from auditor.store.writing import Transaction, write_tx
from auditor.workflow import defaults, plans, rosters
from auditor.workflow.closures import blacked_out, keep_gap, with_closed
from auditor.workflow.domains import domain_titles
from auditor.workflow.frames import MAIN, Frame, days_record, left_out_text, make_frame, make_staff, record_of
from auditor.workflow.history import past_inspections
from auditor.workflow.keys import NEUTRAL, RECOVERY, ensure_key
from auditor.workflow.means import Means, means_of
from auditor.workflow.months import Period, month_of, period_of
from auditor.workflow.needs import NOWHERE, capacity_of
from auditor.workflow.programmes import programme_of
from auditor.workflow.starts import check_starts, far_starts
from auditor.workflow.travel import measured

FEW = 5
"""Strata of fewer units are counted together in public."""


class NotYet(AuditorError):
    """The number before has no commitment yet."""

    sentence = N_(
        "number {number} is frozen and not committed; commit it, or `auditor draw abandon {number} "
        "--reason …`"
    )


class NobodyNew(AuditorError):
    """Every unit was already in a frame of this programme."""

    sentence = N_(
        "every unit of {programme} was already in number {numbers}; a new number draws from new units only "
        "(abandon the earlier one to draw again)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A number as it is frozen: what goes into its parts and what everybody may know."""

    number: int
    draws: tuple[dict[str, Any], ...]
    frames: Mapping[str, dict[str, Any]]
    field: dict[str, Any]
    staff: Mapping[str, dict[str, Any]]
    places: dict[str, Any]
    means: dict[str, Any]
    travel: dict[str, Any] | None
    points: Mapping[str, int]
    facts: dict[str, Any]


def freeze(
    db: Database, key: str, plugins: Plugins, now: datetime, *, level: str, drill: bool
) -> dict[str, Any]:
    """Freeze frames and field of the next number of a programme; give what is public.

    The first number draws from the whole register; while one is open, a later one from the units
    that were in no frame of the programme before.

    Raises
    ------
    NotYet, NobodyNew, BadProgramme, Infeasible, TooMany, TooLarge, BadName
    """
    with write_tx(db, "draw freeze", now) as tx:
        made = _frozen(db, tx, key, plugins, now)
        put_frozen(
            tx,
            made.number,
            {f"frame/{name}": frame for name, frame in made.frames.items()}
            | {"field": made.field, "staff": made.staff, "points": made.points}
            | {"places": made.places, "means": made.means}
            | ({"travel": made.travel} if made.travel is not None else {}),
        )
        put_number(
            tx,
            {
                "number": made.number,
                "programme": key,
                "state": "frozen",
                "level": level,
                "drill": drill,
                "draws": list(made.draws),
                "facts": made.facts,
                "staff_sha256": digest(canon(dict(made.staff))),
                "places_sha256": digest(canon(made.places)),
                "means_sha256": digest(canon(made.means)),
                **({"travel_sha256": digest(canon(made.travel))} if made.travel is not None else {}),
                "recovery": read_settings(db).get(RECOVERY, ""),
                "frozen_at": now.isoformat(timespec="seconds"),
            },
        )
    return made.facts


def _frozen(db: Database, tx: Transaction, key: str, plugins: Plugins, now: datetime) -> Frozen:
    ensure_key(db, tx)
    programme, data = programme_of(db, key)
    check_starts(db, programme, key)
    numbers = read_numbers(db)
    if numbers and numbers[-1]["state"] == "frozen":
        raise NotYet(number=numbers[-1]["number"])
    number = len(numbers) + 1
    period = period_of(programme.first, programme.last)
    if now.date() >= programme.last:
        raise Infeasible(
            reason=_("{programme} ended on {day}; make one for a period to come").format(
                programme=key, day=programme.last
            )
        )
    inspectors = read_inspectors(db)
    if len(inspectors) < programme.team:
        raise Infeasible(
            reason=_("a team is {team} inspectors, and there are {count}; add inspectors").format(
                team=programme.team, count=len(inspectors)
            )
        )
    days = tuple(day for day in days_record(period.working) if day > f"{now:%Y-%m-%d}")
    if not days:
        raise Infeasible(reason=_("the period has no working day after today"))
    past = past_inspections(db)
    frame, certain, notes = _frame(db, programme, period, plugins)
    before = [one for one in numbers if one["programme"] == key and not one.get("abandoned")]
    earlier = {unit["id"] for one in before for unit in _main_frame(db, one["number"])}
    if earlier:
        frame = only(frame, set(frame.units) - earlier)
        certain = certain & frame.units.keys()
        if not frame.units:
            raise NobodyNew(programme=key, numbers=", ".join(str(one["number"]) for one in before))
    if not frame.units:
        counts = left_out_text(frame.left_out)
        raise Infeasible(
            reason=_("no unit can be drawn in {period} ({counts})").format(
                period=f"{period.first} – {period.last}", counts=counts or "0"
            )
        )
    notes += far_starts(db, programme)
    frame, told = _closed_days(db, frame, programme, past, days)
    notes += told
    free = free_of(db, inspectors, period, programme, numbers)
    months = len(period.months)
    half_days = {one.id: one.half_days * months for one in inspectors}
    ids = neutral_ids(inspectors, number, bytes.fromhex(read_settings(db)[NEUTRAL]))
    strata = {unit.id: stratum_of(unit, programme.strata) for unit in frame.units.values()}
    staff = make_staff(
        [replace(one, half_days=half_days[one.id]) for one in inspectors],
        free,
        ids,
        frame.units,
        strata_of=strata,
        past=past,
    )
    means = means_of(programme, frame.units, inspectors, ids, period)
    n = _count(programme, frame, certain, free, half_days, plugins, period, before, means, days)
    pi = probabilities(frame.shares, n, programme.floor, certain)
    frames = {MAIN: record_of(frame, pi, strata, programme.domains)}
    draws = [draw_record(MAIN, "pivotal", n, period.first, period.last, frames[MAIN])]
    service = Service(frame, staff, strata, plugins, means, team=programme.team, each=programme.domains_each)
    for week, own, chances in _weekly(programme, frame, service, period, n, now, first=not earlier):
        frames[week.key] = record_of(own, chances, strata, programme.domains)
        draws.append(draw_record(week.key, "poisson", 0, week.first, week.last, frames[week.key]))
    check_sizes(frames)
    places = plans.places_of(frame.units, plans.start_of(db), programme.starts)
    ways = measured(db, places)
    if ways is not None and ways.back + ways.circle:
        notes.append(
            _(
                "travel: the table says {said} ways; {back} are as the way back, {circle} by great circles"
            ).format(said=ways.said, back=ways.back, circle=ways.circle)
        )
    served = {unit.id: service.served(unit, days) for unit in frame.units.values()}
    most = programme.domains_each or len(programme.domains)
    unserved = {
        unit: frozenset(own) - set(served[unit])
        for unit, own in frame.domains.items()
        if len(served[unit]) < min(len(own), most)
    }
    if unserved:
        notes.insert(0, _unserved_text(unserved, frame, staff, plugins, number, programme.team))
    field = frame_room.field_record(staff, days_record(period.working))
    field_sha256 = digest(canon(field))
    facts = {
        "number": number,
        "programme": key,
        "programme_sha256": digest(data),
        "period": [f"{period.first:%Y-%m-%d}", f"{period.last:%Y-%m-%d}"],
        "units": len(frame.units),
        "n": n,
        "floor": programme.floor,
        "certain": sum(one == MILLION for one in pi.values()),
        "strata": strata_sums(pi, strata),
        "draws": draws,
        "field_sha256": field_sha256,
        "days": len(field["days"]),
        "staff": len(field["staff"]),
        "left_out": frame.left_out,
        "unserved": len(unserved),
        "cars": dict(means.cars),
        "seats": dict(means.seats),
        "provisional": period.provisional,
        "notes": notes,
    }
    return Frozen(
        number=number,
        draws=tuple(draws),
        frames=frames,
        field=field,
        places=places.record(),
        means=means.record(),
        travel=ways.record() if ways is not None else None,
        points=frame.shares,
        staff={one.id: {"id": ids[one.id], "half_days": half_days[one.id]} for one in inspectors},
        facts=facts,
    )


def _unserved_text(
    unserved: Mapping[str, Collection[str]],
    frame: Frame,
    staff: Sequence[Staff],
    plugins: Plugins,
    number: int,
    team: int,
) -> str:
    """Say that no day and team could serve some units, whose domains are given, and what would cure it."""
    held = {domain for one in staff if one.free for domain in one.domains}
    alone = sorted({domain for own in unserved.values() for domain in own} - held)
    if not held:
        cure = _("nobody who inspects is free on any day; add inspectors, or shorten leave and duty")
    elif alone:
        names = domain_titles(plugins)
        cure = _("nobody who is free inspects {domains}; give somebody the domain, or leave it out").format(
            domains=listed(names[key] for key in alone)
        )
    else:
        cure = _(
            "look at leave, domains and conflicts of the inspectors (a team is {team}), at black-outs and "
            "opening times"
        ).format(team=team)
    return _(
        "no day and team could serve {count} of {units} units in all their domains: drawn, they are "
        "unplaced. {cure}. Then take the number back (auditor draw abandon {number} --reason …) and freeze "
        "again"
    ).format(count=len(unserved), units=len(frame.units), cure=cure, number=number)


def _closed_days(
    db: Database, frame: Frame, programme: Programme, past: Sequence[Inspection], days: Sequence[str]
) -> tuple[Frame, list[str]]:
    """Give a frame with its black-outs and revisit gaps, and what is to be said of them."""
    out = blacked_out(frame.units, read_blackouts(db), days)
    gap = keep_gap(with_closed(frame, out), past, days, programme.revisit_gap_days)
    notes = []
    if out:
        notes.append(
            _("black-outs: {days} days of units in all, units touched: {count}").format(
                count=len(out), days=sum(map(len, out.values()))
            )
        )
    if gap.spared:
        notes.append(
            _(
                "revisit gap of {gap} days: units that are not inspected in the domains of their last visit: "
                "{count}"
            ).format(count=gap.spared, gap=programme.revisit_gap_days)
        )
    if gap.closed:
        notes.append(
            _(
                "revisit gap of {gap} days: units that lie in it on every day: {count}; they stay in the "
                "frame with their chance, and drawn they are unplaced (closed)"
            ).format(count=gap.closed, gap=programme.revisit_gap_days)
        )
    return gap.frame, notes


def draw_record(
    key: str, method: str, n: int, first: date, last: date, frame: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "key": key,
        "method": method,
        "n": n,
        "from": f"{first:%Y-%m-%d}",
        "to": f"{last:%Y-%m-%d}",
        "frame_sha256": digest(canon(dict(frame))),
    }


def _main_frame(db: Database, number: int) -> list[dict[str, Any]]:
    return list(read_frozen(db, number)[f"frame/{MAIN}"]["units"])


def _frame(
    db: Database, programme: Programme, period: Period, plugins: Plugins
) -> tuple[Frame, set[str], list[str]]:
    """Give who can be drawn, who is certain by a rule, and what was taken as given."""
    units, notes = defaults.fill_units(read_units(db))
    frame = make_frame(units, read_findings(db), plugins, period, list(programme.domains))
    capped = at_cap(db, frame.units.values(), programme)
    if programme.cap is not None or programme.cap_enterprises is not None:
        frame = only(frame, set(frame.units) - capped, {"cap": len(capped)})
    grades, overdue = read_standings(db)
    certain: set[str] = set()
    if "grade" in programme.certain:
        certain |= {unit for unit, grade in grades.items() if grade in programme.grades}
    if "overdue-major" in programme.certain:
        certain |= overdue
    return frame, certain & frame.units.keys(), notes


def only(frame: Frame, units: Collection[str], more: Mapping[str, int] | None = None) -> Frame:
    """Give a frame of some of its units."""
    kept = set(units)
    return Frame(
        units={unit: one for unit, one in frame.units.items() if unit in kept},
        domains={unit: one for unit, one in frame.domains.items() if unit in kept},
        shares={unit: one for unit, one in frame.shares.items() if unit in kept},
        closed={unit: one for unit, one in frame.closed.items() if unit in kept},
        left_out={**frame.left_out, **(more or {})},
    )


def is_enterprise(unit: Unit) -> bool:
    """Whether the yearly limit on inspections of enterprises holds: training centres."""
    return unit.kind == "training"


def at_cap(db: Database, units: Collection[Unit], programme: Programme) -> set[str]:
    """Give the units that have had all the visits of the year that the programme allows.

    Visits that were ordered (交办) do not count: the limit is on ordinary inspections.
    """
    year = str(programme.first.year)
    seen: dict[str, int] = {}
    for visit in read_visits(db):
        if visit["started_at"].startswith(year) and not visit["directed"]:
            seen[visit["unit"]] = seen.get(visit["unit"], 0) + 1
    found = set()
    for unit in units:
        limits = [programme.cap, programme.cap_enterprises if is_enterprise(unit) else None]
        if any(limit is not None and seen.get(unit.id, 0) >= limit for limit in limits):
            found.add(unit.id)
    return found


def stratum_of(unit: Unit, strata: str) -> str:
    """Give a unit's stratum as the programme asks: township (else district, kind), district, kind, none."""
    if strata == "township":
        return unit.stratum
    own = {"district": unit.district, "kind": unit.kind}.get(strata, "")
    return own or "全部"


def strata_sums(pi: Mapping[str, int], strata: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Give units and sum of probabilities (millionths) of each stratum; those of fewer than five together."""
    sums: dict[str, dict[str, int]] = {}
    for unit, chance in pi.items():
        one = sums.setdefault(strata[unit], {"units": 0, "pi": 0})
        one["units"] += 1
        one["pi"] += chance
    large = {name: one for name, one in sorted(sums.items()) if one["units"] >= FEW}
    small = [one for one in sums.values() if one["units"] < FEW]
    if small:
        large["…"] = {"units": sum(one["units"] for one in small), "pi": sum(one["pi"] for one in small)}
    return large


def neutral_ids(inspectors: Sequence[Inspector], number: int, secret: bytes) -> dict[str, str]:
    """Give each Inspector an id that tells nothing, ``P01`` …: only the bureau can repeat their order."""
    order = sorted(
        inspectors, key=lambda one: (hmac.digest(secret, f"{number}/{one.id}".encode(), "sha256"), one.id)
    )
    return {one.id: f"P{at:02d}" for at, one in enumerate(order, start=1)}


def free_of(
    db: Database,
    inspectors: Sequence[Inspector],
    period: Period,
    programme: Programme,
    numbers: Sequence[Mapping[str, Any]],
) -> dict[str, tuple[str, ...]]:
    """Give the half-days that this number may use of everyone: what everyone may know before the draw.

    Stand-by less leave, published duty and rest, less what earlier numbers that are still open were
    given; of the first number in a period, less the half-days that `keep` leaves for later draws. So no
    two numbers ever ask for one person in one half-day, and none reads another's plan.
    """
    pattern: dict[str, list[str]] = {one.id: [] for one in inspectors}
    stored, duties = read_rosters(db), []
    inside = {f"{day:%Y-%m-%d}" for day in period.working}
    for name in period.months:
        month = month_of(name)
        for who, half_days in rosters.pattern(inspectors, month).items():
            pattern[who] += [one for one in half_days if one[:10] in inside]
        duties += rosters.duties_of(stored.get(name))
    free = free_half_days(pattern, read_absences(db), duties)
    given: dict[str, set[str]] = {}
    for one in numbers:
        if one["state"] in ("abandoned", "closed"):
            continue
        parts = read_frozen(db, one["number"])
        by_neutral = {kept["id"]: own for own, kept in parts["staff"].items()}
        for person in parts["field"]["staff"]:
            given.setdefault(by_neutral[person["id"]], set()).update(person["free"])
    touched = any(set(free.get(who, ())) & half_days for who, half_days in given.items())
    left = {
        who: tuple(one for one in half_days if one not in given.get(who, ()))
        for who, half_days in free.items()
    }
    kept = set() if touched else kept_for_later(left, programme.keep, programme.id)
    return {who: tuple(one for one in half_days if one not in kept) for who, half_days in left.items()}


def kept_for_later(free: Mapping[str, Sequence[str]], keep: int, seed: str) -> set[str]:
    """Choose half-days that stay for later draws: whole ones, at most `keep` of each person's.

    In an order that follows from hashes, so that they lie all over the period: were they its last
    ones, everybody would know that nobody comes then.
    """
    people: dict[str, list[str]] = {}
    for who, half_days in free.items():
        for one in half_days:
            people.setdefault(one, []).append(who)
    lost = dict.fromkeys(free, 0)
    kept = set()
    for one in sorted(people, key=lambda half_day: digest(canon([seed, half_day]))):
        if all(lost[who] < keep for who in people[one]):
            kept.add(one)
            for who in people[one]:
                lost[who] += 1
    return kept


def _count(
    programme: Programme,
    frame: Frame,
    certain: Collection[str],
    free: Mapping[str, Sequence[str]],
    half_days: Mapping[str, int],
    plugins: Plugins,
    period: Period,
    before: Sequence[Mapping[str, Any]],
    means: Means,
    days: Sequence[str],
) -> int:
    """Give how many units the main draw takes.

    A number of new units takes the part of them that the first number took of its frame, rounded up.
    """
    size = len(frame.units)
    if before:
        first = before[0]["facts"]
        return min(size, ceil(Fraction(first["n"] * size, first["units"])))
    if programme.units is not None:
        return programme.units
    if programme.share is not None:
        return min(size, max(1, ceil(programme.share * size)))

    def chances(n: int) -> Mapping[str, int]:
        return probabilities(frame.shares, n, programme.floor)

    found = capacity_of(
        frame, half_days, free, plugins, period, chances, means, days,
        team=programme.team, each=programme.domains_each,
    )  # fmt: skip
    usable, whole = found.usable, found.n
    n = int(whole * (1 - programme.weekly))
    if n < max(1, len(certain)):
        raise Infeasible(
            reason=_(
                "the period's half-days ({usable} that teams may use) carry {n} units; "
                "add inspectors, shorten leave, or say how many: units = …"
            ).format(usable=usable, n=n)
        )
    return n


def _weekly(
    programme: Programme,
    frame: Frame,
    service: Service,
    period: Period,
    n: int,
    now: datetime,
    *,
    first: bool,
) -> list[tuple[Week, Frame, dict[str, int]]]:
    """Give the weekly floor draws: the week, its frame, and the chance of each unit in it.

    A unit has those of its domains that some day and team of the week could serve; one without any is
    not in that week's frame.
    """
    if not programme.weekly or not first:
        return []
    found = []
    for week in weeks(period.first, period.last, period.working, now.date()):
        days = tuple(day for day in days_record(week.working) if day > f"{now:%Y-%m-%d}")
        domains = {unit.id: service.served(unit, days) for unit in frame.units.values()}
        kept = only(frame, [unit for unit, own in domains.items() if own])
        if kept.units:
            found.append((week, replace(kept, domains={unit: domains[unit] for unit in kept.units})))
    chance = weekly_pi(n, programme.weekly, [len(own.units) for _week, own in found])
    return [(week, own, dict.fromkeys(own.units, chance)) for week, own in found if chance]


class Service:
    """Which domains of a unit some day and team could serve by themselves, whoever else is visited."""

    def __init__(
        self,
        frame: Frame,
        staff: Sequence[Staff],
        strata: Mapping[str, str],
        plugins: Plugins,
        means: Means,
        *,
        team: int,
        each: int | None,
    ) -> None:
        self._frame, self._plugins, self._team, self._each = frame, plugins, team, each
        self._means = means
        self._free: dict[str, list[Staff]] = {}
        for one in staff:
            for half_day in one.free:
                self._free.setdefault(half_day, []).append(one)
        self._barred: dict[tuple[str, str], set[str]] = {}
        for one in staff:
            for kind, names in (("unit", one.conflict_units), ("stratum", one.conflict_strata)):
                for name in names:
                    self._barred.setdefault((kind, name), set()).add(one.id)
        self._strata = strata
        self._known: dict[object, bool] = {}
        self._needed: dict[object, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}

    def served(self, unit: Unit, days: tuple[str, ...]) -> tuple[str, ...]:
        """Give the domains that could be inspected on some of these days, sorted."""
        found: list[str] = []
        for domains, slots in self._visits(unit):
            if self._possible(unit, domains, slots, days):
                found += domains
        return tuple(sorted(found))

    def _visits(self, unit: Unit) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Give domains and half-days of the visits that a unit needs: by its domains and hours alone."""
        own = self._frame.domains[unit.id]
        hours = self._means.hours.get(unit.id, {})
        key = own, tuple(sorted(hours.items()))
        if key not in self._needed:
            groups = [own] if self._each is None else [(one,) for one in own]
            self._needed[key] = [
                (errand.domains, tuple(sorted(errand.arrivals)))
                for group in groups
                for errand in errands_of(
                    "", MAIN, [self._plugins.domain(one) for one in group], NOWHERE, hours
                )
            ]
        return self._needed[key]

    def _possible(
        self, unit: Unit, domains: tuple[str, ...], slots: tuple[str, ...], days: tuple[str, ...]
    ) -> bool:
        barred = frozenset(
            self._barred.get(("unit", unit.id), set())
            | self._barred.get(("stratum", self._strata[unit.id]), set())
        )
        closed = self._frame.closed.get(unit.id, ())
        shut = self._means.shut.get(unit.id, frozenset())
        key = (domains, slots, closed, shut, barred, days)
        if key not in self._known:
            self._known[key] = any(
                mixed_team_holds(
                    self._means.departments,
                    [one for one in self._free.get(f"{day}/{slot}", ()) if one.id not in barred],
                    domains,
                    self._team,
                )
                for day in days
                if day not in closed
                for slot in slots
                if f"{day}/{slot}" not in shut
            )
        return self._known[key]
