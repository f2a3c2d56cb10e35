"""Each rule of a roster and its twin agree on every roster of a small desk, and on random desks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.entities import CalendarDay, Duty, Leave, Person, Post
from auditor.roster.check import RosterFacts, check_roster, ground_of
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.desk import FAIR, DutyDesk, Group, Pair, desk_json
from auditor.roster.make import RULES
from auditor.roster.problem import RosterProblem, build_problem
from auditor.roster.record import record_of
from auditor.roster.variables import RosterVariables
from effort import SMALL_MODELS

FRIDAY = date(2027, 1, 1)
SUNDAY = 212
"""The days from the Friday to Sunday 1 August, whose Saturday lies in the month before."""
LEAD = Post(id="lead", role="leader", start=480, minutes=1440, night=True)
DAY = Post(id="day", role="officer", start=480, minutes=600, night=False)
NIGHT = Post(id="night", role="officer", start=1080, minutes=840, night=True)
WAIT = Post(id="wait", role="officer", start=1080, minutes=840, night=False, kind="standby")
PHONE = Post(id="phone", role="leader", start=480, minutes=1440, night=False, by_phone=True)
TWINS = {rule.NAME for rule in RULES} - {"cover", "locked"}


@dataclass(frozen=True)
class World:
    """A desk of a few days from a Friday on, or from the `since`-th day after it, with its people."""

    desk: DutyDesk
    days: int
    people: Sequence[Person]
    leave: Sequence[Leave] = ()
    standby: dict[str, Sequence[str]] = field(default_factory=dict)
    before: Sequence[Duty] = ()
    since: int = 0

    def built(self) -> tuple[RosterProblem, RosterFacts]:
        """Give its problem, and the facts that a roster is checked against."""
        eve, *calendar = [
            CalendarDay(day=day, cls="weekend" if day.weekday() > 4 else "work")
            for offset in range(self.since - 1, self.since + self.days)
            for day in [at(offset)]
        ]
        problem = build_problem(
            calendar, self.people, self.leave, self.standby, before=self.before, desk=self.desk, eve=eve
        )
        facts = RosterFacts(
            days=calendar,
            people=self.people,
            leave=self.leave,
            standby=self.standby,
            carried={person.id: person.carried for person in problem.people},
            before=[(duty.day, duty.post, duty.person) for duty in self.before],
            desk=desk_json(self.desk),
            eve=eve,
        )
        return problem, facts


def at(offset: int) -> date:
    """The date at an offset from the Friday."""
    return FRIDAY + timedelta(days=offset)


def staff(leaders: int, officers: int) -> list[Person]:
    """Leaders l0 … and officers o0 …"""
    return [Person(id=f"l{n}", name="", roles=("leader",)) for n in range(leaders)] + [
        Person(id=f"o{n}", name="", roles=("officer",)) for n in range(officers)
    ]


def desk(posts: Sequence[Post], **more: Any) -> DutyDesk:
    """A desk of these posts, one seat each."""
    need = {post.id: dict.fromkeys(("work", "weekend", "holiday", "key"), 1) for post in posts}
    return DutyDesk(style=FAIR, posts=tuple(posts), need=need, **more)


OFFICERS = staff(0, 2)
ALONE = staff(0, 1)
WORLDS: dict[str, World] = {
    "rest": World(desk([DAY, NIGHT]), 3, ALONE, before=[Duty(day=at(-1), post="night", person="o0")]),
    "rest of its own": World(desk([replace(DAY, rest=1500), NIGHT], rest_min=60), 3, ALONE),
    "stand-by post": World(desk([DAY, WAIT]), 3, ALONE,
                           before=[Duty(day=at(-1), post="wait", person="o0")]),
    "gap": World(desk([DAY], gaps={"officer": 3}), 5, OFFICERS,
                 before=[Duty(day=at(-2), post="day", person="o0")]),
    "gap and stand-by": World(desk([DAY, WAIT], gaps={"officer": 2}), 3, ALONE),
    "runs and stand-by": World(desk([DAY, WAIT], runs={"officer": 1}), 3, ALONE),
    "week and stand-by": World(desk([DAY, WAIT], week={"officer": 1}), 3, ALONE),
    "month and stand-by": World(desk([DAY, WAIT], month={"officer": 1}), 3, ALONE),
    "pairs and stand-by": World(desk([DAY, WAIT], pairs=(Pair(people=("o0", "o1"), together=False),)), 2,
                                OFFICERS),
    "runs": World(
        desk([DAY], runs={"officer": 2}), 5, OFFICERS,
        before=[Duty(day=at(-1), post="day", person="o0"), Duty(day=at(-2), post="day", person="o0")],
    ),
    "runs of two posts": World(desk([replace(DAY, minutes=60), replace(NIGHT, minutes=60)],
                                    runs={"officer": 1}, rest_min=0, rest_after_night_min=0), 3, ALONE),
    "week": World(desk([DAY], week={"officer": 2}), 5, OFFICERS,
                  before=[Duty(day=at(-1), post="day", person="o0"),
                          Duty(day=at(-5), post="day", person="o1")]),
    "month": World(desk([DAY], month={"officer": 2}), 5, OFFICERS,
                   before=[Duty(day=at(-1), post="day", person="o0")]),
    "weekend-block": World(desk([DAY], weekend_block=("day",)), 5, OFFICERS),
    "weekend-block of nights": World(
        desk([NIGHT], weekend_block=("night",), gaps={"officer": 2}), 4, OFFICERS
    ),
    "weekend-block of an edge": World(
        desk([LEAD, DAY], weekend_block=("day", "lead"), groups=(Group(leader="l0", members=("o0",)),)), 2,
        staff(2, 2), since=SUNDAY,
        before=[Duty(day=at(SUNDAY - 1), post="lead", person="l0"),
                Duty(day=at(SUNDAY - 1), post="day", person="o0")],
    ),
    "weekend-block of an edge and leave": World(
        desk([LEAD, DAY], weekend_block=("day", "lead"), gaps={"officer": 3}), 2, staff(2, 2), since=SUNDAY,
        before=[Duty(day=at(SUNDAY - 1), post="lead", person="l0"),
                Duty(day=at(SUNDAY - 1), post="day", person="o0")],
        leave=[Leave(person="l0", from_on=at(SUNDAY), to_on=at(SUNDAY))],
    ),
    "apart": World(desk([DAY, NIGHT], pairs=(Pair(people=("o0", "o1"), together=False),)), 2, OFFICERS),
    "together": World(desk([DAY, NIGHT], pairs=(Pair(people=("o0", "o1"), together=True),)), 2, OFFICERS),
    "groups": World(desk([LEAD, DAY], groups=(Group(leader="l0", members=("o0",)),)), 2, staff(2, 2)),
    "acting": World(
        desk([LEAD, DAY, PHONE], groups=(Group(leader="l0", members=("o0",)),), acting={"l0": "l1"}), 2,
        staff(2, 1), leave=[Leave(person="l0", from_on=at(0), to_on=at(0), kind="外出")],
    ),
    "leave": World(desk([DAY, NIGHT]), 4, ALONE,
                   leave=[Leave(person="o0", from_on=at(1), to_on=at(1)),
                          Leave(person="o0", from_on=at(4), to_on=at(9))]),
    "leave of the next day": World(
        desk([DAY, replace(NIGHT, id="late", minutes=360)]), 3, ALONE,
        leave=[Leave(person="o0", from_on=at(1), to_on=at(1))],
    ),
    "out-of-town of the next day": World(
        desk([LEAD, replace(LEAD, id="late", start=1080, minutes=360)]), 3, staff(1, 0),
        leave=[Leave(person="l0", from_on=at(1), to_on=at(1), kind="外出")],
    ),
    "leave of half days": World(
        desk([DAY, NIGHT]), 4, ALONE,
        leave=[Leave(person="o0", from_on=at(1), to_on=at(1), half="am"),
               Leave(person="o0", from_on=at(2), to_on=at(2), half="pm"),
               Leave(person="o0", from_on=at(3), to_on=at(3), half="am"),
               Leave(person="o0", from_on=at(3), to_on=at(3), half="pm")],
    ),
    "out-of-town of half days": World(
        desk([LEAD, PHONE, replace(LEAD, id="late", start=1080, minutes=300)]), 3, staff(1, 0),
        leave=[Leave(person="l0", from_on=at(1), to_on=at(1), kind="外出", half="am"),
               Leave(person="l0", from_on=at(2), to_on=at(2), kind="外出", half="pm"),
               Leave(person="l0", from_on=at(2), to_on=at(2), half="pm")],
    ),
    "acting for half a day": World(
        desk([replace(LEAD, minutes=600), DAY], groups=(Group(leader="l0", members=("o0",)),),
             acting={"l0": "l1"}), 2, staff(2, 2),
        leave=[Leave(person="l0", from_on=at(0), to_on=at(0), kind="外出", half="pm")],
    ),
    "stand-by": World(desk([DAY, NIGHT]), 3, ALONE, standby={"o0": [f"{at(2)}/evening"]}),
    "out-of-town": World(desk([LEAD, PHONE]), 4, staff(1, 0),
                         leave=[Leave(person="l0", from_on=at(1), to_on=at(2), kind="out-of-town"),
                                Leave(person="l0", from_on=at(2), to_on=at(2))]),
}  # fmt: skip


class _All(cp_model.CpSolverSolutionCallback):
    """Keeps every solution."""

    def __init__(self, variables: Sequence[cp_model.IntVar]) -> None:
        super().__init__()
        self.variables = variables
        self.found: set[tuple[bool, ...]] = set()

    def on_solution_callback(self) -> None:
        """Keep one."""
        self.found.add(tuple(self.boolean_value(one) for one in self.variables))


def solutions(model: cp_model.CpModel, variables: Sequence[cp_model.IntVar]) -> set[tuple[bool, ...]] | None:
    """Every way in which a model allows these variables to be; None where it says nothing."""
    if not model.proto.constraints:
        return None
    solver = cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    callback = _All(variables)
    assert solver.solve(model, callback) in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return callback.found


class Tried:
    """One world, whose rules are tried one by one on any choice of duties, by model and by twin."""

    def __init__(self, world: World) -> None:
        self.problem, self.facts = world.built()
        self.cells = [
            (shift, person)
            for shift in self.problem.shifts
            for person in self.problem.people
            if person.fills(shift)
        ]
        self.ground = ground_of(self.facts)
        self.mine = [Mine(person.id, shift.day, shift.post.id) for shift, person in self.cells]

    def model(self, rule: Any) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
        """A rule's model, with the variables of the cells."""
        model = cp_model.CpModel()
        v = RosterVariables(model, self.problem)
        rule.add(model, self.problem, v)
        return model, [v.on_duty(person, shift) for shift, person in self.cells]

    def by_twin(self, choice: Sequence[bool]) -> set[str]:
        """The rules that these duties break, as the twins say."""
        taken = [duty for duty, on in zip(self.mine, choice, strict=True) if on]
        return {breach.rule for breach in rule_breaches(self.ground, taken)}

    def choices(self) -> Iterator[tuple[bool, ...]]:
        """Every choice of duties, also such as leave seats empty or double them."""
        return product([False, True], repeat=len(self.cells))


