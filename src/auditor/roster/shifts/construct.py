"""A first legal roster: each person in turn takes the schedule that is cheapest beside the others'."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.pricing import SCALE, Pricer
from auditor.roster.shifts.staffing import Schedule


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
            raise Infeasible(
                reason=_(
                    "{name} has no schedule within his limits; look at his minutes, runs and days off"
                ).format(name=ground.staffing.workers[one].id)
            )
        rows.append(schedule)
        there += ground.there([schedule])
    return rows


def polish(ground: Ground, pricer: Pricer, rows: list[Schedule], clock: Clock) -> list[Schedule]:
    """Let each person in turn choose again beside the others, until nobody gains."""
    rows = list(rows)
    there = ground.there(rows)
    still = 0
    while still < len(rows):
        for one in ground.people:
            if clock.over or still >= len(rows):
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
    return rows


def _worth(ground: Ground, one: int, schedule: Schedule, others: np.ndarray) -> int:
    return ground.personal(one, schedule) + ground.covering(others + ground.there([schedule]))
