"""``auditor roster submit`` to ``history``: what happens to a roster after it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import Command, Work, bureau_options, progress, say, show, table
from auditor.cli.roster import who_said
from auditor.entities import BUREAU_CLOCK
from auditor.errors import WARNINGS, Infeasible, UsageProblem
from auditor.i18n import N_, _, labelled, listed, ngettext

if TYPE_CHECKING:
    from auditor.store import Database

STEP_WORDS = {
    "made": N_("drawn up"),
    "submitted": N_("sent for approval"),
    "approved": N_("approved"),
    "published": N_("published"),
    "locked": N_("locked"),
    "swap": N_("swap"),
    "take-over": N_("take-over"),
    "repair": N_("repair"),
    "carried": N_("counters carried on"),
    "returned": N_("given back"),
    "unlocked": N_("opened again"),
    "held": N_("duties locked or freed"),
    "noted": N_("leave or people taken note of"),
    "dropped": N_("draft dropped"),
}
"""What a revision did."""
STATE_WORDS = {
    "draft": N_("draft"),
    "submitted": N_("waits for approval"),
    "approved": N_("approved"),
    "published": N_("published"),
    "locked": N_("locked"),
    "dropped": N_("dropped"),
}
"""The state of a roster."""
WHY_WORDS = {
    "leave": N_("on leave"),
    "left": N_("has left"),
    "out-of-town": N_("out of town"),
    "stand-by": N_("stand-by there"),
    "role": N_("has another role now"),
    "room": N_("makes room"),
    "seat": N_("another number of seats"),
    "empty": N_("the seat was empty"),
}
"""Why a repair changed a seat."""
STAGE_WORDS = {"cells": N_("people's days"), "people": N_("people"), "fairness": N_("unfairness")}
"""What a repair made small, in its order."""


def month_option(command: Command) -> Command:
    """Add ``--month`` as ``month``; None for the last one stored."""
    return click.option(
        "--month", metavar="YYYY-MM", help=_("Which month (else the last one made)."), default=None
    )(command)


def by_option(command: Command) -> Command:
    """Add ``--by`` as ``by``, the name of who does it."""
    return click.option("--by", default="", metavar="NAME", help=_("Who does it; kept in the history."))(
        command
    )


def dry_run_option(command: Command) -> Command:
    """Add ``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help=_("Show what would change; keep nothing."))(command)


def _month(db: Database, month: str | None) -> str:
    from auditor.cli.checks import stored_month
    from auditor.store.rosters import read_rosters

    return stored_month(read_rosters(db), month, _("roster"))


def _only(db: Database, state: str) -> str | None:
    """Give the only month whose roster is in a state, None where there is none; raises UsageProblem."""
    from auditor.store.rosters import read_rosters
    from auditor.workflow.duty import roster_life

    found = [key for key in read_rosters(db) if roster_life.state(db, key) == state]
    if len(found) > 1:
        raise UsageProblem(
            problem=_("several months are there ({state}: {months}); say which with --month").format(
                state=_(STATE_WORDS[state]), months=listed(found)
            )
        )
    return found[0] if found else None


def _advance(db: Path, now: datetime, as_json: bool, month: str | None, to: str, by: str) -> None:
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life

    with opened(db) as database:
        key = _month(database, month if month is not None else _only(database, roster_life.BEFORE[to]))
        revision = roster_life.advance(database, key, to, by=by, now=now)
    _show_step(key, revision, as_json)
    if to == "locked":
        _tell_to_come(key, revision, now)
    if to != "locked" and _tell_empty(key, revision):
        click.get_current_context().exit(WARNINGS)


def _tell_to_come(month: str, revision: Mapping[str, Any], now: datetime) -> None:
    """Say on standard error how many duties of a locked month are to come: nothing moves them any more."""
    from auditor.roster import changes

    passed = now.astimezone(BUREAU_CLOCK).replace(tzinfo=None)
    spans = changes.spans(revision["roster"])
    count = sum(
        spans[row["date"], row["post"]][0] > passed
        for row in revision["roster"]["assignments"]
        if (row["date"], row["post"]) in spans
    )
    if count:
        say(
            ngettext(
                "{n} duty of {month} is to come and moves no more, whoever falls ill; "
                "auditor roster lock --month {month} --undo REASON opens it",
                "{n} duties of {month} are to come and move no more, whoever falls ill; "
                "auditor roster lock --month {month} --undo REASON opens it",
                count,
            ).format(n=count, month=month)
        )


