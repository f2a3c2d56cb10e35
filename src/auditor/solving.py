"""The one place that sets solver parameters, so that one problem gives one result.

Work is limited by deterministic units, never by the clock; one worker. The five ends are kept
apart: a result that is not there is never read.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Entries = Iterable[tuple[int, int]]
"""A column of a linear model: rows and coefficients."""

OPTIMAL, FEASIBLE, IMPOSSIBLE, OUT_OF_WORK, INVALID = (
    "optimal",
    "feasible",
    "impossible",
    "out of work",
    "invalid",
)


@dataclass(frozen=True, slots=True)
class Solved:
    """How a solve ended. `solver` may be read only if `found`; `bound` is proven, in objective units.

    `work` is what it took, in deterministic units.
    """

    status: str
    objective: int
    bound: int
    solver: cp_model.CpSolver
    work: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a solution to read."""
        return self.status in (OPTIMAL, FEASIBLE)


_END: ContextVar[float | None] = ContextVar("end by the clock", default=None)


@contextmanager
def until(seconds: float | None) -> Iterator[None]:
    """Let every solve within end by the clock, so many seconds from now; None for no such end."""
    token = _END.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _END.reset(token)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be spent: units of work, which repeat, and perhaps seconds, which do not.

    `end` is a reading of ``time.monotonic``; None where the clock sets no end.
    """

    work: float
    end: float | None = None

    @staticmethod
    def of(work: float, seconds: float | None = None) -> Budget:
        """Begin now."""
        return Budget(work, None if seconds is None else time.monotonic() + seconds)

    def left(self) -> float | None:
        """Give the seconds left, at least 0; None where the clock sets no end."""
        return None if self.end is None else max(0.0, self.end - time.monotonic())

    def sooner(self, seconds: float) -> Budget:
        """Give the same work, with an end by the clock so many seconds before (below 0: after it); without
        an end the same.
        """
        return self if self.end is None else replace(self, end=self.end - seconds)

    def less(self, work: float) -> Budget:
        """Give what is left after this work."""
        return replace(self, work=max(0.0, self.work - work))

    @property
    def over(self) -> bool:
        """Whether work or clock has run out."""
        return self.work <= 0.0 or self.left() == 0.0


class Patience:
    """Says when enough was done: so many pieces of work, which repeat, or the end by the clock."""

    def __init__(self, budget: Budget, pieces: float) -> None:
        """`pieces` of work at most for each unit of the budget's."""
        self._budget, self._left = budget, pieces * budget.work

    def __call__(self, pieces: int = 0) -> bool:
        """Count these pieces of work as done; tells whether it is over."""
        self._left -= pieces
        return self._left < 0 or self._budget.over


def solve(
    model: cp_model.CpModel,
    *,
    work: float = 60.0,
    seconds: float | None = None,
    linearization: int = 2,
    seed: int = 1,
) -> Solved:
    """Solve a CP-SAT model with whole coefficients, the same way every time.

    Parameters
    ----------
    work
        Deterministic units at most (about seconds on a present machine).
    seconds
        A second end, by the clock; results do not repeat where it is reached.

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
    end = _END.get()
    if end is not None:
        seconds = min(end - time.monotonic(), math.inf if seconds is None else seconds)
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.1, seconds)
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
    took = solver.response_proto.deterministic_time
    if status not in (OPTIMAL, FEASIBLE):
        return Solved(status, 0, 0, solver, took)
    objective = round(solver.objective_value)
    bound = objective if status == OPTIMAL else -int(-(solver.best_objective_bound - 1e-6) // 1)
    return Solved(status, objective, min(bound, objective), solver, took)


class Linear:
    """A linear programme that grows by columns and is solved again from where it was (GLOP).

    Every row lies between two whole numbers; every column is at least 0 and costs something.
    """

    def __init__(self, rows: Sequence[tuple[float, float]]) -> None:
        from ortools.linear_solver import pywraplp

        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        # without this the solver starts anew after every new column
        self._solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._rows = [self._solver.Constraint(low, high) for low, high in rows]
        self._columns: list[Any] = []
        self._aim = self._solver.Objective()
        self._aim.SetMinimization()

    def add(self, cost: float, entries: Entries) -> int:
        """Add a column; gives its number."""
        column = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._aim.SetCoefficient(column, float(cost))
        for row, value in entries:
            self._rows[row].SetCoefficient(column, float(value))
        self._columns.append(column)
        return len(self._columns) - 1

    def limit(self, column: int, most: float) -> None:
        """Let a column be at most this much."""
        self._columns[column].SetUb(float(most))

    def between(self, column: int, low: float, high: float) -> None:
        """Let a column lie between these numbers."""
        self._columns[column].SetBounds(float(low), float(high))

    def row(self, row: int, low: float, high: float) -> None:
        """Let a row lie between other numbers."""
        self._rows[row].SetBounds(low, high)

    def price(self, column: int, cost: float) -> None:
        """Let a column cost something else."""
        self._aim.SetCoefficient(self._columns[column], float(cost))

    def fix(self, column: int) -> None:
        """Take one of a column, whatever it costs."""
        self._columns[column].SetBounds(1.0, 1.0)

    def solve(self) -> bool:
        """Solve; tells whether there is an optimum to read."""
        return bool(self._solver.Solve() == self._solver.OPTIMAL)

    @property
    def objective(self) -> float:
        """The least cost, after `solve` gave True."""
        return float(self._aim.Value())

    def prices(self) -> list[float]:
        """Give the price (dual value) of each row, after `solve` gave True."""
        return [row.dual_value() for row in self._rows]

    def values(self, columns: Iterable[int] | None = None) -> list[float]:
        """Give how much is taken of these columns, or of each, after `solve` gave True."""
        asked = self._columns if columns is None else [self._columns[one] for one in columns]
        return [column.solution_value() for column in asked]


def infinity() -> float:
    """What stands for no limit in the rows of `Linear` and `choose`."""
    return float("inf")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which columns `choose` took; they mean something only if status is optimal or feasible."""

    status: str
    columns: tuple[int, ...] = ()


