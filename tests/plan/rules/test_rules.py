"""Each rule and its twin agree on every small assignment; a rule forbids nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest

from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES, Rule, again, apart, cars, forbidding, hours, mix, people
from auditor.plan.rules import half_days as half_days_rule
from auditor.plan.variables import Choice, Choices
from plan.world import BEACON, FIELD_DAYS, START, half_days, person

DAYS = FIELD_DAYS[:2]
TEAMS = tuple(combinations(("P1", "P2", "P3", "P4"), 2))


def world(share: int, cars_there: int) -> PlanProblem:
    """Four people, always free."""
    return PlanProblem(
        start=START,
        errands=(),
        staff=tuple(person(f"P{number}", *half_days(*DAYS), share=share) for number in range(1, 5)),
        days=DAYS,
        windows={},
        beacon_day=BEACON,
        closed={},
        strata={},
        cars=cars_there,
        keep_order=(),
    )


def allowed_by_rule(rule: Rule, problem: PlanProblem, given: list[Given]) -> bool:
    """Whether a model with this rule alone has these sorties as a solution."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    v = Choices(
        [
            Choice(one.day, one.slot, one.team, model.new_constant(1), f"S{number}", one.units)
            for number, one in enumerate(given)
        ]
    )
    rule.add(model, problem, v)
    return cp_model.CpSolver().solve(model) == cp_model.OPTIMAL


def allowed_by_twin(rule: Rule, problem: PlanProblem, given: list[Given]) -> bool:
    """Whether no sortie is forbidden, the others as they are given."""
    named = {f"S{number}": one for number, one in enumerate(given)}
    return not any(
        rule.forbids(problem, {other: one for other, one in named.items() if other != key}, wish)
        for key, wish in named.items()
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.NAME)
def test_rule_and_twin_agree_on_every_small_plan(rule: Rule) -> None:
    """Up to three sorties in two half-days with six teams; both ways agree, and both answers occur."""
    problem = world(share=2, cars_there=2)
    single = [Given(day, "morning", team) for day in DAYS for team in TEAMS]
    answers = set()
    for given in [*product(single, repeat=2), *product(single[:2], single[4:10], single[3:9])]:
        answer = allowed_by_rule(rule, problem, list(given))
        assert answer == allowed_by_twin(rule, problem, list(given)), given
        answers.add(answer)
    if rule is people:
        assert answers == {True, False}
    else:
        assert True in answers


@pytest.mark.parametrize(("cars_there", "allowed"), [(1, False), (2, True)])
def test_cars_count_the_sorties_of_one_half_day(cars_there: int, allowed: bool) -> None:
    """Two teams at once need two cars; on two days one car will do."""
    problem = world(share=4, cars_there=cars_there)
    at_once = [Given(DAYS[0], "morning", ("P1", "P2")), Given(DAYS[0], "morning", ("P3", "P4"))]
    after = [Given(DAYS[0], "morning", ("P1", "P2")), Given(DAYS[1], "morning", ("P3", "P4"))]
    for given, expected in ((at_once, allowed), (after, True)):
        assert allowed_by_rule(cars, problem, given) is expected
        assert allowed_by_twin(cars, problem, given) is expected


@pytest.mark.parametrize(("share", "allowed"), [(1, False), (2, True)])
def test_half_days_count_over_the_whole_plan(share: int, allowed: bool) -> None:
    """Two sorties of one person on two days use two half-days of the share."""
    problem = world(share=share, cars_there=2)
    given = [Given(DAYS[0], "morning", ("P1", "P2")), Given(DAYS[1], "evening", ("P1", "P3"))]
    assert allowed_by_rule(half_days_rule, problem, given) is allowed
    assert allowed_by_twin(half_days_rule, problem, given) is allowed


@pytest.mark.parametrize(("other", "allowed"), [("U1", False), ("U2", True)])
def test_two_sorties_to_one_unit_lie_apart(other: str, allowed: bool) -> None:
    """Not in one half-day; on two days they may, and two units may at once."""
    problem = world(share=4, cars_there=4)
    first = Given(DAYS[0], "morning", ("P1", "P2"), frozenset({"U1"}))
    at_once = [first, Given(DAYS[0], "morning", ("P3", "P4"), frozenset({other, "U9"}))]
    later = [first, Given(DAYS[1], "morning", ("P3", "P4"), frozenset({other}))]
    for given, expected in ((at_once, allowed), (later, True)):
        assert allowed_by_rule(apart, problem, given) is expected
        assert allowed_by_twin(apart, problem, given) is expected
    assert (forbidding(problem, {"S0": first}, at_once[1]) == "apart") is not allowed


def test_each_kind_of_half_day_has_its_own_cars() -> None:
    """Three in the morning, one in the evening, as many as everywhere in the afternoon; none means none."""
    problem = replace(world(share=4, cars_there=2), cars_in={"morning": 3, "evening": 1})
    teams = [("P1", "P2"), ("P3", "P4"), ("P5", "P6"), ("P7", "P8")]
    for slot, most in (("morning", 3), ("afternoon", 2), ("evening", 1)):
        for count in range(1, 5):
            given = [Given(DAYS[0], slot, team) for team in teams[:count]]
            assert allowed_by_rule(cars, problem, given) is (count <= most), (slot, count)
            assert allowed_by_twin(cars, problem, given) is (count <= most), (slot, count)
    none = replace(problem, cars_in={"evening": 0})
    assert not allowed_by_rule(cars, none, [Given(DAYS[0], "evening", ("P1", "P2"))])
    assert not allowed_by_twin(cars, none, [Given(DAYS[0], "evening", ("P1", "P2"))])


