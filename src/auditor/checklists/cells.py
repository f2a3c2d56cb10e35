"""One cell of an expert's sheet: the words of a value, and the value that words mean.

Numbers, operators and codes that a spreadsheet or a hand bent are mended (＞＝, ≥, “, full-width digits,
blanks); wording is never touched. What words cannot say without loss is written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from auditor.entities import KINDS
from auditor.i18n import _, listed

WORDS: Mapping[str, Mapping[str, str]] = {
    "severity": {"veto": "否决项", "major": "重点项", "general": "一般项"},
    "evidence": {
        "photo": "照片", "count": "计数", "reading": "读数", "document": "资料", "test": "测试",
        "ask": "询问",
    },
    "source": {"statute": "法条原文", "copy": "转载", "unverified": "未核实"},
    "scheme": {"direct": "直接判定", "composite": "综合判定", "key": "关键项", "fine": "可罚款"},
    "per": {"building": "每栋楼", "room": "每间", "vehicle": "每辆车"},
    "profile": {
        "weighted": "百分制", "grade": "量化分级", "key-items": "重点项计数", "major-hazard": "重大隐患判定",
        "campus": "扣分制",
    },
    "op": {one: one for one in (">=", "<=", ">", "<", "=")},
}  # fmt: skip
"""Key to the words of its closed list."""

LISTS = ("source", "scheme", "retired")
NUMBERS = ("minutes", "people", "rectify_days", "value", "weight")

_SLOTS = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}
_ANSWERS = {"pass": "符合", "partly": "部分符合", "fail": "不符合"}
_ASKED = {"photo": "照片", "measure": "测量"}
_FIELDS = {
    "kind": "办学类型", "district": "区县", "township": "乡镇", "students": "学生数", "boarders": "寄宿生数",
    "canteen": "食堂", "buses": "校车数", "tags": "标签", "ownership": "办别", "sponsor": "举办者",
}  # fmt: skip
_ALIASES = {"寄宿生": "boarders", "校车": "buses", "学段": "kind", "学生": "students"}
_SHORT = {
    "有食堂": ("canteen", "=", True), "无食堂": ("canteen", "=", False), "没有食堂": ("canteen", "=", False),
    "有寄宿生": ("boarders", ">", 0), "寄宿": ("boarders", ">", 0), "有校车": ("buses", ">", 0),
}  # fmt: skip
"""What people write for the most usual conditions."""

_OPERATORS = {
    "不少于": ">=", "不小于": ">=", "不低于": ">=", "至少": ">=", "大于等于": ">=", "不大于": "<=",
    "不超过": "<=", "不高于": "<=", "至多": "<=", "小于等于": "<=", "大于": ">", "超过": ">", "小于": "<",
    "少于": "<",
    "低于": "<", "等于": "=", "==": "=", "是": "=", "为": "=", "含": "in", "属于": "in", "包含": "in",
}  # fmt: skip
_BENT = str.maketrans({
    "“": '"', "”": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=", "≧": ">=", "≦": "<=", "，": ",", "；": ";",
    "：": ":", "【": "[", "】": "]", "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "～": "-",
})  # fmt: skip
_NARROW = {at: at - 0xFEE0 for at in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}


def mend(text: str) -> str:
    """Give a cell of code, number, operator, unit or condition as it was meant."""
    return text.translate(_BENT).translate(_NARROW).strip()


def cell_of(key: str, value: Any) -> str | int | float | None:
    """Give the cell of a value of a domain's file; None for none."""
    if value is None or value == []:
        return None
    if key in LISTS:
        return ";".join(_word(key, one) for one in value)
    if key in WORDS:
        return _word(key, value)
    if key not in _TABLES:
        return value if isinstance(value, int | float) else str(value)
    write, read = _TABLES[key]
    try:
        text = write(value)
        if read(mend(text)) == value:
            return text
    except (KeyError, TypeError, ValueError):
        pass
    return json.dumps(value, ensure_ascii=False, default=date.isoformat)


def _word(key: str, code: str) -> str:
    return WORDS.get(key, {}).get(code, code)


