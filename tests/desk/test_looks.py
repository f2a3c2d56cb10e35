"""How pages say days, terms and brackets; and that what is typed at a command line is not said there."""

from __future__ import annotations

import pytest

from auditor.desk.looks import aside, dated, term_words
from auditor.desk.rooms.roster_duty import untyped
from auditor.i18n import set_language


@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        ("zh", "2027-01-11 带班领导：应到 2 人", "1月11日 周一 带班领导：应到 2 人"),
        ("en", "the gap after 2027-01-11, day", "the gap after Mon 11 Jan, day"),
        ("en", "2027-02-30 is no day; /rosters/2027-01-11", "2027-02-30 is no day; /rosters/2027-01-11"),
        ("en", "number 12027-01-112", "number 12027-01-112"),
        ("en", "2027-01-11: out with another", "Mon 11 Jan: out with another"),
        ("en", "of 2027-01-11 08:05: two", "of 11 Jan 08:05: two"),
        ("en", "at 2027-01-11 08:05:30", "at Mon 11 Jan 08:05:30"),
    ],
)
def test_days_in_a_sentence_are_said_as_on_pages(lang: str, text: str, said: str) -> None:
    """Days alone; what only looks like one, or is part of an address, stays."""
    set_language(lang)
    assert dated(text) == said


def test_a_term_is_named_and_brackets_are_the_languages() -> None:
    """A name that a bureau gave its term stays."""
    set_language("en")
    assert term_words("2026-2027-2") == "second term of 2026–2027"
    assert [term_words(one) for one in ("第一学期", "2026-2027-3")] == ["第一学期", "2026-2027-3"]
    assert aside("duty.ics") == " (duty.ics)"
    set_language("zh")
    assert aside("duty.ics") == "（duty.ics）"


def test_a_way_out_names_no_command() -> None:
    """The page has a button for it; times and other colons stay."""
    ways = [
        "leave 2 seats empty (2027-02-07 lead): auditor roster make --month 2027-02 --short",
        "空缺 2 个岗位（2027-02-07 带班领导）：auditor roster make --month 2027-02 --short",
        "2 seats are filled by people from outside, or stay empty (--short)",
        "let 2 days lie between duties: gaps",
    ]
    found = untyped({"ways": [{"text": one, "cost": 1} for one in ways]})
    assert [one["text"] for one in found["ways"]] == [
        "leave 2 seats empty (2027-02-07 lead)",
        "空缺 2 个岗位（2027-02-07 带班领导）",
        "2 seats are filled by people from outside, or stay empty",
        "let 2 days lie between duties: gaps",
    ]
