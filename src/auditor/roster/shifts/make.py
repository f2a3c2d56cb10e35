"""Make a roster of shifts: by the clock with two processes that share the best, or by steps that repeat.

One process eases, relaxes, dives and proves; the other begins with a legal roster made quickly, rounds
the eased prices off to a better one and improves it; then both improve it. Whatever is given was counted
again by `cost.py`, which shares nothing with the engine.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.errors import AuditorError, Infeasible, VerificationFailed
from auditor.i18n import N_
from auditor.roster.shifts import cost as twin
from auditor.roster.shifts.choosing import choose
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.construct import complete, construct, polish, sweep
from auditor.roster.shifts.dives import dive
from auditor.roster.shifts.easing import Eased, ease
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.master import NEARLY, Master
from auditor.roster.shifts.neighbourhoods import LONG, TARGET, Search
from auditor.roster.shifts.pricing import SCALE, Pricer
from auditor.roster.shifts.proving import prove
from auditor.roster.shifts.quick import quick
from auditor.roster.shifts.rounding import LARGE, round_off
from auditor.roster.shifts.staffing import OFF, Schedule, Staffing

RELAXING = 0.6
"""Part of the time that the relaxation may take, before both processes improve the roster."""
EASING, EASING_LARGE, EASED, LITTLE = 0.2, 0.4, 300, 0.01
"""Part of the time that the quick bound may take (also in the largest rosters), its steps, and the fines that
are too small to matter.
"""
SPEED, LEAST_ROUNDS = 5e7, 300
"""States that pricing goes through in a second, about; and the rounds of pricing there must be time for, else
the relaxation is not begun.
"""
SOON = 2.0
"""Whole schedules are chosen person by person where pricing everybody takes so many seconds at most."""
ROUNDING = 0.7
"""Part of the time left that rounding off may take."""
DIVES, DIVE, DIVING = 6, 0.85, 0.4
"""Dives at most, by the clock; the part of the time left that one may take; and that after which none is
begun.
"""
CHOOSING = 0.1
"""Part of the time left for choosing the best roster of all schedules found."""
SLOWEST = 0.2
"""A step of improvement takes at most the inverse of this as long as where nobody else works."""
PROVING = 0.5
"""Part of the time left then that branching may take."""
WRITING = 0.4
"""Seconds before the end in which the best roster is read, checked and written."""
NEAR = 1.01
"""Branching is tried where the best roster costs at most this many times the bound."""
SMALL = 300
"""Branching is always tried where people times days are no more."""
LARGEST = 10**15
UNKNOWN = -(10**12)
ROUNDS, NODES, STEPS = 300, 20, 60
"""Without a clock: rounds of pricing, branches, and steps of improvement."""


@dataclass(frozen=True, slots=True)
class Made:
    """A legal roster, what it costs, and a proven bound from below."""

    roster: dict[str, list[str]]
    cost: int
    bound: int


class TooLittleTime(AuditorError):
    """The time was over before there was any legal roster."""

    sentence = N_("no legal roster was found in this time; give it more seconds")


def make_shifts(staffing: Staffing, end: float | None = None, steps: int = STEPS, seed: int = 1) -> Made:
    """Make a roster.

    Parameters
    ----------
    end
        A reading of ``time.monotonic`` by which it is made. None: one process works by `steps`, the
        same way every time.

    Raises
    ------
    Infeasible
        If somebody has no legal schedule.
    TooLittleTime
        If the end came before the first legal roster.
    """
    ground = Ground.of(staffing)
    rows, bound = _repeatable(ground, steps, seed) if end is None else _timed(ground, end)
    roster = {
        worker.id: [staffing.shifts[shift].id if shift != OFF else twin.FREE for shift in schedule]
        for worker, schedule in zip(staffing.workers, rows, strict=True)
    }
    if breaches := twin.check(staffing, roster):
        raise VerificationFailed(count=len(breaches))
    return Made(roster, twin.cost(staffing, roster), bound)


class Best:
    """The best roster and bound so far, as one process sees them."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._rows: list[Schedule] | None = None
        self._bound = UNKNOWN

    def take(self) -> list[Schedule] | None:
        """The best roster, if there is one."""
        return self._rows

    def give(self, rows: list[Schedule]) -> None:
        """Keep a roster if it is the best."""
        if self._rows is None or self.ground.cost(rows) < self.ground.cost(self._rows):
            self._rows = list(rows)

    def prove(self, bound: int) -> None:
        """Keep a bound if it is the highest."""
        self._bound = max(self._bound, bound)

    @property
    def bound(self) -> int:
        """The highest proven bound; a cost is never below 0."""
        return max(0, self._bound)

    @property
    def cost(self) -> int:
        """What the best roster costs."""
        rows = self.take()
        return LARGEST if rows is None else self.ground.cost(rows)

    @property
    def proven(self) -> bool:
        """Whether nothing better can be."""
        return self.cost <= self.bound

    @property
    def near(self) -> bool:
        """Whether branching may still prove something."""
        return not self.proven and (self.cost <= self.bound * NEAR or self.ground.own[:, :, 0].size <= SMALL)


