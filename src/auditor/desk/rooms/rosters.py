"""The duty rosters: the months, one month in three views, its way from draft to locked, its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk.looks import month_words, part
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.entities import CalendarDay
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, labelled, language, listed
from auditor.pages.roster_views import MemberView, PostView, RosterView, remark
from auditor.pages.words import COUNTED_WORDS, ROLE_WORDS, word
from auditor.roster import changes as differences
from auditor.workflow.duty import desk_settings, roster_life, roster_outputs, roster_pages, rosters
from auditor.workflow.duty.roster_changes import NotHis, duty_asked
from auditor.workflow.duty.roster_outputs import Kept
from auditor.workflow.duty.roster_rebuild import LaterLocked
from auditor.workflow.duty.roster_revisions import local
from auditor.workflow.duty.roster_words import out_of_turn
from auditor.workflow.home import month_at
from auditor.workflow.months import BEIJING, calendar_of, month_of, next_month
from auditor.workflow.people import names
from auditor.workflow.texts import whole_number

A_PAGE = 12


class NotAsItIs(AuditorError):
    """A step that the state of the month's roster does not allow, in the words of pages."""

    sentence = N_(
        "the roster of {month} is not as this step needs it: {state}; its page offers the next step"
    )


class NotClean(AuditorError):
    """A roster that goes on its way must keep every rule, in the words of pages."""

    sentence = N_(
        "the roster of {month} breaks {count} rules by what is known today (first: {first}); its page names "
        "them and works out the least change"
    )


class LaterMonthLocked(AuditorError):
    """A later month that carries the counters on is locked, in the words of pages."""

    sentence = N_("the roster of {month} is locked and counts on from this one; open it again first")


class NotTheirs(AuditorError):
    """A duty that is another's now, in the words of pages."""

    sentence = N_("{name} does not have {duty} any more; look at the month again")


@contextmanager
def page_words(visit: Visit) -> Iterator[None]:
    """Say what the steps refuse without commands to type: a page has buttons."""
    try:
        yield
    except roster_life.NotNow as error:
        month = str(error.facts["month"])
        there = roster_life.state(visit.db, month) or "dropped"
        raise NotAsItIs(month=month, state=_(roster_pages.STATE_SAID[there])) from error
    except roster_life.BreaksRules as error:
        raise NotClean(**error.facts) from error
    except LaterLocked as error:
        raise LaterMonthLocked(**error.facts) from error
    except NotHis as error:
        raise NotTheirs(name=error.facts["name"], duty=error.facts["duty"]) from error


VIEWS = ("month", "people", "list")
TONES = {
    "draft": "ready", "submitted": "running", "approved": "running", "published": "done", "locked": "todo",
    "dropped": "todo",
}  # fmt: skip
"""The tone of a state's tag."""
OFTEN = 1
"""A counter is coloured where it lies further than this from what is expected."""
BAR = 44
"""Half the width of a bar's field."""


def month_asked(visit: Visit) -> str:
    """Give the month of the address; raises NotFound for what is none."""
    if not roster_pages.is_month(visit.of["month"]):
        raise NotFound
    return visit.of["month"]


def kept_asked(visit: Visit) -> Kept:
    """Give the roster of the address; raises NotFound where none is stored."""
    kept = roster_outputs.kept_month(visit.db, month_asked(visit))
    if kept is None:
        raise NotFound
    return kept


def neighbours(month: str) -> tuple[str, str]:
    """Give the months before and after."""
    year, number = map(int, month.split("-"))
    return (
        f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}",
        f"{year + (number == 12)}-{number % 12 + 1:02d}",
    )


def state_tags(kept: Kept) -> list[tuple[str, str]]:
    """Give the tags of a month: its state, and whether its calendar is provisional."""
    state = kept.state or "published"
    found = [(_(roster_pages.STATE_SAID[state]), TONES[state])]
    if kept.record.get("provisional"):
        found.append((_("provisional"), "stale"))
    return found


