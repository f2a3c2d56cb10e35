"""Repairs of a sealed plan: what happened, what would change, its acceptance; what was repaired so far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.looks import dated, part
from auditor.desk.news import news_of, visit_words
from auditor.desk.page_names import name_pages
from auditor.desk.rooms.plans import common, look, plan_of
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, language
from auditor.pages import repair_words
from auditor.pages.words import KIND_WORDS, OUTCOME_WORDS, word
from auditor.store.once import Overtaken
from auditor.workflow import keys, plan_news, plan_views, repair_offers, repairing, units
from auditor.workflow.directed import Sweep
from auditor.workflow.domains import domain_titles
from auditor.workflow.repair_requests import DROPPED_AS, Request, checked

KINDS = {
    "absent": N_("somebody is absent"),
    "drop": N_("a visit falls away"),
    "move": N_("a visit is postponed or moved"),
    "add": N_("a visit is added"),
    "order": N_("an order from above"),
}
"""What may come in between, as the form asks for it."""
FIELDS = (
    "who", "first", "last", "visit", "unit", "outcome", "reason", "approver", "day", "basis", "deadline",
    "unit_kind", "township",
)  # fmt: skip
"""The fields of all these forms, but for the ticked domains and the password."""


def _number(visit: Visit) -> dict[str, Any]:
    """Give the record of a number whose plan is sealed; raises NotFound, UsageProblem."""
    of = plan_of(visit)
    if isinstance(of, str) or of["state"] != "planned" or of.get("abandoned"):
        raise UsageProblem(problem=_("this plan is not sealed or is closed; there is nothing to repair"))
    return dict(of)


def _common(visit: Visit) -> dict[str, Any]:
    record = _number(visit)
    return {
        "nav": "/plans",
        "record": record,
        "at": f"/plans/{part(visit.of['id'])}",
        "needs_password": openings.needs_password(visit),
        "kinds": [(key, _(text)) for key, text in KINDS.items()],
    }


FROM_LINKS = ("visit", "unit", "who", "first", "last", "reason")
"""Fields that a link to the form fills."""


def show_repair(visit: Visit) -> Response:
    """Show the form of what happened."""
    return _form(visit, visit.text("kind", "absent"), {key: visit.text(key) for key in FROM_LINKS})


def _form(visit: Visit, kind: str, values: Mapping[str, str], bad: str = "", status: int = 200) -> Response:
    told = _common(visit)
    if kind not in KINDS:
        kind = "absent"
    record = told["record"]
    first, last = record["facts"]["period"]
    today = f"{visit.now.date():%Y-%m-%d}"
    titles = domain_titles(visit.plugins())
    return visit.show(
        "plans/repair.html",
        status=status,
        **told,
        kind=kind,
        bad=bad,
        values=dict.fromkeys(FIELDS, "")
        | {"first": max(first, today), "last": max(first, today)}
        | {name: value for name, value in values.items() if value},
        period=(first, last),
        people=plan_views.people_of(visit.db, record["number"]),
        visits=_visits(visit, record),
        outcomes=[(key, word(OUTCOME_WORDS, key)) for key in DROPPED_AS],
        domains=[(key, titles.get(key, key)) for key in record["commit"]["spec"]["domains"]],
        unit_kinds=[("", _("all kinds"))] + [(key, _(text)) for key, text in KIND_WORDS.items()],
    )  # fmt: skip


def _visits(visit: Visit, record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the visits to come with what they are called, as far as this browser may see them."""
    seen, _holder = look(visit, record)
    if seen.record is None:
        return []
    today = f"{visit.now.date():%Y-%m-%d}"
    names = plan_views.unit_names(visit.db, {one["unit"] for one in seen.visits})
    return [
        (one["id"], visit_words(one, names))
        for one in sorted(seen.visits, key=lambda one: (one["date"], one["start"], one["id"]))
        if one["date"] >= today and one["id"] not in seen.told and one["id"] not in seen.outcomes
    ]


def send_repair(visit: Visit) -> Response:
    """Work out what would change, as long work."""
    record = _number(visit)
    kind = visit.field("kind")
    try:
        request = checked(_request(visit, kind))
        key = openings.asked_key(visit)
    except AuditorError as error:
        return _form(visit, kind, {name: visit.field(name) for name in FIELDS}, str(error), 400)
    secrets = {"identity": key.identity, "request": json.dumps(asdict(request), ensure_ascii=False)}
    answer = visit.work("repair", {"number": record["number"]}, secrets=secrets)
    return openings.keep(visit, key.identity, answer) if openings.of_visit(visit) is None else answer


def _request(visit: Visit, kind: str) -> Request:
    """Read the form; raises UsageProblem."""
    if kind == "absent":
        who, first = visit.field("who"), day_in(visit.field("first"), _("first day"))
        last = day_in(visit.field("last") or first, _("last day"))
        if not who:
            raise UsageProblem(problem=_("say who is absent"))
        if last < first:
            raise UsageProblem(problem=_("the last day is before the first"))
        return Request(kind=kind, absent=[(who, first, last)])
    if kind == "drop":
        return Request(
            kind=kind,
            drop=[_visit_of(visit)],
            outcome=visit.field("outcome"),
            reason=visit.field("reason"),
        )
    if kind == "move":
        return Request(
            kind=kind,
            move=(_visit_of(visit), day_in(visit.field("day"), _("new day"))),
            reason=visit.field("reason"),
            approver=visit.field("approver"),
        )
    if kind not in KINDS:
        raise NotFound
    wanted = [one.strip() for one in visit.field("unit").replace("；", "\n").replace(";", "\n").splitlines()]
    ordered = [one for one in wanted if one]
    if kind == "order":
        ordered += _units_where(visit)
    if not ordered:
        raise UsageProblem(problem=_("say which units are to be visited"))
    deadline = visit.field("deadline")
    return Request(
        kind=kind,
        sweep=Sweep(
            units=ordered,
            basis=visit.field("basis"),
            deadline=day_in(deadline, _("last day")) if deadline else "",
            domains=tuple(visit.fields("domain")),
        ),
    )


