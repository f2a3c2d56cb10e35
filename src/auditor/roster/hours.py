"""Hours on duty for those who pay: by the class of the very day on which each minute lies.

A duty belongs to the day on which it starts (its number counts there), its minutes to the days of the
clock: of a duty from Friday 08:00 to Saturday 08:00 sixteen hours are Friday's. Each duty is counted
whole in the period in which it starts, so that periods on end add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from auditor.entities import Duty, Post

DAY = 24 * 60
CLASSES = ("work", "weekend", "holiday")
NIGHT = ((0, 6 * 60), (22 * 60, DAY))
"""The minutes of a day that count as night work: 22:00 to 06:00."""


@dataclass(slots=True, kw_only=True)
class Hours:
    """One person's duties and minutes of a period.

    `duties` counts by the class of the first day, `minutes` sums by the class of the day of the clock;
    `nights` counts duties at night posts, `night_minutes` is what of the minutes lies at night. Stand-by
    (备勤) is counted apart from all of these.
    """

    person: str
    duties: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    minutes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    nights: int = 0
    night_minutes: int = 0
    standby_duties: int = 0
    standby_minutes: int = 0

    @property
    def all_duties(self) -> int:
        """How many duties, stand-by not among them."""
        return sum(self.duties.values())

    @property
    def all_minutes(self) -> int:
        """How many minutes on duty, stand-by not among them."""
        return sum(self.minutes.values())


def hours_of(duties: Iterable[tuple[Duty, Post, bool]], class_of: Callable[[date], str]) -> dict[str, Hours]:
    """Give the hours of everybody who has a duty, by id.

    Parameters
    ----------
    duties
        Each with its post and whether that is a stand-by.
    class_of
        The class of a day, one of CLASSES; asked of every day that a duty touches.
    """
    found: dict[str, Hours] = {}
    for duty, post, standby in sorted(duties, key=lambda one: (one[0].person, one[0].day, one[1].id)):
        own = found.setdefault(duty.person, Hours(person=duty.person))
        if standby:
            own.standby_duties += 1
            own.standby_minutes += post.minutes
            continue
        own.duties[class_of(duty.day)] += 1
        own.nights += post.night
        for at, first, last in _by_day(post.start, post.start + post.minutes):
            own.minutes[class_of(date.fromordinal(duty.day.toordinal() + at))] += last - first
            own.night_minutes += sum(max(0, min(last, end) - max(first, start)) for start, end in NIGHT)
    return found


def _by_day(start: int, end: int) -> Iterable[tuple[int, int, int]]:
    """Part minutes, counted from a midnight, at each midnight: day, first and last minute of that day."""
    while start < end:
        at = start // DAY
        upto = min(end, (at + 1) * DAY)
        yield at, start - at * DAY, upto - at * DAY
        start = upto
