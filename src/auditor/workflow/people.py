"""The step of staff and leave: a file in, judged, kept whole or not at all; and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.entities import ROLES, Leave, Person, Unit
from auditor.i18n import _, listed
from auditor.register import leave as leave_rows
from auditor.register.columns import LEAVE_ALIASES, STAFF_ALIASES
from auditor.register.recognise import refuse_other
from auditor.register.staff import StaffReading, read_staff
from auditor.store import Database
from auditor.store import staff as staff_store
from auditor.store import units as unit_store
from auditor.store.writing import write_tx
from auditor.workflow.called import staff_names
from auditor.workflow.conflicts import named_units
from auditor.workflow.domains import domain_names, domain_titles
from auditor.workflow.imports import Imported, Request, tables_of, write_refused

if TYPE_CHECKING:
    from auditor.plugins import Plugins

_FIELDS = {"from": "from_on", "to": "to_on"}
"""Columns whose field has another name in our own values."""


def import_staff(
    db: Database,
    path: Path,
    request: Request,
    now: datetime,
    *,
    plugins: Plugins,
    inspectors: bool = False,
) -> Imported:
    """Import office-holders, or inspectors only: all of them, or nothing if any cell is refused.

    A field whose column the file lacks keeps its value; a list of inspectors adds the role of
    inspector to those whom the desk knows, a list without a column of roles takes none away, and one
    without domains makes nobody an inspector no longer.
    """
    tables = tables_of(path, request)
    refuse_other(tables, "people", str(path), request.mapping)
    reading = read_staff(
        tables,
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        domains=domain_names(plugins),
        titles=domain_titles(plugins),
        kept=unit_store.read_readings(db, "people"),
        inspectors=inspectors,
    )
    imported = Imported.of(path, reading)
    if imported.rows and not request.partial:
        return imported
    known = {one.id: one for one in staff_store.read_staff(db)}
    fresh = [_beside(known.get(key), person, reading, inspectors) for key, person in reading.people.items()]
    for one in fresh:
        before = known.get(one.id)
        imported.compare(before, one, one.id)
    if not inspectors:
        imported.missing = sorted(known.keys() - reading.people.keys())
    imported.notes += _strange_conflicts(fresh, unit_store.read_units(db))
    if request.dry_run:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, reading.bad_rows, STAFF_ALIASES))
    with write_tx(db, "inspectors import" if inspectors else "people import", now) as tx:
        staff_store.put_staff(tx, fresh)
        for shape, mapping in reading.readings.items():
            unit_store.put_reading(tx, "people", shape, mapping)
    return imported


def _beside(old: Person | None, new: Person, reading: StaffReading, inspectors: bool) -> Person:
    """Give what a file says of a person, with what is known where it has no such column."""
    if old is None:
        return new
    present = reading.present[new.id]
    lacking = [one for one in STAFF_ALIASES if one not in present and one not in ("id", "name", "roles")]
    kept = {_FIELDS.get(one, one): getattr(old, _FIELDS.get(one, one)) for one in lacking}
    if "roles" not in present:
        also = {"inspector"} if inspectors or new.domains else set()
        kept["roles"] = tuple(role for role in ROLES if role in {*old.roles, *also})
    elif inspectors or ("domains" not in present and "inspector" in old.roles):
        kept["roles"] = tuple(role for role in ROLES if role in {*new.roles, "inspector"})
    return replace(new, **kept)


def _strange_conflicts(people: Sequence[Person], units: Sequence[Unit]) -> list[str]:
    """Name the conflicts that are no Unit, district or township of the register: they keep nobody away.

    Kin, the school that someone is borrowed from and contact areas may be names and central schools too.
    """
    places = {word for unit in units for word in (unit.id, unit.district, unit.township)}
    strange = [f"{one.id}: {word}" for one in people for word in one.conflicts if word not in places]
    strange += [
        f"{one.id}: {word}"
        for one in people
        for word in (*one.kin, *one.borrowed, *one.area)
        if not named_units(word, units)
    ]
    if not units or not strange:
        return []
    return [
        _(
            "unknown-conflict: {count} ({shown}); write the unit's code, its township or its district, "
            "else nobody is kept away"
        ).format(count=len(strange), shown=listed(strange))
    ]


def import_leave(db: Database, path: Path, request: Request, now: datetime) -> Imported:
    """Import leave of the staff that is known, by id or by a name that one person bears.

    Leave that overlaps what is known is joined with it.
    """
    people = {one.id: one.name for one in staff_store.read_staff(db)}
    tables = tables_of(path, request)
    refuse_other(tables, "leave", str(path), request.mapping)
    reading = leave_rows.read_leave(
        tables,
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        people=people,
        kept=unit_store.read_readings(db, "leave"),
    )
    imported = Imported.of(path, reading)
    if imported.rows and not request.partial:
        return imported
    known = staff_store.read_leave(db)
    stand, _joined = leave_rows.join([*known, *reading.leave])
    gone = [one for one in known if one not in stand]
    fresh = [one for one in stand if one not in known]
    for one in fresh:
        before = next((old for old in gone if _within(old, one)), None)
        imported.compare(before, one, one.person)
    imported.unchanged = len(reading.leave) - imported.added - imported.changed
    if request.dry_run:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, reading.bad_rows, LEAVE_ALIASES))
    with write_tx(db, "leave import", now) as tx:
        staff_store.drop_leave(tx, gone)
        staff_store.put_leave(tx, fresh)
        for shape, mapping in reading.readings.items():
            unit_store.put_reading(tx, "leave", shape, mapping)
    return imported


def _within(old: Leave, new: Leave) -> bool:
    return old.person == new.person and new.from_on <= old.from_on and old.to_on <= new.to_on


def staff_record(one: Person) -> dict[str, Any]:
    """Give an office-holder as ``people list`` shows him."""
    return {
        "id": one.id,
        "name": one.name,
        "roles": list(one.roles),
        "post": one.post,
        "phone": one.phone,
        "department": one.department,
        "domains": list(one.domains),
        "conflicts": list(one.conflicts),
        "half_days": one.half_days,
        "share": one.share,
        "from": one.from_on.isoformat() if one.from_on else None,
        "to": one.to_on.isoformat() if one.to_on else None,
        "kin": list(one.kin),
        "borrowed": list(one.borrowed),
        "area": list(one.area),
    }


def list_staff(db: Database) -> list[dict[str, Any]]:
    """Give the rows of ``people list``."""
    return [staff_record(one) for one in staff_store.read_staff(db)]


def list_inspectors(db: Database) -> list[dict[str, Any]]:
    """Give the rows of ``inspectors list``."""
    return [row for row in list_staff(db) if "inspector" in row["roles"]]


def list_leave(db: Database) -> list[dict[str, str]]:
    """Give the rows of ``leave list``, both days included; `half` is am, pm or "" for whole days."""
    return [
        {
            "person": one.person,
            "from": one.from_on.isoformat(),
            "to": one.to_on.isoformat(),
            "kind": one.kind,
            "half": one.half,
        }
        for one in staff_store.read_leave(db)
    ]


def names(db: Database) -> dict[str, str]:
    """Give everyone's name by id."""
    return staff_names(db)
