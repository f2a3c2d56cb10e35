"""Staff and leave in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from auditor.entities import ROLES, Inspector, Leave, Person
from auditor.store import Database
from auditor.store.writing import Transaction


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def put_staff(tx: Transaction, staff: Iterable[Person]) -> int:
    """Write office-holders, new or changed; give how many."""
    return tx.put(
        "staff",
        (
            {
                "id": one.id,
                "name": one.name,
                "roles": _list(role for role in ROLES if role in one.roles),
                "post": one.post,
                "phone": one.phone,
                "department": one.department,
                "domains": _list(one.domains),
                "conflicts": _list(one.conflicts),
                "half_days": one.half_days,
                "share": float(one.share),
                "from_on": one.from_on.isoformat() if one.from_on else "",
                "to_on": one.to_on.isoformat() if one.to_on else "",
                "kin": _list(one.kin),
                "borrowed": _list(one.borrowed),
                "area": _list(one.area),
            }
            for one in staff
        ),
    )


def person_of(row: Mapping[str, Any]) -> Person:
    """Give the office-holder of a row of the table, as the log keeps it; an old one may lack columns."""
    lists = {
        one: tuple(json.loads(row.get(one) or "[]"))
        for one in ("roles", "domains", "conflicts", "kin", "borrowed", "area")
    }
    return Person(
        id=row["id"],
        name=row["name"],
        post=row.get("post", ""),
        phone=row.get("phone", ""),
        department=row.get("department", ""),
        half_days=row.get("half_days", 4),
        share=row.get("share", 1.0),
        from_on=_day(row.get("from_on", "")),
        to_on=_day(row.get("to_on", "")),
        **lists,
    )


def read_staff(db: Database) -> list[Person]:
    """Give all office-holders by id."""
    return [
        Person(
            id=id_,
            name=name,
            roles=tuple(json.loads(roles)),
            post=post,
            phone=phone,
            department=department,
            domains=tuple(json.loads(domains)),
            conflicts=tuple(json.loads(conflicts)),
            half_days=half_days,
            share=share,
            from_on=_day(from_on),
            to_on=_day(to_on),
            kin=tuple(json.loads(kin)),
            borrowed=tuple(json.loads(borrowed)),
            area=tuple(json.loads(area)),
        )
        for id_, name, roles, post, phone, department, domains, conflicts, half_days, share, from_on, to_on,
            kin, borrowed, area
        in db.execute(
            "select id, name, roles, post, phone, department, domains, conflicts, half_days, share, "
            "from_on, to_on, kin, borrowed, area from staff order by id"
        )
    ]  # fmt: skip


def read_people(db: Database) -> list[Person]:
    """Give the leaders and officers of the duty roster by id."""
    return [one for one in read_staff(db) if one.role]


def read_inspectors(db: Database) -> list[Inspector]:
    """Give all Inspectors by id."""
    return [
        Inspector(
            id=one.id,
            name=one.name,
            department=one.department,
            domains=one.domains,
            conflicts=one.conflicts,
            half_days=one.half_days,
            kin=one.kin,
            borrowed=one.borrowed,
            area=one.area,
        )
        for one in read_staff(db)
        if "inspector" in one.roles
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
                "half": one.half,
            }
            for one in leave
        ),
    )


def drop_leave(tx: Transaction, leave: Iterable[Leave]) -> int:
    """Take leave away; give how many there were."""
    return tx.drop("leave", ((one.person, one.from_on.isoformat(), one.to_on.isoformat()) for one in leave))


def read_leave(db: Database) -> list[Leave]:
    """Give all leave by person and day."""
    return [
        Leave(
            person=person,
            from_on=date.fromisoformat(start),
            to_on=date.fromisoformat(end),
            kind=kind,
            half=half,
        )
        for person, start, end, kind, half in db.execute(
            "select person, from_on, to_on, kind, half from leave order by person, from_on, to_on"
        )
    ]


def read_absences(db: Database) -> list[Leave]:
    """Give all leave, and the days on which somebody is not yet or no longer here as leave too."""
    absences = read_leave(db)
    for one in read_staff(db):
        if one.from_on and one.from_on > date.min:
            absences.append(
                Leave(person=one.id, from_on=date.min, to_on=date.fromordinal(one.from_on.toordinal() - 1))
            )
        if one.to_on and one.to_on < date.max:
            absences.append(
                Leave(person=one.id, from_on=date.fromordinal(one.to_on.toordinal() + 1), to_on=date.max)
            )
    return sorted(absences, key=lambda one: (one.person, one.from_on, one.to_on))
