"""Cores under every rule, ways out, why a counter is not lower: against every roster of a small desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.entities import Duty, Leave
from auditor.roster import objective
from auditor.roster.check import ground_of
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.explain import contradiction, core
from auditor.roster.fairness import accounts
from auditor.roster.lower import EVEN, LOWER, NO_DUTY, RULES, why_not_lower
from auditor.roster.make import fairest, short_of, shortage
from auditor.roster.problem import RosterProblem
from auditor.roster.relax import HALF_DAY, LEAVE_DAY, PERSON, called_back, possible, relaxations, without
from auditor.roster.repair import open_part
from effort import MODELS, SMALL_MODELS
from roster.test_rules import DAY, LEAD, NIGHT, OFFICERS, PHONE, World, at, desk, random_worlds, staff


def every(problem: RosterProblem, facts: Any) -> Iterator[tuple[Any, ...]]:
    """Every way to fill each shift with one person that the twins accept."""
    ground = ground_of(facts)
    able = [[person for person in problem.people if person.fills(shift)] for shift in problem.shifts]
    for choice in product(*able):
        duties = [
            Mine(who.id, shift.day, shift.post.id) for shift, who in zip(problem.shifts, choice, strict=True)
        ]
        if not rule_breaches(ground, duties):
            yield tuple(zip(problem.shifts, choice, strict=True))


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(random_worlds())
def test_there_is_a_core_just_where_there_is_a_shortage(world: World) -> None:
    """Under every rule; all of it names people and shifts of the problem, and eased rules help."""
    problem, _facts = world.built()
    for part in problem.parts():
        lacks, contradicted = short_of(part, 5)
        found = (
            contradiction(part, work=5)
            if contradicted
            else core(part, [shift.index for shift, _count in lacks], work=5)
        )
        assert bool(found) is (bool(lacks) or contradicted) is (not possible(part, 5))
        for one in found:
            assert (one.rule == "cover") is (one.person == "")
            assert one.person == "" or one.person in {person.id for person in part.people}
        ways = relaxations(part, lacks, {one.rule for one in found}, work=5) if found else []
        assert ways == sorted(ways)
        assert not lacks or ways[-1].cost >= ways[0].cost > 0


def test_a_core_under_rules_that_tie_people_names_both() -> None:
    """o0 comes only with l0, l0 is on leave, o1 is on leave: the group, and both leaves, are in the core."""
    world = World(
        desk([LEAD, DAY], groups=desk_groups("l0", "o0")), 1, staff(2, 2),
        leave=[Leave(person=who, from_on=at(0), to_on=at(0)) for who in ("l0", "o1")],
    )  # fmt: skip
    problem, _facts = world.built()
    (part,) = problem.parts()
    lacks = shortage(part, 5)
    found = {(one.rule, one.person) for one in core(part, [shift.index for shift, _n in lacks], work=5)}
    assert found == {("cover", ""), ("groups", "l0"), ("groups", "o0"), ("leave", "l0"), ("leave", "o1")}
    kinds = {one.kind for one in relaxations(part, lacks, {rule for rule, _who in found}, work=5)}
    assert kinds == {"seats", "leave", "groups", "people"}


def desk_groups(leader: str, *members: str) -> tuple[Any, ...]:
    """One group."""
    from auditor.roster.desk import Group

    return (Group(leader=leader, members=members),)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(
    st.sets(st.tuples(st.sampled_from(["o0", "o1"]), st.integers(0, 3)), min_size=3, max_size=5),
    st.booleans(),
)
def test_the_fewest_days_of_leave_are_given_up(away: set[tuple[str, int]], waits: bool) -> None:
    """Against every set of days of leave, and the stand-by half-day, that could be given up instead."""
    world = World(
        desk([DAY]), 4, OFFICERS,
        leave=[Leave(person=who, from_on=at(on), to_on=at(on)) for who, on in sorted(away)],
        standby={"o0": [f"{at(2)}/morning"]} if waits else {},
    )  # fmt: skip
    problem, _facts = world.built()
    assume(not possible(problem, 5))
    keys = [(who, at(on).isoformat()) for who, on in sorted(away)]
    keys += [("o0", f"{at(2).isoformat()}/08")] if waits else []
    best = min(
        sum(HALF_DAY if "/" in text else LEAVE_DAY for _who, text in given_up)
        for choice in product([False, True], repeat=len(keys))
        for given_up in [[key for key, on in zip(keys, choice, strict=True) if on]]
        if possible(without(problem, given_up), 5)
    )
    (found,) = called_back(problem, 5)
    assert found.cost == best
    assert found.least
    assert possible(without(problem, set(found.of)), 5)


def test_a_day_out_of_town_costs_nothing_at_a_post_by_telephone() -> None:
    """On leave on the first day, out of town on the next, which the duty touches too: one day is given up."""
    world = World(
        desk([PHONE]), 1, staff(1, 0),
        leave=[Leave(person="l0", from_on=at(0), to_on=at(0)),
               Leave(person="l0", from_on=at(1), to_on=at(1), kind="外出")],
    )  # fmt: skip
    (found,) = called_back(world.built()[0], 5)
    assert (found.cost, found.of) == (LEAVE_DAY, (("l0", at(0).isoformat()),))
    assert found.least


def test_one_person_more_is_the_cheapest_where_a_limit_is_tight() -> None:
    """Four days, two officers with one duty a week each: one more duty a week, or two people more."""
    world = World(desk([DAY], week={"officer": 1}), 4, OFFICERS)  # Friday to Monday: two weeks
    problem, _facts = world.built()
    lacks = shortage(problem, 5)
    assert sum(count for _shift, count in lacks) == 1
    found = relaxations(problem, lacks, {"week"}, work=5)
    assert [(one.cost, one.kind, one.of) for one in found] == [
        (6, "week", (("officer", "2"),)),
        (PERSON, "people", (("officer", "1"),)),
        (20, "seats", ((lacks[0][0].day.isoformat(), "day"),)),
    ]


@settings(deadline=None, max_examples=MODELS)
@given(st.data())
def test_why_a_counter_is_not_lower(data: st.DataObject) -> None:
    """Against every roster: where none has it one lower without somebody else coming up, it says so."""
    leave = [
        Leave(person=who, from_on=at(on), to_on=at(on))
        for who, on in data.draw(
            st.lists(
                st.tuples(st.sampled_from(["o0", "o1", "o2"]), st.integers(0, 3)), max_size=4, unique=True
            )
        )
    ]
    gaps = data.draw(st.sampled_from([{}, {"officer": 2}]))
    world = World(desk([data.draw(st.sampled_from([DAY, NIGHT]))], gaps=gaps), 5, staff(0, 3), leave=leave)
    problem, facts = world.built()
    made = fairest(problem, work=5)
    assume(made is not None)
    assert made is not None
    counts = objective.counted(problem, made.duties)
    rosters = [objective.counted(problem, duties) for duties in every(problem, facts)]
    for person in problem.people:
        for name in objective.new_duties(problem):
            why = why_not_lower(problem, counts, person, name, work=5)
            mine = counts[person.id, name]
            lower = any(
                other[person.id, name] < mine
                and all(
                    other[who.id, name] <= max(counts[who.id, name], mine - 1)
                    for who in problem.people
                    if who != person
                )
                for other in rosters
            )
            assert (why.kind == LOWER) is (lower and mine > 0)
            if why.kind == RULES:
                # without any one of these it could be
                assert why.rules
                assert set(why.rules) <= {"rest", "gap", "leave"}
            else:
                assert why.kind in (LOWER, EVEN, NO_DUTY)


def test_accounts_go_by_shares_and_add_up() -> None:
    """Half a share is half of what is expected; deviations of a role sum to nothing."""
    from auditor.roster.record import record_of

    people = [replace(one, share=0.5) if one.id == "o0" else one for one in staff(0, 3)]
    problem, _facts = World(desk([DAY]), 10, people).built()
    made = fairest(problem, work=5)
    assert made is not None
    record = record_of(problem, made.duties, made.value, made.bound)
    total = [one for one in accounts(record) if one.cls == "total"]
    assert [one.expected for one in total] == [2, 4, 4]
    assert sum(one.deviation for one in total) == 0
    assert [one.new for one in total] == [2, 4, 4]


@pytest.mark.parametrize("share", [100, 50])
def test_whoever_has_no_new_duty_is_told_so(share: int) -> None:
    """All is carried."""
    problem, _facts = World(desk([DAY]), 2, staff(0, 3)).built()
    person = replace(problem.people[0], carried={**problem.people[0].carried, "total": 9}, share=share)
    part = replace(problem, people=(person, *problem.people[1:]))
    made = fairest(part, work=5)
    assert made is not None
    counts = objective.counted(part, made.duties)
    assert why_not_lower(part, counts, person, "total", work=5).kind == NO_DUTY


@pytest.mark.parametrize("stands", [False, True], ids=["made", "one day stands"])
def test_shorter_rest_after_nights_is_no_longer_rest_after_others(stands: bool) -> None:
    """l0 leads daily and l1 is on the telephone daily, which asks for no rest, though it lasts the night.

    Twelve hours of rest after nights are enough, also after the first day where that stands already.
    """
    posts = [replace(LEAD, minutes=600), replace(PHONE, night=True)]
    problem, _facts = World(desk(posts), 2, staff(2, 0)).built()
    if stands:
        people = {person.id: person for person in problem.people}
        filled = {"lead": people["l0"], "phone": people["l1"]}
        duties = [(shift, filled[shift.post.id]) for shift in problem.shifts if shift.day == at(0)]
        problem, _left = open_part(problem, duties, lambda shift: shift.day > at(0))
    lacks = shortage(problem, 5)
    assert sum(count for _shift, count in lacks) == 1
    found = relaxations(problem, lacks, {"rest"}, work=5)
    assert "rest" in {one.kind for one in found}


@pytest.mark.parametrize("usual", [1440, 1800])
def test_shorter_rest_counts_after_nights_before_the_month(usual: int) -> None:
    """o0 had the night before; his rest of 24 hours, or 30, forbids the first day, one of 12 does not."""
    posts = [replace(DAY, start=1200, minutes=60), NIGHT]
    before = [Duty(day=at(-1), post="night", person="o0")]
    world = World(desk(posts, rest_after_night_min=usual), 1, staff(0, 2), before=before)
    problem, _facts = world.built()
    lacks = shortage(problem, 5)
    assert lacks
    assert "rest" in {one.kind for one in relaxations(problem, lacks, {"rest"}, work=5)}


def test_a_rule_that_could_not_be_tried_is_no_reason_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An officers' limit is tied to a leader by a group alone; where its trial runs out, it is not named."""
    from auditor.roster import lower as of_lower
    from auditor.roster.desk import Group
    from auditor.workflow.duty.roster_explaining import why_said

    settings = desk([LEAD, DAY], groups=(Group(leader="l0", members=("o0",)),), month={"officer": 3})
    leave = [Leave(person="l1", from_on=at(0), to_on=at(3))]
    problem, _facts = World(settings, 4, staff(3, 3), leave=leave).built()
    (part,) = problem.parts()
    made = fairest(part, work=5)
    assert made is not None
    counts = objective.counted(part, made.duties)
    person = next(one for one in part.people if one.id == "l0")
    assert why_not_lower(part, counts, person, "total", work=5) == of_lower.Why(RULES, ("leave",))
    tried = of_lower._tried

    def runs_out(part: Any, rules: list[Any], *rest: Any) -> bool | None:
        without_month = all(rule.NAME != "month" for rule in rules)
        return None if without_month else tried(part, rules, *rest)

    monkeypatch.setattr(of_lower, "_tried", runs_out)
    why = why_not_lower(part, counts, person, "total", work=5)
    assert why == of_lower.Why(of_lower.SOME, ("leave",))
    assert "not every rule could be tried" in why_said(why.kind, why.rules, in_turn=True)
