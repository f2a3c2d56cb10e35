"""Bundling against every partition and every staffing, tried one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import solving
from auditor.entities import Staff
from auditor.plan import bundles, prices
from auditor.plan import options as options_module
from auditor.plan.bundles import bundle
from auditor.plan.options import options_of
from auditor.plan.problem import PlanProblem
from auditor.plan.tours import Tour, list_tours, roads_of
from plan.world import BEACON, DOMAINS, FIELD_DAYS, START, errand, person

KINDS = (("fire",), ("fire", "food"), ("dorms",), ("fire", "transport"))
DAYS = FIELD_DAYS[:2]


def partitions(rest: frozenset[int], tours: Sequence[Tour]) -> Iterator[list[Tour]]:
    """Every way to cover each errand by exactly one tour."""
    if not rest:
        yield []
        return
    first = min(rest)
    for tour in tours:
        if first in tour.errands and rest.issuperset(tour.errands):
            for others in partitions(rest - set(tour.errands), tours):
                yield [tour, *others]


def staffable(problem: PlanProblem, tours: Sequence[Tour]) -> bool:
    """Whether days and pairs can be found for these tours, by trying them all."""
    people = {one.id: one for one in problem.staff}
    pairs = [(a, b) for a in people for b in people if a < b]
    out: list[tuple[str, str, tuple[str, str]]] = []

    def go(number: int) -> bool:
        if number == len(tours):
            return True
        tour = tours[number]
        wanted = {key for at in tour.errands for key in problem.errands[at].domains}
        units = {problem.errands[at].unit for at in tour.errands}
        for day, pair in product(problem.days, pairs):
            team = [people[one] for one in pair]
            here = [other for other in out if other[:2] == (day, tour.slot)]
            good = (
                all(f"{day}/{tour.slot}" in one.free for one in team)
                and wanted <= {key for one in team for key in one.domains}
                and not any(set(one.conflict_units) & units for one in team)
                and not any(day in problem.closed.get(unit, ()) for unit in units)
                and len(here) < problem.cars
                and not any(set(pair) & set(other[2]) for other in here)
                and all(sum(one in other[2] for other in out) < people[one].share for one in pair)
            )
            if good:
                out.append((day, tour.slot, pair))
                if go(number + 1):
                    return True
                out.pop()
        return False

    return go(0)


@st.composite
def worlds(draw: st.DrawFn) -> PlanProblem:
    """Up to six errands near each other, three or four people with few half-days."""
    errands = tuple(
        errand(
            f"u{number}",
            (START[0] + draw(st.integers(-90, 90)) / 1000, START[1] + draw(st.integers(-90, 90)) / 1000),
            *draw(st.sampled_from(KINDS)),
        )
        for number in range(draw(st.integers(1, 6)))
    )
    half_days = [f"{day}/{slot}" for day in DAYS for slot in ("morning", "afternoon", "evening")]
    staff = tuple(
        Staff(
            id=f"P{number}",
            domains=tuple(sorted(draw(st.sets(st.sampled_from(sorted(DOMAINS)), min_size=2)))),
            conflict_units=("u0",) if draw(st.integers(0, 5)) == 0 else (),
            free=tuple(half for half in half_days if draw(st.integers(0, 3)) > 0),
            share=draw(st.integers(1, 4)),
        )
        for number in range(draw(st.integers(3, 4)))
    )
    return PlanProblem(
        start=START,
        errands=errands,
        staff=staff,
        days=DAYS,
        windows={"main": (DAYS[0], DAYS[-1])},
        beacon_day=BEACON,
        closed={"u1": frozenset(DAYS[:1])},
        strata={},
        cars=draw(st.integers(1, 2)),
        keep_order=tuple(one.unit for one in errands),
    )


@settings(deadline=None, max_examples=60)
@given(worlds())
def test_a_bundling_is_the_cheapest_that_can_be_staffed(problem: PlanProblem) -> None:
    """The same metres as trying everything, and impossible exactly where nothing fits."""
    options, roads = options_of(problem), roads_of(problem)
    all_errands = list(range(len(problem.errands)))
    tours, _ = list_tours(problem, all_errands, options, roads)
    costs = [
        sum(tour.metres + problem.sortie_cost_m for tour in chosen)
        for chosen in partitions(frozenset(all_errands), tours)
        if staffable(problem, chosen)
    ]
    found = bundle(problem, all_errands, tours, options, work=20)
    if not costs:
        assert found.status == solving.IMPOSSIBLE
        return
    assert (found.status, found.objective_m, found.bound_m) == (solving.OPTIMAL, min(costs), min(costs))
    assert sorted(at for tour, _ in found.tours for at in tour.errands) == all_errands
    assert all(option.slot == tour.slot for tour, option in found.tours)


@settings(deadline=None, max_examples=30)
@given(worlds())
def test_a_crowded_half_day_bounds_the_listed_one(problem: PlanProblem) -> None:
    """Without listed teams the model is a relaxation: possible whenever it was, and never dearer."""
    options, roads = options_of(problem), roads_of(problem)
    all_errands = list(range(len(problem.errands)))
    tours, _ = list_tours(problem, all_errands, options, roads)
    listed = bundle(problem, all_errands, tours, options, work=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options_module, "MOST_FREE", 0)
        crowded = options_of(problem)
    assert all(not option.team for option in crowded.all)
    same, _ = list_tours(problem, all_errands, crowded, roads)
    assert [(tour.slot, tour.errands) for tour in same] == [(tour.slot, tour.errands) for tour in tours]
    relaxed = bundle(problem, all_errands, same, crowded, work=20)
    if listed.found:
        assert relaxed.found
        assert relaxed.objective_m <= listed.objective_m


@settings(deadline=None, max_examples=25)
@given(worlds(), st.sampled_from([None, 0, 9_000_000]))
def test_sifting_by_prices_changes_no_result(problem: PlanProblem, price: int | None) -> None:
    """With every tour sifted, first down to one, by good prices or by bad: cost and proof of the whole."""
    options, roads = options_of(problem), roads_of(problem)
    all_errands = list(range(len(problem.errands)))
    tours, _ = list_tours(problem, all_errands, options, roads)
    whole = bundle(problem, all_errands, tours, options, work=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "MANY", 0)
        patch.setattr(bundles, "FIRST", 0)
        if price is not None:
            patch.setattr(prices, "linear_prices", lambda *_: (dict.fromkeys(all_errands, price), 0))
        sifted = bundle(problem, all_errands, tours, options, work=20)
        fits = bundle(problem, all_errands, tours, options, work=20, shortest=False)
    assert (sifted.status, sifted.objective_m, sifted.bound_m) == (
        whole.status,
        whole.objective_m,
        whole.bound_m,
    )
    assert fits.found is whole.found


@settings(deadline=None, max_examples=40)
@given(worlds(), st.data())
def test_prices_bound_every_partition(problem: PlanProblem, data: st.DataObject) -> None:
    """Whatever they are: no partition costs less than the bound, nor less than it and a reduced cost."""
    options, roads = options_of(problem), roads_of(problem)
    all_errands = list(range(len(problem.errands)))
    tours, _ = list_tours(problem, all_errands, options, roads)
    covered = sorted({at for tour in tours for at in tour.errands})
    costs = [tour.metres + problem.sortie_cost_m for tour in tours]
    some = {at: data.draw(st.integers(-10_000_000, 60_000_000)) for at in covered}
    each = data.draw(st.integers(-5_000_000, 0))
    for reduced, least in (
        prices.reduced_costs(tours, costs, len(covered)),
        prices.reduce_by(some, each, tours, costs, len(covered)),
    ):
        dear = dict(zip(tours, reduced, strict=True))
        for chosen in partitions(frozenset(covered), tours):
            total = prices.MM * sum(tour.metres + problem.sortie_cost_m for tour in chosen)
            assert total >= least
            assert all(total >= least + max(0, dear[tour]) for tour in chosen)


def test_staffing_counts_each_person_once() -> None:
    """Two visits that need the evening of one day, and only one pair: impossible; a second pair cures it."""

    def ends(*names: str) -> str:
        day = DAYS[0]
        far = 0.12
        problem = PlanProblem(
            start=START,
            errands=(
                errand("u0", (START[0] + far, START[1]), "dorms"),
                errand("u1", (START[0] - far, START[1]), "dorms"),
            ),
            staff=tuple(person(name, f"{day}/evening") for name in names),
            days=(day,),
            windows={"main": (day, day)},
            beacon_day=BEACON,
            closed={},
            strata={},
            keep_order=("u0", "u1"),
        )
        options = options_of(problem)
        tours, _ = list_tours(problem, [0, 1], options, roads_of(problem))
        return bundle(
            problem, [0, 1], [one for one in tours if len(one.errands) == 1], options, work=5
        ).status

    assert ends("P1", "P2") == solving.IMPOSSIBLE
    assert ends("P1", "P2", "P3") == solving.IMPOSSIBLE
    assert ends("P1", "P2", "P3", "P4") == solving.OPTIMAL


def test_a_partition_of_cheap_tours_is_not_taken_for_the_cheapest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tours of one visit each are offered first; together the visits cost less, in a dearer tour."""
    day = DAYS[0]
    free = [f"{day}/{slot}" for slot in ("morning", "afternoon")]
    problem = PlanProblem(
        start=START,
        errands=(
            errand("u0", (START[0] + 0.05, START[1]), "fire", "food"),
            errand("u1", (START[0] + 0.06, START[1]), "fire", "food"),
        ),
        staff=tuple(person(f"P{number}", *free) for number in range(4)),
        days=(day,),
        windows={"main": (day, day)},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=("u0", "u1"),
    )
    options = options_of(problem)
    tours, _ = list_tours(problem, [0, 1], options, roads_of(problem))
    assert [len(tour.errands) for tour in sorted(tours, key=lambda one: one.metres)] == [1, 1, 2]
    monkeypatch.setattr(bundles, "MANY", 0)
    monkeypatch.setattr(bundles, "FIRST", 1)
    monkeypatch.setattr(prices, "linear_prices", lambda *_: ({0: 0, 1: 0}, 0))
    found = bundle(problem, [0, 1], tours, options, work=5)
    assert [tour.errands for tour, _ in found.tours] in ([(0, 1)], [(1, 0)])
    assert found.status == solving.OPTIMAL
