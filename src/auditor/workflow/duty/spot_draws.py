"""The sealed draw of spot checks: committed after the rosters are published, run after its event.

It is a commitment of the contract's form in a ledger of its own, so that the published verifier checks it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import shares as share_room
from auditor.draw import spot
from auditor.draw.canon import canon, digest
from auditor.draw.frames import field_record
from auditor.draw.ledger import NO_PREVIOUS
from auditor.draw.prf import prf
from auditor.draw.programmes import LEAST_FLOOR
from auditor.draw.rules import (
    AgainstTheContract,
    check_events,
    check_shares,
    check_windows,
    clock_text,
    moment,
)
from auditor.draw.seed import draw_key, seed_key
from auditor.draw.tree import plan_root
from auditor.draw.units import draw_pivotal, draw_poisson
from auditor.errors import USAGE, AuditorError, Infeasible, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.seal import age
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.numbers import read_numbers
from auditor.store.records import read_settings
from auditor.store.writing import write_tx
from auditor.workflow.custody import Opening, open_shares, read_share_file
from auditor.workflow.duty.desks import WEIGHED, Asked, seats_of, weights_of
from auditor.workflow.events import Announced, events, published_at
from auditor.workflow.frames import days_record
from auditor.workflow.keys import PUBLIC, AskPassword, ensure_key, open_key, recovery_recipient
from auditor.workflow.months import BEIJING, calendar_of, month_of

BLOCK = 8192
"""What is sealed is padded to a multiple of it."""


class NoSpotDraw(AuditorError):
    """There is no such draw of spot checks."""

    exit_code = USAGE
    sentence = N_(
        "there is no draw {number} of spot checks (known: {known}); make one with "
        "`auditor roster spot-check draw`"
    )


class OutOfOrder(AuditorError):
    """A step that does not follow the one before."""

    sentence = N_("draw {number} of spot checks is {state}: {cure}")


class Altered(AuditorError):
    """What the file holds is not what was committed to or sealed."""

    exit_code = 4
    sentence = N_(
        "draw {number} of spot checks: {what} in this file is not what was fixed ({sha256}…): bring a backup "
        "back, or see `auditor log verify`"
    )


STATES: Mapping[str, str] = {
    "committed": N_("committed"),
    "run": N_("run"),
    "closed": N_("closed and published"),
    "abandoned": N_("abandoned"),
}
_CURES: Mapping[str, str] = {
    "committed": N_(
        "next is `auditor roster spot-check draw --beacon …`, after its event; where a share is missing, "
        "`--abandon` with the custodian in the reason"
    ),
    "run": N_("next are `auditor roster spot-check show` and `record`"),
    "closed": N_("it is public; a new draw is a new number"),
    "abandoned": N_("it stays so; a new draw is a new number"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was drawn: its short id, the shift, when it is due (Beijing time)."""

    id: str
    unit: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A draw with its key: who is drawn in each sub-draw, the calls by time, the root of the records."""

    key: bytes
    shares: tuple[bytes, ...]
    drawn: Mapping[str, tuple[str, ...]]
    calls: tuple[tuple[str, date, int], ...]
    root: str


def draws(db: Database) -> list[dict[str, Any]]:
    """Give all draws of spot checks by number."""
    return store.read_spot_draws(db)


def draw_of(db: Database, number: int | None, states: Sequence[str] = ()) -> dict[str, Any]:
    """Give one draw, or the last one in one of some states; raises NoSpotDraw, OutOfOrder."""
    every = draws(db)
    known = listed(str(one["number"]) for one in every) or _("none")
    if number is None:
        fitting = [one for one in every if not states or one["state"] in states] or every[-1:]
    else:
        fitting = [one for one in every if one["number"] == number]
    if not fitting:
        raise NoSpotDraw(number=number or "", known=known)
    found = fitting[-1]
    if states and found["state"] not in states:
        raise OutOfOrder(
            number=found["number"], state=_(STATES[found["state"]]), cure=_(_CURES[found["state"]])
        )
    return found


def commit(
    db: Database, asked: Asked, announced: Announced, shares: Sequence[Path], now: datetime, *, drill: bool
) -> dict[str, Any]:
    """Freeze the shifts of a month and commit to the draw; give its record.

    At level simple without shares the office's computer makes one, sealed under the planning key.

    Raises
    ------
    NotPublished, Infeasible, TooMany, AgainstTheContract, BadForm, BadShare, UsageProblem
    """
    month = month_of(asked.month, calendar_of(db))
    with write_tx(db, "spot-check commit", now) as tx:
        ensure_key(db, tx)
        every = draws(db)
        if every and every[-1]["state"] == "committed":
            raise OutOfOrder(number=len(every), state=_(STATES["committed"]), cure=_(_CURES["committed"]))
        number = len(every) + 1
        level = read_settings(db).get("level", "simple")
        files = [read_share_file(path, number) for path in shares]
        if len({unicodedata.normalize("NFKC", one.custodian) for one in files}) < len(files):
            raise AgainstTheContract(what=_("one custodian gave two shares; each share is another person's"))
        own = share_room.new_share() if level == "simple" and not files else None
        sha256 = [one.sha256 for one in files] if own is None else [digest(own)]
        used = {
            one: earlier["number"]
            for earlier in (*read_numbers(db), *every)
            for one in earlier.get("commit", {}).get("share_sha256", ())
        }
        check_shares(level, sha256, used)
        if level == "strict":
            recovery_recipient(db)
        if asked.day + asked.night < 1:
            raise UsageProblem(problem=_("how many calls? give --day and --night"))
        event, fallback = events(announced, level, now, month.of)
        period = (f"{month.first:%Y-%m-%d}", f"{month.last:%Y-%m-%d}")
        before = [moment(one["commit"]["event"]["at"]) for one in every]
        check_events(
            moment(event["at"]),
            moment(fallback["at"]),
            now=now,
            after=max(before, default=None),
            period=period,
        )
        after = moment(event["at"]).astimezone(BEIJING).date()
        seats, rosters = seats_of(db, month, asked)
        shifts = [one for one in spot.shifts_of(seats) if after < one.day <= month.last]
        if not shifts:
            raise Infeasible(
                reason=_(
                    "no desk has a shift in {month} after the event on {day}; publish the roster, import the "
                    "units' rosters with `auditor roster duties import`, or name --posts"
                ).format(month=month.key, day=after)
            )
        wanted = {spot.DAY: asked.day, spot.NIGHT: asked.night}
        weights = weights_of(month, shifts, asked.weights)
        frames, sub_draws = spot.spot_frames(shifts, wanted, weights, LEAST_FLOOR, period)
        field = field_record([], days_record([one.day for one in month.days]))
        check_windows(sub_draws, field["days"], moment(event["at"]))
        rules = {
            "form": "auditor-spot/v1",
            "month": month.key,
            "wanted": wanted,
            "weights": {name: asked.weights.get(name, 1) for name in WEIGHED},
            "again_millionths": frames[spot.AGAIN]["units"][0]["pi"] if spot.AGAIN in frames else 0,
            "not_in_last_minutes": spot.LAST_MIN,
            "posts": list(asked.posts),
            "rosters": rosters,
        }
        made = commits.commit_record(
            level=level,
            team=1,
            floor=LEAST_FLOOR,
            period=period,
            domains=[spot.DOMAIN],
            programme_sha256=digest(canon(rules)),
            tool=f"auditor {__version__}",
            draws=sub_draws,
            field_sha256=digest(canon(field)),
            share_sha256=sha256,
            event=event,
            fallback=fallback,
            number=number,
            previous=every[-1]["commit_sha256"] if every else NO_PREVIOUS,
        )
        record = {
            "number": number,
            "month": month.key,
            "state": "committed",
            "level": level,
            "drill": drill,
            "commit": made,
            "commit_sha256": digest(canon(made)),
            "frames": frames,
            "field": field,
            "rules": rules,
            "custodians": [one.custodian for one in files],
            "share_files": [str(path.absolute()) for path in shares],
            "sealed_share": "" if own is None else _seal(own, [read_settings(db)[PUBLIC]], _("the share")),
            "committed_at": clock_text(now),
        }
        store.put_spot_draw(tx, record)
    return record


def abandon(db: Database, number: int | None, reason: str, now: datetime) -> dict[str, Any]:
    """Abandon a committed draw before its event, or one whose share is missing; it stays in the ledger.

    The reason names the custodian whose share is missing; with all shares a draw whose event is over is run.

    Raises
    ------
    NoSpotDraw, OutOfOrder, AgainstTheContract
    """
    with write_tx(db, "spot-check abandon", now) as tx:
        tx.remark(reason)
        record = draw_of(db, number, ("committed",))
        at = record["commit"]["event"]["at"]
        custodians = [] if record["level"] == "simple" else record["custodians"]
        if now >= moment(at) and not any(name in reason for name in custodians):
            raise AgainstTheContract(
                what=_(
                    "the event of draw {number} is over ({at}): run it. Only a missing share excuses: name "
                    "its custodian ({custodians}) in the reason"
                ).format(number=record["number"], at=at, custodians=listed(custodians) or _("none"))
            )
        record |= {"state": "abandoned", "abandoned": reason, "abandoned_at": clock_text(now)}
        store.put_spot_draw(tx, record)
    return record


def run(
    db: Database,
    number: int | None,
    value: str,
    opening: Opening,
    password: AskPassword,
    now: datetime,
    *,
    source: str,
    published: datetime | None,
    drill: bool,
) -> dict[str, Any]:
    """Draw after the event: calls and key are sealed, the root of the calls is kept; give the record.

    Raises
    ------
    NoSpotDraw, OutOfOrder, AgainstTheContract, Misspelled, BadShare, Altered, age.WrongPassword
    """
    record = draw_of(db, number, ("committed",))
    check_fixed(record)
    at = published_at(record["commit"], source, value, published, now)
    shares = _shares(db, record, opening, password)
    opened = draw_again(record, shares, value)
    settings = read_settings(db)
    holder = recovery_recipient(db) if record["level"] == "strict" else settings[PUBLIC]
    held = canon({"shares": [one.hex() for one in shares], "value": value})
    listed_calls = _list_bytes(opened)
    with write_tx(db, "spot-check run", now) as tx:
        record = draw_of(db, record["number"], ("committed",))
        record |= {
            "state": "run",
            "drill": record["drill"] or drill,
            "beacon": {"source": source, "value": value, "published_at": clock_text(at)},
            "run_at": clock_text(now),
            "plan_root": opened.root,
            "sealed_key": _seal(held, [holder], _("the key of the draw")),
            "sealed_list": _seal(listed_calls, [settings[PUBLIC]], _("the list of calls")),
            "list_sha256": digest(listed_calls),
        }
        store.put_spot_draw(tx, record)
    return record


def calls(db: Database, record: Mapping[str, Any], password: AskPassword) -> tuple[Call, ...]:
    """Open the list of calls of a draw that was run, in order of time; raises Altered, OutOfOrder."""
    if record["state"] not in ("run", "closed"):
        raise OutOfOrder(
            number=record["number"], state=_(STATES[record["state"]]), cure=_(_CURES[record["state"]])
        )
    check_fixed(record)
    data = age.unseal(record["sealed_list"], open_key(db, password), _("the list of calls"))
    if digest(data) != record["list_sha256"]:
        raise Altered(number=record["number"], what=_("the list of calls"), sha256=record["list_sha256"][:8])
    rows = json.loads(data)["calls"]
    return tuple(
        Call(
            id=f"{record['number']}-{at:03d}",
            unit=unit,
            due=datetime.fromisoformat(due).replace(tzinfo=BEIJING),
        )
        for at, (unit, due) in enumerate(rows, 1)
    )


def check_fixed(record: Mapping[str, Any]) -> None:
    """Refuse a record whose commitment, frames, field or rules are not what was hashed; raises Altered."""
    made = record["commit"]
    wanted = {
        "commit": (made, record["commit_sha256"]),
        "field": (record["field"], made["field_sha256"]),
        "rules": (record["rules"], made["spec"]["programme_sha256"]),
    }
    wanted |= {
        f"frame {one['key']}": (record["frames"].get(one["key"]), one["frame_sha256"])
        for one in made["draws"]
    }
    for what, (part, sha256) in wanted.items():
        if digest(canon(part)) != sha256:
            raise Altered(number=record["number"], what=what, sha256=sha256[:8])


def facts_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what everybody may know of a draw: counts and chances, no list."""
    chances = spot.chances_of(record["frames"])
    by_desk: dict[str, float] = {}
    for unit, chance in chances.items():
        desk = unit.rsplit("/", 2)[0]
        by_desk[desk] = by_desk.get(desk, 0.0) + float(chance)
    return {
        "number": record["number"],
        "month": record["month"],
        "state": record["state"],
        "level": record["level"],
        "drill": record["drill"],
        "commit_sha256": record["commit_sha256"],
        "event": record["commit"]["event"],
        "fallback": record["commit"]["fallback"],
        "plan_root": record.get("plan_root", ""),
        "draws": [
            {
                "key": one["key"],
                "method": one["method"],
                "n": one["n"],
                "shifts": len(record["frames"][one["key"]]["units"]),
                "least": min(unit["pi"] for unit in record["frames"][one["key"]]["units"]),
                "most": max(unit["pi"] for unit in record["frames"][one["key"]]["units"]),
            }
            for one in record["commit"]["draws"]
        ],
        "desks": len(by_desk),
        "expected": {desk: round(value, 3) for desk, value in sorted(by_desk.items())},
    }


