"""Gaps, leximin, repair and cores of a roster against every roster of a small desk, tried one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.entities import Post
from auditor.roster import objective
from auditor.roster.explain import Demand, core
from auditor.roster.leximin import leximin
from auditor.roster.make import Duties, fairest, shortage
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.repair import CELLS, FAIRNESS, PEOPLE, mend, open_part
from effort import MODELS, SMALL_MODELS
from roster.world import away, days, people, world

MONDAY = date(2026, 12, 7)
DAY = Post(id="day", role="officer", start=480, minutes=600, night=False)
NIGHT = Post(id="night", role="officer", start=1080, minutes=840, night=True)


@st.composite
def desks(draw: st.DrawFn, most_days: int = 4) -> RosterProblem:
    """A desk of a few days: one or two posts, three or four people, leave, counters, perhaps gaps."""
    days = draw(st.integers(2, most_days))
    posts = draw(st.sampled_from([(DAY,), (NIGHT,), (DAY, NIGHT)]))
    free = draw(st.sets(st.integers(0, days - 1)))
    shifts = []
    for day in range(days):
        for post in posts:
            classes = ("total", *(["holiday"] if day in free else []), *(["night"] if post.night else []))
            start = day * 1440 + post.start
            shifts.append(
                Shift(
                    len(shifts), MONDAY + timedelta(days=day), post, 1, start, start + post.minutes, classes
                )
            )
    people = tuple(
        RosterPerson(
            id=f"o{at}",
            roles=("officer",),
            leave=tuple(MONDAY + timedelta(days=day) for day in range(days) if draw(st.integers(0, 4)) == 0),
            standby=(),
            carried={name: draw(st.integers(0, 3)) for name in ("holiday", "night", "total")},
            share=draw(st.sampled_from([100, 100, 50])),
        )
        for at in range(draw(st.integers(3, 4)))
    )
    return RosterProblem(
        first=MONDAY,
        shifts=tuple(shifts),
        people=people,
        posts=posts,
        weights={"holiday": 8, "night": 3, "total": 2},
        provisional=False,
        standby={},
        before=(),
        gaps=draw(st.sampled_from([{}, {"officer": 2}, {"officer": 3}])),
    )


def keeps(problem: RosterProblem, duties: Duties) -> bool:
    """Whether these duties keep rest, gap and leave, said in plain words."""
    for one, other in combinations(duties, 2):
        if one[1].id == other[1].id:
            early, late = sorted((one[0], other[0]), key=lambda shift: shift.start)
            rest = (24 if early.post.night else 12) * 60
            apart = (late.day - early.day).days
            if late.start < early.end + rest or apart < problem.gaps.get("officer", 0):
                return False
    for shift, person in duties:
        touched = {shift.day + timedelta(days=ahead) for ahead in range(2 if shift.post.night else 1)}
        if touched & set(person.leave):
            return False
    return True


def every(problem: RosterProblem) -> Iterator[Duties]:
    """Every roster that fills each shift with one person and keeps the rules."""
    for choice in product(problem.people, repeat=len(problem.shifts)):
        duties = tuple(zip(problem.shifts, choice, strict=True))
        if keeps(problem, duties):
            yield duties


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(desks())
def test_the_fairest_has_the_least_sum_of_squares(problem: RosterProblem) -> None:
    """Proven, whether the level can be kept or not; half a share weighs twice."""
    found = fairest(problem, work=5)
    values = [objective.unfairness(problem, duties) for duties in every(problem)]
    assert (found is None) is (not values)
    if found is None:
        return
    by_hand = sum(
        problem.weights[name]
        * (2 if person.share == 50 and any(one.share == 100 for one in problem.people) else 1)
        * (person.carried[name] + sum(name in shift.classes for shift, who in found.duties if who == person))
        ** 2
        for person in problem.people
        for name in problem.weights
    )
    assert keeps(problem, found.duties)
    assert (found.value, found.bound) == (min(values), min(values)) == (by_hand, by_hand)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(desks())
def test_leximin_makes_the_greatest_small_class_by_class(problem: RosterProblem) -> None:
    """Against all rosters, compared as lists of the greatest counters, the weightiest class first."""
    found = leximin(problem, work=5)
    names = list(objective.new_duties(problem))

    whole = any(person.share == 100 for person in problem.people)
    scale = {person.id: 2 if whole and person.share == 50 else 1 for person in problem.people}

    def greatest(duties: Duties) -> list[int]:
        counted = objective.counted(problem, duties)
        return [max(scale[one.id] * counted[one.id, name] for one in problem.people) for name in names]

    best = min(map(greatest, every(problem)), default=None)
    assert (found is None) is (best is None)
    if found is not None:
        duties, stages = found
        assert keeps(problem, duties)
        assert greatest(duties) == best == [one.value for one in stages] == [one.bound for one in stages]


@settings(deadline=None, max_examples=MODELS)
@given(desks(), st.data())
def test_a_repair_changes_least_and_is_then_the_fairest(problem: RosterProblem, data: st.DataObject) -> None:
    """Somebody falls ill from some day on: cells, then people, then squares, each against all rosters."""
    made = fairest(problem, work=5)
    assume(made is not None)
    assert made is not None
    who = data.draw(st.sampled_from(problem.people))
    since = data.draw(st.integers(0, 2))
    ill = tuple(MONDAY + timedelta(days=day) for day in range(since, since + 2))
    people = tuple(
        replace(one, leave=tuple(sorted({*one.leave, *ill}))) if one == who else one for one in problem.people
    )
    fresh = replace(problem, people=people)
    by_id = {one.id: one for one in people}
    stood = tuple((shift, by_id[person.id]) for shift, person in made.duties)
    part, left = open_part(fresh, stood, lambda shift: problem.day(shift) >= since)
    found = mend(part, left, work=5)
    # what is past stands, also a night that reaches into the illness
    past = tuple(one for one in made.duties if problem.day(one[0]) < since)

    def filled(duties: Duties) -> set[tuple[str, date, str]]:
        return {(person.id, shift.day, shift.post.id) for shift, person in duties}

    def cost(duties: Duties) -> tuple[int, int, int]:
        cells = {(who, day) for who, day, _post in filled(left) ^ filled(duties)}
        return len(cells), len({one for one, _day in cells}), objective.unfairness(part, duties)

    able = [
        duties
        for choice in product(part.people, repeat=len(part.shifts))
        for duties in [tuple(zip(part.shifts, choice, strict=True))]
        if keeps(fresh, (*past, *duties))
    ]
    assert (found.duties is None) is (not able)
    if found.duties is None:
        return
    assert [one.name for one in found.stages] == [CELLS, PEOPLE, FAIRNESS]
    assert cost(found.duties) == min(map(cost, able))
    assert cost(found.duties) == tuple(one.value for one in found.stages)
    assert cost(found.duties) == tuple(one.bound for one in found.stages)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(desks())
def test_a_core_cannot_be_kept_and_none_of_it_can_be_left_out(problem: RosterProblem) -> None:
    """Tried by hand: without any one of its demands some roster of its shifts is left."""
    lacks = shortage(problem, work=5)
    found = core(problem, [shift.index for shift, _count in lacks], work=5)
    assert bool(found) is bool(lacks) is (next(every(problem), None) is None)
    if not found:
        return

    def possible(demands: tuple[Demand, ...]) -> bool:
        kept = {one.shift for one in demands if one.rule == "cover"}
        bound = {(one.rule, one.person) for one in demands}
        shifts = [one for one in problem.shifts if one.index in kept]
        for choice in product(problem.people, repeat=len(shifts)):
            duties = tuple(zip(shifts, choice, strict=True))
            if all(
                keeps(
                    replace(problem, gaps=problem.gaps if ("gap", one.id) in bound else {}),
                    tuple(
                        (shift, person if ("leave", one.id) in bound else replace(person, leave=()))
                        for shift, person in duties
                        if person.id == one.id
                    ),
                )
                if ("rest", one.id) in bound
                else all(
                    (later.day - early.day).days >= problem.gaps.get("officer", 0)
                    for early, later in combinations(
                        sorted((s for s, p in duties if p.id == one.id), key=lambda s: s.start), 2
                    )
                    if ("gap", one.id) in bound
                )
                and all(
                    keeps(replace(problem, gaps={}), ((shift, person),))
                    for shift, person in duties
                    if person.id == one.id and ("leave", one.id) in bound
                )
                for one in problem.people
            ):
                return True
        return False

    assert not possible(found)
    for at in range(len(found)):
        assert possible(found[:at] + found[at + 1 :]), found[at]


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_a_gap_counts_days_between_starts(gap: int) -> None:
    """Two duties on days 0 and d: allowed from d = gap on."""
    shifts = tuple(
        Shift(day, MONDAY + timedelta(days=day), DAY, 1, day * 1440, day * 1440 + 1, ("total",))
        for day in (0, 2)
    )
    person = RosterPerson(id="o", roles=("officer",), leave=(), standby=(), carried={"total": 0})
    problem = RosterProblem(
        first=MONDAY, shifts=shifts, people=(person,), posts=(DAY,), weights={"total": 1}, provisional=False,
        standby={}, before=(), gaps={"officer": gap},
    )  # fmt: skip
    assert (fairest(problem, work=1) is not None) is (gap <= 2)


def test_duties_at_posts_of_another_part_are_none_of_a_repairs_business() -> None:
    """An officer leads now and is ill on the day of a night that he still holds."""
    problem, _facts = world(days(4), people(3, 3), [away("l0", 2, 2)])
    leaders, officers = sorted(problem.parts(), key=lambda part: part.posts[0].role)
    # the lead of that day has begun, and is no open shift any more
    leaders = replace(leaders, shifts=tuple(one for one in leaders.shifts if leaders.day(one) != 2))
    stood = tuple(zip(leaders.shifts, leaders.people, strict=True))
    foreign = (next(one for one in officers.shifts if officers.day(one) == 2), leaders.people[0])
    found = mend(leaders, (*stood, foreign), work=5)
    assert found == mend(leaders, stood, work=5)
    assert found.duties is not None
