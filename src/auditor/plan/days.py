"""Days by lot for a large programme: the least sum of day ranks, before anyone is named.

Each sortie takes one of its first possible days, or a later one that uses nothing and costs the next
rank: so a solution without later ones is the least of all, not only among the days that were offered.
No sortie comes where a unit of it is shut, no half-day gets more sorties than it has cars and teams, nor
more that need a domain than people hold it, nor two whose teams all have one person. Whether the
sorties of a half-day find teams side by side is tried out exactly; where not, the smallest set that does
not is forbidden there, and the days are given again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from auditor import solving
from auditor.entities import Lots, Sortie
from auditor.plan.given import Given
from auditor.plan.options import free_staff
from auditor.plan.problem import PlanProblem, cars_of
from auditor.plan.rules import hours, mix
from auditor.plan.seats import seat
from auditor.solving import Budget

FIRST = 8
"""How many possible days are offered to each sortie at first."""
LEAST = 0.3
"""Every round counts as at least so much work."""

TRIES = 300
"""After so many teams the solver tries whether a half-day packs."""

HalfDay = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Days:
    """The day of each sortie, the sum of their ranks, and a proven lower bound on that sum.

    `days` is empty where nothing fits (status impossible or out of work).
    """

    status: str
    days: Mapping[str, str]
    total: int = 0
    bound: int = 0


def give_days(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    budget: Budget,
    *,
    seated: Mapping[str, str] | None = None,
) -> Days:
    """Give every sortie a day of its lots, all half-days packed with teams, with the fewest ranks.

    `seated` are days that leave no teams: they are given again, near these, with whom each sortie takes
    in the same, much larger model. The bound then holds for the days that were offered.
    """
    offered = {sortie.key: min(FIRST, len(lots[sortie.key].days)) for sortie in sorties}
    cuts: list[tuple[HalfDay, frozenset[str]]] = []
    by_key = {sortie.key: sortie for sortie in sorties}
    while not budget.over:
        # with seats a round seldom ends by itself
        part = budget if seated is None else budget.less(budget.work / 2)
        found, work = _solve(problem, sorties, lots, offered, cuts, part, seated)
        budget = budget.less(max(work, LEAST))
        if not found.days:
            return found
        late = [key for key, day in found.days.items() if not day]
        if late:
            wider = [key for key in late if offered[key] < len(lots[key].days)]
            if not wider:
                return Days(solving.IMPOSSIBLE, {})
            for key in wider:
                offered[key] = min(2 * offered[key], len(lots[key].days))
            continue
        fresh = list(_unpacked(problem, by_key, lots, found.days))
        if not fresh:
            return found
        cuts += fresh
    return Days(solving.OUT_OF_WORK, {})


def _solve(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    offered: Mapping[str, int],
    cuts: Sequence[tuple[HalfDay, frozenset[str]]],
    budget: Budget,
    seated: Mapping[str, str] | None,
) -> tuple[Days, float]:
    """Give days, sorties that are left for later at "", and tell what work that took."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    here: dict[HalfDay, list[tuple[Sortie, cp_model.IntVar]]] = defaultdict(list)
    goes: dict[tuple[str, str], cp_model.IntVar] = {}
    cannot_do_without: dict[tuple[str, str, str], list[cp_model.IntVar]] = defaultdict(list)
    ranks = []
    for sortie in sorties:
        days = lots[sortie.key].days
        last = offered[sortie.key]
        for rank, day in enumerate(days[:last]):
            one = goes[sortie.key, day] = model.new_bool_var("")
            able = _teams(problem, sortie, lots[sortie.key], day)
            if not able:
                model.add(one == 0)
            for person in sorted(set.intersection(*map(set, able))) if able else ():
                cannot_do_without[day, sortie.slot, person].append(one)
            here[day, sortie.slot].append((sortie, one))
            ranks.append(rank * one)
        later = goes[sortie.key, ""] = model.new_bool_var("")
        # dearer than any sum of ranks: where all days are offered a later one would be none, and with
        # seats the search is to end in days at all; its bound is then none for days that are not offered
        ranks.append((last if last < len(days) and seated is None else 1000 * len(sorties)) * later)
        model.add_exactly_one(goes[sortie.key, day] for day in (*days[:last], ""))
    for (day, slot), wanting in sorted(here.items()):
        people = free_staff(problem, day, slot)
        teams = min(cars_of(problem, slot), len(people) // problem.team)
        if len(wanting) > teams:
            model.add(sum(one for _, one in wanting) <= teams)
        needing: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        visiting: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for sortie, one in wanting:
            for key in sorted(sortie.domains):
                needing[key].append(one)
            for unit in sorted(sortie.units):
                visiting[unit].append(one)
        for key, some in needing.items():
            holders = sum(key in one.domains for one in people)
            if len(some) > holders:
                model.add(sum(some) <= holders)
        for some in visiting.values():
            if len(some) > 1:
                model.add_at_most_one(some)
    for alike in cannot_do_without.values():
        if len(alike) > 1:
            model.add_at_most_one(alike)
    for (day, _slot), keys in cuts:
        model.add(sum(goes[key, day] for key in sorted(keys) if (key, day) in goes) <= len(keys) - 1)
    if seated is not None:
        seat(model, problem, sorties, lots, goes)
        for (key, day), one in goes.items():
            model.add_hint(one, seated.get(key) == day)
    model.minimize(sum(ranks))
    solved = solving.solve(model, work=budget.work, seconds=budget.left())
    if not solved.found:
        return Days(solved.status, {}), solved.work
    given = {key: day for (key, day), one in goes.items() if solved.solver.boolean_value(one)}
    return Days(solved.status, given, solved.objective, solved.bound), solved.work


def _teams(problem: PlanProblem, sortie: Sortie, lots: Lots, day: str) -> list[tuple[str, ...]]:
    """Give the teams of a day's lots that no rule keeps from this sortie whoever else is out."""
    if hours.forbids(problem, {}, Given(day, sortie.slot, (), sortie.units)):
        return []
    return [team for team in lots.teams[day] if mix.mixed(problem.departments, team)]


def _unpacked(
    problem: PlanProblem,
    sorties: Mapping[str, Sortie],
    lots: Mapping[str, Lots],
    days: Mapping[str, str],
) -> Iterable[tuple[HalfDay, frozenset[str]]]:
    """Name, for each half-day whose sorties find no teams side by side, a smallest set that does not.

    Where the same set finds none on other days of its lots either, it is named for these too: it would be
    tried there next.
    """
    here: dict[HalfDay, list[str]] = defaultdict(list)
    for key in sorted(days):
        here[days[key], sorties[key].slot].append(key)
    number = {one.id: 1 << at for at, one in enumerate(problem.staff)}

    @cache
    def teams(key: str, day: str) -> list[int]:
        some = _teams(problem, sorties[key], lots[key], day)
        return [sum(number[person] for person in team) for team in some]

    def stand(keys: Sequence[str], day: str) -> bool:
        return packs([teams(key, day) for key in keys])

    for (day, slot), keys in sorted(here.items()):
        if stand(keys, day):
            continue
        core = list(keys)
        for key in keys:
            fewer = [one for one in core if one != key]
            if not stand(fewer, day):
                core = fewer
        for other in sorted(set.intersection(*(set(lots[key].days) for key in core))):
            if other == day or not stand(core, other):
                yield (other, slot), frozenset(core)


def packs(choices: Sequence[Sequence[int]]) -> bool:
    """Tell whether one team can be taken from each list so that nobody (a bit) is in two.

    Tried by hand at first, the list with the fewest teams left before the others, which nearly always
    ends soon; by the solver where it does not. What neither decides counts as packed.
    """
    tries = TRIES

    def place(lists: Sequence[Sequence[int]]) -> bool | None:
        nonlocal tries
        if not lists:
            return True
        fewest = min(lists, key=len)
        others = list(lists)
        others.remove(fewest)
        for team in fewest:
            if not tries:
                return None
            tries -= 1
            found = place([[other for other in teams if not other & team] for teams in others])
            if found is not False:
                return found
        return False

    found = place(choices)
    return _packs(choices) if found is None else found


def _packs(choices: Sequence[Sequence[int]]) -> bool:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    busy: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for teams in choices:
        mine = [model.new_bool_var("") for _ in teams]
        model.add_exactly_one(mine)
        for team, one in zip(teams, mine, strict=True):
            for person in range(team.bit_length()):
                if team >> person & 1:
                    busy[person].append(one)
    for some in busy.values():
        model.add_at_most_one(some)
    return solving.solve(model).status != solving.IMPOSSIBLE
