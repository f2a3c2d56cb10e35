"""Style ``leximin``: class by class, the weightiest first, the least that the greatest counter can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from auditor.roster import objective
from auditor.roster.alike import merged, parted
from auditor.roster.least import look
from auditor.roster.make import Duties, chosen, ruled
from auditor.roster.prices import limits_of, prices_of
from auditor.roster.problem import RosterProblem
from auditor.roster.rows import Rows, rows_of
from auditor.solving import IMPOSSIBLE, OPTIMAL, Solved, solve


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

    First all classes are tried at once at the least that prices prove (`prices`), each with those before it
    at theirs: a roster that keeps this is proven in every stage. Else one class after the other is made small
    and kept so.

    Parameters
    ----------
    work
        Deterministic units at most for each solve.
    """
    stages = _Stages(merged(part), work)
    if not stages.names:
        solved = solve(stages.model, work=work, linearization=1)
        return (parted(part, chosen(stages.part, stages.v, solved)), ()) if solved.found else None
    together = stages.all_at_once()
    if together is not None:
        duties = parted(part, chosen(stages.part, stages.v, together))
        return duties, tuple(Greatest(name, most, most) for name, most in stages.kept.items())
    stages.kept.clear()
    duties = ()
    found: tuple[Greatest, ...] = ()
    for name in stages.names:
        solved, bound = stages.smallest(name)
        if not solved.found:
            return None if not found else (duties, found)
        duties = parted(part, chosen(stages.part, stages.v, solved))
        counted, scale = objective.counted(part, duties), objective.scale_of(part)
        value = max(scale[person.id] * counted[person.id, name] for person in part.people)
        found = (*found, Greatest(name, value, min(bound, value)))
        stages.kept[name] = value
    return duties, found


class _Stages:
    """A part's model with the greatest counter of each class, and what each is kept at so far."""

    def __init__(self, part: RosterProblem, work: float) -> None:
        self.part, self.work = part, work
        self.model, self.v = ruled(part)
        counters = objective.Counters(self.model, part, self.v)
        self.least = {name: found.greatest for name, found in objective.levels_of(part).items()}
        self.names = tuple(self.least)
        self._most = {
            name: objective.greatest(self.model, counters, name, least).index
            for name, least in self.least.items()
        }
        self._rows = rows_of(self.model)
        self.kept: dict[str, int] = {}

    def all_at_once(self) -> Solved | None:
        """Keep every class at its bound after those before it; gives a roster, if one was found."""
        for name in self.names:
            self.kept[name] = self.bound(name)
        solved = self._kept(self.kept)
        return solved if solved.found else None

    def bound(self, name: str) -> int:
        """Give what the greatest counter of a class cannot go under where others are kept as they are."""
        found = prices_of(self._within(self.kept), {}, {}, costs={self._most[name]: 1})
        return self.least[name] if found is None else max(self.least[name], found.bound)

    def smallest(self, name: str) -> tuple[Solved, int]:
        """Make a class's greatest counter small where others are kept; gives how it ended and a bound."""
        bound = self.bound(name)
        while True:
            solved = self._kept({**self.kept, name: bound})
            if solved.found:
                return solved, bound
            if solved.status != IMPOSSIBLE or bound >= self._rows.high[self._most[name]]:
                break
            bound += 1
        model = self._model(self.kept)
        model.minimize(model.get_int_var_from_proto_index(self._most[name]))
        solved = solve(model, work=self.work)
        if solved.found:
            bound = solved.objective if solved.status == OPTIMAL else max(bound, solved.bound)
        return solved, bound

    def _kept(self, most: Mapping[str, int]) -> Solved:
        return look(self._model(most), *limits_of(self._within(most)), work=self.work)

    def _within(self, most: Mapping[str, int]) -> Rows:
        high = list(self._rows.high)
        for name, value in most.items():
            high[self._most[name]] = value
        return replace(self._rows, high=tuple(high))

    def _model(self, most: Mapping[str, int]) -> cp_model.CpModel:
        model = self.model.clone()
        for name, value in most.items():
            model.add(model.get_int_var_from_proto_index(self._most[name]) <= value)
        return model
