"""Days and teams by lot: the least sum of day ranks, then the least sum of team ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from auditor import solving
from auditor.entities import Lots, Sortie
from auditor.plan.days import Days, give_days
from auditor.plan.given import Given
from auditor.plan.loads import loads, without
from auditor.plan.problem import PlanProblem
from auditor.plan.rules import RULES, forbidding
from auditor.plan.settling import first_fit, settle
from auditor.plan.teams import Teams, give_teams
from auditor.plan.variables import sortie_choices
from auditor.solving import Budget

NARROW = (8, 12)
"""How many days, and teams of each, are offered to a sortie at first."""
JOINT = 100
"""Up to so many sorties get days and teams in one model."""
MOST_CHOICES = 12_000
"""More choices than this are not offered at once."""
SEATED = 8.0
"""Units of work for days together with whom each sortie takes, in a trial too: half of it is often enough."""
HAND = 4.0
"""Units of work at most for teams on days that were found by hand."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What each sortie is given; `status` is optimal if both sums are proven over all lots.

    `day_sum` and `team_sum` are the sums of ranks, `day_bound` and `team_bound` proven lower bounds on
    them: that of teams for the least sum of days, in a large programme for the days that it found. `even`
    is how far everyone's half-days may lie apart, None where that was not asked.
    """

    status: str
    given: Mapping[str, Given]
    day_sum: int = 0
    day_bound: int = 0
    team_sum: int = 0
    team_bound: int = 0
    even: int | None = None


def rank(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    budget: Budget,
) -> Ranked:
    """Give every sortie a day and a team of its lots, with the fewest ranks given up.

    Parameters
    ----------
    known
        An assignment that obeys the rules, where one is known for all sorties: the solver starts
        there, and it is the answer if the solver finds none. Empty where none is known; where work or time
        ends without any then, one is looked for by hand.

    Returns
    -------
    Ranked; its `given` is empty where nothing fits (status impossible or out of work). Evenness leaves
    nobody out: where it cannot be had, half-days lie further apart, as little as was found.
    """
    if any(not lots[sortie.key].days for sortie in sorties):
        return Ranked(solving.IMPOSSIBLE, {})
    if len(sorties) > JOINT or _count(sorties, lots, *NARROW) > MOST_CHOICES:
        found = _apart(problem, sorties, lots, budget)
    else:
        found, evened = _evened(problem, lambda asked: _jointly(asked, sorties, lots, known, budget))
        found = replace(found, even=evened.even)
    return found if found.given else _by_hand(problem, sorties, lots, known, found, budget)


def _obeys(problem: PlanProblem, given: Mapping[str, Given]) -> bool:
    return all(
        not forbidding(problem, {other: one for other, one in given.items() if other != key}, wish)
        for key, wish in given.items()
    )


class _Given(Protocol):
    @property
    def given(self) -> Mapping[str, Given]:
        """What sorties were given; empty where nothing was found."""


Answer = TypeVar("Answer", bound=_Given)


def _evened(problem: PlanProblem, ask: Callable[[PlanProblem], Answer]) -> tuple[Answer, PlanProblem]:
    """Ask with the evenness of a problem, or as near to it as there is an answer; tell what was asked."""
    found = ask(problem)
    if found.given or problem.even is None:
        return found, problem
    loose = replace(problem, even=None)
    found = ask(loose)
    if not found.given:
        return found, loose
    out = loads(problem, [one.team for one in found.given.values()]).values()
    widest = max(out) - min(out)
    for even in range(problem.even + 1, widest):
        closer = ask(replace(problem, even=even))
        if closer.given:
            return closer, replace(problem, even=even)
    return found, replace(problem, even=max(widest, problem.even))


def _jointly(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    budget: Budget,
) -> Ranked:
    """Give days and teams in one model, as is exact."""
    known = known if _obeys(problem, known) else {}
    given: dict[str, Given] = dict(known)
    status, proven = solving.IMPOSSIBLE, False
    for days, teams in (NARROW, (2 * NARROW[0], 3 * NARROW[1]), (None, None)):
        if _count(sorties, lots, days, teams) > MOST_CHOICES and days != NARROW[0]:
            break
        status, found, proven = _rank(problem, sorties, lots, known, days, teams, budget)
        if found:
            given = found
            proven = proven and _covers(sorties, lots, (days, teams), _reach(sorties, lots, found))
            break
        if days is None or _count(sorties, lots, days, teams) == _count(sorties, lots, None, None):
            break
    if not given:
        return Ranked(status, {})
    given = settle(problem, sorties, lots, given)
    while not proven:
        days, teams = _reach(sorties, lots, given)
        if _count(sorties, lots, days, teams) > MOST_CHOICES:
            break
        before = _sums(sorties, lots, given)
        _status, found, proven = _rank(problem, sorties, lots, given, days, teams, budget)
        if not found or _sums(sorties, lots, found) >= before:
            break
        given = settle(problem, sorties, lots, found)
    days, teams = _sums(sorties, lots, given)
    if proven:
        return Ranked(solving.OPTIMAL, given, days, days, teams, teams)
    return Ranked(solving.FEASIBLE, given, days, 0, teams, 0)


def _apart(
    problem: PlanProblem, sorties: Sequence[Sortie], lots: Mapping[str, Lots], budget: Budget
) -> Ranked:
    """Give days first, then teams on those days, as a large programme may.

    Where the days leave no teams, they are given again together with whom each sortie takes.
    """
    days = give_days(problem, sorties, lots, budget)
    if not days.days:
        return Ranked(days.status, {})

    def on(given: Mapping[str, str]) -> Callable[[PlanProblem], Teams]:
        return lambda asked: give_teams(asked, sorties, lots, given, budget)

    teams, evened = _evened(problem, on(days.days))
    if teams.status == solving.IMPOSSIBLE:
        some = replace(budget, work=SEATED)
        again = give_days(replace(problem, even=None), sorties, lots, some, seated=days.days)
        if not again.days:
            return Ranked(again.status, {}, day_bound=days.bound)
        status = solving.OPTIMAL if again.total == days.bound else solving.FEASIBLE
        days = Days(status, again.days, again.total, days.bound)
        teams, evened = _evened(problem, on(days.days))
    if not teams.given:
        return Ranked(teams.status, {}, day_bound=days.bound)
    given = settle(evened, sorties, lots, teams.given)
    day_sum, team_sum = _sums(sorties, lots, given)
    proven = days.status == teams.status == solving.OPTIMAL
    return Ranked(
        solving.OPTIMAL if proven else solving.FEASIBLE,
        given,
        day_sum,
        min(days.bound, day_sum),
        team_sum,
        teams.bound if day_sum == days.total else 0,
        evened.even,
    )


def _by_hand(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    failed: Ranked,
    budget: Budget,
) -> Ranked:
    """Give the days that are known or, where work or time ended, those found by hand; then teams on these.

    `failed` is how the solver ended without any; it stays where there are none.
    """
    loose = without(problem, ("even",))
    offered = all(one.team in lots[key].teams.get(one.day, ()) for key, one in known.items())
    given = dict(known) if offered and _obeys(loose, known) else {}
    if not given and failed.status == solving.OUT_OF_WORK:
        given = first_fit(loose, sorties, lots)
    if not given:
        return failed
    days = {key: one.day for key, one in given.items()}
    little = replace(budget, work=HAND)
    teams, evened = _evened(problem, lambda asked: give_teams(asked, sorties, lots, days, little))
    given = settle(evened if teams.given else loose, sorties, lots, teams.given or given)
    out = loads(problem, [one.team for one in given.values()]).values()
    day_sum, team_sum = _sums(sorties, lots, given)
    return Ranked(
        solving.FEASIBLE,
        given,
        day_sum,
        min(failed.day_bound, day_sum),
        team_sum,
        even=None if problem.even is None else max(problem.even, max(out) - min(out)),
    )


def _sums(sorties: Sequence[Sortie], lots: Mapping[str, Lots], given: Mapping[str, Given]) -> tuple[int, int]:
    """Give the sum of day ranks and the sum of team ranks."""
    places = [
        (lots[one.key].days.index(given[one.key].day), lots[one.key].teams[given[one.key].day])
        for one in sorties
    ]
    return (
        sum(day for day, _ in places),
        sum(teams.index(given[one.key].team) for (_, teams), one in zip(places, sorties, strict=True)),
    )


def _reach(
    sorties: Sequence[Sortie], lots: Mapping[str, Lots], given: Mapping[str, Given]
) -> tuple[int, int | None]:
    """Say how many days and teams a better assignment could need.

    No sortie's rank exceeds the sum of all. While the sum of day ranks may shrink any team may be
    needed; a sum of 0 is the least, and then the sum of team ranks bounds each of them.
    """
    days, teams = _sums(sorties, lots, given)
    return days + 1, None if days else teams + 1


def _covers(
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    offered: tuple[int | None, int | None],
    needed: tuple[int, int | None],
) -> bool:
    """Whether what was offered holds every day and team that a better assignment could need."""
    return (offered[0] is None or offered[0] >= needed[0]) and _count(
        sorties, lots, needed[0], offered[1]
    ) >= _count(sorties, lots, *needed)


def _count(
    sorties: Sequence[Sortie], lots: Mapping[str, Lots], most_days: int | None, most_teams: int | None
) -> int:
    return sum(
        len(lots[sortie.key].teams[day][:most_teams])
        for sortie in sorties
        for day in lots[sortie.key].days[:most_days]
    )


def _rank(
    problem: PlanProblem,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    known: Mapping[str, Given],
    most_days: int | None,
    most_teams: int | None,
    budget: Budget,
) -> tuple[str, dict[str, Given], bool]:
    """Solve both stages over the first days and teams; tell if both sums are proven over these."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    v = sortie_choices(model, sorties, lots, most_days, most_teams)
    for sortie in sorties:
        model.add_exactly_one(choice.goes for choice in v.of_sortie(sortie.key))
    for rule in RULES:
        rule.add(model, problem, v)
    days = sum(choice.day_rank * choice.goes for choice in v.all)
    teams = sum(choice.team_rank * choice.goes for choice in v.all)

    def start_from(given: Mapping[str, Given]) -> None:
        model.clear_hints()
        for choice in v.all:
            wish = given.get(choice.sortie)
            model.add_hint(
                choice.goes, wish is not None and (wish.day, wish.team) == (choice.day, choice.team)
            )

    def read(solved: solving.Solved) -> dict[str, Given]:
        return {
            choice.sortie: Given(choice.day, choice.slot, choice.team, choice.units)
            for choice in v.all
            if solved.solver.boolean_value(choice.goes)
        }

    if known:
        start_from(known)
    model.minimize(days)
    first = solving.solve(model, work=budget.work, seconds=budget.left())
    if not first.found:
        return first.status, {}, False
    given = read(first)
    model.add(days <= first.objective)
    start_from(given)
    model.minimize(teams)
    second = solving.solve(model, work=budget.work, seconds=budget.left())
    if not second.found:
        return solving.FEASIBLE, given, False
    proven = first.status == second.status == solving.OPTIMAL
    return second.status, read(second), proven
