"""What a desk meets after its rosters are made: joiners, pending leave, months that stand on both sides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.entities import Person
from auditor.errors import AuditorError, UsageProblem
from auditor.roster.changes import changes
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.store.staff import drop_leave, put_staff, read_leave, read_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import roster_life, rosters
from auditor.workflow.duty import roster_revisions as revisions
from auditor.workflow.duty.roster_changes import swap, take_over
from auditor.workflow.duty.roster_choices import partners_told, substitutes, substitutes_told
from auditor.workflow.duty.roster_explaining import _Came, came_said, duties_told, history_command
from auditor.workflow.duty.roster_outputs import on_duty
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.months import BEIJING, month_of
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


# what is wrong all the same


def test_what_is_locked_and_broken_is_named_each_time_with_what_helps(file: Path) -> None:
    """Exit 5 as long as it is true; the commands that it names, done as they stand, mend it."""
    with bureau.opened(file) as db:
        day, post, who = first_of(db, DEC, "2026-12-20")
        names = {one.id: one.name for one in desk_people()}
    assert run("roster", "lock", "--duty", f"{day}/{post}").exit_code == 0
    absent = ("--absent", names[who], day, day)
    for arguments in (absent, (), ()):
        done = run("roster", "repair", *arguments)
        assert done.exit_code == 5
        assert f"{names[who]} is not there" in done.stdout
        assert f"auditor roster lock --free {day}/{post}, then auditor roster repair" in done.stdout
        assert "take-over" not in done.stdout
    with bureau.opened(file) as db:
        told = repair(db, now=NOW, work=10, dry_run=True)
    (row,) = told["left"][0]["still_out"]
    for command in row["cures"]:
        assert run(*command.split()[1:]).exit_code == 0, command
    done = run("roster", "repair")
    assert (done.exit_code, "keep every rule" in done.stdout) == (0, True)


def test_a_running_duty_of_somebody_who_is_away_is_named_until_it_is_over(desk: Database) -> None:
    """The check holds nothing against it, for nobody can move it; who goes on with it is to be found."""
    running = next(row for row in rows(read_roster(desk, DEC)) if row[:2] == ("2026-12-09", "day"))
    asked = [(running[2], date(2026, 12, 9), date(2026, 12, 9))]
    repair(desk, absent=asked, now=NOW, work=10)
    again = repair(desk, now=at("2026-12-09", 12), work=10)
    (row,) = again["left"][0]["still_out"]
    name = next(one.name for one in desk_people() if one.id == running[2])
    assert row["cures"] == [f"auditor roster take-over {name} 2026-12-09/day"]
    assert repair(desk, now=at("2026-12-09", 19), work=10)["left"] == []


def test_an_empty_seat_is_named_until_it_is_filled_or_over(desk: Database) -> None:
    """Nobody can lead on one evening; a repair that cannot fill it says so each time."""
    for who in ("l1", "l2", "l3", "l4"):
        away(desk, who, "2026-12-20", "2026-12-20")
    asked = [("l0", date(2026, 12, 20), date(2026, 12, 20))]
    first = repair(desk, absent=asked, short=True, now=NOW, work=10)
    empty = {(row["date"], row["post"]) for row in first["months"][0]["short"]}
    assert empty
    again = repair(desk, now=NOW, work=10)
    assert {(row["date"], row["post"]) for row in again["left"][0]["short"]} == empty
    assert {cure for row in again["left"][0]["short"] for cure in row["cures"]} == {
        "auditor roster explain --month 2026-12"
    }
    assert repair(desk, now=at("2026-12-21", 12), work=10)["left"] == []


def test_a_seat_that_was_empty_is_filled_for_that_reason_and_named_by_a_check(file: Path) -> None:
    """Not since another number of people is asked for; what a check says of rules is not all of it."""
    gone = [(f"l{n}", date(2026, 12, 20), date(2026, 12, 20)) for n in range(5)]
    with bureau.opened(file) as db:
        repair(db, absent=gone, short=True, now=NOW, work=10)
        told = run("roster", "check", "--month", DEC)
        assert told.exit_code == 0
        assert "2026-12: seats that stay empty: 2026-12-19 leader on duty" in told.output
        with write_tx(db, "leave", NOW) as tx:
            drop_leave(tx, read_leave(db))
        (month,) = (one for one in repair(db, now=NOW, work=10)["months"] if one["month"] == DEC)
        assert [row["why"] for row in month["changes"] if row["from"] is None] == ["empty"] * 2
    assert "stay empty" not in run("roster", "check", "--month", DEC).output


# choices


def test_swaps_within_a_month_and_across_are_ranked_by_one_figure(desk: Database) -> None:
    """The last month's unfairness and counters, as each swap, done, leaves them."""
    mine = first_of(desk, DEC, "2026-12-28")
    told = partners_told(desk, mine[2], "/".join(mine[:2]), now=NOW)
    assert {one["date"][:7] for one in told["partners"]} == {DEC, JAN}
    assert told["until"] == JAN
    before = read_roster(desk, JAN) or {}
    assert told["before"] == before["objective"]
    values = [one["objective"] for one in told["partners"]]
    assert values == sorted(values)
    tried = [told["partners"][0], told["partners"][-1]]
    tried += [next(one for one in told["partners"] if one["date"][:7] == key) for key in (DEC, JAN)]
    for one in tried:
        with bureau_after(desk, mine, one) as after:
            assert one["objective"] == after["objective"]
            for who, changed in one["counters"].items():
                old, new = before["counters"][who], after["counters"][who]
                assert changed == {key: [old[key], new[key]] for key in new if old[key] != new[key]}


