"""Units' own duty rosters: both shapes are read, two in one sheet refused, teachers on free days flagged."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import desks
from auditor.store import duties as store
from auditor.workflow import bureau
from desks import call

Rows = list[list[Any]]
WIDE: Rows = [
    ["青溪小学2026年12月值班安排表"],
    ["日期", "星期", "带班领导", "值班人员", "楼道值守", "值班电话"],
    ["2026-12-01", "二", "王强", "李明、赵 敏", "孙丽", "5550-3001"],
    ["2026-12-02", "三", "周平", "吴刚 郑洁", "", "5550-3001"],
]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A small bureau with two schools."""
    return desks.make(tmp_path / "bureau.db")


def sheet(folder: Path, rows: Rows, *more: Rows) -> Path:
    """A workbook with a sheet for each list of rows."""
    book = openpyxl.Workbook()
    for at, several in enumerate((rows, *more)):
        page = book.active if at == 0 else book.create_sheet()
        for row in several:
            page.append(row)
    path = folder / "值班表.xlsx"
    book.save(path)
    return path


def duties(db: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Who is on duty, by day and post."""
    with bureau.opened(db) as database:
        found = store.read_unit_duties(database, date(2026, 1, 1), date(2027, 12, 31))
    return {(f"{one.on:%m-%d}", one.post): one.people for one in found}


def read(db: Path, path: Path, *words: str, code: int = 0) -> Any:
    """Import it; give the answer."""
    done = call(db, "roster", "duties", "import", str(path), *words, "--json")
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if done.stdout else done.output


def test_a_row_a_day_with_a_column_a_post_is_read(db: Path, tmp_path: Path) -> None:
    """The unit comes of the title; names are parted, blanks inside a name go; an empty cell is no duty."""
    found = read(db, sheet(tmp_path, WIDE))
    assert (found["added"], found["refused"]) == (5, 0)
    assert duties(db) == {
        ("12-01", "lead"): ("王强",),
        ("12-01", "duty"): ("李明", "赵敏"),
        ("12-01", "stairs"): ("孙丽",),
        ("12-02", "lead"): ("周平",),
        ("12-02", "duty"): ("吴刚", "郑洁"),
    }
    rows = json.loads(call(db, "roster", "duties", "list", "2026-12-01", "--json").stdout)
    assert {one["name"] for one in rows} == {"青溪小学"}
    assert {one["phone"] for one in rows} == {"5550-3001"}
    assert {(one["post"], one["from"], one["minutes"]) for one in rows} == {
        ("lead", "08:00", 1440), ("duty", "08:00", 1440), ("stairs", "09:40", 40),
    }  # fmt: skip


def test_a_row_a_duty_is_read_with_its_own_times(db: Path, tmp_path: Path) -> None:
    """Posts by their words, times over midnight, several people of a post in lines below each other."""
    rows: Rows = [
        ["学校", "日期", "岗位", "姓名", "时间", "职务"],
        ["白水中学", "2026-12-01", "宿舍夜巡", "李明", "22:30-次日6:30", "政教主任"],
        ["白水中学", "2026-12-01", "宿舍夜巡", "赵敏", "22:30-次日6:30", "宿管员"],
        ["白水中学", "2026-12-01", "校门", "孙丽", "7时-8时", "保安队长"],
    ]
    assert read(db, sheet(tmp_path, rows))["added"] == 2
    with bureau.opened(db) as database:
        gate, dorm = sorted(
            store.read_unit_duties(database, date(2026, 12, 1), date(2026, 12, 1)), key=lambda one: one.start
        )
    assert (gate.post, gate.start, gate.minutes, gate.people) == ("校门", 420, 60, ("孙丽",))
    assert (dorm.post, dorm.start, dorm.minutes, dorm.people) == ("dorm", 1350, 480, ("李明", "赵敏"))


@pytest.mark.parametrize("word", ["1", "1日", "12月1日", "12.1", "12月1日(周二)", 1])
def test_days_without_a_year_take_the_month_of_the_title_or_of_the_option(
    db: Path, tmp_path: Path, word: object
) -> None:
    """The title says 2026年12月; without it the month is asked for."""
    rows = [*WIDE[:2], [word, *WIDE[2][1:]]]
    read(db, sheet(tmp_path, rows))
    assert ("12-01", "lead") in duties(db)
    bare = [["青溪小学值班表"], *rows[1:]]
    refused = read(db, sheet(tmp_path, bare), code=1)
    assert "--month" in refused["rows"][0]["cure"]
    assert read(db, sheet(tmp_path, bare), "--month", "2026-12")["unchanged"] == 3


def other(rows: Rows) -> Rows:
    """The same days with other people, as another school's roster has."""
    swap = {"王强": "冯磊", "周平": "陈静", "李明、赵 敏": "褚卫", "吴刚 郑洁": "蒋欣", "孙丽": "韩雪"}
    return [[swap.get(cell, cell) for cell in row] for row in rows]


LAYOUTS: dict[str, Rows] = {
    "below, with headings of its own": [*WIDE, [], ["附表"], *other(WIDE[1:])],
    "below, the days begin again": [*WIDE, *other(WIDE[2:])],
    "side by side": [
        [*one, *[None] * (6 - len(one)), None, *two] for one, two in zip(WIDE, other(WIDE), strict=True)
    ],
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_two_rosters_in_one_sheet_are_refused_and_nothing_is_kept(
    db: Path, tmp_path: Path, layout: str
) -> None:
    """Whatever they look like: the same post on the same day, filled by others far apart."""
    done = call(db, "roster", "duties", "import", str(sheet(tmp_path, LAYOUTS[layout])), "--unit", "0001")
    assert done.exit_code == 1, done.output
    assert "two rosters in one sheet" in done.output
    assert duties(db) == {}


def test_two_halves_of_one_roster_and_two_sheets_are_no_two_rosters(db: Path, tmp_path: Path) -> None:
    """Side by side with other days it is one roster; each sheet may hold one of its own."""
    halves: Rows = [
        ["青溪小学2026年12月"],
        ["日期", "带班领导", None, "日期", "带班领导"],
        ["2026-12-01", "王强", None, "2026-12-16", "周平"],
        ["2026-12-02", "周平", None, "2026-12-17", "王强"],
    ]
    assert read(db, sheet(tmp_path, halves))["added"] == 4
    second = [["白水中学2026年12月值班"], *other(WIDE[1:])]
    assert read(db, sheet(tmp_path, WIDE, second))["added"] > 4


def test_a_page_that_repeats_its_headings_is_one_roster(db: Path, tmp_path: Path) -> None:
    """Printed headings stand again on the next page, and the days go on."""
    more = [["2026-12-03", "四", "王强", "李明", "", "5550-3001"]]
    assert read(db, sheet(tmp_path, [*WIDE, WIDE[1], *more]))["added"] == 7


def test_teaching_staff_on_days_without_pupils_is_flagged(db: Path, tmp_path: Path) -> None:
    """A Saturday, a Monday, and a Monday outside the terms; a head on the same days is no teacher."""
    rows: Rows = [
        ["日期", "带班领导", "值班教师"],
        ["2026-12-05", "王强", "李明"],
        ["2026-12-07", "王强", "李明"],
        ["2026-08-03", "王强", "李明"],
    ]
    found = read(db, sheet(tmp_path, rows), "--unit", "0001", code=5)
    assert [(one["flag"], one["value"]) for one in found["flags"]] == [
        ("teachers-on-pupil-free-day", "2026-12-05 李明"),
        ("teachers-on-pupil-free-day", "2026-08-03 李明"),
    ]
    assert len(duties(db)) == 6  # flagged, and kept all the same


def test_a_new_version_of_a_roster_replaces_the_months_that_it_touches(db: Path, tmp_path: Path) -> None:
    """What the new file no longer has goes; other months and other units stay."""
    read(db, sheet(tmp_path, WIDE))
    january: Rows = [["日期", "带班领导"], ["2027-01-04", "王强"]]
    read(db, sheet(tmp_path, january), "--unit", "0001")
    read(db, sheet(tmp_path, [["日期", "带班领导"], ["2026-12-01", "冯磊"]]), "--unit", "0001")
    assert duties(db) == {("12-01", "lead"): ("冯磊",), ("01-04", "lead"): ("王强",)}


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        pytest.param([["日期", "备注"], ["2026-12-01", "x"]], "值班人员", id="nobody on duty"),
        pytest.param([["姓名", "电话"], ["王强", "1"]], "no row of headings", id="no days"),
        pytest.param([["日期", "带班领导"], ["十二月", "王强"]], "no date", id="no date"),
        pytest.param([["日期", "带班领导"], ["2026-12-01", "王强"]], "--unit", id="whose roster"),
        pytest.param(
            [["学校", "日期", "姓名", "时间"], ["0001", "2026-12-01", "王强", "晚上"]],
            "18:00-08:00",
            id="no times",
        ),
        pytest.param(
            [["学校", "日期", "带班领导"], ["无此校", "2026-12-01", "王强"]], "no unit", id="no such unit"
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_cure(
    db: Path, tmp_path: Path, rows: Rows, what: str
) -> None:
    """One sentence, exit 1, nothing kept."""
    done = call(db, "roster", "duties", "import", str(sheet(tmp_path, rows)))
    assert done.exit_code == 1, done.output
    assert what in done.output
    assert duties(db) == {}


def test_only_name_post_telephone_and_times_are_kept(db: Path, tmp_path: Path) -> None:
    """Other columns are told and not read: no identity numbers, no addresses."""
    rows: Rows = [
        ["日期", "姓名", "值班电话", "身份证号", "家庭住址"],
        ["2026-12-01", "王强", "5550-1", "110101199001011234", "某街1号"],
    ]
    found = read(db, sheet(tmp_path, rows), "--unit", "0001")
    assert any("身份证号" in note for note in found["notes"])
    assert b"110101199001011234" not in db.read_bytes()
