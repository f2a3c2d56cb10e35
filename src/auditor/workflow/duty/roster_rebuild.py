"""Write changed duties into the records of their months: figures counted anew, later months carried on.

All of it happens inside one open transaction: what breaks a rule is refused by an error, and nothing of it
stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auditor.entities import Breach
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.roster import changes as differences
from auditor.roster.changes import Row
from auditor.roster.desk import FAIR, DutyDesk, desk_of_json
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.staff import read_staff
from auditor.store.writing import Transaction
from auditor.workflow.called import names_apart, staff_names
from auditor.workflow.duty import desk_settings, rosters
from auditor.workflow.duty.roster_revisions import (
    CARRIED,
    LOCKED,
    NOTED,
    PUBLISHED,
    REPAIR,
    TAKE_OVER,
    add,
    state,
)
from auditor.workflow.duty.roster_turns import Moved, moved_turns
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.months import calendar_of, month_of


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
        "`auditor roster lock --month {month} --undo REASON`"
    )


class Refused(AuditorError):
    """A change of duties that breaks a rule."""

    sentence = N_("refused, since it breaks a rule: {breach}; the roster stays as it was")


FIGURES = ("counters", "objective", "bound", "status", "stages")
"""What the check counts from duties."""
Known = tuple[str, str, str]
"""A breach by its rule, where it is and what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A month after a change: its revision, and the rules that are broken still, as they were before."""

    month: str
    revision: Mapping[str, Any]
    still_broken: Sequence[Breach] = ()
    apart: Sequence[Breach] = ()
    """Pairs, groups and weekends of the days that changed which could be kept no more."""


def duties_in(db: Database, problem: RosterProblem, rows: Iterable[Row]) -> list[tuple[Shift, RosterPerson]]:
    """Find filled seats in a problem, in order; raises Stranger or NoSuchPost."""
    month = f"{problem.first:%Y-%m}"
    shifts = {(shift.day.isoformat(), shift.post.id): shift for shift in problem.shifts}
    people = {person.id: person for person in problem.people}
    found = []
    for day, post, who in sorted(rows):
        if who not in people:
            names = staff_names(db)
            raise Stranger(name=names.get(who, who), month=month)
        if (day, post) not in shifts:
            raise NoSuchPost(month=month, post=post)
        found.append((shifts[day, post], people[who]))
    return found


def problem_for(db: Database, month: str, roster: Mapping[str, Any], now: datetime) -> RosterProblem:
    """Give a month's problem by the desk that its roster was made for, with what is known today.

    A roster of before there were desks is from now on one of the default desk.
    """
    said = roster.get("desk")
    desk = DutyDesk(style=FAIR) if said is None else desk_of_json(said, desk_settings.DESK)
    return rosters.problem_of(db, month_of(month, calendar_of(db)), desk, at=now)


def rebuilt(
    db: Database, month: str, rows: Iterable[Row], old: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Write a month's record anew around these filled seats, by what is known today.

    Where nothing else is another, the record stays as it is, with what was proven of it. Else the bound is
    what no roster of today's facts could go under. What `old` says of how it was made stays
    (turns and departures), but for the values of its stages, which were another roster's.
    """
    from auditor.roster import objective
    from auditor.roster.record import record_of

    problem = problem_for(db, month, old, now)
    rows = set(rows)
    duties = duties_in(db, problem, rows)
    total = bound = 0
    for part in problem.parts():
        ids = {person.id for person in part.people}
        value = objective.unfairness(part, [duty for duty in duties if duty[1].id in ids])
        total += value
        bound += min(objective.floor(part), value)
    kept = {key: value for key, value in old.items() if key not in ("stages", "short")}
    record = {**kept, **record_of(problem, duties, total, bound)}
    record |= _beside(old, record, rows)
    return dict(old) if alike(record, old) else record


