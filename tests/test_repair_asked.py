"""What a repair is asked for: units by code or name, nothing ordered twice, nothing passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealed import FOURTEEN, OFFICERS, Bureau, copied, drawn_simply

EVENING = "2026-12-03T20:00:00+08:00"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is sealed."""
    return drawn_simply(tmp_path_factory.mktemp("asked"), inspectors=OFFICERS, programme=FOURTEEN)


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it, on the evening of the third day."""
    return copied(planned.folder, tmp_path / "own", EVENING)


def later(bureau: Bureau) -> dict[str, Any]:
    """A visit that is still to come, of a unit with no other visit."""
    visits = bureau.sealed(1).record["visits"]
    units = [one["unit"] for one in visits]
    return next(one for one in visits if one["date"] > "2026-12-03" and units.count(one["unit"]) == 1)


def spared(bureau: Bureau, at: int = 0) -> str:
    """The code of a kindergarten that the plan does not visit: all its domains fit one morning's visit."""
    planned = {one["unit"] for one in bureau.sealed(1).record["visits"]}
    units = bureau.json("units", "list")
    return [one["id"] for one in units if one["kind"] == "kindergarten" and one["id"] not in planned][at]


def name_of(bureau: Bureau, unit: str) -> str:
    """What a unit is called."""
    return next(one["name"] for one in bureau.json("units", "list") if one["id"] == unit)


def order(*units: str, basis: str = "信访3号") -> list[str]:
    """How a repair orders visits to units."""
    return [
        "plan", "repair", *(word for unit in units for word in ("--add", unit)), "--directed", basis,
    ]  # fmt: skip


def added(told: dict[str, Any]) -> list[str]:
    """The units of the visits that a repair adds."""
    return sorted(visit["unit"] for one in told["changes"] if one["why"] == "new" for visit in one["visits"])


def test_a_unit_is_not_ordered_again_while_its_ordered_visit_is_to_come(bureau: Bureau) -> None:
    """It is refused with the first order's basis and visit, by code as by name, by whatever basis."""
    unit = spared(bureau)
    first = bureau.json(*order(unit))
    (visit,) = [
        one["id"] for change in first["changes"] if change["why"] == "new" for one in change["visits"]
    ]
    for word in (unit, name_of(bureau, unit)):
        said = bureau.refused(*order(word, basis="信访4号"), code=2)
        assert name_of(bureau, unit) in said
        assert "信访3号" in said
        assert visit in said
    assert len(bureau.json("plan", "repair", "--history")) == 1


def test_others_of_the_same_order_are_visited(bureau: Bureau) -> None:
    """Of two units the one that is ordered already is named, and only the other is added; exit code 5."""
    one, other = spared(bureau), spared(bureau, 1)
    bureau.ok(*order(one))
    done = bureau.run(*order(one, other, basis="信访4号"), "--json")
    assert done.exit_code == 5
    told = json.loads(done.stdout)
    assert added(told) == [other]
    assert [(twice["unit"], twice["basis"]) for twice in told["already"]] == [(one, "信访3号")]
    assert "not ordered again" in bureau.ok("plan", "repair", "--history")


def test_other_domains_of_a_unit_are_another_order(bureau: Bureau) -> None:
    """Fire is ordered, then all: the second visit leaves fire out, and a third order has nothing to add."""
    unit = spared(bureau)
    bureau.ok(*order(unit), "--domain", "fire")
    bureau.refused(*order(unit), "--domain", "fire", code=2)
    (twice,) = bureau.json(*order(unit))["already"]
    assert twice["domains"] == ["fire"]
    bureau.refused(*order(unit), code=2)


def test_a_unit_may_be_ordered_again_after_its_visit(bureau: Bureau) -> None:
    """With an outcome the ordered visit is made; a new complaint is a new visit."""
    unit = spared(bureau)
    first = bureau.json(*order(unit), "--deadline", "2026-12-20")
    (change,) = [one for one in first["changes"] if one["why"] == "new"]
    bureau.now = f"{change['to']['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    bureau.now = f"{change['to']['date']}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--visit", change["visits"][0]["id"], "--as", "done")
    told = bureau.json(*order(unit))
    left = [visit["unit"] for one in told["left_out"] for visit in one["visits"]]
    assert told["already"] == []
    assert unit in [*added(told), *left]


