"""What is proven of a roster's squares: prices, rows, posts alike, pouring, each against a twin."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from heapq import heapify, heapreplace
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.entities import Post
from auditor.roster import least, objective, prices
from auditor.roster.alike import merged, parted
from auditor.roster.levels import level
from auditor.roster.leximin import leximin
from auditor.roster.make import Duties, fairest, ruled
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.rows import Row, Rows, rows_of
from auditor.solving import whole_numbers
from effort import MODELS, SMALL_MODELS
from roster.test_engine import DAY, MONDAY, desks, every, keeps


def poured(carried: Sequence[int], new: int, scale: Sequence[int]) -> int:
    """The least sum of squares, step by step."""
    counts = list(carried)
    steps = [
        (factor * (2 * count + 1), at) for at, (factor, count) in enumerate(zip(scale, counts, strict=True))
    ]
    heapify(steps)
    for _step in range(new):
        _cost, at = steps[0]
        counts[at] += 1
        heapreplace(steps, (scale[at] * (2 * counts[at] + 1), at))
    return sum(factor * count**2 for factor, count in zip(scale, counts, strict=True))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=6), st.integers(0, 30))
def test_pouring_is_the_sum_of_the_cheapest_steps(people: list[tuple[int, int]], new: int) -> None:
    """And everybody's ends hold what must be given out between them."""
    carried, scale = [one for one, _factor in people], [factor for _one, factor in people]
    found = level(carried, new, scale)
    assert found.squares == poured(carried, new, scale)
    assert sum(found.low) <= sum(carried) + new <= sum(found.high)


def test_pouring_does_not_go_step_by_step() -> None:
    """A need without sense is no reason to wait."""
    found = level([0, 1], 10**15)
    assert found.low == (5 * 10**14, 5 * 10**14)
    assert found.squares == (5 * 10**14) ** 2 + (5 * 10**14 + 1) ** 2


def holds(row: Row, values: Sequence[int]) -> bool:
    """Whether a row holds."""
    total = sum(factor * values[at] for at, factor in row.entries)
    return (row.low is None or row.low <= total) and (row.high is None or total <= row.high)


def taken(rows: Rows, values: Sequence[int]) -> bool:
    """Whether values lie within all limits and rows."""
    ends = zip(rows.low, values, rows.high, strict=True)
    return all(low <= one <= high for low, one, high in ends) and all(holds(row, values) for row in rows.rows)


LITERALS = st.lists(st.integers(-4, 3), min_size=1, max_size=4, unique=True)


@given(st.lists(st.tuples(st.sampled_from(["most", "one", "or", "implies", "sum"]), LITERALS), max_size=5))
def test_rows_say_what_the_model_says(told: list[tuple[str, list[int]]]) -> None:
    """For every choice of four variables, negated or not."""
    model = cp_model.CpModel()
    variables = [model.new_bool_var(f"{at}") for at in range(4)]
    said: list[Callable[[list[int]], bool]] = []
    for kind, literals in told:
        cells = [variables[one] if one >= 0 else variables[-1 - one].negated() for one in literals]

        def true(values: list[int], literals: list[int] = literals) -> list[int]:
            return [values[one] if one >= 0 else 1 - values[-1 - one] for one in literals]

        if kind == "most":
            model.add_at_most_one(cells)
            said.append(lambda values, true=true: sum(true(values)) <= 1)
        elif kind == "one":
            model.add_exactly_one(cells)
            said.append(lambda values, true=true: sum(true(values)) == 1)
        elif kind == "or":
            model.add_bool_or(cells)
            said.append(lambda values, true=true: any(true(values)))
        elif kind == "implies":
            model.add_implication(cells[0], cells[-1])
            said.append(lambda values, true=true: true(values)[0] <= true(values)[-1])
        else:
            model.add(sum(cells) <= 2)
            said.append(lambda values, true=true: sum(true(values)) <= 2)
    rows = rows_of(model)
    for choice in product((0, 1), repeat=4):
        values = list(choice)
        if all(low <= one <= high for low, one, high in zip(rows.low, values, rows.high, strict=True)):
            assert taken(rows, values) is all(one(values) for one in said)
        else:
            assert not all(one(values) for one in said)


