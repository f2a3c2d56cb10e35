"""From rows to Units: ids, fields, flags, and what is refused with the cure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.entities import Unit
from auditor.i18n import _
from auditor.register.cells import (
    BLANK,
    NO,
    OPEN,
    Unreadable,
    code,
    day,
    degrees,
    id_fault,
    tagged,
    text,
    whole,
    yes_no,
)
from auditor.register.columns import UNIT_ALIASES, UNIT_TITLES
from auditor.register.kinds import kind_of
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

FIELDS = tuple(UNIT_TITLES)


@dataclass(slots=True)
class Reading:
    """What a register says: its Units by id, refused cells, lines left out, columns, flags, notes."""

    units: list[Unit] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    flags: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def made_id(name: str, district: str, township: str) -> str:
    """Make the id of a Unit that has none: name|district|township in NFKC, stable between imports."""
    return "|".join(
        unicodedata.normalize("NFKC", part).strip().replace("|", "/") for part in (name, district, township)
    )


def read_units(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
) -> Reading:
    """Read the Units of a register; whether anything is refused is for the caller to act on.

    Refused is damage to identity: no name, a control or invisible character in an id, one id twice.
    Everything else loads with the field empty and a flag.

    Raises
    ------
    NoSuchTable, NoSuchColumn, EmptyTable
    """
    sheets = read_sheets(
        tables,
        UNIT_ALIASES,
        file=file,
        what=_("register of units"),
        needed=["name"],
        mapping=mapping,
        where=where,
        with_tags=True,
    )
    reading = Reading(columns=sheets.columns, left_out=sheets.left_out)
    seen: dict[str, NamedRow] = {}
    inferred = 0
    for row in sheets.rows:
        unit, guessed = _unit(row, sheets.columns, reading)
        inferred += guessed
        if unit is None:
            continue
        if unit.id in seen:
            first = seen[unit.id]
            own = "id" in row.cells
            cure = (
                _("give each unit a code of its own (the other stands in row {row})")
                if own
                else _("two rows are alike (the other is row {row}); name a column of codes with --map id=…")
            ).format(row=first.number if first.sheet == row.sheet else f"{first.sheet} {first.number}")
            _refuse(
                reading, row, sheets.columns, "id" if own else "name", unit.id, _("the id stands twice"), cure
            )
            continue
        seen[unit.id] = row
        reading.units.append(unit)
    if inferred:
        reading.notes.append(
            _("kind: read off the name for {count} units, since no column says it").format(count=inferred)
        )
    reading.units.sort(key=lambda unit: unit.id)
    return reading


def _refuse(
    reading: Reading,
    row: NamedRow,
    columns: Mapping[str, str],
    one: str,
    value: object,
    problem: str,
    cure: str,
) -> None:
    reading.refused.append(
        {
            "sheet": row.sheet,
            "row": row.number,
            "column": columns.get(one, ""),
            "value": "" if value is None else str(value),
            "problem": problem,
            "cure": cure,
        }
    )


def _unit(row: NamedRow, columns: Mapping[str, str], reading: Reading) -> tuple[Unit | None, bool]:
    """Read one row; give None if it was refused, and whether the kind was read off the name."""
    cells = row.cells
    flags: list[tuple[str, object]] = []

    def ask(one: str, reader: Any, flag: str) -> Any:
        try:
            return reader(cells.get(one))
        except Unreadable:
            flags.append((flag, text(cells.get(one))))
            return None

    name = text(cells.get("name"))
    if not name:
        _refuse(
            reading,
            row,
            columns,
            "name",
            cells.get("name"),
            _("the name is missing"),
            _("write the unit's name"),
        )
        return None, False
    district, township = text(cells.get("district")), text(cells.get("township"))
    unit_id = code(cells["id"]) if "id" in cells else made_id(name, district, township)
    if not unit_id:
        _refuse(reading, row, columns, "id", "", _("the id is missing"), _("write the unit's code"))
        return None, False
    damaged = id_fault(unit_id)
    if damaged:
        _refuse(
            reading,
            row,
            columns,
            "id" if "id" in cells else "name",
            unit_id,
            _("an invisible or control character {what}").format(what=damaged),
            _("type the cell anew"),
        )
        return None, False

    lat, lng = ask("lat", degrees, "unreadable-number"), ask("lng", degrees, "unreadable-number")
    if lat is None or lng is None:
        flags.append(("no-point", ""))
        lat = lng = None
    elif lat == 0 and lng == 0:
        flags.append(("zero-point", "0,0"))
        lat = lng = None
    elif not (-90 <= lat <= 90 and -180 <= lng <= 180):
        flags.append(("out-of-range", f"{lng},{lat}"))
        lat = lng = None
    word = text(cells.get("kind"))
    # Where no column says the kind, the name often does: 某某幼儿园, 某某國小. A word that we do not
    # know stays unknown: guessing past it would contradict the register in silence.
    kind = kind_of(word if "kind" in cells else name)
    if not kind and word.casefold() not in BLANK:
        flags.append(("unknown-kind", word))
    tags = {tag for tag, cell in row.tags.items() if tagged(cell)}
    tags |= {one.strip() for one in text(cells.get("tags")).replace("；", ";").split(";") if one.strip()}
    unit = Unit(
        id=unit_id,
        name=name,
        kind=kind,
        district=district,
        township=township,
        lat=lat,
        lng=lng,
        students=ask("students", whole, "unreadable-number"),
        boarders=ask("boarders", whole, "unreadable-number"),
        canteen=ask("canteen", yes_no, "unreadable-yes-no"),
        buses=ask("buses", whole, "unreadable-number"),
        tags=tuple(sorted(tags)),
        ownership=text(cells.get("ownership")),
        sponsor=text(cells.get("sponsor")),
        parent=text(cells.get("parent")),
        closed=_closed(text(cells.get("closed"))),
    )
    reading.flags += [{"unit": unit_id, "flag": flag, "value": str(value)} for flag, value in flags]
    return unit, "kind" not in cells and kind != ""


def _closed(word: str) -> str:
    """Read a column of closing: "" for a Unit in operation, its ISO date, or "true"."""
    if word.casefold() in BLANK | NO | OPEN:
        return ""
    try:
        return day(word).isoformat()
    except Unreadable:
        return "true"
