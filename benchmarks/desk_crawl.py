"""Follow every link of a desk of 15,000 units and send every form, having the work done that they begin.

    python benchmarks/desk_crawl.py [--units 15000] [--rosters 24] [--alike 3] [--visits 60] [--lang zh]

The bureau has two years of inspections and published rosters, and a draw with its sealed plan. Told are pages
and forms, what went wrong (5xx, dead links, unescaped names, scripts in pages, two main buttons), work that
ended without a word, the slowest pages in seconds of the server's process, and the machine's load. Exit 1
where something went wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests"), str(ROOT / "benchmarks")]

AT = datetime.fromisoformat("2026-12-08T09:00:00+08:00")
MONTH = "2027-01"
DRAWN = "2026-12-08T09:30:00+08:00"
LATEST = datetime.fromisoformat("2026-12-08T10:00:00+08:00")
LONGEST_S = 1200
"""So long a piece of work is waited for."""


def until_done(jobs: Any, lost: list[str]) -> Callable[[], None]:
    """Give a function that waits for the work at hand, and notes work that ended without a word."""

    number = 0

    def wait() -> None:
        nonlocal number
        began = time.monotonic()
        while jobs.running() is not None and time.monotonic() - began < LONGEST_S:
            time.sleep(0.1)
        while (job := jobs.job(number + 1)) is not None:
            number += 1
            if job.state in ("running", "lost"):
                lost.append(f"work {number}, {job.kind}: {job.state}")

    return wait


def main() -> int:
    """Make the bureau, crawl, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--units", type=int, default=15_000)
    parser.add_argument("--rosters", type=int, default=24)
    parser.add_argument("--visits", type=int, default=60, help="so many units are drawn")
    parser.add_argument("--alike", type=int, default=3, help="so many addresses of a kind")
    parser.add_argument("--lang", default="zh", choices=("zh", "en"))
    parser.add_argument("--db", type=Path, help="crawl a copy of this bureau's file instead of a made one")
    asked = parser.parse_args()

    from desk_pages import make_bureau

    from auditor.workflow import bureau
    from desk_client import desk_of
    from desk_crawling import crawl
    from desk_worlds import HOSTILE, draw_and_plan, name_badly
    from sealed import DECEMBER

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bureau.db"
        began = time.monotonic()
        if asked.db is not None:
            shutil.copy(asked.db, file)
        else:
            make_bureau(file, asked.units, rosters=asked.rosters, at=AT)
            text = DECEMBER.replace("2026-12", MONTH).replace("units = 9", f"units = {asked.visits}")
            draw_and_plan(file, text, MONTH, at=AT.isoformat(), drawn_at=DRAWN)
        with bureau.opened(file) as db:
            name_badly(db)
        print(f"made in {time.monotonic() - began:.0f} s", flush=True)
        client = desk_of(file, language=asked.lang, now=LATEST)
        lost: list[str] = []
        began = time.monotonic()
        done = crawl(
            client,
            forbidden=(HOSTILE, ' onfocus="x'),
            alike=asked.alike,
            after=until_done(client.desk.jobs, lost),
        )
        wrong = [*done.faults, *dict.fromkeys(lost)]
        print(f"{len(done.pages)} pages, {done.sent} forms in {time.monotonic() - began:.0f} s")
        for kind, seconds in sorted(done.seconds.items(), key=lambda one: -one[1])[:12]:
            print(f"{seconds:7.2f} s  {kind[:100]}")
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        print(f"load {load:.1f}")
        print("\n".join(wrong) or "nothing wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
