"""Text files: the encoding that was meant, the delimiter that was meant, and limits met while reading."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.errors import AuditorError
from auditor.tables import layout
from auditor.tables.errors import (
    BadJson,
    CannotReadTable,
    DamagedWorkbook,
    NotATable,
    OpenQuotation,
    OtherKind,
    OwnRecord,
    TooLargeFile,
    TwoReadings,
    UnknownEncoding,
    UnmarkedUtf16,
    WesternText,
    WrongEncoding,
)
from auditor.tables.reading import read_tables
from auditor.tables.table import Table

Lines = list[list[str]]


def read(path: Path, data: bytes | str, encoding: str | None = None) -> Table:
    """The one table of a file with these bytes."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (table,) = read_tables(path, encoding=encoding)
    return table


def plain(table: Table) -> Lines:
    """Its rows without their numbers."""
    return [list(row) for _number, row in table.rows]


def written(rows: Lines, delimiter: str = ",") -> str:
    """Rows as Excel writes them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16LE with BOM": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16BE with BOM": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-32 with BOM": lambda text: b"\xff\xfe\0\0" + text.encode("utf-32-le"),
    "GB18030": lambda text: text.encode("gb18030"),
}
CELLS = st.text(
    st.one_of(
        st.sampled_from(" ,;|\t\"'=+-@\n 0aé½ä路校小学龘𠀀　（、1"),
        st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")),
    ),
    max_size=6,
).filter(lambda cell: "\ufeff" not in cell and not cell.startswith(("=", "\t")))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=25, deadline=None)
@given(body=st.integers(2, 5).flatmap(lambda wide: st.lists(st.lists(CELLS, min_size=wide, max_size=wide))))
def test_a_table_reads_back_from_every_encoding_with_every_delimiter(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, delimiter: str, body: Lines
) -> None:
    """Under Chinese headings, whatever letters its cells hold."""
    wide = len(body[0]) if body else 3
    heads = ["学校代码", "学校名称", "所在乡镇", "学生人数", "备注"][:wide]
    rows = [heads, *body]
    # what quotes, and other delimiters in each row, would part as well is no question of reading back
    assume(not any(one in "".join(map("".join, body)) for one in ",\t;|".replace(delimiter, "")))
    path = tmp_path_factory.mktemp("t") / "a.csv"
    table = read(path, ENCODINGS[encoding](written(rows, delimiter)))
    filled = [row if any(row) else [] for row in rows]
    while not filled[-1]:
        filled.pop()
    assert plain(table) == filled
    assert table.notes == ()


# The borders of UTF-8, GB18030 and cp1252


def test_a_short_gb18030_text_that_is_utf8_by_chance_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """The bytes of 学校 are two Cyrillic letters in UTF-8; a person is told."""
    data = "name,学校\nA,小学\n".encode("gb18030")
    assert data.decode("utf-8") == "name,ѧУ\nA,Сѧ\n"
    table = read(tmp_path / "a.csv", data)
    assert plain(table) == [["name", "学校"], ["A", "小学"]]
    assert "学校" in table.notes[0]
    assert "ѧУ" in table.notes[0]
    assert "--encoding utf-8" in table.notes[0]
    assert plain(read(tmp_path / "a.csv", data, "utf-8")) == [["name", "ѧУ"], ["A", "Сѧ"]]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("学校", id="Han"),
        pytest.param("汱汱", id="Han whose bytes are three others"),
        pytest.param("Café", id="an accent after a Latin letter"),
        pytest.param("créée", id="two accents between Latin letters"),
        pytest.param("é", id="an accent alone"),
        pytest.param("25 °", id="a sign alone"),
        pytest.param("Жанна", id="Cyrillic"),
        pytest.param("학교", id="Hangul"),
        pytest.param("ひらがな", id="kana"),
        pytest.param("naïve é é", id="more accents"),
    ],
)
def test_utf8_stays_utf8(tmp_path: Path, cell: str) -> None:
    """On the other side of the border, without a word."""
    table = read(tmp_path / "a.csv", f"name,town\n{cell},A\n")
    assert plain(table) == [["name", "town"], [cell, "A"]]
    assert table.notes == ()


def test_one_han_letter_more_and_utf8_is_out_of_the_question(tmp_path: Path) -> None:
    """Then it is GB18030 without a word."""
    table = read(tmp_path / "a.csv", "name,学校\nA,中心小学\n".encode("gb18030"))
    assert plain(table) == [["name", "学校"], ["A", "中心小学"]]
    assert table.notes == ()


FRENCH = "name,town\nEcole,Paris\nGénie,Zürich\nÉvry,Besançon\n"


def test_cp1252_that_gb18030_would_swallow_is_refused_with_both_readings(tmp_path: Path) -> None:
    """Row, both readings and both cures; each cure reads it."""
    path = tmp_path / "a.csv"
    data = FRENCH.encode("cp1252")
    assert data.decode("gb18030").splitlines()[2] == "G閚ie,Z黵ich"
    with pytest.raises(
        TwoReadings, match=r"a\.csv, row 3: .*'Génie' as cp1252 and 'G閚ie' as GB18030"
    ) as caught:
        read(path, data)
    assert "--encoding cp1252" in str(caught.value)
    assert "--encoding gb18030" in str(caught.value)
    assert plain(read(path, data, "cp1252"))[2] == ["Génie", "Zürich"]
    assert plain(read(path, data, "gb18030"))[2] == ["G閚ie", "Z黵ich"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("name,town\nA,禾岭\nB,砚池\n", id="cells of two letters"),
        pytest.param("name,floor\nA座,三楼\nB座,五楼\nCBD学校X,一楼\nA楼B,x\n", id="beside Latin letters"),
        pytest.param("name\n國小\n學校\n", id="letters whose second byte is ASCII"),
        pytest.param("名称\nG閚ie\nZ黵ich\n", id="rare letters under Chinese headings"),
        pytest.param("name,x\n龘𠀀,㐀\n", id="letters of four bytes"),
    ],
)
def test_gb18030_under_ascii_headings_is_read(tmp_path: Path, text: str) -> None:
    """On the other side of the border."""
    assert written(plain(read(tmp_path / "a.csv", text.encode("gb18030")))).split() == text.split()


def test_cp1252_that_is_no_gb18030_is_refused_with_its_cure(tmp_path: Path) -> None:
    """A record's row, even below a cell of two lines."""
    data = 'name,town\n"A\nB",C\nSt Thomas à Becket,D\n'.encode("cp1252")
    with pytest.raises(WesternText, match=r"a\.csv, row 3: .*'St Thomas à Becket'.*--encoding cp1252"):
        read(tmp_path / "a.csv", data)


