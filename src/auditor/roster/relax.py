"""What would make an impossible month possible: the cheapest ways to give way, each tried out by solving."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from auditor.entities import Post
from auditor.roster.make import RULES, ruled
from auditor.roster.problem import (
    DAY,
    REST_AFTER_NIGHT_MIN,
    Fixed,
    RosterPerson,
    RosterProblem,
    Shift,
    rest_after_night,
)
from auditor.roster.rules import away, leave, standby
from auditor.roster.rules.leave import days_of
from auditor.solving import OPTIMAL, solve

SEAT, LEAVE_DAY, LEAVE_HALF, HALF_DAY, STEP, SET_ASIDE, PERSON, REST = 20, 10, 5, 4, 6, 8, 15, 12
"""What it costs: each empty seat, day and half-day of leave that is given up, stand-by half-day that is
moved, step by which a limit is eased, pair or group set aside for the month, person more, rest after nights
halved.
"""
MOST_STEPS = 3
Asked = Mapping[str, Collection[date]] | None
"""Days of leave by person that somebody could be asked to give up; None for all."""
SHORT_REST_MIN = 12 * 60


@dataclass(frozen=True, slots=True, order=True)
class Relaxation:
    """A way to give way: what it costs, of which `kind`, and of what (a person and a day, a role and a limit,
    a post and a day, …). `least` is whether nothing cheaper of its kind is possible.
    """

    cost: int
    kind: str
    of: tuple[tuple[str, str], ...]
    least: bool = True


def possible(part: RosterProblem, work: float) -> bool:
    """Whether a roster was found that fills every seat and keeps every rule."""
    model, _v = ruled(part)
    return solve(model, work=work, linearization=1).found


def relaxations(
    part: RosterProblem,
    lacks: Sequence[tuple[Shift, int]],
    rules: Collection[str],
    *,
    asked: Asked = None,
    work: float,
) -> list[Relaxation]:
    """Give the ways that make a part possible, the cheapest first; each was tried.

    Parameters
    ----------
    lacks
        The least shortage; none where no seats left empty help.
    rules
        Names of the rules in the core: only they are eased.
    asked
        The days of leave by person that somebody could be asked to give up; None for all of them.
    work
        Deterministic units at most for each try.
    """
    found = []
    if lacks:
        of = tuple((shift.day.isoformat(), shift.post.id) for shift, count in lacks for _n in range(count))
        found.append(Relaxation(cost=SEAT * len(of), kind="seats", of=of))
    if set(rules) & {leave.NAME, away.NAME, standby.NAME}:
        found += called_back(part, work, asked)
    found += [one for one, eased in _eased(part, rules) if possible(eased, work)]
    by_kind: dict[tuple[str, str], Relaxation] = {}
    for one in sorted(found):
        # of one limit the smallest step that is enough
        by_kind.setdefault((one.kind, one.of[0][0] if one.kind not in ("seats", "leave") else ""), one)
    return sorted(by_kind.values())


def _eased(part: RosterProblem, rules: Collection[str]) -> Iterator[tuple[Relaxation, RosterProblem]]:
    """Give each way to ease one rule, and the part with it."""
    steps = range(1, MOST_STEPS + 1)
    for step in steps:
        cost = STEP * step
        if "gap" in rules:
            for role, gap in sorted(part.gaps.items()):
                if gap - step >= 1:
                    yield (
                        Relaxation(cost, "gap", ((role, str(gap - step)),)),
                        replace(part, gaps={**part.gaps, role: gap - step}),
                    )
        if "runs" in rules:
            for role, most in sorted(part.runs.items()):
                one = Relaxation(cost, "runs", ((role, str(most + step)),))
                yield one, replace(part, runs={**part.runs, role: most + step})
        if "week" in rules:
            for role, most in sorted(part.week.items()):
                one = Relaxation(cost, "week", ((role, str(most + step)),))
                yield one, replace(part, week={**part.week, role: most + step})
        if "month" in rules:
            for role, most in sorted(part.month.items()):
                one = Relaxation(cost, "month", ((role, str(most + step)),))
                yield one, replace(part, month={**part.month, role: most + step})
        for role in sorted({shift.post.role for shift in part.shifts}):
            yield (
                Relaxation(PERSON * step, "people", ((role, str(step)),)),
                replace(part, people=(*part.people, *_newcomers(part, role, step))),
            )
    if "rest" in rules and _usual_rest(part) > SHORT_REST_MIN:
        yield Relaxation(REST, "rest", (("", str(SHORT_REST_MIN)),)), _short_rest(part)
    if "pairs" in rules:
        for pair in part.pairs:
            left = tuple(one for one in part.pairs if one != pair)
            yield Relaxation(SET_ASIDE, "pairs", (pair.people,)), replace(part, pairs=left)
    if "groups" in rules:
        for group in part.groups:
            rest = tuple(one for one in part.groups if one != group)
            yield Relaxation(SET_ASIDE, "groups", ((group.leader, ""),)), replace(part, groups=rest)
    if "weekend-block" in rules:
        loose = tuple(replace(shift, block=-1) for shift in part.shifts)
        people = tuple(
            replace(one, fixed=tuple(replace(duty, block=-1) for duty in one.fixed)) for one in part.people
        )
        yield (
            Relaxation(SET_ASIDE, "weekend-block", (("", ""),)),
            replace(part, shifts=loose, people=people, goes_on=False),
        )


def _newcomers(part: RosterProblem, role: str, count: int) -> list[RosterPerson]:
    carried = dict.fromkeys(part.weights, 0)
    return [
        RosterPerson(id=f"+{role}{number}", roles=(role,), leave=(), standby=(), carried=carried)
        for number in range(count)
    ]


def _usual_rest(part: RosterProblem) -> int:
    """Give the desk's minutes of rest after nights."""
    return part.desk.rest_after_night_min if part.desk else REST_AFTER_NIGHT_MIN


