"""The options by which a planner says what is fair to those who go out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from auditor.errors import UsageProblem
from auditor.i18n import _

Command = Callable[..., Any]
PLANNED = {
    "secrecy": "--secrecy", "even": "--even", "load": "--load", "pairs": "--pairs", "work": "--work",
    "abandoned": "--abandon",
}  # fmt: skip
"""Options that say how to plan, by the names of their parameters."""


def refuse_without_plan(ctx: click.Context) -> None:
    """Refuse options that say how to plan where nothing is planned; raises UsageProblem."""
    said = [
        option
        for name, option in PLANNED.items()
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if said:
        raise UsageProblem(
            problem=_("{option} says how to plan: add --plan, or give it to auditor plan make").format(
                option=said[0]
            )
        )


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
