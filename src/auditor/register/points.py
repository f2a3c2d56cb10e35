"""Points: which system of coordinates they are in, and which of them cannot be true."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from auditor.entities import Unit
from auditor.register.cells import heading

FAR_M = 60_000
FAR_TIMES = 6
FEWEST = 5
"""A district is judged by its own middle from so many points on; a point lies far off if it is farther
than FAR_M, and than FAR_TIMES what is usual there."""
WITHIN = 0.5
"""Points whose degrees differ by less in sum lie nearer than FAR_M, wherever on earth."""

NEAR_M = 300_000
"""A point this near to where the bureau stands, and no farther, is believed to be its own."""

_SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "wgs84": (
        "wgs84", "wgs1984", "wgs", "gps", "epsg:4326", "4326", "cgcs2000", "国家2000", "2000",
        "cgcs2000坐标系", "国家2000坐标系",
         "2000国家大地坐标系", "国家大地2000", "大地2000", "天地图", "北斗",
    ),
    "gcj02": (
        "gcj02", "gcj", "火星坐标", "火星坐标系", "火星", "国测局", "国测局坐标", "高德", "高德地图",
        "高德坐标", "腾讯", "腾讯地图", "腾讯坐标",
    ),
    "bd09": ("bd09", "bd09ll", "bd", "百度", "百度地图", "百度坐标", "百度坐标系"),
}  # fmt: skip
SYSTEMS = tuple(_SYSTEMS)

_AXIS = 6378245.0
_SQUARED_ECCENTRICITY = 0.00669342162296594323
_BD_PI = math.pi * 3000.0 / 180.0


def system_of(word: str) -> str:
    """Give the system that a word means, one of SYSTEMS, or "" if none is known by it."""
    folded = heading(word)
    return next((system for system, words in _SYSTEMS.items() if folded in words), "")


def _in_china(lat: float, lng: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def _offset(lat: float, lng: float) -> tuple[float, float]:
    """Give how far GCJ-02 lies from WGS-84 at a WGS-84 point, in degrees.

    Source: the published reconstruction of the transformation (eviltransform).
    """
    x, y = lng - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    wave = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        wave
        + 20.0 * math.sin(y * math.pi)
        + 40.0 * math.sin(y / 3.0 * math.pi)
        + 160.0 * math.sin(y / 12.0 * math.pi)
        + 320.0 * math.sin(y * math.pi / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        wave
        + 20.0 * math.sin(x * math.pi)
        + 40.0 * math.sin(x / 3.0 * math.pi)
        + 150.0 * math.sin(x / 12.0 * math.pi)
        + 300.0 * math.sin(x / 30.0 * math.pi)
    ) * (2.0 / 3.0)
    angle = math.radians(lat)
    magic = 1 - _SQUARED_ECCENTRICITY * math.sin(angle) ** 2
    north = north * 180.0 / ((_AXIS * (1 - _SQUARED_ECCENTRICITY)) / (magic * math.sqrt(magic)) * math.pi)
    east = east * 180.0 / (_AXIS / math.sqrt(magic) * math.cos(angle) * math.pi)
    return north, east


def from_wgs84(lat: float, lng: float, system: str) -> tuple[float, float]:
    """Give a WGS-84 point in another system; outside China all systems agree."""
    if system == "wgs84" or not _in_china(lat, lng):
        return lat, lng
    north, east = _offset(lat, lng)
    lat, lng = lat + north, lng + east
    if system == "gcj02":
        return lat, lng
    radius = math.hypot(lng, lat) + 0.00002 * math.sin(lat * _BD_PI)
    angle = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _BD_PI)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def to_wgs84(lat: float, lng: float, system: str) -> tuple[float, float]:
    """Give a point of another system in WGS-84, by turning `from_wgs84` round to a millimetre.

    Parameters
    ----------
    system
        One of SYSTEMS.
    """
    if system == "wgs84" or not _in_china(lat, lng):
        return lat, lng
    guess = lat, lng
    for _step in range(30):
        there = from_wgs84(*guess, system)
        error = lat - there[0], lng - there[1]
        guess = guess[0] + error[0], guess[1] + error[1]
        if max(map(abs, error)) < 1e-9:
            break
    return round(guess[0], 6), round(guess[1], 6)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Give the metres between two points (lat, lng), along the earth (haversine)."""
    lat1, lat2 = math.radians(one[0]), math.radians(other[0])
    half_north = math.sin((lat2 - lat1) / 2)
    half_east = math.sin(math.radians(other[1] - one[1]) / 2)
    root = half_north**2 + math.cos(lat1) * math.cos(lat2) * half_east**2
    return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(root)))


def districts(units: Iterable[Unit]) -> dict[str, tuple[tuple[float, float], float]]:
    """Give the middle of each district and how far from it a point may lie, in metres.

    The middle is the median of latitudes and of longitudes; a point may lie as far as 60 km, or six
    times the median distance where that is more. Districts of fewer than five points have none.
    """
    points: dict[str, list[tuple[float, float]]] = {}
    for unit in units:
        if unit.lat is not None and unit.lng is not None:
            points.setdefault(unit.district, []).append((unit.lat, unit.lng))
    found = {}
    for district, here in points.items():
        if len(here) >= FEWEST:
            middle = median(lat for lat, _lng in here), median(lng for _lat, lng in here)
            usual = median(distance_m(middle, one) for one in here)
            found[district] = middle, max(FAR_M, FAR_TIMES * usual)
    return found


def judge_points(
    units: Sequence[Unit], register: Iterable[Unit], at: tuple[float, float] | None
) -> dict[str, str]:
    """Say which Units' points cannot be true: id to "swapped-point" or "far-from-district".

    A point is swapped where latitude and longitude exchanged lie within the district, and as they are
    they do not; or exchanged near where the bureau stands, and as they are they do not.

    Parameters
    ----------
    units
        Those to judge.
    register
        All Units as they will stand, which give the districts.
    at
        Where the bureau stands, (lat, lng), or None.
    """
    everyone = list(register)
    found = {}
    middles = districts(everyone)
    for unit in units:
        if unit.lat is None or unit.lng is None or abs(unit.lng) > 90:
            continue
        here, turned = (unit.lat, unit.lng), (unit.lng, unit.lat)
        near = [middles[unit.district]] if unit.district in middles else []
        near += [(at, NEAR_M)] if at is not None else []
        if any(distance_m(one, here) > limit >= distance_m(one, turned) for one, limit in near):
            found[unit.id] = "swapped-point"
    if found:
        middles = districts(unit for unit in everyone if unit.id not in found)
    for unit in units:
        if unit.lat is None or unit.lng is None or unit.id in found or unit.district not in middles:
            continue
        middle, limit = middles[unit.district]
        if abs(unit.lat - middle[0]) + abs(unit.lng - middle[1]) < WITHIN:
            continue
        if distance_m(middle, (unit.lat, unit.lng)) > limit:
            found[unit.id] = "far-from-district"
    return found
