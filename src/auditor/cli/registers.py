"""``auditor units``, ``inspectors`` and ``leave``: import, list, export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import bureau_options, say, show, split_pairs, table
from auditor.errors import FAILED, WARNINGS, AuditorError
from auditor.i18n import _, ngettext

if TYPE_CHECKING:
    from auditor.workflow.registers import Imported

SHOWN = 20


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add FILE, --map, --where, --encoding and --dry-run."""
    options = (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=COLUMN",
            help=_("Read FIELD from this column (may be repeated)."),
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="COLUMN=VALUE",
            help=_("Take only the rows with this value (may be repeated)."),
        ),
        click.option("--encoding", help=_("Encoding of a text file that is neither UTF-8 nor GB18030.")),
        click.option("--dry-run", is_flag=True, help=_("Say what would be done and write nothing.")),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _summary(imported: Imported, dry_run: bool) -> str:
    lines = [
        (_("would be added: {added}, changed: {changed}, unchanged: {unchanged}")
        if dry_run
        else _("added: {added}, changed: {changed}, unchanged: {unchanged}")).format(
            added=imported.added, changed=imported.changed, unchanged=imported.unchanged
        )
    ]  # fmt: skip
    if imported.columns:
        pairs = ", ".join(f"{field} ← {title}" for field, title in imported.columns.items())
        lines.append(_("columns: {pairs}").format(pairs=pairs))
    lines += imported.notes
    counts: dict[str, int] = {}
    for flag in imported.flags:
        counts[flag["flag"]] = counts.get(flag["flag"], 0) + 1
    for name, count in sorted(counts.items()):
        units = [flag["unit"] for flag in imported.flags if flag["flag"] == name]
        lines.append(f"{name}: {count} ({', '.join(units[:3])}{' …' if count > 3 else ''})")
    for line in imported.left_out[:SHOWN]:
        lines.append(
            _("left out: sheet {sheet}, row {row}: {why}").format(
                sheet=line["sheet"], row=line["row"] or "–", why=line["why"]
            )
        )
    return "\n".join(lines)


def _finish(ctx: click.Context, imported: Imported, as_json: bool, dry_run: bool) -> None:
    """Print an import's answer; exit 1 if cells were refused, 5 with flags, else 0."""
    for row in imported.rows[:SHOWN]:
        place = _("sheet {sheet}, row {row}").format(sheet=row["sheet"] or "1", row=row["row"])
        say(f"{imported.file}, {place}, {row['column']}: {row['value']!r}: {row['problem']}; {row['cure']}")
    if len(imported.rows) > SHOWN:
        say(_("… and {count} more").format(count=len(imported.rows) - SHOWN))
    show(imported.record(), as_json, "" if imported.rows else _summary(imported, dry_run))
    imported.refuse()
    if imported.flags:
        ctx.exit(WARNINGS)


@click.group(help=_("The register of units: schools, kindergartens, training centres."))
def units() -> None:
    """Group of the commands about units."""


