"""What a step of the tables moves from old ones to new, with an entry of the log for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from auditor.store.writing import Transaction


def move_staff(connection: sqlite3.Connection, tx: Transaction) -> None:
    """Join the people of the duty desk and the inspectors into one table of staff, by their id."""
    staff: dict[str, dict[str, Any]] = {}
    empty = {
        "post": "", "phone": "", "department": "", "domains": "[]", "conflicts": "[]",
        "half_days": 4, "share": 1.0, "from_on": "", "to_on": "",
    }  # fmt: skip
    people = connection.execute("select id, name, role, post, phone, department from people order by id")
    for key, name, role, post, phone, department in people.fetchall():
        staff[key] = {"id": key, "name": name, "roles": f'["{role}"]'} | empty
        staff[key] |= {"post": post, "phone": phone, "department": department}
        tx.changes.append(["people", [key], None])
    inspectors = connection.execute(
        "select id, name, department, domains, conflicts, half_days from inspectors order by id"
    )
    for key, name, department, domains, conflicts, half_days in inspectors.fetchall():
        known = staff.get(key)
        if known is not None and known["name"] != name:
            own = f"{key}/{name}"  # two people, whatever their numbers say
        else:
            own = key
        one = staff.setdefault(own, {"id": own, "name": name, "roles": "[]"} | empty)
        one["roles"] = one["roles"][:-1] + ("," if len(one["roles"]) > 2 else "") + '"inspector"]'
        one |= {"domains": domains, "conflicts": conflicts, "half_days": half_days}
        one["department"] = one["department"] or department
        tx.changes.append(["inspectors", [key], None])
    tx.put("staff", staff.values())


MOVES: dict[int, Callable[[sqlite3.Connection, Transaction], None]] = {2: move_staff}
"""The number of a step to what follows it."""
