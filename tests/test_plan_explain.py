"""`auditor plan explain`: with the key everything, without it what was released, after the close all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.plan import make
from auditor.plan.cures import applied
from auditor.plan.explain import errand_of, placed
from auditor.store.units import read_units
from auditor.workflow import door, explaining, telling
from auditor.workflow.bureau import opened
from auditor.workflow.ceremony import number_of
from auditor.workflow.domains import load_all
from sealed import DECEMBER, FOLDER, OFFICERS, Bureau, copied, county_rows, drawn_simply

WHOLE = "--whole"
PASSWORD = "保险柜 7"


def planned(folder: Path, *key: object) -> Bureau:
    """A bureau that nobody inspects school buses for: a plan of some visits and many reasons.

    Fourteen of its sixteen units are drawn, so of the eight with buses and the eight without some of each.
    """
    bureau = Bureau(folder, "simple", *key)
    head, *rows = county_rows()
    buses = head.split(",").index("校车数")
    with_buses = [row for row in rows if row.split(",")[buses] not in ("", "0")]
    without = [row for row in rows if row.split(",")[buses] == "0"]
    bureau.county([head, *with_buses[:8], *without[:8]])
    staff = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig")
    text = staff.replace("transport;", "").replace(";transport", "")
    (folder / "inspectors.csv").write_text(text, encoding="utf-8")
    bureau.ok("inspectors", "import", folder / "inspectors.csv")
    bureau.programme(DECEMBER.replace("units = 9", "units = 14\nweekly = 0"))
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", *key)
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 5, *key)
    return bureau


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a bureau, to be copied by who changes it."""
    made = tmp_path_factory.mktemp("explain")
    planned(made)
    return made


@pytest.fixture
def bureau(folder: Path, tmp_path: Path) -> Bureau:
    """A copy of it of its own, on the eve of the period."""
    return copied(folder, tmp_path / "bureau", "2026-11-30T09:00:00+08:00")


def sealed_plan(bureau: Bureau) -> dict[str, Any]:
    """The plan's record, opened."""
    record: dict[str, Any] = bureau.sealed(1).record
    return record


def test_with_the_key_every_unplaced_visit_has_its_reason_and_a_confirmed_cure(bureau: Bureau) -> None:
    """The cures, as they are told, are applied once more to the frozen problem, and place the visit."""
    record = sealed_plan(bureau)
    told = bureau.json("plan", "explain", "--programme", "2026-12", WHOLE)
    assert [(one["unit"], one["reason"]) for one in told["unplaced"]] == [
        (one["unit"], one["reason"]) for one in record["unplaced"]
    ]
    assert {one["reason"] for one in told["unplaced"]} >= {"no-skill"}
    for one in told["unplaced"]:
        assert one["cure"], one
        if one["reason"] == "no-skill":
            assert [(cure["kind"], cure["domains"]) for cure in one["cure"]] == [("skill", ["transport"])]
            assert one["numbers"]["transport"] == 0
    assert told["clash"] == []
    with opened(bureau.db) as db:
        seen = door.look(db, number_of(db, 1), lambda: None)
        plugins = load_all((), db, date(2026, 11, 30))
        world = explaining.open_world(db, seen, plugins, lambda: None)
        why = explaining.why_not(world, work=5, unit=told["unplaced"][0]["unit"]).whys[0]
    own = errand_of(world.problem, why.unplaced)
    single = replace(world.problem, errands=(own,), keep_order=(own.unit,))
    assert not placed(single, work=5)
    assert placed(applied(single, why.cure), work=5)


def test_people_are_told_by_name_and_units_too(bureau: Bureau) -> None:
    """No neutral id is left in the text."""
    text = bureau.ok("plan", "explain", WHOLE)
    assert "transport" in text
    with opened(bureau.db) as db:
        own, people = telling.own_ids(db, 1), telling.names_of(db)[1]
    assert not any(neutral in text for neutral in own)
    assert any(people[one] in text for one in own.values())


