"""Pages made for paper, shown on the desk: their style is a sheet of its own, for none may stand inside."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from html import escape
from threading import Lock

from starlette.responses import HTMLResponse, Response

from auditor.desk.routes import page
from auditor.desk.visit import NotFound, Visit
from auditor.i18n import _

MOST_SHEETS = 40
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_sheets: OrderedDict[str, str] = OrderedDict()
_lock = Lock()

LIVE_CONFIG = (
    '{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,'
    '"historyCacheSize":0}'
)


def _sheet(style: str) -> str:
    """Keep a style sheet; give its address."""
    name = hashlib.sha256(style.encode()).hexdigest()[:16]
    with _lock:
        _sheets[name] = style
        _sheets.move_to_end(name)
        while len(_sheets) > MOST_SHEETS:
            _sheets.popitem(last=False)
    return f"/papers/{name}.css"


MARK = "<b>演练 DRILL</b>"
MARK_CSS = '.drill b::before{content:"演练 DRILL"}'
BAR_CSS = """
.desk-bar{margin:0;padding:8px 16px;display:flex;gap:16px;align-items:center;font-size:16px;
border-bottom:1px solid var(--line)}
.desk-bar a{color:#0b5cad}.desk-bar button{font:inherit;padding:6px 16px;min-height:40px;border-radius:7px;
border:1px solid #0b5cad;background:#0b5cad;color:#fff;font-weight:700;cursor:pointer}
@media screen and (max-width:840px){main{overflow-x:auto}}
@media print{.desk-bar{display:none}}
"""


def show_paper(visit: Visit, text: str, *, back: str = "", live_s: int = 0) -> Response:
    """Show a page that was made as one file.

    Parameters
    ----------
    back
        The page that leads here: a line above the paper, itself not printed, goes back and prints.
    live_s
        The page asks for itself again after so many seconds, while somebody sees it; 0 for never.
    """
    # a mark across the page is a picture, not a text to be read
    css = (BAR_CSS if back else "") + MARK_CSS
    text = text.replace(MARK, "<b></b>")
    shown = _STYLE.sub(lambda found: f'<link rel="stylesheet" href="{_sheet(found[1] + css)}">', text)
    if back:
        script = f'<script src="{visit.desk.statics.url("desk.js")}" defer></script>'
        bar = (
            f'<nav class="desk-bar"><a href="{escape(back)}">‹ {escape(_("Back"))}</a>'
            f'<button data-print data-action="print">{escape(_("Print"))}</button></nav>'
        )
        shown = shown.replace("</head>", script + "</head>", 1).replace("<body>", "<body>\n" + bar, 1)
        shown = shown.replace("<main>", '<main tabindex="0">', 1)
    if live_s:
        htmx = visit.desk.statics.url("htmx.min.js")
        head = f'<meta name="htmx-config" content=\'{LIVE_CONFIG}\'><script src="{htmx}" defer></script>'
        ask = (
            f'<main hx-get="{visit.path}" hx-trigger="every {live_s}s" hx-select="main" hx-swap="outerHTML">'
        )
        shown = shown.replace("</head>", head + "</head>", 1).replace("<main>", ask, 1)
    return HTMLResponse(shown)


def give_paper(visit: Visit, text: str, name: str) -> Response:
    """Give the page as a file to keep."""
    return visit.give(text.encode(), name, "text/html; charset=utf-8")


def show_sheet(visit: Visit) -> Response:
    """Give a style sheet that a page of this desk named."""
    with _lock:
        style = _sheets.get(visit.of["name"].removesuffix(".css"))
    if style is None:
        raise NotFound
    return Response(style, media_type="text/css", headers={"cache-control": "private, max-age=86400"})


ROUTES = (page("/papers/{name}", show_sheet),)
