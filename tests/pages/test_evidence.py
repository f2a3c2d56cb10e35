"""The evidence of a reason: codes in the records of any version, sentences for people."""

from __future__ import annotations

import re

import pytest

from auditor.entities import SLOTS, Unplaced
from auditor.i18n import set_language
from auditor.pages.evidence import evidence_text
from auditor.plan.explain import any_lots
from auditor.plan.make import make_plan
from plan.world import FIELD_DAYS, county

DOMAINS = {"fire": "消防安全", "food": "食品安全"}


@pytest.mark.parametrize(
    ("reason", "now", "before", "told"),
    [
        ("capacity", "12", "12 kept before", "12 units were kept before it"),
        ("closed", "0/23", "0/23 days", "open on 0 of 23 days"),
        ("no-skill", "fire+food: 0", "fire+food: 0 teams of 2", "no team holds together: 消防安全, 食品安全"),
        (
            "no-team",
            "morning+evening: 0/5",
            "morning+evening: 0/5 days",
            "morning, evening: a team on 0 of 5 days",
        ),
        (
            "no-team",
            "morning: 0/5, mix",
            "morning: 0/5 days, mix",
            "morning: a team of two departments on 0 of 5 days",
        ),
        ("capacity", "3/12", "3/12", "a team on 3 of 12 open days"),
        ("no-team", "0/4", "0/4", "a team on 0 of 4 open days"),
        ("no-skill", "0/4", "0/4", "4 days are open"),
        ("no-day", "0/0", "0/0", "no day is open"),
        (
            "unreachable",
            "morning+afternoon: 50120 m, 90+60+95 min",
            "morning+afternoon: 50120 m, 90+60+95 min",
            "morning, afternoon: 50.1 km away; 90 min there, 60 min at the unit, 95 min back",
        ),
        (
            "unreachable",
            "-: 1 m, 1+2+3 min",
            "-: 1 m, 1+2+3 min",
            "-: 0.0 km away; 1 min there, 2 min at the unit, 3 min back",
        ),
        ("capacity", "看附件", "看附件", "看附件"),
        ("abandoned", "", "", ""),
    ],
)
def test_evidence_is_told_in_a_sentence(reason: str, now: str, before: str, told: str) -> None:
    """As it is written now and as older plans have it."""
    assert evidence_text(reason, now, DOMAINS) == told
    assert evidence_text(reason, before, DOMAINS) == told


def test_a_chinese_reader_meets_no_english_word() -> None:
    """Whatever a county's plan records; the record itself has numbers and keys only."""
    set_language("zh")
    records = [one for seed in range(1, 9) for one in _left(seed)]
    assert {one.reason for one in records} >= {"capacity", "no-team"}
    for one in records:
        text = evidence_text(one.reason, one.evidence, {key: "领域" for key in one.domains})
        assert re.findall("[A-Za-z]+", text) in ([], ["km"]), text
        words = {*re.findall("[a-z]{4,}", one.evidence)} - {*one.domains, *SLOTS}
        assert not words, one.evidence


def _left(seed: int) -> list[Unplaced]:
    """What a small county's plan leaves out."""
    world = county(seed, units=9, people=4 + seed % 3, days=FIELD_DAYS[:6])
    return list(make_plan(world, any_lots(world), work=2).unplaced)
