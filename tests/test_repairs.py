"""A sealed plan is repaired while its period runs: drills from an absence to a verified close."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.draw.verify import verify
from auditor.workflow.repairs import Current
from sealed import FOURTEEN, OFFICERS, STAFF, Bureau, copied, county_rows, drawn_simply

ILL = "2027-01-01T09:00:00+08:00"
EVENING = "2026-12-03T20:00:00+08:00"
EVERYBODY = [
    word for at in range(1, STAFF + 1) for word in ("--absent", f"P{at:02d}", "2026-12-04", "2026-12-31")
]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is sealed."""
    return drawn_simply(tmp_path_factory.mktemp("planned"), inspectors=OFFICERS, programme=FOURTEEN)


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it, on the evening of the third day."""
    return copied(planned.folder, tmp_path / "own", EVENING)


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


def replaceable(bureau: Bureau) -> tuple[str, str, set[str]]:
    """A day, somebody who is out on it and can be replaced by another, and the visits that this concerns."""
    for visit in reversed(visits_of(bureau)):
        for who in visit["team"]:
            day = visit["date"]
            found = bureau.run("plan", "repair", "--absent", who, day, day, "--dry-run", "--json")
            told = json.loads(found.stdout)
            if day > bureau.now and not told["left_out"] and (told["moves"], told["seats"]) == (0, 1):
                return day, who, {one["id"] for change in told["changes"] for one in change["visits"]}
    raise AssertionError("nobody of this plan can be replaced by one other")


def test_an_absence_is_repaired_released_and_closed(bureau: Bureau) -> None:
    """One seat changes; the day's release tells the new team, and the transcript says who really went."""
    day, who, concerned = replaceable(bureau)
    before = {one["id"]: one for one in visits_of(bureau)}
    rosters = bureau.tables()[0].get("rosters")
    as_sealed = bureau.ok("plan", "show", "--programme", "2026-12", "--whole")
    assert "repairs since" not in as_sealed
    assert "gives" in bureau.ok("plan", "show", "--programme", "2026-12")
    assert bureau.json("plan", "show", "--programme", "2026-12")["secrecy"]
    found = bureau.json("plan", "repair", "--absent", who, day, day)
    assert (found["moves"], found["moves_bound"]) == (0, 0)
    assert found["seats"] == found["seats_bound"] == 1
    assert [one["why"] for one in found["changes"]] == ["absent"]
    now = current(bureau)
    assert {name for name, one in now.items() if one != before[name]} == concerned
    name = min(concerned)
    assert who in before[name]["team"]
    assert who not in now[name]["team"]
    assert {one["person"] for one in found["tell"]} == set(before[name]["team"]) | set(now[name]["team"])
    assert bureau.tables()[0].get("rosters") == rosters
    shown = bureau.ok("plan", "show", "--programme", "2026-12", "--whole")
    assert f"repairs since it was sealed: 1; as it stands now: {len(before)} visits, 0 of them" in shown
    rows, sealed = (
        [line for line in text.splitlines() if before[name]["sortie"] in line] for text in (shown, as_sealed)
    )
    assert len(rows) == len(sealed) > 0
    assert all(row != one for row, one in zip(rows, sealed, strict=True))
    assert {one["id"]: one for one in visits_of(bureau)} == before
    for words in ((), ("--whole",)):
        said = bureau.json("plan", "show", "--programme", "2026-12", *words)
        assert ("secrecy" in said, said["repairs"]) == (False, 1), words
        assert "gives" not in bureau.ok("plan", "show", "--programme", "2026-12", *words)
    assert {one["id"]: one for one in said["visits"]} == now
    assert not {"objective_m", "bound_m", "departures"} & set(said)

    bureau.now = f"{day}T07:00:00+08:00"
    released = {one["id"]: one for one in bureau.json("plan", "release")}
    assert concerned <= set(released)
    bureau.now = f"{day}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--as", "done")
    transcript, outcomes = closed(bureau)
    for one in concerned:
        assert outcomes[one]["team"] == now[one]["team"]
        assert "date" not in outcomes[one]
    assert {one["id"]: one["team"] for one in transcript["plan"]} == {
        one: visit["team"] for one, visit in before.items()
    }


def test_days_in_the_wrong_order_are_refused(bureau: Bureau) -> None:
    """Nobody takes such an absence for recorded."""
    who = visits_of(bureau)[-1]["team"][0]
    said = bureau.refused("plan", "repair", "--absent", who, "2026-12-31", "2026-12-01", code=2)
    assert "2026-12-01" in said


