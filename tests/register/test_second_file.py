"""The second file changes what it says and nothing else; headings are found however they are written."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.cli.main import auditor
from auditor.entities import Inspector, Unit
from auditor.errors import AuditorError
from auditor.register.cells import Unreadable, degrees, text, whole
from auditor.register.columns import UNIT_TITLES
from auditor.register.leave import read_leave
from auditor.register.sheets import GarbledText, NoSuchColumn, NoSuchTable
from auditor.register.units import UnitReading, read_units
from auditor.store import Database
from auditor.store.log import read_entries, read_tables
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.staff import read_inspectors
from auditor.store.units import read_units as stored_units
from auditor.tables.table import Table
from auditor.workflow import imports, unit_imports
from auditor.workflow import people as staff_step
from auditor.workflow.domains import load_all
from auditor.workflow.imports import Imported

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PLAIN = imports.Request(mapping={}, where={})


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty bureau."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    database = open_bureau(tmp_path / "b.db")
    yield database
    close_bureau(database)


def write(path: Path, *rows: Sequence[str]) -> Path:
    """A CSV file of these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def bring(db: Database, path: Path, *rows: Sequence[str], **mapping: str) -> Imported:
    """Import these rows as units."""
    return unit_imports.import_units(db, write(path, *rows), imports.Request(mapping=mapping, where={}), NOW)


def read(*sheets: tuple[str, Sequence[Sequence[Any]]], **options: Any) -> UnitReading:
    """Read sheets, each a name and rows."""
    tables = [Table(sheet=name, rows=tuple(enumerate(map(tuple, rows), start=1))) for name, rows in sheets]
    return read_units(tables, file="f.xlsx", mapping={}, where={}, **options)


def test_what_a_second_file_has_no_column_for_stays(db: Database, tmp_path: Path) -> None:
    """Kind, point, numbers and tags; and the point that stays is not said to be missing."""
    bring(
        db,
        tmp_path / "a.csv",
        ["学校代码", "学校名称", "学段", "经度", "纬度", "学生数", "自建房", "地灾点"],
        ["1", "育才学校", "九年一贯制", "105.2", "30.5", "90", "是", "是"],
    )
    second = bring(
        db, tmp_path / "b.csv", ["学校代码", "学校名称", "乡镇", "自建房"], ["1", "育才学校", "青石镇", "否"]
    )
    assert (second.changed, second.flags) == (1, [])
    (unit,) = stored_units(db)
    assert unit == Unit(
        id="1", name="育才学校", kind="nine-year", township="青石镇", lat=30.5, lng=105.2, students=90,
        tags=("地灾点",),
    )  # fmt: skip


def test_one_half_of_a_point_changes_no_point(db: Database, tmp_path: Path) -> None:
    """A file with a longitude and no latitude leaves both as they were."""
    bring(db, tmp_path / "a.csv", ["学校代码", "学校名称", "经度", "纬度"], ["1", "甲", "105.2", "30.5"])
    assert bring(db, tmp_path / "b.csv", ["学校代码", "学校名称", "经度"], ["1", "甲", "9"]).unchanged == 1


def test_an_empty_cell_clears_what_a_missing_column_keeps(db: Database, tmp_path: Path) -> None:
    """Both sides of the border."""
    bring(db, tmp_path / "a.csv", ["学校代码", "学校名称", "学段", "标签"], ["1", "甲校", "小学", "自建房"])
    bring(db, tmp_path / "b.csv", ["学校代码", "学校名称", "学段", "标签"], ["1", "甲校", "", ""])
    assert stored_units(db) == [Unit(id="1", name="甲校")]


def test_a_word_that_is_no_kind_is_not_guessed_past() -> None:
    """A column that says something unknown is flagged; where there is none, the name says it."""
    flagged = read(("", [["学校名称", "学段"], ["甲小学", "某种"], ["乙小学", ""], ["丙小学", "nan"]]))
    assert [unit.kind for unit in flagged.units] == ["", "", ""]
    assert [(one["flag"], one["value"]) for one in flagged.flags if one["flag"] != "no-point"] == [
        ("unknown-kind", "某种")
    ]
    guessed = read(("", [["学校名称"], ["甲小学"], ["某地"]]))
    assert {unit.name: unit.kind for unit in guessed.units} == {"甲小学": "primary", "某地": ""}
    assert "1 unit" in guessed.notes[0]


