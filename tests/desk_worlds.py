"""Bureaus to look at the desk with: empty, with a month's work in it, with names that break pages, large."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import sealed
from auditor.store import Database
from auditor.store.records import put_settings
from auditor.store.units import put_units, read_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau, county, demo
from auditor.workflow.domains import load_all
from desk_client import NOW, county_in

MANY = 15_000
BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
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
    with bureau.opened(path) as db:
        name_badly(db)
    return path


def name_badly(db: Database) -> None:
    """Give the first units of a bureau names that break pages."""
    with write_tx(db, "units set", NOW) as tx:
        units = read_units(db)[:4]
        names = (HOSTILE, "\u202eالمدرسة", "长" * 300, '" onfocus="x')
        put_units(tx, [replace(one, name=name) for one, name in zip(units, names, strict=True)])


def draw_and_plan(path: Path, programme: str, month: str, *, at: str, drawn_at: str, work: int = 1) -> None:
    """Keep a programme in a bureau at level simple, draw it by six balls, and plan it."""
    desk = object.__new__(sealed.Bureau)
    desk.folder, desk.db, desk.now, desk.calls = path.parent, path, at, 0
    desk.programme(programme)
    desk.ok("draw", "freeze", "--programme", month)
    desk.ok("draw", "commit", 1)
    desk.now = drawn_at
    desk.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    desk.ok("plan", "make", "--programme", month, "--work", work)


def large_bureaus() -> Any:
    """Give the script that makes large bureaus to measure pages with."""
    if str(BENCHMARKS) not in sys.path:
        sys.path.append(str(BENCHMARKS))
    return importlib.import_module("desk_pages")


def large_in(folder: Path) -> Path:
    """A bureau of 15,000 units, some named badly, with two years of inspections, a draw, a plan, a roster."""
    desk_pages = large_bureaus()
    path = demo_in(folder)
    with bureau.opened(path) as db:
        desk_pages.multiply(db, MANY, NOW)
        desk_pages.add_records(db, 24, NOW)
        with write_tx(db, "settings", NOW) as tx:
            put_settings(tx, {"name": "青石市教育局"})
        name_badly(db)
    return path
