"""What was inspected before, by whom: from closed visits, outcomes, closed draws, and lists of the past."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from auditor.entities import Inspection
from auditor.store import Database
from auditor.store.numbers import read_frozen_part, read_numbers, read_outcomes, read_released
from auditor.store.past import read_inspections
from auditor.store.records import read_draw
from auditor.store.units import read_aliases
from auditor.store.visits import read_visits

INSPECTED = ("done", "moved", "replaced")
"""Outcomes after which somebody was inspected; of a replaced visit the stand-in."""


def past_inspections(db: Database, ids: Collection[str] | None = None) -> list[Inspection]:
    """Give every inspection of the past (of these units) by day and unit, under the ids that units have now.

    Nothing sealed is opened: of numbers that are still open only released visits with an outcome count,
    and the visits that teams themselves closed.
    """
    now = read_aliases(db)
    codes = None if ids is None else {*ids, *(old for old, new in now.items() if new in ids)}
    found = [*read_inspections(db, codes), *_of_numbers(db), *_of_visits(db, codes)]
    renamed = [
        replace(one, unit=now.get(one.unit, one.unit)) for one in found if codes is None or one.unit in codes
    ]
    return sorted(renamed, key=lambda one: (one.on, one.unit, one.domains, one.people))


def inspections_of(db: Database, ids: Collection[str]) -> list[Inspection]:
    """Give the known inspections of a Unit by its codes, the newest first."""
    found = [one for one in past_inspections(db, ids) if one.unit in ids]
    return sorted(found, key=lambda one: one.on, reverse=True)


def _of_numbers(db: Database) -> Iterator[Inspection]:
    for record in read_numbers(db):
        visits, outcomes = known_visits(db, record)
        own = _own_ids(db, record["number"]) if outcomes else {}
        for visit_id, outcome in outcomes.items():
            if visit_id in visits and outcome["outcome"] in INSPECTED:
                yield _inspection(visits[visit_id], outcome, own)


def _own_ids(db: Database, number: int) -> dict[str, str]:
    """Give the own id of each inspector of a number, by neutral id."""
    staff = read_frozen_part(db, number, "staff") or {}
    return {kept["id"]: own for own, kept in staff.items()}


def known_visits(
    db: Database, record: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Give the visits of a number that are no secret, and what became of them, both by id.

    Of an open number the released ones; of a closed one all that its transcript has, and beside them the
    released ones that were no part of the draw.
    """
    number = record["number"]
    visits = {visit["id"]: visit for _of, visit in read_released(db, number)}
    outcomes = read_outcomes(db, number)
    transcript = read_draw(db, number) if record["state"] == "closed" else None
    if transcript is not None:
        visits |= {one["id"]: one for one in transcript["plan"]}
        outcomes |= {one["id"]: one for one in transcript["outcomes"]}
    return visits, outcomes


def _inspection(visit: Mapping[str, Any], outcome: Mapping[str, Any], own: Mapping[str, str]) -> Inspection:
    return Inspection(
        unit=outcome.get("by", visit["unit"]),
        on=date.fromisoformat(outcome.get("date", visit["date"])),
        domains=tuple(visit["domains"]),
        people=tuple(sorted(own[one] for one in outcome.get("team", visit["team"]) if one in own)),
        directed=visit["source"] == "directed",
    )


def _of_visits(db: Database, codes: Collection[str] | None) -> Iterator[Inspection]:
    """Visits that were closed on the spot; who was there is known of those that a draw released."""
    teams = {(number, visit["id"]): visit["team"] for number, visit in read_released(db)}
    staff: dict[int, dict[str, str]] = {}
    for visit in read_visits(db):
        if visit["closed_at"] is None or (codes is not None and visit["unit"] not in codes):
            continue
        people: list[str] = []
        if visit["of_draw"] is not None:
            number = visit["of_draw"]["number"]
            if number not in staff:
                staff[number] = _own_ids(db, number)
            own = staff[number]
            people = [own[one] for one in teams.get((number, visit["of_draw"]["visit"]), ()) if one in own]
        yield Inspection(
            unit=visit["unit"],
            on=date.fromisoformat(visit["started_at"][:10]),
            domains=tuple(visit["domains"]),
            people=tuple(sorted(people)),
            directed=bool(visit["directed"]),
        )