def test_a_broken_gb18030_text_is_not_taken_for_cp1252(tmp_path: Path) -> None:
    """The byte is said."""
    data = "学校名称\n禾岭小学\n".encode("gb18030")
    with pytest.raises(WrongEncoding, match=rf"a\.csv.*byte {len(data)}") as caught:
        read(tmp_path / "a.csv", data + b"\xff\n")
    assert type(caught.value) is WrongEncoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.csv", "a.xls"])
def test_utf16_without_a_mark_names_its_cure(tmp_path: Path, encoding: str, name: str) -> None:
    """And the cure works."""
    rows = [["代码", "校名"], ["0012", "甲小学"]]
    data = written(rows).encode(encoding)
    with pytest.raises(UnmarkedUtf16, match=rf"{name}.*--encoding {encoding}"):
        read(tmp_path / name, data)
    assert plain(read(tmp_path / name, data, encoding)) == rows


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "ascii", "a\0b", ""])
def test_an_encoding_that_does_not_fit_is_named(tmp_path: Path, encoding: str) -> None:
    """One that is none, one that gives no text, one in which it is not."""
    with pytest.raises(UnknownEncoding, match=r"a\.csv"):
        read(tmp_path / "a.csv", "校名\n甲\n", encoding)


def test_the_encoding_that_is_named_goes_for_gzip_too(tmp_path: Path) -> None:
    """And GBK is read by its wider heir."""
    assert plain(read(tmp_path / "a.csv.gz", gzip.compress("學校,臺北\n".encode("big5")), "big5")) == [
        ["學校", "臺北"]
    ]
    assert plain(read(tmp_path / "b.csv", "龘𠀀,甲\n".encode("gb18030"), "gb2312")) == [["龘𠀀", "甲"]]