@pytest.mark.parametrize(
    ("departments", "team", "allowed"),
    [
        pytest.param({}, ("P1", "P2"), True, id="nobody asks"),
        pytest.param({"P1": "安全", "P2": "体卫", "P3": "安全"}, ("P1", "P2"), True, id="two"),
        pytest.param({"P1": "安全", "P2": "体卫", "P3": "安全"}, ("P1", "P3"), False, id="one"),
        pytest.param({"P1": "安全", "P2": "体卫", "P3": "安全"}, ("P1", "P2", "P3"), True, id="two of three"),
        pytest.param({"P1": "安全", "P2": ""}, ("P1", "P2"), False, id="one is not known"),
        pytest.param({"P1": "安全"}, ("P1", "P4"), False, id="one is not there"),
        pytest.param({"P1": "", "P2": ""}, ("P1", "P2"), False, id="none is known"),
    ],
)
def test_a_team_is_of_two_departments(
    departments: dict[str, str], team: tuple[str, ...], allowed: bool
) -> None:
    """Where a programme asks; one whose department is not known brings none."""
    problem = replace(world(share=4, cars_there=4), departments=departments)
    given = [Given(DAYS[0], "morning", team)]
    assert allowed_by_rule(mix, problem, given) is allowed
    assert allowed_by_twin(mix, problem, given) is allowed
    assert (forbidding(problem, {}, given[0]) == "mix") is not allowed


@pytest.mark.parametrize("count", range(4))
def test_a_mixed_team_holds_all_domains_if_one_of_all_teams_does(count: int) -> None:
    """Every few people, every department of theirs and all sets of domains; teams of two and of three."""
    skills = [("fire",), ("food",), ("dorms",), ("fire", "food")]
    wanted = [some for size in (1, 2, 3) for some in combinations(("dorms", "fire", "food"), size)]
    for held in product(skills, repeat=count):
        staff = [person(f"P{at}", domains=keys) for at, keys in enumerate(held)]
        for names in [None, *product(("", "安全", "体卫"), repeat=count)]:
            known = {} if names is None else {one.id: name for one, name in zip(staff, names, strict=True)}
            for size in (2, 3):
                teams = [
                    {key for one in team for key in one.domains}
                    for team in combinations(staff, size)
                    if not known or len({known[one.id] for one in team} - {""}) > 1
                ]
                for domains in wanted:
                    due = any(set(domains) <= team for team in teams)
                    assert mix.mixed_team_holds(known, staff, domains, size) is due


def test_a_unit_that_is_shut_in_a_half_day_is_visited_in_another() -> None:
    """Its day stays open: the morning, the next evening, and other units that evening."""
    problem = replace(world(share=4, cars_there=4), shut={"U1": frozenset({f"{DAYS[0]}/evening"})})
    for day, slot, unit, allowed in (
        (DAYS[0], "evening", "U1", False),
        (DAYS[0], "morning", "U1", True),
        (DAYS[1], "evening", "U1", True),
        (DAYS[0], "evening", "U2", True),
    ):
        given = [Given(day, slot, ("P1", "P2"), frozenset({unit, "U9"}))]
        assert allowed_by_rule(hours, problem, given) is allowed
        assert allowed_by_twin(hours, problem, given) is allowed


@pytest.mark.parametrize(
    ("team", "unit", "allowed"),
    [
        pytest.param(("P1", "P3"), "U1", False, id="the same person, the own area"),
        pytest.param(("P2", "P3"), "U1", True, id="the same person, no area"),
        pytest.param(("P3", "P4"), "U1", True, id="others"),
        pytest.param(("P1", "P3"), "U2", True, id="another unit"),
    ],
)
def test_nobody_sees_a_unit_of_the_own_area_again(team: tuple[str, ...], unit: str, allowed: bool) -> None:
    """P1 has U1 and U2 in the area and sees U1 with P2 first; the second visit is another day's."""
    problem = replace(world(share=4, cars_there=4), areas={"P1": frozenset({"U1", "U2"})})
    given = [
        Given(DAYS[0], "morning", ("P1", "P2"), frozenset({"U1", "U8"})),
        Given(DAYS[1], "evening", team, frozenset({unit, "U9"})),
    ]
    assert allowed_by_rule(again, problem, given) is allowed
    assert allowed_by_twin(again, problem, given) is allowed


def test_a_choice_that_is_no_sortie_yet_is_left_to_later() -> None:
    """Without a team no department can be told, and without units no half-day is shut."""
    problem = replace(
        world(share=4, cars_there=4),
        departments={"P1": "安全", "P2": "安全"},
        shut={"U1": frozenset({f"{DAYS[0]}/evening"})},
    )
    open_choice = [Given(DAYS[0], "evening", ())]
    assert allowed_by_rule(mix, problem, open_choice)
    assert allowed_by_rule(hours, problem, open_choice)


def test_the_first_rule_in_order_is_named() -> None:
    """People before cars before half-days."""
    problem = world(share=1, cars_there=1)
    others = {"S1": Given(DAYS[0], "morning", ("P1", "P2"))}
    assert forbidding(problem, others, Given(DAYS[0], "morning", ("P1", "P3"))) == "people"
    assert forbidding(problem, others, Given(DAYS[0], "morning", ("P3", "P4"))) == "cars"
    assert forbidding(problem, others, Given(DAYS[1], "morning", ("P1", "P3"))) == "half-days"
    assert forbidding(problem, others, Given(DAYS[1], "morning", ("P3", "P4"))) == ""
