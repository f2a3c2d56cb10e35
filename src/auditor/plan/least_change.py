"""The least change among what sorties are offered: each part of its cost in turn, then fair loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor import solving
from auditor.plan.changes import MOVES, NOTHING, SEATS, Candidate, Cost, changed, plus
from auditor.plan.given import Given
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES
from auditor.plan.variables import Choice, Choices

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    _Options = dict[str, list[tuple[Candidate, cp_model.IntVar]]]

ONE_MOVE = changed(1, 0)
FAIR_PART = 0.1
"""How much of the work may be spent on fairness."""


@dataclass(frozen=True, slots=True)
class Found:
    """A repair: what each open sortie is given, its cost, bounds of the parts of the cost, and
    whether these and the fairness are the least over what was offered.
    """

    chosen: Mapping[str, Candidate]
    cost: Cost
    bounds: Cost
    proven: bool
    fair: bool


def found_of(chosen: Mapping[str, Candidate]) -> Found:
    """Give a repair of which nothing is proven."""
    cost = NOTHING
    for one in chosen.values():
        cost = plus(cost, one.cost)
    return Found(chosen, cost, NOTHING, False, False)


class LeastChange:
    """Chooses for all sorties together, under every rule, the frozen ones as they are.

    Parameters
    ----------
    takers
        Those who share the load.
    out
        How often people are out beside all this.
    """

    def __init__(
        self,
        problem: PlanProblem,
        frozen: Mapping[str, Given],
        takers: Sequence[str],
        out: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._problem, self._frozen, self._takers, self._out = problem, frozen, takers, out

    def must_leave(self, offers: Mapping[str, list[Candidate]], work: float) -> int:
        """Give how many of these at least cannot go out so beside the frozen ones, the rest left aside.

        0 also where work ran out before anything was proven; one more than there are where the frozen ones
        alone break a rule.
        """
        leave = {key: [*several, Candidate(None, ONE_MOVE)] for key, several in offers.items()}
        solved = self._least(leave, MOVES, None, work)
        if solved.status == solving.IMPOSSIBLE:
            return len(offers) + 1
        return solved.bound if solved.found else 0

    def fewest(self, offers: Mapping[str, list[Candidate]], part: int, moves: int, work: float) -> int:
        """Give the least of one part of the cost if so many of these move, the rest left aside.

        0 also where work ran out before anything was proven, and where it cannot be.
        """
        solved = self._least(offers, part, moves, work)
        return solved.bound if solved.found else 0

    def _least(
        self, offers: Mapping[str, list[Candidate]], part: int, moves: int | None, work: float
    ) -> solving.Solved:
        """Ask for the least of one part of the cost, with as many moves as said or any number."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        options, _v = self._add_choices(model, offers)
        if moves is not None:
            model.add(_total(options, MOVES) == moves)
        model.minimize(_total(options, part))
        return solving.solve(model, work=work)

    def within(
        self, offers: Mapping[str, list[Candidate]], most: Sequence[int], work: float
    ) -> tuple[bool, Found | None]:
        """Look for a repair of which the first parts of the cost are at most these, and the next small.

        Returns
        -------
        Whether the search was finished, and what it found: (True, None) proves that there is none among
        these offers. Of the next part's size nothing is proven.
        """
        from ortools.sat.python import cp_model

        if not all(offers.values()):
            return True, None
        model = cp_model.CpModel()
        options, _v = self._add_choices(model, offers)
        for part, limit in enumerate(most):
            model.add(_total(options, part) <= limit)
        if len(most) < len(NOTHING):
            model.minimize(_total(options, len(most)))
        solved = solving.solve(model, work=work)
        if solved.found:
            return True, found_of(_chosen(options, solved))
        return solved.status == solving.IMPOSSIBLE, None

    def solve(
        self,
        offers: Mapping[str, list[Candidate]],
        work: float,
        known: Found | None = None,
        *,
        settled: int = 0,
    ) -> Found | None:
        """Take the parts of the cost one by one, each at its least and kept for the next, then fairness.

        Parameters
        ----------
        known
            A repair that the offers hold, where one is known.
        settled
            How many parts of its cost are the least for certain.
        """
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        options, v = self._add_choices(model, offers)

        def start_from(chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
            model.clear_hints()
            for key, several in options.items():
                for candidate, goes in several if len(several) > 1 else ():
                    model.add_hint(goes, candidate == chosen[key])
            return dict(chosen)

        def read(solved: solving.Solved) -> dict[str, Candidate]:
            return start_from(_chosen(options, solved))

        now = start_from(known.chosen) if known is not None else None

        bounds, proven = [*NOTHING], True
        for part in range(len(NOTHING)):
            low = sum(min(one.cost[part] for one, _ in several) for several in options.values())
            high = sum(max(one.cost[part] for one, _ in several) for several in options.values())
            bounds[part] = known.cost[part] if known and part < settled else low
            if low == high:
                continue
            total = _total(options, part)
            if now is None or sum(one.cost[part] for one in now.values()) > bounds[part]:
                model.minimize(total)
                solved = solving.solve(model, work=work)
                if solved.found:
                    now = read(solved)
                    bounds[part] = max(low, solved.bound)
                elif now is None:
                    return None
                proven = proven and solved.status == solving.OPTIMAL
            model.add(total <= sum(one.cost[part] for one in now.values()))
        self._add_fairness(model, v)
        solved = solving.solve(model, work=work if now is None else work * FAIR_PART)
        if solved.found:
            now = read(solved)
        elif now is None:
            return None
        found = found_of(now)
        return Found(now, found.cost, tuple(bounds), proven, solved.status == solving.OPTIMAL)

    def _add_choices(
        self, model: cp_model.CpModel, offers: Mapping[str, list[Candidate]]
    ) -> tuple[_Options, Choices]:
        """Let each sortie have one of what it is offered, under all rules, the frozen ones as they are."""
        options: _Options = {}
        choices = [
            Choice(one.day, one.slot, one.team, model.new_constant(1), key, one.units)
            for key, one in self._frozen.items()
        ]
        for key, several in offers.items():
            options[key] = []
            for candidate in several:
                goes = model.new_bool_var("") if len(several) > 1 else model.new_constant(1)
                options[key].append((candidate, goes))
                if candidate.given is not None:
                    one = candidate.given
                    choices.append(Choice(one.day, one.slot, one.team, goes, key, one.units))
            if len(several) > 1:
                model.add_exactly_one(goes for _, goes in options[key])
        v = Choices(choices)
        for rule in RULES:
            rule.add(model, self._problem, v)
        return options, v

    def _add_fairness(self, model: cp_model.CpModel, v: Choices) -> None:
        """Ask for the least largest load, and for the largest smallest one beside it."""
        if not self._takers:
            return
        most = max(
            len({(one.day, one.slot) for one in v.of_person(person)}) + self._out.get(person, 0)
            for person in self._takers
        )
        largest, smallest = model.new_int_var(0, most, ""), model.new_int_var(0, most, "")
        for person in self._takers:
            load = sum(choice.goes for choice in v.of_person(person)) + self._out.get(person, 0)
            model.add(load <= largest)
            model.add(load >= smallest)
        model.minimize((most + 1) * largest - smallest)


def _chosen(options: _Options, solved: solving.Solved) -> dict[str, Candidate]:
    """Read what each sortie was given."""
    return {
        key: next(one for one, goes in several if solved.solver.value(goes))
        for key, several in options.items()
    }


def _total(options: _Options, part: int) -> cp_model.LinearExprT:
    """Sum one part of the cost over what is chosen."""
    return sum(one.cost[part] * goes for several in options.values() for one, goes in several)


def bounds(found: Found, floor: Cost | None) -> tuple[int, int]:
    """Give what is proven of moves and seats, among repairs that leave out no more."""
    moves, seats = found.cost[MOVES], found.cost[SEATS]
    moves_bound, seats_bound = min(found.bounds[MOVES], moves), min(found.bounds[SEATS], seats)
    if not found.proven and moves_bound < moves:
        seats_bound = 0
    if floor is None or floor >= found.cost:
        return moves_bound, seats_bound
    if floor[:MOVES] != found.cost[:MOVES]:
        return 0, 0
    if floor[MOVES] < moves_bound:
        return floor[MOVES], 0
    return moves_bound, min(seats_bound, floor[SEATS]) if floor[MOVES] == moves else seats_bound
