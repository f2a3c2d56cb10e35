"""Years as others publish them: the days of an .ics file, or of a .json list of days off."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from auditor.calendars.years import BadCalendar
from auditor.i18n import _

_MADE_UP = re.compile(r"上班|补班|workday|working day", re.IGNORECASE)
_SCHOOL = re.compile(
    r"学校放假|寒假|暑假|停课|schoolvakantie|vacances|school holiday|no school|break", re.IGNORECASE
)
_TERM = re.compile(r"学期|开学|\bterm\b|semester", re.IGNORECASE)
_OFF = re.compile(r"假期|放假|休假|假日|节$|元旦|\bholiday\b|feestdag|jour férié", re.IGNORECASE)
_NAME = re.compile(r"^(?:上班|补班)\s*[(（]补?(.+?)(?:假期)?[)）]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Some days on end as a feed has them; `kind` is "holiday", "work", "pause", "term" or "" for unknown."""

    kind: str
    name: str
    first: date
    last: date


def kind_of(summary: str) -> str:
    """Say what a title tells of its days, "" for nothing."""
    for kind, words in (("work", _MADE_UP), ("pause", _SCHOOL), ("term", _TERM), ("holiday", _OFF)):
        if words.search(summary):
            return kind
    return ""


def _name(summary: str) -> str:
    """Give the name of a holiday without what says that it is one: 上班(补春节假期) is of 春节."""
    made_up = _NAME.match(summary)
    return made_up[1] if made_up else summary.removesuffix("假期").removesuffix("放假") or summary


def read_ics(path: Path) -> list[Event]:
    """Read the whole-day events of an .ics file, in the order of their days; twice the same counts once.

    Raises
    ------
    BadCalendar
        If it is no calendar, has an event that repeats, or none of whole days.
    """
    import icalendar
    from icalendar.error import BrokenCalendarProperty

    try:
        calendars = icalendar.Calendar.from_ical(path.read_bytes(), multiple=True)
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise BadCalendar(file=path.name, key="ICS", problem=_("is no calendar; ask for it again")) from error
    found: dict[Event, None] = {}
    for one in calendars:
        for event in one.walk("VEVENT"):
            summary = re.sub(r"\s+", " ", str(event.get("SUMMARY", ""))).strip()
            try:
                first, until = (getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND"))
            except BrokenCalendarProperty as error:
                raise BadCalendar(
                    file=path.name, key=summary[:60] or "VEVENT", problem=_("has a day that cannot be read")
                ) from error
            if not isinstance(first, date) or isinstance(first, datetime):
                continue
            if "RRULE" in event:
                raise BadCalendar(
                    file=path.name, key=summary[:60], problem=_("repeats; write its days one by one")
                )
            last = first
            if isinstance(until, date) and not isinstance(until, datetime) and until > first:
                last = until - timedelta(days=1)
            name = _name(summary)[:60] or path.stem
            found[Event(kind=kind_of(summary), name=name, first=first, last=last)] = None
    if not found:
        raise BadCalendar(file=path.name, key="VEVENT", problem=_("has no events of whole days"))
    return sorted(found, key=lambda event: (event.first, event.last, event.name))


def read_json_days(path: Path) -> tuple[list[Event], str]:
    """Read a list of days off and make-up workdays as `{"days": [{"name", "date", "isOffDay"}]}`.

    Gives days of one name on end as one event, and the addresses of the notices.

    Raises
    ------
    BadCalendar
    """
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
        days = sorted(
            (date.fromisoformat(one["date"]), str(one["name"])[:60], "holiday" if one["isOffDay"] else "work")
            for one in document["days"]
        )
        papers = [str(one) for one in document.get("papers", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadCalendar(
            file=path.name, key="JSON", problem=_('must hold "days", each with name, date and isOffDay')
        ) from error
    if not days:
        raise BadCalendar(file=path.name, key="days", problem=_("holds no days; add some"))
    return list(_joined(days)), "；".join(papers)


def _joined(days: Sequence[tuple[date, str, str]]) -> list[Event]:
    found: list[Event] = []
    for day, name, kind in days:
        last = found[-1] if found else None
        if last and (last.kind, last.name) == (kind, name) and (day - last.last).days == 1 and kind != "work":
            found[-1] = Event(kind=kind, name=name, first=last.first, last=day)
        else:
            found.append(Event(kind=kind, name=name, first=day, last=day))
    return found
