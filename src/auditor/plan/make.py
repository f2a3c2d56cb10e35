"""Make a plan: screen, keep by lot, bundle by travel, then days and teams by lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor import solving
from auditor.entities import SLOTS, Departure, Lots, Sortie, Unplaced
from auditor.i18n import _
from auditor.plan.arrivals import arrange, given_away
from auditor.plan.departures import departures_of
from auditor.plan.limits import ANY, limits_of
from auditor.plan.loads import without
from auditor.plan.options import options_of
from auditor.plan.planner import LotsFor, Planner
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.plan.roads import ways_of
from auditor.plan.screening import CAPACITY, screen, unplaced
from auditor.plan.secrecy import Chance
from auditor.solving import Budget

TIMES = 3
"""Units are asked in the order of the lot until they have so many times the visits that could be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """A plan. `days`, `teams`, `leads` and `lots` are by key of a sortie.

    `objective_m` is metres driven and the cost of each sortie, `bound_m` a proven lower bound on it;
    `status` is "optimal" where travel, day ranks and team ranks are proven, else "feasible". The sums of
    ranks have proven lower bounds (0 where none was found). `share` is what part of the half-days could
    be used where units were left out of a large programme, else None. `even` is how far everyone's
    half-days may lie apart: as the problem asks, or more where that could not be had; None if it asks
    nothing. `given_up` names the rules of load and pairs that gave way. `cut` says that work or time ended
    before it was known of every unit whether it can be kept. With a chance `later` counts the
    visits that are not the first of their day, `given_away` those of them that an earlier arrival gives away.
    """

    sorties: tuple[Sortie, ...]
    days: Mapping[str, str]
    teams: Mapping[str, tuple[str, ...]]
    leads: Mapping[str, str]
    lots: Mapping[str, Lots]
    unplaced: tuple[Unplaced, ...]
    departures: tuple[Departure, ...]
    objective_m: int
    bound_m: int
    status: str
    day_sum: int = 0
    day_bound: int = 0
    team_sum: int = 0
    team_bound: int = 0
    share: float | None = None
    even: int | None = None
    later: int = 0
    given_away: int = 0
    given_up: tuple[str, ...] = ()
    cut: bool = False


def _quiet(text: str) -> None:
    """Say nothing."""


def make_plan(
    problem: PlanProblem,
    lots_for: LotsFor,
    *,
    chance: Chance | None = None,
    work: float = 60.0,
    seconds: float | None = None,
    gives_way: bool = False,
    partly: bool = True,
    progress: Callable[[str], None] = _quiet,
) -> PlanMade:
    """Plan the errands of a problem.

    Parameters
    ----------
    lots_for
        Asked once sorties are known: gives the lead, the possible days and the valid teams of each.
    chance
        The lots by which ways seem longer while visits are bundled, and one of several orders is taken;
        without it the shortest ones are.
    work
        Deterministic units of solving at most, for each of the questions asked (a third of it for
        whether some errands fit together).
    seconds
        An end by the clock for bundling; what is found then is valid, but another run may find another.
    gives_way
        Whether rules of load and pairs give way where no days and teams are found with them; else units
        are left out for them. Evenness leaves nobody out in any case.
    partly
        Whether some are kept where not all fit. False plans nobody then, if it is a county: for those who
        only ask whether all fit.

    Returns
    -------
    PlanMade; sorties are numbered by half-day and first unit, unplaced records sorted by unit.
    """
    budget = Budget.of(work, seconds)
    problem = _in_order(problem)
    options = options_of(problem)
    possible, refused = screen(problem, options, ways_of(problem))
    asked = _asked(problem, possible)
    if len(asked) < len(problem.errands):
        few = replace(problem, errands=tuple(problem.errands[at] for at in asked))
        planner = Planner(few, options_of(few), lots_for, budget, progress, chance, gives_way, partly)
        dated, share = planner.plan(range(len(asked)))
        kept = {asked[at] for at in dated.errands}
    else:
        planner = Planner(problem, options, lots_for, budget, progress, chance, gives_way, partly)
        dated, share = planner.plan(possible)
        kept = set(dated.errands)
    refused += _left_out(problem, possible, kept)
    ranked = dated.ranked if dated.sorties else replace(dated.ranked, even=problem.even)
    days = {key: one.day for key, one in ranked.given.items()}
    sorties, later, told = dated.sorties, 0, 0
    if chance is not None:
        sorties = arrange(planner.problem, planner.roads, sorties, days, chance)
        later, told = given_away(planner.problem, planner.roads, sorties, days)
    metres = sum(sortie.metres for sortie in sorties)
    objective = metres + len(sorties) * problem.sortie_cost_m
    progress(_("plan: {sorties} sorties, {km} km").format(sorties=len(sorties), km=round(metres / 1000, 1)))
    proven = dated.proven and objective == dated.objective_m and ranked.status == solving.OPTIMAL
    return PlanMade(
        sorties=sorties,
        days=days,
        teams={key: one.team for key, one in ranked.given.items()},
        leads={sortie.key: dated.lots[sortie.key].lead for sortie in dated.sorties},
        lots=dated.lots,
        unplaced=tuple(sorted(refused, key=lambda one: (one.unit, one.draw, one.domains))),
        departures=departures_of(
            without(replace(problem, even=ranked.even), dated.given_up), sorties, dated.lots, ranked.given
        ),
        objective_m=objective,
        bound_m=dated.bound_m,
        status=solving.OPTIMAL if proven else solving.FEASIBLE,
        day_sum=ranked.day_sum,
        day_bound=ranked.day_bound,
        team_sum=ranked.team_sum,
        team_bound=ranked.team_bound,
        share=share,
        even=ranked.even,
        later=later,
        given_away=told,
        given_up=dated.given_up,
        cut=dated.cut,
    )


def _in_order(problem: PlanProblem) -> PlanProblem:
    """Give the same problem in one order, so that the order in which it came decides nothing."""
    return replace(
        problem,
        errands=tuple(sorted(problem.errands, key=lambda one: (one.unit, one.draw, one.domains))),
        staff=tuple(sorted(problem.staff, key=lambda one: one.id)),
        days=tuple(sorted(problem.days)),
    )


def _asked(problem: PlanProblem, possible: Sequence[int]) -> list[int]:
    """Give whom to ask at all: the first by lot, several times as many as all half-days have minutes for.

    Where visits are many times too many, those at the end of the lot are not measured against each other.
    """
    limits = {one.slot: one.most for one in limits_of(problem, 1.0).all if one.domain == ANY}
    shortest = max(1, min((problem.errands[at].minutes for at in possible), default=1))
    sorties = min(limits[ANY], sum(most for slot, most in limits.items() if slot != ANY))
    each = max((closes - opens) // shortest for opens, closes in SLOTS.values())
    most = max(COUNTY, TIMES * sorties * each)
    of: dict[str, list[int]] = defaultdict(list)
    for at in possible:
        of[problem.errands[at].unit].append(at)
    asked: list[int] = []
    for unit in problem.keep_order:
        if len(asked) >= most:
            break
        asked += of.get(unit, [])
    return sorted(asked)


def _left_out(problem: PlanProblem, possible: Sequence[int], kept: Collection[int]) -> list[Unplaced]:
    """Record what was left out for capacity; the evidence is how many units were kept before it."""
    kept_units = {problem.errands[at].unit for at in kept}
    before, count = {}, 0
    for unit in problem.keep_order:
        before[unit] = count
        count += unit in kept_units
    return [
        unplaced(problem.errands[at], CAPACITY, str(before[problem.errands[at].unit]))
        for at in possible
        if at not in kept
    ]