def _visit_of(visit: Visit) -> str:
    found = visit.field("visit")
    if not found:
        raise UsageProblem(problem=_("say which visit: its unit, or choose it"))
    return found


def day_in(text: str, what: str) -> str:
    """Read a day of a form; raises UsageProblem."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageProblem(problem=_("{what}: write a date like 2026-12-01").format(what=what)) from error


def _units_where(visit: Visit) -> list[str]:
    """Give the open units of a kind and township; none where neither is said."""
    where = {"kind": visit.field("unit_kind"), "township": visit.field("township")}
    where = {name: value for name, value in where.items() if value}
    if not where:
        return []
    found = [one.id for one in units.list_units(visit.db, where) if not one.closed]
    if not found:
        raise UsageProblem(problem=_("no open unit is of this kind and township"))
    return found


# what became known since


def note_news(visit: Visit) -> Response:
    """Note that the plan holds, whatever became known."""
    told = common(visit)
    of, seen = told["of"], told["seen"]
    if isinstance(of, str) or seen.record is None:
        raise NotFound
    found = [one for row in news_of(visit, of, seen) for one in row["touched"]]
    with visit.writing() as db:
        plan_news.note(db, of["number"], found, visit.now)
    return visit.go(told["at"], _("noted: the plan holds"))


# the offer


def _offered(visit: Visit, key: keys.Held) -> repair_offers.Offer:
    """Give the last change that was worked out of this plan; raises NoOffer."""
    job = visit.desk.jobs.latest("repair")
    if job is None or str(job.outcome.get("number", "")) != visit.of["id"]:
        raise repair_offers.NoOffer
    return repair_offers.opened(str(job.outcome["sealed"]), key.identity)


def show_offer(visit: Visit) -> Response:
    """Show what would change."""
    told = _common(visit)
    opening = openings.of_visit(visit)
    if opening is None:
        return visit.show("plans/offer.html", **told, offer=None)
    offer = _offered(visit, opening.key)
    titles = domain_titles(visit.plugins())
    return visit.show(
        "plans/offer.html",
        **told,
        offer=offer,
        refused=name_pages(offer.refused.get(language(), "")) if offer.refused else "",
        overtaken=offer.revision != visit.revision,
        kept=offer.revision != visit.revision and _was_kept(visit, offer, opening.key),
        kind=_(KINDS.get(str(offer.request.get("kind")), "")) if offer.request.get("kind") in KINDS else "",
        numbers=[_told(one, titles) for one in offer.told],
    )


def _was_kept(visit: Visit, offer: repair_offers.Offer, key: keys.Held) -> bool:
    """Whether this very change was accepted before."""
    number = int(visit.of["id"])
    kept = repairing.history(visit.db, number, key) if _number(visit).get("repairs") else []
    return bool(offer.told) and all(one in kept for one in offer.told)


def _told(one: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "head": repair_words.head_text(one),
        "rows": repair_words.change_rows(one),
        "notes": repair_words.note_lines(one, titles),
        "tell": repair_words.tell_lines(one),
        "fewer": sum(len(left["visits"]) for left in one["left_out"]),
    }


def open_offer(visit: Visit) -> Response:
    """Open the key for this browser and show the change."""
    key = keys.Held(keys.open_key(visit.db, lambda: visit.field("password")))
    _offered(visit, key)
    return openings.keep(visit, key.identity, visit.go(f"/plans/{part(visit.of['id'])}/offer"))


def accept_offer(visit: Visit) -> Response:
    """Keep the change that was shown; refused where anything was written since."""
    _number(visit)
    opening = openings.of_visit(visit)
    at = f"/plans/{part(visit.of['id'])}"
    if opening is None:
        return visit.go(f"{at}/offer")
    offer = _offered(visit, opening.key)
    if offer.revision != visit.revision:
        raise Overtaken
    with visit.writing() as db:
        repair_offers.accept(db, offer, visit.now, drill=visit.desk.is_drill)
    return visit.go(at, _("the change is kept"))


def again(visit: Visit) -> Response:
    """Work the same change out again, upon what is now."""
    record = _number(visit)
    opening = openings.of_visit(visit)
    if opening is None:
        return visit.go(f"/plans/{part(visit.of['id'])}/offer")
    offer = _offered(visit, opening.key)
    secrets = {"identity": opening.key.identity, "request": json.dumps(offer.request, ensure_ascii=False)}
    return visit.work("repair", {"number": record["number"]}, secrets=secrets)


def show_repairs(visit: Visit) -> Response:
    """Show every repair so far; behind the door."""
    told = _common(visit)
    opening = openings.of_visit(visit)
    titles = domain_titles(visit.plugins())
    found = repairing.history(visit.db, told["record"]["number"], opening.key) if opening is not None else []
    return visit.show(
        "plans/repairs.html",
        **told,
        open=opening is not None,
        entries=[
            {"asked": repair_words.asked_text(one, visit.now, said=dated), **_told(one, titles)}
            for one in reversed(found)
        ],
    )


ROUTES = (
    act("/plans/{id}/noted", note_news),
    page("/plans/{id}/repair", show_repair),
    act("/plans/{id}/repair", send_repair),
    page("/plans/{id}/offer", show_offer),
    act("/plans/{id}/offer", open_offer),
    act("/plans/{id}/offer/accept", accept_offer),
    act("/plans/{id}/offer/again", again),
    page("/plans/{id}/repairs", show_repairs),
)
