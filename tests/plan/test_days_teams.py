"""Days first, then teams, against every assignment tried one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor import solving
from auditor.entities import Lots, Sortie, Staff, Stop
from auditor.plan import days as days_module
from auditor.plan import ranks
from auditor.plan import teams as teams_module
from auditor.plan.days import give_days, packs
from auditor.plan.departures import departures_of
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import apart, cars, forbidding, hours, mix, people
from auditor.plan.rules.even import leasts
from auditor.plan.teams import give_teams
from auditor.solving import Budget
from effort import MODELS, SMALL_MODELS
from plan.world import BEACON, FIELD_DAYS, START

DAYS = FIELD_DAYS[:3]
NAMES = ("P1", "P2", "P3", "P4", "P5")
World = tuple[PlanProblem, list[Sortie], dict[str, Lots]]
Sums = TypeVar("Sums", int, tuple[int, int])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two to four sorties, three days, five people, lots of everyone in some order."""
    random = Random(draw(st.integers(0, 1_000_000)))
    free = [f"{day}/morning" for day in DAYS]
    staff = tuple(
        Staff(
            id=name,
            domains=tuple(sorted(random.sample(("fire", "food"), random.randint(1, 2)))),
            free=tuple(half for half in free if random.random() < 0.75),
            share=random.randint(1, 3),
        )
        for name in NAMES
    )
    sorties, lots = [], {}
    for number in range(draw(st.integers(2, 4))):
        needs = tuple(sorted(random.sample(("fire", "food"), random.randint(1, 2))))
        stop = Stop(unit=f"u{number // 2}", draw="main", domains=needs, minutes=25, start=500)
        one = Sortie(key=f"S{number}", slot="morning", stops=(stop,), metres=0)
        teams = {}
        for day in random.sample(DAYS, len(DAYS)):
            there = [person for person in staff if f"{day}/morning" in person.free]
            valid = [
                (a.id, b.id) for a, b in combinations(there, 2) if set(needs) <= {*a.domains, *b.domains}
            ]
            random.shuffle(valid)
            if valid:
                teams[day] = tuple(valid)
        assume(teams)
        sorties.append(one)
        lots[one.key] = Lots(lead=stop.unit, days=tuple(teams), teams=teams)
    problem = without_errands(
        staff,
        windows={"main": (DAYS[0], DAYS[-1])},
        cars=draw(st.integers(1, 2)),
        shut={"u0": frozenset(free[:1])} if draw(st.booleans()) else {},
        departments=dict(zip(NAMES, "aabb", strict=False)) if draw(st.booleans()) else {},
        areas={"P1": frozenset(["u0"])} if draw(st.booleans()) else {},
        load=draw(st.sampled_from([None, None, 1])),
        even=draw(st.sampled_from([None, None, 2])),
        pairs=draw(st.sampled_from([None, None, 1])),
    )
    return problem, sorties, lots


def assignments(world: World, days: Mapping[str, str] | None = None) -> Iterator[dict[str, Given]]:
    """Every way to give each sortie a day and team of its lots, or a team on the days that are given."""
    _problem, sorties, lots = world
    options = [
        [
            Given(day, "morning", team, one.units)
            for day in ([days[one.key]] if days else lots[one.key].days)
            for team in lots[one.key].teams[day]
        ]
        for one in sorties
    ]
    for chosen in product(*options):
        yield {one.key: wish for one, wish in zip(sorties, chosen, strict=True)}


def stands(problem: PlanProblem, chosen: Mapping[str, Given], rules: Sequence[object] = ()) -> bool:
    """Whether no rule (or none of these) forbids one of the sorties."""
    for key, wish in chosen.items():
        others = {name: one for name, one in chosen.items() if name != key}
        if any(rule.forbids(problem, others, wish) for rule in rules):
            return False
        if not rules and forbidding(problem, others, wish):
            return False
    return True


def sums(world: World, chosen: Mapping[str, Given]) -> tuple[int, int]:
    """The sums of day ranks and team ranks."""
    lots = world[2]
    return (
        sum(lots[key].days.index(one.day) for key, one in chosen.items()),
        sum(lots[key].teams[one.day].index(one.team) for key, one in chosen.items()),
    )


