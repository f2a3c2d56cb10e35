"""Write changed duties into the records of their months: figures counted anew, later months carried on.

All of it happens inside one open transaction: what breaks a rule is refused by an error, and nothing of it
stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auditor.entities import Breach
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.roster import changes as differences
from auditor.roster.changes import Row
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.staff import read_staff
from auditor.store.writing import Transaction
from auditor.workflow import rosters
from auditor.workflow.months import month_of
from auditor.workflow.roster_revisions import CARRIED, LOCKED, add, state


class Stranger(AuditorError):
    """Somebody on a roster is not on the desk any more."""

    sentence = N_(
        "{name} is on the roster of {month} and neither leader nor officer any more; leave the role and "
        "write the last day (to) into the staff list"
    )


class NoSuchPost(AuditorError):
    """A roster has a post that the desk does not have."""

    sentence = N_(
        "the roster of {month} has the post {post}, which the desk has no more; bring it back into the "
        "desk's settings until the month is over"
    )


class LaterLocked(AuditorError):
    """A later month that carries the counters on is locked."""

    sentence = N_(
        "the roster of {month} is locked and counts on from this one; open it first with "
        "`auditor roster lock --undo --month {month}`"
    )


class Refused(AuditorError):
    """A change of duties that breaks a rule."""

    sentence = N_("refused, since it breaks a rule: {breach}; the roster stays as it was")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A month after a change: its revision, and the rules that are broken still, as they were before."""

    month: str
    revision: Mapping[str, Any]
    still_broken: Sequence[Breach] = ()


def duties_in(db: Database, problem: RosterProblem, rows: Iterable[Row]) -> list[tuple[Shift, RosterPerson]]:
    """Find filled seats in a problem, in order; raises Stranger or NoSuchPost."""
    month = f"{problem.first:%Y-%m}"
    shifts = {(shift.day.isoformat(), shift.post.id): shift for shift in problem.shifts}
    people = {person.id: person for person in problem.people}
    found = []
    for day, post, who in sorted(rows):
        if who not in people:
            names = {one.id: one.name for one in read_staff(db)}
            raise Stranger(name=names.get(who, who), month=month)
        if (day, post) not in shifts:
            raise NoSuchPost(month=month, post=post)
        found.append((shifts[day, post], people[who]))
    return found


def rebuilt(db: Database, month: str, rows: Iterable[Row], old: Mapping[str, Any]) -> dict[str, Any]:
    """Write a month's record anew around these filled seats, by what is known today.

    The bound is what no roster of today's facts could go under. What a record holds beside (how it was
    made) stays as it is in `old`.
    """
    from auditor.roster import objective
    from auditor.roster.record import record_of

    problem = rosters.problem_of(db, month_of(month))
    duties = duties_in(db, problem, rows)
    total = bound = 0
    for part in problem.parts():
        ids = {person.id for person in part.people}
        value = objective.unfairness(part, [duty for duty in duties if duty[1].id in ids])
        total += value
        bound += min(objective.floor(part), value)
    return {**old, **record_of(problem, duties, total, bound)}


def after_month(db: Database, problem: RosterProblem) -> list[tuple[date, str, str]]:
    """Give the first duties of the month after, (date, post, person): rest holds across the edge."""
    last = max(shift.day for shift in problem.shifts)
    following = date.fromordinal(last.toordinal() + 1)
    until = date.fromordinal(last.toordinal() + rosters.EDGE_DAYS)
    stored = read_rosters(db).get(f"{following:%Y-%m}")
    if stored is None:
        return []
    return [
        (day, post, who)
        for text, post, who in sorted(differences.rows_of(stored))
        for day in [date.fromisoformat(text)]
        if day <= until
    ]


def broken(db: Database, month: str, roster: Mapping[str, Any]) -> list[Breach]:
    """Give the rules that a stored roster breaks by what is known now."""
    return [one for one in rosters.check(db, roster, month_of(month)) if one.rule != "stored"]


def keep(
    tx: Transaction,
    db: Database,
    edited: Mapping[str, Iterable[Row]],
    *,
    what: str,
    now: datetime,
    by: str = "",
    reason: str = "",
    more: Mapping[str, Any] | None = None,
) -> list[Rebuilt]:
    """Write changed months, and every later month that carries their counters on.

    Parameters
    ----------
    edited
        All filled seats of each changed month.

    Returns
    -------
    The months whose record is another now, in order; those of `edited` first have `what`, others "carried".

    Raises
    ------
    Refused
        If a rule is broken that was not broken before, in any of the months.
    LaterLocked
    """
    stored = read_rosters(db)
    touched = [month for month in stored if month >= min(edited)]
    before = {month: set(map(_key, broken(db, month, stored[month]))) for month in touched}
    found = []
    for month in touched:
        rows = set(edited[month]) if month in edited else differences.rows_of(stored[month])
        record = rebuilt(db, month, rows, stored[month])
        if rosters.same(record, stored[month]):
            continue
        there = state(db, month)
        if there == LOCKED:
            raise LaterLocked(month=month)
        mine = month in edited
        revision = add(
            tx, db, month, record, state=there, what=what if mine else CARRIED, now=now, by=by,
            reason=reason if mine else "", more=more if mine else None,
        )  # fmt: skip
        found.append(Rebuilt(month=month, revision=revision))
    told = []
    for one in found:
        left = broken(db, one.month, one.revision["roster"])
        fresh = [breach for breach in left if _key(breach) not in before[one.month]]
        if fresh:
            raise Refused(breach=breach_sentence(db, fresh[0]), month=one.month, rule=fresh[0].rule)
        told.append(Rebuilt(month=one.month, revision=one.revision, still_broken=left))
    return told


def _key(one: Breach) -> tuple[str, str, str]:
    return one.rule, one.where, one.what


RULES = {
    "rest": N_("{name} on {day} ({post}): too little rest beside another duty"),
    "gap": N_("{name} on {day} ({post}): too few days from another duty"),
    "leave": N_("{name} on {day} ({post}): on leave then, or not at the desk"),
    "stand-by": N_("{name} on {day} ({post}): the duty or the rest after it lies on a stand-by half-day"),
}
"""What it means for one duty when a rule is broken, by the rule's name."""


def breach_sentence(db: Database, one: Breach) -> str:
    """Say a breach for people: whose duty, when, and what is wrong with it."""
    from auditor.pages.words import POST_WORDS, word

    parts = one.where.rsplit(" ", 2)
    if one.rule in RULES and len(parts) == 3:
        who, day, post = parts
        name = {person.id: person.name for person in read_staff(db)}.get(who, who)
        return _(RULES[one.rule]).format(name=name, day=day, post=word(POST_WORDS, post))
    return f"{one.rule} {one.where}: {one.what}"


def person_named(db: Database, word: str) -> str:
    """Give the id of the person whom a word means, by id or by the name that he alone bears.

    Raises
    ------
    UsageProblem
        If it means nobody, or several people.
    """
    staff = read_staff(db)
    if any(one.id == word for one in staff):
        return word
    found = [one.id for one in staff if one.name == word]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(
            problem=_("{word}: {n} people are called so; write the id of one: {ids}").format(
                word=word, n=len(found), ids=listed(found)
            )
        )
    raise UsageProblem(problem=_("{word} is nobody here; see `auditor people list`").format(word=word))