@units.command(
    "import",
    help=_(
        "Import a register (CSV, XLSX, JSON list; any gzipped), all or nothing.\n\n"
        "\b\nExamples:\n  auditor units import schools.xlsx --dry-run\n"
        "  auditor units import sjkc.csv --map id=KODSEKOLAH --map name=NAMASEKOLAH_C"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_units(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import TAG_COLUMNS, UNIT_TITLES
    from auditor.workflow.registers import import_units as step

    _import(ctx, step, (*UNIT_TITLES, *TAG_COLUMNS), **options)


def _import(
    ctx: click.Context,
    step: Callable[..., Imported],
    fields: Sequence[str],
    *,
    db: Path,
    now: datetime,
    as_json: bool,
    file: Path,
    mapping: tuple[str, ...],
    where: tuple[str, ...],
    encoding: str | None,
    dry_run: bool,
    **more: Any,
) -> None:
    """Run one step of importing on the bureau; one that is not there is made only if something is kept.

    `fields` are those that ``--map`` may name.
    """
    from auditor.errors import FileMissing
    from auditor.workflow.bureau import bureau_for_import, opened
    from auditor.workflow.registers import refusal

    if not file.is_file():
        raise FileMissing(file=file)
    pairs = split_pairs(mapping, "--map")
    option = next(one for one in ctx.command.params if one.name == "mapping")
    for field in pairs:
        click.Choice(fields).convert(field, option, ctx)
    try:
        with bureau_for_import(db, now) as (target, keep):
            with opened(target) as database:
                imported = step(
                    database,
                    file,
                    mapping=pairs,
                    where=split_pairs(where, "--where"),
                    encoding=encoding,
                    dry_run=dry_run,
                    at=now,
                    **more,
                )
            if not dry_run and not imported.rows and keep():
                say(_("{file} was not there and is made").format(file=db))
    except AuditorError as error:
        if as_json and error.exit_code == FAILED:
            # a file refused as a whole answers like one with refused cells
            show(refusal(file, error), as_json, "")
        raise
    _finish(ctx, imported, as_json, dry_run)


@units.command("list", help=_("List the units.\n\n\b\nExample:\n  auditor units list --json"))
@bureau_options()
def list_units(db: Path, now: datetime, as_json: bool) -> None:
    """Print the units by id."""
    from auditor.pages.words import KIND_WORDS, word
    from auditor.workflow import registers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        found = registers.list_units(database)
    rows = [registers.unit_record(unit) for unit in found]
    titles = (_("id"), _("name"), _("kind"), _("township"), _("students"), _("boarders"), _("tags"))
    cells = [
        (
            one.id,
            one.name,
            word(KIND_WORDS, one.kind),
            one.township or one.district,
            one.students,
            one.boarders,
            ";".join(one.tags),
        )
        for one in found
    ]
    text = table(titles, cells) + "\n" + ngettext("{n} unit", "{n} units", len(found)).format(n=len(found))
    show(rows, as_json, text)


@units.command("show", help=_("Show one unit.\n\n\b\nExample:\n  auditor units show 5100000001"))
@click.argument("unit_id", metavar="ID")
@bureau_options()
def show_unit(db: Path, now: datetime, as_json: bool, unit_id: str) -> None:
    """Print every field of a unit."""
    from auditor.errors import UsageProblem
    from auditor.register.columns import UNIT_TITLES
    from auditor.workflow import registers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        unit = next((one for one in registers.list_units(database) if one.id == unit_id), None)
    if unit is None:
        raise UsageProblem(problem=_("{id} is no unit; see `auditor units list`").format(id=unit_id))
    record = registers.unit_record(unit, tuple(UNIT_TITLES))
    text = "\n".join(f"{one}: {'' if value is None else value}" for one, value in record.items())
    show(record, as_json, text)


@units.command(
    "export",
    help=_(
        "Write the register to FILE (.xlsx, .csv, .json).\n\n"
        "\b\nExample:\n  auditor units export --out units.xlsx"
    ),
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help=_("Where to."))
@bureau_options()
def export_units(db: Path, now: datetime, as_json: bool, out: Path) -> None:
    """Write the register."""
    from auditor.workflow import registers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        count = registers.export_units(database, out)
    show(
        {"file": str(out), "units": count},
        as_json,
        _("{file}: {count} units").format(file=out, count=count),
    )


@click.group(help=_("The inspectors: domains, conflicts of interest, share of half-days."))
def inspectors() -> None:
    """Group of the commands about inspectors."""


@inspectors.command(
    "import",
    help=_(
        "Import inspectors: id, name, department, domains (; between), conflicts, half_days.\n\n"
        "\b\nExample:\n  auditor inspectors import inspectors.xlsx"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_inspectors(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import STAFF_ALIASES
    from auditor.workflow.domains import load_all
    from auditor.workflow.registers import import_inspectors as step

    _import(ctx, step, tuple(STAFF_ALIASES), plugins=load_all(ctx.obj), **options)


@inspectors.command("list", help=_("List the inspectors.\n\n\b\nExample:\n  auditor inspectors list --json"))
@bureau_options()
def list_inspectors(db: Path, now: datetime, as_json: bool) -> None:
    """Print the inspectors by id."""
    from auditor.workflow import registers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = registers.list_inspectors(database)
    titles = (_("id"), _("name"), _("department"), _("domains"), _("conflicts"))
    cells = [
        (one["id"], one["name"], one["department"], ";".join(one["domains"]), ";".join(one["conflicts"]))
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


@click.group(help=_("Leave: days on which people are on no duty and on no visit."))
def leave() -> None:
    """Group of the commands about leave."""


@leave.command(
    "import",
    help=_(
        "Import leave: person (id or name), from, to, kind; both days included.\n\n"
        "\b\nExample:\n  auditor leave import leave.xlsx"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_leave(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import LEAVE_ALIASES
    from auditor.workflow.registers import import_leave as step

    _import(ctx, step, tuple(LEAVE_ALIASES), **options)


@leave.command("list", help=_("List the leave.\n\n\b\nExample:\n  auditor leave list --json"))
@bureau_options()
def list_leave(db: Path, now: datetime, as_json: bool) -> None:
    """Print the leave by person and day."""
    from auditor.workflow import registers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = registers.list_leave(database)
    titles = (_("person"), _("from"), _("to"), _("kind of leave"))
    cells = [(one["person"], one["from"], one["to"], one["kind"]) for one in rows]
    show(rows, as_json, table(titles, cells))


groups: list[click.Group] = [units, inspectors, leave]
