"""Make a month's roster: the rules, then the fairest, proven or with its bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ortools.sat.python import cp_model

from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.roster import objective
from auditor.roster.problem import RosterProblem, Shift
from auditor.roster.rules import cover, leave, rest, standby
from auditor.roster.variables import RosterVariables
from auditor.solving import OPTIMAL, solve

RULES = (cover, rest, leave, standby)
"""All rules; their order does not matter."""


def _role_problem(problem: RosterProblem, role: str) -> RosterProblem:
    """The part of the problem that one role has to itself: roles share nothing."""
    return replace(
        problem,
        shifts=tuple(shift for shift in problem.shifts if shift.post.role == role),
        people=tuple(person for person in problem.people if person.role == role),
        posts=tuple(post for post in problem.posts if post.role == role),
    )


def shortage(problem: RosterProblem, work: float) -> list[tuple[Shift, int]]:
    """Give the shifts that lack people when as many seats as possible are filled, in order of day.

    Empty unless it is proven that a seat must stay empty: work that ran out is no shortage.
    """
    model = cp_model.CpModel()
    v = RosterVariables(model, problem)
    for rule in (rest, leave, standby):
        rule.add(model, problem, v)
    under = {}
    for shift in problem.shifts:
        able = [person for person in problem.people if person.role == shift.post.role]
        under[shift.index] = model.new_int_var(0, shift.need, f"under:{shift.index}")
        model.add(sum(v.on_duty(person, shift) for person in able) + under[shift.index] == shift.need)
    model.minimize(sum(under.values()))
    solved = solve(model, work=work)
    if not solved.found or solved.bound < 1:
        return []
    lacks = ((shift, int(solved.solver.value(under[shift.index]))) for shift in problem.shifts)
    return [(shift, count) for shift, count in lacks if count]


def _explain(problem: RosterProblem, role: str, work: float) -> str:
    lacks = shortage(problem, work)
    if not lacks:
        return _("no duty roster was found within the work limit; raise it with --work")
    first = "; ".join(
        _("{day} {post} lacks {count}").format(
            day=shift.day, post=shift.post.zh or shift.post.id, count=count
        )
        for shift, count in lacks[:3]
    )
    return _(
        "the duty desk cannot be staffed: {first} ({total} seats in all, {people} people for it); "
        "shorten leave, add people, or take the key period's doubled cover away"
    ).format(
        first=first,
        total=sum(count for _shift, count in lacks),
        people=sum(person.role == role for person in problem.people),
    )


def make_roster(
    problem: RosterProblem, *, work: float = 60.0, progress: Callable[[str], None] = lambda step: None
) -> dict[str, Any]:
    """Make the fairest roster of a month.

    Parameters
    ----------
    work
        Deterministic units at most, for each role.

    Returns
    -------
    The record ``roster.json``; ``status`` is "optimal" if proven, else "feasible" with its bound.

    Raises
    ------
    Infeasible
        With the days and posts that lack people.
    """
    assignments = []
    total = bound = 0
    for role in sorted({post.role for post in problem.posts}):
        progress(role)
        part = _role_problem(problem, role)
        if not part.people:
            raise Infeasible(reason=_explain(problem, role, work))
        model = cp_model.CpModel()
        v = RosterVariables(model, part)
        for rule in RULES:
            rule.add(model, part, v)
        objective.minimise(model, part, v, part.people)
        solved = solve(model, work=work)
        if not solved.found:
            raise Infeasible(reason=_explain(part, role, work))
        chosen = [
            (shift.day.isoformat(), shift.post.id, person.id, shift.classes)
            for shift in part.shifts
            for person in part.people
            if solved.solver.boolean_value(v.on_duty(person, shift))
        ]
        assignments += chosen
        # an unproven solve may leave squares loose: the objective is counted from the roster
        counted = sum(
            weight
            * (
                person.carried[name]
                + sum(name in classes for _day, _post, who, classes in chosen if who == person.id)
            )
            ** 2
            for person in part.people
            for name, weight in problem.weights.items()
        )
        total += counted
        bound += (
            counted
            if solved.status == OPTIMAL
            else min(max(solved.bound, objective.bound(part, role)), counted)
        )
    return _record(problem, assignments, total, bound)


def _record(
    problem: RosterProblem,
    assignments: list[tuple[str, str, str, tuple[str, ...]]],
    total: int,
    bound: int,
) -> dict[str, Any]:
    counters = {person.id: dict(person.carried) for person in problem.people}
    for _day, _post, who, classes in assignments:
        for name in classes:
            counters[who][name] += 1
    return {
        "month": f"{problem.first:%Y-%m}",
        "assignments": [
            {"date": day, "post": post, "person": person}
            for day, post, person, _classes in sorted(assignments)
        ],
        "people": [
            {
                "id": person.id,
                "role": person.role,
                "leave": [day.isoformat() for day in person.leave],
                "carried": dict(sorted(person.carried.items())),
            }
            for person in problem.people
        ],
        "posts": [
            {
                "id": post.id,
                "role": post.role,
                "start": f"{post.start // 60:02d}:{post.start % 60:02d}",
                "minutes": post.minutes,
                "night": post.night,
            }
            for post in problem.posts
        ],
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
    }
