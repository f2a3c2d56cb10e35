"""The step of a visit: started, answered item by item, decided, closed and scored by what it began with."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from auditor.checklists import read_domain
from auditor.checklists.answers import read_answers
from auditor.checklists.asking import asked_elsewhere
from auditor.checklists.documents import json_of
from auditor.checklists.scoring import worst
from auditor.entities import Domain, Unit
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.pages.words import basis_text
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store import units as unit_store
from auditor.store import visits as store
from auditor.store.numbers import put_outcome, read_outcomes, read_released
from auditor.store.records import read_plans
from auditor.store.writing import write_tx
from auditor.visits.operations import (
    Operation,
    decisions,
    missing_follow_ups,
    standing,
)
from auditor.workflow import layers as layer_step
from auditor.workflow.domains import named_domain, outcome, record_of
from auditor.workflow.texts import clean


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
        "{unit} is in no plan of {month} that was released (`auditor plan release`); a visit outside the "
        "draw "
        "needs its basis: --directed DOCUMENT"
    )


class ChecklistDamaged(AuditorError):
    """The checklist that a visit began with is not the one that was kept."""

    sentence = N_("the checklist {key} of visit {visit} was altered in the file; bring a backup back")


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
    directed = clean("--directed", directed)
    wanted = unit_store.read_aliases(db).get(unit_id, unit_id)
    unit = next((one for one in unit_store.read_units(db) if one.id == wanted), None)
    if unit is None:
        raise UsageProblem(problem=_("{id} is no unit; see `auditor units list`").format(id=unit_id))
    if unit.closed and (unit.closed == "true" or unit.closed <= now.date().isoformat()):
        raise UsageProblem(problem=_("{unit} is closed ({day})").format(unit=unit.name, day=unit.closed))
    month = f"{now:%Y-%m}"
    plan = read_plans(db).get(month)
    planned = plan is not None and any(visit["unit"] == unit.id for visit in plan[1]["visits"])
    of_draw = None if directed else _released(db, unit.id, f"{now:%Y-%m-%d}", keys)
    if not planned and not directed and of_draw is None:
        raise NotPlanned(unit=unit.id, month=month)
    domains = [named_domain(plugins, key) for key in dict.fromkeys(keys)]
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
        sha256 = _hash_of(document)
        texts[sha256] = document
        row = rows[domain.key]
        checklists[domain.key] = {
            "sha256": sha256,
            "plugin": {"name": row.name, "version": row.version, "sha256": row.sha256},
        }
    with write_tx(db, "visit start", now) as tx:
        day = f"V{now:%Y%m%d}-"
        taken = [one["id"].removeprefix(day) for one in store.read_visits(db) if one["id"].startswith(day)]
        number = max(map(int, taken), default=0) + 1
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
            "directed": directed,
            "of_draw": of_draw,
            "started_at": now.isoformat(timespec="seconds"),
            "closed_at": None,
        }  # fmt: skip
        for sha256, document in texts.items():
            store.put_checklist(tx, sha256, document)
        store.put_visit(tx, visit)
    return visit


def _released(db: Database, unit: str, day: str, keys: Sequence[str]) -> dict[str, Any] | None:
    """Give number and id of the visit of a day that was released for a unit, or in which it stands in.

    Of two on one day the one that shares more of the domains asked for. None where there is none.
    """
    asked = set(keys)
    found = []
    for number, visit in read_released(db):
        shared = len(asked & set(visit["domains"]))
        if visit["date"] != day or not shared:
            continue
        if unit in (visit["unit"], read_outcomes(db, number).get(visit["id"], {}).get("by")):
            found.append((shared, number, visit["id"], asked.issuperset(visit["domains"])))
    if not found:
        return None
    _shared, number, visit_id, whole = max(found, key=lambda one: (one[0], -one[1], one[2]))
    return {"number": number, "visit": visit_id, "whole": whole}


def open_visit(db: Database, visit_id: str) -> dict[str, Any]:
    """Give a visit that takes answers; raises NoSuchVisit, VisitClosed."""
    visit = store.read_visit(db, visit_id)
    if visit is None:
        raise NoSuchVisit(visit=visit_id)
    if visit["closed_at"]:
        raise VisitClosed(visit=visit_id)
    return visit


def operations_of(db: Database, visit_id: str) -> list[Operation]:
    """Give the operations of a visit in their order."""
    return [Operation(**record) for record in store.read_operations(db, visit_id)]


def checklists_of(db: Database, visit: Mapping[str, Any]) -> dict[str, Domain]:
    """Give the checklists that the visit began with; raises ChecklistDamaged."""
    found = {}
    for key, one in visit["checklists"].items():
        document = store.read_checklist(db, one["sha256"])
        if _hash_of(document) != one["sha256"]:
            raise ChecklistDamaged(visit=visit["id"], key=key)
        found[key] = read_domain(key, document)
    return found


def _hash_of(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unit_of(visit: Mapping[str, Any]) -> Unit:
    """Give the Unit as it was when the visit began."""
    facts = dict(visit["facts"])
    return Unit(id=visit["unit"], name=visit["name"], **{**facts, "tags": tuple(facts["tags"])})


def decide(db: Database, visit_id: str, *, by: str, level: str, reason: str, now: datetime) -> None:
    """Keep what a person decides beside the computed suggestion, also of a closed visit.

    `by` is a post, not a name.

    Raises
    ------
    NoSuchVisit, UsageProblem
    """
    said = {"by": clean("--by", by), "level": level, "reason": clean("--reason", reason)}
    for name in ("by", "reason"):
        if not said[name]:
            raise UsageProblem(problem=_("--{name} is empty").format(name=name))
    with write_tx(db, "visit decide", now) as tx:
        if store.read_visit(db, visit_id) is None:
            raise NoSuchVisit(visit=visit_id)
        count = len(operations_of(db, visit_id))
        made = Operation(
            id=str(uuid.uuid4()),
            visit=visit_id,
            revision=count + 1,
            base=count,
            what="decide",
            at=now.isoformat(timespec="seconds"),
            data=said,
        )
        store.put_operation(tx, made.record())


def close(db: Database, visit_id: str, plugins: Plugins, *, now: datetime) -> dict[str, Any]:
    """Close a visit and score it by the checklists that it began with.

    Raises
    ------
    NoSuchVisit, VisitClosed
    NotYet
        While an answer lacks the photo or value that it must bring.
    """
    with write_tx(db, "visit close", now) as tx:
        visit = open_visit(db, visit_id)
        if now < datetime.fromisoformat(visit["started_at"]):
            raise UsageProblem(problem=_("{visit} began later than {now}").format(visit=visit_id, now=now))
        rules = {
            item.code: [(rule.on, rule.ask) for rule in item.follow_up]
            for domain in checklists_of(db, visit).values()
            for item in domain.items
        }
        lacking = missing_follow_ups(standing(operations_of(db, visit_id)), rules)
        if lacking:
            raise NotYet(visit=visit_id, lacking="; ".join(lacking))
        scores = _scores(db, visit, plugins)
        store.put_visit(tx, visit | {"closed_at": now.isoformat(timespec="seconds"), "scores": scores})
        drawn = visit.get("of_draw")
        if drawn and drawn["whole"] and drawn["visit"] not in read_outcomes(db, drawn["number"]):
            put_outcome(tx, drawn["number"], drawn["visit"], {"outcome": "done", "reason": ""})
    return show(db, visit_id, plugins)


def _scores(db: Database, visit: Mapping[str, Any], plugins: Plugins) -> dict[str, Any]:
    domains, unit = checklists_of(db, visit), unit_of(visit)
    standing_ones = standing(operations_of(db, visit["id"]))
    on, layers = date.fromisoformat(visit["started_at"][:10]), layer_step.layers(db)
    answers = {
        key: read_answers(
            domain,
            {
                item.code: [
                    {name: one[name] for name in ("answer", "value", "place", "fixed") if name in one}
                    for one in standing_ones[item.code]
                ]
                for item in domain.items
                if item.code in standing_ones
            },
        )
        for key, domain in domains.items()
    }
    asked = set(asked_elsewhere(domains, unit).values())
    words = dict.fromkeys(asked, "not-checked") | {
        code: worst(several) for one in answers.values() for code, several in one.items() if code in asked
    }
    found = {}
    for key, domain in domains.items():
        own = {item.code for item in domain.items}
        others = {code: word for code, word in words.items() if code not in own}
        found[key] = record_of(
            outcome(plugins, domain, unit, answers[key], on=on, layers=layers, elsewhere=others)
        )
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
    domains, unit = checklists_of(db, visit), unit_of(visit)
    operations = operations_of(db, visit_id)
    answers = standing(operations)
    scores = visit.get("scores") or _scores(db, visit, plugins)
    elsewhere = asked_elsewhere(domains, unit)
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
