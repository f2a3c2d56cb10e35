"""One person on a roster: which duties, how each came to him, why not fewer; wishes; the desk's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk.jobs import DONE
from auditor.desk.looks import day_words, month_words, part
from auditor.desk.rooms.rosters import bar_of, deviation, duty_url, kept_asked, post_tone
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.entities import Post
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, labelled, language, ngettext
from auditor.pages.roster_text import person_text
from auditor.pages.roster_views import half_day_words, remark
from auditor.pages.words import COUNTED_WORDS, ROLE_WORDS, word
from auditor.roster.desk import TEMPLATE, DutyDesk, clock, desk_json, post_said
from auditor.roster.wishes import Wish
from auditor.workflow.duty import desk_settings, roster_explaining, roster_outputs, roster_wishes, rosters
from auditor.workflow.duty.roster_words import KIND_SAID, STYLE_SAID, out_of_turn
from auditor.workflow.months import calendar_of, month_of
from auditor.workflow.people import names
from auditor.workflow.texts import whole_number

A_PAGE = 50


def show_person(visit: Visit) -> Response:
    """Show somebody's duties of a month, how each came to him, and his counters."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    who = next((one for one in view.members if one.id == visit.of["person"]), None)
    if who is None:
        raise NotFound
    month = month_of(kept.month, calendar_of(visit.db))
    why = {
        (row["date"], row["post"]): row["why"]
        for row in roster_explaining.duties_told(visit.db, month, kept.record, who.id)
    }
    days = {one.day: one for one in view.days}
    duties = []
    for seat in view.of(who.id):
        post = view.post(seat.post)
        duties.append(
            {
                "day": seat.day, "post": post, "tone": post_tone(post),
                "url": duty_url(kept.month, seat.day, seat.post, who.id),
                "why": why.get((seat.day.isoformat(), seat.post), ""),
                "remark": remark(days[seat.day]) if seat.day in days else "",
                "beside": [(other.mark, one.name) for other, one in view.beside(seat)],
            }
        )  # fmt: skip
    proof = _proof(visit, kept.month, who.id)
    counters = []
    counted = [one for one in view.members if one.counters]
    for cls in sorted(who.counters, key=lambda one: one != "total"):
        carried, new = who.counters[cls]
        apart = deviation(who, cls)
        counters.append(
            {
                "class": word(COUNTED_WORDS, cls), "carried": carried, "new": new,
                "expected": f"{float(who.expected.get(cls, 0)):.1f}",
                "bar": bar_of(apart, max([Fraction(2), *(abs(deviation(one, cls)) for one in counted)])),
                "why": proof.get(cls, ""),
            }
        )  # fmt: skip
    return visit.show(
        "rosters/person.html",
        nav="/rosters",
        month=kept.month,
        who=who,
        duties=duties,
        counters=counters,
        proof=proof,
        role=word(ROLE_WORDS, who.role),
        standby=half_day_words(who.standby),
        leave=spans_of(who.leave),
        text=complaint(kept.month, who.name, duties, counters),
        short=person_text(view, who),
        url=f"/rosters/{kept.month}/people/{part(who.id)}",
        in_turn=kept.record.get("style", kept.record.get("desk", {}).get("style")) == "rotation",
    )


