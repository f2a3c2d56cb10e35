"""The sealed plan: made from the sealed key, put into a second age file, opened for what must be known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditor.draw import records, tree
from auditor.draw.rules import clock_text
from auditor.draw.transcript import outcomes_done
from auditor.draw.tree import plan_root
from auditor.entities import Breach, Unplaced
from auditor.errors import AuditorError
from auditor.i18n import N_, _
from auditor.plan.secrecy import BALANCED
from auditor.plugins import Plugins
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import put_number, put_sealed, read_frozen, read_numbers, read_sealed
from auditor.store.records import read_settings
from auditor.store.writing import write_tx
from auditor.workflow import plans
from auditor.workflow.ceremony import (
    STATES,
    draw,
    expect,
    keep_run,
    number_of,
)
from auditor.workflow.custody import Opening
from auditor.workflow.drawn import Drawn, FrozenAltered, closed_transcript, draw_frozen
from auditor.workflow.fairness import USUAL, Wishes, carried_loads
from auditor.workflow.keys import PUBLIC, AskPassword, open_key, recovery_recipient
from auditor.workflow.means import frozen_means, frozen_travel
from auditor.workflow.months import calendar_of, period_of
from auditor.workflow.secrecy import public_of
from auditor.workflow.shortfall import main_reason, shortfall

ABANDONED = "abandoned"
BLOCK = 4096
"""A sealed plan is a multiple of so many bytes long."""
START_BYTES = 260
"""The start of a sortie takes no more bytes than this: its name has 80 letters at most."""


class NothingToPlan(AuditorError):
    """No number of the programme waits for its plan."""

    sentence = N_("no number of {programme} waits for its plan: {states}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What the second age file holds: the plan's record, the reserve orders and the salts of its leaves."""

    record: Mapping[str, Any]
    reserves: Mapping[str, Mapping[str, Sequence[str]]]
    salts: Mapping[str, str]


def open_drawn(db: Database, record: Mapping[str, Any], identity: str) -> Drawn:
    """Open the key of a number that was run, and draw again; raises age.NotSealedForThisKey."""
    number = record["number"]
    sealed = read_sealed(db, number, "key") or ""
    held = json.loads(age.unseal(sealed, identity, _("the key of number {number}").format(number=number)))
    shares = [bytes.fromhex(one) for one in held["shares"]]
    return draw_frozen(record, read_frozen(db, number), shares, record["beacon"])


def open_plan(db: Database, record: Mapping[str, Any], identity: str) -> Sealed:
    """Open the sealed plan of a number; raises age.NotSealedForThisKey."""
    number = record["number"]
    sealed = read_sealed(db, number, "plan") or ""
    what = _("the plan of number {number}").format(number=number)
    try:
        held = json.loads(age.unseal(sealed, identity, what))
        found = Sealed(record=held["plan"], reserves=held["reserves"], salts=held["salts"])
        root = root_of(found)
    except (ValueError, LookupError, TypeError) as error:
        raise NotTheSealedPlan(what=what) from error
    if root != record["plan_root"]:
        raise NotTheSealedPlan(what=what)
    return found


class NotTheSealedPlan(AuditorError):
    """A sealed plan is not the one whose root was published: anyone can seal for a public key."""

    exit_code = 4
    sentence = N_(
        "{what} is not the one whose plan root was published: it was replaced in this file; bring a "
        "backup back"
    )


def root_of(sealed: Sealed) -> str:
    """Give the root of a sealed plan by its own salts; the key of the draw is not needed."""
    record = sealed.record
    leaves = [
        tree.salted_leaf(bytes.fromhex(sealed.salts[f"{kind}/{ident}"]), one)
        for kind, ident, one in tree.named_records(
            plans.bare(record["visits"]), record["unplaced"], record["departures"]
        )
    ]
    return tree.root(sorted(leaves)).hex()


def seal_plan(drawn: Drawn, plan: Mapping[str, Any], recipients: Sequence[str]) -> str:
    """Seal a plan with the reserve orders and the salts of its records.

    The length follows from the frames and from the counts that are public with `plan_root`, so that
    it tells nothing more.
    """
    sealed = {
        "plan": plan,
        "reserves": drawn.reserves(),
        "salts": salts_of(drawn.key, plan),
    }
    data = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return age.seal(data, recipients, length_of(drawn, plan), _("the plan"))


def salts_of(key: bytes, plan: Mapping[str, Any]) -> dict[str, str]:
    """Give the salt of every record's leaf: with it a record can be shown to stand in the sealed plan."""
    return {
        f"{kind}/{ident}": tree.salt(key, kind, ident).hex()
        for kind, ident, _record in tree.named_records(
            plans.bare(plan["visits"]), plan["unplaced"], plan["departures"]
        )
    }


