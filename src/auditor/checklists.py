"""A domain as one TOML file: read it strictly, and score its checklist the weighted way.

What the plugins that come with auditor share, and what a plugin of a stranger may use: nothing here
knows any one domain.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from math import isfinite
from pathlib import Path
from typing import Any

from auditor.entities import (
    ANSWERS,
    SEVERITIES,
    SLOTS,
    Condition,
    Domain,
    Item,
    Score,
    Unit,
    Window,
)
from auditor.errors import AuditorError
from auditor.i18n import N_, _

EVIDENCE = ("photo", "count", "reading", "doc", "test", "ask")
SOURCES = ("statute", "copy", "unverified")
COMPARATORS = (">=", "<=", ">", "<", "=")

WEIGHTS: Mapping[str, int] = {"veto": 10, "major": 5, "general": 2}
BANDS = ((90, "excellent"), (75, "good"), (60, "pass"))
"""Least points of each band; fewer is "fail"."""

_CODE = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
_KEY = re.compile(r"[a-z][a-z0-9_-]*")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

_NUMBERS = ("students", "boarders", "buses")
_WORDS = ("kind", "district", "township", "ownership", "sponsor")


class BadDomain(AuditorError):
    """A domain's file cannot be taken as it is."""

    sentence = N_("{file}: {item}: {key}: {problem}")


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, and where it stands, for the sentence of an error."""

    file: str
    item: str
    values: Mapping[str, Any]

    def bad(self, key: str, problem: str) -> BadDomain:
        """Give the error that names this place."""
        return BadDomain(file=self.file, item=self.item, key=key, problem=problem)

    def only(self, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        """Refuse a key that is missing or unknown."""
        for key in required:
            if key not in self.values:
                raise self.bad(key, _("is missing; add it"))
        for key in sorted(set(self.values) - set(required) - set(optional)):
            known = ", ".join([*required, *optional])
            raise self.bad(key, _("is no key of this table; known are {known}").format(known=known))

    def text(self, key: str) -> str:
        """Give a text that is not empty."""
        value = self.values[key]
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, _("must be a text that is not empty"))
        return value

    def one_of(self, key: str, known: Sequence[str]) -> str:
        """Give one of the known words."""
        value = self.values[key]
        if not isinstance(value, str) or value not in known:
            raise self.bad(
                key, _("{value} is not one of {known}").format(value=value, known=", ".join(known))
            )
        return value

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """Give an array of tables, empty where the key is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.bad(key, _("must be an array of tables"))
        return value

    def inner(self, values: Mapping[str, Any]) -> _Table:
        """Give a table inside this one, at the same place for the reader."""
        return _Table(self.file, self.item, values)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _condition(table: _Table) -> Condition:
    table.only(("field", "op", "value"))
    field = table.one_of("field", (*_NUMBERS, "canteen", *_WORDS, "tags"))
    value = table.values["value"]
    if field in _NUMBERS:
        op = table.one_of("op", (">", ">=", "="))
        if not _whole(value):
            raise table.bad("value", _("must be a whole number for {field}").format(field=field))
        return Condition(field=field, op=op, value=value)
    if field == "canteen":
        op = table.one_of("op", ("=",))
        if not isinstance(value, bool):
            raise table.bad("value", _("must be true or false for {field}").format(field=field))
        return Condition(field=field, op=op, value=value)
    op = table.one_of("op", ("in",) if field == "tags" else ("=", "in"))
    if op == "=":
        return Condition(field=field, op=op, value=table.text("value"))
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) and word for word in words):
        raise table.bad("value", _("must be a list of texts for {field}").format(field=field))
    return Condition(field=field, op=op, value=tuple(words))


def _conditions(table: _Table) -> tuple[Condition, ...]:
    return tuple(_condition(table.inner(one)) for one in table.tables("applies_when"))


def _minute(table: _Table, key: str) -> int | None:
    if key not in table.values:
        return None
    value = table.values[key]
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise table.bad(key, _("must be a time like 10:30"))
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


def _window(table: _Table, minutes: int) -> Window:
    table.only(("slot",), ("earliest", "latest"))
    slot = table.one_of("slot", tuple(SLOTS))
    first, last = SLOTS[slot]
    earliest, latest = _minute(table, "earliest"), _minute(table, "latest")
    opens = first if earliest is None else earliest
    closes = last - minutes if latest is None else latest
    if not first <= opens <= closes <= last - minutes:
        raise table.bad("earliest" if earliest is not None else "latest", _("leaves no time in the half-day"))
    return Window(slot=slot, earliest=earliest, latest=latest)


