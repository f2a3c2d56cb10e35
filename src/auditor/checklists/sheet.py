"""A domain as a spreadsheet: one row an item, one heading a key, and back again without loss.

Numbers and operators that a spreadsheet or a hand bent are mended (＞＝, “, full-width digits); wording
is never touched.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from auditor.entities import AllOf, Condition, Domain, Item, When
from auditor.errors import AuditorError
from auditor.i18n import N_, _

HEAD: tuple[tuple[str, str, str], ...] = (
    ("key", "代号", "key"), ("version", "版本", "version"), ("zh", "中文名称", "Chinese name"),
    ("en", "英文名称", "English name"), ("minutes", "所需分钟", "minutes"),
    ("people", "最少人数", "people"),
    ("profile", "评分方式", "profile"), ("windows", "可检查时段", "half-days"),
    ("applies_when", "适用条件", "applies when"), ("retired", "停用代码", "retired codes"),
    ("score", "等级", "bands"), ("determination", "重大隐患判定", "determination"),
    ("hazard", "整改天数", "days to rectify"),
)  # fmt: skip
"""The keys of a domain's head, each with its words in the sheet."""

ITEM: tuple[tuple[str, str, str], ...] = (
    ("code", "代码", "code"), ("zh", "检查内容", "what is checked"), ("en", "英文", "English"),
    ("severity", "类别", "severity"), ("op", "比较", "op"),
    ("value", "数值", "value"), ("unit", "单位", "unit"),
    ("evidence", "证据", "evidence"), ("basis", "依据", "basis"), ("source", "可靠程度", "source"),
    ("how", "怎么查", "how"), ("fault", "问题表述", "fault"), ("rectify_days", "整改天数", "days to rectify"),
    ("penalty", "罚则", "penalty"), ("scheme", "判定要素", "scheme"), ("weight", "分值", "weight"),
    ("per", "逐处检查", "per"), ("same_as", "等同项", "same as"),
    ("applies_when", "适用条件", "applies when"),
    ("follow_up", "追加要求", "follow up"),
)  # fmt: skip
"""The keys of an item, each with its headings in Chinese and English."""

SEVERITY_WORDS = {"否决项": "veto", "重点项": "major", "一般项": "general"}
EVIDENCE_WORDS = {
    "照片": "photo", "计数": "count", "读数": "reading", "资料": "document", "测试": "test", "询问": "ask",
}  # fmt: skip
SOURCE_WORDS = {"法条原文": "statute", "转载": "copy", "未核实": "unverified"}
PER_WORDS = {"每栋楼": "building", "每间": "room", "每辆车": "vehicle"}

