"""``auditor units travel``: how far places are apart where roads are no straight lines."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, say, show
from auditor.errors import WARNINGS
from auditor.i18n import _, some

SHOWN = 20


@click.group(help=_("How far places are apart, where great circles mislead: islands, mountains, one ways."))
def travel() -> None:
    """Group of the commands about the travel table."""


@travel.command(
    "import",
    help=_(
        "Keep the ways of FILE (XLSX, CSV) in place of those that were there; numbers that are frozen "
        "already keep theirs. A square: places (id or name, 起点 for the bureau) in the first row and "
        "column, and in the corner cell what it holds: 分钟, 公里 or 米 (minutes, km, metres); a second "
        "sheet may hold the other. Or a list: from, to, minutes, km. What a cell does not say (blank, "
        "null, -1, inf) is named; the way back holds for it, else the great circle times 1.3 at 40 km/h. "
        "What cannot be so (negative, over a day, faster than 150 km/h) is refused with its cell, and "
        "nothing is kept. Exit 5 if a name is of no unit.\n\n"
        "\b\nExample:\n  auditor units travel import 车程.xlsx --dry-run"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--encoding", help=_("Encoding of a text file that is neither UTF-8 nor GB18030."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be done and write nothing."))
@bureau_options()
@click.pass_context
def import_travel(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    file: Path,
    encoding: str | None,
    dry_run: bool,
) -> None:
    """Read, judge, keep, and say what the table does not."""
    from auditor.workflow import travel as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        found = step.read_file(database, file, encoding)
        if not dry_run:
            step.keep(database, found, now)
    lines = [_("{n} ways").format(n=len(found.legs))]
    if found.blank:
        lines.append(
            _("{n} cells say nothing (the way back holds, else the great circle): {cells}").format(
                n=len(found.blank), cells=some(found.blank, SHOWN)
            )
        )
    if found.missing:
        lines.append(
            _("{n} units are not in it, their ways are great circles: {ids}").format(
                n=len(found.missing), ids=some(found.missing, SHOWN)
            )
        )
    if found.beyond:
        lines.append(
            _("{n} cells stand under no heading and were passed over: {cells}").format(
                n=len(found.beyond), cells=some(found.beyond, SHOWN)
            )
        )
    answer = {
        "ways": len(found.legs),
        "blank": list(found.blank),
        "missing": list(found.missing),
        "unknown": list(found.unknown),
        "beyond": list(found.beyond),
        "kept": not dry_run,
    }
    show(answer, as_json, "\n".join(lines))
    if found.unknown:
        say(
            _("{n} names are of no unit and were passed over: {names}").format(
                n=len(found.unknown), names=some(found.unknown, SHOWN)
            )
        )
        ctx.exit(WARNINGS)


@travel.command("drop", help=_("Take the travel table away.\n\n\b\nExample:\n  auditor units travel drop"))
@bureau_options()
def drop(db: Path, now: datetime, as_json: bool) -> None:
    """Take it away."""
    from auditor.workflow import travel as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        count = step.drop(database, now)
    show({"dropped": count}, as_json, _("taken away: {count}").format(count=count))