def rule_in(name: str) -> Any:
    """The rule that a world is about."""
    said = {
        "apart": "pairs", "together": "pairs", "acting": "groups", "acting for half a day": "groups",
        "stand-by post": "rest",
    }  # fmt: skip
    found = [rule for rule in RULES if said.get(name, name.split(" and ")[0].split(" of ")[0]) == rule.NAME]
    return found[0]


@pytest.mark.parametrize("name", WORLDS)
def test_a_rule_and_its_twin_agree_on_every_small_roster(name: str) -> None:
    """Each rule of each world, on every choice; and the world's own rule allows some and forbids some."""
    tried = Tried(WORLDS[name])
    allowed = {rule.NAME: solutions(*tried.model(rule)) for rule in RULES if rule.NAME in TWINS}
    assert 5 <= len(tried.cells) <= 12
    for choice in tried.choices():
        by_model = {rule for rule, these in allowed.items() if these is not None and choice not in these}
        assert by_model == tried.by_twin(choice), choice
    own = allowed[rule_in(name).NAME]
    assert own is not None
    assert 1 <= len(own) < 2 ** len(tried.cells)


@pytest.mark.parametrize("name", [name for name in WORLDS if name not in ("rest", "rest of its own")])
def test_a_broken_copy_of_a_rule_is_caught(name: str) -> None:
    """Without its first three constraints a rule and its twin disagree on some roster."""
    tried = Tried(WORLDS[name])
    model, variables = tried.model(rule_in(name))
    for constraint in list(model.proto.constraints)[:3]:
        for kind in ("at_most_one", "bool_and", "bool_or", "linear"):
            getattr(constraint, f"clear_{kind}")()
    rule = rule_in(name).NAME
    allowed = solutions(model, variables)
    assert any(
        (allowed is None or choice in allowed) and rule in tried.by_twin(choice) for choice in tried.choices()
    )


