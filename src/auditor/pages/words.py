"""The words that people read for codes of the data."""

from __future__ import annotations

import re
from datetime import date

from auditor.entities import Item
from auditor.i18n import N_, _, language

SLOT_WORDS = {"morning": N_("morning"), "afternoon": N_("afternoon"), "evening": N_("evening")}
SLOT_LETTERS = {"morning": N_("M"), "afternoon": N_("A"), "evening": N_("E")}
REASON_WORDS = {
    "unreachable": N_("too far for any half-day its domains allow"),
    "closed": N_("closed on every possible day (holidays, black-outs, revisit gap)"),
    "no-skill": N_("no team holds its domains together"),
    "no-team": N_("every able team is in conflict, on leave or not on stand-by"),
    "capacity": N_("the half-days, people and cars went to units before it in the lot"),
    "no-cars": N_("there is no car in any half-day"),
}
LEFT_WORDS = {
    "no-day": N_("no open day is left"),
    "no-skill": N_("nobody holds its domains"),
    "no-team": N_("no team is there on any day"),
    "capacity": N_("teams are there, but the rules leave none of them free"),
}
"""Why a repair leaves a visit out."""
RULE_WORDS = {
    "people": N_("an inspector of the lot is out with another sortie"),
    "cars": N_("all cars of that half-day are out"),
    "half-days": N_("an inspector of the lot has used his half-days"),
    "apart": N_("the unit, drawn twice, has its other visit in that half-day"),
    "mix": N_("the team of the lot is of one department"),
    "hours": N_("a unit of the sortie is shut in that half-day"),
    "again": N_("an inspector of the lot has the unit in his own area and sees it at its other visit"),
    "load": N_("an inspector of the lot would be out more often than the rule of load allows"),
    "even": N_("half-days would lie further apart than is kept"),
    "pairs": N_("two of the lot would go together more often than is allowed"),
}
RULE_NAMES = {
    "people": N_("people"),
    "cars": N_("cars"),
    "half-days": N_("half-days"),
    "apart": N_("two visits apart"),
    "mix": N_("two departments"),
    "hours": N_("opening times"),
    "again": N_("own area twice"),
    "load": N_("load"),
    "even": N_("even half-days"),
    "pairs": N_("pairs"),
}
OUTCOME_WORDS = {
    "done": N_("made"), "closed": N_("found closed"), "nobody": N_("nobody there"), "refused": N_("entry refused"),
    "moved": N_("on another day"), "cancelled": N_("not made"), "replaced": N_("another unit stood in"),
}  # fmt: skip
"""What became of a visit."""
SECRECY_WORDS = {"cheap": N_("cheap"), "balanced": N_("balanced"), "strict": N_("strict")}
"""How little one visit tells of the next, as `--secrecy` says it."""
POST_WORDS = {"lead": N_("leader on duty"), "day": N_("day duty"), "night": N_("night duty")}
POST_MARKS = {"lead": "带", "day": "白", "night": "夜"}
CLASS_WORDS = {
    "total": N_("all duties"),
    "night": N_("nights"),
    "weekend": N_("weekends"),
    "holiday": N_("holidays"),
}
COUNTED_WORDS = {**CLASS_WORDS, "standby": N_("stand-by duties")}
"""The classes of a desk that has stand-by posts, which are counted apart."""
ROLE_WORDS = {
    "leader": N_("leaders"), "officer": N_("officers"), "driver": N_("drivers"), "network": N_("network desk"),
}  # fmt: skip
KIND_WORDS = {
    "kindergarten": N_("kindergarten"), "primary": N_("primary school"), "junior": N_("junior high school"),
    "senior": N_("senior high school"), "nine-year": N_("nine-year school"),
    "complete": N_("complete secondary school"), "vocational": N_("vocational school"),
    "special": N_("special school"), "training": N_("training centre"),
}  # fmt: skip
SEVERITY_WORDS = {"veto": N_("veto item"), "major": N_("key item"), "general": N_("general item")}
GRADE_WORDS = {"red": N_("red"), "orange": N_("orange"), "yellow": N_("yellow"), "blue": N_("blue")}
"""The four grades of risk (红橙黄蓝)."""
EVIDENCE_WORDS = {
    "photo": N_("photo"), "count": N_("count"), "reading": N_("reading"), "doc": N_("document"),
    "document": N_("document"), "test": N_("test"), "ask": N_("ask"),
}  # fmt: skip
UNIT_WORDS = {
    "zh": {
        "floor": "每层", "room": "每间", "building": "每栋", "tap": "每个龙头", "month": "每月", "quarter": "每季度",
        "term": "每学期", "meal": "每餐", "trip": "每趟", "h": "小时", "months": "个月",
    },
    "en": {
        "floor": "per floor", "room": "per room", "building": "per building", "tap": "per tap",
        "month": "per month", "quarter": "per quarter", "term": "per term", "meal": "per meal",
        "trip": "per trip", "h": "h", "months": "months",
    },
}  # fmt: skip
"""What an Item's unit is called; like weekdays, forms that a sentence cannot share between languages."""
OPERATORS = {">=": "≥", "<=": "≤", "=": "=", ">": ">", "<": "<"}
WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}