def _item(table: _Table) -> Item:
    table.only(
        ("code", "zh", "en", "severity", "evidence", "basis", "source"),
        ("op", "value", "unit", "applies_when"),
    )
    if not _CODE.fullmatch(table.text("code")):
        raise table.bad("code", _("must be capitals, a hyphen and a number, like FIR-01"))
    sources = table.values["source"]
    if not isinstance(sources, list) or not sources or not all(one in SOURCES for one in sources):
        raise table.bad("source", _("must be a list of {known}").format(known=", ".join(SOURCES)))
    number = [key for key in ("op", "value", "unit") if key in table.values]
    op, value, unit = "", None, ""
    if number:
        for key in ("op", "value", "unit"):
            if key not in number:
                raise table.bad(key, _("is missing; op, value and unit go together"))
        op, unit = table.one_of("op", COMPARATORS), table.text("unit")
        value = table.values["value"]
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise table.bad("value", _("must be a number"))
    return Item(
        code=table.text("code"),
        zh=table.text("zh"),
        en=table.text("en"),
        severity=table.one_of("severity", SEVERITIES),
        evidence=table.one_of("evidence", EVIDENCE),
        basis=table.text("basis"),
        source=tuple(sources),
        op=op,
        value=None if value is None else float(value),
        unit=unit,
        applies_when=_conditions(table),
    )


def load_domain(source: Path | Traversable) -> Domain:
    """Read a domain from its TOML file, strictly.

    Raises
    ------
    BadDomain
        Naming file, Item code (or its place where it has none) and key, if the file cannot be read
        or is not TOML, if a key is missing, unknown or of the wrong kind, or if two Items have
        one code.
    """
    file = source.name
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDomain(file=file, item=_("the file"), key="TOML", problem=error) from error
    head = _Table(file, _("the head"), document)
    head.only(("key", "version", "zh", "en", "minutes", "windows", "items"), ("applies_when",))
    if not _KEY.fullmatch(head.text("key")):
        raise head.bad("key", _("must be small letters, digits, hyphens"))
    minutes = document["minutes"]
    if not _whole(minutes) or not 1 <= minutes <= 180:
        raise head.bad("minutes", _("must be a whole number from 1 to 180"))
    windows = tuple(_window(head.inner(one), minutes) for one in head.tables("windows"))
    if not windows:
        raise head.bad("windows", _("is empty; give at least one half-day"))
    if len({window.slot for window in windows}) < len(windows):
        raise head.bad("windows", _("has a half-day twice"))
    items: list[Item] = []
    for number, values in enumerate(head.tables("items"), start=1):
        name = values.get("code")
        place = name if isinstance(name, str) and name else _("item {number}").format(number=number)
        table = _Table(file, place, values)
        item = _item(table)
        if item.code in {other.code for other in items}:
            raise table.bad("code", _("stands twice in the file"))
        items.append(item)
    if not items:
        raise head.bad("items", _("is empty; a domain has at least one item"))
    return Domain(
        key=head.text("key"),
        version=head.text("version"),
        zh=head.text("zh"),
        en=head.text("en"),
        minutes=minutes,
        items=tuple(items),
        windows=windows,
        applies_when=_conditions(head),
    )


def applicable(domain: Domain, unit: Unit) -> tuple[Item, ...]:
    """Give the Items that are looked at in this Unit; none where the Domain does not apply."""
    if not domain.applies(unit):
        return ()
    return tuple(
        item for item in domain.items if all(condition.holds(unit) for condition in item.applies_when)
    )


def score_weighted(domain: Domain, unit: Unit, answers: Mapping[str, str]) -> Score:
    """Score answers by severity: veto, major, general Items weigh 10, 5, 2; "partly" counts half.

    Items that do not apply or were answered "na" leave both sides (合理缺项). What was not checked
    leaves the points too, but holds back the band: it is "" while an applicable veto Item, or more
    than a fifth of all applicable Items, is unchecked. A failed veto Item decides at once: "fail".

    Parameters
    ----------
    answers
        Item code to answer; an Item that is missing was not checked.

    Returns
    -------
    Score with points of 100 cut (not rounded) to one decimal, so that they never show a band that
    was not reached; `of` counts applicable Items, `checked` those with an answer.

    Raises
    ------
    ValueError
        If an answer is none of ``entities.ANSWERS``.
    """
    for code in sorted(answers):
        if answers[code] not in ANSWERS:
            raise ValueError(f"{code}: {answers[code]}")

    def answer(item: Item) -> str:
        return answers.get(item.code, "not-checked")

    counted = [item for item in applicable(domain, unit) if answer(item) != "na"]
    checked = [item for item in counted if answer(item) != "not-checked"]
    halves = {"pass": 2, "partly": 1, "fail": 0}
    most = sum(2 * WEIGHTS[item.severity] for item in checked)
    got = sum(halves[answer(item)] * WEIGHTS[item.severity] for item in checked)
    vetoed = tuple(item.code for item in checked if item.severity == "veto" and answer(item) == "fail")
    veto_open = any(item.severity == "veto" for item in counted if item not in checked)
    if vetoed:
        band = "fail"
    elif not checked or veto_open or 5 * (len(counted) - len(checked)) > len(counted):
        band = ""
    else:
        band = next((name for least, name in BANDS if 100 * got >= least * most), "fail")
    return Score(
        points=(1000 * got // most) / 10 if most else None,
        band=band,
        checked=len(checked),
        of=len(counted),
        vetoed=vetoed,
    )