@pytest.mark.parametrize(
    ("word", "closed"),
    [
        ("", ""), ("否", ""), ("正常", ""), ("nan", ""), ("-", ""), ("是", "true"), ("停办", "true"),
        ("20180831", "2018-08-31"), ("2026年1月31日", "2026-01-31"),
        ("2019并入中心校", "true"), ("已撤并", "true"), ("未停办", ""), ("不撤", ""), ("停办后已恢复", ""),
        ("保留", ""), ("非撤并校", ""), ("尚未停办", ""),
    ],
)  # fmt: skip
def test_a_unit_is_closed_by_a_date_or_a_word(word: str, closed: str) -> None:
    """What says that it is open, or nothing, does not."""
    assert read(("", [["校名", "停办"], ["甲", word]])).units[0].closed == closed


def test_a_name_is_one_line_and_an_id_is_as_it_stands() -> None:
    """A wrapped Chinese name is one word, other controls are a blank; in an id they are refused."""
    reading = read(("", [["学校代码", "校名"], ["1", "中心\n小学\x0b"], ["2\n3", "乙"]]))
    assert [unit.name for unit in reading.units] == ["中心小学"]
    assert [(row["column"], row["row"]) for row in reading.refused] == [("学校代码", 3)]
    assert text("\ud800甲") == "\ufffd甲"


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("经度(°)", "lng"), ("纬度\n（北纬）", "lat"), ("学校名称*", "name"), ("学生数（人）", "students"),
        ("学生数（必填）*", "students"), ("乡镇/街道", "township"), ("LOCAL_AUTHORITY", "district"),
        ("学 校 代 码", "id"), ("经\u200b度", "lng"), ("學校名稱", "name"),
    ],
)  # fmt: skip
def test_a_heading_may_say_its_unit_of_measure(title: str, field: str) -> None:
    """Width, blanks, line breaks and case do no harm."""
    assert read(("", [["校名", title], ["甲", "1"]])).columns[field] in (text(title), "校名")


def test_a_heading_that_says_something_else_is_another_column() -> None:
    """学生数（寄宿） is no number of students."""
    assert read(("", [["校名", "学生数（寄宿）"], ["甲", 1]])).columns == {"name": "校名"}


def test_a_heading_may_say_the_system_of_coordinates() -> None:
    """经度（GCJ-02） is converted, and that is said."""
    rows = [["校名", "经度（GCJ-02）", "纬度（GCJ-02）"], ["甲", 109.562109, 27.101597]]
    reading = read(("", rows))
    assert (reading.units[0].lat, reading.units[0].lng) == pytest.approx((27.105141, 109.557649), abs=5e-5)
    assert "1 point was converted to WGS-84" in reading.notes


def test_the_same_code_in_two_sheets_names_the_other_sheet() -> None:
    """So that a clerk finds it; a sheet without codes has made ids."""
    head = ["学校代码", "校名"]
    reading = read(("甲镇", [head, ["1", "甲"]]), ("乙镇", [head, ["1", "乙"]]), ("丙镇", [["校名"], ["丙"]]))
    assert "乙镇 row 2" in reading.refused[0]["cure"]
    assert "甲镇 row 2" in reading.refused[1]["cure"]
    assert [unit.id for unit in reading.units] == ["丙||丙镇"]


def test_where_leaves_out_a_sheet_without_the_column() -> None:
    """Nothing in it fits."""
    tables = [
        Table(sheet="一", rows=((1, ("校名", "乡镇")), (2, ("甲", "青石镇")))),
        Table(sheet="二", rows=((1, ("校名",)), (2, ("乙",)))),
    ]
    reading = read_units(tables, file="f.xlsx", mapping={}, where={"乡镇": "青石镇"})
    assert [unit.name for unit in reading.units] == ["甲"]
    assert [(one["sheet"], one["row"]) for one in reading.left_out] == [("二", None)]


