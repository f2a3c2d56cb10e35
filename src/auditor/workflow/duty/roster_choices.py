"""Who could take a duty over, and for which other one it could be swapped: judged at once.

The month is put together once and each change judged on it by the plain rules. What is chosen is tried whole
before it is kept (`roster_changes`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from auditor.entities import Breach, Person
from auditor.i18n import _
from auditor.pages.words import ROLE_WORDS, word
from auditor.roster import changes as differences
from auditor.roster import objective
from auditor.roster.changes import Row
from auditor.roster.check import ground_of
from auditor.roster.check_rules import Ground, Mine, rule_breaches
from auditor.roster.problem import RosterProblem, Shift
from auditor.store import Database
from auditor.store.rosters import read_roster, read_roster_months
from auditor.store.staff import read_staff
from auditor.workflow.called import names_apart
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_changes import locked_in, not_held_beside, rest_of_block, seat_of
from auditor.workflow.duty.roster_life import stored_roster
from auditor.workflow.duty.roster_rebuild import breach_sentence, person_named, problem_for
from auditor.workflow.duty.roster_revisions import (
    LOCKED,
    could_not_be_kept,
    local,
    parted,
    parted_by,
    state,
)
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.months import calendar_of, month_of

NEAR_DAYS = 10
"""Swaps with duties so many days before or after are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to give a duty away: to `person`, in a swap for his own of `day` and `post`.

    `why` says which rule it breaks, "" for none; `objective` is the unfairness after the last month that is
    made, `counters` by person and class what changes there, (old, new).
    """

    person: str
    name: str
    phone: str = ""
    day: str = ""
    post: str = ""
    why: str = ""
    strange: bool = False
    """Whether the post is not of his role at all."""
    objective: int = 0
    counters: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    burden: int = 0
    """What choices are ranked by: `objective`, and what those bear who have no part in the last month."""
    apart: str = ""
    """What it breaks of pairs, groups and weekends that can be kept no more; "" where it keeps all."""
    ends: str = ""
    """When its person leaves, where the last month is after his time: his counters are those of his end."""

    @property
    def rank(self) -> tuple[bool, int]:
        """Those that keep every rule first, then the fairest."""
        return bool(self.apart), self.burden

    @property
    def note(self) -> str:
        """Say what else there is to know before it is chosen."""
        return _("; ").join(one for one in (self.apart, self.ends) if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What could become of one duty: what is possible, and what is not, with its reason.

    Those that keep every rule come first, of these the fairest.

    `until` is the last month that has a roster, `before` the unfairness there now.
    """

    day: str
    post: str
    person: str
    name: str
    until: str
    before: int
    possible: tuple[Choice, ...]
    impossible: tuple[Choice, ...]


