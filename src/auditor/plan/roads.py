"""Roads: metres and minutes between the errands of a problem, measured once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditor.entities import SLOTS
from auditor.plan import legs
from auditor.plan.problem import Errand, PlanProblem


@dataclass(frozen=True, slots=True)
class Roads:
    """Metres and minutes from each errand to each; the last index is the start, named by `start`.

    `others` are the same with each of the problem's other starts as the last index.
    """

    metres: tuple[tuple[int, ...], ...]
    minutes: tuple[tuple[int, ...], ...]
    start: str = ""
    others: tuple[Roads, ...] = ()


def roads_of(problem: PlanProblem) -> Roads:
    """Measure every leg once: as the problem's travel table has it, else by great circles."""
    roads = _measured(problem)
    others = []
    for start in sorted(problem.starts):
        ways = _ways(problem, start)
        others.append(
            Roads(
                _turned(roads.metres, ways.out, ways.back),
                _turned(roads.minutes, ways.out_min, ways.back_min),
                start,
            )
        )
    return replace(roads, others=tuple(others))


def at_start(roads: Roads, start: str) -> Roads:
    """Give the roads with this start as the last index; raises KeyError for one that is not there."""
    return {one.start: one for one in (roads, *roads.others)}[start]


def _turned(
    square: Sequence[Sequence[int]], out: Sequence[int], back: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """Give a square with another start."""
    return (*((*row[:-1], way) for row, way in zip(square, back, strict=False)), (*out, 0))


def _measured(problem: PlanProblem) -> Roads:
    """Measure all ways with the usual start."""
    units = [*(errand.unit for errand in problem.errands), ""]
    if problem.travel is not None:
        rows = [problem.travel.places[unit] for unit in units]
        return Roads(
            tuple(tuple(problem.travel.metres[a][b] for b in rows) for a in rows),
            tuple(tuple(problem.travel.minutes[a][b] for b in rows) for a in rows),
        )
    points = [*(errand.point for errand in problem.errands), problem.start]
    far = [[0] * len(points) for _ in points]
    for a, one in enumerate(points):
        for b in range(a):
            far[a][b] = far[b][a] = legs.metres(one, points[b], problem.factor)
    return Roads(
        tuple(map(tuple, far)),
        tuple(tuple(legs.minutes(leg, problem.speed_kmh) for leg in row) for row in far),
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """The way from the start to each errand, and back, in whole metres and minutes; `others` likewise."""

    out: tuple[int, ...]
    out_min: tuple[int, ...]
    back: tuple[int, ...]
    back_min: tuple[int, ...]
    others: tuple[Ways, ...] = ()


def ways_of(problem: PlanProblem) -> Ways:
    """Measure only what a visit alone needs: the same figures as in `roads_of`."""
    others = tuple(_ways(problem, start) for start in sorted(problem.starts))
    return replace(_ways(problem, ""), others=others)


def nearest(problem: PlanProblem, errand: Errand) -> PlanProblem:
    """Give the problem with only the start nearest to an errand by minutes, of equal ones the first."""
    if not problem.starts:
        return problem
    ways = ways_of(replace(problem, errands=(errand,)))
    minutes = [one.out_min[0] + one.back_min[0] for one in (ways, *ways.others)]
    name = ["", *sorted(problem.starts)][minutes.index(min(minutes))]
    travel = problem.travel
    if travel is not None:
        travel = replace(travel, places={**travel.places, "": travel.places[name]})
    return replace(problem, start=problem.starts.get(name, problem.start), starts={}, travel=travel)


def _ways(problem: PlanProblem, start: str) -> Ways:
    if problem.travel is not None:
        metres, minutes = problem.travel.metres, problem.travel.minutes
        home, rows = (
            problem.travel.places[start],
            [problem.travel.places[one.unit] for one in problem.errands],
        )
        return Ways(
            tuple(metres[home][row] for row in rows),
            tuple(minutes[home][row] for row in rows),
            tuple(metres[row][home] for row in rows),
            tuple(minutes[row][home] for row in rows),
        )
    point = problem.starts.get(start, problem.start)
    far = tuple(legs.metres(one.point, point, problem.factor) for one in problem.errands)
    long = tuple(legs.minutes(leg, problem.speed_kmh) for leg in far)
    return Ways(far, long, far, long)


@dataclass(frozen=True, slots=True)
class Tour:
    """The shortest tour over one set of errands in one half-day.

    `errands` are indices in the order of the tour, `starts` the minutes of arrival, as early as
    possible. It starts and ends at the place `start`, the usual one under the empty name.
    """

    slot: str
    errands: tuple[int, ...]
    starts: tuple[int, ...]
    metres: int
    start: str = ""


Label = tuple[int, int, tuple[int, ...], tuple[int, ...]]
"""Metres so far, minute at which the last stop is over, the stops, their starts."""


def extend(problem: PlanProblem, roads: Roads, slot: str, label: Label, at: int) -> Label | None:
    """Go on to one more stop, or None where it comes too late or the team would be home too late."""
    errand = problem.errands[at]
    if slot not in errand.arrivals:
        return None
    driven, over, stops, starts = label
    last = stops[-1] if stops else -1
    first, latest = errand.arrivals[slot]
    arrival = max(first, over + roads.minutes[last][at])
    over = arrival + errand.minutes
    if arrival > latest or over + roads.minutes[at][-1] > SLOTS[slot][1]:
        return None
    return driven + roads.metres[last][at], over, (*stops, at), (*starts, arrival)


EXACT = 9
"""Of a set with more errands than this not every order is looked at."""


def drive(problem: PlanProblem, roads: Roads, slot: str, errands: Sequence[int]) -> Tour | None:
    """Find the shortest tour over a set of errands in a half-day; None where there is none.

    Of several starts the one with the shortest tour, of equal ones the first. Over more than EXACT errands a
    short one is found by hand, and None says that none was.
    """
    way = _drive if len(errands) <= EXACT else _drive_by_hand
    found = [way(problem, one, slot, errands) for one in (roads, *roads.others)]
    return min((one for one in found if one is not None), key=lambda one: one.metres, default=None)


def _drive(problem: PlanProblem, roads: Roads, slot: str, errands: Sequence[int]) -> Tour | None:
    """Find the shortest tour from one start.

    A dynamic programme over subsets; of equally long tours the one that is over first, then the one
    whose stops come first. A team could break off after any stop and be back in time.
    """
    level: dict[tuple[frozenset[int], int], list[Label]] = {(frozenset(), -1): [(0, SLOTS[slot][0], (), ())]}
    for _ in errands:
        larger: dict[tuple[frozenset[int], int], list[Label]] = {}
        for (done, _last), labels in level.items():
            for at in errands:
                if at not in done:
                    longer = [new for one in labels if (new := extend(problem, roads, slot, one, at))]
                    larger.setdefault((done | {at}, at), []).extend(longer)
        level = {key: _undominated(labels) for key, labels in larger.items()}
    whole = [
        (driven + roads.metres[stops[-1]][-1], over, stops, starts)
        for labels in level.values()
        for driven, over, stops, starts in labels
        if stops
    ]
    if not whole:
        return None
    driven, _over, stops, starts = min(whole)
    return Tour(slot, stops, starts, driven, roads.start)


def _drive_by_hand(problem: PlanProblem, roads: Roads, slot: str, errands: Sequence[int]) -> Tour | None:
    """Insert one errand after the other, the most urgent first, where it costs least.

    The order then changes as long as one errand taken out and put back elsewhere makes the tour shorter.
    """
    if any(slot not in problem.errands[at].arrivals for at in errands):
        return None
    stops: tuple[int, ...] = ()
    for at in sorted(errands, key=lambda one: (problem.errands[one].arrivals[slot][1], one)):
        longer = _put_in(problem, roads, slot, stops, at)
        if longer is None:
            return None
        stops = longer
    shorter = True
    while shorter:
        shorter = False
        for at in sorted(stops):
            other = _put_in(problem, roads, slot, tuple(one for one in stops if one != at), at)
            if other is not None and _metres(roads, other) < _metres(roads, stops):
                stops, shorter = other, True
    starts = _arrivals(problem, roads, slot, stops)
    return None if starts is None else Tour(slot, stops, starts, _metres(roads, stops), roads.start)


def _put_in(
    problem: PlanProblem, roads: Roads, slot: str, stops: tuple[int, ...], at: int
) -> tuple[int, ...] | None:
    """Give the tour with one more stop at the place where it costs least; None where it comes too late."""
    far = roads.metres

    def cost(place: int) -> int:
        before = stops[place - 1] if place else -1
        after = stops[place] if place < len(stops) else -1
        return far[before][at] + far[at][after] - far[before][after]

    for place in sorted(range(len(stops) + 1), key=lambda place: (cost(place), place)):
        longer = (*stops[:place], at, *stops[place:])
        if _arrivals(problem, roads, slot, longer) is not None:
            return longer
    return None


def _metres(roads: Roads, stops: Sequence[int]) -> int:
    return sum(roads.metres[one][other] for one, other in pairwise((-1, *stops, -1)))


def _arrivals(problem: PlanProblem, roads: Roads, slot: str, stops: Sequence[int]) -> tuple[int, ...] | None:
    """Give the minutes of arrival, as early as can be; None where one is too late, or the team at home."""
    over, last, starts = SLOTS[slot][0], -1, []
    for at in stops:
        errand = problem.errands[at]
        first, latest = errand.arrivals[slot]
        arrival = max(first, over + roads.minutes[last][at])
        if arrival > latest:
            return None
        starts.append(arrival)
        over, last = arrival + errand.minutes, at
    return tuple(starts) if over + roads.minutes[last][-1] <= SLOTS[slot][1] else None


def _undominated(labels: list[Label]) -> list[Label]:
    """Keep the labels that no other one beats in metres and minutes."""
    kept: list[Label] = []
    for label in sorted(labels):
        if not kept or label[1] < kept[-1][1]:
            kept.append(label)
    return kept
