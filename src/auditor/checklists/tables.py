"""The shape of a domain's file: tables, keys, types, closed lists and patterns, as msgspec reads them.

The JSON Schema under ``docs/`` is made from these, so that file, schema and code agree.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

_HELD = r"[^\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]"
Text = Annotated[str, Meta(pattern=rf"^{_HELD}*(?!\s){_HELD}+$", max_length=5000)]
"""What a cell of a spreadsheet can hold: no control characters but tab and newline."""

Version = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}$(?!\n)")]
Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]*-[0-9]+$(?!\n)")]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$(?!\n)")]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
Days = Annotated[int, Meta(ge=0, le=365)]
Number = Annotated[float, Meta(ge=-1e9, le=1e9)]
Severity = Literal["veto", "major", "general"]
Comparator = Literal[">=", "<=", ">", "<", "="]
Profile = Literal["weighted", "grade", "key-items", "major-hazard", "campus"]
Field = Literal[
    "kind", "district", "township", "students", "boarders", "canteen", "buses", "tags", "ownership", "sponsor"
]


class WhenTable(Struct, forbid_unknown_fields=True):
    """One condition (field, op, value), or all or any of several."""

    field: Field | UnsetType = UNSET
    op: Literal[">", ">=", "<", "<=", "=", "in"] | UnsetType = UNSET
    value: bool | int | str | list[Text] | UnsetType = UNSET
    all: Annotated[list[WhenTable], Meta(min_length=1)] | UnsetType = UNSET
    any: Annotated[list[WhenTable], Meta(min_length=1)] | UnsetType = UNSET


class WindowTable(Struct, forbid_unknown_fields=True):
    """A half-day in which the domain can be inspected, and when its part may start there."""

    slot: Literal["morning", "afternoon", "evening"]
    earliest: Clock | UnsetType = UNSET
    latest: Clock | UnsetType = UNSET


class FollowUpTable(Struct, forbid_unknown_fields=True):
    """What an answer must bring with it."""

    on: Literal["pass", "partly", "fail"]
    ask: Literal["photo", "measure"]


class ShareTable(Struct, forbid_unknown_fields=True):
    """An item that is an element of a major hazard by its share n/m."""

    scheme: Literal["direct", "composite"]
    op: Comparator
    value: Annotated[float, Meta(ge=0, le=1)]


class DeterminationTable(Struct, forbid_unknown_fields=True, rename={"from_on": "from", "to_on": "to"}):
    """How a major hazard is determined."""

    rule: Literal["major-hazard", "none"] | UnsetType = UNSET
    count: Annotated[int, Meta(ge=1, le=99)] | UnsetType = UNSET
    document: Text | UnsetType = UNSET
    from_on: date | UnsetType = UNSET
    to_on: date | UnsetType = UNSET
    shares: dict[Code, ShareTable] = {}


class BandTable(Struct, forbid_unknown_fields=True):
    """The least score of a band."""

    least: Number
    name: Text


class ScoreTable(Struct, forbid_unknown_fields=True):
    """The bands of the domain's own profile."""

    bands: Annotated[list[BandTable], Meta(min_length=1)]


class HazardTable(Struct, forbid_unknown_fields=True):
    """Days to put a hazard right where its item does not say."""

    veto: Days
    major: Days
    general: Days


class ItemTable(Struct, forbid_unknown_fields=True):
    """One line of the checklist."""

    code: Code
    zh: Text
    en: Text
    severity: Severity
    evidence: Literal["photo", "count", "reading", "document", "test", "ask"]
    basis: Text
    source: Annotated[list[Literal["statute", "copy", "unverified"]], Meta(min_length=1)]
    op: Comparator | UnsetType = UNSET
    value: Number | UnsetType = UNSET
    unit: Text | UnsetType = UNSET
    applies_when: WhenTable | list[WhenTable] | UnsetType = UNSET
    scheme: list[Literal["direct", "composite", "key", "fine"]] = []
    weight: Annotated[float, Meta(gt=0, le=1000)] | UnsetType = UNSET
    per: Literal["building", "room", "vehicle"] | UnsetType = UNSET
    same_as: Code | UnsetType = UNSET
    follow_up: list[FollowUpTable] = []
    rectify_days: Days | UnsetType = UNSET
    how: Text | UnsetType = UNSET
    fault: Text | UnsetType = UNSET
    penalty: Text | UnsetType = UNSET


class HeadTable(Struct, forbid_unknown_fields=True, kw_only=True):
    """The head of the file."""

    key: Key
    version: Version
    zh: Text
    en: Text
    minutes: Annotated[int, Meta(ge=1, le=180)]
    windows: Annotated[list[WindowTable], Meta(min_length=1)]
    people: Annotated[int, Meta(ge=1, le=9)] = 2
    profile: Profile = "weighted"
    applies_when: WhenTable | list[WhenTable] | UnsetType = UNSET
    score: ScoreTable | UnsetType = UNSET
    determination: DeterminationTable | UnsetType = UNSET
    hazard: HazardTable | UnsetType = UNSET
    retired: list[Code] = []


class DomainTable(HeadTable, forbid_unknown_fields=True, kw_only=True):
    """The head of the file, and its items."""

    items: Annotated[list[ItemTable], Meta(min_length=1)]


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of a domain's file (TOML read as JSON; dates as text)."""
    from msgspec.json import schema

    made = schema(DomainTable)
    when = made["$defs"]["WhenTable"]
    when["oneOf"] = [{"required": ["field", "op", "value"]}, {"required": ["all"]}, {"required": ["any"]}]
    when["dependentSchemas"] = {
        name: {"properties": dict.fromkeys(others, False)}
        for name, others in (
            ("all", ("field", "op", "value", "any")), ("any", ("field", "op", "value", "all")),
        )
    }  # fmt: skip
    item = made["$defs"]["ItemTable"]
    item["dependentRequired"] = {"op": ["value", "unit"], "value": ["op", "unit"], "unit": ["op", "value"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "auditor domain", **made}
