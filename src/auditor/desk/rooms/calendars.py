"""The year's days, the days without visits, and the duty calendars to download."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from auditor.calendars.years import Calendar, Span
from auditor.desk.looks import MONTHS_EN, part
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.entities import BLACKOUTS, CalendarDay
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, language
from auditor.pages.words import BLACKOUT_WORDS
from auditor.workflow import past, undoing, years
from auditor.workflow.duty import roster_given, roster_outputs
from auditor.workflow.months import BEIJING, calendar_of
from auditor.workflow.texts import whole_number

FIRST, LAST = 2000, 2099
"""The years that have a page."""

HEADS = {"zh": "一二三四五六日", "en": "MTWTFSS"}
MARKS = {"zh": {"holiday": "休", "work": "班"}, "en": {"holiday": "H", "work": "W"}}
"""What stands beside the number of a day off and of a make-up workday: a tint alone is not seen by all."""


def this_year(visit: Visit) -> Response:
    """Go on to the year of today."""
    return RedirectResponse(f"/calendars/{visit.now.astimezone(BEIJING).year}", 303)


def year_in(text: str) -> int | None:
    """Read a year that has a page; None for anything else."""
    found = whole_number(text) if len(text) == 4 else None
    return found if found is not None and FIRST <= found <= LAST else None


def show_year(visit: Visit) -> Response:
    """Show twelve months, what their days are called, and where that is known from."""
    year, number = visit.of["year"], year_in(visit.of["year"])
    if number is None:
        raise NotFound
    of = calendar_of(visit.db)
    today = visit.now.astimezone(BEIJING).date()
    months = [_month(of, number, month, today) for month in range(1, 13)]
    kept = roster_outputs.kept_months(visit.db)
    published = [month for month, one in kept.items() if one.in_force]
    office = roster_outputs.office_of(visit.db)
    return visit.show(
        "calendars/year.html",
        nav="/calendars",
        year=number,
        first=FIRST,
        last=LAST,
        months=months,
        heads=list(HEADS[language()]),
        marks=MARKS[language()],
        listed=[one for one in years.named_days(of) if one.first.year == number],
        periods=_touching(of.periods, number),
        terms=_touching(of.terms, number),
        pauses=_touching(of.pauses, number),
        sources=_sources(of, number),
        provisional=any(of.provisional(f"{number}-{month:02d}") for month in range(1, 13)),
        own=years.own_of(visit.db, number),
        undo=undoing.undoable_of(visit.db, years.IMPORT),
        undo_blackouts=undoing.undoable_of(visit.db, "blackouts import"),
        blackouts=[one for one in past.list_blackouts(visit.db) if _in_year(one, year)],
        kinds=[(key, _(text)) for key, text in BLACKOUT_WORDS.items()],
        why={key: _(text) for key, text in BLACKOUT_WORDS.items()},
        published=published,
        drafts=[month for month in kept if month not in published],
        people=_people(office, [kept[month] for month in published]),
        today=today,
    )


def _month(of: Calendar, year: int, month: int, today: date) -> dict[str, Any]:
    """Put a month into weeks from Monday to Sunday; None where a week has days of another month."""
    days = of.days_of(f"{year}-{month:02d}")
    cells: list[dict[str, Any] | None] = [None] * days[0].day.weekday()
    cells += [_cell(one, today) for one in days]
    cells += [None] * (-len(cells) % 7)
    name = f"{month}月" if language() == "zh" else MONTHS_EN[month - 1]
    return {"name": name, "key": f"{year}-{month:02d}",
            "weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)]}  # fmt: skip


def _cell(one: CalendarDay, today: date) -> dict[str, Any]:
    made_up = one.cls == "work" and one.day.weekday() >= 5
    kinds = ["holiday"] if one.cls == "holiday" else ["made-up"] if made_up else []
    kinds += ["rest"] if one.cls == "weekend" else []
    kinds += ["key-period"] if one.key_period else []
    kinds += ["today"] if one.day == today else []
    told = [one.name, one.key_period, "" if one.in_term else _("no lessons"), _("today") if one.day == today
            else ""]  # fmt: skip
    return {
        "n": one.day.day,
        "kinds": " ".join(kinds),
        "mark": "holiday" if one.cls == "holiday" else "work" if made_up else "",
        "told": ("，" if language() == "zh" else ", ").join(dict.fromkeys(filter(None, told))),
    }


def _touching(spans: tuple[Span, ...], year: int) -> list[Span]:
    return [one for one in spans if one.first.year <= year <= one.last.year]


def _sources(of: Calendar, year: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for month in range(1, 13):
        found += [one for one in of.sources(f"{year}-{month:02d}") if one["source"] and one not in found]
    return found


def _in_year(one: dict[str, Any], year: str) -> bool:
    return str(one["from"])[:4] <= year <= str(one["to"])[:4]


def _people(office: roster_outputs.Office, several: list[roster_outputs.Kept]) -> list[tuple[str, str]]:
    """Give who has a calendar of his own: id and name."""
    ids = {row["id"] for one in several for row in one.record["people"]}
    return sorted(((one, office.called(one)) for one in ids), key=lambda row: row[0])


class NotPublished(AuditorError):
    """No roster is in force."""

    sentence = N_("no roster is published yet; publish a month's roster, then its calendar can be had")


def _in_force(visit: Visit) -> list[roster_outputs.Kept]:
    several = [one for one in roster_outputs.kept_months(visit.db).values() if one.in_force]
    if not several:
        raise NotPublished
    return several


def _feeds(visit: Visit, several: list[roster_outputs.Kept]) -> dict[str, bytes]:
    return roster_outputs.calendars_of(roster_outputs.office_of(visit.db), several, visit.now)


def office_feed(visit: Visit) -> Response:
    """Give the office's calendar of all published months."""
    return visit.give(_feeds(visit, _in_force(visit))["duty.ics"], "duty.ics", "text/calendar")


