"""The step of the roster: from people, leave and the stand-by pattern to a checked month."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from auditor.entities import DUTY_ROLES, Breach, Duty, Inspector, Person, Post
from auditor.errors import AuditorError, Infeasible, UsageProblem, VerificationFailed
from auditor.i18n import N_, _
from auditor.pages.words import ROLE_WORDS, word
from auditor.roster.changes import spans
from auditor.roster.check import RosterFacts, check_roster, ground_of
from auditor.roster.check_rotation import unfounded
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.desk import (
    FAIR,
    LEXIMIN,
    SHARINGS,
    STYLES,
    BadDesk,
    DutyDesk,
    desk_json,
    desk_of_json,
    post_said,
)
from auditor.roster.problem import (
    DAY,
    Fixed,
    RosterProblem,
    build_problem,
    cut_by_edge,
    duty_roles,
    edge_block,
)
from auditor.roster.record import post_row
from auditor.roster.rotation import Turns, turns_before
from auditor.roster.standby import standby
from auditor.store import Database
from auditor.store.rosters import read_revisions, read_roster, read_roster_months, read_rosters
from auditor.store.staff import read_absences, read_inspectors, read_people, read_staff
from auditor.workflow.duty.desk_settings import DESK, desk_for, no_strangers
from auditor.workflow.duty.roster_fixed import can_stand, cannot_stand, cells_of
from auditor.workflow.duty.roster_revisions import MADE, history, in_force, last, local, unwaived
from auditor.workflow.duty.roster_wishes import wishes_of
from auditor.workflow.months import Month, month_of

EDGE_DAYS = 3
"""Duties of so many days before a month can always ask for rest in it."""
NEVER = 10**7
"""Days of leave that nobody has: an early version excused none."""


class NobodyForPosts(AuditorError):
    """There is nobody for a post."""

    exit_code = 3
    sentence = N_(
        "post {post} is for {role}, and there are none; give somebody the role with "
        "`auditor people import`, or take the post out of the desk's settings"
    )


class MadeWrong(VerificationFailed):
    """A roster that was made is refused by the check, which is written apart from what made it."""

    sentence = N_(
        "the roster of {month} that was made does not pass the check, {count} findings (first: {first}), and "
        "was not kept; this is a fault of the program, not of yours: please report it"
    )


def pattern(inspectors: Sequence[Inspector], month: Month) -> dict[str, tuple[str, ...]]:
    """Give everyone's stand-by half-days of the month: public, equal for all, set before all else."""
    return standby(inspectors, month.working)


def pattern_in_force(
    inspectors: Sequence[Inspector], month: Month, roster: Mapping[str, Any] | None
) -> dict[str, tuple[str, ...]]:
    """Give everyone's stand-by half-days of the month as they were published with its roster.

    Whoever came to the inspectors since then changes nobody's; on the roster, he stands by from the next
    month on.

    Parameters
    ----------
    roster
        The month's roster in force; None where there is none: then the pattern is that of today.
    """
    found = pattern(inspectors, month)
    if roster is None:
        return found
    listed = {row["id"] for row in roster.get("people", ())}
    return {
        who: tuple(one for one in roster["standby"].get(who, ()) if one.startswith(month.key))
        if who in listed
        else half_days
        for who, half_days in found.items()
    }


def duties_of(roster: Mapping[str, Any] | None) -> list[Duty]:
    """Give the duties of a stored roster and the fixed ones before it, each with its post as it was."""
    if roster is None:
        return []
    posts = {row["id"]: _post(row) for row in roster["posts"]}
    return [
        Duty(
            day=date.fromisoformat(row["date"]),
            post=row["post"],
            person=row["person"],
            spec=posts.get(row["post"]),
        )
        for row in (*roster["before"], *roster["assignments"])
    ]


