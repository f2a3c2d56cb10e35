"""Rows are told from all that stands around them; what is passed over, left out or taken is said."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.register.columns import (
    STAFF_ALIASES,
    STAFF_TITLES,
    STAFF_TITLES_EN,
    UNIT_ALIASES,
    UNIT_TITLES,
    UNIT_TITLES_EN,
    find_columns,
)
from auditor.register.lines import aside, is_heading_line, township_of
from auditor.register.units import UnitReading, read_units
from auditor.tables.table import Table


def sheet(name: str, *rows: Sequence[Any], **more: Any) -> Table:
    """A sheet of rows, numbered from 1."""
    return Table(sheet=name, rows=tuple(enumerate(map(tuple, rows), start=1)), **more)


def read(*sheets: Table, **options: Any) -> UnitReading:
    """Read sheets as a register."""
    return read_units(sheets, file="f.xlsx", mapping={}, where={}, **options)


def units(reading: UnitReading) -> list[tuple[str, str, str]]:
    """Id, name and township of every unit, as read."""
    return [(unit.id, unit.name, unit.township) for unit in reading.units]


def left(reading: UnitReading) -> list[tuple[str, int | None]]:
    """Sheet and row of every line that was left out."""
    return [(one["sheet"], one["row"]) for one in reading.left_out]


def test_parts_give_the_township_and_are_no_units() -> None:
    """一、某某镇 above its schools; a merged line stands in every cell; it is said."""
    part = ["二、砚池镇（共2所）"] * 4
    reading = read(
        sheet(
            "Sheet1", ["某县学校名录"], ["序号", "学校代码", "学校名称", "学生数"],
            ["一、禾岭镇"], [1, "01", "甲小学", 5], ["小计", "", "", 5], part, [2, "02", "乙小学", 6],
            [3, "03", "丙小学", 7],
        )
    )  # fmt: skip
    assert units(reading) == [
        ("01", "甲小学", "禾岭镇"),
        ("02", "乙小学", "砚池镇"),
        ("03", "丙小学", "砚池镇"),
    ]
    assert left(reading) == [("Sheet1", 5)]
    assert any("禾岭镇" in note and "砚池镇" in note for note in reading.notes)
    assert reading.columns["township"] == "(sheet or part)"


def test_a_column_of_townships_goes_before_sheet_and_part() -> None:
    """What a cell says is never overwritten, an empty cell is not filled either."""
    reading = read(
        sheet("禾岭镇", ["学校代码", "学校名称", "乡镇"], ["1", "甲", "砚池镇"], ["2", "乙", ""]),
        sheet("枫桐乡学校名单", ["学校代码", "学校名称"], ["3", "丙"]),
        sheet("Sheet3", ["学校代码", "学校名称"], ["4", "丁"]),
    )
    assert units(reading) == [("1", "甲", "砚池镇"), ("2", "乙", ""), ("3", "丙", "枫桐乡"), ("4", "丁", "")]


@pytest.mark.parametrize(
    ("word", "township"),
    [
        ("禾岭镇", "禾岭镇"), ("一、禾岭镇", "禾岭镇"), ("（二）砚池乡：", "砚池乡"),
        ("三、 城关街道（12所）", "城关街道"),
        ("1.禾岭镇", "禾岭镇"), ("禾岭镇学校名单", "禾岭镇"), ("雁渡镇（旧）", "雁渡镇"),
        ("鹿谷鄉", "鹿谷鄉"),
        ("Sheet1", ""), ("汇总", ""), ("说明", ""), ("二、幼儿园", ""), ("11月", ""),
    ],
)  # fmt: skip
def test_what_names_a_township(word: str, township: str) -> None:
    """With or without number, count and the word for a list."""
    assert township_of(word) == township


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["合计", "", "12所", 10405], "sum"), (["", "合 计", "", 9], "sum"), (["总　计：", "", "", 9], "sum"),
        (["禾岭镇小计", "", "", 5], "sum"), (["", "", "小计", 5], "sum"), (["", "", "共计12所", ""], "sum"),
        (["Total", "", "", 5], "sum"), (["全县合计", None, None, 5], "sum"),
        (["合计", 12, None, 5], "sum"), ([None, 1725, "合计", 5], "sum"), (["平均", "", "", 5], "sum"),
        (["注：学生数截至九月", "", "", ""], "note"), (["备注1、含分校", "", "", ""], "note"),
        (["", "", "说明：以上不含培训机构", ""], "note"), (["※ 数据来自平台", "", "", ""], "note"),
        (["填表人：甲", "", "审核人：乙", ""], "signature"), (["", "", "填表人：", ""], "signature"),
        (["填表人", "甲某", "审核人", "乙某"], "signature"), (["单位（盖章）：", "", "", ""], "signature"),
        (["负责人签字：", "", "", ""], "signature"), (["2026年11月10日"] * 4, "signature"),
        (["某县教育局（盖章）", "", "", ""], "signature"), (["", "", "日期：2026年", ""], "signature"),
        (["以上学校名单由各中心校提供，如有出入以年报为准。", "", "", ""], "sentence"),
        (["", "0101", "注溪小学", 5], ""), (["", "0101", "甲小学", "联系电话：80001"], ""),
        (["", "", "注溪小学", 5], ""), (["", "", "甲小学", "备注：在建"], ""),
        (["", "", "合计乡小学", 5], ""),
        (["禾岭镇", "", "填川小学", 5], ""), (["", "", "甲小学", ""], ""), ([3, "0102", "", 5], ""),
    ],
)  # fmt: skip
def test_a_line_beside_the_rows_is_told_from_a_row(row: list[Any], kind: str) -> None:
    """By its first words where it has no code; a remark never makes a school a note."""
    assert aside(row, row[1], row[2]) == kind


def test_a_title_below_is_passed_over_and_a_sentence_is_listed() -> None:
    """A second table with its own title, in the same sheet."""
    reading = read(
        sheet(
            "S", ["学校代码", "学校名称"], ["1", "甲"], [], ["砚池镇学校一览表", ""],
            ["学校代码", "学校名称"],
            ["2", "乙"], ["以上名单未经核对。", ""],
        )
    )  # fmt: skip
    assert [unit.id for unit in reading.units] == ["1", "2"]
    assert left(reading) == [("S", 7)]


def test_a_header_with_another_order_holds_from_there_on() -> None:
    """Each table of a sheet is read by its own headings."""
    reading = read(
        sheet(
            "S", ["序号", "学校代码", "学校名称", "学生数"], [1, "1", "甲", 5],
            ["序号", "学校名称", "学生数", "学校代码"], [2, "乙", 6, "2"],
        )
    )  # fmt: skip
    assert [(unit.id, unit.name, unit.students) for unit in reading.units] == [("1", "甲", 5), ("2", "乙", 6)]


def test_a_header_of_three_rows_and_one_whose_upper_row_says_the_field() -> None:
    """规模 / 学生数 / 合计: the lowest word says nothing, the one above it does."""
    reading = read(
        sheet(
            "S",
            ["学校基本情况表"],
            ["序号", "学校", "学校", "规模", "规模", "规模", "位置"],
            ["序号", "代码", "名称", "学生数", "学生数", "寄宿生数", "位置"],
            ["序号", "代码", "名称", "合计", "其中女生", "寄宿生数", "经度"],
            [1, "07", "甲小学", 100, 48, 12, 105.2],
        )
    )
    (unit,) = reading.units
    assert (unit.id, unit.name, unit.students, unit.boarders) == ("07", "甲小学", 100, 12)
    assert reading.columns["students"] == "规模 学生数 合计"


def test_a_row_of_data_is_no_second_row_of_the_header() -> None:
    """A first unit without a name is refused as such, and not taken for headings."""
    reading = read(sheet("S", ["学校代码", "学校名称", "类型"], ["1", "", "小学"], ["2", "乙", "小学"]))
    assert [one["row"] for one in reading.refused] == [2]
    assert [unit.id for unit in reading.units] == ["2"]


def test_two_names_of_one_field_in_a_heading_mean_that_field() -> None:
    """School Name 学校名称; a heading with two fields means neither."""
    reading = read(sheet("S", ["Code/学校代码", "School Name 学校名称", "学生数 Boarders"], ["1", "甲", 9]))
    assert reading.columns == {"id": "Code/学校代码", "name": "School Name 学校名称"}


@pytest.mark.parametrize(
    ("titles", "aliases"),
    [
        (UNIT_TITLES, UNIT_ALIASES),
        (UNIT_TITLES_EN, UNIT_ALIASES),
        (STAFF_TITLES, STAFF_ALIASES),
        (STAFF_TITLES_EN, STAFF_ALIASES),
    ],
)
def test_every_heading_that_we_write_reads_back(titles: dict[str, str], aliases: dict[str, Any]) -> None:
    """In both languages, each as its own field."""
    found = find_columns([list(titles.values())], aliases, {})
    assert {field: list(titles)[at] for field, at in found.items()} == {field: field for field in titles}


def test_hidden_things_are_read_and_counted() -> None:
    """Rows, columns that hold something, sheets."""
    reading = read(
        sheet(
            "甲镇", ["学校代码", "学校名称", "x"], ["1", "甲", 1], ["2", "乙", 2], hidden_rows=frozenset({3}),
            hidden_columns=frozenset({2}),
        ),
        sheet("乙镇", ["学校代码", "学校名称"], ["3", "丙"], hidden=True),
    )  # fmt: skip
    assert len(reading.units) == 3
    assert reading.hidden == {"rows": 1, "columns": 1, "sheets": 1}


def test_a_formula_without_result_refuses_its_cell_where_it_is_read() -> None:
    """In a column that nobody reads, or in a line of sums, it does no harm."""
    rows = (["学校代码", "学校名称", "学生数", "校长"], ["1", "甲", None, None], ["合计", None, None, None])
    reading = read(sheet("S", *rows, uncomputed=frozenset({(2, 2), (3, 2), (2, 3)})))
    assert [(one["row"], one["column"]) for one in reading.refused] == [(2, "学生数")]
    assert "save" in reading.refused[0]["cure"]
    assert read(sheet("S", *rows, uncomputed=frozenset({(3, 2), (2, 3)}))).refused == []


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (430523199901010007, "lost its last digits"), (1.2e17, "lost its last digits"),
        ("4.30523E+17", "lost its last digits"), ("#REF!", "error"), ("05230\u200b1", "U+200B"),
        ("0523\u00a001", "U+00A0"), ("05\ufe0f23", "U+FE0F"), ("05\u31643", "U+3164"),
    ],
)  # fmt: skip
def test_a_damaged_code_is_refused_and_a_sum_with_one_is_not(cell: Any, problem: str) -> None:
    """Damage in a line that is left out refuses nothing."""
    head = ["学校代码", "学校名称"]
    reading = read(sheet("S", head, [cell, "甲"], ["0102", "乙"]))
    assert [one["row"] for one in reading.refused] == [2]
    assert problem in reading.refused[0]["problem"]
    assert read(sheet("S", head, ["0102", "乙"], ["合计", cell])).refused == []


def test_invisible_characters_are_shown_by_code_point() -> None:
    """Or a person sees two codes that look the same."""
    reading = read(sheet("S", ["学校代码", "学校名称"], ["01\u200b2", "甲"], ["A 1", "乙"], ["A1", "丙"]))
    assert reading.refused[0]["value"] == "01⟨U+200B⟩2"
    assert any("A⟨U+0020⟩1" in note for note in reading.notes)


def test_blanks_and_width_of_a_code_are_mended_and_said() -> None:
    """Fourteen digits survive in a number."""
    reading = read(
        sheet("S", ["学校代码", "学校名称"], [" 01\u00a0", "甲"], ["０２Ａ", "乙"], [52300010100001, "丙"])
    )
    assert [unit.id for unit in reading.units] == ["01", "02A", "52300010100001"]
    assert "1 row" in " ".join(one for one in reading.notes if "blanks" in one)
    assert any("full-width" in one for one in reading.notes)


def test_a_summary_sheet_beside_the_towns_doubles_nothing() -> None:
    """Rows that say the same are one unit with the fields of both; a difference refuses both."""
    town = sheet("禾岭镇", ["学校代码", "学校名称", "学生数"], ["1", "甲", "1,024"], ["2", "乙", 7])
    every = sheet(
        "汇总", ["学校代码", "学校名称", "乡镇", "学生数", "食堂"], ["1", "甲", "禾岭镇", 1024, "有"]
    )
    reading = read(town, every)
    assert [(unit.id, unit.students, unit.canteen) for unit in reading.units] == [
        ("1", 1024, True),
        ("2", 7, None),
    ]
    assert [one["unit"] for one in reading.flags] == ["1", "2"]
    other = sheet("汇总", ["学校代码", "学校名称", "学生数"], ["1", "甲", 1025])
    assert [(one["sheet"], one["row"]) for one in read(town, other).refused] == [("禾岭镇", 2), ("汇总", 2)]


HEAD = ["学校标识码", "学校名称", "学段", "乡镇", "学生数", "食堂", "经度", "纬度"]
PLAIN = [
    ["0101", "禾岭镇中心小学", "小学", "禾岭镇", 952, "有", 109.445523, 27.114535],
    ["0102", "禾岭镇初级中学", "初中", "禾岭镇", 690, "无", 109.542962, 27.181489],
    ["0103", "砚池镇中心幼儿园", "幼儿园", "砚池镇", 83, "", 109.427736, 27.273288],
    ["0104", "砚池注溪小学", "小学", "砚池镇", None, "有", 109.344643, 27.142507],
    ["0105", "合水小学", "小学", "枫桐乡", 0, "有", None, None],
]
BESIDE = [
    ["合计", None, None, None, 1725], ["小计", "", "", "", 3], [None, "填表人：甲", None, "审核人：乙"],
    ["注：数据截至九月。"], ["填报单位：某县教育局（盖章）"] * 8, ["2026年11月10日"],
]  # fmt: skip
NOISE = [[], [None] * 8, ["", " ", "\u00a0"], ["某县学校名录", None], ["附件2"]]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_register_made_messy_reads_back_the_same(seed: int) -> None:
    """Titles, order, blank lines, headers again, sums, notes, serials, sheets of townships, widths."""
    chance = random.Random(seed)
    order = chance.sample(range(8), 8)
    rows = chance.sample(PLAIN, len(PLAIN))
    serial = chance.random() < 0.5
    by_sheet = chance.random() < 0.4
    by_part = not by_sheet and chance.random() < 0.4
    if by_sheet or by_part:
        order.remove(3)

    def messy(row: Sequence[Any], number: int | str) -> list[Any]:
        cells = [row[at] if at < len(row) else None for at in order]
        cells = [
            f" {one}\u00a0" if isinstance(one, str) and one and chance.random() < 0.2 else one
            for one in cells
        ]
        return [number, *cells] if serial else cells

    def lines(some: Sequence[Sequence[Any]]) -> list[list[Any]]:
        head = [f"{HEAD[at]}\u200b" if chance.random() < 0.2 else HEAD[at] for at in order]
        head = ["序号", *head] if serial else head
        out: list[list[Any]] = [["某县学校情况一览表"], head] if chance.random() < 0.7 else [head]
        for number, row in enumerate(some, start=1):
            if by_part:
                out.append([f"一、{row[3]}"] * chance.choice([1, 8]))
            out.append(messy(row, number))
            if chance.random() < 0.3:
                out.append(chance.choice([*BESIDE, *NOISE, *([[9]] if serial else [])]))
            if chance.random() < 0.1:
                out.append(head)
        return out

    if by_sheet:
        towns = dict.fromkeys(row[3] for row in rows)
        sheets = [sheet(town, *lines([row for row in rows if row[3] == town])) for town in towns]
    else:
        sheets = [sheet("Sheet1", *lines(rows))]
    reading = read(*sheets)
    assert reading.refused == []
    assert reading.units == read(sheet("Sheet1", HEAD, *PLAIN)).units


def test_a_heading_line_is_no_school() -> None:
    """Schools whose names end like a list or begin like a part stay rows beside other cells."""
    assert is_heading_line("附件1")
    assert is_heading_line("二、幼儿园")
    assert not is_heading_line("三里河小学")
    assert not is_heading_line("镇中小学")


def test_another_table_beside_or_below_is_not_read_and_that_is_said() -> None:
    """An empty column parts them; below, a line of headings without a name begins it."""
    reading = read(
        sheet(
            "S", ["学校代码", "学校名称", "坐标", None, "类型", "数量"],
            ["1", "甲", "109.44,27.11", None, "小学", 1],
            ["2", "乙", "27.12，109.45", None, "初中", 2], [], ["乡镇", "学校数"], ["禾岭镇", 2],
        )
    )  # fmt: skip
    assert [(unit.id, unit.kind, unit.lng, unit.lat) for unit in reading.units] == [
        ("1", "", 109.44, 27.11),
        ("2", "", 109.45, 27.12),
    ]
    assert left(reading) == [("S", 5), ("S", 6)]
    assert any("类型, 数量" in note for note in reading.notes)


def test_columns_that_mean_nothing_are_named() -> None:
    """Or a clerk would think that they were read."""
    reading = read(sheet("S", ["序号", "学校代码", "学校名称", "备注", "校长"], [1, "1", "甲", "x", "y"]))
    assert any("备注, 校长" in note for note in reading.notes)
    assert not any("序号" in note for note in reading.notes)


def test_an_apostrophe_before_a_code_and_east_before_a_degree_are_no_part_of_them() -> None:
    """Typed to keep zeros; 东经 and 北纬 as in a report."""
    reading = read(
        sheet("S", ["学校代码", "学校名称", "经度", "纬度"], ["'0101", "甲", "东经109.44", "北纬27.1°"])
    )
    assert [(unit.id, unit.lng, unit.lat) for unit in reading.units] == [("0101", 109.44, 27.1)]


@pytest.mark.parametrize("merged", [False, True])
def test_a_header_of_two_rows_printed_again_is_passed_over(merged: bool) -> None:
    """With its groups, merged or not; 食堂 over 有无 is the canteen."""
    group = ["序号", "学校基本信息", "学校基本信息" if merged else None, "规模", "食堂"]
    below = ["序号" if merged else None, "代码", "学校名称", "学生数", "有无"]
    reading = read(
        sheet(
            "S", ["某县学校表"], group, below, [1, "1", "甲", 5, "有"], group, below, [2, "2", "乙", 6, "无"]
        )
    )
    assert [(unit.id, unit.students, unit.canteen) for unit in reading.units] == [
        ("1", 5, True),
        ("2", 6, False),
    ]
    assert left(reading) == []


def test_schools_of_a_part_or_sheet_of_closed_ones_are_closed() -> None:
    """And a table of persons below is not read."""
    reading = read(
        sheet(
            "S", ["学校代码", "学校名称"], ["1", "甲"], ["附：撤并学校名单"],
            ["学校代码", "学校名称"], ["2", "乙"],
            ["附二：联系人"], ["姓名", "单位"], ["王某", "甲"],
        ),
        sheet("停办学校", ["学校代码", "学校名称"], ["3", "丙"]),
    )  # fmt: skip
    assert [(unit.id, bool(unit.closed)) for unit in reading.units] == [
        ("1", False),
        ("2", True),
        ("3", True),
    ]
    assert left(reading) == [("S", 7), ("S", 8)]


def test_tables_side_by_side_are_both_read() -> None:
    """Each by its own headings."""
    head = ["学校代码", "学校名称"]
    reading = read(
        sheet("S", [*head, None, *head], ["1", "甲", None, "3", "丙"], ["2", "乙", None, "4", "丁"])
    )
    assert [unit.id for unit in reading.units] == ["1", "2", "3", "4"]


def test_the_help_sheet_of_our_own_form_is_passed_over() -> None:
    """It is no table, and no line of it need be told."""
    reading = read(
        sheet("名录", ["学校代码", "学校名称"], ["1", "甲"]), sheet("填写说明", ["列", "怎么填"], ["x", "y"])
    )
    assert reading.left_out == []
