"""A clerk's first month at the desk, clicked through in Chromium, with the guide's pictures on the way."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

from auditor.workflow import county
from desk_browsing import desk_running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START = "2026-11-25T09:00:00+08:00"
DRAWN = "2026-11-25T09:30:00+08:00"
"""When the six balls are due: ten minutes after the fingerprint was sealed, and some."""
LATER = "2026-12-08T09:00:00+08:00"
"""A day in the month itself, with duties and visits behind it and before it."""
BALLS = "3 1 4 1 5 9"
SHOTS = ("start", "first", "register", "people", "draw", "plan", "repair", "roster", "calendar", "trouble")
"""The guide's pages, a picture each."""

WIDE = 1180
"""The guide's pictures are so wide, in px."""
ROOM = {
    "start": 340,
    "first": 450,
    "register": 760,
    "people": 500,
    "draw": 830,
    "plan": 900,
    "roster": 860,
    "calendar": 880,
}
"""So high at most, where not 640 px."""

Shoot = Callable[["Page", str, str], None]


def register_file(target: Path, rows: int = 60) -> Path:
    """Write a register as a bureau sends it: new numbers of pupils, two new schools, a row with a fault."""
    with (county.folder() / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        heads, *own = csv.reader(file)
    kept = own[:rows]
    at = heads.index("学生数")
    for one in kept[::7]:
        one[at] = str(int(one[at]) + 12)
    new = [[f"00990099{n:02d}", f"青石镇新园{n}幼儿园", *own[0][2:]] for n in (1, 2)]
    new[1][heads.index("学校名称")] = ""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["青石县各级各类学校名录（2026年秋）"])
    sheet.append(heads)
    for row in kept[:3] + new + kept[3:]:
        sheet.append(row)
    book.save(target)
    return target


def work_done(page: Page) -> None:
    """Wait until long work has ended, and go on to what it made."""
    # the desk forbids `eval`, which waiting for a function would need
    page.locator("#job[data-state=running]").wait_for(state="detached", timeout=240_000)
    if page.locator("[data-action=result]").count():
        press(page, "[data-action=result]")


def press(page: Page, selector: str) -> None:
    """Click what a selector finds first in the page's main part, and wait for the page that follows."""
    with page.expect_navigation():
        page.locator(f"main {selector}").first.click()


def go(page: Page, base: str, address: str) -> None:
    """Open an address of the desk."""
    page.goto(base + address)
    page.wait_for_load_state()


def enter(browser: Browser, url: str, width: int, lang: str) -> tuple[Page, str]:
    """Open the desk by its key, as the double click does; give the page and the desk's address."""
    base = url.partition("/?")[0]
    page = browser.new_context(
        viewport={"width": width, "height": 860}, locale="zh-CN" if lang == "zh" else "en-GB"
    ).new_page()
    page.set_default_timeout(30_000)
    page.goto(url)
    page.wait_for_url(re.compile(re.escape(base) + r"/(welcome.*)?$"))
    page.goto(f"{page.url}{'&' if '?' in page.url else '?'}lang={lang}")
    return page, base


def first_start(page: Page, shoot: Shoot) -> None:
    """From no file to the synthetic county."""
    shoot(page, "start", "main")
    page.fill("#f-name", county.NAME)
    press(page, "[data-action=next]")
    page.fill("#f-place", "105.2108,30.5205")
    press(page, "[data-action=next]")
    press(page, "[data-action=make]")
    shoot(page, "first", "main")
    press(page, "[data-action=county]")
    work_done(page)


def registers(page: Page, base: str, folder: Path, shoot: Shoot) -> None:
    """Next term's register by a file, and one leave by hand."""
    go(page, base, "/units")
    page.set_input_files("main input[type=file]", register_file(folder / "名录2026秋.xlsx"))
    page.wait_for_url(re.compile("/(jobs|imports)/"))
    page.wait_for_selector("[data-action=import], [data-action=look], [data-action=result]", timeout=120_000)
    work_done(page)
    shoot(page, "register", "main")
    press(page, "[data-action=import]")
    work_done(page)
    go(page, base, "/leave")
    press(page, "[data-action=new-leave]")
    page.fill("#f-who", "丁丑")
    page.fill("#f-first", "2026-12-14")
    page.fill("#f-last", "2026-12-16")
    shoot(page, "people", "main")
    press(page, "[data-action=save]")


def programme(page: Page, base: str) -> None:
    """Make December's programme and lock and seal its list."""
    go(page, base, "/programmes")
    if page.locator("main [data-action=new-programme]").count():  # without any, the form itself is shown
        press(page, "[data-action=new-programme]")
    page.fill("#f-month", "2026-12")
    page.fill("#f-name", "12月校园安全随机抽查")
    page.fill("#f-basis", "四川省学校安全条例第六条")
    for box in page.locator("input[name=domains]").all():
        box.set_checked(box.get_attribute("value") in ("fire", "food", "transport", "dorms"))
    page.check("input[name=how][value=units]")
    page.fill("input[name=units]", "24")
    press(page, "[data-action=make-programme]")
    press(page, "[data-action=freeze]")
    work_done(page)
    go(page, base, "/draws/1")
    press(page, "[data-action=commit]")
    work_done(page)
    go(page, base, "/draws/1")


