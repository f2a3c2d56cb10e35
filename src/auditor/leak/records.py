"""What the attacker sees, as values: a county, and semesters of visits that are no secret any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

Point = tuple[float, float]
"""Latitude and longitude, WGS-84 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """Who can be visited and who visits; all else counts them by their places in these lists.

    `towns` and `strata` are those of each unit, `starts` is where the tours to it begin.
    """

    units: tuple[str, ...]
    points: tuple[Point, ...]
    towns: tuple[str, ...]
    strata: tuple[str, ...]
    starts: tuple[Point, ...]
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit as everybody knows it afterwards.

    `day` counts the semester's days, `tour` its tours, `start` is the minute of the day; `unit` and
    `team` count the county's units and staff. `number` is the commitment that it was drawn in, `window`
    the first and last day on which the draws of its tour let the tour lie.
    """

    day: int
    slot: str
    start: int
    unit: int
    tour: int
    team: tuple[int, ...]
    number: int
    window: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chances:
    """What a draw declares before it: each unit's chance (0 to 1), and its window's first and last day.

    `fixed` tells that each stratum gets its sum of chances, one more or less at most (pivotal).
    """

    first: int
    last: int
    chance: Floats
    fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Semester:
    """Some plans on end, and what was public before each of them.

    `days` are working days in order, `plan_of` the plan (0, 1, …) that each belongs to. `visits` are by
    day and start. `room` says, for units (rows) and days (columns), in how many half-days some team
    could come. `free` gives for each day who stands by in each of its half-days. `metres` is what all
    tours drove, 0 where nobody says.
    """

    days: tuple[date, ...]
    plan_of: tuple[int, ...]
    visits: tuple[Seen, ...]
    draws: tuple[Chances, ...]
    room: Floats
    free: tuple[Mapping[str, tuple[int, ...]], ...]
    metres: int = 0
