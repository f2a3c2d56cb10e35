"""The cheapest schedule of each person when every shift of every day has a price.

Dynamic programming over the days, for many people at once as arrays. A state is: off for 1, 2, … days
(as far as the least time off asks), or on with the length of the run and the class of the last shift
(shifts that the same shifts may follow); times minutes worked, weekends worked, and how many of each
counted shift. Shifts that nothing but their price tells apart are one shift. All prices are whole
numbers, so the least cost is exact.

A limit on a shift is counted only for a person whose cheapest schedule broke it; where counting would be
too large, breaking it is fined, and the least cost less the fine remains a bound from below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from auditor.roster.shifts.staffing import OFF, SATURDAY, SUNDAY, Schedule, Staffing, Worker

Prices = NDArray[np.int64]
"""Of each person (first axis), day and shift: what working it costs, in units of 1 / SCALE."""
States: TypeAlias = Any
"""An array of whole numbers of 32 bits; numpy's types do not follow indices of any length."""
Move = tuple[tuple[slice, ...], tuple[slice, ...]] | None
"""Where states go to and where they come from; None if nowhere."""

SCALE = 1_000
"""Prices are counted in thousandths of a unit of cost."""
FORBIDDEN = 200_000_000
NEVER = 1_000_000_000
POSSIBLE = 100_000_000
"""What costs less than this is a real schedule."""
CLAMPED = 4
"""Sums are cut back to NEVER every so many days, before they could run over."""
COUNTED = 12_000_000
"""States of all days together, of one person, up to which another shift is counted."""
TOGETHER = 60_000_000
"""The same of everybody."""
ROOM = 30_000_000
"""States of all days together that are kept at once."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A person's cheapest schedule. `least` bounds the cost of every legal one from below (in 1 / SCALE);
    `schedules` are legal, cheapest first, and may be none where a limit was only fined.
    """

    least: int
    schedules: tuple[Schedule, ...]


def workable(worker: Worker, days: int) -> int:
    """At most so many of these consecutive days can be worked."""
    cycle = worker.run_most + max(1, worker.off_least)
    return days // cycle * worker.run_most + min(days % cycle, worker.run_most)


