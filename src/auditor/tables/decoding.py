"""Which encoding a text file is in; its text comes piece by piece, so that no file takes all the room.

UTF-8 comes first, then GB18030. Two kinds of file decode and are not what they seem: short texts in
GB18030 that happen to be UTF-8, and texts in cp1252 whose accents swallow the letter that follows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from auditor.i18n import _
from auditor.tables.errors import (
    NotATable,
    TooLargeFile,
    TwoReadings,
    UnknownEncoding,
    UnmarkedUtf16,
    WesternText,
    WrongEncoding,
)

MOST_TEXT = 128 * 2**20
"""Bytes that the text of one file may take in memory."""

_PIECE = 2**17
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
_ASCII = bytes(range(128))
_MOST_SHORT = 2**22
_ENOUGH = 2000
_HIGH = re.compile(rb"[\x80-\xff]+")
# A run without bounds would take memory for every letter.
_GB18030 = re.compile(rb"(?:[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[\x40-\x7e\x80-\xfe])){1,64}")
_ACCENTED = re.compile(rb"(?:[\x80-\xff][A-Za-z])+")
_ENDS = b',\t;|"\r\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The bytes of a text file, with an encoding in which they decode.

    Parameters
    ----------
    path
        For errors; it is not opened.
    notes
        What a person should be told about the encoding.
    """

    path: Path
    data: bytes
    encoding: str
    notes: tuple[str, ...] = ()

    def pieces(self) -> Iterator[str]:
        """Give the text piece by piece, without the mark at its start.

        Raises
        ------
        TooLargeFile, NotATable
        """
        left, mark = MOST_TEXT, "\ufeff"
        for piece in _decode(self.data, self.encoding):
            left -= sys.getsizeof(piece)
            if left < 0:
                found = _("> {size} MB of text").format(size=MOST_TEXT // 2**20)
                raise TooLargeFile(file=self.path, found=found)
            if "\0" in piece:
                raise NotATable(file=self.path, found=_("no text inside"))
            if piece:
                yield piece.removeprefix(mark)
                mark = ""

    def head(self) -> str:
        """Give the first piece, without blanks before it."""
        return next(self.pieces(), "").lstrip()


def marked(data: bytes) -> str | None:
    """Give the encoding that the mark at the start of a file tells, or None."""
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)


def unmarked_utf16(data: bytes) -> str | None:
    """Give utf-16-le or utf-16-be for a text that is one without a mark at its start, or None."""
    head, found = data[:4096], {}
    if b"\0" not in head or marked(data):
        return None
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        if re.sub(r"[\r\n\t]", "", text).isprintable():
            found[name] = len(text) - len(re.sub(r"[\x00-\x7f]", "", text))
    return max(found, key=lambda name: found[name], default=None)


