"""The travel table: what it says holds, what it does not say is stated, what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook

from auditor.plan.explain import any_lots, placed
from auditor.plan.make import make_plan
from auditor.plan.problem import PlanProblem, Travel
from auditor.plan.roads import roads_of
from auditor.store.numbers import read_frozen, read_number
from auditor.workflow.bureau import opened
from auditor.workflow.means import frozen_travel, travel_facts
from plan.world import BEACON, FIELD_DAYS, START, errand, half_days, person
from sealed import Bureau, county_rows, drawn_simply


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bureau, list[str], list[str]]:
    """A bureau with the county's register; ids and names of its units, by id."""
    from auditor.store.units import read_units

    bureau = Bureau(tmp_path_factory.mktemp("travel"))
    bureau.county()
    with opened(bureau.db) as db:
        units = read_units(db)
    return bureau, [one.id for one in units], [one.name for one in units]


def table(bureau: Bureau, text: str) -> Path:
    """A table in a file."""
    path = bureau.folder / "ways.csv"
    path.write_text(text, encoding="utf-8")
    return path


def take(bureau: Bureau, text: str, *extra: str) -> dict[str, object]:
    """Import a table; give what is said."""
    answer: dict[str, object] = bureau.json("units", "travel", "import", table(bureau, text), *extra)
    return answer


def kept(bureau: Bureau) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """The ways in the bureau's file."""
    from auditor.store.travel import read_travel

    with opened(bureau.db) as db:
        return read_travel(db)


def test_a_square_of_minutes_may_be_one_way_and_names_its_blank_cells(
    small: tuple[Bureau, list[str], list[str]],
) -> None:
    """Down to the harbour takes less than up; five cells say nothing, each in its own way."""
    bureau, (a, b, *_rest), (_name, other, *_more) = small
    said = take(bureau, f"分钟,起点,{a},{other}\n起点,0,40,null\n{a},25,,-1\n{b},inf,,0\n")
    assert kept(bureau) == {("", a): (None, 40), (a, ""): (None, 25)}
    assert said["blank"] == ["D2", "D3", "B4", "C4"]
    assert said["missing"] == sorted(set(small[1]) - {a})
    assert said["unknown"] == []


def test_a_list_gives_kilometres_and_minutes_and_passes_unknown_names_over(
    small: tuple[Bureau, list[str], list[str]],
) -> None:
    """A name of no unit is told (exit 5), the rest is kept."""
    bureau, (a, b, *_rest), _names = small
    path = table(bureau, f"from,to,公里,分钟\nstart,{a},1.2345,90\n{a},{b},0,0\n{a},孤岛小学,3,9\n")
    done = bureau.run("units", "travel", "import", path)
    assert done.exit_code == 5
    assert "孤岛小学" in done.output
    assert kept(bureau) == {("", a): (1235, 90), (a, b): (0, 0)}


def test_sheets_of_minutes_and_of_metres_add_up(small: tuple[Bureau, list[str], list[str]]) -> None:
    """One workbook with both."""
    bureau, (a, *_rest), _names = small
    book = Workbook()
    for sheet, (word, value) in zip(
        (book.active, book.create_sheet()), (("分钟", 30), ("km", 4.5)), strict=True
    ):
        for row in ((word, "起点", a), ("起点", 0, value), (a, value, 0)):
            sheet.append(row)
    book.save(bureau.folder / "ways.xlsx")
    bureau.ok("units", "travel", "import", bureau.folder / "ways.xlsx")
    assert kept(bureau) == {("", a): (4500, 30), (a, ""): (4500, 30)}


