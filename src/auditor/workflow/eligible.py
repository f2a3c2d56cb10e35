"""Who can be drawn as a programme asks: frame, yearly caps, closed days and revisit gaps, strata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from auditor.draw.programmes import Programme
from auditor.entities import Inspection, Unit
from auditor.i18n import _
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.findings import read_findings
from auditor.store.numbers import read_standings
from auditor.store.past import read_blackouts
from auditor.store.units import read_units
from auditor.store.visits import read_visits
from auditor.workflow import defaults
from auditor.workflow.closures import blacked_out, keep_gap, with_closed
from auditor.workflow.frames import Frame, make_frame
from auditor.workflow.months import Period

FEW = 5
"""Strata of fewer units are counted together in public."""


def frame_for(
    db: Database, programme: Programme, period: Period, plugins: Plugins
) -> tuple[Frame, set[str], list[str]]:
    """Give who can be drawn, who is certain by a rule, and what was taken as given."""
    units, notes = defaults.fill_units(read_units(db))
    frame = make_frame(units, read_findings(db), plugins, period, list(programme.domains))
    capped = at_cap(db, frame.units.values(), programme)
    if programme.cap is not None or programme.cap_enterprises is not None:
        frame = only(frame, set(frame.units) - capped, {"cap": len(capped)})
    grades, overdue = read_standings(db)
    certain: set[str] = set()
    if "grade" in programme.certain:
        certain |= {unit for unit, grade in grades.items() if grade in programme.grades}
    if "overdue-major" in programme.certain:
        certain |= overdue
    return frame, certain & frame.units.keys(), notes


def only(frame: Frame, units: Collection[str], more: Mapping[str, int] | None = None) -> Frame:
    """Give a frame of some of its units."""
    kept = set(units)
    return Frame(
        units={unit: one for unit, one in frame.units.items() if unit in kept},
        domains={unit: one for unit, one in frame.domains.items() if unit in kept},
        shares={unit: one for unit, one in frame.shares.items() if unit in kept},
        closed={unit: one for unit, one in frame.closed.items() if unit in kept},
        left_out={**frame.left_out, **(more or {})},
    )


def is_enterprise(unit: Unit) -> bool:
    """Whether the yearly limit on inspections of enterprises holds: training centres."""
    return unit.kind == "training"


def at_cap(db: Database, units: Collection[Unit], programme: Programme) -> set[str]:
    """Give the units that have had all the visits of the year that the programme allows.

    Visits that were ordered (交办) do not count: the limit is on ordinary inspections.
    """
    year = str(programme.first.year)
    seen: dict[str, int] = {}
    for visit in read_visits(db):
        if visit["started_at"].startswith(year) and not visit["directed"]:
            seen[visit["unit"]] = seen.get(visit["unit"], 0) + 1
    found = set()
    for unit in units:
        limits = [programme.cap, programme.cap_enterprises if is_enterprise(unit) else None]
        if any(limit is not None and seen.get(unit.id, 0) >= limit for limit in limits):
            found.add(unit.id)
    return found


def close_days(
    db: Database, frame: Frame, programme: Programme, past: Sequence[Inspection], days: Sequence[str]
) -> tuple[Frame, list[str]]:
    """Give a frame with its black-outs and revisit gaps, and what is to be said of them."""
    out = blacked_out(frame.units, read_blackouts(db), days)
    gap = keep_gap(with_closed(frame, out), past, days, programme.revisit_gap_days)
    notes = []
    if out:
        notes.append(
            _("black-outs: {days} days of units in all, units touched: {count}").format(
                count=len(out), days=sum(map(len, out.values()))
            )
        )
    if gap.spared:
        notes.append(
            _(
                "revisit gap of {gap} days: units that are not inspected in the domains of their last visit: "
                "{count}"
            ).format(count=gap.spared, gap=programme.revisit_gap_days)
        )
    if gap.closed:
        notes.append(
            _(
                "revisit gap of {gap} days: units that lie in it on every day: {count}; they stay in the "
                "frame with their chance, and drawn they are unplaced (closed)"
            ).format(count=gap.closed, gap=programme.revisit_gap_days)
        )
    return gap.frame, notes


def stratum_of(unit: Unit, strata: str) -> str:
    """Give a unit's stratum as the programme asks: township (else district, kind), district, kind, none."""
    if strata == "township":
        return unit.stratum
    own = {"district": unit.district, "kind": unit.kind}.get(strata, "")
    return own or "全部"


def strata_sums(pi: Mapping[str, int], strata: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Give units and sum of probabilities (millionths) of each stratum; those of fewer than five together."""
    sums: dict[str, dict[str, int]] = {}
    for unit, chance in pi.items():
        one = sums.setdefault(strata[unit], {"units": 0, "pi": 0})
        one["units"] += 1
        one["pi"] += chance
    large = {name: one for name, one in sorted(sums.items()) if one["units"] >= FEW}
    small = [one for one in sums.values() if one["units"] < FEW]
    if small:
        large["…"] = {"units": sum(one["units"] for one in small), "pi": sum(one["pi"] for one in small)}
    return large
