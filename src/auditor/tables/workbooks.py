"""Workbooks in: XLSX and its like, ODS and XLS, sheet by sheet."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from auditor.tables import layout
from auditor.tables.errors import DamagedWorkbook, Encrypted, TooLargeSheet
from auditor.tables.table import Cell, Table

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_TAG = re.compile(rb"<(?:\w+:)?(sheetData|row|c)(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""(?<![\w:])r\s*=\s*["']([A-Z]{0,3})(\d{0,7})["']""")
_CHUNK = 2**20


def _trimmed(rows: Iterable[tuple[int, tuple[Cell, ...]]]) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    kept = list(rows)
    while kept and not any(cell not in (None, "") for cell in kept[-1][1]):
        kept.pop()
    return tuple(kept)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _filled(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Give row and column of every filled cell of a sheet, a piece of its XML at a time.

    A row or cell that does not name its place follows the one before it. A cell that holds a style
    and nothing else is not filled: it takes no room.
    """
    rest, inside = b"", False
    row = column = 0
    while piece := stream.read(_CHUNK):
        text = rest + piece
        end = 0
        for tag in _TAG.finditer(text):
            end = tag.end()
            name, attributes = tag.groups()
            if name == b"sheetData":
                inside, row = True, 0
                continue
            if not inside:
                continue
            place = _PLACE.search(attributes)
            if name == b"row":
                row, column = int(place[2] or 0) if place else row + 1, 0
                continue
            if place and place[1]:
                column, row = _column(place[1]), int(place[2] or row)
            else:
                column += 1
            if not attributes.endswith(b"/"):
                yield row, column
        # A tag that the piece cuts in two is read with the next piece.
        cut = text.rfind(b"<", end)
        rest = text[cut:][:_CHUNK] if cut >= 0 else b""


def _scan(path: Path, data: bytes) -> None:
    """Refuse a workbook whose sheets would be laid out far larger than what is filled."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > layout.MOST_BYTES:
                raise TooLargeSheet(file=path, sheet="–", found=f"> {layout.MOST_BYTES // 2**20} MB")
            for one in archive.infolist():
                with archive.open(one) as stream:
                    _measure(path, one.filename.rpartition("/")[2], _filled(stream))
    except _DAMAGED as error:
        raise DamagedWorkbook(file=path, found=error) from error


def _measure(path: Path, sheet: str, filled: Iterable[tuple[int, int]]) -> None:
    """Raise TooLargeSheet for a sheet that is too full, or filled too far apart."""
    rows: set[int] = set()
    left, right, count = 2**31, 0, 0
    for row, column in filled:
        count += 1
        rows.add(row)
        left, right = min(left, column), max(right, column)
        if len(rows) > layout.MOST_ROWS + 10 or count > layout.MOST_CELLS:
            raise TooLargeSheet(file=path, sheet=sheet, found=f"> {len(rows) - 1} rows, {count - 1} cells")
    if not rows:
        return
    wide, high = right - left + 1, max(rows) - min(rows) + 1
    if wide * high > 5 * layout.MOST_CELLS:
        found = f"{count} cells spread over {high} rows and {wide} columns"
        raise TooLargeSheet(file=path, sheet=sheet, found=found)


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,  # places before the file's begin, names in no encoding
    NotImplementedError,  # a way of packing that zipfile does not know
    RuntimeError,  # an archive with a password
)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a library written in Rust says to the terminal when it gives up; we say it better."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _plain(value: object) -> Cell:
    """Turn what a workbook gives into text, numbers or nothing; whole numbers lose their ``.0``."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, int):
        return value
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


def read_workbook(path: Path, data: bytes) -> tuple[Table, ...]:
    import python_calamine

    if data[:2] == b"PK":
        _scan(path, data)
    elif "EncryptedPackage".encode("utf-16-le") in data:
        raise Encrypted(file=path)
    try:
        with _quiet():
            workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
            return tuple(_sheet(workbook, name) for name in workbook.sheet_names)
    except python_calamine.PasswordError as error:
        raise Encrypted(file=path) from error
    except (python_calamine.CalamineError, *_DAMAGED) as error:
        raise DamagedWorkbook(file=path, found=error) from error
    except BaseException as error:
        # A panic inside calamine is no Exception; anything else that is none goes on.
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedWorkbook(file=path, found=str(error).partition("\n")[0]) from error


def _sheet(workbook: CalamineWorkbook, name: str) -> Table:
    sheet = workbook.get_sheet_by_name(name)
    first = sheet.start[0] if sheet.start else 0
    rows = sheet.to_python(skip_empty_area=True)
    return Table(
        sheet=name,
        rows=_trimmed(
            (first + number, tuple(None if cell == "" else _plain(cell) for cell in row))
            for number, row in enumerate(rows, start=1)
        ),
    )
