"""``auditor plan repair``: change a sealed plan as little as can be, and say what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import (
    Work,
    bureau_options,
    progress,
    show,
    split_pairs,
    table,
    titles_here,
)
from auditor.cli.secrets import NUMBER, asking, is_drill, password_option
from auditor.errors import WARNINGS, UsageProblem
from auditor.i18n import _, listed
from auditor.pages.repair_words import (
    asked_text,
    change_rows,
    change_titles,
    head_text,
    note_lines,
    tell_lines,
)

if TYPE_CHECKING:
    from auditor.store import Database

BELONGS = {
    "--outcome": ("drop",),
    "--directed": ("add",),
    "--deadline": ("order", "add"),
    "--where": ("order",),
    "--domain": ("order", "add"),
    "--reason": ("drop", "move"),
    "--approver": ("drop", "move"),
}
"""Beside which things that happened an option says something."""


@click.command(
    "repair",
    help=_(
        "Change the sealed plan as little as can be: fewest days, then fewest people, then even loads. Past, "
        "begun and released visits stay. Prints what changed and whom to tell; the roster never changes.\n\n"
        "\b\nExamples:\n"
        "  auditor plan repair --absent 王芳 2026-12-07 2026-12-16 --dry-run\n"
        "  auditor plan repair --drop 0e4961f2c70d5eab --outcome cancelled --reason 停办\n"
        "  auditor plan repair --add 0523000101 --directed 信访转办单3号\n"
        "  auditor plan repair --move 0e4961f2c70d5eab 2026-12-21 --reason 期末考试 --approver 李局长\n"
        "  auditor plan repair --order 川教函〔2026〕9号 --deadline 2026-12-18 --where kind=kindergarten"
    ),
)
@click.option(
    "--absent", type=(str, str, str), multiple=True, metavar="WHO FROM TO",
    help=_("Somebody is not there, first and last day included (may be repeated)."),
)  # fmt: skip
@click.option(
    "--drop",
    multiple=True,
    metavar="VISIT",
    help=_("A visit (its id, or a unit that has one) falls away (may be repeated), with --outcome."),
)
@click.option(
    "--outcome",
    default="",
    metavar="WORD",
    help=_("What became of it: closed, nobody, refused or cancelled."),
)
@click.option(
    "--add",
    multiple=True,
    metavar="UNIT",
    help=_("A unit (code or name) to visit besides (may be repeated), with --directed."),
)
@click.option("--directed", default="", metavar="BASIS", help=_("By which order or complaint."))
@click.option(
    "--move",
    type=(str, str),
    metavar="VISIT DATE",
    help=_("Move a visit (its id, or a unit that has one) to another day, with --reason and --approver."),
)
@click.option("--reason", default="", metavar="TEXT", help=_("Why; public after the close."))
@click.option("--approver", default="", metavar="NAME", help=_("Who approved it."))
@click.option(
    "--order", default="", metavar="DOCUMENT",
    help=_("An order from above: its units (--add or --where) are visited by --deadline, others make room."),
)  # fmt: skip
@click.option("--deadline", default="", metavar="YYYY-MM-DD", help=_("The last day for ordered visits."))
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help=_("Units of an order by what they are."))
@click.option("--domain", multiple=True, metavar="KEY", help=_("What an ordered visit inspects (else all)."))
@click.option("--number", type=NUMBER, metavar="N", help=_("Of one number only."))
@click.option("--history", is_flag=True, help=_("Show the repairs so far instead."))
@click.option("--dry-run", is_flag=True, help=_("Show what would change; keep nothing."))
@click.option(
    "--work", type=Work(), default=10.0,
    help=_("Units of solver work for each step, about seconds."),
)  # fmt: skip
@password_option
@bureau_options()
@click.pass_context
def repair(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    absent: tuple[tuple[str, str, str], ...],
    drop: tuple[str, ...],
    outcome: str,
    add: tuple[str, ...],
    directed: str,
    move: tuple[str, str] | None,
    reason: str,
    approver: str,
    order: str,
    deadline: str,
    where: tuple[str, ...],
    domain: tuple[str, ...],
    number: int | None,
    history: bool,
    dry_run: bool,
    work: float,
    password_file: Path | None,
) -> None:
    """Print the diff."""
    from auditor.workflow import repairing
    from auditor.workflow.bureau import opened
    from auditor.workflow.directed import Sweep
    from auditor.workflow.domains import load_all
    from auditor.workflow.repair_requests import Request

    asked = {
        "absent": bool(absent), "drop": bool(drop), "move": move is not None,
        "order": bool(order), "add": bool(add) and not order, "history": history,
    }  # fmt: skip
    kinds = [kind for kind, given in asked.items() if given]
    if len(kinds) != 1:
        raise UsageProblem(
            problem=_("say one thing that happened: --absent, --drop, --add, --move, --order or --history")
        )
    _belong(
        kinds[0],
        {
            "--outcome": outcome,
            "--directed": directed,
            "--deadline": deadline,
            "--where": where,
            "--domain": domain,
            "--reason": reason,
            "--approver": approver,
        },
    )
    with opened(db) as database:
        names = {} if as_json else titles_here(database, now)
        if history:
            told = repairing.history(database, number, asking(password_file))
            show(
                told,
                as_json,
                "\n\n".join(f"{asked_text(one, now)}\n{repair_text(one, names)}" for one in told)
                or _("nothing was repaired yet"),
            )
            return
        ordered = [*add]
        if order and where:
            ordered += _units_where(database, split_pairs(where, "--where"))
        step = progress(3, "auditor plan repair")
        told = repairing.repair(
            database,
            Request(
                kind=kinds[0],
                absent=[(who, *_days("--absent", first, last)) for who, first, last in absent],
                drop=drop,
                outcome=outcome,
                move=(move[0], _day("--move", move[1])) if move else None,
                reason=reason,
                approver=approver,
                sweep=Sweep(
                    units=ordered,
                    basis=order or directed,
                    deadline=_day("--deadline", deadline) if deadline else "",
                    domains=domain,
                )
                if order or add
                else None,
            ),
            number,
            load_all(ctx.obj, database, now.date()),
            asking(password_file),
            now,
            work=work,
            drill=is_drill(ctx),
            dry_run=dry_run,
            progress=lambda what: step(_("working")),
        )
    answer: dict[str, Any] = {"dry_run": dry_run}
    for part in ("lost", "moves", "moves_bound", "seats", "seats_bound"):
        answer[part] = sum(one[part] for one in told)
    answer["gave_way"] = sorted({name for one in told for name in one["gave_way"]})
    for part in ("changes", "left_out", "refused", "already", "tell", "open_past", "still_out"):
        answer[part] = [one for entry in told for one in entry[part]]
    answer["numbers"] = told
    lines = [
        *(repair_text(one, names) for one in told),
        *([_("nothing was kept: this was a dry run")] if dry_run else []),
    ]
    show(answer, as_json, "\n\n".join(lines))
    if answer["left_out"] or answer["refused"] or answer["already"]:
        ctx.exit(WARNINGS)


def _belong(kind: str, given: Mapping[str, object]) -> None:
    """Refuse an option that says nothing of what happened, instead of passing it over."""
    for option, value in given.items():
        if value and kind not in BELONGS[option]:
            raise UsageProblem(
                problem=_("{option} says nothing beside --{kind}; it belongs to {others}").format(
                    option=option, kind=kind, others=listed(f"--{one}" for one in BELONGS[option])
                )
            )


def _units_where(db: Database, where: Mapping[str, str]) -> list[str]:
    """Give the codes of the units that are what `where` says and not closed; raises UsageProblem for none."""
    from auditor.workflow.units import list_units

    found = list_units(db, where)
    there = [one.id for one in found if not one.closed]
    if there:
        return there
    told = listed(f"{name}={value}" for name, value in where.items())
    if found:
        raise UsageProblem(problem=_("--where {where}: all units that match are closed").format(where=told))
    none = [f"{name}={value}" for name, value in where.items() if not list_units(db, {name: value})]
    if none:
        raise UsageProblem(
            problem=_("--where {where}: no unit matches; `auditor units list` shows the values").format(
                where=listed(none)
            )
        )
    raise UsageProblem(problem=_("--where {where}: no unit matches all of it").format(where=told))


def _days(option: str, first: str, last: str) -> tuple[str, str]:
    """Read the first and last day of something."""
    days = _day(option, first), _day(option, last)
    if days[0] > days[1]:
        raise UsageProblem(
            problem=_("{option}: {last} is before {first}; write the first day, then the last").format(
                option=option, first=first, last=last
            )
        )
    return days


def _day(option: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageProblem(
            problem=_("{option} {day}: write a date like 2026-12-01").format(option=option, day=text)
        ) from error


def repair_text(one: Mapping[str, Any], domains: Mapping[str, str]) -> str:
    """Lay out what one repair changed, and whom to tell; domains by their names, given by key."""
    lines = [head_text(one)]
    if one["changes"]:
        lines.append(table(change_titles(), change_rows(one)))
    return "\n".join([*lines, *note_lines(one, domains), *tell_lines(one)])
