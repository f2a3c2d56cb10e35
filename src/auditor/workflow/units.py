"""The step of the register: a file in, judged, kept whole or not at all; edited, taken back, and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.entities import KINDS, Unit
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, language, some
from auditor.register import matching
from auditor.register.cells import YES, code, heading, id_fault, narrow, yes_no
from auditor.register.columns import UNIT_ALIASES, UNIT_TITLES, UNIT_TITLES_EN
from auditor.register.editing import edited
from auditor.register.kinds import kind_of
from auditor.register.points import judge_points
from auditor.register.units import made_id, read_closed
from auditor.store import Database, records
from auditor.store import log as log_store
from auditor.store import units as unit_store
from auditor.store.numbers import read_number
from auditor.store.writing import write_tx
from auditor.tables.errors import CannotWriteTable
from auditor.tables.writing import write_table

LISTED = (
    "id", "name", "kind", "district", "township", "lat", "lng", "students", "boarders", "canteen",
    "buses", "tags", "closed",
)  # fmt: skip
"""The fields of ``units list``."""

IMPORT, SET, RETIRE, UNDO = "units import", "units set", "units retire", "units undo"
ADD = "units add"
"""What the log calls each way to change the register."""

OF_UNITS = ("no-point", "unknown-kind")
"""What a Site may lack: it is visited with its Unit."""

MOST_WORDS = 12
"""So many different words of a search are looked for."""

MISSING = "units.missing"
"""The setting that holds the Units which the latest file did not have."""


class NoSuchUnit(AuditorError):
    """No Unit has this id."""

    exit_code = 2
    sentence = N_("{id} is no unit; see `auditor units list`")


class NothingToUndo(AuditorError):
    """No import is left to take back."""

    sentence = N_("there is no import to take back")


class Frozen(AuditorError):
    """A draw has frozen the register since."""

    sentence = N_(
        "the import of {at} cannot be taken back: draw {number} has frozen the register since; "
        "import a mended file, or use `auditor units set`"
    )


class ChangedSince(AuditorError):
    """Units of the import were changed by other commands since."""

    sentence = N_(
        "the import of {at} cannot be taken back: {ids} were changed since (`auditor units history ID`); "
        "change them back first, or import a mended file"
    )


def start_of(db: Database) -> tuple[float, float] | None:
    """Give where the bureau stands, (lat, lng), if `init --at` said it."""
    settings = records.read_settings(db)
    if "start_lat" not in settings:
        return None
    return float(settings["start_lat"]), float(settings["start_lng"])


def unit_record(unit: Unit, fields: Sequence[str] = LISTED) -> dict[str, Any]:
    """Give a Unit as the lists show it; `closed` is None, a date or True."""
    values: dict[str, Any] = {one: getattr(unit, one) for one in fields}
    if "tags" in values:
        values["tags"] = list(unit.tags)
    if "closed" in values:
        values["closed"] = True if unit.closed == "true" else unit.closed or None
    return values


def list_units(db: Database, where: Mapping[str, str] | None = None) -> list[Unit]:
    """Give all Units by id, or those whose fields have these values.

    Parameters
    ----------
    where
        Field, or a heading that names it, to the value as `units list` shows it; a kind also in words.

    Raises
    ------
    UsageProblem
        For a field that Units do not have.
    """
    return unit_store.read_units(
        db, {field_of(name): _values(field_of(name), value) for name, value in (where or {}).items()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list of Units shows: those that hold every word of `text` and have the values of `where`.

    `where` is that of `list_units`; `sort` a field, with "-" before it for the last one first; `limit` None
    for all.
    """

    text: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    sort: str = "id"
    limit: int | None = None
    offset: int = 0


