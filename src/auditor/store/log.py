"""The log replayed: it gives the tables again, and shows what was changed behind its back."""

from __future__ import annotations

import json
from typing import Any

from auditor.entities import Breach
from auditor.store import Database
from auditor.store.schema import KEYS
from auditor.store.writing import leaf_of

Tables = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def replay(db: Database) -> Tables:
    """Give every table as the log's entries made it, row by key."""
    tables: Tables = {table: {} for table in KEYS}
    for (payload,) in db.execute("select payload from log order by idx"):
        for table, key, row in json.loads(payload):
            if row is None:
                tables[table].pop(tuple(key), None)
            else:
                tables[table][tuple(key)] = row
    return tables


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
    ours = {*KEYS, "log"}
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