BLACKOUT_WORDS = {
    "exam": N_("exam"), "closure": N_("no lessons"), "inspection": N_("inspection from above"),
    "other": N_("other"),
}  # fmt: skip
"""Why no visit is made on some days."""


def word(words: dict[str, str], code: str) -> str:
    """Give the word for a code in the language of the context; an unknown code stands for itself."""
    return _(words[code]) if code in words else code


def draw_name(key: str) -> str:
    """Give what people call a draw of a number: the main draw, or the draw of a week (``floor/2026-W49``)."""
    week = re.fullmatch(r"floor/(\d{4})-W(\d{2})", key)
    if week:
        return _("of week {week} of {year}").format(year=week[1], week=int(week[2]))
    return _("main") if key == "main" else key


def weekday(day: date) -> str:
    """Give the short name of a day of the week."""
    return WEEKDAYS[language()][day.weekday()]


def month_name(month: str) -> str:
    """Give a month as people write it: 2026年12月, or December 2026."""
    year, number = (int(part) for part in month.split("-"))
    if language() == "zh":
        return f"{year}年{number}月"
    names = "January February March April May June July August September October November December"
    return f"{names.split()[number - 1]} {year}"


def month_or(name: str) -> str:
    """Give a month in few signs, 2026年12月 or Dec 2026, and any other name as it is."""
    if not re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", name):
        return name
    whole = month_name(name)
    return whole if language() == "zh" else f"{whole[:3]} {whole[-4:]}"


def day_name(day: date) -> str:
    """Give a day as people write it: 12月1日（周二）, or Tue 1 Dec."""
    if language() == "zh":
        return f"{day.month}月{day.day}日（周{weekday(day)}）"
    return f"{weekday(day)} {day.day} {month_name(f'{day:%Y-%m}').split()[0][:3]}"


def threshold(op: str, value: float | None, unit: str) -> str:
    """Give what an Item's number must be: ``≥ 0.9 m``, ``每层 ≥ 2``, ``≥ 2 per floor``; "" without one."""
    if not op or value is None:
        return ""
    wanted = f"{OPERATORS.get(op, op)} {value:g}"
    words = UNIT_WORDS[language()]
    what, _slash, each = unit.partition("/")
    if what == "month":
        what = "months"
    if each and what == "count" and each in words:
        return f"{words[each]} {wanted}" if language() == "zh" else f"{wanted} {words[each]}"
    told = unit if each else words.get(what, what)
    return wanted if told == "count" else f"{wanted} {told}".rstrip()


BAND_WORDS = {
    "excellent": N_("excellent"),
    "good": N_("good"),
    "fair": N_("fair"),
    "poor": N_("poor"),
    "none": N_("no grade"),
    "pass": N_("in order"),
    "rectify": N_("to be put right"),
    "case": N_("to be handled as a case"),
    "qualified": N_("qualified"),
    "refused": N_("refused"),
}
"""The bands of the scoring profiles."""

DETERMINATION_WORDS = {
    "none": N_("none determined"),
    "composite": N_("yes, by its composite elements"),
    "direct": N_("yes, by a direct element"),
}
"""Whether a major hazard is determined."""

LEVEL_WORDS = {"major": N_("major hazard"), "general": N_("general hazard"), "none": N_("no hazard")}
UNVERIFIED = "〔未核实〕"


def basis_text(item: Item) -> str:
    """Give an Item's basis as it is printed; a mere work requirement leaves room for the bureau's document."""
    return f"{item.basis}（文号由本局填）" if item.is_work_requirement else item.basis


def item_text(item: Item) -> str:
    """Give an Item's wording in the language of the context; an unverified number is marked as such."""
    text = item.zh if language() == "zh" else item.en
    if item.value is not None and "unverified" in item.source and UNVERIFIED not in text:
        text += UNVERIFIED if language() == "zh" else " (unverified)"
    return text


def visit_notes(ordered: bool, stands_in: bool, at_stop_of: str) -> str:
    """Say behind a unit's name that its visit was ordered, that it stands in, and at which visit's stop."""
    found = _(" (ordered)") if ordered else ""
    if stands_in and at_stop_of:
        return found + _(" (stands in, at the stop of {time})").format(time=at_stop_of)
    return found + (_(" (stands in)") if stands_in else "")


FIELD_WORDS = {
    "point": N_("longitude and latitude together"), "crs": N_("system of the coordinates"),
    "person": N_("person"), "from": N_("first day"), "to": N_("last day"), "half": N_("half day"),
    "days": N_("number of days"), "unit": N_("unit"), "on": N_("day of the inspection"),
    "people": N_("people"), "domains": N_("domains"), "directed": N_("number of the order"),
    "kind": N_("kind of leave"), "from_on": N_("first day"), "to_on": N_("last day"),
}  # fmt: skip
"""What a list of people, leave, past inspections or black-outs calls its fields, where no title does."""