def _tell_empty(month: str, revision: Mapping[str, Any]) -> bool:
    """Say on standard error which seats nobody fills; give whether there are any."""
    from auditor.workflow.duty.roster_words import post_names

    record = revision["roster"]
    posts = post_names(record)
    seats = [
        f"{row['date']} {posts.get(row['post'], row['post'])}{_times(row['short'])}"
        for row in record.get("short", ())
    ]
    if seats:
        count = sum(row["short"] for row in record["short"])
        say(
            ngettext(
                "{n} seat stays empty: {seats}; see auditor roster explain --month {month}",
                "{n} seats stay empty: {seats}; see auditor roster explain --month {month}",
                count,
            ).format(n=count, seats=listed(seats), month=month)
        )
    return bool(seats)


def _times(count: int) -> str:
    """Say how many there are, where it is more than one."""
    return f" ×{count}" if count > 1 else ""


def _show_step(month: str, revision: Mapping[str, Any], as_json: bool) -> None:
    told = {"month": month} | {key: value for key, value in revision.items() if key != "roster"}
    told["short"] = list(revision["roster"].get("short", ()))
    text = _("roster of {month}: {state} (revision {revision})").format(
        month=month, state=_(STATE_WORDS[revision["state"]]), revision=revision["revision"]
    )
    show(told, as_json, text)


@click.command(
    "submit",
    help=_(
        "Send a draft for approval; it must keep every rule. Seats that stay empty are named (exit 5).\n\n"
        "\b\nExample:\n  auditor roster submit --month 2026-12 --by 王芳"
    ),
)
@month_option
@by_option
@bureau_options()
def submit(db: Path, now: datetime, as_json: bool, month: str | None, by: str) -> None:
    """Print the new state."""
    _advance(db, now, as_json, month, "submitted", by)


@click.command(
    "approve",
    help=_(
        "Approve a roster that was sent for approval, or give it back as a draft with --decline.\n\n"
        "\b\nExamples:\n  auditor roster approve --by 李局长\n"
        "  auditor roster approve --by 李局长 --decline 国庆带班太集中"
    ),
)
@click.option("--decline", default="", metavar="REASON", help=_("Give it back as a draft, and why."))
@month_option
@click.option("--by", required=True, metavar="NAME", help=_("Who approves or declines; kept in the history."))
@bureau_options()
def approve(db: Path, now: datetime, as_json: bool, month: str | None, by: str, decline: str) -> None:
    """Print the new state."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life

    if not by.strip():
        raise UsageProblem(problem=_("--by is empty; write who approves"))
    if not decline:
        _advance(db, now, as_json, month, "approved", by)
        return
    with opened(db) as database:
        key = _month(database, month if month is not None else _only(database, "submitted"))
        there = roster_life.state(database, key)
        if there not in ("submitted", "approved"):
            raise UsageProblem(
                problem=_("roster of {month}: it is not waiting for approval ({state})").format(
                    month=key, state=_(STATE_WORDS[there])
                )
            )
        _show_step(key, roster_life.give_back(database, key, by=by, reason=decline, now=now), as_json)


@click.command(
    "publish",
    help=_(
        "Publish an approved roster: from now on only swap, take-over and repair change it, and plans and "
        "draws take it into account. Seats that stay empty are named (exit 5).\n\n"
        "\b\nExample:\n  auditor roster publish --month 2026-12"
    ),
)
@month_option
@by_option
@bureau_options()
def publish(db: Path, now: datetime, as_json: bool, month: str | None, by: str) -> None:
    """Print the new state."""
    _advance(db, now, as_json, month, "published", by)


@click.command(
    "lock",
    help=_(
        "Lock a published roster, or single duties of any; what is locked never moves.\n\n"
        "\b\nExamples:\n  auditor roster lock --month 2026-11\n"
        "  auditor roster lock --duty 2026-12-31/lead --duty 2027-01-01\n"
        "  auditor roster lock --free 2026-12-31/lead\n"
        "  auditor roster lock --month 2026-11 --undo 补登11月30日替班"
    ),
)
@click.option(
    "--duty", multiple=True, metavar="DATE[/POST]",
    help=_("Lock this duty, or all of a date, instead of the month (may be repeated)."),
)  # fmt: skip
@click.option("--free", multiple=True, metavar="DATE[/POST]", help=_("Free such duties again."))
@click.option("--undo", default="", metavar="REASON", help=_("Open a locked month again, and why."))
@month_option
@by_option
@bureau_options()
def lock(
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    by: str,
    duty: tuple[str, ...],
    free: tuple[str, ...],
    undo: str,
) -> None:
    """Print the new state."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life
    from auditor.workflow.duty.roster_changes import duty_asked, post_named
    from auditor.workflow.duty.roster_words import post_names

    if sum(map(bool, (duty, free, undo))) > 1:
        raise UsageProblem(problem=_("say one of --duty, --free and --undo"))
    if not (duty or free or undo):
        _advance(db, now, as_json, month, "locked", by)
        return
    with opened(db) as database:
        if undo:
            key = _month(database, month if month is not None else _only(database, "locked"))
            there = roster_life.state(database, key)
            if there != "locked":
                raise UsageProblem(
                    problem=_("roster of {month}: it is not locked ({state})").format(
                        month=key, state=_(STATE_WORDS[there])
                    )
                )
            _show_step(key, roster_life.give_back(database, key, by=by, reason=undo, now=now), as_json)
            return
        asked = [duty_asked(one) for one in duty or free]
        months = sorted({day[:7] for day, _post in asked})
        if len(months) > 1 or month not in (None, months[0]):
            raise UsageProblem(problem=_("lock the duties of one month at a time"))
        roster = roster_life.stored_roster(database, months[0])
        seats = [(day, post_named(roster, post)) for day, post in asked]
        revision = roster_life.hold(database, months[0], seats, by=by, free=bool(free), now=now)
        _show_step(months[0], revision, as_json)
        if not as_json:
            posts = post_names(roster)
            held = _seats({(day, post) for day, post in revision["locked"]}, posts)
            click.echo(_("locked: {seats}").format(seats=held) if held else _("no single duty is locked"))


