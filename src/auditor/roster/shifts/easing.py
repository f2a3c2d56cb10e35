"""A quick bound for rosters of any size: limits over the whole period are fined, not counted.

A schedule is then a path over days through the length of the run and the class of the last shift alone,
for everybody at once as arrays. What minutes, weekends and limited shifts are fined, and what the cover
is worth, is improved by steps along the subgradient (Held, Wolfe and Crowder, "Validation of subgradient
optimization", 1974), each as long as Kingma and Ba ask ("Adam: a method for stochastic optimization",
2015) and shorter from step to step. Every step gives a bound that is proven in whole numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.pricing import FORBIDDEN, NEVER, POSSIBLE, SCALE
from auditor.roster.shifts.staffing import OFF, SATURDAY, SUNDAY

Whole: TypeAlias = NDArray[np.int64]
States: TypeAlias = Any
KEPT = 0.9
"""How much of the last direction, and of the size of past ones, is kept."""
WIDE = 0.999
FIRST, LAST = 50.0, 0.3
"""The length of the steps, in units of cost, at first and in the end."""
LEAST = 0.3
"""Steps are divided by the usual size of a slope, and this, in people."""
TRIED = 5
"""By the clock, the time of so many steps tells how many there will be."""
USUAL = 480
"""Minutes of a usual shift: fines on minutes are counted by so many."""


@dataclass(frozen=True, slots=True)
class Eased:
    """What was found: `bound` as a cost; `cells` are prices of the cells, in units of cost; `minutes` is
    the fine of each person on a minute, `weekends` on a weekend, `shifts` on each limited shift.
    """

    bound: int
    cells: NDArray[np.float64]
    minutes: NDArray[np.float64]
    weekends: NDArray[np.float64]
    shifts: NDArray[np.float64]

    def of(self, people: Sequence[int]) -> Eased:
        """What concerns these people."""
        some = list(people)
        return replace(
            self, minutes=self.minutes[some], weekends=self.weekends[some], shifts=self.shifts[some]
        )


class Paths:
    """Everybody's cheapest path, limits over the whole period left aside."""

    def __init__(self, ground: Ground) -> None:
        staffing = ground.staffing
        workers, shifts = staffing.workers, staffing.shifts
        self.days = staffing.days
        self._people = np.arange(len(workers))
        every = frozenset(range(len(shifts)))
        follows = [every - shift.not_next for shift in shifts]
        classes = sorted(set(follows), key=lambda one: (-len(one), sorted(one)))
        last = [classes.index(one) for one in follows]
        self._order = sorted(every, key=lambda shift: (last[shift], shift))
        self._class = np.array([last[shift] for shift in self._order])
        self._starts = [int(np.flatnonzero(self._class == one)[0]) for one in range(len(classes))]
        before = [frozenset(n for n, after in enumerate(classes) if shift in after) for shift in self._order]
        self._sets = sorted(set(before), key=lambda one: (len(one), sorted(one)))
        self._set = np.array([self._sets.index(one) for one in before])
        self._may = np.array([[number in one for number in range(len(classes))] for one in before])
        self._runs = max(1, *(worker.run_most for worker in workers))
        most = np.array([worker.run_most for worker in workers])
        least = np.array([worker.run_least for worker in workers])
        run = np.arange(self._runs)[:, None]
        self._long = np.where(run >= most, NEVER, 0)[:, None, :]
        self._short = np.where(run + 1 < least, NEVER, 0)
        self._rest = np.array([max(1, worker.off_least) for worker in workers]) - 1
        self._stages = int(self._rest.max()) + 1
        self._closed = np.zeros((len(workers), self.days, len(shifts)), bool)
        for one, worker in enumerate(workers):
            self._closed[one, :, [shift for shift in every if worker.most[shift] <= 0]] = True
            self._closed[one, sorted(worker.days_off)] = True

    def cheapest(self, prices: Whole, weekends: Whole) -> tuple[Whole, NDArray[np.int64]]:
        """Give each person's least cost and path (shifts of the days, or OFF).

        `prices` of people, days and shifts, `weekends` of people, in thousandths.
        """
        prices = np.where(self._closed, FORBIDDEN, np.minimum(prices, FORBIDDEN))
        costs = np.ascontiguousarray(prices.transpose(1, 2, 0)[:, self._order])
        on, off = self._forward(costs, weekends)
        least = np.minimum(on[-1].min(axis=(0, 1)), off[-1].min(axis=0))
        return least, self._back(costs, weekends, on, off, least)

    def _ended(self, day: int) -> States:
        """NEVER where a run may not end the day before this one."""
        if not 0 < day <= self._runs:
            return self._short
        begun = self._short.copy()
        begun[day - 1] = 0
        return begun

    def _forward(self, costs: Whole, weekends: Whole) -> tuple[list[States], list[States]]:
        size = len(self._people)
        on = [np.full((self._runs, len(self._starts), size), NEVER, np.int64)]
        off = [np.full((self._stages, size), NEVER, np.int64)]
        off[0][0] = 0
        chains = np.empty((self._runs - 1, len(self._sets), size), np.int64)
        reached = np.empty((self._runs, len(self._order), size), np.int64)
        for day in range(self.days):
            was_on, was_off = on[-1], off[-1]
            for number, one in enumerate(self._sets):
                chains[:, number] = was_on[:-1, sorted(one)].min(axis=1) if one else NEVER
            began, went = costs[day], costs[day]
            if day % 7 == SATURDAY:
                began = went = costs[day] + weekends
            elif day % 7 == SUNDAY:
                began = costs[day] + weekends
            np.add(was_off[0], began, out=reached[0])
            np.add(chains[:, self._set], went, out=reached[1:])
            now_on = np.minimum.reduceat(reached, self._starts, axis=1) + self._long
            now_off = np.full((self._stages, size), NEVER, np.int64)
            now_off[:-1] = was_off[1:]
            np.minimum(now_off[0], was_off[0], out=now_off[0])
            ended = (was_on.min(axis=1) + self._ended(day)).min(axis=0)
            now_off[self._rest, self._people] = np.minimum(now_off[self._rest, self._people], ended)
            on.append(np.minimum(now_on, NEVER, out=now_on))
            off.append(np.minimum(now_off, NEVER, out=now_off))
        return on, off

    def _back(
        self, costs: Whole, weekends: Whole, on: list[States], off: list[States], value: Whole
    ) -> NDArray[np.int64]:
        """Read everybody's path backwards, all at once."""
        size, classes = len(self._people), len(self._starts)
        path = np.full((size, self.days), OFF)
        people = self._people
        flat = on[-1].reshape(-1, size)
        best = flat.argmin(axis=0)
        works = flat[best, people] == value
        run, last = best // classes, best % classes
        stage = off[-1].argmin(axis=0)
        order = np.array(self._order)
        for day in range(self.days - 1, -1, -1):
            was_on, was_off = on[day], off[day]
            now_works, now_run, now_last, now_stage = works.copy(), run.copy(), last.copy(), stage.copy()
            who = np.flatnonzero(works)
            if who.size:
                first = run[who] == 0
                fine = weekends[who] * ((day % 7 == SATURDAY) | ((day % 7 == SUNDAY) & first))
                was = (value[who] - fine)[:, None] - costs[day][:, who].T
                own = self._class[None, :] == last[who, None]
                began = own & first[:, None] & (was_off[0, who][:, None] == was)
                before = was_on[np.maximum(run[who] - 1, 0), :, who]
                went = (before[:, None, :] == was[:, :, None]) & self._may & own[:, :, None]
                went &= ~first[:, None, None]
                from_run = went.reshape(len(who), -1).argmax(axis=1)
                shift = np.where(first, began.argmax(axis=1), from_run // classes)
                path[who, day] = order[shift]
                now_works[who] = ~first
                now_stage[who] = 0
                now_run[who] = run[who] - 1
                now_last[who] = np.where(first, 0, from_run % classes)
                value = value.copy()
                value[who] = was[np.arange(len(who)), shift]
            rest = np.flatnonzero(~works)
            if rest.size:
                at = stage[rest]
                same = (at == 0) & (was_off[0, rest] == value[rest])
                up = np.minimum(at + 1, self._stages - 1)
                later = ~same & (at + 1 < self._stages) & (was_off[up, rest] == value[rest])
                ends = was_on[:, :, rest] + self._ended(day)[:, None, rest]
                found = (ends == value[rest]).reshape(-1, len(rest)).argmax(axis=0)
                came = ~same & ~later
                now_stage[rest] = np.where(same, 0, up)
                now_works[rest] = came
                now_run[rest], now_last[rest] = found // classes, found % classes
            works, run, last, stage = now_works, now_run, now_last, now_stage
        return path


def ease(
    ground: Ground,
    clock: Clock,
    steps: int,
    told: Callable[[int], None] | None = None,
    start: Eased | None = None,
    pace: tuple[float, float] = (FIRST, LAST),
) -> Eased:
    """Improve the bound by so many steps at most; `told` hears of every better one.

    With `start` it goes on from there; `pace` is the length of the steps at first and in the end.
    """
    staffing = ground.staffing
    workers, shifts = staffing.workers, staffing.shifts
    paths = Paths(ground)
    step = 0
    for shift in shifts:
        step = gcd(step, shift.minutes)
    step = step or 1
    units = np.array([shift.minutes // step for shift in shifts])
    low = np.array([-(-worker.minutes_least // step) for worker in workers])
    high = np.array([worker.minutes_most // step for worker in workers])
    ends = np.array([worker.weekends_most for worker in workers])
    most = np.array([worker.most for worker in workers])
    cheap, dear = -ground.over.astype(float), ground.under.astype(float)
    usual = max(1.0, USUAL / step)
    # one vector of all that is changed: cells, minutes (by usual shifts), weekends, shifts
    now: list[Any] = [np.zeros(ground.need.shape), *(np.zeros(size.shape) for size in (low, ends, most))]
    now[0] = np.clip(dear * 0.1, cheap, dear)
    if start is not None:
        now = [start.cells.copy(), start.minutes * usual, start.weekends.copy(), start.shifts.copy()]
    best, found = -(10**18), [part.copy() for part in now]
    way = [np.zeros_like(part) for part in now]
    square = [np.zeros_like(part) for part in now]
    whole_week = np.arange(staffing.days) % 7
    began = time.monotonic()
    for _step in range(steps):
        if clock.over and best > -(10**18):
            break
        if _step == TRIED and clock.end is not None:
            asked, taken = steps, max(1e-6, time.monotonic() - began)
            steps = min(steps, TRIED + int(clock.left * TRIED / taken))
            pace = pace[0], pace[1] * asked / steps  # few steps end longer
        cells = np.rint(now[0] * SCALE).astype(np.int64)
        minutes = np.rint(now[1] / usual * SCALE).astype(np.int64)
        weekends = np.rint(now[2] * SCALE).astype(np.int64)
        fines = np.rint(now[3] * SCALE).astype(np.int64)
        prices = ground.own * SCALE - cells[None]
        prices += (minutes[:, None] * units)[:, None, :] + fines[:, None, :]
        least, path = paths.cheapest(prices, weekends)
        if least.max() >= POSSIBLE:
            break  # somebody has no schedule at all
        value = int((cells * ground.need).sum()) + int(least.sum()) + ground.constant * SCALE
        value -= int(np.where(minutes > 0, minutes * high, minutes * low).sum())
        value -= int((weekends * ends).sum()) + int((fines * most).sum())
        bound = -(-value // SCALE)
        if value > best:
            best, found = value, [part.copy() for part in now]
            if told:
                told(bound)
        on = path != OFF
        there = np.zeros(ground.need.shape)
        counts = np.zeros(most.shape, np.int64)
        worked = np.zeros(len(workers), np.int64)
        who, day = np.nonzero(on)
        given = path[who, day]
        np.add.at(there, (day, given), 1)
        np.add.at(counts, (who, given), 1)
        np.add.at(worked, who, units[given])
        saturday, sunday = on[:, whole_week == SATURDAY], on[:, whole_week == SUNDAY]
        # Sunday counts apart only where Saturday is free
        both = saturday.sum(axis=1) + sunday.sum(axis=1)
        pairs = min(saturday.shape[1], sunday.shape[1])
        both -= (saturday[:, :pairs] & sunday[:, :pairs]).sum(axis=1)
        over, under = worked - high, worked - low
        beside = np.maximum(over, 0) + np.minimum(under, 0)
        slope = [
            ground.need - there,
            np.where(now[1] > 0, over, np.where(now[1] < 0, under, beside)) / usual,
            (both - ends).astype(float),
            (counts - most).astype(float),
        ]
        for part in (2, 3):
            slope[part] = np.where((now[part] <= 0) & (slope[part] < 0), 0.0, slope[part])
        length = pace[0] * (pace[1] / pace[0]) ** (_step / steps)
        way = [KEPT * old + (1 - KEPT) * new for old, new in zip(way, slope, strict=True)]
        square = [WIDE * old + (1 - WIDE) * new * new for old, new in zip(square, slope, strict=True)]
        even, wide = 1 - KEPT ** (_step + 1), 1 - WIDE ** (_step + 1)
        now = [
            part + length * (turn / even) / (np.sqrt(size / wide) + LEAST)
            for part, turn, size in zip(now, way, square, strict=True)
        ]
        now[0] = np.clip(now[0], cheap, dear)
        now[2], now[3] = np.maximum(now[2], 0.0), np.maximum(now[3], 0.0)
    return Eased(-(-best // SCALE), found[0], found[1] / usual, found[2], found[3])
