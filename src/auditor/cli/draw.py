"""``auditor draw``: the sealed draw, step by step, and the check of one that was published."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import Work, bureau_options, say, show
from auditor.cli.secrets import NUMBER, asking, at_terminal, is_drill, password_option, secrecy_option
from auditor.cli.wishes import refuse_without_plan, wish_options
from auditor.errors import INFEASIBLE, WARNINGS, FileMissing, UsageProblem
from auditor.i18n import _, listed, ngettext
from auditor.pages.shortfall import shortfall_lines, unplaced_lines

if TYPE_CHECKING:
    from auditor.workflow.fairness import Wishes


@click.group(
    help=_(
        "The sealed draw: frozen, committed before a public event, secret meanwhile, checkable after.\n\n"
        "\b\nThe order:\n  freeze, share, commit, run, (plan make), close\n"
        "  `auditor draw ceremony` walks a clerk and a witness through it."
    )
)
def draw() -> None:
    """Group of the commands about draws."""


def a_moment(name: str, text: str | None, of: datetime) -> datetime | None:
    """Read a moment; one without an offset has that of `of`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(
            problem=_("{name} {text}: write a moment like 2026-12-01T21:15:00+08:00").format(
                name=name, text=text
            )
        ) from error
    if (found.utcoffset() or timedelta(0)) % timedelta(minutes=1):
        raise UsageProblem(problem=_("{name} {text}: its offset has seconds").format(name=name, text=text))
    if not 2000 <= found.year <= 2100:
        raise UsageProblem(
            problem=_("{name} {text}: lies outside the years 2000 to 2100").format(name=name, text=text)
        )
    return found.replace(tzinfo=of.tzinfo) if found.tzinfo is None else found


def facts_text(facts: Mapping[str, Any]) -> str:
    """Say what is public of a frozen number."""
    from auditor.pages.words import SLOT_WORDS, draw_name, word
    from auditor.workflow.frames import left_out_text

    left = left_out_text(facts["left_out"])
    lines = [
        _("number {number} of {programme} is frozen: {units} units, {n} to be drawn").format(
            number=facts["number"], programme=facts["programme"], units=facts["units"], n=facts["n"]
        ),
        _("floor {floor}; certain {certain}; not in the frame: {left}").format(
            floor=facts["floor"] / 1_000_000, certain=facts["certain"], left=left or _("none")
        ),
        _("no day and team could serve: {count}").format(count=facts["unserved"]),
        _("cars: {cars}; seats of each sortie that others fill: {seats}").format(
            cars=listed(f"{word(SLOT_WORDS, slot)} {count}" for slot, count in facts["cars"].items()),
            seats=listed(f"{who} {count}" for who, count in facts["seats"].items()) or _("none"),
        ),
    ]
    lines += [
        _("draw {key}: {first} to {last}, frame {sha256}").format(
            key=draw_name(one["key"]), first=one["from"], last=one["to"], sha256=one["frame_sha256"]
        )
        for one in facts["draws"]
    ]
    lines.append(
        _("field {sha256}: {staff} staff, {days} days").format(
            sha256=facts["field_sha256"], staff=facts["staff"], days=facts["days"]
        )
    )
    if facts["provisional"]:
        lines.append(_("the calendar of this period is provisional (暂定)"))
    return "\n".join(lines)


@draw.command(
    "freeze",
    help=_(
        "Freeze who can be drawn and who could go, as the next number; prints what is public. Exit 5 where "
        "no day and team could serve some unit: it is said what would cure that before anything is "
        "committed.\n\n"
        "\b\nExample:\n  auditor draw freeze --programme 2026-12"
    ),
)
@click.option("--programme", required=True, metavar="ID", help=_("The programme."))
@bureau_options()
@click.pass_context
def freeze(ctx: click.Context, db: Path, now: datetime, as_json: bool, programme: str) -> None:
    """Freeze the next number."""
    from auditor.workflow import ceremony, freezing
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    with opened(db) as database:
        facts = freezing.freeze(
            database,
            programme,
            load_all(ctx.obj, database, now.date()),
            now,
            level=ceremony.level_of(database),
            drill=is_drill(ctx),
        )
        level = ceremony.level_of(database)
    show(facts, as_json, facts_text(facts))
    if not as_json:
        for note in facts["notes"]:
            say(note)
        if level == "simple":
            say(_("next: auditor draw commit {number}").format(number=facts["number"]))
        else:
            say(
                _(
                    "next: each custodian runs auditor draw share {number}, then auditor draw commit {number}"
                ).format(number=facts["number"])
            )
    if facts["unserved"]:
        ctx.exit(WARNINGS)


