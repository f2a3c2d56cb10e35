"""What the commands that import have in common: their options, and how they tell what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import no_collector, point, say, show, split_pairs
from auditor.errors import FAILED, WARNINGS, AuditorError
from auditor.i18n import _, language, listed, ngettext, some

if TYPE_CHECKING:
    from auditor.workflow.imports import Imported

SHOWN = 20


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add FILE, --map, --where, --sheet, --encoding, --partial and --dry-run."""
    return _with_options(command, partial=True)


def whole_import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the same without --partial: the file is kept whole or not at all."""
    return _with_options(command, partial=False)


def _with_options(command: Callable[..., Any], *, partial: bool) -> Callable[..., Any]:
    options = [
        click.argument("file", type=click.Path(path_type=Path)),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=COLUMN",
            help=_("Read FIELD from this column (may be repeated); kept for the next file of this shape."),
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="COLUMN=VALUE",
            help=_("Take only the rows with this value (may be repeated)."),
        ),
        click.option(
            "--sheet",
            "sheets",
            multiple=True,
            metavar="NAME",
            help=_("Read only this sheet (may be repeated)."),
        ),
        click.option("--encoding", help=_("Encoding of a text file that is neither UTF-8 nor GB18030.")),
        click.option(
            "--partial",
            is_flag=True,
            help=_("Take the good rows and write the refused ones to FILE.refused.xlsx (exit 5)."),
        ),
        click.option("--dry-run", is_flag=True, help=_("Say what would be done and write nothing.")),
    ]
    if not partial:
        del options[-2]
    for option in reversed(options):
        command = option(command)
    return command


def mapping_of(ctx: click.Context, mapping: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    """Give what ``--map`` says; raises click's own error for a field that is none of these."""
    pairs = split_pairs(mapping, "--map")
    option = next(one for one in ctx.command.params if one.name == "mapping")
    for field in pairs:
        click.Choice(fields).convert(field, option, ctx)
    return pairs


def run_import(
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
    sheets: tuple[str, ...],
    partial: bool,
    dry_run: bool,
    crs: str | None = None,
    at: str | None = None,
    same: tuple[str, ...] = (),
    keep_both: bool = False,
    **more: Any,
) -> None:
    """Run one step of importing on the bureau; one that is not there is made only if something is kept.

    `fields` are those that ``--map`` may name.
    """
    from auditor.errors import FileMissing
    from auditor.workflow.bureau import bureau_for_import, opened
    from auditor.workflow.imports import Request, refusal

    if not file.is_file():
        raise FileMissing(file=file)
    request = Request(
        mapping=mapping_of(ctx, mapping, fields),
        where=split_pairs(where, "--where"),
        encoding=encoding,
        sheets=sheets,
        dry_run=dry_run,
        crs=crs or "wgs84",
        at=point(at) if at else None,
        same=same,
        keep_both=keep_both,
        partial=partial,
    )
    try:
        with bureau_for_import(db, now) as (target, keep), no_collector():
            with opened(target) as database:
                imported = step(database, file, request, now, **more)
            if not dry_run and (not imported.rows or imported.refused_file) and keep():
                say(_("{file} was not there and is made").format(file=db))
    except AuditorError as error:
        if as_json and error.exit_code == FAILED:
            # a file refused as a whole answers like one with refused cells
            show(refusal(file, error), as_json, "")
        raise
    _finish(ctx, imported, as_json, dry_run, what=_list_of(fields))


def _list_of(fields: Sequence[str]) -> str:
    """Give which list has these fields: units, people, or another."""
    return "people" if "half_days" in fields else "units" if "township" in fields else ""


def _finish(ctx: click.Context, imported: Imported, as_json: bool, dry_run: bool, *, what: str) -> None:
    """Print an import's answer; exit 1 if cells were refused, 5 with flags or ``--partial``, else 0."""
    tell_refused(imported.file, imported.rows)
    taken = (
        not imported.rows or bool(imported.refused_file) or (dry_run and imported.added + imported.changed)
    )
    show(imported.record(), as_json, _summary(imported, dry_run, what=what) if taken else "")
    imported.refuse()
    if imported.flags or imported.refused_file:
        ctx.exit(WARNINGS)


