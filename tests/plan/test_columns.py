"""Columns against every order of every set of errands, driven by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import SLOTS
from auditor.plan import columns, roads
from auditor.plan.columns import MM, Columns, Whole, find, half_day, only, pairs, stacked
from auditor.plan.company import company_of
from auditor.plan.problem import Errand, PlanProblem, Travel
from auditor.plan.roads import drive, roads_of
from plan.orders import FIXED, Column, driven, every_column, too_many, worlds
from plan.world import BEACON, FIELD_DAYS, START, county


def told(found: Columns) -> dict[Column, tuple[int, int]]:
    """Costs and reduced costs by half-day and errands."""
    sets = [(list(SLOTS)[found.slots[at]], found.errands(at)) for at in range(len(found))]
    assert len(set(sets)) == len(sets), "one set in one half-day is there twice"
    return {one: (int(found.costs[at]), int(found.reduced[at])) for at, one in enumerate(sets)}


def by_price(count: int) -> st.SearchStrategy[list[int]]:
    """A price in millimetres for each errand, some negative."""
    return st.lists(st.integers(-5_000_000, 60_000_000), min_size=count, max_size=count)


@settings(deadline=None, max_examples=60)
@given(worlds(), st.data())
def test_all_columns_below_a_limit_are_found_and_no_other(problem: PlanProblem, data: st.DataObject) -> None:
    """As every order of every set tells: with prices, a rule of company, a burden, and any limit."""
    count = len(problem.errands)
    prices = data.draw(by_price(count))
    below = data.draw(st.integers(-40_000_000, 40_000_000))
    each = data.draw(st.sampled_from([0, 4_000_000]))
    roads = roads_of(problem)
    rule = company_of(problem, roads)

    def burden(members: Whole) -> Whole:
        return each * members.shape[1] + (rule(members) if rule else np.zeros(len(members), np.int64))

    due = {}
    for (slot, members), metres in every_column(problem).items():
        reduced = (metres + FIXED) * MM - sum(prices[at] for at in members) + each * len(members)
        if reduced <= below and not too_many(problem, members):
            due[slot, members] = (metres + FIXED, reduced)
    vector = np.array([*prices, 0], np.int64)
    halves = [half_day(problem, roads, range(count), slot) for slot in SLOTS]
    found = [find(half, vector, FIXED, below, count, burden=burden) for half in halves]
    assert all(one.complete for one in found)
    assert told(stacked([one.columns for one in found], count)) == due
    once = iter([False])
    for narrow in ({"most": 2}, {"near": 1}, {"over": lambda _: next(once, True)}, {"room": 1}):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(columns, "ROOM", narrow.pop("room", columns.ROOM))
            patch.setattr(columns, "CHUNK", 1)
            some = [find(half, vector, FIXED, below, count, burden=burden, **narrow) for half in halves]
        few = told(stacked([one.columns for one in some], count))
        assert few.keys() <= due.keys()
        assert all(few[one][0] >= due[one][0] for one in few)
        if few != due:
            assert not all(one.complete for one in some)


@settings(deadline=None, max_examples=40)
@given(worlds(), st.data())
def test_a_half_day_of_some_errands_is_that_prepared_afresh(
    problem: PlanProblem, data: st.DataObject
) -> None:
    """`only` gives the columns that a new half-day over these errands has, and no others."""
    count = len(problem.errands)
    some = sorted(data.draw(st.sets(st.integers(0, count - 1)))) if count else []
    roads = roads_of(problem)
    prices = np.array([*data.draw(by_price(count)), 0], np.int64)
    for slot in SLOTS:
        fewer = only(half_day(problem, roads, range(count), slot), some)
        fresh = half_day(problem, roads, some, slot)
        ways = [find(half, prices, FIXED, 20_000_000, count) for half in (fewer, fresh)]
        assert told(ways[0].columns) == told(ways[1].columns)
        assert fewer.at.tolist() == fresh.at.tolist()


@settings(deadline=None, max_examples=60)
@given(worlds(5))
def test_a_tour_is_the_shortest_order(problem: PlanProblem) -> None:
    """`drive` finds metres and starts of the best order, and none exactly where no order works."""
    roads = roads_of(problem)
    table = every_column(problem)
    for slot in SLOTS:
        alone = [at for at in range(len(problem.errands)) if driven(problem, [at], slot) is not None]
        for size in range(1, len(alone) + 1):
            for members in combinations(alone, size):
                tour = drive(problem, roads, slot, members)
                assert (tour.metres if tour else None) == table.get((slot, members))
                if tour:
                    assert driven(problem, tour.errands, slot) == tour.metres
                    assert sorted(tour.errands) == list(members)


@settings(deadline=None, max_examples=60)
@given(worlds())
def test_pairs_are_all_sets_of_two(problem: PlanProblem) -> None:
    """Each with the shorter of its two orders; those that the rule of company forbids are out."""
    roads = roads_of(problem)
    rule = company_of(problem, roads)
    count = len(problem.errands)
    found = stacked(
        [pairs(half_day(problem, roads, range(count), slot), FIXED, rule) for slot in SLOTS], count
    )
    due = {
        one: metres + FIXED
        for one, metres in every_column(problem).items()
        if len(one[1]) == 2 and not too_many(problem, one[1])
    }
    assert {one: costs for one, (costs, _) in told(found).items()} == due


def test_limits_that_are_not_reached_leave_the_search_complete() -> None:
    """`most` and `near` say incomplete only where they cut something off."""
    problem = PlanProblem(
        start=START,
        errands=tuple(
            Errand(
                unit=f"u{number}",
                draw="main",
                domains=("fire",),
                minutes=20,
                point=(START[0] + number / 500, START[1]),
                arrivals={"morning": (480, 700)},
            )
            for number in range(5)
        ),
        staff=(),
        days=FIELD_DAYS[:1],
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=(),
    )
    half = half_day(problem, roads_of(problem), range(5), "morning")
    prices = np.zeros(6, np.int64)
    far = 1 << 40
    assert find(half, prices, FIXED, far, 5, most=1_000).complete
    assert find(half, prices, FIXED, far, 5, near=4).complete
    assert not find(half, prices, FIXED, far, 5, most=3).complete
    assert not find(half, prices, FIXED, far, 5, near=3).complete
    assert len(find(half, prices, FIXED, far, 5).columns) == 31


@pytest.mark.parametrize("chunk", [1, 7])
def test_growing_in_small_parts_changes_nothing(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels are grown some million at a time; the size of these parts decides nothing."""
    problem = PlanProblem(
        start=START,
        errands=tuple(
            Errand(
                unit=f"u{number}",
                draw="main",
                domains=("fire",),
                minutes=30,
                point=(START[0] + number % 3 / 40, START[1] + number / 90),
                arrivals={"morning": (480 + 10 * number, 690)},
            )
            for number in range(6)
        ),
        staff=(),
        days=FIELD_DAYS[:1],
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=(),
    )
    half = half_day(problem, roads_of(problem), range(6), "morning")
    prices = np.array([9_000_000] * 6 + [0], np.int64)
    whole = find(half, prices, FIXED, 8_000_000, 6)
    monkeypatch.setattr(columns, "CHUNK", chunk)
    parts = find(half, prices, FIXED, 8_000_000, 6)
    assert told(parts.columns) == told(whole.columns)
    assert len(whole.columns) > 6


