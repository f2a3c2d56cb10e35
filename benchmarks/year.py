"""Roster a whole year quarter by quarter, counters carried, check the year as one, and write RESULT.

    python benchmarks/year.py --out RESULT.json [--year Y] [--leaders N] [--officers N] [--seed N] [--work N]

The desk is that of `benchmarks/desk.py` (a leader a day; two officers by day and two by night; twice as many
in key periods), its days those of the year's calendar, with 8 % of all days as leave in blocks, drawn from
the seed. Each quarter is made the fairest for what was carried so far. Exit 0, 3 where a quarter has no
roster, 4 where the checker finds a fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import desk
from inputs import check_out, ended, number_of, whole_of, write

if TYPE_CHECKING:
    from auditor.roster.problem import RosterPerson, RosterProblem, Shift

BEGAN = time.monotonic() - time.process_time()
"""When the script began: what was imported until here took this process alone."""
ON_LEAVE = 0.08
"""The part of everybody's days that is leave."""
BLOCKS = (1, 2, 3, 5, 7, 10)
"""How many days on end somebody is on leave."""
POSTS = {
    "LD": {"role": "leader", "counts_as_night": False},
    "D": {"role": "officer", "counts_as_night": False},
    "N": {"role": "officer", "counts_as_night": True},
}
NEED = {"LD": 1, "D": 2, "N": 2}


def instance(year: int, leaders: int, officers: int, seed: int) -> dict[str, Any]:
    """Make a year's desk in the form that `desk.read` gives; leave alone comes from the seed."""
    from auditor.workflow.months import period_of

    days = period_of(date(year, 1, 1), date(year, 12, 31)).days
    chance = Random(seed)
    people = []
    for role, count in (("leader", leaders), ("officer", officers)):
        for number in range(count):
            away: set[int] = set()
            while len(away) < ON_LEAVE * len(days):
                first = chance.randrange(len(days))
                away.update(range(first, min(len(days), first + chance.choice(BLOCKS))))
            people.append({"id": f"{role[0].upper()}{number:02d}", "role": role, "leave": sorted(away)})
    return {
        "days": len(days),
        "holidays": [at for at, day in enumerate(days) if day.cls == "holiday"],
        "weekends": [at for at, day in enumerate(days) if day.cls == "weekend"],
        "people": people,
        "posts": POSTS,
        "demand": [
            {"day": at, "post": post, "need": need * (2 if day.key_period else 1)}
            for at, day in enumerate(days)
            for post, need in NEED.items()
        ],
        "min_days_between_starts": {"leader": 2, "officer": 3},
        "weights": {"holiday": 8, "weekend": 4, "night": 3, "total": 2},
    }


def by_quarters(
    part: RosterProblem, starts: Sequence[int], work: float
) -> tuple[list[tuple[Shift, RosterPerson]], list[dict[str, Any]]] | None:
    """Roster a part's year quarter by quarter; None where a quarter has no roster.

    Parameters
    ----------
    starts
        The first day of each quarter, and the day after the year.

    Returns
    -------
    All duties, and of each quarter its objective and a proven bound of it.
    """
    from auditor.roster.make import fairest
    from auditor.roster.objective import counted
    from auditor.roster.problem import Fixed

    people = part.people
    duties: list[tuple[Shift, RosterPerson]] = []
    told = []
    for first, end in pairwise(starts):
        shifts = tuple(shift for shift in part.shifts if first <= part.day(shift) < end)
        quarter = replace(part, shifts=shifts, people=people)
        shared = fairest(quarter, work=work)
        if shared is None:
            return None
        told.append({"objective": shared.value, "bound": shared.bound})
        duties += shared.duties
        counts = counted(quarter, shared.duties)
        people = tuple(
            replace(
                person,
                carried={name: counts[person.id, name] for name in person.carried},
                fixed=tuple(
                    Fixed(shift.start, shift.rested, shift.post.role)
                    for shift, who in shared.duties
                    if who.id == person.id
                ),
            )
            for person in people
        )
    return duties, told


def spreads(year: dict[str, Any], roster: dict[str, dict[str, str]]) -> dict[str, dict[str, list[int]]]:
    """Give by role and class the least and the greatest number of duties at the year's end."""
    totals = desk.totals(year, roster)
    found: dict[str, dict[str, list[int]]] = {}
    for role in sorted({row["role"] for row in year["people"]}):
        own = [totals[row["id"]] for row in year["people"] if row["role"] == role]
        found[role] = {
            name: [min(one[name] for one in own), max(one[name] for one in own)] for name in own[0]
        }
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Make, check, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--year", type=whole_of(2000, 2100), default=2026)
    parser.add_argument("--leaders", type=whole_of(1, 500), default=12)
    parser.add_argument("--officers", type=whole_of(1, 500), default=60)
    parser.add_argument("--seed", type=whole_of(0, 10**12), default=1)
    parser.add_argument("--work", type=number_of(0.01, 86_400), default=15.0)
    asked = parser.parse_args(words)
    return ended(lambda: run(asked))


def run(asked: argparse.Namespace) -> int:
    """Do what was asked; raises BadInstance."""
    check_out(asked.out)
    year = instance(asked.year, asked.leaders, asked.officers, asked.seed)
    duties = []
    quarters: list[dict[str, Any]] = []
    starts = [(date(asked.year, month, 1) - date(asked.year, 1, 1)).days for month in (1, 4, 7, 10)]
    for part in desk.problem_of(year).parts():
        made = by_quarters(part, [*starts, year["days"]], asked.work)
        if made is None:
            print(
                f"{part.posts[0].role}: no roster was found; lower the leave or raise --work", file=sys.stderr
            )
            return 3
        duties += made[0]
        quarters += [{"role": part.posts[0].role, **one} for one in made[1]]
    roster = desk.written(duties)
    wrong = list(desk.faults(year, roster))
    result = {
        "roster": roster,
        "objective": desk.objective(year, roster),
        "quarters": quarters,
        "spread": spreads(year, roster),
        "seconds": round(time.monotonic() - BEGAN, 2),
    }
    write(asked.out, result)
    print(json.dumps({key: value for key, value in result.items() if key != "roster"}, ensure_ascii=False))
    for line in wrong[:10]:
        print(f"fault: {line}")
    return 4 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
