"""The first page: the month as six steps, what needs attention, who is on duty, what was done last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.i18n import N_, _, ngettext
from auditor.workflow import home
from auditor.workflow.deeds import Reader
from auditor.workflow.months import BEIJING, calendar_of

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

_deeds = Reader()


def _neighbours(month: str) -> tuple[str, str]:
    year, number = map(int, month.split("-"))
    before = f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"
    after = f"{year + (number == 12)}-{number % 12 + 1:02d}"
    return before, after


def show_home(visit: Visit) -> Response:
    """Show the month."""
    usual = home.month_at(visit.now)
    month = visit.text("month") or usual
    steps = home.steps(visit.db, month)
    links = _links(steps, month)
    work = visit.desk.jobs.running()
    at_work = OF_JOBS.get(work.kind, "") if work is not None else ""
    if work is not None and at_work:
        links[at_work] = f"/jobs/{work.number}"
        steps = [replace(one, state=home.RUNNING, missing="") if one.key == at_work else one for one in steps]
    today = visit.now.astimezone(BEIJING).date()
    posts, duty = home.duty_ahead(visit.db, today)
    before, after = _neighbours(month)
    return visit.show(
        "home/home.html",
        nav="/",
        month=month,
        usual=usual,
        before=before,
        after=after,
        steps=steps,
        next=home.next_step(steps),
        links=links,
        step_words={key: _(text) for key, text in STEP_WORDS.items()},
        state_words={key: _(text) for key, text in STATE_WORDS.items()},
        attention=_attention(visit, month),
        posts=posts,
        duty=duty,
        today=today,
        deeds=_deeds.last(visit.db),
    )


def _links(steps: Sequence[home.Step], month: str) -> dict[str, str]:
    """Give where each step leads: the register to the staff where only these are missing."""
    facts = next(one.facts for one in steps if one.key == "register")
    return {
        "register": "/people" if facts["units"] and not facts["people"] else "/units",
        "programme": f"/programmes?month={month}", "draw": f"/draws?month={month}",
        "plan": f"/plans?month={month}", "roster": f"/rosters/{month}",
        "calendars": f"/calendars/{month[:4]}?month={month}",
    }  # fmt: skip


def next_of(visit: Visit, keys: Sequence[str]) -> tuple[str, str, str] | None:
    """Give key, word and address of the month's next step where it is one of these."""
    month = home.month_at(visit.now)
    steps = home.steps(visit.db, month)
    step = home.next_step(steps)
    if step is None or step.key not in keys:
        return None
    return step.key, _(STEP_WORDS[step.key]), _links(steps, month)[step.key]


def _attention(visit: Visit, month: str) -> list[tuple[str, str]]:
    """Give what needs attention, each with the page that helps."""
    found: list[tuple[str, str]] = []
    bad = visit.desk.symptoms.bad()
    if bad:
        text = ngettext("{n} thing about the file or this computer is to be mended",
                        "{n} things about the file or this computer are to be mended", bad)  # fmt: skip
        found.append((text.format(n=bad), "/health"))
    if calendar_of(visit.db).provisional(month):
        found.append((_("the holidays of this month are provisional: compare them with the notice"),
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
    """Show what doctor said last; the first time, or when asked to, it looks beside this page."""
    symptoms = visit.desk.symptoms
    found = symptoms.last()
    if visit.flag("again") and (found is None or time.monotonic() - found.clock > SOON_S):
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
