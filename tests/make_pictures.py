"""Take pictures of the desk: every page to look at, the guide's own, and a sheet of the pages for `docs/`.

    python tests/make_pictures.py --out DIR [--guide] [--sheet] [--only WORD] [--lang zh] [--width 360]

DIR gets WORLD-PAGE-WIDTH-LANGUAGE.png of four bureaus: `none` (no file), `empty`, `usual` (a month's work)
and `crowded` (1,500 units, 60 people, five seats a day, a plan of 70 units, a file with many faults). Pages
too wide and words of the wrong language are printed. `--dark` takes them in dark mode, `--guide` writes
`docs/guide/*.png`, `--sheet` writes `docs/desk.jpg`. Needs Playwright and the system's Chromium.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

import clerk_walk as walk
import desk_browsing
from auditor.i18n import set_language
from auditor.pages.words import KIND_WORDS
from auditor.pages.words import word as word_of
from auditor.store.staff import put_staff, read_staff
from auditor.store.units import read_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau, county
from auditor.workflow.domains import load_all
from auditor.workflow.duty import desk_settings, roster_life, rosters
from auditor.workflow.months import month_of
from desk_browsing import browser_running, desk_running
from desk_client import desk_of
from desk_crawling import crawl, kind_of
from desk_worlds import draw_and_plan, fresh_in, large_bureaus
from sealed import DECEMBER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide"
SHEET = ROOT / "docs" / "desk.jpg"
WORLDS = ("none", "empty", "usual", "crowded")
WIDTHS = (360, 1280, 1920)
UNITS, PEOPLE, VISITS = 1_500, 60, 70
DOMAINS = ("dorms", "fire", "food", "transport")
STEMS = "甲乙丙丁戊己庚辛壬癸"
OPEN = 'data-action="open"'
"""What a page has whose plan is sealed, and can be opened without a password."""
TALLEST = 2_600
"""So much of a long page is taken, in px."""
POSTS = """\
[[posts]]
id = "lead"
zh = "带班"
role = "leader"
start = "08:00"
minutes = 1440

[[posts]]
id = "day"
zh = "白班"
role = "officer"
start = "08:00"
minutes = 600
need = 2

[[posts]]
id = "night"
zh = "夜班"
role = "officer"
start = "18:00"
minutes = 840
night = true

[[posts]]
id = "drive"
zh = "司机"
role = "driver"
start = "08:00"
minutes = 1440
"""
ON_SHEET = (
    "home",
    "units_map=1",
    "register",
    "draw",
    "plan",
    "rosters_2026-12",
    "roster",
    "calendar",
    "repair",
)
"""What the sheet shows: pages of the usual bureau, and pictures of the guide."""
LOOK = """() => {
    const main = document.querySelector('main') || document.body;
    const words = [];
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const at = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        const within = at.closest('[lang],code,.hash,.code,option,textarea,script');
        if (!text || within !== document.documentElement) continue;
        words.push(text);
    }
    const root = document.documentElement;
    return {words, over: root.scrollWidth - root.clientWidth};
}"""


def crowded_in(folder: Path) -> Path:
    """A bureau with as much on each page as a large county has.

    Units, people, posts, a published month, a plan of many visits, a file with many faults dropped.
    """
    db = folder / "bureau.db"
    now = datetime.fromisoformat(walk.START)
    bureau.init(db, county.NAME, county.START, now)
    (folder / "desk.toml").write_text(POSTS, encoding="utf-8")
    with bureau.opened(db) as file:
        county.fill(file, load_all(), now)
        large_bureaus().multiply(file, UNITS, now)
        staff = read_staff(file)
        with write_tx(file, "people import", now) as tx:
            short = PEOPLE - len(staff)
            roles = [("leader",)] * 2 + [("driver",)] * 6 + [("officer", "inspector")] * (short - 8)
            put_staff(tx, [
                replace(
                    staff[-1], id=f"p{at:02d}", name=f"欧阳{STEMS[at % 10]}{at // 10 + 1}", roles=role,
                    domains=DOMAINS * ("inspector" in role), half_days=12 * ("inspector" in role),
                )
                for at, role in enumerate(roles)
            ])  # fmt: skip
        desk_settings.keep_desk(file, folder / "desk.toml", now)
        made = rosters.make(file, month_of("2026-12"))
        roster_life.revise(file, "2026-12", made, by="王芳", now=now)
        for step in ("submitted", "approved", "published"):
            roster_life.advance(file, "2026-12", step, by="李局长", now=now)
    text = DECEMBER.replace("units = 9", f"units = {VISITS}\ncars = 5")
    draw_and_plan(db, text, "2026-12", at=walk.START, drawn_at=walk.DRAWN, work=5)
    drop_file(db, faulty_file(db, folder / "名录2026秋.xlsx"))
    return db


def faulty_file(db: Path, target: Path) -> Path:
    """Write a register of a crowded bureau as it comes back: much changed, some new, many cells that fail."""
    set_language("zh")
    with bureau.opened(db) as file:
        units = read_units(file)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["学校代码", "学校名称", "办学类型", "乡镇", "学生数", "寄宿生数", "经度", "纬度", "备注"])
    for at, one in enumerate(units):
        students: object = one.students
        if at % 9 == 0:
            students = (one.students or 0) + 12
        if at % 31 == 0:
            students = ("约300", "三百余人", "-5", "1 20O")[at // 31 % 4]
        kind = "托管班" if at % 97 == 5 else word_of(KIND_WORDS, one.kind)
        lng = "东经105度" if at % 53 == 7 else one.lng
        name = one.name + ("（新校区）" if at % 41 == 3 else "")
        row = [one.id, name, kind, one.township, students, one.boarders, lng, one.lat, "2026年秋季核对"]
        sheet.append(row)
    for at in range(60):
        sheet.append(
            [f"00990199{at:02d}", f"新建第{at + 1}幼儿园", "幼儿园", "青石镇", 90 + at, 0, "", "", ""]
        )
    book.save(target)
    return target


def drop_file(db: Path, file: Path) -> None:
    """Drop a register on the desk, and wait until it was read."""
    client = desk_of(db, now=datetime.fromisoformat(walk.DRAWN), language="zh")
    page = client.page("/units")
    with file.open("rb") as data:
        client.submit("/imports/units", page, files={"file": (file.name, data)})
    while client.desk.jobs.running() is not None:
        time.sleep(0.2)


def addresses(db: Path) -> dict[str, str]:
    """One address of every kind that links lead to, by the name of its picture."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy" / "bureau.db"
        shutil.copytree(db.parent, copy.parent)  # what was dropped and worked lies beside the file
        client = desk_of(copy, now=datetime.fromisoformat(walk.LATER))
        for plan in plans_of(client.page("/plans")):
            if OPEN in (page := client.page(plan)):
                client.submit(f"{plan}/open", page)
        found = crawl(client, send=False).pages
    # one domain's page is as the next one's
    some = [one for one in found if not one.startswith("/domains/") or one.startswith("/domains/fire")]
    kinds = {kind_of(one): one for one in reversed(some)}
    return {named(address): address for address in kinds.values()}


