"""Fairness in style ``fair``: the least sum over people and classes of weight × scale × (carried + new)²."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from ortools.sat.python import cp_model

from auditor.roster.levels import Level, level, scales
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.variables import RosterVariables

Windows = Mapping[tuple[str, str], tuple[int, int]]
"""By person and class the least and the greatest counter that is looked at."""


def new_duties(part: RosterProblem) -> dict[str, int]:
    """Give how many new duties of each class there are to be shared out; classes without any are left out."""
    found = {name: sum(shift.need for shift in part.shifts if name in shift.classes) for name in part.weights}
    return {name: new for name, new in found.items() if new}


def scale_of(part: RosterProblem) -> dict[str, int]:
    """Give by person what his squares are multiplied with: 1 for the greatest share, 2 for half of it."""
    return dict(
        zip(
            (person.id for person in part.people),
            scales([person.share for person in part.people]),
            strict=True,
        )
    )


def levels_of(part: RosterProblem) -> dict[str, Level]:
    """Give each class's level among the people of a part, as if everybody could take each of its duties."""
    scale = scale_of(part)
    return {
        name: level(
            [person.carried[name] for person in part.people],
            new,
            [scale[person.id] for person in part.people],
        )
        for name, new in new_duties(part).items()
    }


def counted(part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]]) -> dict[tuple[str, str], int]:
    """Give everybody's counters after these duties, by person and class of the weights."""
    counts = {(person.id, name): person.carried[name] for person in part.people for name in part.weights}
    for shift, person in duties:
        for name in shift.classes:
            if name in part.weights:
                counts[person.id, name] += 1
    return counts


def unfairness(part: RosterProblem, duties: Iterable[tuple[Shift, RosterPerson]]) -> int:
    """Give the sum of weighted squares after these duties: what is made small."""
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


class Counters:
    """``count(person, class)`` after the roster: a variable of its own, carried and new together."""

    def __init__(self, model: cp_model.CpModel, part: RosterProblem, v: RosterVariables) -> None:
        self.part = part
        self.new = new_duties(part)
        self._counts: dict[tuple[str, str], cp_model.IntVar] = {}
        for name, new in self.new.items():
            shifts = [shift for shift in part.shifts if name in shift.classes]
            for person in part.people:
                cells = v.of(person, shifts)
                low = person.carried[name]
                count = model.new_int_var(low, low + min(new, len(cells)), f"{name}:{person.id}")
                model.add(count == low + sum(cells))
                self._counts[person.id, name] = count

    def count(self, person: RosterPerson, name: str) -> cp_model.IntVar:
        """Give the counter of a person and a class that has new duties."""
        return self._counts[person.id, name]


def keep_level(model: cp_model.CpModel, counters: Counters, levels: Mapping[str, Level]) -> None:
    """Let every counter end where the least sum of squares has it: what is found so is proven fairest."""
    for name, found in levels.items():
        for person, low, high in zip(counters.part.people, found.low, found.high, strict=True):
            model.add_linear_constraint(counters.count(person, name), low, high)


def windows(part: RosterProblem, levels: Mapping[str, Level], most: int | None) -> Windows:
    """Give between which counters everybody ends if the sum of weighted squares is `most` above the floor.

    Without `most` between those that the new duties allow.
    """
    scale, new = scale_of(part), new_duties(part)
    found = {}
    for name, level_of in levels.items():
        for at, person in enumerate(part.people):
            low, high = person.carried[name], person.carried[name] + new[name]

            def dear(count: int, at: int = at, person: RosterPerson = person, name: str = name) -> bool:
                return part.weights[name] * levels[name].excess(at, scale[person.id], count) > most

            if most is not None:
                first, last = max(low, level_of.low[at]), min(high, level_of.high[at])
                while first > low and not dear(first - 1):
                    first -= 1
                while last < high and not dear(last + 1):
                    last += 1
                low, high = first, last
            found[person.id, name] = (low, high)
    return found


def excess(
    model: cp_model.CpModel, counters: Counters, levels: Mapping[str, Level], within: Windows
) -> list[cp_model.LinearExprT]:
    """Keep counters in their windows; give the terms of what the weighted squares are above the floor.

    What a counter is above is convex: the lines through its values at neighbouring counts bound it from
    below, exactly at whole counts.
    """
    part, scale = counters.part, scale_of(counters.part)
    terms: list[cp_model.LinearExprT] = []
    for name, level_of in levels.items():
        for at, person in enumerate(part.people):
            low, high = within[person.id, name]
            count = counters.count(person, name)
            model.add_linear_constraint(count, low, high)
            dear = [
                part.weights[name] * level_of.excess(at, scale[person.id], value)
                for value in range(low, high + 1)
            ]
            if not any(dear):
                continue
            above = model.new_int_var(0, max(dear), f"above {name}:{person.id}")
            for step, (one, other) in enumerate(pairwise(dear)):
                model.add(above >= one + (other - one) * (count - low - step))
            terms.append(above)
    return terms


def greatest(model: cp_model.CpModel, counters: Counters, name: str, least: int) -> cp_model.IntVar:
    """Give a variable that no counter of a class exceeds and that is `least` or more."""
    people = counters.part.people
    high = max(person.carried[name] for person in people) + counters.new[name]
    most = model.new_int_var(least, high, f"most {name}")
    for person in people:
        model.add(counters.count(person, name) <= most)
    return most
