"""What a register says is what is kept; what cannot be taken is named, and nothing is half-imported."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from auditor.entities import Unit
from auditor.errors import AuditorError, FileMissing
from auditor.register.cells import Unreadable, day, tagged, whole, yes_no
from auditor.register.columns import UNIT_TITLES
from auditor.register.kinds import kind_of
from auditor.register.units import made_id, read_units
from auditor.store.opening import create_bureau, open_bureau
from auditor.store.units import read_units as stored_units
from auditor.tables.errors import (
    BadJson,
    DamagedWorkbook,
    Encrypted,
    NotATable,
    TooLargeSheet,
    WrongEncoding,
)
from auditor.tables.reading import read_tables
from auditor.tables.table import Table
from auditor.tables.writing import write_table
from auditor.workflow import imports, unit_imports
from auditor.workflow import units as unit_step

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PLAIN = imports.Request(mapping={}, where={})
HEAD = ["学校标识码", "学校名称", "办学类型", "乡镇", "经度", "纬度", "学生数", "食堂", "自建房"]
ROWS = [
    ["0012", "实验小学", "小学", "青石镇", "105.2", "30.5", "1,200", "有", "否"],
    ["0013", "蓝天幼儿园", "幼儿园", "青石镇", "", "", "约300", "是", "√"],
]


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A CSV file's bytes."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def table(*rows: Sequence[Any]) -> Table:
    """A sheet with the heads above rows."""
    return Table(sheet="", rows=tuple((at, tuple(row)) for at, row in enumerate([HEAD, *rows], start=1)))


def read(*rows: Sequence[Any], **options: Any) -> Any:
    """The reading of a sheet."""
    return read_units([table(*rows)], file="f.csv", mapping={}, where={}, **options)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", csv_bytes([HEAD, *ROWS])),
        ("b.csv", csv_bytes([HEAD, *ROWS], "utf-8-sig")),
        ("c.csv", csv_bytes([HEAD, *ROWS], "gb18030")),
        ("d.csv.gz", gzip.compress(csv_bytes([HEAD, *ROWS]))),
        ("e.json", json.dumps([dict(zip(HEAD, row, strict=True)) for row in ROWS]).encode()),
        ("f.csv", csv_bytes([["某某局名录库"], [], HEAD, *ROWS])),
        ("h.csv", csv_bytes([HEAD, *ROWS], "utf-8", "\t")),
        ("i.csv", csv_bytes([[*HEAD, "备注"], *([*row, ";;;;一;二;;;;;;;;;;;;;;"] for row in ROWS)])),
        ("g.csv", csv_bytes([HEAD[::-1], *(row[::-1] for row in ROWS)])),
    ],
)
def test_the_same_register_in_many_files(tmp_path: Path, name: str, data: bytes) -> None:
    """Encodings, compression, JSON, a title above, another order of columns: one reading."""
    (tmp_path / name).write_bytes(data)
    reading = read_units(read_tables(tmp_path / name), file=name, mapping={}, where={})
    assert reading.refused == []
    first, second = reading.units
    assert (first.id, first.name, first.kind, first.township) == ("0012", "实验小学", "primary", "青石镇")
    assert (first.lat, first.lng, first.students, first.canteen, first.tags) == (30.5, 105.2, 1200, True, ())
    assert (second.id, second.students, second.lat, second.tags) == ("0013", None, None, ("自建房",))
    assert [flag["flag"] for flag in reading.flags] == ["no-point", "unreadable-number"]


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Write a plain workbook."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def test_a_workbook_keeps_text_codes_and_whole_numbers(tmp_path: Path) -> None:
    """0012 as text keeps its zeros; a numeric code has no point."""
    path = workbook(
        tmp_path / "a.xlsx", [HEAD, ROWS[0], [5100000001, "乙小学", "小学", "", 105.25, 30.5, 90.0, 1, None]]
    )
    units = read_units(read_tables(path), file="a", mapping={}, where={}).units
    assert [unit.id for unit in units] == ["0012", "5100000001"]
    assert units[1].students == 90
    assert units[1].canteen is True


@pytest.mark.parametrize(
    ("rows", "problem", "column"),
    [
        ([["1", ""]], "the name is missing", "学校名称"),
        ([["1\u200b2", "甲"]], "U+200B", "学校标识码"),
        ([["1\x072", "甲"]], "U+0007", "学校标识码"),
    ],
)
def test_damage_to_identity_is_refused_with_its_cure(
    rows: list[list[str]], problem: str, column: str
) -> None:
    """By row and column."""
    reading = read(*rows)
    (refused,) = reading.refused
    assert problem in refused["problem"]
    assert refused["column"] == column
    assert refused["row"] == len(rows) + 1
    assert refused["cure"]


def test_one_code_for_two_units_refuses_both() -> None:
    """Each names the row of the other, so that neither is guessed to be right."""
    sheet = Table(
        sheet="", rows=((1, ("学校标识码", "学校名称")), (2, ("1", "甲")), (3, ("1", "乙")), (4, ("1", "丙")))
    )
    reading = read_units([sheet], file="f", mapping={}, where={})
    assert [(one["row"], one["problem"]) for one in reading.refused] == [
        (row, "the id stands twice") for row in (2, 3, 4)
    ]
    assert [one["cure"][-2] for one in reading.refused] == ["3", "2", "2"]
    assert reading.units == []


def test_two_rows_alike_without_codes_ask_for_a_column() -> None:
    """A made id would be the same; where they say the same word for word they are one unit."""
    rows = (
        (1, ("学校名称", "乡镇", "学生数")),
        (2, ("中心小学", "甲镇", "5")),
        (3, ("中心小学", "甲镇", "6")),
    )
    reading = read_units([Table(sheet="", rows=rows)], file="f", mapping={}, where={})
    assert ["--map id=" in one["cure"] for one in reading.refused] == [True, True]
    same = (*rows[:2], (3, ("中心小学", "甲镇", 5)))
    reading = read_units([Table(sheet="", rows=same)], file="f", mapping={}, where={})
    assert reading.refused == []
    assert reading.units[0].id == made_id("中心小学", "", "甲镇") == "中心小学||甲镇"
    assert "1 row says the same" in " ".join(reading.notes)


def test_a_row_without_a_code_gets_one_of_its_name_and_that_is_said() -> None:
    """The others keep theirs."""
    rows = ((1, ("学校标识码", "学校名称", "乡镇")), (2, ("1", "甲", "甲镇")), (3, ("", "乙", "甲镇")))
    reading = read_units([Table(sheet="", rows=rows)], file="f", mapping={}, where={})
    assert [unit.id for unit in reading.units] == ["1", "乙||甲镇"]
    assert "1 row has no code" in " ".join(reading.notes)


@pytest.mark.parametrize(
    ("row", "flag"),
    [
        (["1", "甲", "小学", "", "0", "0", "", "", ""], "zero-point"),
        (["1", "甲", "小学", "", "205.2", "30.5", "", "", ""], "out-of-range"),
        (["1", "甲", "小学", "", "30.5", "105.2", "", "", ""], "swapped-point"),
        (["1", "甲", "小学", "", "105.2", "30.5", "", "待建", ""], "unreadable-yes-no"),
        (["1", "甲", "某种", "", "105.2", "30.5", "", "", ""], "unknown-kind"),
        (["1", "甲", "小学", "", "105.2", "三十", "", "", ""], "unreadable-number"),
    ],
)
def test_everything_else_loads_with_a_flag(row: list[str], flag: str) -> None:
    """The field is empty, the unit is there."""
    reading = read(row)
    assert flag in [one["flag"] for one in reading.flags]
    assert len(reading.units) == 1


def test_where_takes_rows_before_anything_is_judged() -> None:
    """A damaged row that is not wanted refuses nothing."""
    reading = read_units(
        [table(ROWS[0], ["9", "", "小学", "别处"])], file="f", mapping={}, where={"乡镇": "青石镇"}
    )
    assert reading.refused == []
    assert [unit.id for unit in reading.units] == ["0012"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"where": {"没有": "x"}, "mapping": {}}, "没有"),
        ({"where": {"乡镇": "没有"}, "mapping": {}}, "--where"),
        ({"where": {}, "mapping": {"id": "没有"}}, "--map id=没有"),
    ],
)
def test_options_that_name_nothing_are_told(options: dict[str, Any], said: str) -> None:
    """The sentence names the option and what was found."""
    with pytest.raises(AuditorError, match=said):
        read_units([table(ROWS[0])], file="f.csv", **options)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("幼儿园", "kindergarten"), ("某某國小", "primary"), ("國中", "junior"),
        ("九年一贯制学校", "nine-year"),
        ("完全中学", "complete"), ("中等职业学校", "vocational"), ("特殊教育学校", "special"),
        ("培训机构", "training"), ("Academy", ""), ("Community special school", "special"),
        ("高级中学", "senior"), ("primary", "primary"), ("", ""),
    ],
)  # fmt: skip
def test_kinds(word: str, kind: str) -> None:
    """Words of registers in two scripts and two languages."""
    assert kind_of(word) == kind


def test_what_cells_say() -> None:
    """Numbers, yes and no, tags, dates as people write them."""
    assert [whole(one) for one in ("1,200", "１２", "300人", "", "—", None, 7, 90.0)] == [
        1200, 12, 300, None, None, None, 7, 90,
    ]  # fmt: skip
    assert [yes_no(one) for one in ("有", "无", "√", "×", "", 0, 2, True)] == [
        True, False, True, False, None, False, True, True,
    ]  # fmt: skip
    assert [tagged(one) for one in ("是", "√", "二级", "否", "无", "0", "", None)] == [True] * 3 + [False] * 5
    assert {day(one) for one in ("2026-12-01", "2026/12/1", "2026.12.1", "2026年12月1日", "20261201")} == {
        date(2026, 12, 1)
    }
    for bad in ("约300", "-5", "3.5"):
        with pytest.raises(Unreadable):
            whole(bad)
    for bad in ("2026-13-01", "明天", "2026-02-30"):
        with pytest.raises(Unreadable):
            day(bad)


def hostile(path: Path) -> Path:
    """A small workbook whose two cells span a whole sheet."""
    book = Workbook()
    book.active["A1048576"] = 1
    book.active["XFD2"] = 1
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "make", "error"),
    [
        ("a.csv", lambda p: None, FileMissing),
        ("b.csv", lambda p: p.write_bytes(b"\x81\xff\xff\x81,\xfe"), WrongEncoding),
        ("c.xlsx", lambda p: workbook(p, [HEAD]) and p.write_bytes(p.read_bytes()[:900]), DamagedWorkbook),
        (
            "d.xlsx",
            lambda p: p.write_bytes(
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
            ),
            Encrypted,
        ),
        ("e.xlsx", hostile, TooLargeSheet),
        ("f.csv", lambda p: p.write_bytes(b""), NotATable),
        ("g.xls", lambda p: p.write_bytes(b"<html><table><tr><td>1"), NotATable),
        ("h.json", lambda p: p.write_bytes(b'{"a": 1}'), BadJson),
        ("i.json", lambda p: p.write_bytes(b"[1,"), BadJson),
        ("j.csv.gz", lambda p: p.write_bytes(gzip.compress(csv_bytes(ROWS))[:40]), DamagedWorkbook),
        ("k.csv", lambda p: p.write_bytes(b"\x7fELF\0\0\0"), NotATable),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(
    tmp_path: Path, name: str, make: Any, error: type
) -> None:
    """One sentence with the file's name, and no crash."""
    make(tmp_path / name)
    with pytest.raises(error, match=name.replace(".", r"\.")):
        read_tables(tmp_path / name)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.json"])
