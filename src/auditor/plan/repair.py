"""Repair a plan with the least change: fewest left out, fewest date moves, fewest seats, fair loads.

Only sorties that must change are opened at first, all others stay. What that costs says exactly
which other choices a cheaper repair could hold (see `auditor.plan.changes`): those are offered too,
and the result is proven for the whole plan. Mostly there are none: each sortie that was hit changes
by its own least, and then nobody else changes in any best repair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from auditor import solving
from auditor.entities import Sortie
from auditor.plan.changes import CAPACITY, NOTHING, Candidate, Changes, Cost, FreeStaff, minus, plus
from auditor.plan.given import Given
from auditor.plan.loads import before, loads, most_load
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.variables import Choice, Choices

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    _Options = dict[str, list[tuple[Candidate, cp_model.IntVar]]]

MOST_CHOICES = 40_000
"""More choices than this are not offered at once."""
FEW_TEAMS = (12, 4)
"""How many teams of each day are offered to a new sortie, the less the more sorties are new."""
MOVES, SEATS = 3, 4
"""Parts of a cost."""
ONE_SEAT: Cost = (0, 0, 0, 0, 1)
FAIR_PART = 0.1
"""How much of the work may be spent on fairness."""


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
    on the moves of every repair that leaves out no more, `seats_bound` one on the seats of those with
    as few moves. `load_max` and `load_min` are half-days of the people who were never absent.
    `status` is "optimal" where all of this is proven to be the least, else "feasible".
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
    ordered: Collection[str] = (),
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
        Keys of sorties that are left out only after all others.
    since
        The first day that may be given anew; "" for any.
    work
        Deterministic units of solving at most, for each question asked.

    Returns
    -------
    Repaired. What cannot be placed is left out with a reason; of equally many those last in the
    problem's `keep_order`.

    Raises
    ------
    ValueError
        If `frozen` or `moved` names a sortie that is not there.
    """
    fixed = _with_fixed_loads(problem, sorties, given)
    task = _Task(fixed, sorties, given, frozen, absent or {}, dropped, moved or {}, ordered, since)
    found, limits = task.first(work)
    best = task.best(found, limits, work)
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


