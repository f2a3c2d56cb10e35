"""The golden values of the contract, which were not made by this code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.draw.canon import canon, digest
from auditor.draw.lots import sortie_lots, visit_id
from auditor.draw.prf import Coins, prf
from auditor.draw.seed import draw_key, seed_key
from auditor.draw.tree import plan_root
from auditor.draw.units import draw_pivotal, draw_poisson
from auditor.entities import Sortie, Staff, Stop

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """The golden values."""
    return dict(json.loads((HERE / "golden-draws.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def closed() -> dict[str, Any]:
    """The golden transcript."""
    return dict(json.loads((HERE / "golden-transcript.json").read_text(encoding="utf-8")))


def key_of(closed: dict[str, Any]) -> bytes:
    """K of the golden transcript."""
    return seed_key(
        [bytes.fromhex(share) for share in closed["shares"]],
        closed["commit_sha256"],
        closed["beacon"]["value"],
    )


def test_prf_and_below(golden: dict[str, Any]) -> None:
    """HMAC over length-prefixed strings, and numbers without bias."""
    for case in golden["prf"]:
        assert prf(bytes.fromhex(case["key_hex"]), *case["parts"]).hex() == case["hex"]
    below = golden["below"]
    coins = Coins(bytes.fromhex(below["key_hex"]), below["label"])
    assert [coins.below(m) for m in below["m"]] == below["values"]


def test_draws(golden: dict[str, Any]) -> None:
    """Three draws by their keys."""
    for case in golden["draws"]:
        assert draw_pivotal(case["units"], bytes.fromhex(case["key_hex"])) == sorted(case["drawn"])


def test_the_key_of_a_commitment(golden: dict[str, Any]) -> None:
    """K and the keys of its draws, from shares, commitment and value."""
    case = golden["seed"]
    shares = [bytes.fromhex(share) for share in case["shares"]]
    key = seed_key(shares, digest(canon(case["commit"])), case["value"])
    assert key.hex() == case["K"]
    assert {name: draw_key(key, name).hex() for name in case["K_d"]} == case["K_d"]


def test_the_transcript_is_rebuilt_from_shares_and_event(closed: dict[str, Any]) -> None:
    """Hashes, drawn units, visit ids and the root of the plan all follow."""
    assert digest(canon(closed["commit"])) == closed["commit_sha256"]
    key = key_of(closed)
    for draw in closed["commit"]["draws"]:
        units = closed["frames"][draw["key"]]["units"]
        assert digest(canon(closed["frames"][draw["key"]])) == draw["frame_sha256"]
        drawing = draw_pivotal if draw["method"] == "pivotal" else draw_poisson
        assert drawing(units, draw_key(key, draw["key"])) == closed["drawn"][draw["key"]]
    by_unit: dict[str, list[dict[str, Any]]] = {}
    for visit in sorted(closed["plan"], key=lambda visit: (visit["date"], visit["start"])):
        by_unit.setdefault(visit["unit"], []).append(visit)
    for unit, visits in by_unit.items():
        assert [visit["id"] for visit in visits] == [visit_id(key, unit, k) for k in range(len(visits))]
    assert plan_root(key, closed["plan"], closed["unplaced"], closed["departures"]) == closed["plan_root"]


def test_the_lots_of_every_sortie(golden: dict[str, Any], closed: dict[str, Any]) -> None:
    """Leads, days and teams of the transcript's sorties, in lot order."""
    key = key_of(closed)
    strata = {one["id"]: one["stratum"] for frame in closed["frames"].values() for one in frame["units"]}
    shut: dict[str, set[str]] = {}
    for frame in closed["frames"].values():
        for one in frame["units"]:
            shut.setdefault(one["id"], set()).update(one.get("closed", []))
    staff = [
        Staff(
            id=one["id"],
            domains=tuple(one["domains"]),
            conflict_units=tuple(one["conflicts"]["units"]),
            conflict_strata=tuple(one["conflicts"]["strata"]),
            free=tuple(one["free"]),
        )
        for one in closed["field"]["staff"]
    ]
    sorties: dict[str, list[dict[str, Any]]] = {}
    for visit in closed["plan"]:
        if visit["source"] == "drawn":
            sorties.setdefault(visit["sortie"], []).append(visit)
    assert sorties
    for name, visits in sorties.items():
        lots = sortie_lots(
            key,
            Sortie(
                key=name,
                slot=visits[0]["slot"],
                metres=0,
                stops=tuple(
                    Stop(
                        unit=one["unit"], draw=one["draw"], domains=tuple(one["domains"]), minutes=0, start=0
                    )
                    for one in visits
                ),
            ),
            staff=staff,
            team=closed["commit"]["spec"]["team"],
            windows={one["key"]: (one["from"], one["to"]) for one in closed["commit"]["draws"]},
            beacon_day=closed["beacon"]["published_at"][:10],
            days=closed["field"]["days"],
            strata=strata,
            closed=shut,
        )
        expected = next(one for one in golden["lots"]["sorties"] if one["sortie"] == name)
        assert lots.lead == expected["lead"] == visits[0]["lead"]
        assert list(lots.days) == expected["days"]
        given = visits[0]["date"]
        first = expected["teams_of_given_day"]
        assert [list(team) for team in lots.teams[given][: len(first)]] == first
