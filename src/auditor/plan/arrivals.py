"""Orders of stops by lot, and teams that arrive at neighbours in the same minute.

Both are decided once days are known. Of the orders of a sortie that are hardly longer than the shortest one
is taken by lot. Where a visit would warn a unit that another team reaches later in the same half-day, the
orders are turned, a team leaves later, or it waits on its way, so that both arrive in the same minute: nobody
of the first unit can then ring up the second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.entities import SLOTS, Sortie
from auditor.plan.company import near_of
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Label, Roads, at_start, extend
from auditor.plan.secrecy import Chance

MOST_STEPS = 2_000
"""So many beginnings of orders of one sortie are looked at."""
MOST_ORDERS = 24
"""So many orders of one sortie are timed, the first by lot."""
MOST_TIMES = 48
"""So many ways to wait are tried with each order and departure."""
ROUNDS = 12
"""Teams are timed in turn until nobody changes any more, or so many times."""


Near = Sequence[Sequence[bool]]
"""Whether two errands lie near each other."""


@dataclass(frozen=True, slots=True)
class Drive:
    """A sortie as it is driven: its errands in order, the minutes of arrival, and what was given up.

    `waits` are minutes spent waiting on the way, `later` those by which the team leaves later than it could.
    """

    errands: tuple[int, ...]
    starts: tuple[int, ...]
    metres: int
    waits: int = 0
    later: int = 0


def arrange(
    problem: PlanProblem,
    roads: Roads,
    sorties: Sequence[Sortie],
    days: Mapping[str, str],
    chance: Chance,
) -> tuple[Sortie, ...]:
    """Give every sortie an order of stops by lot and, where the problem says so, minutes that meet others'.

    Parameters
    ----------
    days
        The day of each sortie, by key.

    Returns
    -------
    The sorties in their order, with metres, order and starts of what is driven. A team arrives as early as
    it can, but for its first stop and for stops near one at which another team arrives in the same minute
    of that day; and it leaves later only where one of its stops is such a one.
    """
    place = {(one.unit, one.draw, one.domains): at for at, one in enumerate(problem.errands)}
    drives: dict[str, list[Drive]] = {}
    for sortie in sorties:
        members = [place[stop.unit, stop.draw, stop.domains] for stop in sortie.stops]
        drives[sortie.key] = _by_lot(problem, at_start(roads, sortie.start), sortie, members, chance)
    taken = {key: several[0] for key, several in drives.items()}
    if problem.meets:
        near = near_of(problem, roads).tolist()
        on: dict[str, list[Sortie]] = defaultdict(list)
        for sortie in sorties:
            on[days[sortie.key]].append(sortie)
        for day in sorted(on):
            taken |= _meet(problem, roads, on[day], drives, near)
    return tuple(_driven(problem, sortie, taken[sortie.key]) for sortie in sorties)


def _driven(problem: PlanProblem, sortie: Sortie, drive: Drive) -> Sortie:
    stops = {(one.unit, one.draw, one.domains): one for one in sortie.stops}
    errands = [problem.errands[at] for at in drive.errands]
    return replace(
        sortie,
        stops=tuple(
            replace(stops[one.unit, one.draw, one.domains], start=start)
            for one, start in zip(errands, drive.starts, strict=True)
        ),
        metres=drive.metres,
    )


# Orders


def _by_lot(
    problem: PlanProblem, roads: Roads, sortie: Sortie, members: Sequence[int], chance: Chance
) -> list[Drive]:
    """Give the orders that are hardly longer than the shortest one, the first by lot at the head."""
    most = sortie.metres + sortie.metres * problem.longer // 1000
    shortest = Drive(tuple(members), tuple(stop.start for stop in sortie.stops), sortie.metres)
    found = {shortest.errands: shortest}
    for driven, _over, errands, starts in orders(problem, roads, sortie.slot, members, most):
        found[errands] = Drive(errands, starts, driven)

    def lot(errands: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        return chance("order", *(problem.errands[at].unit for at in errands)), errands

    return [found[errands] for errands in sorted(found, key=lot)]


def orders(
    problem: PlanProblem, roads: Roads, slot: str, members: Sequence[int], most: int
) -> Iterator[Label]:
    """Give the orders of these errands that are driven with at most `most` metres, home included.

    Of very many beginnings only the first are looked at. Stops and starts of a label are those of a
    team that arrives as early as it can.
    """
    into = {at: min([roads.metres[one][at] for one in (*members, -1) if one != at]) for at in members}
    home = min((roads.metres[at][-1] for at in members), default=0)
    stack: list[Label] = [(0, SLOTS[slot][0], (), ())]
    steps = 0
    while stack and steps < MOST_STEPS:
        steps += 1
        label = stack.pop()
        left = [at for at in members if at not in label[2]]
        if not left:
            driven = label[0] + roads.metres[label[2][-1]][-1]
            if driven <= most:
                yield driven, *label[1:]
            continue
        for at in left:
            longer = extend(problem, roads, slot, label, at)
            if longer and longer[0] + sum(into[one] for one in left if one != at) + home <= most:
                stack.append(longer)


# Minutes


def _meet(
    problem: PlanProblem,
    roads: Roads,
    sorties: Sequence[Sortie],
    drives: Mapping[str, Sequence[Drive]],
    near: Near,
) -> dict[str, Drive]:
    """Time the sorties of one day in turn: fewest visits given away, then fewest minutes given up."""
    first = {sortie.key: drives[sortie.key][0] for sortie in sorties}
    now = dict(first)
    for _round in range(ROUNDS):
        before = dict(now)
        for sortie in sorties:
            others = [(one.slot, now[one.key]) for one in sorties if one.key != sortie.key]
            own = at_start(roads, sortie.start)
            now[sortie.key] = _best(problem, own, sortie.slot, drives[sortie.key], others, near)
        if now == before:
            return now
    return first


def _best(
    problem: PlanProblem,
    roads: Roads,
    slot: str,
    drives: Sequence[Drive],
    others: Sequence[tuple[str, Drive]],
    near: Near,
) -> Drive:
    """Give the order and the minutes with which the fewest visits of the day are given away.

    Parameters
    ----------
    drives
        The orders that may be driven, the first by lot at the head.
    others
        The sorties of that day beside it, as they are timed now, each with its kind of half-day.
    """
    own = drives[0].errands
    visits = [one for _slot, drive in others for one in _visits(drive)]
    close = [one for one in visits if any(near[one[0]][at] for at in own)]
    if not close:
        return drives[0]
    safe = [one for one in close if not _is_given_away(one, visits, near)]
    beside = [one for its, drive in others if its == slot for one in _visits(drive)]
    targets = {at: sorted({start for other, start in beside if near[at][other]}) for at in own}

    def cost(drive: Drive, rank: int) -> tuple[int, int, int, int, tuple[int, ...]]:
        mine = _visits(drive)
        told = sum(_is_given_away(one, [*mine, *close], near) for one in mine)
        told += sum(_is_given_away(one, mine, near) for one in safe)
        return told, drive.waits, drive.later, rank, drive.starts

    tried = [
        (cost(timed, rank), timed)
        for rank, drive in enumerate(drives[:MOST_ORDERS])
        for timed in timings(problem, roads, slot, drive, targets)
    ]
    return min(tried, key=lambda one: one[0])[1]


def timings(
    problem: PlanProblem, roads: Roads, slot: str, drive: Drive, targets: Mapping[int, Sequence[int]]
) -> Iterator[Drive]:
    """Give the ways to time an order: as early as can be, or late so as to arrive when others do.

    Parameters
    ----------
    targets
        For each errand the minutes that it would be good to arrive at.
    """
    yield drive
    departures = {
        minute - start
        for at, start in zip(drive.errands, drive.starts, strict=True)
        for minute in targets[at]
        if minute > start
    }
    for later in (0, *sorted(departures)):
        for starts, waits in _waiting(problem, roads, slot, drive.errands, later, targets):
            meets = any(start in targets[at] for at, start in zip(drive.errands, starts, strict=True))
            if meets and (later or waits):
                yield Drive(drive.errands, starts, drive.metres, waits, later)


def _waiting(
    problem: PlanProblem,
    roads: Roads,
    slot: str,
    errands: Sequence[int],
    later: int,
    targets: Mapping[int, Sequence[int]],
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Give minutes of arrival, and those waited, of a team that leaves later and may wait for others."""
    closes = SLOTS[slot][1]
    begun: list[tuple[tuple[int, ...], int]] = [((), 0)]
    for number, at in enumerate(errands):
        errand = problem.errands[at]
        first, last = errand.arrivals[slot]
        last = min(last, closes - errand.minutes - roads.minutes[at][-1])
        longer = []
        for starts, waits in begun:
            if number:
                before = errands[number - 1]
                over = starts[-1] + problem.errands[before].minutes
                early = max(first, over + roads.minutes[before][at])
                minutes = [early, *(minute for minute in targets[at] if minute > early)]
            else:
                early = max(first, SLOTS[slot][0] + roads.minutes[-1][at])
                minutes = [early + later]
            longer += [
                ((*starts, minute), waits + (minute - early if number else 0))
                for minute in minutes
                if minute <= last
            ]
        begun = longer[:MOST_TIMES]
    yield from begun


