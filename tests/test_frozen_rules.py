"""What a freeze makes of the rules: frames, field and means of a number, its plan, and the verifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.draw.canon import canon, digest
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_number
from auditor.workflow.bureau import opened
from auditor.workflow.freezing import car_notes
from auditor.workflow.plans import staff_key
from sealed import DECEMBER, FOLDER, Bureau, county_rows

RULES = """\
cars = { morning = 2, afternoon = 1, evening = 2 }
driver_seat = true
mix = true
partners = ["公安1人"]
revisit_gap_days = 60
weekly = 0.5
"""


def write(bureau: Bureau, name: str, *rows: str) -> Path:
    """Write a list as CSV."""
    file = bureau.folder / name
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def frozen(bureau: Bureau, number: int = 1) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """The record of a number, its frozen parts, and everyone's neutral id."""
    with opened(bureau.db) as db:
        record = read_number(db, number)
        assert record is not None
        return record, read_frozen(db, number), staff_key(db, number)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A bureau with every rule at work: frozen, drawn, planned."""
    bureau = Bureau(tmp_path_factory.mktemp("rules"))
    bureau.county()
    units = [row.split(",") for row in county_rows()[1:]]
    staff = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = [staff[0] + ",亲属单位,借调自,联系片区"]
    words = {"o01": (units[0][1], "", ""), "o02": ("", units[1][0], ""), "o03": ("", "", units[2][4])}
    rows += [",".join([row, *words.get(row.split(",")[0], ("", "", ""))]) for row in staff[1:]]
    bureau.ok("inspectors", "import", write(bureau, "staff.csv", *rows))
    bureau.ok(
        "past", "import",
        write(
            bureau, "past.csv", "学校,检查日期,检查领域,检查人员,交办文号",
            f"{units[2][0]},2026-11-20,全部,癸酉;甲戌,",
            f"{units[3][0]},2026-10-15,消防,,",
            f"{units[4][0]},2026-11-20,消防,,〔2026〕8号",
        ),
    )  # fmt: skip
    bureau.ok("blackouts", "add", "全部", "2026-12-08", "--kind", "inspection", "--reason", "省级督导评估")
    bureau.ok("blackouts", "add", units[5][1], "2026-12-10", "2026-12-11", "--kind", "exam")
    bureau.programme(DECEMBER + RULES)
    facts = bureau.json("draw", "freeze", "--programme", "2026-12")
    record, parts, ids = frozen(bureau)
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    planned = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10)
    return {
        "bureau": bureau, "units": units, "facts": facts, "record": record, "parts": parts, "ids": ids,
        "planned": planned, "plan": bureau.sealed(1).record,
    }  # fmt: skip


def unit_of(made: dict[str, Any], number: int) -> dict[str, Any]:
    """A unit's row of the main frame."""
    wanted = made["units"][number][0]
    return next(one for one in made["parts"]["frame/main"]["units"] if one["id"] == wanted)


def test_the_field_knows_kin_borrowed_staff_and_who_was_there_last(made: dict[str, Any]) -> None:
    """Of the school of kin; of the own school's township; and only of the own area's last visit."""
    units, ids = made["units"], made["ids"]
    field = {one["id"]: one["conflicts"] for one in made["parts"]["field"]["staff"]}

    def barred(who: str) -> set[str]:
        own = field[ids[who]]
        return set(own["units"]) | {row[0] for row in units if row[4] in own["strata"]}

    in_frame = {one["id"] for one in made["parts"]["frame/main"]["units"]}
    assert barred("o01") == {units[0][0]}
    assert barred("o02") >= {row[0] for row in units if row[4] == units[1][4] and row[0] in in_frame}
    assert barred("o03") == {units[2][0]}
    assert barred("o12") == set()


