"""Tables in: CSV, XLSX and their like, JSON lists; any of them gzipped. Codes stay text."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

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

Cell = str | int | float | bool | None

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000
MOST_BYTES = 512 * 2**20
"""A gzip or a sheet that unpacks to more is refused before it is laid out."""

_REFERENCE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet: its name ("" for a text file) and its rows with the numbers a spreadsheet gives them."""

    sheet: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


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
    if data.lstrip()[:1] == b"<":
        raise NotATable(file=path, found="a web page, whatever its name says; open it in WPS or Excel")
    if suffix == ".xlsx" and b"\0" in data[:4096]:
        raise DamagedWorkbook(file=path, found="no workbook inside")
    text = _decode(path, data, encoding)
    if suffix == ".json":
        return (_read_json(path, text),)
    return (_read_csv(path, text),)


def _decode(path: Path, data: bytes, encoding: str | None) -> str:
    if encoding:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise UnknownEncoding(file=path, encoding=encoding) from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
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


def _read_csv(path: Path, text: str) -> Table:
    csv.field_size_limit(2**20)
    delimiter = max(",\t;", key=lambda one: _fit(text[:20_000], one))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
        rows = _trimmed((number, tuple(row)) for number, row in enumerate(reader, start=1))
    except csv.Error as error:
        raise NotATable(file=path, found=error) from error
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


def _scan(path: Path, data: bytes) -> None:
    """Refuse a workbook whose sheets would be laid out far larger than what is filled."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [one for one in archive.infolist() if one.filename.startswith("xl/worksheets/")]
            if sum(one.file_size for one in archive.infolist()) > MOST_BYTES:
                raise TooLargeSheet(file=path, sheet="1", found="too many bytes")
            for one in names:
                if not one.filename.endswith(".xml"):
                    continue
                name = one.filename.rpartition("/")[2]
                content = archive.read(one)
                cells = [(_column(col), int(row)) for col, row in _REFERENCE.findall(content)]
                if not cells:
                    continue
                rows = len({row for _col, row in cells})
                wide = max(col for col, _row in cells) - min(col for col, _row in cells) + 1
                high = max(row for _col, row in cells) - min(row for _col, row in cells) + 1
                if rows > MOST_ROWS + 10 or len(cells) > MOST_CELLS:
                    raise TooLargeSheet(file=path, sheet=name, found=f"{rows} rows, {len(cells)} cells")
                if wide * high > 5 * MOST_CELLS:
                    raise TooLargeSheet(
                        file=path,
                        sheet=name,
                        found=f"{len(cells)} cells spread over {high} rows and {wide} columns",
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise DamagedWorkbook(file=path, found=error) from error


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
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = []
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            first = sheet.start[0] if sheet.start else 0
            rows = sheet.to_python(skip_empty_area=True)
            tables.append(
                Table(
                    sheet=name,
                    rows=_trimmed(
                        (first + number, tuple(None if cell == "" else _plain(cell) for cell in row))
                        for number, row in enumerate(rows, start=1)
                    ),
                )
            )
    except python_calamine.PasswordError as error:
        raise Encrypted(file=path) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedWorkbook(file=path, found=error) from error
    return tuple(tables)
