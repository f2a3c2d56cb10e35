"""A share is 32 bytes that were committed to; what is typed or thrown wrongly does not become one."""

from __future__ import annotations

import hashlib
import random
from contextlib import suppress
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.frames import name_fault
from auditor.draw.shares import (
    LEAST_FACES,
    LEAST_ROLLS,
    BadRolls,
    BadShare,
    check_custodian,
    check_share,
    line_check,
    new_share,
    read_share,
    share_of_rolls,
    share_text,
    typed_share,
)

SHARE = bytes(range(32))
SHA = hashlib.sha256(SHARE).hexdigest()
ROLLS = "314159265358979323846264338327950288419"


# --- The file


def test_a_share_file_by_hand() -> None:
    """Three clear lines, then what is sealed."""
    text = f"number: 3\ncustodian: 督导办 王\nshare_sha256: {SHA}\nSEALED\nmore\n"
    assert share_text(3, "督导办 王", SHARE, "SEALED\nmore\n") == text
    read = read_share(text, "f")
    assert (read.number, read.custodian, read.sha256) == (3, "督导办 王", SHA)
    assert read.sealed == "SEALED\nmore\n"


names = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs")), min_size=1, max_size=100)
names = names.filter(lambda name: name == name.strip() and not name_fault(name))


@settings(deadline=None)
@given(
    st.integers(1, 999_999_999), names, st.binary(min_size=32, max_size=32), st.text(max_size=50),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_share_file_is_read_as_it_was_written(
    number: int, custodian: str, share: bytes, sealed: str, bom: bool, windows: bool
) -> None:
    """Also with a byte order mark and the line ends of Windows; the sealed part to the letter."""
    text = share_text(number, check_custodian(custodian), share, sealed)
    if windows:
        text = text.replace("\n", "\r\n", 3)
    read = read_share("\ufeff" * bom + text, "f")
    assert (read.number, read.custodian, read.sealed) == (number, custodian, sealed)
    assert read.sha256 == hashlib.sha256(share).hexdigest()
    assert check_share(share, read.sha256, "f") == share


@pytest.mark.parametrize(
    "head",
    [
        "",
        "number: 0\ncustodian: a\nshare_sha256: {}\n",
        "number: 01\ncustodian: a\nshare_sha256: {}\n",
        "number: -1\ncustodian: a\nshare_sha256: {}\n",
        "number: 1234567890\ncustodian: a\nshare_sha256: {}\n",
        "number: １\ncustodian: a\nshare_sha256: {}\n",
        " number: 1\ncustodian: a\nshare_sha256: {}\n",
        "\nnumber: 1\ncustodian: a\nshare_sha256: {}\n",
        "number:1\ncustodian: a\nshare_sha256: {}\n",
        "Number: 1\ncustodian: a\nshare_sha256: {}\n",
        "custodian: a\nnumber: 1\nshare_sha256: {}\n",
        "number: 1\ncustodian: \nshare_sha256: {}\n",
        "number: 1\ncustodian:   \nshare_sha256: {}\n",
        "number: 1\ncustodian: a\n\nshare_sha256: {}\n",
        "number: 1\ncustodian: a\u200b\nshare_sha256: {}\n",
        "number: 1\ncustodian: e\u0301\nshare_sha256: {}\n",
        "number: 1\ncustodian: a\u0085b\nshare_sha256: {}\n",
        "number: 1\ncustodian: " + "a" * 101 + "\nshare_sha256: {}\n",
        "number: 1\ncustodian: " + "a" * 201 + "\nshare_sha256: {}\n",
        "number: 1\ncustodian: a\nshare_sha256: {}",
        "number: 1\ncustodian: a\nshare_sha256: 0{}\n",
        "number: 1\ncustodian: a\nshare_sha256: " + SHA.upper() + "\n",
        "number: 1\ncustodian: a\nshare_sha256: " + SHA[:-1] + "\n",
        "number: 1\rcustodian: a\rshare_sha256: {}\r",
        "\ufeff\ufeffnumber: 1\ncustodian: a\nshare_sha256: {}\n",
    ],
)
def test_another_head_is_no_share_file(head: str) -> None:
    """Each line has one spelling, and stands in its place."""
    with pytest.raises(BadShare):
        read_share(head.replace("{}", SHA), "f")


@settings(deadline=None)
@given(st.text(max_size=100), st.integers(0, 120))
def test_hostile_files_are_refused_and_nothing_else(noise: str, at: int) -> None:
    """Noise alone, or in the midst of a good head."""
    good = share_text(1, "a", SHARE, "x")
    for text in (noise, good[:at] + noise + good[at:]):
        with suppress(BadShare):
            read_share(text, "{what}")
        with suppress(BadShare):
            typed_share(text, "{what}")
        with suppress(BadShare):
            check_custodian(text)
        with suppress(BadRolls):
            share_of_rolls(text)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_share_has_32_bytes(length: int) -> None:
    """Also where its hash is that of the file: the length itself is refused."""
    share = bytes(length)
    with pytest.raises(BadShare, match=f"32 bytes, not {length}"):
        check_share(share, hashlib.sha256(share).hexdigest(), "f")


def test_a_share_is_the_one_committed_to() -> None:
    """Every single bit counts."""
    assert check_share(SHARE, SHA, "f") == SHARE
    for bit in range(256):
        other = (int.from_bytes(SHARE, "big") ^ 1 << bit).to_bytes(32, "big")
        with pytest.raises(BadShare, match="not the share"):
            check_share(other, SHA, "f")


def test_new_shares_are_32_bytes_and_never_the_same() -> None:
    """A thousand of them; every bit is set in about half (within eight standard deviations)."""
    shares = {new_share() for _ in range(1000)}
    assert len(shares) == 1000
    assert {len(share) for share in shares} == {32}
    numbers = [int.from_bytes(share, "big") for share in shares]
    assert all(370 < sum(number >> bit & 1 for number in numbers) < 630 for bit in range(256))


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("王", True),
        ("a" * 100, True),
        ("a" * 101, False),
        ("", False),
        (" \u3000", False),
        ("a\nb", False),
        ("a\u200b", False),
        ("\u202ea", False),
        ("e\u0301", False),
        ("é", True),
        ("纪检组 李", True),
    ],
)
def test_a_custodian_has_a_visible_name(name: str, good: bool) -> None:
    """1 to 100 characters that a screen shows; blanks around them do not count."""
    if good:
        assert check_custodian(f" {name}\n") == name
    else:
        with pytest.raises(BadShare):
            check_custodian(name)


