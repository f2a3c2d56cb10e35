"""What a workbook's file says beside the values of a sheet, and how much room a sheet may take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from auditor.i18n import _
from auditor.tables.errors import TooLargeSheet

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000
MOST_BYTES = 128 * 2**20
"""A gzip or a workbook that unpacks to more is refused before it is laid out."""
MOST_TEXT = 96 * 2**20
"""Bytes of text that the cells of a workbook may repeat from a table of strings."""
MOST_SHEETS = 500
MOST_MERGED = 2 * MOST_ROWS
LAST_ROW, LAST_COLUMN = 1_048_576, 16_383

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column; rows count from 1, columns from 0."""


@dataclass(slots=True, kw_only=True)
class Room:
    """What the sheets of one workbook may still take together."""

    area: int = field(default_factory=lambda: 5 * MOST_CELLS)
    cells: int = field(default_factory=lambda: 2 * MOST_CELLS)
    rows: int = LAST_ROW + MOST_ROWS
    sheets: int = MOST_SHEETS
    text: int = field(default_factory=lambda: MOST_TEXT)


@dataclass(slots=True)
class Layout:
    """What a scanner has seen of one sheet; whoever fills it is stopped when it is too much.

    Rows are those a spreadsheet shows, from 1; columns count from 0.

    Parameters
    ----------
    file, sheet
        For the sentence that refuses.
    room
        Shared by the sheets of one workbook.
    hidden_rows, hidden_columns
        First and last of each run of them, filled or not.
    uncomputed
        Formulas whose result no program has stored.
    errors
        Cells that hold an error, with its text.
    """

    file: Path
    sheet: str
    room: Room
    hidden: bool = False
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    _rows: set[int] = field(default_factory=set)
    _count: int = 0
    _left: int = 2**32
    _right: int = -1

    def fill(self, row: int, first: int, last: int, count: int) -> None:
        """Count `count` filled cells of one row, all between two columns.

        Raises
        ------
        TooLargeSheet
        """
        self._rows.add(row)
        self._count += count
        self._left, self._right = min(self._left, first), max(self._right, last)
        if len(self._rows) > MOST_ROWS + 10 or self._count > MOST_CELLS:
            rows, cells = len(self._rows) - 1, min(self._count - 1, MOST_CELLS)
            raise self.too_large(_("> {rows} rows, {cells} cells").format(rows=rows, cells=cells))

    def text(self, size: int) -> None:
        """Count bytes of text that cells repeat; raises TooLargeSheet."""
        self.room.text -= size
        if self.room.text < 0:
            raise self.too_large(_("> {size} MB of text in its cells").format(size=MOST_TEXT // 2**20))

    def hide_rows(self, first: int, last: int) -> None:
        """Note hidden rows."""
        if self.hidden_rows and self.hidden_rows[-1][1] + 1 == first:
            self.hidden_rows[-1] = (self.hidden_rows[-1][0], min(last, LAST_ROW))
        elif 0 < first <= LAST_ROW and len(self.hidden_rows) < LAST_ROW // 2:
            self.hidden_rows.append((first, min(last, LAST_ROW)))

    def hide_columns(self, first: int, last: int) -> None:
        """Note hidden columns; a file that hides more runs than there are columns is not believed."""
        if 0 <= first <= last and first <= LAST_COLUMN and len(self.hidden_columns) <= LAST_COLUMN:
            self.hidden_columns.add((first, min(last, LAST_COLUMN)))

    def merge(self, area: Area) -> None:
        """Note merged cells; raises TooLargeSheet."""
        top, left, bottom, right = area
        if (top, left) < (bottom, right) and left <= right:
            self.merged.append(area)
        if len(self.merged) > MOST_MERGED:
            raise self.too_large(_("> {count} merged cells").format(count=MOST_MERGED))

    def finish(self) -> None:
        """Raise TooLargeSheet for a sheet whose cells are filled too far apart, or for one too many."""
        self.room.sheets -= 1
        if self.room.sheets < 0:
            raise self.too_large(_("> {count} sheets").format(count=MOST_SHEETS))
        if not self._rows:
            return
        wide, high = self._right - self._left + 1, max(self._rows) - min(self._rows) + 1
        self.room.area -= wide * high
        self.room.cells -= self._count
        self.room.rows -= high
        if min(self.room.area, self.room.cells, self.room.rows) < 0:
            raise self.too_large(
                _("{count} cells spread over {high} rows and {wide} columns").format(
                    count=self._count, high=high, wide=wide
                )
            )
        self._rows.clear()

    def too_large(self, found: str) -> TooLargeSheet:
        """Give the error that refuses this sheet."""
        return TooLargeSheet(file=self.file, sheet=self.sheet, found=found)


def hidden_within(runs: Iterable[tuple[int, int]], begin: int, end: int) -> set[int]:
    """Give the rows or columns from `begin` to `end` that any of the runs covers."""
    hidden: set[int] = set()
    seen = begin
    for first, last in sorted(runs):
        hidden.update(range(max(first, seen), min(last, end) + 1))
        seen = max(seen, last + 1)
    return hidden
