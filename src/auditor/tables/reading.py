"""Tables in: CSV, XLSX and their like, JSON lists; any of them gzipped. Codes stay text."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from auditor.errors import FileMissing
from auditor.tables.errors import (
    BadJson,
    DamagedWorkbook,
    NotATable,
    TooLargeSheet,
    UnknownEncoding,
    WrongEncoding,
)
from auditor.tables.layout import MOST_BYTES, MOST_ROWS
from auditor.tables.table import Cell, Table
from auditor.tables.workbooks import read_workbook

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

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
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return read_workbook(path, data)
    if not data.strip():
        raise NotATable(file=path, found="an empty file")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise NotATable(file=path, found="a web page, whatever its name says; open it in WPS or Excel")
    if suffix in WORKBOOKS and b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        # The oldest .xls have no container around them; what is no workbook at all is said to be damaged.
        return read_workbook(path, data)
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
