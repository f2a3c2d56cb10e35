"""After the plan is sealed: visits released on their day, outcomes, replacements, the close, the ledger."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from auditor.draw import verify as verifier
from auditor.draw.canon import digest
from auditor.draw.ledger import ABANDONED, CLOSED, OPEN, ledger_records
from auditor.draw.outcomes import OUTCOMES, outcome_records, stand_in
from auditor.draw.probabilities import MILLION
from auditor.draw.rules import AgainstTheContract, clock_text
from auditor.entities import Breach
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.shipped import verify_page
from auditor.store import Database
from auditor.store.numbers import (
    put_number,
    put_outcome,
    put_released,
    read_frozen,
    read_numbers,
    read_outcomes,
    read_released,
)
from auditor.store.records import put_draw, put_plan, read_draw, read_plans
from auditor.store.staff import read_inspectors
from auditor.store.units import read_aliases, read_units
from auditor.store.visits import read_visits
from auditor.store.writing import Transaction, write_tx
from auditor.workflow import plans
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.drawn import Drawn, FrozenAltered, closed_transcript
from auditor.workflow.freezing import programme_bytes
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.sealing import Sealed, closing_identity, open_drawn, open_plan
from auditor.workflow.texts import clean

FILES = ("transcript.json", "ledger.json", "programme.toml", "verify_draw.py", "verify.html")
"""What a close publishes."""


SEEN = ("done", "closed", "nobody", "refused")
"""Outcomes that somebody saw on the spot: not before the day."""


class NoVisit(AuditorError):
    """A number has no such visit."""

    sentence = N_("number {number} has no visit {visit}")


class NoReserve(AuditorError):
    """Nobody is left to replace a unit."""

    sentence = N_(
        "the reserve of this stratum is used up, or its next unit stands in elsewhere: record another "
        "outcome "
        "(`auditor draw outcome`)"
    )


class TooEarly(AuditorError):
    """A number is closed after its period."""

    sentence = N_("number {number} is closed after {day}, the last day of its period")


class HoldsFiles(AuditorError):
    """The folder holds files that a close does not write."""

    sentence = N_("{folder} holds other files ({found}); nothing was written; choose another with --out")


# Release and outcomes


def release(
    db: Database, number: int | None, password: AskPassword, now: datetime, *, drill: bool = False
) -> list[tuple[int, dict[str, Any]]]:
    """Tell today's visits, of one number or of all that are open; from then on they are no secret.

    Returns
    -------
    Number and record of each visit of today, by start; empty where there are none. A unit that was
    replaced is told as `instead_of`, with the one that stands in as `unit`.
    """
    today = f"{now:%Y-%m-%d}"
    open_numbers = [
        one
        for one in read_numbers(db)
        if one["state"] == "planned" and not one.get("abandoned") and number in (None, one["number"])
    ]
    if number is not None and not open_numbers:
        expect(number_of(db, number), ("planned",), _("there is nothing to release"))
    if not open_numbers:
        return []
    identity = open_key(db, password)
    found = []
    for record in open_numbers:
        plan = open_plan(db, record, identity).record
        for visit in plan["visits"]:
            if visit["date"] == today:
                found.append((record["number"], visit))
    if found:
        with write_tx(db, "plan release", now) as tx:
            for one in open_numbers:
                own = [visit for of, visit in found if of == one["number"]]
                if own:
                    put_released(tx, one["number"], own)
                    mark_drill(tx, number_of(db, one["number"]), drill)
    told = []
    for of, visit in found:
        by = read_outcomes(db, of).get(visit["id"], {}).get("by")
        told.append((of, visit | {"unit": by, "instead_of": visit["unit"]} if by else visit))
    return sorted(told, key=lambda pair: (pair[1]["slot"], pair[1]["sortie"], pair[1]["start"]))


def record_outcome(
    db: Database,
    number: int,
    visits: Sequence[str],
    outcome: str,
    reason: str,
    password: AskPassword,
    now: datetime,
    *,
    date: str | None = None,
    team: Sequence[str] = (),
    drill: bool = False,
) -> int:
    """Record what became of visits; without any, of all that were released and have no outcome yet.

    Raises
    ------
    NoVisit, UsageProblem, OutOfOrder
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("it takes no outcomes"))
    if outcome not in OUTCOMES or outcome == "replaced":
        raise UsageProblem(
            problem=_(
                "{outcome} is no outcome; write {known} (a replacement is `auditor draw reserve`)"
            ).format(outcome=outcome, known=", ".join(one for one in OUTCOMES if one != "replaced"))
        )
    reason = clean("--reason", reason)
    if outcome != "done" and not reason:
        raise UsageProblem(problem=_("{outcome} needs its --reason").format(outcome=outcome))
    if outcome == "moved" and date is None:
        raise UsageProblem(problem=_("moved needs the day that the visit really had: --date"))
    known = read_outcomes(db, number)
    if visits:
        wanted = list(dict.fromkeys(visits))
        plan = open_plan(db, record, open_key(db, password)).record["visits"]
        there = {one["id"]: one["date"] for one in plan}
        for visit in wanted:
            if visit not in there:
                raise NoVisit(number=number, visit=visit)
            if outcome in SEEN and (date or there[visit]) > f"{now:%Y-%m-%d}":
                raise UsageProblem(
                    problem=_("visit {visit}: {outcome} can be said from its day on").format(
                        visit=visit, outcome=outcome
                    )
                )
    else:
        wanted = [one["id"] for of, one in read_released(db) if of == number and one["id"] not in known]
    made: dict[str, Any] = {"outcome": outcome, "reason": reason}
    if date is not None:
        first = record["beacon"]["published_at"][:10]
        if not first < date <= record["commit"]["spec"]["period"][1]:
            raise UsageProblem(problem=_("{day} is no day of this number").format(day=date))
        made["date"] = date
    if team:
        neutral = plans.staff_key(db, number)
        names = {one.name: neutral[one.id] for one in read_inspectors(db) if one.id in neutral}
        known_as = names | neutral | {one: one for one in neutral.values()}
        strange = [one for one in team if one not in known_as]
        if strange:
            raise UsageProblem(
                problem=_("{id} is no inspector of this number; write names or staff ids").format(
                    id=strange[0]
                )
            )
        made["team"] = sorted({known_as[one] for one in team})
    with write_tx(db, "draw outcome", now) as tx:
        record = number_of(db, number)
        expect(record, ("planned",), _("it takes no outcomes"))
        known = read_outcomes(db, number)
        for visit in wanted:
            if known.get(visit, {}).get("outcome") == "replaced":
                raise AgainstTheContract(
                    what=_("visit {visit} was replaced by {unit}, and stays so").format(
                        visit=visit, unit=known[visit]["by"]
                    )
                )
            put_outcome(tx, number, visit, made)
        mark_drill(tx, record, drill)
    return len(wanted)


