"""Units, their Sites and their former ids in and out of the bureau's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from auditor.entities import Unit
from auditor.store import Database
from auditor.store.past import (
    drop_blackouts,
    drop_inspections,
    put_blackouts,
    put_inspections,
    read_blackouts,
    read_inspections,
)
from auditor.store.writing import Transaction

_FIELDS = tuple(field.name for field in fields(Unit))


def _row(unit: Unit) -> dict[str, Any]:
    row = {name: getattr(unit, name) for name in _FIELDS}
    row["tags"] = json.dumps(sorted(unit.tags), ensure_ascii=False) if unit.tags else "[]"
    row["canteen"] = None if unit.canteen is None else int(unit.canteen)
    return row


def unit_of(row: Mapping[str, Any]) -> Unit:
    """Give the Unit of a row of the table, as the log keeps it."""
    return _unit([row[name] for name in _FIELDS])


def _unit(row: Sequence[Any]) -> Unit:
    """Give the Unit of a row's values, in the order of its fields."""
    values = dict(zip(_FIELDS, row, strict=True))
    if values["canteen"] is not None:
        values["canteen"] = bool(values["canteen"])
    values["tags"] = tuple(json.loads(values["tags"])) if values["tags"] != "[]" else ()
    return Unit(**values)


def put_units(tx: Transaction, units: Iterable[Unit]) -> int:
    """Write Units or Sites, new or changed; give how many."""
    return tx.put("units", map(_row, units))


def drop_units(tx: Transaction, ids: Iterable[str]) -> int:
    """Take Units away; give how many there were."""
    return tx.drop("units", ([one] for one in ids))


def read_register(db: Database) -> list[Unit]:
    """Give all Units and Sites by id."""
    found = db.execute(f"select {', '.join(_FIELDS)} from units order by id")
    return [_unit(row) for row in found]


def read_units(db: Database, where: Mapping[str, Sequence[Any]] | None = None) -> list[Unit]:
    """Give all Units by id, without their Sites.

    Parameters
    ----------
    where
        Field to the values of which a Unit has one; for `tags` a tag that it has, or "" for none.
    """
    conditions, values = _conditions(where)
    found = db.execute(
        f"select {', '.join(_FIELDS)} from units where {' and '.join(conditions)} order by id", values
    )
    return [_unit(row) for row in found]


def _conditions(where: Mapping[str, Sequence[Any]] | None) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["site_of = ''"]
    values: list[Any] = []
    for name, wanted in (where or {}).items():
        if name not in _FIELDS:
            raise ValueError(name)
        if name == "tags":
            marks = [
                "tags = '[]'" if one == "" else "exists (select 1 from json_each(tags) where value = ?)"
                for one in wanted
            ]
            values += [one for one in wanted if one != ""]
        else:
            marks = [f"{name} is ?"] * len(wanted)
            values += list(wanted)
        conditions.append(f"({' or '.join(marks) or '0'})")
    return conditions, values


SORTS = ("id", "name", "kind", "district", "township", "students", "boarders", "closed")
"""The fields by which a list of Units may be sorted."""


def _holds(text: str) -> str:
    """Write a text so that SQL's `like` finds what holds it, with no wildcard of its own."""
    for letter in "\\%_":
        text = text.replace(letter, "\\" + letter)
    return f"%{text}%"


def _which(words: Sequence[str], where: Mapping[str, Sequence[Any]] | None) -> tuple[str, list[Any]]:
    """Give the condition of a search, and its values."""
    conditions, values = _conditions(where)
    for word in words:
        conditions.append(
            "(id || ' ' || name || ' ' || township || ' ' || district like ? escape '\\' or "
            "exists (select 1 from aliases where unit = units.id and alias like ? escape '\\'))"
        )
        values += [_holds(word)] * 2
    return " and ".join(conditions), values


def find_points(
    db: Database, *, words: Sequence[str] = (), where: Mapping[str, Sequence[Any]] | None = None
) -> list[tuple[float, float, str]]:
    """Give longitude, latitude and township of the Units that a search finds, those that have a point.

    `words` and `where` are those of `find_units`.
    """
    which, values = _which(words, where)
    return db.execute(
        f"select lng, lat, township from units where {which} and lat is not null order by id", values
    ).fetchall()


