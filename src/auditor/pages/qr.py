"""A QR code as SVG inside a page: the same text gives the same bytes, and nothing else is loaded."""

from __future__ import annotations

from itertools import groupby

from auditor.pages.html import text

QUIET = 4
"""Modules of white around the code, as its standard asks."""


def qr_svg(content: str, title: str) -> str:
    """Draw `content` as a QR code of error level M; `title` names it to those who do not see it.

    One unit of the view box is one module. A row's dark modules are one part of the path for each run.
    """
    import segno

    matrix = segno.make(content, error="m", boost_error=False, micro=False).matrix
    side = len(matrix) + 2 * QUIET
    runs = []
    for down, row in enumerate(matrix, QUIET):
        across = QUIET
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                runs.append(f"M{across} {down}h{length}v1h-{length}z")
            across += length
    return (
        f'<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{text(title)}" '
        f'shape-rendering="crispEdges"><title>{text(title)}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{"".join(runs)}" fill="#000"/></svg>'
    )
