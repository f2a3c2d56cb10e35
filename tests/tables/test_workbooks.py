"""A workbook gives what a person sees in it, hidden parts named; a hostile one is refused by name."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from auditor.errors import AuditorError
from auditor.tables import layout, xls
from auditor.tables.errors import DamagedWorkbook, Encrypted, NotATable, TooLargeSheet
from auditor.tables.table import Cell, Table
from auditor.tables.workbooks import read_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def read(data: bytes) -> tuple[Table, ...]:
    """What a file of these bytes gives."""
    return read_workbook(Path("a.book"), data)


def cells(table: Table) -> list[tuple[Cell, ...]]:
    """Its rows without their numbers."""
    return [row for _number, row in table.rows]


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def related(main: str, kind: str, sheet: str) -> dict[str, str | bytes]:
    """The relations of a workbook with one sheet."""
    one = '<Relationships xmlns="{}"><Relationship Id="r1" Type="{}/{}" Target="{}"/></Relationships>'
    return {
        "_rels/.rels": one.format(PACKAGE, OFFICE, "officeDocument", main),
        f"xl/_rels/{main.rpartition('/')[2]}.rels": one.format(PACKAGE, OFFICE, kind, sheet),
    }


def xlsx_of(rows: str, *, before: str = "", after: str = "", strings: str = "") -> bytes:
    """An XLSX whose one sheet has these rows."""
    sheet = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    return xlsx_with(sheet, strings)


def xlsx_with(sheet: str, strings: str = "") -> bytes:
    """An XLSX with this sheet."""
    parts = related("xl/workbook.xml", "worksheet", "worksheets/sheet1.xml")
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="名录" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    parts["xl/worksheets/sheet1.xml"] = sheet
    if strings:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return zipped(parts)


def ods_of(tables: str, *, styles: str = "", before: str = "", manifest: str = "") -> bytes:
    """An ODS of these tables."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f"<manifest:manifest xmlns:manifest='m'>{manifest}</manifest:manifest>",
            "content.xml": f"{before}<office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x'"
            " xmlns:style='s' xmlns:calcext='c'>"
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
            f"{tables}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def register() -> Workbook:
    """A register as a clerk makes it, away from A1: merged, hidden, with an error and a formula."""
    book = Workbook()
    sheet = book.active
    sheet.title = "名录"
    for row in (
        ["名录一览", None, None, None],
        ["乡镇", "校名", "学生数", "备注"],
        ["禾岭镇", "甲小学", 120, "#N/A"],
        [None, "乙小学", 80.5, None],
        ["砚池镇", "丙小学", "=D5*2", "x"],
    ):
        sheet.append([None, *row])
    sheet.move_range("B1:E5", rows=2)
    sheet.merge_cells("B3:E3")
    sheet.merge_cells("B5:B6")
    sheet.row_dimensions[6].hidden = True
    sheet.row_dimensions[40].hidden = True
    sheet.column_dimensions["E"].hidden = True
    sheet.column_dimensions["H"].hidden = True
    book.create_sheet("底稿").append(["旧"])
    book["底稿"].sheet_state = "hidden"
    book.create_sheet("空")
    return book


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of_the_register(formula: Cell) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """What a person sees in the register."""
    return (
        (3, ("名录一览",) * 4),
        (4, ("乡镇", "校名", "学生数", "备注")),
        (5, ("禾岭镇", "甲小学", 120, "#N/A")),
        (6, ("禾岭镇", "乙小学", 80.5, None)),
        (7, ("砚池镇", "丙小学", formula, "x")),
    )


def test_a_register_made_by_a_program_says_what_is_hidden_and_what_was_never_computed() -> None:
    """Row numbers are the spreadsheet's, columns count from the first in use."""
    first, old, empty = read(saved(register()))
    assert first == Table(
        sheet="名录",
        rows=rows_of_the_register(None),
        hidden_rows=frozenset({6}),
        hidden_columns=frozenset({3}),
        uncomputed=frozenset({(7, 2)}),
    )
    assert (old.sheet, old.hidden, old.rows) == ("底稿", True, ((1, ("旧",)),))
    assert (empty.sheet, empty.hidden, empty.rows) == ("空", False, ())


