"""A visit keeps every answer, is scored by what it began with, and says what a person should look at."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from auditor.cli.main import auditor
from auditor.store.units import put_aliases
from auditor.store.writing import write_tx
from auditor.visits.operations import Conflict, Operation, refuse_conflict, standing
from auditor.workflow import bureau
from auditor.workflow.history import past_inspections

NOW = "2026-12-02T09:00+08:00"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bureau with two schools."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUDITOR_NOW", NOW)
    monkeypatch.setenv("AUDITOR_DB", str(tmp_path / "b.db"))
    rows = "学校代码,学校名称,乡镇,寄宿生数,食堂,校车数\n1,甲小学,禾岭镇,30,有,0\n2,乙小学,禾岭镇,0,无,0\n"
    (tmp_path / "r.csv").write_text(rows, encoding="utf-8")
    run("units", "import", "r.csv")
    return tmp_path


def run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


def shown(visit: str) -> dict[str, Any]:
    """What ``visit show --json`` gives."""
    return dict(json.loads(run("visit", "show", visit, "--json").stdout))


def began(*domains: str, unit: str = "1") -> str:
    """Start a visit that was ordered."""
    keys = [part for key in domains for part in ("--domain", key)]
    done = run("visit", "start", unit, *keys, "--directed", "安委办〔2026〕8号", "--json")
    assert done.exit_code == 0, done.output
    return str(json.loads(done.stdout)["visit"])


def everything(here: Path, key: str, answer: str = "pass") -> Path:
    """A file that answers every item of a domain."""
    items = json.loads(run("plugins", "show", key, "--json").stdout)["items"]
    file = here / f"{key}.json"
    file.write_text(json.dumps({item["code"]: answer for item in items}), encoding="utf-8")
    return file


def test_a_visit_outside_the_plan_needs_its_basis(here: Path) -> None:
    """And domains that apply to the unit."""
    refused = run("visit", "start", "1", "--domain", "fire")
    assert refused.exit_code == 2
    assert "--directed" in refused.output
    assert run("visit", "start", "9", "--domain", "fire", "--directed", "x").exit_code == 2
    assert run("visit", "start", "2", "--domain", "dorms", "--directed", "x").exit_code == 2
    assert run("visit", "start", "1", "--domain", "nothing", "--directed", "x").exit_code == 2
    assert began("fire") == "V20261202-01"
    assert began("fire") == "V20261202-02"


def test_all_in_order_closes_with_the_best_band(here: Path) -> None:
    """Score, band, plugin and items stand in the record; nothing is taken any more."""
    visit = began("fire")
    assert run("visit", "answer", visit, "--file", everything(here, "fire")).exit_code == 0
    assert run("visit", "close", visit).exit_code == 0
    record = shown(visit)
    fire = record["domains"]["fire"]
    assert (fire["band"], fire["checked"], fire["of"], fire["determination"]) == ("pass", 36, 36, "none")
    assert set(fire["plugin"]) == {"name", "version", "sha256"}
    assert len(fire["items"]) == 36
    assert record["closed_at"] == datetime.fromisoformat(NOW).isoformat()
    refused = run("visit", "answer", visit, "FIR-01", "fail")
    assert refused.exit_code == 1
    assert "closed" in refused.output
    assert run("visit", "close", visit).exit_code == 1
    assert run("log", "verify").exit_code == 0
    with bureau.opened(here / "b.db") as db:
        assert [(one.unit, f"{one.on}") for one in past_inspections(db, {"1"})] == [("1", "2026-12-02")]
        assert past_inspections(db, {"2"}) == []
        with write_tx(db, "units", datetime.fromisoformat(NOW)) as tx:
            put_aliases(tx, {"1": "2"})
        assert [one.unit for one in past_inspections(db, {"2"})] == ["2"]


def test_a_pass_against_its_number_is_kept_and_said(here: Path) -> None:
    """Exit 5; the number at the border is none."""
    visit = began("fire")
    bad = run("visit", "answer", visit, "FIR-10", "pass", "--value", "1")
    assert bad.exit_code == 5
    assert "FIR-10" in bad.output
    assert run("visit", "answer", visit, "FIR-10", "pass", "--value", "2").exit_code == 0
    (answer,) = next(i for i in shown(visit)["domains"]["fire"]["items"] if i["code"] == "FIR-10")["answers"]
    assert (answer["answer"], answer["value"]) == ("pass", "2")
    assert shown(visit)["revision"] == 2


def test_an_answer_brings_what_it_must_before_the_visit_closes(here: Path) -> None:
    """A photo is kept by name, size and hash."""
    visit = began("fire")
    assert run("visit", "answer", visit, "FIR-11", "fail").exit_code == 5
    refused = run("visit", "close", visit)
    assert refused.exit_code == 1
    assert "FIR-11" in refused.output
    assert run("visit", "answer", visit, "FIR-11", "fail", "--value", "79/100").exit_code == 0
    assert run("visit", "close", visit).exit_code == 0
    fire = shown(visit)["domains"]["fire"]
    assert (fire["determination"], fire["band"]) == ("direct", "case")
    assert fire["hazards"] == [{"code": "FIR-11", "level": "major"}]


def test_a_photo_is_kept_by_its_hash(here: Path) -> None:
    """A missing one is refused and nothing kept."""
    (here / "p.jpg").write_bytes(b"abc")
    visit = began("fire")
    assert run("visit", "answer", visit, "FIR-09", "fail", "--photo", "p.jpg").exit_code == 0
    (answer,) = next(i for i in shown(visit)["domains"]["fire"]["items"] if i["code"] == "FIR-09")["answers"]
    assert answer["photo"]["bytes"] == 3
    assert answer["photo"]["sha256"].startswith("ba7816bf")
    assert run("visit", "answer", visit, "FIR-10", "fail", "--photo", "no.jpg").exit_code == 2
    assert shown(visit)["revision"] == 1


def test_an_item_that_two_domains_ask_is_answered_once(here: Path) -> None:
    """The other one names it, and it is counted once."""
    visit = began("fire", "dorms")
    items = shown(visit)["domains"]["dorms"]["items"]
    twice = next(item for item in items if "answered_as" in item)
    refused = run("visit", "answer", visit, twice["code"], "pass")
    assert refused.exit_code == 2
    assert twice["answered_as"] in refused.output
    record = shown(visit)["domains"]["dorms"]
    same = sum("answered_as" in item for item in items)
    assert same > 0
    assert record["of"] == len(items) - same


def test_a_decision_stands_beside_what_was_computed(here: Path) -> None:
    """By a post, with a reason; it changes no score."""
    visit = began("fire")
    run("visit", "answer", visit, "FIR-01", "fail")
    before = shown(visit)["domains"]
    assert (
        run(
            "visit", "decide", visit, "--by", "安全科长", "--level", "general", "--reason", "当场停用"
        ).exit_code
        == 0
    )
    record = shown(visit)
    assert record["domains"] == before
    assert [(one["by"], one["level"]) for one in record["decisions"]] == [("安全科长", "general")]


def test_a_visit_is_scored_by_the_checklist_it_began_with(here: Path) -> None:
    """A bundle that comes meanwhile changes nothing for it; the next visit has the new one."""
    visit = began("fire")
    run("plugins", "keygen", "--out", "k")
    folder = here / "fire2027"
    folder.mkdir()
    (folder / "fire.toml").write_text(
        'key = "fire"\nversion = "2027.1"\nzh = "消防"\nen = "Fire"\nminutes = 5\n'
        'windows = [{slot = "morning"}]\n'
        '[[items]]\ncode = "FIR-01"\nzh = "甲"\nen = "a"\nseverity = "veto"\nevidence = "photo"\n'
        'basis = "-"\n'
        'source = ["copy"]\n',
        encoding="utf-8",
    )
    for command in (("bundle", folder, "--key", "k", "--out", "f.zip"), ("allow", "f.zip"), ("add", "f.zip")):
        assert run("plugins", *command).exit_code == 0
    assert run("visit", "close", visit).exit_code == 0
    assert shown(visit)["domains"]["fire"]["of"] == 36
    after = shown(began("fire"))["domains"]["fire"]
    assert (after["of"], after["plugin"]["version"]) == (1, "2027.1")


def test_a_layer_counts_by_the_day_of_the_visit(here: Path) -> None:
    """Count and document of the composite rule come from it."""
    (here / "l.toml").write_text(
        'domain = "fire"\nlevel = "province"\ndocument = "省〔2026〕1号"\nfrom = 2026-01-01\ncount = 2\n',
        encoding="utf-8",
    )
    for at in range(2):
        visit = began("fire")
        for code in ("FIR-14", "FIR-18"):
            run("visit", "answer", visit, code, "fail", "--value", "1")
        fire = shown(visit)["domains"]["fire"]
        assert fire["determination"] == ("composite" if at else "none")
        assert run("plugins", "layer", "add", "l.toml").exit_code == 0
    assert fire["layer"] == "province"
    assert run("plugins", "layer", "remove", "fire", "province", "省〔2026〕1号").exit_code == 0
    assert run("plugins", "layer", "remove", "fire", "province", "省〔2026〕1号").exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        'domain = "fire"', 'domain = "fire"\nlevel = "world"\ndocument = "x"\nfrom = 2026-01-01',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = "2026-01-01"',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = 2026-01-01\nto = 2025-01-01',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = 2026-01-01\ncount = 0',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = 2026-01-01\nvalues = {FIR-01 = 3}',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = 2026-01-01\nbands = {weighted = [3]}',
        'domain = "fire"\nlevel = "city"\ndocument = "x"\nfrom = 2026-01-01\nmore = 1', "domain = ",
    ],
)  # fmt: skip
def test_a_layer_that_cannot_be_read_is_refused(here: Path, text: str) -> None:
    """By file and key; nothing is kept."""
    (here / "l.toml").write_text(text, encoding="utf-8")
    done = run("plugins", "layer", "add", "l.toml")
    assert done.exit_code == 1
    assert "l.toml" in done.output
    assert json.loads(run("plugins", "layer", "list", "--json").stdout) == []


def test_the_same_operation_again_changes_nothing_and_a_later_one_is_a_conflict(here: Path) -> None:
    """By its id; by the revision that its author saw."""
    visit = began("fire")
    (here / "a.json").write_text(
        json.dumps([{"id": "u1", "item": "FIR-01", "answer": "pass"}]), encoding="utf-8"
    )
    for _ in range(2):
        assert run("visit", "answer", visit, "--file", "a.json").exit_code == 0
    assert shown(visit)["revision"] == 1
    assert run("visit", "answer", visit, "FIR-01", "fail", "--base", "0").exit_code == 1
    assert run("visit", "answer", visit, "FIR-02", "fail", "--base", "0").exit_code in (0, 5)
    assert run("visit", "answer", visit, "FIR-01", "fail", "--base", "2").exit_code in (0, 5)


def test_what_stands_is_the_last_of_each_item_and_place() -> None:
    """Whatever the order in which they are read."""

    def one(revision: int, item: str, answer: str, place: str = "") -> Operation:
        data = {"item": item, "answer": answer} | ({"place": place} if place else {})
        return Operation(
            id=str(revision), visit="V", revision=revision, base=0, what="answer", at="", data=data
        )

    found = [one(1, "A", "pass"), one(2, "A", "fail", "1号楼"), one(3, "A", "na"), one(4, "B", "fail")]
    told = {item: [row["answer"] for row in rows] for item, rows in standing(found[::-1]).items()}
    assert told == {"A": ["na", "fail"], "B": ["fail"]}
    refuse_conflict(found, "A", "", 3, "V")
    with pytest.raises(Conflict):
        refuse_conflict(found, "A", "", 2, "V")


@pytest.mark.parametrize(
    "arguments",
    [
        ("FIR-99", "pass"), ("FIR-01", "maybe"), ("FIR-01", "pass", "--value", "many"), ("FIR-01",), (),
        ("--file", "none.json"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_a_wrong_command(here: Path, arguments: tuple[str, ...]) -> None:
    """Exit 2, and nothing is kept."""
    visit = began("fire")
    assert run("visit", "answer", visit, *arguments).exit_code == 2
    assert shown(visit)["revision"] == 0
    assert run("visit", "answer", "V1", "FIR-01", "pass").exit_code == 2


def told(here: Path, rows: object, visit: str) -> Result:
    """Answer by a file."""
    (here / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    return run("visit", "answer", visit, "--file", "rows.json")


def test_a_measured_nothing_is_a_number(here: Path) -> None:
    """0 is kept, and satisfies what asks for a measured value."""
    visit = began("fire")
    done = told(here, [{"item": "FIR-18", "answer": "fail", "value": 0, "photo": "r.csv"}], visit)
    assert done.exit_code == 0, done.output
    rows = {one["code"]: one for one in shown(visit)["domains"]["fire"]["items"]}
    assert rows["FIR-18"]["answers"][0]["value"] == 0


def test_an_operation_is_never_written_over(here: Path) -> None:
    """Not by the same id in another visit, in the same file, or with other content."""
    first, second = began("fire"), began("fire")
    one = {"id": "U", "item": "FIR-01", "answer": "pass"}
    assert told(here, [one], first).exit_code == 0
    twice = [{**one, "id": "V", "item": "FIR-02"}, {**one, "id": "V", "item": "FIR-03"}]
    for visit, rows in (
        (second, [{**one, "item": "FIR-02"}]), (first, [{**one, "answer": "fail"}]), (first, twice),
    ):  # fmt: skip
        assert told(here, rows, visit).exit_code == 2
    again = told(here, [one], first)
    assert (again.exit_code, "0 answers kept" in again.output) == (0, True)
    assert (shown(first)["revision"], shown(second)["revision"]) == (1, 0)


def test_two_at_once_lose_nothing(here: Path) -> None:
    """Every visit that was said to begin has an id of its own."""
    words = ["visit", "start", "1", "--domain", "health", "--directed", "x"]
    command = [sys.executable, "-m", "auditor", *words]
    with ThreadPoolExecutor(4) as pool:
        ended = pool.map(lambda _at: subprocess.run(command, capture_output=True, check=False), range(4))
        codes = [one.returncode for one in ended]
    assert codes.count(0) == len(json.loads(run("visit", "list", "--json").stdout))
    assert 0 in codes


@pytest.mark.parametrize(
    "rows",
    [
        [], {}, [{"item": "FIR-01", "answer": "pass", "vlaue": 1}], {"FIR-10": []},
        [{"item": "FIR-01", "answer": "pass"}, {"item": "FIR-01", "answer": "fail"}],
        [{"item": "FIR-01", "answer": "pass", "note": "\ud800"}],
        [{"item": "FIR-01", "answer": "pass", "note": 3}],
        [{"item": "FIR-01", "answer": "pass", "place": "a\u200bb"}],
        [{"item": "FIR-10", "answer": "fail", "value": 10**400}],
        [{"item": "FIR-10", "answer": "fail", "value": "1_0"}],
        [{"item": "FIR-10", "answer": "fail", "value": "٣"}],
    ],
)  # fmt: skip
def test_rows_that_would_lose_something_are_refused_whole(here: Path, rows: object) -> None:
    """One sentence, and nothing is kept."""
    visit = began("fire")
    done = told(here, rows, visit)
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert shown(visit)["revision"] == 0


def test_blanks_around_a_place_are_no_other_place(here: Path) -> None:
    """A correction takes the place of what it corrects."""
    visit = began("fire")
    run("visit", "answer", visit, "FIR-27", "fail", "--place", "1号楼")
    run("visit", "answer", visit, "FIR-27", "pass", "--place", "1号楼 ")
    rows = {one["code"]: one for one in shown(visit)["domains"]["fire"]["items"]}
    assert [one["answer"] for one in rows["FIR-27"]["answers"]] == ["pass"]


def test_the_words_of_the_form_are_answers(here: Path) -> None:
    """And what a form says of an item that is not asked here changes nothing."""
    visit = began("fire", unit="2")  # no canteen: FIR-30 is not asked
    form = {"FIR-01": "符合", "FIR-02": "合理缺项", "FIR-30": "合理缺项"}
    assert told(here, form, visit).exit_code == 0
    assert shown(visit)["revision"] == 2
    assert told(here, {"FIR-30": "不符合"}, visit).exit_code == 2


def test_a_layers_threshold_is_the_one_that_a_pass_must_keep(here: Path) -> None:
    """By the day of the visit."""
    text = 'domain = "fire"\nlevel = "city"\ndocument = "市1号"\nfrom = 2026-12-01\nvalues = {FIR-10 = 3}\n'
    (here / "l.toml").write_text(text, encoding="utf-8")
    assert run("plugins", "layer", "add", "l.toml").exit_code == 0
    visit = began("fire")
    assert run("visit", "answer", visit, "FIR-10", "pass", "--value", "3", "--place", "A").exit_code == 0
    kept = run("visit", "answer", visit, "FIR-10", "pass", "--value", "2", "--place", "B")
    assert (kept.exit_code, ">= 3" in kept.output) == (5, True)
    assert "pass, although 2 was found and >= 3 count/floor is asked" in run("visit", "show", visit).output


def test_a_veto_that_waits_in_another_domain_gives_no_band(here: Path) -> None:
    """DOR-16 is answered as FIR-12: until that is looked at, the dormitories have no band."""
    visit = began("fire", "dorms")
    rows = shown(visit)["domains"]["dorms"]["items"]
    assert told(here, {one["code"]: "pass" for one in rows if "answered_as" not in one}, visit).exit_code == 0
    assert shown(visit)["domains"]["dorms"]["band"] == ""
    fire = {one["code"]: "pass" for one in shown(visit)["domains"]["fire"]["items"]}
    assert told(here, fire, visit).exit_code == 0
    assert shown(visit)["domains"]["dorms"]["band"] == "good"


def test_a_person_decides_also_after_the_visit_has_ended(here: Path) -> None:
    """The score stays as it was; an empty post or reason is no decision."""
    visit = began("health")
    told(here, {one["code"]: "na" for one in shown(visit)["domains"]["health"]["items"]}, visit)
    assert run("visit", "close", visit).exit_code == 0
    by = ("visit", "decide", visit, "--by")
    assert run(*by, "科长", "--level", "一般", "--reason", "会商").exit_code == 0
    assert [one["level"] for one in shown(visit)["decisions"]] == ["general"]
    assert run(*by, " ", "--level", "none", "--reason", "x").exit_code == 2
    assert run("visit", "answer", visit, "HLT-01", "pass").exit_code == 1


def test_a_closed_school_and_a_base_from_the_future_are_refused(here: Path) -> None:
    """Both by a sentence."""
    visit = began("fire")
    assert run("visit", "answer", visit, "FIR-01", "pass", "--base", "99").exit_code == 2
    assert run("units", "set", "1", "closed=2026-01-01", "--reason", "撤并").exit_code in (0, 5)
    refused = run("visit", "start", "1", "--domain", "fire", "--directed", "x")
    assert (refused.exit_code, "is closed" in refused.output) == (2, True)


def test_a_checklist_altered_in_the_file_is_not_scored_by(here: Path) -> None:
    """It is kept by its hash."""
    visit = began("fire")
    with sqlite3.connect(here / "b.db") as file:
        file.execute("update checklists set domain = replace(domain, 'veto', 'general')")
    file.close()
    refused = run("visit", "show", visit)
    assert (refused.exit_code, "was altered" in refused.output) == (1, True)


def test_a_hazard_is_said_as_a_notice_would(here: Path) -> None:
    """In Chinese by its fault; unverified and mere practice are marked."""
    visit = began("fire")
    run("visit", "answer", visit, "FIR-34", "fail", "--note", "值班表是去年的")
    text = run("visit", "show", visit, "--lang", "zh").output
    for words in (
        "未按要求建设微型消防站",
        "工作要求（文号由本局填）〔未核实〕",
        "不作责令",
        "值班表是去年的",
    ):
        assert words in text


@pytest.mark.parametrize(
    "text",
    [
        "from = 2026-01-01T00:00:00", "from = 2026-01-01\nto = 2026-02-01T00:00:00",
        "from = 2026-01-01\nvalues = {FIR-10 = nan}", "from = 2026-01-01\nvalues = {FIR-10 = 1e999}",
        "from = 2026-01-01\nbands = {weighted = [{least = inf, name = 'a'}, {least = 0, name = 'b'}]}",
        "from = 2026-01-01\nbands = {weighted = [{least = 50, name = 'a'}, {least = 1, name = 'b'}]}",
        "from = 2026-01-01\ncount = " + "9" * 5000, "from = 2026-01-01\nx = " + "[" * 5000 + "]" * 5000,
    ],
)  # fmt: skip
def test_a_layer_that_would_spoil_every_score_is_refused(here: Path, text: str) -> None:
    """With one sentence; nothing is kept."""
    head = 'domain = "fire"\nlevel = "city"\ndocument = "市1号"\n'
    (here / "l.toml").write_text(head + text, encoding="utf-8")
    done = run("plugins", "layer", "add", "l.toml")
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert json.loads(run("plugins", "layer", "list", "--json").stdout) == []
