"""Shares of the seed, section 3.2 of the contract: 32 secret bytes, a clear head, a text for paper."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from auditor.draw.canon import digest
from auditor.draw.frames import name_fault
from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _

SHARE_BYTES = 32
LEAST_ROLLS = 39
"""Ten-sided dice: 39 rolls are 129 bits."""
LEAST_FACES = 5
"""So many different faces at least: fair dice show fewer once in 10^11 rows of 39."""

_HEAD = re.compile(
    r"number: ([1-9][0-9]{0,8})\r?\ncustodian: ([^\r\n]{1,200})\r?\nshare_sha256: ([0-9a-f]{64})\r?\n"
)


class BadShare(AuditorError):
    """A share, or a file that should hold one, that cannot be used."""

    sentence = N_("{what}: {why}; nothing was changed")


class BadRolls(AuditorError):
    """Dice that do not make a share."""

    exit_code = USAGE
    sentence = N_("dice: {why}; type at least 39 rolls of a ten-sided die, as digits 0 to 9")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFile:
    """What a share's file says in clear, and its sealed part."""

    number: int
    custodian: str
    sha256: str
    sealed: str


def new_share() -> bytes:
    """Make a share from the computer's own source of chance."""
    return secrets.token_bytes(SHARE_BYTES)


def share_of_rolls(text: str) -> bytes:
    """Make a share of dice: SHA-256 of the rolls as ASCII digits; blanks, commas and line ends are left out.

    Raises
    ------
    BadRolls
        For fewer than 39 rolls, other characters, or rows that no fair die would show.
    """
    rolls = re.sub(r"[\s,，、]", "", text)
    if not re.fullmatch("[0-9]*", rolls):
        raise BadRolls(why=_("there is something else than digits"))
    if len(rolls) < LEAST_ROLLS:
        raise BadRolls(why=_("only {count} rolls").format(count=len(rolls)))
    if len(set(rolls)) < LEAST_FACES:
        raise BadRolls(
            why=_("only {count} different faces, which fair dice do not show").format(count=len(set(rolls)))
        )
    return hashlib.sha256(rolls.encode("ascii")).digest()


def check_custodian(name: str) -> str:
    """Give a custodian's name without blanks around it; raises BadShare for none, or hidden letters."""
    name = name.strip()
    if not name or name_fault(name) or len(name) > 100:
        raise BadShare(what=repr(name), why=_("a custodian's name is 1 to 100 visible characters"))
    return name


def share_text(number: int, custodian: str, share: bytes, sealed: str) -> str:
    """Write a share's file: number, custodian and hash in clear, then the sealed share."""
    return f"number: {number}\ncustodian: {custodian}\nshare_sha256: {digest(share)}\n{sealed}"


def read_share(text: str, what: str) -> ShareFile:
    """Read the clear head of a share's file; `what` names it in an error.

    Raises
    ------
    BadShare
    """
    found = _HEAD.match(text.removeprefix("\ufeff"))
    if found is None:
        raise BadShare(what=what, why=_("is no share's file (see `auditor draw share`)"))
    return ShareFile(
        number=int(found[1]),
        custodian=check_custodian(found[2]),
        sha256=found[3],
        sealed=text.removeprefix("\ufeff")[found.end() :],
    )


def check_share(share: bytes, sha256: str, what: str) -> bytes:
    """Give the share back if it is the one that was committed to; raises BadShare."""
    if len(share) != SHARE_BYTES:
        raise BadShare(
            what=what,
            why=_("a share is {wanted} bytes, not {found}").format(wanted=SHARE_BYTES, found=len(share)),
        )
    if digest(share) != sha256:
        raise BadShare(what=what, why=_("it is not the share whose fingerprint was committed to"))
    return share


def typed_share(text: str, what: str) -> bytes:
    """Read a share typed from paper: 64 hexadecimal digits, or lines of 16 that each end with 2 check digits.

    Blanks and capitals do not matter. A line's check digits are the first two of SHA-256 of its 16.

    Raises
    ------
    BadShare
        Naming the line whose check digits are wrong.
    """
    lines = [re.sub(r"[\s\-]", "", line).lower() for line in text.splitlines() if line.strip()]
    joined = "".join(lines)
    if re.fullmatch("[0-9a-f]{72}", joined):
        parts = [joined[at : at + 18] for at in range(0, 72, 18)]
        for row, part in enumerate(parts, 1):
            if line_check(part[:16]) != part[16:]:
                raise BadShare(
                    what=what, why=_("line {row} is mistyped: its check digits differ").format(row=row)
                )
        joined = "".join(part[:16] for part in parts)
    if not re.fullmatch("[0-9a-f]{64}", joined):
        raise BadShare(
            what=what,
            why=_(
                "a share is 64 digits 0 to 9 and a to f (four lines of 16, each with its check digits or "
                "none); "
                "these are {found}, {strange} of them others"
            ).format(found=len(joined), strange=len(re.sub("[0-9a-f]", "", joined))),
        )
    return bytes.fromhex(joined)


def line_check(digits: str) -> str:
    """Give the two check digits of a line of a share on paper."""
    return digest(digits.encode("ascii"))[:2]