def test_past_begun_and_released_visits_stay_and_open_ones_are_said(bureau: Bureau) -> None:
    """On the evening of a day all days up to it are frozen, whoever is ill; open ones are named."""
    third = max("2026-12-03", visits_of(bureau)[0]["date"])
    bureau.now = f"{third}T20:00:00+08:00"
    past = [one for one in visits_of(bureau) if one["date"] <= third]
    who = past[0]["team"][0]
    found = bureau.json("plan", "repair", "--absent", who, "2026-12-01", "2026-12-31")
    now = current(bureau)
    assert past
    assert all(now[one["id"]] == one for one in past)
    assert found["open_past"] == sorted(one["id"] for one in past)
    assert set(found["still_out"]) == {one["id"] for one in past if who in one["team"]}
    assert all(who not in one["team"] for one in now.values() if one["date"] > third)

    future = max(now.values(), key=lambda one: (one["date"], one["id"]))
    bureau.now = f"{future['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    after_release = current(bureau)[future["id"]]
    bureau.ok("plan", "repair", "--absent", after_release["team"][0], future["date"], future["date"])
    assert current(bureau)[future["id"]] == after_release


def test_a_dry_run_keeps_nothing_and_shows_the_same(bureau: Bureau) -> None:
    """The diff beforehand is the diff afterwards, and stays readable with the key."""
    day, who, _concerned = replaceable(bureau)
    asked = ("plan", "repair", "--absent", who, day, day)
    before = bureau.tables()
    shown = bureau.json(*asked, "--dry-run")
    assert bureau.tables() == before
    kept = bureau.json(*asked)
    assert {**shown, "dry_run": False} == kept
    assert bureau.json("plan", "repair", "--history") == kept["numbers"]


def test_an_absence_that_nobody_can_fill_gives_a_reason(bureau: Bureau) -> None:
    """Everybody of the number is away to the end: what is to come is left out, cancelled at the close."""
    later = {one["id"] for one in visits_of(bureau) if one["date"] > "2026-12-03"}
    found = bureau.run("plan", "repair", *EVERYBODY, "--json")
    assert found.exit_code == 5, found.output
    told = json.loads(found.stdout)
    assert {visit["id"] for one in told["left_out"] for visit in one["visits"]} == later
    assert {one["reason"] for one in told["left_out"]} == {"no-team"}
    assert "no team is there on any day" in bureau.ok("plan", "repair", "--history", "--lang", "en")
    _transcript, outcomes = closed(bureau)
    assert {name for name, one in outcomes.items() if one["reason"] == "no-team"} == later
    assert {outcomes[name]["outcome"] for name in later} == {"cancelled"}


def test_an_absence_holds_for_later_repairs(bureau: Bureau) -> None:
    """The next repair does not put the person back; what had to be left out is tried again, and said."""
    day, who, _concerned = replaceable(bureau)
    bureau.ok("plan", "repair", "--absent", who, "2026-12-04", "2026-12-31")
    first = current(bureau)
    again = bureau.json("plan", "repair", "--absent", who, day, day)
    assert again["changes"] == []
    assert {one["id"] for left in again["left_out"] for one in left["visits"]}.isdisjoint(first)
    assert all(who not in one["team"] for one in current(bureau).values() if one["date"] > "2026-12-03")


def test_what_was_left_out_comes_back_when_it_can(bureau: Bureau) -> None:
    """A repair tries again what an earlier one left out: here a day falls free that was taken."""
    later = {one["id"] for one in visits_of(bureau) if one["date"] > "2026-12-03"}
    assert bureau.run("plan", "repair", *EVERYBODY).exit_code == 5
    edited(bureau, lambda now: Current(visits=now.visits, left=now.left, log=now.log))
    unit = visits_of(bureau)[0]["unit"]
    found = bureau.run("plan", "repair", "--add", unit, "--directed", "信访3号", "--json")
    told = json.loads(found.stdout)
    back = {one["id"] for change in told["changes"] if change["why"] == "again" for one in change["visits"]}
    assert later <= back | {one["id"] for left in told["left_out"] for one in left["visits"]}
    assert later & back
    assert not back & {one["id"] for one in current(bureau).values() if one["source"] == "directed"}
    assert "has room again" in bureau.ok("plan", "repair", "--history")


