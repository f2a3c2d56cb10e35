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
from auditor.roster.shifts.pricing import SCALE, Pricer, Prices
from auditor.roster.shifts.staffing import OFF, SATURDAY, SUNDAY, Schedule, Staffing
from auditor.roster.shifts.windows import WEEK

TURNS = 40
"""People are given schedules in so many turns at most."""
STEPS, PACE = 20, (0.3, 0.1)
"""Steps between two turns, and how long they are."""
LARGE, TRIES = 200_000_000, 12
"""With more states of all people together, weekends are fined instead of counted, so often at most."""
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
    light = Pricer(_unended(ground.staffing)) if pricer.size > LARGE else None
    if light is not None:
        light.fines = pricer.fines
    began, done = time.monotonic(), 0
    while len(left) > late and not clock.over:
        if done and clock.end is not None:
            turns = max(1.0, clock.left * done / (time.monotonic() - began + 1e-6))
            several = max(several, ceil(len(left) / turns))
        done += 1
        some = left[:several]
        prices = np.rint((ground.own[some] - now.cells[None]) * SCALE).astype(np.int64)
        if light is None:
            found = pricer.price(some, prices, tries=20)
            new = {one: found[one].schedules[0] for one in some if found[one].schedules}
        else:
            new = _lightly(ground, light, some, prices, now.weekends, clock)
        for one in some:
            if one in new:
                rows[one] = new[one]
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


def _lightly(
    ground: Ground, light: Pricer, people: list[int], prices: Prices, fines: np.ndarray, clock: Clock
) -> dict[int, Schedule]:
    """Schedules of people whose weekends are not counted but fined, more and more until they are legal."""
    week = np.arange(ground.staffing.days) % WEEK
    found: dict[int, Schedule] = {}
    for place, one in enumerate(people):
        fine = float(fines[place])
        for _try in range(TRIES):
            if clock.over:
                return found
            # half on each of the two days: nearly what a weekend is fined once
            own = prices[place].copy()
            own[(week == SATURDAY) | (week == SUNDAY)] += round(fine / 2 * SCALE)
            priced = light.price([one], own[None], tries=20)[one]
            if not priced.schedules:
                break
            worked = {
                day // WEEK
                for day in np.flatnonzero(np.array(priced.schedules[0]) != OFF)
                if day % WEEK in (SATURDAY, SUNDAY)
            }
            if len(worked) <= ground.staffing.workers[one].weekends_most:
                found[one] = priced.schedules[0]
                break
            fine = fine * 1.3 + 1.0
    return found


def _unended(staffing: Staffing) -> Staffing:
    """The same people without a limit on weekends."""
    return replace(
        staffing, workers=tuple(replace(one, weekends_most=staffing.days) for one in staffing.workers)
    )


def _rest(ground: Ground, people: list[int], there: np.ndarray) -> Ground:
    """The problem of some people, the others being at work already."""
    staffing = ground.staffing
    some = replace(
        staffing, workers=tuple(staffing.workers[one] for one in people), wanted=(), unwanted=(), cover=()
    )
    return Ground(some, ground.own[people], 0, ground.need - there, ground.under, ground.over)
