"""The step of what a roster gives out: the month as values to print, calendars, hours, texts, files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from auditor.calendars.feeds import DutyEntry, duty_feed, person_feed
from auditor.calendars.years import Calendar
from auditor.entities import Duty, Inspector, Leave, Person, Post
from auditor.i18n import N_, _, language, listed
from auditor.pages.html import banners
from auditor.pages.roster_picture import fairness_picture
from auditor.pages.roster_text import month_text, person_text, week_texts
from auditor.pages.roster_views import ChangeView, DepartureView, MemberView, PostView, RosterView, SeatView
from auditor.pages.roster_workbook import roster_workbook
from auditor.pages.words import POST_MARKS, word
from auditor.roster.desk import POSTS
from auditor.roster.fairness import accounts
from auditor.roster.hours import CLASSES, Hours, hours_of
from auditor.roster.problem import OUT_OF_TOWN
from auditor.store import Database
from auditor.store.records import read_settings
from auditor.store.rosters import IN_FORCE, read_roster, read_roster_months, read_rosters
from auditor.store.staff import read_absences, read_inspectors, read_staff
from auditor.tables.writing import csv_bytes
from auditor.workflow import county
from auditor.workflow.called import names_apart, staff_names
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_rebuild import person_named
from auditor.workflow.duty.roster_revisions import history
from auditor.workflow.duty.roster_words import post_names, rule_said
from auditor.workflow.months import BEIJING, Month, calendar_of, month_of
from auditor.workflow.papers import json_text

DAY = 24 * 60
FORMATS = ("xlsx", "json", "ics", "txt", "csv", "svg")
USUAL = {post.id: post for post in POSTS}
"""The posts of old records, which do not say their names."""
STATES = {
    "draft": N_("draft"),
    "submitted": N_("waits for approval"),
    "approved": N_("approved"),
    "published": N_("published"),
    "locked": N_("locked"),
}
"""The states of a month's roster, in order."""
CHANGES = {
    "swap": N_("swap"),
    "take-over": N_("take-over"),
    "repair": N_("repair"),
}
"""What changes a duty after the roster was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A month's roster as the bureau's file holds it: record, state and revision ("" and 0 without any).

    `at` is when its last revision was made, None without one; `seats` gives each duty's seat, which stays
    with the duty whoever takes it over; `changes` are those since it was published; `approved` is by whom and
    on which day, "" where nobody is on record.
    """

    month: str
    record: Mapping[str, Any]
    state: str = ""
    revision: int = 0
    at: datetime | None = None
    seats: Mapping[tuple[str, str, str], int]
    changes: tuple[Mapping[str, Any], ...] = ()
    approved: tuple[str, str] = ("", "")

    @property
    def in_force(self) -> bool:
        """Whether everybody knows it: published, locked, or of before there were states."""
        return not self.state or self.state in IN_FORCE

    @property
    def tentative(self) -> bool:
        """Whether it may still move: not in force yet, or on a calendar without an official notice."""
        return bool(self.record.get("provisional")) or not self.in_force


def kept_months(db: Database) -> dict[str, Kept]:
    """Give every stored roster by month, in order."""
    return {month: _kept(db, month, record) for month, record in read_rosters(db).items()}


def kept_month(db: Database, month: str) -> Kept | None:
    """Give the stored roster of one month; None where there is none."""
    record = read_roster(db, month)
    return None if record is None else _kept(db, month, record)


def _kept(db: Database, month: str, record: Mapping[str, Any]) -> Kept:
    revisions = history(db, month)
    last: Mapping[str, Any] = revisions[-1] if revisions else {}
    changes: list[Mapping[str, Any]] = []
    for one in revisions:
        if one["state"] in IN_FORCE:
            changes += [{**change, "what": one.get("what", "")} for change in one.get("changes", ())]
    return Kept(
        month=month,
        record=record,
        state=last.get("state", ""),
        revision=last.get("revision", 0),
        at=datetime.fromisoformat(last["at"]) if last.get("at") else None,
        seats=seats_of([*(one["roster"] for one in revisions if one.get("roster")), record]),
        changes=tuple(changes),
        approved=_approved(revisions)
        if not last or last["state"] not in ("draft", "submitted")
        else ("", ""),
    )


