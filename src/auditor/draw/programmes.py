"""A programme (抽查计划): what is inspected in a period, on which basis, how it is drawn; one TOML file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tomli

from auditor.draw.frames import MOST_DAYS, MOST_DOMAINS, name_fault, visible
from auditor.draw.probabilities import MILLION
from auditor.entities import SLOTS
from auditor.errors import USAGE, AuditorError, toml_fault
from auditor.i18n import N_, _

KIND = "sample"
LEAST_FLOOR = 300_000
"""The least chance of a unit, in millionths of the mean chance, that needs no word of consent."""
WEEKLY = Fraction(1, 4)
TEAM = 2
"""Inspectors in a team, where a programme does not say."""
MOST_TEAM = 4
KEPT = 2
"""Half-days of everyone that stay for later draws, where a programme does not say."""
STRATA = ("township", "district", "kind", "none")
MODES = ("明查", "暗访", "夜查", "联合", "回头看")
ORDERED = ("交办", "应急")
"""A basis that begins so is an order, and has the number of its document."""
CERTAIN = ("grade", "overdue-major")

CARS = 2
"""Cars in each half-day, where a programme does not say."""
MOST_CARS, MOST_SEATS, MOST_PARTNERS = 150, 9, 8
MOST_STARTS = 8
REVISIT_GAP_DAYS = 92
"""About three months."""
DRIVER = "司机"
"""Who fills the seat of a driver; a partner cannot be called so."""

KEYS = (
    "id", "name", "kind", "from", "to", "basis", "item", "document", "domains", "domains_each", "units",
    "share", "capacity", "floor", "strata", "certain", "grades", "team", "weekly", "modes", "cap",
    "cap_enterprises", "keep", "revisit_gap_days", "cars", "driver_seat", "mix", "partners",
    "starts",
)  # fmt: skip


def _cars_everywhere() -> dict[str, int]:
    return dict.fromkeys(SLOTS, CARS)


class BadProgramme(AuditorError):
    """A programme's file that cannot be taken; every fault is named."""

    exit_code = USAGE
    sentence = N_("{file}: {faults}; nothing was kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What a programme's file says.

    Of `units`, `share` at most one is there; neither means that the number follows from capacity.
    `floor` is in millionths; `weekly` the part of all visits that weekly floor draws are expected to
    make, 0 for none. `document` is the number of the order where the basis is one, `item` the item of
    the year's inspection list. `cap` and `cap_enterprises` are visits a unit may have in a year, None
    where there is no limit. `keep` is how many half-days of everyone stay for later draws.
    `revisit_gap_days` is how long a unit is left alone in the domains of its last visit, 0 for no gap;
    `cars` how many sorties may be out in each kind of half-day; `mix` whether a team must be of two
    departments; `partners` the seats that other departments fill in each sortie, by who fills them;
    `starts` other places where sorties may start and end, latitude and longitude as text by name.
    """

    id: str
    name: str
    first: date
    last: date
    basis: str
    item: str = ""
    document: str = ""
    domains: tuple[str, ...]
    domains_each: int | None = None
    units: int | None = None
    share: Fraction | None = None
    floor: int = LEAST_FLOOR
    strata: str = "township"
    certain: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    team: int = TEAM
    weekly: Fraction = WEEKLY
    modes: tuple[str, ...] = ("明查",)
    cap: int | None = None
    cap_enterprises: int | None = None
    keep: int = KEPT
    revisit_gap_days: int = REVISIT_GAP_DAYS
    cars: Mapping[str, int] = field(default_factory=_cars_everywhere)
    driver_seat: bool = False
    mix: bool = False
    partners: Mapping[str, int] = field(default_factory=dict)
    starts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def seats(self) -> dict[str, int]:
        """The seats of each sortie that nobody of the staff fills: partners by name, the driver last."""
        return dict(sorted(self.partners.items())) | ({DRIVER: 1} if self.driver_seat else {})


class _Fault(Exception):
    """One thing that is wrong with one key."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 500:
        raise _Fault(_("write a text in quotation marks, not empty, at most 500 characters"))
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in value):
        raise _Fault(_("control characters and letters that nobody sees cannot stand in it"))
    return value.strip()


def _short(value: object) -> str:
    """Write what somebody typed so that nothing hidden or endless comes into a sentence."""
    text = str(value)
    head = text[:60]
    return (visible(head) if name_fault(head) else head) + ("…" if len(text) > 60 else "")


