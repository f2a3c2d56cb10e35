"""The days of a plan: what is released on its day, the sheets that follow, and what became of each visit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.rooms.plans import common, sight_of, under_way, waits_today
from auditor.desk.rooms.repairs import day_in
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, ngettext
from auditor.pages.words import OUTCOME_WORDS, word
from auditor.store.once import AlreadyDone, Overtaken
from auditor.workflow import draw_views, keys, releasing, visit_days
from auditor.workflow.door import Seen
from auditor.workflow.visit_days import Noted

OUTCOME, WHY, DAY, WHO = "as-", "why-", "day-", "who-"
"""How the fields of a visit begin: what became of it, why, its other day, its other team."""

REFUSALS: dict[type[AuditorError], str] = {
    releasing.NeedsReason: N_("say why it was: {outcome}"),
    releasing.NeedsDay: N_("say which day it really had"),
    releasing.MovedAhead: N_(
        "{day} is still to come; a visit to come is moved by “Something came in between”"
    ),
    releasing.SeenAhead: N_("{day} is still to come; that can be said from its day on"),
}
"""What the form says where the command line names its options."""


def show_days(visit: Visit) -> Response:
    """Show the days of a plan as far as they may be seen, and what is still open of each."""
    told = common(visit)
    seen: Seen = told["seen"]
    rows = visit_days.day_rows(seen)
    today = visit.now.date()
    return visit.show(
        "plans/days.html",
        **told,
        rows=rows,
        today=today,
        open=seen.record is not None,
        sealed=seen.state == "planned",
        noting=under_way(told["of"], seen),
        waits=waits_today(visit, told["of"], seen),
        past=sum(one.open for one in rows if one.day < today),
    )


def show_day(visit: Visit) -> Response:
    """Show one day: its sorties, what is to be released, what became of its visits."""
    return day_page(visit)


def asked_day(visit: Visit) -> date:
    """Give the day that the address names; raises NotFound."""
    try:
        return date.fromisoformat(visit.of["day"])
    except ValueError:
        raise NotFound from None


def day_page(
    visit: Visit,
    said_bad: str = "",
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
) -> Response:
    """Show one day; `typed` is what a form that was refused said, `wrong` the visit it was refused for."""
    told = common(visit)
    seen: Seen = told["seen"]
    day, today = asked_day(visit), visit.now.date()
    sorties = sight_of(visit, seen, told["holder"]).on(day)
    rows = visit_days.day_rows(seen)
    row = next((one for one in rows if one.day == day), None)
    stands = visit_days.noted(visit.db, seen) if seen.state == "planned" else {}
    ids = {stop.id for one in sorties for stop in one.stops}
    waits = day == today and waits_today(visit, told["of"], seen)
    may = frozenset() if waits else _may_note(visit, told["of"], seen) & ids
    days = [one.day for one in rows]
    values = {name: value for one in sorted(may) for name, value in _fields(one, stands[one]).items()}
    return visit.show(
        "plans/day.html",
        status=status,
        **told,
        day=day,
        today=today,
        sorties=sorties,
        sortie_team={stop.id: ", ".join(one.team) for one in sorties for stop in one.stops},
        row=row,
        sums=_sums(row, seen, day <= today),
        said_bad=said_bad,
        wrong=wrong,
        may=may,
        was=values,
        values={**values, **{name: value for name, value in (typed or {}).items() if name in values}},
        choices=[(key, word(OUTCOME_WORDS, key)) for key in visit_days.CHOICES],
        may_stand_in=may & visit_days.may_stand_in(told["of"], seen, today) if may else frozenset(),
        waits=waits,
        open=seen.record is not None,
        sealed=seen.state == "planned",
        needs_password=openings.needs_password(visit),
        before=max((one for one in days if one < day), default=None),
        after=min((one for one in days if one > day), default=None),
    )


def _sums(row: visit_days.DayRow | None, seen: Seen, begun: bool) -> list[tuple[str, str, str]]:
    """Give the day's figures: visits, released, still open."""
    if row is None:
        return []
    found = [(str(row.visits), ngettext("visit on this day", "visits on this day", row.visits), "")]
    if seen.state == "planned":
        found.append((str(row.told), _("released"), ""))
        if begun:
            found.append((str(row.open), _("without an outcome"), "stale" if row.open else ""))
    return found


def _may_note(visit: Visit, of: Mapping[str, Any] | str, seen: Seen) -> frozenset[str]:
    return frozenset() if isinstance(of, str) else visit_days.may_note(of, seen, visit.now.date())


def _fields(visit_id: str, one: Noted) -> dict[str, str]:
    """Give what the form shows of a visit."""
    return {
        OUTCOME + visit_id: one.outcome,
        WHY + visit_id: one.reason,
        DAY + visit_id: one.day,
        WHO + visit_id: one.team,
    }


# release


def release(visit: Visit) -> Response:
    """Release today's visits, and go on to the sheets."""
    told = common(visit)
    day = asked_day(visit)
    if isinstance(told["of"], str):
        raise NotFound
    number = told["of"]["number"]
    try:
        key = openings.asked_key(visit)
        with visit.writing() as db:
            count = visit_days.release_day(db, number, day, key, visit.now, drill=visit.desk.is_drill)
    except (AlreadyDone, Overtaken):
        raise
    except AuditorError as error:
        return day_page(visit, str(error), 400)
    if not count:
        return visit.go(f"{told['at']}/days/{day}", releasing.nothing_to_release(visit.db))
    text = ngettext(
        "{n} visit of today is released: print the sheets for the teams",
        "{n} visits of today are released: print the sheets for the teams",
        count,
    )
    return visit.go(f"{told['at']}/sheets?day={day}", text.format(n=count))


# outcomes