def duty_url(month: str, day: date | str, post: str, who: str = "") -> str:
    """Give the address of one duty."""
    on = str(day)[8:10]
    return f"/rosters/{month}/{int(on)}/{part(post)}" + (f"?who={part(who)}" if who else "")


def post_tone(post: PostView) -> str:
    """Give the class of a post's square."""
    if post.standby:
        return "p-call"
    if post.role == "leader":
        return "p-lead"
    return "p-night" if post.night else "p-day"


def day_marks(day: CalendarDay) -> list[tuple[str, str, str]]:
    """Say what a day is beside its number, by more than tint: a word, its meaning, its class."""
    found = []
    if day.cls == "holiday":
        found.append((day.name or _("holiday"), _("day off by the notice"), "m-holiday"))
    elif day.cls == "weekend":
        found.append((_("off"), _("weekend"), "m-off"))
    elif day.day.weekday() > 4:
        found.append((_("workday"), _("make-up workday"), "m-work"))
    if day.key_period:
        found.append((_("key day"), _("key period: {name}").format(name=day.key_period), "m-key"))
    return found


def show_rosters(visit: Visit) -> Response:
    """List the months."""
    offset = visit.number("offset")
    state = visit.text("state")
    rows, count = roster_pages.month_rows(visit.db, state=state, limit=A_PAGE, offset=offset)
    coming = next_month(visit.now)
    this = f"{visit.now.astimezone(BEIJING):%Y-%m}"
    known = {one.month for one in rows}
    target = (
        next((one for one in (month_at(visit.now), coming) if one not in known), coming)
        if not state
        else coming
    )
    there, after = roster_outputs.on_duty(visit.db, visit.now, {this, *neighbours(this)})
    return visit.show(
        "rosters/list.html",
        nav="/rosters",
        rows=rows,
        list=SimpleNamespace(
            count=count,
            limit=A_PAGE,
            offset=offset,
            query=visit.query,
            sort="",
            narrowed=bool(state),
            text="",
        ),
        state=state,
        states=[("", _("all states"))]
        + [(key, _(text)) for key, text in roster_pages.STATE_SAID.items() if key != "dropped"],
        state_said={key: _(text) for key, text in roster_pages.STATE_SAID.items()},
        step_said={key: _(text) for key, text in roster_pages.STEP_SAID.items()},
        tones=TONES,
        target=target,
        target_made=target in known,
        this=this,
        there=there,
        after=after,
    )


def show_month(visit: Visit) -> Response:
    """Show a month, or the button that makes its roster."""
    month = month_asked(visit)
    kept = roster_outputs.kept_month(visit.db, month)
    before, after = neighbours(month)
    if kept is None:
        return _show_unmade(visit, month, before, after)
    shown = visit.text("view", "month")
    shown = shown if shown in VIEWS else "month"
    view = roster_outputs.roster_view(visit.db, kept)
    clash = clashes_of(visit, kept)
    today = visit.now.astimezone(BEIJING).date()
    last = roster_life.history(visit.db, month)[-1]
    held = {(day, post) for day, post in last["locked"]}
    over = view.days[-1].day < today
    values: dict[str, Any] = {
        "month": month, "before": before, "after": after, "kept": kept, "view": view, "shown": shown,
        "tags": state_tags(kept), "today": today, "clashes": clash, "over": over, "last": last,
        "revision": last["revision"],
        "last_what": _(roster_pages.STEP_SAID[last["what"]]), "state": kept.state or "published",
        "posts": [(one, post_tone(one)) for one in view.posts],
        "lacking": [
            {"day": day, "post": view.post(post).name, "n": count, "url": duty_url(month, day, post)}
            for day, post, count in view.lacking
        ],
        "has_key": any(day.key_period for day in view.days),
        "has_holiday": any(day.cls == "holiday" for day in view.days),
        "has_work": any(day.cls == "work" and day.day.weekday() > 4 for day in view.days),
    }  # fmt: skip
    if shown == "people":
        values |= {"groups": _people_rows(view, month), "heads": _day_heads(view, today)}
        values["classes"] = [(one, word(COUNTED_WORDS, one)) for one in _counted(view)]
    else:
        wrong = {(one.day, one.post, one.person): one.text for one in clash if one.day}
        values |= {"cells": _cells(view, month, today, held, wrong)}
        values |= {"fair": fairness_of(view, "total"), "blank": view.days[0].day.weekday()}
        values["has_remark"] = any(one["remark"] for one in values["cells"])
        values["tail"] = 6 - view.days[-1].day.weekday()
    return visit.show("rosters/month.html", nav="/rosters", **values)


