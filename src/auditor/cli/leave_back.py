"""``auditor leave cancel``: days of leave of which there is no request are leave no more."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, say, show
from auditor.cli.past import Day
from auditor.i18n import _, listed


@click.command(
    "cancel",
    help=_(
        "Take days of leave back that came by import or with a sick call (repair --absent): WHO is there "
        "from FIRST to LAST after all. Leave that was asked for ends with `auditor leave return`.\n\n"
        "\b\nExample:\n  auditor leave cancel 王芳 2026-12-09 2026-12-16"
    ),
)
@click.argument("who", metavar="WHO")
@click.argument("first", type=Day(), metavar="FIRST")
@click.argument("last", type=Day(), required=False, metavar="[LAST]")
@bureau_options()
def cancel(db: Path, now: datetime, as_json: bool, who: str, first: datetime, last: datetime | None) -> None:
    """Print what is left of the leave."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import leave_back

    days = first.date(), (last or first).date()
    with opened(db) as database:
        done = leave_back.take_back(database, who, *days, now)
    left = [f"{one.from_on} – {one.to_on}" for one in done.left]
    text = _("{name} has no leave from {first} to {last} any more").format(
        name=done.name, first=days[0], last=days[1]
    )
    if left:
        text = _("; ").join([text, _("what is left of it: {days}").format(days=listed(left))])
    rows = [{"from": one.from_on.isoformat(), "to": one.to_on.isoformat()} for one in done.left]
    show({"person": done.person, "left": rows, "rosters": list(done.months)}, as_json, text)
    if done.months:
        say(
            _("the roster of {months} takes it in with `auditor roster repair`").format(
                months=listed(done.months)
            )
        )


commands: list[click.Command] = [cancel]
