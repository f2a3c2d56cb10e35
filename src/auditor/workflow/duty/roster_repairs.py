"""Repair rosters after somebody falls ill, leaves or joins: least change; what is past or locked stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from auditor.entities import Leave
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.roster import changes as differences
from auditor.roster.changes import Row, Seat
from auditor.roster.desk import desk_json
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.staff import put_leave, read_staff
from auditor.workflow.called import staff_names
from auditor.workflow.duty import desk_settings, rosters
from auditor.workflow.duty.roster_explaining import Reasons, leave_of, reasons_for
from auditor.workflow.duty.roster_life import CURES, NotNow
from auditor.workflow.duty.roster_reasons import CannotMend, cannot_mend
from auditor.workflow.duty.roster_rebuild import broken, duties_in, keep, person_named, problem_for
from auditor.workflow.duty.roster_revisions import DRAFT, LOCKED, REPAIR, current, last, local, parted, state
from auditor.workflow.duty.roster_told import is_open, months_told, rehearsal, still_wrong
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.months import Month, calendar_of, month_of

if TYPE_CHECKING:
    from auditor.roster.repair import Mended

Duties = Sequence[tuple[Shift, RosterPerson]]
NOTED_DAYS = 62
"""Months that are over for so many days take note of leave that is told late; nothing of them moves."""
Absent = tuple[str, date, date]
"""Who is not there, by id or name, first and last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mended:
    """A month after its repair: the record that it began with, all filled seats, values and bounds by stage,
    what stands all the same, why each duty could not stay, and who keeps a former role in this month.
    """

    roster: Mapping[str, Any]
    rows: set[Row]
    stages: dict[str, list[int]]
    still_out: list[dict[str, str]]
    why: dict[Row, str]
    kept: list[dict[str, Any]]


