"""A programme made from a few fields: what stands in them at first, and the document that they become."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from auditor.draw.programmes import (
    CARS,
    KEPT,
    LEAST_FLOOR,
    MODES,
    REVISIT_GAP_DAYS,
    STRATA,
    TEAM,
    WEEKLY,
    BadProgramme,
    Programme,
)
from auditor.entities import SLOTS
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import read_numbers
from auditor.store.records import read_settings
from auditor.store.staff import read_inspectors
from auditor.workflow import programmes
from auditor.workflow.months import calendar_of, ends_of, month_of
from auditor.workflow.rehearsing import quoted

CAPACITY, UNITS, SHARE = "capacity", "units", "share"
"""How many units are drawn: as many as can be visited, a number, a part of all."""
GRADES = ("red", "orange", "yellow", "blue")
NUMBERS = ("team", "domains_each", "revisit_gap_days", "keep", "cars", "cap", "cap_enterprises")
"""Fields that hold a whole number; empty ones stay with what a programme has where it does not say."""
USUAL: Mapping[str, Any] = {
    "team": TEAM, "revisit_gap_days": REVISIT_GAP_DAYS, "keep": KEPT, "cars": CARS,
}  # fmt: skip


class FaultyFields(AuditorError):
    """Some fields of the form do not make a programme; `faults` says why, by field, "" for the whole."""

    sentence = N_("some fields are not right yet: {told}")

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(told="; ".join(faults.values()))
        self.faults = dict(faults)


def fresh(db: Database, plugins: Plugins, month: str) -> dict[str, Any]:
    """Give what the fields of a new programme of a month show: all that a clerk need not say.

    Basis, item and team are those of the last programme; domains are those that some inspector holds.
    """
    known = programmes.programmes(db)
    last = max(known, key=lambda one: (one.first, one.id), default=None)
    period = month_of(month, calendar_of(db))
    held = {key for one in read_inspectors(db) for key in one.domains}
    when = f"{period.first.year}年{period.first.month}月"
    found = _empty() | {
        "month": month,
        "from": f"{period.first:%Y-%m-%d}",
        "to": f"{period.last:%Y-%m-%d}",
        "name": f"{read_settings(db).get('name', '')}{when}校园安全随机抽查",
        "domains": sorted(held & plugins.domains.keys()) or sorted(plugins.domains),
    }
    if last is not None:
        found |= {"basis": last.basis, "item": last.item, "team": str(last.team)}
    return found


def _empty() -> dict[str, Any]:
    texts = ("month", "from", "to", "name", "basis", "item", "document", "units", "share", *NUMBERS)
    return {
        **dict.fromkeys(texts, ""),
        **{key: str(value) for key, value in USUAL.items()},
        "domains": [],
        "how": CAPACITY,
        "weekly": _percent(WEEKLY),
        "floor": _percent(Decimal(LEAST_FLOOR) / 1_000_000),
        "strata": STRATA[0],
        "grades": [],
        "overdue": "",
        "modes": [MODES[0]],
        "driver_seat": "",
        "mix": "",
    }


def _percent(part: Any) -> str:
    return f"{float(part * 100):g}"


def values_of(programme: Programme) -> dict[str, Any]:
    """Give what the fields of a programme show."""
    how = UNITS if programme.units is not None else SHARE if programme.share is not None else CAPACITY
    cars = set(programme.cars.values())
    return _empty() | {
        "month": f"{programme.first:%Y-%m}",
        "from": f"{programme.first:%Y-%m-%d}",
        "to": f"{programme.last:%Y-%m-%d}",
        "name": programme.name,
        "basis": programme.basis,
        "item": programme.item,
        "document": programme.document,
        "domains": list(programme.domains),
        "how": how,
        "units": str(programme.units or ""),
        "share": "" if programme.share is None else _percent(programme.share),
        "weekly": _percent(programme.weekly),
        "floor": _percent(Decimal(programme.floor) / 1_000_000),
        "strata": programme.strata,
        "grades": list(programme.grades) if "grade" in programme.certain else [],
        "overdue": "yes" if "overdue-major" in programme.certain else "",
        "modes": list(programme.modes),
        "driver_seat": "yes" if programme.driver_seat else "",
        "mix": "yes" if programme.mix else "",
        "team": str(programme.team),
        "domains_each": "" if programme.domains_each is None else str(programme.domains_each),
        "revisit_gap_days": str(programme.revisit_gap_days),
        "keep": str(programme.keep),
        "cars": str(cars.pop()) if len(cars) == 1 else "",
        "cap": "" if programme.cap is None else str(programme.cap),
        "cap_enterprises": "" if programme.cap_enterprises is None else str(programme.cap_enterprises),
    }


def may_change(db: Database, key: str) -> bool:
    """Whether a programme may still be changed: no number was made from it."""
    return all(one["programme"] != key for one in read_numbers(db))


def free_id(db: Database, month: str) -> str:
    """Give an id that no programme has: the month, or the month with a number."""
    taken = {one.id for one in programmes.programmes(db)}
    found, number = month, 1
    while found in taken:
        number += 1
        found = f"{month}-{number}"
    return found


def document(values: Mapping[str, Any], key: str, base: Programme | None = None) -> str:
    """Write the TOML document of a form.

    Parameters
    ----------
    values
        Texts as they were typed, by field, as `fresh` gives them.
    key
        The programme's id.
    base
        The programme that the form showed: what has no field stays as it is there.

    Raises
    ------
    FaultyFields
    """
    faults: dict[str, str] = {}
    first, last = values["from"], values["to"]
    if not (first and last):
        try:
            ends = ends_of(values["month"])
            first, last = first or f"{ends[0]:%Y-%m-%d}", last or f"{ends[1]:%Y-%m-%d}"
        except UsageProblem as error:
            faults["month"] = str(error)
    for name in ("name", "basis"):
        if not values[name]:
            faults[name] = _("write it here: it is printed and published")
    if not values["domains"]:
        faults["domains"] = _("tick at least one domain")
    lines = [
        f"id = {quoted(key)}", f"name = {quoted(values['name'])}",
        f"from = {quoted(first)}", f"to = {quoted(last)}", f"basis = {quoted(values['basis'])}",
        f"domains = {_texts(values['domains'])}",
    ]  # fmt: skip
    lines += [f"{name} = {quoted(values[name])}" for name in ("item", "document") if values[name]]
    how = values["how"]
    if how == UNITS:
        lines.append(f"units = {_whole(values['units'], UNITS, faults)}")
    elif how == SHARE:
        lines.append(f"share = {_part(values['share'], SHARE, faults)}")
    else:
        lines.append("capacity = true")
    lines.append(f"weekly = {_part(values['weekly'], 'weekly', faults)}")
    lines.append(f"floor = {_part(values['floor'], 'floor', faults)}")
    if values["strata"] != STRATA[0]:
        lines.append(f"strata = {quoted(values['strata'])}")
    if values["grades"] or values["overdue"]:
        certain = [
            *(["grade"] if values["grades"] else []),
            *(["overdue-major"] if values["overdue"] else []),
        ]
        lines.append(f"certain = {_texts(certain)}")
    if values["grades"]:
        lines.append(f"grades = {_texts(values['grades'])}")
    if values["modes"] and list(values["modes"]) != [MODES[0]]:
        lines.append(f"modes = {_texts(values['modes'])}")
    for name in NUMBERS:
        if not values[name]:
            continue
        found = _whole(values[name], name, faults)
        if found != str(USUAL.get(name, "")):
            lines.append(f"{name} = {found}")
    lines += [f"{name} = true" for name in ("driver_seat", "mix") if values[name]]
    if base is not None:
        lines += _kept(base, cars=not values["cars"])
    if faults:
        raise FaultyFields(faults)
    return "\n".join(lines) + "\n"


def _kept(base: Programme, *, cars: bool) -> list[str]:
    """Write what of a programme has no field."""
    lines = []
    if cars and len(set(base.cars.values())) > 1:
        lines.append("cars = { " + ", ".join(f"{slot} = {base.cars[slot]}" for slot in SLOTS) + " }")
    if base.partners:
        lines.append(
            "partners = { " + ", ".join(f"{quoted(who)} = {n}" for who, n in base.partners.items()) + " }"
        )
    if base.starts:
        points = (f"{quoted(who)} = {quoted(f'{lng},{lat}')}" for who, (lat, lng) in base.starts.items())
        lines.append("starts = { " + ", ".join(points) + " }")
    return lines


def faults_of(error: BadProgramme) -> dict[str, str]:
    """Say by field what the reader of programmes refused; "" for what belongs to none."""
    found: dict[str, str] = {}
    each = error.facts.get("each")
    for one in each if isinstance(each, tuple) else (error.facts["faults"],):
        name, colon, told = str(one).partition(": ")
        key = name if colon and name in _empty() else ""
        found[key] = "; ".join(filter(None, (found.get(key, ""), told if key else str(one))))
    return found


def _texts(words: Sequence[str]) -> str:
    return "[" + ", ".join(quoted(one) for one in words) + "]"


def _plain(text: str) -> str:
    """Give what somebody typed with full-width digits and signs as the narrow ones."""
    wide = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("．"): ".", ord("％"): "%"}
    return text.translate(wide).strip()


def _whole(text: str, field: str, faults: dict[str, str]) -> str:
    found = _plain(text)
    if not re.fullmatch("[0-9]{1,7}", found):
        faults[field] = _("write a whole number")
        return "0"
    return str(int(found))


def _part(text: str, field: str, faults: dict[str, str]) -> str:
    """Write per cent as the part of one that a programme holds: 25 becomes 0.25."""
    try:
        found = Decimal(_plain(text).rstrip("% "))
        if not (found.is_finite() and 0 <= found <= 100) or found != round(found, 4):
            raise InvalidOperation
    except InvalidOperation:
        faults[field] = _("write a number of per cent from 0 to 100, such as 25")
        return "0.0"
    return f"{found / 100:f}"
