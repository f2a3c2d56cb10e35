"""A month's duty as whole numbers: minutes from its first midnight, seats, people, what is blocked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from auditor.entities import DUTY_ROLES, SLOTS, CalendarDay, Duty, Leave, Person, Post
from auditor.roster.desk import (
    DAY,
    DUTY,
    FAIR,
    KEY,
    NEED,
    POSTS,
    REST_AFTER_NIGHT_MIN,
    REST_MIN,
    STANDBY,
    WEIGHTS,
    DutyDesk,
    Group,
    Pair,
)
from auditor.roster.wishes import Wish

__all__ = ["DAY", "POSTS", "REST_AFTER_NIGHT_MIN", "REST_MIN", "WEIGHTS"]

OUT_OF_TOWN = ("外出", "外出报备", "out of town", "out-of-town")
"""Kinds of absence of somebody who is out of town and can still be telephoned."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One post on one day: `need` seats, filled by people of `role`; minutes from the first midnight.

    `block` is the index of the Saturday's shift where this is one of two that are filled as one block.
    """

    index: int
    day: date
    post: Post
    need: int
    start: int
    end: int
    classes: tuple[str, ...]
    block: int = -1

    @property
    def rested(self) -> int:
        """The minute from which a person who filled it may be on duty or on a visit again."""
        return self.end + rest_of(self.post)

    @property
    def is_duty(self) -> bool:
        """Whether it is a duty and no stand-by."""
        return self.post.kind == DUTY

    @property
    def leads(self) -> bool:
        """Whether it is a leader's duty on site."""
        return self.post.role == "leader" and self.is_duty and not self.post.by_phone

    def one_block(self, other: Shift) -> bool:
        """Whether the two are a weekend's block: no rest and no gap lies between them."""
        return self.block >= 0 and self.block == other.block and self.index != other.index


