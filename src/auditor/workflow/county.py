"""The synthetic county that comes with auditor: its files as values."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from auditor import shipped
from auditor.entities import Finding, Inspector, Person

START = (30.5205, 105.2108)
"""Where the synthetic bureau stands: latitude and longitude in degrees."""

NAME = "青石县教育局"


def _rows(name: str) -> list[dict[str, str]]:
    text = (shipped.county_folder() / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def people() -> list[Person]:
    """Give the leaders and officers of the synthetic county, by id."""
    return sorted((Person(**row) for row in _rows("people.csv")), key=lambda person: person.id)


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


def folder() -> Path:
    """Give the folder of the synthetic county's files."""
    return Path(str(shipped.county_folder()))


def as_officer(inspector: Inspector) -> Person:
    """Give an inspector of the bureau's own list as an officer of the duty desk."""
    return Person(id=inspector.id, name=inspector.name, role="officer", department=inspector.department)
