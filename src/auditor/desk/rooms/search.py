"""Search over everything, from the field in the header."""

from __future__ import annotations

from starlette.responses import Response

from auditor.desk.looks import part
from auditor.desk.routes import page
from auditor.desk.visit import Visit
from auditor.i18n import _
from auditor.workflow.finding import KINDS, MOST, Found, find

PAGES = {
    "unit": "/units/{key}", "person": "/people/{key}", "programme": "/programmes", "draw": "/draws/{key}",
    "roster": "/rosters/{key}",
}  # fmt: skip


def address(visit: Visit, one: Found) -> str:
    """Give the page of what was found, or "" where no room has one."""
    url = PAGES[one.kind].format(key=part(one.key))
    return url if visit.desk.has(url) else ""


def show_found(visit: Visit) -> Response:
    """Show what holds every word."""
    text = visit.text("q")
    found, counts = find(visit.db, text)
    groups = [
        {
            "word": _(word),
            "count": counts[kind],
            "rows": [(one, address(visit, one)) for one in found if one.kind == kind],
            "all": "/units" if kind == "unit" and counts[kind] > MOST else "",
        }
        for kind, word in KINDS.items()
        if kind in counts
    ]
    return visit.show("home/search.html", text=text, groups=groups)


ROUTES = (page("/search", show_found),)
