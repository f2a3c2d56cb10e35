"""What a file would do to a list, before it does: sums, columns, faults, changes; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.register.cells import text
from auditor.register.columns import (
    BLACKOUT_ALIASES,
    LEAVE_ALIASES,
    PAST_ALIASES,
    STAFF_ALIASES,
    TAG_COLUMNS,
    UNIT_ALIASES,
)
from auditor.register.flags import FLAGS
from auditor.register.headings import LOOK, likely_titles
from auditor.register.recognise import WrongTable
from auditor.register.sheets import NoSuchTable, read_sheets
from auditor.store import Database
from auditor.store import units as unit_store
from auditor.tables.table import Table
from auditor.workflow import past as past_step
from auditor.workflow import people as people_step
from auditor.workflow import unit_imports
from auditor.workflow.called import staff_names
from auditor.workflow.imports import Imported, Request, tables_of
from auditor.workflow.unit_imports import Settled

if TYPE_CHECKING:
    from auditor.plugins import Plugins

UNITS, PEOPLE, LEAVE, PAST, BLACKOUTS = "units", "people", "leave", "past", "blackouts"
LISTS = (UNITS, PEOPLE, LEAVE, PAST, BLACKOUTS)
"""The lists that a file may be for."""

ALIASES: Mapping[str, Mapping[str, Sequence[str]]] = {
    UNITS: UNIT_ALIASES, PEOPLE: STAFF_ALIASES, LEAVE: LEAVE_ALIASES, PAST: PAST_ALIASES,
    BLACKOUTS: BLACKOUT_ALIASES,
}  # fmt: skip
"""The fields of each list with their headings; tags of units are apart."""

FIELDS: Mapping[str, Sequence[str]] = {
    what: (*names, *TAG_COLUMNS) if what == UNITS else tuple(names) for what, names in ALIASES.items()
}
"""The fields that a column may mean."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    UNITS: ("name",), PEOPLE: ("name",), LEAVE: ("person", "from"), PAST: ("unit", "on", "domains"),
    BLACKOUTS: ("from",),
}  # fmt: skip

MOST_FAULTS = 1000
MOST_CHANGES = 300
MOST_LINES = 200
FIRST = 6
"""So many rows are shown under their headings."""
SAMPLE = 80
"""A heading and its first rows stand in so many lines."""
MOST_COLUMNS = 40
LONGEST = 80


