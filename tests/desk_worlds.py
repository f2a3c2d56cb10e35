"""Bureaus to look at the desk with: empty, with a month's work in it, with names that break pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.store.units import put_units, read_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau, county, demo
from auditor.workflow.domains import load_all
from desk_client import NOW, county_in

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
