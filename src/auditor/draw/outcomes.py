"""What became of the visits of a plan, section 6 of the contract, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

OUTCOMES = ("done", "closed", "nobody", "refused", "moved", "cancelled", "replaced")
INSPECTED, IN_VAIN = ("done", "moved", "replaced"), ("closed", "nobody", "refused")
"""Outcomes of visits that were made, and of those to which a team went in vain."""
NO_RECORD = "no record"
"""The reason of a visit of which nothing was recorded: it counts as cancelled."""


def outcome_records(
    visits: Sequence[Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Write one outcome for each visit, by id; one that nobody recorded is cancelled, and says so."""
    return [
        {"id": visit["id"], **known.get(visit["id"], {"outcome": "cancelled", "reason": NO_RECORD})}
        for visit in sorted(visits, key=lambda visit: str(visit["id"]))
    ]


def stand_in(
    visit: Mapping[str, Any],
    reserves: Mapping[str, Mapping[str, Sequence[str]]],
    strata: Mapping[str, str],
    visits: Iterable[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> str | None:
    """Give the unit that replaces the one of a visit: the first of the reserve that is not named yet.

    A unit stands in for one unit only; another visit of the same draw to the same unit gets the same.

    Parameters
    ----------
    reserves
        For each draw and stratum the reserve order.
    known
        The outcomes recorded so far, by visit id.

    Returns
    -------
    None where the reserve of its stratum is used up, or its next unit stands in elsewhere already.
    """
    by_id = {one["id"]: one for one in visits}
    stands_for: dict[str, str] = {}
    named: set[str] = set()
    for other, outcome in known.items():
        if outcome["outcome"] == "replaced" and other in by_id:
            replaced = by_id[other]
            stands_for[outcome["by"]] = replaced["unit"]
            if replaced["draw"] == visit["draw"] and strata[replaced["unit"]] == strata[visit["unit"]]:
                named.add(outcome["by"])
    again = [unit for unit in named if stands_for[unit] == visit["unit"]]
    if again:
        return again[0]
    order = reserves[visit["draw"]].get(strata[visit["unit"]], ())
    unit = next((one for one in order if one not in named), None)
    return unit if stands_for.get(unit or "", visit["unit"]) == visit["unit"] else None
