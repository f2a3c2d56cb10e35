"""``plan.xlsx`` of a plan, or of what may be seen of it: all visits, a sheet a day, a sheet a team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.i18n import _, listed
from auditor.pages.plan_views import PlanView
from auditor.pages.sheets import drill_banner
from auditor.pages.views import SortieView, StopView
from auditor.pages.words import SLOT_WORDS, day_name, visit_notes, weekday, word
from auditor.pages.workbooks import book_bytes, fill

MOST_TITLE = 31
"""So many letters may the name of a sheet have."""
NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
WIDTHS = (12, 8, 9, 8, 22, 8, 30, 14, 30, 8, 8, 18, 30)


def plan_sheets(view: PlanView) -> bytes:
    """Give the workbook; without visits it has its first sheet only. No cell is a formula.

    Visits are in order of arrival; those that fell away stand among them with what became of them. A sheet on
    which all visits were released bears no mark of secrecy.
    """
    from openpyxl import Workbook

    book = Workbook()
    sorties = (*view.sorties, *view.fallen)

    def marks(own: Sequence[SortieView] | None = None) -> list[str]:
        return [*drill_banner(view.drill), *view.marks_of(own)]

    first = book.active
    taken: set[str] = set()
    first.title = _title(_("All visits"), taken)
    _visits(first, marks(sorties), f"{view.bureau} {view.programme}", sorties)
    for day in sorted({sortie.day for sortie in sorties}):
        sheet = book.create_sheet(_title(f"{day:%m-%d} {weekday(day)}", taken))
        own = [sortie for sortie in sorties if sortie.day == day]
        _visits(sheet, marks(own), f"{view.bureau} {day_name(day)}", own)
    for team in sorted({sortie.team for sortie in view.sorties}):
        sheet = book.create_sheet(_title(listed(team), taken))
        own = [sortie for sortie in view.sorties if sortie.team == team]
        _visits(sheet, marks(own), f"{view.bureau} {listed(team)}", own)
    if view.unplaced or view.departures:
        fill(
            book.create_sheet(_title(_("Not placed, gave way"), taken)),
            marks(),
            _("What could not be placed, and where a lot gave way"),
            (_("what"), _("why"), _("figures")),
            [(one.what, one.why, one.detail) for one in (*view.unplaced, *view.departures)],
            (44, 50, 50),
        )
    return book_bytes(book)


def _visits(sheet: Any, marks: Sequence[str], heading: str, sorties: Sequence[SortieView]) -> None:
    titles = (
        _("day"), _("weekday"), _("half-day"), _("sortie"), _("team"), _("arrival"), _("unit"), _("township"),
        _("domains"), _("minutes"), "km", _("visit"), _("outcome"),
    )  # fmt: skip
    rows = [
        (
            sortie.day.isoformat(),
            weekday(sortie.day),
            word(SLOT_WORDS, sortie.slot),
            sortie.key,
            listed(sortie.team),
            stop.start,
            stop.unit + stop_notes(stop),
            stop.township,
            listed(stop.domains),
            stop.minutes,
            round(sortie.metres / 1000, 1) if at == 0 and not sortie.fallen else None,
            stop.visit,
            stop.outcome,
        )
        for sortie, at, stop in sorted(
            ((sortie, at, stop) for sortie in sorties for at, stop in enumerate(sortie.stops)),
            key=lambda one: (one[0].day, one[2].start, one[0].key, one[1]),
        )
    ]
    fill(sheet, marks, heading, titles, rows, WIDTHS)


def stop_notes(stop: StopView) -> str:
    """Say behind a unit's name that the visit was ordered, and that the unit stands in for another."""
    return visit_notes(stop.ordered, bool(stop.instead_of), stop.at_stop_of)


def _title(wish: str, taken: set[str]) -> str:
    """Give a sheet a name that a workbook can carry and no other sheet of it has; keeps it in `taken`."""
    plain = "".join(one for one in wish.translate(NOT_IN_TITLES) if one >= " ").strip() or "–"
    title, number = plain[:MOST_TITLE], 1
    while title.casefold() in taken:
        number += 1
        title = f"{plain[: MOST_TITLE - len(str(number)) - 1]}~{number}"
    taken.add(title.casefold())
    return title
