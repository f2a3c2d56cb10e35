"""What each sortie may be given instead of what it has, cheapest change first.

Costs are compared from their weightiest part on. This order does not change when the same is added
on both sides, so what a choice costs above the least of its own sortie (its *excess*) is at most what
a whole repair costs above the sum of all least costs. That is how choices are left out with proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from auditor.entities import Sortie
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem

Cost = tuple[int, ...]
"""What a repair costs, weightiest part first: visits left out (see `lost`), sorties moved, seats."""
LOST, ORDERS, PLACES, MOVES, SEATS = 5, 5, 6, 7, 8
"""How many parts count visits left out; which parts tell later orders from earlier ones among those,
their places by lot, date moves and seats.
"""
NOTHING: Cost = (0,) * (SEATS + 1)
"""What it costs that nothing changes."""


def lost(visits: int, *, stood: bool, ordered: bool, waits: bool, order: int = 0, place: int = 0) -> Cost:
    """Give what it costs to leave a sortie out.

    The weightiest are visits that somebody ordered and that stood, then those ordered now, then drawn ones
    that stood, then what waits since an earlier repair or has never had a day, ordered ones first: what
    stands makes no room for what waits, and only drawn visits make room for an order.

    Parameters
    ----------
    visits
        How many it holds.
    order, place
        Of equally many visits those with less of both together are left out.
    """
    if ordered:
        part = 0 if stood else 3 if waits else 1
    else:
        part = 2 if stood else 4
    counts = [0] * LOST
    counts[part] = visits
    return (*counts, order, place, 0, 0)


def changed(moves: int, seats: int) -> Cost:
    """Give what it costs that days and people in teams change."""
    return (*NOTHING[:MOVES], moves, seats)


ONE_SEAT = changed(0, 1)
"""What it costs that one person in one team changes."""

NO_DAY, NO_SKILL, NO_TEAM, CAPACITY = "no-day", "no-skill", "no-team", "capacity"
"""Why a sortie is left out: no day is open to it; nobody holds a domain of it; no day has a team that
could go; teams and days there are, and the rules do not let it have one beside the others.
"""


def plus(one: Cost, other: Cost) -> Cost:
    """Add two costs."""
    return tuple(x + y for x, y in zip(one, other, strict=True))


def minus(one: Cost, other: Cost) -> Cost:
    """Take one cost from another."""
    return tuple(x - y for x, y in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A day and team that a sortie may be given, and what that costs; without `given` it is left out."""

    given: Given | None
    cost: Cost


class FreeStaff:
    """Who is free in which half-day, those who are absent left out."""

    def __init__(self, problem: PlanProblem, absent: Mapping[str, Collection[str]]) -> None:
        there: dict[str, list[str]] = defaultdict(list)
        for one in sorted(problem.staff, key=lambda one: one.id):
            away = set(absent.get(one.id, ()))
            for half_day in one.free:
                if half_day not in away:
                    there[half_day].append(one.id)
        self._there = {half_day: tuple(names) for half_day, names in there.items()}

    def on(self, day: str, slot: str) -> Sequence[str]:
        """Give who is free in a half-day, sorted."""
        return self._there.get(f"{day}/{slot}", ())


