"""What the levels ask for, and what the planning key opens."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.draw.verify import verify
from auditor.seal.age import NotSealedForThisKey
from sealed import DECEMBER, FOLDER, Bureau, drawn_simply
from test_sealed_draw import EVENT, FALLBACK, FORM, passphrases, shares


def verified(folder: Path, commit: str, root: str) -> list[str]:
    """The failed checks of what a close wrote."""
    return verify(
        (folder / "transcript.json").read_bytes(), commit, root, (folder / "ledger.json").read_bytes()
    )[0]


def test_strict_leaves_the_key_to_the_discipline_office(tmp_path: Path) -> None:
    """Draw, plan and seal in one go; reserve works without the key, close needs the discipline office's."""
    bureau = Bureau(tmp_path, "strict")
    recovery = tmp_path / "bureau.db.recovery.key"
    assert recovery.read_text(encoding="utf-8").startswith("# public key: age1")
    assert recovery.stat().st_mode & 0o077 == 0
    bureau.county()
    bureau.programme()
    bureau.json("draw", "freeze", "--programme", "2026-12")
    made = bureau.json("draw", "commit", 1, *shares(bureau, 1), *EVENT, *FORM, *FALLBACK)
    bureau.now = "2026-11-29T21:20:00+08:00"
    value = ["--beacon", "3 9 14 22 27 31 5"]
    assert "--plan" in bureau.refused("draw", "run", 1, *value, *passphrases(bureau), code=2)
    run = bureau.json("draw", "run", 1, *value, *passphrases(bureau), "--plan", "--work", 10)
    assert run["n"] == 9
    with pytest.raises(NotSealedForThisKey):
        bureau.drawn(1)
    visit = next(one for one in bureau.sealed(1).record["visits"] if one["draw"] == "main")
    bureau.ok("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课")
    bureau.refused("draw", "abandon", 1, "--reason", "试试")
    bureau.now = "2027-01-01T09:00:00+08:00"
    assert "--identity-file" in bureau.refused("draw", "close", 1, "--out", tmp_path / "public")
    (tmp_path / "other.key").write_text("AGE-SECRET-KEY-1" + "Q" * 58, encoding="utf-8")
    bureau.refused(
        "draw", "close", 1, "--out", tmp_path / "public", "--identity-file", tmp_path / "other.key"
    )
    bureau.ok("draw", "close", 1, "--out", tmp_path / "public", "--identity-file", recovery)
    assert verified(tmp_path / "public", made["commit_sha256"], run["plan_root"]) == []


def test_a_password_is_asked_for_wherever_the_key_is_needed(tmp_path: Path) -> None:
    """Without it, or with another one, nothing is opened and nothing changed; the doctor tells of it."""
    (tmp_path / "pw").write_text("保险柜 7\n", encoding="utf-8")
    (tmp_path / "no").write_text("保险柜 8\n", encoding="utf-8")
    bureau = Bureau(tmp_path, "simple", "--password-file", tmp_path / "pw")
    assert "with a password" in bureau.run("doctor").stdout
    right = ["--password-file", tmp_path / "pw"]
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    value = ["draw", "run", 1, "--beacon", "3 1 4 1 5 9"]
    assert "--password-file" in bureau.refused(*value)
    assert "capitals" in bureau.refused(*value, "--password-file", tmp_path / "no")
    bureau.ok(*value, *right)
    bureau.refused("plan", "make", "--programme", "2026-12")
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 5, *right)
    bureau.refused("plan", "check", "--programme", "2026-12")
    assert "keeps every rule" in bureau.ok("plan", "check", "--programme", "2026-12", *right)
    bureau.now = "2027-01-01T09:00:00+08:00"
    bureau.refused("draw", "close", 1, "--out", tmp_path / "public")
    bureau.ok("draw", "close", 1, "--out", tmp_path / "public", *right)


