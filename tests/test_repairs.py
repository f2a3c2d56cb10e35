"""A sealed plan is repaired while its period runs: drills from an absence to a verified close."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from auditor.draw.verify import verify
from sealed import Bureau, drawn_simply

ILL = "2027-01-01T09:00:00+08:00"
EVENING = "2026-12-03T20:00:00+08:00"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is sealed."""
    return drawn_simply(tmp_path_factory.mktemp("planned"))


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it, on the evening of the third day."""
    copytree(planned.folder, tmp_path / "own")
    own = object.__new__(Bureau)
    own.folder, own.db, own.now = tmp_path / "own", tmp_path / "own" / "bureau.db", EVENING
    return own


def visits_of(bureau: Bureau) -> list[dict[str, Any]]:
    """The visits of the sealed plan, by day."""
    return sorted(bureau.sealed(1).record["visits"], key=lambda one: (one["date"], one["slot"], one["id"]))


def current(bureau: Bureau) -> dict[str, dict[str, Any]]:
    """The visits as they stand, by id, opened behind the program's back."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of
    from auditor.workflow.keys import open_key
    from auditor.workflow.repairs import read_current

    with opened(bureau.db) as db:
        _sealed, now = read_current(db, number_of(db, 1), open_key(db, lambda: None))
    return {one["id"]: dict(one) for one in now.visits}


def closed(bureau: Bureau) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Close number 1 and verify it as a stranger; give the transcript and its outcomes by visit."""
    bureau.now = ILL
    said = bureau.json("draw", "close", 1, "--out", bureau.folder / "public")
    data = (bureau.folder / "public" / "transcript.json").read_bytes()
    failed, _told = verify(data, said["commit_sha256"], said["plan_root"])
    assert failed == []
    transcript = json.loads(data)
    return transcript, {one["id"]: one for one in transcript["outcomes"]}


def last_person(bureau: Bureau) -> tuple[dict[str, Any], str]:
    """The last visit of the plan, and one of its team."""
    visit = visits_of(bureau)[-1]
    return visit, visit["team"][0]


def test_an_absence_is_repaired_released_and_closed(bureau: Bureau) -> None:
    """One seat changes; the day's release tells the new team, and the transcript says who really went."""
    visit, who = last_person(bureau)
    before = {one["id"]: one for one in visits_of(bureau)}
    rosters = bureau.tables()[0]["rosters"]
    found = bureau.json("plan", "repair", "--absent", who, "2026-12-28", "2026-12-31")
    assert (found["moves"], found["moves_bound"]) == (0, 0)
    assert found["seats"] == found["seats_bound"] == 1
    change = found["changes"][0]
    assert [one["id"] for one in change["visits"]] == [visit["id"]]
    assert change["why"] == "absent"
    assert {one["person"] for one in found["tell"]} == {who, *current(bureau)[visit["id"]]["team"]} - {
        *visit["team"][1:]
    }
    now = current(bureau)
    assert who not in now[visit["id"]]["team"]
    assert {name: one for name, one in now.items() if one != before[name]}.keys() == {visit["id"]}
    assert bureau.tables()[0]["rosters"] == rosters
    assert bureau.sealed(1).record["visits"] == sorted(before.values(), key=lambda one: one["id"])

    bureau.now = f"{visit['date']}T08:00:00+08:00"
    released = bureau.json("plan", "release")
    assert [one["id"] for one in released] == [visit["id"]]
    bureau.now = f"{visit['date']}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--as", "done")
    transcript, outcomes = closed(bureau)
    assert outcomes[visit["id"]]["team"] == now[visit["id"]]["team"]
    assert "date" not in outcomes[visit["id"]]
    assert next(one for one in transcript["plan"] if one["id"] == visit["id"])["team"] == visit["team"]


def test_past_begun_and_released_visits_stay_and_open_ones_are_said(bureau: Bureau) -> None:
    """On the evening of day 3 days 1 to 3 are frozen, whoever is ill; those without an outcome are named."""
    past = [one for one in visits_of(bureau) if one["date"] <= "2026-12-03"]
    who = past[0]["team"][0]
    found = bureau.json("plan", "repair", "--absent", who, "2026-12-01", "2026-12-31")
    now = current(bureau)
    assert past
    assert all(now[one["id"]] == one for one in past)
    assert found["open_past"] == sorted(one["id"] for one in past)
    assert set(found["still_out"]) == {one["id"] for one in past if who in one["team"]}
    assert all(who not in one["team"] for one in now.values() if one["date"] > "2026-12-03")

    future = visits_of(bureau)[-1]
    bureau.now = f"{future['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    after_release = current(bureau)[future["id"]]
    bureau.ok("plan", "repair", "--absent", after_release["team"][0], future["date"], future["date"])
    assert current(bureau)[future["id"]] == after_release


