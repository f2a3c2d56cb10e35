"""A month in rotation, and a fair one with wishes: against rosters by hand and by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import CalendarDay, Leave, Person, Post
from auditor.errors import Infeasible
from auditor.roster import objective
from auditor.roster.check import RosterFacts, check_roster, ground_of
from auditor.roster.check_rotation import unfounded
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.desk import FAIR, LEXIMIN, ROTATION, DutyDesk, Group, Pair, desk_json
from auditor.roster.problem import build_problem
from auditor.roster.rotation import Turns, list_of, propose
from auditor.roster.styles import make_month
from auditor.roster.wishes import Wish, cost
from effort import SMALL_MODELS
from roster.test_rules import DAY, LEAD, NIGHT, World, random_worlds, staff

MONDAY = date(2026, 12, 7)


def calendar(days: int, holidays: frozenset[int] = frozenset()) -> list[CalendarDay]:
    """Days from Monday 7 December 2026 on."""
    return [
        CalendarDay(day=day, cls="holiday" if at in holidays else "weekend" if day.weekday() > 4 else "work")
        for at in range(days)
        for day in [MONDAY + timedelta(days=at)]
    ]


def desk(*posts: Post, **more: Any) -> DutyDesk:
    """A desk in rotation, one seat each."""
    need = {post.id: dict.fromkeys(("work", "weekend", "holiday", "key"), 1) for post in posts}
    return DutyDesk(**{"style": ROTATION, "posts": posts, "need": need, **more})


def made(
    of: DutyDesk, people: list[Person], days: int, *, leave: Sequence[Leave] = (),
    holidays: frozenset[int] = frozenset(), turns: dict[str, Turns] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Make a month and see that it keeps every rule, and that each departure is forbidden by its rule."""
    dates = calendar(days, holidays)
    problem = build_problem(dates, people, leave, {}, desk=of)
    record = make_month(problem, classes={one.day: one.cls for one in dates}, turns=turns)
    facts = RosterFacts(
        days=dates, people=people, leave=leave, standby={},
        carried={one.id: one.carried for one in problem.people}, desk=desk_json(of),
    )  # fmt: skip
    judge(record, facts)
    return record


def judge(record: dict[str, Any], facts: RosterFacts) -> None:
    """See that a record keeps every rule and that its departures are founded."""
    assert check_roster(record, facts) == []
    duties = [
        Mine(row["person"], date.fromisoformat(row["date"]), row["post"]) for row in record["assignments"]
    ]
    if "departures" in record:
        assert list(unfounded(record, ground_of(facts), duties)) == []


def row(record: dict[str, Any], post: str) -> str:
    """Who fills a post day by day, as digits of their ids."""
    return "".join(one["person"][1:] for one in record["assignments"] if one["post"] == post)


def test_work_days_weekends_and_holidays_have_lists_of_their_own() -> None:
    """By hand: Monday to Friday 0 1 2 3 4, the weekend begins its own list at 0 1, Wednesday is a holiday."""
    assert row(made(desk(DAY), staff(0, 5), 9), "day") == "012340101"
    assert row(made(desk(DAY), staff(0, 5), 9, holidays=frozenset({2})), "day") == "010230140"


def test_a_list_goes_on_after_the_last_turn_whoever_joins_or_leaves() -> None:
    """The last turn was 2's: 3 is next; if 2 has left it is 3 as well; a joiner 5 comes after 4."""
    turns = {"day/work": Turns(last="o2")}
    assert row(made(desk(DAY), staff(0, 5), 4, turns=turns), "day") == "3401"
    gone = [one for one in staff(0, 5) if one.id != "o2"]
    assert row(made(desk(DAY), gone, 4, turns=turns), "day") == "3401"
    assert row(made(desk(DAY), staff(0, 6), 4, turns=turns), "day") == "3450"
    order = desk(DAY, order=("o4", "o2", "o0", "o1", "o3"))
    assert row(made(order, staff(0, 5), 4, turns=turns), "day") == "0134"


def test_leave_pushes_on_and_is_made_up() -> None:
    """1 is on leave on Tuesday, 2 takes it; 1 has Wednesday, and the list goes on after 2."""
    tuesday = MONDAY + timedelta(1)
    record = made(desk(DAY), staff(0, 5), 5, leave=[Leave(person="o1", from_on=tuesday, to_on=tuesday)])
    assert row(record, "day") == "02134"
    told = [(one["date"][-2:], one["turn"], one["given"], one["rule"]) for one in record["departures"]]
    assert told == [("08", "o1", "o2", "leave"), ("09", "o3", "o1", "made-up")]


