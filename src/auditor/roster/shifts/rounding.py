"""A whole roster out of the quick bound: people are given schedules at its prices, a few at a time.

After each few the prices of the others are improved again by some short steps, so that they know what is
left to do; by the clock, there are more of them at a time where it would end too soon. The last ones take
what is cheapest beside the others. Where the relaxation over schedules takes too long this is the better
beginning; elsewhere it comes sooner.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.construct import beside
from auditor.roster.shifts.easing import Eased, ease
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.pricing import SCALE, Pricer
from auditor.roster.shifts.staffing import Schedule

TURNS = 40
"""People are given schedules in so many turns at most."""
STEPS, PACE = 20, (0.3, 0.1)
"""Steps between two turns, and how long they are."""
LATE = 0.06
"""This part of the people comes last."""


def round_off(
    ground: Ground,
    pricer: Pricer,
    eased: Eased,
    clock: Clock,
    order: Sequence[int] | None = None,
    known: Sequence[Schedule] = (),
) -> list[Schedule]:
    """Give everybody a schedule, in this order of people (None: their own).

    Who gets none, or not before the clock ends it, keeps the schedule of the `known` roster; without one
    the answer is empty then.
    """
    rows: dict[int, Schedule] = {}
    there = np.zeros_like(ground.need)
    left = list(ground.people if order is None else order)
    now = eased.of(left)
    several = -(-len(left) // TURNS)
    late = int(LATE * len(left))
    began, done = time.monotonic(), 0
    while len(left) > late and not clock.over:
        if done and clock.end is not None:
            turns = max(1.0, clock.left * done / (time.monotonic() - began + 1e-6))
            several = max(several, ceil(len(left) / turns))
        done += 1
        some = left[:several]
        prices = np.rint((ground.own[some] - now.cells[None]) * SCALE).astype(np.int64)
        found = pricer.price(some, prices, tries=20)
        for one in some:
            if found[one].schedules:
                rows[one] = found[one].schedules[0]
            elif known:
                rows[one] = known[one]
            else:
                return []
        there += ground.there([rows[one] for one in some])
        left, now = left[len(some) :], now.of(range(len(some), len(left)))
        if len(left) > late:
            now = ease(_rest(ground, left, there), clock, STEPS, start=now, pace=PACE)
    for one in left:
        schedule = None if clock.over else beside(ground, pricer, one, there)
        if schedule is None:
            if not known:
                return []
            schedule = known[one]
        rows[one] = schedule
        there += ground.there([schedule])
    return [rows[one] for one in ground.people]


def _rest(ground: Ground, people: list[int], there: np.ndarray) -> Ground:
    """The problem of some people, the others being at work already."""
    staffing = ground.staffing
    some = replace(
        staffing, workers=tuple(staffing.workers[one] for one in people), wanted=(), unwanted=(), cover=()
    )
    return Ground(some, ground.own[people], 0, ground.need - there, ground.under, ground.over)
