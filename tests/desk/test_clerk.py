"""A clerk's month in a real browser, from no database to calendars and the day's sheet, clicks counted.

What is simulated: the moment. The desk is started with ``--now`` and again with a later one between the
fingerprint and the balls (the page that the clerk leaves open asks for itself again by then, so opening it
costs no click); the six balls are numbers written here, and the witness is a tick. Printing is Chromium's
PDF of the page that a button opened in a tab of its own. Everything else is clicked and typed.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.desk.looks import group
from desk_browsing import Clerk, browser_running, desk_running

MOST_CLICKS, MOST_TYPED = 40, 25
MORNING, AFTER_THE_BALLS = "2026-11-27T09:00:00+08:00", "2026-11-27T09:30:00+08:00"
MONTH = "2026-12"
REGISTER = "data/registers-messy/a02-一镇一表.xlsx"
STAFF = (
    "甲明远", "乙文舟", "丙禾苗", "丁一川", "戊青山", "己子涵", "庚立言", "辛若水", "壬浩然", "癸思源",
    "子建国", "丑晓梅", "寅志强", "卯春生",
)  # fmt: skip
"""The messy file of staff knows six people, too few for a roster of a month."""


def staff_list(path: Path) -> Path:
    """Write the staff as an office keeps it: four leaders, eight inspectors, two drivers."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工号", "姓名", "科室", "角色", "领域"])
    for at, name in enumerate(STAFF):
        role = "带班领导" if at < 4 else "司机" if at > 11 else "值班员"
        inspects = 2 <= at < 10
        sheet.append([
            f"{101 + at:04d}", name, ("安全科", "基教科", "办公室", "计财科")[at % 4],
            f"{role}、检查员" if inspects else role, "消防、食品" if inspects else "",
        ])  # fmt: skip
    book.save(path)
    return path


def command_line(db: Path, *words: str) -> Any:
    """Give what the command line says of the same file."""
    said = subprocess.run(
        [sys.executable, "-m", "auditor", *words, "--db", str(db), "--json"],
        capture_output=True, text=True, check=True, env={**os.environ, "AUDITOR_LANG": "en"},
    )  # fmt: skip
    return json.loads(said.stdout)


def sums(clerk: Clerk) -> list[int]:
    """Give the large numbers that a page shows, in order."""
    texts = clerk.page.locator("main ul.sums li b").all_inner_texts()
    return [int(re.sub(r"\D", "", text)) for text in texts]


@contextmanager
def printed(clerk: Clerk, selector: str) -> Iterator[bytes]:
    """Click what opens a paper in a tab of its own; give it as Chromium prints it."""
    with clerk.page.context.expect_page() as opened:
        clerk.click(selector)
    paper = opened.value
    paper.wait_for_load_state()
    yield paper.pdf()
    paper.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_month_of_work_takes_few_clicks(shared: Path, tmp_path: Path, lang: str) -> None:
    """From nothing to printed sheets within 40 clicks and 25 answers; pages and command line agree."""
    register, staff = shared / REGISTER, staff_list(tmp_path / "人员.xlsx")
    db = tmp_path / "bureau.db"
    with browser_running() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
        clerk = Clerk(page)
        with desk_running(db, now=MORNING, lang=lang) as url:
            page.goto(url)
            page.wait_for_url("**/welcome*")
            load(clerk, register, staff)
            draw_until_the_balls(clerk)
        with desk_running(db, now=AFTER_THE_BALLS, lang=lang) as url:
            page.goto(url)
            page.locator("main [data-step]").first.wait_for()
            page.goto(url.partition("/?")[0] + "/draws/1")
            draw(clerk)
            plan_and_repair(clerk, db)
            make_and_publish(clerk)
            swap_and_sick(clerk)
            calendars(clerk)
            agree(clerk, db, url.partition("/?")[0])
    assert not clerk.errors
    print(f"{lang}: {clerk.clicks} clicks, {clerk.typed} typed answers")
    assert clerk.clicks <= MOST_CLICKS
    assert clerk.typed <= MOST_TYPED


def load(clerk: Clerk, register: Path, staff: Path) -> None:
    """Set the bureau up, import the register and the staff, make the programme."""
    clerk.type("#f-name", "青石县教育局")
    clerk.click("[data-action=next]")
    clerk.click("[data-action=next]")
    clerk.click("[data-action=make]")
    for file, after in ((register, "register"), (staff, "programme")):
        clerk.drop("input[type=file]", file)
        clerk.click("[data-action=import]")
        clerk.work_done()
        clerk.click(f"[data-action={after}]")
    clerk.type("#f-basis", "《中小学幼儿园安全管理办法》第六条")
    clerk.click("[data-action=make-programme]")


def draw_until_the_balls(clerk: Clerk) -> None:
    """Lock the list, seal the fingerprint, print the protocol for the witness."""
    clerk.click("[data-action=freeze]")
    clerk.click("[data-action=commit]")
    with printed(clerk, "[data-action=protocol]") as pdf:
        assert pdf.startswith(b"%PDF")