def _name(value: object) -> str:
    text = _text(value)
    if (why := name_fault(text)) or len(text) > 80:
        raise _Fault(_("{name} cannot be an id ({why})").format(name=visible(text[:80]), why=why or "> 80"))
    return text


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _Fault(_("write a date like 2026-12-01"))


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _Fault(_("write a whole number from {low} to {high}").format(low=low, high=high))
        return value

    return read


def _part(
    value: object, most: Fraction, *, least: Fraction = Fraction(0), open_end: bool = False
) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Fault(_("write a number such as 0.25"))
    # an exponent of millions would be written out in full, for minutes
    if isinstance(value, Decimal) and not (
        value.is_finite() and len(str(value)) <= 40 and abs(value.adjusted()) <= 40
    ):
        raise _Fault(_("write a number such as 0.25"))
    part = Fraction(value)
    if not least <= part <= most or (open_end and part == most):
        raise _Fault(_("{value} lies outside {low} to {high}").format(value=value, low=least, high=most))
    return part


def _floor(value: object) -> int:
    part = _part(value, Fraction(1)) * MILLION
    if part.denominator != 1:
        raise _Fault(_("write at most six decimals"))
    return int(part)


def _among(known: tuple[str, ...]) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not words or not all(isinstance(one, str) for one in words):
            raise _Fault(_("write a list of texts"))
        strange = [one for one in words if known and one not in known]
        if strange:
            raise _Fault(
                _("{word} is none of {known}").format(word=_short(strange[0]), known=", ".join(known))
            )
        return tuple(dict.fromkeys(words))

    return read


def _domains(value: object) -> tuple[str, ...]:
    words = _among(())(value)
    if len(words) > MOST_DOMAINS:
        raise _Fault(_("at most {most} domains").format(most=MOST_DOMAINS))
    return tuple(sorted({_name(one) for one in words}))


def _grades(value: object) -> tuple[str, ...]:
    return tuple(_name(one) for one in _among(())(value))


def _number(value: object) -> int | None:
    if value == "capacity":
        return None
    return _whole(1, 1_000_000)(value)


