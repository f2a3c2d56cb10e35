"""Bundles of plugins, who allowed them, what was revoked, and layers, in and out of the bureau's file."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A bundle that was added: its bytes, and whose signature they bear ("" for none)."""

    name: str
    key: str
    version: str
    sha256: str
    signer: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The highest version of a name that was ever allowed here, by hash and signer."""

    version: str
    sha256: str
    signer: str


def put_allowed(tx: Transaction, sha256: str, signer: str, name: str, version: str, until: str) -> None:
    """Allow a bundle by its hash, until a day (ISO; "" for always)."""
    row = {"sha256": sha256, "signer": signer, "name": name, "version": version, "until": until}
    tx.put("allowed", [row])


def read_allowed(db: Database) -> dict[str, str]:
    """Give the last day of every allowed hash, "" where it has none."""
    return dict(db.execute("select sha256, until from allowed").fetchall())


def put_seen(tx: Transaction, name: str, seen: Seen) -> None:
    """Keep the highest version of a name."""
    row = {"name": name, "version": seen.version, "sha256": seen.sha256, "signer": seen.signer}
    tx.put("seen", [row])


def read_seen(db: Database) -> dict[str, Seen]:
    """Give the highest version of every name."""
    found = db.execute("select name, version, sha256, signer from seen order by name")
    return {name: Seen(version=v, sha256=h, signer=s) for name, v, h, s in found}


def put_revoked(tx: Transaction, what: str) -> None:
    """Revoke a hash or a key for good."""
    tx.put("revoked", [{"what": what}])


def read_revoked(db: Database) -> set[str]:
    """Give every revoked hash and key."""
    return {what for (what,) in db.execute("select what from revoked")}


def put_bundle(tx: Transaction, kept: Kept) -> None:
    """Add a bundle, in the place of an earlier one of its name."""
    row = {
        "name": kept.name,
        "key": kept.key,
        "version": kept.version,
        "sha256": kept.sha256,
        "signer": kept.signer,
        "data": base64.b64encode(kept.data).decode(),
    }
    tx.put("bundles", [row])


def drop_bundle(tx: Transaction, name: str) -> int:
    """Take a bundle away; give 1, or 0 if there was none."""
    return tx.drop("bundles", [[name]])


def read_bundles(db: Database) -> list[Kept]:
    """Give every added bundle by name."""
    found = db.execute("select name, key, version, sha256, signer, data from bundles order by name")
    return [
        Kept(name=name, key=key, version=version, sha256=sha256, signer=signer, data=base64.b64decode(data))
        for name, key, version, sha256, signer, data in found
    ]


def put_layer(tx: Transaction, domain: str, level: str, document: str, record: Mapping[str, Any]) -> None:
    """Keep a layer of rules."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True)
    tx.put("layers", [{"domain": domain, "level": level, "document": document, "record": text}])


def drop_layer(tx: Transaction, domain: str, level: str, document: str) -> int:
    """Take a layer away; give 1, or 0 if there was none."""
    return tx.drop("layers", [[domain, level, document]])


def read_layers(db: Database) -> list[dict[str, Any]]:
    """Give the record of every layer by domain, level and document."""
    found = db.execute("select record from layers order by domain, level, document")
    return [dict(json.loads(record)) for (record,) in found]