def test_without_the_key_only_counts_are_told(bureau: Bureau) -> None:
    """No unit, no domain, no reason; `more` counts half-days, cars and people."""
    record = sealed_plan(bureau)
    text = bureau.ok("plan", "explain", "--programme", "2026-12")
    answer = bureau.json("plan", "explain")
    more = answer.pop("more", {})
    assert set(more) <= {"half_days", "cars", "people", "least"}
    assert all(one is None or isinstance(one, int) for one in more.values())
    assert set(answer) == {"number", "state", "visits", "unplaced", "sorties", "plan_root", "secrecy"}
    assert answer["unplaced"] == len(record["unplaced"])
    for one in (*record["visits"], *record["unplaced"]):
        assert one["unit"] not in text + json.dumps(answer)


def test_without_the_key_a_drawn_unit_answers_as_one_that_was_not(bureau: Bureau) -> None:
    """The same sentence but for the name asked; what is no unit is told so, for the register is no secret."""
    record = sealed_plan(bureau)
    drawn = {one["unit"] for one in (*record["visits"], *record["unplaced"])}
    with opened(bureau.db) as db:
        other = next(one.id for one in read_units(db) if one.id not in drawn)
    visited, left = record["visits"][0]["unit"], record["unplaced"][0]["unit"]
    said = {
        bureau.refused("plan", "explain", "--unit", one, code=2).replace(one, "…")
        for one in (visited, left, other)
    }
    assert len(said) == 1
    assert "no unit" in bureau.refused("plan", "explain", "--unit", "nowhere", code=2)


def test_a_released_visit_is_told_and_no_other(bureau: Bureau) -> None:
    """On its day, to everybody; the lots stay sealed."""
    record = sealed_plan(bureau)
    first = min(record["visits"], key=lambda one: one["date"])
    bureau.now = f"{first['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    (told, *rest) = bureau.json("plan", "explain", "--unit", first["unit"])["released"]
    assert {one["unit"] for one in (told, *rest)} == {first["unit"]}
    today = {one["unit"] for one in record["visits"] if one["date"] == first["date"]}
    left = next(one["unit"] for one in record["unplaced"] if one["unit"] not in today)
    bureau.refused("plan", "explain", "--unit", left, code=2)
    assert told["id"] in {one["id"] for one in record["visits"] if one["unit"] == first["unit"]}
    assert "lots" not in told


def lots_agree(rows: list[dict[str, Any]], record: dict[str, Any], unit: str) -> None:
    """Hold what is told of a unit's visits against the departures of the plan."""
    for visit in [visit for one in rows for visit in one["visits"]]:
        departures = {one["of"]: one for one in record["departures"] if one["sortie"] == visit["sortie"]}
        lots = visit["lots"]
        for of, rank, earlier in (
            ("day", lots["day_rank"], lots["earlier_days"]),
            ("team", lots["team_rank"], lots["earlier_teams"]),
        ):
            assert rank == departures.get(of, {"rank": 0})["rank"]
            assert all(one["rule"] for one in earlier)
            if of in departures:
                assert earlier[0]["rule"] == departures[of]["rule"]
        assert unit in {one["unit"] for one in record["visits"] if one["id"] == visit["id"]}


def test_the_lots_of_a_visit_are_those_of_the_plan_and_its_departures(bureau: Bureau) -> None:
    """Rank and rule for each visit; the chance is that of the frame; the text tells the same."""
    record = sealed_plan(bureau)
    drawn = bureau.drawn(1)
    for unit in sorted({one["unit"] for one in record["visits"]}):
        rows = bureau.json("plan", "explain", "--number", 1, WHOLE, "--unit", unit)
        assert sum(len(one["visits"]) for one in rows) == sum(one["unit"] == unit for one in record["visits"])
        lots_agree(rows, record, unit)
        for row in rows:
            (pi,) = [one["pi"] for one in drawn.frames[row["draw"]]["units"] if one["id"] == unit]
            assert row["pi"] == pi
            assert row["drawn"] == (unit in drawn.units[row["draw"]])
            text = bureau.ok("plan", "explain", WHOLE, "--unit", unit)
            assert f"{pi / 10_000:.4f} %" in text


