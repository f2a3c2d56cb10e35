"""A domain as a spreadsheet: one row an item, one heading a key, and back again without loss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.checklists.cells import cell_of, value_of
from auditor.checklists.documents import document_of
from auditor.checklists.reading import Fault, faults_of
from auditor.entities import Domain
from auditor.i18n import _

HEAD: Mapping[str, tuple[str, str]] = {
    "key": ("代号", "key"), "version": ("版本", "version"), "zh": ("中文名称", "Chinese name"),
    "en": ("英文名称", "English name"), "minutes": ("所需分钟", "minutes"), "people": ("最少人数", "people"),
    "profile": ("评分方式", "profile"), "windows": ("可检查时段", "half-days"),
    "applies_when": ("适用条件", "applies when"), "retired": ("停用代码", "retired codes"),
    "score": ("等级", "bands"), "determination": ("重大隐患判定", "determination"),
    "hazard": ("整改天数", "days to rectify"),
}  # fmt: skip
"""The keys of a domain's head, each with its words in Chinese and English."""

ITEM: Mapping[str, tuple[str, str]] = {
    "code": ("代码", "code"), "zh": ("检查内容", "what is checked"), "en": ("英文", "English"),
    "severity": ("类别", "severity"), "op": ("比较", "comparison"), "value": ("数值", "value"),
    "unit": ("单位", "unit"), "evidence": ("证据", "evidence"), "basis": ("依据", "basis"),
    "source": ("可靠程度", "how sure"), "how": ("怎么查", "how"), "fault": ("问题表述", "fault"),
    "rectify_days": ("整改天数", "days to rectify"), "penalty": ("罚则", "penalty"),
    "scheme": ("判定要素", "scheme"), "weight": ("分值", "weight"), "per": ("逐处检查", "for each"),
    "same_as": ("等同项", "same as"), "applies_when": ("适用条件", "applies when"),
    "follow_up": ("追加要求", "follow up"),
}  # fmt: skip
"""The keys of an item, each with its headings in Chinese and English."""

DEFAULTS: Mapping[str, Any] = {"source": ["unverified"]}
"""What an item has where its cell is empty; the English wording is the Chinese one then."""

Rows = Iterable[tuple[int, Sequence[Any]]]

_FIRST_ROWS = 20
"""The headings of the items stand in one of so many rows."""


@dataclass(slots=True)
class Read:
    """What two sheets hold: the document of a domain's file, its faults, and rows that were passed over.

    `rows` are the numbers of the items' rows in the sheet called `sheet`.
    """

    sheet: str
    document: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def title(words: Mapping[str, tuple[str, str]], key: str) -> str:
    """Give the heading of a key: in Chinese and English, with the key behind them."""
    zh, en = words[key]
    return f"{zh} / {en} ({key})"


def column(key: str, *, head: bool) -> str:
    """Give the heading of a fault's key, as a person finds it in the sheet."""
    words = HEAD if head else ITEM
    name = re.split(r"[.\[]", key)[0]
    return f"{words[name][0]} ({key})" if name in words else key