def wanted(name: str, only: list[str] | None) -> bool:
    """Whether a picture is asked for by a word of its name."""
    return not only or any(word in name for word in only)


def plans_of(page: str) -> list[str]:
    """The addresses of plans on a page that lists them."""
    return list(dict.fromkeys(re.findall(r'"(/plans/\d+)"', page)))


def named(address: str) -> str:
    """Give an address as part of a file's name."""
    plain = "".join(sign if sign.isalnum() or sign in "-=" else "_" for sign in address.strip("/"))
    return plain[:60] or "home"


def foreign(words: list[str], lang: str) -> list[str]:
    """The words of a page that are of the other language, as far as a rule can tell."""
    if lang == "zh":
        return [one for one in words if sum(part.isascii() and part.isalpha() for part in one.split()) >= 2]
    return [one for one in words if sum("\u4e00" <= sign <= "\u9fff" for sign in one) > 12]


def take(page: Page, target: Path) -> None:
    """Take a picture of a page, as far down as it is of use."""
    size = page.viewport_size or {"width": 0}
    high = min(int(page.evaluate("() => document.documentElement.scrollHeight")), TALLEST)
    page.screenshot(
        path=str(target), full_page=True, clip={"x": 0, "y": 0, "width": size["width"], "height": high}
    )


def all_pages(
    browser: Browser, db: Path, world: str, out: Path, asked: argparse.Namespace, pages: dict[str, str]
) -> None:
    """Take pictures of a bureau's pages in both languages and at all widths; print what looks wrong."""
    if not any(wanted(f"{world}-{name}", asked.only) for name in pages):
        return
    for lang in asked.lang or ("zh", "en"):
        with desk_running(db, now=walk.LATER, lang=lang) as url:
            page, base = walk.enter(browser, url, 1280, lang)
            if asked.dark:
                page.emulate_media(color_scheme="dark")
            sealed = {name: one for name, one in pages.items() if re.fullmatch(r"/plans/\d+", one)}
            for name, address in sealed.items():
                look(page, base + address, f"{world}-{name}-sealed", lang, out, asked)
            for address in sealed.values():
                page.goto(base + address)
                if page.locator("main [data-action=open]").count():
                    walk.press(page, "[data-action=open]")
            for name, address in pages.items():
                look(page, base + address, f"{world}-{name}", lang, out, asked)
            page.context.close()


