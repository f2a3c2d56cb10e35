"""The duty log: entries of a duty day, patrol rounds, hand-over; added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import desks
from auditor.store.rosters import put_roster
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from desks import NOW, answer, call

NIGHT = "2026-12-02T02:30+08:00"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A small bureau: o2 has the night of 1 December, l1 leads, o3 follows in the morning."""
    return desks.make(tmp_path / "bureau.db")


def test_an_entry_after_midnight_belongs_to_the_duty_day_that_is_not_over(db: Path) -> None:
    """Half past two is still the night of the first; from eight on it is the second."""
    first = answer(db, "roster", "log", "add", "查看监控", "--by", "o2", now=NIGHT)
    assert (first["id"], first["day"], first["on_duty"]) == ("2026-12-01/001", "2026-12-01", True)
    second = answer(db, "roster", "log", "add", "接班", "--by", "o3", now="2026-12-02T08:00+08:00")
    assert second["id"] == "2026-12-02/001"


def test_a_patrol_round_has_place_and_problem_and_a_hand_over_its_taker(db: Path) -> None:
    """Three kinds, in the order written, and listed so."""
    answer(db, "roster", "log", "add", "--by", "o2", "--patrol", "配电室", now=NIGHT)
    answer(
        db, "roster", "log", "add", "已关闭", "--by", "丁", "--patrol", "三层走廊", "--problem", "窗户未关",
        now=NIGHT,
    )  # fmt: skip
    words = ("roster", "log", "add", "大风预警待续报", "--by", "o2", "--hand-over-to", "o3")
    answer(db, *words, now="2026-12-02T08:10+08:00", code=0)  # of the day that it ends
    rows = answer(db, "roster", "log", "list", "2026-12-01")
    assert [(one["kind"], one["place"], one["problem"], one["to"]) for one in rows] == [
        ("patrol", "配电室", "", ""),
        ("patrol", "三层走廊", "窗户未关", ""),
        ("hand-over", "", "", "o3"),
    ]


def test_who_is_not_on_duty_may_write_and_it_is_said(db: Path) -> None:
    """A stand-in writes; the entry is kept, exit 5."""
    made = answer(db, "roster", "log", "add", "代接电话", "--by", "o1", now=NIGHT, code=5)
    assert made["on_duty"] is False
    told = call(db, "roster", "log", "add", "再接", "--by", "o1", now=NIGHT)
    assert "by the roster 丙 is not on duty then" in told.stderr  # his name, no id
    assert len(answer(db, "roster", "log", "list", "2026-12-01")) == 2


def test_the_log_has_its_year_and_the_leader_first(db: Path, tmp_path: Path) -> None:
    """Even before a driver whose post's id is earlier in the alphabet and who is there as long."""
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        record = desks.roster()
        car = {"id": "car", "role": "driver", "start": "08:00", "minutes": 1440, "night": True, "zh": "司机"}
        record["posts"].append(car)
        record["assignments"].append({"date": "2026-12-01", "post": "car", "person": "o3"})
        put_roster(tx, "2026-12", record)
    assert (
        call(db, "roster", "log", "print", "2026-12-01", str(tmp_path / "l.html"), lang="zh").exit_code == 0
    )
    page = (tmp_path / "l.html").read_text(encoding="utf-8")
    assert "2026年12月1日（周二）" in page
    assert page.index("带班领导") < page.index("司机") < page.index("白班") < page.index("夜班")


def test_a_correction_is_an_entry_of_its_own(db: Path) -> None:
    """Nothing is changed or deleted."""
    first = answer(db, "roster", "log", "add", "三点巡查", "--by", "o2", now=NIGHT)
    words = ("roster", "log", "add", "应为两点", "--by", "o2", "--corrects")
    assert call(db, *words, "2026-12-01/009", now=NIGHT).exit_code == 2
    answer(db, *words, first["id"], now=NIGHT)
    rows = answer(db, "roster", "log", "list", "2026-12-01")
    assert [(one["text"], one["corrects"]) for one in rows] == [("三点巡查", ""), ("应为两点", first["id"])]
    assert call(db, "log", "verify").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--by", "o2"), id="nothing to tell"),
        pytest.param(("x", "--by", "x9"), id="an unknown writer"),
        pytest.param(("x", "--by", "o2", "--problem", "y"), id="a problem nowhere"),
        pytest.param(("x", "--by", "o2", "--patrol", "y", "--hand-over-to", "o3"), id="round and hand-over"),
        pytest.param(("x", "--by", "o2", "--hand-over-to", "o2"), id="handed over to himself"),
        pytest.param(("x", "--by", "o2", "--at", "2026-12-03T00:00"), id="to come"),
        pytest.param(("x", "--by", "o2", "--at", "gestern"), id="no moment"),
        pytest.param(("x\u202e", "--by", "o2"), id="letters that nobody sees"),
    ],
)
def test_what_is_no_entry_is_refused(db: Path, words: Sequence[str]) -> None:
    """Exit 2, nothing kept."""
    assert call(db, "roster", "log", "add", *words, now=NIGHT).exit_code == 2
    assert answer(db, "roster", "log", "list", "2026-11-01", "2026-12-31") == []


def test_the_page_of_a_duty_day_has_who_was_on_duty_rounds_and_hand_over(db: Path, tmp_path: Path) -> None:
    """By time, with the night's entries under the day on which the duty began; text is escaped."""
    answer(db, "roster", "log", "add", "<b>电话</b>", "--by", "o2", now=NIGHT)
    answer(
        db, "roster", "log", "add", "已关", "--by", "o2", "--patrol", "走廊", "--problem", "窗户未关",
        "--at", "2026-12-01T23:10", now=NIGHT,
    )  # fmt: skip
    page = tmp_path / "log.html"
    assert call(db, "roster", "log", "print", "2026-12-01", str(page), now=NIGHT, lang="zh").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "size:A4" in text
    for word in ("青石县教育局", "甲", "5550-01", "丁", "23:10", "12-02 02:30", "窗户未关", "&lt;b&gt;电话"):
        assert word in text
    assert "<b>电话" not in text
