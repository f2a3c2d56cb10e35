"""Who is kept where not all fit: in the order of the lots, each if those kept so far still fit with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor import solving
from auditor.plan.columns import MM, Columns, Over, never, stacked
from auditor.plan.limits import Limits
from auditor.plan.prices import Field, price

POOL = 2_000 * MM
"""The capacity model has the columns that are dearer than their prices by no more than this."""
MOST_LABELS = 20_000
"""They are looked for among so many tours of each size."""
WISH = 0.01
"""How much an errand that is not yet asked for weighs against one that is."""
NONE = 1e-6
"""A share of a visit that is none."""


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


def largest(most: int, does: Callable[[int], bool], fall: Callable[[], int], over: Callable[[], bool]) -> int:
    """Give the largest whole number up to `most` that will do, where all smaller ones do; 0 where none does.

    It is looked for from above, each next one lower by what `fall` says; after the first that does halfway
    between it and the last that does not. Ends where it is `over`.
    """
    good, failed, now = 0, most + 1, most
    while good < now < failed and not over():
        if does(now):
            good = now
        else:
            failed = now
        now = (good + failed) // 2 if good else max(1, failed - fall())
    return good


def columns_for(field: Field, errands: Sequence[int], start: Columns, over: Over = never) -> Columns:
    """Give the columns of the capacity model: those given, and those cheap at the prices of all errands.

    Prices are no longer looked for where it is `over`.
    """
    prices = price(field, errands, start, rough=True, over=over)
    pool, _complete = field.find(prices, POOL, most=MOST_LABELS, over=over)
    return stacked([prices.columns, pool], field.pad)


class Room:
    """The capacity model of a large programme: parts of tours hold all errands, within the limits.

    A linear programme over some columns, which is solved again and again for other errands and other
    limits; nothing but counts decides, no metre does.
    """

    def __init__(self, field: Field, errands: Sequence[int], columns: Columns) -> None:
        self._row = {at: row for row, at in enumerate(sorted(errands))}
        ends = [(1.0, 1.0)] * len(self._row)
        ends += [(-solving.infinity(), float(one.most)) for one in field.limits.all]
        self._model = solving.Linear(ends)
        self._short = {at: self._model.add(0.0, [(row, 1)]) for at, row in self._row.items()}
        counted = field.limits.counted(columns)
        for at in range(len(columns)):
            rows = [(self._row[one], 1) for one in columns.errands(at)]
            rows += [(len(self._row) + limit, 1) for limit, counts in enumerate(counted) if counts[at]]
            self._model.add(0.0, rows)

    def kept(
        self, groups: Sequence[Sequence[int]], limits: Limits, over: Callable[[], bool] = lambda: False
    ) -> list[int]:
        """Take groups of errands in their order, each kept if those kept so far still have room with it.

        Which later ones have room too is a wish of little weight in every question, so that most are
        answered before they are asked. Once it is `over` nothing is asked any more: those are kept that have
        room by the last answer. Gives the numbers of the groups that are kept.
        """
        for number, limit in enumerate(limits.all, len(self._row)):
            self._model.row(number, -solving.infinity(), float(limit.most))
        for number, group in enumerate(groups):
            self._price(group, WISH * (1 - number / len(groups)))
        kept: list[int] = []
        wanted: list[int] = []
        short = self._solved()
        for number, group in enumerate(groups):
            self._price(group, 1.0)
            if any(short[at] > NONE for at in group):
                now = short if over() else self._solved()
                if sum(now[at] for at in (*wanted, *group)) > NONE:
                    self._price(group, 0.0)
                    continue
                short = now
            kept.append(number)
            wanted += group
        return kept

    def _price(self, errands: Sequence[int], cost: float) -> None:
        for at in errands:
            self._model.price(self._short[at], cost)

    def _solved(self) -> dict[int, float]:
        """Solve, and tell how much of each errand has no room."""
        if not self._model.solve():
            raise RuntimeError("the capacity model has no optimum")
        return dict(zip(self._short, self._model.values(self._short.values()), strict=True))
