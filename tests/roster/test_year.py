"""A year by quarters: one roster that its own check lets pass, counters carried from quarter to quarter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "year.py"


def test_a_year_is_even_at_its_end_and_every_quarter_is_proven(tmp_path: Path) -> None:
    out = tmp_path / "year.json"
    asked = [sys.executable, str(SCRIPT), "--leaders", "6", "--officers", "30", "--out", str(out)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [one["role"] for one in found["quarters"]] == ["leader"] * 4 + ["officer"] * 4
    assert all(one["objective"] == one["bound"] for one in found["quarters"])
    # squares of carried and new together: the last quarter's are the year's
    assert found["objective"] == found["quarters"][3]["objective"] + found["quarters"][7]["objective"]
    assert all(high - low <= 1 for own in found["spread"].values() for low, high in own.values())