def test_leave_over_the_edge_is_made_up_next_month() -> None:
    """The lists of the record say whose turn is owed; the next month begins with him."""
    record = made(
        desk(DAY), staff(0, 5), 4, leave=[Leave(person="o3", from_on=MONDAY, to_on=MONDAY + timedelta(4))]
    )
    assert row(record, "day") == "0124"
    assert record["turns"]["day/work"] == {"last": "o4", "owed": ["o3"]}
    turns = {key: Turns.of(one) for key, one in record["turns"].items()}
    assert row(made(desk(DAY), staff(0, 5), 4, turns=turns), "day") == "3012"


def test_long_leave_is_not_made_up() -> None:
    """Fifteen days of leave and more: he is passed over without a word, and owes nothing."""
    record = made(
        desk(DAY), staff(0, 3), 5, leave=[Leave(person="o1", from_on=MONDAY, to_on=MONDAY + timedelta(20))]
    )
    assert row(record, "day") == "02020"
    assert record["departures"] == []


@pytest.mark.parametrize("pair", [("o4", "o6"), ("o6", "o7")])
def test_whoever_makes_a_turn_up_was_passed_over_before(pair: tuple[str, str]) -> None:
    """In a first month nobody has a turn of before: also where a pair moves what the lists had proposed."""
    of = desk(DAY, NIGHT, pairs=(Pair(people=pair, together=True),))
    leave = [Leave(person="o0", from_on=MONDAY, to_on=MONDAY + timedelta(days=1))]
    record = made(of, staff(0, 8), 14, leave=leave)
    lists = {one.day.isoformat(): one.cls for one in calendar(14)}
    rows = record["departures"]
    up = [one for one in rows if one["rule"] == "made-up"]
    assert up
    for one in up:
        assert any(
            other["turn"] == one["given"]
            and (other["post"], lists[other["date"]]) == (one["post"], lists[one["date"]])
            and other["date"] < one["date"]
            for other in rows
        ), one


@pytest.mark.parametrize(("size", "pair"), [(5, ("o1", "o4")), (6, ("o3", "o4")), (7, ("o0", "o1"))])
def test_as_many_turns_are_owed_as_were_had_before_their_time(size: int, pair: tuple[str, str]) -> None:
    """Whoever is passed over twice for a pair makes two up: a list owes what it has given away, no less."""
    record = made(desk(DAY, NIGHT, pairs=(Pair(people=pair, together=True),)), staff(0, size), 28)
    assert any(turns.get("ahead") for turns in record["turns"].values())
    for turns in record["turns"].values():
        assert len(turns.get("owed", ())) == len(turns.get("ahead", ()))


def test_half_a_share_has_every_second_turn() -> None:
    """1 bears half a load: in two rounds of the list he has one turn."""
    people = [replace(one, share=0.5) if one.id == "o1" else one for one in staff(0, 3)]
    assert row(made(desk(DAY), people, 8), "day") == "01202010"  # two of them a weekend, with its own list


def test_a_fixed_group_comes_with_its_leader() -> None:
    """The leader's turn brings his group's: l0 with o0, o1; l1 with o2, o3."""
    groups = (Group(leader="l0", members=("o0", "o1")), Group(leader="l1", members=("o2", "o3")))
    record = made(desk(LEAD, DAY, groups=groups, rest_after_night_min=0), staff(2, 4), 5)
    assert row(record, "lead") == "01010"
    assert row(record, "day") == "02130"


def test_a_group_has_no_turn_on_a_day_led_by_a_leader_without_one() -> None:
    """l0 comes with o0, o1; l1 has no group, the other three have his days; nobody's turn is left."""
    groups = (Group(leader="l0", members=("o0", "o1")),)
    record = made(desk(LEAD, DAY, groups=groups, rest_after_night_min=0), staff(2, 5), 5)
    assert row(record, "lead") == "01010"
    assert row(record, "day") == "02130"
    assert record["departures"] == []
    assert record["turns"]["day/work"] == {"last": "o3"}
    assert record["turns"][list_of(DAY, "work", "l0")] == {"last": "o0"}


def test_a_group_takes_a_weekend_that_is_one_block_only_where_its_leader_leads_on_both_days() -> None:
    """l0 has the Saturday alone, so o2 of the general list has the weekend; with both days it is o0's."""
    groups = (Group(leader="l0", members=("o0", "o1")),)
    for blocks, saturdays in ((("day",), "22"), (("day", "lead"), "00")):
        of = desk(LEAD, DAY, groups=groups, rest_after_night_min=0, weekend_block=blocks)
        record = made(of, staff(2, 5), 7)
        assert row(record, "day")[5:] == saturdays
        assert record["departures"] == []


