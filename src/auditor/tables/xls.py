"""XLS, BIFF5 to BIFF8: its stream out of whatever it came in, and what its sheets say beside values."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from struct import error as StructError
from struct import pack, pack_into, unpack_from

from auditor.i18n import N_, _
from auditor.tables.errors import DamagedWorkbook, Encrypted, NotATable, TooLargeSheet
from auditor.tables.layout import MOST_BYTES, MOST_CELLS, Layout, Room
from auditor.tables.xlsb import ERRORS

_BROKEN = (
    OSError,
    ValueError,
    LookupError,
    TypeError,  # parts that olefile takes for granted
    AttributeError,
    OverflowError,  # sectors beyond what a file can have
    RecursionError,  # folders inside folders
    StructError,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_BYTES = MOST_BYTES // 2
_BOF, _EOF, _CONTINUE, _FILEPASS, _SHEET, _STRINGS = 0x0809, 0x0A, 0x3C, 0x2F, 0x85, 0xFC
_ROW, _COLUMNS, _MERGED = 0x0208, 0x7D, 0xE5
_FORMULA, _ERROR, _SHARED, _RUN = 0x06, 0x0205, 0xFD, 0xBD
_FILLED = frozenset({_FORMULA, _ERROR, _SHARED, _RUN, 0x0203, 0x0204, 0x027E, 0xD6})
_LYING = frozenset({0x0200, _MERGED, 0x17, 0x18})
"""Records for whose counts a reader takes room before it looks, or that only formulas need."""
_UNKNOWN = 0xFFFE
_CHART = 2
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_SECTOR = 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

_INSIDE = {
    "WordDocument": N_("a Word document"),
    "PowerPoint Document": N_("slides"),
    "__properties_version1.0": N_("an e-mail"),
}


def scan(path: Path, data: bytes) -> tuple[io.BytesIO, list[Layout]]:
    """Measure every sheet; give a fresh container around the stream, and the Layouts in order.

    A reader sees no container but ours, and no count that the scan did not check.

    Raises
    ------
    DamagedWorkbook, Encrypted, NotATable, TooLargeSheet
    """
    if len(data) > _MOST_BYTES:
        raise TooLargeSheet(file=path, sheet="–", found=f"> {_MOST_BYTES // 2**20} MB")
    stream = bytearray(_stream(path, data) if data[:8] == _OLE else data)
    try:
        layouts = _scan(path, stream)
    except (ValueError, IndexError, StructError) as error:
        raise DamagedWorkbook(file=path, found=_("its records do not fit together")) from error
    return io.BytesIO(_contained(bytes(stream))), layouts


def _stream(path: Path, data: bytes) -> bytes:
    """Give the workbook's stream out of an OLE container."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    if container.get_size(name) > len(data):
                        raise ValueError(_("a stream longer than the file"))
                    with container.openstream(name) as stream:
                        return bytes(stream.read())
            names = [entry[0] for entry in container.listdir()]
    except _BROKEN as error:
        if _LOCKED in data:
            raise Encrypted(file=path) from error
        raise DamagedWorkbook(file=path, found=error) from error
    if _LOCKED in data:
        raise Encrypted(file=path)
    for name, what in _INSIDE.items():
        if name in names:
            raise NotATable(file=path, found=_(what))
    raise NotATable(file=path, found=_("no workbook inside"))


