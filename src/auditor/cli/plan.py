"""``auditor plan``: look at the stored plan, and check any plan without the solver."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, show, table
from auditor.i18n import _


@click.group(help=_("The plan of visits: who goes when, and whether it keeps every rule."))
def plan() -> None:
    """Group of the commands about plans."""


@plan.command(
    "show", help=_("Show the stored plan.\n\n\b\nExample:\n  auditor plan show --db auditor-demo/bureau.db")
)
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one planned)."))
@bureau_options()
def show_plan(db: Path, now: datetime, as_json: bool, month: str | None) -> None:
    """Print the visits in order of day."""
    from auditor.cli.checks import stored_month
    from auditor.pages.words import SLOT_WORDS, word
    from auditor.store.records import read_plans, read_settings
    from auditor.store.staff import read_inspectors
    from auditor.store.units import read_units
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        plans = read_plans(database)
        unit_names = {unit.id: unit.name for unit in read_units(database)}
        staff_names = {one.id: one.name for one in read_inspectors(database)}
        settings = read_settings(database)
    stored = {key: record for key, (_number, record) in plans.items()}
    key = stored_month(stored, month, _("plan"))
    record = stored[key]
    neutral = json.loads(settings.get(f"staff_key/{plans[key][0]}", "{}"))
    people = {short: staff_names.get(own, own) for own, short in neutral.items()}
    visits = sorted(record["visits"], key=lambda one: (one["date"], one["start"], one["id"]))
    titles = (_("day"), _("half-day"), _("arrival"), _("sortie"), _("unit"), _("domains"), _("team"))
    rows = [
        (
            one["date"],
            word(SLOT_WORDS, one["slot"]),
            one["start"],
            one["sortie"],
            unit_names.get(one["unit"], one["unit"]),
            ";".join(one["domains"]),
            "、".join(people.get(who, who) for who in one["team"]),
        )
        for one in visits
    ]
    show(record, as_json, table(titles, rows))


@plan.command(
    "check",
    help=_(
        "Check FILE, or the stored plan, against register, staff, leave, calendar, distances and lots, "
        "without the solver (exit 4 with each broken rule).\n\n"
        "\b\nExample:\n  auditor plan check auditor-demo/plan.json --db auditor-demo/bureau.db"
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one planned)."))
@bureau_options()
@click.pass_context
def check(
    ctx: click.Context, db: Path, now: datetime, as_json: bool, file: Path | None, month: str | None
) -> None:
    """Print every breach."""
    from auditor.cli.checks import damage_is_told, read_record, report, stored_month
    from auditor.store.records import read_plans
    from auditor.workflow import plans
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all
    from auditor.workflow.months import month_of

    with damage_is_told(db), opened(db) as database:
        stored = {key: record for key, (_number, record) in read_plans(database).items()}
        key = stored_month(stored, month, _("plan"))
        record = read_record(file) if file is not None else stored[key]
        breaches = plans.check(database, record, month_of(key), load_all(ctx.obj, database, now.date()))
    report(breaches, as_json, _("the plan keeps every rule"))
