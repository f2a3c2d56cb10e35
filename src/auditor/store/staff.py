"""People, inspectors and leave in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from auditor.entities import Inspector, Leave, Person
from auditor.store import Database
from auditor.store.writing import Transaction


def put_people(tx: Transaction, people: Iterable[Person]) -> int:
    """Write the people of the duty roster, new or changed; give how many."""
    return tx.put("people", map(asdict, people))


def read_people(db: Database) -> list[Person]:
    """Give everyone of the duty roster by id."""
    return [
        Person(id=id_, name=name, role=role, post=post, phone=phone, department=department)
        for id_, name, role, post, phone, department in db.execute(
            "select id, name, role, post, phone, department from people order by id"
        )
    ]


def put_inspectors(tx: Transaction, inspectors: Iterable[Inspector]) -> int:
    """Write Inspectors, new or changed; give how many."""
    return tx.put(
        "inspectors",
        (
            asdict(one)
            | {
                "domains": json.dumps(list(one.domains), ensure_ascii=False),
                "conflicts": json.dumps(list(one.conflicts), ensure_ascii=False),
            }
            for one in inspectors
        ),
    )


def read_inspectors(db: Database) -> list[Inspector]:
    """Give all Inspectors by id."""
    return [
        Inspector(
            id=id_,
            name=name,
            department=department,
            domains=tuple(json.loads(domains)),
            conflicts=tuple(json.loads(conflicts)),
            half_days=half_days,
        )
        for id_, name, department, domains, conflicts, half_days in db.execute(
            "select id, name, department, domains, conflicts, half_days from inspectors order by id"
        )
    ]


def put_leave(tx: Transaction, leave: Iterable[Leave]) -> int:
    """Write leave, new or changed; give how many."""
    return tx.put(
        "leave",
        (
            {
                "person": one.person,
                "from_on": one.from_on.isoformat(),
                "to_on": one.to_on.isoformat(),
                "kind": one.kind,
            }
            for one in leave
        ),
    )


def read_leave(db: Database) -> list[Leave]:
    """Give all leave by person and day."""
    return [
        Leave(person=person, from_on=date.fromisoformat(start), to_on=date.fromisoformat(end), kind=kind)
        for person, start, end, kind in db.execute(
            "select person, from_on, to_on, kind from leave order by person, from_on, to_on"
        )
    ]
