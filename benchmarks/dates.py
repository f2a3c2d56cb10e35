"""Measure how near to uniform the dates of a fixed instance are over many lots.

    python benchmarks/dates.py INSTANCE [--draws N] [--no-even]

An instance is planned again and again, each time with another key for the lots; the bundling sees no
lot and stays. For each sortie the dates it had are compared with the uniform distribution over its
possible days (total variation: half the sum of absolute differences). So many uniform draws are no
uniform distribution either: what they differ by is the floor. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from random import Random

import visits

REPEATS = 200
"""So many times uniform draws are made up for the floor."""


def apart(dates: Sequence[str], days: Collection[str]) -> float:
    """Give the total variation between these dates and the uniform distribution over days, 0 to 1."""
    count = Counter(dates)
    return sum(abs(count[day] / len(dates) - 1 / len(days)) for day in sorted({*days, *dates})) / 2


def floor(draws: int, days: Collection[str], random: Random) -> float:
    """Give what so many uniform draws differ by on average."""
    some = sorted(days)
    return sum(apart(random.choices(some, k=draws), days) for _ in range(REPEATS)) / REPEATS


def main() -> int:
    """Plan an instance with many keys."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("instance", type=Path)
    words.add_argument("--draws", type=int, default=30)
    words.add_argument("--no-even", action="store_true")
    asked = words.parse_args()
    if asked.draws < 1:
        words.error("--draws must be at least 1")
    from auditor.plan.make import make_plan

    try:
        instance = visits.read(asked.instance)
    except visits.BadInstance as problem:
        words.error(str(problem))
    problem = visits.problem_of(instance, not asked.no_even)
    dates: dict[frozenset[str], list[str]] = defaultdict(list)
    possible: dict[frozenset[str], Collection[str]] = {}
    ranks = 0
    objectives = set()
    for number in range(asked.draws):
        made = make_plan(problem, visits.lots_of(problem, f"dates {number}".encode()))
        ranks += made.day_sum
        objectives.add(made.objective_m)
        for sortie in made.sorties:
            dates[sortie.units].append(made.days[sortie.key])
            possible[sortie.units] = made.lots[sortie.key].days
        print(f"{number + 1} of {asked.draws}", file=sys.stderr)
    random = Random(1)
    always = [units for units, some in dates.items() if len(some) == asked.draws]
    mean = sum(apart(dates[units], possible[units]) for units in always) / max(1, len(always))
    least = sum(floor(asked.draws, possible[units], random) for units in always) / max(1, len(always))
    print(
        json.dumps(
            {
                "draws": asked.draws,
                "sorties": len(always),
                "objectives_km": sorted(one / 1000 for one in objectives),
                "mean_day_rank": round(ranks / max(1, sum(map(len, dates.values()))), 3),
                "distance": round(mean, 3),
                "floor": round(least, 3),
                "above_floor": round(mean - least, 3),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
