"""Who stands in for whom is decided by the sealed reserve alone, and the verifier agrees."""

from __future__ import annotations

import hashlib
import hmac
import random
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw import verify as verifier
from auditor.draw.outcomes import NO_RECORD, OUTCOMES, outcome_records, stand_in
from auditor.draw.seed import draw_key
from auditor.draw.units import reserve_order

KEY = bytes(range(32))


def visit(ident: str, unit: str, draw: str) -> dict[str, Any]:
    """A drawn visit, as far as outcomes look at it."""
    return {"id": ident, "unit": unit, "draw": draw, "source": "drawn"}


def replaced(by: str) -> dict[str, Any]:
    """An outcome that names a stand-in."""
    return {"outcome": "replaced", "reason": "closed", "by": by}


# --- By hand

STRATA = {"a": "east", "b": "east", "c": "east", "w": "west", "x": "east", "y": "east", "z": "west"}
RESERVES = {"main": {"east": ["x", "y"], "west": ["z"]}, "floor/1": {"east": ["y", "x", "c"]}}


def give(one: dict[str, Any], visits: list[dict[str, Any]], **by: str) -> str | None:
    """Who stands in for a visit, after others were replaced."""
    return stand_in(one, RESERVES, STRATA, visits, {ident: replaced(unit) for ident, unit in by.items()})


def test_the_first_of_the_reserve_stands_in_then_the_second_then_nobody() -> None:
    """In the order sealed, whatever the order of the visits; the reserve of another stratum stays."""
    visits = [visit(one, one, "main") for one in "abcw"]
    assert give(visits[1], visits) == "x"
    assert give(visits[0], visits, b="x") == "y"
    assert give(visits[2], visits, b="x", a="y") is None
    assert give(visits[3], visits, b="x", a="y") == "z"
    assert give(visits[0], visits, b="y") == "x"


def test_two_visits_of_a_unit_in_one_draw_get_the_same() -> None:
    """It stands in for the unit, not for the hour."""
    visits = [visit("1", "a", "main"), visit("2", "a", "main"), visit("3", "b", "main")]
    assert give(visits[1], visits, **{"1": "x"}) == "x"
    assert give(visits[2], visits, **{"1": "x", "2": "x"}) == "y"


def test_a_unit_stands_in_for_one_unit_only() -> None:
    """Where the next of the reserve stands in for another unit in another draw, there is nobody."""
    visits = [visit("1", "a", "main"), visit("2", "b", "floor/1")]
    assert give(visits[1], visits, **{"1": "x"}) == "y"
    assert give(visits[1], visits, **{"1": "y"}) is None


def test_a_unit_in_two_draws_may_have_one_stand_in_for_both() -> None:
    """The contract says one unit only, and that it is: another draw's reserve may begin with it too."""
    visits = [visit("1", "a", "main"), visit("2", "a", "floor/1")]
    assert give(visits[1], visits, **{"1": "y"}) == "y"
    assert give(visits[1], visits, **{"1": "x"}) == "y"


def test_other_outcomes_name_nobody() -> None:
    """A visit that was done, closed or refused takes nobody from the reserve."""
    visits = [visit(one, one, "main") for one in "ab"]
    for outcome in OUTCOMES:
        if outcome != "replaced":
            known = {"a": {"outcome": outcome, "reason": ""}}
            assert stand_in(visits[1], RESERVES, STRATA, visits, known) == "x"


@pytest.mark.parametrize("reserves", [{"main": {}}, {"main": {"east": []}}, {"main": {"west": ["z"]}}])
def test_without_a_reserve_nobody_stands_in(reserves: dict[str, dict[str, list[str]]]) -> None:
    """All units of the stratum were drawn."""
    visits = [visit("a", "a", "main")]
    assert stand_in(visits[0], reserves, STRATA, visits, {}) is None


def test_what_nobody_recorded_is_cancelled_and_says_so() -> None:
    """One outcome for each visit, by id, those known as they are."""
    known = {"2": {"outcome": "done", "reason": "", "date": "2026-12-02"}, "9": {"outcome": "done"}}
    assert outcome_records([visit("2", "a", "m"), visit("10", "b", "m"), visit("1", "c", "m")], known) == [
        {"id": "1", "outcome": "cancelled", "reason": NO_RECORD},
        {"id": "10", "outcome": "cancelled", "reason": NO_RECORD},
        {"id": "2", "outcome": "done", "reason": "", "date": "2026-12-02"},
    ]