def priced(problem: RosterProblem) -> tuple[Rows, dict[int, int], int, Callable[[Duties], list[int]]]:
    """The rows of a desk, its squares, what stands, and the variables' values in a roster."""
    model, v = ruled(problem)
    counters = objective.Counters(model, problem, v)
    squares, _even, stood = objective.priced(problem, counters, objective.levels_of(problem))
    rows = rows_of(model)

    def values(duties: Duties) -> list[int]:
        found = [0] * len(rows.low)
        for shift, person in duties:
            found[v.on_duty(person, shift).index] = 1
        for (who, name), count in objective.counted(problem, duties).items():
            if name in counters.new:
                person = next(one for one in problem.people if one.id == who)
                found[counters.count(person, name).index] = count
        return found

    return rows, squares, stood, values


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(desks(most_days=3), st.integers(0, 1000), st.sampled_from([1, 3]))
def test_whatever_the_prices_nothing_goes_under_them(problem: RosterProblem, seed: int, parts: int) -> None:
    """Prices drawn at random: the sum of squares is the bound and what is dearer, to the unit; and rows hold
    for a roster if and only if the rules do.
    """
    rows, squares, stood, values = priced(problem)
    rng = random.Random(seed)
    drawn = [rng.uniform(-30, 30) for _row in rows.rows]
    found = prices._rounded(rows, squares, drawn, parts, stood, {})
    for choice in product(problem.people, repeat=len(problem.shifts)):
        duties = tuple(zip(problem.shifts, choice, strict=True))
        own = values(duties)
        assert taken(rows, own) is keeps(problem, duties)
        if not taken(rows, own):
            continue
        dearer = sum(found.dearer(at, value) for at, value in enumerate(own))
        for row, price in zip(rows.rows, found.prices, strict=True):
            total = sum(factor * own[at] for at, factor in row.entries)
            end = row.low if price > 0 else row.high
            dearer += abs(price) * abs(total - end) if price and end is not None else 0
        value = objective.unfairness(problem, duties)
        assert value * parts == found.least + dearer
        assert found.bound <= value == objective.next_value(problem, value)


@settings(deadline=None, max_examples=MODELS)
@given(desks(), st.booleans())
def test_poor_prices_prove_as_much_in_the_end(problem: RosterProblem, none: bool) -> None:
    """Without a linear programme, or with prices that say nothing, the fairest is found and proven."""
    values = [objective.unfairness(problem, duties) for duties in every(problem)]
    assume(values)

    def poor(rows: Rows, squares: dict[int, int], _even: object, constant: int) -> prices.Prices | None:
        return None if none else prices._rounded(rows, squares, [0.0] * len(rows.rows), 1, constant, {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(least, "prices_of", poor)
        found = fairest(problem, work=5)
    assert found is not None
    assert (found.value, found.bound) == (min(values), min(values))


@settings(deadline=None, max_examples=MODELS)
@given(desks(), st.sampled_from(["found", "none", "wrong"]))
def test_what_branch_and_bound_finds_is_tried(problem: RosterProblem, how: str) -> None:
    """Numbers that fit no rule, or none, change nothing in what is found."""
    values = [objective.unfairness(problem, duties) for duties in every(problem)]
    assume(values)

    def looked(rows: object, ends: Sequence[tuple[int, int]]) -> tuple[int, ...] | None:
        if how == "found":
            return whole_numbers(rows, ends)
        return None if how == "none" else tuple(high for _low, high in ends)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(least, "QUICK", 0.0)
        patch.setattr(least, "whole_numbers", looked)
        found = fairest(problem, work=5)
    assert found is not None
    assert (found.value, found.bound) == (min(values), min(values))


def test_whole_numbers_fit_their_rows() -> None:
    """3x + 5y = 21 has one solution in small numbers; 2x + 4y is never odd."""
    assert whole_numbers([(21, 21, [(0, 3), (1, 5)])], [(0, 4), (0, 9)]) == (2, 3)
    assert whole_numbers([(7, 7, [(0, 2), (1, 4)])], [(0, 9), (0, 9)]) is None


@settings(deadline=None, max_examples=MODELS)
@given(desks(most_days=2), st.data())
def test_posts_alike_are_one_and_parted_again(problem: RosterProblem, data: st.DataObject) -> None:
    """With a second post at each post's hours: as fair as the fairest of all rosters, locked cells kept."""
    twins = []
    for shift in problem.shifts:
        other = replace(shift.post, id=f"{shift.post.id}-2")
        twins += [shift, replace(shift, post=other)]
    shifts = tuple(replace(shift, index=at) for at, shift in enumerate(twins))
    wide = replace(
        problem, shifts=shifts, posts=tuple({shift.post.id: shift.post for shift in shifts}.values())
    )
    rosters = list(every(wide))
    assume(rosters)
    shift, person = data.draw(st.sampled_from(rosters[0]))
    wide = replace(wide, locked=((shift.index, person.id),))
    rosters = [duties for duties in rosters if (shift, person) in duties]
    assert len(merged(wide).shifts) == len(problem.shifts)
    found = fairest(wide, work=5)
    assert found is not None
    assert found.value == min(objective.unfairness(wide, duties) for duties in rosters)
    assert keeps(wide, found.duties)
    assert (shift, person) in found.duties
    assert sorted(shift.index for shift, _person in found.duties) == [shift.index for shift in wide.shifts]


def test_a_block_is_not_made_one_with_its_like() -> None:
    """Its days are tied shift by shift; what is not alike stays as it is."""
    start = DAY.start
    shifts = tuple(
        Shift(at, MONDAY, replace(DAY, id=f"d{at}"), 1, start, start + DAY.minutes, ("total",), block)
        for at, block in enumerate((-1, -1, 2))
    )
    problem = RosterProblem(
        first=MONDAY, shifts=shifts, people=(), posts=(DAY,), weights={"total": 2}, provisional=False,
        standby={}, before=(),
    )  # fmt: skip
    assert [(shift.index, shift.need) for shift in merged(problem).shifts] == [(0, 2), (2, 1)]
    assert parted(problem, ()) == ()


RESTED = replace(DAY, rest=600)


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        pytest.param({"post": replace(RESTED, id="other")}, True, id="the name of the post"),
        pytest.param({"start": DAY.start - 1}, False, id="its begin"),
        pytest.param(
            {"end": DAY.start + DAY.minutes + 1, "post": replace(RESTED, rest=599)}, False, id="its end"
        ),
        pytest.param({"classes": ("total", "night")}, False, id="what it counts as"),
        pytest.param({"post": replace(RESTED, rest=601)}, False, id="the rest after it"),
        pytest.param({"post": replace(RESTED, role="leader")}, False, id="who fills it"),
        pytest.param({"post": replace(RESTED, kind="standby")}, False, id="stand-by"),
        pytest.param({"post": replace(RESTED, by_phone=True)}, False, id="by telephone"),
    ],
)
def test_shifts_are_one_only_where_nothing_but_the_name_differs(change: dict[str, Any], alike: bool) -> None:
    """Each difference by itself: a rule may ask for it."""
    shift = Shift(0, MONDAY, RESTED, 1, DAY.start, DAY.start + DAY.minutes, ("total",))
    problem = RosterProblem(
        first=MONDAY, shifts=(shift, replace(shift, index=1, **change)), people=(), posts=(DAY,),
        weights={"total": 2}, provisional=False, standby={}, before=(),
    )  # fmt: skip
    assert len(merged(problem).shifts) == (1 if alike else 2)


