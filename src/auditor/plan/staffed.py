"""Bundling where staff is scarce: tours and the half-days and teams that serve them in one model.

Tours with the same options for staffing (one signature) are alike for whoever staffs them, if they visit
the same of those units that have several visits. So the model chooses tours, and for each signature as many
options as tours of it are chosen; options obey the rules of people, cars, half-days and of visits apart.
What it finds can therefore be staffed, and its bound holds for the plan. In crowded half-days, whose teams
are not listed, it is a relaxation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor import solving
from auditor.entities import SLOTS
from auditor.plan.columns import LABELS, MM, Columns
from auditor.plan.keeping import Room
from auditor.plan.options import Option, Options, bits
from auditor.plan.prices import Field, price
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.variables import Choice, Choices
from auditor.solving import Budget, Patience

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

StaffedTour = tuple[int, tuple[int, ...], Option]
"""A half-day's place in SLOTS, the errands, and an option that serves them."""

Alike = tuple[int, tuple[str, ...]]
"""What tours have in common: the bits of their options, and their units that have other visits too."""

FIRST = 400
"""How many of the cheapest tours are offered first."""
MOST_LABELS = 200_000
EVERY = 1 << 44
"""No column is dearer than this beyond its prices (mm)."""


@dataclass(frozen=True, slots=True)
class Staffed:
    """How bundling ended; each tour with an option for it.

    `objective_m` and `bound_m` are whole metres with the cost of each sortie; they and `tours` mean
    nothing unless `found`.
    """

    status: str
    tours: tuple[StaffedTour, ...] = ()
    objective_m: int = 0
    bound_m: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a bundling to read."""
        return self.status in (solving.OPTIMAL, solving.FEASIBLE)


def signature(options: Options, slot: int, errands: Sequence[int]) -> int:
    """Give the bits of the options that can serve these errands in one sortie."""
    mask = options.in_slot[list(SLOTS)[slot]]
    for at in errands:
        mask &= options.masks[at]
    return options.serving(mask, errands)


def bundle_staffed(
    problem: PlanProblem,
    field: Field,
    options: Options,
    errands: Collection[int],
    budget: Budget,
    *,
    shortest: bool = True,
) -> Staffed:
    """Cover each errand by exactly one tour, with as few metres and sorties as can be staffed.

    Only those tours are given to the solver that their prices allow, more of them where these do not
    prove the best; the result is the same as with all.

    Parameters
    ----------
    field
        Of these errands, with the limits that all sorties together have.
    shortest
        False asks only whether there is a bundling.
    """
    wanted = sorted(errands)
    if not wanted:
        return Staffed(solving.OPTIMAL)
    prices = price(field, wanted, over=Patience(budget, LABELS * len(wanted)))
    if prices.over:
        return Staffed(solving.OUT_OF_WORK)
    if prices.short:
        columns, complete = field.find(
            prices, EVERY, most=MOST_LABELS, over=Patience(budget, LABELS * len(wanted))
        )
        if complete and not Room(field, wanted, columns).kept([wanted], field.limits):
            return Staffed(solving.IMPOSSIBLE)
    window, known, asked, found = MM, -1, -1, Staffed(solving.OUT_OF_WORK)
    while True:
        columns, complete = field.find(
            prices, window, most=MOST_LABELS, over=Patience(budget, LABELS * len(wanted))
        )
        if len(columns) < FIRST and len(columns) > known and complete:
            known, window = len(columns), window * 4
            continue
        all_of_them = complete and window > EVERY
        if len(columns) > asked:
            # a wider window has all columns of the last one: as many of them are the same
            asked, found = len(columns), _bundle(problem, wanted, columns, options, budget, shortest)
        missing = max(prices.bound_m, prices.beyond(field, window, columns))
        if not complete or all_of_them:
            return found if complete else _weaker(found, prices.bound_m)
        if found.found and not shortest:
            return found
        if found.status == solving.OUT_OF_WORK:
            return found
        if found.found and found.objective_m <= missing:
            return found
        if found.found and found.status != solving.OPTIMAL:
            return _weaker(found, min(found.bound_m, missing))
        window = prices.gap(field, found.objective_m + 1, columns) if found.found else window * 16


def _weaker(found: Staffed, bound_m: int) -> Staffed:
    if not found.found:
        return Staffed(solving.OUT_OF_WORK)
    return Staffed(solving.FEASIBLE, found.tours, found.objective_m, min(bound_m, found.objective_m))


def _bundle(
    problem: PlanProblem,
    wanted: Sequence[int],
    columns: Columns,
    options: Options,
    budget: Budget,
    shortest: bool,
) -> Staffed:
    from ortools.sat.python import cp_model

    tours: list[tuple[int, tuple[int, ...], int]] = []
    covering: dict[int, list[int]] = defaultdict(list)
    alike: dict[Alike, list[int]] = defaultdict(list)
    visits = Counter(problem.errands[at].unit for at in wanted)
    for at in range(len(columns)):
        slot, errands = int(columns.slots[at]), columns.errands(at)
        bit = signature(options, slot, errands)
        if bit:
            units = sorted({problem.errands[one].unit for one in errands})
            alike[bit, tuple(unit for unit in units if visits[unit] > 1)].append(len(tours))
            for one in errands:
                covering[one].append(len(tours))
            tours.append((slot, errands, int(columns.costs[at])))
    if len(covering) < len(wanted):
        return Staffed(solving.IMPOSSIBLE)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in tours]
    for at in sorted(covering):
        model.add_exactly_one(chosen[number] for number in covering[at])
    choices: list[Choice] = []
    staffing: dict[Alike, list[tuple[int, Choice]]] = {}
    for sign in sorted(alike):
        staffing[sign] = []
        for bit in bits(sign[0]):
            option = options.all[bit]
            goes = model.new_int_var(0, option.room, "") if not option.team else model.new_bool_var("")
            choice = Choice(option.day, option.slot, option.team, goes, units=frozenset(sign[1]))
            choices.append(choice)
            staffing[sign].append((bit, choice))
        model.add(
            sum(chosen[number] for number in alike[sign]) == sum(choice.goes for _, choice in staffing[sign])
        )
    v = Choices(choices)
    for rule in RULES:
        rule.add(model, problem, v)
    if options.crowded:
        _add_room(model, problem, options, v)
    if shortest:
        model.minimize(sum(cost * goes for (_, _, cost), goes in zip(tours, chosen, strict=True)))
    solved = solving.solve(model, work=budget.work, seconds=budget.left())
    if not solved.found:
        return Staffed(solved.status)
    given = []
    for sign, pairs in staffing.items():
        taken = [bit for bit, choice in pairs for _ in range(solved.solver.value(choice.goes))]
        numbers = [number for number in alike[sign] if solved.solver.value(chosen[number])]
        given += [(number, options.all[bit]) for number, bit in zip(numbers, taken, strict=True)]
    given.sort(key=lambda one: one[0])
    total = sum(tours[number][2] for number, _ in given)
    return Staffed(
        solved.status,
        tuple((tours[number][0], tours[number][1], option) for number, option in given),
        total,
        min(solved.bound, total) if shortest else 0,
    )


def _add_room(model: cp_model.CpModel, problem: PlanProblem, options: Options, v: Choices) -> None:
    """Bound the crowded half-days: room for teams in each, and in all of them what shares allow."""
    room = {(one.day, one.slot): one.room for one in options.all if not one.team}
    for choices in v.half_days():
        here = (choices[0].day, choices[0].slot)
        if here in room:
            model.add(sum(choice.goes for choice in choices) <= room[here])
    shares = sum(one.share for one in problem.staff)
    model.add(problem.team * sum(choice.goes for choice in v.all) <= shares)
