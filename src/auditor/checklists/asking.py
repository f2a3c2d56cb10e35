"""What is asked on one visit: each thing once, also where two Domains ask it."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.entities import Domain, Item, Unit


def asked_elsewhere(domains: Mapping[str, Domain], unit: Unit) -> dict[str, str]:
    """Give the Item that is answered instead of each that asks the same thing in another Domain."""
    asked = {item.code for domain in domains.values() for item in domain.asked(unit) if not item.same_as}
    return {
        item.code: item.same_as
        for domain in domains.values()
        for item in domain.asked(unit)
        if item.same_as in asked
    }


def asked_once(domains: Mapping[str, Domain], unit: Unit) -> dict[str, tuple[Item, ...]]:
    """Give the Items that each Domain asks of a Unit, without those that are answered in another."""
    elsewhere = asked_elsewhere(domains, unit)
    return {
        key: tuple(item for item in domain.asked(unit) if item.code not in elsewhere)
        for key, domain in domains.items()
    }
