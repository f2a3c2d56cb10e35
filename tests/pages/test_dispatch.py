"""Task sheets are one A4 each whatever stands on them, and what found no room is counted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import SEVERITIES, Item
from auditor.i18n import set_language
from auditor.pages.dispatch import requests_html, tasks_html
from auditor.pages.fitting import columns, fit, items_of, shared, wanted
from auditor.pages.plan_views import PlanView
from auditor.pages.views import FaultView, SortieView, StopView
from browser import Browser, chromium_path

LONG = "青石县高新技术产业开发区第一实验九年一贯制学校附属幼儿园（河西校区）WWWWWWWWWW"


def item(at: int, severity: str, code: str = "FIR") -> Item:
    """An item with a long wording."""
    return Item(
        code=f"{code}-{at:02d}",
        zh="每层安全出口和疏散楼梯各不少于两个，不与其他用途合用，门向外开，没有上锁、封堵或者堆放物品" * 2,
        en="Exits and stairs of each floor, shared with no other use, opening outwards, never locked, " * 2,
        severity=severity,
        evidence="count",
        basis="消防法第28条",
        op=">=",
        value=2,
        unit="count/floor",
    )


def stop(
    name: str = "甲小学",
    *,
    veto: int = 0,
    major: int = 0,
    general: int = 0,
    faults: int = 0,
    code: str = "FIR",
) -> StopView:
    """A visit with so many items of each severity and so many past faults."""
    kinds = ["veto"] * veto + ["major"] * major + ["general"] * general
    items = tuple(item(at, severity, code) for at, severity in enumerate(kinds))
    return StopView(
        start="09:50", minutes=65, unit=name, unit_id="5100000000", kind="primary", township="青石镇" * 5,
        domains=("消防安全", "食品安全") * 4, lat=30.5, lng=105.2, stand_in=True,
        checklists=(("消防安全", items),), visit="0e4961f2c70d5eab", instead_of=LONG,
        standing="有重大隐患逾期未改",
        faults=tuple(
            FaultView(
                day=date(2026, 3, 1) - timedelta(days=at),
                code=f"FIR-{at:02d}",
                severity="veto",
                what="坏" * 80,
            )
            for at in range(faults)
        ),
    )  # fmt: skip


def sortie(*stops: StopView, key: str = "S007") -> SortieView:
    """A morning with these visits."""
    return SortieView(
        key=key, day=date(2026, 12, 2), slot="morning", team=("欧阳甲子", "司马乙丑"), lead=stops[0].unit,
        metres=15_740, stops=stops,
    )  # fmt: skip


def view(*sorties: SortieView, today: date = date(2026, 12, 2), drill: bool = True) -> PlanView:
    """A plan of these sorties."""
    return PlanView(
        bureau="青石县教育局" * 3, programme="十二月校园安全随机抽查" * 4, number=12, first=date(2026, 12, 1),
        last=date(2026, 12, 31), marks=("内部：安排尚未解封",), drill=drill, today=today, start=(30.5, 105.2),
        places=(), sorties=sorties, unplaced=(), departures=(), partners=("公安1人", "市场监管1人"),
    )  # fmt: skip


CROWDED = {
    "one empty visit": [stop(LONG)],
    "one visit with 300 items": [stop(LONG, veto=60, major=140, general=100, faults=30)],
    "three": [stop(LONG, veto=22, major=41, general=13, faults=9)] * 3,
    "five": [stop(LONG, veto=22, major=41, general=13, faults=3)] * 5,
    "six, the first that are tight": [stop(LONG, veto=22, major=41, general=13, faults=3)] * 6,
    "nine": [stop(LONG, veto=33, major=58, general=19, faults=9)] * 9,
    "fourteen, more than any half-day holds": [stop(LONG, veto=33, major=58, general=19, faults=9)] * 14,
    "long codes": [stop(LONG, veto=30, major=60, general=40, code="省级专项检查-VERYLONG")] * 3,
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser for the whole module; skips without one."""
    chromium_path()
    with Browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


def printed(browser: Browser, page: str, file: Path) -> tuple[int, list[str]]:
    """How many pages a page prints as; and what on its sheets is cut off below or beside."""
    import base64

    file.write_text(page, encoding="utf-8")
    opened = browser.open(file.as_uri())
    opened.media(media="print")
    cut = opened.evaluate(
        "[...document.querySelectorAll('.a4,.visits,.visit,.half,.req,.foot,.boxes')]"
        ".filter((x) => x.scrollHeight > x.clientHeight + 1).map((x) => x.className).concat("
        "[...document.querySelectorAll('.visit u, .visit .ask div, .boxes div')].filter((x) => "
        "x.getBoundingClientRect().right > x.closest('section').getBoundingClientRect().right + 1)"
        ".map((x) => x.textContent))"
    )
    pdf = base64.b64decode(
        opened.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
    )
    return len(re.findall(rb"/Type\s*/Page\b", pdf)), cut


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_team_has_one_a4(browser: Browser, tmp_path: Path, language: str) -> None:
    """As many pages as sorties, nothing cut off, from an empty visit to fourteen with 110 items each."""
    set_language(language)
    sorties = [sortie(*stops, key=f"S{at:03d}") for at, stops in enumerate(CROWDED.values())]
    pages, cut = printed(browser, tasks_html(view(*sorties)), tmp_path / "tasks.html")
    assert (pages, cut) == (len(sorties), [])
    alone, cut = printed(browser, tasks_html(view(sorties[3], drill=False)), tmp_path / "alone.html")
    assert (alone, cut) == (1, [])


