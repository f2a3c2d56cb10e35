"""What a register lacks is filled by stated defaults, and each is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from auditor.entities import Unit
from auditor.i18n import _, ngettext


def fill_units(units: Sequence[Unit]) -> tuple[list[Unit], list[str]]:
    """Fill unknown boarders (0), buses (0) and canteens (yes but for training centres).

    Returns
    -------
    The Units in their order, and one sentence for each default that was used.
    """
    notes = []
    counts = {
        field: sum(getattr(unit, field) is None for unit in units)
        for field in ("boarders", "canteen", "buses", "lat")
    }
    if counts["boarders"]:
        notes.append(
            _("boarders: not said for {count} units; taken as none").format(count=counts["boarders"])
        )
    if counts["canteen"]:
        notes.append(
            _("canteen: not said for {count} units; taken as yes, but not in training centres").format(
                count=counts["canteen"]
            )
        )
    if counts["buses"]:
        notes.append(
            _("school buses: not said for {count} units; taken as none").format(count=counts["buses"])
        )
    if counts["lat"]:
        notes.append(
            ngettext(
                "coordinates: none for {count} unit; planned from the middle of its township, else of its "
                "district, else 15 km from the start",
                "coordinates: none for {count} units; planned from the middle of their township, else of "
                "their district, else 15 km from the start",
                counts["lat"],
            ).format(count=counts["lat"])
        )
    filled = [
        replace(
            unit,
            boarders=unit.boarders or 0,
            buses=unit.buses or 0,
            canteen=unit.kind != "training" if unit.canteen is None else unit.canteen,
        )
        for unit in units
    ]
    return filled, notes


def start_point(units: Sequence[Unit]) -> tuple[float, float] | None:
    """Give the middle (median) of all Units with coordinates, rounded to 6 decimals; None without any."""
    lats = [unit.lat for unit in units if unit.lat is not None]
    lngs = [unit.lng for unit in units if unit.lng is not None]
    if not lats:
        return None
    return round(median(lats), 6), round(median(lngs), 6)
