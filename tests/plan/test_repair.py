"""Repairs against every possible repair of tiny problems, and on random ones against the twin."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from random import Random
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from auditor.entities import SLOTS, Sortie, Staff, Stop
from auditor.plan import offers
from auditor.plan.changes import MOVES, NOTHING, SEATS, Cost
from auditor.plan.check import PlanFacts
from auditor.plan.check_repair import RepairFacts, check_repair
from auditor.plan.given import Given
from auditor.plan.least_change import Found, bounds
from auditor.plan.problem import PlanProblem
from auditor.plan.repair import Repaired, repair
from auditor.plan.rules import RULES, forbidding
from plan.world import BEACON, DOMAINS, FIELD_DAYS, START

DAYS = FIELD_DAYS[:4]


def sortie(key: str, *units: str, slot: str = "morning", domains: Sequence[str] = ("fire",)) -> Sortie:
    """A sortie to these units."""
    minutes = sum(DOMAINS[key].minutes for key in domains)
    stops = tuple(
        Stop(unit=unit, draw="main", domains=tuple(domains), minutes=minutes, start=500 + 60 * at)
        for at, unit in enumerate(units)
    )
    return Sortie(key=key, slot=slot, stops=stops, metres=0)


def person(name: str, *days: str, domains: Sequence[str] = ("fire",), share: int = 9, **more: Any) -> Staff:
    """Somebody free in the mornings of these days, all where none are named."""
    free = tuple(sorted(f"{day}/{slot}" for day in (days or DAYS) for slot in ("morning", "afternoon")))
    return Staff(id=name, domains=tuple(sorted(domains)), free=free, share=share, **more)


def problem(*staff: Staff, days: Sequence[str] = DAYS, **more: Any) -> PlanProblem:
    """A problem without errands: a repair looks at sorties only."""
    facts: dict[str, Any] = {
        "start": START, "errands": (), "staff": staff, "days": tuple(days),
        "windows": {"main": (days[0], days[-1])}, "beacon_day": BEACON,
        "closed": {}, "strata": {}, "keep_order": (), "cars": 9,
    }  # fmt: skip
    return PlanProblem(**{**facts, **more})


def out(day: str, *team: str, of: Sortie) -> Given:
    """A sortie's day and team."""
    return Given(day, of.slot, team, of.units)


def ill(who: str, *days: str) -> dict[str, list[str]]:
    """Somebody is away on these days."""
    return {who: [f"{day}/{slot}" for day in days for slot in SLOTS]}


@dataclass(frozen=True)
class Case:
    """A plan and what happened to it."""

    problem: PlanProblem
    sorties: Sequence[Sortie]
    given: Mapping[str, Given]
    frozen: Collection[str] = ()
    absent: Mapping[str, Collection[str]] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    since: str = ""

    def repaired(self) -> Repaired:
        return repair(
            self.problem, self.sorties, self.given, frozen=self.frozen, absent=self.absent,
            moved=self.moved, since=self.since,
        )  # fmt: skip


def possible(case: Case, one: Sortie) -> Iterator[Given | None]:
    """All that a sortie may be given by itself, said again from the facts; None leaves it out."""
    now = case.given.get(one.key)
    if one.key in case.frozen:
        yield now
        return
    yield None
    wanted = {key for stop in one.stops for key in stop.domains}
    for day in case.problem.days:
        first, last = case.problem.windows["main"]
        if not first <= day <= last or any(day in case.problem.closed.get(unit, ()) for unit in one.units):
            continue
        if case.moved.get(one.key, day) != day or (day < case.since and (now is None or now.day != day)):
            continue
        half = f"{day}/{one.slot}"
        there = [
            person
            for person in case.problem.staff
            if half in person.free
            and half not in case.absent.get(person.id, ())
            and not one.units & set(person.conflict_units)
        ]
        for team in combinations(sorted(there, key=lambda person: person.id), case.problem.team):
            if wanted <= {key for person in team for key in person.domains}:
                yield Given(day, one.slot, tuple(person.id for person in team), one.units)


def price(case: Case, found: Mapping[str, Given | None]) -> tuple[int, int, int]:
    """Left out, date moves and seats of an assignment."""
    left = moves = seats = 0
    for key, now in found.items():
        before = case.given.get(key)
        if now is None:
            left += 1
        elif before is not None:
            moves += now.day != before.day
            seats += len(set(now.team) - set(before.team))
    return left, moves, seats