def person_feed(visit: Visit) -> Response:
    """Give one person's calendar."""
    office, several = roster_outputs.office_of(visit.db), _in_force(visit)
    files = roster_outputs.calendars_of(office, several, visit.now, only=visit.of["id"])
    called = roster_outputs.file_names(dict(_people(office, several)))
    name = called.get(visit.of["id"])
    if name is None or f"people/{name}.ics" not in files:
        raise NotFound
    return visit.give(files[f"people/{name}.ics"], f"{name}.ics", "text/calendar")


def all_feeds(visit: Visit) -> Response:
    """Give every calendar in one archive, and note that they went out."""
    several = _in_force(visit)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _feeds(visit, several).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    revisions = {one.month: one.revision for one in several}
    with visit.noting() as db:
        roster_given.note_given(db, revisions, visit.now)
    return visit.give(target.getvalue(), "calendars.zip", "application/zip")


def add_blackout(visit: Visit) -> Response:
    """Keep days without visits."""
    days = [_day(visit.field(name), word) for name, word in (("from", _("first day")), ("to", _("last day")))]
    first = days[0]
    if first is None:
        raise UsageProblem(problem=_("from which day? Choose one"))
    kind = visit.field("kind") if visit.field("kind") in BLACKOUTS else "other"
    with visit.writing() as db:
        made = past.add_blackout(
            db, visit.field("scope"), first, days[1] or first, kind, visit.field("reason"), visit.now
        )
    return visit.go(f"/calendars/{made.from_on.year}#blackouts", _("kept: no visits on these days"))


def _day(text: str, word: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageProblem(
            problem=_("{field}: {day} is no day; write it like 2026-12-01").format(field=word, day=text[:40])
        ) from error


def drop_blackout(visit: Visit) -> Response:
    """Take such days away again."""
    first = _day(visit.field("from"), _("from"))
    if first is None:
        raise NotFound
    with visit.writing() as db:
        gone = past.drop_blackout(db, visit.field("scope"), first, visit.now)
    return visit.go(
        f"/calendars/{part(first.year)}#blackouts", _("taken away") if gone else _("nothing changed")
    )


ROUTES = (
    page("/calendars", this_year),
    page("/calendars/duty.ics", office_feed),
    act("/calendars/calendars.zip", all_feeds),
    page("/calendars/people/{id:path}", person_feed),
    page("/calendars/{year}", show_year),
    act("/calendars/blackouts", add_blackout),
    act("/calendars/blackouts/drop", drop_blackout),
)
