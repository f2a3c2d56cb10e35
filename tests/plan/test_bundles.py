"""Bundling against every partition, and an instance whose optimum is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import ceil, hypot
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor import solving
from auditor.entities import SLOTS
from auditor.plan import bundles
from auditor.plan.bundles import Bundled, Bundler
from auditor.plan.limits import Limits
from auditor.plan.problem import Errand, PlanProblem, Travel
from auditor.plan.roads import roads_of
from auditor.solving import Budget
from effort import MODELS
from plan.orders import FIXED, Column, covers, every_column, worlds
from plan.test_prices import allowed, field_of, limited, reachable, within
from plan.world import BEACON, FIELD_DAYS, START

COSTS = (0, FIXED, 1_000_000)
"""What a sortie costs beside its way: nothing, something, more than all ways."""
NONE = Limits((), np.zeros(100, np.int64))
ENOUGH = Budget(20.0)


def bundled(
    problem: PlanProblem,
    wanted: Sequence[int],
    limits: Limits = NONE,
    serves: Callable[[int, tuple[int, ...]], bool] = lambda slot, errands: True,
    budget: Budget = ENOUGH,
    fixed: int = FIXED,
) -> Bundled:
    """Bundle these errands of a problem, with work enough unless a budget is given."""
    bundler = Bundler(problem, roads_of(problem), field_of(problem, limits, fixed), serves)
    return bundler.bundle(wanted, budget)


def columns_of(found: Bundled) -> list[Column]:
    """The sets that were chosen."""
    return [
        (list(SLOTS)[found.columns.slots[at]], found.columns.errands(at)) for at in range(len(found.columns))
    ]


def cheapest_cover(wanted: Sequence[int], table: dict[Column, int], fixed: int = FIXED) -> int | None:
    """The least cost of covering each errand once, by the sets of errands that are done."""
    least: dict[frozenset[int], int] = {frozenset(): 0}
    cheap: dict[frozenset[int], int] = {}
    for (_slot, members), metres in table.items():
        one = frozenset(members)
        cheap[one] = min(metres + fixed, cheap.get(one, metres + fixed))
    for at in sorted(wanted):
        for done in [one for one in least if at not in one]:
            cost = least[done]
            if min(set(wanted) - done) != at:
                continue
            for some, more in cheap.items():
                if at in some and not some & done:
                    longer = done | some
                    least[longer] = min(least.get(longer, cost + more), cost + more)
    return least.get(frozenset(wanted))


def check(
    found: Bundled, wanted: Sequence[int], table: dict[Column, int], best: int, fixed: int = FIXED
) -> None:
    """Fail unless this is a partition into columns of the table that costs what is said, the best."""
    chosen = columns_of(found)
    assert sorted(at for _slot, members in chosen for at in members) == sorted(wanted)
    assert found.objective_m == sum(table[one] + fixed for one in chosen)
    assert (found.status, found.objective_m, found.bound_m) == (solving.OPTIMAL, best, best)


@settings(deadline=None, max_examples=MODELS)
@given(worlds(8), st.sampled_from(COSTS))
def test_a_bundling_is_the_cheapest_partition(problem: PlanProblem, fixed: int) -> None:
    """Proven, with the metres of trying everything; the same sorties again when asked again."""
    wanted = reachable(problem)
    assume(wanted)
    table = allowed(problem)
    best = cheapest_cover(wanted, table, fixed)
    assert best is not None
    found = bundled(problem, wanted, fixed=fixed)
    check(found, wanted, table, best, fixed)
    assert columns_of(bundled(problem, wanted, fixed=fixed)) == columns_of(found)


@settings(deadline=None, max_examples=MODELS)
@given(limited())
def test_a_bundling_within_limits_is_the_cheapest_within_them(
    drawn: tuple[PlanProblem, Limits, list[int]],
) -> None:
    """And where no partition keeps the limits, nothing is found."""
    problem, limits, needs = drawn
    wanted = reachable(problem)
    assume(wanted)
    table = allowed(problem)
    costs = [
        sum(table[one] + FIXED for one in chosen)
        for chosen in covers(frozenset(wanted), table)
        if within(chosen, limits, needs)
    ]
    found = bundled(problem, wanted, limits)
    if not costs:
        assert not found.found
    else:
        check(found, wanted, table, min(costs))


@settings(deadline=None, max_examples=MODELS)
@given(worlds(), st.integers(0, 1000))
def test_only_sorties_that_some_team_can_serve_are_chosen(problem: PlanProblem, seed: int) -> None:
    """Sets of some half-days and sizes have no team: the cheapest partition of the others is found."""
    wanted = reachable(problem)
    assume(wanted)
    random = Random(seed)
    refused = {one for one in every_column(problem) if len(one[1]) > 1 and random.random() < 0.6}

    def serves(slot: int, errands: tuple[int, ...]) -> bool:
        return not any(
            list(SLOTS)[slot] == name and set(members) <= set(errands) for name, members in refused
        )

    table = {one: far for one, far in allowed(problem).items() if serves(list(SLOTS).index(one[0]), one[1])}
    best = cheapest_cover(wanted, table)
    assert best is not None
    check(bundled(problem, wanted, NONE, serves), wanted, table, best)


@pytest.mark.parametrize("seed", range(2))
def test_neighbourhoods_and_dives_end_in_a_partition_no_cheaper_than_the_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the last model is too large to be tried: whole, within the half-days, and near the optimum."""
    random = Random(seed)
    errands = tuple(
        Errand(
            unit=f"u{number:02d}",
            draw="main",
            domains=("fire",),
            minutes=random.choice((25, 45, 75)),
            point=(START[0] + random.uniform(-0.12, 0.12), START[1] + random.uniform(-0.12, 0.12)),
            arrivals={"morning": (480, 720), "afternoon": (810, 1020)},
        )
        for number in range(24)
    )
    problem = PlanProblem(
        start=START,
        errands=errands,
        staff=(),
        days=FIELD_DAYS[:1],
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=(),
    )
    wanted = range(24)
    proven = bundled(problem, wanted)
    assert proven.status == solving.OPTIMAL
    monkeypatch.setattr(bundles, "LAST", 0)
    monkeypatch.setattr(bundles, "COUNTY", 0)
    monkeypatch.setattr(bundles, "FIRST", 10)
    monkeypatch.setattr(bundles, "SIZES", (8, 12))
    told: list[tuple[int, int]] = []
    bundler = Bundler(problem, roads_of(problem), field_of(problem, NONE))
    found = bundler.bundle(wanted, Budget(5.0), None, lambda best, bound: told.append((best, bound)))
    assert sorted(at for _slot, members in columns_of(found) for at in members) == list(wanted)
    for at in range(len(found.columns)):
        tour = bundler.tour(int(found.columns.slots[at]), found.columns.errands(at))
        assert tour is not None
        assert tour.metres + FIXED == found.columns.costs[at]
    assert found.bound_m <= proven.objective_m <= found.objective_m <= 1.02 * proven.objective_m
    assert [best for best, _bound in told] == sorted({best for best, _bound in told}, reverse=True)
    assert told[-1][0] == found.objective_m