@pytest.fixture(scope="module")
def office() -> str:
    """The name of LibreOffice's program, or skip."""
    name = shutil.which("soffice") or shutil.which("libreoffice")
    if name is None:
        if os.environ.get("AUDITOR_REQUIRE_LIBREOFFICE"):
            pytest.fail("LibreOffice is not installed")
        pytest.skip("LibreOffice is not installed: .ods and .xls as it writes them are not tried")
    return name


@pytest.mark.parametrize("suffix", ["ods", "xls", "xlsx"])
def test_the_same_register_saved_by_another_program_reads_the_same(
    office: str, tmp_path: Path, suffix: str
) -> None:
    """As ODS, XLS (BIFF8) and XLSX; the formula is computed now."""
    (tmp_path / "a.xlsx").write_bytes(saved(register()))
    profile, out = (tmp_path / "profile").as_uri(), tmp_path / "out"
    subprocess.run(
        [
            *(office, f"-env:UserInstallation={profile}", "--headless"),
            *("--convert-to", suffix, "--outdir", str(out), str(tmp_path / "a.xlsx")),
        ],
        check=True,
        capture_output=True,
    )
    first, old, empty = read((out / f"a.{suffix}").read_bytes())
    assert first == Table(
        sheet="名录",
        rows=rows_of_the_register(240),
        hidden_rows=frozenset({6}),
        hidden_columns=frozenset({3}),
    )
    assert (old.sheet, old.hidden, old.rows) == ("底稿", True, ((1, ("旧",)),))
    assert (empty.sheet, empty.rows) == ("空", ())


def test_a_formula_is_uncomputed_only_where_no_result_is_stored() -> None:
    """An empty text is a result; cells of formulas at the rim are there, though nothing is in them."""
    (table,) = read(
        xlsx_of(
            '<row r="3"><c r="C3"><f>1</f><v>2</v></c><c r="D3" t="str"><f>""</f><v></v></c>'
            '<c r="E3"><f>1</f></c></row><row r="4"><c r="B4"><f>1</f><v/></c></row>'
        )
    )
    assert table.rows == ((3, (None, 2, None, None)), (4, (None, None, None, None)))
    assert table.uncomputed == {(3, 3), (4, 0)}


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#SPILL!"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_error_is_its_text_even_one_of_the_newest_programs(error: str, quote: str) -> None:
    """One cell with an error unknown to the reader does not cost the workbook."""
    rows = f'<row r="1"><c r="A1" t="e"><f>A2</f><v>{error}</v></c><c r="B1"><v>1</v></c></row>'
    (table,) = read(xlsx_of(rows.replace('"', quote)))
    assert (cells(table), table.uncomputed) == ([(error, 1)], frozenset())


