"""A better roster step by step: a few people get new schedules together, the others keep theirs.

The people of a neighbourhood are priced, relaxed and chosen among like a roster of their own, from the
cover that the others leave. Neighbourhoods start small; they grow while they are solved to the end and
shrink when they are not.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from auditor.roster.shifts.choosing import choose, worth
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.ground import Ground
from auditor.roster.shifts.master import NEARLY, Master
from auditor.roster.shifts.pricing import Pricer
from auditor.roster.shifts.staffing import OFF, Schedule
from auditor.roster.shifts.windows import window

FEWEST = 3
TARGET = 3.0
"""By the clock, seconds for pricing the people of a neighbourhood, and as many for choosing."""
BORN = 0.5
"""Part of the neighbourhoods that grow around a cell that costs something."""


WHOLE, WINDOW = 0, 1
LEAST, MEMORY = 0.05, 0.85
"""Either kind is tried at least so often; what it gained is forgotten by this much."""
LONG = 60
"""In periods of more days than this the search begins with windows."""
SHORTEST = 21
"""Days of a period from which on there are windows."""
LENGTHS = (2, 2, 3, 4)
"""Weeks of a window."""
EASY, HARD, GROWTH = 400, 1_200, 1.1
"""With fewer schedules than EASY a neighbourhood was small, with more than HARD large."""
KNOWN = 40
"""Known schedules of each person that a neighbourhood begins with."""


class Pool:
    """Schedules of each person that were found so far, for the next neighbourhoods to begin with."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        self._of: dict[int, dict[Schedule, None]] = {}

    def add(self, columns: Iterable[tuple[int, Schedule]]) -> None:
        """Remember schedules; the oldest are forgotten."""
        for one, schedule in columns:
            own = self._of.setdefault(one, {})
            own.pop(schedule, None)
            own[schedule] = None
            while len(own) > self._most:
                del own[next(iter(own))]

    def of(self, one: int) -> list[Schedule]:
        """The schedules of a person, the latest first."""
        return list(reversed(self._of.get(one, {})))


class Search:
    """Improves `rows` in steps."""

    def __init__(self, ground: Ground, pricer: Pricer, rows: list[Schedule], seed: int = 1) -> None:
        self.ground, self.rows = ground, list(rows)
        self.cost = ground.cost(rows)
        self.pool = Pool()
        self.sizes = [float(min(len(rows), 6)), float(min(len(rows), 16))]
        self._pricer = pricer
        self._changed: dict[int, Schedule] = {}
        far = ground.staffing.days > LONG
        self._gains = [0.02 if far else 0.2, 0.2]
        self._chance = np.random.Generator(np.random.PCG64(seed))

    def join(self, rows: list[Schedule]) -> None:
        """Go on from another roster, with what the last step changed if that is cheaper there too."""
        with_ours = [self._changed.get(one, schedule) for one, schedule in enumerate(rows)]
        theirs, both = self.ground.cost(rows), self.ground.cost(with_ours)
        if min(theirs, both) < self.cost:
            self.rows, self.cost = (list(rows), theirs) if theirs <= both else (with_ours, both)

    def step(self, clock: Clock, seconds: float = TARGET) -> bool:
        """Try one neighbourhood; gives whether the roster became cheaper."""
        self._changed = {}
        days = self.ground.staffing.days
        chance = LEAST + (1 - 2 * LEAST) * self._gains[WINDOW] / max(1e-9, sum(self._gains))
        kind = WINDOW if days >= SHORTEST and self._chance.random() < chance else WHOLE
        people = self._few(kind)
        pricer, cut = self._pricer, None
        if kind == WINDOW:
            weeks = int(self._chance.choice(LENGTHS))
            week = int(self._chance.integers(0, max(1, -(-days // 7) - weeks + 1)))
            cut = window(self.ground, self.rows, people, week, weeks)
            pricer = Pricer(cut.ground.staffing)
            master = Master(cut.ground, cut.ground.people)
            master.restrict(cut.rules, {})
            now = dict(enumerate(cut.rows))
        else:
            rows = [self.rows[one] for one in people]
            there = self.ground.there(self.rows) - self.ground.there(rows)
            master = Master(self.ground, people, there)
            now = dict(zip(people, rows, strict=True))
        for one, schedule in now.items():
            master.add(one, [schedule])
            if kind == WHOLE:
                master.add(one, self.pool.of(one)[:KNOWN])
        before = worth(master, now)
        part = clock.sooner(seconds)
        solved = master.generate(pricer, part, several=3, target=before)
        if kind == WHOLE:
            self.pool.add(master.columns)
        self._resize(kind, GROWTH if solved and len(master.columns) < EASY else 1.0)
        self._resize(kind, 1 / GROWTH if not solved or len(master.columns) > HARD else 1.0)
        if master.bound is not None and master.bound >= before:
            self._learn(kind, 0, len(master.columns))
            return False
        new = choose(master, now, before - master.value + NEARLY, clock, seconds=seconds, nodes=300)
        gain = before - worth(master, new)
        self._learn(kind, gain, len(master.columns))
        if gain <= 0:
            return False
        if cut is not None:
            new = {
                people[one]: (
                    *self.rows[people[one]][: cut.first],
                    *schedule,
                    *self.rows[people[one]][cut.first + len(schedule) :],
                )
                for one, schedule in new.items()
            }
        self._changed = new
        for one, schedule in new.items():
            self.rows[one] = schedule
        self.cost -= gain
        return True

    def _learn(self, kind: int, gain: int, columns: int) -> None:
        """Remember what a kind of neighbourhood gained beside its work."""
        self._gains[kind] = MEMORY * self._gains[kind] + (1 - MEMORY) * max(0, gain) / columns

    def _resize(self, kind: int, times: float) -> None:
        size = self.sizes[kind] * times
        self.sizes[kind] = min(float(len(self.rows)), max(float(FEWEST), size))

    def _few(self, kind: int) -> list[int]:
        """Draw the people of a neighbourhood: anyone, or those who work beside a cell that costs."""
        size = min(len(self.rows), max(FEWEST, round(self.sizes[kind])))
        chances = np.ones(len(self.rows))
        if self._chance.random() < BORN:
            ground = self.ground
            gap = ground.need - ground.there(self.rows)
            dear = np.maximum(gap, 0) * ground.under + np.maximum(-gap, 0) * ground.over
            if dear.sum() > 0:
                at = int(self._chance.choice(dear.size, p=dear.ravel() / dear.sum()))
                day, shift = divmod(at, dear.shape[1])
                for one, schedule in enumerate(self.rows):
                    most = ground.staffing.workers[one].most[shift]
                    around = schedule[max(0, day - 1) : day + 2]
                    chances[one] += (3.0 if most > 0 else 0.0) + (3.0 if OFF in around else 0.0)
        drawn = self._chance.choice(len(self.rows), size, replace=False, p=chances / chances.sum())
        return sorted(int(one) for one in drawn)
