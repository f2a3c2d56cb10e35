"""Where the lists of a rotation stand after take-overs and repairs: a weekend's block, long leave, locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from auditor.entities import Leave
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.store.staff import drop_leave, put_leave, read_leave
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import roster_repairs
from auditor.workflow.duty.roster_changes import HeldBeside, swap, take_over
from auditor.workflow.duty.roster_choices import partners, substitutes
from auditor.workflow.duty.roster_life import hold
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.months import month_of
from desk_world import BEFORE, at, broken, copied, desk_people, entries, publish, published_in, rows

DEC, JAN = "2026-12", "2027-01"
NOW = at("2026-12-02")
SATURDAY, SUNDAY = "2026-12-12", "2026-12-13"
BLOCK = 'weekend_block = ["day"]\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau in rotation whose day duty has the weekend as one block, December published."""
    return published_in(tmp_path_factory.mktemp("turns"), BLOCK, desk_people(4, 12), [DEC])


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    with copied(made, tmp_path / "bureau.db") as db:
        yield db


def roster(db: Database, month: str = DEC) -> dict[str, Any]:
    """The roster of a month as it is."""
    found = read_roster(db, month)
    assert found is not None
    return found


def holder(db: Database, day: str, post: str = "day") -> str:
    """Who has the one seat of a post on a day."""
    (who,) = {who for when, name, who in rows(roster(db)) if (when, name) == (day, post)}
    return who


def balance(turns: dict[str, Any], key: str = "day/weekend") -> Counter[str]:
    """By person how many turns of a list he makes up, below 0 how often he is passed over."""
    found = Counter(turns[key].get("owed", ()))
    found.subtract(turns[key].get("ahead", ()))
    return found


def moved(db: Database, before: dict[str, Any], month: str = DEC, key: str = "day/weekend") -> dict[str, int]:
    """Whose balance on a list is another than it was, and by how much."""
    found = balance(roster(db, month)["turns"], key)
    found.subtract(balance(before, key))
    return {who: count for who, count in found.items() if count}


def stand_in(db: Database, who: str, day: str) -> str:
    """The fairest of those who can take a day's duty over."""
    return substitutes(db, who, f"{day}/day", now=NOW).possible[0].person


# a weekend that is one block is one turn


@pytest.mark.parametrize("how", ["take-over", "repair"])
def test_a_weekend_that_is_one_block_is_one_turn(desk: Database, how: str) -> None:
    """It is owed once, and its stand-in is passed over once; also in the month that is made already."""
    publish(desk, JAN, BEFORE)
    before = {key: roster(desk, key)["turns"] for key in (DEC, JAN)}
    mine = holder(desk, SATURDAY)
    if how == "repair":
        repair(desk, absent=[(mine, date(2026, 12, 12), date(2026, 12, 13))], now=NOW, work=20)
        other = holder(desk, SATURDAY)
        assert other == holder(desk, SUNDAY)
    else:
        other = stand_in(desk, mine, SATURDAY)
        take_over(desk, mine, f"{SUNDAY}/day", other, now=NOW)
    for month in (DEC, JAN):
        assert moved(desk, before[month], month) == {mine: 1, other: -1}
    if how == "repair":
        with write_tx(desk, "leave", NOW) as tx:
            drop_leave(tx, read_leave(desk))
    take_over(desk, other, f"{SATURDAY}/day", mine, now=NOW)
    assert {key: roster(desk, key)["turns"] for key in (DEC, JAN)} == before


