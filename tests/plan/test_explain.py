"""Why a visit is not made: the reason is the true one, and its cure places the visit when applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.entities import SLOTS, Unplaced
from auditor.plan import clashes
from auditor.plan import explain as explaining
from auditor.plan.cures import Change, applied, newcomer
from auditor.plan.explain import Why, any_lots, explain, least, more, placed
from auditor.plan.given import Given
from auditor.plan.make import PlanMade, make_plan
from auditor.plan.options import may_see
from auditor.plan.problem import Errand, PlanProblem
from plan.world import BEACON, FIELD_DAYS, START, county, errand, half_days, person

D1, D2, D3 = FIELD_DAYS[:3]


def problem(*errands: Errand, **changes: object) -> PlanProblem:
    """Three days, two people who stand by on the first, hold everything and know nobody."""
    facts: dict[str, object] = {
        "start": START,
        "errands": errands,
        "staff": (person("P1", *half_days(D1)), person("P2", *half_days(D1))),
        "days": (D1, D2, D3),
        "windows": {"main": (D1, D3)},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {one.unit: f"t-{one.unit}" for one in errands},
        "keep_order": tuple(sorted({one.unit for one in errands})),
    }
    return PlanProblem(**{**facts, **changes})


def given_of(made: PlanMade) -> dict[str, Given]:
    """The sorties of a plan."""
    return {
        one.key: Given(made.days[one.key], one.slot, made.teams[one.key], one.units) for one in made.sorties
    }


def planned(world: PlanProblem) -> tuple[PlanMade, list[Why]]:
    """A plan and why the rest is not in it."""
    made = make_plan(world, any_lots(world), work=10)
    return made, explain(world, given_of(made), made.unplaced)


def why(world: PlanProblem) -> Why:
    """Why the one visit that is not made is not."""
    (only,) = planned(world)[1]
    return only


def test_a_visit_that_is_made_needs_no_explanation() -> None:
    """Nothing is unplaced, so nothing is told and nothing more is needed."""
    world = problem(errand("a", START, "fire"))
    made, found = planned(world)
    assert found == []
    assert more(world, given_of(made), made.unplaced) is None


def test_a_missing_skill_is_told_and_cured_by_it_but_not_by_days() -> None:
    """Nobody holds transport: one of the two has to; standing by every day helps nothing."""
    staff = tuple(person(name, *half_days(D1), domains=["fire", "food"]) for name in ("P1", "P2"))
    world = problem(errand("a", START, "fire", "transport"), staff=staff)
    told = why(world)
    assert told.unplaced.reason == "no-skill"
    assert told.numbers == {"fire": 2, "transport": 0}
    assert [(one.kind, one.domains) for one in told.cure] == [("skill", ("transport",))]
    assert placed(applied(world, told.cure), work=10)
    always = tuple(replace(one, free=tuple(half_days(D1, D2, D3)), share=99) for one in staff)
    assert not placed(replace(world, staff=always), work=10)


def test_two_missing_skills_are_both_told() -> None:
    """Both domains must be held, by whomever."""
    staff = tuple(person(name, *half_days(D1), domains=["food"]) for name in ("P1", "P2"))
    world = problem(errand("a", START, "fire", "transport"), staff=staff)
    told = why(world)
    assert {key for one in told.cure for key in one.domains} == {"fire", "transport"}
    assert placed(applied(world, told.cure), work=10)


def test_a_unit_that_is_shut_in_each_of_its_half_days_is_placed_by_opening_one() -> None:
    """Boarders are away every evening; the evening on which the team stands by would have to be opened."""
    world = problem(
        errand("a", START, "dorms"), shut={"a": frozenset(f"{day}/evening" for day in (D1, D2, D3))}
    )
    told = why(world)
    assert told.unplaced.reason == "closed"
    assert told.cure == (Change(kind="open", unit="a", day=D1, slot="evening"),)
    assert placed(applied(world, told.cure), work=10)


def test_a_team_leaves_early_for_a_unit_that_must_be_visited_at_eight() -> None:
    """It may arrive until five past: so many minutes of the way before the half-day, and none after it."""
    eight = replace(errand("a", START, "fire"), arrivals={"morning": (480, 485)})
    world = problem(eight, start=(START[0] + 0.12, START[1]))
    told = why(world)
    assert told.unplaced.reason == "unreachable"
    due = told.numbers["there"] - 5
    assert told.cure == (Change(kind="minutes", unit="a", slot="morning", early=due),)
    assert placed(applied(world, told.cure), work=10)
    assert not placed(applied(world, [replace(told.cure[0], early=due - 1)]), work=10)


def test_a_team_of_one_department_is_cured_by_standing_by_before_the_rule_is_given_up() -> None:
    """A colleague of another department on another day is cheaper than the rule, if there is one."""
    departments = {"P1": "安全", "P2": "安全", "P3": "体卫"}
    world = problem(errand("a", START, "fire"), departments=departments)
    told = why(world)
    assert told.unplaced.reason == "no-team"
    assert [one.kind for one in told.cure] == ["mix"]
    assert placed(applied(world, told.cure), work=10)
    other = replace(world, staff=(*world.staff, person("P3", *half_days(D2))))
    (change,) = why(other).cure
    assert (change.kind, change.who in ("P1", "P2", "P3")) == ("stand-by", True)
    assert placed(applied(other, [change]), work=10)


def test_somebody_new_is_cheaper_than_three_missing_skills() -> None:
    """Each skill has its price: two are learnt, for three somebody comes who holds them."""
    staff = tuple(person(name, *half_days(D1), domains=["dorms"]) for name in ("P1", "P2"))
    world = problem(errand("a", START, "fire", "food", "transport"), staff=staff)
    assert [(one.kind, one.domains) for one in why(world).cure] == [("person", ("fire", "food", "transport"))]


def test_a_closed_unit_is_placed_by_opening_a_day_on_which_a_team_is_there() -> None:
    """Closed on all days; only on the second do two people stand by."""
    staff = (person("P1", *half_days(D2)), person("P2", *half_days(D2)))
    world = problem(errand("a", START, "fire"), staff=staff, closed={"a": frozenset((D1, D2, D3))})
    told = why(world)
    assert told.unplaced.reason == "closed"
    assert told.numbers == {"days": 3, "open": 0}
    assert [(one.kind, one.unit, one.day) for one in told.cure] == [("open", "a", D2)]
    assert placed(applied(world, told.cure), work=10)
    wrong = replace(told.cure[0], day=D1)
    assert not placed(applied(world, [wrong]), work=10)


@pytest.mark.parametrize("share", [4, 0])
def test_one_more_free_person_is_named_with_day_and_half_day(share: int) -> None:
    """P2 has leave on the only day of P1; the cheapest is that one of the two stands by with the other.

    Who stands by once more may be used once more, also where the share of half-days is used up.
    """
    staff = (person("P1", f"{D1}/morning"), person("P2", f"{D2}/morning", share=share))
    world = problem(errand("a", START, "fire"), staff=staff)
    told = why(world)
    assert told.unplaced.reason == "no-team"
    (only,) = told.cure
    assert (only.kind, only.who, only.day, only.slot) == ("stand-by", "P2", D1, "morning")
    assert (told.day, told.slot, told.team) == (D1, "morning", ("P1", "P2"))
    assert placed(applied(world, told.cure), work=10)


def test_a_conflict_is_lifted_for_one_unit_and_no_other() -> None:
    """Whether unit or stratum was in conflict; the others of the stratum stay so, for other people all."""
    errands = [errand(name, START, "fire") for name in ("a", "b", "c")]
    who = replace(person("P1", *half_days(D1)), conflict_units=("a", "c"), conflict_strata=("t",))
    world = problem(*errands, staff=(who, replace(who, id="P2")), strata={"a": "t", "b": "t", "c": "s"})
    for unit, rest in (("a", "bc"), ("b", "ac"), ("c", "ab")):
        first, second = applied(world, [Change(kind="conflict", who="P1", unit=unit)]).staff
        assert "".join(one.unit for one in errands if not may_see(world, first, one)) == rest
        assert not any(may_see(world, second, one) for one in errands)


def test_a_conflict_is_lifted_only_where_nothing_cheaper_helps() -> None:
    """A third person who stands by is taken before the conflict of the second is lifted."""
    known = replace(person("P2", *half_days(D1)), conflict_units=("a",))
    world = problem(errand("a", START, "fire"), staff=(person("P1", *half_days(D1)), known))
    alone_there = why(world)
    assert alone_there.unplaced.reason in ("no-team", "no-skill")
    assert [one.kind for one in alone_there.cure] == ["person"]  # dear, but no conflict of interest
    third = why(replace(world, staff=(*world.staff, person("P3", *half_days(D3)))))
    assert [one.kind for one in third.cure] == ["stand-by"]
    assert placed(applied(world, alone_there.cure), work=10)


def test_the_least_minutes_are_told_where_a_unit_is_too_far() -> None:
    """So many minutes more place it, one less does not."""
    far = errand("a", (START[0] + 0.6, START[1]), "fire", "transport")
    world = problem(far)
    told = why(world)
    assert told.unplaced.reason == "unreachable"
    (only,) = told.cure
    total = only.early + only.late
    opens, closes = SLOTS[only.slot]
    needed = told.numbers["there"] + told.numbers["visit"] + told.numbers["back"] - (closes - opens)
    assert only.kind == "minutes"
    assert total == needed > 0
    assert placed(applied(world, told.cure), work=10)
    for early in sorted({0, total // 2, total - 1}):
        less = replace(only, early=early, late=total - 1 - early)
        assert not placed(applied(world, [less]), work=10), early


def test_no_cure_is_told_for_a_unit_at_the_other_end_of_the_country() -> None:
    """No half-day is made hours longer."""
    told = why(problem(errand("a", (START[0] + 9, START[1]), "fire")))
    assert told.unplaced.reason == "unreachable"
    assert told.cure == ()


def test_a_visit_that_no_half_day_suits_is_cured_by_hours() -> None:
    """Its windows leave no half-day: the unit would have to be at work in one."""
    nowhere = replace(errand("a", START, "fire"), arrivals={})
    world = problem(nowhere)
    told = why(world)
    assert told.unplaced.reason == "unreachable"
    assert [one.kind for one in told.cure] == ["hours"]
    assert placed(applied(world, told.cure), work=10)


def scarce(share: int = 1, cars: int = 1) -> PlanProblem:
    """Two visits an hour and more apart, and one half-day for one team."""
    staff = tuple(person(name, f"{D1}/morning", f"{D1}/afternoon", share=share) for name in ("P1", "P2"))
    north, south = (START[0] + 0.35, START[1]), (START[0] - 0.35, START[1])
    errands = [
        replace(errand(name, point, "fire"), minutes=100, arrivals={"morning": (510, 600)})
        for name, point in (("a", north), ("b", south))
    ]
    return problem(*errands, staff=staff, cars=cars)


def test_capacity_is_cured_by_people_of_the_half_day_that_is_needed() -> None:
    """Both visits must be made in a morning, and there is one: the team stands by on one more."""
    world = scarce(share=9)
    made, (told,) = planned(world)
    assert len(made.sorties) == 1
    assert told.unplaced.reason == "capacity"
    assert {one.kind for one in told.cure} == {"stand-by"}
    assert placed(applied(world, told.cure), work=10)
    for at in range(len(told.cure)):
        assert not placed(applied(world, told.cure[:at] + told.cure[at + 1 :]), work=10)


def test_capacity_is_cured_by_half_days_where_people_stand_by_already() -> None:
    """Free on two mornings and to be used on one."""
    world = scarce()
    staff = tuple(person(name, f"{D1}/morning", f"{D2}/morning", share=1) for name in ("P1", "P2"))
    world = replace(world, staff=staff)
    made, (told,) = planned(world)
    assert sorted((one.kind, one.who) for one in told.cure) == [("half-day", "P1"), ("half-day", "P2")]
    found = more(world, given_of(made), made.unplaced)
    assert found is not None
    assert (found.half_days, found.cars, found.people) == (1, None, 1)


def test_capacity_is_cured_by_a_car_where_only_that_is_missing() -> None:
    """Four people on one morning, one car."""
    world = scarce()
    staff = tuple(person(f"P{n}", f"{D1}/morning", share=1) for n in range(1, 5))
    world = replace(world, staff=staff, windows={"main": (D1, D1)}, days=(D1,))
    made, (told,) = planned(world)
    assert told.cure == (Change(kind="car", slot="morning"),)
    found = more(world, given_of(made), made.unplaced)
    assert found is not None
    assert (found.half_days, found.cars, found.people) == (None, 1, None)


def test_a_second_visit_is_cured_with_others_than_those_of_whose_area_the_unit_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who saw it in the morning may not come again in the own area: a car for two who are else alike."""
    errands = [replace(errand("a", START, "fire"), draw=draw) for draw in ("main", "week")]
    errands = [
        replace(one, arrivals={slot: one.arrivals[slot]})
        for one, slot in zip(errands, ("morning", "afternoon"), strict=True)
    ]
    world = problem(
        *errands,
        staff=tuple(person(f"P{n}", *half_days(D1), share=9) for n in range(1, 5)),
        days=(D1,),
        windows={"main": (D1, D1), "week": (D1, D1)},
        cars=1,
        cars_in={"afternoon": 0},
        areas={"P1": frozenset("a"), "P2": frozenset("a")},
    )
    given = {"S1": Given(D1, "morning", ("P1", "P2"), frozenset("a"))}
    out = Unplaced(unit="a", draw="week", domains=("fire",), reason="capacity", evidence="")
    (told,) = explain(world, given, [out])
    assert (told.cure, told.team) == ((Change(kind="car", slot="afternoon"),), ("P3", "P4"))
    monkeypatch.setattr(explaining, "EXACT", 0)  # as of so many visits that nothing is planned anew
    found = more(world, given, [out])
    assert found is not None
    assert (found.half_days, found.cars, found.people) == (None, 1, None)


