"""How long a draw of 15,000 units takes with its probabilities, and what comes before and after it.

Run ``python benchmarks/draw.py``; prints seconds (median of 5) and the machine.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable

from auditor.draw.capacity import Need, capacity
from auditor.draw.probabilities import probabilities
from auditor.draw.units import draw_pivotal, reserve_order

RUNS = 5
UNITS, DRAWN, FLOOR = 15_000, 900, 300_000
KEY = bytes(32)


def median_s(work: Callable[[], object]) -> float:
    """Give the median of the seconds that a piece of work takes."""
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def main() -> None:
    """Print one line a piece of work."""
    points = {f"u{at:05d}": 2 + at % 23 for at in range(UNITS)}
    needs = {
        unit: [Need(slots=("afternoon", "morning"))] + [Need(slots=("evening",))] * (at % 3 == 0)
        for at, unit in enumerate(points)
    }
    room = {"morning": 900, "afternoon": 450, "evening": 450}

    def frame() -> list[dict[str, object]]:
        return [
            {"id": unit, "stratum": f"s{int(unit[1:]) % 200}", "pi": pi}
            for unit, pi in probabilities(points, DRAWN, FLOOR).items()
        ]

    units = frame()
    drawn = set(draw_pivotal(units, KEY))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; N = {RUNS}")
    for what, work in (
        ("its probabilities alone", lambda: probabilities(points, DRAWN, FLOOR)),
        ("draw with its probabilities (must 0.6)", lambda: draw_pivotal(frame(), KEY)),
        ("reserve order", lambda: reserve_order(units, drawn, KEY)),
        (
            "n from capacity",
            lambda: capacity(
                needs, lambda n: probabilities(points, n, FLOOR), usable=1_200, standing_by=room
            ),
        ),
    ):
        print(f"{UNITS:,} units, {what:<40} {median_s(work):6.2f} s")


if __name__ == "__main__":
    main()
