"""The first start: five screens from the bureau's name to a loaded register, or the synthetic county."""

from __future__ import annotations

import re

from starlette.responses import Response

from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.i18n import _
from auditor.workflow import bureau, home


def show_welcome(visit: Visit) -> Response:
    """Show one screen; what was typed is carried in the address until the file is made."""
    at = min(max(visit.number("at", 1), 1), 5)
    there = visit.desk.places.db.exists()
    if there:
        at = max(at, 4)
    elif at > 3:
        at = 1
    values = {"name": visit.text("name")[:60], "place": visit.text("place")}
    if at == 3 and values["place"] and _point(values["place"]) is None:
        return _screen(visit, 2, values, _("write longitude, then latitude, like 105.2108,30.5205"))
    return _screen(visit, at, values)


def _screen(visit: Visit, at: int, values: dict[str, str], problem: str = "") -> Response:
    there = visit.desk.places.db.exists()
    facts = home.steps(visit.db, home.month_at(visit.now), visit.now.date())[0].facts if there else {}
    return visit.show(
        "welcome/screen.html",
        bare=not there,
        status=400 if problem else 200,
        at=at,
        values=values,
        problem=problem,
        file=visit.desk.places.db,
        units=facts.get("units", 0),
        people=facts.get("people", 0),
    )


def _point(text: str) -> tuple[float, float] | None:
    """Read longitude and latitude; give (lat, lng), or None."""
    parts = [one for one in re.split("[,，;；\\s]+", text) if one]
    try:
        lng, lat = map(float, parts)
    except ValueError:
        return None
    return (lat, lng) if -180 <= lng <= 180 and -90 <= lat <= 90 else None


def make_bureau(visit: Visit) -> Response:
    """Make the bureau's file."""
    if visit.desk.places.db.exists():
        return visit.go("/welcome?at=4", _("the bureau's file is there already"))
    values = {"name": visit.field("name")[:60], "place": visit.field("place")}
    if visit.field("password") != visit.field("again"):
        return _screen(visit, 3, values, _("the two passwords differ; write them again"))
    level = visit.field("level")
    bureau.init(
        visit.desk.places.db,
        values["name"],
        _point(values["place"]) if values["place"] else None,
        visit.now,
        level=level if level in ("simple", "standard") else "simple",
        password=visit.field("password"),
    )
    return visit.go("/welcome?at=4", _("the bureau's file is made"))


def fill_county(visit: Visit) -> Response:
    """Load the synthetic county into an empty bureau, in a process of its own."""
    return visit.work("county", {})


ROUTES = (page("/welcome", show_welcome), act("/welcome", make_bureau), act("/welcome/county", fill_county))
