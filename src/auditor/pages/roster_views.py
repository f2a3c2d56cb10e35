"""What pages, sheets and texts show of a duty roster, as frozen values; the hall fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from auditor.entities import CalendarDay
from auditor.i18n import _, labelled, language
from auditor.pages.words import SLOT_WORDS, word

DAY = 24 * 60
"""Minutes of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post: its name and its one-letter mark in the language of the context; minutes as in the data.

    `standby` says that it is one to be called from (备勤), counted apart; `note` how it is kept, in words,
    where that is special.
    """

    id: str
    name: str
    mark: str
    role: str
    start: int
    minutes: int
    night: bool = False
    standby: bool = False
    note: str = ""

    @property
    def hours(self) -> str:
        """When it is kept: ``08:00–18:00``, and how the end is said where it is on a later day."""
        return f"{clock(self.start)}–{end_text(self.start + self.minutes)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Someone of the roster, as printed: name, title (职务), duty telephone.

    `counters` are class to (carried, new), `expected` class to what would be his part if all could be shared
    out by shares; both empty where he has no counters. `share` is in per cent of a full load, `leave` his days away,
    `standby` his public stand-by half-days (外勤待命), like ``2026-12-01/morning``.
    """

    id: str
    name: str
    title: str = ""
    phone: str = ""
    role: str = ""
    share: int = 100
    counters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    expected: Mapping[str, Fraction] = field(default_factory=dict)
    leave: frozenset[date] = frozenset()
    standby: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """One filled seat: `seat` counts from 1 among those of its post on that day."""

    day: date
    post: str
    seat: int
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A duty that has another person since the roster was published, and why; names, not ids."""

    day: date
    post: str
    was: str
    now: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureView:
    """A turn of the rotation that was left: whose it was, who has the duty, why; "" for nobody."""

    day: date
    post: str
    turn: str
    given: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterView:
    """A month's roster, whole.

    `state` is said in words, "" where the bureau keeps none; `revision` is 0 then. `members` are those of
    the roster, leaders first, then everybody else who has a duty; `posts` those of leaders first; `seats`
    in order of day, post (in the order of `posts`) and seat. `lacking` are the seats that nobody fills:
    day, post, how many.
    """

    bureau: str
    month: str
    state: str = ""
    revision: int = 0
    provisional: bool = False
    marks: tuple[str, ...] = ()
    days: tuple[CalendarDay, ...]
    posts: tuple[PostView, ...]
    members: tuple[MemberView, ...]
    seats: tuple[SeatView, ...]
    lacking: tuple[tuple[date, str, int], ...] = ()
    classes: tuple[str, ...] = ()
    """The counters that are shared out, weightiest first."""
    approved: tuple[str, str] = ("", "")
    """Who approved it and on which day, as far as the bureau keeps it."""
    changes: tuple[ChangeView, ...] = ()
    departures: tuple[DepartureView, ...] = ()

    def member(self, person: str) -> MemberView:
        """Give somebody by id; who is not known is called by it."""
        return next((one for one in self.members if one.id == person), MemberView(id=person, name=person))

    def post(self, key: str) -> PostView:
        """Give a post by id."""
        return next(one for one in self.posts if one.id == key)

    def on(self, day: date, post: str) -> list[MemberView]:
        """Give who fills a post on a day, by seat."""
        return [self.member(one.person) for one in self.seats if (one.day, one.post) == (day, post)]

    def of(self, person: str) -> list[SeatView]:
        """Give the duties of one person, in order of day and clock."""
        own = [one for one in self.seats if one.person == person]
        return sorted(own, key=lambda one: (one.day, self.post(one.post).start, one.post))

    def beside(self, seat: SeatView) -> list[tuple[PostView, MemberView]]:
        """Give who else is on duty at some time of a duty: post and person, leaders first."""
        start, end = self._span(seat)
        found: dict[tuple[str, str], tuple[PostView, MemberView]] = {}
        near = 1 + max(post.start + post.minutes for post in self.posts) // DAY
        for other in self.seats:
            if abs((other.day - seat.day).days) > near or other.person == seat.person:
                continue
            first, last = self._span(other)
            if first < end and start < last:
                key = (other.post, other.person)
                found.setdefault(key, (self.post(other.post), self.member(other.person)))
        return list(found.values())

    def _span(self, seat: SeatView) -> tuple[int, int]:
        post = self.post(seat.post)
        start = seat.day.toordinal() * DAY + post.start
        return start, start + post.minutes

    @property
    def standing(self) -> str:
        """Say the state and the revision: ``published, revision 3``; "" where the bureau keeps none."""
        if not self.revision:
            return self.state
        return _("{state}, revision {n}").format(state=self.state, n=self.revision)


def clock(minute: int) -> str:
    """Write a minute of a day as ``HH:MM``."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def end_text(minute: int) -> str:
    """Write the end of a duty, in minutes from its first midnight: ``18:00``, ``次日08:00``, ``+2 08:00``."""
    days = (minute - 1) // DAY
    if minute % DAY == 0:
        told = "24:00"
    else:
        told = clock(minute)
    if days <= 0:
        return told
    if language() == "zh":
        return f"次日{told}" if days == 1 else f"第{days + 1}日{told}"
    return _("{time} next day").format(time=told) if days == 1 else f"+{days} d {told}"


def remark(day: CalendarDay) -> str:
    """Say what is special about a day: its holiday, a make-up workday, the key period that it lies in."""
    found = [day.name] if day.name else []
    if day.cls == "work" and day.day.weekday() > 4:
        found = [_("make-up workday")]
    if day.key_period and day.key_period not in found:
        found.append(_("key period: {name}").format(name=day.key_period))
    return " ".join(found)


def remarks(view: RosterView, day: CalendarDay) -> list[str]:
    """Give the remarks of a day, a line each: what day it is, who lacks, who took whose duty."""
    found = [one for one in [remark(day)] if one]
    for on, post, count in view.lacking:
        if on == day.day:
            found.append(_("{post}: {n} lacking").format(post=view.post(post).name, n=count))
    for one in view.changes:
        if one.day == day.day:
            told = f"{one.was or '–'} → {one.now or '–'}"
            found.append(labelled(one.what, told) if one.what else told)
    return found


def half_day_words(half_days: Sequence[str]) -> list[str]:
    """Say half-days of a month by day and half: ``3日上午``, ``3 morning``."""
    parts = [one.split("/") for one in half_days]
    day = "{}日{}" if language() == "zh" else "{} {}"
    return [day.format(int(on[8:]), word(SLOT_WORDS, slot)) for on, slot in parts]


def weeks(days: Sequence[CalendarDay]) -> list[list[CalendarDay]]:
    """Part the days of a month into weeks, Monday first; the first and the last may be short."""
    found: list[list[CalendarDay]] = []
    for one in days:
        monday = one.day - timedelta(days=one.day.weekday())
        if not found or found[-1][0].day - timedelta(days=found[-1][0].day.weekday()) != monday:
            found.append([])
        found[-1].append(one)
    return found