@click.command(
    "drop",
    help=_(
        "Take a draft away, such as one that was made by a slip; its history stays, and later months no "
        "longer count it. What is published is never dropped.\n\n"
        "\b\nExample:\n  auditor roster drop --month 2026-10 --reason 月份写错"
    ),
)
@click.option("--month", metavar="YYYY-MM", required=True, help=_("Which month."))
@click.option("--reason", metavar="TEXT", required=True, help=_("Why; kept in the history."))
@by_option
@bureau_options()
def drop(db: Path, now: datetime, as_json: bool, month: str, reason: str, by: str) -> None:
    """Print that it is gone."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life

    if not reason.strip():
        raise UsageProblem(problem=_("--reason is empty; write why the draft is dropped"))
    with opened(db) as database:
        _show_step(month, roster_life.drop(database, month, reason=reason, by=by, now=now), as_json)


@click.command(
    "swap",
    help=_(
        "Let WHO and OTHER swap a duty of each (dates, or DATE/POST); refused where a rule would break. The "
        "roster's approval stays. Without OTHER: list the swaps that are possible, the fairest first.\n\n"
        "\b\nExamples:\n  auditor roster swap 王芳 2026-12-09\n"
        "  auditor roster swap 王芳 2026-12-09 李强 2026-12-15 --agreed\n"
        "  auditor roster swap 王芳 2026-12-09/night 李强 2027-01-02/day --reason 培训 --approver 张主任"
    ),
)
@click.argument("who")
@click.argument("duty")
@click.argument("other", required=False)
@click.argument("other_duty", required=False)
@click.option("--agreed", is_flag=True, help=_("Both have agreed."))
@click.option("--reason", default="", metavar="TEXT", help=_("Why the planner does it, or why they swap."))
@click.option("--approver", default="", metavar="NAME", help=_("Who approved it."))
@dry_run_option
@by_option
@bureau_options()
def swap(
    db: Path,
    now: datetime,
    as_json: bool,
    who: str,
    duty: str,
    other: str | None,
    other_duty: str | None,
    agreed: bool,
    reason: str,
    approver: str,
    by: str,
    dry_run: bool,
) -> None:
    """Print what changed and whom to tell."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_changes, roster_choices

    if other is not None and other_duty is None:
        raise UsageProblem(
            problem=_("write the duty of {other} too, as a date or DATE/POST").format(other=other)
        )
    with opened(db) as database:
        if other is None or other_duty is None:
            _show_partners(roster_choices.partners_told(database, who, duty, now=now), as_json)
            return
        told = roster_changes.swap(
            database, who, duty, other, other_duty, agreed=agreed, reason=reason, by=by, approver=approver,
            now=now, dry_run=dry_run,
        )  # fmt: skip
        _show_change(database, told, as_json)


