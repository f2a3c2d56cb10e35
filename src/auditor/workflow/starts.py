"""The other starts of a programme against the register: no misleading name, and none far from everything."""

from __future__ import annotations

from auditor.draw.programmes import BadProgramme, Programme
from auditor.i18n import _
from auditor.plan.legs import great_circle_m
from auditor.store import Database
from auditor.store.records import read_settings
from auditor.store.units import read_aliases, read_units
from auditor.workflow.plans import start_of
from auditor.workflow.travel import STARTS

FAR_KM = 200
"""A start farther than this from the bureau and from every unit is told: its point may be written wrongly."""


def check_starts(db: Database, programme: Programme, file: str) -> None:
    """Refuse starts that are called like the bureau or like a unit: nobody could tell them apart.

    Raises
    ------
    BadProgramme
        Naming each of them with what to write.
    """
    bureau = {word.casefold() for word in (*STARTS, read_settings(db).get("name", "").strip())}
    named = {one.name.strip().casefold(): one.name for one in read_units(db)}
    named |= {one.id.casefold(): one.name for one in read_units(db)}
    named |= {alias.casefold(): named.get(unit.casefold(), unit) for alias, unit in read_aliases(db).items()}
    faults = []
    for name in programme.starts:
        unit = named.get(name.casefold())
        if name.casefold() in bureau:
            fault = _("starts: {name} means the bureau itself; write what the place is called")
            faults.append(fault.format(name=name))
        elif unit is not None:
            fault = _("starts: {name} is a unit of the register ({unit}); give the place a name of its own")
            faults.append(fault.format(name=name, unit=unit))
    if faults:
        raise BadProgramme(file=file, faults="; ".join(faults))


def far_starts(db: Database, programme: Programme) -> list[str]:
    """Say which starts are more than FAR_KM from the bureau and from every unit whose point is known.

    Nothing is said before any is known.
    """
    near = [(one.lat, one.lng) for one in read_units(db) if one.lat is not None and one.lng is not None]
    if not near:
        return []
    near.append(start_of(db))
    notes = []
    for name, (lat, lng) in programme.starts.items():
        km = min(great_circle_m((float(lat), float(lng)), one) for one in near) / 1000
        if km > FAR_KM:
            notes.append(
                _(
                    "starts: {name} is {km} km from the bureau and from every unit; see that its point is "
                    "longitude, then latitude"
                ).format(name=name, km=round(km))
            )
    return notes