@settings(deadline=None, max_examples=60)
@given(
    grid=st.dictionaries(
        st.tuples(st.integers(1, 9), st.integers(1, 9)), st.sampled_from("vftesz"), min_size=1, max_size=12
    ),
    hidden=st.sets(st.integers(1, 9)),
    named=st.booleans(),
)
def test_odd_spelling_changes_nothing(
    grid: dict[tuple[int, int], str], hidden: set[int], named: bool
) -> None:
    """A prefix, single quotes, cells that follow one another unnamed: the parser sees what the scan sees."""
    inner = {
        "v": (' t="n"', "<v>7</v>"),
        "f": ("", "<f>1</f>"),
        "t": (' t="str"', "<f>1</f>"),
        "e": (' t="e"', "<v>#N/A</v>"),
        "s": (' t="s"', "<v>0</v>"),
        "z": ("", ""),
    }
    usual = odd = ""
    for row in range(1, 10):
        mark = ' hidden="1"' if row in hidden else ""
        usual += f'<row r="{row}"{mark}>'
        odd += f"<x:row{mark.replace(chr(34), chr(39))}>"
        for column in range(1, 10):
            place = f"{chr(64 + column)}{row}"
            if (row, column) in grid:
                attributes, content = inner[grid[row, column]]
                usual += f'<c r="{place}" s="0"{attributes}>{content}</c>'
                name = f" r = '{place}'" if named else ""
                content = content.replace("<", "<x:").replace("<x:/", "</x:")
                odd += f"<x:c{attributes} s='0'{name}>{content}</x:c>"
            elif not named:
                odd += "<x:c/>"
        usual += "</row>"
        odd += "</x:row>"
    strings = "<si><t>甲</t></si>"
    plain = read(xlsx_of(usual, strings=strings))
    sheet = f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData>{odd}</x:sheetData></x:worksheet>"
    assert read(xlsx_with(sheet, strings)) == plain
    places = {place for place, kind in grid.items() if kind not in "tz"}
    left = min((column for _row, column in places), default=0)
    assert plain[0].uncomputed == {
        (row, column - left) for (row, column), kind in grid.items() if kind == "f"
    }
    assert plain[0].hidden_rows == hidden & {row for row, _column in places}


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of an XLS."""
    return struct.pack("<HH", kind, len(content)) + content


def biff(sheet: bytes, *, beside: bytes = b"", state: int = 0) -> bytes:
    """A bare BIFF8 stream with one sheet."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)) + beside
    bound = struct.pack("<BBBB", state, 0, 1, 0) + b"a"
    at = len(begin) + len(record(0x85, bytes(4) + bound)) + 4
    page = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
    return begin + record(0x85, struct.pack("<I", at) + bound) + record(10) + page + sheet + record(10)


def number(row: int, column: int, value: float = 1.0) -> bytes:
    """A number's record; row and column count from 0."""
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


OLD = (
    record(0x0200, struct.pack("<IIHHH", 0, 2**32 - 1, 0, 2**16 - 1, 0))  # a size that would take gigabytes
    + record(0x7D, struct.pack("<HHHHHH", 3, 200, 0, 0, 1, 0))
    + record(0x0208, struct.pack("<HHHHHHI", 4, 0, 9, 0, 0, 0, 0x20))
    + number(2, 1, 12.0)
    + record(0xBD, struct.pack("<HH", 4, 1) + struct.pack("<Hi", 0, 5 << 2 | 2) * 2 + struct.pack("<H", 2))
    + record(0x0205, struct.pack("<HHHBB", 4, 3, 0, 0x2A, 1))
    + record(0x06, struct.pack("<HHHBBBBHH", 5, 1, 0, 2, 0, 0x99, 0, 0, 0xFFFF) + bytes(6) + b"\xff\xff")
    + record(0x0809, struct.pack("<HHHHII", 0x0600, 0x20, 0, 0, 0, 0))
    + number(60_000, 200)  # a chart's, inside the sheet
    + record(10)
    + record(0xE5, struct.pack("<HHHHH", 9000, 2, 3, 1, 255))
)


@pytest.mark.parametrize("state", [0, 1, 2])
def test_an_old_workbook_without_container(state: int) -> None:
    """Its lies about sizes are not believed; errors, also unknown ones, are text; a chart is no table."""
    (table,) = read(biff(OLD, beside=record(0x18), state=state))  # a name without content
    assert table == Table(
        sheet="a",
        rows=((3, (12, 12, 12)), (4, (12, 12, 12)), (5, (5, 5, "#N/A")), (6, ("#N/A", None, None))),
        hidden=state > 0,
        hidden_rows=frozenset({5}),
        hidden_columns=frozenset({2}),
    )