def test_letters_on_the_border_of_pieces_stay_whole(tmp_path: Path) -> None:
    """Long files are decoded piece by piece; a faulty byte is still found where it is."""
    text = "a,校名\n" + "".join(f"{at},第𠀀{at % 7 * 'x'}小学\n" for at in range(40_000))
    rows = [line.split(",") for line in text.splitlines()]
    for encode in ENCODINGS.values():
        assert plain(read(tmp_path / "a.csv", encode(text))) == rows
    assert plain(read(tmp_path / "a.csv", text.replace("\n", "\r\n"))) == rows
    data = text.encode()
    with pytest.raises(WrongEncoding, match=f"byte {len(data) + 3}\\b"):
        read(tmp_path / "a.csv", b"\xef\xbb\xbf" + data + b"\xff\n")


# CSV

TABLE = [["代码", "校名", "人数"], ["0012", "甲小学", "3"], ["0013", "乙小学", "4"], ["0014", "丙小学", "5"]]


@pytest.mark.parametrize("delimiter", list(",\t;|"))
@pytest.mark.parametrize(
    "preamble",
    [
        pytest.param([["某县学校情况"], ["填报单位：某局", "二〇二六年"]], id="a title and a line of two"),
        pytest.param([["a;b|c\td,e"]], id="a line with each"),
        pytest.param([["说明"]] * 40, id="many lines"),
        pytest.param([], id="nothing above"),
    ],
)
def test_lines_above_do_not_mislead_the_delimiter(tmp_path: Path, delimiter: str, preamble: Lines) -> None:
    """Rows count from the first line of the file."""
    table = read(tmp_path / "a.csv", written([*preamble, *TABLE], delimiter))
    assert plain(table)[len(preamble) :] == TABLE
    assert table.rows[-1][0] == len(preamble) + 4


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["校名", "标签"], ["甲", "a;b;c"], ["乙", "a;b;d"]], id="lists in cells"),
        pytest.param([["校名", "点"], ["甲", "1|2"], ["乙", "3|4"]], id="bars in cells"),
    ],
)
def test_what_parts_cells_inside_is_not_the_delimiter(tmp_path: Path, rows: Lines) -> None:
    """A delimiter parts the headings as well."""
    assert plain(read(tmp_path / "a.csv", written(rows))) == rows


def test_decimal_commas_are_no_delimiter(tmp_path: Path) -> None:
    """Between semicolons."""
    assert plain(read(tmp_path / "a.csv", "校名;经度;纬度\n甲;1,5;2,5\n乙;3,5;4,5\n"))[1] == [
        "甲",
        "1,5",
        "2,5",
    ]


@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n'])
def test_the_line_sep_of_excel_names_the_delimiter_and_is_no_row(tmp_path: Path, line: str) -> None:
    """Excel shows the line after it as the first; commas in all rows do not matter."""
    table = read(tmp_path / "a.csv", f"{line}校,名;人,数\n甲,乙;3,4\n")
    assert table.rows == ((1, ("校,名", "人,数")), (2, ("甲,乙", "3,4")))


def test_rows_count_by_record_and_blank_ones_in_between_stay(tmp_path: Path) -> None:
    """A cell of two lines is one row; nothing is kept at the end."""
    table = read(tmp_path / "a.csv", '校名,注\n"甲\n乙",1\n\n,\n丙,"2\r\n3"\n,,\n\n')
    assert table.rows == (
        (1, ("校名", "注")),
        (2, ("甲\n乙", "1")),
        (3, ()),
        (4, ()),
        (5, ("丙", "2\r\n3")),
    )


def test_guards_against_formulas_are_taken_off(tmp_path: Path) -> None:
    """Zeros of codes stay; a tab that guards nothing stays too."""
    data = '="0012",甲\n"=""0013""",\t=1+1\n\t-5,\tx\n"=1,2",=A1\n'
    assert plain(read(tmp_path / "a.csv", data)) == [
        ["0012", "甲"],
        ["0013", "=1+1"],
        ["-5", "\tx"],
        ["=1,2", "=A1"],
    ]


