"""``plan.xlsx`` and ``roster.xlsx``: as bureaus print them; no cell is a formula."""

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
from auditor.pages.words import CLASS_WORDS, SLOT_WORDS, month_name, weekday, word

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


def roster_workbook(view: MonthView) -> bytes:
    """Give the roster as bureaus print it, a line a day, with a line for approval; and the counters."""
    from openpyxl import Workbook
    from openpyxl.styles import PatternFill

    book = Workbook()
    sheet = book.active
    sheet.title = _("Duty roster")
    titles = (
        _("day"), _("weekday"), _("leader on duty") + "\n08:00–08:00", _("post"), _("duty telephone"),
        _("day duty") + "\n08:00–18:00", _("duty telephone"), _("night duty") + "\n18:00–08:00",
        _("duty telephone"), _("remarks"),
    )  # fmt: skip
    rows = []
    for day in view.days:
        by_post = {duty.post: duty.people for duty in view.duties.get(day.day, ())}

        def column(post: str, field: str, by_post: dict[str, tuple[str, ...]] = by_post) -> str:
            found = [
                getattr(view.people[name], field) for name in by_post.get(post, ()) if name in view.people
            ]
            return "\n".join(found)

        remarks = [day.name] if day.name else []
        if day.cls == "work" and day.day.weekday() > 4:
            remarks = [_("make-up workday")]
        if day.key_period:
            remarks.append(_("key period: {name}").format(name=day.key_period))
        rows.append(
            (
                day.day.isoformat(),
                weekday(day.day),
                column("lead", "name"),
                column("lead", "post"),
                column("lead", "phone"),
                column("day", "name"),
                column("day", "phone"),
                column("night", "name"),
                column("night", "phone"),
                " ".join(remarks),
            )
        )
    heading = _("{bureau}: duty roster of {month}").format(bureau=view.bureau, month=month_name(view.month))
    top = fill(
        sheet, _marks(view), heading, titles, rows, (13, 10, 14, 16, 14, 14, 14, 14, 14, 28), one_page=True
    )
    for at, day in enumerate(view.days, start=top + 1):
        if day.cls != "work":
            colour = "FBE3E1" if day.cls == "holiday" else "ECEFF3"
            for cell in sheet[at]:
                cell.fill = PatternFill("solid", start_color=colour)
    last = top + len(rows) + 2
    sheet.cell(last, 1, _("Approved by: ____________    Made by: ____________    Date: ____________"))
    sheet.merge_cells(start_row=last, start_column=1, end_row=last, end_column=len(titles))
    sheet.row_dimensions[last].height = 30

    counters = book.create_sheet(_("Counters"))
    names = [word(CLASS_WORDS, name) for name in CLASS_WORDS]
    fill(
        counters,
        _marks(view),
        _("Duties, carried + new"),
        (_("name"), *names),
        [
            (one.name, *("{} + {}".format(*one.counters.get(name, (0, 0))) for name in CLASS_WORDS))
            for one in view.fairness
        ],
        (16, 14, 14, 14, 14),
        upright=True,
        one_page=True,
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
    upright: bool = False,
    one_page: bool = False,
) -> int:
    """Fill a sheet: heading, marks above it, titles, rows; ready to print. Give the row of the titles."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.page import PageMargins

    thin = Side(style="thin", color="8A949E")
    face = "宋体" if language() == "zh" else "Calibri"
    sheet.append([_plain(heading)])
    sheet.append([_plain(" · ".join(marks))])
    sheet.append(list(titles))
    for row in rows:
        sheet.append([_plain(value) for value in row])
    for at, size in ((1, 16), (2, 10)):
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=len(titles))
        sheet.cell(at, 1).font = Font(size=size, bold=True, name=face)
        sheet.cell(at, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 28
    for cells in sheet.iter_rows(min_row=1, max_row=3 + len(rows), max_col=len(titles)):
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # openpyxl takes a text that begins with "=" for a formula
            if cell.row >= 3:
                cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
                centred = cell.row == 3 or widths[cell.column - 1] < WIDE
                cell.alignment = Alignment(
                    horizontal="center" if centred else None, vertical="center", wrap_text=True
                )
                cell.font = Font(bold=cell.row == 3, name=face)
            if cell.row == 3:
                cell.fill = PatternFill("solid", start_color="F4F6F8")
        if cells[0].row >= 3:
            # programs that print without opening a sheet do not fit the height of wrapped lines
            lines = max(_lines(cell.value, width) for cell, width in zip(cells, widths, strict=True))
            sheet.row_dimensions[cells[0].row].height = 4 + LINE_HEIGHT * lines
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.print_options.horizontalCentered = True
    sheet.page_setup.orientation = "portrait" if upright else "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if one_page else 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    return 3


def _plain(value: Any) -> Any:
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
