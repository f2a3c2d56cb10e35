"""Repair rosters after somebody falls ill, leaves or joins: least change; what is past or locked stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from auditor.entities import Leave
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.roster import changes as differences
from auditor.roster.changes import Row, Seat
from auditor.roster.desk import desk_json
from auditor.roster.problem import DAY, Fixed, RosterPerson, RosterProblem, Shift, rest_of
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.staff import put_leave, read_staff
from auditor.workflow import rosters
from auditor.workflow.months import month_of
from auditor.workflow.roster_explaining import leave_of
from auditor.workflow.roster_reasons import CannotMend, cannot_mend
from auditor.workflow.roster_rebuild import after_month, duties_in, keep, person_named, problem_for
from auditor.workflow.roster_revisions import LOCKED, REPAIR, last, local, state
from auditor.workflow.roster_told import months_told, rehearsal

Absent = tuple[str, date, date]
"""Who is not there, by id or name, first and last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mended:
    """A month after its repair: the record that it began with, all filled seats, values and bounds by stage,
    what stands all the same, and why each duty could not stay.
    """

    roster: Mapping[str, Any]
    rows: set[Row]
    stages: dict[str, list[int]]
    still_out: list[dict[str, str]]
    why: dict[Row, str]


def repair(
    db: Database,
    *,
    absent: Sequence[Absent] = (),
    month: str | None = None,
    settings: bool = False,
    reason: str = "",
    by: str = "",
    now: datetime,
    work: float,
    dry_run: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Mend the stored rosters by what is known today, in least change; all months or none.

    Parameters
    ----------
    absent
        Kept as leave first. Leave, leavers, joiners and demand that came in otherwise are seen as well.
    month
        Only this month; else every month that is not over and not locked.
    settings
        Whether to go by the desk's settings of today, instead of those that a roster was made by.
    work
        Deterministic units at most for each stage of each part.

    Returns
    -------
    ``{"dry_run", "months": [...]}``, a month with a new revision each; those that were mended with their
    `stages` ({name, value, bound}), `still_out` (duties that stand though their person is not there) and,
    beside each change, `why`.

    Raises
    ------
    UsageProblem
        If all of it is past, or no such roster is stored.
    CannotMend
        If no change keeps the rules, with shortage, core and cures; nothing is kept then.
    """
    today = local(now).date()
    with rehearsal(db, "roster repair", now, dry_run) as tx:
        gone = [(person_named(db, who), first, to) for who, first, to in absent]
        for (_who, _first, to), (name, *_days) in zip(gone, absent, strict=True):
            if to < today:
                raise UsageProblem(
                    problem=_(
                        "{name}: {day} is past, and past duties stay; the duty log takes what really happened"
                    ).format(name=name, day=to)
                )
        put_leave(tx, [Leave(person=who, from_on=first, to_on=to, kind=reason) for who, first, to in gone])
        ill = {who for who, _first, _to in gone}
        told: list[dict[str, Any]] = []
        for key in _months(db, month, now):
            progress(key)
            desk = _desk_today(db, key) if settings else None
            mended = _mend(db, key, ill, now, desk, work=work)
            kept = keep(
                tx, db, {key: mended.rows}, what=REPAIR, now=now, by=by, reason=reason,
                instead={key: mended.roster},
            )  # fmt: skip
            for one in months_told(db, kept, now):
                if one["month"] == key:
                    one["stages"] = [
                        {"name": name, "value": value, "bound": bound}
                        for name, (value, bound) in mended.stages.items()
                    ]
                    one["still_out"] = mended.still_out
                    for row in one["changes"]:
                        row["why"] = mended.why.get((row["date"], row["post"], row["from"] or ""), "seat")
                told.append(one)
        return {"dry_run": dry_run, "months": told}


def _months(db: Database, month: str | None, now: datetime) -> list[str]:
    """Give the months to be mended, in order; raises UsageProblem where there are none."""
    stored = read_rosters(db)
    if not stored:
        raise UsageProblem(problem=_("no roster is stored in this bureau"))
    if month is not None and month not in stored:
        raise UsageProblem(
            problem=_("no roster of {month} is stored; there are {months}").format(
                month=month, months=", ".join(stored)
            )
        )
    found = []
    for key in stored if month is None else [month]:
        ends = [end for _start, end in differences.spans(stored[key]).values()]
        if max(ends) > local(now) and state(db, key) != LOCKED:
            found.append(key)
    if month is not None and not found:
        raise UsageProblem(
            problem=_("the roster of {month} is locked or over; nothing of it changes any more").format(
                month=month
            )
        )
    return found


def _desk_today(db: Database, key: str) -> dict[str, Any]:
    """Give the desk's settings of today, in the style in which a month's roster was made."""
    desk, _old = rosters.desk_of_roster(db, None, month_of(key))
    return desk_json(replace(rosters.desk_of(db), style=desk.style, sharing=desk.sharing))


def _mend(
    db: Database, key: str, ill: set[str], now: datetime, desk: Mapping[str, Any] | None, *, work: float
) -> _Mended:
    """Mend one month, by these settings instead of the roster's own if there are any; raises CannotMend."""
    from auditor.roster.repair import STAGES, mend, open_part

    roster = read_rosters(db)[key]
    if desk is not None:
        roster["desk"] = desk
    problem = problem_for(db, key, roster)
    stood = duties_in(db, problem, differences.rows_of(roster))
    revision = last(db, key)
    locked: set[Seat] = {(day, post) for day, post in revision["locked"]} if revision else set()
    passed = (local(now) - datetime.combine(problem.first, time())).total_seconds() / 60

    def to_come(shift: Shift) -> bool:
        return shift.start > passed

    def may_move(shift: Shift) -> bool:
        return to_come(shift) and (shift.day.isoformat(), shift.post.id) not in locked

    bound = _bound_by_blocks(problem, stood, may_move)

    def is_open(shift: Shift) -> bool:
        return may_move(shift) and shift.index not in bound

    following = _fixed_after(db, problem)
    rows = {(one.day.isoformat(), one.post.id, who.id) for one, who in stood if not is_open(one)}
    stages = {name: [0, 0] for name in STAGES}
    for part in problem.parts():
        ids = {person.id for person in part.people}
        mine = [duty for duty in stood if duty[1].id in ids]
        opened, left = open_part(part, mine, is_open)
        if not opened.shifts:
            continue
        opened = _with_fixed(opened, following)
        people = {person.id: person for person in opened.people}
        left = tuple((shift, people[person.id]) for shift, person in left)
        mended = mend(opened, left, work=work) if opened.people else None
        if mended is None or mended.duties is None:
            raise _refusal(db, key, part, opened, mine, following, to_come, ill, work)
        rows |= {(one.day.isoformat(), one.post.id, who.id) for one, who in mended.duties}
        for stage in mended.stages:
            stages[stage.name][0] += stage.value
            stages[stage.name][1] += stage.bound
    if desk is not None:
        # what has begun is not filled any more, whatever today's settings ask for
        there = Counter(row[:2] for row in rows)
        gone = [(one.day.isoformat(), one.post.id) for one in problem.shifts if not is_open(one)]
        need = {(one.day.isoformat(), one.post.id): one.need for one in problem.shifts}
        lacks = [{"date": day, "post": post, "short": need[day, post]} for day, post in gone
                 if there[day, post] < need[day, post]]  # fmt: skip
        if lacks:
            roster["short"] = [*roster.get("short", ()), *lacks]
    return _Mended(
        roster=roster,
        rows=rows,
        stages=stages,
        still_out=[
            {"date": one.day.isoformat(), "post": one.post.id, "person": who.id}
            for one, who in stood
            if not is_open(one) and one.end > passed and _away(problem, one, who)
        ],
        why=_whys(db, problem, stood),
    )


def _bound_by_blocks(
    problem: RosterProblem,
    stood: Sequence[tuple[Shift, RosterPerson]],
    may_move: Callable[[Shift], bool],
) -> set[int]:
    """Give the Sundays of weekends that are one block and have begun: whoever is there goes on.

    But not where one of them is on leave on that Sunday: somebody else takes it then.
    """
    at = {shift.index: shift for shift in problem.shifts}
    return {
        shift.index
        for shift in problem.shifts
        if shift.block >= 0
        and shift.block != shift.index
        and not may_move(at[shift.block])
        and not any(_away(problem, one, who) for one, who in stood if one.index == shift.index)
    }


def _fixed_after(db: Database, problem: RosterProblem) -> dict[str, list[Fixed]]:
    """Give the first duties of the month after by person, as duties that stand."""
    posts = {post.id: post for post in problem.posts}
    found: dict[str, list[Fixed]] = {}
    for day, name, who in after_month(db, problem):
        post = posts.get(name)
        if post is not None:
            start = (day - problem.first).days * DAY + post.start
            found.setdefault(who, []).append(
                Fixed(start, start + post.minutes + rest_of(post), post.role, post.kind)
            )
    return found


def _with_fixed(part: RosterProblem, fixed: dict[str, list[Fixed]]) -> RosterProblem:
    people = (replace(one, fixed=(*one.fixed, *fixed.get(one.id, ()))) for one in part.people)
    return replace(part, people=tuple(people))


def _refusal(
    db: Database,
    key: str,
    part: RosterProblem,
    opened: RosterProblem,
    stood: Sequence[tuple[Shift, RosterPerson]],
    following: dict[str, list[Fixed]],
    to_come: Callable[[Shift], bool],
    ill: set[str],
    work: float,
) -> CannotMend:
    """Give the reasons why a part cannot be mended, and what would help."""
    from auditor.roster.repair import open_part

    names = {one.id: one.name for one in read_staff(db)}
    still = {shift.index for shift in opened.shifts}
    locked = [shift for shift in part.shifts if to_come(shift) and shift.index not in still]
    unlocked = _with_fixed(open_part(part, stood, to_come)[0], following) if locked else None
    asked = leave_of(db, opened, ill)
    return cannot_mend(key, part, opened, names, asked, locked, unlocked, work=work)


def _away(problem: RosterProblem, shift: Shift, person: RosterPerson) -> bool:
    """Whether a day of the person's leave is touched by a shift."""
    from auditor.roster.rules.leave import touches

    return touches(person, shift, problem)


def _whys(
    db: Database, problem: RosterProblem, stood: Sequence[tuple[Shift, RosterPerson]]
) -> dict[Row, str]:
    """Say of every duty why it could not stay: "leave", "left", …, or "room" for others."""
    from auditor.roster.rules import away
    from auditor.roster.rules.standby import disturbs

    last_day = {one.id: one.to_on for one in read_staff(db)}
    found = {}
    for shift, person in stood:
        row = (shift.day.isoformat(), shift.post.id, person.id)
        until = last_day.get(person.id)
        if _away(problem, shift, person):
            found[row] = "left" if until is not None and shift.day >= until else "leave"
        elif away.forbids(person, shift, problem):
            found[row] = "out-of-town"
        elif disturbs(person, shift):
            found[row] = "stand-by"
        else:
            found[row] = "room"
    return found
