"""A plan from one end to the other: who is kept, days before teams, true departures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from time import monotonic

import pytest

from auditor import solving
from auditor.entities import SLOTS, Lots, Sortie, Stop
from auditor.plan import options as options_module
from auditor.plan import ranks
from auditor.plan.check import check_plan
from auditor.plan.columns import half_day
from auditor.plan.days import Days
from auditor.plan.departures import departures_of
from auditor.plan.given import Given
from auditor.plan.limits import limits_of
from auditor.plan.make import make_plan
from auditor.plan.options import options_of
from auditor.plan.prices import Field
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import roads_of, ways_of
from auditor.plan.rules import forbidding
from auditor.plan.screening import screen
from auditor.plan.settling import settle
from auditor.plan.staffed import bundle_staffed
from auditor.plan.teams import Teams, give_teams
from auditor.solving import Budget
from plan.world import (
    BEACON,
    DOMAINS,
    FIELD_DAYS,
    START,
    county,
    errand,
    facts_of,
    fake_lots,
    half_days,
    person,
    record_of,
)


def small(*errands: object, people: int = 4, free: tuple[str, ...] = (), **changes: object) -> PlanProblem:
    """Some errands, people who may do everything, three days."""
    days = FIELD_DAYS[:3]
    facts: dict[str, object] = {
        "start": START,
        "errands": errands,
        "staff": tuple(person(f"P{number}", *(free or half_days(*days))) for number in range(1, people + 1)),
        "days": days,
        "windows": {"main": (days[0], days[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {},
        "keep_order": tuple(sorted({one.unit for one in errands})),
    }
    return PlanProblem(**{**facts, **changes})


@pytest.mark.parametrize("seed", range(4))
def test_a_county_is_planned_proven_and_checked(seed: int) -> None:
    """Everything is placed or explained, the gap is 0, and the check finds nothing."""
    problem = county(seed, units=18)
    made = make_plan(problem, fake_lots(problem, seed))
    assert made.status == "optimal"
    assert made.bound_m == made.objective_m
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []


@pytest.mark.parametrize("at", [0, 5])
def test_a_unit_whose_lots_have_no_day_takes_nobody_with_it(at: int) -> None:
    """First in the order or later: the others are planned, it is left out."""
    problem = county(2, units=8)
    given, unlucky = fake_lots(problem, 2), problem.keep_order[at]

    def lots_for(sorties: Sequence[Sortie]) -> dict[str, Lots]:
        found = dict(given(sorties))
        for one in sorties:
            if unlucky in one.units:
                found[one.key] = replace(found[one.key], days=(), teams={})
        return found

    whole = make_plan(problem, given)
    made = make_plan(problem, lots_for)
    placed = {stop.unit for sortie in made.sorties for stop in sortie.stops}
    assert placed == {stop.unit for sortie in whole.sorties for stop in sortie.stops} - {unlucky}
    assert unlucky in {one.unit for one in made.unplaced}


@pytest.mark.parametrize("seed", range(3))
def test_a_small_tight_programme_ends_with_the_clock_and_leaves_not_all_out(seed: int) -> None:
    """Whoever was found to be staffed together is visited, though there was no time for the shortest ways."""
    problem = county(seed, units=16, people=4, days=FIELD_DAYS[:3])
    began = monotonic()
    made = make_plan(problem, fake_lots(problem, seed), seconds=0.0)
    assert monotonic() - began < 60
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []
    assert made.sorties
    assert made.unplaced
    assert 0 < made.bound_m <= made.objective_m


def test_a_plan_repeats_whatever_the_order_of_its_problem() -> None:
    """The same errands and staff, handed in backwards, are planned alike."""
    problem = county(11, units=12)
    same = replace(problem, staff=problem.staff[::-1], days=problem.days[::-1])
    first = make_plan(problem, fake_lots(problem))
    assert make_plan(problem, fake_lots(problem)) == first
    assert make_plan(same, fake_lots(problem)).days == first.days


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        pytest.param(small(errand("u", (START[0] + 1.5, START[1]), "fire")), "unreachable", id="too far"),
        pytest.param(
            small(errand("u", START, "fire"), closed={"u": frozenset(FIELD_DAYS[:3])}), "closed", id="closed"
        ),
        pytest.param(
            small(errand("u", START, "fire"), beacon_day=FIELD_DAYS[2]),
            "closed",
            id="no day after the beacon",
        ),
        pytest.param(
            small(
                errand("u", START, "fire", "food", "transport"),
                staff=tuple(
                    person(f"P{at}", *half_days(*FIELD_DAYS[:3]), domains=(key,))
                    for at, key in enumerate(("fire", "food", "transport"))
                ),
            ),
            "no-skill",
            id="three skills in three people",
        ),
        pytest.param(
            small(errand("u", START, "dorms"), free=(f"{FIELD_DAYS[0]}/morning",)), "no-team", id="no evening"
        ),
        pytest.param(
            small(
                errand("u", START, "fire"),
                free=(f"{FIELD_DAYS[0]}/morning",),
                shut={"u": frozenset([f"{FIELD_DAYS[0]}/morning"])},
            ),
            "no-team",
            id="shut in the only half-day of a team",
        ),
    ],
)
def test_what_cannot_be_done_alone_has_its_reason(problem: PlanProblem, reason: str) -> None:
    """Each obstacle is named, with evidence, and the check finds it true and any other reason false."""
    made = make_plan(problem, fake_lots(problem))
    assert [(one.unit, one.reason) for one in made.unplaced] == [("u", reason)]
    assert made.unplaced[0].evidence
    assert (made.sorties, made.objective_m, made.bound_m, made.status) == ((), 0, 0, "optimal")
    record, facts = record_of(problem, made), replace(facts_of(problem, made), shut=problem.shut)
    assert check_plan(record, facts, {}) == []
    for other in ("unreachable", "closed", "no-skill", "no-team", "capacity", "weather"):
        record["unplaced"][0]["reason"] = other
        assert bool(check_plan(record, facts, {})) is (other != reason)


def test_one_of_two_visits_of_a_unit_may_stay_out() -> None:
    """Nobody is free in the evening: the dormitory is unplaced, the morning's visit is made."""
    problem = small(
        errand("u", START, "fire", "food"),
        errand("u", START, "dorms"),
        free=(f"{FIELD_DAYS[0]}/morning",),
    )
    made = make_plan(problem, fake_lots(problem))
    assert [(one.domains, one.reason) for one in made.unplaced] == [(("dorms",), "no-team")]
    assert [stop.domains for sortie in made.sorties for stop in sortie.stops] == [("fire", "food")]
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []


def test_two_visits_of_a_unit_are_in_two_half_days() -> None:
    """Both fit the morning, where two teams are free: one of them goes in the afternoon, nobody stays out."""
    day = FIELD_DAYS[0]
    both = {"morning": (480, 600), "afternoon": (810, 900)}
    one = replace(errand("u", START, "fire"), arrivals={"morning": both["morning"]})
    other = replace(errand("u", START, "transport"), arrivals=both)
    people = [person(f"P{at}", f"{day}/morning", f"{day}/afternoon") for at in range(4)]
    problem = replace(small(one, other), staff=tuple(people))
    made = make_plan(problem, fake_lots(problem))
    assert list(made.unplaced) == []
    assert sorted(sortie.slot for sortie in made.sorties) == ["afternoon", "morning"]
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []


@pytest.mark.parametrize("seed", [0, 2])
def test_who_is_kept_is_greedy_by_lot(seed: int) -> None:
    """With too few people, a unit is kept exactly if it fits with those kept before it, one by one."""
    problem = county(seed, units=12, people=5)
    options, roads = options_of(problem), roads_of(problem)
    possible, _ = screen(problem, options, ways_of(problem))
    kept: list[str] = []
    for unit in problem.keep_order:
        wished = [at for at in possible if problem.errands[at].unit in {*kept, unit}]
        halves = tuple(half_day(problem, roads, wished, slot) for slot in SLOTS)
        field = Field(halves, problem.sortie_cost_m, limits_of(problem, 1.0), len(problem.errands))
        if any(problem.errands[at].unit == unit for at in possible) and (
            bundle_staffed(problem, field, options, wished, Budget(20.0), shortest=False).found
        ):
            kept.append(unit)
    made = make_plan(problem, fake_lots(problem, seed))
    assert {stop.unit for sortie in made.sorties for stop in sortie.stops} == set(kept)
    left_out = [one for one in made.unplaced if one.reason == "capacity"]
    assert left_out
    for one in left_out:
        before = problem.keep_order[: problem.keep_order.index(one.unit)]
        assert one.evidence == str(sum(unit in kept for unit in before))
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []


def test_nobody_free_is_a_plan_without_visits() -> None:
    """Everyone on leave: all is unplaced, nothing crashes."""
    problem = county(1, units=6)
    problem = replace(problem, staff=tuple(replace(one, free=()) for one in problem.staff))
    made = make_plan(problem, fake_lots(problem))
    assert {one.reason for one in made.unplaced} == {"no-team"}
    assert not made.sorties


def sortie(key: str, unit: str) -> Sortie:
    """A morning's sortie to one unit."""
    stop = Stop(unit=unit, draw="main", domains=("fire",), minutes=25, start=500)
    return Sortie(key=key, slot="morning", stops=(stop,), metres=0)


def test_days_come_before_teams() -> None:
    """The least sum of day ranks, then of team ranks: as every assignment tried one by one says."""
    problem = small(people=4, cars=2)
    days = problem.days
    pairs = [("P1", "P2"), ("P1", "P3"), ("P3", "P4"), ("P2", "P4")]
    sorties = [sortie(f"S{number}", f"u{number}") for number in range(4)]
    lots = {
        one.key: Lots(
            lead=one.stops[0].unit,
            days=(days[0], days[1 + at % 2], days[2 - at % 2]),
            teams={day: tuple(pairs[at:] + pairs[:at]) for day in days},
        )
        for at, one in enumerate(sorties)
    }
    best = None
    for choice in product(*([(d, t) for d in range(3) for t in range(4)] for _ in sorties)):
        given = {
            one.key: Given(lots[one.key].days[d], "morning", lots[one.key].teams[lots[one.key].days[d]][t])
            for one, (d, t) in zip(sorties, choice, strict=True)
        }
        cost = (sum(d for d, _ in choice), sum(t for _, t in choice))
        if (best is None or cost < best) and not any(
            forbidding(problem, {k: g for k, g in given.items() if k != key}, wish)
            for key, wish in given.items()
        ):
            best = cost
    ranked = ranks.rank(problem, sorties, lots, {}, Budget(10.0))
    assert ranked.status == "optimal"
    found = [
        (lots[key].days.index(one.day), lots[key].teams[one.day].index(one.team))
        for key, one in ranked.given.items()
    ]
    assert (sum(d for d, _ in found), sum(t for _, t in found)) == best
    departures = departures_of(problem, sorties, lots, ranked.given)
    assert len(departures) == sum(bool(d) + bool(t) for d, t in found)


def test_a_departure_without_a_rule_is_refused_when_made() -> None:
    """A free lot that was not taken is a mistake of ours, never a departure."""
    problem = small(people=2)
    one = sortie("S001", "u")
    lots = {"S001": Lots(lead="u", days=problem.days, teams={day: (("P1", "P2"),) for day in problem.days})}
    with pytest.raises(ValueError, match="no rule forbids"):
        departures_of(problem, [one], lots, {"S001": Given(problem.days[1], "morning", ("P1", "P2"))})


