"""``auditor draw ceremony``: the people are walked through a draw, one screen after the other."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from auditor.cli.options import Work, bureau_options, domains_text
from auditor.cli.secrets import asking, at_terminal, is_drill, password_option
from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.pages.shortfall import shortfall_lines, unplaced_lines

if TYPE_CHECKING:
    from auditor.plugins import Plugins
    from auditor.store import Database

MOST_TRIES = 5
"""So often is a value asked for again that is not spelled right."""


def groups(digits: str) -> str:
    """Write a fingerprint in groups of eight, four a line."""
    parts = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return "\n".join("  " + "  ".join(parts[at : at + 4]) for at in range(0, len(parts), 4))


def heading(number: int, text: str) -> None:
    """Begin a screen."""
    click.echo(f"\n━━ {number} ━━ {text} " + "━" * 20)


@dataclass(slots=True)
class Walk:
    """One ceremony at one screen: where its pages go, and the clock of those who stand there."""

    database: Database
    plugins: Plugins
    out: Path
    clock: Callable[[], datetime]
    set_clock: Callable[[datetime], None] | None
    password: Callable[[], str | None]
    drill: bool
    work: float
    rehearsal: bool = False

    def now(self) -> datetime:
        """What time it is here."""
        return self.clock().replace(microsecond=0)

    def wait_until(self, at: datetime) -> None:
        """Wait for a moment; a drill puts its clock forward instead."""
        if self.now() >= at:
            return
        if self.set_clock is not None:
            self.set_clock(at)
            click.echo(_("(drill: the clock is set to {at})").format(at=at.isoformat()))
            return
        if at - self.now() > timedelta(minutes=10):
            raise UsageProblem(
                problem=_(
                    "the event is at {at}; come back then: auditor draw ceremony goes on from here"
                ).format(at=at.isoformat())
            )
        while (left := (at - self.clock()).total_seconds()) > 0:
            if sys.stderr.isatty():
                click.echo(
                    "\r\x1b[K" + _("the event begins in {seconds} s").format(seconds=int(left) + 1),
                    err=True,
                    nl=False,
                )
            time.sleep(min(1.0, left))
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)


@click.command(
    "ceremony",
    help=_(
        "Walk a clerk and a witness through a draw at this screen: list locked, protocol signed, balls "
        "drawn, "
        "record. Goes on where the programme stands; --rehearsal tries it all on invented data.\n\n"
        "\b\nExamples:\n  auditor draw ceremony --rehearsal\n  auditor draw ceremony --programme 2026-12"
    ),
)
@click.option("--programme", metavar="ID", help=_("The programme (else asked, or the only one)."))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=_("Folder for the pages to print and to show (else ./draw-N)."),
)
@click.option(
    "--rehearsal", is_flag=True, help=_("Rehearse (演练) on the synthetic county, in a database of its own.")
)
@click.option("--work", type=Work(), default=60.0, hidden=True)
@password_option
@bureau_options()
@click.pass_context
def ceremony(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    programme: str | None,
    out: Path | None,
    rehearsal: bool,
    work: float,
    password_file: Path | None,
) -> None:
    """Walk through it."""
    from auditor.workflow import rehearsing
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    drill = is_drill(ctx) or rehearsal
    if rehearsal:
        out = out or rehearsing.free_folder(Path("draw-rehearsal"))
        begun = rehearsing.begun(out, now)
        click.echo(_("Rehearsal (演练): invented schools, a database of its own; nothing here counts."))
        if begun is not None:
            db, now = begun
            click.echo(_("It goes on where {folder} stands.").format(folder=out))
        else:
            rehearsing.refuse_foreign(out)
            db = rehearsing.make(out, load_all(ctx.obj), now)
    shift = [now - datetime.now().astimezone()] if drill else [timedelta(0)]

    def clock() -> datetime:
        return (datetime.now().astimezone() + shift[0]).astimezone(now.tzinfo)

    def set_clock(at: datetime) -> None:
        shift[0] = at - datetime.now().astimezone()

    with opened(db) as database:
        plugins = load_all(ctx.obj, database, now.date())
        walk = Walk(
            database=database,
            plugins=plugins,
            out=out or Path(),
            clock=clock,
            set_clock=set_clock if drill else None,
            rehearsal=rehearsal,
            password=asking(password_file),
            drill=drill,
            work=work,
        )
        try:
            _walk(walk, programme, chosen=out)
        except click.Abort:
            again = _again(ctx, out if rehearsal else None, programme)
            click.echo(
                _("\nWhat was done is kept; to go on from here: {command}").format(command=again), err=True
            )
            raise


def _again(ctx: click.Context, folder: Path | None, programme: str | None) -> str:
    """Give the command that goes on with a ceremony; `folder` is that of a rehearsal."""
    from shlex import quote

    words = ["auditor draw ceremony"]
    if folder is not None:
        words.append(f"--rehearsal --out {quote(str(folder))}")
    else:
        words += [f"--programme {quote(programme)}"] if programme else []
        for name in ("db", "out", "password_file"):
            given = ctx.params[name]
            if given is not None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                words.append(f"--{name.replace('_', '-')} {quote(str(given))}")
    return " ".join(words)


def _walk(walk: Walk, programme: str | None, *, chosen: Path | None) -> None:
    from auditor.store.numbers import read_numbers

    key = programme or _choose(walk)
    own = [one for one in read_numbers(walk.database) if one["programme"] == key]
    going = [one for one in own if one["state"] in ("frozen", "committed", "run", "planned")]
    record = going[-1] if going else _lock(walk, key)
    if record is None:
        return
    walk.out = chosen or Path(f"draw-{record['number']}")
    walk.out.mkdir(parents=True, exist_ok=True)
    steps: Mapping[str, Callable[[Walk, Any], Any]] = {
        "frozen": _commit,
        "committed": _balls,
        "run": _plan,
        "planned": _close,
    }
    while record["state"] in steps:
        step = steps[record["state"]]
        again = step(walk, record)
        if again is None:
            return
        record = again


def _choose(walk: Walk) -> str:
    """Give the programme: the only one that is not over, one that is chosen, or a new one for next month."""
    from auditor.store.numbers import read_numbers
    from auditor.workflow import programmes

    numbers = read_numbers(walk.database)
    today = walk.now().date()
    going = {one["programme"] for one in numbers if one["state"] in ("frozen", "committed", "run", "planned")}
    there = [one for one in programmes.programmes(walk.database) if one.last > today or one.id in going]
    if len(there) == 1:
        return there[0].id
    if there:
        there.sort(key=lambda one: (one.id not in going, one.first, one.id))
        for at, one in enumerate(there, 1):
            mark = _(" (going on)") if one.id in going else ""
            click.echo(f"  {at}  {one.id}  {one.name}  {one.first} – {one.last}{mark}")
        at = click.prompt(_("Which programme"), type=click.IntRange(1, len(there)), default=1)
        return there[at - 1].id
    return _new_programme(walk)


def _new_programme(walk: Walk) -> str:
    """Make a programme of next month with what a clerk need not know by default."""
    from auditor.workflow import programmes, rehearsing
    from auditor.workflow.texts import whole_number

    most = rehearsing.ready(walk.database)
    month = rehearsing.month_to_come(walk.now())
    click.echo(_("There is no programme yet; one is made for {month}.").format(month=month))
    basis = click.prompt(_("Legal basis and item of the year's list (or the order with its document number)"))
    while True:
        units = click.prompt(
            _("How many units (a number; empty: as many as the half-days carry)"),
            default="",
            show_default=False,
        ).strip()
        if not units or 1 <= (whole_number(units) or 0) <= most:
            break
        click.echo(_("write a whole number from {low} to {high}").format(low=1, high=most))
    document = rehearsing.programme_text(walk.database, month, basis, units)
    added = programmes.add_document(
        walk.database, document.encode(), f"{month}.toml", walk.plugins, walk.now(), accept_lower_floor=False
    )
    return added.programme.id


def _lock(walk: Walk, key: str) -> dict[str, Any] | None:
    """Screen 1: the list is locked."""
    from auditor.workflow import ceremony, freezing, programmes
    from auditor.workflow.frames import left_out_text

    made, _data = programmes.programme_of(walk.database, key)
    heading(1, _("The list is locked (名单锁定)"))
    click.echo(
        _("{name}: {first} to {last}, {units} units, floor {floor}").format(
            name=made.name,
            first=made.first,
            last=made.last,
            units=programmes.number_words(made),
            floor=made.floor / 1_000_000,
        )
    )
    if not click.confirm(_("Lock the list now?"), default=True):
        return None
    facts = freezing.freeze(
        walk.database,
        key,
        walk.plugins,
        walk.now(),
        level=ceremony.level_of(walk.database),
        drill=walk.drill,
    )
    click.echo(
        _("number {number}: {units} units in the list, {n} will be drawn, {certain} certain").format(**facts)
    )
    left = left_out_text(facts["left_out"])
    if left:
        click.echo(_("not in the list: {left}").format(left=left))
    for note in facts["notes"]:
        click.echo(note)
    return ceremony.number_of(walk.database, facts["number"])


def _commit(walk: Walk, record: dict[str, Any]) -> dict[str, Any]:
    """Screen 2, first half: the fingerprint is printed and signed before the balls."""
    from auditor.workflow import ceremony

    shares: list[Path] = []
    announced = ceremony.Announced()
    heading(2, _("The witness signs, then the balls are drawn (见证人签字、摇号)"))
    if record["level"] != "simple":
        shares, announced = _announce(walk, record)
    return ceremony.commit(walk.database, record["number"], shares, announced, walk.now(), drill=walk.drill)


def _signed(walk: Walk, record: Mapping[str, Any]) -> None:
    """Print the protocol and ask for the signature; whoever comes back later is asked too."""
    from auditor.workflow import papers

    protocol = papers.renew(walk.out / "protocol.html", papers.protocol_page(walk.database, record))
    screen = papers.renew(walk.out / "witness.html", papers.witness_page(walk.database, record))
    click.echo(
        _("Fingerprint of number {number}, to be printed and signed before the event:").format(
            number=record["number"]
        )
    )
    click.echo(groups(record["commit_sha256"]))
    click.echo(_("Print and sign: {file}").format(file=protocol))
    click.echo(_("For the witnesses, on a large screen: {file}").format(file=screen))
    click.prompt(
        _("Has the witness signed the protocol? Then press Enter"),
        default="",
        show_default=False,
        prompt_suffix=" ",
    )


def _announce(walk: Walk, record: Mapping[str, Any]) -> tuple[list[Path], Any]:
    """Ask for the shares' files and the public event, at levels standard and strict."""
    from auditor.cli.draw import a_moment
    from auditor.workflow import ceremony

    click.echo(
        _(
            "Three or more custodians each made a share: auditor draw share {number} --custodian NAME "
            "--out FILE"
        ).format(number=record["number"])
    )
    shares: list[Path] = []
    while True:
        text = click.prompt(
            _("File of share {count} (empty: no more)").format(count=len(shares) + 1),
            default="",
            show_default=False,
        )
        if not text:
            break
        ceremony.read_share_file(Path(text), record["number"])
        shares.append(Path(text))
    event = click.prompt(_("The public event, and in which order its values are read"))
    at = a_moment("--event-at", click.prompt(_("When (such as 2026-12-01T21:15:00+08:00)")), walk.now())
    form = click.prompt(_("How its value is spelled (numbers:7:0:33, hex:64)"))
    fallback = click.prompt(_("What counts where it gives nothing by then"))
    later = a_moment("--fallback-at", click.prompt(_("When (later)")), at or walk.now())
    return shares, ceremony.Announced(
        event=event, event_at=at, form=form, fallback=fallback, fallback_at=later, fallback_form=form
    )


