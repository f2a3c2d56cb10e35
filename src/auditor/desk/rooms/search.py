"""Search over everything, from the field in the header."""

from __future__ import annotations

from starlette.responses import Response

from auditor.desk.by_name import named_pages
from auditor.desk.looks import part, query
from auditor.desk.routes import page
from auditor.desk.visit import Visit
from auditor.i18n import _
from auditor.workflow.finding import KINDS, MOST, Found, find

PAGES = {
    "unit": "/units/{key}", "person": "/people/{key}", "programme": "/programmes/{key}",
    "draw": "/draws/{key}", "plan": "/plans/{key}", "roster": "/rosters/{key}",
    "request": "/leave/requests/{key}", "days": "/calendars/{key}", "blackout": "/calendars/{key}#blackouts",
    "domain": "/domains/{key}", "item": "/domains/{within}#item-{key}",
}  # fmt: skip
CODED = ("unit", "person", "programme", "draw", "plan", "request", "domain", "item")
"""Kinds of which the key is a code that people read."""
ALL = {"unit": "/units", "person": "/people", "leave": "/leave", "roster": "/rosters"}
"""Lists that show all that a text finds where there are more than are given here."""


def address(visit: Visit, one: Found) -> str:
    """Give the page of what was found, or "" where no room has one."""
    if one.kind == "page":
        url = one.key
    elif one.kind == "leave":
        first, _slash, last = one.key.partition("/")
        url = "/leave/one" + query({"person": one.within, "from": first, "to": last})
    else:
        url = PAGES[one.kind].format(key=part(one.key), within=part(one.within))
    return url if visit.desk.has(url.partition("#")[0].partition("?")[0]) else ""


def show_found(visit: Visit) -> Response:
    """Show what holds every word; without any, what can be looked for."""
    text = visit.text("q")
    found, counts = find(visit.db, text, visit.plugins, visit.now.date(), named_pages())
    groups = [
        {
            "kind": kind,
            "coded": kind in CODED,
            "word": _(word),
            "count": counts[kind],
            "rows": [(one, address(visit, one)) for one in found if one.kind == kind],
            "all": ALL.get(kind, "") if counts[kind] > MOST else "",
            "more": counts[kind] - MOST,
        }
        for kind, word in KINDS.items()
        if kind in counts
    ]
    return visit.show(
        "home/search.html", text=text, groups=groups, kinds=[_(word) for word in KINDS.values()]
    )


ROUTES = (page("/search", show_found),)