def test_after_the_close_everybody_is_told(bureau: Bureau) -> None:
    """Reasons and lots, without the key; the answer is the one with it."""
    record = sealed_plan(bureau)
    unit = record["unplaced"][0]["unit"]
    with_key = bureau.json("plan", "explain", WHOLE, "--unit", unit)
    bureau.now = "2027-01-01T09:00:00+08:00"
    visits = [part for one in record["visits"] for part in ("--visit", one["id"])]
    bureau.ok("draw", "outcome", 1, *visits, "--as", "done")
    bureau.ok("draw", "close", 1, "--out", bureau.folder / "public")
    assert bureau.json("plan", "explain", "--unit", unit) == with_key
    assert any(one["unplaced"] for one in with_key)


def test_the_password_is_needed_and_a_wrong_one_opens_nothing(tmp_path: Path) -> None:
    """With it, once, everything."""
    (tmp_path / "pw").write_text(f"{PASSWORD}\n", encoding="utf-8")
    (tmp_path / "wrong").write_text("123456\n", encoding="utf-8")
    bureau = planned(tmp_path, "--password-file", tmp_path / "pw")
    bureau.refused("plan", "explain", WHOLE)
    bureau.refused("plan", "explain", "--password-file", tmp_path / "wrong")
    unit = sealed_unit(bureau, tmp_path / "pw")
    rows = bureau.json("plan", "explain", "--password-file", tmp_path / "pw", "--unit", unit)
    assert any(one["unplaced"] for one in rows)


def sealed_unit(bureau: Bureau, password: Path) -> str:
    """A unit that is unplaced."""
    shown = bureau.json("plan", "show", "--password-file", password)
    return str(shown["unplaced"][0]["unit"])


def test_a_number_without_a_plan_and_an_unknown_unit_are_told_in_a_sentence(
    bureau: Bureau, tmp_path: Path
) -> None:
    """Exit 2, nothing changed."""
    assert "nowhere" in bureau.refused("plan", "explain", WHOLE, "--unit", "nowhere", code=2)
    (tmp_path / "other").mkdir()
    other = Bureau(tmp_path / "other")
    other.county()
    other.programme()
    other.ok("draw", "freeze", "--programme", "2026-12")
    other.refused("plan", "explain", "--number", 1, code=2)


def test_domains_are_told_by_their_names(bureau: Bureau) -> None:
    """In Chinese no key of a domain stands in what people read of a plan; programs get keys."""
    keys = re.compile(r"\b(dorms|fire|food|transport)\b")
    unit = next(one["unit"] for one in bureau.sealed(1).record["unplaced"])
    visit = min(bureau.sealed(1).record["visits"], key=lambda one: str(one["date"]))
    outside = bureau.folder / "files"
    asked: list[tuple[object, ...]] = [
        ("programme", "list"),
        ("programme", "show", "2026-12"),
        ("inspectors", "list"),
        ("plan", "show", WHOLE),
        ("plan", "explain", WHOLE, "--work", 1),
        ("plan", "explain", WHOLE, "--work", 1, "--unit", unit),
        ("plan", "export", WHOLE, "--out", outside),
        ("plan", "repair", "--add", unit, "--directed", "信访3号", "--work", 1),
    ]
    for words in asked:
        done = bureau.run(*words, "--lang", "zh")
        assert done.exit_code in (0, 5), done.output
        assert not keys.search(done.output), done.output
    for page in ("tasks.html", "cars.html", "map.svg"):
        assert not keys.search((outside / page).read_text(encoding="utf-8")), page
    cells = openpyxl.load_workbook(outside / "plan.xlsx", read_only=True)
    told = " ".join(str(one) for sheet in cells for row in sheet.iter_rows(values_only=True) for one in row)
    assert not keys.search(told)
    assert "校车" in told
    assert "repairs since it was sealed: 1" in bureau.ok(
        "plan", "explain", WHOLE, "--unit", unit, "--work", 1, "--lang", "en"
    )
    bureau.now = f"{visit['date']}T07:00:00+08:00"
    for words in (("plan", "release"), ("plan", "repair", "--history"), ("past", "list")):
        done = bureau.run(*words, "--lang", "zh")
        assert done.exit_code == 0, done.output
        assert not keys.search(done.output), done.output
    assert bureau.json("plan", "release")[0]["domains"] == sorted(visit["domains"])