def _balls(walk: Walk, record: dict[str, Any]) -> dict[str, Any] | None:
    """Screen 2, second half: the event, its value, and the draw."""
    from auditor.draw.forms import is_spelled, tidied
    from auditor.draw.rules import moment
    from auditor.workflow import ceremony, papers, sealing

    made = record["commit"]
    event, fallback = moment(made["event"]["at"]), moment(made["fallback"]["at"])
    _signed(walk, record)
    walk.wait_until(event)
    source = "event" if walk.now() < fallback else "fallback"
    click.echo(_("Now: {what}").format(what=made[source]["what"]))
    form = made[source]["form"]
    value = _value(form, is_spelled, tidied)
    if value is None:
        return None
    opening = ceremony.Opening(ask=_passphrase if at_terminal() else lambda name: None)
    common: dict[str, Any] = {"source": source, "published": None, "drill": walk.drill}
    if record["level"] == "strict":
        record, _counts = sealing.run_and_plan(
            walk.database, record["number"], value, opening, walk.password, walk.plugins, walk.now(),
            work=walk.work, progress=lambda step: None, **common,
        )  # fmt: skip
    else:
        record = ceremony.run(
            walk.database, record["number"], value, opening, walk.password, walk.now(), **common
        )
    papers.renew(walk.out / "witness.html", papers.witness_page(walk.database, record))
    heading(3, _("The record of the draw (抽取记录)"))
    click.echo(
        _("number {number} is drawn: {n} units in the main draw").format(
            number=record["number"], n=record["facts"]["n"]
        )
    )
    if record["state"] == "planned":
        _show_root(walk, record)
    return record