def find_units(
    db: Database,
    *,
    words: Sequence[str] = (),
    where: Mapping[str, Sequence[Any]] | None = None,
    sort: str = "id",
    descending: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[Unit], int]:
    """Give some Units without their Sites, and how many there are in all.

    Parameters
    ----------
    words
        Each stands in the id, the name, the township, the district, or a former id; one letter is enough.
    where
        As for `read_units`.
    sort
        One of SORTS; what the register does not say comes last, equal ones by id.
    limit
        So many at most, after the first `offset`; None for all.
    """
    if sort not in SORTS:
        raise ValueError(sort)
    which, values = _which(words, where)
    count = db.execute(f"select count(*) from units where {which}", values).fetchone()[0]
    way = "desc" if descending else "asc"
    found = db.execute(
        f"select {', '.join(_FIELDS)} from units where {which} "
        f"order by ({sort} is null or {sort} = ''), {sort} {way}, id limit ? offset ?",
        [*values, -1 if limit is None else limit, offset],
    )
    return [_unit(row) for row in found], int(count)


def count_by(db: Database, name: str) -> dict[str, int]:
    """Give how many Units have each value of a field of text, by value."""
    if name not in ("kind", "district", "township"):
        raise ValueError(name)
    rows = db.execute(
        f"select {name}, count(*) from units where site_of = '' group by {name} order by {name}"
    )
    return dict(rows.fetchall())


def read_unit(db: Database, key: str) -> Unit | None:
    """Give one Unit or Site, or None."""
    row = db.execute(f"select {', '.join(_FIELDS)} from units where id = ?", [key]).fetchone()
    return None if row is None else _unit(row)


def read_unit_names(db: Database) -> dict[str, str]:
    """Give the names of all Units by id, without their Sites."""
    return dict(db.execute("select id, name from units where site_of = '' order by id").fetchall())


def read_sites(db: Database, key: str) -> list[Unit]:
    """Give the Sites of a Unit by id."""
    found = db.execute(f"select {', '.join(_FIELDS)} from units where site_of = ? order by id", [key])
    return [_unit(row) for row in found]


def put_aliases(tx: Transaction, aliases: Mapping[str, str]) -> int:
    """Write former ids, each with the id that its Unit bears now; give how many."""
    return tx.put("aliases", ({"alias": old, "unit": new} for old, new in sorted(aliases.items())))


def read_aliases(db: Database) -> dict[str, str]:
    """Give the id that each former id stands for."""
    return dict(db.execute("select alias, unit from aliases order by alias").fetchall())


def put_reading(tx: Transaction, what: str, shape: str, mapping: Mapping[str, str]) -> None:
    """Keep which column each field was read from in tables of this shape."""
    text = json.dumps(dict(mapping), ensure_ascii=False, sort_keys=True)
    tx.put("readings", [{"what": what, "shape": shape, "mapping": text}])


def read_readings(db: Database, what: str) -> dict[str, dict[str, str]]:
    """Give the kept readings of one kind of table by shape."""
    found = db.execute("select shape, mapping from readings where what = ?", [what])
    return {shape: dict(json.loads(mapping)) for shape, mapping in found}


def rename_elsewhere(db: Database, tx: Transaction, renamed: Mapping[str, str]) -> None:
    """Give Findings, black-outs, past inspections and what the staff's columns name their new ids."""
    if not renamed:
        return
    names = ("unit", "found_on", "domain", "item", "severity")
    found = db.execute(f"select {', '.join(names)} from findings order by unit").fetchall()
    rows = [dict(zip(names, row, strict=True)) for row in found if row[0] in renamed]
    tx.drop("findings", [(row["unit"], row["found_on"], row["item"]) for row in rows])
    tx.put("findings", [row | {"unit": renamed[row["unit"]]} for row in rows])
    staff = db.execute("select * from staff order by id")
    columns = [one[0] for one in staff.description]
    changed = []
    for values in staff.fetchall():
        row = dict(zip(columns, values, strict=True))
        fresh = {
            column: json.dumps(
                sorted(renamed.get(one, one) for one in json.loads(row[column])),
                ensure_ascii=False,
                separators=(",", ":"),
            )
            for column in ("conflicts", "kin", "borrowed", "area")
        }
        if row | fresh != row:
            changed.append(row | fresh)
    tx.put("staff", changed)
    blackouts = [one for one in read_blackouts(db) if one.scope in renamed]
    drop_blackouts(tx, blackouts)
    put_blackouts(tx, [replace(one, scope=renamed[one.scope]) for one in blackouts])
    inspections = [one for one in read_inspections(db) if one.unit in renamed]
    drop_inspections(tx, inspections)
    put_inspections(tx, [replace(one, unit=renamed[one.unit]) for one in inspections])
