"""Fairness in style ``fair``: the least sum over people and classes of weight × scale × (carried + new)²."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd
from typing import TYPE_CHECKING

from auditor.roster.levels import Level, level, scales
from auditor.roster.problem import RosterPerson, RosterProblem, Shift

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from auditor.roster.variables import RosterVariables


def new_duties(part: RosterProblem) -> dict[str, int]:
    """Give how many new duties of each class there are to be shared out; classes without any are left out."""
    found = {name: sum(shift.need for shift in part.shifts if name in shift.classes) for name in part.weights}
    return {name: new for name, new in found.items() if new}


def scale_of(part: RosterProblem) -> dict[str, int]:
    """Give by person what his squares are multiplied with: 1 for the greatest share, 2 for half of it."""
    own = [person.share for person in part.people]
    found = scales([*own, *part.every_share])
    return dict(zip((person.id for person in part.people), found, strict=False))


def levels_of(part: RosterProblem) -> dict[str, Level]:
    """Give each class's level among the people of a part, as if everybody could take each of its duties.

    People whom only a pair or a group ties together share no duties: each pool has a level of its own.
    """
    scale = scale_of(part)
    pools = [pool for pool in part.pools() if any(pool & set(person.roles) for person in part.people)]
    found = {}
    for name, new in new_duties(part).items():
        if len(pools) == 1:
            mates = [list(range(len(part.people)))]
            duties = [new]
        else:
            mates = [
                [at for at, person in enumerate(part.people) if pool & set(person.roles)] for pool in pools
            ]
            duties = [
                sum(shift.need for shift in part.shifts if name in shift.classes and shift.post.role in pool)
                for pool in pools
            ]
        low, high = [0] * len(part.people), [0] * len(part.people)
        squares, tops = 0, []
        for own, count in zip(mates, duties, strict=True):
            one = level(
                [part.people[at].carried[name] for at in own],
                count,
                [scale[part.people[at].id] for at in own],
            )
            squares += one.squares
            tops.append(one.greatest)
            for at, least, most in zip(own, one.low, one.high, strict=True):
                low[at], high[at] = least, most
        found[name] = Level(squares, tuple(low), tuple(high), max(tops))
    return found


def counted(part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]]) -> dict[tuple[str, str], int]:
    """Give everybody's counters after these duties, by person and class of the weights."""
    counts = {(person.id, name): person.carried[name] for person in part.people for name in part.weights}
    for shift, person in duties:
        for name in shift.classes:
            if name in part.weights:
                counts[person.id, name] += 1
    return counts


def unfairness(part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]]) -> int:
    """Give the sum of weighted squares after these duties: what `squares` makes small."""
    scale = scale_of(part)
    return sum(
        part.weights[name] * scale[who] * count**2 for (who, name), count in counted(part, duties).items()
    )


def floor(part: RosterProblem) -> int:
    """Give a value that the sum of weighted squares cannot go under, whatever the rules allow."""
    scale, levels = scale_of(part), levels_of(part)
    return sum(
        weight
        * (
            levels[name].squares
            if name in levels
            else sum(scale[person.id] * person.carried[name] ** 2 for person in part.people)
        )
        for name, weight in part.weights.items()
    )


def next_value(part: RosterProblem, least: int) -> int:
    """Give the least value from `least` on that a sum of weighted squares can have.

    A step from k to k + 1 adds ``weight * scale * (2k + 1)``. Where all have one scale it is known of each
    class how many steps are made, so two sums differ by whole double weights.
    """
    scale, new = scale_of(part), new_duties(part)
    counts = {(person.id, name): person.carried[name] for person in part.people for name in part.weights}
    value = sum(part.weights[name] * scale[who] * count**2 for (who, name), count in counts.items())
    one = next(iter(set(scale.values()))) if len(set(scale.values())) == 1 else 0
    if one:
        value += sum(part.weights[name] * one * count for name, count in new.items())
        step = gcd(*(2 * part.weights[name] * one for name in new))
    else:
        step = gcd(*(part.weights[name] * factor for name in new for factor in scale.values()))
    return least if step == 0 else least + (value - least) % step


