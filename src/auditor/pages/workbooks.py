"""``plan.xlsx`` of a demonstration, and how any sheet is filled for print; no cell is a formula."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from auditor.i18n import _, language, listed
from auditor.pages.html import banners
from auditor.pages.views import MonthView
from auditor.pages.words import SLOT_WORDS, month_name, weekday, word

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WIDE = 24
"""From this width on a column holds sentences or lists, which read better from the left."""
LINE_HEIGHT = 15
STAMP = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)


def plan_workbook(view: MonthView) -> bytes:
    """Give the plan: a sheet of visits, one of what was drawn, one of what gave way."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = _("Visits")
    rows = [
        (
            sortie.day.isoformat(),
            weekday(sortie.day),
            word(SLOT_WORDS, sortie.slot),
            sortie.key,
            listed(sortie.team),
            stop.start,
            stop.unit,
            stop.township,
            listed(stop.domains),
            stop.minutes,
            round(sortie.metres / 1000, 1) if at == 0 else None,
        )
        for sortie in sorted(
            view.sorties, key=lambda one: (one.day, list(SLOT_WORDS).index(one.slot), one.key)
        )
        for at, stop in enumerate(sortie.stops)
    ]
    titles = (
        _("day"), _("weekday"), _("half-day"), _("sortie"), _("team"), _("arrival"), _("unit"),
        _("township"), _("domains"), _("minutes"), "km",
    )  # fmt: skip
    heading = _("{bureau}: inspections in {month}").format(bureau=view.bureau, month=month_name(view.month))
    fill(sheet, _marks(view), heading, titles, rows, (12, 10, 11, 8, 18, 8, 32, 14, 46, 9, 8))
    drawn = book.create_sheet(_("Drawn"))
    fill(
        drawn,
        _marks(view),
        _("Drawn units and their chances"),
        (_("id"), _("unit"), _("township"), _("chance"), _("risk share"), _("what it consists of")),
        [
            (one.unit_id, one.unit, one.township, f"{one.pi / 10_000:.2f} %", one.share, one.why)
            for one in view.drawn
        ],
        (24, 32, 16, 10, 10, 44),
    )
    gave_way = book.create_sheet(_("Not placed, gave way"))
    fill(
        gave_way,
        _marks(view),
        _("What could not be placed, and where a lot gave way"),
        (_("what"), _("why"), _("figures")),
        [(one.what, one.why, one.detail) for one in (*view.unplaced, *view.departures)],
        (44, 50, 50),
    )
    return book_bytes(book)


def _marks(view: MonthView) -> list[str]:
    return banners(view.synthetic, view.provisional, view.invented_people)


def fill(
    sheet: Worksheet,
    marks: Sequence[str],
    heading: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[Any]],
    widths: Sequence[int],
    *,
    over: Sequence[tuple[str, int]] = (),
    upright: bool = False,
    one_page: bool = False,
) -> int:
    """Fill a sheet: heading, marks above it, titles, rows; ready to print. Give the row of the titles.

    `over` are titles of a line above, each over so many columns; one over a single column stands for the
    title below it too.
    """
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.page import PageMargins

    thin = Side(style="thin", color="8A949E")
    face = "宋体" if language() == "zh" else "Calibri"
    sheet.append([plain(heading)])
    sheet.append([plain(" · ".join(marks))])
    if over:
        sheet.append([plain(one) for title, span in over for one in (title, *[""] * (span - 1))])
    sheet.append([plain(title) for title in titles])
    for row in rows:
        sheet.append([plain(value) for value in row])
    top = 4 if over else 3
    for at, size in ((1, 16), (2, 10)):
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=len(titles))
        sheet.cell(at, 1).font = Font(size=size, bold=True, name=face)
        sheet.cell(at, 1).alignment = Alignment(horizontal="center", vertical="center", wrap_text=at == 2)
    sheet.row_dimensions[1].height = 28
    sheet.row_dimensions[2].height = LINE_HEIGHT * _lines(sheet.cell(2, 1).value, sum(widths))
    for cells in sheet.iter_rows(min_row=1, max_row=top + len(rows), max_col=len(titles)):
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # openpyxl takes a text that begins with "=" for a formula
            if cell.row >= 3:
                cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
                centred = cell.row <= top or widths[cell.column - 1] < WIDE
                cell.alignment = Alignment(
                    horizontal="center" if centred else None, vertical="center", wrap_text=True
                )
                cell.font = Font(bold=cell.row <= top, name=face)
            if 3 <= cell.row <= top:
                cell.fill = PatternFill("solid", start_color="F4F6F8")
        if cells[0].row >= 3:
            # programs that print without opening a sheet do not fit the height of wrapped lines
            lines = max(_lines(cell.value, width) for cell, width in zip(cells, widths, strict=True))
            sheet.row_dimensions[cells[0].row].height = 4 + LINE_HEIGHT * lines
    if over:
        _merge_titles(sheet, over, titles, widths)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = f"A{top + 1}"
    sheet.print_title_rows = f"3:{top}"
    sheet.print_options.horizontalCentered = True
    sheet.page_setup.orientation = "portrait" if upright else "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if one_page else 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    return top


def _merge_titles(
    sheet: Worksheet, over: Sequence[tuple[str, int]], titles: Sequence[str], widths: Sequence[int]
) -> None:
    """Merge the two lines of titles: to the right over several columns, down where one stands for both."""
    at, lines = 1, 1
    for title, span in over:
        lines = max(lines, _lines(title, sum(widths[at - 1 : at - 1 + span])))
        if span > 1:
            sheet.merge_cells(start_row=3, start_column=at, end_row=3, end_column=at + span - 1)
        elif not titles[at - 1]:
            sheet.merge_cells(start_row=3, start_column=at, end_row=4, end_column=at)
        at += span
    sheet.row_dimensions[3].height = 4 + LINE_HEIGHT * lines


def plain(value: Any) -> Any:
    """Give a value as a cell may hold it: numbers stay, a text loses what no workbook can carry."""
    if isinstance(value, int | float):
        return value
    return "".join(one for one in str(value or "") if one >= " " or one in "\n\t")


def _lines(value: object, width: float) -> int:
    """Estimate the lines that a text takes in a column: a Chinese character is two letters wide."""
    return sum(
        max(1, ceil(sum(2 if one > "\xff" else 1.05 for one in part) / (width - 1)))
        for part in str(value or "").split("\n")
    )


def book_bytes(book: Any) -> bytes:
    """Write a workbook without the time of day, in the file's properties as in its archive."""
    from openpyxl.writer.excel import ExcelWriter

    book.properties.created = book.properties.modified = STAMP
    loose = io.BytesIO()
    with zipfile.ZipFile(loose, "w") as archive:
        ExcelWriter(book, archive).write_data()
    out = io.BytesIO()
    with zipfile.ZipFile(loose) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(made.namelist()):
            archive.writestr(
                zipfile.ZipInfo(name, STAMP.timetuple()[:6]), made.read(name), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
