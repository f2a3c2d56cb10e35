"""How long a draw takes, what comes before and after it, and how long a stranger needs to check it.

    python benchmarks/draw.py [--units N]
    python benchmarks/draw.py --exactness

The first makes a closed transcript of N units (15,000 unless told), without the solver, and measures the
draw and both verifiers on it. The second draws many times over and prints how exact the chances are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

# Instead of this folder, whose draw.py would hide the package draw of the tests.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from auditor.draw.canon import canon, digest
from auditor.draw.capacity import Need, capacity
from auditor.draw.commit import commit_record
from auditor.draw.forms import BALLS
from auditor.draw.frames import FrameUnit, field_record, frame_record
from auditor.draw.lots import domains_by_lot, keep_order, valid_teams, visit_id
from auditor.draw.prf import prf
from auditor.draw.probabilities import probabilities
from auditor.draw.seed import draw_key, seed_key
from auditor.draw.transcript import outcomes_done, transcript
from auditor.draw.units import draw_pivotal, reserve_order
from auditor.entities import Staff

ROOT = Path(__file__).resolve().parent.parent
VERIFIER = ROOT / "src" / "auditor" / "draw" / "verify.py"
PAGE = VERIFIER.with_suffix(".html")
FLOOR = 300_000
KEY = bytes(32)
DOMAINS = ("crowd", "dorms", "drowning", "fire", "food", "hazchem", "health", "security", "transport")
EACH, TEAM = 3, 2
SLOTS = (("afternoon", "14:30"), ("morning", "09:00"))
PLACED = 600
"""At most so many units are planned; a real plan of one month has no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is measured: units, how many are drawn, and what the figures must not pass."""

    units: int
    drawn: int
    strata: int
    runs: int
    draw_s: float | None = None
    python_s: float | None = None
    python_mb: float | None = None
    browser_s: float | None = None


def size_of(units: int) -> Size:
    """Give the size for a number of units; only two have bounds."""
    if units == 15_000:
        return Size(units=units, drawn=900, strata=200, runs=3, draw_s=0.6, python_s=1.2, browser_s=1.2)
    if units == 500_000:
        return Size(
            units=units, drawn=20_000, strata=2_000, runs=1,
            draw_s=16, python_s=18, python_mb=400, browser_s=17.5,
        )  # fmt: skip
    return Size(
        units=units, drawn=max(1, units * 6 // 100), strata=max(1, units // 75),
        runs=3 if units < 100_000 else 1,
    )  # fmt: skip


# --- A closed transcript ---------------------------------------------------------------------------


def make_points(size: Size) -> dict[str, int]:
    """Give risk points from 2 to 24."""
    return {f"校{at:06d}": 2 + at % 23 for at in range(size.units)}


def make_frame(points: Mapping[str, int], size: Size) -> list[dict[str, Any]]:
    """Give every unit its probability and its township."""
    return [
        {"id": unit, "stratum": f"镇{int(unit[1:]) * 7919 % size.strata:04d}", "pi": pi}
        for unit, pi in probabilities(points, size.drawn, FLOOR).items()
    ]


def make_staff(days: Sequence[str]) -> list[Staff]:
    """Give 80 people who hold three to six domains each and are there most half-days."""
    people = []
    for at in range(80):
        held = sorted({DOMAINS[(at * 5 + k * (1 + at % 4)) % len(DOMAINS)] for k in range(3 + at % 4)})
        free = [f"{day}/{slot}" for d, day in enumerate(days) for s, (slot, _) in enumerate(SLOTS)
                if (at + 3 * d + s) % 5]  # fmt: skip
        people.append(Staff(id=f"P{at:02d}", domains=tuple(held), free=tuple(sorted(free))))
    return people


def place(
    key: bytes, drawn: Sequence[str], days: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Plan one sortie a unit in the order of the lots: the first day and slot whose first team is free.

    Who finds none, or comes after the first ``PLACED``, is unplaced for `capacity`. A day that is not
    the lot is a departure for `people`. Gives visits, unplaced and departures.
    """
    people = make_staff(days)
    free = {one.id: frozenset(one.free) for one in people}
    busy: set[tuple[str, str]] = set()
    visits: list[dict[str, Any]] = []
    unplaced: list[dict[str, Any]] = []
    departures: list[dict[str, Any]] = []
    for unit in keep_order(key, drawn):
        inspected = domains_by_lot(key, unit, DOMAINS, EACH)
        record = {"unit": unit, "draw": "main", "domains": inspected}
        found: dict[str, Any] | None = None
        if len(visits) < PLACED:
            ordered = sorted(people, key=lambda one, u=unit: prf(key, "staff", u, one.id))
            for slot, start in SLOTS:
                rank, lot = 0, ""
                for day in sorted(days, key=lambda day, u=unit: prf(key, "day", u, day)):
                    there = [one for one in ordered if f"{day}/{slot}" in free[one.id]]
                    team = next(valid_teams(there, frozenset(inspected), TEAM), None)
                    if team is None:
                        continue
                    lot = lot or day
                    half_day = f"{day}/{slot}"
                    if not busy & {(half_day, one) for one in team}:
                        found = {"date": day, "slot": slot, "start": start, "team": list(team)}
                        break
                    rank += 1
                if found:
                    break
        if not found:
            unplaced.append({**record, "reason": "capacity", "evidence": ""})
            continue
        busy |= {(f"{found['date']}/{found['slot']}", one) for one in found["team"]}
        sortie = f"S{len(visits):04d}"
        visit = {"id": visit_id(key, unit, 0), **record, "source": "drawn", "sortie": sortie, "lead": unit}
        visits.append({**visit, **found})
        if rank:
            told = {"sortie": sortie, "of": "day", "lot": lot, "given": found["date"], "rank": rank}
            departures.append({**told, "rule": "people"})
    return visits, unplaced, departures


