"""``auditor units``: the register in, listed, edited, taken back, and out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.imports import field_word, import_options, run_import, shown_value
from auditor.cli.options import bureau_options, say, show, split_pairs, table
from auditor.cli.travel import travel
from auditor.errors import FAILED, UsageProblem
from auditor.i18n import _, labelled, ngettext


@click.group(help=_("The register of units: schools, kindergartens, training centres."))
def units() -> None:
    """Group of the commands about units."""


units.add_command(travel)


@units.command(
    "import",
    help=_(
        "Import a register (XLSX, XLS, ODS, CSV, HTML table, JSON list; any gzipped), all or nothing.\n\n"
        "\b\nExamples:\n  auditor units import schools.xlsx --dry-run\n"
        "  auditor units import sjkc.csv --map id=KODSEKOLAH --map name=NAMASEKOLAH_C\n"
        "  auditor units import december.xlsx --same 523000101=0523000101"
    ),
)
@import_options
@click.option(
    "--crs",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help=_("System of the coordinates where no column says it (else wgs84; CGCS2000 counts as it)."),
)
@click.option("--at", metavar="LNG,LAT", help=_("Where the bureau stands, to tell exchanged coordinates."))
@click.option(
    "--same",
    multiple=True,
    metavar="OLD=NEW|all",
    help=_("OLD in the register and NEW in the file are one unit (may be repeated); all joins every pair."),
)
@click.option(
    "--new", "keep_both", is_flag=True, help=_("Rows with a known name and another code are other units.")
)
@bureau_options()
@click.pass_context
def import_units(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import TAG_COLUMNS, UNIT_ALIASES
    from auditor.workflow.unit_imports import import_units as step

    run_import(ctx, step, (*UNIT_ALIASES, *TAG_COLUMNS), **options)


@units.command(
    "list",
    help=_(
        "List the units.\n\n\b\nExamples:\n  auditor units list --json\n"
        "  auditor units list --where township=禾岭镇 --where kind=小学\n"
        "  auditor units list --search 实验 --sort -students --limit 20"
    ),
)
@click.option(
    "--where", multiple=True, metavar="FIELD=VALUE", help=_("Only units with this value (may be repeated).")
)
@click.option(
    "--search", default="", metavar="WORDS", help=_("Only units whose id, name or place holds every word.")
)
@click.option(
    "--sort", default="id", metavar="FIELD", help=_("Sort by this field; -FIELD for the largest first.")
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=_("So many at most."))
@click.option(
    "--offset", type=click.IntRange(min=0), default=0, metavar="N", help=_("Leave out the first N.")
)
@bureau_options()
def list_units(
    db: Path,
    now: datetime,
    as_json: bool,
    where: tuple[str, ...],
    search: str,
    sort: str,
    limit: int | None,
    offset: int,
) -> None:
    """Print the units by id, or as they were asked for."""
    from auditor.pages.words import KIND_WORDS, word
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        found, count = step.find_units(
            database,
            step.Search(
                text=search, where=split_pairs(where, "--where"), sort=sort, limit=limit, offset=offset
            ),
        )
    if as_json:
        show([step.unit_record(unit) for unit in found], as_json, "")
        return
    titles = (
        _("id"), _("name"), _("kind"), _("township"), _("students"), _("boarders"), _("tags"), _("closed"),
    )  # fmt: skip
    cells = [
        (
            one.id,
            one.name,
            word(KIND_WORDS, one.kind),
            one.township or one.district,
            one.students,
            one.boarders,
            ";".join(one.tags),
            _("yes") if one.closed == "true" else one.closed,
        )
        for one in found
    ]
    words = ngettext("{n} unit", "{n} units", count).format(n=count)
    if len(found) != count:
        words = _("{shown} of {units}").format(shown=len(found), units=words)
    show([], as_json, table(titles, cells) + "\n" + words)


@units.command(
    "show",
    help=_(
        "Show one unit, with its sites, former ids and what is doubtful.\n\n"
        "\b\nExample:\n  auditor units show 5100000001"
    ),
)
@click.argument("unit_id", metavar="ID")
@bureau_options()
def show_unit(db: Path, now: datetime, as_json: bool, unit_id: str) -> None:
    """Print every field of a unit."""
    from auditor.register.columns import UNIT_TITLES
    from auditor.register.flags import FLAGS
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        record = step.show_unit(database, unit_id)
    lines = [labelled(field_word(one), shown_value(one, record[one])) for one in UNIT_TITLES if one in record]
    for site in record["sites"]:
        lines.append(_("site: {id} {name}").format(id=site["id"], name=site["name"]))
    if record["aliases"]:
        lines.append(_("former ids: {ids}").format(ids=", ".join(record["aliases"])))
    lines += [labelled(flag, f"{_(FLAGS[flag][0])} → {_(FLAGS[flag][1])}") for flag in record["flags"]]
    show(record, as_json, "\n".join(lines))


@units.command(
    "set",
    help=_(
        "Change fields of one unit; an empty value clears a field.\n\n"
        "\b\nExample:\n  auditor units set 5100000001 students=312 boarders=0 --reason 电话核实"
    ),
)
@click.argument("unit_id", metavar="ID")
@click.argument("pairs", metavar="FIELD=VALUE…", nargs=-1, required=True)
@click.option("--reason", default="", help=_("Why; it stands in the unit's history."))
@bureau_options()
def set_unit(
    db: Path, now: datetime, as_json: bool, unit_id: str, pairs: tuple[str, ...], reason: str
) -> None:
    """Change one unit and print what changed."""
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    values = split_pairs(pairs, "FIELD=VALUE")
    with opened(db) as database:
        changes = step.set_unit(database, unit_id, values, reason=reason, now=now)
    lines = _changes(changes)
    show({"changes": changes}, as_json, "\n".join(lines) or _("nothing changed"))


def _changes(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give each field that changed, before and after."""
    lines = []
    for one in changes:
        before, after = (shown_value(one["field"], one[when]) for when in ("before", "after"))
        if before != after:
            lines.append(labelled(field_word(one["field"]), f"{before} → {after}"))
    return lines