@draw.command(
    "share",
    help=_(
        "Make a custodian's share of number N: 32 secret bytes under a passphrase, its fingerprint in clear. "
        "On a custodian's own machine: --without-db.\n\n"
        "\b\nExamples:\n  auditor draw share 1 --custodian 派驻纪检监察组 --out share-1.txt --paper "
        "share-1.html\n"
        "  auditor draw share 1 --custodian 家长代表 --out share-2.txt --dice - --without-db"
    ),
)
@click.argument("number", type=NUMBER)
@click.option("--custodian", required=True, metavar="NAME", help=_("Who keeps it."))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help=_("The share's file.")
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("File whose first line is the passphrase (else asked at a terminal)."),
)
@click.option(
    "--dice",
    metavar="FILE",
    help=_("Make it of 39 or more rolls of a ten-sided die (- reads them from the terminal)."),
)
@click.option(
    "--paper",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Write the paper copy for a signed envelope too; delete the file once it is printed."),
)
@click.option("--without-db", is_flag=True, help=_("Look at no bureau's file: the custodian's own machine."))
@bureau_options()
@click.pass_context
def share(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    custodian: str,
    out: Path,
    passphrase_file: Path | None,
    dice: str | None,
    paper: Path | None,
    without_db: bool,
) -> None:
    """Make a share."""
    from auditor.workflow import ceremony, papers
    from auditor.workflow.bureau import opened
    from auditor.workflow.keys import first_line

    if not without_db:
        with opened(db) as database:
            ceremony.expect_frozen(database, number)
    papers.refuse_taken(out, *([paper] if paper is not None else []))
    rolls = None
    if dice == "-":
        if at_terminal():
            say(_("type 39 or more rolls of a ten-sided die (0 to 9), then Enter:"))
        rolls = sys.stdin.readline() if at_terminal() else sys.stdin.read()
    elif dice is not None:
        if not Path(dice).is_file():
            raise FileMissing(file=dice)
        rolls = Path(dice).read_text(encoding="utf-8-sig", errors="replace")
    if passphrase_file is not None:
        passphrase = first_line(passphrase_file)
    elif at_terminal():
        passphrase = click.prompt(
            _("Passphrase of this share"), hide_input=True, confirmation_prompt=True, err=True
        )
    else:
        raise UsageProblem(
            problem=_("a share has a passphrase: run this at a terminal, or give --passphrase-file FILE")
        )
    made = ceremony.make_share(number, custodian, passphrase, rolls)
    papers.write_secret(out, made.text)
    if paper is not None:
        papers.write_secret(paper, papers.share_page(number, made, drill=is_drill(ctx)))
    show(
        {"number": number, "custodian": made.custodian, "share_sha256": made.sha256, "file": str(out)},
        as_json,
        _("{file} is made; the share's fingerprint is {sha256}").format(file=out, sha256=made.sha256),
    )
    if paper is not None:
        say(
            _("print {file}, put it into an envelope, sign across the flap, then delete the file").format(
                file=paper
            )
        )


def commit_text(record: Mapping[str, Any]) -> str:
    """Say what is published of a commitment."""
    made = record["commit"]
    lines = [record["commit_sha256"]]
    lines.append(_("event: {what}, {at}").format(what=made["event"]["what"], at=made["event"]["at"]))
    lines.append(_("fallback: {what}, {at}").format(what=made["fallback"]["what"], at=made["fallback"]["at"]))
    lines += [
        _("share {sha256}").format(sha256=sha256) + (f" · {name}" if name else "")
        for sha256, name in zip(
            made["share_sha256"], record["custodians"] or [""] * len(made["share_sha256"]), strict=True
        )
    ]
    return "\n".join(lines)