def loads(case: Case, found: Mapping[str, Given | None]) -> tuple[int, int]:
    """The largest load, and the smallest with its sign turned, of those who were never away."""
    there = [one.id for one in case.problem.staff if one.free and not case.absent.get(one.id)]
    count = [sum(now is not None and who in now.team for now in found.values()) for who in there]
    return max(count), -min(count)


def best(case: Case) -> tuple[tuple[int, int, int], tuple[int, int]]:
    """The least price, and the fairest loads at that price, by trying everything."""
    keys = [one.key for one in case.sorties]
    found = []
    for several in product(*(list(possible(case, one)) for one in case.sorties)):
        plan = dict(zip(keys, several, strict=True))
        placed = {key: one for key, one in plan.items() if one is not None}
        if all(
            not forbidding(case.problem, {name: one for name, one in placed.items() if name != key}, wish)
            for key, wish in placed.items()
        ):
            found.append((price(case, plan), loads(case, plan)))
    return min(found)


def records(sorties: Sequence[Sortie], given: Mapping[str, Given]) -> list[dict[str, Any]]:
    """Visit records of what is placed."""
    return [
        {
            "id": f"{one.key}/{stop.unit}", "unit": stop.unit, "draw": stop.draw,
            "domains": list(stop.domains), "source": "drawn", "sortie": one.key, "date": given[one.key].day,
            "slot": one.slot,
            "start": f"{stop.start // 60:02d}:{stop.start % 60:02d}", "team": sorted(given[one.key].team),
            "lead": min(one.units), "minutes": stop.minutes,
        }
        for one in sorties
        if one.key in given
        for stop in one.stops
    ]  # fmt: skip


def breaches(case: Case, found: Repaired, **changes: Any) -> list[tuple[str, str]]:
    """What the twin says of a repair."""
    ids = {one.key: [f"{one.key}/{unit}" for unit in one.units] for one in case.sorties}
    facts = PlanFacts(
        points={}, start=START, demand={}, domains=DOMAINS, staff=case.problem.staff, days=case.problem.days,
        beacon_day=BEACON, windows=case.problem.windows, closed=case.problem.closed, strata={},
        team=case.problem.team, cars=case.problem.cars,
    )  # fmt: skip
    stated: dict[str, Any] = {
        "plan": facts,
        "frozen": [name for key in case.frozen for name in ids[key]],
        "left": [name for one in found.left_out for name in ids[one.sortie]],
        "new": [name for key in ids if key not in case.given for name in ids[key]],
        "moved": {name: day for key, day in case.moved.items() for name in ids[key]},
        "absent": case.absent, "since": case.since, "moves": found.moves, "seats": found.seats,
    }  # fmt: skip
    before, after = records(case.sorties, case.given), records(case.sorties, found.given)
    return [
        (one.rule, one.where) for one in check_repair(before, after, RepairFacts(**{**stated, **changes}))
    ]


A, B, C = sortie("A", "a"), sortie("B", "b"), sortie("C", "c")
D1, D2, D3, D4 = DAYS


def direct() -> Case:
    """One of a team is ill and somebody is free: one seat."""
    staff = [person(name) for name in ("p", "q", "r")]
    return Case(problem(*staff), [A], {"A": out(D1, "p", "q", of=A)}, absent=ill("p", D1))


def chain() -> Case:
    """Only somebody who is out with another sortie holds the domain: two seats, no move."""
    food = sortie("A", "a", domains=("fire", "food"))
    staff = [
        person("p", D1, domains=("fire", "food")), person("q", D1), person("r", D1, domains=("fire", "food")),
        person("s", D1), person("t", D1),
    ]  # fmt: skip
    given = {"A": out(D1, "p", "q", of=food), "B": out(D1, "r", "s", of=B)}
    return Case(problem(*staff), [food, B], given, absent=ill("p", D1))


def wait() -> Case:
    """Nobody else is there that day, all are on the next: one move, no seat."""
    staff = [person("p", D1, D2), person("q", D1, D2)]
    return Case(problem(*staff), [A], {"A": out(D1, "p", "q", of=A)}, absent=ill("p", D1))


def gives_way() -> Case:
    """The ill one's sortie can only go on its day, if the other sortie leaves that day."""
    tight = problem(
        *(person(name, D1, D2) for name in ("p", "q", "r", "s")), closed={"a": frozenset(DAYS) - {D1}}
    )
    given = {"A": out(D1, "p", "q", of=A), "B": out(D1, "r", "s", of=B)}
    return Case(tight, [A, B], given, absent=ill("p", D1))


