"""Loads, evenness and pairs from the command to the close: kept in the record, checked, carried on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.draw import counts_text
from auditor.pages.shortfall import unplaced_lines
from auditor.plan.check_shape import shape
from auditor.plan.make import make_plan
from auditor.store.numbers import read_frozen
from auditor.workflow import repair_state
from auditor.workflow.bureau import opened
from auditor.workflow.fairness import Wishes, fair_fields
from auditor.workflow.plans import Planned
from auditor.workflow.sealing import Counts, as_planned
from auditor.workflow.shortfall import main_reason, shortfall
from plan.world import fake_lots, tight
from sealed import DECEMBER, FOLDER, Bureau, copied, drawn_simply

MAKE = ("plan", "make", "--programme", "2026-12", "--work", 10)
FEW = """\
id,name,department,domains,conflicts,half_days
o01,壬申,安全管理股,fire;food;transport;dorms,,2
o02,癸酉,体卫艺股,fire;food;transport;dorms,,2
"""
FOUR = (
    FEW.replace(",2", ",8")
    + """\
o03,甲戌,安全管理股,fire;food;transport;dorms,,8
o04,乙亥,体卫艺股,fire;food;transport;dorms,,8
"""
)


DRAWN = "2026-11-26T09:05:00+08:00"
"""When its number is drawn."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bureau whose number 1 is drawn and not planned."""
    made = tmp_path_factory.mktemp("fair")
    drawn_simply(made, plan=False)
    return made


@pytest.fixture
def bureau(drawn: Path, tmp_path: Path) -> Bureau:
    return copied(drawn, tmp_path / "own", DRAWN)


