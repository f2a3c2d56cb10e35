"""``auditor leave request | approve | return | print``: asked, decided, back; the form on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import bureau_options, say, show, table
from auditor.cli.past import Day
from auditor.cli.secrets import is_drill
from auditor.errors import WARNINGS
from auditor.i18n import _, labelled, listed

HALVES = {"am": "am", "pm": "pm", "上午": "am", "下午": "pm"}
"""What a half-day may be called."""


@click.command(
    "request",
    help=_(
        "Ask for leave of WHO (id or name of the staff; with --unit the name of its head), FIRST to LAST. "
        "Nobody is asked why. Clashes with the roster and with key periods are shown (exit 5).\n\n"
        "\b\nExamples:\n  auditor leave request 0101 2026-12-07 2026-12-09 --acting 0102\n"
        "  auditor leave request 0205 2026-12-07 --half pm\n"
        "  auditor leave request 王强 2026-12-07 2026-12-08 --unit 青溪小学 --post 校长 --acting 李明 "
        "--out-of-town --where out"
    ),
)
@click.argument("who", metavar="WHO")
@click.argument("first", type=Day(), metavar="FIRST")
@click.argument("last", type=Day(), required=False, metavar="[LAST]")
@click.option(
    "--half", type=click.Choice([*HALVES]), metavar="[am|pm]", help=_("Half of one day only (or 上午, 下午).")
)
@click.option("--out-of-town", is_flag=True, help=_("A report of being out of town (外出报备)."))
@click.option(
    "--where",
    type=click.Choice(["in", "out"]),
    default="in",
    show_default=True,
    help=_("In the county or outside it."),
)
@click.option("--acting", default="", metavar="WHO", help=_("Who acts meanwhile; needed for heads."))
@click.option("--unit", default="", metavar="UNIT", help=_("Whose head WHO is (code or name)."))
@click.option("--post", default="", metavar="TEXT", help=_("The post of a unit's head."))
@click.option("--phone", default="", metavar="TEXT", help=_("The duty telephone of a unit's head."))
@bureau_options()
@click.pass_context
def request_leave(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    who: str,
    first: datetime,
    last: datetime | None,
    half: str | None,
    out_of_town: bool,
    where: str,
    acting: str,
    unit: str,
    post: str,
    phone: str,
) -> None:
    """Keep the request and show what stands against it."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import leave_requests as step

    asked = step.Ask(
        who=who,
        first=first.date(),
        last=(last or first).date(),
        kind="out-of-town" if out_of_town else "leave",
        half=HALVES.get(half or "", ""),
        where=where,
        acting=acting,
        unit=unit,
        post=post,
        phone=phone,
    )
    with opened(db) as database:
        made, found = step.ask(database, asked, now)
    _tell(ctx, made, found, as_json, _("asked: {id} {name}, {days}"))


def _tell(
    ctx: click.Context, request: Mapping[str, Any], clashes: Sequence[str], as_json: bool, text: str
) -> None:
    """Print a request; its clashes go to standard error and end with exit 5."""
    days = request["from"] + (f" – {request['to']}" if request["to"] != request["from"] else "")
    show(
        {**request, "clashes": list(clashes)},
        as_json,
        text.format(id=request["id"], name=request["name"], days=days),
    )
    for one in clashes:
        say(_("clash: {what}").format(what=one))
    if clashes:
        ctx.exit(WARNINGS)


def _mend(months: Sequence[str]) -> None:
    """Say how the rosters of these months take leave in that came or went."""
    if months:
        say(
            _("the roster of {months} takes it in with `auditor roster repair`").format(months=listed(months))
        )


@click.command(
    "approve",
    help=_(
        "Decide request ID: agreed to it becomes leave and keeps its person off duty and visits; --refuse "
        "does not agree. What clashes is shown (exit 5): swap or repair the roster.\n\n"
        "\b\nExamples:\n  auditor leave approve 2026-0001 --by 张局长\n"
        "  auditor leave approve 2026-0002 --refuse --by 张局长 --note 重点时段"
    ),
)
@click.argument("request_id", metavar="ID")
@click.option("--refuse", is_flag=True, help=_("Do not agree."))
@click.option("--by", required=True, metavar="WHO", help=_("Who decided."))
@click.option("--note", default="", metavar="TEXT", help=_("In words; no reason of an illness."))
@bureau_options()
@click.pass_context
def approve(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    request_id: str,
    refuse: bool,
    by: str,
    note: str,
) -> None:
    """Keep the decision."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import leave_requests as step

    with opened(db) as database:
        request, found = step.decide(database, request_id, agreed=not refuse, by=by, note=note, now=now)
        touched = [] if refuse else step.rosters_touched(database, request)
    _mend(touched)
    text = _("not agreed: {id} {name}, {days}") if refuse else _("agreed: {id} {name}, {days}")
    _tell(ctx, request, found, as_json, text)


@click.command(
    "return",
    help=_(
        "Note the first day back of request ID (销假): leave that is left is taken back. Before the leave "
        "begins, the request is withdrawn.\n\n"
        "\b\nExample:\n  auditor leave return 2026-0001 2026-12-09"
    ),
)
@click.argument("request_id", metavar="ID")
@click.argument("on", type=Day(), required=False, metavar="[DAY]")
@bureau_options()
def come_back(db: Path, now: datetime, as_json: bool, request_id: str, on: datetime | None) -> None:
    """Shorten the leave."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import leave_requests as step
    from auditor.workflow.months import BEIJING

    day = on.date() if on is not None else now.astimezone(BEIJING).date()
    with opened(db) as database:
        request, told = step.come_back(database, request_id, day, now)
        touched = step.rosters_touched(database, request)
    show(
        {**request, "told": told},
        as_json,
        labelled(f"{request['id']} {request['name']}", told)
        if request["state"] == "withdrawn"
        else _("{name} is back from {day} on: {told}").format(name=request["name"], day=day, told=told),
    )
    _mend(touched)


@click.command(
    "print",
    help=_(
        "Write the form of request ID as a page to print, one A4.\n\n"
        "\b\nExample:\n  auditor leave print 2026-0001 请假审批表.html"
    ),
)
@click.argument("request_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
@click.pass_context
def print_form(
    ctx: click.Context, db: Path, now: datetime, as_json: bool, request_id: str, file: Path
) -> None:
    """Write it."""
    from auditor.pages.leave_form import leave_html
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import leave_requests as step
    from auditor.workflow.papers import refuse_taken, write_new

    with opened(db) as database:
        view = step.form_view(database, request_id, drill=is_drill(ctx))
    refuse_taken(file)
    write_new(file, leave_html(view))
    show({"file": str(file)}, as_json, _("{file} is made").format(file=file))


def requests_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out requests for people."""
    from auditor.pages.duty_words import HALF_WORDS, LEAVE_KIND_WORDS, LEAVE_STATE_WORDS, WHERE_WORDS
    from auditor.pages.words import word

    titles = (
        _("request"), _("full name"), _("kind of leave"), _("from"), _("to"), _("half day"), _("where"),
        _("acting head"), _("state"), _("back on"),
    )  # fmt: skip
    return table(
        titles,
        [
            (
                one["id"],
                one["name"],
                word(LEAVE_KIND_WORDS, one["kind"]),
                one["from"],
                one["to"],
                word(HALF_WORDS, one["half"]),
                word(WHERE_WORDS, one["where"]),
                one["acting_name"],
                word(LEAVE_STATE_WORDS, one["state"]),
                one["returned"],
            )
            for one in rows
        ],
    )


commands: list[click.Command] = [request_leave, approve, come_back, print_form]
