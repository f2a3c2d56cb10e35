"""Two controls that say whether the test itself can be trusted: one must pass, one must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

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
    """Put the tours in an order by chance, but on a tenth of the days the nearest ones next.

    The habit of a planner who looks at the map. The tours from one start change days over the whole
    semester; on a planted day they are those of all still to come whose stops are nearest to the stops
    of the last day. Nothing else is to be found: the one main draw that is declared goes over the
    semester, so who was drawn in which month tells nothing.
    """
    tours = _tours(semester)
    day_of: dict[int, int] = {}
    for base in range(ground.base.max(initial=-1) + 1):
        own = [name for name, tour in sorted(tours.items()) if ground.base[tour.units[0]] == base]
        seats = sorted(tours[name].day for name in own)
        to_come = [own[at] for at in chance.permutation(len(own))]
        last: list[int] = []
        for day, same in groupby(seats):
            count = len(list(same))
            if last and chance.random() < PLANTED:
                to_come.sort(key=lambda name: ground.km[np.ix_(tours[name].units, last)].min(axis=1).max())
                going, to_come = to_come[:count], to_come[count:]
                to_come = [to_come[at] for at in chance.permutation(len(to_come))]
            else:
                going, to_come = to_come[:count], to_come[count:]
            day_of |= dict.fromkeys(going, day)
            last = [unit for name in going for unit in tours[name].units]
    return replace(_on_days(semester, day_of), draws=_over_semester(semester))


def _over_semester(semester: Semester) -> tuple[Chances, ...]:
    """Give the weekly draws as they are, and all main draws as one over the whole semester."""
    main = [one.chance for one in semester.draws if one.fixed]
    if not main:
        return semester.draws
    spared = np.ones(len(main[0]))
    for one in main:
        # who was covered before, and so is in no frame any more, had the usual chance
        usual = one.sum() / max(1, np.count_nonzero(one))
        spared *= 1 - np.where(one > 0, one, usual)
    whole = Chances(0, len(semester.days) - 1, 1 - spared, fixed=True)
    return (whole, *(one for one in semester.draws if not one.fixed))


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