def priced(
    part: RosterProblem, counters: Counters, levels: Mapping[str, Level]
) -> tuple[dict[int, int], dict[int, int], int]:
    """Give by variable the factor of each counter's square and where it ends if all may take anything, and
    the sum of the squares that stand.
    """
    scale = scale_of(part)
    squares, even = {}, {}
    for name, found in levels.items():
        for person, high in zip(part.people, found.high, strict=True):
            at = counters.count(person, name).index
            squares[at], even[at] = part.weights[name] * scale[person.id], high
    stood = sum(
        weight * scale[person.id] * person.carried[name] ** 2
        for name, weight in part.weights.items()
        if name not in counters.new
        for person in part.people
    )
    return squares, even, stood


class Counters:
    """``count(person, class)`` after the roster: a variable of its own, carried and new together."""

    def __init__(self, model: cp_model.CpModel, part: RosterProblem, v: RosterVariables) -> None:
        self.part = part
        self.new = new_duties(part)
        self._counts: dict[tuple[str, str], cp_model.IntVar] = {}
        self._most: dict[tuple[str, str], int] = {}
        for name, new in self.new.items():
            shifts = [shift for shift in part.shifts if name in shift.classes]
            for person in part.people:
                cells = v.of(person, shifts)
                low = person.carried[name]
                most = low + min(new, len(cells))
                count = model.new_int_var(low, most, f"{name}:{person.id}")
                self._most[person.id, name] = most
                model.add(count == low + sum(cells))
                self._counts[person.id, name] = count

    def count(self, person: RosterPerson, name: str) -> cp_model.IntVar:
        """Give the counter of a person and a class that has new duties."""
        return self._counts[person.id, name]

    def most(self, person: RosterPerson, name: str) -> int:
        """Give what a counter cannot exceed: the person has no more duties to fill."""
        return self._most[person.id, name]


def keep_level(model: cp_model.CpModel, counters: Counters, levels: Mapping[str, Level]) -> None:
    """Let every counter end where the least sum of squares has it: what is found so is proven fairest."""
    for name, found in levels.items():
        for person, low, high in zip(counters.part.people, found.low, found.high, strict=True):
            model.add_linear_constraint(counters.count(person, name), low, high)


def squares(
    model: cp_model.CpModel, counters: Counters, levels: Mapping[str, Level]
) -> list[cp_model.LinearExprT]:
    """Give the terms of the sum of weighted squares, by convex tangents.

    ``square >= (2k + 1)·count − k·(k + 1)`` for every whole k is exact at whole counts; the sum in
    each class is known, so every class's squares have the level's sum as a bound too.
    """
    part, scale = counters.part, scale_of(counters.part)
    terms: list[cp_model.LinearExprT] = []
    for name, weight in part.weights.items():
        if name not in counters.new:
            terms += [weight * scale[person.id] * person.carried[name] ** 2 for person in part.people]
            continue
        scaled = []
        for person in part.people:
            low, high = person.carried[name], counters.most(person, name)
            count = counters.count(person, name)
            square = model.new_int_var(low * low, high * high, f"{name}²:{person.id}")
            for k in range(low, high):
                model.add(square >= (2 * k + 1) * count - k * (k + 1))
            scaled.append(scale[person.id] * square)
        model.add(sum(scaled) >= levels[name].squares)
        terms += [weight * one for one in scaled]
    return terms


def greatest(model: cp_model.CpModel, counters: Counters, name: str, least: int) -> cp_model.IntVar:
    """Give a variable that no scaled counter of a class exceeds and that is `least` or more."""
    people, scale = counters.part.people, scale_of(counters.part)
    high = max(scale[person.id] * (person.carried[name] + counters.new[name]) for person in people)
    most = model.new_int_var(least, high, f"most {name}")
    for person in people:
        model.add(scale[person.id] * counters.count(person, name) <= most)
    return most


def keep_greatest(model: cp_model.CpModel, counters: Counters, name: str, value: int) -> None:
    """Let no scaled counter of a class exceed a value."""
    scale = scale_of(counters.part)
    for person in counters.part.people:
        model.add(counters.count(person, name) <= value // scale[person.id])
