"""What people are called: by name, and two who bear one name by what tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from auditor.entities import Inspector, Person
from auditor.store import Database
from auditor.store.staff import read_staff


def names_apart(people: Iterable[Person | Inspector]) -> dict[str, str]:
    """Give everyone's name by id, each name once.

    A name that several bear has the code behind it, of who has none the department: 王芳（0102）. The
    brackets are those of the name's script, so that what is written depends on no language.
    """
    everyone = list(people)
    bearers = Counter(one.name for one in everyone)
    return {one.id: one.name if bearers[one.name] < 2 else _apart(one) for one in everyone}


def _apart(one: Person | Inspector) -> str:
    mark = one.id if one.id != one.name else one.department
    if not mark:
        return one.name
    return f"{one.name} ({mark})" if one.name.isascii() else f"{one.name}（{mark}）"


def staff_names(db: Database) -> dict[str, str]:
    """Give what everyone among the staff is called, by id."""
    return names_apart(read_staff(db))
