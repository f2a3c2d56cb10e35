"""The figures of the whole loop, measured on this machine.

python benchmarks/loop.py                 times and memory of the commands
python benchmarks/loop.py seeds 12        plans of 12 seeds: gap, unplaced, departures, all checked
python benchmarks/loop.py capacity 200 21 4    who is left out where not all fit, in 200 draws of 21
                                               units with four half-days each: distances and noise
"""

from __future__ import annotations

import csv
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RUNS = 5


def command(*arguments: str) -> tuple[float, float]:
    """Run a command; give seconds and the peak memory of all children so far in MB."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "auditor", *arguments], check=False, capture_output=True)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def median(*arguments: str) -> str:
    """The median of some runs of a command."""
    times = sorted(command(*arguments)[0] for _ in range(RUNS))
    return f"{statistics.median(times):6.2f} s  ({times[0]:.2f}–{times[-1]:.2f}, N = {RUNS})"


def big_register(path: Path, count: int) -> None:
    """Write a register of so many rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["学校代码", "学校名称", "办学类型", "乡镇", "经度", "纬度", "学生数", "寄宿生数"])
        for at in range(count):
            writer.writerow(
                [
                    f"{at:010d}",
                    f"第{at}小学",
                    "小学",
                    f"{at % 40}镇",
                    105 + at % 97 / 97,
                    30 + at % 89 / 89,
                    at % 900,
                    0,
                ]
            )