def _show_unmade(visit: Visit, month: str, before: str, after: str) -> Response:
    """Show that a month has no roster, and the button that makes one."""
    of = month_of(month, calendar_of(visit.db))
    earlier, gap = roster_life.skipped(visit.db, month)
    desk = desk_settings.desk_of(visit.db)
    people = rosters.on_duty(visit.db, desk, of)
    past = of.last < visit.now.astimezone(BEIJING).date()
    dropped = roster_pages.deeds(visit.db, month, {})
    return visit.show(
        "rosters/unmade.html",
        nav="/rosters",
        month=month,
        before=before,
        after=after,
        people=len(people),
        lacks=[
            word(ROLE_WORDS, role)
            for role in desk_settings.roles_at(desk)
            if not any(role in one.roles for one in people)
        ],
        style=desk.style,
        gap=gap,
        earlier=earlier,
        past=past,
        provisional=of.provisional,
        holidays=[one for one in of.days if one.cls == "holiday"],
        working=len(of.working),
        dropped=dropped,
    )


def clashes_of(visit: Visit, kept: Kept) -> list[roster_pages.Clash]:
    """Give what the month's duties break by what is known today; looked at once an hour and revision."""
    key = f"clash {kept.month} {language()} {visit.now:%Y-%m-%dT%H}"
    found: list[roster_pages.Clash] = visit.desk.kept(
        key, visit.db, lambda: roster_pages.clashes(visit.db, kept.month, visit.now)
    )
    return found


def _cells(
    view: RosterView,
    month: str,
    today: date,
    held: set[tuple[str, str]],
    wrong: Mapping[tuple[str, str, str], str],
) -> list[dict[str, Any]]:
    """Give the days as the grid shows them, each with its lines: a post's square, who, what is special."""
    called = {one.id: one.name for one in view.members}
    by_day: dict[date, dict[str, list[str]]] = {}
    for seat in view.seats:
        by_day.setdefault(seat.day, {}).setdefault(seat.post, []).append(seat.person)
    lacks = {(day, post): count for day, post, count in view.lacking}
    changed = {(one.day, one.post) for one in view.changes}
    found = []
    for day in view.days:
        lines: list[dict[str, Any]] = []
        for post in view.posts:
            tone = post_tone(post)
            key = (day.day.isoformat(), post.id)
            people = by_day.get(day.day, {}).get(post.id, [])
            for at, who in enumerate(people):
                lines.append(
                    {
                        "post": post, "tone": tone, "first": at == 0, "who": who,
                        "name": called.get(who, who), "url": duty_url(month, day.day, post.id, who),
                        "held": key in held, "changed": (day.day, post.id) in changed,
                        "wrong": wrong.get((*key, who), ""),
                    }
                )  # fmt: skip
            if (day.day, post.id) in lacks:
                lines.append(
                    {
                        "post": post, "tone": tone, "first": not people, "who": "", "name": "",
                        "n": lacks[day.day, post.id], "url": duty_url(month, day.day, post.id),
                        "held": False, "changed": False, "wrong": "",
                    }
                )  # fmt: skip
        found.append(
            {
                "day": day, "lines": lines, "marks": day_marks(day), "remark": remark(day),
                "today": day.day == today, "off": day.cls != "work", "over": day.day < today,
            }
        )  # fmt: skip
    return found


