"""What is sealed opens with its key only, unaltered or not at all, and its length tells nothing."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import passwords
from auditor.seal.age import (
    NoKey,
    NotSealedForThisKey,
    NotUnderAPassphrase,
    TooLong,
    WrongPassword,
    check_recipient,
    identity_in,
    is_protected,
    new_identity,
    open_with_password,
    protect,
    seal,
    unlock,
    unseal,
)

SECRET, PUBLIC = new_identity()
OTHER, OTHER_PUBLIC = new_identity()


@pytest.fixture(scope="module")
def locked() -> str:
    """An identity under a password; made once, for it costs a second."""
    return protect(SECRET, "秘密 Password")


# --- Contents


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 100), st.integers(1, 3))
def test_what_is_sealed_is_opened_to_the_byte(data: bytes, more: int, keys: int) -> None:
    """Zeros at its end too, by each of those it was sealed for."""
    pairs = [new_identity() for _ in range(keys)]
    text = seal(data, [public for _secret, public in pairs], len(data) + more, "x")
    assert text.isascii()
    assert "\n" not in text
    for secret, _public in pairs:
        assert unseal(text, secret, "x") == data


@pytest.mark.parametrize("data", [b"", b"\0", b"\0" * 64, b"a\0\0", b"\xff" * 64])
def test_zeros_are_not_taken_for_padding(data: bytes) -> None:
    """The length is kept inside; nothing at all is contents too."""
    assert unseal(seal(data, [PUBLIC], 64, "x"), SECRET, "x") == data


@pytest.mark.parametrize("size", [0, 1, 32, 65_527, 65_528, 65_529, 131_064, 300_000])
@pytest.mark.parametrize("keys", [1, 2])
def test_contents_of_one_size_give_texts_of_one_length(size: int, keys: int) -> None:
    """Empty or full, whatever age adds to its header; at the borders of its chunks of 64 KiB too."""
    full = random.Random(size).randbytes(size)
    texts = [
        seal(data, [PUBLIC, OTHER_PUBLIC][:keys], size, "x") for data in (b"", full[: size // 2], full) * 4
    ]
    assert len({len(text) for text in texts}) == 1
    assert len(set(texts)) == len(texts)
    assert [unseal(text, SECRET, "x") for text in texts[:3]] == [b"", full[: size // 2], full]


def test_equal_lengths_hold_over_many() -> None:
    """400 seals of a share's size: one length."""
    assert len({len(seal(bytes(at % 33), [PUBLIC], 32, "x")) for at in range(400)}) == 1


@pytest.mark.parametrize(("length", "good"), [(31, True), (32, True), (33, False), (1000, False)])
def test_contents_longer_than_their_size_are_refused(length: int, good: bool) -> None:
    """The size itself is possible; one byte more is not cut off."""
    data = b"a" * length
    if good:
        assert unseal(seal(data, [PUBLIC], 32, "x"), SECRET, "x") == data
    else:
        with pytest.raises(TooLong) as caught:
            seal(data, [PUBLIC], 32, "the share")
        assert caught.value.facts == {"what": "the share", "found": length, "most": 32}


def test_another_key_opens_nothing() -> None:
    """Nor does one that was made for the same contents."""
    text = seal(b"plan", [OTHER_PUBLIC], 32, "x")
    assert unseal(text, OTHER, "x") == b"plan"
    with pytest.raises(NotSealedForThisKey, match="the plan"):
        unseal(text, SECRET, "the plan")


def test_every_byte_that_is_changed_is_found() -> None:
    """Each byte of a sealed share with one bit flipped: all refused, none gives other contents."""
    raw = base64.b64decode(seal(b"a" * 20, [PUBLIC], 32, "x").rstrip(" "))
    assert len(raw) > 200
    for at in range(len(raw)):
        other = bytearray(raw)
        other[at] ^= 1 << at % 8
        with pytest.raises(NotSealedForThisKey):
            unseal(base64.b64encode(other).decode(), SECRET, "x")


def test_every_letter_that_is_changed_is_found() -> None:
    """Of the text as kept, blanks at its end included: refused, or by unused bits the same contents."""
    text = seal(b"a" * 20, [PUBLIC], 32, "x")
    same = []
    for at, letter in enumerate(text):
        for other in {chr(ord(letter) ^ 1), chr(ord(letter) ^ 0x80), " ", "=", "A", "é"} - {letter}:
            try:
                assert unseal(text[:at] + other + text[at + 1 :], SECRET, "x") == b"a" * 20
            except NotSealedForThisKey:
                continue
            same.append(at)
    last = len(text.rstrip(" ="))
    assert all(at >= last - 1 for at in same)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: " ",
        lambda text: "x",
        lambda text: "é" + text,
        lambda text: "\ud800",
        lambda text: text.rstrip(" =")[:-4],
        lambda text: text.rstrip(" ")[: len(text.rstrip(" ")) // 8 * 4],
        lambda text: text[4:],
        lambda text: text + text,
        lambda text: "AAAA" + text,
        lambda text: "\n" + text,
        lambda text: text.swapcase(),
        lambda text: base64.b64encode(b"age-encryption.org/v1\n").decode(),
    ],
)
def test_what_is_no_sealed_text_is_refused(change: Callable[[str], str]) -> None:
    """Cut, doubled, from another alphabet, or nothing at all."""
    text = seal(b"data", [PUBLIC], 32, "x")
    with pytest.raises(NotSealedForThisKey):
        unseal(change(text), SECRET, "x")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_hostile_texts_are_refused_and_nothing_else(text: str) -> None:
    """No text makes opening fail otherwise."""
    with pytest.raises(NotSealedForThisKey):
        unseal(text, SECRET, "x")
    with pytest.raises(NoKey):
        identity_in(text, "x")
    with pytest.raises(NoKey):
        check_recipient(text)


