"""``auditor roster spot-check`` and ``auditor roster duties``: unannounced calls, units' own rosters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.imports import import_options, run_import
from auditor.cli.options import bureau_options, say, show, split_pairs, table
from auditor.cli.past import Day
from auditor.cli.secrets import NUMBER, asking, at_terminal, is_drill, password_option
from auditor.errors import UsageProblem
from auditor.i18n import _, labelled, language, listed

if TYPE_CHECKING:
    from auditor.workflow.duty.spot_checks import Due

_CLOSED = ("number", "commit_sha256", "plan_root", "unrecorded", "told", "files")


@click.group(
    "spot-check",
    help=_("Spot checks of duty desks: drawn and sealed, called unannounced, recorded by post."),
)
def spot_check() -> None:
    """Group of the commands about spot checks."""


@spot_check.command(
    "draw",
    help=_(
        "Draw which desks are called, and when, from published rosters. With --month: fix the shifts of a "
        "month and print the fingerprint to publish. With --beacon, after the event: draw and seal.\n\n"
        "\b\nExamples:\n  auditor roster spot-check draw --month 2026-12 --day 4 --night 8\n"
        '  auditor roster spot-check draw --beacon "3 1 4 1 5 9"\n'
        "  auditor roster spot-check draw --month 2026-12 --night 30 --posts dorm --posts evening"
    ),
)
@click.option("--month", metavar="YYYY-MM", help=_("The month whose shifts are drawn."))
@click.option(
    "--day", type=click.IntRange(0, 100_000), default=0, metavar="N", help=_("How many shifts by day.")
)
@click.option(
    "--night", type=click.IntRange(0, 100_000), default=0, metavar="N", help=_("How many shifts by night.")
)
@click.option(
    "--desks",
    type=click.Choice(["all", "bureau", "units"]),
    default="all",
    show_default=True,
    help=_("Whose desks: the bureau's own, the units' with a roster, or all."),
)
@click.option(
    "--posts",
    multiple=True,
    type=click.Choice(["stairs", "evening", "dorm"]),
    help=_("Also call these posts of schools without a roster at their usual hours (may be repeated)."),
)
@click.option(
    "--weigh",
    multiple=True,
    metavar="CLASS=N",
    help=_("Let work, weekend, holiday or key days weigh N times as much (may be repeated)."),
)
@click.option("--event", metavar="TEXT", help=_("What gives the value, as is published before."))
@click.option("--event-at", metavar="ISO", help=_("When it does (else in a minute)."))
@click.option("--form", metavar="FORM", help=_("How the value is spelled, such as numbers:6:0:9."))
@click.option("--fallback", metavar="TEXT", help=_("What counts if the event gives nothing."))
@click.option("--fallback-at", metavar="ISO", help=_("When the fallback is published."))
@click.option("--fallback-form", metavar="FORM", help=_("How the fallback's value is spelled."))
@click.option(
    "--share",
    "shares",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help=_("A custodian's share (levels standard and strict: three or more)."),
)
@click.option(
    "--passphrase-file",
    "passphrase_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help=_("File with a share's passphrase (repeat it, in the order of the shares; else asked)."),
)
@click.option(
    "--protocol",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Write the protocol to print and sign before the event."),
)
@click.option("--beacon", metavar="TEXT", help=_("The event's value, spelled as was announced."))
@click.option(
    "--source", type=click.Choice(["event", "fallback"]), default="event", help=_("Which of the two gave it.")
)
@click.option("--published-at", metavar="ISO", help=_("When it was published (else now)."))
@click.option(
    "--abandon",
    metavar="TEXT",
    help=_(
        "Abandon the draw for this reason: freely before its event, after it only where a custodian's share "
        "is missing and the reason names him."
    ),
)
@password_option
@bureau_options()
@click.pass_context
def draw(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    day: int,
    night: int,
    desks: str,
    posts: tuple[str, ...],
    weigh: tuple[str, ...],
    event: str | None,
    event_at: str | None,
    form: str | None,
    fallback: str | None,
    fallback_at: str | None,
    fallback_form: str | None,
    shares: tuple[Path, ...],
    passphrase_files: tuple[Path, ...],
    protocol: Path | None,
    beacon: str | None,
    source: str,
    published_at: str | None,
    abandon: str | None,
    password_file: Path | None,
) -> None:
    """Commit, run or abandon."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.custody import Opening
    from auditor.workflow.duty import spot_draws as step
    from auditor.workflow.duty.desks import Asked
    from auditor.workflow.duty.spot_papers import protocol_page
    from auditor.workflow.events import Announced
    from auditor.workflow.keys import first_line
    from auditor.workflow.papers import refuse_taken, write_new
    from auditor.workflow.texts import clean

    drill = is_drill(ctx)
    if sum(one is not None for one in (month, beacon, abandon)) != 1:
        raise UsageProblem(problem=_("give one of --month, --beacon and --abandon"))
    if protocol is not None:
        if month is None:
            raise UsageProblem(
                problem=_("the protocol is signed before the event: --protocol goes with --month")
            )
        refuse_taken(protocol)
    with opened(db) as database:
        if month is not None:
            asked = Asked(
                month=month, day=day, night=night, weights=_weights(weigh), posts=posts, desks=desks
            )
            at = _moment_of("--event-at", event_at, now)
            announced = Announced(
                event=event,
                event_at=at,
                form=form,
                fallback=fallback,
                fallback_at=_moment_of("--fallback-at", fallback_at, at or now),
                fallback_form=fallback_form,
            )
            record = step.commit(database, asked, announced, shares, now, drill=drill)
            if protocol is not None:
                write_new(protocol, protocol_page(database, record))
        elif beacon is not None:
            opening = Opening(
                files=shares,
                passphrases=[first_line(one) for one in passphrase_files],
                ask=_passphrase,
            )
            record = step.run(
                database, None, beacon, opening, asking(password_file), now,
                source=source, published=_moment_of("--published-at", published_at, now), drill=drill,
            )  # fmt: skip
        else:
            reason = clean(_("reason"), abandon)
            if not reason:
                raise UsageProblem(problem=_("say why it is abandoned"))
            record = step.abandon(database, None, reason, now)
        facts = step.facts_of(record)
    show(facts, as_json, _facts_text(facts))
    if record["state"] == "committed" and not as_json:
        say(_("publish the fingerprint in two places before the event; the next step is"))
        say("  auditor roster spot-check draw --beacon …")


