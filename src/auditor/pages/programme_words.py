"""What a programme says, in words: a name and a value for every field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.i18n import N_, _, listed
from auditor.pages.words import GRADE_WORDS, KIND_WORDS, SLOT_WORDS, word

FIELD_WORDS = {
    "id": N_("programme"), "name": N_("name"), "kind": N_("how units are chosen"), "from": N_("first day"),
    "to": N_("last day"), "basis": N_("legal basis"), "item": N_("what is inspected"),
    "document": N_("document it rests on"),
    "domains": N_("domains inspected"), "domains_each": N_("domains drawn for each unit"),
    "units": N_("units to be drawn"), "share": N_("share to be drawn"),
    "capacity": N_("as many as can be visited"), "floor": N_("floor"), "strata": N_("strata"),
    "certain": N_("certain units"), "grades": N_("grades of risk"), "team": N_("people in a team"),
    "weekly": N_("part that is drawn anew each week"), "modes": N_("modes"),
    "cap": N_("visits a year to a unit at most"),
    "cap_enterprises": N_("visits a year to an enterprise at most"),
    "keep": N_("half-days of each person kept for later draws"),
    "revisit_gap_days": N_("days between two visits to a unit"), "cars": N_("cars in a half-day"),
    "driver_seat": N_("a seat for the driver"), "mix": N_("teams of two departments"),
    "partners": N_("seats of other bodies"), "starts": N_("other places to start from"),
    "sha256": N_("fingerprint of its file"),
}  # fmt: skip
"""What each field of a programme is called."""
PARTS = ("share", "floor", "weekly")
"""Fields that are a part of something, from 0 to 1."""
VALUE_WORDS = {
    "sample": N_("at random"), "township": N_("by township"), "district": N_("by district"),
    "kind": N_("by kind"), "none": N_("not parted"),
}  # fmt: skip
"""What a field of a programme says in a word of the data."""


def programme_rows(record: Mapping[str, Any], domains: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give name and value of every field that says something, as `programmes.record` writes them.

    Parameters
    ----------
    domains
        The names of the domains that are loaded, by key.
    """

    def told(key: str, value: Any) -> str:
        if key in PARTS:
            return f"{100 * float(value):g} %"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Mapping):
            return listed(f"{word(SLOT_WORDS, one)} {what}" for one, what in value.items())
        if key == "domains":
            return listed(domains.get(one, one) for one in value)
        if isinstance(value, list):
            return listed(word({**KIND_WORDS, **GRADE_WORDS}, one) for one in map(str, value))
        return word(VALUE_WORDS, str(value))

    return [
        (_(FIELD_WORDS[key]), told(key, value))
        for key, value in record.items()
        if value not in (None, [], {}, "")
    ]
