"""A closed plan as it was carried out: after its repairs, visits with the day and team they really had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.draw.outcomes import NO_RECORD
from auditor.store import Database
from auditor.store.numbers import read_frozen_part, read_outcomes, read_released
from auditor.store.records import read_draw
from auditor.workflow.repairs import COUNTED, Current, as_it_stands

CARRIED = "carried"
"""Under which name the plan after its repairs is kept when a number is closed."""

Visit = Mapping[str, Any]


def carried(record: Mapping[str, Any], current: Current) -> dict[str, Any]:
    """Give what a close keeps of a repaired plan: its visits, what was left out, how many repairs."""
    stands = as_it_stands(record, current)
    return {name: stands[name] for name in ("visits", "unplaced", "repairs")}


def carried_out(
    db: Database, of: Mapping[str, Any], record: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Give a closed plan as it was carried out, the visits that fell away, and the outcomes by visit.

    Of a number that was closed without the plan after its repairs (by an earlier version) the outcomes and
    the ordered visits that were released tell it.

    Returns
    -------
    The record without what was counted when it was sealed (COUNTED), with the visits that took people, their
    outcomes and the number of repairs; None where nothing differs from what was sealed. Visits that fell
    away are as they were sealed.
    """
    number = of["number"]
    transcript = read_draw(db, number) or {"outcomes": []}
    known = read_outcomes(db, number) | {one["id"]: dict(one) for one in transcript["outcomes"]}
    outcomes = {
        visit: {key: value for key, value in one.items() if key != "id"} for visit, one in known.items()
    }
    kept = read_frozen_part(db, number, CARRIED)
    after: Sequence[Visit] = record["visits"]
    if kept is not None:
        after = kept["visits"]
    elif of.get("repairs"):
        ordered = [one for _of, one in read_released(db, number) if one["source"] == "directed"]
        after = [*record["visits"], *ordered]
    there = {one["id"] for one in after}
    told = [one for _of, one in read_released(db, number) if one["source"] == "directed"]
    lost = [one for one in (*record["visits"], *told) if one["id"] not in there]
    fallen = [dict(one) for one in after if _fell(outcomes.get(one["id"]))] + [dict(one) for one in lost]
    really = [as_it_was(one, outcomes) for one in after if not _fell(outcomes.get(one["id"]))]
    sealed = {one["id"]: one for one in record["visits"]}
    same = not of.get("repairs") and not fallen and all(one == sealed.get(one["id"]) for one in really)
    if same:
        return None, [], outcomes
    standing = {key: value for key, value in record.items() if key not in COUNTED}
    standing |= kept or {"repairs": of.get("repairs", 0)}
    return standing | {"visits": really, "outcomes": outcomes}, fallen, outcomes


def as_it_was(visit: Visit, outcomes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give a visit with the day and team that its outcome says it really had."""
    found = outcomes.get(visit["id"], {})
    return {**visit, **{key: found[key] for key in ("date", "team") if key in found}}


def _fell(outcome: Mapping[str, Any] | None) -> bool:
    """Whether somebody called a visit off; one of which nobody recorded anything may have been made."""
    return outcome is not None and outcome["outcome"] == "cancelled" and outcome["reason"] != NO_RECORD
