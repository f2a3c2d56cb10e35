"""The step of a plan's export: the files by name, all of what the door lets through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from auditor.i18n import _
from auditor.pages.dispatch import requests_html, tasks_html
from auditor.pages.map import map_file
from auditor.pages.plan_views import PlanView
from auditor.pages.plan_workbook import plan_sheets
from auditor.pages.sheets import drill_banner
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.workflow.door import Seen
from auditor.workflow.outputs import plan_view
from auditor.workflow.papers import json_text


def files_of(
    db: Database,
    seen: Seen,
    plugins: Plugins,
    now: datetime,
    *,
    formats: Collection[str],
    day: date | None,
) -> dict[str, str | bytes]:
    """Make the files of these formats (xlsx, html, svg, json); of one day where one is given."""
    view = plan_view(db, seen, plugins, now, day=day)
    made: Mapping[str, tuple[str, Callable[[], str | bytes]]] = {
        "plan.xlsx": ("xlsx", lambda: plan_sheets(view)),
        "tasks.html": ("html", lambda: tasks_html(view)),
        "cars.html": ("html", lambda: requests_html(view)),
        "map.svg": ("svg", lambda: _map(view)),
        "plan.json": ("json", lambda: json_text(seen.listed())),
    }
    return {name: make() for name, (kind, make) in made.items() if kind in formats}


def _map(view: PlanView) -> str:
    title = _("{bureau}: {programme}").format(bureau=view.bureau, programme=view.programme)
    marks = (*drill_banner(view.drill), *view.marks_of(view.sorties))
    return map_file(" · ".join((title, *marks)), view.start, view.places, view.sorties)
