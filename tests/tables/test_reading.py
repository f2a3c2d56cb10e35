"""A file is read as it was meant, or refused by name: never a traceback, never more room than it fills."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from auditor.errors import AuditorError
from auditor.tables import layout
from auditor.tables.errors import BadJson, NotATable, TooLargeSheet, UnknownEncoding, WrongEncoding
from auditor.tables.reading import read_tables

HEAD = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
TAIL = "</sheetData></worksheet>"


def plain_workbook() -> bytes:
    """A small workbook's bytes."""
    book = Workbook()
    book.active.append(["学校代码", "学校名称"])
    for at in range(40):
        book.active.append([f"{at:04d}", f"第{at}小学"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook_of(path: Path, sheet: str) -> Path:
    """A workbook whose one sheet is this XML."""
    with zipfile.ZipFile(io.BytesIO(plain_workbook())) as source, zipfile.ZipFile(path, "w", 8) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return path


FAR_APART = [
    pytest.param(
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        id="two cells in opposite corners, in single quotes",
    ),
    pytest.param(
        f"<row r='1'>{'<c><v>1</v></c>' * 16384}</row><row r='1048576'><c><v>1</v></c></row>",
        id="cells that do not name their place",
    ),
]


@pytest.mark.parametrize("rows", FAR_APART)
def test_a_sheet_that_would_be_laid_out_at_gigabytes_is_refused_before(tmp_path: Path, rows: str) -> None:
    """Within a few megabytes, although the table would take billions of cells."""
    path = workbook_of(tmp_path / "a.xlsx", HEAD + rows + TAIL)
    tracemalloc.start()
    with pytest.raises(TooLargeSheet, match=r"a\.xlsx.*sheet1\.xml"):
        read_tables(path)
    assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    tracemalloc.stop()


def test_a_sheet_with_more_cells_than_one_may_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last cell that is allowed is; one more is not."""
    monkeypatch.setattr(layout, "MOST_CELLS", 500)
    for count, allowed in ((500, True), (501, False)):
        path = workbook_of(tmp_path / "a.xlsx", f"{HEAD}<row r='1'>{'<c><v>1</v></c>' * count}</row>{TAIL}")
        if allowed:
            assert len(read_tables(path)[0].rows[0][1]) == count
        else:
            with pytest.raises(TooLargeSheet, match="500 cells"):
                read_tables(path)


def test_a_sheet_with_much_style_and_little_in_it_is_read(tmp_path: Path) -> None:
    """Offices draw borders down to row 65,536; only what is filled counts."""
    styled = "".join(f"<row r='{at}'><c r='A{at}' s='0'/><c r='T{at}'/></row>" for at in range(2, 65_537))
    cell = "<row r='1'><c r='A1' t='inlineStr'><is><t>校名</t></is></c></row>"
    (sheet,) = read_tables(workbook_of(tmp_path / "a.xlsx", HEAD + cell + styled + TAIL))
    assert [row for _number, row in sheet.rows] == [("校名",)]


def altered(data: bytes, chance: random.Random) -> bytes:
    """The same bytes cut off, or some of them another."""
    if chance.random() < 0.3:
        return data[: chance.randrange(8, len(data))]
    broken = bytearray(data)
    for _ in range(chance.choice([1, 8, 60])):
        broken[chance.randrange(8, len(broken))] = chance.randrange(256)
    return bytes(broken)


def outcome(path: Path) -> str:
    """What reading came to: "table", or the name of an error whose sentence names the file."""
    try:
        read_tables(path)
    except AuditorError as error:
        return type(error).__name__ if str(path) in str(error) else f"nameless {error}"
    return "table"


def outcomes(data: bytes, path: Path, times: int) -> set[str]:
    """What reading altered copies came to; anything but a table or a sentence fails the test."""
    chance = random.Random(times)
    found = set()
    for _ in range(times):
        path.write_bytes(altered(data, chance))
        found.add(outcome(path))
    assert not [one for one in found if one.startswith("nameless")]
    return found


def test_an_altered_workbook_is_a_table_or_a_sentence(tmp_path: Path) -> None:
    """Neither zipfile nor calamine gets through with an error of its own."""
    assert "DamagedWorkbook" in outcomes(plain_workbook(), tmp_path / "a.xlsx", 250)


@pytest.mark.parametrize(
    "name", ["malformed_format.xls", "date_1904.xls", "biff5_write.xls", "merged_cells.ods", "vba.xlsm"]
)
def test_altered_workbooks_of_other_programs(
    shared: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Old .xls make calamine panic; even that is one sentence, and nothing on the terminal."""
    source = shared / "data" / "import-oddities" / "excel-calamine" / name
    outcomes(source.read_bytes(), tmp_path / f"a{source.suffix}", 60)
    assert capfd.readouterr().err == ""


def test_every_file_of_the_oddities_is_read_or_refused_by_name(shared: Path) -> None:
    """As offices send them; those with a password, in cp1252 or cut off are the ones refused."""
    folder = shared / "data" / "import-oddities"
    files = [
        path for name in ("csv", "excel-calamine", "excel-easyexcel") for path in (folder / name).iterdir()
    ]
    found = {path.name: outcome(path) for path in files}
    refused = {name: what for name, what in found.items() if what != "table"}
    assert refused == {"england_schools_cp1252.csv": "WesternText", "pass_protected.xlsx": "Encrypted"}


def test_the_encoding_that_is_named_reads_it(shared: Path, tmp_path: Path) -> None:
    """406 rows below the headings."""
    path = shared / "data" / "import-oddities" / "csv" / "england_schools_cp1252.csv"
    (sheet,) = read_tables(path, encoding="cp1252")
    assert len(sheet.rows) == 407
    with pytest.raises(UnknownEncoding, match="klingon"):
        read_tables(path, encoding="klingon")


@pytest.mark.parametrize(
    ("name", "data", "error", "said"),
    [
        ("a.csv", '学校名称\n"甲\n乙\n丙\n'.encode(), NotATable, "row 2"),
        ("b.csv", "\ufeff学校名称".encode("utf-16-le")[:-1], WrongEncoding, "byte"),
        ("c.xls", b"\xef\xbb\xbf<html><table>", NotATable, "web page"),
        ("d.json", b'{"name": ["a"]}', BadJson, "list of objects"),
        ("e.json", b'[{"name": {"zh": "a"}}]', BadJson, "row 1, name"),
        ("f.json", b"[" * 100_000, BadJson, "depth"),
        ("g.xls", b"\t\x08\x10\0\0\0\0\0\0\0\0\0", AuditorError, "damaged"),
        ("h.csv", b"name\n" + b"a\n" * 50_011, TooLargeSheet, "> 50000 rows"),
    ],
)
def test_what_would_lose_rows_or_end_in_a_traceback_is_refused(
    tmp_path: Path, name: str, data: bytes, error: type[AuditorError], said: str
) -> None:
    """By the file's name and with what was found."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=rf"{name[0]}\.{name[2:]}.*{said}"):
        read_tables(tmp_path / name)


def pairs(rows: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    """Each row with the headings."""
    return [(rows[0], row) for row in rows[1:]]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", lambda rows: "\n".join('="{}",{}'.format(*row) for row in rows).encode()),
        ("b.tsv", lambda rows: "\r\n".join("\t".join(row) for row in rows).encode("utf-16")),
        ("c.csv", lambda rows: "\n".join(";".join(row) for row in rows).encode("gb18030")),
        ("d.xls", lambda rows: "\n".join("\t".join(row) for row in rows).encode("gb18030")),
        ("e.data", lambda rows: json.dumps([dict(zip(*pair, strict=True)) for pair in pairs(rows)]).encode()),
    ],
)  # fmt: skip
def test_what_other_programs_call_a_table(
    tmp_path: Path, name: str, write: Callable[[list[list[str]]], bytes]
) -> None:
    """Codes guarded as ="0012", UTF-16 with tabs, semicolons, text called .xls, JSON by another name."""
    rows = [["代码", "校名"], ["0012", "甲小学"], ["0013", "乙小学"]]
    (tmp_path / name).write_bytes(write(rows))
    (sheet,) = read_tables(tmp_path / name)
    assert [list(row) for _number, row in sheet.rows] == rows
