"""Tables in: CSV, XLSX and their like, web pages, JSON lists; any of them gzipped. Codes stay text."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import Path

from auditor.errors import FileMissing
from auditor.i18n import N_, _
from auditor.tables import html
from auditor.tables.decoding import Text, decodes, marked, recognise, unmarked_utf16
from auditor.tables.errors import (
    CannotReadTable,
    DamagedWorkbook,
    NotATable,
    OtherKind,
    TooLargeFile,
)
from auditor.tables.json_lists import read_json
from auditor.tables.layout import MOST_BYTES
from auditor.tables.table import Table
from auditor.tables.texts import read_csv
from auditor.tables.workbooks import read_workbook

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

_MOST_MEMBERS = 1000
_SAVE_ANEW = N_("open it in WPS or Excel and save it as .xlsx")
_TYPE_OVER = N_("ask for the table itself, as .xlsx or .csv")
_DATABASE = N_("name a bureau's file with --db FILE, bring a backup back with auditor restore")
_HEADS = (
    (rb"SQLite format 3\0", N_("a database"), _DATABASE),
    (rb"%PDF-", N_("a PDF"), _TYPE_OVER),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", N_("a picture"), _TYPE_OVER),
    (rb"Rar!\x1a|7z\xbc\xaf", N_("an archive"), N_("unpack it and read the table inside")),
    (rb"\{\\rtf", N_("a Word document"), _TYPE_OVER),
    (rb"\s*BEGIN:VCALENDAR", N_("a calendar"), N_("open it in a calendar program; a table is .xlsx or .csv")),
    (
        rb"(?:.*\n)*?\[\[items\]\]\s*?$",
        N_("a domain's file"),
        N_("put it beside its plugin and name the folder with --plugins-dir"),
    ),
    (rb"(?:[\w-]+:.*\r?\n)*?mime-version:", N_("a web archive (MHTML)"), _SAVE_ANEW),
    (
        rb"\s*<\?xml(?=[\s\S]*<(?:\w+:)?workbook\b)(?=[\s\S]*urn:schemas-microsoft-com:office:spreadsheet)",
        N_("an XML spreadsheet of 2003"),
        _SAVE_ANEW,
    ),
)
_KINDS = [(re.compile(head, re.IGNORECASE | re.MULTILINE), found, cure) for head, found, cure in _HEADS]
"""What begins so (after a mark of UTF-8), what it is, and the cure."""


def read_tables(path: Path, *, encoding: str | None = None) -> tuple[Table, ...]:
    """Read every sheet of a file.

    The kind of file is seen from its bytes, not from its name. Empty rows at the end are left out.

    Parameters
    ----------
    encoding
        Of a text file, where it is neither UTF-8 nor GB18030.

    Raises
    ------
    FileMissing, CannotReadTable, WrongEncoding, UnknownEncoding, Encrypted, DamagedWorkbook, NotATable,
    TooLargeSheet, BadJson
    """
    data, suffix = _unpacked(path)
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return read_workbook(path, data)
    head = data[: 2**16].removeprefix(b"\xef\xbb\xbf")
    for begins, found, cure in _KINDS:
        if begins.match(head):
            raise OtherKind(file=path, found=_(found), cure=_(cure))
    if suffix in WORKBOOKS and b"\0" in head and not (encoding or marked(data) or unmarked_utf16(data)):
        # The oldest .xls have no container around them; what is no workbook at all is said to be damaged.
        return read_workbook(path, data)
    if encoding is None and marked(data) is None:
        if head.lstrip()[:1] == b"<":
            encoding = html.charset(data)
        elif suffix == ".json" and decodes(data, "utf-8"):
            encoding = "utf-8"  # as JSON should be, even if it could be something else
    return _read_text(recognise(path, data, encoding), suffix)


def _unpacked(path: Path) -> tuple[bytes, str]:
    """Give the bytes of a file, unpacked if it is a gzip, and the suffix of what they are."""
    if not path.is_file():
        raise FileMissing(file=path)
    suffix = path.suffix.lower()
    too_large = TooLargeFile(file=path, found=f"> {MOST_BYTES // 2**20} MB")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise too_large
        data = path.read_bytes()
    except OSError as error:
        raise CannotReadTable(file=path, found=error.strerror or error) from error
    if data[:2] == b"\x1f\x8b":
        try:
            if data.count(b"\x1f\x8b\x08") > _MOST_MEMBERS:
                raise OSError(_("too many parts"))
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedWorkbook(file=path, found=error) from error
        if len(data) > MOST_BYTES:
            raise too_large
        suffix = Path(path.stem).suffix.lower() or suffix
    if not data or data.isspace():
        raise NotATable(file=path, found=_("an empty file"))
    return data, suffix


def _read_text(text: Text, suffix: str) -> tuple[Table, ...]:
    """Read a text file by what it begins with; one that is called .csv is taken for what it is called."""
    head = text.head()
    if html.is_html(head):
        return html.read_html(text)
    if suffix == ".json" or (suffix not in TEXTS and head[:1] in ("[", "{")):
        return (read_json(text),)
    if suffix not in TEXTS and head[:5] == "<?xml":
        raise OtherKind(file=text.path, found="XML", cure=_(_SAVE_ANEW))
    return (read_csv(text),)