def find_units(db: Database, search: Search) -> tuple[list[Unit], int]:
    """Give the Units of one page of a list, and how many the whole list has.

    Raises
    ------
    UsageProblem
        For a field that Units do not have, or that lists are not sorted by.
    """
    sort = field_of(search.sort.removeprefix("-"))
    if sort not in unit_store.SORTS:
        raise UsageProblem(
            problem=_("{name}: lists are sorted by one of {fields}").format(
                name=sort, fields=", ".join(unit_store.SORTS)
            )
        )
    return unit_store.find_units(
        db,
        words=list(dict.fromkeys(search.text.split()))[:MOST_WORDS],
        where={field_of(name): _values(field_of(name), value) for name, value in search.where.items()},
        sort=sort,
        descending=search.sort.startswith("-"),
        limit=search.limit,
        offset=max(search.offset, 0),
    )


def find_points(db: Database, search: Search) -> list[tuple[float, float, str]]:
    """Give longitude, latitude and township of all Units that a list has and whose place is known."""
    return unit_store.find_points(
        db,
        words=list(dict.fromkeys(search.text.split()))[:MOST_WORDS],
        where={field_of(name): _values(field_of(name), value) for name, value in search.where.items()},
    )


def unit_counts(db: Database, name: str) -> dict[str, int]:
    """Give how many Units have each kind, district or township."""
    return unit_store.count_by(db, name)


def _values(one: str, value: str) -> list[Any]:
    """Give what a field holds where a list shows this value."""
    if one == "kind":
        return [kind_of(value) if value else ""]
    if one == "closed":
        return [read_closed(value) or ""] if value.casefold() not in YES else ["true"]
    if one not in ("lat", "lng", "students", "boarders", "buses", "canteen"):
        return [value]
    try:
        found = yes_no(value) if one == "canteen" else float(value) if value else None
    except ValueError:
        return []
    return [int(found) if isinstance(found, bool) else found]


def field_of(name: str) -> str:
    """Give the field that a name or heading means.

    Raises
    ------
    UsageProblem
    """
    folded = heading(name)
    for one in UNIT_TITLES:
        if folded == heading(one) or folded in map(heading, UNIT_ALIASES[one]):
            return one
    raise UsageProblem(
        problem=_("{name} is no field of a unit; write one of {fields}").format(
            name=name, fields=", ".join(UNIT_TITLES)
        )
    )


def _find(db: Database, ids: Sequence[str]) -> list[Unit]:
    """Give Units or Sites by their ids or former ones; raises NoSuchUnit for the first that is neither."""
    aliases = unit_store.read_aliases(db)
    many = {unit.id: unit for unit in unit_store.read_register(db)} if len(ids) > 1 else None
    found = []
    for one in ids:
        key = aliases.get(one, one)
        unit = unit_store.read_unit(db, key) if many is None else many.get(key)
        if unit is None:
            raise NoSuchUnit(id=one)
        found.append(unit)
    return found


def whole_register(db: Database) -> list[Unit]:
    """Give all Units and Sites by id."""
    return unit_store.read_register(db)


def show_unit(db: Database, unit_id: str, register: Sequence[Unit] | None = None) -> dict[str, Any]:
    """Give every field of a Unit, with its Sites, former ids and what is doubtful about it.

    `register` is the whole register where it has been read already.

    Raises
    ------
    NoSuchUnit
    """
    (unit,) = _find(db, [unit_id])
    sites = unit_store.read_sites(db, unit.id)
    every = unit_store.read_register(db) if register is None else register
    doubts = judge_points([unit], every, start_of(db))
    doubtful = ["no-point"] if unit.lat is None else []
    aliases = [old for old, new in unit_store.read_aliases(db).items() if new == unit.id]
    record = unit_record(unit, tuple(UNIT_TITLES))
    del record["site_of"]
    if unit.site_of:
        record["site_of"] = unit.site_of
    return record | {
        "sites": [unit_record(one, SITE_FIELDS) for one in sites],
        "aliases": aliases,
        "flags": [*doubtful, *doubts.values()],
    }


SITE_FIELDS = ("id", "name", "kind", "township", "lat", "lng", "students", "boarders", "canteen", "closed")
"""The fields of a Site that `units show` gives."""


