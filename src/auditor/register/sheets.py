"""From sheets to rows of named cells: find the headings, leave out what is not meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _
from auditor.register.cells import Cell, heading, text
from auditor.register.columns import TAG_COLUMNS, find_columns, places, titles

LOOK_FOR_HEADINGS = 10


class SheetLike(Protocol):
    """What the room of tables gives: a name and numbered rows."""

    @property
    def sheet(self) -> str:
        """The sheet's name."""

    @property
    def rows(self) -> Sequence[tuple[int, Sequence[Cell]]]:
        """The rows with their numbers."""


class NoSuchTable(AuditorError):
    """No sheet has the headings that are needed."""

    sentence = N_(
        "{file} is no {what}: no row of headings with {needed}; found: {found}; "
        "name columns with --map FIELD=COLUMN"
    )


class NoSuchColumn(AuditorError):
    """An option names a column that the file does not have."""

    exit_code = USAGE
    sentence = N_("{file}: {option} names the column {column}, which is not there; found: {found}")


class EmptyTable(AuditorError):
    """Headings and nothing below, or nothing that fits ``--where``."""

    sentence = N_("{file}: there is no row to read{where}; see that it is the right file")


@dataclass(frozen=True, slots=True)
class NamedRow:
    """One row: where it stands, its cells by field, its tags' cells by tag, all cells by heading."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    tags: Mapping[str, Cell]


@dataclass(slots=True)
class Sheets:
    """The rows of all sheets with headings; which heading each field has; what was left out."""

    rows: list[NamedRow] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    left_out: list[dict[str, object]] = field(default_factory=list)


def read_sheets(
    tables: Sequence[SheetLike],
    aliases: Mapping[str, Sequence[str]],
    *,
    file: str,
    what: str,
    needed: Sequence[str],
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    with_tags: bool = False,
) -> Sheets:
    """Find the headings of every sheet and name the cells below them.

    Parameters
    ----------
    needed
        Fields without which a row of headings is none.
    where
        Heading to value: other rows are passed over before anything is judged.

    A sheet without a heading of `where` has no row that fits; it is left out.

    Raises
    ------
    NoSuchColumn
        If `mapping` or `where` names a heading that no sheet has.
    NoSuchTable, EmptyTable
    """
    tag_names = {tag: (mapping[tag],) if tag in mapping else names for tag, names in TAG_COLUMNS.items()}
    asked = {one: title for one, title in mapping.items() if not with_tags or one not in TAG_COLUMNS}
    sheets = Sheets()
    seen: list[str] = []
    found_mapped: set[str] = set()
    found_where: set[str] = set()
    headed = False
    for table in tables:
        head = _headings(table, aliases, asked, needed)
        if head is None:
            seen += [title for _number, row in table.rows[:LOOK_FOR_HEADINGS] for title in titles(row)]
            if table.rows:
                sheets.left_out.append(
                    {"sheet": table.sheet, "row": None, "value": "", "why": _("no headings")}
                )
            continue
        headed = True
        at, columns = head
        row = table.rows[at][1]
        seen += titles(row)
        by_heading = places(row)
        found_mapped |= {one for one, title in mapping.items() if heading(title) in by_heading}
        found_where |= {title for title in where if heading(title) in by_heading}
        tags = {}
        if with_tags:
            for tag, names in tag_names.items():
                index = next((by_heading[heading(n)] for n in names if heading(n) in by_heading), None)
                if index is not None and (tag in mapping or index not in columns.values()):
                    tags[tag] = index
        for one, index in columns.items():
            sheets.columns.setdefault(one, text(row[index]))
        for tag, index in tags.items():
            sheets.columns.setdefault(tag, text(row[index]))
        lost = next((title for title in where if heading(title) not in by_heading), None)
        if lost is not None:
            found = ", ".join(titles(row))[:300]
            why = str(NoSuchColumn(file=file, option="--where", column=lost, found=found))
            sheets.left_out.append({"sheet": table.sheet, "row": None, "value": "", "why": why})
            continue
        wanted = {by_heading[heading(title)]: value for title, value in where.items()}
        sheets.rows += _named(table, at, columns, tags, wanted)
    found = ", ".join(dict.fromkeys(seen)) or "–"
    if not headed:
        anywhere = places(list(dict.fromkeys(seen)))
        found_mapped |= {one for one, title in mapping.items() if heading(title) in anywhere}
    if not headed and len(found_mapped) == len(mapping):
        raise NoSuchTable(file=file, what=what, needed=", ".join(needed), found=found[:300])
    for one, title in mapping.items():
        if one not in found_mapped:
            raise NoSuchColumn(file=file, option=f"--map {one}={title}", column=title, found=found[:300])
    for title in where:
        if title not in found_where:
            raise NoSuchColumn(file=file, option="--where", column=title, found=found[:300])
    if not sheets.rows:
        told = _(" that fits --where") if where else ""
        raise EmptyTable(file=file, where=told)
    return sheets


def _headings(
    table: SheetLike,
    aliases: Mapping[str, Sequence[str]],
    mapping: Mapping[str, str],
    needed: Sequence[str],
) -> tuple[int, dict[str, int]] | None:
    """Give the index of the row of headings and the column of each field, or None."""
    for at, (_number, row) in enumerate(table.rows[:LOOK_FOR_HEADINGS]):
        columns = find_columns(row, aliases, mapping)
        if all(one in columns for one in needed):
            return at, columns
    return None


def _named(
    table: SheetLike,
    at: int,
    columns: Mapping[str, int],
    tags: Mapping[str, int],
    wanted: Mapping[int, str],
) -> Iterator[NamedRow]:
    for number, row in table.rows[at + 1 :]:
        if not any(text(cell) for cell in row):
            continue

        def cell(index: int, row: Sequence[Cell] = row) -> Cell:
            return row[index] if index < len(row) else None

        if all(text(cell(index)) == value for index, value in wanted.items()):
            yield NamedRow(
                table.sheet,
                number,
                {one: cell(index) for one, index in columns.items()},
                {tag: cell(index) for tag, index in tags.items()},
            )
