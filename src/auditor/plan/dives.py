"""Dives: whole bundlings read off the linear relaxation, by fixing sorties step by step.

The relaxation is solved over the pool of columns; sorties that it takes (nearly) whole are fixed, their
errands are done, and it is solved again for the rest. Dives at slightly altered costs end in different
bundlings; together they are a better pool for the choice of whole columns than cheap columns alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor import solving
from auditor.plan.columns import MM, Columns
from auditor.plan.prices import Field, short_m

SURE = 0.8
"""A sortie that is taken for at least this much is fixed."""
CAREFUL, QUICK = 40, 8
"""One in so many sorties is fixed in each step, however little it is taken."""
NEW = 1_500
"""Columns that one turn may add."""
TURNS = 4
"""New columns are looked for so many times in each step."""
NEARLY = 60 * MM
"""A dive begins with the columns that are dearer than their prices by no more than this."""
ALTERED = 0.004
"""The standard deviation of altered costs."""


def dive(
    field: Field,
    wanted: Sequence[int],
    pool: Columns,
    number: int,
    *,
    one_in: int = CAREFUL,
    few: int = 0,
) -> tuple[Columns, list[int]]:
    """Bundle these errands out of the pool, and give those that are left over, ascending.

    Parameters
    ----------
    pool
        Columns of these errands only, each of them alone among them; the reduced costs tell where to
        begin.
    number
        0 dives at the true costs, every other number at its own altered ones.
    few
        The dive ends where no more errands than this are left.
    """
    diver = _Diver(field, wanted, pool, number)
    left = set(wanted)
    while len(left) > few:
        now = diver.surest(left, one_in) if diver.solve() else []
        if not now:
            break
        for at in now:
            left -= set(pool.errands(at))
        diver.fix(now, left)
    return pool.take(np.array(diver.fixed, np.int64)), sorted(left)


class _Diver:
    def __init__(self, field: Field, wanted: Sequence[int], pool: Columns, number: int) -> None:
        self._pool, self._pad = pool, field.pad
        self._costs = pool.costs.astype(np.float64)
        if number:
            noise = np.random.Generator(np.random.PCG64(number)).standard_normal(len(pool))
            self._costs *= 1 + ALTERED * noise
        self._row = {at: place for place, at in enumerate(wanted)}
        self._counted = field.limits.counted(pool)
        ends = [(1.0, 1.0)] * len(self._row)
        ends += [(-solving.infinity(), float(one.most)) for one in field.limits.all]
        self._model = solving.Linear(ends)
        dear = short_m(field)
        for place in self._row.values():
            self._model.add(dear, [(place, 1)])
        self._given: dict[int, int] = {}
        self._alive = np.ones(len(pool), bool)
        self.fixed: list[int] = []
        self._add(np.flatnonzero(pool.reduced <= NEARLY).tolist())

    def _add(self, places: Sequence[int]) -> None:
        for at in places:
            if at not in self._given:
                entries = [(self._row[one], 1) for one in self._pool.errands(at)]
                entries += [
                    (len(self._row) + limit, 1) for limit, counts in enumerate(self._counted) if counts[at]
                ]
                self._given[at] = self._model.add(self._costs[at], entries)

    def solve(self) -> bool:
        """Solve the relaxation over what is left, with better columns as long as there are some."""
        for _ in range(TURNS):
            if not self._model.solve():
                return False
            prices = self._model.prices()
            visits = np.zeros(self._pad + 1)
            visits[list(self._row)] = prices[: len(self._row)]
            reduced = self._costs - visits[self._pool.members].sum(1)
            for price, counts in zip(prices[len(self._row) :], self._counted, strict=True):
                reduced -= price * counts
            better = np.flatnonzero(self._alive & (reduced < -1))
            if not len(better):
                return True
            self._add(better[np.argsort(reduced[better], kind="stable")[:NEW]].tolist())
        return self._model.solve()

    def surest(self, left: set[int], one_in: int) -> list[int]:
        """Give the columns to fix: those that are taken most, of errands that are all left."""
        values = self._model.values()
        taken = sorted(
            (-values[column], at)
            for at, column in self._given.items()
            if self._alive[at] and values[column] > 1e-6
        )
        least = max(1, len(taken) // one_in)
        now: list[int] = []
        done: set[int] = set()
        for much, at in taken:
            errands = self._pool.errands(at)
            if left.issuperset(errands) and done.isdisjoint(errands):
                if -much < SURE and len(now) >= least:
                    break
                now.append(at)
                done.update(errands)
        return now

    def fix(self, now: Sequence[int], left: set[int]) -> None:
        """Fix columns; those that share an errand with them are out."""
        self.fixed += now
        for at in now:
            self._model.fix(self._given[at])
        open_ = np.zeros(self._pad + 1, bool)
        open_[[*left, self._pad]] = True
        dying = self._alive & ~open_[self._pool.members].all(1)
        self._alive &= ~dying
        for at in np.flatnonzero(dying).tolist():
            if at in self._given and at not in now:
                self._model.limit(self._given[at], 0)
