"""More errands beside sorties that are staffed already: by hand, before the solver is asked.

Who is kept in a small programme is asked once for nearly every unit, and mostly there is room. An errand
joins the nearest sortie whose team can serve it on the way, or goes out as a sortie of its own with the
first team that no rule forbids, those who are out least before others. What is found obeys every rule that
the model of `staffed` has; what is not found may still fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from auditor.entities import SLOTS, Staff
from auditor.plan.given import Given
from auditor.plan.limits import Limits
from auditor.plan.loads import without
from auditor.plan.options import Option, Options, free_staff, may_see
from auditor.plan.problem import PlanProblem, cars_of, open_days
from auditor.plan.roads import Roads
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
        roads: Roads,
        alone: Callable[[int, int, Sequence[StaffedTour]], Option | None] | None = None,
    ) -> None:
        """`drives` tells whether one team may see these errands (ascending) in one half-day.

        `alone` gives the option of an errand that goes out by itself in a kind of half-day, beside others;
        without it any is taken.
        """
        # evenness is for days and teams, when all sorties are known: it leaves nobody out
        self._problem = without(problem, ("even",))
        self._options, self._limits, self._drives = options, limits, drives
        self._metres, self._first = roads.metres, alone or self._any
        self._bits = {option: bit for bit, option in enumerate(options.all)}
        self._staff = {one.id: one for one in problem.staff}
        self._free = {
            (day, slot): free_staff(problem, day, slot)
            for day in sorted(problem.days)
            if day > problem.beacon_day
            for slot in SLOTS
        }
        self._known: dict[int, frozenset[tuple[str, str]]] = {}

    def joined(self, tours: Sequence[StaffedTour], errands: Sequence[int]) -> tuple[StaffedTour, ...] | None:
        """Give the tours with these errands too; None where one of them finds no place by hand."""
        now = list(tours)
        for at in sorted(errands, key=lambda one: (self._options.masks[one].bit_count(), one)):
            if not self._joins(now, at) and not self._alone(now, at):
                return None
        return tuple(now)

    def placed(
        self, tours: Sequence[StaffedTour], groups: Iterable[Sequence[int]], over: Callable[[], bool]
    ) -> tuple[StaffedTour, ...]:
        """Let groups of errands join in their order, each whole or not at all, until it is over."""
        now = tuple(tours)
        for group in groups:
            if over():
                break
            now = self.joined(now, group) or now
        return now

    def _joins(self, tours: list[StaffedTour], at: int) -> bool:
        def far(number: int) -> int:
            return min(self._metres[one][at] for one in tours[number][1])

        for number in sorted(range(len(tours)), key=far):
            slot, errands, option = tours[number]
            more = tuple(sorted((*errands, at)))
            if not self._in_time(slot, more) or not self._serves(option, slot, more):
                continue
            if not self._drives(slot, more):  # asked first: rules look at all the others
                continue
            if self._may(tours[:number] + tours[number + 1 :], slot, option, more):
                tours[number] = (slot, more, option)
                return True
        return False

    def _alone(self, tours: list[StaffedTour], at: int) -> bool:
        for slot, name in enumerate(SLOTS):
            if name in self._problem.errands[at].arrivals and self._drives(slot, (at,)):
                option = self._first(slot, at, tours)
                if option is not None:
                    tours.append((slot, (at,), option))
                    return True
        return False

    def _any(self, slot: int, at: int, tours: Sequence[StaffedTour]) -> Option | None:
        """Give the first option for an errand by itself that no rule forbids beside these tours."""
        name = list(SLOTS)[slot]
        for day in sorted(day for day, when in self._open(at) if when == name):
            for team in self._teams(tours, day, name):
                option = Option(day, name, team)
                if self._serves(option, slot, (at,)) and self._may(tours, slot, option, (at,)):
                    return option
        return None

    def _teams(self, tours: Sequence[StaffedTour], day: str, slot: str) -> Iterator[tuple[str, ...]]:
        """Give the teams of those who are not out in a half-day; none where all cars are."""
        out = Counter(person for _, _, option in tours for person in option.team)
        here = [option.team for _, _, option in tours if (option.day, option.slot) == (day, slot)]
        # of sorties without a team only the number is known
        people = len(self._free.get((day, slot), ())) - self._problem.team * len(here)
        if len(here) >= cars_of(self._problem, slot) or people < self._problem.team:
            return
        busy = {person for team in here for person in team}
        able = [one.id for one in self._free[day, slot] if one.id not in busy]
        for team in combinations(sorted(able, key=lambda one: (out[one], one)), self._problem.team):
            yield tuple(sorted(team))

    def _in_time(self, slot: int, errands: Sequence[int]) -> bool:
        """Whether a half-day has minutes for these errands, ways left out."""
        opens, closes = list(SLOTS.values())[slot]
        return sum(self._problem.errands[at].minutes for at in errands) <= closes - opens

    def _serves(self, option: Option, slot: int, errands: tuple[int, ...]) -> bool:
        """Whether an option can serve these errands, whoever else is out."""
        if not option.team:
            return bool(signature(self._options, slot, errands) >> self._bits[option] & 1)
        team = [self._staff[one] for one in option.team]
        return all(self._may_go(option, at, team) for at in errands)

    def _may_go(self, option: Option, at: int, team: Sequence[Staff]) -> bool:
        errand = self._problem.errands[at]
        held = frozenset(key for one in team for key in one.domains)
        return (
            (option.day, option.slot) in self._open(at)
            and held.issuperset(errand.domains)
            and all(may_see(self._problem, one, errand) for one in team)
        )

    def _open(self, at: int) -> frozenset[tuple[str, str]]:
        """Give the half-days in which an errand may be made; which of them a unit shuts is a rule's."""
        if at not in self._known:
            errand = self._problem.errands[at]
            days = open_days(self._problem, errand)
            self._known[at] = frozenset((day, slot) for day in days for slot in errand.arrivals)
        return self._known[at]

    def _may(self, tours: Sequence[StaffedTour], slot: int, option: Option, errands: tuple[int, ...]) -> bool:
        """Whether an option is free beside these tours; where one has no team only numbers are known."""
        everyone = [*tours, (slot, errands, option)]
        named = all(one.team for _, _, one in everyone)
        if not named and not self._limits.hold([one[:2] for one in everyone]):
            return False
        if not option.team:
            out = sum((other.day, other.slot) == (option.day, option.slot) for _, _, other in tours)
            return out < min(option.room, cars_of(self._problem, option.slot))
        wish = given_of(self._problem, [(slot, errands, option)])["0"]
        return not forbidding(self._problem, given_of(self._problem, tours), wish)


def given_of(problem: PlanProblem, tours: Sequence[StaffedTour]) -> dict[str, Given]:
    """Give what each tour has, by its number."""
    return {
        str(number): Given(
            option.day, option.slot, option.team, frozenset(problem.errands[at].unit for at in errands)
        )
        for number, (_slot, errands, option) in enumerate(tours)
    }
