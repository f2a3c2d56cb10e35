"""The log replayed: it gives the tables again, and shows what was changed behind its back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from auditor.entities import Breach
from auditor.store import Database
from auditor.store.schema import BESIDE, DEFAULTS, KEYS
from auditor.store.writing import leaf_of, payload_text

Tables = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def replay(db: Database) -> Tables:
    """Give every table as the log's entries made it, row by key."""
    return replay_until(db, None)


def replay_until(db: Database, idx: int | None) -> Tables:
    """Give every table as the log's entries before number `idx` made it; None for all of them."""
    tables: Tables = {table: {} for table in KEYS}
    entries = db.execute("select payload from log where ? is null or idx < ? order by idx", [idx, idx])
    for (payload,) in entries:
        for table, key, row in json.loads(payload):
            # a table of an earlier release is replayed as well: its rows were moved, and dropped
            rows = tables.setdefault(table, {})
            if row is None:
                rows.pop(tuple(key), None)
                continue
            for column, value in DEFAULTS.get(table, {}).items():
                row.setdefault(column, value)
            rows[tuple(key)] = row
    return tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the log: what was done, when (UTC), and the changes ``[table, key, row or None]``."""

    idx: int
    kind: str
    at: str
    changes: list[list[Any]]


def read_entries(db: Database, kinds: Sequence[str] = ()) -> Iterator[Entry]:
    """Give the entries of the log in their order, all or those of some kinds."""
    marks = ", ".join("?" * len(kinds))
    where = f" where kind in ({marks})" if kinds else ""
    for idx, kind, at, payload in db.execute(
        f"select idx, kind, at, payload from log{where} order by idx", list(kinds)
    ):
        yield Entry(idx=idx, kind=kind, at=at, changes=json.loads(payload))


def read_changes_of(db: Database, table: str, keys: Sequence[str]) -> Iterator[Entry]:
    """Give the entries that changed rows of a table under one of some keys of text, those changes only.

    A payload is searched as text for where such a change begins, which no value can hold: quotation marks
    within values are escaped. Of a register's import one row in thousands is read.
    """
    starts = [payload_text([table, [key]])[:-1] + "," for key in keys]
    marks = " or ".join(["instr(payload, ?)"] * len(starts))
    decoder = json.JSONDecoder()
    for idx, kind, at, payload in db.execute(
        f"select idx, kind, at, payload from log where {marks or '0'} order by idx", starts
    ):
        places = []
        for start in starts:
            place = payload.find(start)
            while place >= 0:
                places.append(place)
                place = payload.find(start, place + 1)
        changes = [decoder.raw_decode(payload, place)[0] for place in sorted(places)]
        yield Entry(idx=idx, kind=kind, at=at, changes=changes)


def read_changes_since(db: Database, tables: Sequence[str], moment: datetime) -> Iterator[Entry]:
    """Give the entries later than a moment that changed rows of some tables, those changes only."""
    for idx, kind, at, payload in db.execute(
        "select idx, kind, at, payload from log where at > ? order by idx",
        [moment.astimezone(UTC).isoformat(timespec="seconds")],
    ):
        if any(f'["{table}",[' in payload for table in tables):
            changes = [one for one in json.loads(payload) if one[0] in tables]
            yield Entry(idx=idx, kind=kind, at=at, changes=changes)


def last_entry_at(db: Database) -> datetime | None:
    """Give the moment of the log's last entry; None where it has none."""
    row = db.execute("select at from log order by idx desc limit 1").fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def read_remarks(db: Database) -> dict[int, str]:
    """Give why things were done, by the number of their entry."""
    return dict(db.execute("select entry, reason from remarks").fetchall())


def read_tables(db: Database) -> Tables:
    """Give every table as it stands, row by key."""
    tables: Tables = {}
    there = set(db.table_names())
    for table, names in KEYS.items():
        if table not in there:
            tables[table] = {}
            continue
        found = db.execute(f"select * from {table}")
        columns = [one[0] for one in found.description]
        rows = (dict(zip(columns, row, strict=True)) for row in found)
        tables[table] = {tuple(row[name] for name in names): row for row in rows}
    return tables


def _strange_parts(db: Database) -> list[Breach]:
    """Name tables that are lost, and triggers, views and tables that are not ours."""
    ours = {*KEYS, *BESIDE, "log"}
    parts = db.execute("select type, name from sqlite_master where name not like 'sqlite_%' order by name")
    found = [(kind, name) for kind, name in parts.fetchall() if kind != "table" or name not in ours]
    breaches = [
        Breach(rule="log-schema", where=name, what=f"{kind} that is not ours") for kind, name in found
    ]
    lost = sorted(ours - set(db.table_names()))
    return breaches + [Breach(rule="log-schema", where=name, what="table lost") for name in lost]


def verify_log(db: Database) -> list[Breach]:
    """Check every entry's hash and number, and the tables against the log; name the first difference.

    A log that was rewritten as a whole agrees with itself: only a copy kept elsewhere shows that.
    """
    breaches = _strange_parts(db)
    if "log" not in db.table_names():
        return breaches
    entries = db.execute("select idx, kind, at, salt, payload, leaf from log order by idx")
    for expected, (idx, kind, at, salt, payload, leaf) in enumerate(entries):
        if idx != expected:
            breaches.append(Breach(rule="log-number", where=f"log {expected}", what=f"found {idx}"))
            break
        if leaf_of(salt, kind, at, payload) != leaf:
            breaches.append(Breach(rule="log-hash", where=f"log {idx}", what=f"{kind} {at}"))
            break
    try:
        replayed = replay(db)
    except (ValueError, KeyError, TypeError) as error:
        return [*breaches, Breach(rule="log-payload", where="log", what=str(error))]
    for table in sorted(table for table, rows in replayed.items() if rows and table not in KEYS):
        breaches.append(Breach(rule="log-table", where=table, what="lost"))
    for table, rows in read_tables(db).items():
        keys = sorted(set(rows) | set(replayed[table]), key=str)
        for key in keys:
            if rows.get(key) != replayed[table].get(key):
                name = ", ".join(map(str, key))
                what = "not in the log" if key not in replayed[table] else "differs from the log"
                what = what if key in rows else "lost"
                breaches.append(Breach(rule="log-table", where=f"{table} {name}", what=what))
                break
    return breaches


def read_last(db: Database, count: int) -> list[tuple[int, str, str, bytes]]:
    """Give number, kind, moment (UTC) and leaf of the last entries, the newest first; nothing large is read.

    The leaf tells an entry from every other, also from that of another file.
    """
    found = db.execute("select idx, kind, at, leaf from log order by idx desc limit ?", [count])
    return [(int(idx), str(kind), str(at), bytes(leaf)) for idx, kind, at, leaf in found]


def read_entry(db: Database, idx: int) -> Entry | None:
    """Give one entry, or None."""
    row = db.execute("select kind, at, payload from log where idx = ?", [idx]).fetchone()
    return None if row is None else Entry(idx=idx, kind=row[0], at=row[1], changes=json.loads(row[2]))


def last_of_kinds(db: Database, kinds: Sequence[str]) -> str:
    """Give the moment (UTC) of the last entry of some kinds; "" where there is none."""
    marks = ", ".join("?" * len(kinds))
    row = db.execute(
        f"select at from log where kind in ({marks}) order by idx desc limit 1", list(kinds)
    ).fetchone()
    return str(row[0]) if row else ""
