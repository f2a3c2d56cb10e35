"""What is to be planned, as values: errands, staff, days, and the figures of the road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from auditor.entities import SLOTS, Domain, Staff, Window

Point = tuple[float, float]
"""Latitude and longitude, WGS-84 degrees."""
COUNTY = 100
"""A programme of up to so many visits is a county's: it is decided exactly; a larger one is a city's."""
Hours = Mapping[str, tuple[int, int]]
"""The half-days at which a Unit is at work, with first and last minute of the day; empty: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One visit to be made. `arrivals` gives, for each half-day it may be in, the first and last
    minute of the day at which the team may arrive; empty where no half-day will do.
    """

    unit: str
    draw: str
    domains: tuple[str, ...]
    minutes: int
    point: Point
    arrivals: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Whole metres and minutes between places, as a bureau measured them; ``[from][to]``.

    `places` gives the row of each Unit, of the start under the empty name, and of other starts.
    """

    places: Mapping[str, int]
    metres: Sequence[Sequence[int]]
    minutes: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProblem:
    """Everything a plan depends on but the lots.

    `days` are the field's days, `windows` the first and last day of each draw, `closed` the days on
    which a Unit cannot be visited. `cars` is how many teams may be out in one half-day, `factor`
    how much longer roads are than great circles (thousandths). `keep_order` holds every unit, the
    one that is kept first at the head. `cars_in` says where a kind of half-day has other cars than
    `cars`, which is the most of all. `departments` gives everyone's home department where a team must
    be of two ("" where it is not known), and is empty where no rule asks. `shut` holds half-days at
    which a Unit is not to be visited though its day is open. `areas` are the Units of
    everyone's own contact area.

    `travel` is there where a table says how far places are apart. `load` is how many half-days anyone
    may be out above the mean, rounded up, `even` how far everyone's half-days may lie apart, `pairs` how
    often two people may be out together; None sets no such rule. `carried` are half-days out that count
    from before, by person. `company` says how many stops of one sortie may lie near each other (in one
    township, `townships`, or within `near_m` metres of road), None for any number; `altered`, `longer` and
    `meets` are what a level of secrecy has beside (`plan.secrecy`), and do nothing without a chance.
    `starts` are other places, by names that no Unit has, where a sortie may start and end instead of at
    `start`.
    """

    start: Point
    errands: tuple[Errand, ...]
    staff: tuple[Staff, ...]
    days: tuple[str, ...]
    windows: Mapping[str, tuple[str, str]]
    beacon_day: str
    closed: Mapping[str, frozenset[str]]
    strata: Mapping[str, str]
    team: int = 2
    cars: int = 2
    factor: int = 1300
    speed_kmh: int = 40
    sortie_cost_m: int = 10_000
    keep_order: tuple[str, ...]
    cars_in: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    shut: Mapping[str, frozenset[str]] = field(default_factory=dict)
    areas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    travel: Travel | None = None
    load: int | None = None
    even: int | None = None
    pairs: int | None = None
    carried: Mapping[str, int] = field(default_factory=dict)
    company: int | None = None
    near_m: int = 0
    townships: Mapping[str, str] = field(default_factory=dict)
    altered: int = 0
    longer: int = 0
    meets: bool = False
    starts: Mapping[str, Point] = field(default_factory=dict)


def cars_of(problem: PlanProblem, slot: str) -> int:
    """Give how many sorties may be out in one half-day of this kind."""
    return problem.cars_in.get(slot, problem.cars)


def open_days(problem: PlanProblem, errand: Errand) -> list[str]:
    """Give the field's days on which an errand may be made: in its draw's window, later than the
    day of the beacon, the Unit not closed, and not shut in every half-day that will do.
    """
    first, last = problem.windows[errand.draw]
    closed = problem.closed.get(errand.unit, frozenset())
    shut = problem.shut.get(errand.unit, frozenset())
    return [
        day
        for day in sorted(problem.days)
        if first <= day <= last
        and day > problem.beacon_day
        and day not in closed
        and not (shut and errand.arrivals and all(f"{day}/{slot}" in shut for slot in errand.arrivals))
    ]


def at_work(domain: Domain, hours: Hours) -> Domain:
    """Give a Domain with the windows that it has at a Unit which is at work at these hours only.

    A window with times says when its own thing is at work (a kitchen before the meal) and stays. One
    without is bound by the hours; where none of either is left, the Domain is inspected whenever the
    Unit is at work: what is looked at by day elsewhere is looked at in the evening at a training centre.
    Without hours the Domain stays as it is.
    """
    if not hours:
        return domain
    open_ones = [
        Window(slot=slot, earliest=opens, latest=closes - domain.minutes)
        for slot, (opens, closes) in hours.items()
        if opens + domain.minutes <= closes
    ]
    timed = [one for one in domain.windows if (one.earliest, one.latest) != (None, None)]
    untimed = {one.slot for one in domain.windows if one not in timed}
    windows = [*timed, *(one for one in open_ones if one.slot in untimed)]
    return replace(domain, windows=tuple(windows or open_ones))


def errands_of(
    unit: str, draw: str, domains: Sequence[Domain], point: Point, hours: Hours = MappingProxyType({})
) -> list[Errand]:
    """Group the Domains of a Unit, given by its id, into as few visits as their windows allow.

    Domains that may be inspected in the fewest half-days choose first; each other one joins the
    first visit with a half-day and an arrival that suit it too, else it opens a visit of its own.
    So a kitchen part draws its visit to the morning, and dormitories have an evening visit. `hours` are
    those of a Unit that has hours of its own.
    """
    groups: list[list[Domain]] = []
    there = [at_work(domain, hours) for domain in domains]
    for domain in sorted(there, key=lambda one: (len({w.slot for w in one.windows}), one.key)):
        joined = next((group for group in groups if arrivals([*group, domain])), None)
        if joined is None:
            groups.append([domain])
        else:
            joined.append(domain)
    return [
        Errand(
            unit=unit,
            draw=draw,
            domains=tuple(sorted(domain.key for domain in group)),
            minutes=sum(domain.minutes for domain in group),
            point=point,
            arrivals=arrivals(group),
        )
        for group in groups
    ]


def arrivals(domains: Sequence[Domain]) -> dict[str, tuple[int, int]]:
    """Give the first and last minute of arrival in each half-day that suits all these Domains.

    A window holds the start of its Domain's part, of f minutes in a visit of m. The team may do
    the other parts first, so for a window from a to b it arrives from ``a - (m - f)`` to b, and
    never so early or late that the visit leaves the half-day.
    """
    minutes = sum(domain.minutes for domain in domains)
    found = {}
    for slot, (opens, closes) in SLOTS.items():
        first, last = opens, closes - minutes
        for domain in domains:
            window = _window(domain, slot)
            if window is None:
                break
            if window.earliest is not None:
                first = max(first, window.earliest - (minutes - domain.minutes))
            if window.latest is not None:
                last = min(last, window.latest)
        else:
            if first <= last:
                found[slot] = (first, last)
    return found


def _window(domain: Domain, slot: str) -> Window | None:
    """The Domain's window in a half-day; of several the longest, of equal ones the earlier."""
    opens, closes = SLOTS[slot]

    def length(window: Window) -> tuple[int, int]:
        first = opens if window.earliest is None else window.earliest
        last = closes if window.latest is None else window.latest
        return first - last, first

    return min((one for one in domain.windows if one.slot == slot), key=length, default=None)
