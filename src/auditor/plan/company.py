"""Which stops may share a sortie: no unit twice, and so many near each other.

A team seen at one school tells its neighbours that they are next. Where a plan limits how many stops of
one sortie lie in one township, or within some metres of road, a first stop says less about the others.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from auditor.plan.columns import NEVER, Burden, Whole
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Roads


def company_of(problem: PlanProblem, roads: Roads) -> Burden | None:
    """Give the rule that no unit is visited twice in a sortie, and no stop has too many stops near it.

    A stop counts among those near it. None where no unit has two visits in one kind of half-day and the
    problem sets no limit.
    """
    errands = problem.errands
    visits = [(errand.unit, slot) for errand in errands for slot in errand.arrivals]
    if problem.company is None and len(set(visits)) == len(visits):
        return None
    count = len(problem.errands)
    near = np.pad(near_of(problem, roads), (0, 1))  # what fills up a row of errands is near to nothing
    units = {unit: at for at, unit in enumerate(sorted({errand.unit for errand in errands}))}
    named = np.array([*(units[errand.unit] for errand in errands), -1], np.int64)
    shared = len(units) < count
    most = count if problem.company is None else problem.company

    def burden(members: Whole) -> Whole:
        columns = list(members.T)
        beside = np.ones((len(columns), len(members)), np.int64)
        forbidden = np.zeros(len(members), bool)
        for (at, one), (to, other) in combinations(enumerate(columns), 2):
            if len(columns) > most:
                close = near[one, other]
                beside[at] += close
                beside[to] += close
            if shared:
                forbidden |= (named[one] == named[other]) & (named[one] >= 0)
        if len(columns) > most:
            forbidden |= beside.max(0) > most
        return np.where(forbidden, NEVER, 0)

    return burden


def near_of(problem: PlanProblem, roads: Roads) -> NDArray[np.bool_]:
    """Tell of every two errands whether they lie near each other: in one township, or by road."""
    count = len(problem.errands)
    areas = [problem.townships.get(errand.unit, "") for errand in problem.errands]
    number = {area: at + 1 for at, area in enumerate(sorted(set(areas) - {""}))}
    own = np.array([number.get(area, 0) for area in areas], np.int64)
    far = np.array(roads.metres, np.int64).reshape(count + 1, count + 1)[:count, :count]
    near = (own[:, None] == own[None]) & (own[:, None] > 0)
    close: NDArray[np.bool_] = near | (np.minimum(far, far.T) < problem.near_m)
    return close
