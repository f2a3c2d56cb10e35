"""All half-day tours that could pay at given prices, found by the million in arrays.

A column is a set of errands that one team can visit in one half-day, with the metres of its shortest
tour. Labels grow by one stop at a time; a label goes on only if its cost so far, less the prices of
its errands, plus the least that any completion could cost, is still low enough. That least cost comes
from a table over the minutes that are left: it forgets which errands were seen, so it is never too
high, and nothing below the limit is missed (completion bounds; Righini and Salani 2006).

A team could break off after any stop and be back within the half-day: no longer tour is looked for
behind a label that could not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.entities import SLOTS
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Roads

Whole = NDArray[np.int64]
Burden = Callable[[Whole], Whole]
"""What a set of errands (a row of a matrix) costs beyond its metres, in millimetres: never less for a
larger set."""

MM = 1000
"""Millimetres of a metre: prices and reduced costs are whole millimetres."""
NEVER = np.int64(1) << 50
"""More millimetres than any plan has."""
CHUNK = 1_000_000
"""So many longer tours are looked at in one step, for the memory's sake."""
LABELS = 15_000
"""For each unit of work and each errand so many beginnings of tours are looked at, in each step: a city needs
a seventh of them, short visits near each other have more than anyone could look at."""
ROOM = 2_000_000
"""So many longer tours are kept at once: where many errands lie at one place all their sets are alike."""


Over = Callable[[int], bool]
"""Is told how many labels were looked at since it was asked, and says whether to end."""


def never(labels: int) -> bool:
    """Say that it is not over."""
    return False


def summed(*burdens: Burden | None) -> Burden | None:
    """Give the sum of those that are not None; None where all are."""
    some = [one for one in burdens if one is not None]
    if len(some) < 2:
        return some[0] if some else None
    return lambda members: np.sum([one(members) for one in some], axis=0)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by arrays of one length.

    `members` has a row of ascending indices of errands each, filled up with the number of errands,
    which ends every row;
    `slots` the place in SLOTS, `costs` whole metres with the cost of a sortie, `reduced` the
    millimetres by which it is dearer than its prices.
    """

    members: Whole
    slots: Whole
    costs: Whole
    reduced: Whole

    def __len__(self) -> int:
        return len(self.costs)

    def take(self, which: NDArray[np.bool_] | Whole) -> Columns:
        """Give some of them."""
        return Columns(self.members[which], self.slots[which], self.costs[which], self.reduced[which])

    def within(self, errands: Sequence[int], pad: int) -> Columns:
        """Give those that hold no other errands than these; `pad` is the number of errands."""
        inside = np.zeros(pad + 1, bool)
        inside[[*errands, pad]] = True
        return self.take(np.flatnonzero(inside[self.members].all(1)))

    def errands(self, at: int) -> tuple[int, ...]:
        """Give the errands of one column."""
        row = self.members[at]
        return tuple(int(one) for one in row if one < row[-1])


@dataclass(frozen=True, slots=True)
class Found:
    """Columns below a limit; `complete` if these are all there are."""

    columns: Columns
    complete: bool


def stacked(parts: Sequence[Columns], pad: int) -> Columns:
    """Put columns together; of one set in one half-day only the cheapest stays."""
    width = max([1, *(part.members.shape[1] for part in parts)]) + 1
    members = np.concatenate(
        [np.full((0, width), pad, np.int64), *(_widened(part.members, width, pad) for part in parts)]
    )
    slots, costs, reduced = (
        np.concatenate([np.zeros(0, np.int64), *(getattr(part, name) for part in parts)])
        for name in ("slots", "costs", "reduced")
    )
    kept = cheapest(np.column_stack([members, slots]), slots, costs, pad)
    return Columns(members[kept], slots[kept], costs[kept], reduced[kept])


def cheapest(rows: Whole, slots: Whole, costs: Whole, pad: int) -> Whole:
    """Tell which places stay, ascending, if of equal rows only the cheapest does, the earliest of equals."""
    order, fresh = _grouped(_keys(rows, pad + 1), (costs, slots))
    return np.sort(order[fresh])


def _keys(rows: Whole, base: int) -> list[Whole]:
    """Write rows of whole numbers from 0 to `base` as few whole numbers each, one for one."""
    per = max(1, int(62 / np.log2(max(2, base + 1))))
    keys = []
    for begin in range(0, rows.shape[1], per):
        key = np.zeros(len(rows), np.int64)
        for column in rows.T[begin : begin + per]:
            key = key * (base + 1) + column
        keys.append(key)
    return keys


def _grouped(keys: Sequence[Whole], then: Sequence[Whole]) -> tuple[Whole, NDArray[np.bool_]]:
    """Sort by keys, inside by `then` (the first decides); tell where in that order a group begins."""
    order = np.lexsort((*reversed(then), *keys))
    fresh = np.ones(len(order), bool)
    if len(order):
        fresh[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    return order, fresh


def _widened(members: Whole, width: int, pad: int) -> Whole:
    wide = np.full((len(members), width), pad, np.int64)
    wide[:, : members.shape[1]] = members
    return wide


@dataclass(slots=True)
class Labels:
    """Tours on their way: the stops in order, when the last is over, metres, cost less prices (mm), and
    the burden of the stops (of all but the last where it is not yet told).
    """

    stops: Whole
    over: Whole
    metres: Whole
    value: Whole
    extra: Whole

    def take(self, which: NDArray[np.bool_] | Whole) -> Labels:
        """Give some of them: those that are true, or those at these places in their order."""
        return Labels(*(getattr(self, name)[which] for name in self.__slots__))


@dataclass(slots=True)
class HalfDay:
    """What is fixed about the tours of one kind of half-day over some errands of a problem."""

    slot: int
    at: Whole
    """Indices of the errands that may be in it and can be reached alone."""
    units: Whole
    """A number for the Unit of each: no sortie visits one twice."""
    metres: Whole
    minutes: Whole
    out: Whole
    back: Whole
    back_min: Whole
    first: Whole
    last: Whole
    takes: Whole
    start_over: Whole
    """When the visit is over that is the first of a tour."""
    opens: int
    closes: int
    step: int
    steps: list[tuple[Whole, Whole, NDArray[Any], NDArray[Any], NDArray[Any]]] = field(default_factory=list)
    nearest: dict[int, Whole] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many errands may be in it."""
        return len(self.at)


