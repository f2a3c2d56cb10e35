"""What a cell says: text, whole numbers, yes and no, dates. Pure; what cannot be read is said."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

Cell = str | int | float | bool | None

BLANK = {"", "-", "—", "——", "–", "/", "无数据", "nan", "n/a", "null", "none"}
YES = {"是", "有", "yes", "y", "true", "1", "√", "✓", "✔"}
NO = {"否", "无", "没有", "不是", "no", "n", "false", "0", "×", "✗", "x", "-", "—", "/"}
OPEN = {"正常", "在办", "开办", "运行", "open"}

_GAPS = re.compile(r"[\s\u00a0\u200b\u200c\u200d\ufeff]+")
_CONTROLS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f]+\s*")
_BROKEN = re.compile(r"[\ud800-\udfff]")
_ENDS = " \t\r\n\u00a0\u3000\ufeff"
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:人|名|所|辆|台)?")
_DEGREES = re.compile(r"([+-]?\d{1,12}(?:\.\d*)?(?:e-?\d{1,2})?)°?", re.IGNORECASE)


class Unreadable(ValueError):
    """A cell that says something else than is asked for."""


def code(cell: Cell) -> str:
    """Give a cell as text, NFC, blanks (no-break ones too) at the ends trimmed, and else as it stands."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return unicodedata.normalize("NFC", str(cell)).strip(_ENDS)


def text(cell: Cell) -> str:
    """Give a cell as one line of text: like `code`, with a blank for line breaks and other controls."""
    plain = code(cell)
    if plain.isprintable():
        return plain
    return _BROKEN.sub("\ufffd", _CONTROLS.sub(" ", plain)).strip(_ENDS)


def heading(cell: Cell) -> str:
    """Give a heading in the form that aliases are compared in: NFKC, lower case, no blanks at all."""
    folded = unicodedata.normalize("NFKC", text(cell)).casefold()
    return _GAPS.sub("", folded).replace("_", "").replace("-", "")


def whole(cell: Cell) -> int | None:
    """Read a count of 0 or more; None for an empty cell; raises Unreadable for anything else."""
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
    plain = unicodedata.normalize("NFKC", text(cell))
    if plain.casefold() in BLANK:
        return None
    found = _DEGREES.fullmatch(plain.rstrip("EeNn ").replace(" ", ""))
    if not found:
        raise Unreadable(plain)
    return float(found[1])


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


def id_fault(name: str) -> str:
    """Say why an id cannot be taken ("" if it can): control or invisible characters."""
    for letter in name:
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs"):
            return f"U+{ord(letter):04X}"
    return ""