def hopeless() -> Case:
    """Nobody can take the seat on any day."""
    return Case(
        problem(person("p"), person("q")), [A], {"A": out(D1, "p", "q", of=A)}, absent=ill("p", *DAYS)
    )


@pytest.mark.parametrize(
    ("case", "least"),
    [
        pytest.param(direct(), (0, 0, 1), id="a seat"),
        pytest.param(chain(), (0, 0, 2), id="a chain of two seats"),
        pytest.param(wait(), (0, 1, 0), id="a day"),
        pytest.param(gives_way(), (0, 1, 1), id="another sortie gives way"),
        pytest.param(hopeless(), (1, 0, 0), id="nobody"),
    ],
)
def test_known_repairs_cost_what_they_must(case: Case, least: tuple[int, int, int]) -> None:
    """By hand, by trying everything, and by the repair: the same; and the twin finds nothing."""
    found = case.repaired()
    assert best(case)[0] == least
    assert (len(found.left_out), found.moves, found.seats) == least
    assert (found.moves_bound, found.seats_bound) == least[1:]
    assert found.status == "optimal"
    assert breaches(case, found) == []


def random_case(seed: int, sorties: int = 3, people: int = 5) -> Case:
    """A tiny plan that keeps all rules, and somebody falls ill."""
    random = Random(seed)
    domains = ("fire", "transport")
    staff = [
        person(
            f"p{at}",
            *random.sample(DAYS[:3], random.randint(1, 3)),
            domains=random.sample(domains, random.randint(1, 2)),
            share=random.randint(1, 3),
            conflict_units=tuple(random.sample(("u0", "u1"), random.randint(0, 1))),
        )
        for at in range(people)
    ]
    tours = [
        sortie(
            f"S{at}",
            f"u{random.randint(0, sorties)}",
            slot=random.choice(("morning", "morning", "afternoon")),
            domains=random.sample(domains, random.randint(1, 2)),
        )
        for at in range(sorties)
    ]
    task = problem(*staff, days=DAYS[:3], cars=random.randint(1, 2), keep_order=())
    given: dict[str, Given] = {}
    for one in tours:
        ways = [way for way in possible(Case(task, tours, {}), one) if way is not None]
        ways = [way for way in ways if not forbidding(task, given, way)]
        if ways:
            given[one.key] = random.choice(ways)
    placed = [one for one in tours if one.key in given]
    absent = ill(f"p{random.randrange(people)}", *random.sample(DAYS[:3], random.randint(1, 3)))
    since = random.choice(("", DAYS[1]))
    frozen = [key for key, one in given.items() if one.day < since]
    return Case(task, placed, given, frozen=frozen, absent=absent, since=since)


@settings(max_examples=60, deadline=None)
@for_all(st.integers(0, 10**9))
@example(224303796)  # another sortie of the half-day moves and keeps its team
def test_no_repair_of_a_tiny_plan_is_cheaper_or_fairer(seed: int) -> None:
    """Against every assignment of days and teams: left out, moves, seats, then loads."""
    case = random_case(seed)
    found = case.repaired()
    least, fair = best(case)
    assert (len(found.left_out), found.moves, found.seats) == least
    assert (found.moves_bound, found.seats_bound) == least[1:]
    assert (found.load_max, -found.load_min) == fair
    assert breaches(case, found) == []
    assert all(found.given[key] == case.given[key] for key in case.frozen)


@settings(max_examples=25, deadline=None)
@for_all(st.integers(0, 10**9), st.integers(3, 60))
@example(717491316, 7)  # something cheaper lies beyond what there is room for, so nothing is proven
def test_bounds_hold_where_not_all_can_be_offered_at_once(seed: int, most: int) -> None:
    """With room for few choices the repair may be dearer, never its bounds higher than the truth."""
    case = random_case(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offers, "MOST_CHOICES", most)
        found = case.repaired()
    least, _fair = best(case)
    assert breaches(case, found) == []
    assert (len(found.left_out), found.moves, found.seats) >= least
    if len(found.left_out) == least[0]:
        assert found.moves_bound <= least[1] <= found.moves
        if found.moves == least[1]:
            assert found.seats_bound <= least[2] <= found.seats
    if found.status == "optimal":
        assert (len(found.left_out), found.moves, found.seats) == least