@dataclass(frozen=True, slots=True)
class Fixed:
    """A duty that stands and is no shift of the problem: minutes from the first midnight, perhaps below 0.

    `block` is the index of the shift that is one block with it, of a weekend of which this day alone stands.
    """

    start: int
    rested: int
    role: str
    kind: str = DUTY
    by_phone: bool = False
    block: int = -1
    after_night: int = 0
    """The minutes of rest after it where it was a night on site."""

    @property
    def day(self) -> int:
        """The day on which it starts, counted from the first; below 0 before it."""
        return self.start // DAY

    @property
    def leads(self) -> bool:
        """Whether it is a leader's duty on site."""
        return self.role == "leader" and self.kind == DUTY and not self.by_phone

    def one_block(self, shift: Shift) -> bool:
        """Whether the two are a weekend's block: no rest and no gap lies between them."""
        return self.block >= 0 and self.block == shift.index

    def too_near(self, shift: Shift) -> bool:
        """Whether one of the two starts before its person is rested from the other."""
        return shift.start < self.rested and self.start < shift.rested and not self.one_block(shift)

    @staticmethod
    def at(post: Post, start: int, rest: int, block: int = -1) -> Fixed:
        """Give a duty at a post from a minute on, with the minutes of rest after it."""
        night = rest_after_night(replace(post, rest=rest))
        return Fixed(start, start + post.minutes + rest, post.role, post.kind, post.by_phone, block, night)


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """One person: days of leave, stand-by intervals in minutes, counters carried, former duties.

    `roles` are whose posts he may fill, sorted; `share` is what part of a full load he bears, in per cent,
    1 to 100. `away` are those days of `leave` on which he is out of town and can be telephoned; `days` how
    many days of the month count as his (None for all), `excused` the others, which he need not make up, and
    `credit` what is in `carried` for them.
    """

    id: str
    roles: tuple[str, ...]
    leave: tuple[date, ...]
    standby: tuple[tuple[int, int], ...]
    carried: Mapping[str, int]
    fixed: tuple[Fixed, ...] = ()
    """Duties that stand already: of the month before, or of days that are past or locked."""
    share: int = 100
    away: tuple[date, ...] = ()
    half: tuple[str, ...] = ()
    """Half-days of leave on days that are not in `leave`, ``YYYY-MM-DD/am`` or ``pm``; noon parts them."""
    away_half: tuple[str, ...] = ()
    """The same for half-days out of town."""
    days: int | None = None
    excused: tuple[date, ...] = ()
    credit: Mapping[str, int] = field(default_factory=dict)

    def is_out(self, day: date) -> bool:
        """Whether he is out of town on a day, or on half of it."""
        return day in self.away or any(one.startswith(day.isoformat()) for one in self.away_half)

    def stands(self, day: int) -> bool:
        """Whether a duty of his on that day, counted from the first, stands already; stand-by is none."""
        return any(duty.day == day and duty.kind == DUTY for duty in self.fixed)

    def fills(self, shift: Shift) -> bool:
        """Whether the post is one of his roles'."""
        return shift.post.role in self.roles


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """What a roster is made from; shifts by day and post, people by id.

    `gaps` is by role how many days lie between the days on which two duties of a person start, at least
    (1: the next day is allowed); none where rest alone decides. `runs`, `week` and `month` are by role the
    most days on end and duties in a calendar week and a month. `locked` are cells that stand, as index of
    the shift and person. `every_share` are the shares of all people, also in a part. `goes_on` is whether
    somebody has one day of a weekend that the month's edge cuts: he has the other one too.
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
    runs: Mapping[str, int] = field(default_factory=dict)
    week: Mapping[str, int] = field(default_factory=dict)
    month: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    groups: tuple[Group, ...] = ()
    acting: Mapping[str, str] = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()
    locked: tuple[tuple[int, str], ...] = ()
    desk: DutyDesk | None = None
    every_share: tuple[int, ...] = ()
    goes_on: bool = False
    parted: frozenset[tuple[str, date]] = frozenset()
    """Pairs together (``a + b``) and groups (the leader) that nothing is asked of on a day: a change took
    them apart when one of their duties stood already.
    """
    whole: Mapping[int, int] = field(default_factory=dict)
    """The seats of shifts, by index, of which some are to stay empty."""

    def seats(self, shift: Shift) -> int:
        """Give how many seats a shift has, those that are to stay empty too."""
        return self.whole.get(shift.index, shift.need)

    @property
    def coupled(self) -> bool:
        """Whether a rule ties the duties of several people beyond the seats that they share."""
        return bool(
            self.pairs or self.groups or self.goes_on or any(shift.block >= 0 for shift in self.shifts)
        )

    def date_of(self, day: int) -> date:
        """Give the date of a day that is counted from the first."""
        return self.first + timedelta(days=day)

    def meets(self, halves: Iterable[str], shift: Shift) -> bool:
        """Whether a shift's clock time touches any of these half-days of leave."""
        spans = (half_leave(one, self.first) for one in halves)
        return any(shift.start < end and start < shift.end for start, end in spans)

    def day(self, shift: Shift) -> int:
        """Give the day on which a shift starts, counted from the first."""
        return (shift.day - self.first).days

    def pools(self) -> list[frozenset[str]]:
        """Give the roles that people tie together, sorted: each pool's duties are shared among its people."""
        found: list[frozenset[str]] = []
        for roles in [*({post.role} for post in self.posts), *(set(one.roles) for one in self.people)]:
            tied = [pool for pool in found if pool & roles]
            found = [pool for pool in found if not pool & roles] + [frozenset(roles).union(*tied)]
        return sorted(found, key=sorted)

    def parts(self) -> list[RosterProblem]:
        """Part it into problems that share nobody: people and shifts of roles that are tied, by a person
        who has both, a pair or a group.
        """
        roles_of = {person.id: frozenset(person.roles) for person in self.people}
        ties = [
            *(tuple(pair.people) for pair in self.pairs),
            *((one.leader, *one.members) for one in self.groups),
            *self.acting.items(),
        ]
        groups = self.pools()
        for tie in ties:
            roles = frozenset[str]().union(*(roles_of.get(who, frozenset()) for who in tie))
            tied = [group for group in groups if group & roles]
            groups = [group for group in groups if not group & roles] + [roles.union(*tied)]
        shares = self.every_share or tuple(person.share for person in self.people)
        found = []
        for group in sorted(groups, key=sorted):
            people = tuple(person for person in self.people if group & set(person.roles))
            part = replace(
                self,
                shifts=tuple(shift for shift in self.shifts if shift.post.role in group),
                people=people,
                goes_on=self.goes_on and cut_by_edge(people),
                posts=tuple(post for post in self.posts if post.role in group),
                every_share=shares,
            )
            # people whose posts need nobody just now carry their counters on; posts that need nobody and have
            # nobody are no part of the desk
            if part.posts and (part.people or part.shifts):
                found.append(part)
        return found


