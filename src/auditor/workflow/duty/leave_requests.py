"""Requests of leave and reports of being out of town: asked, decided, back; clashes with duty are shown.

Kept are name, post, duty telephone and dates; nobody is asked why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from auditor.entities import Leave, Person
from auditor.errors import USAGE, AuditorError, UsageProblem
from auditor.i18n import N_, _, ngettext
from auditor.pages.duty_words import LEAVE_STATE_WORDS
from auditor.pages.leave_form import LeaveFormView
from auditor.pages.words import word
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.records import read_settings
from auditor.store.rosters import read_rosters
from auditor.store.staff import drop_leave, put_leave, read_leave, read_staff
from auditor.store.units import read_units
from auditor.store.writing import write_tx
from auditor.workflow.duty.desks import BUREAU, Filled, filled_seats
from auditor.workflow.duty.roster_rebuild import person_named
from auditor.workflow.duty.roster_revisions import LOCKED, state
from auditor.workflow.months import BEIJING, calendar_of
from auditor.workflow.naming import unit_named
from auditor.workflow.texts import clean

KINDS = ("leave", "out-of-town")
MOST_DAYS = 366
"""A request of more days is a mistake in a date."""


class NoRequest(AuditorError):
    """There is no such request."""

    exit_code = USAGE
    sentence = N_("there is no request {id}; see `auditor leave list --requests`")


class NotInState(AuditorError):
    """A step that does not follow the one before."""

    sentence = N_("request {id} is {state}: {cure}")


class AwayAlready(AuditorError):
    """Two requests, or a request and a leave, of one person on one day."""

    sentence = N_(
        "{name} is away already from {first} to {last}; ask for other days, or end that with "
        "`auditor leave return`, or with `auditor leave cancel` if nobody asked for it; nothing was changed"
    )


class AskedAlready(AuditorError):
    """Two requests of one person over one day, of which the first waits to be decided."""

    sentence = N_(
        "{name} has asked for {first} to {last} already, and request {id} is not decided yet: `auditor leave "
        "approve {id}` decides it, with --refuse against it; or ask for other days; nothing was changed"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked: who (an id or name of the staff, or the name of a unit's head), when, where, who acts.

    `unit` is "" for the bureau's staff; `post` and `phone` are asked of a unit's head only. `half` is
    "am", "pm" or ""; `acting` an id or name, "" where nobody has to act.
    """

    who: str
    first: date
    last: date
    kind: str = "leave"
    half: str = ""
    where: str = "in"
    acting: str = ""
    unit: str = ""
    post: str = ""
    phone: str = ""


def requests(db: Database) -> list[dict[str, Any]]:
    """Give all requests by id."""
    return store.read_leave_requests(db)


def request_of(db: Database, request: str) -> dict[str, Any]:
    """Give one request; raises NoRequest."""
    found = next((one for one in requests(db) if one["id"] == request.strip()), None)
    if found is None:
        raise NoRequest(id=request)
    return found


def ask(db: Database, asked: Ask, now: datetime) -> tuple[dict[str, Any], list[str]]:
    """Keep a request; give it, and its clashes as sentences.

    Raises
    ------
    UsageProblem
        For dates, people or an acting head that cannot be.
    AwayAlready, AskedAlready
    """
    _check(asked)
    with write_tx(db, "leave request", now) as tx:
        person, head = ("", "") if asked.unit else (person_named(db, asked.who), "")
        unit = unit_named(db, asked.unit).id if asked.unit else ""
        known = {one.id: one for one in read_staff(db)}
        if person:
            name, post, phone = known[person].name, known[person].post, known[person].phone
        else:
            name, post, phone = (
                clean(what, text)
                for what, text in ((_("name"), asked.who), (_("post"), asked.post), (_("phone"), asked.phone))
            )
            head = name
        if not name:
            raise UsageProblem(problem=_("whose leave is it? write a name"))
        acting, acting_name = _acting(db, asked, known.get(person), head)
        every = requests(db)
        request: dict[str, Any] = {
            "id": _next_id(every, asked.first.year),
            "kind": asked.kind,
            "person": person,
            "unit": unit,
            "name": name,
            "post": post,
            "phone": phone,
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "half": asked.half,
            "where": asked.where,
            "acting": acting,
            "acting_name": acting_name,
            "state": "asked",
            "asked_at": now.isoformat(timespec="minutes"),
            "by": "",
            "note": "",
            "decided_at": "",
            "returned": "",
        }
        _refuse_twice(db, request)
        store.put_leave_request(tx, request)
    return request, clashes(db, request)


