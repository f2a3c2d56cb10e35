"""While the plan is sealed: visits released on their day, outcomes, replacements from the reserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from auditor.draw.outcomes import IN_VAIN, OUTCOMES, stand_in
from auditor.draw.rules import AgainstTheContract
from auditor.errors import INFEASIBLE, USAGE, AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.store import Database
from auditor.store.numbers import (
    put_number,
    put_outcome,
    put_released,
    read_frozen,
    read_numbers,
    read_outcomes,
    read_released,
)
from auditor.store.units import read_units
from auditor.store.writing import Transaction, write_tx
from auditor.workflow import plans
from auditor.workflow.called import staff_names
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.drawn import closed_days, frames_of, strata_of
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.repairs import read_current
from auditor.workflow.texts import clean
from auditor.workflow.tours import Tour, tour

SEEN = ("done", *IN_VAIN)
"""Outcomes that somebody saw on the spot: not before the day."""


class NoVisit(AuditorError):
    """A number has no such visit."""

    exit_code = USAGE
    sentence = N_("number {number} has no visit {visit}")


class NoReserve(AuditorError):
    """Nobody is left to replace a unit."""

    sentence = N_(
        "the reserve of this stratum is used up, or its next unit stands in elsewhere: record another "
        "outcome "
        "(`auditor draw outcome`)"
    )


class StandInBusy(AuditorError):
    """The unit that would stand in is visited by another sortie in the same half-day."""

    exit_code = INFEASIBLE
    sentence = N_(
        "the next of the reserve order, {unit}, is visited in that half-day by another sortie "
        "({sortie}), and nobody is visited twice at one time: move its visit {visit} first "
        "(`auditor plan repair --move`), or record another outcome (`auditor draw outcome`)"
    )


class NeedsReason(AuditorError):
    """An outcome other than done says nothing of why."""

    exit_code = USAGE
    sentence = N_("{outcome} needs its --reason")


class NeedsDay(AuditorError):
    """A visit had another day, and nobody says which."""

    exit_code = USAGE
    sentence = N_("moved needs the day that the visit really had: --date")


class MovedAhead(AuditorError):
    """A visit had another day that is still to come."""

    exit_code = USAGE
    sentence = N_(
        "visit {visit}: moved tells the day that it really had, and {day} is still to come; "
        "another day is given by `auditor plan repair --move {visit} {day}`"
    )


class SeenAhead(AuditorError):
    """Somebody says before its day what was seen at a visit."""

    exit_code = USAGE
    sentence = N_("visit {visit}: {outcome} can be said from its day on")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Who is visited instead of a unit.

    `joined` is the visit of the same sortie that goes there anyway: one stop, both visits; "" where there
    is none. `conflicts` are the members of the team, by neutral id, who must not inspect it, `shut` whether
    it cannot be visited on that day. `tour` says when its team is there and back, None where nobody knows.
    """

    unit: str
    joined: str = ""
    conflicts: tuple[str, ...] = ()
    shut: bool = False
    tour: Tour | None = None


def release(
    db: Database, number: int | None, password: AskPassword, now: datetime, *, drill: bool = False
) -> list[tuple[int, dict[str, Any]]]:
    """Tell today's visits, of one number or of all that are open; from then on they are no secret.

    Returns
    -------
    Number and record of each visit of today, by start; empty where there are none. A unit that was
    replaced is told as `instead_of`, with the one that stands in as `unit`.
    """
    today = f"{now:%Y-%m-%d}"
    open_numbers = [
        one
        for one in read_numbers(db)
        if one["state"] == "planned" and not one.get("abandoned") and number in (None, one["number"])
    ]
    if number is not None and not open_numbers:
        expect(number_of(db, number), ("planned",), _("there is nothing to release"))
    if not open_numbers:
        return []
    identity = open_key(db, password)
    found = []
    for record in open_numbers:
        sealed, current = read_current(db, record, identity)
        starts = sealed.record.get("starts", {})
        found += [
            (record["number"], with_start(one, starts)) for one in current.visits if one["date"] == today
        ]
    if found:
        with write_tx(db, "plan release", now) as tx:
            for one in open_numbers:
                own = [visit for of, visit in found if of == one["number"]]
                if own:
                    put_released(tx, one["number"], own)
                    mark_drill(tx, number_of(db, one["number"]), drill)
    known = {one["number"]: read_outcomes(db, one["number"]) for one in open_numbers}
    told = []
    for of, visit in found:
        by = known[of].get(visit["id"], {}).get("by")
        told.append((of, visit | {"unit": by, "instead_of": visit["unit"]} if by else visit))
    return sorted(told, key=lambda pair: (pair[1]["start"], pair[0], pair[1]["sortie"]))


