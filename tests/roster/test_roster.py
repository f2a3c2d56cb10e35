"""Rosters: rules and their twins agree, the fairest is the fairest, and a broken copy is refused."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from auditor.entities import Duty, Inspector, Leave
from auditor.errors import Infeasible
from auditor.roster.check import check_roster
from auditor.roster.fairness import spreads, standings
from auditor.roster.levels import level, scales
from auditor.roster.make import make_roster, shortage
from auditor.roster.problem import RosterProblem
from auditor.roster.rules import cover, leave, rest, standby
from auditor.roster.standby import blocks
from auditor.roster.standby import standby as pattern
from auditor.roster.variables import RosterVariables
from auditor.solving import FEASIBLE, Solved, solve
from roster.world import FIRST, away, days, people, rules_broken, world

ROOT = Path(__file__).parent.parent.parent


def allowed(problem: RosterProblem, rules: list[Any], wanted: set[tuple[str, str, str]]) -> bool:
    """Whether the rules allow exactly these duties: (date, post, person)."""
    model = cp_model.CpModel()
    v = RosterVariables(model, problem)
    for rule in rules:
        rule.add(model, problem, v)
    for person in problem.people:
        for shift in problem.shifts:
            if person.fills(shift):
                on = (shift.day.isoformat(), shift.post.id, person.id) in wanted
                model.add(v.on_duty(person, shift) == on)
    return cp_model.CpSolver().solve(model) == cp_model.OPTIMAL


def day(at: int) -> str:
    """The date at an offset."""
    return (FIRST + timedelta(days=at)).isoformat()


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        pytest.param(("day", 0), ("night", 1), True, id="24 h after a day duty"),
        pytest.param(("day", 0), ("day", 1), True, id="14 h after a day duty"),
        pytest.param(("day", 0), ("night", 0), False, id="no rest at all"),
        pytest.param(("night", 0), ("day", 2), True, id="exactly 24 h after a night"),
        pytest.param(("night", 0), ("night", 1), False, id="10 h after a night"),
        pytest.param(("lead", 0), ("lead", 2), True, id="exactly 24 h after 带班"),
        pytest.param(("lead", 0), ("lead", 1), False, id="带班 twice running"),
    ],
)
def test_rest_is_enough_at_its_border(first: tuple[str, int], second: tuple[str, int], fits: bool) -> None:
    """24 hours after a night post, 12 after another, both included."""
    problem, _ = world(days(3), people(1, 1))
    who = "l0" if first[0] == "lead" else "o0"
    wanted = {(day(first[1]), first[0], who), (day(second[1]), second[0], who)}
    assert allowed(problem, [rest], wanted) is fits


def test_leave_blocks_the_night_that_starts_the_evening_before() -> None:
    """A night of the 1st ends on the 2nd: whoever is on leave on the 2nd cannot fill it."""
    problem, _ = world(days(3), people(1, 1), [away("o0", 1, 1)])
    assert not allowed(problem, [leave], {(day(0), "night", "o0")})
    assert allowed(problem, [leave], {(day(0), "day", "o0")})
    assert allowed(problem, [leave], {(day(2), "day", "o0")})


def test_no_duty_and_no_rest_lies_on_stand_by() -> None:
    """Stand-by on the 3rd at 08:00: a night of the 1st is rested at 08:00 of the 3rd, not a minute later."""
    problem, _ = world(days(4), people(1, 1), standby={"o0": [f"{day(2)}/morning"]})
    assert allowed(problem, [standby], {(day(0), "night", "o0")})
    assert not allowed(problem, [standby], {(day(1), "night", "o0")})
    assert not allowed(problem, [standby], {(day(2), "day", "o0")})
    assert allowed(problem, [standby], {(day(1), "day", "o0")})
    assert allowed(problem, [standby], {(day(2), "night", "o0")})


def test_rest_holds_across_the_edge_of_the_month() -> None:
    """A night of 30 November ends on the 1st at 08:00: not before the 2nd at 08:00 again."""
    before = [Duty(day=date(2026, 11, 30), post="night", person="o0")]
    problem, _ = world(days(2), people(1, 1), before=before)
    assert not allowed(problem, [rest], {(day(0), "night", "o0")})
    assert allowed(problem, [rest], {(day(1), "day", "o0")})


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=4), st.integers(0, 6))
def test_a_level_is_what_the_least_sums_have_in_common(people: list[tuple[int, int]], new: int) -> None:
    """Against every way to share the new duties out: least sum, everybody's range in it, least maximum."""
    carried, scale = [one for one, _ in people], [one for _, one in people]
    ends = [
        [count + more for count, more in zip(carried, shares, strict=True)]
        for shares in product(range(new + 1), repeat=len(carried))
        if sum(shares) == new
    ]
    sums = [sum(factor * end * end for factor, end in zip(scale, one, strict=True)) for one in ends]
    best = [one for one, value in zip(ends, sums, strict=True) if value == min(sums)]
    found = level(carried, new, scale)
    assert found.squares == min(sums)
    assert found.greatest == min(
        max(factor * end for factor, end in zip(scale, one, strict=True)) for one in ends
    )
    assert found.low == tuple(map(min, zip(*best, strict=True)))
    assert found.high == tuple(map(max, zip(*best, strict=True)))


