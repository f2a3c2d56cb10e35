"""Every link and every form of the desk: nothing leads nowhere, nothing breaks, nothing is unescaped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from desk.crawling import Reader, crawl, kind_of

from auditor.store.units import put_units, read_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau, county, demo
from auditor.workflow.domains import load_all
from desk_client import NOW, county_in, desk_of

HOSTILE = "<script>alert(1)</script>"


def demo_in(folder: Path) -> Path:
    """A bureau with everything of a month: units, staff, a draw, a plan, a roster."""
    out = folder / "demo"
    demo.run(demo.Request(out=out, month="2026-12", seed="crawl"), load_all(), lambda _loop, _out: None)
    return out / "bureau.db"


def fresh_in(folder: Path) -> Path:
    """A bureau of which nothing but the name is known."""
    path = folder / "bureau.db"
    bureau.init(path, county.NAME, county.START, NOW)
    return path


def hostile_in(folder: Path) -> Path:
    """A bureau whose units are named to break pages."""
    path = county_in(folder / "bureau.db")
    with bureau.opened(path) as db, write_tx(db, "units set", NOW) as tx:
        units = read_units(db)[:4]
        names = (HOSTILE, "\u202eالمدرسة", "长" * 300, '" onfocus="x')
        put_units(tx, [replace(one, name=name) for one, name in zip(units, names, strict=True)])
    return path


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("make", [fresh_in, demo_in, hostile_in])
def test_every_link_leads_somewhere_and_every_form_is_answered(
    make: Callable[[Path], Path], language: str, tmp_path: Path
) -> None:
    """No dead link, no 5xx, no script or style in a page, one main button, no name that is a tag."""
    path = make(tmp_path)
    done = crawl(desk_of(path, language=language), forbidden=(HOSTILE, ' onfocus="x'))
    assert "\n".join(done.faults) == ""
    assert len(done.pages) >= 8
    assert done.sent >= 3


def test_the_crawl_sees_what_is_wrong() -> None:
    """A style, a handler, an inline script and a second main button are told."""
    reader = Reader()
    reader.feed('<p style="x"><a class="button main" href="/a" onclick="x"></a><script>1</script>')
    assert reader.unsafe == ["p style", "a onclick", "inline script"]
    reader.feed('<button class="button main"></button>')
    assert reader.mains == 2
    assert kind_of("/units/99%2F1?lang=zh&q=a") == "/units/*?q"
