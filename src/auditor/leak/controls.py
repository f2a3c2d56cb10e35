"""Two controls that say whether the test itself can be trusted: one must pass, one must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from auditor.leak.ground import Ground
from auditor.leak.records import Semester

PLANTED = 0.1
"""The part of days that the planted bias takes."""


def shuffled(semester: Semester, chance: np.random.Generator) -> Semester:
    """Permute the days of whole tours at random, among tours of one half-day and one window."""
    tours = _tours(semester)
    alike: dict[tuple[str, tuple[int, int]], list[int]] = {}
    for tour, (_day, slot, window, _units) in sorted(tours.items()):
        alike.setdefault((slot, window), []).append(tour)
    day_of = {}
    for several in alike.values():
        days = [tours[tour][0] for tour in several]
        for tour, at in zip(several, chance.permutation(len(days)), strict=True):
            day_of[tour] = days[at]
    return _on_days(semester, day_of)


def planted(semester: Semester, ground: Ground, chance: np.random.Generator) -> Semester:
    """Put the nearest tours next on a tenth of the days: the habit of a planner who looks at the map.

    On such a day every tour changes places with that tour of the rest of its plan and of its half-day
    which lies nearest to a tour of the last day with visits.
    """
    tours = _tours(semester)
    day_of = {tour: day for tour, (day, _slot, _window, _units) in tours.items()}
    busy = sorted(set(day_of.values()))
    for last, day in pairwise(busy):
        if chance.random() >= PLANTED:
            continue
        were = [unit for tour, at in day_of.items() if at == last for unit in tours[tour][3]]
        placed: set[int] = set()
        for tour in sorted(tour for tour, at in day_of.items() if at == day):
            others = [
                other
                for other, at in sorted(day_of.items())
                if at >= day
                and other not in placed
                and tours[other][1] == tours[tour][1]
                and semester.plan_of[at] == semester.plan_of[day]
            ]
            # one that was put there for an earlier tour of this day stays
            if day_of[tour] != day or tour in placed or not others:
                continue
            nearest = min(others, key=lambda one: ground.km[np.ix_(tours[one][3], were)].min())
            day_of[tour], day_of[nearest] = day_of[nearest], day_of[tour]
            placed.add(nearest)
    return _on_days(semester, day_of)


def _tours(semester: Semester) -> dict[int, tuple[int, str, tuple[int, int], list[int]]]:
    """Day, half-day, window and units of every tour."""
    found: dict[int, tuple[int, str, tuple[int, int], list[int]]] = {}
    for visit in semester.visits:
        found.setdefault(visit.tour, (visit.day, visit.slot, visit.window, []))[3].append(visit.unit)
    return found


def _on_days(semester: Semester, day_of: Mapping[int, int]) -> Semester:
    moved = [replace(visit, day=day_of[visit.tour]) for visit in semester.visits]
    return replace(semester, visits=tuple(sorted(moved, key=lambda one: (one.day, one.start, one.unit))))
