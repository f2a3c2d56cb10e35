"""The bureau's calendar: days off, make-up workdays, key periods and terms, merged by date.

A folder holds files of three kinds (`kind` = year, periods, terms). No file is looked up by the year
in its name: a notice may list days of the December before. For one day the official files decide
first, then the provisional ones; a day that no file covers is a weekday or a weekend, provisionally.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from auditor.entities import CalendarDay
from auditor.errors import AuditorError, toml_fault
from auditor.i18n import N_, _

OFFICIAL, PROVISIONAL = "official", "provisional"


class BadCalendar(AuditorError):
    """A calendar file cannot be taken as it is."""

    sentence = N_("{file}: {key}: {problem}")


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, under a name."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class YearFile:
    """One notice: the days it covers, and those of them that are not as the week has them.

    `off` and `work` give the name of each day off and each make-up workday.
    """

    file: str
    status: str
    source: str
    notice: str
    verified: bool
    covers: Span
    off: Mapping[date, str]
    work: Mapping[date, str]

    def lists(self, day: date) -> bool:
        """Whether the notice names this very day."""
        return day in self.off or day in self.work

    def record(self) -> dict[str, object]:
        """Say where the days come from."""
        return {
            "source": self.source,
            "notice": self.notice,
            "verified": self.verified,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Calendar:
    """All files of a folder together.

    `usual` are terms as (month, day) pairs, for dates before the first and after the last of `terms`.
    """

    years: tuple[YearFile, ...] = ()
    periods: tuple[Span, ...] = ()
    terms: tuple[Span, ...] = ()
    usual: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()

    def _decided_by(self, day: date) -> YearFile | None:
        """Give the file that decides a day: official before provisional, naming before covering."""
        for status in (OFFICIAL, PROVISIONAL):
            files = [one for one in self.years if one.status == status]
            for file in files:
                if file.lists(day):
                    return file
            for file in files:
                if day in file.covers:
                    return file
        return None

    def day(self, day: date) -> CalendarDay:
        """Give one day with its class, name, key period and whether schools teach in that time."""
        file = self._decided_by(day)
        cls, name = ("weekend" if day.weekday() >= 5 else "work"), ""
        if file is not None and day in file.off:
            cls, name = "holiday", file.off[day]
        elif file is not None and day in file.work:
            cls, name = "work", file.work[day]
        return CalendarDay(
            day=day,
            cls=cls,
            name=name,
            provisional=file is None or file.status == PROVISIONAL,
            key_period="、".join(span.name for span in self.periods if day in span),
            in_term=self.in_term(day),
        )

    def in_term(self, day: date) -> bool:
        """Whether a day lies in a term of the schools."""
        if self.terms and self.terms[0].first <= day <= self.terms[-1].last:
            return any(day in term for term in self.terms)
        at = (day.month, day.day)
        return any(
            first <= at <= last if first <= last else at >= first or at <= last for first, last in self.usual
        )

    def days_of(self, month: str) -> tuple[CalendarDay, ...]:
        """Give all days of a month ``YYYY-MM``, in order."""
        year, number = int(month[:4]), int(month[5:])
        return tuple(
            self.day(date(year, number, day)) for day in range(1, calendar.monthrange(year, number)[1] + 1)
        )

    def working_days(self, month: str) -> tuple[date, ...]:
        """Give the working days of a month, make-up workdays included, in order."""
        return tuple(one.day for one in self.days_of(month) if one.cls == "work")

    def provisional(self, month: str) -> bool:
        """Whether any day of the month has no official notice behind it."""
        return any(one.provisional for one in self.days_of(month))

    def sources(self, month: str) -> list[dict[str, object]]:
        """Say which files decide the days of a month; an empty source is for days that none covers."""
        records: list[dict[str, object]] = []
        for one in self.days_of(month):
            file = self._decided_by(one.day)
            record = (
                file.record()
                if file is not None
                else {"source": "", "notice": "", "verified": False, "status": PROVISIONAL}
            )
            if record not in records:
                records.append(record)
        return records


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of a file and the key under which it stands, for the sentence of an error."""

    file: str
    place: str
    values: Mapping[str, Any]

    def bad(self, key: str, problem: str) -> BadCalendar:
        """Give the error that names this place."""
        return BadCalendar(file=self.file, key=f"{self.place}{key}", problem=problem)

    def only(self, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        """Refuse a key that is missing or unknown."""
        for key in required:
            if key not in self.values:
                raise self.bad(key, _("is missing; add it"))
        for key in sorted(set(self.values) - set(required) - set(optional)):
            known = ", ".join([*required, *optional])
            raise self.bad(key, _("is no key of this table; known are {known}").format(known=known))

    def text(self, key: str, *, empty: bool = False) -> str:
        """Give a text."""
        value = self.values[key]
        if not isinstance(value, str) or not (empty or value.strip()):
            raise self.bad(key, _("must be a text that is not empty"))
        return value

    def truth(self, key: str) -> bool:
        """Give true or false."""
        value = self.values[key]
        if not isinstance(value, bool):
            raise self.bad(key, _("must be true or false"))
        return value

    def span(self, name: str) -> Span:
        """Give the days from the key `from` to the key `to`."""
        first, last = self._date("from"), self._date("to")
        if last < first:
            raise self.bad("to", _("{last} lies before {first}").format(last=last, first=first))
        return Span(name, first, last)

    def _date(self, key: str) -> date:
        return self.as_date(key, self.values[key])

    def as_date(self, key: str, value: object) -> date:
        """Read a TOML date, which is written without quotes."""
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.bad(key, _("must be a date like 2026-10-01, without quotes"))
        return value

    def tables(self, key: str) -> Iterator[_Table]:
        """Give the tables of an array, each with its place."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
            raise self.bad(key, _("must be an array of tables"))
        for number, one in enumerate(values, start=1):
            yield _Table(self.file, f"{key}[{number}].", one)


def _year(head: _Table) -> YearFile:
    head.only(("kind", "status", "source", "notice", "verified", "from", "to", "holidays"))
    status = head.text("status")
    if status not in (OFFICIAL, PROVISIONAL):
        raise head.bad("status", _("must be official or provisional"))
    covers = head.span("")
    earliest = covers.first - timedelta(days=31)
    off: dict[date, str] = {}
    work: dict[date, str] = {}
    for table in head.tables("holidays"):
        table.only(("name", "from", "to"), ("work",))
        name = table.text("name")
        span = table.span(name)
        made_up = table.values.get("work", [])
        if not isinstance(made_up, list):
            raise table.bad("work", _("must be a list of dates"))
        free = [span.first + timedelta(days=at) for at in range((span.last - span.first).days + 1)]
        for key, days, into in (
            ("from", free, off),
            ("work", [table.as_date("work", one) for one in made_up], work),
        ):
            for day in days:
                if not earliest <= day <= covers.last:
                    raise table.bad(key, _("{day} lies outside the days of this file").format(day=day))
                if day in off or day in work:
                    raise table.bad(key, _("{day} is listed twice").format(day=day))
                if key == "work" and day.weekday() < 5:
                    raise table.bad(key, _("{day} is no Saturday or Sunday").format(day=day))
                into[day] = name
    return YearFile(
        file=head.file,
        status=status,
        source=head.text("source"),
        notice=head.text("notice", empty=True),
        verified=head.truth("verified"),
        covers=covers,
        off=off,
        work=work,
    )


def _periods(head: _Table) -> list[Span]:
    head.only(("kind", "periods"))
    spans = []
    for table in head.tables("periods"):
        table.only(("name", "from", "to", "source", "verified"))
        table.text("source")
        table.truth("verified")
        spans.append(table.span(table.text("name")))
    return spans


def _month_day(table: _Table, key: str) -> tuple[int, int]:
    value = table.values[key]
    if not isinstance(value, str) or not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
        raise table.bad(key, _('must be a month and a day like "09-01"'))
    return int(value[:2]), int(value[3:])


def _terms(head: _Table) -> tuple[list[Span], list[tuple[tuple[int, int], tuple[int, int]]]]:
    head.only(("kind", "source", "verified"), ("terms", "usual"))
    head.text("source")
    head.truth("verified")
    terms, usual = [], []
    for table in head.tables("terms"):
        table.only(("name", "from", "to"))
        terms.append(table.span(table.text("name")))
    for table in head.tables("usual"):
        table.only(("from", "to"))
        usual.append((_month_day(table, "from"), _month_day(table, "to")))
    return terms, usual


def _refuse_contradictions(years: Sequence[YearFile]) -> None:
    """Refuse two files of one status of which one calls a day off and the other a workday."""
    for at, one in enumerate(years):
        for other in years[at + 1 :]:
            if one.status != other.status:
                continue
            for day in sorted(one.off.keys() & other.work.keys() | one.work.keys() & other.off.keys()):
                raise BadCalendar(
                    file=other.file,
                    key=f"{day}",
                    problem=_("{file} says otherwise; correct one of them").format(file=one.file),
                )


def load_calendar(folder: Path | Traversable) -> Calendar:
    """Read all ``.toml`` files of a folder and merge them by date.

    Raises
    ------
    BadCalendar
        Naming file and key, if a file cannot be read, has a key too many or too few, a value of the
        wrong kind, a day out of place, or contradicts another file of its status.
    """
    years: list[YearFile] = []
    periods: list[Span] = []
    terms: list[Span] = []
    usual: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if not path.name.endswith(".toml"):
            continue
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadCalendar(file=path.name, key="TOML", problem=toml_fault(error)) from error
        head = _Table(path.name, "", document)
        kind = document.get("kind")
        if kind == "year":
            years.append(_year(head))
        elif kind == "periods":
            periods.extend(_periods(head))
        elif kind == "terms":
            more, patterns = _terms(head)
            terms.extend(more)
            usual.extend(patterns)
        else:
            raise head.bad("kind", _("must be year, periods or terms"))
    _refuse_contradictions(years)
    return Calendar(
        years=tuple(years),
        periods=tuple(sorted(periods, key=lambda span: (span.first, span.last, span.name))),
        terms=tuple(sorted(terms, key=lambda span: (span.first, span.last))),
        usual=tuple(usual),
    )
