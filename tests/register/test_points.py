"""Points are converted to WGS-84 and doubted where they cannot be true."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import Unit
from auditor.register.points import (
    SYSTEMS,
    distance_m,
    districts,
    from_wgs84,
    judge_points,
    system_of,
    to_wgs84,
)


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        pytest.param((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), id="Shanghai"),
        pytest.param((22.543847, 113.912316), (22.540796131694766, 113.9171764808363), id="Shenzhen"),
        pytest.param((39.911954, 116.377817), (39.91334545536069, 116.38404722455657), id="Beijing"),
    ],
)
def test_known_pairs(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    """The pairs that eviltransform is tested with."""
    assert distance_m(from_wgs84(*wgs84, "gcj02"), gcj02) < 0.1
    assert distance_m(to_wgs84(*gcj02, "gcj02"), wgs84) < 0.2


def test_known_pairs_of_bd09() -> None:
    """What coordtransform is tested with, and what Baidu's own service answers to its own example."""
    there = to_wgs84(39.92133699351021, 116.41036949371029, "bd09")
    assert distance_m(from_wgs84(*there, "gcj02"), (39.915, 116.404)) < 0.2
    assert distance_m(from_wgs84(29.575429778924, 114.21892734521, "bd09"), (29.57908, 114.2307519546763)) < 2


@settings(max_examples=200, deadline=None)
@given(lat=st.floats(18, 53), lng=st.floats(74, 134), system=st.sampled_from(SYSTEMS))
def test_there_and_back_is_the_same_place(lat: float, lng: float, system: str) -> None:
    """To less than a quarter of a metre, over all of China."""
    assert distance_m(to_wgs84(*from_wgs84(lat, lng, system), system), (lat, lng)) < 0.25


def test_outside_china_all_systems_agree() -> None:
    """Muar and London."""
    for point in ((-33.9, 151.2), (51.5, -0.12)):
        assert to_wgs84(*point, "gcj02") == to_wgs84(*point, "bd09") == point


@pytest.mark.parametrize(
    ("word", "system"),
    [
        ("WGS-84", "wgs84"), ("CGCS2000", "wgs84"), ("国家2000", "wgs84"),
        ("GCJ-02", "gcj02"), ("火星坐标系", "gcj02"),
        ("高德", "gcj02"), ("BD09", "bd09"), ("百度坐标", "bd09"), ("北京54", ""), ("西安80", ""),
    ],
)  # fmt: skip
def test_names_of_systems(word: str, system: str) -> None:
    """CGCS2000 counts as WGS-84; 1954 and 1980 are not converted by guess."""
    assert system_of(word) == system


def village(points: Sequence[tuple[float, float]], district: str = "县") -> list[Unit]:
    """Units at these points."""
    return [
        Unit(id=str(at), name=str(at), district=district, lat=lat, lng=lng)
        for at, (lat, lng) in enumerate(points)
    ]


AROUND = [(30.50, 85.20), (30.51, 85.21), (30.52, 85.19), (30.49, 85.22), (30.53, 85.20)]


def test_a_far_point_is_beyond_sixty_kilometres_or_six_times_the_usual() -> None:
    """The larger of the two counts; a district of four is not judged."""
    far = (30.50, 85.90)  # 67 km
    assert judge_points(village([*AROUND, far]), village([*AROUND, far]), None) == {"5": "far-from-district"}
    near = (30.50, 85.80)  # 57 km
    assert judge_points(village([*AROUND, near]), village([*AROUND, near]), None) == {}
    wide = [(30.5 + step / 10, 85.2) for step in range(-4, 5)]  # usual distance 22 km, so 133 km are near
    assert judge_points(village([*wide, (30.5, 86.4)]), village([*wide, (30.5, 86.4)]), None) == {}
    few = [*AROUND[:3], far]
    assert judge_points(village(few), village(few), None) == {}
    assert districts(village(few)) == {}


def test_districts_are_judged_apart() -> None:
    """What is far from one is near in another."""
    units = [*village(AROUND, "甲县"), *village([(lat, lng + 5) for lat, lng in AROUND], "乙县")]
    assert judge_points(units, units, None) == {}


def test_a_swapped_point_is_known_by_its_district_or_by_where_the_bureau_stands() -> None:
    """Where both numbers could be a latitude; nothing is guessed where neither place is known."""
    swapped = (85.20, 30.50)
    assert judge_points(village([*AROUND, swapped]), village([*AROUND, swapped]), None) == {
        "5": "swapped-point"
    }
    every = [(lng, lat) for lat, lng in AROUND]
    assert set(judge_points(village(every), village(every), (30.5, 85.2)).values()) == {"swapped-point"}
    assert judge_points(village(every), village(every), None) == {}
    assert judge_points(village([swapped]), village([swapped]), (51.0, 0.0)) == {}


def test_a_swapped_point_spoils_no_district() -> None:
    """Three of eight exchanged: the others are not far from a middle that they moved."""
    mixed = [*AROUND, (85.2, 30.5), (85.21, 30.51), (85.19, 30.52)]
    found = judge_points(village(mixed), village(mixed), None)
    assert found == {"5": "swapped-point", "6": "swapped-point", "7": "swapped-point"}