def look(page: Page, address: str, name: str, lang: str, out: Path, asked: argparse.Namespace) -> None:
    """Take pictures of one page at all widths; print what looks wrong."""
    if not wanted(name, asked.only):
        return
    widths = asked.width or WIDTHS
    for width in widths:
        page.set_viewport_size({"width": width, "height": 860})
        answer = page.goto(address)
        if answer is None or answer.status >= 400:
            print(f"{name} answers {answer.status if answer else 'nothing'}", flush=True)
            return
        seen = page.evaluate(LOOK)
        take(page, out / f"{name}-{width}-{lang}{'-dark' if asked.dark else ''}.png")
        if seen["over"] > 0:
            print(f"{name} {width} {lang}: {seen['over']} px too wide", flush=True)
        if width == widths[-1]:
            for text in dict.fromkeys(foreign(seen["words"], lang)):
                print(f"{name} {lang}: {text[:110]}", flush=True)


def guide(browser: Browser, folder: Path, lang: str, target: Path | None) -> Path:
    """Walk through the month, and take the guide's pictures; give the bureau as it stands then."""

    def shoot(page: Page, name: str, what: str) -> None:
        if target is None or name not in walk.SHOTS:
            return
        page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur() }")
        box = page.locator(what).first.bounding_box()
        assert box is not None
        room = walk.ROOM.get(name, 640)
        page.screenshot(
            path=str(target / f"{name}.{lang}.png"), full_page=True,
            clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], room)},
        )  # fmt: skip

    return walk.month(browser, folder, lang, shoot, width=walk.WIDE)


def sheet(browser: Browser, out: Path) -> None:
    """Put the tops of nine pages beside each other."""
    shown = []
    for at, one in enumerate(ON_SHEET):
        lang = "en" if at % 2 else "zh"
        own = f"{one}.{lang}.png"
        shown.append(GUIDE / own if one in walk.SHOTS else out / f"usual-{one}-1280-{lang}.png")
    parts = "".join(f'<div><img src="{escape(one.as_uri())}"></div>' for one in shown if one.exists())
    style = "body{margin:8px;display:grid;grid-template-columns:repeat(3,1fr);gap:8px;background:#c9ced4}"
    style += "div{height:330px;overflow:hidden;background:#fff}img{width:100%;display:block}"
    (out / "sheet.html").write_text(f"<!doctype html><style>{style}</style>{parts}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1560, "height": 900})
    page.goto((out / "sheet.html").as_uri())
    page.screenshot(path=str(SHEET), full_page=True, type="jpeg", quality=80)
    page.close()


def make(asked: argparse.Namespace, out: Path, work: Path) -> None:
    """Make the bureaus that are not there, and take the pictures asked for."""
    asked_for = asked.world or WORLDS
    target = GUIDE if asked.guide else None
    desk_browsing.FLAGS.append("--lang=zh-CN")
    with browser_running() as browser:
        for world in WORLDS:
            folder = work / world
            if target and world == "usual":
                shutil.rmtree(folder, ignore_errors=True)
            elif world not in asked_for:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            db = folder / "bureau.db"
            if world == "none":
                pages = {f"welcome{at}": f"/welcome?at={at}&name=A" for at in (1, 2, 3)}
            else:
                if not (whole := folder / "whole").exists():  # what was left half-made is made anew
                    shutil.rmtree(folder)
                    folder.mkdir()
                    if world == "usual":
                        guide(browser, folder, "zh", target)
                    else:
                        {"empty": fresh_in, "crowded": crowded_in}[world](folder)
                    whole.touch()
                pages = addresses(db)
            if world in asked_for:
                all_pages(browser, db, world, out, asked, pages)
    if target:
        desk_browsing.FLAGS[-1] = "--lang=en-GB"
        with browser_running() as browser, tempfile.TemporaryDirectory() as folder:
            guide(browser, Path(folder), "en", target)
    if asked.sheet:
        with browser_running() as browser:
            sheet(browser, out)


def main() -> int:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--guide", action="store_true", help="the guide's pictures too")
    parser.add_argument("--sheet", action="store_true", help="the sheet for docs/ too")
    parser.add_argument(
        "--only", action="append", help="pages whose name has this word, such as usual-rosters"
    )
    parser.add_argument("--world", action="append", choices=WORLDS, help="of these bureaus only")
    parser.add_argument("--dark", action="store_true", help="in dark mode")
    parser.add_argument("--lang", action="append", choices=("zh", "en"))
    parser.add_argument("--width", action="append", type=int)
    parser.add_argument("--worlds", type=Path, help="where the bureaus are kept, and found again")
    asked = parser.parse_args()
    out: Path = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        make(asked, out, asked.worlds.resolve() if asked.worlds else Path(own))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
