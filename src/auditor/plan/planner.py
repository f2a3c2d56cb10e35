"""From errands to sorties with days and teams: freely where there is room, else who is kept by lot.

A programme with room enough is bundled as if there were staff for everything. Where days and teams are not
found then, a small one is bundled together with its staff, exactly; a large one within the limits of a
capacity model, whose share of all half-days falls until bundles, days and teams are found. Where none is
found, or the clock ends first, units are placed by hand in the order of the lot.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from auditor import solving
from auditor.entities import SLOTS, Lots, Sortie
from auditor.i18n import _
from auditor.plan.bundles import PRICED, Bundled, Bundler
from auditor.plan.columns import LABELS, Columns, HalfDay, half_day, summed
from auditor.plan.company import company_of
from auditor.plan.given import Given
from auditor.plan.joining import Joiner, given_of
from auditor.plan.keeping import Room, columns_for, keep, largest
from auditor.plan.knowledge import knowledge_of
from auditor.plan.limits import Limits, limits_of, no_limits
from auditor.plan.loads import fair_rules, without
from auditor.plan.numbering import sorties_of, tours_of
from auditor.plan.options import Option, Options
from auditor.plan.prices import Field, Prices, price
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.plan.ranks import Ranked, rank
from auditor.plan.roads import Roads, Tour, drive, roads_of
from auditor.plan.secrecy import Chance, altered
from auditor.plan.settling import first
from auditor.plan.staffed import StaffedTour, bundle_staffed, signature
from auditor.solving import Budget, Patience

LotsFor = Callable[[Sequence[Sortie]], Mapping[str, Lots]]

TRIAL = 0.1
"""The part of the work that days and teams may take while the share is looked for."""
DATED = 15.0
"""With a clock days and teams have so many seconds beyond its end."""
DATED_VISITS = 750
"""For more visits than this days and teams begin sooner: what they take grows with the square."""
LONGER = 2
"""So many times as long as in the trial days and teams may take in the end."""
ALL, HURRIED = 50, 4
"""The share of half-days that a large programme may use falls in steps of one in so many; by the clock in so
many steps at once, to rise again."""
BEYOND = 5.0
"""A share is tried where that could end so many seconds beyond the clock, if it took as long as others."""
BY_HAND, AT_LEAST = 10.0, 5.0
"""Until so many seconds beyond the clock units are placed by hand, and for so many seconds at least."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A bundling that has days and teams; `bound_m` holds for every bundling of these errands.

    `cut` says that work or time ended before it was known of every unit whether it can be kept.
    """

    errands: tuple[int, ...]
    sorties: tuple[Sortie, ...]
    lots: Mapping[str, Lots]
    ranked: Ranked
    objective_m: int
    bound_m: int
    proven: bool
    given_up: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A share of the half-days that will do: its bundling with days and teams, and the seconds these took."""

    share: float
    bundler: Bundler
    rough: Bundled
    dated: Dated
    seconds: float


NOBODY = Dated((), (), {}, Ranked(solving.OPTIMAL, {}), 0, 0, True)
"""Where nobody can be visited at all."""