@pytest.mark.parametrize(
    ("shares", "factors"), [([100, 100], [1, 1]), ([100, 50], [1, 2]), ([60, 40, 100], [10, 15, 6]), ([], [])]
)
def test_half_a_share_weighs_twice(shares: list[int], factors: list[int]) -> None:
    assert scales(shares) == factors


def test_the_fairest_of_a_small_month_is_found() -> None:
    """Every legal roster of four days by brute force has no less than what was made, and it is proven."""
    problem, facts = world(days(6, holidays=[3]), people(3, 5), carried={"o0": {"total": 2, "night": 1}})
    made = make_roster(problem)
    assert check_roster(made, facts) == []
    assert made["status"] == "optimal"
    leaders = [person for person in problem.people if person.roles[0] == "leader"]
    leads = [shift for shift in problem.shifts if shift.post.id == "lead"]
    best = min(
        sum(
            weight * (sum(name in s.classes for s, w in zip(leads, who, strict=True) if w == person.id)) ** 2
            for person in leaders
            for name, weight in problem.weights.items()
        )
        for who in product([person.id for person in leaders], repeat=len(leads))
        if all(a != b for a, b in pairwise(who))
    )
    mine = sum(
        problem.weights[name] * made["counters"][person.id][name] ** 2
        for person in leaders
        for name in problem.weights
    )
    assert mine == best


def test_who_is_on_duty_and_nobody_of_the_desk_is_no_matter_for_a_repair() -> None:
    """Who is only missing on the roster is; the two are told apart."""
    problem, facts = world(days(3), people(4, 6))
    made = make_roster(problem)
    busy = next(row["person"] for row in made["assignments"] if row["post"] == "day")
    (one,) = check_roster(made, replace(facts, people=[row for row in facts.people if row.id != busy]))
    assert (one.rule, one.where) == ("people", "people")
    assert one.what.startswith(f"on duty there, and of no role of the desk any more: {busy};")
    short = {**made, "people": [row for row in made["people"] if row["id"] != busy]}
    (one,) = check_roster({**short}, facts)
    assert one.what == f"missing, doubled or not at the desk: {busy}; `auditor roster repair` takes it in"


def test_a_key_period_doubles_the_cover() -> None:
    """Two people in every post of the day."""
    problem, facts = world(days(5, key=[2]), people(5, 12))
    made = make_roster(problem)
    assert check_roster(made, facts) == []
    assert sum(row["date"] == day(2) for row in made["assignments"]) == 6
    assert sum(row["date"] == day(1) for row in made["assignments"]) == 3


def test_a_shortage_names_day_and_post() -> None:
    """All leaders on leave on one day: the sentence says which day lacks whom."""
    problem, _ = world(days(4), people(3, 6), [away(f"l{at}", 2, 2) for at in range(3)])
    with pytest.raises(Infeasible, match="2026-12-02 leader on duty lacks 1") as caught:
        make_roster(problem)
    assert caught.value.exit_code == 3


def test_nobody_at_all_is_a_shortage_too() -> None:
    """No officer is no traceback."""
    problem, _ = world(days(2), people(4, 0))
    with pytest.raises(Infeasible, match="day duty lacks"):
        make_roster(problem)


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Any], Any]:
    """A right roster of two weeks, and its facts."""
    problem, facts = world(
        days(14, holidays=[5]),
        people(4, 8),
        [away("o1", 3, 4)],
        {"o0": [f"{day(2)}/morning", f"{day(9)}/evening"], "o2": [f"{day(2)}/morning"]},
    )
    return make_roster(problem), facts


