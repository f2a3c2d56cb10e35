"""Secrecy of pattern: limits kept, a bound that is one, orders by lot, teams that meet, what tells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import SLOTS, Sortie, Stop
from auditor.plan import arrivals
from auditor.plan.arrivals import arrange, given_away, orders
from auditor.plan.check import check_plan
from auditor.plan.check_drive import meetings
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import Errand, PlanProblem, Travel
from auditor.plan.roads import roads_of
from auditor.plan.secrecy import LEVELS, LOTS, altered, at_level
from plan.orders import FIXED, covers, driven, every_column, too_many, worlds
from plan.test_counties import known, random_county
from plan.world import BEACON, FIELD_DAYS, START, county, facts_of, fake_lots, half_days, person, record_of

Chance = Callable[..., int]


def chance_of(seed: int) -> Chance:
    """Lots by a plain hash."""

    def chance(*words: str) -> int:
        return int.from_bytes(hashlib.sha256("/".join((str(seed), *words)).encode()).digest()[:8], "big")

    return chance


def towns(problem: PlanProblem) -> dict[str, str]:
    """Five townships, without regard to where units are."""
    units = sorted({one.unit for one in problem.errands})
    return {unit: f"t{number % 5}" for number, unit in enumerate(units) if number % 6}


def record_at(problem: PlanProblem, made: PlanMade, level: str) -> dict[str, Any]:
    """The record of a plan at a level, as far as a plan is checked."""
    return record_of(problem, made) | {
        "secrecy": {
            "level": level,
            "company": problem.company,
            "near_m": problem.near_m,
            "later": made.later,
            "given_away": made.given_away,
            "cheap": None,
        }
    }


def near(problem: PlanProblem, a: str, b: str) -> bool:
    """Whether two units lie near each other, said anew."""
    rows = [one.unit for one in problem.errands]
    far = roads_of(problem).metres
    town = problem.townships.get(a)
    if town and town == problem.townships.get(b):
        return True
    at, to = rows.index(a), rows.index(b)
    return min(far[at][to], far[to][at]) < problem.near_m


@pytest.mark.parametrize("level", ["balanced", "strict"])
@pytest.mark.parametrize("seed", range(6))
def test_random_counties_keep_the_level_and_pass_the_check(seed: int, level: str) -> None:
    """The limit by an own count, the checker, the bound, and the visits given away counted by hand."""
    problem = random_county(300 + seed)
    problem = at_level(problem, level, towns(problem))
    made = make_plan(problem, fake_lots(problem, seed), chance=chance_of(seed), work=5.0)
    facts = replace(known(problem, made), meets=True)
    assert check_plan(record_at(problem, made, level), facts, made.lots) == []
    most = LEVELS[level].company
    assert most is not None
    for sortie in made.sorties:
        for stop in sortie.stops:
            assert sum(near(problem, stop.unit, one.unit) or one is stop for one in sortie.stops) <= most
    assert made.bound_m <= made.objective_m
    visits = [(made.days[one.key], stop.start, stop.unit) for one in made.sorties for stop in one.stops]
    earlier = [[one for one in visits if one[0] == own[0] and one[1] < own[1]] for own in visits]
    assert made.later == sum(map(bool, earlier))
    told = sum(
        any(near(problem, own[2], one[2]) for one in before)
        for own, before in zip(visits, earlier, strict=True)
    )
    assert made.given_away == told


@given(worlds(5), st.sampled_from([0, 500]), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_bound_is_a_bound_on_what_is_driven(problem: PlanProblem, altered_by: int, seed: int) -> None:
    """Every bundling by brute force: the best one lies between bound and plan, and is met without lots."""
    staff = tuple(person(f"P{at}", *half_days(*FIELD_DAYS[:6]), share=99) for at in range(8))
    problem = replace(
        problem,
        staff=staff,
        days=FIELD_DAYS[:6],
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[5])},
        cars=4,
        altered=altered_by,
    )
    made = make_plan(problem, fake_lots(problem, seed), chance=chance_of(seed), work=5.0)
    table = {key: metres for key, metres in every_column(problem).items() if not too_many(problem, key[1])}
    able = frozenset(at for _slot, members in table for at in members)
    assert {stop.unit for one in made.sorties for stop in one.stops} == {
        problem.errands[at].unit for at in able
    }
    best = min(sum(table[one] + FIXED for one in several) for several in covers(able, table))
    assert made.bound_m <= best <= made.objective_m
    if not altered_by:
        assert made.objective_m == best


@given(worlds(4), st.integers(0, 99), st.sampled_from([100, 1_000]))
@settings(max_examples=40, deadline=None)
def test_ways_seem_longer_by_a_part_of_the_way_out(problem: PlanProblem, seed: int, most: int) -> None:
    """There as back, never shorter, ways of the start and minutes untouched; the same lots, the same ways."""
    problem = replace(problem, altered=most)
    roads = roads_of(problem)
    seen = altered(problem, roads, chance_of(seed))
    assert seen.minutes == roads.minutes
    assert altered(problem, roads, chance_of(seed)) == seen
    assert altered(problem, roads, None) is roads
    count = len(problem.errands)
    for a in range(count + 1):
        for b in range(count + 1):
            more = seen.metres[a][b] - roads.metres[a][b]
            assert more == seen.metres[b][a] - roads.metres[b][a]
            if count in (a, b) or a == b:
                assert more == 0
            else:
                assert 0 <= more <= min(roads.metres[-1][a], roads.metres[-1][b]) * most // 1000
    assert altered(problem, roads, lambda *words: 0) == roads
    longest = altered(problem, roads, lambda *words: LOTS - 1)
    assert all(
        longest.metres[a][b] - roads.metres[a][b]
        == min(roads.metres[-1][a], roads.metres[-1][b]) * most // 1000
        for a in range(count)
        for b in range(count)
        if a != b
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_way_seems_as_long_in_whatever_order_the_visits_stand(seed: int) -> None:
    """The lot is drawn for two units: it does not tell which of them comes first in a list."""
    problem = replace(county(seed, units=6), altered=1_000)

    def seen(errands: Sequence[Errand]) -> dict[tuple[str, str], int]:
        turned = replace(problem, errands=tuple(errands))
        ways = altered(turned, roads_of(turned), chance_of(seed)).metres
        return {(a.unit, b.unit): ways[x][y] for x, a in enumerate(errands) for y, b in enumerate(errands)}

    assert seen(problem.errands) == seen(problem.errands[::-1])


@pytest.mark.parametrize(("longer", "first"), [(999, {"a"}), (1_000, {"a", "b"})])
def test_no_order_is_driven_that_is_longer_than_the_level_lets_it_be(longer: int, first: set[str]) -> None:
    """A round by a and b is 10 km on one way roads, the other way round 20 km: 1,000 thousandths more."""
    metres = [[0, 2_000, 8_000], [2_000, 0, 4_000], [4_000, 10_000, 0]]
    problem, _sorties, days = town(0)
    problem = replace(
        problem,
        meets=False,
        longer=longer,
        travel=Travel(
            places={"a": 0, "b": 1, "": 2},
            metres=metres,
            minutes=[[leg // 1_000 for leg in row] for row in metres],
        ),
    )
    stops = tuple(
        Stop(unit=name, draw="main", domains=("fire",), minutes=25, start=start)
        for name, start in (("a", 484), ("b", 511))
    )
    both = Sortie(key="a", slot="morning", stops=stops, metres=10_000)
    driven_first = {
        arrange(problem, roads_of(problem), [both], days, chance_of(seed))[0].stops[0].unit
        for seed in range(12)
    }
    assert driven_first == first


@given(worlds(5), st.sampled_from(list(SLOTS)), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_all_short_orders_are_found(problem: PlanProblem, slot: str, tenths: int) -> None:
    """As every permutation tells."""
    members = [at for at in range(len(problem.errands)) if driven(problem, [at], slot) is not None]
    every = {order: driven(problem, order, slot) for order in permutations(members)} if members else {}
    good = {order: metres for order, metres in every.items() if metres is not None}
    if not good:
        return
    most = min(good.values()) * (100 + tenths) // 100
    found = {
        stops: metres
        for metres, _over, stops, _starts in orders(problem, roads_of(problem), slot, members, most)
    }
    assert found == {order: metres for order, metres in good.items() if metres <= most}


def test_of_equal_orders_each_is_taken_by_some_lot() -> None:
    """A tour and its reverse are equally long; at cheap nothing longer is driven, and the lots decide."""
    problem = at_level(county(4, units=14), "cheap", {})
    plain = make_plan(problem, fake_lots(problem))
    taken = set()
    for seed in range(8):
        made = make_plan(problem, fake_lots(problem), chance=chance_of(seed))
        assert (made.objective_m, made.bound_m, made.days) == (plain.objective_m, plain.bound_m, plain.days)
        assert made.status == plain.status
        assert made.sorties == make_plan(problem, fake_lots(problem), chance=chance_of(seed)).sorties
        taken.add(tuple(tuple(stop.unit for stop in one.stops) for one in made.sorties))
    assert len(taken) > 1


def companions(made: PlanMade) -> set[tuple[str, str]]:
    """The pairs of units that share a sortie."""
    return {
        (one.unit, other.unit)
        for sortie in made.sorties
        for one in sortie.stops
        for other in sortie.stops
        if one.unit < other.unit
    }


def test_last_periods_companions_are_not_this_periods() -> None:
    """The same units drawn twice: without altered ways the same pairs, with them other ones."""
    problem = at_level(county(7, units=20, people=12), "balanced", {})
    problem = replace(problem, longer=0)
    made = {
        by: [make_plan(one, fake_lots(one), chance=chance_of(seed)) for seed in (1, 2)]
        for by, one in (("lots", problem), ("km", replace(problem, altered=0)))
    }
    best, again = made["km"]
    assert companions(best) == companions(again)
    first, second = map(companions, made["lots"])
    assert len(first & second) < 0.8 * len(first)
    assert best.bound_m == best.objective_m
    for one in made["lots"]:
        assert one.bound_m <= best.objective_m < one.objective_m


# Teams that meet


def visit(name: str, latest: int) -> Errand:
    """Half an hour of a morning, to begin at the latest at this minute."""
    return Errand(
        unit=name,
        draw="main",
        domains=("fire",),
        minutes=25,
        point=START,
        arrivals={"morning": (480, latest)},
    )


def town(later_m: int, latest: int = 700) -> tuple[PlanProblem, list[Sortie], dict[str, str]]:
    """Two teams out in one morning, to units 500 m apart: one 10 km away, the other so much farther."""
    names = ("a", "b")
    metres = [[0, 500, 10_000], [500, 0, 10_000 + later_m], [10_000, 10_000 + later_m, 0]]
    minutes = [[leg // 500 for leg in row] for row in metres]
    problem = PlanProblem(
        start=START,
        errands=tuple(visit(name, latest if name == "a" else 700) for name in names),
        staff=(),
        days=FIELD_DAYS[:1],
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=names,
        travel=Travel(places={"a": 0, "b": 1, "": 2}, metres=metres, minutes=minutes),
        near_m=1_000,
        meets=True,
    )
    sorties = [
        Sortie(
            key=name,
            slot="morning",
            stops=(Stop(unit=name, draw="main", domains=("fire",), minutes=25, start=480 + out[at]),),
            metres=2 * metres[2][at],
        )
        for at, name in enumerate(names)
        for out in [minutes[2]]
    ]
    return problem, sorties, dict.fromkeys(names, FIELD_DAYS[0])


@pytest.mark.parametrize(
    ("later_m", "latest", "starts"),
    [
        (5_000, 700, (510, 510)),
        (5_000, 510, (510, 510)),
        (5_000, 509, (500, 510)),
        (0, 700, (500, 500)),
    ],
)
def test_two_teams_arrive_at_neighbours_in_one_minute(
    later_m: int, latest: int, starts: tuple[int, int]
) -> None:
    """The nearer team leaves later, as far as its window allows; else it goes at once."""
    problem, sorties, days = town(later_m, latest)
    roads = roads_of(problem)
    found = arrange(problem, roads, sorties, days, chance_of(1))
    assert tuple(one.stops[0].start for one in found) == starts
    assert given_away(problem, roads, found, days) == ((0, 0) if len(set(starts)) == 1 else (1, 1))
    early = arrange(replace(problem, meets=False), roads, sorties, days, chance_of(1))
    assert [one.stops for one in early] == [one.stops for one in sorties]
    apart = {"a": FIELD_DAYS[0], "b": FIELD_DAYS[1]}
    assert arrange(problem, roads, sorties, apart, chance_of(1)) == tuple(sorties)


@pytest.mark.parametrize("seed", range(6))
def test_the_own_stops_of_a_team_count_as_given_away_too(seed: int) -> None:
    """Of x, y and z in a row the one in the middle comes last: only it is given away by the own team.

    Another team is near y in the evening, and so the orders are weighed at all; it is given away whatever
    order is driven.
    """
    names = ("x", "y", "z", "w")
    near = {("x", "y"), ("y", "z"), ("y", "w")}
    metres = [
        [0 if a == b else 500 if {(a, b), (b, a)} & near else 5_000 for b in (*names, "")]
        for a in (*names, "")
    ]
    problem = replace(
        town(0)[0],
        errands=(
            *(visit(name, 700) for name in "xyz"),
            replace(visit("w", 0), arrivals={"evening": (1140, 1200)}),
        ),
        keep_order=names,
        longer=5_000,
        travel=Travel(
            places={**{name: at for at, name in enumerate(names)}, "": 4},
            metres=metres,
            minutes=[[leg // 500 for leg in row] for row in metres],
        ),
    )
    stops = {
        name: Stop(unit=name, draw="main", domains=("fire",), minutes=25, start=start)
        for name, start in (("x", 490), ("y", 516), ("z", 542), ("w", 1140))
    }
    sorties = [
        Sortie(key="S1", slot="morning", stops=(stops["x"], stops["y"], stops["z"]), metres=11_000),
        Sortie(key="S2", slot="evening", stops=(stops["w"],), metres=10_000),
    ]
    days = dict.fromkeys(("S1", "S2"), FIELD_DAYS[0])
    roads = roads_of(problem)
    found = arrange(problem, roads, sorties, days, chance_of(seed))
    assert found[0].stops[-1].unit == "y"
    assert given_away(problem, roads, found, days)[1] == 2


def mingled(seed: int) -> tuple[PlanProblem, list[Sortie], dict[str, str]]:
    """Two sorties of two stops each in one half-day, all over one small town; all minutes are fives."""
    lot = chance_of(seed)
    names = ("a", "b", "c", "d")
    points = [(lot("x", name) % 9_000, lot("y", name) % 9_000) for name in names] + [(0, 0)]
    metres = [[abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points] for a in points]
    minutes = [[-(-leg // 3_000) * 5 for leg in row] for row in metres]
    errands = tuple(visit(name, 520 + lot("w", name) % 8 * 5) for name in names)
    problem = replace(
        town(0)[0],
        errands=errands,
        keep_order=names,
        near_m=6_000,
        longer=300,
        travel=Travel(
            places={**{n: at for at, n in enumerate(names)}, "": 4}, metres=metres, minutes=minutes
        ),
    )
    sorties = []
    for key, (one, other) in (("a", (0, 1)), ("b", (2, 3))):
        best = min(orders(problem, roads_of(problem), "morning", [one, other], 1 << 40), default=None)
        if best is not None:
            stops = [
                Stop(unit=names[at], draw="main", domains=("fire",), minutes=25, start=start)
                for at, start in zip(best[2], best[3], strict=True)
            ]
            sorties.append(Sortie(key=key, slot="morning", stops=tuple(stops), metres=best[0]))
    return problem, sorties, dict.fromkeys("ab", FIELD_DAYS[0])


def fewest_given_away(problem: PlanProblem, sorties: list[Sortie], days: Mapping[str, str]) -> int:
    """Every order and every minute of either team tried: the fewest visits given away."""
    roads = roads_of(problem)
    place = {one.unit: at for at, one in enumerate(problem.errands)}

    def timed(sortie: Sortie) -> list[Sortie]:
        members = [place[stop.unit] for stop in sortie.stops]
        most = sortie.metres * (1000 + problem.longer) // 1000
        found = []
        for _metres, _over, order, early in orders(problem, roads, "morning", members, most):
            first, second = (problem.errands[at] for at in order)
            leg, back = roads.minutes[order[0]][order[1]], roads.minutes[order[1]][-1]
            for start in range(early[0], first.arrivals["morning"][1] + 1, 5):
                for then in range(start + 25 + leg, second.arrivals["morning"][1] + 1, 5):
                    if then + 25 + back <= SLOTS["morning"][1]:
                        stops = [
                            Stop(unit=one.unit, draw="main", domains=("fire",), minutes=25, start=at)
                            for one, at in ((first, start), (second, then))
                        ]
                        found.append(replace(sortie, stops=tuple(stops)))
        return found

    return min(given_away(problem, roads, pair, days)[1] for pair in product(*map(timed, sorties)))


@pytest.mark.parametrize("seed", range(8))
def test_meeting_gives_no_more_away_than_going_early_and_no_less_than_can_be(seed: int) -> None:
    """Between the best of all minutes, by brute force, and that of teams that go as early as they can."""
    problem, sorties, days = mingled(seed)
    if len(sorties) < 2:
        return
    roads = roads_of(problem)
    early = arrange(replace(problem, meets=False), roads, sorties, days, chance_of(seed))
    found = arrange(problem, roads, sorties, days, chance_of(seed))
    before, after = (given_away(problem, roads, several, days)[1] for several in (early, found))
    assert fewest_given_away(problem, sorties, days) <= after <= before


# What the checker lets pass


def met_plan() -> tuple[dict[str, Any], Any, Mapping[str, Any]]:
    """A plan in which a team waits for another, with what it must agree with."""
    for seed in range(40):
        problem = county(seed, units=16, people=12, days=FIELD_DAYS[:3], cars=4)
        problem = replace(at_level(problem, "strict", towns(problem)), near_m=9_000, company=2)
        made = make_plan(problem, fake_lots(problem, seed), chance=chance_of(seed), work=5.0)
        record = record_at(problem, made, "strict")
        facts = replace(known(problem, made), meets=True)
        if check_plan(record, replace(facts, meets=False), made.lots):
            return record, facts, made.lots
    raise AssertionError("no team ever waits")


def test_a_late_arrival_needs_a_neighbour_in_that_minute() -> None:
    """With the meeting the plan passes; a team late alone, or where none may wait, breaks `travel`."""
    record, facts, lots = met_plan()
    assert check_plan(record, facts, lots) == []
    assert "travel" in {one.rule for one in check_plan(record, replace(facts, meets=False), lots)}
    far = replace(facts, near_m=0, townships={})
    assert "travel" in {one.rule for one in check_plan(record, far, lots)}


def test_what_is_stated_is_counted_again() -> None:
    """Each figure of the record, one higher."""
    record, facts, lots = met_plan()
    for field in ("company", "near_m", "later", "given_away"):
        stated = {**record["secrecy"], field: record["secrecy"][field] + 1}
        found = check_plan(record | {"secrecy": stated}, facts, lots)
        assert [(one.rule, one.where) for one in found] == [("secrecy", field)]
    for wrong in ({}, {**record["secrecy"], "level": "open"}, {**record["secrecy"], "cheap": 3}, None):
        assert [one.rule for one in check_plan(record | {"secrecy": wrong}, facts, lots)] == ["record"]


def test_a_team_waits_for_nobody_beyond_the_minute_at_which_it_must_go_home() -> None:
    """20 minutes there and back, 25 for the visit: to be home at 750 it arrives at 705 at the latest."""
    problem, _sorties, _days = town(0, latest=740)
    early = arrivals.Drive((0,), (500,), 20_000)
    for minutes, due in (([], [500]), ([499, 503, 705, 706], [500, 503, 705]), ([741], [500])):
        found = list(arrivals.timings(problem, roads_of(problem), "morning", early, {0: minutes}))
        assert [(one.starts, one.later, one.waits) for one in found] == [((at,), at - 500, 0) for at in due]


@pytest.mark.parametrize(
    ("other", "met"),
    [
        pytest.param({}, {"a", "b"}, id="in that minute"),
        pytest.param({"date": FIELD_DAYS[1]}, set(), id="on another day"),
        pytest.param({"slot": "afternoon"}, set(), id="in another half-day"),
        pytest.param({"start": "09:01"}, set(), id="a minute later"),
        pytest.param({"sortie": "S1"}, set(), id="the same team"),
        pytest.param({"unit": "c"}, set(), id="nowhere near"),
    ],
)
def test_teams_meet_at_neighbours_in_one_minute_of_one_day(other: dict[str, str], met: set[str]) -> None:
    """As the check sees it; where no team may wait nobody meets."""
    problem, _sorties, _days = town(0)
    facts = replace(
        facts_of(problem), near_m=1_000, meets=True, travel={("a", "b"): (500, 1), ("b", "a"): (500, 1)}
    )
    one = {"id": "a", "unit": "a", "sortie": "S1", "date": FIELD_DAYS[0], "slot": "morning", "start": "09:00"}
    visits = [one, {**one, "id": "b", "unit": "b", "sortie": "S2", **other}]
    assert meetings(visits, facts) == met
    assert meetings(visits, replace(facts, meets=False)) == set()


def test_where_timing_never_ends_everybody_goes_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams that are not settled within the rounds go as early as they can, which the checker takes."""
    problem, sorties, days = town(5_000)
    monkeypatch.setattr(arrivals, "ROUNDS", 1)
    found = arrange(problem, roads_of(problem), sorties, days, chance_of(1))
    assert [one.stops for one in found] == [one.stops for one in sorties]
