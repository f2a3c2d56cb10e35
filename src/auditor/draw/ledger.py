"""The ledger of draws, section 3 of the contract: every number, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NO_PREVIOUS = "0" * 64
"""What the first number of a bureau has as hash of the one before."""
OPEN, CLOSED, ABANDONED = "open", "closed", "abandoned"


def ledger_records(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write ``ledger.json``: exactly the keys of the contract, by number.

    Parameters
    ----------
    numbers
        Records with ``commit``, ``commit_sha256``, ``state`` (open, closed, abandoned), ``reason``.
    """
    keys = ("commit", "commit_sha256", "state", "reason")
    ordered = sorted(numbers, key=lambda one: int(one["commit"]["number"]))
    return [{key: one[key] for key in keys} for one in ordered]