def _value(
    form: Mapping[str, Any], is_spelled: Callable[..., bool], tidied: Callable[..., str]
) -> str | None:
    """Ask for the event's value until it is spelled right and confirmed."""
    from auditor.draw.forms import form_words

    for _try in range(MOST_TRIES):
        value = tidied(click.prompt(_("The value, in the order drawn")), form)
        if not is_spelled(value, form):
            click.echo(_("{value} is not {form}").format(value=value or "–", form=form_words(form)))
            continue
        if click.confirm(_("{value} – is that right?").format(value=value), default=True):
            return value
    return None


def _passphrase(custodian: str) -> str:
    return str(
        click.prompt(
            _("Passphrase of the share of {custodian}").format(custodian=custodian), hide_input=True, err=True
        )
    )


def _plan(walk: Walk, record: dict[str, Any]) -> dict[str, Any] | None:
    """Screen 3: the plan is made and sealed, its root goes to the record."""
    from auditor.workflow import ceremony, papers, sealing

    papers.renew(walk.out / "record.html", papers.record_page(walk.database, record))
    if not click.confirm(_("Make the plan now and seal it?"), default=True):
        click.echo(_("later: auditor plan make --programme {id}").format(id=record["programme"]))
        return None
    click.echo(_("planning …"))
    sealing.make(
        walk.database,
        record["programme"],
        walk.plugins,
        walk.password,
        walk.now(),
        work=walk.work,
        drill=walk.drill,
        progress=lambda step: None,
    )
    record = ceremony.number_of(walk.database, record["number"])
    _show_root(walk, record)
    return record


