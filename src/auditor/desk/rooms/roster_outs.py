"""What a roster gives out: a sheet to print, Excel, calendars, texts to paste into a chat, hours for pay."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from auditor.desk.rooms.rosters import day_marks, kept_asked, post_tone, state_tags
from auditor.desk.routes import page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.pages.roster_text import month_text, person_text, week_texts
from auditor.pages.roster_views import remark, remarks, weeks
from auditor.tables.writing import csv_bytes
from auditor.workflow.duty import roster_outputs
from auditor.workflow.months import BEIJING, calendar_of, month_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: str | bytes, name: str, media: str) -> Response:
    """Give a file to keep; its name may be Chinese."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-._") else "_" for one in name)
    return Response(
        data,
        media_type=media,
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        },
    )


def show_sheet(visit: Visit) -> Response:
    """Show the month as the sheet that hangs on the wall: one page A4."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    return visit.show(
        "rosters/sheet.html",
        nav="/rosters",
        month=kept.month,
        view=view,
        tags=state_tags(kept),
        posts=[(one, post_tone(one)) for one in view.posts],
        weeks=_weeks(view),
        as_list=visit.text("as") == "list",
        phones=[one for one in view.members if one.phone and view.of(one.id)],
        in_force=kept.in_force,
    )


def _weeks(view: Any) -> list[list[dict[str, Any] | None]]:
    """Give the weeks of a month, each with its seven days; None for days of other months."""
    found = []
    for days in weeks(view.days):
        at = {one.day.weekday(): one for one in days}
        row: list[dict[str, Any] | None] = []
        for number in range(7):
            day = at.get(number)
            row.append(
                None
                if day is None
                else {
                    "day": day.day, "off": day.cls != "work", "marks": day_marks(day),
                    "holiday": day.cls == "holiday", "remark": remark(day), "remarks": remarks(view, day),
                    "posts": [
                        (post, post_tone(post), [one.name for one in view.on(day.day, post.id)])
                        for post in view.posts
                    ],
                }
            )  # fmt: skip
        found.append(row)
    return found


def show_text(visit: Visit) -> Response:
    """Show texts to paste into a chat: the month, a week, a person."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    by_week = week_texts(view)
    person = next((one for one in view.members if one.id == visit.text("person")), None)
    week = visit.text("week")
    if person is not None:
        text, shown = person_text(view, person), "person"
    elif week in by_week:
        text, shown = by_week[week], week
    else:
        text, shown = month_text(view), "month"
    today = visit.now.astimezone(BEIJING).date().isoformat()
    return visit.show(
        "rosters/text.html",
        nav="/rosters",
        month=kept.month,
        text=text,
        lines=min(40, text.count("\n") + 2),
        shown=shown,
        weeks=[(first, date.fromisoformat(first)) for first in by_week],
        this_week=max((first for first in by_week if first <= today), default=""),
        people=[("", _("a person"))] + [(one.id, one.name) for one in view.members],
        person=person.id if person else "",
        in_force=kept.in_force,
    )


FILES = {
    "roster.xlsx": ("xlsx", XLSX), "roster.json": ("json", "application/json"),
    "duty.ics": ("ics", "text/calendar; charset=utf-8"), "hours.csv": ("csv", "text/csv; charset=utf-8"),
    "fairness.svg": ("svg", "image/svg+xml"),
}  # fmt: skip


def give_file(visit: Visit) -> Response:
    """Give one of the month's files."""
    name = visit.of["file"]
    kept = kept_asked(visit)
    if name == "people.zip":
        return _calendars(visit, kept)
    if name not in FILES:
        raise NotFound
    kind, media = FILES[name]
    files = roster_outputs.files_of(visit.db, kept, visit.now, formats=(kind,))
    return download(files[name], f"{kept.month}-{name}", media)


def _calendars(visit: Visit, kept: roster_outputs.Kept) -> Response:
    """Give everybody's own calendar in one archive."""
    files = roster_outputs.files_of(visit.db, kept, visit.now, formats=("ics",))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return download(target.getvalue(), f"{kept.month}-calendars.zip", "application/zip")


def give_calendar(visit: Visit) -> Response:
    """Give one person's calendar of a month."""
    kept = kept_asked(visit)
    who = visit.of["person"]
    if all(row["id"] != who for row in kept.record["people"]):
        raise NotFound
    office = roster_outputs.office_of(visit.db)
    feeds = roster_outputs.calendars_of(office, [kept], visit.now, span=kept.month)
    people = {row["id"] for row in kept.record["people"]} | {
        row["person"] for row in kept.record["assignments"]
    }
    called = roster_outputs.file_names(
        {one: office.called(one) for one in feeds_people(office, kept, people)}
    )
    return download(
        feeds[f"people/{called[who]}.ics"], f"{kept.month}-{office.called(who)}.ics",
        "text/calendar; charset=utf-8",
    )  # fmt: skip


def feeds_people(office: roster_outputs.Office, kept: roster_outputs.Kept, people: set[str]) -> set[str]:
    """Give who has a calendar of a month: everybody of the roster, and who stands by for visits."""
    from auditor.workflow.duty import rosters

    public = rosters.pattern_in_force(office.inspectors, month_of(kept.month, office.days), kept.record)
    return people | set(public)


def _period(visit: Visit) -> tuple[date, date]:
    month = f"{visit.now.astimezone(BEIJING):%Y-%m}"
    of = month_of(month, calendar_of(visit.db))
    first, last = visit.text("from"), visit.text("to")
    try:
        days = (
            date.fromisoformat(first) if first else of.first,
            date.fromisoformat(last) if last else of.last,
        )
    except ValueError as error:
        raise UsageProblem(problem=_("write the first and the last day, like 2026-12-01")) from error
    if days[1] < days[0]:
        raise UsageProblem(problem=_("{last} lies before {first}").format(last=days[1], first=days[0]))
    return days


def show_hours(visit: Visit) -> Response:
    """Show the hours on duty of a period, for those who pay."""
    first, last = _period(visit)
    found = roster_outputs.hours_between(visit.db, first, last)
    rows = roster_outputs.hours_rows(visit.db, found, first, last)
    if visit.text("as") == "csv":
        return download(
            csv_bytes(roster_outputs.hours_titles(), rows),
            f"hours-{first}-{last}.csv",
            "text/csv; charset=utf-8",
        )
    return visit.show(
        "rosters/hours.html",
        nav="/rosters",
        rows=rows,
        first=first,
        last=last,
        left=roster_outputs.drafts_between(visit.db, first, last),
        list=SimpleNamespace(query=visit.query),
    )


ROUTES = (
    page("/rosters/hours", show_hours),
    page("/rosters/{month}/sheet", show_sheet),
    page("/rosters/{month}/text", show_text),
    page("/rosters/{month}/people/{person:path}/duty.ics", give_calendar),
    page("/rosters/{month}/files/{file}", give_file),
)
