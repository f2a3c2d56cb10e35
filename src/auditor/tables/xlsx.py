"""What the sheets of an XLSX say beside their values, and their errors as text.

Most programs write a cell's place first and nothing odd in its tag; such a sheet is scanned by one
regular expression. Any other is parsed, so that nothing hides from the scan that a reader would see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from auditor.i18n import _
from auditor.tables import archive
from auditor.tables.errors import DamagedWorkbook, TooLargeSheet
from auditor.tables.layout import LAST_ROW, MOST_BYTES, Layout, Room
from auditor.tables.strings import Strings

_PREFIX = re.compile(rb"<(\w+:)?sheetData(?=[\s/>])")
_USUAL = re.compile(rb"""((?: (?!r=)\w+="[^"<>&]*")*+) ?(/?)""")
_ATTRIBUTE = re.compile(r"""(?<![\w:])(\w+)\s*=\s*["']([^"'<>]*)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>[^<]")
_ERROR = re.compile(rb"""(<(?:[^ \t\r\n<>:]*:)?c[ \t\r\n][^<>]*?\bt\s*=\s*["'])e(?=["'])""")
_AFTER_NAME = (b" ", b"\t", b"\r", b"\n", b"/", b">")
_MOST_KINDS = 10_000
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def scan(path: Path, parts: dict[str, bytes]) -> list[Layout]:
    """Measure every sheet and give their Layouts in order; errors in `parts` become plain text.

    Raises
    ------
    DamagedWorkbook, TooLargeSheet
    """
    room = Room()
    strings = Strings(path, parts)
    sheets = _sheets(path, parts)
    layouts: list[Layout] = []
    left = MOST_BYTES
    for name, part, hidden in sheets:
        text = parts.get(part, b"")
        left -= len(text)
        if left < 0:
            raise TooLargeSheet(file=path, sheet=name, found=f"> {MOST_BYTES // 2**20} MB")
        layouts.append(_scan(text, path, f"{name} ({_last(part)})", room, strings))
        layouts[-1].hidden = hidden
    named = {part for _name, part, _hidden in sheets}
    for part, text in parts.items():
        if (
            part not in named and b"sheetData" in text
        ):  # whoever understands the list of sheets otherwise than we do
            _scan(text, path, _last(part), room, strings)
        if b"sheetData" in text and (b'"e"' in text or b"'e'" in text):
            parts[part] = _ERROR.sub(rb"\1str", text)
    return layouts


def _last(part: str) -> str:
    return part.rpartition("/")[2]


def _sheets(path: Path, parts: dict[str, bytes]) -> list[tuple[str, str, bool]]:
    """Give name, part and hiddenness of every sheet, in the workbook's order."""
    main = archive.main_part(path, parts, "xl/workbook.xml")
    if main is None:
        raise DamagedWorkbook(file=path, found=_("no list of its sheets"))
    targets = archive.relations(path, parts, main)
    found: list[tuple[str, str, bool]] = []

    def note(element: str, attributes: archive.Attributes) -> None:
        if archive.local(element) == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            state = attributes.get("state", "visible")
            found.append((attributes.get("name", ""), targets.get(key, ("", ""))[1], state != "visible"))

    archive.parse(path, parts[main], note)
    return found


def _scan(text: bytes, path: Path, sheet: str, room: Room, strings: Strings) -> Layout:
    layout = Layout(path, sheet, room)
    if b"sheetData" not in text:
        layout.finish()
        return layout
    shared = _scan_usual(text, layout)
    if shared is None:
        layout = Layout(path, sheet, room)
        shared = _scan_parsed(text, layout)
    strings.count(text, shared, layout)
    layout.finish()
    return layout


def _column(letters: str) -> int:
    """Give the column of letters; A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _place(text: str) -> tuple[int, int]:
    """Give row and column of a place as ``B12``, or raise ValueError."""
    found = _PLACE.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError(_("a cell at {place!r}").format(place=text[:20]))
    return int(found[2]), _column(found[1])


def _true(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name, "") in ("1", "true")


def _note(layout: Layout, name: str, attributes: Mapping[str, str]) -> None:
    """Note hidden rows, hidden columns and merged cells."""
    if name == "row" and _true(attributes, "hidden"):
        row = int(attributes.get("r", 0))
        layout.hide_rows(row, row)
    elif name == "col" and _true(attributes, "hidden"):
        layout.hide_columns(int(attributes.get("min", 0)) - 1, int(attributes.get("max", 0)) - 1)
    elif name == "mergeCell":
        first, _colon, last = attributes.get("ref", "").partition(":")
        if last:
            layout.merge(_place(first) + _place(last))


def _attributes(tag: re.Match[bytes]) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(tag[1].decode("utf-8", "replace")))


def _scan_usual(text: bytes, layout: Layout) -> int | None:
    """Scan a sheet whose cells all name their place first; give how many take a shared string.

    None if the sheet is not so; the Layout is then of no use.
    """
    prefix = (_PREFIX.search(text) or [b"", b""])[1] or b""
    tags = sum(text.count(b"<c" + after) + text.count(b":c" + after) for after in _AFTER_NAME)
    cells = re.compile(
        rb"""<%bc r="([A-Z]{1,3})([0-9]{1,7})"([^<>]*)>(?:\s*<(?:%b(f)(?=[ />])|(/)%bc>))?"""
        % ((prefix,) * 3)
    )
    other_cell = re.compile(rb"</?%bc(?=[ >/])" % prefix)
    try:
        for name in ("row", "col", "mergeCell"):
            tags_of = re.finditer(rb"<%b%b\s([^<>]*)>" % (prefix, name.encode()), text)
            for tag in islice(tags_of, LAST_ROW):
                if name == "mergeCell" or b"hidden" in tag[1]:
                    _note(layout, name, _attributes(tag))
    except ValueError:
        return None
    columns: dict[bytes, int] = {}
    kinds: dict[bytes, tuple[bool, bool, bool]] = {}
    row = first = last = count = shared = 0
    for tag in cells.finditer(text):
        letters, digits, attributes, formula, ended = tag.groups()
        tags -= 1
        kind = kinds.get(attributes)
        if kind is None:
            usual = _USUAL.fullmatch(attributes)
            if usual is None or len(kinds) > _MOST_KINDS:
                return None
            kind = (bool(usual[2]), b' t="s"' in attributes, b' t="str"' in attributes)
            kinds[attributes] = kind
        if kind[0] or ended:
            continue
        number = int(digits)
        column = columns.get(letters, -1)
        if column < 0:
            column = columns[letters] = _column(letters.decode())
        if number != row:
            if count:
                layout.fill(row, first, last, count)
            row, first, last, count = number, column, column, 0
        elif column > last:
            last = column
        elif column < first:
            first = column
        count += 1
        if kind[1]:
            shared += 1
        elif formula and not kind[2]:
            stop = other_cell.search(text, tag.end())
            if not _VALUE.search(text, tag.end(), stop.start() if stop else len(text)):
                layout.uncomputed.add((number, column))
    if count:
        layout.fill(row, first, last, count)
    return None if tags else shared


def _scan_parsed(text: bytes, layout: Layout) -> int:
    """Scan any sheet; give how many cells take a shared string.

    A row or cell that does not name its place follows the one before it.
    """
    row, column, shared = 1, 0, 0
    place = (1, 0)
    kind = ""
    inside: list[str] = []  # of a cell
    seen: set[str] = set()

    def start(element: str, attributes: archive.Attributes) -> None:
        nonlocal row, column, kind, place
        name = archive.local(element)
        if inside:
            if name in ("c", "row"):
                raise ValueError(_("a cell inside a cell"))
            inside.append(name)
            seen.update({name} & {"f", "is"})
        elif name == "row":
            row = int(attributes.get("r", row))
            _note(layout, name, {"r": str(row), **attributes})
        elif name == "c":
            place = _place(attributes["r"]) if "r" in attributes else (row, column)
            column = place[1] + 1
            kind = attributes.get("t", "n")
            inside.append(name)
            seen.clear()
        else:
            _note(layout, name, attributes)

    def data(piece: str) -> None:
        if inside and inside[-1] == "v":
            seen.add("v")

    def end(element: str) -> None:
        nonlocal row, column, shared
        if inside:
            inside.pop()
            if not inside and seen:
                layout.fill(place[0], place[1], place[1], 1)
                shared += kind == "s"
                if seen == {"f"} and kind != "str":
                    layout.uncomputed.add(place)
        elif archive.local(element) == "row":
            row, column = row + 1, 0

    archive.parse(layout.file, text, start, end, data)
    return shared