def alike(record: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether two records say the same but for what was proven of it; an early one names no desk."""
    proven = {"bound", "status", "stages", *(() if "desk" in old else ("desk",))}
    return all(rosters.same(record.get(key), old.get(key)) for key in {*record, *old} - proven)


def counts_on_alike(record: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether two records of a month have the same of earlier months: counters, last duties, lists.

    What else is new, such as leave, is for a repair of that month.
    """
    return all(rosters.same(record.get(key), old.get(key)) for key in ("counters", "before", "turns"))


def _beside(old: Mapping[str, Any], record: Mapping[str, Any], rows: Collection[Row]) -> dict[str, Any]:
    """Count anew what only some records have: wishes and their cost, seats that lack people, fixed cells."""
    found: dict[str, Any] = {}
    if "wishes" in old:
        found["wishes"] = [{**one, "cost": wish_cost(one, rows)} for one in old["wishes"]]
    if "short" in old:
        there = Counter(row[:2] for row in rows)
        lacks = ((one, one["need"] - there[one["date"], one["post"]]) for one in record["demand"])
        was = {(one["date"], one["post"]) for one in old["short"]}
        short = [
            {"date": one["date"], "post": one["post"], "short": count}
            for one, count in lacks
            if count > 0 and (one["date"], one["post"]) in was
        ]
        found |= {"short": short} if short else {}
    if "fixed" in old:
        found["fixed"] = [one for one in old["fixed"] if (one["date"], one["post"], one["person"]) in rows]
    return found


def wish_cost(wish: Mapping[str, Any], rows: Iterable[Row]) -> int:
    """Give what a wish costs: its weight for every duty that it would avoid, or where it is not met."""
    met = sum(
        who == wish["person"] and wish["from"] <= day <= wish["to"] and wish["post"] in ("", post)
        for day, post, who in rows
    )
    return int(wish["weight"]) * (int(not met) if wish["want"] else met)


def broken(db: Database, month: str, roster: Mapping[str, Any], now: datetime | None = None) -> list[Breach]:
    """Give the rules that a roster's duties break by what is known now.

    Where somebody has duties of a role that is his no more, no figures can add up: only the duties are named.
    """
    found = rosters.check(db, roster, month_of(month, calendar_of(db)), now, turns=False)
    aside = {"stored", *(FIGURES if any(one.rule == "role" for one in found) else ())}
    return [one for one in found if one.rule not in aside]


def broken_already(db: Database, month: str, roster: Mapping[str, Any], now: datetime) -> set[Known]:
    """Give the rules that the duties of a stored roster break by what is known now, before any change.

    The record itself may be behind (somebody came, leave came in): it is written anew first, since nothing
    is said of duties where people and leave are not those that are known.
    """
    record = rebuilt(db, month, differences.rows_of(roster), roster, now)
    return set(map(_key, broken(db, month, record, now)))


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
    instead: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Rebuilt]:
    """Write changed months, and every later month that carries their counters on.

    Parameters
    ----------
    edited
        All filled seats of each changed month.
    instead
        Records to begin with instead of the stored ones, by month: with another desk.

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
    before = all_broken(db, touched, now)
    found = []
    turned: list[Moved] = []
    for month in touched:
        rows = set(edited[month]) if month in edited else differences.rows_of(stored[month])
        old = (instead or stored).get(month, stored[month])
        marks: Mapping[str, Any] = {}
        if month in edited and what in (TAKE_OVER, REPAIR):
            turned.append(moved_turns(db, month, old, rows, problem_for(db, month, old, now)))
            marks = turned[-1].marks
        for turns in turned if "turns" in old else ():
            old = {**old, "turns": differences.turns_after(old["turns"], turns.changes, turns.list_of)}
        record = rebuilt(db, month, rows, old, now)
        people = rosters.people_of(db, stored[month])
        roles = [rosters.roles_kept(db, month, stored[month], people, moment) for moment in (now, None)]
        # who keeps a former role here is on record by a revision of a time when his duty had begun
        unchanged = alike if month in edited else counts_on_alike
        if unchanged(record, stored[month]) and roles[0] == roles[1]:
            continue
        there = state(db, month)
        if there == LOCKED:
            raise LaterLocked(month=month)
        mine = month in edited
        done = what if mine else CARRIED
        if mine and what == REPAIR and rows == differences.rows_of(stored[month]):
            done = NOTED
        revision = add(
            tx, db, month, record, state=there, what=done, now=now, by=by,
            reason=reason if mine else "", more={**(more or {}), **marks} if mine else None,
        )  # fmt: skip
        found.append(Rebuilt(month=month, revision=revision))
    told = []
    for one in found:
        left = broken(db, one.month, one.revision["roster"])
        fresh = [breach for breach in left if _key(breach) not in before[one.month]]
        if fresh:
            text = breach_sentence(db, fresh[0], post_names(one.revision["roster"]))
            raise Refused(breach=text, month=one.month, rule=fresh[0].rule)
        apart = _taken_apart(db, one.month, one.revision, left)
        told.append(Rebuilt(month=one.month, revision=one.revision, still_broken=left, apart=apart))
    return told


def _taken_apart(
    db: Database, month: str, revision: Mapping[str, Any], left: Sequence[Breach]
) -> list[Breach]:
    """Give what a change breaks on its days of pairs, groups and weekends though nobody is refused for it."""
    roster = revision["roster"]
    days = {
        (date.fromisoformat(row["date"]) - timedelta(days=back)).isoformat()
        for row in revision["changes"]
        for back in (0, 1)
    }
    desk = roster.get("desk", {})
    if not days or not any(desk.get(key) for key in ("pairs", "groups", "weekend_block")):
        return []
    found = rosters.check(db, roster, month_of(month, calendar_of(db)), turns=False, waive=False)
    known = set(map(_key, left))
    changed = {row["date"] for row in revision["changes"]}
    return [
        one
        for one in found
        if one.rule in ("pairs", "groups", "weekend-block")
        and _key(one) not in known
        and any(day in one.where for day in (days if one.rule == "weekend-block" else changed))
    ]


def all_broken(db: Database, months: Iterable[str], now: datetime) -> dict[str, set[Known]]:
    """Give the rules that each of these months breaks already."""
    stored = read_rosters(db)
    return {key: broken_already(db, key, stored[key], now) for key in months}


def broken_after(db: Database, month: str, now: datetime) -> dict[str, set[Known]]:
    """Give the rules that each month after one breaks already."""
    return all_broken(db, [key for key in read_rosters(db) if key > month], now)


def carry_on(
    tx: Transaction, db: Database, month: str, before: Mapping[str, Collection[Known]], *, now: datetime
) -> None:
    """Let the months after one that was made anew count on from it.

    Parameters
    ----------
    before
        The rules that each of them broke before it was (`broken_after`).

    Raises
    ------
    Refused
        If a rule would be broken across the edge in a month that everybody knows already.
    LaterLocked
    """
    stored = read_rosters(db)
    for later in (key for key in stored if key > month):
        record = rebuilt(db, later, differences.rows_of(stored[later]), stored[later], now)
        if counts_on_alike(record, stored[later]):
            continue
        there = state(db, later)
        if there == LOCKED:
            raise LaterLocked(month=later)
        add(tx, db, later, record, state=there, what=CARRIED, now=now)
        fresh = [one for one in broken(db, later, record) if _key(one) not in before[later]]
        if fresh and there == PUBLISHED:
            text = breach_sentence(db, fresh[0], post_names(record))
            raise Refused(breach=text, month=later, rule=fresh[0].rule)


def _key(one: Breach) -> Known:
    return one.rule, one.where, one.what


SEATS = {
    "rest": N_("{name} on {day} ({post}): too little rest beside another duty"),
    "gap": N_("{name} on {day} ({post}): too few days from another duty"),
    "leave": N_("{name} on {day} ({post}): on leave then, or not at the desk"),
    "out-of-town": N_("{name} on {day} ({post}): out of town then"),
    "stand-by": N_("{name} on {day} ({post}): the duty or the rest after it lies on a stand-by half-day"),
}
"""What it means for one duty when a rule is broken, by the rule's name."""
OTHERS = {
    "runs": N_("{name}, from {at} on: too many days of duty on end"),
    "week": N_("{name}, {at}: too many duties in a week"),
    "month": N_("{name}: too many duties in the month"),
    "pairs": N_("{name}, {at}: the two should be on duty together, or never on one day"),
    "groups": N_("{name}, {at}: the leader of the group does not lead on that day"),
    "weekend-block": N_("{at}: the same people should fill Saturday and Sunday"),
    "cover": N_("{at}: {what}"),
    "role": N_("{at}: whoever is on duty there has another role now"),
}
"""The same for rules about more than one duty."""


