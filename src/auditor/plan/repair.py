"""Repair a plan with the least change: fewest visits lost, fewest date moves, fewest seats, fair loads.

Only sorties that must change are opened at first, all others stay. What that costs says exactly
which other choices a cheaper repair could hold (see `auditor.plan.changes`): those are offered too,
and the result is proven for the whole plan. Mostly there are none: each sortie that was hit changes
by its own least, and then nobody else changes in any best repair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor import solving
from auditor.entities import Sortie
from auditor.plan.changes import (
    CAPACITY,
    LOST,
    MOVES,
    NOTHING,
    SEATS,
    Candidate,
    Changes,
    Cost,
    FreeStaff,
    changed,
    lost,
    minus,
    plus,
)
from auditor.plan.fewest import Fewest
from auditor.plan.given import Given
from auditor.plan.least_change import Found, LeastChange, bounds, found_of
from auditor.plan.loads import before, loads, most_load
from auditor.plan.offers import Offered, Offers, Reach
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import forbidding


@dataclass(frozen=True, slots=True)
class Change:
    """A sortie that has not what it had: `before` is None for a new one, `after` for one that is out.

    `why` is "absent", "moved", "closed" (what it had is not open to it any longer), "room" (it makes
    room for others), "new", "dropped" or "left out".
    """

    sortie: str
    before: Given | None
    after: Given | None
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sortie that could not be placed, why, and how many of its open days have a team for it."""

    sortie: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A repaired plan.

    `given` holds every sortie that is placed, the frozen ones too. `moves` counts sorties whose day
    changed, `seats` people in a team who were not in it before; `moves_bound` is a proven lower bound
    on the moves of every repair that leaves out the same (which of equally many visits are left out the
    lot says, whatever it moves), `seats_bound` one on the seats of those with as few moves. `load_max` and
    `load_min` are half-days of the people who were never absent. `lost` counts visits that are left out,
    weightiest first (see `auditor.plan.changes.lost`). `status` is "optimal" where all of this is proven to
    be the least, else "feasible".
    """

    given: Mapping[str, Given]
    moves: int
    moves_bound: int
    seats: int
    seats_bound: int
    load_max: int
    load_min: int
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    lost: Cost
    status: str


def repair(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    given: Mapping[str, Given],
    *,
    frozen: Collection[str] = (),
    absent: Mapping[str, Collection[str]] | None = None,
    dropped: Collection[str] = (),
    moved: Mapping[str, str] | None = None,
    ordered: Sequence[str] = (),
    waiting: Collection[str] = (),
    since: str = "",
    work: float = 10.0,
) -> Repaired:
    """Give every sortie a day and a team again, changing as little as can be.

    Every day and team is allowed that the sortie's windows, closed days, skills, conflicts and free
    half-days allow, lot or not; a sortie keeps its half-day and its stops.

    Parameters
    ----------
    sorties
        All of the plan; one that is not in `given` is new.
    frozen
        Keys of sorties that stay as they are, whatever else is said of them.
    absent
        The half-days (``day/slot``) in which a person is not there.
    dropped
        Keys of sorties that are not made any more.
    moved
        The day that a sortie must have, by its key.
    ordered
        Keys of sorties that somebody ordered, the earliest order first: drawn ones make room for them, and
        of equally many visits the earlier order stays.
    waiting
        Keys of sorties that an earlier repair left out: nothing that stands is left out for them.
    since
        The first day that may be given anew; "" for any.
    work
        Deterministic units of solving at most, for each question asked.

    Returns
    -------
    Repaired. What cannot be placed is left out with a reason, as few visits as can be; of equally many
    those last in the problem's `keep_order`.

    Raises
    ------
    ValueError
        If `frozen` or `moved` names a sortie that is not there.
    """
    fixed = _with_fixed_loads(problem, sorties, given)
    task = _Task(
        fixed, sorties, given, frozen, absent or {}, dropped, moved or {}, ordered, waiting, since, work
    )
    found, reach = task.first(work)
    best = task.best(found, reach, work)
    return task.told(best)


def _with_fixed_loads(
    problem: PlanProblem, sorties: Sequence[Sortie], given: Mapping[str, Given]
) -> PlanProblem:
    """Turn rules of load, which change with every sortie, into a share of half-days for everyone.

    Evenness is no rule of a repair: it balances loads itself, as far as the least change leaves room.
    """
    if problem.load is None:
        return replace(problem, even=None)
    carried, most = before(problem), most_load(problem, len(sorties))
    now = loads(problem, (one.team for one in given.values()))
    staff = tuple(
        replace(one, share=min(one.share, max(most, now[one.id]) - carried[one.id])) if one.id in now else one
        for one in problem.staff
    )
    return replace(problem, even=None, load=None, staff=staff)


def _after(problem: PlanProblem, out: Iterable[Given]) -> PlanProblem:
    """Give the problem of those who were out so, although no rule is asked of these sorties any more: their
    share is less, and they have seen the units of their own areas.
    """
    gone = list(out)
    times = Counter(who for one in gone for who in one.team)
    seen = {
        who: {unit for one in gone if who in one.team for unit in one.units}
        & problem.areas.get(who, frozenset())
        for who in times
    }
    staff = tuple(
        replace(
            one,
            share=max(0, one.share - times[one.id]),
            conflict_units=tuple(sorted({*one.conflict_units, *seen[one.id]})),
        )
        if one.id in times
        else one
        for one in problem.staff
    )
    return replace(problem, staff=staff)


def _also_away(absent: Mapping[str, Collection[str]], out: Iterable[Given]) -> dict[str, Collection[str]]:
    """Give the half-days of absence with those in which people are out for certain."""
    found = {who: set(half_days) for who, half_days in absent.items()}
    for one in out:
        for who in one.team:
            found.setdefault(who, set()).add(f"{one.day}/{one.slot}")
    return dict(found)


class _Task:
    """One repair: who stays for certain, who must change, and what each may be given."""

    def __init__(
        self,
        problem: PlanProblem,
        sorties: Sequence[Sortie],
        given: Mapping[str, Given],
        frozen: Collection[str],
        absent: Mapping[str, Collection[str]],
        dropped: Collection[str],
        moved: Mapping[str, str],
        ordered: Sequence[str],
        waiting: Collection[str],
        since: str,
        work: float,
    ) -> None:
        keys = [sortie.key for sortie in sorties]
        strange = sorted(set(frozen) - (set(keys) & set(given)) | set(moved) - set(keys))
        if strange:
            raise ValueError(f"no such sortie: {', '.join(strange)}")
        self.problem, self.before, self.absent, self.moved = problem, given, absent, moved
        self.frozen = {key: given[key] for key in keys if key in frozen}
        self.dropped = [key for key in keys if key in dropped and key not in frozen]
        places = {unit: at for at, unit in enumerate(reversed(problem.keep_order), 1)}
        orders = {key: len(ordered) - at for at, key in enumerate(ordered)}
        self.clashing = self._clashing(work)
        problem = _after(problem, self.clashing.values())
        free = FreeStaff(problem, _also_away(absent, self.clashing.values()))
        self.changes = {
            one.key: Changes(
                problem,
                one,
                given.get(one.key),
                free,
                only=moved.get(one.key, ""),
                since=since,
                left_out=lost(
                    len(one.stops),
                    stood=one.key in given,
                    ordered=one.key in orders,
                    waits=one.key in waiting,
                    order=len(one.stops) * orders.get(one.key, 0),
                    place=max(places.get(unit, 0) for unit in one.units),
                ),
            )
            for one in sorties
            if one.key not in self.frozen and one.key not in dropped
        }
        self.hopeless = [key for key, one in self.changes.items() if one.least == one.left_out]
        self.open = {key: one for key, one in self.changes.items() if key not in set(self.hopeless)}
        standing = {key: one for key, one in self.frozen.items() if key not in self.clashing}
        out = Counter(who for one in self.clashing.values() for who in one.team)
        self.solver = LeastChange(problem, standing, self._takers(), out)
        stays = {key: [Candidate(one.before, NOTHING)] for key, one in self.open.items() if one.stays}
        size = max([problem.team, *(len(one.team) for one in given.values())])
        self.offers = Offers(self.open, size, kept=not self.solver.must_leave(stays, work))

    def _clashing(self, work: float) -> dict[str, Given]:
        """Give frozen sorties that take people, cars or units from each other, as few as the rest allows.

        Outcomes tell what really was, and no repair can mend that: the rules are asked without them, and
        their people are away in their half-days.
        """
        if not LeastChange(self.problem, self.frozen, ()).must_leave({}, work):
            return {}
        standing: dict[str, Given] = {}
        for key, one in self.frozen.items():
            if not forbidding(self.problem, standing, one):
                standing[key] = one
        return {key: one for key, one in self.frozen.items() if key not in standing}

    def first(self, work: float) -> tuple[Found, Reach]:
        """Find a repair: all others stay, then those too that it takes; at last something is left out."""
        seats, days = changed(0, self.offers.size), changed(1, self.offers.size)
        affordable = []
        for touched, rest in ((seats, NOTHING), (days, NOTHING), (days, seats), (days, days)):
            reach, offers = self.offers.up_to(touched, rest)
            if offers is None:
                break
            affordable.append((reach, offers))
            found = self.solver.solve(offers, work)
            if found is None and rest == NOTHING:
                handed = self.offers.handed_over(offers, self.offers.touched)
                found = self.solver.solve(handed, work) if handed else None
            if found is not None:
                return found, reach
        known = self._others_stay(affordable[0][1], work) if affordable else None
        for reach, offers in reversed(affordable):
            found = self.solver.solve(self.offers.with_leaving(offers, None), work, known)
            if found is not None:
                return found, reach
        out = {
            key: self.offers.out(key) if key in self.offers.touched else self.offers.stay(key)
            for key in self.open
        }
        return found_of(out), Reach(NOTHING, NOTHING)

    def _others_stay(self, offers: Offered, work: float) -> Found | None:
        """Find a repair that leaves out no sortie that may stay."""
        touched = self.offers.touched
        return self.solver.solve(
            {
                key: [*several, *([self.offers.out(key)] if key in touched else [])]
                for key, several in offers.items()
            },
            work,
        )

    def best(self, found: Found, reach: Reach, work: float) -> tuple[Found, Cost | None]:
        """Offer what a cheaper or fairer repair could hold; give the best, and what none left out undercuts.

        That floor is None where everything was offered that could be part of as good a repair.
        """
        floor = self.offers.floor(reach, minus(found.cost, self.offers.least), leaving=False)
        if floor is not None and floor < found.cost:
            seated = Fewest(self.offers, self.solver, work).proven(found)
            if seated is not None:
                return seated, None
        while floor is not None and floor <= found.cost:
            gap = minus(found.cost, self.offers.least)
            settled = len(NOTHING) if found.proven and floor == found.cost else 0
            wider, offers = self.offers.widest(gap)
            if offers is None or wider == reach:
                break
            better = self.solver.solve(self.offers.with_leaving(offers, gap), work, found, settled=settled)
            reach = wider
            floor = self.offers.floor(reach, gap, leaving=True)
            if better is None:
                break
            better = self._fewer_seats(better, work)
            cheaper = better.cost < found.cost
            found = better
            if not cheaper or not found.proven:
                break
        return found, floor

    def _fewer_seats(self, found: Found, work: float) -> Found:
        """Give a repair with the same moves and perhaps fewer seats, where the fewest are not proven.

        The sorties that move may have any day and team, all others keep their day and all but one of their
        team: so few candidates are soon looked through. What is proven of all repairs stays what it was.
        """
        if found.proven:
            return found
        moved = {key for key, one in found.chosen.items() if one.cost[MOVES]}
        offers = {
            key: one.up_to(1, self.offers.size) if key in moved else one.up_to(0, 1)
            for key, one in self.open.items()
        }
        for key, one in found.chosen.items():
            if one not in offers[key]:
                offers[key].append(one)
        fewer = self.solver.solve(self.offers.with_leaving(offers, None), work, found, settled=SEATS)
        if fewer is None or fewer.cost >= found.cost:
            return found
        return replace(fewer, bounds=found.bounds, proven=False)

    def told(self, best: tuple[Found, Cost | None]) -> Repaired:
        """Say what became of every sortie."""
        found, floor = best
        given = dict(self.frozen)
        given |= {key: one.given for key, one in found.chosen.items() if one.given is not None}
        moves_bound, seats_bound = bounds(found, floor)
        left = {key: self.changes[key].why_left() for key in self.hopeless}
        left |= {
            key: (CAPACITY, self.changes[key].why_left()[1])
            for key, one in found.chosen.items()
            if one.given is None
        }
        loads = self._loads(given)
        cost = found.cost
        for key in self.hopeless:
            cost = plus(cost, self.changes[key].left_out)
        sound = found.proven and found.fair and (floor is None or floor > found.cost)
        return Repaired(
            given={key: given[key] for key in sorted(given)},
            moves=found.cost[MOVES],
            moves_bound=moves_bound,
            seats=found.cost[SEATS],
            seats_bound=seats_bound,
            load_max=max(loads, default=0),
            load_min=min(loads, default=0),
            changes=tuple(self._changes(given)),
            left_out=tuple(LeftOut(key, *left[key]) for key in sorted(left)),
            lost=cost[:LOST],
            status=solving.OPTIMAL if sound else solving.FEASIBLE,
        )

    def _changes(self, given: Mapping[str, Given]) -> Iterator[Change]:
        for key in sorted({*self.changes, *self.dropped}):
            before, after = self.before.get(key), given.get(key)
            if key in self.dropped:
                yield Change(key, before, None, "dropped")
            elif after is None:
                yield Change(key, before, None, "left out")
            elif before is None:
                yield Change(key, None, after, "new")
            elif (before.day, before.team) != (after.day, after.team):
                yield Change(key, before, after, self._why(key, before))

    def _why(self, key: str, before: Given) -> str:
        half_day = f"{before.day}/{before.slot}"
        if key in self.moved:
            return "moved"
        if any(half_day in self.absent.get(one, ()) for one in before.team):
            return "absent"
        return "closed" if key in self.offers.touched else "room"

    def _loads(self, given: Mapping[str, Given]) -> list[int]:
        out = [person for one in given.values() for person in one.team]
        return [out.count(one) for one in self._takers()]

    def _takers(self) -> list[str]:
        """Those who share the load: free some time, and never absent."""
        return sorted(one.id for one in self.problem.staff if one.free and not self.absent.get(one.id))