def morning(*visits: tuple[float, float, int, int, int]) -> PlanProblem:
    """Visits of one morning: degrees north and east of the start, minutes, first and last arrival."""
    return PlanProblem(
        start=START,
        errands=tuple(
            Errand(
                unit=f"u{number}",
                draw="main",
                domains=("fire",),
                minutes=long,
                point=(START[0] + north, START[1] + east),
                arrivals={"morning": (first, last)},
            )
            for number, (north, east, long, first, last) in enumerate(visits)
        ),
        staff=(),
        days=FIELD_DAYS[:1],
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=(),
    )


def test_a_later_but_shorter_way_to_the_same_stop_is_kept() -> None:
    """A kitchen has to be waited for, so the fastest way to a stop may be no part of the shortest tour."""
    problem = morning(
        (0.02, 0.04, 25, 480, 725),
        (0.05, 0.04, 55, 605, 695),
        (0.02, 0.06, 25, 480, 725),
        (-0.02, 0.06, 20, 480, 730),
        (0.01, 0.01, 25, 480, 725),
    )
    roads = roads_of(problem)
    half = half_day(problem, roads, range(5), "morning")
    found = told(find(half, np.zeros(6, np.int64), FIXED, 1 << 40, 5).columns)
    later = 0
    for size in range(1, 6):
        for members in combinations(range(5), size):
            ways = []
            for order in permutations(members):
                now, here, metres = 480, -1, 0
                for at in order:
                    one = problem.errands[at]
                    now = max(now + roads.minutes[here][at], one.arrivals["morning"][0])
                    if now > one.arrivals["morning"][1]:
                        break
                    now, metres, here = now + one.minutes, metres + roads.metres[here][at], at
                else:
                    if now + roads.minutes[here][-1] <= SLOTS["morning"][1]:
                        ways.append((metres + roads.metres[here][-1], now))
            due = min(ways)[0] if ways else None
            tour = drive(problem, roads, "morning", members)
            assert (tour.metres if tour else None) == due
            assert found.get(("morning", members), (None, 0))[0] == (due + FIXED if due else None)
            later += bool(ways) and min(ways)[1] > min(over for _, over in ways)
    assert later, "nothing here had to be waited for"


