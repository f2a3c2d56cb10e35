"""Measure the plan: a county of 30 visits and 12 inspectors on stand-by; run it by hand.

Prints seconds, metres with their bound, and departures for each seed. Lots are a plain hash here.

    python benchmarks/plan.py [SEEDS]
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

# Instead of this folder, whose plan.py would hide the package plan of the tests.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from auditor.plan.check import check_plan
from auditor.plan.make import make_plan
from plan.world import county, facts_of, fake_lots, record_of


def main(seeds: int) -> None:
    """Plan one county a seed and print a line for each."""
    for seed in range(seeds):
        problem = county(seed, units=24)
        began = time.perf_counter()
        made = make_plan(problem, fake_lots(problem, seed))
        planned = time.perf_counter()
        breaches = check_plan(record_of(problem, made), facts_of(problem, made), made.lots)
        checked = time.perf_counter()
        of = [one.of for one in made.departures]
        gap = made.objective_m - made.bound_m
        print(
            f"seed {seed}: {len(problem.errands)} visits, {len(made.sorties)} sorties, "
            f"{made.objective_m} m, gap {gap} m, {made.status}, {len(made.unplaced)} unplaced, "
            f"{of.count('day')} days and {of.count('team')} teams off their lot, "
            f"{planned - began:.2f} s, check {checked - planned:.2f} s, {len(breaches)} breaches"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
