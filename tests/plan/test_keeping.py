"""Who is kept: in the order of the lots, one by one, if there is room with those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.plan import planner
from auditor.plan.check import check_plan
from auditor.plan.keeping import Room, keep, largest
from auditor.plan.limits import ANY, Limit, Limits, limits_of
from auditor.plan.make import make_plan
from auditor.plan.prices import Prices
from auditor.plan.problem import PlanProblem
from plan.test_prices import allowed, field_of, limited, reachable, relaxed
from plan.world import FIELD_DAYS, START, county, errand, facts_of, fake_lots, half_days, person, record_of


@settings(max_examples=300)
@given(st.lists(st.integers(1, 9), max_size=25), st.integers(0, 40), st.sets(st.integers(0, 24), max_size=5))
def test_units_are_kept_one_by_one(sizes: list[int], room: int, never: set[int]) -> None:
    """As asking for each unit in turn does, whatever the sizes and though some fit nowhere."""
    names = [str(at) for at in range(len(sizes))]

    def fits(some: Sequence[str]) -> bool:
        return sum(sizes[int(one)] for one in some) <= room and not never & set(map(int, some))

    kept: list[str] = []
    for name in names:
        if fits([*kept, name]):
            kept.append(name)
    assert keep(names, fits) == kept


def test_few_questions_are_asked_where_nearly_all_fit() -> None:
    """A thousand units of which one does not fit: some thirty questions, not a thousand."""
    names = [str(at) for at in range(1000)]
    asked = []

    def fits(some: Sequence[str]) -> bool:
        asked.append(len(some))
        return "700" not in some

    assert keep(names, fits) == [name for name in names if name != "700"]
    assert len(asked) < 60


@settings(deadline=None, max_examples=30)
@given(limited(), st.data())
def test_groups_are_kept_while_the_linear_programme_over_all_columns_has_room(
    drawn: tuple[PlanProblem, Limits, list[int]], data: st.DataObject
) -> None:
    """One by one in their order; asked again with tighter limits the same model answers anew."""
    problem, limits, needs = drawn
    wanted = reachable(problem)
    assume(wanted)
    table = allowed(problem)
    field = field_of(problem, limits)
    dear = Prices(np.full(len(problem.errands) + 1, 10**9), (0,) * len(limits.all), 0, False, field.alone())
    columns, complete = field.find(dear, 0)
    assert complete
    room = Room(field, wanted, columns)
    groups: list[list[int]] = []
    for at in data.draw(st.permutations(wanted)):
        if groups and data.draw(st.booleans()):
            groups[-1].append(at)
        else:
            groups.append([at])
    tighter = replace(limits, all=tuple(replace(one, most=one.most // 2) for one in limits.all))
    for now in (limits, tighter, limits):
        kept: list[int] = []
        for number, group in enumerate(groups):
            some = sorted([*(at for one in kept for at in groups[one]), *group])
            inside = {one: far for one, far in table.items() if set(one[1]) & set(some)}
            if relaxed_over(inside, some, now, needs) is not None:
                kept.append(number)
        assert room.kept(groups, now) == kept


def test_who_was_kept_before_stays_though_two_that_come_later_would_take_as_little() -> None:
    """One sortie in all: a in the morning, or b and c together in the afternoon. The first by lot is kept.

    So it is too where the clock ends the questions: what has room by the first answer are the first ones.
    """
    problem = county(
        1,
        units=3,
        errands=tuple(
            replace(errand(name, START, "fire"), arrivals={slot: (480, 960)})
            for name, slot in (("a", "morning"), ("b", "afternoon"), ("c", "afternoon"))
        ),
    )
    limits = Limits((Limit(ANY, 1, 1),), np.array([1, 1, 1, 0], np.int64))
    field = field_of(problem, limits)
    dear = Prices(np.full(4, 10**9), (0,), 0, False, field.alone())
    columns, complete = field.find(dear, 0)
    assert complete
    room = Room(field, [0, 1, 2], columns)
    assert room.kept([[0], [1, 2]], limits) == [0]
    assert room.kept([[1, 2], [0]], limits) == [0]
    assert room.kept([[0], [1], [2]], limits) == [0]
    assert room.kept([[1], [2], [0]], limits) == [0, 1]
    for first, second in ((0, 1), (1, 0)):
        assert Room(field, [0, 1, 2], columns).kept([[first], [second]], limits, over=lambda: True) == [0]


def relaxed_over(
    table: dict[tuple[str, tuple[int, ...]], int], some: list[int], limits: Limits, needs: list[int]
) -> float | None:
    """The linear programme over all sets of these errands only: a set with fewer errands takes no more."""
    return relaxed({one: far for one, far in table.items() if set(one[1]) <= set(some)}, some, limits, needs)


@pytest.mark.parametrize("people", [9])
def test_a_large_tight_programme_ends_in_a_checked_plan(people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 visits and few people: a share of the half-days is used, whoever is left out is so for capacity."""
    monkeypatch.setattr(planner, "COUNTY", 40)
    days = FIELD_DAYS[:8]
    problem = county(
        7,
        units=80,
        days=days,
        staff=tuple(person(f"P{at}", *half_days(*days)[at % 2 :: 2], share=6) for at in range(people)),
    )
    assert len(problem.errands) == 100
    told: list[str] = []
    made = make_plan(problem, fake_lots(problem), work=5.0, progress=told.append)
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []
    assert made.sorties
    assert made.share is not None
    assert 0 < made.share <= 1
    reasons = {one.unit: one.reason for one in made.unplaced}
    assert set(reasons.values()) == {"capacity"}
    served = {stop.unit for sortie in made.sorties for stop in sortie.stops}
    assert served | set(reasons) == {one.unit for one in problem.errands}
    assert not served & set(reasons)
    assert any(f"{round(100 * made.share)} %" in line for line in told)