class TwoColumns(AuditorError):
    """Two columns are to be read as one field."""

    sentence = N_("two columns are both to be read as {field}: {one}, {other}; choose one of them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first rows of a file under their headings.

    `fields` has the field of each title, "" for a column that is not read; `mapping` is what a person
    said, now or for an earlier file of this shape; `found` whether a row of headings was recognised.
    """

    sheet: str
    titles: tuple[str, ...]
    fields: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    mapping: Mapping[str, str]
    found: bool = True

    def record(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "sheet": self.sheet, "titles": list(self.titles), "fields": list(self.fields),
            "rows": [[number, list(cells)] for number, cells in self.rows], "mapping": dict(self.mapping),
            "found": self.found,
        }  # fmt: skip


def head_of(db: Database, what: str, tables: Sequence[Table], mapping: Mapping[str, str]) -> Head | None:
    """Give the first rows of the first sheet that has headings, or of the first that has anything.

    None where no sheet has anything.
    """
    kept = unit_store.read_readings(db, what)
    for table in tables:
        first = replace(table, rows=table.rows[:SAMPLE], notes=())
        try:
            sheets = read_sheets(
                [first], ALIASES[what], file="", what="", needed=NEEDED[what], mapping=mapping, where={},
                kept=kept, with_tags=what == UNITS, with_townships=what == UNITS,
            )  # fmt: skip
        except AuditorError:
            continue
        row = sheets.rows[0]
        if row.header is None:
            continue
        header = row.header
        width = min(max(len(one.raw) for one in sheets.rows), MOST_COLUMNS)
        field_at = {column: one for one, column in header.columns.items()}
        titles = [header.title(column) for column in range(width)]
        tags = {sheets.columns[tag]: tag for tag in TAG_COLUMNS if tag in sheets.columns}
        fields = [field_at.get(at) or tags.get(title, "") for at, title in enumerate(titles)]
        rows = [(one.number, one.raw) for one in sheets.rows[:FIRST]]
        return _head(table.sheet, titles, fields, rows, header.mapping or mapping)
    for table in tables:
        lines = [(number, row) for number, row in table.rows[:LOOK] if any(text(cell) for cell in row)]
        words = likely_titles(lines)
        best = next(
            (at for at, (_n, row) in enumerate(lines) if words and _words(row)[: len(words)] == words), 0
        )
        if lines:
            titles = [text(cell) for cell in lines[best][1]][:MOST_COLUMNS]
            below = lines[best + 1 : best + 1 + FIRST]
            return replace(_head(table.sheet, titles, [""] * len(titles), below, mapping), found=False)
    return None


def _words(row: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(text(cell) for cell in row if text(cell)))


def _head(
    sheet: str,
    titles: Sequence[str],
    fields: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any]]],
    mapping: Mapping[str, str],
) -> Head:
    """Leave out columns that have neither a heading nor anything in the first rows."""
    cells = [(number, [text(cell)[:LONGEST] for cell in row]) for number, row in rows]
    shown = [
        at
        for at, title in enumerate(titles)
        if title or any(at < len(row) and row[at] for _number, row in cells)
    ]
    return Head(
        sheet=sheet,
        titles=tuple(titles[at] for at in shown),
        fields=tuple(fields[at] for at in shown),
        rows=tuple(
            (number, tuple(row[at] if at < len(row) else "" for at in shown)) for number, row in cells
        ),
        mapping=dict(mapping),
    )


def remapped(shown: Mapping[str, Any], chosen: Sequence[str]) -> dict[str, str]:
    """Give the mapping after somebody has chosen a field for each column, "" for none.

    Parameters
    ----------
    shown
        The record of a `Head`.
    chosen
        A field for each of its titles, in their order; a column without a title cannot be chosen.

    Raises
    ------
    TwoColumns
    """
    titles, before = shown["titles"], shown["fields"]
    taken: dict[str, str] = {}
    for title, field in zip(titles, chosen, strict=True):
        if field and field in taken:
            raise TwoColumns(field=field, one=taken[field], other=title)
        if field:
            taken[field] = title
    mapping = dict(shown["mapping"])
    for title, old, new in zip(titles, before, chosen, strict=True):
        if old == new or not title:
            continue
        if old and mapping.get(old, title) == title:
            mapping[old] = ""
    for title, old, new in zip(titles, before, chosen, strict=True):
        if new and title and old != new:
            mapping[new] = title
    return mapping


def _step(what: str, plugins: Plugins | None) -> Callable[[Database, Path, Request, datetime], Imported]:
    if what == UNITS:
        return unit_imports.import_units
    if what == LEAVE:
        return people_step.import_leave
    if what == BLACKOUTS:
        return past_step.import_blackouts
    assert plugins is not None
    if what == PEOPLE:
        return lambda db, path, request, now: people_step.import_staff(
            db, path, request, now, plugins=plugins
        )
    return lambda db, path, request, now: past_step.import_past(db, path, request, now, plugins=plugins)


def carry_out(
    db: Database, what: str, path: Path, request: Request, now: datetime, plugins: Plugins | None = None
) -> Imported:
    """Import a file into one of LISTS: its good rows; raises what that list's import raises."""
    return _step(what, plugins)(db, path, replace(request, partial=True, dry_run=False), now)


def preview(
    db: Database, what: str, path: Path, request: Request, now: datetime, plugins: Plugins | None = None
) -> tuple[dict[str, Any], Settled | None]:
    """Say what `carry_out` would do, as JSON has it; texts in the language of the context.

    Units that are all taken come settled with it: `unit_imports.keep_units` does the same as `carry_out`,
    as long as nothing is written between and it is the same day.

    A file without the headings that are needed gives its columns to be named (`lacking` says what is
    missing), one that is plainly another list `other`.

    Raises
    ------
    What `read_tables` raises, and the import of the list for anything else.
    """
    tables = request.tables or tables_of(path, request)
    head = head_of(db, what, tables, request.mapping)
    found: dict[str, Any] = {
        "what": what,
        "head": None if head is None else head.record(),
        "sheets": sheets_of(request, tables),
        "lacking": "",
        "other": "",
    }
    asked = replace(request, tables=tables, partial=True, dry_run=True)
    settled: Settled | None = None
    try:
        if what == UNITS:
            imported, settled = unit_imports.look_at_units(db, path, asked, now)
        else:
            imported = _step(what, plugins)(db, path, asked, now)
    except WrongTable as error:
        return found | {"other": str(error.facts["other"])}, None
    except NoSuchTable as error:
        return found | {"lacking": str(error)}, None
    return found | _told(db, what, imported), None if imported.rows else settled


def shown_sheets(request: Request, tables: Sequence[Table]) -> Request:
    """Leave hidden sheets out where nobody chose sheets: nobody saw them; read all where all are hidden."""
    filled = [table for table in tables if any(text(cell) for _number, row in table.rows for cell in row)]
    shown = [table.sheet for table in filled if not table.hidden]
    if request.sheets or not shown or len(shown) == len(filled):
        return request
    return replace(request, sheets=tuple(shown))


def sheets_of(request: Request, tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Give the sheets with how many filled rows each has; those that hold nothing are no choice."""
    counted = [
        {
            "name": table.sheet,
            "rows": sum(any(text(cell) for cell in row) for _number, row in table.rows),
            "hidden": table.hidden,
        }
        for table in tables
        if table.sheet
    ]
    wanted = {name.strip() for name in request.sheets}
    return [
        one | {"read": not wanted or str(one["name"]).strip() in wanted} for one in counted if one["rows"]
    ]


def _told(db: Database, what: str, imported: Imported) -> dict[str, Any]:
    bad = {(row["sheet"], row["row"]) for row in imported.rows}
    return {
        "fit": imported.added + imported.changed + imported.unchanged + imported.sites,
        "new": imported.added,
        "updated": imported.changed,
        "unchanged": imported.unchanged,
        "sites": imported.sites,
        "left": len(bad),
        "faults": [
            {key: row[key] if key == "row" else str(row[key])[:300] for key in row}
            for row in imported.rows[:MOST_FAULTS]
        ],
        "fault_count": len(imported.rows),
        "pairs": any("--same" in row["cure"] for row in imported.rows),
        "aside": imported.left_out[:MOST_LINES],
        "aside_count": len(imported.left_out),
        "notes": list(imported.notes),
        "hidden": imported.hidden,
        "flags": _flags(db, what, imported),
        "changes": _changes(db, what, imported),
        "missing": _named(db, what, imported.missing[:MOST_LINES]),
        "missing_count": len(imported.missing),
    }


def _flags(db: Database, what: str, imported: Imported) -> list[dict[str, Any]]:
    """Give each flag once: how many units have it, and the first of them."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for flag in imported.flags:
        by_name.setdefault(flag["flag"], []).append(flag)
    return [
        {
            "flag": name,
            "count": len(found),
            "units": [one[:LONGEST] for one in _named(db, what, [str(one["unit"]) for one in found[:5]])],
        }
        for name, found in sorted(by_name.items())
        if name in FLAGS
    ]


def _names(db: Database, what: str, ids: Iterable[str]) -> dict[str, str]:
    """Give the names of units or people by their ids."""
    keys = list(ids)
    if keys and what in (PEOPLE, LEAVE):
        return staff_names(db)
    found = {key: unit_store.read_unit(db, key) for key in keys} if what == UNITS else {}
    return {key: unit.name for key, unit in found.items() if unit is not None}


def _named(db: Database, what: str, ids: Sequence[str]) -> list[str]:
    """Give the name of each, or its id where it has none."""
    names = _names(db, what, ids)
    return [names.get(one) or one for one in ids]


def _changes(db: Database, what: str, imported: Imported) -> list[dict[str, Any]]:
    """Give what changes, together for each unit or person, with its name."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for one in imported.changes:
        if one["id"] not in by_id and len(by_id) >= MOST_CHANGES:
            continue
        fields = by_id.setdefault(one["id"], [])
        fields.append({"field": one["field"], "before": one["before"], "after": one["after"]})
    names = _names(db, what, by_id)
    return [{"id": key, "name": names.get(key, ""), "fields": fields} for key, fields in by_id.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A fault in a cell: its sheet, the number of its row, the index of its column, what is said of it."""

    sheet: str
    row: int
    column: int
    text: str


def marks_of(
    db: Database, what: str, path: Path, request: Request, now: datetime, plugins: Plugins | None = None
) -> list[Mark]:
    """Give the faults of a file with the place of each cell, the first MOST_FAULTS of them."""
    imported = _step(what, plugins)(db, path, replace(request, partial=True, dry_run=True), now)
    found = []
    for fault, (row, why) in zip(imported.rows, imported.bad_rows, strict=True):
        header = row.header
        columns = sorted(header.columns.values()) if header is not None else []
        column = next(
            (at for at in columns if header is not None and header.title(at) == fault["column"]),
            columns[0] if columns else 0,
        )
        found.append(Mark(sheet=row.sheet, row=row.number, column=column, text=why))
        if len(found) >= MOST_FAULTS:
            break
    return found