def _show_root(walk: Walk, record: Mapping[str, Any]) -> None:
    """Say what is public of the plan, and write the pages again with it."""
    from auditor.workflow import papers

    counts = record["counts"]
    for line in unplaced_lines(counts["visits"], counts["unplaced"]):
        click.echo(line)
    click.echo(
        _(
            "{visits} visits in {sorties} sorties, {unplaced} unplaced; plan root, to be published now:"
        ).format(**counts)
    )
    click.echo(groups(record["plan_root"]))
    for line in shortfall_lines(counts):
        click.echo(line)
    papers.renew(walk.out / "witness.html", papers.witness_page(walk.database, record))
    page = papers.renew(walk.out / "record.html", papers.record_page(walk.database, record))
    notice = papers.renew(walk.out / "notice.html", papers.notice_page(walk.database, record, ""))
    click.echo(
        _("Record to sign: {file}; notice to leave at visits: {notice}").format(file=page, notice=notice)
    )


def _close(walk: Walk, record: dict[str, Any]) -> dict[str, Any] | None:
    """After the period: everything is opened and published."""
    from auditor.workflow import closing

    last = record["facts"]["period"][1]
    if walk.now().date().isoformat() <= last:
        if walk.set_clock is None or not walk.rehearsal:
            click.echo(
                _(
                    "Every morning: auditor plan release. After {last}: auditor draw ceremony again, to "
                    "close."
                ).format(last=last)
            )
            return None
        walk.set_clock(
            datetime.fromisoformat(last + "T09:00:00").replace(tzinfo=walk.now().tzinfo) + timedelta(days=1)
        )
        click.echo(_("(drill: the clock is set to {at})").format(at=walk.now().isoformat()))
    if record["level"] == "strict":
        click.echo(_("auditor draw close {number} --out DIR --identity-file FILE closes it").format(**record))
        return None
    missing = closing.without_outcome(walk.database, record, walk.password)
    if missing:
        click.echo(
            _(
                "{count} visits have no outcome yet and would stand as cancelled (`auditor draw outcome`)"
            ).format(count=missing)
        )
    if not click.confirm(
        _("The period is over. Close number {number} and publish?").format(**record),
        default=not missing or walk.rehearsal,
    ):
        return None
    folder = walk.out / "public"
    closed = closing.close(
        walk.database, record["number"], folder, walk.password, None, walk.now(), drill=walk.drill
    )
    click.echo(
        _("number {number} is closed; publish the files of {folder}").format(
            number=record["number"], folder=folder
        )
    )
    click.echo(counted_text(closed["counted"]))
    return closed


