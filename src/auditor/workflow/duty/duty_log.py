"""The duty log (值班日志): entries, patrol rounds and hand-over, added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.pages.duty_log import LogLine, LogView
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.records import read_settings
from auditor.store.rosters import read_rosters
from auditor.store.writing import write_tx
from auditor.workflow.called import staff_names
from auditor.workflow.duty.desks import BUREAU, bureau_seats, by_clock, filled_seats
from auditor.workflow.duty.roster_rebuild import person_named
from auditor.workflow.months import BEIJING, calendar_of
from auditor.workflow.texts import clean, whole_number

BEGINS_MIN = 8 * 60
"""A duty day begins so many minutes after midnight where no roster says otherwise."""
GRACE = timedelta(minutes=60)
"""Whoever hands over or takes over writes somewhat after or before his duty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be written: by whom, when, what; a `place` makes it a patrol round, `to` a hand-over."""

    by: str
    at: datetime
    text: str
    place: str = ""
    problem: str = ""
    to: str = ""
    corrects: str = ""


def add(db: Database, entry: Entry, now: datetime) -> tuple[dict[str, Any], bool]:
    """Write one entry; give it, and whether its writer is on duty then by the roster.

    Raises
    ------
    UsageProblem
        For a moment to come, an unknown person, nothing to say, or what is no patrol round and no
        hand-over.
    """
    text, place, problem = (
        clean(what, one)
        for what, one in ((_("text"), entry.text), (_("place"), entry.place), (_("problem"), entry.problem))
    )
    if entry.at > now:
        raise UsageProblem(problem=_("a log tells of what was, and {at} is to come").format(at=entry.at))
    if place and entry.to:
        raise UsageProblem(problem=_("a patrol round and a hand-over are two entries"))
    if problem and not place:
        raise UsageProblem(problem=_("a problem was found at some place: --patrol PLACE"))
    if not (text or place):
        raise UsageProblem(problem=_("write what there is to tell"))
    local = entry.at.astimezone(BEIJING).replace(tzinfo=None)
    day = duty_day(db, local - GRACE if entry.to else local)  # a hand-over ends the day that is handed over
    with write_tx(db, "log add", now) as tx:
        by = person_named(db, entry.by)
        to = person_named(db, entry.to) if entry.to else ""
        if to == by:
            raise UsageProblem(problem=_("one hands over to somebody else"))
        earlier = store.read_log_entries(db, day, day)
        known = {one["id"] for one in earlier}
        number = whole_number(entry.corrects.rpartition("/")[2])
        corrects = entry.corrects
        if number is not None and corrects not in known:
            corrects = f"{day:%Y-%m-%d}/{number:03d}"
        if corrects and corrects not in known:
            raise UsageProblem(
                problem=_(
                    "there is no entry {id} on that duty day; see `auditor roster log list {day}`"
                ).format(id=entry.corrects, day=day)
            )
        record = {
            "id": f"{day:%Y-%m-%d}/{len(earlier) + 1:03d}",
            "day": day.isoformat(),
            "at": local.isoformat(timespec="minutes"),
            "kind": "hand-over" if to else "patrol" if place else "entry",
            "by": by,
            "to": to,
            "place": place,
            "problem": problem,
            "text": text,
            "corrects": corrects,
            "written_at": now.astimezone(BEIJING).isoformat(timespec="minutes"),
        }
        store.put_log_entry(tx, record)
    return record, _on_duty(db, by, local)


def duty_day(db: Database, at: datetime) -> date:
    """Give the duty day of a moment of local time: it begins with the first post of the roster, else at 8."""
    roster = read_rosters(db).get(f"{at:%Y-%m}")
    starts = [one.seat.start for one in bureau_seats(roster)] if roster else []
    return (at - timedelta(minutes=min(starts, default=BEGINS_MIN))).date()


def _on_duty(db: Database, person: str, at: datetime) -> bool:
    """Whether a person is on duty by the roster, or was or will be within the grace."""
    for roster in read_rosters(db).values():
        posts = {one["id"]: one for one in roster["posts"]}
        for row in roster["assignments"]:
            if row["person"] == person:
                post = posts[row["post"]]
                hour, minute = map(int, post["start"].split(":"))
                begins = datetime.fromisoformat(row["date"]) + timedelta(hours=hour, minutes=minute)
                if begins - GRACE <= at <= begins + timedelta(minutes=post["minutes"]) + GRACE:
                    return True
    return False


def entries(db: Database, first: date, last: date) -> list[dict[str, Any]]:
    """Give the entries of some duty days in the order in which they were written."""
    return store.read_log_entries(db, first, last)


def log_view(db: Database, day: date, *, drill: bool) -> LogView:
    """Give a duty day as its page shows it."""
    names = staff_names(db)
    seats = filled_seats(db, BUREAU, day, day)
    return LogView(
        bureau=read_settings(db).get("name", ""),
        day=day,
        key_period=calendar_of(db).day(day).key_period,
        on_duty=tuple((one.called, one.people, one.phones) for one in sorted(seats, key=by_clock)),
        lines=tuple(_line(one, names) for one in _by_time(entries(db, day, day))),
        drill=drill,
    )


def _by_time(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: (one["at"], one["id"]))


def _line(one: dict[str, Any], names: dict[str, str]) -> LogLine:
    at = datetime.fromisoformat(one["at"])
    other_day = f"{at:%m-%d} " if at.date().isoformat() != one["day"] else ""
    return LogLine(
        number=one["id"].rpartition("/")[2],
        kind=one["kind"],
        at=f"{other_day}{at:%H:%M}",
        by=names.get(one["by"], one["by"]),
        to=names.get(one["to"], one["to"]),
        place=one["place"],
        problem=one["problem"],
        text=one["text"],
        corrects=one["corrects"].rpartition("/")[2],
    )
