"""Programmes and the numbers of the ledger in and out of the bureau's file; what is sealed stays sealed.

A number's record says how far its ceremony is; its frozen parts (frames, field, the key of the
staff) are written once; its sealed parts are age files as base64.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction


def _text(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def put_programme(tx: Transaction, programme: str, sha256: str, document: str) -> None:
    """Keep a programme's file, its bytes as UTF-8 text."""
    tx.put("programmes", [{"id": programme, "sha256": sha256, "document": document}])


def read_programmes(db: Database) -> dict[str, str]:
    """Give the documents of all programmes by id."""
    return dict(db.execute("select id, document from programmes order by id").fetchall())


def put_number(tx: Transaction, record: Mapping[str, Any]) -> None:
    """Write a number's record."""
    tx.put(
        "numbers",
        [{"number": record["number"], "programme": record["programme"], "record": _text(record)}],
    )


def drop_number(tx: Transaction, number: int, parts: Sequence[str]) -> None:
    """Take a number away that was frozen and never committed; the log keeps it."""
    tx.drop("frozen", [(number, part) for part in parts])
    tx.drop("numbers", [(number,)])


def read_numbers(db: Database) -> list[dict[str, Any]]:
    """Give the records of all numbers in their order."""
    return [dict(json.loads(row[0])) for row in db.execute("select record from numbers order by number")]


def read_number(db: Database, number: int) -> dict[str, Any] | None:
    """Give one number's record, or None."""
    found = db.execute("select record from numbers where number = ?", [number]).fetchone()
    return dict(json.loads(found[0])) if found else None


def put_frozen(tx: Transaction, number: int, parts: Mapping[str, Any]) -> None:
    """Write the frozen parts of a number."""
    tx.put(
        "frozen",
        [{"number": number, "part": part, "record": _text(record)} for part, record in sorted(parts.items())],
    )


def read_frozen(db: Database, number: int, *parts: str) -> dict[str, Any]:
    """Give the frozen parts of a number by name: these only where some are named, for frames are large."""
    named = f"and part in ({', '.join('?' * len(parts))})" if parts else ""
    rows = db.execute(
        f"select part, record from frozen where number = ? {named} order by part", [number, *parts]
    )
    return {part: json.loads(record) for part, record in rows}


def read_frozen_part(db: Database, number: int, part: str) -> Any:
    """Give one frozen part of a number, or None."""
    found = db.execute("select record from frozen where number = ? and part = ?", [number, part]).fetchone()
    return json.loads(found[0]) if found else None


def put_sealed(tx: Transaction, number: int, what: str, data: str) -> None:
    """Keep an age file of a number: "share", "key" or "plan"."""
    tx.put("sealed", [{"number": number, "what": what, "data": data}])


def read_sealed(db: Database, number: int, what: str) -> str | None:
    """Give an age file of a number as base64, or None."""
    found = db.execute("select data from sealed where number = ? and what = ?", [number, what]).fetchone()
    return str(found[0]) if found else None


def put_released(tx: Transaction, number: int, visits: Sequence[Mapping[str, Any]]) -> None:
    """Keep the visits that were told to their teams."""
    tx.put("released", [{"visit": one["id"], "number": number, "record": _text(one)} for one in visits])


def read_released(db: Database, number: int | None = None) -> list[tuple[int, dict[str, Any]]]:
    """Give number and record of every visit (of one number) that was told to its team, by number and id."""
    rows = db.execute(
        "select number, record from released where ?1 is null or number = ?1 order by number, visit", [number]
    )
    return [(number, dict(json.loads(record))) for number, record in rows]


def put_outcome(tx: Transaction, number: int, visit: str, outcome: Mapping[str, Any]) -> None:
    """Keep what became of a visit."""
    tx.put("outcomes", [{"visit": visit, "number": number, "record": _text(outcome)}])


def read_outcomes(db: Database, number: int) -> dict[str, dict[str, Any]]:
    """Give what became of the visits of a number, by visit id."""
    rows = db.execute("select visit, record from outcomes where number = ? order by visit", [number])
    return {visit: dict(json.loads(record)) for visit, record in rows}


def read_standings(db: Database) -> tuple[dict[str, str], set[str]]:
    """Give the grade of every unit that has one, and the units with an overdue major hazard."""
    rows = db.execute("select unit, grade, overdue from standings order by unit").fetchall()
    return {unit: grade for unit, grade, _ in rows if grade}, {unit for unit, _, overdue in rows if overdue}
