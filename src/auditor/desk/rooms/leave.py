"""Leave: the list, a new one by form, days taken back, and requests that wait for an answer."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk.looks import day_words, query
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.duty_words import HALF_WORDS, LEAVE_KIND_WORDS, LEAVE_STATE_WORDS, WHERE_WORDS
from auditor.pages.words import month_or, word
from auditor.workflow import leave_lists as step
from auditor.workflow.duty import leave_back, leave_requests
from auditor.workflow.months import BEIJING
from auditor.workflow.people import names

A_PAGE = 50
WHEN_WORDS = {"now": N_("away now"), "coming": N_("to come"), "past": N_("over")}
TONES = {"now": "running", "coming": "ready", "past": "todo"}


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return one | {
        "half_word": _(HALF_WORDS[one["half"]]) if one["half"] else "",
        "kind_word": word(LEAVE_KIND_WORDS, one["kind"]) if one["kind"] else "",
        "when_word": _(WHEN_WORDS[one["when"]]),
        "tone": TONES[one["when"]],
        "url": "/leave/one" + query({"person": one["person"], "from": one["from"], "to": one["to"]}),
    }


def show_leave(visit: Visit) -> Response:
    """Show one page of the list, and the requests that wait."""
    today = visit.now.astimezone(BEIJING).date()
    text, sort, when = visit.text("q"), visit.text("sort"), visit.text("when")
    if sort.removeprefix("-") not in step.SORTS:
        sort = ""
    limit = min(visit.number("limit", A_PAGE), 500) or A_PAGE
    offset = visit.number("offset")
    search = step.Search(
        text=text, when=when, sort=sort or "when", limit=limit, offset=offset, today=today,
        person=visit.text("person"),
    )  # fmt: skip
    rows, count = step.find_leave(visit.db, search)
    whole = step.find_leave(visit.db, step.Search(limit=0, today=today))[1]
    waiting = [
        one | {"kind_word": word(LEAVE_KIND_WORDS, one["kind"])}
        for one in leave_requests.requests(visit.db)
        if one["state"] == "asked"
    ]
    return visit.show(
        "leave/list.html",
        nav="/leave",
        rows=[_row(one) for one in rows],
        waiting=waiting,
        list=SimpleNamespace(
            text=text, sort=sort, when=when, count=count, limit=limit, offset=offset, whole=whole,
            query=visit.query, narrowed=bool(text or when or visit.text("person")),
        ),
        many=ngettext("{n} leave", "{n} leaves", whole).format(n=whole),
        whens=[
            ("", _("all leave")), ("open", _("not over yet")), ("now", _("away now")),
            ("coming", _("to come")), ("past", _("over")),
        ],
    )  # fmt: skip


def new_leave(visit: Visit) -> Response:
    """Show the form."""
    known = names(visit.db)
    who = visit.text("person")
    return visit.show(
        "leave/new.html",
        nav="/leave",
        who=who,
        first=visit.text("from"),
        last=visit.text("to"),
        people=sorted(known.items(), key=lambda one: one[1]),
        halves=[("", _("whole days"))] + [(key, _(text)) for key, text in HALF_WORDS.items()],
    )


def save_new(visit: Visit) -> Response:
    """Note a leave."""
    with visit.writing() as db:
        made, stands, against = step.add_leave(
            db,
            visit.field("who"),
            visit.field("first"),
            visit.field("last"),
            half=visit.field("half"),
            kind=visit.field("kind"),
            now=visit.now,
        )
        name = names(db)[made.person]
    said = _("{name} is away from {first} to {last}").format(
        name=name, first=day_words(made.from_on, year=True), last=day_words(made.to_on, year=True)
    )
    if stands != made:
        said = _("{done}; joined with leave that was noted before: now {first} to {last}").format(
            done=said, first=day_words(stands.from_on, year=True), last=day_words(stands.to_on, year=True)
        )
    if against:
        said = _("{done}. To be looked at: {what}").format(done=said, what=listed(against))
    return visit.go("/leave", said)


def _one(visit: Visit, person: str, first: str, last: str) -> dict[str, Any]:
    today = visit.now.astimezone(BEIJING).date()
    rows, _count = step.find_leave(visit.db, step.Search(person=person, today=today))
    found = next((one for one in rows if (one["from"], one["to"]) == (first, last)), None)
    if found is None or not person:
        raise NotFound
    return _row(found)


def show_one(visit: Visit) -> Response:
    """Show one leave, what stands against it, and the way back."""
    one = _one(visit, visit.text("person"), visit.text("from"), visit.text("to"))
    request = step.request_on(visit.db, one["person"], one["from"], one["to"])
    return visit.show("leave/one.html", nav="/leave", one=one, request=request)


def show_request(visit: Visit) -> Response:
    """Show one request: who, when, who acts meanwhile, what stands against it while it waits."""
    request = step.request_named(visit.db, visit.of["id"])
    if request is None:
        raise NotFound
    waits = request["state"] == "asked"
    return visit.show(
        "leave/request.html",
        nav="/leave",
        one=request,
        kind_word=word(LEAVE_KIND_WORDS, request["kind"]),
        half_word=word(HALF_WORDS, request["half"]) if request["half"] else "",
        where_word=word(WHERE_WORDS, request["where"]),
        state=(word(LEAVE_STATE_WORDS, request["state"]), "ready" if waits else "todo"),
        waits=waits,
        against=leave_requests.clashes(visit.db, request) if waits else [],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(problem=_("{day} is no day; write it like 2026-12-01").format(day=text)) from error


def take_back(visit: Visit) -> Response:
    """Take days back, by the request where there is one."""
    person = visit.field("person")
    first, last = _day(visit.field("first")), _day(visit.field("last"))
    request = step.request_on(visit.db, person, first.isoformat(), last.isoformat())
    with visit.writing() as db:
        if request is not None:
            _request, said = leave_requests.come_back(db, request["id"], first, visit.now)
        else:
            done = leave_back.take_back(db, person, first, last, visit.now)
            said = _("{name} has no leave from {first} to {last} any more").format(
                name=done.name, first=day_words(first, year=True), last=day_words(last, year=True)
            )
            if done.months:
                said = _("{done}. The roster of {months} takes it in when it is repaired.").format(
                    done=said, months=listed(map(month_or, done.months))
                )
    return visit.go("/leave", said)


def decide(visit: Visit) -> Response:
    """Answer a request."""
    with visit.writing() as db:
        request, against = leave_requests.decide(
            db,
            visit.field("request"),
            agreed=visit.field("agreed") == "1",
            by=visit.field("by"),
            note=visit.field("note"),
            now=visit.now,
        )
    text = (
        _("{name}: the request is agreed to") if visit.field("agreed") == "1" else _("{name}: not agreed to")
    )
    said = text.format(name=request["name"])
    if against:
        said = _("{done}. To be looked at: {what}").format(done=said, what=listed(against))
    return visit.go("/leave", said)


ROUTES = (
    page("/leave", show_leave),
    page("/leave/new", new_leave),
    act("/leave/new", save_new),
    page("/leave/one", show_one),
    act("/leave/back", take_back),
    page("/leave/requests/{id}", show_request),
    act("/leave/decide", decide),
)