def _moment_of(option: str, text: str | None, beside: datetime) -> datetime | None:
    """Read a moment of an option; one without an offset has that of `beside`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(
            problem=_("{option} {text}: write it like 2026-12-01T08:00+08:00").format(
                option=option, text=text
            )
        ) from error
    return found.replace(tzinfo=beside.tzinfo) if found.tzinfo is None else found


def _passphrase(custodian: str) -> str | None:
    if not at_terminal():
        return None
    return str(click.prompt(_("Passphrase of {name}").format(name=custodian), hide_input=True, err=True))


def _weights(pairs: tuple[str, ...]) -> dict[str, int]:
    from auditor.workflow.duty.desks import WEIGHED
    from auditor.workflow.texts import whole_number

    found = {}
    for name, value in split_pairs(pairs, "--weigh").items():
        weight = whole_number(value)
        if name not in WEIGHED or weight is None or not 1 <= weight <= 100:
            raise UsageProblem(
                problem=_("--weigh {name}={value}: write one of {known} and a number from 1 to 100").format(
                    name=name, value=value, known=", ".join(WEIGHED)
                )
            )
        found[name] = weight
    return found


def _facts_text(facts: Mapping[str, Any]) -> str:
    from auditor.draw.forms import form_words
    from auditor.pages.sheets import moment_words, share_words
    from auditor.workflow.duty.spot_draws import STATES
    from auditor.workflow.duty.spot_papers import frame_name

    lines = [
        _("Spot checks, draw {number}, {month}: {state}").format(
            number=facts["number"], month=facts["month"], state=_(STATES[facts["state"]])
        )
        + (_(" (drill)") if facts["drill"] else ""),
        table(
            (_("sub-draw"), _("shifts"), _("drawn"), _("chance")),
            [
                (
                    frame_name(one["key"]),
                    one["shifts"],
                    one["n"] or "–",
                    share_words(one["least"])
                    + (f" – {share_words(one['most'])}" if one["most"] != one["least"] else ""),
                )
                for one in facts["draws"]
            ],
        ),
        _("desks: {n}").format(n=facts["desks"]),
        _("fingerprint: {sha256}").format(sha256=facts["commit_sha256"]),
    ]
    if people := facts.get("people"):
        lines.append(
            _("calls that one person on the bureau's desk may expect: {least} to {most}").format(
                least=f"{min(people.values()):.2f}", most=f"{max(people.values()):.2f}"
            )
        )
    if facts["plan_root"]:
        lines.append(_("root of the sealed calls: {root}").format(root=facts["plan_root"]))
    elif facts["state"] == "committed":
        for what, one in ((_("event"), facts["event"]), (_("fallback"), facts["fallback"])):
            when = moment_words(datetime.fromisoformat(one["at"]))
            lines.append(labelled(what, listed([when, one["what"], form_words(one["form"])])))
    return "\n".join(lines)


@spot_check.command(
    "record",
    help=_(
        "Record what the call ID found: call the desk's line, then the mobile, then wait five minutes to be "
        "called back. Each post on duty is present, replaced or absent; seconds are not kept.\n\n"
        "\b\nExamples:\n"
        "  auditor roster spot-check record 1-003 --line desk --post lead=present --post night=replaced\n"
        "  auditor roster spot-check record 1-004 --line none\n"
        "  auditor roster spot-check record 1-005 --missed 台风停电"
    ),
)
@click.argument("call_id", metavar="ID")
@click.option(
    "--line",
    metavar="LINE",
    help=_(
        "Who answered: desk (the desk's line), mobile, call-back (within 5 minutes), or none; or their "
        "Chinese words."
    ),
)
@click.option(
    "--post",
    "posts",
    multiple=True,
    metavar="POST=RESULT",
    help=_(
        "present, replaced or absent (在岗, 替岗, 脱岗), for each post on duty; a post is written by its id, "
        "its name, or a beginning that only it has."
    ),
)
@click.option("--at", metavar="ISO", help=_("When it was called (else now)."))
@click.option("--note", default="", metavar="TEXT", help=_("In words; no private facts of anybody."))
@click.option("--missed", default="", metavar="TEXT", help=_("The call was not made, for this reason."))
@click.option("--correct", default="", metavar="TEXT", help=_("Correct what was recorded, for this reason."))
@password_option
@bureau_options()
def record(
    db: Path,
    now: datetime,
    as_json: bool,
    call_id: str,
    line: str | None,
    posts: tuple[str, ...],
    at: str | None,
    note: str,
    missed: str,
    correct: str,
    password_file: Path | None,
) -> None:
    """Keep it."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import spot_checks as step

    if missed and (line or posts):
        raise UsageProblem(problem=_("a call that was missed has no line and no results"))
    with opened(db) as database:
        entry = step.record(
            database,
            call_id,
            line=line or "",
            results=split_pairs(posts, "--post"),
            at=_moment_of("--at", at, now) or now,
            note=note,
            missed=missed,
            correct=correct,
            password=asking(password_file),
            now=now,
        )
        called = step.called_of(database, entry)
    told = _("call {id} is recorded: {result}").format(id=call_id, result=_result(entry, called))
    show(entry, as_json, told)


