"""``auditor blackouts`` and ``auditor past``: days without visits, and what was inspected before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.imports import import_options, run_import
from auditor.cli.options import bureau_options, domains_text, show, table, titles_here
from auditor.entities import BLACKOUTS
from auditor.i18n import _


class Day(click.DateTime):
    """A day, written like 2026-12-01."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; what cannot be read is refused with an example, not with a format."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(_("{day} is no day; write it like 2026-12-01").format(day=value), param, ctx)


@click.group(help=_("Black-outs: days on which a unit, a place, a kind or nobody at all is visited."))
def blackouts() -> None:
    """Group of the commands about black-outs."""


@blackouts.command(
    "import",
    help=_(
        "Import black-outs: scope (code, name, township, district or kind; empty or 全部 for all), from, to, "
        "kind (考试, 停课, 上级检查, 其他), reason; both days included.\n\n"
        "\b\nExample:\n  auditor blackouts import 考试安排.xlsx --dry-run"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_blackouts(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import BLACKOUT_ALIASES
    from auditor.workflow.past import import_blackouts as step

    run_import(ctx, step, tuple(BLACKOUT_ALIASES), **options)


@blackouts.command(
    "add",
    help=_(
        "Add one black-out; SCOPE is a code, name, township, district or kind, or 全部 for all.\n\n"
        "\b\nExample:\n  auditor blackouts add 城关镇 2026-12-10 2026-12-11 --kind inspection "
        "--reason 省级督导评估"
    ),
)
@click.argument("scope")
@click.argument("first", type=Day(), metavar="FIRST")
@click.argument("last", type=Day(), required=False, metavar="[LAST]")
@click.option("--kind", type=click.Choice(list(BLACKOUTS)), default="other", help=_("Why (else other)."))
@click.option("--reason", default="", metavar="TEXT", help=_("In words, for the list."))
@bureau_options()
def add(
    db: Path,
    now: datetime,
    as_json: bool,
    scope: str,
    first: datetime,
    last: datetime | None,
    kind: str,
    reason: str,
) -> None:
    """Keep one."""
    from auditor.workflow import past as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        end = (last or first).date()
        made = step.add_blackout(database, scope, first.date(), end, kind, reason, now)
    record = {
        "scope": made.scope, "from": made.from_on.isoformat(), "to": made.to_on.isoformat(),
        "kind": made.kind, "reason": made.reason,
    }  # fmt: skip
    show(
        record,
        as_json,
        _("{scope} is not visited from {first} to {last}; numbers that are frozen already stay").format(
            scope=made.scope or _("all"), first=made.from_on, last=made.to_on
        ),
    )


@blackouts.command(
    "drop",
    help=_(
        "Take away the black-outs of SCOPE that begin on FIRST.\n\n"
        "\b\nExample:\n  auditor blackouts drop 城关镇 2026-12-10"
    ),
)
@click.argument("scope")
@click.argument("first", type=Day(), metavar="FIRST")
@bureau_options()
def drop(db: Path, now: datetime, as_json: bool, scope: str, first: datetime) -> None:
    """Take them away."""
    from auditor.workflow import past as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        count = step.drop_blackout(database, scope, first.date(), now)
    show({"dropped": count}, as_json, _("taken away: {count}").format(count=count))


@blackouts.command("list", help=_("List the black-outs.\n\n\b\nExample:\n  auditor blackouts list --json"))
@bureau_options()
def list_blackouts(db: Path, now: datetime, as_json: bool) -> None:
    """Print them by first day."""
    from auditor.i18n import language
    from auditor.workflow import past as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = step.list_blackouts(database)
    zh = language() == "zh"
    titles = (_("scope"), _("from"), _("to"), _("kind"), _("reason"))
    cells = [
        (one["scope"] or _("all"), one["from"], one["to"], one["word"] if zh else one["kind"], one["reason"])
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


@click.group(
    help=_("Past inspections: units are left alone for a while after one, and nobody goes twice running.")
)
def past() -> None:
    """Group of the commands about past inspections."""


@past.command(
    "import",
    help=_(
        "Import inspections that this file does not know: unit, date, domains, people, directed (the number "
        "of the order, if one was given).\n\n"
        "\b\nExample:\n  auditor past import 2026年检查台账.xlsx --dry-run"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_past(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import PAST_ALIASES
    from auditor.workflow.domains import load_for
    from auditor.workflow.past import import_past as step

    plugins = load_for(ctx.obj, options["db"], options["now"].date())
    run_import(ctx, step, tuple(PAST_ALIASES), plugins=plugins, **options)


@past.command(
    "list",
    help=_(
        "List what is known to have been inspected: imported, closed on the spot, or released and done.\n\n"
        "\b\nExample:\n  auditor past list --json"
    ),
)
@bureau_options()
def list_past(db: Path, now: datetime, as_json: bool) -> None:
    """Print them by day."""
    from auditor.workflow import past as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = step.list_past(database)
        names = {} if as_json else titles_here(database, now)
    titles = (_("unit"), _("day"), _("domains"), _("people"), _("ordered"))
    cells = [
        (
            one["unit"],
            one["date"],
            domains_text(one["domains"], names),
            ";".join(one["people"]),
            _("yes") if one["directed"] else "",
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


groups: list[click.Group] = [blackouts, past]