def test_what_could_still_be_visited_is_never_judged_too_dear() -> None:
    """Nine short visits in a row, none of which pays alone: only the whole row does, and it is found."""
    problem = morning(*((0.1, number / 1000, 12, 480, 738) for number in range(9)))
    roads = roads_of(problem)
    half = half_day(problem, roads, range(9), "morning")
    far = drive(problem, roads, "morning", range(9))
    assert far is not None
    each = -(-(far.metres + FIXED) * MM // 9)
    found = told(find(half, np.array([each] * 9 + [0], np.int64), FIXED, 0, 9).columns)
    assert set(found) == {("morning", tuple(range(9)))}


def test_a_longer_but_faster_way_to_the_same_stop_is_kept() -> None:
    """The shortest way through three stops waits at the first; only another reaches the fourth in time."""
    problem = morning(
        (0.01, 0, 10, 560, 700), (0.02, 0, 10, 480, 700), (0.03, 0, 10, 480, 700), (0.04, 0, 10, 480, 610)
    )
    far = [[0 if a == b else 1_000 for b in range(5)] for a in range(5)]
    far[4][1] = far[1][0] = far[0][2] = 5_000
    long = [[0 if a == b else 10 for b in range(5)] for a in range(5)]
    names = {one.unit: row for row, one in enumerate(problem.errands)} | {"": 4}
    problem = replace(problem, travel=Travel(places=names, metres=far, minutes=long))
    tour = drive(problem, roads_of(problem), "morning", range(4))
    best = min(
        (metres, order) for order in permutations(range(4)) if (metres := driven(problem, order, "morning"))
    )
    assert tour is not None
    assert tour.metres == best[0]


def test_two_visits_of_one_unit_share_no_sortie() -> None:
    """They would be one visit; a third stop between them changes nothing."""
    problem = morning((0.01, 0, 10, 480, 700), (0.01, 0, 10, 480, 700), (0.02, 0, 10, 480, 700))
    twins = replace(
        problem, errands=(problem.errands[0], replace(problem.errands[1], unit="u0"), problem.errands[2])
    )
    roads = roads_of(problem)
    rule = company_of(twins, roads)
    half = half_day(twins, roads, range(3), "morning")
    found = told(find(half, np.zeros(4, np.int64), FIXED, 1 << 40, 3, burden=rule).columns)
    assert {members for _slot, members in found} == {(0,), (1,), (2,), (0, 2), (1, 2)}
    assert company_of(problem, roads) is None


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_a_tour_by_hand_is_one_that_can_be_driven_and_no_shorter_than_the_shortest(
    problem: PlanProblem,
) -> None:
    """Where there are too many stops to look at every order, what is found obeys the same hours and ways."""
    for slot in SLOTS:
        for count in range(1, len(problem.errands) + 1):
            for errands in combinations(range(len(problem.errands)), count):
                exact = roads._drive(problem, roads_of(problem), slot, errands)
                found = roads._drive_by_hand(problem, roads_of(problem), slot, errands)
                if found is None:
                    continue
                assert exact is not None
                assert sorted(found.errands) == list(errands)
                assert driven(problem, found.errands, slot) == found.metres >= exact.metres


def test_a_morning_of_many_short_visits_is_driven_in_no_time() -> None:
    """Thirty stops have more orders than anyone could look at."""
    few = county(1, units=30)
    short = tuple(
        replace(one, minutes=3, arrivals={"morning": (480, 750)}, point=(24.75 + at / 10_000, 121.75))
        for at, one in enumerate(few.errands[:30])
    )
    problem = replace(few, errands=short)
    found = drive(problem, roads_of(problem), "morning", range(30))
    assert found is not None
    assert found.errands in (tuple(range(30)), tuple(reversed(range(30))))  # they lie in one line