@click.command(
    "take-over",
    help=_(
        "Let OTHER take a duty of WHO over (a date, or DATE/POST), also one that has begun; refused where a "
        "rule would break. Without OTHER: list who could, the fairest choice first.\n\n"
        "\b\nExamples:\n  auditor roster take-over 王芳 2026-12-09\n"
        "  auditor roster take-over 王芳 2026-12-09 李强 --reason 发烧"
    ),
)
@click.argument("who")
@click.argument("duty")
@click.argument("other", required=False)
@click.option("--reason", default="", metavar="TEXT", help=_("Why; kept in the history."))
@click.option("--approver", default="", metavar="NAME", help=_("Who approved it."))
@dry_run_option
@by_option
@bureau_options()
def take_over(
    db: Path,
    now: datetime,
    as_json: bool,
    who: str,
    duty: str,
    other: str | None,
    reason: str,
    approver: str,
    by: str,
    dry_run: bool,
) -> None:
    """Print what changed and whom to tell."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_changes, roster_choices

    with opened(db) as database:
        if other is None:
            _show_substitutes(roster_choices.substitutes_told(database, who, duty, now=now), as_json)
            return
        told = roster_changes.take_over(
            database, who, duty, other, reason=reason, by=by, approver=approver, now=now, dry_run=dry_run
        )
        _show_change(database, told, as_json)


@click.command(
    "repair",
    help=_(
        "Mend the rosters after somebody falls ill, leaves or joins, or other leave came in: fewest people's "
        "days, then fewest people, then fairest, each proven. What is past or locked never moves. Prints "
        "what changed and whom to tell; exit 3 with the reasons where nothing helps.\n\n"
        "\b\nExamples:\n  auditor roster repair --absent 王芳 2026-12-09 2026-12-16 --reason 病假 --dry-run\n"
        "  auditor roster repair --month 2026-12"
    ),
)
@click.option(
    "--absent", type=(str, str, str), multiple=True, metavar="WHO FROM TO",
    help=_("Somebody is not there, first and last day included (may be repeated); kept as leave."),
)  # fmt: skip
@click.option("--month", metavar="YYYY-MM", help=_("This month only (else every one that is not over)."))
@click.option(
    "--settings", is_flag=True, help=_("Go by the desk's settings of today, not by those it was made by.")
)
@click.option("--short", is_flag=True, help=_("Leave the fewest seats empty where not all can be filled."))
@click.option("--reason", default="", metavar="TEXT", help=_("Why; kept as the kind of the leave."))
@click.option(
    "--work", type=Work(), default=10.0, help=_("Units of solver work for each step, about seconds.")
)
@dry_run_option
@by_option
@bureau_options()
@click.pass_context
def repair(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    absent: tuple[tuple[str, str, str], ...],
    month: str | None,
    settings: bool,
    short: bool,
    reason: str,
    work: float,
    by: str,
    dry_run: bool,
) -> None:
    """Print what changed, what it cost, and whom to tell."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_repairs, roster_told
    from auditor.workflow.duty.roster_reasons import CannotMend

    asked = [(who, *_days("--absent", first, to)) for who, first, to in absent]
    step = progress(2, "auditor roster repair")
    with opened(db) as database:
        try:
            told = roster_repairs.repair(
                database, absent=asked, month=month, settings=settings, short=short, reason=reason, by=by,
                now=now, work=work, dry_run=dry_run, progress=step,
            )  # fmt: skip
        except CannotMend as error:
            if as_json:
                show({"status": "infeasible", **error.facts}, as_json, "")
            raise
        _show_change(database, told, as_json)
    if any(roster_told.is_open(one) for one in (*told["months"], *told["left"])):
        ctx.exit(WARNINGS)


