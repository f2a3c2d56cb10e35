"""Wishes about duty in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction


def put_wishes(tx: Transaction, wishes: Iterable[Mapping[str, Any]]) -> int:
    """Write wishes, each with person, from and to (ISO dates) and more; give how many are new."""
    return tx.put(
        "wishes",
        (
            {
                "person": one["person"],
                "from_on": one["from"],
                "to_on": one["to"],
                "record": json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            }
            for one in wishes
        ),
    )


def drop_wishes(tx: Transaction, keys: Iterable[tuple[str, str, str]]) -> int:
    """Take wishes away by person, from and to; give how many there were."""
    return tx.drop("wishes", keys)


def read_wishes(db: Database) -> list[dict[str, Any]]:
    """Give all wishes by person and day."""
    rows = db.execute("select record from wishes order by person, from_on, to_on")
    return [dict(json.loads(record)) for (record,) in rows]
