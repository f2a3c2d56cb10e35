"""The step of a visit: started, answered item by item, decided, closed and scored by what it began with."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditor.checklists import read_domain
from auditor.checklists.answers import ANSWER_WORDS, Answer, BadAnswer, read_answer, read_answers
from auditor.checklists.documents import json_of
from auditor.entities import Domain, Item, Unit
from auditor.errors import AuditorError, FileMissing, UsageProblem
from auditor.i18n import N_, _
from auditor.pages.words import basis_text
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store import units as unit_store
from auditor.store import visits as store
from auditor.store.records import read_plans
from auditor.store.writing import write_tx
from auditor.visits.operations import (
    Operation,
    decisions,
    missing_follow_ups,
    refuse_conflict,
    standing,
)
from auditor.workflow import layers as layer_step
from auditor.workflow.domains import outcome, record_of

NOT_ASKED = (
    "na",
    "not-checked",
    *(word for word, code in ANSWER_WORDS.items() if code in ("na", "not-checked")),
)
"""What a filled form may say of an Item that is not asked here; it changes nothing."""


class NoSuchVisit(AuditorError):
    """There is no visit of this id."""

    exit_code = 2
    sentence = N_("{visit} is no visit; see `auditor visit list`")


class VisitClosed(AuditorError):
    """A closed visit takes nothing more."""

    sentence = N_("visit {visit} is closed and takes nothing more")


class NotPlanned(AuditorError):
    """The unit is not in this month's plan, and nobody ordered the visit."""

    exit_code = 2
    sentence = N_(
        "{unit} is not in the plan of {month}; a visit outside the draw needs its basis: --directed DOCUMENT"
    )


class NotYet(AuditorError):
    """Answers lack what they must bring."""

    sentence = N_("visit {visit} cannot be closed yet: {lacking}")


