"""What a repair is asked for: units by code or name, nothing ordered twice, nothing passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealed import FOURTEEN, OFFICERS, STAFF, Bureau, copied, drawn_simply

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
        (("--add", "x", "--directed", "y", "--reason", "z"), "--reason"),
        (("--add", "x", "--directed", "y", "--approver", "z"), "--approver"),
        (("--absent", "x", "2026-12-04", "2026-12-05", "--reason", "z"), "--reason"),
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


MOVED = ("--reason", "考试", "--approver", "李局长")
AWAY = ("2026-12-04", "2026-12-31")


def test_a_visit_that_is_dropped_twice_is_dropped_once(bureau: Bureau) -> None:
    """By its id twice, and by id and name."""
    visit = later(bureau)
    asked = ("--outcome", "cancelled", "--reason", "停办", "--dry-run")
    for words in ((visit["id"], visit["id"]), (visit["id"], name_of(bureau, visit["unit"]))):
        drops = [word for one in words for word in ("--drop", one)]
        (change,) = bureau.json("plan", "repair", *drops, *asked)["changes"]
        assert [one["id"] for one in change["visits"]] == [visit["id"]]


def test_a_name_that_means_a_visit_to_come_and_one_left_out_is_asked_for(bureau: Bureau) -> None:
    """Nobody moves another visit than he means; one that is left out alone has no day to move from."""
    visit = later(bureau)
    past = next(one for one in bureau.sealed(1).record["visits"] if one["date"] <= "2026-12-03")
    bureau.run("plan", "repair", "--add", past["unit"], "--directed", "信访3号", "--domain", "fire")
    everybody = [word for at in range(1, STAFF + 1) for word in ("--absent", f"P{at:02d}", *AWAY)]
    bureau.run("plan", "repair", *everybody)
    for word in (visit["id"], name_of(bureau, visit["unit"])):
        said = bureau.refused("plan", "repair", "--move", word, "2026-12-21", *MOVED, code=2)
        assert "left it out" in said
        assert visit["id"] in said
    said = bureau.refused("plan", "repair", "--move", past["unit"], "2026-12-21", *MOVED, code=2)
    assert "several" in said
    assert f"{past['id']} ({past['date']})" in said
    assert "(left out)" in said


def test_a_day_that_cannot_be_names_days_that_can(bureau: Bureau) -> None:
    """Each named day does for the move; a day that is none of the field's names those nearest to it."""
    visit = next(
        one
        for one in sorted(bureau.sealed(1).record["visits"], key=lambda one: str(one["id"]))
        if one["draw"] == "main" and one["date"] > "2026-12-04"
    )
    asked = ("plan", "repair", "--move", visit["id"])
    said = bureau.refused(*asked, "2026-12-13", *MOVED, code=2)
    assert "2026-12-11, 2026-12-14, 2026-12-15" in said or "2026-12-10, 2026-12-11, 2026-12-14" in said
    assert name_of(bureau, visit["unit"]) in said
    hard = [  # on these days nobody is there
        word for at in range(1, STAFF + 1) for word in ("--absent", f"P{at:02d}", "2026-12-08", "2026-12-08")
    ]
    bureau.run("plan", "repair", *hard)
    said = bureau.refused(*asked, "2026-12-08", *MOVED, code=3)
    days = [word.strip(".,;") for word in said.replace("(", " ").split() if word.startswith("2026-12-")]
    named = [day for day in days if day != "2026-12-08"]
    assert 1 <= len(named) <= 3 or "nor on any other day" in said
    for day in named:
        done = bureau.run(*asked, day, *MOVED, "--dry-run")
        assert done.exit_code in (0, 5), done.output


def test_the_history_tells_when_what_and_by_whose_word(bureau: Bureau) -> None:
    """An absence with its days, an outcome with its reason, an order with its basis and last day."""
    visit = later(bureau)
    team = visit["team"]
    bureau.run("plan", "repair", "--absent", team[0], "2026-12-31", "2026-12-31")
    bureau.run("plan", "repair", "--order", "川教函9号", "--deadline", "2026-12-30", "--add", spared(bureau))
    bureau.ok("plan", "repair", "--drop", visit["id"], "--outcome", "cancelled", "--reason", "停办")
    told = bureau.ok("plan", "repair", "--history")
    for text in (
        "2026-12-03 20:00 somebody is absent", "2026-12-31", "basis: 川教函9号",
        "deadline: 2026-12-30", "reason: 停办", f"{name_of(bureau, visit['unit'])} ({visit['id']})",
        "outcome: not made",
    ):  # fmt: skip
        assert text in told
    past = next(one for one in bureau.sealed(1).record["visits"] if one["date"] <= "2026-12-03")
    assert f"{name_of(bureau, past['unit'])} ({past['id']})" in told


def test_what_matches_nothing_is_said(bureau: Bureau) -> None:
    """Which of several values no unit has, or that none has all of them."""
    asked = ("plan", "repair", "--order", "X", "--deadline", "2026-12-18")
    said = bureau.refused(*asked, "--where", "kind=kindergarten", "--where", "township=天上镇", code=2)
    assert "township=天上镇: no unit matches" in said
    assert "kind" not in said
    units = bureau.json("units", "list")
    other = next(one for one in units if one["kind"] != "kindergarten")
    both = ("--where", "kind=kindergarten", "--where", f"name={other['name']}")
    assert "no unit matches all of it" in bureau.refused(*asked, *both, code=2)
    bureau.ok("units", "set", spared(bureau), "closed=true", "name=关门园")
    assert "closed" in bureau.refused(*asked, "--where", "name=关门园", code=2)


def test_an_order_is_done_where_its_domain_applies(bureau: Bureau) -> None:
    """The units that have none of it are named as refused, not the whole order; alone they are an error."""
    units = bureau.json("units", "list")
    boarding = next(one for one in units if one["boarders"])
    none = spared(bureau)
    asked = ("plan", "repair", "--order", "X", "--deadline", "2026-12-31", "--domain", "dorms", "--dry-run")
    found = bureau.run(*asked, "--add", boarding["id"], "--add", none, "--json")
    assert found.exit_code == 5, found.output
    told = json.loads(found.stdout)
    assert (none, "no-domain") in [(one["unit"], one["reason"]) for one in told["refused"]]
    assert boarding["id"] in added(told) + [one["unit"] for one in told["refused"]]
    text = bureau.run(*asked, "--add", boarding["id"], "--add", none).output
    assert f"1 unit has none of the ordered domains and is not visited: {name_of(bureau, none)}" in text
    assert name_of(bureau, none) in bureau.refused(*asked, "--add", none, code=2)


def test_an_absence_outside_the_plan_is_refused(bureau: Bureau) -> None:
    """With the period; one that reaches into it holds."""
    who = later(bureau)["team"][0]
    for first, last in (("2026-11-01", "2026-11-30"), ("2027-01-01", "2027-01-09")):
        said = bureau.refused("plan", "repair", "--absent", who, first, last, code=2)
        assert "2026-12-01 to 2026-12-31" in said
    assert bureau.run(
        "plan", "repair", "--absent", who, "2026-12-31", "2027-01-09", "--dry-run"
    ).exit_code in (0, 5)


def test_on_the_last_day_nothing_can_be_ordered_any_more(bureau: Bureau) -> None:
    """The sentence says that the period is over, and no first day after the last."""
    bureau.now = "2026-12-31T20:00:00+08:00"
    said = bureau.refused(*order(spared(bureau)), code=2)
    assert "is over (2026-12-31)" in said
    assert "2027" not in said