def _post(row: Mapping[str, Any]) -> Post:
    hour, _colon, minute = row["start"].partition(":")
    return Post(
        id=row["id"],
        role=row["role"],
        start=int(hour) * 60 + int(minute),
        minutes=row["minutes"],
        night=row["night"],
        zh=row.get("zh", ""),
        kind=row.get("kind", "duty"),
        by_phone=row.get("by_phone", False),
        callable_minutes=row.get("callable_minutes"),
        rest=row.get("rest_min"),
    )


def _earlier(db: Database, month: Month) -> list[dict[str, Any]]:
    """Give the rosters before a month, oldest first."""
    return [roster for key, roster in read_rosters(db).items() if key < month.key]


def _latest(db: Database, month: Month) -> dict[str, Any] | None:
    """Give the last roster before a month, None where there is none."""
    earlier = [key for key in read_roster_months(db) if key < month.key]
    return read_roster(db, earlier[-1]) if earlier else None


def _history(
    db: Database, month: Month, edge_days: int = EDGE_DAYS
) -> tuple[dict[str, dict[str, int]], list[Duty]]:
    """Give the counters carried into a month, and the last duties before it."""
    earlier = _latest(db, month)
    if earlier is None:
        return {}, []
    since = month.first - timedelta(days=edge_days)
    before = [duty for duty in duties_of(earlier) if since <= duty.day < month.first]
    return {who: dict(found) for who, found in earlier["counters"].items()}, before


def _bare_of_duty(db: Database, month: Month) -> dict[str, tuple[str, ...]]:
    """Give the stand-by half-days on which no duty and no rest may lie: of a roster in force as it has them.

    Those of the month, and those of the next month's first days, which the rest of this month's
    last duties could reach.
    """
    if in_force(db, month.key):
        kept = read_roster(db, month.key) or {}
        return {who: tuple(half_days) for who, half_days in kept.get("standby", {}).items()}
    inspectors = read_inspectors(db)
    last = f"{month.last + timedelta(days=EDGE_DAYS):%Y-%m-%d}/~"
    ahead = pattern(inspectors, month_of(f"{month.last + timedelta(days=1):%Y-%m}", month.of))
    return {
        who: (*half_days, *(one for one in ahead[who] if one <= last))
        for who, half_days in pattern(inspectors, month).items()
    }


