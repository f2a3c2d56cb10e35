"""Repairs count visits, keep what stands, and cut a sortie before it is lost as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from auditor.entities import Sortie, Stop
from auditor.plan.changes import Cost
from auditor.plan.check_repair import RepairFacts, check_repair
from auditor.plan.given import Given
from auditor.plan.parts import InParts, Task, cut_up, in_parts
from auditor.plan.problem import PlanProblem
from auditor.plan.repair import Repaired, repair
from auditor.plan.rules import forbidding
from plan.test_repair import D1, D2, D3, DAYS, Case, ill, out, person, possible, problem, sortie, twin_facts

LONG, LATER, LAST = sortie("D1", "a", "b", "c"), sortie("D2", "d"), sortie("D3", "e")


def one_place(days: Sequence[str] = (D1,)) -> PlanProblem:
    """One team a day."""
    return problem(person("p", *days), person("q", *days), days=days)


@pytest.mark.parametrize("later", [["D2"], ["D2", "D3"]])
def test_a_later_order_takes_no_place_of_an_earlier_one(later: list[str]) -> None:
    """However many its sorties: drawn visits make room for an order, ordered ones that stand do not."""
    sorties = [LONG, *(one for one in (LATER, LAST) if one.key in later)]
    given = {"D1": out(D1, "p", "q", of=LONG)}
    found = repair(one_place(), sorties, given, ordered=["D1", *later])
    assert found.given == given
    assert [one.sortie for one in found.left_out] == later
    assert (found.moves, found.changes and [one.why for one in found.changes]) == (
        0,
        ["left out"] * len(later),
    )
    drawn = repair(one_place(), sorties, given, ordered=later)
    assert "D1" in [one.sortie for one in drawn.left_out]


def test_what_waits_takes_no_place_of_what_stands() -> None:
    """An ordered sortie that was left out waits on, whatever it holds, beside a drawn one that stands."""
    given = {"D2": out(D1, "p", "q", of=LATER)}
    for ordered in (["D1"], ["D1", "D2"], []):
        found = repair(one_place(), [LONG, LATER], given, ordered=ordered, waiting=["D1"])
        assert found.given == given
    free = repair(one_place((D1, D2)), [LONG, LATER], given, ordered=["D1"], waiting=["D1"])
    assert free.given["D2"] == given["D2"]
    assert free.given["D1"].day == D2


def test_visits_are_counted_and_not_sorties() -> None:
    """Two sorties of one visit each are lost rather than one of three; the earlier order stays."""
    staff = [person("p", D1, domains=("fire", "food")), *(person(name, D1) for name in "qrst")]
    given = {"D1": out(D1, "p", "q", of=LONG), "D2": out(D1, "r", "s", of=LATER)}
    task = problem(*staff, days=[D1])
    both = {**ill("q", D1), **ill("t", D1)}
    assert [one.sortie for one in repair(task, [LONG, LATER], given, absent=both).left_out] == ["D2"]
    same = replace(LONG, stops=LONG.stops[:1])
    given["D1"] = out(D1, "p", "q", of=same)
    for order, left in ((["D1", "D2"], "D2"), (["D2", "D1"], "D1")):
        found = repair(task, [same, LATER], given, absent=both, ordered=order)
        assert [one.sortie for one in found.left_out] == [left]


def long_case(seed: int) -> tuple[Case, list[str], list[str]]:
    """A tiny plan of sorties of one to three visits; some are ordered, some wait, some are new."""
    random = Random(seed)
    staff = [person(f"p{at}", *random.sample(DAYS[:2], random.randint(1, 2))) for at in range(5)]
    sorties = [sortie(f"S{at}", *(f"u{at}{stop}" for stop in range(random.randint(1, 3)))) for at in range(4)]
    task = problem(*staff, days=DAYS[:2], cars=2)
    given: dict[str, Given] = {}
    for one in sorties[: random.randint(1, 4)]:
        ways = [way for way in possible(Case(task, sorties, {}), one) if way is not None]
        ways = [way for way in ways if not forbidding(task, given, way)]
        if ways:
            given[one.key] = random.choice(ways)
    ordered = [one.key for one in sorties if random.random() < 0.5]
    waiting = [one.key for one in sorties if one.key not in given and random.random() < 0.5]
    return Case(task, sorties, given, absent=random.choice(({}, ill("p0", D1)))), ordered, waiting


def losses(
    case: Case, ordered: Sequence[str], waiting: Sequence[str]
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Visits lost, moves and seats of every assignment."""
    for several in product(*(list(possible(case, one)) for one in case.sorties)):
        now = {one.key: way for one, way in zip(case.sorties, several, strict=True)}
        placed = {key: way for key, way in now.items() if way is not None}
        if any(
            forbidding(case.problem, {name: one for name, one in placed.items() if name != key}, way)
            for key, way in placed.items()
        ):
            continue
        counts = dict.fromkeys(("ordered", "order", "drawn", "ordered waits", "waits"), 0)
        moves = seats = 0
        for one in case.sorties:
            stood, way = case.given.get(one.key), now[one.key]
            if way is None and one.key in ordered:
                kind = "ordered" if stood else "ordered waits" if one.key in waiting else "order"
                counts[kind] += len(one.stops)
            elif way is None:
                counts["drawn" if stood else "waits"] += len(one.stops)
            elif stood:
                moves += way.day != stood.day
                seats += len(set(way.team) - set(stood.team))
        yield tuple(counts.values()), moves, seats


