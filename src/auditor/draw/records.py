"""The records of section 5 of the contract, from values to what stands in a file."""

from __future__ import annotations

from typing import Any

from auditor.entities import Departure, Unplaced


def unplaced_record(one: Unplaced) -> dict[str, Any]:
    """Write what could not be placed."""
    return {
        "unit": one.unit,
        "draw": one.draw,
        "domains": sorted(one.domains),
        "reason": one.reason,
        "evidence": one.evidence,
    }


def departure_record(one: Departure) -> dict[str, Any]:
    """Write a departure from a lot; a team is a list."""
    return {
        "sortie": one.sortie,
        "of": one.of,
        "lot": one.lot if isinstance(one.lot, str) else sorted(one.lot),
        "given": one.given if isinstance(one.given, str) else sorted(one.given),
        "rank": one.rank,
        "rule": one.rule,
    }
