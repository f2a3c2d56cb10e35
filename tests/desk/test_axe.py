"""Axe-core finds nothing of level A or AA on any page, light and dark; no page is wider than its screen.

The pages of a plan whose key has a password are looked at in `test_days.py`, where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk_browsing import COLOURS, EVERYTHING, browser_running, desk_running, faults_on, library
from desk_client import desk_of
from desk_crawling import crawl, kind_of
from desk_worlds import demo_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOW = "2026-12-08T09:00:00+08:00"


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
    found: list[str] = []
    with desk_running(db, now=NOW, lang=lang) as url:
        base = url.partition("/?")[0]
        page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        page.goto(url)
        page.wait_for_url(f"{base}/")
        for address in addresses:
            page.goto(base + address)
            found += [
                f"{address} {one}"
                for one in faults_on(page, asked)
                if "/print/" not in address or "wider" not in one  # a sheet of A4 is as wide as it is
            ]
        page.close()
    assert "\n".join(found) == ""


def test_axe_would_find_something(browser: Browser) -> None:
    """A picture without words and pale letters are told."""
    page = browser.new_page()
    page.set_content('<main><h1>a</h1><img src="x"><p style="color:#ddd;background:#fff">pale</p></main>')
    found = " ".join(faults_on(page, EVERYTHING))
    page.close()
    assert "image-alt" in found
    assert "color-contrast" in found