def test_a_dry_run_keeps_nothing_and_shows_the_same(bureau: Bureau) -> None:
    """The diff beforehand is the diff afterwards, and stays readable with the key."""
    _visit, who = last_person(bureau)
    asked = ("plan", "repair", "--absent", who, "2026-12-28", "2026-12-31")
    before = bureau.tables()
    shown = bureau.json(*asked, "--dry-run")
    assert bureau.tables() == before
    kept = bureau.json(*asked)
    assert {**shown, "dry_run": False} == kept
    assert bureau.json("plan", "repair", "--history") == kept["numbers"]


def test_an_absence_that_nobody_can_fill_gives_a_reason(bureau: Bureau) -> None:
    """Everybody of the number is away to the end: what is to come is left out, cancelled at the close."""
    later = {one["id"] for one in visits_of(bureau) if one["date"] > "2026-12-03"}
    people = [(f"P{at:02d}", "2026-12-04", "2026-12-31") for at in range(1, 13)]
    found = bureau.run("plan", "repair", *(word for one in people for word in ("--absent", *one)), "--json")
    assert found.exit_code == 5, found.output
    told = json.loads(found.stdout)
    assert {visit["id"] for one in told["left_out"] for visit in one["visits"]} == later
    assert {one["reason"] for one in told["left_out"]} == {"no-team"}
    assert "no team is there on any day" in bureau.ok("plan", "repair", "--history", "--lang", "en")
    _transcript, outcomes = closed(bureau)
    assert {name for name, one in outcomes.items() if one["reason"] == "no-team"} == later
    assert {outcomes[name]["outcome"] for name in later} == {"cancelled"}


def test_what_was_left_out_comes_back_when_it_can(bureau: Bureau) -> None:
    """An absence keeps: the next repair does not put the person back, and tries again what was left out."""
    _visit, who = last_person(bureau)
    bureau.ok("plan", "repair", "--absent", who, "2026-12-04", "2026-12-31")
    assert bureau.json("plan", "repair", "--absent", who, "2026-12-30", "2026-12-31")["changes"] == []
    assert all(who not in one["team"] for one in current(bureau).values() if one["date"] > "2026-12-03")


def test_a_dropped_visit_has_its_outcome_and_the_others_of_its_sortie_go_on(bureau: Bureau) -> None:
    """Nobody deletes a visit: without outcome or reason it is refused, with them it is public."""
    several = [one for one in visits_of(bureau) if one["sortie"] == "S001"]
    gone, *others = several
    assert others
    bureau.refused("plan", "repair", "--drop", gone["id"], code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "cancelled", code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "done", "--reason", "x", code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "closed", "--reason", "x", code=2)
    assert gone["id"] in bureau.refused(
        "plan", "repair", "--drop", gone["id"][:-1] + "x", "--outcome", "cancelled", "--reason", "停办"
    ).replace("x", gone["id"][-1])
    found = bureau.json("plan", "repair", "--drop", gone["id"], "--outcome", "cancelled", "--reason", "停办")
    assert [(one["why"], one["visits"][0]["id"]) for one in found["changes"]] == [("dropped", gone["id"])]
    now = current(bureau)
    assert gone["id"] not in now
    assert all(
        (now[one["id"]]["date"], now[one["id"]]["team"]) == (one["date"], one["team"]) for one in others
    )
    bureau.now = f"{gone['date']}T08:00:00+08:00"
    assert gone["id"] not in [one["id"] for one in bureau.json("plan", "release")]
    _transcript, outcomes = closed(bureau)
    assert outcomes[gone["id"]] == {"id": gone["id"], "outcome": "cancelled", "reason": "停办"}


def test_a_postponed_visit_says_who_approved_it_and_is_counted(bureau: Bureau) -> None:
    """It leaves its sortie, has the day that was approved, and the close tells day and reason."""
    visit = next(one for one in visits_of(bureau) if one["date"] == "2026-12-08")
    asked = ["plan", "repair", "--move", visit["id"]]
    bureau.refused(*asked, "2026-12-10", "--reason", "考试", code=2)
    bureau.refused(*asked, "2026-12-02", "--reason", "考试", "--approver", "李局长", code=2)
    bureau.refused(*asked, "2026-12-13", "--reason", "考试", "--approver", "李局长", code=2)
    days = [f"2026-12-{day:02d}" for day in (9, 10, 11, 14, 15, 16, 17, 18)]
    tried = [bureau.run(*asked, day, "--reason", "考试", "--approver", "李局长", "--json") for day in days]
    assert {one.exit_code for one in tried} <= {0, 2, 3}
    done = [day for day, one in zip(days, tried, strict=True) if one.exit_code == 0]
    assert done
    assert current(bureau)[visit["id"]]["date"] == done[-1]
    assert [one["postponed"] for one in bureau.json("draw", "ledger")] == [1]
    assert visit["id"] not in json.dumps(bureau.json("draw", "ledger"))
    bureau.now = f"{done[-1]}T08:00:00+08:00"
    assert visit["id"] in [one["id"] for one in bureau.json("plan", "release")]
    bureau.now = f"{done[-1]}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--as", "done")
    _transcript, outcomes = closed(bureau)
    assert outcomes[visit["id"]]["date"] == done[-1]
    assert outcomes[visit["id"]]["reason"] == "考试"