def test_a_mapping_that_is_right_but_not_enough_says_what_is_missing() -> None:
    """A file without a name is no register; a mapping to nothing is named as such."""
    sheet = Table(sheet="", rows=((1, ("KOD", "NAMA")), (2, ("0012", "甲"))))
    with pytest.raises(NoSuchTable, match=r"headings with name \(学校名称\); found: KOD, NAMA"):
        read_units([sheet], file="f", mapping={"id": "KOD"}, where={})
    with pytest.raises(NoSuchColumn, match="--map name=NAME"):
        read_units([sheet], file="f", mapping={"id": "KOD", "name": "NAME"}, where={})
    reading = read_units([sheet], file="f", mapping={"id": "KOD", "name": "NAMA", "自建房": "KOD"}, where={})
    assert [(unit.id, unit.name, unit.tags) for unit in reading.units] == [("0012", "甲", ("自建房",))]


def test_a_map_of_an_unknown_field_is_refused(tmp_path: Path) -> None:
    """Or a clerk would think that it was read."""
    write(tmp_path / "a.csv", ["校名", "住校"], ["甲", "3"])
    done = CliRunner().invoke(
        auditor,
        ["units", "import", str(tmp_path / "a.csv"), "--db", str(tmp_path / "b.db"), "--map", "boarder=住校"],
    )
    assert done.exit_code == 2
    assert "'boarder' is not one of" in done.stderr
    assert "'boarders'" in done.stderr
    assert not (tmp_path / "b.db").exists()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,200", 1200), ("12,000人", 12_000), ("3.0", 3),
        ("1,2", None), ("1,20", None), ("12,00", None), ("3.5", None),
    ],
)  # fmt: skip
def test_a_comma_parts_thousands_only(cell: str, value: int | None) -> None:
    """1,2 is no 12."""
    if value is None:
        with pytest.raises(Unreadable):
            whole(cell)
    else:
        assert whole(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("105.25°E", 105.25),
        ("３０．５", 30.5),
        (-0.468262, -0.468262),
        (1e-07, 1e-07),
        ("nan", None),
        ("—", None),
        ("109°26′24″", 109.44),
        ("109度26分24秒", 109.44),
        ("东经109°26′24″", 109.44),
        ("27°6′", 27.1),
    ],
)
def test_degrees(cell: str | float, value: float | None) -> None:
    """Decimal, in any width, with or without sign; a dash is no point."""
    assert degrees(cell) == value
    for bad in ("105°72′", "三十", "1_0", "inf", "E"):
        with pytest.raises(Unreadable):
            degrees(bad)


HEAD = list(UNIT_TITLES)
BODY = [
    line.split(",")
    for line in (
        "0012,甲校,primary,某县,青石镇,30.5,105.25,90,0,是,2,自建房,公办,县,,,",
        "0013,乙校,training,某县,白水镇,,,,,否,,,民办,,甲校,2026-01-31,",
        "0014,丙校,,某县,青石镇,30.25,105.5,7,7,,0,地灾点;自建房,,,,true,",
    )
]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), titles=st.integers(0, 3), blanks=st.integers(0, 3))
def test_order_of_columns_and_rows_titles_and_blank_lines_do_not_matter(
    seed: int, titles: int, blanks: int
) -> None:
    """The same register whichever way the table is laid out."""
    chance = random.Random(seed)
    order = chance.sample(range(len(HEAD)), len(HEAD))
    rows = [[row[at] for at in order] for row in chance.sample(BODY, len(BODY))]
    for _ in range(blanks):
        rows.insert(chance.randrange(len(rows) + 1), [None] * chance.randrange(3))
    head = [list(UNIT_TITLES.values())[at] for at in order]
    table = [["某县学校名录库"]] * titles + [[]] * blanks + [head, *rows]
    plain = read(("", [HEAD, *BODY]))
    assert [len(one.tags) for one in plain.units] == [1, 0, 2]
    assert read(("", table)).units == plain.units


