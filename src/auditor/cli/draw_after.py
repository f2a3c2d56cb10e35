"""``auditor draw`` after the draw: replacements, outcomes, close, ledger, and the check of a closed one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.ceremony import counted_text, unit_text
from auditor.cli.options import bureau_options, json_option, lang_option, say, show, table, titles_here
from auditor.cli.secrets import NUMBER, asking, is_drill, password_option
from auditor.errors import FileMissing, UsageProblem, VerificationFailed
from auditor.i18n import _


@click.command(
    "reserve",
    help=_(
        "Replace the unit of a visit by the next of the sealed reserve order; prints the unit to visit "
        "instead.\n\n"
        "\b\nExample:\n  auditor draw reserve 1 --visit 0e4961f2c70d5eab --reason 停课"
    ),
)
@click.argument("number", type=NUMBER)
@click.option("--visit", required=True, metavar="ID", help=_("The visit (see `auditor plan release`)."))
@click.option("--reason", required=True, metavar="CODE", help=_("Why, such as 停课, 停办, 灾害, 道路不通."))
@password_option
@bureau_options()
@click.pass_context
def reserve(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    visit: str,
    reason: str,
    password_file: Path | None,
) -> None:
    """Print who stands in."""
    from auditor.pages.stand_in_words import stand_in_lines
    from auditor.workflow import releasing, telling
    from auditor.workflow.bureau import opened
    from auditor.workflow.plans import clock

    with opened(db) as database:
        found = releasing.reserve(
            database, number, visit, reason, asking(password_file), now, drill=is_drill(ctx)
        )
        names, people = telling.names_of(database)
        own = telling.own_ids(database, number)
    unit, name = found.unit, names.get(found.unit, found.unit)
    barred = [people.get(own.get(one, one), one) for one in found.conflicts]
    show(
        {
            "number": number,
            "visit": visit,
            "by": unit,
            "name": name,
            "joined": found.joined,
            "conflicts": list(found.conflicts),
            "shut": found.shut,
            "arrives": found.tour and clock(found.tour.arrives),
            "back": found.tour and clock(found.tour.back),
        },
        as_json,
        _("visit {visit} goes to {name} ({unit}) instead").format(visit=visit, name=name, unit=unit),
    )
    if as_json:
        return
    lines = stand_in_lines(
        name,
        joined=found.joined,
        barred=barred,
        shut=found.shut,
        arrives=clock(found.tour.arrives) if found.tour else "",
        back=clock(found.tour.back) if found.tour else "",
        late=clock(found.tour.ends) if found.tour and found.tour.late else "",
    )
    for line, _act in lines:
        say(line)


@click.command(
    "outcome",
    help=_(
        "Record what became of visits of number N: done, closed, nobody, refused, moved or cancelled. "
        "Without "
        "--visit of all that were released and have none yet.\n\n"
        "\b\nExamples:\n  auditor draw outcome 1 --as done\n"
        "  auditor draw outcome 1 --visit 0e4961f2c70d5eab --as moved --date 2026-12-09 --reason 检查人员生病"
    ),
)
@click.argument("number", type=NUMBER)
@click.option("--visit", "visits", multiple=True, metavar="ID", help=_("The visit (may be repeated)."))
@click.option(
    "--as",
    "outcome",
    required=True,
    type=click.Choice(["done", "closed", "nobody", "refused", "moved", "cancelled"]),
    help=_("What became of it."),
)
@click.option("--reason", default="", metavar="TEXT", help=_("Why; needed for all but done."))
@click.option("--date", "day", metavar="YYYY-MM-DD", help=_("The day it really had."))
@click.option(
    "--team",
    default="",
    metavar="NAME,NAME",
    help=_("The team it really had: names, staff ids or neutral ids."),
)
@password_option
@bureau_options()
@click.pass_context
def outcome_of(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    visits: tuple[str, ...],
    outcome: str,
    reason: str,
    day: str | None,
    team: str,
    password_file: Path | None,
) -> None:
    """Record outcomes."""
    from datetime import date

    from auditor.pages.words import OUTCOME_WORDS, word
    from auditor.workflow import releasing
    from auditor.workflow.bureau import opened

    if day is not None:
        try:
            day = date.fromisoformat(day).isoformat()
        except ValueError as error:
            raise UsageProblem(
                problem=_("--date {day}: write a date like 2026-12-01").format(day=day)
            ) from error
    with opened(db) as database:
        count = releasing.record_outcome(
            database, number, visits, outcome, reason, asking(password_file), now,
            date=day, team=releasing.people_in(team), drill=is_drill(ctx),
        )  # fmt: skip
    show(
        {"number": number, "outcome": outcome, "visits": count},
        as_json,
        _("{count} visits of number {number}: {outcome}").format(
            count=count, number=number, outcome=word(OUTCOME_WORDS, outcome)
        ),
    )


@click.command(
    "close",
    help=_(
        "Close number N after its period and write what is published: transcript.json, ledger.json, "
        "programme.toml, verify_draw.py, verify.html. Closed once, it can be written out again.\n\n"
        "\b\nExample:\n  auditor draw close 1 --out public-1"
    ),
)
@click.argument("number", type=NUMBER)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help=_("A folder of its own.")
)
@click.option(
    "--identity-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Level strict: the discipline office's secret key."),
)
@password_option
@bureau_options()
@click.pass_context
def close(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    out: Path,
    identity_file: Path | None,
    password_file: Path | None,
) -> None:
    """Open everything, check it, write it out."""
    from auditor.seal.age import identity_in
    from auditor.workflow import closing
    from auditor.workflow.bureau import opened

    identity = None
    if identity_file is not None:
        if not identity_file.is_file():
            raise FileMissing(file=identity_file)
        identity = identity_in(
            identity_file.read_text(encoding="utf-8-sig", errors="replace"), str(identity_file)
        )
    with opened(db) as database:
        record = closing.close(
            database, number, out, asking(password_file), identity, now, drill=is_drill(ctx)
        )
    answer = {
        "number": number,
        "commit_sha256": record["commit_sha256"],
        "plan_root": record["plan_root"],
        "files": record["files"],
        "unrecorded": record["unrecorded"],
    }
    lines = [
        _("number {number} is closed; publish the files of {folder}").format(number=number, folder=out),
        counted_text(record["counted"]),
        f"python {out / 'verify_draw.py'} {out / 'transcript.json'} {record['commit_sha256']} "
        f"{record['plan_root']} {out / 'ledger.json'}",
    ]
    show(answer, as_json, "\n".join(lines))
    if record["unrecorded"]:
        say(
            _("visits without an outcome recorded: {count}; drawn ones stand as cancelled").format(
                count=record["unrecorded"]
            )
        )


@click.command(
    "ledger",
    help=_(
        "List every number and what became of it; nothing is ever deleted.\n\n"
        "\b\nExample:\n  auditor draw ledger"
    ),
)
@bureau_options()
def ledger(db: Path, now: datetime, as_json: bool) -> None:
    """Print the ledger."""
    from auditor.workflow import telling
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = telling.ledger_rows(database)
    titles = (
        _("number"),
        _("fingerprint"),
        _("state"),
        _("drawn"),
        _("directed"),
        _("postponed"),
        _("moved earlier"),
        _("reason"),
    )
    states = {"open": _("open"), "closed": _("closed and published"), "abandoned": _("abandoned")}
    cells = [
        (
            one["number"],
            one["commit_sha256"],
            states[one["state"]] + (_(" (drill)") if one["drill"] else ""),
            one["n"],
            one["directed"],
            one["postponed"],
            one["moved_earlier"],
            one["reason"],
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells) if rows else _("no number was committed yet"))


@click.command(
    "show",
    help=_(
        "Show what every closed draw says of UNIT: its chance and why, order, lots, what became of it.\n\n"
        "\b\nExample:\n  auditor draw show 0523000101"
    ),
)
@click.argument("unit")
@bureau_options()
def show_unit(db: Path, now: datetime, as_json: bool, unit: str) -> None:
    """Print one unit's draws."""
    from auditor.workflow import telling
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        found = telling.show_unit(database, unit)
        names = {} if as_json else titles_here(database, now)
    once = {one["number"]: one["pi_once"] for one in found}
    texts = [unit_text(one, names) for one in found] + [
        _("number {number}: chance of one visit or more {percent} %").format(
            number=number, percent=f"{pi / 10_000:.4f}"
        )
        for number, pi in once.items()
    ]
    show(found, as_json, "\n\n".join(texts))


