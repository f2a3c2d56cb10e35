"""Past Findings in and out of the bureau's file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from auditor.entities import Finding
from auditor.store import Database
from auditor.store.writing import Transaction


def put_findings(tx: Transaction, findings: Iterable[Finding]) -> int:
    """Write Findings, new or changed; give how many."""
    return tx.put(
        "findings",
        (
            {
                "unit": one.unit,
                "found_on": one.found_on.isoformat(),
                "domain": one.domain,
                "item": one.item,
                "severity": one.severity,
            }
            for one in findings
        ),
    )


def drop_findings(tx: Transaction, findings: Iterable[Finding]) -> int:
    """Take Findings away; give how many there were."""
    return tx.drop("findings", ((one.unit, one.found_on.isoformat(), one.item) for one in findings))


def read_findings(db: Database) -> list[Finding]:
    """Give all Findings by unit, day and item."""
    return [
        Finding(unit=unit, found_on=date.fromisoformat(day), domain=domain, item=item, severity=severity)
        for unit, day, domain, item, severity in db.execute(
            "select unit, found_on, domain, item, severity from findings order by unit, found_on, item"
        )
    ]
