"""The register on its page: a map on demand, units noted, closed, and closed together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.desk.maps import DOTS, EDGE, SIGN, map_of
from auditor.workflow import bureau, imports, unit_imports, units
from desk_client import NOW, Client, county_in, desk_of, text_of


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the synthetic county, only read."""
    return county_in(tmp_path_factory.mktemp("units") / "bureau.db")


@pytest.fixture
def file(tmp_path: Path, whole: Path) -> Path:
    """A copy to change."""
    path = tmp_path / "bureau.db"
    path.write_bytes(whole.read_bytes())
    return path


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


def test_the_map_has_a_dot_for_each_unit_that_the_list_has(client: Client, file: Path) -> None:
    """Only when asked for; narrowed like the list."""
    assert "<svg" not in client.page("/units").partition("<main")[2]
    with bureau.opened(file) as db:
        every = [one for one in units.list_units(db) if one.lat is not None]
    place = every[0].township
    for query, count in (("map=1", len(every)), (f"map=1&township={place}", None)):
        page = client.page(f"/units?{query}")
        if count is None:
            count = sum(one.township == place for one in every)
        path = re.search(r'<path class="unit-dots" d="([^"]*)"', page)
        assert path is not None
        assert path[1].count("h0") == count
        assert f"{count} unit" in text_of(page)


