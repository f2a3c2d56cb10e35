"""Metres, minutes, and places for Units without a point."""

from __future__ import annotations

from random import Random

import pytest

from auditor.entities import Unit
from auditor.plan import legs


def test_a_degree_of_latitude_has_its_length() -> None:
    """pi * 6,371,008.8 / 180 = 111,195.08 m, and 1.3 times that is 144,553.6 m."""
    assert legs.metres((0, 100), (1, 100), 1000) == 111_195
    assert legs.metres((0, 100), (1, 100), 1300) == 144_554
    assert legs.metres((24, 121), (24, 121), 1300) == 0


@pytest.mark.parametrize(
    ("leg_m", "minutes"),
    [
        pytest.param(0, 0, id="no road, no parking"),
        pytest.param(1, 4, id="a metre is a minute begun"),
        pytest.param(2000, 6, id="exactly three minutes"),
        pytest.param(2001, 7, id="a metre more"),
    ],
)
def test_minutes_are_rounded_up_with_three_for_parking(leg_m: int, minutes: int) -> None:
    """At 40 km/h."""
    assert legs.minutes(leg_m, 40) == minutes


def units() -> list[Unit]:
    """Three units with points in two townships of one district, and three without."""
    return [
        Unit(id="a", name="", district="d", township="t", lat=24.0, lng=121.0),
        Unit(id="b", name="", district="d", township="t", lat=24.2, lng=121.4),
        Unit(id="c", name="", district="d", township="s", lat=24.9, lng=121.9),
        Unit(id="in-township", name="", district="d", township="t"),
        Unit(id="in-district", name="", district="d", township="nowhere"),
        Unit(id="lost", name=""),
        Unit(id="lost-too", name=""),
    ]


def test_a_unit_without_a_point_stands_in_the_middle_of_its_township_or_district() -> None:
    """The median of latitudes and of longitudes; a township without points falls back to the district."""
    places = legs.stand_in_points(units(), (24.0, 121.0))
    assert places["in-township"] == (24.1, 121.2)
    assert places["in-district"] == (24.2, 121.4)


def test_a_lost_unit_stands_far_from_the_start_and_from_all_others() -> None:
    """15 km from the start, 5 km at least from every other unit, the other lost one too."""
    start = (24.0, 121.0)
    places = legs.stand_in_points(units(), start)
    known = [(one.lat, one.lng) for one in units() if one.lat is not None and one.lng is not None]
    for name in ("lost", "lost-too"):
        others = known + [place for other, place in places.items() if other != name]
        assert legs.great_circle_m(start, places[name]) == pytest.approx(15_000, abs=1)
        assert min(legs.great_circle_m(places[name], other) for other in others) >= 4_999


def test_the_order_of_the_register_does_not_move_anyone() -> None:
    """Stand-ins depend on ids alone."""
    mixed = units()
    Random(3).shuffle(mixed)
    assert legs.stand_in_points(mixed, (24.0, 121.0)) == legs.stand_in_points(units(), (24.0, 121.0))
