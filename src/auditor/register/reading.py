"""What every list says beside its rows, and how a cell of it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from auditor.register.cells import Cell, text
from auditor.register.sheets import NamedRow, Sheets


@dataclass(slots=True)
class Reading:
    """Refused cells, lines left out, columns, hidden parts, readings of shapes, notes.

    `bad_rows` are the refused rows with the reason, as they stand in the file.
    """

    refused: list[dict[str, Any]] = field(default_factory=list)
    bad_rows: list[tuple[NamedRow, str]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, int] = field(default_factory=dict)
    readings: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, sheets: Sheets) -> Self:
        """Begin with what the sheets told beside their rows."""
        return cls(
            columns=sheets.columns,
            left_out=sheets.left_out,
            hidden=sheets.hidden,
            readings=sheets.readings,
            notes=sheets.notes,
        )

    def refuse(
        self, row: NamedRow, one: str, problem: str, cure: str, *, value: object | None = None
    ) -> None:
        """Note one cell that cannot be taken; `value` is what is shown of it, None for the cell itself."""
        title = self.columns.get(one, "")
        if row.header is not None and one in row.header.columns:
            title = row.header.title(row.header.columns[one])
        self.refused.append(
            {
                "sheet": row.sheet,
                "row": row.number,
                "column": title,
                "value": self.shown(row.cells.get(one)) if value is None else str(value),
                "problem": problem,
                "cure": cure,
            }
        )
        self.bad_rows.append((row, f"{problem}; {cure}"))

    def shown(self, cell: Cell) -> str:
        """Give a cell as a person should see it."""
        return text(cell)