@settings(max_examples=20, deadline=None)
@for_all(st.integers(0, 10**9))
def test_no_repair_of_a_tiny_plan_loses_fewer_visits(seed: int) -> None:
    """Against every assignment; and where nobody is ill and nothing is ordered, all that stands stays."""
    case, ordered, waiting = long_case(seed)
    found = repair(
        case.problem, case.sorties, case.given, absent=case.absent, ordered=ordered, waiting=waiting
    )
    least = min(losses(case, ordered, waiting))
    lost: Cost = found.lost
    assert (lost, found.moves, found.seats) == least
    if not case.absent and not set(ordered) - set(waiting) - set(case.given):
        assert set(case.given) <= set(found.given)


WEEK = "week"


def weekly(key: str, *units: str, **more: Any) -> Sortie:
    """A sortie of which the first visit belongs to the first day, the others to any."""
    whole = sortie(key, *units, **more)
    first, *others = whole.stops
    return replace(whole, stops=(replace(first, draw=WEEK), *others))


def cut(
    task: PlanProblem, todo: Task, absent: Mapping[str, Sequence[str]], since: str = ""
) -> tuple[Repaired, InParts | None]:
    """Repair as a whole, then in parts."""

    def solve(one: Task) -> Repaired:
        return repair(
            task, one.sorties, one.given, absent=absent, ordered=one.ordered, waiting=one.waiting, since=since
        )

    whole = solve(todo)
    names = (f"M{at}" for at in range(1, 99))
    return whole, in_parts(task, todo, whole, solve, names, absent=absent, since=since)


def windows() -> dict[str, tuple[str, str]]:
    """The week is the first day."""
    return {"main": (D1, D3), WEEK: (D1, D1)}


def test_what_has_another_day_goes_there_and_only_the_rest_is_lost() -> None:
    """Nobody is there on the weekly visit's only day: the two others go out together on another one."""
    one = weekly("S", "w", "a", "b")
    task = problem(*(person(name) for name in "pq"), days=DAYS[:3], windows=windows())
    todo = Task([one], {"S": out(D1, "p", "q", of=one)})
    whole, found = cut(task, todo, ill("p", D1))
    assert [left.sortie for left in whole.left_out] == ["S"]
    assert found is not None
    assert found.parts == {"M1": ("S", (0,))}
    assert [(left.sortie, left.reason) for left in found.repaired.left_out] == [("M1", "no-team")]
    assert found.repaired.given["S"].units == {"a", "b"}
    assert (found.repaired.moves, found.repaired.moves_bound, found.repaired.seats) == (1, 1, 0)


def test_those_who_may_stay_do_and_the_closed_one_goes_alone() -> None:
    """A unit is closed on the day, and no day has all: it goes on its own day, the others stay."""
    one = sortie("S", "a", "b", "c")
    shut = {"a": frozenset([D1, D2]), "b": frozenset([D2, D3])}
    task = problem(*(person(name) for name in "pq"), days=DAYS[:3], closed=shut)
    given = out(D1, "p", "q", of=one)
    _whole, found = cut(task, Task([one], {"S": given}), {})
    assert found is not None
    assert found.parts == {"M1": ("S", (0,))}
    assert not found.repaired.left_out
    assert found.repaired.given["S"] == replace(given, units=frozenset("bc"))
    assert found.repaired.given["M1"].day == D3
    assert (found.repaired.moves, found.repaired.seats) == (1, 0)


def test_domains_that_no_team_holds_together_go_in_parts() -> None:
    """Each visit has its team, both have none: an order is met by two sorties."""
    whole = sortie("D", "a", "b")
    stops = tuple(
        replace(stop, domains=(key,)) for stop, key in zip(whole.stops, ("fire", "food"), strict=True)
    )
    one = replace(whole, stops=stops)
    staff = [person("p", D1), person("q", D1), *(person(name, D2, domains=("food",)) for name in "rs")]
    _whole, found = cut(problem(*staff, days=DAYS[:2]), Task([one], {}, ordered=["D"]), {})
    assert found is not None
    assert {key: way.day for key, way in found.repaired.given.items()} == {"D": D1, "M1": D2}


def test_nothing_is_cut_for_nothing() -> None:
    """Where no part has a day, or the sortie goes as a whole, or only one visit is in it."""
    one = sortie("S", "a", "b")
    task = problem(*(person(name) for name in "pq"), days=DAYS[:3])
    todo = Task([one], {"S": out(D1, "p", "q", of=one)})
    assert cut(task, todo, ill("p", *DAYS))[1] is None
    assert cut(task, todo, ill("p", D1))[1] is None
    single = sortie("S", "a")
    assert cut(task, Task([single], {"S": out(D1, "p", "q", of=single)}), ill("p", *DAYS))[1] is None