def swap_persons(roster: dict[str, Any]) -> None:
    """Exchange the persons of a leader's and an officer's duty."""
    roster["assignments"][0]["person"], roster["assignments"][1]["person"] = (
        roster["assignments"][1]["person"],
        roster["assignments"][0]["person"],
    )


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda r: r["assignments"].pop(), "cover"),
        (lambda r: r["assignments"].append(r["assignments"][-1]), "cover"),
        (swap_persons, "role"),
        (lambda r: r["assignments"][0].update(person="nobody"), "role"),
        (lambda r: r["assignments"][0].update(date="2026-11-01"), "cover"),
        (lambda r: r["counters"]["o0"].update(total=9), "counters"),
        (lambda r: r["counters"].pop("o0"), "counters"),
        (lambda r: r.update(objective=r["objective"] + 1), "objective"),
        (lambda r: r.update(bound=r["bound"] + 1), "bound"),
        (lambda r: r.update(bound=r["bound"] - 1), "status"),
        (lambda r: r.update(status="feasible"), "status"),
        (lambda r: r["people"][5]["leave"].append("2026-12-10"), "leave"),
        (lambda r: r["people"].pop(), "people"),
        (lambda r: r["people"][0]["carried"].update(total=1), "carried"),
        (lambda r: r["demand"].pop(), "demand"),
        (lambda r: r["demand"][0].update(need=0), "demand"),
        (lambda r: r["posts"][0].update(minutes=60), "posts"),
        (lambda r: r["weights"].update(night=0), "weights"),
        (lambda r: r["standby"].pop("o0"), "stand-by"),
        (lambda r: r.update(provisional=True), "provisional"),
        (lambda r: r.update(month="2026-11"), "month"),
        (lambda r: r.pop("bound"), "form"),
        (lambda r: r.update(extra=1), "form"),
        (lambda r: r.update(assignments=None), "form"),
        (lambda r: r.update(counters=[]), "form"),
        (lambda r: r["assignments"].reverse(), "form"),
    ],
)
def test_a_broken_copy_is_refused(
    made: tuple[dict[str, Any], Any], spoil: Callable[[dict[str, Any]], object], rule: str
) -> None:
    """A lost, doubled or altered duty, another figure, another fact."""
    roster, facts = made
    assert check_roster(roster, facts) == []
    broken = copy.deepcopy(roster)
    spoil(broken)
    assert rule in rules_broken(broken, facts)


@pytest.mark.parametrize("value", [None, [], "x", 7, {}])
def test_what_is_no_roster_is_a_breach_and_no_crash(made: tuple[Any, Any], value: object) -> None:
    """Any JSON may come."""
    assert rules_broken(value, made[1]) == {"form"}


def test_the_check_runs_without_the_solver(tmp_path: Path) -> None:
    """In a process where ortools cannot be imported a right roster passes, a broken one does not."""
    problem, facts = world(days(4, holidays=[1]), people(3, 6))
    roster = make_roster(problem)
    (tmp_path / "roster.json").write_text(json.dumps(roster), encoding="utf-8")
    code = (
        "import json, sys; sys.modules['ortools'] = None\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from auditor.roster.check import check_roster\n"
        "from roster.world import days, people, world\n"
        "_, facts = world(days(4, holidays=[1]), people(3, 6))\n"
        f"roster = json.load(open({str(tmp_path / 'roster.json')!r}, encoding='utf-8'))\n"
        "assert check_roster(roster, facts) == []\n"
        "roster['assignments'].pop()\n"
        "assert 'cover' in {breach.rule for breach in check_roster(roster, facts)}\n"
    )
    assert check_roster(roster, facts) == []
    subprocess.run([sys.executable, "-c", code], check=True)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of a JSON value, with what stands there."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from places(inner, (*path, at))


def altered(value: Any) -> Iterator[Any]:
    """Other values for a place; 1, 1.0 and true are three."""
    yield from (None, "x", -1, 2.5, [], {}, [[]], float("nan"), 10**400)
    if isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int):
        yield from (value + 1, value - 1, float(value), str(value), bool(value))
    elif isinstance(value, dict):
        yield {**value, "extra": 1}
        yield from ({k: v for k, v in value.items() if k != key} for key in value)
    elif isinstance(value, list):
        yield from ([*value, None], value + value[-1:], value[:-1])


def test_no_place_of_a_roster_can_be_altered() -> None:
    """Whatever single thing is lost, doubled or altered anywhere, the check names a breach and lives."""
    problem, facts = world(
        days(3, holidays=[2], key=[1]),
        people(5, 8),
        [away("o1", 1, 1)],
        {"o0": [f"{day(0)}/morning", f"{day(2)}/evening"]},
        before=[Duty(day=date(2026, 11, 30), post="night", person="o3")],
    )
    roster = make_roster(problem)
    assert check_roster(roster, facts) == []
    tried = 0
    for path, value in places(roster):
        for other in altered(value):
            if type(other) is type(value) and other == value:
                continue
            broken = copy.deepcopy(roster) if path else other
            inner = broken
            for key in path[:-1]:
                inner = inner[key]
            if path:
                inner[path[-1]] = other
            assert check_roster(broken, facts), (path, value, other)
            tried += 1
    assert tried > 1000


