"""The quick bound: never above what a roster costs, and near to it; what is rounded off from it is legal."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.errors import Infeasible
from auditor.roster.shifts import easing, rounding
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.construct import sweep
from auditor.roster.shifts.cost import check
from auditor.roster.shifts.easing import Paths, ease
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.make import TooLittleTime, make_shifts
from auditor.roster.shifts.pricing import POSSIBLE, Pricer
from auditor.roster.shifts.quick import quick
from auditor.roster.shifts.rounding import round_off
from auditor.roster.shifts.staffing import OFF, Cover, Request, Schedule, Shift, Staffing, Worker
from roster.shifts.small import alone, legal, named, staffings

FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
STEPS = 40


def least_cost(staffing: Staffing) -> int | None:
    """The cheapest of all rosters, by trying each; None if there is none or they are too many."""
    choices = [list(legal(staffing, worker)) for worker in staffing.workers]
    size = int(np.prod([len(own) for own in choices]))
    if not 0 < size <= 20_000:
        return None
    ground = Ground.of(staffing)
    return min(ground.cost(rows) for rows in product(*choices))


def untied(staffing: Staffing, one: int) -> Staffing:
    """One person without what holds over the whole period: minutes, weekends and limited shifts."""
    worker = staffing.workers[one]
    free = replace(
        worker,
        most=tuple(staffing.days if most else 0 for most in worker.most),
        minutes_least=0,
        minutes_most=10**6,
        weekends_most=staffing.days,
    )
    return alone(staffing, free)


@FEW
@given(staffings(days=6, people=2))
def test_the_bound_is_never_above_the_cheapest_roster(staffing: Staffing) -> None:
    """Every bound that is told, from the first step on, is at most what full enumeration finds."""
    least = least_cost(staffing)
    assume(least is not None)
    told: list[int] = []
    eased = ease(Ground.of(staffing), Clock(), STEPS, told.append)
    assert told
    assert max(told) == eased.bound <= (least or 0)


@FEW
@given(staffings(days=8, people=1), st.integers(0, 10**6))
def test_a_cheapest_path_is_the_cheapest_of_all(staffing: Staffing, seed: int) -> None:
    """Priced at any prices, with a fine on each weekend, a path costs what enumeration finds."""
    world = untied(staffing, 0)
    chance = np.random.default_rng(seed)
    prices = chance.integers(-5_000, 5_000, (1, staffing.days, 2))
    fine = int(chance.integers(0, 3_000))

    def worth(schedule: Schedule) -> int:
        weekends = {day // 7 for day, entry in enumerate(schedule) if entry != OFF and day % 7 >= 5}
        own = sum(int(prices[0, day, entry]) for day, entry in enumerate(schedule) if entry != OFF)
        return own + fine * len(weekends)

    costs = {path: worth(path) for path in legal(world, world.workers[0])}
    least, path = Paths(Ground.of(world)).cheapest(prices, np.array([fine]))
    found = tuple(int(entry) for entry in path[0])
    assert costs
    assert least[0] == min(costs.values()) == costs[found]
    assert least[0] < POSSIBLE


def team(need: int = 2) -> Staffing:
    """Two who work exactly one shift in a week of early shifts, where `need` are wanted on each day."""
    worker = Worker("A", (1,), 480, 480, 5, 1, 1, 1, frozenset())
    cover = tuple(Cover(day, 0, need, 100, 1) for day in range(7))
    return Staffing(7, (Shift("E", 480, frozenset()),), (worker, replace(worker, id="B")), (), (), cover)


def test_a_bound_counted_by_hand_is_reached() -> None:
    """14 shifts are wanted, 2 can be worked: 12 are missing at 100 each, whatever the roster."""
    assert ease(Ground.of(team()), Clock(), 200).bound == 1200


def by_chance(seed: int, days: int = 7, people: int = 2) -> Staffing:
    """A small staffing whose limits bind: few minutes, weekends and late shifts where many are wanted."""
    chance = np.random.default_rng(seed)
    shifts = (Shift("E", 480, frozenset()), Shift("L", 600, frozenset({0})))
    workers = []
    for name in "ABCD"[:people]:
        least = int(chance.integers(0, 3)) * 480
        workers.append(
            Worker(
                name,
                (days, int(chance.integers(0, 3))),
                least + int(chance.integers(1, 4)) * 480,
                least,
                int(chance.integers(2, 5)),
                int(chance.integers(1, 3)),
                int(chance.integers(1, 3)),
                int(chance.integers(0, 2)),
                frozenset(int(day) for day in chance.integers(0, days, 1)),
            )
        )
    cells = [(day, shift) for day in range(days) for shift in (0, 1)]
    wishes = tuple(
        Request(one, day, int(chance.integers(0, 2)), int(chance.integers(1, 4)))
        for one in range(people)
        for day in sorted({int(day) for day in chance.integers(0, days, 3)})
    )
    cover = tuple(Cover(*cell, int(chance.integers(0, people + 1)), 30, 2) for cell in cells)
    return Staffing(days, shifts, tuple(workers), wishes, (), cover)


def one_weekend(seed: int) -> Staffing:
    """One person who may work on one weekend of two, and whose other limits leave him alone."""
    staffing = by_chance(seed, days=15, people=1)
    free = {"minutes_least": 0, "minutes_most": 9_000, "weekends_most": 1, "run_most": 6, "run_least": 1}
    cover = tuple(replace(one, need=1) for one in staffing.cover)
    return replace(staffing, workers=(replace(staffing.workers[0], **free),), cover=cover)


def best_by_cpsat(staffing: Staffing) -> tuple[int, list[Schedule]] | None:
    """The cheapest roster by a model of its own, proven; None if there is no legal one."""
    model = cp_model.CpModel()
    days, shifts = range(staffing.days), range(len(staffing.shifts))
    cell = {
        (one, day, shift): model.new_bool_var("")
        for one in range(len(staffing.workers))
        for day in days
        for shift in shifts
    }
    on = {(one, day): model.new_bool_var("") for one in range(len(staffing.workers)) for day in days}
    for one, worker in enumerate(staffing.workers):
        for day in days:
            model.add(sum(cell[one, day, shift] for shift in shifts) == on[one, day])
            for shift in shifts if day + 1 < staffing.days else ():
                for after in staffing.shifts[shift].not_next:
                    model.add_implication(cell[one, day, shift], ~cell[one, day + 1, after])
            if day in worker.days_off:
                model.add(on[one, day] == 0)
            if day + worker.run_most < staffing.days:
                model.add(sum(on[one, day + more] for more in range(worker.run_most + 1)) <= worker.run_most)
            for more in range(1, max(worker.run_least, worker.off_least)):
                if day == 0 or day + more >= staffing.days:
                    continue
                before, now, then = on[one, day - 1], on[one, day], on[one, day + more]
                if more < worker.run_least:
                    model.add_bool_or(before, ~now, then)
                if more < worker.off_least:
                    model.add_bool_or(~before, now, ~then)
        for shift in shifts:
            model.add(sum(cell[one, day, shift] for day in days) <= worker.most[shift])
        minutes = sum(
            cell[one, day, shift] * staffing.shifts[shift].minutes for day in days for shift in shifts
        )
        model.add_linear_constraint(minutes, worker.minutes_least, worker.minutes_most)
        ends = [model.new_bool_var("") for _week in range(0, staffing.days, 7)]
        for day in days:
            if day % 7 >= 5:
                model.add_implication(on[one, day], ends[day // 7])
        model.add(sum(ends) <= worker.weekends_most)
    total: Any = 0
    for wish in staffing.wanted:
        total += wish.weight * (1 - cell[wish.worker, wish.day, wish.shift])
    for wish in staffing.unwanted:
        total += wish.weight * cell[wish.worker, wish.day, wish.shift]
    for cover in staffing.cover:
        under, over = (model.new_int_var(0, 99, "") for _side in range(2))
        there = sum(cell[one, cover.day, cover.shift] for one in range(len(staffing.workers)))
        model.add(there + under - over == cover.need)
        total += cover.under * under + cover.over * over
    model.minimize(total)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL
    rows = [
        tuple(next((s for s in shifts if solver.value(cell[one, day, s])), OFF) for day in days)
        for one in range(len(staffing.workers))
    ]
    return round(solver.objective_value), rows


def test_the_bound_is_below_what_another_model_proves_and_near_to_it() -> None:
    """Three people, two weeks and a day: at most the optimum of a CP-SAT model, mostly close to it."""
    gaps = []
    for seed in range(5):
        staffing = by_chance(seed, days=15, people=3)
        proven = best_by_cpsat(staffing)
        if proven is None:
            continue
        best, rows = proven
        assert check(staffing, named(staffing, rows)) == []
        assert Ground.of(staffing).cost(rows) == best
        bound = ease(Ground.of(staffing), Clock(), 200).bound
        assert bound <= best
        gaps.append((best - bound) / best)
    assert len(gaps) >= 3
    assert sorted(gaps)[len(gaps) // 2] < 0.1


BROKEN = {
    "minutes that must not be reached are not given back": (
        "np.where(minutes > 0, minutes * high, minutes * low).sum()",
        "(minutes * low).sum()",
    ),
    "minutes that must be reached are given back too late": (
        "np.where(minutes > 0, minutes * high, minutes * low).sum()",
        "(minutes * high).sum()",
    ),
    "fines on weekends are not given back": ("int((weekends * ends).sum()) + ", "0 + "),
    "fines on shifts are not given back": (" + int((fines * most).sum())", ""),
    "a weekend is fined on both days": (
        "            elif day % 7 == SUNDAY:\n                began =",
        "            elif day % 7 == SUNDAY:\n                began = went =",
    ),
    "runs end a day early": ("np.where(run >= most, NEVER, 0)", "np.where(run + 1 >= most, NEVER, 0)"),
    "a day more off": ("max(1, worker.off_least) for", "1 + max(1, worker.off_least) for"),
    "short runs at the beginning are forbidden": ("begun[day - 1] = 0", "pass"),
    "cover is counted twice": (
        "int((cells * ground.need).sum()) +",
        "2 * int((cells * ground.need).sum()) +",
    ),
}


@pytest.fixture(scope="module")
def known() -> list[tuple[Ground, int]]:
    """Small problems and what the cheapest roster costs, proven by the other model."""
    found = []
    short = [by_chance(100 + seed, days=8) for seed in range(24)]
    for staffing in [*short, *(one_weekend(seed) for seed in range(4))]:
        if (proven := best_by_cpsat(staffing)) is not None:
            found.append((Ground.of(staffing), proven[0]))
    assert len(found) >= 16
    return found


def claims_too_much(module: Any, known: list[tuple[Ground, int]]) -> bool:
    """Whether any bound lies above the cheapest roster."""
    return any(module.ease(ground, Clock(), 40).bound > best for ground, best in known)


def test_no_bound_is_above_a_proven_roster(known: list[tuple[Ground, int]]) -> None:
    """The same problems that catch the broken copies have nothing against the true one."""
    assert not claims_too_much(easing, known)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_copy_claims_too_much(what: str, known: list[tuple[Ground, int]]) -> None:
    """A copy of the module with one line wrong is caught by a bound above a proven roster."""
    old, new = BROKEN[what]
    source = Path(easing.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1
    copy = ModuleType("broken_easing")
    sys.modules[copy.__name__] = copy  # dataclasses ask for the module of their class
    try:
        exec(compile(source.replace(old, new), "broken", "exec"), copy.__dict__)
        assert claims_too_much(copy, known)
    finally:
        del sys.modules[copy.__name__]


def test_the_clock_leaves_a_bound() -> None:
    """One step is always made, even where the time is over at the beginning."""
    told: list[int] = []
    ease(Ground.of(team()), Clock(time.monotonic() - 1), 200, told.append)
    assert len(told) == 1


@FEW
@given(st.integers(0, 10**6))
def test_quick_rounded_and_swept_rosters_are_legal(seed: int) -> None:
    """The checker has nothing against them; a sweep never makes a roster dearer."""
    staffing = by_chance(seed, days=28, people=4)
    ground = Ground.of(staffing)
    try:
        rows = quick(ground, Clock())
    except Infeasible:
        assert best_by_cpsat(staffing) is None
        return
    assert check(staffing, named(staffing, rows)) == []
    swept = sweep(ground, rows, Clock())
    assert check(staffing, named(staffing, swept)) == []
    assert ground.cost(swept) <= ground.cost(rows)
    pricer = Pricer(staffing)
    rounded = round_off(ground, pricer, ease(ground, Clock(), 60), Clock())
    assert check(staffing, named(staffing, rounded)) == []


def test_a_time_that_is_over_is_told() -> None:
    """No legal roster can be there: the sentence says so, nothing is waited for."""
    with pytest.raises(TooLittleTime):
        make_shifts(team(), end=time.monotonic() - 1)


def test_a_long_period_ends_in_time_and_has_a_bound() -> None:
    """A year of four people by the clock: legal, a bound above nothing, and within the time."""
    staffing = by_chance(3, days=364, people=4)
    workers = tuple(
        replace(
            one,
            minutes_least=90_000,
            minutes_most=94_000,
            weekends_most=26,
            most=(364, 100),
            run_most=5,
            run_least=2,
            off_least=2,
        )
        for one in staffing.workers
    )
    staffing = replace(staffing, workers=workers)
    began = time.monotonic()
    made = make_shifts(staffing, end=began + 4)
    assert time.monotonic() - began < 5
    assert check(staffing, made.roster) == []
    assert 0 <= made.bound <= made.cost


def test_weekends_that_are_fined_stay_within_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where counting weekends is too large, rounding off gives legal rosters all the same."""
    monkeypatch.setattr(rounding, "LARGE", 0)
    for seed in range(6):
        staffing = by_chance(seed, days=28, people=4)
        ground = Ground.of(staffing)
        try:
            known = quick(ground, Clock())
        except Infeasible:
            continue
        eased = ease(ground, Clock(), 60)
        rows = round_off(ground, Pricer(staffing), eased, Clock(), known=known)
        assert check(staffing, named(staffing, rows)) == []
