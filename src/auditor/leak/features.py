"""What the attacker knows before each question, of the five tasks.

He has seen every visit up to last night (at worst, gossip is instant) and all plans before; he has
the frames, their chances, the stand-by pattern and this code. He has neither the shares nor the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from auditor.leak.declared import Declared
from auditor.leak.ground import Ground
from auditor.leak.records import Counts, Floats, Semester
from auditor.leak.rows import Rows

NEVER = 200.0
"""Days since a visit that never was, and kilometres to one."""
LATELY = 5
"""Working days that count as lately."""


@dataclass(frozen=True)
class Case:
    """One semester as the attacker meets it: the one before it, or None, lies open to him.

    `sample` numbers what the bootstrap draws: one number for the semester, or one for each plan.
    """

    ground: Ground
    semester: Semester
    before: Semester | None
    sample: tuple[int, ...]

    @cached_property
    def declared(self) -> Declared:
        """The declared hazard of the semester."""
        return Declared(self.semester, self.ground.same_stratum)

    @cached_property
    def visited(self) -> Counts:
        """Visits by day (rows) and unit (columns)."""
        return _visited(self.semester, len(self.ground.km))

    @cached_property
    def earlier(self) -> Counts:
        """The same of the semester before; no rows where there is none."""
        units = len(self.ground.km)
        return np.zeros((0, units), dtype=np.int64) if self.before is None else _visited(self.before, units)

    @cached_property
    def companions(self) -> Floats:
        """Who was on one tour with whom in the semester before."""
        units = len(self.ground.km)
        together = np.zeros((units, units))
        tours: dict[int, set[int]] = {}
        for visit in self.before.visits if self.before else ():
            tours.setdefault(visit.tour, set()).add(visit.unit)
        for units_of in tours.values():
            for one, other in combinations(sorted(units_of), 2):
                together[one, other] = together[other, one] = 1.0
        return together

    @cached_property
    def busy(self) -> list[int]:
        """The days with visits."""
        return [int(day) for day in np.flatnonzero(self.visited.sum(axis=1))]

    def hazard(self, day: int, known: int) -> Floats:
        """The declared hazard of each unit on a day, when the days before `known` are seen."""
        return self.declared.hazard(self.visited, day, known)


def _visited(semester: Semester, units: int) -> Counts:
    found = np.zeros((len(semester.days), units), dtype=np.int64)
    for visit in semester.visits:
        found[visit.day, visit.unit] += 1
    return found


def _of_units(case: Case, day: int, known: int) -> list[Floats]:
    """Features of every unit on a day, when the days before `known` are seen; the policy's come first."""
    units = len(case.ground.km)
    seen = case.visited[:known]
    count = seen.sum(axis=0).astype(float)
    last = np.where(seen > 0, np.arange(known)[:, None], -1).max(axis=0, initial=-1)
    since = np.where(last >= 0, day - last, NEVER).astype(float)
    whole = np.ones(units)
    lately = seen[max(0, known - LATELY) :].sum(axis=0)
    night = _last_night(case.ground, seen)
    hazard = case.hazard(day, known)
    near = _nearest(case.ground.km, night)
    old = case.earlier
    first = np.where(old.sum(axis=0) > 0, old.argmax(axis=0) if len(old) else 0, NEVER) - day
    return [
        count,
        since,
        whole * day,
        near,
        _nearer(case.ground, near, hazard),
        _nearest(case.ground.km, lately),
        case.ground.same_town @ night.astype(float),
        case.ground.same_town @ lately.astype(float),
        case.ground.same_town @ count,
        _nearest(_turn(case.ground.bearing), night),
        case.ground.from_start_km,
        case.companions @ night,
        case.companions @ count,
        old.sum(axis=0).astype(float),
        np.where(old.sum(axis=0) > 0, first, NEVER),
        case.semester.room[:, day],
        whole * case.semester.days[day].weekday(),
        whole * _day_in_plan(case.semester, day),
        whole * len(_people(case.semester, day)),
    ]


def _last_night(ground: Ground, seen: Counts) -> Counts:
    """Who was visited on the last day on which anybody went out from the same start."""
    night = np.zeros(len(ground.base), dtype=np.int64)
    for base in range(ground.base.max(initial=-1) + 1):
        own = ground.base == base
        days = np.flatnonzero(seen[:, own].any(axis=1))
        if len(days):
            night[own] = seen[days[-1], own]
    return night