def spans_of(days: Iterable[date]) -> list[tuple[date, date]]:
    """Give days as spans, first and last day of each."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def complaint(month: str, name: str, duties: list[dict[str, Any]], counters: list[dict[str, Any]]) -> str:
    """Say to a colleague who complains why he is on duty, in a few lines to show or to send."""
    number = ngettext("{n} duty", "{n} duties", len(duties)).format(n=len(duties))
    lines = [_("{name}, {month}: {number}").format(name=name, month=month_words(month), number=number)]
    lines += [labelled(f"{day_words(one['day'])} {one['post'].name}", one["why"]) for one in duties]
    semicolon = "；" if language() == "zh" else "; "
    for one in counters:
        lines.append(
            _("{name}: {carried} before + {new} now, {expected} would be his part ({apart})").format(
                name=one["class"], carried=one["carried"], new=one["new"], expected=one["expected"],
                apart=one["bar"]["text"],
            ) + (f"{semicolon}{one['why']}" if one["why"] else "")
        )  # fmt: skip
    return "\n".join(lines)


def _proof(visit: Visit, month: str, person: str) -> dict[str, str]:
    """Give why counters are not lower, by class, where that was proven for what stands now."""
    job = visit.desk.jobs.latest("roster_why")
    if job is None or job.state != DONE:
        return {}
    said = job.arguments
    if (said.get("month"), said.get("person"), said.get("revision")) != (month, person, visit.revision):
        return {}
    return {
        row["cls"]: roster_explaining.came_said(row["came"])
        if row.get("came")
        else roster_explaining.why_said(
            row["kind"], row["rules"], in_turn=row["in_turn"], least=row["least"]
        )
        for row in job.outcome.get("accounts", ())
        if row["kind"]
    }  # fmt: skip


def ask_why(visit: Visit) -> Response:
    """Start proving that somebody's counters cannot be lower."""
    kept = kept_asked(visit)
    if all(row["id"] != visit.of["person"] for row in kept.record["people"]):
        raise NotFound
    arguments = {"month": kept.month, "person": visit.of["person"], "revision": visit.revision}
    return visit.work("roster_why", arguments)


