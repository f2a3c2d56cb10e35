"""More errands beside sorties that are staffed already: by hand, before the solver is asked.

Who is kept in a small programme is asked once for nearly every unit, and mostly there is room. An errand
joins a sortie whose team can serve it on the way, or goes out as a sortie of its own with the first option
that no rule forbids. What is found obeys every rule that the model of `staffed` has; what is not found may
still fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.entities import SLOTS
from auditor.plan.given import Given
from auditor.plan.limits import Limits
from auditor.plan.loads import without
from auditor.plan.options import Option, Options, bits
from auditor.plan.problem import PlanProblem, cars_of
from auditor.plan.rules import forbidding
from auditor.plan.staffed import StaffedTour, signature


class Joiner:
    """Lets errands of one problem join sorties."""

    def __init__(
        self,
        problem: PlanProblem,
        options: Options,
        limits: Limits,
        drives: Callable[[int, tuple[int, ...]], bool],
    ) -> None:
        """`drives` tells whether one team may see these errands (ascending) in one half-day."""
        # evenness is for days and teams, when all sorties are known: it leaves nobody out
        self._problem = without(problem, ("even",))
        self._options, self._limits, self._drives = options, limits, drives
        self._bits = {option: bit for bit, option in enumerate(options.all)}

    def joined(self, tours: Sequence[StaffedTour], errands: Sequence[int]) -> tuple[StaffedTour, ...] | None:
        """Give the tours with these errands too; None where one of them finds no place by hand."""
        now = list(tours)
        for at in sorted(errands, key=lambda one: (self._options.masks[one].bit_count(), one)):
            if not self._joins(now, at) and not self._alone(now, at):
                return None
        return tuple(now)

    def _joins(self, tours: list[StaffedTour], at: int) -> bool:
        for number, (slot, errands, option) in enumerate(tours):
            more = tuple(sorted((*errands, at)))
            if not signature(self._options, slot, more) >> self._bits[option] & 1:
                continue
            beside = tours[:number] + tours[number + 1 :]
            if self._may(beside, slot, option, more) and self._drives(slot, more):
                tours[number] = (slot, more, option)
                return True
        return False

    def _alone(self, tours: list[StaffedTour], at: int) -> bool:
        for slot in range(len(SLOTS)):
            if not self._drives(slot, (at,)):
                continue
            for bit in bits(signature(self._options, slot, (at,))):
                option = self._options.all[bit]
                if self._may(tours, slot, option, (at,)):
                    tours.append((slot, (at,), option))
                    return True
        return False

    def _may(self, tours: Sequence[StaffedTour], slot: int, option: Option, errands: tuple[int, ...]) -> bool:
        """Whether an option is free beside these tours; of a crowded half-day only numbers are known."""
        if self._options.crowded and not self._limits.hold([*(one[:2] for one in tours), (slot, errands)]):
            return False
        if not option.team:
            out = sum((other.day, other.slot) == (option.day, option.slot) for _, _, other in tours)
            return out < min(option.room, cars_of(self._problem, option.slot))
        others = {str(number): self._given(*one) for number, one in enumerate(tours)}
        return not forbidding(self._problem, others, self._given(slot, errands, option))

    def _given(self, _slot: int, errands: Sequence[int], option: Option) -> Given:
        units = frozenset(self._problem.errands[at].unit for at in errands)
        return Given(option.day, option.slot, option.team, units)
