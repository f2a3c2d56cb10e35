"""A plan as it stands after its repairs: kept sealed beside what was sealed, which never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from auditor.draw.outcomes import outcome_records
from auditor.i18n import _
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import put_sealed, read_sealed
from auditor.store.writing import Transaction
from auditor.workflow.sealing import NotTheSealedPlan, Sealed, open_plan

PART = "repairs"
"""Under which name the sealed repairs of a number are kept."""
BLOCK = 65_536
"""Sealed repairs are a multiple of so many bytes long."""
FIXED = ("unit", "draw", "domains", "slot", "start", "source")
"""What no repair changes of a visit."""
COUNTED = frozenset(["objective_m", "bound_m", "departures", "secrecy", "fairness", "share"])
"""What a plan's record says of its making, which repairs do not count again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The visits of a number as they stand, with what repairs did; without one they are as sealed.

    `left` holds the visits that could not be placed, each with `reason` and `evidence` beside its
    record; `gone` those that were dropped with an outcome. `absent` gives the first and last day of
    every absence by neutral id, `postponed` reason, approver and day of visits that were moved to another
    day, and which day it `was` at first. `log` has an entry for each repair, with its diff.
    """

    visits: Sequence[Mapping[str, Any]]
    left: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: Sequence[str] = ()
    absent: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    postponed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    log: Sequence[Mapping[str, Any]] = ()


def read_current(db: Database, record: Mapping[str, Any], identity: str) -> tuple[Sealed, Current]:
    """Open the sealed plan of a number and its repairs.

    Raises
    ------
    age.NotSealedForThisKey, NotTheSealedPlan
        The latter also where the repairs lose or alter a visit that was sealed.
    """
    sealed = open_plan(db, record, identity)
    kept = read_sealed(db, record["number"], PART)
    if kept is None:
        return sealed, Current(visits=sealed.record["visits"])
    what = _("the repairs of number {number}").format(number=record["number"])
    try:
        current = Current(**json.loads(age.unseal(kept, identity, what)))
        there = {one["id"]: one for one in (*current.visits, *current.left.values())}
        whole = all(
            one["id"] in current.gone or all(there[one["id"]].get(name) == one.get(name) for name in FIXED)
            for one in sealed.record["visits"]
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotTheSealedPlan(what=what) from error
    if not whole:
        raise NotTheSealedPlan(what=what)
    return sealed, current


def moved_counts(current: Current) -> dict[str, int]:
    """Count the visits that somebody postponed and those that he moved to an earlier day: both are public."""
    days = [(one["date"], one.get("was", "")) for one in current.postponed.values()]
    return {
        "postponed": sum(day > was for day, was in days),
        "moved_earlier": sum(day < was for day, was in days),
    }


def as_it_stands(record: Mapping[str, Any], current: Current) -> dict[str, Any]:
    """Give the record of a sealed plan as its repairs left it.

    What was counted or chosen when it was sealed (COUNTED) is not in it; `unplaced` holds the visits too
    that a repair left out, `repairs` says how many there were.
    """
    left = [
        {key: one[key] for key in ("id", "unit", "draw", "domains", "reason", "evidence") if key in one}
        for one in current.left.values()
    ]
    return {
        **{key: value for key, value in record.items() if key not in COUNTED},
        "visits": list(current.visits),
        "unplaced": [*record["unplaced"], *left],
        "repairs": len(current.log),
    }


def put_current(tx: Transaction, number: int, current: Current, recipient: str) -> None:
    """Seal the repairs of a number for the planning key."""
    data = json.dumps(asdict(current), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    size = -(-len(data) // BLOCK) * BLOCK
    put_sealed(tx, number, PART, age.seal(data, [recipient], size, _("the repairs")))


def unrecorded(current: Current, known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name the visits that stand and of which nobody said what became; what was left out has its reason."""
    return [one["id"] for one in current.visits if one["id"] not in known]


def outcomes_after(
    sealed: Sealed, current: Current, known: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Write the outcomes of a closed number: with date and team that a repaired visit really had.

    A visit that could not be placed and has no outcome is cancelled for that reason; one that was
    postponed says why, where its outcome says nothing else.
    """
    now = {one["id"]: one for one in current.visits}
    told: dict[str, dict[str, Any]] = {}
    for visit in sealed.record["visits"]:
        name = visit["id"]
        if name in known:
            found = dict(known[name])
            if name in now and found["outcome"] != "cancelled":
                for part in ("date", "team"):
                    if now[name][part] != visit[part]:
                        found.setdefault(part, now[name][part])
            if name in current.postponed and not found["reason"]:
                found["reason"] = current.postponed[name]["reason"]
            told[name] = found
        elif name in current.left:
            told[name] = {"outcome": "cancelled", "reason": current.left[name]["reason"]}
    return outcome_records(sealed.record["visits"], told)
