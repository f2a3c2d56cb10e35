"""Make a plan: screen, keep by lot, bundle by travel, then days and teams by lot."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from auditor import solving
from auditor.entities import SLOTS, Departure, Lots, Sortie, Stop, Unplaced
from auditor.i18n import _
from auditor.plan.arrivals import arrange, given_away
from auditor.plan.bundles import Bundled, Bundler
from auditor.plan.columns import Columns, HalfDay, half_day
from auditor.plan.company import company_of
from auditor.plan.departures import departures_of
from auditor.plan.given import Given
from auditor.plan.joining import Joiner
from auditor.plan.keeping import Room, columns_for, keep
from auditor.plan.limits import ANY, Limits, limits_of, no_limits
from auditor.plan.loads import fair_rules, without
from auditor.plan.options import Option, Options, options_of
from auditor.plan.prices import Field, price
from auditor.plan.problem import PlanProblem
from auditor.plan.ranks import Ranked, rank
from auditor.plan.roads import Roads, Tour, drive, roads_of, ways_of
from auditor.plan.screening import CAPACITY, screen, unplaced
from auditor.plan.secrecy import Chance, altered
from auditor.plan.staffed import StaffedTour, bundle_staffed, signature
from auditor.solving import Budget

LotsFor = Callable[[Sequence[Sortie]], Mapping[str, Lots]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """A plan. `days`, `teams`, `leads` and `lots` are by key of a sortie.

    `objective_m` is metres driven and the cost of each sortie, `bound_m` a proven lower bound on it;
    `status` is "optimal" where travel, day ranks and team ranks are proven, else "feasible". The sums of
    ranks have proven lower bounds (0 where none was found). `share` is what part of the half-days could
    be used where units were left out of a large programme, else None. `even` is how far everyone's
    half-days may lie apart: as the problem asks, or more where that could not be had; None if it asks
    nothing. `given_up` names the rules of load and pairs that gave way. With a chance `later` counts the
    visits that are not the first of their day, `given_away` those of them that an earlier arrival gives away.
    """

    sorties: tuple[Sortie, ...]
    days: Mapping[str, str]
    teams: Mapping[str, tuple[str, ...]]
    leads: Mapping[str, str]
    lots: Mapping[str, Lots]
    unplaced: tuple[Unplaced, ...]
    departures: tuple[Departure, ...]
    objective_m: int
    bound_m: int
    status: str
    day_sum: int = 0
    day_bound: int = 0
    team_sum: int = 0
    team_bound: int = 0
    share: float | None = None
    even: int | None = None
    later: int = 0
    given_away: int = 0
    given_up: tuple[str, ...] = ()


def _quiet(text: str) -> None:
    """Say nothing."""


COUNTY = 100
"""Up to so many visits who is kept and what is bundled are decided exactly, staff and all."""
TIMES = 3
"""Units are asked in the order of the lot until they have so many times the visits that could be made."""
TRIAL = 0.1
"""The part of the work that days and teams may take while the share is looked for."""
DATED = 15.0
"""With a clock days and teams have so many seconds beyond its end."""
DATED_VISITS = 750
"""For more visits than this days and teams begin sooner: what they take grows with the square."""
LONGER = 2
"""So many times as long as in the trial days and teams may take in the end."""
STEP, HURRIED = 0.02, 4
"""By how much the share of half-days falls that a large programme may use; so many times if time is short."""
TRY = 25.0
"""Seconds that one share may take."""


@dataclass(frozen=True, slots=True)
class _Dated:
    """A bundling that has days and teams; `bound_m` holds for every bundling of these errands."""

    errands: tuple[int, ...]
    sorties: tuple[Sortie, ...]
    lots: Mapping[str, Lots]
    ranked: Ranked
    objective_m: int
    bound_m: int
    proven: bool
    given_up: tuple[str, ...] = ()


NOBODY = _Dated((), (), {}, Ranked(solving.OPTIMAL, {}), 0, 0, True)
"""Where nobody can be visited at all."""


def make_plan(
    problem: PlanProblem,
    lots_for: LotsFor,
    *,
    chance: Chance | None = None,
    work: float = 60.0,
    seconds: float | None = None,
    gives_way: bool = False,
    progress: Callable[[str], None] = _quiet,
) -> PlanMade:
    """Plan the errands of a problem.

    Parameters
    ----------
    lots_for
        Asked once sorties are known: gives the lead, the possible days and the valid teams of each.
    chance
        The lots by which ways seem longer while visits are bundled, and one of several orders is taken;
        without it the shortest ones are.
    work
        Deterministic units of solving at most, for each of the questions asked (a third of it for
        whether some errands fit together).
    seconds
        An end by the clock for bundling; what is found then is valid, but another run may find another.
    gives_way
        Whether rules of load and pairs give way where no days and teams are found with them; else units
        are left out for them. Evenness leaves nobody out in any case.

    Returns
    -------
    PlanMade; sorties are numbered by half-day and first unit, unplaced records sorted by unit.
    """
    budget = Budget.of(work, seconds)
    problem = _in_order(problem)
    options = options_of(problem)
    possible, refused = screen(problem, options, ways_of(problem))
    asked = _asked(problem, possible)
    if len(asked) < len(possible):
        few = replace(problem, errands=tuple(problem.errands[at] for at in asked))
        planner = _Planner(few, options_of(few), lots_for, budget, progress, chance, gives_way)
        dated, share = planner.plan(range(len(asked)))
        kept = {asked[at] for at in dated.errands}
    else:
        planner = _Planner(problem, options, lots_for, budget, progress, chance, gives_way)
        dated, share = planner.plan(possible)
        kept = set(dated.errands)
    refused += _left_out(problem, possible, kept)
    ranked = dated.ranked if dated.sorties else replace(dated.ranked, even=problem.even)
    days = {key: one.day for key, one in ranked.given.items()}
    sorties, later, told = dated.sorties, 0, 0
    if chance is not None:
        sorties = arrange(planner.problem, planner.roads, sorties, days, chance)
        later, told = given_away(planner.problem, planner.roads, sorties, days)
    metres = sum(sortie.metres for sortie in sorties)
    objective = metres + len(sorties) * problem.sortie_cost_m
    progress(_("plan: {sorties} sorties, {km} km").format(sorties=len(sorties), km=round(metres / 1000, 1)))
    proven = dated.proven and objective == dated.objective_m and ranked.status == solving.OPTIMAL
    return PlanMade(
        sorties=sorties,
        days=days,
        teams={key: one.team for key, one in ranked.given.items()},
        leads={sortie.key: dated.lots[sortie.key].lead for sortie in dated.sorties},
        lots=dated.lots,
        unplaced=tuple(sorted(refused, key=lambda one: (one.unit, one.draw, one.domains))),
        departures=departures_of(
            without(replace(problem, even=ranked.even), dated.given_up), sorties, dated.lots, ranked.given
        ),
        objective_m=objective,
        bound_m=dated.bound_m,
        status=solving.OPTIMAL if proven else solving.FEASIBLE,
        day_sum=ranked.day_sum,
        day_bound=ranked.day_bound,
        team_sum=ranked.team_sum,
        team_bound=ranked.team_bound,
        share=share,
        even=ranked.even,
        later=later,
        given_away=told,
        given_up=dated.given_up,
    )


class _Planner:
    """One run of planning: what is measured once, and the ways to a bundling with days and teams."""

    def __init__(
        self,
        problem: PlanProblem,
        options: Options,
        lots_for: LotsFor,
        budget: Budget,
        progress: Callable[[str], None],
        chance: Chance | None,
        gives_way: bool,
    ) -> None:
        self.problem, self.options, self.lots_for = problem, options, lots_for
        self.budget, self.progress, self.gives_way = budget, progress, gives_way
        self.roads: Roads = roads_of(problem)
        self.seen: Roads = altered(problem, self.roads, chance)
        """The roads as bundling sees them; what is driven is told by `roads`."""
        self.company = company_of(problem, self.roads)
        self._halves: tuple[tuple[Roads, tuple[int, ...]], tuple[HalfDay, ...]] | None = None

    def plan(self, possible: Sequence[int]) -> tuple[_Dated, float | None]:
        """Plan these errands, or those of them that are kept by lot; tell the share where it was used."""
        self.progress(_("plan: {visits} visits").format(visits=len(possible)))
        limits = limits_of(self.problem, 1.0)
        dated, share = self._plan(possible, limits)
        if self.seen is self.roads and not dated.given_up:
            return dated, share
        # what was proven for other roads, or for rules that gave way, holds for nothing that is driven
        bound = min(self._bound(dated.errands, limits), dated.objective_m)
        return replace(dated, bound_m=bound, proven=bound == dated.objective_m), share

    def _bound(self, errands: Sequence[int], limits: Limits) -> int:
        """Give a bound on what is driven, whatever the altered ways proved; for many errands one that
        forgets limits and company, since these make it dear.
        """
        field = self._field(errands, limits, self.roads)
        if len(errands) > COUNTY:
            field = replace(field, limits=no_limits(self.problem), rule=None)
        return price(field, errands).bound_m

    def _plan(self, possible: Sequence[int], limits: Limits) -> tuple[_Dated, float | None]:
        roomy = price(self._field(possible, limits), possible, rough=True)
        if not roomy.short:
            dated = self._free(possible, limits, roomy.columns)
            if dated is not None:
                return dated, None
        if len(possible) <= COUNTY:
            return self._county(possible), None
        return self._city(possible, roomy.columns)

    def _field(self, errands: Sequence[int], limits: Limits, roads: Roads | None = None) -> Field:
        return Field(
            self._half_days(tuple(errands), roads or self.seen),
            self.problem.sortie_cost_m,
            limits,
            len(self.problem.errands),
            self.company,
        )

    def _half_days(self, errands: tuple[int, ...], roads: Roads) -> tuple[HalfDay, ...]:
        """Prepare the tours of every kind of half-day; those asked for last are remembered."""
        if self._halves is None or self._halves[0] != (roads, errands):
            halves = tuple(
                half_day(self.problem, one, errands, slot) for slot in SLOTS for one in (roads, *roads.others)
            )
            self._halves = (roads, errands), halves
        return self._halves[1]

    def _bundler(self, field: Field) -> Bundler:
        return Bundler(
            self.problem,
            self.seen,
            field,
            lambda slot, errands: bool(signature(self.options, slot, errands)),
        )

    def _told(self, best: int, bound: int) -> None:
        if self.seen is not self.roads:
            return  # these metres are not driven
        self.progress(
            _("plan: {km} km, proven bound {bound} km").format(
                km=round(best / 1000, 1), bound=round(bound / 1000, 1)
            )
        )

    def _free(self, errands: Sequence[int], limits: Limits, start: Columns) -> _Dated | None:
        """Bundle as if there were staff for everything; None unless days and teams are found then."""
        bundler = self._bundler(self._field(errands, no_limits(self.problem)))
        longer = DATED * max(0.0, (len(errands) / DATED_VISITS) ** 2 - 1)
        bundled = bundler.bundle(errands, self.budget.sooner(longer), start, self._told)
        if not bundled.found:
            return None
        counts = limits.counted(bundled.columns)
        if any(int(count.sum()) > one.most for one, count in zip(limits.all, counts, strict=True)):
            return None
        return self._date(errands, self._tours(bundled.columns), {}, bundled.bound_m, bundled.status)

    def _tours(self, columns: Columns) -> list[Tour]:
        tours = [self._tour(int(columns.slots[at]), columns.errands(at)) for at in range(len(columns))]
        return [tour for tour in tours if tour is not None]

    def _tour(self, slot: int, errands: Sequence[int]) -> Tour | None:
        return drive(self.problem, self.roads, list(SLOTS)[slot], errands)

    def _drives(self, slot: int, errands: tuple[int, ...]) -> bool:
        """Whether one team may see these errands in one half-day."""
        alone = self.company is not None and self.company(np.array([errands])).any()
        return not alone and self._tour(slot, errands) is not None

    def _date(
        self,
        errands: Sequence[int],
        tours: Sequence[Tour],
        options: Mapping[Tour, Option],
        bound_m: int,
        status: str,
        *,
        trial: bool = False,
    ) -> _Dated | None:
        """Give days and teams by lot, with less work in a trial; None where there are none for all."""
        sorties, known = _sorties_of(self.problem, tours, options)
        lots = dict(self.lots_for(sorties)) if sorties else {}
        ranked, given_up = Ranked(solving.OPTIMAL, {}), tuple[str, ...]()
        if sorties:
            self.progress(_("plan: days and teams by lot for {sorties} sorties").format(sorties=len(sorties)))
            work = TRIAL * self.budget.work if trial else self.budget.work
            ranked, given_up = self._rank(sorties, lots, known, self.budget.of_work(work, DATED))
            if not ranked.given:
                return None
        total = sum(tour.metres + self.problem.sortie_cost_m for tour in tours)
        proven = status == solving.OPTIMAL
        return _Dated(tuple(errands), sorties, lots, ranked, total, min(total, bound_m), proven, given_up)

    def _rank(
        self,
        sorties: Sequence[Sortie],
        lots: Mapping[str, Lots],
        known: Mapping[str, Given],
        budget: Budget,
    ) -> tuple[Ranked, tuple[str, ...]]:
        """Give days and teams, and the rules of load and pairs that gave way for them, pairs first.

        Evenness gives way by itself, step by step.
        """
        ranked = rank(self.problem, sorties, lots, known, budget)
        wishes = [name for name in fair_rules(self.problem) if name != "even"]
        if ranked.given or not wishes or not self.gives_way:
            return ranked, ()
        free = rank(without(self.problem, wishes), sorties, lots, known, budget)
        for fewer in (wishes[at:] for at in range(len(wishes) - 1, 0, -1)) if free.given else ():
            ranked = rank(without(self.problem, fewer), sorties, lots, known, budget)
            if ranked.given:
                return ranked, tuple(fewer)
        return free, tuple(wishes) if free.given else ()

    # A county: exactly

    def _county(self, possible: Sequence[int]) -> _Dated:
        limits = limits_of(self.problem, 1.0)
        order = self._kept(possible, limits)
        best = self._staffed(self._of(order, possible), limits)
        if best is not None:
            return best
        best = NOBODY

        def goes(units: Sequence[str]) -> bool:
            nonlocal best
            dated = self._staffed(self._of(units, possible), limits)
            best = best if dated is None else dated
            return dated is not None

        keep(order, goes)  # the last ones that go are those that are kept
        return best

    def _kept(self, possible: Sequence[int], limits: Limits) -> list[str]:
        """Give the units that can be staffed together, all or by lot."""
        free = without(self.problem) if self.gives_way else self.problem
        joiner = Joiner(free, self.options, limits, cache(self._drives))
        known: tuple[StaffedTour, ...] = ()
        less = replace(self.budget, work=self.budget.work / 3)

        def fits(errands: Sequence[int]) -> bool:
            nonlocal known
            there = {at for _, members, _ in known for at in members}
            more = joiner.joined(known, [at for at in errands if at not in there])
            if more is None:
                own = self._field(errands, limits)
                found = bundle_staffed(free, own, self.options, errands, less, shortest=False)
                more = found.tours if found.found else None
            known = known if more is None else more
            return more is not None

        order = self._order(possible)
        if fits(possible):
            return order
        self.progress(_("plan: not all visits fit; units are kept by lot"))
        return keep(order, lambda units: fits(self._of(units, possible)))

    def _staffed(self, errands: Sequence[int], limits: Limits) -> _Dated | None:
        """Bundle these errands with who goes, and give days and teams; None where that is not found."""
        own = self._field(errands, limits)
        bundled = bundle_staffed(self.problem, own, self.options, errands, self.budget)
        if not bundled.found and self.gives_way:
            bundled = bundle_staffed(without(self.problem), own, self.options, errands, self.budget)
        if not bundled.found:
            return None
        options = {}
        for slot, members, option in bundled.tours:
            tour = self._tour(slot, sorted(members))
            if tour is not None:
                options[tour] = option
        return self._date(errands, list(options), options, bundled.bound_m, bundled.status)

    # A city: by a capacity model

    def _city(self, possible: Sequence[int], start: Columns) -> tuple[_Dated, float | None]:
        order = self._order(possible)
        groups = [self._of([unit], possible) for unit in order]
        whole = self._field(possible, limits_of(self.problem, 1.0))
        columns = columns_for(whole, possible, start)
        room = Room(whole, possible, columns)
        share = 1.0
        while share > STEP / 2:
            limits = limits_of(self.problem, share)
            kept = sorted(at for number in room.kept(groups, limits) for at in groups[number])
            self.progress(
                _("plan: {kept} of {units} units kept with {share} % of the half-days").format(
                    kept=len({self.problem.errands[at].unit for at in kept}),
                    units=len(order),
                    share=round(100 * share),
                )
            )
            field = self._field(kept, limits)
            bundler = self._bundler(field)
            inside = columns.within(kept, field.pad)
            rough = bundler.bundle(kept, self.budget, inside, rough=True)
            began = time.monotonic()
            dated = self._dated(kept, rough, trial=True)
            if dated is not None:
                # with a clock time is kept for days and teams, which take longer than in the trial
                budget = self.budget.sooner(LONGER * (time.monotonic() - began))
                better = bundler.bundle(kept, budget, rough.columns, self._told)
                best = None
                if better.found and better.objective_m < rough.objective_m:
                    best = self._dated(kept, better)
                best = best or dated
                return replace(best, bound_m=min(best.objective_m, better.bound_m)), share
            share = round(share - STEP * (HURRIED if self.budget.sooner(TRY).over else 1), 6)
        return NOBODY, 0.0

    def _dated(self, errands: Sequence[int], bundled: Bundled, *, trial: bool = False) -> _Dated | None:
        if not bundled.found:
            return None
        tours = self._tours(bundled.columns)
        return self._date(errands, tours, {}, bundled.bound_m, bundled.status, trial=trial)

    def _order(self, possible: Sequence[int]) -> list[str]:
        there = {self.problem.errands[at].unit for at in possible}
        return [unit for unit in self.problem.keep_order if unit in there]

    def _of(self, units: Sequence[str], possible: Sequence[int]) -> list[int]:
        wanted = set(units)
        return [at for at in possible if self.problem.errands[at].unit in wanted]


def _in_order(problem: PlanProblem) -> PlanProblem:
    """Give the same problem in one order, so that the order in which it came decides nothing."""
    return replace(
        problem,
        errands=tuple(sorted(problem.errands, key=lambda one: (one.unit, one.draw, one.domains))),
        staff=tuple(sorted(problem.staff, key=lambda one: one.id)),
        days=tuple(sorted(problem.days)),
    )


def _asked(problem: PlanProblem, possible: Sequence[int]) -> list[int]:
    """Give whom to ask at all: the first by lot, several times as many as all half-days have minutes for.

    Where visits are many times too many, those at the end of the lot are not measured against each other.
    """
    limits = {one.slot: one.most for one in limits_of(problem, 1.0).all if one.domain == ANY}
    shortest = max(1, min((problem.errands[at].minutes for at in possible), default=1))
    sorties = min(limits[ANY], sum(most for slot, most in limits.items() if slot != ANY))
    each = max((closes - opens) // shortest for opens, closes in SLOTS.values())
    most = max(COUNTY, TIMES * sorties * each)
    of: dict[str, list[int]] = defaultdict(list)
    for at in possible:
        of[problem.errands[at].unit].append(at)
    asked: list[int] = []
    for unit in problem.keep_order:
        if len(asked) >= most:
            break
        asked += of.get(unit, [])
    return sorted(asked)


def _left_out(problem: PlanProblem, possible: Sequence[int], kept: Collection[int]) -> list[Unplaced]:
    """Record what was left out for capacity; the evidence is how many units were kept before it."""
    kept_units = {problem.errands[at].unit for at in kept}
    before, count = {}, 0
    for unit in problem.keep_order:
        before[unit] = count
        count += unit in kept_units
    return [
        unplaced(problem.errands[at], CAPACITY, f"{before[problem.errands[at].unit]} kept before")
        for at in possible
        if at not in kept
    ]


def _sorties_of(
    problem: PlanProblem, tours: Sequence[Tour], options: Mapping[Tour, Option]
) -> tuple[tuple[Sortie, ...], dict[str, Given]]:
    """Number the sorties by half-day and first unit; give what can staff them, where teams are known."""
    slots = list(SLOTS)
    ordered = sorted(
        tours,
        key=lambda tour: (
            slots.index(tour.slot),
            [problem.errands[at].unit for at in tour.errands],
            tour.errands,
        ),
    )
    sorties, known = [], {}
    for number, tour in enumerate(ordered, 1):
        key = f"S{number:03d}"
        stops = tuple(
            Stop(
                unit=problem.errands[at].unit,
                draw=problem.errands[at].draw,
                domains=problem.errands[at].domains,
                minutes=problem.errands[at].minutes,
                start=start,
            )
            for at, start in zip(tour.errands, tour.starts, strict=True)
        )
        sorties.append(Sortie(key=key, slot=tour.slot, stops=stops, metres=tour.metres, start=tour.start))
        option = options.get(tour)
        if option is not None and option.team:
            known[key] = Given(option.day, option.slot, option.team, sorties[-1].units)
    return tuple(sorties), known if len(known) == len(sorties) else {}
