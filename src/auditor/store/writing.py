"""The one way to write: rows and one entry of the log in one transaction.

The entry's payload is the changes ``[[table, key, row or null], …]``, so that replaying the log
gives the tables again; its leaf is an RFC 6962 leaf over salt, kind, time and payload.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from auditor.store import Database, once
from auditor.store.errors import told
from auditor.store.schema import KEYS

Row = Mapping[str, Any]


def payload_text(value: object) -> str:
    """Write a payload as canonical JSON: sorted keys, no blanks, floats by their shortest form."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def leaf_of(salt: bytes, kind: str, at: str, payload: str) -> bytes:
    """Hash one entry of the log as an RFC 6962 leaf."""
    return hashlib.sha256(b"\0" + salt + payload_text([kind, at]).encode() + payload.encode()).digest()


def _taker(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """Give what takes the values of these names out of a row."""
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


class Transaction:
    """Collects what changes; `put` and `drop` are the only ways to change a table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.changes: list[list[Any]] = []

    def put(self, table: str, rows: Iterable[Row]) -> int:
        """Write rows by their key, new or changed; rows that are already so are passed over.

        Returns how many were written. Rows name every column of the table.
        """
        names = KEYS[table]
        rows = [dict(row) for row in rows]
        if not rows:
            return 0
        columns = list(rows[0])
        found = self._connection.execute(f"select {', '.join(columns)} from {table}")
        at = [columns.index(name) for name in names]
        known = {tuple(row[index] for index in at): row for row in found}
        key, whole = _taker(names), _taker(columns)
        fresh = [row for row in rows if known.get(key(row)) != whole(row)] if known else rows
        update = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in names)
        on_conflict = f"do update set {update}" if update else "do nothing"
        self._connection.executemany(
            f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))}) "
            f"on conflict ({', '.join(names)}) {on_conflict}",
            map(whole, fresh),
        )
        self.changes += [[table, [row[name] for name in names], row] for row in fresh]
        return len(fresh)

    def drop(self, table: str, keys: Iterable[Sequence[Any]]) -> int:
        """Take rows away by their keys; give how many there were."""
        names = KEYS[table]
        where = " and ".join(f"{name} = ?" for name in names)
        dropped = 0
        for key in keys:
            if self._connection.execute(f"delete from {table} where {where}", list(key)).rowcount:
                self.changes.append([table, list(key), None])
                dropped += 1
        return dropped

    def remark(self, reason: str) -> None:
        """Keep why this is done, under the number that its entry of the log will have."""
        self.put("remarks", [{"entry": self._next(), "reason": reason}])

    def _next(self) -> int:
        return int(self._connection.execute("select coalesce(max(idx), -1) + 1 from log").fetchone()[0])

    def keep(self, kind: str, at: datetime) -> None:
        """Write the changes as one entry of the log."""
        when = at.astimezone(UTC).isoformat(timespec="seconds")
        payload = payload_text(self.changes)
        salt = secrets.token_bytes(32)
        self._connection.execute(
            "insert into log (idx, kind, at, salt, payload, leaf) values (?, ?, ?, ?, ?, ?)",
            [self._next(), kind, when, salt, payload, leaf_of(salt, kind, when, payload)],
        )


@contextmanager
def write_tx(db: Database, kind: str, at: datetime) -> Iterator[Transaction]:
    """Write in one transaction: all rows and their entry of the log, or nothing.

    Nothing changed, nothing written. A failure inside leaves the database as it was.

    Parameters
    ----------
    kind
        What was done, a word of our own such as "units import".
    at
        When, an aware moment; kept in UTC.

    Raises
    ------
    Busy, CannotWrite, DamagedFile
        If another program is writing, the disk refuses, or pages are damaged.
    AlreadyDone, Overtaken
        If a form or work asked for this (`once.asked`) and was answered before, or is out of date.
    """
    connection: sqlite3.Connection = db.conn
    file = connection.execute("pragma database_list").fetchone()[2]
    with told(file):
        connection.execute("begin immediate")
        tx = Transaction(connection)
        try:
            once.may_write(connection)
            yield tx
            if tx.changes:
                tx.keep(kind, at)
                once.keep_number(connection, kind, at)
                connection.execute("commit")
        finally:
            if connection.in_transaction:
                connection.execute("rollback")