def classes_of(day: CalendarDay, post: Post) -> tuple[str, ...]:
    """Give the counters that a duty adds to: always total; the class of its first day; night. Stand-by has
    a counter of its own.
    """
    if post.kind == STANDBY:
        return (STANDBY,)
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


def half_leave(half: str, first: date) -> tuple[int, int]:
    """Give when a half-day of leave begins and ends, in minutes from a midnight; noon parts a day."""
    text, _slash, side = half.partition("/")
    start = (date.fromisoformat(text) - first).days * DAY + (DAY // 2 if side == "pm" else 0)
    return start, start + DAY // 2


def build_problem(
    days: Sequence[CalendarDay],
    people: Sequence[Person],
    leave: Sequence[Leave],
    standby: Mapping[str, Sequence[str]],
    *,
    carried: Mapping[str, Mapping[str, int]] | None = None,
    before: Sequence[Duty] = (),
    desk: DutyDesk | None = None,
    wishes: Sequence[Wish] = (),
    locked: Sequence[Duty] = (),
    eve: CalendarDay | None = None,
) -> RosterProblem:
    """Make a month's problem: seats by the desk's posts and the class of each day.

    Parameters
    ----------
    days
        The whole month in order.
    standby
        Half-days by person; people without any may be missing.
    carried
        Counters from earlier months by person. A person without any begins with the desk's opening
        balance, else with the mean of his role, rounded down, so that he is neither spared nor loaded.
    before
        The last duties of the month before: rest holds across the edge.
    desk
        The desk's settings; the default one, fair, without it.
    locked
        Cells that stand already.
    eve
        The day before the month: a Saturday may be one block with the month's first day.
    """
    desk = desk or DutyDesk(style=FAIR)
    first = days[0].day
    ordered = sorted(days, key=lambda day: day.day)
    posts = tuple(
        replace(post, rest=None if desk.rest(post) == rest_of(replace(post, rest=None)) else desk.rest(post))
        for post in desk.posts
    )
    shifts = _shifts(ordered, posts, desk)
    edge = [post.id for post in posts if eve is not None and edge_block(desk, post.id, eve, ordered[0])]
    sundays = {(eve.day, shift.post.id): shift.index for shift in shifts if eve and shift.day == first
               and shift.post.id in edge}  # fmt: skip
    rows = _people(ordered, people, leave, standby, shifts, carried or {}, before, desk, sundays)
    at = {(shift.day, shift.post.id): shift.index for shift in shifts}
    known = {row.id for row in rows}
    return RosterProblem(
        first=first,
        shifts=tuple(shifts),
        people=tuple(rows),
        posts=posts,
        weights=desk.counted,
        provisional=any(day.provisional for day in days),
        standby={one.id: tuple(sorted(standby[one.id])) for one in rows if standby.get(one.id)},
        before=tuple(sorted(before, key=lambda duty: (duty.day, duty.post, duty.person))),
        gaps=dict(desk.gaps),
        runs=dict(desk.runs),
        week=dict(desk.week),
        month=dict(desk.month),
        pairs=tuple(pair for pair in desk.pairs if known.issuperset(pair.people)),
        groups=tuple(
            Group(leader=group.leader, members=tuple(one for one in group.members if one in known))
            for group in desk.groups
            if group.leader in known
        ),
        acting={who: other for who, other in desk.acting.items() if {who, other} <= known},
        wishes=tuple(sorted(wish for wish in wishes if wish.person in known)),
        locked=tuple(sorted((at[duty.day, duty.post], duty.person) for duty in locked)),
        desk=desk,
        goes_on=cut_by_edge(rows),
    )


def cut_by_edge(people: Iterable[RosterPerson]) -> bool:
    """Whether somebody has a day beyond the month's edge of a weekend that is one block."""
    return any(duty.block >= 0 for one in people for duty in one.fixed)


def edge_block(desk: DutyDesk, post: str, saturday: CalendarDay, sunday: CalendarDay) -> bool:
    """Whether two days that the month's edge parts are one block at a post: as within a month."""
    needs = [desk.need.get(post, NEED)[day_class(day)] for day in (saturday, sunday)]
    return (
        post in desk.weekend_block
        and saturday.day.weekday() == 5
        and sunday.day - saturday.day == timedelta(days=1)
        and saturday.cls == sunday.cls == "weekend"
        and needs[0] == needs[1] > 0
    )


def day_class(day: CalendarDay) -> str:
    """Give the class of a day that demand goes by: a key period, else work day, weekend or holiday."""
    return KEY if day.key_period else day.cls


def _shifts(days: Sequence[CalendarDay], posts: Sequence[Post], desk: DutyDesk) -> list[Shift]:
    """Give every post on every day, by day and post, also where nobody is needed."""
    first = days[0].day
    found: list[Shift] = []
    for day in days:
        offset = (day.day - first).days * DAY
        for post in posts:
            need = desk.need.get(post.id, NEED)[day_class(day)]
            if need == 0:
                continue
            found.append(
                Shift(
                    index=len(found),
                    day=day.day,
                    post=post,
                    need=need,
                    start=offset + post.start,
                    end=offset + post.start + post.minutes,
                    classes=classes_of(day, post),
                )
            )
    return with_blocks(found, {day.day: day.cls for day in days}, desk.weekend_block)


def with_blocks(shifts: Sequence[Shift], classes: Mapping[date, str], posts: Sequence[str]) -> list[Shift]:
    """Mark Saturday and Sunday of these posts as one block where both are days of a weekend and of one need.

    A weekend that a holiday or a make-up work day cuts is none; one that the month's edge cuts has its
    Saturday in what stands (`Fixed`).
    """
    at = {(shift.day, shift.post.id): shift for shift in shifts}
    block = {}
    for (day, post), saturday in at.items():
        sunday = at.get((day + timedelta(days=1), post))
        if (
            post in posts
            and day.weekday() == 5
            and sunday is not None
            and saturday.need == sunday.need
            and classes[day] == classes[sunday.day] == "weekend"
        ):
            block[saturday.index] = block[sunday.index] = saturday.index
    return [replace(one, block=block[one.index]) if one.index in block else one for one in shifts]


def _halves_of(leave: Sequence[Leave], first: date, last: date) -> tuple[set[date], set[tuple[date, str]]]:
    """Give the days of which both halves are leave, and the other half-days."""
    found = {(one.from_on, one.half) for one in leave if one.half and first <= one.from_on <= last}
    whole = {day for day, _half in found if {(day, "am"), (day, "pm")} <= found}
    return whole, {one for one in found if one[0] not in whole}


def _days_of(leave: Leave, first: date, last: date) -> set[date]:
    """Give the days of a leave from a first to a last day, both included."""
    return {
        date.fromordinal(ordinal)
        for ordinal in range(max(leave.from_on, first).toordinal(), min(leave.to_on, last).toordinal() + 1)
    }


def _absences(person: Person, leave: Sequence[Leave]) -> list[Leave]:
    """Give a person's leave, and the days before he came and after he left."""
    found = [one for one in leave if one.person == person.id]
    if person.from_on and person.from_on > date.min:
        found.append(Leave(person=person.id, from_on=date.min, to_on=person.from_on - timedelta(days=1)))
    if person.to_on and person.to_on < date.max:
        found.append(Leave(person=person.id, from_on=person.to_on + timedelta(days=1), to_on=date.max))
    return found


def duty_roles(person: Person, posts: Sequence[Post]) -> tuple[str, ...]:
    """Give whose posts he fills, the first one his own: a leader leads and does not stand as an officer."""
    there = {post.role for post in posts}
    found = [role for role in DUTY_ROLES if role in person.roles and role in there]
    if "leader" in found and "officer" in found:
        found.remove("officer")
    return tuple(found) or (person.role,)


def share_of(person: Person) -> int:
    """Give a share in per cent, in steps of 5: squares are multiplied by what shares have in common."""
    return min(100, max(5, 5 * round(20 * person.share)))


def _people(
    days: Sequence[CalendarDay],
    people: Sequence[Person],
    leave: Sequence[Leave],
    standby: Mapping[str, Sequence[str]],
    shifts: Sequence[Shift],
    known: Mapping[str, Mapping[str, int]],
    before: Sequence[Duty],
    desk: DutyDesk,
    sundays: Mapping[tuple[date, str], int],
) -> list[RosterPerson]:
    first, last = days[0].day, days[-1].day
    weights = desk.counted
    # a duty of the last evening touches the next month's first day
    edge = last + timedelta(days=1)
    there: dict[str, int] = {}
    excused: dict[str, set[date]] = {}
    absences = {person.id: _absences(person, leave) for person in people}
    roles = {person.id: duty_roles(person, desk.posts) for person in people}
    for person in people:
        long = [
            one
            for one in absences[person.id]
            if not one.half and (one.to_on - one.from_on).days + 1 >= desk.excused_days
        ]
        excused[person.id] = set[date]().union(*(_days_of(one, first, last) for one in long))
        there[person.id] = len(days) - len(excused[person.id])
    rows = []
    for person in sorted(people, key=lambda person: person.id):
        own = absences[person.id]
        out = [one for one in own if one.kind in OUT_OF_TOWN]
        off = [one for one in own if one.kind not in OUT_OF_TOWN]
        away, away_half = _halves_of(out, first, edge)
        gone, half = _halves_of(off, first, edge)
        away |= {day for one in out if not one.half for day in _days_of(one, first, edge)}
        gone |= {day for one in off if not one.half for day in _days_of(one, first, edge)}
        half = {one for one in half if one[0] not in gone}
        away_half = {one for one in away_half - half if one[0] not in away | gone}
        group = [known[other.id] for other in people if other.role == person.role and other.id in known]
        joiner = {
            name: sum(one.get(name, 0) for one in group) // len(group) if group else 0 for name in weights
        }
        mine = known.get(person.id, {**joiner, **desk.opening.get(person.id, {})})
        credit = {}
        if there[person.id] < len(days):
            mates = [other for other in people if roles[other.id][:1] == roles[person.id][:1]]
            whole = sum(share_of(other) * there[other.id] for other in mates)
            for name in weights:
                new = sum(
                    shift.need
                    for shift in shifts
                    if name in shift.classes and shift.post.role in roles[person.id][:1]
                )
                missed = share_of(person) * (len(days) - there[person.id])
                credit[name] = min(new, new * missed // whole) if whole else 0
        rows.append(
            RosterPerson(
                id=person.id,
                roles=roles[person.id],
                leave=tuple(sorted(away | gone)),
                standby=tuple(sorted(half_day_minutes(one, first) for one in standby.get(person.id, ()))),
                carried={name: int(mine.get(name, 0)) + credit.get(name, 0) for name in weights},
                fixed=tuple(_fixed(person.id, before, first, desk, sundays)),
                share=share_of(person),
                away=tuple(sorted(away - gone)),
                half=tuple(sorted(f"{day}/{side}" for day, side in half)),
                away_half=tuple(sorted(f"{day}/{side}" for day, side in away_half)),
                days=there[person.id] if there[person.id] < len(days) else None,
                excused=tuple(sorted(excused[person.id])),
                credit={name: count for name, count in credit.items() if count},
            )
        )
    return rows


def _fixed(
    who: str,
    before: Sequence[Duty],
    first: date,
    desk: DutyDesk,
    sundays: Mapping[tuple[date, str], int],
) -> list[Fixed]:
    """Give a person's duties before the month as the desk, or the roster that they are of, has them;
    `sundays` are the shifts that are one block with duties of a day and post before.
    """
    by_id = {post.id: post for post in desk.posts}
    usual = {post.id: post for post in POSTS}
    found = []
    for duty in sorted(before, key=lambda duty: (duty.day, duty.post)):
        post = by_id.get(duty.post) or duty.spec or usual.get(duty.post)
        if duty.person != who or post is None:
            continue
        start = (duty.day - first).days * DAY + post.start
        found.append(Fixed.at(post, start, desk.rest(post), sundays.get((duty.day, duty.post), -1)))
    return found


def rest_after_night(post: Post) -> int:
    """Give the minutes of rest after a night on site at a post; 0 where it is none."""
    return rest_of(post) if post.night and post.kind == DUTY and not post.by_phone else 0


def rest_of(post: Post) -> int:
    """Give the minutes of rest after a duty at a post."""
    if post.rest is not None:
        return post.rest
    if post.kind == STANDBY or post.by_phone:
        return 0
    return REST_AFTER_NIGHT_MIN if post.night else REST_MIN