class Shared(Best):
    """The same for two processes: the roster, its cost (below 0: none yet) and the bound lie in memory
    that both see, under one lock.
    """

    def __init__(self, ground: Ground, context: Any) -> None:
        super().__init__(ground)
        self._shape = (len(ground.staffing.workers), ground.staffing.days)
        self._cells = context.Array("h", self._shape[0] * self._shape[1])
        self._cost = context.Value("q", -1, lock=False)
        self._low = context.Value("q", UNKNOWN, lock=False)

    def _array(self) -> Any:
        return np.frombuffer(self._cells.get_obj(), np.int16).reshape(self._shape)

    def take(self) -> list[Schedule] | None:
        with self._cells.get_lock():
            if self._cost.value < 0:
                return None
            return [tuple(row) for row in self._array().tolist()]

    def give(self, rows: list[Schedule]) -> None:
        cost = self.ground.cost(rows)
        with self._cells.get_lock():
            if self._cost.value < 0 or cost < self._cost.value:
                self._array()[:] = rows
                self._cost.value = cost

    def prove(self, bound: int) -> None:
        with self._cells.get_lock():
            self._low.value = max(self._low.value, bound)

    @property
    def bound(self) -> int:
        return max(0, int(self._low.value))

    @property
    def cost(self) -> int:
        return LARGEST if self._cost.value < 0 else int(self._cost.value)


def _eased(best: Best, pricer: Pricer, clock: Clock) -> Eased:
    """Find the quick bound; pricing begins with its fines."""
    ground = best.ground
    part = EASING_LARGE if pricer.size > LARGE else EASING
    eased = ease(ground, clock.sooner(clock.left * part) if clock.end else clock, EASED, best.prove)
    _fine(pricer, eased)
    return eased


def _fine(pricer: Pricer, eased: Eased) -> None:
    for one, own in enumerate(eased.shifts):
        fines = {shift: round(fine * SCALE) for shift, fine in enumerate(own) if fine > LITTLE}
        if fines:
            pricer.fines[one] = fines


def _relaxed(
    best: Best,
    pricer: Pricer,
    eased: Eased,
    clock: Clock,
    rounds: int,
    share: float,
    told: Any = None,
) -> Master:
    """Relax, prove, and dive if there is time; gives the master with all schedules found."""
    ground = best.ground
    master = Master(ground, ground.people)
    master.start(eased.cells)
    master.tell = lambda bound: best.prove(bound + ground.constant)
    for one, schedule in enumerate(best.take() or []):
        master.add(one, [schedule])
    solved = master.generate(pricer, clock.sooner(clock.left * share) if clock.end else clock, rounds)
    if told is not None:
        told.put(_nearest(master))
    chance, begun = None, clock.left
    for turn in range(DIVES if solved and clock.end else int(solved)):
        if best.proven or clock.over or (turn and clock.left < begun * (1 - DIVING)):
            break
        fixed, columns = dive(
            pricer,
            master,
            clock.sooner(clock.left * DIVE) if clock.end else clock,
            chance=chance,
        )
        for one, schedule in columns:
            master.add(one, [schedule])
        if len(fixed) < len(ground.people):
            fixed = _filled(master, fixed, clock)
        if completed := complete(ground, pricer, fixed):
            best.give(polish(ground, pricer, completed, clock))
        if turn % 2:
            _chosen(best, master, clock)
        chance = np.random.Generator(np.random.PCG64(turn))
    return master


def _filled(master: Master, fixed: dict[int, Schedule], clock: Clock) -> dict[int, Schedule]:
    """Choose for those whom a dive left when the clock ended it, of the schedules found."""
    rest = master.rest(fixed)
    for one, schedule in _nearest(master):
        if one not in fixed:
            rest.add(one, [schedule])
    return {**choose(rest, {}, float("inf"), clock, clock.left * CHOOSING), **fixed}


def _chosen(best: Best, master: Master, clock: Clock) -> None:
    """Choose the best roster of all schedules found."""
    ground = best.ground
    rows = best.take()
    if rows is None or not master.solve():
        return
    gap = best.cost - ground.constant - master.value + NEARLY
    found = choose(master, dict(enumerate(rows)), gap, clock, clock.left * CHOOSING)
    best.give([found[one] for one in ground.people])


def _nearest(master: Master) -> list[tuple[int, Schedule]]:
    """The schedules of a master, those nearest to its prices last."""
    return [master.columns[int(at)] for at in np.argsort(-master.reduced(), kind="stable")]