def nothing_to_release(db: Database) -> str:
    """Say why no visit is released today: none is planned for it, or no number has a sealed plan."""
    numbers = [one for one in read_numbers(db) if not one.get("abandoned")]
    if any(one["state"] == "planned" for one in numbers):
        return _("no visit is planned for today")
    waiting = [one["programme"] for one in numbers if one["state"] == "run"]
    if waiting:
        return _("no number has a sealed plan yet; next: auditor plan make --programme {id}").format(
            id=waiting[-1]
        )
    return _("no number has a sealed plan; how far they are: auditor draw ledger")


def with_start(visit: Mapping[str, Any], starts: Mapping[str, str]) -> dict[str, Any]:
    """Give a visit with where its sortie starts, in `from`, where that is not the usual place.

    `starts` says so of the sorties that were sealed; what a repair made says it itself.
    """
    start = starts.get(visit["sortie"])
    return {**visit, **({"from": start} if start else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of one visit: an outcome and why; the day and the team that it really had, if others.

    `team` holds names, staff ids or neutral ids; empty where it is the one of the plan.
    """

    visit: str
    outcome: str
    reason: str = ""
    date: str | None = None
    team: tuple[str, ...] = ()


def people_in(text: str) -> tuple[str, ...]:
    """Read names that somebody wrote with commas between them."""
    return tuple(one.strip() for one in text.replace("，", ",").split(",") if one.strip())


def record_outcome(
    db: Database,
    number: int,
    visits: Sequence[str],
    outcome: str,
    reason: str,
    password: AskPassword,
    now: datetime,
    *,
    date: str | None = None,
    team: Sequence[str] = (),
    drill: bool = False,
) -> int:
    """Record what became of visits; without any, of all that were released and have no outcome yet.

    Raises
    ------
    NoVisit, UsageProblem, OutOfOrder
    """
    expect(number_of(db, number), ("planned",), _("it takes no outcomes"))
    one = _worded(Became(visit="", outcome=outcome, reason=reason, date=date, team=tuple(team)))
    wanted = dict.fromkeys(visits) or open_told(db, number, now)
    return record_outcomes(
        db, number, [replace(one, visit=visit) for visit in wanted], password, now, drill=drill
    )


def open_told(db: Database, number: int, now: datetime) -> list[str]:
    """Name the visits that were released until today and of which nobody has said what became."""
    known, today = read_outcomes(db, number), f"{now:%Y-%m-%d}"
    return [
        one["id"] for _of, one in read_released(db, number) if one["id"] not in known and one["date"] <= today
    ]


def record_outcomes(
    db: Database,
    number: int,
    several: Sequence[Became],
    password: AskPassword,
    now: datetime,
    *,
    drill: bool = False,
) -> int:
    """Record what became of several visits, each its own: all of them or none; give how many.

    The planning key is asked for unless all of them were released and have no outcome yet: what was told
    is no secret.

    Raises
    ------
    NoVisit, UsageProblem, NeedsReason, NeedsDay, MovedAhead, SeenAhead, OutOfOrder, AgainstTheContract
        What is wrong with one visit has its id in `facts["visit"]`.
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("it takes no outcomes"))
    worded = [_worded(one) for one in several]
    known = read_outcomes(db, number)
    there = {one["id"]: one["date"] for _of, one in read_released(db, number)}
    if any(one.visit not in there or one.visit in known for one in worded):
        sealed, current = read_current(db, record, open_key(db, password))
        there |= {one["id"]: one["date"] for one in (*sealed.record["visits"], *current.visits)}
    known_as = _known_as(db, number) if any(one.team for one in worded) else {}
    made = {}
    for one in worded:
        if one.visit not in there:
            raise NoVisit(number=number, visit=one.visit)
        _refuse_early(one, one.date or there[one.visit], f"{now:%Y-%m-%d}")
        made[one.visit] = _outcome_record(record, one, known_as)
    with write_tx(db, "draw outcome", now) as tx:
        record = number_of(db, number)
        expect(record, ("planned",), _("it takes no outcomes"))
        known = read_outcomes(db, number)
        for visit, outcome in made.items():
            if known.get(visit, {}).get("outcome") == "replaced":
                raise AgainstTheContract(
                    what=_("visit {visit} was replaced by {unit}, and stays so").format(
                        visit=visit, unit=known[visit]["by"]
                    ),
                    visit=visit,
                )
            put_outcome(tx, number, visit, outcome)
        if made:
            mark_drill(tx, record, drill)
    return len(made)


def _worded(one: Became) -> Became:
    """Check what an outcome says by itself, its reason tidied."""
    if one.outcome not in OUTCOMES or one.outcome == "replaced":
        raise UsageProblem(
            problem=_(
                "{outcome} is no outcome; write {known} (a replacement is `auditor draw reserve`)"
            ).format(outcome=one.outcome, known=", ".join(key for key in OUTCOMES if key != "replaced")),
            visit=one.visit,
        )
    reason = clean("--reason", one.reason)
    if one.outcome != "done" and not reason:
        raise NeedsReason(outcome=one.outcome, visit=one.visit)
    if one.outcome == "moved" and one.date is None:
        raise NeedsDay(outcome=one.outcome, visit=one.visit)
    return replace(one, reason=reason)


def _refuse_early(one: Became, really: str, today: str) -> None:
    """Refuse what nobody can have seen yet, `really` being the day that the visit had."""
    if really <= today:
        return
    if one.outcome == "moved":
        raise MovedAhead(outcome=one.outcome, visit=one.visit, day=really)
    if one.outcome in SEEN:
        raise SeenAhead(outcome=one.outcome, visit=one.visit, day=really)


def _known_as(db: Database, number: int) -> dict[str, str]:
    """Give the neutral id of each inspector of a number by name, by own id and by itself."""
    neutral = plans.staff_key(db, number)
    called = {name: neutral[own] for own, name in staff_names(db).items() if own in neutral}
    return called | neutral | {who: who for who in neutral.values()}


def _outcome_record(record: Mapping[str, Any], one: Became, known_as: Mapping[str, str]) -> dict[str, Any]:
    """Give what is kept of an outcome, its team by neutral ids; raises UsageProblem."""
    made: dict[str, Any] = {"outcome": one.outcome, "reason": one.reason}
    if one.date is not None:
        first = record["beacon"]["published_at"][:10]
        if not first < one.date <= record["commit"]["spec"]["period"][1]:
            raise UsageProblem(
                problem=_("{day} is no day of this number").format(day=one.date), visit=one.visit
            )
        made["date"] = one.date
    if one.team:
        strange = [who for who in one.team if who not in known_as]
        if strange:
            raise UsageProblem(
                problem=_("{id} is no inspector of this number; write names or staff ids").format(
                    id=strange[0]
                ),
                visit=one.visit,
            )
        made["team"] = sorted({known_as[who] for who in one.team})
    return made


def mark_drill(tx: Transaction, record: dict[str, Any], drill: bool) -> None:
    """Keep that something of a number was made under another clock."""
    if drill and not record["drill"]:
        put_number(tx, record | {"drill": True})


def reserve(
    db: Database,
    number: int,
    visit_id: str,
    reason: str,
    password: AskPassword,
    now: datetime,
    *,
    drill: bool = False,
) -> StandIn:
    """Replace the unit of a visit by the next of the sealed reserve order.

    The contract fixes who is next, also where that unit was drawn in another draw. If the visit's sortie
    goes there anyway, both visits are made at one stop; if another sortie does so in the same half-day,
    nobody stands in.

    Raises
    ------
    NoVisit, NoReserve, StandInBusy, OutOfOrder, UsageProblem
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("nobody is replaced"))
    reason = clean("--reason", reason)
    if not reason:
        raise UsageProblem(problem=_("a replacement needs its --reason"))
    sealed, current = read_current(db, record, open_key(db, password))
    visit = next((one for one in sealed.record["visits"] if one["id"] == visit_id), None)
    if visit is None:
        if any(one["id"] == visit_id for one in current.visits):
            raise UsageProblem(
                problem=_(
                    "visit {visit} was ordered, not drawn: no reserve order stands behind it; "
                    "say what became of it (`auditor draw outcome`) and order another unit "
                    "(`auditor plan repair --add`)"
                ).format(visit=visit_id)
            )
        raise NoVisit(number=number, visit=visit_id)
    if all(one["id"] != visit_id for one in current.visits):
        raise UsageProblem(
            problem=_("visit {visit} is no longer in the plan: nobody can stand in for its unit").format(
                visit=visit_id
            )
        )
    with write_tx(db, "draw reserve", now) as tx:
        record = number_of(db, number)
        expect(record, ("planned",), _("nobody is replaced"))
        known = read_outcomes(db, number)
        if known.get(visit_id, {}).get("outcome") == "replaced":
            raise AgainstTheContract(
                what=_("visit {visit} is replaced already, by {unit}").format(
                    visit=visit_id, unit=known[visit_id]["by"]
                )
            )
        parts = read_frozen(db, number)
        strata = strata_of(frames_of(parts))
        unit = stand_in(visit, sealed.reserves, strata, sealed.record["visits"], known)
        if unit is None:
            raise NoReserve
        starts = sealed.record.get("starts", {})
        there = [with_start(one, starts) for one in current.visits]
        found = _standing_in(db, visit_id, unit, there, known, parts)
        put_outcome(tx, number, visit_id, {"outcome": "replaced", "reason": reason, "by": unit})
        mark_drill(tx, record, drill)
    return found


def stood_in(db: Database, number: int, visit_id: str, visits: Sequence[Mapping[str, Any]]) -> StandIn | None:
    """Say again what it means that a unit stands in at a visit; None where nobody does.

    Parameters
    ----------
    visits
        Those of the half-day that may be seen, as they are planned, each with where its sortie starts.
    """
    known = read_outcomes(db, number)
    unit = known.get(visit_id, {}).get("by")
    if unit is None or all(one["id"] != visit_id for one in visits):
        return None
    try:
        return _standing_in(db, visit_id, unit, visits, known, read_frozen(db, number))
    except StandInBusy:  # a repair sent another sortie there since
        return StandIn(unit=unit)


def _standing_in(
    db: Database,
    visit_id: str,
    unit: str,
    visits: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
    parts: Mapping[str, Any],
) -> StandIn:
    """Say what it means that a unit stands in at a visit; raises StandInBusy."""
    really = {one["id"]: {**one, **known.get(one["id"], {})} for one in visits}
    visit = really[visit_id]
    there = [
        one
        for one in really.values()
        if one["id"] != visit_id
        and one.get("by", one["unit"]) == unit
        and (one["date"], one["slot"]) == (visit["date"], visit["slot"])
        and one.get("outcome") != "cancelled"
    ]
    other = next((one for one in there if one["sortie"] != visit["sortie"]), None)
    if other is not None:
        names = {one.id: one.name for one in read_units(db)}
        raise StandInBusy(unit=names.get(unit, unit), sortie=other["sortie"], visit=other["id"])
    frames = frames_of(parts)
    stratum = strata_of(frames)[unit]
    people = {one["id"]: one["conflicts"] for one in parts["field"]["staff"]}
    goes = [
        {**one, "unit": unit if one is visit else one.get("by", one["unit"])}
        for one in really.values()
        if (one["sortie"], one["date"]) == (visit["sortie"], visit["date"])
        and one.get("outcome") != "cancelled"
    ]
    return StandIn(
        tour=tour(visit_id, goes, parts, visit.get("from", "")),
        unit=unit,
        joined=str(there[0]["id"]) if there else "",
        conflicts=tuple(
            one
            for one in visit["team"]
            if one in people and (unit in people[one]["units"] or stratum in people[one]["strata"])
        ),
        shut=visit["date"] in closed_days(frames).get(unit, ()),
    )
