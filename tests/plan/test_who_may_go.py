"""What a sortie may have by itself: planner, draw, repair and check say the same of every day and team."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.lots import sortie_lots
from auditor.entities import SLOTS, Sortie, Staff, Stop
from auditor.plan.changes import NOTHING, Changes, FreeStaff, lost
from auditor.plan.check import PlanFacts, check_visits
from auditor.plan.check_drive import company
from auditor.plan.columns import NEVER
from auditor.plan.company import company_of
from auditor.plan.explain import any_lots
from auditor.plan.options import bits, options_of
from auditor.plan.problem import PlanProblem, Travel
from auditor.plan.roads import roads_of
from auditor.plan.staffed import signature
from plan.orders import worlds
from plan.world import BEACON, DOMAINS, FIELD_DAYS, START, errand, facts_of

DAYS = FIELD_DAYS[:4]
NAMES = ("P1", "P2", "P3", "P4")
SLOT = "morning"
Choice = tuple[str, tuple[str, ...]]
"""A day and a team."""


def world(staff: list[Staff], *keys: tuple[str, ...], **changes: object) -> PlanProblem:
    """Visits to u0, u1 … for these domains; u0 is of the stratum t0, and so on; two draws."""
    errands = [errand(f"u{at}", START, *some) for at, some in enumerate(keys)]
    facts: dict[str, object] = {
        "start": START,
        "errands": tuple(replace(one, draw=("main", "week")[at]) for at, one in enumerate(errands)),
        "staff": tuple(staff),
        "days": DAYS,
        "windows": {"main": (DAYS[0], DAYS[-1]), "week": (DAYS[0], DAYS[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {"u0": "t0", "u1": "t1"},
        "keep_order": ("u0", "u1"),
    }
    return PlanProblem(**{**facts, **changes})


def all_in_one(problem: PlanProblem) -> Sortie:
    """One sortie that makes all visits of a problem."""
    stops = [
        Stop(unit=one.unit, draw=one.draw, domains=one.domains, minutes=one.minutes, start=630)
        for one in problem.errands
    ]
    return Sortie(key="S0", slot=SLOT, stops=tuple(stops), metres=0)


def by_check(problem: PlanProblem, facts: PlanFacts) -> set[Choice]:
    """The days and teams of any size of which the check finds nothing wrong."""
    found = set()
    names = [one.id for one in problem.staff]
    for day in problem.days:
        for team in (team for size in range(1, 5) for team in combinations(names, size)):
            visits = [
                {
                    "id": one.unit,
                    "unit": one.unit,
                    "draw": one.draw,
                    "domains": list(one.domains),
                    "sortie": "S0",
                    "date": day,
                    "slot": SLOT,
                    "team": list(team),
                    "lead": "u0",
                    "minutes": one.minutes,
                }
                for one in problem.errands
            ]
            if not check_visits(visits, {}, facts):
                found.add((day, team))
    return found


def by_options(problem: PlanProblem) -> set[Choice]:
    """Those with which bundling reckons."""
    options = options_of(problem)
    sign = signature(options, list(SLOTS).index(SLOT), range(len(problem.errands)))
    assert all(options.all[bit].slot == SLOT for bit in bits(sign))
    return {(options.all[bit].day, options.all[bit].team) for bit in bits(sign)}


def by_lots(problem: PlanProblem) -> set[Choice]:
    """Those that the draw's lots put into an order."""
    lots = sortie_lots(
        b"key",
        all_in_one(problem),
        staff=problem.staff,
        team=problem.team,
        windows=problem.windows,
        beacon_day=problem.beacon_day,
        days=problem.days,
        strata=problem.strata,
        closed=problem.closed,
    )
    return {(day, team) for day in lots.days for team in lots.teams[day]}


def by_plain_lots(problem: PlanProblem) -> set[Choice]:
    """Those with which a reason is confirmed."""
    lots = any_lots(problem)([all_in_one(problem)])["S0"]
    return {(day, team) for day in lots.days for team in lots.teams[day]}


def by_repair(problem: PlanProblem, absent: dict[str, set[str]]) -> set[Choice]:
    """Those that a repair offers to a new sortie."""
    out = lost(1, stood=False, ordered=False, waits=False)
    changes = Changes(problem, all_in_one(problem), None, FreeStaff(problem, absent), left_out=out)
    if changes.least == out:
        return set()
    return {(one.given.day, one.given.team) for one in changes.within(NOTHING) if one.given}


