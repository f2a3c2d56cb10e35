"""Leave is asked for, decided, ended: it blocks duty while it lasts, and nobody is asked why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import desks
from auditor.entities import Leave, UnitDuty
from auditor.store import duties as store
from auditor.store.staff import put_leave, read_absences, read_leave
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty.leave_requests import without
from desks import NOW, answer, call


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A small bureau; its roster is l1 o1 o2 on odd days of December, l2 o3 o4 on even ones."""
    return desks.make(tmp_path / "bureau.db")


def leaves(db: Path) -> list[tuple[str, str, str, str]]:
    """The leave that is known."""
    with bureau.opened(db) as database:
        return [(one.person, f"{one.from_on}", f"{one.to_on}", one.half) for one in read_leave(database)]


def asks(db: Path, *words: str, code: int = 0) -> Any:
    """Ask; give the request."""
    return answer(db, "leave", "request", *words, code=code)


def test_a_request_shows_the_duties_that_its_hours_touch(db: Path) -> None:
    """The night that began the evening before ends at eight on the first day: it is touched too."""
    found = asks(db, "o4", "2026-12-03", "2026-12-04", code=5)
    assert found["clashes"] == [
        "on duty: night duty, 2026-12-02 18:00 (roster of 2026-12)",
        "on duty: night duty, 2026-12-04 18:00 (roster of 2026-12)",
    ]
    assert asks(db, "o1", "2026-12-02")["clashes"] == []  # his day duties are on odd days


@pytest.mark.parametrize(
    ("half", "duties"),
    [
        pytest.param("am", ["2026-12-02 18:00"], id="the night ends in the morning"),
        pytest.param("pm", [], id="nothing in the afternoon"),
    ],
)
def test_half_a_day_touches_the_duties_of_its_half(db: Path, half: str, duties: Sequence[str]) -> None:
    """Noon parts the day."""
    found = asks(db, "o4", "2026-12-03", "--half", half, code=5 if duties else 0)
    assert [one.split(", ")[1].split(" (")[0] for one in found["clashes"]] == list(duties)


def test_key_periods_and_an_absent_acting_head_are_shown(db: Path) -> None:
    """The calendar names the period; two leaders cannot act for each other while both are away."""
    from auditor.workflow.months import calendar

    day = next(
        one.day
        for at in range(400)
        if (one := calendar().day(date(2027, 1, 1) + timedelta(days=at))).key_period
    )
    asks(db, "l2", f"{day}", "--acting", "l1", code=5)
    found = asks(db, "l1", f"{day}", "--acting", "l2", code=5)["clashes"]
    assert any(one.startswith("key period") for one in found)
    assert f"the acting head 乙 is away himself from {day} to {day}" in found


def test_agreed_to_it_becomes_leave_and_return_shortens_it(db: Path) -> None:
    """Three days asked, back on the second: one day of leave is left; the roster's step sees it."""
    made = asks(db, "o1", "2026-12-08", "2026-12-10", code=5)
    assert leaves(db) == []
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    assert leaves(db) == [("o1", "2026-12-08", "2026-12-10", "")]
    with bureau.opened(db) as database:
        assert any(one.person == "o1" for one in read_absences(database))
    told = answer(db, "leave", "return", made["id"], "2026-12-09", now="2026-12-09T08:00+08:00")
    assert (told["state"], told["returned"]) == ("returned", "2026-12-09")
    assert leaves(db) == [("o1", "2026-12-08", "2026-12-08", "")]
    assert call(db, "log", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("back", "left", "told"),
    [
        pytest.param("2026-12-08", [], "whole leave is taken back", id="never went"),
        pytest.param("2026-12-11", ["2026-12-10"], "ends on 2026-12-10", id="the day after the end"),
        pytest.param("2026-12-13", ["2026-12-10"], "2 days later", id="two days late"),
    ],
)
def test_a_return_at_every_border(db: Path, back: str, left: list[str], told: str) -> None:
    """A late return lengthens nothing: those days are asked for anew."""
    made = asks(db, "o2", "2026-12-08", "2026-12-10", code=5)
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    said = answer(db, "leave", "return", made["id"], back, now="2026-12-20T08:00+08:00")
    assert told in said["told"]
    assert [to for _who, _from, to, _half in leaves(db)] == left