@pytest.mark.parametrize("role", ["leader", "officer"])
def test_the_fairest_of_all_legal_rosters_is_found(role: str) -> None:
    """Every way to fill three days under leave, stand-by, history and the edge, judged by the twin alone."""
    staff = people(3, 4)
    problem, facts = world(
        days(3, holidays=[1]),
        staff,
        [away("o3", 2, 2), away("l2", 1, 1)],
        {"o0": [f"{day(1)}/morning"]},
        carried={
            "o0": {"total": 1, "night": 1, "weekend": 0, "holiday": 0},
            "o1": {"total": 3, "night": 0, "weekend": 1, "holiday": 2},
            "l0": {"total": 2, "night": 2, "weekend": 1, "holiday": 1},
        },
        before=[Duty(day=date(2026, 11, 30), post="night", person="o2")],
    )
    made = make_roster(problem)
    assert check_roster(made, facts) == []
    assert made["status"] == "optimal"
    mine = [shift for shift in problem.shifts if shift.post.role == role]
    group = [person for person in problem.people if person.roles[0] == role]
    others = [row for row in made["assignments"] if not row["person"].startswith(role[0])]

    def squares(counters: dict[str, dict[str, int]]) -> int:
        return sum(
            weight * counters[person.id][name] ** 2
            for person in group
            for name, weight in problem.weights.items()
        )

    values = []
    for who in product(group, repeat=len(mine)):
        seats = [
            {"date": shift.day.isoformat(), "post": shift.post.id, "person": person.id}
            for shift, person in zip(mine, who, strict=True)
        ]
        order = sorted(others + seats, key=lambda row: (row["date"], row["post"], row["person"]))
        broken = rules_broken({**made, "assignments": order}, facts)
        if not broken & {"cover", "role", "rest", "leave", "stand-by"}:
            counters = {person.id: dict(person.carried) for person in group}
            for shift, person in zip(mine, who, strict=True):
                for name in shift.classes:
                    counters[person.id][name] += 1
            values.append(squares(counters))
    assert len(values) > 1
    assert squares(made["counters"]) == min(values)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_what_is_made_keeps_every_rule_or_is_short(data: st.DataObject) -> None:
    """Any small bureau: a roster that the check accepts, or a shortage that says where."""
    length = data.draw(st.integers(1, 8))
    offsets = st.integers(0, length - 1)
    staff = people(data.draw(st.integers(1, 4)), data.draw(st.integers(1, 7)))
    ids = st.sampled_from([person.id for person in staff])
    leaves = [away(who, at, at + 1) for who, at in data.draw(st.lists(st.tuples(ids, offsets), max_size=3))]
    slots = st.sampled_from(["morning", "afternoon", "evening"])
    waiting: dict[str, list[str]] = {}
    for who, at, slot in data.draw(st.lists(st.tuples(ids, offsets, slots), max_size=3, unique=True)):
        waiting.setdefault(who, []).append(f"{day(at)}/{slot}")
    former = Duty(day=FIRST - timedelta(days=1), post="night", person="o0")
    problem, facts = world(
        days(length, data.draw(st.lists(offsets, max_size=2)), data.draw(st.lists(offsets, max_size=1))),
        staff,
        leaves,
        waiting,
        before=[former] if data.draw(st.booleans()) else [],
    )
    made, short = None, ""
    try:
        made = make_roster(problem)
    except Infeasible as error:
        short = str(error)
    assert check_roster(made, facts) == [] if made else "lacks" in short


def test_work_that_ran_out_is_no_shortage() -> None:
    """Where nothing is proven the sentence asks for more work and does not call the desk short."""
    problem, _ = world(days(31), people(8, 24))
    with pytest.raises(Infeasible, match="--work"):
        make_roster(problem, work=1e-9)


