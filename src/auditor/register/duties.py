"""From a Unit's own duty roster to its duties: a row a day with a column a post, or a row a duty.

Two rosters in one sheet are refused; teaching staff on days without pupils are flagged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from auditor.entities import Unit, UnitDuty
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.register.cells import Cell, Unreadable, code, day, heading, narrow, text, together
from auditor.register.past import unit_of
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets


@dataclass(frozen=True, slots=True)
class SchoolPost:
    """A post of a school: its word, minute of the day on which it begins, minutes, other names.

    The hours are a convention; those that stand in a roster go before them.
    """

    zh: str
    start: int
    minutes: int
    names: tuple[str, ...] = ()


POSTS: Mapping[str, SchoolPost] = {
    "lead": SchoolPost(
        "带班领导", 8 * 60, 1440, ("带班", "值班领导", "行政带班", "带班干部", "领导带班", "lead", "leader")
    ),
    "day": SchoolPost("白班", 8 * 60, 600, ("日班", "白天值班", "日间值班", "白天", "day duty")),
    "night": SchoolPost("夜班", 18 * 60, 840, ("晚班", "夜间值班", "夜晚值班", "夜间", "night duty")),
    "duty": SchoolPost(
        "值班人员", 8 * 60, 1440,
        ("值班员", "值班教师", "值班老师", "值班干部", "值班", "当日值班", "门卫值班", "duty", "on duty"),
    ),
    "stairs": SchoolPost(
        "楼道值守", 9 * 60 + 40, 40,
        ("楼梯值守", "楼道", "楼梯口", "楼梯口值守", "课间值守", "楼层值守", "楼道值班", "stairs"),
    ),
    "evening": SchoolPost(
        "晚自习值班", 19 * 60, 120, ("晚自习", "晚自习值守", "晚自习巡查", "晚自习带班", "evening study"),
    ),
    "dorm": SchoolPost(
        "宿舍夜巡", 22 * 60, 90,
        ("宿舍值班", "宿舍", "夜巡", "宿舍巡查", "宿管值班", "查寝", "寝室值班", "dormitory"),
    ),
}  # fmt: skip
"""The posts that are known; any other keeps its word and is on duty the whole day."""

DUTY_ALIASES: Mapping[str, tuple[str, ...]] = {
    "on": ("date", "日期", "值班日期", "值守日期", "day", "on"),
    "unit": ("unit", "学校代码", "学校名称", "学校", "单位名称", "单位", "school"),
    "post": ("post", "岗位", "值班岗位", "班次", "值守岗位"),
    "person": ("person", "姓名", "值班人姓名", "name"),
    "title": ("title", "职务", "身份", "人员类别"),
    "phone": ("phone", "值班电话", "联系电话", "电话", "手机"),
    "time": ("time", "时间", "值班时间", "值班时段", "起止时间", "时段", "hours"),
    **{key: (post.zh, *post.names) for key, post in POSTS.items()},
}

_TEACHING = re.compile(r"教师|老师|班主任|任课|teacher", re.IGNORECASE)
_TIMES = re.compile(
    r"(\d{1,2})[:：时点](\d{2})?分?\s*[-—–~～至到]+\s*(次日|翌日|第二天)?(\d{1,2})[:：时点](\d{2})?分?"
)
_MONTH = re.compile(r"(20\d\d)\s*[年./-]\s*(\d{1,2})\s*月?(?!\d)")
_SHORT_DAY = re.compile(
    r"(?:(\d{1,2})[月./-])?(\d{1,2})[日号]?(?:[(（]?(?:周|星期)?[一二三四五六日天][)）]?)?"
)
_PHONE = re.compile(r"\+?\d[\d-]{5,}\d")
FLAG = "teachers-on-pupil-free-day"


class TwoRosters(AuditorError):
    """One sheet holds two rosters."""

    sentence = N_(
        "{file}, sheet {sheet}: two rosters in one sheet: {unit} has {post} on {day} in row {row} and again "
        "in row {other}, with others and far apart; put each roster into a sheet of its own"
    )


class NoPosts(AuditorError):
    """A table with days and nobody on duty."""

    sentence = N_(
        "{file}: there is a column of days and none of people on duty; it needs a column such as 值班人员 or "
        "带班领导, or 岗位 and 姓名; found: {found}"
    )


@dataclass(slots=True)
class DutyReading(Reading):
    """What a Unit's roster says: duties by unit, day and post, and flags."""

    duties: list[UnitDuty] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    """One duty as one row says it; `part` tells which table of a sheet the row is of, `at` which row."""

    duty: UnitDuty
    row: NamedRow
    part: int
    at: int
    teaching: bool


