"""The map of a plan for a page: paths in a field of one size, no markup and no colour in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

from auditor.entities import SLOTS
from auditor.pages.map import KM_PER_DEGREE

WIDTH, MARGIN, HIGHEST = 360, 14, 340
MANY = 2_000
"""More units than this are circles on a grid, their area by count."""
GRID = 7
MOST_TOURS = 150
"""Of more tours only the stops are drawn: lines would cover the map."""
LETTER, LINE = 11, 13

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMap:
    """A map: `dots` are all units, or `circles` (x, y, radius) of many; `tours` and `stops` by half-day.

    Paths are those of SVG's `d`; a dot is a stroke of no length. `labels` are names of townships.
    """

    width: int
    height: int
    dots: str
    circles: tuple[tuple[float, float, float], ...]
    tours: Mapping[str, str]
    stops: Mapping[str, str]
    missed: str
    labels: tuple[tuple[float, float, str], ...]
    start: Point
    km: int
    km_px: float


def plan_map(
    start: Point,
    points: Sequence[Point],
    visits: Iterable[tuple[Point, str]],
    tours: Iterable[tuple[str, Sequence[Point]]],
    townships: Mapping[str, Sequence[Point]],
    missed: Sequence[Point],
) -> PlanMap:
    """Draw points (latitude, longitude) by longitude, shrunk by the cosine of the latitude, and latitude.

    Parameters
    ----------
    visits
        Points with their half-day.
    tours
        Half-day and corners, the start first; the way back is drawn too.
    """
    whole = [start, *points]
    low_lat, high_lat = min(one[0] for one in whole), max(one[0] for one in whole)
    low_lng, high_lng = min(one[1] for one in whole), max(one[1] for one in whole)
    shrink = cos(radians((low_lat + high_lat) / 2))
    wide, high = max((high_lng - low_lng) * shrink, 0.01), max(high_lat - low_lat, 0.01)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
    indent = (WIDTH - wide * scale) / 2

    def at(point: Point) -> tuple[float, float]:
        return (
            round(indent + (point[1] - low_lng) * shrink * scale, 1),
            round(MARGIN + (high_lat - point[0]) * scale, 1),
        )

    def dots(several: Iterable[Point]) -> str:
        return "".join(f"M{x:g} {y:g}h0" for x, y in dict.fromkeys(map(at, several)))

    of_slot: dict[str, list[Point]] = {}
    for point, slot in visits:
        of_slot.setdefault(slot, []).append(point)
    ways: dict[str, list[str]] = {}
    drawn = list(tours)
    for slot, corners in drawn if len(drawn) <= MOST_TOURS else ():
        line = "L".join("{:g} {:g}".format(*at(one)) for one in (*corners, corners[0]))
        ways.setdefault(slot, []).append(f"M{line}")
    km = next((one for one in (20, 10, 5, 2, 1) if one / KM_PER_DEGREE * scale < WIDTH / 4), 1)
    return PlanMap(
        width=WIDTH,
        height=round(high * scale) + 2 * MARGIN + 16,
        dots="" if len(points) > MANY else dots(points),
        circles=_circles(map(at, points)) if len(points) > MANY else (),
        tours={slot: "".join(ways[slot]) for slot in SLOTS if slot in ways},
        stops={slot: dots(of_slot[slot]) for slot in SLOTS if slot in of_slot},
        missed=dots(missed),
        labels=_labels({name: list(map(at, several)) for name, several in townships.items()}),
        start=at(start),
        km=km,
        km_px=round(km / KM_PER_DEGREE * scale, 1),
    )


def _circles(points: Iterable[Point]) -> tuple[tuple[float, float, float], ...]:
    counts: dict[tuple[int, int], int] = {}
    for x, y in points:
        cell = int(x // GRID), int(y // GRID)
        counts[cell] = counts.get(cell, 0) + 1
    return tuple(
        ((x + 0.5) * GRID, (y + 0.5) * GRID, round(min(GRID * 0.7, 0.8 + count**0.5 * 0.6), 1))
        for (x, y), count in sorted(counts.items())
    )


def _labels(townships: Mapping[str, Sequence[Point]]) -> tuple[tuple[float, float, str], ...]:
    """Name the townships at the middle of their units, the largest first, where no name covers another."""
    taken: list[tuple[float, float, float, float]] = []
    found = []
    for name, several in sorted(townships.items(), key=lambda one: (-len(one[1]), one[0])):
        size = sum(LETTER if ord(letter) > 255 else LETTER * 0.55 for letter in name[:12])
        x = sum(one[0] for one in several) / len(several)
        y = sum(one[1] for one in several) / len(several)
        x = min(max(x, size / 2 + 2), WIDTH - size / 2 - 2)
        box = (x - size / 2 - 2, y - LINE, x + size / 2 + 2, y + 2)
        if all(box[2] < one[0] or one[2] < box[0] or box[3] < one[1] or one[3] < box[1] for one in taken):
            taken.append(box)
            found.append((round(x, 1), round(y, 1), name[:12]))
    return tuple(found)