def _short_rest(part: RosterProblem) -> RosterProblem:
    usual = _usual_rest(part)

    def eased(post: Post) -> Post:
        return replace(post, rest=SHORT_REST_MIN) if rest_after_night(post) == usual else post

    def sooner(duty: Fixed) -> Fixed:
        less = usual - SHORT_REST_MIN
        return replace(duty, rested=duty.rested - less) if duty.after_night == usual else duty

    return replace(
        part,
        shifts=tuple(replace(shift, post=eased(shift.post)) for shift in part.shifts),
        people=tuple(replace(one, fixed=tuple(map(sooner, one.fixed))) for one in part.people),
    )


def called_back(part: RosterProblem, work: float, asked: Asked = None) -> list[Relaxation]:
    """Give up the least leave, days and half-days out of town and of stand-by; none where that does not help.

    Each day costs, so the solver says which are the fewest; then the part without them is solved anew.
    """
    model, v = ruled(part, [rule for rule in RULES if rule not in (leave, away, standby)])
    given_up = {}
    cost = {}
    for person in part.people:
        for shift in part.shifts:
            if not person.fills(shift):
                continue
            cell = v.on_duty(person, shift)
            if leave.touches(person, shift, part) or away.forbids(person, shift, part):
                for day in days_of(shift, part):
                    if day in person.leave and not (shift.post.by_phone and day in person.away):
                        if asked is not None and day not in asked.get(person.id, ()):
                            model.add(cell == 0)  # ill, not yet here, or gone
                            continue
                        key = person.id, day.isoformat()
                        if key not in given_up:
                            given_up[key], cost[key] = model.new_bool_var(f"back:{key}"), LEAVE_DAY
                        model.add_implication(cell, given_up[key])
            for half in (*person.half, *(() if shift.post.by_phone else person.away_half)):
                if part.meets((half,), shift):
                    if asked is not None and date.fromisoformat(half[:10]) not in asked.get(person.id, ()):
                        model.add(cell == 0)
                        continue
                    key = person.id, half
                    if key not in given_up:
                        given_up[key], cost[key] = model.new_bool_var(f"back:{key}"), LEAVE_HALF
                    model.add_implication(cell, given_up[key])
            for start, end in person.standby:
                if shift.start < end and start < shift.rested:
                    key = person.id, _half_day(part, start)
                    if key not in given_up:
                        given_up[key], cost[key] = model.new_bool_var(f"moved:{key}"), HALF_DAY
                    model.add_implication(cell, given_up[key])
    model.minimize(sum(cost[key] * given_up[key] for key in given_up))
    solved = solve(model, work=work)
    if not solved.found:
        return []
    taken = {key for key, one in given_up.items() if solved.solver.boolean_value(one)}
    if not taken or not possible(without(part, taken), work):
        return []
    total = sum(cost[key] for key in taken)
    return [Relaxation(total, "leave", tuple(sorted(taken)), solved.status == OPTIMAL)]


def _half_day(part: RosterProblem, start: int) -> str:
    """Name a stand-by half-day by its day and hour."""
    day = part.first + timedelta(days=start // DAY)
    return f"{day.isoformat()}/{start % DAY // 60:02d}"


def without(part: RosterProblem, given_up: Collection[tuple[str, str]]) -> RosterProblem:
    """Give a part without these days of leave and stand-by half-days."""
    people = []
    for person in part.people:
        gone = {text for who, text in given_up if who == person.id}
        days = {date.fromisoformat(text) for text in gone if "/" not in text}
        people.append(
            replace(
                person,
                leave=tuple(day for day in person.leave if day not in days),
                away=tuple(day for day in person.away if day not in days),
                half=tuple(one for one in person.half if one not in gone),
                away_half=tuple(one for one in person.away_half if one not in gone),
                standby=tuple(one for one in person.standby if _half_day(part, one[0]) not in gone),
            )
        )
    return replace(part, people=tuple(people))
