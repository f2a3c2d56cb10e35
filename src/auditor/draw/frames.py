"""What is frozen before a draw, section 2 of the contract: the frame and the field."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.entities import Staff
from auditor.errors import AuditorError
from auditor.i18n import N_

MOST_UNITS = 1_000_000
MOST_STAFF = 300
MOST_DAYS = 400


class BadName(AuditorError):
    """An id or stratum that the contract refuses."""

    sentence = N_("unit {unit}: {what} {name} cannot stand in a draw ({why}); change it in the register")


class TooLarge(AuditorError):
    """More than the contract allows."""

    sentence = N_("{count} {what} are more than a draw takes ({most})")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameUnit:
    """One unit of a frame; `pi` in millionths, `domains` and `closed` sorted."""

    id: str
    stratum: str
    pi: int
    domains: tuple[str, ...]
    closed: tuple[str, ...] = ()


def name_fault(name: str) -> str:
    """Say why a name cannot stand in a draw, or give "" for one that can."""
    if not name:
        return "empty"
    if unicodedata.normalize("NFC", name) != name:
        return "not NFC"
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in name):
        return "invisible or control character"
    return ""


def frame_record(units: Sequence[FrameUnit], domains: Sequence[str]) -> dict[str, Any]:
    """Write the frame of a draw, units sorted by id.

    A unit in which all `domains` of the spec are inspected has no key of its own for them.

    Raises
    ------
    BadName, TooLarge
    """
    if len(units) > MOST_UNITS:
        raise TooLarge(count=len(units), what="units", most=MOST_UNITS)
    rows = []
    for unit in sorted(units, key=lambda unit: unit.id):
        for what, name in (("id", unit.id), ("stratum", unit.stratum)):
            why = name_fault(name) or ("reserved" if what == "stratum" and name == "final" else "")
            if why:
                raise BadName(unit=unit.id, what=what, name=ascii(name), why=why)
        row: dict[str, Any] = {"id": unit.id, "stratum": unit.stratum, "pi": unit.pi}
        if tuple(unit.domains) != tuple(sorted(domains)):
            row["domains"] = sorted(unit.domains)
        if unit.closed:
            row["closed"] = sorted(unit.closed)
        rows.append(row)
    return {"units": rows}


def field_record(staff: Sequence[Staff], days: Sequence[str]) -> dict[str, Any]:
    """Write the field of a commitment: staff sorted by neutral id, the working days sorted.

    Raises
    ------
    TooLarge
    """
    for count, what, most in ((len(staff), "staff", MOST_STAFF), (len(days), "days", MOST_DAYS)):
        if count > most:
            raise TooLarge(count=count, what=what, most=most)
    return {
        "staff": [
            {
                "id": one.id,
                "domains": sorted(one.domains),
                "conflicts": {"units": sorted(one.conflict_units), "strata": sorted(one.conflict_strata)},
                "free": sorted(one.free),
            }
            for one in sorted(staff, key=lambda one: one.id)
        ],
        "days": sorted(days),
    }
