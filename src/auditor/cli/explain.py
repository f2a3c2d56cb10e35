"""``auditor plan explain``: why a visit is not made and what would place it; why this day and these two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import Work, bureau_options, domains_text, progress, say, show, table
from auditor.cli.plan_out import head_text, seen_of, which_options
from auditor.cli.secrets import asking
from auditor.errors import UsageProblem
from auditor.i18n import _, listed, ngettext
from auditor.pages.plan_words import FIGURE_WORDS, cure_text, unit_text, where_lines
from auditor.pages.shortfall import clash_lines, more_lines

if TYPE_CHECKING:
    from auditor.workflow.door import Seen
    from auditor.workflow.explaining import Told


@click.command(
    "explain",
    help=_(
        "Explain a plan: every visit that is not made, with its reason and the cheapest change that would "
        "place it (applied and planned again before it is told), and what more half-days, cars or people "
        "would place all. With --unit: its chance, how it was drawn, why this day and these people, and the "
        "rule that forbade each earlier lot. What is sealed is told with the planning key (--whole), and to "
        "everybody after the close.\n\n"
        "\b\nExamples:\n  auditor plan explain --programme 2026-12 --whole\n"
        "  auditor plan explain --programme 2026-12 --whole --unit 0523000101"
    ),
)
@click.option("--unit", metavar="ID", help=_("Only this unit (id or name)."))
@click.option(
    "--work",
    type=Work(),
    default=10.0,
    help=_("Units of solver work for each question, about seconds."),
)
@which_options
@bureau_options()
@click.pass_context
def explain(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    unit: str | None,
    work: float,
    month: str | None,
    programme: str | None,
    number: int | None,
    whole: bool,
    password_file: Path | None,
) -> None:
    """Print reasons and cures, or all of one unit."""
    from auditor.workflow import explaining, telling
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import domain_titles, load_all
    from auditor.workflow.naming import unit_named

    with opened(db) as database:
        ask = cache(asking(password_file)) if whole or password_file is not None else None
        seen = seen_of(database, month, programme, number, whole, password_file, ask)
        if not seen.public and "plan_root" not in seen.facts:
            raise UsageProblem(problem=_("number {number} has no plan yet").format(number=seen.number))
        if seen.record is None:
            if unit is not None:
                found = explaining.released_of(database, seen, unit)
                lines = [f"{one['date']} {one['start']} {one['id']}" for one in found]
                show({"number": seen.number, "released": found}, as_json, "\n".join(lines))
                return
            text = _("the reasons are told with the planning key: --whole")
            answer = {"number": seen.number, "state": seen.state, **seen.facts}
            show(answer, as_json, head_text(seen).splitlines()[0] + "\n" + text)
            return
        plugins = load_all(ctx.obj, database, now.date())
        world = explaining.open_world(database, seen, plugins, ask)
        units, people = telling.names_of(database)
        own = telling.own_ids(database, seen.number)
        names = {neutral: people.get(one, one) for neutral, one in own.items()}
        titles = domain_titles(plugins)
        if unit is not None:
            code = unit_named(database, unit).id
            step = _patience(explaining.steps(world, code), as_json)
            rows = explaining.of_unit(database, seen, world, unit, work=work, progress=step)
            text = "\n\n".join(unit_text(one, units, people, titles) for one in rows)
            show(rows, as_json, _of_sealed(seen) + text)
            return
        told = explaining.why_not(world, work=work, progress=_patience(explaining.steps(world), as_json))
        answer = {"number": seen.number, **explaining.told_record(told, own)}
    show(answer, as_json, _of_sealed(seen) + told_text(told, units, names, titles))


def _patience(questions: int, as_json: bool) -> Callable[[str], None]:
    """Give a function that says each question that is tried out; how many there are is said at once."""
    if questions and not as_json:
        say(
            ngettext(
                "one question is tried out by planning again; this may take a minute",
                "{n} questions are tried out by planning again; this may take minutes",
                questions,
            ).format(n=questions)
        )
    return progress(max(1, questions), "auditor plan explain")


def _of_sealed(seen: Seen) -> str:
    """Say of a repaired plan that it is explained as it was sealed."""
    if seen.standing is None or not seen.standing["repairs"]:
        return ""
    told = _("repairs since it was sealed: {n}; what follows is about the plan as it was sealed")
    return told.format(n=seen.standing["repairs"]) + "\n"


def told_text(
    told: Told, units: Mapping[str, str], people: Mapping[str, str], domains: Mapping[str, str]
) -> str:
    """Lay out the unplaced visits with reasons and cures, and what would place all of them."""
    from auditor.pages.words import REASON_WORDS, word
    from auditor.workflow.explaining import why_record
    from auditor.workflow.shortfall import told_reason

    if not told.whys:
        return _("every visit is in the plan")
    lines = []
    if told.clash:
        lines += clash_lines(told.clash)
    records = [why_record(one, {}, told.leave) for one in told.whys]
    lines.append(
        table(
            (_("unit"), _("domains"), _("reason"), _("figures"), _("the least that would place it")),
            [
                (
                    units.get(one["unit"], one["unit"]),
                    domains_text(one["domains"], domains),
                    word(REASON_WORDS, told_reason(one["reason"], told.cars)),
                    listed(
                        f"{domains.get(name) or word(FIGURE_WORDS, name)} {value}"
                        for name, value in one["numbers"].items()
                    ),
                    cure_text(one, units, people, domains),
                )
                for one in records
            ],
        )
    )
    if told.more is not None:
        needed = told.more
        lines += more_lines(needed.half_days, needed.cars, needed.people, least=needed.least)
    return "\n".join([*lines, *where_lines(records)])