def test_whoever_has_a_day_of_the_block_has_its_turn(desk: Database) -> None:
    """Ill on Sunday alone he has had his turn, and who comes is passed over; then Saturday goes too."""
    before = roster(desk)["turns"]
    mine = holder(desk, SATURDAY)
    day = date.fromisoformat(SUNDAY)
    repair(desk, absent=[(mine, day, day)], now=at(SATURDAY, 9), work=20)
    other = holder(desk, SUNDAY)
    assert other != mine == holder(desk, SATURDAY)
    assert moved(desk, before) == {other: -1}
    take_over(desk, mine, f"{SATURDAY}/day", other, now=at(SATURDAY, 10))
    assert moved(desk, before) == {mine: 1, other: -1}
    with write_tx(desk, "leave", NOW) as tx:
        drop_leave(tx, read_leave(desk))
    take_over(desk, other, f"{SATURDAY}/day", mine, now=at(SATURDAY, 11))
    assert holder(desk, SUNDAY) == mine
    assert roster(desk)["turns"] == before


def test_a_weekend_that_the_months_edge_cuts_is_one_turn_too(tmp_path: Path) -> None:
    """Sunday 1 August alone is no turn for who has had Saturday; with Saturday too it is one of July."""
    july, august = "2027-07", "2027-08"
    with bureau.opened(published_in(tmp_path, BLOCK, desk_people(4, 12), [july, august])) as db:
        before = {key: roster(db, key)["turns"] for key in (july, august)}
        (mine,) = {row["person"] for row in roster(db, july)["assignments"]
                   if (row["date"], row["post"]) == ("2027-07-31", "day")}  # fmt: skip
        sunday, saturday = "2027-08-01/day", "2027-07-31/day"
        able = [
            {one.person for one in substitutes(db, mine, day, now=NOW).possible} for day in (sunday, saturday)
        ]
        other = min(able[0] & able[1])
        take_over(db, mine, sunday, other, now=NOW)
        assert moved(db, before[august], august) == {other: -1}
        take_over(db, mine, saturday, other, now=NOW)
        assert moved(db, before[july], july) == {mine: 1}
        assert moved(db, before[august], august) == {mine: 1, other: -1}
        take_over(db, other, saturday, mine, now=NOW)
        take_over(db, other, sunday, mine, now=NOW)
        assert {key: roster(db, key)["turns"] for key in (july, august)} == before


def test_two_turns_of_one_list_are_owed_twice(desk: Database) -> None:
    """Whoever gives two away owes two, who took them is passed over twice; given back, all is as it was."""
    before = roster(desk)["turns"]
    work = {day.day.isoformat() for day in month_of(DEC).days if day.cls == "work"}
    nights = sorted((who, day) for day, post, who in rows(roster(desk)) if post == "night" and day in work)
    for (mine, first), (same, second) in combinations(nights, 2):
        if mine != same or first < "2026-12-03":
            continue
        takers = [
            {one.person for one in substitutes(desk, mine, f"{day}/night", now=NOW).possible}
            for day in (first, second)
        ]
        both = sorted(takers[0] & takers[1])
        if both:
            break
    for day in (first, second):
        take_over(desk, mine, f"{day}/night", both[0], now=NOW)
    assert moved(desk, before, key="night/work") == {mine: 2, both[0]: -2}
    for day in (first, second):
        take_over(desk, both[0], f"{day}/night", mine, now=NOW)
    assert roster(desk)["turns"] == before


# long leave


@pytest.mark.parametrize(("until", "owed"), [("2026-12-23", True), ("2026-12-24", False)])
def test_long_leave_that_is_told_late_is_not_owed(desk: Database, until: str, owed: bool) -> None:
    """14 days are made up, 15 are not, as in a month that is made with them; who stood in is passed over."""
    mine = holder(desk, SATURDAY)
    assert (SATURDAY[:8] + "09", "night", mine) not in rows(roster(desk))
    first = date(2026, 12, 10)
    repair(desk, absent=[(mine, first, date.fromisoformat(until))], now=NOW, work=20)
    lists = roster(desk)["turns"].values()
    assert any(mine in one.get("owed", ()) for one in lists) is owed
    assert any(one.get("ahead") for one in lists)
    assert not broken(desk, DEC)


