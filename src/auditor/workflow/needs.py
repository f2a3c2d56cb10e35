"""How many units a period's half-days carry, judged on the frame alone, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from auditor.draw.capacity import Capacity, Need, capacity
from auditor.plan.problem import errands_of
from auditor.plugins import Plugins
from auditor.workflow.frames import Frame, days_record
from auditor.workflow.means import Means
from auditor.workflow.months import Period

LUNCH_MOST_MIN = 120
"""A visit whose arrival is held to so short a stretch of its half-day counts as bound to a mealtime."""
NOWHERE = (0.0, 0.0)
"""Where a unit lies does not matter to when it may be visited."""


def needs_of(
    frame: Frame, plugins: Plugins, means: Means, days: Collection[str], each: int | None = None
) -> dict[str, list[Need]]:
    """Give the visits that every unit of a frame needs if it is drawn.

    A unit that is closed on all `days` needs none: it would be unplaced, and half-days kept for it
    would stay unused. Where only `each` of its domains are inspected, by a lot that is not drawn yet,
    the first are taken.
    """
    return {
        unit.id: [
            Need(
                slots=tuple(sorted(errand.arrivals)),
                lunch=len(errand.arrivals) == 1
                and all(last - first <= LUNCH_MOST_MIN for first, last in errand.arrivals.values())
                and "morning" in errand.arrivals,
            )
            for errand in errands_of(
                unit.id,
                "",
                [plugins.domain(key) for key in frame.domains[unit.id][:each]],
                NOWHERE,
                means.hours.get(unit.id, {}),
            )
            if errand.arrivals and not set(days) <= set(frame.closed.get(unit.id, ()))
        ]
        for unit in frame.units.values()
    }


def capacity_of(
    frame: Frame,
    half_days: Mapping[str, int],
    free: Mapping[str, Sequence[str]],
    plugins: Plugins,
    period: Period,
    probabilities: Callable[[int], Mapping[str, int]],
    means: Means,
    days: Sequence[str],
    *,
    team: int,
    each: int | None = None,
) -> Capacity:
    """Judge how many units the period's half-days and cars carry.

    Where most of the frame is closed out of term, only half-days of term count.

    Parameters
    ----------
    half_days
        How many half-days a plan may use of each person, by id.
    free
        On which half-days each is there.
    probabilities
        Gives every unit's millionths when n are drawn.
    days
        The field's days that may still be used.
    """
    term = set(days_record(period.in_term))
    bound_to_term = 2 * len(frame.closed) > len(frame.units)
    there: dict[str, int] = {}
    for own in free.values():
        for half_day in own:
            if not bound_to_term or half_day[:10] in term:
                there[half_day] = there.get(half_day, 0) + 1
    standing_by: dict[str, int] = {}
    for half_day, people in there.items():
        slot = half_day.partition("/")[2]
        standing_by[slot] = standing_by.get(slot, 0) + min(means.cars[slot], people // team)
    usable = sum(min(most, len(free[who])) for who, most in half_days.items()) // team
    return capacity(
        needs_of(frame, plugins, means, days, each),
        probabilities,
        usable=min(usable, sum(standing_by.values())),
        standing_by=standing_by,
    )