def test_a_number_abandoned_after_its_event_shows_whom_it_would_have_drawn(tmp_path: Path) -> None:
    """It is closed with every unit unplaced for that reason, and verified with its root."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    made = bureau.json("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    assert "run it" in bureau.refused("draw", "abandon", 1, "--reason", "不想抽了")
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    left = bureau.json("draw", "abandon", 1, "--reason", "名录有误")
    bureau.refused("plan", "make", "--programme", "2026-12")
    assert bureau.json("plan", "release") == []
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.now = "2027-01-01T09:00:00+08:00"
    bureau.ok("draw", "close", 1, "--out", tmp_path / "public")
    transcript = json.loads((tmp_path / "public" / "transcript.json").read_text(encoding="utf-8"))
    assert transcript["plan"] == []
    assert {one["reason"] for one in transcript["unplaced"]} == {"abandoned"}
    assert {one["unit"] for one in transcript["unplaced"]} >= set(transcript["drawn"]["main"])
    assert len(transcript["drawn"]["main"]) == 9
    assert verified(tmp_path / "public", made["commit_sha256"], left["plan_root"]) == []
    assert bureau.json("draw", "ledger")[0] | {"commit_sha256": ""} == {
        "number": 1, "commit_sha256": "", "previous": "0" * 64, "state": "closed", "reason": "名录有误",
        "n": 9, "directed": 0, "postponed": 0, "moved_earlier": 0, "drill": True,
    }  # fmt: skip


def test_a_missing_custodian_excuses_by_name(tmp_path: Path) -> None:
    """After the event, only the name of a custodian in the reason lets a number go unrun."""
    bureau = Bureau(tmp_path, "standard")
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1, *shares(bureau, 1), *EVENT, *FORM, *FALLBACK)
    bureau.now = "2026-11-29T22:00:00+08:00"
    bureau.refused("draw", "abandon", 1, "--reason", "有人没来")
    bureau.ok("draw", "abandon", 1, "--reason", "督学代表的份额丢失")
    assert bureau.json("draw", "ledger")[0]["state"] == "abandoned"


def test_simple_needs_nothing_and_says_all(tmp_path: Path) -> None:
    """Six balls a minute later, and a public lottery after two days with a form of its own."""
    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    made = bureau.json("draw", "commit", 1)["commit"]
    assert made["event"]["at"] == "2026-11-26T09:01:00+08:00"
    assert made["event"]["form"] == {"numbers": 6, "from": 0, "to": 9}
    assert made["fallback"]["at"].startswith("2026-11-28T")
    assert made["fallback"]["form"] == {"numbers": 20, "from": 1, "to": 80}
    assert len(made["share_sha256"]) == 1
    assert made["spec"]["level"] == "simple"


def test_directed_visits_are_counted_apart(tmp_path: Path) -> None:
    """A visit that was ordered stands in the ledger's count; a drawn one is done when it is closed."""
    bureau = drawn_simply(tmp_path)
    visit = min(bureau.sealed(1).record["visits"], key=lambda one: (one["date"], one["start"]))
    bureau.now = f"{visit['date']}T08:30:00+08:00"
    domains = [part for key in visit["domains"] for part in ("--domain", key)]
    bureau.refused("visit", "start", visit["unit"], *domains, code=2)
    bureau.ok("plan", "release")
    began = bureau.json("visit", "start", visit["unit"], *domains)["visit"]
    bureau.ok("visit", "close", began)
    bureau.json("visit", "start", visit["unit"], "--domain", "fire", "--directed", "教安〔2026〕9号")
    assert bureau.json("draw", "ledger")[0]["directed"] == 1
    bureau.now = "2027-01-01T09:00:00+08:00"
    closed = bureau.json("draw", "close", 1, "--out", tmp_path / "public")
    transcript = json.loads((tmp_path / "public" / "transcript.json").read_text(encoding="utf-8"))
    outcomes = {one["id"]: one["outcome"] for one in transcript["outcomes"]}
    assert outcomes[visit["id"]] == "done"
    assert closed["unrecorded"] == len(outcomes) - 1
    assert {outcomes[one] for one in outcomes if one != visit["id"]} == {"cancelled"}