class _Months:
    """The months that a change touches, each put together once."""

    def __init__(self, db: Database, now: datetime, month: str) -> None:
        self.db, self.now = db, now
        self.staff: dict[str, Person] = {one.id: one for one in read_staff(db)}
        self.called = names_apart(self.staff.values())
        self._judges: dict[str, _Judge] = {}
        self._records: dict[str, dict[str, Any]] = {}
        stored_roster(db, month)
        self.months = set(read_roster_months(db))
        self.until = max(self.months)
        # a month near this one and before it counts on into this one, which is not locked, before any other
        self._locked = [key for key in sorted(self.months) if key > month and state(db, key) == LOCKED]
        self.end = self.record(self.until)
        self._scales: dict[str, dict[str, int]] = {}
        self._weights: Mapping[str, int] = self.judge(self.until).problem.weights

    def judge(self, month: str) -> _Judge:
        """Give what judges the duties of a month."""
        if month not in self._judges:
            self._judges[month] = _Judge(self, month)
        return self._judges[month]

    def record(self, month: str) -> dict[str, Any]:
        """Give the stored record of a month."""
        if month not in self._records:
            self._records[month] = stored_roster(self.db, month)
        return self._records[month]

    def name(self, who: str) -> str:
        """Give somebody's name."""
        return self.called.get(who, who)

    def held(self, month: str, moved: Mapping[str, Mapping[str, int]]) -> str:
        """Say which locked month after one keeps these counters from changing; "" for none."""
        locked = next((key for key in self._locked if key > month), "")
        if not locked or not any(step for own in moved.values() for step in own.values()):
            return ""
        return _("the roster of {month} is locked and counts on from this one; open it again first").format(
            month=locked
        )

    def cost(
        self, moved: Mapping[str, Mapping[str, int]]
    ) -> tuple[int, int, dict[str, dict[str, tuple[int, int]]]]:
        """Give unfairness after the last month, where these counters change by so much.

        The same with what those bear who have no part in that month, as their last one counts it; and the
        counters that change, (old, new).
        """
        value = beside = 0
        counters: dict[str, dict[str, tuple[int, int]]] = {}
        for who, own in moved.items():
            counters[who] = {}
            until = self.until if who in self.end["counters"] else self._last_with(who)
            if not until:
                continue
            known, scale = self.record(until)["counters"][who], self._scale_in(until).get(who, 1)
            for name, step in sorted(own.items()):
                old = known.get(name, 0)
                if not step:
                    continue
                counters[who][name] = (old, old + step)
                more = self._weights.get(name, 0) * scale * ((old + step) ** 2 - old**2)
                value += more if until == self.until else 0
                beside += more
        return int(self.end["objective"]) + value, int(self.end["objective"]) + beside, counters

    def _last_with(self, who: str) -> str:
        """Give the last month in which somebody has counters, "" for none."""
        return next(
            (key for key in sorted(self.months, reverse=True) if who in self.record(key)["counters"]), ""
        )

    def _scale_in(self, month: str) -> dict[str, int]:
        """Give by person what a square of his counters weighs in a month, for his share."""
        if month not in self._scales:
            problem = self.judge(month).problem
            self._scales[month] = {
                who: scale for part in problem.parts() for who, scale in objective.scale_of(part).items()
            }
        return self._scales[month]

    def ends(self, who: str) -> str:
        """Say when somebody leaves who has no part in the last month; "" for everybody else."""
        known = self.staff.get(who)
        if known is None or known.to_on is None or who in self.end["counters"]:
            return ""
        return _("leaves on {day}, and is counted until then").format(day=known.to_on)


