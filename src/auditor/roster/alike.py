"""Shifts that are alike in everything but the name of their post are one shift with more seats for a solve.

Otherwise whoever fills them could change places, and every roster be found again in very many shapes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from auditor.roster.problem import RosterPerson, RosterProblem, Shift


def _key(part: RosterProblem, shift: Shift) -> Hashable:
    post = shift.post
    # Saturday and Sunday of a block are tied shift by shift, also over the month's edge
    cut = part.goes_on and any(duty.block == shift.index for one in part.people for duty in one.fixed)
    alone = shift.index if shift.block >= 0 or cut else -1
    return (shift.start, shift.end, shift.rested, shift.classes, post.role, post.kind, post.by_phone, alone)


def merged(part: RosterProblem) -> RosterProblem:
    """Give the part with one shift for all that are alike; its index is that of the first."""
    found: dict[Hashable, list[Shift]] = {}
    for shift in part.shifts:
        found.setdefault(_key(part, shift), []).append(shift)
    if len(found) == len(part.shifts):
        return part
    first = {shift.index: alike[0].index for alike in found.values() for shift in alike}
    return replace(
        part,
        shifts=tuple(replace(alike[0], need=sum(one.need for one in alike)) for alike in found.values()),
        locked=tuple((first.get(index, index), who) for index, who in part.locked),
    )


def parted(
    part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]]
) -> tuple[tuple[Shift, RosterPerson], ...]:
    """Give who fills the shifts of the part itself: who is locked to one that one, the others by order."""
    people: dict[Hashable, list[RosterPerson]] = {}
    for shift, person in duties:
        people.setdefault(_key(part, shift), []).append(person)
    alike: dict[Hashable, list[Shift]] = {}
    for shift in part.shifts:
        alike.setdefault(_key(part, shift), []).append(shift)
    filled: dict[int, list[RosterPerson]] = {shift.index: [] for shift in part.shifts}
    locked = set(part.locked)
    for key, shifts in alike.items():
        left: list[RosterPerson] = []
        for person in people.get(key, []):
            own = next((shift for shift in shifts if (shift.index, person.id) in locked), None)
            (left if own is None else filled[own.index]).append(person)
        for shift in shifts:
            free = shift.need - len(filled[shift.index])
            filled[shift.index] += left[:free]
            left = left[free:]
    order = {person.id: at for at, person in enumerate(part.people)}
    return tuple(
        (shift, person)
        for shift in part.shifts
        for person in sorted(filled[shift.index], key=lambda one: order[one.id])
    )
