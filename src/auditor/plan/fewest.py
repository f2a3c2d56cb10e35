"""Prove that a repair moves the fewest dates and changes the fewest seats, without looking at all choices.

A half-day says by itself how many of its sorties cannot stay and how many seats the others change at
least, for who comes from elsewhere only takes people from it; and whom he takes from a half-day in which
all could stay is a seat that changes there. Where that explains the moves of a repair nobody else moves;
and in a repair with one seat less than a known one no half-day changes more than its own fewest and what
is left over then. So little has to be looked through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.plan.changes import MOVES, NOTHING, SEATS, Candidate, Cost, changed
from auditor.plan.least_change import Found, LeastChange
from auditor.plan.offers import Offered, Offers, has_room

FEW_CHOICES, FEW_TEAMS = 4_000, 100
"""So many choices are looked through soon; so many of one sortie are not worth a question."""
FAIR_PART = 0.3
"""How much of the work for fairness is spent where the changes are proven already."""


@dataclass(frozen=True, slots=True)
class Half:
    """A half-day in which somebody cannot stay as he is.

    `leave` of its sorties must leave it, each of `goes`; `seats` is the fewest that all of them change then,
    those included that leave, whatever comes to it from other half-days.
    """

    sorties: tuple[str, ...]
    goes: frozenset[str]
    leave: int
    seats: int


class Fewest:
    """Proves the moves and seats of repairs that leave out nobody who may stay.

    Parameters
    ----------
    work
        Deterministic units of solving at most, for each question asked.
    """

    def __init__(self, offers: Offers, solver: LeastChange, work: float) -> None:
        self._offers, self._solver, self._work = offers, solver, work
        self._open = offers.open
        self._busy: dict[tuple[str, str], set[str]] = {}
        for one in self._open.values():
            if one.before is not None:
                self._busy.setdefault((one.before.day, one.before.slot), set()).update(one.before.team)
        self._leaves: dict[str, int] = {}

    def proven(self, found: Found) -> Found | None:
        """Give the best repair where half-days by themselves prove all its moves to be needed, else None."""
        if found.cost[:MOVES] != self._offers.least[:MOVES]:
            return None
        halves = self._halves(stuck=found.cost[MOVES] > self._offers.least[MOVES])
        needed = sum(one.leave for one in halves)
        if found.cost[MOVES] > needed:
            fewer = self._fewer_moves(found, halves, needed)
            if fewer is None:
                return None
            found = fewer
        seated = self._fewest_seats(found, halves)
        return None if seated is None else self._fairer(seated, halves)

    def _halves(self, *, stuck: bool) -> list[Half]:
        """List the half-days that were hit, with what they need by themselves."""
        halves: dict[tuple[str, str], list[str]] = {}
        for key, one in self._open.items():
            if one.before is not None:
                halves.setdefault((one.before.day, one.before.slot), []).append(key)
        found = []
        for at, several in halves.items():
            if self._offers.touched.isdisjoint(several):
                continue
            goes = frozenset(key for key in several if self._open[key].least[MOVES])
            leave = len(goes)
            if stuck and not leave:
                leave = self._solver.must_leave({key: self._staying(key) for key in several}, self._work)
                goes = frozenset(several if leave else ())
            found.append(Half(tuple(several), goes, leave, 0))
            self._busy.pop(at, None)
        return [replace(half, seats=self._seats_of(half)) for half in found]

    def _staying(self, key: str) -> list[Candidate]:
        return self._open[key].up_to(0, self._offers.size)

    def _seats_of(self, half: Half, taken: Mapping[str, Cost] | None = None) -> int:
        """Give the fewest seats that a half-day changes, whatever comes to it; some cost what is said."""
        offers = {}
        for key in half.sorties:
            offers[key] = self._staying(key)
            if key in half.goes:
                offers[key].append(Candidate(None, changed(1, self._leaving(key))))
            cost = taken.get(key) if taken else None
            if cost is not None:
                moves = cost[MOVES]
                offers[key] = [Candidate(None, cost)] if moves else [o for o in offers[key] if o.cost == cost]
        return self._solver.fewest(offers, SEATS, half.leave, self._work)

    def _leaving(self, key: str) -> int:
        """Give the fewest seats that change where a sortie goes to another day, there as well."""
        if key not in self._leaves:
            best = self._offers.size
            for one in self._open[key].within(changed(1, best)):
                if one.cost[SEATS] >= best and one.cost[MOVES]:
                    break
                if one.cost[MOVES]:
                    best = min(best, self._price(one))
            self._leaves[key] = best
        return self._leaves[key]

    def _price(self, one: Candidate) -> int:
        """Give the seats of a sortie that moves and those of sorties that lose people to it.

        What stands in a half-day that was hit counts there already.
        """
        return one.cost[SEATS] + len(self._taken(one))

    def _taken(self, one: Candidate) -> set[str]:
        there = one.given
        return self._busy.get((there.day, there.slot), set()).intersection(there.team) if there else set()

    def _fewer_moves(self, found: Found, halves: Sequence[Half], moves: int) -> Found | None:
        """Look for a repair with so few moves, only from these half-days, that differs little elsewhere."""
        offers = self._near(found, halves)
        if not has_room(offers):
            return None
        return self._solver.within(offers, [*found.cost[:MOVES], moves], self._work)[1]

    def _near(self, found: Found, halves: Sequence[Half]) -> Offered:
        """Offer what is found, any team in the half-days that were hit, and one other person elsewhere."""
        goes = {key for one in halves for key in one.goes}
        hit = {key for one in halves for key in one.sorties}
        offers = {}
        for key, one in self._open.items():
            offers[key] = one.up_to(key in goes, 1)
            near = [*(one.up_to(0, self._offers.size) if key in hit else ()), found.chosen[key]]
            offers[key] += [other for other in near if other not in offers[key]]
        return offers

    def _fewest_seats(self, found: Found, halves: Sequence[Half]) -> Found | None:
        """Give a repair with as many moves and the fewest seats; None where these are not proven."""
        while (spare := found.cost[SEATS] - sum(one.seats for one in halves) - 1) >= 0:
            offers = self._seated(spare, halves)
            if not offers or not has_room(offers):
                return None
            most = [*found.cost[:SEATS], found.cost[SEATS] - 1]
            ended, fewer = self._solver.within(offers, most, self._work)
            if fewer is None:
                return found if ended else None
            found = fewer
        return found

    def _seated(self, spare: int, halves: Sequence[Half]) -> Offered:
        """Offer all that a repair can hold which changes so many seats beyond the fewest; {} if too much.

        Outside the half-days that were hit a sortie changes no more than what is left over, and people whom
        one that moves may take from it.
        """
        offers: Offered = {key: self._in_half(key, half, spare) for half in halves for key in half.sorties}
        hit = set(offers)
        taken: dict[tuple[str, str], set[str]] = {}
        for several in offers.values():
            for other in several:
                if other.given is not None and other.cost[MOVES]:
                    at = (other.given.day, other.given.slot)
                    taken.setdefault(at, set()).update(self._taken(other))
        for key, one in self._open.items():
            if key in hit:
                continue
            before = one.before
            gone = len(taken.get((before.day, before.slot), set()).intersection(before.team)) if before else 0
            if gone or before is None:
                hit.add(key)
            stays = before is not None and not spare and not gone
            offers[key] = [self._offers.stay(key)] if stays else one.up_to(0, spare + gone)
        return offers if spare != 1 else self._offers.handed_over(offers, hit) or {}

    def _in_half(self, key: str, half: Half, spare: int) -> list[Candidate]:
        """List what a sortie of a half-day may have where the half-day changes so many seats beyond its own.

        Whatever many seats one sortie changes, the others of its half-day change some as well.
        """
        most = half.seats + spare
        priced = [
            (changed(1, self._price(one)) if one.cost[MOVES] else one.cost, one)
            for one in self._open[key].up_to(key in half.goes, most)
        ]
        fits = {cost for cost, _one in priced if cost[SEATS] <= most}
        if len(priced) > FEW_TEAMS:
            fits = {cost for cost in fits if self._seats_of(half, {key: cost}) <= most}
        return [one for cost, one in priced if cost in fits]

    def _fairer(self, found: Found, halves: Sequence[Half]) -> Found:
        """Share the load better with as few moves and seats, which are proven.

        Where all that could be part of such a repair is too much to look through soon, nobody is offered
        much else, and nothing is proven of the loads.
        """
        spare = found.cost[SEATS] - sum(one.seats for one in halves)
        every = self._seated(spare, halves)
        whole = 0 < sum(map(len, every.values())) <= FEW_CHOICES
        offers = every if whole else self._near(found, halves)
        settled = replace(found, bounds=found.cost, proven=True, fair=False)
        better = None
        if has_room(offers) and all(offers.values()):
            better = self._solver.solve(offers, self._work * FAIR_PART, settled, settled=len(NOTHING))
        if better is None:
            return settled
        return replace(better, bounds=found.cost, proven=True, fair=better.fair and whole)