COSTS: list[Cost] = [
    (left, *NOTHING[1:MOVES], moves, seats) for left, moves, seats in product(range(3), repeat=3)
]


@pytest.mark.parametrize("cost", [one for one in COSTS if one[0] < 2])
def test_bounds_are_what_no_repair_left_in_the_dark_can_undercut(cost: Cost) -> None:
    """For each floor and all bounds of what was offered: the least of all costs that are still possible.

    Possible is what was offered, not below its bounds, and what was not, from the floor on. Where fewer
    moves are possible nothing is said of seats.
    """
    for floor, moves, seats, proven in product(
        [None, *COSTS], range(cost[MOVES] + 1), range(cost[SEATS] + 1), (True, False)
    ):
        if proven and (moves, seats) != cost[MOVES:]:
            continue
        found = Found({}, cost, (*cost[:MOVES], moves, seats), proven, True)
        possible_ones = [
            one
            for one in COSTS
            if one[:MOVES] <= cost[:MOVES]
            and (
                (floor is not None and floor <= one)
                or (
                    one[:MOVES] == cost[:MOVES]
                    and one[MOVES] >= moves
                    and (one[MOVES] != cost[MOVES] or one[SEATS] >= seats)
                )
            )
        ]
        least = min(one[MOVES] for one in possible_ones)
        with_as_few = min(one[SEATS] for one in possible_ones if one[MOVES] == cost[MOVES])
        assert bounds(found, floor) == (least, with_as_few if least == cost[MOVES] else 0)


@settings(max_examples=200, deadline=None)
@for_all(st.integers(0, 10**9), st.data())
def test_rules_forbid_by_what_sorties_take_together(seed: int, data: st.DataObject) -> None:
    """Taking another sortie away never breaks a rule: the repair leaves out choices because of this."""
    case = random_case(seed, sorties=5)
    for key, wish in case.given.items():
        others = {name: one for name, one in case.given.items() if name != key}
        fewer = {name: one for name, one in others.items() if data.draw(st.booleans())}
        for rule in RULES:
            if rule.forbids(case.problem, fewer, wish):
                assert rule.forbids(case.problem, others, wish), rule.NAME


def test_nothing_happened_and_nothing_changes() -> None:
    """A plan that keeps all rules is its own best repair."""
    case = replace(chain(), absent={})
    found = case.repaired()
    assert (found.given, found.changes) == (dict(case.given), ())
    assert (found.moves, found.moves_bound, found.seats, found.seats_bound) == (0, 0, 0, 0)


def test_frozen_sorties_stay_although_somebody_is_ill() -> None:
    """What is released or past is not touched, and its people are not free for others."""
    case = replace(chain(), frozen=("A", "B"))
    assert case.repaired().given == dict(case.given)
    only_b = replace(chain(), frozen=("B",)).repaired()
    assert only_b.given["B"] == chain().given["B"]
    assert [one.sortie for one in only_b.left_out] == ["A"]


