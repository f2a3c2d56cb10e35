"""Duties that stand, past or locked: what they forbid others, what they leave open to their people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from auditor.entities import Duty, Leave, Person, Post
from auditor.roster.check import check_roster, ground_of
from auditor.roster.check_rules import Mine
from auditor.roster.desk import Group, Pair, desk_json
from auditor.roster.explain import core
from auditor.roster.make import shortage
from auditor.roster.problem import Shift, edge_block
from auditor.roster.relax import relaxations
from auditor.roster.repair import mend, open_part
from auditor.roster.rotation import propose
from auditor.roster.styles import make_month
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.workflow import bureau
from auditor.workflow.duty import desk_settings, rosters
from auditor.workflow.duty.leave_requests import Ask, ask, decide
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.months import month_of
from desk_world import BEFORE, away, copied, make_desk, publish, rows
from desk_world import at as moment
from roster.test_rules import DAY, LEAD, NIGHT, PHONE, SUNDAY, WAIT, World, at, desk, staff

L0_LEADS = (Group(leader="l0", members=("o0",)),)
Filled = Mapping[tuple[int, str], Sequence[str]]
"""Who fills a post on a day, counted from the world's first."""


def ill(who: str, on: int) -> Leave:
    """Leave of one day."""
    return Leave(person=who, from_on=at(on), to_on=at(on))


def mended(world: World, filled: Filled, stands: Callable[[Shift], bool]) -> tuple[int, Filled] | None:
    """Mend a world of one part that was filled so: the cells that change, and who fills the open posts."""
    problem, _facts = world.built()
    (part,) = problem.parts()
    people = {person.id: person for person in part.people}
    before = [(shift, people[who]) for shift in part.shifts for who in filled[part.day(shift), shift.post.id]]
    opened, left = open_part(part, before, lambda shift: not stands(shift))
    found = mend(opened, left, work=5)
    if found.duties is None:
        return None
    now: dict[tuple[int, str], list[str]] = {}
    for shift, person in found.duties:
        now.setdefault((opened.day(shift), shift.post.id), []).append(person.id)
    assert found.stages[0].value == found.stages[0].bound
    return found.stages[0].value, now


@pytest.mark.parametrize("began", [1, 2], ids=["the Saturday stands", "the Sunday stands"])
@pytest.mark.parametrize("leaders", [3, 8])
def test_the_other_day_of_a_weekend_stays_with_who_is_there(began: int, leaders: int) -> None:
    """Two lead a weekend, one is ill on its open day: he alone is replaced, whoever else there is."""
    two = dict.fromkeys(("work", "weekend", "holiday", "key"), 2)
    weekend = replace(desk([LEAD], weekend_block=("lead",), gaps={"leader": 3}), need={"lead": two})
    sick = 3 - began
    world = World(weekend, 2, staff(leaders, 0), leave=[ill("l0", sick)], since=1)
    found = mended(
        world, {(0, "lead"): ["l0", "l1"], (1, "lead"): ["l0", "l1"]}, lambda one: one.day == at(began)
    )
    assert found is not None
    cells, now = found
    assert cells == 2
    (there,) = now.values()
    assert "l1" in there
    assert len(there) == 2


def test_a_leader_by_telephone_does_not_lead_his_group() -> None:
    """l1 leads on site and l0 by telephone, both stand; o1 is ill: o0 of l0's group may not come, o2 may."""
    world = World(desk([LEAD, PHONE, NIGHT], groups=L0_LEADS), 1, staff(2, 3), leave=[ill("o1", 0)])
    stands: Filled = {(0, "lead"): ["l1"], (0, "phone"): ["l0"], (0, "night"): ["o1"]}
    assert mended(world, stands, lambda one: one.post.role == "leader") == (2, {(0, "night"): ["o2"]})
    stands = {**stands, (0, "lead"): ["l0"], (0, "phone"): ["l1"]}
    found = mended(world, stands, lambda one: one.post.role == "leader")
    assert found is not None
    assert found[0] == 2


