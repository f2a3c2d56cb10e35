"""A Domain as the document of its file: what TOML, JSON and spreadsheets are written from."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from auditor.checklists.tables import ItemTable
from auditor.entities import AllOf, Condition, Domain, Item, When

ITEM_KEYS = tuple(one.name for one in msgspec.structs.fields(ItemTable))
"""The keys of an item, in the order of its file."""


def _condition_out(when: When) -> Any:
    if isinstance(when, Condition):
        value = list(when.value) if isinstance(when.value, tuple) else when.value
        return {"field": when.field, "op": when.op, "value": value}
    name = "all" if isinstance(when, AllOf) else "any"
    return {name: [_condition_out(part) for part in when.parts]}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def document_of(domain: Domain) -> dict[str, Any]:
    """Give a Domain as its file holds it: what TOML is written from; keys that say nothing are left out."""
    windows = []
    for window in domain.windows:
        one: dict[str, Any] = {"slot": window.slot}
        for name in ("earliest", "latest"):
            minute = getattr(window, name)
            if minute is not None:
                one[name] = _clock(minute)
        windows.append(one)
    document: dict[str, Any] = {
        "key": domain.key, "version": domain.version, "zh": domain.zh, "en": domain.en,
        "minutes": domain.minutes, "people": domain.people, "profile": domain.profile,
    }  # fmt: skip
    if domain.retired:
        document["retired"] = list(domain.retired)
    if domain.applies_when:
        document["applies_when"] = [_condition_out(when) for when in domain.applies_when]
    document["windows"] = windows
    if domain.bands:
        document["score"] = {
            "bands": [{"least": _plain(least), "name": name} for least, name in domain.bands]
        }
    rule = domain.determination
    said = {
        "rule": rule.rule, "count": rule.count, "document": rule.document, "from": rule.from_on,
        "to": rule.to_on,
    }  # fmt: skip
    given: dict[str, Any] = {key: value for key, value in said.items() if value not in ("", None)}
    if rule.shares:
        given["shares"] = {
            one.code: {"scheme": one.scheme, "op": one.op, "value": one.value} for one in rule.shares
        }
    if given:
        document["determination"] = given
    if domain.rectify_days is not None:
        document["hazard"] = dict(domain.rectify_days)
    document["items"] = [item_record(item) for item in domain.items]
    return document


def json_of(domain: Domain) -> dict[str, Any]:
    """Give a Domain as `document_of` does, with dates as text, so that JSON holds it."""
    text = json.dumps(document_of(domain), ensure_ascii=False, default=lambda day: day.isoformat())
    return dict(json.loads(text))


def item_record(item: Item) -> dict[str, Any]:
    """Give an Item as its file holds it; keys that say nothing are left out."""
    record: dict[str, Any] = {}
    for key in ITEM_KEYS:
        value = getattr(item, key)
        if key == "applies_when":
            value = [_condition_out(when) for when in value]
        elif key == "follow_up":
            value = [{"on": one.on, "ask": one.ask} for one in value]
        elif key == "source":
            value = list(value) or ["unverified"]
        elif isinstance(value, tuple):
            value = list(value)
        if value not in ("", None, []):
            record[key] = _plain(value)
    return record


def _plain(value: Any) -> Any:
    """Give a whole number as one, so that a file does not say 85.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
