"""Axe-core finds nothing of level A or AA on any page, light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk_browsing import browser_running, desk_running, library
from desk_client import desk_of
from desk_crawling import crawl, kind_of
from desk_worlds import demo_in

NOW = "2026-12-08T09:00:00+08:00"
LOOK = """
tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(found => found.violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 2).map(node => node.html.slice(0, 150)).join(' | ')))
"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_source() -> str:
    """The text of axe-core, as the package that brings it to Python has it; skips without it."""
    return (Path(library("axe_playwright_python").__path__[0]) / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(("scheme", "width", "lang"), [("light", 1280, "zh"), ("dark", 360, "en")])
def test_axe_finds_nothing_on_any_page(scheme: str, width: int, lang: str, tmp_path: Path) -> None:
    """One page of every kind that links lead to, over a bureau with a month's work in it."""
    db = demo_in(tmp_path)
    pages = {kind_of(address): address for address in reversed(crawl(desk_of(db)).pages)}
    source = axe_source()
    with browser_running() as browser, desk_running(db, now=NOW, lang=lang) as url:
        base = url.partition("/?")[0]
        context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.goto(url)
        page.wait_for_url(f"{base}/")
        found = []
        for address in pages.values():
            page.goto(base + address)
            page.evaluate(source)
            answer = page.evaluate(LOOK, TAGS)
            found += [f"{address} {one}" for one in answer]
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0 and "/print/" not in address:  # a sheet of A4 is as wide as it is
                found.append(f"{address} is {wide} px wider than the screen")
    assert "\n".join(found) == ""
    assert len(pages) >= 12
