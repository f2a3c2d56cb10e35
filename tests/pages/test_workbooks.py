"""Workbooks: the same bytes each time, rows as high as their text, texts that no workbook can carry."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from auditor.entities import CalendarDay
from auditor.i18n import set_language
from auditor.pages.views import DutyView, MonthView, NoteView, PersonView
from auditor.pages.workbooks import plan_workbook, roster_workbook

DAYS = tuple(
    CalendarDay(day=date(2026, 10, 1) + timedelta(days=at), cls="weekend" if (at + 3) % 7 > 4 else "work")
    for at in range(31)
)
MONTH = MonthView(
    bureau="青石县教育局", month="2026-10", synthetic=False, provisional=False, sources=(), days=DAYS,
    headlines=(), notes=(), next_steps=(), figures=(), commit_sha256="", plan_root="", command="",
    start=(30.0, 105.0), places=(), sorties=(), drawn=(), unplaced=(), departures=(),
    duties={one.day: (DutyView(post="lead", people=("甲子",)), DutyView(post="night", people=("乙丑",)))
            for one in DAYS},
    fairness=(), standby={},
    people={"甲子": PersonView(name="甲子", post="局长", phone="0012"), "乙丑": PersonView(name="乙丑")},
)  # fmt: skip


@pytest.mark.parametrize("make", [plan_workbook, roster_workbook])
def test_a_workbook_has_the_same_bytes_at_another_time(make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the properties nor the archive hold the hour at which it was made."""
    first = make(MONTH)
    later = time.localtime(time.time() + 400 * 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_given: later)
    assert make(MONTH) == first


def test_every_day_is_a_row_with_post_and_telephone_as_text() -> None:
    """A telephone keeps its leading zeros; the first heading repeats on each printed page."""
    set_language("zh")
    sheet = load_workbook(BytesIO(roster_workbook(MONTH))).worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if str(row[0]).startswith("2026-")]
    assert [row[0] for row in rows] == [one.day.isoformat() for one in DAYS]
    assert rows[0][:5] == ("2026-10-01", "四", "甲子", "局长", "0012")
    assert sheet.print_title_rows == "$3:$3"
    assert sheet["A1"].value == "青石县教育局2026年10月值班表"


def test_weekends_are_shaded_and_workdays_are_not() -> None:
    """Saturday the 3rd is, Friday the 2nd is not."""
    sheet = load_workbook(BytesIO(roster_workbook(MONTH))).worksheets[0]
    fills = {sheet.cell(at, 1).value: sheet.cell(at, 1).fill.fill_type for at in range(4, 35)}
    assert fills["2026-10-03"] == "solid"
    assert fills["2026-10-02"] is None


def test_two_people_on_one_post_make_the_row_higher() -> None:
    """Doubled cover in a key period: the second name below the first, both to be seen on paper."""
    day = DAYS[0].day
    doubled = replace(MONTH, duties=MONTH.duties | {day: (DutyView(post="lead", people=("甲子", "乙丑")),)})
    sheet = load_workbook(BytesIO(roster_workbook(doubled))).worksheets[0]
    assert sheet["C4"].value == "甲子\n乙丑"
    assert sheet.row_dimensions[4].height > 1.5 * sheet.row_dimensions[5].height


def test_control_characters_are_left_out_and_formulas_are_text() -> None:
    """A name pasted from elsewhere does not stop the month's work, nor compute anything."""
    nasty = "=1+1\x00\x0b第一\x1f小学"
    book = load_workbook(
        BytesIO(plan_workbook(replace(MONTH, unplaced=(NoteView(what=nasty, why="+x", detail="@y"),))))
    )
    cells = [cell for row in book.worksheets[2].iter_rows(min_row=4) for cell in row]
    assert [cell.value for cell in cells] == ["=1+1第一小学", "+x", "@y"]
    assert {cell.data_type for cell in cells} == {"s"}
