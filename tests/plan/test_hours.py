"""Opening times, departments and cars in whole plans: made, checked, and explained where nothing fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import SLOTS, Domain, Unit, Window
from auditor.plan.check import PlanFacts, check_plan
from auditor.plan.check_drive import span as _span
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.problem import Errand, PlanProblem, at_work, errands_of
from auditor.workflow.hours import HOURS, home_evenings, hours_of
from auditor.workflow.months import period_of
from effort import MODELS
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

EVENING = {"evening": (1080, 1230)}
DECEMBER = period_of(date(2026, 12, 1), date(2026, 12, 31))
AUGUST = period_of(date(2026, 8, 3), date(2026, 8, 21))


def checked(problem: PlanProblem, **facts: object) -> PlanMade:
    """Plan a problem and check the plan by its twin."""
    made = make_plan(problem, fake_lots(problem))
    known = facts_of(problem, made)
    known = replace(
        known,
        cars_in=problem.cars_in,
        departments=problem.departments,
        shut=problem.shut,
        areas=problem.areas,
        **facts,
    )
    assert check_plan(record_of(problem, made), known, made.lots) == []
    return made


def small(*errands: Errand, days: tuple[str, ...] = FIELD_DAYS[:4], **changes: object) -> PlanProblem:
    """Four people who are always free, of two departments, and some errands."""
    facts: dict[str, object] = {
        "start": START,
        "errands": errands,
        "staff": tuple(person(f"P{at}", *half_days(*days)) for at in range(1, 5)),
        "days": days,
        "windows": {"main": (days[0], days[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {one.unit: "t" for one in errands},
        "keep_order": tuple(sorted({one.unit for one in errands})),
    }
    return PlanProblem(**{**facts, **changes})


# Opening times


@pytest.mark.parametrize(
    ("keys", "hours", "due"),
    [
        pytest.param(["fire"], EVENING, [{"evening": (1080, 1205)}], id="by day elsewhere, here at work"),
        pytest.param(
            ["fire"], {}, [{"morning": (480, 725), "afternoon": (810, 1040)}], id="no hours of its own"
        ),
        pytest.param(
            ["fire"], {"afternoon": (810, 1000)}, [{"afternoon": (810, 975)}], id="cut to its hours"
        ),
        pytest.param(["fire"], {"evening": (1080, 1100)}, [{}], id="too short to be inspected"),
        pytest.param(["dorms"], {"morning": (480, 750)}, [{"evening": (1140, 1230)}], id="beds say when"),
        pytest.param(
            ["food", "fire"], EVENING, [{"morning": (630, 705)}, {"evening": (1080, 1205)}], id="two visits"
        ),
    ],
)
def test_hours_bound_what_has_no_times_of_its_own(
    keys: list[str], hours: dict[str, tuple[int, int]], due: list[dict[str, tuple[int, int]]]
) -> None:
    """Arrivals by hand: minutes of the day, from the opening to the closing less the visit."""
    found = errands_of("u", "main", [DOMAINS[key] for key in keys], START, hours)
    assert sorted(map(str, (one.arrivals for one in found))) == sorted(map(str, due))


spans = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(sorted)


@st.composite
def domains_and_hours(
    draw: st.DrawFn,
) -> tuple[list[Domain], dict[str, tuple[int, int]]]:
    """A few domains with windows of all sorts, and the hours of a unit."""
    domains = []
    for number in range(draw(st.integers(1, 3))):
        windows = []
        for slot in draw(st.lists(st.sampled_from(sorted(SLOTS)), min_size=1, max_size=3)):
            opens, _closes = SLOTS[slot]
            first, last = draw(spans)
            bounds = draw(st.sampled_from([(None, None), (opens + 20 * first, opens + 20 * last)]))
            windows.append(Window(slot=slot, earliest=bounds[0], latest=bounds[1]))
        domains.append(
            Domain(
                key=f"d{number}", version="1", zh="", en="", items=(), windows=tuple(windows),
                minutes=draw(st.integers(5, 90)),
            )
        )  # fmt: skip
    hours = {}
    for slot in draw(st.sets(st.sampled_from(sorted(SLOTS)))):
        first, last = draw(spans)
        hours[slot] = (SLOTS[slot][0] + 25 * first, SLOTS[slot][0] + 25 * last)
    return domains, hours


@settings(deadline=None, max_examples=150)
@given(domains_and_hours())
def test_planner_and_twin_agree_on_every_arrival(
    world: tuple[list[Domain], dict[str, tuple[int, int]]],
) -> None:
    """The checker, which shares no helper, gives each visit the same first and last minute."""
    domains, hours = world
    facts = PlanFacts(
        points={}, start=START, demand={}, domains={one.key: one for one in domains}, staff=(), days=(),
        beacon_day="", windows={}, closed={}, strata={}, hours={"u": hours} if hours else {},
    )  # fmt: skip
    for one in errands_of("u", "main", domains, START, hours):
        twin = {slot: _span("u", one.domains, slot, facts) for slot in SLOTS}
        assert dict(one.arrivals) == {slot: span for slot, span in twin.items() if span is not None}


@settings(deadline=None)
@given(domains_and_hours())
def test_with_hours_nothing_untimed_happens_outside_them(
    world: tuple[list[Domain], dict[str, tuple[int, int]]],
) -> None:
    """Each window that had no times lies within the hours; those with times are left as they were."""
    domains, hours = world
    for domain in domains:
        timed = [one for one in domain.windows if one.earliest is not None]
        there = at_work(domain, hours)
        assert [one for one in there.windows if one in timed] == timed or not hours
        for window in there.windows:
            if hours and window not in timed:
                opens, closes = hours[window.slot]
                assert window.earliest is not None
                assert window.latest is not None
                assert opens <= window.earliest
                assert window.latest + domain.minutes <= closes


def test_a_training_centre_is_visited_while_it_teaches() -> None:
    """In term in the evening and back by half past nine; in the holidays by day too."""
    centre = Unit(id="c", name="c", kind="training")
    assert hours_of(centre, DECEMBER) == {"evening": (1080, 1230)}
    assert set(hours_of(centre, AUGUST)) == {"morning", "afternoon", "evening"}
    assert hours_of(Unit(id="s", name="s", kind="primary"), DECEMBER) == {}
    assert set(hours_of(Unit(id="k", name="k", kind="kindergarten"), DECEMBER)) == {"morning", "afternoon"}
    assert hours_of(Unit(id="k", name="k", kind="kindergarten", boarders=9), DECEMBER) == {}


def test_hours_of_term_hold_in_the_holidays_too() -> None:
    """So a period with both needs one table."""
    for own in HOURS.values():
        for slot, (opens, closes) in own.term.items():
            first, last = own.holiday[slot]
            assert first <= opens < closes <= last
            assert SLOTS[slot][0] <= opens < closes <= SLOTS[slot][1]


def test_boarders_go_home_on_the_evening_before_days_off() -> None:
    """By the calendar of 2026 and 2027: Fridays, 31 December, and no Friday before a make-up Saturday."""
    assert home_evenings(DECEMBER) == {f"2026-12-{day:02d}/evening" for day in (4, 11, 18, 25, 31)}
    october = period_of(date(2026, 10, 8), date(2026, 10, 16))
    assert home_evenings(october) == {"2026-10-10/evening", "2026-10-16/evening"}
    until_wednesday = period_of(date(2026, 12, 1), date(2026, 12, 9))
    assert home_evenings(until_wednesday) == {"2026-12-04/evening"}


def test_dormitories_are_visited_on_another_evening() -> None:
    """Three evenings of four are shut: the fourth is given, and the lot departs for the rule of hours."""
    beds = errand("u1", START, "dorms")
    for left in range(4):
        days = FIELD_DAYS[:4]
        shut = {"u1": frozenset(f"{day}/evening" for at, day in enumerate(days) if at != left)}
        made = checked(small(beds, shut=shut))
        assert list(made.days.values()) == [days[left]]
        assert {one.rule for one in made.departures if one.of == "day"} <= {"hours"}
    shut = {"u1": frozenset(f"{day}/evening" for day in FIELD_DAYS[:4])}
    made = checked(small(beds, shut=shut))
    assert [(one.unit, one.reason) for one in made.unplaced] == [("u1", "closed")]


# Departments


def staff_of(problem: PlanProblem, *departments: str) -> dict[str, str]:
    """Departments of P1, P2 … in this order."""
    return {one.id: name for one, name in zip(problem.staff, departments, strict=True)}


def test_teams_of_two_departments_go_out() -> None:
    """Two of each department: no team of one goes, and the departure is named."""
    problem = small(errand("u1", START, "fire"), errand("u2", START, "food"))
    departments = staff_of(problem, "安全", "安全", "体卫", "体卫")
    named: set[str] = set()
    for seed in range(6):
        asked = replace(problem, departments=departments)
        made = make_plan(asked, fake_lots(asked, seed))
        facts = replace(facts_of(asked, made), departments=departments)
        assert check_plan(record_of(asked, made), facts, made.lots) == []
        assert made.teams
        assert all(len({departments[one] for one in team}) == 2 for team in made.teams.values())
        named |= {one.rule for one in made.departures}
    assert "mix" in named


def test_three_of_one_department_hold_what_no_three_of_two_do() -> None:
    """Whoever is of the other department takes the seat of somebody whose skill is needed."""
    held = {"P1": "fire", "P2": "dorms", "P3": "food", "P4": "transport"}
    staff = tuple(person(name, *half_days(*FIELD_DAYS[:3]), domains=(key,)) for name, key in held.items())
    world = replace(small(errand("u1", START, "fire", "food", "transport")), staff=staff, team=3)
    assert checked(world).sorties
    departments = dict(zip(held, ("安全", "体卫", "安全", "安全"), strict=True))
    made = checked(replace(world, departments=departments))
    assert [(one.reason, one.evidence.endswith("mix")) for one in made.unplaced] == [("no-team", True)]


def test_where_only_one_department_can_no_team_is_the_reason() -> None:
    """One of no known department makes no mix; one of another does."""
    problem = small(errand("u1", START, "fire"))
    made = checked(replace(problem, departments=staff_of(problem, "安全", "安全", "安全", "")))
    assert [(one.reason, one.evidence.endswith("mix")) for one in made.unplaced] == [("no-team", True)]
    assert not checked(
        replace(problem, departments=staff_of(problem, "安全", "安全", "安全", "体卫"))
    ).unplaced


@settings(deadline=None, max_examples=MODELS)
@given(
    st.integers(0, 10_000), st.lists(st.sampled_from(["", "安全", "体卫", "督导"]), min_size=6, max_size=6)
)
def test_every_county_with_departments_ends_in_a_checked_plan(seed: int, names: list[str]) -> None:
    """Skills, leave and departments at random: plan and twin agree, on reasons too."""
    problem = county(seed, units=5, people=6, days=FIELD_DAYS[:10])
    departments = {one.id: name for one, name in zip(problem.staff, names, strict=True)}
    made = checked(replace(problem, departments=departments))
    for team in made.teams.values():
        assert len({departments[one] for one in team} - {""}) == 2


# The own area


def test_a_plan_that_sends_someone_to_the_own_area_twice_is_refused() -> None:
    """Two people see one unit twice: a breach for whom it is the own area, and for nobody else."""
    problem = small(errand("u1", START, "fire"))
    alone = replace(
        problem,
        errands=(*problem.errands, replace(problem.errands[0], draw="week")),
        windows={**problem.windows, "week": problem.windows["main"]},
        staff=problem.staff[:2],
    )
    made = make_plan(alone, fake_lots(alone))
    assert [made.teams[one.key] for one in made.sorties] == [("P1", "P2")] * 2
    for areas, due in (
        ({"P1": {"u1"}}, [("again", "P1")]),
        ({"P1": {"u2"}, "P3": {"u1"}}, []),
        ({"P1": {"u1"}, "P2": {"u1", "u2"}}, [("again", "P1"), ("again", "P2")]),
    ):
        facts = replace(facts_of(alone, made), areas=areas)
        found = check_plan(record_of(alone, made), facts, made.lots)
        assert [(one.rule, one.where) for one in found if one.rule == "again"] == due
    # with others at hand the second visit is theirs
    wider = replace(alone, staff=problem.staff, areas={"P1": frozenset({"u1"}), "P2": frozenset({"u1"})})
    teams = [set(checked(wider).teams[one]) for one in sorted(checked(wider).teams)]
    assert len(teams) == 2
    assert not teams[0] & teams[1] & {"P1", "P2"}


@settings(deadline=None, max_examples=MODELS)
@given(st.integers(0, 10_000), st.lists(st.sets(st.integers(0, 3)), min_size=6, max_size=6))
def test_every_county_with_own_areas_ends_in_a_checked_plan(seed: int, own: list[set[int]]) -> None:
    """Every unit is drawn twice: nobody sees one of the own area in both visits."""
    problem = county(seed, units=4, people=6, days=FIELD_DAYS[:10])
    weekly = tuple(replace(one, draw="week") for one in problem.errands)
    areas = {
        one.id: frozenset(f"u{number:03d}" for number in numbers)
        for one, numbers in zip(problem.staff, own, strict=True)
    }
    twice = replace(
        problem,
        errands=(*problem.errands, *weekly),
        windows={**problem.windows, "week": problem.windows["main"]},
        areas=areas,
    )
    made = checked(twice)
    seen = [(person, unit) for one in made.sorties for person in made.teams[one.key] for unit in one.units]
    assert all(seen.count(pair) == 1 for pair in seen if pair[1] in areas[pair[0]])


# Cars


@settings(deadline=None, max_examples=MODELS)
@given(st.integers(0, 10_000), st.fixed_dictionaries({slot: st.integers(0, 2) for slot in SLOTS}))
def test_every_county_with_cars_by_half_day_ends_in_a_checked_plan(seed: int, cars: dict[str, int]) -> None:
    """Also where a kind of half-day has no car at all: nothing goes out in it."""
    problem = county(seed, units=6, people=8, days=FIELD_DAYS[:8])
    made = checked(replace(problem, cars=max(cars.values()), cars_in=cars))
    out = [(made.days[one.key], one.slot) for one in made.sorties]
    assert all(out.count(half_day) <= cars[half_day[1]] for half_day in out)