def key_of(words: Mapping[str, tuple[str, str]], heading: object) -> str:
    """Give the key that a heading means, "" for none."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold()
    inside = re.search(r"\((\w+)\)", text)
    if inside and inside[1] in words:
        return inside[1]
    plain = {one.strip(" *　") for one in re.split(r"[/\n]", text.split("(")[0])}
    return next((key for key, (zh, en) in words.items() if plain & {key, zh, en.casefold()}), "")


def is_head(rows: Rows) -> bool:
    """Whether a sheet holds the head of a domain: a name and a version at least."""
    titles = [row[0] for _number, row in rows if row]
    explains = any(key_of(ITEM, one) == "severity" for one in titles)
    return {"zh", "version"} <= {key_of(HEAD, one) for one in titles} and not explains


def is_items(rows: Rows) -> bool:
    """Whether a sheet holds items."""
    return _headings(rows) is not None


def _headings(rows: Rows) -> tuple[int, list[str]] | None:
    """Give the number of the row of headings, and the keys that they mean."""
    for number, row in list(rows)[:_FIRST_ROWS]:
        keys = [key_of(ITEM, cell) for cell in row]
        if {"code", "zh"} <= set(keys):
            return number, keys
    return None


def to_rows(domain: Domain) -> tuple[list[Any], list[list[Any]]]:
    """Give the cells of the two sheets: of the head in the order of HEAD, of each item in that of ITEM."""
    document = document_of(domain)
    head = [cell_of(key, document.get(key)) for key in HEAD]
    return head, [[cell_of(key, item.get(key)) for key in ITEM] for item in document["items"]]


def from_rows(file: str, sheets: tuple[str, str], head: Rows, items: Rows, key: str = "") -> Read:
    """Read the two sheets into what a domain's file holds, with every fault by sheet and row.

    Parameters
    ----------
    sheets
        The names of the sheets.
    key
        The domain's key where the sheet leaves it out.
    """
    return _Reader(file, sheets).read(list(head), list(items), key)


class _Reader:
    def __init__(self, file: str, sheets: tuple[str, str]) -> None:
        self.file, self.sheets = file, sheets
        self.found = Read(sheet=sheets[1])
        self.spoilt: set[tuple[str, int, str]] = set()
        """Sheet, row and key of the cells that could not be read."""

    def fault(self, sheet: str, row: int, code: str, key: str, problem: str) -> None:
        self.spoilt.add((sheet, row, key))
        self.found.faults.append(
            Fault(file=self.file, sheet=sheet, line=row, code=code, key=key, problem=problem)
        )

    def read(
        self, head: list[tuple[int, Sequence[Any]]], items: list[tuple[int, Sequence[Any]]], key: str
    ) -> Read:
        places = self.head(head)
        rows = self.found.rows = self.items(items)
        document = self.found.document
        if key:
            document.setdefault("key", key)
        document.setdefault("en", document.get("zh", "–"))
        found = faults_of(self.file, document, lambda at, name: rows[at] if at >= 0 else places.get(name, 1))
        for one in found:
            sheet = self.sheets[1] if one.code or one.key == "items" else self.sheets[0]
            if (sheet, one.line, re.split(r"[.\[]", one.key)[0]) not in self.spoilt:
                self.found.faults.append(
                    Fault(file=self.file, sheet=sheet, line=one.line, code=one.code, key=one.key,
                          problem=one.problem)
                )  # fmt: skip
        order = {sheet: at for at, sheet in enumerate(self.sheets)}
        self.found.faults.sort(key=lambda one: (order[one.sheet], one.line))
        return self.found

    def head(self, rows: list[tuple[int, Sequence[Any]]]) -> dict[str, int]:
        """Read the head; give the row of each key."""
        places: dict[str, int] = {}
        for number, row in rows:
            if len(row) < 2 or _empty(row[0]):
                continue
            key = key_of(HEAD, row[0])
            if not key:
                if not places or _empty(row[1]):
                    continue  # the titles of the columns
                self.note(self.sheets[0], number, row)
            elif key in places:
                self.fault(
                    self.sheets[0], number, "", key, _("stands in row {row} as well").format(row=places[key])
                )
            else:
                places[key] = number
                self.take(self.sheets[0], number, "", key, row[1], self.found.document)
        return places

    def items(self, rows: list[tuple[int, Sequence[Any]]]) -> list[int]:
        """Read the items; give the row of each."""
        found = self.found.document["items"] = []
        headings = _headings(rows)
        if headings is None:
            self.fault(self.sheets[1], 1, "", "items", _("there is no row of headings with code and zh"))
            return []
        first, keys = headings
        self.judge_headings(first, keys, rows)
        numbers: list[int] = []
        places: dict[str, int] = {}
        for number, row in rows:
            filled = {key: cell for key, cell in zip(keys, row, strict=False) if key and not _empty(cell)}
            if number <= first or not filled:
                continue
            if (len(filled) == 1 and "code" not in filled) or (
                set(filled) <= {"code", "zh"} and not _is_code(filled.get("code"))
            ):
                self.note(self.sheets[1], number, row)
                continue
            item: dict[str, Any] = {}
            code = str(filled.get("code", "")).strip()
            for key, cell in filled.items():
                self.take(self.sheets[1], number, code, key, cell, item)
            code = str(item.get("code", ""))
            if code and code in places:
                self.fault(
                    self.sheets[1],
                    number,
                    code,
                    "code",
                    _("stands in row {row} as well").format(row=places[code]),
                )
            places.setdefault(code, number)
            for key, value in DEFAULTS.items():
                item.setdefault(key, value)
            item.setdefault("en", item.get("zh", "–"))
            found.append(item)
            numbers.append(number)
        return numbers

    def judge_headings(self, first: int, keys: list[str], rows: list[tuple[int, Sequence[Any]]]) -> None:
        """Refuse columns that would be lost: of an unknown heading, of none, of one that was there."""
        titles = next(row for number, row in rows if number == first)
        for at, key in enumerate(keys):
            holds = any(number > first and at < len(row) and not _empty(row[at]) for number, row in rows)
            if not key and (holds or not _empty(titles[at])):
                name = str(titles[at] or _("column {number}").format(number=at + 1))
                self.fault(
                    self.sheets[1],
                    first,
                    "",
                    name,
                    _("an unknown heading; take the column away, or use one of the form"),
                )
            elif key and key in keys[:at]:
                self.fault(self.sheets[1], first, "", key, _("is a heading twice"))

    def take(self, sheet: str, row: int, code: str, key: str, cell: Any, into: dict[str, Any]) -> None:
        if _empty(cell):
            return
        try:
            into[key] = value_of(key, cell)
        except ValueError as error:
            self.fault(sheet, row, code, key, str(error))

    def note(self, sheet: str, number: int, row: Sequence[Any]) -> None:
        text = " ".join(str(cell) for cell in row if not _empty(cell))[:40]
        self.found.notes.append(
            _("sheet {sheet}, row {row} is no item and was passed over: {text}").format(
                sheet=sheet, row=number, text=text
            )
        )


def _empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_code(cell: object) -> bool:
    """Whether a cell is meant as a code: without blanks, with a digit."""
    return bool(re.fullmatch(r"\S*\d\S*", str(cell or "").strip()))