def test_the_frame_knows_gap_and_black_outs(made: dict[str, Any]) -> None:
    """60 days: unit 2 lies in the gap all month, unit 3's fire until 13 December, an order opens none."""
    assert len(unit_of(made, 2)["closed"]) == made["facts"]["days"]
    assert [day for day in unit_of(made, 3)["closed"] if day != "2026-12-08"] == [
        f"2026-12-{day:02d}" for day in (1, 2, 3, 4, 7, 9, 10, 11)
    ]
    assert unit_of(made, 4)["closed"] == ["2026-12-08"]
    assert unit_of(made, 5)["closed"] == ["2026-12-08", "2026-12-10", "2026-12-11"]
    told = " ".join(made["facts"]["notes"])
    assert "black-outs: 122 days of units in all, units touched: 120" in told
    assert "revisit gap of 60 days: units that lie in it on every day: 1;" in told


def test_whoever_lies_in_the_gap_keeps_its_chance(made: dict[str, Any]) -> None:
    """Two units of one risk have one chance, whether or not one of them was visited last week."""
    pi = {one["id"]: one["pi"] for one in made["parts"]["frame/main"]["units"]}
    points = made["parts"]["points"]
    closed = made["units"][2][0]
    alike = {pi[unit] for unit, own in points.items() if own == points[closed]}
    assert max(alike) - min(alike) <= 1
    weekly = [part for name, part in made["parts"].items() if name.startswith("frame/floor/")]
    assert weekly
    assert closed not in {one["id"] for part in weekly for one in part["units"]}


def test_the_means_are_frozen_and_hashed(made: dict[str, Any]) -> None:
    """Cars, seats, departments, hours of training centres and kindergartens, evenings of boarders."""
    means = made["parts"]["means"]
    assert made["record"]["means_sha256"] == digest(canon(means))
    assert means["cars"] == {"morning": 2, "afternoon": 1, "evening": 2}
    assert means["seats"] == [{"who": "公安", "count": 1}, {"who": "司机", "count": 1}]
    assert {one["id"] for one in means["departments"]} == set(made["ids"].values())
    kinds = {row[0]: row[2] for row in made["units"]}
    assert {kinds[one["unit"]] for one in means["hours"]} == {"培训机构", "幼儿园"}
    assert {one["slot"] for one in means["hours"] if kinds[one["unit"]] == "培训机构"} == {"evening"}
    boarders = {row[0] for row in made["units"] if int(row[8])}
    assert {one["unit"] for one in means["shut"]} == boarders
    assert all("2026-12-04/evening" in one["half_days"] for one in means["shut"])


def test_the_plan_keeps_every_rule(made: dict[str, Any]) -> None:
    """Counted from its record: cars, departments, hours, evenings, closed days; seats are told as counts."""
    plan, means = made["plan"], made["parts"]["means"]
    departments = {one["id"]: one["department"] for one in means["departments"]}
    out: dict[tuple[str, str], set[str]] = {}
    kinds = {row[0]: row[2] for row in made["units"]}
    shut = {one["unit"]: one["half_days"] for one in means["shut"]}
    closed = {one["id"]: one.get("closed", []) for one in made["parts"]["frame/main"]["units"]}
    assert len(plan["visits"]) > 5
    for visit in plan["visits"]:
        out.setdefault((visit["date"], visit["slot"]), set()).add(visit["sortie"])
        assert len({departments[one] for one in visit["team"]}) == 2
        assert f"{visit['date']}/{visit['slot']}" not in shut.get(visit["unit"], [])
        assert visit["date"] not in closed[visit["unit"]]
        if kinds[visit["unit"]] == "培训机构" and visit["domains"] != ["food"]:
            assert visit["slot"] == "evening"
    assert all(len(sorties) <= means["cars"][slot] for (_day, slot), sorties in out.items())
    sorties = made["planned"]["sorties"]
    assert made["planned"]["seats"] == {"公安": sorties, "司机": sorties}


