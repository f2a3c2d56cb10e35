"""The first page: the month as six steps, what needs attention, who is on duty, what was done last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.rooms.rosters import clashes_of
from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.errors import AuditorError
from auditor.i18n import N_, _, ngettext
from auditor.workflow import home, visit_days
from auditor.workflow.deeds import Reader
from auditor.workflow.duty import roster_outputs
from auditor.workflow.months import calendar_of
from auditor.workflow.visit_days import Due

STEP_WORDS = {
    "register": N_("Update the register"), "programme": N_("Programme"), "draw": N_("Draw"),
    "plan": N_("Plan visits"), "roster": N_("Duty roster"), "calendars": N_("Calendars and print"),
}  # fmt: skip
STATE_WORDS = {
    home.WAITS: N_("waits"), home.READY: N_("ready"), home.RUNNING: N_("running"), home.DONE: N_("done"),
    home.STALE: N_("out of date"),
}  # fmt: skip
OF_JOBS = {"plan": "plan", "roster": "roster", "county": "register", "imports": "register",
           "freeze": "draw", "draw_run": "draw", "draw_close": "draw"}  # fmt: skip
"""Which step a kind of work belongs to."""

SOON_S = 20.0
"""What doctor found is new for so long."""
FRESH_S = 60.0
"""So old may a look be that is shown to whoever opens the page."""

_deeds = Reader()


def _neighbours(month: str) -> tuple[str, str]:
    year, number = map(int, month.split("-"))
    before = f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"
    after = f"{year + (number == 12)}-{number % 12 + 1:02d}"
    return before, after


def _steps(visit: Visit, month: str, today: date) -> list[home.Step]:
    """Give the steps; a roster that is given out and clashes with what became known is out of date."""
    steps = home.steps(visit.db, month, today)
    kept = roster_outputs.kept_month(visit.db, month)
    if kept is None or not kept.in_force:
        return steps
    count = len(clashes_of(visit, kept))
    if not count:
        return steps
    told = ngettext(
        "{n} duty clashes with what changed since", "{n} duties clash with what changed since", count
    )
    late = home.Step(key="roster", state=home.STALE, missing=told, facts={"n": count})
    return [late if one.key == "roster" else one for one in steps]


def show_home(visit: Visit) -> Response:
    """Show the month."""
    usual = home.month_at(visit.now)
    month = visit.text("month") or usual
    today = visit.now.date()
    steps = _steps(visit, month, today)
    links = _links(steps, month)
    work = visit.desk.jobs.running()
    at_work = OF_JOBS.get(work.kind, "") if work is not None else ""
    if work is not None and at_work:
        links[at_work] = f"/jobs/{work.number}"
        steps = [replace(one, state=home.RUNNING, missing="") if one.key == at_work else one for one in steps]
    following = home.next_step(steps)
    posts, duty = home.duty_ahead(visit.db, today)
    due = due_of(visit)
    before, after = _neighbours(month)
    return visit.show(
        "home/home.html",
        nav="/",
        month=month,
        usual=usual,
        before=before,
        after=after,
        steps=steps,
        next=following,
        next_word=_step_word(following) if following else "",
        links=links,
        step_words={key: _(text) for key, text in STEP_WORDS.items()},
        state_word=_state_word,
        releases=_releases(due, today),
        attention=[*_of_visits(due, today), *_attention(visit, month)],
        posts=posts,
        duty=duty,
        today=today,
        deeds=_deeds.last(visit.db),
    )


def _state_word(step: home.Step) -> str:
    """Say how far a step is; a sealed plan is not made anew for news that may not touch it."""
    return _("changed since") if _to_look_at(step) else _(STATE_WORDS[step.state])


def _step_word(step: home.Step) -> str:
    """Say what is to be done next."""
    return _("See what changed") if _to_look_at(step) else _(STEP_WORDS[step.key])


def _to_look_at(step: home.Step) -> bool:
    return step.key == "plan" and step.state == home.STALE


def _links(steps: Sequence[home.Step], month: str) -> dict[str, str]:
    """Give where each step leads: the register to the staff where only these are missing."""
    facts = next(one.facts for one in steps if one.key == "register")
    plan = next(one for one in steps if one.key == "plan")
    stale = plan.state == home.STALE
    return {
        "register": "/people" if facts["units"] and not facts["people"] else "/units",
        "programme": f"/programmes?month={month}", "draw": f"/draws?month={month}",
        "plan": f"/plans/{plan.facts['number']}" if stale else f"/plans?month={month}",
        "roster": f"/rosters/{month}",
        "calendars": f"/calendars/{month[:4]}?month={month}",
    }  # fmt: skip


def next_of(visit: Visit, keys: Sequence[str]) -> tuple[str, str, str] | None:
    """Give key, word and address of the month's next step where it is one of these."""
    month = home.month_at(visit.now)
    steps = _steps(visit, month, visit.now.date())
    step = home.next_step(steps)
    if step is None or step.key not in keys:
        return None
    return step.key, _step_word(step), _links(steps, month)[step.key]