def least(
    world: World,
    cost: Callable[[Mapping[str, Given]], Sums],
    days: Mapping[str, str] | None = None,
    rules: Sequence[object] = (),
) -> Sums | None:
    """The least cost of all assignments that stand; the rules are asked only of one that is cheaper."""
    best: Sums | None = None
    for one in assignments(world, days):
        here = cost(one)
        if (best is None or here < best) and stands(world[0], one, rules):
            best = here
    return best


FIRST = (people, cars, apart, mix, hours)
"""The rules that days obey; the others are left to the teams."""


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(worlds(), st.sampled_from([1, 8]))
def test_days_have_the_least_sum_of_ranks(world: World, first: int) -> None:
    """Proven, however few are offered at first; teams stand side by side on them."""
    problem, sorties, lots = world
    due = least(world, lambda one: sums(world, one)[0], rules=FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days_module, "FIRST", first)
        found = give_days(problem, sorties, lots, Budget(20.0))
    if due is None:
        assert (found.status, found.days) == (solving.IMPOSSIBLE, {})
        return
    assert (found.status, found.total, found.bound) == (solving.OPTIMAL, due, due)
    assert sum(lots[key].days.index(day) for key, day in found.days.items()) == due
    assert any(stands(problem, one, FIRST) for one in assignments(world, found.days))


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(worlds())
def test_days_with_seats_have_the_least_sum_that_leaves_everyone_room(world: World) -> None:
    """Shares, load and evenness are kept as well: the least sum of all assignments that keep them."""
    problem = replace(world[0], departments={}, pairs=None)
    _problem, sorties, lots = world
    seated = dict.fromkeys(lots, DAYS[0])
    found = give_days(problem, sorties, lots, Budget(20.0), seated=seated)
    due = least((problem, sorties, lots), lambda one: sums(world, one)[0])
    if due is None:
        assert (found.status, found.days) == (solving.IMPOSSIBLE, {})
        return
    assert (found.status, found.total) == (solving.OPTIMAL, due)
    assert any(stands(problem, one) for one in assignments(world, found.days))


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(worlds(), st.sampled_from([1, 24]))
def test_teams_have_the_least_sum_of_ranks_on_their_days(world: World, first: int) -> None:
    """With all rules kept, proven, however few teams are offered at first."""
    problem, sorties, lots = world
    days = {one.key: lots[one.key].days[0] for one in sorties}
    due = least(world, lambda one: sums(world, one)[1], days)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teams_module, "FIRST", first)
        found = give_teams(problem, sorties, lots, days, Budget(20.0))
    if due is None:
        assert (found.status, found.given) == (solving.IMPOSSIBLE, {})
        return
    assert (found.status, found.total, found.bound) == (solving.OPTIMAL, due, due)
    assert sums(world, found.given)[1] == due
    assert stands(problem, found.given)


@settings(deadline=None, max_examples=MODELS)
@given(worlds())
def test_days_and_teams_apart_give_up_no_more_days_than_together(world: World) -> None:
    """Where the days have teams under all rules: the same sum of days, the least of teams on these days."""
    problem, sorties, lots = world
    joint = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_CHOICES", 0)
        large = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    for even in range(problem.even or 0, joint.even or 0):
        closer = (replace(problem, even=even), sorties, lots)
        assert least(closer, lambda one: sums(world, one)) is None
    problem = replace(problem, even=joint.even)
    world = problem, sorties, lots
    best = least(world, lambda one: sums(world, one))
    assert bool(joint.given) is (best is not None)
    if best is not None:
        assert (joint.status, joint.day_sum, joint.team_sum) == (solving.OPTIMAL, *best)
        assert (joint.day_bound, joint.team_bound) == best
    if not large.given:
        return
    assert best is not None
    if large.even != joint.even:
        assert (large.even or 0) > (joint.even or 0)
        return
    assert stands(problem, large.given)
    assert (large.day_sum, large.team_sum) == sums(world, large.given)
    assert large.day_bound <= best[0] <= large.day_sum
    assert large.day_sum > best[0] or large.team_sum >= best[1]
    days = {key: one.day for key, one in large.given.items()}
    on_these = least(world, lambda one: sums(world, one)[1], days)
    assert on_these is not None
    assert large.team_bound <= on_these <= large.team_sum
    if large.status == solving.OPTIMAL:
        assert (large.day_bound, large.team_bound, on_these) == (
            large.day_sum,
            large.team_sum,
            large.team_sum,
        )


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([1 | 2, 1 | 4, 2 | 4, 8 | 16, 1 | 8, 2 | 16]), max_size=4), max_size=4),
    st.sampled_from([0, 2, 300]),
)
def test_teams_pack_exactly_if_some_choice_has_nobody_twice(choices: list[list[int]], tries: int) -> None:
    """Bits stand for people; by hand, by the solver, and where trying by hand has only begun."""
    due = any(all(not a & b for a, b in combinations(chosen, 2)) for chosen in product(*choices))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days_module, "TRIES", tries)
        assert packs(choices) is due