HARD = 23533
HARD_GREATEST = {"holiday": 4, "weekend": 8, "night": 12, "total": 26}


def hard_desk() -> RosterProblem:
    """Six weeks, 14 people, two seats by day and two by night, counters that pull apart, much leave."""
    rng = random.Random(5)
    days = 42
    holidays = set(rng.sample(range(days), 5))
    shifts = []
    for day in range(days):
        own = ["holiday"] if day in holidays else ["weekend"] if day % 7 > 4 else []
        for name, night in (("d1", False), ("d2", False), ("n1", True), ("n2", True)):
            classes = ("total", *own, *(["night"] if night else []))
            post = Post(id=name, role="officer", start=0, minutes=1, night=False)
            start = day * 1440
            shifts.append(
                Shift(len(shifts), MONDAY + timedelta(days=day), post, 1, start, start + 1, classes)
            )
    people = []
    for at in range(14):
        leave: set[int] = set(holidays) if at % 3 == 0 else set()
        while len(leave) < 6:
            first = rng.randint(0, days - 1)
            leave |= set(range(first, min(days, first + rng.randint(1, 6))))
        most = {"holiday": 3, "weekend": 8, "night": 12, "total": 25}
        people.append(
            RosterPerson(
                id=f"o{at:02d}",
                roles=("officer",),
                leave=tuple(MONDAY + timedelta(days=day) for day in sorted(leave)),
                standby=(),
                carried={name: rng.randint(0, high) for name, high in most.items()},
            )
        )
    return RosterProblem(
        first=MONDAY,
        shifts=tuple(shifts),
        people=tuple(people),
        posts=tuple({shift.post.id: shift.post for shift in shifts}.values()),
        weights={"holiday": 8, "weekend": 4, "night": 3, "total": 2},
        provisional=False,
        standby={},
        before=(),
        gaps={"officer": 2},
    )


def test_a_desk_whose_levels_cannot_be_kept_is_proven() -> None:
    """The values were found and proven by tangents alone, without prices; twice made, it is the same."""
    problem = hard_desk()
    found = fairest(problem, work=30)
    assert found is not None
    assert (found.value, found.bound) == (HARD, HARD)
    assert found.value > objective.floor(problem)
    assert objective.unfairness(problem, found.duties) == HARD
    assert fairest(problem, work=30) == found


def test_leximin_of_such_a_desk_is_proven() -> None:
    """Known from stages solved one by one, without prices."""
    found = leximin(hard_desk(), work=30)
    assert found is not None
    assert [(one.name, one.value, one.bound) for one in found[1]] == [
        (name, value, value) for name, value in HARD_GREATEST.items()
    ]


@pytest.mark.parametrize("work", [0.001, 0.1, 0.4])
def test_work_that_runs_out_leaves_a_bound(work: float) -> None:
    """Not proven is said so: the truth lies between bound and value, however little was done."""
    found = fairest(hard_desk(), work=work)
    if found is not None:
        assert found.bound <= HARD <= found.value
        assert found.bound > objective.floor(hard_desk())
        assert found.value == objective.unfairness(hard_desk(), found.duties)