def _records(stream: bytearray, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Give kind, begin, length and depth of every record of the part that begins at `at`."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        at += 4
        depth += kind == _BOF
        if at + size > len(stream) or not depth:
            raise ValueError(_("a record longer than the file"))
        yield kind, at, size, depth
        at += size
        depth -= kind == _EOF
        if not depth:
            return


def _hide(stream: bytearray, at: int) -> None:
    """Let a reader pass over the record whose content begins at `at`."""
    pack_into("<H", stream, at - 4, _UNKNOWN)


def _scan(path: Path, stream: bytearray) -> list[Layout]:
    kind = unpack_from("<H", stream, 0)[0]
    if kind in (0x0009, 0x0209, 0x0409):
        raise NotATable(file=path, found=_("a sheet of Excel 4 or older"))
    if kind != _BOF:
        raise ValueError(_("no workbook inside"))
    sheets: list[tuple[str, int, int]] = []
    pieces: list[tuple[int, int]] = []
    wide = unpack_from("<H", stream, 4)[0] > 0x0500
    before = kind
    for kind, at, size, depth in _records(stream, 0):
        if kind == _FILEPASS:
            raise Encrypted(file=path)
        if depth > 1:
            raise ValueError(_("a workbook inside a workbook"))
        if kind == _SHEET:
            sheets.append((_name(stream, at, wide) or str(len(sheets) + 1), at, size))
        elif kind == _STRINGS:
            pieces = [(at, size)]
        elif kind == _CONTINUE and before == _STRINGS:
            pieces.append((at, size))
        elif kind in _LYING:
            _hide(stream, at)
        before = before if kind == _CONTINUE else kind
    strings = _sizes(stream, pieces)
    room = Room()
    left = MOST_BYTES
    layouts: list[Layout] = []
    for name, at, _size in sheets:
        layout = Layout(path, name, room, hidden=bool(stream[at + 4] & 3))
        left -= _scan_sheet(stream, unpack_from("<I", stream, at)[0], stream[at + 5], layout, strings)
        if left < 0:
            raise layout.too_large(f"> {MOST_BYTES // 2**20} MB")
        layouts.append(layout)
    return layouts


def _name(stream: bytearray, at: int, wide: bool) -> str:
    """Give a sheet's name, or nothing where its letters depend on where the file was made."""
    if not wide:
        return ""
    count, flags = stream[at + 6], stream[at + 7]
    if flags & 1:
        return stream[at + 8 : at + 8 + 2 * count].decode("utf-16-le", "replace")
    return stream[at + 8 : at + 8 + count].decode("latin-1")


def _sizes(stream: bytearray, pieces: list[tuple[int, int]]) -> list[int]:
    """Give the bytes of each string of the table of strings, which may go on over several records."""
    if not pieces:
        return []
    (unique,) = unpack_from("<I", stream, pieces[0][0] + 4)
    if unique > 2 * MOST_CELLS:
        raise ValueError(_("more strings than the file has room for"))
    following = iter(pieces)
    at, size = next(following)
    end = at + size
    at += 8

    def go_on() -> None:
        nonlocal at, end
        at, size = next(following, (0, 0))
        end = at + size
        if not size:
            raise ValueError(_("a record longer than the file"))

    sizes: list[int] = []
    for _number in range(unique):
        if at >= end:
            go_on()
        letters, flags = unpack_from("<HB", stream, at)
        at += 3
        beside = 0
        if flags & 8:
            beside += 4 * unpack_from("<H", stream, at)[0]
            at += 2
        if flags & 4:
            beside += unpack_from("<I", stream, at)[0]
            at += 4
        total = 0
        while True:
            width = 1 + (flags & 1)
            here = min(letters, max(end - at, 0) // width)
            total += here * (3 if width == 2 else 1)
            letters -= here
            at += here * width
            if not letters:
                break
            go_on()
            flags = stream[at]
            at += 1
        while beside > end - at:
            beside -= max(end - at, 0)
            go_on()
        at += beside
        sizes.append(total)
    return sizes


def _scan_sheet(stream: bytearray, begin: int, kind_of_sheet: int, layout: Layout, strings: list[int]) -> int:
    """Fill the Layout of one sheet; give the bytes gone through."""
    chart = kind_of_sheet == _CHART
    end = begin
    for kind, at, size, depth in _records(stream, begin):
        end = at + size
        if depth > 1 or (chart and kind not in (_BOF, _EOF)):  # a chart's own cells are none of the sheet's
            _hide(stream, at)
        elif kind in _FILLED:
            row, first = unpack_from("<HH", stream, at)
            count = max((size - 6) // 6, 1) if kind == _RUN else 1
            layout.fill(row + 1, first, first + count - 1, count)
            if kind == _SHARED:
                number = unpack_from("<I", stream, at + 6)[0]
                layout.text(strings[number] if number < len(strings) else 0)
            elif kind == _ERROR and stream[at + 7]:
                layout.errors[row + 1, first] = _error(stream, at + 6)
            elif kind == _FORMULA and size >= 22:
                if stream[at + 6] == 2 and stream[at + 12 : at + 14] == b"\xff\xff":
                    layout.errors[row + 1, first] = _error(stream, at + 8)
                pack_into("<H", stream, at + 20, 0)  # what it works out is stored; how, is not our business
        elif kind == _ROW and stream[at + 12] & 0x20:
            row = unpack_from("<H", stream, at)[0] + 1
            layout.hide_rows(row, row)
        elif kind == _COLUMNS and stream[at + 8] & 1:
            layout.hide_columns(*unpack_from("<HH", stream, at))
        elif kind == _MERGED:
            for number in range(min(unpack_from("<H", stream, at)[0], (size - 2) // 8)):
                top, bottom, left, right = unpack_from("<HHHH", stream, at + 2 + 8 * number)
                layout.merge((top + 1, left, bottom + 1, right))
        if kind in _LYING:
            _hide(stream, at)
    layout.finish()
    return end - begin


def _error(stream: bytearray, at: int) -> str:
    """Give an error's text; one that no reader knows becomes one that all know."""
    if stream[at] not in ERRORS:
        stream[at] = 0x2A
    return ERRORS[stream[at]]


def _contained(stream: bytes) -> bytes:
    """Put a workbook's stream into the plainest OLE container."""
    stream += bytes(max(-len(stream) % _SECTOR, _SECTOR - len(stream)))
    sectors = len(stream) // _SECTOR
    tables = next(n for n in range(1, 110) if n * _SECTOR // 4 >= n + 2 + sectors)
    first = tables + 2  # after the folder, and a sector for short streams, of which there are none
    chains = [_TABLE] * tables + [_END, _END] + list(range(first + 1, first + sectors)) + [_END]
    chains += [_FREE] * (tables * _SECTOR // 4 - len(chains))
    header = _OLE + bytes(16) + pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += pack("<IIIIIIIIII", 1, tables, tables, 0, _SECTOR, _END, 0, _END, 0, 0)[:-4]
    header += pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + pack("<HBBIII", 2 * len(name) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + pack("<IQ", start, size)
        for name, kind, child, start, size in (
            ("Root Entry", 5, 1, tables + 1, 0),
            ("Workbook", 2, _FREE, first, len(stream)),
        )
    )
    return b"".join(
        (
            header.ljust(_SECTOR, b"\0"),
            pack(f"<{len(chains)}I", *chains),
            entries.ljust(2 * _SECTOR, b"\0"),
            stream,
        )
    )
