"""What is wished of loads, evenness and pairs gives way before a visit is left out, and only then."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.loads import FAIR, fair_rules, without
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import PlanProblem
from plan.world import county, facts_of, fake_lots, record_of, tight


def teams_of(made: PlanMade) -> list[tuple[str, ...]]:
    return list(made.teams.values())


def checked(problem: PlanProblem, made: PlanMade) -> set[str]:
    """The rules that a plan breaks, by the twin, under the rules that it says it keeps."""
    kept = without(problem, made.given_up)
    facts = facts_of(problem, made)
    known = {key: getattr(facts, key) for key in facts.__slots__}
    known |= {"load": kept.load, "even": kept.even, "pairs": kept.pairs, "carried": kept.carried}
    return {one.rule for one in check_plan(record_of(problem, made), PlanFacts(**known), made.lots)}


@pytest.mark.parametrize(
    ("rules", "given_up"),
    [
        pytest.param({"pairs": 4}, (), id="four times together: kept"),
        pytest.param({"pairs": 3}, ("pairs",), id="three times together: given up"),
        pytest.param({"even": 0, "pairs": 3}, ("pairs",), id="pairs first"),
    ],
)
def test_two_people_alone_go_together_whatever_is_wished(
    rules: dict[str, int], given_up: tuple[str, ...]
) -> None:
    """With two people each of four visits is theirs; a limit of three leaves one out unless it gives way."""
    problem = tight(free_days={"P1": 4, "P2": 4}, **rules)
    strict = make_plan(problem, fake_lots(problem))
    made = make_plan(problem, fake_lots(problem), gives_way=True)
    assert len(strict.unplaced) == bool(given_up)
    assert made.unplaced == ()
    assert made.given_up == given_up
    assert teams_of(made) == [("P1", "P2")] * 4
    assert checked(problem, made) == set()
    if given_up:
        assert checked(problem, replace(made, given_up=())) == {"pairs"}


def test_one_who_is_there_alone_most_days_lifts_the_limit_of_load() -> None:
    """Two who are there four days, four who are there on one: mean 8/6, so two; load 0 cannot be."""
    problem = tight(free_days={"P1": 4, "P2": 4, "P3": 1, "P4": 1, "P5": 1, "P6": 1}, load=0, even=1)
    made = make_plan(problem, fake_lots(problem), gives_way=True)
    assert made.unplaced == ()
    assert made.given_up == ("load",)
    assert made.even == 3
    assert max(Counter(one for team in teams_of(made) for one in team).values()) >= 3
    roomy = replace(problem, load=2, even=4)
    kept = make_plan(roomy, fake_lots(roomy), gives_way=True)
    assert (kept.unplaced, kept.given_up) == ((), ())
    assert checked(roomy, kept) == set()


def test_carried_half_days_count() -> None:
    """Whoever was out five times more stays at home while the others can go."""
    problem = tight(free_days={f"P{at}": 4 for at in range(1, 6)}, load=1, carried={"P1": 7, "P2": 2})
    made = make_plan(problem, fake_lots(problem), gives_way=True)
    assert made.given_up == ()
    assert all("P1" not in team for team in teams_of(made))
    assert checked(problem, made) == set()
    assert "load" in checked(replace(problem, carried={"P5": 9, "P4": 9, "P3": 9}), made)


@pytest.mark.parametrize("seed", range(3))
def test_a_county_is_even_and_no_pair_goes_twice(seed: int) -> None:
    """All three wishes in a county: kept, counted again by hand, and with no visit fewer than without."""
    problem = county(seed, units=16, load=1, even=2, pairs=1)
    made = make_plan(problem, fake_lots(problem, seed), gives_way=True)
    plain = without(problem)
    assert made.unplaced == make_plan(plain, fake_lots(plain, seed)).unplaced
    assert checked(problem, made) == set()
    out = Counter({one.id: 0 for one in problem.staff if one.free})
    out.update(one for team in teams_of(made) for one in team)
    together = Counter(pair for team in teams_of(made) for pair in combinations(team, 2))
    if "even" not in made.given_up:
        assert max(out.values()) - min(out.values()) <= 2
    if "pairs" not in made.given_up:
        assert max(together.values()) == 1
    assert made.given_up != FAIR


def test_rules_are_named_and_left_away_by_name() -> None:
    """Only rules that are set are named, and only those that are named go."""
    problem = tight(free_days={"P1": 4, "P2": 4}, load=0, pairs=2)
    assert fair_rules(problem) == ("load", "pairs")
    assert fair_rules(without(problem, ("pairs",))) == ("load",)
    assert without(problem) == replace(problem, load=None, pairs=None)