@pytest.mark.parametrize(
    ("cell", "where"),
    [
        pytest.param("-5", "C2 -5", id="negative"),
        pytest.param("2000", "C2 2000", id="over a day"),
        pytest.param("远", "C2 远", id="no number"),
        pytest.param("-inf", "C2 -inf", id="minus infinity"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cell(
    small: tuple[Bureau, list[str], list[str]], cell: str, where: str
) -> None:
    """Nothing of the file is kept."""
    bureau, (a, *_rest), _names = small
    path = table(bureau, f"min,start,{a}\nstart,0,{cell}\n{a},25,0\n")
    assert where in bureau.refused("units", "travel", "import", path, code=2)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from,to,km,minutes\nstart,{a},100,10\n", id="600 km/h"),
        pytest.param("from,to,minutes\nstart,{a},10\nstart,{a},11\n", id="said twice"),
        pytest.param("min,start,{a}\nstart,7,1\n", id="from a place to itself"),
        pytest.param("名称,学校\n{a},1\n", id="no table of ways"),
        pytest.param("min\n", id="nothing in it"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    small: tuple[Bureau, list[str], list[str]], text: str
) -> None:
    """In a sentence, with nothing kept."""
    bureau, (a, *_rest), _names = small
    bureau.refused("units", "travel", "import", table(bureau, text.format(a=a)), code=2)


def test_a_table_goes_away_and_a_dry_run_keeps_nothing(small: tuple[Bureau, list[str], list[str]]) -> None:
    """Each import replaces the one before."""
    bureau, (a, b, *_rest), _names = small
    take(bureau, f"min,start,{a}\nstart,,30\n{a},30,\n")
    take(bureau, f"min,start,{b}\nstart,,30\n{b},30,\n", "--dry-run")
    assert set(kept(bureau)) == {("", a), (a, "")}
    take(bureau, f"min,start,{b}\nstart,,31\n{b},30,\n")
    assert set(kept(bureau)) == {("", b), (b, "")}
    assert bureau.json("units", "travel", "drop") == {"dropped": 2}
    assert kept(bureau) == {}


def test_a_number_freezes_the_table_and_every_way_of_it(tmp_path: Path) -> None:
    """What is not said is as the way back, else by great circles; no unit of the frame is lost."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    a = county_rows()[1].split(",")[0]
    take(bureau, f"from,to,minutes\nstart,{a},77\n")
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    with opened(bureau.db) as db:
        parts, record = read_frozen(db, 1), read_number(db, 1)
    assert record is not None
    facts = travel_facts(frozen_travel(parts["travel"]))
    places = {"", *parts["places"]["points"]}
    assert set(facts) == {(one, other) for one in places for other in places}
    assert facts["", a] == facts[a, ""] == (77 * 40_000 // 60, 77)
    assert all(facts[one, one] == (0, 0) for one in places)
    b = next(one for one in sorted(places) if one not in ("", a))
    metres, minutes = facts["", b]
    assert minutes == -(-metres * 60 // 40_000) + 3
    assert any("travel" in one or "车程" in one for one in record["facts"]["notes"])
    bureau.ok("draw", "commit", 1)
    with opened(bureau.db) as db:
        db.execute("update frozen set record = replace(record, '77', '76') where part = 'travel'")
    bureau.now = "2026-11-26T09:05:00+08:00"
    assert "travel" in bureau.refused("draw", "run", 1, "--beacon", "3 1 4 1 5 9")


def test_an_ordered_visit_goes_the_way_that_the_table_says(tmp_path: Path) -> None:
    """Ordered after the plan was made: the bureau's table of that day tells that an island is too far."""
    bureau = drawn_simply(tmp_path)
    with opened(bureau.db) as db:
        units = sorted(read_frozen(db, 1)["places"]["points"])
    bureau.now = "2026-11-30T20:00:00+08:00"
    order = ("plan", "repair", "--add", units[0], "--directed", "信访3号", "--dry-run")
    assert [one["why"] for one in bureau.json(*order)["changes"]] == ["new"]
    take(bureau, f"from,to,minutes\nstart,{units[0]},300\n")
    told = bureau.json(*order)
    assert told["changes"] == []
    assert [(one["unit"], one["reason"]) for one in told["refused"]] == [(units[0], "unreachable")]
    take(bureau, f"from,to,minutes\nstart,{units[1]},300\n")
    assert [one["why"] for one in bureau.json(*order)["changes"]] == ["new"]


def test_a_number_without_a_table_has_no_such_part(tmp_path: Path) -> None:
    """It plans as it did before there were tables."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    with opened(bureau.db) as db:
        assert "travel" not in read_frozen(db, 1)
        assert "travel_sha256" not in (read_number(db, 1) or {})
    assert frozen_travel(None) is None
    assert travel_facts(None) is None


def islands(there: int, back: int) -> PlanProblem:
    """Two islands a stone's throw apart; the ferry between them goes round one way only."""
    errands = tuple(
        errand(name, (START[0] + shift, START[1]), "fire") for name, shift in (("a", 0.001), ("b", 0.002))
    )
    minutes = [[0, there, 30], [back, 0, 30], [30, 30, 0]]
    metres = [[1000 * one for one in row] for row in minutes]
    return PlanProblem(
        start=START,
        errands=errands,
        staff=(person("P1", *half_days(FIELD_DAYS[0])), person("P2", *half_days(FIELD_DAYS[0]))),
        days=(FIELD_DAYS[0],),
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])},
        beacon_day=BEACON,
        closed={},
        strata={"a": "t", "b": "t"},
        keep_order=("a", "b"),
        travel=Travel(places={"a": 0, "b": 1, "": 2}, metres=metres, minutes=minutes),
    )


def test_a_plan_goes_the_way_that_the_table_says() -> None:
    """The short direction decides the order of stops, arrivals and metres."""
    for there, back, order in ((5, 120, ["a", "b"]), (120, 5, ["b", "a"])):
        world = islands(there, back)
        made = make_plan(world, any_lots(world), work=10)
        (sortie,) = made.sorties
        assert [stop.unit for stop in sortie.stops] == order
        first, second = sortie.stops
        assert second.start - first.start == first.minutes + 5
        assert sortie.metres == 65_000 == made.objective_m - world.sortie_cost_m
    apart = islands(120, 120)
    assert len(make_plan(apart, any_lots(apart), work=10).sorties) == 2
    assert placed(apart, work=10)