def _approved(revisions: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Give by whom and on which day a roster was approved last; "" where nobody is on record."""
    for one in reversed(revisions):
        if one.get("what") == "approved" and one.get("at"):
            return one.get("by", ""), datetime.fromisoformat(one["at"]).astimezone(BEIJING).date().isoformat()
    return "", ""


def seats_of(records: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], int]:
    """Give the seat of each duty (day, post, person) of the last of a roster's records, from the first on.

    Seats count from 1 for a post and day. Who stays keeps the seat; who comes takes one that is left, in
    order of id, so that a calendar's event is updated and not doubled.
    """
    found: dict[tuple[str, str], dict[str, int]] = {}
    for record in records:
        now: dict[tuple[str, str], list[str]] = {}
        for row in record["assignments"]:
            now.setdefault((row["date"], row["post"]), []).append(row["person"])
        after: dict[tuple[str, str], dict[str, int]] = {}
        for key, people in now.items():
            before = found.get(key, {})
            own = {who: before[who] for who in people if who in before}
            left = (at for at in range(1, len(people) + len(before) + 1) if at not in own.values())
            after[key] = own | {who: next(left) for who in sorted(people) if who not in own}
        found = after
    return {(*key, who): seat for key, people in found.items() for who, seat in people.items()}


def posts_of(record: Mapping[str, Any]) -> dict[str, Post]:
    """Give a record's posts by id; what an old record does not say of them is as it was then."""
    found = {}
    for row in record["posts"]:
        hour, minute = (int(part) for part in row["start"].split(":"))
        found[row["id"]] = Post(
            id=row["id"],
            role=row["role"],
            start=60 * hour + minute,
            minutes=row["minutes"],
            night=row["night"],
            zh=row.get("zh") or (USUAL[row["id"]].zh if row["id"] in USUAL else row["id"]),
        )
    return found


def _is_standby(record: Mapping[str, Any], post: str) -> bool:
    return any(row["id"] == post and row.get("kind") == "standby" for row in record["posts"])


def post_views(record: Mapping[str, Any]) -> tuple[PostView, ...]:
    """Give the posts as they are printed: leaders first, then in the record's order, stand-by last."""
    posts = posts_of(record)
    rows = {row["id"]: row for row in record["posts"]}
    names = post_names(record)
    order = sorted(posts, key=lambda key: (_is_standby(record, key), posts[key].role != "leader"))
    taken: set[str] = set()
    found = []
    for key in order:
        post, row = posts[key], rows[key]
        name = names[key]
        letters = [POST_MARKS[key]] if language() == "zh" and key in POST_MARKS else []
        letters += [one.upper() for one in name if one.isalnum()] + [str(at) for at in range(1, 100)]
        mark = next(one for one in letters if one not in taken)
        taken.add(mark)
        found.append(
            PostView(
                id=key,
                name=name,
                mark=mark,
                role=post.role,
                start=post.start,
                minutes=post.minutes,
                night=post.night,
                standby=_is_standby(record, key),
                note=_post_note(row),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who and where: `bureau` tells this bureau from others in calendars, `name` is what people call it.

    `days` is its calendar.
    """

    bureau: str
    name: str
    staff: Mapping[str, Person]
    inspectors: Sequence[Inspector]
    days: Calendar

    def called(self, person: str) -> str:
        """Give somebody's name; who is not known is called by the id."""
        one = self.staff.get(person)
        if one is None:
            return person
        return names_apart(other for other in self.staff.values() if other.name == one.name)[person]


def office_of(db: Database) -> Office:
    """Give what the bureau's file knows of itself and its staff."""
    name = read_settings(db).get("name", "")
    return Office(
        bureau=name,
        name=name,
        staff={one.id: one for one in read_staff(db)},
        inspectors=read_inspectors(db),
        days=calendar_of(db),
    )


def _post_note(row: Mapping[str, Any]) -> str:
    """Say what is special about how a post is kept: by telephone, or on call within so many minutes."""
    told = [_("by telephone")] if row.get("by_phone") and "电话" not in row.get("zh", "") else []
    if row.get("callable_minutes") is not None:
        told.append(_("there within {n} min").format(n=row["callable_minutes"]))
    return listed(told)


def roster_view(db: Database, kept: Kept) -> RosterView:
    """Put a month's roster into the values that its sheets, texts and pictures show."""
    office = office_of(db)
    marks = banners(county.is_synthetic(db), bool(kept.record.get("provisional")))[1:]
    return view_of(kept, month_of(kept.month, office.days), office, marks)


def view_of(kept: Kept, month: Month, office: Office, marks: Sequence[str]) -> RosterView:
    """Put a month's roster into what pages show; `marks` stand on every one of them."""
    record = kept.record
    posts = post_views(record)
    order = {post.id: at for at, post in enumerate(posts)}
    seats = [
        SeatView(day=date.fromisoformat(day), post=post, seat=seat, person=person)
        for (day, post, person), seat in kept.seats.items()
    ]
    return RosterView(
        bureau=office.name,
        month=kept.month,
        state=word(STATES, kept.state) if kept.state else "",
        revision=kept.revision,
        provisional=bool(record.get("provisional")),
        marks=tuple(marks),
        days=month.days,
        posts=posts,
        members=tuple(_members(office, record, month)),
        seats=tuple(sorted(seats, key=lambda one: (one.day, order[one.post], one.seat))),
        lacking=tuple(_lacking(record, order)),
        classes=tuple(sorted(record["weights"], key=lambda cls: (-record["weights"][cls], cls))),
        approved=kept.approved,
        changes=tuple(
            ChangeView(
                day=date.fromisoformat(one["date"]),
                post=one["post"],
                was=office.called(one["from"]) if one.get("from") else "",
                now=office.called(one["to"]) if one.get("to") else "",
                what=word(CHANGES, one["what"]) if one["what"] in CHANGES else "",
            )
            for one in kept.changes
        ),
        departures=tuple(
            DepartureView(
                day=date.fromisoformat(one["date"]),
                post=one["post"],
                turn=office.called(one["turn"]) if one["turn"] else "",
                given=office.called(one["given"]) if one["given"] else "",
                why=rule_said(one["rule"]),
            )
            for one in record.get("departures", ())
        ),
    )


def _members(office: Office, record: Mapping[str, Any], month: Month) -> list[MemberView]:
    """Give the people of a roster, leaders first, by id; and whoever else has a duty in it."""
    rows = {row["id"]: row for row in record["people"]}
    pattern = rosters.pattern_in_force(office.inspectors, month, record)
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    expected: dict[str, dict[str, Fraction]] = {}
    for one in accounts(record):
        counts.setdefault(one.person, {})[one.cls] = (one.carried, one.new)
        expected.setdefault(one.person, {})[one.cls] = one.expected
    others = {row["person"] for row in record["assignments"]} - set(rows)
    roles = list(dict.fromkeys(["leader", *(post["role"] for post in record["posts"])]))
    called = names_apart(office.staff.values())
    found = []
    for person in [*rows, *sorted(others)]:
        known = office.staff.get(person, Person(id=person, name=person, roles=()))
        row = rows.get(person, {})
        found.append(
            MemberView(
                id=person,
                name=called.get(person, person),
                title=known.post,
                phone=known.phone,
                role=row.get("role", known.role),
                share=round(row.get("share", 100)),
                counters=counts.get(person, {}),
                expected=expected.get(person, {}),
                leave=frozenset(map(date.fromisoformat, row.get("leave", ()))),
                standby=tuple(pattern.get(person, ())),
            )
        )
    rank = {role: at for at, role in enumerate(roles)}
    return sorted(found, key=lambda one: (rank.get(one.role, len(rank)), one.id))


def member_named(db: Database, view: RosterView, word: str) -> MemberView:
    """Give the person whom a word means, by id or name, also one without a part in the roster.

    Raises UsageProblem if it means nobody, or several people.
    """
    person = person_named(db, word)
    found = next((one for one in view.members if one.id == person), None)
    if found is not None:
        return found
    known = next(one for one in read_staff(db) if one.id == person)
    return MemberView(
        id=person, name=staff_names(db)[person], title=known.post, phone=known.phone, role=known.role
    )


def _lacking(record: Mapping[str, Any], order: Mapping[str, int]) -> list[tuple[date, str, int]]:
    """Give the seats that nobody fills: day, post, how many."""
    filled: dict[tuple[str, str], int] = {}
    for row in record["assignments"]:
        filled[row["date"], row["post"]] = filled.get((row["date"], row["post"]), 0) + 1
    short = [
        (
            date.fromisoformat(row["date"]),
            row["post"],
            row["need"] - filled.get((row["date"], row["post"]), 0),
        )
        for row in record["demand"]
    ]
    return sorted((one for one in short if one[2] > 0), key=lambda one: (one[0], order.get(one[1], 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """One duty with its moments: `state` is that of its roster, `rank` the place of its post among all."""

    start: datetime
    end: datetime
    post: PostView
    person: str
    name: str
    phone: str
    state: str
    rank: int
    by_phone: bool = False
    away: bool = False
    """Whether leave that is known touches the duty: it stands, and its person is not there."""

    def record(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "post": self.post.id,
            "person": self.person,
            "name": self.name,
            "phone": self.phone,
            "state": self.state,
            **({"away": True} if self.away else {}),
        }


def on_duty(
    db: Database, now: datetime, months: Collection[str] | None = None
) -> tuple[list[OnDuty], list[OnDuty]]:
    """Give who is on duty at a moment, and who begins next (all who do at that moment); leaders first.

    Of a month whose roster is not published yet nobody is on duty, unless no roster is published at all
    that reaches the moment: then those of the draft are given with their state.

    Parameters
    ----------
    months
        Only the rosters of these months are looked at; all where None.
    """
    names = {one.id: one for one in read_staff(db)}
    called = names_apart(names.values())
    leave = read_absences(db)
    near = kept_months(db).values() if months is None else (kept_month(db, one) for one in sorted(months))
    several = [one for one in near if one is not None]
    for trusted in ([one for one in several if one.in_force], several):
        duties = sorted(
            (one for kept in trusted for one in _moments(kept, names, called)),
            key=lambda one: (one.rank, one.start, one.person),
        )
        there = [replace(one, away=_is_away(one, leave)) for one in duties if one.start <= now < one.end]
        first = min((one.start for one in duties if one.start > now), default=None)
        if there or first is not None:
            after = [replace(one, away=_is_away(one, leave)) for one in duties if one.start == first]
            return there, after
    return [], []


def _is_away(duty: OnDuty, leave: Iterable[Leave]) -> bool:
    """Whether a day or half-day of leave touches a duty; out of town one can still be telephoned."""
    for one in leave:
        if one.person != duty.person or (one.kind in OUT_OF_TOWN and duty.by_phone):
            continue
        # noon and midnight lie inside the first and the last day: whoever has left is away to the end of time
        begins = datetime.combine(one.from_on, time(12) if one.half == "pm" else time.min, BEIJING)
        ends = datetime.combine(one.to_on, time(12) if one.half == "am" else time.max, BEIJING)
        if duty.start < ends and begins < duty.end:
            return True
    return False


def _moments(kept: Kept, staff: Mapping[str, Person], called: Mapping[str, str]) -> Iterable[OnDuty]:
    posts = {post.id: (rank, post) for rank, post in enumerate(post_views(kept.record))}
    phoned = {row["id"] for row in kept.record["posts"] if row.get("by_phone")}
    for row in kept.record["assignments"]:
        rank, post = posts[row["post"]]
        midnight = datetime.combine(date.fromisoformat(row["date"]), datetime.min.time(), BEIJING)
        start = midnight + timedelta(minutes=post.start)
        who = staff.get(row["person"])
        yield OnDuty(
            start=start,
            end=start + timedelta(minutes=post.minutes),
            post=post,
            person=row["person"],
            name=called.get(row["person"], row["person"]),
            phone=who.phone if who else "",
            state=kept.state,
            rank=rank,
            by_phone=post.id in phoned,
        )


def entries_of(kept: Kept, office: Office, *, stamp: datetime) -> list[tuple[str, DutyEntry]]:
    """Give the duties of a roster as its calendars show them, each with its person's id.

    The post's name is the Chinese one in every language: the bytes of a calendar depend on no language.
    """
    posts = posts_of(kept.record)
    found = []
    for row in kept.record["assignments"]:
        post = posts[row["post"]]
        found.append(
            (
                row["person"],
                DutyEntry(
                    day=date.fromisoformat(row["date"]),
                    post=post.id,
                    label=post.zh,
                    person=office.called(row["person"]),
                    start=post.start,
                    minutes=post.minutes,
                    seat=kept.seats[row["date"], row["post"], row["person"]],
                    sequence=kept.revision,
                    stamp=kept.at or stamp,
                    provisional=kept.tentative,
                ),
            )
        )
    return found


def calendars_of(
    office: Office,
    several: Sequence[Kept],
    now: datetime,
    *,
    span: str = "",
    plain_names: bool = False,
    only: str | None = None,
) -> dict[str, bytes]:
    """Give the calendars of some months by file: ``duty.ics`` for the office, ``people/…ics`` for everybody.

    A revision's calendar bears the moment of that revision, one of a roster without any bears `now`.
    `span` stands in the calendars' names; without it they keep their name from month to month.
    `plain_names` leaves people's names out of the names of files; with `only`, that person's alone is given.
    """
    months = {kept.month: month_of(kept.month, office.days) for kept in several}
    entries = [entry for kept in several for entry in entries_of(kept, office, stamp=now)]
    common: dict[str, Any] = {
        "bureau": office.bureau,
        "stamp": max((kept.at or now for kept in several), default=now),
    }
    found = {}
    if only is None:
        every = [entry for _who, entry in entries]
        found["duty.ics"] = duty_feed(every, name=f"值班表 {span}".strip(), **common)
    half_days: dict[str, list[str]] = {}
    for kept in several:
        public = rosters.pattern_in_force(office.inspectors, months[kept.month], kept.record)
        for person, own in public.items():
            half_days.setdefault(person, []).extend(own)
    people = {row["id"] for kept in several for row in kept.record["people"]}
    people |= {who for who, _entry in entries} | set(half_days)
    called = file_names({who: who if plain_names else office.called(who) for who in people})
    for person in sorted(people if only is None else people & {only}):
        found[f"people/{called[person]}.ics"] = person_feed(
            [entry for who, entry in entries if who == person],
            half_days.get(person, ()),
            person=person,
            name=f"{office.called(person)} 值班 {span}".strip(),
            **common,
        )
    return found


def file_names(names: Mapping[str, str]) -> dict[str, str]:
    """Give everybody a file name of his own by id: id and name, without what a disk does not take."""
    found: dict[str, str] = {}
    used: set[str] = set()
    for person, name in sorted(names.items()):
        safe = plain = re.sub(r"[^\w-]+", "_", person if name == person else f"{person}-{name}")[:60]
        number = 1
        while safe.casefold() in used:  # a/b and a_b, or A and a on a disk that knows no case
            number += 1
            safe = f"{plain}-{number}"
        used.add(safe.casefold())
        found[person] = safe
    return found


def hours_between(db: Database, first: date, last: date) -> list[Hours]:
    """Give the hours of everybody who has a duty that starts in a period, by id; drafts are left out."""
    duties = []
    for kept in _between(db, first, last):
        if not kept.in_force:
            continue
        duties += [one for one in _duties(kept.record) if first <= one[0].day <= last]
    return list(_counted(duties, calendar_of(db)).values())


def drafts_between(db: Database, first: date, last: date) -> list[str]:
    """Give the months of a period whose roster is not in force, in order."""
    return [kept.month for kept in _between(db, first, last) if not kept.in_force]


def _between(db: Database, first: date, last: date) -> list[Kept]:
    """Give the stored rosters of the months that a period touches, in order."""
    months = [key for key in read_roster_months(db) if f"{first:%Y-%m}" <= key <= f"{last:%Y-%m}"]
    return [kept for kept in (kept_month(db, key) for key in months) if kept is not None]


def hours_of_month(kept: Kept, of: Calendar) -> list[Hours]:
    """Give the hours of everybody who has a duty in a month's roster, by id."""
    return list(_counted(_duties(kept.record), of).values())


def _duties(record: Mapping[str, Any]) -> list[tuple[Duty, Post, bool]]:
    posts = posts_of(record)
    return [
        (
            Duty(day=date.fromisoformat(row["date"]), post=row["post"], person=row["person"]),
            posts[row["post"]],
            _is_standby(record, row["post"]),
        )
        for row in record["assignments"]
    ]


def _counted(duties: Iterable[tuple[Duty, Post, bool]], of: Calendar) -> dict[str, Hours]:
    return dict(sorted(hours_of(duties, lambda day: of.day(day).cls).items()))


def hours_titles() -> dict[str, str]:
    """Give the headings of a table of hours by field."""
    return {
        "person": _("staff id"),
        "name": _("full name"),
        "post": _("post"),
        "from": _("from"),
        "to": _("to"),
        "duties": _("duties"),
        "duties_work": _("duties on work days"),
        "duties_weekend": _("duties on weekends"),
        "duties_holiday": _("duties on holidays"),
        "duties_night": _("night duties"),
        "hours": _("hours on duty"),
        "hours_work": _("hours on work days"),
        "hours_weekend": _("hours on weekends"),
        "hours_holiday": _("hours on holidays"),
        "hours_night": _("of them at night (22:00–06:00)"),
        "standby_duties": _("stand-by duties"),
        "standby_hours": _("stand-by hours"),
    }


def hours_rows(db: Database, found: Iterable[Hours], first: date, last: date) -> list[dict[str, Any]]:
    """Give hours as rows for a table: names, counts, and hours with at most two places."""
    staff = {one.id: one for one in read_staff(db)}

    def told(minutes: int) -> int | float:
        hours = round(minutes / 60, 2)
        return int(hours) if hours == int(hours) else hours

    rows = []
    for one in found:
        who = staff.get(one.person, Person(id=one.person, name=one.person, roles=()))
        rows.append(
            {
                "person": one.person,
                "name": who.name,
                "post": who.post,
                "from": first.isoformat(),
                "to": last.isoformat(),
                "duties": one.all_duties,
                **{f"duties_{cls}": one.duties[cls] for cls in CLASSES},
                "duties_night": one.nights,
                "hours": told(one.all_minutes),
                **{f"hours_{cls}": told(one.minutes[cls]) for cls in CLASSES},
                "hours_night": told(one.night_minutes),
                "standby_duties": one.standby_duties,
                "standby_hours": told(one.standby_minutes),
            }
        )
    return rows


def files_of(db: Database, kept: Kept, now: datetime, *, formats: Collection[str]) -> dict[str, str | bytes]:
    """Make a month's files of these formats (some of FORMATS), by name below the folder."""
    view = roster_view(db, kept)
    month = month_of(kept.month, calendar_of(db))
    found: dict[str, str | bytes] = {}
    if "xlsx" in formats:
        found["roster.xlsx"] = roster_workbook(view)
    if "json" in formats:
        found["roster.json"] = json_text(kept.record)
    if "ics" in formats:
        found |= calendars_of(office_of(db), [kept], now, span=kept.month)
    if "txt" in formats:
        found["month.txt"] = month_text(view)
        found |= {f"week-{day}.txt": text for day, text in week_texts(view).items()}
        called = file_names({one.id: one.name for one in view.members})
        found |= {f"people/{called[one.id]}.txt": person_text(view, one) for one in view.members}
    if "csv" in formats:
        rows = hours_rows(db, hours_of_month(kept, month.of), month.first, month.last)
        found["hours.csv"] = csv_bytes(hours_titles(), rows)
    if "svg" in formats:
        found["fairness.svg"] = fairness_picture(view)
    return found
