"""The public on-call set: what the script proves is the least of all rosters that its own check lets pass."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "oncall.py"
SMALL = """
num_staff = 3;
work_load = [100, {load}, 100]; % per cent
num_days = 9;
unavailable = [{{1, 2}}, {{3}}, {{}}];
fixed = [{{}}, {{7}}, {{1}}];
weekend_offset = {offset};
adj_days_str = 2;
wed_before_weekend_str = 1;
"""


def loaded() -> Any:
    """The script as a module."""
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        return importlib.import_module("oncall")
    finally:
        sys.path.remove(str(SCRIPT.parent))


def run(file: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """The script on a file."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(file), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("load", "offset"), [(100, 2), (50, 2), (100, 0), (60, 3)])
def test_the_proven_cost_is_the_least_of_all_rosters(tmp_path: Path, load: int, offset: int) -> None:
    """3 people and 9 days have 19,683 rosters."""
    file = tmp_path / "small.dzn"
    file.write_text(SMALL.format(load=load, offset=offset), encoding="utf-8")
    oncall = loaded()
    case = oncall.read(file)
    right = [one for one in product(range(3), repeat=9) if next(oncall.faults(case, one), None) is None]
    roster, bound = oncall.solved(case, 10.0)
    assert tuple(roster) in right
    assert bound == oncall.cost(case, roster) == min(oncall.cost(case, one) for one in right)


def test_what_cannot_be_kept_ends_with_3_and_what_cannot_be_read_with_2(tmp_path: Path) -> None:
    text = SMALL.format(load=100, offset=2)
    file, out = tmp_path / "small.dzn", tmp_path / "out.json"
    file.write_text(
        text.replace("{3}", "{1, 2}").replace("fixed = [{}, {7}, {1}]", "fixed = [{}, {7}, {}]"), "utf-8"
    )
    assert run(file, out).returncode == 0
    file.write_text(text.replace("{3}", "{1}"), encoding="utf-8")
    assert run(file, out).returncode == 0
    file.write_text(text.replace("[{1, 2}, {3}, {}]", "[{1, 2}, {2}, {2}]"), encoding="utf-8")
    assert run(file, out).returncode == 3
    assert json.loads(out.read_text())["status"] == "INFEASIBLE"
    for broken in (
        text.replace("num_days = 9;", ""),
        text.replace("= 9;", "= x;"),
        text.replace("{3}, ", ""),
    ):
        file.write_text(broken, encoding="utf-8")
        ended = run(file, out)
        assert ended.returncode == 2
        assert "start again" in ended.stderr