@pytest.mark.parametrize("seed", [1, 2, 4, 5])
def test_every_cure_of_a_county_places_its_visit_when_it_is_applied(seed: int) -> None:
    """Alone: with the cure the visit is planned. Without it, it is not unless it failed for capacity."""
    world = county(seed, units=9, people=4 + seed % 3, days=FIELD_DAYS[:6])
    made, found = planned(world)
    assert len(found) == len(made.unplaced)
    for told in found:
        (own,) = [
            one
            for one in world.errands
            if (one.unit, one.domains) == (told.unplaced.unit, told.unplaced.domains)
        ]
        single = replace(world, errands=(own,), keep_order=(own.unit,))
        assert placed(single, work=10) == (told.unplaced.reason == "capacity"), told
        assert told.cure, told
        assert placed(applied(single, told.cure), work=10), told
        if told.unplaced.reason == "capacity":
            kept = {unit for one in given_of(made).values() for unit in one.units} | {own.unit}
            dropped = {(one.unit, one.domains) for one in made.unplaced if one.reason != "capacity"}
            those = [
                one for one in world.errands if one.unit in kept and (one.unit, one.domains) not in dropped
            ]
            cured = applied(replace(world, errands=tuple(those)), told.cure)
            assert placed(cured, work=10), told
            assert not placed(replace(world, errands=tuple(those)), work=10)


