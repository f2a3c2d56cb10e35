"""``auditor roster``: look at the stored roster, and check any roster without the solver."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, show, table
from auditor.i18n import _


@click.group(help=_("The duty roster: who is on duty, and whether it keeps every rule."))
def roster() -> None:
    """Group of the commands about rosters."""


@roster.command(
    "show",
    help=_("Show the stored roster.\n\n\b\nExample:\n  auditor roster show --db auditor-demo/bureau.db"),
)
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one made)."))
@bureau_options()
def show_roster(db: Path, now: datetime, as_json: bool, month: str | None) -> None:
    """Print a line a day."""
    from auditor.cli.checks import stored_month
    from auditor.pages.words import POST_WORDS, word
    from auditor.store.rosters import read_rosters
    from auditor.store.staff import read_people
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        stored = read_rosters(database)
        names = {person.id: person.name for person in read_people(database)}
    key = stored_month(stored, month, _("roster"))
    record = stored[key]
    posts = [post["id"] for post in record["posts"]]
    days = sorted({row["date"] for row in record["assignments"]})
    rows = [
        (
            day,
            *(
                "、".join(
                    names.get(row["person"], row["person"])
                    for row in record["assignments"]
                    if (row["date"], row["post"]) == (day, post)
                )
                for post in posts
            ),
        )
        for day in days
    ]
    show(record, as_json, table((_("day"), *(word(POST_WORDS, post) for post in posts)), rows))


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
