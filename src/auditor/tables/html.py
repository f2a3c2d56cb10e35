"""HTML tables in: what web platforms export and call .xls.

Tags are found by one regular expression: html.parser takes 6 to 15 microseconds a tag, which is half a
minute for a large table, and reads the beginning of a broken tag again with every piece of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import chain

from auditor.i18n import _
from auditor.tables import layout
from auditor.tables.decoding import Text, decodes
from auditor.tables.errors import DamagedWorkbook, NotATable, TooLargeFile
from auditor.tables.table import Cell, Table
from auditor.tables.texts import MOST_CELL, Room, Rows

MOST_TAGS = 2_500_000
"""A file with more is refused before it is looked through: each takes some microseconds."""

_MOST_PENDING = 2**20
_MOST_ATTRIBUTES = 24 * 2**20
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|meta|body|style|div|table|thead|tbody|tr)\b", re.IGNORECASE
)
_CHARSET = re.compile(rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_TOKEN = re.compile(
    r"""<(?:
        !--(?:-?>|.*?(?:--!?>|\Z))                                      # a comment
        |(?:script|style)\b[^>]*+.*?(?:</(?:script|style)\b[^>]*+>?|\Z)  # no text
        |(?P<name>/?[a-z][^\s/<>]*+)                                    # a tag
         (?P<attributes>(?:[^>=]++|=\s*+(?:"[^"]*+"?|'[^']*+'?)?)*+)>?
        |[!?/][^>]*+>?                                                  # a declaration
        |\Z
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
"""Whatever begins matches, if need be to the end of the text: so nothing there is looked through twice."""
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_DIGITS = re.compile(r"\s*([0-9]{1,6})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINES = re.compile(r" *\n[ \n]*")
_MOST_WIDE, _MOST_DEEP = 1000, 65_534
_PARTS = ("thead", "tbody", "tfoot")
_APART = ("p", "div", "li", "tr", "table")

Attributes = dict[str, str]


def is_html(head: str) -> bool:
    """Whether a text that begins so is a web page or a piece of one."""
    return head[:1] == "<" and bool(_MARKUP.search(head))


def charset(data: bytes) -> str | None:
    """Give the encoding that a web page names for itself, if it is really in it."""
    found = _CHARSET.search(data, 0, 2**12)
    name = found[1].decode() if found else ""
    return name if name and decodes(data, name) else None


def read_html(text: Text) -> tuple[Table, ...]:
    """Read every outermost table that has rows; a single one has no name, others are "1", "2" and so on.

    Raises
    ------
    NotATable, DamagedWorkbook, TooLargeFile
    """
    if text.data.count(b"<") > MOST_TAGS:
        raise TooLargeFile(file=text.path, found=_("> {count} tags").format(count=MOST_TAGS))
    reader = _Reader(Room(text.path))
    for said, tag, attributes in _tokens(text):
        if said and reader.cell is not None:
            reader.cell.append(_BLANKS.sub(" ", unescape(said)))
        if tag[:1] == "/":
            reader.end(tag[1:])
        elif tag:
            reader.begin(tag, attributes)
    if reader.depth:
        raise NotATable(file=text.path, found=_("a web page that breaks off within its table"))
    sheets = reader.sheets
    if not sheets:
        raise NotATable(file=text.path, found=_("a web page without a table"))
    return tuple(
        Table(
            sheet=str(number) if len(sheets) > 1 else "",
            rows=tuple(sheet.rows.kept),
            hidden=sheet.hidden,
            hidden_rows=frozenset(sheet.hidden_rows),
            hidden_columns=frozenset(sheet.hidden_columns()),
            notes=text.notes,
        )
        for number, sheet in enumerate(sheets, start=1)
    )


def _tokens(text: Text) -> Iterator[tuple[str, str, str]]:
    """Give every tag with the text before it, its name ("/td" where it ends) and what its attributes are.

    Comments, scripts and the like have no name. What reaches to the end of a piece may go on in the next;
    what breaks off at the end of the file is left out.
    """
    rest, wait = "", 0
    for piece in chain(text.pieces(), " "):
        rest += piece
        if len(rest) < wait and piece != " ":
            continue
        at = 0
        for found in _TOKEN.finditer(rest):
            if found.end() == len(rest):
                break
            yield rest[at : found.start()], (found["name"] or "").lower(), found["attributes"] or ""
            at = found.end()
        rest = rest[at:]
        wait = 2 * len(rest)  # else a long comment would be looked through with every piece
        if len(rest) > _MOST_PENDING:
            raise DamagedWorkbook(file=text.path, found=_("a tag or text that never ends"))


def _unseen(attributes: Attributes) -> bool:
    """Whether an element is hidden."""
    return bool(attributes) and ("hidden" in attributes or bool(_UNSEEN.search(attributes.get("style", ""))))


def _number(attributes: Attributes, name: str, most: int) -> int:
    """Give a whole number from 0 to `most`; 1 if there is none."""
    if name not in attributes:
        return 1
    digits = _DIGITS.match(attributes[name])
    return min(int(digits[1]), most) if digits else 1


@dataclass(slots=True)
class _Sheet:
    """One table as it comes; `above` has the cells that reach down into the next rows."""

    rows: Rows
    hidden: bool
    number: int = 0
    row: dict[int, Cell] = field(default_factory=dict)
    column: int = 0
    above: dict[int, tuple[Cell, int]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    named: int = 0
    _hidden: set[int] = field(default_factory=set)
    _unseen: set[int] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)

    def begin_row(self) -> None:
        self.number += 1
        self.column = 0
        self.rows.room.spread(len(self.above))
        self.row = {at: value for at, (value, _left) in self.above.items()}
        self.above = {at: (value, left - 1) for at, (value, left) in self.above.items() if left > 1}

    def name_columns(self, count: int, *, unseen: bool) -> None:
        """Note what a <col> says of the columns that follow."""
        last = min(self.named + count, layout.LAST_COLUMN + 1)
        if unseen:
            self._hidden.update(range(self.named, last))
        self.named = last

    def put(self, value: Cell, spans: Attributes) -> None:
        """Put a cell where there is room for it."""
        while self.column in self.row:
            self.column += 1
        wide = max(_number(spans, "colspan", _MOST_WIDE), 1)
        deep = _number(spans, "rowspan", _MOST_DEEP)
        columns = range(self.column, self.column + wide)
        if columns[-1] > layout.LAST_COLUMN:
            found = _("> {count} columns").format(count=layout.LAST_COLUMN + 1)
            raise TooLargeFile(file=self.rows.room.path, found=found)
        for at in columns:
            self.row[at] = value
            if deep != 1:
                self.above[at] = (value, (deep or _MOST_DEEP) - 1)
        (self._unseen if _unseen(spans) else self._seen).update(columns)
        self.column = columns[-1] + 1

    def end_row(self, *, unseen: bool) -> None:
        if any(value is not None for value in self.row.values()):
            self.rows.add(self.number, [self.row.get(at) for at in range(max(self.row) + 1)])
            if unseen:
                self.hidden_rows.add(self.number)

    def hidden_columns(self) -> set[int]:
        """Give the filled columns that a <col> hides, or all of whose own cells are hidden."""
        hidden = self._hidden | (self._unseen - self._seen)
        if not hidden:
            return hidden
        return hidden & {
            at for _number, cells in self.rows.kept for at, cell in enumerate(cells) if cell is not None
        }


class _Reader:
    """Tables, rows and cells; end tags may be missing, as HTML allows, but for a table's."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.sheets: list[_Sheet] = []
        self.depth = 0
        self.sheet = _Sheet(Rows(room), hidden=False)
        self.section = False  # hidden
        self.in_row = self.row = False  # hidden
        self.cell: list[str] | None = None
        self.spans: Attributes = {}
        self.told: dict[str, Attributes] = {"": {}}
        self.left = _MOST_ATTRIBUTES

    def begin(self, tag: str, attributes: str) -> None:
        """Take the start of an element."""
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                hidden = _unseen(self.attributes(attributes))
                self.sheet, self.section = _Sheet(Rows(self.room), hidden=hidden), False
        if self.depth == 1:
            if tag in ("td", "th"):
                self.begin_cell(self.attributes(attributes))
            elif tag == "tr":
                self.begin_row(self.attributes(attributes))
            elif tag in _PARTS:
                self.end_row()
                self.sheet.above.clear()
                self.section = _unseen(self.attributes(attributes))
            elif tag == "col":
                said = self.attributes(attributes)
                self.sheet.name_columns(_number(said, "span", _MOST_WIDE), unseen=_unseen(said))
        if self.cell is not None:
            if tag == "br" or tag in _APART:
                self.cell.append("\n")
            elif tag in ("td", "th"):
                self.cell.append(" ")

    def attributes(self, text: str) -> Attributes:
        """Give what attributes say; most cells of a table say the same."""
        told = self.told.get(text)
        if told is None:
            self.left -= len(text)
            if self.left < 0:
                found = _("> {size} MB of attributes").format(size=_MOST_ATTRIBUTES // 2**20)
                raise TooLargeFile(file=self.room.path, found=found)
            told = {
                name.lower(): unescape(double or single or bare)
                for name, double, single, bare in _ATTRIBUTE.findall(text)
            }
            if len(self.told) < 1000:
                self.told[text] = told
        return told

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "table" and self.depth:
            if self.depth == 1:
                self.end_table()
            elif self.cell is not None:
                self.cell.append("\n")
            self.depth -= 1
        elif self.depth == 1 and tag in ("td", "th"):
            self.end_cell()
        elif self.depth == 1 and (tag == "tr" or tag in _PARTS):
            self.end_row()
            self.section = self.section and tag == "tr"
        elif self.cell is not None and tag in _APART:
            self.cell.append("\n")

    def begin_row(self, attributes: Attributes) -> None:
        self.end_row()
        self.in_row, self.row = True, self.section or _unseen(attributes)
        self.sheet.begin_row()

    def begin_cell(self, attributes: Attributes) -> None:
        self.end_cell()
        if not self.in_row:
            self.begin_row({})
        self.cell, self.spans = [], attributes

    def end_cell(self) -> None:
        if self.cell is None:
            return
        value = "".join(self.cell).strip()
        if "\n" in value:
            value = _LINES.sub("\n", value)
        if len(value) > MOST_CELL:
            found = _("a cell with more than {count} letters").format(count=MOST_CELL)
            raise TooLargeFile(file=self.room.path, found=found)
        self.cell = None
        self.sheet.put(value or None, self.spans)

    def end_row(self) -> None:
        self.end_cell()
        if self.in_row:
            self.sheet.end_row(unseen=self.row)
        self.in_row = False

    def end_table(self) -> None:
        """Keep the outermost table, if any of its rows is filled."""
        self.end_row()
        if self.sheet.rows.kept:
            self.sheets.append(self.sheet)
        if len(self.sheets) > layout.MOST_SHEETS:
            found = _("> {count} tables").format(count=layout.MOST_SHEETS)
            raise TooLargeFile(file=self.room.path, found=found)