def same(one: object, other: object) -> bool:
    """Whether two parts of a record are the same to the letter: 1 is not 1.0, nor true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def on_duty(db: Database, desk: DutyDesk, month: Month, at: datetime | None = None) -> list[Person]:
    """Give who can fill a post of the desk, by id: who is here on some day of the month.

    Also who is on the month's stored roster already and has left since: he gives his duties up there. Who
    has another role since then, and has been on duty in the old one, keeps the old one in this month; who
    has no role of the desk any more, and has not been on duty, counts as one who left before the month.

    Parameters
    ----------
    at
        By when duties have begun; that of the month's last revision where None.
    """
    roles = {post.role for post in desk.posts}
    stored = read_roster(db, month.key)
    listed = {row["id"] for row in stored["people"]} if stored else set()
    people = people_of(db, stored)
    kept = roles_kept(db, month.key, stored, people, at) if stored else {}
    people = [replace(one, roles=kept[one.id]) if one.id in kept else one for one in people]
    former = {row["id"]: tuple(row.get("roles", [row["role"]])) for row in stored["people"]} if stored else {}
    gone = month.first - timedelta(days=1)
    people = [
        replace(one, roles=former[one.id], to_on=min(one.to_on or date.max, gone))
        if one.id in former and not roles & set(one.roles)
        else one
        for one in people
    ]
    return [
        person
        for person in people
        if roles & set(person.roles)
        and (
            person.id in listed
            or ((person.from_on or date.min) <= month.last and (person.to_on or date.max) >= month.first)
        )
    ]


def people_of(db: Database, stored: Mapping[str, Any] | None) -> list[Person]:
    """Give the leaders and officers by id, and who is on a stored roster and was one of them then."""
    listed = {row["id"] for row in stored["people"]} if stored else set()
    return [one for one in read_staff(db) if one.role or one.id in listed]


def roles_kept(
    db: Database, month: str, stored: Mapping[str, Any], people: Sequence[Person], at: datetime | None = None
) -> dict[str, tuple[str, ...]]:
    """Give the roles of those who have others today and had duties in these, which have begun or are locked.

    The past stays whose it is: until the month is over they are on its roster what they were.
    """
    role_of = {row["id"]: row["role"] for row in stored["posts"]}
    now_roles = {person.id: duty_roles(person, desk_posts(stored)) for person in people}
    strange = [
        row
        for row in stored["assignments"]
        if row["person"] in now_roles and role_of[row["post"]] not in now_roles[row["person"]]
    ]
    if not strange:
        return {}
    revision = last(db, month)
    held = {(day, post) for day, post in revision["locked"]} if revision else set()
    if at is None and revision and revision["at"]:
        at = datetime.fromisoformat(revision["at"])
    begun = spans(stored)
    stand = {
        row["person"]
        for row in strange
        if (row["date"], row["post"]) in held
        or (at is not None and begun[row["date"], row["post"]][0] <= local(at))
    }
    return {
        row["id"]: tuple(row.get("roles", [row["role"]]))
        + tuple(role for role in person.roles if role not in DUTY_ROLES)
        for person in people
        for row in stored["people"]
        if row["id"] == person.id and person.id in stand
    }


def desk_posts(roster: Mapping[str, Any]) -> list[Post]:
    """Give the posts of a record."""
    return [_post(row) for row in roster["posts"]]


def after_month(db: Database, month: Month, edge_days: int, *, ever: bool = False) -> list[Duty]:
    """Give the first duties of the month after, where it is made already: rest holds across that edge too.

    Parameters
    ----------
    ever
        Also those of its earlier revisions: what was made before it changed was made around these.
    """
    first = month.last + timedelta(days=1)
    until = month.last + timedelta(days=edge_days)
    rosters = [read_roster(db, f"{first:%Y-%m}")]
    if ever:
        rosters += [one["roster"] for one in read_revisions(db, f"{first:%Y-%m}")]
    found = {
        (duty.day, duty.post, duty.person): duty
        for roster in rosters
        for duty in duties_of(roster)
        if first <= duty.day <= until
    }
    return [found[key] for key in sorted(found)]


def _stands_after(
    problem: RosterProblem, desk: DutyDesk, month: Month, duties: Sequence[Duty]
) -> dict[str, list[Fixed]]:
    """Give duties of the month after by person, as duties that stand."""
    found: dict[str, list[Fixed]] = {}
    posts = {post.id: post for post in desk.posts}
    last, after = (month.of.day(month.last + timedelta(days=ahead)) for ahead in (0, 1))
    saturdays = {shift.post.id: shift.index for shift in problem.shifts if shift.day == last.day}
    for duty in duties:
        post = posts.get(duty.post) or duty.spec
        if post is not None:
            start = (duty.day - problem.first).days * DAY + post.start
            cut = duty.day == after.day and edge_block(desk, post.id, last, after)
            block = saturdays.get(post.id, -1) if cut else -1
            found.setdefault(duty.person, []).append(Fixed.at(post, start, desk.rest(post), block))
    return found


def problem_of(
    db: Database,
    month: Month,
    desk: DutyDesk | None = None,
    *,
    locked: Sequence[Duty] = (),
    at: datetime | None = None,
) -> RosterProblem:
    """Collect a month's problem from the bureau's file and the calendar.

    What stands of the months beside it stands.

    Parameters
    ----------
    desk
        Settings to go by instead of those that are kept.
    at
        By when duties have begun (`on_duty`).
    """
    desk = desk or desk_for(db, month)
    people = on_duty(db, desk, month, at)
    known = {person.id for person in people}
    carried, before = _history(db, month, desk.edge_days)
    inside = [one for one in wishes_of(db) if one.from_on <= month.last and month.first <= one.to_on]
    problem = build_problem(
        month.days,
        people,
        read_absences(db),
        {who: half_days for who, half_days in _bare_of_duty(db, month).items() if who in known},
        carried=carried,
        before=[duty for duty in before if duty.person in known],
        desk=desk,
        wishes=inside,
        locked=locked,
        eve=month.of.day(month.first - timedelta(days=1)),
    )
    stands = _stands_after(problem, desk, month, after_month(db, month, desk.edge_days))
    if not stands:
        return problem
    rows = tuple(replace(one, fixed=(*one.fixed, *stands.get(one.id, ()))) for one in problem.people)
    return replace(problem, people=rows, goes_on=cut_by_edge(rows))


def turns_of(db: Database, month: Month) -> dict[str, Turns]:
    """Give where the lists of the rotation stand before a month."""
    return turns_before(_earlier(db, month), lambda day: month.of.day(day).cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a roster is to be made: what the desk's settings say where None; `fixed` are cells that stand."""

    style: str | None = None
    sharing: str | None = None
    short: bool = False
    work: float = 60.0
    seconds: float | None = None
    fixed: tuple[str, ...] = ()


