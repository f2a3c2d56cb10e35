"""An XLSX's table of strings: how much text its cells take from it, since each takes its own copy."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from auditor.tables import archive
from auditor.tables.layout import Layout

_STRING = re.compile(rb"<(?:\w+:)?si(?=[ />])")
_SHARED = re.compile(
    rb"""<(?:\w+:)?c r="\w+"(?: (?!t=)\w+="[^"<>&]*")*+ t="s"(?: \w+="[^"<>&]*")*+ ?>\s*"""
    rb"""<(?:\w+:)?v>([0-9]{1,9})</"""
)


class Strings:
    """The strings of one workbook, looked at as closely as it takes to know that they fit."""

    def __init__(self, path: Path, parts: dict[str, bytes]) -> None:
        self._path = path
        name = archive.find(parts, "xl/sharedStrings.xml")
        self._text = parts[name] if name else b""
        self._sizes: list[int] | None = None
        begins = [found.start() for found in _STRING.finditer(self._text)]
        gaps = (after - before for before, after in pairwise([*begins, len(self._text)]))
        # A comment or CDATA can hold what looks like a string's begin.
        self._longest = len(self._text) if b"<!" in self._text else max(gaps, default=len(self._text))

    def count(self, text: bytes, shared: int, layout: Layout) -> None:
        """Count the text that the `shared` cells of a sheet take; raises TooLargeSheet."""
        if shared * self._longest <= 2**20:
            layout.text(shared * self._longest)
            return
        sizes = self._all_sizes()
        taken = [int(found[1]) for found in _SHARED.finditer(text)]
        if len(taken) < shared:
            taken = self._parsed(text)
        layout.text(sum(sizes[at] for at in taken if at < len(sizes)))

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
        """Give the number of the string that each cell of any sheet takes."""
        taken: list[int] = []
        value, shared = "", False

        def start(element: str, attributes: archive.Attributes) -> None:
            nonlocal value, shared
            if archive.local(element) == "c":
                shared, value = attributes.get("t") == "s", ""

        def data(piece: str) -> None:
            nonlocal value
            if shared and len(value) < 20:
                value += piece[:20]

        def end(element: str) -> None:
            nonlocal shared
            if archive.local(element) == "c" and shared:
                taken.append(int(value) if value.strip().isdecimal() else 0)
                shared = False

        archive.parse(self._path, text, start, end, data)
        return taken
