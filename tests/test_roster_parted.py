"""Pairs and groups that somebody's illness takes apart: nothing of them is asked of whoever stands in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import AuditorError
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.workflow.duty.roster_changes import take_over
from auditor.workflow.duty.roster_choices import substitutes
from auditor.workflow.duty.roster_repairs import repair
from desk_world import at, broken, copied, desk_people, published_in, rows

DEC = "2026-12"
TIED = """
style = "fair"
[[pairs]]
people = ["o02", "o03"]
together = true
[[groups]]
leader = "l0"
members = ["o00", "o01"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with December published, a pair and a group at its desk."""
    return published_in(tmp_path_factory.mktemp("tied"), TIED, desk_people(7, 9), [DEC])


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    with copied(made, tmp_path / "bureau.db") as db:
        yield db


def on(db: Database, day: str) -> dict[str, str]:
    """Who fills the posts of a day."""
    return {post: who for when, post, who in rows(read_roster(db, DEC)) if when == day}


def day_of(db: Database, who: str, post: str) -> str:
    """A day after the tenth on which somebody has a post."""
    return min(
        row[0] for row in rows(read_roster(db, DEC)) if row[1:] == (post, who) and row[0] > "2026-12-10"
    )


def stands(db: Database, told: Any, day: str, post: str, ill: str) -> None:
    """A sick call names the running duty; whoever it names can take it, and a repair moves nothing then."""
    (month,) = [*told["months"], *told["left"]]
    assert [(row["date"], row["post"], row["person"]) for row in month["still_out"]] == [(day, post, ill)]
    now = at(day, 23)
    able = [one.person for one in substitutes(db, ill, f"{day}/{post}", now=now).possible]
    assert able
    take_over(db, ill, f"{day}/{post}", able[0], reason="病假", now=now)
    assert not broken(db, DEC)
    before = rows(read_roster(db, DEC))
    again = repair(db, now=now, work=20)
    assert (again["months"], again["left"]) == ([], [])
    assert rows(read_roster(db, DEC)) == before


def test_who_stands_in_for_one_of_a_pair_is_not_asked_for_the_other(desk: Database) -> None:
    """The night runs, the other one's day duty is over: a take-over works, and nothing goes in a circle."""
    posts = on(desk, day_of(desk, "o02", "night"))
    day = day_of(desk, "o02", "night")
    assert posts["day"] == "o03"
    told = repair(
        desk, absent=[("o02", date.fromisoformat(day), date.fromisoformat(day))], now=at(day, 23), work=20
    )
    stands(desk, told, day, "night", "o02")


def test_a_night_that_has_not_begun_is_filled_though_the_other_of_the_pair_stands(desk: Database) -> None:
    """The day duty runs, the night is to come: the repair fills it with somebody else, in one step."""
    day = day_of(desk, "o02", "night")
    told = repair(
        desk, absent=[("o02", date.fromisoformat(day), date.fromisoformat(day))], now=at(day, 12), work=20
    )
    assert not told["left"]
    assert [row["post"] for row in told["months"][0]["changes"]] == ["night"]
    assert on(desk, day)["night"] != "o02"
    assert on(desk, day)["day"] == "o03"
    assert not broken(desk, DEC)
    assert repair(desk, now=at(day, 12), work=20)["months"] == []


def test_a_group_stays_when_its_leader_falls_ill_on_duty(desk: Database) -> None:
    """Somebody else takes the running duty over; the members' night, which is to come, is left alone."""
    day = day_of(desk, "l0", "lead")
    told = repair(
        desk, absent=[("l0", date.fromisoformat(day), date.fromisoformat(day))], now=at(day, 20), work=20
    )
    stands(desk, told, day, "lead", "l0")


def test_a_pair_still_holds_where_nothing_of_it_stands(desk: Database) -> None:
    """Days before, both can move: a take-over of one alone is refused, as it always was."""
    day = day_of(desk, "o02", "night")
    for one in desk_people(7, 9):
        if one.id not in ("o02", "o03") and one.role == "officer":
            with pytest.raises(AuditorError):
                take_over(desk, "o02", f"{day}/night", one.id, reason="病假", now=at("2026-12-09"))
    assert not substitutes(desk, "o02", f"{day}/night", now=at("2026-12-09")).possible


def test_who_keeps_every_rule_is_offered_before_who_is_torn_from_his_pair(desk: Database) -> None:
    """A running night of somebody tied to nobody: who is of the pair or the group can take it, comes last,
    and what that breaks is said before and after.
    """
    day, post, who = min(
        row for row in rows(read_roster(desk, DEC)) if row[1] == "night" and row[2] in ("o04", "o05", "o06")
    )
    tied, now = {"o00", "o01", "o02", "o03"}, at(day, 20)
    found = substitutes(desk, who, f"{day}/{post}", now=now).possible
    torn = [one for one in found if one.apart]
    assert {one.person for one in torn} == {one.person for one in found} & tied != set()
    assert list(found) == [*(one for one in found if not one.apart), *torn]
    assert found[0].burden <= min(one.burden for one in found if not one.apart)
    names = {one.id: one.name for one in desk_people(7, 9)}
    for one in (found[0], torn[0]):
        told = take_over(desk, who, f"{day}/{post}", one.person, reason="病假", now=now, dry_run=True)
        (apart,) = [month["apart"] for month in told["months"]]
        assert ("".join(apart) == one.apart) if one.apart else not apart
        assert names[one.person] in one.apart or not one.apart