def half_day(problem: PlanProblem, roads: Roads, errands: Sequence[int], slot: str) -> HalfDay:
    """Prepare the tours of one kind of half-day over these errands."""
    opens, closes = SLOTS[slot]
    able = []
    for at in sorted(errands):
        arrivals = problem.errands[at].arrivals
        if slot in arrivals:
            arrival = max(arrivals[slot][0], opens + roads.minutes[-1][at])
            over = arrival + problem.errands[at].minutes
            if arrival <= arrivals[slot][1] and over + roads.minutes[at][-1] <= closes:
                able.append(at)
    where = np.array(able, np.int64)
    numbers = {unit: at for at, unit in enumerate(sorted({one.unit for one in problem.errands}))}
    home = len(problem.errands)
    far, long = (
        np.array(rows, np.int64).reshape(home + 1, home + 1) for rows in (roads.metres, roads.minutes)
    )
    inside = np.ix_(where, where)
    spans = [problem.errands[at].arrivals[slot] for at in able]
    first, last = (np.array([span[end] for span in spans], np.int64) for end in (0, 1))
    takes = np.array([problem.errands[at].minutes for at in able], np.int64)
    shortest = int(takes.min()) if able else 1
    prepared = HalfDay(
        slot=list(SLOTS).index(slot),
        at=where,
        units=np.array([numbers[problem.errands[at].unit] for at in able], np.int64),
        metres=far[inside] * MM,
        minutes=long[inside],
        out=far[home, where] * MM,
        back=far[where, home] * MM,
        back_min=long[where, home],
        first=first,
        last=last,
        takes=takes,
        start_over=np.maximum(first, opens + long[home, where]) + takes,
        opens=opens,
        closes=closes,
        step=max(1, min(8, shortest)),
    )
    _prepare(prepared)
    return prepared


def only(half: HalfDay, errands: Sequence[int]) -> HalfDay:
    """Give the same kind of half-day over some of its errands."""
    places = np.flatnonzero(np.isin(half.at, np.array(errands, np.int64)))
    inside = np.ix_(places, places)
    rows = ("at", "units", "out", "back", "back_min", "first", "last", "takes", "start_over")
    fewer = replace(
        half,
        metres=half.metres[inside],
        minutes=half.minutes[inside],
        **{name: getattr(half, name)[places] for name in rows},
        steps=[],
        nearest={},
    )
    _prepare(fewer)
    return fewer