def test_a_shortage_is_told_only_when_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solve that ended early with empty seats, and no proof that one must be empty, says nothing."""
    problem, _ = world(days(2), people(1, 6))
    assert [(shift.post.id, count) for shift, count in shortage(problem, 60.0)] == [("lead", 1)]

    def unproven(model: cp_model.CpModel, *, work: float) -> Solved:
        return replace(solve(model, work=work), status=FEASIBLE, bound=0)

    monkeypatch.setattr("auditor.roster.make.solve", unproven)
    assert shortage(problem, 60.0) == []


def test_former_duties_too_close_are_not_this_months_fault() -> None:
    """A take-over of 29 and 30 November stands as it was; the rest after it holds."""
    before = [Duty(day=date(2026, 11, at), post="night", person="o0") for at in (29, 30)]
    problem, facts = world(days(3), people(3, 6), before=before)
    assert check_roster(make_roster(problem), facts) == []


def test_leave_without_an_end_is_leave() -> None:
    """Until 9999: he has no duty, and the check is as quick as ever."""
    endless = Leave(person="o0", from_on=date(1, 1, 1), to_on=date.max)
    problem, facts = world(days(3), people(3, 6), [endless])
    made = make_roster(problem)
    assert check_roster(made, facts) == []
    assert "o0" not in {row["person"] for row in made["assignments"]}


def test_a_joiner_starts_from_the_mean_of_his_role() -> None:
    """Neither spared nor loaded; the other role's counters do not matter."""
    carried = {
        "o0": {"total": 5, "night": 2, "weekend": 1, "holiday": 0},
        "o1": {"total": 6, "night": 4, "weekend": 1, "holiday": 1},
        "l0": {"total": 99, "night": 99, "weekend": 99, "holiday": 99},
    }
    problem, _ = world(days(2), people(1, 3), carried=carried)
    joiner = next(person for person in problem.people if person.id == "o2")
    assert joiner.carried == {"total": 5, "night": 3, "weekend": 1, "holiday": 0}


def test_fairness_is_told_in_plain_numbers(made: tuple[dict[str, Any], Any]) -> None:
    """Deviations of a role sum to nothing, new duties to the month's seats; the spread is theirs."""
    roster, _ = made
    found = standings(roster)
    for role, seats in (("leader", 14), ("officer", 28)):
        mine = [one for one in found if one.role == role and one.cls == "total"]
        assert sum(one.total - one.mean for one in mine) == 0
        assert sum(one.new for one in mine) == seats
        counts = [roster["counters"][one.person]["total"] for one in mine]
        assert spreads(roster)[role, "total"] == (min(counts), max(counts))
    assert [one.cls for one in found if one.person == "o0"] == ["holiday", "weekend", "night", "total"]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 30), st.integers(1, 23))
def test_stand_by_is_equal_for_all(count: int, working: int) -> None:
    """The same number for everyone, eight in a whole month, nobody twice in one half-day."""
    inspectors = [
        Inspector(id=f"o{at:02d}", name="", department=f"d{at % 3}", domains=("fire",)) for at in range(count)
    ]
    dates = [FIRST + timedelta(days=at) for at in range(working)]
    found = pattern(inspectors, dates)
    assert set(found) == {one.id for one in inspectors}
    assert len({len(half_days) for half_days in found.values()}) == 1
    assert all(len(set(half_days)) == len(half_days) for half_days in found.values())
    if working >= 16:
        shapes = {tuple(sorted(one.split("/")[1] for one in half_days)) for half_days in found.values()}
        assert shapes == {("afternoon",) * 2 + ("evening",) * 2 + ("morning",) * 4}


def test_blocks_mix_departments() -> None:
    """Twelve people of four departments: three blocks with one of each."""
    inspectors = [
        Inspector(id=f"o{at:02d}", name="", department=f"d{at // 3}", domains=("fire",)) for at in range(12)
    ]
    parts = blocks(inspectors)
    assert [sorted({int(one[1:]) // 3 for one in part}) for part in parts] == [[0, 1, 2, 3]] * 3


def test_cover_is_a_rule_of_its_own() -> None:
    """An empty seat and a doubled one are both forbidden."""
    problem, _ = world(days(1), people(2, 3))
    full = {(day(0), "lead", "l0"), (day(0), "day", "o0"), (day(0), "night", "o1")}
    assert allowed(problem, [cover], full)
    assert not allowed(problem, [cover], full - {(day(0), "day", "o0")})
    assert not allowed(problem, [cover], full | {(day(0), "lead", "l1")})


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sets(st.sampled_from(["fire", "food", "dorms"]))), max_size=40
    )
)
def test_blocks_are_of_one_size(staff: list[tuple[str, set[str]]]) -> None:
    """Whatever the departments and domains: everyone in one block, sizes within one of each other."""
    inspectors = [
        Inspector(id=f"o{at:02d}", name="", department=department, domains=tuple(sorted(domains)))
        for at, (department, domains) in enumerate(staff)
    ]
    parts = blocks(inspectors)
    assert sorted(one for part in parts for one in part) == [one.id for one in inspectors]
    sizes = [len(part) for part in parts]
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
