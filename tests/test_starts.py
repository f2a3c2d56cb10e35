"""A programme's other starts from its file to the close: frozen, checked, told on the day and no sooner."""

from __future__ import annotations

import json
from math import hypot
from pathlib import Path
from typing import Any

import pytest

from auditor.draw.programmes import BadProgramme, read_programme
from auditor.draw.verify import verify
from auditor.store.numbers import read_frozen, read_number
from auditor.store.units import read_units
from auditor.workflow.bureau import opened
from sealed import DECEMBER, Bureau, copied, county_rows

NAME = "城西督导站"


def spread(bureau: Bureau) -> dict[str, tuple[float, float]]:
    """Eight starts, each at the unit that is farthest from the bureau and all before: some serve any draw."""
    with opened(bureau.db) as db:
        points = [(one.lat, one.lng) for one in read_units(db) if one.lat is not None and one.lng is not None]
    found = [(30.5205, 105.2108)]
    while len(found) <= 8:
        found.append(max(points, key=lambda one: min(hypot(one[0] - x, one[1] - y) for x, y in found)))
    return {f"{NAME}{at}": point for at, point in enumerate(found[1:], 1)}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau with eight other starts, its number 1 sealed."""
    bureau = Bureau(tmp_path_factory.mktemp("starts"))
    bureau.county()
    starts = ", ".join(f'"{name}" = "{lng},{lat}"' for name, (lat, lng) in spread(bureau).items())
    bureau.programme(f"{DECEMBER}starts = {{ {starts} }}\n")
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--plan")
    return bureau


def test_a_sortie_starts_where_it_is_shortest_and_is_told_so_on_its_day(
    planned: Bureau, tmp_path: Path
) -> None:
    """Frozen with the places, checked; sheet and release name it, the request for a car only afterwards."""
    planned = copied(planned.folder, tmp_path / "own", planned.now)
    with opened(planned.db) as db:
        places = read_frozen(db, 1)["places"]
    names = spread(planned)
    assert places["starts"] == [
        {"start": f"@{name}", "point": [repr(lat), repr(lng)]} for name, (lat, lng) in names.items()
    ]
    record = planned.sealed(1).record
    assert {one.removeprefix("@") for one in record["starts"].values()} <= set(names)
    assert "from" not in {key for one in record["visits"] for key in one}
    planned.ok("plan", "check", "--programme", "2026-12")
    assert NAME not in planned.ok("plan", "show", "--programme", "2026-12")

    key = min(record["starts"], key=lambda key: _day(record, key))
    day = _day(record, key)
    planned.now = f"{day}T07:00:00+08:00"
    told = planned.json("plan", "release")
    assert (
        {one["sortie"] for one in told if "from" in one}
        == {one["sortie"] for one in told if one["sortie"] in record["starts"]}
        != set()
    )
    planned.ok("plan", "export", "--programme", "2026-12", "--day", day, "--out", planned.folder / "morning")
    assert NAME in (planned.folder / "morning" / "tasks.html").read_text(encoding="utf-8")
    assert NAME in (planned.folder / "morning" / "map.svg").read_text(encoding="utf-8")
    assert NAME not in (planned.folder / "morning" / "cars.html").read_text(encoding="utf-8")
    planned.now = "2027-01-01T09:00:00+08:00"
    planned.ok("plan", "export", "--programme", "2026-12", "--day", day, "--out", planned.folder / "after")
    assert NAME in (planned.folder / "after" / "cars.html").read_text(encoding="utf-8")
    said = planned.json("draw", "close", 1, "--out", planned.folder / "public")
    data = (planned.folder / "public" / "transcript.json").read_bytes()
    failed, _told = verify(data, said["commit_sha256"], said["plan_root"])
    assert failed == []
    assert NAME not in json.dumps(json.loads(data), ensure_ascii=False)
    planned.ok("plan", "check", "--programme", "2026-12")


def test_ordered_and_moved_visits_start_where_it_is_shortest(planned: Bureau, tmp_path: Path) -> None:
    """A unit at a district office is visited from there; what is taken out of a sortie keeps its start."""
    bureau = copied(planned.folder, tmp_path / "own", planned.now)
    bureau.now = "2026-11-30T18:00:00+08:00"
    with opened(bureau.db) as db:
        points = {one.id: (one.lat, one.lng) for one in read_units(db)}
    at = {point: f"@{name}" for name, point in spread(bureau).items()}
    unit = next(one for one, point in points.items() if point in at)
    bureau.ok("plan", "repair", "--add", unit, "--directed", "信访3号", "--domain", "fire")
    shown = {one["id"]: one for one in bureau.json("plan", "show", "--whole")["visits"]}
    ordered = next(one for one in shown.values() if one["source"] == "directed")
    assert ordered["from"] == at[points[unit]]

    record = bureau.sealed(1).record
    sorties = [one["sortie"] for one in record["visits"]]
    why = ("--reason", "考试", "--approver", "李局长")
    asked = (
        (one, day)
        for one in record["visits"]
        if one["sortie"] in record["starts"] and sorties.count(one["sortie"]) > 1
        for day in sorted({other["date"] for other in record["visits"]} - {one["date"]})
    )
    # in some draws there is no such visit, or no other day for it
    moved = next((one for one, day in asked if _moves(bureau, one["id"], day, why)), None)
    if moved is not None:
        shown = {one["id"]: one for one in bureau.json("plan", "show", "--whole")["visits"]}
        assert shown[moved["id"]]["sortie"] != moved["sortie"]
        assert shown[moved["id"]]["from"] == record["starts"][moved["sortie"]]
        ordered = shown[ordered["id"]]
    bureau.now = f"{ordered['date']}T07:00:00+08:00"
    told = {one["id"]: one for one in bureau.json("plan", "release")}
    assert told[ordered["id"]]["from"] == at[points[unit]].removeprefix("@")


def _moves(bureau: Bureau, visit: str, day: str, why: tuple[str, ...]) -> bool:
    return bureau.run("plan", "repair", "--move", visit, day, *why).exit_code == 0


def _day(record: dict[str, Any], key: str) -> str:
    return next(str(one["date"]) for one in record["visits"] if one["sortie"] == key)


def test_a_number_without_other_starts_is_frozen_as_before(tmp_path: Path) -> None:
    """No key more in its places, so that its hash is what it was."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    with opened(bureau.db) as db:
        assert set(read_frozen(db, 1)["places"]) == {"start", "points", "stand_ins"}
        assert read_number(db, 1) is not None


