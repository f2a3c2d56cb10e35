"""Units in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from auditor.entities import Unit
from auditor.store import Database
from auditor.store.writing import Transaction

_FIELDS = tuple(field.name for field in fields(Unit))


def _row(unit: Unit) -> dict[str, Any]:
    row = {name: getattr(unit, name) for name in _FIELDS}
    row["tags"] = json.dumps(sorted(unit.tags), ensure_ascii=False)
    row["canteen"] = None if unit.canteen is None else int(unit.canteen)
    return row


def put_units(tx: Transaction, units: Iterable[Unit]) -> int:
    """Write Units, new or changed; give how many."""
    return tx.put("units", map(_row, units))


def read_units(db: Database) -> list[Unit]:
    """Give all Units by id."""
    units = []
    for row in db.execute(f"select {', '.join(_FIELDS)} from units order by id"):
        values = dict(zip(_FIELDS, row, strict=True))
        values["tags"] = tuple(json.loads(values["tags"]))
        values["canteen"] = None if values["canteen"] is None else bool(values["canteen"])
        units.append(Unit(**values))
    return units
