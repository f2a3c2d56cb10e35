"""An XLSX's table of strings: how much text its cells take from it, since each takes its own copy."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from auditor.tables import archive
from auditor.tables.layout import Layout

_STRING = re.compile(rb"<(?:[^ \t\r\n<>:]*:)?si(?=[ \t\r\n/>])")
_QUOTED = (re.compile(rb"""=\s*"[^"<>]*<"""), re.compile(rb"""=\s*'[^'<>]*<"""))
_SHARED = re.compile(
    rb"""<(?:\w+:)?c r="\w+"(?: (?!t=)\w+="[^"<>&]*")*+ t="s"(?: \w+="[^"<>&]*")*+ ?>\s*"""
    rb"""<(?:\w+:)?v>([0-9]{1,9})</(?:\w+:)?v>\s*</(?:\w+:)?c>"""
)


class Strings:
    """The strings of one workbook, looked at as closely as it takes to know that they fit."""

    def __init__(self, path: Path, parts: dict[str, bytes]) -> None:
        self._path = path
        name = archive.find(parts, "xl/sharedStrings.xml")
        self._text = parts[name] if name else b""
        self._sizes: list[int] | None = None
        begins = [found.start() for found in _STRING.finditer(self._text)]
        # Bytes of each string with its markup.
        self._gaps = [after - before for before, after in pairwise([*begins, len(self._text)])]
        # In a comment, an instruction or an attribute, what looks like a string's begin is none.
        self._plain = b"<!" not in self._text and self._text.count(b"<?") < 2
        self._plain = self._plain and not any(quoted.search(self._text) for quoted in _QUOTED)

    def count(self, text: bytes, shared: int, layout: Layout) -> None:
        """Count the text that the `shared` cells of a sheet take; raises TooLargeSheet."""
        rough = shared * max(self._gaps, default=0)
        if self._plain and rough <= layout.room.text // 8:
            layout.text(rough)
            return
        taken = [int(found[1]) for found in _SHARED.finditer(text)]
        if len(taken) < shared:
            taken = self._parsed(text)
        sizes = self._gaps if self._plain else self._all_sizes()
        total = sum(sizes[at] for at in taken if at < len(sizes))
        if total > layout.room.text // 2 and self._plain:
            sizes = self._all_sizes()
            total = sum(sizes[at] for at in taken if at < len(sizes))
        layout.text(total)

    def _all_sizes(self) -> list[int]:
        """Give the bytes of each string."""
        if self._sizes is None:
            sizes: list[int] = []

            def start(element: str, _attributes: archive.Attributes) -> None:
                if archive.local(element) == "si":
                    sizes.append(0)

            def data(piece: str) -> None:
                if sizes:
                    sizes[-1] += len(piece.encode())

            archive.parse(self._path, self._text, start, data=data)
            self._sizes = sizes
        return self._sizes

    def _parsed(self, text: bytes) -> list[int]:
        """Give the number of every string that a cell of any sheet may take."""
        taken: list[int] = []
        value, shared = "", False

        def start(element: str, attributes: archive.Attributes) -> None:
            nonlocal value, shared
            name = archive.local(element)
            if name == "c":
                shared = attributes.get("t") == "s"
            elif name == "v":
                value = ""

        def data(piece: str) -> None:
            nonlocal value
            if shared and len(value) < 20:
                value += piece[:20]

        def end(element: str) -> None:
            if shared and archive.local(element) == "v" and value.strip().isdecimal():
                taken.append(int(value))

        archive.parse(self._path, text, start, end, data)
        return taken