def read_duties(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    units: Sequence[Unit],
    unit: str,
    month: str,
    pupils: Callable[[date], bool],
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> DutyReading:
    """Read units' own duty rosters.

    Parameters
    ----------
    unit
        The unit of rows that name none, "" to take the one that the sheet's first lines name.
    month
        ``YYYY-MM`` of days without month and year, "" to take it from the sheet's first lines.
    pupils
        Whether there are pupils at school on a day.

    Raises
    ------
    TwoRosters, NoPosts; what `read_sheets` raises.
    """
    sheets = read_sheets(
        tables, DUTY_ALIASES, file=file, what=_("duty roster of a unit"), needed=["on"],
        mapping=mapping, where=where, kept=kept,
    )  # fmt: skip
    if not {"person", *POSTS} & sheets.columns.keys():
        raise NoPosts(file=file, found=", ".join(sheets.columns.values()))
    reading = DutyReading.of(sheets)
    heads = {table.sheet: _head(table) for table in tables}
    lines: list[_Line] = []
    parts: dict[int, int] = {}
    last: dict[int, date] = {}
    for at, row in enumerate(sheets.rows):
        part = parts.setdefault(id(row.header), len(parts))
        before = len(reading.refused)
        head = heads.get(row.sheet, "")
        on = _day(row, reading, month or _month_in(head), last.get(part))
        owner = _unit(row, reading, units, unit, head)
        if len(reading.refused) > before or on is None:
            continue
        last[part] = on
        lines += [_Line(duty, row, part, at, teaching) for duty, teaching in _duties(row, reading, owner, on)]
    _refuse_two(lines, file, units)
    reading.duties = _joined(lines)
    for line in lines:
        if line.teaching and not pupils(line.duty.on):
            reading.flags.append(
                {
                    "flag": FLAG,
                    "unit": line.duty.unit,
                    "sheet": line.row.sheet,
                    "row": line.row.number,
                    "value": f"{line.duty.on:%Y-%m-%d} {'、'.join(line.duty.people)}",
                }
            )
    return reading


def _head(table: SheetLike) -> str:
    """Give the sheet's name and the lines before the table begins to be full: where titles stand."""
    lines = [table.sheet]
    for _number, row in table.rows[:6]:
        words = list(dict.fromkeys(text(cell) for cell in row if text(cell)))
        if len(words) > 3:
            break
        lines += words
    return "\n".join(lines)


def _month_in(head: str) -> str:
    found = {f"{year}-{int(number):02d}" for year, number in _MONTH.findall(head) if 1 <= int(number) <= 12}
    return found.pop() if len(found) == 1 else ""


def _day(row: NamedRow, reading: Reading, month: str, before: date | None) -> date | None:
    cell = row.cells.get("on")
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    if not plain and before is not None:
        return before  # a merged cell that the file left empty below
    try:
        return day(cell)
    except Unreadable:
        pass
    short = _SHORT_DAY.fullmatch(plain)
    if short and month:
        year, number = int(month[:4]), int(short[1] or month[5:])
        if number == int(month[5:]):
            try:
                return date(year, number, int(short[2]))
            except ValueError:
                pass
    problem, cure = _("no date"), _("write it like 2026-12-01")
    if short and not month:
        problem, cure = _("a date without a year"), _("write the year too, or name the month with --month")
    reading.refuse(row, "on", problem, cure)
    return None


def _unit(row: NamedRow, reading: Reading, units: Sequence[Unit], given: str, head: str) -> str:
    word = together(text(code(row.cells.get("unit")))) or narrow(code(row.cells.get("unit")))
    if word:
        found = unit_of(word, units)
        if not found:
            reading.refuse(
                row, "unit", _("no unit is called so, or several are"), _("write the code of the unit")
            )
        return found
    if given:
        return given
    named = sorted({one.name for one in units if one.name and one.name in head}, key=len, reverse=True)
    longest = [name for name in named if not any(name != other and name in other for other in named)]
    found = unit_of(longest[0], units) if len(longest) == 1 else ""
    if not found:
        reading.refuse(
            row, "unit", _("whose roster it is cannot be told"),
            _("name the unit with --unit, or add a column 学校"),
        )  # fmt: skip
    return found


def _duties(row: NamedRow, reading: Reading, unit: str, on: date) -> list[tuple[UnitDuty, bool]]:
    """Give the duties of one row, each with whether teaching staff is on it."""
    found = []
    phone = _phone(row.cells.get("phone"))
    title = text(row.cells.get("title"))
    times = text(row.cells.get("time"))
    span = _span(times)
    if times and span is None:
        reading.refuse(row, "time", _("no times"), _("write them like 18:00-08:00"))
    cells: list[tuple[str, str, Cell, str]] = []
    if "person" in row.cells:
        word = text(row.cells.get("post"))
        cells.append((_post(word), word, row.cells.get("person"), title))
    for key in POSTS:
        if key in row.cells:
            above = row.header.title(row.header.columns[key]) if row.header else ""
            cells.append((key, above, row.cells.get(key), title))
    for post, above, cell, held in cells:
        people, own = _people(cell)
        if not people:
            continue
        known = POSTS.get(post)
        start, minutes = _span(above) or span or ((known.start, known.minutes) if known else (8 * 60, 1440))
        duty = UnitDuty(
            unit=unit, on=on, post=post, people=people, phone=phone or own, start=start, minutes=minutes,
            title=held,
        )  # fmt: skip
        found.append((duty, bool(_TEACHING.search(held) or _TEACHING.search(above))))
    return found


def _post(word: str) -> str:
    """Give the key of a post; one that is not known keeps its word, none is plain duty."""
    folded = heading(word)
    for key, post in POSTS.items():
        if folded in {key, *map(heading, (post.zh, *post.names))}:
            return key
    return word or "duty"


def _span(words: str) -> tuple[int, int] | None:
    """Read 18:00-08:00 as the minute of the beginning and how many minutes; None for anything else."""
    found = _TIMES.search(unicodedata.normalize("NFKC", words))
    if not found:
        return None
    start = int(found[1]) * 60 + int(found[2] or 0)
    end = int(found[4]) * 60 + int(found[5] or 0)
    if start >= 1440 or end > 1440:
        return None
    return start, (end - start) % 1440 or 1440


def _people(cell: Cell) -> tuple[tuple[str, ...], str]:
    """Give the names in a cell, and the number that stands beside them; blanks inside a name go."""
    words = text(cell) if not isinstance(cell, str) else cell
    number = _PHONE.search(words)
    words = _PHONE.sub(" ", words)
    names: list[str] = []
    for piece in re.split(r"[；;、,，/\n]", words):
        parts = piece.split()
        whole = "".join(parts)
        if len(parts) > 1 and all(len(part) > 1 for part in parts) and not whole.isascii():
            names += parts
        elif parts:
            names.append(whole if not whole.isascii() else " ".join(parts))
    kept = tuple(dict.fromkeys(name for name in names if name not in ("-", "—", "无", "休", "/")))
    return kept, number[0] if number else ""


def _phone(cell: Cell) -> str:
    return text(code(cell)).removesuffix(".0")


def _refuse_two(lines: Sequence[_Line], file: str, units: Sequence[Unit]) -> None:
    """Refuse a sheet in which a duty stands twice, unless in lines that follow each other."""
    names = {one.id: one.name for one in units}
    seen: dict[tuple[str, str, date, str], _Line] = {}
    for line in lines:
        key = (line.row.sheet, line.duty.unit, line.duty.on, line.duty.post)
        other = seen.get(key)
        apart = other is not None and (line.part != other.part or line.at > other.at + 1)
        if other is not None and apart and not set(line.duty.people) <= set(other.duty.people):
            known = POSTS.get(line.duty.post)
            raise TwoRosters(
                file=file,
                sheet=line.row.sheet or "1",
                unit=names.get(line.duty.unit, line.duty.unit),
                post=known.zh if known else line.duty.post,
                day=line.duty.on,
                row=other.row.number,
                other=line.row.number,
            )
        seen[key] = line


def _joined(lines: Sequence[_Line]) -> list[UnitDuty]:
    """Join the people of one post on one day, in their order."""
    found: dict[tuple[str, date, str], UnitDuty] = {}
    for line in lines:
        one = line.duty
        key = (one.unit, one.on, one.post)
        known = found.get(key)
        if known is None:
            found[key] = one
        else:
            found[key] = replace(
                known,
                people=tuple(dict.fromkeys((*known.people, *one.people))),
                phone=known.phone or one.phone,
                title=known.title or one.title,
            )
    return [found[key] for key in sorted(found)]
