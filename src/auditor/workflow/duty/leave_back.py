"""Take days of leave back that came by import or with a sick call, of which there is no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auditor.entities import Leave
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.store import Database
from auditor.store.staff import drop_leave, put_leave, read_leave, read_staff
from auditor.store.writing import write_tx
from auditor.workflow.duty.leave_requests import requests, rosters_touched, without
from auditor.workflow.duty.roster_rebuild import person_named
from auditor.workflow.months import BEIJING


class NotAway(AuditorError):
    """Days on which somebody has no leave."""

    sentence = N_("{name} has no leave from {first} to {last}; `auditor leave list` shows what there is")


class OfARequest(AuditorError):
    """Leave that was asked for and agreed to ends by its request, so that both say the same."""

    sentence = N_("this leave of {name} is of request {id}; {cure}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Whose days are leave no more, which leave that was, what is left of it, the rosters concerned."""

    person: str
    name: str
    gone: Sequence[Leave]
    left: Sequence[Leave]
    months: Sequence[str]


def _cure(request: str, day: date, start: date, now: datetime) -> str:
    """Say the command that ends a request's leave, as it works today; `day` is the first one wanted back."""
    today = now.astimezone(BEIJING).date()
    if day <= today + timedelta(days=1):
        return _("end it with `auditor leave return {id} {day}`").format(id=request, day=day)
    if start > today:
        return _(
            "it has not begun: `auditor leave return {id} {day}` takes all of it back; ask anew for the rest"
        ).format(id=request, day=today)
    return _(
        "once back, end it with `auditor leave return {id} {day}`, on the day before at the earliest"
    ).format(id=request, day=day)


def take_back(db: Database, who: str, first: date, last: date, now: datetime) -> TakenBack:
    """Take days, both included, out of somebody's leave; the rest of it stays.

    Raises
    ------
    UsageProblem
        For nobody, or days that run backwards.
    NotAway, OfARequest
    """
    if last < first:
        raise UsageProblem(problem=_("{last} lies before {first}").format(last=last, first=first))
    with write_tx(db, "leave cancel", now) as tx:
        person = person_named(db, who)
        name = next(one.name for one in read_staff(db) if one.id == person)
        gone, left = without(read_leave(db), person, first, last)
        if not gone:
            raise NotAway(name=name, first=first, last=last)
        for one in requests(db):
            start, end = date.fromisoformat(one["from"]), date.fromisoformat(one["to"])
            if one["person"] == person and one["state"] == "approved" and start <= last and first <= end:
                raise OfARequest(
                    name=name, id=one["id"], cure=_cure(one["id"], max(first, start), start, now)
                )
        drop_leave(tx, gone)
        put_leave(tx, left)
    touched = {"person": person, "from": first.isoformat(), "to": last.isoformat()}
    return TakenBack(person=person, name=name, gone=gone, left=left, months=rosters_touched(db, touched))
