"""The number that an Item must reach, as people read it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from auditor.i18n import set_language
from auditor.pages.words import UNIT_WORDS, threshold

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("op", "value", "unit", "zh", "en"),
    [
        pytest.param(">=", 0.9, "m", "≥ 0.9 m", "≥ 0.9 m", id="a length"),
        pytest.param("=", 0, "count", "= 0", "= 0", id="a count has no unit"),
        pytest.param(">=", 2, "count/floor", "每层 ≥ 2", "≥ 2 per floor", id="a count for each"),
        pytest.param("<=", 12, "month", "≤ 12 个月", "≤ 12 months", id="months since"),
        pytest.param(">=", 1, "count/month", "每月 ≥ 1", "≥ 1 per month", id="times a month"),
        pytest.param("<=", 0.5, "mg/L", "≤ 0.5 mg/L", "≤ 0.5 mg/L", id="a unit of measure with a stroke"),
        pytest.param("", None, "", "", "", id="an Item without a number"),
    ],
)
def test_a_threshold_reads_in_both_languages(
    op: str, value: float | None, unit: str, zh: str, en: str
) -> None:
    """The sign, the number and what it counts."""
    told = []
    for language in ("zh", "en"):
        set_language(language)
        told.append(threshold(op, value, unit))
    assert told == [zh, en]


def test_every_count_of_the_shipped_checklists_has_its_word() -> None:
    """No sheet reads ``count/…`` to an inspector."""
    counted = {
        item["unit"].partition("/")[2]
        for file in sorted((ROOT / "plugins").glob("*/*.toml"))
        for item in tomllib.loads(file.read_text(encoding="utf-8"))["items"]
        if item.get("unit", "").startswith("count/")
    }
    assert counted
    assert all(counted <= set(words) for words in UNIT_WORDS.values())
    assert len({frozenset(words) for words in UNIT_WORDS.values()}) == 1