def test_an_ordered_visit_is_planned_released_and_no_part_of_the_draw(bureau: Bureau) -> None:
    """It has sorties of its own; the sealed plan and the transcript know nothing of it."""
    unit = visits_of(bureau)[-1]["unit"]
    bureau.refused("plan", "repair", "--add", unit, code=2)
    bureau.refused("plan", "repair", "--add", "nowhere", "--directed", "信访3号", code=2)
    found = bureau.json("plan", "repair", "--add", unit, "--directed", "信访3号")
    assert {one["why"] for one in found["changes"]} == {"new"}
    fresh = [one for one in current(bureau).values() if one["source"] == "directed"]
    assert {one["unit"] for one in fresh} == {unit}
    drawn = {one["sortie"] for one in visits_of(bureau)}
    assert not drawn & {one["sortie"] for one in fresh}
    first = min(fresh, key=lambda one: str(one["date"]))
    half_days = [(one["date"], one["slot"]) for one in current(bureau).values() if one["unit"] == unit]
    assert len(half_days) == len(set(half_days))
    bureau.now = f"{first['date']}T07:00:00+08:00"
    assert first["id"] in [one["id"] for one in bureau.json("plan", "release")]
    bureau.now = f"{first['date']}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--visit", first["id"], "--as", "done")
    transcript, outcomes = closed(bureau)
    assert first["id"] not in outcomes
    assert {one["source"] for one in transcript["plan"]} == {"drawn"}


def test_an_order_is_done_by_its_deadline_and_ordinary_visits_make_room(bureau: Bureau) -> None:
    """Every unit of the sweep is visited in time or refused with a reason; no ordinary visit is lost."""
    before = {one["id"] for one in visits_of(bureau)}
    done = bureau.run(
        "plan", "repair", "--order", "川教函〔2026〕9号", "--deadline", "2026-12-15",
        "--where", "kind=kindergarten", "--domain", "fire", "--json",
    )  # fmt: skip
    assert done.exit_code in (0, 5), done.output
    found = json.loads(done.stdout)
    fresh = [one for one in current(bureau).values() if one["source"] == "directed"]
    from auditor.workflow.bureau import opened
    from auditor.workflow.units import list_units

    with opened(bureau.db) as db:
        wanted = {one.id for one in list_units(db, {"kind": "kindergarten"})}
    assert {one["unit"] for one in fresh} | {one["unit"] for one in found["refused"]} == wanted
    assert fresh
    assert {one["basis"] for one in fresh} == {"川教函〔2026〕9号"}
    assert all("2026-12-04" <= one["date"] <= "2026-12-15" for one in fresh)
    left = {visit["id"] for one in found["left_out"] for visit in one["visits"]}
    assert before - left <= set(current(bureau))
    bureau.refused("plan", "repair", "--order", "X", "--deadline", "2027-02-01", "--add", "x", code=2)


def test_the_password_is_needed_and_one_thing_at_a_time(tmp_path: Path, bureau: Bureau) -> None:
    """A repair opens the plan, so it asks as `plan release` does; unclear requests change nothing."""
    bureau.refused("plan", "repair", code=2)
    bureau.refused("plan", "repair", "--absent", "甲", "2026-12-04", "2026-12-31", "--history", code=2)
    bureau.refused("plan", "repair", "--absent", "谁也不是", "2026-12-04", "2026-12-31", code=2)
    bureau.refused("plan", "repair", "--absent", "P01", "12月4日", "2026-12-31", code=2)
    word = tmp_path / "password.txt"
    word.write_text("口令\n", encoding="utf-8")
    locked = (
        Bureau(tmp_path / "locked", "simple", "--password-file", word) if _made(tmp_path / "locked") else None
    )
    assert locked is not None
    assert "no number has a sealed plan" in locked.refused(
        "plan", "repair", "--absent", "P01", "2026-12-04", "2026-12-31",
        "--password-file", word, "--lang", "en", code=2,
    )  # fmt: skip
    assert "password" in locked.refused("plan", "repair", "--history", "--lang", "en")


def _made(folder: Path) -> bool:
    folder.mkdir()
    return True


def test_repairs_that_lose_a_visit_are_refused(bureau: Bureau) -> None:
    """Anyone can seal for the public key; a repaired plan without one of its visits is not taken."""
    from dataclasses import replace
    from datetime import datetime

    from auditor.store.records import read_settings
    from auditor.store.writing import write_tx
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of
    from auditor.workflow.keys import PUBLIC, open_key
    from auditor.workflow.repairs import put_current, read_current

    with opened(bureau.db) as db:
        _sealed, now = read_current(db, number_of(db, 1), open_key(db, lambda: None))
        with write_tx(db, "attack", datetime.fromisoformat(EVENING)) as tx:
            put_current(tx, 1, replace(now, visits=now.visits[1:]), read_settings(db)[PUBLIC])
    assert "--" not in bureau.refused("plan", "release", code=4)
