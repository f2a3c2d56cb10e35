"""Leave as a page shows it: searched and sorted, one leave by form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auditor.entities import Leave
from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.register import leave as leave_rows
from auditor.store import Database
from auditor.store import staff as staff_store
from auditor.store.units import read_unit
from auditor.store.writing import write_tx
from auditor.tables.table import Table
from auditor.workflow.duty import leave_requests
from auditor.workflow.people import names

ADD = "leave add"
"""What the log calls a leave that was noted by form."""

SORTS = ("when", "name", "from", "to", "kind")
"""By what a list of leave may be sorted; "when": who is away now, who will be soonest, who was last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list of leave shows: that of people whose id or name, or whose kind, holds every word.

    `person` is an id; `when` "now", "coming", "past" as seen from `today`, "open" for what has not ended;
    `sort` one of SORTS, with "-" before it for the last one first; `limit` None for all.
    """

    text: str = ""
    person: str = ""
    when: str = ""
    today: date = date.min
    sort: str = "when"
    limit: int | None = None
    offset: int = 0


def when(first: str, last: str, today: date) -> str:
    """Say where days stand as seen from today: "past", "now" or "coming"."""
    day = today.isoformat()
    return "past" if last < day else "coming" if first > day else "now"


def find_leave(db: Database, search: Search) -> tuple[list[dict[str, Any]], int]:
    """Give the leave of one page of a list, with names, and how many the whole list has.

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
    known = names(db)
    words = search.text.casefold().split()
    found: list[dict[str, Any]] = []
    for one in staff_store.read_leave(db):
        name = known.get(one.person, one.person)
        first, last = one.from_on.isoformat(), one.to_on.isoformat()
        state = when(first, last, search.today)
        text = " ".join((one.person, name, one.kind)).casefold()
        if (
            all(word in text for word in words)
            and search.person in ("", one.person)
            and (not search.when or search.when == state or (search.when == "open" and state != "past"))
        ):
            found.append(
                {
                    "person": one.person, "name": name, "from": first, "to": last, "half": one.half,
                    "kind": one.kind, "when": state, "days": (one.to_on - one.from_on).days + 1,
                }
            )  # fmt: skip
    found.sort(key=(lambda one: str(one[sort])) if sort != "when" else _nearness, reverse=down)
    last_at = None if search.limit is None else search.offset + search.limit
    return found[max(search.offset, 0) : last_at], len(found)


def _nearness(one: Mapping[str, Any]) -> tuple[int, int]:
    """Order leave as a person asks for it: those away now, then the soonest, then the latest of the past."""
    first, last = (date.fromisoformat(one[name]).toordinal() for name in ("from", "to"))
    return {"now": (0, last), "coming": (1, first), "past": (2, -last)}[one["when"]]


def add_leave(
    db: Database, who: str, first: str, last: str, *, half: str = "", kind: str = "", now: datetime
) -> tuple[Leave, Leave, list[str]]:
    """Note one leave as it was typed, by the rules of a list's row.

    Gives it, the leave that stands now (longer, where it was joined with others), and what speaks against it.

    Raises
    ------
    UsageProblem
        For nobody, a day that cannot be read, days that run backwards, or days that are leave already.
    """
    people = names(db)
    known = staff_store.read_leave(db)
    head = ("person", "from", "to", "half", "kind")
    cells = (who.strip() or None, first.strip() or None, last.strip() or None, half or None, kind or None)
    table = Table(sheet="", rows=((1, head), (2, cells)))
    if not who.strip() or not first.strip():
        raise UsageProblem(problem=_("write whose leave it is, and its first day"))
    reading = leave_rows.read_leave([table], file="", mapping={}, where={}, people=people)
    if reading.refused:
        raise UsageProblem(
            problem=listed(
                _("{field}: {problem}; {cure}").format(
                    field=one["value"] or one["column"], problem=one["problem"], cure=one["cure"]
                )
                for one in reading.refused
            )
        )
    if not reading.leave:
        raise UsageProblem(problem=_("this is no leave that can be noted; look at its kind again"))
    one = reading.leave[0]
    stand, _joined = leave_rows.join([*known, one])
    fresh = [each for each in stand if each not in known]
    if not fresh:
        raise UsageProblem(problem=_("{name} is away on these days already").format(name=people[one.person]))
    against = clashes(db, one)
    with write_tx(db, ADD, now) as tx:
        staff_store.drop_leave(tx, [each for each in known if each not in stand])
        staff_store.put_leave(tx, fresh)
    return one, fresh[0], against


def clashes(db: Database, one: Leave) -> list[str]:
    """Say what stands against a leave: duties on its days, key periods."""
    return leave_requests.clashes(
        db,
        {
            "person": one.person, "unit": "", "from": one.from_on.isoformat(), "to": one.to_on.isoformat(),
            "half": one.half, "acting": "", "acting_name": "",
        },
    )  # fmt: skip


def request_named(db: Database, ident: str) -> dict[str, Any] | None:
    """Give the request of an id, with its unit's name in `unit_name`; None where there is none."""
    found = next((one for one in leave_requests.requests(db) if one["id"] == ident), None)
    if found is None:
        return None
    unit = read_unit(db, found["unit"]) if found["unit"] else None
    return found | {"unit_name": unit.name if unit is not None else found["unit"]}


def request_on(db: Database, person: str, first: str, last: str) -> dict[str, Any] | None:
    """Give the request that was agreed to and covers some of these days, or None."""
    return next(
        (
            one
            for one in leave_requests.requests(db)
            if one["person"] == person
            and one["state"] == "approved"
            and one["from"] <= last
            and first <= one["to"]
        ),
        None,
    )
