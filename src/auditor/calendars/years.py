"""The bureau's calendar: days off, make-up workdays, key periods and terms, merged by date.

A folder holds files of three kinds (`kind` = year, periods, terms). No file is looked up by the year
in its name: a notice may list days of the December before. For one day the official files decide
first, then the provisional ones; a day that no file covers is a weekday or a weekend, provisionally.
What a bureau says of a year itself (`OwnYear`) lies over all of them, the later over the earlier.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from auditor.entities import CalendarDay
from auditor.errors import AuditorError, toml_fault
from auditor.i18n import N_, _

OFFICIAL, PROVISIONAL = "official", "provisional"

DAYS, PERIODS, TERMS, PAUSES = "days", "periods", "terms", "pauses"
PARTS = (DAYS, PERIODS, TERMS, PAUSES)
"""The kinds of facts about a year: days off and made up for, key periods, terms, days without lessons."""

LONGEST_BREAK = 120
"""Between two terms that lie farther apart (days) some term is not written down: the usual ones hold."""


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

    `off` and `work` give the name of each day off and each make-up workday, `plain` the days that are as
    the week has them whatever others say. `covers` is None where it speaks of the days alone that it names.
    """

    file: str
    status: str
    source: str
    notice: str
    verified: bool
    covers: Span | None
    off: Mapping[date, str]
    work: Mapping[date, str]
    plain: frozenset[date] = frozenset()

    def lists(self, day: date) -> bool:
        """Whether the notice names this very day."""
        return day in self.off or day in self.work or day in self.plain

    def spans(self, day: date) -> bool:
        """Whether a day lies in what the notice covers."""
        return self.covers is not None and day in self.covers

    def without(self, gone: Span) -> YearFile:
        """Give it without what it says of some days."""
        return replace(
            self,
            off={day: name for day, name in self.off.items() if day not in gone},
            work={day: name for day, name in self.work.items() if day not in gone},
            plain=frozenset(day for day in self.plain if day not in gone),
        )

    def record(self) -> dict[str, object]:
        """Say where the days come from."""
        return {
            "source": self.source,
            "notice": self.notice,
            "verified": self.verified,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnYear:
    """What a bureau says itself of one year.

    `whole` are those of PARTS of which nothing stays that was known of the year before: what is not
    named here is not so. Else days, key periods of other names and terms of other times stay.
    """

    year: int
    notice: YearFile
    periods: tuple[Span, ...] = ()
    terms: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()
    whole: tuple[str, ...] = ()

    def under(self, later: OwnYear) -> OwnYear:
        """Give it without the days that a later word of the same year covers."""
        covers = later.notice.covers
        if covers is None or later.year != self.year:
            return self
        return replace(self, notice=self.notice.without(covers))

    def gone(self, part: str, span: Span) -> bool:
        """Whether a span that was known before goes by this."""
        if part in self.whole and span.first.year == self.year:
            return True
        if part == TERMS:
            return any(one.first <= span.last and span.first <= one.last for one in self.terms)
        mine = self.periods if part == PERIODS else self.pauses
        return any(
            (one.name, one.first.year) == (span.name, span.first.year)
            or (
                one.first <= span.last and span.first <= one.last
                and (one.name in span.name or span.name in one.name)
            )
            for one in mine
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """All files of a folder together, and over them what a bureau says itself.

    `usual` are terms as (month, day) pairs, for dates that no written term is near. `own` are what
    the bureau says, the last first; `pauses` days of a term on which nobody teaches. Equal to itself alone.
    """

    years: tuple[YearFile, ...] = ()
    periods: tuple[Span, ...] = ()
    terms: tuple[Span, ...] = ()
    usual: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    own: tuple[OwnYear, ...] = ()
    pauses: tuple[Span, ...] = ()

    def under(self, several: Sequence[OwnYear]) -> Calendar:
        """Give the calendar with what a bureau says over it, the later of `several` over the earlier."""
        of = self
        for one in several:
            spans = {
                part: tuple(span for span in getattr(of, part) if not one.gone(part, span))
                for part in (PERIODS, TERMS, PAUSES)
            }
            of = replace(
                of,
                own=(one, *(old.under(one) for old in of.own)),
                periods=_in_order((*spans[PERIODS], *one.periods)),
                terms=_in_order((*spans[TERMS], *one.terms)),
                pauses=_in_order((*spans[PAUSES], *one.pauses)),
            )
        return of

    def _decided_by(self, day: date) -> YearFile | None:
        """Give the file that decides a day: the bureau's own before others, official before provisional.

        Of its like, one that names the day before one that covers it.
        """
        mine = [one.notice for one in self.own]
        for file in mine:
            if file.lists(day):
                return file
        for file in mine:
            if file.spans(day):
                return file
        for status in (OFFICIAL, PROVISIONAL):
            files = [one for one in self.years if one.status == status]
            for file in files:
                if file.lists(day):
                    return file
            for file in files:
                if file.spans(day):
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
        if any(day in pause for pause in self.pauses):
            return False
        if any(day in term for term in self.terms):
            return True
        before = [term.last for term in self.terms if term.last < day]
        after = [term.first for term in self.terms if term.first > day]
        if before and after and (min(after) - max(before)).days <= LONGEST_BREAK:
            return False
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


def _in_order(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: (span.first, span.last, span.name)))


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
        if not 1900 <= value.year <= 2199:
            raise self.bad(key, _("{day} is a year that cannot be meant").format(day=value))
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


KINDS = N_("must be year, periods or terms")


def _head(path: Path | Traversable) -> _Table:
    """Read a file; raises BadCalendar for what is no TOML."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCalendar(file=path.name, key="TOML", problem=toml_fault(error)) from error
    except RecursionError as error:
        raise BadCalendar(file=path.name, key="TOML", problem=_("is nested too deeply")) from error
    return _Table(path.name, "", document)


def read_own(path: Path) -> list[OwnYear]:
    """Read one year file, or file of key periods or terms, as what a bureau says itself, a value a year.

    A year file belongs to the year in which it ends, a key period or term to that of its first day. What
    such a file leaves out is not so; the `usual` terms of a file are left aside, for they are of no year.

    Raises
    ------
    BadCalendar
    """
    head = _head(path)
    kind = head.values.get("kind")
    if kind == "year":
        notice = _year(head)
        assert notice.covers is not None
        return [OwnYear(year=notice.covers.last.year, notice=notice, whole=(DAYS,))]
    if kind == "periods":
        spans = _periods(head)
        told = [table.values for table in head.tables("periods")]
        source = "；".join(dict.fromkeys(str(one["source"]) for one in told))
        verified = bool(told) and all(bool(one["verified"]) for one in told)
        part = PERIODS
    elif kind == "terms":
        spans = _terms(head)[0]
        source, verified, part = head.text("source"), head.truth("verified"), TERMS
    else:
        raise head.bad("kind", _(KINDS))
    if not spans:
        raise head.bad(part, _("holds no days; add some"))
    return own_years(
        YearFile(file=path.name, status=OFFICIAL if verified else PROVISIONAL, source=source, notice="",
                 verified=verified, covers=None, off={}, work={}),
        spans={part: spans}, whole=(part,),
    )  # fmt: skip


def own_years(
    notice: YearFile, *, spans: Mapping[str, Sequence[Span]], whole: Sequence[str] = ()
) -> list[OwnYear]:
    """Share out what a bureau says among the years: days by themselves, spans by their first day.

    Parameters
    ----------
    notice
        Of which the days are taken; its `covers` are not.
    spans
        By part: key periods, terms, days without lessons.
    whole
        See `OwnYear`; a part of which a year has nothing is not whole in that year. Days that are make the
        notice cover the year.
    """
    named = {PERIODS: (), TERMS: (), PAUSES: ()} | dict(spans)
    days = {*notice.off, *notice.work, *notice.plain}
    months = {(day.year, day.month) for day in days}
    there = {year for year, _month in months}
    early = {  # a notice may begin with the December before
        year
        for year in there
        if year + 1 in there and all(month == 12 for other, month in months if other == year)
    }

    def year_of(day: date) -> int:
        return day.year + (day.year in early)

    spanned = {one.first.year for part in named.values() for one in part}
    found = []
    for year in sorted({year_of(day) for day in days} | spanned):
        mine = {part: tuple(one for one in spans if one.first.year == year) for part, spans in named.items()}
        has_days = any(year_of(day) == year for day in days)
        parts = {part for part in mine if mine[part]} | ({DAYS} if has_days else set())
        all_year = Span("", date(year, 1, 1), date(year, 12, 31))
        found.append(
            OwnYear(
                year=year,
                notice=replace(
                    notice,
                    covers=all_year if DAYS in whole and has_days else None,
                    off={day: name for day, name in notice.off.items() if year_of(day) == year},
                    work={day: name for day, name in notice.work.items() if year_of(day) == year},
                    plain=frozenset(day for day in notice.plain if year_of(day) == year),
                ),
                periods=mine[PERIODS],
                terms=mine[TERMS],
                pauses=mine[PAUSES],
                whole=tuple(part for part in PARTS if part in whole and part in parts),
            )
        )
    return found


def own_json(one: OwnYear) -> dict[str, Any]:
    """Write what a bureau says of a year as JSON has it."""
    notice = one.notice

    def spans(several: Sequence[Span]) -> list[list[str]]:
        return [[span.name, span.first.isoformat(), span.last.isoformat()] for span in several]

    return {
        "file": notice.file, "status": notice.status, "source": notice.source, "notice": notice.notice,
        "verified": notice.verified,
        "covers": [str(notice.covers.first), str(notice.covers.last)] if notice.covers else None,
        "off": {f"{day}": notice.off[day] for day in sorted(notice.off)},
        "work": {f"{day}": notice.work[day] for day in sorted(notice.work)},
        "plain": [f"{day}" for day in sorted(notice.plain)],
        "periods": spans(one.periods), "terms": spans(one.terms), "pauses": spans(one.pauses),
        "whole": list(one.whole),
    }  # fmt: skip


def own_of_json(year: int, kept: Mapping[str, Any]) -> OwnYear:
    """Read what `own_json` wrote."""
    day = date.fromisoformat

    def spans(part: str) -> tuple[Span, ...]:
        return tuple(Span(name, day(first), day(last)) for name, first, last in kept[part])

    return OwnYear(
        year=year,
        notice=YearFile(
            file=kept["file"], status=kept["status"], source=kept["source"], notice=kept["notice"],
            verified=kept["verified"],
            covers=Span("", *map(day, kept["covers"])) if kept["covers"] else None,
            off={day(key): name for key, name in kept["off"].items()},
            work={day(key): name for key, name in kept["work"].items()},
            plain=frozenset(map(day, kept["plain"])),
        ),
        periods=spans("periods"), terms=spans("terms"), pauses=spans("pauses"), whole=tuple(kept["whole"]),
    )  # fmt: skip


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
        head = _head(path)
        kind = head.values.get("kind")
        if kind == "year":
            years.append(_year(head))
        elif kind == "periods":
            periods.extend(_periods(head))
        elif kind == "terms":
            more, patterns = _terms(head)
            terms.extend(more)
            usual.extend(patterns)
        else:
            raise head.bad("kind", _(KINDS))
    _refuse_contradictions(years)
    return Calendar(
        years=tuple(years),
        periods=_in_order(periods),
        terms=_in_order(terms),
        usual=tuple(usual),
    )
