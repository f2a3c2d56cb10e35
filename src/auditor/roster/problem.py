"""A month's duty as whole numbers: minutes from its first midnight, seats, people, what is blocked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.entities import SLOTS, CalendarDay, Duty, Leave, Person, Post

DAY = 24 * 60
"""Minutes of a day."""
REST_MIN = 12 * 60
REST_AFTER_NIGHT_MIN = 24 * 60
"""Minutes of rest after a duty, and after one that lasts through the night."""

POSTS = (
    Post(id="lead", role="leader", start=8 * 60, minutes=24 * 60, night=True, zh="带班"),
    Post(id="day", role="officer", start=8 * 60, minutes=10 * 60, night=False, zh="白班"),
    Post(id="night", role="officer", start=18 * 60, minutes=14 * 60, night=True, zh="夜班"),
)
"""The default posts; 24 hours are covered by a leader, and by an officer."""

WEIGHTS: Mapping[str, int] = {"holiday": 8, "weekend": 4, "night": 3, "total": 2}
"""The classes that are shared out, weightiest first."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One post on one day: `need` seats, filled by people of `role`; minutes from the first midnight."""

    index: int
    day: date
    post: Post
    need: int
    start: int
    end: int
    classes: tuple[str, ...]

    @property
    def rested(self) -> int:
        """The minute from which a person who filled it may be on duty or on a visit again."""
        return self.end + rest_of(self.post)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A duty that stands and is no shift of the problem: minutes from the first midnight, perhaps below 0."""

    start: int
    rested: int
    role: str

    def too_near(self, shift: Shift) -> bool:
        """Whether one of the two starts before its person is rested from the other."""
        return shift.start < self.rested and self.start < shift.rested


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """One person: days of leave, stand-by intervals in minutes, counters carried, former duties.

    `roles` are whose posts he may fill, sorted; `share` is what part of a full load he bears, in per cent,
    1 to 100.
    """

    id: str
    roles: tuple[str, ...]
    leave: tuple[date, ...]
    standby: tuple[tuple[int, int], ...]
    carried: Mapping[str, int]
    fixed: tuple[Fixed, ...] = ()
    """Duties that stand already: of the month before, or of days that are past or locked."""
    share: int = 100

    def fills(self, shift: Shift) -> bool:
        """Whether the post is one of his roles'."""
        return shift.post.role in self.roles


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """What a roster is made from; shifts by day and post, people by id.

    `gaps` is by role how many days lie between the days on which two duties of a person start, at least
    (1: the next day is allowed); none where rest alone decides.
    """

    first: date
    shifts: tuple[Shift, ...]
    people: tuple[RosterPerson, ...]
    posts: tuple[Post, ...]
    weights: Mapping[str, int]
    provisional: bool
    standby: Mapping[str, tuple[str, ...]]
    before: tuple[Duty, ...]
    gaps: Mapping[str, int] = field(default_factory=dict)

    def day(self, shift: Shift) -> int:
        """Give the day on which a shift starts, counted from the first."""
        return (shift.day - self.first).days

    def parts(self) -> list[RosterProblem]:
        """Part it into problems that share nobody: people and shifts of roles that are tied by a person."""
        groups: list[set[str]] = []
        for roles in [*({post.role} for post in self.posts), *(set(one.roles) for one in self.people)]:
            tied = [group for group in groups if group & roles]
            groups = [group for group in groups if not group & roles] + [roles.union(*tied)]
        found = []
        for group in sorted(groups, key=sorted):
            part = replace(
                self,
                shifts=tuple(shift for shift in self.shifts if shift.post.role in group),
                people=tuple(person for person in self.people if group & set(person.roles)),
                posts=tuple(post for post in self.posts if post.role in group),
            )
            if part.shifts:
                found.append(part)
        return found


def classes_of(day: CalendarDay, post: Post) -> tuple[str, ...]:
    """Give the counters that a duty adds to: always total; the class of its first day; night."""
    found = ["total"]
    if day.cls in ("weekend", "holiday"):
        found.append(day.cls)
    if post.night:
        found.append("night")
    return tuple(found)


def half_day_minutes(half_day: str, first: date) -> tuple[int, int]:
    """Give a half-day's start and end in minutes from a midnight."""
    text, _, slot = half_day.partition("/")
    offset = (date.fromisoformat(text) - first).days * DAY
    start, end = SLOTS[slot]
    return offset + start, offset + end


def build_problem(
    days: Sequence[CalendarDay],
    people: Sequence[Person],
    leave: Sequence[Leave],
    standby: Mapping[str, Sequence[str]],
    *,
    carried: Mapping[str, Mapping[str, int]] | None = None,
    before: Sequence[Duty] = (),
    posts: Sequence[Post] = POSTS,
    weights: Mapping[str, int] = WEIGHTS,
) -> RosterProblem:
    """Make a month's problem: one seat a post and day, two in a key period.

    Parameters
    ----------
    days
        The whole month in order.
    standby
        Half-days by person; people without any may be missing.
    carried
        Counters from earlier months by person. A person without any joins with the mean of his
        role, rounded down, so that he is neither spared nor loaded.
    before
        The last duties of the month before: rest holds across the edge.
    """
    first = days[0].day
    last = days[-1].day
    by_id = {post.id: post for post in posts}
    shifts: list[Shift] = []
    for day in sorted(days, key=lambda day: day.day):
        offset = (day.day - first).days * DAY
        for post in posts:
            shifts.append(
                Shift(
                    index=len(shifts),
                    day=day.day,
                    post=post,
                    need=2 if day.key_period else 1,
                    start=offset + post.start,
                    end=offset + post.start + post.minutes,
                    classes=classes_of(day, post),
                )
            )
    known = carried or {}
    rows = []
    for person in sorted(people, key=lambda person: person.id):
        away = {
            date.fromordinal(ordinal)
            for one in leave
            if one.person == person.id
            for ordinal in range(
                max(one.from_on, first).toordinal(),
                # a night of the last evening touches the next month's first day
                min(one.to_on.toordinal(), last.toordinal() + 1) + 1,
            )
        }
        group = [known[other.id] for other in people if other.role == person.role and other.id in known]
        joiner = {
            name: sum(one.get(name, 0) for one in group) // len(group) if group else 0 for name in weights
        }
        mine = known.get(person.id, joiner)
        rows.append(
            RosterPerson(
                id=person.id,
                roles=(person.role,),
                leave=tuple(sorted(away)),
                standby=tuple(sorted(half_day_minutes(one, first) for one in standby.get(person.id, ()))),
                carried={name: int(mine.get(name, 0)) for name in weights},
                fixed=tuple(
                    Fixed(start, start + post.minutes + rest_of(post), post.role)
                    for duty in sorted(before, key=lambda duty: (duty.day, duty.post))
                    if duty.person == person.id
                    for post in [by_id[duty.post]]
                    for start in [(duty.day - first).days * DAY + post.start]
                ),
            )
        )
    return RosterProblem(
        first=first,
        shifts=tuple(shifts),
        people=tuple(rows),
        posts=tuple(posts),
        weights=dict(weights),
        provisional=any(day.provisional for day in days),
        standby={one.id: tuple(sorted(standby[one.id])) for one in rows if standby.get(one.id)},
        before=tuple(sorted(before, key=lambda duty: (duty.day, duty.post, duty.person))),
    )


def rest_of(post: Post) -> int:
    """Give the minutes of rest after a duty at a post."""
    return REST_AFTER_NIGHT_MIN if post.night else REST_MIN