def test_inspectors_keep_their_conflicts(db: Database, tmp_path: Path) -> None:
    """A second list without that column frees nobody; conflicts that name nothing are said."""
    plugins = load_all()
    bring(db, tmp_path / "u.csv", ["学校代码", "学校名称", "乡镇"], ["0012", "甲校", "青石镇"])

    def staff(*rows: Sequence[str]) -> Imported:
        path = write(tmp_path / "i.csv", *rows)
        return staff_step.import_staff(db, path, PLAIN, NOW, plugins=plugins, inspectors=True)

    first = staff(
        ["工号", "姓名", "领域", "回避", "半天数"], ["o1", "甲", "消防;食品", "0012;青石;青石镇", "3"]
    )
    assert "unknown-conflict: 1 (o1: 青石)" in first.notes[0]
    staff(["工号", "姓名", "科室", "领域"], ["o1", "甲", "安全股", "校车"])
    assert read_inspectors(db) == [
        Inspector(
            id="o1", name="甲", department="安全股", domains=("transport",),
            conflicts=("0012", "青石", "青石镇"), half_days=3,
        )
    ]  # fmt: skip


def test_leave_is_read_by_staff_number_where_two_bear_a_name(db: Database, tmp_path: Path) -> None:
    """By name alone the row is refused with both numbers."""
    staff = write(tmp_path / "i.csv", ["工号", "姓名", "领域"], ["o1", "甲", "消防"], ["o2", "甲", "食品"])
    staff_step.import_staff(db, staff, PLAIN, NOW, plugins=load_all(), inspectors=True)

    def leave(*rows: Sequence[str]) -> Imported:
        return staff_step.import_leave(db, write(tmp_path / "l.csv", *rows), PLAIN, NOW)

    refused = leave(["姓名", "开始"], ["甲", "2026-12-01"]).rows
    assert ["o1, o2" in row["cure"] for row in refused] == [True]
    assert leave(["姓名", "工号", "开始"], ["甲", "o2", "2026.12.1"]).added == 1
    assert staff_step.list_leave(db) == [
        {"person": "o2", "from": "2026-12-01", "to": "2026-12-01", "kind": "", "half": ""}
    ]


