"""The step of black-outs and past inspections: a file in, judged, kept whole or not at all; and listed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.entities import BLACKOUTS, Blackout
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.register import past as rows
from auditor.register.columns import BLACKOUT_ALIASES, PAST_ALIASES
from auditor.store import Database
from auditor.store import past as store
from auditor.store import staff as staff_store
from auditor.store import units as unit_store
from auditor.store.writing import write_tx
from auditor.workflow.domains import domain_names
from auditor.workflow.history import past_inspections
from auditor.workflow.imports import Imported, Request, tables_of, write_refused

if TYPE_CHECKING:
    from auditor.plugins import Plugins


def import_blackouts(db: Database, path: Path, request: Request, now: datetime) -> Imported:
    """Import black-outs beside those that are known: all of them, or nothing if any cell is refused."""
    reading = rows.read_blackouts(
        tables_of(path, request),
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        units=unit_store.read_units(db),
        kept=unit_store.read_readings(db, "blackouts"),
    )
    imported = Imported.of(path, reading)
    if imported.rows and not request.partial:
        return imported
    known = {(one.scope, one.from_on, one.to_on, one.kind): one for one in store.read_blackouts(db)}
    for one in reading.blackouts:
        before = known.get((one.scope, one.from_on, one.to_on, one.kind))
        imported.compare(before, one, f"{one.scope or '*'} {one.from_on:%Y-%m-%d}")
    if request.dry_run:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, reading.bad_rows, BLACKOUT_ALIASES))
    with write_tx(db, "blackouts import", now) as tx:
        store.put_blackouts(tx, reading.blackouts)
        for shape, mapping in reading.readings.items():
            unit_store.put_reading(tx, "blackouts", shape, mapping)
    return imported


def add_blackout(
    db: Database, scope: str, first: date, last: date, kind: str, reason: str, now: datetime
) -> Blackout:
    """Keep one black-out; raises UsageProblem for a scope that nothing bears or an end before the start."""
    found = rows.scope_of(scope.strip(), unit_store.read_units(db))
    if found is None:
        raise UsageProblem(
            problem=_("{scope}: no unit, township, district or kind is called so").format(scope=scope)
        )
    if last < first:
        raise UsageProblem(problem=_("{last} lies before {first}").format(last=last, first=first))
    made = Blackout(scope=found, from_on=first, to_on=last, kind=kind, reason=reason.strip())
    with write_tx(db, "blackouts add", now) as tx:
        store.put_blackouts(tx, [made])
    return made


def drop_blackout(db: Database, scope: str, first: date, now: datetime) -> int:
    """Take away the black-outs of a scope that begin on a day; raises UsageProblem if there is none."""
    found = rows.scope_of(scope.strip(), unit_store.read_units(db))
    wanted = [one for one in store.read_blackouts(db) if (one.scope, one.from_on) == (found, first)]
    if not wanted:
        raise UsageProblem(
            problem=_("no black-out of {scope} begins on {first}; see `auditor blackouts list`").format(
                scope=scope or _("all"), first=first
            )
        )
    with write_tx(db, "blackouts drop", now) as tx:
        return store.drop_blackouts(tx, wanted)


def list_blackouts(db: Database) -> list[dict[str, Any]]:
    """Give the rows of ``blackouts list``; an empty scope is everybody."""
    return [
        {
            "scope": one.scope,
            "from": one.from_on.isoformat(),
            "to": one.to_on.isoformat(),
            "kind": one.kind,
            "word": BLACKOUTS[one.kind],
            "reason": one.reason,
        }
        for one in store.read_blackouts(db)
    ]


def import_past(db: Database, path: Path, request: Request, now: datetime, *, plugins: Plugins) -> Imported:
    """Import inspections of the past beside those that are known: all of them, or nothing if any cell is."""
    reading = rows.read_past(
        tables_of(path, request),
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        units=unit_store.read_units(db),
        people={one.id: one.name for one in staff_store.read_staff(db)},
        domains=domain_names(plugins),
        today=now.date(),
        kept=unit_store.read_readings(db, "past"),
    )
    imported = Imported.of(path, reading)
    if imported.rows and not request.partial:
        return imported
    known = {(one.unit, one.on, one.domains): one for one in store.read_inspections(db)}
    for one in reading.inspections:
        imported.compare(known.get((one.unit, one.on, one.domains)), one, f"{one.unit} {one.on:%Y-%m-%d}")
    if request.dry_run:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, reading.bad_rows, PAST_ALIASES))
    with write_tx(db, "past import", now) as tx:
        store.put_inspections(tx, reading.inspections)
        for shape, mapping in reading.readings.items():
            unit_store.put_reading(tx, "past", shape, mapping)
    return imported


def list_past(db: Database) -> list[dict[str, Any]]:
    """Give the rows of ``past list``: whatever is known to have been inspected and is no secret."""
    return [
        {
            "unit": one.unit,
            "date": one.on.isoformat(),
            "domains": list(one.domains),
            "people": list(one.people),
            "directed": one.directed,
        }
        for one in past_inspections(db)
    ]
