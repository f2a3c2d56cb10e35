"""The rules of a place and a time: national, province, city and bureau, the later over the earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from auditor.entities import Determination, Domain, Item

LEVELS = ("national", "province", "city", "bureau")

BANDS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "weighted": ((85, "good"), (60, "fair"), (0, "poor")),
    "grade": ((9, "excellent"), (7.5, "good"), (6, "fair"), (0, "none")),
    "campus": ((90, "excellent"), (80, "qualified"), (0, "refused")),
    "key-items": ((2, "pass"), (1, "rectify"), (0, "case")),
}
"""Least score and name of each band, from the highest on; under key-items the names alone count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one document changes for one Domain at one level, from its first to its last day.

    None and empty change nothing; a list (of bands) is replaced whole. `values` gives Items other
    thresholds.
    """

    domain: str
    level: str
    document: str
    from_on: date
    to_on: date | None = None
    bands: Mapping[str, tuple[tuple[float, str], ...]] | None = None
    count: int | None = None
    values: Mapping[str, float] | None = None

    def holds(self, on: date) -> bool:
        """Whether the document is in force on a day."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that hold for one Domain on one day, with the layer and document of each part."""

    bands: tuple[tuple[float, str], ...]
    band_layer: str
    band_document: str
    rule: Determination
    count_layer: str
    values: Mapping[str, float]
    overridden: tuple[tuple[str, str, str], ...]
    highest: str

    def item(self, item: Item) -> Item:
        """Give an Item with the threshold of the layers."""
        return item.with_value(self.values.get(item.code))

    def rule_holds(self, on: date) -> bool:
        """Whether the document of the composite count is in force."""
        rule = self.rule
        return (rule.from_on is None or rule.from_on <= on) and (rule.to_on is None or on <= rule.to_on)


def in_force(domain: Domain, on: date, layers: Sequence[Layer]) -> list[Layer]:
    """Give the layers of a Domain that hold on a day, the later to be laid over the earlier."""
    mine = [one for one in layers if one.domain == domain.key and one.holds(on)]
    return sorted(mine, key=lambda one: (LEVELS.index(one.level), one.from_on, one.document))


def thresholds(domain: Domain, on: date, layers: Sequence[Layer]) -> dict[str, float]:
    """Give the thresholds that the layers of a day give Items of a Domain, by code."""
    found: dict[str, float] = {}
    for layer in in_force(domain, on, layers):
        found |= layer.values or {}
    return found


def rules_of(
    domain: Domain, how: str, own: Sequence[tuple[float, str]], on: date, layers: Sequence[Layer]
) -> Rules:
    """Lay the layers that are in force on a day over the Domain's own rules.

    Of two documents of one level the one that began later goes over the other. `own` are the bands
    that the Domain brings for this way of scoring, empty for the usual ones.
    """
    bands, band_layer, band_document = tuple(own) or BANDS[how], "national", ""
    rule, count_layer = domain.determination, "national"
    values: dict[str, tuple[float, str, str]] = {}
    highest = "national"
    for layer in in_force(domain, on, layers):
        if layer.bands and how in layer.bands:
            bands, band_layer, band_document = layer.bands[how], layer.level, layer.document
            highest = layer.level
        if layer.values or layer.count is not None:
            highest = layer.level
        if layer.count is not None:
            rule = replace(
                rule, count=layer.count, document=layer.document, from_on=layer.from_on, to_on=layer.to_on
            )
            count_layer = layer.level
        for code, value in (layer.values or {}).items():
            values[code] = value, layer.level, layer.document
    return Rules(
        bands=bands,
        band_layer=band_layer,
        band_document=band_document,
        rule=rule,
        count_layer=count_layer,
        values={code: value for code, (value, _level, _document) in values.items()},
        overridden=tuple(
            (code, level, document) for code, (_value, level, document) in sorted(values.items())
        ),
        highest=highest,
    )