def length_of(drawn: Drawn, plan: Mapping[str, Any]) -> int:
    """Give the length of a sealed plan: enough for the longest that has the same frames and counts."""
    names = [one["id"] for frame in drawn.frames.values() for one in frame["units"]]
    unit = max((len(name.encode()) for name in names), default=0)
    person = max((len(one.id.encode()) for one in drawn.staff), default=0)
    draw_name = max(len(name) for name in drawn.frames)
    domains = sum(len(name) + 3 for name in drawn.spec["domains"])
    team = int(drawn.spec["team"]) * (person + 3)
    visit = 500 + 3 * unit + domains + team + draw_name
    unplaced = 700 + 3 * unit + 3 * domains + 2 * draw_name
    departure = 450 + 2 * team
    strata = sum(len(name.encode()) + 8 for name in set(drawn.strata.values())) * len(drawn.frames)
    reserves = sum(len(name.encode()) + 3 for name in names) + strata + 200 * len(drawn.frames)
    sorties = len({one["sortie"] for one in plan["visits"]})
    carried = (person + 12) * len(drawn.staff)
    starts = START_BYTES * sorties
    points = (unit + 80) * (len(plan["visits"]) + len(plan["unplaced"]))
    total = (
        BLOCK
        + reserves
        + carried
        + starts
        + points
        + visit * len(plan["visits"])
        + unplaced * len(plan["unplaced"])
        + departure * 2 * sorties
    )
    return -(-total // BLOCK) * BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is public of a sealed plan: counts, seats that others fill in it, its secrecy, and its root.

    `told` is what `shortfall` says; empty where all are placed and every wish is kept. `main_reason` of the
    unplaced is for who made the plan, and not kept.
    """

    number: int
    visits: int
    unplaced: int
    sorties: int
    plan_root: str
    seats: Mapping[str, int] = field(default_factory=dict)
    secrecy: Mapping[str, Any] | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    main_reason: str = ""


def make(
    db: Database,
    programme: str,
    plugins: Plugins,
    password: AskPassword,
    now: datetime,
    *,
    secrecy: str = BALANCED,
    work: float,
    drill: bool,
    progress: Callable[[str], None],
    wishes: Wishes = USUAL,
) -> list[Counts]:
    """Plan every number of a programme that was run and not planned yet; each is sealed at once.

    Raises
    ------
    NothingToPlan, PasswordNeeded, age.WrongPassword, CheckFailed
    """
    made = []
    for one in _plan_waiting(db, programme, plugins, password, secrecy, work, progress, wishes):
        made += keep(db, [one], now, drill=drill)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A whole, checked plan of a number that is not kept yet."""

    drawn: Drawn
    plan: Mapping[str, Any]
    root: str
    told: Mapping[str, Any]

    @property
    def proven(self) -> bool:
        """Whether no shorter ways are possible."""
        return bool(self.plan["bound_m"] >= self.plan["objective_m"])


def ready(
    db: Database,
    programme: str,
    plugins: Plugins,
    password: AskPassword,
    *,
    secrecy: str = BALANCED,
    work: float,
    progress: Callable[[str], None],
    wishes: Wishes = USUAL,
) -> list[Ready]:
    """Plan what `make` plans, and keep nothing; raises what `make` raises."""
    return list(_plan_waiting(db, programme, plugins, password, secrecy, work, progress, wishes))


def keep(db: Database, plans_ready: Sequence[Ready], now: datetime, *, drill: bool) -> list[Counts]:
    """Seal and keep plans in one transaction; raises OutOfOrder for a number that was planned meanwhile."""
    made = []
    with write_tx(db, "plan make", now) as tx:
        for one in plans_ready:
            number = one.drawn.commit["number"]
            record = number_of(db, number)
            expect(record, ("run",), _("it is planned once"))
            counts = counts_of(record, one.plan, one.root, one.told)
            put_sealed(tx, number, "plan", seal_plan(one.drawn, one.plan, [read_settings(db)[PUBLIC]]))
            put_number(tx, as_planned(record, counts, "", now) | {"drill": record["drill"] or drill})
            made.append(counts)
    return made


def _plan_waiting(
    db: Database,
    programme: str,
    plugins: Plugins,
    password: AskPassword,
    secrecy: str,
    work: float,
    progress: Callable[[str], None],
    wishes: Wishes,
) -> Iterator[Ready]:
    """Plan every number of a programme that was run and not planned yet, one after the other."""
    own = [one for one in read_numbers(db) if one["programme"] == programme]
    waiting = [one for one in own if one["state"] == "run"]
    if not waiting:
        states = ", ".join(f"{one['number']} {_(STATES[one['state']])}" for one in own) or _("none")
        raise NothingToPlan(programme=programme, states=states)
    identity = open_key(db, password)
    for record in waiting:
        drawn = open_drawn(db, record, identity)
        plan, root, told = planned(
            db, drawn, plugins, secrecy=secrecy, work=work, progress=progress, wishes=wishes
        )
        yield Ready(drawn=drawn, plan=plan, root=root, told=told)


def planned(
    db: Database,
    drawn: Drawn,
    plugins: Plugins,
    *,
    secrecy: str,
    work: float,
    progress: Callable[[str], None],
    wishes: Wishes = USUAL,
) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Plan a number and check the plan; give its record, its root, and what is told of it by counts."""
    number = drawn.commit["number"]
    parts = read_frozen(db, number)
    places, means = plans.frozen_places(parts["places"]), frozen_means(parts.get("means"))
    spec = drawn.spec
    first, last = map(plans.day_of, spec["period"])
    period = period_of(first, last, calendar_of(db))
    result = plans.plan(
        drawn,
        places,
        plugins,
        means,
        travel=frozen_travel(parts.get("travel")),
        secrecy=secrecy,
        provisional=period.provisional,
        work=work,
        progress=progress,
        wishes=wishes,
        carried=carried_loads(db, number, drawn.staff_key),
    )
    root = plan_root(drawn.key, result.visits, result.unplaced, result.departures)
    closed = closed_transcript(
        drawn, result.visits, result.unplaced, result.departures, outcomes_done(result.visits, "")
    )
    found = plans.check_against(db, result.record, result.record, closed, plugins)
    plans.passed(_("plan"), [Breach(rule=one.rule, where=_("sealed"), what="–") for one in found])
    if result.made.unplaced:
        progress(_("plan: what would place the others"))
    return result.record, root, shortfall(result)


def _keep_plan(
    db: Database,
    number: int,
    drawn: Drawn,
    plan: Mapping[str, Any],
    root: str,
    now: datetime,
    *,
    drill: bool,
    abandoned: str,
) -> Counts:
    """Keep the sealed plan of a number that was abandoned, its counts and its root."""
    counts = counts_of(number_of(db, number), plan, root, {})
    with write_tx(db, "plan make", now) as tx:
        record = number_of(db, number)
        expect(record, ("run",), _("it is planned once"))
        put_sealed(tx, number, "plan", seal_plan(drawn, plan, [read_settings(db)[PUBLIC]]))
        put_number(tx, as_planned(record, counts, abandoned, now) | {"drill": record["drill"] or drill})
    return counts


def as_planned(record: Mapping[str, Any], counts: Counts, abandoned: str, now: datetime) -> dict[str, Any]:
    """Give a number's record with the public facts of its sealed plan, and why it was abandoned if it was."""
    planned_now = {
        "state": "planned",
        "plan_root": counts.plan_root,
        "counts": {
            "visits": counts.visits,
            "unplaced": counts.unplaced,
            "sorties": counts.sorties,
            **({"seats": dict(counts.seats)} if counts.seats else {}),
            **({"secrecy": dict(counts.secrecy)} if counts.secrecy else {}),
            **counts.told,
        },
        "planned_at": clock_text(now),
    }
    return {**record, **planned_now, **({"abandoned": abandoned} if abandoned else {})}


def counts_of(
    record: Mapping[str, Any], plan: Mapping[str, Any], root: str, told: Mapping[str, Any]
) -> Counts:
    """Count what a plan of a number holds, and the seats that others fill in its sorties."""
    sorties = len({one["sortie"] for one in plan["visits"]})
    return Counts(
        number=record["number"],
        visits=len(plan["visits"]),
        unplaced=len(plan["unplaced"]),
        sorties=sorties,
        plan_root=root,
        seats={who: count * sorties for who, count in record["facts"].get("seats", {}).items()},
        secrecy=public_of(plan),
        told=told,
        main_reason=main_reason(plan["unplaced"], record["facts"].get("cars")),
    )


def run_and_plan(
    db: Database,
    number: int,
    value: str,
    opening: Opening,
    password: AskPassword,
    plugins: Plugins,
    now: datetime,
    *,
    source: str,
    published: datetime | None,
    secrecy: str = BALANCED,
    work: float,
    drill: bool,
    progress: Callable[[str], None],
    abandoned: str = "",
    wishes: Wishes = USUAL,
) -> tuple[dict[str, Any], Counts]:
    """Draw, plan and seal in one go; at level strict key and shares go to the recovery key only.

    With a reason in `abandoned` nothing is planned: every drawn unit is unplaced, and the number is
    closed so at the period's end.

    Raises
    ------
    NoRecoveryKey, and what `ceremony.draw` and `make` raise
    """
    record = number_of(db, number)
    expect(record, ("committed",), _("it is run once, after its commitment"))
    recipient = key_recipient(db, record)
    drawn = draw(db, record, value, opening, password, now, source=source, published=published)
    told: dict[str, Any] = {}
    if abandoned:
        plan, root = nothing_planned(drawn)
    else:
        plan, root, told = planned(
            db, drawn, plugins, secrecy=secrecy, work=work, progress=progress, wishes=wishes
        )
    sealed = seal_plan(drawn, plan, [read_settings(db)[PUBLIC]])
    counts = counts_of(record, plan, root, told)
    with write_tx(db, "draw run", now) as tx:
        record = number_of(db, number)
        expect(record, ("committed",), _("it is run once"))
        record = keep_run(tx, record, drawn, [recipient], now, drill=drill)
        put_sealed(tx, number, "plan", sealed)
        record = as_planned(record, counts, abandoned, now)
        put_number(tx, record)
    return record, counts


def key_recipient(db: Database, record: Mapping[str, Any]) -> str:
    """Give whom key and shares of a committed number are sealed for: at level strict the discipline office.

    Raises
    ------
    NoRecoveryKey, FrozenAltered
        If the discipline office's key is not the one that was there at the freeze.
    """
    if record["commit"]["spec"]["level"] != "strict":
        return read_settings(db)[PUBLIC]
    recipient = recovery_recipient(db)
    if recipient != record["recovery"]:
        raise FrozenAltered(number=record["number"], what="recovery key", sha256=record["recovery"][:12])
    return recipient


def abandon_run(
    db: Database, number: int, reason: str, password: AskPassword, now: datetime, *, drill: bool
) -> Counts:
    """Abandon a number that was run and not planned: every drawn unit is unplaced, and so it is closed.

    Raises
    ------
    OutOfOrder, PasswordNeeded, age.WrongPassword
    """
    record = number_of(db, number)
    expect(
        record,
        ("run",),
        _("its visits are cancelled one by one, with reasons (`auditor draw outcome`)"),
    )
    drawn = open_drawn(db, record, open_key(db, password))
    plan, root = nothing_planned(drawn)
    return _keep_plan(db, number, drawn, plan, root, now, drill=drill, abandoned=reason)


def nothing_planned(drawn: Drawn) -> tuple[dict[str, Any], str]:
    """Give the plan of an abandoned number, every drawn unit unplaced for that reason, and its root."""
    unplaced = [
        records.unplaced_record(
            Unplaced(unit=unit, draw=name, domains=tuple(domains), reason=ABANDONED, evidence="")
        )
        for name, demand in sorted(drawn.demand.items())
        for unit, domains in sorted(demand.items())
    ]
    root = plan_root(drawn.key, [], unplaced, [])
    return {"visits": [], "unplaced": unplaced, "departures": []}, root


def closing_identity(
    db: Database, record: Mapping[str, Any], password: AskPassword, identity: str | None
) -> str:
    """Give the identity that opens a number's key and shares at its close; strict: the recovery key."""
    if identity is not None:
        return identity
    if record["commit"]["spec"]["level"] == "strict":
        raise RecoveryNeeded(number=record["number"])
    return open_key(db, password)


class RecoveryNeeded(AuditorError):
    """The key of a strict draw opens with the discipline office's key only."""

    sentence = N_("number {number} is closed with the discipline office's key: --identity-file FILE")


def check_plan(db: Database, number: int, plugins: Plugins, password: AskPassword) -> list[Breach]:
    """Check a sealed plan against everything it must agree with; the breaches name no unit.

    At level strict the key of the draw is not the office's to open, so only its close can check it.
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("there is no sealed plan"))
    identity = open_key(db, password)
    sealed = open_plan(db, record, identity)
    drawn = open_drawn(db, record, identity)
    plan = sealed.record
    closed = closed_transcript(
        drawn,
        plans.bare(plan["visits"]),
        plan["unplaced"],
        plan["departures"],
        outcomes_done(plan["visits"], ""),
    )
    found = plans.check_against(db, plan, plan, closed, plugins)
    return [Breach(rule=one.rule, where=_("sealed"), what="") for one in found]
