"""Weekly floor draws: fresh chances each week in the same commitment, so that nobody is ever done.

A floor drawn once without repeats is used up: a unit visited twice would know that it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from auditor.draw.probabilities import MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One sub-draw: its key, its window inside the period, and its working days."""

    key: str
    first: date
    last: date
    working: tuple[date, ...]


def weeks(first: date, last: date, working: Iterable[date], after: date) -> list[Week]:
    """Part a period into ISO weeks that still have a working day later than `after`."""
    days = sorted(day for day in working if first <= day <= last)
    found: list[Week] = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        sunday = monday + timedelta(days=6)
        own = tuple(day for day in days if monday <= day <= sunday)
        if own and own[-1] > after:
            year, week, _day = monday.isocalendar()
            found.append(
                Week(
                    key=f"floor/{year}-W{week:02d}",
                    first=max(monday, first),
                    last=min(sunday, last),
                    working=own,
                )
            )
        monday += timedelta(days=7)
    return found


def weekly_pi(n: int, share: Fraction, sizes: Sequence[int]) -> int:
    """Give the chance of each unit in each week, in millionths, all alike.

    Parameters
    ----------
    n
        Units of the main draw.
    share
        What part of all visits the weekly ones are expected to be, 0 to less than 1.
    sizes
        Units in the frame of each week.

    Returns
    -------
    0 where there is no share or no week; else 1 to a million, rounded down, so that the expected
    number of weekly visits is n·share / (1 − share).
    """
    if not share or not sum(sizes):
        return 0
    expected = n * share / (1 - share) * MILLION / sum(sizes)
    return min(MILLION, max(1, int(expected)))
