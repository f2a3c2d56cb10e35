"""One duty: who could take it and what each choice costs; swap, take-over, sick call, shown before kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from auditor.desk.jobs import DONE, Job
from auditor.desk.looks import day_words, part
from auditor.desk.rooms.rosters import (
    LaterMonthLocked,
    NotAsItIs,
    NotTheirs,
    clashes_of,
    duty_url,
    kept_asked,
    page_words,
    post_tone,
)
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, labelled, listed
from auditor.pages.roster_views import remark
from auditor.pages.words import COUNTED_WORDS, word
from auditor.roster import changes as differences
from auditor.workflow.duty import (
    roster_changes,
    roster_choices,
    roster_life,
    roster_outputs,
    roster_pages,
    roster_told,
)
from auditor.workflow.duty.roster_changes import duty_asked
from auditor.workflow.duty.roster_choices import Choice
from auditor.workflow.duty.roster_outputs import Kept
from auditor.workflow.duty.roster_rebuild import Refused
from auditor.workflow.duty.roster_revisions import LOCKED, local
from auditor.workflow.people import names

STAGES = {
    "cells": N_("people's days that change"), "people": N_("people concerned"),
    "fairness": N_("measure of unevenness"),
}  # fmt: skip
"""What a repair made small, in its order."""


def _seat(visit: Visit, kept: Kept) -> tuple[str, str]:
    """Give date and post of the address; raises NotFound where the roster has no such seat."""
    try:
        day = date.fromisoformat(f"{kept.month}-{int(visit.of['day']):02d}").isoformat()
    except ValueError as error:
        raise NotFound from error
    post = visit.of["post"]
    if (day, post) not in differences.spans(kept.record):
        raise NotFound
    return day, post


def _holders(kept: Kept, day: str, post: str) -> list[str]:
    return [row["person"] for row in kept.record["assignments"] if (row["date"], row["post"]) == (day, post)]


def _counts(one: Choice) -> list[dict[str, str]]:
    """Give what a choice changes: whose, which counter, from, to."""
    return [
        {"who": who, "class": word(COUNTED_WORDS, name), "old": str(old), "new": str(new)}
        for who, own in one.counters.items()
        for name, (old, new) in sorted(own.items(), key=lambda pair: pair[0] != "total")
        if who == one.person
    ]


def show_duty(visit: Visit) -> Response:
    """Show one duty: who has it, who could take it, for which it could be swapped."""
    kept = kept_asked(visit)
    values = {name: visit.text(name) for name in ("who", "how", *TYPED)}
    return _show_duty(visit, kept, values)


TYPED = ("reason", "by", "approver")
"""What is typed beside a change; a choice that is made anew takes it along."""


def _show_duty(
    visit: Visit, kept: Kept, values: Mapping[str, str], *, refused: str = "", status: int = 200
) -> Response:
    """Show one duty; where a change of it was refused, why, and the choices that there are now."""
    day, post = _seat(visit, kept)
    view = roster_outputs.roster_view(visit.db, kept)
    holders = _holders(kept, day, post)
    who = values["who"]
    who = who if who in holders else holders[0] if holders else ""
    how = "swap" if values["how"] == "swap" else "take"
    start, end = differences.spans(kept.record)[day, post]
    passed = local(visit.now)
    on = date.fromisoformat(day)
    shown = next(one for one in view.days if one.day == on)
    last = roster_life.history(visit.db, kept.month)[-1]
    choices, hindered = None, ""
    if who:
        step = roster_choices.partners if how == "swap" else roster_choices.substitutes
        try:
            choices = step(visit.db, who, f"{day}/{post}", now=visit.now)
        except AuditorError as error:
            hindered = _hindered(error)
            if not hindered:
                raise
    clash = [
        one.text
        for one in clashes_of(visit, kept)
        if (one.day, one.post, one.person) == (day, post, who)
    ] if who else []  # fmt: skip
    return visit.show(
        "rosters/duty.html",
        status=status,
        nav="/rosters",
        refused=refused,
        typed="".join(f"&{name}={part(values[name])}" for name in TYPED if values[name]),
        month=kept.month,
        day=on,
        iso=day,
        post=view.post(post),
        tone=post_tone(view.post(post)),
        who=who,
        name=view.member(who).name if who else "",
        phone=view.member(who).phone if who else "",
        others=[(one, view.member(one).name, duty_url(kept.month, day, post, one)) for one in holders],
        how=how,
        url=duty_url(kept.month, day, post),
        choices=choices,
        counts=_counts,
        posts={one.id: (one, post_tone(one)) for one in view.posts},
        hindered=hindered,
        begun=start <= passed,
        over=end <= passed,
        held=[day, post] in [list(one) for one in last["locked"]],
        state=kept.state or "published",
        remark=remark(shown),
        lacks=sum(count for at, key, count in view.lacking if (at, key) == (on, post)),
        deeds=roster_pages.seat_deeds(visit.db, kept.month, day, post, names(visit.db)),
        clash=clash,
    )


HINDERED = {
    roster_changes.Ended: N_("It is over, and what is past stays; the duty log takes what really happened."),
    roster_changes.Over: N_("It has begun, and is swapped no more; who goes on with it takes it over."),
    roster_changes.HeldBeside: N_(
        "The other day of its weekend goes with it and is locked; free that first."
    ),
    roster_changes.Held: N_("It is locked; free it first."),
    roster_life.NotNow: N_("The month is locked; nothing of it changes any more."),
}
"""Why a duty is given to nobody, without the words of the command line."""


def _hindered(error: AuditorError) -> str:
    return next((_(text) for kind, text in HINDERED.items() if isinstance(error, kind)), "")


CANNOT = (
    NotTheirs, NotAsItIs, LaterMonthLocked, Refused, UsageProblem,
    roster_changes.GivenAway, roster_changes.Over, roster_changes.Ended, roster_changes.Held,
    roster_changes.NotHisRole, roster_changes.NotHere,
)  # fmt: skip
"""What a swap or a take-over is refused with; another choice may do."""


def _refused(visit: Visit, kept: Kept, values: Mapping[str, str], error: AuditorError) -> Response:
    """Come back to the duty with what was asked, why it cannot be, and the choices that there are now."""
    called = names(visit.db)
    who, to = (called.get(values[name], values[name]) for name in ("who", "to"))

    def words(duty: str) -> str:
        on, _slash, post = duty.partition("/")
        try:
            return f"{day_words(on)} {_posts(visit, on[:7]).get(post, post)}".strip()
        except ValueError:  # in words already
            return duty

    asked = _("{other} takes {duty} over from {name}.")
    if values["with"]:
        asked = _("{name} gives {duty} to {other} and takes {theirs}.")
    mine = words(f"{values['day']}/{values['post']}")
    asked = asked.format(name=who, other=to, duty=mine, theirs=words(values["with"]))
    facts = {**error.facts, **({"duty": words(str(error.facts["duty"]))} if "duty" in error.facts else {})}
    hindered = _hindered(error)
    why = str(type(error)(**facts))
    if hindered:
        why = labelled(str(facts["duty"]), hindered) if "duty" in facts else hindered
    text = _("Nothing was kept. Asked for: {asked} It cannot be: {why}").format(asked=asked, why=why)
    values = {**values, "how": "swap" if values["with"] else "take"}
    return _show_duty(visit, kept, values, refused=text, status=409)


def _tried(visit: Visit, db: Any, *, dry_run: bool, values: Mapping[str, str]) -> dict[str, Any]:
    """Do the change that is asked for, or only try it."""
    day, post = values["day"], values["post"]
    duty = f"{day}/{post}"
    if values["with"]:
        return roster_changes.swap(
            db, values["who"], duty, values["to"], values["with"], agreed=values["agreed"] == "1" or dry_run,
            reason=values["reason"], by=values["by"], approver=values["approver"], now=visit.now,
            dry_run=dry_run,
        )  # fmt: skip
    return roster_changes.take_over(
        db, values["who"], duty, values["to"], reason=values["reason"], by=values["by"],
        approver=values["approver"], now=visit.now, dry_run=dry_run,
    )  # fmt: skip


def _asked(visit: Visit, kept: Kept, read: Any) -> dict[str, str]:
    day, post = _seat(visit, kept)
    other = read("with")
    if other:
        on, his = duty_asked(other)
        if not his:
            raise NotFound
        other = f"{on}/{his}"
    values = {name: read(name) for name in ("who", "to", "agreed", "reason", "by", "approver")}
    if not values["who"] or not values["to"]:
        raise UsageProblem(problem=_("choose who gives the duty and who takes it"))
    return {**values, "with": other, "day": day, "post": post}


def show_change(visit: Visit) -> Response:
    """Show what a swap or a take-over would do, before anything is kept."""
    kept = kept_asked(visit)
    return _show_change(visit, kept, _asked(visit, kept, visit.text))


def _show_change(
    visit: Visit, kept: Kept, values: Mapping[str, str], *, wrong: str = "", status: int = 200
) -> Response:
    try:
        with page_words(visit), visit.desk.sessions.writing() as db:  # tried, and undone at once
            told = _tried(visit, db, dry_run=True, values=values)
    except CANNOT as error:
        return _refused(visit, kept, values, error)
    view = roster_outputs.roster_view(visit.db, kept)
    on, post = values["day"], values["post"]
    other = values["with"].partition("/") if values["with"] else None
    return visit.show(
        "rosters/change.html",
        status=status,
        nav="/rosters",
        month=kept.month,
        values=values,
        told=told_view(visit, told),
        mark=roster_choices.mark_of(told),
        costs=costs(visit, told),
        wrong=wrong,
        day=date.fromisoformat(on),
        post=view.post(post),
        name=view.member(values["who"]).name,
        to_name=names(visit.db).get(values["to"], values["to"]),
        theirs=(date.fromisoformat(other[0]), view.post(other[2]).name) if other else None,
        back=duty_url(kept.month, on, post, values["who"]),
        state=kept.state or "published",
        leaders=[one.name for one in view.members if one.role == "leader"],
        action=f"{duty_url(kept.month, on, post)}/change",
    )


def do_change(visit: Visit) -> Response:
    """Keep a swap or a take-over; ask again where it would do something else than was shown."""
    kept = kept_asked(visit)
    values = _asked(visit, kept, visit.field)
    if values["with"] and values["agreed"] != "1" and not values["reason"]:
        said = _("Say that both have agreed, or write why the planner does it; nothing is kept yet.")
        return _show_change(visit, kept, values, wrong=said, status=400)
    try:
        if visit.stale:
            with page_words(visit), visit.desk.sessions.writing() as db:
                told = _tried(visit, db, dry_run=True, values=values)
            if roster_choices.mark_of(told) != visit.field("mark"):
                said = _(
                    "Something was changed meanwhile, and the change does something else now. This is what "
                    "it would do; press again if it is meant."
                )
                return _show_change(visit, kept, values, wrong=said, status=409)
        with page_words(visit), visit.writing() as db:
            told = _tried(visit, db, dry_run=False, values=values)
    except CANNOT as error:
        return _refused(visit, kept, values, error)
    tell = {one["name"] for month in told["months"] for one in month["tell"]}
    said = _("swapped") if values["with"] else _("taken over")
    if tell:
        said += " · " + _("tell: {names}").format(names=listed(sorted(tell)))
    return visit.go(f"/rosters/{kept.month}", said)


def costs(visit: Visit, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give which counters change, person by person, after the last month that is made."""
    called = names(visit.db)
    return [
        {
            "name": called.get(one["person"], one["person"]),
            "counts": [
                {"class": word(COUNTED_WORDS, name), "old": old, "new": new}
                for name, (old, new) in sorted(one["counters"].items(), key=lambda pair: pair[0] != "total")
            ],
        }
        for one in roster_choices.costs(visit.db, told)
    ]