def times() -> None:
    """Print the table of times."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo = ("demo", "--month", "2026-12", "--seed", "x", "--out", str(folder / "demo"))
        print("demo                         ", median(*demo), f" peak {command(*demo)[1]:.0f} MB")
        print("--help                       ", median("--help"))
        print(
            "units list (120)             ",
            median("units", "list", "--db", str(folder / "demo" / "bureau.db")),
        )
        big_register(folder / "big.csv", 20_000)
        spent = []
        for at in range(3):
            db = folder / f"{at}.db"
            spent.append(command("units", "import", str(folder / "big.csv"), "--db", str(db))[0])
        print(f"import of 20,000 rows, CSV    {statistics.median(spent):6.2f} s  (N = 3)")
        again = command("units", "import", str(folder / "big.csv"), "--db", str(folder / "0.db"))[0]
        print(f"the same file again           {again:6.2f} s  (N = 1)")

    from auditor.draw.probabilities import probabilities
    from auditor.draw.units import draw_pivotal

    points = {f"u{at:05d}": 2 + at % 7 for at in range(15_000)}
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        pi = probabilities(points, 900, 300_000)
        draw_pivotal(
            [{"id": unit, "stratum": f"s{int(unit[1:]) % 200}", "pi": one} for unit, one in pi.items()],
            bytes(32),
        )
        spent.append(time.perf_counter() - started)
    print(f"draw of 15,000 units          {statistics.median(spent):6.2f} s  (N = {RUNS})")


@contextmanager
def prepared(share: int | None = None) -> Iterator[Any]:
    """The synthetic county with its roster, ready to be drawn from again and again.

    `share` is how many half-days of each inspector a plan may use, where not the usual four.
    """
    from dataclasses import replace

    from auditor.roster.free import free_half_days
    from auditor.store import findings, staff, units
    from auditor.store.rosters import read_rosters
    from auditor.workflow import bureau, county, defaults, demo, draws
    from auditor.workflow.domains import load_all
    from auditor.workflow.duty import rosters
    from auditor.workflow.months import month_of

    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "demo"
        plugins = load_all()
        month = month_of("2026-12")
        request = demo.Request(out=out, month=month.key, seed="0")
        demo.run(request, plugins, lambda loop, folder: None)
        with bureau.opened(out / "bureau.db") as db:
            register, _notes = defaults.fill_units(units.read_units(db))
            inspectors = staff.read_inspectors(db)
            frame = draws.make_frame(register, findings.read_findings(db), plugins, month)
            roster = read_rosters(db)[month.key]
            free = free_half_days(
                rosters.pattern(inspectors, month), staff.read_leave(db), rosters.duties_of(roster)
            )
            ids = draws.neutral_ids(inspectors, 1)
            people = draws.make_staff(inspectors, free, ids, frame.units)
            people = tuple(replace(one, share=share or one.share) for one in people)
            n = demo.month_capacity(frame, inspectors, free, plugins, month, county.START).n

            def plan(seed: str, count: int = n) -> Any:
                from auditor.workflow import plans

                drawn = draws.draw(
                    frame,
                    people,
                    ids,
                    month,
                    n=count,
                    seed_text=seed,
                    programme_sha256="0" * 64,
                    domains=sorted(plugins.domains),
                )
                planned = plans.plan(
                    drawn, plugins, county.START, provisional=False, work=60.0, progress=lambda step: None
                )
                return drawn, planned

            yield plan


def seeds(count: int) -> None:
    """Print gap, unplaced and departures of plans of many seeds; each transcript is verified."""
    import json

    from auditor.draw.verify import verify
    from auditor.workflow.draws import close

    with prepared() as plan:
        for at in range(count):
            started = time.perf_counter()
            drawn, planned = plan(f"seed {at}")
            seconds = time.perf_counter() - started
            closed = close(drawn, planned.visits, planned.unplaced, planned.departures)
            failed, _told = verify(json.dumps(closed).encode(), closed["commit_sha256"], closed["plan_root"])
            assert failed == [], failed
            record = planned.record
            gap = record["objective_m"] - record["bound_m"]
            rules = sorted(one["rule"] for one in record["departures"])
            days = sum(one["of"] == "day" for one in record["departures"])
            print(
                f"seed {at:2d}: {len(drawn.units)} units, {len(record['visits'])} visits, "
                f"{len(planned.made.sorties)} sorties, gap {gap} m, unplaced {len(record['unplaced'])}, "
                f"days off their lot {days}, teams {len(rules) - days}, "
                f"{planned.made.status}, {seconds:.2f} s"
            )


def capacity(count: int, n: int, share: int) -> None:
    """Print how far units left out for capacity lie from the start, against those kept.

    Like is compared with like: units that need the same kinds of half-day. (Training centres, which
    lie in town, may go in the free afternoons and are never left out; a canteen needs a morning.)
    The standard error is the noise of the sample.
    """
    from auditor.plan.legs import great_circle_m
    from auditor.workflow import county, plans
    from auditor.workflow.domains import load_all

    plugins = load_all()
    far: dict[tuple[str, ...], dict[bool, list[float]]] = {}
    with prepared(share) as plan:
        for at in range(count):
            drawn, planned = plan(f"capacity {at}", n)
            units = drawn.frame.units
            points = plans.points_of(units, county.START)
            left = {one["unit"] for one in planned.unplaced if one["reason"] == "capacity"}
            screened = {one["unit"] for one in planned.unplaced} - left
            for unit in sorted(set(drawn.units) - screened):
                needs = plans.errands([units[unit]], drawn.frame.domains, plugins, points)
                kind = tuple(sorted("/".join(sorted(errand.arrivals)) for errand in needs))
                km = great_circle_m(county.START, points[unit]) / 1000
                far.setdefault(kind, {True: [], False: []})[unit in left].append(km)
            if at % 20 == 19:
                print(f"{at + 1} seeds …", file=sys.stderr, flush=True)
    total = sum(len(found[True]) for found in far.values())
    print(f"{total} units left out in {count} draws of {n} with {share} half-days each")
    weighted = variance = 0.0
    compared = 0
    for kind, found in sorted(far.items()):
        out, kept = found[True], found[False]
        told = f"{' + '.join(kind)}: {len(out)} left out, {len(kept)} kept"
        if len(out) > 1 and len(kept) > 1:
            difference = statistics.mean(out) - statistics.mean(kept)
            error2 = statistics.variance(out) / len(out) + statistics.variance(kept) / len(kept)
            weighted += len(out) * difference
            variance += len(out) ** 2 * error2
            compared += len(out)
            told += f"; left out lie {difference:+.2f} km farther (standard error {error2**0.5:.2f})"
        print(told)
    if compared:
        mean, error = weighted / compared, variance**0.5 / compared
        print(f"alike compared, left out lie {mean:+.3f} km farther, standard error {error:.3f} km")


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in ("seeds", "capacity"):
        {"seeds": seeds, "capacity": capacity}[sys.argv[1]](*map(int, sys.argv[2:]))
    else:
        times()