def test_a_unit_that_an_order_names_twice_is_visited_once(bureau: Bureau) -> None:
    """By its code and by its name, and by what it is."""
    unit = {"id": spared(bureau), "name": name_of(bureau, spared(bureau))}
    told = bureau.json(*order(unit["id"], unit["name"], unit["id"]), "--dry-run")
    assert added(told) == [unit["id"]]
    asked = ["plan", "repair", "--order", "川教函9号", "--deadline", "2026-12-31", "--add", unit["name"]]
    told = bureau.json(*asked, "--where", f"name={unit['name']}", "--dry-run")
    assert added(told) == [unit["id"]]


def test_an_order_from_above_without_its_last_day_is_refused(bureau: Bureau) -> None:
    """The sentence says what is missing; with it the order is planned."""
    unit = spared(bureau)
    asked = ["plan", "repair", "--order", "川教函9号", "--add", unit]
    assert "--deadline" in bureau.refused(*asked, code=2)
    bureau.ok(*asked, "--deadline", "2026-12-31", "--dry-run")


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        (("--add", "x", "--where", "kind=kindergarten"), "--where"),
        (("--order", "x", "--deadline", "2026-12-31", "--directed", "y"), "--directed"),
        (("--absent", "x", "2026-12-04", "2026-12-05", "--deadline", "2026-12-31"), "--deadline"),
        (("--move", "x", "2026-12-04", "--outcome", "cancelled"), "--outcome"),
        (("--history", "--domain", "fire"), "--domain"),
    ],
)
def test_an_option_that_says_nothing_is_not_passed_over(
    bureau: Bureau, asked: tuple[str, ...], option: str
) -> None:
    """It belongs to something else that happened."""
    assert option in bureau.refused("plan", "repair", *asked, code=2)


def test_a_visit_may_be_named_by_its_unit(bureau: Bureau) -> None:
    """By name or code; of several visits the sentence lists the ids, of none and of no unit it says so."""
    visit = later(bureau)
    asked = ("--outcome", "cancelled", "--reason", "停办")
    for word in (visit["unit"], name_of(bureau, visit["unit"])):
        (change,) = bureau.json("plan", "repair", "--drop", word, *asked, "--dry-run")["changes"]
        assert change["visits"][0]["id"] == visit["id"]
    bureau.ok(*order(visit["unit"]))
    said = bureau.refused("plan", "repair", "--drop", visit["unit"], *asked, code=2)
    assert "several" in said
    assert visit["id"] in said
    moving = ("2026-12-21", "--reason", "考试", "--approver", "李局长")
    assert visit["id"] in bureau.refused("plan", "repair", "--move", visit["unit"], *moving, code=2)
    planned = {one["unit"] for one in bureau.sealed(1).record["visits"]}
    spared = next(one for one in bureau.json("units", "list") if one["id"] not in planned)
    said = bureau.refused("plan", "repair", "--drop", spared["name"], *asked, code=2)
    assert "no visit to come" in said
    assert "天上" in bureau.refused("plan", "repair", "--drop", "天上", *asked, code=2)


def test_of_units_with_one_name_the_codes_are_listed(bureau: Bureau) -> None:
    """The register has the name twice; a part of a name offers whole ones."""
    units = bureau.json("units", "list")
    bureau.ok("units", "set", units[0]["id"], f"name={units[1]['name']}")
    for asked in (order(units[1]["name"]), ["plan", "explain", "--whole", "--unit", units[1]["name"]]):
        said = bureau.refused(*asked, code=2)
        assert units[0]["id"] in said
        assert units[1]["id"] in said
    bureau.ok(*order(units[0]["id"]), "--dry-run")
    said = bureau.refused(*order(units[2]["name"][1:]), code=2)
    assert units[2]["name"] in said
    for asked in (order("天上"), ["plan", "explain", "--whole", "--unit", "天上"]):
        assert "天上 is no unit" in bureau.refused(*asked, code=2)