@units.command(
    "history",
    help=_(
        "Show what happened to one unit: when, by which command, before and after, why.\n\n"
        "\b\nExample:\n  auditor units history 5100000001"
    ),
)
@click.argument("unit_id", metavar="ID")
@bureau_options()
def history(db: Path, now: datetime, as_json: bool, unit_id: str) -> None:
    """Print a unit's changes, the oldest first."""
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        past = step.history(database, unit_id)
    rows = [{"at": one.at, "what": one.what, "changes": one.changes, "reason": one.reason} for one in past]
    lines = []
    for one in past:
        lines.append(f"{one.at}  {one.what}" + (f"  ({one.reason})" if one.reason else ""))
        lines += [f"  {line}" for line in _changes(one.changes)]
    show(rows, as_json, "\n".join(lines))


@units.command(
    "undo",
    help=_(
        "Take the latest import back; refused once a draw has frozen it.\n\n"
        "\b\nExample:\n  auditor units undo"
    ),
)
@bureau_options()
def undo(db: Path, now: datetime, as_json: bool) -> None:
    """Take the latest import back and print what was done."""
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        answer = step.undo(database, now)
    text = _(
        "taken back: an import that added {added} and changed {changed} units; "
        "{restored} have their earlier values again, {removed} are gone again"
    )
    show(answer, as_json, text.format(**answer))


@units.command(
    "retire",
    help=_(
        "Close units: they stay in the register and are never drawn (`units set ID closed=` opens them).\n\n"
        "\b\nExamples:\n  auditor units retire 5100000001 --on 2026-08-31\n"
        "  auditor units retire --missing --dry-run"
    ),
)
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--missing", is_flag=True, help=_("Close those that the latest imported file did not have."))
@click.option("--on", metavar="DATE", help=_("The day on which they closed (else today)."))
@click.option("--reason", default="", help=_("Why; it stands in the unit's history."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be done and write nothing."))
@bureau_options()
def retire(
    db: Path,
    now: datetime,
    as_json: bool,
    ids: tuple[str, ...],
    missing: bool,
    on: str | None,
    reason: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Close units and print which."""
    from auditor.register.cells import Unreadable, day
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    if missing == bool(ids):
        raise UsageProblem(problem=_("name the units, or --missing"))
    try:
        closed = (day(on) if on else now.date()).isoformat()
    except Unreadable as error:
        raise UsageProblem(problem=_("--on {text}: write a date like 2026-08-31").format(text=on)) from error
    with opened(db) as database:
        if missing:
            ids = tuple(unit.id for unit in step.missing_units(database))
            standing = sum(not unit.closed for unit in step.list_units(database))
            if 2 * len(ids) > standing and not dry_run and not yes:
                raise UsageProblem(
                    problem=_(
                        "{n} of {all} units would be closed, more than half: see them with --dry-run, and if "
                        "that is right, add --yes"
                    ).format(n=len(ids), all=standing)
                )
            if ids and not dry_run and not yes and sys.stdin.isatty():
                say(_("{n} units would be closed: {ids}").format(n=len(ids), ids=", ".join(ids[:20])))
                click.confirm(_("Close them?"), abort=True, err=True)
        done = step.retire(database, ids, closed=closed, reason=reason, now=now, dry_run=dry_run)
    rows = [{"id": unit.id, "name": unit.name, "closed": closed} for unit in done]
    lines = [f"{row['id']}  {row['name']}" for row in rows]
    words = ngettext("{n} unit would be closed", "{n} units would be closed", len(rows))
    if not dry_run:
        words = ngettext("{n} unit is closed", "{n} units are closed", len(rows))
    show(rows, as_json, "\n".join([*lines, words.format(n=len(rows))]))


@units.command(
    "export",
    help=_(
        "Write the register to FILE (.xlsx, .csv, .json); importing it again changes nothing.\n\n"
        "\b\nExample:\n  auditor units export --out units.xlsx --out units.json"
    ),
)
@click.option(
    "--out",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Where to (may be repeated)."),
)
@bureau_options()
def export_units(db: Path, now: datetime, as_json: bool, out: tuple[Path, ...]) -> None:
    """Write the register; a file that cannot be written does not keep the others from it."""
    from auditor.tables.writing import SUFFIXES
    from auditor.workflow import units as step
    from auditor.workflow.bureau import opened

    for path in out:
        if path.suffix.lower() not in SUFFIXES:
            raise UsageProblem(problem=_("{file}: write .xlsx, .csv or .json").format(file=path))
    with opened(db) as database:
        count, failed = step.export_units(database, out)
    for problem in failed:
        say(_("Error: {error}").format(error=problem))
    written = [str(path) for path in out if not any(one.startswith(str(path)) for one in failed)]
    answer = {"file": str(out[0]), "files": written, "units": count, "failed": failed}
    show(answer, as_json, "\n".join(
        _("{file}: {count} units").format(file=file, count=count) for file in written))  # fmt: skip
    if failed:
        click.get_current_context().exit(FAILED)


@units.command(
    "template",
    help=_(
        "Write an empty form for units with drop-downs and a sheet that explains it.\n\n"
        "\b\nExample:\n  auditor units template 学校名录.xlsx"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options(db=False)
def template(now: datetime, as_json: bool, file: Path) -> None:
    """Write the form."""
    from auditor.workflow.forms import unit_form

    unit_form(file)
    show({"file": str(file)}, as_json, _("{file} is made").format(file=file))