def _nearer(ground: Ground, near: Floats, hazard: Floats) -> Floats:
    """How much of the hazard of a start's units lies nearer than each: who is next, if the nearest is."""
    found = np.zeros(len(near))
    for base in range(ground.base.max(initial=-1) + 1):
        own = np.flatnonzero(ground.base == base)
        order = own[np.argsort(near[own], kind="stable")]
        found[order] = np.cumsum(hazard[order]) - hazard[order]
        found[own] /= hazard[own].sum()
    return found


def _nearest(apart: Floats, to: Counts) -> Floats:
    """How far each unit is from the nearest that was visited; NEVER where none was."""
    there = np.flatnonzero(to)
    if not len(there):
        return np.full(len(apart), NEVER)
    found: Floats = apart[:, there].min(axis=1)
    return found


def _turn(bearing: Floats) -> Floats:
    """The angle between the bearings of every two units, 0 to π."""
    found: Floats = np.abs((bearing[:, None] - bearing[None, :] + np.pi) % (2 * np.pi) - np.pi)
    return found


def _day_in_plan(semester: Semester, day: int) -> int:
    """The number of a day among those of its plan."""
    return day - semester.plan_of.index(semester.plan_of[day])


def _people(semester: Semester, day: int) -> set[int]:
    """Who stands by on a day."""
    return {who for people in semester.free[day].values() for who in people}


def _week_starts(semester: Semester) -> list[tuple[int, int]]:
    """The first day of each calendar week, and the first one after it."""
    weeks = [day.isocalendar()[:2] for day in semester.days]
    starts = [at for at, week in enumerate(weeks) if at == 0 or week != weeks[at - 1]]
    return list(zip(starts, [*starts[1:], len(weeks)], strict=True))


@dataclass
class _Rows:
    """Rows in the making, a question at a time."""

    known: list[Floats]
    true: list[Floats]
    hazard: list[Floats]
    sample: list[int]

    def rows(self, width: int) -> Rows:
        sizes = [len(one) for one in self.true]
        if not sizes:
            none = np.zeros(0, dtype=np.int64)
            return Rows(np.zeros((0, width), dtype=np.float32), none > 0, np.zeros(0), none, none)
        return Rows(
            np.concatenate(self.known).astype(np.float32),
            np.concatenate(self.true) > 0,
            np.concatenate(self.hazard),
            np.repeat(np.arange(len(sizes)), sizes),
            np.repeat(np.array(self.sample), sizes),
        )


def _collect(questions: Iterator[tuple[list[Floats], Floats, Floats, int]], width: int) -> Rows:
    made = _Rows([], [], [], [])
    for columns, true, hazard, sample in questions:
        made.known.append(np.column_stack(columns))
        made.true.append(true)
        made.hazard.append(hazard)
        made.sample.append(sample)
    return made.rows(width)


def tomorrow(case: Case) -> Rows:
    """T1: the night before a day with visits, which units will it be? Candidates are all units."""

    def ask() -> Iterator[tuple[list[Floats], Floats, Floats, int]]:
        for day in case.busy:
            yield (
                _of_units(case, day, day),
                case.visited[day].astype(float),
                case.hazard(day, day),
                case.sample[day],
            )

    return _collect(ask(), 19)


def same_day(case: Case) -> Rows:
    """T2: the first stop of a day is seen; where else will they be that day? Candidates are all others."""

    def ask() -> Iterator[tuple[list[Floats], Floats, Floats, int]]:
        ground = case.ground
        for day in case.busy:
            first = min(
                (one for one in case.semester.visits if one.day == day), key=lambda one: (one.start, one.unit)
            )
            others = np.arange(len(ground.km)) != first.unit
            if not case.visited[day][others].any():
                continue
            near = ground.km[first.unit]
            columns = [
                *_of_units(case, day, day),
                near,
                np.argsort(np.argsort(near, kind="stable"), kind="stable").astype(float),
                ground.same_town[first.unit].astype(float),
                _turn(ground.bearing)[first.unit],
                case.companions[first.unit],
                np.full(len(near), float(first.start)),
            ]
            yield (
                [one[others] for one in columns],
                case.visited[day][others].astype(float),
                case.hazard(day, day)[others],
                case.sample[day],
            )

    return _collect(ask(), 25)


