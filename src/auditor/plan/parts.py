"""Sorties that would be left out as a whole go on in parts, so that only what truly has no day is lost.

A sortie goes out in one half-day, so all its visits must have a day and a team in common. Where they
have none, it is cut: visits that leave it go alone, at their own times, under the same rules. Several
ways of cutting are tried and the best is taken; the first that leaves out no fewer visits is none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.entities import Sortie
from auditor.plan.changes import Changes, FreeStaff, changed, lost
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.repair import Repaired

Cut = dict[str, list[tuple[int, ...]]]
"""Of each sortie that is cut its parts, each with the places of its stops; the first keeps the key."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is repaired: as for `auditor.plan.repair.repair`."""

    sorties: Sequence[Sortie]
    given: Mapping[str, Given]
    ordered: Sequence[str] = ()
    waiting: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class InParts:
    """A repair in which sorties were cut.

    `parts` gives by the key of each new part the key of the whole and the places of the part's stops in it.
    """

    repaired: Repaired
    parts: Mapping[str, tuple[str, tuple[int, ...]]]


def in_parts(
    problem: PlanProblem,
    task: Task,
    whole: Repaired,
    solve: Callable[[Task], Repaired],
    names: Iterable[str],
    *,
    absent: Mapping[str, Collection[str]],
    since: str,
) -> InParts | None:
    """Cut what a repair leaves out, where that leaves out fewer visits; None where it does not.

    Parameters
    ----------
    whole
        The repair in which nothing is cut.
    solve
        Repairs a task with cut sorties.
    names
        Keys for parts, none of which is taken.
    absent, since
        As for the repair.
    """
    names = list(_first(names, sum(len(one.stops) for one in task.sorties)))
    out = {one.sortie for one in whole.left_out}
    lost_ones = [one for one in task.sorties if one.key in out and len(one.stops) > 1]
    if not lost_ones:
        return None
    free = FreeStaff(problem, absent)

    def by_itself(one: Sortie, at: int) -> Changes:
        given = task.given.get(one.key)
        alone = replace(one, stops=(one.stops[at],))
        if given is not None:
            given = replace(given, units=alone.units)
        bare = lost(1, stood=True, ordered=False, waits=False)
        return Changes(problem, alone, given, free, since=since, left_out=bare)

    somewhere, there, singles = Cut(), Cut(), Cut()
    for one in lost_ones:
        ways = [by_itself(one, at) for at in range(len(one.stops))]
        goes = [at for at, way in enumerate(ways) if way.least != way.left_out]
        if not goes:
            continue
        stays = [at for at in goes if one.key in task.given and ways[at].least < changed(1, 0)]
        somewhere[one.key] = _parts(len(ways), goes)
        there[one.key] = _parts(len(ways), stays)
        singles[one.key] = _parts(len(ways), ())
    tried: list[tuple[Cut, Repaired]] = []

    def attempt(cut: Cut) -> Repaired | None:
        cut = {key: several for key, several in cut.items() if len(several) > 1}
        if not cut or any(cut == known for known, _ in tried):
            return None
        repaired = solve(cut_up(task, cut, names)[0])
        tried.append((cut, repaired))
        return repaired

    attempt(somewhere)
    attempt(there)
    alone = attempt(singles)
    if alone is not None:  # those that found a day by themselves may have one together
        attempt(_joined(task, singles, alone, names))
    better = [one for one in tried if one[1].lost < whole.lost]
    if not better:
        return None
    best, repaired = min(better, key=lambda one: _merit(*one))
    needed = _joined(task, best, repaired, names, only_lost=True)
    if needed != best:
        again = solve(cut_up(task, needed, names)[0])
        if again.lost <= repaired.lost:
            best, repaired = needed, again
    return InParts(repaired, cut_up(task, best, names)[1])


def cut_up(task: Task, cut: Cut, names: Sequence[str]) -> tuple[Task, dict[str, tuple[str, tuple[int, ...]]]]:
    """Give a task with its sorties cut, and what each new part was a part of."""
    left = iter(names)
    parts: dict[str, tuple[str, tuple[int, ...]]] = {}
    sorties, given = [], dict(task.given)
    of: dict[str, list[str]] = {}
    for one in task.sorties:
        for number, places in enumerate(cut.get(one.key, [tuple(range(len(one.stops)))])):
            key = next(left) if number else one.key
            part = replace(one, key=key, stops=tuple(one.stops[at] for at in places))
            sorties.append(part)
            of.setdefault(one.key, []).append(key)
            if one.key in task.given:
                given[key] = replace(task.given[one.key], units=part.units)
            if number:
                parts[key] = (one.key, places)
    ordered = [part for key in task.ordered for part in of.get(key, ())]
    waiting = {part for key in task.waiting for part in of.get(key, ())}
    return Task(sorties, given, ordered, waiting), parts


def _parts(size: int, together: Collection[int]) -> list[tuple[int, ...]]:
    """Give these stops as one part, which keeps the key, and each other as a part of its own."""
    alone: list[tuple[int, ...]] = [(at,) for at in range(size) if at not in together]
    return [tuple(together), *alone] if together else alone


def _joined(
    task: Task, cut: Cut, repaired: Repaired, names: Sequence[str], *, only_lost: bool = False
) -> Cut:
    """Join again sorties of which all is left out, and unless `only_lost` what goes of the others."""
    _task, parts = cut_up(task, cut, names)
    out = {one.sortie for one in repaired.left_out}
    found = Cut()
    for key, several in cut.items():
        keys = {places: name for name, (whole, places) in parts.items() if whole == key}
        goes = [places for places in several if keys.get(places, key) not in out]
        if not goes:
            continue
        if only_lost:
            found[key] = several
        else:
            size = sum(len(places) for places in several)
            found[key] = _parts(size, sorted(at for places in goes for at in places))
    return found


def _merit(cut: Cut, repaired: Repaired) -> tuple[object, ...]:
    """Fewest visits left out, then least change, then fewest parts."""
    return repaired.lost, repaired.moves, repaired.seats, sum(map(len, cut.values()))


def _first(names: Iterable[str], count: int) -> Iterator[str]:
    for _at, name in zip(range(count), names, strict=False):
        yield name