# --- Dice


def test_rolls_are_hashed_as_digits() -> None:
    """printf 314159265358979323846264338327950288419 | sha256sum"""
    assert len(ROLLS) == LEAST_ROLLS == 39
    assert share_of_rolls(ROLLS) == hashlib.sha256(ROLLS.encode()).digest()
    assert share_of_rolls(ROLLS).hex() == "8a4b845e6a1da94283f7a5a1b621ae4d579f9a06106d58d0243bb8042d66194d"


def test_39_rolls_are_enough_and_38_are_not() -> None:
    """Blanks do not count; more are taken, and each counts."""
    assert len(share_of_rolls(ROLLS)) == 32
    with pytest.raises(BadRolls, match="only 38 rolls"):
        share_of_rolls(ROLLS[:-1] + "  ,")
    assert share_of_rolls(ROLLS + "7") == hashlib.sha256((ROLLS + "7").encode()).digest()


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["", " ", "\n", "\r\n", "\t", ",", "，", "、", "\u3000"]), min_size=40, max_size=40
    )
)
def test_what_stands_between_the_rolls_changes_nothing(between: list[str]) -> None:
    """Blanks, commas and line ends, wherever they stand."""
    text = "".join(gap + roll for gap, roll in zip(between, ROLLS, strict=False)) + between[-1]
    assert share_of_rolls(text) == share_of_rolls(ROLLS)


@pytest.mark.parametrize(
    "other", ["x", "-", ".", "/", "１", "٣", "²", "a", "\0", "\u200b", "\ufeff", ";", "+"]
)
def test_other_characters_are_no_rolls(other: str) -> None:
    """Wide digits too: their bytes would be others, and with them the share."""
    for text in (ROLLS + other, other + ROLLS, ROLLS[:20] + other + ROLLS[20:]):
        with pytest.raises(BadRolls, match="something else than digits"):
            share_of_rolls(text)


