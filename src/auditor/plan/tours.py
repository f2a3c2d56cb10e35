"""Every half-day tour that one team could drive: which errands, in which order, from which minute.

Tours grow by one stop at a time (a dynamic programme over subsets) until no larger one is possible,
so nothing is missed by a limit on their size. A prefix that could not drive home in time, or that
no team could serve, has no longer tour: legs obey the triangle inequality in minutes, since each
has three minutes of its own, and options only shrink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.entities import SLOTS
from auditor.plan import legs
from auditor.plan.options import Options
from auditor.plan.problem import PlanProblem

MOST_SETS = 40_000
"""Sets of errands in one half-day after which tours grow no longer; the bound is weaker then."""


@dataclass(frozen=True, slots=True)
class Tour:
    """The shortest tour over one set of errands in one half-day.

    `errands` are indices in the order of the tour, `starts` the minutes of arrival, as early as
    possible; `options` the bits of all options that can serve it.
    """

    slot: str
    errands: tuple[int, ...]
    starts: tuple[int, ...]
    metres: int
    options: int


@dataclass(frozen=True, slots=True)
class Roads:
    """Metres and minutes between the errands of a problem; the last index is the start."""

    metres: tuple[tuple[int, ...], ...]
    minutes: tuple[tuple[int, ...], ...]


def roads_of(problem: PlanProblem) -> Roads:
    """Measure every leg once."""
    points = [*(errand.point for errand in problem.errands), problem.start]
    far = tuple(tuple(legs.metres(a, b, problem.factor) for b in points) for a in points)
    return Roads(far, tuple(tuple(legs.minutes(leg, problem.speed_kmh) for leg in row) for row in far))


Label = tuple[int, int, tuple[int, ...], tuple[int, ...]]
"""Minute at which the last stop is over, metres so far, the stops, their starts."""


def list_tours(
    problem: PlanProblem, errands: Sequence[int], options: Options, roads: Roads, most: int = MOST_SETS
) -> tuple[list[Tour], bool]:
    """List the shortest tour over every set of these errands that one team can make in a half-day.

    Returns
    -------
    The tours by half-day, size and errands; and whether these are all there are.
    """
    found: list[Tour] = []
    complete = True
    for slot in SLOTS:
        here = [at for at in sorted(errands) if slot in problem.errands[at].arrivals]
        level = {
            1 << at: ({at: label}, serving)
            for at in here
            if (serving := options.masks[at] & options.in_slot[slot])
            and (label := _first(problem, roads, slot, at))
        }
        count = 0
        while level:
            count += len(level)
            found.extend(_shortest(problem, roads, slot, ends, serving) for ends, serving in level.values())
            if count > most:
                complete = False
                break
            level = _grow(problem, roads, options, slot, here, level)
    return found, complete


Level = dict[int, tuple[dict[int, list[Label]], int]]
"""Sets of errands (as bits): the undominated labels by last stop, and the options that serve the set."""


def _first(problem: PlanProblem, roads: Roads, slot: str, at: int) -> list[Label]:
    home = len(problem.errands)
    label = _extend(problem, roads, slot, (SLOTS[slot][0], 0, (), ()), home, at)
    return [label] if label else []


def _extend(problem: PlanProblem, roads: Roads, slot: str, label: Label, last: int, at: int) -> Label | None:
    """Go on to one more stop, or None where it comes too late or the team would be home too late."""
    errand = problem.errands[at]
    first, latest = errand.arrivals[slot]
    arrival = max(first, label[0] + roads.minutes[last][at])
    over = arrival + errand.minutes
    if arrival > latest or over + roads.minutes[at][-1] > SLOTS[slot][1]:
        return None
    return over, label[1] + roads.metres[last][at], (*label[2], at), (*label[3], arrival)


def _grow(
    problem: PlanProblem, roads: Roads, options: Options, slot: str, here: Sequence[int], level: Level
) -> Level:
    larger: Level = {}
    hopeless: set[int] = set()
    for stops, (ends, serving) in level.items():
        members = next(iter(ends.values()))[0][2]
        units = {problem.errands[at].unit for at in members}
        for at in here:
            wider = stops | 1 << at
            if wider == stops or wider in hopeless or problem.errands[at].unit in units:
                continue
            labels = [
                longer
                for last, reached in ends.items()
                for label in reached
                if (longer := _extend(problem, roads, slot, label, last, at))
            ]
            if not labels:
                continue
            if wider not in larger:
                served = options.serving(serving & options.masks[at], (*members, at))
                if not served:
                    hopeless.add(wider)
                    continue
                larger[wider] = ({}, served)
            larger[wider][0][at] = _undominated(labels)
    return dict(sorted(larger.items()))


def _undominated(labels: list[Label]) -> list[Label]:
    kept: list[Label] = []
    for label in sorted(labels):
        if not kept or label[1] < kept[-1][1]:
            kept.append(label)
    return kept


def _shortest(
    problem: PlanProblem, roads: Roads, slot: str, ends: dict[int, list[Label]], serving: int
) -> Tour:
    driven, _, stops, starts = min(
        (label[1] + roads.metres[last][-1], label[0], label[2], label[3])
        for last, labels in ends.items()
        for label in labels
    )
    return Tour(slot, stops, starts, driven, serving)
