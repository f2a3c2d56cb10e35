"""How an event's value is spelled, section 3.3 of the contract: by a form of a million values or more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.draw.canon import LARGEST
from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _

LEAST_VALUES = 1_000_000
"""An event with fewer possible values could be tried out beforehand."""
BALLS: Mapping[str, Any] = {"numbers": 6, "from": 0, "to": 9}
"""Six numbered balls, each put back: a million values."""


class BadForm(AuditorError):
    """A form that the contract refuses."""

    exit_code = USAGE
    sentence = N_("{text} is no form: {why}; write numbers:6:0:9 (six numbers from 0 to 9) or hex:64")


class Misspelled(AuditorError):
    """A value that is not spelled as its form says."""

    exit_code = USAGE
    sentence = N_("the value {value!r} is not spelled as was published before: {form}")


def read_form(text: str) -> dict[str, Any]:
    """Read ``numbers:K:FROM:TO`` or ``hex:K``.

    Raises
    ------
    BadForm
        For anything else, and for a form with fewer than a million values, counted as the contract
        does: (to − from + 1)^k or 16^k.
    """
    numbers = re.fullmatch(r"numbers:(\d{1,4}):(\d{1,15}):(\d{1,15})", text)
    digits = re.fullmatch(r"hex:(\d{1,4})", text)
    if numbers:
        count, low, high = map(int, numbers.groups())
        form: dict[str, Any] = {"numbers": count, "from": low, "to": high}
        if count < 1 or not low < high <= LARGEST:
            raise BadForm(text=text, why=_("at least one number, and the first smaller than the last"))
    elif digits:
        form = {"hex": int(digits[1])}
        if form["hex"] < 1:
            raise BadForm(text=text, why=_("at least one digit"))
    else:
        raise BadForm(text=text, why=_("neither of the two"))
    if count_values(form) < LEAST_VALUES:
        raise BadForm(
            text=text,
            why=_(
                "it has {count} values, and a million are needed so that no one can pick among shares"
            ).format(count=count_values(form)),
        )
    return form


def count_values(form: Mapping[str, Any]) -> int:
    """Count the values of a form as the contract does."""
    if "hex" in form:
        return int(16 ** form["hex"])
    return int((form["to"] - form["from"] + 1) ** form["numbers"])


def is_spelled(value: str, form: Mapping[str, Any]) -> bool:
    """Whether a value is spelled as the form says: no leading zeros, one blank between numbers."""
    if "hex" in form:
        return re.fullmatch("[0-9a-f]*", value) is not None and len(value) == form["hex"]
    words = value.split(" ")
    return len(words) == form["numbers"] and all(
        re.fullmatch("0|[1-9][0-9]{0,15}", word) and form["from"] <= int(word) <= form["to"] for word in words
    )


def form_words(form: Mapping[str, Any]) -> str:
    """Say in words how a value is spelled."""
    if "hex" in form:
        return _("{count} hexadecimal digits, small letters, nothing between").format(count=form["hex"])
    return _(
        "{count} whole numbers from {low} to {high}, without leading zeros, one blank between, "
        "in the order named"
    ).format(count=form["numbers"], low=form["from"], high=form["to"])


def check_value(value: str, form: Mapping[str, Any]) -> None:
    """Refuse a value that is spelled otherwise; raises Misspelled."""
    if not is_spelled(value, form):
        raise Misspelled(value=value[:200], form=form_words(form))


def tidied(value: str, form: Mapping[str, Any]) -> str:
    """Spell what a person typed from the balls as the form wants it: ``3,1 4`` becomes ``3 1 4``.

    Only for people at a screen who see the result again; what cannot be meant stays as it is.
    """
    if "hex" in form:
        return "".join(value.split()).lower()
    wide = value.translate({ord("０") + digit: str(digit) for digit in range(10)})
    words = re.findall(r"\d+", wide)
    if len(words) == 1 and form["to"] <= 9 and len(words[0]) == form["numbers"]:
        words = list(words[0])
    return " ".join(word.lstrip("0") or "0" for word in words)
