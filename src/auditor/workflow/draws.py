"""The step of the draw: from a register to drawn units, and from a plan to a closed transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import frames, seed, transcript, units
from auditor.draw.canon import canon, digest
from auditor.draw.probabilities import probabilities
from auditor.entities import Finding, Inspector, Staff, Unit
from auditor.plugins import Plugins
from auditor.risk.points import risk_shares
from auditor.workflow.months import Month

FLOOR = 300_000
TEAM = 2
DRAW = "main"
LEVEL = "simple"
DEMONSTRATION = "demonstration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Who can be drawn: Units by id, the Domains of each, its share of risk and closed days."""

    units: Mapping[str, Unit]
    domains: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, int]
    closed: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]
    """How many Units are not in the frame, by reason: closed, out-of-term, no-domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A draw of one commitment: what was frozen, the key, and who was drawn."""

    frame: Frame
    n: int
    pi: Mapping[str, int]
    frame_record: dict[str, Any]
    field_record: dict[str, Any]
    staff: tuple[Staff, ...]
    staff_key: Mapping[str, str]
    commit: dict[str, Any]
    commit_sha256: str
    shares: tuple[bytes, ...]
    beacon: dict[str, str]
    key: bytes
    units: tuple[str, ...]

    @property
    def strata(self) -> dict[str, str]:
        """The stratum of each Unit in the frame."""
        return {one["id"]: one["stratum"] for one in self.frame_record["units"]}

    @property
    def windows(self) -> dict[str, tuple[str, str]]:
        """The window of each draw."""
        return {one["key"]: (one["from"], one["to"]) for one in self.commit["draws"]}


def make_frame(
    units: Sequence[Unit],
    findings: Sequence[Finding],
    plugins: Plugins,
    month: Month,
    domains: Sequence[str],
) -> Frame:
    """Decide who can be drawn in a month and how much risk each carries.

    A closed Unit is never drawn. Out of term (most working days of the month) only Units with
    boarders and training centres are; in a month that is partly out of term the others are closed
    on those days.

    Parameters
    ----------
    domains
        Keys of the Domains that are inspected this month.
    """
    by_unit: dict[str, list[Finding]] = {}
    for finding in findings:
        by_unit.setdefault(finding.unit, []).append(finding)
    teaching = set(month.in_term)
    holidays = tuple(f"{day:%Y-%m-%d}" for day in month.working if day not in teaching)
    frame: dict[str, Unit] = {}
    of_unit: dict[str, tuple[str, ...]] = {}
    closed: dict[str, tuple[str, ...]] = {}
    left_out = {"closed": 0, "out-of-term": 0, "no-domain": 0}
    for unit in sorted(units, key=lambda unit: unit.id):
        always_open = unit.kind == "training" or bool(unit.boarders)
        inspected = tuple(key for key in domains if plugins.domain(key).applies(unit))
        if unit.closed:
            left_out["closed"] += 1
        elif month.out_of_term and not always_open:
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
) -> tuple[Staff, ...]:
    """Show the Inspectors as the field does; conflicts with a district or kind become Units or strata."""
    strata = {unit.stratum for unit in units.values()}
    staff = []
    for one in inspectors:
        conflict_strata = {name for name in one.conflicts if name in strata}
        conflict_units = {
            unit.id
            for unit in units.values()
            for name in one.conflicts
            if name == unit.id or (name not in strata and name in (unit.district, unit.township))
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


def draw(
    frame: Frame,
    staff: tuple[Staff, ...],
    staff_key: Mapping[str, str],
    month: Month,
    *,
    n: int,
    seed_text: str,
    programme_sha256: str,
    domains: Sequence[str],
) -> Drawn:
    """Run the open demonstration of a draw: one stand-in share, six balls, one draw ``main``."""
    pi = probabilities(frame.shares, n, FLOOR)
    frame_record = frames.frame_record(
        [
            frames.FrameUnit(
                id=unit.id,
                stratum=unit.stratum,
                pi=pi[unit.id],
                domains=frame.domains[unit.id],
                closed=frame.closed.get(unit.id, ()),
            )
            for unit in frame.units.values()
        ],
        domains,
    )
    field_record = frames.field_record(staff, [f"{day:%Y-%m-%d}" for day in month.working])
    share = seed.stand_in_share(seed_text)
    eve = month.midnight - timedelta(days=1)
    period = (f"{month.first:%Y-%m-%d}", f"{month.last:%Y-%m-%d}")
    form = {"numbers": 6, "from": 0, "to": 9}
    record = commits.commit_record(
        level=LEVEL,
        team=TEAM,
        floor=FLOOR,
        period=period,
        domains=domains,
        programme_sha256=programme_sha256,
        tool=f"auditor {__version__}",
        draws=[
            {
                "key": DRAW,
                "method": "pivotal",
                "n": n,
                "from": period[0],
                "to": period[1],
                "frame_sha256": digest(canon(frame_record)),
            }
        ],
        field_sha256=digest(canon(field_record)),
        share_sha256=[digest(share)],
        event={"what": DEMONSTRATION, "at": eve.replace(hour=22).isoformat(), "form": form},
        fallback={"what": DEMONSTRATION, "at": eve.replace(hour=23).isoformat(), "form": form},
        number=1,
        previous="0" * 64,
    )
    commit_sha256 = digest(canon(record))
    value = " ".join("0" * form["numbers"])
    key = seed.seed_key([share], commit_sha256, value)
    drawn = units.draw_pivotal(frame_record["units"], seed.draw_key(key, DRAW))
    return Drawn(
        frame=frame,
        n=n,
        pi=pi,
        frame_record=frame_record,
        field_record=field_record,
        staff=staff,
        staff_key=dict(staff_key),
        commit=record,
        commit_sha256=commit_sha256,
        shares=(share,),
        beacon={"source": "event", "value": value, "published_at": record["event"]["at"]},
        key=key,
        units=tuple(drawn),
    )


def close(
    drawn: Drawn,
    visits: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write the closed transcript of the demonstration, every visit done."""
    return transcript.transcript(
        commit=drawn.commit,
        frames={DRAW: drawn.frame_record},
        field=drawn.field_record,
        shares=drawn.shares,
        beacon=drawn.beacon,
        key=drawn.key,
        drawn={DRAW: list(drawn.units)},
        plan=visits,
        unplaced=unplaced,
        departures=departures,
        outcomes=transcript.outcomes_done(visits, DEMONSTRATION),
    )
