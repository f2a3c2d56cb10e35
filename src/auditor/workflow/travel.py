"""The travel table of a bureau (islands, mountains): read, kept, frozen with a number, given to the plan.

A table is a square of minutes or kilometres, the first row and column naming places, or a list of
from, to and how far. What it does not say is stated and taken from the way back, else from great circles;
what cannot be true is refused with its cell. Nothing of a unit is lost with a way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _, labelled, listed, some
from auditor.plan import legs
from auditor.plan.problem import Travel
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_numbers
from auditor.store.records import read_settings
from auditor.store.travel import Leg, put_travel, read_travel
from auditor.store.units import read_aliases, read_units
from auditor.store.writing import write_tx
from auditor.tables.errors import NotATable
from auditor.tables.reading import read_tables
from auditor.tables.table import Cell, Table
from auditor.workflow.means import frozen_travel, travel_facts
from auditor.workflow.plans import FACTOR, SPEED_KMH, Places, start_of

START = ""
"""Where the inspectors start, among the places."""
STARTS = ("起点", "出发点", "start", "bureau", "局", "本局", "教育局")
UNKNOWN = frozenset(["", "-", "–", "—", "/", "无", "null", "none", "nan", "na", "n/a", "-1", "∞"])
"""Cells that say nothing of a way."""
MEASURES = {
    "minutes": ("minutes", "minute", "min", "mins", "分钟", "分", "用时", "时间", "车程"),
    "km": ("km", "公里", "千米", "kilometres", "kilometers", "里程"),
    "metres": ("metres", "meters", "metre", "m", "米", "距离"),
}
FROM = ("from", "从", "出发", "出发地", "origin")
TO = ("to", "到", "到达", "目的地", "destination")
MOST = {"minutes": 1440.0, "km": 2000.0, "metres": 2_000_000.0}
MOST_WORDS = {"minutes": N_("over {most} min"), "km": N_("over {most} km"), "metres": N_("over {most} m")}
UNIT_WORDS = {"minutes": N_("{n} min"), "metres": N_("{n} m")}
FASTEST_KMH = 150
"""Faster than this nobody drives: metres and minutes of a cell do not belong together."""
SHOWN = 12
"""So many faults of a table are told one by one."""


class NoTravelTable(AuditorError):
    """A file does not look like a travel table."""

    exit_code = USAGE
    sentence = N_(
        "{file}: no table of ways is in it: write places in the first row and column and the measure "
        "(minutes, km or metres; 分钟、公里或米) in the corner cell, or the columns from, to, minutes, km"
    )


class NoWays(AuditorError):
    """A travel table says of no two places that are known how far they are apart."""

    exit_code = USAGE
    sentence = N_(
        "{file}: it says no way between two places of the register, nothing was kept; name units by id or "
        "full name and the bureau 起点, and see which words it has: {words}"
    )


class TravelRefused(AuditorError):
    """Cells of a travel table cannot be true; nothing was kept."""

    exit_code = USAGE
    sentence = N_("{file}: {count} cells cannot be so, nothing was kept: {cells}")


class OtherWays(AuditorError):
    """A table that is named when a plan is made is not the one that its number froze."""

    exit_code = USAGE
    sentence = N_(
        "{file}: number {number} was frozen with other ways, and they stay as they are; plan it without "
        "--travel, and for numbers to come: auditor units travel import FILE, then auditor draw freeze"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRead:
    """What a file says: the ways between known places, and what it does not say.

    `blank` are cells that say nothing, `unknown` names of no unit, `missing` units that are not in it;
    `beyond` are cells under no heading, which were passed over.
    """

    legs: Mapping[tuple[str, str], Leg]
    blank: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    beyond: tuple[str, ...] = ()


def read_file(db: Database, path: Path, encoding: str | None = None) -> TravelRead:
    """Read a travel table against the register; sheets add up (one of minutes, one of kilometres).

    Raises
    ------
    NoTravelTable, TravelRefused, NoWays, and what `read_tables` raises
    """
    reader = _Reader(db)
    try:
        tables = read_tables(path, encoding=encoding)
    except NotATable as error:
        raise NoTravelTable(file=path) from error
    found = [reader.table(table) for table in tables]
    if not any(found):
        raise NoTravelTable(file=path)
    reader.judge_speeds()
    if reader.faults:
        cells = some(reader.faults, SHOWN)
        raise TravelRefused(file=path, count=len(reader.faults), cells=cells)
    if not reader.legs:
        raise NoWays(file=path, words=some(sorted(reader.unknown) or reader.blank, SHOWN))
    named = {place for pair in reader.legs for place in pair}
    return TravelRead(
        legs={pair: (one.get("metres"), one.get("minutes")) for pair, one in reader.legs.items()},
        blank=tuple(reader.blank),
        unknown=tuple(sorted(reader.unknown)),
        missing=tuple(one for one in reader.units if one not in named),
        beyond=tuple(reader.beyond),
    )


def column(number: int) -> str:
    """Give the letters of a column, the first being 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Reader:
    """One reading: the places of the register by every name, and what was found so far."""

    def __init__(self, db: Database) -> None:
        units = read_units(db)
        self.units = sorted(unit.id for unit in units if not unit.closed)
        names: dict[str, set[str]] = {}
        for unit in units:
            names.setdefault(unit.name.strip(), set()).add(unit.id)
        self.names = names
        self.ids = {unit.id: unit.id for unit in units}
        self.ids |= {alias: unit for alias, unit in read_aliases(db).items() if unit in self.ids}
        self.starts = {*STARTS, read_settings(db).get("name", STARTS[0]).strip().lower()}
        self.legs: dict[tuple[str, str], dict[str, int]] = {}
        self.where: dict[tuple[str, str, str], str] = {}
        self.points = {
            unit.id: (unit.lat, unit.lng) for unit in units if unit.lat is not None and unit.lng is not None
        }
        if "start_lat" in read_settings(db):
            self.points[START] = start_of(db)
        self.blank: list[str] = []
        self.beyond: list[str] = []
        self.unknown: set[str] = set()
        self.faults: list[str] = []

    def place(self, cell: Cell, at: str) -> str | None:
        """The id of a place that a cell names; None for none, which is noted."""
        word = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell or "").strip()
        if not word:
            return None
        if word.lower() in self.starts:
            return START
        if word in self.ids:
            return self.ids[word]
        named = self.names.get(word, set())
        if len(named) > 1:
            self._fault(at, word, _("several units are called so: {ids}").format(ids=listed(sorted(named))))
        elif not named:
            self.unknown.add(word)
        return min(named) if len(named) == 1 else None

    def table(self, table: Table) -> bool:
        """Read one sheet; False where it holds no ways."""
        rows = [(number, row) for number, row in table.rows if any(cell not in (None, "") for cell in row)]
        if len(rows) < 2:
            return False
        sheet = f"{table.sheet}!" if table.sheet else ""
        head = [_word(cell) for cell in rows[0][1]]
        origin = next((at for at, word in enumerate(head) if word in FROM), None)
        to = next((at for at, word in enumerate(head) if word in TO), None)
        if origin is not None and to is not None:
            measures = {at: found for at, word in enumerate(head) if (found := _measure(word))}
            if not measures:
                return False
            self._note_beyond(sheet, rows, head)
            for number, row in rows[1:]:
                self._listed(sheet, number, row, origin, to, measures)
            return True
        measure = _measure(head[0])
        if not measure:
            return False
        self._note_beyond(sheet, rows, head)
        self._square(sheet, rows, measure)
        return True

    def _note_beyond(
        self, sheet: str, rows: Sequence[tuple[int, tuple[Cell, ...]]], head: Sequence[str]
    ) -> None:
        """Note the cells that stand under no heading."""
        for number, row in rows[1:]:
            for at, cell in enumerate(row):
                if _word(cell) and not (at < len(head) and head[at]):
                    self.beyond.append(f"{sheet}{column(at)}{number}")

    def _fault(self, at: str, cell: Cell, why: str) -> None:
        """Note a cell that cannot be so, with what it says and why."""
        said = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        self.faults.append(labelled(f"{at} {said}", why))

    def _listed(
        self, sheet: str, number: int, row: Sequence[Cell], origin: int, to: int, measures: Mapping[int, str]
    ) -> None:
        cells = dict(enumerate(row))
        ends = [self.place(cells.get(at), f"{sheet}{column(at)}{number}") for at in (origin, to)]
        for at, measure in measures.items():
            self._keep(ends[0], ends[1], measure, cells.get(at), f"{sheet}{column(at)}{number}")

    def _square(self, sheet: str, rows: Sequence[tuple[int, tuple[Cell, ...]]], measure: str) -> None:
        top = rows[0][0]
        across = {
            at: self.place(cell, f"{sheet}{column(at)}{top}") for at, cell in enumerate(rows[0][1]) if at
        }
        for number, row in rows[1:]:
            origin = self.place(row[0], f"{sheet}A{number}")
            cells = dict(enumerate(row))
            for at, to in across.items():
                self._keep(origin, to, measure, cells.get(at), f"{sheet}{column(at)}{number}")

    def _keep(self, origin: str | None, to: str | None, measure: str, cell: Cell, at: str) -> None:
        """Keep what one cell says, note that it says nothing, or that it cannot be so."""
        if origin is None or to is None:
            return
        value = _number(cell)
        if origin == to:
            if value:  # from a place to itself it is no way at all
                self._fault(at, cell, _("from a place to itself"))
            return
        if value is None:
            self.blank.append(at)
            return
        if math.isnan(value):
            self._fault(at, cell, _("no number"))
            return
        if not 0 <= value <= MOST[measure]:
            most = _(MOST_WORDS[measure]).format(most=f"{MOST[measure]:g}")
            self._fault(at, cell, _("negative") if value < 0 else most)
            return
        name = "minutes" if measure == "minutes" else "metres"
        metres = math.floor(value * (1000 if measure == "km" else 1) + 0.5)
        whole = math.ceil(value) if name == "minutes" else metres
        known = self.legs.setdefault((origin, to), {})
        if known.get(name, whole) != whole:
            other = _("{cell} says {value} of the same way").format(
                cell=self.where[origin, to, name],
                value=_(UNIT_WORDS[name]).format(n=known[name]),
            )
            self._fault(at, cell, other)
            return
        known[name] = whole
        self.where[origin, to, name] = at

    def judge_speeds(self) -> None:
        """Refuse ways on which nobody can drive so fast: by the table's metres, and by the straight line.

        The straight line is asked of places that the register has a point for.
        """
        for (origin, to), one in self.legs.items():
            if "minutes" not in one:
                continue
            straight = 0
            if origin in self.points and to in self.points:
                straight = legs.metres(self.points[origin], self.points[to], 1000)
            metres = max(straight, one.get("metres", 0))
            if metres * 60 <= FASTEST_KMH * 1000 * max(1, one["minutes"]):
                continue
            said = _("{km} km in {minutes} min, faster than {most} km/h")
            if metres > one.get("metres", 0):
                said = _("{km} km in a straight line in {minutes} min, faster than {most} km/h")
            self._fault(
                self.where[origin, to, "minutes"],
                one["minutes"],
                said.format(km=f"{metres / 1000:.1f}", minutes=one["minutes"], most=FASTEST_KMH),
            )


