"""The linear relaxation over whole schedules, grown by pricing, with a proven bound at any time.

Rows: one schedule for each person; on each covered cell, people there + missing - superfluous = need.
The bound is Lagrange's: at any prices of the cells, what the needs are worth plus each person's least
priced cost. Prices are whole thousandths and the least costs exact, so the bound is proven in whole
numbers. Prices are smoothed towards those of the best bound (Wentges, "Weighted Dantzig-Wolfe
decomposition for linear mixed-integer programming", 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from auditor import solving
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Cells, Ground
from auditor.roster.shifts.pricing import FORBIDDEN, POSSIBLE, SCALE, Pricer
from auditor.roster.shifts.staffing import OFF, Schedule

NEARLY = 1e-6
NOBODY = 1_000_000
"""What a person without a schedule costs the relaxation."""
KEPT = 5_000_000
"""What keeping to a rule on a day that must be worked is worth to a schedule, in 1 / SCALE."""
IMPOSSIBLE = 10**15
MOST = 20_000
"""No price of a cell is larger, so that sums stay within 32 bits."""
Rules = Mapping[tuple[int, int], frozenset[int]]
"""For some people and days, the entries that are allowed there."""
Ranges = Mapping[tuple[int, int], tuple[int, int]]
"""For some cells, between which numbers people are there."""
SMOOTH = 0.7
"""How much of the prices at the best bound stays in those that are tried next."""


class Master:
    """Schedules of some people, the others being at work already in `there`."""

    def __init__(self, ground: Ground, people: Sequence[int], there: Cells | None = None) -> None:
        self.ground = ground
        self.people = tuple(people)
        self.need = ground.need - (0 if there is None else there)
        self.cells = np.argwhere((ground.under > 0) | (ground.over > 0))
        self._row = np.full(ground.need.shape, -1)
        ends = [(1.0, 1.0)] * len(self.people)
        for day, shift in self.cells:
            self._row[day, shift] = len(ends)
            ends.append((float(self.need[day, shift]),) * 2)
        self._ends = ends
        self._linear = solving.Linear(ends)
        self._cell = {(int(day), int(shift)): at for at, (day, shift) in enumerate(self.cells)}
        self._of: Rules = {}
        self._own: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self._place = {one: at for at, one in enumerate(self.people)}
        for day, shift in self.cells:
            row = int(self._row[day, shift])
            self._linear.add(float(ground.under[day, shift]), [(row, 1)])
            self._linear.add(float(ground.over[day, shift]), [(row, -1)])
        for at in range(len(self.people)):
            self._linear.add(NOBODY, [(at, 1)])
        self._first = 2 * len(self.cells) + len(self.people)
        self.columns: list[tuple[int, Schedule]] = []
        self.costs: list[int] = []
        self._known: set[tuple[int, Schedule]] = set()
        self.fixed: dict[int, Schedule] = {}
        self.bound: int | None = None
        """Proven, without the constant and without what the other people cost."""
        self.tell: Callable[[int], None] | None = None
        """Told of every better bound."""
        self._least = -(10**18)
        self._best: NDArray[np.float64] | None = None
        self.value = 0.0
        self._prices = np.zeros(ground.need.shape)
        self._people_prices = np.zeros(len(self.people))
        self._rules: Rules = {}
        self._ranges: Ranges = {}
        self._extra: NDArray[np.int64] | None = None
        self._promised = np.zeros(len(self.people), np.int64)
        self._shut: set[int] = set()

    def start(self, prices: NDArray[np.float64]) -> None:
        """Try these prices of the cells first, and stay near them."""
        self._best = prices

    def follow(self, parent: Master) -> None:
        """Begin where another master of the same people and cells has come to."""
        self.bound, self._least, self._best = parent.bound, parent._least, parent._best

    def rest(self, fixed: Mapping[int, Schedule]) -> Master:
        """A master of the other people, at the same prices, with these at work already."""
        others = [one for one in self.people if one not in fixed]
        there = self.ground.need - self.need + self.ground.there(list(fixed.values()))
        master = Master(self.ground, others, there)
        if self._best is not None:
            master.start(self._best)
        return master

    def restrict(self, rules: Rules, ranges: Ranges) -> None:
        """Ask for less: only some entries on some days, only so many people on some cells.

        Replaces what was asked before; the bound begins anew.
        """
        ground = self.ground
        for cell in {*self._ranges, *ranges}:
            self._between(cell, *ranges.get(cell, (0, len(self.people))))
        self._rules, self._ranges = rules, ranges
        self._promised[:] = 0
        self._extra = None
        if rules:
            self._extra = np.zeros((len(self.people), *ground.need.shape), np.int64)
            for (one, day), allowed in rules.items():
                place, must = self._place[one], OFF not in allowed
                self._extra[place, day, :] = FORBIDDEN
                self._extra[place, day, [shift for shift in allowed if shift != OFF]] = -KEPT if must else 0
                self._promised[place] += KEPT if must else 0
        shut = {at for at, column in enumerate(self.columns) if not self.follows(*column)}
        for at in self._shut ^ shut:
            high = 0.0 if at in shut else solving.infinity()
            self._linear.between(self._first + at, 0.0, high)
        self._shut = shut
        self.bound, self._least = None, -(10**18)

    def follows(self, one: int, schedule: Schedule) -> bool:
        """Whether a schedule keeps to the rules of `restrict`."""
        if not self._rules:
            return True
        if self._of is not self._rules:
            self._of, self._own = self._rules, {}
            for (who, day), allowed in self._rules.items():
                self._own.setdefault(who, []).append((day, allowed))
        return all(schedule[day] in allowed for day, allowed in self._own.get(one, ()))

    def _between(self, cell: tuple[int, int], low: int, high: int) -> None:
        need = int(self.need[cell])
        column = 2 * self._cell[cell]
        self._linear.between(column, max(0, need - high), max(0, need - low))
        self._linear.between(column + 1, max(0, low - need), max(0, high - need))

    def there(self) -> NDArray[np.float64]:
        """How many are on each cell in the relaxation, whole or not."""
        return np.asarray(self.taken().sum(axis=0), np.float64)

    def taken(self) -> NDArray[np.float64]:
        """How much each person (first axis) works each shift of each day in the relaxation."""
        total = np.zeros((len(self.people), *self.need.shape))
        values = self.values()
        for at in np.flatnonzero(values > NEARLY):
            one, schedule = self.columns[int(at)]
            row = np.array(schedule)
            days = np.flatnonzero(row != OFF)
            total[self._place[one], days, row[days]] += values[at]
        return total

    def entries(self, one: int, schedule: Schedule) -> list[tuple[int, int]]:
        """The rows that a schedule of a person stands in."""
        found = [(self._place[one], 1)]
        for day, shift in enumerate(schedule):
            if shift != OFF and (row := int(self._row[day, shift])) >= 0:
                found.append((row, 1))
        return found

    def add(self, one: int, schedules: Iterable[Schedule]) -> int:
        """Add schedules of a person; gives how many were new."""
        new = 0
        for schedule in schedules:
            if (one, schedule) in self._known:
                continue
            self._known.add((one, schedule))
            cost = self.ground.personal(one, schedule)
            self._linear.add(float(cost), self.entries(one, schedule))
            self.columns.append((one, schedule))
            self.costs.append(cost)
            new += 1
        return new

    def solve(self) -> bool:
        """Solve the relaxation over the schedules at hand."""
        if not self._linear.solve():
            return False
        self.value = self._linear.objective
        duals = np.array(self._linear.prices())
        self._prices = np.where(self._row >= 0, duals[self._row], 0.0)
        self._people_prices = duals[: len(self.people)]
        return True

    def values(self) -> NDArray[np.float64]:
        """How much of each schedule is taken."""
        return np.array(self._linear.values(range(self._first, self._first + len(self.columns))))

    def ends(self) -> list[tuple[float, float]]:
        """Between which numbers each row lies."""
        return list(self._ends)

    def slack(self) -> list[tuple[int, list[tuple[int, int]]]]:
        """What missing and superfluous people cost, and their rows."""
        made = []
        for day, shift in self.cells:
            row = int(self._row[day, shift])
            made.append((int(self.ground.under[day, shift]), [(row, 1)]))
            made.append((int(self.ground.over[day, shift]), [(row, -1)]))
        return made

    def reduced(self) -> NDArray[np.float64]:
        """How much dearer each schedule is than the relaxation's prices (0: it may be taken)."""
        if not self.columns:
            return np.zeros(0)
        rows = np.array([schedule for _one, schedule in self.columns])
        place = np.array([self._place[one] for one, _schedule in self.columns])
        prices = np.concatenate([self._prices, np.zeros((len(self._prices), 1))], axis=1)
        cells = prices[np.arange(rows.shape[1])[None], rows].sum(axis=1)
        return np.asarray(np.array(self.costs) - cells - self._people_prices[place], np.float64)

    def fix(self, column: int) -> None:
        """Give a person this schedule for good."""
        one, schedule = self.columns[column]
        self.fixed[one] = schedule
        self._linear.fix(self._first + column)

    def generate(
        self, pricer: Pricer, clock: Clock, rounds: int = 10_000, several: int = 3, target: int | None = None
    ) -> bool:
        """Price and solve until nothing is cheaper than its prices, or the work is done.

        With a target it ends as well when the bound is as high. Gives True when the relaxation is known
        to be solved (to the whole unit above it), or the target reached.
        """
        free = [one for one in self.people if one not in self.fixed]
        smooth = SMOOTH
        for _round in range(rounds):
            if clock.over or not self.solve():
                return False
            if self.bound is not None and self.bound >= ceil(self.value - NEARLY):
                return True
            near = smooth if self._best is not None else 0.0
            new = self._price(free, 1.0 if self.bound is None and near else near, pricer, several)
            while not new and near > 0.05:
                if target is not None and self.bound is not None and self.bound >= target:
                    return True
                smooth = near = near / 2 if near > 0.2 else 0.0
                new = self._price(free, near, pricer, several)
            if target is not None and self.bound is not None and self.bound >= target:
                return True
            if not new:
                return True
        return False

    def _price(self, free: Sequence[int], near: float, pricer: Pricer, several: int) -> int:
        """Price people at prices that are so near to the best ones; gives how many schedules are new and
        cheap."""
        ground = self.ground
        tried = self._prices if self._best is None else near * self._best + (1 - near) * self._prices
        low, high = -ground.over.astype(float), ground.under.astype(float)
        for cell in self._ranges:
            low[cell], high[cell] = -MOST, MOST
        whole = np.rint(np.clip(tried, low, high) * SCALE).astype(np.int64)
        prices = ground.own[list(free)] * SCALE - whole
        if self._extra is not None:
            prices = prices + self._extra[[self._place[one] for one in free]]
        found = pricer.price(free, prices, several)
        new = 0
        for one in free:
            for schedule in found[one].schedules:
                if self._cheap(one, schedule) and self.follows(one, schedule):
                    new += self.add(one, [schedule])
        least = int((whole * self.need).sum()) + self._ranged(whole)
        least += sum(found[one].least for one in free) + int(self._promised.sum())
        for one, schedule in self.fixed.items():
            cells = [whole[day, shift] for day, shift in enumerate(schedule) if shift != OFF]
            least += ground.personal(one, schedule) * SCALE - int(sum(cells))
        if max((found[one].least for one in free), default=0) >= POSSIBLE:
            least = IMPOSSIBLE
        if least > self._least:
            self._least = least
            self._best = whole / SCALE
            self.bound = -(-least // SCALE)
            if self.tell:
                self.tell(self.bound)
        return new

    def _ranged(self, whole: Cells) -> int:
        """What missing and superfluous people are worth at least on the cells with a range."""
        total = 0
        for cell, (low, high) in self._ranges.items():
            need, price = int(self.need[cell]), int(whole[cell])
            under = int(self.ground.under[cell]) * SCALE - price
            over = int(self.ground.over[cell]) * SCALE + price
            total += under * (max(0, need - high) if under >= 0 else max(0, need - low))
            total += over * (max(0, low - need) if over >= 0 else max(0, high - need))
        return total

    def _cheap(self, one: int, schedule: Schedule) -> bool:
        """Whether a schedule is cheaper than the relaxation's own prices."""
        row = np.array(schedule)
        days = np.flatnonzero(row != OFF)
        cells = self.ground.own[one, days, row[days]] - self._prices[days, row[days]]
        return bool(cells.sum() < self._people_prices[self._place[one]] - NEARLY)
