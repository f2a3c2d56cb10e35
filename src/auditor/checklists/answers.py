"""What was answered: one word, or with a value, a share, a place, and whether it was fixed at once."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from auditor.entities import ANSWERS, Domain, Item
from auditor.errors import AuditorError
from auditor.i18n import N_, _

ANSWER_WORDS: Mapping[str, str] = {
    "符合": "pass", "部分符合": "partly", "不符合": "fail", "合理缺项": "na", "未检查": "not-checked",
    "基本符合": "partly", "不适用": "na", "未查": "not-checked",
}  # fmt: skip
"""What stands on the forms, and what else people write for the five answers."""

MOST_VALUE = 10**12
"""A measured value is smaller than this."""

_SHARE = re.compile(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,9})?")


class BadAnswer(AuditorError):
    """An answer cannot be read."""

    sentence = N_("{code}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to one Item, at one place where the Item is asked for each.

    `value` is the number that was measured or counted; `share` is ``(n, m)``, n of m. `fixed` says
    that a fault was put right at once, under the inspector's eyes.
    """

    answer: str
    value: float | None = None
    share: tuple[int, int] | None = None
    place: str = ""
    fixed: bool = False

    def breaks(self, item: Item) -> bool:
        """Whether the measured value breaks the Item's threshold."""
        if item.value is None or self.value is None:
            return False
        return not within(self.value, item.op, item.value)


Answers = Mapping[str, tuple[Answer, ...]]


def within(found: float | Fraction, op: str, value: float | Fraction) -> bool:
    """Whether a number stands in a comparison to another."""
    compare = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
    return bool(compare[op](found, value))


def read_answer(code: str, given: object) -> Answer:
    """Read one answer: a word, or ``{answer, value, place, fixed}``; a value is a number or ``n/m``.

    Raises
    ------
    BadAnswer
    """
    if isinstance(given, str):
        given = {"answer": given}
    if not isinstance(given, Mapping):
        raise BadAnswer(code=code, problem=_("write an answer, or a table with answer"))
    strange = sorted(set(map(str, given)) - {"answer", "value", "place", "fixed"})
    if strange:
        raise BadAnswer(code=code, problem=_("{key} is no key of an answer").format(key=strange[0]))
    answer = given.get("answer")
    answer = ANSWER_WORDS.get(answer.strip(), answer) if isinstance(answer, str) else answer
    if answer not in ANSWERS:
        known = ", ".join((*ANSWERS, *list(ANSWER_WORDS)[: len(ANSWERS)]))
        raise BadAnswer(code=code, problem=_("{answer} is no answer; write one of {known}").format(
            answer=answer, known=known))  # fmt: skip
    place, fixed = given.get("place", ""), given.get("fixed", False)
    if not isinstance(place, str) or not isinstance(fixed, bool):
        raise BadAnswer(code=code, problem=_("place is a text, fixed is true or false"))
    value, share = _value(code, given.get("value"))
    return Answer(answer=str(answer), value=value, share=share, place=place.strip(), fixed=fixed)


def _value(code: str, given: object) -> tuple[float | None, tuple[int, int] | None]:
    if given is None:
        return None, None
    found = _SHARE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found:
        part, whole = int(found[1]), int(found[2])
        if whole == 0 or part > whole:
            raise BadAnswer(code=code, problem=_("{value}: n of m, n not above m").format(value=given))
        return None, (part, whole)
    if isinstance(given, str) and _NUMBER.fullmatch(given.strip()):
        return float(given), None
    if isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < MOST_VALUE:
        return float(given), None
    raise BadAnswer(code=code, problem=_("{value} is no number and no share n/m").format(value=given))


def read_answers(domain: Domain, given: Mapping[str, object]) -> dict[str, tuple[Answer, ...]]:
    """Read the answers of one Domain: code to an answer, or to a list of them for several places.

    Raises
    ------
    BadAnswer
        For a code that is not in the checklist (a retired one is named as such) or an answer that
        cannot be read.
    """
    codes = {item.code for item in domain.items}
    read = {}
    for code, one in given.items():
        if code not in codes:
            problem = (
                _("is retired") if code in domain.retired else _("is no item of {key}").format(key=domain.key)
            )
            raise BadAnswer(code=code, problem=problem)
        several = one if isinstance(one, list) else [one]
        if not several:
            raise BadAnswer(code=code, problem=_("is an empty list"))
        read[code] = tuple(read_answer(code, each) for each in several)
    return read
