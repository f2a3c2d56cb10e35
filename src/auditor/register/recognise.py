"""The right command for a file: a list of staff given to `units import` is told from a register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.register.cells import heading
from auditor.register.columns import LEAVE_ALIASES, STAFF_ALIASES, UNIT_ALIASES
from auditor.register.headings import LOOK
from auditor.register.sheets import SheetLike

_TELLING: Mapping[str, tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]] = {
    "units": (
        UNIT_ALIASES,
        ("name", "kind", "township", "lat", "lng", "students", "boarders", "canteen", "buses", "site_of"),
    ),
    "people": (STAFF_ALIASES, ("roles", "post", "phone", "department", "domains", "conflicts", "half_days")),
    "leave": (LEAVE_ALIASES, ("from", "to", "half")),
}
"""What each command takes, with the fields whose headings tell its tables from others'."""

_NAMES = {"name", "姓名", "id"}
"""Headings that any table may have."""

_RECORDS: Mapping[str, tuple[frozenset[str], ...]] = {
    "plan": (frozenset({"sortie", "unit"}), frozenset({"日期", "检查对象", "检查人员"})),
    "roster": (frozenset({"date", "post", "person"}), frozenset({"日期", "带班领导"})),
}


class WrongTable(AuditorError):
    """The table is for another command."""

    sentence = N_("{file} is a {what}, not a {wanted}; `{command}` takes it")


def _words() -> dict[str, str]:
    return {
        "units": _("register of units"),
        "people": _("list of staff"),
        "leave": _("list of leave"),
        "plan": _("plan of visits"),
        "roster": _("duty roster"),
    }


_COMMANDS = {
    "units": "auditor units import {file}",
    "people": "auditor people import {file}",
    "leave": "auditor leave import {file}",
    "plan": "auditor plan check",
    "roster": "auditor roster check",
}


def refuse_other(tables: Sequence[SheetLike], wanted: str, file: str, mapping: Mapping[str, str]) -> None:
    """Refuse tables that are plainly meant for another command; a ``--map`` says that they are not.

    Parameters
    ----------
    wanted
        "units", "people" or "leave".

    Raises
    ------
    WrongTable
        If some row of headings fits another command, and no row fits the one that was called better.
    """
    if mapping:
        return
    best = {what: 0 for what in (*_TELLING, *_RECORDS)}
    for table in tables:
        for _number, row in table.rows[:LOOK]:
            words = {heading(cell) for cell in row if isinstance(cell, str)} - {""}
            for what, (aliases, telling) in _TELLING.items():
                known = {heading(name) for one in telling for name in aliases[one]} - _NAMES
                named = words & {heading(name) for one in ("name", "person") for name in aliases.get(one, ())}
                if named or words & _NAMES:
                    best[what] = max(best[what], len(words & known))
            for what, sets in _RECORDS.items():
                if any(one <= words for one in sets):
                    best[what] = max(best[what], 3)
    other = max((what for what in best if what != wanted), key=lambda what: best[what])
    if best[other] > best[wanted] and best[wanted] < 2:
        words_of = _words()
        raise WrongTable(
            file=file,
            what=words_of[other],
            wanted=words_of[wanted],
            other=other,
            command=_COMMANDS[other].format(file=file),
        )