def choose(
    rows: Sequence[tuple[float, float]],
    columns: Sequence[tuple[int, Sequence[tuple[int, int]]]],
    slack: Sequence[tuple[int, Sequence[tuple[int, int]]]] = (),
    start: Sequence[int] = (),
    *,
    nodes: int = 1_000,
    seconds: float | None = None,
) -> Chosen:
    """Take whole columns of whole cost so that each row lies between its ends, as cheaply as possible.

    Solved by branch and bound (SCIP), one thread. Optimal means proven to the last unit of cost.

    Parameters
    ----------
    columns
        The cost of each, and its rows with their coefficients.
    slack
        What rows may be eased by, any amount of each: the cost of each unit, and its rows with their
        coefficients; at least 0 and without an upper end.
    start
        Columns of a solution that is known, to begin with; empty if none is.
    nodes
        Nodes of the search at most: the same work whatever the machine.
    seconds
        A second end, by the clock; results do not repeat where it is reached.
    """
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("SCIP")
    limits = [solver.Constraint(low, high) for low, high in rows]
    aim = solver.Objective()
    aim.SetMinimization()
    taken = [solver.BoolVar("") for _column in columns]
    eased = [solver.NumVar(0.0, solver.infinity(), "") for _one in slack]
    for one, (cost, entries) in zip([*taken, *eased], [*columns, *slack], strict=True):
        aim.SetCoefficient(one, float(cost))
        for row, value in entries:
            limits[row].SetCoefficient(one, float(value))
    if start:
        known = set(start)
        solver.SetHint(taken, [1.0 if number in known else 0.0 for number in range(len(taken))])
    solver.SetSolverSpecificParametersAsString(f"limits/totalnodes = {nodes}\n")
    if seconds is not None:
        solver.SetTimeLimit(max(1, int(seconds * 1000)))
    exact = pywraplp.MPSolverParameters()
    exact.SetDoubleParam(exact.RELATIVE_MIP_GAP, 0.0)
    ended = solver.Solve(exact)
    if ended in (solver.OPTIMAL, solver.FEASIBLE):
        found = tuple(number for number, one in enumerate(taken) if one.solution_value() > 0.5)
        return Chosen(OPTIMAL if ended == solver.OPTIMAL else FEASIBLE, found)
    return Chosen(IMPOSSIBLE if ended == solver.INFEASIBLE else OUT_OF_WORK)


def whole_numbers(
    rows: Sequence[tuple[float, float, Sequence[tuple[int, int]]]],
    variables: Sequence[tuple[int, int]],
    *,
    nodes: int = 200,
) -> tuple[int, ...] | None:
    """Look for whole numbers that fit rows, by branch and bound (HiGHS), one thread; None if none was found.

    What is found was reckoned with fractions that are cut off: whoever relies on it tries it exactly.

    Parameters
    ----------
    rows
        Each with its two ends and its variables, by number, with their coefficients.
    variables
        Between which whole numbers each lies.
    nodes
        Nodes of the search at most: the same work whatever the machine.
    """
    from datetime import timedelta

    from ortools.math_opt.python import mathopt

    model = mathopt.Model()
    made = [model.add_integer_variable(lb=low, ub=high) for low, high in variables]
    for low, high, entries in rows:
        row = model.add_linear_constraint(lb=low, ub=high)
        for at, factor in entries:
            row.set_coefficient(made[at], factor)
    parameters = mathopt.SolveParameters(node_limit=nodes, random_seed=1)
    parameters.highs.string_options["parallel"] = "off"
    end = _END.get()
    if end is not None:
        parameters.time_limit = timedelta(seconds=max(0.1, end - time.monotonic()))
    found = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    if not found.has_primal_feasible_solution():
        return None
    values = found.variable_values()
    return tuple(round(values[one]) for one in made)
