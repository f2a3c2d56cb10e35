"""The ceremony of a number, in the contract's order and in no other: share, commit, run, abandon."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import shares as share_room
from auditor.draw.canon import canon, digest
from auditor.draw.forms import BALLS, check_value, read_form
from auditor.draw.ledger import NO_PREVIOUS
from auditor.draw.rules import (
    AgainstTheContract,
    check_beacon,
    check_events,
    check_shares,
    check_windows,
    clock_text,
    moment,
)
from auditor.draw.shares import BadShare, ShareFile
from auditor.errors import USAGE, AuditorError, FileMissing, UsageProblem
from auditor.i18n import N_, _
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import (
    drop_number,
    put_number,
    put_sealed,
    read_frozen,
    read_number,
    read_numbers,
    read_sealed,
)
from auditor.store.records import read_settings
from auditor.store.writing import Transaction, write_tx
from auditor.workflow.drawn import Drawn, check_frozen, draw_frozen
from auditor.workflow.keys import PUBLIC, AskPassword, open_key
from auditor.workflow.months import calendar
from auditor.workflow.programmes import programme_of

MOST_SHARE_BYTES = 20_000
SIMPLE_EVENT = "现场摇号：从标有0至9的十个球中每次摇出一个，记下后放回，共六次，按摇出的次序"
LOTTERY = "中国福利彩票“快乐8”{day:%Y年%m月%d日}开奖的20个号码，由小到大"
LOTTERY_FORM = {"numbers": 20, "from": 1, "to": 80}
LOTTERY_TIME = (21, 30)
LOTTERY_PAUSES = ("春节", "国庆节")
"""Holidays on which the public lotteries do not draw (unverified for years to come)."""


class NoNumber(AuditorError):
    """There is no such number."""

    exit_code = USAGE
    sentence = N_("there is no number {number} in this bureau's ledger; there are {known}")


class OutOfOrder(AuditorError):
    """A step that does not follow the one before."""

    sentence = N_("number {number} is {state}: {what}; {cure}")


class NoExcuse(AuditorError):
    """A number whose event is over is not abandoned for any reason."""

    sentence = N_(
        "the event of number {number} is over ({at}): run it, then abandon it; it is closed with every unit "
        "unplaced, so that all see whom it would have drawn. Only a missing share excuses: name the "
        "custodian ({custodians}) in the reason"
    )


STATES: Mapping[str, str] = {
    "frozen": N_("frozen"),
    "committed": N_("committed"),
    "run": N_("run"),
    "planned": N_("planned"),
    "closed": N_("closed and published"),
    "abandoned": N_("abandoned"),
}

_CURES: Mapping[str, str] = {
    "frozen": N_("next is `auditor draw commit {number}`"),
    "committed": N_("next is `auditor draw run {number} --beacon …`, after its event"),
    "run": N_("next is `auditor plan make --programme {programme}`"),
    "planned": N_("next is `auditor draw close {number} --out DIR`, after the period's last day"),
    "closed": N_("it is public; a new draw is a new number"),
    "abandoned": N_("it stays so; a new draw is a new number: `auditor draw freeze --programme {programme}`"),
}


def number_of(db: Database, number: int) -> dict[str, Any]:
    """Give a number's record; raises NoNumber."""
    found = read_number(db, number)
    if found is None:
        known = ", ".join(str(one["number"]) for one in read_numbers(db))
        raise NoNumber(number=number, known=known or _("none"))
    return found


def expect(record: Mapping[str, Any], states: Sequence[str], what: str) -> None:
    """Refuse a step that does not follow; raises OutOfOrder with the step that does."""
    if record["state"] not in states:
        raise OutOfOrder(
            number=record["number"],
            state=_(STATES[record["state"]]),
            what=what,
            cure=_(_CURES[record["state"]]).format(number=record["number"], programme=record["programme"]),
        )


def level_of(db: Database) -> str:
    """Give the level of the bureau, chosen once at `init`."""
    return read_settings(db).get("level", "simple")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareMade:
    """A new share: the text of its file, and the secret for paper."""

    text: str
    share: bytes
    sha256: str
    custodian: str


def make_share(number: int, custodian: str, passphrase: str, rolls: str | None) -> ShareMade:
    """Make a custodian's share, of dice where rolls are given, under a passphrase.

    Raises
    ------
    BadShare, BadRolls
    """
    name = share_room.check_custodian(custodian)
    if not passphrase.strip():
        raise BadShare(what=name, why=_("a share is kept under a passphrase, and this one is empty"))
    share = share_room.new_share() if rolls is None else share_room.share_of_rolls(rolls)
    sealed = age.seal_with_password(share, passphrase)
    text = share_room.share_text(number, name, share, sealed)
    return ShareMade(text=text, share=share, sha256=digest(share), custodian=name)