def test_least_leaves_nothing_that_could_be_left_away() -> None:
    """Against every subset of a small set."""
    changes = [Change(kind="half-day", who=str(n)) for n in range(7)]
    wanted = {changes[1], changes[5]}
    assert set(least(changes, lambda some: wanted <= set(some))) == wanted
    assert least(changes, lambda _some: True) == ()
    assert len(least(changes, lambda some: len(some) >= 3)) == 3


def test_somebody_new_holds_the_domains_and_is_always_free() -> None:
    """He stands by in every half-day of the days."""
    assert set(newcomer("+1", ["fire"], [D1]).free) == set(half_days(D1))


@pytest.mark.parametrize(
    ("changes", "clash"),
    [
        pytest.param({}, (), id="all well"),
        pytest.param({"days": ()}, ("days",), id="no working day"),
        pytest.param({"staff": ()}, ("people",), id="nobody"),
        pytest.param({"cars": 0}, ("cars",), id="no car"),
        pytest.param({"closed": {"a": frozenset((D1, D2, D3))}}, ("closed",), id="closed"),
        pytest.param({"closed": {"a": frozenset((D1,))}}, ("stand-by", "closed"), id="closed that day"),
        pytest.param({"shut": {"a": frozenset(half_days(D1, D2, D3))}}, ("closed",), id="shut"),
        pytest.param({"start": (START[0] + 9, START[1])}, ("roads",), id="start far away"),
        pytest.param(
            {"departments": dict.fromkeys(("P1", "P2"), "a")}, ("people", "mix"), id="one department"
        ),
        pytest.param(
            {
                "staff": tuple(
                    replace(person(name, *half_days(D1)), conflict_strata=("t-a",)) for name in ("P1", "P2")
                )
            },
            ("people", "conflicts"),
            id="all are in conflict with its stratum",
        ),
        pytest.param(
            {"staff": (person("P1", *half_days(D1), domains=[]), person("P2", *half_days(D1), domains=[]))},
            ("skills",),
            id="no skill",
        ),
        pytest.param(
            {
                "staff": (
                    person("P1", f"{D1}/morning", domains=["fire"]),
                    person("P2", f"{D1}/morning", domains=["food"]),
                    person("P3", f"{D2}/morning", domains=["fire", "food"]),
                )
            },
            (),
            id="two hold it together",
        ),
        pytest.param(
            {
                "errands": (
                    replace(errand("a", START, "fire"), arrivals={"evening": (1230, 1230)}, minutes=40),
                ),
                "start": (START[0] + 0.12, START[1]),
                "staff": (
                    person("P1", domains=["fire"]),
                    person("P2", *half_days(D1), domains=["food"]),
                    person("P3", *half_days(D1), domains=["food"]),
                ),
            },
            ("stand-by", "skills"),
            id="two rules, though three others clash as well: window, length and way",
        ),
        pytest.param(
            {
                "errands": (replace(errand("a", START, "fire"), arrivals={}),),
                "start": (START[0] + 0.12, START[1]),
            },
            ("windows",),
            id="no half-day suits, and the way takes some minutes",
        ),
    ],
)  # fmt: skip
def test_the_smallest_set_of_rules_that_clash_is_named(
    changes: dict[str, object], clash: tuple[str, ...]
) -> None:
    """With all other rules lifted it still clashes, and each rule of it is needed."""
    world = problem(errand("a", START, "fire"), **changes)
    found = clashes.clash(world)
    assert found == clash
    assert bool(found) == (not make_plan(world, any_lots(world), work=10).sorties)
    others = [name for name in clashes.LIFTED if name not in found]
    if found:
        assert not clashes.placeable(clashes.lifted(world, others))
    for name in found:
        assert clashes.placeable(clashes.lifted(world, [*others, name]))


@pytest.mark.parametrize("seed", range(6))
def test_whether_all_fit_is_answered_as_by_a_whole_plan(seed: int) -> None:
    """Where not all do, nobody is kept only to be told so."""
    problem = county(seed, units=8, people=3 + seed % 3, days=FIELD_DAYS[: 2 + seed // 2])
    whole = make_plan(problem, any_lots(problem), work=10)
    assert placed(problem, work=10) is (not whole.unplaced)
    asked = make_plan(problem, any_lots(problem), work=10, partly=False)
    assert bool(asked.sorties) is not any(one.reason == "capacity" for one in whole.unplaced)
