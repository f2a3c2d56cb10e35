"""When units of a kind are at work, and the evenings on which boarders are at home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from auditor.entities import SLOTS, Unit
from auditor.plan.problem import Hours
from auditor.workflow.months import Period, period_of

NO_LATER = 20 * 60 + 30
"""Minute of the day after which a training centre may not teach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHours:
    """The hours of a kind of unit on working days in term and out of it; `source` says on what ground.

    Those of term lie within those out of term, so that they hold all over a period with both.
    """

    term: Hours
    holiday: Hours
    source: str
    verified: bool


HOURS: Mapping[str, KindHours] = {
    "training": KindHours(
        term={"evening": (18 * 60, NO_LATER)},
        holiday={**SLOTS, "evening": (18 * 60, NO_LATER)},
        source="校外培训在课后、周末和假期；线下培训结束时间不晚于20:30（“双减”意见，2021）",
        verified=False,
    ),
    "kindergarten": KindHours(
        term={slot: span for slot, span in SLOTS.items() if slot != "evening"},
        holiday={slot: span for slot, span in SLOTS.items() if slot != "evening"},
        source="日托幼儿园晚间无幼儿在园",
        verified=False,
    ),
}
"""Kinds with hours of their own; the others are at work whenever a domain's windows say."""


def hours_of(unit: Unit, period: Period) -> Hours:
    """Give the hours of a unit that hold on every working day of a period; empty where it has none.

    A kindergarten with boarders is at work in the evening too.
    """
    own = HOURS.get(unit.kind)
    if own is None or (unit.kind == "kindergarten" and unit.boarders):
        return {}
    return own.term if period.in_term else own.holiday


def home_evenings(period: Period) -> frozenset[str]:
    """Give the evenings of a period's working days that a day off follows: boarders have gone home.

    That they go every week is usual and unverified.
    """
    following = period_of(period.first, period.last + timedelta(days=1), period.of).working
    return frozenset(
        f"{day:%Y-%m-%d}/evening" for day in period.working if day + timedelta(days=1) not in following
    )