def test_two_requests_are_one_a4_and_three_are_two(browser: Browser, tmp_path: Path) -> None:
    """Also afterwards, when fourteen long names are the destination of each."""
    sorties = [sortie(*CROWDED["nine"], key=f"S{at:03d}") for at in range(3)]
    for today in (date(2026, 12, 2), date(2026, 12, 3)):
        for count, wanted_pages in ((1, 1), (2, 1), (3, 2)):
            page = requests_html(view(*sorties[:count], today=today))
            assert printed(browser, page, tmp_path / "cars.html")[0] == wanted_pages


@pytest.mark.parametrize("name", CROWDED)
def test_every_item_stands_on_the_sheet_or_is_counted(name: str) -> None:
    """For each visit: codes printed and the number that is said to be more make up all of them."""
    stops = CROWDED[name]
    visits = tasks_html(view(sortie(*stops))).split('<section class="visit"')[1:]
    assert len(visits) == len(stops)
    for rest, one in zip(visits, stops, strict=True):
        html = rest.partition("</section>")[0]
        more = re.search(r"(\d+) more on the full checklist", html)
        assert html.count("□") + (int(more[1]) if more else 0) == len(items_of(one))
        assert f"{len(items_of(one))} items" in html


def test_veto_items_come_first_and_past_faults_before_them() -> None:
    """What finds no room is general before key, and key before veto."""
    for one in [*CROWDED["three"], *CROWDED["nine"], *CROWDED["one visit with 300 items"]]:
        html = tasks_html(view(sortie(*[one] * 4)))
        shown = re.findall(r"□(?:<b>)?FIR-(\d+)", html.split('<section class="visit"')[1])
        numbers = [int(at) for at in shown]
        assert numbers == list(range(len(numbers)))  # the helper numbers veto, then key, then general ones
        assert html.index('<p class="bad">') < html.index("□")


def test_a_request_says_the_same_whatever_the_visits_are() -> None:
    """Until the day is over nothing on it depends on the units, their number, the hour or the way."""
    near, far = sortie(stop("甲小学")), replace(sortie(*[stop(LONG)] * 5), metres=98_000)
    assert requests_html(view(near)) == requests_html(view(far))
    after = date(2026, 12, 3)
    assert requests_html(view(near, today=after)) != requests_html(view(far, today=after))
    assert "甲小学" in requests_html(view(near, today=after))


def test_hostile_names_stay_text() -> None:
    """A register is no place to write markup from."""
    bad = "</style><script>alert(1)</script>"
    page = tasks_html(view(sortie(stop(bad)))) + requests_html(
        view(sortie(stop(bad)), today=date(2027, 1, 1))
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@given(st.lists(st.integers(0, 60), max_size=9), st.integers(-5, 200))
@settings(max_examples=300, deadline=None)
def test_lines_are_shared_fairly(wants: list[int], room: int) -> None:
    """Nobody gets more than he wants; all is given while anyone wants; who got less got his want."""
    found = shared(wants, room)
    assert sum(found) == min(sum(wants), max(0, room))
    assert all(0 <= got <= want for got, want in zip(found, wants, strict=True))
    for mine, want in zip(found, wants, strict=True):
        assert mine == want or all(other <= mine + 1 for other in found)


@given(
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(0, 30),
    st.integers(0, 9),
    st.integers(0, 70),
    st.integers(1, 14),
)
@settings(max_examples=300, deadline=None)
def test_a_visit_keeps_to_its_lines(
    veto: int, major: int, general: int, faults: int, lines: int, side_by_side: int
) -> None:
    """Never more lines than given; no item lost; with all the lines it would like nothing is left."""
    one = stop(veto=veto, major=major, general=general, faults=faults)
    found = fit(one, lines, side_by_side)
    used = len(found.faults) + len(found.alone) + -(-len(found.worded) // 2)
    used += sum(-(-len(codes) // side_by_side) for _severity, codes in found.codes)
    assert used <= max(lines, 0)
    shown = [*found.alone, *found.worded, *(item for _severity, codes in found.codes for item in codes)]
    assert len(shown) + found.left == veto + major + general
    assert shown == items_of(one)[: len(shown)] or found.left
    assert {item.severity for item in found.alone} <= {"veto"}
    full = fit(one, wanted(one, side_by_side), side_by_side)
    assert full.left == 0
    assert len(full.alone) + len(full.worded) == veto + major
    assert [severity for severity, _codes in full.codes] in ([], [SEVERITIES[2]])


def test_a_longer_code_leaves_room_for_fewer_side_by_side() -> None:
    """Twelve of six letters are as wide as the sheet; a Chinese code is wider than a Latin one as long."""
    short = columns([item(1, "veto")], 165, 2.65)
    assert 9 <= short <= 13
    assert columns([item(1, "veto", "省级检查")], 165, 2.65) < columns([item(1, "veto", "ABCD")], 165, 2.65)
    assert columns([item(1, "veto", "W" * 99)], 165, 2.65) == 1
    assert columns([], 165, 2.65) >= 1
