"""What a number may use besides staff and places, and when: frozen with it, so that later it is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.draw.programmes import CARS, Programme
from auditor.entities import SLOTS, Inspector, Unit
from auditor.plan.problem import Hours, Travel
from auditor.workflow.conflicts import all_named
from auditor.workflow.hours import home_evenings, hours_of
from auditor.workflow.months import Period
from auditor.workflow.secrecy import townships_of


def _usual_cars() -> dict[str, int]:
    return dict.fromkeys(SLOTS, CARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The frozen part ``means``; without anything said it is what numbers had before there was one.

    `cars` are those of each kind of half-day; `seats` how many seats of a sortie others fill, by whom;
    `departments` everyone's home department by neutral id, empty where no rule asks; `hours` those of
    Units that have their own; `shut` the half-days at which a Unit is not visited though its day is open;
    `areas` the Units of everyone's own contact area, by neutral id; `townships` where Units lie, as far as
    it is known.
    """

    cars: Mapping[str, int] = field(default_factory=_usual_cars)
    seats: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    shut: Mapping[str, frozenset[str]] = field(default_factory=dict)
    areas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    townships: Mapping[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Write them for the frozen parts: rows, since keys of a hashed record are ASCII."""
        return {
            "cars": dict(self.cars),
            "seats": [{"who": who, "count": count} for who, count in sorted(self.seats.items())],
            "departments": [
                {"id": who, "department": name} for who, name in sorted(self.departments.items())
            ],
            "hours": [
                {"unit": unit, "slot": slot, "opens": opens, "closes": closes}
                for unit, own in sorted(self.hours.items())
                for slot, (opens, closes) in sorted(own.items())
            ],
            "shut": [
                {"unit": unit, "half_days": sorted(half_days)}
                for unit, half_days in sorted(self.shut.items())
            ],
            "areas": [{"id": who, "units": sorted(own)} for who, own in sorted(self.areas.items())],
            "townships": [{"unit": unit, "township": name} for unit, name in sorted(self.townships.items())],
        }


def frozen_means(record: Mapping[str, Any] | None) -> Means:
    """Read the means that were frozen with a number; None stands for a number without them."""
    if record is None:
        return Means()
    hours: dict[str, dict[str, tuple[int, int]]] = {}
    for row in record["hours"]:
        hours.setdefault(row["unit"], {})[row["slot"]] = (row["opens"], row["closes"])
    return Means(
        cars=record["cars"],
        seats={row["who"]: row["count"] for row in record["seats"]},
        departments={row["id"]: row["department"] for row in record["departments"]},
        hours=hours,
        shut={row["unit"]: frozenset(row["half_days"]) for row in record["shut"]},
        areas={row["id"]: frozenset(row["units"]) for row in record["areas"]},
        townships={row["unit"]: row["township"] for row in record.get("townships", ())},
    )


def means_of(
    programme: Programme,
    units: Mapping[str, Unit],
    inspectors: Sequence[Inspector],
    ids: Mapping[str, str],
    period: Period,
) -> Means:
    """Give the means of a number.

    Parameters
    ----------
    units
        Those of the frame.
    ids
        Everyone's neutral id.
    """
    hours = {unit.id: hours_of(unit, period) for unit in units.values()}
    evenings = home_evenings(period)
    areas = {ids[one.id]: all_named(one.area, units) for one in inspectors}
    return Means(
        cars=dict(programme.cars),
        seats=programme.seats,
        departments={ids[one.id]: one.department.strip() for one in inspectors} if programme.mix else {},
        hours={unit: own for unit, own in hours.items() if own},
        shut={unit.id: evenings for unit in units.values() if unit.boarders and evenings},
        areas={who: own for who, own in areas.items() if own},
        townships=townships_of(units),
    )


def frozen_travel(record: Mapping[str, Any] | None) -> Travel | None:
    """Read the ways that were frozen with a number; None where it has none, as before there were tables."""
    if record is None:
        return None
    places = {one: row for row, one in enumerate(record["places"])}
    return Travel(places=places, metres=record["metres"], minutes=record["minutes"])


def travel_facts(travel: Travel | None) -> dict[tuple[str, str], tuple[int, int]] | None:
    """Give metres and minutes by the ids of both ends, "" being the start; None where there is no table."""
    if travel is None:
        return None
    return {
        (origin, to): (travel.metres[row][at], travel.minutes[row][at])
        for origin, row in travel.places.items()
        for to, at in travel.places.items()
    }