def test_what_more_would_place_all_is_one_answer_whoever_asks(tmp_path: Path) -> None:
    """Two people with one half-day each: `plan make`, `plan show` and `plan explain` advise the same."""
    officers = [*OFFICERS[:1], *(row.removesuffix(",4") + ",1" for row in OFFICERS[1:3])]
    bureau = drawn_simply(
        tmp_path,
        plan=False,
        inspectors=officers,
        programme=DECEMBER.replace("units = 9", "units = 6\nweekly = 0").replace('"dorms", ', ""),
    )
    made = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10)
    assert made["unplaced"]
    told = bureau.run("plan", "explain", WHOLE)
    assert "tried out" in told.stderr
    answer = bureau.run("plan", "explain", WHOLE, "--json")
    assert answer.stderr == ""
    found = json.loads(answer.stdout)["more"]
    assert found["least"]
    assert made["more"] == bureau.json("plan", "show")["more"] == found
    assert "fewer might do" not in bureau.ok("plan", "show") + told.stdout


@pytest.mark.parametrize(
    ("early", "late", "told"),
    [
        (0, 14, "in the morning the team is back 14 min later"),
        (5, 0, "in the morning the team leaves 5 min earlier"),
        (5, 14, "in the morning the team leaves 5 min earlier and is back 14 min later"),
    ],
)
def test_no_part_of_a_cure_is_nothing(early: int, late: int, told: str) -> None:
    """Nobody is told to leave 0 minutes earlier."""
    from auditor.pages.plan_words import change_text
    from auditor.plan.cures import Change

    record = explaining.change_record(Change(kind="minutes", slot="morning", early=early, late=late), {})
    assert change_text(record, {}, {}, {}) == told


@pytest.mark.parametrize(
    ("leave", "told", "where"),
    [
        ({}, "甲 stands by on 2026-12-01, morning", "stand-by follows"),
        (
            {("P01", "2026-12-01/morning"): True},
            "甲 is back from leave on 2026-12-01, morning",
            "end the leave",
        ),
        (
            {("P01", "2026-12-01/morning"): False},
            "甲 is back from leave and stands by on 2026-12-01, morning",
            "end the leave",
        ),
    ],
)
def test_who_is_on_leave_comes_back_from_it(
    leave: dict[tuple[str, str], bool], told: str, where: str
) -> None:
    """A cure says what stands in the way, and where it is changed."""
    from auditor.pages.plan_words import change_text, where_lines
    from auditor.plan.cures import Change

    change = Change(kind="stand-by", who="P01", day="2026-12-01", slot="morning")
    record = explaining.change_record(change, {}, leave)
    assert change_text(record, {}, {"P01": "甲"}, {}) == told
    assert any(where in line for line in where_lines([{"cure": [record]}]))


def test_every_kind_of_cure_says_where_it_is_changed() -> None:
    """No kind is without a line."""
    from auditor.pages.plan_words import WHERE_WORDS
    from auditor.plan.cures import COST

    assert set(COST) <= set(WHERE_WORDS)


def test_leave_is_told_as_leave_for_the_half_days_it_takes(bureau: Bureau) -> None:
    """Of a whole staff on leave every cure that asks for somebody says 销假; after it nobody else's does."""
    with opened(bureau.db) as db:
        own = {one: neutral for neutral, one in telling.own_ids(db, 1).items()}
    who = min(own)
    row = f"person,from,to\n{who},2026-12-07,2026-12-08\n"
    (bureau.folder / "leave2.csv").write_text(row, encoding="utf-8")
    bureau.ok("leave", "import", bureau.folder / "leave2.csv")
    with opened(bureau.db) as db:
        found = explaining._on_leave(db, 1, ["2026-12-07", "2026-12-09"])
    mine = sorted(half_day for one, half_day in found if one == own[who])
    assert mine == ["2026-12-07/afternoon", "2026-12-07/evening", "2026-12-07/morning"]


def test_a_plan_whose_work_ended_is_kept_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where work ends before every unit could be asked, the plan passes its own check and says so."""
    bureau = drawn_simply(tmp_path, plan=False)
    real = make.make_plan
    monkeypatch.setattr(make, "make_plan", lambda *words, **more: replace(real(*words, **more), cut=True))
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 10)
    assert bureau.sealed(1).record["cut"] is True
    bureau.ok("plan", "check", "--programme", "2026-12")
    assert "more may fit" in bureau.ok("plan", "show", "--programme", "2026-12", WHOLE)