def make(
    db: Database,
    month: Month,
    *,
    work: float = 60.0,
    progress: Callable[[str], None] = lambda step: None,
    style: str | None = None,
    asked: Asked | None = None,
) -> dict[str, Any]:
    """Make a month's roster and check it.

    Raises
    ------
    Infeasible
        With the days and posts that lack people.
    UsageProblem
        If cells that are to stand break a rule, with the rule.
    """
    from auditor.roster.styles import make_month
    from auditor.solving import until

    asked = asked or Asked(style=style, work=work)
    desk = desk_for(db, month)
    desk = replace(desk, style=asked.style or desk.style, sharing=asked.sharing or desk.sharing)
    if asked.sharing == LEXIMIN and desk.style != FAIR:
        raise UsageProblem(problem=_("--sharing leximin belongs to --style fair; write that too"))
    people = on_duty(db, desk, month)
    no_strangers(desk, read_people(db))
    for post in desk.posts:
        if not any(post.role in person.roles for person in people) and any(desk.need[post.id].values()):
            raise NobodyForPosts(role=word(ROLE_WORDS, post.role), post=post_said(post))
    fixed = cells_of(asked.fixed, desk, people, month)
    if fixed:
        free = facts_of(db, month, problem_of(db, month, desk))
        can_stand(fixed, desk, both_edges(free, after_month(db, month, desk.edge_days)))
    problem = problem_of(db, month, desk, locked=fixed)
    facts = facts_of(db, month, problem)
    edges = both_edges(facts, after_month(db, month, desk.edge_days))
    with until(asked.seconds):
        try:
            roster = make_month(
                problem,
                classes={day.day: day.cls for day in month.days},
                turns=turns_of(db, month),
                short=asked.short,
                work=asked.work,
                progress=progress,
            )
        except Infeasible as error:
            names = {person.id: person.name or person.id for person in people}
            raise (cannot_stand(problem, names, asked.work) or error) from None
    found = (
        check_roster(roster, facts)
        or rule_breaches(ground_of(edges), _mine(roster))
        or unfounded_in(roster, edges)
    )
    if found:
        raise MadeWrong(
            month=month.key, count=len(found), first=f"{found[0].rule} {found[0].where}: {found[0].what}"
        )
    return roster


def both_edges(facts: RosterFacts, after: Sequence[Duty]) -> RosterFacts:
    """Give facts in which duties of the month after stand as those of the month before do."""
    rows = {duty.post: post_row(duty.spec) for duty in after if duty.spec is not None}
    return replace(
        facts,
        before=[*facts.before, *((duty.day, duty.post, duty.person) for duty in after)],
        before_posts={**rows, **facts.before_posts},
    )


def _mine(roster: Mapping[str, Any]) -> list[Mine]:
    return [
        Mine(row["person"], date.fromisoformat(row["date"]), row["post"]) for row in roster["assignments"]
    ]


def unfounded_in(roster: Mapping[str, Any], facts: RosterFacts) -> list[Breach]:
    """Give the departures from turns, of a roster as it was made, that no rule bears out."""
    if "departures" not in roster:
        return []
    return list(unfounded(roster, ground_of(facts), _mine(roster)))


