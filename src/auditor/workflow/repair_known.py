"""What became known since a plan was sealed, for any repair of it: whoever is away, where nobody may go.

The same that its page tells (`plan_news`): leave, staff, days without visits, the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from auditor.entities import SLOTS
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.past import read_blackouts
from auditor.store.staff import read_absences, read_inspectors
from auditor.workflow.closures import blacked_out
from auditor.workflow.months import calendar_of, period_of
from auditor.workflow.plans import units_of_frames


def away_now(db: Database, ids: Mapping[str, str], days: Sequence[str]) -> dict[str, set[str]]:
    """Give the half-days of some days on which inspectors of a number are away as it is known now.

    Parameters
    ----------
    ids
        Neutral ids by own ids. Whoever inspects no more is away on all of them.
    """
    every = [f"{day}/{slot}" for day in days for slot in SLOTS]
    inspect = {one.id for one in read_inspectors(db)}
    there = free_half_days({own: every if own in inspect else () for own in ids}, [*read_absences(db)], [])
    return {ids[own]: set(every) - set(free) for own, free in there.items() if len(free) < len(every)}


def closed_now(
    db: Database, frames: Mapping[str, Mapping[str, Any]], days: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Give the days, of some, on which units of a number's frames cannot be visited as it is known now.

    A day that the calendar has made a day off is one for all of them.
    """
    if not days:
        return {}
    units, _former, _lost = units_of_frames(db, frames)
    period = period_of(date.fromisoformat(min(days)), date.fromisoformat(max(days)), calendar_of(db))
    off = set(days) - {day.isoformat() for day in period.working}
    out = blacked_out(units, read_blackouts(db), days)
    found = {unit: frozenset({*off, *out.get(unit, ())}) for unit in units}
    return {unit: closed for unit, closed in found.items() if closed}