def test_a_turn_that_was_not_owed_is_had_again_without_standing_in(desk: Database) -> None:
    """He is back earlier and takes his duties over again: the lists stand as they were made."""
    before = roster(desk)["turns"]
    mine = holder(desk, SATURDAY)
    repair(desk, absent=[(mine, date(2026, 12, 10), date(2027, 1, 31))], now=NOW, work=20)
    assert not any(mine in one.get("owed", ()) for one in roster(desk)["turns"].values())
    with write_tx(desk, "leave", NOW) as tx:
        drop_leave(tx, read_leave(desk))
    made = {(row["date"], row["post"]): row["person"] for row in first_roster(desk)["assignments"]}
    for (day, post), who in sorted(made.items()):
        now = {(one, name): other for one, name, other in rows(roster(desk))}
        if now[day, post] != who == mine:
            take_over(desk, now[day, post], f"{day}/{post}", who, now=NOW)
    assert {(row["date"], row["post"]): row["person"] for row in roster(desk)["assignments"]} == made
    assert roster(desk)["turns"] == before


def first_roster(db: Database) -> dict[str, Any]:
    """December as it was made."""
    from auditor.workflow.duty.roster_life import history

    return dict(history(db, DEC)[0]["roster"])


def test_who_leaves_owes_nothing_and_who_stood_in_and_goes_is_passed_over_no_more(desk: Database) -> None:
    """A leaver's turns are nobody's to make up; a duty that he only stood in for clears what it gave him."""
    before = roster(desk)["turns"]
    mine = holder(desk, SATURDAY)
    other = stand_in(desk, mine, SATURDAY)
    take_over(desk, mine, f"{SATURDAY}/day", other, now=NOW)
    assert moved(desk, before) == {mine: 1, other: -1}
    repair(desk, absent=[(other, date(2026, 12, 10), date(2027, 1, 31))], now=NOW, work=20)
    third = holder(desk, SATURDAY)
    assert third != other
    assert moved(desk, before) == ({} if third == mine else {mine: 1, third: -1})


def owed_to(db: Database, who: str) -> int:
    """How many turns somebody makes up, on all lists."""
    return sum(one.get("owed", []).count(who) for one in roster(db)["turns"].values())


def test_leave_that_grows_long_or_shrinks_is_reckoned_with_by_the_next_repair(desk: Database) -> None:
    """Ten days are owed; long leave is not; back after nine days, those are owed again."""
    mine = holder(desk, SATURDAY)
    first, told, longer, less = (date(2026, 12, day) for day in (10, 19, 31, 18))
    repair(desk, absent=[(mine, first, told)], now=NOW, work=20)
    owed = owed_to(desk, mine)
    assert owed > 0
    repair(desk, absent=[(mine, first, longer)], now=NOW, work=20)
    assert owed_to(desk, mine) == 0
    written = entries(desk), roster(desk)
    repair(desk, now=NOW, work=20)
    assert (entries(desk), roster(desk)["turns"]) == (written[0], written[1]["turns"])
    with write_tx(desk, "leave", NOW) as tx:
        drop_leave(tx, read_leave(desk))
        put_leave(tx, [Leave(person=mine, from_on=first, to_on=less, kind="病假")])
    repair(desk, now=NOW, work=20)
    assert owed_to(desk, mine) >= owed
    assert not broken(desk, DEC)


# a weekend of which one day is locked or has begun


