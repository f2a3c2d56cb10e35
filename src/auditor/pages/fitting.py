"""What goes onto one page: lines shared out among visits, items by severity, the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from auditor.entities import SEVERITIES, Item
from auditor.pages.views import FaultView, StopView

MOST_FAULTS = 6
"""More faults of the last visit than this are not printed on a task sheet."""
MONO_EM = 0.602
"""How wide a letter of the widest common monospaced face is, in its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What of one visit stands on the sheet.

    `faults` are the newest; `alone` are veto items with their wording on a line each, `worded` items with
    their wording, two in a line; `codes` are the others by severity, veto items first; `left` counts the
    items that found no room.
    """

    faults: tuple[FaultView, ...]
    alone: tuple[Item, ...]
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
    """Give the lines that a visit would like: faults, veto items alone, key ones in pairs, the others as codes."""
    items = items_of(stop)
    veto = sum(item.severity == "veto" for item in items)
    key = sum(item.severity == "major" for item in items)
    faults = min(len(stop.faults), MOST_FAULTS)
    return faults + _worded_lines(veto, key) + _rows(items[veto + key :], side_by_side)


def fit(stop: StopView, lines: int, side_by_side: int) -> Fitted:
    """Choose what of a visit stands on so many lines.

    Past faults come first, at least two where the lines carry as many codes; then every item as a code;
    then, as far as lines are left, the wording of the weightiest items in pairs, and veto items alone.
    """
    items = items_of(stop)
    spare = lines - _rows(items, side_by_side)
    faults = max(0, min(len(stop.faults), MOST_FAULTS, max(spare, min(2, lines // 2))))
    lines -= faults
    veto = sum(item.severity == "veto" for item in items)
    most = sum(item.severity != "general" for item in items)

    def largest(most: int, needs: Callable[[int], int]) -> int:
        return next((count for count in range(most, 0, -1) if needs(count) <= lines), 0)

    def needed(worded: int, alone: int = 0) -> int:
        return _worded_lines(alone, worded - alone) + _rows(items[worded:], side_by_side)

    worded = largest(most, needed)
    alone = largest(min(veto, worded), lambda count: needed(worded, count))
    codes, left, room = [], 0, lines - _worded_lines(alone, worded - alone)
    for severity in SEVERITIES:
        own = [item for item in items[worded:] if item.severity == severity]
        here = own[: max(0, room) * side_by_side]
        left += len(own) - len(here)
        room -= ceil(len(here) / side_by_side)
        if here:
            codes.append((severity, tuple(here)))
    return Fitted(
        faults=stop.faults[:faults],
        alone=tuple(items[:alone]),
        worded=tuple(items[alone:worded]),
        codes=tuple(codes),
        left=left,
    )


def _worded_lines(alone: int, paired: int) -> int:
    """Count the lines of items with their wording."""
    return alone + ceil(paired / 2)


def _rows(items: Sequence[Item], side_by_side: int) -> int:
    """Count the lines of codes: each severity begins one."""
    return sum(
        ceil(sum(item.severity == severity for item in items) / side_by_side) for severity in SEVERITIES
    )
