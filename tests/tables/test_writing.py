"""What is written reads back, letter for letter and digit for digit, and no cell is ever a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from auditor.errors import UsageProblem
from auditor.register.cells import text
from auditor.tables.errors import CannotWriteTable
from auditor.tables.reading import read_tables
from auditor.tables.writing import write_table

TITLES = {"id": "代码", "name": "校名", "lat": "纬度"}
SUFFIXES = (".xlsx", ".csv", ".json")

letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
lines = (
    st.text(letters, min_size=1, max_size=8)
    | st.text("=+-@\t\"';,_x0041", min_size=1, max_size=9)
    | st.from_regex(r"_x00[0-9A-Fa-f]{2}_", fullmatch=True)
)
words = lines.map(text).filter(bool)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(words, words, st.none() | st.floats(-180, 180)), min_size=1, max_size=4))
@example(rows=[('="0012"', "_x0041_", 30.123456789012345)])
@example(rows=[("=1+1", "-2", -5.25), ("@a", "+b", -1e-7)])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_cell_reads_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, rows: list[tuple[str, str, float | None]]
) -> None:
    """Guards against formulas, escapes and 17 digits leave no trace."""
    path = tmp_path_factory.mktemp("out") / f"a{suffix}"
    write_table(path, TITLES, [dict(zip(TITLES, row, strict=True)) for row in rows])
    (sheet,) = read_tables(path)
    read = [(*map(text, row[:2]), text(row[2])) for _number, row in sheet.rows[1:]]
    assert [row[:2] for row in read] == [row[:2] for row in rows]
    assert [float(row[2]) if row[2] else None for row in read] == [row[2] for row in rows]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_csv_file_gives_a_spreadsheet_nothing_to_work_out(tmp_path: Path, start: str) -> None:
    """Text gets a tab before it; numbers, negative ones too, stay numbers."""
    write_table(tmp_path / "a.csv", TITLES, [{"id": f"{start}1", "name": f"a{start}", "lat": -5.25}])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == [f"\t{start}1", f"a{start}", "-5.25"]


def test_a_workbook_opens_where_one_expects(tmp_path: Path) -> None:
    """Headings frozen, filtered and bold; codes typed as text; wide enough for what is in them."""
    write_table(tmp_path / "a.xlsx", TITLES, [{"id": "0012", "name": "很长很长的学校名称" * 2, "lat": 1}])
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:C2", True)
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].number_format) == ("0012", "s", "@")
    assert sheet.column_dimensions["B"].width >= 36


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_target_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path, suffix: str) -> None:
    """Here a folder stands where the file should be."""
    (tmp_path / f"a{suffix}").mkdir()
    with pytest.raises(CannotWriteTable, match=rf"a\{suffix}"):
        write_table(tmp_path / f"a{suffix}", TITLES, [])
    assert [one.name for one in tmp_path.iterdir()] == [f"a{suffix}"]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    """With those that can be written."""
    with pytest.raises(UsageProblem, match=r"\.xlsx, \.csv or \.json"):
        write_table(tmp_path / "a.txt", TITLES, [])