def breach_sentence(db: Database, one: Breach, posts: Mapping[str, str] | None = None) -> str:
    """Say a breach for people: whose duty, when, and what is wrong with it; `posts` by id."""
    from auditor.pages.words import POST_WORDS, word

    def post_called(post: str) -> str:
        return (posts or {}).get(post, word(POST_WORDS, post))

    names = staff_names(db)
    parts = one.where.rsplit(" ", 2)
    if one.rule in SEATS and len(parts) == 3:
        who, day, post = parts
        return _(SEATS[one.rule]).format(name=names.get(who, who), day=day, post=post_called(post))
    if one.rule in ("weekend-block", "cover", "role"):
        day, blank, post = one.where.partition(" ")
        return _(OTHERS[one.rule]).format(
            at=f"{day}{blank}{post_called(post) if post else ''}", what=one.what
        )
    if one.rule in OTHERS:
        who, at = (one.where, "") if one.rule == "month" else one.where.rsplit(" ", 1)
        called = listed(names.get(each, each) for each in who.split(" + "))
        return _(OTHERS[one.rule]).format(name=called, at=at)
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
    called = names_apart(staff)
    found = [one.id for one in staff if word in (one.name, called[one.id])]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(
            problem=_("{word}: {n} people are called so; write the id of one: {ids}").format(
                word=word, n=len(found), ids=listed(found)
            )
        )
    raise UsageProblem(problem=_("{word} is nobody here; see `auditor people list`").format(word=word))
