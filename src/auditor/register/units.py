"""From rows to Units: ids, fields, flags, and what is refused with the cure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from auditor.entities import Unit
from auditor.i18n import _, ngettext, some
from auditor.register.cells import (
    BLANK,
    NO,
    OPEN,
    YES,
    Cell,
    Unreadable,
    code,
    code_points,
    day,
    degrees,
    heading,
    id_fault,
    is_error,
    lost_digits,
    narrow,
    tagged,
    text,
    together,
    whole,
    yes_no,
)
from auditor.register.columns import TAG_COLUMNS, UNIT_ALIASES, UNIT_TITLES
from auditor.register.kinds import kind_of
from auditor.register.points import SYSTEMS, system_of, to_wgs84
from auditor.register.reading import Reading
from auditor.register.sheets import NamedRow, SheetLike, read_sheets

Value = TypeVar("Value")

_CLOSING = re.compile(r"停|撤|关|闭|注销|终止|并入|合并|吊销|closed|ceased|merged", re.IGNORECASE)
_STILL_OPEN = re.compile(r"未|没|^不|非(?!正常)|恢复|复办|在办|^正常|☐|□")
_NOT_YET = re.compile(r"拟|计划|待|将|预|准备|筹|暂停|停业|整顿|整改|停课")
_MONTH = re.compile(r"(20\d\d|19\d\d)(?:[-./年](\d{1,2})?)?[月年]?\D{0,10}")
"""A year, or a year and a month, which words may follow: 2027年9月撤并."""
_WORDS = re.compile(r"[\u3400-\u9fff（）()\s]+")
_TYPED = re.compile(r"^['’‘`](?=[0-9０-９])")
"""What people type before a code to keep its zeros; it is no part of it."""

_STATE = re.compile(r"状态|情况|status")


@dataclass(frozen=True, slots=True)
class Draft:
    """One row read: its Unit, the fields and tags that its sheet has columns for, the row itself.

    `site_of` of the Unit is still the word that the row gives. `own_id` is False where the row has no
    code and the id was made from its name.
    """

    unit: Unit
    present: frozenset[str]
    row: NamedRow
    own_id: bool


@dataclass(slots=True)
class UnitReading(Reading):
    """What a register says: its rows by id, and the flags of fields that were left empty."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    flags: list[dict[str, Any]] = field(default_factory=list)

    @property
    def units(self) -> list[Unit]:
        """The Units by id, Sites among them."""
        return [self.drafts[key].unit for key in sorted(self.drafts)]

    def flag(self, row: NamedRow, unit_id: str, flag: str, value: object, one: str = "") -> None:
        """Note a field that was left empty, or a point that was kept and looks wrong."""
        self.flags.append(
            {
                "unit": unit_id,
                "flag": flag,
                "value": str(value),
                "sheet": row.sheet,
                "row": row.number,
                "column": self.columns.get(one, ""),
            }
        )


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
    crs: str = "wgs84",
    kept: Mapping[str, Mapping[str, str]] | None = None,
    today: dt.date | None = None,
) -> UnitReading:
    """Read the Units of a register; whether anything is refused is for the caller to act on.

    Refused is damage to identity: no name, one id twice, an id or name that cannot be trusted, and a
    formula that was never computed. Everything else loads with the field empty and a flag.

    Parameters
    ----------
    crs
        System of the points of rows that name none, one of SYSTEMS.
    kept
        Mappings given for earlier files, by the shape of the table.
    today
        A Unit that is to close on a later day is open; None takes every day for past.

    Raises
    ------
    NoSuchTable, NoSuchColumn, EmptyTable, NothingFits
    """
    sheets = read_sheets(
        tables,
        UNIT_ALIASES,
        file=file,
        what=_("register of units"),
        needed=["name"],
        mapping=mapping,
        where=where,
        kept=kept,
        with_tags=True,
        with_townships=True,
    )
    reading = UnitReading.of(sheets)
    reader = _Reader(reading, crs, today)
    for row in sheets.rows:
        reader.read(row)
    reader.finish()
    return reading


_NOTHING = BLANK | NO
_IN_OPERATION = BLANK | NO | OPEN