def mark_drill(tx: Transaction, record: dict[str, Any], drill: bool) -> None:
    """Keep that something of a number was made under another clock."""
    if drill and not record["drill"]:
        put_number(tx, record | {"drill": True})


def reserve(
    db: Database,
    number: int,
    visit_id: str,
    reason: str,
    password: AskPassword,
    now: datetime,
    *,
    drill: bool = False,
) -> str:
    """Replace the unit of a visit by the next of the sealed reserve order; give the stand-in's id.

    Raises
    ------
    NoVisit, NoReserve, OutOfOrder, UsageProblem
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("nobody is replaced"))
    reason = clean("--reason", reason)
    if not reason:
        raise UsageProblem(problem=_("a replacement needs its --reason"))
    sealed = open_plan(db, record, open_key(db, password))
    visit = next((one for one in sealed.record["visits"] if one["id"] == visit_id), None)
    if visit is None:
        raise NoVisit(number=number, visit=visit_id)
    with write_tx(db, "draw reserve", now) as tx:
        record = number_of(db, number)
        expect(record, ("planned",), _("nobody is replaced"))
        known = read_outcomes(db, number)
        if known.get(visit_id, {}).get("outcome") == "replaced":
            raise AgainstTheContract(
                what=_("visit {visit} is replaced already, by {unit}").format(
                    visit=visit_id, unit=known[visit_id]["by"]
                )
            )
        strata = {
            one["id"]: one["stratum"] for one in read_frozen(db, number)[f"frame/{visit['draw']}"]["units"]
        }
        # strata are the same in all frames; units of other draws are needed for who stands in already
        for other in sealed.record["visits"]:
            strata.setdefault(other["unit"], "")
        unit = stand_in(visit, sealed.reserves, strata, sealed.record["visits"], known)
        if unit is None:
            raise NoReserve
        put_outcome(tx, number, visit_id, {"outcome": "replaced", "reason": reason, "by": unit})
        mark_drill(tx, record, drill)
    return unit


def unrecorded(db: Database, record: Mapping[str, Any], password: AskPassword) -> int:
    """Count the visits of a planned number whose outcome nobody recorded."""
    known = read_outcomes(db, record["number"])
    plan = open_plan(db, record, open_key(db, password)).record
    return sum(one["id"] not in known for one in plan["visits"])


# The close


def close(
    db: Database,
    number: int,
    folder: Path,
    password: AskPassword,
    identity: str | None,
    now: datetime,
    *,
    drill: bool,
) -> dict[str, Any]:
    """Close a number after its period: open shares and plan, check all, publish the files; give the record.

    A number that is closed already is written out again.

    Raises
    ------
    TooEarly, OutOfOrder, RecoveryNeeded, age.NotSealedForThisKey, HoldsFiles, CheckFailed
    """
    record = number_of(db, number)
    expect(record, ("planned", "closed"), _("there is nothing to open"))
    _refuse_others(folder)
    if record["state"] == "closed":
        transcript = read_draw(db, number)
        if transcript is None:
            raise NoVisit(number=number, visit="transcript")
    else:
        last = record["commit"]["spec"]["period"][1]
        if f"{now:%Y-%m-%d}" <= last:
            raise TooEarly(number=number, day=last)
        known = read_outcomes(db, number)
        transcript, plan, missing = _transcript(db, record, known, password, identity)
        record |= {
            "state": "closed",
            "drill": record["drill"] or drill,
            "closed_at": clock_text(now),
            "unrecorded": missing,
        }
    entries = [record if one["number"] == number else one for one in read_numbers(db) if "commit" in one]
    ledger = ledger_of(entries)
    document = programme_bytes(db, record)
    if digest(document) != record["commit"]["spec"]["programme_sha256"]:
        raise FrozenAltered(
            number=number, what="programme", sha256=record["commit"]["spec"]["programme_sha256"][:8]
        )
    failed, told = verifier.verify(
        json.dumps(transcript).encode(),
        record["commit_sha256"],
        record["plan_root"],
        json.dumps(ledger).encode(),
    )
    plans.passed(_("draw"), [Breach(rule="transcript", where=f"draw {number}", what=one) for one in failed])
    made = _write_beside(folder, transcript, ledger, document)
    try:
        with write_tx(db, "draw close", now) as tx:
            if read_draw(db, number) is None:
                if read_outcomes(db, number) != known:
                    raise AgainstTheContract(what=_("an outcome was recorded meanwhile; close again"))
                put_draw(tx, transcript)
                put_plan(tx, plan_key(record), number, plan)
                put_number(tx, record)
        _put_files(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return record | {
        "told": told,
        "counted": counted(transcript),
        "files": [str(folder / name) for name in FILES],
    }


def counted(transcript: Mapping[str, Any]) -> dict[str, int]:
    """Count what a closed transcript tells: units, drawn, visits, unplaced, replaced, cancelled."""
    outcomes = [one["outcome"] for one in transcript["outcomes"]]
    return {
        "units": len({one["id"] for frame in transcript["frames"].values() for one in frame["units"]}),
        "drawn": sum(map(len, transcript["drawn"].values())),
        "visits": len(transcript["plan"]),
        "unplaced": len(transcript["unplaced"]),
        "replaced": outcomes.count("replaced"),
        "cancelled": outcomes.count("cancelled"),
    }


def plan_key(record: Mapping[str, Any]) -> str:
    """Give the key under which the plan of a closed number is kept."""
    return f"{record['programme']}/{record['number']}"


def _transcript(
    db: Database,
    record: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    password: AskPassword,
    identity: str | None,
) -> tuple[dict[str, Any], Mapping[str, Any], int]:
    """Give the transcript, the plan's record, and how many visits have no outcome recorded."""
    drawn = open_drawn(db, record, closing_identity(db, record, password, identity))
    sealed = open_plan(db, record, open_key(db, password))
    visits = plans.bare(sealed.record["visits"])
    missing = sum(one["id"] not in known for one in visits)
    return _closed(drawn, sealed, visits, known), sealed.record, missing