@st.composite
def random_worlds(draw: st.DrawFn) -> World:
    """A desk with any rules, leave and former duties, of up to ten days."""
    posts = [LEAD, DAY, *draw(st.sampled_from([[], [NIGHT], [NIGHT, WAIT], [PHONE]]))]
    people = staff(2, 3)
    ids = st.sampled_from([person.id for person in people])
    officers = st.sampled_from(["o0", "o1", "o2"])
    number = st.integers(1, 4)
    by_role = st.dictionaries(st.sampled_from(["leader", "officer"]), number, max_size=2)
    blocks = draw(st.sets(st.sampled_from([post.id for post in posts if post.kind == "duty"])))
    # a weekend that is one block is two days on end
    twice = {role: 2 for role in ("leader", "officer")} if blocks else {}
    runs, week = (
        {role: max(most, twice.get(role, 0)) for role, most in draw(by_role).items()} for _n in "ab"
    )
    pairs = {
        tuple(sorted((one, other))): draw(st.booleans())
        for one, other in draw(st.lists(st.tuples(ids, ids), max_size=2))
        if one != other
    }
    days = draw(st.integers(2, 10))
    since = draw(st.sampled_from([0, 0, SUNDAY]))
    offsets = st.integers(since - 3, since + days)
    kinds = st.sampled_from(["", "外出"])
    halves = st.sampled_from(["", "", "am", "pm"])
    return World(
        desk(
            posts,
            gaps=draw(by_role),
            runs=runs,
            week=week,
            month=draw(by_role),
            weekend_block=tuple(sorted(blocks)),
            pairs=tuple(Pair(people=pair, together=yes) for pair, yes in sorted(pairs.items())),
            groups=draw(st.sampled_from([(), (Group(leader="l0", members=("o0", "o1")),)])),
            acting=draw(st.sampled_from([{}, {"l0": "l1"}])),
        ),
        days,
        people,
        leave=[
            Leave(person=who, from_on=at(on), to_on=at(on + (0 if half else more)), kind=kind, half=half)
            for who, on, more, kind, half in draw(
                st.lists(st.tuples(ids, offsets, st.integers(0, 2), kinds, halves), max_size=4)
            )
        ],
        standby={
            who: [f"{at(on)}/{slot}"]
            for who, on, slot in draw(
                st.lists(st.tuples(ids, offsets, st.sampled_from(["morning", "evening"])), max_size=2)
            )
        },
        before=[
            Duty(day=at(since - on), post="day", person=who)
            for who, on in draw(st.sets(st.tuples(officers, st.integers(1, 4)), max_size=3))
        ],
        since=since,
    )


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(random_worlds(), st.data())
def test_a_rule_and_its_twin_agree_on_random_rosters(world: World, data: st.DataObject) -> None:
    """Sparse and dense rosters of any desk; each rule by the model with the duties fixed, and by its twin."""
    tried = Tried(world)
    density = data.draw(st.sampled_from([2, 4, 8]))
    choice = [data.draw(st.integers(0, density)) == 0 for _cell in tried.cells]
    told = tried.by_twin(choice)
    for rule in RULES:
        if rule.NAME in TWINS:
            model, variables = tried.model(rule)
            for variable, on in zip(variables, choice, strict=True):
                model.add(variable == on)
            fits = cp_model.CpSolver().solve(model) == cp_model.OPTIMAL
            assert fits is (rule.NAME not in told), (rule.NAME, [
                duty for duty, on in zip(tried.mine, choice, strict=True) if on
            ])  # fmt: skip


@pytest.mark.parametrize("seats", [1, 2])
def test_cover_and_locked_and_their_twins_agree_on_every_small_roster(seats: int) -> None:
    """Each choice of two days and three people, as a record: neither a seat empty nor one person too many."""
    need = {"day": dict.fromkeys(("work", "weekend", "holiday", "key"), seats)}
    world = World(replace(desk([DAY], rest_min=0), need=need), 2, staff(0, 3))
    tried = Tried(world)
    locked = ((1, "o2"),)
    tried.problem = replace(tried.problem, locked=locked)
    found = {
        name: solutions(*tried.model(next(rule for rule in RULES if name == rule.NAME)))
        for name in ("cover", "locked")
    }
    some = 0
    for choice in tried.choices():
        duties = tuple(cell for cell, on in zip(tried.cells, choice, strict=True) if on)
        fixed = [{"date": at(1).isoformat(), "post": "day", "person": "o2"}]
        record = record_of(tried.problem, duties, 0, 0, {"fixed": fixed})
        told = {breach.rule for breach in check_roster(record, tried.facts)}
        for name, these in found.items():
            assert these is not None
            assert (choice in these) is (name not in told), (name, choice)
            some += choice in these
    assert some > 2