def test_the_leader_of_a_member_whose_duty_stands_goes_on_leading_while_he_can() -> None:
    """o0's day is locked, so l0 leads on it, unless he is ill."""
    late = replace(LEAD, start=1200)
    of = World(desk([late, DAY], groups=L0_LEADS), 1, staff(3, 2))
    filled: Filled = {(0, "lead"): ["l0"], (0, "day"): ["o0"]}
    assert mended(of, filled, lambda one: one.post == DAY) == (0, {(0, "lead"): ["l0"]})
    assert mended(of, {**filled, (0, "lead"): ["l1"]}, lambda one: one.post == DAY) == (
        2,
        {(0, "lead"): ["l0"]},
    )
    # and where the leader's duty stands, his members may be as they were
    assert mended(of, filled, lambda one: one.post == late) == (0, {(0, "day"): ["o0"]})
    sick = replace(of, leave=[ill("l0", 0)])
    # he is ill: his member stands, so nobody is asked for him
    assert mended(sick, filled, lambda one: one.post == DAY) == (2, {(0, "lead"): ["l1"]})
    assert mended(sick, filled, lambda one: False) == (4, {(0, "lead"): ["l1"], (0, "day"): ["o1"]})


def test_a_day_on_which_nobody_leads_on_site_asks_no_group_for_its_leader() -> None:
    """Only a telephone is kept, by l1, and it stands: o0 of l0's group has the night and keeps it."""
    world = World(desk([LEAD, PHONE, NIGHT], groups=L0_LEADS), 1, staff(2, 3))
    only = replace(world.desk, need={**world.desk.need, "lead": {**world.desk.need["lead"], "work": 0}})
    found = mended(
        replace(world, desk=only), {(0, "phone"): ["l1"], (0, "night"): ["o0"]}, lambda one: one.post == PHONE
    )
    assert found == (0, {(0, "night"): ["o0"]})


@pytest.mark.parametrize("drivers", [0, 1])
def test_a_post_that_needs_nobody_asks_for_nobody_of_its_role(drivers: int) -> None:
    """A driver's post that is kept in no class of day: made without a driver; one carries his counters on."""
    of = desk([DAY, Post(id="car", role="driver", start=480, minutes=600, night=False)])
    of = replace(of, need={**of.need, "car": dict.fromkeys(("work", "weekend", "holiday", "key"), 0)})
    people = [Person(id="d0", name="", roles=("driver",))] * drivers
    of = replace(of, opening={"d0": {"total": 4}} if drivers else {})
    problem, facts = World(of, 3, [*staff(0, 3), *people]).built()
    record = make_month(problem)
    assert check_roster(record, facts) == []
    assert record["status"] == "optimal"
    assert record["counters"].get("d0", {}).get("total", 0) == 4 * drivers


def edge(leave: Sequence[Leave] = (), style: str = "fair") -> World:
    """A month from a Sunday on whose Saturday l1, o1 and o2 had, at posts that are one block."""
    two = dict.fromkeys(("work", "weekend", "holiday", "key"), 2)
    of = desk([LEAD, DAY], weekend_block=("day", "lead"))
    return World(
        replace(of, style=style, need={"lead": of.need["lead"], "day": two}), 4, staff(4, 7), leave=leave,
        before=[Duty(day=at(SUNDAY - 1), post=post, person=who)
                for post, who in (("lead", "l1"), ("day", "o1"), ("day", "o2"))],
        since=SUNDAY,
    )  # fmt: skip


@pytest.mark.parametrize("style", ["fair", "rotation"])
@pytest.mark.parametrize("away", [False, True])
def test_whoever_had_the_saturday_before_the_month_has_its_sunday(style: str, away: bool) -> None:
    """All three go on; if o1 is on leave that Sunday the other two do. The lists' turns begin with others."""
    world = edge([ill("o1", SUNDAY)] if away else [], style)
    problem, facts = world.built()
    record = make_month(problem, classes={one.day: one.cls for one in facts.days})
    assert check_roster(record, facts) == []
    sunday = [(one["post"], one["person"]) for one in record["assignments"] if one["date"][-2:] == "01"]
    assert {("day", "o2"), ("lead", "l1")} <= set(sunday)
    assert (("day", "o1") in sunday) is not away
    if style == "rotation" and not away:
        assert record["departures"] == []
        assert "day/weekend" not in record["turns"]


def test_the_rotation_goes_on_as_if_the_sunday_belonged_to_the_month_before() -> None:
    """Monday's turns are those of a month that begins on Monday, but for who still rests."""
    problem, facts = edge(style="rotation").built()
    proposal = propose(problem, {one.day: one.cls for one in facts.days}, {})
    rows = {}
    for shift, person in proposal.duties:
        rows.setdefault((problem.day(shift), shift.post.id), []).append(person.id)
    assert rows[0, "day"] == ["o1", "o2"]
    assert rows[1, "lead"] == ["l0"]
    assert rows[1, "day"] == ["o0", "o1"]


