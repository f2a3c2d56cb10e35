"""Spot checks of duty desks: frames of desk and shift, the sealed draw's lots, the minute of each call.

A commitment of its own, made after the rosters are published, holds three sub-draws: ``spot/day`` and
``spot/night`` take a fixed number each, every desk within one of its sum; ``spot/again`` draws every shift
anew by itself, so that no desk is ever done. The transcript keeps the form of the contract, so that its
verifier checks it: a call is no visit, so whoever is drawn stands among the unplaced, with the reason
``spot-check`` and the call's minute as evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from auditor.draw.canon import canon, digest
from auditor.draw.frames import FrameUnit, frame_record
from auditor.draw.prf import Coins
from auditor.draw.probabilities import MILLION, probabilities
from auditor.draw.weekly import weekly_pi

DAY, NIGHT, AGAIN = "spot/day", "spot/night", "spot/again"
DOMAIN = "duty"
REASON = "spot-check"
LONGEST_MIN = 14 * 60
"""A longer seat (a leader's 24 hours) is no shift: it belongs to the shifts that it covers."""
CUTS = (8 * 60, 18 * 60)
"""Where a longer seat is cut into shifts on a desk that has no shorter ones that day."""
LAST_MIN = 10
"""No call in a shift's last minutes: whoever calls back has five, and hands over."""
AGAIN_SHARE = Fraction(1, 4)
"""What part of the calls the draw without memory is expected to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A post of a desk on a day; `start` is a minute of that day."""

    desk: str
    day: date
    post: str
    start: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A stretch of time in which a desk can be called; `posts` are those on duty in some part of it."""

    desk: str
    day: date
    start: int
    minutes: int
    posts: tuple[str, ...]
    seats: tuple[Seat, ...]

    @property
    def id(self) -> str:
        """How it stands in a frame: desk, day, clock times."""
        return f"{self.desk}/{self.day:%Y-%m-%d}/{_clock(self.start)}-{_clock(self.start + self.minutes)}"

    @property
    def night(self) -> bool:
        """Whether its middle lies between six in the evening and six in the morning."""
        middle = (self.start + self.minutes // 2) % 1440
        return middle >= CUTS[1] or middle < 6 * 60

    def on_duty(self, minute: int) -> tuple[str, ...]:
        """Give the posts on duty at a minute, counted from the shift's start."""
        first = self.day.toordinal() * 1440 + self.start + minute
        return tuple(sorted({seat.post for seat in self.seats if 0 <= first - _first(seat) < seat.minutes}))


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _first(seat: Seat) -> int:
    """Give the minute in which a seat begins, counted through all days."""
    return seat.day.toordinal() * 1440 + seat.start


def shifts_of(seats: Iterable[Seat]) -> list[Shift]:
    """Give the shifts of desks: seats with the same times are one; longer seats cover those they overlap.

    Where no shorter seat begins on the day of a long one, the long one is cut at 8 and 18 o'clock.

    Returns
    -------
    Shifts by desk, day and start; no two with one id.
    """
    by_desk: dict[str, list[Seat]] = {}
    for seat in seats:
        by_desk.setdefault(seat.desk, []).append(seat)
    found: list[Shift] = []
    for desk, several in sorted(by_desk.items()):
        windows: set[tuple[date, int, int]] = set()
        short = [seat for seat in several if seat.minutes <= LONGEST_MIN]
        windows |= {(seat.day, seat.start, seat.minutes) for seat in short}
        bare = {seat.day for seat in several} - {seat.day for seat in short}
        for seat in several:
            if seat.day in bare:
                windows |= set(_cut(seat))
        by_day: dict[date, list[Seat]] = {}
        for seat in several:
            by_day.setdefault(seat.day, []).append(seat)
        for day, start, minutes in sorted(windows):
            first = day.toordinal() * 1440 + start
            here = [
                seat
                for at in (-2, -1, 0, 1)  # a seat lasts a day at most, and a shift begins on its day
                for seat in by_day.get(day + timedelta(days=at), ())
                if _first(seat) < first + minutes and first < _first(seat) + seat.minutes
            ]
            here.sort(key=lambda seat: (seat.day, seat.start, seat.post))
            found.append(
                Shift(
                    desk=desk,
                    day=day,
                    start=start,
                    minutes=minutes,
                    posts=tuple(sorted({seat.post for seat in here})),
                    seats=tuple(here),
                )
            )
    return found


def _cut(seat: Seat) -> list[tuple[date, int, int]]:
    """Cut a long seat at the hours of `CUTS`; each part belongs to the day on which it begins."""
    end = seat.start + seat.minutes
    marks = sorted(
        {seat.start, end} | {at for cut in CUTS for at in range(cut, end, 1440) if seat.start < at < end}
    )
    return [
        (seat.day + timedelta(days=one // 1440), one % 1440, other - one) for one, other in pairwise(marks)
    ]


def spot_frames(
    shifts: Sequence[Shift],
    wanted: Mapping[str, int],
    weights: Mapping[str, int],
    floor: int,
    period: tuple[str, str],
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Give the frames of the sub-draws, and what the commitment says of each.

    Parameters
    ----------
    wanted
        How many shifts `DAY` and `NIGHT` draw; 0 leaves that draw out.
    weights
        Weight of each shift by id, a whole number from 1: what is above the floor follows it.
    floor
        φ in millionths.

    Returns
    -------
    Frames by key, with every chance in millionths; the stratum of a shift is its desk.

    Raises
    ------
    TooMany, NoChance, BadName, TooLarge
    """
    frames: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    drawn: list[Shift] = []
    for key, night in ((DAY, False), (NIGHT, True)):
        if not wanted.get(key):
            continue
        here = [one for one in shifts if one.night is night]
        chances = probabilities({one.id: weights.get(one.id, 1) for one in here}, wanted[key], floor)
        frames[key] = _frame(here, chances)
        numbers[key] = wanted[key]
        drawn += here
    pi = weekly_pi(sum(numbers.values()), AGAIN_SHARE, [len(drawn)])
    if pi:
        frames[AGAIN] = _frame(drawn, {one.id: pi for one in drawn})
        numbers[AGAIN] = 0
    draws = [
        {
            "key": key,
            "method": "poisson" if key == AGAIN else "pivotal",
            "n": numbers[key],
            "from": period[0],
            "to": period[1],
            "frame_sha256": digest(canon(frame)),
        }
        for key, frame in sorted(frames.items())
    ]
    return frames, draws


def _frame(shifts: Iterable[Shift], chances: Mapping[str, int]) -> dict[str, Any]:
    units = [FrameUnit(id=one.id, stratum=one.desk, pi=chances[one.id], domains=(DOMAIN,)) for one in shifts]
    return frame_record(units, [DOMAIN])


def chances_of(frames: Mapping[str, Mapping[str, Any]]) -> dict[str, Fraction]:
    """Give each shift's chance to be called at all: 1 − Π(1 − π) over the sub-draws that it is in."""
    missed: dict[str, Fraction] = {}
    for frame in frames.values():
        for unit in frame["units"]:
            missed[unit["id"]] = missed.get(unit["id"], Fraction(1)) * (1 - Fraction(unit["pi"], MILLION))
    return {unit: 1 - chance for unit, chance in sorted(missed.items())}


def call_minute(key: bytes, unit: str, minutes: int) -> int:
    """Give the minute of a shift in which it is called, by lot; none of its last `LAST_MIN`."""
    return Coins(key, "call/" + unit).below(max(1, minutes - LAST_MIN))


def calls_of(
    key: bytes, drawn: Mapping[str, Collection[str]], shifts: Mapping[str, tuple[date, int, int]]
) -> list[tuple[str, date, int]]:
    """Give every shift that is called, with day and minute of the call, in order of time.

    Parameters
    ----------
    key
        K of the commitment: a shift drawn twice is called once.
    shifts
        Day, start and minutes of each shift by id.
    """
    found = []
    for unit in sorted({unit for units in drawn.values() for unit in units}):
        day, start, minutes = shifts[unit]
        at = start + call_minute(key, unit, minutes)
        found.append((unit, day + timedelta(days=at // 1440), at % 1440))
    return sorted(found, key=lambda one: (one[1], one[2], one[0]))


def read_shift(unit: str) -> tuple[date, int, int]:
    """Give day, start and minutes of a shift from its id, which everybody can read."""
    _desk, day, times = unit.rsplit("/", 2)
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in times.split("-"))
    return date.fromisoformat(day), start, (end - start) % 1440 or 1440


def unplaced_calls(
    drawn: Mapping[str, Collection[str]], calls: Sequence[tuple[str, date, int]]
) -> list[dict[str, Any]]:
    """Write who is drawn as the contract's records of what is no visit; the minute of the call is told."""
    at = {unit: f"{day:%Y-%m-%d}T{_clock(minute)}" for unit, day, minute in calls}
    return [
        {"unit": unit, "draw": key, "domains": [DOMAIN], "reason": REASON, "evidence": at[unit]}
        for key, units in sorted(drawn.items())
        for unit in sorted(units)
    ]
