"""What the sheets of an XLSB say beside their values: records of a number, a length and as many bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import error as StructError
from struct import unpack_from

from auditor.i18n import _
from auditor.tables import archive
from auditor.tables.errors import DamagedWorkbook, TooLargeSheet
from auditor.tables.layout import LAST_ROW, MOST_BYTES, Layout, Room

_MOST_RECORDS = 8_000_000
_ROW, _ERROR, _SHARED, _STRING, _FORMULA_ERROR = 0, 3, 7, 19, 11
_COLUMN, _SHEET, _MERGED, _END_OF_CELLS = 60, 156, 176, 146
_FILLED = range(2, 12)
_BESIDE = ("workbook.bin", "styles.bin", "sharedstrings.bin")
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def scan(path: Path, parts: dict[str, bytes]) -> list[Layout]:
    """Measure every sheet and give their Layouts in order; parts that are no use here leave `parts`.

    Raises
    ------
    DamagedWorkbook, TooLargeSheet
    """
    main = archive.main_part(path, parts, "xl/workbook.bin")
    if main is None:
        raise DamagedWorkbook(file=path, found=_("no list of its sheets"))
    targets = archive.relations(path, parts, main)
    try:
        sheets = [(name, targets.get(key, ("", ""))[1], hidden) for name, key, hidden in _sheets(parts[main])]
        named = {part for _name, part, _hidden in sheets}
        for part in list(parts):
            known = part.rpartition("/")[2].lower() in _BESIDE
            if part.endswith(".bin") and part not in named and not known:
                del parts[part]
        strings = [
            size
            for part, text in parts.items()
            if part.lower().endswith("sharedstrings.bin")
            for kind, _at, size in _records(text)
            if kind == _STRING
        ]
        for part, text in parts.items():
            if part.lower().endswith("styles.bin"):
                for _record in _records(text):
                    pass
        room = Room()
        left = MOST_BYTES
        layouts: list[Layout] = []
        for name, part, hidden in sheets:
            text = parts.get(part, b"")
            left -= len(text)
            if left < 0:
                raise TooLargeSheet(file=path, sheet=name, found=f"> {MOST_BYTES // 2**20} MB")
            layouts.append(Layout(path, name, room, hidden=hidden))
            _scan(text, layouts[-1], strings)
    except (ValueError, IndexError, StructError) as error:
        raise DamagedWorkbook(file=path, found=_("its records do not fit together")) from error
    return layouts


def _records(text: bytes) -> Iterator[tuple[int, int, int]]:
    """Give kind, begin and length of every record; ValueError where one is longer than what is left."""
    at, end, count = 0, len(text), 0
    while at < end:
        kind = text[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (text[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while shift < 28:
            byte = text[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        count += 1
        if at + size > end or count > _MOST_RECORDS:
            raise ValueError(_("a record longer than the file"))
        yield kind, at, size
        at += size


def _text(text: bytes, at: int) -> tuple[str, int]:
    """Give a string and where it ends; a missing one is empty."""
    (count,) = unpack_from("<I", text, at)
    if count == 0xFFFFFFFF:
        return "", at + 4
    return text[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace"), at + 4 + 2 * count


def _sheets(text: bytes) -> Iterator[tuple[str, str, bool]]:
    """Give name, relation and hiddenness of every sheet."""
    for kind, at, _size in _records(text):
        if kind == _SHEET:
            key, after = _text(text, at + 8)
            yield _text(text, after)[0], key, text[at] != 0


def _scan(text: bytes, layout: Layout, strings: list[int]) -> None:
    row, inside = 0, True
    for kind, at, size in _records(text):
        if kind == _ROW and inside:
            row = unpack_from("<I", text, at)[0] + 1
            inside = row <= LAST_ROW + 1
            if size > 11 and text[at + 11] & 0x10:
                layout.hide_rows(row, row)
        elif kind in _FILLED and inside:
            (column,) = unpack_from("<I", text, at)
            layout.fill(row, column, column, 1)
            if kind == _SHARED:
                layout.text(strings[unpack_from("<I", text, at + 8)[0]])
            elif kind in (_ERROR, _FORMULA_ERROR):
                layout.errors[row, column] = ERRORS.get(text[at + 8], "#N/A")
        elif kind == _COLUMN and text[at + 16] & 1:
            layout.hide_columns(*unpack_from("<II", text, at))
        elif kind == _MERGED:
            top, bottom, left, right = unpack_from("<IIII", text, at)
            layout.merge((top + 1, left, bottom + 1, right))
        elif kind == _END_OF_CELLS:
            inside = False
    layout.finish()
