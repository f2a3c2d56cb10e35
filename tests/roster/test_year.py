"""A year by quarters: one roster that its own check lets pass, counters carried from quarter to quarter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.fixture
def year(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module, beside the one that it takes the desk from."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import year as script

    yield script
    for name in ("year", "desk", "inputs"):
        sys.modules.pop(name, None)


def test_periods_on_end_are_one_roster_and_each_is_proven(year: Any) -> None:
    """Three periods of two weeks: no duty too near the one of the period before, even at the end."""
    desk = year.desk
    whole = year.instance(2026, 6, 30, 1)
    days = 42
    kept = [day for day in range(days) if not 20 < day < 24]  # a gap in which nobody is needed
    short = whole | {
        "days": days,
        "holidays": [day for day in whole["holidays"] if day < days],
        "weekends": [day for day in whole["weekends"] if day < days],
        "demand": [row for row in whole["demand"] if row["day"] in kept],
    }
    duties = []
    last = 0
    for part in desk.problem_of(short).parts():
        found = year.by_quarters(part, [0, 14, 28, days], 15.0)
        assert found is not None
        duties += found[0]
        assert [one["objective"] for one in found[1]] == [one["bound"] for one in found[1]]
        last += found[1][-1]["objective"]
    roster = desk.written(duties)
    assert list(desk.faults(short, roster)) == []
    # squares of carried and new together: the last period's are those of all
    assert desk.objective(short, roster) == last
    assert all(high - low <= 1 for own in year.spreads(short, roster).values() for low, high in own.values())