@draw.command(
    "commit",
    help=_(
        "Commit number N before its event and print the fingerprint to publish. At level simple no option is "
        "needed: the office's computer makes the share, six balls follow a minute later, and a public "
        "lottery "
        "after two days is the fallback.\n\n"
        "\b\nExamples:\n  auditor draw commit 1\n"
        "  auditor draw commit 1 --share a.txt --share b.txt --share c.txt --form numbers:7:0:33 \\\n"
        "    --event 双色球第2026141期 --event-at 2026-12-01T21:15:00+08:00 \\\n"
        "    --fallback 双色球第2026142期 --fallback-at 2026-12-03T21:15:00+08:00"
    ),
)
@click.argument("number", type=NUMBER)
@click.option(
    "--share",
    "shares",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help=_("A custodian's share (repeat it); only its clear lines are read."),
)
@click.option("--event", metavar="TEXT", help=_("The public event, and in which order its values are read."))
@click.option("--event-at", metavar="ISO", help=_("When it is."))
@click.option("--form", metavar="FORM", help=_("How its value is spelled: numbers:K:FROM:TO or hex:K."))
@click.option("--fallback", metavar="TEXT", help=_("What counts where the event gives nothing by then."))
@click.option("--fallback-at", metavar="ISO", help=_("When that is; later than the event."))
@click.option("--fallback-form", metavar="FORM", help=_("How its value is spelled (else as the event's)."))
@click.option(
    "--protocol",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Write the protocol to print and sign."),
)
@bureau_options()
@click.pass_context
def commit(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    shares: tuple[Path, ...],
    event: str | None,
    event_at: str | None,
    form: str | None,
    fallback: str | None,
    fallback_at: str | None,
    fallback_form: str | None,
    protocol: Path | None,
) -> None:
    """Commit a frozen number."""
    from auditor.workflow import ceremony, papers
    from auditor.workflow.bureau import opened

    at = a_moment("--event-at", event_at, now)
    announced = ceremony.Announced(
        event=event,
        event_at=at,
        form=form,
        fallback=fallback,
        fallback_at=a_moment("--fallback-at", fallback_at, at or now),
        fallback_form=fallback_form,
    )
    if protocol is not None:
        papers.refuse_taken(protocol)
    with opened(db) as database:
        record = ceremony.commit(database, number, shares, announced, now, drill=is_drill(ctx))
        if protocol is not None:
            papers.write_new(protocol, papers.protocol_page(database, record))
    show(
        {
            "number": number,
            "commit_sha256": record["commit_sha256"],
            "commit": record["commit"],
        },
        as_json,
        commit_text(record),
    )
    if not as_json:
        say(_("publish the fingerprint in two places before the event; the next step is"))
        say(f"  auditor draw run {number} --beacon …")


@draw.command(
    "run",
    help=_(
        "Draw number N after its event: opens the shares, seals the key. Prints how many units the main draw "
        "took and nothing else.\n\n"
        '\b\nExamples:\n  auditor draw run 1 --beacon "3 1 4 1 5 9"\n'
        '  auditor draw run 1 --beacon "2 5 …" --source fallback\n'
        '  auditor draw run 1 --beacon "3 1 4 1 5 9" --plan'
    ),
)
@click.argument("number", type=NUMBER)
@click.option(
    "--beacon", required=True, metavar="TEXT", help=_("The event's value, spelled as was announced.")
)
@click.option(
    "--source", type=click.Choice(["event", "fallback"]), default="event", help=_("Which of the two gave it.")
)
@click.option("--published-at", metavar="ISO", help=_("When it was published (else now)."))
@click.option(
    "--share",
    "shares",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help=_("A custodian's share, where it no longer lies where it lay at commit."),
)
@click.option("--share-text", is_flag=True, help=_("Type the shares from their paper copies."))
@click.option(
    "--passphrase-file",
    "passphrase_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help=_("File with a share's passphrase (repeat it, in the order of the shares; else asked)."),
)
@click.option(
    "--plan", "with_plan", is_flag=True, help=_("Draw, plan and seal in one go (level strict: always).")
)
@click.option(
    "--work",
    type=Work(),
    default=60.0,
    help=_("With --plan: units of solver work, about seconds."),
)
@secrecy_option
@click.option(
    "--abandon",
    "abandoned",
    default="",
    metavar="TEXT",
    help=_("With --plan: plan nothing, abandon it for this reason."),
)
@wish_options
@password_option
@bureau_options()
@click.pass_context
def run(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    beacon: str,
    source: str,
    published_at: str | None,
    shares: tuple[Path, ...],
    share_text: bool,
    passphrase_files: tuple[Path, ...],
    with_plan: bool,
    work: float,
    secrecy: str,
    abandoned: str,
    wishes: Wishes,
    password_file: Path | None,
) -> None:
    """Run a committed number."""
    from auditor.draw.rules import moment
    from auditor.workflow import ceremony, sealing
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all
    from auditor.workflow.keys import first_line
    from auditor.workflow.texts import clean

    if not with_plan:
        refuse_without_plan(ctx)
    opening = ceremony.Opening(
        files=shares,
        passphrases=[first_line(one) for one in passphrase_files],
        typed=_typed_share if share_text else None,
        ask=_passphrase,
    )
    with opened(db) as database:
        record = ceremony.number_of(database, number)
        event = moment(record["commit"]["event"]["at"]) if "commit" in record else now
        published = a_moment("--published-at", published_at, event)
        common: dict[str, Any] = {"source": source, "published": published, "drill": is_drill(ctx)}
        password = asking(password_file)
        answer: dict[str, Any] = {"number": number, "n": record["facts"]["n"]}
        text = _("number {number} is drawn: {n} units in the main draw").format(**answer)
        weeks = len(record["draws"]) - 1
        if weeks:
            text += ngettext(
                "; the draw of {n} week adds to them", "; the draws of {n} weeks add to them", weeks
            ).format(n=weeks)
        if with_plan:
            plugins = load_all(ctx.obj, database, now.date())
            _record, counts = sealing.run_and_plan(
                database, number, beacon, opening, password, plugins, now,
                secrecy=secrecy, work=work, progress=lambda step: None,
                abandoned=clean("--abandon", abandoned), wishes=wishes, **common,
            )  # fmt: skip
            answer |= {
                "visits": counts.visits, "unplaced": counts.unplaced, "sorties": counts.sorties,
                "plan_root": counts.plan_root, "secrecy": counts.secrecy,
                **({"seats": counts.seats} if counts.seats else {}), **counts.told,
                **({"main_reason": counts.main_reason} if counts.main_reason else {}),
            }  # fmt: skip
            text += "\n" + counts_text(counts)
        else:
            ceremony.run(database, number, beacon, opening, password, now, **common)
    show(answer, as_json, text)
    if not as_json and not with_plan:
        say(_("next: auditor plan make --programme {id}").format(id=record["programme"]))
    if answer.get("unplaced") and not answer["visits"] and not abandoned:
        ctx.exit(INFEASIBLE)