def test_a_half_day_of_sixty_people_packs_soon() -> None:
    """Thirty-one sorties for thirty teams, and thirty: trying one team after the other would not end."""
    people = range(60)
    anyone = [1 << one | 1 << other for one in people for other in people[one + 1 :: 7]]
    assert packs([anyone] * 30)
    assert not packs([anyone] * 31)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(1, 2),
)
def test_what_everyone_is_out_at_least_leaves_out_no_even_way(
    carried: list[int], sorties: int, even: int, team: int
) -> None:
    """Every way to share the seats that is even ends at one of these numbers."""
    problem = replace(
        world_of_people(len(carried)),
        even=even,
        team=team,
        carried=dict(zip(NAMES, carried, strict=False)),
    )
    own = [number - min(carried) for number in carried]
    ends = set()
    for seats in product(range(team * sorties + 1), repeat=len(own)):
        if sum(seats) != team * sorties:
            continue
        out = [one + more for one, more in zip(own, seats, strict=True)]
        if all(not more or one <= min(out) + even for one, more in zip(out, seats, strict=True)):
            ends.add(min(out))
    assert ends <= set(leasts(problem, sorties))


def world_of_people(count: int) -> PlanProblem:
    """A programme without errands for people who are all free once."""
    free = (f"{DAYS[0]}/morning",)
    return without_errands(
        tuple(Staff(id=name, domains=("fire",), free=free, share=1) for name in NAMES[:count])
    )


def without_errands(staff: tuple[Staff, ...], **changes: Any) -> PlanProblem:
    """A programme of three days for these people, whose sorties are given beside it."""
    facts: dict[str, Any] = {
        "start": START, "errands": (), "staff": staff, "days": DAYS, "windows": {}, "beacon_day": BEACON,
        "closed": {}, "strata": {}, "keep_order": (),
    }  # fmt: skip
    return PlanProblem(**facts | changes)


def test_a_half_day_whose_teams_all_share_one_person_takes_one_sortie() -> None:
    """Counts would let two go; packing them shows that they cannot, and the second takes its next day."""
    free = tuple(f"{day}/morning" for day in DAYS)
    staff = tuple(
        Staff(id=name, domains=("food",) if name == "P1" else ("fire",), free=free, share=3)
        for name in NAMES[:4]
    )
    sorties = [
        Sortie(
            key=f"S{at}",
            slot="morning",
            metres=0,
            stops=(Stop(unit=f"u{at}", draw="main", domains=("fire",), minutes=25, start=500),),
        )
        for at in range(2)
    ]
    teams = {day: (("P1", "P2"), ("P1", "P3")) for day in DAYS}
    lots = {one.key: Lots(lead="u", days=DAYS, teams=teams) for one in sorties}
    problem = without_errands(staff)
    found = give_days(problem, sorties, lots, Budget(5.0))
    assert (found.status, found.total, sorted(found.days.values())) == (solving.OPTIMAL, 1, list(DAYS[:2]))
    one_day = {key: replace(one, days=DAYS[:1]) for key, one in lots.items()}
    assert give_days(problem, sorties, one_day, Budget(5.0)).status == solving.IMPOSSIBLE


