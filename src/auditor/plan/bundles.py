"""Which visits share a half-day: set partitioning over all tours, staffed inside the same model.

Tours with the same options for staffing (one signature) are alike for whoever staffs them. So the
model chooses tours, and for each signature as many options as tours of it are chosen; options obey
the rules of people, cars and half-days. What it finds can therefore be staffed, and its bound holds
for the plan. In crowded half-days, whose teams are not listed, it is a relaxation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor import solving
from auditor.entities import SLOTS
from auditor.plan.options import Option, Options, bits
from auditor.plan.prices import MM, reduced_costs
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.tours import Tour
from auditor.plan.variables import Choice, Choices

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MANY = 1_500
"""More tours than this are sifted by their prices first."""
FIRST = 400
"""How many of the cheapest are offered first."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """How bundling ended; `tours` with the option that can staff each, in the order of the list.

    `objective_m` and `bound_m` are whole metres with the cost of each sortie; they and `tours` mean
    nothing unless `found`.
    """

    status: str
    tours: tuple[tuple[Tour, Option], ...] = ()
    objective_m: int = 0
    bound_m: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a partition to read."""
        return self.status in (solving.OPTIMAL, solving.FEASIBLE)


def bundle(
    problem: PlanProblem,
    errands: Sequence[int],
    tours: Sequence[Tour],
    options: Options,
    *,
    work: float,
    shortest: bool = True,
) -> Bundled:
    """Cover each errand by exactly one tour, with as few metres and sorties as can be staffed.

    Of very many tours only those are given to the solver that their prices allow; the result is the
    same.

    Parameters
    ----------
    tours
        All tours over these errands, and perhaps over more: tours with other errands are left out.
    shortest
        False asks only whether there is a partition.
    """
    wanted = set(errands)
    usable = [tour for tour in tours if wanted.issuperset(tour.errands)]
    most = sum(one.share for one in problem.staff) // problem.team
    if len(usable) > FIRST:
        _, sorties = reduced_costs(usable, [1] * len(usable), len(usable))
        if sorties > most * MM:
            return Bundled(solving.IMPOSSIBLE)
    if not shortest or len(usable) <= MANY:
        return _bundle(problem, wanted, usable, options, work, shortest)
    costs = [tour.metres + problem.sortie_cost_m for tour in usable]
    reduced, least = reduced_costs(usable, costs, most)
    window = max(MM, sorted(reduced)[FIRST])
    while True:
        cheap = [tour for tour, dear in zip(usable, reduced, strict=True) if dear <= window]
        found = _bundle(problem, wanted, cheap, options, work, shortest)
        if len(cheap) == len(usable):
            return found
        missing = -(-(least + window) // MM)
        if not found.found:
            window *= 4
        elif found.objective_m <= missing:
            return found
        elif found.status != solving.OPTIMAL:
            return replace(found, status=solving.FEASIBLE, bound_m=min(found.bound_m, missing))
        else:
            window = found.objective_m * MM - least


def _bundle(
    problem: PlanProblem,
    wanted: Collection[int],
    usable: Sequence[Tour],
    options: Options,
    work: float,
    shortest: bool,
) -> Bundled:
    from ortools.sat.python import cp_model

    covering: dict[int, list[int]] = defaultdict(list)
    alike: dict[int, list[int]] = defaultdict(list)
    for number, tour in enumerate(usable):
        alike[tour.options].append(number)
        for at in tour.errands:
            covering[at].append(number)
    if len(covering) < len(wanted):
        return Bundled(solving.IMPOSSIBLE)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in usable]
    for at in sorted(covering):
        model.add_exactly_one(chosen[number] for number in covering[at])
    choices: list[Choice] = []
    staffing: dict[int, list[tuple[int, Choice]]] = {}
    for signature in sorted(alike):
        staffing[signature] = []
        for bit in bits(signature):
            option = options.all[bit]
            goes = model.new_int_var(0, option.room, "") if not option.team else model.new_bool_var("")
            choice = Choice(option.day, option.slot, option.team, goes)
            choices.append(choice)
            staffing[signature].append((bit, choice))
        model.add(
            sum(chosen[number] for number in alike[signature])
            == sum(choice.goes for _, choice in staffing[signature])
        )
    v = Choices(choices)
    for rule in RULES:
        rule.add(model, problem, v)
    if options.crowded:
        _add_room(model, problem, options, v)
    if shortest:
        model.minimize(
            sum(
                (tour.metres + problem.sortie_cost_m) * goes
                for tour, goes in zip(usable, chosen, strict=True)
            )
        )
    solved = solving.solve(model, work=work)
    if not solved.found:
        return Bundled(solved.status)
    given = []
    for signature, pairs in staffing.items():
        taken = [bit for bit, choice in pairs for _ in range(solved.solver.value(choice.goes))]
        numbers = [number for number in alike[signature] if solved.solver.value(chosen[number])]
        given += [
            (number, usable[number], options.all[bit]) for number, bit in zip(numbers, taken, strict=True)
        ]
    picked = tuple((tour, option) for _, tour, option in sorted(given, key=lambda one: one[0]))
    total = sum(tour.metres + problem.sortie_cost_m for tour, _ in picked)
    return Bundled(solved.status, picked, total, min(solved.bound, total) if shortest else 0)


def _add_room(model: cp_model.CpModel, problem: PlanProblem, options: Options, v: Choices) -> None:
    """Bound the crowded half-days: room for teams in each, and in all of them what shares allow."""
    room = {(one.day, one.slot): one.room for one in options.all if not one.team}
    for choices in v.half_days():
        here = (choices[0].day, choices[0].slot)
        if here in room:
            model.add(sum(choice.goes for choice in choices) <= room[here])
    shares = sum(one.share for one in problem.staff)
    model.add(problem.team * sum(choice.goes for choice in v.all) <= shares)


def simple_bound_m(problem: PlanProblem, errands: Sequence[int], home_m: Mapping[int, int]) -> int:
    """Give a bound that needs no list of tours: every visit bears its part of a sortie of its own.

    A sortie drives at least as far as to its farthest visit and back (less a metre of rounding a
    leg), and cannot hold more visits than the shortest ones that fill the longest half-day.
    """
    longest = max(closes - opens for opens, closes in SLOTS.values())
    most, used = 0, 0
    for minutes in sorted(problem.errands[at].minutes for at in errands):
        used += minutes
        if used > longest:
            break
        most += 1
    most = max(most, 1)
    return sum(max(0, problem.sortie_cost_m + 2 * home_m[at] - (most + 1)) for at in errands) // most