def test_a_return_before_the_leave_is_a_withdrawal_and_no_return(db: Path, tmp_path: Path) -> None:
    """Nobody is back from what has not begun; a day before a leave that has begun is a slip."""
    made = asks(db, "o2", "2026-12-08", "2026-12-10", code=5)
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    refused = call(db, "leave", "return", made["id"], "2026-12-07", now="2026-12-09T08:00+08:00")
    assert refused.exit_code == 2
    assert "write 2026-12-08 if he never went" in refused.output
    assert len(leaves(db)) == 1
    done = call(db, "leave", "return", made["id"], now="2026-12-05T08:00+08:00")
    assert done.exit_code == 0
    assert "withdrawn before it began" in done.output
    assert "is back" not in done.output
    assert leaves(db) == []
    [kept] = answer(db, "leave", "list", "--requests")
    assert (kept["state"], kept["returned"]) == ("withdrawn", "")
    assert call(db, "leave", "return", made["id"], now="2026-12-09T08:00+08:00").exit_code == 1
    assert call(db, "leave", "print", made["id"], str(tmp_path / "form.html")).exit_code == 0
    asks(db, "o2", "2026-12-08", "2026-12-10", code=5)  # the days are free for another request


def test_leave_that_an_import_joined_is_shortened_all_the_same(db: Path) -> None:
    """8 to 10 agreed to; a list brought 6 to 12 in one row: a return on the 9th leaves 6–8 and 11–12."""
    made = asks(db, "o2", "2026-12-08", "2026-12-10", code=5)
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        tx.drop("leave", [("o2", "2026-12-08", "2026-12-10")])
        put_leave(tx, [Leave(person="o2", from_on=date(2026, 12, 6), to_on=date(2026, 12, 12))])
    answer(db, "leave", "return", made["id"], "2026-12-09", now="2026-12-20T08:00+08:00")
    assert [(start, end) for _who, start, end, _half in leaves(db)] == [
        ("2026-12-06", "2026-12-08"),
        ("2026-12-11", "2026-12-12"),
    ]


DAYS = st.integers(0, 20).map(lambda at: date(2026, 12, 1) + timedelta(days=at))


@given(st.lists(st.tuples(st.sampled_from("ab"), DAYS, DAYS), max_size=6), DAYS, DAYS)
def test_taking_days_out_of_leave_leaves_exactly_the_others(
    rows: list[tuple[str, date, date]], one: date, other: date
) -> None:
    """Day by day: what was away and is not taken out stays away, and nobody else's leave moves."""
    first, last = sorted((one, other))
    leave = [Leave(person=who, from_on=min(a, b), to_on=max(a, b)) for who, a, b in rows]

    def days(several: Sequence[Leave]) -> set[tuple[str, date]]:
        return {
            (row.person, row.from_on + timedelta(days=at))
            for row in several
            for at in range((row.to_on - row.from_on).days + 1)
        }

    gone, left = without(leave, "a", first, last)
    stay = [row for row in leave if row not in gone] + left
    taken = {("a", first + timedelta(days=at)) for at in range((last - first).days + 1)}
    assert days(stay) == days(leave) - taken


def test_two_halves_of_a_day_are_two_requests_and_one_day(db: Path) -> None:
    """Agreed to one after the other they block the whole day; taken back, the other half stays."""
    morning = asks(db, "o1", "2026-12-02", "--half", "am")
    afternoon = asks(db, "o1", "2026-12-02", "--half", "pm")
    for one in (morning, afternoon):
        answer(db, "leave", "approve", one["id"], "--by", "甲局长")
    assert leaves(db) == [("o1", "2026-12-02", "2026-12-02", "")]
    answer(db, "leave", "return", morning["id"], "2026-12-02", now="2026-12-02T08:00+08:00")
    assert leaves(db) == [("o1", "2026-12-02", "2026-12-02", "pm")]


def test_out_of_town_names_who_acts_and_becomes_leave_of_its_kind(db: Path) -> None:
    """外出报备: like leave, with its own word for the roster to tell apart."""
    words = ("l2", "2026-12-07", "2026-12-08", "--out-of-town", "--where", "out")
    assert call(db, "leave", "request", *words).exit_code == 2
    assert call(db, "leave", "request", *words, "--acting", "l2").exit_code == 2
    made = asks(db, *words, "--acting", "甲", code=5)
    assert (made["acting"], made["acting_name"], made["where"]) == ("l1", "甲", "out")
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    with bureau.opened(db) as database:
        assert [one.kind for one in read_leave(database)] == ["out-of-town"]


