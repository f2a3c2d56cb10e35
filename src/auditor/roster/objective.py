"""Fairness in style ``fair``: the least sum over people and classes of weight × (carried + new)²."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem
from auditor.roster.variables import RosterVariables


def least_squares(carried: Sequence[int], new: int) -> int:
    """Give the least sum of (carried + new_i)² with the new_i ≥ 0 summing to `new`: fill the lowest first.

    No roster can have less in one class: a bound that needs no solver.
    """
    levels = sorted(carried)
    for _ in range(new):
        levels[0] += 1
        at = 0
        while at + 1 < len(levels) and levels[at] > levels[at + 1]:
            levels[at], levels[at + 1] = levels[at + 1], levels[at]
            at += 1
    return sum(level * level for level in levels)


def classes(problem: RosterProblem, role: str) -> dict[str, int]:
    """Give how many new duties of each class the month brings to a role."""
    return {
        name: sum(shift.need for shift in problem.shifts if shift.post.role == role and name in shift.classes)
        for name in problem.weights
    }


def bound(problem: RosterProblem, role: str) -> int:
    """Give a value that the role's part of the objective cannot go under."""
    people = [person for person in problem.people if person.role == role]
    if not people:
        return 0
    return sum(
        problem.weights[name] * least_squares([person.carried[name] for person in people], new)
        for name, new in classes(problem, role).items()
    )


def minimise(
    model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables, people: Sequence[RosterPerson]
) -> None:
    """Minimise the sum of weighted squares by convex tangents on a counter of its own for each.

    ``square >= (2k + 1)·count − k·(k + 1)`` for every whole k is exact at whole counts; the sum in
    each class is known, so every square has that bound too.
    """
    role = people[0].role
    terms: list[cp_model.LinearExprT] = []
    for name, weight in problem.weights.items():
        shifts = [s for s in problem.shifts if s.post.role == role and name in s.classes]
        new = sum(shift.need for shift in shifts)
        if not new:
            terms += [weight * person.carried[name] ** 2 for person in people]
            continue
        squares = []
        for person in people:
            low = person.carried[name]
            high = low + new
            count = model.new_int_var(low, high, f"{name}:{person.id}")
            model.add(count == low + sum(v.on_duty(person, shift) for shift in shifts))
            square = model.new_int_var(low * low, high * high, f"{name}²:{person.id}")
            for k in range(low, high):
                model.add(square >= (2 * k + 1) * count - k * (k + 1))
            squares.append(square)
            terms.append(weight * square)
        model.add(sum(squares) >= least_squares([person.carried[name] for person in people], new))
    model.minimize(sum(terms))