def value_of(key: str, cell: object) -> Any:
    """Give the value of a cell that is not empty.

    Raises
    ------
    ValueError
        Saying what should be written there.
    """
    text = mend(str(cell))
    if key in LISTS:
        words = [one.strip() for one in re.split(r"[;,、/\n]", text) if one.strip()]
        return [_code(key, one) for one in words] if key in WORDS else words
    if key in WORDS:
        return _code(key, text)
    if key in NUMBERS:
        return _number(text)
    if key in _TABLES:
        return _table(key, str(cell).strip())
    if key in ("key", "code", "same_as", "version", "unit"):
        return text
    return cell if isinstance(cell, str) else text


def _code(key: str, text: str) -> str:
    """Give the code of a word of a closed list."""
    plain = re.sub(r"\s", "", text)
    codes = {word: code for code, word in WORDS[key].items()}
    if key == "op":
        plain = _OPERATORS.get(plain, plain)
    if plain in codes or plain in codes.values():
        return codes.get(plain, plain)
    raise ValueError(_("write one of {known} (found {value})").format(known=listed(codes), value=text[:40]))


def _number(text: str) -> int | float:
    plain = text.replace(" ", "")
    try:
        value = float(plain)
    except ValueError:
        raise ValueError(_("must be a number (found {value})").format(value=text[:40])) from None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _table(key: str, text: str) -> Any:
    _write, read = _TABLES[key]
    mended = mend(text)
    try:
        if mended[:1] not in ("{", "["):
            return read(mended)
        try:
            return _dates(json.loads(text))
        except ValueError:
            return _dates(json.loads(mended))
    except (ValueError, TypeError, RecursionError):
        problem = _("write it like {example} (found {value})")
        raise ValueError(problem.format(example=_EXAMPLES[key], value=text[:40])) from None


def _dates(value: Any) -> Any:
    """Give dates of JSON as dates, where a rule has them."""
    if isinstance(value, dict):
        return {
            key: date.fromisoformat(one) if key in ("from", "to") and isinstance(one, str) else _dates(one)
            for key, one in value.items()
        }
    return [_dates(one) for one in value] if isinstance(value, list) else value


def _split(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;\n]", text) if one.strip()]


def _back(words: Mapping[str, str], word: str) -> str:
    """Give the code of a word, the word itself if it is a code; raises ValueError."""
    plain = word.strip()
    for code, one in words.items():
        if plain in (code, one):
            return code
    raise ValueError(word)


def _windows_out(value: list[dict[str, str]]) -> str:
    parts = []
    for one in value:
        hours = f" {one.get('earliest', '')}-{one.get('latest', '')}" if len(one) > 1 else ""
        parts.append(_SLOTS[one["slot"]] + hours)
    return "; ".join(parts)


def _windows_in(text: str) -> list[dict[str, str]]:
    found = []
    for part in re.split(r"[;,、\n]", text):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*([^\s\d]+?)\s*(?:(\d{1,2}:\d\d)?\s*-\s*(\d{1,2}:\d\d)?)?\s*", part)
        if match is None:
            raise ValueError(part)
        slot = _back(_SLOTS, match[1]) if match[1] in {*_SLOTS, *_SLOTS.values()} else match[1]
        one = {"slot": slot}
        if match[2]:
            one["earliest"] = match[2].zfill(5)
        if match[3]:
            one["latest"] = match[3].zfill(5)
        found.append(one)
    return found


def _follow_ups_out(value: list[dict[str, str]]) -> str:
    return "; ".join(f"{_ANSWERS[one['on']]}要{_ASKED[one['ask']]}" for one in value)


def _follow_ups_in(text: str) -> list[dict[str, str]]:
    found = []
    for part in _split(text):
        match = re.fullmatch(r"(\S+?)\s*(?:要|:|->|→|=)\s*(\S+)", part)
        if match is None:
            raise ValueError(part)
        found.append({"on": _back(_ANSWERS, match[1]), "ask": _back(_ASKED, match[2])})
    return found


def _days_out(value: Mapping[str, int]) -> str:
    return "; ".join(f"{WORDS['severity'][key]} {value[key]}" for key in WORDS["severity"])


def _days_in(text: str) -> dict[str, int]:
    found = {}
    for part in re.split(r"[;,、\n]", text):
        match = re.fullmatch(r"\s*(\S+?)\s*[:=]?\s*(\d+)\s*(?:天|日)?\s*", part)
        if match is None:
            raise ValueError(part)
        found[_code("severity", match[1])] = int(match[2])
    return found


