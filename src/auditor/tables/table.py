"""One sheet as plain cells, with what its file says beside the values."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet: its name ("" for a text file) and its rows with the numbers a spreadsheet gives them.

    A merged cell's value stands in every cell that it covers. An error of the sheet stands as its
    text (``#REF!``). Empty rows at the end are left out.

    Parameters
    ----------
    hidden
        Whether the sheet is hidden; it is read like any other.
    hidden_rows, hidden_columns
        Numbers (as `rows` gives them) of hidden rows, and indices into the rows' cells of hidden
        columns, those that hold anything.
    uncomputed
        Row number and cell index of every formula that no program has computed; the cell is empty.
    notes
        What a person should be told about how the file was read.
    """

    sheet: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    uncomputed: frozenset[tuple[int, int]] = frozenset()
    notes: tuple[str, ...] = ()