@pytest.mark.parametrize(
    ("share", "rules", "status"),
    [
        pytest.param(2, {}, solving.OPTIMAL, id="nothing asked"),
        pytest.param(1, {}, solving.IMPOSSIBLE, id="one half-day of the one who can"),
        pytest.param(2, {"load": 0}, solving.IMPOSSIBLE, id="nobody above the mean of one"),
        pytest.param(2, {"load": 1}, solving.OPTIMAL, id="one above the mean"),
        pytest.param(2, {"even": 1}, solving.IMPOSSIBLE, id="someone stays at home, so nobody goes twice"),
        pytest.param(2, {"even": 2}, solving.OPTIMAL, id="two apart"),
        pytest.param(2, {"areas": {"P1": frozenset(["u0"])}}, solving.IMPOSSIBLE, id="an own unit twice"),
        pytest.param(2, {"areas": {"P2": frozenset(["u0"])}}, solving.OPTIMAL, id="somebody else's unit"),
    ],
)
def test_days_with_seats_know_who_alone_holds_a_domain(
    share: int, rules: dict[str, object], status: str
) -> None:
    """P1 alone inspects food, at u0 twice: with seats the days say at once that this is too often."""
    free = tuple(f"{day}/morning" for day in DAYS)
    staff = tuple(
        Staff(id=name, domains=("food",) if name == "P1" else ("fire",), free=free, share=share)
        for name in NAMES[:4]
    )
    stop = Stop(unit="u0", draw="main", domains=("food",), minutes=25, start=500)
    sorties = [Sortie(key=f"S{at}", slot="morning", metres=0, stops=(stop,)) for at in range(2)]
    teams = {day: (("P1", "P2"), ("P1", "P3"), ("P1", "P4")) for day in DAYS}
    lots = {one.key: Lots(lead="u0", days=DAYS, teams=teams) for one in sorties}
    problem = without_errands(staff, **rules)
    found = give_days(problem, sorties, lots, Budget(5.0), seated=dict.fromkeys(lots, DAYS[0]))
    assert found.status == status
    assert sorted(found.days.values()) == (list(DAYS[:2]) if status == solving.OPTIMAL else [])


@pytest.mark.parametrize("even", [None, 0])
def test_days_that_leave_no_teams_are_given_again_with_seats(even: int | None) -> None:
    """P1 alone can go on the first two days, and once; so one of two waits for P2's day, evenness or not.

    P3 goes both times and P4 never, which is two apart.
    """
    free = {"P1": DAYS[:2], "P2": DAYS[2:], "P3": DAYS, "P4": DAYS}
    staff = tuple(
        Staff(
            id=name,
            domains=("food",) if name in ("P1", "P2") else ("fire",),
            free=tuple(f"{day}/morning" for day in days),
            share=1 if name == "P1" else 3,
        )
        for name, days in free.items()
    )
    stops = [Stop(unit=f"u{at}", draw="main", domains=("food",), minutes=25, start=500) for at in range(2)]
    sorties = [Sortie(key=f"S{at}", slot="morning", metres=0, stops=(one,)) for at, one in enumerate(stops)]
    teams = {day: ((own, "P3"),) for day, own in zip(DAYS, ("P1", "P1", "P2"), strict=True)}
    lots = {one.key: Lots(lead="u", days=DAYS, teams=teams) for one in sorties}
    problem = without_errands(staff, even=even)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_CHOICES", 0)
        found = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    assert sorted(one.day for one in found.given.values()) == [DAYS[0], DAYS[2]]
    assert (found.day_sum, found.day_bound, found.status) == (2, 1, solving.FEASIBLE)
    assert stands(replace(problem, even=found.even), found.given)
    assert found.even == (None if even is None else 2)
    joint = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    assert (joint.day_sum, joint.day_bound, joint.status) == (2, 2, solving.OPTIMAL)