@click.command(
    "notice",
    help=_(
        "Write the notice to leave at a visit of number N: both fingerprints, in print and as a QR code.\n\n"
        "\b\nExample:\n  auditor draw notice 1 --out notice.html --published-at https://jyj.example.gov.cn"
    ),
)
@click.argument("number", type=NUMBER)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help=_("The page."))
@click.option("--published-at", default="", metavar="TEXT", help=_("Where the files will be published."))
@bureau_options()
def notice(db: Path, now: datetime, as_json: bool, number: int, out: Path, published_at: str) -> None:
    """Write the notice."""
    from auditor.workflow import ceremony, papers
    from auditor.workflow.bureau import opened

    papers.refuse_taken(out)
    with opened(db) as database:
        record = ceremony.number_of(database, number)
        if "plan_root" not in record:
            ceremony.expect(record, ("planned",), _("the notice carries its plan root"))
        papers.write_new(out, papers.notice_page(database, record, published_at))
    show({"file": str(out)}, as_json, _("{file} is made").format(file=out))


@click.command(
    "verify",
    help=_(
        "Run a closed draw again from its transcript FILE and check everything (exit 4 if anything differs). "
        "The hashes are those published before the draw and before the first visit.\n\n"
        "\b\nExample:\n  auditor draw verify transcript.json --commit HASH --plan-root HASH"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--commit", metavar="HASH", help=_("The commitment's fingerprint, as published."))
@click.option("--plan-root", metavar="HASH", help=_("The plan's fingerprint, as published."))
@click.option("--ledger", type=click.Path(path_type=Path), metavar="FILE", help=_("The ledger of draws."))
@json_option
@lang_option
def verify(file: Path, commit: str | None, plan_root: str | None, ledger: Path | None, as_json: bool) -> None:
    """Print OK and the facts, or each failed check."""
    from auditor.draw import verify as verifier

    for one in (file, ledger):
        if one is not None and not one.is_file():
            raise FileMissing(file=one)
    failed, told = verifier.verify(
        file.read_bytes(), commit or "-", plan_root or "-", ledger.read_bytes() if ledger else None
    )
    text = "\n".join(failed or ["OK", *told])
    show({"ok": not failed, "failed": failed, "told": told}, as_json, text)
    if failed:
        raise VerificationFailed(count=len(failed))


commands: list[click.Command] = [reserve, outcome_of, close, ledger, show_unit, notice, verify]
