"""Style ``leximin``: class by class, the weightiest first, the least that the greatest counter can be."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.roster import objective
from auditor.roster.make import Duties, chosen, ruled
from auditor.roster.problem import RosterProblem
from auditor.solving import OPTIMAL, solve


@dataclass(frozen=True, slots=True)
class Greatest:
    """A class's greatest counter among the people of a part, and a proven bound of it.

    Where shares differ each counter is multiplied as `levels.scales` says, so that half a share counts twice.
    """

    name: str
    value: int
    bound: int


def leximin(part: RosterProblem, *, work: float) -> tuple[Duties, tuple[Greatest, ...]] | None:
    """Make the greatest counter of each class small, in the order of the weights; None without a roster.

    First all classes are tried at once at the least that no roster could go under (`levels`): one that keeps
    this is proven in every stage. Else one class after the other is made small and kept so.

    Parameters
    ----------
    work
        Deterministic units at most for each solve.
    """
    levels = objective.levels_of(part)
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    for name, found in levels.items():
        objective.keep_greatest(model, counters, name, found.greatest)
    solved = solve(model, work=work, linearization=1)
    if solved.found:
        stages = tuple(Greatest(name, found.greatest, found.greatest) for name, found in levels.items())
        return chosen(part, v, solved), stages
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    scale = objective.scale_of(part)
    duties: Duties | None = None
    stages = ()
    for name, found in levels.items():
        most = objective.greatest(model, counters, name, found.greatest)
        model.minimize(most)
        solved = solve(model, work=work)
        if not solved.found:
            return None if duties is None else (duties, stages)
        duties = chosen(part, v, solved)
        counted = objective.counted(part, duties)
        value = max(scale[person.id] * counted[person.id, name] for person in part.people)
        bound = value if solved.status == OPTIMAL else min(max(solved.bound, found.greatest), value)
        stages = (*stages, Greatest(name, value, bound))
        model.add(most <= value)
    return None if duties is None else (duties, stages)
