"""Who can be drawn in a period, with which probability, and whom the field shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.draw import frames
from auditor.draw.canon import canon, digest
from auditor.entities import Finding, Inspection, Inspector, Staff, Unit
from auditor.i18n import N_, _, listed
from auditor.plugins import Plugins
from auditor.risk.points import risk_shares
from auditor.workflow.conflicts import never_seen, twice_running
from auditor.workflow.months import Period

MAIN = "main"
"""The key of the draw for the whole period, beside those of its weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Who can be drawn: Units by id, the Domains of each, its share of risk and closed days."""

    units: Mapping[str, Unit]
    domains: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, int]
    closed: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]
    """How many Units are not in the frame, by reason: closed, out-of-term, no-domain."""


LEFT_OUT_WORDS = {
    "closed": N_("closed"),
    "out-of-term": N_("out of term"),
    "no-domain": N_("no domain applies"),
    "cap": N_("visits of the year used up"),
}


def left_out_text(counts: Mapping[str, int]) -> str:
    """Say how many units are not in a frame, by reason; "" where all are."""
    return listed(f"{_(LEFT_OUT_WORDS[why])} {count}" for why, count in counts.items() if count)


def make_frame(
    units: Sequence[Unit],
    findings: Sequence[Finding],
    plugins: Plugins,
    period: Period,
    domains: Sequence[str],
) -> Frame:
    """Decide who can be drawn in a period and how much risk each carries.

    A closed Unit is never drawn. Out of term (most working days of the period) only Units with
    boarders and training centres are; in a period that is partly out of term the others are closed
    on those days.

    Parameters
    ----------
    domains
        Keys of the Domains that are inspected this period.
    """
    by_unit: dict[str, list[Finding]] = {}
    for finding in findings:
        by_unit.setdefault(finding.unit, []).append(finding)
    teaching = set(period.in_term)
    holidays = tuple(f"{day:%Y-%m-%d}" for day in period.working if day not in teaching)
    frame: dict[str, Unit] = {}
    of_unit: dict[str, tuple[str, ...]] = {}
    closed: dict[str, tuple[str, ...]] = {}
    left_out = {"closed": 0, "out-of-term": 0, "no-domain": 0}
    for unit in sorted(units, key=lambda unit: unit.id):
        always_open = unit.kind == "training" or bool(unit.boarders)
        inspected = tuple(key for key in domains if plugins.domain(key).applies(unit))
        if unit.closed:
            left_out["closed"] += 1
        elif period.out_of_term and not always_open:
            left_out["out-of-term"] += 1
        elif not inspected:
            left_out["no-domain"] += 1
        else:
            frame[unit.id] = unit
            of_unit[unit.id] = inspected
            if holidays and not always_open:
                closed[unit.id] = holidays

    def ask(unit: Unit, of: Sequence[Finding]) -> int:
        return plugins.points(unit=unit, findings=of)

    shares = risk_shares(list(frame.values()), by_unit, ask)
    return Frame(units=frame, domains=of_unit, shares=shares, closed=closed, left_out=left_out)


def neutral_ids(inspectors: Sequence[Inspector], number: int) -> dict[str, str]:
    """Give each Inspector an id for the transcript, in an order that tells nothing: id to ``P01`` …"""
    order = sorted(inspectors, key=lambda one: digest(canon([str(number), one.id])))
    return {one.id: f"P{at:02d}" for at, one in enumerate(order, start=1)}


def make_staff(
    inspectors: Sequence[Inspector],
    free: Mapping[str, Sequence[str]],
    ids: Mapping[str, str],
    units: Mapping[str, Unit],
    *,
    strata_of: Mapping[str, str] | None = None,
    past: Sequence[Inspection] = (),
) -> tuple[Staff, ...]:
    """Show the Inspectors as the field does: what they must not see becomes Units or strata.

    Parameters
    ----------
    strata_of
        The stratum that each Unit has in the frame; None for the default one.
    past
        Inspections, for who must not see a Unit of the own contact area twice running.
    """
    strata_of = strata_of or {unit.id: unit.stratum for unit in units.values()}
    strata = _places_that_are_strata(units, strata_of)
    never, again = never_seen(inspectors, units), twice_running(inspectors, units, past)
    staff = []
    for one in inspectors:
        conflict_strata = {name for name in one.conflicts if name in strata}
        conflict_units = {
            unit.id
            for unit in units.values()
            for name in one.conflicts
            if name == unit.id or (name not in strata and name in (unit.district, unit.township))
        }
        conflict_units |= {
            unit for unit in never[one.id] | again[one.id] if strata_of[unit] not in conflict_strata
        }
        staff.append(
            Staff(
                id=ids[one.id],
                domains=tuple(sorted(one.domains)),
                conflict_units=tuple(sorted(conflict_units)),
                conflict_strata=tuple(sorted(conflict_strata)),
                free=tuple(sorted(free[one.id])),
                share=one.half_days,
            )
        )
    return tuple(sorted(staff, key=lambda one: one.id))


def _places_that_are_strata(units: Mapping[str, Unit], strata_of: Mapping[str, str]) -> set[str]:
    """Give the strata whose name means exactly their units: no place of that name has others."""
    held: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for unit in units.values():
        held.setdefault(strata_of[unit.id], set()).add(unit.id)
        for name in (unit.district, unit.township):
            places.setdefault(name, set()).add(unit.id)
    return {name for name, own in held.items() if places.get(name, own) == own}


def record_of(
    frame: Frame, pi: Mapping[str, int], strata: Mapping[str, str], domains: Sequence[str]
) -> dict[str, Any]:
    """Write the frame of a draw for the units that have a probability in it."""
    return frames.frame_record(
        [
            frames.FrameUnit(
                id=unit,
                stratum=strata[unit],
                pi=pi[unit],
                domains=frame.domains[unit],
                closed=frame.closed.get(unit, ()),
            )
            for unit in pi
        ],
        domains,
    )


def days_record(days: Sequence[date]) -> list[str]:
    """Write days as the contract does."""
    return [f"{day:%Y-%m-%d}" for day in days]