def test_seats_are_told_without_names(made: dict[str, Any]) -> None:
    """In the counts that are public, and with today's visits; what was done is history from then on."""
    bureau: Bureau = made["bureau"]
    shown = bureau.json("plan", "show", "--programme", "2026-12")
    assert set(shown["seats"]) == {"公安", "司机"}
    day = min(one["date"] for one in made["plan"]["visits"])
    bureau.now = f"{day}T07:00:00+08:00"
    released = bureau.json("plan", "release")
    assert released[0]["seats"] == {"公安": 1, "司机": 1}
    assert "公安×1" in bureau.ok("plan", "release")
    assert [one for one in bureau.json("past", "list") if one["date"] == day] == []
    bureau.now = f"{day}T22:00:00+08:00"
    done = [one["id"] for one in released]
    bureau.ok("draw", "outcome", 1, *[part for one in done for part in ("--visit", one)], "--as", "done")
    today = [one for one in bureau.json("past", "list") if one["date"] == day]
    assert sorted(one["unit"] for one in today) == sorted(one["unit"] for one in released)
    assert all(len(one["people"]) == 2 for one in today)


def test_the_verifier_accepts_what_the_rules_made(made: dict[str, Any]) -> None:
    """The contract is unchanged: the closed transcript passes, and the plan's own check too."""
    bureau: Bureau = made["bureau"]
    bureau.ok("plan", "check", "--programme", "2026-12")
    bureau.now = "2027-01-01T09:00:00+08:00"
    visits = [part for one in made["plan"]["visits"] for part in ("--visit", one["id"])]
    bureau.ok("draw", "outcome", 1, *visits, "--as", "cancelled", "--reason", "测试")
    bureau.json("draw", "close", 1, "--out", bureau.folder / "public")
    file = bureau.folder / "public" / "transcript.json"
    closed = json.loads(file.read_text(encoding="utf-8"))
    text = bureau.ok(
        "draw", "verify", file, "--commit", closed["commit_sha256"], "--plan-root", closed["plan_root"]
    )
    assert text.startswith("OK")
    assert [one for one in bureau.json("past", "list") if one["date"] > "2026-12"] == [], "none was done"


def strip(db: Database, number: int) -> None:
    """Make a number one of an earlier version, which had no means."""
    record = read_number(db, number)
    assert record is not None
    del record["means_sha256"], record["facts"]["cars"], record["facts"]["seats"]
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    db.execute("update numbers set record = ? where number = ?", [text, number])
    db.execute("delete from frozen where number = ? and part = 'means'", [number])


def test_a_number_of_an_earlier_version_plans_and_checks(tmp_path: Path) -> None:
    """Two cars everywhere, no hours, no seats: as it was when it was frozen."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    with opened(bureau.db) as db:
        strip(db, 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    made = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10)
    assert "seats" not in made
    bureau.ok("plan", "check", "--programme", "2026-12")
    plan = bureau.sealed(1).record
    kinds = {row.split(",")[0]: row.split(",")[2] for row in county_rows()[1:]}
    slots = {one["slot"] for one in plan["visits"] if kinds[one["unit"]] == "培训机构"}
    assert "evening" not in slots


def test_a_black_out_of_every_day_leaves_all_units_in_the_frame(tmp_path: Path) -> None:
    """No day and team could serve any; drawn they are unplaced, for the reason closed, and told so."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme(DECEMBER + "weekly = 0\n")
    bureau.ok("blackouts", "add", "全部", "2026-12-01", "2026-12-31", "--kind", "closure")
    facts = bureau.json("draw", "freeze", "--programme", "2026-12")
    assert facts["unserved"] == facts["units"] > 100
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    made = bureau.run("plan", "make", "--programme", "2026-12", "--work", 10, "--json")
    assert (made.exit_code, json.loads(made.stdout)["clash"]) == (3, ["closed"])
    plan = bureau.sealed(1).record
    assert plan["visits"] == []
    assert {one["reason"] for one in plan["unplaced"]} == {"closed"}
    assert len({one["unit"] for one in plan["unplaced"]}) == 9


