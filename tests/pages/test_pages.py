"""Pages: hostile names stay text, nothing comes from a network, and a browser shows them whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from auditor.entities import CalendarDay, Item
from auditor.i18n import set_language
from auditor.pages.summary import summary_html
from auditor.pages.tasks import task_html
from auditor.pages.views import (
    DrawnView,
    DutyView,
    FairView,
    MonthView,
    NoteView,
    PersonView,
    PlaceView,
    SortieView,
    StopView,
)
from auditor.pages.workbooks import plan_workbook

NASTY = "=cmd|'/C calc'!A0<script>alert(1)</script>\"&"
VOID = {"meta", "br", "path", "rect", "circle", "polyline", "link", "img", "input", "hr"}


def view(name: str = "实验小学") -> MonthView:
    """A month of a small bureau in which one unit bears this name."""
    days = tuple(
        CalendarDay(
            day=date(2026, 10, 1) + timedelta(days=at),
            cls="holiday" if at < 7 else "weekend" if (at + 3) % 7 > 4 else "work",
            name="国庆节" if at < 7 else "",
            key_period="国庆" if at < 7 else "",
        )
        for at in range(31)
    )
    item = Item(
        code="FIR-01",
        zh=name,
        en=name,
        severity="veto",
        evidence="doc",
        basis="消防法",
        source=("unverified",),
    )
    stop = StopView(
        start="09:50", minutes=65, unit=name, unit_id="0012", kind="primary", township="青石镇",
        domains=("消防",), lat=30.5, lng=105.2, stand_in=True, checklists=(("消防", (item,)),),
    )  # fmt: skip
    sortie = SortieView(
        key="S001", day=date(2026, 10, 12), slot="morning", team=("甲子", name), lead=name, metres=15700,
        stops=(stop,),
    )  # fmt: skip
    return MonthView(
        bureau=name, month="2026-10", synthetic=True, provisional=True,
        sources=({"source": name, "status": "official", "verified": False},), days=days,
        headlines=(name,), notes=(name,), next_steps=(name,), figures=(("21", name, name),),
        commit_sha256="a" * 64, plan_root="b" * 64, command=f"auditor draw verify {name}",
        start=(30.52, 105.21),
        places=(PlaceView(name=name, lat=30.5, lng=105.2, drawn=True, slots=("morning",)),
                PlaceView(name="乙", lat=30.6, lng=105.3)),
        sorties=(sortie,),
        drawn=(DrawnView(unit=name, unit_id=name, township="青石镇", kind="primary", pi=229743, share=4,
                         why=name),),
        unplaced=(NoteView(what=name, why=name, detail=name),),
        departures=(NoteView(what=name, why=name, detail=name),),
        duties={one.day: (DutyView(post="lead", people=(name, "乙")), DutyView(post="day", people=("丙",)),
                          DutyView(post="night", people=("丁",))) for one in days},
        fairness=(FairView(name=name, role="officer", counters={"total": (1, 2)}),
                  FairView(name="乙", role="leader", counters={"total": (0, 4)})),
        standby={name: ("2026-10-12/morning",)},
        people={name: PersonView(name=name, post="局长", phone="5550-0001")},
    )  # fmt: skip


def pages(of: MonthView) -> list[str]:
    """The summary and the task sheets of a month."""
    return [
        summary_html(of),
        *(
            task_html(one, bureau=of.bureau, synthetic=of.synthetic, provisional=of.provisional)
            for one in of.sorties
        ),
    ]


class Balance(HTMLParser):
    """Count what is opened and not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_hostile_name_stays_text(language: str) -> None:
    """Every place a name can stand in: escaped, the page balanced, no script."""
    set_language(language)
    for page in pages(view(NASTY)):
        parser = Balance()
        parser.feed(page)
        assert parser.open == []
        assert "script" not in parser.tags
        assert NASTY not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_ask_no_network_and_bear_their_banners(language: str) -> None:
    """No address, no import, no picture from elsewhere; open, synthetic and provisional are said."""
    set_language(language)
    for page in pages(view()):
        assert not re.search(r"https?:|//|url\(|@import|src=", page)
        for word in {
            "zh": ("公开演示（未封存）", "虚构数据", "暂定"),
            "en": ("not sealed", "synthetic data", "provisional"),
        }[language]:
            assert word in page
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page


def test_the_two_languages_differ_in_every_heading() -> None:
    """No heading was forgotten in the catalogue."""
    found = {}
    for language in ("zh", "en"):
        set_language(language)
        found[language] = re.findall(r"<h[123]>([^<]+)</h[123]>", "".join(pages(view())))
    assert len(found["zh"]) == len(found["en"]) > 10
    same = {a for a, b in zip(found["zh"], found["en"], strict=True) if a == b}
    assert same <= {"消防", "09:50 实验小学"}


def test_a_month_without_visits_is_a_page_too() -> None:
    """Nothing drawn, nothing planned, nobody known."""
    empty = replace(
        view(), sorties=(), drawn=(), unplaced=(), departures=(), places=(), fairness=(), standby={}, notes=()
    )
    parser = Balance()
    parser.feed(summary_html(empty))
    assert parser.open == []
    plan_workbook(empty)


def test_a_plan_holds_no_formula() -> None:
    """Whatever a unit is called."""
    for sheet in load_workbook(BytesIO(plan_workbook(view(NASTY)))).worksheets:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.fixture(scope="module")
def chromium() -> str:
    """A browser, or skip; where it must be there, fail."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("AUDITOR_REQUIRE_CHROMIUM"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed: pages are not looked at")
    return found


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_browser_shows_a_page_without_scrolling_sideways(
    chromium: str, tmp_path: Path, width: int, language: str
) -> None:
    """The page is as wide as its window, on a phone as on a desk."""
    set_language(language)
    measured = summary_html(view("某某县第一实验小学附属幼儿园分园")).replace(
        "</body>",
        "<script>const wide = document.documentElement.scrollWidth;"
        "document.title = 'wide ' + wide + ' of ' + innerWidth</script></body>",
    )
    # a frame of the wanted width, since a headless window is never narrower than 500 pixels
    (tmp_path / "page.html").write_text(measured, encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        f'<iframe id="f" src="page.html" width="{width}" height="900"></iframe>'
        "<script>f.onload = () => document.body.append('told ' + f.contentDocument.title)</script>",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--no-first-run", "--allow-file-access-from-files", "--virtual-time-budget=4000",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "frame.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    told = re.search(r"told wide (\d+) of (\d+)", done.stdout)
    assert told, done.stdout[-300:]
    assert int(told[1]) <= int(told[2])
