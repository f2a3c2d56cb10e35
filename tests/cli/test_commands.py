"""The command line as scripts call it: JSON, exit codes, sentences, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from shipping import SHIPPED

REGISTER = "学校代码,学校名称,乡镇,经度,纬度\n0012,甲小学,青石镇,105.2,30.5\n0013,乙小学,青石镇,105.3,30.6\n"


def run(*arguments: object) -> Any:
    """Call the program in this process."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with one register."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUDITOR_DB", raising=False)
    (tmp_path / "units.csv").write_text(REGISTER, encoding="utf-8")
    return tmp_path


def test_an_import_makes_the_bureau_and_says_so(here: Path) -> None:
    """The answer is JSON on standard output, the talk is on standard error."""
    done = run("units", "import", "units.csv", "--json")
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert answer == {
        "added": 2, "changed": 0, "unchanged": 0, "refused": 0, "rows": [], "left_out": [],
        "columns": {"id": "学校代码", "name": "学校名称", "township": "乡镇", "lat": "纬度", "lng": "经度"},
        "flags": [], "hidden": {"rows": 0, "columns": 0, "sheets": 0}, "missing": [], "changes": [],
        "new": ["0012", "0013"],
        "notes": ["kind: read off the name for 2 units"], "refused_file": "",
    }  # fmt: skip
    assert "bureau.db" in done.stderr
    listed = json.loads(run("units", "list", "--json").stdout)
    assert [unit["id"] for unit in listed] == ["0012", "0013"]
    assert set(listed[0]) == {
        "id", "name", "kind", "district", "township", "lat", "lng", "students", "boarders", "canteen",
        "buses", "tags", "closed",
    }  # fmt: skip
    assert json.loads(run("units", "import", "units.csv", "--json").stdout)["unchanged"] == 2


def test_a_refusal_keeps_nothing_and_stays_json(here: Path) -> None:
    """Counts are 0, the file is named, no database is left behind."""
    (here / "bad.csv").write_text(REGISTER + "0013,丙小学,青石镇,105.3,30.6\n", encoding="utf-8")
    done = run("units", "import", "bad.csv", "--json")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert (answer["added"], answer["refused"]) == (0, 2)
    assert set(answer["rows"][0]) == {"sheet", "row", "column", "value", "problem", "cure"}
    assert "bad.csv" in done.stderr
    assert not (here / "bureau.db").exists()


