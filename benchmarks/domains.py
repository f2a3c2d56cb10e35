"""Measure what domains cost: loading, listing, scoring, checking bundles.

Run ``python benchmarks/domains.py``. Prints medians, the slowest run and N.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from auditor.checklists import scoring
from auditor.checklists.answers import Answer
from auditor.entities import Unit
from auditor.plugins import load_plugins
from auditor.plugins.bundles import BadBundle, keygen, pack, read_secret, unpack

PLUGINS = Path(__file__).parent.parent / "plugins"
DAY = date(2026, 12, 1)
WORDS = ("pass", "pass", "pass", "pass", "partly", "fail", "na", "not-checked")


def tell(what: str, step: Callable[[], object], runs: int) -> None:
    """Time a step some times."""
    times = []
    for _run in range(runs):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    print(f"{what:44} {statistics.median(times):6.3f} s  (slowest {max(times):.3f}, N = {runs})", flush=True)


def score_visits(count: int) -> Callable[[], None]:
    """Score `count` visits of the fire checklist whose answers are in memory."""
    domain = load_plugins(only_ours=True).domain("fire")
    unit = Unit(id="1", name="第一小学", kind="primary", boarders=120, canteen=True)
    chance = random.Random(1)
    visits = [
        {item.code: (Answer(answer=chance.choice(WORDS)),) for item in domain.items}
        for _visit in range(count)
    ]

    def step() -> None:
        for answers in visits:
            scoring.score(domain, unit, answers, on=DAY)

    return step


def alter_bundle(folder: Path, count: int) -> Callable[[], None]:
    """Check `count` bundles with one byte altered; all of them must be refused."""
    keygen(folder)
    files = {"fire.toml": (PLUGINS / "auditor_fire" / "fire.toml").read_bytes()}
    data = pack("auditor_fire2", "fire", "2026.3", "0.1.0", files, read_secret(folder))
    chance = random.Random(2)
    altered = []
    for at in chance.sample(range(len(data)), count):
        altered.append(data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :])

    def step() -> None:
        for one in altered:
            try:
                unpack(folder / "fire.zip", one)
            except BadBundle:
                continue
            raise AssertionError("an altered bundle was taken")

    return step


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    tell("12 domains load", lambda: load_plugins(only_ours=True), 5)
    listing = [sys.executable, "-m", "auditor", "plugins", "list", "--db", "none.db"]
    tell("plugins list", lambda: subprocess.run(listing, check=True, stdout=subprocess.DEVNULL), 5)
    tell("10,000 visits of the fire checklist scored", score_visits(10_000), 3)
    with tempfile.TemporaryDirectory() as name:
        tell("200 alterations of a bundle refused", alter_bundle(Path(name), 200), 3)


if __name__ == "__main__":
    main()
