"""From rows to black-outs and to inspections of the past, refused by row with the cure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from auditor.entities import BLACKOUTS, KINDS, Blackout, Inspection, Unit
from auditor.i18n import _, listed
from auditor.register.cells import BLANK, Unreadable, code, day, narrow, text, together
from auditor.register.columns import BLACKOUT_ALIASES, PAST_ALIASES
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets
from auditor.register.staff import EVERY, split

_KINDS: Mapping[str, tuple[str, ...]] = {
    "exam": ("考试", "考点", "高考", "中考", "期末考试", "期中考试"),
    "closure": ("停课", "放假", "封闭", "停办"),
    "inspection": ("上级检查", "上级督查", "督导评估", "迎检"),
    "other": ("其他", "其它"),
}
"""How a kind of black-out may be written, beside its key; the first word is the one that is printed."""

_NOT_ORDERED = ("否", "无", "no", "false", "0")


@dataclass(slots=True)
class BlackoutReading(Reading):
    """What a list of black-outs says."""

    blackouts: list[Blackout] = field(default_factory=list)


@dataclass(slots=True)
class PastReading(Reading):
    """What a list of past inspections says."""

    inspections: list[Inspection] = field(default_factory=list)


def unit_of(word: str, units: Sequence[Unit]) -> str:
    """Give the id of the unit that a word names by code or by a name that one unit bears, or ""."""
    if any(unit.id == word for unit in units):
        return word
    named = [unit.id for unit in units if unit.name == word]
    return named[0] if len(named) == 1 else ""


def scope_of(word: str, units: Sequence[Unit]) -> str | None:
    """Give the scope that a word means: "" for everybody, a unit, a place, a kind; None for nothing known."""
    if word.casefold() in {*BLANK, *EVERY, "全县", "全市", "全区"}:
        return ""
    kind = next((key for key, zh in KINDS.items() if word in (key, zh)), "")
    places = {name for unit in units for name in (unit.township, unit.district)}
    return kind or unit_of(word, units) or (word if word in places else None)


def read_blackouts(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    units: Sequence[Unit],
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> BlackoutReading:
    """Read black-outs: scope (empty or 全部: everybody), from, to (empty: one day), kind, reason.

    Raises
    ------
    What `read_sheets` raises.
    """
    sheets = read_sheets(
        tables, BLACKOUT_ALIASES, file=file, what=_("list of black-outs"), needed=["from"],
        mapping=mapping, where=where, kept=kept,
    )  # fmt: skip
    reading = BlackoutReading.of(sheets)
    for row in sheets.rows:
        before = len(reading.refused)
        start = _date(row, reading, "from")
        end = _date(row, reading, "to") if text(row.cells.get("to")) else start
        word = _name(row, "scope")
        scope = scope_of(word, units)
        if scope is None:
            reading.refuse(
                row, "scope", _("no unit, township, district or kind is called so"),
                _("write a code, a name that one unit bears, a place or a kind; 全部 for all"),
            )  # fmt: skip
        if start and end and end < start:
            reading.refuse(row, "to", _("the end is before the start"), _("exchange or mend the two dates"))
        kind = _kind(row, reading)
        if len(reading.refused) == before and start and end:
            reading.blackouts.append(
                Blackout(
                    scope=scope or "",
                    from_on=start,
                    to_on=end,
                    kind=kind,
                    reason=text(row.cells.get("reason")),
                )
            )
    return reading


def _kind(row: NamedRow, reading: Reading) -> str:
    word = text(row.cells.get("kind")).casefold()
    if word in BLANK:
        return "other"
    for key, words in _KINDS.items():
        if word == key or word in words:
            return key
    reading.refuse(
        row, "kind", _("unknown kind of black-out"),
        _("write one of {known}").format(known=listed(BLACKOUTS.values())),
    )  # fmt: skip
    return "other"


def read_past(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    units: Sequence[Unit],
    people: Mapping[str, str],
    domains: Mapping[str, str],
    today: date,
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> PastReading:
    """Read inspections of the past: unit, date, domains, people, and the number of an order if one was given.

    Parameters
    ----------
    people
        The name of each id of the staff. Others who were there (a former colleague, another office) are
        left out: nobody of them is sent.
    domains
        The key of each name that a domain may be written with.
    today
        No inspection of the past is later.

    Raises
    ------
    What `read_sheets` raises.
    """
    sheets = read_sheets(
        tables, PAST_ALIASES, file=file, what=_("list of past inspections"),
        needed=["unit", "on", "domains"], mapping=mapping, where=where, kept=kept,
    )  # fmt: skip
    reading = PastReading.of(sheets)
    for row in sheets.rows:
        before = len(reading.refused)
        unit = unit_of(_name(row, "unit"), units)
        if not unit:
            reading.refuse(
                row, "unit", _("no unit is called so, or several are"), _("write the code of the unit")
            )
        on = _date(row, reading, "on")
        if on and on > today:
            reading.refuse(row, "on", _("a day to come"), _("write the day on which it was inspected"))
        keys = _domains(row, reading, domains)
        ordered = text(row.cells.get("directed")).casefold()
        if len(reading.refused) == before and on:
            reading.inspections.append(
                Inspection(
                    unit=unit,
                    on=on,
                    domains=tuple(sorted(keys)),
                    people=_people(text(row.cells.get("people")), people),
                    directed=ordered not in {*BLANK, *_NOT_ORDERED},
                )
            )
    return reading


def _name(row: NamedRow, one: str) -> str:
    """Give a cell that names a unit; a code that a sheet keeps as a number has no decimals."""
    return together(text(code(row.cells.get(one)))) or narrow(code(row.cells.get(one)))


def _people(cell: str, people: Mapping[str, str]) -> tuple[str, ...]:
    """Give the ids of those of the staff that a cell names, by id or by a name that one person bears."""
    found = set()
    for word in split(cell):
        named = [key for key, name in people.items() if name == word]
        if word in people:
            found.add(word)
        elif len(named) == 1:
            found.add(named[0])
    return tuple(sorted(found))


def _domains(row: NamedRow, reading: Reading, domains: Mapping[str, str]) -> Collection[str]:
    words = split(text(row.cells.get("domains")))
    known = sorted(set(domains.values()))
    if any(word.casefold() in EVERY for word in words):
        return known
    keys = {domains.get(word.casefold(), "") for word in words}
    if not keys or "" in keys:
        strange = next((word for word in words if word.casefold() not in domains), "")
        reading.refuse(
            row, "domains", _("unknown domain {word}").format(word=strange),
            _("write one of {known}").format(known=listed(known)),
        )  # fmt: skip
    return keys


def _date(row: NamedRow, reading: Reading, one: str) -> date | None:
    try:
        return day(row.cells.get(one))
    except Unreadable:
        reading.refuse(row, one, _("no date"), _("write it like 2026-12-01"))
        return None
