"""A whole roster out of the linear relaxation: schedules are fixed step by step, new ones priced between."""

from __future__ import annotations

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Cells, Ground
from auditor.roster.shifts.master import Master
from auditor.roster.shifts.pricing import Pricer
from auditor.roster.shifts.staffing import Schedule

NEAR = 25
"""Schedules of each person that a dive begins with: those nearest to the relaxation's prices."""
SURE = 0.8
"""A schedule that is taken for at least this much is fixed."""
HALF = 0.5
STEPS = 40
"""Where none is sure, one in so many people is fixed, if more than half taken."""
ROUNDS = 2
"""Rounds of pricing after each step."""


def dive(
    ground: Ground,
    pricer: Pricer,
    parent: Master,
    clock: Clock,
    there: Cells | None = None,
    rounds: int = ROUNDS,
) -> tuple[dict[int, Schedule], list[tuple[int, Schedule]]]:
    """Fix schedules of the people of `parent`, which is left as it is.

    Gives the schedule of each person (of some only, if the clock ended it), and all columns that were
    priced on the way.
    """
    master = Master(ground, parent.people, there)
    dear = parent.reduced()
    kept: dict[int, int] = {}
    for at in np.argsort(dear, kind="stable"):
        one, schedule = parent.columns[int(at)]
        kept[one] = kept.get(one, 0) + 1
        if kept[one] <= NEAR:
            master.add(one, [schedule])
    while len(master.fixed) < len(master.people):
        master.generate(pricer, clock, rounds=rounds, several=1)
        if clock.over or not master.solve():
            break
        values = master.values()
        done = [at for at, (one, _schedule) in enumerate(master.columns) if one in master.fixed]
        values[done] = -1.0
        order = np.argsort(-values, kind="stable")
        sure = [int(at) for at in order if values[at] >= SURE]
        few = len(master.people) // STEPS + 1
        for at in sure or [int(at) for at in order[:few]]:
            if master.columns[at][0] not in master.fixed and (values[at] > HALF or at == order[0]):
                master.fix(at)
    return dict(master.fixed), master.columns
