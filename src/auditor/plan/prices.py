"""Prices of visits: which tours can be part of a cheaper plan at all.

The linear relaxation of set partitioning gives each visit a price. Whatever the prices are, the sum
of all prices and of all negative reduced costs is a lower bound on every partition, and a tour with
reduced cost r is in none that costs less than that bound plus r. Prices are rounded to whole
millimetres first, so both statements hold exactly whatever the linear solver's accuracy was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from auditor.plan.tours import Tour

MM = 1000


def reduced_costs(tours: Sequence[Tour], costs: Sequence[int], most: int) -> tuple[list[int], int]:
    """Give the reduced cost of each tour and a lower bound, in millimetres.

    Parameters
    ----------
    costs
        Whole metres of each tour.
    most
        How many tours may be chosen in all.
    """
    return reduce_by(*linear_prices(tours, costs, most), tours, costs, most)


def reduce_by(
    prices: Mapping[int, int], each: int, tours: Sequence[Tour], costs: Sequence[int], most: int
) -> tuple[list[int], int]:
    """Give reduced costs and bound for any whole prices of the visits, `each` (at most 0) for a tour."""
    reduced = [
        cost * MM - each - sum(prices[at] for at in tour.errands)
        for tour, cost in zip(tours, costs, strict=True)
    ]
    return reduced, sum(prices.values()) + each * most + sum(min(0, one) for one in reduced)


def linear_prices(tours: Sequence[Tour], costs: Sequence[int], most: int) -> tuple[dict[int, int], int]:
    """Give the best prices of the visits, and that of each tour, by the linear relaxation; else zeros."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    covering: dict[int, list[int]] = defaultdict(list)
    for number, tour in enumerate(tours):
        for at in tour.errands:
            covering[at].append(number)
    chosen = [solver.NumVar(0.0, solver.infinity(), "") for _ in tours]
    rows = {}
    for at in sorted(covering):
        rows[at] = solver.Constraint(1.0, 1.0)
        for number in covering[at]:
            rows[at].SetCoefficient(chosen[number], 1.0)
    limit = solver.Constraint(0.0, float(most))
    aim = solver.Objective()
    for variable, cost in zip(chosen, costs, strict=True):
        limit.SetCoefficient(variable, 1.0)
        aim.SetCoefficient(variable, float(cost))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return dict.fromkeys(covering, 0), 0
    prices = {at: round(row.dual_value() * MM) for at, row in rows.items()}
    return prices, min(0, round(limit.dual_value() * MM))