def decodes(data: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding; False if there is no such encoding."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)  # knows whether it is one of text
        return _fault(data, encoding) is None
    except (LookupError, ValueError):
        return False


def recognise(path: Path, data: bytes, encoding: str | None) -> Text:
    """Find the encoding of a text file, unless it is given.

    Raises
    ------
    UnknownEncoding, WrongEncoding, NotATable
    """
    if encoding is not None:
        if not decodes(data, encoding):
            raise UnknownEncoding(file=path, encoding=encoding)
        name = codecs.lookup(encoding).name
        return Text(path=path, data=data, encoding=_WIDER.get(name, name))
    if told := marked(data):
        if (at := _fault(data, told)) is not None:
            raise WrongEncoding(file=path, at=at)
        return Text(path=path, data=data, encoding=told)
    if b"\0" in data:
        if unmarked := unmarked_utf16(data):
            raise UnmarkedUtf16(file=path, encoding=unmarked)
        raise NotATable(file=path, found=_("no text inside"))
    if _fault(data, "utf-8") is None:
        short = _short_gb18030(data)
        if short is None:
            return Text(path=path, data=data, encoding="utf-8")
        note = _(
            "The file is UTF-8 as well as GB18030; it was read as GB18030 ({chinese}, not {western}). "
            "If that is wrong, read it with --encoding utf-8."
        ).format(chinese=short.decode("gb18030"), western=short.decode("utf-8"))
        return Text(path=path, data=data, encoding="gb18030", notes=(note,))
    at = _fault(data, "gb18030")
    western = _western(data) if at is None else _western_only(data)
    if western and decodes(data, "cp1252"):
        row, cell = _cell_at(data, *western)
        shown = {"row": row, "western": cell.decode("cp1252", "replace")}
        if at is None:
            raise TwoReadings(file=path, chinese=cell.decode("gb18030", "replace"), **shown)
        raise WesternText(file=path, **shown)
    if at is not None:
        raise WrongEncoding(file=path, at=at)
    return Text(path=path, data=data, encoding="gb18030")


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    name = codecs.lookup(encoding).name
    return codecs.getincrementaldecoder(_WIDER.get(name, name))()


def _decode(data: bytes, encoding: str) -> Iterator[str]:
    decoder = _decoder(encoding)
    for at in range(0, len(data), _PIECE):
        yield decoder.decode(data[at : at + _PIECE])
    yield decoder.decode(b"", True)


def _fault(data: bytes, encoding: str) -> int | None:
    """Give where bytes stop being text in an encoding, or None."""
    decoder, given = _decoder(encoding), 0
    try:
        while given < len(data):
            piece = data[given : given + _PIECE]
            given += len(piece)
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        return given - len(error.object) + error.start
    return None


def _letter(data: bytes, at: int) -> bool:
    return at >= 0 and data[at : at + 1].isalpha()


def _short_gb18030(data: bytes) -> bytes | None:
    """Give the first Chinese word of a text that is GB18030 although UTF-8 takes it too, or None.

    Only short texts are both. As UTF-8 they have no Han letter, as GB18030 only common Han letters (those
    of GB2312), mostly in words: an é or ° that stands alone, and what touches a Latin letter, is Western.
    """
    high = data.translate(None, _ASCII)
    if not high or len(high) > _MOST_SHORT:
        return None
    first, chinese, western = None, 0, 0
    for found in _HIGH.finditer(data):
        try:
            seen, meant = found[0].decode("utf-8"), found[0].decode("gb2312")
        except UnicodeDecodeError:
            return None
        if max(seen) >= "\u2e80" or min(meant) < "\u4e00":
            return None
        touching = _letter(data, found.start() - 1) or _letter(data, found.end())
        if len(meant) > 2 or (not touching and (len(meant) == 2 or seen > "\u024f")):
            first, chinese = first or found[0], chinese + 1
        else:
            western += 1
    return first if chinese > western else None


def _western(data: bytes) -> tuple[int, int] | None:
    """Give where the first accent stands in a text that is cp1252 although GB18030 takes it too, or None.

    Headings with a Chinese word settle it. Else most of what GB18030 takes for Han letters stands between
    Latin letters, each such letter made of an accent and the Latin letter after it, or of two accents.
    """
    start = len(data) - len(data.lstrip())
    headings = data.find(b"\n", start) % (len(data) + 1)
    first, chinese, western = None, 0, 0
    for found in _GB18030.finditer(data):
        before, after = _letter(data, found.start() - 1), _letter(data, found.end())
        swallowing = (before or after) and _ACCENTED.fullmatch(found[0])
        if swallowing or (before and after and len(found[0]) == 2):
            first, western = first or found.span(), western + 1
        elif found.start() < headings:
            return None
        else:
            chinese += 1
        if chinese + western == _ENOUGH:
            break
    return first if western > chinese else None


def _western_only(data: bytes) -> tuple[int, int] | None:
    """Give where the first accent stands in a text most of whose accents stand alone, or None."""
    first, alone, together = None, 0, 0
    for found in _HIGH.finditer(data):
        first = first or found.span()
        if len(found[0]) == 1:
            alone += 1
        else:
            together += 1
        if alone + together == _ENOUGH:
            break
    return first if alone > together else None


def _cell_at(data: bytes, start: int, end: int) -> tuple[int, bytes]:
    """Give the row of a place and about the cell around it."""
    left, right = max(start - 40, 0), min(end + 40, len(data))
    for mark in _ENDS:
        left = max(left, data.rfind(mark, left, start) + 1)
        right = min(right, data.find(mark, end, right) % (len(data) + 1))
    row = data.count(b"\n", 0, start) + 1
    if start < _MOST_SHORT and b'"' in data[:start]:
        with suppress(csv.Error):  # records may have several lines
            before = io.StringIO(data[:start].decode("latin-1") + "x", newline="")
            row = sum(1 for _record in csv.reader(before))
    return row, data[left:right].strip()