def test_limits_are_shares_of_what_people_and_cars_allow() -> None:
    """Two cars, five people free: two teams a half-day; shares bound all of them together."""
    days = FIELD_DAYS[:2]
    staff = tuple(person(f"P{at}", *half_days(*days), domains=("fire",), share=3) for at in range(5))
    problem = county(1, units=2, days=days, staff=staff)
    limits = {(one.slot, one.domain): one.most for one in limits_of(problem, 1.0).all}
    assert [limits[slot, -1] for slot in (0, 1, 2, -1)] == [4, 4, 4, 7]
    half = {(one.slot, one.domain): one.most for one in limits_of(problem, 0.5).all}
    assert [half[slot, -1] for slot in (0, 1, 2, -1)] == [2, 2, 2, 3]
    keys = sorted({key for one in problem.errands for key in one.domains})
    bit = 1 << keys.index("fire")
    assert [limits[slot, bit] for slot in (0, 1, 2, -1)] == [4, 4, 4, 15]
    none = [one.most for one in limits_of(problem, 1.0).all if one.domain not in (-1, bit)]
    assert np.sum(none) == 0


def test_limits_count_days_after_the_beacon_cars_holders_and_half_days_that_there_are() -> None:
    """One car in the evening; one of five holds food, one is there in fewer half-days than may be used."""
    days = FIELD_DAYS[:3]
    staff = [person(f"P{at}", *half_days(*days), domains=("fire",), share=3) for at in range(4)]
    staff[0] = replace(staff[0], domains=("fire", "food"))
    staff.append(person("P4", *(f"{day}/morning" for day in days), domains=("fire",), share=5))
    problem = county(
        1,
        units=2,
        days=days,
        staff=tuple(staff),
        beacon_day=days[0],
        cars_in={"evening": 1},
    )
    limits = {(one.slot, one.domain): one.most for one in limits_of(problem, 1.0).all}
    assert [limits[slot, -1] for slot in (0, 1, 2, -1)] == [4, 4, 2, 7]
    keys = sorted({key for one in problem.errands for key in one.domains})
    food, fire = (1 << keys.index(key) for key in ("food", "fire"))
    assert [limits[slot, food] for slot in (0, 1, 2, -1)] == [2, 2, 2, 3]
    assert [limits[slot, fire] for slot in (0, 1, 2, -1)] == [4, 4, 2, 15]


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 5))
def test_the_largest_that_does_is_found_however_fast_it_falls(most: int, good: int, fall: int) -> None:
    """Nothing is asked twice; falling by one no more are asked than lie above it."""
    good = min(good, most)
    asked: list[int] = []

    def does(number: int) -> bool:
        asked.append(number)
        return number <= good

    assert largest(most, does, lambda: fall, lambda: False) == good
    assert len(set(asked)) == len(asked)
    assert all(1 <= number <= most for number in asked)
    if fall == 1:
        assert len(asked) == most - good + (good > 0)


def test_where_it_is_over_the_best_so_far_is_the_answer() -> None:
    """From 10 down by four to 2, which does, then 4: over before 5 is asked."""
    asked: list[int] = []

    def does(number: int) -> bool:
        asked.append(number)
        return number <= 5

    assert largest(10, does, lambda: 4, lambda: len(asked) == 4) == 4
    assert asked == [10, 6, 2, 4]
    assert largest(10, does, lambda: 4, lambda: True) == 0


def test_more_domains_than_bits_leave_the_scarcest_limited() -> None:
    """Two hundred domains: nobody holds the last, so no errand with it has room; most are not asked about."""
    names = tuple(f"d{number:03d}" for number in range(200))
    few = county(1, units=4)
    staff = tuple(replace(one, domains=names[:-1]) for one in few.staff)
    errands = tuple(replace(one, domains=names) for one in few.errands)
    found = limits_of(replace(few, staff=staff, errands=errands), 1.0)
    assert len({one.domain for one in found.all}) == 60 + 1  # and all together
    assert min(one.most for one in found.all if one.slot == ANY) == 0
