"""Commands about the bureau's file: ``init``, ``doctor``, ``backup``, ``restore``, ``log verify``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, no_collector, point, show
from auditor.errors import FAILED, VerificationFailed
from auditor.i18n import _


@click.command(
    help=_(
        "Make the bureau's file; never over an existing one.\n\n"
        "\b\nExample:\n  auditor init --name 青石县教育局 --at 105.2108,30.5205"
    )
)
@click.option("--name", default="", help=_("The bureau's name, as printed on its pages."))
@click.option("--at", metavar="LNG,LAT", help=_("Where its inspectors start from."))
# one level is built: a choice of one is taken from scripts and not shown to people
@click.option("--level", type=click.Choice(["simple"]), default="simple", hidden=True, expose_value=False)
@bureau_options()
def init(db: Path, now: datetime, as_json: bool, name: str, at: str | None) -> None:
    """Make the file."""
    from auditor.workflow import bureau

    bureau.init(db, name, point(at) if at else None, now)
    show({"db": str(db)}, as_json, _("{file} is made").format(file=db))


@click.command(
    help=_(
        "Look at the bureau's file and this computer; each finding with its cure (exit 1 if any).\n\n"
        "\b\nExample:\n  auditor doctor --db bureau.db"
    )
)
@bureau_options()
@click.pass_context
def doctor(ctx: click.Context, db: Path, now: datetime, as_json: bool) -> None:
    """Print what was looked at."""
    from auditor.workflow import bureau

    found = bureau.symptoms(db, now)
    lines = []
    for one in found:
        mark = _("ok") if one.ok else _("mend")
        lines.append(f"[{mark}] {one.what}: {one.found}" + (f" → {one.cure}" if one.cure else ""))
    rows = [{"what": one.what, "ok": one.ok, "found": one.found, "cure": one.cure} for one in found]
    show(rows, as_json, "\n".join(lines))
    if not all(one.ok for one in found):
        ctx.exit(FAILED)


@click.command(
    help=_(
        "Copy the bureau's file while it is in use; the copy is opened and checked.\n\n"
        "\b\nExample:\n  auditor backup D:/backup/bureau-2026-12-01.db"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
def backup(db: Path, now: datetime, as_json: bool, file: Path) -> None:
    """Make a checked copy."""
    from auditor.workflow import bureau

    entries = bureau.back_up(db, file)
    show(
        {"file": str(file), "entries": entries},
        as_json,
        _("{file} is made and checked: {entries} log entries").format(file=file, entries=entries),
    )


@click.command(
    help=_(
        "Bring a backup back as the new file --db; never over an existing file.\n\n"
        "\b\nExample:\n  auditor restore D:/backup/bureau-2026-12-01.db --db bureau.db"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
def restore(db: Path, now: datetime, as_json: bool, file: Path) -> None:
    """Make a checked copy of a backup."""
    from auditor.workflow import bureau

    entries = bureau.restore(file, db)
    show(
        {"file": str(db), "entries": entries},
        as_json,
        _("{file} is restored and checked: {entries} log entries").format(file=db, entries=entries),
    )


@click.group(help=_("See that nothing was changed behind the log's back."))
def log() -> None:
    """Group of the commands about the log."""


@log.command(
    "verify",
    help=_(
        "Replay the log and compare it with the tables (exit 4 and the first row that differs).\n\n"
        "\b\nExample:\n  auditor log verify --db bureau.db"
    ),
)
@bureau_options()
def verify_log(db: Path, now: datetime, as_json: bool) -> None:
    """Print what differs."""
    from auditor.workflow import bureau

    with no_collector():
        breaches = bureau.verify_log(db)
    rows = [{"rule": one.rule, "where": one.where, "what": one.what} for one in breaches]
    text = "\n".join(f"{one.rule} · {one.where}: {one.what}" for one in breaches)
    show(rows, as_json, text or _("the log and the tables agree"))
    if breaches:
        raise VerificationFailed(count=len(breaches))


commands: list[click.Command] = [init, doctor, backup, restore, log]
