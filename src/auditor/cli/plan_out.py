"""``auditor plan show``, ``export`` and ``submit``: what a plan gives out, each through the one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.draw import seats_text
from auditor.cli.options import bureau_options, say, show, table, titles_here
from auditor.cli.secrets import NUMBER, asking, password_option
from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.pages.shortfall import shortfall_lines, unplaced_lines

if TYPE_CHECKING:
    from auditor.store import Database
    from auditor.workflow.door import Seen

Command = Callable[..., Any]
FORMATS = ("xlsx", "html", "svg", "json")


def which_options(command: Command) -> Command:
    """Add what names a plan and how much of it is wanted: month, programme, number, whole, password."""
    for add in (
        password_option,
        click.option(
            "--whole",
            is_flag=True,
            help=_("Use the planning key: the whole plan, also what is sealed (so does --password-file)."),
        ),
        click.option("--number", type=NUMBER, metavar="N", help=_("This number of the ledger.")),
        click.option("--programme", metavar="ID", help=_("The last number of this programme.")),
        click.option(
            "--month",
            metavar="YYYY-MM",
            help=_("Which month of a demonstration (else the last one planned)."),
        ),
    ):
        command = add(command)
    return command


def seen_of(
    db: Database,
    month: str | None,
    programme: str | None,
    number: int | None,
    whole: bool,
    password_file: Path | None,
    ask: Callable[[], str | None] | None = None,
    *,
    as_sealed: bool = False,
) -> Seen:
    """Give what may be seen of the plan that the options name; raises UsageProblem.

    `as_sealed` asks for it as it was sealed, whatever repairs and outcomes say. `ask` gives the password in
    place of the options, for a caller who needs it again.
    """
    from auditor.cli.checks import stored_month
    from auditor.workflow import door, telling
    from auditor.workflow.ceremony import number_of

    if sum(one is not None for one in (month, programme, number)) > 1:
        raise UsageProblem(problem=_("choose one of --month, --programme and --number"))
    if ask is None and (whole or password_file is not None):
        ask = asking(password_file)
    if number is not None:
        return door.look(db, number_of(db, number), ask, as_sealed=as_sealed)
    stored = telling.demonstrations(db)
    record = telling.last_number(db, programme, month is None and not stored)
    of = record if record is not None else stored_month(stored, month, _("plan"))
    return door.look(db, of, ask, as_sealed=as_sealed)


sealed_option = click.option(
    "--sealed",
    is_flag=True,
    help=_("As it was sealed and is verified, without repairs and outcomes (else as it stands)."),
)


@click.command(
    "show",
    help=_(
        "Show a plan: whole where it is no secret (a demonstration, a closed number) or with the planning "
        "key (--whole); else its counts, its root, and the visits that were released. A closed number is "
        "shown as it was carried out, after its repairs and with its outcomes; --sealed shows what was "
        "sealed.\n\n"
        "\b\nExamples:\n  auditor plan show --programme 2026-12\n"
        "  auditor plan show --programme 2026-12 --whole --calendar\n"
        "  auditor plan show --programme 2026-12 --whole --load\n"
        "  auditor plan show --annex approval/annex.age"
    ),
)
@click.option("--calendar", is_flag=True, help=_("A grid of each month, a line a sortie."))
@click.option("--load", is_flag=True, help=_("Whose half-days are used, and why others are not."))
@click.option(
    "--annex",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Open the sealed annex of an approval, with the planning key."),
)
@sealed_option
@which_options
@bureau_options()
@click.pass_context
def show_plan(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    programme: str | None,
    number: int | None,
    whole: bool,
    calendar: bool,
    load: bool,
    annex: Path | None,
    sealed: bool,
    password_file: Path | None,
) -> None:
    """Print the visits in order of day, a calendar, or the load."""
    from auditor.workflow import loads, outputs
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    if calendar + load + (annex is not None) > 1:
        raise UsageProblem(problem=_("choose one of --calendar, --load and --annex"))
    with opened(db) as database:
        if annex is not None:
            _show_annex(database, annex, password_file, as_json, now)
            return
        seen = seen_of(database, month, programme, number, whole, password_file, as_sealed=sealed)
        if sealed and seen.record is None:
            raise UsageProblem(problem=_("what was sealed is told with the planning key: --whole"))
        if load:
            found = loads.loads(database, seen)
            show([one.record() for one in found], as_json, load_text(found, seen))
            return
        if not (as_json or seen.public or "plan_root" in seen.facts):
            click.echo(no_plan_text(seen))
            return
        plugins = None if as_json else load_all(ctx.obj, database, now.date())
        rows = outputs.named_rows(database, seen, plugins, today=now.date(), fallen=not calendar)
    text = calendar_text(rows, seen) if calendar else visits_table(rows)
    show(seen.listed(), as_json, head_text(seen) + text)


def no_plan_text(seen: Seen) -> str:
    """Say that a number has no plan, how far it is, and what comes next."""
    from auditor.workflow.ceremony import STATES

    text = _("number {number} has no plan: it is {state}").format(
        number=seen.number, state=_(STATES[seen.state])
    )
    if seen.state == "run":
        text += "\n" + _("next: auditor plan make --programme {id}").format(id=seen.programme)
    elif seen.state in ("frozen", "committed"):
        text += "\n" + _("next: auditor draw ceremony --programme {id} (it goes on from there)").format(
            id=seen.programme
        )
    return text


def titles() -> tuple[str, ...]:
    """Give the titles of a table of visits."""
    return (_("day"), _("half-day"), _("arrival"), _("sortie"), _("unit"), _("domains"), _("team"))


def visits_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out visits with names; what became of them has a column where anything did."""
    if not any(one.get("became") for one in rows):
        return table(titles(), list(map(_row, rows)))
    return table((*titles(), _("outcome")), [(*_row(one), one["became"]) for one in rows])


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    from auditor.pages.words import SLOT_WORDS, visit_notes, word

    return (
        one["date"],
        word(SLOT_WORDS, one["slot"]),
        one["start"],
        one["sortie"],
        one["name"] + visit_notes(one.get("source") == "directed", "instead_of" in one, one.get("stop", "")),
        listed(one["domains"]),
        listed(one["team"]),
    )