@contextmanager
def bureau_after(db: Database, mine: tuple[str, str, str], one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The last month's roster after a swap, which is swapped back at the end."""
    duties = "/".join(mine[:2]), f"{one['date']}/{one['post']}"
    swap(db, mine[2], duties[0], one["person"], duties[1], agreed=True, now=NOW)
    yield read_roster(db, JAN) or {}
    swap(db, one["person"], duties[0], mine[2], duties[1], agreed=True, now=NOW)


def test_who_takes_a_duty_over_is_shown_with_what_he_bears_then(file: Path) -> None:
    """The total grows by one for each of them."""
    with bureau.opened(file) as db:
        mine = first_of(db, DEC, "2026-12-14")
        told = substitutes_told(db, mine[2], "/".join(mine[:2]), now=NOW)
        for one in told["substitutes"]:
            old, new = one["counters"][one["person"]]["total"]
            assert new == old + 1 == (read_roster(db, JAN) or {})["counters"][one["person"]]["total"] + 1
    text = run("roster", "take-over", mine[2], "/".join(mine[:2])).stdout
    assert f"all duties {old} → {new}" in text
    assert "after 2027-01" in text


# slips


def test_a_month_that_is_over_is_made_only_when_it_is_meant(file: Path) -> None:
    """Its counters would go on into later months; a draft by a slip is taken away, and is history then."""
    with bureau.opened(file) as db:
        before = {key: read_roster(db, key) for key in (DEC, JAN)}
    refused = run("roster", "make", "--month", "2026-10")
    assert (refused.exit_code, "--past" in refused.stderr) == (1, True)
    made = run("roster", "make", "--month", "2026-10", "--past")
    assert made.exit_code == 0
    with bureau.opened(file) as db:
        assert (read_roster(db, DEC) or {})["counters"] != (before[DEC] or {})["counters"]
    assert run("roster", "drop", "--month", "2026-10", "--reason", " ").exit_code == 2
    gone = run("roster", "drop", "--month", "2026-10", "--reason", "月份写错")
    assert gone.exit_code == 0, gone.output
    with bureau.opened(file) as db:
        assert read_roster(db, "2026-10") is None
        for key in (DEC, JAN):
            assert (read_roster(db, key) or {})["counters"] == (before[key] or {})["counters"]
            assert broken(db, key) == []
        assert [one["what"] for one in roster_life.history(db, "2026-10")] == ["made", "dropped"]
    assert run("roster", "drop", "--month", "2026-10", "--reason", "x").exit_code == 2
    again = run("roster", "make", "--month", "2026-10", "--past")
    assert again.exit_code == 0
    with bureau.opened(file) as db:
        states = [one["state"] for one in roster_life.history(db, "2026-10")]
    assert states == ["draft", "dropped", "draft"]


def test_only_a_draft_is_dropped_and_only_a_draft_is_made_anew(file: Path) -> None:
    """What is on its way to approval is given back first; the sentences name commands that work."""
    published = run("roster", "drop", "--month", DEC, "--reason", "x")
    assert (published.exit_code, "only a draft" in published.stderr) == (1, True)
    assert run("roster", "make", "--month", "2027-02").exit_code == 0
    assert run("roster", "submit", "--month", "2027-02").exit_code == 0
    for words in (("make",), ("drop", "--reason", "x")):
        done = run("roster", *words, "--month", "2027-02")
        assert done.exit_code == 1
        command = "auditor roster approve --month 2027-02 --decline REASON --by NAME"
        assert command in done.stderr
    assert run(*command.split()[1:]).exit_code == 0
    assert run("roster", "make", "--month", "2027-02").exit_code == 0
    assert run("roster", "drop", "--month", "2027-02", "--reason", "x").exit_code == 0


def test_a_lock_is_opened_by_the_command_that_is_named(file: Path) -> None:
    """With its reason."""
    assert run("roster", "lock", "--month", JAN).exit_code == 0
    with bureau.opened(file) as db:
        who, day = first_of(db, DEC, "2026-12-14")[2::-2]
        other = first_of(db, DEC, "2026-12-17")
        seat = first_of(db, JAN, "2027-01-12")
    for words in (("swap", who, day, other[2], other[0], "--agreed"), ("take-over", seat[2], seat[0], who)):
        refused = run("roster", *words)
        assert refused.exit_code == 1
        if "lock" in refused.stderr:
            assert "auditor roster lock --month 2027-01 --undo REASON" in refused.stderr
    assert run("roster", "lock", "--month", JAN, "--undo", "REASON").exit_code == 0


def test_months_that_were_left_out_are_told(file: Path) -> None:
    """February and March are missing before April."""
    done = run("roster", "make", "--month", "2027-04", "--style", "fair")
    assert "2027-02, 2027-03" in done.stderr
    assert "go on from 2027-01" in done.stderr
    assert "is stored" not in run("roster", "make", "--month", "2027-02", "--style", "fair").stderr


def test_leave_that_moves_nobody_is_noted_and_is_no_repair(desk: Database) -> None:
    """The revision says what it is."""
    mine = {row[0] for row in rows(read_roster(desk, DEC)) if row[2] == "o00"}
    days = [date(2026, 12, at) for at in range(12, 29)]
    free = next(day for day in days if not any(abs((day - date.fromisoformat(one)).days) < 2 for one in mine))
    away(desk, "o00", free.isoformat(), free.isoformat())
    told = repair(desk, now=NOW, work=10)
    assert [(one["month"], one["what"], one["changes"]) for one in told["months"]] == [(DEC, "noted", [])]


# another role


def promoted(db: Database, who: str, role: str = "leader") -> None:
    """Somebody has another role from now on."""
    person = next(one for one in desk_people() if one.id == who)
    with write_tx(db, "people", NOW) as tx:
        put_staff(tx, [replace(person, roles=(role,))])


def test_who_became_a_leader_keeps_his_past_and_gives_up_what_has_not_begun(desk: Database) -> None:
    """In December, in which he has been on duty, he stays an officer; January is mended for a leader."""
    before = {key: {row for row in rows(read_roster(desk, key)) if row[2] == "o02"} for key in (DEC, JAN)}
    assert any(row[0] < "2026-12-09" for row in before[DEC])
    promoted(desk, "o02")
    joins(desk, "o98", date(2026, 12, 14))  # January is carried on before it is mended
    told = repair(desk, now=NOW, work=10)
    after = {key: {row for row in rows(read_roster(desk, key)) if row[2] == "o02"} for key in (DEC, JAN)}
    assert after[DEC] == before[DEC]
    assert not {row for row in after[JAN] if row[1] != "lead"}
    assert broken(desk, DEC) == broken(desk, JAN) == []
    given = [row for one in told["months"] for row in one["changes"] if row["from"] == "o02"]
    assert {row["why"] for row in given} == {"role"}
    assert told["kept"] == [{"month": DEC, "person": "o02", "roles": ["officer"]}]
    # and life goes on: illness, take-over, the next month
    mine = min(row for row in after[DEC] if row[0] > "2026-12-10")
    repair(desk, absent=[("o02", date.fromisoformat(mine[0]), date.fromisoformat(mine[0]))], now=NOW, work=10)
    assert broken(desk, DEC) == broken(desk, JAN) == []
    record = rosters.make(desk, month_of("2027-02"), work=20)
    assert {row[1] for row in rows(record) if row[2] == "o02"} <= {"lead"}
    assert repair(desk, now=at("2026-12-20"), work=10)["left"] == []


def test_who_became_an_officer_keeps_his_past_too(desk: Database) -> None:
    """The other way round, with a locked duty to come that he keeps."""
    mine = max(row for row in rows(read_roster(desk, JAN)) if row[2] == "l2")
    roster_life.hold(desk, JAN, [mine[:2]], now=NOW)
    promoted(desk, "l2", "officer")
    repair(desk, now=NOW, work=10)
    assert mine in rows(read_roster(desk, JAN))
    assert broken(desk, DEC) == broken(desk, JAN) == []


# what people read


def test_empty_seats_are_named_at_each_step_to_the_public(file: Path) -> None:
    """Least shortage comes first, so such a roster may be published, but not unawares (exit 5)."""
    with bureau.opened(file) as db:
        for leader in ("l0", "l1", "l2", "l3", "l4"):
            away(db, leader, "2027-02-10", "2027-02-10")
    assert run("roster", "make", "--month", "2027-02", "--short").exit_code == 5
    for words in (("submit",), ("approve", "--by", "x"), ("publish",)):
        done = run("roster", *words, "--month", "2027-02")
        assert done.exit_code == 5
        assert "4 seats stay empty: 2027-02-09 leader on duty ×2, 2027-02-10 leader on duty ×2" in done.stderr
        assert "auditor roster explain --month 2027-02" in done.stderr
    told = run("roster", "explain", "--month", "2027-02")
    assert told.exit_code == 3
    assert "auditor roster repair --month 2027-02 --short" in told.stdout
    assert "make" not in told.stdout
    assert "带班" not in told.stdout
    with bureau.opened(file) as db, write_tx(db, "leave", NOW) as tx:
        drop_leave(tx, read_leave(db))
    told = run("roster", "explain", "--month", "2027-02")
    assert (told.exit_code, "auditor roster repair --month 2027-02" in told.stdout) == (0, True)
    assert run("roster", "repair", "--month", "2027-02").exit_code == 0


def test_explain_leaves_what_has_begun_alone(file: Path) -> None:
    """A published December, seen on its last day: leave on days that are over is no reason any more."""
    with bureau.opened(file) as db:
        for leader in ("l0", "l1", "l2", "l3", "l4"):
            away(db, leader, "2026-12-20", "2026-12-20")
    assert run("roster", "explain", "--month", DEC).exit_code == 3
    assert run("roster", "explain", "--month", DEC, "--now", "2026-12-28T09:00").exit_code == 0


def test_who_is_not_here_yet_is_told_so(desk: Database) -> None:
    """And not that his role is another."""
    joins(desk)
    mine = first_of(desk, DEC, "2026-12-14")
    with pytest.raises(AuditorError, match="O99 comes on 2027-01-04"):
        take_over(desk, mine[2], "/".join(mine[:2]), "o99", now=NOW)


def test_history_names_the_duties_that_moved_on_the_bureaus_clock(file: Path) -> None:
    """Whatever zone the moment was given in."""
    with bureau.opened(file) as db:
        day, post, who = first_of(db, DEC, "2026-12-14")
        told = substitutes_told(db, who, f"{day}/{post}", now=NOW)
    names = {one.id: one.name for one in desk_people()}
    other = told["substitutes"][0]["name"]
    assert run("roster", "take-over", who, day, other, "--now", "2026-12-09T03:00+00:00").exit_code == 0
    text = run("roster", "history", "--month", DEC, "--now", "2026-12-09T12:00+00:00").stdout
    assert "2026-12-09 11:00" in text
    assert f"{day} night duty {names[who]} → {other}" in text
    run("roster", "lock", "--duty", "2026-12-31/night")
    run("roster", "lock", "--free", "2026-12-31/night")
    text = run("roster", "history", "--month", DEC).stdout
    assert "2026-12-09 09:00" in text  # a moment without a zone is the bureau's, wherever the machine stands
    assert "revision 6: locked 2026-12-31 night duty" in text
    assert "revision 7: freed 2026-12-31 night duty" in text


def test_leave_without_a_request_can_be_taken_back(file: Path) -> None:
    """Of a sick call: two of its days; the rest stays; then the roster takes it in."""
    assert run("roster", "repair", "--absent", "O3", "2026-12-10", "2026-12-20").exit_code == 0
    done = run("leave", "cancel", "O3", "2026-12-14", "2026-12-15")
    assert done.exit_code == 0, done.output
    assert "2026-12-10 – 2026-12-13, 2026-12-16 – 2026-12-20" in done.stdout
    assert "auditor roster repair" in done.stderr
    assert run("leave", "cancel", "O3", "2026-12-14").exit_code == 1
    with bureau.opened(file) as db:
        left = [(one.from_on.day, one.to_on.day) for one in read_leave(db)]
        assert left == [(10, 13), (16, 20)]
        assert broken(db, DEC)
    assert run("roster", "repair").exit_code == 0
    with bureau.opened(file) as db:
        assert broken(db, DEC) == []
    asked = run("leave", "request", "O5", "2026-12-22", "2026-12-23", "--json")
    request = json.loads(asked.stdout)["id"]
    run("leave", "approve", request, "--by", "x")
    refused = run("leave", "cancel", "O5", "2026-12-22", "2026-12-23")
    assert refused.exit_code == 1
    assert f"auditor leave return {request} 2026-12-09" in refused.stderr


def test_a_repair_that_finds_nothing_new_writes_nothing_though_seats_are_empty(desk: Database) -> None:
    """Also where later months know of no leave yet: they are mended themselves, and not carried on for it."""
    for who in ("l1", "l2", "l3", "l4"):
        away(desk, who, "2026-12-20", "2026-12-20")
    repair(desk, absent=[("l0", date(2026, 12, 20), date(2026, 12, 20))], short=True, now=NOW, work=10)
    for _again in range(2):
        assert repair(desk, now=NOW, work=10)["months"] == []
    away(desk, "o00", "2027-01-20", "2027-01-20")
    revisions = len(roster_life.history(desk, JAN))
    repair(desk, absent=[("o01", date(2026, 12, 29), date(2026, 12, 29))], month=DEC, now=NOW, work=10)
    assert {one["what"] for one in roster_life.history(desk, JAN)[revisions:]} <= {"carried"}
    assert repair(desk, month=DEC, now=NOW, work=10)["months"] == []
    assert (
        "2027-01-20"
        not in next(row["leave"] for row in (read_roster(desk, JAN) or {})["people"] if row["id"] == "o00")
        or len(roster_life.history(desk, JAN)) > revisions
    )


def test_who_stands_in_a_locked_month_though_he_is_away_is_named_with_the_command(file: Path) -> None:
    """The leave is kept and nothing moves; once the month is open again by that command, it is mended."""
    assert run("roster", "lock", "--month", DEC).exit_code == 0
    with bureau.opened(file) as db:
        day, post, who = first_of(db, DEC, "2026-12-20")
        begun = max(row for row in rows(read_roster(db, DEC)) if row[0] <= "2026-12-08" and row[2] != who)
    called = ["roster", "repair", "--absent", who, day, day, "--absent", begun[2], "2026-12-01", "2026-12-09"]
    told = run(*called, "--json")
    assert told.exit_code == 5
    left = json.loads(told.stdout)["left"]
    assert [one["month"] for one in left] == [DEC]
    assert (day, post, who) in {(row["date"], row["post"], row["person"]) for row in left[0]["still_out"]}
    assert all(row["date"] >= "2026-12-09" for row in left[0]["still_out"])
    cures = [f"auditor roster lock --month {DEC} --undo REASON", "auditor roster repair"]
    assert all(row["cures"] == cures for row in left[0]["still_out"])
    again = run("roster", "repair")
    assert again.exit_code == 5
    assert cures[0] in again.stdout
    assert day in again.stdout
    asked = run("roster", "repair", "--month", DEC)
    assert asked.exit_code == 2
    assert cures[0] in asked.stderr
    assert run("roster", "lock", "--month", DEC, "--undo", "sick").exit_code == 0
    assert run("roster", "repair").exit_code == 0
    with bureau.opened(file) as db:
        assert (day, post, who) not in rows(read_roster(db, DEC))


def test_fairness_tells_turns_from_changes(desk: Database) -> None:
    """Who took duties over has these counted apart from his turns; the command that is named knows them."""
    day, post, who = first_of(desk, DEC, "2026-12-15")
    other = substitutes_told(desk, who, f"{day}/{post}", now=NOW)["substitutes"][-1]["person"]
    take_over(desk, who, f"{day}/{post}", other, reason="病假", now=NOW)
    roster = read_roster(desk, DEC)
    assert roster is not None
    came = _Came(desk, month_of(DEC), roster, rosters.problem_of(desk, month_of(DEC)))
    turns, stood_in, later = came.counts(other, "total")
    mine = [row for row in rows(roster) if row[2] == other]
    given = {row[0] for row in mine} & {
        row["date"] for row in roster["departures"] if row["given"] == other and row["rule"] != "made-up"
    }
    assert later == 1
    assert stood_in == len(given)
    assert turns + stood_in + later == len(mine)
    command = history_command(DEC)
    assert f"1 came by a later change ({command})" in came_said((turns, stood_in, later), command)
    told = duties_told(desk, month_of(DEC), roster, other, command)
    assert [row["date"] for row in told if f"({command})" in row["why"]] == [day]


def test_a_check_of_no_month_checks_all_that_are_not_over(file: Path) -> None:
    """December is broken and January is not: both are named, people by name, the rule in words."""
    with bureau.opened(file) as db:
        day, _post, who = first_of(db, DEC, "2026-12-15")
        away(db, who, day, day, NOW)
    done = run("roster", "check")
    assert done.exit_code == 4
    name = who.upper().replace("O0", "O")
    assert f"{DEC} · leave · {name}" in done.stdout
    assert f"the roster of {JAN} keeps every rule" in done.stdout
    assert f" {who}" not in done.stdout
    assert "[" not in done.stdout
    assert {row["month"] for row in json.loads(run("roster", "check", "--json").stdout)} == {DEC}
    chinese = run("roster", "check", "--lang", "zh")
    assert "请假" in chinese.stdout
    assert run("roster", "check", "--month", JAN).exit_code == 0
    with bureau.opened(file) as db:
        joins(db, since=date(2026, 12, 20))
    assert "O99" in run("roster", "check").stdout


def test_a_step_without_a_month_takes_the_only_one_that_waits_for_it(file: Path) -> None:
    """Two drafts, of which one is forgotten: neither is sent on unasked; both stay drafts."""
    with bureau.opened(file) as db:
        for key in ("2027-02", "2027-03"):
            roster_life.revise(db, key, rosters.make(db, month_of(key), work=20), now=NOW)
    asked = run("roster", "submit")
    assert asked.exit_code == 2
    assert "2027-02, 2027-03" in asked.stderr or "2027-02 and 2027-03" in asked.stderr
    assert run("roster", "submit", "--month", "2027-02").exit_code == 0
    assert "2027-03" in run("roster", "submit").stdout
    assert run("roster", "lock").exit_code == 2


def test_leave_of_a_request_ends_by_the_command_that_is_named(file: Path) -> None:
    """Leave to come, leave that runs: what is named works on the day it is named, or says when."""
    asked = run("leave", "request", "O3", "2026-12-16", "2026-12-18", "--json")
    assert asked.exit_code in (0, 5), asked.stderr
    number = json.loads(asked.stdout)["id"]
    assert run("leave", "approve", number, "--by", "李局长").exit_code in (0, 5)
    assert run("leave", "request", "O4", "2026-12-21", "--half", "下午", "--json").exit_code in (0, 5)
    told = run("leave", "cancel", "O3", "2026-12-17")
    assert told.exit_code == 1
    assert f"auditor leave return {number} 2026-12-09" in told.stderr
    again = run("leave", "return", number, "2026-12-17")
    assert f"auditor leave return {number} 2026-12-09" in again.stderr
    assert run("leave", "return", number, "2026-12-09").exit_code == 0


def test_real_data_under_the_name_of_the_example_is_not_called_synthetic(tmp_path: Path) -> None:
    """By the mark that filling leaves; a file of before there was one by its units."""
    from auditor.store.records import put_settings
    from auditor.workflow import county
    from auditor.workflow.imports import Request
    from auditor.workflow.unit_imports import import_units

    bureau.init(tmp_path / "real.db", county.NAME, None, BEFORE)
    (tmp_path / "units.csv").write_text("code,name,kind\nX1,一小,primary\n", encoding="utf-8")
    with bureau.opened(tmp_path / "real.db") as db:
        assert not county.is_synthetic(db)
        import_units(db, tmp_path / "units.csv", Request(mapping={}, where={}), BEFORE)
        assert not county.is_synthetic(db)
    bureau.init(tmp_path / "old.db", county.NAME, None, BEFORE)
    with bureau.opened(tmp_path / "old.db") as db:
        import_units(db, county.folder() / "units.csv", Request(mapping={}, where={}), BEFORE)
        assert county.is_synthetic(db)
    bureau.init(tmp_path / "new.db", "某县教育局", None, BEFORE)
    with bureau.opened(tmp_path / "new.db") as db:
        assert not county.is_synthetic(db)
        with write_tx(db, "x", BEFORE) as tx:
            put_settings(tx, {county.MARK: "yes"})
        assert county.is_synthetic(db)


def test_locks_name_what_they_hold_and_a_diff_finds_the_last_change(file: Path) -> None:
    """Locked twice is one revision; what a remake moved is counted; a locked month names what is to come."""
    told = run("roster", "lock", "--duty", "2026-12-20/night")
    assert "locked: 2026-12-20 night" in told.stdout
    before = len(json.loads(run("roster", "history", "--month", DEC, "--json").stdout)["revisions"])
    assert run("roster", "lock", "--duty", "2026-12-20/night").exit_code == 0
    assert len(json.loads(run("roster", "history", "--month", DEC, "--json").stdout)["revisions"]) == before
    with bureau.opened(file) as db:
        roster_life.revise(db, "2027-02", rosters.make(db, month_of("2027-02"), work=20), now=NOW)
        away(db, first_of(db, "2027-02", "2027-02-01")[2], "2027-02-01", "2027-02-05", NOW)
        roster_life.revise(db, "2027-02", rosters.make(db, month_of("2027-02"), work=20), now=NOW)
        made = [one["roster"] for one in roster_life.history(db, "2027-02")]
        moved = len(changes(rows(made[0]), rows(made[1])))
        day, post, who = first_of(db, JAN, "2027-01-20")
        other = substitutes_told(db, who, f"{day}/{post}", now=NOW)["substitutes"][0]["person"]
        take_over(db, who, f"{day}/{post}", other, now=NOW)
        assert [one["what"] for one in roster_life.history(db, "2027-02")] == ["made", "made", "carried"]
    assert moved > 0
    line = next(
        one for one in run("roster", "history", "--month", "2027-02").stdout.splitlines() if one[0] == "2"
    )
    assert line.split()[-1] == str(moved)
    assert json.loads(run("roster", "diff", "--month", "2027-02", "--json").stdout)["since"] == 1
    locked = run("roster", "lock", "--month", DEC)
    assert f"auditor roster lock --month {DEC} --undo REASON" in locked.stderr


def test_who_is_away_is_not_said_to_be_on_duty(file: Path) -> None:
    """The duty stands and its person is ill: so it says, with what helps; the others are there."""
    with bureau.opened(file) as db:
        on = {row[1]: row[2] for row in rows(read_roster(db, DEC)) if row[0] == "2026-12-09"}
        away(db, on["day"], "2026-12-09", "2026-12-09", NOW)
    found = json.loads(run("roster", "show", "--on-duty", "--json").stdout)["now"]
    assert {row["person"] for row in found if row.get("away")} == {on["day"]}
    assert on["lead"] in {row["person"] for row in found}
    told = run("roster", "show", "--on-duty").stdout
    command = re.search(r"\(away: `auditor (roster take-over \w+ 2026-12-09/day)`", told)
    assert command is not None
    assert run(*command[1].split()).exit_code == 0
    later = run("roster", "show", "--on-duty", "--now", "2026-12-09T07:00").stdout
    assert "(away: `auditor roster repair` says who can come)" in later


def test_a_month_that_is_made_before_others_says_what_goes_on_from_it(file: Path) -> None:
    """November is made when December and January stand already."""
    made = run("roster", "make", "--month", "2026-11", "--past")
    assert made.exit_code == 0, made.stderr
    assert f"The counters of {DEC}, {JAN} go on from it now" in made.stderr


# somebody leaves


def leaves(file: Path, who: str, on: date) -> None:
    """Somebody's last day is in the staff list."""
    with bureau.opened(file) as db:
        known = next(one for one in read_staff(db) if one.id == who)
        with write_tx(db, "people", NOW) as tx:
            put_staff(tx, [replace(known, to_on=on)])


def test_who_leaves_some_day_is_on_duty_until_then(file: Path) -> None:
    """Away to the end of time is a stretch like any other: shown on duty before it, away within it."""
    with bureau.opened(file) as db:
        day, _post, who = first_of(db, DEC, "2026-12-14")
    night = datetime.fromisoformat(f"{day}T22:00").replace(tzinfo=BEIJING)
    leaves(file, who, date(2027, 1, 20))
    with bureau.opened(file) as db:
        there, _after = on_duty(db, night)
    assert {one.person: one.away for one in there}[who] is False
    for words in (("show",), ("show", "--on-duty"), ("show", "--people")):
        told = run("roster", *words, "--now", night.isoformat())
        assert told.exit_code == 0, told.output
    leaves(file, who, date.fromisoformat(day) - timedelta(days=1))
    with bureau.opened(file) as db:
        there, _after = on_duty(db, night)
    assert {one.person: one.away for one in there}[who] is True


def test_who_leaves_before_the_last_month_is_ranked_by_what_he_bears(tmp_path: Path) -> None:
    """He has no part in January, so his counters change there for nobody: he is not the fairest for that."""
    path, leaver = tmp_path / "bureau.db", "o03"
    make_desk(path, DEC)
    leaves(path, leaver, date(2026, 12, 31))
    with bureau.opened(path) as db:
        publish(db, JAN, BEFORE)
        december = (read_roster(db, DEC) or {})["counters"][leaver]
        assert leaver not in (read_roster(db, JAN) or {})["counters"]
        seen = 0
        for day, post, who in sorted(rows(read_roster(db, DEC))):
            if day < "2026-12-16" or post != "day" or who == leaver or seen == 2:
                continue
            found = substitutes(db, who, f"{day}/{post}", now=NOW).possible
            assert [one.burden for one in found] == sorted(one.burden for one in found)
            for mine in (one for one in found if one.person == leaver):
                seen += 1
                assert mine.counters[leaver]["total"] == (december["total"], december["total"] + 1)
                assert "2026-12-31" in mine.note
                assert mine.burden > mine.objective
        assert seen


def test_calendars_are_out_of_date_once_a_duty_moves_and_not_by_a_lock(desk: Database) -> None:
    """Publishing changes their state, a swap of duties their names; a lock and its undoing nothing."""
    published = revisions.sequence_of(desk, DEC)
    assert not revisions.went_out(desk, DEC, published - 1)
    roster_life.advance(desk, DEC, "locked", now=NOW)
    assert revisions.went_out(desk, DEC, published)
    roster_life.give_back(desk, DEC, by="", reason="x", now=NOW)
    assert revisions.went_out(desk, DEC, published)
    day, post, who = first_of(desk, DEC, "2026-12-16", "day")
    (to, *_rest) = substitutes(desk, who, f"{day}/{post}", now=NOW).possible
    take_over(desk, who, f"{day}/{post}", to.person, now=NOW)
    assert not revisions.went_out(desk, DEC, published)
    assert revisions.went_out(desk, DEC, revisions.sequence_of(desk, DEC))


def test_an_earlier_turn_that_somebody_makes_up_is_his_own(desk: Database) -> None:
    """It is not counted among others' turns."""
    roster = read_roster(desk, DEC)
    assert roster is not None
    problem = rosters.problem_of(desk, month_of(DEC))
    others = {(row["date"], row["post"]) for row in roster["departures"]}
    day, post, who = next(row for row in sorted(rows(roster)) if row[:2] not in others)
    was = _Came(desk, month_of(DEC), roster, problem).counts(who, "total")
    up = {"date": day, "post": post, "turn": "l1", "given": who, "rule": "made-up"}
    seen = _Came(desk, month_of(DEC), {**roster, "departures": [*roster["departures"], up]}, problem)
    assert seen.counts(who, "total") == was
