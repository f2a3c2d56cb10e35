"""Read a domain's file strictly: all faults for its author, or the first of them when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import tomli
from msgspec import UNSET

from auditor.checklists.tables import DomainTable, HeadTable, ItemTable, WhenTable, WindowTable
from auditor.entities import (
    KINDS,
    SLOTS,
    AllOf,
    AnyOf,
    Condition,
    Determination,
    Domain,
    FollowUp,
    Item,
    ShareRule,
    When,
    Window,
)
from auditor.errors import AuditorError, toml_fault
from auditor.i18n import N_, _, listed

Line = Callable[[int, str], int]
MOST_DEPTH = 8
"""Conditions stand in one another no deeper than this."""
HEAD, ITEMS = -1, -2
"""The places of a fault of the head, and of all items together; else the number of the item."""

_NUMBERS = ("students", "boarders", "buses")


class Named(Protocol):
    """What a domain is read from: a file of a disk, of a package, or of a bundle."""

    @property
    def name(self) -> str:
        """Its name, for the sentence of a fault."""

    def read_bytes(self) -> bytes:
        """Its bytes."""


class BadDomain(AuditorError):
    """A domain's file cannot be taken as it is."""

    sentence = N_("{file}: {item}: {key}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a file: the line where its item (or the file) begins, code "" for the head.

    Of a spreadsheet `sheet` is the sheet's name, and the line the number of the row.
    """

    file: str
    line: int
    code: str
    key: str
    problem: str
    sheet: str = ""


_HINTS: Mapping[str, str] = {
    "key": N_("must be small letters, digits, hyphens, at most 32"),
    "version": N_("must be numbers with points between, like 2026.1"),
    "code": N_("must be capitals, a hyphen and a number, like FIR-01"),
    "same_as": N_("must be the code of an item, like FIR-01"),
    "retired": N_("must be a list of codes, like FIR-01"),
    "minutes": N_("must be a whole number from 1 to 180"),
    "people": N_("must be a whole number from 1 to 9"),
    "windows": N_(
        "must be tables with slot = morning, afternoon or evening, and earliest, latest like 10:30"
    ),
    "severity": N_("must be veto, major or general"),
    "evidence": N_("must be photo, count, reading, document, test or ask"),
    "source": N_("must be a list of statute, copy, unverified"),
    "op": N_("must be >=, <=, >, < or ="),
    "value": N_("must be a number"),
    "scheme": N_("must be a list of direct, composite, key, fine"),
    "weight": N_("must be a number above 0"),
    "per": N_("must be building, room or vehicle"),
    "follow_up": N_('must be a list of tables like {on = "fail", ask = "photo"}'),
    "rectify_days": N_("must be a whole number of days from 0 to 365"),
    "profile": N_("must be weighted, grade, key-items, major-hazard or campus"),
    "applies_when": N_('must be a table like {field = "boarders", op = ">", value = 0}, or with all or any'),
    "score": N_('must hold bands, a list of tables like {least = 85, name = "good"}'),
    "determination": N_("must hold rule, count, document, from, to, shares"),
    "hazard": N_("must hold veto, major, general: days from 0 to 365"),
    "items": N_("is empty; a domain has at least one item"),
}
"""What each key must be; every other one is a text that is not empty."""


def find_faults(source: Named) -> list[Fault]:
    """Give every fault of a file, item by item and key by key, in the order of the file."""
    document, fault = _document(source)
    if fault is not None:
        return [fault]
    lines = enumerate(_text(source).splitlines(), start=1)
    heads = [number for number, line in lines if re.match(r"\s*\[\[\s*items\s*\]\]", line)]
    return faults_of(source.name, document, lambda at, key: heads[at] if 0 <= at < len(heads) else 1)


def faults_of(file: str, document: Mapping[str, Any], line: Line) -> list[Fault]:
    """Give every fault of what a file or a sheet holds: of shape first, and where there are none of meaning.

    Parameters
    ----------
    line
        Gives the line of a key of the item `at` (-1: the head).
    """
    finder = _Finder(file, line)
    found = list(finder.shape(document))
    whole = {key: value for key, value in document.items() if key != "items"}
    head = None if HEAD in finder.bad else msgspec.convert(whole, HeadTable)
    given = [] if ITEMS in finder.bad else document["items"]
    items = {at: msgspec.convert(one, ItemTable) for at, one in enumerate(given) if at not in finder.bad}
    return found + list(finder.meaning(head, items))


def load_domain(source: Named) -> Domain:
    """Read a domain from its TOML file, strictly, with or without a BOM.

    Raises
    ------
    BadDomain
        Naming file, Item code (or its place where it has none) and key of the first fault.
    """
    document, fault = _document(source)
    if fault is not None:
        raise BadDomain(file=fault.file, item=_("the file"), key=fault.key, problem=fault.problem)
    return read_domain(source.name, document)


def read_domain(file: str, document: Mapping[str, Any]) -> Domain:
    """Read a domain from what its file holds, dates as dates or as text; `file` is its name.

    Raises
    ------
    BadDomain
        As `load_domain` does.
    """
    finder = _Finder(file, lambda at, key: 0)
    try:
        table = msgspec.convert(document, DomainTable)
    except msgspec.ValidationError:
        fault = next(finder.shape(document))
    else:
        found = next(finder.meaning(table, dict(enumerate(table.items))), None)
        if found is None:
            return _domain(table)
        fault = found
    raise BadDomain(file=file, item=fault.code or _("the head"), key=fault.key, problem=fault.problem)


def _text(source: Named) -> str:
    return source.read_bytes().decode("utf-8-sig")


def _document(source: Named) -> tuple[dict[str, Any], Fault | None]:
    try:
        document = tomli.loads(_text(source))
        if not _is_shallow(document):
            raise ValueError(
                _("its tables stand in one another more than {most} deep").format(most=4 * MOST_DEPTH)
            )
        return document, None
    except (OSError, ValueError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        return {}, Fault(
            file=source.name, line=int(at[1]) if at else 1, code="", key="TOML", problem=toml_fault(error)
        )


def _is_shallow(document: Mapping[str, Any]) -> bool:
    """Whether nothing stands deeper than any domain needs: what reads it afterwards calls itself."""
    level: list[Any] = [document]
    for _depth in range(4 * MOST_DEPTH):
        level = [
            part for one in level for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]  # fmt: skip
        if not level:
            return True
    return False


class _Finder:
    """Finds all faults of what one file holds."""

    def __init__(self, file: str, line: Line) -> None:
        self.file, self.line = file, line
        self.bad: set[int] = set()
        """The items, and -1 for the head, of which any fault is known."""

    def fault(self, at: int, code: str, key: str, problem: str) -> Fault:
        """Make a fault of the item `at` (-1: the head)."""
        self.bad.add(at)
        line = self.line(max(at, HEAD), re.split(r"[.\[]", key)[0])
        return Fault(file=self.file, line=line, code=code, key=key, problem=problem)

    def shape(self, document: Mapping[str, Any]) -> Iterator[Fault]:
        """Give what types, closed lists and patterns refuse."""
        items = document.get("items", [])
        yield from self._keys(document, DomainTable, HEAD, "")
        if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
            yield self.fault(ITEMS, "", "items", _(_HINTS["items"]))
            return
        for at, values in enumerate(items):
            name = values.get("code")
            code = name if isinstance(name, str) and name else _("item {number}").format(number=at + 1)
            yield from self._keys(values, ItemTable, at, code)

    def _keys(
        self,
        values: Mapping[str, Any],
        table: type[msgspec.Struct],
        at: int,
        code: str,
    ) -> Iterator[Fault]:
        fields = {one.encode_name: one for one in msgspec.structs.fields(table)}
        for key in values:
            if key not in fields:
                problem = _("is no key of this table; known are {known}").format(known=", ".join(fields))
                yield self.fault(at, code, key, problem)
        for key, one in fields.items():
            if key == "items":
                continue
            if key not in values:
                if one.required:
                    yield self.fault(at, code, key, _("is missing; add it"))
                continue
            try:
                msgspec.convert(values[key], one.type)
            except msgspec.ValidationError as error:
                hint = (
                    _(_HINTS[key])
                    if key in _HINTS
                    else _("must be a text that is not empty, without control characters")
                )
                where = re.search(r"at `\$(.+)`", str(error))
                found = _(" (found {value})").format(value=str(_inside(values[key], where and where[1]))[:40])
                yield self.fault(at, code, key + (where[1] if where else ""), hint + found)

    def meaning(self, head: HeadTable | None, items: Mapping[int, ItemTable]) -> Iterator[Fault]:
        """Give the faults that no type shows: doubles, halves of a number, conditions that mean nothing.

        Parameters
        ----------
        head, items
            What has its shape: None, and left out, where not.
        """
        whole = not self.bad
        mine, codes = {item.code for item in items.values()}, set[str]()
        for at, item in items.items():
            if item.code in codes:
                yield self.fault(at, item.code, "code", _("stands twice in the file"))
            if head is not None and item.code in head.retired:
                yield self.fault(at, item.code, "code", _("is retired; a retired code is never used again"))
            codes.add(item.code)
            number = [key for key in ("op", "value", "unit") if getattr(item, key) is not UNSET]
            for key in ("op", "value", "unit"):
                if number and key not in number:
                    yield self.fault(at, item.code, key, _("is missing; op, value and unit go together"))
            if len(set(item.source)) < len(item.source):
                yield self.fault(at, item.code, "source", _("has a word twice"))
            if item.same_as in mine:
                yield self.fault(at, item.code, "same_as", _("points to an item of the same domain"))
            for problem in _when_faults(item.applies_when):
                yield self.fault(at, item.code, "applies_when", problem)
        if head is not None:
            yield from self._of_head(head, codes if whole else None)

    def _of_head(self, head: HeadTable, codes: Container[str] | None) -> Iterator[Fault]:
        slots = [window.slot for window in head.windows]
        if len(set(slots)) < len(slots):
            yield self.fault(HEAD, "", "windows", _("has a half-day twice"))
        for window in head.windows:
            first, last = SLOTS[window.slot]
            opens = first if window.earliest is UNSET else _minute(window.earliest)
            closes = last - head.minutes if window.latest is UNSET else _minute(window.latest)
            if not first <= opens <= closes <= last - head.minutes:
                which = "earliest" if window.latest is UNSET else "latest"
                yield self.fault(HEAD, "", f"windows.{which}", _("leaves no time in the half-day"))
        for problem in _when_faults(head.applies_when):
            yield self.fault(HEAD, "", "applies_when", problem)
        if head.score is not UNSET:
            least = [band.least for band in head.score.bands]
            if least != sorted(least, reverse=True) or len(set(least)) < len(least):
                problem = _("bands: write them from the highest on, each least score once")
                yield self.fault(HEAD, "", "score", problem)
            elif len(least) < (most := 3 if head.profile in ("key-items", "major-hazard") else 2):
                yield self.fault(HEAD, "", "score", _("bands: write at least {count}").format(count=most))
        if head.determination is not UNSET and codes is not None:
            strange = [code for code in sorted(head.determination.shares) if code not in codes]
            if strange:
                problem = _("shares: {code} is no item here").format(code=strange[0])
                yield self.fault(HEAD, "", "determination", problem)


def _inside(value: Any, path: str | None) -> Any:
    """Give the part of a value that a path like ``[0].slot`` names; the value where it names none."""
    for step in re.findall(r"\[(\d+)\]|\.(\w+)", path or ""):
        try:
            value = value[int(step[0])] if step[0] else value[step[1]]
        except (KeyError, IndexError, TypeError):
            break
    return value


def _when_faults(value: object, depth: int = 0) -> Iterator[str]:
    """Say what is wrong with conditions whose shape is right."""
    if depth > MOST_DEPTH:
        yield _("all and any stand in one another more than {most} deep").format(most=MOST_DEPTH)
        return
    if isinstance(value, list):
        for one in value:
            yield from _when_faults(one, depth)
        return
    if not isinstance(value, WhenTable):
        return
    simple = [one for one in (value.field, value.op, value.value) if one is not UNSET]
    groups = [one for one in (value.all, value.any) if one is not UNSET]
    if len(groups) + bool(simple) != 1 or (simple and len(simple) < 3):
        yield _("write field, op and value, or all, or any")
        return
    for group in groups:
        yield from _when_faults(group, depth + 1)
    if not simple:
        return
    found = value.value
    if value.field in _NUMBERS:
        if value.op == "in" or not isinstance(found, int) or isinstance(found, bool):
            yield _("{field}: write >, >=, <, <= or =, and as value a whole number").format(field=value.field)
    elif value.field == "canteen":
        if value.op != "=" or not isinstance(found, bool):
            yield _("{field}: write op =, and the value true or false").format(field=value.field)
    elif value.op not in ("=", "in") or (value.field == "tags" and value.op != "in"):
        yield _("{field}: write {ops}").format(
            field=value.field, ops="in" if value.field == "tags" else "=, in"
        )
    elif not isinstance(found, str if value.op == "=" else str | list):
        yield _("{field}: write a text, or a list of texts after in").format(field=value.field)
    elif value.field == "kind":
        words = found if isinstance(found, list) else [found]
        strange = [str(one) for one in words if one not in KINDS]
        if strange:
            yield _("{word} is no kind; write one of {known}").format(
                word=strange[0], known=listed((*KINDS, *KINDS.values()))
            )


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _when(value: WhenTable) -> When:
    if value.all is not UNSET:
        return AllOf(parts=tuple(map(_when, value.all)))
    if value.any is not UNSET:
        return AnyOf(parts=tuple(map(_when, value.any)))
    found: Any = value.value
    if value.op == "in":
        found = tuple(found) if isinstance(found, list) else (found,)
    return Condition(field=str(value.field), op=str(value.op), value=found)


def _whens(value: object) -> tuple[When, ...]:
    if isinstance(value, WhenTable):
        return (_when(value),)
    return tuple(map(_when, value)) if isinstance(value, list) else ()


def _window(table: WindowTable) -> Window:
    return Window(
        slot=table.slot,
        earliest=None if table.earliest is UNSET else _minute(table.earliest),
        latest=None if table.latest is UNSET else _minute(table.latest),
    )


def _or(value: Any, other: Any) -> Any:
    return other if value is UNSET else value


def _item(table: ItemTable) -> Item:
    return Item(
        code=table.code,
        zh=table.zh,
        en=table.en,
        severity=table.severity,
        evidence=table.evidence,
        basis=table.basis,
        source=tuple(table.source),
        op=_or(table.op, ""),
        value=_or(table.value, None),
        unit=_or(table.unit, ""),
        applies_when=_whens(table.applies_when),
        scheme=tuple(table.scheme),
        weight=_or(table.weight, None),
        per=_or(table.per, ""),
        same_as=_or(table.same_as, ""),
        follow_up=tuple(FollowUp(on=one.on, ask=one.ask) for one in table.follow_up),
        rectify_days=_or(table.rectify_days, None),
        how=_or(table.how, ""),
        fault=_or(table.fault, ""),
        penalty=_or(table.penalty, ""),
    )


def _domain(table: DomainTable) -> Domain:
    rule = Determination()
    if table.determination is not UNSET:
        given = table.determination
        rule = Determination(
            rule=_or(given.rule, ""),
            count=_or(given.count, None),
            document=_or(given.document, ""),
            from_on=_or(given.from_on, None),
            to_on=_or(given.to_on, None),
            shares=tuple(
                ShareRule(code=code, scheme=one.scheme, op=one.op, value=one.value)
                for code, one in sorted(given.shares.items())
            ),
        )
    days = table.hazard
    return Domain(
        key=table.key,
        version=table.version,
        zh=table.zh,
        en=table.en,
        minutes=table.minutes,
        items=tuple(map(_item, table.items)),
        windows=tuple(map(_window, table.windows)),
        applies_when=_whens(table.applies_when),
        people=table.people,
        profile=table.profile,
        retired=tuple(table.retired),
        bands=() if table.score is UNSET else tuple((one.least, one.name) for one in table.score.bands),
        determination=rule,
        rectify_days=None
        if days is UNSET
        else {"veto": days.veto, "major": days.major, "general": days.general},
    )
