"""Conflicts of interest beside those that a list names: kin, borrowed staff, the own contact area twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.entities import Inspection, Inspector, Unit


def named_units(word: str, units: Iterable[Unit]) -> frozenset[str]:
    """Give the ids of the units that a word means.

    It may be a unit's code or full name, a township, a district, or a central school with all units in
    its charge. Empty where it means none.
    """
    return frozenset(
        unit.id
        for unit in units
        if word and word in (unit.id, unit.name, unit.township, unit.district, unit.parent)
    )


def all_named(words: Iterable[str], units: Mapping[str, Unit]) -> frozenset[str]:
    """Give the ids of the units that some words mean together."""
    return frozenset(unit for word in words for unit in named_units(word, units.values()))


def never_seen(inspectors: Sequence[Inspector], units: Mapping[str, Unit]) -> dict[str, frozenset[str]]:
    """Give the units that each Inspector never sees for kin, or for being borrowed from a school.

    Who is borrowed does not see the own school nor its contact area: every colleague's in which it lies;
    a school that is in nobody's has its township.
    """
    areas = [all_named(one.area, units) for one in inspectors]
    found = {}
    for one in inspectors:
        schools = all_named(one.borrowed, units)
        around = frozenset().union(*(area for area in areas if area & schools))
        townships = {units[school].township for school in schools - around} - {""}
        neighbours = {unit.id for unit in units.values() if unit.township in townships}
        found[one.id] = all_named(one.kin, units) | schools | around | neighbours
    return found


def twice_running(
    inspectors: Sequence[Inspector], units: Mapping[str, Unit], past: Sequence[Inspection]
) -> dict[str, frozenset[str]]:
    """Give the units of the own contact area that each Inspector saw at their last inspection.

    Nobody inspects a unit of the own area twice running. Of several inspections on a unit's last day all
    count, ordered ones too; where nobody knows who was there, nothing follows.
    """
    last: dict[str, tuple[str, set[str]]] = {}
    for one in sorted(past, key=lambda one: one.on):
        day = one.on.isoformat()
        if one.unit not in last or last[one.unit][0] != day:
            last[one.unit] = (day, set())
        last[one.unit][1].update(one.people)
    return {
        one.id: frozenset(
            unit for unit in all_named(one.area, units) if unit in last and one.id in last[unit][1]
        )
        for one in inspectors
    }
