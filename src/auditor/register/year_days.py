"""From rows to the days of a year: days off, make-up workdays, key periods, terms, days without lessons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from auditor.i18n import _
from auditor.register.cells import BLANK, Unreadable, day, text
from auditor.register.columns import YEAR_ALIASES
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

HOLIDAY, WORK, PLAIN, PERIOD, TERM, PAUSE = "holiday", "work", "plain", "period", "term", "pause"

KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    HOLIDAY: (
        "法定节假日", "节假日", "法定假日", "假日", "放假", "公休", "公休日", "休息", "休息日", "休", "节日",
        "补假", "day off", "off", "public holiday",
    ),
    WORK: (
        "调休上班", "补班", "调休", "上班", "班", "补上班", "工作日", "调休工作日", "make-up workday",
        "workday",
    ),
    PLAIN: ("正常", "照常", "平日", "不放假", "as the week has it", "ordinary"),
    PERIOD: ("重点时段", "重要时段", "敏感时段", "特护期", "重点时期", "key period", "key"),
    TERM: ("学期", "教学", "上课", "school term"),
    PAUSE: ("停课", "寒假", "暑假", "学校放假", "校历假期", "秋假", "春假", "no lessons", "school holiday"),
}  # fmt: skip
"""How a kind of days may be written, beside its key; the first word is the one that is printed."""

LONGEST = {HOLIDAY: 31, WORK: 10, PLAIN: 366, PERIOD: 120, TERM: 250, PAUSE: 100}
"""So many days a row of each kind lasts at most."""

LONGEST_NAME, LONGEST_SOURCE = 60, 200
FIRST_YEAR, LAST_YEAR = 2000, 2099
_BETWEEN = re.compile(r"\s*(?:至|到|—+|–|~|～|－{1,2}|--|\s-\s)\s*")
_AMONG = re.compile(r"[、,，;；\s]+")
_WEEKDAY = re.compile(r"[(（](?:周|星期|礼拜)[一二三四五六日天][)）]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some days on end of one kind, under a name; `row` is where they stand, None for an event of a feed."""

    kind: str
    name: str
    first: date
    last: date
    source: str = ""
    row: NamedRow | None = None

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1)]


@dataclass(slots=True)
class YearReading(Reading):
    """What a table of days says."""

    days: list[Days] = field(default_factory=list)


def kind_word(word: str) -> str:
    """Give the kind that a word means, "" for none."""
    plain = word.strip().casefold()
    return next((key for key, words in KIND_WORDS.items() if plain == key or plain in words), "")


