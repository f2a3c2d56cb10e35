"""What a cell says: text, whole numbers, yes and no, dates. Pure; what cannot be read is said."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

Cell = str | int | float | bool | None

BLANK = {"", "-", "—", "——", "–", "/", "无数据", "nan", "n/a", "null", "none"}
YES = {"是", "有", "yes", "y", "true", "1", "√", "✓", "✔"}
NO = {"否", "无", "没有", "不是", "no", "n", "false", "0", "×", "✗", "x", "-", "—", "/"}
OPEN = {"正常", "在办", "开办", "办学", "在用", "运行", "正常办学", "open"}
ERRORS = {"#ref!", "#n/a", "#name?", "#value!", "#div/0!", "#num!", "#null!"}
"""What a spreadsheet shows where a formula failed."""

_GAPS = re.compile(r"[\s\u00a0\u200b\u200c\u200d\ufeff]+")
_CONTROLS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f]+\s*")
_WRAPPED = re.compile(r"(?<=[㐀-鿿])[ \t]*[\r\n]+[ \t]*(?=[㐀-鿿])")
_APART = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")
_PADDED = re.compile(r"(?<=[㐀-鿿])\u3000+(?=[㐀-鿿])")
_DMS = re.compile(r"(\d{1,3})[°度](\d{1,2})[′'分](?:(\d{1,2}(?:\.\d+)?)[″\"秒])?")
_BROKEN = re.compile(r"[\ud800-\udfff]")
_ENDS = " \t\r\n\u00a0\u3000\ufeff"
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:人|名|所|辆|台)?")
_PLAIN_DEGREES = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]*)?")
_DIRECTION = re.compile(r"^(东经|北纬|東經|北緯|经度|纬度|[EN])[:：]?", re.IGNORECASE)
_DEGREES = re.compile(r"([+-]?\d{1,12}(?:\.\d*)?(?:e-?\d{1,2})?)°?", re.IGNORECASE)


_WIDE = {at: at - 0xFEE0 for at in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_UNSEEN = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(at) for at in range(0xFE00, 0xFE10)}
_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d{1,3}", re.IGNORECASE)
MOST_DIGITS = 10**14
"""A number of 15 and more digits is kept by spreadsheets with its last digits changed."""


class Unreadable(ValueError):
    """A cell that says something else than is asked for."""


def code(cell: Cell) -> str:
    """Give a cell as text, NFC, blanks (no-break ones too) at the ends trimmed, and else as it stands."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    plain = cell if isinstance(cell, str) else str(cell)
    return plain.strip(_ENDS) if plain.isascii() else unicodedata.normalize("NFC", plain).strip(_ENDS)


def blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_ENDS))


def filled(row: Sequence[Cell]) -> list[int]:
    """Give the columns in which a row holds more than blanks."""
    return [
        at
        for at, cell in enumerate(row)
        if (cell.strip(_ENDS) if type(cell) is str else cell is not None)  # as `blank`, ten times faster
    ]


def narrow(name: str) -> str:
    """Give an id with full-width digits and letters folded to the plain ones."""
    return name if name.isascii() else name.translate(_WIDE)


@lru_cache(maxsize=2**15, typed=True)
def text(cell: Cell) -> str:
    """Give a cell as one line of text: like `code`, with a blank for line breaks and other controls."""
    plain = code(cell)
    if plain.isprintable():
        return plain
    return _BROKEN.sub("\ufffd", _CONTROLS.sub(" ", _WRAPPED.sub("", plain))).strip(_ENDS)


def person_name(cell: Cell) -> str:
    """Give a person's name without any blanks between its letters: 王 强 is 王强."""
    return _APART.sub("", text(cell))


def together(name: str) -> str:
    """Give a name without the wide blanks that pad it: 王　强, 青溪　小学."""
    return name if name.isascii() else _PADDED.sub("", name)


@lru_cache(maxsize=4096, typed=True)
def heading(cell: Cell) -> str:
    """Give a heading in the form that aliases are compared in: NFKC, lower case, no blanks at all."""
    folded = unicodedata.normalize("NFKC", text(cell)).casefold()
    return _GAPS.sub("", folded).replace("_", "").replace("-", "")