def head_text(seen: Seen) -> str:
    """Say of a sealed plan its counts and root, and whether all or only the released visits follow."""
    from auditor.workflow.secrecy import secrecy_text
    from auditor.workflow.shortfall import main_reason

    short = shortfall_lines(seen.facts)
    if seen.public:
        return "".join(f"{line}\n" for line in (*(() if seen.standing else short), *carried_lines(seen)))
    lines = []
    if "plan_root" in seen.facts:
        reason = main_reason(seen.record["unplaced"], seen.cars) if seen.record is not None else ""
        lines += unplaced_lines(seen.facts["visits"], seen.facts["unplaced"], reason)
        lines.append(
            _(
                "number {number}: {visits} visits, {unplaced} unplaced, {sorties} sorties; plan root "
                "{plan_root}"
            ).format(number=seen.number, **seen.facts)
        )
    if seen.facts.get("seats"):
        lines.append(seats_text(seen.facts["seats"]))
    if seen.facts.get("secrecy"):
        lines.append(secrecy_text(seen.facts["secrecy"]))
    lines += short
    if seen.standing is not None:
        visits = seen.standing["visits"]
        lines.append(
            _(
                "repairs since it was sealed: {n}; as it stands now: {visits} visits, {ordered} of "
                "them ordered, {unplaced} unplaced"
            ).format(
                n=seen.standing["repairs"],
                visits=len(visits),
                ordered=sum(one["source"] == "directed" for one in visits),
                unplaced=len(seen.standing["unplaced"]),
            )
        )
    elif "repairs" in seen.facts:
        lines.append(
            _("repairs since it was sealed: {n}; the counts are of what was sealed").format(
                n=seen.facts["repairs"]
            )
        )
    lines.append(
        _("sealed until the period is over; opened with the planning key, all of it:")
        if seen.secret
        else _("sealed until the period is over; released so far:")
    )
    return "\n".join(lines) + "\n"


def carried_lines(seen: Seen) -> list[str]:
    """Say of a closed number how much of it was repaired, and how to see what was sealed."""
    if seen.standing is None:
        return []
    from auditor.draw.outcomes import IN_VAIN, INSPECTED, NO_RECORD

    visits = seen.standing["visits"]

    def became(visit: Mapping[str, Any]) -> str:
        outcome = seen.outcomes.get(visit["id"], {})
        return "" if outcome.get("reason") == NO_RECORD else str(outcome.get("outcome", ""))

    return [
        _(
            "repairs since it was sealed: {n}; as it was carried out: inspected {inspected}, gone to in vain "
            "(closed, nobody there, refused) {vain}, without a record {unknown}, called off {fallen}; "
            "ordered of all {ordered}; the plan as it was sealed and is verified: --sealed"
        ).format(
            n=seen.standing["repairs"],
            inspected=sum(became(one) in INSPECTED for one in visits),
            vain=sum(became(one) in IN_VAIN for one in visits),
            unknown=sum(became(one) == "" for one in visits),
            fallen=len(seen.fallen),
            ordered=sum(one["source"] == "directed" for one in (*visits, *seen.fallen)),
        )
    ]


