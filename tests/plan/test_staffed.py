"""Bundling with scarce staff against every partition and every staffing, tried one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor import solving
from auditor.entities import SLOTS, Staff
from auditor.plan import options as options_module
from auditor.plan import staffed
from auditor.plan.columns import half_day
from auditor.plan.company import company_of
from auditor.plan.given import Given
from auditor.plan.joining import Joiner
from auditor.plan.limits import limits_of
from auditor.plan.options import Option, options_of
from auditor.plan.prices import Field
from auditor.plan.problem import Errand, PlanProblem
from auditor.plan.roads import drive, roads_of
from auditor.plan.rules import forbidding
from auditor.plan.staffed import Staffed, StaffedTour, bundle_staffed
from auditor.solving import Budget
from effort import SMALL_MODELS
from plan.orders import FIXED, Column, covers, every_column, worlds
from plan.test_prices import reachable
from plan.world import BEACON, FIELD_DAYS, START, errand, person

DAYS = FIELD_DAYS[:2]
SKILLS = ("fire", "food")


def staffable(problem: PlanProblem, sorties: Sequence[Column]) -> bool:
    """Whether days and pairs can be found for these sorties, by trying them all."""
    people = {one.id: one for one in problem.staff}
    pairs = [(a, b) for a in people for b in people if a < b]
    out: list[tuple[str, str, tuple[str, str], set[str]]] = []

    def go(number: int) -> bool:
        if number == len(sorties):
            return True
        slot, members = sorties[number]
        wanted = {key for at in members for key in problem.errands[at].domains}
        units = {problem.errands[at].unit for at in members}
        for day, pair in product(problem.days, pairs):
            team = [people[one] for one in pair]
            here = [other for other in out if other[:2] == (day, slot)]
            if (
                all(f"{day}/{slot}" in one.free for one in team)
                and wanted <= {key for one in team for key in one.domains}
                and not any(set(one.conflict_units) & units for one in team)
                and not any(day in problem.closed.get(unit, ()) for unit in units)
                and len(here) < problem.cars
                and not any(set(pair) & set(other[2]) for other in here)
                and not any(units & other[3] for other in here)
                and all(sum(one in other[2] for other in out) < people[one].share for one in pair)
                and (problem.pairs is None or sum(other[2] == pair for other in out) < problem.pairs)
            ):
                out.append((day, slot, pair, units))
                if go(number + 1):
                    return True
                out.pop()
        return False

    return go(0)


@st.composite
def peopled(draw: st.DrawFn) -> PlanProblem:
    """Errands of a small world that can be reached, three or four people with few half-days."""
    problem = draw(worlds(5))
    if len(problem.errands) > 1 and draw(st.booleans()):
        one, other, *rest = problem.errands
        problem = replace(problem, errands=(one, replace(other, unit=one.unit, draw="floor"), *rest))
    there = reachable(problem)
    assume(there)
    errands = [
        replace(one, domains=draw(st.sampled_from([SKILLS, *((key,) for key in SKILLS)])))
        for one in problem.errands
    ]
    half_days = [f"{day}/{slot}" for day in DAYS for slot in SLOTS]
    staff = tuple(
        Staff(
            id=f"P{number}",
            domains=tuple(sorted(draw(st.sets(st.sampled_from(SKILLS), min_size=1)))),
            conflict_units=("u0",) if draw(st.integers(0, 5)) == 0 else (),
            free=tuple(half for half in half_days if draw(st.integers(0, 3)) > 0),
            share=draw(st.integers(1, 4)),
        )
        for number in range(draw(st.integers(3, 4)))
    )
    return replace(
        problem,
        errands=tuple(errands[at] for at in there),
        staff=staff,
        days=DAYS,
        windows={"main": (DAYS[0], DAYS[-1]), "floor": (DAYS[0], DAYS[-1])},
        closed={"u1": frozenset(DAYS[:1])},
        cars=draw(st.integers(1, 2)),
        pairs=draw(st.sampled_from([None, None, 1])),
        company=None,
    )


def together(problem: PlanProblem, *, shortest: bool = True, share: float = 1.0) -> Staffed:
    """Bundle all errands with their staff."""
    roads, count = roads_of(problem), len(problem.errands)
    halves = tuple(half_day(problem, roads, range(count), slot) for slot in SLOTS)
    field = Field(halves, FIXED, limits_of(problem, share), count)
    return bundle_staffed(problem, field, options_of(problem), range(count), Budget(20.0), shortest=shortest)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled())
def test_a_bundling_is_the_cheapest_that_can_be_staffed(problem: PlanProblem) -> None:
    """The same metres as trying everything, and impossible exactly where nothing fits."""
    table = every_column(problem)
    everything = frozenset(range(len(problem.errands)))
    costs = [
        sum(table[one] + FIXED for one in chosen)
        for chosen in covers(everything, table)
        if staffable(problem, chosen)
    ]
    found = together(problem)
    assert together(problem, shortest=False).found is bool(costs)
    if not costs:
        assert found.status == solving.IMPOSSIBLE
        return
    assert (found.status, found.objective_m, found.bound_m) == (solving.OPTIMAL, min(costs), min(costs))
    assert sorted(at for _slot, members, _option in found.tours for at in members) == sorted(everything)
    assert all(list(SLOTS)[slot] == option.slot for slot, _members, option in found.tours)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled())
def test_a_crowded_half_day_bounds_the_listed_one(problem: PlanProblem) -> None:
    """Without listed teams the model is a relaxation: possible whenever it was, and never dearer."""
    listed = together(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options_module, "MOST_FREE", 0)
        assert all(not option.team for option in options_of(problem).all)
        relaxed = together(problem)
    if listed.found:
        assert relaxed.found
        assert relaxed.objective_m <= listed.objective_m


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled())
def test_offering_few_tours_first_changes_no_result(problem: PlanProblem) -> None:
    """From one tour on, widened as far as a better bundling could lie: cost and proof of the whole."""
    whole = together(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staffed, "FIRST", 1)
        few = together(problem)
    assert (few.status, few.objective_m, few.bound_m) == (whole.status, whole.objective_m, whole.bound_m)


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled(), st.integers(1, 30))
def test_what_few_columns_find_is_never_called_more_than_it_is(problem: PlanProblem, most: int) -> None:
    """Where the search for columns ends early: no false optimum, bound or impossibility."""
    whole = together(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staffed, "MOST_LABELS", most)
        some = together(problem)
    if some.status == solving.IMPOSSIBLE or not whole.found:
        assert not whole.found
        assert not some.found
    elif some.found:
        assert some.bound_m <= whole.objective_m <= some.objective_m
        assert some.status == solving.FEASIBLE or some.objective_m == whole.objective_m


@pytest.mark.parametrize(("most_free", "listed"), [(8, True), (1, False)], ids=["listed", "crowded"])
@pytest.mark.parametrize(("people", "status"), [(2, solving.IMPOSSIBLE), (4, solving.OPTIMAL)])
def test_visits_of_different_days_share_the_room_of_those_they_have_in_common(
    people: int, status: str, most_free: int, listed: bool
) -> None:
    """Three visits on two evenings, one on the first only, one on the second only; a third is spare."""
    days = FIELD_DAYS[:3]
    half_days = tuple(f"{day}/evening" for day in days)
    north = (0.12, -0.12, 0.24)
    problem = PlanProblem(
        start=START,
        errands=tuple(
            errand(f"u{at}", (START[0] + far, START[1] + far), "dorms") for at, far in enumerate(north)
        ),
        staff=tuple(person(f"P{number}", *half_days) for number in range(people)),
        days=days,
        windows={"main": (days[0], days[-1])},
        beacon_day=BEACON,
        closed={"u0": frozenset(days[1:]), "u1": frozenset(days[2:]), "u2": frozenset([days[0], days[2]])},
        strata={},
        keep_order=("u0", "u1", "u2"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options_module, "MOST_FREE", most_free)
        assert all(
            bool(option.team) is listed for option in options_of(problem).all if option.slot == "evening"
        )
        assert together(problem).status == status


@pytest.mark.parametrize(
    ("people", "status"), [(2, solving.IMPOSSIBLE), (3, solving.IMPOSSIBLE), (4, solving.OPTIMAL)]
)
def test_staffing_counts_each_person_once(people: int, status: str) -> None:
    """Two visits far apart in the evening of one day need two pairs."""
    day = DAYS[0]
    problem = PlanProblem(
        start=START,
        errands=(
            errand("u0", (START[0] + 0.12, START[1]), "dorms"),
            errand("u1", (START[0] - 0.12, START[1]), "dorms"),
        ),
        staff=tuple(person(f"P{number}", f"{day}/evening") for number in range(people)),
        days=(day,),
        windows={"main": (day, day)},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=("u0", "u1"),
    )
    assert together(problem).status == status


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled(), st.booleans())
def test_what_joins_by_hand_is_staffed(problem: PlanProblem, crowded: bool) -> None:
    """Each errand is in one tour that its option serves, all of them stand side by side; alone, if it can."""
    roads, count = roads_of(problem), len(problem.errands)

    def drives(slot: int, errands: tuple[int, ...]) -> bool:
        once = len(units_of(problem, errands)) == len(errands)
        return once and drive(problem, roads, list(SLOTS)[slot], errands) is not None

    with pytest.MonkeyPatch.context() as patch:
        if crowded:
            patch.setattr(options_module, "MOST_FREE", 0)
        options = options_of(problem)
        found = together(problem, shortest=False).found
    joiner = Joiner(problem, options, limits_of(problem, 1.0), drives, roads)
    joined = joiner.joined((), range(count))
    assert found or joined is None
    if count == 1:
        assert (joined is not None) is found
    if joined is None:
        return
    assert sorted(at for _slot, members, _option in joined for at in members) == list(range(count))
    assert all(slot == list(SLOTS).index(option.slot) for slot, _members, option in joined)
    assert all(drives(slot, members) for slot, members, _option in joined)
    out = {
        str(number): Given(option.day, option.slot, option.team, units_of(problem, members))
        for number, (_slot, members, option) in enumerate(joined)
    }
    assert all(
        not forbidding(problem, {other: given for other, given in out.items() if other != key}, wish)
        for key, wish in out.items()
    )
    assert all(
        {domain for at in members for domain in problem.errands[at].domains}
        <= {domain for one in problem.staff if one.id in option.team for domain in one.domains}
        for _slot, members, option in joined
    )
    assert all(one.day not in problem.closed.get(unit, ()) for one in out.values() for unit in one.units)
    for day, slot in {(one.day, one.slot) for one in out.values()}:
        assert sum((one.day, one.slot) == (day, slot) for one in out.values()) <= problem.cars


def units_of(problem: PlanProblem, errands: Sequence[int]) -> frozenset[str]:
    """Give the units of errands."""
    return frozenset(problem.errands[at].unit for at in errands)


def test_a_unit_joins_the_sorties_that_go_already() -> None:
    """Beside a tour of one errand: with it, where its team can see both in time."""
    one = errand("u0", START, "fire")
    free = [f"{day}/{slot}" for day in DAYS for slot in SLOTS]
    problem = PlanProblem(
        start=START,
        errands=(one, replace(one, unit="u1")),
        staff=(person("P1", *free), person("P2", *free)),
        days=DAYS,
        windows={"main": (DAYS[0], DAYS[-1]), "floor": (DAYS[0], DAYS[-1])},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=("u0", "u1"),
    )
    options = options_of(problem)
    roads = roads_of(problem)
    joiner = Joiner(problem, options, limits_of(problem, 1.0), lambda slot, errands: True, roads)
    (first,) = joiner.joined((), [0]) or ()
    assert joiner.joined([first], [1]) == ((first[0], (0, 1), first[2]),)
    apart = Joiner(problem, options, limits_of(problem, 1.0), lambda slot, errands: len(errands) == 1, roads)
    assert [members for _slot, members, _option in apart.joined([first], [1]) or ()] == [(0,), (1,)]


def always_free(*errands: Errand) -> PlanProblem:
    """These errands, and four people who may do everything at any time."""
    free = [f"{day}/{slot}" for day in DAYS for slot in SLOTS]
    return PlanProblem(
        start=START,
        errands=errands,
        staff=tuple(person(f"P{at}", *free) for at in range(4)),
        days=DAYS,
        windows={"main": (DAYS[0], DAYS[-1]), "floor": (DAYS[0], DAYS[-1])},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=tuple(sorted({one.unit for one in errands})),
    )


def test_a_unit_joins_the_nearest_sortie() -> None:
    """Of two that could take it the one that stops nearer, though the other comes first."""
    one, far = errand("u0", START, "fire"), (START[0] + 0.1, START[1])
    problem = always_free(one, replace(one, unit="u1", point=far), replace(one, unit="u2", point=far))
    options, roads = options_of(problem), roads_of(problem)
    joiner = Joiner(problem, options, limits_of(problem, 1.0), lambda slot, errands: True, roads)
    alone = Joiner(problem, options, limits_of(problem, 1.0), lambda slot, errands: len(errands) == 1, roads)
    two = alone.joined((), [0, 1]) or ()
    assert [members for _slot, members, _option in joiner.joined(two, [2]) or ()] == [(0,), (1, 2)]


def test_no_errand_joins_a_sortie_that_a_rule_keeps_it_from() -> None:
    """A unit's second visit joins neither sortie of the half-day of its first: it goes out on its own."""
    one = errand("u0", START, "fire")
    problem = always_free(one, replace(one, domains=("transport",)), replace(one, unit="u1"))
    options, roads = options_of(problem), roads_of(problem)
    joiner = Joiner(
        problem, options, limits_of(problem, 1.0), lambda slot, errands: set(errands) != {0, 1}, roads
    )
    here = [
        (0, (at,), Option(DAYS[0], "morning", team)) for at, team in ((0, ("P0", "P1")), (2, ("P2", "P3")))
    ]
    joined = joiner.joined(here, [1]) or ()
    assert [members for _slot, members, _option in joined] == [(0,), (2,), (1,)]
    assert (joined[2][2].day, joined[2][2].slot) != (DAYS[0], "morning")


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(peopled(), st.integers(0, 4))
def test_groups_join_in_their_order_each_whole_or_not_at_all(problem: PlanProblem, asked: int) -> None:
    """As asking for one after the other says, as long as it is not over."""
    roads, count = roads_of(problem), len(problem.errands)

    def drives(slot: int, errands: tuple[int, ...]) -> bool:
        return drive(problem, roads, list(SLOTS)[slot], errands) is not None

    joiner = Joiner(problem, options_of(problem), limits_of(problem, 1.0), drives, roads)
    groups = [list(range(at, min(at + 2, count))) for at in range(0, count, 2)]
    left = iter(range(asked))
    tours = joiner.placed((), groups, lambda: next(left, None) is None)
    known: tuple[StaffedTour, ...] = ()
    for group in groups[:asked]:
        known = joiner.joined(known, group) or known
    assert tours == known
    there = {at for _slot, members, _option in tours for at in members}
    assert all(there.issuperset(group) or there.isdisjoint(group) for group in groups)


def test_two_visits_of_a_unit_need_two_half_days() -> None:
    """Two teams are free on one morning: that serves two units, and one of two visits of one unit."""
    mornings = tuple(f"{day}/morning" for day in DAYS)

    def bundled(name: str, days: int) -> Staffed:
        visits = (errand("u0", START, "fire"), errand(name, START, "transport"))
        problem = PlanProblem(
            start=START,
            errands=tuple(replace(one, arrivals={"morning": (480, 600)}) for one in visits),
            staff=tuple(person(f"P{at}", *mornings[:days]) for at in range(4)),
            days=DAYS,
            windows={"main": (DAYS[0], DAYS[-1])},
            beacon_day=BEACON,
            closed={},
            strata={},
            keep_order=("u0", "u1"),
        )
        roads, count = roads_of(problem), 2
        halves = tuple(half_day(problem, roads, range(count), slot) for slot in SLOTS)
        field = Field(halves, FIXED, limits_of(problem, 1.0), count, company_of(problem, roads))
        return bundle_staffed(problem, field, options_of(problem), range(count), Budget(5.0))

    assert bundled("u1", 1).found
    assert bundled("u0", 1).status == solving.IMPOSSIBLE
    assert bundled("u0", 2).found
