"""A bundling by hand, where tours of many stops are too many to be listed: take some errands out and put
them back where they cost least, again and again.

Ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, Journal of Computational Physics 159,
2000): the neighbours of one errand are taken out, and each is inserted at the cheapest place of any tour, or
in a tour of its own. A result that is a little dearer is accepted at first, less and less so later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from auditor.plan.columns import MM, HalfDay

RUINED = (2, 12)
"""So many errands are taken out at least and at most."""
WARM = 0.02
"""What is accepted at first may be dearer by this part."""

Stops = tuple[int, ...]
"""Errands in the order in which they are visited."""


class _Half:
    """A kind of half-day in plain numbers, errands by their index in the problem."""

    def __init__(self, half: HalfDay, fixed: int) -> None:
        self.slot, self.opens, self.closes, self.fixed = half.slot, half.opens, half.closes, fixed * MM
        at = half.at.tolist()
        self.metres = {
            one: dict(zip(at, row, strict=True)) for one, row in zip(at, half.metres.tolist(), strict=True)
        }
        self.minutes = {
            one: dict(zip(at, row, strict=True)) for one, row in zip(at, half.minutes.tolist(), strict=True)
        }
        names = ("out", "back", "back_min", "first", "last", "takes", "start_over")
        self.out, self.back, self.back_min, self.first, self.last, self.takes, self.start_over = (
            dict(zip(at, getattr(half, name).tolist(), strict=True)) for name in names
        )

    def cost(self, stops: Stops) -> int:
        """Millimetres of a tour with what it costs beside its way; 0 for nobody."""
        if not stops:
            return 0
        way = sum(self.metres[one][other] for one, other in pairwise(stops))
        return int(self.fixed + self.out[stops[0]] + way + self.back[stops[-1]])

    def in_time(self, stops: Stops) -> bool:
        """Whether each stop begins within its hours and the team is home in time."""
        over = self.start_over[stops[0]]
        for here, then in pairwise(stops):
            begun = max(self.first[then], over + self.minutes[here][then])
            if begun > self.last[then]:
                return False
            over = begun + self.takes[then]
        return bool(over + self.back_min[stops[-1]] <= self.closes)

    def places(self, stops: Stops, one: int) -> Iterator[tuple[int, Stops]]:
        """Give the tours with one errand more, each with what it costs more than without."""
        before = self.cost(stops)
        for place in range(len(stops) + 1):
            longer = (*stops[:place], one, *stops[place:])
            yield self.cost(longer) - before, longer


@dataclass(frozen=True, slots=True)
class _Tour:
    half: int
    stops: Stops


def inserted(
    halves: Sequence[HalfDay],
    fixed: int,
    wanted: Sequence[int],
    allowed: Callable[[int, tuple[int, ...]], bool],
    rounds: int,
    over: Callable[[], bool],
) -> list[tuple[int, Stops]] | None:
    """Bundle these errands by hand; None where one of them finds no place.

    Parameters
    ----------
    fixed
        Metres that every tour costs beside its way.
    allowed
        Whether a set of errands (ascending) may be one sortie in a half-day (its place in SLOTS).
    rounds
        So often errands are taken out and put back, if it is not over before.

    Returns
    -------
    Tours by their half-day's place in SLOTS and their stops in order.
    """
    hand = _Hand([_Half(half, fixed) for half in halves], allowed)
    now = hand.recreated([], sorted(wanted))
    if now is None:
        return None
    best, least = now, hand.total(now)
    current = least
    random = Random(1)
    for number in range(rounds):
        if over():
            break
        tried = hand.again(now, random)
        cost = hand.total(tried) if tried is not None else None
        warm = round(WARM * least * (1 - number / rounds) * random.random())
        if tried is None or cost is None or cost > current + warm:
            continue
        now, current = tried, cost
        if cost < least:
            best, least = tried, cost
    return [(hand.halves[tour.half].slot, tour.stops) for tour in best]


class _Hand:
    def __init__(self, halves: Sequence[_Half], allowed: Callable[[int, tuple[int, ...]], bool]) -> None:
        self.halves, self._allowed = halves, allowed
        self._known: dict[tuple[int, tuple[int, ...]], bool] = {}

    def total(self, tours: Sequence[_Tour]) -> int:
        """Millimetres of all tours."""
        return sum(self.halves[tour.half].cost(tour.stops) for tour in tours)

    def again(self, tours: Sequence[_Tour], random: Random) -> list[_Tour] | None:
        """Take the neighbours of some errand out and put them back."""
        every = sorted(one for tour in tours for one in tour.stops)
        seed = random.choice(every)
        half = next(half for half in self.halves if seed in half.metres)
        near = sorted(every, key=lambda one: half.metres[seed].get(one, 1 << 60) * (1 + random.random() / 2))
        ruined = set(near[: random.randint(*RUINED)])
        left = [
            _Tour(tour.half, stops)
            for tour in tours
            for stops in [tuple(one for one in tour.stops if one not in ruined)]
            if stops and (stops == tour.stops or self.halves[tour.half].in_time(stops))
        ]
        there = {one for tour in left for one in tour.stops}
        out = [one for one in every if one not in there]
        random.shuffle(out)
        return self.recreated(left, out)

    def recreated(self, tours: Sequence[_Tour], out: Sequence[int]) -> list[_Tour] | None:
        """Insert errands one by one where each costs least; None where one finds no place."""
        now = list(tours)
        for one in out:
            open_to = [(number, tour.half, tour.stops) for number, tour in enumerate(now)]
            open_to += [(len(now), number, ()) for number in range(len(self.halves))]
            options = sorted(
                (more, number, half, longer)
                for number, half, stops in open_to
                if one in self.halves[half].metres
                for more, longer in self.halves[half].places(stops, one)
            )
            found = next(
                (
                    (number, _Tour(half, longer))
                    for _more, number, half, longer in options
                    if self.halves[half].in_time(longer) and self._may(half, longer)
                ),
                None,
            )
            if found is None:
                return None
            number, tour = found
            now[number : number + 1] = [tour]
        return now

    def _may(self, half: int, stops: Stops) -> bool:
        key = self.halves[half].slot, tuple(sorted(stops))
        if key not in self._known:
            self._known[key] = self._allowed(*key)
        return self._known[key]