@settings(deadline=None, max_examples=20)
@given(size=st.integers(0, 3 * 4096 * 1024), fill=st.binary(min_size=1, max_size=9))
def test_our_container_holds_its_stream(size: int, fill: bytes) -> None:
    """Another library finds the same bytes in it, padded to whole sectors."""
    stream = (fill * (size // len(fill) + 1))[:size]
    with olefile.OleFileIO(io.BytesIO(xls._contained(stream))) as container:
        held = container.openstream("Workbook").read()
    assert held.startswith(stream)
    assert not held[size:].strip(b"\0")


def brt(kind: int, content: bytes = b"") -> bytes:
    """A record of an XLSB."""
    name = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return name + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content


def wide(text: str) -> bytes:
    """A string of an XLSB."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_of(rows: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """An XLSB, hidden, whose one sheet has these rows."""
    parts = related("xl/workbook.bin", "worksheet", "worksheets/sheet1.bin")
    parts["xl/workbook.bin"] = (
        brt(131)
        + brt(143)
        + brt(156, struct.pack("<II", 1, 1) + wide("r1") + wide("名录"))
        + brt(144)
        + brt(132)
    )
    parts["xl/worksheets/sheet1.bin"] = (
        brt(129) + brt(148, bytes(16)) + before + brt(145) + rows + brt(146) + after + brt(130)
    )
    return zipped(parts)


def row_header(row: int, *, hidden: bool = False) -> bytes:
    """The head of a row, which counts from 0."""
    return brt(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def real(column: int, value: float) -> bytes:
    """A number."""
    return brt(5, struct.pack("<IId", column, 0, value))


def test_a_binary_workbook() -> None:
    """Hidden sheet, row and column, merged cells, and errors, also that of a formula."""
    rows = (
        row_header(2)
        + real(1, 12.0)
        + row_header(4, hidden=True)
        + brt(6, struct.pack("<II", 1, 0) + wide("甲"))
        + brt(3, struct.pack("<IIB", 2, 0, 0x17))
        + brt(11, struct.pack("<IIB", 3, 0, 0x2A) + bytes(10))
    )
    columns = brt(390) + brt(60, struct.pack("<IIIIH", 2, 2, 0, 0, 1)) + brt(391)
    merged = brt(177, struct.pack("<I", 1)) + brt(176, struct.pack("<IIII", 2, 3, 1, 3)) + brt(178)
    (table,) = read(xlsb_of(rows, before=columns, after=merged))
    assert table == Table(
        sheet="名录",
        rows=((3, (12, 12, 12)), (4, (12, 12, 12)), (5, ("甲", "#REF!", "#N/A"))),
        hidden=True,
        hidden_rows=frozenset({5}),
        hidden_columns=frozenset({1}),
    )


def text_cell(text: str, attributes: str = "") -> str:
    """A text of an ODS."""
    cell = "<table:table-cell office:value-type='string' {}><text:p>{}</text:p></table:table-cell>"
    return cell.format(attributes, text)


def test_an_open_document_repeats_merges_and_hides() -> None:
    """Rows and cells that stand for many, filtered rows, notes that are no text, formulas without result."""
    rows = (
        "<table:table-column table:number-columns-repeated='2'/>"
        "<table:table-column table:visibility='collapse' table:number-columns-repeated='16000'/>"
        "<table:table-header-rows><table:table-row table:number-rows-repeated='2'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row><table:table-row>"
        "<table:table-cell/>"
        + text_cell("一<text:s text:c='2'/>览<text:line-break/>表", "table:number-columns-spanned='9'")
        + "<table:covered-table-cell table:number-columns-repeated='8'/></table:table-row>"
        "</table:table-header-rows>"
        "<table:table-row table:visibility='filter' table:number-rows-repeated='2'><table:table-cell/>"
        "<table:table-cell office:value-type='float' office:value='5' table:number-columns-repeated='2'>"
        "<text:p>5.00</text:p></table:table-cell><table:table-cell office:value-type='string'>"
        "<office:annotation><text:p>note</text:p></office:annotation><text:p>z</text:p></table:table-cell>"
        "</table:table-row><table:table-row><table:table-cell table:formula='of:=1'/>"
        "<table:table-cell table:formula='of:=[.A1]' office:value-type='string' office:string-value=''"
        " calcext:value-type='error'><text:p>#N/A</text:p></table:table-cell>"
        "<table:table-cell table:formula='of:=&quot;&quot;' office:value-type='string'/>"
        "<table:table-cell office:value-type='boolean' office:boolean-value='true'/>"
        "<table:table-cell office:value-type='date' office:date-value='2026-09-01T08:30:00'/>"
        "<table:table-cell office:value-type='time' office:time-value='PT08H05M00S'/></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048000'><table:table-cell/></table:table-row>"
    )
    (table,) = read(
        ods_of(
            f"<table:table table:name='名录' table:style-name='ta2'>{rows}</table:table>",
            styles="<style:style style:name='ta2'>"
            "<style:table-properties table:display='false'/></style:style>",
        )
    )
    title = "一  览\n表"
    assert table == Table(
        sheet="名录",
        rows=(
            (3, (None, *[title] * 5)),
            (4, (None, 5, 5, "z", None, None)),
            (5, (None, 5, 5, "z", None, None)),
            (6, (None, "#N/A", None, True, "2026-09-01 08:30:00", "08:05:00")),
        ),
        hidden=True,
        hidden_rows=frozenset({4, 5}),
        hidden_columns=frozenset({2, 3, 4, 5}),
        uncomputed=frozenset({(6, 0)}),
    )


def test_a_merged_cell_spreads_no_further_than_the_sheet_is_filled() -> None:
    """Merged over the whole sheet, and again and again."""
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 100_000
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="200"><c r="CV200"><v>2</v></c></row>'
    begin = time.process_time()
    (table,) = read(xlsx_of(rows, after=merged))
    assert time.process_time() - begin < 8  # seconds; each of them spread would take a minute
    assert cells(table) == [(1,) * 100] * 200


@pytest.mark.parametrize(
    "make",
    [
        lambda n: xlsx_of(
            "".join(f'<row r="{at + 1}"><c r="B{at + 1}"><v>1</v></c></row>' for at in range(n))
        ),
        lambda n: biff(b"".join(number(at, 1) for at in range(n))),
        lambda n: xlsb_of(b"".join(row_header(at) + real(1, 1.0) for at in range(n))),
        lambda n: ods_of(
            f"<table:table table:name='a'><table:table-row table:number-rows-repeated='{n}'>"
            f"{text_cell('1')}</table:table-row></table:table>"
        ),
    ],
    ids=["xlsx", "xls", "xlsb", "ods"],
)
def test_every_format_has_the_same_limit_of_rows(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[int], bytes]
) -> None:
    """The last row that is allowed is read; one more is refused."""
    monkeypatch.setattr(layout, "MOST_ROWS", 90)
    (table,) = read(make(100))
    assert len(table.rows) == 100
    with pytest.raises(TooLargeSheet, match="> 100 rows"):
        read(make(101))


V = "<v>1</v></c>"
LONG = "x" * 30_000
CORNERS = (
    f"<worksheet xmlns='{MAIN}'><sheetData><row r='1'><c r='A1'>{V}</row>"
    f"<row r='1048576'><c r='XFD1048576'>{V}</row></sheetData></worksheet>"
)
ENTITIES = "<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>"


def ods_row(cell: str, repeated: str = "1") -> bytes:
    """An ODS of one row."""
    return ods_of(
        f"<table:table table:name='a'><table:table-row table:number-rows-repeated='{repeated}'>"
        f"{cell}</table:table-row></table:table>"
    )


def lying(data: bytes) -> bytes:
    """An archive that says its last part is a hundred bytes."""
    broken = bytearray(data)
    struct.pack_into("<I", broken, broken.rfind(b"PK\x01\x02") + 24, 100)
    return bytes(broken)


def cyclic(stream: bytes, length: int) -> bytes:
    """A container whose stream leads back to itself and says it is `length` long."""
    data = bytearray(xls._contained(stream.ljust(3 * 4096, b"\0")))
    struct.pack_into("<I", data, 4096 + 4 * 3, 3)
    struct.pack_into("<Q", data, 2 * 4096 + 128 + 120, length)
    return bytes(data)


def old_container(changes: dict[int, bytes]) -> bytes:
    """A container with other bytes at these places."""
    data = xls._contained(biff(number(0, 0)))
    for at, other in changes.items():
        data = data[:at] + other + data[at + len(other) :]
    return data


HOSTILE = {
    "a place behind > in an attribute": (
        lambda: xlsx_of(f"<row r='1'><c r='A1'>{V}</row><row r='2'><c x='>' r='XFD1048576'>{V}</row>"),
        TooLargeSheet,
    ),
    "a place behind < in an attribute": (
        lambda: xlsx_of(f"<row r='1'><c r='A1'>{V}</row><row r='2'><c x='<' r='XFD1048576'>{V}</row>"),
        DamagedWorkbook,
    ),
    "two places": (lambda: xlsx_of(f'<row r="1"><c r="A1" r="XFD1048576">{V}</row>'), DamagedWorkbook),
    "a place in a comment's shadow": (
        lambda: xlsx_of(f'<!-- </sheetData> --><row r="1"><c r="A1">{V}<c r="XFD1048576">{V}</row>'),
        TooLargeSheet,
    ),
    "rows that never end": (
        lambda: xlsx_of(("<row>" + "<c>" + V) * 300 + "</row>" * 300 + f"<row r='50000'><c>{V}</row>"),
        DamagedWorkbook,
    ),
    "a million names of one long text": (
        lambda: xlsx_of(
            "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 5000)),
            strings=f"<si><t>{LONG}</t></si>",
        ),
        TooLargeSheet,
    ),
    "and none by the number that comes first": (
        lambda: xlsx_of(
            "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v>{V}</row>' for at in range(1, 5000)),
            strings=f"<si><t>a</t></si><si><t>{LONG}</t></si>",
        ),
        TooLargeSheet,
    ),
    "nor where it seems to be many": (
        lambda: xlsx_of(
            "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 5000)),
            strings="<si>" + f"<r a='<si></si>'><t>{LONG[:900]}</t></r>" * 33 + "</si>",
        ),
        AuditorError,
    ),
    "nor behind an odd name": (
        lambda: xlsx_of(
            "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 5000)),
            strings=f"<a-b:si><a-b:t>{LONG}</a-b:t></a-b:si>",
        ),
        TooLargeSheet,
    ),
    "tags without end": (lambda: xlsx_of("<c " * 3_000_000), DamagedWorkbook),
    "elements without end": (lambda: xlsx_of("<row><c><is>" + "<r>" * 300_000), DamagedWorkbook),
    "entities": (lambda: xlsx_with(f"{ENTITIES}<sheetData><row><c t='str'><v>&c;</v></c></row></sheetData>"),
                 DamagedWorkbook),
    "an encoding in which its tags are none": (
        lambda: xlsx_with(f"<?xml version='1.0' encoding='cp037'?>{CORNERS}"),
        TooLargeSheet,
    ),
    "an encoding that there is not": (
        lambda: xlsx_with(f"<?xml version='1.0' encoding='klingon'?>{CORNERS}"),
        TooLargeSheet,
    ),
    "merged cells without end": (
        lambda: xlsx_of(f'<row r="1"><c r="A1">{V}</row>', after='<mergeCell ref="A1:B2"/>' * 100_001),
        TooLargeSheet,
    ),
    "one sheet by many names": (
        lambda: zipped(
            related("xl/workbook.xml", "worksheet", "worksheets/sheet1.xml")
            | {
                "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                + "".join(f'<sheet name="{at}" r:id="r1"/>' for at in range(501))
                + "</sheets></workbook>",
                "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>",
            }
        ),
        TooLargeSheet,
    ),
    "an archive that unpacks to gigabytes": (lambda: xlsx_with(" " * (2**27 + 1)), TooLargeSheet),
    "in a part that is no sheet": (
        lambda: zipped({"xl/workbook.xml": "<workbook/>", "docProps/a.xml": " " * (2**27 + 1)}),
        TooLargeSheet,
    ),
    "and says that it does not": (lambda: lying(xlsx_with(" " * (2**27 + 1))), DamagedWorkbook),
    "a text repeated": (
        lambda: ods_row(text_cell(LONG, "table:number-columns-repeated='9'"), "9000"),
        TooLargeSheet,
    ),
    "a row repeated": (lambda: ods_row(text_cell("1"), "1048576"), TooLargeSheet),
    "a cell repeated": (
        lambda: ods_row(text_cell("1", "table:number-columns-repeated='99999999999'")),
        DamagedWorkbook,
    ),
    "blanks": (lambda: ods_row(text_cell("<text:s text:c='999999999'/>")), TooLargeSheet),
    "an open document's entities": (lambda: ods_of("<a/>", before=ENTITIES), DamagedWorkbook),
    "an old sheet's corners": (lambda: biff(number(0, 0) + number(65_535, 255)), TooLargeSheet),
    "strings without end": (
        lambda: biff(number(0, 0), beside=record(0xFC, struct.pack("<II", 1, 2**31 - 1))),
        DamagedWorkbook,
    ),
    "one long text in an old sheet": (
        lambda: biff(
            b"".join(record(0xFD, struct.pack("<HHHI", at, 0, 0, 0)) for at in range(20_000)),
            beside=record(0xFC, struct.pack("<IIHB", 1, 1, 8000, 0) + b"x" * 8000),
        ),
        TooLargeSheet,
    ),
    "a chain that leads back": (lambda: cyclic(biff(number(0, 0)), 2**31), DamagedWorkbook),
    "sectors larger than any file": (
        lambda: old_container({33: b"\x27", 60: b"\0\0\0\0\1", 8312: b"\0\x10", 8436: b"\0\0\0\0\x64\0"}),
        DamagedWorkbook,
    ),
    "a record longer than its sheet": (lambda: xlsb_of(b"\x05\xff\xff\xff\x7f"), DamagedWorkbook),
    "a binary sheet's corners": (
        lambda: xlsb_of(row_header(0) + real(0, 1.0) + row_header(50_000) + real(2**31, 1.0)),
        TooLargeSheet,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "error"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_workbook_is_refused_by_name(
    make: Callable[[], bytes], error: type[AuditorError], capfd: pytest.CaptureFixture[str]
) -> None:
    """Before it takes its room, in a sentence, with nothing on the terminal."""
    with pytest.raises(error, match=r"a\.book"):
        read(make())
    assert capfd.readouterr() == ("", "")


def contained_as(name: str, stream: bytes = b"") -> bytes:
    """A container with a stream of another name."""
    data = xls._contained(stream)
    at = data.index("Workbook".encode("utf-16-le"))
    entry = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2)
    return data[:at] + entry + data[at + 66 :]


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (contained_as("EncryptedPackage"), Encrypted, "password"),
        (contained_as("EncryptedPackage")[:-4097], Encrypted, "password"),
        (
            contained_as("EncryptedPackage")[:100] + contained_as("EncryptedPackage")[4096:],
            Encrypted,
            "password",
        ),
        (biff(number(0, 0), beside=record(0x2F, bytes(6))), Encrypted, "password"),
        (biff(number(0, 0), beside=record(0x2F, b"\1" + bytes(53))), Encrypted, "password"),
        (ods_of("", manifest="<manifest:encryption-data/>"), Encrypted, "password"),
        (contained_as("WordDocument"), NotATable, "a Word document"),
        (contained_as("PowerPoint Document"), NotATable, "slides"),
        (contained_as("Contents"), NotATable, "no workbook inside"),
        (zipped({"word/document.xml": "<w/>"}), NotATable, "a Word document"),
        (zipped({"ppt/presentation.xml": "<p/>"}), NotATable, "slides"),
        (zipped({"照片.jpg": b"\xff"}), NotATable, "a zip archive"),
        (
            zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
            NotATable,
            "a text document",
        ),
        (record(0x0009, bytes(4)), NotATable, "Excel 4"),
        (record(0x0809, bytes(16))[:9], DamagedWorkbook, "damaged"),
    ],
)
def test_what_is_locked_or_no_workbook_is_called_what_it_is(
    data: bytes, error: type[AuditorError], said: str
) -> None:
    """By the file's name, with what to do."""
    with pytest.raises(error, match=rf"a\.book.*{said}"):
        read(data)