class Changes:
    """All days and teams that are open to one sortie by itself, whatever the others are given.

    Parameters
    ----------
    before
        What it was given; None for a new sortie, which moves nothing and changes no seat.
    only
        The one day that it must have, or "".
    since
        The first day that it may be given anew; it may stay on an earlier one.
    left_out
        What it costs not to place it.
    """

    def __init__(
        self,
        problem: PlanProblem,
        sortie: Sortie,
        before: Given | None,
        free: FreeStaff,
        *,
        only: str = "",
        since: str = "",
        left_out: Cost,
    ) -> None:
        self.sortie, self.before, self.left_out = sortie, before, left_out
        self._free = free
        self._size = len(before.team) if before else problem.team
        wanted = sorted({key for stop in sortie.stops for key in stop.domains})
        self._wanted = (1 << len(wanted)) - 1
        self._held = _held(problem, sortie, wanted)
        days = [day for day in _open_days(problem, sortie) if only in ("", day)]
        own = before.day if before else ""
        self._stay = [day for day in days if day == own]
        self._other = [day for day in days if day != own and day >= since]
        self.least = next((self._cost(*one) for one in self._classes() if self._any(*one)), left_out)

    @property
    def stays(self) -> bool:
        """Whether it may keep what it has."""
        return self.before is not None and self.least == NOTHING

    def within(self, limit: Cost, most_teams: int | None = None) -> Iterator[Candidate]:
        """Give what is open to it with an excess of at most `limit`, cheapest first.

        Parameters
        ----------
        most_teams
            Of a new sortie, at most so many teams of a day, spread over all of them; None for all.
        """
        for moves, seats in self._classes():
            cost = self._cost(moves, seats)
            if minus(cost, self.least) > limit:
                return
            for day in self._other if moves or not self.before else self._stay:
                teams = list(self._teams(day, seats))
                step = 1 if most_teams is None or self.before else -(-len(teams) // most_teams) or 1
                for team in teams[::step]:
                    yield Candidate(Given(day, self.sortie.slot, team, self.sortie.units), cost)

    def up_to(self, moves: int, seats: int) -> list[Candidate]:
        """Give what is open to it with at most so many date moves and seats, cheapest first."""
        return [
            one
            for one in self.within(changed(moves, seats))
            if one.cost[MOVES] <= moves and one.cost[SEATS] <= seats
        ]

    def beyond(self, limit: Cost) -> Cost | None:
        """Give the least excess above `limit` that anything open to it has; None where there is none."""
        costs = [minus(self._cost(*one), self.least) for one in self._classes()]
        return min((one for one in [*costs, minus(self.left_out, self.least)] if one > limit), default=None)

    def why_left(self) -> tuple[str, str]:
        """Say why it is left out, and how many of its open days have a team for it by themselves."""
        days = [*self._stay, *self._other]
        if not days:
            return NO_DAY, "0/0"
        held = 0
        for one in self._held.values():
            held |= one
        if held != self._wanted:
            return NO_SKILL, f"0/{len(days)}"
        seats = range(self._size + 1) if self.before else (0,)
        served = sum(any(next(self._teams(day, one), None) for one in seats) for day in days)
        return CAPACITY if served else NO_TEAM, f"{served}/{len(days)}"

    def _classes(self) -> list[tuple[int, int]]:
        """Date moves and seats, in the order of their costs."""
        if not self.before:
            return [(0, 0)]
        return [(moves, seats) for moves in (0, 1) for seats in range(self._size + 1)]

    @staticmethod
    def _cost(moves: int, seats: int) -> Cost:
        return changed(moves, seats)

    def _any(self, moves: int, seats: int) -> bool:
        days = self._other if moves or not self.before else self._stay
        return any(next(self._teams(day, seats), None) is not None for day in days)

    def _teams(self, day: str, seats: int) -> Iterator[tuple[str, ...]]:
        """Give the valid teams of a day in which so many people are others than before, by id."""
        there = [one for one in self._free.on(day, self.sortie.slot) if one in self._held]
        was = self.before.team if self.before else ()
        fresh = seats if self.before else self._size
        old = [one for one in there if one in was]
        if len(old) < self._size - fresh:
            return
        others = [one for one in there if one not in was]
        for kept in combinations(old, self._size - fresh):
            for added in combinations(others, fresh):
                held = 0
                for one in (*kept, *added):
                    held |= self._held[one]
                if held == self._wanted:
                    yield tuple(sorted((*kept, *added)))


def _held(problem: PlanProblem, sortie: Sortie, wanted: Sequence[str]) -> dict[str, int]:
    """Give who has no conflict with a sortie, and which of the domains it wants they hold, as bits."""
    strata = {problem.strata.get(unit, "") for unit in sortie.units}
    return {
        one.id: sum(1 << at for at, key in enumerate(wanted) if key in one.domains)
        for one in problem.staff
        if sortie.units.isdisjoint(one.conflict_units) and strata.isdisjoint(one.conflict_strata)
    }


def _open_days(problem: PlanProblem, sortie: Sortie) -> list[str]:
    """Give the field's days that lie in the window of every visit's draw, no unit closed."""
    first = max(problem.windows[stop.draw][0] for stop in sortie.stops)
    last = min(problem.windows[stop.draw][1] for stop in sortie.stops)
    shut = {day for unit in sortie.units for day in problem.closed.get(unit, ())}
    return [
        day
        for day in sorted(problem.days)
        if first <= day <= last and day > problem.beacon_day and day not in shut
    ]
