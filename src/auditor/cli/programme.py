"""``auditor programme``: what is inspected in a period, on which basis, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import bureau_options, domains_text, say, show, table, titles_here
from auditor.i18n import _, labelled


@click.group(
    help=_("Programmes (抽查计划): what is inspected in a period, on which basis, and how it is drawn.")
)
def programme() -> None:
    """Group of the commands about programmes."""


@programme.command(
    "add",
    help=_(
        "Keep the programme of FILE (TOML); nothing is drawn yet. Required keys: id, name, from, to, basis, "
        "domains. How many: units, share, or by capacity without either. Also: domains_each, floor, strata, "
        "certain, grades, team, weekly, modes, item, document, cap, cap_enterprises, keep, "
        "revisit_gap_days, cars, driver_seat, mix, partners, starts.\n\n"
        "\b\nExample:\n  auditor programme add december.toml"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--accept-lower-floor", is_flag=True, help=_("Take a floor below 0.3; it is printed everywhere.")
)
@bureau_options()
@click.pass_context
def add(
    ctx: click.Context, db: Path, now: datetime, as_json: bool, file: Path, accept_lower_floor: bool
) -> None:
    """Keep a programme's file."""
    from auditor.workflow import programmes
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    with opened(db) as database:
        plugins = load_all(ctx.obj, database, now.date())
        added = programmes.add(database, file, plugins, now, accept_lower_floor=accept_lower_floor)
    made = added.programme
    words = {"new": _("newly kept"), "changed": _("changed"), "unchanged": _("unchanged")}
    text = _("programme {id} ({name}), {first} to {last}: {state}").format(
        id=made.id, name=made.name, first=made.first, last=made.last, state=words[added.state]
    )
    show(
        programmes.record(made, added.sha256) | {"state": added.state, "notes": list(added.notes)},
        as_json,
        text,
    )
    for note in added.notes:
        say(note)
    if not as_json:
        say(_("next: {command}").format(command=added.next))


@programme.command("list", help=_("List the programmes.\n\n\b\nExample:\n  auditor programme list"))
@bureau_options()
def list_programmes(db: Path, now: datetime, as_json: bool) -> None:
    """Print a row for each."""
    from auditor.workflow import programmes
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = programmes.rows(database)
        names = {} if as_json else titles_here(database, now)
    titles = (_("programme"), _("name"), _("from"), _("to"), _("domains"), _("to be drawn (n)"), _("numbers"))
    cells = [
        (
            one["id"],
            one["name"],
            one["from"],
            one["to"],
            domains_text(one["domains"], names),
            one["units"],
            ", ".join(map(str, one["numbers"])),
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells) if rows else _("no programme yet: auditor programme add FILE"))


@programme.command(
    "show",
    help=_(
        "Show a programme; with --public its row of the bureau's published list (抽查事项清单).\n\n"
        "\b\nExamples:\n  auditor programme show 2026-12\n  auditor programme show 2026-12 --public "
        "--html item.html"
    ),
)
@click.argument("programme_id", metavar="ID")
@click.option("--public", is_flag=True, help=_("The row that is published."))
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help=_("Write the row as a page too.")
)
@bureau_options()
@click.pass_context
def show_programme(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    programme_id: str,
    public: bool,
    html: Path | None,
) -> None:
    """Print what it says."""
    from auditor.draw.canon import digest
    from auditor.workflow import papers, programmes
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import domain_titles, load_all

    with opened(db) as database:
        made, data = programmes.programme_of(database, programme_id)
        plugins = load_all(ctx.obj, database, now.date())
        row = programmes.public_row(database, made, plugins)
        if html is not None:
            papers.write_new(html, papers.programme_page(database, made, row))
    if public:
        show(row, as_json, "\n".join(f"{name}：{value}" for name, value in row.items()))
        return
    record = programmes.record(made, digest(data))
    show(record, as_json, programme_text(record, domain_titles(plugins)))


def programme_text(record: Mapping[str, Any], domains: Mapping[str, str]) -> str:
    """Say what a programme says (as `programmes.record` writes it), a line a field; domains by name."""
    from auditor.pages.programme_words import programme_rows

    return "\n".join(labelled(name, told) for name, told in programme_rows(record, domains))
