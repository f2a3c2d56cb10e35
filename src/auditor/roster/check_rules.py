"""The rules about who is on duty when, in plain Python: the twins of `rules`, over finished duties."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any

from auditor.entities import Breach, CalendarDay
from auditor.i18n import _, listed

HALF_DAYS = {
    "morning": (time(8, 0), time(12, 30)),
    "afternoon": (time(13, 30), time(17, 45)),
    "evening": (time(18, 0), time(21, 30)),
}


@dataclass(frozen=True, slots=True, order=True)
class Mine:
    """A duty: who, on which day, at which post."""

    who: str
    day: date
    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What duties are judged on: the desk and posts as a record has them, days away by person, what stood.

    `halves` and `out_halves` are half-days ("am", "pm") of leave and out of town. `eve` and `morrow` are the
    days before and after the month, `roles` whose posts everybody fills; they are asked for where the
    month's edge cuts a weekend's block.
    """

    desk: Mapping[str, Any]
    posts: Mapping[str, Mapping[str, Any]]
    calendar: Mapping[date, CalendarDay]
    gone: Mapping[str, set[date]]
    out: Mapping[str, set[date]]
    standby: Mapping[str, Sequence[str]]
    before: Sequence[Mine]
    demand: Mapping[tuple[str, str], int]
    eve: CalendarDay | None = None
    morrow: CalendarDay | None = None
    halves: Mapping[str, set[tuple[date, str]]] = field(default_factory=dict)
    out_halves: Mapping[str, set[tuple[date, str]]] = field(default_factory=dict)
    roles: Mapping[str, Collection[str]] = field(default_factory=dict)

    def span(self, duty: Mine) -> tuple[datetime, datetime, datetime]:
        """Give when a duty starts and ends, and when its person is rested."""
        post = self.posts[duty.post]
        start = datetime.combine(duty.day, time.fromisoformat(post["start"]))
        end = start + timedelta(minutes=post["minutes"])
        return start, end, end + timedelta(minutes=_rest(post, self.desk))

    def is_duty(self, duty: Mine) -> bool:
        """Whether it is no stand-by."""
        return bool(self.posts[duty.post].get("kind", "duty") == "duty")

    def role(self, duty: Mine) -> str:
        """Give the role of its post."""
        return str(self.posts[duty.post]["role"])

    def weekend(self, one: Mine, other: Mine) -> bool:
        """Whether two are Saturday and Sunday of a post whose weekends are one block."""
        early, late = sorted((one, other), key=lambda duty: duty.day)
        return (
            one.post == other.post
            and one.post in self.desk["weekend_block"]
            and late.day - early.day == timedelta(days=1)
            and (self.cut(early, late) or self.block(early.day, one.post))
        )

    def block(self, day: date, post: str) -> bool:
        """Whether a post is one block on a Saturday and the day after it."""
        after = day + timedelta(days=1)
        needs = [self.demand.get((one.isoformat(), post)) for one in (day, after)]
        return (
            day.weekday() == 5
            and day in self.calendar
            and after in self.calendar
            and needs[0] is not None
            and needs[0] == needs[1]
            and self.calendar[day].cls == self.calendar[after].cls == "weekend"
        )

    def cut(self, saturday: Mine, sunday: Mine) -> bool:
        """Whether the month's edge cuts a post's block between these two days."""
        for beyond, mine, other in ((self.eve, sunday, saturday), (self.morrow, saturday, sunday)):
            if beyond is None or beyond.day != other.day or mine.day not in self.calendar:
                continue
            need = self.posts[mine.post].get("need", {}).get("key" if beyond.key_period else beyond.cls, 0)
            return (
                saturday.day.weekday() == 5
                and beyond.cls == self.calendar[mine.day].cls == "weekend"
                and self.demand.get((mine.day.isoformat(), mine.post)) == need
            )
        return False