@dataclass(frozen=True, slots=True)
class _Limits:
    """How far from the least of each sortie choices are offered: to those that must change, to the rest."""

    touched: Cost
    rest: Cost
    most_teams: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A repair: what each open sortie is given, its cost, bounds of the parts of the cost, and
    whether these and the fairness are the least over what was offered.
    """

    chosen: Mapping[str, Candidate]
    cost: Cost
    bounds: Cost
    proven: bool
    fair: bool


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
        ordered: Collection[str],
        since: str,
    ) -> None:
        keys = [sortie.key for sortie in sorties]
        strange = sorted(set(frozen) - (set(keys) & set(given)) | set(moved) - set(keys))
        if strange:
            raise ValueError(f"no such sortie: {', '.join(strange)}")
        self.problem, self.before, self.absent, self.moved = problem, given, absent, moved
        self.frozen = {key: given[key] for key in keys if key in frozen}
        self.dropped = [key for key in keys if key in dropped and key not in frozen]
        places = {unit: at for at, unit in enumerate(reversed(problem.keep_order), 1)}
        free = FreeStaff(problem, absent)
        self.changes = {
            one.key: Changes(
                problem,
                one,
                given.get(one.key),
                free,
                only=moved.get(one.key, ""),
                since=since,
                left_out=(1, 0, 0, 0, 0)
                if one.key in ordered
                else (0, 1, max(places.get(unit, 0) for unit in one.units), 0, 0),
            )
            for one in sorties
            if one.key not in self.frozen and one.key not in dropped
        }
        self.hopeless = [key for key, one in self.changes.items() if one.least == one.left_out]
        self.open = {key: one for key, one in self.changes.items() if key not in set(self.hopeless)}
        self.touched = frozenset(key for key, one in self.open.items() if not one.stays)
        self.size = max([problem.team, *(len(one.team) for one in given.values())])
        self.least = NOTHING
        for one in self.open.values():
            self.least = plus(self.least, one.least)

    def first(self, work: float) -> tuple[_Found, _Limits]:
        """Find a repair: all others stay, then those too that it takes; at last something is left out."""
        seats, days = (0, 0, 0, 0, self.size), (0, 0, 0, 1, self.size)
        affordable = []
        for touched, rest in ((seats, NOTHING), (days, NOTHING), (days, seats), (days, days)):
            limits, offers = self._offered(touched, rest)
            if offers is None:
                break
            affordable.append((limits, offers))
            found = self._solve(offers, work)
            if found is None and rest == NOTHING:
                handed = self._handed_over(offers, self.touched)
                found = self._solve(handed, work) if handed else None
            if found is not None:
                return found, limits
        for limits, offers in reversed(affordable):
            found = self._solve(self._with_leaving(offers, None), work)
            if found is not None:
                return found, limits
        out = {key: self._out(key) if key in self.touched else self._stay(key) for key in self.open}
        return self._as_found(out), _Limits(NOTHING, NOTHING)

    def _handed_over(
        self, offers: Mapping[str, list[Candidate]], free: Collection[str]
    ) -> dict[str, list[Candidate]] | None:
        """Offer beside this that any other sortie gives up one person whom one of `free` could take.

        Rules forbid by what sorties take together, so to exchange somebody nobody else needs never
        helps: where all but the free ones change one seat in all, this is every choice that can matter.
        """
        taken = {person for key in free for one in offers[key] if one.given for person in one.given.team}
        wider = {
            key: several
            if key in free
            else [
                one
                for one in self.open[key].within(ONE_SEAT)
                if one.given
                and (
                    one.cost == NOTHING
                    or taken.intersection(self.before[key].team).difference(one.given.team)
                )
            ]
            for key, several in offers.items()
        }
        return wider if sum(map(len, wider.values())) <= MOST_CHOICES else None

    def best(self, found: _Found, limits: _Limits, work: float) -> tuple[_Found, Cost | None]:
        """Offer what a cheaper or fairer repair could hold; give the best, and what none left out undercuts.

        That floor is None where everything was offered that could be part of as good a repair.
        """
        floor = self._floor(limits, minus(found.cost, self.least), leaving=False)
        if floor is not None and floor < found.cost:
            seated = self._with_moves_proven(found, work)
            if seated is not None:
                return seated, None
        while floor is not None and floor <= found.cost:
            gap = minus(found.cost, self.least)
            settled = len(NOTHING) if found.proven and floor == found.cost else 0
            wider, offers = self._widest(gap)
            if offers is None or wider == limits:
                break
            better = self._solve(self._with_leaving(offers, gap), work, found, settled=settled)
            limits = wider
            floor = self._floor(limits, gap, leaving=True)
            if better is None:
                break
            cheaper = better.cost < found.cost
            found = better
            if not cheaper:
                break
        return found, floor

    def _with_moves_proven(self, found: _Found, work: float) -> _Found | None:
        """Give the best repair where half-days by themselves prove that all its moves are needed, else None.

        A half-day in which not everybody can stay, whatever the rest of the plan is given, needs a
        move of its own; if there are as many as moves, nobody else's day changes.
        """
        more = found.cost[MOVES] - self.least[MOVES]
        if found.cost[:MOVES] != self.least[:MOVES] or not more:
            return None
        stuck = self._stuck(work)
        if len(stuck) < more:
            return None
        may_move = {key for several in stuck for key in several}
        may_move |= {key for key, one in self.open.items() if one.least[MOVES]}
        fewest = {key: one.fewest_seats(key in may_move) for key, one in self.open.items() if not one.stays}
        spare = found.cost[SEATS] - sum(fewest.values())
        offers = {
            key: one.up_to(key in may_move, fewest.get(key, 0) + spare)
            if spare or key in may_move or key in fewest
            else [self._stay(key)]
            for key, one in self.open.items()
        }
        handed = self._handed_over(offers, self.touched | may_move) if spare == 1 else offers
        if not handed or sum(map(len, handed.values())) > MOST_CHOICES:
            return None
        return self._solve(handed, work, found, settled=SEATS)

    def _stuck(self, work: float) -> list[list[str]]:
        """List the sorties of each half-day in which not all can stay with any teams."""
        halves: dict[tuple[str, str], list[str]] = {}
        for key, one in self.open.items():
            if one.before is not None:
                halves.setdefault((one.before.day, one.before.slot), []).append(key)
        found = []
        for several in halves.values():
            if self.touched.isdisjoint(several) or any(self.open[key].least[MOVES] for key in several):
                continue
            offers = {key: self.open[key].up_to(0, self.size) for key in several}
            if not self._can_stay(offers, work):
                found.append(several)
        return found

    def _can_stay(self, offers: Mapping[str, list[Candidate]], work: float) -> bool:
        """Whether these can all go out beside the frozen ones, the rest of the plan left aside."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        self._add_choices(model, offers)
        return solving.solve(model, work=work).status != solving.IMPOSSIBLE

    def told(self, best: tuple[_Found, Cost | None]) -> Repaired:
        """Say what became of every sortie."""
        found, floor = best
        given = dict(self.frozen)
        given |= {key: one.given for key, one in found.chosen.items() if one.given is not None}
        moves_bound, seats_bound = _bounds(found, floor)
        left = {key: self.changes[key].why_left() for key in self.hopeless}
        left |= {
            key: (CAPACITY, self.changes[key].why_left()[1])
            for key, one in found.chosen.items()
            if one.given is None
        }
        loads = self._loads(given)
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
        return "closed" if key in self.touched else "room"

    def _loads(self, given: Mapping[str, Given]) -> list[int]:
        out = [person for one in given.values() for person in one.team]
        return [out.count(one) for one in self._takers()]

    def _takers(self) -> list[str]:
        """Those who share the load: free some time, and never absent."""
        return sorted(one.id for one in self.problem.staff if one.free and not self.absent.get(one.id))

    # What is offered

    def _limit(self, key: str, limits: _Limits) -> Cost:
        return limits.touched if key in self.touched else limits.rest

    def _offers(self, limits: _Limits) -> dict[str, list[Candidate]] | None:
        """List what each open sortie is offered; None where that is too much."""
        offers: dict[str, list[Candidate]] = {}
        room = MOST_CHOICES
        for key, one in self.open.items():
            limit = self._limit(key, limits)
            if one.stays and limit == NOTHING:
                offers[key] = [self._stay(key)]
            else:
                offers[key] = list(islice(one.within(limit, limits.most_teams), room + 1))
            room -= len(offers[key])
            if room < 0:
                return None
        return offers

    def _offered(self, touched: Cost, rest: Cost) -> tuple[_Limits, dict[str, list[Candidate]] | None]:
        """List what is offered up to these limits, with as many teams of new sorties as there is room for."""
        limits = _Limits(touched, rest)
        offers = self._offers(limits)
        if any(one.before is None for one in self.open.values()):
            for most_teams in FEW_TEAMS:
                if offers is None:
                    limits = _Limits(touched, rest, most_teams)
                    offers = self._offers(limits)
        return limits, offers

    def _widest(self, gap: Cost) -> tuple[_Limits, dict[str, list[Candidate]] | None]:
        """List what is offered up to `gap`, to the rest as far as there is room."""
        steps: list[Cost] = [
            (0, 0, 0, moves, seats) for moves in (1, 0) for seats in range(self.size, -1, -1)
        ]
        for rest in [gap, *(one for one in steps if one < gap)]:
            limits, offers = self._offered(gap, rest)
            if offers is not None:
                return limits, self._handed_over(offers, self.touched) if rest == ONE_SEAT else offers
        return _Limits(NOTHING, NOTHING), None

    def _with_leaving(
        self, offers: Mapping[str, list[Candidate]], gap: Cost | None
    ) -> dict[str, list[Candidate]]:
        """Offer to leave out as well: everybody, or those for whom that lies within the gap."""
        return {
            key: [*several, self._out(key)]
            if gap is None or minus(self.open[key].left_out, self.open[key].least) <= gap
            else several
            for key, several in offers.items()
        }

    def _floor(self, limits: _Limits, gap: Cost, *, leaving: bool) -> Cost | None:
        """Give the least that a repair costs which holds something not offered; None if none is as good."""
        beyond: list[Cost] = []
        for key, one in self.open.items():
            if limits.most_teams is not None and one.before is None:
                beyond.append(NOTHING)
            further = one.beyond(self._limit(key, limits))
            if further is not None and not (leaving and further == minus(one.left_out, one.least)):
                beyond.append(further)
        least = min(beyond, default=None)
        return None if least is None or least > gap else plus(self.least, least)

    def _stay(self, key: str) -> Candidate:
        return Candidate(self.before[key], NOTHING)

    def _out(self, key: str) -> Candidate:
        return Candidate(None, self.open[key].left_out)

    def _as_found(self, chosen: Mapping[str, Candidate]) -> _Found:
        cost = NOTHING
        for one in chosen.values():
            cost = plus(cost, one.cost)
        return _Found(chosen, cost, NOTHING, False, False)

    # Solving

    def _solve(
        self,
        offers: Mapping[str, list[Candidate]],
        work: float,
        known: _Found | None = None,
        *,
        settled: int = 0,
    ) -> _Found | None:
        """Take the parts of the cost one by one, each at its least and kept for the next, then fairness.

        Parameters
        ----------
        known
            A repair that the offers hold, where one is known.
        settled
            How many parts of its cost are the least for certain.
        """
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        options, v = self._add_choices(model, offers)

        def start_from(chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
            model.clear_hints()
            for key, several in options.items():
                for candidate, goes in several if len(several) > 1 else ():
                    model.add_hint(goes, candidate == chosen[key])
            return dict(chosen)

        def read(solved: solving.Solved) -> dict[str, Candidate]:
            return start_from(
                {
                    key: next(one for one, goes in several if solved.solver.value(goes))
                    for key, several in options.items()
                }
            )

        now = start_from(known.chosen) if known is not None else None

        bounds, proven = [0, 0, 0, 0, 0], True
        for part in range(len(NOTHING)):
            low = sum(min(one.cost[part] for one, _ in several) for several in options.values())
            high = sum(max(one.cost[part] for one, _ in several) for several in options.values())
            bounds[part] = known.cost[part] if known and part < settled else low
            if low == high:
                continue
            total = sum(one.cost[part] * goes for several in options.values() for one, goes in several)
            if now is None or sum(one.cost[part] for one in now.values()) > bounds[part]:
                model.minimize(total)
                solved = solving.solve(model, work=work)
                if solved.found:
                    now = read(solved)
                    bounds[part] = max(low, solved.bound)
                elif now is None:
                    return None
                proven = proven and solved.status == solving.OPTIMAL
            model.add(total <= sum(one.cost[part] for one in now.values()))
        self._add_fairness(model, v)
        solved = solving.solve(model, work=work if now is None else work * FAIR_PART)
        if solved.found:
            now = read(solved)
        elif now is None:
            return None
        a, b, c, d, e = bounds
        found = self._as_found(now)
        return _Found(now, found.cost, (a, b, c, d, e), proven, solved.status == solving.OPTIMAL)

    def _add_choices(
        self, model: cp_model.CpModel, offers: Mapping[str, list[Candidate]]
    ) -> tuple[_Options, Choices]:
        """Let each sortie have one of what it is offered, under all rules, the frozen ones as they are."""
        options: _Options = {}
        choices = [
            Choice(one.day, one.slot, one.team, model.new_constant(1), key, one.units)
            for key, one in self.frozen.items()
        ]
        for key, several in offers.items():
            options[key] = []
            for candidate in several:
                goes = model.new_bool_var("") if len(several) > 1 else model.new_constant(1)
                options[key].append((candidate, goes))
                if candidate.given is not None:
                    one = candidate.given
                    choices.append(Choice(one.day, one.slot, one.team, goes, key, one.units))
            if len(several) > 1:
                model.add_exactly_one(goes for _, goes in options[key])
        v = Choices(choices)
        for rule in RULES:
            rule.add(model, self.problem, v)
        return options, v

    def _add_fairness(self, model: cp_model.CpModel, v: Choices) -> None:
        """Ask for the least largest load, and for the largest smallest one beside it."""
        takers = self._takers()
        if not takers:
            return
        most = max(len({(one.day, one.slot) for one in v.of_person(person)}) for person in takers)
        largest, smallest = model.new_int_var(0, most, ""), model.new_int_var(0, most, "")
        for person in takers:
            load = sum(choice.goes for choice in v.of_person(person))
            model.add(load <= largest)
            model.add(load >= smallest)
        model.minimize((most + 1) * largest - smallest)


def _bounds(found: _Found, floor: Cost | None) -> tuple[int, int]:
    """Give what is proven of moves and seats, among repairs that leave out no more."""
    moves, seats = found.cost[MOVES], found.cost[SEATS]
    moves_bound, seats_bound = min(found.bounds[MOVES], moves), min(found.bounds[SEATS], seats)
    if not found.proven and moves_bound < moves:
        seats_bound = 0
    if floor is None or floor >= found.cost:
        return moves_bound, seats_bound
    if floor[:MOVES] != found.cost[:MOVES]:
        return 0, 0
    if floor[MOVES] < moves_bound:
        return floor[MOVES], 0
    return moves_bound, min(seats_bound, floor[SEATS]) if floor[MOVES] == moves else seats_bound
