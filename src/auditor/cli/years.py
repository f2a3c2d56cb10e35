"""``auditor calendars import``, ``years``, ``drop``, ``template``: the bureau's own year."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.imports import mapping_of, tell_refused, whole_import_options
from auditor.cli.options import bureau_options, say, show, split_pairs, table
from auditor.errors import FAILED, AuditorError
from auditor.i18n import _, listed, ngettext

if TYPE_CHECKING:
    from auditor.workflow.years import YearImport

KINDS = ("holiday", "work", "plain", "period", "term", "pause")


@click.command(
    "import",
    help=_(
        "Import a year: a year file (.toml), a table of days (.xlsx, .csv: first and last day, kind, name, "
        "source; kinds are 法定节假日, 调休上班, 正常, 重点时段, 学期, 停课), or a published calendar (.ics, "
        ".json). It lies over what is known of that year, and is told day by day; --dry-run only tells. What "
        "was drawn, planned or made for duty stays as it is.\n\n"
        "\b\nExamples:\n  auditor calendars import 2027年放假安排.xlsx --dry-run\n"
        "  auditor calendars import cn-2027.toml"
    ),
)
@whole_import_options
@click.option(
    "--source", default="", metavar="TEXT", help=_("Where it comes from: the notice and its number.")
)
@click.option(
    "--official/--provisional",
    "official",
    default=None,
    help=_("Whether an official notice is behind it (else: as the file says, or if it names its source)."),
)
@click.option(
    "--whole", is_flag=True, help=_("The file names all of its years: what it does not name is not so.")
)
@click.option("--kind", type=click.Choice(KINDS), help=_("What days are of which the file says no kind."))
@bureau_options()
@click.pass_context
def import_year(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    file: Path,
    source: str,
    official: bool | None,
    whole: bool,
    kind: str | None,
    mapping: tuple[str, ...],
    where: tuple[str, ...],
    sheets: tuple[str, ...],
    encoding: str | None,
    dry_run: bool,
) -> None:
    """Read, judge, keep, and print what changes."""
    from auditor.errors import FileMissing
    from auditor.register.columns import YEAR_ALIASES
    from auditor.workflow import years as step
    from auditor.workflow.bureau import bureau_for_import, opened
    from auditor.workflow.imports import Request, refusal

    if not file.is_file():
        raise FileMissing(file=file)
    request = Request(
        mapping=mapping_of(ctx, mapping, tuple(YEAR_ALIASES)),
        where=split_pairs(where, "--where"),
        encoding=encoding,
        sheets=sheets,
        dry_run=dry_run,
    )
    asked = step.Asked(request=request, official=official, source=source, whole=whole, kind=kind or "")
    try:
        with bureau_for_import(db, now) as (target, keep):
            with opened(target) as database:
                told = step.import_years(database, file, asked, now)
            if not dry_run and told.kept and keep():
                say(_("{file} was not there and is made").format(file=db))
    except AuditorError as error:
        if as_json and error.exit_code == FAILED:
            row = refusal(file, error)["rows"]
            show(step.YearImport(file=str(file), rows=row).record(), as_json, "")
        raise
    tell_refused(told.file, told.rows)
    show(told.record(), as_json, "" if told.rows else "\n".join(_lines(told, dry_run)))
    told.refuse()


def _lines(told: YearImport, dry_run: bool) -> list[str]:
    """Say what changes day by day, and what was made under the former days."""
    from auditor.workflow import years as step

    lines = []
    for one in told.years:
        standing = _("official") if one["status"] == "official" else _("provisional")
        lines.append(f"{one['year']}: {one['source']} ({standing})")
    head = (
        ngettext("{n} day would change", "{n} days would change", told.days)
        if dry_run
        else ngettext("{n} day changes", "{n} days change", told.days)
    )
    lines.append(head.format(n=told.days))
    for change in told.changes:
        days = change["from"] if change["to"] == change["from"] else f"{change['from']} – {change['to']}"
        before = step.state_words(change["before"], change["from"])
        lines.append(f"  {days}: {before} → {step.state_words(change['after'], change['from'])}")
    if told.confirmed:
        text = ngettext("{n} day more is official now", "{n} days more are official now", told.confirmed)
        lines.append(text.format(n=told.confirmed))
    if told.doubted:
        text = ngettext("{n} day is provisional now", "{n} days are provisional now", told.doubted)
        lines.append(text.format(n=told.doubted))
    if told.left:
        lines.append(
            f"{step.left_words(told.left)}: {listed(told.left[:10])}"
            + _("; import it with --whole if it is the whole notice")
        )
    lines += told.notes
    if told.touched:
        names = listed(step.touched_words(one) for one in told.touched)
        lines.append(_("made under the former days, and stays as it is: {names}").format(names=names))
    return lines


@click.command(
    "years",
    help=_(
        "List the years that are known: what comes with auditor, and what was imported over it.\n\n"
        "\b\nExample:\n  auditor calendars years --json"
    ),
)
@bureau_options()
def list_years(db: Path, now: datetime, as_json: bool) -> None:
    """Print them."""
    from auditor.workflow import years as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = step.years(database)
    titles = (
        _("year"), _("from where"), _("standing"), _("verified"), _("source"), _("days off"),
        _("make-up workdays"), _("key periods"), _("terms"),
    )  # fmt: skip
    cells = [
        (
            one["year"],
            _("imported") if one["origin"] == "own" else _("comes with auditor"),
            _("official") if one["status"] == "official" else _("provisional"),
            _("yes") if one["verified"] else _("no"),
            one["source"],
            one["off"],
            one["work"],
            one["periods"],
            one["terms"],
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


@click.command(
    "drop",
    help=_(
        "Take away what was imported of YEAR; what comes with auditor holds again.\n\n"
        "\b\nExample:\n  auditor calendars drop 2027"
    ),
)
@click.argument("year", type=click.IntRange(2000, 2099))
@click.option("--dry-run", is_flag=True, help=_("Say what would be done and write nothing."))
@bureau_options()
def drop(db: Path, now: datetime, as_json: bool, year: int, dry_run: bool) -> None:
    """Take it away and say which days change."""
    from auditor.workflow import years as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        told = step.drop_year(database, year, now, dry_run=dry_run)
    show(told.record(), as_json, "\n".join(_lines(told, dry_run)[len(told.years) :]))


@click.command(
    "template",
    help=_(
        "Write an empty form for the days of a year with drop-downs and a sheet that explains it.\n\n"
        "\b\nExample:\n  auditor calendars template 放假安排.xlsx"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options(db=False)
def template(now: datetime, as_json: bool, file: Path) -> None:
    """Write the form."""
    from auditor.workflow.forms import year_form

    year_form(file)
    show({"file": str(file)}, as_json, _("{file} is made").format(file=file))


commands: list[click.Command] = [import_year, list_years, drop, template]
