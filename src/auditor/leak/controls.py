"""Two controls that say whether the test itself can be trusted: one must pass, one must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from auditor.leak.ground import Ground
from auditor.leak.records import Chances, Semester

PLANTED = 0.1
"""The part of days that the planted bias takes."""


def shuffled(semester: Semester, chance: np.random.Generator) -> Semester:
    """Permute the days of whole tours at random, among tours of one number, half-day and window."""
    tours = _tours(semester)
    alike: dict[tuple[int, str, tuple[int, int]], list[int]] = {}
    for name, tour in sorted(tours.items()):
        alike.setdefault((tour.number, tour.slot, tour.window), []).append(name)
    day_of = {}
    for several in alike.values():
        for name, at in zip(several, chance.permutation(len(several)), strict=True):
            day_of[name] = tours[several[at]].day
    return _on_days(semester, day_of)


def planted(semester: Semester, ground: Ground, chance: np.random.Generator) -> Semester:
    """Put the nearest tours next on a tenth of the days: the habit of a planner who looks at the map.

    On such a day every tour from one start changes places with that tour from there, of all still to
    come in the semester, which lies nearest to a tour of the last day with visits. Where each main draw
    leaves out who was in one before, the frames are as if the draws had taken the units in that order.
    """
    tours = _tours(semester)
    day_of = {name: tour.day for name, tour in tours.items()}
    for base in range(ground.base.max(initial=-1) + 1):
        own = {name: tour for name, tour in sorted(tours.items()) if ground.base[tour.units[0]] == base}
        for last, day in pairwise(sorted({tour.day for tour in own.values()})):
            if chance.random() >= PLANTED:
                continue
            were = [unit for name, tour in own.items() if day_of[name] == last for unit in tour.units]
            placed: set[int] = set()
            for name in [name for name in own if day_of[name] == day]:
                if name in placed:
                    continue
                others = [other for other in own if day_of[other] >= day and other not in placed]
                nearest = min(
                    others, key=lambda one: ground.km[np.ix_(own[one].units, were)].min(axis=1).max()
                )
                day_of[name], day_of[nearest] = day_of[nearest], day_of[name]
                placed.add(nearest)
    return replace(_on_days(semester, day_of), draws=_reframed(semester, tours, day_of))


def _reframed(
    semester: Semester, tours: Mapping[int, _Tour], day_of: Mapping[int, int]
) -> tuple[Chances, ...]:
    """Give the draws with frames that fit moved visits, where each frame holds who is not covered yet."""
    main = [at for at, one in enumerate(semester.draws) if one.fixed]
    sizes = [np.count_nonzero(semester.draws[at].chance) for at in main]
    if any(later >= sooner for sooner, later in pairwise(sizes)):
        return semester.draws
    chances = np.array([semester.draws[at].chance for at in main])
    usual = chances.sum(axis=1) / sizes
    first = np.array([semester.draws[at].first for at in main])
    covered = (chances > 0).sum(axis=0) - 1
    for name, tour in tours.items():
        was, now = (int(np.searchsorted(first, day, side="right")) - 1 for day in (tour.day, day_of[name]))
        for unit in tour.units:
            if was != now and covered[unit] == was:
                chances[: now + 1, unit] = np.where(
                    chances[: now + 1, unit] > 0, chances[: now + 1, unit], usual[: now + 1]
                )
                chances[now + 1 :, unit] = 0.0
    moved = dict(zip(main, chances, strict=True))
    return tuple(replace(one, chance=moved.get(at, one.chance)) for at, one in enumerate(semester.draws))


@dataclass(frozen=True, slots=True)
class _Tour:
    number: int
    day: int
    slot: str
    window: tuple[int, int]
    units: list[int]


def _tours(semester: Semester) -> dict[int, _Tour]:
    found: dict[int, _Tour] = {}
    for visit in semester.visits:
        tour = found.setdefault(visit.tour, _Tour(visit.number, visit.day, visit.slot, visit.window, []))
        tour.units.append(visit.unit)
    return found


def _on_days(semester: Semester, day_of: Mapping[int, int]) -> Semester:
    moved = [replace(visit, day=day_of[visit.tour]) for visit in semester.visits]
    return replace(semester, visits=tuple(sorted(moved, key=lambda one: (one.day, one.start, one.unit))))
