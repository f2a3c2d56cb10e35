"""``auditor plan``: look at the stored plan, and check any plan without the solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.draw import counts_text
from auditor.cli.options import Work, bureau_options, domains_text, progress, say, show, table, titles_here
from auditor.cli.repair import repair
from auditor.cli.secrets import NUMBER, asking, is_drill, password_option, secrecy_option
from auditor.cli.wishes import wish_options
from auditor.errors import INFEASIBLE
from auditor.i18n import _, listed

if TYPE_CHECKING:
    from auditor.workflow.fairness import Wishes


@click.group(help=_("The plan of visits: who goes when, and whether it keeps every rule."))
def plan() -> None:
    """Group of the commands about plans."""


plan.add_command(repair)


@plan.command(
    "make",
    help=_(
        "Plan the drawn visits of a programme and seal the plan: prints counts and the plan root to publish, "
        "never a list. Who is kept where not all fit is decided by lot; what is wished of loads and pairs "
        "gives way before a visit is left out, and the plan says so. Exit 3 where no visit can be made.\n\n"
        "\b\nExamples:\n  auditor plan make --programme 2026-12\n"
        "  auditor plan make --programme 2026-12 --even --pairs 2"
    ),
)
@click.option("--programme", required=True, metavar="ID", help=_("The programme."))
@click.option(
    "--work",
    type=Work(),
    default=60.0,
    help=_("Units of solver work for each step, about seconds."),
)
@secrecy_option
@wish_options
@click.option(
    "--travel",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_(
        "Make sure that the number was frozen with the ways of this table; keep it beforehand with "
        "`auditor units travel import`."
    ),
)
@password_option
@bureau_options()
@click.pass_context
def make(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    programme: str,
    work: float,
    secrecy: str,
    wishes: Wishes,
    travel: Path | None,
    password_file: Path | None,
) -> None:
    """Plan and seal."""
    from auditor.workflow import programmes, sealing
    from auditor.workflow import travel as ways
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    with opened(db) as database:
        programmes.programme_of(database, programme)
        if travel is not None:
            ways.same_as_frozen(database, programme, travel)
        step = progress(3, "auditor plan make")
        made = sealing.make(
            database,
            programme,
            load_all(ctx.obj, database, now.date()),
            asking(password_file),
            now,
            secrecy=secrecy,
            work=work,
            drill=is_drill(ctx),
            progress=lambda what: step(_("working")),
            wishes=wishes,
        )
    last = made[-1]
    answer = {
        "visits": sum(one.visits for one in made),
        "unplaced": sum(one.unplaced for one in made),
        "sorties": sum(one.sorties for one in made),
        "plan_root": last.plan_root,
        "secrecy": last.secrecy,
    }
    if any(one.seats for one in made):
        answer["seats"] = {
            who: sum(one.seats.get(who, 0) for one in made)
            for who in sorted({who for one in made for who in one.seats})
        }
    if len(made) > 1:
        answer["numbers"] = [
            {
                "number": one.number,
                "visits": one.visits,
                "plan_root": one.plan_root,
                "secrecy": one.secrecy,
                **one.told,
                **({"main_reason": one.main_reason} if one.main_reason else {}),
            }
            for one in made
        ]
    else:
        answer |= last.told
        if last.main_reason:
            answer["main_reason"] = last.main_reason
    show(answer, as_json, "\n".join(map(counts_text, made)))
    if not as_json:
        say(_("publish the plan root where the fingerprint was published, before the first visit"))
        if any(one.unplaced for one in made):
            say(
                _(
                    "unplaced visits stand in the transcript with their reasons; why each of them: "
                    "auditor plan explain --programme {id} --whole"
                ).format(id=programme)
            )
    if any(one.unplaced and not one.visits for one in made):
        ctx.exit(INFEASIBLE)


@plan.command(
    "release",
    help=_(
        "Tell today's visits: from now on they are no secret. Only those of the day are opened.\n\n"
        "\b\nExample:\n  auditor plan release"
    ),
)
@click.option("--number", type=NUMBER, metavar="N", help=_("Of one number only."))
@password_option
@bureau_options()
@click.pass_context
def release(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int | None,
    password_file: Path | None,
) -> None:
    """Print today's visits."""
    from auditor.workflow import releasing, telling
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        found = releasing.release(database, number, asking(password_file), now, drill=is_drill(ctx))
        nothing = "" if found else releasing.nothing_to_release(database)
        units, people = telling.names_of(database)
        names = {} if as_json else titles_here(database, now)
        own = {of: telling.own_ids(database, of) for of in {of for of, _visit in found}}
        seats = {of: telling.seats_of(database, of) for of in {of for of, _visit in found}}
        rows = [
            {
                "number": of,
                **({"from": visit["from"].removeprefix("@")} if "from" in visit else {}),
                **{
                    key: visit[key]
                    for key in ("id", "unit", "sortie", "date", "slot", "start", "domains", "source")
                },
                "name": units.get(visit["unit"], visit["unit"]),
                "instead_of": visit.get("instead_of"),
                "team": [people.get(own[of].get(one, one), one) for one in visit["team"]],
                "seats": seats[of],
            }
            for of, visit in found
        ]
    show(rows, as_json, visits_text(rows, names) if rows else nothing)


