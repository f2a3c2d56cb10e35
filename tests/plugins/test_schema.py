"""The JSON Schema under docs/ is the code's own, and both agree on files that are bent at random."""

from __future__ import annotations

import copy
import json
import random
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from auditor.checklists import find_faults, load_domain
from auditor.checklists.documents import document_of
from auditor.checklists.tables import json_schema
from auditor.workflow.experts import read_sheet, write_sheet

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("plugins/auditor_*/*.toml"))
VALIDATOR = Draft202012Validator(json_schema())


class Given:
    """A domain's text that lies nowhere."""

    name = "given.toml"

    def __init__(self, document: dict[str, Any]) -> None:
        self._data = tomli_w.dumps(document).encode()

    def read_bytes(self) -> bytes:
        """Its bytes."""
        return self._data


def plain(value: Any) -> Any:
    """A document as JSON has it."""
    return json.loads(json.dumps(value, default=lambda day: day.isoformat()))


def test_the_committed_schema_is_current() -> None:
    """Made from the tables of the code."""
    committed = json.loads((ROOT / "docs" / "domain.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema()
    Draft202012Validator.check_schema(committed)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_fits_schema_and_code(file: Path) -> None:
    """With and without a BOM."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    assert list(VALIDATOR.iter_errors(plain(document))) == []
    assert find_faults(file) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_checklist_goes_to_a_sheet_and_back_without_loss(file: Path, tmp_path: Path) -> None:
    """Every key of every item, and the head."""
    domain = load_domain(file)
    book = tmp_path / "d.xlsx"
    write_sheet(domain, book)
    read = read_sheet(book)
    assert (read.faults, read.notes) == ([], [])
    assert read.rows == list(range(2, len(domain.items) + 2))
    assert load_domain(Given(read.document)) == domain
    assert load_domain(Given(document_of(domain))) == domain


BASE = tomllib.loads(
    """
key = "pools"
version = "1"
zh = "池"
en = "Pools"
minutes = 20
people = 2
profile = "grade"
retired = ["POL-9"]
windows = [{slot = "morning", earliest = "09:00", latest = "10:00"}]
applies_when = {any = [{field = "boarders", op = ">", value = 0}, {field = "tags", op = "in", value = ["p"]}]}
score = {bands = [{least = 9, name = "good"}, {least = 0, name = "poor"}]}
determination = {count = 2, document = "D", shares = {POL-1 = {scheme = "direct", op = "<", value = 0.5}}}
hazard = {veto = 1, major = 7, general = 30}
[[items]]
code = "POL-1"
zh = "甲"
en = "a"
severity = "veto"
evidence = "count"
basis = "-"
source = ["statute", "copy"]
op = ">="
value = 2
unit = "人"
scheme = ["direct", "fine"]
weight = 3
per = "room"
same_as = "FIR-1"
follow_up = [{on = "fail", ask = "photo"}]
rectify_days = 3
how = "看"
fault = "未"
penalty = "p"
applies_when = {field = "canteen", op = "=", value = true}
"""
)
JUNK: tuple[Any, ...] = (
    "", " ", "x", "FIR-1", "morning", ">", 0, -1, 3, 10**12, 2.5, True, [], ["x"], [3], {}, {"x": 1},
)  # fmt: skip


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document: its container and key."""
    found: list[tuple[Any, Any]] = []
    for key in (
        list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        found.append((value, key))
        found += spots(value[key])
    return found


MEANING = (
    "leaves no time",
    "twice",
    "retired",
    "highest on",
    "points to",
    "deep",
    "is no item here",
    "write ",
    "no kind",
)
"""What a fault of meaning says, which no schema can know."""


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_schema_and_code_agree_on_bent_files(seed: int) -> None:
    """A key dropped, doubled under another name, or given junk: refused by both or by neither."""
    chance = random.Random(seed)
    document = copy.deepcopy(BASE)
    for _ in range(chance.randint(1, 2)):
        holder, key = chance.choice(spots(document))
        what = chance.randrange(3)
        if what == 0 and isinstance(holder, dict):
            holder.pop(key, None)
        elif what == 1 and isinstance(holder, dict):
            holder["strange"] = 1
        else:
            holder[key] = copy.deepcopy(chance.choice(JUNK))
    by_schema = list(VALIDATOR.iter_errors(plain(document)))
    faults = find_faults(Given(document))
    if by_schema:
        assert faults, by_schema[0].message
    else:
        assert all(any(word in fault.problem for word in MEANING) for fault in faults), faults


def test_all_faults_are_told_with_the_line_of_their_item(tmp_path: Path) -> None:
    """Not the first alone."""
    text = (ROOT / "plugins/auditor_fire/fire.toml").read_text(encoding="utf-8")
    parts = text.split("[[items]]")
    parts[2] = parts[2].replace('severity = "veto"', 'severity = "grave"').replace("rectify_days", "days")
    parts[5] = parts[5].replace('evidence = "', 'evidence = "no-')
    file = tmp_path / "f.toml"
    file.write_text("[[items]]".join(parts), encoding="utf-8")
    faults = find_faults(file)
    assert [(fault.code, fault.key) for fault in faults] == [
        ("FIR-02", "days"), ("FIR-02", "severity"), ("FIR-05", "evidence"),
    ]  # fmt: skip
    lines = file.read_text(encoding="utf-8").splitlines()
    for fault in faults:
        assert lines[fault.line - 1] == "[[items]]"
        assert lines[fault.line] == f'code = "{fault.code}"'


def test_dates_of_a_determination_are_dates() -> None:
    """And come back from the sheet as such."""
    domain = load_domain(ROOT / "plugins/auditor_fire/fire.toml")
    assert domain.determination.to_on == date(2025, 10, 31)
