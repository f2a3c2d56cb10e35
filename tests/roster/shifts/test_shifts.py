"""Rosters of whole schedules: the engine, the checker and full enumeration agree."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import Infeasible
from auditor.roster.shifts import cost as twin
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.cost import check, cost
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.make import make_shifts
from auditor.roster.shifts.master import Master
from auditor.roster.shifts.pricing import SCALE, Pricer
from auditor.roster.shifts.reading import BadStaffing, read_staffing
from auditor.roster.shifts.staffing import OFF, Cover, Request, Shift, Staffing, Worker
from auditor.roster.shifts.windows import window
from roster.shifts.small import alone, legal, named, staffings

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "rosters.py"
TEXT = """# a comment
SECTION_HORIZON
14
SECTION_SHIFTS
E,480,
L,480,E
SECTION_STAFF
A,E=14|L=5,4320,2400,5,2,2,1
B,E=14|L=14,4320,2400,5,2,2,1
C,E=0|L=14,4320,2400,4,1,2,2
SECTION_DAYS_OFF
A,3,4
SECTION_SHIFT_ON_REQUESTS
A,1,E,2
SECTION_SHIFT_OFF_REQUESTS
B,2,L,3
SECTION_COVER
""" + "".join(f"{day},{shift},1,100,1\n" for day in range(14) for shift in "EL")

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def instance(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of shifts."""

    def write(text: str) -> Path:
        path = tmp_path / "small.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@FEW
@given(staffings(days=7, people=1), st.integers(0, 10**6))
def test_the_cheapest_schedule_is_the_cheapest_of_all(staffing: Staffing, seed: int) -> None:
    """Pricing gives what enumerating every legal schedule gives, to the last thousandth."""
    prices = np.random.default_rng(seed).integers(-5_000, 5_000, (1, staffing.days, 2))
    found = Pricer(staffing).price([0], prices)[0]
    costs = {
        path: sum(int(prices[0, day, entry]) for day, entry in enumerate(path) if entry != OFF)
        for path in legal(staffing, staffing.workers[0])
    }
    if not costs:
        assert found.schedules == ()
        return
    assert found.least == min(costs.values())
    assert costs[found.schedules[0]] == found.least


def test_weekends_count_in_longer_periods() -> None:
    """Saturday and Sunday are one weekend; with one allowed, nobody works in two."""
    worker = Worker("A", (15,), 15 * 480, 0, 6, 1, 1, 1, frozenset())
    staffing = Staffing(15, (Shift("D", 480, frozenset()),), (worker,), (), (), ())
    found = Pricer(staffing).price([0], np.full((1, 15, 1), -SCALE))[0]
    best = min(-sum(entry != OFF for entry in path) for path in legal(staffing, worker))
    assert found.least == best * SCALE


@FEW
@given(staffings(days=6, people=2))
def test_a_small_roster_is_proven_and_is_the_best_of_all(staffing: Staffing) -> None:
    """Without a clock, cost and bound both are the least over all pairs of legal schedules."""
    choices = [list(legal(staffing, worker)) for worker in staffing.workers]
    if not all(choices):
        with pytest.raises(Infeasible):
            make_shifts(staffing, steps=2)
        return
    made = make_shifts(staffing, steps=2)
    ground = Ground.of(staffing)
    if len(choices[0]) * len(choices[1]) <= 20_000:
        least = min(ground.cost(rows) for rows in product(*choices))
        assert made.bound is not None
        assert made.bound <= least <= made.cost
        assert made.cost == least
    assert check(staffing, made.roster) == []
    assert cost(staffing, made.roster) == made.cost


@FEW
@given(staffings(), st.integers(0, 10**6))
def test_arrays_and_plain_python_count_the_same_cost(staffing: Staffing, seed: int) -> None:
    """The engine's cost and the checker's are the same for any roster, legal or not."""
    rows = [tuple(row) for row in np.random.default_rng(seed).integers(-1, 2, (2, staffing.days)).tolist()]
    assert Ground.of(staffing).cost(rows) == cost(staffing, named(staffing, rows))


