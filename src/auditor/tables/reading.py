"""Tables in: CSV, XLSX and their like, JSON lists; any of them gzipped. Codes stay text."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from auditor.errors import FileMissing
from auditor.tables.errors import (
    BadJson,
    DamagedWorkbook,
    Encrypted,
    NotATable,
    TooLargeSheet,
    UnknownEncoding,
    WrongEncoding,
)
from auditor.tables.table import Cell, Table

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000
MOST_BYTES = 128 * 2**20
"""A gzip or a workbook that unpacks to more is refused before it is laid out."""

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

_TAG = re.compile(rb"<(?:\w+:)?(sheetData|row|c)(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""(?<![\w:])r\s*=\s*["']([A-Z]{0,3})(\d{0,7})["']""")
_CHUNK = 2**20
_AS_TEXT = re.compile(r'="([^"]*)"')


def read_tables(path: Path, *, encoding: str | None = None) -> tuple[Table, ...]:
    """Read every sheet of a file.

    The kind of file is seen from its bytes, not from its name. Empty rows at the end are left out.

    Parameters
    ----------
    encoding
        Of a text file, where it is neither UTF-8 nor GB18030.

    Raises
    ------
    FileMissing, WrongEncoding, UnknownEncoding, Encrypted, DamagedWorkbook, NotATable, TooLargeSheet,
    BadJson
    """
    if not path.is_file():
        raise FileMissing(file=path)
    data = path.read_bytes()
    suffix = path.suffix.lower()
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedWorkbook(file=path, found=error) from error
        if len(data) > MOST_BYTES:
            raise NotATable(file=path, found=f"> {MOST_BYTES // 2**20} MB")
        suffix = Path(path.stem).suffix.lower() or suffix
    if data[:4] == b"PK\x03\x04":
        return _read_workbook(path, data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Encrypted(file=path)
        return _read_workbook(path, data)
    if not data.strip():
        raise NotATable(file=path, found="an empty file")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise NotATable(file=path, found="a web page, whatever its name says; open it in WPS or Excel")
    if suffix in WORKBOOKS and b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        # The oldest .xls have no container around them; what is no workbook at all is said to be damaged.
        return _read_workbook(path, data)
    text = _decode(path, data, encoding).removeprefix("\ufeff")
    if suffix == ".json" or (suffix not in TEXTS and text.lstrip()[:1] in ("[", "{")):
        return (_read_json(path, text),)
    return (_read_csv(path, text),)


def _decode(path: Path, data: bytes, encoding: str | None) -> str:
    if encoding:
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError) as error:
            raise UnknownEncoding(file=path, encoding=encoding) from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise WrongEncoding(file=path, at=error.start) from error
    if b"\0" in data:
        raise NotATable(file=path, found="no text inside")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise WrongEncoding(file=path, at=error.start) from error


def _trimmed(rows: Iterable[tuple[int, tuple[Cell, ...]]]) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    kept = list(rows)
    while kept and not any(cell not in (None, "") for cell in kept[-1][1]):
        kept.pop()
    return tuple(kept)


def _fit(sample: str, delimiter: str) -> tuple[int, int]:
    """Say how well a delimiter parts a text: rows of the commonest width above one, and that width."""
    try:
        rows = islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 30)
        widths = Counter(len(row) for row in rows if len(row) > 1)
    except csv.Error:
        return (0, 0)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _said(cell: str) -> str:
    """Give what a cell of a text file says beneath the guards that keep spreadsheets from working it out.

    ``="0012"`` keeps the zeros of a code; a tab before ``= + - @`` keeps text from being a formula.
    """
    if cell[:1] == "\t" and cell[1:2] in ("=", "+", "-", "@"):
        return cell[1:]
    found = _AS_TEXT.fullmatch(cell) if cell[:1] == "=" else None
    return found[1] if found else cell


def _read_csv(path: Path, text: str) -> Table:
    csv.field_size_limit(2**20)
    delimiter = max(",\t;", key=lambda one: _fit(text[:20_000], one))
    # A quotation mark that never closes swallows all rows below it; so does it then with this last one.
    end = "\0end"
    stream = io.StringIO(f"{text}\n{end}", newline="")
    try:
        read = list(csv.reader(stream, delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise NotATable(file=path, found=error) from error
    if read.pop() != [end]:
        raise NotATable(file=path, found=f'row {len(read) + 1}: a " that never closes')
    rows = _trimmed((number, tuple(map(_said, row))) for number, row in enumerate(read, start=1))
    if len(rows) > MOST_ROWS + 10:
        raise TooLargeSheet(file=path, sheet="1", found=f"{len(rows)} rows")
    return Table(sheet="", rows=rows)


def _read_json(path: Path, text: str) -> Table:
    try:
        document = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise BadJson(file=path, found=error) from error
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise BadJson(file=path, found="not a list of objects")
    if len(document) > MOST_ROWS:
        raise TooLargeSheet(file=path, sheet="1", found=f"{len(document)} rows")
    titles: dict[str, None] = {}
    for row in document:
        titles |= dict.fromkeys(row)
    rows: list[tuple[int, tuple[Cell, ...]]] = [(0, tuple(titles))]
    for number, row in enumerate(document, start=1):
        cells: list[Cell] = []
        for title in titles:
            value = row.get(title)
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                value = ";".join(value)
            if isinstance(value, list | dict):
                raise BadJson(file=path, found=f"row {number}, {title}: not a single value")
            cells.append(value)
        rows.append((number, tuple(cells)))
    return Table(sheet="", rows=tuple(rows))


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
            if sum(one.file_size for one in archive.infolist()) > MOST_BYTES:
                raise TooLargeSheet(file=path, sheet="–", found=f"> {MOST_BYTES // 2**20} MB")
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
        if len(rows) > MOST_ROWS + 10 or count > MOST_CELLS:
            raise TooLargeSheet(file=path, sheet=sheet, found=f"> {len(rows) - 1} rows, {count - 1} cells")
    if not rows:
        return
    wide, high = right - left + 1, max(rows) - min(rows) + 1
    if wide * high > 5 * MOST_CELLS:
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


def _read_workbook(path: Path, data: bytes) -> tuple[Table, ...]:
    import python_calamine

    if data[:2] == b"PK":
        _scan(path, data)
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