def loads(visits: list[dict[str, Any]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Half-days of everyone, and how often every two are out together, counted by hand."""
    teams = {one["sortie"]: sorted(one["team"]) for one in visits}.values()
    return (
        Counter(one for team in teams for one in team),
        Counter(pair for team in teams for pair in combinations(team, 2)),
    )


def test_a_plan_keeps_what_was_wished_and_says_so(bureau: Bureau) -> None:
    """Even within one half-day, no pair twice; the record tells it, and check holds it against that."""
    bureau.ok(*MAKE, "--even", "--pairs", 1)
    record = bureau.sealed(1).record
    assert record["fairness"] == {"load": 1, "even": 1, "pairs": 1, "given_up": [], "carried": {}}
    out, together = loads(record["visits"])
    everyone = [out[one.id] for one in bureau.drawn(1).staff if one.free]
    assert max(everyone) - min(everyone) <= 1
    assert set(together.values()) == {1}
    bureau.ok("plan", "check", "--programme", "2026-12")


def test_the_limit_of_load_is_kept_unless_one_says_no(drawn: Path, tmp_path: Path) -> None:
    """Without a word the limit binds; with --no-load no rule does."""
    for at, (words, load) in enumerate((([], 1), (["--no-load"], None))):
        own = copied(drawn, tmp_path / str(at), DRAWN)
        own.ok(*MAKE, *words)
        assert own.sealed(1).record["fairness"]["load"] == load
        own.ok("plan", "check", "--programme", "2026-12")


def test_even_means_one_in_a_county_and_two_in_a_large_programme() -> None:
    """100 visits are a county's, 101 are not."""
    assert [Wishes(even=True).rules(visits)["even"] for visits in (100, 101)] == [1, 2]
    assert Wishes().rules(7) == {"load": 1, "even": None, "pairs": None}


def test_a_plan_of_before_has_no_such_rule_and_a_spoiled_one_is_refused(bureau: Bureau) -> None:
    """The two keys are optional; whatever else stands in them is named."""
    bureau.ok(*MAKE)
    record = json.loads(json.dumps(dict(bureau.sealed(1).record)))
    old = {name: value for name, value in record.items() if name != "fairness"}
    assert list(shape(record)) == list(shape(old)) == []
    assert fair_fields(None) == {"load": None, "even": None, "pairs": None, "carried": {}}
    fair = record["fairness"]
    for wrong in (
        None, [], {}, {**fair, "load": -1}, {**fair, "even": "1"}, {**fair, "pairs": True},
        {**fair, "given_up": ["load"]}, {**fair, "given_up": ["cars"]}, {**fair, "carried": {"P01": -1}},
        {**fair, "more": 1},
    ):  # fmt: skip
        assert [one.what for one in shape({**old, "fairness": wrong})] == ["unusable values: fairness"]
    for share in (-0.1, 1.1, "1", None):
        assert [one.what for one in shape({**old, "share": share})] == ["unusable values: share"]
    assert list(shape({**old, "share": 0.94})) == []
    assert [one.what for one in shape({**old, "shares": 0.94})] == ["missing or unknown keys: shares"]


def test_half_days_of_earlier_numbers_of_the_year_are_carried(tmp_path: Path) -> None:
    """A closed number counts by who really went, ordered visits too; somebody new counts as the mean."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme(DECEMBER.replace("2026-12-31", "2026-11-30").replace("2026-12", "2026-11"))
    bureau.now = "2026-10-29T09:00:00+08:00"
    bureau.ok("draw", "freeze", "--programme", "2026-11")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-10-29T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--plan")
    people = {one.id: own for own, one in _staff(bureau, 1)}
    ordered = bureau.sealed(1).record["visits"][0]["unit"]
    bureau.ok("plan", "repair", "--add", ordered, "--directed", "信访3号")
    visits = _visits_now(bureau)
    assert {one["source"] for one in visits} == {"drawn", "directed"}
    for day in sorted({one["date"] for one in visits}):
        bureau.now = f"{day}T07:00:00+08:00"
        bureau.ok("plan", "release")
    bureau.now = "2026-12-01T09:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--as", "done")
    out, _together = loads(visits)

    staff = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "more.csv").write_text(staff + "o99,新人,安全管理股,fire;food,,4\n", encoding="utf-8")
    bureau.ok("inspectors", "import", tmp_path / "more.csv")
    bureau.programme(DECEMBER.replace("2026-12-01", "2026-12-02"))
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 2)
    bureau.now = "2026-12-01T09:05:00+08:00"
    bureau.ok("draw", "run", 2, "--beacon", "2 7 1 8 2 8")
    copy = copied(tmp_path, tmp_path.parent / f"{tmp_path.name}-open", DRAWN)
    copy.now = bureau.now
    bureau.ok("draw", "close", 1, "--out", tmp_path / "public")
    mean = sum(out.values()) // len([one for _own, one in _staff(bureau, 1) if one.free])
    assert mean >= 1
    for one in (bureau, copy):  # released visits of an open number tell what its transcript tells
        one.ok(*MAKE)
        carried = one.sealed(2).record["fairness"]["carried"]
        told = {own: carried.get(person.id, 0) for own, person in _staff(one, 2)}
        assert told.pop("o99") == mean
        free = {own for own, person in _staff(one, 1) if person.free}
        assert {own: told[own] for own in free} == {
            own: out[who] for who, own in people.items() if own in free
        }
        one.ok("plan", "check", "--programme", "2026-12")


def _staff(bureau: Bureau, number: int) -> list[tuple[str, Any]]:
    drawn = bureau.drawn(number)
    own = {neutral: who for who, neutral in drawn.staff_key.items()}
    return [(own[one.id], one) for one in drawn.staff]


def few(folder: Path, staff: str, units: int = 11) -> Bureau:
    """A bureau with these inspectors, so many units of which are drawn."""
    folder.mkdir(exist_ok=True)
    bureau = Bureau(folder)
    bureau.ok("units", "import", FOLDER / "units.csv")
    (folder / "few.csv").write_text(staff, encoding="utf-8")
    bureau.ok("inspectors", "import", folder / "few.csv")
    bureau.programme(DECEMBER.replace("units = 9", f"units = {units}\nweekly = 0"))
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    return bureau


def test_a_plan_says_what_more_would_place_the_others(tmp_path: Path) -> None:
    """Two people with two half-days each leave units out; the counts name nobody and stay with the number."""
    bureau = few(tmp_path, FEW)
    done = bureau.run(*MAKE, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["unplaced"] > 0 < said["visits"]
    assert set(said["more"]) == {"half_days", "cars", "people", "least"}
    assert said["main_reason"] == "capacity"
    shown = bureau.json("plan", "show", "--programme", "2026-12")
    assert shown["more"] == said["more"]
    assert "main_reason" not in shown
    every = said["visits"] + said["unplaced"]
    for words, cure in ((), False), (("--whole",), True):
        lines = bureau.ok("plan", "show", "--programme", "2026-12", *words).splitlines()
        assert lines[0].startswith(f"NOT PLACED: {said['unplaced']} of {every} visits (")
        assert lines[0].endswith("add half-days, people or cars, or draw fewer units") is cure
    assert any("would be placed by" in line for line in lines)


def test_where_nothing_can_be_placed_the_clash_is_named(tmp_path: Path) -> None:
    """Two people who hold nothing that is inspected: exit 3 with the rule, and the plan is sealed."""
    bureau = few(tmp_path, FEW.replace("fire;food;transport;dorms", "fire"))
    done = bureau.run(*MAKE)
    assert done.exit_code == 3, done.output
    assert "these cannot all be kept\n- the domains that people may inspect" in done.stdout
    said = bureau.json("plan", "show", "--programme", "2026-12")
    assert (said["visits"], said["clash"]) == (0, ["skills"])


@pytest.mark.parametrize("units", [None, 7])
def test_a_repair_keeps_the_wishes_and_leaves_nobody_out_for_them(
    units: int | None, bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever falls ill: no pair goes twice where that can be, and as many are placed as without the wish."""
    if units is not None:
        bureau = few(tmp_path / "few", FOUR, units)
    bureau.ok(*MAKE, "--pairs", 1)
    visits = bureau.sealed(1).record["visits"]
    bureau.now = "2026-11-30T20:00:00+08:00"
    given_up = 0
    for who in sorted({one for visit in visits for one in visit["team"]}):
        own = copied(bureau.folder, bureau.folder.parent / who, DRAWN)
        own.now = bureau.now
        ill = ("plan", "repair", "--absent", who, "2026-12-01", "2026-12-31", "--json")
        with monkeypatch.context() as wishless:
            wishless.setattr(repair_state, "fair_fields", lambda record: fair_fields(None))
            free = json.loads(own.run(*ill, "--dry-run").stdout)
        told = json.loads(own.run(*ill).stdout)
        assert len(told["left_out"]) == len(free["left_out"])
        now = _visits_now(own)
        out, together = loads(now)
        assert all(who not in one["team"] for one in now)
        broken = max(together.values(), default=1) > 1
        assert ("pairs" in told["gave_way"]) is broken
        said = own.ok("plan", "repair", "--history")
        assert ("no longer: the limit on how often" in said or "; the limit on how often" in said) is broken
        sorties = {one["sortie"] for one in now} | {one["sortie"] for one in told["left_out"]}
        most = -(-2 * len(sorties) // free_people(own)) + 1
        assert ("load" in told["gave_way"]) is (max(out.values()) > most)
        given_up += broken
    assert bool(given_up) is (units is not None)


def free_people(bureau: Bureau) -> int:
    """How many people of number 1 are free in some half-day."""
    with opened(bureau.db) as db:
        return sum(bool(one["free"]) for one in read_frozen(db, 1)["field"]["staff"])


def test_an_order_is_carried_out_whatever_is_wished_of_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but one have carried too much for the limit to let them go: others make room, nobody is refused."""
    bureau = few(tmp_path / "few", FOUR, 3)
    bureau.ok(*MAKE)
    drawn = bureau.drawn(1)
    unit = next(one for one in sorted(drawn.strata) if one not in {v["unit"] for v in _visits_now(bureau)})
    bureau.now = "2026-11-30T20:00:00+08:00"
    order = ("plan", "repair", "--add", unit, "--directed", "信访3号", "--dry-run", "--json")

    def told(**rules: object) -> list[str]:
        monkeypatch.setattr(repair_state, "fair_fields", lambda record: fair_fields(None) | rules)
        whys = [one["why"] for one in json.loads(bureau.run(*order).stdout)["changes"]]
        return sorted(one for one in whys if one in ("new", "left out"))

    free = told()
    assert "new" in free
    assert told(load=0, carried={one.id: 50 for one in drawn.staff[1:]}) == free


def _visits_now(bureau: Bureau) -> list[dict[str, Any]]:
    from auditor.workflow.ceremony import number_of
    from auditor.workflow.keys import open_key
    from auditor.workflow.repairs import read_current

    with opened(bureau.db) as db:
        _sealed, now = read_current(db, number_of(db, 1), open_key(db, lambda: None))
    return [dict(one) for one in now.visits]


@pytest.mark.parametrize(("refused", "told"), [(4, ""), (5, "no-skill")])
def test_a_reason_that_few_visits_have_is_not_told(refused: int, told: str) -> None:
    """Of fewer than five it would point at the units that have it; how many are unplaced is told anyway."""
    reason = main_reason([{"reason": "no-skill"}] * refused + [{"reason": "closed"}] * 3)
    assert reason == told
    (line,) = unplaced_lines(4, refused + 3, reason)
    assert line.startswith(f"NOT PLACED: {refused + 3} of {refused + 7} visits (")
    assert ("no team holds its domains together" in line) is bool(told)
    assert unplaced_lines(4, 0) == []
    assert main_reason([]) == ""


def test_share_and_wishes_that_gave_way_are_told_in_words() -> None:
    """What make_plan tells of a large programme and of its wishes reaches the counts and the sentences."""
    problem = tight(free_days={"P1": 4, "P2": 4}, pairs=3)
    made = replace(make_plan(problem, fake_lots(problem), gives_way=True), share=0.94)
    told = shortfall(Planned(record={}, problem=problem, made=made, visits=(), unplaced=(), departures=()))
    assert told == {"share": 0.94, "given_up": ["pairs"]}
    counts = Counts(number=1, visits=4, unplaced=0, sorties=4, plan_root="00", told=told)
    kept = as_planned({}, counts, "", datetime.fromisoformat("2026-11-26T09:05:00+08:00"))["counts"]
    assert {name: kept[name] for name in told} == told
    assert counts_text(counts).splitlines()[1:] == [
        "not all units fit: 94 % of the half-days could be used",
        "given up, for no days and teams were found with it: the limit on how often the same two go together",
    ]