def test_a_departure_of_a_day_needs_a_rule_for_each_team_and_tells_that_of_the_first() -> None:
    """P1 and P2 are out with the other sortie; P3 and P4 could go, unless P3 may be used no more."""
    problem = small(people=4)
    days = problem.days
    sorties, lots = two_sorties(days[:2], days[:1])
    given = {
        "S001": Given(days[1], "morning", ("P1", "P2"), frozenset("u")),
        "S002": Given(days[0], "morning", ("P1", "P2"), frozenset("v")),
    }
    with pytest.raises(ValueError, match="no rule forbids"):
        departures_of(problem, sorties, lots, given)
    used_up = [replace(one, share=0) if one.id == "P3" else one for one in problem.staff]
    (only,) = departures_of(replace(problem, staff=tuple(used_up)), sorties, lots, given)
    assert (only.sortie, only.of, only.rank, only.rule) == ("S001", "day", 1, "people")


def test_a_poor_assignment_is_settled() -> None:
    """What the solver leaves unproven is moved to earlier lots while no rule forbids it."""
    problem = small(people=4)
    days = problem.days
    sorties = [sortie("S001", "u"), sortie("S002", "v")]
    lots = {
        one.key: Lots(
            lead=one.stops[0].unit, days=days, teams={day: (("P1", "P2"), ("P3", "P4")) for day in days}
        )
        for one in sorties
    }
    poor = {
        "S001": Given(days[2], "morning", ("P3", "P4")),
        "S002": Given(days[1], "morning", ("P3", "P4")),
    }
    settled = settle(problem, sorties, lots, poor)
    assert settled["S001"] == Given(days[0], "morning", ("P1", "P2"), frozenset("u"))
    assert settled["S002"] == Given(days[0], "morning", ("P3", "P4"), frozenset("v"))


def two_sorties(*days: tuple[str, ...]) -> tuple[list[Sortie], dict[str, Lots]]:
    """Two sorties with these days by lot, each with the teams P1+P2 and P3+P4 in this order."""
    sorties = [sortie("S001", "u"), sortie("S002", "v")]
    teams = (("P1", "P2"), ("P3", "P4"))
    return sorties, {
        one.key: Lots(lead=one.stops[0].unit, days=own, teams=dict.fromkeys(own, teams))
        for one, own in zip(sorties, days, strict=True)
    }


def test_what_was_known_before_is_settled_where_the_solver_finds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both go on the first day, and each departure has its rule."""
    problem = small(people=4)
    days = problem.days
    sorties, lots = two_sorties(days, days)
    known = {
        "S001": Given(days[2], "morning", ("P3", "P4"), frozenset("u")),
        "S002": Given(days[1], "morning", ("P3", "P4"), frozenset("v")),
    }
    nothing = solving.Solved(solving.OUT_OF_WORK, 0, 0, None)
    monkeypatch.setattr(solving, "solve", lambda *_model, **_limits: nothing)
    found = ranks.rank(problem, sorties, lots, known, Budget(5.0))
    assert {one.day for one in found.given.values()} == {days[0]}
    assert (found.status, found.day_sum, found.day_bound) == (solving.FEASIBLE, 0, 0)
    assert [one.of for one in departures_of(problem, sorties, lots, found.given)] == ["team"]
    forbidden = {**known, "S002": replace(known["S001"], units=frozenset("v"))}
    by_hand = ranks.rank(problem, sorties, lots, {}, Budget(5.0))
    assert ranks.rank(problem, sorties, lots, forbidden, Budget(5.0)) == by_hand
    impossible = replace(nothing, status=solving.IMPOSSIBLE)
    monkeypatch.setattr(solving, "solve", lambda *_model, **_limits: impossible)
    assert ranks.rank(problem, sorties, lots, forbidden, Budget(5.0)).given == {}


@pytest.mark.parametrize("even", [None, 0])
def test_teams_that_are_not_proven_are_settled_too(even: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where evenness had to give way: nobody stays behind for evenness that the plan does not keep."""
    problem = small(people=5, even=even)
    days = problem.days
    sorties, lots = two_sorties(days[:1], days[1:2])
    teams = (("P1", "P2"), ("P3", "P4"), ("P3", "P5"))
    lots = {key: replace(one, teams=dict.fromkeys(one.days, teams)) for key, one in lots.items()}

    def poor(
        asked: PlanProblem, sorties: list[Sortie], _lots: object, days: dict[str, str], _budget: object
    ) -> Teams:
        if asked.even is not None and asked.even < 2:
            return Teams(solving.OUT_OF_WORK, {})
        given = {
            one.key: Given(days[one.key], one.slot, team, one.units)
            for one, team in zip(sorties, (("P3", "P4"), ("P3", "P5")), strict=True)
        }
        return Teams(solving.FEASIBLE, given, 3, 0)

    monkeypatch.setattr(ranks, "MOST_CHOICES", 0)
    monkeypatch.setattr(ranks, "give_teams", poor)
    found = ranks.rank(problem, sorties, lots, {}, Budget(5.0))
    assert (found.even, found.status) == (None if even is None else 2, solving.FEASIBLE)
    assert found.team_sum == 0
    assert departures_of(replace(problem, even=found.even), sorties, lots, found.given) == ()


