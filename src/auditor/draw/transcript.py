"""The closed transcript, section 6 of the contract: everything that anyone needs to run the draw again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.draw.canon import canon, digest
from auditor.draw.tree import plan_root


def outcomes_done(visits: Sequence[Mapping[str, Any]], reason: str) -> list[dict[str, Any]]:
    """Write every visit as done for one reason, by id."""
    return [
        {"id": visit["id"], "outcome": "done", "reason": reason}
        for visit in sorted(visits, key=lambda visit: str(visit["id"]))
    ]


def transcript(
    *,
    commit: Mapping[str, Any],
    frames: Mapping[str, Any],
    field: Mapping[str, Any],
    shares: Sequence[bytes],
    beacon: Mapping[str, str],
    key: bytes,
    drawn: Mapping[str, Sequence[str]],
    plan: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write the whole transcript; K itself is not in it, the shares are."""
    return {
        "commit": dict(commit),
        "commit_sha256": digest(canon(dict(commit))),
        "frames": dict(frames),
        "field": dict(field),
        "shares": [share.hex() for share in shares],
        "beacon": dict(beacon),
        "drawn": {name: sorted(units) for name, units in sorted(drawn.items())},
        "plan": [dict(visit) for visit in plan],
        "unplaced": [dict(one) for one in unplaced],
        "departures": [dict(one) for one in departures],
        "plan_root": plan_root(key, plan, unplaced, departures),
        "outcomes": [dict(one) for one in outcomes],
    }
