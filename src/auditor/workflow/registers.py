"""The step of registers: a file in, judged, kept whole or not at all; and out again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.entities import Inspector, Leave, Unit
from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.register import staff as staff_rows
from auditor.register import units as unit_rows
from auditor.register.columns import UNIT_TITLES
from auditor.register.kinds import WORDS
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


def refusal(file: Path, error: AuditorError) -> dict[str, Any]:
    """Give the answer of ``import --json`` for a file that was refused as a whole: one row, its reason."""
    row = {"sheet": "", "row": None, "column": "", "value": file.name, "problem": str(error), "cure": ""}
    return Imported(file=str(file), rows=[row]).record()


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


def _beside(old: Unit | None, new: Unit, columns: Collection[str]) -> Unit:
    """Give what a file says of a Unit, with what the register says where the file has no such column."""
    if old is None:
        return new
    lacking = [one for one in UNIT_TITLES if one not in columns and one not in ("id", "name", "tags")]
    if "lat" in lacking or "lng" in lacking:
        lacking += ["lat", "lng"]
    kept = {one: getattr(old, one) for one in lacking}
    if not kept.get("kind"):
        kept["kind"] = new.kind
    if "tags" not in columns:
        kept["tags"] = tuple(sorted({*new.tags, *(tag for tag in old.tags if tag not in columns)}))
    return replace(new, **kept)


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

    A field whose column the file lacks keeps the value that the register has; so does a tag.
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
    read = {unit.id: _beside(known.get(unit.id), unit, reading.columns) for unit in reading.units}
    if not {"lat", "lng"} <= reading.columns.keys():
        imported.flags = [
            one for one in reading.flags if one["flag"] != "no-point" or read[one["unit"]].lat is None
        ]

    def write(units: Sequence[Unit]) -> None:
        with write_tx(db, "units import", at) as tx:
            unit_store.put_units(tx, units)

    _keep(imported, known, read, write, dry_run)
    return imported


def domain_names(plugins: Plugins) -> dict[str, str]:
    """Give the key of each name that a domain may be written with.

    Besides key and names this is any part of a Chinese name that no other has: 消防 for 消防安全.
    """
    parts: dict[str, set[str]] = {}
    for key, domain in plugins.domains.items():
        for start, end in combinations(range(len(domain.zh) + 1), 2):
            if end - start > 1:
                parts.setdefault(domain.zh[start:end].casefold(), set()).add(key)
    names = {part: min(keys) for part, keys in parts.items() if len(keys) == 1}
    for key, domain in plugins.domains.items():
        names |= dict.fromkeys((name.casefold() for name in (key, domain.zh, domain.en)), key)
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
    lacking = [one for one in ("department", "conflicts", "half_days") if one not in reading.columns]
    read = {
        one.id: replace(one, **{field: getattr(known[one.id], field) for field in lacking})
        if one.id in known
        else one
        for one in reading.inspectors
    }
    imported.notes = _strange_conflicts(list(read.values()), unit_store.read_units(db))
    _keep(imported, known, read, write, dry_run)
    return imported


def _strange_conflicts(inspectors: Sequence[Inspector], units: Sequence[Unit]) -> list[str]:
    """Name the conflicts that are no Unit, district or township of the register: they keep nobody away."""
    places = {word for unit in units for word in (unit.id, unit.district, unit.township)}
    strange = [f"{one.id}: {word}" for one in inspectors for word in one.conflicts if word not in places]
    return [f"unknown-conflict: {len(strange)} ({', '.join(strange)})"] if units and strange else []


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
    if path.suffix.lower() != ".json":
        # a sheet is for people; JSON is for programs and keeps the codes
        rows = [row | {"kind": WORDS.get(row["kind"], row["kind"])} for row in rows]
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
