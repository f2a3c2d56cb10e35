"""Make a plan: screen, keep by lot, bundle by travel, then days and teams by lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditor import solving
from auditor.entities import SLOTS, Departure, Lots, Sortie, Stop, Unplaced
from auditor.i18n import _
from auditor.plan.bundles import Bundled, bundle, simple_bound_m
from auditor.plan.departures import departures_of
from auditor.plan.given import Given
from auditor.plan.options import Option, Options, options_of
from auditor.plan.problem import PlanProblem
from auditor.plan.ranks import Ranked, rank
from auditor.plan.screening import CAPACITY, screen, unplaced
from auditor.plan.tours import Tour, list_tours, roads_of

LotsFor = Callable[[Sequence[Sortie]], Mapping[str, Lots]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """A plan. `days`, `teams`, `leads` and `lots` are by key of a sortie.

    `objective_m` is metres driven and the cost of each sortie, `bound_m` a proven lower bound on it;
    `status` is "optimal" where travel, day ranks and team ranks are proven, else "feasible".
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


def _quiet(text: str) -> None:
    """Say nothing."""


def make_plan(
    problem: PlanProblem,
    lots_for: LotsFor,
    *,
    work: float = 60.0,
    progress: Callable[[str], None] = _quiet,
) -> PlanMade:
    """Plan the errands of a problem.

    Parameters
    ----------
    lots_for
        Asked once sorties are known: gives the lead, the possible days and the valid teams of each.
    work
        Deterministic units of solving at most, for each of the questions asked (a third of it for
        whether some errands fit together).

    Returns
    -------
    PlanMade; sorties are numbered by half-day and first unit, unplaced records sorted by unit.
    """
    roads = roads_of(problem)
    options = options_of(problem)
    possible, refused = screen(problem, options, roads)
    tours, complete = list_tours(problem, possible, options, roads)
    progress(
        _("plan: {tours} possible tours over {visits} visits").format(tours=len(tours), visits=len(possible))
    )
    bundled = bundle(problem, possible, tours, options, work=work)
    kept = possible
    if not bundled.found:
        units = [unit for unit in problem.keep_order if unit in {problem.errands[at].unit for at in possible}]
        progress(_("plan: not all visits fit; units are kept by lot"))
        kept_units = _keep(problem, units, possible, tours, options, work / 3)
        kept, bundled = _bundle_units(problem, kept_units, possible, tours, options, work)
    while True:
        sorties, known = _sorties_of(problem, bundled.tours)
        lots = dict(lots_for(sorties)) if sorties else {}
        ranked = rank(problem, sorties, lots, known, work=work) if sorties else Ranked(solving.OPTIMAL, {})
        if ranked.given or not sorties:
            break
        there = {problem.errands[at].unit for at in kept}
        fewer = [unit for unit in problem.keep_order if unit in there][:-1]
        kept, bundled = _bundle_units(problem, fewer, possible, tours, options, work)
    if not complete:
        home = {at: roads.metres[at][-1] for at in kept}
        bundled = Bundled(
            solving.FEASIBLE,
            bundled.tours,
            bundled.objective_m,
            min(bundled.objective_m, simple_bound_m(problem, kept, home)),
        )
    best = solving.OPTIMAL if bundled.status == ranked.status == solving.OPTIMAL else solving.FEASIBLE
    refused += _left_out(problem, possible, kept)
    progress(
        _("plan: {sorties} sorties, {km} km").format(
            sorties=len(sorties), km=round(sum(sortie.metres for sortie in sorties) / 1000, 1)
        )
    )
    return PlanMade(
        sorties=sorties,
        days={key: one.day for key, one in ranked.given.items()},
        teams={key: one.team for key, one in ranked.given.items()},
        leads={sortie.key: lots[sortie.key].lead for sortie in sorties},
        lots=lots,
        unplaced=tuple(sorted(refused, key=lambda one: (one.unit, one.draw, one.domains))),
        departures=departures_of(problem, sorties, lots, ranked.given),
        objective_m=bundled.objective_m,
        bound_m=bundled.bound_m,
        status=best,
    )


