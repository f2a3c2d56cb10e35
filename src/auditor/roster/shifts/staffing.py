"""The frozen problem of shifts: who may work what on which days, and what it costs.

Days count from 0, a Monday; shifts and people are indices into their tuples. All numbers are whole.
"""

from __future__ import annotations

from dataclasses import dataclass

OFF = -1
"""In a roster, a day without a shift."""
SATURDAY, SUNDAY = 5, 6
"""What `day % 7` is on the two days of a weekend."""

Schedule = tuple[int, ...]
"""One person's shift on every day, or OFF."""
Rows = tuple[Schedule, ...]
"""A whole roster: a schedule a person, in the order of the people."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A kind of shift. `not_next` are the shifts that nobody works on the day after it."""

    id: str
    minutes: int
    not_next: frozenset[int]


@dataclass(frozen=True, slots=True)
class Worker:
    """A person and the hard limits of his schedule.

    `most` is how many of each shift he may have; a run is consecutive days with a shift. The least
    run and the least days off in a row do not bind a run at either end of the period.
    """

    id: str
    most: tuple[int, ...]
    minutes_most: int
    minutes_least: int
    run_most: int
    run_least: int
    off_least: int
    weekends_most: int
    days_off: frozenset[int]


@dataclass(frozen=True, slots=True)
class Request:
    """A wish about one shift of one person; `weight` is paid when it is not granted."""

    worker: int
    day: int
    shift: int
    weight: int


@dataclass(frozen=True, slots=True)
class Cover:
    """How many are wanted on a shift of a day; each missing costs `under`, each one more `over`."""

    day: int
    shift: int
    need: int
    under: int
    over: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """The whole problem. No two requests of one kind and no two covers speak of the same cell."""

    days: int
    shifts: tuple[Shift, ...]
    workers: tuple[Worker, ...]
    wanted: tuple[Request, ...]
    unwanted: tuple[Request, ...]
    cover: tuple[Cover, ...]
