"""Points of a county as a picture: a dot each, or circles on a grid where there are very many."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float, str]
"""Longitude and latitude in degrees, and the name of the place that it belongs to."""

WIDE, HIGH, EDGE = 640, 560, 16
"""Width and height of a map at most, and its empty edge."""

DOTS = 2000
"""So many points are dots; more are circles, their area by count, on a grid of GRID."""
GRID = 12
NAMES = 24
"""So many places are named, those with most points."""
SIGN = 24
"""So wide is a sign of a name at most."""
SPREAD = 8.0
"""A point further from the middle than so many times the usual distance is said, and not drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map: its size, dots as one path, circles (x, y, radius, count), names (x, y, word, apart).

    A name is apart where it lies upon none before it at the letters of a telephone too.
    """

    width: int
    height: int
    path: str
    circles: Sequence[tuple[int, int, float, int]]
    names: Sequence[tuple[int, int, str, bool]]
    count: int
    outside: int


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def map_of(points: Sequence[Point]) -> Map | None:
    """Draw points; None where there are none.

    A degree of longitude is as wide as at the middle latitude. What lies very far from the rest, a mistake in
    a register, would press all others into one dot: it is counted as outside.
    """
    if not points:
        return None
    lng, lat = _middle([one[0] for one in points]), _middle([one[1] for one in points])
    turn = math.cos(math.radians(lat)) or 1.0
    flat = [((east - lng) * turn, north - lat, place) for east, north, place in points]
    usual = _middle([max(abs(x), abs(y)) for x, y, _place in flat])
    near = [one for one in flat if max(abs(one[0]), abs(one[1])) <= SPREAD * usual] if usual else flat
    west, east = min(one[0] for one in near), max(one[0] for one in near)
    south, north = min(one[1] for one in near), max(one[1] for one in near)
    scale = min(
        (WIDE - 2 * EDGE) / max(east - west, 1e-6),
        (HIGH - 2 * EDGE) / max(north - south, 1e-6),
        60_000.0,
    )
    width = max(round((east - west) * scale) + 2 * EDGE, 200)
    height = max(round((north - south) * scale) + 2 * EDGE, 160)
    left, top = (width - (east - west) * scale) / 2, (height - (north - south) * scale) / 2
    placed = [
        (round(left + (x - west) * scale), round(top + (north - y) * scale), place) for x, y, place in near
    ]
    many = len(placed) > DOTS
    return Map(
        width=width,
        height=height,
        path="" if many else "".join(f"M{x} {y}h0" for x, y, _place in placed),
        circles=_circles(placed) if many else (),
        names=_names(placed, width),
        count=len(placed),
        outside=len(flat) - len(near),
    )


def _circles(placed: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, float, int]]:
    cells: dict[tuple[int, int], int] = defaultdict(int)
    for x, y, _place in placed:
        cells[x // GRID, y // GRID] += 1
    most = max(cells.values())
    return [
        (
            column * GRID + GRID // 2,
            row * GRID + GRID // 2,
            round(max(1.5, GRID * 0.62 * math.sqrt(count / most)), 1),
            count,
        )
        for (column, row), count in sorted(cells.items())
    ]


def _names(placed: Sequence[tuple[int, int, str]], width: int) -> list[tuple[int, int, str, bool]]:
    """Give each place's name at the middle of its points; one that would lie upon another is left out.

    No name leaves the map at the letters of a telephone, which are the largest.
    """
    by_place: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for x, y, place in placed:
        if place:
            by_place[place].append((x, y))
    largest = sorted(by_place.items(), key=lambda one: (-len(one[1]), one[0]))[:NAMES]
    found: list[tuple[int, int, str, bool]] = []
    for place, spots in largest:
        x, y = round(_middle([one[0] for one in spots])), round(_middle([one[1] for one in spots]))
        word = place[:8]
        half = SIGN * len(word) // 2
        x = min(max(x, half), max(half, width - half))
        if not any(_upon((x, y, word), one, 14, 16) for one in found):
            apart = not any(one[3] and _upon((x, y, word), one, SIGN, SIGN + 4) for one in found)
            found.append((x, y, word, apart))
    return found


def _upon(one: tuple[int, int, str], other: tuple[int, int, str, bool], wide: int, high: int) -> bool:
    """Whether two names touch, their signs so wide and their lines so high."""
    signs = len(one[2]) + len(other[2])
    return abs(one[1] - other[1]) <= high and abs(one[0] - other[0]) <= wide * signs / 2
