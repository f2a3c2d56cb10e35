"""A legal roster within about a second, whatever its size: few shifts a person, weekends chosen before.

Counting minutes and weekends over a long period is what takes time. Here each person works shifts of
one length only, so that minutes are as few numbers as days; on weekends that are chosen for him, so that
none are counted; and a limited shift only in so many weeks that its limit cannot be reached. Who has no
such schedule is asked again with less of this, at last with none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.construct import no_schedule
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.pricing import FORBIDDEN, POSSIBLE, SCALE, Pricer, workable
from auditor.roster.shifts.staffing import SATURDAY, Schedule, Staffing, Worker
from auditor.roster.shifts.windows import WEEK

BATCHES = 12
"""People are priced in so many batches, each beside those before it."""
NOISE = 30
"""What tells people of a batch apart: a chance price of each cell, in units of cost, is below this."""


def quick(ground: Ground, clock: Clock, seed: int = 1) -> list[Schedule]:
    """Give everybody a legal schedule; empty if the clock ended it, or somebody's was not found.

    Raises
    ------
    Infeasible
        If somebody has no legal schedule at all.
    """
    staffing = ground.staffing
    weeks = -(-staffing.days // WEEK)
    chance = np.random.Generator(np.random.PCG64(seed))
    rows: dict[int, Schedule] = {}
    there = np.zeros_like(ground.need)
    for narrow, counted in ((True, False), (True, True), (False, True)):
        kept = [_kept(staffing, one, weeks) if narrow else _all(staffing, weeks) for one in ground.people]
        workers = [
            _narrowed(staffing, worker, weeks, kept[one], narrow, counted)
            for one, worker in enumerate(staffing.workers)
        ]
        pricer = Pricer(replace(staffing, workers=tuple(workers)))
        left = [one for one in ground.people if one not in rows]
        size = max(1, len(left) // BATCHES) if narrow else 1
        for at in range(0, len(left), size):
            people = left[at : at + size]
            prices = (ground.own[people] + ground.margins(there)[None]) * SCALE
            prices += chance.integers(0, NOISE * SCALE, prices.shape)
            for place, one in enumerate(people):
                prices[place][_closed(staffing, one, weeks, kept[one], counted)] = FORBIDDEN
            found = pricer.price(people, prices, tries=40 if not narrow else 1)
            if clock.over:
                return []
            for one in people:
                if found[one].schedules:
                    rows[one] = found[one].schedules[0]
                elif not narrow and found[one].least < POSSIBLE:
                    return []  # there may be one, where limits on shifts were only fined
            there += ground.there([rows[one] for one in people if one in rows])
    for one in ground.people:
        if one not in rows:
            raise no_schedule(ground, one)
    return [rows[one] for one in ground.people]


def _all(staffing: Staffing, weeks: int) -> list[frozenset[int]]:
    return [frozenset(range(len(staffing.shifts)))] * weeks


def _kept(staffing: Staffing, one: int, weeks: int) -> list[frozenset[int]]:
    """Of each week, the shifts that a person may work: of one length, and such that no limit is reached.

    People after each other begin with different shifts.
    """
    worker = staffing.workers[one]
    usable = [
        shift
        for shift, most in enumerate(worker.most)
        if most > 0
        and staffing.shifts[shift].minutes <= worker.minutes_most
        and shift not in staffing.shifts[shift].not_next
    ]
    best: list[frozenset[int]] = []
    for length in [*sorted({staffing.shifts[shift].minutes for shift in usable}), None]:
        if length is None and len(best) == weeks and all(best):
            break  # one length is enough
        own = [shift for shift in usable if length in (None, staffing.shifts[shift].minutes)]
        allowed = _weekly(staffing, one, weeks, own)
        if sum(map(bool, allowed)) >= sum(map(bool, best)):
            best = allowed
    turn = one % weeks
    return best[turn:] + best[:turn] if len(set(best)) > 1 else best


def _weeks(worker: Worker, shift: int, most: int) -> int:
    """So many weeks in a row of this shift cannot reach its limit."""
    several = 0
    while several < most and workable(worker, (several + 1) * WEEK) <= worker.most[shift]:
        several += 1
    return several


def _weekly(staffing: Staffing, one: int, weeks: int, usable: Sequence[int]) -> list[frozenset[int]]:
    """Of each week, some of these shifts; empty where all limits are used up."""
    worker = staffing.workers[one]
    free = [shift for shift in usable if worker.most[shift] >= workable(worker, staffing.days)]
    if free:
        turn = one % len(free)
        return [_together(staffing, free[turn:] + free[:turn])] * weeks
    allowed: list[frozenset[int]] = []
    for shift in sorted(usable, key=lambda shift: (-worker.most[shift], shift)):
        several = _weeks(worker, shift, weeks)
        allowed += [frozenset({shift})] * several
    return (allowed + [frozenset()] * weeks)[:weeks]


def _together(staffing: Staffing, shifts: Sequence[int]) -> frozenset[int]:
    """The first of these shifts, and the next ones as far as each may follow each."""
    group: list[int] = []
    for shift in shifts:
        banned = staffing.shifts[shift].not_next
        if all(shift not in staffing.shifts[one].not_next and one not in banned for one in [*group, shift]):
            group.append(shift)
    return frozenset(group or shifts[:1])


def _narrowed(
    staffing: Staffing,
    worker: Worker,
    weeks: int,
    kept: Sequence[frozenset[int]],
    narrow: bool,
    counted: bool,
) -> Worker:
    """A person as he is priced: without shifts that he is not to work, or limits that cannot be reached."""
    if not narrow:
        return worker
    used = frozenset().union(*kept)
    most = tuple(staffing.days if shift in used else 0 for shift in range(len(staffing.shifts)))
    return replace(worker, most=most, weekends_most=worker.weekends_most if counted else weeks)


def _closed(
    staffing: Staffing, one: int, weeks: int, kept: Sequence[frozenset[int]], counted: bool
) -> np.ndarray:
    """The cells that a person is not to work: other shifts than the week's, weekends not chosen for him."""
    closed = np.ones((weeks * WEEK, len(staffing.shifts)), bool)
    worker = staffing.workers[one]
    for week, group in enumerate(kept):
        closed[week * WEEK : (week + 1) * WEEK, sorted(group)] = False
        most = worker.weekends_most
        # so many in each row of weeks, as even as whole numbers are
        if not counted and (week + one + 1) * most // weeks == (week + one) * most // weeks:
            closed[week * WEEK + SATURDAY : (week + 1) * WEEK] = True
    return closed[: staffing.days]