def test_the_same_roster_comes_again(instance: Callable[[str], Path]) -> None:
    """Without a clock two runs give the same roster, cost and bound."""
    staffing = read_staffing(instance(TEXT))
    first = make_shifts(staffing, steps=5)
    assert first == make_shifts(staffing, steps=5)
    assert first.bound is not None
    assert first.bound <= first.cost
    assert check(staffing, first.roster) == []


LEGAL = ["-", "E", "E", "E", "-", "-", "-", "-", "E", "E", "E", "L", "-", "-"]
WORKER = Worker("A", (6, 1), 3360, 3360, 4, 2, 2, 1, frozenset({5}))
WORLD = Staffing(
    14,
    (Shift("E", 480, frozenset()), Shift("L", 480, frozenset({0}))),
    (WORKER,),
    (Request(0, 0, 0, 5),),
    (Request(0, 1, 0, 7),),
    (Cover(0, 0, 2, 10, 1), Cover(1, 0, 0, 10, 3), Cover(2, 0, 1, 10, 3)),
)


def test_a_roster_counted_by_hand() -> None:
    """5 for the wish, 7 for what was not wanted, 2 missing on day 0, 1 too many on day 1."""
    assert check(WORLD, {"A": LEGAL}) == []
    assert cost(WORLD, {"A": LEGAL}) == 5 + 7 + 2 * 10 + 3


@pytest.mark.parametrize(
    ("rule", "worker", "row"),
    [
        (twin.SUCCESSION, WORKER, [*LEGAL[:9], "L", "E", "E", "-", "-"]),
        (twin.TOO_MANY, replace(WORKER, most=(5, 1)), LEGAL),
        (twin.TOO_LONG, replace(WORKER, minutes_most=3359, minutes_least=0), LEGAL),
        (twin.TOO_SHORT, replace(WORKER, minutes_least=3361, minutes_most=9999), LEGAL),
        (twin.LONG_RUN, replace(WORKER, run_most=3), LEGAL),
        (twin.SHORT_RUN, replace(WORKER, run_least=4), LEGAL),
        (twin.SHORT_OFF, replace(WORKER, off_least=5), LEGAL),
        (twin.DAY_OFF, replace(WORKER, days_off=frozenset({2})), LEGAL),
        (twin.WEEKENDS, replace(WORKER, weekends_most=0), [*LEGAL[:11], "E", "E", "-"]),
        (twin.UNKNOWN, WORKER, ["X", *LEGAL[1:]]),
        (twin.LENGTH, WORKER, LEGAL[1:]),
    ],
)
def test_each_rule_is_seen_to_be_broken(rule: str, worker: Worker, row: list[str]) -> None:
    """A copy that breaks one rule is caught, by that rule."""
    found = check(alone(WORLD, worker), {"A": row})
    assert rule in {breach.rule for breach in found}


def test_strangers_and_missing_people_are_told() -> None:
    """A roster has exactly the people of its file."""
    found = {breach.rule for breach in check(WORLD, {"B": LEGAL})}
    assert found == {twin.STRANGER, twin.MISSING}


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("\n14\n", "\nmany\n", 3, "many"),
        ("E,480,", "E,480", 5, "3"),
        ("L,480,E", "L,480,X", 6, "X"),
        ("A,E=14", "A,X=14", 8, "X"),
        ("L=5,4320", "L=5,-4320", 8, "-4320"),
        ("B,E=14", "A,E=14", 9, "A"),
        ("A,3,4", "A,3,14", 12, "14"),
        ("A,3,4", "Z,3,4", 12, "Z"),
        ("0,E,1,100,1", "0,L,1,100,1", 19, "twice"),
        ("SECTION_COVER", "SECTION_WHAT", 17, "SECTION_WHAT"),
        ("# a comment", "hello", 1, "SECTION_"),
    ],
)
def test_a_bad_line_is_told_by_its_number(
    instance: Callable[[str], Path], old: str, new: str, line: int, word: str
) -> None:
    """The sentence names the line and what stands there."""
    with pytest.raises(BadStaffing) as caught:
        read_staffing(instance(TEXT.replace(old, new, 1)))
    assert caught.value.facts["line"] == line
    assert word in str(caught.value)


