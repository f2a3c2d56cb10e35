"""``auditor roster``: look at the stored roster, and check any roster without the solver."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options
from auditor.i18n import _


@click.group(help=_("The duty roster: who is on duty, and whether it keeps every rule."))
def roster() -> None:
    """Group of the commands about rosters."""


@roster.command(
    "check",
    help=_(
        "Check FILE, or the stored roster, against people, leave, stand-by and calendar, without the solver "
        "(exit 4 with each broken rule).\n\n"
        "\b\nExample:\n  auditor roster check auditor-demo/roster.json --db auditor-demo/bureau.db"
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one made)."))
@bureau_options()
def check(db: Path, now: datetime, as_json: bool, file: Path | None, month: str | None) -> None:
    """Print every breach."""
    from auditor.cli.checks import damage_is_told, read_record, report, stored_month
    from auditor.store.rosters import read_rosters
    from auditor.workflow import rosters
    from auditor.workflow.bureau import opened
    from auditor.workflow.months import month_of

    with damage_is_told(db), opened(db) as database:
        stored = read_rosters(database)
        key = stored_month(stored, month, _("roster"))
        record = read_record(file) if file is not None else stored[key]
        breaches = rosters.check(database, record, month_of(key))
    report(breaches, as_json, _("the roster keeps every rule"))