class _Judge:
    """One month: its shifts, who could be on duty, and the rules over any set of filled seats."""

    def __init__(self, months: _Months, month: str) -> None:
        self.months, self.month = months, month
        db = months.db
        self.roster = months.record(month)
        self.problem: RosterProblem = problem_for(db, month, self.roster, months.now)
        self.posts = post_names(self.roster)
        self.shifts: dict[tuple[str, str], Shift] = {
            (one.day.isoformat(), one.post.id): one for one in self.problem.shifts
        }
        self.people = {one.id: one for one in self.problem.people}
        self.rows: set[Row] = differences.rows_of(self.roster)
        self.spans = differences.spans(self.roster)
        self.locked = locked_in(db, month)
        self._apart = parted(db, month) if self.problem.coupled else set()
        self.is_locked = state(db, month) == LOCKED
        of = month_of(month, calendar_of(db))
        desk, _old = rosters.desk_of_roster(db, None, of)
        facts = rosters.facts_of(db, of, self.problem, at=months.now)
        self.ground: Ground = ground_of(
            rosters.both_edges(facts, rosters.after_month(db, of, desk.edge_days))
        )
        stands = rule_breaches(self.ground, [_mine(row) for row in sorted(self.rows)])
        self._broken = set(map(_key, stands))

    def fresh(
        self, rows: Iterable[Row], people: Collection[str], beside: Sequence[tuple[Mine, Mine]] = ()
    ) -> tuple[Breach | None, list[Breach]]:
        """Give a rule that filled seats break and those that stand do not, None for none.

        And what they break that can be kept no more, which nobody is refused for.

        Parameters
        ----------
        people
            Whose duties are others: without pairs, groups and blocks no rule looks at anybody else's.
        beside
            Duties of the months beside this one that change hands too: as they are, as they would be.
        """
        ground = self.ground
        if beside:
            moved = dict(beside)
            ground = replace(ground, before=[moved.get(one, one) for one in ground.before])
        whole = set(rows)
        judged = whole if self.problem.coupled else {row for row in whole if row[2] in people}
        found = rule_breaches(ground, [_mine(row) for row in sorted(judged)])
        found = [one for one in found if _key(one) not in self._broken]
        if not found:
            return None, []
        at, desk = local(self.months.now), self.roster.get("desk", {})
        begun = {row for row in self.rows & whole if row[:2] in self.spans and self.spans[row[:2]][0] <= at}
        apart = self._apart | parted_by(
            differences.changes(self.rows, whole), desk, self.rows | whole, spans=self.spans,
            held=self.locked, at=at,
        )  # fmt: skip
        late = [one for one in found if could_not_be_kept(one, self.month, begun, desk, apart)]
        return next((one for one in found if one not in late), None), late

    def said(self, broken: Sequence[Breach]) -> str:
        """Say broken rules in sentences."""
        return _("; ").join(breach_sentence(self.months.db, one, self.posts) for one in broken)

    def block_of(self, row: Row) -> list[Row]:
        """Give a duty with the other day of its weekend, where the two are one block of one person."""
        return [row, *rest_of_block(self.shifts, row, self.rows, local(self.months.now))]

    def misfit(self, row: Row, who: str) -> str:
        """Say why somebody cannot fill a seat at all; "" where nothing speaks against it."""
        day, post, _holder = row
        known, person, shift = self.months.staff.get(who), self.people.get(who), self.shifts.get((day, post))
        if known is not None and known.from_on is not None and date.fromisoformat(day) < known.from_on:
            return _("comes on {day}").format(day=known.from_on)
        if known is not None and known.to_on is not None and date.fromisoformat(day) > known.to_on:
            return _("left on {day}").format(day=known.to_on)
        if shift is None or person is None or not person.fills(shift):
            role = shift.post.role if shift is not None else ""
            return _("the post is for another role ({role})").format(role=word(ROLE_WORDS, role))
        if (day, post, who) in self.rows:
            return _("has this duty already")
        return ""


def _mine(row: Row) -> Mine:
    day, post, who = row
    return Mine(who, date.fromisoformat(day), post)


def _key(one: Breach) -> tuple[str, str, str]:
    return one.rule, one.where, one.what


def _given(db: Database, who: str, duty: str, now: datetime, *, running: bool) -> tuple[_Months, Row]:
    """Find a duty that is to be given away; raises what `seat_of` does."""
    row = seat_of(db, person_named(db, who), duty, now, running=running)
    return _Months(db, now, row[0][:7]), row


def _moved(judges: Sequence[tuple[_Judge, Row, str]]) -> dict[str, dict[str, int]]:
    """Give by person and class by how much counters change where these duties go to these people."""
    found: dict[str, dict[str, int]] = {}
    for judge, (day, post, before), who in judges:
        for name in judge.shifts[day, post].classes:
            for one, step in ((before, -1), (who, 1)):
                own = found.setdefault(one, {})
                own[name] = own.get(name, 0) + step
    return found