def draw(clerk: Clerk) -> None:
    """Type the six balls, compare, draw."""
    clerk.type("[name=value]", "3 1 4 1 5 9")
    clerk.click("[name=signed]")
    clerk.click("[data-action=value]")
    clerk.click("[data-action=run]")
    clerk.work_done()


def plan_and_repair(clerk: Clerk, db: Path) -> None:
    """Plan, then let somebody of it be away for the whole period; print the sheets of its first day."""
    clerk.click("[data-action=plan]")
    clerk.work_done()
    before = command_line(db, "plan", "show")
    assert sums(clerk)[:2] == [before["visits"], before["sorties"]]
    clerk.click("[data-action=repair]")
    clerk.choose("#f-who", "0105")
    clerk.type("#f-last", f"{MONTH}-31")
    clerk.click("[data-action=work-out]")
    clerk.work_done()
    clerk.click("[data-action=accept]")
    clerk.page.locator("[data-action=sheets]").wait_for()
    after = command_line(db, "plan", "show")
    assert after["repairs"] == 1
    assert after["plan_root"] == before["plan_root"]  # what was published of it before stays
    assert " ".join(group(after["plan_root"])) in clerk.page.content()
    # what a repair had to leave out the key alone tells; the command line, without it, tells what was sealed
    assert all(
        here <= sealed for here, sealed in zip(sums(clerk), (after["visits"], after["sorties"]), strict=False)
    )
    clerk.click("[data-action=sheets]")
    with printed(clerk, "[data-action=print-tasks]") as pdf:
        assert pdf.startswith(b"%PDF")
        assert len(pdf) > 5_000


def make_and_publish(clerk: Clerk) -> None:
    """Make the month's roster, have it approved, publish it."""
    clerk.click("[data-action=roster]")  # the month's next step, offered beside the sheets
    clerk.click("[data-action=make]")
    clerk.work_done()
    clerk.click("[data-action=submit]")
    clerk.click("a[data-action=approve]")
    clerk.type("#f-by", STAFF[0])
    clerk.click("button[data-action=approve]")
    clerk.click("[data-action=publish]")
    clerk.page.locator("[data-action=sick]").wait_for()


def swap_and_sick(clerk: Clerk) -> None:
    """Swap a duty with the fairest that can take it; then somebody is ill for three days."""
    clerk.click(f".duty-lines a.who:has-text('{STAFF[11]}')")
    clerk.click("#side nav.views a[hx-get*='how=swap']")
    clerk.click("#side a[data-action=choose][href*='with=']")
    clerk.click("[data-action=swap]")
    clerk.click("[data-action=sick]")
    clerk.choose("#f-who", "0106")
    clerk.type("#f-reason", "病假")
    clerk.type("#f-from", f"{MONTH}-07")
    clerk.type("#f-to", f"{MONTH}-20")
    clerk.click("[data-action=work-out]")
    clerk.work_done()
    clerk.click("[data-action=accept]")
    clerk.work_done()
    clerk.page.locator(".roster-page").wait_for()


def calendars(clerk: Clerk) -> None:
    """Download the calendars of all."""
    clerk.head("a[href^='/calendars']")
    with clerk.page.expect_download() as given:
        clerk.click("[data-action=calendars]")
    with zipfile.ZipFile(io.BytesIO(Path(given.value.path()).read_bytes())) as files:
        texts = [files.read(name) for name in files.namelist() if name.endswith(".ics")]
    assert len(texts) > 10
    assert all(text.startswith(b"BEGIN:VCALENDAR") for text in texts)


def agree(clerk: Clerk, db: Path, base: str) -> None:
    """The numbers on the pages are those of the command line; here the tester looks, not the clerk."""
    page = clerk.page
    units = command_line(db, "units", "list")
    page.goto(f"{base}/units")
    for one in units:
        assert page.locator("main tbody tr", has_text=one["name"]).count() >= 1
    numbers = command_line(db, "draw", "ledger")
    page.goto(f"{base}/draws/1")
    assert numbers[0]["commit_sha256"] in re.sub(r"\s", "", clerk.words)
    assert sums(clerk)[:2] == [len(units), numbers[0]["n"]]
    page.goto(f"{base}/rosters/{MONTH}?view=list")
    roster = command_line(db, "roster", "show", "--month", MONTH)
    names = {f"{101 + at:04d}": name for at, name in enumerate(STAFF)}
    shown = sorted(page.locator("table.day-list tbody a").all_inner_texts())
    assert shown == sorted(names[one["person"]] for one in roster["assignments"])
    page.goto(f"{base}/")
    done = page.locator("main [data-step]").evaluate_all(
        "all => all.map(one => [one.dataset.step, one.dataset.state])"
    )
    states = dict(done)
    assert states.pop("plan") in ("done", "stale")  # the one who is ill may be of the plan
    assert set(states.values()) == {"done"}