def test_nothing_is_kept_when_the_writing_fails(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing, when the last of the units cannot be written as well."""
    from auditor.store import units as store

    row = store._row
    monkeypatch.setattr(store, "_row", lambda unit: row(unit) if unit.id != "3" else {"id": "3"})
    with pytest.raises((AuditorError, KeyError)):
        bring(db, tmp_path / "a.csv", ["学校代码", "学校名称"], ["1", "甲"], ["2", "乙"], ["3", "丙"])
    assert stored_units(db) == []


@pytest.mark.parametrize(
    "word",
    [
        "拟撤",
        "计划撤并",
        "待定",
        "停业整顿",
        "筹建",
        "去年",
        "2027年9月拟撤",
        "2027-09",
        "2027-09-01",
        "撤并后保留教学点",
    ],
)  # fmt: skip
def test_an_unclear_word_closes_nothing_and_opens_nothing(word: str) -> None:
    """It is flagged; what the register says of the unit stays."""
    table = Table(sheet="", rows=((1, ("校名", "停办")), (2, ("甲", word))))
    reading = read_units([table], file="f", mapping={}, where={}, today=date(2026, 12, 1))
    (draft,) = reading.drafts.values()
    assert (draft.unit.closed, "closed" in draft.present) == ("", False)
    assert [one["flag"] for one in reading.flags if one["flag"] != "no-point"] == ["unclear-closed"]


def test_what_cannot_be_read_takes_nothing_away(db: Database, tmp_path: Path) -> None:
    """约300, 待建, an unknown kind, half a point: each is flagged, and what the register has stands."""
    heads = ("代码", "校名", "办学类型", "在校生数", "食堂", "纬度", "经度")
    good = ("001", "甲", "幼儿园", "216", "是", "30.5", "119.5")
    bring(db, tmp_path / "a.csv", heads, good)
    (before,) = stored_units(db)
    assert (before.students, before.canteen, before.kind, before.lat) == (216, True, "kindergarten", 30.5)
    bad = ("001", "甲", "某某类", "约300", "待建", "三十度", "119.5")
    done = bring(db, tmp_path / "b.csv", heads, bad)
    assert {one["flag"] for one in done.flags} >= {"unreadable-number", "unreadable-yes-no", "unknown-kind"}
    assert stored_units(db) == [before]


def test_words_in_the_column_of_codes_are_no_codes() -> None:
    """待批 twice is two schools, and next month's 待批 takes over no other's history."""
    rows = (
        ("代码", "校名", "乡镇"),
        ("待批", "甲幼儿园", "甲镇"),
        ("待批", "乙幼儿园", "乙镇"),
        ("豫001", "丙", "甲镇"),
    )
    table = Table(sheet="", rows=tuple(enumerate(rows, start=1)))
    reading = read_units([table], file="f", mapping={}, where={})
    assert reading.refused == []
    assert [(draft.unit.name, draft.own_id) for draft in reading.drafts.values()] == [
        ("甲幼儿园", False), ("乙幼儿园", False), ("丙", True),
    ]  # fmt: skip
    assert any("待批" in note for note in reading.notes)


@pytest.mark.parametrize("title", ["坐标（高德）", "高德坐标", "坐标(GCJ-02)"])
def test_a_heading_of_points_in_one_cell_names_their_system(title: str) -> None:
    """As one of longitude does; without the shift the school is half a kilometre off."""
    table = Table(sheet="", rows=((1, ("校名", title)), (2, ("甲", "109.44,27.11"))))
    (draft,) = read_units([table], file="f", mapping={}, where={}).drafts.values()
    assert draft.unit.lng is not None
    assert 0.001 < abs(draft.unit.lng - 109.44) < 0.01


def test_the_lowest_row_of_headings_loses_no_row_below_it() -> None:
    """男 and 女 below 幼儿数, all other headings merged downwards, most of them columns of no field."""
    head = ("序号", "园所名称", "园长", "法人", "幼儿数", "幼儿数", "电话", "备注")
    rows = (
        head, head, ("序号", "园所名称", "园长", "法人", "男", "女", "电话", "备注"),
        (1, "甲幼儿园", "x", "y", 10, 11, "z", ""), (2, "乙幼儿园", "x", "y", 12, 13, "z", ""),
    )  # fmt: skip
    table = Table(sheet="", rows=tuple(enumerate(rows, start=1)))
    reading = read_units([table], file="f", mapping={}, where={})
    assert [draft.unit.name for draft in reading.drafts.values()] == ["甲幼儿园", "乙幼儿园"]


def test_wide_blanks_inside_a_name_are_padding() -> None:
    """青溪　小学 is 青溪小学, as WPS spreads it."""
    table = Table(sheet="", rows=((1, ("代码", "校名")), (2, ("01", "青溪　小学"))))
    (draft,) = read_units([table], file="f", mapping={}, where={}).drafts.values()
    assert draft.unit.name == "青溪小学"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (("2026-12-07", "", "158", "产假"), "止"),
        (("2026-12-08", "2026-12-09", "1.5", "事假"), "天数"),
        (("2026-12-08", "2026-12-09", "3", "事假"), "天数"),
    ],
)
def test_a_leave_whose_days_do_not_fit_its_dates_is_refused(cells: tuple[str, ...], column: str) -> None:
    """A leave of five months without its end was one day, and the person on duty the day after."""
    table = Table(sheet="", rows=((1, ("姓名", "起", "止", "天数", "假别")), (2, ("周敏", *cells))))
    reading = read_leave([table], file="f", mapping={}, where={}, people={"7": "周敏"})
    assert [one["column"] for one in reading.refused] == [column]
    assert reading.leave == []


def test_a_leave_that_fits_or_was_taken_back() -> None:
    """Fewer days may be working days; 已销假 is no leave, and is listed."""
    rows = (
        ("姓名", "起", "止", "天数", "假别"), ("周敏", "2026-12-04", "2026-12-07", "2", "事假"),
        ("周　敏", "2026-12-09", "", "1天", "病假"), ("周敏", "2026-12-14", "", "", "事假（已销假）"),
    )  # fmt: skip
    table = Table(sheet="", rows=tuple(enumerate(rows, start=1)))
    reading = read_leave([table], file="f", mapping={}, where={}, people={"7": "周敏"})
    assert reading.refused == []
    assert [one.from_on.day for one in reading.leave] == [4, 9]
    assert [one["row"] for one in reading.left_out] == [4]


def test_text_that_was_garbled_before_it_was_saved_is_named() -> None:
    """--map cannot cure it, and the letters that were lost cannot be had back."""
    head = [title.encode().decode("gb18030", "replace") for title in ("学校名称", "乡镇", "学生数")]
    with pytest.raises(GarbledText, match="学校名称"):
        read(("", [head, ["x", "y", "1"]]))


def test_a_person_without_a_role_is_refused_where_the_list_has_roles(db: Database, tmp_path: Path) -> None:
    """An empty cell would make a leader an officer; who has domains inspects."""
    heads, leader = ("工号", "姓名", "角色", "领域"), ("1", "甲", "带班领导", "")
    kept = bring_staff(db, tmp_path / "a.csv", heads, leader, ("2", "乙", "", "消防"))
    assert (kept.rows, kept.added) == ([], 2)
    done = bring_staff(db, tmp_path / "b.csv", heads, ("1", "甲", "", ""), ("3", "丙", "-", ""))
    assert [(row["row"], row["problem"]) for row in done.rows] == [(2, "no role"), (3, "no role")]
    assert done.added == done.changed == 0
    assert bring_staff(db, tmp_path / "c.csv", ("工号", "姓名"), ("3", "丙")).added == 1


def bring_staff(db: Database, path: Path, *rows: Sequence[str]) -> Imported:
    """Import these rows as staff."""
    request = imports.Request(mapping={}, where={})
    return staff_step.import_staff(db, write(path, *rows), request, NOW, plugins=load_all())


CODES = ("1", "01", "1001", "01001", "2001", "")
NAMES = ("甲小学", "乙小学", "乙小学分校", "丙中学")


@st.composite
def registers(draw: st.DrawFn) -> list[list[str]]:
    """Rows with codes that may lack zeros or be missing, names that come back, sites and closed ones."""
    row = st.tuples(
        st.sampled_from(CODES), st.sampled_from(NAMES), st.sampled_from(("禾岭镇", "砚池镇", "")),
        st.sampled_from(("", "5", "80")), st.sampled_from(("", "甲小学", "1001")),
        st.sampled_from(("", "2025-08-31")), st.sampled_from(("", "30.5")), st.sampled_from(("", "105.25")),
    )  # fmt: skip
    return [list(one) for one in draw(st.lists(row, min_size=1, max_size=5))]


@settings(max_examples=25, deadline=None)
@given(first=registers(), second=registers(), same=st.booleans())
def test_what_was_settled_is_kept_later_as_by_an_import(
    tmp_path_factory: pytest.TempPathFactory, first: list[list[str]], second: list[list[str]], same: bool
) -> None:
    """Written down and read again between: the same rows stand in every table, and the same log."""
    head = ["学校代码", "学校名称", "乡镇", "学生数", "主校", "停办日期", "纬度", "经度"]
    folder = tmp_path_factory.mktemp("settled")
    found = []
    for at_once in (True, False):
        create_bureau(folder / f"{at_once}.db", {}, NOW)
        db = open_bureau(folder / f"{at_once}.db")
        for rows in (first, second):
            path = write(folder / "r.csv", head, *rows)
            request = imports.Request(mapping={}, where={}, partial=True, same=("all",) * same)
            try:
                if at_once:
                    unit_imports.import_units(db, path, request, NOW)
                else:
                    _told, settled = unit_imports.look_at_units(db, path, request, NOW)
                    assert settled is not None
                    kept = msgspec.json.decode(msgspec.json.encode(settled), type=unit_imports.Settled)
                    unit_imports.keep_units(db, kept, NOW)
            except AuditorError:
                continue
        log = [(one.kind, one.changes) for one in read_entries(db)]
        found.append((read_tables(db), log))
        close_bureau(db)
    assert found[0] == found[1]