def _counted(view: RosterView) -> list[str]:
    """Give the classes of counters, all duties first."""
    there = [one for one in view.classes if any(one in who.counters for who in view.members)]
    return sorted(there, key=lambda one: (one != "total", view.classes.index(one)))


def _groups(view: RosterView) -> list[tuple[str, list[MemberView]]]:
    """Give the people by role, in the view's order."""
    found: dict[str, list[MemberView]] = {}
    for one in view.members:
        found.setdefault(one.role, []).append(one)
    return list(found.items())


def deviation(one: MemberView, cls: str) -> Fraction:
    """Give how much somebody bears above, or under, what is expected of him."""
    return Fraction(sum(one.counters.get(cls, (0, 0)))) - one.expected.get(cls, Fraction(0))


def bar_of(value: Fraction, most: Fraction) -> dict[str, Any]:
    """Give a bar to the right of the middle for more, to the left for less, and the number beside it."""
    wide = round(float(abs(value) / most) * (BAR - 2), 1) if most else 0.0
    return {
        "x": BAR if value >= 0 else round(BAR - wide, 1),
        "wide": wide,
        "tone": "more" if value > 0 else "less",
        "text": f"{float(value):+.1f}" if value else "0",
    }


def fairness_of(view: RosterView, cls: str) -> list[dict[str, Any]]:
    """Give everybody's distance from his part in a class, with carried and new.

    His part is the mean of his role, or goes by share and days there where these are not alike.
    """
    found = []
    for role, people in _groups(view):
        own = [one for one in people if cls in one.counters]
        if not own:
            continue
        most = max([Fraction(2), *(abs(deviation(one, cls)) for one in own)])
        parts = {one.expected.get(cls, Fraction(0)) for one in own}
        found.append(
            {
                "role": word(ROLE_WORDS, role),
                "mean": f"{float(min(parts)):.1f}" if len(parts) == 1 else "",
                "rows": [
                    {
                        "id": one.id, "name": one.name, "carried": one.counters[cls][0],
                        "new": one.counters[cls][1], "total": sum(one.counters[cls]), "share": one.share,
                        "part": f"{float(one.expected.get(cls, Fraction(0))):.1f}",
                        "bar": bar_of(deviation(one, cls), most),
                    }
                    for one in own
                ],
            }
        )  # fmt: skip
    return found


def _day_heads(view: RosterView, today: date) -> list[dict[str, Any]]:
    return [
        {
            "n": day.day.day, "letter": _letter(day.day), "off": day.cls != "work",
            "key": bool(day.key_period),
            "holiday": day.cls == "holiday", "mark": _short_mark(day), "today": day.day == today,
            "told": listed([remark(day)] if remark(day) else [one[1] for one in day_marks(day)]),
        }
        for day in view.days
    ]  # fmt: skip


def _letter(day: date) -> str:
    return ("一二三四五六日" if language() == "zh" else "MTWTFSS")[day.weekday()]


def _short_mark(day: CalendarDay) -> str:
    """Give one letter for a day that is no usual one: holiday, weekend, make-up workday."""
    if day.cls == "holiday":
        return "节" if language() == "zh" else "H"
    if day.cls == "weekend":
        return "休" if language() == "zh" else "–"
    return ("班" if language() == "zh" else "W") if day.day.weekday() > 4 else ""


