"""What is frozen before a draw, section 2 of the contract: the frame and the field."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.draw.probabilities import MILLION
from auditor.entities import Staff
from auditor.errors import AuditorError
from auditor.i18n import N_

MOST_UNITS = 1_000_000
MOST_STAFF = 300
MOST_DAYS = 400
MOST_DOMAINS = 32


class BadName(AuditorError):
    """An id, or what stands beside it in a frame, that the contract refuses."""

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


def visible(name: str) -> str:
    """Write a name in quotes so that what a screen hides shows: ``'a\\u200b'``; Chinese stays as it is."""
    return repr(name) if name_fault(name) != "not NFC" else ascii(name)


def frame_record(units: Sequence[FrameUnit], domains: Sequence[str]) -> dict[str, Any]:
    """Write the frame of a draw, units sorted by id.

    A unit in which all `domains` of the spec are inspected has no key of its own for them.

    Raises
    ------
    BadName
        If a unit stands in it twice, has a name that a draw refuses, a probability that is none,
        no domain, or one that is not among `domains`.
    TooLarge
        If there are more units or domains than the contract allows.
    """
    for count, what, most in ((len(units), "units", MOST_UNITS), (len(domains), "domains", MOST_DOMAINS)):
        if count > most:
            raise TooLarge(count=count, what=what, most=most)
    rows: list[dict[str, Any]] = []
    every = sorted(set(domains))
    known = set(every)
    for unit in sorted(units, key=lambda unit: unit.id):
        own = sorted(set(unit.domains))
        for what, name, why in (
            ("id", unit.id, name_fault(unit.id)),
            ("id", unit.id, "twice in the frame" if rows and rows[-1]["id"] == unit.id else ""),
            ("stratum", unit.stratum, name_fault(unit.stratum)),
            ("stratum", unit.stratum, "reserved" if unit.stratum == "final" else ""),
            ("pi", unit.pi, "" if 0 < unit.pi <= MILLION else "not from 1 to a million"),
            ("domains", own, "" if own and known.issuperset(own) else "not of this programme"),
        ):
            if why:
                raise BadName(unit=unit.id, what=what, name=visible(str(name)), why=why)
        row: dict[str, Any] = {"id": unit.id, "stratum": unit.stratum, "pi": unit.pi}
        if own != every:
            row["domains"] = own
        if unit.closed:
            row["closed"] = sorted(set(unit.closed))
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
                "domains": sorted(set(one.domains)),
                "conflicts": {
                    "units": sorted(set(one.conflict_units)),
                    "strata": sorted(set(one.conflict_strata)),
                },
                "free": sorted(set(one.free)),
            }
            for one in sorted(staff, key=lambda one: one.id)
        ],
        "days": sorted(set(days)),
    }