@pytest.mark.parametrize(
    "starts",
    ["{}", '"105,30"', '{ "a" = "200,30" }', '{ "a" = "105,95" }', '{ "a" = "105" }', '{ "a" = 105.2 }',
     '{ " " = "105,30" }', "{" + ",".join(f'"s{at}" = "105,30"' for at in range(9)) + "}"],
)  # fmt: skip
def test_a_start_without_a_name_or_a_point_is_refused(starts: str) -> None:
    """Each fault is named with its key."""
    with pytest.raises(BadProgramme, match="starts"):
        read_programme((DECEMBER + f"starts = {starts}\n").encode(), "p.toml")
    good = read_programme((DECEMBER + 'starts = { "东" = "105.21，30.5" }\n').encode(), "p.toml")
    assert good.starts == {"东": ("30.5", "105.21")}


def test_a_start_called_like_the_bureau_or_a_unit_is_refused(tmp_path: Path) -> None:
    """When it is kept; and at the freeze where a unit of that name came later."""
    bureau = Bureau(tmp_path)
    rows = county_rows()
    bureau.county(rows[:60])
    unit, later = rows[1].split(",")[:2], rows[60].split(",")[:2]
    for name, told in [
        ("起点", "means the bureau"), ("Start", "means the bureau"), ("青石县教育局", "means the bureau"),
        (unit[0], "is a unit"), (unit[1], f"({unit[1]})"),
    ]:  # fmt: skip
        bureau.folder.joinpath("p.toml").write_text(
            f'{DECEMBER}starts = {{ "{name}" = "105.2,30.5" }}\n', encoding="utf-8"
        )
        assert told in bureau.refused("programme", "add", bureau.folder / "p.toml", code=2), name
    bureau.programme(f'{DECEMBER}starts = {{ "{later[1]}" = "105.2,30.5" }}\n')
    bureau.county(rows)
    assert later[1] in bureau.refused("draw", "freeze", "--programme", "2026-12", code=2)


def test_a_start_far_from_everything_is_told_when_it_is_kept_and_frozen(tmp_path: Path) -> None:
    """Two degrees off is 222 km: told; half as much is none of our business."""
    bureau = Bureau(tmp_path)
    bureau.county(county_rows()[:40])
    with opened(bureau.db) as db:
        north = max(one.lat for one in read_units(db) if one.lat is not None)
    for degrees, told in ((1, False), (2.2, True)):
        starts = f'{DECEMBER}starts = {{ "{NAME}" = "105.2108,{north + degrees:.4f}" }}\n'
        (bureau.folder / "p.toml").write_text(starts, encoding="utf-8")
        notes = bureau.json("programme", "add", bureau.folder / "p.toml")["notes"]
        said = [one for one in notes if NAME in one]
        assert len(said) == told
        assert all("is 24" in one and " km from the bureau and from every unit" in one for one in said)
    assert any(NAME in one for one in bureau.json("draw", "freeze", "--programme", "2026-12")["notes"])