def test_a_dropped_visit_has_its_outcome_and_the_others_of_its_sortie_go_on(bureau: Bureau) -> None:
    """Nobody deletes a visit: without outcome or reason it is refused, with them it is public."""
    later = [one for one in visits_of(bureau) if one["date"] > "2026-12-03"]
    sorties = [one["sortie"] for one in later]
    most = max(sorties, key=sorties.count)
    gone, *others = [one for one in later if one["sortie"] == most]
    assert others
    bureau.refused("plan", "repair", "--drop", gone["id"], code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "cancelled", code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "done", "--reason", "x", code=2)
    bureau.refused("plan", "repair", "--drop", gone["id"], "--outcome", "closed", "--reason", "x", code=2)
    assert gone["id"] in bureau.refused(
        "plan",
        "repair",
        "--drop",
        gone["id"][:-1] + "x",
        "--outcome",
        "cancelled",
        "--reason",
        "停办",
        code=2,
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
    visit = next(one for one in visits_of(bureau) if one["draw"] == "main" and one["date"] > "2026-12-03")
    asked = ["plan", "repair", "--move", visit["id"]]
    bureau.refused(*asked, "2026-12-10", "--reason", "考试", code=2)
    bureau.refused(*asked, "2026-12-02", "--reason", "考试", "--approver", "李局长", code=2)
    bureau.refused(*asked, "2026-12-13", "--reason", "考试", "--approver", "李局长", code=2)
    done, codes = "", set()
    for number in range(4, 32):
        day = f"2026-12-{number:02d}"
        before = bureau.tables()
        made = bureau.run(*asked, day, "--reason", "考试", "--approver", "李局长", "--json")
        codes.add(made.exit_code)
        if made.exit_code == 0:
            done = day
            break
        assert bureau.tables() == before
    assert codes <= {0, 2, 3}
    assert done
    assert current(bureau)[visit["id"]]["date"] == done
    earlier = done < visit["date"]
    row = bureau.json("draw", "ledger")[0]
    assert (row["postponed"], row["moved_earlier"]) == (int(not earlier), int(earlier))
    said = bureau.ok("plan", "repair", "--history")
    assert ("moved earlier" in said, "postponed" in said) == (earlier, not earlier)
    assert visit["id"] not in json.dumps(bureau.json("draw", "ledger"))
    bureau.now = f"{done}T08:00:00+08:00"
    assert visit["id"] in [one["id"] for one in bureau.json("plan", "release")]
    bureau.now = f"{done}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--as", "done")
    _transcript, outcomes = closed(bureau)
    assert outcomes[visit["id"]]["date"] == done
    assert outcomes[visit["id"]]["reason"] == "考试"


def test_a_visit_that_comes_earlier_is_not_called_postponed(bureau: Bureau) -> None:
    """One that can go to an earlier day goes there: so in the diff, the history and the ledger."""
    why = ["--reason", "考试", "--approver", "李局长"]
    visit, done = next(
        (visit, made)
        for visit in reversed(visits_of(bureau))
        for at in reversed(range(4, int(visit["date"][-2:])))
        if date(2026, 12, at).weekday() < 5
        if not (
            made := bureau.run("plan", "repair", "--move", visit["id"], f"2026-12-{at:02d}", *why)
        ).exit_code
    )
    rows = [line for line in done.stdout.splitlines() if "moved earlier" in line]
    assert [visit["date"] in line for line in rows] == [True]
    assert "postponed" not in done.stdout
    assert "moved earlier" in bureau.ok("plan", "repair", "--history")
    told = bureau.json("draw", "ledger")[0]
    assert (told["postponed"], told["moved_earlier"]) == (0, 1)


def test_an_ordered_visit_is_planned_released_and_no_part_of_the_draw(bureau: Bureau) -> None:
    """It has sorties of its own; the sealed plan and the transcript know nothing of it."""
    unit = visits_of(bureau)[-1]["unit"]
    bureau.refused("plan", "repair", "--add", unit, code=2)
    bureau.refused("plan", "repair", "--add", "nowhere", "--directed", "信访3号", code=2)
    found = bureau.json("plan", "repair", "--add", unit, "--directed", "信访3号")
    # a part of it that no half-day of the staff suits is left out, and said
    whys = {one["why"] for one in found["changes"]}
    assert "new" in whys <= {"new", "left out"}
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


@pytest.mark.parametrize(("level", "most"), [("strict", 1), ("cheap", 2)])
def test_ordered_visits_keep_the_limit_of_the_level(tmp_path: Path, level: str, most: int) -> None:
    """Four kindergartens of one township: with strict each has a sortie of its own, with cheap they share."""
    bureau = drawn_simply(tmp_path, inspectors=OFFICERS, programme=FOURTEEN, plan=False)
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 1, "--secrecy", level)
    rows = [row.split(",") for row in county_rows()]
    town, kind = rows[0].index("乡镇"), rows[0].index("办学类型")
    near = [row[0] for row in rows[1:] if (row[town], row[kind]) == ("青石镇", "幼儿园")][:4]
    assert len(near) == 4
    added = [word for unit in near for word in ("--add", unit)]
    bureau.ok("plan", "repair", *added, "--directed", "信访3号", "--domain", "fire", "--work", 1)
    sorties = [one["sortie"] for one in current(bureau).values() if one["source"] == "directed"]
    assert len(sorties) == 4
    assert (max(map(sorties.count, sorties)) > 1) == (most > 1)