def _keep(
    problem: PlanProblem,
    order: Sequence[str],
    possible: Sequence[int],
    tours: Sequence[Tour],
    options: Options,
    work: float,
) -> list[str]:
    """Take units in the order of their lot, each kept if those kept so far still fit with it.

    What fits stays so with fewer units, so the longest run of units that still fits is found by
    doubling and halving; the unit after it is left out, and the search goes on behind it. What is
    not decided within `work` counts as not fitting.
    """

    def fits(units: Sequence[str]) -> bool:
        return _ask(problem, units, possible, tours, options, work)

    kept: list[str] = []
    at = 0
    while at < len(order):
        low, high = 0, 1
        while at + high <= len(order) and fits([*kept, *order[at : at + high]]):
            low, high = high, min(high * 2, len(order) - at) if at + high < len(order) else high + 1
        high = min(high, len(order) - at + 1)
        while high - low > 1:
            middle = (low + high) // 2
            if fits([*kept, *order[at : at + middle]]):
                low = middle
            else:
                high = middle
        kept += order[at : at + low]
        at += low + 1
    return kept


def _errands_at(problem: PlanProblem, units: Sequence[str], possible: Sequence[int]) -> list[int]:
    return [at for at in possible if problem.errands[at].unit in set(units)]


def _ask(
    problem: PlanProblem,
    units: Sequence[str],
    possible: Sequence[int],
    tours: Sequence[Tour],
    options: Options,
    work: float,
) -> bool:
    errands = _errands_at(problem, units, possible)
    return bundle(problem, errands, tours, options, work=work, shortest=False).found


def _bundle_units(
    problem: PlanProblem,
    units: Sequence[str],
    possible: Sequence[int],
    tours: Sequence[Tour],
    options: Options,
    work: float,
) -> tuple[list[int], Bundled]:
    """Bundle the errands of these units; where the solver finds no partition, of ever fewer."""
    fewer = list(units)
    while True:
        errands = _errands_at(problem, fewer, possible)
        bundled = bundle(problem, errands, tours, options, work=work)
        if bundled.found or not fewer:
            return errands, bundled
        fewer.pop()


def _left_out(problem: PlanProblem, possible: Sequence[int], kept: Sequence[int]) -> list[Unplaced]:
    """Record what was left out for capacity; the evidence is how many units were kept before it."""
    kept_units = {problem.errands[at].unit for at in kept}
    before, count = {}, 0
    for unit in problem.keep_order:
        before[unit] = count
        count += unit in kept_units
    return [
        unplaced(problem.errands[at], CAPACITY, f"{before[problem.errands[at].unit]} kept before")
        for at in possible
        if at not in set(kept)
    ]


def _sorties_of(
    problem: PlanProblem, bundled: Sequence[tuple[Tour, Option]]
) -> tuple[tuple[Sortie, ...], dict[str, Given]]:
    """Number the sorties by half-day and first unit; give what can staff them, where teams are known."""
    slots = list(SLOTS)
    ordered = sorted(
        bundled,
        key=lambda pair: (
            slots.index(pair[0].slot),
            [problem.errands[at].unit for at in pair[0].errands],
            pair[0].errands,
        ),
    )
    sorties, known = [], {}
    for number, (tour, option) in enumerate(ordered, 1):
        key = f"S{number:03d}"
        stops = tuple(
            Stop(
                unit=problem.errands[at].unit,
                draw=problem.errands[at].draw,
                domains=problem.errands[at].domains,
                minutes=problem.errands[at].minutes,
                start=start,
            )
            for at, start in zip(tour.errands, tour.starts, strict=True)
        )
        sorties.append(Sortie(key=key, slot=tour.slot, stops=stops, metres=tour.metres))
        if option.team:
            known[key] = Given(option.day, option.slot, option.team, sorties[-1].units)
    return tuple(sorties), known if len(known) == len(sorties) else {}