def test_a_unit_in_the_gap_takes_no_half_days_from_others(tmp_path: Path) -> None:
    """By capacity: with half of the county visited last week more are drawn, so that as many are visited;
    those are said, and the others' chances follow from the number alone.
    """
    rows = county_rows()
    counts = {}
    for visited in (0, 60):
        bureau = Bureau(tmp_path / str(visited))
        bureau.county()
        bureau.programme(DECEMBER.replace("units = 9", "capacity = true") + "weekly = 0\n")
        if visited:
            lines = [f"{row.split(',')[0]},2026-11-20,全部" for row in rows[1 : visited + 1]]
            bureau.ok("past", "import", write(bureau, "past.csv", "学校,检查日期,检查领域", *lines))
        counts[visited] = bureau.json("draw", "freeze", "--programme", "2026-12")
    assert counts[60]["units"] == counts[0]["units"]
    assert counts[60]["n"] > counts[0]["n"]
    told = " ".join(counts[60]["notes"])
    assert "revisit gap of 92 days: units that lie in it on every day: 60;" in told


def test_fewer_cars_carry_fewer_units(tmp_path: Path) -> None:
    """By capacity, in the kind of half-day that is short of cars: one in the evening, or none at all."""
    drawn = []
    for cars in ("2", "{ evening = 1 }", "1"):
        bureau = Bureau(tmp_path / str(len(drawn)))
        bureau.county()
        text = DECEMBER.replace("units = 9", f"cars = {cars}") + "weekly = 0\n"
        bureau.programme(text)
        drawn.append(bureau.json("draw", "freeze", "--programme", "2026-12")["n"])
    assert drawn[0] > drawn[1] >= drawn[2] > 0
    bureau = Bureau(tmp_path / "none")
    bureau.county()
    bureau.programme(DECEMBER.replace("units = 9", "cars = 0"))
    assert "no car in any half-day" in bureau.refused("draw", "freeze", "--programme", "2026-12", code=3)


def test_a_mix_that_nobody_can_make_is_said_at_the_freeze(tmp_path: Path) -> None:
    """All of one department: no day and team could serve any unit, and no week has a frame."""
    bureau = Bureau(tmp_path)
    bureau.county()
    rows = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig").splitlines()
    same = [",".join([*row.split(",")[:2], "安全股", *row.split(",")[3:]]) for row in rows[1:]]
    bureau.ok("inspectors", "import", write(bureau, "staff.csv", rows[0], *same))
    bureau.programme(DECEMBER + "mix = true\n")
    facts = bureau.json("draw", "freeze", "--programme", "2026-12")
    assert facts["unserved"] == facts["units"] > 100
    assert [one["key"] for one in facts["draws"]] == ["main"]


def test_a_freeze_that_nobody_can_serve_says_why_with_its_cure(tmp_path: Path) -> None:
    """Exit 5, and the cure is the true one: with it the same freeze is done without a warning."""
    rows = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig").splitlines()
    other = [",".join([*row.split(",")[:3], "fire", *row.split(",")[4:]]) for row in rows[1:]]
    bureau = Bureau(tmp_path)
    bureau.county(inspectors=[rows[0], *other])
    bureau.programme(DECEMBER.replace('"dorms", "fire", "food", "transport"', '"food"'))
    done = bureau.run("draw", "freeze", "--programme", "2026-12")
    assert done.exit_code == 5, done.output
    assert "nobody who is free inspects Food safety; give somebody the domain" in done.stderr
    assert "auditor draw abandon 1 --reason" in done.stderr
    bureau.ok("draw", "abandon", 1, "--reason", "无人可查食品")
    bureau.ok("inspectors", "import", FOLDER / "inspectors.csv")
    done = bureau.run("draw", "freeze", "--programme", "2026-12")
    assert (done.exit_code, "no day and team could serve: 0" in done.stdout) == (0, True), done.output
    assert "draw abandon" not in done.stderr


