"""Web pages called .xls: every table as a browser shows it, or a sentence."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.tables import layout
from auditor.tables.errors import DamagedWorkbook, NotATable, TooLargeFile, WrongEncoding
from auditor.tables.reading import read_tables
from auditor.tables.table import Table


def read(tmp_path: Path, page: str | bytes, encoding: str | None = None) -> tuple[Table, ...]:
    """The tables of a page."""
    path = tmp_path / "a.xls"
    path.write_bytes(page.encode() if isinstance(page, str) else page)
    return read_tables(path, encoding=encoding)


def rows(tmp_path: Path, inside: str) -> list[list[object]]:
    """The rows of the one table that holds this."""
    (table,) = read(tmp_path, f"<html><body><table>{inside}</table></body></html>")
    assert table.sheet == ""
    return [list(row) for _number, row in table.rows]


def test_cells_are_text_as_a_browser_shows_it(tmp_path: Path) -> None:
    """Codes keep zeros; entities, line breaks, blanks; what is no text is left out."""
    assert rows(
        tmp_path,
        """<caption>学校</caption><tr><th>代码</th><TH class=xl65 style='mso-number-format:"\\@"'>校 名
        (全称)</th><td>&nbsp;</td></tr>
        <!-- <tr><td>no</td></tr> --><tr><td x:str>0012</td><td>甲&amp;乙<br/>
        <b>小</b>学&#x4e2d;&lt;</td><td><style>td {a: "<td>"}</style><script>if (1<2) "</td>"</script>x
        </td></tr>""",
    ) == [["代码", "校 名 (全称)", None], ["0012", "甲&乙\n小学中<", "x"]]


def test_end_tags_may_be_missing(tmp_path: Path) -> None:
    """As HTML allows, but for the table's own."""
    assert rows(tmp_path, "<tr><td>a<td>b<tr><td>c<p>d<td title='x>y' e=\"<td>\">e < f") == [
        ["a", "b"],
        ["c\nd", "e < f"],
    ]


def test_spans_spread_like_merged_cells(tmp_path: Path) -> None:
    """To the right, down and both; a cell goes where there is room; no span leaves its part of the table."""
    assert rows(
        tmp_path,
        """<thead><tr><th rowspan=2>镇</th><th colspan=2>规模</th></tr><tr><th>学生</th><th>班</th></tr>
        <tbody><tr><td rowspan="9">禾岭</td><td>1</td><td>2</td></tr><tr><td colspan=2>3</td></tr>
        <tr></tr><tfoot><tr><td>合计</td></tr>""",
    ) == [
        ["镇", "规模", "规模"],
        ["镇", "学生", "班"],
        ["禾岭", "1", "2"],
        ["禾岭", "3", "3"],
        ["禾岭"],
        ["合计"],
    ]
    assert rows(
        tmp_path, "<tr><td colspan=2 rowspan=2>a<td>b<tr><td>c<tr><td colspan=0>d<td rowspan=x>e"
    ) == [
        ["a", "a", "b"],
        ["a", "a", "c"],
        ["d", "e"],
    ]
    assert rows(tmp_path, "<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d")[1:] == [["a", "c"], ["a", "d"]]


def test_every_outermost_table_with_rows_is_a_sheet(tmp_path: Path) -> None:
    """A table inside a cell is that cell's text; row numbers are each table's own."""
    tables = read(
        tmp_path,
        """<table></table><table><tr><td></td></tr></table>
        <div><table><tr><td></td><tr><td>甲<table><tr><td>x<td>y<tr><td>z</table>乙<td>丙</table></div>
        <table style="color:red; DISPLAY : None"><tr><td>丁</table>""",
    )
    assert [(one.sheet, one.hidden, one.rows) for one in tables] == [
        ("1", False, ((1, ()), (2, ("甲\nx y\nz\n乙", "丙")))),
        ("2", True, ((1, ("丁",)),)),
    ]


def test_what_is_not_displayed_is_read_and_counted_as_hidden(tmp_path: Path) -> None:
    """Rows, parts, columns by <col> or by all their cells; not a column one of whose cells is."""
    (table,) = read(
        tmp_path,
        """<table><col><col style='display:none'><col span=2><col hidden>
        <tr><td>a<td>b<td style="display:none">c<td>d
        <tr style="mso-x:1;display:none"><td>e<td>f<td style="display:none">g<td style="display:none">h
        <tbody hidden><tr><td>i</tbody><tr><td>j</table>""",
    )
    assert table.hidden_rows == {2, 3}
    assert table.hidden_columns == {1, 2}
    assert table.rows[1] == (2, ("e", "f", "g", "h"))


PAGE = "<html><head>{meta}</head><table><tr><td>学校名称</td></tr><tr><td>禾岭镇中心小学</td></tr></table>"