def test_a_block_over_the_edge_can_be_set_aside() -> None:
    """The Saturday's officer is alone on Monday too, which the gap forbids: one way out is the block."""
    world = World(
        desk([DAY], weekend_block=("day",), gaps={"officer": 2}), 2, staff(0, 2),
        leave=[ill("o1", SUNDAY + 1)], before=[Duty(day=at(SUNDAY - 1), post="day", person="o0")],
        since=SUNDAY,
    )  # fmt: skip
    problem, _facts = world.built()
    (part,) = problem.parts()
    lacks = shortage(part, 5)
    found = core(part, [shift.index for shift, _count in lacks], work=5)
    assert ("weekend-block", "o0") in {(one.rule, one.person) for one in found}
    kinds = {one.kind for one in relaxations(part, lacks, {one.rule for one in found}, work=5)}
    assert "weekend-block" in kinds


@pytest.mark.parametrize("saturday", ["work", "weekend", "holiday"])
@pytest.mark.parametrize("sunday", ["work", "weekend", "holiday"])
def test_the_edge_cuts_a_block_only_where_a_month_has_one(saturday: str, sunday: str) -> None:
    """Both days are of a weekend, and of one need; the rule and its twin know it each by themselves."""
    of = edge()
    _problem, facts = of.built()
    assert facts.eve is not None
    for key in ("", "exam"):
        eve, first = replace(facts.eve, cls=saturday, key_period=key), replace(facts.days[0], cls=sunday)
        for seats in (2, 1):
            need = {**of.desk.need["day"], "key": seats}
            now = replace(of.desk, need={**of.desk.need, "day": need})
            one = saturday == sunday == "weekend" and (not key or seats == 2)
            assert edge_block(now, "day", eve, first) is one
            ground = ground_of(replace(facts, eve=eve, days=[first, *facts.days[1:]], desk=desk_json(now)))
            assert ground.cut(Mine("o1", eve.day, "day"), Mine("o1", first.day, "day")) is one


def test_two_months_share_a_weekend_in_the_file_of_a_bureau(tmp_path: Path) -> None:
    """31 July 2027 is a Saturday: its leader has 1 August; a repair of one day leaves the other."""
    settings = tmp_path / "desk.toml"
    settings.write_text('weekend_block = ["lead"]\n', encoding="utf-8")
    make_desk(tmp_path / "a.db")
    with bureau.opened(tmp_path / "a.db") as db:
        desk_settings.keep_desk(db, settings, BEFORE)
        for key in ("2027-07", "2027-08"):
            publish(db, key, BEFORE)
        (first, second) = weekend(db)
        assert first == second
    for day, now in (("2027-07-31", BEFORE), ("2027-08-01", moment("2027-07-31", 20))):
        with copied(tmp_path / "a.db", tmp_path / f"{day}.db") as db:
            asked = (first, date.fromisoformat(day), date.fromisoformat(day))
            repair(db, absent=[asked], reason="病假", now=now, work=20)
            one, other = weekend(db)
            assert (one == first, other == first) == (day != "2027-07-31", day == "2027-07-31")
            for key in ("2027-07", "2027-08"):
                assert rosters.check(db, read_roster(db, key), month_of(key)) == []


@pytest.mark.parametrize("style", ["fair", "rotation"])
def test_a_month_made_before_the_one_after_it_shares_its_weekend_too(tmp_path: Path, style: str) -> None:
    """August stands, and its first Sunday with it: July's last Saturday goes to the same people, by hand too.

    But not to whoever is on leave on that Saturday.
    """
    settings = tmp_path / "desk.toml"
    settings.write_text(f'style = "{style}"\nweekend_block = ["lead", "day"]\n', encoding="utf-8")
    make_desk(tmp_path / "a.db")
    july, last = month_of("2027-07"), "2027-07-31"
    with bureau.opened(tmp_path / "a.db") as db:
        desk_settings.keep_desk(db, settings, BEFORE)
        record = publish(db, "2027-08", BEFORE)
        sunday = {post: who for day, post, who in rows(record) if day == "2027-08-01"}
        made = rosters.make(db, july, work=20)
        saturday = {post: who for day, post, who in rows(made) if day == last}
        assert {post: saturday[post] for post in ("lead", "day")} == {
            post: sunday[post] for post in ("lead", "day")
        }
        torn = [
            {**row, "person": "l0" if sunday["lead"] != "l0" else "l1"}
            if (row["date"], row["post"]) == (last, "lead") else row
            for row in made["assignments"]
        ]  # fmt: skip
        problem = rosters.problem_of(db, july, desk_settings.desk_for(db, july))
        facts = rosters.both_edges(rosters.facts_of(db, july, problem), rosters.after_month(db, july, 3))
        wrong = check_roster({**made, "assignments": torn}, facts)
        assert [one.what for one in wrong if one.rule == "weekend-block"] == [sunday["lead"]]
        cells = tuple(f"{last}/{post}={sunday[post]}" for post in ("lead", "day"))
        fixed = rosters.make(db, july, asked=rosters.Asked(work=20, fixed=cells))
        assert {(last, post, sunday[post]) for post in ("lead", "day")} <= rows(fixed)
        away(db, sunday["lead"], last, last)
        other = {post: who for day, post, who in rows(rosters.make(db, july, work=20)) if day == last}
        assert other["lead"] != sunday["lead"]
        assert other["day"] == sunday["day"]