@st.composite
def small(draw: st.DrawFn) -> PlanProblem:
    """Up to four people, one or two visits, four days of which some are closed, too early or too late."""
    half_days = [f"{day}/{slot}" for day in DAYS for slot in (SLOT, "evening")]
    staff = [
        Staff(
            id=name,
            domains=tuple(sorted(draw(st.sets(st.sampled_from(["fire", "food", "transport"]), min_size=1)))),
            conflict_units=tuple(draw(st.sets(st.sampled_from(["u0", "u1"]), max_size=1))),
            conflict_strata=tuple(draw(st.sets(st.sampled_from(["t0", "t1"]), max_size=1)))
            if draw(st.integers(0, 3)) == 0
            else (),
            free=tuple(half for half in half_days if draw(st.integers(0, 3))),
            share=4,
        )
        for name in NAMES[: draw(st.integers(1, 4))]
    ]
    if draw(st.booleans()):
        staff = [replace(one, conflict_units=()) for one in staff]
    keys = draw(st.sampled_from([("fire",), ("food",), ("fire", "food"), ("fire", "food", "transport")]))
    return world(
        staff,
        *[keys, ("transport",)][: draw(st.integers(1, 2))],
        windows={"main": (DAYS[0], DAYS[-1]), "week": draw(st.sampled_from([DAYS[:2], DAYS[1:4:2]]))},
        beacon_day=draw(st.sampled_from([BEACON, BEACON, DAYS[1]])),
        closed={"u0": draw(st.frozensets(st.sampled_from(DAYS), max_size=2))},
        team=draw(st.sampled_from([2, 2, 2, 1, 3])),
    )


@settings(deadline=None)
@given(small(), st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(DAYS), max_size=2)))
def test_bundling_lots_reasons_repair_and_check_allow_the_same(
    problem: PlanProblem, away: dict[str, set[str]]
) -> None:
    """Leave is a half-day in which nobody is free; a repair is told of it beside the plan."""
    absent = {name: {f"{day}/{SLOT}" for day in days} for name, days in away.items()}
    staff = [
        replace(one, free=tuple(half for half in one.free if half not in absent.get(one.id, ())))
        for one in problem.staff
    ]
    there = replace(problem, staff=tuple(staff))
    due = by_check(there, facts_of(there))
    assert by_options(there) == due
    assert by_lots(there) == due
    assert by_plain_lots(there) == due
    assert by_repair(problem, absent) == due


def loose() -> PlanProblem:
    """A world in which each fact forbids something that nothing else does."""
    half_days = tuple(f"{day}/{SLOT}" for day in DAYS)
    staff = [
        Staff(id="P1", domains=("fire",), free=half_days, share=4),
        Staff(id="P2", domains=("food", "transport"), free=half_days, share=4),
        Staff(id="P3", domains=("food", "transport"), conflict_units=("u1",), free=half_days, share=4),
        Staff(id="P4", domains=("food", "transport"), conflict_strata=("t0",), free=half_days, share=4),
        Staff(id="P5", domains=("food",), free=half_days, share=4),
        Staff(id="P6", domains=("food", "transport"), free=half_days[:2], share=4),
    ]
    return world(
        staff,
        ("fire", "food"),
        ("transport",),
        days=(*DAYS, FIELD_DAYS[4], FIELD_DAYS[5]),
        beacon_day=DAYS[0],
        windows={"main": (DAYS[0], FIELD_DAYS[9]), "week": (DAYS[0], DAYS[2])},
        closed={"u1": frozenset(DAYS[1:2])},
    )


@pytest.mark.parametrize(
    "overlooked",
    [
        {"team": 3},
        {"beacon_day": BEACON},
        {"windows": {"main": (DAYS[0], FIELD_DAYS[9]), "week": (DAYS[0], FIELD_DAYS[9])}},
        {"closed": {}},
        {"strata": {"u0": "", "u1": ""}},
        {"conflict_units": ()},
        {"domains": ("fire", "food", "transport")},
        {"free": tuple(f"{day}/{SLOT}" for day in FIELD_DAYS[:6])},
    ],
    ids=lambda overlooked: next(iter(overlooked)),
)
def test_a_check_that_overlooks_a_fact_is_seen(overlooked: dict[str, object]) -> None:
    """Size, beacon, window, closed days, both kinds of conflict, domains, and who is free."""
    problem = loose()
    facts = facts_of(problem)
    assert by_options(problem) == by_check(problem, facts)
    own = {key: value for key, value in overlooked.items() if key in Staff.__slots__}
    staff = tuple(replace(one, **own) for one in facts.staff)
    blind = replace(facts, staff=staff, **{key: value for key, value in overlooked.items() if key not in own})
    assert by_options(problem) != by_check(problem, blind)


