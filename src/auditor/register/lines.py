"""What a line below a header is: a row to read, or one that a form has beside its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from auditor.register.cells import Cell, heading, text

_HAN = re.compile(r"[㐀-鿿]")
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"\d{1,5}[.、]?")

_SUM = re.compile(
    r"\S{0,12}?(合计|合計|小计|小計|总计|總計|共计|共計|累计|总和|总数|總數|平均|均值)(数|值)?[:：]?(共?\d+(所|人|个|名)?)?"
    r"|共计?\d+(所|个|家)\S{0,12}|(sub-?total|grandtotal|total|sum)[:：]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[（(]?(注|备注|附注|注释|说明|填表说明|填报说明|填写说明|注意|notes?|remarks?)"
    r"[\d一二三四五六七八九十]{0,2}[:：.、）)].*|[※*].+",
    re.IGNORECASE | re.DOTALL,
)
_SIGNERS = (
    "填表人", "制表人", "填报人", "审核人", "复核人", "审批人", "单位负责人", "主要负责人", "分管负责人",
    "分管领导", "部门负责人", "经办人", "填报单位", "填表单位", "制表单位", "报送单位", "填报日期",
    "填表日期", "制表日期", "填报时间", "填表时间", "制表时间", "统计时间", "统计人", "报送人",
    "单位盖章", "负责人签字", "校长签字", "园长签字",
)  # fmt: skip
_WITH_COLON = (
    "制表", "审核", "复核", "填表", "经办", "负责人", "校长", "园长", "联系人", "联系电话", "电话",
    "单位", "日期", "时间", "盖章", "公章", "签字", "签名", "preparedby", "checkedby", "approvedby",
    "signature", "signed", "date",
)  # fmt: skip
_SIGNATURE = re.compile(
    rf"[（(]?({'|'.join(_SIGNERS)})[)）]?([（(](签字|签名|盖章|公章|签章)[)）])?([:：_].*)?"
    rf"|[（(]?({'|'.join(_WITH_COLON)})[)）]?([（(](签字|签名|盖章|公章|签章)[)）])?[:：_].*",
    re.IGNORECASE | re.DOTALL,
)
_KINDS = (("sum", _SUM), ("note", _NOTE), ("signature", _SIGNATURE))
_SEALED = re.compile(r".{0,30}[（(](盖章|公章|签字|签章)[)）].{0,20}")
_DATE = re.compile(r"(二〇|二○|20)\S{2}\s*年\s*\S{1,3}\s*月(\s*\S{1,3}\s*日)?")
_ORDINAL = re.compile(
    r"(?:[（(][一二三四五六七八九十百]{1,3}[)）][、.．]?|[一二三四五六七八九十百]{1,3}[、.．,，])\s*(\S.*)"
)
_NUMBERED = re.compile(r"^\d{1,3}[.、-]?(?=\D)")
_TITLE = re.compile(
    r"(附件\S{0,4}|附[一二三四五六七八九十\d]{0,2}[:：].{1,30}|.*(表|名单|名录|情况|台账|清单|册))(（.*）|\(.*\))?"
)
_PAGE = re.compile(r"[（(]?第\d+页\S{0,12}|\d+/\d+页?|page\d+(of\d+)?", re.IGNORECASE)
_CLOSED = re.compile(r"撤并|停办|撤销|已关闭|撤併|停辦|closed", re.IGNORECASE)
_COUNT = re.compile(r"[（(][^（）()]{0,12}[)）]$|[:：]$|共?\d+\s*(所|个)$")
_TOWNSHIP = re.compile(
    r"\S{1,10}?(街道|街道办|镇|鎮|乡|鄉|苏木|办事处|开发区|管委会|管理区|园区|片区|学区|林场|农场)"
)
_SHEET = re.compile(r"(.+?)(学校|中小学|各校|名单|名录|一览表|汇总|统计|基本情况|信息|表|[（(].*)+")
SENTENCE = 40
"""A single cell with so many letters, alone in its line, is a sentence."""


def township_of(word: str) -> str:
    """Give the township that a sheet's name or a section line names, or "" if none.

    `一、某某镇（共12所）`, `某某镇学校名单` and `某某镇` name it.
    """
    plain = _NUMBERED.sub("", _BLANKS.sub("", unicodedata.normalize("NFC", word)))
    ordinal = _ORDINAL.fullmatch(plain)
    if ordinal:
        plain = ordinal[1]
    for pattern in (_COUNT, _COUNT):
        plain = pattern.sub("", plain)
    if _TOWNSHIP.fullmatch(plain):
        return plain
    tail = _SHEET.fullmatch(plain)
    return tail[1] if tail and _TOWNSHIP.fullmatch(tail[1]) else ""


def lone(row: Sequence[Cell]) -> str:
    """Give the one text of a line that holds nothing else (a merged one stands several times); else ""."""
    found = {text(cell) for cell in row} - {""}
    return found.pop() if len(found) == 1 and not any(isinstance(cell, int | float) for cell in row) else ""


def is_heading_line(word: str) -> bool:
    """Whether a line that holds one text only is a title or begins a part: 一、某某镇, 某某镇学校一览表."""
    plain = _BLANKS.sub("", word)
    return bool(
        _ORDINAL.fullmatch(plain) or _TITLE.fullmatch(plain) or _PAGE.fullmatch(plain) or township_of(word)
    )


def says_closed(word: str) -> bool:
    """Whether the name of a sheet or part says that its schools are closed: 撤并学校名单."""
    return bool(_CLOSED.search(word)) and not _TOWNSHIP.fullmatch(word)


def repeats(row: Sequence[Cell], printed: Collection[tuple[int, str]]) -> bool:
    """Whether a row is printed again: each of its cells stood above the rows in the same column.

    Parameters
    ----------
    printed
        Column and folded text of every cell down to the header's last row.
    """
    filled = [(at, heading(cell)) for at, cell in enumerate(row) if text(cell)]
    return bool(filled) and all(one in printed for one in filled)


def is_serial(row: Sequence[Cell], serial: frozenset[int]) -> bool:
    """Whether a row holds its number and nothing else."""
    return bool(serial) and all(
        not text(cell) or (at in serial and _NUMBER.fullmatch(text(cell))) for at, cell in enumerate(row)
    )


def aside(row: Sequence[Cell], code: Cell, name: Cell) -> str:
    """Say what a line beside the rows is: "sum", "note", "signature", "sentence"; "" for a row.

    A line with a code and a name is a row, whatever a remark in it says, unless the name is such a
    word. Else its first text, what stands as its code and as its name decide; every text where it has
    neither.

    Parameters
    ----------
    code, name
        What the line holds as its id and its name.
    """
    own = text(code)
    coded = bool(own) and own != text(name) and not _HAN.search(own)
    if coded and text(name):
        called = _BLANKS.sub("", text(name))
        return next((kind for kind, pattern in _KINDS if pattern.fullmatch(called)), "")
    words = [_BLANKS.sub("", text(cell)) for cell in row if isinstance(cell, str) and text(cell)]
    if not words:
        return ""
    telling = words
    if text(name) or coded:
        telling = [words[0], *(_BLANKS.sub("", text(one)) for one in (code, name))]
    for kind, pattern in _KINDS:
        if any(pattern.fullmatch(word) for word in telling):
            return kind
    word = lone(row)
    if word and (_DATE.fullmatch(word) or _SEALED.fullmatch(word)):
        return "signature"
    if word and not coded and (len(word) >= SENTENCE or "。" in word or not text(name)):
        return "sentence"
    return ""