def note(visit: Visit) -> Response:
    """Keep what became of the visits of a day, all that the form changed or nothing."""
    told = common(visit)
    seen: Seen = told["seen"]
    day = asked_day(visit)
    if isinstance(told["of"], str):
        raise NotFound
    stands = visit_days.noted(visit.db, seen)
    may = _may_note(visit, told["of"], seen)
    asked = set(visit.names(OUTCOME))
    if any(visit.field(OUTCOME + one) != visit.was().get(OUTCOME + one, "") for one in asked - set(stands)):
        return day_page(visit, _("the plan was locked meanwhile: open it, then say it again"), 400)
    now: dict[str, str] = {}
    yours: dict[str, str] = {}
    for one in sorted(asked & set(stands)):
        now |= _fields(one, stands[one])
        yours |= {name: visit.field(name) for name in _fields(one, stands[one])}
        if visit.field("rest") == "done" and not stands[one].outcome and not yours[OUTCOME + one]:
            yours[OUTCOME + one] = "done"
    changed, clash = visit.changed(now, yours)
    if clash:
        names = _unit_names(visit, told)
        return visit.ask_stale(
            [_differs(names, name, yours, now) for name in clash],
            back=f"{told['at']}/days/{day}",
            nav="/plans",
        )
    touched = sorted({name.partition("-")[2] for name in changed if yours[name] != now[name]})
    if not touched:
        return visit.go(f"{told['at']}/days/{day}", _("nothing was changed"))
    opening = openings.of_visit(visit)
    ask: keys.AskPassword = opening.key if opening is not None else lambda: None
    try:
        if opening is None and not may.issuperset(touched):
            first = min(set(touched) - may)
            raise UsageProblem(
                problem=_("it was said meanwhile what became of it; open the plan to change it"), visit=first
            )
        several = [_became(one, yours, stands[one]) for one in touched]
        with visit.writing() as db:
            count = releasing.record_outcomes(
                db, told["of"]["number"], several, ask, visit.now, drill=visit.desk.is_drill
            )
    except (AlreadyDone, Overtaken):
        raise
    except AuditorError as error:
        wrong = str(error.facts.get("visit", ""))
        name = _unit_names(visit, told).get(wrong, "")
        text = _("{unit}: {problem}").format(unit=name, problem=_worded(error)) if name else str(error)
        return day_page(visit, text, 400, yours, wrong)
    return _go_on(visit, told, day, count, {one.visit for one in several})


def _worded(error: AuditorError) -> str:
    """Say why an outcome is refused in words of this form, where the command line names its options."""
    if type(error) not in REFUSALS:
        return str(error)
    facts = {name: str(value) for name, value in error.facts.items()}
    return _(REFUSALS[type(error)]).format(**{**facts, "outcome": word(OUTCOME_WORDS, facts["outcome"])})


def _became(visit_id: str, yours: Mapping[str, str], stands: Noted) -> releasing.Became:
    """Read one visit of the form; raises UsageProblem."""
    outcome, other = yours[OUTCOME + visit_id], yours[DAY + visit_id]
    if not outcome:
        raise UsageProblem(problem=_("choose what became of it"), visit=visit_id)
    who = yours[WHO + visit_id]
    try:
        day = day_in(other, _("its other day")) if other else None
    except UsageProblem as error:
        raise UsageProblem(problem=str(error), visit=visit_id) from error
    return releasing.Became(
        visit=visit_id,
        outcome=outcome,
        reason=yours[WHY + visit_id],
        date=day,
        team=stands.who if who == stands.team else releasing.people_in(who),
    )


def _unit_names(visit: Visit, told: Mapping[str, Any]) -> dict[str, str]:
    sight = sight_of(visit, told["seen"], told["holder"])
    return {stop.id: stop.name for one in sight.sorties for stop in one.stops}


def _differs(
    names: Mapping[str, str], name: str, yours: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    kind, _dash, visit_id = name.partition("-")
    words = {"as": _("outcome"), "why": _("reason"), "day": _("its other day"), "who": _("its other team")}
    return {
        "name": name,
        "word": _("{unit}: {problem}").format(unit=names.get(visit_id, visit_id), problem=words[kind]),
        "yours": word(OUTCOME_WORDS, yours[name]),
        "current": word(OUTCOME_WORDS, now[name]),
    }


def _go_on(visit: Visit, told: Mapping[str, Any], day: date, count: int, kept: set[str]) -> Response:
    """Go to the next day with open visits, else to the close of a number whose period is over, else back."""
    seen: Seen = told["seen"]
    said = ngettext("{n} outcome is kept", "{n} outcomes are kept", count).format(n=count)
    today = visit.now.date()
    open_days = sorted(
        {
            date.fromisoformat(one["date"])
            for one in seen.visits
            if one["id"] not in seen.outcomes and one["id"] not in kept
        }
    )
    past = [one for one in open_days if one < today or one == day]
    if day in past:
        return visit.go(
            f"{told['at']}/days/{day}",
            _("{said}; {more}").format(said=said, more=_("others of this day are still open")),
        )
    if past:
        return visit.go(
            f"{told['at']}/days/{past[0]}",
            _("{said}; {more}").format(said=said, more=_("the next day with open ones follows")),
        )
    number = told["of"]["number"]
    if draw_views.next_of(told["of"], visit.now) == draw_views.CLOSE:
        return visit.go(
            f"/draws/{number}",
            _("{said}; {more}").format(said=said, more=_("none is open: the number can be closed")),
        )
    return visit.go(f"{told['at']}/days/{day}", said)


ROUTES = (
    page("/plans/{id}/days", show_days),
    page("/plans/{id}/days/{day}", show_day),
    act("/plans/{id}/days/{day}/release", release),
    act("/plans/{id}/days/{day}/outcomes", note),
)