@pytest.mark.parametrize(
    "inner", [b"", b"abc", bytes(7), bytes(7) + b"\1", bytes(3) + b"\1" + bytes(4), b"\xff" * 8]
)
def test_contents_that_were_not_made_here_are_refused(inner: bytes) -> None:
    """Age's own seal is right, but there is no length in it, or one that cannot be."""
    text = base64.b64encode(pyrage.encrypt(inner, [pyrage.x25519.Recipient.from_str(PUBLIC)])).decode()
    with pytest.raises(NotSealedForThisKey):
        unseal(text, SECRET, "x")


# --- Keys


def test_a_key_pair_belongs_together() -> None:
    """What is sealed for the public half opens with the secret one, and no two are alike."""
    assert unseal(seal(b"x", [PUBLIC], 64, "x"), SECRET, "x") == b"x"
    assert PUBLIC != OTHER_PUBLIC
    assert SECRET.startswith("AGE-SECRET-KEY-1")
    assert PUBLIC.startswith("age1")
    assert check_recipient(f" {PUBLIC}\r\n") == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        "age1x",
        PUBLIC[:-1],
        PUBLIC + "q",
        PUBLIC[:-1] + ("q" if PUBLIC[-1] != "q" else "p"),
        SECRET,
    ],
    ids=lambda text: str(len(text)),
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    """Cut, longer, one letter wrong, or the secret key in its place."""
    with pytest.raises(NoKey):
        check_recipient(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_recovery_file_is_read_as_age_keygen_writes_it(end: str, bom: str) -> None:
    """Two lines of comment, then the key; saved again by Windows it is the same."""
    lines = ["# created: 2026-10-01T09:00:00+08:00", f"# public key: {PUBLIC}", SECRET]
    text = bom + (end or "\n").join(lines) + end
    assert identity_in(text, "f") == unlock(text, "", "f") == unlock(text, "any", "f") == SECRET
    assert not is_protected(text)


@pytest.mark.parametrize(
    "text",
    ["", f"# public key: {PUBLIC}\n", SECRET[:-1], SECRET + "Q", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1QQQ",
     SECRET[:-1] + ("Q" if SECRET[-1] != "Q" else "P")],
    ids=["empty", "public only", "short", "long", "no digits", "few digits", "mistyped"],
)  # fmt: skip
def test_a_file_without_a_secret_key_is_refused(text: str) -> None:
    """Only the public half, or a secret one that is cut, longer, or has a letter wrong."""
    with pytest.raises(NoKey, match=r"recovery\.txt"):
        identity_in(text, "recovery.txt")
    with pytest.raises(NoKey):
        unlock(text, "", "f")


# --- Passwords (each costs about a second)


def test_without_a_password_a_key_stays_as_it_is() -> None:
    """And opens with none."""
    assert protect(SECRET, "") == SECRET
    assert not is_protected(SECRET)
    assert unlock(SECRET, "", "f") == SECRET


def test_a_key_opens_with_its_password_only(locked: str) -> None:
    """Not with another, nor with none; blanks and line ends around the file do not matter."""
    assert is_protected(locked)
    assert SECRET not in locked
    assert unlock("\n " + locked.replace("\n", "\r\n") + "\n", "秘密 Password", "f") == SECRET
    quick = passwords.encrypt(SECRET.encode(), "秘密 Password", armored=True).decode()
    assert unlock(quick, "秘密 Password", "f") == SECRET
    for text, wrong in ((locked, "秘密 password"), (quick, "秘密 password"), (quick, "")):
        with pytest.raises(WrongPassword, match="the key"):
            unlock(text, wrong, "the key")


def test_an_armoured_text_that_was_altered_is_refused(locked: str) -> None:
    """In its body, cut, or not armoured at all; most are found before the password is tried."""
    lines = locked.split("\n")
    body = lines[-3]
    altered = [
        "\n".join([*lines[:-3], ("A" if body[0] != "A" else "B") + body[1:], *lines[-3:][1:]]),
        "\n".join(lines[:3]),
        lines[0],
        "",
        "é",
    ]
    for text in altered:
        with pytest.raises((WrongPassword, NotUnderAPassphrase)):
            open_with_password(text, "秘密 Password", "f")


def test_what_lies_under_a_password_may_be_no_key() -> None:
    """What opens, but holds no identity, is refused as such."""
    text = passwords.encrypt(b"\xff\0 no key", "p", armored=True).decode()
    with pytest.raises(NoKey):
        unlock(text, "p", "f")
