"""Text tables in: CSV and its like, within bounds that every table of text shares."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from auditor.i18n import _
from auditor.tables import layout
from auditor.tables.decoding import Text
from auditor.tables.errors import NotATable, OpenQuotation, TooLargeFile
from auditor.tables.table import Cell, Table

_DELIMITERS = ",\t;|"
_SAMPLE_LINES, _SAMPLE_SIZE = 300, 2**17
_MOST_LINE = 2**22
MOST_CELL = 2**20
_AS_TEXT = re.compile(r'="([^"]*)"')
_SEPARATOR = re.compile(r'"?sep=([^\w"\r\n])"?\s*', re.IGNORECASE)
_END = ["\0end"]  # no text has a NUL


@dataclass(slots=True)
class Room:
    """What the rows of one file may still take together."""

    path: Path
    rows: int = field(default_factory=lambda: layout.MOST_ROWS + 10)
    cells: int = field(default_factory=lambda: layout.MOST_CELLS)
    area: int = field(default_factory=lambda: 5 * layout.MOST_CELLS)
    height: int = layout.LAST_ROW

    def take(self, filled: int, wide: int) -> None:
        """Count a row with so many filled cells among so many; raises TooLargeFile."""
        self.rows -= 1
        self.cells -= filled
        if self.rows < 0:
            raise TooLargeFile(file=self.path, found=_("> {count} rows").format(count=layout.MOST_ROWS))
        if self.cells < 0:
            raise TooLargeFile(file=self.path, found=_("> {count} cells").format(count=layout.MOST_CELLS))
        self.spread(wide)

    def spread(self, cells: int) -> None:
        """Count cells, filled or not; raises TooLargeFile."""
        self.area -= cells
        if self.area < 0:
            found = _("> {count} cells, most of them empty").format(count=5 * layout.MOST_CELLS)
            raise TooLargeFile(file=self.path, found=found)

    def skip(self, count: int) -> None:
        """Count rows without a cell; raises TooLargeFile."""
        self.height -= count
        if self.height < 0:
            found = _("> {count} rows, most of them empty").format(count=layout.LAST_ROW)
            raise TooLargeFile(file=self.path, found=found)


@dataclass(slots=True)
class Rows:
    """The rows of one table as they come; an empty one has no cells, and none is kept at the end.

    Raises TooLargeFile from `add` as soon as there is no more room.
    """

    room: Room
    kept: list[tuple[int, tuple[Cell, ...]]] = field(default_factory=list)
    _last: int = 0

    def add(self, number: int, cells: Sequence[Cell]) -> None:
        """Take the row of this number, which is larger than those before."""
        filled = len(cells) - cells.count("") - cells.count(None)
        if not filled:
            return
        self.room.take(filled, len(cells))
        if number > self._last + 1:
            self.room.skip(number - self._last - 1)
            self.kept += [(empty, ()) for empty in range(self._last + 1, number)]
        self.kept.append((number, tuple(cells)))
        self._last = number


def read_csv(text: Text) -> Table:
    """Read a table whose cells are parted by commas, tabs, semicolons or bars, whichever fits.

    Raises
    ------
    NotATable, TooLargeFile
    """
    csv.field_size_limit(MOST_CELL)
    lines = _lines(text)
    sample = _sample(lines)
    named = _SEPARATOR.fullmatch(sample[0]) if sample else None
    if named:  # Excel takes this line for no row
        sample = sample[1:]
    delimiter = named[1] if named else max(_DELIMITERS, key=lambda one: _fit(sample, one))
    # A quotation mark that never closes swallows all rows below it; so does it then with this last one.
    reader = csv.reader(chain(sample, lines, _END), delimiter=delimiter)
    rows = Rows(Room(text.path))
    number, record = 0, [""]
    try:
        for number, record in enumerate(reader, start=1):
            if number > layout.LAST_ROW:
                rows.room.skip(number)
            if record != _END and not (record and record[-1].endswith(_END[0])):
                rows.add(number, _said(record))
    except csv.Error as error:
        found = _('row {row}: a cell with more than {count} letters, as when a " never closes')
        raise NotATable(file=text.path, found=found.format(row=number + 1, count=MOST_CELL)) from error
    if record != _END:
        raise OpenQuotation(file=text.path, row=number)
    return Table(sheet="", rows=tuple(rows.kept), notes=text.notes)


def _lines(text: Text) -> Iterator[str]:
    """Give the lines with their ends; other than str.splitlines, only where a file's line ends."""
    rest = ""
    for piece in text.pieces():
        whole = list(io.StringIO(rest + piece, newline=""))
        rest = whole.pop() if whole else ""  # may go on, as "\r" does before "\n"
        if len(rest) > _MOST_LINE:
            found = _("a line with more than {count} letters").format(count=_MOST_LINE)
            raise TooLargeFile(file=text.path, found=found)
        yield from whole
    if rest:
        yield rest


def _sample(lines: Iterator[str]) -> list[str]:
    taken: list[str] = []
    size = 0
    while len(taken) < _SAMPLE_LINES and size < _SAMPLE_SIZE and (line := next(lines, "")):
        taken.append(line)
        size += len(line)
    return taken


def _fit(sample: Iterable[str], delimiter: str) -> tuple[int, int]:
    """Say how well a delimiter parts a text: rows of the commonest width above one, and that width."""
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if len(row) > 1)
    except csv.Error:
        return (0, 0)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _said(record: list[str]) -> list[str]:
    """Give what cells say beneath the guards that keep spreadsheets from working them out.

    ``="0012"`` keeps the zeros of a code; a tab before ``= + - @`` keeps text from being a formula.
    """
    whole = "".join(record)
    if '="' not in whole and "\t" not in whole:
        return record
    return [_unguarded(cell) for cell in record]


def _unguarded(cell: str) -> str:
    if cell[:1] == "\t" and cell[1:2] in ("=", "+", "-", "@"):
        return cell[1:]
    found = _AS_TEXT.fullmatch(cell) if cell[:1] == "=" else None
    return found[1] if found else cell
