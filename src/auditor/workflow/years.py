"""A bureau's own years: a file in, shown day by day before it is kept; listed; dropped again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.calendars.published import Event, read_ics, read_json_days
from auditor.calendars.years import (
    DAYS,
    OFFICIAL,
    PARTS,
    PAUSES,
    PERIODS,
    PROVISIONAL,
    TERMS,
    BadCalendar,
    Calendar,
    OwnYear,
    Span,
    YearFile,
    own_json,
    own_of_json,
    own_years,
    read_own,
)
from auditor.entities import CalendarDay
from auditor.errors import UsageProblem
from auditor.i18n import _, language, ngettext
from auditor.register.year_days import (
    HOLIDAY,
    KIND_WORDS,
    PAUSE,
    PERIOD,
    PLAIN,
    TERM,
    WORK,
    Days,
    YearReading,
    judge,
    read_year_days,
)
from auditor.store import Database
from auditor.store import units as unit_store
from auditor.store import years as store
from auditor.store.numbers import read_numbers
from auditor.store.rosters import read_roster_months
from auditor.store.writing import write_tx
from auditor.workflow.imports import Refused, Request, tables_of
from auditor.workflow.months import calendar, calendar_of, ends_of
from auditor.workflow.telling import demonstrations

IMPORT, DROP = "calendars import", "calendars drop"
"""What the log calls it."""

SUFFIXES = (".toml", ".ics", ".json")
"""Files that are no tables."""

MOST_ROWS = 5000
"""A table with more rows is no table of days."""

_PART_OF = {PERIOD: PERIODS, TERM: TERMS, PAUSE: PAUSES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a file of days is to be taken.

    Parameters
    ----------
    official
        Whether an official notice is behind it; None: as the file says, else if it names its source.
    source
        Where it comes from; "" for what the file says.
    whole
        Whether what the file does not name is not so. A year file always is whole, and so are the
        days off of a published list.
    kind
        The kind of rows or events that name none, a key of `KIND_WORDS`; "" refuses them.
    name
        What the file is called, where it lies under another name.
    """

    request: Request
    official: bool | None = None
    source: str = ""
    whole: bool = False
    kind: str = ""
    name: str = ""