def _rest(post: Mapping[str, Any], desk: Mapping[str, Any]) -> int:
    if "rest_min" in post:
        return int(post["rest_min"])
    if post.get("by_phone") or post.get("kind", "duty") != "duty":
        return 0
    return int(desk["rest_after_night_min"] if post["night"] else desk["rest_min"])


def rule_breaches(ground: Ground, duties: Sequence[Mine]) -> list[Breach]:
    """Give every rule about people's time that these duties break."""
    people = sorted({duty.who for duty in duties})
    found: list[Breach] = []
    for who in people:
        mine = sorted((duty for duty in duties if duty.who == who), key=lambda one: (one.day, one.post))
        stood = [duty for duty in ground.before if duty.who == who]
        found += _rest_and_gap(ground, mine, stood)
        found += _absence(ground, mine)
        found += _limits(ground, mine, stood)
    found += _together(ground, duties)
    return found


def _half(on: date, side: str) -> str:
    return f"{on} {_('morning') if side == 'am' else _('afternoon')}"


def _name(duty: Mine) -> str:
    return f"{duty.day} {duty.post}"


def _rest_and_gap(ground: Ground, mine: Sequence[Mine], stood: Sequence[Mine]) -> Iterator[Breach]:
    # what the month before laid down itself is not this month's to answer for
    for one, other in [*combinations(mine, 2), *((old, new) for old in stood for new in mine)]:
        early, late = sorted((one, other), key=lambda duty: ground.span(duty)[0])
        if ground.weekend(one, other):
            continue
        if ground.span(late)[0] < ground.span(early)[2]:
            yield Breach(
                rule="rest",
                where=f"{late.who} {_name(late)}",
                what=_("too soon after {duty}").format(duty=_name(early)),
            )
        gap = ground.desk["gaps"].get(ground.role(one), 0)
        if ground.role(one) == ground.role(other) and ground.is_duty(one) and ground.is_duty(other):
            apart = abs((late.day - early.day).days)
            if apart < gap:
                yield Breach(
                    rule="gap",
                    where=f"{late.who} {_name(late)}",
                    what=_("{apart} days after {duty}").format(apart=apart, duty=_name(early)),
                )


def _absence(ground: Ground, mine: Sequence[Mine]) -> Iterator[Breach]:
    for duty in mine:
        start, end, rested = ground.span(duty)
        where = f"{duty.who} {_name(duty)}"
        touched = start.date()
        while datetime.combine(touched, time()) < end:
            if touched in ground.gone[duty.who]:
                yield Breach(rule="leave", where=where, what=_("on leave on {day}").format(day=touched))
            elif touched in ground.out[duty.who] and not ground.posts[duty.post]["by_phone"]:
                yield Breach(
                    rule="out-of-town", where=where, what=_("out of town on {day}").format(day=touched)
                )
            touched += timedelta(days=1)
        for on, side in sorted(ground.halves.get(duty.who, ())):
            if _meets(on, side, start, end):
                yield Breach(
                    rule="leave", where=where, what=_("on leave on {day}").format(day=_half(on, side))
                )
        for on, side in sorted(ground.out_halves.get(duty.who, ())):
            if _meets(on, side, start, end) and not ground.posts[duty.post]["by_phone"]:
                what = _("out of town on {day}").format(day=_half(on, side))
                yield Breach(rule="out-of-town", where=where, what=what)
        for half_day in ground.standby.get(duty.who, ()):
            text, _sep, slot = half_day.partition("/")
            begins, ends = HALF_DAYS[slot]
            on = date.fromisoformat(text)
            if start < datetime.combine(on, ends) and datetime.combine(on, begins) < rested:
                yield Breach(
                    rule="stand-by",
                    where=where,
                    what=_("duty or rest on {half_day}").format(half_day=half_day),
                )


def _meets(on: date, side: str, start: datetime, end: datetime) -> bool:
    """Whether a duty's time touches a half of a day, which noon parts."""
    begins = datetime.combine(on, time(0 if side == "am" else 12))
    return start < begins + timedelta(hours=12) and begins < end


