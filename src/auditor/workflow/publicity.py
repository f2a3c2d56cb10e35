"""Numbers of the ledger as the public knows them once they are closed: semesters for the leak test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from auditor.draw.probabilities import MILLION
from auditor.leak.records import Chances, County, Floats, Seen, Semester
from auditor.plan.options import hold_together
from auditor.plan.problem import errands_of
from auditor.plugins import Plugins
from auditor.workflow.drawn import staff_of_field
from auditor.workflow.needs import NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """One closed number: its commitment, frames and field, its visits (records of the transcript).

    `staff` gives, by the field's neutral id, who it was; `metres` what its tours drove, 0 if unknown.
    """

    commit: Mapping[str, Any]
    frames: Mapping[str, Mapping[str, Any]]
    field: Mapping[str, Any]
    visits: Sequence[Mapping[str, Any]]
    staff: Mapping[str, str]
    metres: int = 0


def semester_of(numbers: Sequence[Public], county: County, plugins: Plugins) -> Semester:
    """Join numbers into one semester; its plans are the calendar months.

    Every unit and every one of the staff must be in the county; visits may not lie outside the field's days.
    """
    days = tuple(
        date.fromisoformat(day) for day in sorted({day for one in numbers for day in one.field["days"]})
    )
    place = {f"{day:%Y-%m-%d}": at for at, day in enumerate(days)}
    months = sorted({f"{day:%Y-%m}" for day in days})
    unit_at = {unit: at for at, unit in enumerate(county.units)}
    staff_at = {person: at for at, person in enumerate(county.staff)}
    free: list[dict[str, set[int]]] = [{} for _ in days]
    room = np.zeros((len(county.units), len(days)))
    draws: list[Chances] = []
    visits: list[Seen] = []
    tours = 0
    for at, number in enumerate(numbers):
        for person in number.field["staff"]:
            for half_day in person["free"]:
                day, _, slot = half_day.partition("/")
                if day in place:
                    free[place[day]].setdefault(slot, set()).add(staff_at[number.staff[person["id"]]])
        room = np.maximum(room, _room(number, unit_at, place, plugins))
        windows = {}
        for draw in number.commit["draws"]:
            inside = [at for day, at in place.items() if draw["from"] <= day <= draw["to"]]
            if inside:
                windows[draw["key"]] = (min(inside), max(inside))
                chance = np.zeros(len(county.units))
                for unit in number.frames[draw["key"]]["units"]:
                    chance[unit_at[unit["id"]]] = unit["pi"] / MILLION
                draws.append(Chances(*windows[draw["key"]], chance, draw["method"] == "pivotal"))
        visits += _seen(number, at, unit_at, staff_at, place, windows, tours)
        tours += len({one["sortie"] for one in number.visits})
    return Semester(
        days=days,
        plan_of=tuple(months.index(f"{day:%Y-%m}") for day in days),
        visits=tuple(sorted(visits, key=lambda one: (one.day, one.start, one.unit))),
        draws=_merged(draws),
        room=room,
        free=tuple({slot: tuple(sorted(here)) for slot, here in sorted(day.items())} for day in free),
        metres=sum(number.metres for number in numbers),
    )


def _seen(
    number: Public,
    at: int,
    unit_at: Mapping[str, int],
    staff_at: Mapping[str, int],
    place: Mapping[str, int],
    windows: Mapping[str, tuple[int, int]],
    tours: int,
) -> list[Seen]:
    names = sorted({one["sortie"] for one in number.visits})
    window = {}
    for name in names:
        own = [windows[one["draw"]] for one in number.visits if one["sortie"] == name and "draw" in one]
        window[name] = (
            max((first for first, _ in own), default=0),
            min((last for _, last in own), default=-1),
        )
    return [
        Seen(
            day=place[one["date"]],
            slot=one["slot"],
            start=int(one["start"][:2]) * 60 + int(one["start"][3:]),
            unit=unit_at[one["unit"]],
            tour=tours + names.index(one["sortie"]),
            team=tuple(sorted(staff_at[number.staff[who]] for who in one["team"])),
            number=at,
            window=window[one["sortie"]],
        )
        for one in number.visits
    ]  # fmt: skip


def _merged(draws: Sequence[Chances]) -> tuple[Chances, ...]:
    """Join draws of one window that share no unit, as those of two districts: fewer to reckon with."""
    merged: list[Chances] = []
    for one in sorted(draws, key=lambda draw: (draw.first, draw.last)):
        for at, other in enumerate(merged):
            apart = not np.any((one.chance > 0) & (other.chance > 0))
            alike = (other.first, other.last, other.fixed) == (one.first, one.last, one.fixed)
            if alike and apart:
                merged[at] = Chances(one.first, one.last, one.chance + other.chance, one.fixed)
                break
        else:
            merged.append(one)
    return tuple(merged)


def _room(number: Public, unit_at: Mapping[str, int], place: Mapping[str, int], plugins: Plugins) -> Floats:
    """In how many half-days of each day some team could come to each unit: lots know no others."""
    spec = number.commit["spec"]
    staff = staff_of_field(number.field, {one["id"]: 1 for one in number.field["staff"]})
    there: dict[str, list[int]] = {}
    for at, one in enumerate(staff):
        for half_day in one.free:
            there.setdefault(half_day, []).append(at)
    room = np.zeros((len(unit_at), len(place)))
    known: dict[tuple[object, ...], Floats] = {}
    units = {one["id"]: one for frame in number.frames.values() for one in frame["units"]}
    for name, unit in sorted(units.items()):
        own = tuple(unit.get("domains", spec["domains"]))
        barred = frozenset(
            at
            for at, one in enumerate(staff)
            if name in one.conflict_units or unit["stratum"] in one.conflict_strata
        )
        key = (own, barred, tuple(unit.get("closed", ())))
        if key not in known:
            row = np.zeros(len(place))
            for errand in errands_of("", "", [plugins.domain(one) for one in own], NOWHERE):
                for half_day, people in there.items():
                    day, _, slot = half_day.partition("/")
                    if day not in place or slot not in errand.arrivals or day in unit.get("closed", ()):
                        continue
                    able = [staff[at] for at in people if at not in barred]
                    row[place[day]] += hold_together(able, errand.domains, spec["team"])
            known[key] = row
        room[unit_at[name]] = known[key]
    return room
