"""Where a table begins: the header of one to three rows, and the column of every field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.register.cells import Cell, blank, filled, heading, text
from auditor.register.columns import find_columns, places

LOOK = 40
"""A header begins in one of so many first rows."""

DEPTH = 3
"""A header has at most so many rows."""

_FIGURE = re.compile(r"[-+]?[\d.,/:%\s年月日-]+")

Rows = Sequence[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Header:
    """A header: index of its last row, its rows, and the column of every field that it names."""

    last: int
    levels: tuple[tuple[Cell, ...], ...]
    columns: Mapping[str, int]
    mapping: Mapping[str, str]

    def title(self, column: int) -> str:
        """Give the heading of a column, the upper rows of it first where they say more."""
        seen = [text(row[column]) for row in self.levels if column < len(row) and text(row[column])]
        return " ".join(dict.fromkeys(seen))

    @property
    def titles(self) -> list[str]:
        """Every heading that says anything, from left to right."""
        width = max(map(len, self.levels))
        return [self.title(column) for column in range(width) if self.title(column)]

    @property
    def places(self) -> dict[str, int]:
        """The column of every heading, folded."""
        return places(self.levels)


def shape_of(levels: Sequence[Sequence[Cell]]) -> str:
    """Give what tables with the same headings have in common, whatever their order."""
    folded = sorted({heading(cell) for row in levels for cell in row} - {""})
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()[:32]


def _goes_on(above: Sequence[Sequence[Cell]], row: Sequence[Cell], known: frozenset[str], name: int) -> bool:
    """Whether a row is one more row of the header above it: words only, some of them known headings.

    In the column of names it is empty or repeats what stands above, as a merged heading does.
    """
    filled = [cell for cell in row if text(cell)]
    if not filled or any(not isinstance(cell, str) or _FIGURE.fullmatch(text(cell)) for cell in filled):
        return False
    here = heading(row[name]) if name < len(row) else ""
    if here and here not in {heading(level[name]) for level in above if name < len(level)}:
        return False
    return any(heading(cell) in known for cell in filled)


def find_header(
    rows: Rows,
    aliases: Mapping[str, Sequence[str]],
    mapping: Mapping[str, str],
    kept: Mapping[str, Mapping[str, str]],
    needed: Sequence[str],
    known: frozenset[str],
) -> Header | None:
    """Give the header that names most fields, the first of those alike, or None.

    Parameters
    ----------
    mapping
        Field to heading, as a person gave it; where there is none, `kept` may have the one that was
        given for a table of the same shape.
    needed
        Fields without which a row is no header.
    known
        All headings that mean anything, folded.
    """
    best: Header | None = None
    for at in range(min(len(rows), LOOK)):
        levels: list[tuple[Cell, ...]] = []
        for depth in range(DEPTH):
            if at + depth >= len(rows):
                break
            row = tuple(rows[at + depth][1])
            if depth:
                names_all = needed[0] in find_columns([row], aliases, mapping)
                if best is None or not (names_all or _goes_on(levels, row, known, best.columns[needed[0]])):
                    break
            levels.append(row)
            given = mapping or kept.get(shape_of(levels), {})
            columns = find_columns(levels, aliases, given)
            if not all(field in columns for field in needed):
                break
            if best is None or len(columns) > len(best.columns):
                best = Header(at + depth, tuple(levels), columns, given)
            elif depth == 0:
                break
    return None if best is None else _with_groups(best, rows, aliases)


def _with_groups(header: Header, rows: Rows, aliases: Mapping[str, Sequence[str]]) -> Header:
    """Give a header with the rows of groups above it (食堂 over 有无), where they name one more field."""
    best = header
    levels = header.levels
    for at in range(header.last - len(header.levels), max(-1, header.last - len(header.levels) - 2), -1):
        above = tuple(rows[at][1])
        words = {text(cell) for cell in above} - {""}
        if len(words) < 2 or any(not blank(cell) and not isinstance(cell, str) for cell in above):
            break
        levels = (above, *levels)
        columns = find_columns(levels, aliases, header.mapping)
        if len(columns) > len(best.columns) and header.columns.items() <= columns.items():
            best = Header(header.last, levels, columns, header.mapping)
    return best


def blocks(rows: Rows) -> list[tuple[int, int]]:
    """Give the first and last column of every part of a sheet that an empty column sets apart."""
    used: set[int] = set()
    for _number, row in rows:
        if not used.issuperset(range(len(row))):
            used.update(filled(row))
    found: list[tuple[int, int]] = []
    for column in sorted(used):
        if found and column == found[-1][1] + 1:
            found[-1] = found[-1][0], column
        else:
            found.append((column, column))
    return found


def only(rows: Rows, first: int, last: int) -> list[tuple[int, tuple[Cell, ...]]]:
    """Give the rows with nothing outside some columns; they end with the last of these."""
    return [(number, ((None,) * first + tuple(row[first : last + 1]))[: len(row)]) for number, row in rows]


def likely_titles(rows: Rows) -> list[str]:
    """Give the words of the row that looks most like headings: most words, and few figures.

    Said to a person where no row names what is needed; the first of rows alike.
    """
    best: list[str] = []
    most = -1
    for _number, row in rows:
        cells = [text(cell) for cell in row if text(cell)]
        words = [one for one in dict.fromkeys(cells) if not _FIGURE.fullmatch(one)]
        score = 3 * len(words) - 2 * len(cells)
        if score > most:
            best, most = words, score
    return best
