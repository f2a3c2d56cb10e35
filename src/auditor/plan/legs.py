"""The road: metres and minutes between two points, and where a Unit without a point stands.

A leg is ⌊factor x great circle + 0.5⌋ metres on a sphere of 6,371,008.8 m; its
minutes are rounded up, with three more for stopping and parking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import asin, atan2, cos, degrees, floor, radians, sin, sqrt
from statistics import median

from auditor.entities import Unit
from auditor.plan.problem import Point

EARTH_M = 6_371_008.8
"""The mean radius of the earth (IUGG)."""
PARKING_MIN = 3
"""Minutes for every leg on top of the drive."""
FAR_M = 15_000
"""How far from the start a Unit stands of which not even the district is known."""
APART_M = 5_000
"""How far from any other such a Unit stands at least, where a bearing allows it."""


def great_circle_m(a: Point, b: Point) -> float:
    """Give the metres between two points on the sphere (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    across = sin(radians(b[1] - a[1]) / 2) ** 2
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * across
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def metres(a: Point, b: Point, factor: int) -> int:
    """Give the whole metres of a leg; `factor` in thousandths."""
    return floor(factor / 1000 * great_circle_m(a, b) + 0.5)


def minutes(leg_m: int, speed_kmh: int) -> int:
    """Give the whole minutes of a leg, 0 for 0 m."""
    return -(-leg_m * 60 // (speed_kmh * 1000)) + PARKING_MIN if leg_m else 0


def stand_in_points(units: Sequence[Unit], start: Point) -> dict[str, Point]:
    """Say where Units without coordinates stand, rounded to 6 decimals.

    At the median of the known points of their township, else of their district; without either
    15 km from the start and 5 km from every other Unit, on the first bearing (of 36, from north)
    that allows it, else on the bearing farthest from the others. The order of `units` does not
    matter.
    """
    known: dict[tuple[str, str], list[Point]] = defaultdict(list)
    taken: list[Point] = []
    lost: list[Unit] = []
    for unit in sorted(units, key=lambda one: one.id):
        if unit.lat is None or unit.lng is None:
            lost.append(unit)
            continue
        point = (unit.lat, unit.lng)
        taken.append(point)
        if unit.township:
            known[unit.district, unit.township].append(point)
        if unit.district:
            known[unit.district, ""].append(point)
    places: dict[str, Point] = {}
    for unit in lost:
        area = known.get((unit.district, unit.township)) if unit.township else None
        area = area or (known.get((unit.district, "")) if unit.district else None)
        if area:
            place = (median(lat for lat, _ in area), median(lng for _, lng in area))
        else:
            place = _far_place(start, taken)
        places[unit.id] = (round(place[0], 6), round(place[1], 6))
        taken.append(places[unit.id])
    return places


def _far_place(start: Point, taken: Sequence[Point]) -> Point:
    best, best_gap = start, -1.0
    for bearing in range(0, 360, 10):
        place = _towards(start, bearing, FAR_M)
        gap = min((great_circle_m(place, other) for other in taken), default=float("inf"))
        if gap >= APART_M:
            return place
        if gap > best_gap:
            best, best_gap = place, gap
    return best


def _towards(start: Point, bearing: int, far_m: int) -> Point:
    lat, lng, way, arc = radians(start[0]), radians(start[1]), radians(bearing), far_m / EARTH_M
    there = asin(sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(way))
    turn = atan2(sin(way) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sin(there))
    return degrees(there), (degrees(lng + turn) + 540) % 360 - 180