def test_a_freeze_on_whose_days_nobody_is_free_says_so(tmp_path: Path) -> None:
    """Everybody on leave all month: a freeze by number, since by capacity it is refused."""
    bureau = Bureau(tmp_path)
    bureau.county()
    rows = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig").splitlines()
    lines = [f"{row.split(',')[0]},2026-11-27,2026-12-31" for row in rows[1:]]
    bureau.ok("leave", "import", write(bureau, "leave.csv", "工号,开始日期,结束日期", *lines))
    bureau.programme()
    done = bureau.run("draw", "freeze", "--programme", "2026-12", "--json")
    facts = json.loads(done.stdout)
    assert (done.exit_code, facts["unserved"]) == (5, facts["units"])
    assert "nobody who inspects is free on any day" in facts["notes"][0]


def test_a_word_that_keeps_nobody_away_is_said(tmp_path: Path) -> None:
    """A school that the register does not have, in any of the columns; a central school is known."""
    bureau = Bureau(tmp_path)
    bureau.county()
    file = write(
        bureau, "staff.csv", "工号,姓名,亲属单位,借调自,联系片区", "o01,壬申,没有的小学,无,青石镇;天外镇"
    )
    notes = bureau.json("people", "import", file)["notes"]
    assert [one for one in notes if one.startswith("unknown-conflict: 2 (o01: 没有的小学, o01: 天外镇)")]
    shown = next(one for one in bureau.json("people", "list") if one["id"] == "o01")
    assert (shown["kin"], shown["borrowed"]) == (["没有的小学"], [])
    assert shown["area"] == ["天外镇", "青石镇"]


def test_black_outs_are_kept_listed_and_taken_away(tmp_path: Path) -> None:
    """A scope by name becomes its code; what nothing is called is refused, and nothing is written."""
    bureau = Bureau(tmp_path)
    bureau.county()
    unit = county_rows()[1].split(",")
    made = bureau.json("blackouts", "add", unit[1], "2026-12-08", "--kind", "exam")
    assert (made["scope"], made["to"]) == (unit[0], "2026-12-08")
    row = {"scope": unit[0], "from": "2026-12-08", "to": "2026-12-08", "kind": "exam", "word": "考试"}
    assert bureau.json("blackouts", "list") == [row | {"reason": ""}]
    assert "西街" in bureau.refused("blackouts", "add", "西街", "2026-12-08", code=2)
    assert "before" in bureau.refused("blackouts", "add", "全部", "2026-12-08", "2026-12-07", code=2)
    assert bureau.refused("blackouts", "drop", unit[0], "2026-12-09", code=2)
    assert bureau.json("blackouts", "drop", unit[1], "2026-12-08") == {"dropped": 1}
    assert bureau.json("blackouts", "list") == []
    file = write(bureau, "out.csv", "范围,开始,结束,类别", "全部,2026-12-01,,考试", "全部,2026-12-02,,考试")
    assert bureau.json("blackouts", "import", file)["added"] == 2
    assert bureau.json("blackouts", "import", file)["unchanged"] == 2


def test_without_any_car_the_freeze_warns_and_the_plan_says_why(tmp_path: Path) -> None:
    """Nothing went to units before: there is no car; one kind of half-day without is said by its name."""
    bureau = Bureau(tmp_path)
    bureau.county()
    assert car_notes({"morning": 2, "evening": 1}) == []
    assert car_notes({"morning": 2, "evening": 0}) == [
        "no car in these half-days, so no visit: evening (cars of the programme)"
    ]
    bureau.programme(DECEMBER.replace("units = 9", "units = 5") + "cars = 0\nweekly = 0\n")
    told = bureau.json("draw", "freeze", "--programme", "2026-12")["notes"]
    assert told[0].startswith("no car in any half-day")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    made = bureau.run("plan", "make", "--programme", "2026-12", "--work", 5)
    assert made.exit_code == 3
    assert "mostly: there is no car in any half-day; write cars into the programme" in made.stdout
    for words in (("show",), ("explain", "--work", 1)):
        said = bureau.ok("plan", *words, "--programme", "2026-12", "--whole")
        assert "there is no car in any half-day" in said
        assert "went to units before it" not in said
    assert "`cars` of the programme" in said
    assert "it holds for the next number" in said
