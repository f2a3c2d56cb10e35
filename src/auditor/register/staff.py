"""From rows to inspectors and leave, refused by row with the cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from auditor.entities import Inspector, Leave
from auditor.i18n import _
from auditor.register.cells import Unreadable, code, day, id_fault, text, whole
from auditor.register.columns import LEAVE_ALIASES, STAFF_ALIASES
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

EVERY = ("全部", "所有", "all")
"""Words for every domain there is."""


@dataclass(slots=True)
class StaffReading:
    """What a staff or leave table says: values in order, refused cells, columns."""

    inspectors: list[Inspector] = field(default_factory=list)
    leave: list[Leave] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    def refuse(self, row: NamedRow, one: str, problem: str, cure: str) -> None:
        """Note one cell that cannot be taken."""
        self.refused.append(
            {
                "sheet": row.sheet,
                "row": row.number,
                "column": self.columns.get(one, ""),
                "value": text(row.cells.get(one)),
                "problem": problem,
                "cure": cure,
            }
        )


def _list(cell: str) -> tuple[str, ...]:
    for mark in "；、,，":
        cell = cell.replace(mark, ";")
    return tuple(dict.fromkeys(one.strip() for one in cell.split(";") if one.strip()))


def read_inspectors(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    domains: Mapping[str, str],
) -> StaffReading:
    """Read inspectors; `domains` gives the key of each name that a domain may be written with."""
    sheets = read_sheets(
        tables, STAFF_ALIASES, file=file, what=_("list of inspectors"), needed=["name", "domains"],
        mapping=mapping, where=where,
    )  # fmt: skip
    reading = StaffReading(columns=sheets.columns, left_out=sheets.left_out)
    seen: dict[str, int] = {}
    for row in sheets.rows:
        name = text(row.cells.get("name"))
        who = code(row.cells.get("id")) or name
        keys = []
        for word in _list(text(row.cells.get("domains"))):
            if word.casefold() in EVERY:
                keys += sorted(set(domains.values()))
                continue
            key = domains.get(word.casefold())
            if key is None:
                known = ", ".join(sorted(set(domains.values())))
                reading.refuse(row, "domains", _("unknown domain {word}").format(word=word),
                               _("write one of {known}").format(known=known))  # fmt: skip
            else:
                keys.append(key)
        try:
            half_days = whole(row.cells.get("half_days"))
        except Unreadable:
            reading.refuse(row, "half_days", _("no whole number"), _("write the half-days a month, like 4"))
            continue
        if not name:
            reading.refuse(row, "name", _("the name is missing"), _("write the inspector's name"))
        elif id_fault(who):
            problem = _("an invisible or control character {what}").format(what=id_fault(who))
            reading.refuse(row, "id", problem, _("type the cell anew"))
        elif who in seen:
            reading.refuse(row, "id" if "id" in sheets.columns else "name", _("the id stands twice"),
                           _("give each inspector an id of his own (the other stands in row {row})").format(
                               row=seen[who]))  # fmt: skip
        else:
            seen[who] = row.number
            reading.inspectors.append(
                Inspector(
                    id=who,
                    name=name,
                    department=text(row.cells.get("department")),
                    domains=tuple(sorted(set(keys))),
                    conflicts=tuple(sorted(_list(text(row.cells.get("conflicts"))))),
                    half_days=4 if half_days is None else half_days,
                )
            )
    reading.inspectors.sort(key=lambda one: one.id)
    return reading


def read_leave(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    people: Mapping[str, Sequence[str]],
) -> StaffReading:
    """Read leave; `people` gives the ids that an id or a name stands for."""
    sheets = read_sheets(
        tables, LEAVE_ALIASES, file=file, what=_("list of leave"), needed=["person", "from"],
        mapping=mapping, where=where,
    )  # fmt: skip
    reading = StaffReading(columns=sheets.columns, left_out=sheets.left_out)
    found: set[Leave] = set()
    for row in sheets.rows:
        word = text(row.cells.get("person"))
        ids = people.get(word, ())
        if len(ids) != 1:
            problem = _("several people are called so") if ids else _("nobody is called so")
            cure = (
                _("write the id: {ids}").format(ids=", ".join(ids))
                if ids
                else _("write an id or name of `inspectors list`")
            )
            reading.refuse(row, "person", problem, cure)
            continue
        dates: dict[str, date] = {}
        for one in ("from", "to"):
            if one == "to" and not text(row.cells.get(one)):
                if "from" in dates:
                    dates["to"] = dates["from"]
                continue
            try:
                dates[one] = day(row.cells.get(one))
            except Unreadable:
                reading.refuse(row, one, _("no date"), _("write it like 2026-12-01"))
        if len(dates) < 2:
            continue
        if dates["to"] < dates["from"]:
            reading.refuse(row, "to", _("the end is before the start"), _("exchange or mend the two dates"))
            continue
        found.add(
            Leave(person=ids[0], from_on=dates["from"], to_on=dates["to"], kind=text(row.cells.get("kind")))
        )
    reading.leave = sorted(found, key=lambda one: (one.person, one.from_on, one.to_on, one.kind))
    return reading
