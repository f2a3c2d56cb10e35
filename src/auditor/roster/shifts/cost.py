"""What a roster of shifts costs and which rules it breaks, counted again in plain Python.

Shares nothing with the engine but the problem itself: no numpy, no solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from auditor.i18n import N_
from auditor.roster.shifts.staffing import SATURDAY, SUNDAY, Staffing, Worker

FREE = "-"
"""How a roster in the words of a file writes a day off."""

Named = Mapping[str, Sequence[str]]
"""A roster in the words of a file: a person's shift on every day, or `FREE`."""

SUCCESSION = N_("shifts that may not follow each other")
TOO_MANY = N_("too many of a shift")
TOO_LONG = N_("too many minutes")
TOO_SHORT = N_("too few minutes")
LONG_RUN = N_("too many days in a row")
SHORT_RUN = N_("too few days in a row")
SHORT_OFF = N_("too few days off in a row")
DAY_OFF = N_("a shift on a day off")
WEEKENDS = N_("too many weekends")
UNKNOWN = N_("no such shift")
LENGTH = N_("not one entry a day")
MISSING = N_("no schedule")
STRANGER = N_("no such person")


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One broken hard rule: who, the day it shows (-1: of the whole period), and which."""

    worker: str
    day: int
    rule: str


def check(staffing: Staffing, roster: Named) -> list[Breach]:
    """Find every breach of a hard rule, ordered by person and day."""
    known = {shift.id for shift in staffing.shifts}
    names = {worker.id for worker in staffing.workers}
    breaches = [Breach(name, -1, STRANGER) for name in roster if name not in names]
    for worker in staffing.workers:
        row = roster.get(worker.id)
        if row is None:
            breaches.append(Breach(worker.id, -1, MISSING))
        elif len(row) != staffing.days:
            breaches.append(Breach(worker.id, -1, LENGTH))
        elif unknown := [day for day, entry in enumerate(row) if entry != FREE and entry not in known]:
            breaches += [Breach(worker.id, day, UNKNOWN) for day in unknown]
        else:
            breaches += [Breach(worker.id, *found) for found in _broken(staffing, worker, row)]
    return sorted(breaches)


def _broken(staffing: Staffing, worker: Worker, row: Sequence[str]) -> list[tuple[int, str]]:
    shift_of = {shift.id: shift for shift in staffing.shifts}
    found: list[tuple[int, str]] = []
    for day, (first, second) in enumerate(pairwise(row)):
        if first != FREE and second != FREE:
            banned = {staffing.shifts[at].id for at in shift_of[first].not_next}
            if second in banned:
                found.append((day + 1, SUCCESSION))
    counts = Counter(entry for entry in row if entry != FREE)
    for shift, most in zip(staffing.shifts, worker.most, strict=True):
        if counts[shift.id] > most:
            found.append((-1, TOO_MANY))
    minutes = sum(shift_of[entry].minutes for entry in row if entry != FREE)
    if minutes > worker.minutes_most:
        found.append((-1, TOO_LONG))
    if minutes < worker.minutes_least:
        found.append((-1, TOO_SHORT))
    day = 0
    for works, run in groupby(entry != FREE for entry in row):
        length = len(list(run))
        inside = day > 0 and day + length < staffing.days
        if works and length > worker.run_most:
            found.append((day, LONG_RUN))
        if works and inside and length < worker.run_least:
            found.append((day, SHORT_RUN))
        if not works and inside and length < worker.off_least:
            found.append((day, SHORT_OFF))
        day += length
    found += [(day, DAY_OFF) for day in worker.days_off if row[day] != FREE]
    weekends = {day // 7 for day, entry in enumerate(row) if entry != FREE and day % 7 in (SATURDAY, SUNDAY)}
    if len(weekends) > worker.weekends_most:
        found.append((-1, WEEKENDS))
    return found


def cost(staffing: Staffing, roster: Named) -> int:
    """Count what a roster costs: requests not granted, and people missing or too many on a shift."""
    total = 0
    for request in staffing.wanted:
        given = roster[staffing.workers[request.worker].id][request.day]
        total += 0 if given == staffing.shifts[request.shift].id else request.weight
    for request in staffing.unwanted:
        given = roster[staffing.workers[request.worker].id][request.day]
        total += request.weight if given == staffing.shifts[request.shift].id else 0
    there = Counter((day, entry) for row in roster.values() for day, entry in enumerate(row))
    for cover in staffing.cover:
        gap = cover.need - there[cover.day, staffing.shifts[cover.shift].id]
        total += gap * cover.under if gap > 0 else -gap * cover.over
    return total