def _people_rows(view: RosterView, month: str) -> list[dict[str, Any]]:
    """Give the people by role: a cell a day, counters and their distance from what is expected."""
    own: dict[tuple[str, date], list[tuple[PostView, str]]] = {}
    for seat in view.seats:
        own.setdefault((seat.person, seat.day), []).append((view.post(seat.post), seat.post))
    classes = _counted(view)
    found = []
    for role, people in _groups(view):
        most = max([Fraction(2), *(abs(deviation(one, "total")) for one in people if one.counters)])
        rows = []
        for one in people:
            cells = []
            for day in view.days:
                duties = own.get((one.id, day.day), [])
                cells.append(
                    {
                        "off": day.cls != "work", "key": bool(day.key_period),
                        "leave": day.day in one.leave,
                        "duties": [
                            (post.mark, post.name, post_tone(post), duty_url(month, day.day, key, one.id))
                            for post, key in duties
                        ],
                    }
                )  # fmt: skip
            counts = []
            for cls in classes:
                apart = deviation(one, cls)
                counts.append(
                    {
                        "n": sum(one.counters.get(cls, (0, 0))) if one.counters else "",
                        "tone": ("more" if apart > 0 else "less")
                        if abs(apart) > OFTEN and one.counters
                        else "",
                        "told": f"{float(apart):+.1f}",
                    }
                )
            carried, new = one.counters.get("total", (0, 0))
            rows.append(
                {
                    "id": one.id, "name": one.name, "title": one.title, "cells": cells, "counts": counts,
                    "carried": carried, "new": new, "share": one.share,
                    "bar": bar_of(deviation(one, "total"), most) if one.counters else None,
                }
            )  # fmt: skip
        found.append({"role": word(ROLE_WORDS, role), "rows": rows})
    return found


