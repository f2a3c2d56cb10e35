"""The sealed plan as an RFC 6962 tree: salted leaves, root, inclusion path."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.draw.canon import canon
from auditor.draw.prf import prf


def leaf(key: bytes, kind: str, ident: str, record: Mapping[str, Any]) -> bytes:
    """Hash one record under its own salt."""
    return salted_leaf(salt(key, kind, ident), record)


def salted_leaf(salted: bytes, record: Mapping[str, Any]) -> bytes:
    """Hash one record under a salt that is known."""
    return hashlib.sha256(b"\0" + salted + canon(dict(record))).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two nodes."""
    return hashlib.sha256(b"\1" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the tree hash of leaves in their order (RFC 6962, section 2.1); of none, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    at = _split(len(leaves))
    return node(root(leaves[:at]), root(leaves[at:]))


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Give the sibling hashes from a leaf up to the root (RFC 6962, section 2.1.1)."""
    if len(leaves) <= 1:
        return []
    at = _split(len(leaves))
    if index < at:
        return [*inclusion_path(leaves[:at], index), root(leaves[at:])]
    return [*inclusion_path(leaves[at:], index - at), root(leaves[:at])]


def salt(key: bytes, kind: str, ident: str) -> bytes:
    """Give the salt of a record's leaf."""
    return prf(key, "salt", kind, ident)


def named_records(
    visits: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Give kind, name and record of everything that is a leaf of a plan."""
    named: list[tuple[str, str, Mapping[str, Any]]] = [("visit", one["id"], one) for one in visits]
    named += [
        ("unplaced", f"{one['unit']}/{one['draw']}/{'+'.join(one['domains'])}", one) for one in unplaced
    ]
    return named + [("departure", f"{one['sortie']}/{one['of']}", one) for one in departures]


def plan_leaves(
    key: bytes,
    visits: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
) -> list[bytes]:
    """Give the leaves of a plan, sorted."""
    return sorted(
        leaf(key, kind, ident, record) for kind, ident, record in named_records(visits, unplaced, departures)
    )


def plan_root(
    key: bytes,
    visits: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
) -> str:
    """Give the root of a plan in hexadecimal, published before the first visit."""
    return root(plan_leaves(key, visits, unplaced, departures)).hex()