def substitutes(db: Database, who: str, duty: str, *, now: datetime) -> Choices:
    """Say of everybody of the desk whether he could take a duty of `who` over, also one that has begun.

    Raises
    ------
    UsageProblem, GivenAway, NotHis, NotNow, Ended, Held, HeldBeside
        If the duty cannot be given.
    """
    months, row = _given(db, who, duty, now, running=True)
    day, post, who = row
    judge = months.judge(day[:7])
    block = judge.block_of(row)
    not_held_beside(row, block[1:], judge.locked)
    possible: list[Choice] = []
    impossible: list[Choice] = []
    for person in judge.people:
        if person == who:
            continue
        moved = _moved([(judge, one, person) for one in block])
        why = next(filter(None, (judge.misfit(one, person) for one in block)), "") or months.held(
            judge.month, moved
        )
        late: list[Breach] = []
        if not why:
            rows = (judge.rows - set(block)) | {(one[0], one[1], person) for one in block}
            breach, late = judge.fresh(rows, (who, person))
            why = breach_sentence(db, breach, judge.posts) if breach else ""
        value, burden, counters = (0, 0, {}) if why else months.cost(moved)
        known = months.staff.get(person)
        shift = judge.shifts.get((day, post))
        one = Choice(
            person=person, name=months.name(person), phone=known.phone if known else "", why=why,
            strange=shift is not None and not judge.people[person].fills(shift), objective=value,
            counters=counters, burden=burden, apart=judge.said(late), ends=months.ends(person),
        )  # fmt: skip
        (impossible if why else possible).append(one)
    return Choices(
        day=day,
        post=post,
        person=who,
        name=months.name(who),
        until=months.until,
        before=months.end["objective"],
        possible=tuple(sorted(possible, key=lambda one: (*one.rank, one.person))),
        impossible=tuple(impossible),
    )


def partners(db: Database, who: str, duty: str, *, now: datetime) -> Choices:
    """Say of the duties within `NEAR_DAYS` of one of `who`, of posts of its role, if it could be swapped.

    Raises
    ------
    UsageProblem, GivenAway, NotHis, NotNow, Over, Ended, Held, HeldBeside
        If the duty cannot be given.
    """
    months, row = _given(db, who, duty, now, running=False)
    day, post, who = row
    mine = months.judge(day[:7])
    not_held_beside(row, mine.block_of(row)[1:], mine.locked)
    role = mine.shifts[day, post].post.role
    on = date.fromisoformat(day)
    first, until = ((on + timedelta(days=step)).isoformat() for step in (-NEAR_DAYS, NEAR_DAYS))
    passed = local(now)
    possible: list[Choice] = []
    impossible: list[Choice] = []
    for month in sorted({first[:7], day[:7], until[:7]} & months.months):
        judge = months.judge(month)
        if judge.is_locked:
            continue
        for other in sorted(judge.rows):
            shift = judge.shifts.get(other[:2])
            near = first <= other[0] <= until and other[2] != who
            if not near or shift is None or shift.post.role != role:
                continue
            if judge.spans[other[:2]][0] <= passed:
                continue
            if any(held[:2] in judge.locked for held in judge.block_of(other)):
                continue
            one = _swapped(months, row, other)
            (impossible if one.why else possible).append(one)
    return Choices(
        day=day,
        post=post,
        person=who,
        name=months.name(who),
        until=months.until,
        before=months.end["objective"],
        possible=tuple(sorted(possible, key=lambda one: (*one.rank, one.day, one.post))),
        impossible=tuple(impossible),
    )


def _swapped(months: _Months, row: Row, other: Row) -> Choice:
    """Judge one swap."""
    mine, his = months.judge(row[0][:7]), months.judge(other[0][:7])
    moves = [(mine, one, other[2]) for one in mine.block_of(row)]
    moves += [(his, one, row[2]) for one in his.block_of(other)]
    moved = _moved(moves)
    why = next(filter(None, (judge.misfit(one, to) for judge, one, to in moves)), "") or months.held(
        min(mine.month, his.month), moved
    )
    apart = []
    if not why:
        gone = {one for _judge, one, _to in moves}
        come = {(one[0], one[1], to) for _judge, one, to in moves}
        for judge in dict.fromkeys((mine, his)):
            rows = (judge.rows - gone) | {one for one in come if one[0][:7] == judge.month}
            beside = [(_mine(one), _mine((*one[:2], to))) for other, one, to in moves if other is not judge]
            breach, late = judge.fresh(rows, (row[2], other[2]), beside)
            apart += [judge.said(late)] if late else []
            if breach:
                why = breach_sentence(months.db, breach, judge.posts)
                break
    value, burden, counters = (0, 0, {}) if why else months.cost(moved)
    known = months.staff.get(other[2])
    return Choice(
        person=other[2], name=months.name(other[2]), phone=known.phone if known else "", day=other[0],
        post=other[1], why=why, objective=value, counters=counters, burden=burden,
        apart=_("; ").join(apart), ends=months.ends(other[2]),
    )  # fmt: skip


