"""A form has a million values or more, and a value is spelled in one way only."""

from __future__ import annotations

import re
import sys
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw import verify as verifier
from auditor.draw.forms import (
    BALLS,
    BadForm,
    Misspelled,
    check_value,
    count_values,
    form_words,
    is_spelled,
    read_form,
    tidied,
)

# --- Forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("numbers:6:0:9", {"numbers": 6, "from": 0, "to": 9}),
        ("numbers:1:1:1000000", {"numbers": 1, "from": 1, "to": 1_000_000}),
        ("numbers:20:0:1", {"numbers": 20, "from": 0, "to": 1}),
        ("numbers:2:1:1000", {"numbers": 2, "from": 1, "to": 1000}),
        ("numbers:1:0:999999999999999", {"numbers": 1, "from": 0, "to": 10**15 - 1}),
        ("hex:5", {"hex": 5}),
        ("hex:64", {"hex": 64}),
        ("hex:9999", {"hex": 9999}),
    ],
)
def test_a_form_is_read_as_it_is_written(text: str, form: dict[str, int]) -> None:
    """Those with a million values exactly, or just above, are enough; the verifier takes them too."""
    assert read_form(text) == form
    assert verifier.is_form(form)
    assert all(str(number) in form_words(form) for number in form.values())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("numbers:1:1:999999", 999_999),
        ("numbers:6:1:9", 9**6),
        ("numbers:5:0:9", 10**5),
        ("numbers:19:0:1", 2**19),
        ("numbers:2:1:999", 999**2),
        ("numbers:2:2:1000", 999**2),
        ("hex:4", 16**4),
        ("hex:1", 16),
    ],
)
def test_a_form_with_fewer_than_a_million_values_is_refused(text: str, values: int) -> None:
    """It says how many there are; one fewer than a million is too few."""
    with pytest.raises(BadForm, match=f"it has {values} values"):
        read_form(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "numbers", "numbers:6", "numbers:6:0", "numbers:6:0:9:1", "numbers:0:0:9", "numbers:6:9:0",
        "numbers:6:9:9", "numbers:-6:0:9", "numbers:6:-1:9", "numbers: 6:0:9", " numbers:6:0:9", "hex:64\n",
        "Numbers:6:0:9", "numbers:6.0:0:9", "numbers:99999:0:9", "numbers:1:0:9999999999999999", "hex",
        "hex:", "hex:0", "hex:-5", "hex:64:1", "hex:10000", "HEX:64", "hex=64", "balls:6", "{text}", "%s",
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused(text: str) -> None:
    """Other spellings, none at all, the larger first, or more digits than can be meant."""
    with pytest.raises(BadForm):
        read_form(text)


@settings(deadline=None)
@given(st.text(max_size=20) | st.from_regex(r"(hex|numbers)(:\d{0,5}){0,4}\n?"))
def test_every_form_that_is_read_is_one_of_the_contract(text: str) -> None:
    """Whatever was typed: what comes out the verifier accepts, else BadForm and nothing else."""
    with suppress(BadForm):
        assert verifier.is_form(read_form(text))


@settings(deadline=None)
@given(st.integers(1, 25), st.integers(0, 10**15 - 2), st.integers(1, 2_000_000))
def test_numbers_are_taken_exactly_if_the_verifier_takes_them(count: int, low: int, width: int) -> None:
    """Both count (b − a + 1)^k, and a million is the least."""
    high = min(low + width, 10**15 - 1)
    form = {"numbers": count, "from": low, "to": high}
    try:
        taken = read_form(f"numbers:{count}:{low}:{high}") == form
    except BadForm:
        taken = False
    assert taken == verifier.is_form(form) == (count_values(form) >= 1_000_000)


@pytest.mark.parametrize(
    ("form", "values"),
    [({"numbers": 2, "from": 3, "to": 5}, 9), ({"numbers": 3, "from": 0, "to": 1}, 8), ({"hex": 2}, 256)],
)
def test_values_are_counted_as_they_can_be_spelled(form: dict[str, int], values: int) -> None:
    """Every text that could be one is tried: so many are spelled right."""
    if "hex" in form:
        texts = [f"{a}{b}" for a in "0123456789abcdefABg" for b in "0123456789abcdef "]
    else:
        digits = [str(number) for number in range(8)] + ["00", "01", "-1", ""]
        texts = digits
        for _more in range(form["numbers"] - 1):
            texts = [f"{text} {digit}" for text in texts for digit in digits]
    assert sum(is_spelled(text, form) for text in texts) == values == count_values(form)


# --- Spelling

forms = st.one_of(
    st.builds(lambda k: {"hex": k}, st.integers(1, 12)),
    st.builds(
        lambda k, a, b: {"numbers": k, "from": a, "to": a + b},
        st.integers(1, 4),
        st.integers(0, 30) | st.integers(0, 2**52),
        st.integers(1, 100) | st.integers(1, 2**52 - 1),
    ),
)


@st.composite
def near(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A form, and a value that is right or nearly so."""
    form = draw(forms)
    if "hex" in form:
        length = form["hex"] + draw(st.sampled_from([0, 0, 0, 1, -1]))
        return draw(st.text("0123456789abcdef", min_size=length, max_size=length)), form
    low, high = form["from"], form["to"]
    some = st.sampled_from([low - 1, low, low + 1, high - 1, high, high + 1]) | st.integers(low, high)
    words = [str(draw(some)) for _ in range(form["numbers"] + draw(st.sampled_from([0, 0, 0, 1, -1])))]
    return draw(st.sampled_from([" ", " ", " ", "  ", "\t", ",", "\u3000", "\n"])).join(words), form


odd = st.sampled_from(
    [("{}\n", 0), (" {}", 0), ("{} ", 0), ("0{}", 0), ("+{}", 0), ("{}_0", 0), ("\ufeff{}", 0), ("{}", 0)]
)


@settings(deadline=None, max_examples=250)
@given(near(), odd, st.booleans())
def test_spelling_agrees_with_the_verifier(pair: tuple[str, dict[str, Any]], way: Any, wide: bool) -> None:
    """Written by somebody else from the page: right, nearly right, and with blanks or letters added."""
    value, form = pair
    value = way[0].format(value)
    if wide:
        value = value.translate({ord("1"): "１", ord("a"): "A"})
    assert is_spelled(value, form) == verifier.spelled(value, form)


@settings(deadline=None)
@given(st.text(max_size=12), forms)
def test_spelling_of_any_text_agrees_with_the_verifier(value: str, form: dict[str, Any]) -> None:
    """No text makes either of them fail."""
    assert is_spelled(value, form) == verifier.spelled(value, form)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("0 0 0 0 0 0", True),
        ("3 1 4 1 5 9", True),
        ("3 1 4 1 5", False),
        ("3 1 4 1 5 9 2", False),
        ("3 1 4 1 5 10", False),
        ("03 1 4 1 5 9", False),
        ("3 1 4 1 5 -9", False),
        ("3  1 4 1 5 9", False),
        ("3 1 4 1 5 9 ", False),
        ("3 1 4 1 5 9\n", False),
        ("3,1,4,1,5,9", False),
        ("３ 1 4 1 5 9", False),
        ("٣ 1 4 1 5 9", False),
        ("314159", False),
        ("", False),
    ],
)
def test_six_balls_are_spelled_in_one_way(value: str, good: bool) -> None:
    """One blank between, no leading zero, nothing around it: else the spelling could be chosen."""
    assert is_spelled(value, BALLS) is good
    if good:
        check_value(value, BALLS)
    else:
        with pytest.raises(Misspelled):
            check_value(value, BALLS)


def test_a_long_value_is_not_repeated_whole() -> None:
    """An error shows the first letters of what was given."""
    with pytest.raises(Misspelled) as caught:
        check_value("x" * 100_000, {"hex": 5})
    assert len(str(caught.value)) < 500


# --- What a person typed


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("314159", "3 1 4 1 5 9"),
        ("000000", "0 0 0 0 0 0"),
        ("３１４１５９", "3 1 4 1 5 9"),
        ("3,1,4，1、5 9", "3 1 4 1 5 9"),
        (" 3  1\t4\u30001 5 9\n", "3 1 4 1 5 9"),
        ("03 01 04 01 05 09", "3 1 4 1 5 9"),
        ("3 1 4 1 5 9", "3 1 4 1 5 9"),
    ],
)
def test_six_balls_typed_in_other_ways_are_understood(typed: str, spelled: str) -> None:
    """Together, with commas, in the wide digits of a Chinese keyboard, with zeros in front."""
    assert tidied(typed, BALLS) == spelled


@pytest.mark.parametrize(
    "typed", ["31415", "3141592", "31 41 59", "3 1 4 1 5", "３ 1 4 1 5 10", "٣ 1 4 1 5 9"]
)
def test_what_cannot_be_meant_is_not_made_right(typed: str) -> None:
    """Too few, too many, or too large: nothing is cut, filled up or put apart."""
    assert not is_spelled(tidied(typed, BALLS), BALLS)
    if " " not in typed:
        assert tidied(typed, BALLS) == typed


def test_hexadecimal_digits_may_be_capital_and_in_groups() -> None:
    """As a beacon's page shows them."""
    assert tidied(" AB cd\n0E ", {"hex": 6}) == "abcd0e"


@settings(deadline=None, max_examples=250)
@given(near())
def test_a_value_that_is_spelled_right_is_never_changed(pair: tuple[str, dict[str, Any]]) -> None:
    """For any form; and tidying twice is tidying once."""
    value, form = pair
    once = tidied(value, form)
    if is_spelled(value, form):
        assert once == value
    if is_spelled(once, form):
        assert tidied(once, form) == once


@settings(deadline=None, max_examples=250)
@given(st.text("0123456789０１９ ,，x-٣", max_size=16) | st.text(max_size=16), forms)
def test_no_digit_is_invented_moved_or_lost_but_leading_zeros(typed: str, form: dict[str, Any]) -> None:
    """The digits that come out are those that went in, in their order, less zeros in front of a number."""
    if "hex" in form:
        assert tidied(typed, form) == "".join(typed.split()).lower()
        return
    went_in = [
        str(unicodedata.decimal(letter)) for letter in typed if unicodedata.decimal(letter, None) is not None
    ]
    came_out = [str(unicodedata.decimal(letter)) for letter in tidied(typed, form) if letter != " "]
    rest = iter(went_in)
    assert all(digit in rest for digit in came_out)
    assert [one for one in came_out if one != "0"] == [one for one in went_in if one != "0"]


def test_no_letter_becomes_a_hexadecimal_digit_but_its_capital() -> None:
    """Every character of Unicode, one by one."""
    made = {
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if re.fullmatch("[0-9a-f]+", tidied(letter, {"hex": 5}))
    }
    assert made == set("0123456789abcdefABCDEF")