def show_fairness(visit: Visit) -> Response:
    """Show how far everybody is from the mean, class by class."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    classes = _counted(view)
    cls = visit.text("class", "total")
    cls = cls if cls in classes else "total"
    return visit.show(
        "rosters/fairness.html",
        nav="/rosters",
        month=kept.month,
        cls=cls,
        classes=[(one, word(COUNTED_WORDS, one)) for one in classes],
        fair=fairness_of(view, cls),
    )


def show_make(visit: Visit) -> Response:
    """Show how a roster can be made."""
    month = month_asked(visit)
    of = month_of(month, calendar_of(visit.db))
    desk = desk_settings.desk_of(visit.db)
    return visit.show(
        "rosters/make.html",
        nav="/rosters",
        month=month,
        style=desk.style,
        example=desk.posts[0].zh or desk.posts[0].id,
        made=roster_outputs.kept_month(visit.db, month) is not None,
        past=of.last < visit.now.astimezone(BEIJING).date(),
    )


def make_roster(visit: Visit) -> Response:
    """Start making a roster."""
    month = month_asked(visit)
    past = visit.field("past") == "1"
    with page_words(visit):
        roster_life.may_be_made(visit.db, month, visit.now, past=past)
    style = visit.field("style") if visit.field("style") in ("rotation", "fair") else ""
    seconds = visit.field("seconds")
    if seconds and not 1 <= (whole_number(seconds) or 0) <= 36_000:
        raise UsageProblem(
            problem=_("{text}: write whole seconds, 1 to 36000, or nothing").format(text=seconds[:40])
        )
    arguments = {
        "month": month,
        "style": style,
        "sharing": "leximin" if style == "fair" and visit.field("sharing") == "leximin" else "",
        "short": visit.field("short") == "1",
        "seconds": int(seconds) if seconds else 0,
        "fixed": [one.strip() for one in visit.field("fixed").splitlines() if one.strip()],
        "past": past,
        "by": visit.field("by"),
    }
    return visit.work("roster", arguments)


STEPS = {
    "submit": "submitted", "approve": "approved", "publish": "published", "lock": "locked",
}  # fmt: skip
DONE = {
    "submit": N_("sent for approval"), "approve": N_("approved"), "publish": N_("published"),
    "lock": N_("locked"),
}  # fmt: skip


def show_step(visit: Visit) -> Response:
    """Ask who does a step, and why."""
    kept = kept_asked(visit)
    step = visit.of["step"]
    if step not in (*STEPS, "decline", "drop", "reopen"):
        raise NotFound
    view = roster_outputs.roster_view(visit.db, kept)
    spans = differences.spans(kept.record)
    starts = [spans[row["date"], row["post"]][0] for row in kept.record["assignments"]]
    return visit.show(
        "rosters/step.html",
        nav="/rosters",
        month=kept.month,
        step=step,
        kept=kept,
        tags=state_tags(kept),
        by=roster_pages.last_approver(visit.db) if step in ("approve", "decline") else "",
        people=[one.name for one in view.members if one.role == "leader"],
        revision=kept.revision or 1,
        lacking=len(view.lacking),
        in_turn="departures" in kept.record,
        turns=out_of_turn(kept.record.get("departures", ())),
        clashes=clashes_of(visit, kept),
        to_come=len([start for start in starts if start > local(visit.now)]),
        begun=any(start <= local(visit.now) for start in starts),
    )


def do_step(visit: Visit) -> Response:
    """Bring a roster into its next state, or give it back."""
    month = month_asked(visit)
    step, by, reason = visit.of["step"], visit.field("by"), visit.field("reason")
    there = roster_life.state(visit.db, month)
    if step == "approve" and not by:
        raise UsageProblem(problem=_("write who approves it"))
    if step == "decline" and (not by or not reason):
        raise UsageProblem(problem=_("write who gives it back, and why"))
    if step in ("drop", "reopen") and not reason:
        raise UsageProblem(problem=_("write why"))
    seen, stands = visit.was().get("revision", ""), str(roster_life.sequence_of(visit.db, month))
    if visit.stale and seen and seen != stands:
        row = {"name": "revision", "word": _("Revision"), "yours": seen, "current": stands}
        return visit.ask_stale([row], back=f"/rosters/{month}", nav="/rosters")
    with page_words(visit), visit.writing() as db:
        if step in STEPS:
            roster_life.advance(db, month, STEPS[step], by=by, reason=reason, now=visit.now)
            said = _(DONE[step])
        elif step == "decline" and there in ("submitted", "approved"):
            roster_life.give_back(db, month, by=by, reason=reason, now=visit.now)
            said = _("given back as a draft")
        elif step == "reopen" and there == "locked":
            roster_life.give_back(db, month, by=by, reason=reason, now=visit.now)
            said = _("opened again")
        elif step == "drop":
            roster_life.drop(db, month, reason=reason, by=by, now=visit.now)
            said = _("the draft was dropped")
        else:
            raise NotFound
    return visit.go(f"/rosters/{month}", labelled(month_words(month), said))


def hold_duty(visit: Visit) -> Response:
    """Lock one duty, or free it again."""
    month = month_asked(visit)
    day, post = duty_asked(visit.field("duty"))
    free = visit.field("free") == "1"
    with page_words(visit), visit.writing() as db:
        roster_life.hold(db, month, [(day, post)], by=visit.field("by"), free=free, now=visit.now)
    return visit.go(duty_url(month, day, post, visit.field("who")), _("freed") if free else _("locked"))


def show_history(visit: Visit) -> Response:
    """Show what was done with a month's roster, also with one that was dropped."""
    month = month_asked(visit)
    found = roster_pages.deeds(visit.db, month, names(visit.db))
    if not found:
        raise NotFound
    return visit.show(
        "rosters/history.html",
        nav="/rosters",
        month=month,
        deeds=found,
        state_said={key: _(text) for key, text in roster_pages.STATE_SAID.items()},
        tones=TONES,
    )


ROUTES = (
    page("/rosters", show_rosters),
    page("/rosters/{month}", show_month),
    page("/rosters/{month}/fairness", show_fairness),
    page("/rosters/{month}/history", show_history),
    page("/rosters/{month}/make", show_make),
    act("/rosters/{month}/make", make_roster),
    act("/rosters/{month}/hold", hold_duty),
    page("/rosters/{month}/step/{step}", show_step),
    act("/rosters/{month}/step/{step}", do_step),
)
