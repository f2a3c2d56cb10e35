"""Write ``docs/commands.md``: every command with its help, from the program itself.

Run ``python data/make_commands.py`` after changing a command.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from auditor.i18n import set_language

TARGET = Path(__file__).parent.parent / "docs" / "commands.md"

INTRODUCTION = """# All commands

Made by `data/make_commands.py` from the program's own help. Exit codes: 0 done, 1 failed, 2 usage,
3 infeasible, 4 verification failed, 5 done with warnings. JSON goes to standard output, talk to
standard error.
"""


def commands(
    command: click.Command, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command below a group, with the words that call it, in order of name."""
    yield names, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(command.commands[name], (*names, name))


def page() -> str:
    """Give the page."""
    set_language("en")
    from auditor.cli.main import auditor

    parts = [INTRODUCTION]
    for names, command in commands(auditor, ("auditor",)):
        context = click.Context(command, info_name=" ".join(names), terminal_width=96, max_content_width=96)
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"\n## `{' '.join(names)}`\n\n```text\n{text}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