def facts_of(
    db: Database, month: Month, problem: RosterProblem, *, old: bool = False, at: datetime | None = None
) -> RosterFacts:
    """Give what a roster of this problem is checked against.

    Parameters
    ----------
    old
        Whether the roster is of an early version, without a desk of its own.
    at
        By when duties have begun (`on_duty`).
    """
    desk = problem.desk or DutyDesk()
    earlier = _latest(db, month)
    return RosterFacts(
        days=month.days,
        people=[replace(one, share=1.0) if old else one for one in on_duty(db, desk, month, at)],
        leave=read_absences(db),
        standby=problem.standby,
        carried={person.id: person.carried for person in problem.people},
        before=[(duty.day, duty.post, duty.person) for duty in problem.before],
        before_posts={row["id"]: row for row in earlier["posts"]} if earlier else {},
        desk=None if old else desk_json(desk),
        eve=month.of.day(month.first - timedelta(days=1)),
        morrow=month.of.day(month.last + timedelta(days=1)),
    )


def desk_of_roster(db: Database, roster: object, month: Month) -> tuple[DutyDesk, bool]:
    """Give the desk that a roster must have been made by, and whether it is of a version without one.

    The stored roster's own; for a month without one the desk that is kept, in the style of the roster.
    """
    stored = read_roster(db, month.key)
    if stored is not None:
        if "desk" not in stored:
            return DutyDesk(style="fair", excused_days=NEVER), True
        return desk_of_json(stored["desk"], DESK), False
    desk = desk_for(db, month)
    said = roster.get("desk") if isinstance(roster, Mapping) else None
    if isinstance(said, Mapping) and said.get("style") in STYLES and said.get("sharing") in SHARINGS:
        desk = replace(desk, style=said["style"], sharing=said["sharing"])
    return desk, False


def check(
    db: Database,
    roster: object,
    month: Month,
    at: datetime | None = None,
    *,
    turns: bool = True,
    waive: bool = True,
) -> list[Breach]:
    """Check a roster against calendar, people, leave, stand-by and the month before.

    Parameters
    ----------
    at
        By when duties have begun (`on_duty`).
    turns
        Whether also the reasons are checked for which turns were left when it was made.
    waive
        Whether what came too late to be kept is left out (`unwaived`).
    """
    try:
        desk, old = desk_of_roster(db, roster, month)
    except BadDesk as error:
        return [Breach(rule="desk", where="desk", what=str(error))]
    problem = problem_of(db, month, desk, at=at)
    facts = facts_of(db, month, problem, old=old, at=at)
    leave = {
        person.id: [*(day.isoformat() for day in person.leave), *person.half, *person.away_half]
        for person in problem.people
    }
    breaches = check_roster(roster, facts)
    if waive:
        breaches = unwaived(db, month.key, breaches, leave, at)
    if turns and not breaches and isinstance(roster, Mapping) and _as_made(db, month, roster):
        ever = after_month(db, month, desk.edge_days, ever=True)
        breaches += unfounded_in(roster, both_edges(facts, ever))
    stored = read_roster(db, month.key)
    if stored is not None and isinstance(roster, Mapping):
        # another roster may keep every rule too; it is not the one that was made and proven
        breaches += [
            Breach(rule="stored", where=name, what=_("differs from the roster that was stored"))
            for name in sorted(set(stored) | set(map(str, roster)))
            if not same(roster.get(name), stored.get(name))
        ]
    return breaches


def _as_made(db: Database, month: Month, roster: Mapping[str, Any]) -> bool:
    """Whether its duties are those that were made: why turns were left says nothing of later changes."""
    made = made_before_changes(db, month, roster)
    return all(same(made[key], roster[key]) for key in ("assignments", "before"))


def made_before_changes(db: Database, month: Month, roster: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a month's roster as it was made last; itself where nothing of that is kept."""
    made = [one["roster"] for one in history(db, month.key) if one["what"] == MADE]
    return made[-1] if made else roster
