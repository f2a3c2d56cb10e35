"""A whole roster out of the linear relaxation: schedules are fixed step by step, new ones priced between."""

from __future__ import annotations

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Cells, Ground
from auditor.roster.shifts.master import Master
from auditor.roster.shifts.pricing import Pricer
from auditor.roster.shifts.staffing import Schedule

SURE = 0.95
"""A schedule that is taken for at least this much is fixed."""
ROUNDS = 4
"""Rounds of pricing after each step."""


def dive(
    ground: Ground,
    pricer: Pricer,
    parent: Master,
    clock: Clock,
    there: Cells | None = None,
    rounds: int = ROUNDS,
    near: float = 50.0,
) -> tuple[dict[int, Schedule], list[tuple[int, Schedule]]]:
    """Fix schedules of the people of `parent`, which is left as it is.

    Gives the schedule of each person (of all of them, or none if the clock ended it), and all columns
    that were priced on the way.
    """
    master = Master(ground, parent.people, there)
    dear = parent.reduced()
    for at, (one, schedule) in enumerate(parent.columns):
        if dear[at] <= near:
            master.add(one, [schedule])
    while len(master.fixed) < len(master.people):
        master.generate(pricer, clock, rounds=rounds, several=2)
        if clock.over or not master.solve():
            return {}, master.columns
        values = master.values()
        for one in master.fixed:
            for at, column in enumerate(master.columns):
                if column[0] == one:
                    values[at] = -1.0
        order = np.argsort(-values, kind="stable")
        now = [int(at) for at in order if values[at] >= SURE] or [int(order[0])]
        for at in now:
            if master.columns[at][0] not in master.fixed:
                master.fix(at)
    return dict(master.fixed), master.columns
