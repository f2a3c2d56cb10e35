"""What every import has in common: its answer, what it refuses, and the rows that it hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Self

from auditor.entities import Blackout, Inspection, Leave, Person, Unit, UnitDuty
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.register.cells import heading, text
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow
from auditor.tables.reading import read_tables
from auditor.tables.table import Table
from auditor.tables.writing import write_table

REFUSED = ".refused.xlsx"
"""What is put behind a file's name for its refused rows; such a file is a part, not a whole register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How a file is to be read: what `units import` was asked for.

    `tables` are the file's sheets where somebody has read them already.
    """

    mapping: Mapping[str, str]
    where: Mapping[str, str]
    encoding: str | None = None
    sheets: tuple[str, ...] = ()
    dry_run: bool = False
    crs: str = "wgs84"
    at: tuple[float, float] | None = None
    same: tuple[str, ...] = ()
    keep_both: bool = False
    partial: bool = False
    tables: tuple[Table, ...] = ()


def tables_of(path: Path, request: Request) -> tuple[Table, ...]:
    """Read a file's sheets, or those that were named.

    Raises
    ------
    UsageProblem
        For a name that no sheet has; what `read_tables` raises.
    """
    tables = request.tables or read_tables(path, encoding=request.encoding)
    names = {table.sheet.strip() for table in tables}
    for name in request.sheets:
        if name.strip() not in names:
            raise UsageProblem(
                problem=_("{file}: there is no sheet {name}; there are {names}").format(
                    file=path, name=name, names=", ".join(sorted(names))
                )
            )
    wanted = {name.strip() for name in request.sheets}
    return tuple(table for table in tables if not wanted or table.sheet.strip() in wanted)


Kept = Unit | Person | Leave | Blackout | Inspection | UnitDuty
"""What lists bring."""


class Refused(AuditorError):
    """Some cells cannot be taken; they were printed, and nothing was kept."""

    sentence = N_("{file}: nothing imported, refused cells: {count}; mend them and import again")


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: counts, refused cells, lines left out, columns, flags, notes.

    `new` are the ids that were not there before, `missing` those that stand in the register and not in
    the file; `changes` every field that changed, before and after; `sites` how many Sites the file
    gives; `refused_file` where the refused rows lie, "" where they lie nowhere; `bad_rows` the row of each
    refused cell, for who has the file before him.
    """

    file: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    flags: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=lambda: {"rows": 0, "columns": 0, "sheets": 0})
    missing: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    sites: int = 0
    refused_file: str = ""
    bad_rows: Sequence[tuple[NamedRow, str]] = ()

    @classmethod
    def of(cls, path: Path, reading: Reading) -> Self:
        """Begin with what a reading told beside its rows."""
        return cls(
            file=str(path),
            rows=reading.refused,
            left_out=reading.left_out,
            columns=reading.columns,
            notes=reading.notes,
            hidden=reading.hidden,
            bad_rows=reading.bad_rows,
        )

    def record(self) -> dict[str, Any]:
        """Give the answer of ``import --json``."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": len(self.rows),
            "rows": self.rows,
            "left_out": self.left_out,
            "hidden": self.hidden,
            "columns": self.columns,
            "flags": self.flags,
            "new": self.new,
            "missing": self.missing,
            "changes": self.changes,
            "notes": self.notes,
            "refused_file": self.refused_file,
        }

    def refuse(self) -> None:
        """Raise Refused if any cell was and the rest was not taken without it."""
        if self.rows and not self.refused_file:
            raise Refused(file=self.file, count=len(self.rows))

    def compare(self, before: Kept | None, after: Kept, key: str) -> None:
        """Count one value, new, changed or unchanged, with every field that changed."""
        if before is None:
            self.added += 1
            self.new.append(key)
        elif before == after:
            self.unchanged += 1
        else:
            self.changed += 1
            for name in (one.name for one in fields(after)):
                old, new = getattr(before, name), getattr(after, name)
                if old != new:
                    self.changes.append(
                        {"id": key, "field": name, "before": _plain(old), "after": _plain(new)}
                    )


def _plain(value: Any) -> Any:
    """Give a value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def refusal(file: Path, error: AuditorError) -> dict[str, Any]:
    """Give the answer of ``import --json`` for a file that was refused as a whole: one row, its reason."""
    row = {"sheet": "", "row": None, "column": "", "value": file.name, "problem": str(error), "cure": ""}
    return Imported(file=str(file), rows=[row]).record()


def write_refused(
    path: Path, bad_rows: Sequence[tuple[NamedRow, str]], aliases: Mapping[str, Sequence[str]]
) -> Path:
    """Write refused rows with the reason in front to ``FILE.refused.xlsx``, to be mended and imported.

    Raises
    ------
    CannotWriteTable
    """
    reason = _("reason")
    titles: dict[str, str] = {reason: reason}
    rows: dict[int, dict[str, Any]] = {}
    for row, why in bad_rows:
        there = rows.setdefault(id(row), {})
        there[reason] = f"{there[reason]}\n{why}" if reason in there else why
        for title, cell in _cells(row, aliases):
            titles.setdefault(title, title)
            there.setdefault(title, cell)
    target = path.with_name(path.name + REFUSED)
    write_table(target, titles, [{title: row.get(title) for title in titles} for row in rows.values()])
    return target


def _cells(row: NamedRow, aliases: Mapping[str, Sequence[str]]) -> list[tuple[str, Any]]:
    """Give a row's cells with headings that read back: the lowest alone where it names the field."""
    header = row.header
    if header is None:
        return list(row.cells.items())
    named = {column: one for one, column in header.columns.items()}
    cells: list[tuple[str, Any]] = []
    for column, cell in enumerate(row.raw):
        lowest = text(header.levels[-1][column]) if column < len(header.levels[-1]) else ""
        title, field_name = header.title(column), named.get(column, "")
        names = aliases.get(field_name, ())
        if field_name and field_name not in header.mapping:
            title = lowest if heading(lowest) in map(heading, names) else title
        if title:
            cells.append((title, cell))
    if "township" in row.cells and "township" not in header.columns:
        cells.append((aliases["township"][0], row.cells["township"]))
    return cells
