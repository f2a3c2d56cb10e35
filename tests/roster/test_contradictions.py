"""Rules that contradict one another, whatever seats stay empty: told so, with a smallest core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import Duty, Leave
from auditor.roster.check import RosterFacts, ground_of
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.desk import Group, Pair
from auditor.roster.edges import asked_over_edge
from auditor.roster.explain import contradiction
from auditor.roster.make import fairest, short_of, why_short
from auditor.roster.problem import RosterProblem
from auditor.roster.relax import relaxations
from auditor.roster.rules import block
from effort import SMALL_MODELS
from roster.test_rules import DAY, LEAD, NIGHT, SUNDAY, Tried, World, at, desk, solutions, staff

TOGETHER = (Pair(people=("o0", "o1"), together=True),)


def standing(problem: RosterProblem, *cells: tuple[int, str, str]) -> RosterProblem:
    """The problem with cells that stand: day, post, person."""
    index = {(problem.day(shift), shift.post.id): shift.index for shift in problem.shifts}
    return replace(problem, locked=tuple((index[day, post], who) for day, post, who in cells))


def test_cells_that_part_a_pair_contradict_it_and_more_people_are_no_way_out() -> None:
    """o0 has the day and o2 the night of a desk with two seats, and o0 comes only with o1."""
    world = World(desk([DAY, NIGHT], pairs=TOGETHER), 3, staff(0, 5))
    part = standing(world.built()[0], (0, "day", "o0"), (0, "night", "o2"))
    assert short_of(part, 5) == ([], True)
    assert "work limit" not in why_short(part, 5)
    found = contradiction(part, work=5)
    by_index = {shift.index: (part.day(shift), shift.post.id) for shift in part.shifts}
    assert {(one.rule, one.person or by_index[one.shift]) for one in found} == {
        ("cover", (0, "day")), ("cover", (0, "night")),
        ("locked", "o0"), ("locked", "o2"), ("pairs", "o0"), ("pairs", "o1"),
    }  # fmt: skip
    ways = relaxations(part, [], {one.rule for one in found}, work=5)
    assert [(one.kind, one.of) for one in ways] == [("pairs", (("o0", "o1"),))]


def test_what_can_be_kept_is_no_contradiction_though_seats_stay_empty() -> None:
    """Everybody is on leave: seats lack people, no rule contradicts another."""
    leave = [Leave(person=f"o{n}", from_on=at(0), to_on=at(1)) for n in range(2)]
    part = World(desk([DAY], pairs=TOGETHER), 2, staff(0, 2), leave=leave).built()[0]
    lacks, contradicted = short_of(part, 5)
    assert [count for _shift, count in lacks] == [1, 1]
    assert not contradicted
    assert contradiction(World(desk([DAY]), 2, staff(0, 2)).built()[0], work=5) == ()


def any_part(problem: RosterProblem, facts: RosterFacts, locked: Sequence[tuple[int, str]]) -> bool:
    """Whether the twins accept any way to fill some of the seats, none or all, with the cells that stand."""
    ground = ground_of(facts)
    able = [
        [who for index, who in locked if index == shift.index]
        or [None, *(person.id for person in problem.people if person.fills(shift))]
        for shift in problem.shifts
    ]
    return any(
        not rule_breaches(
            ground,
            [Mine(who, one.day, one.post.id) for one, who in zip(problem.shifts, choice, strict=True) if who],
        )
        for choice in product(*able)
    )


@st.composite
def held_worlds(draw: st.DrawFn) -> tuple[World, list[tuple[int, str, str]]]:
    """A Sunday and a Monday after a Saturday that was filled, pairs and a group, and cells that stand."""
    officers = st.sampled_from(["o0", "o1", "o2"])
    pairs = {
        tuple(sorted((one, other))): draw(st.booleans())
        for one, other in draw(
            st.lists(st.tuples(st.sampled_from(["l0", "o0", "o1", "o2"]), officers), max_size=2)
        )
        if one != other
    }
    posts = [LEAD, DAY, NIGHT]
    world = World(
        desk(
            posts,
            weekend_block=tuple(draw(st.sets(st.sampled_from(["lead", "day", "night"])))),
            pairs=tuple(Pair(people=pair, together=yes) for pair, yes in sorted(pairs.items())),
            groups=draw(st.sampled_from([(), (Group(leader="l0", members=("o0",)),)])),
            rest_after_night_min=draw(st.sampled_from([0, 1440])),
        ),
        draw(st.integers(1, 2)),
        staff(2, 3),
        leave=[
            Leave(person=who, from_on=at(SUNDAY), to_on=at(SUNDAY))
            for who in draw(st.sets(st.sampled_from(["l0", "o0", "o1"]), max_size=1))
        ],
        before=[Duty(day=at(SUNDAY - 1), post="lead", person=draw(st.sampled_from(["l0", "l1"])))]
        + [
            Duty(day=at(SUNDAY - 1), post=post, person=who)
            for post, who in zip(
                draw(st.sampled_from([["day", "night"], ["day", "day", "night"], ["night", "night", "day"]])),
                draw(st.permutations(["o0", "o1", "o2"])),
                strict=False,
            )
        ],
        since=SUNDAY,
    )
    held = draw(st.sets(st.tuples(st.just(0), st.sampled_from(["day", "night"]), officers), max_size=1))
    return world, sorted(held)


@settings(deadline=None, max_examples=2 * SMALL_MODELS)
@given(held_worlds())
def test_rules_contradict_one_another_just_where_no_part_of_a_roster_keeps_them(
    case: tuple[World, list[tuple[int, str, str]]],
) -> None:
    """Against every way to fill some of the seats; then a core is found, and none otherwise."""
    world, held = case
    problem, facts = world.built()
    problem = standing(problem, *held)
    contradicted = [part for part in problem.parts() if short_of(part, 5)[1]]
    assert bool(contradicted) is not any_part(problem, facts, problem.locked)
    for part in problem.parts():
        assert bool(contradiction(part, work=5)) is (part in contradicted)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(held_worlds())
def test_who_is_asked_over_the_months_edge_is_the_same_for_the_rule_and_its_twin(
    case: tuple[World, list[tuple[int, str, str]]],
) -> None:
    """Whoever had the Saturday, with pairs, groups, leave and more people than seats: on every Sunday."""
    tried = Tried(replace(case[0], days=1))
    allowed = solutions(*tried.model(block))
    for choice in tried.choices():
        kept = allowed is None or choice in allowed
        assert kept is ("weekend-block" not in tried.by_twin(choice)), choice


def edge_of(officers: int = 4, **more: Any) -> RosterProblem:
    """A Sunday and a Monday after o0's day and o1's night of a Saturday; the day is one block."""
    before = [
        Duty(day=at(SUNDAY - 1), post=post, person=who) for post, who in (("day", "o0"), ("night", "o1"))
    ]
    world = World(
        desk([DAY, NIGHT], weekend_block=("day",), **more), 2, staff(0, officers), before=before, since=SUNDAY
    )
    return world.built()[0]


def test_whoever_comes_only_with_somebody_who_rests_does_not_go_on_over_the_months_edge() -> None:
    """o1 rests after his night, so o0, who comes only with him, has not the Sunday; alone he has it."""
    alone, tied = edge_of(), edge_of(pairs=TOGETHER)
    assert [who for who, _shift in asked_over_edge(alone)] == ["o0"]
    assert asked_over_edge(tied) == []
    made = fairest(tied, work=5)
    assert made is not None
    assert {person.id for shift, person in made.duties if shift.day == at(SUNDAY)} == {"o2", "o3"}


def test_of_two_who_are_never_together_one_goes_on_over_the_months_edge() -> None:
    """o0 and o1 had the Saturday before they were parted: one has the Sunday, not both."""
    pairs = (Pair(people=("o0", "o1"), together=False),)
    problem = edge_of(pairs=pairs, rest_after_night_min=0)
    both = replace(problem.desk, weekend_block=("day", "night")) if problem.desk else None
    assert both is not None
    before = list(problem.before)
    part = World(both, 2, staff(0, 4), before=before, since=SUNDAY).built()[0]
    made = fairest(part, work=5)
    assert made is not None
    there = {person.id for shift, person in made.duties if shift.day == at(SUNDAY)}
    assert len(there & {"o0", "o1"}) == 1


def test_more_people_than_seats_fill_the_seats_over_the_months_edge() -> None:
    """Two had the Saturday, one seat is kept on the Sunday: one of the two has it."""
    before = [Duty(day=at(SUNDAY - 1), post="day", person=who) for who in ("o0", "o1")]
    part = World(desk([DAY], weekend_block=("day",)), 2, staff(0, 4), before=before, since=SUNDAY).built()[0]
    made = fairest(part, work=5)
    assert made is not None
    assert {person.id for shift, person in made.duties if shift.day == at(SUNDAY)} <= {"o0", "o1"}


def test_a_leader_goes_on_over_the_months_edge_whoever_of_his_group_comes_only_with_him() -> None:
    """l0 led the Saturday: that o0 comes with him, and only where he leads, lets no other lead the Sunday."""
    world = World(
        desk([LEAD, DAY], weekend_block=("lead",), pairs=(Pair(people=("l0", "o0"), together=True),),
             groups=(Group(leader="l0", members=("o0",)),), rest_after_night_min=0), 1, staff(2, 2),
        before=[Duty(day=at(SUNDAY - 1), post="lead", person="l0")], since=SUNDAY,
    )  # fmt: skip
    tried = Tried(world)
    allowed = solutions(*tried.model(block))
    leads = next(
        at for at, (shift, who) in enumerate(tried.cells) if (shift.post.id, who.id) == ("lead", "l0")
    )
    assert allowed is not None
    for choice in tried.choices():
        assert (choice in allowed) is choice[leads] is ("weekend-block" not in tried.by_twin(choice))
