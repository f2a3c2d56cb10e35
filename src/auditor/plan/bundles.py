"""Which visits share a half-day: set partitioning over columns, with a proven bound.

The bound and the prices come from the linear relaxation (`prices`). A first bundling covers all errands
with the columns that are cheapest at these prices; then neighbourhoods of it are solved again with all
their columns, those first whose tours are dearest beyond their prices; at last, where so few columns are
left below the gap that all of them fit into one model, the best bundling of all is proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from auditor import solving
from auditor.entities import SLOTS
from auditor.plan.columns import LABELS, MM, Columns, Whole, cheapest, only, stacked
from auditor.plan.dives import QUICK, dive
from auditor.plan.inserting import inserted
from auditor.plan.prices import Field, Prices, price
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.plan.roads import Roads, Tour, drive
from auditor.solving import Budget, Patience

POOL = 60_000
"""So many columns are enough to improve with."""
MOST_COLUMNS = 2_000_000
PAIRS = 6
"""Pairs may be so many times dearer than other columns of the pool."""
PLATEAU = 3
"""Where so many wider gaps bring no column more, there are hardly any others."""
WIDEST = 1 << 40
"""No column is dearer than this beyond its prices (mm)."""
FIRST = 5_500
"""How many of the cheapest columns the first bundling chooses from."""
LAST = 25_000
"""With no more columns than this below the gap the best bundling is looked for among all of them."""
INSERTED = 200
"""So many errands at most are bundled by hand too, where columns cannot all be listed."""
ROUNDS = 50
"""For each unit of work errands are taken out and put back so often."""
BY_HAND = 11.0
"""Until so many seconds beyond the clock."""
DIVES = 2
ROUGH = 4
"""So many dives at most for a bundling of which only the limits matter."""
TAIL, TAIL_COLUMNS, TAIL_NODES = 130, 4_000, 1
"""Where so few errands are left the rest is chosen among so many columns, as well as soon as can be."""
PRICED = 10.0
"""A bound is looked for until so many seconds beyond the clock."""
BEYOND = 2.0
"""A rough bundling is looked for until so many seconds beyond the clock."""
SIZES = (55, 80, 110)
"""Errands in a neighbourhood: small ones first."""
PATIENCE = 60
"""After so many neighbourhoods without a gain they grow."""
NODES = 200
MOST_LABELS = 100_000
MOST = 2_000
"""Columns of a neighbourhood: the cheapest at their prices."""
ROUNDS_PER_WORK = 4


@dataclass(frozen=True, slots=True)
class Bundled:
    """How bundling ended. `objective_m` and `bound_m` are whole metres with the cost of each sortie.

    `columns`, `objective_m` mean nothing unless `found`; `bound_m` holds for every bundling within the
    limits.
    """

    status: str
    columns: Columns
    objective_m: int = 0
    bound_m: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a bundling to read."""
        return self.status in (solving.OPTIMAL, solving.FEASIBLE)


