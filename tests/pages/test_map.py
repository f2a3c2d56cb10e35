"""The map: north is up, every drawn unit is there, labels cover neither each other nor a dot."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.pages.map import LABEL_HEIGHT, map_svg
from auditor.pages.views import PlaceView

START = (30.5, 105.2)

Box = tuple[float, float, float, float]


def dots(svg: str) -> dict[str, tuple[float, float]]:
    """Where each drawn place stands."""
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*><title>(.*?)</title>', svg)
    return {name: (float(x), float(y)) for x, y, name in found}


def labels(svg: str) -> dict[str, Box]:
    """The box of each label with a halo, at 12 units a Chinese character."""
    found = re.findall(r'<text x="(-?[\d.]+)" y="(-?[\d.]+)" paint-order[^>]*>(.*?)</text>', svg)
    return {
        name: (float(x), float(y) + 3 - LABEL_HEIGHT, float(x) + 12 * len(name), float(y) + 3)
        for x, y, name in found
    }


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share more than the rounding of a border."""
    slack = 0.2
    return (
        one[0] + slack < other[2]
        and other[0] + slack < one[2]
        and one[1] + slack < other[3]
        and other[1] + slack < one[3]
    )


def test_north_is_up_east_is_right_and_a_degree_of_longitude_is_shorter() -> None:
    """At 60° north a degree of longitude is half as long as one of latitude."""
    places = [
        PlaceView(name="甲", lat=59.5, lng=10.0, drawn=True),
        PlaceView(name="乙", lat=60.5, lng=10.0, drawn=True),
        PlaceView(name="丙", lat=59.5, lng=11.0, drawn=True),
    ]
    found = dots(map_svg((60.0, 10.0), places, []))
    up = found["甲"][1] - found["乙"][1]
    right = found["丙"][0] - found["甲"][0]
    assert up > 0
    assert abs(right / up - 0.5) < 0.01


def test_units_side_by_side_all_get_a_label() -> None:
    """Eight units within a few hundred metres around the start, as in a county town."""
    near = [
        PlaceView(name=f"县城{letter}号小学", lat=START[0] + 0.001 * at, lng=START[1] + 0.0015 * (at % 3),
                  drawn=True, slots=("morning",))
        for at, letter in enumerate("甲乙丙丁戊己庚辛")
    ]  # fmt: skip
    far = [PlaceView(name="远", lat=START[0] + 0.3, lng=START[1] - 0.3)]
    assert set(labels(map_svg(START, [*near, *far], []))) == {one.name for one in near}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(25, 40), st.integers(25, 40), st.booleans()),
        min_size=1,
        max_size=30,
        unique=True,
    )
)
def test_labels_cover_neither_each_other_nor_a_drawn_dot(spots: list[tuple[int, int, bool]]) -> None:
    """Wherever units lie; every drawn one has its dot, with or without room for a label."""
    places = [
        PlaceView(name=f"第{at:02d}学", lat=30 + down / 100, lng=105 + right / 100, drawn=drawn)
        for at, (down, right, drawn) in enumerate(spots)
    ]
    places += [PlaceView(name="角", lat=lat, lng=lng) for lat, lng in ((30.0, 105.0), (30.6, 105.6))]
    svg = map_svg((30.3, 105.3), places, [])
    assert set(dots(svg)) == {one.name for one in places if one.drawn}
    # a digit is narrower than a character: the true box lies inside the one that is judged here
    boxes = {name: (box[0], box[1], box[0] + 12 * 2 + 6.6 * 2, box[3]) for name, box in labels(svg).items()}
    assert not any(overlap(a, b) for a, b in combinations(boxes.values(), 2))
    for x, y in dots(svg).values():
        assert not any(overlap(box, (x - 5, y - 5, x + 5, y + 5)) for box in boxes.values())


def test_the_scale_bar_tells_the_truth() -> None:
    """Two places 10 km apart on a meridian are as far as the bar says, within one per cent."""
    places = [
        PlaceView(name="甲", lat=30.0, lng=105.2, drawn=True),
        PlaceView(name="乙", lat=30.0 + 10 / 111.195, lng=105.2, drawn=True),
    ]
    svg = map_svg((30.0, 105.2), places, [])
    found = dots(svg)
    per_km = (found["甲"][1] - found["乙"][1]) / 10
    bar = re.search(r"v5h([\d.]+)v-5", svg)
    km = re.search(r">(\d+) km<", svg)
    assert bar is not None
    assert km is not None
    assert abs(float(bar[1]) / (int(km[1]) * per_km) - 1) < 0.01