def _repeatable(ground: Ground, steps: int, seed: int) -> tuple[list[Schedule], int]:
    best, pricer, clock = Best(ground), Pricer(ground.staffing), Clock()
    rows = polish(ground, pricer, construct(ground, pricer), clock)
    best.give(rows)
    eased = _eased(best, pricer, clock)
    if rounded := round_off(ground, pricer, eased, clock):
        best.give(polish(ground, pricer, rounded, clock))
    master = _relaxed(best, pricer, eased, clock, ROUNDS, 1.0)
    if best.near:
        _prove(best, pricer, master, clock, NODES)
    search = Search(ground, pricer, best.take() or rows, seed)
    search.pool.add(_nearest(master))
    for _step in range(steps):
        if best.proven:
            break
        search.step(clock)
        best.give(search.rows)
    return best.take() or rows, best.bound


def _timed(ground: Ground, end: float) -> tuple[list[Schedule], int]:
    way = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context: Any = multiprocessing.get_context(way)
    best, clock = Shared(ground, context), Clock(end - WRITING)
    told, failed = context.Queue(), context.SimpleQueue()
    works: list[Callable[..., None]] = [_first, _second]
    children = [context.Process(target=work, args=(best, clock, told, failed), daemon=True) for work in works]
    for child in children:
        child.start()
    while not clock.over and not best.proven and any(child.is_alive() for child in children):
        time.sleep(min(0.05, clock.left))
        if not failed.empty():
            break
    bound, made = best.bound, best.take()
    reason = None if failed.empty() else failed.get()
    for child in children:
        child.kill()
    for child in children:
        child.join()
    if reason is not None:
        raise Infeasible(reason=reason)
    if made is None:
        raise TooLittleTime
    return made, bound


def _first(best: Best, clock: Clock, told: Any, _failed: Any) -> None:
    """Ease, relax and prove, then help."""
    pricer = Pricer(best.ground.staffing)
    eased = _eased(best, pricer, clock)
    if pricer.size <= LARGE:
        told.put(eased)  # else the other process goes on week by week: that is quicker then
    if clock.left * RELAXING * SPEED < LEAST_ROUNDS * pricer.size:
        order = np.random.Generator(np.random.PCG64(1)).permutation(len(best.ground.people))
        _rounded(best, pricer, eased, clock, [int(one) for one in order])
        _improve(best, pricer, clock, 1)
        return
    master = _relaxed(best, pricer, eased, clock, 1_000_000, RELAXING, told)
    if not best.near:
        _improve(best, pricer, clock, 1, master, near=True)
    _prove(best, pricer, master, clock.sooner(clock.left * PROVING))
    _improve(best, pricer, clock, 1, master)


def _prove(best: Best, pricer: Pricer, master: Master, clock: Clock, nodes: int = 100_000) -> None:
    prove(
        best.ground,
        pricer,
        master,
        clock,
        cheapest=lambda: best.cost,
        proven=best.prove,
        found=best.give,
        nodes=nodes,
    )


def _second(best: Best, clock: Clock, told: Any, failed: Any) -> None:
    """Make a legal roster, then better ones, and improve the best from then on."""
    ground = best.ground
    pricer = Pricer(ground.staffing)
    try:
        rows = quick(ground, clock)
    except Infeasible as error:
        failed.put(str(error))
        return
    if not rows:
        return
    best.give(rows)
    small = pricer.size <= SOON * SPEED
    if small:
        if rows := complete(ground, pricer, {}):
            best.give(rows)
            best.give(polish(ground, pricer, rows, clock, best.give, told.empty))
    else:
        sweep(ground, rows, clock, best.give, told.empty)
    _improve(best, pricer, clock, 2, None, told)


def _rounded(
    best: Best, pricer: Pricer, eased: Eased, clock: Clock, order: Sequence[int] | None = None
) -> None:
    """Round the quick bound off to a roster, and improve that person by person."""
    ground = best.ground
    _fine(pricer, eased)
    part = clock.sooner(clock.left * ROUNDING)
    rows = round_off(ground, pricer, eased, part, order, best.take() or ())
    if not rows:
        return
    best.give(rows)
    if ground.staffing.days > LONG:
        rows = sweep(ground, rows, clock, best.give)
    if pricer.size <= SOON * SPEED:
        rows = polish(ground, pricer, rows, clock, best.give)
    best.give(rows)


def _improve(
    best: Best,
    pricer: Pricer,
    clock: Clock,
    seed: int,
    master: Master | None = None,
    told: Any = None,
    *,
    near: bool = False,
) -> None:
    """Search until the end or, if asked, until a proof is near."""
    while best.take() is None and not clock.over:
        time.sleep(0.05)
    search = Search(best.ground, pricer, best.take() or [], seed)
    if master is not None:
        search.pool.add(_nearest(master))
    began, worked = time.monotonic(), time.process_time()
    while not clock.over and not best.proven and not (near and best.near):
        if told is not None and not told.empty():
            news = told.get()
            if isinstance(news, Eased):
                _rounded(best, pricer, news, clock)
            else:
                search.pool.add(news)
        else:
            # where others use the processor too, a step takes longer for the same work
            part = (time.process_time() - worked + TARGET) / (time.monotonic() - began + TARGET)
            search.step(clock, TARGET / max(SLOWEST, part))
        search.join(best.take() or search.rows)
        best.give(search.rows)