def _next_id(every: Sequence[Mapping[str, Any]], year: int) -> str:
    return f"{year}-{1 + sum(one['id'][:4] == str(year) for one in every):04d}"


def _check(asked: Ask) -> None:
    if asked.last < asked.first:
        raise UsageProblem(problem=_("{last} lies before {first}").format(last=asked.last, first=asked.first))
    if (asked.last - asked.first).days >= MOST_DAYS:
        raise UsageProblem(problem=_("more than a year of leave: look at the dates again"))
    if asked.half and asked.first != asked.last:
        raise UsageProblem(problem=_("half a day is of one day; ask for whole days apart"))


def _acting(db: Database, asked: Ask, person: Person | None, head: str) -> tuple[str, str]:
    """Give id and name of the acting head; raises UsageProblem where one is missing or cannot be."""
    if not asked.acting.strip():
        if head or asked.kind == "out-of-town" or (person is not None and "leader" in person.roles):
            raise UsageProblem(
                problem=_(
                    "who acts meanwhile? leaders, heads of units and people out of town name one: --acting"
                )
            )
        return "", ""
    if head:
        name = clean(_("acting head"), asked.acting)
        if name == head:
            raise UsageProblem(problem=_("nobody acts for himself; name another acting head"))
        return "", name
    found = person_named(db, asked.acting)
    if person is not None and found == person.id:
        raise UsageProblem(problem=_("nobody acts for himself; name another acting head"))
    return found, next(one.name for one in read_staff(db) if one.id == found)


def _refuse_twice(db: Database, request: Mapping[str, Any]) -> None:
    """Refuse days on which the person is away already, or asked to be; raises AwayAlready, AskedAlready."""
    first, last = date.fromisoformat(request["from"]), date.fromisoformat(request["to"])
    for one in requests(db):
        same = (one["person"], one["unit"]) == (request["person"], request["unit"])
        same = same and (one["person"] != "" or one["name"] == request["name"])
        touches = one["from"] <= request["to"] and request["from"] <= one["to"]
        open_still = one["id"] != request["id"] and one["state"] in ("asked", "approved")
        if same and touches and open_still and not _halves(one, request):
            if one["state"] == "asked":
                raise AskedAlready(name=one["name"], first=one["from"], last=one["to"], id=one["id"])
            raise AwayAlready(name=one["name"], first=one["from"], last=one["to"])
    for leave in read_leave(db):
        mine = leave.person == request["person"] and leave.from_on <= last and first <= leave.to_on
        if mine and not _halves({"half": leave.half}, request):
            raise AwayAlready(name=request["name"], first=leave.from_on, last=leave.to_on)


def _halves(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two requests that touch are the two halves of one day."""
    return {one["half"], other["half"]} == {"am", "pm"}


def times_of(request: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Give the moments of local time between which somebody is away; noon parts half days."""
    first, last = date.fromisoformat(request["from"]), date.fromisoformat(request["to"])
    starts = datetime.combine(first, time(12 if request["half"] == "pm" else 0))
    ends = datetime.combine(last, time(12)) if request["half"] == "am" else _midnight_after(last)
    return starts, ends


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day, time()) + timedelta(days=1)