def _choice(known: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise _Fault(_("{word} is none of {known}").format(word=_short(value), known=", ".join(known)))
        return str(value)

    return read


def _cars(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return dict.fromkeys(SLOTS, _whole(0, MOST_CARS)(value))
    for slot, count in value.items():
        if slot not in SLOTS:
            raise _Fault(_("{word} is none of {known}").format(word=_short(slot), known=", ".join(SLOTS)))
        _whole(0, MOST_CARS)(count)
    return _cars_everywhere() | value


_SEATS = re.compile(r"(.*\D)([0-9]{1,4})\s*人?")


def _partners(value: object) -> dict[str, int]:
    """Read ``["公安1人"]``, or ``{ "公安" = 1 }``, where TOML wants the quotation marks."""
    if isinstance(value, dict):
        several = list(value.items())
    else:
        matches = [_SEATS.fullmatch(word.strip()) for word in _among(())(value)]
        several = [(found[1], int(found[2])) for found in matches if found is not None]
        if len(several) < len(matches):
            raise _Fault(_('write who fills how many seats, such as ["公安1人"]'))
    found: dict[str, int] = {}
    for who, count in several:
        name = _name(who)
        if name == DRIVER:
            raise _Fault(_("a driver is no partner: write driver_seat = true"))
        if name in found:
            raise _Fault(_("{name} stands twice").format(name=name))
        found[name] = _whole(1, MOST_SEATS)(count)
    if not 1 <= len(found) <= MOST_PARTNERS:
        raise _Fault(_('write who fills how many seats, such as ["公安1人"]'))
    return found


_POINT = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\s*[,，]\s*(-?[0-9]{1,2}(?:\.[0-9]{1,8})?)\s*")


def _starts(value: object) -> dict[str, tuple[str, str]]:
    """Read ``{ "城西督导站" = "105.2108,30.5205" }``: longitude first, as everywhere that one is typed."""
    if not isinstance(value, dict) or not 1 <= len(value) <= MOST_STARTS:
        raise _Fault(
            _('write names and points of 1 to 8 places, such as { "城西督导站" = "105.2108,30.5205" }')
        )
    found = {}
    for name, point in value.items():
        matched = _POINT.fullmatch(point) if isinstance(point, str) else None
        if matched is None or abs(Decimal(matched[1])) > 180 or abs(Decimal(matched[2])) > 90:
            raise _Fault(_("{name}: write its point like 105.2108,30.5205").format(name=_short(name)))
        found[_name(name)] = (matched[2], matched[1])
    return found


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Fault(_("write true or false, without quotation marks"))
    return value


def _by_capacity(value: object) -> bool:
    if value is not True:
        raise _Fault(_("write true, or leave it out"))
    return True


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "id": _name, "name": _text, "kind": _choice((KIND,)), "from": _day, "to": _day, "basis": _text,
    "item": _text, "document": _text, "domains": _domains,
    "domains_each": _whole(1, MOST_DOMAINS), "units": _number,
    "share": lambda value: _part(value, Fraction(1), least=Fraction(1, MILLION)),
    "capacity": _by_capacity, "floor": _floor, "strata": _choice(STRATA), "certain": _among(CERTAIN),
    "grades": _grades, "team": _whole(1, MOST_TEAM),
    "weekly": lambda value: _part(value, Fraction(1), open_end=True), "modes": _among(MODES),
    "cap": _whole(1, 366), "cap_enterprises": _whole(1, 366), "keep": _whole(0, 366),
    "revisit_gap_days": _whole(0, 366), "cars": _cars, "driver_seat": _truth, "mix": _truth,
    "partners": _partners, "starts": _starts,
}  # fmt: skip

_REQUIRED = ("id", "name", "from", "to", "basis", "domains")


def read_programme(data: bytes, file: object) -> Programme:
    """Read a programme's file.

    Parameters
    ----------
    data
        TOML in UTF-8, a byte order mark allowed.
    file
        What the file is called in an error.

    Raises
    ------
    BadProgramme
        Naming every key that is missing, unknown or wrong, with what to write.
    """
    try:
        # BOM and decimals: floats never come near a draw
        table = tomli.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise BadProgramme(file=file, faults=_("not UTF-8; save it as UTF-8")) from error
    except (tomli.TOMLDecodeError, RecursionError, ValueError, ArithmeticError) as error:
        raise BadProgramme(
            file=file,
            faults=_(
                "not TOML: {error} (texts stand in straight quotation marks, dates are written 2026-12-01)"
            ).format(error=toml_fault(error)),
        ) from error
    faults: list[str] = []
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            faults.append(
                _("{key} is no key of a programme; known are {known}").format(
                    key=_short(key), known=", ".join(KEYS)
                )
            )
            continue
        try:
            found[key] = _READERS[key](value)
        except _Fault as fault:
            faults.append(f"{key}: {fault}")
    faults += [_("{key} is missing").format(key=key) for key in _REQUIRED if key not in table]
    faults += _together(table, found)
    if faults:
        raise BadProgramme(file=file, faults="; ".join(faults), each=tuple(faults))
    names = {"from": "first", "to": "last"}
    return Programme(
        **{names.get(key, key): value for key, value in found.items() if key not in ("kind", "capacity")}
    )


def _together(table: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Name what is wrong between keys."""
    faults = []
    if "from" in found and "to" in found:
        if found["to"] < found["from"]:
            faults.append(_("to lies before from"))
        elif (found["to"] - found["from"]).days >= MOST_DAYS:
            faults.append(_("the period has more than {most} days").format(most=MOST_DAYS))
    numbers = [key for key in ("units", "share", "capacity") if key in table]
    if len(numbers) > 1:
        faults.append(_("{keys}: write one of them").format(keys=", ".join(numbers)))
    basis = found.get("basis", "")
    if (
        basis.startswith(ORDERED)
        and "document" not in table
        and not any(letter.isdigit() for letter in basis)
    ):
        faults.append(
            _("basis: an order ({order}) needs the number of its document, here or as document").format(
                order=basis[:2]
            )
        )
    each = found.get("domains_each")
    if each is not None and "domains" in found and each > len(found["domains"]):
        faults.append(_("domains_each: there are only {count} domains").format(count=len(found["domains"])))
    if found.get("mix") and found.get("team", TEAM) < 2:
        faults.append(_("mix: one person cannot be of two departments; write team = 2 or more"))
    if "grade" in found.get("certain", ()) and "grades" not in table:
        faults.append(_('certain: grade needs grades, such as grades = ["red"]'))
    return faults