def draw_and_plan(page: Page, base: str, shoot: Shoot) -> None:
    """Type the balls, draw, plan, and repair for somebody who falls ill."""
    go(page, base, "/draws/1")
    page.fill("#f-value", BALLS)
    page.check("input[name=signed]")
    press(page, "[data-action=value]")
    shoot(page, "draw", "main")
    press(page, "[data-action=run]")
    work_done(page)
    go(page, base, "/plans?month=2026-12")
    press(page, "[data-action=plan]")
    work_done(page)
    go(page, base, "/plans/1")
    if page.locator("main [data-action=open]").count():
        press(page, "[data-action=open]")
    trip = page.locator("a.trip").nth(4)
    who = trip.inner_text().split()[1]
    day = trip.locator("xpath=..").locator(".date").inner_text().strip().rjust(2, "0")
    trip.click()
    page.wait_for_selector("#side h1")
    shoot(page, "plan", "main")
    go(page, base, "/plans/1/repair?kind=absent")
    page.select_option("#f-who", page.locator("#f-who option", has_text=who).first.get_attribute("value"))
    page.fill("#f-first", f"2026-12-{day}")
    page.fill("#f-last", f"2026-12-{day}")
    press(page, "[data-action=work-out]")
    work_done(page)
    if page.locator("main [data-action=open]").count():
        press(page, "[data-action=open]")
    shoot(page, "repair", "main")
    if page.locator("main [data-action=accept]").count():
        press(page, "[data-action=accept]")
        work_done(page)


def roster(page: Page, base: str) -> None:
    """Make December's roster and bring it through approval."""
    go(page, base, "/rosters/2026-12")
    press(page, "[data-action=make]")
    work_done(page)
    go(page, base, "/rosters/2026-12")
    press(page, "[data-action=submit]")
    go(page, base, "/rosters/2026-12/step/approve")
    page.fill("#f-by", "李局长")
    press(page, "[data-action=approve]")
    go(page, base, "/rosters/2026-12")
    press(page, "[data-action=publish]")


def changes(page: Page, base: str, shoot: Shoot) -> None:
    """A swap, a sick call, the year, and a form that somebody overtook."""
    go(page, base, "/rosters/2026-12")
    page.locator("li.cell:not(.over) a.who:not(.lead)").nth(9).click()
    page.wait_for_selector("#side h1")
    swap = page.locator("#side a[href*='how=swap']").first.get_attribute("href") or ""
    page.locator("#side a[href*='how=swap']").first.click()
    page.wait_for_selector("#side a[href*='how=swap'][aria-current]")
    shoot(page, "roster", "main")
    go(page, base, swap)
    press(page, "[data-action=choose]")
    press(page, "[data-action=swap]")
    go(page, base, "/rosters/2026-12/sick")
    page.select_option("#f-who", index=6)
    page.fill("#f-reason", "病假")
    page.fill("#f-from", "2026-12-21")
    page.fill("#f-to", "2026-12-24")
    press(page, "[data-action=work-out]")
    work_done(page)
    if page.locator("main [data-action=accept]").count():
        press(page, "[data-action=accept]")
        work_done(page)
    go(page, base, "/calendars/2026")
    shoot(page, "calendar", "main")
    go(page, base, "/units/0099001001")
    other = page.context.new_page()
    go(other, base, "/units/0099001001")
    for one, number in ((other, "260"), (page, "255")):
        one.fill("#f-students", number)
        press(one, "[data-action=save]")
    other.close()
    shoot(page, "trouble", "main")


def month(browser: Browser, folder: Path, lang: str, shoot: Shoot, *, width: int = 1280) -> Path:
    """Walk through the whole month; give the bureau's file as it stands at its end.

    `shoot` is called with the page, the name of the picture and what of the page it shows.
    """
    db = folder / "bureau.db"
    with desk_running(db, now=START, lang=lang) as url:
        page, base = enter(browser, url, width, lang)
        first_start(page, shoot)
        registers(page, base, folder, shoot)
        programme(page, base)
        shoot(page, "sealed", "main")
    with desk_running(db, now=DRAWN, lang=lang) as url:
        page, base = enter(browser, url, width, lang)
        draw_and_plan(page, base, shoot)
        roster(page, base)
    with desk_running(db, now=LATER, lang=lang) as url:
        page, base = enter(browser, url, width, lang)
        go(page, base, "/")
        shoot(page, "home", "body")
        changes(page, base, shoot)
    return db
