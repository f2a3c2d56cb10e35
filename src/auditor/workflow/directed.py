"""Visits that somebody ordered: bundled into sorties of their own, before the repair gives them days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import _, some
from auditor.plan.explain import any_lots
from auditor.plan.loads import without
from auditor.plan.problem import PlanProblem, errands_of
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.workflow import plans
from auditor.workflow.domains import named_domain
from auditor.workflow.naming import units_named
from auditor.workflow.secrecy import townships_of
from auditor.workflow.travel import measured

DIRECTED = "directed"
NO_DOMAIN = "no-domain"
"""Why an ordered unit is not visited to which none of the ordered domains applies."""
MOST_TOLD = 5
"""So many units that are ordered already are named in an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Units that are ordered to be visited: on which basis, and by which day ("" for the period's last).

    `units` are codes or names; one that is named twice is meant once. `domains` are what is inspected,
    where it applies; empty for all that the number inspects.
    """

    units: Sequence[str]
    basis: str
    deadline: str = ""
    domains: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The visits of a sweep, without day and team, and what could not be planned, with its reason.

    `already` holds what is not ordered again: unit, domains, and the basis and id of the open visit.
    """

    visits: Sequence[Mapping[str, Any]]
    refused: Sequence[Mapping[str, Any]]
    already: Sequence[Mapping[str, Any]]


def ordered_visits(
    db: Database,
    sweep: Sweep,
    problem: PlanProblem,
    points: Mapping[str, tuple[float, float]],
    window: tuple[str, str],
    spec_domains: Sequence[str],
    plugins: Plugins,
    taken: Sequence[str],
    standing: Sequence[Mapping[str, Any]],
    *,
    work: float,
    progress: Callable[[str], None],
) -> Ordered:
    """Bundle ordered units into sorties by travel; each is a sortie of its own kind, no drawn visit in it.

    Parameters
    ----------
    problem
        The number's, without errands.
    points
        Where its units stand; others stand where the register says.
    window
        First and last day.
    taken
        The keys of all sorties that there are.
    standing
        The ordered visits that are still to be made: none of their domains is ordered twice at a unit.

    Raises
    ------
    UsageProblem
        For a unit that is not in the register or closed; if no domain applies to any, or there is nothing
        that is not ordered already.
    """
    from auditor.plan.make import make_plan

    units = _units(db, sweep.units, window[0])
    places = {**plans.points_of({one.id: one for one in units}, problem.start), **points}
    errands, already, nothing = [], [], []
    for unit in units:
        domains = [named_domain(plugins, key) for key in sweep.domains or spec_domains]
        applying = [one for one in domains if one.applies(unit)]
        if not applying:
            nothing.append(
                {
                    "unit": unit.id,
                    "domains": [one.key for one in domains],
                    "reason": NO_DOMAIN,
                    "evidence": "",
                }
            )
            continue
        twice = _twice(unit.id, [one.key for one in applying], standing)
        already += twice
        done = {key for one in twice for key in one["domains"]}
        fresh = [one for one in applying if one.key not in done]
        errands += errands_of(unit.id, DIRECTED, fresh, places[unit.id])
    if len(nothing) == len(units):
        raise UsageProblem(
            problem=_("nothing of it applies to {unit}").format(
                unit=some((one.name for one in units), MOST_TOLD)
            )
        )
    if not errands:
        names = {one.id: one.name for one in units}
        raise UsageProblem(
            problem=_(
                "ordered already: {visits}; record what became of it before it is ordered again"
            ).format(
                visits=some(
                    (f"{names[one['unit']]} ({one['basis']}, {one['visit']})" for one in already), MOST_TOLD
                )
            )
        )
    here = plans.Places(
        start=problem.start, points={one.id: places[one.id] for one in units}, stand_ins=frozenset()
    )
    ways = measured(db, here)
    own = replace(
        without(problem),  # a wish of loads or pairs refuses no order
        errands=tuple(errands),
        windows={DIRECTED: window},
        strata={**{one.id: one.stratum for one in units}, **problem.strata},
        keep_order=tuple(one.id for one in units),
        townships={**townships_of({one.id: one for one in units}), **problem.townships},
        travel=None if ways is None else ways.travel,
    )
    made = make_plan(own, any_lots(own), work=work, progress=progress)
    visits = []
    for sortie in made.sorties:
        key = next(name for name in (f"D{at:03d}" for at in range(1, 10_000)) if name not in taken)
        taken = [*taken, key]
        for stop in sortie.stops:
            text = f"{DIRECTED}/{sweep.basis}/{key}/{stop.unit}/{stop.start}/{made.days[sortie.key]}"
            visits.append(
                {
                    "id": sha256(text.encode()).hexdigest()[:16],
                    "unit": stop.unit,
                    "domains": sorted(stop.domains),
                    "source": DIRECTED,
                    "basis": sweep.basis,
                    "window": list(window),
                    "sortie": key,
                    "slot": sortie.slot,
                    "start": plans.clock(stop.start),
                    "lead": min(one.unit for one in sortie.stops),
                    "minutes": stop.minutes,
                    **({"from": sortie.start} if sortie.start else {}),
                }
            )
    refused = [
        {"unit": one.unit, "domains": list(one.domains), "reason": one.reason, "evidence": one.evidence}
        for one in made.unplaced
    ]
    return Ordered(visits=visits, refused=[*nothing, *refused], already=already)


def _twice(unit: str, domains: Sequence[str], standing: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give which domains of a unit have an ordered visit to come, by visit."""
    found = []
    for visit in standing:
        both = sorted({*domains} & {*visit["domains"]})
        if visit["unit"] == unit and both:
            found.append({"unit": unit, "domains": both, "basis": visit["basis"], "visit": visit["id"]})
    return found


def _units(db: Database, wanted: Sequence[str], day: str) -> list[Unit]:
    found = {}
    for unit in units_named(db, wanted):
        if unit.closed and (unit.closed == "true" or unit.closed <= day):
            raise UsageProblem(problem=_("{unit} is closed ({day})").format(unit=unit.name, day=unit.closed))
        found[unit.id] = unit
    return [found[key] for key in sorted(found)]
