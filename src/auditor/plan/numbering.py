"""Sorties out of tours: numbered, and with who goes where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.entities import SLOTS, Sortie, Stop
from auditor.plan.given import Given
from auditor.plan.options import Option
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Tour
from auditor.plan.staffed import StaffedTour


def sorties_of(
    problem: PlanProblem, tours: Sequence[Tour], options: Mapping[Tour, Option]
) -> tuple[tuple[Sortie, ...], dict[str, Given]]:
    """Number the sorties by half-day and first unit; give what can staff them, where teams are known."""
    slots = list(SLOTS)
    ordered = sorted(
        tours,
        key=lambda tour: (
            slots.index(tour.slot),
            [problem.errands[at].unit for at in tour.errands],
            tour.errands,
        ),
    )
    sorties, known = [], {}
    for number, tour in enumerate(ordered, 1):
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
        sorties.append(Sortie(key=key, slot=tour.slot, stops=stops, metres=tour.metres, start=tour.start))
        option = options.get(tour)
        if option is not None and option.team:
            known[key] = Given(option.day, option.slot, option.team, sorties[-1].units)
    return tuple(sorties), known if len(known) == len(sorties) else {}


def tours_of(
    problem: PlanProblem, sorties: Sequence[Sortie], given: Mapping[str, Given]
) -> tuple[StaffedTour, ...]:
    """Give the tours that these sorties are, each with what it was given."""
    slots = list(SLOTS)
    number = {(one.unit, one.draw, one.domains): at for at, one in enumerate(problem.errands)}
    return tuple(
        (
            slots.index(sortie.slot),
            tuple(sorted(number[stop.unit, stop.draw, stop.domains] for stop in sortie.stops)),
            Option(given[sortie.key].day, sortie.slot, given[sortie.key].team),
        )
        for sortie in sorties
    )
