"""Changes of a roster by hand: two people swap duties (调班), or one takes a duty over (替班)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.pages.words import ROLE_WORDS, word
from auditor.roster import changes as differences
from auditor.roster.changes import Row, Seat
from auditor.roster.desk import POSTS
from auditor.roster.problem import Shift
from auditor.store import Database
from auditor.store.rosters import read_revisions, read_rosters
from auditor.store.staff import read_staff
from auditor.workflow.called import staff_names
from auditor.workflow.duty.roster_life import CURES, NotNow, stored_roster
from auditor.workflow.duty.roster_rebuild import (
    NoSuchPost,
    keep,
    person_named,
    problem_for,
)
from auditor.workflow.duty.roster_revisions import LOCKED, SWAP, TAKE_OVER, last, local, state
from auditor.workflow.duty.roster_told import months_told, rehearsal
from auditor.workflow.duty.roster_words import post_names


class GivenAway(AuditorError):
    """A duty that its former holder wants to change."""

    sentence = N_(
        "{duty} is {holder}'s and no longer {name}'s since revision {revision}; ask {holder}, or choose "
        "another duty"
    )


class NotHis(AuditorError):
    """Nobody can give what he does not have."""

    sentence = N_("{name} has no duty on {duty}; `auditor roster show --month {month}` lists them")


class Over(AuditorError):
    """A duty that has begun or is over."""

    sentence = N_("{duty} has begun and is swapped no more; who goes on with it takes it over (take-over)")


class Ended(AuditorError):
    """A duty that is over."""

    sentence = N_("{duty} is over, and what is past stays; the duty log takes what really happened")


class Held(AuditorError):
    """A duty that is locked."""

    sentence = N_("{duty} is locked; free it first with `auditor roster lock --free {duty}`")


class HeldBeside(Held):
    """A duty that is one block with one that is locked."""

    sentence = N_(
        "{duty} goes together with {other}, the other day of its weekend, which is locked; free that first "
        "with `auditor roster lock --free {other}`"
    )


class NotHisRole(AuditorError):
    """A post that somebody cannot fill."""

    sentence = N_("{name} cannot take {duty}: the post is for another role ({role})")


class NotHere(AuditorError):
    """Somebody who is not here yet, or no more."""

    sentence = N_("{name} {when} and has no duty on {day}; choose somebody else, or mend the staff list")


def swap(
    db: Database,
    who: str,
    duty: str,
    other: str,
    other_duty: str,
    *,
    agreed: bool = False,
    reason: str = "",
    by: str = "",
    approver: str = "",
    now: datetime,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Let two people change a duty of each; the roster's approval stays as it is.

    Parameters
    ----------
    who, other
        Ids or names.
    duty, other_duty
        Of each, ``YYYY-MM-DD`` or ``YYYY-MM-DD/post``; they may lie in two months.
    agreed
        Whether both have agreed; else the planner does it, with a reason.

    Raises
    ------
    UsageProblem
        If neither is said, or somebody should swap with himself.
    GivenAway, NotHis, Over, Held, NotHisRole
        If a duty cannot be given.
    Refused
        If a rule would be broken; the roster stays as it was.
    """
    if not agreed and not reason:
        raise UsageProblem(
            problem=_("say that both have agreed (--agreed), or why the planner does it (--reason TEXT)")
        )
    with rehearsal(db, "roster swap", now, dry_run) as tx:
        one, two = person_named(db, who), person_named(db, other)
        if one == two:
            raise UsageProblem(problem=_("a swap is between two people, and {who} is one").format(who=who))
        mine = seat_of(db, one, duty, now, running=False)
        his = seat_of(db, two, other_duty, now, running=False)
        edited = _edited(db, [(mine, two), (his, one)], now)
        kept = keep(
            tx, db, edited, what=SWAP, now=now, by=by, reason=reason,
            more={"agreed": agreed, "approver": approver},
        )  # fmt: skip
        return {"dry_run": dry_run, "months": months_told(db, kept, now)}


