"""Who is kept where not all fit: in the order of the lots, each if those kept so far still fit with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor import solving
from auditor.plan.columns import MM, Columns, stacked
from auditor.plan.prices import Field, price

POOL = 2_000 * MM
MOST_LABELS = 20_000


def keep(order: Sequence[str], fits: Callable[[Sequence[str]], bool]) -> list[str]:
    """Take units in their order, each kept if those kept so far still fit with it.

    What fits stays so with fewer units, so the longest run of units that still fits is found by
    doubling and halving; the unit after it is left out, and the search goes on behind it.
    """
    kept: list[str] = []
    at = 0
    while at < len(order):
        low, high = 0, 1
        while at + high <= len(order) and fits([*kept, *order[at : at + high]]):
            low, high = high, min(high * 2, len(order) - at) if at + high < len(order) else high + 1
        high = min(high, len(order) - at + 1)
        while high - low > 1:
            middle = (low + high) // 2
            if fits([*kept, *order[at : at + middle]]):
                low = middle
            else:
                high = middle
        kept += order[at : at + low]
        at += low + 1
    return kept


def columns_for(field: Field, errands: Sequence[int]) -> Columns:
    """Give the columns of the capacity model: cheap at the prices of all errands, and every two."""
    prices = price(field, errands)
    pool, _complete = field.find(prices, POOL, most=MOST_LABELS)
    return stacked([prices.columns, pool], field.pad)


class Room:
    """The capacity model of a large programme: parts of tours hold all errands, within the limits.

    A linear programme over some columns. It is solved again and again with other errands wanted;
    nothing but counts decides, no metre does.
    """

    def __init__(self, field: Field, errands: Sequence[int], columns: Columns) -> None:
        self._row = {at: row for row, at in enumerate(sorted(errands))}
        ends = [(1.0, 1.0)] * len(self._row)
        ends += [(-solving.infinity(), float(one.most)) for one in field.limits.all]
        self._model = solving.Linear(ends)
        self._short = {at: self._model.add(1.0, [(row, 1)]) for at, row in self._row.items()}
        counted = field.limits.counted(columns)
        for at in range(len(columns)):
            rows = [(self._row[one], 1) for one in columns.errands(at)]
            rows += [(len(self._row) + limit, 1) for limit, counts in enumerate(counted) if counts[at]]
            self._model.add(0.0, rows)
        self._wanted: set[int] = set(errands)

    def fits(self, errands: Sequence[int]) -> bool:
        """Tell whether these errands have room together."""
        wanted = set(errands)
        for at in sorted(wanted ^ self._wanted):
            self._model.price(self._short[at], 1.0 if at in wanted else 0.0)
        self._wanted = wanted
        return self._model.solve() and self._model.objective < 1e-6
