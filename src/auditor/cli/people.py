"""``auditor people``, ``inspectors`` and ``leave``: staff and their leave, in and listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.imports import field_word, import_options, run_import
from auditor.cli.options import bureau_options, domains_text, show, table, titles_here
from auditor.errors import UsageProblem
from auditor.i18n import _, listed


@click.group(help=_("The staff: who leads a duty, stands on duty and inspects."))
def people() -> None:
    """Group of the commands about staff."""


@people.command(
    "import",
    help=_(
        "Import staff: id, name, roles (leader, officer, driver, network, inspector; ; between), post, "
        "phone, department, domains, conflicts, half_days, share, from, to.\n\n"
        "\b\nExample:\n  auditor people import staff.xlsx --dry-run"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_people(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    _import_staff(ctx, inspectors=False, **options)


def _import_staff(ctx: click.Context, /, *, inspectors: bool, **options: Any) -> None:
    from auditor.register.columns import STAFF_ALIASES
    from auditor.workflow.domains import load_for
    from auditor.workflow.people import import_staff as step

    plugins = load_for(ctx.obj, options["db"], options["now"].date())
    run_import(ctx, step, tuple(STAFF_ALIASES), plugins=plugins, inspectors=inspectors, **options)


@people.command("list", help=_("List the staff.\n\n\b\nExample:\n  auditor people list --json"))
@bureau_options()
def list_people(db: Path, now: datetime, as_json: bool) -> None:
    """Print the staff by id."""
    from auditor.workflow import people as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = step.list_staff(database)
        names = {} if as_json else titles_here(database, now)
    _show_staff(rows, as_json, names)


def _show_staff(rows: Sequence[dict[str, Any]], as_json: bool, names: Mapping[str, str]) -> None:
    titles = (
        _("id"), _("name"), _("roles"), _("post"), _("phone"), _("department"), _("domains"), _("conflicts"),
    )  # fmt: skip
    cells = [
        (
            one["id"],
            one["name"],
            ";".join(map(_role, one["roles"])),
            one["post"],
            one["phone"],
            one["department"],
            domains_text(one["domains"], names),
            ";".join(one["conflicts"]),
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


def _role(key: str) -> str:
    return {
        "leader": _("leader"),
        "officer": _("officer"),
        "driver": _("driver"),
        "network": _("network desk"),
        "inspector": _("inspector"),
    }[key]


@people.command("show", help=_("Show one person.\n\n\b\nExample:\n  auditor people show 0101"))
@click.argument("person_id", metavar="ID")
@bureau_options()
def show_person(db: Path, now: datetime, as_json: bool, person_id: str) -> None:
    """Print every field of an office-holder, and the leave that is known."""
    from auditor.workflow import people as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        row = next((one for one in step.list_staff(database) if one["id"] == person_id), None)
        leave_rows = [one for one in step.list_leave(database) if one["person"] == person_id]
        titles = {} if as_json else titles_here(database, now)
    if row is None:
        raise UsageProblem(problem=_("{id} is nobody here; see `auditor people list`").format(id=person_id))
    record = row | {"leave": leave_rows}
    lines = [
        _("{name}: {value}").format(name=field_word(name, what="people"), value=_value(name, value, titles))
        for name, value in row.items()
        if value not in (None, "", [])
    ]
    lines += [_("leave: {start} – {end} {kind}").format(
        start=one["from"], end=one["to"], kind=one["kind"]) for one in leave_rows]  # fmt: skip
    show(record, as_json, "\n".join(lines))


def _value(field: str, value: object, domains: Mapping[str, str]) -> str:
    """Give a value of an office-holder as people read it; domains by name, given by key."""
    if not isinstance(value, list):
        return str(value)
    if field == "roles":
        return listed(map(_role, value))
    return domains_text(value, domains) if field == "domains" else listed(map(str, value))


@people.command(
    "template",
    help=_(
        "Write an empty form for staff with drop-downs and a sheet that explains it.\n\n"
        "\b\nExample:\n  auditor people template 人员.xlsx"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
@click.pass_context
def template(ctx: click.Context, db: Path, now: datetime, as_json: bool, file: Path) -> None:
    """Write the form."""
    from auditor.workflow.domains import load_for
    from auditor.workflow.forms import staff_form

    staff_form(file, load_for(ctx.obj, db, now.date()))
    show({"file": str(file)}, as_json, _("{file} is made").format(file=file))


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
    _import_staff(ctx, inspectors=True, **options)


@inspectors.command("list", help=_("List the inspectors.\n\n\b\nExample:\n  auditor inspectors list --json"))
@bureau_options()
def list_inspectors(db: Path, now: datetime, as_json: bool) -> None:
    """Print the inspectors by id."""
    from auditor.workflow import people as step
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = step.list_inspectors(database)
        names = {} if as_json else titles_here(database, now)
    _show_staff(rows, as_json, names)


@click.group(help=_("Leave: days on which people are on no duty and on no visit."))
def leave() -> None:
    """Group of the commands about leave."""


@leave.command(
    "import",
    help=_(
        "Import leave: person (id or name), from, to, half (上午, 下午), kind; both days included.\n\n"
        "\b\nExample:\n  auditor leave import leave.xlsx"
    ),
)
@import_options
@bureau_options()
@click.pass_context
def import_leave(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.columns import LEAVE_ALIASES
    from auditor.workflow.people import import_leave as step

    run_import(ctx, step, tuple(LEAVE_ALIASES), **options)


@leave.command(
    "list",
    help=_(
        "List the leave, or with --requests what was asked for.\n\n"
        "\b\nExamples:\n  auditor leave list --json\n  auditor leave list --requests"
    ),
)
@click.option("--requests", "requests", is_flag=True, help=_("The requests, whatever became of them."))
@bureau_options()
def list_leave(db: Path, now: datetime, as_json: bool, requests: bool) -> None:
    """Print the leave by person and day, or the requests by id."""
    from auditor.cli.leave_requests import requests_text
    from auditor.pages.duty_words import LEAVE_KIND_WORDS
    from auditor.pages.words import word
    from auditor.workflow import people as step
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty.leave_requests import requests as all_requests

    with opened(db) as database:
        if requests:
            asked = all_requests(database)
            show(asked, as_json, requests_text(asked))
            return
        rows = step.list_leave(database)
        names = step.names(database)
    halves = {"am": _("morning"), "pm": _("afternoon"), "": ""}
    titles = (_("id"), _("name"), _("from"), _("to"), _("half day"), _("kind of leave"))
    cells = [
        (
            one["person"],
            names.get(one["person"], ""),
            one["from"],
            one["to"],
            halves[one["half"]],
            word(LEAVE_KIND_WORDS, one["kind"]),
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))


groups: list[click.Group] = [people, inspectors, leave]