def _result(entry: Mapping[str, Any] | None, called: Mapping[str, str] | None = None) -> str:
    from auditor.pages.duty_words import LINE_WORDS, RESULT_WORDS, post_word
    from auditor.pages.words import word

    if entry is None:
        return ""
    if entry["missed"]:
        return _("not made: {reason}").format(reason=entry["missed"])
    found = listed(
        f"{(called or {}).get(post) or post_word(post)} {word(RESULT_WORDS, one)}"
        for post, one in entry["posts"].items()
    )
    return _("{found} ({line})").format(found=found, line=word(LINE_WORDS, entry["line"]))


@spot_check.command(
    "show",
    help=_(
        "Show a draw of spot checks, the calls of the past and of the next 24 hours, and what was found by "
        "desk (never a ranking). --print writes the sheet for the caller; --out opens everything after the "
        "month, with a verifier for anybody.\n\n"
        "\b\nExamples:\n  auditor roster spot-check show\n"
        "  auditor roster spot-check show --print 查岗表.html\n"
        "  auditor roster spot-check show 1 --out 公开/查岗1"
    ),
)
@click.argument("number", type=NUMBER, required=False)
@click.option("--print", "sheet", type=click.Path(path_type=Path), metavar="FILE", help=_("Write the sheet."))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help=_("Open everything into DIR."))
@click.option(
    "--identity-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("The discipline office's secret key (level strict)."),
)
@password_option
@bureau_options()
def show_checks(
    db: Path,
    now: datetime,
    as_json: bool,
    number: int | None,
    sheet: Path | None,
    out: Path | None,
    identity_file: Path | None,
    password_file: Path | None,
) -> None:
    """Print what may be seen now."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import spot_checks as step
    from auditor.workflow.duty import spot_closing as closing
    from auditor.workflow.duty import spot_draws
    from auditor.workflow.months import calendar_of, month_of

    password = asking(password_file)
    with opened(db) as database:
        if out is not None:
            closed = closing.close(database, number, out, password, _identity(identity_file), now)
            show(
                {key: closed[key] for key in _CLOSED},
                as_json,
                "\n".join(
                    (
                        _(
                            "draw {number} of spot checks is closed, and the verifier that anybody may run "
                            "finds no fault; its files are"
                        ).format(number=closed["number"]),
                        *closed["files"],
                        _unrecorded(closed["unrecorded"]),
                    )
                ),
            )
            return
        draw_record = spot_draws.draw_of(database, number)
        facts = spot_draws.facts_of(draw_record)
        run = draw_record["state"] in ("run", "closed")
        due = step.due_calls(database, draw_record["number"], password, now) if run else []
        month = month_of(facts["month"], calendar_of(database))
        found = step.assessment(database, month.first, month.last + timedelta(days=1))
        facts["people"] = step.expected_by_person(database, draw_record)
        if sheet is not None:
            from auditor.workflow.duty.spot_papers import sheet_page
            from auditor.workflow.papers import refuse_taken, write_new

            refuse_taken(sheet)
            write_new(sheet, sheet_page(database, due, draw_record))
    show(
        {"draw": facts, "calls": [one.record() for one in due], "assessment": found},
        as_json,
        "\n".join((_facts_text(facts), *_calls_text(due), *_found_text(found))),
    )


def _unrecorded(n: int) -> str:
    return _("calls without a record: {n}").format(n=n)


def _identity(file: Path | None) -> str | None:
    from auditor.errors import FileMissing
    from auditor.seal import age

    if file is None:
        return None
    if not file.is_file():
        raise FileMissing(file=file)
    return age.identity_in(file.read_text(encoding="utf-8-sig", errors="replace"), str(file))


def _calls_text(due: list[Due]) -> list[str]:

    if not due:
        return []
    rows = [
        (
            one.id,
            f"{one.due:%Y-%m-%d %H:%M}",
            one.name,
            listed(
                f"{seat.called} {listed(seat.people)} {listed(seat.phones)}".strip() for seat in one.posts
            ),
            _result(one.found, {seat.seat.post: seat.called for seat in one.posts}),
        )
        for one in due
    ]
    return ["", table((_("call"), _("due"), _("desk"), _("on duty"), _("found")), rows)]


def _found_text(found: Mapping[str, Any]) -> list[str]:
    if not found["desks"]:
        return []
    rows = [
        (one["name"], one["calls"], one["present"], one["replaced"], one["absent"], one["missed"])
        for one in found["desks"]
    ]
    titles = (_("desk"), _("calls"), _("present"), _("replaced"), _("absent"), _("missed"))
    lines = ["", table(titles, rows)]
    if found["share"] is not None:
        lines.append(
            _(
                "estimated share of all shifts with an absent post: {share} % (each call weighs 1/chance)"
            ).format(share=f"{found['share'] / 100:.1f}")
        )
    return lines


@click.group("duties", help=_("Units' own duty rosters: imported, listed, drawn from by spot checks."))
def duties() -> None:
    """Group of the commands about units' own rosters."""