@pytest.mark.parametrize("most_choices", [ranks.MOST_CHOICES, 0], ids=["jointly", "days before teams"])
@pytest.mark.parametrize(
    ("asked", "even", "teams"),
    [
        pytest.param(None, None, [("P1", "P2"), ("P1", "P2")], id="not asked"),
        pytest.param(2, 2, [("P1", "P2"), ("P1", "P2")], id="two apart"),
        pytest.param(1, 1, [("P1", "P2"), ("P1", "P3")], id="one apart"),
        pytest.param(
            0, 1, [("P1", "P2"), ("P1", "P3")], id="four seats of three people are one apart at best"
        ),
    ],
)
def test_evenness_is_widened_by_as_little_as_there_is(
    most_choices: int, asked: int | None, even: int | None, teams: list[tuple[str, str]]
) -> None:
    """Two sorties, three people who may do everything; by lot the same two would go twice."""
    free = tuple(f"{day}/morning" for day in DAYS)
    staff = tuple(Staff(id=name, domains=("fire",), free=free, share=3) for name in NAMES[:3])
    stops = [Stop(unit=f"u{at}", draw="main", domains=("fire",), minutes=25, start=500) for at in range(2)]
    sorties = [Sortie(key=f"S{at}", slot="morning", metres=0, stops=(one,)) for at, one in enumerate(stops)]
    order = {day: (("P1", "P2"), ("P1", "P3"), ("P2", "P3")) for day in DAYS}
    lots = {one.key: Lots(lead="u", days=(DAYS[at],), teams=order) for at, one in enumerate(sorties)}
    problem = without_errands(staff, even=asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_CHOICES", most_choices)
        found = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    assert sorted(one.team for one in found.given.values()) == teams
    assert (found.even, found.team_sum) == (even, int(teams[0] != teams[1]))
    assert found.status == solving.OPTIMAL


SHUT = "D9"
ROOMY = PlanProblem(
    start=START,
    errands=(),
    staff=tuple(
        Staff(
            id=name,
            domains=("fire",),
            free=tuple(f"{day}/morning" for day in (*FIELD_DAYS[:5], SHUT)),
            share=9,
        )
        for name in "abcdefgijxy"
    ),
    days=(*FIELD_DAYS[:5], SHUT),
    windows={},
    beacon_day=BEACON,
    closed={},
    strata={},
    keep_order=(),
    cars=3,
    shut=dict.fromkeys(("s0", "s1", "s2"), frozenset([f"{SHUT}/morning"])),
)
"""People enough, and a day on which no unit is open in the morning though lots have it."""


def few_offered(
    narrow: tuple[int, int], problem: PlanProblem, of: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[int, int]:
    """Rank sorties by these days with their teams, so many of each offered at first; the proven sums."""
    sorties, lots = [], {}
    for key, days in of.items():
        stop = Stop(unit=key.lower(), draw="main", domains=("fire",), minutes=25, start=500)
        sorties.append(Sortie(key=key, slot="morning", metres=0, stops=(stop,)))
        teams = {day: tuple((team[0], team[1]) for team in some) for day, some in days.items()}
        lots[key] = Lots(lead=stop.unit, days=tuple(days), teams=teams)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "NARROW", narrow)
        found = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    assert found.status == solving.OPTIMAL
    assert (found.day_bound, found.team_bound) == (found.day_sum, found.team_sum)
    return found.day_sum, found.team_sum


@pytest.mark.parametrize("most", [2, 3])
def test_a_better_answer_beyond_what_was_offered_is_found(most: int) -> None:
    """Among the first two all three give up one rank; best is that one gives up two and the others none."""
    first, _second, third, fourth, fifth = FIELD_DAYS[:5]
    of_teams = {
        "S0": {first: ["ab", "bc"]},
        "S1": {first: ["ef", "fg"]},
        "S2": {first: ["bf", "ae", "ij"]},
    }
    assert few_offered((8, most), ROOMY, of_teams) == (0, 2)
    of_days = {
        "S0": {key: ["ab"] for key in (first, third)},
        "S1": {key: ["ab"] for key in (third, fourth)},
        "S2": {key: ["ab"] for key in (SHUT, first, fifth)},
    }
    assert few_offered((most, 12), replace(ROOMY, cars=1), of_days) == (2, 0)


@pytest.mark.parametrize("most", [2, 3])
def test_as_many_days_with_fewer_teams_are_found_beyond_what_was_offered(most: int) -> None:
    """One gives up two days, or two give up one each, of whom one has a team of one department first."""
    first, second, third, fourth, _fifth = FIELD_DAYS[:5]
    of = {
        "S0": {first: ["ac"], second: ["ab", "ac"]},
        "S1": {third: ["ac"]},
        "S2": {key: ["ac"] for key in (SHUT, first, fourth)},
    }
    departments = {"a": "安全", "b": "安全", "c": "体卫"}
    problem = replace(ROOMY, cars=1, departments=departments)
    assert few_offered((most, 12), problem, of) == (2, 0)


@pytest.mark.parametrize("most", [1, 3])
def test_fewer_days_with_later_teams_are_found_beyond_what_was_offered(most: int) -> None:
    """With the first teams one goes a day later; with a third team both go at once, and days weigh more."""
    first, second = FIELD_DAYS[:2]
    of = {"S0": {first: ["ab", "bx", "cd"]}, "S1": {first: ["ab", "ay"], second: ["ab"]}}
    assert few_offered((8, most), ROOMY, of) == (0, 2)


def everybody(share: int) -> tuple[Staff, ...]:
    """Four people who may do everything and are free every morning."""
    free = tuple(f"{day}/morning" for day in DAYS)
    return tuple(Staff(id=name, domains=("fire",), free=free, share=share) for name in NAMES[:4])


@pytest.mark.parametrize("most_choices", [ranks.MOST_CHOICES, 0], ids=["jointly", "days before teams"])
@pytest.mark.parametrize(
    ("rule", "unit", "second", "facts", "due"),
    [
        ("people", "u1", (DAYS[0], DAYS[2]), {}, (0, 1)),
        ("cars", "u1", (DAYS[0], DAYS[2]), {"cars": 1}, (1, 0)),
        ("half-days", "u1", DAYS[1:], {"staff": everybody(share=1)}, (0, 1)),
        ("apart", "u0", (DAYS[0], DAYS[2]), {}, (1, 0)),
        ("mix", "u1", DAYS[1:], {"departments": dict(zip(NAMES, "aabc", strict=False))}, (0, 2)),
        ("hours", "u1", DAYS[1:], {"shut": {"u1": frozenset([f"{DAYS[1]}/morning"])}}, (1, 0)),
        ("again", "u0", DAYS[1:], {"areas": {"P1": frozenset(["u0"])}}, (0, 1)),
        ("load", "u1", DAYS[1:], {"load": 0}, (0, 1)),
        ("even", "u1", DAYS[1:], {"even": 1}, (0, 1)),
        ("pairs", "u1", DAYS[1:], {"pairs": 1}, (0, 1)),
    ],
)
def test_each_rule_forbids_the_lot_of_one_of_two_sorties(
    rule: str,
    unit: str,
    second: tuple[str, ...],
    facts: dict[str, object],
    due: tuple[int, int],
    most_choices: int,
) -> None:
    """By lot P1 and P2 go first to u0, then to this unit. Where they are out already, that is told first."""
    known: dict[str, object] = {
        "start": START,
        "errands": (),
        "staff": everybody(share=3),
        "days": DAYS,
        "windows": {},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {},
        "keep_order": (),
    }
    problem = PlanProblem(**{**known, **facts})
    sorties, lots = [], {}
    for key, own, days in (("S0", "u0", DAYS[:1]), ("S1", unit, second)):
        stop = Stop(unit=own, draw="main", domains=("fire",), minutes=25, start=500)
        sorties.append(Sortie(key=key, slot="morning", metres=0, stops=(stop,)))
        teams = dict.fromkeys(days, (("P1", "P2"), ("P3", "P4")))
        lots[key] = Lots(lead=own, days=tuple(days), teams=teams)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_CHOICES", most_choices)
        found = ranks.rank(problem, sorties, lots, {}, Budget(20.0))
    assert (found.status, found.day_sum, found.team_sum) == (solving.OPTIMAL, *due)
    named = {one.rule for one in departures_of(problem, sorties, lots, found.given)}
    assert named == {"people" if second[0] == DAYS[0] else rule}
