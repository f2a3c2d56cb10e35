"""Axe-core finds nothing of level A or AA on any page, light and dark; no page is wider than its screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk_browsing import browser_running, desk_running, library
from desk_client import desk_of
from desk_crawling import crawl, kind_of
from desk_worlds import demo_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOW = "2026-12-08T09:00:00+08:00"
LOOK = """
asked => axe.run(document, {runOnly: asked}).then(found => found.violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 2).map(node => node.html.slice(0, 150)).join(' | ')))
"""
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "target-size"]}
"""What another width and other colours can change."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A bureau with a month's work, and one address of every kind that links lead to."""
    library("playwright.sync_api")  # nothing is made for tests that skip
    db = demo_in(tmp_path_factory.mktemp("axe"))
    pages = {
        # of lists sorted otherwise, and of checklists, one is enough
        re.sub(r"\?(?!view).*|(?<=^/domains/).+", "", kind_of(address)): address
        for address in reversed(crawl(desk_of(db), send=False).pages)
    }
    assert len(pages) >= 30
    return db, list(pages.values())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium."""
    with browser_running() as found:
        yield found


@pytest.mark.parametrize(
    ("scheme", "width", "lang", "asked"),
    [
        pytest.param("light", 1280, "zh", EVERYTHING, id="light, everything"),
        pytest.param("dark", 360, "en", COLOURS, id="dark and small, colours and sizes"),
    ],
)
def test_axe_finds_nothing_on_any_page(
    world: tuple[Path, list[str]], browser: Browser, scheme: str, width: int, lang: str, asked: object
) -> None:
    """One page of every kind, over a bureau with a month's work in it."""
    db, addresses = world
    source = (Path(library("axe_playwright_python").__path__[0]) / "axe.min.js").read_text(encoding="utf-8")
    found: list[str] = []
    with desk_running(db, now=NOW, lang=lang) as url:
        base = url.partition("/?")[0]
        page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        page.goto(url)
        page.wait_for_url(f"{base}/")
        for address in addresses:
            page.goto(base + address)
            page.evaluate(source)
            found += [f"{address} {one}" for one in page.evaluate(LOOK, asked)]
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0 and "/print/" not in address:  # a sheet of A4 is as wide as it is
                found.append(f"{address} is {wide} px wider than the screen")
        page.close()
    assert "\n".join(found) == ""


def test_axe_would_find_something(browser: Browser) -> None:
    """A picture without words and pale letters are told."""
    source = (Path(library("axe_playwright_python").__path__[0]) / "axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page()
    page.set_content('<main><h1>a</h1><img src="x"><p style="color:#ddd;background:#fff">pale</p></main>')
    page.evaluate(source)
    found = " ".join(page.evaluate(LOOK, EVERYTHING))
    page.close()
    assert "image-alt" in found
    assert "color-contrast" in found