class Bundler:
    """Bundles the errands of one problem; it remembers what tours cost."""

    def __init__(
        self,
        problem: PlanProblem,
        roads: Roads,
        field: Field,
        serves: Callable[[int, tuple[int, ...]], bool] = lambda slot, errands: True,
    ) -> None:
        """`serves` tells whether some team could go at all, by the half-day's place in SLOTS."""
        self.problem, self.roads, self.field = problem, roads, field
        self._serves = serves
        self._known: dict[tuple[int, tuple[int, ...]], bool] = {}
        self._tours: dict[tuple[int, tuple[int, ...]], Tour | None] = {}

    def tour(self, slot: int, errands: Sequence[int]) -> Tour | None:
        """Drive a set of errands in a half-day (its place in SLOTS); None where no team can."""
        key = slot, tuple(sorted(errands))
        if key not in self._tours:
            self._tours[key] = drive(self.problem, self.roads, list(SLOTS)[slot], key[1])
        return self._tours[key]

    def bundle(
        self,
        errands: Collection[int],
        budget: Budget,
        start: Columns | None = None,
        progress: Callable[[int, int], None] = lambda best, bound: None,
        *,
        rough: bool = False,
    ) -> Bundled:
        """Put these errands into sorties with as few metres as can be found within the budget.

        Parameters
        ----------
        start
            Columns worth trying first.
        rough
            The first bundling that is found will do, without a bound.
        progress
            Told of the best objective and the bound, in metres, whenever one of them gets better.
        """
        wanted = sorted(errands)
        if not wanted:
            return Bundled(solving.OPTIMAL, stacked([], self.field.pad))
        soon = budget if rough else budget.sooner(-PRICED)
        prices = price(self.field, wanted, start, rough=rough, over=Patience(soon, LABELS * len(wanted)))
        if rough:
            return self._rough(wanted, prices, budget)
        pool, below, complete = self._pool(wanted, prices, budget)
        best = self._first(wanted, pool, prices, budget)
        if not complete and len(wanted) <= INSERTED:
            best = self._cheaper(best, self._by_hand(wanted, prices, budget))
        if best is None:
            return Bundled(solving.OUT_OF_WORK, stacked([], self.field.pad), 0, prices.bound_m)
        progress(int(best.costs.sum()), prices.bound_m)
        closed = self._close(wanted, best, prices, (pool, below, complete), budget)
        if closed.status == solving.OPTIMAL:
            return closed
        best = self._improve(closed.columns, prices, budget, progress)
        return self._close(wanted, best, prices, (pool, below, complete), budget)

    def _by_hand(self, wanted: Sequence[int], prices: Prices, budget: Budget) -> Columns | None:
        """Bundle by hand, for where tours of many stops are too many to be listed."""
        rule, late = self.field.rule, budget.sooner(-BY_HAND)

        def allowed(slot: int, errands: tuple[int, ...]) -> bool:
            return self._serves(slot, errands) and not (rule and rule(np.array([errands])).any())

        rounds = round(ROUNDS * budget.work)
        tours = inserted(self.field.halves, self.field.fixed, wanted, allowed, rounds, lambda: late.over)
        if tours is None:
            return None
        columns = self._columns([slot for slot, _ in tours], [stops for _, stops in tours])
        counts = self.field.limits.counted(columns)
        if any(int(count.sum()) > one.most for one, count in zip(self.field.limits.all, counts, strict=True)):
            return None
        return self._priced(columns, prices)

    def _cheaper(self, one: Columns | None, other: Columns | None) -> Columns | None:
        """Give the cheaper of two bundlings, the first where both are as cheap."""
        found = [columns for columns in (one, other) if columns is not None]
        return min(found, key=lambda columns: int(columns.costs.sum())) if found else None

    def _pool(
        self, wanted: Sequence[int], prices: Prices, budget: Budget, enough: int = POOL
    ) -> tuple[Columns, int, bool]:
        """Collect the columns that are cheap at these prices: up to how many millimetres, and if all."""
        below, known, same = 500 * MM, (prices.columns, 0, False), 0
        late = Patience(budget.sooner(-BEYOND), LABELS * len(wanted))
        while True:
            found, complete = self.field.find(prices, below, most=MOST_COLUMNS, over=late)
            same = same + 1 if complete and len(found) == len(known[0]) else 0
            known = (found, below, complete)
            if len(found) >= enough or same == PLATEAU or below >= WIDEST or late():
                break
            below = min(WIDEST, below * (4 if len(found) < enough // 8 else 2))
        pairs = self._priced(self.field.pairs(), prices)
        some = pairs.take((pairs.reduced <= PAIRS * known[1]) | (pairs.members[:, 1] == self.field.pad))
        pool = stacked([known[0], prices.columns, some], self.field.pad)
        return self._priced(pool, prices), known[1], known[2]

    def _priced(self, columns: Columns, prices: Prices) -> Columns:
        """Give columns with their reduced costs at these prices."""
        reduced = columns.costs * MM - prices.visits[columns.members].sum(1)
        for half in {one.slot: one for one in self.field.halves}.values():
            burden = self.field.burden(half, prices.limits)
            here = np.flatnonzero(columns.slots == half.slot)
            if burden is not None and len(here):
                reduced[here] += burden(columns.members[here])
        return replace(columns, reduced=reduced)

    # The first bundling

    def _first(self, wanted: Sequence[int], pool: Columns, prices: Prices, budget: Budget) -> Columns | None:
        """Cover all errands by the cheapest columns, then visit none twice."""
        order = np.argsort(pool.reduced, kind="stable")
        alone = pool.members[:, 1] == self.field.pad
        chosen = np.zeros(len(pool), bool)
        chosen[order[:FIRST]] = True
        few = pool.take(np.flatnonzero(chosen | alone))
        dives = [
            found
            for number in range(DIVES)
            if len(wanted) > COUNTY and not budget.over
            for found, left in [dive(self.field, wanted, pool, number)]
            if not left
        ]
        few = stacked([few, *dives], self.field.pad)
        found = self._choose(few, wanted, self._rest(None), budget, over=True)
        if found is not None:
            return self._once(found, prices)
        whole = [one for one in dives if len(self._served(one)) == len(one)]
        return min(whole, key=lambda one: int(one.costs.sum())) if whole else self._greedy(wanted, pool)

    def _greedy(self, wanted: Sequence[int], pool: Columns) -> Columns | None:
        """Take the column that is cheapest for each of its errands, again and again; None where the limits
        leave no room for all.
        """
        rest = np.array(self._rest(None), np.int64)
        counted = np.array(self.field.limits.counted(pool), np.int64).reshape(len(rest), len(pool))
        left, taken = set(wanted), []
        each = pool.reduced / (pool.members < self.field.pad).sum(1)
        for at in np.argsort(each, kind="stable"):
            room = rest >= counted[:, at]
            if left.issuperset(pool.errands(at)) and room.all() and len(self._served(pool.take(at[None]))):
                taken.append(at)
                left.difference_update(pool.errands(at))
                rest -= counted[:, at]
        return None if left else pool.take(np.array(taken, np.int64))

    def _rough(self, wanted: Sequence[int], prices: Prices, budget: Budget) -> Bundled:
        """Dive until few errands are left, and choose among all columns of these: limits bind there."""
        pool, _below, _complete = self._pool(wanted, prices, budget, POOL // 3)
        soon = budget.sooner(-BEYOND)
        for number in range(ROUGH):
            if soon.over:
                break
            fixed, left = dive(self.field, wanted, pool, number, one_in=QUICK, few=TAIL)
            if len(self._served(fixed)) < len(fixed):
                continue
            inside = pool.within(left, self.field.pad)
            order = np.argsort(inside.reduced, kind="stable")[:TAIL_COLUMNS]
            alone = np.flatnonzero(inside.members[:, 1] == self.field.pad)
            some = inside.take(np.union1d(order, alone))
            status, tail = self._solve(some, left, self._rest(fixed), soon, nodes=TAIL_NODES)
            if status in (solving.OPTIMAL, solving.FEASIBLE):
                found = stacked([fixed, tail], self.field.pad)
                return Bundled(solving.FEASIBLE, found, int(found.costs.sum()))
        return Bundled(solving.OUT_OF_WORK, stacked([], self.field.pad))

    def _rest(self, used: Columns | None) -> list[int]:
        """Give what the limits leave beside the sorties that stay."""
        limits = self.field.limits
        taken = [0] * len(limits.all) if used is None else [int(one.sum()) for one in limits.counted(used)]
        return [limit.most - count for limit, count in zip(limits.all, taken, strict=True)]

    def _choose(
        self,
        columns: Columns,
        wanted: Sequence[int],
        rest: Sequence[int],
        budget: Budget,
        *,
        over: bool = False,
    ) -> Columns | None:
        """Choose among columns; `over` lets errands be in several, and is solved much faster."""
        status, found = self._solve(columns, wanted, rest, budget, over=over)
        return found if status in (solving.OPTIMAL, solving.FEASIBLE) else None

    def _solve(
        self,
        columns: Columns,
        wanted: Sequence[int],
        rest: Sequence[int],
        budget: Budget,
        *,
        over: bool = False,
        nodes: int = NODES,
    ) -> tuple[str, Columns]:
        columns = self._distinct(columns.take(self._served(columns)))
        row = {at: number for number, at in enumerate(wanted)}
        ends = [(1.0, solving.infinity() if over else 1.0)] * len(row)
        ends += [(-solving.infinity(), float(one)) for one in rest]
        entries: list[list[tuple[int, int]]] = [
            [(row[one], 1) for one in columns.errands(at)] for at in range(len(columns))
        ]
        for number, counts in enumerate(self.field.limits.counted(columns)):
            for at in np.flatnonzero(counts).tolist():
                entries[at].append((len(row) + number, 1))
        chosen = solving.choose(
            ends,
            list(zip(columns.costs.tolist(), entries, strict=True)),
            nodes=nodes,
            seconds=budget.left(),
        )
        return chosen.status, columns.take(np.array(chosen.columns, np.int64))

    def _served(self, columns: Columns) -> Whole:
        """Tell which columns some team could serve."""
        good = []
        for at in range(len(columns)):
            key = int(columns.slots[at]), columns.errands(at)
            if key not in self._known:
                self._known[key] = self._serves(*key)
            if self._known[key]:
                good.append(at)
        return np.array(good, np.int64)

    def _distinct(self, columns: Columns) -> Columns:
        """Where no limit tells half-days apart keep only the cheapest of one set, the earlier of equals."""
        if self.field.limits.all:
            return columns
        return columns.take(cheapest(columns.members, columns.slots, columns.costs, self.field.pad))

    def _once(self, columns: Columns, prices: Prices) -> Columns:
        """Let no errand be visited twice: take it out of the sortie where that saves most."""
        slots = columns.slots.tolist()
        sets = [columns.errands(at) for at in range(len(columns))]
        while True:
            count = Counter(one for members in sets for one in members)
            savings = [
                (self._cost(slots[at], fewer) - self._cost(slots[at], sets[at]), at, fewer)
                for at, members in enumerate(sets)
                for one in members
                if count[one] > 1
                for fewer in [tuple(other for other in members if other != one)]
                if not fewer or self.tour(slots[at], fewer) is not None
            ]
            if not savings:
                return self._priced(self._columns(slots, sets), prices)
            _gain, at, fewer = min(savings)
            if fewer:
                sets[at] = fewer
            else:
                del sets[at], slots[at]

    def _cost(self, slot: int, errands: Sequence[int]) -> int:
        """Metres of a set with the cost of its sortie; 0 for nobody."""
        tour = self.tour(slot, errands) if errands else None
        return tour.metres + self.field.fixed if tour else 0

    def _columns(self, slots: Sequence[int], sets: Sequence[Sequence[int]]) -> Columns:
        width = max([1, *map(len, sets)]) + 1
        members = np.full((len(sets), width), self.field.pad, np.int64)
        for at, one in enumerate(sets):
            members[at, : len(one)] = sorted(one)
        costs = [self._cost(slot, one) for slot, one in zip(slots, sets, strict=True)]
        return Columns(
            members, np.array(slots, np.int64), np.array(costs, np.int64), np.zeros(len(sets), np.int64)
        )

    # Better ones

    def _improve(
        self,
        best: Columns,
        prices: Prices,
        budget: Budget,
        progress: Callable[[int, int], None],
    ) -> Columns:
        """Solve neighbourhoods again, with ever larger ones where small ones gain nothing."""
        random = Random(1)
        picked: Counter[int] = Counter()
        rounds = round(budget.work * ROUNDS_PER_WORK)
        patience = Patience(budget, LABELS * sum(map(len, map(best.errands, range(len(best))))))
        for size in SIZES:
            idle = 0
            while idle < PATIENCE and rounds > 0 and not patience():
                if int(best.costs.sum()) <= prices.bound_m:
                    return best
                rounds -= 1
                freed = self._neighbourhood(best, size, random, picked)
                better = self._again(best, freed, prices, budget, patience)
                idle += 1
                if better is not None:
                    best, idle = better, 0
                    progress(int(best.costs.sum()), prices.bound_m)
                if len(freed) == len(best):
                    break
        return best

    def _over(self, errands: Sequence[int]) -> Field:
        """Give the field of some errands only."""
        halves = tuple(only(half, errands) for half in self.field.halves)
        return replace(self.field, halves=halves)

    def _neighbourhood(self, best: Columns, size: int, random: Random, picked: Counter[int]) -> Whole:
        """Free the sorties around one that is dear beyond its prices, until they have `size` errands."""
        weights = [
            (max(1, int(best.reduced[at])) / (1 + sum(picked[one] for one in best.errands(at))))
            for at in range(len(best))
        ]
        centre = random.choices(range(len(best)), weights)[0]
        middle = random.choice(best.errands(centre))
        picked[middle] += 1
        far = [
            min(self.roads.metres[middle][one] for one in best.errands(at)) * (1 + random.random() / 2)
            for at in range(len(best))
        ]
        far[centre] = -1.0
        freed, count = [], 0
        for at in sorted(range(len(best)), key=lambda one: (far[one], one)):
            freed.append(at)
            count += len(best.errands(at))
            if count >= size:
                break
        return np.array(freed, np.int64)

    def _again(
        self, best: Columns, freed: Whole, prices: Prices, budget: Budget, patience: Patience
    ) -> Columns | None:
        """Bundle the errands of the freed sorties again; None unless that is cheaper."""
        stays = np.ones(len(best), bool)
        stays[freed] = False
        old = best.take(freed)
        wanted = sorted(one for at in range(len(old)) for one in old.errands(at))
        gap = int(old.reduced.sum())
        if gap <= 0:
            return None
        inside = self._over(wanted)
        near, _complete = inside.find(prices, gap, most=MOST_LABELS, over=patience)
        useful = np.argsort(near.reduced, kind="stable")[:MOST]
        columns = stacked([old, near.take(useful)], self.field.pad)
        cost = int(old.costs.sum())
        rest = self._rest(best.take(stays))
        found = self._choose(columns, wanted, rest, budget)
        if found is None or int(found.costs.sum()) >= cost:
            return None
        return stacked([best.take(stays), found], self.field.pad)

    # The best one

    def _close(
        self,
        wanted: Sequence[int],
        best: Columns,
        prices: Prices,
        pool: tuple[Columns, int, bool],
        budget: Budget,
    ) -> Bundled:
        """Prove the best bundling where all columns below the gap fit into one model."""
        total = int(best.costs.sum())
        found = Bundled(solving.FEASIBLE, best, total, prices.bound_m)
        if total <= prices.bound_m:
            return replace(found, status=solving.OPTIMAL)
        columns, below, complete = pool
        gap = prices.gap(self.field, total, columns)
        if below < gap and int((columns.reduced <= gap).sum()) <= LAST and not budget.over:
            columns, complete = self.field.find(
                prices, gap, most=40 * LAST, over=Patience(budget, LABELS * len(wanted))
            )
            below = gap if complete else 0
            gap = prices.gap(self.field, total, columns)
        few = columns.take(columns.reduced <= gap)
        if not complete or below < gap or len(few) > LAST or budget.over:
            return found
        few = stacked([few, best], self.field.pad)
        nodes = max(NODES, round(budget.work * 100))
        status, better = self._solve(few, wanted, self._rest(None), budget, nodes=nodes)
        if status not in (solving.OPTIMAL, solving.FEASIBLE):
            return found
        if int(better.costs.sum()) >= total:
            better = best
        total = int(better.costs.sum())
        bound = total if status == solving.OPTIMAL else prices.bound_m
        return Bundled(status, self._priced(better, prices), total, bound)
