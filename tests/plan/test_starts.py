"""Other starts than the bureau: each sortie starts and ends where that makes it shortest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from math import asin, cos, floor, radians, sin, sqrt
from random import Random
from typing import Any

import pytest

from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.cures import applied
from auditor.plan.explain import explain
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import Errand, PlanProblem, Travel
from auditor.plan.roads import roads_of, ways_of
from plan.world import BEACON, FIELD_DAYS, START, errand, facts_of, fake_lots, half_days, person, record_of

NORTH, EAST = (START[0] + 0.9, START[1]), (START[0], START[1] + 0.2)
TOO_FAR = (START[0] + 1.2, START[1])


def world(errands: Sequence[Errand], starts: Mapping[str, tuple[float, float]], **more: Any) -> PlanProblem:
    """Some errands and plenty of people and cars for two weeks."""
    facts: dict[str, Any] = {
        "start": START, "errands": tuple(errands),
        "staff": tuple(person(f"P{at}", *half_days(*FIELD_DAYS[:10]), share=30) for at in range(8)),
        "days": FIELD_DAYS[:10], "windows": {"main": (FIELD_DAYS[0], FIELD_DAYS[9])}, "beacon_day": BEACON,
        "closed": {}, "strata": {}, "keep_order": tuple(sorted({one.unit for one in errands})),
        "starts": starts,
    }  # fmt: skip
    return PlanProblem(**{**facts, **more})


def scattered(seed: int, count: int) -> list[Errand]:
    """Errands around all three starts, some in the morning only."""
    random = Random(seed)
    homes = [START, EAST, (START[0] - 0.15, START[1] + 0.1)]
    return [
        errand(
            f"u{at}",
            (homes[at % 3][0] + random.uniform(-0.08, 0.08), homes[at % 3][1] + random.uniform(-0.08, 0.08)),
            *random.choice([("fire",), ("fire", "food"), ("transport",)]),
        )
        for at in range(count)
    ]


def way(a: tuple[float, float], b: tuple[float, float]) -> int:
    """Metres by road, said again from the contract."""
    lat, other = radians(a[0]), radians(b[0])
    half = sin((other - lat) / 2) ** 2 + cos(lat) * cos(other) * sin(radians(b[1] - a[1]) / 2) ** 2
    return floor(1.3 * 2 * 6_371_008.8 * asin(sqrt(half)) + 0.5)


def shortest(problem: PlanProblem, group: Sequence[Errand]) -> int | None:
    """The shortest tour over a group in any half-day from any start, by trying all; None where none is."""
    from auditor.entities import SLOTS

    found = []
    for slot, (opens, closes) in SLOTS.items():
        if any(slot not in one.arrivals for one in group):
            continue
        for home in (problem.start, *problem.starts.values()):
            for order in permutations(group):
                now, here, driven = opens, home, 0
                for one in order:
                    leg = way(here, one.point)
                    first, last = one.arrivals[slot]
                    arrival = max(first, now + (-(-leg * 60 // 40_000) + 3 if leg else 0))
                    if arrival > last:
                        break
                    now, here, driven = arrival + one.minutes, one.point, driven + leg
                else:
                    leg = way(here, home)
                    if now + (-(-leg * 60 // 40_000) + 3 if leg else 0) <= closes:
                        found.append(driven + leg)
    return min(found, default=None)


def partitions(items: Sequence[Errand]) -> Iterator[list[list[Errand]]]:
    if not items:
        yield []
        return
    for rest in partitions(items[1:]):
        yield [[items[0]], *rest]
        for at in range(len(rest)):
            yield [*rest[:at], [items[0], *rest[at]], *rest[at + 1 :]]


def stated(problem: PlanProblem, made: PlanMade) -> dict[str, Any]:
    """The record of a plan with the starts of its sorties."""
    starts = {one.key: one.start for one in made.sorties if one.start}
    return {**record_of(problem, made), "starts": starts}


def broken(problem: PlanProblem, made: PlanMade, record: Mapping[str, Any]) -> set[str]:
    facts = facts_of(problem, made)
    known = {key: getattr(facts, key) for key in facts.__slots__} | {"starts": problem.starts}
    return {one.rule for one in check_plan(record, PlanFacts(**known), made.lots)}


@pytest.mark.parametrize("seed", range(3))
def test_the_plan_is_the_best_of_all_bundlings_from_all_starts(seed: int) -> None:
    """Six visits, three starts: the same kilometres as by trying all, proven, and fewer than from one."""
    errands = scattered(seed, 6)
    problem = world(errands, {"@east": EAST, "@south": (START[0] - 0.15, START[1] + 0.1)})
    made = make_plan(problem, fake_lots(problem))
    known: dict[frozenset[str], int | None] = {}

    def cost(group: Sequence[Errand]) -> float:
        key = frozenset(one.unit for one in group)
        if key not in known:
            known[key] = shortest(problem, group)
        metres = known[key]
        return float("inf") if metres is None else metres + 10_000

    costs = [sum(map(cost, some)) for some in partitions(errands)]
    assert made.objective_m == made.bound_m == min(costs)
    assert broken(problem, made, stated(problem, made)) == set()
    assert {one.start for one in made.sorties} - {""}
    alone = make_plan(replace(problem, starts={}), fake_lots(problem))
    assert {one.start for one in alone.sorties} == {""}
    assert made.objective_m < alone.objective_m


def test_a_visit_that_only_another_start_reaches_is_made() -> None:
    """From the bureau it is unreachable, from a start in the north it is not; the twin knows both."""
    far = errand("u", TOO_FAR, "fire")
    near = errand("v", START, "fire")
    problem = world([far, near], {"@north": NORTH})
    made = make_plan(problem, fake_lots(problem))
    assert made.unplaced == ()
    assert {stop.unit: one.start for one in made.sorties for stop in one.stops} == {"u": "@north", "v": ""}
    record = stated(problem, made)
    assert broken(problem, made, record) == set()
    assert "objective" in broken(problem, made, {**record, "starts": {}})
    key = next(iter(record["starts"]))
    assert broken(problem, made, {**record, "starts": {key: "@west"}}) == {"points"}
    assert broken(problem, made, {**record, "starts": {"S999": "@north"}}) == {"points"}
    assert broken(problem, made, {**record, "starts": [key]}) == {"record"}

    gone = replace(problem, starts={"@east": EAST})
    lost = make_plan(gone, fake_lots(gone))
    assert [(one.unit, one.reason) for one in lost.unplaced] == [("u", "unreachable")]
    assert broken(gone, lost, stated(gone, lost)) == set()
    refuted = {**stated(gone, lost), "bound_m": lost.bound_m}
    facts = facts_of(gone, lost)
    known = {key: getattr(facts, key) for key in facts.__slots__} | {"starts": {"@north": NORTH}}
    assert "unplaced" in {one.rule for one in check_plan(refuted, PlanFacts(**known), lost.lots)}


def test_a_cure_in_minutes_counts_from_the_nearest_start() -> None:
    """So many minutes more as the north lacks, not as the bureau does; with them it is planned."""
    far = errand("u", (NORTH[0] + 0.75, NORTH[1]), "fire")
    problem = world([far], {"@north": NORTH})
    made = make_plan(problem, fake_lots(problem))
    (why,) = explain(problem, {}, made.unplaced, work=5)
    assert [one.kind for one in why.cure] == ["minutes"]
    there = ways_of(problem).others[0].out_min[0]
    assert why.numbers["there"] == there
    assert sum(one.early + one.late for one in why.cure) == 2 * there + far.minutes - 270
    cured = applied(problem, why.cure)
    assert make_plan(cured, fake_lots(cured)).unplaced == ()


def test_a_table_says_the_ways_of_every_start() -> None:
    """Ways out and back of another start are read from the table, and the shortest sortie is from there."""
    travel = Travel(
        places={"u": 0, "": 1, "@ferry": 2},
        metres=((0, 9000, 200), (9000, 0, 0), (100, 0, 0)),
        minutes=((0, 30, 7), (30, 0, 0), (5, 0, 0)),
    )
    problem = world([errand("u", START, "fire")], {"@ferry": NORTH}, travel=travel)
    roads = roads_of(problem)
    assert roads.others[0].metres == ((0, 200), (100, 0))
    made = make_plan(problem, fake_lots(problem))
    assert [(one.start, one.metres, one.stops[0].start) for one in made.sorties] == [("@ferry", 300, 485)]
