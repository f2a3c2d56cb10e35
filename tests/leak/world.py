"""A small made-up county for the tests of the leak test: visits by plain chance, no planner."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import numpy as np

from auditor.leak.records import Chances, County, Seen, Semester

TOWNS, IN_TOWN, DAYS = 6, 10, 40
UNITS = TOWNS * IN_TOWN


def county() -> County:
    """Six towns of ten units on a ring; two inspectors for each of the first four numbers."""
    random = Random(7)
    points = []
    for unit in range(UNITS):
        town = unit // IN_TOWN
        middle = (30.5 + 0.1 * np.sin(town * np.pi / 3), 105.2 + 0.1 * np.cos(town * np.pi / 3))
        points.append((middle[0] + random.uniform(-0.02, 0.02), middle[1] + random.uniform(-0.02, 0.02)))
    return County(
        units=tuple(f"u{unit:02d}" for unit in range(UNITS)),
        points=tuple(points),
        towns=tuple(f"t{unit // IN_TOWN}" for unit in range(UNITS)),
        strata=("all",) * UNITS,
        starts=((30.5, 105.2),) * UNITS,
        staff=tuple(f"p{who}" for who in range(8)),
    )


def semester(order: list[list[int]], *, random: Random, chance: float = 1.0) -> Semester:
    """One tour a day, in this order; the teams by chance among those that stand by."""
    first = date(2026, 9, 1)
    visits = []
    free = []
    for day in range(DAYS):
        people = tuple(sorted(random.sample(range(8), 4)))
        free.append({"morning": people})
        if day < len(order):
            team = tuple(sorted(random.sample(people, 2)))
            for at, unit in enumerate(order[day]):
                visits.append(Seen(day, "morning", 540 + 60 * at, unit, day, team, 0, (0, DAYS - 1)))
    return Semester(
        days=tuple(first + timedelta(days=day) for day in range(DAYS)),
        plan_of=(0,) * DAYS,
        visits=tuple(visits),
        draws=(Chances(0, DAYS - 1, np.full(UNITS, chance), fixed=False),),
        room=np.ones((UNITS, DAYS)),
        free=tuple(free),
    )


def by_lot(seed: int) -> Semester:
    """Every unit once, paired by chance, in an order by chance: nothing to learn but who is done."""
    random = Random(seed)
    units = list(range(UNITS))
    random.shuffle(units)
    pairs = [units[at : at + 2] for at in range(0, UNITS, 2)]
    return semester(pairs, random=random)


def sweep(seed: int) -> Semester:
    """Every unit once, town after town round the ring: whoever saw yesterday knows tomorrow."""
    random = Random(seed)
    start = random.randrange(TOWNS)
    order = []
    for step in range(TOWNS):
        town = (start + step) % TOWNS
        units = [town * IN_TOWN + at for at in range(IN_TOWN)]
        random.shuffle(units)
        order += [units[at : at + 2] for at in range(0, IN_TOWN, 2)]
    return semester(order, random=random)