def test_whoever_acts_leads_while_the_leader_is_out_of_town() -> None:
    """l0's turn on Monday is l2's, who acts for him; l0 takes l2's turn on Wednesday; his group may come."""
    groups = (Group(leader="l0", members=("o0", "o1")),)
    record = made(
        desk(LEAD, DAY, groups=groups, acting={"l0": "l2"}, rest_after_night_min=0),
        staff(3, 3), 4, leave=[Leave(person="l0", from_on=MONDAY, to_on=MONDAY, kind="外出")],
    )  # fmt: skip
    assert row(record, "lead") == "2100"
    assert row(record, "day") == "0210"
    assert ("l0", "l2", "acting") in {
        (one["turn"], one["given"], one["rule"]) for one in record["departures"]
    }


@st.composite
def small_desks(draw: st.DrawFn) -> tuple[DutyDesk, list[Person], list[Leave], list[Wish]]:
    """Three people at one or two posts for a few days, with leave and wishes."""
    people = staff(0, 3)
    ids = st.sampled_from([one.id for one in people])
    days = st.integers(0, 5)
    of = desk(
        *draw(st.sampled_from([(DAY,), (NIGHT,)])),
        gaps=draw(st.sampled_from([{}, {"officer": 2}])),
        week=draw(st.sampled_from([{}, {"officer": 2}, {"officer": 3}])),
    )
    leave = [
        Leave(person=who, from_on=MONDAY + timedelta(first), to_on=MONDAY + timedelta(first + 1))
        for who, first in draw(st.lists(st.tuples(ids, days), max_size=2))
    ]
    wishes = [
        Wish(who, MONDAY + timedelta(first), MONDAY + timedelta(first + long), want, "", weight)
        for who, first, long, want, weight in draw(
            st.lists(st.tuples(ids, days, st.integers(0, 2), st.booleans(), st.integers(1, 3)), max_size=4)
        )
    ]
    return of, people, leave, wishes


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(small_desks(), st.sampled_from([ROTATION, FAIR]))
def test_each_stage_is_the_least_of_all_rosters(world: Any, style: str) -> None:
    """Against every roster of six days: first turns or fairness, then the next, compared as tuples."""
    of, people, leave, wishes = world
    of = replace(of, style=style)
    dates = calendar(6)
    problem = build_problem(dates, people, leave, {}, desk=of, wishes=wishes)
    classes = {one.day: one.cls for one in dates}
    facts = RosterFacts(
        days=dates, people=people, leave=leave, standby={},
        carried={one.id: one.carried for one in problem.people}, desk=desk_json(of),
    )  # fmt: skip
    ground = ground_of(facts)
    proposed = {(shift.day, who.id) for shift, who in propose(problem, classes, {}).duties}
    best: tuple[int, ...] | None = None
    for choice in product(problem.people, repeat=len(problem.shifts)):
        duties = list(zip(problem.shifts, choice, strict=True))
        if rule_breaches(ground, [Mine(who.id, shift.day, shift.post.id) for shift, who in duties]):
            continue
        left = len(proposed) - len(proposed & {(shift.day, who.id) for shift, who in duties})
        fair = objective.unfairness(problem, duties)
        broken = cost(wishes, [(shift.day, shift.post.id, who.id) for shift, who in duties])
        value = (left, fair, broken) if style == ROTATION else (fair, broken)
        best = value if best is None else min(best, value)
    try:
        record = make_month(problem, classes=classes, work=5)
    except Infeasible:
        assert best is None
        return
    judge(record, facts)
    stages = [one["value"] for one in record.get("stages", ())]
    if best is not None and stages:
        wanted = best if wishes else best[:-1]
        assert tuple(stages) == wanted
        assert [one["bound"] for one in record["stages"]] == stages


@settings(deadline=None, max_examples=SMALL_MODELS)
@given(random_worlds(), st.sampled_from([(ROTATION, "squares"), (FAIR, "squares"), (FAIR, LEXIMIN)]))
def test_any_desk_has_a_roster_that_is_checked_with_least_shortage(
    world: World, style: tuple[str, str]
) -> None:
    """Whatever its rules: seats stay empty where they must, and the check accepts the rest."""
    of = replace(world.desk, style=style[0], sharing=style[1])
    problem, facts = replace(world, desk=of).built()
    record = make_month(problem, classes={one.day: one.cls for one in facts.days}, short=True, work=5)
    judge(record, facts)


