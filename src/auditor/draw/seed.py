"""From shares and a public event to the key of a draw, section 3 of the contract."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from auditor.draw.prf import prf


def stand_in_share(text: str) -> bytes:
    """Give the one share of an open demonstration, made of a text that anyone may know."""
    return prf(unicodedata.normalize("NFC", text).encode("utf-8"), "auditor/demo-share/v1", "1")


def seed_key(shares: Sequence[bytes], commit_sha256: str, value: str) -> bytes:
    """Give K of all shares in the commitment's order, the commitment's hash and the event's value."""
    return prf(b"".join(shares), "auditor/seed/v1", commit_sha256, value)


def draw_key(key: bytes, name: str) -> bytes:
    """Give the key of one draw of the commitment."""
    return prf(key, "draw", name)