def whole(cell: Cell) -> int | None:
    """Read a count of 0 or more; None for an empty cell; raises Unreadable for anything else."""
    if cell is None or cell == "":
        return None
    if type(cell) is int and 0 <= cell <= 10**7:
        return cell
    if type(cell) is str and len(cell) < 8 and cell.isascii() and cell.isdigit():
        return int(cell)
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    if plain.casefold() in BLANK:
        return None
    found = _NUMBER.fullmatch(plain)
    if not found:
        raise Unreadable(plain)
    value = float(found[1].replace(",", ""))
    if not value.is_integer() or not 0 <= value <= 10**7:
        raise Unreadable(plain)
    return int(value)


def degrees(cell: Cell) -> float | None:
    """Read decimal degrees; None for an empty cell; raises Unreadable for anything else."""
    if type(cell) is float:
        return cell
    if type(cell) is str and _PLAIN_DEGREES.fullmatch(cell):
        return float(cell)
    plain = unicodedata.normalize("NFKC", text(cell))
    if plain.casefold() in BLANK:
        return None
    bare = _DIRECTION.sub("", plain.strip())
    bare = bare.rstrip("EeNn ").replace(" ", "")
    parts = _DMS.fullmatch(bare.replace("''", '"').replace("′′", '"').replace("”", '"').replace("’", "'"))
    if parts and int(parts[2]) < 60 and float(parts[3] or 0) < 60:
        return round(int(parts[1]) + int(parts[2]) / 60 + float(parts[3] or 0) / 3600, 6)
    found = _DEGREES.fullmatch(bare)
    if not found:
        raise Unreadable(plain)
    return float(found[1])


@lru_cache(maxsize=4096, typed=True)
def yes_no(cell: Cell) -> bool | None:
    """Read yes or no; None for an empty cell; a count above 0 is yes; raises Unreadable else."""
    plain = unicodedata.normalize("NFKC", text(cell)).casefold()
    if not plain:
        return None
    if plain in YES:
        return True
    if plain in NO:
        return False
    try:
        return bool(whole(cell))
    except Unreadable:
        raise Unreadable(plain) from None


def tagged(cell: Cell) -> bool:
    """Whether a tag column says yes: with anything but empty, 否, 无, 不是, 0, no, false, ×, -, /."""
    plain = unicodedata.normalize("NFKC", text(cell)).casefold()
    return bool(plain) and plain not in NO


def day(cell: Cell) -> dt.date:
    """Read a date as 2026-12-01, 2026/12/1, 2026.12.1, 20261201 or 2026年12月1日; raises Unreadable."""
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T?00:00(?::00)?)?", plain)
    found = found or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
    if not found:
        raise Unreadable(plain)
    try:
        return dt.date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise Unreadable(plain) from error


def month_or_day(cell: Cell) -> str:
    """Say which of two orders a date with the year last can only have: "dmy", "mdy", or "" for either.

    Raises Unreadable for what is no such date.
    """
    first, second, _year = _year_last(cell)
    if first > 12 and second > 12:
        raise Unreadable(text(cell))
    return "dmy" if first > 12 else "mdy" if second > 12 else ""


def day_of(cell: Cell, order: str) -> dt.date:
    """Read a date with the year last in a known order, "dmy" or "mdy"; raises Unreadable."""
    first, second, year = _year_last(cell)
    try:
        return dt.date(year, second, first) if order == "dmy" else dt.date(year, first, second)
    except ValueError as error:
        raise Unreadable(text(cell)) from error


def _year_last(cell: Cell) -> tuple[int, int, int]:
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", plain)
    if not found:
        raise Unreadable(plain)
    return int(found[1]), int(found[2]), int(found[3])


def code_points(name: str) -> str:
    """Give a text with every character that cannot be seen, or is not as it looks, as its code point."""
    return "".join(
        f"⟨U+{ord(letter):04X}⟩"
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
        or letter in _UNSEEN
        or ord(letter) in _WIDE
        else letter
        for letter in name
    )


def id_fault(name: str) -> str:
    """Say which character an id cannot have ("" if none): controls, invisible ones, odd blanks inside."""
    if name.isascii() and name.isprintable():
        return ""
    for letter in name:
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Cf", "Cs", "Zl", "Zp") or letter in _UNSEEN or (kind == "Zs" and letter != " "):
            return f"U+{ord(letter):04X}"
    return ""


def lost_digits(cell: Cell) -> bool:
    """Whether a code went through a number that cannot hold it: 15 and more digits, or 4.3E+17."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= MOST_DIGITS
    return isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip(_ENDS)) is not None


def is_error(cell: Cell) -> bool:
    """Whether a cell holds the error of a spreadsheet, such as #REF!."""
    return isinstance(cell, str) and cell[:1] == "#" and cell.casefold() in ERRORS
