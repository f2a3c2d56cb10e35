"""How many units the main draw takes, and whom the weekly floor draws take with which chance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Any

from auditor.draw.probabilities import probabilities
from auditor.draw.programmes import Programme
from auditor.draw.weekly import Week, weekly_pi, weeks
from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.plugins import Plugins
from auditor.workflow.eligible import only
from auditor.workflow.frames import Frame, days_record
from auditor.workflow.means import Means
from auditor.workflow.months import Period
from auditor.workflow.needs import capacity_of
from auditor.workflow.service import Service


def units_to_draw(
    programme: Programme,
    frame: Frame,
    certain: Collection[str],
    free: Mapping[str, Sequence[str]],
    half_days: Mapping[str, int],
    plugins: Plugins,
    period: Period,
    before: Sequence[Mapping[str, Any]],
    means: Means,
    days: Sequence[str],
) -> int:
    """Give how many units the main draw takes.

    A number of new units takes the part of them that the first number took of its frame, rounded up.
    """
    size = len(frame.units)
    if before:
        first = before[0]["facts"]
        return min(size, ceil(Fraction(first["n"] * size, first["units"])))
    if programme.units is not None:
        return programme.units
    if programme.share is not None:
        return min(size, max(1, ceil(programme.share * size)))

    def chances(n: int) -> Mapping[str, int]:
        return probabilities(frame.shares, n, programme.floor)

    found = capacity_of(
        frame, half_days, free, plugins, period, chances, means, days,
        team=programme.team, each=programme.domains_each,
    )  # fmt: skip
    usable, whole = found.usable, found.n
    n = int(whole * (1 - programme.weekly))
    if n < max(1, len(certain)) and not any(means.cars.values()):
        raise Infeasible(reason=_("no car in any half-day carries anybody: write cars into the programme"))
    if n < max(1, len(certain)):
        raise Infeasible(
            reason=_(
                "the period's half-days ({usable} that teams may use) carry {n} units; "
                "add inspectors, shorten leave, or say how many: units = …"
            ).format(usable=usable, n=n)
        )
    return n


def weekly_frames(
    programme: Programme,
    frame: Frame,
    service: Service,
    period: Period,
    n: int,
    now: datetime,
    *,
    first: bool,
) -> list[tuple[Week, Frame, dict[str, int]]]:
    """Give the weekly floor draws: the week, its frame, and the chance of each unit in it.

    A unit has those of its domains that some day and team of the week could serve; one without any is
    not in that week's frame.
    """
    if not programme.weekly or not first:
        return []
    found = []
    for week in weeks(period.first, period.last, period.working, now.date()):
        days = tuple(day for day in days_record(week.working) if day > f"{now:%Y-%m-%d}")
        domains = {unit.id: service.served(unit, days) for unit in frame.units.values()}
        kept = only(frame, [unit for unit, own in domains.items() if own])
        if kept.units:
            found.append((week, replace(kept, domains={unit: domains[unit] for unit in kept.units})))
    chance = weekly_pi(n, programme.weekly, [len(own.units) for _week, own in found])
    return [(week, own, dict.fromkeys(own.units, chance)) for week, own in found if chance]