@pytest.mark.parametrize("style", [ROTATION, FAIR])
def test_a_roster_is_repeatable_to_the_byte(style: str) -> None:
    """Twice the same."""
    of = desk(LEAD, DAY, NIGHT, style=style)
    leave = [Leave(person="o1", from_on=MONDAY, to_on=MONDAY + timedelta(3))]
    assert made(of, staff(4, 9), 14, leave=leave) == made(of, staff(4, 9), 14, leave=leave)


@pytest.mark.parametrize("style", [FAIR, ROTATION])
def test_people_whose_post_needs_nobody_in_a_month_carry_their_counters_on(style: str) -> None:
    """A driver is needed in key periods only: an ordinary month is made all the same."""
    car = Post(id="car", role="driver", start=480, minutes=600, night=False)
    of = desk(LEAD, car, style=style)
    of = replace(of, need={**of.need, "car": {"work": 0, "weekend": 0, "holiday": 0, "key": 1}})
    people = [*staff(4, 0), Person(id="d0", name="d0", roles=("driver",))]
    carried = {one.id: {"holiday": 0, "weekend": 1, "night": 0, "total": 3} for one in people}
    dates = calendar(7)
    problem = build_problem(dates, people, [], {}, carried=carried, desk=of)
    record = make_month(problem, classes={one.day: one.cls for one in dates})
    facts = RosterFacts(
        days=dates, people=people, leave=[], standby={},
        carried={one.id: one.carried for one in problem.people}, desk=desk_json(of),
    )  # fmt: skip
    assert check_roster(record, facts) == []
    assert record["counters"]["d0"]["total"] == 3


def test_a_list_gives_nobody_both_seats_of_one_shift() -> None:
    """0 rests and 2 may not stand beside 1, who has the first seat of the second day: the other stays open.

    The list does not go round to 1 again; one departure is the least then, and 0 and 2 are owed a turn.
    """
    of = replace(
        desk(DAY, rest_min=2000, pairs=(Pair(people=("o1", "o2"), together=False),)),
        need={"day": {"work": 1, "weekend": 1, "holiday": 2, "key": 2}},
    )
    dates = calendar(2, frozenset({1}))
    problem = build_problem(dates, staff(0, 3), [], {}, desk=of)
    turns = {"day/holiday": Turns(last="o0")}
    proposal = propose(problem, {one.day: one.cls for one in dates}, turns)
    assert [(shift.index, person.id) for shift, person in proposal.duties] == [(0, "o0"), (1, "o1")]
    record = made(of, staff(0, 3), 2, holidays=frozenset({1}), turns=turns)
    assert [one["value"] for one in record["stages"] if one["name"] == "departures"] == [1]
    assert [one["person"] for one in record["assignments"]] == ["o2", "o0", "o1"]


def test_each_turn_that_somebody_acted_in_is_given_back() -> None:
    """l0 is out of town for two of his turns, l1 acts in both: l0 has two of his, also over the edge."""
    out = [Leave(person="l0", from_on=MONDAY, to_on=MONDAY + timedelta(3), kind="外出")]
    of = desk(LEAD, acting={"l0": "l1"}, rest_after_night_min=0)
    record = made(of, staff(3, 0), 5, leave=out)
    # by hand: 0 1 2 0 1, of which both of 0 go to 1, and the turns of 1 fall to him as far as he is there
    assert row(record, "lead") == "11210"
    assert record["turns"]["lead/work"]["stands"] == {"l1": "l0"}
    turns = {key: Turns.of(one) for key, one in record["turns"].items()}
    after = made(of, staff(3, 0), 5, turns=turns)
    assert row(after, "lead") == "20020"


def test_an_earlier_turn_that_is_not_made_up_after_all_is_not_told_as_made_up() -> None:
    """o0 owes a turn and comes only with o1, for whom there is no seat: whoever has the day makes none up."""
    of = desk(DAY, pairs=(Pair(people=("o0", "o1"), together=True),))
    leave = [Leave(person="o2", from_on=MONDAY, to_on=MONDAY)]
    turns = {"day/work": Turns(last="o1", owed=["o0"])}
    record = made(of, staff(0, 5), 1, leave=leave, turns=turns)
    told = [(one["turn"], one["rule"]) for one in record["departures"]]
    assert told == [("o0", "pairs")]
    assert record["turns"]["day/work"]["owed"] == ["o0"]