def test_an_order_is_done_by_its_deadline_and_ordinary_visits_make_room(bureau: Bureau) -> None:
    """Every unit of the sweep is visited in time or refused with a reason; no ordinary visit is lost."""
    before = {one["id"] for one in visits_of(bureau)}
    done = bureau.run(
        "plan", "repair", "--order", "川教函〔2026〕9号", "--deadline", "2026-12-15",
        "--where", "kind=kindergarten", "--where", "township=柳溪镇", "--domain", "fire", "--json",
    )  # fmt: skip
    assert done.exit_code in (0, 5), done.output
    found = json.loads(done.stdout)
    fresh = [one for one in current(bureau).values() if one["source"] == "directed"]
    from auditor.workflow.bureau import opened
    from auditor.workflow.units import list_units

    with opened(bureau.db) as db:
        wanted = {one.id for one in list_units(db, {"kind": "kindergarten", "township": "柳溪镇"})}
    assert {one["unit"] for one in fresh} | {one["unit"] for one in found["refused"]} == wanted
    assert fresh
    assert {one["basis"] for one in fresh} == {"川教函〔2026〕9号"}
    assert all("2026-12-04" <= one["date"] <= "2026-12-15" for one in fresh)
    left = {visit["id"] for one in found["left_out"] for visit in one["visits"]}
    assert before - left <= set(current(bureau))
    bureau.refused("plan", "repair", "--order", "X", "--deadline", "2027-02-01", "--add", "x", code=2)


def test_later_repairs_leave_ordered_visits_out_after_all_others(bureau: Bureau) -> None:
    """Few are there, an order takes the place of drawn visits: another absence does not give it back."""
    away = [
        word for at in range(7, STAFF + 1) for word in ("--absent", f"P{at:02d}", "2026-12-04", "2026-12-31")
    ]
    bureau.run("plan", "repair", *away)
    bureau.run(
        "plan", "repair", "--order", "川教函〔2026〕9号", "--deadline", "2026-12-31",
        "--where", "kind=kindergarten", "--json",
    )  # fmt: skip
    ordered = {one["unit"] for one in current(bureau).values() if "basis" in one}
    assert ordered
    bureau.run("plan", "repair", "--absent", "P07", "2026-12-31", "2026-12-31")
    assert {one["unit"] for one in current(bureau).values() if "basis" in one} >= ordered


def test_a_repair_that_concerns_nobody_changes_nothing(bureau: Bureau) -> None:
    """With sorties left out and ordered ones among those that stand: a later repair moves and loses none."""
    away = [
        word for at in range(7, STAFF + 1) for word in ("--absent", f"P{at:02d}", "2026-12-04", "2026-12-31")
    ]
    bureau.run("plan", "repair", *away)
    for basis, town in (("川教函〔2026〕9号", "柳溪镇"), ("川教函〔2026〕10号", "青石镇")):
        before = {name for name, one in current(bureau).items() if "basis" in one}
        bureau.run(
            "plan", "repair", "--order", basis, "--deadline", "2026-12-31",
            "--where", "kind=kindergarten", "--where", f"township={town}", "--json",
        )  # fmt: skip
        assert before <= set(current(bureau))
    before = current(bureau)
    done = bureau.run("plan", "repair", "--absent", "P07", "2026-12-31", "2026-12-31", "--json")
    told = json.loads(done.stdout)
    assert (told["lost"], told["moves"], told["seats"]) == (0, 0, 0)
    assert {name: current(bureau)[name] for name in before} == before


