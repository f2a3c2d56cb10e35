"""Workbooks in: XLSX and its like, XLSB, ODS and XLS, each scanned before it is laid out."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auditor.i18n import N_, _
from auditor.tables import archive, layout, ods, xls, xlsb, xlsx
from auditor.tables.errors import DamagedWorkbook, Encrypted, NotATable, TooLargeSheet
from auditor.tables.layout import Layout
from auditor.tables.table import Cell, Table

_FOLDERS = {"word/": N_("a Word document"), "ppt/": N_("slides")}


def read_workbook(path: Path, data: bytes) -> tuple[Table, ...]:
    """Read every sheet of a workbook; `path` names it in errors and is not opened.

    Raises
    ------
    Encrypted, DamagedWorkbook, NotATable, TooLargeSheet
    """
    if len(data) > layout.MOST_BYTES:
        raise TooLargeSheet(file=path, sheet="–", found=f"> {layout.MOST_BYTES // 2**20} MB")
    if data[:2] != b"PK":
        return _laid_out(path, *xls.scan(path, data))
    parts = archive.unpack(path, data)
    names = {name.lower() for name in parts}
    if any(name.rpartition("/")[2] == "workbook.bin" for name in names):
        layouts = xlsb.scan(path, parts)
    elif "content.xml" in names:
        return tuple(_own(sheet) for sheet in ods.read(path, parts))
    elif any(name.rpartition("/")[2] == "workbook.xml" for name in names):
        layouts = xlsx.scan(path, parts)
    else:
        found = next((what for folder, what in _FOLDERS.items() if any(folder in one for one in names)), None)
        raise NotATable(file=path, found=_(found or N_("a zip archive without a workbook")))
    return _laid_out(path, archive.pack(parts), layouts)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a library written in Rust says to the terminal when it gives up; we say it better."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _laid_out(path: Path, source: io.BytesIO, layouts: Sequence[Layout]) -> tuple[Table, ...]:
    """Let calamine lay out what was scanned."""
    import python_calamine

    tables: list[Table] = []
    try:
        with _quiet():
            workbook = python_calamine.CalamineWorkbook.from_filelike(source)
            names = workbook.sheet_names
            if len(names) != len(layouts):
                raise DamagedWorkbook(file=path, found=_("no list of its sheets"))
            for name, seen in zip(names, layouts, strict=True):
                sheet = workbook.get_sheet_by_name(name)
                row, column = sheet.start or (0, 0)
                rows: list[list[Any]] = sheet.to_python(skip_empty_area=True)
                for cells in rows:
                    cells[:] = map(_plain, cells)  # in their own place: a sheet can take a third of the room
                tables.append(_table(name, row + 1, column, rows, seen))
    except python_calamine.PasswordError as error:
        raise Encrypted(file=path) from error
    except (python_calamine.CalamineError, *archive.BROKEN) as error:
        raise DamagedWorkbook(file=path, found=error) from error
    except BaseException as error:
        # A panic inside calamine is no Exception; anything else that is none goes on.
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedWorkbook(file=path, found=str(error).partition("\n")[0]) from error
    return tuple(tables)


def _own(sheet: ods.Sheet) -> Table:
    """Lay out the runs of cells of one sheet."""
    left = min((cells[0][0] for cells in sheet.rows.values()), default=0)
    right = max((cells[-1][1] for cells in sheet.rows.values()), default=-1)
    top = min(sheet.rows, default=1)
    rows: list[list[Cell]] = []
    for number in range(top, max(sheet.rows, default=0) + 1):
        row: list[Cell] = [None] * (right - left + 1)
        for first, last, value in sheet.rows.get(number, ()):
            row[first - left : last - left + 1] = [value] * (last - first + 1)
        rows.append(row)
    return _table(sheet.name, top, left, rows, sheet.layout)


def _plain(value: object) -> Cell:
    """Turn what a workbook gives into text, numbers or nothing; whole numbers lose their ``.0``."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


def _table(name: str, top: int, left: int, rows: list[list[Cell]], seen: Layout) -> Table:
    """Put what the scan saw over the values of a sheet, whose first cell is in row `top`, column `left`."""
    beside = seen.errors.keys() | seen.uncomputed
    if beside:
        top, left = _widen(rows, top, left, beside)
    wide, high = (len(rows[0]) if rows else 0), len(rows)
    for (row, column), text in seen.errors.items():
        rows[row - top][column - left] = text
    _spread(rows, top, left, seen)
    last = max((row for row, _column in seen.uncomputed), default=0)
    while rows and top + high - 1 > last and all(cell is None for cell in rows[-1]):
        rows.pop()
        high -= 1
    uncomputed = frozenset((row, column - left) for row, column in seen.uncomputed)
    columns = layout.hidden_within(seen.hidden_columns, left, left + wide - 1)
    hidden_columns = frozenset(at - left for at in columns if any(row[at - left] is not None for row in rows))
    hidden_rows = layout.hidden_within(seen.hidden_rows, top, top + high - 1)
    hidden_rows &= {row for row, _column in uncomputed}.union(
        at for at in hidden_rows if any(cell is not None for cell in rows[at - top])
    )
    return Table(
        sheet=name,
        rows=_frozen(rows, top),
        hidden=seen.hidden,
        hidden_rows=frozenset(hidden_rows),
        hidden_columns=hidden_columns,
        uncomputed=uncomputed,
    )


def _frozen(rows: list[list[Cell]], top: int) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """Number the rows from `top`, empty ones sharing their place in memory, and empty the list."""
    blank: tuple[Cell, ...] = (None,) * (len(rows[0]) if rows else 0)
    frozen: list[tuple[int, tuple[Cell, ...]]] = []
    for at, row in enumerate(rows):
        cells = tuple(row)
        frozen.append((top + at, blank if cells == blank else cells))
        rows[at] = []
    return tuple(frozen)


def _widen(rows: list[list[Cell]], top: int, left: int, places: set[tuple[int, int]]) -> tuple[int, int]:
    """Let the rows reach these places, which hold nothing; give the new first row and column."""
    numbers, columns = {row for row, _column in places}, {column for _row, column in places}
    if not rows:
        top, left = min(numbers), min(columns)
    wide = len(rows[0]) if rows else 0
    before = max(left - min(columns), 0)
    after = max(max(columns) - (left + wide - 1), 0)
    if before or after:
        for at, row in enumerate(rows):
            rows[at] = [None] * before + row + [None] * after
    wide += before + after
    above = max(top - min(numbers), 0)
    rows[:0] = [[None] * wide for _row in range(above)]
    top -= above
    rows += [[None] * wide for _row in range(max(numbers) - (top + len(rows) - 1))]
    return top, left - before


def _spread(rows: list[list[Cell]], top: int, left: int, seen: Layout) -> None:
    """Let each merged value stand in every cell that it covers, as far as the sheet is filled."""
    wide, high = (len(rows[0]) if rows else 0), len(rows)
    room = wide * high  # merged cells that overlap would cover more
    for first, begin, last, end in seen.merged:
        row, column = first - top, begin - left
        if not (0 <= row < high and 0 <= column < wide):
            continue
        value = rows[row][column]
        below, beside = min(last - top, high - 1), min(end - left, wide - 1)
        room -= (below - row + 1) * (beside - column + 1)
        if value is None or room < 0:
            continue
        for covered in rows[row : below + 1]:
            covered[column : beside + 1] = [value] * (beside - column + 1)
