"""How far places are apart, as a bureau measured it, in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from auditor.store import Database
from auditor.store.writing import Transaction

Leg = tuple[int | None, int | None]
"""Metres and minutes of a way; None where the bureau's table does not say it."""


def put_travel(tx: Transaction, db: Database, legs: Mapping[tuple[str, str], Leg]) -> None:
    """Write the ways from place to place, in place of all that were there; the start is the empty id."""
    rows: dict[str, dict[str, Leg]] = {}
    for (origin, to), leg in sorted(legs.items()):
        rows.setdefault(origin, {})[to] = leg
    held = db.execute("select origin from travel").fetchall()
    tx.drop("travel", [key for key in held if key[0] not in rows])
    tx.put(
        "travel",
        (
            {"origin": origin, "legs": json.dumps(own, ensure_ascii=False, separators=(",", ":"))}
            for origin, own in rows.items()
        ),
    )


def read_travel(db: Database) -> dict[tuple[str, str], Leg]:
    """Give the ways from place to place; empty where the bureau has no table."""
    rows = db.execute("select origin, legs from travel order by origin")
    return {
        (origin, to): (metres, minutes)
        for origin, legs in rows
        for to, (metres, minutes) in json.loads(legs).items()
    }
