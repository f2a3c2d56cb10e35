"""The step of units' own duty rosters: a file in, judged, kept whole or not at all; and listed."""

from __future__ import annotations

import calendar as months
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditor.entities import UnitDuty
from auditor.i18n import _
from auditor.register.duties import DUTY_ALIASES, read_duties
from auditor.store import Database
from auditor.store import duties as store
from auditor.store import units as unit_store
from auditor.store.writing import write_tx
from auditor.workflow.imports import Imported, Request, tables_of, write_refused
from auditor.workflow.months import calendar_of, month_of
from auditor.workflow.naming import unit_named


def import_duties(
    db: Database, path: Path, request: Request, now: datetime, *, unit: str = "", month: str = ""
) -> Imported:
    """Import units' own duty rosters: all of a file, or nothing if any cell is refused.

    A file holds a unit's whole roster of the months that it touches: duties of these months that it no
    longer has go. Teaching staff on days without pupils (weekends, holidays, outside the terms) is flagged.

    Raises
    ------
    TwoRosters, NoPosts; what `unit_named`, `tables_of` and `read_sheets` raise.
    """
    units = unit_store.read_units(db)
    owner = unit_named(db, unit).id if unit else ""
    days = calendar_of(db)
    reading = read_duties(
        tables_of(path, request),
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        units=units,
        unit=owner,
        month=month_of(month, days).key if month else "",
        pupils=lambda day: (one := days.day(day)).cls == "work" and one.in_term,
        kept=unit_store.read_readings(db, "duties"),
    )
    imported = Imported.of(path, reading)
    imported.flags = reading.flags
    if imported.rows and not request.partial:
        return imported
    known = {(one.unit, one.on, one.post): one for one in _of_months(db, reading.duties)}
    for one in reading.duties:
        imported.compare(known.get((one.unit, one.on, one.post)), one, _key(one))
    stand = {(one.unit, one.on, one.post) for one in reading.duties}
    gone = [] if imported.rows else [one for key, one in known.items() if key not in stand]
    if gone:
        imported.notes.append(
            _("duties that the roster no longer has are taken away: {n}").format(n=len(gone))
        )
    if request.dry_run:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, reading.bad_rows, DUTY_ALIASES))
    with write_tx(db, "duties import", now) as tx:
        store.drop_unit_duties(tx, gone)
        store.put_unit_duties(tx, reading.duties)
        for shape, mapping in reading.readings.items():
            unit_store.put_reading(tx, "duties", shape, mapping)
    return imported


def _key(one: UnitDuty) -> str:
    return f"{one.unit} {one.on:%Y-%m-%d} {one.post}"


def _of_months(db: Database, duties: list[UnitDuty]) -> list[UnitDuty]:
    """Give what is known of the units and months of some duties."""
    if not duties:
        return []
    touched = {(one.unit, one.on.year, one.on.month) for one in duties}
    first, last = min(one.on for one in duties).replace(day=1), max(one.on for one in duties)
    end = last.replace(day=months.monthrange(last.year, last.month)[1])
    return [
        one
        for one in store.read_unit_duties(db, first, end)
        if (one.unit, one.on.year, one.on.month) in touched
    ]


def list_duties(db: Database, first: date, last: date, unit: str = "") -> list[dict[str, Any]]:
    """Give the rows of ``roster duties list``, by unit, day and post; raises what `unit_named` raises."""
    units = unit_store.read_units(db)
    wanted = unit_named(db, unit).id if unit else ""
    names = {one.id: one.name for one in units}
    return [
        {
            "unit": one.unit,
            "name": names.get(one.unit, one.unit),
            "date": one.on.isoformat(),
            "post": one.post,
            "people": list(one.people),
            "phone": one.phone,
            "from": f"{one.start // 60:02d}:{one.start % 60:02d}",
            "minutes": one.minutes,
        }
        for one in store.read_unit_duties(db, first, last)
        if not wanted or one.unit == wanted
    ]
