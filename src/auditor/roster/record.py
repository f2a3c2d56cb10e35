"""The record ``roster.json``: what a roster is, what it was made from, and what is proven of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.entities import Post
from auditor.roster.desk import FAIR, POSTS, DutyDesk, clock, desk_json
from auditor.roster.problem import RosterPerson, RosterProblem, Shift

Filled = Sequence[tuple[Shift, RosterPerson]]


def record_of(
    problem: RosterProblem, duties: Filled, total: int, bound: int, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write a roster's record.

    Parameters
    ----------
    total
        The sum of weighted squares, and `bound` what is proven that it cannot go under.
    more
        Keys that not every roster has: style, departures, turns, stages, wishes, short, fixed.
    """
    counters = {person.id: dict(person.carried) for person in problem.people}
    for shift, person in duties:
        for name in shift.classes:
            counters[person.id][name] += 1
    return {
        "month": f"{problem.first:%Y-%m}",
        "assignments": assignments_of(duties),
        "people": [person_row(person) for person in problem.people],
        "posts": [post_row(post) for post in problem.posts],
        "demand": [
            {"date": shift.day.isoformat(), "post": shift.post.id, "need": shift.need}
            for shift in problem.shifts
        ],
        "counters": {person: dict(sorted(found.items())) for person, found in sorted(counters.items())},
        "weights": dict(problem.weights),
        "objective": total,
        "bound": bound,
        "status": "optimal" if total == bound else "feasible",
        "provisional": problem.provisional,
        "standby": {person: list(half_days) for person, half_days in problem.standby.items()},
        "before": [
            {"date": duty.day.isoformat(), "post": duty.post, "person": duty.person}
            for duty in problem.before
        ],
        "desk": desk_json(problem.desk or DutyDesk(style=FAIR)),
        **(more or {}),
    }


def assignments_of(duties: Filled) -> list[dict[str, str]]:
    """Give who fills what, sorted by day, post and person."""
    return [
        {"date": day, "post": post, "person": who}
        for day, post, who in sorted(
            (shift.day.isoformat(), shift.post.id, person.id) for shift, person in duties
        )
    ]


def person_row(person: RosterPerson) -> dict[str, Any]:
    """Write a person's row; what is as with everybody is left out."""
    row: dict[str, Any] = {
        "id": person.id,
        "role": person.roles[0],
        "leave": [day.isoformat() for day in person.leave],
        "carried": dict(sorted(person.carried.items())),
    }
    if len(person.roles) > 1:
        row["roles"] = list(person.roles)
    if person.share != 100:
        row["share"] = person.share
    if person.away:
        row["away"] = [day.isoformat() for day in person.away]
    if person.half:
        row["half"] = list(person.half)
    if person.away_half:
        row["away_half"] = list(person.away_half)
    if person.days is not None:
        row["days"] = person.days
    if person.credit:
        row["credit"] = dict(sorted(person.credit.items()))
    return row


def post_row(post: Post) -> dict[str, Any]:
    """Write a post's row; what is as with the default posts is left out."""
    row: dict[str, Any] = {
        "id": post.id,
        "role": post.role,
        "start": clock(post.start),
        "minutes": post.minutes,
        "night": post.night,
    }
    default = next((one for one in POSTS if one.id == post.id), None)
    if post.zh and (default is None or default.zh != post.zh):
        row["zh"] = post.zh
    if post.kind != "duty":
        row["kind"] = post.kind
    if post.by_phone:
        row["by_phone"] = True
    if post.callable_minutes is not None:
        row["callable_minutes"] = post.callable_minutes
    if post.rest is not None:
        row["rest_min"] = post.rest
    return row
