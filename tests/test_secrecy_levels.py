"""``--secrecy`` from the command to the sealed record: what is frozen, kept, told and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor.plan.secrecy import LEVELS, NEAR_M
from auditor.store.numbers import read_frozen
from auditor.workflow.bureau import opened
from auditor.workflow.means import Means, frozen_means
from auditor.workflow.secrecy import ENOUGH, limits_in, meets_in, public_of, secrecy_text
from sealed import Bureau, county_rows, drawn_simply


@dataclass
class At:
    """A bureau whose number 1 was planned at a level, with what the command said of its secrecy."""

    bureau: Bureau
    level: str
    said: dict[str, Any]


@pytest.fixture(scope="module", params=list(LEVELS))
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> At:
    """One for each level; balanced is what nobody needs to say."""
    bureau = drawn_simply(tmp_path_factory.mktemp(request.param), plan=False)
    extra = () if request.param == "balanced" else ("--secrecy", request.param)
    made = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10, *extra)
    return At(bureau, request.param, made["secrecy"])


def townships() -> dict[str, str]:
    """Where the register's units lie, read from its file."""
    rows = [line.split(",") for line in county_rows()]
    unit, town = (rows[0].index(name) for name in ("学校标识码", "乡镇"))
    return {row[unit]: row[town] for row in rows[1:]}


def test_the_level_is_kept_sealed_and_told_in_counts(at: At) -> None:
    """Balanced unless somebody says otherwise; nobody learns metres without the key."""
    bureau, level, said = at.bureau, at.level, at.said
    record = bureau.sealed(1).record
    kept = record["secrecy"]
    assert kept["level"] == said["level"] == level
    assert (kept["company"], kept["near_m"]) == (LEVELS[level].company, NEAR_M)
    assert said == public_of(record)
    assert set(said) == {"level", "later", "given_away", "price", "cheap"}
    if level == "cheap":
        assert (said["price"], said["cheap"], kept["cheap"]) == (None, None, None)
    else:
        driven = record["objective_m"] - 10_000 * len({one["sortie"] for one in record["visits"]})
        cheap = kept["cheap"]["metres"]
        few = len(record["visits"]) < ENOUGH
        assert said["price"] is None if few else abs(said["price"] - 100 * (driven - cheap) / cheap) <= 0.5
        assert said["cheap"] == {name: kept["cheap"][name] for name in ("later", "given_away", "part")}
        assert "metres" not in json.dumps(said)
        fewest = cheap + 10_000 * kept["cheap"]["sorties"]  # proven: the number is small
        assert fewest <= record["bound_m"] <= record["objective_m"]
    shown = bureau.ok("plan", "show", "--programme", "2026-12")
    assert secrecy_text(said) in shown
    assert bureau.json("plan", "show", "--programme", "2026-12")["secrecy"] == said


def test_no_sortie_has_more_stops_of_a_township_than_the_level_says(at: At) -> None:
    """By the register's own file; the number froze the townships, and the checker knows them."""
    bureau, most = at.bureau, LEVELS[at.level].company
    where = townships()
    sorties: dict[str, list[str]] = {}
    for one in bureau.sealed(1).record["visits"]:
        sorties.setdefault(one["sortie"], []).append(where[one["unit"]])
    counts = [towns.count(town) for towns in sorties.values() for town in towns]
    assert most is None or max(counts) <= most
    with opened(bureau.db) as db:
        frozen = frozen_means(read_frozen(db, 1)["means"]).townships
    assert {unit: name.split("/")[1] for unit, name in frozen.items()} == {
        unit: where[unit] for unit in frozen
    }
    assert len(frozen) == len(where) == 120
    assert bureau.json("plan", "check", "--programme", "2026-12") == []


def test_approval_and_reasons_read_it_too(at: At, tmp_path: Path) -> None:
    """The page to be signed says level, price and what is given away; reasons know the same limits."""
    bureau, said = at.bureau, at.said
    bureau.ok("plan", "submit", "--programme", "2026-12", "--out", tmp_path / "approval")
    page = (tmp_path / "approval" / "approval.html").read_text(encoding="utf-8")
    assert secrecy_text(said) in page
    bureau.ok("plan", "explain", "--programme", "2026-12", "--whole")


def test_drawing_and_planning_in_one_go_takes_a_level(tmp_path: Path) -> None:
    """As at level strict, where the plan is made with the draw."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    for words in (
        ("--secrecy", "strict"),
        ("--pairs", 1),
        ("--work", 5),
        ("--abandon", "停办"),
        ("--plan", "--work", "nan"),
    ):
        bureau.refused("draw", "run", 1, "--beacon", "3 1 4 1 5 9", *words, code=2)
    said = bureau.json(
        "draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--plan", "--work", 10, "--secrecy", "strict"
    )
    assert said["secrecy"]["level"] == bureau.sealed(1).record["secrecy"]["level"] == "strict"
    assert said["secrecy"] == bureau.json("plan", "show", "--programme", "2026-12")["secrecy"]
    bureau.refused("plan", "make", "--programme", "2026-12", "--secrecy", "open", code=2)


def test_plans_and_numbers_of_before_say_nothing_of_it() -> None:
    """An older record has no limit, an older number no townships."""
    assert (limits_in({}), meets_in({}), public_of({})) == ({}, False, None)
    old: Mapping[str, Any] = {name: one for name, one in Means().record().items() if name != "townships"}
    assert frozen_means(old).townships == {}


def test_the_sentence_has_price_and_both_counts() -> None:
    """Of a programme that was compared with half the work too."""
    told = {
        "level": "strict",
        "later": 40,
        "given_away": 4,
        "price": 9,
        "cheap": {"later": 41, "given_away": 19, "part": 50},
    }
    text = secrecy_text(told)
    for part in ("strict", "4 of 40", "9 % more km", "19 of 41", "50 %"):
        assert part in text
    assert "2 % fewer km" in secrecy_text(told | {"price": -2})
    few = secrecy_text(told | {"price": None})
    assert "%" not in few.replace("50 %", "")
    assert "19 of 41" in few
    assert "%" not in secrecy_text({**told, "price": None, "cheap": None})
