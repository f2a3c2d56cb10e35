"""Proves more than the relaxation: branches on how many are on a cell, then on who works when.

Best bound first; the schedules found are shared by all branches. The least bound of the open branches
bounds the whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.master import IMPOSSIBLE, Master, Ranges, Rules
from auditor.roster.shifts.pricing import Pricer
from auditor.roster.shifts.staffing import OFF, Schedule

WHOLE = 1e-5
Branch = tuple[Rules, Ranges]


def prove(
    ground: Ground,
    pricer: Pricer,
    master: Master,
    clock: Clock,
    *,
    cheapest: Callable[[], int],
    proven: Callable[[int], None],
    found: Callable[[list[Schedule]], None],
    nodes: int = 100_000,
) -> None:
    """Branch until nothing cheaper than `cheapest` can be, or the work is done.

    Parameters
    ----------
    master
        Everybody, relaxed already; its schedules grow.
    cheapest
        Tells the cost of the best roster known, asked again and again.
    proven, found
        Are told of each better bound and of each whole roster that a branch ends in.
    """
    tell, master.tell = master.tell, None
    bound = master.bound if master.bound is not None else -IMPOSSIBLE
    heap: list[tuple[int, int, Branch]] = [(bound, 0, ({}, {}))]
    number = 0
    while heap and number < nodes and not clock.over:
        bound, _number, (rules, ranges) = heapq.heappop(heap)
        proven(bound + ground.constant)
        if bound + ground.constant >= cheapest():
            break
        master.restrict(rules, ranges)
        master.generate(pricer, clock, target=cheapest() - ground.constant)
        if clock.over or not master.solve():
            heapq.heappush(heap, (bound, 0, (rules, ranges)))
            break
        own = max(bound, master.bound if master.bound is not None else bound)
        if own + ground.constant >= cheapest():
            if own < IMPOSSIBLE:
                number += 1
                heapq.heappush(heap, (max(own, cheapest() - ground.constant), number, (rules, ranges)))
            continue
        halves = _halves(master, rules, ranges)
        if not halves:
            rows = _rows(master)
            found(rows)
            number += 1
            heapq.heappush(heap, (max(own, ground.cost(rows) - ground.constant), number, (rules, ranges)))
            continue
        for half in halves:
            number += 1
            heapq.heappush(heap, (own, number, half))
    if not heap and not clock.over and number < nodes:
        proven(cheapest())
    master.restrict({}, {})
    master.tell = tell


def _halves(master: Master, rules: Rules, ranges: Ranges) -> list[Branch]:
    """Split where the relaxation is least whole; empty if it is whole."""
    taken = master.taken()
    there = taken.sum(axis=0)
    part = np.abs(there - np.rint(there))
    part[(master.ground.under == 0) & (master.ground.over == 0)] = 0
    if part.max() > WHOLE:
        weight = part * (1 + master.ground.under + master.ground.over)
        day, shift = (int(one) for one in np.unravel_index(int(weight.argmax()), weight.shape))
        low, high = ranges.get((day, shift), (0, len(master.people)))
        count = int(np.floor(there[day, shift]))
        return [
            (rules, {**ranges, (day, shift): (low, count)}),
            (rules, {**ranges, (day, shift): (count + 1, high)}),
        ]
    every = frozenset(range(OFF, master.need.shape[1]))
    works = taken.sum(axis=2)
    part = np.abs(works - np.rint(works))
    if part.max() > WHOLE:
        at, day = (int(one) for one in np.unravel_index(int(part.argmax()), part.shape))
        split = [frozenset({OFF}), every - {OFF}]
    else:
        part = np.abs(taken - np.rint(taken))
        if part.max() <= WHOLE:
            return []
        at, day, shift = (int(one) for one in np.unravel_index(int(part.argmax()), part.shape))
        split = [frozenset({shift}), every - {shift}]
    cell = (master.people[at], day)
    had = rules.get(cell, every)
    return [({**rules, cell: had & side}, ranges) for side in split]


def _rows(master: Master) -> list[Schedule]:
    """The whole roster that the relaxation is."""
    taken = master.taken()
    rows = []
    for at in range(len(master.people)):
        works = taken[at].sum(axis=1) > 0.5
        rows.append(
            tuple(int(one) if on else OFF for one, on in zip(taken[at].argmax(axis=1), works, strict=True))
        )
    return rows