@click.command(
    "diff",
    help=_(
        "Show between two revisions of a month who has which duty no longer and which he has now.\n\n"
        "\b\nExample:\n  auditor roster diff --month 2026-12 --since 4"
    ),
)
@click.option(
    "--since",
    type=click.IntRange(min=1),
    metavar="N",
    help=_("From this revision (else the last one that differs)."),
)
@click.option("--until", type=click.IntRange(min=1), metavar="N", help=_("To this revision (else the last)."))
@month_option
@bureau_options()
def diff(
    db: Path, now: datetime, as_json: bool, month: str | None, since: int | None, until: int | None
) -> None:
    """Print a line for everybody whose duty moved."""
    from auditor.roster import changes
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life, roster_told
    from auditor.workflow.duty.roster_words import post_names

    with opened(db) as database:
        key = _month(database, month)
        known = {one["revision"]: one for one in roster_life.history(database, key)}
        late = max(known) if until is None else until
        early = max(late - 1, 1) if since is None else since
        rows = {number: changes.rows_of(one["roster"]) for number, one in known.items()}
        while since is None and early > 1 and rows[early] == rows.get(late):
            early -= 1
        for number in (early, late):
            if number not in known:
                raise UsageProblem(
                    problem=_("the roster of {month} has the revisions 1 to {last}, and no {number}").format(
                        month=key, last=max(known), number=number
                    )
                )
        changed = changes.changes(
            changes.rows_of(known[early]["roster"]), changes.rows_of(known[late]["roster"])
        )
        people = roster_told.diff(database, changed, now)
    told = {"month": key, "since": early, "until": late, "changes": changed, "people": people}
    posts = post_names(known[early]["roster"]) | post_names(known[late]["roster"])
    lines = [_person_text(one, posts) for one in people]
    show(told, as_json, "\n".join(lines) or _("no duty moved"))


@click.command(
    "history",
    help=_(
        "List the revisions of a month: what was done when, by whom, and which duties moved.\n\n"
        "\b\nExample:\n  auditor roster history --month 2026-12"
    ),
)
@month_option
@bureau_options()
def history(db: Path, now: datetime, as_json: bool, month: str | None) -> None:
    """Print a line for every revision, and below which duties moved."""
    from auditor.roster import changes
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life
    from auditor.workflow.duty.roster_words import post_names
    from auditor.workflow.people import names as all_names

    with opened(db) as database:
        if month is None or not roster_life.history(database, month):
            month = _month(database, month)
        found = roster_life.history(database, month)
        names = all_names(database)
    rows = [
        (
            one["revision"],
            _when(one["at"]),
            _(STEP_WORDS[one["what"]]),
            _(STATE_WORDS[one["state"]]),
            one["by"],
            # of a draft that was made anew only how many: nearly all may have moved
            len(one["changes"])
            or len(changes.changes(*map(changes.rows_of, (before["roster"], one["roster"])))),
            one["reason"],
        )
        for before, one in zip([*found[:1], *found], found, strict=False)
    ]
    titles = (
        _("revision"), _("when"), _("what was done"), _("state"), _("by"), _("duties moved"), _("reason"),
    )  # fmt: skip
    lines = [table(titles, rows)]
    held: set[tuple[str, str]] = set()
    for one in found:
        posts = post_names(one["roster"])
        now_held = {(day, post) for day, post in one["locked"]}
        parts = [_move_text(row, posts, names) for row in one["changes"]]
        parts += [_("locked {seats}").format(seats=_seats(now_held - held, posts))] if now_held - held else []
        parts += [_("freed {seats}").format(seats=_seats(held - now_held, posts))] if held - now_held else []
        held = now_held
        if parts:
            lines.append(labelled(_("revision {n}").format(n=one["revision"]), _("; ").join(parts)))
    plain = [{key: value for key, value in one.items() if key != "roster"} for one in found]
    show({"month": month, "revisions": plain}, as_json, "\n".join(lines))


def _seats(seats: Iterable[tuple[str, str]], posts: Mapping[str, str]) -> str:
    """Say seats, (date, post)."""
    return listed(f"{day} {posts.get(post, post)}" for day, post in sorted(seats))


