"""The ceremony of a number, in the contract's order and in no other: share, commit, run, abandon."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import shares as share_room
from auditor.draw.canon import canon, digest
from auditor.draw.ledger import NO_PREVIOUS
from auditor.draw.rules import (
    AgainstTheContract,
    check_events,
    check_shares,
    check_windows,
    clock_text,
    moment,
)
from auditor.errors import USAGE, AuditorError, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import (
    drop_number,
    put_number,
    put_sealed,
    read_frozen,
    read_number,
    read_numbers,
)
from auditor.store.records import read_settings
from auditor.store.writing import Transaction, write_tx
from auditor.workflow.custody import Opening, make_share, open_shares, read_share_file
from auditor.workflow.drawn import Drawn, check_frozen, draw_frozen
from auditor.workflow.events import Announced, events, published_at
from auditor.workflow.keys import PUBLIC, AskPassword
from auditor.workflow.months import calendar_of
from auditor.workflow.programmes import cure_here, programme_of

__all__ = [
    "STATES",
    "Announced",
    "Opening",
    "abandon",
    "commit",
    "draw",
    "expect",
    "expect_frozen",
    "keep_run",
    "level_of",
    "make_share",
    "number_of",
    "read_share_file",
    "run",
]


class NoNumber(AuditorError):
    """There is no such number."""

    exit_code = USAGE
    sentence = N_("there is no number {number} in this bureau's ledger; there are {known}; {cure}")


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
        known = listed(str(one["number"]) for one in read_numbers(db))
        cure = cure_here(db, _("the next one is made by `auditor draw freeze --programme ID`"))
        raise NoNumber(number=number, known=known or _("none"), cure=cure)
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


def expect_frozen(db: Database, number: int) -> None:
    """Refuse a share for a number that is not waiting for its shares."""
    expect(number_of(db, number), ("frozen",), _("it takes no more shares"))


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
        event, fallback = events(announced, level, now, calendar_of(db))
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
    at = published_at(record["commit"], source, value, published, now)
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
