"""Every rule three times: in the model, in words, and in the check; they agree on every small problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from types import SimpleNamespace

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.entities import Lots, Sortie, Staff, Stop
from auditor.plan.check_facts import PlanFacts
from auditor.plan.check_together import RULES as NAMES
from auditor.plan.check_together import forbids, of_one_department, together
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES, Rule, forbidding
from auditor.plan.variables import sortie_choices
from effort import SMALL_MODELS
from plan.world import BEACON, FIELD_DAYS, START, facts_of

DAYS = FIELD_DAYS[:2]
PEOPLE = ("P1", "P2", "P3", "P4")
TEAMS = tuple(combinations(PEOPLE, 2))
UNITS = ("u", "v")


def world(**changes: object) -> PlanProblem:
    """Four people free on two mornings, two units; the rules as `changes` say."""
    free = tuple(f"{day}/morning" for day in DAYS)
    facts: dict[str, object] = {
        "start": START,
        "errands": (),
        "staff": tuple(Staff(id=name, domains=("fire",), free=free, share=4) for name in PEOPLE),
        "days": DAYS,
        "windows": {"main": (DAYS[0], DAYS[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {},
        "keep_order": UNITS,
        "cars": 4,
    }
    return PlanProblem(**{**facts, **changes})


def facts(problem: PlanProblem) -> PlanFacts:
    """The same world as the check sees it."""
    return replace(
        facts_of(problem),
        cars_in=problem.cars_in,
        departments=problem.departments,
        shut=problem.shut,
        areas=problem.areas,
        load=problem.load,
        even=problem.even,
        pairs=problem.pairs,
        carried=problem.carried,
    )


def shares(*numbers: int) -> tuple[Staff, ...]:
    """The four people with these shares."""
    return tuple(replace(one, share=share) for one, share in zip(world().staff, numbers, strict=True))


WORLDS: dict[str, list[PlanProblem]] = {
    "people": [world()],
    "cars": [world(cars=1), world(cars=4, cars_in={"morning": 2})],
    "half-days": [world(staff=shares(1, 2, 1, 3)), world(staff=shares(0, 1, 1, 1))],
    "apart": [world()],
    "mix": [
        world(departments={"P1": "a", "P2": "a", "P3": "b", "P4": ""}),
        world(departments={"P1": "", "P2": "c", "P3": "b"}),
    ],
    "hours": [world(shut={"u": frozenset([f"{DAYS[0]}/morning"]), "v": frozenset([f"{DAYS[1]}/evening"])})],
    "again": [world(areas={"P1": frozenset("u"), "P3": frozenset("uv")})],
    "load": [
        world(load=0),
        world(load=1, carried={"P2": 1}),
        world(load=0, carried={"P1": 9, "P2": 2, "P3": 2}),
    ],
    "even": [
        world(even=0),
        world(even=1),
        world(even=1, carried={"P1": 1, "P2": 9}),
        world(even=2, carried={"P4": 3}),
    ],
    "pairs": [world(pairs=1), world(pairs=2)],
}
"""Worlds in which a rule matters."""


def choices(number: int, days: Sequence[str] = DAYS) -> Iterator[tuple[Given, ...]]:
    """Every assignment of days and teams to this many sorties of one unit each."""
    for given in product(product(days, TEAMS), repeat=number):
        yield tuple(
            Given(day, "morning", team, frozenset(UNITS[at % 2 if number < 3 else at // 2 % 2]))
            for at, (day, team) in enumerate(given)
        )


class Model:
    """A rule in a model with every choice of so many sorties; one assignment after the other is asked."""

    def __init__(self, rule: Rule, problem: PlanProblem, units: Sequence[frozenset[str]]) -> None:
        sorties = [
            Sortie(
                key=f"S{at}",
                slot="morning",
                stops=tuple(
                    Stop(unit=one, draw="main", domains=("fire",), minutes=25, start=500)
                    for one in sorted(some)
                ),
                metres=0,
            )
            for at, some in enumerate(units)
        ]
        lots = {
            one.key: Lots(lead=sorted(one.units)[0], days=DAYS, teams={day: TEAMS for day in DAYS})
            for one in sorties
        }
        self.model = cp_model.CpModel()
        self.choices = sortie_choices(self.model, sorties, lots, None, None)
        rule.add(self.model, problem, self.choices)

    def allows(self, given: Sequence[Given]) -> bool:
        """Whether exactly these may go."""
        wanted = {(f"S{at}", one.day, one.team) for at, one in enumerate(given)}
        asked = self.model.clone()
        for choice in self.choices.all:
            goes = asked.get_bool_var_from_proto_index(choice.goes.index)
            asked.add(goes == int((choice.sortie, choice.day, choice.team) in wanted))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_presolve = False
        return bool(solver.solve(asked) in (cp_model.OPTIMAL, cp_model.FEASIBLE))


def breaches(problem: PlanProblem, given: Sequence[Given]) -> set[str]:
    """What the check says of these sorties together."""
    known = facts(problem)
    out = {f"S{at}": (one.day, one.slot, one.team, one.units) for at, one in enumerate(given)}
    found = {one.rule for one in together(out, known)}
    if any(of_one_department(one.team, known) for one in given):
        found.add("mix")
    if any(f"{one.day}/{one.slot}" in known.shut.get(unit, ()) for one in given for unit in one.units):
        found.add("hours")
    return found


def disagreements(rule: Rule, problem: PlanProblem, assignments: Sequence[tuple[Given, ...]]) -> list[object]:
    """Where the model, the words of the rule, and the check say different things of an assignment.

    Words and check are asked of each sortie with the others as they are; where an assignment breaks
    nothing, no sortie may be forbidden, and where it does, one must be.
    """
    found: list[object] = []
    models: dict[tuple[frozenset[str], ...], Model] = {}
    known = facts(problem)
    for given in assignments:
        units = tuple(one.units for one in given)
        if units not in models:
            models[units] = Model(rule, problem, units)
        allowed = models[units].allows(given)
        if allowed is (rule.NAME in breaches(problem, given)):
            found.append(("model and check", given))
        words = False
        for at, wish in enumerate(given):
            others = {f"S{n}": one for n, one in enumerate(given) if n != at}
            said = rule.forbids(problem, others, wish)
            words = words or said
            twin = forbids(only(rule.NAME, known), [_outing(one) for one in others.values()], _outing(wish))
            if said is (twin != rule.NAME) and twin in ("", rule.NAME):
                found.append(("words and check", given, at))
        if words is allowed:
            found.append(("words and model", given))
    return found


def _outing(one: Given) -> tuple[str, str, tuple[str, ...], frozenset[str]]:
    return one.day, one.slot, one.team, one.units


def only(name: str, known: PlanFacts) -> PlanFacts:
    """The facts without the rules that a departure would name before this one, as far as facts can say."""
    free: dict[str, object] = {}
    if name != "cars":
        free |= {"cars": 99, "cars_in": {}}
    if name != "half-days":
        free["staff"] = tuple(replace(one, share=99) for one in known.staff)
    for rule, field in (("mix", "departments"), ("hours", "shut"), ("again", "areas")):
        if name != rule:
            free[field] = {}
    for rule in ("load", "even", "pairs"):
        if name != rule:
            free[rule] = None
    return replace(known, **free)


CASES = [
    pytest.param(rule, problem, id=f"{rule.NAME}-{number}")
    for rule in RULES
    for number, problem in enumerate(WORLDS[rule.NAME])
]


def some(rule: Rule, problem: PlanProblem) -> list[tuple[Given, ...]]:
    """Every assignment of one and of two sorties, and every thirty-first of three on one day or two."""
    return [*choices(1), *choices(2), *list(choices(3))[::31]]


@pytest.mark.parametrize(("rule", "problem"), CASES)
def test_model_words_and_check_agree(rule: Rule, problem: PlanProblem) -> None:
    """On every assignment of up to two sorties and many of three; some are allowed, some are not."""
    assignments = some(rule, problem)
    assert disagreements(rule, problem, assignments) == []
    verdicts = {rule.NAME in breaches(problem, given) for given in assignments}
    assert verdicts == {True, False}


@pytest.mark.parametrize(("rule", "problem"), CASES)
@pytest.mark.parametrize("broken", ["lets all go", "lets none go", "names nothing", "names all"])
def test_a_broken_copy_of_a_rule_is_seen(rule: Rule, problem: PlanProblem, broken: str) -> None:
    """What the test above would overlook proves nothing."""

    def add(model: cp_model.CpModel, problem: PlanProblem, v: object) -> None:
        if broken == "lets none go":
            model.add_bool_or([])
        elif broken != "lets all go":
            rule.add(model, problem, v)

    def says(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
        if broken in ("names nothing", "names all"):
            return broken == "names all"
        return rule.forbids(problem, others, wish)

    copy = SimpleNamespace(NAME=rule.NAME, add=add, forbids=says)
    every = some(rule, problem)
    breaking = [given for given in every if rule.NAME in breaches(problem, given)]
    assert disagreements(copy, problem, [*choices(1), *breaking[:9], *every[::9]])


def test_rules_and_check_name_the_same_in_one_order() -> None:
    """A departure is told by the first rule that forbids it, so the order is part of the check."""
    assert tuple(rule.NAME for rule in RULES) == NAMES
    assert set(WORLDS) == set(NAMES)


@st.composite
def busy(draw: st.DrawFn) -> tuple[PlanProblem, list[Given]]:
    """Any mixture of rules, and up to five sorties to one or two units."""
    numbers = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 3))
    half_days = st.sets(st.sampled_from([f"{day}/morning" for day in DAYS]))
    problem = world(
        staff=tuple(
            replace(one, share=draw(st.integers(0, 4)), free=one.free if draw(st.integers(0, 5)) else ())
            for one in world().staff
        ),
        cars=draw(st.integers(1, 3)),
        departments=draw(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["", "a", "b"]))),
        shut={unit: frozenset(draw(half_days)) for unit in UNITS if draw(st.booleans())},
        areas={name: frozenset(draw(st.sets(st.sampled_from(UNITS)))) for name in PEOPLE},
        load=draw(st.sampled_from([None, 0, 1])),
        even=draw(st.sampled_from([None, 0, 1, 2])),
        pairs=draw(st.sampled_from([None, 1, 2])),
        carried=draw(numbers),
    )
    sorties = [
        Given(
            draw(st.sampled_from(DAYS)),
            "morning",
            draw(st.sampled_from(TEAMS)),
            frozenset(draw(st.sets(st.sampled_from(UNITS), min_size=1))),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    return problem, sorties


@settings(deadline=None, max_examples=2 * SMALL_MODELS)
@drawn_from(busy())
def test_mixtures_of_rules_agree(drawn: tuple[PlanProblem, list[Given]]) -> None:
    """Each rule's model allows what the check does; the first rule that forbids is the same."""
    problem, given = drawn
    broken = breaches(problem, given)
    for rule in RULES:
        assert Model(rule, problem, [one.units for one in given]).allows(given) is (rule.NAME not in broken)
    for at, wish in enumerate(given):
        others = {f"S{n}": one for n, one in enumerate(given) if n != at}
        assert forbidding(problem, others, wish) == forbids(
            facts(problem), [_outing(one) for one in others.values()], _outing(wish)
        )


@pytest.mark.parametrize("rule", ["load", "even"])
def test_whoever_carried_too_much_stays_at_home(rule: str) -> None:
    """And the others go: half-days from before make no plan impossible."""
    problem = world(carried={"P1": 50}, **{rule: 1})
    one = next(one for one in RULES if rule == one.NAME)
    model = Model(one, problem, [frozenset("u")])
    free = [Given(DAYS[0], "morning", team, frozenset("u")) for team in TEAMS]
    allowed = [given.team for given in free if model.allows([given])]
    assert ("P1", "P2") not in allowed if rule == "even" else allowed
    assert ("P2", "P3") in allowed