def test_a_units_head_asks_by_name_and_is_no_office_holder(db: Path) -> None:
    """His duties of the school's own roster are shown; no row of the bureau's leave comes of it."""
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        duty = UnitDuty(unit="0001", on=date(2026, 12, 7), post="lead", people=("王强",), start=480)
        store.put_unit_duties(tx, [duty])
    words = ("王强", "2026-12-07", "--unit", "青溪小学", "--post", "校长", "--phone", "5550-9")
    assert call(db, "leave", "request", *words).exit_code == 2  # who acts?
    made = asks(db, *words, "--acting", "李明", code=5)
    assert made["clashes"] == ["on duty: leader on duty, 2026-12-07 08:00 (roster of 2026-12)"]
    answer(db, "leave", "approve", made["id"], "--by", "甲局长", code=5)
    assert leaves(db) == []
    answer(db, "leave", "return", made["id"], "2026-12-08", now="2026-12-08T08:00+08:00")


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        pytest.param(("x9", "2026-12-01"), 2, "nobody", id="nobody"),
        pytest.param(("o1", "2026-12-02", "2026-12-01"), 2, "before", id="backwards"),
        pytest.param(("o1", "2026-12-01", "2027-12-02"), 2, "year", id="more than a year"),
        pytest.param(("o1", "2026-12-01", "2026-12-02", "--half", "am"), 2, "half", id="half of two days"),
        pytest.param(("l1", "2026-12-01"), 2, "--acting", id="a leader without an acting head"),
        pytest.param(("o1", "2026-12-01", "--acting", "x9"), 2, "nobody", id="unknown acting head"),
        pytest.param(("王强", "2026-12-01", "--unit", "x"), 2, "x", id="unknown unit"),
        pytest.param(("o1", "12月1日"), 2, "2026-12-01", id="no date"),
    ],
)
def test_what_cannot_be_asked_is_refused(db: Path, words: Sequence[str], code: int, what: str) -> None:
    """One sentence with the cure; nothing is kept."""
    done = call(db, "leave", "request", *words)
    assert done.exit_code in (1, code), done.output
    assert what in done.output
    assert answer(db, "leave", "list", "--requests") == []


def test_nobody_is_away_twice_and_steps_follow_each_other(db: Path) -> None:
    """A second request over the same days, a second decision, a return of what was never agreed to."""
    made = asks(db, "o1", "2026-12-02")
    waits = call(db, "leave", "request", "o1", "2026-12-02", "2026-12-04")
    assert waits.exit_code == 1
    assert "away already" not in waits.output  # nobody has agreed to it
    assert f"leave approve {made['id']}" in waits.output
    assert call(db, "leave", "return", made["id"], "2026-12-02").exit_code == 1
    answer(db, "leave", "approve", made["id"], "--refuse", "--by", "甲局长")
    assert call(db, "leave", "approve", made["id"], "--by", "甲局长").exit_code == 1
    assert leaves(db) == []
    again = asks(db, "o1", "2026-12-02")  # refused ones stand in nobody's way
    assert again["id"] == "2026-0002"
    assert call(db, "leave", "approve", "2026-0009", "--by", "甲").exit_code == 2
    answer(db, "leave", "approve", again["id"], "--by", "甲局长")
    assert call(db, "leave", "return", again["id"], "2026-12-09").exit_code == 2  # to come


def test_the_form_is_one_page_and_asks_no_reason(db: Path, tmp_path: Path) -> None:
    """Name, post, days, place, acting head, clashes, decision; no word of why."""
    made = asks(db, "l1", "2026-12-01", "2026-12-02", "--acting", "l2", code=5)
    answer(db, "leave", "approve", made["id"], "--by", "张县长", "--note", "注意交接", code=5)
    page = tmp_path / "form.html"
    assert call(db, "leave", "print", made["id"], str(page), lang="zh").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "size:A4" in text
    for word in ("甲", "局长", "局领导", "5550-01", "乙", "2026-12-01 08:00", "张县长", "注意交接"):
        assert word in text
    assert not any(word in text for word in ("病", "事由", "原因"))
    assert call(db, "leave", "print", made["id"], str(page)).exit_code != 0  # never over a file