def this_week(case: Case) -> Rows:
    """T3: on the eve of a week, who will be visited in it, and who is safe? Candidates are all units."""

    def ask() -> Iterator[tuple[list[Floats], Floats, Floats, int]]:
        for start, end in _week_starts(case.semester):
            hazard = sum(
                (case.hazard(day, start) for day in range(start, end)), np.zeros(len(case.ground.km))
            )
            columns = [*_of_units(case, start, start), case.semester.room[:, start:end].sum(axis=1)]
            yield columns, case.visited[start:end].sum(axis=0).astype(float), hazard, case.sample[start]

    return _collect(ask(), 20)


def inspectors(case: Case) -> Rows:
    """T4: on a day with visits, who of those that stand by will go? Candidates are these people."""
    semester = case.semester
    went = _went(semester)
    old = {who: len(days) for who, days in _went(case.before).items()} if case.before else {}

    def ask() -> Iterator[tuple[list[Floats], Floats, Floats, int]]:
        for day in case.busy:
            people = sorted(_people(semester, day))
            plan = semester.plan_of[day]
            own = {who: [one for one in went.get(who, ()) if one < day] for who in people}
            in_plan = {who: [one for one in own[who] if semester.plan_of[one] == plan] for who in people}
            left = {
                who: sum(
                    who in there
                    for at in range(day, len(semester.days))
                    if semester.plan_of[at] == plan
                    for there in semester.free[at].values()
                )
                for who in people
            }
            half_days = {who: sum(who in there for there in semester.free[day].values()) for who in people}
            columns = [
                np.array([float(len(in_plan[who])) for who in people]),
                np.array([float(day - own[who][-1]) if own[who] else NEVER for who in people]),
                np.full(len(people), float(day)),
                np.array([float(left[who]) for who in people]),
                np.array([float(half_days[who]) for who in people]),
                np.array([float(old.get(who, 0)) for who in people]),
                np.full(len(people), float(len(people))),
                np.array([float(who) for who in people]),
            ]
            true = np.array([float(day in went.get(who, ())) for who in people])
            yield columns, true, np.ones(len(people)), case.sample[day]

    return _collect(ask(), 8)


def _went(semester: Semester) -> dict[int, list[int]]:
    """The days on which each of the staff went out."""
    found: dict[int, set[int]] = {}
    for visit in semester.visits:
        for who in visit.team:
            found.setdefault(who, set()).add(visit.day)
    return {who: sorted(days) for who, days in found.items()}


def busy_days(case: Case) -> Rows:
    """T5: which days have visits at all? Candidates are a semester's days on which a team stands by.

    Pooled over the days of a semester (of a plan, where plans are what the bootstrap draws): no
    question about one day could see it.
    """
    semester = case.semester
    days = [
        day for day in range(len(semester.days)) if any(len(one) > 1 for one in semester.free[day].values())
    ]
    rows: dict[int, list[tuple[list[float], float]]] = {}
    for day in days:
        gone = [other for other in case.busy if other < day]
        plan = [at for at in range(len(semester.days)) if semester.plan_of[at] == semester.plan_of[day]]
        known = [
            float(semester.days[day].weekday()),
            float(day - gone[-1]) if gone else NEVER,
            float(_day_in_plan(semester, day)),
            float(len(plan)),
            float(len(_people(semester, day))),
            float(sum(len(one) // 2 for one in semester.free[day].values())),
            float(sum(case.visited[at].sum() for at in plan if at < day)),
            float(sum(len(one) // 2 for at in plan if at >= day for one in semester.free[at].values())),
            float(case.earlier[day].sum()) if day < len(case.earlier) else 0.0,
        ]
        rows.setdefault(case.sample[day], []).append((known, float(day in case.busy)))

    def ask() -> Iterator[tuple[list[Floats], Floats, Floats, int]]:
        for sample, several in sorted(rows.items()):
            known = np.array([one for one, _ in several])
            yield list(known.T), np.array([true for _, true in several]), np.ones(len(several)), sample

    return _collect(ask(), 9)


TASKS = {
    "T1": tomorrow,
    "T2": same_day,
    "T3": this_week,
    "T4": inspectors,
    "T5": busy_days,
}
"""The five tasks of the leak test, each with the function that puts its questions."""


def cases(
    ground: Ground, semesters: Sequence[Semester], samples: Sequence[Sequence[int]] | None = None
) -> list[Case]:
    """Put semesters in their order, each with the one before it.

    Parameters
    ----------
    samples
        What the bootstrap draws, for each day of each semester; the semesters where it is not given.
    """
    return [
        Case(
            ground,
            semester,
            semesters[at - 1] if at else None,
            tuple(samples[at]) if samples else (at,) * len(semester.days),
        )
        for at, semester in enumerate(semesters)
    ]
