"""What goes onto one page: lines shared out among visits, items by severity, the rest counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from auditor.entities import SEVERITIES, Item
from auditor.pages.views import FaultView, StopView

MOST_FAULTS = 6
MONO_EM = 0.602
"""How wide a letter of the widest common monospaced face is, in its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What of one visit stands on the sheet.

    `faults` are the newest; `worded` items stand with their wording, two in a line; `codes` are the others
    by severity, veto items first; `left` counts the items that found no room.
    """

    faults: tuple[FaultView, ...]
    worded: tuple[Item, ...]
    codes: tuple[tuple[str, tuple[Item, ...]], ...]
    left: int


def items_of(stop: StopView) -> list[Item]:
    """Give the items that are asked on a visit, veto items first, else in the order of the checklists."""
    items = [item for _name, several in stop.checklists for item in several]
    return sorted(items, key=lambda item: SEVERITIES.index(item.severity))


def columns(items: Sequence[Item], room_mm: float, size_mm: float) -> int:
    """Give how many codes, each behind its box, stand side by side; at least one."""
    longest = max((sum(1 if one > "\xff" else MONO_EM for one in item.code) for item in items), default=1)
    return max(1, floor(room_mm / (size_mm * (longest + 1.75))))


def shared(wants: Sequence[int], room: int) -> list[int]:
    """Share `room` lines: nobody gets more than he wants, and what one leaves goes to the others.

    Returns
    -------
    As many numbers as `wants`, each from 0 to its want, their sum the smaller of `room` and that of `wants`.
    """
    given = [0] * len(wants)
    left = max(0, room)
    waiting = sorted(range(len(wants)), key=lambda at: (wants[at], at))
    for place, at in enumerate(waiting):
        given[at] = min(wants[at], left // (len(waiting) - place))
        left -= given[at]
    for at in waiting:  # what the division left over
        more = min(left, wants[at] - given[at])
        given[at], left = given[at] + more, left - more
    return given


def wanted(stop: StopView, side_by_side: int) -> int:
    """Give the lines that a visit would like: faults, veto and key items with wording, general ones as codes."""
    items = items_of(stop)
    worded = sum(item.severity != "general" for item in items)
    return min(len(stop.faults), MOST_FAULTS) + ceil(worded / 2) + _rows(items[worded:], side_by_side)


def fit(stop: StopView, lines: int, side_by_side: int) -> Fitted:
    """Choose what of a visit stands on so many lines.

    Past faults come first, at least two where the lines carry them; then every item as a code; then
    what is left of the lines for the wording of the weightiest items.
    """
    items = items_of(stop)
    spare = lines - _rows(items, side_by_side)
    faults = max(0, min(len(stop.faults), MOST_FAULTS, max(spare, 2), lines))
    lines -= faults
    most = sum(item.severity != "general" for item in items)
    worded = next(
        (
            count
            for count in range(most, -1, -1)
            if ceil(count / 2) + _rows(items[count:], side_by_side) <= lines
        ),
        0,
    )
    codes, left, room = [], 0, lines - ceil(worded / 2)
    for severity in SEVERITIES:
        own = [item for item in items[worded:] if item.severity == severity]
        here = own[: max(0, room) * side_by_side]
        left += len(own) - len(here)
        room -= ceil(len(here) / side_by_side)
        if here:
            codes.append((severity, tuple(here)))
    return Fitted(faults=stop.faults[:faults], worded=tuple(items[:worded]), codes=tuple(codes), left=left)


def _rows(items: Sequence[Item], side_by_side: int) -> int:
    """Count the lines of codes: each severity begins one."""
    return sum(
        ceil(sum(item.severity == severity for item in items) / side_by_side) for severity in SEVERITIES
    )