_SMART = str.maketrans({
    "“": '"', "”": '"', "‘": "'", "’": "'", "＞": ">", "＜": "<", "＝": "=", "≥": ">=",
    "≤": "<=",
    "，": ",", "；": ";", "：": ":", "｛": "{", "｝": "}", "［": "[", "］": "]", "【": "[", "】": "]",
})  # fmt: skip
_NARROW = {at: at - 0xFEE0 for at in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
_CODED = (
    "code", "op", "value", "unit", "source", "scheme", "same_as", "weight", "rectify_days", "per",
    "severity", "evidence",
)  # fmt: skip
_LISTS = ("source", "scheme", "retired")
_TABLES = ("applies_when", "follow_up", "windows", "score", "determination", "hazard")


class BadSheet(AuditorError):
    """A cell of an expert's sheet cannot be taken."""

    sentence = N_("{file}, sheet {sheet}, row {row}, {column}: {problem}")


def mend(text: str) -> str:
    """Give a cell of code, op, value, unit, source or condition as it was meant."""
    return text.translate(_SMART).translate(_NARROW).strip()


def item_key(title: object) -> str:
    """Give the key that a heading of the sheet of items means, "" for none."""
    folded = unicodedata.normalize("NFKC", str(title or "")).split("(")[0].strip().casefold()
    inside = re.search(r"\((\w+)\)", unicodedata.normalize("NFKC", str(title or "")))
    for key, zh, en in ITEM:
        if folded in (key, zh, en.casefold()) or (inside and inside[1] == key):
            return key
    return ""


def head_key(title: object) -> str:
    """Give the key that a line of the sheet of the head means, "" for none."""
    text = unicodedata.normalize("NFKC", str(title or ""))
    inside = re.search(r"\((\w+)\)", text)
    folded = text.split("(")[0].strip().casefold()
    for key, zh, en in HEAD:
        if folded in (key, zh, en.casefold()) or (inside and inside[1] == key):
            return key
    return ""


def titles(rows: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """Give the heading of each key: the Chinese word with the key behind it."""
    return {key: f"{zh} ({key})" for key, zh, _en in rows}


def _condition_out(when: When) -> Any:
    if isinstance(when, Condition):
        value = list(when.value) if isinstance(when.value, tuple) else when.value
        return {"field": when.field, "op": when.op, "value": value}
    name = "all" if isinstance(when, AllOf) else "any"
    return {name: [_condition_out(part) for part in when.parts]}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def document_of(domain: Domain) -> dict[str, Any]:
    """Give a Domain as its file holds it: what TOML is written from; keys that say nothing are left out."""
    windows = []
    for window in domain.windows:
        one: dict[str, Any] = {"slot": window.slot}
        for name in ("earliest", "latest"):
            minute = getattr(window, name)
            if minute is not None:
                one[name] = _clock(minute)
        windows.append(one)
    document: dict[str, Any] = {
        "key": domain.key, "version": domain.version, "zh": domain.zh, "en": domain.en,
        "minutes": domain.minutes, "people": domain.people, "profile": domain.profile,
    }  # fmt: skip
    if domain.retired:
        document["retired"] = list(domain.retired)
    if domain.applies_when:
        document["applies_when"] = [_condition_out(when) for when in domain.applies_when]
    document["windows"] = windows
    if domain.bands:
        document["score"] = {"bands": [{"least": least, "name": name} for least, name in domain.bands]}
    rule = domain.determination
    given: dict[str, Any] = {}
    for key, value in (("count", rule.count), ("document", rule.document or None), ("from", rule.from_on),
                       ("to", rule.to_on)):  # fmt: skip
        if value is not None:
            given[key] = value
    if rule.shares:
        given["shares"] = {
            one.code: {"scheme": one.scheme, "op": one.op, "value": one.value} for one in rule.shares
        }
    if given:
        document["determination"] = given
    if domain.rectify_days is not None:
        document["hazard"] = dict(domain.rectify_days)
    document["items"] = [item_record(item) for item in domain.items]
    return document


def json_of(domain: Domain) -> dict[str, Any]:
    """Give a Domain as `document_of` does, with dates as text, so that JSON holds it."""
    text = json.dumps(document_of(domain), ensure_ascii=False, default=lambda day: day.isoformat())
    return dict(json.loads(text))


def item_record(item: Item) -> dict[str, Any]:
    """Give an Item as its file holds it; keys that say nothing are left out."""
    record: dict[str, Any] = {}
    for key, _zh, _en in ITEM:
        value = getattr(item, key)
        if key == "applies_when":
            value = [_condition_out(when) for when in value]
        elif key == "follow_up":
            value = [{"on": one.on, "ask": one.ask} for one in value]
        elif isinstance(value, tuple):
            value = list(value)
        if value not in ("", None, []):
            record[key] = int(value) if isinstance(value, float) and value.is_integer() else value
    return record


def to_rows(domain: Domain) -> tuple[list[list[Any]], list[list[Any]]]:
    """Give the rows of the two sheets, head and items, the headings first."""
    document = document_of(domain)
    head = [["项目 (key)", "内容"]]
    for key, zh, _en in HEAD:
        head.append([f"{zh} ({key})", _cell(key, document.get(key))])
    rows: list[list[Any]] = [list(titles(ITEM).values())]
    words = {"severity": SEVERITY_WORDS, "evidence": EVIDENCE_WORDS, "per": PER_WORDS}
    for record in document["items"]:
        row = []
        for key, _zh, _en in ITEM:
            value = record.get(key)
            if key in words and value is not None:
                value = next(word for word, code in words[key].items() if code == value)
            elif key == "source" and value is not None:
                value = ";".join(
                    next(word for word, code in SOURCE_WORDS.items() if code == one) for one in value
                )
            row.append(_cell(key, value))
        rows.append(row)
    return head, rows


def _cell(key: str, value: Any) -> Any:
    """Write a value as a cell: lists with ; between, tables as JSON."""
    if value is None:
        return None
    if key in _LISTS and isinstance(value, list):
        return ";".join(value)
    if key in _TABLES:
        return json.dumps(value, ensure_ascii=False, default=lambda day: day.isoformat())
    return value


def from_rows(
    file: str,
    head: Iterable[tuple[int, Sequence[Any]]],
    items: Iterable[tuple[int, Sequence[Any]]],
    names: tuple[str, str],
) -> tuple[dict[str, Any], dict[str, int]]:
    """Read the two sheets into what a file holds; `names` are the sheets' names.

    Returns
    -------
    The document, and the row in which each code stands.

    Raises
    ------
    BadSheet
        For a cell that cannot be read, an unknown heading, or a code that stands twice.
    """
    document: dict[str, Any] = {}
    for number, row in head:
        key = head_key(row[0] if row else "")
        if key and len(row) > 1 and row[1] not in (None, ""):
            document[key] = _value(file, names[0], number, str(row[0]), key, row[1], head=True)
    rows = [(number, row) for number, row in items if any(cell not in (None, "") for cell in row)]
    if not rows:
        raise BadSheet(file=file, sheet=names[1], row=1, column="–", problem=_("there are no items"))
    first, columns = rows[0][0], [item_key(cell) for cell in rows[0][1]]
    for cell, key in zip(rows[0][1], columns, strict=True):
        if not key and cell not in (None, ""):
            raise BadSheet(file=file, sheet=names[1], row=first, column=cell, problem=_("an unknown heading"))
    places: dict[str, int] = {}
    found = []
    for number, row in rows[1:]:
        record: dict[str, Any] = {}
        for key, cell in zip(columns, row, strict=False):
            if key and cell not in (None, ""):
                record[key] = _value(file, names[1], number, key, key, cell)
        code = str(record.get("code", ""))
        if code and code in places:
            problem = _("{code} stands in row {row} as well").format(code=code, row=places[code])
            raise BadSheet(file=file, sheet=names[1], row=number, column="code", problem=problem)
        places[code] = number
        found.append(record)
    document["items"] = found
    return document, places


def _value(file: str, sheet: str, row: int, column: str, key: str, cell: Any, *, head: bool = False) -> Any:
    """Read one cell by its key."""
    text = str(cell)
    if key in _TABLES:
        return _table(file, sheet, row, column, key, text)
    if key in _LISTS:
        words = [one.strip() for one in re.split(r"[;,、]", mend(text)) if one.strip()]
        return [SOURCE_WORDS.get(one, one) for one in words] if key == "source" else words
    if key in ("minutes", "people", "rectify_days") or (key in ("value", "weight") and not head):
        return _number(mend(text), cell)
    if key in _CODED:
        plain = mend(text)
        for known in (SEVERITY_WORDS, EVIDENCE_WORDS, PER_WORDS):
            plain = known.get(plain, plain)
        return plain
    if head and key in ("key", "version", "profile"):
        return mend(text)
    return text if isinstance(cell, str) else mend(text)


def _number(text: str, cell: Any) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def _table(file: str, sheet: str, row: int, column: str, key: str, text: str) -> Any:
    """Read a table that a cell holds as JSON, or a condition as ``boarders > 0``, or half-days as words."""
    plain = mend(text)
    try:
        return _dates(json.loads(plain))
    except ValueError:
        pass
    if key == "applies_when":
        found = re.fullmatch(r"(\w+)\s*(>=|<=|>|<|=|in)\s*(.+)", plain)
        if found:
            return {"field": found[1], "op": found[2], "value": _condition_value(found[2], found[3])}
    if key == "windows":
        slots = {"上午": "morning", "下午": "afternoon", "晚上": "evening"}
        return [{"slot": slots.get(one, one)} for one in re.split(r"[;,、\s]+", plain) if one]
    example = {"applies_when": "boarders > 0"}.get(key, '{"…": …}')
    problem = _("write it like {example}").format(example=example)
    raise BadSheet(file=file, sheet=sheet, row=row, column=column, problem=problem)


def _dates(value: Any) -> Any:
    """Give dates of JSON as dates, where a rule has them."""
    from datetime import date

    if isinstance(value, dict):
        return {
            key: date.fromisoformat(one) if key in ("from", "to") and isinstance(one, str) else _dates(one)
            for key, one in value.items()
        }
    return [_dates(one) for one in value] if isinstance(value, list) else value


def _condition_value(op: str, text: str) -> Any:
    if op == "in":
        return [one.strip() for one in re.split(r"[;,、]", text) if one.strip()]
    if text in ("true", "false", "是", "否"):
        return text in ("true", "是")
    return int(text) if re.fullmatch(r"-?\d+", text) else text