def test_of_a_sortie_only_the_visit_without_a_day_is_lost(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit is shut on all days: the others of its sortie go on as they were, in diff, release and close."""
    from auditor.workflow import repair_state

    later = [one for one in visits_of(bureau) if one["date"] > "2026-12-03"]
    sorties = [one["sortie"] for one in later]
    most = max(sorties, key=sorties.count)
    together = [one for one in later if one["sortie"] == most]
    gone = min(together, key=lambda one: str(one["id"]))
    others = [one for one in together if one["unit"] != gone["unit"]]
    assert others
    days = frozenset(f"2026-12-{day:02d}" for day in range(1, 32))
    shut = {gone["unit"]: days}
    known = repair_state.closed_days
    with monkeypatch.context() as patch:
        patch.setattr(repair_state, "closed_days", lambda frames: {**known(frames), **shut})
        done = bureau.run("plan", "repair", "--absent", "P07", "2026-12-31", "2026-12-31", "--json")
    assert done.exit_code == 5, done.output
    told = json.loads(done.stdout)
    left = {visit["id"]: one for one in told["left_out"] for visit in one["visits"]}
    assert gone["id"] in left
    assert left[gone["id"]]["reason"] == "no-day"
    assert not {one["id"] for one in others} & set(left)
    now = current(bureau)
    kept = ("sortie", "date", "team", "slot", "start")
    for one in others:
        assert {part: now[one["id"]][part] for part in kept} == {part: one[part] for part in kept}
    assert {now[one["id"]]["lead"] for one in others} <= {one["unit"] for one in others}
    bureau.now = f"{gone['date']}T08:00:00+08:00"
    released = [one["id"] for one in bureau.json("plan", "release")]
    assert {one["id"] for one in others} <= set(released)
    assert gone["id"] not in released
    _transcript, outcomes = closed(bureau)
    assert outcomes[gone["id"]] == {"id": gone["id"], "outcome": "cancelled", "reason": "no-day"}


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


def edited(bureau: Bureau, change: Callable[[Current], Current]) -> None:
    """Alter the sealed repairs behind the program's back: the key to seal is public."""
    from auditor.store.records import read_settings
    from auditor.store.writing import write_tx
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of
    from auditor.workflow.keys import PUBLIC, open_key
    from auditor.workflow.repairs import put_current, read_current

    with opened(bureau.db) as db:
        _sealed, now = read_current(db, number_of(db, 1), open_key(db, lambda: None))
        with write_tx(db, "edit", datetime.fromisoformat(EVENING)) as tx:
            put_current(tx, 1, change(now), read_settings(db)[PUBLIC])


def test_repairs_that_lose_a_visit_are_refused(bureau: Bureau) -> None:
    """A repaired plan without one of the visits is not taken."""
    edited(bureau, lambda now: replace(now, visits=now.visits[1:]))
    assert "backup" in bureau.refused("plan", "release", "--lang", "en", code=4)


def test_repairs_that_send_a_team_to_another_unit_are_refused(bureau: Bureau) -> None:
    """A visit keeps the unit that was drawn."""
    edited(bureau, lambda now: replace(now, visits=[{**one, "unit": "x"} for one in now.visits]))
    assert "backup" in bureau.refused("plan", "release", "--lang", "en", code=4)


def stands_in(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    """Let the next of every reserve order be this unit, as where it was drawn in another draw only."""
    monkeypatch.setattr("auditor.workflow.releasing.stand_in", lambda *_facts: unit)


def test_a_unit_that_its_sortie_meets_anyway_stands_in_at_one_stop(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract gives no choice who is next: the plan says so, and can still be repaired."""
    by_sortie: dict[str, list[dict[str, Any]]] = {}
    for one in visits_of(bureau):
        if one["date"] > "2026-12-04":
            by_sortie.setdefault(one["sortie"], []).append(one)
    visit, other = next(several[:2] for several in by_sortie.values() if len(several) > 1)
    stands_in(monkeypatch, other["unit"])
    said = bureau.json("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停办")
    assert (said["by"], said["joined"]) == (other["unit"], other["id"])
    told = bureau.run("plan", "repair", "--absent", visit["team"][0], visit["date"], visit["date"], "--json")
    assert told.exit_code in (0, 5), told.output
    shown = bureau.ok("plan", "show", "--programme", "2026-12", "--whole")
    assert "(stands in, at the stop of" in shown or json.loads(told.stdout)["left_out"]


def test_a_unit_that_another_team_visits_at_that_time_stands_in_for_nobody(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two teams at one school at once is what the contract refuses; the answer says which visit to move."""
    there = visits_of(bureau)
    visit, other = next(
        (one, two) for one in there for two in there
        if one["sortie"] != two["sortie"] and one["date"] > "2026-12-04"
    )  # fmt: skip
    stands_in(monkeypatch, other["unit"])

    def together(now: Current) -> Current:
        moved = [
            {**one, "date": visit["date"], "slot": visit["slot"]} if one["id"] == other["id"] else one
            for one in now.visits
        ]
        return replace(now, visits=moved)

    from auditor.workflow import releasing

    whole = releasing.read_current
    monkeypatch.setattr(
        releasing, "read_current", lambda *facts: (whole(*facts)[0], together(whole(*facts)[1]))
    )
    words = ("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停办")
    refused = bureau.run(*words)
    assert refused.exit_code == 3, refused.output
    assert other["sortie"] in refused.stderr
    assert "--move" in refused.stderr
    monkeypatch.setattr(releasing, "read_current", whole)
    assert bureau.json(*words)["joined"] == ""


def test_a_visit_that_is_no_longer_planned_has_no_stand_in(bureau: Bureau) -> None:
    """Somebody would be named whom no team visits."""
    visit = next(one for one in visits_of(bureau) if one["date"] > "2026-12-04")
    bureau.ok("plan", "repair", "--drop", visit["id"], "--outcome", "cancelled", "--reason", "停课")
    refused = bureau.run("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课")
    assert refused.exit_code == 2, refused.output
    assert "no longer in the plan" in refused.stderr


def texts_of(bureau: Bureau, name: str, *words: str) -> str:
    """What the vehicle requests and task sheets of an export say."""
    out = bureau.folder / name
    bureau.ok("plan", "export", "--programme", "2026-12", "--out", out, "--format", "html", *words)
    return "".join((out / file).read_text(encoding="utf-8") for file in ("cars.html", "tasks.html"))


def test_a_closed_number_is_told_as_it_was_carried_out(bureau: Bureau) -> None:
    """Table and papers after the close: who was dropped, moved, ordered; the sealed plan stays to be had."""
    bureau.now = "2026-12-01T06:00:00+08:00"
    visits = visits_of(bureau)
    gone = visits[-1]
    drop = ("plan", "repair", "--drop", gone["id"], "--outcome", "cancelled", "--reason", "停办")
    bureau.ok(*drop)
    bureau.ok("plan", "repair", "--add", gone["unit"], "--directed", "信访3号", "--domain", "fire")
    fresh = next(one for one in current(bureau).values() if one["source"] == "directed")
    one = next(one for one in visits if one["sortie"] != gone["sortie"])
    bureau.now = f"{one['date']}T22:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--visit", one["id"], "--as", "done")
    transcript, _outcomes = closed(bureau)
    assert gone["id"] in [visit["id"] for visit in transcript["plan"]]
    units = {unit["id"]: unit["name"] for unit in bureau.json("units", "list")}
    shown = bureau.ok("plan", "show", "--programme", "2026-12")
    assert "repairs since it was sealed: 2; as it was carried out" in shown

    def row(text: str, visit: dict[str, Any]) -> str:
        facts = (visit["date"], visit["start"], visit["sortie"], units[visit["unit"]])
        return next(line for line in text.splitlines() if all(fact in line for fact in facts))

    assert "not made: 停办" in row(shown, gone)
    assert "(ordered)" in row(shown, fresh)
    assert row(shown, one).rstrip().endswith("made")
    papers = texts_of(bureau, "carried")
    alone = [visit["sortie"] for visit in visits].count(gone["sortie"]) == 1
    assert (f"· {gone['sortie']}<" in papers) is not alone
    assert f"· {fresh['sortie']}<" in papers
    told = bureau.json("plan", "show", "--programme", "2026-12")
    assert fresh["id"] in [visit["id"] for visit in told["visits"]]
    assert told["outcomes"][gone["id"]]["reason"] == "停办"
    sealed = bureau.ok("plan", "show", "--programme", "2026-12", "--sealed")
    assert "not made" not in sealed
    assert row(sealed, gone)
    assert fresh["sortie"] not in sealed
    assert fresh["sortie"] not in texts_of(bureau, "sealed", "--sealed")
    bureau.ok("plan", "check", "--programme", "2026-12")
    assert bureau.json("draw", "ledger")[0]["directed"] == 1


def test_released_visits_are_told_alike_with_the_key_and_without(bureau: Bureau) -> None:
    """One that was dropped after it was told stays, with its outcome; its sheet bears no mark of secrecy."""
    visits = visits_of(bureau)
    gone = next(one for one in visits if one["date"] > "2026-12-03")
    bureau.now = f"{gone['date']}T07:00:00+08:00"
    released = {one["id"] for one in bureau.json("plan", "release")}
    drop = ("plan", "repair", "--drop", gone["id"], "--outcome", "closed", "--reason", "停电")
    bureau.now = f"{gone['date']}T18:00:00+08:00"
    bureau.run(*drop)
    bureau.run("draw", "outcome", 1, "--visit", gone["id"], "--as", "closed", "--reason", "停电")
    tables = [
        [
            line.split()
            for line in bureau.ok("plan", "show", "--programme", "2026-12", *words).splitlines()
            if line.startswith(gone["date"])
        ]
        for words in ((), ("--whole",))
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) == len(released)
    assert [row[2] for row in tables[0]] == sorted(row[2] for row in tables[0])
    assert "停电" in str(tables[0])
    assert "nothing recorded" not in str(tables[0])
    day, whole = ("--day", gone["date"]), "--whole"
    assert texts_of(bureau, "a", *day).count("<section") == texts_of(bureau, "b", *day, whole).count(
        "<section"
    )
    assert "Secret: the plan is sealed" not in texts_of(bureau, "c", *day, whole)
    assert "Secret: the plan is sealed" in texts_of(bureau, "d", whole)


def test_the_ledger_counts_visits_that_a_repair_ordered_once_they_are_told(bureau: Bureau) -> None:
    """What is sealed is not told by a count; one visit counts once, also where its team says whose order."""
    unit = visits_of(bureau)[-1]["unit"]
    bureau.ok("plan", "repair", "--add", unit, "--directed", "信访3号", "--domain", "fire")
    fresh = next(one for one in current(bureau).values() if one["source"] == "directed")
    assert bureau.json("draw", "ledger")[0]["directed"] == 0
    bureau.now = f"{fresh['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    assert bureau.json("draw", "ledger")[0]["directed"] == 1
    bureau.ok("visit", "start", unit, "--domain", "fire", "--directed", "信访3号")
    assert bureau.json("draw", "ledger")[0]["directed"] == 1


def test_the_approval_does_not_call_ordered_visits_drawn(bureau: Bureau) -> None:
    """Nobody is there any more: what was drawn and has no place is counted without what was ordered."""
    unit = visits_of(bureau)[-1]["unit"]
    bureau.ok("plan", "repair", "--add", unit, "--directed", "信访3号", "--domain", "fire")
    assert bureau.run("plan", "repair", *EVERYBODY).exit_code == 5
    left = bureau.json("plan", "show", "--programme", "2026-12", "--whole")["unplaced"]
    drawn = sum("draw" in one for one in left)
    assert 0 < drawn < len(left)
    bureau.ok("plan", "submit", "--programme", "2026-12", "--out", bureau.folder / "approval")
    page = (bureau.folder / "approval" / "approval.html").read_text(encoding="utf-8")
    assert f"<b>{drawn}</b>drawn visits without a place<" in page
    assert f"{len(left) - drawn} more were ordered and found no day" in page


def test_a_release_tells_of_one_stop_and_of_ordered_visits() -> None:
    """The table of the morning: who stands in where the team goes anyway; what somebody ordered."""
    from auditor.cli.plan import visits_text

    row = {
        "number": 1, "sortie": "S001", "slot": "morning", "domains": [], "team": [], "seats": {}, "id": "x",
        "instead_of": None, "source": "drawn", "unit": "a", "name": "甲", "start": "09:00",
    }  # fmt: skip
    text = visits_text(
        [{**row, "start": "08:00", "instead_of": "b"}, row, {**row, "unit": "c", "source": "directed"}], {}
    ).splitlines()
    assert "甲 (stands in, at the stop of 09:00)" in text[1]
    assert "(" not in text[2]
    assert "甲 (ordered)" in text[3]


def test_visits_of_one_sortie_that_had_different_days_leave_the_plan_repairable(bureau: Bureau) -> None:
    """What outcomes tell of days and teams stays, and the people of both are out on their days."""
    by_sortie: dict[str, list[dict[str, Any]]] = {}
    for one in visits_of(bureau):
        by_sortie.setdefault(one["sortie"], []).append(one)
    first, second = next(several[:2] for several in by_sortie.values() if len(several) > 1)
    today = max("2026-12-03", first["date"])
    bureau.now = f"{today}T20:00:00+08:00"
    later = str(date.fromisoformat(today) + timedelta(days=6))
    other = next(one["team"][0] for one in visits_of(bureau) if not set(one["team"]) & set(first["team"]))
    said = ("draw", "outcome", 1, "--visit", second["id"], "--as", "moved", "--reason", "道路不通")
    too_early = bureau.run(*said, "--date", later)
    assert too_early.exit_code == 2
    assert f"auditor plan repair --move {second['id']} {later}" in too_early.stderr
    team = f"{other},{first['team'][0]}"
    bureau.ok(*said, "--date", today, "--team", team)
    day, who, concerned = replaceable(bureau)
    found = bureau.json("plan", "repair", "--absent", who, day, day)
    assert (found["moves"], found["seats"], found["left_out"]) == (0, 1, [])
    now = current(bureau)
    assert now[second["id"]]["sortie"] == second["sortie"]
    assert {name for name, one in now.items() if one["team"] != bureau_team(bureau, name)} == concerned
    shown = bureau.json("plan", "show", "--programme", "2026-12", "--whole")
    assert {one["id"] for one in shown["visits"]} == set(now)


def bureau_team(bureau: Bureau, name: str) -> list[str]:
    """The team of a visit as it was sealed."""
    return next(list(one["team"]) for one in visits_of(bureau) if one["id"] == name)


def test_a_stand_in_that_makes_the_tour_too_long_is_told_with_its_times(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract says who is next, wherever it lies; the clerk is told when the team is there and back."""
    from auditor.plan import legs

    visit = next(one for one in visits_of(bureau) if one["date"] > "2026-12-04")
    words = ("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课")
    kept = copied(bureau.folder, bureau.folder.parent / "slow", bureau.now)
    monkeypatch.setattr(legs, "minutes", lambda metres, speed: 5 if metres else 0)
    told = bureau.run(*words)
    assert re.search(r"the team is there at \d\d:\d\d and back at \d\d:\d\d\n", told.stderr), told.stderr
    monkeypatch.setattr(legs, "minutes", lambda metres, speed: 150 if metres else 0)
    late = kept.run(*words)
    assert "after the end of its half-day" in late.stderr
    assert "plan repair --move" in late.stderr


@pytest.mark.parametrize("outcome", ["done", "closed", "nobody", "refused"])
def test_nobody_has_seen_a_visit_before_its_day(bureau: Bureau, outcome: str) -> None:
    """What was found there is told from its day on; that it is called off may be told before."""
    visit = next(one for one in visits_of(bureau) if one["date"] > EVENING[:10])
    said = ("draw", "outcome", 1, "--visit", visit["id"], "--reason", "停课", "--as")
    assert "from its day on" in bureau.refused(*said, outcome, code=2)
    bureau.ok(*said, "cancelled")
    bureau.now = f"{visit['date']}T08:00:00+08:00"
    bureau.ok(*said, outcome)


def test_an_ordered_visit_that_was_told_and_called_off_stays_after_the_close(bureau: Bureau) -> None:
    """Dropped after it was told it is still listed and counted; where the team went it is an outcome."""
    unit = visits_of(bureau)[-1]["unit"]
    bureau.ok("plan", "repair", "--add", unit, "--directed", "信访3号", "--domain", "fire")
    fresh = next(one for one in current(bureau).values() if one["source"] == "directed")
    bureau.now = f"{fresh['date']}T07:00:00+08:00"
    bureau.ok("plan", "release")
    drop = ("plan", "repair", "--drop", fresh["id"], "--reason", "停电", "--outcome")
    refused = bureau.run(*drop, "refused")
    assert refused.exit_code == 2
    assert f"auditor draw outcome 1 --visit {fresh['id']} --as refused" in refused.stderr
    bureau.ok(*drop, "cancelled")
    bureau.now = ILL
    said = bureau.json("draw", "close", 1, "--out", bureau.folder / "public")
    assert bureau.json("draw", "ledger")[0]["directed"] == 1
    assert said["unrecorded"] == len(visits_of(bureau))
    text = bureau.ok("plan", "show", "--programme", "2026-12")
    assert "called off 1; ordered of all 1" in text
    assert [line for line in text.splitlines() if "停电" in line]
    assert bureau.json("plan", "repair", "--history")
    exported = bureau.folder / "carried"
    bureau.ok("plan", "export", "--programme", "2026-12", "--out", exported)
    told = bureau.run("plan", "check", exported / "plan.json", "--programme", "2026-12")
    assert told.exit_code == 4
    assert "auditor plan export --sealed" in told.stdout + told.stderr


def own_ids(bureau: Bureau) -> dict[str, str]:
    """Own ids by neutral ids."""
    from auditor.workflow import plans
    from auditor.workflow.bureau import opened

    with opened(bureau.db) as db:
        return {neutral: own for own, neutral in plans.staff_key(db, 1).items()}


def test_leave_that_came_after_the_seal_is_known_to_every_repair(bureau: Bureau) -> None:
    """An order sends nobody who is away by now, and whoever is away is replaced where he was to go."""
    own = own_ids(bureau)
    visits = [one for one in visits_of(bureau) if one["date"] > "2026-12-04"]
    day, who = visits[0]["date"], own[visits[0]["team"][0]]
    bureau.ok("leave", "request", who, day, day)
    (asked,) = [one["id"] for one in bureau.json("leave", "list", "--requests")]
    bureau.ok("leave", "approve", asked, "--by", "l01")
    planned = {one["unit"] for one in visits_of(bureau)}
    unit = next(
        one["id"]
        for one in bureau.json("units", "list", "--where", "kind=primary")
        if one["id"] not in planned
    )
    found = bureau.json("plan", "repair", "--add", unit, "--directed", "信访9号", "--domain", "fire")
    assert {change["why"] for change in found["changes"]} >= {"new", "absent"}
    sent = {own[person] for one in current(bureau).values() if one["date"] == day for person in one["team"]}
    assert sent
    assert who not in sent


def test_days_that_were_closed_after_the_seal_are_known_to_every_repair(bureau: Bureau) -> None:
    """A unit's closed day moves its visit, whatever else was asked for; nothing is left out for it."""
    later = [one for one in visits_of(bureau) if one["date"] > "2026-12-04"]
    hit, day, other = later[0]["unit"], later[0]["date"], later[-1]
    bureau.ok("blackouts", "add", hit, day, "--kind", "closure")
    words = ("--drop", other["id"], "--reason", "停电", "--outcome", "cancelled")
    found = bureau.json("plan", "repair", *words)
    assert "closed" in {change["why"] for change in found["changes"]}
    assert found["left_out"] == []
    assert day not in {one["date"] for one in current(bureau).values() if one["unit"] == hit}
