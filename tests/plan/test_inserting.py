"""Bundling by hand: whole, in time, allowed, never below the best there is, and good where tours are long."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings

from auditor.entities import SLOTS
from auditor.plan import bundles
from auditor.plan.columns import half_day
from auditor.plan.company import company_of
from auditor.plan.inserting import Stops, inserted
from auditor.plan.limits import no_limits
from auditor.plan.prices import Field
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import roads_of
from auditor.solving import Budget, Patience
from effort import SMALL_MODELS
from plan.orders import FIXED, covers, driven, every_column, too_many, worlds
from plan.test_prices import reachable
from plan.world import START, county, errand


def by_hand(problem: PlanProblem, rounds: int = 30) -> list[tuple[int, Stops]] | None:
    """Bundle all errands; no unit twice in a sortie, and company is kept."""
    roads, every = roads_of(problem), range(len(problem.errands))
    halves = [half_day(problem, roads, every, slot) for slot in SLOTS]

    def allowed(slot: int, errands: tuple[int, ...]) -> bool:
        return problem.travel is None or not too_many(problem, errands)

    return inserted(halves, FIXED, every, allowed, rounds, lambda: False)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(worlds(5))
def test_a_bundling_by_hand_is_whole_in_time_and_no_cheaper_than_the_best(problem: PlanProblem) -> None:
    """Each order is driven again by the tests' own rules; the best bundling is found by trying all."""
    there = reachable(problem)
    assume(there)
    problem = replace(problem, errands=tuple(problem.errands[at] for at in there))
    found = by_hand(problem)
    assert found is not None
    assert sorted(at for _slot, stops in found for at in stops) == list(range(len(there)))
    ways = [driven(problem, stops, list(SLOTS)[slot]) for slot, stops in found]
    assert None not in ways
    assert not any(too_many(problem, stops) for _slot, stops in found)
    table = {key: metres for key, metres in every_column(problem).items() if not too_many(problem, key[1])}
    best = min(
        sum(table[one] + FIXED for one in each) for each in covers(frozenset(range(len(there))), table)
    )
    assert sum(way + FIXED for way in ways if way is not None) >= best
    assert by_hand(problem) == found


def costs(problem: PlanProblem, found: list[tuple[int, Stops]] | None) -> int:
    """Metres of a bundling with its sorties, by the roads alone."""
    metres = roads_of(problem).metres
    assert found is not None
    ways = [(-1, *stops, -1) for _slot, stops in found]
    return sum(FIXED + sum(metres[a][b] for a, b in pairwise(way)) for way in ways)


def town(seed: int, units: int) -> PlanProblem:
    """Short visits near each other: seven or eight of them fit a half-day."""
    random = Random(seed)
    points = [
        (START[0] + random.uniform(-0.03, 0.03), START[1] + random.uniform(-0.03, 0.03)) for _ in range(units)
    ]
    return replace(
        county(seed), errands=tuple(errand(f"u{at:03d}", one, "fire") for at, one in enumerate(points))
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_putting_back_makes_it_cheaper(seed: int) -> None:
    """Against plain insertion; the best of all rounds is given, so more rounds are never dearer."""
    problem = town(seed, 30)
    plain, few, many = (costs(problem, by_hand(problem, rounds)) for rounds in (0, 40, 200))
    assert plain > few
    assert plain > many


@pytest.mark.parametrize("most", [3, 100_000])
def test_the_hand_is_asked_where_columns_are_not_all_listed(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nowhere else, for it proves nothing."""
    problem = town(4, 8)
    asked = []

    def hand(*given: object) -> None:
        asked.append(given)

    monkeypatch.setattr(bundles, "MOST_COLUMNS", most)
    monkeypatch.setattr(bundles, "inserted", hand)
    assert bundled(problem).found
    assert bool(asked) is (most == 3)


def bundled(problem: PlanProblem) -> bundles.Bundled:
    """Bundle all errands freely."""
    roads, count = roads_of(problem), len(problem.errands)
    halves = tuple(half_day(problem, roads, range(count), slot) for slot in SLOTS)
    field = Field(halves, FIXED, no_limits(problem), count, company_of(problem, roads))
    return bundles.Bundler(problem, roads, field).bundle(range(count), Budget(5.0))


def test_patience_ends_after_so_many_pieces_of_work() -> None:
    """The same on any machine: what was counted decides, and the clock only where there is one."""
    patience = Patience(Budget(2.0), 10)
    assert [patience(pieces) for pieces in (0, 5, 15, 0, 1, 0)] == [False, False, False, False, True, True]
    assert Patience(Budget.of(2.0, 0.0), 10)()