def test_only_what_gains_is_cut() -> None:
    """Of two that are lost the one that nothing helps stays whole."""
    helped, not_helped = weekly("S", "w", "a"), weekly("T", "v", "b")
    shut = {"b": frozenset(DAYS)}
    task = problem(*(person(name) for name in "pqrs"), days=DAYS[:3], windows=windows(), closed=shut)
    given = {"S": out(D1, "p", "q", of=helped), "T": out(D1, "r", "s", of=not_helped)}
    _whole, found = cut(
        task, Task([helped, not_helped], given), {**ill("p", D1), **ill("r", D1), **ill("q", D1)}
    )
    assert found is not None
    assert {whole for whole, _places in found.parts.values()} == {"S"}
    assert {one.sortie for one in found.repaired.left_out} == {"M1", "T"}


@settings(max_examples=25, deadline=None)
@for_all(st.integers(0, 10**9))
def test_in_parts_never_loses_more_and_every_visit_is_there_once(seed: int) -> None:
    """Parts hold the stops of their whole, each once; what is cut loses fewer visits than the whole."""
    case, ordered, waiting = long_case(seed)
    random = Random(seed)
    shut = {stop.unit: frozenset(random.sample(DAYS[:2], 1)) for one in case.sorties for stop in one.stops}
    task = replace(case.problem, closed=shut)
    todo = Task(case.sorties, case.given, ordered, waiting)
    whole, found = cut(task, todo, case.absent)
    if found is None:
        return
    assert found.repaired.lost < whole.lost
    moved = {key: [stop.unit for stop in _stops(case.sorties, *part)] for key, part in found.parts.items()}
    gone = {unit for units in moved.values() for unit in units}
    assert len(gone) == sum(map(len, moved.values()))
    for key, way in found.repaired.given.items():
        own = moved.get(key) or [
            stop.unit for one in case.sorties if one.key == key for stop in one.stops if stop.unit not in gone
        ]
        assert way.units == set(own)
        assert all(way.day not in shut[unit] for unit in own)


def _stops(sorties: Sequence[Sortie], key: str, places: Sequence[int]) -> list[Stop]:
    (whole,) = (one for one in sorties if one.key == key)
    return [whole.stops[at] for at in places]


def test_parts_of_an_order_stay_in_its_place() -> None:
    """A part is as early as its whole among the orders, and waits as it does."""
    todo = Task([LONG, LATER], {}, ["D2", "D1"], ["D1"])
    now, parts = cut_up(todo, {"D1": [(0, 2), (1,)]}, ["M1"])
    assert (now.ordered, now.waiting) == (["D2", "D1", "M1"], {"D1", "M1"})
    assert parts == {"M1": ("D1", (1,))}
    assert [[stop.unit for stop in one.stops] for one in now.sorties] == [["a", "c"], ["b"], ["d"]]


@pytest.mark.parametrize(
    ("parts", "dates", "left", "rules"),
    [
        (("S", "M1"), (D1, D2), (), []),
        (("S", "M1"), (D1, D1), (), [("sortie", "S")]),
        (("S", "S"), (D1, D1), (), []),
        (("S", "T"), (D1, D2), (), [("sortie", "T")]),
        (("S", "M1"), (D1, D1), ("S/c",), []),
    ],
    ids=["cut", "cut for nothing", "whole", "joined with another", "one is left out"],
)
def test_the_twin_knows_who_may_be_cut(
    parts: tuple[str, str], dates: tuple[str, str], left: tuple[str, ...], rules: list[tuple[str, str]]
) -> None:
    """Parts come of one sortie, and of one that changed."""
    was_in = {"S/a": "S", "S/b": "S", "S/c": "S", "T/d": "T"}

    def visit(name: str, key: str, day: str, team: str) -> dict[str, Any]:
        unit = name[-1]
        return {
            "id": name, "unit": unit, "draw": "main", "domains": ["fire"], "source": "drawn", "sortie": key,
            "date": day, "slot": "morning", "start": "09:00", "team": list(team), "minutes": 65,
        }  # fmt: skip

    def plan(keys: tuple[str, str], days: tuple[str, str], teams: tuple[str, str]) -> list[dict[str, Any]]:
        found = [
            visit("S/a", keys[0], days[0], teams[0]),
            visit("S/b", keys[1], days[1], teams[1]),
            visit("T/d", "T", D2, "rs"),
        ]
        for one in found:
            one["lead"] = min(other["unit"] for other in found if other["sortie"] == one["sortie"])
        return found

    teams = ("pq", "rs" if parts[1] == "T" else "pq")
    facts = replace(twin_facts().plan, windows={"main": (D1, D3)})
    found = check_repair(
        plan(parts, (D1, D1), ("pq", "pq")),
        plan(parts, dates, teams),
        RepairFacts(plan=facts, left=left, was_in=was_in),
    )
    assert {(one.rule, one.where) for one in found if one.rule == "sortie"} == set(rules)