def instance(file: Path) -> PlanProblem:
    """A planning instance with its own integer distances, as its README says."""
    content = json.loads(file.read_text(encoding="utf-8"))
    places = [(one["x_km"], one["y_km"]) for one in content["visits"]] + [(0.0, 0.0)]
    metres = [[round(1300 * hypot(a[0] - b[0], a[1] - b[1])) for b in places] for a in places]
    minutes = [
        [ceil(far / 1000 / content["speed_kmh"] * 60) + 3 if far else 0 for far in row] for row in metres
    ]
    errands = tuple(
        Errand(
            unit=f"v{one['id']}",
            draw="main",
            domains=tuple(sorted(one["domains"])),
            minutes=one["minutes"],
            point=START,
            arrivals={slot: tuple(span) for slot, span in one["start_windows"].items()},
        )
        for one in content["visits"]
    )
    names = {one.unit: row for row, one in enumerate(errands)} | {"": len(errands)}
    return PlanProblem(
        start=START,
        errands=errands,
        staff=(),
        days=FIELD_DAYS[:1],
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=(),
        sortie_cost_m=content["sortie_cost_m"],
        travel=Travel(places=names, metres=metres, minutes=minutes),
    )


def test_the_county_of_the_benchmarks_has_its_known_optimum(shared: Path) -> None:
    """1,692.675 km, which the file's README gives as optimal, is found and proven."""
    file = shared / "benchmarks" / "visits" / "auditor" / "county.json"
    if not file.is_file():
        pytest.skip(f"the planning instance {file} is not here")
    problem = instance(file)
    found = bundled(problem, range(len(problem.errands)))
    assert (found.status, found.objective_m, found.bound_m) == (solving.OPTIMAL, 1_692_675, 1_692_675)


def test_where_the_clock_has_run_out_all_errands_are_in_sorties_all_the_same(shared: Path) -> None:
    """One cheap column after the other is taken, and the bound holds as ever."""
    file = shared / "benchmarks" / "visits" / "auditor" / "county.json"
    if not file.is_file():
        pytest.skip(f"the planning instance {file} is not here")
    problem = instance(file)
    wanted = range(len(problem.errands))
    found = bundled(problem, wanted, budget=Budget.of(20.0, 0.0))
    assert sorted(at for _slot, members in columns_of(found) for at in members) == list(wanted)
    assert found.bound_m <= 1_692_675 <= found.objective_m < 1_900_000
