"""Prices against the linear programme over every column, and against the best partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ortools.linear_solver import pywraplp

from auditor.entities import SLOTS
from auditor.plan.columns import half_day
from auditor.plan.company import company_of
from auditor.plan.limits import ANY, Limit, Limits
from auditor.plan.prices import Field, price
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import roads_of
from plan.orders import FIXED, Column, covers, every_column, too_many, worlds


def field_of(problem: PlanProblem, limits: Limits, fixed: int = FIXED) -> Field:
    """The field of all errands of a problem."""
    roads = roads_of(problem)
    count = len(problem.errands)
    halves = tuple(half_day(problem, roads, range(count), slot) for slot in SLOTS)
    return Field(halves, fixed, limits, count, company_of(problem, roads))


def allowed(problem: PlanProblem) -> dict[Column, int]:
    """All columns, those out that the rule of company forbids."""
    return {one: far for one, far in every_column(problem).items() if not too_many(problem, one[1])}


def reachable(problem: PlanProblem) -> list[int]:
    """The errands that can be visited alone."""
    return sorted({members[0] for _slot, members in every_column(problem) if len(members) == 1})


def counts(limit: Limit, needs: Sequence[int], column: Column) -> bool:
    """Whether a column counts in a limit, by the limit's own words."""
    slot, members = column
    if limit.slot != ANY and list(SLOTS)[limit.slot] != slot:
        return False
    return limit.domain == ANY or any(needs[at] & limit.domain for at in members)


def relaxed(
    table: Mapping[Column, int], wanted: Sequence[int], limits: Limits, needs: Sequence[int]
) -> float | None:
    """The optimum of the linear programme with every column; None where it has no solution."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    rows = {at: solver.Constraint(1, 1) for at in wanted}
    most = [solver.Constraint(-solver.infinity(), one.most) for one in limits.all]
    for column, metres in table.items():
        if set(column[1]) <= set(wanted):
            part = solver.NumVar(0, solver.infinity(), "")
            solver.Objective().SetCoefficient(part, metres + FIXED)
            for at in column[1]:
                rows[at].SetCoefficient(part, 1)
            for row, limit in zip(most, limits.all, strict=True):
                if counts(limit, needs, column):
                    row.SetCoefficient(part, 1)
    solver.Objective().SetMinimization()
    if solver.Solve() != solver.OPTIMAL:
        return None
    return float(solver.Objective().Value())


def within(chosen: Sequence[Column], limits: Limits, needs: Sequence[int]) -> bool:
    """Whether a cover keeps the limits."""
    return all(sum(counts(one, needs, column) for column in chosen) <= one.most for one in limits.all)


@st.composite
def limited(draw: st.DrawFn) -> tuple[PlanProblem, Limits, list[int]]:
    """A problem, limits by half-day and by two domains, and which domains each errand needs."""
    problem = draw(worlds())
    needs = [draw(st.integers(1, 3)) for _ in problem.errands]
    kinds = draw(
        st.lists(
            st.tuples(st.sampled_from([ANY, 0, 1, 2]), st.sampled_from([ANY, 1, 2])), unique=True, max_size=4
        )
    )
    limits = tuple(Limit(slot, domain, draw(st.integers(0, 3))) for slot, domain in sorted(kinds))
    return problem, Limits(limits, np.array([*needs, 0], np.int64)), needs


@settings(deadline=None, max_examples=50)
@given(limited())
def test_the_bound_is_the_relaxation_and_below_every_bundling(
    drawn: tuple[PlanProblem, Limits, list[int]],
) -> None:
    """Within a metre for each visit, never above the cheapest cover; short exactly where parts do not fit."""
    problem, limits, needs = drawn
    wanted = reachable(problem)
    assume(wanted)
    table = allowed(problem)
    found = price(field_of(problem, limits), wanted)
    optimum = relaxed(table, wanted, limits, needs)
    assert found.short == (optimum is None)
    if optimum is None:
        return
    assert optimum - len(wanted) - 1 <= found.bound_m <= optimum + 1e-6 * optimum
    best = min(
        (
            sum(table[one] + FIXED for one in chosen)
            for chosen in covers(frozenset(wanted), table)
            if within(chosen, limits, needs)
        ),
        default=None,
    )
    assert best is None or found.bound_m <= best


@settings(deadline=None, max_examples=20)
@given(limited())
def test_no_column_is_cheaper_than_its_prices(drawn: tuple[PlanProblem, Limits, list[int]]) -> None:
    """Beyond a rounding of a millimetre for each visit and limit."""
    problem, limits, needs = drawn
    wanted = reachable(problem)
    assume(wanted)
    found = price(field_of(problem, limits), wanted)
    assume(not found.short)
    for column, metres in allowed(problem).items():
        less = sum(int(found.visits[at]) for at in column[1])
        more = sum(w for w, one in zip(found.limits, limits.all, strict=True) if counts(one, needs, column))
        assert (metres + FIXED) * 1000 - less + more >= -len(column[1]) - len(limits.all)


@settings(deadline=None, max_examples=100)
@given(limited(), st.data())
def test_prices_of_limits_burden_the_columns_that_count_in_them(
    drawn: tuple[PlanProblem, Limits, list[int]], data: st.DataObject
) -> None:
    """The burden of a set of errands is the sum of the prices of the limits it counts in."""
    _problem, limits, needs = drawn
    assume(needs)
    worth = [data.draw(st.integers(0, 9)) for _ in limits.all]
    some = sorted(data.draw(st.sets(st.integers(0, len(needs) - 1), min_size=1)))
    for number, slot in enumerate(SLOTS):
        burden = limits.burden(number, worth)
        due = sum(
            price
            for price, one in zip(worth, limits.all, strict=True)
            if counts(one, needs, (slot, tuple(some)))
        )
        assert (int(burden(np.array([some], np.int64))[0]) if burden else 0) == due


@settings(deadline=None, max_examples=60)
@given(limited(), st.integers(0, 4), st.booleans())
def test_where_time_ends_the_bound_still_holds(
    world: tuple[PlanProblem, Limits, list[int]], asked: int, rough: bool
) -> None:
    """However early it ends: no more than the best partition costs, and it says that it was cut off."""
    problem, limits, needs = world
    wanted = reachable(problem)
    assume(wanted)
    left = iter(range(asked))
    found = price(field_of(problem, limits), wanted, rough=rough, over=lambda _: next(left, None) is None)
    whole = price(field_of(problem, limits), wanted)
    assert found.bound_m <= whole.bound_m or whole.short
    assert not whole.over
    assert found.over or asked == 4
    least = relaxed(allowed(problem), wanted, limits, needs)
    assert least is None or found.bound_m <= least + 1