@pytest.mark.parametrize(
    ("data", "row"),
    [('校名\n"甲\n乙\n丙\n', 2), ('"校名\n甲\n', 1), ('校名\n甲\n乙,"', 3), ('a,b\n"c\nd",e\n"f', 3)],
)
def test_a_quotation_mark_that_never_closes_names_its_row(tmp_path: Path, data: str, row: int) -> None:
    """It would swallow the rows below."""
    with pytest.raises(OpenQuotation, match=rf"a\.csv, row {row}:"):
        read(tmp_path / "a.csv", data)


def test_a_line_that_only_looks_like_markup_is_a_table(tmp_path: Path) -> None:
    """A .csv is taken for what it is called."""
    assert plain(read(tmp_path / "a.csv", "<校名>,[1]\n甲,2\n")) == [["<校名>", "[1]"], ["甲", "2"]]


# JSON


def test_json_keeps_numbers_as_they_are_written(tmp_path: Path) -> None:
    """Lists of strings are joined; keys come in the order in which they are met."""
    table = read(
        tmp_path / "a.json",
        ' [ {"代码": 0.10, "b": ["x", "y"]}, {}, {"c": true, "b": null, "d": "{[\\"]}"} ] \n',
    )
    assert table.rows == (
        (0, ("代码", "b", "c", "d")),
        (1, ("0.10", "x;y", None, None)),
        (2, (None,) * 4),
        (3, (None, None, True, '{["]}')),
    )


def test_json_is_utf8_even_where_gb18030_would_fit(tmp_path: Path) -> None:
    """Its format says so."""
    data = '[{"name": "ѧУ"}]'
    assert data.encode().decode("gb18030") == '[{"name": "学校"}]'
    assert read(tmp_path / "a.json", data).rows[1] == (1, ("ѧУ",))


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(
            st.text(st.characters(exclude_categories=("Cs",)), max_size=4),
            st.one_of(
                st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6), st.booleans()
            ),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
    ),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
    encode=st.sampled_from([*ENCODINGS.values()]),
)
def test_a_json_list_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, object]],
    ascii_only: bool,
    indent: int | None,
    encode: Callable[[str], bytes],
) -> None:
    """Whatever letters its keys and values hold, in every encoding; Chinese keeps the encodings apart."""
    rows = [{"校名": "禾岭镇中心小学", **row} for row in rows]
    path = tmp_path_factory.mktemp("t") / "a.json"
    table = read(path, encode(json.dumps(rows, ensure_ascii=ascii_only, indent=indent)))
    titles = table.rows[0][1]
    assert [
        {title: cell for title, cell in zip(titles, row, strict=True) if cell is not None}
        for _number, row in table.rows[1:]
    ] == rows


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('[{"a": 1}, {"校名": "甲", "b": 2, "校名": "乙"}]', "row 2, 校名: twice"),
        ('[{"a": ["x"], "b": [null]}]', "row 1, b: not a single value"),
        ('[{"a": ["x"], "b": [["y"]]}]', "row 1, b: not a single value"),
        ('[{"a": {"x": 1, "x": 2}}]', "row 1, x: twice"),
        ('[{"a": 1}, 2]', "list of objects"),
        ('[{"a": 1} {"a": 2}]', "row 1: no comma"),
        ('[{"a": 1}', "row 1: no comma"),
        ('[{"a": 1},]', "row 2"),
        ('[{"a": }]', "row 1"),
        ('[{"a": NaN}]', "row 1: NaN is no number"),
        ('[{"a": "x\ny"}]', "row 1"),
        ('[{"a": 1}] []', "more than one list"),
        ('[{"a": "\\ud83d"}]', "row 1: half a letter, .ud83d"),
        ("{}", "list of objects"),
        ('"a"', "list of objects"),
        ('[{"a', "row 1: Unterminated"),
    ],
)
def test_json_that_is_no_flat_list_is_refused(tmp_path: Path, data: str, said: str) -> None:
    """By row and key, as far as there are any."""
    with pytest.raises(BadJson, match=rf"a\.json.*{said}"):
        read(tmp_path / "a.json", data)


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["month", "visits", "unplaced", "commit_sha256"], "auditor plan check"),
        (["assignments", "demand", "visits"], "auditor roster check"),
        (["commit", "commit_sha256", "visits", "unplaced"], "auditor draw verify"),
    ],
)
def test_our_own_records_name_the_command_that_takes_them(
    tmp_path: Path, keys: list[str], command: str
) -> None:
    """With the file as it was named."""
    path = tmp_path / "a.json"
    with pytest.raises(OwnRecord, match=rf"a\.json.*{command} .*a\.json$"):
        read(path, json.dumps({key: [] for key in keys}, indent=1))
    with pytest.raises(BadJson) as caught:
        read(path, json.dumps({keys[0]: [], "other": keys}))
    assert not isinstance(caught.value, OwnRecord)