def take_over(
    db: Database,
    who: str,
    duty: str,
    other: str,
    *,
    reason: str = "",
    by: str = "",
    approver: str = "",
    now: datetime,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Let `other` take a duty of `who` over, also one that has begun; raises what `swap` does."""
    with rehearsal(db, "roster take-over", now, dry_run) as tx:
        one, two = person_named(db, who), person_named(db, other)
        if one == two:
            raise UsageProblem(
                problem=_("a take-over is between two people, and {who} is one").format(who=who)
            )
        mine = seat_of(db, one, duty, now, running=True)
        kept = keep(
            tx, db, _edited(db, [(mine, two)], now), what=TAKE_OVER, now=now, by=by, reason=reason,
            more={"approver": approver},
        )  # fmt: skip
        return {"dry_run": dry_run, "months": months_told(db, kept, now)}


def duty_asked(text: str) -> tuple[str, str]:
    """Read ``YYYY-MM-DD`` or ``YYYY-MM-DD/post`` into (date, post); raises UsageProblem."""
    day, _sep, post = text.strip().partition("/")
    try:
        return date.fromisoformat(day).isoformat(), post.strip()
    except ValueError as error:
        raise UsageProblem(
            problem=_("{duty} is no duty; write its date like 2026-12-01, or 2026-12-01/night").format(
                duty=text
            )
        ) from error


def post_named(roster: Mapping[str, Any], text: str) -> str:
    """Give the post that a word means, by its id or its Chinese name, else the word itself."""
    known = {name: post for post, name in post_names(roster).items()}
    known |= {post["zh"]: post["id"] for post in roster.get("desk", {}).get("posts", ()) if post.get("zh")}
    known |= {post.zh: post.id for post in POSTS if any(row["id"] == post.id for row in roster["posts"])}
    return str(known.get(text, text))


def seat_of(db: Database, who: str, duty: str, now: datetime, *, running: bool) -> Row:
    """Find the duty that somebody gives away.

    Parameters
    ----------
    who
        His id.
    duty
        ``YYYY-MM-DD`` or ``YYYY-MM-DD/post``.
    running
        Whether one that has begun may be given.

    Raises
    ------
    UsageProblem, NotNow, GivenAway, NotHis, Over, Ended, Held
        If he cannot.
    """
    day, post = duty_asked(duty)
    month = day[:7]
    roster = stored_roster(db, month)
    post = post_named(roster, post)
    if state(db, month) == LOCKED:
        raise NotNow(month=month, cure=_(CURES[LOCKED]).format(month=month))
    names = staff_names(db)
    rows = sorted(differences.rows_of(roster))
    own = [row for row in rows if row[0] == day and row[2] == who and post in ("", row[1])]
    if len(own) > 1:
        raise UsageProblem(
            problem=_("{name} has several duties on {day}; write which: {duties}").format(
                name=names[who], day=day, duties=", ".join(f"{day}/{row[1]}" for row in own)
            )
        )
    if not own:
        _given_away(db, month, who, day, post, rows, names)
        raise NotHis(name=names[who], duty=f"{day}/{post}" if post else day, month=month)
    told = f"{day}/{own[0][1]}"
    start, end = differences.spans(roster)[own[0][:2]]
    if end <= local(now):
        raise Ended(duty=told)
    if start <= local(now) and not running:
        raise Over(duty=told)
    if own[0][:2] in locked_in(db, month):
        raise Held(duty=told)
    return own[0]


def _given_away(
    db: Database, month: str, who: str, day: str, post: str, rows: list[Row], names: Mapping[str, str]
) -> None:
    """Raise GivenAway if somebody had a duty on this day and it is another's by a change that was kept."""
    for revision in reversed(read_revisions(db, month)):
        for row in revision["changes"]:
            if (row["date"], row["from"]) != (day, who) or post not in ("", row["post"]):
                continue
            holders = [one for _day, _post, one in rows if (_day, _post) == (day, row["post"])]
            if holders:
                holder = row["to"] if row["to"] in holders else holders[0]
                raise GivenAway(
                    duty=f"{day}/{row['post']}",
                    name=names.get(who, who),
                    holder=names.get(holder, holder),
                    revision=revision["revision"],
                )


def rest_of_block(
    shifts: Mapping[Seat, Shift], row: Row, rows: Collection[Row], passed: datetime
) -> list[Row]:
    """Give the other day of a weekend that is one block, if it is the same person's and has not begun.

    Parameters
    ----------
    shifts
        The month's shifts by date and post, and `rows` its filled seats.
    passed
        By when duties have begun, on the clock of the place.
    """
    mine = shifts.get(row[:2])
    return [
        (*seat, row[2])
        for seat, shift in shifts.items()
        if mine is not None
        and mine.one_block(shift)
        and (*seat, row[2]) in rows
        and datetime.combine(shift.day, time()) + timedelta(minutes=shift.post.start) > passed
    ]


def not_held_beside(row: Row, rest: Iterable[Row], locked: Collection[Seat]) -> None:
    """Go on if what goes together with a duty is not locked; raises HeldBeside."""
    for other in rest:
        if other[:2] in locked:
            raise HeldBeside(duty="/".join(row[:2]), other="/".join(other[:2]))


def locked_in(db: Database, month: str) -> set[Seat]:
    """Give the single duties of a month that are locked, by date and post."""
    revision = last(db, month)
    return {(day, post) for day, post in revision["locked"]} if revision else set()


def _is_here(db: Database, who: str, day: date) -> None:
    """Go on if somebody is here on a day; raises NotHere."""
    person = next((one for one in read_staff(db) if one.id == who), None)
    if person is None:
        return
    if person.from_on is not None and day < person.from_on:
        raise NotHere(name=person.name, when=_("comes on {day}").format(day=person.from_on), day=day)
    if person.to_on is not None and day > person.to_on:
        raise NotHere(name=person.name, when=_("left on {day}").format(day=person.to_on), day=day)


def _edited(db: Database, given: list[tuple[Row, str]], now: datetime) -> dict[str, set[Row]]:
    """Give all filled seats of the months in which duties change hands; a weekend's block goes as one."""
    stored = read_rosters(db)
    names = staff_names(db)
    edited = {row[0][:7]: differences.rows_of(stored[row[0][:7]]) for row, _who in given}
    problems = {month: problem_for(db, month, stored[month], now) for month in edited}
    shifts = {(one.day.isoformat(), one.post.id): one for each in problems.values() for one in each.shifts}
    locked = {seat for month in edited for seat in locked_in(db, month)}
    together = list(given)
    for one, who in given:
        rest = rest_of_block(shifts, one, edited[one[0][:7]], local(now))
        not_held_beside(one, rest, locked)
        together += [(row, who) for row in rest]
    given = together
    for row, who in given:
        day, post, _before = row
        problem = problems[day[:7]]
        person = next((one for one in problem.people if one.id == who), None)
        shift = shifts.get((day, post))
        if shift is None:
            raise NoSuchPost(month=day[:7], post=post)
        _is_here(db, who, date.fromisoformat(day))
        if person is None or not person.fills(shift):
            called = post_names(stored[day[:7]]).get(post, post)
            role = word(ROLE_WORDS, shift.post.role)
            raise NotHisRole(name=names.get(who, who), duty=f"{day}/{called}", role=role)
        if (day, post, who) in edited[day[:7]]:
            raise UsageProblem(
                problem=_("{name} has {duty} already").format(name=names.get(who, who), duty=f"{day}/{post}")
            )
    for row, _who in given:
        edited[row[0][:7]].discard(row)
    for (day, post, _before), who in given:
        edited[day[:7]].add((day, post, who))
    return edited
