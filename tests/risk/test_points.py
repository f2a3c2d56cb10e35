"""Risk points: past findings, boarders and tags count, and the order of the register never does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pluggy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import hookspecs
from auditor.entities import Finding, Unit
from auditor.risk import points
from auditor.risk.points import auditor_risk_points, risk_shares


def found(day: int, item: str = "fire-01", unit: str = "a", severity: str = "general") -> Finding:
    """A Finding of December 2025."""
    return Finding(unit=unit, found_on=date(2025, 12, day), domain=item[:4], item=item, severity=severity)


@pytest.mark.parametrize(
    ("unit", "findings", "expected"),
    [
        pytest.param(Unit(id="a", name="甲"), 0, 0, id="nothing known"),
        pytest.param(Unit(id="a", name="甲", boarders=1), 0, 2, id="boarders"),
        pytest.param(Unit(id="a", name="甲", boarders=400), 0, 2, id="many boarders are no more"),
        pytest.param(Unit(id="a", name="甲", boarders=0), 3, 6, id="three findings"),
        pytest.param(Unit(id="a", name="甲", boarders=9, tags=("C/D级", "自建房")), 1, 6, id="all of it"),
    ],
)
def test_points_by_hand(unit: Unit, findings: int, expected: int) -> None:
    """2 for each Finding, 2 with boarders, 1 for each tag."""
    assert auditor_risk_points(unit, [found(day + 1) for day in range(findings)]) == expected


def test_the_core_answers_the_hook_beside_plugins() -> None:
    """The core is asked like any plugin, and the answers of all are there to be summed."""

    class Other:
        """A plugin that knows kindergartens only."""

        @points.hookimpl
        def auditor_risk_points(self, unit: Unit) -> int | None:
            """Give 5 for a kindergarten."""
            return 5 if unit.kind == "kindergarten" else None

    manager = pluggy.PluginManager("auditor")
    manager.add_hookspecs(hookspecs)
    manager.register(points)
    manager.register(Other())
    manager.check_pending()

    def ask(unit: Unit, findings: Sequence[Finding]) -> int:
        return sum(manager.hook.auditor_risk_points(unit=unit, findings=findings))

    units = [
        Unit(id="b", name="乙", kind="primary", boarders=3),
        Unit(id="a", name="甲", kind="kindergarten"),
    ]
    assert risk_shares(units, {"b": [found(1, unit="b")]}, ask) == {"a": 2 + 5, "b": 2 + 2 + 2}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_findings_are_asked_about_newest_first_in_one_order(data: st.DataObject) -> None:
    """Whatever the order of units and Findings, plugins see the same sequence."""
    findings = [
        found(day, item, severity=severity)
        for day in (3, 9)
        for item in ("fire-01", "food-01", "fire-02")
        for severity in ("general", "major")
    ]
    seen: list[list[Finding]] = []

    def ask(unit: Unit, of: Sequence[Finding]) -> int:
        seen.append(list(of))
        return 0

    units = [Unit(id="b", name="乙"), Unit(id="a", name="甲")]
    shares = risk_shares(units, {"a": findings}, ask)
    shuffled = data.draw(st.permutations(findings))
    assert risk_shares(units[::-1], {"a": shuffled}, ask) == shares == {"a": 2, "b": 2}
    assert seen[0] == seen[2]
    assert seen[1] == seen[3] == []
    assert [one.found_on.day for one in seen[0]] == [9] * 6 + [3] * 6
