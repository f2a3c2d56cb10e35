"""Days on which a unit is closed to a draw beside the school calendar: revisit gap and black-outs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from auditor.entities import Blackout, Inspection, Unit
from auditor.workflow.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A frame with the revisit gap in it: `closed` units lie in the gap on every day, `spared` leave
    out a domain that does while others do not.
    """

    frame: Frame
    closed: int
    spared: int


def with_closed(frame: Frame, more: Mapping[str, Sequence[str]]) -> Frame:
    """Give a frame in which units are closed on more days."""
    closed = dict(frame.closed)
    for unit in frame.units:
        if more.get(unit):
            closed[unit] = tuple(sorted({*closed.get(unit, ()), *more[unit]}))
    return replace(frame, closed=closed)


def last_inspected(past: Sequence[Inspection]) -> dict[tuple[str, str], date]:
    """Give the last day on which each domain of each unit was inspected, orders left aside.

    An order opens no gap: else whoever gives orders could keep a unit out of the draw.
    """
    found: dict[tuple[str, str], date] = {}
    for one in past:
        for domain in () if one.directed else one.domains:
            key = one.unit, domain
            found[key] = max(found.get(key, one.on), one.on)
    return found


def keep_gap(frame: Frame, past: Sequence[Inspection], days: Sequence[str], gap_days: int) -> Gap:
    """Leave units alone for so many days after their last inspection, in the domains that were inspected.

    A domain whose gap covers all `days` is left out of its unit; the unit is closed on the days that
    lie in the gap of a domain that stays. A unit of which no domain would stay keeps all of them and is
    closed on every day: drawn, it is unplaced for all to see. No chance is changed.

    Parameters
    ----------
    days
        The field's days that may still be used, sorted.
    gap_days
        A domain inspected on a day is free again so many days later; 0 for no gap.
    """
    last = last_inspected(past)
    domains, more = dict(frame.domains), {}
    closed = spared = 0
    for unit, own in frame.domains.items():
        inside = {}
        for domain in own:
            if (unit, domain) in last:
                free = f"{last[unit, domain] + timedelta(days=gap_days):%Y-%m-%d}"
                inside[domain] = [day for day in days if day < free]
        staying = tuple(one for one in own if len(inside.get(one, ())) < len(days))
        closed += not staying
        spared += 0 < len(staying) < len(own)
        domains[unit] = staying or own
        more[unit] = sorted({day for one in domains[unit] for day in inside.get(one, ())})
    return Gap(frame=with_closed(replace(frame, domains=domains), more), closed=closed, spared=spared)


def blacked_out(
    units: Mapping[str, Unit], blackouts: Sequence[Blackout], days: Sequence[str]
) -> dict[str, list[str]]:
    """Give the days on which black-outs close each unit, sorted; units that none closes are left out.

    A scope is everybody, a unit, a township, a district or a kind.
    """
    found: dict[str, set[str]] = {}
    for one in blackouts:
        span = {day for day in days if f"{one.from_on:%Y-%m-%d}" <= day <= f"{one.to_on:%Y-%m-%d}"}
        for unit in units.values() if span else ():
            if not one.scope or one.scope in (unit.id, unit.township, unit.district, unit.kind):
                found.setdefault(unit.id, set()).update(span)
    return {unit: sorted(own) for unit, own in found.items()}
