"""What was tried against a sealed draw, each with the answer that it gets now."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sealed import FOLDER, Bureau, drawn_simply
from test_sealed_draw import EVENT, FALLBACK, FORM, passphrases, shares


def edit(bureau: Bureau, statement: str, *values: object) -> None:
    """Change the file behind the program's back."""
    with closing(sqlite3.connect(bureau.db)) as connection:
        connection.execute(statement, values)
        connection.commit()


def frozen(folder: Path) -> Bureau:
    """A bureau at level simple with number 1 frozen."""
    bureau = Bureau(folder)
    bureau.county()
    bureau.programme()
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    return bureau


@pytest.mark.parametrize("part", ["frame/main", "field", "staff", "places", "means"])
def test_a_frozen_part_that_was_altered_is_refused_before_and_after_the_event(
    tmp_path: Path, part: str
) -> None:
    """At commit nothing is published over it, at run nothing is drawn from it."""
    bureau = frozen(tmp_path)
    with closing(sqlite3.connect(bureau.db)) as connection:
        row = connection.execute("select record from frozen where part = ?", [part]).fetchone()[0]
    for digit in "6789":
        if digit in row:
            altered = row[::-1].replace(digit, "5", 1)[::-1]
    edit(bureau, "update frozen set record = ? where part = ?", altered, part)
    assert part in bureau.refused("draw", "commit", 1)
    edit(bureau, "update frozen set record = ? where part = ?", row, part)
    bureau.ok("draw", "commit", 1)
    edit(bureau, "update frozen set record = ? where part = ?", altered, part)
    bureau.now = "2026-11-26T09:05:00+08:00"
    assert part in bureau.refused("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    edit(bureau, "delete from frozen where part = ?", part)
    bureau.refused("draw", "run", 1, "--beacon", "3 1 4 1 5 9")


@pytest.mark.parametrize(
    "options",
    [
        ["--event-at", "2026-11-26T09:10:00+08:00:30"],
        ["--fallback", "第二次摇号", "--fallback-at", "2026-11-26T09:30:00+08:00"],
        [
            "--fallback",
            "第二次摇号",
            "--fallback-at",
            "2026-11-28T09:30:00+08:00",
            "--fallback-form",
            "numbers:6:0:9",
        ],
        ["--event", "摇号", "--fallback", "摇号"],
        ["--fallback-at", "2027-06-01T09:00:00+08:00"],
        ["--event", "摇\u202e号"],
    ],
)
def test_a_commitment_that_could_not_be_kept_is_not_made(tmp_path: Path, options: list[str]) -> None:
    """Seconds in an offset, a second drawing as the fallback, a fallback after the period, hidden letters."""
    bureau = frozen(tmp_path)
    done = bureau.run("draw", "commit", 1, *options)
    assert done.exit_code in (1, 2), done.output
    assert bureau.json("plan", "show")["state"] == "frozen"


def test_a_register_changed_after_the_draw_changes_no_plan_and_tells_nothing(tmp_path: Path) -> None:
    """A drawn and an undrawn school moved a thousand kilometres away: same plan, same check."""
    plans = []
    for at, moved in enumerate([(), ("drawn",), ("drawn", "other")]):
        folder = tmp_path / str(at)
        folder.mkdir()
        bureau = Bureau(folder)
        bureau.county()
        with closing(sqlite3.connect(bureau.db)) as connection:
            # one key for all three, so that the draws are the same
            if at:
                for name, value in plans[0]["settings"]:
                    connection.execute("update settings set value = ? where key = ?", [value, name])
                connection.commit()
            settings = connection.execute("select key, value from settings").fetchall()
        bureau.programme()
        bureau.ok("draw", "freeze", "--programme", "2026-12")
        share = folder / "s.txt"
        words = folder / "w.txt"
        words.write_text("x", encoding="utf-8")
        if at:
            share.write_text(plans[0]["share"], encoding="utf-8")
        else:
            bureau.ok("draw", "share", 1, "--custodian", "甲", "--out", share, "--passphrase-file", words)
        bureau.ok("draw", "commit", 1, "--share", share)
        bureau.now = "2026-11-26T09:05:00+08:00"
        bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--passphrase-file", words)
        drawn = bureau.drawn(1)
        others = sorted(set(drawn.strata) - set(drawn.chosen))
        for unit in [drawn.chosen[0]] * ("drawn" in moved) + others[:1] * ("other" in moved):
            bureau.ok("units", "set", unit, "lng=115.2", "--reason", "试")
        plan = bureau.json("plan", "make", "--programme", "2026-12", "--work", 5)
        if not moved:
            for unit in (drawn.chosen[0], others[0]):
                bureau.ok("units", "set", unit, "lng=115.2", "--reason", "试")
        assert bureau.json("plan", "check", "--programme", "2026-12") == []
        plans.append({"plan": plan, "settings": settings, "share": share.read_text(encoding="utf-8")})
    assert plans[0]["plan"] == plans[1]["plan"] == plans[2]["plan"]


def test_a_plan_that_somebody_else_sealed_is_not_opened(tmp_path: Path) -> None:
    """The recipient is public; what it opens must give the root that was published."""
    from auditor.seal.age import seal
    from auditor.store.records import read_settings
    from auditor.workflow.bureau import opened

    bureau = drawn_simply(tmp_path)
    sealed = bureau.sealed(1)
    visit = min(sealed.record["visits"], key=lambda one: one["date"])
    false = json.loads(
        json.dumps({"plan": sealed.record, "reserves": sealed.reserves, "salts": sealed.salts})
    )
    false["plan"]["visits"][0]["unit"] = "0099001001"
    bureau.now = f"{visit['date']}T07:30:00+08:00"
    with opened(bureau.db) as db:
        recipient = read_settings(db)["planning_recipient"]
    for data in (json.dumps(false).encode(), b"{}", b"not json", b"[1]"):
        edit(bureau, "update sealed set data = ? where what = 'plan'", seal(data, [recipient], 200_000, "x"))
        for words in (["plan", "release"], ["draw", "reserve", 1, "--visit", visit["id"], "--reason", "x"]):
            assert "plan root" in bureau.refused(*words, code=4)


def test_a_replacement_stays_one_and_is_told_to_its_team(tmp_path: Path) -> None:
    """It cannot be said to be done afterwards; the day's list names who is visited instead."""
    bureau = drawn_simply(tmp_path)
    visit = min(
        (one for one in bureau.sealed(1).record["visits"] if one["draw"] == "main"),
        key=lambda one: one["date"],
    )
    bureau.now = f"{visit['date']}T07:30:00+08:00"
    bureau.refused("draw", "outcome", 1, "--visit", visit["id"], "--as", "moved", "--reason", "x", code=2)
    by = bureau.json("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课")["by"]
    assert by in bureau.refused("draw", "outcome", 1, "--visit", visit["id"], "--as", "done")
    told = {one["id"]: one for one in bureau.json("plan", "release")}
    assert (told[visit["id"]]["unit"], told[visit["id"]]["instead_of"]) == (by, visit["unit"])
    bureau.ok("visit", "start", by, "--domain", visit["domains"][0])


def test_nothing_is_seen_before_its_day(tmp_path: Path) -> None:
    """Done and its like can be said from the day on; a team by the names that people know."""
    bureau = drawn_simply(tmp_path)
    visit = max(bureau.sealed(1).record["visits"], key=lambda one: one["date"])
    words = ["draw", "outcome", 1, "--visit", visit["id"], "--as", "done"]
    bureau.refused(*words, code=2)
    bureau.now = f"{visit['date']}T17:30:00+08:00"
    people = bureau.json("inspectors", "list")
    bureau.refused(*words, "--team", "谁也不是", code=2)
    bureau.ok(*words, "--team", f"{people[0]['name']},{people[1]['id']}")


def test_strict_can_abandon_after_its_event(tmp_path: Path) -> None:
    """Whom it would have drawn is opened at the close; nothing was planned."""
    bureau = Bureau(tmp_path, "strict")
    bureau.county()
    bureau.programme()
    bureau.json("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1, *shares(bureau, 1), *EVENT, *FORM, *FALLBACK)
    bureau.now = "2026-11-29T21:20:00+08:00"
    value = ["draw", "run", 1, "--beacon", "3 9 14 22 27 31 5", *passphrases(bureau), "--plan"]
    run: Any = bureau.json(*value, "--abandon", "名录有误")
    assert (run["visits"], run["sorties"]) == (0, 0)
    assert run["unplaced"] >= 9
    bureau.now = "2027-01-01T09:00:00+08:00"
    key = ["--identity-file", tmp_path / "bureau.db.recovery.key"]
    bureau.ok("draw", "close", 1, "--out", tmp_path / "public", *key)
    assert bureau.json("draw", "ledger")[0]["reason"] == "名录有误"


def test_another_recovery_key_is_not_sealed_for(tmp_path: Path) -> None:
    """The one of the freeze holds."""
    from auditor.seal.age import new_identity

    bureau = Bureau(tmp_path, "strict")
    bureau.county()
    bureau.programme()
    bureau.json("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1, *shares(bureau, 1), *EVENT, *FORM, *FALLBACK)
    bureau.now = "2026-11-29T21:20:00+08:00"
    edit(bureau, "update settings set value = ? where key = 'recovery_recipient'", new_identity()[1])
    value = ["draw", "run", 1, "--beacon", "3 9 14 22 27 31 5", *passphrases(bureau), "--plan"]
    assert "recovery key" in bureau.refused(*value)


def test_the_register_is_not_taken_back_under_a_frozen_number(tmp_path: Path) -> None:
    """Abandoned before its commitment it is free again."""
    bureau = frozen(tmp_path)
    assert "frozen" in bureau.refused("units", "undo")
    bureau.ok("draw", "abandon", 1, "--reason", "x")
    bureau.ok("units", "undo")


def test_a_list_of_the_desk_makes_nobody_an_inspector_no_longer(tmp_path: Path) -> None:
    """Whatever is imported first."""
    bureau = Bureau(tmp_path)
    bureau.ok("inspectors", "import", FOLDER / "inspectors.csv")
    before = bureau.json("inspectors", "list")
    bureau.ok("people", "import", FOLDER / "people.csv")
    assert [one["id"] for one in bureau.json("inspectors", "list")] == [one["id"] for one in before]


@pytest.mark.parametrize("text", ["口令".encode("gbk"), b"", b"   \n"])
def test_a_passphrase_that_was_read_wrong_or_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    """Another encoding would leave question marks for a secret."""
    bureau = frozen(tmp_path)
    (tmp_path / "w").write_bytes(text)
    words = [
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
    done = bureau.run(*words)
    assert done.exit_code in (1, 2), done.output
    assert not (tmp_path / "s").exists()


def test_a_share_that_would_take_minutes_to_open_is_refused_at_once(tmp_path: Path) -> None:
    """Work factor 30 would take half an hour; a cut file fails before the event and not after."""
    import base64

    bureau = frozen(tmp_path)
    (tmp_path / "w").write_text("x", encoding="utf-8")
    bureau.ok(
        "draw", "share", 1, "--custodian", "甲", "--out", tmp_path / "s", "--passphrase-file", tmp_path / "w"
    )
    text = (tmp_path / "s").read_text(encoding="utf-8")
    head, _mark, body = text.partition("-----BEGIN AGE ENCRYPTED FILE-----\n")
    data = base64.b64decode("".join(body.splitlines()[:-1]))
    line = data.split(b"\n")[1].split(b" ")
    slow = data.replace(b" ".join(line), b" ".join([*line[:-1], b"30"]), 1)
    for spoiled in (
        head
        + "-----BEGIN AGE ENCRYPTED FILE-----\n"
        + base64.encodebytes(slow).decode()
        + "-----END AGE ENCRYPTED FILE-----\n",
        text[: len(text) // 2],
        head,
    ):
        (tmp_path / "bad").write_text(spoiled, encoding="utf-8")
        assert "passphrase" in bureau.refused("draw", "commit", 1, "--share", tmp_path / "bad")