def test_a_bureau_of_an_earlier_version_gets_its_key_at_the_first_freeze(tmp_path: Path) -> None:
    """Its file had none; the doctor says when it comes."""
    bureau = Bureau(tmp_path)
    with closing(sqlite3.connect(bureau.db)) as connection:
        connection.execute("delete from settings where key like 'planning%' or key = 'neutral_secret'")
        connection.commit()
    assert "first freeze" in bureau.run("doctor").stdout
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    assert "no password" in bureau.run("doctor").stdout
    bureau.ok("draw", "commit", 1)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param("units = 200", "200 units cannot be drawn", id="more than there are"),
        pytest.param(
            'domains = ["fire", "nothing"]', "nothing is not loaded", id="a domain that is not loaded"
        ),
        pytest.param("floor = 0.1", "--accept-lower-floor", id="a low floor"),
        pytest.param('basis = "交办"', "number of its document", id="an order without a number"),
        pytest.param("to = 2026-11-30", "to lies before from", id="a period backwards"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(tmp_path: Path, changed: str, told: str) -> None:
    """By name, with what to write; a lower floor is taken where that is said."""
    key = changed.partition(" =")[0]
    lines = [changed if line.startswith(key + " =") else line for line in DECEMBER.splitlines()]
    text = "\n".join(lines if changed in lines else [*lines, changed]) + "\n"
    bureau = Bureau(tmp_path)
    bureau.county()
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    if key == "units":
        bureau.ok("programme", "add", tmp_path / "p.toml")
        assert told in bureau.refused("draw", "freeze", "--programme", "2026-12", code=2)
        return
    assert told in bureau.refused("programme", "add", tmp_path / "p.toml", code=2)
    if key == "floor":
        bureau.ok("programme", "add", tmp_path / "p.toml", "--accept-lower-floor")
        facts: dict[str, Any] = bureau.json("draw", "freeze", "--programme", "2026-12")
        assert facts["floor"] == 100_000


def test_a_unit_at_its_yearly_cap_leaves_the_frame_and_is_counted(tmp_path: Path) -> None:
    """Ordered visits do not count; the ordinary one of this year does."""
    bureau = drawn_simply(tmp_path)
    visit = min(bureau.sealed(1).record["visits"], key=lambda one: (one["date"], one["start"]))
    bureau.now = f"{visit['date']}T08:30:00+08:00"
    bureau.ok("plan", "release")
    bureau.ok("visit", "start", visit["unit"], "--domain", visit["domains"][0])
    other = "0099001001" if visit["unit"] != "0099001001" else "0099001002"
    bureau.ok("visit", "start", other, "--domain", "fire", "--directed", "教安〔2026〕9号")
    more = DECEMBER.replace('id = "2026-12"', 'id = "more"') + "cap = 1\nweekly = 0\n"
    bureau.programme(more, "q.toml")
    facts = bureau.json("draw", "freeze", "--programme", "more")
    assert facts["left_out"]["cap"] == 1
    assert facts["units"] == 119


def test_certain_units_are_certain_and_the_floor_holds_for_the_others(tmp_path: Path) -> None:
    """By grade and by an overdue major hazard, as the file's standings say."""
    bureau = Bureau(tmp_path)
    bureau.county()
    from datetime import UTC, datetime

    from auditor.store.writing import write_tx
    from auditor.workflow.bureau import opened

    with opened(bureau.db) as db, write_tx(db, "test", datetime.now(UTC)) as tx:
        tx.put(
            "standings",
            [
                {"unit": "0099001001", "grade": "red", "overdue": 0},
                {"unit": "0099001002", "grade": "blue", "overdue": 1},
                {"unit": "0099001003", "grade": "yellow", "overdue": 0},
            ],
        )
    bureau.programme(DECEMBER + 'certain = ["grade", "overdue-major"]\ngrades = ["red"]\n')
    facts = bureau.json("draw", "freeze", "--programme", "2026-12")
    assert facts["certain"] == 2
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "0 0 0 0 0 0")
    drawn = bureau.drawn(1)
    assert {"0099001001", "0099001002"} <= set(drawn.units["main"])
    units = {one["id"]: one["pi"] for one in drawn.frames["main"]["units"]}
    assert units["0099001003"] < 1_000_000
    assert min(units.values()) >= 9 * 300_000 // 120