def start(
    db: Database, unit_id: str, keys: Sequence[str], plugins: Plugins, *, directed: str, now: datetime
) -> dict[str, Any]:
    """Start a visit to a Unit with the checklists as they are now.

    Raises
    ------
    UsageProblem, DomainMissing, NotPlanned
    """
    wanted = unit_store.read_aliases(db).get(unit_id, unit_id)
    unit = next((one for one in unit_store.read_units(db) if one.id == wanted), None)
    if unit is None:
        raise UsageProblem(problem=_("{id} is no unit; see `auditor units list`").format(id=unit_id))
    month = f"{now:%Y-%m}"
    plan = read_plans(db).get(month)
    planned = plan is not None and any(visit["unit"] == unit.id for visit in plan[1]["visits"])
    if not planned and not directed.strip():
        raise NotPlanned(unit=unit.id, month=month)
    domains = [plugins.domain(key) for key in dict.fromkeys(keys)]
    silent = [domain.key for domain in domains if not domain.asked(unit)]
    if silent:
        raise UsageProblem(
            problem=_("{key}: nothing of it applies to {unit}").format(key=silent[0], unit=unit.name)
        )
    rows = {row.key: row for row in plugins.listed if row.ok}
    checklists: dict[str, Any] = {}
    texts: dict[str, dict[str, Any]] = {}
    for domain in domains:
        document = json_of(domain)
        sha256 = hashlib.sha256(
            json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        texts[sha256] = document
        row = rows[domain.key]
        checklists[domain.key] = {
            "sha256": sha256,
            "plugin": {"name": row.name, "version": row.version, "sha256": row.sha256},
        }
    number = sum(visit["id"].startswith(f"V{now:%Y%m%d}") for visit in store.read_visits(db)) + 1
    visit = {
        "id": f"V{now:%Y%m%d}-{number:02d}",
        "unit": unit.id,
        "name": unit.name,
        "facts": {
            "kind": unit.kind, "district": unit.district, "township": unit.township,
            "students": unit.students, "boarders": unit.boarders, "canteen": unit.canteen,
            "buses": unit.buses, "tags": list(unit.tags),
            "ownership": unit.ownership, "sponsor": unit.sponsor,
        },
        "domains": [domain.key for domain in domains],
        "checklists": checklists,
        "directed": directed.strip(),
        "started_at": now.isoformat(timespec="seconds"),
        "closed_at": None,
    }  # fmt: skip
    with write_tx(db, "visit start", now) as tx:
        for sha256, document in texts.items():
            store.put_checklist(tx, sha256, document)
        store.put_visit(tx, visit)
    return visit


def _open(db: Database, visit_id: str) -> dict[str, Any]:
    visit = store.read_visit(db, visit_id)
    if visit is None:
        raise NoSuchVisit(visit=visit_id)
    if visit["closed_at"]:
        raise VisitClosed(visit=visit_id)
    return visit


def _operations(db: Database, visit_id: str) -> list[Operation]:
    return [Operation(**record) for record in store.read_operations(db, visit_id)]


def _domains(db: Database, visit: Mapping[str, Any]) -> dict[str, Domain]:
    """Give the checklists that the visit began with."""
    return {
        key: read_domain(key, store.read_checklist(db, one["sha256"]))
        for key, one in visit["checklists"].items()
    }


def _unit(visit: Mapping[str, Any]) -> Unit:
    facts = dict(visit["facts"])
    return Unit(id=visit["unit"], name=visit["name"], **{**facts, "tags": tuple(facts["tags"])})


def _asked_elsewhere(domains: Mapping[str, Domain], unit: Unit) -> dict[str, str]:
    """Give the Item that is answered instead of each that asks the same thing in another Domain."""
    asked = {item.code for domain in domains.values() for item in domain.asked(unit) if not item.same_as}
    return {
        item.code: item.same_as
        for domain in domains.values()
        for item in domain.asked(unit)
        if item.same_as in asked
    }


def answer(
    db: Database,
    visit_id: str,
    given: Sequence[Mapping[str, Any]],
    *,
    base: int | None,
    now: datetime,
) -> list[str]:
    """Add answers, all or none; say what a person should look at again.

    Parameters
    ----------
    given
        Each with item and answer, and value, place, note, photo (a path), fixed, id where they are
        known. An operation whose id is there already is passed over.
    base
        The revision that their author saw; None for the latest.

    Returns
    -------
    A sentence for every value that breaks its threshold although the answer is pass, and for every
    photo or value that is still to come.

    Raises
    ------
    NoSuchVisit, VisitClosed, UsageProblem, FileMissing, Conflict
    """
    visit = _open(db, visit_id)
    domains, unit = _domains(db, visit), _unit(visit)
    operations = _operations(db, visit_id)
    known = {one.id for one in operations}
    items = {item.code: item for domain in domains.values() for item in domain.asked(unit)}
    idle = {item.code for domain in domains.values() for item in domain.items} - set(items)
    shares = {rule.code for domain in domains.values() for rule in domain.determination.shares}
    retired = {code for domain in domains.values() for code in domain.retired}
    elsewhere = _asked_elsewhere(domains, unit)
    seen = len(operations) if base is None else base
    told: list[str] = []
    fresh: list[Operation] = []
    for one in given:
        code = str(one.get("item", ""))
        if str(one.get("id", "")) in known:
            continue
        if code in elsewhere:
            raise UsageProblem(
                problem=_("{code} is answered once, as {other}").format(code=code, other=elsewhere[code])
            )
        if code in idle:
            if one.get("answer") in NOT_ASKED:
                continue
            raise UsageProblem(
                problem=_(
                    "{code} does not apply to this unit by its register; mend the register with "
                    "`auditor units set` and start the visit anew, or leave it out"
                ).format(code=code)
            )
        if code not in items:
            why = _("is retired") if code in retired else _("is no item of this visit")
            raise UsageProblem(problem=f"{code}: {why}")
        try:
            read = read_answer(
                code, {key: one[key] for key in ("answer", "value", "place", "fixed") if key in one}
            )
        except BadAnswer as error:
            raise UsageProblem(problem=str(error)) from error
        refuse_conflict(
            [*operations, *fresh] if base is not None else operations, code, read.place, seen, visit_id
        )
        data = {
            key: one[key]
            for key in ("value", "place", "note", "fixed")
            if one.get(key) not in (None, "", False)
        }
        data |= {"item": code, "answer": read.answer}
        if one.get("photo"):
            data["photo"] = _photo(Path(str(one["photo"])))
        fresh.append(
            Operation(
                id=str(one.get("id") or uuid.uuid4()),
                visit=visit_id,
                revision=len(operations) + len(fresh) + 1,
                base=seen,
                what="answer",
                at=now.isoformat(timespec="seconds"),
                data=data,
            )
        )
        item = items[code]
        if read.answer == "pass" and read.breaks(item):
            told.append(
                _("{code}: {found} is not {op} {value} {unit}, and the answer is pass; it is kept so").format(
                    code=code, found=f"{read.value:g}", op=item.op, value=f"{item.value:g}", unit=item.unit
                )
            )
        told += _doubts(item, read, shares)
        told += missing_follow_ups({code: [data]}, {code: [(rule.on, rule.ask) for rule in item.follow_up]})
    with write_tx(db, "visit answer", now) as tx:
        for operation in fresh:
            store.put_operation(tx, operation.record())
    return told


def _doubts(item: Item, read: Answer, shares: Container[str]) -> Iterator[str]:
    """Say what is kept but decides less than its author may think."""
    if read.answer == "partly" and (item.severity == "veto" or "direct" in item.scheme):
        yield _("{code} decides alone: partly counts half and decides nothing; was it a fail?").format(
            code=item.code
        )
    if item.code in shares and read.value is not None:
        yield _(
            "{code}: a number alone decides nothing; write the share that is in order, like 18/20"
        ).format(code=item.code)


def _photo(path: Path) -> dict[str, Any]:
    """Give what is kept of a photo: its name, size and hash; the file itself stays where it lies."""
    if not path.is_file():
        raise FileMissing(file=path)
    data = path.read_bytes()
    return {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def decide(db: Database, visit_id: str, *, by: str, level: str, reason: str, now: datetime) -> None:
    """Keep what a person decides beside the computed suggestion; `by` is a post, not a name.

    Raises
    ------
    NoSuchVisit, VisitClosed
    """
    _open(db, visit_id)
    operations = _operations(db, visit_id)
    made = Operation(
        id=str(uuid.uuid4()),
        visit=visit_id,
        revision=len(operations) + 1,
        base=len(operations),
        what="decide",
        at=now.isoformat(timespec="seconds"),
        data={"by": by, "level": level, "reason": reason},
    )
    with write_tx(db, "visit decide", now) as tx:
        store.put_operation(tx, made.record())


def close(db: Database, visit_id: str, plugins: Plugins, *, now: datetime) -> dict[str, Any]:
    """Close a visit and score it by the checklists that it began with.

    Raises
    ------
    NoSuchVisit, VisitClosed
    NotYet
        While an answer lacks the photo or value that it must bring.
    """
    visit = _open(db, visit_id)
    domains = _domains(db, visit)
    rules = {
        item.code: [(rule.on, rule.ask) for rule in item.follow_up]
        for domain in domains.values()
        for item in domain.items
    }
    lacking = missing_follow_ups(standing(_operations(db, visit_id)), rules)
    if lacking:
        raise NotYet(visit=visit_id, lacking="; ".join(lacking))
    scores = _scores(db, visit, plugins)
    closed = visit | {"closed_at": now.isoformat(timespec="seconds"), "scores": scores}
    with write_tx(db, "visit close", now) as tx:
        store.put_visit(tx, closed)
    return show(db, visit_id, plugins)


def _scores(db: Database, visit: Mapping[str, Any], plugins: Plugins) -> dict[str, Any]:
    domains, unit = _domains(db, visit), _unit(visit)
    answers = standing(_operations(db, visit["id"]))
    on = date.fromisoformat(visit["started_at"][:10])
    elsewhere = list(_asked_elsewhere(domains, unit).values())
    found = {}
    for key, domain in domains.items():
        codes = {item.code for item in domain.items}
        mine = {
            code: [
                {name: one[name] for name in ("answer", "value", "place", "fixed") if name in one}
                for one in several
            ]
            for code, several in answers.items()
            if code in codes
        }
        others = [code for code in elsewhere if code not in codes]
        result = outcome(
            plugins,
            domain,
            unit,
            read_answers(domain, mine),
            on=on,
            layers=layer_step.layers(db),
            elsewhere=others,
        )
        found[key] = record_of(result)
    return found


def show(db: Database, visit_id: str, plugins: Plugins) -> dict[str, Any]:
    """Give a visit with its answers and what they come to; once closed, as it was scored then.

    Raises
    ------
    NoSuchVisit
    """
    visit = store.read_visit(db, visit_id)
    if visit is None:
        raise NoSuchVisit(visit=visit_id)
    domains, unit = _domains(db, visit), _unit(visit)
    operations = _operations(db, visit_id)
    answers = standing(operations)
    scores = visit.get("scores") or _scores(db, visit, plugins)
    elsewhere = _asked_elsewhere(domains, unit)
    shown: dict[str, Any] = {}
    for key, domain in domains.items():
        items = [
            {
                "code": item.code,
                "zh": item.zh,
                "en": item.en,
                "severity": item.severity,
                "fault": item.fault or None,
                "basis": basis_text(item),
                "verified": "unverified" not in item.source,
                "binding": not item.is_work_requirement,
                "penalty": item.penalty or None,
                "rectify_days": domain.days(item),
                "answers": answers.get(item.code, []),
                **({"answered_as": elsewhere[item.code]} if item.code in elsewhere else {}),
            }
            for item in domain.asked(unit)
        ]
        shown[key] = {**scores[key], "items": items, "plugin": visit["checklists"][key]["plugin"]}
    return {
        "id": visit["id"],
        "unit": visit["unit"],
        "name": visit["name"],
        "directed": visit["directed"] or None,
        "started_at": visit["started_at"],
        "closed_at": visit["closed_at"],
        "revision": len(operations),
        "decisions": decisions(operations),
        "domains": shown,
    }


def list_visits(db: Database) -> list[dict[str, Any]]:
    """Give a row for every visit by id."""
    fields = ("id", "unit", "name", "domains", "directed", "started_at", "closed_at")
    return [{one: visit[one] for one in fields} for visit in store.read_visits(db)]