def _prepare(half: HalfDay) -> None:
    """List, for each span of minutes left, which stops may follow which, and the span left then.

    Stops that something may follow, where the followers of each begin, the followers, the spans left
    after them, the metres.
    """
    same = np.eye(half.size, dtype=bool)
    long = half.closes - half.opens
    for span in range(long // half.step + 1):
        now = half.closes - min((span + 1) * half.step - 1, long)
        over = np.maximum(half.first, now + half.minutes) + half.takes
        fits = (over - half.takes <= half.last) & (over + half.back_min <= half.closes) & ~same
        last, then = np.nonzero(fits)
        starts = np.flatnonzero(np.concatenate([[True], last[1:] != last[:-1]])) if len(last) else last
        left = (half.closes - over[last, then]) // half.step
        half.steps.append((last[starts], starts, _small(then), _small(left), _small(half.metres[last, then])))


def _small(values: NDArray[np.int64]) -> NDArray[Any]:
    """Give whole numbers in as few bytes as hold them all: there are some for every two errands."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def _completions(half: HalfDay, prices: Whole) -> Whole:
    """Give the least cost of going home from each stop, for each span of minutes left, in millimetres."""
    least = np.empty((len(half.steps), half.size), np.int64)
    for span, (stops, starts, then, left, metres) in enumerate(half.steps):
        least[span] = half.back
        if len(stops):
            cost = metres.astype(np.int64) - prices[then] + least[left, then]
            least[span, stops] = np.minimum(half.back[stops], np.minimum.reduceat(cost, starts))
    return least


def _neighbours(half: HalfDay, count: int) -> Whole:
    """Give the nearest errands of each; nobody is a neighbour of himself."""
    if count not in half.nearest:
        apart = half.metres + np.eye(half.size, dtype=np.int64) * NEVER
        half.nearest[count] = np.argsort(apart, axis=1, kind="stable")[:, :count]
    return half.nearest[count]


def find(
    half: HalfDay,
    prices: Whole,
    fixed: int,
    below: int,
    pad: int,
    *,
    burden: Burden | None = None,
    most: int | None = None,
    near: int | None = None,
    over: Over = never,
) -> Found:
    """Find every column with a reduced cost of at most `below` millimetres.

    Parameters
    ----------
    prices
        Of every errand of the problem, millimetres.
    fixed
        Metres that every sortie costs beside its way.
    burden
        Counted into reduced costs, not into costs.
    most
        More labels of one size than this are not looked at, only the most promising ones; the result
        is not complete then.
    near
        Only these many nearest errands follow each stop; the result is not complete then.
    over
        Where it is, no longer tours are looked for; the result is not complete then.
    """
    own = prices[half.at]
    least = _completions(half, own)
    if not half.size:
        return Found(stacked([], pad), True)
    complete = near is None or near >= half.size - 1
    onward = _onward(half, own, least, near)
    value = half.out + fixed * MM - own
    level = Labels(
        np.arange(half.size)[:, None], half.start_over, half.out, value, np.zeros(half.size, np.int64)
    )
    parts: list[Columns] = []
    while len(level.over):
        if over(0):
            return Found(stacked(parts, pad), False)
        last = level.stops[:, -1]
        if burden:
            level.extra = burden(half.at[level.stops])
        hope = level.value + level.extra + least[(half.closes - level.over) // half.step, last]
        good = np.flatnonzero(hope <= below)
        if most is not None and len(good) > most:
            good = np.sort(good[np.argsort(hope[good], kind="stable")[:most]])
            complete = False
        level, last = level.take(good), last[good]
        reduced = level.value + level.extra + half.back[last]
        done = reduced <= below
        if done.any():
            parts.append(_closed(half, level.take(done), reduced[done], fixed))
        level, all_of_them = _longer(half, level, own, onward, least, below, over)
        level, complete = _cheapest(half, level), complete and all_of_them
    return Found(stacked(parts, pad), complete)


def pairs(half: HalfDay, fixed: int, rule: Burden | None) -> Columns:
    """Give the column of every two errands that one team can visit; those that `rule` forbids are out."""
    begun = np.maximum(half.first[None], half.start_over[:, None] + half.minutes)
    over = begun + half.takes[None]
    fits = (begun <= half.last[None]) & (over + half.back_min[None] <= half.closes)
    fits &= half.units[:, None] != half.units[None]
    metres = np.where(fits, half.out[:, None] + half.metres + half.back[None], NEVER)
    metres = np.minimum(metres, metres.T)
    one, other = np.nonzero(np.triu(metres < NEVER, 1))
    members = np.sort(half.at[np.column_stack([one, other])], axis=1)
    costs = metres[one, other] // MM + fixed
    if rule is not None and len(members):
        good = np.flatnonzero(rule(members) == 0)
        members, costs = members[good], costs[good]
    return Columns(members, np.full(len(costs), half.slot), costs, np.zeros(len(costs), np.int64))


def _closed(half: HalfDay, labels: Labels, reduced: Whole, fixed: int) -> Columns:
    """Drive home; of several orders of one set the shortest stays."""
    members = np.sort(half.at[labels.stops], axis=1)
    costs = (labels.metres + half.back[labels.stops[:, -1]]) // MM + fixed
    order, fresh = _grouped(_keys(members, int(half.at[-1])), (costs,))
    kept = order[fresh]
    return Columns(members[kept], np.full(len(kept), half.slot), costs[kept], reduced[kept])


@dataclass(frozen=True, slots=True)
class Onward:
    """Which stops may follow each stop, the most promising first, and what going there costs at least.

    `rises` holds all these costs in one ascending line: those of each stop lifted above those of the
    one before, so that one search finds for many labels how many stops may follow.
    """

    stops: Whole
    rises: Whole
    lowest: int
    lift: int

    def counts(self, last: Whole, most: Whole) -> Whole:
        """Tell how many of the first stops behind each `last` cost no more than `most` each."""
        wish = np.clip(most - self.lowest, -1, self.lift - 1) + last * self.lift
        width = self.stops.shape[1]
        found: Whole = np.searchsorted(self.rises, wish, side="right") - last * width
        return np.clip(found, 0, width)


def _onward(half: HalfDay, own: Whole, least: Whole, near: int | None) -> Onward:
    room = np.clip((half.closes - half.start_over) // half.step, 0, len(half.steps) - 1)
    # the least that going on from one stop to another can cost, however early the tour is
    cost = half.metres + (least[room, np.arange(half.size)] - own)[None]
    cost[np.diag_indices(half.size)] = cost.max() + 1
    stops = np.argsort(cost, axis=1, kind="stable")
    if near is not None and near < half.size - 1:
        few = _neighbours(half, near)
        stops = np.take_along_axis(few, np.argsort(np.take_along_axis(cost, few, 1), 1, kind="stable"), 1)
    rises = np.take_along_axis(cost, stops, 1)
    lowest = int(rises.min())
    lift = int(rises.max()) - lowest + 2
    return Onward(stops, (rises - lowest + np.arange(half.size)[:, None] * lift).ravel(), lowest, lift)


def _longer(
    half: HalfDay,
    level: Labels,
    own: Whole,
    onward: Onward,
    least: Whole,
    below: int,
    over: Over,
) -> tuple[Labels, bool]:
    """Go on to one more stop from every label, where that can still end below the limit; from all?"""
    last = level.stops[:, -1]
    counts = onward.counts(last, below - level.value - level.extra)
    ends = np.cumsum(counts)
    parts = [Labels(np.zeros((0, level.stops.shape[1] + 1), np.int64), *(np.zeros((4, 0), np.int64)))]
    begin = found = looked = 0
    while begin < len(counts) and found < ROOM and not over(looked):
        before = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + CHUNK, side="right")))
        at = np.repeat(np.arange(begin, end), counts[begin:end])
        looked = len(at)
        place = np.arange(len(at)) - np.repeat(
            ends[begin:end] - counts[begin:end] - before, counts[begin:end]
        )
        here = last[at]
        then = onward.stops[here, place]
        begun = np.maximum(half.first[then], level.over[at] + half.minutes[here, then])
        ends_at = begun + half.takes[then]
        fits = np.flatnonzero((begun <= half.last[then]) & (ends_at + half.back_min[then] <= half.closes))
        at, here, then, ends_at = at[fits], here[fits], then[fits], ends_at[fits]
        leg = half.metres[here, then]
        value = level.value[at] + leg - own[then]
        hope = value + level.extra[at] + least[(half.closes - ends_at) // half.step, then] <= below
        for stop in level.stops.T:
            hope &= half.units[stop[at]] != half.units[then]
        hope = np.flatnonzero(hope)
        at, then = at[hope], then[hope]
        parts.append(
            Labels(
                np.column_stack([level.stops[at], then]),
                ends_at[hope],
                level.metres[at] + leg[hope],
                value[hope],
                level.extra[at],
            )
        )
        begin, found = end, found + len(at)
    longer = Labels(*(np.concatenate([getattr(part, name) for part in parts]) for name in Labels.__slots__))
    return longer, begin >= len(counts)


def _cheapest(half: HalfDay, level: Labels) -> Labels:
    """Of labels with one set and one last stop keep those that none beats in minutes and metres."""
    if level.stops.shape[1] < 3 or not len(level.over):
        return level
    rows = np.column_stack([np.sort(level.stops, axis=1), level.stops[:, -1]])
    order, fresh = _grouped(_keys(rows, half.size), (level.over, level.metres))
    # a falling offset a group makes one running minimum serve all groups
    metres = level.metres[order] - (np.cumsum(fresh) - 1) * (np.int64(1) << 36)
    lowest = np.minimum.accumulate(metres)
    fresh[1:] |= metres[1:] < lowest[:-1]
    return level.take(np.sort(order[fresh]))
