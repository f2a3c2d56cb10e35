"""Clashes: where nothing at all can be placed, the smallest set of rules that cannot all be kept.

Every rule can be lifted by itself. A set of rules clashes if, with all others lifted, still no visit can be
made. Sets of one and two are all tried; of larger ones one is found of which no rule can be lifted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import combinations

from auditor.entities import SLOTS, Staff
from auditor.plan.cures import ways
from auditor.plan.problem import PlanProblem, Travel

ALWAYS = 10**6
"""More half-days and cars than anyone could use."""


def placeable(problem: PlanProblem) -> bool:
    """Whether some visit could be made by some team in some half-day if it were the only one."""
    return any(next(ways(problem, errand, {}, 0), None) is not None for errand in problem.errands)


def clash(problem: PlanProblem) -> tuple[str, ...]:
    """Name the rules that cannot all be kept, in the order of LIFTED; empty where a visit can be made.

    Empty too where there is no visit to be made. The problem has no rules of load, evenness and pairs:
    those give way before any visit is left out.
    """
    if not problem.errands or placeable(problem):
        return ()

    def clashes(kept: Collection[str]) -> bool:
        return not placeable(lifted(problem, [name for name in LIFTED if name not in kept]))

    for size in (1, 2):
        for some in combinations(LIFTED, size):
            if clashes(some):
                return some
    core = list(LIFTED)
    for name in LIFTED:
        fewer = [one for one in core if one != name]
        if clashes(fewer):
            core = fewer
    return tuple(core)


def lifted(problem: PlanProblem, names: Collection[str]) -> PlanProblem:
    """Give the problem without these rules; names as in LIFTED."""
    for name, lift in LIFTED.items():
        if name in names:
            problem = lift(problem)
    return problem


def _days(problem: PlanProblem) -> PlanProblem:
    ends = [day for window in problem.windows.values() for day in window]
    days = tuple(sorted({*problem.days, *ends}))
    return replace(
        problem, days=days, windows=dict.fromkeys(problem.windows, (days[0], days[-1])), beacon_day=""
    )


def _people(problem: PlanProblem) -> PlanProblem:
    """Give the problem with a whole team of newcomers, each of a department of its own (`plan.cures`)."""
    new = [Staff(id=f"+{number}", domains=(), free=(), share=0) for number in range(problem.team)]
    return replace(problem, staff=(*problem.staff, *new))


def _stand_by(problem: PlanProblem) -> PlanProblem:
    free = tuple(f"{day}/{slot}" for day in problem.days for slot in SLOTS)
    return replace(problem, staff=tuple(replace(one, free=free) for one in problem.staff))


def _shares(problem: PlanProblem) -> PlanProblem:
    return replace(problem, staff=tuple(replace(one, share=ALWAYS) for one in problem.staff))


def _skills(problem: PlanProblem) -> PlanProblem:
    keys = tuple(sorted({key for errand in problem.errands for key in errand.domains}))
    return replace(problem, staff=tuple(replace(one, domains=keys) for one in problem.staff))


def _conflicts(problem: PlanProblem) -> PlanProblem:
    staff = tuple(replace(one, conflict_units=(), conflict_strata=()) for one in problem.staff)
    return replace(problem, staff=staff)


def _windows(problem: PlanProblem) -> PlanProblem:
    arrivals = {slot: (opens, closes) for slot, (opens, closes) in SLOTS.items()}
    return replace(problem, errands=tuple(replace(one, arrivals=arrivals) for one in problem.errands))


def _lengths(problem: PlanProblem) -> PlanProblem:
    return replace(problem, errands=tuple(replace(one, minutes=0) for one in problem.errands))


def _roads(problem: PlanProblem) -> PlanProblem:
    places = dict.fromkeys([*(one.unit for one in problem.errands), "", *problem.starts], 0)
    return replace(problem, travel=Travel(places=places, metres=((0,),), minutes=((0,),)))


LIFTED: dict[str, Callable[[PlanProblem], PlanProblem]] = {
    "days": _days,
    "people": _people,
    "stand-by": _stand_by,
    "half-days": _shares,
    "skills": _skills,
    "conflicts": _conflicts,
    "mix": lambda problem: replace(problem, departments={}),
    "cars": lambda problem: replace(problem, cars=ALWAYS, cars_in={}),
    "closed": lambda problem: replace(problem, closed={}, shut={}),
    "windows": _windows,
    "lengths": _lengths,
    "roads": _roads,
}
"""How each rule is lifted; the order is that of lifting."""
