"""A first legal roster: each person in turn takes the schedule that is cheapest beside the others'."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.pricing import FORBIDDEN, SCALE, Pricer
from auditor.roster.shifts.staffing import OFF, Schedule
from auditor.roster.shifts.windows import WEEK, Window, window

WINDOW = 4
"""Weeks of a window in which one person chooses again."""
TOLD = 10
"""While everybody chooses again, the roster is told after so many people."""
HELD = 5_000_000
"""What working a shift that is to stay is worth, in 1 / SCALE."""


def no_schedule(ground: Ground, one: int) -> Infeasible:
    """Say that a person has no legal schedule at all."""
    return Infeasible(
        reason=_("{name} has no schedule within his limits; look at his minutes, runs and days off").format(
            name=ground.staffing.workers[one].id
        )
    )


def beside(ground: Ground, pricer: Pricer, one: int, there: np.ndarray) -> Schedule | None:
    """Give a person the cheapest schedule, with the others there already; None if none was found."""
    prices = (ground.own[one] + ground.margins(there))[None] * SCALE
    found = pricer.price([one], prices, tries=40)[one]
    return found.schedules[0] if found.schedules else None


def complete(ground: Ground, pricer: Pricer, fixed: Mapping[int, Schedule]) -> list[Schedule]:
    """Give a schedule to those who have none, one after the other; empty if somebody got none."""
    rows = dict(fixed)
    there = ground.there(list(fixed.values()))
    for one in ground.people:
        if one not in rows:
            schedule = beside(ground, pricer, one, there)
            if schedule is None:
                return []
            rows[one] = schedule
            there += ground.there([schedule])
    return [rows[one] for one in ground.people]


def construct(ground: Ground, pricer: Pricer) -> list[Schedule]:
    """Give everybody a schedule.

    Raises
    ------
    Infeasible
        If somebody has no legal schedule at all.
    """
    rows: list[Schedule] = []
    there = np.zeros_like(ground.need)
    for one in ground.people:
        schedule = beside(ground, pricer, one, there)
        if schedule is None:
            raise no_schedule(ground, one)
        rows.append(schedule)
        there += ground.there([schedule])
    return rows


def polish(
    ground: Ground,
    pricer: Pricer,
    rows: list[Schedule],
    clock: Clock,
    better: Callable[[list[Schedule]], None] | None = None,
    going: Callable[[], bool] = lambda: True,
) -> list[Schedule]:
    """Let each person in turn choose again beside the others, until nobody gains or it is not `going` on.

    `better` hears of the roster now and then.
    """
    rows = list(rows)
    there = ground.there(rows)
    still = 0
    while still < len(rows):
        for one in ground.people:
            if clock.over or still >= len(rows) or not going():
                return rows
            others = there - ground.there([rows[one]])
            new = beside(ground, pricer, one, others)
            still += 1
            if new is None:
                continue
            gain = _worth(ground, one, rows[one], others) - _worth(ground, one, new, others)
            if gain > 0:
                rows[one], still = new, 0
                there = others + ground.there([new])
            if better is not None and one % TOLD == TOLD - 1:
                better(rows)
    return rows


def sweep(
    ground: Ground,
    rows: list[Schedule],
    clock: Clock,
    better: Callable[[list[Schedule]], None] | None = None,
    going: Callable[[], bool] = lambda: True,
) -> list[Schedule]:
    """Let each person in turn choose some weeks again beside the others, through the whole period.

    Much quicker than whole schedules where the period is long; `better` hears of what was found after
    each window of weeks. Ends when a whole turn gained nothing, or it is not `going` on.
    """
    rows = list(rows)
    there = ground.there(rows)
    all_weeks = -(-ground.staffing.days // WEEK)
    turn, gained = 0, True
    while gained and not clock.over:
        gained = False
        for week in range(-(turn % 2) * WINDOW // 2, max(1, all_weeks - 1), WINDOW - 1):
            for one in ground.people:
                if clock.over:
                    return rows
                first = max(0, week)
                cut = window(ground, rows, [one], first, WINDOW, there)
                new = _again(cut)
                if new is None or new == cut.rows[0]:
                    continue
                whole = (*rows[one][: cut.first], *new, *rows[one][cut.first + len(new) :])
                others = there - ground.there([rows[one]])
                if _worth(ground, one, whole, others) < _worth(ground, one, rows[one], others):
                    rows[one], gained = whole, True
                    there = others + ground.there([whole])
            if better is not None:
                better(rows)
            if not going():
                return rows
        turn += 1
    return rows


def _again(cut: Window) -> Schedule | None:
    """The cheapest schedule of a window's only person beside the others."""
    ground = cut.ground
    margins = np.where(ground.need > 0, -ground.under, ground.over)
    prices = (ground.own[0] + margins) * SCALE
    for (_one, day), kept in cut.rules.items():
        (entry,) = kept
        prices[day] = FORBIDDEN
        if entry != OFF:
            prices[day, entry] = -HELD
    found = Pricer(ground.staffing).price([0], prices[None])[0]
    if not found.schedules:
        return None
    schedule = found.schedules[0]
    return schedule if all(schedule[day] in kept for (_one, day), kept in cut.rules.items()) else None


def _worth(ground: Ground, one: int, schedule: Schedule, others: np.ndarray) -> int:
    return ground.personal(one, schedule) + ground.covering(others + ground.there([schedule]))
