"""Which desks have shifts in a month, and who is on duty: the bureau's own, units', posts of schools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auditor.draw import spot
from auditor.draw.canon import digest
from auditor.entities import Unit, UnitDuty
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.pages.duty_words import post_word
from auditor.register.duties import POSTS
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.rosters import read_rosters
from auditor.store.staff import read_staff
from auditor.store.units import read_units
from auditor.workflow.called import names_apart
from auditor.workflow.duty.roster_revisions import in_force, state
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.months import Month

BUREAU = "bureau"
"""The id of the bureau's own desk in a frame."""
ROSTER_STATES: Mapping[str, str] = {
    "draft": N_("a draft"),
    "submitted": N_("sent for approval"),
    "approved": N_("approved and not yet published"),
}
WEIGHED = ("work", "weekend", "holiday", "key")
"""Classes of days that may weigh more."""


class NotPublished(AuditorError):
    """Spot checks are drawn from a roster that everybody knows."""

    sentence = N_(
        "the roster of {month} is {state}: spot checks are drawn after it is published: "
        "`auditor roster publish --month {month}`"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a draw of spot checks is to take.

    `day` and `night` are how many shifts; `weights` how much more a class of days weighs, from 1; `posts`
    the posts of schools that are called at their hours though no roster of the school is known; `desks`
    is "all", "bureau" or "units".
    """

    month: str
    day: int
    night: int
    weights: Mapping[str, int]
    posts: tuple[str, ...] = ()
    desks: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A seat with who fills it: names, and the telephones at which they are on duty.

    `called` is what the post is called for people; `leads` whether a leader fills it.
    """

    seat: spot.Seat
    called: str
    people: tuple[str, ...]
    phones: tuple[str, ...] = ()
    leads: bool = False

    @property
    def begins(self) -> datetime:
        """The local time at which it begins."""
        return datetime.combine(self.seat.day, datetime.min.time()) + timedelta(minutes=self.seat.start)

    @property
    def ends(self) -> datetime:
        """The local time at which it ends."""
        return self.begins + timedelta(minutes=self.seat.minutes)

    def covers(self, at: datetime) -> bool:
        """Whether the seat is on duty at a moment of local time."""
        return self.begins <= at.replace(tzinfo=None) < self.ends


def seats_of(db: Database, month: Month, asked: Asked) -> tuple[list[spot.Seat], list[dict[str, str]]]:
    """Give the seats of all desks of a month, and which of the bureau's rosters they are of.

    Raises
    ------
    NotPublished
        If the bureau's own roster is there and not published, or asked for and not there.
    """
    seats: list[spot.Seat] = []
    rosters: list[dict[str, str]] = []
    if asked.desks in ("all", "bureau"):
        stored = read_rosters(db).get(month.key)
        if stored is not None:
            if not in_force(db, month.key):
                raise NotPublished(month=month.key, state=_(ROSTER_STATES[state(db, month.key)]))
            seats += [one.seat for one in bureau_seats(stored)]
            text = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            rosters.append({"desk": BUREAU, "month": month.key, "sha256": digest(text.encode())})
        elif asked.desks == "bureau":
            raise NotPublished(month=month.key, state=_("not made yet"))
    if asked.desks in ("all", "units"):
        units = [one for one in read_units(db) if not one.closed]
        open_units = {one.id for one in units}
        own = [one for one in store.read_unit_duties(db, month.first, month.last) if one.unit in open_units]
        seats += [_seat(one) for one in own]
        covered = {(one.unit, one.post) for one in own}
        seats += [
            spot.Seat(desk=unit.id, day=day, post=post, start=POSTS[post].start, minutes=POSTS[post].minutes)
            for unit in units
            for post in asked.posts
            if (unit.id, post) not in covered and has_post(unit, post)
            for day in month.in_term
        ]
    return seats, rosters


def _seat(duty: UnitDuty) -> spot.Seat:
    return spot.Seat(desk=duty.unit, day=duty.on, post=duty.post, start=duty.start, minutes=duty.minutes)


def bureau_seats(
    roster: Mapping[str, Any], names: Mapping[str, tuple[str, str]] | None = None
) -> list[Filled]:
    """Give the seats of the bureau's desk from a roster; stand-by is called by nobody unasked.

    Parameters
    ----------
    names
        Name and duty telephone of everybody by id, where they are wanted.
    """
    posts = {one["id"]: one for one in roster["posts"] if one.get("kind", "duty") == "duty"}
    people: dict[tuple[str, str], list[str]] = {}
    for row in roster["assignments"]:
        if row["post"] in posts:
            people.setdefault((row["date"], row["post"]), []).append(row["person"])
    known = names or {}
    called = post_names(roster)
    return [
        Filled(
            seat=spot.Seat(
                desk=BUREAU,
                day=date.fromisoformat(day),
                post=post,
                start=int(posts[post]["start"][:2]) * 60 + int(posts[post]["start"][3:]),
                minutes=posts[post]["minutes"],
            ),
            called=called[post],
            people=tuple(known.get(one, (one, ""))[0] for one in several),
            phones=tuple(phone for one in several if (phone := known.get(one, ("", ""))[1])),
            leads=posts[post]["role"] == "leader",
        )
        for (day, post), several in sorted(people.items())
    ]


def filled_seats(db: Database, desk: str, first: date, last: date) -> list[Filled]:
    """Give the seats of one desk from a first to a last day with who fills them, as the rosters stand now."""
    if desk == BUREAU:
        staff = {one.id: one for one in read_staff(db)}
        names = {who: (name, staff[who].phone) for who, name in names_apart(staff.values()).items()}
        return [
            one
            for month, roster in read_rosters(db).items()
            if f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}"
            for one in bureau_seats(roster, names)
            if first <= one.seat.day <= last
        ]
    return [
        Filled(
            seat=_seat(one),
            called=post_word(one.post),
            people=one.people,
            phones=(one.phone,) if one.phone else (),
            leads=one.post == "lead",
        )
        for one in store.read_unit_duties(db, first, last)
        if one.unit == desk
    ]


def by_clock(one: Filled) -> tuple[date, int, bool, int, str]:
    """Order seats as people read them: by day and time, leaders first, then who stays longest."""
    return (one.seat.day, one.seat.start, not one.leads, -one.seat.minutes, one.seat.post)


def on_duty(db: Database, desk: str, at: datetime) -> list[Filled]:
    """Give who is on duty at a desk at a moment of local time, by clock."""
    day = at.date()
    seats = filled_seats(db, desk, day - timedelta(days=1), day)
    return sorted((one for one in seats if one.covers(at)), key=by_clock)


def has_post(unit: Unit, post: str) -> bool:
    """Whether a unit in operation has such a post: stairs in a school, the others where pupils board."""
    if unit.closed or unit.site_of or unit.kind in ("kindergarten", "training"):
        return False
    return post == "stairs" or bool(unit.boarders)


def weights_of(month: Month, shifts: Sequence[spot.Shift], weights: Mapping[str, int]) -> dict[str, int]:
    """Give the weight of each shift by the class of its day; a key period goes with the larger weight."""
    days = {one.day: one for one in month.days}
    found = {}
    for shift in shifts:
        day = days[shift.day]
        classes = [day.cls, *(["key"] if day.key_period else [])]
        found[shift.id] = max(weights.get(name, 1) for name in classes)
    return found