def _bands_out(value: Mapping[str, Any]) -> str:
    return "; ".join(f"{one['least']} {one['name']}" for one in value["bands"])


def _bands_in(text: str) -> dict[str, Any]:
    bands = []
    for part in _split(text):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:分?(?:以上|起)?)\s*[:=]?\s*(\S.*)", part)
        if match is None:
            raise ValueError(part)
        bands.append({"least": _number(match[1]), "name": match[2]})
    return {"bands": bands}


def _when_out(value: list[dict[str, Any]]) -> str:
    if len(value) == 1 and "any" in value[0]:
        return " 或 ".join(map(_condition_out, value[0]["any"]))
    return " 且 ".join(map(_condition_out, value))


def _condition_out(when: Mapping[str, Any]) -> str:
    value, op = when["value"], when["op"]
    words = value if isinstance(value, list) else [value]
    if when["field"] == "kind":
        words = [KINDS.get(one, one) for one in words]
    told = [("是" if one else "否") if isinstance(one, bool) else str(one) for one in words]
    return f"{_FIELDS[when['field']]} {'含' if op == 'in' else op} {'、'.join(told)}"


def _when_in(text: str) -> list[dict[str, Any]]:
    """Read conditions that all hold (joined by 且), or of which one does (或); never both in one cell."""
    every = re.split(r"\s*(?:并且|且|\band\b|;|\n)\s*", text)
    one_of = re.split(r"\s*(?:或者|或|\bor\b)\s*", text)
    if len(one_of) == 1:
        return [_condition_in(one) for one in every]
    if len(every) == 1:
        return [{"any": [_condition_in(one) for one in one_of]}]
    raise ValueError(text)


def _condition_in(text: str) -> dict[str, Any]:
    short = _SHORT.get(text.replace(" ", ""))
    if short:
        return dict(zip(("field", "op", "value"), short, strict=True))
    names = "|".join(map(re.escape, (*_FIELDS, *_FIELDS.values(), *_ALIASES)))
    signs = "|".join(map(re.escape, sorted({">=", "<=", ">", "<", "=", "in", *_OPERATORS}, key=len)[::-1]))
    match = re.fullmatch(rf"({names})\s*({signs})\s*(\S.*)", text)
    if match is None:
        raise ValueError(text)
    name = _ALIASES.get(match[1]) or _back(_FIELDS, match[1])
    op = _OPERATORS.get(match[2], match[2])
    words = [one.strip() for one in re.split(r"[,、]", match[3]) if one.strip()]
    if not words:
        raise ValueError(text)
    if any(re.search(rf"[<>=]|({names})\s*({signs})", one) for one in words):
        raise ValueError(text)  # two conditions and no 且 between them
    if name == "kind":
        words = [next((kind for kind, word in KINDS.items() if word == one), one) for one in words]
    if name == "tags":
        op = "in"
    return {"field": name, "op": op, "value": words if op == "in" else _fact(words[0], name)}


def _fact(word: str, name: str) -> bool | int | str:
    if name == "canteen" and word in ("true", "false", "是", "否", "有", "无"):
        return word in ("true", "是", "有")
    return (
        int(word) if re.fullmatch(r"-?\d{1,9}", word) and name in ("students", "boarders", "buses") else word
    )


def _nothing_out(value: Any) -> str:
    raise ValueError(value)


def _nothing_in(text: str) -> Any:
    raise ValueError(text)


_TABLES: Mapping[str, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    "windows": (_windows_out, _windows_in),
    "applies_when": (_when_out, _when_in),
    "follow_up": (_follow_ups_out, _follow_ups_in),
    "hazard": (_days_out, _days_in),
    "score": (_bands_out, _bands_in),
    "determination": (_nothing_out, _nothing_in),
}
"""Keys whose values are tables: how they are put into words, and read from them."""

_EXAMPLES: Mapping[str, str] = {
    "windows": "上午; 下午 14:00-16:30",
    "applies_when": "寄宿生数 > 0",
    "follow_up": "不符合要照片",
    "hazard": "否决项 1; 重点项 7; 一般项 30",
    "score": "85 good; 60 fair; 0 poor",
    "determination": '{"count": 3, "document": "…", "from": "2026-01-01"}',
}
"""What a cell of each looks like."""