def draw_again(record: Mapping[str, Any], shares: Sequence[bytes], value: str) -> Opened:
    """Run the draw of a commitment with its shares and the event's value."""
    key = seed_key(shares, record["commit_sha256"], value)
    drawn = {}
    for one in record["commit"]["draws"]:
        method = draw_pivotal if one["method"] == "pivotal" else draw_poisson
        drawn[one["key"]] = tuple(method(record["frames"][one["key"]]["units"], draw_key(key, one["key"])))
    shifts = {unit: spot.read_shift(unit) for units in drawn.values() for unit in units}
    found = spot.calls_of(key, drawn, shifts)
    return Opened(
        key=key,
        shares=tuple(shares),
        drawn=drawn,
        calls=tuple(found),
        root=plan_root(key, [], spot.unplaced_calls(drawn, found), []),
    )


def _list_bytes(opened: Opened) -> bytes:
    """Write the list of calls for the office, with a salt so that its hash tells nothing."""
    rows = [[unit, f"{day:%Y-%m-%d}T{at // 60:02d}:{at % 60:02d}"] for unit, day, at in opened.calls]
    return canon({"salt": prf(opened.key, "salt", "list").hex(), "calls": rows})


def _shares(
    db: Database, record: Mapping[str, Any], opening: Opening, password: AskPassword
) -> tuple[bytes, ...]:
    if record["sealed_share"] and not opening.files and opening.typed is None:
        share = age.unseal(record["sealed_share"], open_key(db, password), _("the share"))
        wanted = record["commit"]["share_sha256"][0]
        return (share_room.check_share(share, wanted, _("the share")),)
    files = opening.files or tuple(Path(one) for one in record["share_files"])
    asked = Opening(files=files, passphrases=opening.passphrases, typed=opening.typed, ask=opening.ask)
    return tuple(open_shares(db, record, asked, password))


def _seal(data: bytes, recipients: Sequence[str], what: str) -> str:
    return age.seal(data, recipients, -(-len(data) // BLOCK) * BLOCK, what)
