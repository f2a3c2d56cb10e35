"""Duty calendars as iCalendar bytes: the bureau's, and one for each person.

The only place that imports icalendar. A feed lies in a phone vendor's cloud and cannot be called
back, so a stand-by half-day has one text for everybody and nothing that goes in here knows a Unit, a
place or a Domain. The same duties and the same stamp give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from auditor.entities import SLOTS

if TYPE_CHECKING:
    import icalendar

ZONE = "Asia/Shanghai"
PRODID = "-//auditor//duty calendars//ZH"
UID_DOMAIN = "duty.auditor.invalid"
"""The constant part of every UID; .invalid belongs to nobody (RFC 2606)."""

STANDBY = "外勤待命（当日通知）"
"""All that a calendar says about a stand-by half-day; never translated, never more."""

REFRESH = timedelta(hours=6)
ALARM_BEFORE = timedelta(hours=12)
ZONE_FROM = date(2000, 1, 1)
"""Since then the zone has one offset; the summer times of 1986 to 1991 are misread by Outlook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEntry:
    """One seat of one duty as a calendar shows it.

    `post` is the post's id and `label` its name for people; `seat` counts from 1 where a post has
    several on a day; `start` is the minute of the day. A duty may end on the next day. `sequence`, `stamp`
    and `provisional` are those of its month's revision; None for those of the feed.
    """

    day: date
    post: str
    label: str
    person: str
    start: int
    minutes: int
    seat: int = 1
    sequence: int | None = None
    stamp: datetime | None = None
    provisional: bool | None = None


def _uid(*parts: str) -> str:
    """Name an event by bureau, date, post and seat, not by person: a swap updates it."""
    return f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}@{UID_DOMAIN}"


def _event(
    uid: str, summary: str, day: date, minutes: tuple[int, int], stamp: datetime, sequence: int
) -> icalendar.Event:
    from icalendar import TRANSP, Event

    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
    return Event.new(
        uid=uid,
        summary=summary,
        start=midnight + timedelta(minutes=minutes[0]),
        end=midnight + timedelta(minutes=minutes[1]),
        stamp=stamp,
        last_modified=stamp,
        sequence=sequence,
        transparency=TRANSP.TRANSPARENT,
    )


def _duty(
    entry: DutyEntry, bureau: str, stamp: datetime, sequence: int, provisional: bool
) -> icalendar.Event:
    from icalendar import STATUS, Alarm

    summary = f"{entry.label} {entry.person}"
    sequence = sequence if entry.sequence is None else entry.sequence
    provisional = provisional if entry.provisional is None else entry.provisional
    stamp = stamp if entry.stamp is None else _moment(entry.stamp)
    event = _event(
        _uid(bureau, entry.day.isoformat(), entry.post, str(entry.seat)),
        summary,
        entry.day,
        (entry.start, entry.start + entry.minutes),
        stamp,
        sequence,
    )
    event.add("status", STATUS.TENTATIVE if provisional else STATUS.CONFIRMED)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", summary)
    event.add_component(alarm)
    return event


def _standby(half_day: str, bureau: str, stamp: datetime, sequence: int) -> icalendar.Event:
    day, _, slot = half_day.partition("/")
    return _event(
        _uid(bureau, day, "standby", slot), STANDBY, date.fromisoformat(day), SLOTS[slot], stamp, sequence
    )


@cache
def _zone() -> icalendar.Timezone:
    """Give the zone's component: the same in every calendar, and dear to make."""
    from icalendar import Timezone

    return Timezone.from_tzid(ZONE, first_date=ZONE_FROM)


def _feed(name: str, uid: str, stamp: datetime, events: Iterable[icalendar.Event]) -> bytes:
    """Write a calendar, its zone and its events in order of time, then UID."""
    from icalendar import Calendar
    from icalendar.prop import vDuration

    feed = Calendar.new(name=name, prodid=PRODID, method="PUBLISH", uid=uid, last_modified=stamp)
    refresh = vDuration(REFRESH)
    refresh.params["VALUE"] = "DURATION"
    feed.add("refresh-interval", refresh, encode=False)
    feed.add("x-published-ttl", vDuration(REFRESH), encode=False)
    feed.add("x-wr-timezone", ZONE)
    ordered = sorted(events, key=lambda event: (event.start, str(event["UID"])))
    for part in (*([_zone()] if ordered else []), *ordered):
        feed.add_component(part)
    written: bytes = feed.to_ical()
    return written


def _moment(stamp: datetime) -> datetime:
    if stamp.tzinfo is None:
        raise ValueError("a stamp needs a time zone")
    return stamp.astimezone(UTC).replace(microsecond=0)


def duty_feed(
    entries: Sequence[DutyEntry],
    *,
    bureau: str,
    name: str,
    stamp: datetime,
    sequence: int = 0,
    provisional: bool = False,
) -> bytes:
    """Write the bureau's duty calendar, complete.

    Parameters
    ----------
    bureau
        What tells this bureau from others, always the same; part of every UID.
    name
        The calendar's name for people.
    stamp
        When this revision was made, an aware moment; DTSTAMP and LAST-MODIFIED of all events.
    sequence
        The number of the revision, growing by one with each.
    provisional
        Whether the holidays have no official notice yet; the events are TENTATIVE then.
    """
    moment = _moment(stamp)
    events = [_duty(entry, bureau, moment, sequence, provisional) for entry in entries]
    return _feed(name, _uid(bureau, "duty"), moment, events)


def person_feed(
    entries: Sequence[DutyEntry],
    standby: Sequence[str],
    *,
    bureau: str,
    person: str,
    name: str,
    stamp: datetime,
    sequence: int = 0,
    provisional: bool = False,
) -> bytes:
    """Write one person's calendar: the own duties, and all stand-by half-days with the one text.

    Parameters
    ----------
    entries
        The duties of this person, with the same seats as in the bureau's calendar, so that an event
        has one UID in both.
    standby
        Half-days like ``2026-12-01/morning``: the whole public pattern, whether a plan uses them or not.
    person
        The person's id; it names the calendar, not its events.
    """
    moment = _moment(stamp)
    events = [_duty(entry, bureau, moment, sequence, provisional) for entry in entries]
    events += [_standby(half_day, bureau, moment, sequence) for half_day in standby]
    return _feed(name, _uid(bureau, "person", person), moment, events)
