"""What is never an argument: passwords and passphrases, asked at a terminal or read from a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from auditor.i18n import _
from auditor.plan.secrecy import BALANCED, LEVELS

Command = Callable[..., Any]
NUMBER = click.IntRange(1, 999_999_999)
"""A number of the ledger."""


def at_terminal() -> bool:
    """Whether somebody sits there who can be asked; a closed standard input is nobody."""
    return sys.stdin is not None and sys.stdin.isatty()


def password_option(command: Command) -> Command:
    """Add ``--password-file`` as ``password_file``, for the planning key."""
    return click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=_("File whose first line is the planning key's password (else asked at a terminal)."),
    )(command)


def secrecy_option(command: Command) -> Command:
    """Add ``--secrecy``: what a plan gives up in kilometres so that one visit says less about the next."""
    return click.option(
        "--secrecy",
        type=click.Choice(list(LEVELS)),
        default=BALANCED,
        show_default=True,
        help=_(
            "How little one visit tells of the next: cheap drives the fewest km; balanced lets at most two "
            "stops of a sortie lie near each other, strict one, and both mix by lot who shares a sortie."
        ),
    )(command)


def asking(password_file: Path | None) -> Callable[[], str | None]:
    """Give what asks for the planning key's password: a file, a terminal, or nobody."""

    def ask() -> str | None:
        from auditor.workflow.keys import first_line

        if password_file is not None:
            return first_line(password_file)
        if not at_terminal():
            return None
        return str(click.prompt(_("Planning key's password"), hide_input=True, err=True))

    return ask


def is_drill(ctx: click.Context) -> bool:
    """Whether the clock was set by ``--now`` or ``AUDITOR_NOW``: what is made then is a drill."""
    from click.core import ParameterSource

    return ctx.get_parameter_source("now") not in (ParameterSource.DEFAULT, None)