def _limits(ground: Ground, mine: Sequence[Mine], stood: Sequence[Mine]) -> Iterator[Breach]:
    for role, most in ground.desk["runs"].items():
        new = {duty.day for duty in mine if ground.role(duty) == role and ground.is_duty(duty)}
        old = {duty.day for duty in stood if ground.role(duty) == role and ground.is_duty(duty)}
        told = set()
        for day in sorted(new):
            start = day
            while start - timedelta(days=1) in new | old:
                start -= timedelta(days=1)
            length = 0
            while start + timedelta(days=length) in new | old:
                length += 1
            if length > most and start not in told:
                told.add(start)
                yield Breach(
                    rule="runs",
                    where=f"{mine[0].who} {start}",
                    what=_("{count} days on end").format(count=length),
                )
    for role, most in ground.desk["week"].items():
        new_weeks = [
            duty.day.isocalendar()[:2] for duty in mine if ground.role(duty) == role and ground.is_duty(duty)
        ]
        old_weeks = [
            duty.day.isocalendar()[:2] for duty in stood if ground.role(duty) == role and ground.is_duty(duty)
        ]
        for week in sorted(set(new_weeks)):
            count = (new_weeks + old_weeks).count(week)
            if count > most:
                yield Breach(
                    rule="week",
                    where=f"{mine[0].who} {week[0]}-W{week[1]:02d}",
                    what=_("{count} duties").format(count=count),
                )
    for role, most in ground.desk["month"].items():
        count = sum(ground.role(duty) == role and ground.is_duty(duty) for duty in mine)
        if count > most:
            yield Breach(rule="month", where=mine[0].who, what=_("{count} duties").format(count=count))


def _together(ground: Ground, duties: Sequence[Mine]) -> Iterator[Breach]:
    on: dict[date, set[str]] = {day: set() for day in ground.calendar}
    leading: dict[date, set[str]] = {day: set() for day in ground.calendar}
    for duty in duties:
        if ground.is_duty(duty):
            on[duty.day].add(duty.who)
            if ground.role(duty) == "leader" and not ground.posts[duty.post]["by_phone"]:
                leading[duty.day].add(duty.who)
    for pair in ground.desk["pairs"]:
        if not set(pair["people"]) <= ground.gone.keys():
            continue
        for day in sorted(ground.calendar):
            there = len(on[day] & set(pair["people"]))
            if there == (1 if pair["together"] else 2):
                yield Breach(
                    rule="pairs",
                    where=f"{' + '.join(pair['people'])} {day}",
                    what=_("{there} of 2").format(there=there),
                )
    for group in ground.desk["groups"]:
        leader = group["leader"]
        if leader not in ground.gone:
            continue
        for day in sorted(ground.calendar):
            led = _is_led(ground, day)
            may = _may_lead(ground, leader, day)
            for who in sorted(on[day] & set(group["members"])):
                if led and not may & leading[day]:
                    yield Breach(
                        rule="groups",
                        where=f"{who} {day}",
                        what=_("{leader} does not lead").format(leader=leader),
                    )
    for day in sorted(ground.calendar):
        for post in ground.desk["weekend_block"]:
            if ground.block(day, post):
                after = day + timedelta(days=1)
                sides = [
                    {duty.who for duty in duties if (duty.day, duty.post) == (when, post)}
                    for when in (day, after)
                ]
                if sides[0] != sides[1]:
                    yield Breach(
                        rule="weekend-block",
                        where=f"{day} {post}",
                        what=listed(sorted(sides[0] ^ sides[1])),
                    )
    yield from _edge(ground, duties, leading)


