"""Taking the last deed back: the rows that an import of a list wrote are as they were before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.store import Database
from auditor.store import log as log_store
from auditor.store.writing import write_tx
from auditor.workflow.units import IMPORT, UNDO

UNDOABLE = (
    "people import", "inspectors import", "leave import", "past import", "blackouts import",
    "calendars import",
)  # fmt: skip
"""Imports that are taken back while nothing was done since; that of units has a step of its own."""

BACK = "import undo"
"""What the log calls it."""


class NotLast(AuditorError):
    """Something was done since."""

    sentence = N_("something else was done since; this import cannot be taken back: import a mended file")


def undoable(db: Database) -> int:
    """Give the number of the log's last entry if it is such an import, -1 if it is not."""
    last = log_store.read_last(db, 1)
    return last[0][0] if last and last[0][1] in UNDOABLE else -1


def undoable_of(db: Database, kind: str) -> int:
    """Give the number of the log's last entry if it is an import of this kind, -1 if it is not."""
    last = log_store.read_last(db, 1)
    return last[0][0] if last and last[0][1] == kind else -1


def undoable_units(db: Database) -> int:
    """Give the number of the import of units that `units undo` would take back, -1 for none."""
    stack: list[int] = []
    for idx, kind, _at, _leaf in reversed(log_store.read_last(db, 1000)):
        if kind == IMPORT:
            stack.append(idx)
        elif kind == UNDO and stack:
            stack.pop()
        elif kind.startswith("draw"):
            stack.clear()
    return stack[-1] if stack else -1


def taken_back(db: Database, entry: int) -> str:
    """Give the moment (UTC) at which an import was taken back; "" while it stands, or is none."""
    last = log_store.read_last(db, 1)
    since = log_store.read_last(db, last[0][0] - entry + 1) if last and 0 <= entry <= last[0][0] else []
    units: list[int] = []
    others: list[int] = []
    for idx, kind, at, _leaf in reversed(since):
        if kind in (IMPORT, *UNDOABLE):
            (units if kind == IMPORT else others).append(idx)
        elif kind in (UNDO, BACK):
            taken = units if kind == UNDO else others
            if taken and taken.pop() == entry:
                return at
    return ""


def take_back(db: Database, entry: int, now: datetime) -> int:
    """Take the log's last entry back, an import of people, leave or past inspections; give how many rows.

    Raises
    ------
    NotLast
        If `entry` is not the last, or none of UNDOABLE.
    """
    again: dict[str, list[dict[str, Any]]] = {}
    count = 0
    with write_tx(db, BACK, now) as tx:
        found = log_store.read_entry(db, entry) if entry >= 0 and undoable(db) == entry else None
        if found is None:
            raise NotLast
        before = log_store.replay_until(db, entry)
        for table, key, _row in found.changes:
            old = before[table].get(tuple(key))
            count += table != "readings"
            if old is None:
                tx.drop(table, [key])
            else:
                again.setdefault(table, []).append(old)
        for table, rows in again.items():
            tx.put(table, rows)
    return count
