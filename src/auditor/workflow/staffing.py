"""The staff as a page shows it: searched and sorted, one person by form, with the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from auditor.entities import Person
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, language
from auditor.register.columns import STAFF_TITLES, STAFF_TITLES_EN
from auditor.register.staff import read_staff
from auditor.store import Database
from auditor.store import log as log_store
from auditor.store import staff as staff_store
from auditor.store.writing import write_tx
from auditor.tables.table import Table
from auditor.workflow.domains import domain_names, domain_titles
from auditor.workflow.people import staff_record

if TYPE_CHECKING:
    from auditor.plugins import Plugins

SET = "people set"
"""What the log calls a change of one person by form."""

SORTS = ("id", "name", "department", "post", "from", "to")
"""By what a list of staff may be sorted."""

FIELDS = tuple(STAFF_TITLES)


class NobodyHere(AuditorError):
    """No office-holder has this id."""

    exit_code = 2
    sentence = N_("{id} is nobody here; see the list of people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list of staff shows: who holds every word of `text`, with this role, domain and department.

    `here` is "here" for those who are here on `today`, "gone" for those who are not; `sort` one of SORTS,
    with "-" before it for the last one first; `limit` None for all.
    """

    text: str = ""
    role: str = ""
    domain: str = ""
    department: str = ""
    here: str = ""
    today: date = date.min
    sort: str = "id"
    limit: int | None = None
    offset: int = 0


def is_here(one: Person, day: date) -> bool:
    """Whether somebody is at the bureau on a day."""
    return (one.from_on is None or one.from_on <= day) and (one.to_on is None or day <= one.to_on)


def find_staff(db: Database, search: Search) -> tuple[list[dict[str, Any]], int]:
    """Give the staff of one page of a list as records, and how many the whole list has.

    Raises
    ------
    UsageProblem
        For a field that lists are not sorted by.
    """
    sort, down = search.sort.removeprefix("-"), search.sort.startswith("-")
    if sort not in SORTS:
        raise UsageProblem(
            problem=_("{name}: lists are sorted by one of {fields}").format(
                name=sort, fields=", ".join(SORTS)
            )
        )
    words = search.text.casefold().split()
    found = [
        staff_record(one)
        for one in staff_store.read_staff(db)
        if all(
            word in " ".join((one.id, one.name, one.department, one.post, one.phone)).casefold()
            for word in words
        )
        and (not search.role or search.role in one.roles)
        and (not search.domain or search.domain in one.domains)
        and (not search.department or search.department == one.department)
        and (not search.here or is_here(one, search.today) == (search.here == "here"))
    ]
    filled = [one for one in found if one[sort]]
    filled.sort(key=lambda one: str(one[sort]), reverse=down)
    whole = filled + [one for one in found if not one[sort]]
    last = None if search.limit is None else search.offset + search.limit
    return whole[max(search.offset, 0) : last], len(whole)


def departments(db: Database) -> dict[str, int]:
    """Give how many people each department has, by name."""
    counted: dict[str, int] = {}
    for one in staff_store.read_staff(db):
        if one.department:
            counted[one.department] = counted.get(one.department, 0) + 1
    return dict(sorted(counted.items()))


def person(db: Database, person_id: str) -> dict[str, Any]:
    """Give one office-holder; raises NobodyHere."""
    found = next((one for one in staff_store.read_staff(db) if one.id == person_id), None)
    if found is None:
        raise NobodyHere(id=person_id)
    return staff_record(found)


def typed(record: Mapping[str, Any]) -> dict[str, str]:
    """Write a record as a form shows it and `set_person` reads it."""
    out = {}
    for name in FIELDS:
        value = record[name]
        if isinstance(value, list):
            out[name] = ";".join(map(str, value))
        else:
            out[name] = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return out


def _read(values: Mapping[str, str], plugins: Plugins) -> Person:
    """Read what was typed by the rules of a list's row; raises UsageProblem with the cure."""
    titles = STAFF_TITLES
    head = tuple(titles[name] for name in FIELDS)
    cells = tuple(values.get(name, "").strip() or None for name in FIELDS)
    if not values.get("name", "").strip():
        raise UsageProblem(problem=_("the name is missing; write the person's name"))
    table = Table(sheet="", rows=((1, head), (2, cells)))
    reading = read_staff(
        [table], file="", mapping={}, where={}, domains=domain_names(plugins), titles=domain_titles(plugins)
    )
    spoken = titles if language() == "zh" else STAFF_TITLES_EN
    words = {titles[name]: spoken[name] for name in FIELDS}
    for fault in reading.refused:
        raise UsageProblem(
            problem=_("{field}: {problem}; {cure}").format(
                field=words.get(fault["column"], fault["column"]),
                problem=fault["problem"],
                cure=fault["cure"],
            )
        )
    if not reading.people:
        raise UsageProblem(
            problem=_("{name} cannot be a name; write the person's name").format(name=values["name"])
        )
    return next(iter(reading.people.values()))


def set_person(
    db: Database,
    person_id: str,
    values: Mapping[str, str],
    *,
    plugins: Plugins,
    reason: str = "",
    now: datetime,
) -> list[str]:
    """Change fields of one office-holder; give which changed.

    Parameters
    ----------
    values
        What was typed, by field; several with ; between. Fields that are not named stay.

    Raises
    ------
    NobodyHere, UsageProblem
        For a value that cannot be read, or an id; nothing is changed then.
    """
    before = person(db, person_id)
    if values.get("id", person_id) != person_id:
        raise UsageProblem(
            problem=_("an id does not change; note the person anew, and say when this one left")
        )
    after = _read({**typed(before), **values, "id": person_id}, plugins)
    record = staff_record(after)
    changed = [name for name in FIELDS if record[name] != before[name]]
    if changed:
        with write_tx(db, SET, now) as tx:
            staff_store.put_staff(tx, [after])
            if reason:
                tx.remark(reason)
    return changed


def add_person(db: Database, values: Mapping[str, str], *, plugins: Plugins, now: datetime) -> str:
    """Note one office-holder; give the id, which is the name where none is written.

    Raises
    ------
    UsageProblem
        For a value that cannot be read, or an id that somebody has.
    """
    fresh = _read(values, plugins)
    if any(one.id == fresh.id for one in staff_store.read_staff(db)):
        raise UsageProblem(problem=_("{id} is somebody's id already; write another one").format(id=fresh.id))
    with write_tx(db, SET, now) as tx:
        staff_store.put_staff(tx, [fresh])
    return fresh.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One change of a person: when (UTC), by which command, the fields before and after, and why."""

    at: str
    what: str
    changes: Sequence[Mapping[str, Any]]
    reason: str


def history(db: Database, person_id: str) -> list[Past]:
    """Give what happened to an office-holder, the oldest first."""
    remarks = log_store.read_remarks(db)
    state: Mapping[str, Any] = {}
    past = []
    for entry in log_store.read_changes_of(db, "staff", [person_id]):
        row = next((row for _table, _key, row in entry.changes if row is not None), None)
        after = staff_record(staff_store.person_of(row)) if row is not None else {}
        changes = [
            {"field": one, "before": state.get(one), "after": after.get(one)}
            for one in FIELDS
            if state.get(one) != after.get(one)
        ]
        past.append(Past(at=entry.at, what=entry.kind, changes=changes, reason=remarks.get(entry.idx, "")))
        state = after
    return past
