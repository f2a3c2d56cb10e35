"""Weekends that are one block and that the month's edge cuts: who has the other day of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from auditor.roster.alone import forbidding
from auditor.roster.problem import RosterProblem, Shift


def asked_over_edge(problem: RosterProblem) -> list[tuple[str, Shift]]:
    """Give who is asked for a day because he has the day of its weekend that lies beyond the month's edge.

    That is who had the Saturday before the month, with its Sunday, and where the month after stands already
    who has its Sunday, with the Saturday; both where no rule about him alone forbids it, and where whoever
    is on duty only with him has a seat on that day too that no such rule forbids.
    """
    if not problem.goes_on:
        return []
    at = {shift.index: shift for shift in problem.shifts}
    found = [
        (person.id, at[duty.block])
        for person in problem.people
        for duty in person.fixed
        if duty.block in at
        and person.fills(at[duty.block])
        and not forbidding(problem, person, at[duty.block], ())
    ]
    while True:
        left = [one for one in found if _with_mates(problem, *one, found)]
        if left == found:
            return found
        found = left


def mates_of(problem: RosterProblem, who: str) -> set[str]:
    """Give who is on duty on the same days as somebody, by pairs together and pairs of these; he too."""
    here = {person.id for person in problem.people}
    ties = [set(pair.people) for pair in problem.pairs if pair.together and here.issuperset(pair.people)]
    found = {who}
    while more := set[str]().union(*(tie for tie in ties if tie & found)) - found:
        found |= more
    return found


def _with_mates(problem: RosterProblem, who: str, day: Shift, asked: list[tuple[str, Shift]]) -> bool:
    """Whether each of those who are on duty only with him has a seat on that day, too."""
    if not day.is_duty:
        return True
    on = problem.day(day)
    shifts = [shift for shift in problem.shifts if shift.is_duty and problem.day(shift) == on]
    taken = Counter(shift.index for _who, shift in asked)
    seated = {one for one, shift in asked if problem.day(shift) == on and shift.is_duty}
    return all(
        any(
            taken[shift.index] < problem.seats(shift)
            and person.fills(shift)
            and not forbidding(problem, person, shift, ())
            for shift in shifts
        )
        for person in problem.people
        if person.id in mates_of(problem, who) - seated
    )


def leaders_asked(problem: RosterProblem, who: str) -> set[str]:
    """Give whose lead lets somebody, and whoever is on duty only with him, come: their fixed groups', but
    himself.
    """
    here = {person.id for person in problem.people}
    led: Mapping[str, str] = {
        member: group.leader for group in problem.groups for member in group.members if group.leader in here
    }
    return {led[one] for one in mates_of(problem, who) if one in led} - {who}


def never_with(problem: RosterProblem, who: str) -> set[str]:
    """Give who is never on duty on a day on which somebody is."""
    return {
        other
        for pair in problem.pairs
        if not pair.together and who in pair.people
        for other in pair.people
        if other != who
    }
