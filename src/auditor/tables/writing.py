"""Tables out: XLSX, CSV with BOM, JSON; built beside and renamed; no cell is ever a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.tables.errors import CannotWriteTable

SUFFIXES = (".xlsx", ".csv", ".json")
STAMP = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""A workbook's properties carry no clock."""

CODES = ("id", "parent")
"""Fields whose cells stay text when a person types into them, so that zeros are kept."""

_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")


def write_file(path: Path, data: bytes) -> None:
    """Write a file beside its place and rename it there; raises CannotWriteTable, leaving nothing."""
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise CannotWriteTable(file=path, found=error.strerror or error) from error


def write_table(path: Path, titles: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by the file's suffix.

    Parameters
    ----------
    titles
        Field to heading; JSON keeps the fields.
    rows
        Values by field: text, numbers, True/False, None, lists of text.

    Raises
    ------
    UsageProblem
        For another suffix.
    CannotWriteTable
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        plain = [{field: row[field] for field in titles} for row in rows]
        write_file(path, (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode())
    elif suffix == ".csv":
        write_file(path, csv_bytes(titles, rows))
    elif suffix == ".xlsx":
        write_file(path, _workbook(titles, rows))
    else:
        raise UsageProblem(problem=_("{file}: write .xlsx, .csv or .json").format(file=path))


def csv_bytes(titles: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Give rows as a CSV file with BOM, as `write_table` writes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles.values())
    writer.writerows([_guarded(row[field]) for field in titles] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return str(value)


def _guarded(value: Any) -> str:
    """Write a cell of a CSV file so that no spreadsheet takes text for a formula; reading takes the tab off.

    Numbers stay as they are: what a minus starts is a number there.
    """
    text = _cell(value)
    guard = text[:1] in ("=", "+", "-", "@") and not isinstance(value, int | float)
    return f"\t{text}" if guard else text


def _sheet_text(text: str) -> str:
    """Write text as a workbook holds it: XML has no control characters, and ``_x0041_`` would be an A."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def sheet_cell(value: Any) -> str | int | float | None:
    """Give a number as a number where it survives, anything else as text, nothing for an empty cell."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _sheet_text(_cell(value)) or None
    # openpyxl writes 16 digits; what needs a 17th is written as text, which reads back whole.
    return value if float(f"{value:.16g}") == value else repr(value)


def wide(text: str) -> int:
    """Say how many columns of a terminal or sheet a text takes, about: a Han letter takes two."""
    return len(text.encode("gb18030", "replace"))


def _workbook(titles: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "名单"
    sheet.append(list(titles.values()))
    widths = [max(wide(title), 6) for title in titles.values()]
    for at, row in enumerate(rows, start=2):
        cells = [sheet_cell(row[field]) for field in titles]
        sheet.append(cells)
        widths = [
            max(width, wide(cell if isinstance(cell, str) else str(cell)) if cell is not None else 0)
            for width, cell in zip(widths, cells, strict=True)
        ]
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str) and cell[0] in "=#":  # else a formula, or an error such as #N/A
                sheet.cell(at, column).data_type = "s"
    for at, field in enumerate(titles, start=1):
        if field in CODES:
            for (cell,) in sheet.iter_rows(min_row=2, min_col=at, max_col=at):
                cell.number_format = "@"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="DDE6F0")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(width + 2, 48)
    book.properties.created = book.properties.modified = STAMP
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
