"""A file handed back as a workbook: its cells as they were read, its faults as comments of their cells."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from auditor.tables.table import Table
from auditor.tables.writing import STAMP, sheet_cell, wide, write_file

MOST = 1000
"""So many comments at most: a spreadsheet draws each of them."""

_WHO = "auditor"


def write_marked(path: Path, tables: Sequence[Table], marks: Iterable[tuple[str, int, int, str]]) -> int:
    """Write the sheets of a file with comments; give how many cells have one.

    Parameters
    ----------
    marks
        Sheet, number of the row, index of the column, and what the comment says; several for one cell
        stand in one comment, and what comes after MOST cells is left out.

    Raises
    ------
    CannotWriteTable
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    said: dict[tuple[str, int, int], list[str]] = {}
    for sheet, row, column, text in marks:
        place = (sheet, row, column)
        if place in said or len(said) < MOST:
            said.setdefault(place, []).append(text)
    red = PatternFill("solid", start_color="FBD5D2")
    book = Workbook(write_only=True)
    for at, table in enumerate(tables):
        page = book.create_sheet(table.sheet[:31] or f"Sheet{at + 1}")
        for column, width in enumerate(_widths(table), start=1):
            page.column_dimensions[get_column_letter(column)].width = width
        here = {row for sheet, row, _column in said if sheet == table.sheet}
        last = 0
        for number, cells in table.rows:
            for _missing in range(last + 1, number):
                page.append([])
            last = number
            values: list[Any] = [sheet_cell(cell) for cell in cells]
            for column, value in enumerate(values):
                told = said.get((table.sheet, number, column)) if number in here else None
                if told is None and not (isinstance(value, str) and value[0] in "=#"):
                    continue
                cell = WriteOnlyCell(page, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"  # no text is ever a formula
                if told is not None:
                    cell.fill = red
                    comment = Comment("\n".join(told)[:2000], _WHO)
                    comment.width, comment.height = 320, 40 + 20 * len(told)
                    cell.comment = comment
                values[column] = cell
            page.append(values)
    book.properties.created = book.properties.modified = STAMP
    out = io.BytesIO()
    book.save(out)
    write_file(path, out.getvalue())
    return len(said)


def _widths(table: Table) -> list[int]:
    """Give widths that fit the first rows."""
    widths: list[int] = []
    for _number, row in table.rows[:60]:
        for column, cell in enumerate(row):
            if column == len(widths):
                widths.append(6)
            if cell is not None:
                widths[column] = max(widths[column], min(wide(str(cell)) + 2, 40))
    return widths