class Planner:
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
        partly: bool = True,
    ) -> None:
        """`partly` is as for `auditor.plan.make.make_plan`."""
        self._began, self._partly = time.monotonic(), partly
        self.problem, self.options, self.lots_for = problem, options, lots_for
        self.budget, self.progress, self.gives_way = budget, progress, gives_way
        self.roads: Roads = roads_of(problem)
        self.seen: Roads = altered(problem, self.roads, chance)
        """The roads as bundling sees them; what is driven is told by `roads`."""
        self.rule = summed(company_of(problem, self.roads), knowledge_of(problem))
        """Which errands may never share a sortie."""
        self._halves: tuple[tuple[Roads, tuple[int, ...]], tuple[HalfDay, ...]] | None = None

    def plan(self, possible: Sequence[int]) -> tuple[Dated, float | None]:
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
        return self._priced(field, errands).bound_m

    def _priced(self, field: Field, errands: Sequence[int], start: Columns | None = None) -> Prices:
        """Find prices and a bound, though time is over: it may take some seconds more."""
        late = self.budget.sooner(-PRICED)
        return price(field, errands, start, over=Patience(late, LABELS * len(errands)))

    def _plan(self, possible: Sequence[int], limits: Limits) -> tuple[Dated, float | None]:
        roomy = price(
            self._field(possible, limits),
            possible,
            rough=True,
            over=Patience(self.budget, LABELS * len(possible)),
        )
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
            self.rule,
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

    def _free(self, errands: Sequence[int], limits: Limits, start: Columns) -> Dated | None:
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
        forbidden = self.rule is not None and self.rule(np.array([errands])).any()
        return not forbidden and self._tour(slot, errands) is not None

    def _date(
        self,
        errands: Sequence[int],
        tours: Sequence[Tour],
        options: Mapping[Tour, Option],
        bound_m: int,
        status: str,
        *,
        part: float = 1.0,
    ) -> Dated | None:
        """Give days and teams by lot, with a part of the work; None where there are none for all."""
        sorties, known = sorties_of(self.problem, tours, options)
        lots = dict(self.lots_for(sorties)) if sorties else {}
        ranked, given_up = Ranked(solving.OPTIMAL, {}), tuple[str, ...]()
        if sorties:
            self.progress(_("plan: days and teams by lot for {sorties} sorties").format(sorties=len(sorties)))
            budget = replace(self.budget.sooner(-DATED), work=part * self.budget.work)
            ranked, given_up = self._rank(sorties, lots, known, budget)
            if not ranked.given:
                return None
        total = sum(tour.metres + self.problem.sortie_cost_m for tour in tours)
        proven = status == solving.OPTIMAL
        return Dated(tuple(errands), sorties, lots, ranked, total, min(total, bound_m), proven, given_up)

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

    def _county(self, possible: Sequence[int]) -> Dated:
        limits = limits_of(self.problem, 1.0)
        order, known, cut = self._kept(possible, limits)
        best = self._staffed(self._of(order, possible), limits, known) or NOBODY
        if best is NOBODY:

            def goes(units: Sequence[str]) -> bool:
                nonlocal best
                dated = self._staffed(self._of(units, possible), limits)
                best = best if dated is None else dated
                return dated is not None

            keep(order, goes)  # the last ones that go are those that are kept
        return self._filled(best, possible) if cut else best

    def _filled(self, dated: Dated, possible: Sequence[int]) -> Dated:
        """Let those of whom it is not known that they have no room join by hand, in the order of the lot."""
        there = {self.problem.errands[at].unit for at in dated.errands}
        left = [self._of([unit], possible) for unit in self._order(possible) if unit not in there]
        tours = tours_of(self.problem, dated.sorties, dated.ranked.given)
        late = self.budget.sooner(-BEYOND)
        joined = self._joiner(dated.given_up).placed(tours, left, lambda: late.over)
        more = None if joined == tours else self._of_tours(joined, 1.0)
        return replace(more or dated, proven=False, cut=True)

    def _kept(
        self, possible: Sequence[int], limits: Limits
    ) -> tuple[list[str], tuple[StaffedTour, ...], bool]:
        """Give the units that can be staffed together, all or by lot, and how; in half the time.

        The last tells whether work or time ended a question, whose units then count as having no room.
        """
        free = without(self.problem) if self.gives_way else self.problem
        joiner = Joiner(free, self.options, limits, cache(self._drives), self.roads)
        known: tuple[StaffedTour, ...] = ()
        cut = False
        less = replace(self.budget.sooner((self.budget.left() or 0.0) / 2), work=self.budget.work / 3)

        def fits(errands: Sequence[int]) -> bool:
            nonlocal known, cut
            there = {at for _, members, _ in known for at in members}
            more = joiner.joined(known, [at for at in errands if at not in there])
            if more is None:
                own = self._field(errands, limits)
                found = bundle_staffed(free, own, self.options, errands, less, shortest=False)
                more = found.tours if found.found else None
                cut = cut or found.status == solving.OUT_OF_WORK
            known = known if more is None else more
            return more is not None

        order = self._order(possible)
        if not fits(possible):
            if not self._partly:
                return [], (), False
            self.progress(_("plan: not all visits fit; units are kept by lot"))
            order = keep(order, lambda units: fits(self._of(units, possible)))
        return order, known, cut and len(order) < len(self._order(possible))

    def _staffed(
        self, errands: Sequence[int], limits: Limits, known: Sequence[StaffedTour] = ()
    ) -> Dated | None:
        """Bundle these errands with who goes, and give days and teams; None where that is not found.

        `known` is a bundling of them that can be staffed: what there is where the solver finds none in time.
        """
        own = self._field(errands, limits)
        bundled = bundle_staffed(self.problem, own, self.options, errands, self.budget)
        if not bundled.found and self.gives_way:
            bundled = bundle_staffed(without(self.problem), own, self.options, errands, self.budget)
        tours, bound, status = bundled.tours, bundled.bound_m, bundled.status
        if not bundled.found:
            if not known:
                return None
            tours, bound, status = tuple(known), self._priced(own, errands).bound_m, solving.FEASIBLE
        options = self._driven(tours)
        return self._date(errands, list(options), options, bound, status)

    def _driven(self, tours: Sequence[StaffedTour]) -> dict[Tour, Option]:
        """Give the shortest way of each of these tours, and who goes."""
        driven = [(self._tour(slot, sorted(members)), option) for slot, members, option in tours]
        return {tour: option for tour, option in driven if tour is not None}

    # A city: by a capacity model

    def _city(self, possible: Sequence[int], start: Columns) -> tuple[Dated, float | None]:
        """Find the largest share of all half-days that will do: it falls, in large steps where time is short,
        and rises again between one that does and one that does not while there is time.
        """
        order = self._order(possible)
        if self.budget.over:
            return self._by_hand(order, possible), None
        whole = self._field(possible, limits_of(self.problem, 1.0))
        columns = columns_for(whole, possible, start, Patience(self.budget, LABELS * len(possible)))
        room = Room(whole, possible, columns)
        # a share takes about as long as what was measured for all
        longest = time.monotonic() - self._began
        best: Tried | None = None

        def does(step: int) -> bool:
            nonlocal best, longest
            began = time.monotonic()
            tried = self._within(step / ALL, order, possible, room, columns)
            longest = max(longest, time.monotonic() - began)
            best = tried or best
            return tried is not None

        largest(
            ALL,
            does,
            lambda: 1 if self.budget.end is None else HURRIED,
            lambda: self.budget.sooner(longest - BEYOND).over,
        )
        if best is None:
            return self._by_hand(order, possible), None
        return self._better(best), best.share

    def _within(
        self, share: float, order: Sequence[str], possible: Sequence[int], room: Room, columns: Columns
    ) -> Tried | None:
        """Plan whom a share of all half-days has room for; None where that is not found."""
        limits = limits_of(self.problem, share)
        groups = [self._of([unit], possible) for unit in order]
        numbers = room.kept(groups, limits, lambda: self.budget.over)
        kept = sorted(at for number in numbers for at in groups[number])
        self.progress(
            _("plan: {kept} of {units} units kept with {share} % of the half-days").format(
                kept=len(numbers), units=len(order), share=round(100 * share)
            )
        )
        field = self._field(kept, limits)
        bundler = self._bundler(field)
        rough = bundler.bundle(kept, self.budget, columns.within(kept, field.pad), rough=True)
        began = time.monotonic()
        dated = self._dated(kept, rough, TRIAL)
        return None if dated is None else Tried(share, bundler, rough, dated, time.monotonic() - began)

    def _better(self, tried: Tried) -> Dated:
        """Bundle again those who are kept, as well as there is time for, and prove a bound."""
        kept, rough = tried.dated.errands, tried.rough
        # with a clock time is kept for days and teams, which take longer than in the trial
        budget = self.budget.sooner(LONGER * tried.seconds)
        if budget.over:
            bound = self._priced(tried.bundler.field, kept, rough.columns).bound_m
            return replace(tried.dated, bound_m=min(tried.dated.objective_m, bound))
        better = tried.bundler.bundle(kept, budget, rough.columns, self._told)
        best = None
        if better.found and better.objective_m < rough.objective_m:
            best = self._dated(kept, better)
        best = best or tried.dated
        return replace(best, bound_m=min(best.objective_m, better.bound_m))

    def _by_hand(self, order: Sequence[str], possible: Sequence[int]) -> Dated:
        """Place unit after unit beside those placed before, in the order of their lot."""
        least = Budget.of(1.0, AT_LEAST)
        late = self.budget.sooner(-BY_HAND)
        groups = [self._of([unit], possible) for unit in order]
        wishes = fair_rules(self.problem) if self.gives_way else ()
        joined = self._joiner(wishes).placed((), groups, lambda: late.over and least.over)
        dated = replace(self._of_tours(joined, 0.0) or NOBODY, cut=True)
        self.progress(
            _("plan: {kept} of {units} units placed by hand").format(
                kept=len({self.problem.errands[at].unit for at in dated.errands}), units=len(order)
            )
        )
        return dated

    def _joiner(self, given_up: Collection[str]) -> Joiner:
        """Give what places units by hand, those who go out by themselves by lot."""
        loose = without(self.problem, (*given_up, "even"))

        def alone(slot: int, at: int, tours: Sequence[StaffedTour]) -> Option | None:
            tour = self._tour(slot, (at,))
            if tour is None:
                return None
            (sortie,), _known = sorties_of(self.problem, [tour], {})
            found = first(loose, sortie, self.lots_for([sortie])[sortie.key], given_of(loose, tours))
            return None if found is None else Option(found.day, found.slot, found.team)

        limits = limits_of(self.problem, 1.0)
        return Joiner(loose, self.options, limits, cache(self._drives), self.roads, alone)

    def _of_tours(self, tours: Sequence[StaffedTour], part: float) -> Dated | None:
        """Give days and teams to tours that have some."""
        errands = sorted(at for _slot, members, _option in tours for at in members)
        options = self._driven(tours)
        bound = self._bound(errands, limits_of(self.problem, 1.0))
        return self._date(errands, list(options), options, bound, solving.FEASIBLE, part=part)

    def _dated(self, errands: Sequence[int], bundled: Bundled, part: float = 1.0) -> Dated | None:
        if not bundled.found:
            return None
        tours = self._tours(bundled.columns)
        return self._date(errands, tours, {}, bundled.bound_m, bundled.status, part=part)

    def _order(self, possible: Sequence[int]) -> list[str]:
        there = {self.problem.errands[at].unit for at in possible}
        return [unit for unit in self.problem.keep_order if unit in there]

    def _of(self, units: Sequence[str], possible: Sequence[int]) -> list[int]:
        wanted = set(units)
        return [at for at in possible if self.problem.errands[at].unit in wanted]
