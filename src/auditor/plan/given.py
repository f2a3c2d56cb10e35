"""What a sortie is given: a day and a team for its half-day, and whom it visits then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """A sortie's day, slot and team, and the units that it visits."""

    day: str
    slot: str
    team: tuple[str, ...]
    units: frozenset[str] = frozenset()