def visits_text(rows: Sequence[Mapping[str, Any]], domains: Mapping[str, str]) -> str:
    """Lay out visits that were released; domains by their names, given by key."""
    from auditor.pages.words import SLOT_WORDS, visit_notes, word

    stops = {
        (one["number"], one["sortie"], one["unit"]): one["start"] for one in rows if not one["instead_of"]
    }

    def notes(one: Mapping[str, Any]) -> str:
        stands_in = bool(one["instead_of"])
        stop = stops.get((one["number"], one["sortie"], one["unit"]), "")
        return visit_notes(one["source"] == "directed", stands_in, stop if stands_in else "")

    titles = (_("half-day"), _("arrival"), _("sortie"), _("unit"), _("domains"), _("team"), _("visit"))
    return table(
        titles,
        [
            (
                word(SLOT_WORDS, one["slot"]),
                one["start"],
                f"{one['number']}/{one['sortie']}",
                one["name"]
                + notes(one)
                + (_(" (from {start})").format(start=one["from"]) if "from" in one else ""),
                domains_text(one["domains"], domains),
                listed([*one["team"], *(f"{who}×{count}" for who, count in one["seats"].items())]),
                one["id"],
            )
            for one in rows
        ],
    )


@plan.command(
    "check",
    help=_(
        "Check FILE, or the stored plan, against register, staff, leave, calendar, distances and lots, "
        "without the solver (exit 4 with each broken rule). Of a sealed plan only the rules are named.\n\n"
        "\b\nExamples:\n  auditor plan check --programme 2026-12\n"
        "  auditor plan check auditor-demo/plan.json --db auditor-demo/bureau.db"
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--month", metavar="YYYY-MM", help=_("Which month of a demonstration (else the last one planned).")
)
@click.option("--programme", metavar="ID", help=_("The last number of this programme."))
@password_option
@bureau_options()
@click.pass_context
def check(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    file: Path | None,
    month: str | None,
    programme: str | None,
    password_file: Path | None,
) -> None:
    """Print every breach."""
    from auditor.cli.checks import damage_is_told, read_record, report, stored_month
    from auditor.workflow import plans, sealing, telling
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    with damage_is_told(db), opened(db) as database:
        stored = telling.stored_plans(database)
        number = telling.last_number(database, programme, file is None and month is None and not stored)
        plugins = load_all(ctx.obj, database, now.date())
        if number is not None and number["state"] != "closed":
            breaches = sealing.check_plan(database, number["number"], plugins, asking(password_file))
        else:
            key = telling.plan_key(number) if number is not None else stored_month(stored, month, _("plan"))
            record = read_record(file) if file is not None else stored[key]
            breaches = plans.check(database, record, key, plugins)
    report(breaches, as_json, _("the plan keeps every rule"))


def _add_commands() -> None:
    """Add the commands about what a plan gives out."""
    from auditor.cli import plan_out
    from auditor.cli.explain import explain

    for command in (*plan_out.commands, explain):
        plan.add_command(command)


_add_commands()
