"""Groups: members of a fixed group are on duty on days on which their leader leads, or who acts for him."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.alone import can_come
from auditor.roster.problem import RosterPerson, RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "groups"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk has any."""
    return bool(problem.groups)


def leading(problem: RosterProblem, leader: RosterPerson, day: int) -> list[RosterPerson]:
    """Give who can lead a group on a day: its leader and, while he is out of town, who acts for him."""
    acting = problem.acting.get(leader.id, "")
    if not acting or not leader.is_out(problem.date_of(day)):
        return [leader]
    return [leader, *(person for person in problem.people if person.id == acting)]


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """For a member p of the group that l leads, on every day on which somebody leads on site::

        on_duty[p, a]  implies  some on_duty[l, b]

    a any duty and b a leader's duty on site of that day. On a day on which l is out of town, b may be filled
    by whoever acts for him. Stand-by does not count. Where a member's duty stands already, somebody b is,
    unless every b is forbidden to them by a rule about them alone, such as leave::

        some on_duty[l, b]

    Nothing is asked of a group on a day on which it was parted before, or cannot be kept.
    """
    people = {person.id: person for person in problem.people}
    days = sorted({problem.day(shift) for shift in problem.shifts})
    stood = {(person.id, duty.day) for person in problem.people for duty in person.fixed if duty.leads}
    for group in problem.groups:
        leader = people.get(group.leader)
        if leader is None:
            continue
        for day in days:
            shifts = [shift for shift in problem.shifts if problem.day(shift) == day and shift.is_duty]
            leads = [shift for shift in shifts if shift.leads]
            if not leads and all(at != day for _who, at in stood):
                continue
            able = leading(problem, leader, day)
            if (
                any((one.id, day) in stood for one in able)
                or (leader.id, problem.date_of(day)) in problem.parted
            ):
                continue
            cells = [cell for one in able for cell in v.of(one, leads)]
            if any(people[who].stands(day) for who in group.members if who in people):
                if not can_come(problem, able, leads):
                    continue
                model.add_bool_or(cells)
            for who in group.members:
                if who in people:
                    for cell in v.of(people[who], shifts):
                        model.add_bool_or([*cells, cell.negated()])
