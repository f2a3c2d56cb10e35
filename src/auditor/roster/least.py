"""The least sum of weighted squares that a model of a roster allows, proven or with its bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from auditor.roster import objective
from auditor.roster.prices import Limits, Prices, keep_near, near_limits, prices_of
from auditor.roster.problem import RosterProblem
from auditor.roster.rows import rows_of
from auditor.solving import IMPOSSIBLE, OPTIMAL, OUT_OF_WORK, Solved, solve, whole_numbers

QUICK = 1.0
"""Units of work after which a roster at the bound is looked for by branch and bound as well."""

MOST = 60_000
"""So many variables that are open at most let a linear programme be solved in a minute or less."""

REACHES = (0, 8, 64, 512)
"""How far above the bound rosters are looked for, one after the other."""


@dataclass(frozen=True, slots=True)
class Least:
    """How the last solve ended, and a proven bound; what is found may be read by the model's own variables.

    Where `proven`, what is found has the least sum.
    """

    solved: Solved
    bound: int
    proven: bool


def least_squares(
    model: cp_model.CpModel, part: RosterProblem, counters: objective.Counters, *, work: float
) -> Least:
    """Find the least sum of weighted squares.

    First a bound is proven (`prices`), and rosters are looked for at the bound only: one is the fairest.
    Then, a little above it and so on, the fairest of those near is: that none is there proves a higher bound.
    In the end the sum is made small without limits.

    Parameters
    ----------
    model
        With all rules, without an objective; it stays as it is.
    work
        Deterministic units at most, for what is near the bound and for the rest.
    """
    levels = objective.levels_of(part)
    bound = objective.floor(part)
    rows = rows_of(model)
    small = sum(low < high for low, high in zip(rows.low, rows.high, strict=True)) <= MOST
    prices = prices_of(rows, *objective.priced(part, counters, levels)) if small else None
    known: Solved | None = None
    if prices is not None:
        bound = objective.next_value(part, max(bound, prices.bound))
        left = work
        for reach in REACHES:
            solved = _near(model, prices, bound + reach, left)
            left -= solved.work
            if solved.status == OPTIMAL:
                return Least(solved, bound, True)
            known = solved if solved.found else None
            if solved.status != IMPOSSIBLE:
                break
            bound = objective.next_value(part, bound + reach + 1)
            if left <= 0:
                break
    else:
        even = model.clone()
        objective.keep_level(even, counters, levels)
        solved = solve(even, work=work, linearization=1)
        if solved.found:
            return Least(solved, bound, True)
    whole = model.clone()
    whole.minimize(sum(objective.squares(whole, counters, levels)))
    if known is not None:
        whole.clear_hints()
        for at in range(len(rows.low)):
            whole.add_hint(whole.get_int_var_from_proto_index(at), known.solver.response_proto.solution[at])
    solved = solve(whole, work=work)
    if solved.found:
        return Least(solved, max(bound, solved.bound), solved.status == OPTIMAL)
    return Least(solved if known is None else known, bound, False)


def _near(model: cp_model.CpModel, prices: Prices, most: int, work: float) -> Solved:
    """Look for the fairest roster whose sum is `most` or less."""
    near = model.clone()
    spare = most * prices.parts - prices.least
    above = keep_near(near, prices, spare)
    if spare:
        near.minimize(above)
        return solve(near, work=work, linearization=1)
    return look(near, *near_limits(prices), work=work)


def look(model: cp_model.CpModel, limits: Limits, ends: Sequence[tuple[int, int]], *, work: float) -> Solved:
    """Look for any roster of a model without an objective.

    Where it is not found soon, branch and bound looks for one as well: what that finds is tried in the model.

    Parameters
    ----------
    limits
        Rows that the model's rosters keep, and `ends` between which numbers its first variables lie.
    """
    quick = min(QUICK, work)
    solved = solve(model, work=quick, linearization=1)
    if solved.status != OUT_OF_WORK or work <= quick:
        return solved
    values = whole_numbers(limits, ends)
    if values is not None:
        tried = model.clone()
        for at, value in enumerate(values):
            tried.add(tried.get_int_var_from_proto_index(at) == value)
        exact = solve(tried, work=work, linearization=1)
        if exact.found:
            return exact
    return solve(model, work=work - quick, linearization=1)