def set_unit(
    db: Database, unit_id: str, values: Mapping[str, str], *, reason: str, now: datetime
) -> list[dict[str, Any]]:
    """Change fields of one Unit; give what changed, before and after.

    Raises
    ------
    NoSuchUnit, UsageProblem
        For an unknown field or a value that cannot be read; nothing is changed then.
    """
    (unit,) = _find(db, [unit_id])
    fields = {field_of(name): value for name, value in values.items()}
    after = edited(unit, fields)
    if after.site_of:
        every = {one.id: one for one in unit_store.read_register(db)}
        settled, lost = matching.settle_sites({unit.id: after}, [unit.id], every, unit_store.read_aliases(db))
        if lost:
            raise UsageProblem(problem=_("{word} is no unit of the register").format(word=after.site_of))
        after = settled[unit.id]
    old, new = unit_record(unit, tuple(UNIT_TITLES)), unit_record(after, tuple(UNIT_TITLES))
    with write_tx(db, SET, now) as tx:
        if unit_store.put_units(tx, [after]) and reason:
            tx.remark(reason)
    return [
        {"id": unit.id, "field": one, "before": old[one], "after": new[one]}
        for one in UNIT_TITLES
        if old[one] != new[one]
    ]


def add_unit(db: Database, values: Mapping[str, str], *, reason: str = "", now: datetime) -> Unit:
    """Note one Unit as it was typed; where no code is written, its id is made from name and place.

    Raises
    ------
    UsageProblem
        For an unknown field, a value that cannot be read, a missing name, or a code that is taken.
    """
    fields = {field_of(name): value for name, value in values.items()}
    typed = narrow(code(fields.pop("id", "") or None))
    if id_fault(typed):
        raise UsageProblem(problem=_("{id}: a code with a character that cannot be seen").format(id=typed))
    unit = edited(Unit(id="-", name=""), {one: value for one, value in fields.items() if value})
    unit = replace(unit, id=typed or made_id(unit.name, unit.district, unit.township))
    if unit_store.read_unit(db, unit.id) is not None or unit.id in unit_store.read_aliases(db):
        raise UsageProblem(
            problem=_("{id} is a unit already; look at it, or write another code").format(id=unit.id)
        )
    with write_tx(db, ADD, now) as tx:
        unit_store.put_units(tx, [unit])
        if reason:
            tx.remark(reason)
    return unit


def missing_units(db: Database) -> list[Unit]:
    """Give the open Units that the latest file did not have."""
    listed = set(records.read_settings(db).get(MISSING, "").splitlines())
    return [unit for unit in unit_store.read_units(db) if unit.id in listed and not unit.closed]


