"""A real browser on a real desk: Playwright, the Chromium of the system, a clerk whose clicks are counted."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOK = """
asked => axe.run(document, {runOnly: asked}).then(found => found.violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 2).map(node => node.html.slice(0, 150)).join(' | ')))
"""
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "target-size"]}
"""What another width and other colours can change."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@contextmanager
def desk_running(db: Path, *, now: str, lang: str = "zh") -> Iterator[str]:
    """Start the desk as its launcher does; give the address with its key."""
    command = [sys.executable, "-m", "auditor", "desk", "--db", str(db), "--no-open", "--json", "--now", now]
    with subprocess.Popen(
        [*command, "--lang", lang], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "AUDITOR_LANG": lang},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()
            process.wait(timeout=20)


def library(name: str) -> Any:
    """Give a library that only tests in a browser need; skips without it, or fails where it must be there."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("AUDITOR_REQUIRE_CHROMIUM"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed: the desk is not looked at in a browser")


def faults_on(page: Page, asked: object) -> list[str]:
    """What axe-core finds on a page, and whether it is wider than its screen."""
    if not page.evaluate("'axe' in window"):
        source = Path(library("axe_playwright_python").__path__[0]) / "axe.min.js"
        page.evaluate(source.read_text(encoding="utf-8"))
    found = [str(one) for one in page.evaluate(LOOK, asked)]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"is {wide} px wider than the screen"] if wide > 0 else [])]


@contextmanager
def browser_running() -> Iterator[Browser]:
    """Start Chromium; skips where it or Playwright is not installed, and fails where it must be there."""
    where = chromium_path()
    sync_playwright = library("playwright.sync_api").sync_playwright
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=where, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Clerk:
    """Somebody at the desk who only clicks and types; `clicks` and `typed` are counted, and errors kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.typed = 0
        self.errors: list[str] = []
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        page.on("response", self._answered)

    def _heard(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.errors.append(str(getattr(message, "text", "")))

    def _answered(self, response: object) -> None:
        if int(getattr(response, "status", 200)) >= 400:
            self.errors.append(f"{getattr(response, 'status', '')} {getattr(response, 'url', '')}")

    def click(self, selector: str) -> None:
        """Click what a selector finds first, and wait until a page stands."""
        self.clicks += 1
        self.page.locator(f"main {selector}").first.click()
        self.page.wait_for_load_state()

    def head(self, selector: str) -> None:
        """Click a link of the header: the bureau's name leads home, the others into rooms."""
        self.clicks += 1
        self.page.locator(f"header {selector}").first.click()
        self.page.wait_for_load_state()

    def press(self, text: str) -> None:
        """Click a button or link by its words."""
        self.clicks += 1
        words = re.compile(text)
        self.page.get_by_role("button", name=words).or_(
            self.page.get_by_role("link", name=words)
        ).first.click()
        self.page.wait_for_load_state()

    def type(self, selector: str, text: str) -> None:
        """Answer a field by typing."""
        self.typed += 1
        self.page.locator(selector).first.fill(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose from a list: one click."""
        self.clicks += 1
        self.page.locator(selector).first.select_option(value)

    def drop(self, selector: str, file: Path) -> None:
        """Drop a file: one click; what follows by itself is waited for."""
        self.clicks += 1
        self.page.locator(selector).first.set_input_files(str(file))
        self.page.wait_for_load_state()

    def work_done(self, seconds: float = 180) -> None:
        """Wait on the page of long work until it has ended and its result is shown."""
        self.page.locator("#job[hx-get]").wait_for(state="detached", timeout=seconds * 1000)
        self.page.wait_for_load_state()

    @property
    def words(self) -> str:
        """The words of the page's main part."""
        return str(self.page.locator("main").inner_text())