def weekend(db: Database) -> tuple[str, str]:
    """Who leads on 31 July and on 1 August."""
    both = rows(read_roster(db, "2027-07")) | rows(read_roster(db, "2027-08"))
    one, other = (who for day, post, who in sorted(both) if post == "lead" and "07-31" <= day[5:] <= "08-01")
    return one, other


@pytest.mark.parametrize("half", ["", "am"])
def test_the_acting_head_of_an_approved_report_takes_the_turn(tmp_path: Path, half: str) -> None:
    """l2's turn falls on a day on which a report has him out of town, whole or in part, and names l4."""
    make_desk(tmp_path / "a.db")
    with bureau.opened(tmp_path / "a.db") as db:
        made = rosters.make(db, month_of("2026-12"), work=20)
        day = next(
            row["date"] for row in made["assignments"] if (row["post"], row["person"]) == ("lead", "l2")
        )
        asked = Ask(
            who="l2", first=date.fromisoformat(day), last=date.fromisoformat(day), kind="out-of-town",
            half=half, where="out", acting="l4",
        )  # fmt: skip
        request, _clashes = ask(db, asked, BEFORE)
        decide(db, request["id"], agreed=True, by="李局长", note="", now=BEFORE)
        made = rosters.make(db, month_of("2026-12"), work=20)
        assert made["desk"]["acting"] == {"l2": "l4"}
        row = {"date": day, "post": "lead", "turn": "l2", "given": "l4", "rule": "acting"}
        assert row in made["departures"]
        assert {"date": day, "post": "lead", "person": "l4"} in made["assignments"]


@pytest.mark.parametrize("limit", ["month", "week", "runs"])
@pytest.mark.parametrize(("most", "cells"), [(1, None), (2, 2)])
def test_a_limit_counts_what_stands(limit: str, most: int, cells: int | None) -> None:
    """o0's first day stands and o1 falls ill on the second: o0 may take it where two are allowed."""
    world = World(desk([DAY], **{limit: {"officer": most}}), 2, staff(0, 2), leave=[ill("o1", 1)])
    found = mended(world, {(0, "day"): ["o0"], (1, "day"): ["o1"]}, lambda one: one.day == at(0))
    assert (found and found[0]) == cells


def test_stand_by_that_stands_is_no_duty_of_its_day() -> None:
    """o0 stands by on the day of o1, with whom he is never on duty, and o0's leader need not lead on it."""
    apart = (Pair(people=("o0", "o1"), together=False),)
    world = World(desk([DAY, WAIT], pairs=apart), 1, staff(0, 3))
    filled: Filled = {(0, "day"): ["o1"], (0, "wait"): ["o0"], (0, "lead"): ["l1"]}
    assert mended(world, filled, lambda one: one.post == WAIT) == (0, {(0, "day"): ["o1"]})
    group = World(desk([LEAD, DAY, WAIT], groups=L0_LEADS), 1, staff(2, 3))
    assert mended(group, filled, lambda one: one.post.role == "officer") == (0, {(0, "lead"): ["l1"]})


def test_a_pair_goes_by_what_stands() -> None:
    """o1's day stands: o0, never with him, cannot take its night; if they belong together he has to."""
    for together, night in ((False, "o3"), (True, "o0")):
        pair = (Pair(people=("o0", "o1"), together=together),)
        world = World(desk([DAY, NIGHT], pairs=pair), 1, staff(0, 4), leave=[ill("o2", 0)])
        filled: Filled = {(0, "day"): ["o1"], (0, "night"): ["o2"]}
        assert mended(world, filled, lambda one: one.post == DAY) == (2, {(0, "night"): [night]})
        # nobody is ill: the pair alone moves the night
        world = replace(world, leave=[])
        other = {**filled, (0, "night"): ["o0" if not together else "o2"]}
        found = mended(world, other, lambda one: one.post == DAY)
        assert found is not None
        assert found[0] == 2
        assert (found[1][0, "night"] == ["o0"]) is together
