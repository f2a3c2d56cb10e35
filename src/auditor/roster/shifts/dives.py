"""A whole roster out of the linear relaxation: schedules are fixed step by step, new ones priced between."""

from __future__ import annotations

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.master import Master
from auditor.roster.shifts.pricing import Pricer
from auditor.roster.shifts.staffing import Schedule

NEAR = 50
"""Schedules of each person that a dive begins with: those nearest to the relaxation's prices."""
MANY = 3
"""With so many times as many schedules as it began with, a dive goes on with the nearest ones alone."""
SURE = 0.9
"""A schedule that is taken for at least this much is fixed."""
HALF = 0.5
STEPS = 40
"""Where none is sure, one in so many people is fixed, if more than half taken."""
BLUR = 0.4
"""By how much chance makes less of a schedule, at most."""
ROUNDS = 20
"""Rounds of pricing after each step, at most."""


def dive(
    pricer: Pricer,
    parent: Master,
    clock: Clock,
    rounds: int = ROUNDS,
    chance: np.random.Generator | None = None,
) -> tuple[dict[int, Schedule], list[tuple[int, Schedule]]]:
    """Fix schedules of the people of `parent`, which is left as it is.

    Gives the schedule of each person (of some only, if the clock ended it), and all columns that were
    priced on the way. With a `chance` the order of what is not sure is not quite by how much is taken, so
    that another dive ends elsewhere.
    """
    master = _nearest(parent, dict(parent.fixed))
    master.follow(parent)
    fixed = dict(parent.fixed)
    found = []
    while len(fixed) < len(parent.people):
        free = len(master.people) - len(master.fixed)
        if len(master.columns) > MANY * NEAR * max(free, STEPS // 4):
            found += master.columns
            master = _nearest(master, dict(master.fixed))
        master.generate(pricer, clock, rounds=rounds, several=1)
        if clock.over or not master.solve():
            break
        values = master.values()
        done = [at for at, (one, _schedule) in enumerate(master.columns) if one in master.fixed]
        values[done] = -1.0
        if chance is not None:
            values = np.where(values < SURE, values * (1 - BLUR * chance.random(values.size)), values)
        order = np.argsort(-values, kind="stable")
        sure = [int(at) for at in order if values[at] >= SURE]
        few = len(parent.people) // STEPS + 1
        for at in sure or [int(at) for at in order[:few]]:
            one, schedule = master.columns[at]
            if one not in fixed and (values[at] > HALF or at == order[0]):
                master.fix(at)
                fixed[one] = schedule
    return fixed, found + master.columns


def _nearest(parent: Master, fixed: dict[int, Schedule]) -> Master:
    """The free people of a master, with the schedules nearest to its prices."""
    master = parent.rest(fixed)
    kept: dict[int, int] = {}
    dear = parent.reduced()
    for at in np.argsort(dear, kind="stable"):
        one, schedule = parent.columns[int(at)]
        if one not in fixed and kept.get(one, 0) < NEAR:
            kept[one] = kept.get(one, 0) + 1
            master.add(one, [schedule])
    return master
