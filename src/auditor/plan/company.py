"""How many stops of one sortie may lie near each other.

A team seen at one school tells its neighbours that they are next. Where a plan limits how many stops of
one sortie lie in one township, or within some metres of road, a first stop says less about the others.
"""

from __future__ import annotations

import numpy as np

from auditor.plan.columns import NEVER, Burden, Whole
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Roads


def company_of(problem: PlanProblem, roads: Roads) -> Burden | None:
    """Give the rule that no stop has more than so many stops of its sortie near it, itself counted.

    None where the problem sets no such rule.
    """
    if problem.company is None:
        return None
    count = len(problem.errands)
    areas = [problem.townships.get(errand.unit, "") for errand in problem.errands]
    number = {area: at + 1 for at, area in enumerate(sorted(set(areas) - {""}))}
    own = np.array([number.get(area, 0) for area in areas], np.int64)
    far = np.array(roads.metres, np.int64).reshape(count + 1, count + 1)[:count, :count]
    near = (own[:, None] == own[None]) & (own[:, None] > 0)
    near |= np.minimum(far, far.T) < problem.near_m
    near = np.pad(near, (0, 1))  # what fills up a row of errands is near to nothing
    most = problem.company

    def burden(members: Whole) -> Whole:
        worst = np.zeros(len(members), np.int64)
        for one in members.T:
            worst = np.maximum(worst, sum(near[one, other].astype(np.int64) for other in members.T))
        return np.where(worst > most, NEVER, 0)

    return burden
