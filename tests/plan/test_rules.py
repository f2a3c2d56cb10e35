"""Every rule three times: in the model, in words, and in the check; they agree on every small problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, islice, product
from types import SimpleNamespace
from typing import TypeVar

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.entities import Lots, Sortie, Staff, Stop
from auditor.plan.check import PlanFacts, check_visits
from auditor.plan.check_together import RULES as NAMES
from auditor.plan.check_together import forbids
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES, Rule, even, forbidding, load
from auditor.plan.variables import Choice, Choices, sortie_choices
from effort import SMALL_MODELS
from plan.world import BEACON, FIELD_DAYS, START, facts_of

DAYS = FIELD_DAYS[:2]
PEOPLE = ("P1", "P2", "P3", "P4", "P5")
PAIRS = tuple(combinations(PEOPLE[:4], 2))
TRIOS = (
    ("P1", "P2", "P3"),
    ("P1", "P2", "P5"),
    ("P1", "P4", "P5"),
    ("P2", "P3", "P4"),
    ("P3", "P4", "P5"),
)
UNITS = ("u", "v")
Outing = TypeVar("Outing", Given, Choice)


def world(**changes: object) -> PlanProblem:
    """Four people, five for teams of three, free on two mornings and evenings; the rules as `changes` say."""
    free = tuple(f"{day}/{slot}" for day in DAYS for slot in ("evening", "morning"))
    facts: dict[str, object] = {
        "start": START,
        "errands": (),
        "staff": tuple(
            Staff(id=name, domains=("fire",), free=free, share=4)
            for name in PEOPLE[: 5 if changes.get("team") == 3 else 4]
        ),
        "days": DAYS,
        "windows": {"main": (DAYS[0], DAYS[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {},
        "keep_order": UNITS,
        "cars": 4,
    }
    return PlanProblem(**{**facts, **changes})


def teams(problem: PlanProblem) -> tuple[tuple[str, ...], ...]:
    """Every team of two, or some of three that share nobody, one or two."""
    return TRIOS if problem.team == 3 else PAIRS


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
    """As many people with these shares."""
    return tuple(replace(world().staff[0], id=f"P{at}", share=share) for at, share in enumerate(numbers, 1))


NEVER_FREE = tuple(replace(one, free=() if one.id == "P4" else one.free) for one in world().staff)
WORLDS: dict[str, list[PlanProblem]] = {
    "people": [world(), world(team=3)],
    "cars": [
        world(cars=1),
        world(cars=4, cars_in={"morning": 1}),
        world(cars=1, cars_in={"evening": 0}),
    ],
    "half-days": [
        world(staff=shares(1, 2, 1, 3)),
        world(staff=shares(0, 1, 1, 1)),
        world(staff=shares(2, 1, 1, 2, 1), team=3),
    ],
    "apart": [world()],
    "mix": [
        world(departments={"P1": "a", "P2": "a", "P3": "b", "P4": ""}),
        world(departments={"P1": "", "P2": "c", "P3": "b"}),
        world(departments={"P1": "", "P2": "a", "P3": "a", "P4": "b"}, team=3),
    ],
    "hours": [world(shut={"u": frozenset([f"{DAYS[0]}/morning"]), "v": frozenset([f"{DAYS[1]}/evening"])})],
    "again": [
        world(areas={"P1": frozenset("u"), "P3": frozenset("uv")}),
        world(areas={"P5": frozenset("uv")}, team=3),
    ],
    "load": [
        world(load=0),
        world(load=1, carried={"P2": 1}),
        world(load=0, carried={"P1": 9, "P2": 2, "P3": 2}),
        world(load=0, staff=NEVER_FREE, carried={"P4": 7}),
        world(load=0, carried={"P5": 1}, team=3),
    ],
    "even": [
        world(even=0),
        world(even=1),
        world(even=1, carried={"P1": 1, "P2": 9}),
        world(even=2, carried={"P4": 3}),
        world(even=1, staff=NEVER_FREE),
        world(even=0, carried={"P2": 2, "P3": 2, "P4": 2}),
        world(even=0, carried={"P2": 1}, team=3),
    ],
    "pairs": [world(pairs=1), world(pairs=2), world(pairs=2, team=3)],
}
"""Worlds in which a rule matters."""


KINDS = [
    ("morning",),
    ("evening",),
    ("morning", "morning"),
    ("morning", "evening"),
    ("morning", "evening", "morning"),
]
"""The half-days of the sorties of a small plan."""


def sorties_in(kinds: Sequence[str]) -> list[Sortie]:
    """A sortie in each of these half-days; the first sees one unit, the second both, the third the other."""
    return [
        sortie(f"S{at}", slot, units)
        for at, (slot, units) in enumerate(zip(kinds, ("u", "uv", "v"), strict=False))
    ]


def sortie(key: str, slot: str, units: Iterable[str]) -> Sortie:
    """A sortie to these units."""
    stops = [Stop(unit=one, draw="main", domains=("fire",), minutes=25, start=500) for one in sorted(units)]
    return Sortie(key=key, slot=slot, stops=tuple(stops), metres=0)


def assignments(problem: PlanProblem, kinds: Sequence[str]) -> Iterator[tuple[Given, ...]]:
    """Every assignment of days and teams to a sortie in each of these half-days."""
    sorties = sorties_in(kinds)
    for given in product(product(DAYS, teams(problem)), repeat=len(sorties)):
        yield tuple(
            Given(day, one.slot, team, one.units) for one, (day, team) in zip(sorties, given, strict=True)
        )


class Model:
    """A rule alone in a model in which each sortie has one of all days and teams, or `only` those given."""

    def __init__(
        self, rule: Rule, problem: PlanProblem, sorties: Sequence[Sortie], only: Sequence[Given] = ()
    ) -> None:
        every = dict.fromkeys(DAYS, teams(problem))
        lots = {
            one.key: Lots(lead=min(one.units), days=tuple(offered), teams=offered)
            for one, offered in zip(
                sorties, [{one.day: (one.team,)} for one in only] or [every] * len(sorties), strict=True
            )
        }
        self.model = cp_model.CpModel()
        self.choices = sortie_choices(self.model, sorties, lots, None, None)
        for one in sorties:
            self.model.add_exactly_one(choice.goes for choice in self.choices.of_sortie(one.key))
        rule.add(self.model, problem, self.choices)

    def allows(self, given: Sequence[Given]) -> bool:
        """Whether exactly these may go."""
        asked = self.model.clone()
        for at, one in enumerate(given):
            for choice in self.choices.of_sortie(f"S{at}"):
                if (choice.day, choice.team) == (one.day, one.team):
                    asked.add(asked.get_bool_var_from_proto_index(choice.goes.index) == 1)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_presolve = False
        return bool(solver.solve(asked) in (cp_model.OPTIMAL, cp_model.FEASIBLE))

    def all(self) -> set[tuple[Given, ...]]:
        """Every assignment that may go."""
        seen = _Seen(self.choices)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.enumerate_all_solutions = True
        assert solver.solve(self.model, seen) in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        return seen.all


class _Seen(cp_model.CpSolverSolutionCallback):
    """Remembers what goes in each solution."""

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices
        self.all: set[tuple[Given, ...]] = set()

    def on_solution_callback(self) -> None:
        self.all.add(
            tuple(
                Given(choice.day, choice.slot, choice.team, choice.units)
                for choice in self.choices.all
                if self.boolean_value(choice.goes)
            )
        )


def breaches(problem: PlanProblem, given: Sequence[Given]) -> set[str]:
    """What the check says of these sorties together."""
    visits = [
        {
            "id": f"S{at}/{unit}",
            "unit": unit,
            "draw": "main",
            "domains": ["fire"],
            "sortie": f"S{at}",
            "date": one.day,
            "slot": one.slot,
            "team": list(one.team),
            "lead": min(one.units),
            "minutes": 25,
        }
        for at, one in enumerate(given)
        for unit in sorted(one.units)
    ]
    return {one.rule for one in check_visits(visits, {}, facts(problem))}


@cache
def refused(name: str, number: int, kinds: tuple[str, ...]) -> frozenset[tuple[Given, ...]]:
    """The assignments that break the rule of a world, by the check."""
    problem = WORLDS[name][number]
    return frozenset(given for given in assignments(problem, kinds) if name in breaches(problem, given))


def wrong_in_model(rule: Rule, number: int, kinds: tuple[str, ...]) -> list[tuple[Given, ...]]:
    """The assignments of which model and check say different things."""
    problem, bad = WORLDS[rule.NAME][number], refused(rule.NAME, number, kinds)
    allowed = Model(rule, problem, sorties_in(kinds)).all()
    return [given for given in assignments(problem, kinds) if (given in allowed) is (given in bad)]


def wrong_in_words(
    rule: Rule, number: int, kinds: tuple[str, ...], step: int = 1
) -> Iterator[tuple[Given, ...]]:
    """Of every so manieth assignment those of which the words of a rule and the check say different things.

    They are asked of each sortie with the others as they are; where an assignment breaks nothing, no
    sortie may be forbidden, and where it does, one must be.
    """
    problem, bad = WORLDS[rule.NAME][number], refused(rule.NAME, number, kinds)
    known = only(rule.NAME, facts(problem))
    for given in islice(assignments(problem, kinds), 0, None, step):
        named, same = False, True
        for at, wish in enumerate(given):
            others = {f"S{n}": one for n, one in enumerate(given) if n != at}
            said = rule.forbids(problem, others, wish)
            named = named or said
            twin = forbids(known, [_outing(one) for one in others.values()], _outing(wish))
            same = same and (said is (twin == rule.NAME) or twin not in ("", rule.NAME))
        if not same or named is not (given in bad):
            yield given


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
    pytest.param(rule, number, id=f"{rule.NAME}-{number}")
    for rule in RULES
    for number in range(len(WORLDS[rule.NAME]))
]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_model_and_check_agree(rule: Rule, number: int) -> None:
    """On every assignment of up to three sorties; some are allowed, some are not."""
    for kinds in KINDS:
        assert wrong_in_model(rule, number, kinds) == []
    problem = WORLDS[rule.NAME][number]
    bad = [len(refused(rule.NAME, number, kinds)) for kinds in KINDS]
    assert 0 < sum(bad) < sum(len(list(assignments(problem, kinds))) for kinds in KINDS)


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_a_model_that_offers_nothing_else_and_check_agree(rule: Rule, number: int) -> None:
    """Of many assignments: with one day and one team for each sortie, one choice may be just too many."""
    problem = WORLDS[rule.NAME][number]
    for kinds in KINDS:
        bad = refused(rule.NAME, number, kinds)
        for given in islice(assignments(problem, kinds), 0, None, (1, 5, 29)[len(kinds) - 1]):
            model = Model(rule, problem, sorties_in(kinds), only=given)
            assert model.allows(given) is (given not in bad)


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_words_and_check_agree(rule: Rule, number: int) -> None:
    """On every assignment of up to two sorties, and on many of three."""
    for kinds in KINDS:
        assert list(wrong_in_words(rule, number, kinds, 13 if len(kinds) > 2 else 1)) == []


OF_HALF_DAYS = {"people", "cars", "apart", "hours"}
OF_PEOPLE = {"people", "half-days", "mix", "again", "load", "even", "pairs"}
BLIND: dict[str, tuple[set[str], Callable[[str, Outing], Outing | None]]] = {
    "lets everybody go": (set(NAMES), lambda key, one: None),
    "overlooks a sortie": (set(NAMES), lambda key, one: None if key == "S0" else one),
    "takes two days for one": (OF_HALF_DAYS, lambda key, one: replace(one, day=DAYS[0])),
    "takes two half-days for one": (OF_HALF_DAYS, lambda key, one: replace(one, slot="morning")),
    "overlooks units": ({"apart", "hours", "again"}, lambda key, one: replace(one, units=frozenset())),
    "knows nobody": (OF_PEOPLE, lambda key, one: replace(one, team=tuple(key + name for name in one.team))),
}
"""How a rule may be blind, by what it sees of a sortie instead, and the rules that it breaks."""
BROKEN = [
    pytest.param(rule, number, see, id=f"{rule.NAME}-{number}-{how}")
    for how, (names, see) in BLIND.items()
    for rule in RULES
    if rule.NAME in names
    for number in range(len(WORLDS[rule.NAME]))
]


@pytest.mark.parametrize(("rule", "number", "see"), BROKEN)
def test_a_blind_copy_of_a_rule_is_seen(
    rule: Rule, number: int, see: Callable[[str, Outing], Outing | None]
) -> None:
    """In its model and in its words: what the tests above would overlook proves nothing."""

    def add(model: cp_model.CpModel, problem: PlanProblem, v: Choices) -> None:
        seen = [see(choice.sortie, choice) for choice in v.all]
        rule.add(model, problem, Choices([one for one in seen if one is not None]))

    def says(problem: PlanProblem, others: Mapping[str, Given], wish: Given) -> bool:
        seen = {key: see(key, one) for key, one in others.items()}
        asked = see(next(key for key in ("S0", "S1", "S2") if key not in others), wish)
        return asked is not None and rule.forbids(
            problem, {key: one for key, one in seen.items() if one is not None}, asked
        )

    copy = SimpleNamespace(NAME=rule.NAME, add=add, forbids=says)
    assert any(wrong_in_model(copy, number, kinds) for kinds in KINDS)
    assert any(any(wrong_in_words(copy, number, kinds)) for kinds in KINDS)


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_a_copy_of_a_rule_that_lets_nobody_go_is_seen(rule: Rule, number: int) -> None:
    """Its model has no solution; its words forbid everything."""
    copy = SimpleNamespace(
        NAME=rule.NAME,
        add=lambda model, problem, v: model.add_bool_or([]),
        forbids=lambda problem, others, wish: True,
    )
    assert any(wrong_in_model(copy, number, kinds) for kinds in KINDS)
    assert any(any(wrong_in_words(copy, number, kinds)) for kinds in KINDS)


def test_rules_and_check_name_the_same_in_one_order() -> None:
    """A departure is told by the first rule that forbids it, so the order is part of the check."""
    assert tuple(rule.NAME for rule in RULES) == NAMES
    assert set(WORLDS) == set(NAMES)


@st.composite
def busy(draw: st.DrawFn) -> tuple[PlanProblem, list[Given]]:
    """Any mixture of rules, and up to five sorties to one or two units."""
    numbers = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 3))
    half_days = st.sets(st.sampled_from([f"{day}/{slot}" for day in DAYS for slot in ("morning", "evening")]))
    team = draw(st.sampled_from([2, 2, 3]))
    problem = world(
        staff=tuple(
            replace(one, share=draw(st.integers(0, 4)), free=one.free if draw(st.integers(0, 5)) else ())
            for one in world(team=team).staff
        ),
        cars=draw(st.integers(1, 3)),
        cars_in=draw(st.dictionaries(st.just("evening"), st.integers(0, 2))),
        departments=draw(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["", "a", "b"]))),
        shut={unit: frozenset(draw(half_days)) for unit in UNITS if draw(st.booleans())},
        areas={name: frozenset(draw(st.sets(st.sampled_from(UNITS)))) for name in PEOPLE},
        load=draw(st.sampled_from([None, 0, 1])),
        even=draw(st.sampled_from([None, 0, 1, 2])),
        pairs=draw(st.sampled_from([None, 1, 2])),
        carried=draw(numbers),
        team=team,
    )
    sorties = [
        Given(
            draw(st.sampled_from(DAYS)),
            draw(st.sampled_from(["morning", "morning", "evening"])),
            draw(st.sampled_from(teams(problem))),
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
    sorties = [sortie(f"S{at}", one.slot, one.units) for at, one in enumerate(given)]
    for rule in RULES:
        for only in ([], given):
            assert Model(rule, problem, sorties, only).allows(given) is (rule.NAME not in broken)
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
    allowed = {given.team for (given,) in Model(one, problem, sorties_in(["morning"])).all()}
    assert allowed == {team for team in teams(problem) if "P1" not in team}


@settings(deadline=None, max_examples=SMALL_MODELS)
@drawn_from(busy())
def test_load_before_sorties_are_known_is_the_load_of_those_that_go(
    drawn: tuple[PlanProblem, list[Given]],
) -> None:
    """Who is kept asks before: how many go, and so the mean, is then for the solver to say."""
    problem, given = drawn
    assert may_go_before_sorties_are_known(problem, given) is ("load" not in breaches(problem, given))


@pytest.mark.parametrize("number", range(len(WORLDS["load"])))
def test_load_before_two_sorties_are_known_is_their_load(number: int) -> None:
    """Many assignments of each small world; both answers occur."""
    problem = WORLDS["load"][number]
    answers = set()
    for given in islice(assignments(problem, ("morning", "morning")), 0, None, 5):
        due = "load" not in breaches(problem, given)
        assert may_go_before_sorties_are_known(problem, given) is due
        answers.add(due)
    assert True in answers


def may_go_before_sorties_are_known(problem: PlanProblem, given: Sequence[Given]) -> bool:
    """Whether the model of load lets so many go on these days with these teams, whatever sorties they are."""
    model = cp_model.CpModel()
    every = [
        Choice(day, "morning", team, model.new_int_var(0, 5, ""))
        for day, team in product(DAYS, teams(problem))
    ]
    load.add(model, problem, Choices(every))
    for choice in every:
        times = sum((one.day, one.team) == (choice.day, choice.team) for one in given)
        model.add(choice.goes == times)
    return bool(cp_model.CpSolver().solve(model) == cp_model.OPTIMAL)


@pytest.mark.parametrize("number", range(len(WORLDS["even"])))
@pytest.mark.parametrize("named", [0, 1])
@pytest.mark.parametrize("unnamed", [1, 2])
def test_evenness_before_teams_are_known_asks_for_some_even_teams(
    number: int, named: int, unnamed: int
) -> None:
    """Days are given before teams: with so many sorties out, and the team of one more known or not."""
    problem, unit = WORLDS["even"][number], frozenset("u")
    known = [Given(DAYS[0], "morning", teams(problem)[0], unit)] * named
    model = cp_model.CpModel()
    choices = [
        Choice(one.day, one.slot, one.team, model.new_constant(1), f"S{at}", unit)
        for at, one in enumerate([*known, *[Given(DAYS[1], "morning", ())] * unnamed])
    ]
    even.add(model, problem, Choices(choices))
    possible = combinations([one.id for one in problem.staff if one.free], problem.team)
    due = any(
        "even" not in breaches(problem, [*known, *(Given(DAYS[1], "morning", team, unit) for team in some)])
        for some in product(possible, repeat=unnamed)
    )
    assert (cp_model.CpSolver().solve(model) == cp_model.OPTIMAL) is due
