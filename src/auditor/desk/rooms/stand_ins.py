"""A unit that cannot be visited on the day: the next of the sealed reserve order stands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.rooms.days import asked_day, day_page
from auditor.desk.rooms.plans import common, sight_of
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.pages.stand_in_words import REASONS, stand_in_lines
from auditor.store.once import AlreadyDone, Overtaken
from auditor.workflow import plan_views, releasing, telling, visit_days
from auditor.workflow.plan_views import StopRow
from auditor.workflow.plans import clock

REFUSALS: dict[type[AuditorError], str] = {
    releasing.NoReserve: N_(
        "the reserve of this kind of units is used up, or its next unit stands in elsewhere: say on the page "
        "of the day what became of this visit"
    ),
    releasing.StandInBusy: N_(
        "the next of the reserve order, {unit}, is visited in that half-day by another team, and nobody is "
        "visited twice at one time: give that visit another day first (“Something came in between”), or say "
        "on the page of the day what became of this one"
    ),
}
"""What the page says where the command line names its own steps."""


def _asked(visit: Visit) -> tuple[dict[str, Any], StopRow, str]:
    """Give what pages of the plan show, the visit that the address names, and its day's page.

    Raises
    ------
    NotFound
        Also where this browser may not see the visit.
    """
    told = common(visit)
    day = asked_day(visit)
    if isinstance(told["of"], str) or told["seen"].state != "planned":
        raise NotFound
    sorties = sight_of(visit, told["seen"], told["holder"]).on(day)
    found = next((stop for one in sorties for stop in one.stops if stop.id == visit.of["visit"]), None)
    if found is None:
        raise NotFound
    return told, found, f"{told['at']}/days/{day}"


def show_stand_in(visit: Visit) -> Response:
    """Show the form, or who stands in and all that it means."""
    told, stop, back = _asked(visit)
    if stop.instead_of:
        return _told_page(visit, told, stop, back)
    if not _may(visit, told, stop):
        return visit.go(back, _("nobody stands in here: look at what is said of this visit"))
    return _form(visit, told, stop, back)


def _may(visit: Visit, told: Mapping[str, Any], stop: StopRow) -> bool:
    return stop.id in visit_days.may_stand_in(told["of"], told["seen"], visit.now.date())


def _form(
    visit: Visit, told: Mapping[str, Any], stop: StopRow, back: str, said_bad: str = "", status: int = 200
) -> Response:
    return visit.show(
        "plans/stand_in.html",
        status=status,
        **told,
        stop=stop,
        back=back,
        day=asked_day(visit),
        reason=visit.field("reason"),
        reasons=[_(one) for one in REASONS],
        said_bad=said_bad,
        needs_password=openings.needs_password(visit),
    )


def _told_page(visit: Visit, told: Mapping[str, Any], stop: StopRow, back: str) -> Response:
    opening = openings.of_visit(visit)
    number = told["of"]["number"]
    found = visit_days.stand_in_told(visit.db, told["seen"], stop.id, opening.key if opening else None)
    lines: list[tuple[str, bool]] = []
    if found is not None:
        own, people = telling.own_ids(visit.db, number), plan_views.people_names(visit.db)
        tour = found.tour
        lines = stand_in_lines(
            stop.name,
            joined=found.joined,
            barred=[people.get(own.get(one, one), one) for one in found.conflicts],
            shut=found.shut,
            arrives=clock(tour.arrives) if tour else "",
            back=clock(tour.back) if tour else "",
            late=clock(tour.ends) if tour and tour.late else "",
            ids=False,
        )
    return visit.show(
        "plans/stood_in.html", **told, stop=stop, back=back, day=asked_day(visit), lines=lines,
        reason=told["seen"].outcomes.get(stop.id, {}).get("reason", ""),
    )  # fmt: skip


def stand_in(visit: Visit) -> Response:
    """Take the next of the reserve order."""
    told, stop, back = _asked(visit)
    if not _may(visit, told, stop):
        return day_page(visit, _("It was said meanwhile what became of this visit: look again"), 400)
    if not visit.field("reason"):
        return _form(visit, told, stop, back, _("say why the unit cannot be visited"), 400)
    number = told["of"]["number"]
    try:
        key = openings.asked_key(visit)
        with visit.writing() as db:
            found = releasing.reserve(
                db, number, stop.id, visit.field("reason"), key, visit.now, drill=visit.desk.is_drill
            )
            names, _people = telling.names_of(db)
    except (AlreadyDone, Overtaken):
        raise
    except AuditorError as error:
        return _form(visit, told, stop, back, _worded(error), 400)
    said = _("{name} stands in for {unit}").format(name=names.get(found.unit, found.unit), unit=stop.name)
    return visit.go(f"{back}/stand-in/{stop.id}", said)


def _worded(error: AuditorError) -> str:
    text = REFUSALS.get(type(error))
    return _(text).format(**error.facts) if text else str(error)


ROUTES = (
    page("/plans/{id}/days/{day}/stand-in/{visit}", show_stand_in),
    act("/plans/{id}/days/{day}/stand-in/{visit}", stand_in),
)
