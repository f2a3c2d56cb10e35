"""``auditor draw``: check a draw that was published."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import json_option, lang_option, show
from auditor.errors import FileMissing, VerificationFailed
from auditor.i18n import _


@click.group(help=_("Check a sealed draw against what was published before it."))
def draw() -> None:
    """Group of the commands about draws."""


@draw.command(
    "verify",
    help=_(
        "Run a closed draw again from its transcript FILE and check everything (exit 4 if anything differs). "
        "The hashes are those published before the draw and before the first visit.\n\n"
        "\b\nExample:\n  auditor draw verify draw.json --commit HASH --plan-root HASH"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--commit", metavar="HASH", help=_("The commitment's fingerprint, as published."))
@click.option("--plan-root", metavar="HASH", help=_("The plan's fingerprint, as published."))
@click.option("--ledger", type=click.Path(path_type=Path), metavar="FILE", help=_("The ledger of draws."))
@json_option
@lang_option
def verify(file: Path, commit: str | None, plan_root: str | None, ledger: Path | None, as_json: bool) -> None:
    """Print OK and the facts, or each failed check."""
    from auditor.draw import verify as verifier

    for one in (file, ledger):
        if one is not None and not one.is_file():
            raise FileMissing(file=one)
    failed, told = verifier.verify(
        file.read_bytes(), commit or "-", plan_root or "-", ledger.read_bytes() if ledger else None
    )
    text = "\n".join(failed or ["OK", *told])
    show({"ok": not failed, "failed": failed, "told": told}, as_json, text)
    if failed:
        raise VerificationFailed(count=len(failed))