@duties.command(
    "import",
    help=_(
        "Import units' own duty rosters: a row a day with a column a post (带班领导, 值班人员, 楼道值守, "
        "晚自习, 宿舍夜巡, 值班电话), or a row a duty (日期, 岗位, 姓名, 时间). Two rosters in one sheet are "
        "refused; "
        "teaching staff on days without pupils is flagged (exit 5).\n\n"
        "\b\nExample:\n  auditor roster duties import 青溪小学12月值班表.xlsx --unit 青溪小学 --month 2026-12"
    ),
)
@click.option("--unit", default="", metavar="UNIT", help=_("Whose roster it is (code or name)."))
@click.option("--month", default="", metavar="YYYY-MM", help=_("The month of days written without one."))
@import_options
@bureau_options()
@click.pass_context
def import_duties(ctx: click.Context, /, **options: Any) -> None:
    """Read, judge, keep, and print what was done."""
    from auditor.register.duties import DUTY_ALIASES
    from auditor.workflow.duty.unit_duties import import_duties as step

    run_import(ctx, step, tuple(DUTY_ALIASES), **options)


@duties.command(
    "list",
    help=_(
        "List units' own duties from FIRST to LAST.\n\n"
        "\b\nExample:\n  auditor roster duties list 2026-12-01 2026-12-07 --unit 青溪小学"
    ),
)
@click.argument("first", type=Day(), metavar="FIRST")
@click.argument("last", type=Day(), required=False, metavar="[LAST]")
@click.option("--unit", default="", metavar="UNIT", help=_("Of this unit only (code or name)."))
@bureau_options()
def list_duties(
    db: Path, now: datetime, as_json: bool, first: datetime, last: datetime | None, unit: str
) -> None:
    """Print them by unit, day and post."""
    from auditor.pages.duty_words import post_word
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import unit_duties as step

    with opened(db) as database:
        rows = step.list_duties(database, first.date(), (last or first).date(), unit)
    mark = "、" if language() == "zh" else ", "
    cells = [
        (
            one["name"],
            one["date"],
            post_word(one["post"]),
            one["from"],
            mark.join(one["people"]),
            one["phone"],
        )
        for one in rows
    ]
    titles = (_("unit"), _("day"), _("duty post"), _("from"), _("people"), _("duty telephone"))
    show(rows, as_json, table(titles, cells))


commands: list[click.Command] = [spot_check, duties]
