"""One clerk and one witness go through a whole draw with `draw ceremony` alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.draw.verify import verify
from sealed import Bureau

MOST_ANSWERS = 15


def published(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The transcript that a ceremony wrote, and what is wrong with it by the hashes on its own papers."""
    data = (folder / "public" / "transcript.json").read_bytes()
    transcript = json.loads(data)
    paper = (folder / "record.html").read_text(encoding="utf-8")
    for name in ("commit_sha256", "plan_root"):
        groups = [transcript[name][at : at + 8] for at in range(0, 64, 8)]
        assert all(group in paper for group in groups), name
    ledger = (folder / "public" / "ledger.json").read_bytes()
    return transcript, verify(data, transcript["commit_sha256"], transcript["plan_root"], ledger)[0]


def test_a_clerk_and_a_witness_need_few_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a register to a published, verified draw: eight answers, of which two are about the programme."""
    monkeypatch.chdir(tmp_path)
    bureau = Bureau(tmp_path)
    bureau.county()
    answers = ["四川省学校安全条例；年度清单第3项", "8", "y", "", "314159", "y", "y"]
    assert len(answers) <= MOST_ANSWERS
    done = bureau.run("draw", "ceremony", "--work", 5, input="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert "3 1 4 1 5 9 – is that right?" in done.output
    assert not (tmp_path / "draw-1" / "public").exists()  # the clock of a drill does not leap over the period
    bureau.now = "2027-01-01T09:00:00+08:00"
    last = bureau.run("draw", "ceremony", input="y\n")
    assert last.exit_code == 0, last.output
    assert "have no outcome yet" in last.output
    transcript, failed = published(tmp_path / "draw-1")
    assert failed == []
    assert transcript["commit"]["spec"]["level"] == "simple"
    assert len(transcript["drawn"]["main"]) == 8
    shown = [
        (tmp_path / "draw-1" / name).read_text(encoding="utf-8")
        for name in ("witness.html", "protocol.html", "record.html", "notice.html")
    ]
    told = done.output + "".join(shown)
    names = [
        line.split(",")[:2] for line in (tmp_path / "units.csv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    assert not [unit for unit, _name in names if unit in told]
    assert not [name for _unit, name in names if name in told]


def test_it_goes_on_where_it_was_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at the signature, at the plan and before the close: each time the next call goes on."""
    monkeypatch.chdir(tmp_path)
    bureau = Bureau(tmp_path)
    bureau.county()
    first = bureau.run("draw", "ceremony", input="条例第六条\n6\ny\n")  # nobody presses Enter: it ends there
    assert first.exit_code == 1
    assert bureau.json("draw", "ledger")[0]["state"] == "open"
    second = bureau.run("draw", "ceremony", input="\n3 1 4 1 5 9\ny\nn\n")
    assert second.exit_code == 0, second.output
    assert "plan make" in second.output
    third = bureau.run("draw", "ceremony", "--work", 5, input="y\n")
    assert third.exit_code == 0, third.output
    bureau.now = "2027-01-01T09:00:00+08:00"
    last = bureau.run("draw", "ceremony", input="y\n")
    assert last.exit_code == 0, last.output
    assert published(tmp_path / "draw-1")[1] == []


def test_a_wrong_value_is_asked_for_again_and_a_refused_one_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven numbers, a 10, nothing: each is told what was wanted; after five the ceremony ends as it was."""
    monkeypatch.chdir(tmp_path)
    bureau = Bureau(tmp_path)
    bureau.county()
    wrong = ["1 2 3 4 5 6 7", "1 2 3 4 5 10", "x", "1 2 3", "摇号"]
    done = bureau.run("draw", "ceremony", input="\n".join(["条例", "6", "y", "", *wrong]) + "\n")
    assert done.exit_code == 0, done.output
    assert done.output.count("6 whole numbers from 0 to 9") == len(wrong)
    with_state = bureau.json("plan", "show")
    assert with_state["state"] == "committed"


def test_a_rehearsal_touches_no_bureau_and_is_marked_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages are marked, its ledger says drill, the real file is as it was; never into a full folder."""
    monkeypatch.chdir(tmp_path)
    bureau = Bureau(tmp_path)
    before = bureau.tables()
    done = CliRunner().invoke(
        auditor,
        ["draw", "ceremony", "--rehearsal", "--db", str(bureau.db), "--work", "5"],
        input="y\n\n3 1 4 1 5 9\ny\ny\ny\n",
    )
    assert done.exit_code == 0, done.output
    assert bureau.tables() == before
    folder = tmp_path / "draw-rehearsal"
    for name in ("protocol.html", "witness.html", "record.html", "notice.html"):
        assert "演练" in (folder / name).read_text(encoding="utf-8"), name
    rows = json.loads(
        CliRunner().invoke(auditor, ["draw", "ledger", "--json", "--db", str(folder / "rehearsal.db")]).stdout
    )
    assert rows[0]["drill"]
    again = CliRunner().invoke(auditor, ["draw", "ceremony", "--rehearsal"], input="n\n")
    assert again.exit_code == 0
    assert (tmp_path / "draw-rehearsal-2" / "rehearsal.db").is_file()
    full = ["draw", "ceremony", "--rehearsal", "--out", str(folder)]
    assert CliRunner().invoke(auditor, full, input="n\n").exit_code == 1