# Files of other kinds


@pytest.mark.parametrize(
    ("data", "found", "cure"),
    [
        (b"SQLite format 3\0" + bytes(500), "a database", "--db FILE"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF", ".xlsx"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture", ".xlsx"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a picture", ".xlsx"),
        (b"Rar!\x1a\x07\0", "an archive", "unpack"),
        (b"{\\rtf1\\ansi}", "a Word document", ".xlsx"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "a calendar", ".csv"),
        (b'key = "fire"\n\n[[windows]]\n\n[[items]]\nkey = 1\n', "a domain's file", "--plugins-dir"),
        (b"From: <WPS>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related", "a web archive", "WPS"),
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
            b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table/></Worksheet></Workbook>',
            "an XML spreadsheet",
            "WPS",
        ),
        (b"<?xml version='1.0'?><a/>", "XML", "WPS"),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_of_other_kinds_are_named_whatever_they_are_called(
    tmp_path: Path, data: bytes, found: str, cure: str, mark: bytes
) -> None:
    """What it is and the cure; with a mark of UTF-8, those that are text."""
    path = tmp_path / "a.xls"
    with pytest.raises(OtherKind, match=rf"a\.xls is {found}.*{cure}"):
        read(path, mark + data if data.isascii() and b"\0" not in data else data)


def test_a_file_that_may_not_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where WPS holds it open."""

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text("a")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(CannotReadTable, match=r"a\.csv.*Permission denied.*close it"):
        read_tables(tmp_path / "a.csv")


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\x1f\x8b"])
def test_a_file_without_anything_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    """Empty, blank or cut off."""
    with pytest.raises((NotATable, DamagedWorkbook), match=r"a\.csv"):
        read(tmp_path / "a.csv", data)


# Limits


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.html"])
@pytest.mark.parametrize(
    ("limit", "value", "rows", "wide", "allowed"),
    [
        ("MOST_ROWS", 20, 30, 2, True),
        ("MOST_ROWS", 20, 31, 2, False),
        ("MOST_CELLS", 40, 20, 2, True),
        ("MOST_CELLS", 40, 21, 2, False),
    ],
)
def test_rows_and_cells_are_counted_to_the_last(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    limit: str,
    value: int,
    rows: int,
    wide: int,
    allowed: bool,
) -> None:
    """Ten rows more for headings and titles; JSON's keys are no row."""
    lines = [["x"] * wide] * rows
    text = {
        "a.csv": written(lines),
        "a.json": json.dumps([dict(enumerate(row)) for row in lines]),
        "a.html": "<table>" + "".join("<tr>" + "<td>x" * wide for _row in lines) + "</table>",
    }[name]
    if limit == "MOST_CELLS" and name == "a.json" and allowed:
        value += wide  # its keys
    monkeypatch.setattr(layout, limit, value)
    if allowed:
        assert len(read(tmp_path / name, text).rows) == rows + (name == "a.json")
    else:
        with pytest.raises(TooLargeFile, match=rf"{name}: > {value} "):
            read(tmp_path / name, text)


def test_a_hundred_thousand_blank_rows_below_are_no_rows(tmp_path: Path) -> None:
    """Excel saves them when a border was drawn down there."""
    table = read(tmp_path / "a.csv", "校名,b,c\n甲,1,2\n" + ",,\n" * 100_000)
    assert len(table.rows) == 2


MEASURED = """
import re, sys, time
from pathlib import Path
from auditor.errors import AuditorError
from auditor.tables.reading import read_tables
try:
    read_tables(Path(sys.argv[1]))
except AuditorError as error:
    status = Path("/proc/self/status").read_text()
    megabytes = int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024
    print(type(error).__name__, megabytes, time.process_time())
"""
"""getrusage would tell of the process that started this one too, which is larger than the limit."""
M = 2**20
ROW = "0512000001,禾岭镇中心小学,禾岭镇,952,109.445523,27.114535,小学,是,2001-09,备注\n".encode()


@pytest.mark.parametrize(
    ("name", "make", "error"),
    [
        ("rows.csv", lambda: ROW * 500_000, "TooLargeFile"),
        ("line.csv", lambda: "a,b\n😀".encode() + b"x" * 100 * M, "TooLargeFile"),
        ("cell.csv", lambda: b'a,b\n"' + b"xyz\n" * 25 * M + b'"\n', "NotATable"),
        ("lines.csv", lambda: b"a\n" + b"\n" * 100 * M, "TooLargeFile"),
        ("han.csv", lambda: b"\xb0\xa1" * 50 * M, "TooLargeFile"),
        ("emoji.csv", lambda: (("x" * 110 + "😀,") * 20 + "\n").encode() * 40_000, "TooLargeFile"),
        ("size.csv", lambda: b"a,b\n" * 33 * M, "TooLargeFile"),
        ("bomb.csv.gz", lambda: gzip.compress(bytes(400 * M)), "TooLargeFile"),
        ("parts.csv.gz", lambda: gzip.compress(b"") * M, "DamagedWorkbook"),
        ("brackets.json", lambda: b"[" * 100 * M, "BadJson"),
        ("lists.json", lambda: b'[{"a":[' + b"[]," * 30 * M + b"[]]}]", "BadJson"),
        ("objects.json", lambda: b"[" + b'{"a":1},' * 12 * M + b"{}]", "TooLargeFile"),
        ("keys.json", lambda: b"[{" + b'"":1,' * 20 * M + b'"a":1}]', "BadJson"),
        ("empty.json", lambda: b"[" + b"{}," * 30 * M + b"{}]", "TooLargeFile"),
        ("cells.xls", lambda: b"<table><tr>" + b"<td>" * 25 * M, "TooLargeFile"),
        ("attributes.xls", lambda: b"<table><tr><td " + b"a='" * 30 * M, "DamagedWorkbook"),
        (
            "different.xls",
            lambda: b"<table>" + b"".join(b"<tr><td title=%030d>" % at for at in range(M)),
            "TooLargeFile",
        ),
        ("comments.xls", lambda: b"<table>" + b"<!--" * 700_000, "DamagedWorkbook"),
        ("scripts.xls", lambda: b"<table><script>" + b"</script" * 130_000, "NotATable"),
        ("spans.xls", lambda: b"<table>" + b"<tr><td colspan=900 rowspan=65534>x\n" * M, "TooLargeFile"),
        (
            "reach.xls",
            lambda: b"<table><tr>" + b"<td rowspan=9999>" * 16_000 + b"<tr>" * 2 * M,
            "TooLargeFile",
        ),
    ],
)
def test_a_hostile_file_is_refused_within_half_a_gigabyte_and_half_a_minute(
    tmp_path: Path, name: str, make: Callable[[], bytes], error: str
) -> None:
    """What it holds is never built before it is refused."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc/self/status to tell the largest size of a process")
    path = tmp_path / name
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    path.unlink()
    found, megabytes, seconds = done.stdout.split()
    assert found == error
    assert int(megabytes) < 512
    assert float(seconds) < 30  # of the processor, however busy the machine is


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=300),
    head=st.sampled_from([b"", b"[{", b"<table><tr><td>", b"\xff\xfe", b"a,b\n"]),
)
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xls", "a.csv.gz"])
def test_any_bytes_are_a_table_or_a_sentence_that_names_the_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, head: bytes, data: bytes
) -> None:
    """Never a traceback."""
    path = tmp_path_factory.mktemp("t") / name
    path.write_bytes(head + data)
    said = name
    try:
        read_tables(path)
    except AuditorError as error:
        said = str(error)
    assert name in said