def told_view(visit: Visit, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put what a change does into what the page shows: names, posts in the visitor's words, no commands."""
    called = names(visit.db)
    found = []
    months = [
        *told["months"],
        *({**one, "changes": [], "tell": [], "what": "left"} for one in told.get("left", ())),
    ]
    for one in months:
        posts = _posts(visit, one["month"])
        stages = one.get("stages", ())
        found.append(
            {
                "month": one["month"],
                "what": _(roster_pages.STEP_SAID.get(one["what"], "")) if one["what"] != "left" else "",
                "carried": one["what"] == "carried",
                "left": one["what"] == "left",
                "locked": roster_life.state(visit.db, one["month"]) == LOCKED,
                "state": one.get("state", ""),
                "changes": [
                    {
                        "day": row["date"],
                        "post": posts.get(row["post"], row["post"]),
                        "was": called.get(row["from"], row["from"]) if row["from"] else "",
                        "now": called.get(row["to"], row["to"]) if row["to"] else "",
                        "why": word(roster_pages.WHY_SAID, row["why"]) if "why" in row else "",
                    }
                    for row in one["changes"]
                ],
                "tell": [
                    {
                        "name": row["name"], "phone": row["phone"], "at_once": row["at_once"],
                        "no_longer": [(x["date"], posts.get(x["post"], x["post"])) for x in row["no_longer"]],
                        "now": [(x["date"], posts.get(x["post"], x["post"])) for x in row["now"]],
                    }
                    for row in one["tell"]
                ],
                "whys": any("why" in row for row in one["changes"]),
                "stages": [
                    {"name": word(STAGES, row["name"]), "value": row["value"], "bound": row["bound"]}
                    for row in stages
                ],
                "proven": bool(stages) and all(row["value"] == row["bound"] for row in stages),
                "wrong": _wrong(one, posts, called),
                "apart": one.get("apart", ()),
            }
        )  # fmt: skip
    return found


def _posts(visit: Visit, month: str) -> dict[str, str]:
    kept = roster_outputs.kept_month(visit.db, month)
    return {one.id: one.name for one in roster_outputs.post_views(kept.record)} if kept else {}


def _wrong(
    one: Mapping[str, Any], posts: Mapping[str, str], called: Mapping[str, str]
) -> list[dict[str, str]]:
    """Say what is wrong with a month all the same and is not over, each with the page of the duty."""
    found = []
    for row in one["still_out"]:
        if not row["over"]:
            text = _("{day} {post}: {name} is not there, and the duty stands").format(
                name=called.get(row["person"], row["person"]), day=row["date"],
                post=posts.get(row["post"], row["post"]),
            )  # fmt: skip
            url = duty_url(one["month"], row["date"], row["post"], row["person"])
            found.append({"text": text, "url": url, "way": _way(row)})
    for row in one["short"]:
        if not row["over"]:
            text = _("{day} {post}: empty").format(day=row["date"], post=posts.get(row["post"], row["post"]))
            url = duty_url(one["month"], row["date"], row["post"])
            found.append({"text": text, "url": url, "way": _way(row)})
    found += [
        {"text": row["text"], "url": "", "way": _way(row)}
        for row in one["still_broken"]
        if not row["told"] and not row["over"]
    ]
    return found


def _way(row: Mapping[str, Any]) -> str:
    """Say what helps with a seat on its own page."""
    if row["locked"]:
        return _("It is locked; free it first.")
    return _("It has begun; somebody can take it over.") if row["begun"] else ""


# the sick call


def show_sick(visit: Visit) -> Response:
    """Ask who is not there, and from when to when."""
    kept = kept_asked(visit)
    view = roster_outputs.roster_view(visit.db, kept)
    today = local(visit.now).date()
    first = visit.text("from")
    return visit.show(
        "rosters/sick.html",
        nav="/rosters",
        month=kept.month,
        people=[("", _("choose"))]
        + [(one.id, f"{one.name} {one.title}".strip()[:40]) for one in view.members],
        who=visit.text("who"),
        locked=kept.state == LOCKED,
        first=first or max(today, view.days[0].day).isoformat(),
        last=visit.text("to") or first or max(today, view.days[0].day).isoformat(),
    )


def ask_sick(visit: Visit) -> Response:
    """Start working out the least change for somebody who is not there; nothing is kept yet."""
    kept = kept_asked(visit)
    who, first, last = visit.field("who"), visit.field("from"), visit.field("to") or visit.field("from")
    if not who:
        raise UsageProblem(problem=_("choose who is not there"))
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise UsageProblem(problem=_("write the first and the last day, like 2026-12-01")) from error
    if days[0] > days[1]:
        raise UsageProblem(
            problem=_("{last} is before {first}; write the first day, then the last").format(
                first=first, last=last
            )
        )
    if days[1] < local(visit.now).date():
        raise UsageProblem(
            problem=_("{day} is past, and past duties stay; the duty log takes what really happened").format(
                day=last
            )
        )
    if days[1] - days[0] > timedelta(days=400):
        raise UsageProblem(problem=_("more than 400 days: write the last day in the staff list instead"))
    arguments = {
        "page": kept.month, "absent": [[who, first, last]], "reason": visit.field("reason"),
        "by": visit.field("by"), "short": visit.field("short") == "1", "revision": visit.revision,
    }  # fmt: skip
    return visit.work("roster_repair", arguments)


def ask_repair(visit: Visit) -> Response:
    """Start working out the least change by what is known today; nothing is kept yet."""
    kept = kept_asked(visit)
    arguments = {
        "page": kept.month, "absent": [], "month": kept.month, "reason": visit.field("reason"),
        "by": visit.field("by"), "short": visit.field("short") == "1", "revision": visit.revision,
    }  # fmt: skip
    return visit.work("roster_repair", arguments)


def _rehearsed(visit: Visit) -> Job:
    job = visit.job("roster_repair")
    if job.state != DONE or not job.outcome.get("rehearsed"):
        raise NotFound
    return job


def show_repair(visit: Visit) -> Response:
    """Show what a repair would do, before anything is kept; or why none helps."""
    job = _rehearsed(visit)
    outcome = job.outcome
    month = str(job.arguments.get("page", ""))
    if outcome.get("cannot"):
        return visit.show(
            "rosters/reasons.html",
            nav="/rosters",
            month=month,
            found=untyped(outcome["cannot"]),
            job=job,
            retry=job.arguments.get("absent"),
        )
    told = outcome["told"]
    called = names(visit.db)
    return visit.show(
        "rosters/repair.html",
        nav="/rosters",
        month=month,
        job=job,
        absent=[
            {"name": called.get(who, who), "first": first, "last": last}
            for who, first, last in job.arguments.get("absent", ())
        ],
        reason=job.arguments.get("reason", ""),
        months=told_view(visit, told),
        costs=costs(visit, told),
        nothing=not told["months"] and not job.arguments.get("absent"),
        moves=any(one["changes"] for one in told["months"]),
        wrong=any(roster_told.is_open(one) for one in (*told["months"], *told.get("left", ()))),
        older=visit.revision != job.arguments.get("revision"),
        action=f"/rosters/repairs/{job.number}",
        again=f"/rosters/repairs/{job.number}/again",
    )


def accept_repair(visit: Visit) -> Response:
    """Keep a repair that was shown; it is worked out anew and refused if it comes out otherwise."""
    job = _rehearsed(visit)
    if job.outcome.get("cannot"):
        raise NotFound
    arguments = {
        **job.arguments,
        "accept": roster_choices.mark_of(job.outcome["told"]),
        "by": visit.field("by") or job.arguments.get("by", ""),
        "revision": visit.revision,
    }
    return visit.work("roster_repair", arguments)


def repair_again(visit: Visit) -> Response:
    """Work a repair out anew: something was written since, or seats may stay empty."""
    job = _rehearsed(visit)
    arguments = {key: value for key, value in job.arguments.items() if key != "accept"}
    arguments |= {
        "revision": visit.revision,
        "short": visit.field("short") == "1" or bool(arguments.get("short")),
    }
    return visit.work("roster_repair", arguments)


# why a month cannot be staffed


_TYPED = re.compile(r"[:：] ?auditor roster [^:：]*$| ?[(（]--short[)）]")


def untyped(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of the ways what is typed at a command line: the page has a button for it."""
    ways = [{**row, "text": _TYPED.sub("", row["text"])} for row in found["ways"]]
    return {**found, "ways": ways}


def ask_reasons(visit: Visit) -> Response:
    """Start finding out whether, and if not why, a month's seats can be filled."""
    month = visit.of["month"]
    if not roster_pages.is_month(month):
        raise NotFound
    return visit.work("roster_explain", {"month": month})


def show_reasons(visit: Visit) -> Response:
    """Show what was found out last."""
    month = visit.of["month"]
    jobs = [visit.desk.jobs.latest(kind) for kind in ("roster_explain", "roster")]
    found = [
        one
        for one in jobs
        if one is not None and one.arguments.get("month") == month and one.outcome.get("cannot")
    ]
    if not found:
        raise NotFound
    job = max(found, key=lambda one: one.number)
    return visit.show(
        "rosters/reasons.html",
        nav="/rosters",
        month=month,
        found=untyped(job.outcome["cannot"]),
        job=job,
        retry=None,
    )


ROUTES = (
    page("/rosters/repairs/{number}", show_repair),
    act("/rosters/repairs/{number}", accept_repair),
    act("/rosters/repairs/{number}/again", repair_again),
    page("/rosters/{month}/sick", show_sick),
    act("/rosters/{month}/sick", ask_sick),
    act("/rosters/{month}/repair", ask_repair),
    page("/rosters/{month}/reasons", show_reasons),
    act("/rosters/{month}/explain", ask_reasons),
    page("/rosters/{month}/{day:int}/{post:path}/change", show_change),
    act("/rosters/{month}/{day:int}/{post:path}/change", do_change),
    page("/rosters/{month}/{day:int}/{post:path}", show_duty),
)
