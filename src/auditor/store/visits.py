"""Visits, their checklists and operations in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def put_visit(tx: Transaction, visit: Mapping[str, Any]) -> None:
    """Write a visit, new or closed."""
    tx.put("visits", [{"id": visit["id"], "unit": visit["unit"], "record": _text(visit)}])


def read_visits(db: Database) -> list[dict[str, Any]]:
    """Give all visits by id."""
    return [dict(json.loads(record)) for (record,) in db.execute("select record from visits order by id")]


def read_visit(db: Database, visit: str) -> dict[str, Any] | None:
    """Give one visit, or None."""
    found = db.execute("select record from visits where id = ?", [visit]).fetchone()
    return dict(json.loads(found[0])) if found else None


def put_checklist(tx: Transaction, sha256: str, checklist: Mapping[str, Any]) -> None:
    """Keep a checklist as it was at the start of a visit, once for each content."""
    tx.put("checklists", [{"sha256": sha256, "domain": _text(checklist)}])


def read_checklist(db: Database, sha256: str) -> dict[str, Any]:
    """Give a kept checklist; raises KeyError."""
    found = db.execute("select domain from checklists where sha256 = ?", [sha256]).fetchone()
    if found is None:
        raise KeyError(sha256)
    return dict(json.loads(found[0]))


def put_operation(tx: Transaction, operation: Mapping[str, Any]) -> None:
    """Add an operation."""
    tx.put(
        "operations",
        [
            {
                "id": operation["id"],
                "visit": operation["visit"],
                "revision": operation["revision"],
                "record": _text(operation),
            }
        ],
    )


def read_operation(db: Database, operation: str) -> dict[str, Any] | None:
    """Give one operation by its id, of whatever visit, or None."""
    found = db.execute("select record from operations where id = ?", [operation]).fetchone()
    return dict(json.loads(found[0])) if found else None


def read_operations(db: Database, visit: str) -> list[dict[str, Any]]:
    """Give the operations of a visit in their order."""
    found = db.execute("select record from operations where visit = ? order by revision", [visit])
    return [dict(json.loads(record)) for (record,) in found]