def sets(problem: PlanProblem) -> list[tuple[int, ...]]:
    """The sets of up to four errands that some kind of half-day suits."""
    return [
        some
        for size in range(1, 5)
        for some in combinations(range(len(problem.errands)), size)
        if set.intersection(*(set(problem.errands[at].arrivals) for at in some))
    ]


def refused(problem: PlanProblem, facts: PlanFacts) -> set[tuple[int, ...]]:
    """Those that the check does not let share a sortie."""
    found = set()
    for some in sets(problem):
        units = [problem.errands[at].unit for at in some]
        if len(set(units)) < len(units) or list(company("S0", [{"unit": one} for one in units], facts)):
            found.add(some)
    return found


def too_dear(problem: PlanProblem) -> set[tuple[int, ...]]:
    """Those that bundling does not let share a sortie."""
    rule = company_of(problem, roads_of(problem))
    if rule is None:
        return set()
    return {some for some in sets(problem) if rule(np.array([some], np.int64))[0] == NEVER}


@settings(deadline=None)
@given(worlds(5), st.booleans())
def test_bundling_and_check_let_the_same_stops_share_a_sortie(problem: PlanProblem, twice: bool) -> None:
    """No unit twice, and so many near each other, in a township or by road whichever way is shorter."""
    if twice and len(problem.errands) > 1:
        first = problem.errands[0]
        problem = replace(problem, errands=(replace(first, unit="u1"), *problem.errands[1:]))
    table = problem.travel
    assert table is not None
    ways = {
        (one, other): (table.metres[a][b], table.minutes[a][b])
        for one, a in table.places.items()
        for other, b in table.places.items()
    }
    facts = replace(
        facts_of(problem),
        domains=DOMAINS,
        travel=ways,
        company=problem.company,
        near_m=problem.near_m,
        townships=problem.townships,
    )
    assert too_dear(problem) == refused(problem, facts)


@pytest.mark.parametrize(
    ("overlooked", "least"),
    [
        ({}, {(0, 1), (2, 3)}),
        ({"company": 2}, set()),
        ({"company": None}, set()),
        ({"near_m": 0}, {(2, 3)}),
        ({"townships": {}}, {(0, 1)}),
    ],
)
def test_of_neighbours_by_road_and_in_a_township_only_one_shares_a_sortie(
    overlooked: dict[str, object], least: set[tuple[int, ...]]
) -> None:
    """Each fact forbids a pair of its own, in the check as in bundling, and all larger sets with it."""
    north = [0.0, 0.01, 0.1, -0.1]
    problem = world([], ("fire",), ("fire",))
    problem = replace(
        problem,
        errands=tuple(errand(f"u{at}", (START[0] + far, START[1]), "fire") for at, far in enumerate(north)),
        company=1,
        near_m=3_000,
        townships={"u1": "", "u2": "t", "u3": "t"},
    )
    problem = replace(problem, **overlooked)
    names = ("company", "near_m", "townships")
    facts = replace(facts_of(problem), **{name: getattr(problem, name) for name in names})
    due = {
        some
        for size in range(2, 5)
        for some in combinations(range(4), size)
        if any(set(pair) <= set(some) for pair in least)
    }
    assert refused(problem, facts) == due
    assert too_dear(problem) == due


@pytest.mark.parametrize(
    ("there", "back", "near"), [(2_999, 9_000, True), (9_000, 2_999, True), (3_000, 9_000, False)]
)
def test_a_neighbour_is_near_by_the_shorter_of_both_ways(there: int, back: int, near: bool) -> None:
    """A one way road makes nobody a stranger, in the check as in bundling."""
    problem = world([], ("fire",), ("transport",), company=1, near_m=3_000)
    metres = [[0, there, 9_000], [back, 0, 9_000], [9_000, 9_000, 0]]
    minutes = [[leg // 500 for leg in row] for row in metres]
    places = {"u0": 0, "u1": 1, "": 2}
    ways = {(a, b): (metres[x][y], minutes[x][y]) for a, x in places.items() for b, y in places.items()}
    facts = replace(facts_of(problem), travel=ways, company=1, near_m=3_000)
    problem = replace(problem, travel=Travel(places=places, metres=metres, minutes=minutes))
    due = {(0, 1)} if near else set()
    assert refused(problem, facts) == due
    assert too_dear(problem) == due