def _edge(ground: Ground, duties: Sequence[Mine], leading: Mapping[date, set[str]]) -> Iterator[Breach]:
    """Who has the day of a block beyond the month's edge has the other one too, if nothing forbids it."""
    asked = _asked_over_edge(ground)
    there = set(duties)
    for other in sorted(asked):
        if other in there:
            continue
        alike = [one for one in asked if (one.day, one.post) == (other.day, other.post)]
        if sum(one in there for one in alike) >= ground.demand[other.day.isoformat(), other.post]:
            continue  # more were asked for than there are seats
        if ground.is_duty(other):
            apart = {
                who
                for pair in ground.desk["pairs"]
                if not pair["together"] and other.who in pair["people"]
                for who in pair["people"]
            } - {other.who}
            if any(
                one.who in apart and one.day == other.day and ground.is_duty(one) and one in there
                for one in asked
            ):
                continue
            tied = _tied(ground, other.who)
            leaders = {
                one["leader"]
                for one in ground.desk["groups"]
                if tied & set(one["members"]) and one["leader"] in ground.gone
            } - {other.who}
            if _is_led(ground, other.day) and not all(
                _may_lead(ground, leader, other.day) & leading[other.day] for leader in leaders
            ):
                continue
        old = asked[other]
        yield Breach(rule="weekend-block", where=f"{old.day} {old.post}", what=old.who)


def _asked_over_edge(ground: Ground) -> dict[Mine, Mine]:
    """Give the duties that are asked for because of one beyond the month's edge, with that one each."""
    asked: dict[Mine, Mine] = {}
    for old in ground.before:
        for step in (1, -1):
            other = Mine(old.who, old.day + timedelta(days=step), old.post)
            if other.day in ground.calendar and ground.weekend(old, other) and _may_fill(ground, other):
                asked[other] = old
    while True:
        # whoever is on duty only with others is asked only if they can come too
        left = {}
        for other, old in asked.items():
            there = {one.who for one in asked if one.day == other.day and ground.is_duty(one)}
            posts = [
                post
                for (when, post), need in ground.demand.items()
                if when == other.day.isoformat()
                and ground.posts[post]["kind"] == "duty"
                and sum((one.day, one.post) == (other.day, post) for one in asked) < need
            ]
            alone = [
                mate
                for mate in _tied(ground, other.who) - there
                if not any(_may_fill(ground, Mine(mate, other.day, post)) for post in posts)
            ]
            if not ground.is_duty(other) or not alone:
                left[other] = old
        if len(left) == len(asked):
            return asked
        asked = left


def _may_fill(ground: Ground, duty: Mine) -> bool:
    """Whether nothing about its person alone forbids a duty."""
    stood = [one for one in ground.before if one.who == duty.who]
    return ground.role(duty) in ground.roles.get(duty.who, ()) and not [
        *_rest_and_gap(ground, [duty], stood),
        *_absence(ground, [duty]),
        *_limits(ground, [duty], stood),
    ]


def _tied(ground: Ground, who: str) -> set[str]:
    """Give who is on duty on just the same days as somebody, pair by pair; he too."""
    found, seen = [who], {who}
    for one in found:
        for pair in ground.desk["pairs"]:
            if pair["together"] and one in pair["people"] and set(pair["people"]) <= ground.gone.keys():
                new = set(pair["people"]) - seen
                seen |= new
                found += sorted(new)
    return seen


def _is_led(ground: Ground, day: date) -> bool:
    """Whether a leader is asked for on site on a day."""
    return any(
        when == day.isoformat()
        and post["role"] == "leader"
        and post["kind"] == "duty"
        and not post["by_phone"]
        for (when, name) in ground.demand
        for post in [ground.posts[name]]
    )


def _may_lead(ground: Ground, leader: str, day: date) -> set[str]:
    """Give who can lead the group of a leader on a day."""
    out = day in ground.out[leader] or any(on == day for on, _side in ground.out_halves.get(leader, ()))
    if out and day not in ground.gone[leader]:
        return {leader, ground.desk["acting"].get(leader, leader)}
    return {leader}