@pytest.mark.parametrize("name", ["empty.csv", "nothing.csv", "page.xls"])
def test_a_file_refused_as_a_whole_stays_json_too(here: Path, name: str) -> None:
    """Counts 0, one row with the reason, exit 1; neither database nor its folders are left."""
    (here / "empty.csv").write_text("学校代码,学校名称\n", encoding="utf-8")
    (here / "nothing.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    (here / "page.xls").write_text("<html><p>", encoding="utf-8")
    before = sorted(one.name for one in here.iterdir())
    done = run("units", "import", name, "--json", "--db", "new/folder/b.db")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert (answer["added"], answer["changed"], answer["unchanged"], answer["refused"]) == (0, 0, 0, 1)
    assert name in answer["rows"][0]["problem"]
    assert sorted(one.name for one in here.iterdir()) == before
    assert run("units", "import", "units.csv", "--dry-run", "--db", "new/folder/b.db").exit_code == 0
    assert sorted(one.name for one in here.iterdir()) == before


def test_a_demo_never_replaces_a_real_bureau(here: Path) -> None:
    """Nor files of others that bear its names, nor a file."""
    (here / "own").mkdir()
    assert run("units", "import", "units.csv", "--db", "own/bureau.db").exit_code == 0
    before = (here / "own" / "bureau.db").read_bytes()
    done = run("demo", "--month", "2026-12", "--out", "own")
    assert done.exit_code == 1
    assert "bureau.db" in done.stderr
    assert (here / "own" / "bureau.db").read_bytes() == before
    (here / "plans").mkdir()
    (here / "plans" / "plan.json").write_text("precious", encoding="utf-8")
    assert run("demo", "--month", "2026-12", "--out", "plans").exit_code == 1
    assert run("demo", "--month", "2026-12", "--out", "units.csv").exit_code == 1
    assert sorted(one.name for one in here.iterdir()) == ["own", "plans", "units.csv"]


@pytest.mark.parametrize("answer", ["raise SystemExit(0)", "1 / 0", "return -5", "return 'x'", "return True"])
def test_a_hook_that_does_not_answer_ends_in_a_sentence(here: Path, answer: str) -> None:
    """With the plugin's name, exit 1, and nothing written."""
    (here / "p").mkdir()
    (here / "p" / "odd.py").write_text(
        f"from auditor import hookimpl\n@hookimpl\ndef auditor_risk_points(unit, findings):\n    {answer}\n",
        encoding="utf-8",
    )
    done = run("--plugins-dir", "p", "demo", "--month", "2026-12", "--work", "0.2", "--out", "d")
    assert done.exit_code == 1, done.output
    assert "auditor_risk_points" in done.stderr
    assert not (here / "d").exists()


def test_a_closed_standard_output_is_no_traceback(here: Path) -> None:
    """As a scheduler may call it."""
    for arguments in ("plugins list", "--help"):
        done = subprocess.run(
            ["sh", "-c", f"exec '{sys.executable}' -m auditor {arguments} >&-"],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_a_month_without_record_is_a_question_of_usage(here: Path) -> None:
    """Not a failed check."""
    assert run("init").exit_code == 0
    for what in ("plan", "roster"):
        assert run(what, "check", "--month", "2030-06").exit_code == 2
        assert run(what, "show").exit_code == 2


def test_flags_end_in_5_and_a_dry_run_writes_nothing(here: Path) -> None:
    """As the contract says."""
    (here / "flagged.csv").write_text("学校代码,学校名称\n1,甲小学\n", encoding="utf-8")
    dry = run("units", "import", "flagged.csv", "--dry-run", "--json")
    assert dry.exit_code == 5
    assert json.loads(dry.stdout)["added"] == 1
    assert not (here / "bureau.db").exists()
    done = run("units", "import", "flagged.csv", "--json")
    assert done.exit_code == 5
    (flag,) = json.loads(done.stdout)["flags"]
    assert (flag["unit"], flag["flag"], flag["value"], flag["row"]) == ("1", "no-point", "", 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("units", "list"),
        ("units", "export", "--out", "x.csv"),
        ("inspectors", "list"),
        ("leave", "list"),
        ("plan", "check"),
        ("roster", "check"),
        ("plan", "show"),
        ("log", "verify"),
        ("backup", "b.db"),
    ],
)
def test_a_command_that_reads_a_bureau_refuses_a_missing_one(here: Path, arguments: tuple[str, ...]) -> None:
    """With the cure, and without making it."""
    done = run(*arguments)
    assert done.exit_code == 2
    assert "auditor init" in done.stderr
    assert sorted(one.name for one in here.iterdir()) == ["units.csv"]


def test_inspectors_and_leave(here: Path) -> None:
    """Chinese headings and names of domains; leave by name; what nobody bears is refused."""
    (here / "i.csv").write_text(
        "编号,姓名,科室,领域,回避,半天数\no2,乙,安全股,消防安全;food,0012;青石镇,3\no1,甲,安全股,fire,,\n",
        encoding="utf-8",
    )
    assert run("inspectors", "import", "i.csv").exit_code == 0
    fields = ("id", "name", "department", "domains", "conflicts")
    listed = json.loads(run("inspectors", "list", "--json").stdout)
    assert [{field: row[field] for field in fields} for row in listed] == [
        {"id": "o1", "name": "甲", "department": "安全股", "domains": ["fire"], "conflicts": []},
        {
            "id": "o2",
            "name": "乙",
            "department": "安全股",
            "domains": ["fire", "food"],
            "conflicts": ["0012", "青石镇"],
        },
    ]
    (here / "l.csv").write_text("姓名,开始,结束,类别\n甲,2026/12/1,2026年12月3日,年休假\n", encoding="utf-8")
    assert run("leave", "import", "l.csv").exit_code == 0
    assert json.loads(run("leave", "list", "--json").stdout) == [
        {"person": "o1", "from": "2026-12-01", "to": "2026-12-03", "kind": "年休假", "half": ""}
    ]
    (here / "bad.csv").write_text("姓名,开始\n丁,2026-12-01\n甲,不知\n", encoding="utf-8")
    done = run("leave", "import", "bad.csv", "--json")
    assert done.exit_code == 1
    assert [row["row"] for row in json.loads(done.stdout)["rows"]] == [2, 3]
    (here / "worse.csv").write_text("编号,姓名,领域\no3,丙,炼金术\n", encoding="utf-8")
    assert run("inspectors", "import", "worse.csv").exit_code == 1


def test_init_doctor_backup_restore(here: Path) -> None:
    """The life of a file; never over an existing one."""
    assert run("doctor").exit_code == 1
    assert run("init", "--name", "试", "--at", "105.2,30.5").exit_code == 0
    assert run("init").exit_code == 1
    assert run("doctor").exit_code == 0
    assert run("backup", "copy.db").exit_code == 0
    assert run("backup", "copy.db").exit_code == 1
    assert run("restore", "copy.db", "--db", "new.db").exit_code == 0
    assert run("restore", "copy.db", "--db", "new.db").exit_code == 1
    assert run("log", "verify", "--db", "new.db").exit_code == 0
    assert run("init", "--db", "x.db", "--at", "夏").exit_code == 2
    assert run("restore", "units.csv", "--db", "y.db").exit_code == 1
    assert sorted(one.name for one in here.iterdir()) == ["bureau.db", "copy.db", "new.db", "units.csv"]


def test_plugins(here: Path) -> None:
    """A failed plugin is a row and exit 5; the others are there."""
    assert run("plugins", "list").exit_code == 0
    (here / "p").mkdir()
    (here / "p" / "bad.py").write_text("raise SystemExit('no')", encoding="utf-8")
    done = run("--plugins-dir", "p", "plugins", "list", "--json")
    assert done.exit_code == 5
    rows = {row["key"]: row for row in json.loads(done.stdout)}
    assert set(rows) == {*SHIPPED, "bad"}
    assert set(rows["bad"]) == {"key", "name", "version", "sha256", "items", "ok", "error"}
    assert rows["bad"]["ok"] is False
    assert "no" in rows["bad"]["error"]
    assert rows["fire"]["ok"] is True
    assert rows["fire"]["error"] is None
    assert run("--plugins-dir", "p", "demo", "--out", "d").exit_code == 1
    assert not (here / "d").exists()
    (here / "a.json").write_text('{"unit": {"boarders": 3}, "answers": {"FIR-01": "fail"}}', encoding="utf-8")
    answer = json.loads(run("plugins", "score", "fire", "a.json", "--json").stdout)
    assert answer["vetoed"] == ["FIR-01"]
    for bad in ('{"answers": {"NO-1": "pass"}}', '{"answers": {"FIR-01": "maybe"}}', "[]", "{"):
        (here / "a.json").write_text(bad, encoding="utf-8")
        done = run("plugins", "score", "fire", "a.json")
        assert done.exit_code == 2
        assert "a.json" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("demo", "--month", "2026-13"), 2),
        (("demo", "--n", "0"), 2),
        (("demo", "--n", "121"), 2),
        (("demo", "--units", "none.csv"), 2),
        (("demo", "--now", "yesterday"), 2),
        (("demo", "--at", "30,200"), 2),
        (("demo", "--where", "乡镇"), 2),
        (("demo", "--inspectors", "one.csv"), 3),
        (("demo", "--month", "2026-12", "--leave", "all.csv"), 3),
        (("units", "import", "none.csv"), 2),
        (("units", "import", "units.csv", "--map", "id"), 2),
        (("units", "import", "empty.csv"), 1),
        (("units", "import", "staff.csv"), 1),
        (("draw", "verify", "none.json"), 2),
        (("draw", "verify", "units.csv"), 4),
    ],
)
def test_bad_input_gets_one_sentence_and_nothing_is_left(
    here: Path, arguments: tuple[str, ...], code: int
) -> None:
    """Exit code, one line that is no traceback, the folder as it was."""
    (here / "one.csv").write_text("id,name,domains\no01,甲,fire\n", encoding="utf-8")
    (here / "empty.csv").write_text("学校代码,学校名称\n", encoding="utf-8")
    (here / "staff.csv").write_text("工号,部门\n1,安全股\n", encoding="utf-8")
    people = [f"{role}{at:02d}" for role, count in (("l", 8), ("o", 24)) for at in range(1, count + 1)]
    (here / "all.csv").write_text(
        "person,from,to\n" + "".join(f"{who},2026-12-01,2026-12-31\n" for who in people), encoding="utf-8"
    )
    before = sorted(one.name for one in here.iterdir())
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert sorted(one.name for one in here.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("programme", "add", "p.toml"), "unitz is no key"),
        (("programme", "add", "low.toml"), "--accept-lower-floor"),
        (("programme", "show", "2027-01"), "2027-01 is no programme"),
        (("draw", "freeze", "--programme", "2026-12"), "3 units cannot be drawn from 2"),
        (("draw", "commit", "9"), "no number 9"),
        (("draw", "run", "9", "--beacon", "1 2 3"), "no number 9"),
        (("plan", "show", "--number", "9"), "no number 9"),
        (("plan", "make", "--programme", "none"), "none is no programme"),
        (("units", "show", "none"), "none is no unit"),
        (("units", "import", "units.csv", "--encoding", "none"), "--encoding"),
        (("units", "travel", "import", "ways.csv"), "1 cells cannot be so"),
        (("units", "travel", "import", "units.csv"), "no table of ways"),
        (("visit", "start", "0012", "--domain", "none", "--directed", "x"), "none is no domain"),
        (("plugins", "show", "none"), "none is no domain; there are "),
        (("plugins", "add", "none.zip"), "none.zip: there is no such file"),
        (("plugins", "allow", "none.zip"), "none.zip: there is no such file"),
        (("blackouts", "add", "全部", "12月1日"), "'FIRST': 12月1日 is no day; write it like 2026-12-01"),
        (("plugins", "score", "none", "a.json"), "none is no domain"),
    ],
)
def test_what_is_written_wrongly_ends_in_two(here: Path, arguments: tuple[str, ...], told: str) -> None:
    """On the command line, in a programme or in a table of ways: usage, and nothing is kept."""
    good = (
        'id = "2026-12"\nname = "x"\nfrom = 2026-12-01\nto = 2026-12-31\nbasis = "x"\n'
        'domains = ["fire"]\nunits = 3\n'
    )
    texts = {"p.toml": good + "unitz = 3\n", "low.toml": good + "floor = 0.1\n", "good.toml": good}
    texts["ways.csv"] = "分钟,起点,0012\n起点,0,快\n0012,25,0\n"
    texts["a.json"] = '{"answers": {}}'
    texts["staff.csv"] = "id,name,domains\no01,甲,fire\no02,乙,fire\n"
    for name, text in texts.items():
        (here / name).write_text(text, encoding="utf-8")
    for made in (("units", "import", "units.csv"), ("inspectors", "import", "staff.csv")):
        assert run(*made).exit_code == 0
    assert run("programme", "add", "good.toml").exit_code == 0
    done = run(*arguments, "--now", "2026-11-26T09:00:00+08:00")
    assert (done.exit_code, told in done.stderr) == (2, True), done.output


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_encoding_of_the_output_makes_finished_work_fail(here: Path, encoding: str, language: str) -> None:
    """Piped into a file or terminal that has no Chinese."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "AUDITOR_LANG": language}
    for arguments in (["units", "import", "units.csv"], ["units", "list"], ["plugins", "show", "fire"]):
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *arguments], capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_help_is_in_the_language_that_is_asked_for(here: Path) -> None:
    """Help texts are fixed when the commands are built, so the language is chosen before."""
    for language, word in (("zh", "教育局"), ("en", "Plan unannounced")):
        done = subprocess.run(
            [sys.executable, "-m", "auditor", "--lang", language, "--help"],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=True,
        )
        assert word in done.stdout.decode()