def test_no_cell_is_ever_a_formula(tmp_path: Path, name: str) -> None:
    """Text that looks like one comes back as text."""
    row = {"id": "=1+1", "name": "+cmd|' /C calc'!A0", "students": 7}
    write_table(tmp_path / name, {one: one for one in row}, [row])
    (sheet,) = read_tables(tmp_path / name)
    assert [str(cell) for cell in sheet.rows[1][1]] == ["=1+1", "+cmd|' /C calc'!A0", "7"]
    if name.endswith("xlsx"):
        from openpyxl import load_workbook

        assert [cell.data_type for cell in load_workbook(tmp_path / name).active[2]] == ["s", "s", "n"]


words = st.text("甲乙丙小学01ab=+,;\"'", min_size=1, max_size=6).map(str.strip).filter(bool)
units = st.lists(
    st.builds(
        Unit,
        id=words.filter(lambda text: not re.match(r"'[0-9]", text)),  # reading takes that mark off
        name=words,
        kind=st.sampled_from(["", "primary", "training", "kindergarten"]),
        township=st.sampled_from(["", "青石镇"]),
        students=st.none() | st.integers(0, 5000),
        boarders=st.none() | st.integers(0, 500),
        canteen=st.none() | st.booleans(),
        tags=st.sampled_from([(), ("自建房",), ("C/D级", "地灾点")]),
        closed=st.sampled_from(["", "true", "2026-01-31"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=(lambda unit: unit.id, lambda unit: unit.name),  # twins are told as rows to look at
)


@settings(deadline=None, max_examples=25)
@given(units, st.sampled_from([".xlsx", ".csv", ".json"]), st.data())
def test_export_and_import_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, register: list[Unit], suffix: str, data: st.DataObject
) -> None:
    """Whatever the register holds, in all three formats, with points on some."""
    from dataclasses import replace

    from auditor.store.units import put_units
    from auditor.store.writing import write_tx

    register = [
        replace(unit, lat=30.25, lng=105.125)
        if data.draw(st.booleans())
        else replace(unit, kind=unit.kind or kind_of(unit.name))
        for unit in register
    ]
    register = [replace(unit, kind=unit.kind or kind_of(unit.name)) for unit in register]
    folder = tmp_path_factory.mktemp("register")
    create_bureau(folder / "b.db", {}, NOW)
    db = open_bureau(folder / "b.db")
    with write_tx(db, "test", NOW) as tx:
        put_units(tx, register)
    out = folder / f"units{suffix}"
    assert unit_step.export_units(db, [out]) == (len(register), [])
    imported = unit_imports.import_units(db, out, imports.Request(mapping={}, where={}), NOW)
    assert imported.rows == []
    assert (imported.added, imported.changed, imported.unchanged) == (0, 0, len(register))
    assert stored_units(db) == sorted(register, key=lambda unit: unit.id)
    db.conn.close()


def test_every_export_heading_reads_back() -> None:
    """Each heading is an alias of its own field."""
    from auditor.register.columns import UNIT_ALIASES, find_columns

    titles = list(UNIT_TITLES.values())
    found = find_columns([titles], UNIT_ALIASES, {})
    assert {field: titles[at] for field, at in found.items()} == dict(UNIT_TITLES)


def test_a_column_that_the_file_lacks_keeps_its_value(tmp_path: Path) -> None:
    """A second file with fewer columns clears nothing; an empty cell does."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    db = open_bureau(tmp_path / "b.db")
    for rows in (
        [["学校代码", "学校名称", "乡镇", "学生数"], ["1", "甲小学", "青石镇", "90"]],
        [["学校代码", "学校名称", "乡镇"], ["1", "甲小学", ""]],
    ):
        (tmp_path / "a.csv").write_bytes(csv_bytes(rows))
        unit_imports.import_units(db, tmp_path / "a.csv", imports.Request(mapping={}, where={}), NOW)
    (unit,) = stored_units(db)
    assert (unit.students, unit.township) == (90, "")
    db.conn.close()


@pytest.mark.parametrize(
    ("file", "options", "count"),
    [
        ("schools-taiwan-north/schools.json", {"where": {"county": "宜蘭縣"}, "mapping": {}}, 137),
        ("schools-england/schools.csv.gz", {"where": {"Local Authority": "936"}, "mapping": {}}, None),
        (
            "schools-malaysia-chinese/sjkc.csv",
            {
                "where": {"PPD": "PPD BATANG PADANG"},
                "mapping": {
                    "id": "KODSEKOLAH",
                    "name": "NAMASEKOLAH_C",
                    "lng": "KOORDINATXX",
                    "lat": "KOORDINATYY",
                },
            },
            18,
        ),
    ],
)
def test_real_registers_load_twice(
    shared: Path, tmp_path: Path, file: str, options: dict[str, Any], count: int | None
) -> None:
    """The second time nothing changes."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    db = open_bureau(tmp_path / "b.db")
    first = unit_imports.import_units(db, shared / "data" / file, imports.Request(**options), NOW)
    assert first.rows == []
    assert first.added == (count or first.added) > 10
    second = unit_imports.import_units(db, shared / "data" / file, imports.Request(**options), NOW)
    assert (second.added, second.changed, second.unchanged) == (0, 0, first.added)
    db.conn.close()