def test_a_bound_of_teams_is_none_where_the_last_pass_found_earlier_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On one day one of two must have the second team; apart, as they end, neither must."""
    problem = small(people=4)
    days = problem.days
    sorties, lots = two_sorties(days, days[1:])
    late = Days(solving.FEASIBLE, dict.fromkeys(lots, days[2]), 3, 0)
    monkeypatch.setattr(ranks, "MOST_CHOICES", 0)
    monkeypatch.setattr(ranks, "give_days", lambda *_given, **_more: late)
    assert give_teams(problem, sorties, lots, late.days, Budget(5.0)).bound == 1
    found = ranks.rank(problem, sorties, lots, {}, Budget(5.0))
    assert [one.day for one in found.given.values()] == [days[0], days[1]]
    assert (found.day_sum, found.team_sum, found.team_bound) == (0, 0, 0)


def test_offering_few_lots_first_gives_up_no_more_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """From one day and team each, widened as far as a better answer could lie: the same sums, proven."""
    problem = county(0, units=24)
    wide = make_plan(problem, fake_lots(problem))
    monkeypatch.setattr(ranks, "NARROW", (2, 3))
    narrow = make_plan(problem, fake_lots(problem))
    for of in ("day", "team"):
        sums = [sum(one.rank for one in made.departures if one.of == of) for made in (wide, narrow)]
        assert sums[0] == sums[1]
    assert narrow.status == wide.status == "optimal"


@pytest.mark.parametrize("seed", range(2))
def test_crowded_half_days_make_a_checked_plan(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where teams are too many to be listed the plan is confirmed by its days and teams."""
    monkeypatch.setattr(options_module, "MOST_FREE", 1)
    problem = county(seed, units=14)
    made = make_plan(problem, fake_lots(problem, seed))
    assert made.sorties
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []


def test_many_lots_are_given_days_first_and_as_few_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all lots together are too many: the least sum of days as before, and true departures."""
    problem = county(0, units=24)
    joint = make_plan(problem, fake_lots(problem))
    monkeypatch.setattr(ranks, "MOST_CHOICES", 0)
    made = make_plan(problem, fake_lots(problem))
    assert made.departures
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []
    assert made.status == joint.status == "optimal"
    assert made.day_sum == made.day_bound == joint.day_sum
    assert made.team_sum == made.team_bound >= joint.team_sum


def test_domains_of_the_made_up_county_are_all_used() -> None:
    """The county of these tests exercises every kind of window."""
    assert {key for one in county(0).errands for key in one.domains} == set(DOMAINS)


def test_what_is_found_by_hand_says_how_even_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same two on both days, two others at home: two apart, though none was asked for."""
    problem = small(people=4, even=0)
    sorties, lots = two_sorties(problem.days[:1], problem.days[1:2])
    lots = {key: replace(one, teams=dict.fromkeys(one.days, (("P1", "P2"),))) for key, one in lots.items()}
    nothing = solving.Solved(solving.OUT_OF_WORK, 0, 0, None)
    monkeypatch.setattr(solving, "solve", lambda *_model, **_limits: nothing)
    found = ranks.rank(problem, sorties, lots, {}, Budget(5.0))
    assert (len(found.given), found.even) == (2, 2)