def repair(
    db: Database,
    *,
    absent: Sequence[Absent] = (),
    month: str | None = None,
    settings: bool = False,
    short: bool = False,
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
        Only this month; else every month that is not locked and not long over.
    settings
        Whether to go by the desk's settings of today, instead of those that a roster was made by.
    short
        Whether the fewest seats may stay empty where not all can be filled.
    work
        Deterministic units at most for each stage of each part.

    Returns
    -------
    ``{"dry_run", "months": [...], "left": [...], "kept": [{"month", "person", "roles"}]}``: a month with a
    new revision each; those that were mended with their `stages` ({name, value, bound}) and beside each
    change `why`. What is wrong all the same stands beside them (`still_wrong`), and in `left` for months of
    which nothing changes, locked ones too; `kept` is who keeps a former role in a month.

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
        left: list[dict[str, Any]] = []
        former: list[dict[str, Any]] = []
        for key in _months(db, month, now):
            progress(key)
            empty = {(row["date"], row["post"]) for row in read_rosters(db)[key].get("short", ())}
            desk = _desk_today(db, key) if settings else None
            mended = _Month(db, key, ill, now, desk, work).mend(short=short)
            kept = keep(
                tx, db, {key: mended.rows}, what=REPAIR, now=now, by=by, reason=reason,
                instead={key: mended.roster},
            )  # fmt: skip
            former += [{"month": key, **one} for one in mended.kept]
            if not any(one.month == key for one in kept):
                there = current(db, key) or {}
                wrong = still_wrong(
                    db, key, there, broken(db, key, there, now),
                    mended.still_out, now,
                )  # fmt: skip
                posts = post_names(mended.roster)
                left += [{"month": key, "posts": posts, **wrong}] if is_open(wrong) else []
            for one in months_told(db, kept, now, {key: mended.still_out}):
                if one["month"] == key:
                    one["stages"] = [
                        {"name": name, "value": value, "bound": bound}
                        for name, (value, bound) in mended.stages.items()
                    ]
                    for row in one["changes"]:
                        seat = row["date"], row["post"]
                        other = "empty" if row["from"] is None and seat in empty else "seat"
                        row["why"] = mended.why.get((*seat, row["from"] or ""), other)
                told.append(one)
        if month is None:
            left = sorted([*left, *_locked_out(db, now, work)], key=lambda one: str(one["month"]))
        return {"dry_run": dry_run, "months": told, "left": left, "kept": former}


def _locked_out(db: Database, now: datetime, work: float) -> list[dict[str, Any]]:
    """Give the locked months in which somebody who is away has a duty that has not begun."""
    found = []
    for key, roster in read_rosters(db).items():
        over = max(end for _start, end in differences.spans(roster).values()) <= local(now)
        if over or state(db, key) != LOCKED:
            continue
        there = _Month(db, key, set(), now, None, work)
        wrong = still_wrong(db, key, roster, (), there.out(there.to_come), now)
        found += [{"month": key, "posts": post_names(roster), **wrong}] if wrong["still_out"] else []
    return found


def explain(db: Database, month: Month, *, now: datetime, work: float) -> Reasons:
    """Say why a month cannot be staffed by what is known today.

    Of a roster that is on its way or in force, only what has not begun and is not locked may be filled anew.

    Raises
    ------
    NotNow
        If the month's roster is locked.
    """
    there = state(db, month.key)
    if there == LOCKED:
        raise NotNow(month=month.key, cure=_(CURES[LOCKED]).format(month=month.key))
    names = staff_names(db)
    if not current(db, month.key) or there == DRAFT:
        problem = rosters.problem_of(db, month)
        parts = problem.parts()
    else:
        standing = _Month(db, month.key, set(), now, None, work)
        problem, parts = standing.problem, standing.opened()
    asked = leave_of(db, problem)
    return reasons_for(problem, parts, names, month.key, asked=asked, work=work, state=there)


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
        over = max(end for _start, end in differences.spans(stored[key]).values())
        late = local(now) - over > timedelta(days=NOTED_DAYS)
        if state(db, key) != LOCKED and (month is not None or not late):
            found.append(key)
    if month is not None and not found:
        raise UsageProblem(
            problem=_(
                "the roster of {month} is locked and nothing of it changes; open it first with "
                "`auditor roster lock --month {month} --undo REASON`"
            ).format(month=month)
        )
    return found


def _desk_today(db: Database, key: str) -> dict[str, Any]:
    """Give the desk's settings of today, in the style in which a month's roster was made."""
    desk, _old = rosters.desk_of_roster(db, None, month_of(key, calendar_of(db)))
    return desk_json(replace(desk_settings.known_desk(db), style=desk.style, sharing=desk.sharing))


class _Month:
    """One month while it is mended: what stands, what may move, what came of it.

    `roster` is the record to begin with; `to_come` are shifts that have not begun, `is_open` those of them
    that no lock and no weekend that has begun keeps.
    """

    def __init__(
        self,
        db: Database,
        key: str,
        ill: set[str],
        now: datetime,
        desk: Mapping[str, Any] | None,
        work: float,
    ) -> None:
        self.db, self.key, self.ill, self.work = db, key, ill, work
        self.roster = read_rosters(db)[key]
        if desk is not None:
            self.roster["desk"] = desk
        self.problem = problem_for(db, key, self.roster, now)
        if self.problem.pairs or self.problem.groups:
            apart = frozenset((tie, date.fromisoformat(day)) for tie, day in parted(db, key))
            self.problem = replace(self.problem, parted=apart)
        kept = rosters.roles_kept(db, key, self.roster, rosters.people_of(db, self.roster), now)
        self.kept = [
            {"person": one.id, "roles": list(one.roles)} for one in self.problem.people if one.id in kept
        ]
        self.stood = duties_in(db, self.problem, differences.rows_of(self.roster))
        revision = last(db, key)
        self.locked: set[Seat] = {(day, post) for day, post in revision["locked"]} if revision else set()
        self.passed = (local(now) - datetime.combine(self.problem.first, time())).total_seconds() / 60
        self.bound = _bound_by_blocks(self.problem, self.stood, self.may_move)

    def to_come(self, shift: Shift) -> bool:
        return shift.start > self.passed

    def may_move(self, shift: Shift) -> bool:
        return self.to_come(shift) and _seat(shift) not in self.locked

    def is_open(self, shift: Shift) -> bool:
        return self.may_move(shift) and shift.index not in self.bound

    def out(self, asked: Callable[[Shift], bool]) -> list[dict[str, str]]:
        """Give the duties, of shifts asked for, whose people are on leave then."""
        return [
            {"date": one.day.isoformat(), "post": one.post.id, "person": who.id}
            for one, who in self.stood
            if asked(one) and _away(self.problem, one, who)
        ]

    def opened(self) -> list[RosterProblem]:
        """Give what of each part may still be filled anew."""
        from auditor.roster.repair import open_part

        return [open_part(part, self.stood, self.is_open)[0] for part in self.problem.parts()]

    def mend(self, *, short: bool) -> _Mended:
        """Mend all parts; raises CannotMend."""
        from auditor.roster.repair import STAGES, open_part

        rows = {(*_seat(one), who.id) for one, who in self.stood if not self.is_open(one)}
        stages = {name: [0, 0] for name in STAGES}
        for part in self.problem.parts():
            ids = {person.id for person in part.people}
            mine = [duty for duty in self.stood if duty[1].id in ids]
            opened, left = open_part(part, mine, self.is_open)
            if not opened.shifts:
                continue
            mended, lacks = self._filled(part, opened, mine, left, short=short)
            self._is_short((_seat(shift), count) for shift, count in lacks)
            rows |= {(*_seat(one), who.id) for one, who in mended.duties or ()}
            for stage in mended.stages:
                stages[stage.name][0] += stage.value
                stages[stage.name][1] += stage.bound
        # what has begun is not filled any more, whatever today's settings ask for
        there = Counter(row[:2] for row in rows)
        closed = [one for one in self.problem.shifts if not self.is_open(one)]
        if "desk" in self.roster:
            gone = ((_seat(one), one.need - there[_seat(one)]) for one in closed)
            self._is_short((seat, count) for seat, count in gone if count > 0)
        return _Mended(
            roster=self.roster,
            rows=rows,
            stages=stages,
            still_out=self.out(lambda one: not self.is_open(one) and one.end > self.passed),
            why=_whys(self.db, self.problem, self.stood),
            kept=self.kept,
        )

    def _is_short(self, seats: Iterable[tuple[Seat, int]]) -> None:
        """Let the record say that seats lack people; how many is counted when it is written."""
        rows = [{"date": day, "post": post, "short": count} for (day, post), count in seats]
        if rows:
            self.roster["short"] = [*self.roster.get("short", ()), *rows]

    def _filled(
        self, part: RosterProblem, opened: RosterProblem, stood: Duties, left: Duties, *, short: bool
    ) -> tuple[Mended, list[tuple[Shift, int]]]:
        """Fill the open seats of a part, all or, where that may be, the most; give those that stay empty.

        It may be where it was asked for, and where no more seats stay empty than did.
        """
        from auditor.roster.make import shortage
        from auditor.roster.repair import Mended, mend

        mended = mend(opened, tuple(left), work=self.work) if opened.people else Mended(None)
        if mended.duties is not None:
            return mended, []
        was = sum(
            row["short"]
            for row in self.roster.get("short", ())
            for shift in opened.shifts
            if _seat(shift) == (row["date"], row["post"])
        )
        lacks = shortage(opened, self.work) if short or was else []
        if lacks and (short or sum(count for _shift, count in lacks) <= was):
            fewer = {shift.index: count for shift, count in lacks}
            shifts = tuple(replace(one, need=one.need - fewer.get(one.index, 0)) for one in opened.shifts)
            mended = mend(replace(opened, shifts=shifts), tuple(left), work=self.work)
            if mended.duties is not None:
                return mended, lacks
        raise self._refusal(part, opened, stood)

    def _refusal(self, part: RosterProblem, opened: RosterProblem, stood: Duties) -> CannotMend:
        """Give the reasons why a part cannot be mended, and what would help."""
        from auditor.roster.repair import open_part

        names = staff_names(self.db)
        still = {shift.index for shift in opened.shifts}
        locked = [shift for shift in part.shifts if self.to_come(shift) and shift.index not in still]
        unlocked = open_part(part, stood, self.to_come)[0] if locked else None
        asked = leave_of(self.db, opened, self.ill)
        return cannot_mend(self.key, part, opened, names, asked, locked, unlocked, work=self.work)


def _seat(shift: Shift) -> Seat:
    return shift.day.isoformat(), shift.post.id


def _bound_by_blocks(
    problem: RosterProblem,
    stood: Sequence[tuple[Shift, RosterPerson]],
    may_move: Callable[[Shift], bool],
) -> set[int]:
    """Give the days of weekends that are one block whose other day has begun or is locked: they stand too.

    But not where one of their people cannot be there, or a seat is empty: somebody else comes then.
    """
    there = Counter(shift.index for shift, _person in stood)
    out = {shift.index for shift, person in stood if _cannot_stay(problem, shift, person)}
    return {
        shift.index
        for shift in problem.shifts
        for other in problem.shifts
        if shift.one_block(other)
        and not may_move(other)
        and shift.index not in out
        and there[shift.index] >= shift.need
    }


def _cannot_stay(problem: RosterProblem, shift: Shift, person: RosterPerson) -> bool:
    """Whether a rule of one person's time alone, or his role, takes a duty away from him."""
    from auditor.roster.rules import away
    from auditor.roster.rules.standby import disturbs

    return (
        not person.fills(shift)
        or _away(problem, shift, person)
        or away.forbids(person, shift, problem)
        or disturbs(person, shift)
    )


def _away(problem: RosterProblem, shift: Shift, person: RosterPerson) -> bool:
    """Whether a day of the person's leave is touched by a shift."""
    from auditor.roster.rules.leave import touches

    return touches(person, shift, problem)


def _whys(
    db: Database, problem: RosterProblem, stood: Sequence[tuple[Shift, RosterPerson]]
) -> dict[Row, str]:
    """Say of every duty why it could not stay: "leave", "left", "role", …, or "room" for others."""
    from auditor.roster.rules import away
    from auditor.roster.rules.standby import disturbs

    staff = read_staff(db)
    last_day = {one.id: one.to_on for one in staff}
    roles = {post.role for post in problem.posts}
    former = {one.id for one in staff if not roles & set(one.roles)}
    found = {}
    for shift, person in stood:
        row = (shift.day.isoformat(), shift.post.id, person.id)
        until = last_day.get(person.id)
        if person.id in former:
            found[row] = "role"
        elif _away(problem, shift, person):
            found[row] = "left" if until is not None and shift.day >= until else "leave"
        elif away.forbids(person, shift, problem):
            found[row] = "out-of-town"
        elif disturbs(person, shift):
            found[row] = "stand-by"
        else:
            found[row] = "room" if person.fills(shift) else "role"
    return found
