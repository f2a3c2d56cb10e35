"""A register without codes, told apart by names, is drawn from like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.draw.canon import canon, digest
from auditor.store.numbers import read_frozen
from auditor.workflow import bureau as bureau_step
from auditor.workflow.ceremony import number_of
from auditor.workflow.drawn import FrozenAltered, check_frozen, hashed
from sealed import FOURTEEN, OFFICERS, Bureau


def test_a_unit_without_a_code_is_locked_with_the_others(tmp_path: Path) -> None:
    """Its id is Chinese; what was frozen gives its hashes again, and altered it does not."""
    bureau = Bureau(tmp_path, "simple")
    bureau.county(inspectors=OFFICERS)
    bureau.programme(FOURTEEN)
    (tmp_path / "new.csv").write_text("学校名称,办学类型,乡镇\n新园幼儿园,幼儿园,青石镇\n", encoding="utf-8")
    bureau.ok("units", "import", tmp_path / "new.csv")
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    with bureau_step.opened(bureau.db) as db:
        record, parts = number_of(db, 1), read_frozen(db, 1)
    check_frozen(record, parts)
    ids = [one for one in parts["places"]["points"] if not one.isascii()]
    assert len(ids) == 1
    parts["places"]["points"][ids[0]] = ["30.5", "105.2"]
    with pytest.raises(FrozenAltered):
        check_frozen(record, parts)


def test_ascii_ids_are_hashed_as_ever() -> None:
    """Numbers frozen by an earlier version keep their hashes."""
    part = {"b": {"0523": ["1", 2]}, "a": [{"x": None}]}
    assert hashed(part) == digest(canon(part))
    assert hashed({"甲": 1, "乙": 2}) == hashed({"乙": 2, "甲": 1}) != hashed({"甲": 2, "乙": 1})
