"""What a person typed, before it is kept."""

from __future__ import annotations

import re

from auditor.errors import UsageProblem
from auditor.i18n import _

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Letters that nobody sees, or that turn the line around."""

MOST_LETTERS = 500
"""A line that people write is no longer."""


def clean(what: str, text: object) -> str:
    """Give a person's text without blanks around it.

    Raises
    ------
    UsageProblem
        For anything but a text, letters that nobody sees, or more than MOST_LETTERS.
    """
    if not isinstance(text, str) or _HIDDEN.search(text) or len(text) > MOST_LETTERS:
        raise UsageProblem(
            problem=_("{what}: write a text of at most {most} letters, without control characters").format(
                what=what, most=MOST_LETTERS
            )
        )
    return text.strip()


def whole_number(text: str) -> int | None:
    """Read a whole number from 0 in plain digits, nine at most; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
