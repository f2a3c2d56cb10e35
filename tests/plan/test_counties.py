"""Random counties from end to end: a checked plan, or a reason that is seen to be the true one.

``COUNTIES=200 python -m pytest tests/plan/test_counties.py`` tries more of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from auditor.entities import Domain, Unplaced, Window
from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.legs import metres, minutes
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import PlanProblem, Travel, errands_of
from plan.world import (
    DOMAINS,
    FIELD_DAYS,
    START,
    county,
    facts_of,
    fake_lots,
    half_days,
    person,
    record_of,
)

NUMBER = int(os.environ.get("COUNTIES", "25"))
FAR = 1_000_000
SMALL = 6
"""Units of the first random county at most; every second county may have one more, up to 26."""


def random_county(seed: int) -> PlanProblem:
    """Any size, people with few skills, on leave or in conflict, one car or more, islands, shared points."""
    random = Random(seed)
    days = FIELD_DAYS[: random.choice((3, 8, 20))]
    most = min(26, SMALL + seed // 2)
    problem = county(seed, units=random.randint(1, most), people=random.randint(2, 12), days=days)
    staff = []
    for one in problem.staff:
        free = [half for half in half_days(*days) if random.random() < 0.35]
        skills = random.sample(sorted(DOMAINS), random.randint(1, 4))
        gone = random.random() < 0.15
        staff.append(
            replace(
                one,
                domains=tuple(sorted(skills)),
                free=() if gone else tuple(sorted(free)),
                share=random.randint(1, 5),
            )
        )
    places = [one.point for one in problem.errands]
    home = {one.unit: one.point for one in problem.errands}
    for unit in home:
        if random.random() < 0.25:
            home[unit] = random.choice(places)
    errands = tuple(replace(one, point=home[one.unit]) for one in problem.errands)
    problem = replace(
        problem,
        errands=errands,
        staff=tuple(staff),
        cars=random.randint(1, 3),
        closed={
            unit: frozenset(random.sample(days, len(days) // 2)) for unit in home if random.random() < 0.2
        }
        | {unit: frozenset(days) for unit in home if random.random() < 0.05},
        departments={one.id: random.choice("ab") for one in staff} if random.random() < 0.2 else {},
        pairs=random.choice((None, None, 2)),
        load=random.choice((None, None, 1)),
        even=random.choice((None, None, None, 2)),
    )
    if random.random() < 0.4:
        problem = replace(problem, travel=islands(problem, random))
    if random.random() < 0.3:
        townships = {unit: f"t{number % 5}" for number, unit in enumerate(sorted(home))}
        problem = replace(problem, company=2, near_m=1_500, townships=townships)
    return problem


def islands(problem: PlanProblem, random: Random) -> Travel:
    """A table in which some Units lie on an island that no car reaches, and ways back are longer."""
    units = sorted({one.unit for one in problem.errands})
    at = {one.unit: one.point for one in problem.errands} | {"": problem.start}
    names = [*units, ""]
    lost = {unit for unit in units if random.random() < 0.15}
    far = [
        [FAR if (a in lost) != (b in lost) else metres(at[a], at[b], 1300) + 200 * (b == "") for b in names]
        for a in names
    ]
    return Travel(
        places={name: row for row, name in enumerate(names)},
        metres=far,
        minutes=[[minutes(leg, 40) for leg in row] for row in far],
    )


def known(problem: PlanProblem, made: PlanMade) -> PlanFacts:
    """What the plan must agree with, the table leg by leg."""
    table = problem.travel
    return replace(
        facts_of(problem, made),
        departments=problem.departments,
        load=problem.load,
        even=made.even,
        pairs=problem.pairs,
        company=problem.company,
        near_m=problem.near_m,
        townships=problem.townships,
        travel=table
        and {
            (a, b): (table.metres[row][column], table.minutes[row][column])
            for a, row in table.places.items()
            for b, column in table.places.items()
        },
    )


def cured(problem: PlanProblem, one: Unplaced) -> PlanProblem:
    """The problem with this visit alone, and without the obstacle that its reason names."""
    alone = tuple(
        here
        for here in problem.errands
        if (here.unit, here.draw, here.domains) == (one.unit, one.draw, one.domains)
    )
    problem = replace(problem, errands=alone, keep_order=(one.unit,))
    if one.reason == "unreachable":
        return replace(problem, travel=None, start=alone[0].point)
    if one.reason == "closed":
        return replace(problem, closed={}, shut={})
    if one.reason == "no-skill":
        return replace(problem, staff=tuple(replace(who, domains=tuple(DOMAINS)) for who in problem.staff))
    if one.reason == "no-team":
        free = tuple(half_days(*problem.days))
        return replace(
            problem,
            staff=tuple(
                replace(who, free=free, conflict_units=(), conflict_strata=(), share=9)
                for who in problem.staff
            ),
            departments={},
        )
    return problem


def reasons_after(problem: PlanProblem) -> set[str]:
    """The reasons for what still stays out."""
    return {one.reason for one in make_plan(problem, fake_lots(problem)).unplaced}


@pytest.mark.parametrize("seed", range(NUMBER))
def test_a_random_county_ends_in_a_checked_plan_or_in_true_reasons(seed: int) -> None:
    """Nothing is lost; without its obstacle a visit has this reason no longer, and alone it has room."""
    problem = random_county(seed)
    made = make_plan(problem, fake_lots(problem, seed), work=10.0)
    assert check_plan(record_of(problem, made), known(problem, made), made.lots) == []
    assert made.even == problem.even or (problem.even is not None and (made.even or 0) > problem.even)
    done = [(stop.unit, stop.domains) for sortie in made.sorties for stop in sortie.stops]
    left = [(one.unit, one.domains) for one in made.unplaced]
    assert sorted(done + left) == sorted((one.unit, one.domains) for one in problem.errands)
    for one in made.unplaced[:: max(1, len(made.unplaced) // 3)]:
        if one.reason == "capacity":
            lone = cured(problem, one)
            fair = replace(lone, staff=tuple(replace(who, share=max(1, who.share)) for who in lone.staff))
            assert reasons_after(fair) == set()
        else:
            assert one.reason not in reasons_after(cured(problem, one))
            alone = replace(cured(problem, replace(one, reason="")), start=problem.start)
            assert reasons_after(alone) == {one.reason}


def ends(problem: PlanProblem) -> dict[str, int]:
    """How often each reason is given; the plan is checked."""
    made = make_plan(problem, fake_lots(problem), work=5.0)
    assert check_plan(record_of(problem, made), known(problem, made), made.lots) == []
    reasons = [one.reason for one in made.unplaced]
    return {reason: reasons.count(reason) for reason in reasons}


def test_windows_that_nobody_can_meet_are_out_of_reach() -> None:
    """A visit longer than any half-day, and one whose window is over before a team can be there."""
    dawn = Domain(
        key="dawn",
        version="1",
        zh="晨",
        en="dawn",
        minutes=25,
        items=(),
        windows=(Window(slot="morning", earliest=480, latest=481),),
    )
    long = Domain(key="long", version="1", zh="长", en="long", minutes=300, items=())
    domains = {"dawn": dawn, "long": long}
    errands = tuple(
        one
        for unit, key in (("a", "long"), ("b", "dawn"), ("c", "dawn"))
        for one in errands_of(unit, "main", [domains[key]], (START[0] + 0.2 * (unit != "c"), START[1]))
    )
    skilled = tuple(replace(one, domains=("dawn", "long")) for one in county(1).staff)
    problem = replace(county(1), errands=errands, keep_order=("a", "b", "c"), closed={}, staff=skilled)
    made = make_plan(problem, fake_lots(problem))
    assert {one.unit: one.reason for one in made.unplaced} == {"a": "unreachable", "b": "unreachable"}
    facts = replace(known(problem, made), domains=domains)
    assert check_plan(record_of(problem, made), facts, made.lots) == []


def test_inspectors_without_any_skill_make_no_visit() -> None:
    """Nobody holds anything; and nobody is there at all."""
    problem = county(1, units=10)
    count = len(problem.errands)
    blank = tuple(replace(one, domains=()) for one in problem.staff)
    assert ends(replace(problem, staff=blank, closed={})) == {"no-skill": count}
    assert ends(replace(problem, staff=(), closed={})) == {"no-skill": count}
    assert ends(replace(problem, staff=problem.staff[:1], closed={})) == {"no-skill": count}


def test_a_start_a_thousand_kilometres_away_reaches_nobody() -> None:
    """Every visit says so."""
    problem = county(1, units=10)
    assert ends(replace(problem, start=(START[0] - 9, START[1]))) == {"unreachable": len(problem.errands)}


def test_a_period_without_working_days_is_closed() -> None:
    """No day at all, or none after the beacon."""
    problem = county(1, units=10)
    count = len(problem.errands)
    empty = replace(problem, days=(), windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])})
    assert ends(empty) == {"closed": count}
    assert ends(replace(problem, beacon_day=FIELD_DAYS[-1])) == {"closed": count}


def test_nothing_to_visit_is_an_empty_plan() -> None:
    """No errand, no reason."""
    assert ends(replace(county(1, units=10), errands=(), keep_order=())) == {}


def test_a_thousand_visits_for_three_inspectors_are_answered_in_seconds() -> None:
    """1,000 visits: those kept are the first by lot that fit, the others are left out for capacity."""
    staff = tuple(person(f"P{at}", *half_days(*FIELD_DAYS)) for at in range(3))
    problem = replace(county(3, units=800), staff=staff, closed={})
    assert len(problem.errands) == 1000
    started = time.process_time()
    made = make_plan(problem, fake_lots(problem))
    assert time.process_time() - started < 10
    assert check_plan(record_of(problem, made), known(problem, made), made.lots) == []
    assert len(made.sorties) in (5, 6)
    assert {one.reason for one in made.unplaced} == {"capacity"}
    placed = {stop.unit for sortie in made.sorties for stop in sortie.stops}
    assert problem.keep_order[0] in placed


def test_the_order_of_a_problem_does_not_matter() -> None:
    """Errands, staff and days in another order: the same plan, with scarce and with ample staff."""
    for people in (4, 12):
        problem = county(11, units=10, people=people)
        first = make_plan(problem, fake_lots(problem))
        random = Random(5)
        for _ in range(2):
            mixed = {
                name: tuple(random.sample(getattr(problem, name), len(getattr(problem, name))))
                for name in ("errands", "staff", "days")
            }
            other = make_plan(replace(problem, **mixed), fake_lots(problem))
            assert (other.days, other.teams, other.sorties) == (first.days, first.teams, first.sorties)
            assert (other.unplaced, other.objective_m) == (first.unplaced, first.objective_m)


def test_another_seed_of_hashing_gives_the_same_plan() -> None:
    """In processes with different PYTHONHASHSEED."""
    code = (
        "from plan.test_counties import *\n"
        "for seed in (14, 24):\n"
        "    problem = random_county(seed)\n"
        "    made = make_plan(problem, fake_lots(problem))\n"
        "    print(made.sorties, sorted(made.days.items()), sorted(made.teams.items()))\n"
        "    print(made.departures, made.unplaced, made.objective_m, made.bound_m)\n"
    )
    here = str(Path(__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    told = set()
    for seed in ("1", "77"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told.add(done.stdout)
    assert len(told) == 1
    assert "Sortie(" in told.pop()
