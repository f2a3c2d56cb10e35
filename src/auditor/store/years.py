"""What a bureau says itself of a year, in and out of its file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction, payload_text


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptYear:
    """What one import said of one year; imports are numbered from 1, `text` is its record as JSON."""

    year: int
    number: int
    text: str

    @property
    def record(self) -> dict[str, Any]:
        """The record."""
        return dict(json.loads(self.text))


def read_years(db: Database) -> tuple[KeptYear, ...]:
    """Give all that was imported, in the order of the imports."""
    rows = db.execute("select year, number, record from calendar_years order by number, year")
    return tuple(KeptYear(year=year, number=number, text=text) for year, number, text in rows)


def put_year(tx: Transaction, year: int, number: int, record: Mapping[str, Any]) -> None:
    """Keep what an import said of a year."""
    tx.put("calendar_years", [{"year": year, "number": number, "record": payload_text(record)}])


def drop_years(tx: Transaction, kept: Iterable[KeptYear]) -> int:
    """Take some away; give how many there were."""
    return tx.drop("calendar_years", [(one.year, one.number) for one in kept])
