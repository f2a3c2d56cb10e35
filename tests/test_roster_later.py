"""What a desk meets after its rosters are made: somebody came, leave is pending, months stand on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.entities import Person
from auditor.errors import AuditorError, UsageProblem
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.store.staff import put_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_changes import take_over
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.months import month_of
from desk_world import BEFORE, at, away, broken, copied, desk_people, make_desk, publish, rows

DEC, JAN = "2026-12", "2027-01"
NOW = at("2026-12-09")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with December and January published."""
    path = tmp_path_factory.mktemp("later") / "bureau.db"
    make_desk(path, DEC, JAN)
    return path


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    with copied(made, tmp_path / "bureau.db") as db:
        yield db


def joins(db: Database, who: str = "o99", since: date = date(2027, 1, 4)) -> None:
    """Somebody comes into the staff list; no roster has taken note of him yet."""
    with write_tx(db, "people", NOW) as tx:
        put_staff(tx, [Person(id=who, name=who.upper(), roles=("officer",), from_on=since)])


def first_of(db: Database, key: str, since: str, post: str = "night") -> tuple[str, str, str]:
    """The first duty at a post on or after a day."""
    return min(row for row in rows(read_roster(db, key)) if row[0] >= since and row[1] == post)


def run(*arguments: object) -> Any:
    """Call the program in this process."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


@pytest.fixture
def file(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bureau, named to the program, on 9 December."""
    with copied(made, tmp_path / "bureau.db"):
        pass
    monkeypatch.setenv("AUDITOR_DB", str(tmp_path / "bureau.db"))
    monkeypatch.setenv("AUDITOR_NOW", "2026-12-09T09:00")
    return tmp_path / "bureau.db"


# somebody came


def test_who_came_hinders_no_sick_call_of_others(desk: Database) -> None:
    """Whoever is on no record yet; the sick call is of a later month than the one he comes in."""
    joins(desk)
    ill = first_of(desk, JAN, "2027-01-09")
    told = repair(desk, absent=[(ill[2], date(2027, 1, 9), date(2027, 1, 20))], now=NOW, work=10)
    assert any(one["changes"] for one in told["months"])
    assert broken(desk, DEC) == broken(desk, JAN) == []


def test_pending_leave_of_a_later_month_hinders_no_take_over(desk: Database) -> None:
    """The later month broke a rule before, and does not for it."""
    joins(desk)
    later = first_of(desk, JAN, "2027-01-09")
    away(desk, later[2], later[0], later[0])
    mine = first_of(desk, DEC, "2026-12-14")
    others = [person.id for person in desk_people() if person.role == "officer" and person.id != mine[2]]
    took = []
    for who in others:
        try:
            take_over(desk, mine[2], "/".join(mine[:2]), who, now=NOW, dry_run=True)
            took.append(who)
        except AuditorError:
            continue
    assert took
    repair(desk, now=NOW, work=10)
    assert broken(desk, DEC) == broken(desk, JAN) == []


def test_a_leaver_and_a_joiner_at_once_are_mended_month_by_month(desk: Database) -> None:
    """The leaver's duties of both months are given away, though January is mended after December."""
    leaver = next(person for person in desk_people() if person.id == "o04")
    with write_tx(desk, "people", NOW) as tx:
        put_staff(tx, [replace(leaver, to_on=date(2026, 12, 20))])
    joins(desk)
    repair(desk, now=NOW, work=10)
    for key in (DEC, JAN):
        assert broken(desk, key) == []
        assert not [row for row in rows(read_roster(desk, key)) if row[2] == "o04" and row[0] > "2026-12-20"]


# months on both sides


def test_a_month_is_made_around_the_one_after_it(tmp_path: Path) -> None:
    """January stands: whoever is on duty on its first day is not given the night before."""
    path = tmp_path / "bureau.db"
    make_desk(path, JAN)
    with bureau.opened(path) as db:
        first = min(rows(read_roster(db, JAN)))
        night = next(row for row in rows(read_roster(db, JAN)) if row[:2] == ("2027-01-01", "day"))
        asked = rosters.Asked(fixed=(f"2026-12-31/night={night[2]}",), work=20)
        with pytest.raises(UsageProblem, match="breaks the rule rest"):
            rosters.make(db, month_of(DEC), asked=asked)
        assert first[0] == "2027-01-01"
        for style in ("rotation", "fair"):
            record = rosters.make(db, month_of(DEC), asked=rosters.Asked(style=style, work=20))
            last = {row[2] for row in rows(record) if row[:2] == ("2026-12-31", "night")}
            assert not last & {row[2] for row in rows(read_roster(db, JAN)) if row[0] == "2027-01-01"}
        publish(db, DEC, BEFORE)
        assert broken(db, DEC) == broken(db, JAN) == []