class _Reader:
    """Reads row after row into one `Reading`."""

    def __init__(self, reading: UnitReading, crs: str, today: dt.date | None) -> None:
        self.reading, self.crs, self.today = reading, crs, today
        self.inferred = self.trimmed = self.folded = self.without = self.twice = self.converted = 0
        self.refused_ids: dict[str, NamedRow] = {}
        self.words: dict[str, None] = {}

    def read(self, row: NamedRow) -> None:
        """Read one row; refuse it, or keep it as a draft."""
        reading = self.reading
        name = together(text(row.cells.get("name")))
        if self._uncomputed(row):
            return
        if not name or is_error(row.cells.get("name")):
            problem = _("the name is missing") if not name else _("the sheet shows an error instead")
            reading.refuse(row, "name", problem, _("write the unit's name"))
            return
        district, township = text(row.cells.get("district")), text(row.cells.get("township"))
        unit_id, own = self._id(row, name, district, township)
        if not unit_id:
            return
        if "point" in row.cells and not {"lat", "lng"} & row.cells.keys():
            row = replace(row, cells={**row.cells, **_halves(row.cells["point"])})
        draft = self._draft(row, unit_id, own, name, district, township)
        if unit_id in reading.drafts or unit_id in self.refused_ids:
            self._again(draft)
        else:
            reading.drafts[unit_id] = draft

    def _uncomputed(self, row: NamedRow) -> bool:
        if not row.uncomputed:
            return False
        for one in UNIT_TITLES:
            if one in row.uncomputed:
                self.reading.refuse(
                    row,
                    one,
                    _("a formula that no program has computed"),
                    _("open the file in WPS or Excel, save it and import it again"),
                )
        return bool(row.uncomputed & UNIT_TITLES.keys())

    def _id(self, row: NamedRow, name: str, district: str, township: str) -> tuple[str, bool]:
        """Give a row's id and whether it is its own; "" where it was refused."""
        cell = row.cells.get("id")
        plain = code(cell)
        unit_id = narrow(_TYPED.sub("", plain))
        if no_code(plain):
            unit_id = made_id(name, district, township)
            self.without += "id" in row.cells
            if plain and plain.casefold() not in BLANK:
                self.words.setdefault(plain)
        elif lost_digits(cell):
            self.reading.refuse(
                row, "id", _("a code kept as a number, which has lost its last digits"),
                _("format the column as text and write the code anew"),
                value=f"{float(cell):.6E}" if isinstance(cell, int | float) else cell,
            )  # fmt: skip
            return "", True
        elif is_error(cell):
            self.reading.refuse(row, "id", _("the sheet shows an error instead"), _("write the unit's code"))
            return "", True
        damaged = id_fault(unit_id)
        if damaged:
            where = "name" if no_code(plain) else "id"
            problem = _("an invisible or control character {what}").format(what=damaged)
            self.reading.refuse(row, where, problem, _("type the cell anew"), value=code_points(unit_id))
            return "", True
        if no_code(plain):
            return unit_id, False
        self.trimmed += isinstance(cell, str) and len(cell) != len(plain)
        self.folded += unit_id != plain
        return unit_id, True

    def _draft(
        self, row: NamedRow, unit_id: str, own: bool, name: str, district: str, township: str
    ) -> Draft:
        cells, reading = row.cells, self.reading
        unread: set[str] = set()  # what cannot be read says nothing: the register's own value stands

        def ask(one: str, reader: Callable[[Cell], Value | None], flag: str) -> Value | None:
            if one not in cells:
                return None
            try:
                return reader(cells[one])
            except Unreadable:
                reading.flag(row, unit_id, flag, text(cells[one]), one)
                unread.add(one)
                return None

        lat, lng = self._point(row, unit_id, ask)
        # Where no column says the kind, the name often does: 某某幼儿园, 某某國小. A word that we do not
        # know stays unknown: guessing past it would contradict the register in silence.
        word = text(cells.get("kind"))
        kind = kind_of(word if "kind" in cells else name)
        self.inferred += "kind" not in cells and kind != ""
        if not kind and word.casefold() not in BLANK:
            reading.flag(row, unit_id, "unknown-kind", word, "kind")
            unread.add("kind")
        tags = {tag for tag, cell in row.tags.items() if tagged(cell)}
        if "tags" in cells:
            tags |= {one.strip() for one in text(cells["tags"]).replace("；", ";").split(";") if one.strip()}
        at = row.header.columns.get("closed") if row.header else None
        title = row.header.title(at) if row.header and at is not None else ""
        closed = read_closed(
            text(cells.get("closed")), state=_STATE.search(heading(title)) is not None, today=self.today
        )
        if closed is None:
            reading.flag(row, unit_id, "unclear-closed", text(cells["closed"]), "closed")
            unread.add("closed")
        unit = Unit(
            id=unit_id,
            name=name,
            kind=kind,
            district=district,
            township=township,
            lat=lat,
            lng=lng,
            students=ask("students", whole, "unreadable-number"),
            boarders=ask("boarders", _counted, "unreadable-number"),
            canteen=ask("canteen", yes_no, "unreadable-yes-no"),
            buses=ask("buses", _counted, "unreadable-number"),
            tags=tuple(sorted(tags)),
            ownership=text(cells.get("ownership")),
            sponsor=text(cells.get("sponsor")),
            parent=text(cells.get("parent")),
            closed=closed or "",
            site_of=_of_another(text(cells.get("site_of")), name, unit_id),
        )
        return Draft(unit, frozenset((*cells, *row.tags)) - unread, row, own)

    def _point(
        self, row: NamedRow, unit_id: str, ask: Callable[..., float | None]
    ) -> tuple[float | None, float | None]:
        """Give a row's WGS-84 point, or (None, None) with a flag."""
        if "lat" not in row.cells and "lng" not in row.cells:
            self.reading.flag(row, unit_id, "no-point", "")
            return None, None
        lat = ask("lat", degrees, "unreadable-number")
        lng = ask("lng", degrees, "unreadable-number")
        flag, value = "", f"{lng},{lat}"
        system = self.crs
        word = text(row.cells.get("crs"))
        if word:
            system = system_of(word)
        if lat is None or lng is None:
            flag, value = "no-point", ""
        elif lat == 0 and lng == 0:
            flag = "zero-point"
        elif abs(lat) > 90 and abs(lat) <= 180 and abs(lng) <= 90:
            flag = "swapped-point"
        elif abs(lat) > 90 or abs(lng) > 180:
            flag = "out-of-range"
        elif not system:
            flag, value = "no-point", _("unknown system of coordinates: {word}").format(word=word)
        if flag:
            self.reading.flag(row, unit_id, flag, value, "crs" if not system else "lat")
            return None, None
        if lat is not None and lng is not None and system != SYSTEMS[0]:
            self.converted += 1
            return to_wgs84(lat, lng, system)
        return lat, lng

    def _again(self, draft: Draft) -> None:
        """Take a row whose id stands twice: one Unit if both say the same, else refuse both."""
        reading = self.reading
        first = reading.drafts.get(draft.unit.id)
        if first is not None and _agree(first, draft):
            self.twice += 1
            reading.drafts[draft.unit.id] = _joined(first, draft)
            reading.flags = _once(reading.flags, draft.row, reading.drafts[draft.unit.id].unit)
            return
        before = self.refused_ids.setdefault(draft.unit.id, first.row if first else draft.row)
        known = first.row if first else before
        reading.drafts.pop(draft.unit.id, None)
        reading.flags = [one for one in reading.flags if one["unit"] != draft.unit.id]
        for one, row in ((first, draft.row), (draft, before)):
            if one is None:
                continue
            where = row.place
            apart = one.row.sheet != row.sheet
            cell = one.row.cells.get("id")
            reading.refuse(
                one.row,
                "id" if one.own_id else "name",
                _("the id stands twice") if one.own_id else _("two rows are alike"),
                (
                    _("name the sheets with --sheet, or mend one (the other: {place})")
                    if apart
                    else _("delete the row that is out of date (the other: {place})")
                    if one.own_id and heading(draft.unit.name) == heading(known.cells.get("name"))
                    else _("give each unit a code of its own (the other: {place})")
                    if one.own_id
                    else _("name the column of the codes with --map id=COLUMN (the other: {place})")
                ).format(place=where),
                value=code_points(cell) if isinstance(cell, str) and one.own_id else one.unit.id,
            )

    def finish(self) -> None:
        """Say what was done to the cells on the way."""
        said = [
            (self.inferred, ngettext("kind: read off the name for {n} unit",
                                     "kind: read off the name for {n} units", self.inferred)),
            (self.without, ngettext("{n} row has no code: its id is name, district and township",
                                    "{n} rows have no code: their ids are name, district and township",
                                    self.without)),
            (self.trimmed, ngettext("blanks around the code were taken off in {n} row",
                                    "blanks around the code were taken off in {n} rows", self.trimmed)),
            (self.folded, ngettext("full-width letters or an apostrophe of the code were mended in {n} row",
                                   "full-width letters or an apostrophe of the code were mended in {n} rows",
                                   self.folded)),
            (self.twice, ngettext("{n} row says the same as another: one unit",
                                  "{n} rows say the same as another: one unit each", self.twice)),
            (self.converted, ngettext("{n} point was converted to WGS-84",
                                      "{n} points were converted to WGS-84", self.converted)),
        ]  # fmt: skip
        self.reading.notes += [words.format(n=n) for n, words in said if n]
        if self.words:
            note = _("in the column of codes these words stand for no code: {words}")
            self.reading.notes.append(note.format(words=some(self.words, 5)))
        self.reading.notes += _alike(list(self.reading.drafts))


