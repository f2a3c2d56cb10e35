"""The roster never reads the plan: whatever is sealed, the public roster has the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealed import drawn_simply

MAKE = ("roster", "make", "--month", "2026-12", "--work", 20, "--json")


@pytest.mark.parametrize("style", ["rotation", "fair"])
def test_a_roster_made_around_two_different_sealed_plans_is_the_same(tmp_path: Path, style: str) -> None:
    """Before any plan, after one, and after another that visits other units on other days."""
    one = drawn_simply(tmp_path / "one", beacon="3 1 4 1 5 9")
    other = drawn_simply(tmp_path / "other", beacon="2 7 1 8 2 8", plan=False)
    words = ("--style", style)
    before = other.run(*MAKE, *words).stdout
    other.ok("plan", "make", "--programme", "2026-12", "--work", 10)
    plans = [bureau.sealed(1).record["visits"] for bureau in (one, other)]
    assert {(row["unit"], row["date"]) for row in plans[0]} != {
        (row["unit"], row["date"]) for row in plans[1]
    }
    rosters = {bureau.run(*MAKE, *words).stdout for bureau in (one, other)}
    assert rosters == {before}
    assert '"assignments"' in before
