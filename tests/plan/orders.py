"""Small random problems, and what every order of every set of their errands says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from random import Random

from hypothesis import strategies as st

from auditor.entities import SLOTS
from auditor.plan.problem import Errand, PlanProblem, Travel
from plan.world import BEACON, FIELD_DAYS, START

FIXED = 10_000
Column = tuple[str, tuple[int, ...]]


@st.composite
def worlds(draw: st.DrawFn, most: int = 6) -> PlanProblem:
    """Up to six errands at few places, by a table longer there than back; one place is out of reach."""
    count = draw(st.integers(0, most))
    random = Random(draw(st.integers(0, 1_000_000)))
    places = [(random.randint(-20_000, 20_000), random.randint(-20_000, 20_000)) for _ in range(4)]
    at = [draw(st.integers(0, 3)) for _ in range(count)]
    lost = draw(st.sampled_from([None, 3]))
    # the shortest visit says how finely time is counted, and a minute costs seven times as much
    shortest = draw(st.sampled_from([7, 7, 7, 1]))
    points = [*(places[one] for one in at), (0, 0)]
    metres = [[0] * len(points) for _ in points]
    minutes = [[0] * len(points) for _ in points]
    for a, one in enumerate(points):
        for b, other in enumerate(points):
            far = abs(one[0] - other[0]) + abs(one[1] - other[1])
            if far:
                metres[a][b] = far + (3_000 if other[0] > one[0] else 0)
                minutes[a][b] = metres[a][b] // 700 + random.randint(1, 9)
                if lost is not None and places[lost] in (one, other):
                    minutes[a][b] = 10_000
    errands = []
    for number in range(count):
        spans = {}
        for slot, (opens, closes) in SLOTS.items():
            if random.random() < 0.7:
                first = random.randint(opens, closes - 60)
                spans[slot] = (first, random.randint(first, closes - 20))
        errands.append(
            Errand(
                unit=f"u{number}",
                draw="main",
                domains=("fire",),
                minutes=random.choice((shortest, 7, 25, 60)),
                point=START,
                arrivals=spans,
            )
        )
    names = {one.unit: row for row, one in enumerate(errands)} | {"": count}
    return PlanProblem(
        start=START,
        errands=tuple(errands),
        staff=(),
        days=FIELD_DAYS[:1],
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=tuple(one.unit for one in errands),
        travel=Travel(places=names, metres=metres, minutes=minutes),
        company=draw(st.sampled_from([None, 1, 2])),
        near_m=draw(st.sampled_from([0, 6_000])),
        townships={one.unit: draw(st.sampled_from(["", "t", "s"])) for one in errands},
    )


def driven(problem: PlanProblem, order: Sequence[int], slot: str) -> int | None:
    """Metres of the stops in this order; None where one comes too late, or after any the team is not home."""
    table = problem.travel
    assert table is not None
    here, now, metres = "", SLOTS[slot][0], 0
    for at in order:
        one = problem.errands[at]
        if slot not in one.arrivals:
            return None
        a, b, home = (table.places[name] for name in (here, one.unit, ""))
        now = max(now + table.minutes[a][b], one.arrivals[slot][0])
        if now > one.arrivals[slot][1] or now + one.minutes + table.minutes[b][home] > SLOTS[slot][1]:
            return None
        here, now, metres = one.unit, now + one.minutes, metres + table.metres[a][b]
    return metres + table.metres[table.places[here]][table.places[""]]


def every_column(problem: PlanProblem) -> dict[Column, int]:
    """The metres of the shortest order of every set that one team can visit in a half-day."""
    found: dict[Column, int] = {}
    for slot in SLOTS:
        alone = [at for at in range(len(problem.errands)) if driven(problem, [at], slot) is not None]
        for size in range(1, len(alone) + 1):
            for members in combinations(alone, size):
                tours = [driven(problem, order, slot) for order in permutations(members)]
                good = [metres for metres in tours if metres is not None]
                if good and len({problem.errands[at].unit for at in members}) == size:
                    found[slot, members] = min(good)
    return found


def too_many(problem: PlanProblem, members: Sequence[int]) -> bool:
    """Whether more stops than `company` lie near one of them, itself counted."""
    table = problem.travel
    assert table is not None
    for one in members:
        near = 0
        for other in members:
            a, b = (table.places[problem.errands[at].unit] for at in (one, other))
            town = problem.townships[problem.errands[one].unit]
            same = town and town == problem.townships[problem.errands[other].unit]
            near += bool(same or min(table.metres[a][b], table.metres[b][a]) < problem.near_m)
        if problem.company is not None and near > problem.company:
            return True
    return False


def covers(rest: frozenset[int], table: Mapping[Column, int]) -> Iterator[list[Column]]:
    """Every way to cover each errand by exactly one set in one half-day."""
    if not rest:
        yield []
        return
    first = min(rest)
    for slot, members in table:
        if first in members and rest.issuperset(members):
            for others in covers(rest - set(members), table):
                yield [(slot, members), *others]
