"""Sorties out of tours: numbered, and with who goes where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.entities import SLOTS, Sortie, Stop
from auditor.plan.given import Given
from auditor.plan.options import Option
from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Tour


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
