"""The step of layers: what a province, a city or the bureau itself lays over the national rules."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from auditor.checklists.layers import BANDS, LEVELS, Layer
from auditor.checklists.tables import BandTable, Number, Text
from auditor.errors import AuditorError, FileMissing, toml_fault
from auditor.i18n import N_, _
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store import bundles as store
from auditor.store.writing import write_tx


class BadLayer(AuditorError):
    """A layer's file cannot be taken."""

    sentence = N_("{file}: {key}: {problem}")


KEYS = ("domain", "level", "document", "from", "to", "bands", "count", "values")


def read_layer(path: Path, plugins: Plugins) -> dict[str, Any]:
    """Read a layer's file into its record.

    Raises
    ------
    FileMissing, BadLayer, DomainMissing
    """
    if not path.is_file():
        raise FileMissing(file=path)
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadLayer(file=path, key="TOML", problem=toml_fault(error)) from error

    def bad(key: str, problem: str) -> BadLayer:
        return BadLayer(file=path, key=key, problem=problem)

    for key in given:
        if key not in KEYS:
            raise bad(key, _("is no key of this table; known are {known}").format(known=", ".join(KEYS)))
    for key in ("domain", "level", "document"):
        if not _is(given.get(key), Text):
            raise bad(key, _("must be a text that is not empty, without control characters"))
    if given["level"] not in LEVELS:
        raise bad("level", _("write one of {known}").format(known=", ".join(LEVELS)))
    for key in ("from", "to"):
        if type(given.get(key)) is not date and (key == "from" or key in given):
            raise bad(key, _("write a date like 2026-12-01, without quotation marks"))
    if "to" in given and given["to"] < given["from"]:
        raise bad("to", _("the end is before the start"))
    domain = plugins.domain(given["domain"])
    bands = given.get("bands", {})
    if not isinstance(bands, dict) or not all(_is_bands(how, one) for how, one in bands.items()):
        raise bad("bands", _("write bands = {example}").format(
            example='{weighted = [{least = 90, name = "good"}, {least = 0, name = "poor"}]}'))  # fmt: skip
    count = given.get("count")
    if count is not None and not _is(count, Annotated[int, Meta(ge=1, le=99)]):
        raise bad("count", _("must be a whole number above 0"))
    values = given.get("values", {})
    numbers = {item.code for item in domain.items if item.value is not None}
    if not isinstance(values, dict):
        raise bad("values", _("write values = {example}").format(example="{FIR-10 = 3}"))
    for code, value in values.items():
        if code not in numbers:
            raise bad("values", _("{code} is no item with a number").format(code=code))
        if not _is(value, Number):
            raise bad("values", _("{code}: must be a number").format(code=code))
    return {
        "domain": given["domain"],
        "level": given["level"],
        "document": given["document"].strip(),
        "from": given["from"].isoformat(),
        "to": given["to"].isoformat() if "to" in given else None,
        "bands": {how: [[band["least"], band["name"]] for band in one] for how, one in bands.items()},
        "count": count,
        "values": dict(values),
    }


def _is(value: object, kind: Any) -> bool:
    """Whether a value is what a domain's file would take there."""
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return False
    return True


def _is_bands(how: str, given: object) -> bool:
    """Whether a list of bands can stand for a profile: from the highest on, down to 0."""
    if how not in BANDS or not _is(given, list[BandTable]):
        return False
    bands = msgspec.convert(given, list[BandTable])
    least = [one.least for one in bands]
    enough = len(bands) >= (3 if how == "key-items" else 2)
    return enough and least == sorted(set(least), reverse=True) and least[-1] == 0


def layers(db: Database) -> list[Layer]:
    """Give the layers of a bureau."""
    return [
        Layer(
            domain=one["domain"],
            level=one["level"],
            document=one["document"],
            from_on=date.fromisoformat(one["from"]),
            to_on=date.fromisoformat(one["to"]) if one["to"] else None,
            bands={how: tuple((least, name) for least, name in bands) for how, bands in one["bands"].items()},
            count=one["count"],
            values=one["values"],
        )
        for one in store.read_layers(db)
    ]


def add(db: Database, path: Path, plugins: Plugins, now: datetime) -> dict[str, Any]:
    """Add a layer, in the place of one of the same domain, level and document."""
    record = read_layer(path, plugins)
    with write_tx(db, "plugins layer add", now) as tx:
        store.put_layer(tx, record["domain"], record["level"], record["document"], record)
    return record


def remove(db: Database, domain: str, level: str, document: str, now: datetime) -> bool:
    """Take a layer away; give whether there was one."""
    with write_tx(db, "plugins layer remove", now) as tx:
        return bool(store.drop_layer(tx, domain, level, document))


def rows(db: Database) -> list[dict[str, Any]]:
    """Give every layer as ``plugins layer list`` shows it."""
    return store.read_layers(db)