def test_a_section_that_is_missing_is_named(instance: Callable[[str], Path]) -> None:
    """Without its cover a file is not solved as if nobody were wanted."""
    with pytest.raises(BadStaffing, match="SECTION_COVER"):
        read_staffing(instance(TEXT.split("SECTION_COVER")[0]))


def test_the_script_makes_what_it_evaluates(instance: Callable[[str], Path], tmp_path: Path) -> None:
    """A result is evaluated to its own cost; bad input is one sentence and exit code 2."""
    path, out = instance(TEXT), tmp_path / "out.json"

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, str(SCRIPT), *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    assert run(path, "--seconds", 20, "--out", out).returncode == 0
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["bound"] == result["cost"]
    seen = json.loads(run(path, "--evaluate", out).stdout)
    assert seen == {"cost": result["cost"], "violations": []}
    for odd in (path, tmp_path / "none" / "out.json"):
        bad = run(path, "--seconds", 1000, "--out", odd)  # told before the work
        assert (bad.returncode, bad.stderr.count("\n"), bad.stdout) == (2, 1, "")
    assert path.read_text(encoding="utf-8") == TEXT
    # a byte order mark is read over; a person who stands there twice is told
    out.write_text(json.dumps(result), encoding="utf-8-sig")
    assert json.loads(run(path, "--evaluate", out).stdout) == seen
    (first, row), *_others = result["roster"].items()
    out.write_text(f'{{"{first}": {json.dumps(row)}, "{first}": {json.dumps(row)}}}', encoding="utf-8")
    bad = run(path, "--evaluate", out)
    assert (bad.returncode, bad.stderr.count("\n"), bad.stdout) == (2, 1, "")
    assert f"{first!r} stands twice" in bad.stderr
    out.write_text("[]", encoding="utf-8")
    bad = run(path, "--evaluate", out)
    assert bad.returncode == 2
    assert bad.stderr.count("\n") == 1


def test_people_priced_together_keep_their_own_weekends() -> None:
    """Two people alike but for their weekends: the one with none works on none."""
    free = Worker("A", (8,), 8 * 480, 0, 6, 1, 1, 2, frozenset())
    none = replace(free, id="B", weekends_most=0)
    staffing = Staffing(8, (Shift("D", 480, frozenset()),), (free, none), (), (), ())
    found = Pricer(staffing).price([0, 1], np.full((2, 8, 1), -SCALE))
    for one, worker in enumerate(staffing.workers):
        best = min(-sum(entry != OFF for entry in path) for path in legal(staffing, worker))
        assert found[one].least == best * SCALE


@FEW
@given(st.integers(0, 10**6))
def test_a_window_stays_legal(seed: int) -> None:
    """New schedules inside a window, priced at any prices, leave the whole roster legal."""
    chance = np.random.default_rng(seed)
    worker = Worker("A", (28, 6), 18 * 480, 14 * 480, 5, 2, 2, 2, frozenset({9}))
    other = replace(worker, id="B", run_least=1, weekends_most=4, most=(28, 28))
    shifts = (Shift("E", 480, frozenset()), Shift("L", 480, frozenset({0})))
    cells = [(day, shift) for day in range(28) for shift in (0, 1)]
    staffing = Staffing(28, shifts, (worker, other), (), (), tuple(Cover(*cell, 1, 9, 1) for cell in cells))
    ground, pricer = Ground.of(staffing), Pricer(staffing)
    found = pricer.price([0, 1], chance.integers(-5_000, 5_000, (2, 28, 2)))
    rows = [found[one].schedules[0] for one in (0, 1)]
    cut = window(ground, rows, [0, 1], int(chance.integers(0, 3)), 2)
    master = Master(cut.ground, cut.ground.people)
    master.restrict(cut.rules, {})
    for one, schedule in enumerate(cut.rows):
        master.add(one, [schedule])
    master.generate(Pricer(cut.ground.staffing), Clock())
    for one, schedule in master.columns:
        new = list(rows)
        new[one] = (*rows[one][: cut.first], *schedule, *rows[one][cut.first + len(schedule) :])
        assert check(staffing, named(staffing, new)) == []