def tell_refused(file: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say the first refused cells of a file, each with its place, its problem and the cure."""
    for row in rows[:SHOWN]:
        line = _("sheet {sheet}, row {row}").format(sheet=row["sheet"] or "1", row=row["row"])
        place = listed([line] * bool(row["row"]) + [row["column"]] * bool(row["column"]))
        value = f" “{row['value']}”" if row["value"] else ""
        text = _("{file}, {place}: {problem}; {cure}")
        say(text.format(file=file, place=(place + value).strip(), problem=row["problem"], cure=row["cure"]))
    if len(rows) > SHOWN:
        say(_("… and {count} more (all of them with --json)").format(count=len(rows) - SHOWN))


def _summary(imported: Imported, dry_run: bool, *, what: str) -> str:
    lines = [
        (_("would be added: {added}, changed: {changed}, unchanged: {unchanged}")
        if dry_run
        else _("added: {added}, changed: {changed}, unchanged: {unchanged}")).format(
            added=imported.added, changed=imported.changed, unchanged=imported.unchanged
        )
    ]  # fmt: skip
    if imported.refused_file:
        lines.append(
            _(
                "refused cells: {count}; their rows lie in {file}: mend them there and import that file"
            ).format(count=len(imported.rows), file=imported.refused_file)
        )
    if imported.columns:
        pairs = listed(
            _named_field(field, what=what) + f" ← {title}" for field, title in imported.columns.items()
        )
        lines.append(_("columns: {pairs}").format(pairs=pairs))
    if any(imported.hidden.values()):
        lines.append(
            _("hidden and read all the same: {rows} rows, {columns} columns, {sheets} sheets").format(
                **imported.hidden
            )
        )
    lines += imported.notes
    if imported.new:
        lines.append(_("new: {ids}").format(ids=some(imported.new, 10)))
    lines += _changes(imported, what=what)
    if imported.missing:
        shown = some(imported.missing, 5)
        lines.append(
            ngettext(
                "in the register but not in this file: {n} ({ids}); it stays",
                "in the register but not in this file: {n} ({ids}); they stay",
                len(imported.missing),
            ).format(n=len(imported.missing), ids=shown)
        )
    lines += _flags(imported)
    for line in imported.left_out[:SHOWN]:
        lines.append(
            _("left out: sheet {sheet}, row {row}: {why}").format(
                sheet=line["sheet"] or "1", row=line["row"] or "–", why=line["why"]
            )
            + (f" “{line['value'][:30]}”" if line["value"] else "")
        )
    if len(imported.left_out) > SHOWN:
        lines.append(_("… and {count} more (all of them with --json)").format(
            count=len(imported.left_out) - SHOWN))  # fmt: skip
    return "\n".join(lines)


def _changes(imported: Imported, *, what: str) -> list[str]:
    """Say what changed, field by field, before and after."""
    lines = [
        f"  {one['id']} {field_word(one['field'], what=what)}: "
        f"{shown_value(one['field'], one['before'])} → {shown_value(one['field'], one['after'])}"
        for one in imported.changes[:SHOWN]
    ]
    if len(imported.changes) > SHOWN:
        lines.append(
            _("… and {count} more (all of them with --json)").format(count=len(imported.changes) - SHOWN)
        )
    return lines


def _named_field(field: str, *, what: str) -> str:
    """Name a field by its word and, where that differs, by its key, which ``--map`` takes."""
    name = field_word(field, what=what)
    return field if name == field else f"{name} {field}"


def field_word(field: str, *, what: str = "units") -> str:
    """Give the word for a field of a list in the language spoken: as a Chinese form heads it, or the field.

    Parameters
    ----------
    what
        The list: ``units``, ``people``, or "" for another.
    """
    from auditor.pages.words import FIELD_WORDS
    from auditor.register.columns import STAFF_TITLES, UNIT_TITLES

    if language() != "zh":
        return field
    titles = {"units": UNIT_TITLES, "people": STAFF_TITLES}.get(what, {})
    return titles.get(field) or (_(FIELD_WORDS[field]) if field in FIELD_WORDS else field)


def shown_value(field: str, value: object) -> str:
    """Give a value as people read it; – for nothing."""
    from auditor.pages.words import KIND_WORDS, word

    if value is None or value == "" or value == () or value == []:
        return "–"
    if field == "kind":
        return word(KIND_WORDS, str(value))
    if field == "closed" and value == "true":
        return _("yes")
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _flags(imported: Imported) -> list[str]:
    """Say each flag once, with the first of its units, where they stand, and the cure."""
    from auditor.register.flags import FLAGS

    lines = []
    for name in sorted({flag["flag"] for flag in imported.flags}):
        flagged = [flag for flag in imported.flags if flag["flag"] == name]
        found, cure = FLAGS[name]
        shown = _("; ").join(map(_flagged, flagged[:3])) + (" …" if len(flagged) > 3 else "")
        lines.append(
            _("{found} ({flag}): {n} – {where} → {cure}").format(
                found=_(found), flag=name, n=len(flagged), where=shown, cure=_(cure)
            )
        )
    return lines


def _flagged(one: Mapping[str, Any]) -> str:
    """Name a unit that is flagged, where it stands, and what stands there."""
    place = _("{sheet} row {row}").format(sheet=one["sheet"], row=one["row"]).strip()
    if not one["value"]:
        return _("{unit} ({place})").format(unit=one["unit"], place=place)
    return _("{unit} ({place}: {value})").format(unit=one["unit"], place=place, value=one["value"])
