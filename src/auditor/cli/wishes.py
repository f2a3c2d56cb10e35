"""The options by which a planner says what is fair to those who go out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from auditor.i18n import _

Command = Callable[..., Any]


def wish_options(command: Command) -> Command:
    """Add what is wished of loads and pairs; the command is given it as `wishes`."""

    @click.option(
        "--even",
        is_flag=True,
        help=_("Everyone's half-days lie within 1, of more than 100 visits within 2; it overrides lots."),
    )
    @click.option(
        "--load/--no-load",
        default=True,
        help=_("Nobody is out more often than the mean, rounded up, and once more (kept unless you say no)."),
    )
    @click.option(
        "--pairs",
        type=click.IntRange(min=1, max=1000),
        metavar="N",
        help=_("The same two go out together at most N times."),
    )
    @wraps(command)
    def wishing(*given: Any, even: bool, load: bool, pairs: int | None, **more: Any) -> Any:
        from auditor.workflow.fairness import Wishes

        return command(*given, wishes=Wishes(load=load, even=even, pairs=pairs), **more)

    return wishing