def substitutes_told(db: Database, who: str, duty: str, *, now: datetime) -> dict[str, Any]:
    """Give everybody who could take a duty of `who` over by the rules, in the order of `Choices`.

    Returns
    -------
    ``{"date", "post", "person", "name", "until", "before", "substitutes": [{"person", "name", "phone",
    "objective", "counters", "note"}]}``; `objective` is the unfairness with him after `until`, the last
    month that has a roster, `before` what it is now, `counters` by person and class what changes there,
    [old, new]; `note` says what it breaks of pairs and groups that can be kept no more, and who leaves.
    """
    found = substitutes(db, who, duty, now=now)
    rows = [
        {
            "person": one.person,
            "name": one.name,
            "phone": one.phone,
            "objective": one.objective,
            "counters": _pairs_of(one, [one.person]),
            "note": one.note,
        }
        for one in found.possible
    ]
    return {**_head(found), "substitutes": rows}


def partners_told(db: Database, who: str, duty: str, *, now: datetime) -> dict[str, Any]:
    """Give the duties near one of `who` that he could swap it for by the rules, the fairest first.

    Returns
    -------
    ``{"date", "post", "person", "name", "until", "before", "posts", "partners": [{"person", "name", "phone",
    "date", "post", "objective", "counters", "note"}]}``; figures as `substitutes_told` gives them, `posts`
    what posts are called.
    """
    found = partners(db, who, duty, now=now)
    months = sorted({found.day[:7], *(one.day[:7] for one in found.possible)})
    rows = [
        {
            "person": one.person,
            "name": one.name,
            "phone": one.phone,
            "date": one.day,
            "post": one.post,
            "objective": one.objective,
            "counters": _pairs_of(one, [found.person, one.person]),
            "note": one.note,
        }
        for one in found.possible
    ]
    posts = {post: said for key in months for post, said in post_names(stored_roster(db, key)).items()}
    return {**_head(found), "posts": posts, "partners": rows}


def _head(found: Choices) -> dict[str, Any]:
    return {
        "date": found.day,
        "post": found.post,
        "person": found.person,
        "name": found.name,
        "until": found.until,
        "before": found.before,
    }


def _pairs_of(one: Choice, people: Sequence[str]) -> dict[str, dict[str, list[int]]]:
    return {who: {name: list(pair) for name, pair in one.counters.get(who, {}).items()} for who in people}


def costs(db: Database, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what a change that was tried costs: whose counters are others after the last month that is made.

    Parameters
    ----------
    told
        What `roster_changes.swap`, `take_over` or `roster_repairs.repair` gave, not yet kept.

    Returns
    -------
    ``{"person", "counters": {class: (old, new)}}`` by id, of those whose counters change.
    """
    end = max(read_roster_months(db))
    stored = read_roster(db, end) or {}
    after = next((one for one in told["months"] if one["month"] == end), None)
    if after is None:
        return []
    found = []
    for who, new in sorted(after["counters"].items()):
        old = stored["counters"].get(who, {})
        moved = {name: (old.get(name, 0), count) for name, count in new.items() if old.get(name, 0) != count}
        if moved:
            found.append({"person": who, "counters": moved})
    return found


def mark_of(told: Mapping[str, Any]) -> str:
    """Give a short mark of the duties that a change moves: what was shown is compared with what is kept."""
    moved = [(one["month"], one["changes"]) for one in told["months"]]
    return hashlib.sha256(json.dumps(moved, sort_keys=True).encode()).hexdigest()[:16]