def clashes(db: Database, request: Mapping[str, Any]) -> list[str]:
    """Say what stands against a request: duties that its hours touch, key periods, an absent acting head."""
    starts, ends = times_of(request)
    first, last = starts.date(), date.fromisoformat(request["to"])
    found = [
        _("on duty: {post}, {when} (roster of {month})").format(
            post=one.called,
            when=f"{one.seat.day:%Y-%m-%d} {one.seat.start // 60:02d}:{one.seat.start % 60:02d}",
            month=f"{one.seat.day:%Y-%m}",
        )
        for one in _seats(db, request, first - timedelta(days=2), last)
        if one.begins < ends and starts < one.ends
    ]
    days = calendar_of(db)
    named: dict[str, list[date]] = {}
    for at in range((last - first).days + 1):
        day = days.day(first + timedelta(days=at))
        if day.key_period:
            named.setdefault(day.key_period, []).append(day.day)
    found += [
        _("key period {name}: {first} to {last}").format(name=name, first=several[0], last=several[-1])
        for name, several in named.items()
    ]
    acting = request["acting"]
    if acting:
        away = [
            (one.from_on.isoformat(), one.to_on.isoformat()) for one in read_leave(db) if one.person == acting
        ]
        away += [
            (one["from"], one["to"])
            for one in requests(db)
            if one["person"] == acting and one["state"] == "asked"
        ]
        found += [
            _("the acting head {name} is away himself from {first} to {last}").format(
                name=request["acting_name"], first=start, last=end
            )
            for start, end in sorted(set(away))
            if start <= request["to"] and request["from"] <= end
        ]
    return found


def _seats(db: Database, request: Mapping[str, Any], first: date, last: date) -> list[Filled]:
    """Give the seats that the person fills: at the bureau's desk by id, at a unit's by name."""
    if request["unit"]:
        seats = filled_seats(db, request["unit"], first, last)
        return [one for one in seats if request["name"] in one.people]
    mine = {
        (row["date"], row["post"])
        for roster in read_rosters(db).values()
        for row in roster["assignments"]
        if row["person"] == request["person"]
    }
    return [
        one
        for one in filled_seats(db, BUREAU, first, last)
        if (one.seat.day.isoformat(), one.seat.post) in mine
    ]


def decide(
    db: Database, request_id: str, *, agreed: bool, by: str, note: str, now: datetime
) -> tuple[dict[str, Any], list[str]]:
    """Decide a request; one that is agreed to becomes leave of the staff. Give it with its clashes.

    Raises
    ------
    NoRequest, NotInState, AwayAlready, AskedAlready, UsageProblem
    """
    by, note = clean(_("who decided"), by), clean(_("note"), note)
    if not by:
        raise UsageProblem(problem=_("who decided? write a name with --by"))
    with write_tx(db, "leave approve", now) as tx:
        request = request_of(db, request_id)
        _expect(request, "asked")
        if agreed:
            _refuse_twice(db, request)
            if request["person"]:
                put_leave(tx, _rows(request, read_leave(db)))
        request |= {
            "state": "approved" if agreed else "refused",
            "by": by,
            "note": note,
            "decided_at": now.isoformat(timespec="minutes"),
        }
        store.put_leave_request(tx, request)
    return request, clashes(db, request) if agreed else []


def _rows(request: Mapping[str, Any], known: Sequence[Leave]) -> list[Leave]:
    """Give the leave that a request becomes; the other half of a day makes it whole."""
    own = Leave(
        person=request["person"],
        from_on=date.fromisoformat(request["from"]),
        to_on=date.fromisoformat(request["to"]),
        kind=request["kind"],
        half=request["half"],
    )
    whole = any((one.person, one.from_on, one.to_on) == (own.person, own.from_on, own.to_on) for one in known)
    return [replace(own, half="") if whole else own]


def come_back(db: Database, request_id: str, on: date, now: datetime) -> tuple[dict[str, Any], str]:
    """Note the first day back: the leave ends the day before. Give the request, and what there is to say.

    Before the leave has begun it is taken back as a whole, and the request is withdrawn, not returned from.

    Raises
    ------
    NoRequest, NotInState, UsageProblem
    """
    with write_tx(db, "leave return", now) as tx:
        request = request_of(db, request_id)
        _expect(request, "approved")
        first, last = date.fromisoformat(request["from"]), date.fromisoformat(request["to"])
        today = now.astimezone(BEIJING).date()
        if on > today + timedelta(days=1):
            if first > today:
                raise UsageProblem(
                    problem=_(
                        "the leave has not begun; `auditor leave return {id} {today}` takes all of it back"
                    ).format(id=request_id, today=today)
                )
            raise UsageProblem(problem=_("{day} is to come: note the return when he is back").format(day=on))
        if on < first <= today:
            raise UsageProblem(
                problem=_(
                    "the leave began on {first}, after {day}; write {first} if he never went, else the first "
                    "day back"
                ).format(first=first, day=on)
            )
        if request["person"] and on <= last:
            gone, left = without(read_leave(db), request["person"], max(on, first), last)
            if request["half"] and any(not one.half for one in gone):
                left += _other_half(db, request)
            drop_leave(tx, gone)
            put_leave(tx, left)
        if on < first:
            request |= {"state": "withdrawn"}
        else:
            request |= {"state": "returned", "returned": on.isoformat()}
        store.put_leave_request(tx, request)
    late = (on - last).days - 1
    if on < first:
        told = _("withdrawn before it began; the whole leave is taken back")
    elif on == first:
        told = _("the whole leave is taken back")
    elif late > 0:
        told = ngettext(
            "{n} day later than was agreed to; ask for it with a request of its own",
            "{n} days later than was agreed to; ask for them with a request of their own",
            late,
        ).format(n=late)
    else:
        told = _("the leave ends on {day}").format(day=min(last, on - timedelta(days=1)))
    return request, told