def make_transcript(size: Size) -> dict[str, Any]:
    """Make a closed transcript of one draw with plan, departures and outcomes."""
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    period = (first.isoformat(), last.isoformat())
    days = [day.isoformat() for day in (first + timedelta(days=k) for k in range(31)) if day.weekday() < 5]
    frame = frame_record(
        [
            FrameUnit(id=unit["id"], stratum=unit["stratum"], pi=unit["pi"], domains=DOMAINS)
            for unit in make_frame(make_points(size), size)
        ],
        DOMAINS,
    )
    field = field_record(make_staff(days), days)
    shares = [prf(KEY, "share", str(at)) for at in range(3)]
    commit = commit_record(
        level="standard",
        team=TEAM,
        floor=FLOOR,
        period=period,
        domains=DOMAINS,
        domains_each=EACH,
        programme_sha256="ab" * 32,
        tool="benchmarks/draw.py",
        draws=[
            {
                "key": "main",
                "method": "pivotal",
                "n": size.drawn,
                "from": period[0],
                "to": period[1],
                "frame_sha256": digest(canon(frame)),
            }
        ],
        field_sha256=digest(canon(field)),
        share_sha256=[digest(share) for share in shares],
        event={"what": "six balls", "at": "2026-11-30T10:00:00+08:00", "form": BALLS},
        fallback={"what": "six balls", "at": "2026-11-30T15:00:00+08:00", "form": BALLS},
        number=1,
        previous="0" * 64,
    )
    beacon = {"source": "event", "value": "3 1 4 1 5 9", "published_at": "2026-11-30T10:05:00+08:00"}
    key = seed_key(shares, digest(canon(commit)), beacon["value"])
    drawn = draw_pivotal(frame["units"], draw_key(key, "main"))
    visits, unplaced, departures = place(key, drawn, days)
    return transcript(
        commit=commit,
        frames={"main": frame},
        field=field,
        shares=shares,
        beacon=beacon,
        key=key,
        drawn={"main": drawn},
        plan=visits,
        unplaced=unplaced,
        departures=departures,
        outcomes=outcomes_done(visits, ""),
    )


# --- Measuring -------------------------------------------------------------------------------------


def times_s(work: Callable[[], object], runs: int) -> list[float]:
    """Give the seconds that a piece of work takes each time."""
    spent = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return spent


LAUNCH = """
import os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
said = child.stdout.read()
_, status, used = os.wait4(child.pid, 0)
spent = time.perf_counter() - began
peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(spent, used.ru_utime, peak, flush=True)
sys.stdout.buffer.write(said)
"""
"""Runs a command from a small process: a child's peak memory counts that of the process it came from."""


def verify_s(file: Path, commit: str, plan_root: str) -> tuple[float, float, float]:
    """Verify a file as a stranger does; gives seconds, seconds of processor in user mode, and peak MB."""
    command = [sys.executable, str(VERIFIER), str(file), commit, plan_root]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCH, *command], capture_output=True, text=True, check=True
    )
    measured, said, *_ = done.stdout.splitlines()
    if said != "OK":
        raise SystemExit(f"the transcript made here is refused: {done.stdout}")
    wall, user, peak = map(float, measured.split())
    return wall, user, peak


PICKED = """(async () => {
    const bytes = new Uint8Array(await document.querySelector("#benchmark").files[0].arrayBuffer());
    const began = performance.now();
    const found = window.verifyDraw(bytes, COMMIT, PLAN_ROOT, null);
    return [(performance.now() - began) / 1000, found.ok, found.failed, found.told];
})()"""