@pytest.mark.parametrize(
    ("meta", "written"),
    [
        ("<meta charset=utf-8>", "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gb18030"),
        ("<META CHARSET='big5'>", "big5"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "gb18030"),
        ("", "utf-16"),
        ("<meta charset=utf-8>", "gb18030"),
        ("<meta charset=utf-8>", "utf-16"),
        ("<meta charset=klingon>", "utf-8"),
    ],
)
def test_the_charset_is_found(tmp_path: Path, meta: str, written: str) -> None:
    """By mark, by what the page says if that is true, else as in any text."""
    page = PAGE.format(meta=meta)
    if written == "big5":
        page = page.replace("学", "學").replace("岭", "嶺").replace("称", "稱").replace("镇", "鎮")
    (table,) = read(tmp_path, page.encode(written))
    assert str(table.rows[1][1][0])[-2:] in ("小学", "小學")


def test_the_encoding_that_is_named_goes_before_what_the_page_says(tmp_path: Path) -> None:
    """For pages that lie."""
    page = "<meta charset=gb18030><table><tr><td>Génie</table>".encode("cp1252")
    assert read(tmp_path, page)[0].rows[0][1] == ("G閚ie",)
    assert read(tmp_path, page, "cp1252")[0].rows[0][1] == ("Génie",)
    with pytest.raises(WrongEncoding):
        read(tmp_path, page.removeprefix(b"<meta charset=gb18030>"))


@pytest.mark.parametrize(
    ("page", "error", "said"),
    [
        ("<html><body>登录</body></html>", NotATable, "a web page without a table"),
        ("<table><tr><td></td></tr></table>", NotATable, "a web page without a table"),
        ("<html><table><tr><td>甲</td></tr><tr><td>乙", NotATable, "breaks off"),
        ("<html><table><tr><td>甲</td></tr><!-- </table>", NotATable, "breaks off"),
        ("<html><table><tr><td>甲</td></tr></tabl", NotATable, "breaks off"),
        ("<table><tr><td>甲" + "</td><td>x" * 16_384 + "</table>", TooLargeFile, "16384 columns"),
        ("<table><tr><td>a</table>" * 501, TooLargeFile, "500 tables"),
        ("<table><tr><td " + "a" * 2**21 + ">甲</table>", DamagedWorkbook, "never ends"),
        ("<table><tr><td>" + "x<br>" * (2**19 + 1) + "</table>", TooLargeFile, "letters"),
    ],
)
def test_a_page_that_would_lose_rows_is_refused(
    tmp_path: Path, page: str, error: type[Exception], said: str
) -> None:
    """By the file's name."""
    with pytest.raises(error, match=rf"a\.xls.*{said}"):
        read(tmp_path, page)


def test_the_tables_of_one_page_share_their_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small tables are no way around the limits."""
    monkeypatch.setattr(layout, "MOST_CELLS", 10)
    assert len(read(tmp_path, "<table><tr><td>a<td>b</table>" * 5)) == 5
    with pytest.raises(TooLargeFile, match="10 cells"):
        read(tmp_path, "<table><tr><td>a<td>b</table>" * 5 + "<table><tr><td>a</table>")


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1)


@settings(max_examples=150, deadline=None)
@given(
    body=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    close=st.booleans(),
    filler=st.sampled_from(
        ["", " ", "<!-- > -->", "<?x ?>", "<![if x]>", "<a b='>' c = \">\" d=>", "</font>"]
    ),
)
def test_a_page_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    body: list[list[str]],
    encoding: str,
    close: bool,
    filler: str,
) -> None:
    """Whatever letters its cells hold, with and without end tags, with anything between."""
    body = [["学校名称"], *body]
    ends = ("</td>", "</tr>") if close else ("", "")
    lines = "".join(
        "<tr>" + filler + "".join(f"<td>{filler}{escape(cell)}{filler}{ends[0]}" for cell in row) + ends[1]
        for row in body
    )
    path = tmp_path_factory.mktemp("t")
    (table,) = read(path, f"<table>{lines}</table>".encode(encoding))
    assert [list(row) for _number, row in table.rows] == body


@pytest.mark.parametrize("size", [2**17, 2**17 - 1, 2**17 + 1, 2**17 - 30])
def test_tags_on_the_border_of_pieces_stay_whole(tmp_path: Path, size: int) -> None:
    """Entities, comments and quoted attributes too."""
    unit = "<tr><td title='>'>a&amp;b</td><!-- > --><td>&#20013;</td></tr>\n"
    for shift in range(len(unit)):
        fill = "<table>" + " " * (size - shift - 7)
        (table,) = read(tmp_path, fill + unit * 3 + "</table>")
        assert [row for _number, row in table.rows] == [("a&b", "中")] * 3
