"""Workbooks: the same bytes each time, rows as high as their text, texts that no workbook can carry."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from auditor.entities import CalendarDay
from auditor.pages.views import MonthView, NoteView
from auditor.pages.workbooks import plan_workbook

DAYS = tuple(
    CalendarDay(day=date(2026, 10, 1) + timedelta(days=at), cls="weekend" if (at + 3) % 7 > 4 else "work")
    for at in range(31)
)
MONTH = MonthView(
    bureau="青石县教育局", month="2026-10", synthetic=False, provisional=False, sources=(), days=DAYS,
    headlines=(), notes=(), next_steps=(), figures=(), commit_sha256="", plan_root="", command="",
    start=(30.0, 105.0), places=(), sorties=(), drawn=(), unplaced=(), departures=(),
    duties={}, fairness=(), standby={}, people={},
)  # fmt: skip


def test_a_workbook_has_the_same_bytes_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the properties nor the archive hold the hour at which it was made."""
    first = plan_workbook(MONTH)
    later = time.localtime(time.time() + 400 * 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_given: later)
    assert plan_workbook(MONTH) == first


def test_control_characters_are_left_out_and_formulas_are_text() -> None:
    """A name pasted from elsewhere does not stop the month's work, nor compute anything."""
    nasty = "=1+1\x00\x0b第一\x1f小学"
    book = load_workbook(
        BytesIO(plan_workbook(replace(MONTH, unplaced=(NoteView(what=nasty, why="+x", detail="@y"),))))
    )
    cells = [cell for row in book.worksheets[2].iter_rows(min_row=4) for cell in row]
    assert [cell.value for cell in cells] == ["=1+1第一小学", "+x", "@y"]
    assert {cell.data_type for cell in cells} == {"s"}