def _word(cell: Cell) -> str:
    return str(cell or "").strip().lower()


def _measure(word: str) -> str | None:
    """The measure that a heading names, alone or in brackets behind other words: 距离(公里)."""
    inner = word.replace("（", "(").replace("）", ")")
    parts = [inner.rpartition("(")[2].rstrip(")").strip(), inner.partition("(")[0].strip()]
    return next((name for part in parts for name, words in MEASURES.items() if part in words), None)


def _number(cell: Cell) -> float | None:
    """The number of a cell; None where it says nothing, not-a-number where it is none."""
    if cell is None or _word(cell) in UNKNOWN or cell == -1:
        return None
    if isinstance(cell, bool):
        return math.nan
    try:
        value = float(str(cell).strip().replace(",", ""))
    except ValueError:
        return math.nan
    return None if math.isinf(value) and value > 0 else value


# Kept, and frozen with a number


def keep(db: Database, found: TravelRead, now: datetime) -> None:
    """Keep a travel table in place of the one that was there."""
    with write_tx(db, "travel import", now) as tx:
        put_travel(tx, db, found.legs)


def drop(db: Database, now: datetime) -> int:
    """Take the travel table away; give how many ways it had."""
    count = len(read_travel(db))
    with write_tx(db, "travel drop", now) as tx:
        put_travel(tx, db, {})
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Metres and minutes between all places of a number, and where they are from.

    `said` ways stand in the bureau's table, `back` are those of the other direction, `circle` great circles.
    """

    travel: Travel
    said: int
    back: int
    circle: int

    def record(self) -> dict[str, Any]:
        """Write it for the frozen parts of a number."""
        return {
            "places": sorted(self.travel.places),
            "metres": [list(row) for row in self.travel.metres],
            "minutes": [list(row) for row in self.travel.minutes],
        }


def measured(db: Database, places: Places) -> Measured | None:
    """Measure all ways between the places of a number by the bureau's table; None where it has none.

    What the table does not say of a way is that of the way back, else the great circle times the road
    factor. Kilometres alone give minutes as on other roads; minutes alone the metres that a car drives in
    them, so that a long ferry is dear in a plan too.
    """
    table = read_travel(db)
    if not table:
        return None
    points = {START: places.start, **places.points, **places.starts}
    ids = sorted(points)
    metres, minutes = [[0] * len(ids) for _ in ids], [[0] * len(ids) for _ in ids]
    counts = {"said": 0, "back": 0, "circle": 0}
    for row, origin in enumerate(ids):
        for at, to in enumerate(ids):
            if origin == to:
                continue
            leg, source = table.get((origin, to)), "said"
            if leg is None:
                leg, source = table.get((to, origin)), "back"
            if leg is None:
                leg, source = (legs.metres(points[origin], points[to], FACTOR), None), "circle"
            metres[row][at], minutes[row][at] = _whole(leg)
            counts[source] += 1
    travel = Travel(places={one: row for row, one in enumerate(ids)}, metres=metres, minutes=minutes)
    return Measured(travel=travel, **counts)


def same_as_frozen(db: Database, programme: str, path: Path) -> None:
    """Go on if all ways of a file are those that the numbers of a programme were frozen with.

    Only numbers that wait for their plan are looked at, and only ways between their places.

    Raises
    ------
    OtherWays, and what `read_file` raises
    """
    said = read_file(db, path).legs
    for record in read_numbers(db):
        if (record["programme"], record["state"]) != (programme, "run"):
            continue
        parts = read_frozen(db, record["number"], "places", "travel")
        known = travel_facts(frozen_travel(parts.get("travel"))) or {}
        inside = {START, *parts["places"]["points"]}
        if any(known.get(pair) != _whole(leg) for pair, leg in said.items() if inside.issuperset(pair)):
            raise OtherWays(file=path, number=record["number"])


def _whole(leg: Leg) -> tuple[int, int]:
    metres, minutes = leg
    if metres is None:
        metres = (minutes or 0) * SPEED_KMH * 1000 // 60
    if minutes is None:
        minutes = legs.minutes(metres, SPEED_KMH)
    return metres, minutes