@dataclass(slots=True, kw_only=True)
class YearImport:
    """What an import of years did, or would do.

    Parameters
    ----------
    years
        What is known of each year from now on by this file.
    rows
        Refused cells; then nothing was kept.
    changes
        Days on end that change alike: `from`, `to`, and what they were and are.
    confirmed, doubted
        Days that change in nothing but that an official notice is behind them, or no longer is.
    touched
        What was made under the former days and stays as it is.
    left
        Days off and make-up workdays that were known before and stay though the file does not name them.
    stands
        Whether all of it was said before, so that nothing is written.
    """

    file: str
    years: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    confirmed: int = 0
    doubted: int = 0
    touched: list[dict[str, Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    stands: bool = False
    kept: bool = False

    def record(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "file": self.file, "kept": self.kept, "stands": self.stands, "years": self.years,
            "refused": len(self.rows), "rows": self.rows, "changes": self.changes,
            "confirmed": self.confirmed, "doubted": self.doubted,
            "touched": self.touched, "left": self.left, "notes": self.notes, "columns": self.columns,
        }  # fmt: skip

    @property
    def days(self) -> int:
        """How many days change."""
        return sum(one["days"] for one in self.changes)

    def refuse(self) -> None:
        """Raise Refused if any cell was."""
        if self.rows:
            raise Refused(file=self.file, count=len(self.rows))


def import_years(db: Database, path: Path, asked: Asked, now: datetime) -> YearImport:
    """Lay what a file says over what is known of its years: all of it, or nothing if a row is refused.

    With ``dry_run`` nothing is written, and the answer is the same. What was drawn, planned or made for
    duty under the former days stays as it is.

    Raises
    ------
    BadCalendar
        For a year file, a feed or a list that cannot be taken; what `tables_of` and `read_sheets` raise.
    """
    found, reading = _read(db, path, asked)
    told = YearImport(file=asked.name or str(path))
    if reading is not None:
        told.rows = sorted(reading.refused, key=lambda row: (row["sheet"], row["row"] or 0))
        told.notes, told.columns = list(reading.notes), reading.columns
        if told.rows:
            return told
    kept = store.read_years(db)
    fresh = [one for one in found if not _stands(one, kept)]
    before = calendar_of(db)
    after = before.under(fresh)
    told.years = [year_row(one) for one in found]
    _tell_changes(told, before, after, [one.year for one in found])
    told.touched = touched(db, told.changes)
    told.left = _left(before, after, found)
    told.stands = not fresh
    if told.stands:
        told.notes.append(_("these years stand so already; nothing is written"))
    if asked.request.dry_run or not fresh:
        return told
    number = max((one.number for one in kept), default=0) + 1
    with write_tx(db, IMPORT, now) as tx:
        store.drop_years(tx, [one for one in kept if _shadowed(one, fresh)])
        for one in fresh:
            store.put_year(tx, one.year, number, own_json(one))
        for shape, mapping in reading.readings.items() if reading is not None else ():
            unit_store.put_reading(tx, "calendars", shape, mapping)
    told.kept = True
    return told


def _stands(one: OwnYear, kept: Sequence[store.KeptYear]) -> bool:
    """Whether this was said of the year, and nothing of its kinds since."""
    mine = [old.record for old in kept if old.year == one.year]
    said = own_json(one)
    if said not in mine:
        return False
    last = len(mine) - 1 - mine[::-1].index(said)
    return all(_parts(said).isdisjoint(_parts(later)) for later in mine[last + 1 :])


def _parts(record: Mapping[str, Any]) -> set[str]:
    days = {DAYS} if record["covers"] or record["off"] or record["work"] or record["plain"] else set()
    return days | {part for part in (PERIODS, TERMS, PAUSES) if record[part]}


def _shadowed(old: store.KeptYear, fresh: Sequence[OwnYear]) -> bool:
    """Whether nothing of what was said before shows any more under what is said now."""
    own = own_of_json(old.year, old.record)
    for one in fresh:
        if one.year == old.year:
            left = own.under(one).notice
            named = {*left.off, *left.work, *left.plain}
            spans = [(part, span) for part in (PERIODS, TERMS, PAUSES) for span in getattr(own, part)]
            return (
                set(own.whole) <= set(one.whole)
                and all(one.notice.lists(day) for day in named)
                and all(one.gone(part, span) for part, span in spans)
            )
    return False


def _read(db: Database, path: Path, asked: Asked) -> tuple[list[OwnYear], YearReading | None]:
    suffix = path.suffix.casefold()
    if suffix == ".toml":
        found = read_own(path)
        return [_as_asked(one, asked) for one in found], None
    if suffix in (".ics", ".json"):
        events, source = (read_ics(path), "") if suffix == ".ics" else read_json_days(path)
        reading = _of_events(events, source, asked)
    else:
        tables = tables_of(path, asked.request)
        if (rows := sum(len(one.rows) for one in tables)) > MOST_ROWS:
            problem = _("{rows} rows are too many for the days of a year; see that it is the right file")
            raise BadCalendar(file=path.name, key=_("rows"), problem=problem.format(rows=rows))
        reading = read_year_days(
            tables,
            file=str(path),
            mapping=asked.request.mapping,
            where=asked.request.where,
            usual=asked.kind,
            kept=unit_store.read_readings(db, "calendars"),
        )
    if reading.refused:
        return [], reading
    published = (DAYS,) if suffix in (".ics", ".json") else ()
    return _own_of(reading.days, Path(asked.name or path).name, asked, published), reading


def _as_asked(one: OwnYear, asked: Asked) -> OwnYear:
    """Give what a year file says with the source and the standing that somebody names beside it."""
    notice = replace(one.notice, file=Path(asked.name).name if asked.name else one.notice.file)
    if asked.source:
        notice = replace(notice, source=asked.source)
    if asked.official is not None:
        notice = replace(notice, status=OFFICIAL if asked.official else PROVISIONAL, verified=asked.official)
    return replace(one, notice=notice)


def _of_events(events: Sequence[Event], source: str, asked: Asked) -> YearReading:
    """Give the events of a feed as a table has them; one of an unknown kind is refused."""
    reading = YearReading()
    for one in events:
        kind = one.kind or asked.kind
        if kind:
            reading.days.append(Days(kind=kind, name=one.name, first=one.first, last=one.last, source=source))
            continue
        known = "、".join(words[0] for words in KIND_WORDS.values())
        reading.refused.append(
            {
                "sheet": "", "row": None, "column": "", "value": f"{one.first} {one.name}",
                "problem": _("no kind of day"),
                "cure": _("say which kind is meant where none is named: one of {known}").format(known=known),
            }
        )  # fmt: skip
    judge(reading)
    return reading


def _own_of(days: Sequence[Days], file: str, asked: Asked, published: Sequence[str]) -> list[OwnYear]:
    """Give what rows say of each year."""
    named: dict[str, dict[date, str]] = {HOLIDAY: {}, WORK: {}, PLAIN: {}}
    spans: dict[str, list[Span]] = {PERIODS: [], TERMS: [], PAUSES: []}
    for one in days:
        if one.kind in named:
            named[one.kind] |= dict.fromkeys(one.days, one.name)
        else:
            span = Span(one.name or KIND_WORDS[one.kind][0], one.first, one.last)
            if span not in spans[_PART_OF[one.kind]]:
                spans[_PART_OF[one.kind]].append(span)
    sources = dict.fromkeys(one.source for one in days if one.source)
    source = asked.source or "；".join(sources)
    official = bool(source) if asked.official is None else asked.official
    notice = YearFile(
        file=file, status=OFFICIAL if official else PROVISIONAL, source=source or file, notice="",
        verified=official, covers=None, off=named[HOLIDAY], work=named[WORK], plain=frozenset(named[PLAIN]),
    )  # fmt: skip
    return own_years(notice, spans=spans, whole=PARTS if asked.whole else published)


def year_row(one: OwnYear) -> dict[str, Any]:
    """Say what is known of a year by one file."""
    notice = one.notice
    return {
        "year": one.year, "file": notice.file, "status": notice.status, "source": notice.source,
        "notice": notice.notice, "verified": notice.verified, "off": len(notice.off),
        "work": len(notice.work), "periods": len(one.periods), "terms": len(one.terms),
        "pauses": len(one.pauses), "whole": list(one.whole),
    }  # fmt: skip


def _state(one: CalendarDay) -> dict[str, Any]:
    """Give what a person sees of a day; whether pupils are taught matters on a day of work alone."""
    taught = one.cls != "work" or one.in_term
    return {"cls": one.cls, "name": one.name, "key_period": one.key_period, "taught": taught}


def _tell_changes(told: YearImport, before: Calendar, after: Calendar, years: Sequence[int]) -> None:
    """Note every day that changes, days on end that change alike as one."""
    if not years:
        return
    day, end = date(min(years) - 1, 12, 1), date(max(years) + 1, 12, 31)
    while day <= end:
        old, new = before.day(day), after.day(day)
        was, now = _state(old), _state(new)
        if was != now:
            last = told.changes[-1] if told.changes else None
            if last and (last["before"], last["after"]) == (was, now) and last["to"] == f"{day - _ONE}":
                last["to"] = f"{day}"
                last["days"] += 1
            else:
                told.changes.append(
                    {"from": f"{day}", "to": f"{day}", "days": 1, "before": was, "after": now}
                )
        elif old.provisional != new.provisional:
            told.confirmed += old.provisional
            told.doubted += new.provisional
        day += _ONE


_ONE = timedelta(days=1)


def _left(before: Calendar, after: Calendar, found: Sequence[OwnYear]) -> list[str]:
    """Give the special days that were known before and stay, of years of which the file names some days."""
    stay = []
    for one in found:
        notice = one.notice
        if not notice.off or notice.covers is not None:
            continue
        day = date(one.year, 1, 1)
        while day.year == one.year:
            old = before.day(day)
            special = old.cls == "holiday" or (old.cls == "work" and day.weekday() >= 5)
            if special and not notice.lists(day) and after.day(day).cls == old.cls:
                stay.append(f"{day}")
            day += _ONE
    return stay


def touched(db: Database, changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the draws, plans and rosters of which days change: they were made under the former ones and stay.

    Each with its first and last day, in the order of these.
    """
    made: list[dict[str, Any]] = []
    for one in read_numbers(db):
        if one["state"] != "abandoned":
            first, last = one["facts"]["period"]
            what = "draw" if one["state"] in ("frozen", "committed", "drawn") else "plan"
            made.append({"what": what, "which": str(one["number"]), "from": first, "to": last})
    for what, months in (("plan", demonstrations(db)), ("roster", read_roster_months(db))):
        for month in months:
            first_day, last_day = ends_of(month)
            made.append({"what": what, "which": month, "from": f"{first_day}", "to": f"{last_day}"})
    return sorted(
        (
            one
            for one in made
            if any(change["from"] <= one["to"] and one["from"] <= change["to"] for change in changes)
        ),
        key=lambda one: (one["from"], one["what"], one["which"]),
    )


def drop_year(db: Database, year: int, now: datetime, *, dry_run: bool = False) -> YearImport:
    """Take away all that was imported of a year; what comes with auditor holds again.

    Raises
    ------
    UsageProblem
        If nothing of the year was imported.
    """
    kept = store.read_years(db)
    gone = [one for one in kept if one.year == year]
    if not gone:
        raise UsageProblem(
            problem=_(
                "nothing of {year} was imported; what comes with auditor stays; see `auditor calendars years`"
            ).format(year=year)
        )
    before = calendar_of(db)
    stay = [own_of_json(one.year, one.record) for one in kept if one.year != year]
    told = YearImport(file="", years=[year_row(own_of_json(one.year, one.record)) for one in gone])
    _tell_changes(told, before, calendar().under(stay), [year])
    told.touched = touched(db, told.changes)
    if dry_run:
        return told
    with write_tx(db, DROP, now) as tx:
        store.drop_years(tx, gone)
    told.kept = True
    return told


def years(db: Database) -> list[dict[str, Any]]:
    """Give every year that anything is known of: what comes with auditor, then what was imported over it."""
    shipped = calendar()
    rows: dict[int, list[dict[str, Any]]] = {}
    for file in shipped.years:
        assert file.covers is not None
        year = file.covers.last.year
        row = year_row(OwnYear(year=year, notice=file, whole=(DAYS,)))
        spans = {
            part: sum(span.first.year == year for span in getattr(shipped, part)) for part in (PERIODS, TERMS)
        }
        rows.setdefault(year, []).append(row | spans | {"origin": "shipped", "number": 0})
    for one in store.read_years(db):
        row = year_row(own_of_json(one.year, one.record))
        rows.setdefault(one.year, []).append(row | {"origin": "own", "number": one.number})
    return [row for year in sorted(rows) for row in rows[year]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDays:
    """Days on end of one year under one name: days off, or one make-up workday."""

    name: str
    off: bool
    first: date
    last: date


def named_days(of: Calendar) -> list[NamedDays]:
    """Give the days off and make-up workdays that notices name, as they stand, in order."""
    notices = (*(one.notice for one in of.own), *of.years)
    found: list[NamedDays] = []
    for at in sorted({day for one in notices for day in (*one.off, *one.work)}):
        day = of.day(at)
        off = day.cls == HOLIDAY
        if not off and not (day.cls == "work" and at.weekday() >= 5):
            continue
        before = found[-1] if found else None
        if (
            off
            and before is not None
            and before.off
            and (before.name, before.last, before.first.year) == (day.name, at - _ONE, at.year)
        ):
            found[-1] = replace(before, last=at)
        else:
            found.append(NamedDays(name=day.name, off=off, first=at, last=at))
    return found


def own_of(db: Database, year: int) -> list[dict[str, Any]]:
    """Give what was imported of one year, the last first."""
    kept = [one for one in store.read_years(db) if one.year == year]
    return [year_row(own_of_json(one.year, one.record)) | {"number": one.number} for one in reversed(kept)]


def state_words(state: Mapping[str, Any], day: str) -> str:
    """Say what a day is: off, a workday, of the weekend; its name; its key period; lessons or none."""
    weekend = date.fromisoformat(day).weekday() >= 5
    words = {"holiday": _("day off"), "weekend": _("weekend")}
    plain = _("make-up workday") if weekend else _("work day")
    said = [words.get(state["cls"], plain)]
    if state["name"]:
        said.append(state["name"])
    if state["key_period"]:
        said.append(_("key period {name}").format(name=state["key_period"]))
    if not state["taught"]:
        said.append(_("no lessons"))
    return ("，" if language() == "zh" else ", ").join(said)


def touched_words(one: Mapping[str, Any]) -> str:
    """Say what was made under the former days."""
    texts = {
        "draw": _("draw {which} ({first} to {last})"), "plan": _("plan {which} ({first} to {last})"),
        "roster": _("duty roster {which}"),
    }  # fmt: skip
    return texts[one["what"]].format(which=one["which"], first=one["from"], last=one["to"])


def left_words(left: Sequence[str]) -> str:
    """Say which days stay though the file does not name them."""
    return ngettext(
        "{n} day off or make-up workday known before is not in the file and stays",
        "{n} days off or make-up workdays known before are not in the file and stay",
        len(left),
    ).format(n=len(left))
