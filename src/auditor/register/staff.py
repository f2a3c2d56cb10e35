"""From rows to office-holders, refused by row with the cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from auditor.entities import ROLES, Person
from auditor.i18n import _, listed
from auditor.register.cells import (
    BLANK,
    Cell,
    Unreadable,
    code,
    code_points,
    day,
    id_fault,
    is_error,
    lost_digits,
    narrow,
    person_name,
    text,
    whole,
)
from auditor.register.columns import STAFF_ALIASES
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

EVERY = ("全部", "所有", "全领域", "all")
"""Words for every domain there is."""

ROLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "leader": ("带班领导", "带班", "领导", "带班人员", "leader"),
    "officer": ("值班员", "值班人员", "值班", "值班干部", "officer"),
    "driver": ("司机", "驾驶员", "driver"),
    "network": ("网络值守", "网络值班", "网络", "network"),
    "inspector": ("检查人员", "检查员", "检查", "督查人员", "督导员", "inspector"),
}
"""How each role may be written; the first word is the one that is printed."""


@dataclass(slots=True)
class StaffReading(Reading):
    """What a list of staff says: people by id, the fields each row has, refused cells, columns, notes."""

    people: dict[str, Person] = field(default_factory=dict)
    present: dict[str, frozenset[str]] = field(default_factory=dict)

    def shown(self, cell: Cell) -> str:
        """Give a cell with what cannot be seen as code points."""
        return code_points(cell) if isinstance(cell, str) else text(cell)


def split(cell: str) -> tuple[str, ...]:
    """Give the words of a cell that holds several, in their order."""
    for mark in "；、,，/\n":
        cell = cell.replace(mark, ";")
    return tuple(dict.fromkeys(one.strip() for one in cell.split(";") if one.strip()))


def read_staff(
    tables: Sequence[SheetLike],
    *,
    file: str,
    mapping: Mapping[str, str],
    where: Mapping[str, str],
    domains: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    kept: Mapping[str, Mapping[str, str]] | None = None,
    inspectors: bool = False,
) -> StaffReading:
    """Read office-holders.

    Parameters
    ----------
    domains
        The key of each name that a domain may be written with.
    titles
        What each domain is called for people, by key.
    inspectors
        Whether the list is of inspectors: it needs domains, and everyone in it inspects. Else a row
        without a role is an inspector if it has domains, and an officer if it has none.
    """
    sheets = read_sheets(
        tables,
        STAFF_ALIASES,
        file=file,
        what=_("list of inspectors") if inspectors else _("list of staff"),
        needed=["name", "domains"] if inspectors else ["name"],
        mapping=mapping,
        where=where,
        kept=kept,
    )
    reading = StaffReading.of(sheets)
    seen: dict[str, tuple[NamedRow, Person]] = {}
    for row in sheets.rows:
        person = _person(row, reading, domains, titles or {}, inspectors)
        if person is None:
            continue
        if person.id in seen:
            first, known = seen[person.id]
            if known == person:
                continue
            reading.refuse(
                row, "id" if person.id != person.name else "name", _("the id stands twice"),
                (
                    _("give each person an id of his own (the other: {place})") if person.id != person.name
                    else _("one person has one row; two of one name need a column 工号 (the other: {place})")
                ).format(place=first.place),
            )  # fmt: skip
            continue
        seen[person.id] = row, person
        reading.people[person.id] = person
        reading.present[person.id] = frozenset(row.cells)
    return reading


def _person(
    row: NamedRow,
    reading: StaffReading,
    domains: Mapping[str, str],
    titles: Mapping[str, str],
    inspectors: bool,
) -> Person | None:
    before = len(reading.refused)
    cells = row.cells
    for one in row.uncomputed:
        reading.refuse(
            row, one, _("a formula that no program has computed"),
            _("open the file in WPS or Excel, save it and import it again"),
        )  # fmt: skip
    name = person_name(cells.get("name"))
    who = narrow(code(cells.get("id")))
    if not name or is_error(cells.get("name")):
        reading.refuse(row, "name", _("the name is missing"), _("write the person's name"))
    if lost_digits(cells.get("id")):
        reading.refuse(
            row, "id", _("a code kept as a number, which has lost its last digits"),
            _("format the column as text and write the code anew"),
        )  # fmt: skip
    elif id_fault(who or name):
        problem = _("an invisible or control character {what}").format(what=id_fault(who or name))
        reading.refuse(row, "id" if who else "name", problem, _("type the cell anew"))
    keys = _domains(row, reading, domains, titles)
    roles = _roles(row, reading)
    half_days = _number(row, reading, "half_days", 4)
    share = _share(row, reading)
    days = {one: _day(row, reading, one) for one in ("from", "to")}
    if days["from"] and days["to"] and days["to"] < days["from"]:
        reading.refuse(row, "to", _("the end is before the start"), _("exchange or mend the two dates"))
    if "roles" in cells and not (roles or keys or inspectors) and len(reading.refused) == before:
        reading.refuse(
            row, "roles", _("no role"),
            _("write {roles}; without such a column all are officers").format(
                roles=listed(words[0] for words in ROLE_WORDS.values())
            ),
        )  # fmt: skip
    if len(reading.refused) > before:
        return None
    if inspectors:
        roles = (*(role for role in roles if role != "inspector"), "inspector")
    elif not roles:
        roles = ("inspector",) if keys else ("officer",)
    return Person(
        id=who or name,
        name=name,
        roles=tuple(role for role in ROLES if role in roles),
        post=text(cells.get("post")),
        phone=code(cells.get("phone")),
        department=text(cells.get("department")),
        domains=tuple(sorted(set(keys))),
        conflicts=tuple(sorted(split(text(cells.get("conflicts"))))),
        half_days=half_days,
        share=share,
        from_on=days["from"],
        to_on=days["to"],
        kin=_places(cells.get("kin")),
        borrowed=_places(cells.get("borrowed")),
        area=_places(cells.get("area")),
    )


def _places(cell: Cell) -> tuple[str, ...]:
    """Give the places that a cell names, sorted; words for nothing (无, —) name none."""
    return tuple(sorted(one for one in split(text(cell)) if one.casefold() not in {*BLANK, "无", "否"}))


def _domains(
    row: NamedRow, reading: StaffReading, domains: Mapping[str, str], titles: Mapping[str, str]
) -> list[str]:
    keys: list[str] = []
    for word in split(text(row.cells.get("domains"))):
        if word.casefold() in BLANK:
            continue
        if word.casefold() in EVERY:
            keys += sorted(set(domains.values()))
            continue
        key = domains.get(word.casefold())
        if key is None:
            keys_known = sorted(set(domains.values()))
            known = listed(titles.get(one, one) for one in keys_known)
            reading.refuse(row, "domains", _("unknown domain {word}").format(word=word),
                           _("write one of {known}").format(known=known))  # fmt: skip
        else:
            keys.append(key)
    return keys


def _roles(row: NamedRow, reading: StaffReading) -> tuple[str, ...]:
    roles = []
    for word in split(text(row.cells.get("roles"))):
        if word.casefold() in BLANK:
            continue
        role = next((key for key, words in ROLE_WORDS.items() if word.casefold() in words), None)
        if role is None:
            known = listed(words[0] for words in ROLE_WORDS.values())
            reading.refuse(row, "roles", _("unknown role {word}").format(word=word),
                           _("write one of {known}").format(known=known))  # fmt: skip
        else:
            roles.append(role)
    return tuple(roles)


def _number(row: NamedRow, reading: StaffReading, one: str, default: int) -> int:
    try:
        value = whole(row.cells.get(one))
    except Unreadable:
        reading.refuse(row, one, _("no whole number"), _("write the half-days a month, like 4"))
        return default
    return default if value is None else value


def _share(row: NamedRow, reading: StaffReading) -> float:
    word = text(row.cells.get("share")).replace("％", "%")
    if word.casefold() in BLANK:
        return 1.0
    try:
        value = float(word.removesuffix("%")) / (100 if word.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        reading.refuse(row, "share", _("no share of a full load"), _("write a number above 0 to 1, like 0.5"))
        return 1.0
    return value


def _day(row: NamedRow, reading: StaffReading, one: str) -> date | None:
    cell = row.cells.get(one)
    if text(cell).casefold() in BLANK:
        return None
    try:
        return day(cell)
    except Unreadable:
        reading.refuse(row, one, _("no date"), _("write it like 2026-12-01"))
        return None
