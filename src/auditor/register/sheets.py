"""From sheets to rows of named cells: find the headings, leave out what is not meant, say what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _, listed, ngettext, some
from auditor.register.cells import Cell, heading, text
from auditor.register.cells import filled as filled_columns
from auditor.register.columns import (
    LEAVE_ALIASES,
    SERIAL,
    STAFF_ALIASES,
    TAG_COLUMNS,
    UNIT_ALIASES,
    crs_of_heading,
)
from auditor.register.headings import (
    LOOK,
    Header,
    Rows,
    blocks,
    find_header,
    likely_titles,
    only,
    shape_of,
)
from auditor.register.lines import (
    aside,
    is_heading_line,
    is_serial,
    lone,
    repeats,
    says_closed,
    township_of,
)

NAMES = frozenset(
    name.casefold()
    for aliases in (UNIT_ALIASES, STAFF_ALIASES, LEAVE_ALIASES, TAG_COLUMNS)
    for names in aliases.values()
    for name in names
) | {"数量", "电话", "联系人", "备注", "校长", "人数", "合计"}
HEADINGS = frozenset(map(heading, NAMES))
"""Headings of any table of ours, and those that tables beside a register have."""

OUR_HELP = ("填写说明", "how to fill in")
"""The sheet that explains our own forms."""


class SheetLike(Protocol):
    """What the room of tables gives: a name, numbered rows, and what the file says beside them."""

    @property
    def sheet(self) -> str:
        """The sheet's name."""

    @property
    def rows(self) -> Sequence[tuple[int, Sequence[Cell]]]:
        """The rows with their numbers."""

    @property
    def hidden(self) -> bool:
        """Whether the sheet is hidden."""

    @property
    def hidden_rows(self) -> Collection[int]:
        """Numbers of hidden rows."""

    @property
    def hidden_columns(self) -> Collection[int]:
        """Indices of hidden columns."""

    @property
    def uncomputed(self) -> Collection[tuple[int, int]]:
        """Row number and cell index of formulas that no program has computed."""

    @property
    def notes(self) -> Sequence[str]:
        """What a person should be told about how the file was read."""


class NoSuchTable(AuditorError):
    """No sheet has the headings that are needed."""

    sentence = N_(
        "{file} is no {what}: no row of headings with {needed}; found: {found}; "
        "name columns with --map FIELD=COLUMN"
    )


class GarbledText(AuditorError):
    """UTF-8 that was read as GB18030 and saved so: what was lost cannot be had back."""

    sentence = N_(
        "{file}: its text was garbled before it was saved ({seen} was {meant}); letters are lost: "
        "ask for the file again, as .xlsx"
    )


class NoSuchColumn(AuditorError):
    """An option names a column that the file does not have."""

    exit_code = USAGE
    sentence = N_("{file}: {option} names the column {column}, which is not there; found: {found}")


class EmptyTable(AuditorError):
    """Headings and nothing below."""

    sentence = N_("{file}: there is no row to read; see that it is the right file")


class NothingFits(AuditorError):
    """No row fits ``--where``."""

    sentence = N_("{file}: no row fits --where {column}={value}; the column has: {found}")


