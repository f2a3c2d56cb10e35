"""What a checklist comes to: a score and its band, and whether a major hazard is determined.

The two are independent. Source of the schemes: the national rules for food inspection (2021), the
quantified grade of 2012, weighted tables with normalisation, GB 35181, and the guide of 2024 on major
hazards of education; each is a test with an example worked out by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from auditor.checklists.answers import Answer, Answers, within
from auditor.checklists.layers import Layer, Rules, rules_of
from auditor.entities import Domain, Item, Unit
from auditor.i18n import _

PROFILES: Mapping[str, tuple[str, str]] = {
    "weighted": ("weighted", "none"),
    "grade": ("grade", "none"),
    "key-items": ("key-items", "none"),
    "major-hazard": ("key-items", "major-hazard"),
    "campus": ("campus", "none"),
}
"""The two parts of each profile: how it scores, how it determines."""

WEIGHTS: Mapping[str, int] = {"veto": 10, "major": 5, "general": 2}
_WORTH = {"pass": Fraction(1), "partly": Fraction(1, 2), "fail": Fraction(0)}
_WORST = ("fail", "partly", "not-checked", "pass", "na")
MOST_UNCHECKED = Fraction(1, 5)
KEY_FAILS = 2
"""So many failed key items give no grade (quantified grade of 2012)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a checklist came to.

    `score` is None while nothing counts, and under key-items always. `band` is "" while too much is
    unchecked. `determination` is "none", "composite" or "direct". `hazards` are what must be put right:
    Item, place, level "major" or "general", whether it was at once. `layer` is the highest layer that
    decided any part, `why` says for each part which layer and document did.
    """

    score: float | None
    band: str
    checked: int
    of: int
    determination: str
    hazards: tuple[Mapping[str, object], ...] = ()
    layer: str = "national"
    why: tuple[Mapping[str, object], ...] = ()
    vetoed: tuple[str, ...] = ()


class _Sheet:
    """The Items that are asked, each with what was answered: those that count, were checked, failed."""

    def __init__(self, items: Sequence[Item], answers: Answers) -> None:
        self.answers = answers
        self.words = {item.code: worst(answers.get(item.code, ())) for item in items}
        self.counted = [item for item in items if self.word(item) != "na"]
        self.unchecked = [item for item in self.counted if self.word(item) == "not-checked"]
        self.checked = [item for item in self.counted if self.word(item) != "not-checked"]
        self.failed = [item for item in self.checked if self.word(item) == "fail"]

    def of(self, item: Item) -> tuple[Answer, ...]:
        return self.answers.get(item.code, ())

    def word(self, item: Item) -> str:
        return self.words[item.code]


def worst(answers: Sequence[Answer]) -> str:
    """Give the answer of an Item: the worst of its places; "not-checked" without any."""
    if len(answers) == 1:
        return answers[0].answer
    words = {one.answer for one in answers} or {"not-checked"}
    return next(word for word in _WORST if word in words)


def score(
    domain: Domain,
    unit: Unit,
    answers: Answers,
    *,
    profile: str = "",
    on: date,
    layers: Sequence[Layer] = (),
    elsewhere: Mapping[str, str] | None = None,
    since: Mapping[str, date] | None = None,
) -> Outcome:
    """Score the answers to one Domain's checklist.

    Partly counts half. "na" leaves both sides (合理缺项). What was not checked leaves the points too,
    but there is no band while an applicable veto Item, or more than a fifth of the applicable Items,
    is unchecked. A determination other than none gives the lowest band.

    Parameters
    ----------
    profile
        One of PROFILES; "" takes the Domain's own, with its own determination.
    on
        The day of the visit: the layers in force then count.
    elsewhere
        Code to answer of what other Domains of the same visit ask: an Item that is the same as one of
        them is asked and counted there, once; while that is unchecked, a veto Item gives no band here.
    since
        Under "grade": the days of "licence" and "incident", after which there is no grade for three
        and six months.
    """
    name = profile or domain.profile
    how, determines = PROFILES[name]
    if not profile and domain.determination.rule:
        determines = domain.determination.rule
    own = domain.bands if how == PROFILES[domain.profile][0] else ()
    rules = rules_of(domain, how, own, on, layers)
    elsewhere = elsewhere or {}
    asked = domain.asked(unit)
    sheet = _Sheet([rules.item(item) for item in asked if item.same_as not in elsewhere], answers)
    waiting = any(item.severity == "veto" and elsewhere.get(item.same_as) == "not-checked" for item in asked)
    determination, elements, told = "none", frozenset[str](), ""
    if determines == "major-hazard":
        determination, elements, told = _determine(domain, sheet, rules, on)
    points = _SCORES[how](sheet)
    lowest = rules.bands[-1][1]
    band = lowest
    if determination == "none":
        band = (
            ""
            if waiting or _open(sheet) or _suspended(how, on, since or {})
            else _band(how, sheet, points, rules)
        )
    why = [{"part": "score", "layer": rules.band_layer, "document": rules.band_document}]
    if determines == "major-hazard":
        why.append(
            {
                "part": "determination",
                "layer": rules.count_layer,
                "document": rules.rule.document,
                **({"note": told} if told else {}),
            }
        )
    why += [
        {"part": code, "layer": layer, "document": document} for code, layer, document in rules.overridden
    ]
    return Outcome(
        score=None if points is None else int(points * 10) / 10,
        band=band,
        checked=len(sheet.checked),
        of=len(sheet.counted),
        determination=determination,
        hazards=_hazards(sheet, elements),
        layer=rules.highest,
        why=tuple(why),
        vetoed=tuple(item.code for item in sheet.failed if item.severity == "veto"),
    )


def _open(sheet: _Sheet) -> bool:
    """Whether too much is unchecked for a band."""
    return (
        not sheet.checked
        or any(item.severity == "veto" for item in sheet.unchecked)
        or len(sheet.unchecked) > MOST_UNCHECKED * len(sheet.counted)
    )


def _suspended(how: str, on: date, since: Mapping[str, date]) -> bool:
    """Whether there is no grade yet: three months after a new licence, six after an incident."""
    if how != "grade":
        return False
    months = {"licence": 3, "incident": 6}
    return any(day <= on < _later(day, months[what]) for what, day in since.items() if what in months)


def _later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    return day


def _weighted(sheet: _Sheet) -> Fraction | None:
    """Give the points got of the highest points that apply, times 100 (标化分)."""
    most = sum(_weight(item) for item in sheet.checked)
    got = sum((_weight(item) * _WORTH[sheet.word(item)] for item in sheet.checked), Fraction(0))
    return 100 * got / most if most else None


def _weight(item: Item) -> Fraction:
    return _exact(item.weight) if item.weight is not None else Fraction(WEIGHTS[item.severity])


def _exact(number: float) -> Fraction:
    """Give the number that was written: 7.4 is 37/5, and not what a computer makes of it."""
    return Fraction(str(number))


def _grade(sheet: _Sheet) -> Fraction | None:
    """Give the mean of 0 to 10 over the Items that were checked."""
    if not sheet.checked:
        return None
    return 10 * sum((_WORTH[sheet.word(item)] for item in sheet.checked), Fraction(0)) / len(sheet.checked)


def _campus(sheet: _Sheet) -> Fraction | None:
    """Give 100 less the deductions, in shares of the weights that were checked; half for partly.

    An Item that counts its faults (none or few are wanted) loses one for each, and at most its weight.
    """
    most = sum(_weight(item) for item in sheet.checked)
    if not most:
        return None
    lost = Fraction(0)
    for item in sheet.checked:
        share = 1 - _WORTH[sheet.word(item)]
        full = share * _weight(item)
        counts = _faults(item, sheet.of(item))
        lost += min(full, sum(counts, Fraction(0))) if counts else full
    return 100 * (most - lost) / most


def _faults(item: Item, answers: Sequence[Answer]) -> list[Fraction]:
    """Give how many faults each failed place counted; none where the Item counts something else."""
    found = [one for one in answers if one.answer in ("fail", "partly")]
    counts = item.evidence == "count" and item.op not in (">", ">=")
    if not counts or any(one.value is None for one in found):
        return []
    if any(one.answer == "not-checked" for one in answers):
        return []
    return [max(Fraction(1), _exact(one.value)) for one in found if one.value is not None]


def _no_score(sheet: _Sheet) -> Fraction | None:
    """Fail counts alone decide: there is no score."""
    return None


_SCORES = {"weighted": _weighted, "grade": _grade, "campus": _campus, "key-items": _no_score}


def is_key(item: Item) -> bool:
    """Whether an Item is a key one (重点项目): marked so, or a veto."""
    return "key" in item.scheme or item.severity == "veto"


def _band(how: str, sheet: _Sheet, points: Fraction | None, rules: Rules) -> str:
    """Give the band of a checklist that is checked far enough and determines nothing."""
    failed = sheet.failed
    lowest = rules.bands[-1][1]
    if how == "key-items":
        best, middle = rules.bands[0][1], rules.bands[1][1]
        if any(is_key(item) for item in failed):
            return lowest
        partly = any(sheet.word(item) == "partly" for item in sheet.checked)
        return middle if failed or partly else best
    if any(item.severity == "veto" for item in failed) and how != "grade":
        return lowest
    if how == "grade" and sum(is_key(item) for item in failed) >= KEY_FAILS:
        return lowest
    if points is None:
        return ""
    return next((name for least, name in rules.bands if points >= _exact(least)), lowest)


def _determine(domain: Domain, sheet: _Sheet, rules: Rules, on: date) -> tuple[str, frozenset[str], str]:
    """Say whether a major hazard is determined, by which Items, and what else should be said.

    One direct element decides at once; else the composite ones are counted, if a document in force
    gives a count. What was put right at once is no element. An Item with a share rule counts only with
    its share.
    """
    shares = {one.code: one for one in domain.determination.shares}
    direct: set[str] = set()
    composite: set[str] = set()
    for item in sheet.checked:
        rule = shares.get(item.code)
        standing = [one for one in sheet.of(item) if not one.fixed and one.answer in ("fail", "partly")]
        if rule is not None:
            hit = any(
                one.share and within(Fraction(*one.share), rule.op, _exact(rule.value)) for one in standing
            )
            if hit:
                (direct if rule.scheme == "direct" else composite).add(item.code)
            continue
        if any(one.answer == "fail" for one in standing):
            if "direct" in item.scheme:
                direct.add(item.code)
            elif "composite" in item.scheme:
                composite.add(item.code)
    if direct:
        return "direct", frozenset(direct), ""
    count = rules.rule.count
    if count is None or not composite:
        return "none", frozenset(), ""
    if not rules.rule_holds(on):
        told = _("provisional: {found} of {count} composite elements; {document} is not in force").format(
            found=len(composite), count=count, document=rules.rule.document or "–"
        )
        return "none", frozenset(), told
    if len(composite) >= count:
        return "composite", frozenset(composite), ""
    return (
        "none",
        frozenset(),
        _("{found} of {count} composite elements").format(found=len(composite), count=count),
    )


def _hazards(sheet: _Sheet, elements: frozenset[str]) -> tuple[Mapping[str, object], ...]:
    """Give what must be put right, Item by Item and place by place."""
    found = []
    for item in sheet.checked:
        for one in sheet.of(item):
            if one.answer in ("fail", "partly"):
                level = "major" if item.code in elements and not one.fixed else "general"
                hazard: dict[str, object] = {"code": item.code, "level": level}
                if one.place:
                    hazard["place"] = one.place
                if one.fixed:
                    hazard["fixed"] = True
                found.append(hazard)
    return tuple(found)