def calendar_text(rows: Sequence[Mapping[str, Any]], seen: Seen) -> str:
    """Lay out a plan's months as grids, Monday first, a line a sortie: half-day, sortie, units."""
    from calendar import Calendar
    from itertools import zip_longest
    from shutil import get_terminal_size

    from auditor.pages.words import SLOT_LETTERS, SLOT_WORDS, month_name, weekday, word

    width = max(10, (get_terminal_size((120, 24)).columns - 8) // 7)
    slots = list(SLOT_WORDS)
    sorties: dict[date, dict[tuple[int, str], list[str]]] = {}
    for one in rows:
        own = sorties.setdefault(date.fromisoformat(one["date"]), {})
        own.setdefault((slots.index(one["slot"]), one["sortie"]), []).append(one["name"])
    first, last = date.fromisoformat(seen.first), date.fromisoformat(seen.last)

    def cell(day: date, month: int) -> list[str]:
        if day.month != month or not first <= day <= last:
            return [""]
        told = [
            f"{word(SLOT_LETTERS, slots[slot])} {key} {listed(names)}"
            for (slot, key), names in sorted(sorties.get(day, {}).items())
        ]
        return [str(day.day), *told]

    out = []
    for at in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = at // 12, at % 12 + 1
        weeks = Calendar().monthdatescalendar(year, month)
        out += [month_name(f"{year}-{month:02d}"), "|".join(fitted(weekday(day), width) for day in weeks[0])]
        for week in weeks:
            out.append("+".join("-" * width for _day in week))
            for row in zip_longest(*(cell(day, month) for day in week), fillvalue=""):
                out.append("|".join(fitted(text, width) for text in row).rstrip())
        out.append("")
    return "\n".join(out).rstrip("\n")


def fitted(text: str, width: int) -> str:
    """Give a text of exactly `width` columns of a terminal: cut with …, or filled with blanks."""
    from unicodedata import east_asian_width

    sizes = [2 if east_asian_width(one) in "WF" else 1 for one in text]
    if sum(sizes) <= width:
        return text + " " * (width - sum(sizes))
    kept, room = "", width - 1
    for one, size in zip(text, sizes, strict=True):
        if size > room:
            break
        kept, room = kept + one, room - size
    return kept + "…" + " " * room


def load_text(found: Sequence[Any], seen: Seen) -> str:
    """Lay out the load: a row an inspector, a column for each thing that became of half-days, sums below."""
    from auditor.workflow.loads import STATES

    words = {
        "used": _("used"), "leave": _("on leave"), "duty": _("duty, rest"), "held": _("kept for others"),
        "early": _("before the draw"), "share": _("share reached"), "cars": _("no car left"),
        "alone": _("no team there"), "not-needed": _("not needed"), "sealed": _("sealed"),
    }  # fmt: skip
    states = [state for state in STATES if state == "used" or any(state in one.counts for one in found)]
    rows = [
        (one.name, len(one.half_days), one.share, *(one.counts.get(state, 0) for state in states))
        for one in found
    ]
    sums = [sum(column) for column in list(zip(*rows, strict=True))[1:]] if rows else []
    heads = (_("name"), _("stand-by"), _("share"), *(words[state] for state in states))
    text = table(heads, [*rows, (_("together"), *sums)] if rows else [])
    if seen.record is None:
        text += "\n" + _("what is sealed is told with the planning key: --whole")
    return text


def _show_annex(
    database: Database, annex: Path, password_file: Path | None, as_json: bool, now: datetime
) -> None:
    from auditor.workflow import approval

    found = approval.open_annex(database, annex, asking(password_file))
    names = {} if as_json else titles_here(database, now)
    told = [{**one, "domains": [names.get(key, key) for key in one["domains"]]} for one in found.rows]
    facts = {"number": found.number, "plan_root": found.plan_root, "sha256": found.sha256}
    text = _(
        "annex of number {number}; it gives the plan root {plan_root}; its fingerprint, to be compared "
        "with the signed page: {sha256}"
    ).format(**facts)
    show(
        facts | {"visits": list(found.rows)},
        as_json,
        text + "\n" + table(titles(), list(map(_row, told))),
    )


@click.command(
    "export",
    help=_(
        "Write what a plan gives out into DIR: plan.xlsx (a sheet a day and a team), tasks.html (a task "
        "sheet on one A4 for each team), cars.html (vehicle requests), map.svg, plan.json. Only visits that "
        "were released; with the planning key (--whole) all, and only you may read the files. A closed "
        "number as it was carried out; with --sealed as it was sealed. No file is written over.\n\n"
        "\b\nExamples:\n  auditor plan export --programme 2026-12 --day 2026-12-08 --out today\n"
        "  auditor plan export --programme 2026-12 --whole --format xlsx --out sealed"
    ),
)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help=_("The folder."))
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help=_("Only this kind of file (may be repeated); else all."),
)
@click.option("--day", metavar="YYYY-MM-DD", help=_("Only the visits of this day (but for plan.json)."))
@sealed_option
@which_options
@bureau_options()
@click.pass_context
def export(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    out: Path,
    formats: tuple[str, ...],
    day: str | None,
    month: str | None,
    programme: str | None,
    number: int | None,
    whole: bool,
    sealed: bool,
    password_file: Path | None,
) -> None:
    """Write the files."""
    from auditor.workflow import exporting, papers
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    on = _day(day)
    day = None if on is None else on.isoformat()
    with opened(db) as database:
        seen = seen_of(database, month, programme, number, whole, password_file, as_sealed=sealed)
        if sealed and seen.record is None:
            raise UsageProblem(problem=_("what was sealed is told with the planning key: --whole"))
        if day is not None and not seen.first <= day <= seen.last:
            raise UsageProblem(
                problem=_("{day} lies outside the period of this plan, {first} to {last}").format(
                    day=day, first=seen.first, last=seen.last
                )
            )
        plugins = load_all(ctx.obj, database, now.date())
        files = exporting.files_of(database, seen, plugins, now, formats=formats or FORMATS, day=on)
        written = papers.write_folder(out, files, secret=seen.secret)
    names = [str(one) for one in written]
    shown = sum(on is None or one["date"] == day for one in seen.visits)
    show({"files": names, "visits": shown, "secret": seen.secret}, as_json, "\n".join(names))
    if not as_json:
        if seen.secret:
            say(
                _(
                    "these files tell what is sealed: only you may read them; delete them when they are "
                    "printed"
                )
            )
        elif not seen.public:
            say(_("only what was released is in them: {n} visits").format(n=shown))
        if not shown:
            say(_("there is no visit in these files"))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(problem=_("{day} is no day; write it like 2026-12-01").format(day=text)) from error


