"""The commitment, section 3.3 of the contract: what is fixed and published before the event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VERSION = "auditor-draw/v1"


def commit_record(
    *,
    level: str,
    team: int,
    floor: int,
    period: tuple[str, str],
    domains: Sequence[str],
    programme_sha256: str,
    tool: str,
    draws: Sequence[Mapping[str, Any]],
    field_sha256: str,
    share_sha256: Sequence[str],
    event: Mapping[str, Any],
    fallback: Mapping[str, Any],
    number: int,
    previous: str,
    domains_each: int | None = None,
) -> dict[str, Any]:
    """Write the commitment; `draws` are sorted by key, `share_sha256` stay in their order."""
    spec: dict[str, Any] = {
        "version": VERSION,
        "level": level,
        "team": team,
        "floor": floor,
        "period": list(period),
        "domains": sorted(domains),
        "programme_sha256": programme_sha256,
        "tool": tool,
    }
    if domains_each is not None:
        spec["domains_each"] = domains_each
    return {
        "spec": spec,
        "draws": sorted((dict(draw) for draw in draws), key=lambda draw: str(draw["key"])),
        "field_sha256": field_sha256,
        "share_sha256": list(share_sha256),
        "event": dict(event),
        "fallback": dict(fallback),
        "number": number,
        "previous": previous,
    }
