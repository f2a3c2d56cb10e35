"""Edits of one Unit: values as a person types them, read like the cells of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import N_, _
from auditor.register.cells import Unreadable, degrees, text, whole, yes_no
from auditor.register.kinds import kind_of
from auditor.register.units import read_closed


class Misread(UsageProblem):
    """A value that cannot be read as its field's."""

    sentence = N_("{field}={value} cannot be read; write it like {field}={example}")


class HalfPoint(UsageProblem):
    """A latitude without a longitude, or the other way round."""

    sentence = N_("set lat and lng together, or clear both")


def _tags(cell: str) -> tuple[str, ...]:
    return tuple(sorted({one.strip() for one in cell.replace("；", ";").split(";") if one.strip()}))


def _kind(cell: str) -> str:
    kind = kind_of(cell) if cell else ""
    if cell and not kind:
        raise Unreadable(cell)
    return kind


def _latitude(cell: str) -> float | None:
    value = degrees(cell)
    if value is not None and abs(value) > 90:
        raise Unreadable(cell)
    return value


def _longitude(cell: str) -> float | None:
    value = degrees(cell)
    if value is not None and abs(value) > 180:
        raise Unreadable(cell)
    return value


def _closed(cell: str) -> str:
    closed = read_closed(cell)
    if closed is None:
        raise Unreadable(cell)
    return closed


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "kind": (_kind, "小学"), "lat": (_latitude, "30.5205"), "lng": (_longitude, "105.2108"),
    "students": (whole, "300"), "boarders": (whole, "0"), "buses": (whole, "2"), "canteen": (yes_no, "是"),
    "tags": (_tags, "自建房;租赁校舍"), "closed": (_closed, "2026-08-31"),
}  # fmt: skip


def edited(unit: Unit, values: Mapping[str, str]) -> Unit:
    """Give a Unit with some fields changed; an empty value clears a field.

    Raises
    ------
    UsageProblem
        For a value that cannot be read, an id, an empty name, or one half of a point.
    """
    changes: dict[str, Any] = {}
    for one, value in values.items():
        if one == "id":
            raise UsageProblem(problem=_("an id changes by import: --same OLD=NEW"))
        reader, example = _READERS.get(one, (text, ""))
        try:
            changes[one] = reader(text(value))
        except Unreadable as error:
            raise Misread(field=one, value=value, example=example) from error
    after = replace(unit, **changes)
    if not after.name:
        raise UsageProblem(problem=_("a unit needs a name"))
    if (after.lat is None) != (after.lng is None):
        raise HalfPoint
    return after