def _move_text(row: Mapping[str, Any], posts: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Say which duty came from whom to whom; – is nobody."""
    old, new = (names.get(row[side], row[side]) if row[side] else "–" for side in ("from", "to"))
    return f"{row['date']} {posts.get(row['post'], row['post'])} {old} → {new}"


def _when(at: str) -> str:
    """Say when a revision was made, on the bureau's clock; of old rosters nobody knows."""
    return f"{datetime.fromisoformat(at).astimezone(BUREAU_CLOCK):%Y-%m-%d %H:%M}" if at else "–"


def _days(option: str, first: str, last: str) -> tuple[date, date]:
    """Read the first and the last day of something."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise UsageProblem(
            problem=_("{option} {day}: write a date like 2026-12-01").format(
                option=option, day=f"{first} {last}"
            )
        ) from error
    if days[0] > days[1]:
        raise UsageProblem(
            problem=_("{option}: {last} is before {first}; write the first day, then the last").format(
                option=option, first=first, last=last
            )
        )
    return days


def _show_change(db: Database, told: Mapping[str, Any], as_json: bool) -> None:
    """Print what a change did to each month, and whom to tell."""
    from auditor.workflow.people import names

    known = {} if as_json else names(db)
    lines = [line for one in told["months"] for line in _month_lines(one, known)]
    for one in told.get("left", ()):
        lines.append(_("roster of {month}: nothing moves, and this is left").format(month=one["month"]))
        lines += _wrong_lines(one, known)
    if not lines:
        lines = [_("nothing moves: the rosters keep every rule as they are")]
    for row in told.get("kept", ()):
        lines.append(
            _(
                "{name} has another role now and stays {roles} in {month}, where he has been on duty as "
                "such; the new role holds from the next roster on"
            ).format(
                name=known.get(row["person"], row["person"]), roles=who_said(row["roles"]), month=row["month"]
            )
        )
    if told["dry_run"]:
        lines.append(_("nothing was kept: this was a dry run"))
    show(told, as_json, "\n".join(lines))


def _show_substitutes(told: Mapping[str, Any], as_json: bool) -> None:
    """Print who could take a duty over; exit 3 where nobody can."""
    rows = [
        (one["name"], one["phone"], one["objective"], _counted(one["counters"][one["person"]]), one["note"])
        for one in told["substitutes"]
    ]
    titles = (_("name"), _("phone"), _("unfairness"), _("his counters"), _("note"))
    titles, rows = _with_notes(titles, rows)
    show(told, as_json, "\n".join([table(titles, rows), _compared(told)]) if rows else "")
    if not rows:
        raise Infeasible(
            reason=_("nobody can take {date}/{post} over by the rules; see `auditor roster repair`").format(
                **told
            )
        )


def _with_notes(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[Any, Any]:
    """Leave the column of notes, the last one, out where there is none."""
    if any(row[-1] for row in rows):
        return titles, rows
    return titles[:-1], [row[:-1] for row in rows]


def _show_partners(told: Mapping[str, Any], as_json: bool) -> None:
    """Print with which duties one could be swapped; exit 3 where with none."""
    rows = [
        (
            one["date"],
            told["posts"].get(one["post"], one["post"]),
            one["name"],
            one["phone"],
            one["objective"],
            _counted(one["counters"][told["person"]]),
            _counted(one["counters"][one["person"]]),
            one["note"],
        )
        for one in told["partners"]
    ]
    titles = (
        _("date"), _("post"), _("name"), _("phone"), _("unfairness"),
        _("counters of {name}").format(name=told["name"]), _("his counters"), _("note"),
    )  # fmt: skip
    titles, rows = _with_notes(titles, rows)
    show(told, as_json, "\n".join([table(titles, rows), _compared(told)]) if rows else "")
    if not rows:
        raise Infeasible(
            reason=_(
                "{date}/{post} can be swapped with no duty near it by the rules; see `take-over`"
            ).format(**told)
        )


def _counted(changed: Mapping[str, Sequence[int]]) -> str:
    """Say how somebody's counters change."""
    from auditor.pages.words import COUNTED_WORDS, word

    said = (f"{word(COUNTED_WORDS, name)} {old} → {new}" for name, (old, new) in changed.items())
    return listed(said) or _("no change")


def _compared(told: Mapping[str, Any]) -> str:
    """Say what the figures of a list of choices are."""
    return _("unfairness and counters after {month}, the last roster made; unfairness now {value}").format(
        month=told["until"], value=told["before"]
    )


def _month_lines(one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    lines = []
    posts = one["posts"]
    if one["what"] != "carried":
        lines.append(_head(one))
    if one["changes"]:
        titles = [_("date"), _("post"), _("before"), _("after")]
        rows = []
        for row in one["changes"]:
            cells = [row["date"], posts.get(row["post"], row["post"])]
            cells += [names.get(row[side], row[side]) if row[side] else "–" for side in ("from", "to")]
            rows.append([*cells, _(WHY_WORDS[row["why"]])] if "why" in row else cells)
        if any("why" in row for row in one["changes"]):
            titles.append(_("reason"))
        lines.append(table(titles, rows))
    lines += [_("taken apart, for it can be kept no more: {text}").format(text=text) for text in one["apart"]]
    lines += _wrong_lines(one, names)
    for at_once in (True, False):
        people = [person for person in one["tell"] if person["at_once"] is at_once]
        if people:
            lines.append(_("tell at once:") if at_once else _("tell:"))
            lines += [f"  {_person_text(person, posts)}" for person in people]
    return lines


def _wrong_lines(one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Say what is wrong with a month all the same and is not over, and what helps."""
    lines = []
    posts = one["posts"]
    for row in one["still_out"]:
        if not row["over"]:
            text = _("stands though {name} is not there: {day} {post}").format(
                name=names.get(row["person"], row["person"]),
                day=row["date"],
                post=posts.get(row["post"], row["post"]),
            )
            lines.append(_cured(text, row))
    for row in one["short"]:
        if not row["over"]:
            seat = f"{row['date']} {posts.get(row['post'], row['post'])}"
            lines.append(_cured(_("empty: {seats}").format(seats=seat), row))
    for row in one["still_broken"]:
        if not row["told"] and not row["over"]:
            lines.append(_cured(_("broken all the same: {text}").format(text=row["text"]), row))
    return lines


def _cured(text: str, row: Mapping[str, Any]) -> str:
    """Add what helps to a sentence about what is wrong."""
    if row["cures"]:
        parts = [_("it is locked")] if row["locked"] else [_("it has begun")] if row["begun"] else []
        cure = _(", then ").join(row["cures"])
        return _("; ").join([text, *parts, cure])
    return _("; ").join([text, _("it has begun, and the duty log takes who came")]) if row["begun"] else text


def _head(one: Mapping[str, Any]) -> str:
    text = _("roster of {month}, revision {revision}: {what}").format(
        month=one["month"], revision=one["revision"], what=_(STEP_WORDS[one["what"]])
    )
    parts = [
        _("{name} {value}").format(name=_(STAGE_WORDS[stage["name"]]), value=stage["value"])
        + ("" if stage["value"] == stage["bound"] else _(" (at least {bound})").format(bound=stage["bound"]))
        for stage in one.get("stages", ())
        if one["what"] != "noted"
    ]
    if not parts:
        parts = [
            ngettext("{n} duty moves", "{n} duties move", len(one["changes"])).format(n=len(one["changes"]))
        ]
    elif all(stage["value"] == stage["bound"] for stage in one["stages"]):
        parts.append(_("all proven least"))
    return labelled(text, _("; ").join(parts))


def _person_text(person: Mapping[str, Any], posts: Mapping[str, str]) -> str:
    name = f"{person['name']} {person['phone']}".strip()
    parts = [
        _("no longer {duties}").format(duties=_duties(person["no_longer"], posts))
        if person["no_longer"]
        else "",
        _("now {duties}").format(duties=_duties(person["now"], posts)) if person["now"] else "",
    ]
    return labelled(name, _("; ").join(part for part in parts if part))


def _duties(rows: Sequence[Mapping[str, str]], posts: Mapping[str, str]) -> str:
    return listed(f"{row['date']} {posts.get(row['post'], row['post'])}" for row in rows)


commands: tuple[click.Command, ...] = (
    submit, approve, publish, lock, drop, swap, take_over, repair, diff, history,
)  # fmt: skip
