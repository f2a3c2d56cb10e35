"""Papers of a draw, and the large screen that witnesses look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from auditor.desk import papers as desk_papers
from auditor.desk.numbers import NotNow, number_of
from auditor.desk.papers import give_paper, show_paper
from auditor.desk.routes import page
from auditor.desk.visit import Visit
from auditor.i18n import _
from auditor.workflow import ceremony, papers


def _committed(visit: Visit) -> dict[str, Any]:
    record = number_of(visit)
    _must_have(record, "commit", _("there is no fingerprint yet"))
    return record


def show_protocol(visit: Visit) -> Response:
    """Show the protocol that is printed and signed before the event."""
    record = _committed(visit)
    return show_paper(visit, papers.protocol_page(visit.db, record), back=f"/draws/{record['number']}")


def show_screen(visit: Visit) -> Response:
    """Show the witnesses' screen; it renews itself as the draw goes on."""
    return show_paper(visit, papers.witness_page(visit.db, _committed(visit)), live_s=2)


def show_record(visit: Visit) -> Response:
    """Show the record that is signed after the draw."""
    record = _committed(visit)
    _must_have(record, "beacon", _("there is no record before the draw"))
    return show_paper(visit, papers.record_page(visit.db, record), back=f"/draws/{record['number']}")


def show_notice(visit: Visit) -> Response:
    """Show the notice that is left at visits."""
    record = _committed(visit)
    _must_have(record, "plan_root", _("the notice carries the fingerprint of the plan"))
    text = papers.notice_page(visit.db, record, visit.text("published_at"))
    return show_paper(visit, text, back=f"/draws/{record['number']}")


def _must_have(record: Mapping[str, Any], what: str, why: str) -> None:
    if what not in record:
        raise NotNow(what=why, number=record["number"], state=_(ceremony.STATES[record["state"]]))


def give_protocol(visit: Visit) -> Response:
    """Give the protocol as a file."""
    record = _committed(visit)
    return give_paper(visit, papers.protocol_page(visit.db, record), f"protocol-{record['number']}.html")


ROUTES = (
    page("/draws/{number}/protocol", show_protocol),
    page("/draws/{number}/protocol.html", give_protocol),
    page("/draws/{number}/screen", show_screen),
    page("/draws/{number}/record", show_record),
    page("/draws/{number}/notice", show_notice),
    *desk_papers.ROUTES,
)