@pytest.mark.parametrize(("asked", "locked"), [(SATURDAY, SUNDAY), (SUNDAY, SATURDAY)])
def test_what_is_locked_does_not_move_with_the_other_day_of_its_weekend(
    desk: Database, asked: str, locked: str
) -> None:
    """Take-over, swap from either side, and both lists of choices say which day is to be freed first."""
    mine, his = holder(desk, SATURDAY), holder(desk, "2026-12-19")
    hold(desk, DEC, [(locked, "day")], now=NOW)
    before = roster(desk), entries(desk)
    for act in (
        lambda: take_over(desk, mine, f"{asked}/day", his, now=NOW),
        lambda: swap(desk, mine, f"{asked}/day", his, "2026-12-19/day", agreed=True, now=NOW),
        lambda: swap(desk, his, "2026-12-20/day", mine, f"{asked}/day", agreed=True, now=NOW),
        lambda: substitutes(desk, mine, f"{asked}/day", now=NOW),
        lambda: partners(desk, mine, f"{asked}/day", now=NOW),
    ):
        with pytest.raises(HeldBeside, match=f"--free {locked}/day"):
            act()
    offered = partners(desk, his, "2026-12-19/day", now=NOW)
    told = {(one.day, one.post) for one in (*offered.possible, *offered.impossible)}
    assert ("2026-12-14", "day") in told
    assert not told & {(SATURDAY, "day"), (SUNDAY, "day")}
    assert (roster(desk), entries(desk)) == before
    hold(desk, DEC, [(locked, "day")], free=True, now=NOW)
    take_over(desk, mine, f"{asked}/day", stand_in(desk, mine, asked), now=NOW)
    assert holder(desk, SATURDAY) == holder(desk, SUNDAY) != mine


@pytest.mark.parametrize(("free", "locked"), [(SATURDAY, SUNDAY), (SUNDAY, SATURDAY)])
def test_illness_over_a_weekend_of_which_one_day_is_locked(desk: Database, free: str, locked: str) -> None:
    """The other day finds somebody, the locked one stands and is named; freed, it moves too."""
    mine = holder(desk, SATURDAY)
    hold(desk, DEC, [(locked, "day")], now=NOW)
    told = repair(desk, absent=[(mine, date(2026, 12, 12), date(2026, 12, 13))], now=NOW, work=20)
    (month,) = told["months"]
    assert [(one["date"], one["post"]) for one in month["still_out"]] == [(locked, "day")]
    assert {one["rule"] for one in month["still_broken"]} == {"leave"}
    assert any("2026-12-12" in one for one in month["apart"])
    assert holder(desk, locked) == mine != holder(desk, free)
    assert {one.split()[0] for one in broken(desk, DEC)} == {"leave"}
    hold(desk, DEC, [(locked, "day")], free=True, now=NOW)
    repair(desk, now=NOW, work=20)
    assert mine not in {holder(desk, SATURDAY), holder(desk, SUNDAY)}
    assert not broken(desk, DEC)


def test_a_weekend_that_is_locked_in_half_stands_whole(desk: Database) -> None:
    """Whoever is ill beside it, no day of it moves: neither the locked one nor the other."""
    mine = holder(desk, SATURDAY)
    hold(desk, DEC, [(SUNDAY, "day")], now=NOW)
    month = roster_repairs._Month(desk, DEC, set(), NOW, None, 20)
    stands = {(one.day.isoformat(), one.post.id) for one in month.problem.shifts if not month.is_open(one)}
    assert {(SATURDAY, "day"), (SUNDAY, "day")} <= stands
    night = holder(desk, "2026-12-11", "night")
    repair(desk, absent=[(night, date(2026, 12, 11), date(2026, 12, 11))], now=NOW, work=20)
    assert holder(desk, SATURDAY) == holder(desk, SUNDAY) == mine


def test_a_sunday_whose_person_is_out_of_town_moves_though_saturday_has_begun(desk: Database) -> None:
    """Not only leave keeps somebody away on the day between."""
    mine = holder(desk, SATURDAY)
    day = date.fromisoformat(SUNDAY)
    with write_tx(desk, "leave", NOW) as tx:
        put_leave(tx, [Leave(person=mine, from_on=day, to_on=day, kind="外出报备")])
    (month,) = repair(desk, now=at(SATURDAY, 9), work=20)["months"]
    assert not month["still_broken"]
    assert holder(desk, SATURDAY) == mine != holder(desk, SUNDAY)
    assert not broken(desk, DEC)