def test_a_share_is_typed_back_from_its_paper(tmp_path: Path) -> None:
    """Four lines with check digits, as printed; a mistyped line is named, and nothing was changed."""
    import re

    bureau = Bureau(tmp_path)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    (tmp_path / "w").write_text("口令", encoding="utf-8")
    rolls = "31415926535897932384626433832795028841971\n"
    made = [
        "draw",
        "share",
        1,
        "--custodian",
        "甲",
        "--out",
        tmp_path / "s",
        "--passphrase-file",
        tmp_path / "w",
    ]
    bureau.ok(*made, "--paper", tmp_path / "p.html", "--dice", "-", input=rolls)
    bureau.ok("draw", "commit", 1, "--share", tmp_path / "s")
    (tmp_path / "s").unlink()
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr><th scope="row">\d</th>((?:<td[^>]*>[0-9a-f]+</td>)+)</tr>', page)
    lines = ["".join(re.findall(r">([0-9a-f]+)<", row)) for row in rows]
    assert [len(line) for line in lines] == [18] * 4
    bureau.now = "2026-11-26T09:05:00+08:00"
    words = ["draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--share-text"]
    wrong = [*lines[:2], ("1" if lines[2][0] != "1" else "2") + lines[2][1:], lines[3]]
    told = bureau.run(*words, input="\n".join(wrong) + "\n")
    assert told.exit_code == 1
    assert "line 3" in told.stderr
    bureau.ok(*words, input="\n".join(lines) + "\n")
    from hashlib import sha256

    assert bureau.drawn(1).shares == (sha256(rolls.strip().encode()).digest(),)


def test_a_number_without_a_plan_says_so_and_what_comes_next(tmp_path: Path) -> None:
    """From the freeze to the plan nothing is called sealed."""
    bureau = Bureau(tmp_path, "simple")
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    told = bureau.ok("plan", "show", "--programme", "2026-12")
    assert "number 1 has no plan: it is frozen" in told
    assert "next: auditor draw ceremony --programme 2026-12" in told
    assert "sealed" not in told
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    assert "next: auditor plan make --programme 2026-12" in bureau.ok("plan", "show", "--number", 1)


def test_a_programme_says_what_comes_next(tmp_path: Path) -> None:
    """Units, then people, then freezing: each only where it is still missing."""
    bureau = Bureau(tmp_path)
    (tmp_path / "p.toml").write_text(DECEMBER, encoding="utf-8")
    add = ("programme", "add", tmp_path / "p.toml")
    assert "next: auditor units import FILE" in bureau.run(*add).stderr
    bureau.ok("units", "import", FOLDER / "units.csv")
    assert "next: auditor people import FILE" in bureau.run(*add).stderr
    bureau.ok("inspectors", "import", FOLDER / "inspectors.csv")
    assert "next: auditor draw freeze --programme 2026-12" in bureau.run(*add).stderr
    assert "auditor draw freeze" in bureau.refused("draw", "commit", 7, code=2)


def test_a_demonstration_says_that_nothing_is_sealed_in_it(tmp_path: Path) -> None:
    """Commands for sealed plans say where to try them instead of what a real bureau would do next."""
    demo = ["demo", "--month", "2026-12", "--seed", "1", "--out", str(tmp_path / "demo"), "--work", "5"]
    assert CliRunner().invoke(auditor, demo).exit_code == 0
    for words in (
        ["plan", "repair", "--absent", "王芳", "2026-12-07", "2026-12-08"],
        ["plan", "submit", "--programme", "2026-12", "--out", str(tmp_path / "approval")],
        ["plan", "make", "--programme", "2026-12"],
        ["draw", "commit", "1"],
    ):
        done = CliRunner().invoke(auditor, [*words, "--db", str(tmp_path / "demo" / "bureau.db")])
        assert done.exit_code == 2
        assert "holds a demonstration" in done.stderr
