"""A year dropped as a file: what it changes day by day; kept, taken back, taken away."""

from __future__ import annotations

from typing import Any

from starlette.responses import FileResponse, Response

from auditor.desk import apart
from auditor.desk.jobs import DONE, RUNNING, Job
from auditor.desk.places import read_json
from auditor.desk.rooms.calendars import year_in
from auditor.desk.rooms.imports import applied, begin, for_pages, texts_of
from auditor.desk.routes import act, page
from auditor.desk.tasks.imports import result_file
from auditor.desk.visit import NotFound, Visit
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, language, ngettext
from auditor.register.year_days import KIND_WORDS
from auditor.workflow import undoing
from auditor.workflow import years as step
from auditor.workflow.texts import whole_number

KIND = "years"
KEPT = ("file", "name", "standing", "source", "whole", "kind")
STANDINGS = {
    "": N_("as the file says"), "official": N_("official: the notice is out"),
    "provisional": N_("provisional"),
}  # fmt: skip
KINDS = {
    "holiday": N_("day off"), "work": N_("make-up workday"), "plain": N_("as the week has it"),
    "period": N_("key period"), "term": N_("term"), "pause": N_("no lessons"),
}  # fmt: skip
MADE_PAGES = {"roster": "/rosters/", "plan": "/plans/", "draw": "/draws/"}


def drop(visit: Visit) -> Response:
    """Take a file, have it read apart, and go to what it would change."""
    upload = visit.file("file")
    if upload is None:
        raise UsageProblem(problem=_("no file was chosen; choose one, or drop it on the dashed line"))
    return _read(visit, {"file": str(upload.path), "name": upload.name})


def _read(visit: Visit, asked: dict[str, Any], said: str = "") -> Response:
    number = begin(visit, KIND, {key: asked[key] for key in KEPT if asked.get(key)})
    return visit.go(f"/calendars/files/{number}", said)


def show(visit: Visit) -> Response:
    """Show what a file would change, or that it was kept."""
    job = visit.job(KIND)
    if job.arguments.get("apply"):
        return visit.go(f"/calendars/files/{job.arguments['preview']}")
    later = applied(visit, job)
    busy = later if later is not None and later.state == RUNNING else job if job.state == RUNNING else None
    values: dict[str, Any] = {"nav": "/calendars", "job": job, "name": job.arguments["name"]}
    if busy is not None:
        return visit.show("calendars/reading.html", busy=busy, **values)
    if later is not None:
        return visit.show(
            "calendars/kept.html", applied=later, years=later.outcome.get("years", []), **values
        )
    result = read_json(result_file(job.arguments, job.number))
    found = texts_of(result)
    if job.state != DONE or found is None:
        said = result.get("refused", {})
        text = str(said.get(language()) or next(iter(said.values()), "") or job.error)
        text = for_pages(text) or _("The file was not read to its end; nothing was kept. Drop it again.")
        return visit.show("calendars/refused.html", text=text, **values)
    standing = job.arguments.get("standing", "")
    return visit.show(
        "calendars/file.html",
        found=found,
        fits=_fits(found),
        asked={key: job.arguments.get(key, "") for key in KEPT} | {"standing": standing},
        standings=[(key, _(text)) for key, text in STANDINGS.items()],
        kinds=[("", _("as the file says")), *((key, _(KINDS[key])) for key in KIND_WORDS)],
        pages=MADE_PAGES,
        notes=[for_pages(note) for note in found["notes"]],
        years=sorted({one["from"][:4] for one in found["lines"]}),
        **values,
    )


def _fits(found: dict[str, Any]) -> bool:
    """Whether there is anything to keep."""
    return not found["faults"] and bool(found["years"]) and not found["stands"]


def _asked(visit: Visit, job: Job) -> dict[str, Any]:
    """Give how the file is to be read by what the form says."""
    said = {
        "standing": visit.field("standing") if visit.field("standing") in STANDINGS else "",
        "source": visit.field("source")[:200],
        "whole": visit.field("whole") == "1",
        "kind": visit.field("kind") if visit.field("kind") in KINDS else "",
    }
    kept = {"file": job.arguments["file"], "name": job.arguments["name"]}
    return kept | {key: value for key, value in said.items() if value}


def look_again(visit: Visit) -> Response:
    """Read the file anew, otherwise."""
    return _read(visit, _asked(visit, visit.job(KIND)))


def apply(visit: Visit) -> Response:
    """Keep the days, unless the bureau differs from what was shown."""
    job: Job = visit.job(KIND)
    if job.arguments.get("apply"):
        raise NotFound
    here = f"/calendars/files/{job.number}"
    if applied(visit, job) is not None:
        return visit.go(here, _("this file is imported already; nothing was done twice"))
    result = read_json(result_file(job.arguments, job.number))
    found = texts_of(result)
    if found is None or not _fits(found):
        return visit.go(here, _("there is nothing to import in this file as it stands"))
    asked = _asked(visit, job)
    if any(asked.get(key) != job.arguments.get(key) for key in KEPT):
        return _read(visit, asked, _("Something was chosen anew: look at what changes, then keep it."))
    if result.get("revision") != visit.revision:
        text = _("Something else was changed meanwhile: this is what it changes now.")
        return _read(visit, dict(job.arguments), text)
    ended = visit.desk.jobs.job(begin(visit, KIND, {**job.arguments, "apply": True, "preview": job.number}))
    if ended is not None and ended.state not in (RUNNING, DONE):
        return visit.go(here, ended.error or _("it ended early; nothing was kept"))
    if ended is not None and ended.state == DONE:
        return visit.go(f"{ended.outcome['go']}#own", ended.told)
    return visit.go(here)


def undo(visit: Visit) -> Response:
    """Take the latest import back."""
    entry = whole_number(visit.field("entry"))
    with visit.writing() as db:
        undoing.take_back(db, -1 if entry is None else entry, visit.now)
    year = year_in(visit.field("year"))
    return visit.go("/calendars" if year is None else f"/calendars/{year}", _("taken back"))


def drop_year(visit: Visit) -> Response:
    """Take away all that was imported of a year."""
    year = year_in(visit.of["year"])
    if year is None:
        raise NotFound
    with visit.writing() as db:
        told = step.drop_year(db, year, visit.now)
    text = ngettext("taken away; {n} day changes", "taken away; {n} days change", told.days)
    return visit.go(f"/calendars/{year}", text.format(n=told.days))


def form_file(visit: Visit) -> Response:
    """Give an empty form for the days of a year."""
    target = visit.desk.places.upload("form-year.xlsx")
    apart.make(visit, "form", target, {"list": "calendars"})
    return FileResponse(target, filename=f"{_('days of the year')}.xlsx")


ROUTES = (
    page("/calendars/form.xlsx", form_file),
    act("/calendars/files", drop),
    page("/calendars/files/{number}", show),
    act("/calendars/files/{number}/look", look_again),
    act("/calendars/files/{number}/apply", apply),
    act("/calendars/undo", undo),
    act("/calendars/{year}/drop", drop_year),
)