def show_turns(visit: Visit) -> Response:
    """Show the turns that were left or made up, each with the rule that forbade it."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    return visit.show(
        "rosters/turns.html",
        nav="/rosters",
        month=kept.month,
        rows=[(one, view.post(one.post), post_tone(view.post(one.post))) for one in view.departures],
        in_turn="departures" in kept.record,
        turns=out_of_turn(kept.record.get("departures", ())),
        wishes=[one for one in kept.record.get("wishes", ()) if one["cost"]],
        names=names(visit.db),
    )


# wishes


def show_wishes(visit: Visit) -> Response:
    """Show the wishes that are kept, and a form for one more."""
    text = visit.text("q").casefold()
    called = names(visit.db)
    found = [
        one
        for one in roster_wishes.wishes_of(visit.db)
        if text in called.get(one.person, one.person).casefold() or text in one.person.casefold()
    ]
    found.sort(key=lambda one: (one.from_on, one.person), reverse=True)
    offset = visit.number("offset")
    desk = desk_settings.desk_of(visit.db)
    return visit.show(
        "rosters/wishes.html",
        nav="/rosters",
        rows=[(one, called.get(one.person, one.person)) for one in found[offset : offset + A_PAGE]],
        list=SimpleNamespace(
            text=visit.text("q"), count=len(found), limit=A_PAGE, offset=offset, query=visit.query,
            narrowed=bool(text), sort="",
        ),
        people=[("", _("choose"))] + [(one.id, called[one.id]) for one in _able(visit, desk)],
        posts=[("", _("any post"))] + [(one.id, post_said(one)) for one in desk.posts],
        post_names={one.id: post_said(one) for one in desk.posts},
    )  # fmt: skip


def _able(visit: Visit, desk: DutyDesk) -> list[Any]:
    today = visit.now.date()
    of = month_of(f"{today:%Y-%m}", calendar_of(visit.db))
    return sorted(rosters.on_duty(visit.db, desk, of), key=lambda one: (one.role != "leader", one.id))


def add_wish(visit: Visit) -> Response:
    """Keep a wish."""
    first, last = visit.field("from"), visit.field("to") or visit.field("from")
    weight = whole_number(visit.field("weight") or "1")
    if not visit.field("person"):
        raise UsageProblem(problem=_("choose whose wish it is"))
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise UsageProblem(problem=_("write the first and the last day, like 2026-12-01")) from error
    if weight is None or not 1 <= weight <= 10:
        raise UsageProblem(problem=_("write a weight from 1 to 10"))
    if days[1] < days[0]:
        raise UsageProblem(
            problem=_("{last} is before {first}; write the first day, then the last").format(
                first=first, last=last
            )
        )
    wish = Wish(visit.field("person"), *days, visit.field("want") == "1", visit.field("post"), weight)
    with visit.writing() as db:
        roster_wishes.add_wish(db, wish, visit.now)
    return visit.go("/rosters/wishes", _("kept"))


def remove_wish(visit: Visit) -> Response:
    """Take a wish away."""
    try:
        days = date.fromisoformat(visit.field("from")), date.fromisoformat(visit.field("to"))
    except ValueError as error:
        raise NotFound from error
    with visit.writing() as db:
        roster_wishes.drop_wish(db, visit.field("person"), *days, visit.now)
    return visit.go("/rosters/wishes", _("taken away"))


# the settings


NEEDS = ("work", "weekend", "holiday", "key")
LIMITS = {
    "gaps": N_("days from one duty to the next, at least"), "runs": N_("days on end, at most"),
    "week": N_("duties in a week, at most"), "month": N_("duties in a month, at most"),
    "weights": N_("weights of the counters"),
}  # fmt: skip
LISTS = {
    "pairs": N_("pairs"), "groups": N_("fixed groups"), "order": N_("order of the turns"),
    "acting": N_("acting for another"), "opening": N_("opening balances"),
}  # fmt: skip


def show_desk(visit: Visit) -> Response:
    """Show the settings of the duty desk, with a place to drop a file of other ones."""
    desk = desk_settings.desk_of(visit.db)
    whole = desk_json(desk)
    return visit.show(
        "rosters/desk.html",
        nav="/rosters",
        style=_(STYLE_SAID[desk.style]),
        rows=[_post_row(desk, one) for one in desk.posts],
        needs=[
            _("people, {kind}").format(kind=one)
            for one in (_("work day"), _("weekend"), _("holiday"), _("key period"))
        ],
        limits=[
            (_(text), [(_limit_word(key), value) for key, value in whole[name].items()])
            for name, text in LIMITS.items()
            if whole.get(name)
        ],
        lists=[(_(text), len(whole[name])) for name, text in LISTS.items() if whole.get(name)],
    )


def _limit_word(key: str) -> str:
    return word(ROLE_WORDS, key) if key in ROLE_WORDS else word(COUNTED_WORDS, key)


def _post_row(desk: DutyDesk, post: Post) -> Mapping[str, Any]:
    return {
        "id": post.id, "name": post_said(post), "role": word(ROLE_WORDS, post.role),
        "start": clock(post.start), "hours": f"{post.minutes / 60:g}", "night": post.night,
        "kind": _(KIND_SAID[post.kind]), "by_phone": post.by_phone,
        "need": [desk.need[post.id][cls] for cls in NEEDS], "rest": f"{desk.rest(post) / 60:g}",
    }  # fmt: skip


def keep_desk(visit: Visit) -> Response:
    """Keep a file of settings."""
    file = visit.file("file")
    if file is None:
        raise UsageProblem(problem=_("choose a file of settings (.toml)"))
    with visit.writing() as db:
        _desk, state = desk_settings.keep_desk(db, file.path, visit.now)
    said = {"new": _("kept"), "changed": _("kept, instead of the ones before"), "unchanged": _("as before")}
    return visit.go("/rosters/desk", said[state])


def desk_template(visit: Visit) -> Response:
    """Give a file of settings to begin with."""
    return Response(
        TEMPLATE, media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="desk.toml"'},
    )  # fmt: skip


ROUTES = (
    page("/rosters/wishes", show_wishes),
    act("/rosters/wishes", add_wish),
    act("/rosters/wishes/remove", remove_wish),
    page("/rosters/desk", show_desk),
    act("/rosters/desk", keep_desk),
    page("/rosters/desk/desk.toml", desk_template),
    page("/rosters/{month}/turns", show_turns),
    act("/rosters/{month}/people/{person:path}/why", ask_why),
    page("/rosters/{month}/people/{person:path}", show_person),
)
