"""Which period, which month, which days: the calendar's step.

A bureau's calendar is what comes with auditor and over it the years that it imported itself: who has its
file at hand asks `calendar_of` and hands the calendar on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from auditor.calendars.years import Calendar, load_calendar, own_of_json
from auditor.entities import BUREAU_CLOCK, CalendarDay
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.shipped import calendars_folder
from auditor.store import Database
from auditor.store.years import read_years

BEIJING = BUREAU_CLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some days of the bureau's calendar on end.

    `working` are its working days, make-up ones included; `of` is the calendar that they are of.
    """

    days: tuple[CalendarDay, ...]
    working: tuple[date, ...]
    provisional: bool
    of: Calendar = field(compare=False, repr=False)

    @property
    def first(self) -> date:
        """The first day."""
        return self.days[0].day

    @property
    def last(self) -> date:
        """The last day."""
        return self.days[-1].day

    @property
    def months(self) -> tuple[str, ...]:
        """The months that it touches, as ``YYYY-MM``."""
        return tuple(dict.fromkeys(f"{one.day:%Y-%m}" for one in self.days))

    @property
    def in_term(self) -> tuple[date, ...]:
        """The working days on which schools teach."""
        teaching = {one.day for one in self.days if one.in_term}
        return tuple(day for day in self.working if day in teaching)

    @property
    def out_of_term(self) -> bool:
        """Whether most of its working days lie outside the school's terms."""
        return 2 * len(self.in_term) < len(self.working)

    @property
    def midnight(self) -> datetime:
        """The first midnight, the clock of a run that names its month and no moment."""
        return datetime.combine(self.first, datetime.min.time(), BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(Period):
    """A month of the bureau's calendar, with where its days come from."""

    key: str
    sources: tuple[dict[str, object], ...]


@cache
def calendar() -> Calendar:
    """Load the calendar files that come with auditor, once a process."""
    return load_calendar(calendars_folder())


def calendar_of(db: Database) -> Calendar:
    """Give a bureau's calendar: the years that it imported lie over those that come with auditor.

    One value for one content: asked again, it is the same one.
    """
    return calendar_with(tuple((one.year, one.text) for one in read_years(db)))


@lru_cache(maxsize=32)
def calendar_with(kept: tuple[tuple[int, str], ...]) -> Calendar:
    """Give the calendar with years over it in the order of their import, each with its record as JSON."""
    return calendar().under([own_of_json(year, json.loads(text)) for year, text in kept])


def next_month(moment: datetime) -> str:
    """Give the next full calendar month after a moment, as ``YYYY-MM``."""
    day = (moment.astimezone(BEIJING).replace(day=28) + timedelta(days=4)).date()
    return f"{day:%Y-%m}"


def month_key(key: str) -> str:
    """Give a text that names a month; raises UsageProblem for anything but ``YYYY-MM``."""
    if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", key):
        raise UsageProblem(problem=_("{month} is no month; write it like 2026-12").format(month=key))
    return key


def ends_of(key: str) -> tuple[date, date]:
    """Give the first and the last day of a month; raises UsageProblem for anything but ``YYYY-MM``."""
    first = date.fromisoformat(f"{month_key(key)}-01")
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def month_of(key: str, of: Calendar | None = None) -> Month:
    """Give a month of a calendar, of the one that comes with auditor where there is no bureau.

    Raises UsageProblem for anything but ``YYYY-MM``.
    """
    return _month(month_key(key), calendar() if of is None else of)


@lru_cache(maxsize=128)
def _month(key: str, of: Calendar) -> Month:
    return Month(
        key=key,
        days=of.days_of(key),
        working=of.working_days(key),
        provisional=of.provisional(key),
        of=of,
        sources=tuple(of.sources(key)),
    )


def period_of(first: date, last: date, of: Calendar | None = None) -> Period:
    """Give the period from a first to a last day, both included."""
    of = calendar() if of is None else of
    days = tuple(of.day(first + timedelta(days=at)) for at in range((last - first).days + 1))
    return Period(
        days=days,
        working=tuple(one.day for one in days if one.cls == "work"),
        provisional=any(one.provisional for one in days),
        of=of,
    )