def expect_frozen(db: Database, number: int) -> None:
    """Refuse a share for a number that is not waiting for its shares."""
    expect(number_of(db, number), ("frozen",), _("it takes no more shares"))


def read_share_file(path: Path, number: int) -> ShareFile:
    """Read the clear lines of a share's file; raises FileMissing, BadShare."""
    if not path.is_file():
        raise FileMissing(file=path)
    with path.open("rb") as stream:
        data = stream.read(MOST_SHARE_BYTES + 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadShare(what=path, why=_("is no share's file (not UTF-8)")) from error
    if len(data) > MOST_SHARE_BYTES:
        raise BadShare(what=path, why=_("is no share's file (too large)"))
    found = share_room.read_share(text, str(path))
    age.check_armoured(found.sealed, str(path))
    if found.number != number:
        raise BadShare(
            what=path,
            why=_("it was made for number {found}, not {number}").format(found=found.number, number=number),
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a commitment says of event and fallback, as given; None where not."""

    event: str | None = None
    event_at: datetime | None = None
    form: str | None = None
    fallback: str | None = None
    fallback_at: datetime | None = None
    fallback_form: str | None = None


def commit(
    db: Database, number: int, shares: Sequence[Path], announced: Announced, now: datetime, *, drill: bool
) -> dict[str, Any]:
    """Commit a frozen number: only the clear lines of the shares are read; give its record.

    At level simple without shares the office's computer makes one, sealed under the planning key,
    and what is not announced is six balls a minute later and a public lottery after two days.

    Raises
    ------
    NoNumber, OutOfOrder, BadShare, BadForm, AgainstTheContract, UsageProblem
    """
    files = [read_share_file(path, number) for path in shares]
    with write_tx(db, "draw commit", now) as tx:
        record = number_of(db, number)
        expect(record, ("frozen",), _("it cannot be committed now"))
        level = record["level"]
        if len({unicodedata.normalize("NFKC", one.custodian) for one in files}) < len(files):
            raise AgainstTheContract(what=_("one custodian gave two shares; each share is another person's"))
        own = share_room.new_share() if level == "simple" and not files else None
        sha256 = [one.sha256 for one in files] if own is None else [digest(own)]
        numbers = read_numbers(db)
        used = {
            one: earlier["number"]
            for earlier in numbers
            for one in earlier.get("commit", {}).get("share_sha256", ())
        }
        check_shares(level, sha256, used)
        event, fallback = _events(announced, level, now)
        before = [
            moment(one["commit"]["event"]["at"])
            for one in numbers
            if one["programme"] == record["programme"] and "commit" in one
        ]
        facts = record["facts"]
        check_events(
            moment(event["at"]),
            moment(fallback["at"]),
            now=now,
            after=max(before, default=None),
            period=(facts["period"][0], facts["period"][1]),
        )
        parts = read_frozen(db, number)
        check_frozen(record, parts)
        for one in (event, fallback):
            check_windows(record["draws"][:1], parts["field"]["days"], moment(one["at"]))
        check_windows(record["draws"], parts["field"]["days"], moment(event["at"]))
        programme, _data = programme_of(db, record["programme"])
        written = commits.commit_record(
            level=level,
            team=programme.team,
            floor=programme.floor,
            period=(facts["period"][0], facts["period"][1]),
            domains=programme.domains,
            domains_each=programme.domains_each,
            programme_sha256=facts["programme_sha256"],
            tool=f"auditor {__version__}",
            draws=record["draws"],
            field_sha256=facts["field_sha256"],
            share_sha256=sha256,
            event=event,
            fallback=fallback,
            number=number,
            previous=numbers[number - 2]["commit_sha256"] if number > 1 else NO_PREVIOUS,
        )
        record |= {
            "state": "committed",
            "drill": record["drill"] or drill,
            "commit": written,
            "commit_sha256": digest(canon(written)),
            "committed_at": clock_text(now),
            "custodians": [one.custodian for one in files],
            "share_files": [str(path.absolute()) for path in shares],
        }
        if own is not None:
            recipient = read_settings(db)[PUBLIC]
            put_sealed(
                tx, number, "share", age.seal(own, [recipient], share_room.SHARE_BYTES, _("the share"))
            )
        put_number(tx, record)
    return record


def _events(announced: Announced, level: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give event and fallback as the commitment writes them."""
    given = {
        "--event": announced.event,
        "--event-at": announced.event_at,
        "--form": announced.form,
        "--fallback": announced.fallback,
        "--fallback-at": announced.fallback_at,
    }
    if level != "simple" and (missing := [name for name, value in given.items() if value is None]):
        raise UsageProblem(
            problem=_("level {level} announces its event: {names} missing").format(
                level=level, names=", ".join(missing)
            )
        )
    for name, text in (("--event", announced.event), ("--fallback", announced.fallback)):
        if text is not None and (
            not text.strip()
            or any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)
            or len(text) > 500
        ):
            raise UsageProblem(
                problem=_("{name}: say in one line what is drawn, at most 500 letters").format(name=name)
            )
    at = announced.event_at or now + timedelta(minutes=1)
    form = dict(BALLS) if announced.form is None else read_form(announced.form)
    event = {"what": announced.event or SIMPLE_EVENT, "at": clock_text(at), "form": form}
    later = announced.fallback_at or lottery_after(at)
    if level == "simple" and later.date() <= at.date():
        raise AgainstTheContract(
            what=_("at level simple the fallback is a public lottery of a later day, never a second drawing")
        )
    what = announced.fallback or LOTTERY.format(day=later)
    if announced.fallback_form is not None:
        other = read_form(announced.fallback_form)
    else:
        other = dict(LOTTERY_FORM) if announced.fallback is None or level == "simple" else form
    if level == "simple" and (other == BALLS or what.strip() == str(event["what"]).strip()):
        raise AgainstTheContract(
            what=_("at level simple the fallback is a public lottery of a later day, never a second drawing")
        )
    return event, {"what": what, "at": clock_text(later), "form": other}


def lottery_after(at: datetime) -> datetime:
    """Give when the public lottery is drawn on the second day after; later where it pauses for a holiday."""
    days = calendar()
    found = (at + timedelta(days=2)).replace(
        hour=LOTTERY_TIME[0], minute=LOTTERY_TIME[1], second=0, microsecond=0
    )
    while (day := days.day(found.date())).cls == "holiday" and day.name in LOTTERY_PAUSES:
        found += timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How the shares are opened at `run`: files (else where they lay), passphrases, or typed from paper."""

    files: Sequence[Path] = ()
    passphrases: Sequence[str] = ()
    typed: Callable[[str], str] | None = None
    """Asks for the share of a custodian, as on paper; None where files are read."""
    ask: Callable[[str], str | None] = lambda name: None
    """Asks a custodian for the passphrase; gives None where nobody can be asked."""


def run(
    db: Database,
    number: int,
    value: str,
    opening: Opening,
    password: AskPassword,
    now: datetime,
    *,
    source: str,
    published: datetime | None,
    drill: bool,
) -> dict[str, Any]:
    """Run a committed number after its event: its key and shares go sealed into the file; give its record.

    Nothing that follows from the key is kept or given. For level strict see `sealing.run_and_plan`.
    """
    record = number_of(db, number)
    expect(record, ("committed",), _("it is run once, after its commitment"))
    if record["commit"]["spec"]["level"] == "strict":
        raise UsageProblem(problem=_("level strict draws, plans and seals in one go: add --plan"))
    drawn = draw(db, record, value, opening, password, now, source=source, published=published)
    recipient = read_settings(db)[PUBLIC]
    with write_tx(db, "draw run", now) as tx:
        record = number_of(db, number)
        expect(record, ("committed",), _("it is run once"))
        return keep_run(tx, record, drawn, [recipient], now, drill=drill)


def draw(
    db: Database,
    record: Mapping[str, Any],
    value: str,
    opening: Opening,
    password: AskPassword,
    now: datetime,
    *,
    source: str,
    published: datetime | None,
) -> Drawn:
    """Check the value, open the shares and draw; nothing is written.

    Raises
    ------
    OutOfOrder, AgainstTheContract, Misspelled, BadShare, age.WrongPassword, FileMissing
    """
    expect(record, ("committed",), _("it is run once, after its commitment"))
    made = record["commit"]
    event, fallback = moment(made["event"]["at"]), moment(made["fallback"]["at"])
    at = now.astimezone(event.tzinfo) if published is None else published
    check_beacon(source, at, event, fallback, now=now)
    check_value(value, made[source]["form"])
    shares = open_shares(db, record, opening, password)
    beacon = {"source": source, "value": value, "published_at": clock_text(at)}
    return draw_frozen(record, read_frozen(db, record["number"]), shares, beacon)


def keep_run(
    tx: Transaction,
    record: dict[str, Any],
    drawn: Drawn,
    recipients: Sequence[str],
    now: datetime,
    *,
    drill: bool,
) -> dict[str, Any]:
    """Keep the sealed key and shares, and that the number was run."""
    put_sealed(tx, record["number"], "key", seal_key(drawn, recipients))
    record |= {
        "state": "run",
        "drill": record["drill"] or drill,
        "beacon": dict(drawn.beacon),
        "run_at": clock_text(now),
    }
    put_number(tx, record)
    return record


def seal_key(drawn: Drawn, recipients: Sequence[str]) -> str:
    """Seal K and the shares; the length depends on the number of shares alone."""
    held = canon({"key": drawn.key.hex(), "shares": [one.hex() for one in drawn.shares]})
    return age.seal(held, recipients, 256 + 80 * len(drawn.shares), _("the key of the draw"))


def open_shares(
    db: Database, record: Mapping[str, Any], opening: Opening, password: AskPassword
) -> list[bytes]:
    """Give the shares in the order of the commitment, each the one that was committed to."""
    wanted = record["commit"]["share_sha256"]
    number = record["number"]
    own = read_sealed(db, number, "share")
    if own is not None and not opening.files and opening.typed is None:
        share = age.unseal(
            own, open_key(db, password), _("the share of number {number}").format(number=number)
        )
        return [share_room.check_share(share, wanted[0], _("the share"))]
    if opening.typed is not None:
        found = []
        for name, sha256 in zip(record["custodians"] or [""] * len(wanted), wanted, strict=True):
            what = _("the share of {custodian}").format(custodian=name or number)
            found.append(
                share_room.check_share(share_room.typed_share(opening.typed(name), what), sha256, what)
            )
        return found
    paths = list(opening.files) or [Path(one) for one in record["share_files"]]
    files = {}
    for path in paths:
        one = read_share_file(path, number)
        files[one.sha256] = (path, one)
    names = record["custodians"] or [""] * len(wanted)
    missing = [name for name, sha256 in zip(names, wanted, strict=True) if sha256 not in files]
    if missing:
        raise BadShare(
            what=_("number {number}").format(number=number),
            why=_("the share of {custodians} is missing; name its file with --share").format(
                custodians=", ".join(missing) or "?"
            ),
        )
    return [_opened(*files[sha256], sha256, at, opening) for at, sha256 in enumerate(wanted)]


def _opened(path: Path, file: ShareFile, sha256: str, at: int, opening: Opening) -> bytes:
    """Open one share's file: with the passphrase at its place, then the others given, else asked for."""
    given = list(opening.passphrases)
    if at < len(given):
        given.insert(0, given.pop(at))
    elif not given:
        asked = opening.ask(file.custodian)
        if asked is None:
            raise BadShare(
                what=path,
                why=_("it has a passphrase: run this at a terminal, or give --passphrase-file FILE"),
            )
        given = [asked]
    for passphrase in given:
        try:
            share = age.open_with_password(file.sealed, passphrase, str(path))
        except age.WrongPassword:
            continue
        return share_room.check_share(share, sha256, str(path))
    raise age.WrongPassword(what=path)


def abandon(db: Database, number: int, reason: str, now: datetime, *, drill: bool) -> dict[str, Any]:
    """Abandon a number before its event, or one whose share is missing; one only frozen is taken away.

    A number whose event is over is run, and abandoned by `sealing.abandon_run`.

    Raises
    ------
    NoNumber, OutOfOrder, NoExcuse
    """
    with write_tx(db, "draw abandon", now) as tx:
        tx.remark(reason)
        record = number_of(db, number)
        expect(record, ("frozen", "committed"), _("it cannot be abandoned now"))
        if record["state"] == "frozen":
            drop_number(tx, number, list(read_frozen(db, number)))
            return record | {"state": "abandoned", "abandoned": reason}
        at = moment(record["commit"]["event"]["at"])
        named = [name for name in record["custodians"] if name in reason]
        if now >= at and (record["level"] == "simple" or not named):
            raise NoExcuse(
                number=number,
                at=clock_text(at),
                custodians=", ".join(record["custodians"]) if record["level"] != "simple" else _("none"),
            )
        record |= {
            "state": "abandoned",
            "abandoned": reason,
            "drill": record["drill"] or drill,
            "abandoned_at": clock_text(now),
        }
        put_number(tx, record)
    return record