def due_of(visit: Visit) -> list[Due]:
    """Give what numbers with a sealed plan wait for, as far as this browser may know."""
    mark = ("due", visit.revision, visit.now.date())
    own = openings.of_visit(visit)
    if own is not None:
        key = own.key
        with suppress(AuditorError):  # what is damaged is said on the plan's own page
            return own.made(mark, lambda: visit_days.due(visit.db, visit.now, key))
    public = openings.of_desk(visit.desk).public
    return public.made(mark, lambda: visit_days.due(visit.db, visit.now, None))


def _releases(due: Sequence[Due], today: date) -> list[tuple[str, str]]:
    """Give the numbers whose visits of today are to be released, or may be, each with the page of the day."""
    found = []
    for one in due:
        facts = {"number": one.number, "n": one.today.due if one.today is not None else 0}
        if facts["n"]:
            text = ngettext(
                "No. {number}: {n} visit of today is to be released.",
                "No. {number}: {n} visits of today are to be released.",
                facts["n"],
            )
        elif one.unknown:
            text = _("No. {number}: visits of today, if there are any, are released with the planning key.")
        else:
            continue
        found.append((text.format(**facts), f"/plans/{one.number}/days/{today}"))
    return found


def _of_visits(due: Sequence[Due], today: date) -> list[tuple[str, str]]:
    """Give what is open of released and past visits, each with the page where it is done."""
    found: list[tuple[str, str]] = []
    for one in due:
        if one.today is not None and one.today.told and one.today.open:
            text = ngettext(
                "no. {number}: {n} visit of today is released: sheets and outcomes",
                "no. {number}: {n} visits of today are released: sheets and outcomes",
                one.today.told,
            )
            told = text.format(number=one.number, n=one.today.told)
            found.append((told, f"/plans/{one.number}/days/{today}"))
        if one.open:
            text = ngettext(
                "no. {number}: of {n} visit of past days nobody has said what became",
                "no. {number}: of {n} visits of past days nobody has said what became",
                one.open,
            )
            told = text.format(number=one.number, n=one.open)
            found.append((told, f"/plans/{one.number}/days/{one.past[0].day}"))
        if one.over:
            told = _("no. {number}: all its days are past; it is due to be closed and published")
            found.append((told.format(number=one.number), f"/draws/{one.number}"))
    return found


def _attention(visit: Visit, month: str) -> list[tuple[str, str]]:
    """Give what needs attention, each with the page that helps."""
    found: list[tuple[str, str]] = []
    bad = visit.desk.symptoms.bad()
    if bad:
        text = ngettext("{n} thing about the file or this computer is to be mended",
                        "{n} things about the file or this computer are to be mended", bad)  # fmt: skip
        found.append((text.format(n=bad), "/health"))
    if calendar_of(visit.db).provisional(month):
        found.append((_("some days of this month have no official notice of holidays yet"),
                      f"/calendars/{month[:4]}"))  # fmt: skip
    failed = len(visit.plugins().failed)
    if failed:
        text = ngettext("{n} domain could not be loaded", "{n} domains could not be loaded", failed)
        found.append((text.format(n=failed), "/domains"))
    missing = home.without_point(visit.db)
    if missing:
        text = ngettext("{n} unit has no point on the map", "{n} units have no point on the map", missing)
        found.append((text.format(n=missing), "/units?open=nopoint"))
    return found


def show_health(visit: Visit) -> Response:
    """Show what doctor said a moment ago; else it looks beside this page, which asks again."""
    symptoms = visit.desk.symptoms
    found = symptoms.last()
    old_s = SOON_S if visit.flag("again") else FRESH_S
    if found is not None and time.monotonic() - found.clock > old_s:
        found = None
    if found is None:
        symptoms.begin()
    return visit.show(
        "home/health.html",
        look=found,
        good=found is not None and all(one["ok"] for one in found.rows),
        file=visit.desk.places.db,
    )


def quit_desk(visit: Visit) -> Response:
    """End the desk."""
    answer = visit.show("home/quit.html", bare=True)
    visit.desk.stop = True
    answer.delete_cookie(visit.desk.door.cookie_name, path="/")
    return answer


ROUTES = (page("/", show_home), page("/health", show_health), act("/quit", quit_desk))