def read_year_days(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    usual: str = "",
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> YearReading:
    """Read a table of days: from, to (empty: one day), kind, name, source, make-up workdays of a holiday.

    Parameters
    ----------
    usual
        The kind of rows that name none; "" refuses such rows.

    Raises
    ------
    What `read_sheets` raises.
    """
    sheets = read_sheets(
        tables, YEAR_ALIASES, file=file, what=_("table of days"), needed=["from"],
        mapping=mapping, where=where, kept=kept,
    )  # fmt: skip
    reading = YearReading.of(sheets)
    for row in sheets.rows:
        before = len(reading.refused)
        kind = _kind(row, reading, usual)
        ends = _ends(row, reading)
        made_up = _made_up(row, reading)
        if len(reading.refused) > before or ends is None:
            continue
        name = (text(row.cells.get("name")) or text(row.cells.get("kind")))[:LONGEST_NAME]
        source = text(row.cells.get("source"))[:LONGEST_SOURCE]
        one = Days(kind=kind, name=name, first=ends[0], last=ends[1], source=source, row=row)
        reading.days.append(one)
        reading.days += [
            Days(kind=WORK, name=name, first=on, last=on, source=source, row=row) for on in made_up
        ]
    judge(reading)
    return reading


def _kind(row: NamedRow, reading: Reading, usual: str) -> str:
    word = text(row.cells.get("kind"))
    if word.casefold() in BLANK:
        guessed = HOLIDAY if text(row.cells.get("work")) else usual
        if guessed:
            return guessed
    elif found := kind_word(word):
        return found
    known = "、".join(words[0] for words in KIND_WORDS.values())
    reading.refuse(
        row, "kind", _("unknown kind of day") if word else _("no kind of day"),
        _("write one of {known}").format(known=known),
    )  # fmt: skip
    return usual or HOLIDAY


def _ends(row: NamedRow, reading: Reading) -> tuple[date, date] | None:
    """Give the first and the last day; both may stand in one cell, like 2027-02-05至2027-02-12."""
    first, last = row.cells.get("from"), row.cells.get("to")
    parts = _BETWEEN.split(text(first))
    if len(parts) == 2 and not text(last):
        first, last = parts
    start = _date(row, reading, "from", first)
    end = _date(row, reading, "to", last) if text(last) else start
    if start and end and end < start:
        reading.refuse(row, "to", _("the end is before the start"), _("exchange or mend the two dates"))
        return None
    return (start, end) if start and end else None


def _date(row: NamedRow, reading: Reading, one: str, cell: object) -> date | None:
    try:
        found = day(_WEEKDAY.sub("", text(cell)))
    except Unreadable:
        reading.refuse(
            row, one, _("no date with its year"), _("write it like 2026-12-01"), value=text(cell)
        )  # fmt: skip
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        reading.refuse(row, one, _("a year that cannot be meant"), _("write it like 2026-12-01"))
        return None
    return found


def _made_up(row: NamedRow, reading: Reading) -> list[date]:
    found = []
    for word in filter(None, _AMONG.split(text(row.cells.get("work")))):
        if word in BLANK:
            continue
        on = _date(row, reading, "work", word)
        if on is not None:
            found.append(on)
    return found


def judge(reading: YearReading) -> None:
    """Refuse rows that cannot be so: a weekday made a workday, a day of two kinds, two terms at once."""
    good: list[Days] = []
    seen: dict[date, str] = {}
    for one in reading.days:
        problem, cure = _fault(one, good, seen)
        if problem and one.row is not None:
            reading.refuse(one.row, "from", problem, cure, value=_told(one))
            continue
        if problem:
            reading.refused.append(
                {"sheet": "", "row": None, "column": "", "value": f"{_told(one)} {one.name}",
                 "problem": problem, "cure": cure}
            )  # fmt: skip
            continue
        if one.kind in (HOLIDAY, WORK, PLAIN):
            seen |= dict.fromkeys(one.days, one.kind)
        good.append(one)
    reading.days = good


def _told(one: Days) -> str:
    return f"{one.first}" if one.last == one.first else f"{one.first} – {one.last}"


def _fault(one: Days, good: Sequence[Days], seen: Mapping[date, str]) -> tuple[str, str]:
    """Give what is wrong with some days and the cure, both "" where nothing is."""
    if not FIRST_YEAR <= one.first.year <= one.last.year <= LAST_YEAR:
        return _("a year that cannot be meant"), _("write it like 2026-12-01")
    days = (one.last - one.first).days + 1
    if days > LONGEST[one.kind]:
        return (
            _("{kind} of {n} days").format(kind=KIND_WORDS[one.kind][0], n=days),
            _("at most {n} are believed; mend the dates, or write another kind").format(n=LONGEST[one.kind]),
        )
    if one.kind == WORK and (weekday := next((on for on in one.days if on.weekday() < 5), None)):
        return (
            _("{day} is no Saturday or Sunday").format(day=weekday),
            _("only a day of the weekend is made a workday; mend the date or the kind"),
        )
    if one.kind in (HOLIDAY, WORK, PLAIN):
        other = next((on for on in one.days if seen.get(on, one.kind) != one.kind), None)
        if other is not None:
            return (
                _("{day} stands in the file as another kind of day too").format(day=other),
                _("keep one of the two rows"),
            )
    if one.kind == TERM:
        other_term = next(
            (
                term
                for term in good
                if term.kind == TERM and term.first <= one.last and one.first <= term.last
                and (term.first, term.last) != (one.first, one.last)
            ),
            None,
        )  # fmt: skip
        if other_term is not None:
            return (
                _("this term and {name} have days in common").format(name=other_term.name),
                _("mend the first or the last day of one"),
            )
    return "", ""
