"""What is said of a duty desk is said in the reader's language, with the names that the desk uses."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from auditor.cli.main import auditor
from auditor.i18n import language, set_language
from auditor.pages.duty_words import LINES_WRITTEN, RESULTS_WRITTEN, meant
from auditor.store.rosters import read_roster
from auditor.store.staff import put_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from desk_world import BEFORE, desk_people, make_desk

DRIVER = (
    '[[posts]]\nid = "car"\nzh = "司机"\nrole = "driver"\nstart = "08:00"\nminutes = 600\n'
    "need = { key = 1, work = 0, weekend = 1, holiday = 1 }\n"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau whose desk has a driver at weekends; December is made."""
    path = tmp_path_factory.mktemp("words") / "bureau.db"
    make_desk(path, "2026-12")
    settings = path.with_name("desk.toml")
    text = run("zh", "roster", "settings", "template").stdout + DRIVER
    settings.write_text(text, encoding="utf-8")
    with bureau.opened(path) as database, write_tx(database, "people", BEFORE) as tx:
        put_staff(tx, [replace(one, roles=("driver",)) for one in desk_people()[-2:]])
    assert run("zh", "roster", "settings", "import", settings, "--db", path).exit_code == 0
    done = run("zh", "roster", "make", "--month", "2027-01", "--db", path)
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    """The language of the other tests again, after this one."""
    before = language()
    yield
    set_language(before)


def run(lang: str, *arguments: object) -> Result:
    """Run a command."""
    words = [str(one) for one in arguments] + ["--lang", lang]
    return CliRunner().invoke(auditor, words, catch_exceptions=False)


def moved(record: dict[str, Any]) -> None:
    """Everything is one officer's."""
    for row in record["assignments"]:
        if row["post"] in ("day", "night"):
            row["person"] = "o01"


def crossed(record: dict[str, Any]) -> None:
    """A leader drives and somebody is nobody; figures are wrong."""
    record["assignments"][0]["person"] = "nobody"
    next(row for row in record["assignments"] if row["post"] == "car")["person"] = "l1"
    record["objective"] += 1
    record["bound"] = -1
    record["stages"][0]["value"] = -1


def emptied(record: dict[str, Any]) -> None:
    """Seats are empty, and one row is twice there."""
    del record["assignments"][3:9]
    record["assignments"].append(record["assignments"][0])


def strange(record: dict[str, Any]) -> None:
    """Turns and departures are not as they are written."""
    record["turns"]["lead/work"] = {"last": 5}
    record["departures"] = [{"date": "x"}]


@pytest.mark.parametrize("change", [moved, crossed, emptied, strange])
def test_what_a_check_finds_is_in_chinese(desk: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """No English word but ids of people and posts."""
    with bureau.opened(desk) as database:
        record = read_roster(database, "2027-01")
    assert record is not None
    changed = copy.deepcopy(record)
    change(changed)
    file = desk.with_name("changed.json")
    file.write_text(json.dumps(changed, ensure_ascii=False), encoding="utf-8")
    done = run("zh", "roster", "check", file, "--db", desk, "--json")
    assert done.exit_code == 4
    found = json.loads(done.stdout)
    assert found
    ids = {"nobody", "lead", "day", "night", "car", "holiday", "weekend", "total"}
    for one in found:
        words = {word for word in re.findall(r"[A-Za-z]{3,}", one["what"]) if word not in ids}
        assert not words, one
        assert re.search("[\u4e00-\u9fff]", one["what"]), one


@pytest.mark.parametrize(
    ("cell", "zh", "en"),
    [
        ("2027-01-09/car=l1", "司机", "drivers"),
        ("2027-01-04/car=o08", "司机：", "司机: more people than its 0 seats"),
        ("2027-01-04/lead=o01", "带班领导", "leaders"),
    ],
)
def test_a_cell_that_cannot_stand_is_told_with_names(desk: Path, cell: str, zh: str, en: str) -> None:
    """Also where the post needs nobody on that day; roles and posts have words, people names."""
    words = ("roster", "make", "--month", "2027-02", "--db", desk, "--fix")
    month = cell.replace("2027-01", "2027-02").replace("02-09", "02-20")
    for lang, told in (("zh", zh), ("en", en)):
        done = run(lang, *words, month)
        assert done.exit_code == 2
        assert told in done.stderr
        assert not re.search(r"\b(driver|leader|officer)\b(?! on duty)", done.stderr)


def test_a_duty_for_another_role_is_told_with_its_word(desk: Path) -> None:
    """司机 and no `driver`; the duty by what the post is called."""
    with bureau.opened(desk) as database:
        record = read_roster(database, "2027-01")
    assert record is not None
    row = next(one for one in record["assignments"] if one["post"] == "car")
    who = ("roster", "take-over", row["person"], f"{row['date']}/car", "o01", "--db", desk)
    done = run("zh", *who, "--now", "2026-12-20T09:00+08:00")
    assert done.exit_code == 1
    assert f"{row['date']}/司机" in done.stderr
    assert "（司机）" in done.stderr
    assert "driver" not in done.stderr


def test_a_word_means_one_key_or_none() -> None:
    """Keys, names and starts, whatever their case and width; where two begin so, none is meant."""
    known = {"lead": ("带班", "带班领导"), "late": ("晚班",), "day": ("白班",)}
    assert [meant(word, known) for word in ("lead", "ＬＥＡＤ", "带班", "带", "晚", "da")] == [
        "lead", "lead", "lead", "lead", "late", "day",
    ]  # fmt: skip
    assert [meant(word, known) for word in ("l", "la", "班", "", "x")] == [None, "late", None, None, None]
    for table in (RESULTS_WRITTEN, LINES_WRITTEN):
        for key, names in table.items():
            assert {meant(one, table) for one in (key, *names)} == {key}