def _halves(cell: Cell) -> dict[str, Cell]:
    """Part a cell that holds both halves of a point; the longitude is the one above 90, else the first."""
    parts = [part for part in re.split(r"[,，;；/\s]+", text(cell)) if part]
    if len(parts) != 2:
        return (
            {"lng": cell, "lat": cell} if text(cell).casefold() not in BLANK else {"lng": None, "lat": None}
        )
    first, second = parts
    try:
        if abs(degrees(second) or 0) > 90 >= abs(degrees(first) or 0):
            first, second = second, first
    except Unreadable:
        pass
    return {"lng": first, "lat": second}


def _counted(cell: Cell) -> int | None:
    """Read a count where 无 means none."""
    return 0 if isinstance(cell, str) and text(cell) in ("无", "没有") else whole(cell)


def no_code(plain: str) -> bool:
    """Whether a cell of codes holds none: it is blank, or holds words: 无, 待批, 申请中, 同上."""
    return plain.casefold() in BLANK or _WORDS.fullmatch(plain) is not None


def _of_another(word: str, name: str, unit_id: str) -> str:
    """Give the main school that a row names, "" where it names none, or itself."""
    return "" if word.casefold() in _NOTHING or heading(word) in (heading(name), heading(unit_id)) else word


def _agree(one: Draft, other: Draft) -> bool:
    """Whether two rows say the same wherever both say anything."""
    both = one.present & other.present
    fields = (both | {"name"}) & set(UNIT_TITLES) - {"tags", "id"}
    if any(getattr(one.unit, name) != getattr(other.unit, name) for name in fields):
        return False
    tags = both & TAG_COLUMNS.keys()
    return ("tags" not in both or one.unit.tags == other.unit.tags) and all(
        (tag in one.unit.tags) == (tag in other.unit.tags) for tag in tags
    )


