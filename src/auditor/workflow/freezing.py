"""Freeze: who can be drawn and who could go, fixed with their hashes before anything is committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from auditor.draw import frames as frame_room
from auditor.draw.canon import canon, digest
from auditor.draw.probabilities import MILLION, probabilities
from auditor.draw.rules import check_sizes
from auditor.errors import AuditorError, Infeasible
from auditor.i18n import N_, _, listed
from auditor.pages.words import SLOT_WORDS, word
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import (
    put_frozen,
    put_number,
    read_frozen_part,
    read_numbers,
)
from auditor.store.records import read_settings
from auditor.store.staff import read_inspectors
from auditor.store.writing import Transaction, write_tx
from auditor.workflow import plans
from auditor.workflow.drawn import hashed
from auditor.workflow.eligible import close_days, frame_for, only, strata_sums, stratum_of
from auditor.workflow.frames import MAIN, days_record, left_out_text, make_staff, record_of
from auditor.workflow.half_days import free_of, neutral_ids
from auditor.workflow.history import past_inspections
from auditor.workflow.keys import NEUTRAL, RECOVERY, ensure_key
from auditor.workflow.means import means_of
from auditor.workflow.months import calendar_of, period_of
from auditor.workflow.programmes import programme_of
from auditor.workflow.service import Service, unserved_text
from auditor.workflow.sizes import units_to_draw, weekly_frames
from auditor.workflow.starts import check_starts, far_starts
from auditor.workflow.travel import measured


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


def car_notes(cars: Mapping[str, int]) -> list[str]:
    """Say that there is no car, in any half-day or in some kinds of them: nobody can go out then."""
    without = [slot for slot, count in cars.items() if not count]
    if not without:
        return []
    if len(without) == len(cars):
        return [
            _(
                "no car in any half-day: no visit can be planned; write cars into the programme, under a new "
                "id, and freeze that one"
            )
        ]
    return [
        _("no car in these half-days, so no visit: {slots} (cars of the programme)").format(
            slots=listed(word(SLOT_WORDS, slot) for slot in without)
        )
    ]


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
                "staff_sha256": hashed(dict(made.staff)),
                "places_sha256": hashed(made.places),
                "means_sha256": hashed(made.means),
                **({"travel_sha256": hashed(made.travel)} if made.travel is not None else {}),
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
    period = period_of(programme.first, programme.last, calendar_of(db))
    if now.date() >= programme.last:
        raise Infeasible(
            reason=_("{programme} ended on {day}; make one for a period to come").format(
                programme=key, day=programme.last
            )
        )
    inspectors = read_inspectors(db)
    if len(inspectors) < programme.team:
        raise Infeasible(
            reason=_(
                "a team is {team} inspectors, and there are {count}; `auditor people import FILE`"
            ).format(team=programme.team, count=len(inspectors))
        )
    days = tuple(day for day in days_record(period.working) if day > f"{now:%Y-%m-%d}")
    if not days:
        raise Infeasible(reason=_("the period has no working day after today"))
    past = past_inspections(db)
    frame, certain, notes = frame_for(db, programme, period, plugins)
    before = [one for one in numbers if one["programme"] == key and not one.get("abandoned")]
    earlier = {unit["id"] for one in before for unit in _main_frame(db, one["number"])}
    if earlier:
        frame = only(frame, set(frame.units) - earlier)
        certain = certain & frame.units.keys()
        if not frame.units:
            raise NobodyNew(programme=key, numbers=listed(str(one["number"]) for one in before))
    if not frame.units:
        counts = left_out_text(frame.left_out)
        raise Infeasible(
            reason=_("no unit can be drawn in {period} ({counts})").format(
                period=f"{period.first} – {period.last}", counts=counts or "0"
            )
        )
    notes += far_starts(db, programme)
    frame, told = close_days(db, frame, programme, past, days)
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
    notes[:0] = car_notes(means.cars)
    n = units_to_draw(programme, frame, certain, free, half_days, plugins, period, before, means, days)
    pi = probabilities(frame.shares, n, programme.floor, certain)
    frames = {MAIN: record_of(frame, pi, strata, programme.domains)}
    draws = [draw_record(MAIN, "pivotal", n, period.first, period.last, frames[MAIN])]
    service = Service(frame, staff, strata, plugins, means, team=programme.team, each=programme.domains_each)
    for week, own, chances in weekly_frames(programme, frame, service, period, n, now, first=not earlier):
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
        notes.insert(0, unserved_text(unserved, frame, staff, plugins, number, programme.team))
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


def draw_record(
    key: str, method: str, n: int, first: date, last: date, frame: Mapping[str, Any]
) -> dict[str, Any]:
    """Give what a commitment says of one draw: its units, days and the hash of its frame."""
    return {
        "key": key,
        "method": method,
        "n": n,
        "from": f"{first:%Y-%m-%d}",
        "to": f"{last:%Y-%m-%d}",
        "frame_sha256": digest(canon(dict(frame))),
    }


def _main_frame(db: Database, number: int) -> list[dict[str, Any]]:
    return list(read_frozen_part(db, number, f"frame/{MAIN}")["units"])
