"""What a plan falls short of, told by counts that name nobody: they are public with its root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from auditor.plan.given import Given
from auditor.plan.loads import without
from auditor.plan.screening import CAPACITY
from auditor.workflow.plans import Planned

NO_CARS = "no-cars"
"""What is told in place of the reason capacity where there is no car at all."""
MANY = 5
"""So many visits share a reason that is told."""


def main_reason(unplaced: Sequence[Mapping[str, Any]], cars: Mapping[str, int] | None = None) -> str:
    """Give the reason that most of the unplaced visits of a plan's record have.

    Where every kind of half-day has 0 `cars` nothing went to others before: that is told as NO_CARS. For the
    holder of the key only; "" where fewer than MANY share it, since that would point at units.
    """
    reasons = Counter(sorted(one["reason"] for one in unplaced)).most_common(1)
    if not reasons or reasons[0][1] < MANY:
        return ""
    return told_reason(reasons[0][0], cars)


def told_reason(reason: str, cars: Mapping[str, int] | None) -> str:
    """Give a reason as it is told: capacity is NO_CARS where there is no car at all."""
    return NO_CARS if reason == CAPACITY and cars and not any(cars.values()) else reason


def shortfall(planned: Planned) -> dict[str, Any]:
    """Give what a plan falls short of; nothing where all are placed and every wish is kept.

    Returns
    -------
    As far as each is there: ``cut`` where work or time ended before it was known of every unit whether it
    has room; ``share`` of the half-days that could be used, of a large programme that left
    units out; ``even``, how far half-days lie apart where closer was wished and not found; ``given_up``,
    the rules of load and pairs that gave way; ``more``, how many half-days, cars or people more would
    place all that fail for want of them, each alone and None for more than are tried, and whether they are
    the ``least``, as `plan explain` says it too; ``clash``, where no
    visit is made, the smallest set of rules that cannot all be kept.
    """
    from auditor.plan.clashes import clash
    from auditor.plan.explain import more

    made = planned.made
    told: dict[str, Any] = {}
    if made.share is not None:
        told["share"] = made.share
    if made.cut:
        told["cut"] = True
    if made.even != planned.problem.even:
        told["even"] = made.even
    if made.given_up:
        told["given_up"] = list(made.given_up)
    if not made.unplaced:
        return told
    given = {
        sortie.key: Given(made.days[sortie.key], sortie.slot, made.teams[sortie.key], sortie.units)
        for sortie in made.sorties
    }
    fair = without(planned.problem)
    needed = more(fair, given, made.unplaced)
    if needed is not None:
        told["more"] = asdict(needed)
    clashing = () if given else clash(fair)
    if clashing:
        told["clash"] = list(clashing)
    return told