@pytest.mark.parametrize(
    ("case", "reason", "evidence"),
    [
        pytest.param(hopeless(), "no-team", "0/4", id="nobody is there"),
        pytest.param(
            replace(hopeless(), problem=problem(person("p"), person("q"), closed={"a": frozenset(DAYS)})),
            "no-day", "0/0", id="closed on all days",
        ),
        pytest.param(
            replace(
                hopeless(),
                problem=problem(person("p"), person("q", domains=("food",)), person("r", domains=())),
            ),
            "no-team", "0/4", id="the one who knows is ill",
        ),
        pytest.param(
            Case(
                problem(*(person(name, D1) for name in "pqrs"), days=[D1], cars=1),
                [A, B], {"A": out(D1, "p", "q", of=A)}, frozen=("A",),
            ),
            "capacity", "1/1", id="no car is left",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_says_why(case: Case, reason: str, evidence: str) -> None:
    """With a count of days, and never by failing."""
    found = case.repaired()
    assert [(one.reason, one.evidence) for one in found.left_out] == [(reason, evidence)]
    assert len(case.sorties) == len(found.given) + 1


def test_the_reason_is_the_true_one() -> None:
    """Another car places what was left out for capacity; another person what had no team."""
    full = Case(
        problem(*(person(name, D1) for name in "pqrs"), days=[D1], cars=1),
        [A, B],
        {"A": out(D1, "p", "q", of=A)},
        frozen=("A",),
    )
    assert full.repaired().left_out[0].reason == "capacity"
    assert not replace(full, problem=replace(full.problem, cars=2)).repaired().left_out
    lonely = hopeless()
    more = replace(lonely.problem, staff=(*lonely.problem.staff, person("r")))
    assert not replace(lonely, problem=more).repaired().left_out


def test_those_last_by_lot_are_left_out_first() -> None:
    """Of two that cannot both stay the one that is kept last goes, in either order."""
    staff = [person(name, D1) for name in ("p", "q", "r", "s", "t")]
    given = {"A": out(D1, "p", "q", of=A), "B": out(D1, "r", "s", of=B)}
    for order, left in ((("a", "b"), "B"), (("b", "a"), "A")):
        task = problem(*staff, days=[D1], keep_order=order)
        found = repair(task, [A, B], given, absent={**ill("p", D1), **ill("r", D1)})
        assert [one.sortie for one in found.left_out] == [left]


def test_an_ordered_sortie_pushes_ordinary_ones_on() -> None:
    """It must go on the first day, whose people are all out: the ordinary one moves, in one step."""
    task = problem(person("p", D1, D2), person("q", D1, D2), closed={"c": frozenset(DAYS) - {D1}})
    found = repair(task, [A, C], {"A": out(D1, "p", "q", of=A)}, ordered=["C"])
    assert found.given == {"A": out(D2, "p", "q", of=A), "C": out(D1, "p", "q", of=C)}
    assert (found.moves, found.moves_bound, found.seats) == (1, 1, 0)
    assert [(one.sortie, one.why) for one in found.changes] == [("A", "room"), ("C", "new")]
    for ordered, left in (("C", "A"), ("A", "C"), ("", "C")):
        nowhere = repair(
            replace(task, days=(D1,), keep_order=("a", "c")),
            [A, C],
            {"A": out(D1, "p", "q", of=A)},
            ordered=[ordered],
        )
        assert [one.sortie for one in nowhere.left_out] == [left]


def test_a_postponed_sortie_has_its_day_and_a_dropped_one_none() -> None:
    """The one counts as a move; the other frees its people and changes nobody."""
    staff = [person(name) for name in ("p", "q")]
    given = {"A": out(D1, "p", "q", of=A), "B": out(D2, "p", "q", of=B)}
    found = repair(problem(*staff), [A, B], given, moved={"A": D3})
    assert found.given["A"] == out(D3, "p", "q", of=A)
    assert (found.moves, found.seats) == (1, 0)
    gone = repair(problem(*staff), [A, B], given, dropped=["A"])
    assert gone.given == {"B": given["B"]}
    assert [(one.sortie, one.why) for one in gone.changes] == [("A", "dropped")]


def test_a_sortie_that_is_not_there_is_refused() -> None:
    """A frozen or moved key must be one of the plan."""
    with pytest.raises(ValueError, match="no such sortie: X"):
        repair(problem(person("p"), person("q")), [A], {"A": out(D1, "p", "q", of=A)}, frozen=["X"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"moves": 1}, "count", id="moves miscounted"),
        pytest.param({"seats": 3}, "count", id="seats miscounted"),
        pytest.param({"frozen": ["B/b"]}, "frozen", id="a frozen visit changed"),
        pytest.param({"absent": {"r": [f"{D1}/morning"]}}, "free", id="somebody who is away"),
        pytest.param({"moved": {"B/b": D2}}, "moved", id="not on the day that was ordered"),
        pytest.param({"left": ["B/b"]}, "visits", id="planned and out"),
    ],
)
def test_the_twin_finds_what_is_wrong(changes: dict[str, Any], rule: str) -> None:
    """A repair that was good, stated otherwise."""
    case = chain()
    found = case.repaired()
    assert breaches(case, found) == []
    assert rule in [one for one, _where in breaches(case, found, **changes)]


def test_the_twin_finds_a_lost_a_strange_and_a_mixed_visit() -> None:
    """Nobody can delete a visit or add one."""
    case = chain()
    found = case.repaired()
    lost = replace(found, given={"A": found.given["A"]}, seats=1)
    assert ("visits", "B/b") in breaches(case, lost)
    more = replace(case, sorties=[*case.sorties, C])
    strange = replace(found, given={**found.given, "C": out(D2, "p", "q", of=C)})
    assert ("visits", "C/c") in breaches(more, strange, new=[])
    early = replace(
        found, given={**found.given, "A": out(D2, "p", "q", of=case.sorties[0])}, moves=1, seats=1
    )
    assert ("day", "A/a") in breaches(case, early, since=D3)


def test_the_twin_finds_visits_of_several_sorties_in_one() -> None:
    """With other days or teams before they were no sortie; on one day with one team they were."""
    both = sortie("A", "a", "b")
    staff = [person(name) for name in ("p", "q", "r", "s")]
    after = records([both], {"A": out(D1, "p", "q", of=both)})
    facts = PlanFacts(
        points={}, start=START, demand={}, domains=DOMAINS, staff=staff, days=DAYS, beacon_day=BEACON,
        windows={"main": (D1, D4)}, closed={}, strata={}, cars=9,
    )  # fmt: skip
    for day, team, rules in ((D1, "pq", []), (D2, "pq", [("sortie", "A")]), (D1, "rs", [("sortie", "A")])):
        before = [after[0], {**after[1], "sortie": "B", "date": day, "team": list(team)}]
        found = check_repair(before, after, RepairFacts(plan=facts))
        assert [(one.rule, one.where) for one in found] == rules


@pytest.mark.parametrize(
    ("field", "value"),
    [("date", D2), ("team", ["p", "r"]), ("start", "09:00"), ("slot", "afternoon"), ("minutes", 26)],
)
@pytest.mark.parametrize("frozen", [True, False])
def test_the_twin_knows_what_no_repair_and_what_only_an_open_one_may_change(
    field: str, value: object, frozen: bool
) -> None:
    """Day and team of a visit that is not frozen; hours, minutes and half-day of none."""
    before = records([A], {"A": out(D1, "p", "q", of=A)})
    after = [{**before[0], field: value}]
    found = check_repair(before, after, twin_facts(frozen=("A/a",) if frozen else ()))
    refused = ("frozen", "A/a") in [(one.rule, one.where) for one in found]
    assert refused is (frozen or field not in ("date", "team"))


def twin_facts(**changes: Any) -> RepairFacts:
    """Four people who are always free; what else a repair must agree with as `changes` say."""
    facts = PlanFacts(
        points={}, start=START, demand={}, domains=DOMAINS, staff=[person(name) for name in "pqrs"],
        days=DAYS, beacon_day=BEACON, windows={"main": (D1, D4)}, closed={}, strata={}, cars=9,
    )  # fmt: skip
    return RepairFacts(**{"plan": facts, **changes})


def test_the_twin_counts_sorties_and_not_visits() -> None:
    """Two visits of one sortie: one half-day of its people, and one move."""
    both = sortie("A", "a", "b")
    before = records([both], {"A": out(D1, "p", "q", of=both)})
    taken = records([both], {"A": out(D1, "p", "r", of=both)})
    strict = replace(twin_facts().plan, load=0)
    assert check_repair(before, taken, twin_facts(plan=strict, sorties=1, seats=1)) == []
    moved = records([both], {"A": out(D2, "p", "q", of=both)})
    assert check_repair(before, moved, twin_facts(moves=1)) == []
    assert [one.rule for one in check_repair(before, moved, twin_facts(moves=2))] == ["count"]


def test_evenness_is_no_rule_of_a_repair_for_the_twin() -> None:
    """The same two people are out again and again, as they were: nothing was wished for by a repair."""
    given = {"A": out(D1, "p", "q", of=A), "B": out(D2, "p", "q", of=B)}
    both = records([A, B], given)
    assert check_repair(both, both, twin_facts(plan=replace(twin_facts().plan, even=0))) == []


@pytest.mark.parametrize(("since", "rules"), [(D1, []), (D2, ["day"])])
def test_the_twin_refuses_a_new_visit_on_a_day_that_is_past(since: str, rules: list[str]) -> None:
    """The first day that may be given is none of them."""
    after = records([A], {"A": out(D1, "p", "q", of=A)})
    found = check_repair([], after, twin_facts(new=("A/a",), since=since))
    assert [one.rule for one in found] == rules


def test_the_twin_holds_what_changed_against_what_is_frozen() -> None:
    """Who is out with a frozen sortie cannot take a seat of another in that half-day."""
    staff = [person(name) for name in ("p", "q", "r", "s")]
    given = {"A": out(D1, "p", "q", of=A), "B": out(D1, "r", "s", of=B)}
    case = Case(problem(*staff), [A, B], given, frozen=["B"])
    found = case.repaired()
    assert breaches(case, found) == []
    taken = replace(found, given={**given, "A": out(D1, "p", "r", of=A)}, seats=1)
    assert breaches(case, taken) == [("people", f"{D1}/morning")]


def test_no_day_before_the_first_one_that_may_be_given_is_given() -> None:
    """The team that remains is free on the day before and on no day after: too late to go back."""
    staff = [person(name, D1, D2) for name in ("p", "q")]
    for since, left in (("", []), (D1, []), (D2, ["A"])):
        case = Case(problem(*staff), [A], {"A": out(D2, "p", "q", of=A)}, absent=ill("p", D2), since=since)
        found = case.repaired()
        assert [one.sortie for one in found.left_out] == left
        assert [one.day for one in found.given.values()] == ([] if left else [D1])


def test_nobody_is_out_more_often_for_a_repair_than_load_and_carried_half_days_let() -> None:
    """The one who has carried most may not take the seat; the twin names him, and not who had it before."""
    staff = [person(name) for name in ("p", "q", "r", "s")]
    carried = {"r": 3, "q": 3}
    case = Case(
        problem(*staff, load=0, carried=carried), [A], {"A": out(D1, "p", "q", of=A)}, absent=ill("p", D1)
    )
    found = case.repaired()
    assert (found.moves, found.seats, found.given["A"].team) == (0, 1, ("q", "s"))
    free = replace(case.problem, load=None)
    facts = PlanFacts(
        points={}, start=START, demand={}, domains=DOMAINS, staff=free.staff, days=free.days,
        beacon_day=BEACON, windows=free.windows, closed={}, strata={}, cars=9, load=0, carried=carried,
    )  # fmt: skip
    assert breaches(case, found, plan=facts, sorties=1) == []
    taken = replace(found, given={"A": out(D1, "q", "r", of=A)})
    assert breaches(case, taken, plan=facts, sorties=1) == [("load", "r")]
    assert breaches(case, taken, plan=replace(facts, load=1), sorties=1) == [("load", "r")]
    assert breaches(case, taken, plan=replace(facts, load=2), sorties=1) == []
    # the mean is that of all sorties, those left out too: with four it is 14 half-days for four people
    assert breaches(case, taken, plan=facts, sorties=3) == [("load", "r")]
    assert breaches(case, taken, plan=facts, sorties=4) == []
    for load, moves in ((0, 1), (None, 0)):
        three = Case(
            problem(*staff[:3], load=load, carried={"r": 3}),
            [A],
            {"A": out(D1, "p", "q", of=A)},
            absent=ill("p", D1),
        )
        assert (three.repaired().moves, three.repaired().left_out) == (moves, ())


def stand_in_at(key: str, *units: str) -> list[dict[str, Any]]:
    """The records of a sortie whose second unit is visited instead of another, drawn in another draw."""
    one = sortie(key, *units)
    there = records([one], {key: out(D1, "p", "q", of=one)})
    return [there[0], *({**again, "unit": units[0]} for again in there[1:])]


def test_a_unit_that_stands_in_where_the_team_goes_anyway_is_no_fault_of_a_repair() -> None:
    """Two visits at one stop were so before, or come back so; a repair does not make them."""
    joined = stand_in_at("A", "a", "b")
    apart = [joined[0], {**joined[1], "unit": "b"}]
    names = [one["id"] for one in joined]
    assert check_repair(joined, joined, twin_facts()) == []
    assert check_repair([], joined, twin_facts(new=names)) == []
    found = check_repair(apart, joined, twin_facts())
    assert ("sortie", "A") in [(one.rule, one.where) for one in found]


def test_what_frozen_sorties_take_from_each_other_is_no_fault_of_a_repair() -> None:
    """What really was cannot be mended: one unit met by two teams at once; open ones still keep apart."""
    first, other = sortie("A", "a"), sortie("B", "a")
    given = {"A": out(D1, "p", "q", of=first), "B": out(D1, "r", "s", of=other)}
    both = records([first, other], given)
    assert check_repair(both, both, twin_facts(frozen=["A/a", "B/a"])) == []
    found = check_repair(both, both, twin_facts(frozen=["A/a"]))
    assert [one.rule for one in found] == ["apart"]


@pytest.mark.parametrize("clash", ["person", "cars", "unit"])
def test_what_frozen_ones_take_from_each_other_costs_no_other_visit(clash: str) -> None:
    """Outcomes may put one person, too many cars or two teams at one unit in one half-day."""
    first, second = sortie("S1", "u1"), sortie("S2", "u1" if clash == "unit" else "u2")
    open_one, ill_one = sortie("S3", "u3"), sortie("S4", "u4")
    staff = [person(name) for name in ("a", "b", "c", "d", "e", "f", "g", "h")]
    given = {
        "S1": out(DAYS[0], "a", "b", of=first),
        "S2": out(DAYS[0], *(("b", "c") if clash == "person" else ("c", "d")), of=second),
        "S3": out(DAYS[2], "a", "b", of=open_one),
        "S4": out(DAYS[2], "c", "d", of=ill_one),
    }
    repaired = repair(
        problem(*staff, cars=1 if clash == "cars" else 9, cars_in={"morning": 1} if clash == "cars" else {}),
        [first, second, open_one, ill_one],
        given | ({"S4": out(DAYS[3], "c", "d", of=ill_one)} if clash == "cars" else {}),
        frozen={"S1", "S2"},
        absent=ill("c", *DAYS[1:]),
        since=DAYS[1],
    )
    assert not repaired.left_out
    assert (repaired.moves, repaired.seats) == (0, 1)
    assert repaired.given["S3"] == given["S3"]
    assert "c" not in repaired.given["S4"].team


def test_who_went_twice_in_one_half_day_is_not_free_in_it() -> None:
    """Nobody who is out with a frozen sortie that clashes is sent somewhere else beside it."""
    first, second, open_one = sortie("S1", "u1"), sortie("S2", "u2"), sortie("S3", "u3")
    staff = [person(name) for name in ("a", "b", "c", "d")]
    given = {
        "S1": out(DAYS[0], "a", "b", of=first),
        "S2": out(DAYS[0], "b", "c", of=second),
        "S3": out(DAYS[0], "c", "d", of=open_one),
    }
    repaired = repair(problem(*staff), [first, second, open_one], given, frozen={"S1", "S2"}, since=DAYS[0])
    assert repaired.given["S3"].day != DAYS[0]
    assert (repaired.moves, repaired.seats) == (1, 0)


def twice_out(*, busy: bool = False, **more: Any) -> Case:
    """Frozen sorties put b and f into two places at once; somebody is ill later, c or d may go.

    c was out twice, d once, or three times where he is `busy`.
    """
    frozen = [sortie(f"F{at}", f"f{at}", slot="afternoon" if at > 4 else "morning") for at in range(7)]
    hit = sortie("A", "f1" if more else "a")
    staff = [person(name, D1, D2) for name in "abefgh"]
    staff += [person("c", share=2 if not more else 9), person("d"), person("p", D4), person("q", D4)]
    given = {
        "F0": out(D1, "a", "b", of=frozen[0]), "F1": out(D1, "b", "c", of=frozen[1]),
        "F2": out(D2, "e", "f", of=frozen[2]), "F3": out(D2, "f", "c", of=frozen[3]),
        "F4": out(D1, "d", "g", of=frozen[4]),
    }  # fmt: skip
    if busy:
        given |= {"F5": out(D1, "d", "g", of=frozen[5]), "F6": out(D2, "d", "g", of=frozen[6])}
    tours = [one for one in frozen if one.key in given]
    return Case(
        problem(*staff, **more), [*tours, hit], given | {"A": out(D4, "p", "q", of=hit)}, frozen=list(given),
        absent=ill("p", D4), since=D3,
    )  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"areas": {"c": frozenset({"f1"})}}], ids=["share", "own area"])
def test_what_clashing_frozen_sorties_took_is_taken(more: dict[str, Any]) -> None:
    """Who was out in them has less of his share left and has seen those units: the other one goes."""
    found = twice_out(busy=True, **more).repaired()
    assert found.given["A"].team == ("d", "q")  # although c was out less often
    assert (found.seats, found.load_max) == (1, 4)


@pytest.mark.parametrize(("busy", "goes", "load"), [(False, "d", 2), (True, "c", 3)])
def test_loads_count_frozen_sorties_that_clash(busy: bool, goes: str, load: int) -> None:
    """With share enough for both, who was out less often goes."""
    case = twice_out(busy=busy)
    staff = tuple(replace(one, share=9) for one in case.problem.staff)
    found = replace(case, problem=replace(case.problem, staff=staff)).repaired()
    assert found.given["A"].team == (goes, "q")
    assert (found.load_max, found.status) == (load, "optimal")