def _joined(one: Draft, other: Draft) -> Draft:
    """Give one row for two that agree, with the fields of both."""
    more = (other.present - one.present) & set(UNIT_TITLES) - {"tags", "id", "name"}
    if other.unit.lat is not None and one.unit.lat is None:
        more |= {"lat", "lng"}
    unit = replace(
        one.unit,
        **{name: getattr(other.unit, name) for name in more},
        tags=tuple(sorted({*one.unit.tags, *other.unit.tags})),
    )
    return replace(one, unit=unit, present=one.present | other.present)


def _once(flags: Sequence[dict[str, Any]], row: NamedRow, unit: Unit) -> list[dict[str, Any]]:
    """Give the flags without those of a second row that the first has too, or that the first mends."""
    kept: list[dict[str, Any]] = []
    for flag in flags:
        mine = flag["unit"] == unit.id
        if mine and flag["flag"] == "no-point" and unit.lat is not None:
            continue
        again = (flag["sheet"], flag["row"]) == (row.sheet, row.number) and any(
            (one["unit"], one["flag"], one["value"]) == (flag["unit"], flag["flag"], flag["value"])
            for one in kept
        )
        if not (mine and again):
            kept.append(flag)
    return kept


def _alike(ids: Sequence[str]) -> list[str]:
    """Show ids that differ only by blanks, width or case of what cannot be seen, by code point."""
    groups: dict[str, list[str]] = {}
    for one in ids:
        groups.setdefault(unicodedata.normalize("NFKC", one).replace(" ", ""), []).append(one)
    return [
        _("these codes differ only by blanks or width: {codes}").format(
            codes=", ".join(map(code_points, group))
        )
        for group in groups.values()
        if len(group) > 1
    ]


def read_closed(word: str, *, state: bool = False, today: dt.date | None = None) -> str | None:
    """Read a column of closing: "" for a Unit in operation, its ISO date, or "true"; None if unclear.

    未停办 and 恢复 say that it is open; 拟撤, 待定 and a day to come do not say that it is closed.

    Parameters
    ----------
    state
        Whether the column tells the state (正常, 停办, 筹建 …), so that only a word of closing closes.
    """
    if word.casefold() in _IN_OPERATION or _STILL_OPEN.search(word):
        return ""
    if "保留" in word:
        return None if _CLOSING.search(word) else ""
    found = _MONTH.fullmatch(word)
    try:
        date = day(word).isoformat()
    except Unreadable:
        date = f"{found[1]}-{int(found[2] or 1):02}-01" if found else ""
    if _NOT_YET.search(word) or (date and today is not None and date > today.isoformat()):
        return None
    if date:
        return "true" if found else date
    if _CLOSING.search(word) or word.casefold() in YES:
        return "true"
    return "" if state else None