@dataclass(frozen=True, slots=True)
class NamedRow:
    """One row: where it stands, its cells by field, its tags' cells by tag, and the row as it is.

    `uncomputed` holds the fields whose formula no program has computed.
    """

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    tags: Mapping[str, Cell]
    raw: Sequence[Cell] = ()
    header: Header | None = None
    uncomputed: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Where it stands, as a person would say."""
        return _("{sheet} row {row}").format(sheet=self.sheet, row=self.number).strip()


def ungarbled(word: str) -> str:
    """Give what a text of UTF-8 was before it was read as GB18030: 瀛︽牎 was 学校; "" if it was not."""
    if word.isascii():
        return ""
    return word.replace("\ufffd", "").encode("gb18030", "ignore").decode("utf-8", "ignore")


@dataclass(slots=True)
class Sheets:
    """The rows of all sheets with headings; which heading each field has; what was left out.

    `readings` is the mapping that holds for each shape of table; `notes` is said to the person.
    """

    rows: list[NamedRow] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    left_out: list[dict[str, object]] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=lambda: {"rows": 0, "columns": 0, "sheets": 0})
    readings: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_sheets(
    tables: Sequence[SheetLike],
    aliases: Mapping[str, Sequence[str]],
    *,
    file: str,
    what: str,
    needed: Sequence[str],
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    kept: Mapping[str, Mapping[str, str]] | None = None,
    with_tags: bool = False,
    with_townships: bool = False,
) -> Sheets:
    """Find the headings of every sheet and name the cells below them.

    Parameters
    ----------
    needed
        Fields without which a row of headings is none, the first of them the name.
    where
        Heading to value: other rows are passed over before anything is judged.
    kept
        Mappings that were given before, by the shape of the table.
    with_townships
        Whether the name of a sheet or of a part gives the township where no column does.

    A sheet without a heading of `where` has no row that fits; it is left out.

    Raises
    ------
    NoSuchColumn
        If `mapping` or `where` names a heading that no sheet has.
    NoSuchTable, EmptyTable, NothingFits
    """
    reader = _Reader(aliases, needed, mapping, where, kept or {}, with_tags, with_townships)
    for table in tables:
        reader.read(table)
    return reader.finish(file, what)


class _Reader:
    """Reads sheet after sheet into one `Sheets`."""

    def __init__(
        self,
        aliases: Mapping[str, Sequence[str]],
        needed: Sequence[str],
        mapping: Mapping[str, str],
        where: Mapping[str, str],
        kept: Mapping[str, Mapping[str, str]],
        with_tags: bool,
        with_townships: bool,
    ) -> None:
        self.aliases, self.needed, self.mapping, self.where = aliases, needed, mapping, where
        self.kept, self.with_tags, self.with_townships = kept, with_tags, with_townships
        tags = [name for names in TAG_COLUMNS.values() for name in names] if with_tags else []
        names = [name for names in aliases.values() for name in names]
        self.known = frozenset(map(heading, (*names, *tags, *mapping.values())))
        self.words = {word.casefold() for word in (*names, *mapping.values())} | NAMES
        self.sheets = Sheets()
        self.seen: list[str] = []
        self.anywhere: set[str] = set()
        self.found: set[str] = set()
        self.values: dict[str, dict[str, None]] = {}
        self.unread: dict[str, None] = {}
        self.hidden: list[str] = []
        self.closed: dict[str, int] = {}
        self.headed = False
        self.townships: list[str] = []

    def read(self, table: SheetLike) -> None:
        """Read one sheet: the table in it, or those that stand side by side."""
        self.sheets.notes += [note for note in table.notes if note not in self.sheets.notes]
        filled = [number for number, row in table.rows if any(text(cell) for cell in row)]
        if not filled or table.sheet.strip() in OUR_HELP:
            return
        self._count_hidden(table)
        parts = [only(table.rows, first, last) for first, last in blocks(table.rows)]
        headed = [(rows, header) for rows in parts for header in [self._header(rows)] if header is not None]
        if not headed:
            whole = self._header(table.rows)
            headed = [([(n, tuple(row)) for n, row in table.rows], whole)] if whole is not None else []
        if not headed:
            self.seen += likely_titles(table.rows[:LOOK])
            self.anywhere |= {heading(cell) for _number, row in table.rows[:LOOK] for cell in row}
            first = next(text(cell) for _n, row in table.rows for cell in row if text(cell))
            self._leave_out(table.sheet, None, first, _("no headings"))
            return
        self.headed = True
        self._unread(table, [header for _rows, header in headed])
        for rows, header in headed:
            self.seen += header.titles
            self.words |= {text(cell).casefold() for level in header.levels for cell in level}
            self.sheets.rows += self._rows(table, rows, header)

    def _count_hidden(self, table: SheetLike) -> None:
        self.sheets.hidden["sheets"] += table.hidden
        if table.hidden:
            self.hidden.append(table.sheet)
        self.sheets.hidden["rows"] += len(table.hidden_rows)
        self.sheets.hidden["columns"] += len(table.hidden_columns)

    def _leave_out(self, sheet: str, row: int | None, value: str, why: str) -> None:
        self.sheets.left_out.append({"sheet": sheet, "row": row, "value": value, "why": why})

    def _header(self, rows: Rows) -> Header | None:
        asked = {one: title for one, title in self.mapping.items() if one in self.aliases}
        return find_header(rows, self.aliases, asked, self.kept, self.needed, self.known)

    def _tags(self, header: Header) -> dict[str, int]:
        """Give the column of every tag that the header names."""
        tags: dict[str, int] = {}
        for tag, names in TAG_COLUMNS.items() if self.with_tags else ():
            given = header.mapping.get(tag, self.mapping.get(tag))
            if given == "":
                continue
            for name in (given,) if given else names:
                column = header.places.get(heading(name))
                if column is not None and (given or column not in header.columns.values()):
                    tags.setdefault(tag, column)
        return tags

    def _note(self, header: Header, tags: Mapping[str, int]) -> None:
        """Keep what a header says: the headings of fields and tags, and the reading of its shape."""
        for one, column in (*header.columns.items(), *tags.items()):
            self.sheets.columns.setdefault(one, header.title(column))
        here = header.places
        for option in (self.mapping, dict.fromkeys(self.where)):
            names = option.values() if option is self.mapping else option
            self.found |= {str(title) for title in names if heading(title) in here}
        shape = shape_of(header.levels)
        if self.mapping:
            mine = {one: title for one, title in self.mapping.items() if not title or heading(title) in here}
            if mine:
                self.sheets.readings[shape] = mine
        elif header.mapping:
            pairs = ", ".join(f"{one} ← {title or '–'}" for one, title in sorted(header.mapping.items()))
            note = _("columns are read as in an earlier file of this shape: {pairs}").format(pairs=pairs)
            if note not in self.sheets.notes:
                self.sheets.notes.append(note)

    def _rows(self, table: SheetLike, rows: Rows, header: Header) -> Iterator[NamedRow]:
        """Give the rows below a header; a header with another order of columns holds from there on."""
        tags = self._tags(header)
        self._note(header, tags)
        printed = {
            (at, heading(cell))
            for _number, row in rows[: header.last + 1]
            for at, cell in enumerate(row)
            if text(cell)
        }
        above = {
            text(row[header.columns[self.needed[0]]])
            for _number, row in rows[: header.last + 1]
            if header.columns[self.needed[0]] < len(row)
        }
        other = begun = False
        closed = table.sheet if self.with_townships and says_closed(table.sheet) else ""
        lost = next((title for title in self.where if heading(title) not in header.places), None)
        if lost is not None:
            why = _("it has no column {column} of --where").format(column=lost)
            self._leave_out(table.sheet, None, "", why)
            return
        township = township_of(table.sheet) if self.with_townships else ""
        told = ""
        columns, wanted, serial, system = self._parts(header)
        uncomputed: dict[int, set[int]] = {}
        for number, column in table.uncomputed:
            uncomputed.setdefault(number, set()).add(column)
        for number, row in rows[header.last + 1 :]:
            filled = filled_columns(row)
            if not filled:
                if not any(at in uncomputed.get(number, ()) for at in columns.values()):
                    continue
                filled = [min(uncomputed[number])]
            cells = {one: row[at] if at < len(row) else None for one, at in columns.items()}
            name = text(cells[self.needed[0]])
            if len(filled) < 3 or not name or name.casefold() in self.words or name in above:
                if repeats(row, printed) or is_serial(row, serial):
                    continue
                again = self._again(row, header)
                if again is None and not begun and name in above:
                    continue  # the lowest row of headings, such as 男 and 女 below 幼儿数
                other = other or (again is None and self._begins_another(row, filled))
                if again is not None:
                    other = False
                    header, tags = again, self._tags(again)
                    self._note(header, tags)
                    columns, wanted, serial, system = self._parts(header)
                    continue
            if other and not (lone(row) and is_heading_line(lone(row))):
                why = _("a row of another table below")
                self._leave_out(table.sheet, number, text(row[filled[0]]), why)
                continue
            if not self._keep(table.sheet, number, row, filled, cells, len(columns)):
                word = lone(row)
                if self.with_townships and word and township_of(word):
                    township = township_of(word)
                if self.with_townships and word:
                    closed = word if says_closed(word) else ""
                    other = False
                continue
            for title, index in wanted.items():
                self.values.setdefault(title, {})[text(row[index]) if index < len(row) else ""] = None
            if any(
                (text(row[index]) if index < len(row) else "") != self.where[title]
                for title, index in wanted.items()
            ):
                continue
            if township and "township" not in columns:
                cells["township"] = told = township
                if township not in self.townships:
                    self.townships.append(township)
            if closed and "closed" not in columns:
                cells["closed"] = closed
                self.closed[closed] = self.closed.get(closed, 0) + 1
            if system:
                cells["crs"] = system
            begun = True
            here = uncomputed.get(number, ())
            yield NamedRow(
                table.sheet,
                number,
                cells,
                {tag: row[at] if at < len(row) else None for tag, at in tags.items()},
                row,
                header,
                frozenset(one for one, at in columns.items() if at in here) if here else frozenset(),
            )
        if told:
            self.sheets.columns.setdefault("township", _("(sheet or part)"))

    def _parts(self, header: Header) -> tuple[Mapping[str, int], dict[str, int], frozenset[int], str]:
        """Give the columns of fields, --where and 序号, and the system that the points' heading names."""
        point = header.columns.get("lat", header.columns.get("point"))
        here = header.places
        serial = {here[heading(one)] for one in SERIAL if heading(one) in here}
        return (
            header.columns,
            {title: here[heading(title)] for title in self.where if heading(title) in here},
            frozenset(serial - set(header.columns.values())),
            crs_of_heading(header.title(point)) if point is not None and "crs" not in header.columns else "",
        )

    def _unread(self, table: SheetLike, headers: Sequence[Header]) -> None:
        """Say which columns hold something and mean no field."""
        known: set[int] = set()
        for header in headers:
            here = header.places
            known |= {*header.columns.values(), *self._tags(header).values()}
            known |= {here[heading(one)] for one in SERIAL if heading(one) in here}
        last = max(header.last for header in headers)
        for column in range(max(len(row) for _number, row in table.rows[: last + 1])):
            titles = [header.title(column) for header in headers if header.title(column)]
            cells = [text(row[column]) for _number, row in table.rows[: last + 1] if column < len(row)]
            title = titles[0] if titles else next((cell for cell in reversed(cells) if cell), "")
            if column not in known and title:
                self.unread[title] = None

    def _begins_another(self, row: Sequence[Cell], filled: Sequence[int]) -> bool:
        """Whether a row below is the header of a table that is no register: its first cells are headings."""
        words = [heading(row[at]) for at in filled]
        texts = all(isinstance(row[at], str) and not any(map(str.isdigit, text(row[at]))) for at in filled)
        return (
            len(filled) > 1
            and texts
            and (words[0] in HEADINGS or sum(word in HEADINGS for word in words) > 1)
        )

    def _again(self, row: Sequence[Cell], header: Header) -> Header | None:
        """Give the header that a row below is, with columns of its own; None for any other row."""
        words = [heading(cell) for cell in row if text(cell)]
        if len(words) < 2 or sum(word in self.known for word in words) * 2 <= len(words):
            return None
        return find_header([(0, row)], self.aliases, header.mapping, self.kept, self.needed, self.known)

    def _keep(
        self,
        sheet: str,
        number: int,
        row: Sequence[Cell],
        filled: Sequence[int],
        cells: Mapping[str, Cell],
        wide: int,
    ) -> bool:
        """Whether a line is a row to read; what is left out is listed, titles are passed over."""
        name = cells.get(self.needed[0])
        word = lone(row) if row[filled[0]] == row[filled[-1]] else ""
        if word and wide > 1 and is_heading_line(word):
            return False
        if "person" in self.needed and len(filled) == 1 and text(cells.get("from")) == word:
            return True  # a day alone in its row: whose leave it is was forgotten
        kind = aside(row, cells.get("id"), name)
        if kind:
            self._leave_out(sheet, number, text(row[filled[0]]), _(_WHY[kind]))
        return not kind

    def finish(self, file: str, what: str) -> Sheets:
        """Say what was read, or what stands in the way."""
        found = listed(dict.fromkeys(self.seen))[:300] or "–"
        if not self.headed:
            for seen in self.seen:
                meant = ungarbled(seen)
                if heading(meant) in self.known:
                    raise GarbledText(file=file, seen=seen, meant=meant)
            self.found |= {title for title in self.mapping.values() if heading(title) in self.anywhere}
            if all(title in self.found for title in self.mapping.values() if title):
                shown = ", ".join(f"{one} ({self.aliases[one][0]})" for one in self.needed)
                raise NoSuchTable(file=file, what=what, needed=shown, found=found)
        for one, title in self.mapping.items():
            if title and title not in self.found:
                raise NoSuchColumn(file=file, option=f"--map {one}={title}", column=title, found=found)
        for title in self.where:
            if title not in self.found:
                raise NoSuchColumn(file=file, option="--where", column=title, found=found)
        if not self.sheets.rows:
            for title, value in self.where.items():
                there = sorted(self.values.get(title, {}))
                if value not in there and there:
                    shown = some(there, 12)
                    raise NothingFits(file=file, column=title, value=value, found=shown)
            raise EmptyTable(file=file)
        if self.hidden:
            shown = listed(self.hidden[:12])
            self.sheets.notes.append(_("hidden sheets: {names}").format(names=shown))
        for name, count in self.closed.items():
            self.sheets.notes.append(
                ngettext(
                    "closed by the name of a sheet or part, {name}: {count} unit",
                    "closed by the name of a sheet or part, {name}: {count} units",
                    count,
                ).format(name=name, count=count)
            )
        if self.unread:
            names = list(self.unread)
            shown = some(names, 15)
            self.sheets.notes.append(
                _("columns that mean no field and are not read: {names}").format(names=shown)
            )
        if self.townships:
            count = len(self.townships)
            self.sheets.notes.append(
                ngettext(
                    "the township is taken from the name of a sheet or part: {names}",
                    "{count} townships are taken from the names of sheets or parts: {names}",
                    count,
                ).format(count=count, names=some(self.townships, 12))
            )
        return self.sheets


_WHY = {
    "sum": N_("a sum"),
    "note": N_("a note"),
    "signature": N_("a line of the form: who filled it in, when, for whom"),
    "sentence": N_("a sentence and no row"),
}