def _other_half(db: Database, request: Mapping[str, Any]) -> list[Leave]:
    """Give the other half of a day, where that was agreed to as well."""
    return [
        Leave(
            person=one["person"],
            from_on=date.fromisoformat(one["from"]),
            to_on=date.fromisoformat(one["to"]),
            kind=one["kind"],
            half=one["half"],
        )
        for one in requests(db)
        if (one["person"], one["from"]) == (request["person"], request["from"])
        and one["state"] == "approved"
        and _halves(one, request)
    ]


def without(leave: Sequence[Leave], person: str, first: date, last: date) -> tuple[list[Leave], list[Leave]]:
    """Take days, both included, out of a person's leave; give the rows that go and those that come."""
    gone = [one for one in leave if one.person == person and one.from_on <= last and first <= one.to_on]
    left = []
    for one in gone:
        if one.from_on < first:
            left.append(replace(one, to_on=first - timedelta(days=1)))
        if one.to_on > last:
            left.append(replace(one, from_on=last + timedelta(days=1)))
    return gone, left


def rosters_touched(db: Database, request: Mapping[str, Any]) -> list[str]:
    """Give the months whose roster has the person on its list and takes this leave in when it is mended."""
    months = {request["from"][:7], request["to"][:7]}
    first, last = min(months), max(months)
    return [
        month
        for month, roster in read_rosters(db).items()
        if first <= month <= last
        and state(db, month) != LOCKED
        and any(row["id"] == request["person"] for row in roster.get("people", ()))
    ]


_CURES: Mapping[str, str] = {
    "asked": N_("it waits for `auditor leave approve {id}`"),
    "approved": N_("it is decided; `auditor leave return {id}` ends it"),
    "refused": N_("it is decided; ask anew with `auditor leave request`"),
    "returned": N_("it is over; ask anew with `auditor leave request`"),
    "withdrawn": N_("it was taken back before it began; ask anew with `auditor leave request`"),
}


def _expect(request: Mapping[str, Any], state: str) -> None:
    if request["state"] != state:
        raise NotInState(
            id=request["id"],
            state=word(LEAVE_STATE_WORDS, request["state"]),
            cure=_(_CURES[request["state"]]).format(id=request["id"]),
        )


def form_view(db: Database, request_id: str, *, drill: bool) -> LeaveFormView:
    """Give a request as its form shows it; raises NoRequest."""
    request = request_of(db, request_id)
    known = {one.id: one for one in read_staff(db)}
    person = known.get(request["person"])
    units = {one.id: one.name for one in read_units(db)}
    office = units.get(request["unit"], request["unit"]) if request["unit"] else ""
    if person is not None:
        office = person.department
    return LeaveFormView(
        bureau=read_settings(db).get("name", ""),
        id=request["id"],
        out_of_town=request["kind"] == "out-of-town",
        name=request["name"],
        post=request["post"],
        office=office,
        phone=request["phone"],
        first=date.fromisoformat(request["from"]),
        last=date.fromisoformat(request["to"]),
        half=request["half"],
        where=request["where"],
        acting=request["acting_name"],
        state=request["state"],
        by=request["by"],
        note=request["note"],
        returned=date.fromisoformat(request["returned"]) if request["returned"] else None,
        clashes=tuple(clashes(db, request)),
        drill=drill,
    )