# --- Random plans


def prf(key: bytes, *parts: str) -> bytes:
    """Section 1 of the page."""
    text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, text, hashlib.sha256).digest()


def world(chance: random.Random) -> dict[str, Any]:
    """A few draws over the same few units in a few strata, and what was drawn; two visits to some."""
    names = [f"u{at}" for at in range(chance.randint(2, 9))]
    strata = {name: chance.choice(["east", "west"]) for name in names}
    frames, drawn, visits = {}, {}, []
    for draw in ["main", "floor/2026-W49", "spot"][: chance.randint(1, 3)]:
        own = sorted(chance.sample(names, chance.randint(1, len(names))))
        frames[draw] = {"units": [{"id": name, "stratum": strata[name]} for name in own]}
        drawn[draw] = sorted(chance.sample(own, chance.randint(1, len(own))))
        for unit in drawn[draw]:
            visits += [visit(f"{len(visits) + at:016x}", unit, draw) for at in range(chance.randint(1, 2))]
    chance.shuffle(visits)
    return {"frames": frames, "drawn": drawn, "plan": visits, "strata": strata}


def sound(w: dict[str, Any], known: dict[str, Any]) -> bool:
    """Whether the verifier accepts the outcomes."""
    t = {"plan": w["plan"], "frames": w["frames"], "outcomes": outcome_records(w["plan"], known)}
    return not list(verifier.unsound_outcomes(t, KEY, w["drawn"]))


def by_the_page(w: dict[str, Any], one: dict[str, Any], known: dict[str, Any]) -> str | None:
    """Section 6 word for word: try every unit, keep those with whom all stand-ins together are allowed."""
    fit = []
    for by in sorted(w["strata"]):
        named = {**{ident: outcome["by"] for ident, outcome in known.items()}, one["id"]: by}
        stands: dict[str, set[str]] = {}
        places: dict[tuple[str, str], set[str]] = {}
        for other in w["plan"]:
            if other["id"] in named:
                stands.setdefault(named[other["id"]], set()).add(other["unit"])
                place = (other["draw"], w["strata"][other["unit"]])
                places.setdefault(place, set()).add(named[other["id"]])
        first = True
        for (draw, stratum), units in places.items():
            order = sorted(
                (
                    unit["id"]
                    for unit in w["frames"][draw]["units"]
                    if unit["stratum"] == stratum and unit["id"] not in w["drawn"][draw]
                ),
                key=partial(prf, prf(KEY, "draw", draw), "reserve"),
            )
            first &= set(order[: len(units)]) == units
        if first and all(len(units) == 1 for units in stands.values()):
            fit.append(by)
    # another visit of this unit in this draw has its stand-in already: no second one
    same = {
        known[other["id"]]["by"]
        for other in w["plan"]
        if other["id"] in known and (other["unit"], other["draw"]) == (one["unit"], one["draw"])
    }
    fit = [by for by in fit if by in same] if same else fit
    assert len(fit) <= 1
    return fit[0] if fit else None


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32))
def test_who_stands_in_is_who_the_page_says_and_the_verifier_accepts_it(seed: int) -> None:
    """Visits replaced one after another in any order, until the reserves are used up."""
    chance = random.Random(seed)
    w = world(chance)
    reserves = {
        draw: reserve_order(frame["units"], w["drawn"][draw], draw_key(KEY, draw))
        for draw, frame in w["frames"].items()
    }
    known: dict[str, Any] = {}
    assert sound(w, known)
    for one in chance.sample(w["plan"], len(w["plan"])):
        by = stand_in(one, reserves, w["strata"], w["plan"], known)
        assert by == by_the_page(w, one, known)
        if by is not None:
            known[one["id"]] = replaced(by)
            assert sound(w, known)


def test_the_verifier_refuses_any_other_stand_in() -> None:
    """In 200 random plans each other unit in place of the first one given is refused."""
    tried = 0
    for seed in range(200):
        w = world(random.Random(seed))
        one = w["plan"][0]
        frame = w["frames"][one["draw"]]["units"]
        reserve = {one["draw"]: reserve_order(frame, w["drawn"][one["draw"]], draw_key(KEY, one["draw"]))}
        by = stand_in(one, reserve, w["strata"], w["plan"], {})
        for other in w["strata"]:
            assert sound(w, {one["id"]: replaced(other)}) == (other == by)
            tried += 1
    assert tried > 500