def retire(
    db: Database, ids: Sequence[str], *, closed: str, reason: str, now: datetime, dry_run: bool = False
) -> list[Unit]:
    """Close Units on a day: they stay in the register and are never drawn; give those that were open.

    Raises
    ------
    NoSuchUnit
    """
    units = [unit for unit in _find(db, ids) if not unit.closed]
    if units and not dry_run:
        with write_tx(db, RETIRE, now) as tx:
            unit_store.put_units(tx, [replace(unit, closed=closed) for unit in units])
            if reason:
                tx.remark(reason)
    return units


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One change of a Unit: when (UTC), by which command, the fields before and after, and why."""

    at: str
    what: str
    changes: list[dict[str, Any]]
    reason: str


def history(db: Database, unit_id: str) -> list[Past]:
    """Give what happened to a Unit, the oldest first, under its former ids too.

    Raises
    ------
    NoSuchUnit
    """
    remarks = log_store.read_remarks(db)
    aliases = unit_store.read_aliases(db)
    now = aliases.get(unit_id, unit_id)
    ids = {now} | {old for old, new in aliases.items() if new == now}
    state: dict[str, Any] | None = None
    past: list[Past] = []
    for entry in log_store.read_changes_of(db, "units", sorted(ids)):
        rows = [(key[0], row) for _table, key, row in entry.changes]
        fresh = next((row for _key, row in rows if row is not None), None)
        after = (
            None
            if fresh is None
            else unit_record(unit_store.unit_of({"site_of": "", **fresh}), tuple(UNIT_TITLES))
        )
        changes = [
            {"field": one, "before": (state or {}).get(one), "after": (after or {}).get(one)}
            for one in UNIT_TITLES
            if (state or {}).get(one) != (after or {}).get(one)
        ]
        past.append(Past(at=entry.at, what=entry.kind, changes=changes, reason=remarks.get(entry.idx, "")))
        state = after
    if not past:
        raise NoSuchUnit(id=unit_id)
    return past


def undo(db: Database, now: datetime) -> dict[str, Any]:
    """Take the latest import back, from the log; refused once a draw has frozen it.

    Returns
    -------
    What the import had added and changed, and how many Units have their earlier values again
    (``restored``) or are gone again (``removed``).

    Raises
    ------
    NothingToUndo, Frozen, ChangedSince
    """
    stack: list[log_store.Entry] = []
    later: list[log_store.Entry] = []
    for entry in log_store.read_entries(db):
        if entry.kind == UNDO:
            stack.pop()
        elif entry.kind == IMPORT:
            stack.append(entry)
    if not stack:
        raise NothingToUndo
    last = stack[-1]
    later = [one for one in log_store.read_entries(db) if one.idx > last.idx]
    for entry in later:
        for table, key, _row in entry.changes:
            if table == "draws" or (table == "numbers" and read_number(db, key[0]) is not None):
                raise Frozen(at=last.at, number=key[0])
    mine = {(table, tuple(key)) for table, key, _row in last.changes}
    before = log_store.replay_until(db, last.idx)
    stands = log_store.replay_until(db, last.idx + 1)
    today = log_store.read_tables(db)
    touched = sorted(
        str(key[0])
        for table, key in mine
        if table == "units" and today[table].get(key) != stands[table].get(key)
    )
    if touched:
        raise ChangedSince(at=last.at, ids=some(touched, 5))
    gone = {key[0] for table, key, row in last.changes if table == "units" and row is None}
    took_over = {
        row["unit"] for table, key, row in last.changes if table == "aliases" and row and key[0] in gone
    }
    answer = {"added": 0, "changed": 0, "restored": 0, "removed": 0}
    again: dict[str, list[dict[str, Any]]] = {}
    with write_tx(db, UNDO, now) as tx:
        for table, key in sorted(mine, key=str):
            old = before[table].get(key)
            new = stands[table].get(key)
            if table == "units" and key[0] not in took_over and not (old or new or {}).get("site_of"):
                answer["added" if old is None else "changed"] += 1
                answer["removed" if old is None else "restored"] += 1
            if old is None:
                tx.drop(table, [key])
            else:
                again.setdefault(table, []).append(old)
        for table, rows in again.items():
            tx.put(table, rows)
    return answer


def export_units(db: Database, paths: Sequence[Path]) -> tuple[int, list[str]]:
    """Write the whole register to each file so that importing one again changes nothing.

    Sites are written too, with the id of their Unit.

    Returns
    -------
    How many Units, and why each file that could not be written was not.
    """
    register = unit_store.read_register(db)
    with_sites = any(unit.site_of for unit in register)
    fields = [one for one in UNIT_TITLES if one != "site_of" or with_sites]
    titles = {one: (UNIT_TITLES if language() == "zh" else UNIT_TITLES_EN)[one] for one in fields}
    rows = [unit_record(unit, fields) for unit in register]
    failed = []
    for path in paths:
        try:
            if path.suffix.lower() == ".json":
                # JSON is for programs: it keeps the fields and the codes of kinds
                write_table(path, titles, rows)
            else:
                write_table(path, titles, [_for_people(row) for row in rows])
        except CannotWriteTable as error:
            failed.append(str(error))
    return sum(not unit.site_of for unit in register), failed


def _for_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row with the words of a sheet: the kind, and whether it is closed."""
    out = {**row, "closed": "是" if row["closed"] is True else row["closed"]}
    if language() == "zh":
        out["kind"] = KINDS.get(row["kind"], row["kind"])
    elif row["closed"] is True:
        out["closed"] = "yes"
    return out
