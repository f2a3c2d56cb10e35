"""From rows to leave: whose, when, which half of a day; refused by row with the cure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.entities import Leave
from auditor.i18n import _, listed, ngettext, some
from auditor.register.cells import (
    BLANK,
    Cell,
    Unreadable,
    day,
    day_of,
    heading,
    month_or_day,
    narrow,
    text,
    together,
)
from auditor.register.columns import LEAVE_ALIASES
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

_HALVES: Mapping[str, tuple[str, ...]] = {
    "": ("全天", "整天", "全日", "一天", "full", "all day", "whole day"),
    "am": ("上午", "上", "am", "morning"),
    "pm": ("下午", "下", "pm", "afternoon"),
}

_TAKEN_BACK = re.compile(r"已?销假|取消|作废|撤回|撤销")
_NO_YEAR = re.compile(r"\d{1,2}月\d{1,2}日?|\d{1,2}[-/.]\d{1,2}")


@dataclass(slots=True)
class LeaveReading(Reading):
    """What a list of leave says: leaves in order, overlaps joined, refused cells, columns, notes."""

    leave: list[Leave] = field(default_factory=list)


def read_leave(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    people: Mapping[str, str],
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> LeaveReading:
    """Read leave.

    Parameters
    ----------
    people
        The name of each id that is known.
    """
    sheets = read_sheets(
        tables, LEAVE_ALIASES, file=file, what=_("list of leave"), needed=["person", "from"],
        mapping=mapping, where=where, kept=kept,
    )  # fmt: skip
    reading = LeaveReading.of(sheets)
    orders = {one: _order([row.cells.get(one) for row in sheets.rows]) for one in ("from", "to")}
    found: list[Leave] = []
    for row in sheets.rows:
        before, before_bad = len(reading.refused), len(reading.bad_rows)
        for one in row.uncomputed:
            reading.refuse(
                row, one, _("a formula that no program has computed"),
                _("open the file in WPS or Excel, save it and import it again"),
            )  # fmt: skip
        who = _who(row, reading, people)
        start = _date(row, reading, "from", orders)
        end = start if not text(row.cells.get("to")) else _date(row, reading, "to", orders)
        half = _half(row, reading)
        if _TAKEN_BACK.search(text(row.cells.get("kind"))):
            why = _("a leave that was taken back")
            reading.left_out.append(
                {"sheet": row.sheet, "row": row.number, "value": text(row.cells.get("person")), "why": why}
            )
            del reading.refused[before:], reading.bad_rows[before_bad:]
            continue
        if len(reading.refused) == before and start and end:
            _count_days(row, reading, (end - start).days + 1, half or "")
        if start and end and end < start:
            reading.refuse(row, "to", _("the end is before the start"), _("exchange or mend the two dates"))
        elif half and start != end and start and end:
            reading.refuse(
                row, "half", _("half a day over several days"),
                _("write whole days in one row and the half day in another"),
            )  # fmt: skip
        if len(reading.refused) == before and start and end:
            found.append(
                Leave(person=who, from_on=start, to_on=end, kind=text(row.cells.get("kind")), half=half or "")
            )
    reading.leave, joined = join(found)
    if joined:
        reading.notes.append(_joined_note(joined, people))
    return reading


def _count_days(row: NamedRow, reading: LeaveReading, days: int, half: str) -> None:
    """Refuse a row whose number of days its dates cannot hold; fewer may be working days."""
    word = text(row.cells.get("days")).removesuffix("天").removesuffix("日")
    try:
        said = float(word)
    except ValueError:
        return
    if said > days and not text(row.cells.get("to")):
        reading.refuse(row, "to", _("the last day is missing"), _("write the last day"))
    elif said > days:
        reading.refuse(
            row, "days", _("more days than the dates hold"), _("mend the dates or the number of days")
        )
    elif said != int(said) and not half:
        reading.refuse(
            row, "days", _("half a day, and no word which half"),
            _("write the half day in a row of its own with 上午 or 下午"),
        )  # fmt: skip


def _joined_note(joined: Sequence[Leave], people: Mapping[str, str]) -> str:
    told = (
        f"{people.get(one.person, one.person)} {one.from_on.isoformat()} – {one.to_on.isoformat()}"
        for one in joined
    )
    return ngettext(
        "leave that overlaps was joined: {shown}", "leaves that overlap were joined: {shown}", len(joined)
    ).format(shown=some(told, 5))


def join(leave: Sequence[Leave]) -> tuple[list[Leave], list[Leave]]:
    """Join leaves of one person that overlap; both halves of one day are a whole day.

    Returns
    -------
    The leaves by person and day, no two of which overlap; and those that came of several different
    ones. The kinds of joined leaves are all kept.
    """
    result: list[Leave] = []
    joined: dict[tuple[str, date], Leave] = {}
    for one in sorted(set(leave), key=lambda one: (one.person, one.from_on, one.to_on, one.half, one.kind)):
        last = result[-1] if result else None
        if last is None or last.person != one.person or one.from_on > last.to_on:
            result.append(one)
            continue
        kinds = dict.fromkeys(kind for kind in (*last.kind.split("、"), *one.kind.split("、")) if kind)
        half = last.half if last.half == one.half and last.to_on == one.to_on else ""
        both = replace(
            last, from_on=last.from_on, to_on=max(last.to_on, one.to_on), kind="、".join(kinds), half=half
        )
        joined.pop((last.person, last.from_on), None)
        joined[both.person, both.from_on] = both
        result[-1] = both
    return result, list(joined.values())


def _who(row: NamedRow, reading: LeaveReading, people: Mapping[str, str]) -> str:
    """Give the id of the person that a row names, by id or by a name that one person bears."""
    word = together(text(row.cells.get("person")))
    if narrow(word) in people:
        return narrow(word)
    ids = sorted(key for key, name in people.items() if name == word)
    if len(ids) == 1:
        return ids[0]
    near = sorted(key for key, name in people.items() if heading(name) == heading(word)) if not ids else []
    if not word:
        problem, cure = _("the person is missing"), _("write the id or name")
    elif ids:
        problem = _("several people are called so")
        cure = _("write the id: {ids}").format(ids=listed(ids))
    elif near:
        problem = _("nobody is called exactly so")
        shown = listed(f"{people[key]} ({key})" for key in near)
        cure = _("probably {who}: write the name without blanks, or the id").format(who=shown)
    else:
        problem = _("nobody is called so")
        close = [f"{name} ({key})" for key, name in people.items() if _one_apart(name, word)]
        cure = _("write an id or name of `auditor people list`")
        if close:
            cure = _("perhaps {who}? {cure}").format(who=listed(sorted(close)[:3]), cure=cure)
    reading.refuse(row, "person", problem, cure)
    return ""


def _one_apart(name: str, word: str) -> bool:
    """Whether two names of one length differ in one letter."""
    return len(name) == len(word) > 1 and sum(a != b for a, b in zip(name, word, strict=True)) == 1


def _order(cells: Sequence[Cell]) -> str:
    """Give the order of a column's dates with the year last: "dmy", "mdy", or "" if it cannot be told."""
    orders = set()
    for cell in cells:
        try:
            orders.add(month_or_day(cell))
        except Unreadable:
            continue
    told = orders - {""}
    return told.pop() if len(told) == 1 else ""


def _date(row: NamedRow, reading: LeaveReading, one: str, orders: Mapping[str, str]) -> date | None:
    cell = row.cells.get(one)
    word = text(cell)
    if one in row.uncomputed:
        return None
    try:
        return day(cell)
    except Unreadable:
        pass
    problem, cure = _("no date"), _("write it like 2026-12-01")
    try:
        month_or_day(cell)
        order = orders[one] or next((order for order in orders.values() if order), "")
        if order:
            return day_of(cell, order)
        problem = _("it cannot be told which is the month")
    except Unreadable:
        if _NO_YEAR.fullmatch(word.replace(" ", "")):
            problem, cure = _("a date without a year"), _("write the year too, like 2026-12-01")
        elif word.casefold() in BLANK:
            problem = _("the date is missing")
    reading.refuse(row, one, problem, cure)
    return None


def _half(row: NamedRow, reading: LeaveReading) -> str | None:
    """Give "am", "pm" or "" for whole days; None where it was refused."""
    word = text(row.cells.get("half")).casefold()
    if word in BLANK:
        return ""
    for half, words in _HALVES.items():
        if word in words:
            return half
    reading.refuse(row, "half", _("neither morning nor afternoon"), _("write 上午, 下午 or 全天; am or pm"))
    return None
