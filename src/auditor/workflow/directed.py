"""Visits that somebody ordered: bundled into sorties of their own, before the repair gives them days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.plan.explain import any_lots
from auditor.plan.loads import without
from auditor.plan.problem import PlanProblem, errands_of
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.units import read_aliases, read_units
from auditor.workflow import plans
from auditor.workflow.domains import named_domain
from auditor.workflow.secrecy import townships_of
from auditor.workflow.travel import measured

DIRECTED = "directed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Units that are ordered to be visited: on which basis, and by which day ("" for the period's last).

    `domains` are what is inspected, where it applies; empty for all that the number inspects.
    """

    units: Sequence[str]
    basis: str
    deadline: str = ""
    domains: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The visits of a sweep, without day and team, and what could not be planned, with its reason."""

    visits: Sequence[Mapping[str, Any]]
    refused: Sequence[Mapping[str, Any]]


def ordered_visits(
    db: Database,
    sweep: Sweep,
    problem: PlanProblem,
    points: Mapping[str, tuple[float, float]],
    window: tuple[str, str],
    spec_domains: Sequence[str],
    plugins: Plugins,
    taken: Sequence[str],
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

    Raises
    ------
    UsageProblem
        For a unit that is not in the register or closed, or of which no domain applies.
    """
    from auditor.plan.make import make_plan

    units = _units(db, sweep.units, window[0])
    places = {**plans.points_of({one.id: one for one in units}, problem.start), **points}
    errands = []
    for unit in units:
        domains = [named_domain(plugins, key) for key in sweep.domains or spec_domains]
        applying = [one for one in domains if one.applies(unit)]
        if not applying:
            raise UsageProblem(problem=_("nothing of it applies to {unit}").format(unit=unit.name))
        errands += errands_of(unit.id, DIRECTED, applying, places[unit.id])
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
    return Ordered(visits=visits, refused=refused)


def _units(db: Database, wanted: Sequence[str], day: str) -> list[Unit]:
    known = {one.id: one for one in read_units(db)}
    aliases = read_aliases(db)
    found = {}
    for name in wanted:
        unit = known.get(aliases.get(name, name))
        if unit is None:
            raise UsageProblem(problem=_("{id} is no unit; see `auditor units list`").format(id=name))
        if unit.closed and (unit.closed == "true" or unit.closed <= day):
            raise UsageProblem(problem=_("{unit} is closed ({day})").format(unit=unit.name, day=unit.closed))
        found[unit.id] = unit
    return [found[key] for key in sorted(found)]
