"""The synthetic county that comes with auditor: its files as values."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from auditor import shipped
from auditor.entities import Finding, Inspector, Person
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.findings import put_findings
from auditor.store.records import put_settings, read_settings
from auditor.store.staff import put_staff, read_inspectors
from auditor.store.writing import write_tx
from auditor.workflow import imports, unit_imports
from auditor.workflow import people as staff_step
from auditor.workflow import units as unit_step

START = (30.5205, 105.2108)
"""Where the synthetic bureau stands: latitude and longitude in degrees."""

NAME = "青石县教育局"
MARK = "synthetic_county"
"""The setting of a bureau that was filled with it."""


def _rows(name: str) -> list[dict[str, str]]:
    text = (shipped.county_folder() / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def people() -> list[Person]:
    """Give the leaders and officers of the synthetic county, by id."""
    found = [
        Person(
            id=row["id"], name=row["name"], roles=(row["role"],), post=row["post"], phone=row["phone"],
            department=row["department"],
        )
        for row in _rows("people.csv")
    ]  # fmt: skip
    return sorted(found, key=lambda person: person.id)


def findings(before: date, years: int = 2) -> list[Finding]:
    """Give the synthetic county's Findings of the `years` before a day, in the order of the file."""
    since = before.replace(year=before.year - years, day=1)
    every = [
        Finding(
            unit=row["unit"],
            found_on=date.fromisoformat(row["found_on"]),
            domain=row["domain"],
            item=row["item"],
            severity=row["severity"],
        )
        for row in _rows("findings.csv")
    ]
    return [finding for finding in every if since <= finding.found_on < before]


OFFICERS = 24
"""So many officers are on a demonstration's duty roster, its inspectors among them."""


def folder() -> Path:
    """Give the folder of the synthetic county's files."""
    return Path(str(shipped.county_folder()))


def as_officer(inspector: Inspector) -> Person:
    """Give an inspector of the bureau's own list as an officer of the duty desk."""
    return Person(id=inspector.id, name=inspector.name, roles=("officer",), department=inspector.department)


def everyone(people: Sequence[Person], inspectors: Sequence[Inspector]) -> list[Person]:
    """Join the people of the duty desk and the inspectors into one list of staff, by id."""
    staff = {person.id: person for person in people}
    for one in inspectors:
        known = staff.get(one.id, Person(id=one.id, name=one.name, roles=(), department=one.department))
        staff[one.id] = replace(
            known,
            roles=(*known.roles, "inspector"),
            domains=one.domains,
            conflicts=one.conflicts,
            half_days=one.half_days,
        )
    return [staff[key] for key in sorted(staff)]


def holds_others(db: Database) -> bool:
    """Whether a bureau has units that are not the synthetic county's: it may be filled anew otherwise."""
    own = {next(iter(row.values())) for row in _rows("units.csv")}  # the code is its first column
    return any(unit.id not in own for unit in unit_step.list_units(db))


def is_synthetic(db: Database) -> bool:
    """Whether a bureau's data is the synthetic county's: by the mark that `fill` leaves.

    A file of before there was a mark is it where it bears the county's name and has its units and no others.
    """
    settings = read_settings(db)
    if MARK in settings:
        return True
    return settings.get("name") == NAME and bool(unit_step.list_units(db)) and not holds_others(db)


def fill(db: Database, plugins: Plugins, now: datetime) -> None:
    """Put the synthetic county into an empty bureau's file: units, staff, leave, past findings."""
    plain = imports.Request(mapping={}, where={})
    unit_imports.import_units(db, folder() / "units.csv", plain, now)
    staff_step.import_staff(db, folder() / "inspectors.csv", plain, now, plugins=plugins, inspectors=True)
    with write_tx(db, "people", now) as tx:
        put_settings(tx, {MARK: "yes"})
        put_staff(tx, everyone(people(), read_inspectors(db)))
        put_findings(tx, findings(now.date()))
    staff_step.import_leave(db, folder() / "leave.csv", plain, now)