@click.command(
    "submit",
    help=_(
        "Hand a sealed plan in for approval: approval.html says counts and the plan root, no unit and no day "
        "of a visit; annex.age is the list, sealed for the planning key.\n\n"
        "\b\nExample:\n  auditor plan submit --programme 2026-12 --out approval"
    ),
)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help=_("The folder."))
@click.option("--programme", metavar="ID", help=_("The last number of this programme."))
@click.option("--number", type=NUMBER, metavar="N", help=_("This number of the ledger."))
@password_option
@bureau_options()
@click.pass_context
def submit(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    out: Path,
    programme: str | None,
    number: int | None,
    password_file: Path | None,
) -> None:
    """Write the page and its annex."""
    from auditor.workflow import approval, papers, telling
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    if (programme is None) == (number is None):
        raise UsageProblem(problem=_("choose one of --programme and --number"))
    with opened(db) as database:
        record = telling.last_number(database, programme, False)
        of = number if number is not None else record["number"] if record is not None else 0
        plugins = load_all(ctx.obj, database, now.date())
        view, files = approval.submit(database, of, plugins, asking(password_file))
        written = papers.write_folder(out, files, secret=False)
    names = [str(one) for one in written]
    facts = {
        "files": names,
        "number": view.number,
        "plan_root": view.plan_root,
        "annex_sha256": view.annex_sha256,
    }
    show(facts, as_json, "\n".join(names))


commands = (show_plan, export, submit)