# What is given away


Visit = tuple[int, int]
"""An errand and its minute of arrival."""


def _visits(drive: Drive) -> list[Visit]:
    return list(zip(drive.errands, drive.starts, strict=True))


def _is_given_away(visit: Visit, visits: Sequence[Visit], near: Near) -> bool:
    """Whether one of these visits of its day is near it and begins earlier."""
    return any(start < visit[1] and near[visit[0]][at] for at, start in visits)


def given_away(
    problem: PlanProblem, roads: Roads, sorties: Sequence[Sortie], days: Mapping[str, str]
) -> tuple[int, int]:
    """Count the visits that come later than the first of their day, and those of them that are given away.

    A visit is given away when a team, its own or another, arrived earlier that day at a unit near it, or
    at the unit itself. Arrivals in the same minute do not give each other away.
    """
    near = near_of(problem, roads).tolist()
    place = {(one.unit, one.draw, one.domains): at for at, one in enumerate(problem.errands)}
    on: dict[str, list[Visit]] = defaultdict(list)
    for sortie in sorties:
        on[days[sortie.key]] += [
            (place[stop.unit, stop.draw, stop.domains], stop.start) for stop in sortie.stops
        ]
    later = told = 0
    for visits in on.values():
        first = min(start for _at, start in visits)
        later += sum(start > first for _at, start in visits)
        told += sum(_is_given_away(one, visits, near) for one in visits)
    return later, told
