"""Rosters in and out of the bureau's file: each month's record as it is now, and its revisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction

IN_FORCE = ("published", "locked")
"""The states in which everybody knows a roster: who reads it for anything else reads only these."""


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def put_roster(tx: Transaction, month: str, roster: Mapping[str, Any]) -> None:
    """Write a month's roster."""
    tx.put("rosters", [{"month": month, "roster": _text(roster)}])


def drop_roster(tx: Transaction, month: str) -> None:
    """Take a month's roster away; its revisions stay."""
    tx.drop("rosters", [(month,)])


def read_rosters(db: Database) -> dict[str, dict[str, Any]]:
    """Give all rosters by month, whatever their state."""
    rows = db.execute("select month, roster from rosters order by month")
    return {month: dict(json.loads(roster)) for month, roster in rows}


def read_roster_months(db: Database) -> list[str]:
    """Give the months that have a roster."""
    return [row[0] for row in db.execute("select month from rosters order by month")]


def read_roster(db: Database, month: str) -> dict[str, Any] | None:
    """Give a month's roster, whatever its state, or None."""
    row = db.execute("select roster from rosters where month = ?", [month]).fetchone()
    return dict(json.loads(row[0])) if row else None


def read_in_force(db: Database) -> dict[str, dict[str, Any]]:
    """Give the rosters that are published or locked by month; one that has no revision is."""
    rows = db.execute(
        "select month, roster from rosters where coalesce((select json_extract(record, '$.state') "
        "from roster_revisions as one where one.month = rosters.month order by revision desc limit 1), "
        f"'{IN_FORCE[0]}') in ({', '.join('?' * len(IN_FORCE))}) order by month",
        list(IN_FORCE),
    )
    return {month: dict(json.loads(roster)) for month, roster in rows}


def put_revision(tx: Transaction, month: str, record: Mapping[str, Any], *, same: bool = False) -> None:
    """Write one revision of a month under its own number.

    Parameters
    ----------
    same
        Whether its roster is that of the revision before: it is not written again then.
    """
    kept = {**record, "roster": None} if same else record
    tx.put("roster_revisions", [{"month": month, "revision": record["revision"], "record": _text(kept)}])


def read_revisions(db: Database, month: str, last: int | None = None) -> list[dict[str, Any]]:
    """Give the revisions of a month, the first one first, or only the `last` ones, each with its roster.

    None for a roster of before there were revisions.
    """
    rows = db.execute("select record from roster_revisions where month = ? order by revision desc", [month])
    found: list[dict[str, Any]] = []
    for (record,) in rows:
        found.append(dict(json.loads(record)))
        if last is not None and len(found) >= last and found[-1].get("roster") is not None:
            break
    found.reverse()
    for earlier, later in pairwise(found):
        if later.get("roster") is None:
            later["roster"] = earlier.get("roster")
    return found if last is None else found[-last:]