def _closed(
    drawn: Drawn,
    sealed: Sealed,
    visits: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    return closed_transcript(
        drawn,
        visits,
        sealed.record["unplaced"],
        sealed.record["departures"],
        outcome_records(visits, known),
    )


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(problem=_("{folder} is a file; choose a folder").format(folder=folder))
    others = sorted(one.name for one in folder.iterdir() if one.name not in FILES) if folder.is_dir() else []
    if others:
        raise HoldsFiles(folder=folder, found=", ".join(others[:3]))


def _write_beside(
    folder: Path, transcript: Mapping[str, Any], ledger: Sequence[Mapping[str, Any]], programme: bytes
) -> Path:
    """Write all files of a close into a new folder beside; give it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    contents = {
        "transcript.json": _json(transcript),
        "ledger.json": _json(ledger),
        "programme.toml": programme,
        "verify_draw.py": Path(verifier.__file__).read_bytes(),
        "verify.html": verify_page(),
    }
    for name in FILES:
        (made / name).write_bytes(contents[name])
    return made


def _json(record: object) -> bytes:
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _put_files(made: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (made / name).replace(folder / name)


# The ledger


def reason_of(record: Mapping[str, Any]) -> str:
    """Give why something of a number was abandoned, or ""."""
    return str(record.get("abandoned", ""))


def state_of(record: Mapping[str, Any]) -> str:
    """Give a number's state as the ledger says it: open, closed or abandoned."""
    return {"closed": CLOSED, "abandoned": ABANDONED}.get(record["state"], OPEN)


def ledger_of(numbers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write ``ledger.json`` of committed numbers."""
    return ledger_records(
        {
            "commit": one["commit"],
            "commit_sha256": one["commit_sha256"],
            "state": state_of(one),
            "reason": reason_of(one),
        }
        for one in numbers
        if "commit" in one
    )


def ledger_rows(db: Database) -> list[dict[str, Any]]:
    """Give a row for every number: what became of it, how many were drawn, and visits that were ordered."""
    numbers = [one for one in read_numbers(db) if "commit" in one]
    directed = _directed(db, numbers)
    return [
        {
            "number": one["number"],
            "commit_sha256": one["commit_sha256"],
            "previous": one["commit"]["previous"],
            "state": state_of(one),
            "reason": reason_of(one),
            "n": one["facts"]["n"],
            "directed": directed.get(one["number"], 0),
            "drill": one["drill"],
        }
        for one in numbers
    ]


def _directed(db: Database, numbers: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Count the visits that were ordered, each with the last number whose period it lies in."""
    found: dict[int, int] = {}
    for visit in read_visits(db):
        if not visit["directed"]:
            continue
        day = visit["started_at"][:10]
        own = [
            one["number"]
            for one in numbers
            if one["facts"]["period"][0] <= day <= one["facts"]["period"][1]
            and one["committed_at"][:10] <= day
        ]
        if own:
            found[own[-1]] = found.get(own[-1], 0) + 1
    return found


# One unit


def show_unit(db: Database, unit: str) -> list[dict[str, Any]]:
    """Give what every closed draw says of a unit: its chance and why, order, lots, what became of it.

    Raises
    ------
    UsageProblem
        If the unit is in no closed draw.
    """
    named = [one.id for one in read_units(db) if one.name == unit]
    names = {unit, *named, read_aliases(db).get(unit, unit)}
    names |= {old for old, new in read_aliases(db).items() if new in names}
    found = []
    for record in read_numbers(db):
        if record["state"] != "closed":
            continue
        transcript = read_draw(db, record["number"])
        if transcript is None:
            continue
        held = [
            (draw, one)
            for draw in transcript["commit"]["draws"]
            for one in transcript["frames"][draw["key"]]["units"]
            if one["id"] in names
        ]
        once = at_least_once([one["pi"] for _draw, one in held])
        found += [_shown(db, record, transcript, draw, one) | {"pi_once": once} for draw, one in held]
    if not found:
        raise UsageProblem(
            problem=_("{unit} is in no closed draw; open ones are sealed until their period is over").format(
                unit=unit
            )
        )
    return found


def at_least_once(chances: Sequence[int]) -> int:
    """Give the chance to be drawn in one draw or more, in millionths rounded down: 1 − (1 − π₁)(1 − π₂)…

    The draws of a commitment are independent of each other: each has a key of its own.
    """
    never = Fraction(1)
    for pi in chances:
        never *= 1 - Fraction(pi, MILLION)
    return int((1 - never) * MILLION)


def _shown(
    db: Database,
    record: Mapping[str, Any],
    transcript: Mapping[str, Any],
    draw: Mapping[str, Any],
    one: Mapping[str, Any],
) -> dict[str, Any]:
    unit, key = one["id"], draw["key"]
    drawn = plans.drawn_of(transcript, {})
    own = [visit for visit in transcript["plan"] if visit["unit"] == unit and visit.get("draw") == key]
    outcomes = {outcome["id"]: outcome for outcome in transcript["outcomes"]}
    lots = plans.lots_for(drawn)(
        plans.sorties_in([visit for visit in transcript["plan"] if visit["source"] == "drawn"])
    )
    parts = read_frozen(db, record["number"])
    same = [other["id"] for other in transcript["frames"][key]["units"] if other["stratum"] == one["stratum"]]
    place = drawn.order_of(key, same).index(unit) + 1 if draw["method"] == "pivotal" else None
    share = parts.get("points", {}).get(unit)
    return {
        "number": record["number"],
        "draw": key,
        "unit": unit,
        "pi": one["pi"],
        "stratum": one["stratum"],
        "points": share,
        "floor": draw["n"] * transcript["commit"]["spec"]["floor"] // len(transcript["frames"][key]["units"]),
        "certain": one["pi"] == MILLION,
        "order": place,
        "of": len(same),
        "drawn": unit in transcript["drawn"][key],
        "domains": drawn.demand[key].get(unit, []),
        "visits": [
            {
                "id": visit["id"],
                "date": visit["date"],
                "slot": visit["slot"],
                "start": visit["start"],
                "domains": visit["domains"],
                "team": visit["team"],
                "lead": visit["lead"],
                "day_lots": list(lots[visit["sortie"]].days),
                "team_lot": list(lots[visit["sortie"]].teams[visit["date"]][0]),
                "outcome": outcomes[visit["id"]],
            }
            for visit in own
        ],
        "unplaced": [
            {"domains": left["domains"], "reason": left["reason"]}
            for left in transcript["unplaced"]
            if left["unit"] == unit and left["draw"] == key
        ],
        "departures": [
            {name: departure[name] for name in ("of", "lot", "given", "rank", "rule")}
            for departure in transcript["departures"]
            if departure["sortie"] in {visit["sortie"] for visit in own}
        ],
    }


def team_of(db: Database, number: int, team: Sequence[str]) -> list[str]:
    """Give the ids of a team's Inspectors by their neutral ids, in their order."""
    own = {neutral: one for one, neutral in plans.staff_key(db, number).items()}
    return [own.get(one, one) for one in team]


def names_of(db: Database) -> tuple[dict[str, str], dict[str, str]]:
    """Give the names of units and inspectors by their ids."""
    return (
        {one.id: one.name for one in read_units(db)},
        {one.id: one.name for one in read_inspectors(db)},
    )


def stored_plans(db: Database) -> dict[str, dict[str, Any]]:
    """Give the plans that are no secret, by key: of demonstrations and closed numbers."""
    return {key: record for key, (_number, record) in read_plans(db).items()}


def last_number(db: Database, programme: str | None, otherwise: bool) -> dict[str, Any] | None:
    """Give the last number of a programme; without one the last of all where `otherwise` says so, else None.

    Raises
    ------
    UsageProblem
        If the programme has no number.
    """
    numbers = read_numbers(db)
    if programme is None:
        return numbers[-1] if numbers and otherwise else None
    own = [one for one in numbers if one["programme"] == programme]
    if not own:
        raise UsageProblem(problem=_("{programme} has no number yet").format(programme=programme))
    return own[-1]


def sealed_facts(db: Database, record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is no secret of a number that is not closed: state, counts, root, released visits."""
    number = record["number"]
    own = {neutral: one for one, neutral in plans.staff_key(db, number).items()}
    released = [
        visit | {"team": [own.get(one, one) for one in visit["team"]]}
        for of, visit in read_released(db)
        if of == number
    ]
    facts = {"number": number, "state": record["state"], **record.get("counts", {})}
    if "plan_root" in record:
        facts["plan_root"] = record["plan_root"]
    return facts | {"released": sorted(released, key=lambda one: (one["date"], one["start"], one["id"]))}


def named_visits(
    db: Database, key: str, record: Mapping[str, Any]
) -> list[tuple[Mapping[str, Any], str, list[str]]]:
    """Give the visits of a plan that is no secret by day, each with the names of its unit and team."""
    number = read_plans(db)[key][0]
    units, people = names_of(db)
    found = []
    for visit in sorted(record["visits"], key=lambda one: (one["date"], one["start"], one["id"])):
        team = [people.get(one, one) for one in team_of(db, number, visit["team"])]
        found.append((visit, units.get(visit["unit"], visit["unit"]), team))
    return found