def test_a_long_way_back_is_not_the_way_there() -> None:
    """A half-day holds 30 minutes there and 150 back, though not 150 twice."""
    world = islands(9, 9)
    (one, _other) = world.errands
    minutes = [[0, 9, 200], [9, 0, 30], [30, 30, 0]]
    assert world.travel is not None
    travel = Travel(places=world.travel.places, metres=minutes, minutes=minutes)
    single = replace(world, errands=(one,), travel=travel)
    assert roads_of(single).minutes == ((0, 200), (30, 0))
    assert placed(single, work=10)
    minutes[2][0] = 200
    assert not placed(single, work=10)


def test_a_table_without_any_way_replaces_nothing(tmp_path: Path) -> None:
    """Words that no unit has, or nothing but blank cells."""
    bureau = Bureau(tmp_path)
    bureau.county()
    a, b = (row.split(",")[0] for row in county_rows()[1:3])
    take(bureau, f"分钟,起点,{a}\n起点,0,21\n{a},21,0\n")
    said = bureau.refused(
        "units", "travel", "import", table(bureau, "分钟,起点,甲校\n起点,0,21\n甲校,21,0\n"), code=2
    )
    assert "甲校" in said
    bureau.refused("units", "travel", "import", table(bureau, f"分钟,{a},{b}\n{a},0,\n{b},,0\n"), code=2)
    for nothing in ("", "\n\n"):
        said = bureau.refused("units", "travel", "import", table(bureau, nothing), code=2)
        assert "corner cell" in said


def test_a_table_at_planning_is_the_frozen_one_or_refused(tmp_path: Path) -> None:
    """The same ways pass and change nothing; one other minute is refused with the cure."""
    bureau = Bureau(tmp_path)
    bureau.county()
    a, b = (row.split(",")[0] for row in county_rows()[1:3])
    frozen = f"分钟,起点,{a},{b}\n起点,0,21,22\n{a},21,0,9\n{b},22,9,0\n"
    take(bureau, frozen)
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    take(bureau, frozen.replace("22", "33"))
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    make = ("plan", "make", "--programme", "2026-12", "--work", 10, "--travel")
    said = bureau.refused(*make, table(bureau, frozen.replace("22", "33")), code=2)
    assert "auditor units travel import" in said
    bureau.refused(*make, tmp_path / "nothing.csv", code=2)
    bureau.ok(*make, table(bureau, frozen))
    bureau.ok("plan", "check", "--programme", "2026-12")


def test_a_table_is_refused_where_a_number_has_none(tmp_path: Path) -> None:
    """A number without ways of its own drives great circles, whatever is said later."""
    bureau = drawn_simply(tmp_path, plan=False)
    a = county_rows()[1].split(",")[0]
    path = table(bureau, f"分钟,起点,{a}\n起点,0,40\n{a},25,0\n")
    bureau.refused("plan", "make", "--programme", "2026-12", "--travel", path, code=2)


def test_minutes_alone_are_held_against_the_straight_line(
    small: tuple[Bureau, list[str], list[str]],
) -> None:
    """A minute for the farthest two units is refused with its cell; what a car takes at 150 km/h is not."""
    from auditor.plan.legs import great_circle_m
    from auditor.store.units import read_units

    bureau, _ids, _names = small
    with opened(bureau.db) as db:
        points = {
            one.id: (one.lat, one.lng)
            for one in read_units(db)
            if one.lat is not None and one.lng is not None
        }
    far, a, b = max(
        (great_circle_m(points[one], points[other]), one, other) for one in points for other in points
    )
    assert far > 5000
    least = -(-far * 60 // 150_000)
    refused = bureau.run("units", "travel", "import", table(bureau, f"分钟,{a},{b}\n{a},0,1\n{b},,0\n"))
    assert refused.exit_code == 2
    assert f"C2 1: {far / 1000:.1f} km in a straight line in 1 min, faster than 150 km/h" in refused.stderr
    take(bureau, f"分钟,{a},{b}\n{a},0,{least:.0f}\n{b},,0\n")
    assert (a, b) in kept(bureau)


def test_every_refused_cell_has_its_own_place_and_reason(small: tuple[Bureau, list[str], list[str]]) -> None:
    """The other cell of a way told twice is the one that holds minutes, not the kilometres beside it."""
    bureau, (a, b, *_rest), _names = small
    rows = (
        f"起点,{a},25,12",
        f"起点,{a},35,12",
        f"{b},{b},5,",
        f"起点,{b},-3,",
        f"起点,{b},三十,",
        f"起点,{b},2000,",
    )
    refused = bureau.run("units", "travel", "import", table(bureau, "\n".join(("从,到,分钟,公里", *rows))))
    assert refused.exit_code == 2
    for told in (
        "C3 35: C2 says 25 min of the same way", "C4 5: from a place to itself", "C5 -3: negative",
        "C6 三十: no number", "C7 2000: over 1440 min",
    ):  # fmt: skip
        assert told in refused.stderr


def test_cells_under_no_heading_are_told(small: tuple[Bureau, list[str], list[str]]) -> None:
    """They are passed over, and the rest is kept."""
    bureau, (a, *_rest), _names = small
    said = take(bureau, f"分钟,起点,{a}\n起点,0\n{a},25,0,44,55\n")
    assert said["beyond"] == ["D3", "E3"]
    assert kept(bureau) == {(a, ""): (None, 25)}
