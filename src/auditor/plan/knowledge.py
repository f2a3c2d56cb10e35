"""Which visits may share a sortie as far as knowledge goes: some team must hold all their domains."""

from __future__ import annotations

from functools import reduce
from itertools import combinations_with_replacement
from operator import or_

import numpy as np
from numpy.typing import NDArray

from auditor.plan.columns import NEVER, Burden, Whole
from auditor.plan.limits import needs_of
from auditor.plan.problem import PlanProblem

MOST_DOMAINS = 20
"""Where there are more domains only those that the fewest people hold are looked at."""


def knowledge_of(problem: PlanProblem) -> Burden | None:
    """Give the rule that some team holds every domain of a sortie, whenever its people are free.

    None where one team holds them all. Nothing is forbidden that some team could serve.
    """
    held = [key for one in problem.staff for key in one.domains]
    asked = {key for errand in problem.errands for key in errand.domains}
    rarest = sorted(asked, key=lambda key: (held.count(key), key))[:MOST_DOMAINS]
    bit = {key: 1 << at for at, key in enumerate(rarest)}
    kinds = sorted({sum(bit[key] for key in one.domains if key in bit) for one in problem.staff})
    together = np.zeros(1 << len(bit), bool)
    # two of one kind hold no more than one does
    for team in combinations_with_replacement(kinds, problem.team):
        together[reduce(or_, team)] = True
    if together[-1]:
        return None
    known, needs = _with_parts(together), needs_of(problem, bit)

    def burden(members: Whole) -> Whole:
        return np.where(known[np.bitwise_or.reduce(needs[members], axis=1)], 0, NEVER)

    return burden


def _with_parts(sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of sets, written as bits, which are a part of one of those given."""
    parts = sets.copy()
    size = 1
    while size < len(parts):
        halves = parts.reshape(-1, 2, size)
        halves[:, 0] |= halves[:, 1]
        size *= 2
    return parts
