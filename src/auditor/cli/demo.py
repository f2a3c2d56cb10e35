"""``auditor demo``: the whole loop on the synthetic county or on a register of yours."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import Work, bureau_options, point, progress, say, show, split_pairs
from auditor.i18n import _

STEPS = 5
MOST_WORK = 36_000


def program() -> str:
    """Say how the person at this terminal calls the program: by name, or by where it lies."""
    if shutil.which("auditor"):
        return "auditor"
    beside = Path(sys.executable).parent / ("auditor.exe" if os.name == "nt" else "auditor")
    try:
        return shlex.quote(os.path.relpath(beside))
    except ValueError:  # another drive
        return str(beside)


@click.command(
    help=_(
        "Run the whole loop for a month: a draw that anyone can check, a plan of unannounced visits, a duty "
        "roster, calendars, task sheets and a page to look at.\n\n"
        "\b\nExamples:\n  auditor demo\n  auditor demo --month 2026-12 --seed 2026\n"
        '  auditor demo --units schools.csv --where "Local Authority=936"'
    )
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("auditor-demo"),
    metavar="DIR",
    help=_("Folder to write to (else ./auditor-demo)."),
)
@click.option("--units", type=click.Path(path_type=Path), metavar="FILE", help=_("Your register of units."))
@click.option(
    "--inspectors", type=click.Path(path_type=Path), metavar="FILE", help=_("Your list of inspectors.")
)
@click.option("--leave", type=click.Path(path_type=Path), metavar="FILE", help=_("Your list of leave."))
@click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help=_("Take only the rows with this value (may be repeated)."),
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help=_("Read FIELD from this column (may be repeated)."),
)
@click.option("--at", metavar="LNG,LAT", help=_("Where the inspectors start from."))
@click.option("--n", type=int, help=_("How many units to draw (else what the month's half-days carry)."))
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the next full one)."))
@click.option("--seed", metavar="TEXT", help=_("Text that the draw is made from (else a fresh random one)."))
@click.option(
    "--work",
    type=Work(),
    default=60.0,
    help=_("Units of solver work for each step, about seconds."),
)
@bureau_options(db=False)
@click.pass_context
def demo(
    ctx: click.Context,
    out: Path,
    units: Path | None,
    inspectors: Path | None,
    leave: Path | None,
    where: tuple[str, ...],
    mapping: tuple[str, ...],
    at: str | None,
    n: int | None,
    month: str | None,
    seed: str | None,
    work: float,
    now: datetime,
    as_json: bool,
) -> None:
    """Run the loop, write the folder, print the summary."""
    from click.core import ParameterSource

    from auditor.errors import FileMissing, UsageProblem
    from auditor.workflow.demo import Request, run
    from auditor.workflow.domains import load_all
    from auditor.workflow.exports import summary_record, summary_text, write_all

    for file in (units, inspectors, leave):
        if file is not None and not file.is_file():
            raise FileMissing(file=file)
    given = ctx.get_parameter_source("now") is not ParameterSource.DEFAULT
    if not work < MOST_WORK:
        raise UsageProblem(
            problem=_("--work {work}: write a number up to {most}").format(work=work, most=MOST_WORK)
        )
    request = Request(
        out=out,
        units=units,
        inspectors=inspectors,
        leave=leave,
        where=split_pairs(where, "--where"),
        mapping=split_pairs(mapping, "--map"),
        at=point(at) if at else None,
        n=n,
        month=month,
        now=now if given or month is None else None,
        seed=seed,
        work=work,
        program=program(),
    )
    # a name in another encoding than the system says is shown as it was meant
    shown = Path(os.fsencode(out).decode("utf-8", "replace"))
    step = progress(STEPS, "auditor demo")
    replaced = out.is_dir() and any(out.iterdir())
    loop = run(request, load_all(ctx.obj), lambda made, folder: write_all(made, folder, shown), step)
    show(summary_record(loop, shown), as_json, summary_text(loop, shown))
    if replaced:
        say(_("the earlier demonstration in {folder} was replaced").format(folder=shown))
    if loop.flags and not loop.synthetic:
        say(
            _("{count} flags on the register; see `{program} units import {file} --dry-run`").format(
                count=loop.flags, program=program(), file=units
            )
        )