POINTS = st.lists(
    st.tuples(st.floats(100, 110), st.floats(20, 40), st.sampled_from(["", "甲镇", "乙乡"])),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_every_dot_lies_within_its_map(points: list[tuple[float, float, str]]) -> None:
    """No dot over the edge; drawn and left out are all; north is up and east is right."""
    found = map_of(points)
    assert found is not None
    dots = [(int(x), int(y)) for x, y in re.findall(r"M(-?\d+) (-?\d+)h0", found.path)]
    assert len(dots) == found.count
    assert found.count + found.outside == len(points)
    assert all(EDGE - 1 <= x <= found.width - EDGE + 1 for x, _y in dots)
    assert all(EDGE - 1 <= y <= found.height - EDGE + 1 for _x, y in dots)
    if not found.outside:
        for (lng, lat, _a), (x, y) in zip(points, dots, strict=True):
            for (other_lng, other_lat, _b), (other_x, other_y) in zip(points[:9], dots[:9], strict=False):
                assert lng > other_lng or x <= other_x
                assert lat > other_lat or y >= other_y


def test_very_many_units_are_circles_that_count_them() -> None:
    """Over the limit each unit is in one circle; a point at the other end of the world is said."""
    points = [(105 + number % 97 * 0.01, 30 + number % 89 * 0.01, "") for number in range(DOTS + 500)]
    found = map_of([*points, (0.0, 0.0, "")])
    assert found is not None
    assert found.path == ""
    assert sum(count for *_place, count in found.circles) == DOTS + 500
    assert found.outside == 1
    assert map_of([]) is None


def test_names_of_places_stay_inside_the_map() -> None:
    """Those of the westernmost and the easternmost place too."""
    found = map_of([(105.0, 30.0, "沙坪坝区中心"), (105.5, 30.1, "某镇"), (106.0, 30.3, "巴南区东边镇")])
    assert found is not None
    assert len(found.names) == 3
    for x, _y, word, _apart in found.names:
        assert len(word) * SIGN // 2 <= x <= found.width - len(word) * SIGN // 2


def test_names_that_lie_upon_another_on_a_telephone_are_told_from_the_others() -> None:
    """Three places below each other, 24 px apart: the middle one is not shown there."""
    spots = [(105.0, 30.0, "甲镇"), (105.0, 30.024, "乙镇"), (105.0, 30.048, "丙镇"), (105.0, 30.528, "远镇")]
    found = map_of([*spots, *((105.0, 30.3, "") for _at in range(9))])
    assert found is not None
    assert [(word, apart) for _x, _y, word, apart in found.names] == [
        ("丙镇", True), ("乙镇", False), ("甲镇", True), ("远镇", True),
    ]  # fmt: skip


def test_what_the_register_does_not_say_comes_last(client: Client, file: Path) -> None:
    """Whichever way a list is sorted; those that are equal stand by their codes."""
    with bureau.opened(file) as db:
        for key in ("X2", "X1"):
            units.add_unit(db, {"id": key, "name": key}, now=NOW)
        for sort in ("students", "-students", "township", "-township"):
            found, count = units.find_units(db, units.Search(sort=sort))
            assert len(found) == count == 122
            assert [one.id for one in found[-2:]] == ["X1", "X2"]
            field = sort.removeprefix("-")
            values = [getattr(one, field) for one in found[:-2]]
            assert values == sorted(values, reverse=sort.startswith("-"))


def test_what_is_kept_of_the_register_is_made_anew_once_it_changed(client: Client, file: Path) -> None:
    """Once for all visits, until something is written."""
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    with bureau.opened(file) as db:
        assert [client.desk.kept("sum", db, make) for _visit in range(3)] == [0, 0, 0]
        units.add_unit(db, {"id": "X1", "name": "X"}, now=NOW)
        assert [client.desk.kept("sum", db, make) for _visit in range(2)] == [1, 1]


def test_a_unit_is_noted_by_form(client: Client, file: Path) -> None:
    """A code with a slash has a page; one that is taken is refused; without a code the name makes the id."""
    page = client.page("/units/-/new")
    answer = client.submit(
        "/units/-/new", page, {"id": "12/34", "name": "新小学", "township": "东镇", "students": "120"}
    )
    assert answer.headers["location"] == "/units/12%2F34"
    assert "新小学" in client.page("/units/12%2F34")
    page = client.page("/units/-/new")
    again = client.submit("/units/-/new", page, {"id": "12/34", "name": "另一所"})
    assert again.status_code == 400
    assert "12/34 is a unit already" in text_of(again.text)
    assert client.submit("/units/-/new", page, {"name": "", "township": "x"}).status_code == 400
    assert client.submit("/units/-/new", page, {"name": "无代码小学", "township": "东镇"}).status_code == 303
    with bureau.opened(file) as db:
        made = {one.id: one for one in units.list_units(db)}
    assert made["12/34"].students == 120
    assert made["无代码小学||东镇"].name == "无代码小学"


def test_a_unit_is_closed_on_a_day(client: Client, file: Path) -> None:
    """From its page; it stays in the list, marked."""
    page = client.page("/units/0099001025")
    answer = client.submit("/units/-/close", page, {"id": "0099001025", "on": "2026-12-01", "reason": "撤并"})
    assert answer.headers["location"] == "/units/0099001025"
    with bureau.opened(file) as db:
        assert units.list_units(db, {"id": "0099001025"})[0].closed == "2026-12-01"
    assert "撤并" in client.page("/units/0099001025")
    assert client.submit("/units/-/close", page, {"on": "2026-12-01"}).status_code in (400, 409)


def test_units_that_a_file_lacks_are_closed_together(client: Client, file: Path, tmp_path: Path) -> None:
    """Those that were ticked, no others."""
    with bureau.opened(file) as db:
        keys = [one.id for one in units.list_units(db)]
        path = tmp_path / "next.csv"
        lines = ["学校标识码,学校名称", *(f"{key},某校{key}" for key in keys[3:])]
        path.write_text("\n".join(lines), encoding="utf-8")
        unit_imports.import_units(db, path, imports.Request(mapping={}, where={}), NOW)
    page = client.page("/units?open=missing")
    assert page.count('type="checkbox"') == 3
    answer = client.submit("/units/-/close", page, {"id": keys[:2], "on": "2026-12-01"})
    assert answer.headers["location"] == "/units"
    with bureau.opened(file) as db:
        assert [one.id for one in units.list_units(db) if one.closed == "2026-12-01"] == keys[:2]
        assert [one.id for one in units.missing_units(db)] == [keys[2]]