def counted_text(counted: Mapping[str, int]) -> str:
    """Say what a closed number came to."""
    return _(
        "verified: OK. {units} units, {drawn} drawn, {visits} visits, {unplaced} unplaced, {replaced} "
        "replaced, "
        "{cancelled} cancelled"
    ).format(**counted)


def _outcome_reason(reason: str) -> str:
    """Give the reason of an outcome: somebody's words as they are, the tool's own codes in words."""
    from auditor.draw.outcomes import NO_RECORD
    from auditor.pages.words import LEFT_WORDS, word

    return _("nobody recorded it") if reason == NO_RECORD else word(LEFT_WORDS, reason)


def unit_text(one: Mapping[str, Any], domains: Mapping[str, str]) -> str:
    """Say what a closed draw says of one unit; domains by their names, given by key."""
    from auditor.pages.words import OUTCOME_WORDS, REASON_WORDS, RULE_WORDS, SLOT_WORDS, draw_name, word

    lines = [
        _("number {number}, draw {draw}: unit {unit}, stratum {stratum}").format(
            **{**one, "draw": draw_name(one["draw"])}
        ),
        _("probability {percent} %").format(percent=f"{one['pi'] / 10_000:.4f}")
        + (_(" (certain)") if one["certain"] else "")
        + (_("; floor {percent} %").format(percent=f"{one['floor'] / 10_000:.4f}") if one["order"] else "")
        + ("" if one["points"] is None else _("; risk points {points}").format(points=one["points"])),
    ]
    if one["order"] is not None:
        lines.append(_("order in its stratum: {order} of {of}").format(**one))
    lines.append(_("drawn: {answer}").format(answer=_("yes") if one["drawn"] else _("no")))
    for visit in one["visits"]:
        lines.append(
            _("visit {id}: {date} {slot} {start}, {domains}, team {team}; lead {lead}").format(
                **{
                    **visit,
                    "slot": word(SLOT_WORDS, visit["slot"]),
                    "domains": domains_text(visit["domains"], domains),
                    "team": listed(visit["team"]),
                }
            )
        )
        lines.append(
            _("  day lots {days}; team lot {team}").format(
                days=" ".join(visit["day_lots"][:5]) + (" …" if len(visit["day_lots"]) > 5 else ""),
                team=listed(visit["team_lot"]),
            )
        )
        outcome = visit["outcome"]
        lines.append(
            _("  outcome: {outcome}").format(outcome=word(OUTCOME_WORDS, outcome["outcome"]))
            + (f" ({_outcome_reason(outcome['reason'])})" if outcome["reason"] else "")
            + (f" → {outcome['by']}" if "by" in outcome else "")
        )
    lines += [
        _("unplaced: {domains} ({reason})").format(
            domains=domains_text(left["domains"], domains), reason=word(REASON_WORDS, left["reason"])
        )
        for left in one["unplaced"]
    ]
    lines += [
        _("departure of the {of}: rank {rank}, rule {rule}").format(
            of=_("day") if departure["of"] == "day" else _("team"),
            rank=departure["rank"],
            rule=word(RULE_WORDS, departure["rule"]),
        )
        for departure in one["departures"]
    ]
    return "\n".join(lines)
