"""The group of all commands: one line for an error, the help, the version."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import click

import auditor as package
from auditor.errors import FAILED, AuditorError
from auditor.i18n import _, language


class AuditorGroup(click.Group):
    """Turn an AuditorError into one line and its exit code; bugs keep their traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error we raised on purpose ends in one sentence."""
        try:
            return super().invoke(ctx)
        except AuditorError as error:
            click.echo(_("Error: {error}").format(error=error), err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads any more
            told = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            click.echo(_("Error: {error}").format(error=told or error), err=True)
            ctx.exit(FAILED)


@click.group(
    cls=AuditorGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_(
        "Plan unannounced, random, open inspections and duty rosters for an education bureau.\n\n"
        "\b\nTry:\n  auditor demo\n  auditor units import schools.xlsx --dry-run\n"
        "  auditor draw verify draw.json --commit HASH"
    ),
)
@click.version_option(package.__version__, prog_name="auditor")
@click.option(
    "--plugins-dir",
    "plugins_dirs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=_("Also load the plugins of this folder (may be repeated)."),
)
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False, hidden=True)
@click.pass_context
def auditor(ctx: click.Context, plugins_dirs: tuple[Path, ...]) -> None:
    """Keep the plugin folders for the commands that load plugins."""
    ctx.obj = plugins_dirs


def _add_commands() -> None:
    """Add every command; their modules import nothing heavy before they run."""
    from auditor.cli import (
        database,
        demo,
        desk,
        draw,
        leak,
        leave_back,
        leave_requests,
        past,
        people,
        plan,
        plugins,
        programme,
        roster,
        roster_life,
        roster_log,
        roster_out,
        roster_spot,
        units,
        visit,
        years,
    )  # fmt: skip

    auditor.add_command(demo.demo)
    auditor.add_command(desk.desk)
    for command in (
        *database.commands, units.units, *people.groups, *past.groups, *roster_out.groups,
    ):  # fmt: skip
        auditor.add_command(command)
    groups = (
        plugins.plugins, programme.programme, draw.draw, plan.plan, roster.roster, visit.visit, leak.leak,
    )  # fmt: skip
    for group in groups:
        auditor.add_command(group)
    for room in (roster_life, roster_log, roster_out, roster_spot):
        for command in room.commands:
            roster.roster.add_command(command)
    for command in years.commands:
        roster_out.calendars.add_command(command)
    for command in (*leave_requests.commands, *leave_back.commands):
        people.leave.add_command(command)
    if language() == "zh":
        _speak_chinese(auditor)


def _speak_chinese(command: click.Command) -> None:
    """Let a command and those in it say how they are called, which click does not ask the catalogue for.

    Lists of commands say the first clause of each help: click cuts at blanks; Chinese has none.
    """
    command.options_metavar = _(command.options_metavar or "")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _(command.subcommand_metavar)
        for one in command.commands.values():
            one.short_help = re.split("[。：；\n]", one.help or "", maxsplit=1)[0]
            _speak_chinese(one)


_add_commands()
