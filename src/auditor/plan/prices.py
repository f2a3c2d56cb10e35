"""Prices of visits: a proven lower bound on every bundling, and the columns that could pay.

The linear relaxation of set partitioning gives each visit a price, and each limit one too. It is solved
over a few columns; new ones are looked for with ever more neighbours, at last with all, until none is
cheaper than its prices (column generation). Prices are whole millimetres, so the bound holds exactly
whatever the linear solver's accuracy was: with prices p of visits, w of limits L, and r the least
reduced cost of any column at all, no bundling costs less than sum(p) - sum(w L) + n min(0, r) for n
visits, since it has at most n sorties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from auditor import solving
from auditor.plan.columns import (
    MM,
    Burden,
    Columns,
    HalfDay,
    Over,
    Whole,
    find,
    never,
    pairs,
    stacked,
    summed,
)
from auditor.plan.limits import Limits
from auditor.plan.problem import COUNTY

NEAR = (12, 20, 40, None)
"""How many nearest errands may follow each stop: first few, at last all."""
MOST_LABELS = (15_000, 15_000, 100_000, 400_000)
EACH = 6
"""Per round, new columns for each errand."""
MOST_NEW = 4_000
FEW_NEW = 60
"""Fewer new columns than this end the search among so many neighbours."""
SHORT = 3
"""A visit that is in no sortie costs so many times the dearest visit alone."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Whole millimetres for each errand of the problem (and 0 behind them) and for each limit.

    `bound_m` is a proven lower bound in whole metres; `short` says that within
    the limits some visit is very dear, or has no room at all. `columns` are those the linear programme
    was given. `over` says that time ended before they were found: then no column is known to cost no less.
    """

    visits: Whole
    limits: tuple[int, ...]
    bound_m: int
    short: bool
    columns: Columns
    over: bool = False

    def gap(self, field: Field, total_m: int, known: Columns) -> int:
        """Give the greatest reduced cost, in millimetres, of a column in a bundling of fewer metres.

        Reduced costs of a bundling's columns and what the prices are worth together are at most its cost.
        `bound_m` may be more than the prices are worth, and says nothing of columns.

        Parameters
        ----------
        known
            All columns up to a reduced cost above 0: what costs less than 0 may stand in every sortie.
        """
        least = min(0, int(known.reduced.min())) if len(known) else 0
        return total_m * MM - self._worth(field) - least * int(np.count_nonzero(self.visits))

    def beyond(self, field: Field, window: int, known: Columns) -> int:
        """Give the metres that a bundling costs at least with a column of a reduced cost above `window`."""
        return -(self.gap(field, 0, known) - window) // MM

    def _worth(self, field: Field) -> int:
        room = sum(price * one.most for price, one in zip(self.limits, field.limits.all, strict=True))
        return int(self.visits.sum()) - room


@dataclass(frozen=True, slots=True)
class Field:
    """What bundling works on: the kinds of half-days, the cost of a sortie in metres, limits, and a rule.

    `pad` is the number of errands of the problem. `rule` gives NEVER for sets that may not share a
    sortie, else 0.
    """

    halves: tuple[HalfDay, ...]
    fixed: int
    limits: Limits
    pad: int
    rule: Burden | None = None

    def burden(self, half: HalfDay, prices: Sequence[int]) -> Burden | None:
        """Give what sets of errands cost beside their ways: by prices of limits, and by the rule."""
        return summed(self.limits.burden(half.slot, prices), self.rule)

    def find(
        self,
        prices: Prices,
        below: int,
        *,
        most: int | None = None,
        near: int | None = None,
        over: Over = never,
    ) -> tuple[Columns, bool]:
        """Find the columns of all half-days with a reduced cost of at most `below` millimetres.

        Where it is `over` before the end those found so far; tells whether they are all there are.
        """
        if near is None and any(prices.limits) and sum(half.size for half in self.halves) > 2 * COUNTY:
            near = NEAR[1]
        found = [
            find(
                half,
                prices.visits,
                self.fixed,
                below,
                self.pad,
                burden=self.burden(half, prices.limits),
                most=most,
                near=near,
                over=over,
            )
            for half in self.halves
        ]
        return stacked([one.columns for one in found], self.pad), all(one.complete for one in found)

    def alone(self) -> Columns:
        """Give the column of each errand by itself, in each half-day in which it can be reached."""
        return stacked(
            [
                Columns(
                    half.at[:, None],
                    np.full(half.size, half.slot),
                    (half.out + half.back) // MM + self.fixed,
                    np.zeros(half.size, np.int64),
                )
                for half in self.halves
            ],
            self.pad,
        )

    def pairs(self) -> Columns:
        """Give the columns of each errand alone and of every two, in each half-day."""
        return stacked(
            [self.alone(), *(pairs(half, self.fixed, self.rule) for half in self.halves)], self.pad
        )


def short_m(field: Field) -> int:
    """Give what a visit in no sortie costs, in metres."""
    alone: list[int] = field.alone().costs.tolist()
    return SHORT * max([field.fixed, *alone])


class Master:
    """The linear relaxation over some columns: each errand in sorties that add up to one, limits kept.

    An errand may be short, at a price that no roomy programme pays.
    """

    def __init__(self, field: Field, errands: Sequence[int]) -> None:
        self._field = field
        self._row = {at: row for row, at in enumerate(sorted(errands))}
        ends = [(1.0, 1.0)] * len(self._row)
        ends += [(-solving.infinity(), float(one.most)) for one in field.limits.all]
        self._model = solving.Linear(ends)
        dear = short_m(field)
        self._short = [self._model.add(dear, [(row, 1)]) for row in self._row.values()]
        self._given: list[Columns] = []
        self._known: dict[tuple[int, ...], int] = {}

    def add(self, columns: Columns) -> int:
        """Add the columns that are new, or cheaper than they were known; tells how many."""
        counted = self._field.limits.counted(columns)
        fresh = []
        for at in range(len(columns)):
            key = (int(columns.slots[at]), *columns.errands(at))
            cost = int(columns.costs[at])
            if self._known.get(key, cost + 1) <= cost:
                continue
            self._known[key] = cost
            fresh.append(at)
            rows = [(self._row[one], 1) for one in key[1:]]
            rows += [(len(self._row) + limit, 1) for limit, counts in enumerate(counted) if counts[at]]
            self._model.add(cost, rows)
        self._given.append(columns.take(np.array(fresh, np.int64)))
        return len(fresh)

    def solve(self) -> tuple[Whole, tuple[int, ...], bool]:
        """Solve; give the prices of errands and limits (whole mm), and whether some errand is short."""
        if not self._model.solve():
            raise RuntimeError("the linear relaxation has no optimum")
        prices = [int(np.floor(price * MM)) for price in self._model.prices()]
        visits = np.zeros(self._field.pad + 1, np.int64)
        visits[list(self._row)] = prices[: len(self._row)]
        limits = tuple(max(0, -price) for price in prices[len(self._row) :])
        values = self._model.values()
        return visits, limits, any(values[one] > 1e-6 for one in self._short)

    @property
    def columns(self) -> Columns:
        """All columns that were added."""
        return stacked(self._given, self._field.pad)


def price(
    field: Field,
    errands: Sequence[int],
    start: Columns | None = None,
    *,
    rough: bool = False,
    over: Over = never,
) -> Prices:
    """Find the prices of these errands; `start` has columns worth trying first.

    Every errand must be reachable alone in some half-day. Where limits have prices, so that columns of
    many errands seem to pay, and the errands are many, only near neighbours are looked at; the bound is
    then that of a programme without limits, which is a bound too. `rough` prices look at near
    neighbours only and prove nothing. Where it is `over` the search ends, perhaps with a poor bound.
    """
    master = Master(field, errands)
    master.add(field.alone())
    if start is not None:
        master.add(start)
    bound = _least(field, errands)
    visits, limits, short = master.solve()
    for near, most in zip(NEAR, MOST_LABELS, strict=True):
        if over(0) or (rough and near is None):
            break
        if near is None and any(limits) and len(errands) > COUNTY:
            free = replace(field, limits=replace(field.limits, all=()))
            bound = price(free, errands, master.columns, over=over).bound_m
            break
        while True:
            visits, limits, short = master.solve()
            now = Prices(visits, limits, 0, short, stacked([], field.pad))
            found, complete = field.find(now, -1, most=most, near=near, over=over)
            least = int(found.reduced.min()) if len(found) else 0
            if complete:
                room = sum(w * one.most for w, one in zip(limits, field.limits.all, strict=True))
                total = int(visits.sum()) - room + len(errands) * least
                bound = max(bound, total // MM)
            fresh = master.add(_best(found, field.pad))
            if not fresh or (near is not None and fresh < FEW_NEW) or over(0):
                break
    return Prices(visits, limits, bound, short, master.columns, over(0))


def _least(field: Field, errands: Sequence[int]) -> int:
    """Give a first bound: the minutes of all visits fill so many half-days, whatever the ways are."""
    takes = {
        int(at): int(minutes)
        for half in field.halves
        for at, minutes in zip(half.at, half.takes, strict=True)
    }
    longest = max((half.closes - half.opens for half in field.halves), default=1)
    return -(-sum(takes[at] for at in errands) // longest) * field.fixed


def _best(found: Columns, pad: int) -> Columns:
    """Give the cheapest columns, some for each errand."""
    order = np.argsort(found.reduced, kind="stable")[: 2 * MOST_NEW]
    count = np.zeros(pad + 1, np.int64)
    taken = []
    for at in order.tolist():
        members = found.members[at]
        if count[members[members < pad]].min() < EACH:
            count[members] += 1
            taken.append(at)
    return found.take(np.array(taken[:MOST_NEW], np.int64))