def test_four_faces_are_too_few_and_five_are_enough() -> None:
    """39 rolls that are no dice: one digit held down, or a pattern of four."""
    for faces in range(1, 8):
        rolls = "".join(str(at % faces) for at in range(50))
        if faces < 5:
            with pytest.raises(BadRolls, match=f"only {faces} different faces"):
                share_of_rolls(rolls)
        else:
            assert share_of_rolls(rolls) == hashlib.sha256(rolls.encode()).digest()


def test_fair_dice_are_hardly_ever_refused() -> None:
    """By inclusion and exclusion: fewer than five faces in 39 rolls once in more than 10^11 rows."""
    few = sum(
        comb(10, faces)
        * sum((-1) ** gone * comb(faces, gone) * (faces - gone) ** 39 for gone in range(faces))
        for faces in range(1, LEAST_FACES)
    )
    assert 0 < Fraction(few, 10**39) < Fraction(1, 10**11)


# --- Typed from paper


def paper(share: bytes) -> str:
    """Four lines of 16 digits with 2 check digits, by hashlib."""
    text = share.hex()
    lines = [text[at : at + 16] for at in range(0, 64, 16)]
    return "\n".join(line + hashlib.sha256(line.encode()).hexdigest()[:2] for line in lines)


def test_check_digits_by_hand() -> None:
    """printf 0001020304050607 | sha256sum"""
    assert line_check("0001020304050607") == hashlib.sha256(b"0001020304050607").hexdigest()[:2] == "5e"


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.data())
def test_a_share_typed_from_paper_is_read_with_and_without_check_digits(
    share: bytes, data: st.DataObject
) -> None:
    """Blanks, hyphens, empty lines and capitals do not matter, nor does one long line."""
    for text in (share.hex(), paper(share)):
        gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", "\t"]), min_size=80, max_size=80))
        loose = "".join(letter + gap for letter, gap in zip(text, gaps, strict=False))
        assert typed_share(loose, "f") == share
        assert typed_share(loose.upper().replace("\n", "\r\n\r\n") + "\n", "f") == share
        assert typed_share(text.replace("\n", ""), "f") == share


def test_a_wrong_digit_is_found_with_its_line() -> None:
    """Every digit of 16 shares made any other: of check digits all are found, of others all but 1 in 128.

    A digit of the 16 gives other check digits but for one case in 256; 15,360 cases bring 60 such.
    """
    chance = random.Random(1)
    missed = tried = 0
    for _ in range(16):
        share = chance.randbytes(32)
        lines = paper(share).split("\n")
        for row, line in enumerate(lines):
            for at in range(18):
                for other in set("0123456789abcdef") - {line[at]}:
                    typed = [*lines]
                    typed[row] = line[:at] + other + line[at + 1 :]
                    found, told = None, ""
                    try:
                        found = typed_share("\n".join(typed), "f")
                    except BadShare as error:
                        told = str(error)
                    if found is None:
                        assert f"line {row + 1} is mistyped" in told
                    else:
                        assert at < 16
                        assert found != share
                        missed += 1
                    tried += at < 16
    assert tried == 16 * 4 * 16 * 15
    assert 0 < missed < tried / 128


def test_two_digits_exchanged_are_found() -> None:
    """Neighbours in a line, the commonest slip: all but 1 in 64 of those that differ."""
    chance = random.Random(2)
    missed = tried = 0
    for _ in range(30):
        text = paper(chance.randbytes(32))
        for at in range(len(text) - 1):
            if "\n" in text[at : at + 2] or text[at] == text[at + 1]:
                continue
            tried += 1
            try:
                typed_share(text[:at] + text[at + 1] + text[at] + text[at + 2 :], "f")
            except BadShare:
                continue
            missed += 1
    assert tried > 1500
    assert missed < tried / 64


@pytest.mark.parametrize("length", [0, 1, 16, 18, 48, 54, 63, 65, 66, 70, 71, 73, 128])
def test_a_typed_share_has_64_or_72_digits(length: int) -> None:
    """A line left out or given twice is refused; so are single digits."""
    with pytest.raises(BadShare, match=f"these are {length}, 0 of"):
        typed_share("a" * length, "f")


@pytest.mark.parametrize("other", ["g", "o", "l", "１", "ａ", "٣", "\u200b", "\0", "é"])
def test_a_typed_share_has_hexadecimal_digits_only(other: str) -> None:
    """An o for a zero is not guessed; wide digits are not either."""
    for text in (SHARE.hex(), paper(SHARE)):
        with pytest.raises(BadShare):
            typed_share(other + text[1:], "f")