@dataclass(slots=True)
class Pricer:
    """Prices schedules; remembers for each person which limits must be counted or fined."""

    staffing: Staffing
    counted: dict[int, tuple[int, ...]] = field(default_factory=dict)
    fines: dict[int, dict[int, int]] = field(default_factory=dict)
    _made: dict[tuple[tuple[int, ...], tuple[int, ...]], _Group] = field(default_factory=dict)
    _sizes: dict[int, int] = field(default_factory=dict)

    def price(
        self, people: Sequence[int], prices: Prices, several: int = 1, tries: int = 6
    ) -> dict[int, Priced]:
        """Price these people; `prices` has a row for each of them, in their order."""
        row = {one: at for at, one in enumerate(people)}
        done: dict[int, Priced] = {}
        best: dict[int, int] = {}
        left = list(people)
        for turn in range(40):
            again = []
            for group, counted in self._groups(left):
                own = np.stack([self._fined(one, prices[row[one]]) for one in group])
                for one, found in zip(group, self._group(group, counted).solve(own, several), strict=True):
                    fine = sum(
                        amount * self.staffing.workers[one].most[shift]
                        for shift, amount in self.fines.get(one, {}).items()
                    )
                    least = found.least - fine
                    best[one] = max(best.get(one, least), least)
                    legal = [path for path in found.schedules if not self._broken(one, path)]
                    done[one] = Priced(best[one], tuple(legal))
                    broken = self._broken(one, found.schedules[0]) if found.schedules else []
                    if not broken:
                        self._relent(one, found.schedules)
                    elif self._count(one, broken) or (turn < tries and self._fine(one, broken)):
                        again.append(one)
            left = again
            if not left:
                break
        return done

    @property
    def size(self) -> int:
        """States of all days and people together."""
        if not self._sizes:
            for one in range(len(self.staffing.workers)):
                self._sizes[one] = _Group(self.staffing, [one], self.counted.get(one, ())).size
        return sum(self._sizes.values())

    def _broken(self, one: int, path: Schedule) -> list[tuple[int, int]]:
        """Which limits on shifts a schedule breaks, and by how many."""
        most = self.staffing.workers[one].most
        found = []
        for shift in set(path) - {OFF}:
            if (over := path.count(shift) - most[shift]) > 0:
                found.append((shift, over))
        return sorted(found)

    def _count(self, one: int, broken: Iterable[tuple[int, int]]) -> bool:
        """Count another shift of one person from now on, where there is room for it."""
        had = self.counted.get(one, ())
        for shift, _over in sorted(
            broken, key=lambda each: (self.staffing.workers[one].most[each[0]], each[0])
        ):
            now = tuple(sorted({*had, shift}))
            if len(now) == len(had):
                continue
            size = self._group([one], now).size
            if size <= COUNTED and self.size - self._sizes[one] + size <= TOGETHER:
                self.counted[one] = now
                self._sizes[one] = size
                self.fines.get(one, {}).pop(shift, None)
                return True
        return False

    def _fine(self, one: int, broken: Iterable[tuple[int, int]]) -> bool:
        """Raise the fines on what was broken."""
        own = self.fines.setdefault(one, {})
        for shift, over in broken:
            own[shift] = own.get(shift, 0) + SCALE * max(1, over)
        return True

    def _relent(self, one: int, paths: Sequence[Schedule]) -> None:
        """Lower the fines that were not needed."""
        own = self.fines.get(one)
        if own and paths:
            for shift in list(own):
                if paths[0].count(shift) < self.staffing.workers[one].most[shift]:
                    own[shift] -= own[shift] // 4

    def _fined(self, one: int, prices: NDArray[np.int64]) -> NDArray[np.int64]:
        own = self.fines.get(one)
        if not own:
            return prices
        changed = prices.copy()
        for shift, amount in own.items():
            changed[:, shift] += amount
        return changed

    def _group(self, people: Sequence[int], counted: tuple[int, ...]) -> _Group:
        key = tuple(people), counted
        if key not in self._made:
            if len(self._made) >= REMEMBERED:
                del self._made[next(iter(self._made))]
            self._made[key] = _Group(self.staffing, people, counted)
        return self._made[key]

    def _groups(self, people: Iterable[int]) -> list[tuple[list[int], tuple[int, ...]]]:
        """People who are priced together: their runs and what is counted are alike."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for one in people:
            worker = self.staffing.workers[one]
            alike = (
                worker.run_most,
                worker.run_least,
                worker.off_least,
                worker.minutes_least // 960,
                self.counted.get(one, ()),
            )
            groups.setdefault(alike, []).append(one)
        made = []
        for key, members in groups.items():
            counted = key[-1]
            assert isinstance(counted, tuple)
            room = max(1, ROOM // self._group(members, counted).size)
            made += [(members[at : at + room], counted) for at in range(0, len(members), room)]
        return made


def _cheaper(now: States, was: States, price: States, first: bool) -> None:
    """Let states be reached at this price, where that is cheaper or nothing else came `first`."""
    wide = np.empty(now.shape[-2:], np.int32)
    wide[:] = price  # so that minutes and people are one run of memory for numpy
    if first:
        np.add(was, wide, out=now)
    else:
        np.minimum(now, was + wide, out=now)


REMEMBERED = 500
"""Groups whose measures are kept."""


class _Group:
    """People priced together, and the arrays' measures.

    Axes of states on duty: run, class of the last shift, each counted shift, weekends, minutes,
    person; off duty: days off, then the same from the counted shifts on.
    """

    def __init__(self, staffing: Staffing, people: Sequence[int], counted: tuple[int, ...]) -> None:
        self._days = staffing.days
        self._people = people
        self._workers = [staffing.workers[one] for one in people]
        self._counted = counted
        first = self._workers[0]
        self._run_most = max(1, first.run_most)
        self._run_least = first.run_least
        self._off = max(1, first.off_least)
        usable = [
            at
            for at, shift in enumerate(staffing.shifts)
            if any(one.most[at] > 0 and shift.minutes <= one.minutes_most for one in self._workers)
            and first.run_most > 0
        ]
        follows = {at: frozenset(usable) - staffing.shifts[at].not_next for at in usable}
        classes = sorted(set(follows.values()), key=lambda one: (-len(one), sorted(one)))
        self._classes = len(classes)
        alike: dict[tuple[object, ...], list[int]] = {}
        for at in usable:
            before = tuple(number for number, after in enumerate(classes) if at in after)
            last = classes.index(follows[at])
            key = (last, staffing.shifts[at].minutes, before, at if at in counted else -1)
            alike.setdefault(key, []).append(at)
        ordered = sorted(alike.items(), key=lambda each: (each[0][0], each[1]))
        self._alike = [members for _key, members in ordered]
        step = 0
        for members in self._alike:
            step = gcd(step, staffing.shifts[members[0]].minutes)
        self._step = step or 1
        self._units = [staffing.shifts[members[0]].minutes // self._step for members in self._alike]
        self._last = [classes.index(follows[members[0]]) for members in self._alike]
        """Of each shift, its class."""
        self._of = [[n for n, last in enumerate(self._last) if last == one] for one in range(len(classes))]
        """Of each class, its shifts."""
        self._before = [
            tuple(number for number, after in enumerate(classes) if members[0] in after)
            for members in self._alike
        ]
        """Of each shift, the classes that may have been the day before."""
        self._nested: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = []
        for before in sorted(set(self._before), key=lambda one: (len(one), one)):
            if before:
                inner = [one for one, _base, _more in self._nested if set(one) <= set(before)]
                base = inner[-1] if inner else ()
                self._nested.append((before, base, tuple(sorted(set(before) - set(base)))))
        self._counts = [[1 if shift in members else 0 for shift in counted] for members in self._alike]
        self._closed = np.array(
            [[one.most[at] <= 0 for one in self._workers] for at in range(len(staffing.shifts))]
        )
        self._moved: dict[tuple[int, int], tuple[Move, Move]] = {}
        self._windows()

    def _windows(self) -> None:
        """Which minutes, weekends and counts can be of use on each day (the last entry: before the first)."""
        longest = max(self._units, default=1)
        most = max(one.minutes_most for one in self._workers) // self._step
        least = min(-(-one.minutes_least // self._step) for one in self._workers)
        limit = max(one.weekends_most for one in self._workers)
        all_weekends = (self._days + 1) // 7
        self._weekends = min(one.weekends_most for one in self._workers) < all_weekends
        limit = min(limit, all_weekends)
        worker = self._workers[0]
        self._low, self._high, self._ends, self._caps = [], [], [], []
        caps = [max(one.most[shift] for one in self._workers) for shift in self._counted]
        for day in range(self._days + 1):
            day = day if day < self._days else -1
            before, after = workable(worker, day + 1), workable(worker, self._days - 1 - day)
            self._low.append(max(0, least - longest * after))
            self._high.append(max(0, min(most, longest * before)))
            self._low[-1] = min(self._low[-1], self._high[-1] + 1)
            self._ends.append(min(limit, (day + 2) // 7) if self._weekends else 0)
            self._caps.append([min(cap, before) for cap in caps])
        per_day = [
            (self._run_most * max(1, self._classes) + self._off)
            * max(1, high - low + 1)
            * (weekends + 1)
            * int(np.prod([cap + 1 for cap in caps_now], dtype=np.int64))
            for low, high, weekends, caps_now in zip(
                self._low, self._high, self._ends, self._caps, strict=True
            )
        ]
        self.size = sum(per_day)
        """States of one person on all days together."""

    def _shape(self, day: int) -> tuple[int, ...]:
        width = max(0, self._high[day] - self._low[day] + 1)
        return (*(cap + 1 for cap in self._caps[day]), self._ends[day] + 1, width, len(self._people))

    def _shift(self, day: int, units: int, weekends: int, counts: Sequence[int]) -> Move:
        """Where states of the day before go to on this day, and where they come from."""
        to, come = [], []
        for add, had, now in zip(counts, self._caps[day - 1], self._caps[day], strict=True):
            size = min(had, now - add) + 1
            if size <= 0:
                return None
            to.append(slice(add, add + size))
            come.append(slice(0, size))
        add = weekends if self._weekends else 0
        size = min(self._ends[day - 1], self._ends[day] - add) + 1
        if size <= 0:
            return None
        to.append(slice(add, add + size))
        come.append(slice(0, size))
        low = max(self._low[day], self._low[day - 1] + units)
        high = min(self._high[day], self._high[day - 1] + units)
        if low > high:
            return None
        to.append(slice(low - self._low[day], high - self._low[day] + 1))
        come.append(slice(low - units - self._low[day - 1], high - units - self._low[day - 1] + 1))
        return tuple(to), tuple(come)

    def solve(self, prices: Prices, several: int) -> list[Priced]:
        """Price each person; least is NEVER or more where there is no schedule."""
        costs = self._costs(prices)
        on, off = self._forward(costs)
        return [self._read(at, costs, on, off, several) for at in range(len(self._people))]

    def _costs(self, prices: Prices) -> States:
        """Of each day, shift (alike ones as one) and person."""
        own = np.minimum(prices, FORBIDDEN).astype(np.int32)
        for at, worker in enumerate(self._workers):
            own[at, sorted(worker.days_off), :] = FORBIDDEN
        own = own.transpose(1, 2, 0)
        own = np.where(self._closed[None], np.int32(FORBIDDEN), own)
        self._prices = own
        joined = np.empty((self._days, len(self._alike), len(self._people)), np.int32)
        for number, members in enumerate(self._alike):
            joined[:, number] = own[:, members].min(axis=1)
        return joined

    def _forward(self, costs: States) -> tuple[list[States], list[States]]:
        start_on: States = np.full((self._run_most, self._classes, *self._shape(-1)), NEVER, np.int32)
        start_off: States = np.full((self._off, *self._shape(-1)), NEVER, np.int32)
        if start_off[-1].size:
            start_off[(-1, *(0 for _axis in start_off.shape[1:-1]))] = 0
        # the state before day 0 stands at place -1, so that day 0 finds it at day - 1
        on: list[States] = [start_on] * (self._days + 1)
        off: list[States] = [start_off] * (self._days + 1)
        for day in range(self._days):
            was_on, was_off = on[day - 1], off[day - 1]
            now_on: States = np.full((self._run_most, self._classes, *self._shape(day)), NEVER, np.int32)
            now_off: States = np.full((self._off, *self._shape(day)), NEVER, np.int32)
            still = self._shift(day, 0, 0, [0] * len(self._counted))
            if still is not None:
                to, come = still
                runs = self._ended(day)
                if self._classes and runs:
                    ends = was_on[np.s_[runs[0] : runs[-1] + 1, :, *come]]
                    if runs != list(range(runs[0], runs[-1] + 1)):
                        ends = was_on[runs][np.s_[:, :, *come]]
                    now_off[np.s_[0, *to]] = ends.min(axis=(0, 1))
                if self._off > 1:
                    now_off[np.s_[1:, *to]] = was_off[np.s_[:-1, *come]]
                last = now_off[np.s_[-1, *to]]
                np.minimum(last, was_off[np.s_[-1, *come]], out=last)
            best = self._chains(was_on) if self._run_most > 1 else {}
            for number, last in enumerate(self._last):
                price = costs[day, number]
                first = number == self._of[last][0]
                began, went = self._moves(day, number)
                if began is not None:
                    to, come = began
                    _cheaper(now_on[np.s_[0, last, *to]], was_off[np.s_[-1, *come]], price, first)
                if went is not None and (chain := best.get(self._before[number])) is not None:
                    to, come = went
                    _cheaper(now_on[np.s_[1:, last, *to]], chain[np.s_[:, *come]], price, first)
            if day % CLAMPED == CLAMPED - 1:
                np.minimum(now_on, NEVER, out=now_on)
                np.minimum(now_off, NEVER, out=now_off)
            on[day], off[day] = now_on, now_off
        return on, off

    def _chains(self, was_on: States) -> dict[tuple[int, ...], States]:
        """The cheapest run of the day before ending in each set of classes; sets grow out of smaller ones."""
        best: dict[tuple[int, ...], States] = {}
        for before, base, more in self._nested:
            start = best[base] if base else was_on[:-1, more[0]]
            rest = more if base else more[1:]
            chain = start
            for at, last in enumerate(rest):
                chain = np.minimum(chain, was_on[:-1, last], out=chain if at else None)
            best[before] = chain
        return best

    def _moves(self, day: int, number: int) -> tuple[Move, Move]:
        """Where a run that begins on a day goes to, and one that goes on."""
        key = (day, number)
        if key not in self._moved:
            which = day % 7
            units, counts = self._units[number], self._counts[number]
            began = self._shift(day, units, int(which in (SATURDAY, SUNDAY)), counts)
            went = self._shift(day, units, int(which == SATURDAY), counts)
            self._moved[key] = began, went
        return self._moved[key]

    def _ended(self, day: int) -> list[int]:
        """Runs (their length less one) that may end the day before this one."""
        return [run for run in range(self._run_most) if run + 1 >= self._run_least or run + 1 == day]

    def _read(self, at: int, costs: States, on: list[States], off: list[States], several: int) -> Priced:
        worker = self._workers[at]
        last = self._days - 1
        low = max(0, -(-worker.minutes_least // self._step) - self._low[last])
        high = worker.minutes_most // self._step - self._low[last] + 1
        caps = tuple(slice(0, worker.most[shift] + 1) for shift in self._counted)
        weekends = slice(0, worker.weekends_most + 1) if self._weekends else slice(None)
        if high <= low or not off[last].size:
            return Priced(NEVER, ())
        inside = (*caps, weekends, slice(low, high), at)
        ends_on, ends_off = on[last][np.s_[:, :, *inside]], off[last][np.s_[:, *inside]]
        minutes = ends_off.min(axis=tuple(range(ends_off.ndim - 1)))
        if ends_on.size:
            minutes = np.minimum(minutes, ends_on.min(axis=tuple(range(ends_on.ndim - 1))))
        if not minutes.size or minutes.min() >= POSSIBLE:
            return Priced(NEVER, ())
        paths = []
        for unit in np.argsort(minutes, kind="stable")[:several]:
            if minutes[unit] >= POSSIBLE:
                break
            part_on, part_off = ends_on[..., unit], ends_off[..., unit]
            if part_on.size and part_on.min() == minutes[unit]:
                place = np.unravel_index(int(part_on.argmin()), part_on.shape)
                state = (True, *(int(one) for one in place), low + int(unit))
            else:
                place = np.unravel_index(int(part_off.argmin()), part_off.shape)
                state = (False, *(int(one) for one in place), low + int(unit))
            paths.append(self._back(at, state, costs, on, off))
        return Priced(int(minutes.min()), tuple(paths))

    def _back(
        self, at: int, state: tuple[int, ...], costs: States, on: list[States], off: list[States]
    ) -> Schedule:
        """Read one schedule from its last state backwards."""
        path = [OFF] * self._days
        works, *place = state
        nothing = [0] * len(self._counted)
        for day in range(self._days - 1, -1, -1):
            if works:
                number, works, *place = self._yesterday(at, day, place, costs, on, off)
                members = self._alike[number]
                path[day] = members[int(self._prices[day, members, at].argmin())]
                continue
            stage, *rest = place
            value = off[day][(stage, *rest, at)]
            before = self._earlier(day, rest, 0, 0, nothing)
            if stage == self._off - 1 and off[day - 1][(stage, *before, at)] == value:
                place = [stage, *before]
            elif stage > 0:
                place = [stage - 1, *before]
            else:
                table = on[day - 1][(slice(None), slice(None), *before, at)]
                run, last = next(
                    (run, one)
                    for run in self._ended(day)
                    for one in range(self._classes)
                    if table[run, one] == value
                )
                works, place = True, [run, last, *before]
        return tuple(path)

    def _yesterday(
        self,
        at: int,
        day: int,
        place: Sequence[int],
        costs: States,
        on: list[States],
        off: list[States],
    ) -> tuple[int, ...]:
        """The shift of a day whose state is on, whether the day before was worked, and its state."""
        run, last, *rest = place
        value = on[day][(run, last, *rest, at)]
        which = day % 7
        weekend = int(which == SATURDAY or (which == SUNDAY and run == 0))
        shape = on[day - 1].shape[2:-1]
        for number in self._of[last]:
            before = self._earlier(day, rest, self._units[number], weekend, self._counts[number])
            if not all(0 <= one < size for one, size in zip(before, shape, strict=True)):
                continue
            was = value - costs[day, number, at]
            if run == 0:
                if off[day - 1][(self._off - 1, *before, at)] == was:
                    return number, False, self._off - 1, *before
                continue
            column = on[day - 1][(run - 1, slice(None), *before, at)]
            for one in self._before[number]:
                if column[one] == was:
                    return number, True, run - 1, one, *before
        raise AssertionError("a state came from nowhere")

    def _earlier(
        self, day: int, rest: Sequence[int], units: int, weekends: int, counts: Sequence[int]
    ) -> list[int]:
        """The counts, weekends and minutes of the day before."""
        *had, worked, minutes = rest
        return [
            *(one - add for one, add in zip(had, counts, strict=True)),
            worked - (weekends if self._weekends else 0),
            minutes + self._low[day] - units - self._low[day - 1],
        ]
