"""The one place that sets solver parameters, so that one problem gives one result.

Work is limited by deterministic units, never by the clock; one worker. The five ends are kept
apart: a result that is not there is never read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

OPTIMAL, FEASIBLE, IMPOSSIBLE, OUT_OF_WORK, INVALID = (
    "optimal",
    "feasible",
    "impossible",
    "out of work",
    "invalid",
)


@dataclass(frozen=True, slots=True)
class Solved:
    """How a solve ended. `solver` may be read only if `found`; `bound` is proven, in objective units."""

    status: str
    objective: int
    bound: int
    solver: cp_model.CpSolver

    @property
    def found(self) -> bool:
        """Whether there is a solution to read."""
        return self.status in (OPTIMAL, FEASIBLE)


def solve(model: cp_model.CpModel, *, work: float = 60.0, linearization: int = 2, seed: int = 1) -> Solved:
    """Solve a CP-SAT model with whole coefficients, the same way every time.

    Parameters
    ----------
    work
        Deterministic units at most (about seconds on a present machine).

    Returns
    -------
    Solved; for a minimisation the bound is rounded up to a whole number where that is safe (all
    coefficients are whole), and equals the objective when optimal.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    solver.parameters.linearization_level = linearization
    # A solve that Ctrl-C ended early would look like a result; the program itself is to end.
    solver.parameters.catch_sigint_signal = False
    ended = solver.solve(model)
    status = {
        cp_model.OPTIMAL: OPTIMAL,
        cp_model.FEASIBLE: FEASIBLE,
        cp_model.INFEASIBLE: IMPOSSIBLE,
        cp_model.UNKNOWN: OUT_OF_WORK,
        cp_model.MODEL_INVALID: INVALID,
    }[ended]
    if status not in (OPTIMAL, FEASIBLE):
        return Solved(status, 0, 0, solver)
    objective = round(solver.objective_value)
    bound = objective if status == OPTIMAL else -int(-(solver.best_objective_bound - 1e-6) // 1)
    return Solved(status, objective, min(bound, objective), solver)
