"""Commands about the bureau's file: ``init``, ``doctor``, ``backup``, ``restore``, ``log verify``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import bureau_options, no_collector, point, say, show
from auditor.cli.secrets import at_terminal
from auditor.errors import FAILED, UsageProblem, VerificationFailed
from auditor.i18n import _, labelled


@click.command(
    help=_(
        "Make the bureau's file with its planning key; never over an existing one. The level holds for "
        "all its "
        "draws: simple (one clerk, one witness, six balls), standard (three custodians, a public event) "
        "or strict "
        "(the key of a draw opens with the discipline office's key only).\n\n"
        "\b\nExamples:\n  auditor init --name 青石县教育局 --at 105.2108,30.5205\n"
        "  auditor init --level strict --recovery-key age1…"
    )
)
@click.option("--name", default="", help=_("The bureau's name, as printed on its pages."))
@click.option("--at", metavar="LNG,LAT", help=_("Where its inspectors start from."))
@click.option(
    "--level",
    type=click.Choice(["simple", "standard", "strict"]),
    default="simple",
    help=_("How draws are made, chosen once."),
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_(
        "File whose first line becomes the planning key's password (else asked at a terminal; empty: none)."
    ),
)
@click.option(
    "--recovery-key",
    metavar="AGE1…",
    help=_(
        "Level strict: the discipline office's public key, as age-keygen prints it; without it a pair is "
        "made, "
        "and its secret half goes to FILE.recovery.key."
    ),
)
@bureau_options()
def init(
    db: Path,
    now: datetime,
    as_json: bool,
    name: str,
    at: str | None,
    level: str,
    password_file: Path | None,
    recovery_key: str | None,
) -> None:
    """Make the file."""
    from auditor.store.opening import refuse_taken
    from auditor.workflow import bureau, papers
    from auditor.workflow.keys import first_line, new_recovery

    if recovery_key is not None and level != "strict":
        raise UsageProblem(problem=_("--recovery-key is for --level strict"))
    refuse_taken(db)
    start = point(at) if at else None
    secret, secret_file = "", db.with_name(db.name + ".recovery.key")
    if level == "strict" and recovery_key is None:
        papers.refuse_taken(secret_file)
        secret, recovery_key = new_recovery()
    if password_file is not None:
        password = first_line(password_file)
    elif at_terminal():
        password = click.prompt(
            _("Password of the planning key (empty: none)"),
            hide_input=True,
            default="",
            show_default=False,
            confirmation_prompt=True,
            err=True,
        )
    else:
        password = ""
    bureau.init(db, name, start, now, level=level, password=password, recovery=recovery_key or "")
    answer = {"db": str(db), "level": level, "password": bool(password)}
    if secret:
        papers.write_secret(secret_file, secret)
        answer["recovery_key_file"] = str(secret_file)
    show(answer, as_json, _("{file} is made").format(file=db))
    if secret:
        say(
            _("give {file} to the discipline office and delete it here: draws are closed with it").format(
                file=secret_file
            )
        )
    if not password:
        say(_("the planning key has no password: whoever has this file can open a sealed plan"))


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
        lines.append(f"[{mark}] " + labelled(one.what, one.found) + (f" → {one.cure}" if one.cure else ""))
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
    text = "\n".join(labelled(f"{one.rule} · {one.where}", one.what) for one in breaches)
    show(rows, as_json, text or _("the log and the tables agree"))
    if breaches:
        raise VerificationFailed(count=len(breaches))


commands: list[click.Command] = [init, doctor, backup, restore, log]
