"""How much room a sheet may take."""

from __future__ import annotations

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000
MOST_BYTES = 128 * 2**20
"""A gzip or a workbook that unpacks to more is refused before it is laid out."""
