"""The step of registers: a file in, judged, kept whole or not at all; and out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.entities import Inspector, Leave, Unit
from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.register import staff as staff_rows
from auditor.register import units as unit_rows
from auditor.register.columns import TAG_COLUMNS, UNIT_TITLES
from auditor.store import Database
from auditor.store import staff as staff_store
from auditor.store import units as unit_store
from auditor.store.writing import write_tx
from auditor.tables.reading import read_tables
from auditor.tables.writing import write_table

if TYPE_CHECKING:
    from auditor.plugins import Plugins

LISTED = (
    "id", "name", "kind", "district", "township", "lat", "lng", "students", "boarders", "canteen",
    "buses", "tags",
)  # fmt: skip
"""The fields of ``units list``."""


class Refused(AuditorError):
    """Some cells cannot be taken; they were printed, and nothing was kept."""

    sentence = N_("{file}: {count} cells refused, nothing imported; mend them and import again")


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: counts, refused cells, lines left out, columns, flags, notes."""

    file: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    flags: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Give the answer of ``import --json``."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": len(self.rows),
            "rows": self.rows,
            "left_out": self.left_out,
            "columns": self.columns,
            "flags": self.flags,
        }

    def refuse(self) -> None:
        """Raise Refused if any cell was."""
        if self.rows:
            raise Refused(file=self.file, count=len(self.rows))


def _keep(
    imported: Imported,
    known: Mapping[Any, Any],
    read: Mapping[Any, Any],
    write: Callable[[Sequence[Any]], object],
    dry_run: bool,
) -> None:
    """Count what is new, changed and unchanged, and write it unless something was refused."""
    if imported.rows:
        return
    for key, value in read.items():
        if key not in known:
            imported.added += 1
        elif known[key] != value:
            imported.changed += 1
        else:
            imported.unchanged += 1
    if not dry_run and (imported.added or imported.changed):
        write([value for key, value in read.items() if known.get(key) != value])


def import_units(
    db: Database,
    path: Path,
    *,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    encoding: str | None = None,
    dry_run: bool = False,
    at: datetime,
) -> Imported:
    """Import a register of Units: all of it, or nothing if any cell is refused.

    A field whose column the file lacks keeps the value that the register has.
    """
    reading = unit_rows.read_units(
        read_tables(path, encoding=encoding), file=str(path), mapping=mapping, where=where
    )
    imported = Imported(
        file=str(path),
        rows=reading.refused,
        left_out=reading.left_out,
        columns=reading.columns,
        flags=reading.flags,
        notes=reading.notes,
    )
    known = {unit.id: unit for unit in unit_store.read_units(db)}
    lacking = [one for one in UNIT_TITLES if one not in reading.columns and one not in ("id", "name", "kind")]
    if any(tag in reading.columns for tag in TAG_COLUMNS) and "tags" in lacking:
        lacking.remove("tags")
    read = {}
    for unit in reading.units:
        old = known.get(unit.id)
        if old is not None and lacking:
            unit = replace(unit, **{one: getattr(old, one) for one in lacking})
        read[unit.id] = unit

    def write(units: Sequence[Unit]) -> None:
        with write_tx(db, "units import", at) as tx:
            unit_store.put_units(tx, units)

    _keep(imported, known, read, write, dry_run)
    return imported


def domain_names(plugins: Plugins) -> dict[str, str]:
    """Give the key of each name that a domain may be written with."""
    names: dict[str, str] = {}
    for key, domain in plugins.domains.items():
        for name in (key, domain.zh, domain.en):
            names[name.casefold()] = key
    return names


def import_inspectors(
    db: Database,
    path: Path,
    *,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    plugins: Plugins,
    encoding: str | None = None,
    dry_run: bool = False,
    at: datetime,
) -> Imported:
    """Import inspectors: all of them, or nothing if any cell is refused."""
    reading = staff_rows.read_inspectors(
        read_tables(path, encoding=encoding),
        file=str(path),
        mapping=mapping,
        where=where,
        domains=domain_names(plugins),
    )
    imported = Imported(
        file=str(path), rows=reading.refused, left_out=reading.left_out, columns=reading.columns
    )

    def write(inspectors: Sequence[Inspector]) -> None:
        with write_tx(db, "inspectors import", at) as tx:
            staff_store.put_inspectors(tx, inspectors)

    known = {one.id: one for one in staff_store.read_inspectors(db)}
    _keep(imported, known, {one.id: one for one in reading.inspectors}, write, dry_run)
    return imported


def import_leave(
    db: Database,
    path: Path,
    *,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    encoding: str | None = None,
    dry_run: bool = False,
    at: datetime,
) -> Imported:
    """Import leave of the people and inspectors that are known, by id or by a name that one bears."""
    people: dict[str, list[str]] = {}
    staff = {row.id: row.name for row in staff_store.read_people(db)}
    staff |= {row.id: row.name for row in staff_store.read_inspectors(db)}
    for who, name in staff.items():
        for word in dict.fromkeys((who, name)):
            people.setdefault(word, []).append(who)
    reading = staff_rows.read_leave(
        read_tables(path, encoding=encoding),
        file=str(path),
        mapping=mapping,
        where=where,
        people={word: sorted(ids) for word, ids in people.items()},
    )
    imported = Imported(
        file=str(path), rows=reading.refused, left_out=reading.left_out, columns=reading.columns
    )

    def write(leave: Sequence[Leave]) -> None:
        with write_tx(db, "leave import", at) as tx:
            staff_store.put_leave(tx, leave)

    def key(one: Leave) -> tuple[object, ...]:
        return (one.person, one.from_on, one.to_on)

    known = {key(one): one for one in staff_store.read_leave(db)}
    _keep(imported, known, {key(one): one for one in reading.leave}, write, dry_run)
    return imported


def unit_record(unit: Unit, fields: Sequence[str] = LISTED) -> dict[str, Any]:
    """Give a Unit as the lists show it."""
    values = asdict(unit)
    return {one: list(values[one]) if one == "tags" else values[one] for one in fields}


def list_units(db: Database) -> list[Unit]:
    """Give all Units by id."""
    return unit_store.read_units(db)


def export_units(db: Database, path: Path) -> int:
    """Write the whole register so that importing it again changes nothing; give how many Units."""
    rows = [unit_record(unit, tuple(UNIT_TITLES)) for unit in unit_store.read_units(db)]
    write_table(path, UNIT_TITLES, rows)
    return len(rows)


def list_inspectors(db: Database) -> list[dict[str, Any]]:
    """Give the rows of ``inspectors list``."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "department": one.department,
            "domains": list(one.domains),
            "conflicts": list(one.conflicts),
        }
        for one in staff_store.read_inspectors(db)
    ]


def list_leave(db: Database) -> list[dict[str, str]]:
    """Give the rows of ``leave list``, both days included."""
    return [
        {
            "person": one.person,
            "from": one.from_on.isoformat(),
            "to": one.to_on.isoformat(),
            "kind": one.kind,
        }
        for one in staff_store.read_leave(db)
    ]
