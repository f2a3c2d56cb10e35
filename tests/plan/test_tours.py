"""Tours against every order of every set, tried one by one."""

from __future__ import annotations

from itertools import combinations, permutations
from math import asin, cos, floor, radians, sin, sqrt

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import SLOTS
from auditor.plan.options import options_of
from auditor.plan.problem import PlanProblem
from auditor.plan.tours import list_tours, roads_of
from plan.world import BEACON, FIELD_DAYS, START, errand, half_days, person

KINDS = (("fire",), ("food", "fire"), ("dorms",), ("fire", "transport"), ("food", "fire", "transport"))
places = st.tuples(
    st.floats(-0.15, 0.15, allow_nan=False), st.floats(-0.15, 0.15, allow_nan=False), st.sampled_from(KINDS)
)


def world(drawn: list[tuple[float, float, tuple[str, ...]]]) -> PlanProblem:
    """Errands at these places, two people who may do everything on one day."""
    errands = tuple(
        errand(f"u{number}", (START[0] + north, START[1] + east), *keys)
        for number, (north, east, keys) in enumerate(drawn)
    )
    day = FIELD_DAYS[0]
    return PlanProblem(
        start=START,
        errands=errands,
        staff=(person("P1", *half_days(day)), person("P2", *half_days(day))),
        days=(day,),
        windows={"main": (day, day)},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=tuple(one.unit for one in errands),
    )


def leg(a: tuple[float, float], b: tuple[float, float]) -> tuple[int, int]:
    """Metres and minutes of a leg, by the page."""
    p, q = radians(a[0]), radians(b[0])
    h = sin((q - p) / 2) ** 2 + cos(p) * cos(q) * sin(radians(b[1] - a[1]) / 2) ** 2
    far = floor(1.3 * 2 * 6371008.8 * asin(sqrt(h)) + 0.5)
    return far, (-(-far * 60 // 40000) + 3 if far else 0)


def drive(problem: PlanProblem, order: tuple[int, ...], slot: str) -> int | None:
    """Metres of a tour in this order, None if it cannot be driven."""
    now, here, driven = SLOTS[slot][0], problem.start, 0
    for at in order:
        one = problem.errands[at]
        if slot not in one.arrivals:
            return None
        far, minutes = leg(here, one.point)
        now = max(now + minutes, one.arrivals[slot][0])
        if now > one.arrivals[slot][1]:
            return None
        now, here, driven = now + one.minutes, one.point, driven + far
    far, minutes = leg(here, problem.start)
    return driven + far if now + minutes <= SLOTS[slot][1] else None


@settings(deadline=None, max_examples=40)
@given(st.lists(places, min_size=1, max_size=5))
def test_tours_are_all_there_are_and_the_shortest(
    drawn: list[tuple[float, float, tuple[str, ...]]],
) -> None:
    """For every half-day and set of errands: a tour exactly if some order works, and the shortest."""
    compare(world(drawn))


def test_a_later_but_shorter_way_to_the_same_stop_is_kept() -> None:
    """A kitchen has to be waited for, so the fastest way to a stop may be no part of the shortest tour."""
    compare(
        world(
            [
                (0.02, 0.04, ("fire",)),
                (0.05, 0.04, ("food",)),
                (0.02, 0.06, ("fire",)),
                (-0.02, 0.06, ("transport",)),
                (0.01, 0.01, ("fire",)),
            ]
        )
    )


def compare(problem: PlanProblem) -> None:
    """Fail unless the tours are those of every order tried one by one."""
    at_all = range(len(problem.errands))
    expected = {}
    for slot in SLOTS:
        for size in range(1, len(problem.errands) + 1):
            for chosen in combinations(at_all, size):
                found = [drive(problem, order, slot) for order in permutations(chosen)]
                driven = [metres for metres in found if metres is not None]
                if driven:
                    expected[slot, chosen] = min(driven)
    tours, complete = list_tours(problem, list(at_all), options_of(problem), roads_of(problem))
    assert complete
    assert {(tour.slot, tuple(sorted(tour.errands))): tour.metres for tour in tours} == expected
    for tour in tours:
        assert drive(problem, tour.errands, tour.slot) == tour.metres
    assert len(tours) == len(expected)


def test_two_visits_of_one_unit_share_no_tour() -> None:
    """A guard: they would be one visit."""
    problem = world([(0.01, 0.0, ("fire",)), (0.01, 0.0, ("transport",))])
    twins = tuple(errand("u0", one.point, *one.domains) for one in problem.errands)
    same = PlanProblem(
        **{
            **{name: getattr(problem, name) for name in PlanProblem.__dataclass_fields__},
            "errands": twins,
        }
    )
    tours, _ = list_tours(same, [0, 1], options_of(same), roads_of(same))
    assert {len(tour.errands) for tour in tours} == {1}


def test_a_limit_is_said() -> None:
    """Tours that stop growing are not called complete."""
    problem = world([(0.001 * number, 0.0, ("fire",)) for number in range(5)])
    tours, complete = list_tours(problem, range(5), options_of(problem), roads_of(problem), most=3)
    assert not complete
    assert {len(tour.errands) for tour in tours} == {1}
