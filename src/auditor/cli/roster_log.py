"""``auditor roster log``: what happened on duty, patrol rounds, hand-over."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, say, show, table
from auditor.cli.past import Day
from auditor.cli.secrets import is_drill
from auditor.errors import WARNINGS, UsageProblem
from auditor.i18n import _


@click.group("log", help=_("The duty log: entries, patrol rounds and hand-over; added, never changed."))
def log() -> None:
    """Group of the commands about the duty log."""


@log.command(
    "add",
    help=_(
        "Write an entry. With --patrol PLACE it is a round (--problem says what was wrong), with "
        "--hand-over-to WHO a hand-over. No names of callers, pupils or patients.\n\n"
        "\b\nExamples:\n  auditor roster log add 接县应急局电话通知大风蓝色预警，已转各校 --by 0201\n"
        "  auditor roster log add --by 0201 --patrol 办公楼三层 --problem 走廊窗户未关 已关闭\n"
        "  auditor roster log add 大风预警待续报 --by 0201 --hand-over-to 0203"
    ),
)
@click.argument("text", required=False, default="")
@click.option("--by", required=True, metavar="WHO", help=_("Who writes it (id or name of the staff)."))
@click.option("--at", metavar="ISO", help=_("When it happened (else now)."))
@click.option("--patrol", default="", metavar="PLACE", help=_("The place of a patrol round."))
@click.option("--problem", default="", metavar="TEXT", help=_("What was wrong there; empty if nothing."))
@click.option("--hand-over-to", "to", default="", metavar="WHO", help=_("Who takes over."))
@click.option("--corrects", default="", metavar="ID", help=_("The entry of that day that this one corrects."))
@bureau_options()
@click.pass_context
def add(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    text: str,
    by: str,
    at: str | None,
    patrol: str,
    problem: str,
    to: str,
    corrects: str,
) -> None:
    """Keep it; exit 5 if its writer is not on duty by the roster."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import duty_log as step
    from auditor.workflow.people import names

    when = now
    if at is not None:
        try:
            when = datetime.fromisoformat(at)
        except ValueError as error:
            raise UsageProblem(
                problem=_("--at {text}: write it like 2026-12-01T08:00+08:00").format(text=at)
            ) from error
        when = when.replace(tzinfo=now.tzinfo) if when.tzinfo is None else when
    entry = step.Entry(by=by, at=when, text=text, place=patrol, problem=problem, to=to, corrects=corrects)
    with opened(db) as database:
        made, on_duty = step.add(database, entry, now)
        writer = names(database).get(made["by"], made["by"])
    show({**made, "on_duty": on_duty}, as_json, _("{id} is written").format(id=made["id"]))
    if not on_duty:
        say(_("by the roster {by} is not on duty then; the entry is kept all the same").format(by=writer))
        ctx.exit(WARNINGS)


@log.command(
    "list",
    help=_(
        "List the entries of the duty days FIRST to LAST.\n\n"
        "\b\nExample:\n  auditor roster log list 2026-12-01 2026-12-07 --json"
    ),
)
@click.argument("first", type=Day(), metavar="FIRST")
@click.argument("last", type=Day(), required=False, metavar="[LAST]")
@bureau_options()
def list_entries(db: Path, now: datetime, as_json: bool, first: datetime, last: datetime | None) -> None:
    """Print them in the order written."""
    from auditor.pages.duty_words import LOG_WORDS
    from auditor.pages.words import word
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import duty_log as step
    from auditor.workflow.people import names

    with opened(db) as database:
        rows = step.entries(database, first.date(), (last or first).date())
        known = names(database)
    titles = (
        _("entry"),
        _("time"),
        _("kind"),
        _("written by"),
        _("taken over by"),
        _("place of the round"),
        _("problem"),
        _("text"),
    )
    cells = [
        (
            one["id"],
            one["at"].replace("T", " "),
            word(LOG_WORDS, one["kind"]),
            known.get(one["by"], one["by"]),
            known.get(one["to"], one["to"]),
            one["place"],
            one["problem"],
            one["text"] + (f" ← {one['corrects']}" if one["corrects"] else ""),
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


@log.command(
    "print",
    help=_(
        "Write the log of duty day DAY as a page to print and sign, A4.\n\n"
        "\b\nExample:\n  auditor roster log print 2026-12-03 值班日志-12-03.html"
    ),
)
@click.argument("day", type=Day(), metavar="DAY")
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
@click.pass_context
def print_log(ctx: click.Context, db: Path, now: datetime, as_json: bool, day: datetime, file: Path) -> None:
    """Write it."""
    from auditor.pages.duty_log import log_html
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import duty_log as step
    from auditor.workflow.papers import refuse_taken, write_new

    with opened(db) as database:
        view = step.log_view(database, day.date(), drill=is_drill(ctx))
    refuse_taken(file)
    write_new(file, log_html(view))
    show({"file": str(file)}, as_json, _("{file} is made").format(file=file))


commands: list[click.Command] = [log]
