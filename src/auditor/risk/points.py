"""The core's own risk points and the shares that a draw is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pluggy

from auditor.entities import Finding, Unit

hookimpl = pluggy.HookimplMarker("auditor")

BASE = 2
"""What every unit has, so that nobody is ever safe."""


@hookimpl
def auditor_risk_points(unit: Unit, findings: Sequence[Finding]) -> int:
    """Give 2 for each past Finding, 2 for a Unit with boarders, 1 for each tag."""
    return 2 * len(findings) + (2 if unit.boarders else 0) + len(unit.tags)


def newest_first(finding: Finding) -> tuple[int, str, str, str]:
    """Give the key that sorts Findings newest first; what else they say makes the order one order."""
    return (-finding.found_on.toordinal(), finding.domain, finding.item, finding.severity)


def risk_shares(
    units: Sequence[Unit],
    findings: Mapping[str, Sequence[Finding]],
    ask: Callable[[Unit, Sequence[Finding]], int],
) -> dict[str, int]:
    """Give each Unit's share of the probability that is spread by risk: 2 + its risk points.

    Parameters
    ----------
    findings
        By Unit id, in any order; a Unit without any may be missing.
    ask
        Sums the points of all plugins; is given the Findings newest first.
    """
    return {
        unit.id: BASE
        + ask(
            unit,
            sorted(findings.get(unit.id, ()), key=newest_first),
        )
        for unit in sorted(units, key=lambda unit: unit.id)
    }
