"""Some whole weeks of a few people as a problem of their own, the rest of the roster being fixed.

Limits are what the rest leaves of them. The first run or rest of each person in these weeks and the
first day after it stay as they are, and so at the end: what touches the border is then as legal as it
was, and everything inside is under its full rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.roster.shifts.ground import Cells, Ground
from auditor.roster.shifts.master import Rules
from auditor.roster.shifts.staffing import OFF, SATURDAY, Schedule, Staffing, Worker

WEEK = 7


@dataclass(frozen=True, slots=True)
class Window:
    """`ground` counts people from 0, in the order they were asked for, and days from `first`; `rows` are
    what they work now, `rules` what must stay.
    """

    ground: Ground
    first: int
    rows: list[Schedule]
    rules: Rules


def window(
    ground: Ground,
    rows: Sequence[Schedule],
    people: Sequence[int],
    week: int,
    weeks: int,
    there: Cells | None = None,
) -> Window:
    """Cut out so many weeks from `week` on; `there`, if it is known, is who works what in all `rows`."""
    staffing = ground.staffing
    first, last = week * WEEK, min(staffing.days, (week + weeks) * WEEK)
    part = [rows[one][first:last] for one in people]
    own = tuple(_rest(staffing, staffing.workers[one], rows[one], first, last) for one in people)
    inner = Staffing(last - first, staffing.shifts, own, (), (), ())
    whole = (ground.there(rows) if there is None else there) - ground.there([rows[one] for one in people])
    days = slice(first, last)
    cut = Ground(
        inner,
        ground.own[list(people), days],
        0,
        ground.need[days] - whole[days],
        ground.under[days],
        ground.over[days],
    )
    rules = {}
    for one, schedule in enumerate(part):
        for day in _held(schedule, first == 0, last == staffing.days):
            rules[one, day] = frozenset({schedule[day]})
    return Window(cut, first, part, rules)


def _rest(staffing: Staffing, worker: Worker, schedule: Schedule, first: int, last: int) -> Worker:
    """What the days outside leave of a person's limits."""
    outside = [day for day in range(staffing.days) if not first <= day < last and schedule[day] != OFF]
    minutes = sum(staffing.shifts[schedule[day]].minutes for day in outside)
    weekends = {day // WEEK for day in outside if day % WEEK >= SATURDAY}
    most = list(worker.most)
    for day in outside:
        most[schedule[day]] -= 1
    return replace(
        worker,
        most=tuple(most),
        minutes_most=worker.minutes_most - minutes,
        minutes_least=max(0, worker.minutes_least - minutes),
        weekends_most=worker.weekends_most - len(weekends),
        days_off=frozenset(day - first for day in worker.days_off if first <= day < last),
    )


def _held(schedule: Schedule, at_begin: bool, at_end: bool) -> list[int]:
    """The days that stay: the first run or rest and a day more, and the last, but for the period's ends."""
    works = [entry != OFF for entry in schedule]
    begin = end = 0
    if not at_begin:
        begin = next((day for day, on in enumerate(works) if on != works[0]), len(works)) + 1
    if not at_end:
        end = next((day for day, on in enumerate(reversed(works)) if on != works[-1]), len(works)) + 1
    return [day for day in range(len(works)) if day < begin or day >= len(works) - end]