def browser_s(file: Path, commit: str, plan_root: str, runs: int) -> list[float] | str:
    """Verify a file in the page, each time in a new tab; gives the seconds, or why there are none."""
    if shutil.which("chromium") is None:
        return "no Chromium"
    if not PAGE.exists() or not (ROOT / "tests" / "browser.py").exists():
        return "not there"
    from browser import Browser  # its pytest takes time that the others shall not pay

    script = PICKED.replace("COMMIT", json.dumps(commit)).replace("PLAN_ROOT", json.dumps(plan_root))
    spent = []
    with tempfile.TemporaryDirectory() as profile, Browser(Path(profile), timeout_s=300) as browser:
        for _ in range(runs):
            page = browser.open(PAGE.as_uri())
            page.evaluate(
                "document.body.append(Object.assign(document.createElement('input'),"
                " {id: 'benchmark', type: 'file'}))"
            )
            page.set_files("#benchmark", file)
            seconds, passed, failed, _told = page.evaluate(script)
            if not passed:
                raise SystemExit(f"the transcript made here is refused by the page: {failed}")
            spent.append(float(seconds))
    return spent


def loop_s() -> float:
    """Give the seconds of ten million empty steps, which say how busy the machine is."""

    code = compile("for step in range(10_000_000): pass", "loop", "exec")
    return min(times_s(lambda: exec(code, {}), 3))


def line(what: str, values: Sequence[float], unit: str, must: float | None) -> str:
    """Write one line of the table."""
    middle, worst = statistics.median(values), max(values)
    bound = "" if must is None else f"{must:g}"
    verdict = "" if must is None else "ok" if middle <= must else "MISSED"
    return f"{what:<44} {middle:8.2f} {worst:8.2f} {unit:<3} {bound:>6} {verdict}"


def measure(size: Size) -> None:
    """Print the table of one size."""
    points = make_points(size)
    frame = make_frame(points, size)
    drawn = set(draw_pivotal(frame, KEY))
    needs = {
        unit: [Need(slots=("afternoon", "morning"))] + [Need(slots=("evening",))] * (at % 3 == 0)
        for at, unit in enumerate(points)
    }
    room = {"morning": size.drawn, "afternoon": size.drawn // 2, "evening": size.drawn // 2}

    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"N = {size.runs}; ten million empty steps {loop_s():.2f} s"
    )
    print(f"{size.units:,} units, {size.drawn:,} drawn, {size.strata:,} strata")
    print(f"{'':<44} {'median':>8} {'slowest':>8} {'':<3} {'must':>6}")
    for what, work, must in (
        ("probabilities alone", lambda: probabilities(points, size.drawn, FLOOR), None),
        ("draw with probabilities", lambda: draw_pivotal(make_frame(points, size), KEY), size.draw_s),
        ("reserve order", lambda: reserve_order(frame, drawn, KEY), None),
        (
            "n from capacity",
            lambda: capacity(
                needs,
                lambda n: probabilities(points, n, FLOOR),
                usable=size.drawn * 4 // 3,
                standing_by=room,
            ),
            None,
        ),
    ):
        began = time.process_time()
        text = line(what, times_s(work, size.runs), "s", must)
        print(f"{text}   (processor {(time.process_time() - began) / size.runs:.2f} s)", flush=True)

    whole = make_transcript(size)
    data = canon(whole)
    commit, plan_root = str(whole["commit_sha256"]), str(whole["plan_root"])
    counts = {name: len(whole[name]) for name in ("plan", "unplaced", "departures")}
    del whole
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draw.json"
        file.write_bytes(data)
        print(line("transcript", [len(data) / 10**6], "MB", None))
        del data
        runs = [verify_s(file, commit, plan_root) for _ in range(size.runs)]
        walls, users, peaks = zip(*runs, strict=True)
        print(line("verify.py", walls, "s", size.python_s))
        print(line("verify.py, processor in user mode", users, "s", None))
        print(line("verify.py, peak memory", peaks, "MB", size.python_mb), flush=True)
        in_page = browser_s(file, commit, plan_root, size.runs)
        if isinstance(in_page, str):
            print(f"{'verify.html':<44} {in_page}")
        else:
            print(line("verify.html in Chromium", in_page, "s", size.browser_s))
    print(
        f"The file: one pivotal draw without domains of its own units, {counts['plan']:,} units planned by "
        f"greedy lots (one sortie each, {counts['departures']:,} days off their lot), "
        f"{counts['unplaced']:,} unplaced for capacity."
    )


def print_exactness() -> None:
    """Print the figures of tests/draw/test_exactness.py with many more draws."""
    from draw.test_exactness import REPORT, clerk

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    for what, work in REPORT.items():
        began = time.perf_counter()
        found = work()
        told = ", ".join(f"{one:.4f}" if isinstance(one, float) else str(one)
                         for one in (found if isinstance(found, tuple) else (found,)))  # fmt: skip
        print(f"{what:<44} {told}   ({time.perf_counter() - began:.0f} s)", flush=True)
    print("Neighbours: ratio and its standard error. Clerk: the friend's chance, spared, picked.")
    print(" ".join(str(clerk.__doc__).split()))


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=15_000)
    parser.add_argument("--exactness", action="store_true")
    asked = parser.parse_args()
    if asked.exactness:
        print_exactness()
    else:
        measure(size_of(asked.units))


if __name__ == "__main__":
    main()
