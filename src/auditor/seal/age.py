"""Keys and sealed files: an age identity under a password, and contents of a length that tells nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import pyrage

from auditor.errors import AuditorError
from auditor.i18n import N_

_PLAIN = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")
_ARMOUR = "-----BEGIN AGE ENCRYPTED FILE-----"
_MOST_WORK = 22
"""Age makes files of work factor 18 to 20 on the computers of these years; each step doubles the time."""
_LENGTH_BYTES = 8
_HEADER_BYTES = 1024
"""Room for an age header and its stanza of random length (385 bytes were the most in 20,000)."""
_CHUNK_BYTES, _TAG_BYTES = 65_536, 16
"""Age's payload is chunks of 64 KiB, each with a tag."""


class WrongPassword(AuditorError):
    """A key does not open with this password."""

    sentence = N_("{what} does not open with this password; check capitals, and which file it is from")


class NotSealedForThisKey(AuditorError):
    """A sealed file was made for another key, or was altered."""

    sentence = N_("{what} cannot be opened: it was sealed for another key, or was altered")


class NotUnderAPassphrase(AuditorError):
    """A text is no whole age file under a passphrase, or one that would take minutes to try."""

    sentence = N_("{what} is no whole file under a passphrase; make it again, or look for a good copy")


class NoKey(AuditorError):
    """A file holds no age identity, or a text names no recipient."""

    sentence = N_(
        "{what} holds no age key; a secret one begins with AGE-SECRET-KEY-1, a public one with age1"
    )


class TooLong(AuditorError):
    """Contents are longer than the length that all such contents have."""

    sentence = N_("{what} is {found} bytes long, more than the {most} that are sealed; please report this")


def new_identity() -> tuple[str, str]:
    """Make a key pair; give the secret identity and the public recipient, as age writes them."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def protect(identity: str, password: str) -> str:
    """Put an identity under a password (scrypt, about a second); without one it stays as it is."""
    if not password:
        return identity
    return armoured(pyrage.passphrase.encrypt(identity.encode(), password, armored=True))


def is_protected(kept: str) -> bool:
    """Whether a password is needed to use a kept identity."""
    return kept.lstrip().startswith(_ARMOUR)


def unlock(kept: str, password: str, what: str) -> str:
    """Give the identity that was kept by `protect`; `what` names it in an error.

    Raises
    ------
    WrongPassword, NoKey
    """
    if is_protected(kept):
        kept = open_with_password(kept, password, what).decode("utf-8", "replace")
    return identity_in(kept, what)


def identity_in(text: str, what: str) -> str:
    """Give the one secret identity of a file as age-keygen writes it; raises NoKey."""
    found = _PLAIN.search(text)
    if found is None:
        raise NoKey(what=what)
    try:
        pyrage.x25519.Identity.from_str(found[0])
    except pyrage.IdentityError as error:
        raise NoKey(what=what) from error
    return found[0]


def check_recipient(text: str) -> str:
    """Give a public recipient without blanks around it; raises NoKey for anything else."""
    try:
        return str(pyrage.x25519.Recipient.from_str(text.strip()))
    except pyrage.RecipientError as error:
        raise NoKey(what=text.strip()[:80]) from error


def seal(data: bytes, recipients: Sequence[str], size: int, what: str) -> str:
    """Seal contents for recipients, padded to `size` bytes; the text is base64 with blanks behind.

    Two contents of one size give texts of one length: the age library adds a stanza of random length
    to each header, which the blanks make up for.

    Raises
    ------
    TooLong
        If the contents are longer than `size`.
    """
    if len(data) > size:
        raise TooLong(what=what, found=len(data), most=size)
    padded = len(data).to_bytes(_LENGTH_BYTES, "big") + data + bytes(size - len(data))
    keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    tags = _TAG_BYTES * (len(padded) // _CHUNK_BYTES + 1)
    longest = -(-(len(padded) + tags + _HEADER_BYTES * len(keys)) // 3) * 4
    while len(text := base64.b64encode(pyrage.encrypt(padded, keys)).decode("ascii")) > longest:
        pass  # a stanza longer than any seen: another one is drawn
    return text.ljust(longest)


def unseal(text: str, identity: str, what: str) -> bytes:
    """Open what `seal` made; raises NotSealedForThisKey."""
    try:
        padded: bytes = pyrage.decrypt(
            base64.b64decode(text.rstrip(" "), validate=True), [pyrage.x25519.Identity.from_str(identity)]
        )
    except (pyrage.DecryptError, ValueError) as error:
        raise NotSealedForThisKey(what=what) from error
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    data = padded[_LENGTH_BYTES:]
    if len(padded) < _LENGTH_BYTES or length > len(data):
        raise NotSealedForThisKey(what=what)
    return data[:length]


def seal_with_password(data: bytes, password: str) -> str:
    """Put contents under a password; gives age's armoured text."""
    return armoured(pyrage.passphrase.encrypt(data, password, armored=True))


def open_with_password(text: str, password: str, what: str) -> bytes:
    """Open age's armoured text; raises WrongPassword, also for a text that was altered."""
    check_armoured(text, what)
    try:
        opened: bytes = pyrage.passphrase.decrypt(text.strip().encode(), password)
    except pyrage.DecryptError as error:
        raise WrongPassword(what=what) from error
    return opened


def check_armoured(text: str, what: str) -> None:
    """Refuse a text that is nothing under a passphrase, or whose passphrase takes minutes to try.

    Raises
    ------
    NotUnderAPassphrase
    """
    lines = text.strip().splitlines()
    try:
        head = base64.b64decode("".join(lines[1:5])[:256], validate=True) if lines[:1] == [_ARMOUR] else b""
    except ValueError:
        head = b""
    found = re.match(rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]{22} ([0-9]{1,2})\n", head)
    if found is None or int(found[1]) > _MOST_WORK or lines[-1] != _ARMOUR.replace("BEGIN", "END"):
        raise NotUnderAPassphrase(what=what)


def armoured(data: bytes) -> str:
    """Give age's armoured bytes as text that ends with a line end."""
    return data.decode("ascii").strip() + "\n"