def _passphrase(custodian: str) -> str | None:
    if not at_terminal():
        return None
    return str(
        click.prompt(
            _("Passphrase of the share of {custodian}").format(custodian=custodian), hide_input=True, err=True
        )
    )


def _typed_share(custodian: str) -> str:
    """Ask for a share from paper: four lines, or one without check digits."""
    if at_terminal():
        say(_("share of {custodian}, line by line as on paper:").format(custodian=custodian))
    lines: list[str] = []
    while len("".join(lines)) < 64:
        line = sys.stdin.readline()
        if not line:
            break
        lines.append("".join(line.split()))
        if len(lines) == 1 and len(lines[0]) >= 64:
            break
    return "\n".join(lines)


def counts_text(counts: Any) -> str:
    """Say what is public of a sealed plan."""
    from auditor.workflow.secrecy import secrecy_text

    text = _(
        "plan of number {number}: {visits} visits, {unplaced} unplaced, {sorties} sorties; plan root {root}"
    ).format(
        number=counts.number,
        visits=counts.visits,
        unplaced=counts.unplaced,
        sorties=counts.sorties,
        root=counts.plan_root,
    )
    seats = [seats_text(counts.seats)] if counts.seats else []
    secret = [secrecy_text(counts.secrecy)] if counts.secrecy else []
    missing = unplaced_lines(counts.visits, counts.unplaced, counts.main_reason)
    return "\n".join([*missing, text, *seats, *secret, *shortfall_lines(counts.told)])


def seats_text(seats: Mapping[str, int]) -> str:
    """Say how many seats others fill, over all sorties; nobody is named."""
    return _("seats that others fill, by telephone on the day: {seats}").format(
        seats=listed(f"{who} {count}" for who, count in seats.items())
    )


@draw.command(
    "abandon",
    help=_(
        "Abandon number N, with a reason: freely before its event; after it a number is run, and then closed "
        "with every unit unplaced.\n\n"
        "\b\nExample:\n  auditor draw abandon 2 --reason 名录有误，重新锁定"
    ),
)
@click.argument("number", type=NUMBER)
@click.option("--reason", required=True, metavar="TEXT", help=_("Why; it is published."))
@password_option
@bureau_options()
@click.pass_context
def abandon(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    number: int,
    reason: str,
    password_file: Path | None,
) -> None:
    """Abandon a number."""
    from auditor.workflow import ceremony, sealing
    from auditor.workflow.bureau import opened
    from auditor.workflow.texts import clean

    reason = clean("--reason", reason)
    if not reason:
        raise UsageProblem(problem=_("--{name} is empty").format(name="reason"))
    with opened(db) as database:
        state = ceremony.number_of(database, number)["state"]
        answer: dict[str, Any] = {"number": number, "reason": reason}
        if state in ("frozen", "committed"):
            ceremony.abandon(database, number, reason, now, drill=is_drill(ctx))
            text = _("number {number} is abandoned: {reason}").format(**answer)
            if state == "frozen":
                text = _(
                    "number {number} was not committed and is taken back; the next freeze has its number"
                ).format(**answer)
        else:
            counts = sealing.abandon_run(
                database, number, reason, asking(password_file), now, drill=is_drill(ctx)
            )
            answer["plan_root"] = counts.plan_root
            text = _(
                "number {number} is abandoned after its event: it is closed at the period's end with "
                "every unit "
                "unplaced; publish its plan root {plan_root}"
            ).format(**answer)
    show(answer | {"state": "withdrawn" if state == "frozen" else "abandoned"}, as_json, text)


def _add_commands() -> None:
    """Add what comes after the draw, and the walk through all steps: modules of their own."""
    from auditor.cli.ceremony import ceremony
    from auditor.cli.draw_after import commands

    for command in (*commands, ceremony):
        draw.add_command(command)


_add_commands()
