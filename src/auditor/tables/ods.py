"""ODS: a sheet's values and what it says beside them, out of one pass through its XML.

Each value of an ODS stands in its own cell; so the pass that measures can as well keep them, and a
reader that would repeat a cell a million times is not asked.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path

from auditor.i18n import N_, _
from auditor.tables import archive
from auditor.tables.errors import DamagedWorkbook, Encrypted, NotATable
from auditor.tables.layout import LAST_COLUMN, LAST_ROW, Layout, Room
from auditor.tables.table import Cell

_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHERS = {
    b"application/vnd.oasis.opendocument.text": N_("a text document"),
    b"application/vnd.oasis.opendocument.presentation": N_("slides"),
}
_BLANKS = re.compile(r"[ \t\r\n]+")
_TIME = re.compile(r"(-?)P(?:(\d{1,6})D)?T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,](\d{1,9}))?S)?")
_CELLS = ("table:table-cell", "table:covered-table-cell")
_FALSE = "false"


@dataclass(slots=True)
class Sheet:
    """One sheet: its Layout, and by row number the runs of filled cells: first, last, value."""

    name: str
    layout: Layout
    rows: dict[int, list[tuple[int, int, Cell]]] = field(default_factory=dict)


def read(path: Path, parts: dict[str, bytes]) -> list[Sheet]:
    """Read every sheet.

    Raises
    ------
    DamagedWorkbook, Encrypted, NotATable, TooLargeSheet
    """
    kind = parts.get("mimetype", _SPREADSHEET).strip()
    if not kind.startswith(_SPREADSHEET):
        raise NotATable(file=path, found=_(_OTHERS.get(kind, N_("no workbook inside"))))
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Encrypted(file=path)
    content = archive.find(parts, "content.xml")
    if content is None:
        raise DamagedWorkbook(file=path, found=_("no list of its sheets"))
    reader = _Reader(path)
    archive.parse(path, parts[content], reader.start, reader.end, reader.data)
    return reader.sheets


def _count(attributes: archive.Attributes, name: str) -> int:
    return max(int(attributes.get(name, 1)), 1)


class _Reader:
    """Where in the XML the parser is, and the sheets so far."""

    def __init__(self, path: Path) -> None:
        self.sheets: list[Sheet] = []
        self._path = path
        self._room = Room()
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._tables = 0
        self._row = self._rows = self._column = 0
        self._cells: list[tuple[int, int, Cell]] = []
        self._columns = 0
        self._cell: archive.Attributes | None = None
        self._depth = 0  # inside the cell
        self._aside = 0  # depth from which on nothing is the cell's text
        self._said: list[str] = []
        self._paragraph: list[str] = []

    def start(self, name: str, attributes: archive.Attributes) -> None:
        if self._cell is not None:
            self._inside(name, attributes)
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == _FALSE:
            self._hidden_styles.add(self._style)
        elif name == "table:table":
            self._tables += 1
            if self._tables == 1:
                self._begin(attributes)
        elif self._tables != 1:
            return
        elif name == "table:table-column":
            count = _count(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility", "visible") != "visible":
                self.sheets[-1].layout.hide_columns(self._columns, self._columns + count - 1)
            self._columns += count
        elif name == "table:table-row":
            self._rows = _count(attributes, "table:number-rows-repeated")
            if attributes.get("table:visibility", "visible") != "visible":
                self.sheets[-1].layout.hide_rows(self._row, self._row + self._rows - 1)
            self._column, self._cells = 0, []
        elif name in _CELLS:
            self._cell, self._depth, self._aside = attributes, 0, 0
            self._said.clear()

    def _begin(self, attributes: archive.Attributes) -> None:
        name = attributes.get("table:name", "")
        hidden = attributes.get("table:style-name", "") in self._hidden_styles
        self.sheets.append(Sheet(name, Layout(self._path, name, self._room, hidden=hidden)))
        self._row, self._columns = 1, 0

    def _inside(self, name: str, attributes: archive.Attributes) -> None:
        """Follow an element inside a cell; only its own paragraphs are its text."""
        self._depth += 1
        if self._aside:
            return
        if self._depth == 1 and name == "text:p":
            self._paragraph.clear()
        elif self._depth == 1 or name == "office:annotation":
            self._aside = self._depth
        elif name == "text:s":
            count = _count(attributes, "text:c")
            self.sheets[-1].layout.text(count)
            self._paragraph.append("\0" * count)  # beside others they stay
        elif name == "text:tab":
            self._paragraph.append("\1")
        elif name == "text:line-break":
            self._paragraph.append("\2")

    def data(self, text: str) -> None:
        if self._depth and not self._aside:
            self._paragraph.append(text)

    def end(self, name: str) -> None:
        if self._depth:
            if self._depth == self._aside:
                self._aside = 0
            elif self._depth == 1 and not self._aside:
                said = _BLANKS.sub(" ", "".join(self._paragraph))
                self._said.append(said.translate({0: " ", 1: "\t", 2: "\n"}))
            self._depth -= 1
        elif self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table:table":
            if self._tables == 1:
                self.sheets[-1].layout.finish()
            self._tables -= 1
        elif name == "table:table-row" and self._tables == 1:
            self._end_row()

    def _end_cell(self, attributes: archive.Attributes) -> None:
        layout = self.sheets[-1].layout
        count = _count(attributes, "table:number-columns-repeated")
        first, last = self._column, self._column + count - 1
        self._column += count
        wide = _count(attributes, "table:number-columns-spanned")
        high = _count(attributes, "table:number-rows-spanned")
        if wide > 1 or high > 1:
            layout.merge((self._row, first, min(self._row + high - 1, LAST_ROW), first + wide - 1))
        value = self._value(attributes)
        formula = "table:formula" in attributes
        if value == "" or (value is None and not formula):
            return
        if last > LAST_COLUMN:
            raise ValueError(_("a cell beyond the last column"))
        self._cells.append((first, last, value))

    def _value(self, attributes: archive.Attributes) -> Cell:
        """Give a cell's value; a formula that no program has computed has none."""
        said = "\n".join(self._said)
        kind = attributes.get("office:value-type", "")
        if kind == "string" and attributes.get("calcext:value-type") != "error":
            return attributes.get("office:string-value") or said
        if kind == "boolean":
            return attributes.get("office:boolean-value") == "true"
        if kind == "date" and "office:date-value" in attributes:
            return _date(attributes["office:date-value"])
        if kind == "time" and "office:time-value" in attributes:
            return _time(attributes["office:time-value"])
        if "office:value" in attributes and attributes.get("calcext:value-type") != "error":
            number = float(attributes["office:value"])
            return int(number) if number.is_integer() else number
        return said or None

    def _end_row(self) -> None:
        sheet = self.sheets[-1]
        if self._cells:
            first, last = self._cells[0][0], self._cells[-1][1]
            count = sum(end - begin + 1 for begin, end, _value in self._cells)
            text = sum(
                len(value) * (end - begin + 1) for begin, end, value in self._cells if isinstance(value, str)
            )
            for row in range(self._row, self._row + self._rows):
                sheet.layout.fill(row, first, last, count)
                sheet.layout.text(text)
                sheet.rows[row] = self._cells
                for begin, end, value in self._cells:
                    if value is None:
                        sheet.layout.uncomputed.update((row, column) for column in range(begin, end + 1))
        self._row += self._rows


def _date(text: str) -> str:
    """Give a date, or a day and time, as ISO 8601 writes them; what is none stays."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(sep=" ")


def _time(text: str) -> str:
    """Give a length of time as hours, minutes and seconds; what is none stays."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    sign, days, hours, minutes, seconds, part = found.groups(default="0")
    total = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    fraction = f".{part.rstrip('0')}" if part.strip("0") else ""
    return f"{sign}{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}{fraction}"
