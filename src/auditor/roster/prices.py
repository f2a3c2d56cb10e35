"""What prices prove of a roster's squares: a sum that none goes under, and where those near it must lie.

Duties taken in part make a linear programme (`rows`); a counter's square is the sum of its steps, and taken
in part each step still costs what it costs, so nothing is lost but wholeness. Its dual solution gives every
row a price. With whatever prices, rounded to whole parts of a unit, the sum of squares of a roster is::

    bound + what each variable, counter and row is dearer than its cheapest

exactly, in whole numbers, and nothing in the sum is below 0 (weak duality). So a roster is at the bound if
and only if everything is at its cheapest, and one that is not dearer than `spare` has nothing that is dearer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ortools.sat.python import cp_model

from auditor.roster.rows import Rows
from auditor.solving import Linear, infinity

PARTS = (1, 2, 6, 12, 60, 840, 10_000_000)
"""Into how many parts a unit is cut, until rounded prices prove as much as the linear programme's."""

MARGIN = 4
"""So many steps above what is even each counter has in the linear programme at first."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of rows in `parts` of a unit, and what they prove; `squares` is by variable the factor of its
    square, 0 for what is no counter.
    """

    rows: Rows
    squares: Mapping[int, int]
    parts: int
    prices: tuple[int, ...]
    reduced: tuple[int, ...]
    """By variable: what one more of it costs, its square aside."""
    least: int
    """In parts: what the cheapest of everything costs together."""

    @property
    def bound(self) -> int:
        """What no sum of squares goes under, rounded up."""
        return -(-self.least // self.parts)

    def dearer(self, at: int, value: int) -> int:
        """Give in parts how much dearer than its cheapest a variable is at a value."""
        return self._cost(at, value) - self.cheapest(at)

    def _cost(self, at: int, value: int) -> int:
        return self.parts * self.squares.get(at, 0) * value * value + self.reduced[at] * value

    def cheapest(self, at: int) -> int:
        """Give in parts what a variable costs where it is cheapest."""
        low, high, factor = self.rows.low[at], self.rows.high[at], self.parts * self.squares.get(at, 0)
        if not factor:
            return min(self._cost(at, low), self._cost(at, high))
        # the step from k to k + 1 costs factor * (2k + 1) + reduced
        best = min(max(low, -(-(-self.reduced[at] - factor) // (2 * factor))), high)
        return min(self._cost(at, one) for one in {max(low, best - 1), best, min(high, best + 1)})

    def within(self, at: int, spare: int) -> tuple[int, int]:
        """Give the ends between which a variable lies where it is at most `spare` parts dearer."""
        low, high = self.rows.low[at], self.rows.high[at]
        while low < high and self.dearer(at, low) > spare:
            low += 1
        while low < high and self.dearer(at, high) > spare:
            high -= 1
        return low, high


def prices_of(
    rows: Rows,
    squares: Mapping[int, int],
    even: Mapping[int, int],
    constant: int = 0,
    costs: Mapping[int, int] | None = None,
) -> Prices | None:
    """Find prices that prove as much as a linear programme can; None where it has no optimum.

    Parameters
    ----------
    squares
        By variable the factor of its square.
    even
        By variable of a square about how great it will be.
    constant
        What is to be added to the sum.
    costs
        By variable that has no square what one of it costs; others cost nothing.
    """
    if any(low > high for low, high in zip(rows.low, rows.high, strict=True)):
        return None
    margin = MARGIN
    while True:
        top = {at: min(rows.high[at], max(rows.low[at], even[at]) + margin) for at in squares}
        programme = _Programme(rows, squares, top, costs or {})
        narrow = [at for at in squares if top[at] < rows.high[at]]
        if programme.solve():
            best = _best(rows, squares, programme, constant, costs or {})
            # a counter that wants to be above its last step says that the programme was too narrow
            if all(best.dearer(at, top[at] + 1) >= best.dearer(at, top[at]) for at in narrow):
                return best
            margin *= 4
        elif narrow:
            margin = max(rows.high)
        else:
            return None


class _Programme:
    """The linear programme of rows and of counters, whose squares are made of steps."""

    def __init__(
        self, rows: Rows, squares: Mapping[int, int], top: Mapping[int, int], costs: Mapping[int, int]
    ) -> None:
        ends: list[tuple[float, float]] = []
        columns: dict[int, list[tuple[int, int]]] = {}
        self.constant = 0
        for number, row in enumerate(rows.rows):
            # columns begin at 0, so variables are counted from their lower end
            base = sum(factor * rows.low[at] for at, factor in row.entries)
            low = -infinity() if row.low is None else row.low - base
            ends.append((low, infinity() if row.high is None else row.high - base))
            for at, factor in row.entries:
                columns.setdefault(at, []).append((number, factor))
        self._linear = Linear(ends)
        for at, factor in squares.items():
            self.constant += factor * rows.low[at] ** 2
            for step in range(rows.low[at], top[at]):
                self._linear.limit(self._linear.add(factor * (2 * step + 1), columns.get(at, [])), 1.0)
        for at in sorted({*columns, *costs} - set(squares)):
            cost = costs.get(at, 0)
            self.constant += cost * rows.low[at]
            column = self._linear.add(cost, columns.get(at, []))
            self._linear.limit(column, rows.high[at] - rows.low[at])

    def solve(self) -> bool:
        return self._linear.solve()

    @property
    def objective(self) -> float:
        return self._linear.objective + self.constant

    def prices(self) -> list[float]:
        return self._linear.prices()


def _best(
    rows: Rows, squares: Mapping[int, int], programme: _Programme, constant: int, costs: Mapping[int, int]
) -> Prices:
    """Round a programme's prices to as few parts of a unit as prove all that it says, else to the best."""
    best: Prices | None = None
    for parts in PARTS:
        found = _rounded(rows, squares, programme.prices(), parts, constant, costs)
        if best is None or found.least * best.parts > best.least * found.parts:
            best = found
        if found.least >= (programme.objective + constant - 1e-6) * parts:
            break
    assert best is not None
    return best


def _rounded(
    rows: Rows,
    squares: Mapping[int, int],
    prices: Sequence[float],
    parts: int,
    constant: int,
    costs: Mapping[int, int],
) -> Prices:
    """Round prices to whole parts and count what they prove."""
    whole = []
    reduced = [parts * costs.get(at, 0) for at in range(len(rows.low))]
    least = parts * constant
    for row, price in zip(rows.rows, prices, strict=True):
        own = round(price * parts)
        end = row.low if own > 0 else row.high
        if own == 0 or end is None:
            whole.append(0)
            continue
        whole.append(own)
        least += own * end
        for at, factor in row.entries:
            reduced[at] -= own * factor
    found = Prices(rows, squares, parts, tuple(whole), tuple(reduced), 0)
    least += sum(found.cheapest(at) for at in range(len(rows.low)))
    return Prices(rows, squares, parts, tuple(whole), tuple(reduced), least)


Limits = list[tuple[float, float, list[tuple[int, int]]]]


def limits_of(rows: Rows) -> tuple[Limits, list[tuple[int, int]]]:
    """Give rows with their ends, and between which numbers each variable lies."""
    limits = [
        (
            -infinity() if row.low is None else float(row.low),
            infinity() if row.high is None else float(row.high),
            list(row.entries),
        )
        for row in rows.rows
    ]
    return limits, list(zip(rows.low, rows.high, strict=True))


def near_limits(prices: Prices) -> tuple[Limits, list[tuple[int, int]]]:
    """Give what `limits_of` gives, of the rosters at the bound."""
    rows = prices.rows
    limits, _ends = limits_of(rows)
    for number, price in enumerate(prices.prices):
        low, high, entries = limits[number]
        if price:
            end = low if price > 0 else high
            limits[number] = (end, end, entries)
    ends = [
        prices.within(at, 0) if at in prices.squares or prices.reduced[at] else (rows.low[at], rows.high[at])
        for at in range(len(rows.low))
    ]
    return limits, ends


def keep_near(model: cp_model.CpModel, prices: Prices, spare: int) -> cp_model.LinearExprT:
    """Let only rosters be made that are at most `spare` parts above the bound.

    Returns
    -------
    How many parts a roster is above it, at most.
    """
    rows = prices.rows
    terms: list[Any] = []
    for at in range(len(rows.low)):
        if rows.low[at] == rows.high[at] or (at not in prices.squares and prices.reduced[at] == 0):
            continue
        low, high = prices.within(at, spare)
        one = model.get_int_var_from_proto_index(at)
        if (low, high) != (rows.low[at], rows.high[at]):
            model.add_linear_constraint(one, low, high)
        terms += _dearer(model, prices, at, one, low, high)
    for row, price in zip(rows.rows, prices.prices, strict=True):
        end = row.low if price > 0 else row.high
        if price == 0 or end is None or row.low == row.high:
            continue
        slack = spare // abs(price)
        taken = sum(factor * model.get_int_var_from_proto_index(at) for at, factor in row.entries)
        if slack == 0:
            model.add(taken == end)
            continue
        loose = model.new_int_var(0, slack, "")
        model.add(taken == end + loose if price > 0 else taken == end - loose)
        terms.append(abs(price) * loose)
    total: cp_model.LinearExprT = sum(terms) if terms else 0
    if terms:
        model.add(total <= spare)
    return total


def _dearer(
    model: cp_model.CpModel, prices: Prices, at: int, one: cp_model.IntVar, low: int, high: int
) -> list[Any]:
    """Give the terms of what a variable is dearer between two values, by the steps away from its cheapest."""
    costs = [prices.dearer(at, value) for value in range(low, high + 1)]
    first, last = costs.index(0), len(costs) - 1 - costs[::-1].index(0)
    found: list[Any] = []
    for steps, up in ((costs[last:], True), (costs[first::-1], False)):
        if len(steps) == 1:
            continue
        away = [model.new_bool_var("") for _step in steps[1:]]
        if up:
            model.add(one <= low + last + sum(away))
        else:
            model.add(one >= low + first - sum(away))
        more = [after - before for before, after in pairwise(steps)]
        found += [cost * step for step, cost in zip(away, more, strict=True)]
    return found
