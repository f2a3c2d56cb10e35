"""Task sheets: what an inspector needs stands on the paper, on as few pages as it takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from auditor.entities import Domain, Item
from auditor.i18n import set_language
from auditor.pages.checklist import checklist_html
from auditor.pages.html import css_string
from auditor.pages.tasks import task_html
from auditor.pages.views import SortieView, StopView


def item(code: str, **facts: object) -> Item:
    """An item of two lines, as most are."""
    given = {
        "zh": "每层安全出口和疏散楼梯各不少于两个，不与其他用途合用",
        "en": "Exits and stairs of each floor, shared with no other use",
        "severity": "veto",
        "evidence": "count",
        "basis": "消防法第28条、第60条第1款第3项",
    }
    return Item(code=code, **(given | facts))


def sortie(*stops: tuple[str, tuple[Item, ...]]) -> SortieView:
    """A morning with a stop for each (name, items)."""
    made = []
    for name, items in stops:
        stop = StopView(
            start="09:50", minutes=65, unit=name, unit_id="00120034", kind="primary", township="青石镇",
            domains=("消防安全",), lat=30.5, lng=105.2, stand_in=False, checklists=(("消防安全", items),),
        )  # fmt: skip
        made.append(stop)
    return SortieView(
        key="S007", day=date(2026, 12, 2), slot="morning", team=("甲子", "乙丑"), lead=stops[0][0],
        metres=15_740, stops=tuple(made),
    )  # fmt: skip


def sheet(of: SortieView, bureau: str = "青石县教育局") -> str:
    """Its page."""
    return task_html(of, bureau=bureau, synthetic=True, provisional=False)


def test_the_number_an_item_must_reach_stands_beside_it() -> None:
    """“Clear width of room doors” is no question without the 0.9 m."""
    page = sheet(sortie(("甲小学", (item("FIR-15", en="Clear width", op=">=", value=0.9, unit="m"),))))
    assert re.search(r"Clear width <span[^>]*>\[≥ 0\.9 m\]</span>", page)


def test_a_seat_that_others_fill_is_a_line_to_write_on() -> None:
    """One for each seat, by who fills it; no name is printed, and without seats there is no line."""
    plain = sortie(("甲小学", (item("FIR-15"),)))
    page = sheet(replace(plain, seats={"公安": 2, "司机": 1}))
    assert re.search(r'<th scope="row">公安</th><td>_+\u3000_+</td>', page)
    assert re.search(r'<th scope="row">司机</th><td>_+</td>', page)
    assert "公安" not in sheet(plain)


def test_each_item_has_five_boxes_and_room_for_remarks() -> None:
    """Pass, partly, fail, not applicable, not checked; then a cell to write in."""
    page = sheet(sortie(("甲小学", tuple(item(f"FIR-{at:02d}") for at in range(3)))))
    rows = re.findall(r"<tr><td>FIR-.*?</tr>", page, re.DOTALL)
    assert len(rows) == 3
    assert all(row.count("□") == 5 and row.endswith("<td></td></tr>") for row in rows)
    set_language("zh")
    page = sheet(sortie(("甲小学", (item("FIR-01"),))))
    for answer in ("符合", "部分符合", "不符合", "合理缺项", "未检查"):
        assert f">{answer}</th>" in page


def test_only_an_item_with_an_unverified_basis_says_so() -> None:
    """The mark stands behind that basis and no other."""
    items = (item("FIR-01", source=("statute",)), item("FIR-02", source=("copy", "unverified")))
    page = sheet(sortie(("甲小学", items)))
    marked = [row for row in re.findall(r"<tr><td>FIR-.*?</tr>", page, re.DOTALL) if "unverified" in row]
    assert [re.search(r"FIR-\d+", row)[0] for row in marked] == ["FIR-02"]


@pytest.mark.parametrize("hostile", ["</style><script>alert(1)</script>", '";} @import "x', "\\", "a\nb"])
def test_a_name_cannot_leave_its_css_string(hostile: str) -> None:
    """The footer of the printed page is a CSS string: what is not plain is written by its number."""
    told = css_string(hostile)
    assert not set(told[1:-1]) & set("<>\"'{};@\n")
    plain = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), told[1:-1])
    assert plain == hostile
    page = sheet(sortie(("甲小学", (item("FIR-01"),))), bureau=hostile)
    assert page.count("</style>") == 1
    assert "<script" not in page


@pytest.fixture(scope="module")
def print_pages(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Print a page with a browser and give its number of pages, or skip where no browser is."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        if os.environ.get("AUDITOR_REQUIRE_CHROMIUM"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed: sheets are not printed")
    folder: Path = tmp_path_factory.mktemp("print")

    def count(page: str) -> int:
        (folder / "page.html").write_text(page, encoding="utf-8")
        subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--no-first-run", "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}",
                f"--print-to-pdf={folder / 'page.pdf'}", (folder / "page.html").as_uri(),
            ],
            capture_output=True, timeout=90, check=True,
        )  # fmt: skip
        return len(re.findall(rb"/Type\s*/Page\b", (folder / "page.pdf").read_bytes()))

    return count


def test_a_long_checklist_fills_its_pages(print_pages) -> None:
    """28 items with one heading are two pages, not a heading alone and then the table; each unit begins anew.

    Once no table could be broken, and each checklist left a nearly empty page before it.
    """
    items = tuple(item(f"FIR-{at:02d}") for at in range(28))
    assert print_pages(sheet(sortie(("甲小学", items)))) == 3
    assert print_pages(sheet(sortie(("甲小学", items[:3]), ("乙小学", items[:3])))) == 3


def test_a_form_holds_every_item_once_with_five_boxes_and_marks_what_is_unverified() -> None:
    """As an inspector takes it along: the number that nobody looked up carries its mark beside it."""
    items = (
        item("FIR-01", op=">=", value=2.0, unit="m", source=("unverified",)),
        item("FIR-02", basis="工作要求", source=("statute",)),
    )
    domain = Domain(key="fire", version="2026.2", zh="消防", en="Fire", minutes=25, items=items)
    set_language("zh")
    page = checklist_html(domain)
    rows = re.findall(r"<tr><td>FIR-.*?</tr>", page, re.DOTALL)
    assert [row.count("□") for row in rows] == [5, 5]
    assert re.search(r"≥ 2 m\]</span> 〔未核实〕", rows[0])
    assert "〔未核实〕" not in rows[1]
    assert "工作要求（文号由本局填）" in rows[1]
    assert 'class="banner"' not in page
