"""The linear relaxation over whole schedules, grown by pricing, with a proven bound at any time.

Rows: one schedule for each person; on each covered cell, people there + missing - superfluous = need.
The bound is Lagrange's: at any prices of the cells, what the needs are worth plus each person's least
priced cost. Prices are whole thousandths and the least costs exact, so the bound is proven in whole
numbers. Prices are smoothed towards those of the best bound (Wentges, "Weighted Dantzig-Wolfe
decomposition for linear mixed-integer programming", 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from auditor import solving
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Cells, Ground
from auditor.roster.shifts.pricing import NEVER, SCALE, Pricer
from auditor.roster.shifts.staffing import OFF, Schedule

NEARLY = 1e-6
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
        self._place = {one: at for at, one in enumerate(self.people)}
        for day, shift in self.cells:
            row = int(self._row[day, shift])
            self._linear.add(float(ground.under[day, shift]), [(row, 1)])
            self._linear.add(float(ground.over[day, shift]), [(row, -1)])
        self._first = 2 * len(self.cells)
        self.columns: list[tuple[int, Schedule]] = []
        self.costs: list[int] = []
        self._known: set[tuple[int, Schedule]] = set()
        self.fixed: dict[int, Schedule] = {}
        self.bound: int | None = None
        """Proven, without the constant and without what the other people cost."""
        self.tell: Callable[[int], None] | None = None
        """Told of every better bound."""
        self._least = -(10**18)
        self._best = np.zeros(ground.need.shape)
        self.value = 0.0
        self._prices = np.zeros(ground.need.shape)

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
        return np.array(self.costs) - cells - self._people_prices[place]

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
        smooth = SMOOTH if not self.fixed else 0.0
        for _round in range(rounds):
            if clock.over or not self.solve():
                return False
            if not self.fixed and self.bound is not None and self.bound >= ceil(self.value - NEARLY):
                return True
            tried = (
                self._prices
                if self._least <= -(10**17)
                else (smooth * self._best + (1 - smooth) * self._prices)
            )
            new = self._price(free, tried, pricer, several)
            while not new and smooth > 0.05:
                smooth = smooth / 2 if smooth > 0.2 else 0.0
                tried = smooth * self._best + (1 - smooth) * self._prices
                new = self._price(free, tried, pricer, several)
            if not new:
                return True
        return False

    def _price(self, free: Sequence[int], tried: NDArray[np.float64], pricer: Pricer, several: int) -> int:
        """Price people at these prices of the cells; gives how many schedules are new and cheap."""
        ground = self.ground
        whole = np.rint(np.clip(tried, -ground.over, ground.under) * SCALE).astype(np.int64)
        whole = np.clip(whole, -ground.over * SCALE, ground.under * SCALE)
        prices = ground.own[list(free)] * SCALE - whole
        found = pricer.price(free, prices, several)
        new = 0
        for one in free:
            for schedule in found[one].schedules:
                new += self.add(one, [schedule]) if self._cheap(one, schedule) else 0
        if not self.fixed:
            total = sum(found[one].least for one in free)
            least = int((whole * self.need).sum()) + total
            if least > self._least and total < NEVER:
                self._least = least
                self._best = whole / SCALE
                self.bound = -(-least // SCALE)
                if self.tell:
                    self.tell(self.bound)
        return new

    def _cheap(self, one: int, schedule: Schedule) -> bool:
        """Whether a schedule is cheaper than the relaxation's own prices."""
        row = np.array(schedule)
        days = np.flatnonzero(row != OFF)
        cells = self.ground.own[one, days, row[days]] - self._prices[days, row[days]]
        return bool(cells.sum() < self._people_prices[self._place[one]] - NEARLY)
