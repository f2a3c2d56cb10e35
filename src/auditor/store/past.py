"""Black-outs and inspections of the past in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date

from auditor.entities import Blackout, Inspection
from auditor.store import Database
from auditor.store.writing import Transaction


def put_blackouts(tx: Transaction, blackouts: Iterable[Blackout]) -> int:
    """Write black-outs, new or changed; give how many."""
    return tx.put(
        "blackouts",
        (
            {
                "scope": one.scope,
                "from_on": one.from_on.isoformat(),
                "to_on": one.to_on.isoformat(),
                "kind": one.kind,
                "reason": one.reason,
            }
            for one in blackouts
        ),
    )


def drop_blackouts(tx: Transaction, blackouts: Iterable[Blackout]) -> int:
    """Take black-outs away; give how many there were."""
    keys = ((one.scope, one.from_on.isoformat(), one.to_on.isoformat(), one.kind) for one in blackouts)
    return tx.drop("blackouts", keys)


def read_blackouts(db: Database) -> list[Blackout]:
    """Give all black-outs by first day and scope."""
    rows = db.execute(
        "select scope, from_on, to_on, kind, reason from blackouts order by from_on, scope, to_on, kind"
    )
    return [
        Blackout(
            scope=scope,
            from_on=date.fromisoformat(from_on),
            to_on=date.fromisoformat(to_on),
            kind=kind,
            reason=reason,
        )
        for scope, from_on, to_on, kind, reason in rows
    ]


def _row(one: Inspection) -> dict[str, object]:
    def text(values: Iterable[str]) -> str:
        return json.dumps(sorted(set(values)), ensure_ascii=False, separators=(",", ":"))

    return {
        "unit": one.unit,
        "on_day": one.on.isoformat(),
        "domains": text(one.domains),
        "people": text(one.people),
        "directed": int(one.directed),
    }


def put_inspections(tx: Transaction, inspections: Iterable[Inspection]) -> int:
    """Write inspections of the past, new or changed; give how many."""
    return tx.put("inspections", map(_row, inspections))


def drop_inspections(tx: Transaction, inspections: Iterable[Inspection]) -> int:
    """Take inspections of the past away; give how many there were."""
    rows = map(_row, inspections)
    return tx.drop("inspections", ([one[key] for key in ("unit", "on_day", "domains")] for one in rows))


def read_inspections(db: Database, units: Collection[str] | None = None) -> list[Inspection]:
    """Give the inspections of the past that were written (of some units), by unit and day."""
    rows = db.execute(
        "select unit, on_day, domains, people, directed from inspections "
        "where ?1 is null or unit in (select value from json_each(?1)) order by unit, on_day, domains",
        [None if units is None else json.dumps(sorted(units))],
    )
    return [
        Inspection(
            unit=unit,
            on=date.fromisoformat(on_day),
            domains=tuple(json.loads(domains)),
            people=tuple(json.loads(people)),
            directed=bool(directed),
        )
        for unit, on_day, domains, people, directed in rows
    ]
