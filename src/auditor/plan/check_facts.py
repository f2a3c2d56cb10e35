"""What a plan is checked against, and how a breach is told; no module that makes plans knows these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.entities import Breach, Domain, Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What a plan must agree with; all of it comes from elsewhere than the plan.

    `points` holds every drawn Unit's latitude and longitude, stand-ins too; `demand` for each draw
    the domains to be inspected at each drawn Unit. The facts with None are checked only where they
    are known: `bound_m` as it was proven when the plan was made, `stand_ins` the drawn Units without
    a point of their own, `visit_id` the id of a Unit's visit by its number from 0. `cars_in` says
    where a kind of half-day has other cars than `cars`; `departments` everyone's home department where
    a team must be of two; `hours` the half-days at which a Unit with hours of its own is at work, with
    first and last minute; `shut` the half-days at which a Unit is not visited though its day is open; `areas`
    the Units of everyone's own contact area.

    `travel` gives whole metres and minutes from one Unit to another where a table says them, the start
    under the empty name; without one they are great circles. `load` is how many half-days anyone may be
    out above the mean, rounded up, `even` how far apart half-days may lie, `pairs` how often two people
    may be out together, `carried` the half-days that count from before; None sets no rule. `company` says
    how many stops of one sortie may lie near each other, in one of `townships` or nearer than `near_m`;
    `meets` whether a team may come later than it could in order to arrive when another one arrives near by.
    `starts` are other places, by names that no Unit has, where a sortie may start and end.
    """

    points: Mapping[str, tuple[float, float]]
    start: tuple[float, float]
    demand: Mapping[str, Mapping[str, Collection[str]]]
    domains: Mapping[str, Domain]
    staff: Sequence[Staff]
    days: Sequence[str]
    beacon_day: str
    windows: Mapping[str, tuple[str, str]]
    closed: Mapping[str, Collection[str]]
    strata: Mapping[str, str]
    team: int = 2
    cars: int = 2
    factor: int = 1300
    speed_kmh: int = 40
    sortie_cost_m: int = 10_000
    bound_m: int | None = None
    commit_sha256: str | None = None
    provisional: bool | None = None
    stand_ins: Collection[str] | None = None
    visit_id: Callable[[str, int], str] | None = None
    cars_in: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    shut: Mapping[str, Collection[str]] = field(default_factory=dict)
    areas: Mapping[str, Collection[str]] = field(default_factory=dict)
    travel: Mapping[tuple[str, str], tuple[int, int]] | None = None
    load: int | None = None
    even: int | None = None
    pairs: int | None = None
    carried: Mapping[str, int] = field(default_factory=dict)
    company: int | None = None
    near_m: int = 0
    townships: Mapping[str, str] = field(default_factory=dict)
    meets: bool = False
    starts: Mapping[str, tuple[float, float]] = field(default_factory=dict)


Record = Mapping[str, Any]
Outing = tuple[str, str, tuple[str, ...], frozenset[str]]
Out = Mapping[str, Outing]
"""Day, slot, team and units of each sortie."""


def broken(rule: str, where: str, what: str, **values: object) -> Breach:
    """Tell a breach; `what` has its values in braces."""
    return Breach(rule=rule, where=where, what=what.format(**values))
