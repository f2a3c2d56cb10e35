"""Which rules about one person alone forbid him a shift: plain Python, without the solver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from auditor.roster.desk import DUTY
from auditor.roster.problem import RosterPerson, RosterProblem, Shift


def forbidding(problem: RosterProblem, person: RosterPerson, shift: Shift, own: Iterable[Shift]) -> str:
    """Give the first rule of one person that forbids him a shift beside his other shifts; "" if none does."""
    days = range(shift.start // 1440, (shift.end - 1) // 1440 + 1)
    touched = {problem.first + timedelta(days=day) for day in days}
    others = [one for one in own if one.index != shift.index]
    gone = any(day in person.leave and day not in person.away for day in touched)
    if gone or problem.meets(person.half, shift):
        return "leave"
    if not shift.post.by_phone and (touched & set(person.away) or problem.meets(person.away_half, shift)):
        return "out-of-town"
    if any(shift.start < end and start < shift.rested for start, end in person.standby):
        return "stand-by"
    if any(duty.too_near(shift) for duty in person.fixed) or any(
        shift.start < one.rested and one.start < shift.rested and not shift.one_block(one) for one in others
    ):
        return "rest"
    return _limit(problem, person, shift, others) if shift.is_duty else ""


def _limit(problem: RosterProblem, person: RosterPerson, shift: Shift, others: Sequence[Shift]) -> str:
    """Give the first limit on numbers and days that a duty would break; "" if none."""
    role, day = shift.post.role, problem.day(shift)
    alike = [one for one in others if one.post.role == role and one.is_duty]
    fixed = [one for one in person.fixed if one.role == role and one.kind == DUTY]
    stood = [one.day for one in fixed]
    gap = problem.gaps.get(role, 0)
    if any(abs(problem.day(one) - day) < gap and not shift.one_block(one) for one in alike) or any(
        abs(one.day - day) < gap and not one.one_block(shift) for one in fixed
    ):
        return "gap"
    there = {*stood, *(problem.day(one) for one in alike), day}
    start = day
    while start - 1 in there:
        start -= 1
    length = 0
    while start + length in there:
        length += 1
    if length > problem.runs.get(role, length):
        return "runs"
    monday = (problem.first.toordinal() + day - 1) % 7
    week = range(day - monday, day - monday + 7)
    count = 1 + sum(at in week for at in stood) + sum(problem.day(one) in week for one in alike)
    if count > problem.week.get(role, count):
        return "week"
    count = 1 + len(alike)
    count += sum((problem.first + timedelta(days=at)).month == problem.first.month for at in stood)
    return "month" if count > problem.month.get(role, count) else ""


def can_come(problem: RosterProblem, people: Sequence[RosterPerson], shifts: Sequence[Shift]) -> bool:
    """Whether a rule about him alone leaves any of these people any of these shifts."""
    return any(
        person.fills(shift) and not forbidding(problem, person, shift, ())
        for person in people
        for shift in shifts
    )
