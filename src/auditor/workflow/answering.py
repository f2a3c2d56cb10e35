"""The step of answers: judged all together, then kept all or none, each as an operation that only adds."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditor.checklists.answers import ANSWER_WORDS, Answer, BadAnswer, read_answer
from auditor.checklists.asking import asked_elsewhere
from auditor.checklists.layers import thresholds
from auditor.entities import Domain, Item, Unit
from auditor.errors import FileMissing, UsageProblem
from auditor.i18n import _, labelled
from auditor.store import Database
from auditor.store import visits as store
from auditor.store.writing import write_tx
from auditor.visits.operations import Operation, missing_follow_ups, refuse_conflict
from auditor.workflow import layers as layer_step
from auditor.workflow.texts import clean
from auditor.workflow.visits import (
    checklists_of,
    open_visit,
    operations_of,
    unit_of,
)

KEYS = ("item", "answer", "value", "place", "note", "fixed", "photo", "id")
NOT_ASKED = (
    "na",
    "not-checked",
    *(one for one, code in ANSWER_WORDS.items() if code in ("na", "not-checked")),
)
"""What a filled form may say of an Item that is not asked here; it changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many answers were kept, and what a person should look at again."""

    count: int
    told: tuple[str, ...]


def answer(
    db: Database, visit_id: str, given: Sequence[Mapping[str, Any]], *, base: int | None, now: datetime
) -> Kept:
    """Add answers, all or none; say what a person should look at again.

    Parameters
    ----------
    given
        Each with item and answer, and value, place, note, photo (a path), fixed, id where they are
        known. An operation that is there already, with its id and all it says, is passed over.
    base
        The revision that their author saw; None for the latest.

    Returns
    -------
    `told` holds a sentence for every value that breaks its threshold although the answer is pass, for
    every photo or value that is still to come, and for what decides less than its author may think.

    Raises
    ------
    NoSuchVisit, VisitClosed, UsageProblem, FileMissing, Conflict
    """
    if not given:
        raise UsageProblem(problem=_("there are no answers in it"))
    with write_tx(db, "visit answer", now) as tx:
        sheet = _Sheet(db, visit_id, base, now)
        for one in given:
            sheet.take(one)
        for operation in sheet.fresh:
            store.put_operation(tx, operation.record())
    return Kept(count=len(sheet.fresh), told=tuple(sheet.told))


class _Sheet:
    """What one visit asks, and the answers taken so far."""

    def __init__(self, db: Database, visit_id: str, base: int | None, now: datetime) -> None:
        self.db, self.visit, self.at = db, open_visit(db, visit_id), now.isoformat(timespec="seconds")
        domains, unit = checklists_of(db, self.visit), unit_of(self.visit)
        self.items = _asked(db, domains, unit, date.fromisoformat(self.visit["started_at"][:10]))
        self.idle = {item.code for domain in domains.values() for item in domain.items} - set(self.items)
        self.shares = {rule.code for domain in domains.values() for rule in domain.determination.shares}
        self.retired = {code for domain in domains.values() for code in domain.retired}
        self.elsewhere = asked_elsewhere(domains, unit)
        self.before = operations_of(db, visit_id)
        self.seen = len(self.before) if base is None else base
        if not 0 <= self.seen <= len(self.before):
            raise UsageProblem(
                problem=_("--base {base}: the visit has {count} revisions").format(
                    base=base, count=len(self.before)
                )
            )
        self.fresh: list[Operation] = []
        self.told: list[str] = []
        self.places: set[tuple[str, str]] = set()

    def take(self, one: Mapping[str, Any]) -> None:
        """Judge one answer and take it."""
        strange = sorted(set(map(str, one)) - set(KEYS))
        code = str(one.get("item", ""))
        if strange:
            raise UsageProblem(
                problem=_("{code}: {key} is no key of an answer; known are {known}").format(
                    code=code or "–", key=strange[0], known=", ".join(KEYS)
                )
            )
        if code not in self.items or code in self.elsewhere:
            if not (code in self.idle and one.get("answer") in NOT_ASKED):
                raise UsageProblem(problem=self._why_not(code))
            return
        item, read, data = self._read(code, one)
        if read.answer == "pass" and read.breaks(item):
            data["against"] = f"{item.op} {item.value:g} {item.unit}"
        name = str(one.get("id") or uuid.uuid4())
        known = store.read_operation(self.db, name)
        if known is not None:
            if (known["visit"], known["data"]) != (self.visit["id"], data):
                raise UsageProblem(
                    problem=_("{code}: its id {id} is that of another operation").format(code=code, id=name)
                )
            return
        if (code, read.place) in self.places or any(one.id == name for one in self.fresh):
            place = f" ({read.place})" if read.place else ""
            raise UsageProblem(problem=_("{code}{place} is answered twice").format(code=code, place=place))
        self.places.add((code, read.place))
        refuse_conflict(self.before, code, read.place, self.seen, self.visit["id"])
        self.fresh.append(
            Operation(
                id=name,
                visit=self.visit["id"],
                revision=len(self.before) + len(self.fresh) + 1,
                base=self.seen,
                what="answer",
                at=self.at,
                data=data,
            )
        )
        self.told += _doubts(item, read, self.shares)
        self.told += missing_follow_ups(
            {code: [data]}, {code: [(rule.on, rule.ask) for rule in item.follow_up]}
        )

    def _read(self, code: str, one: Mapping[str, Any]) -> tuple[Item, Answer, dict[str, Any]]:
        said = {key: one[key] for key in ("answer", "value", "place", "fixed") if one.get(key) is not None}
        try:
            read = read_answer(code, said)
        except BadAnswer as error:
            raise UsageProblem(problem=str(error)) from error
        data: dict[str, Any] = {"item": code, "answer": read.answer}
        if "value" in said:
            data["value"] = said["value"]
        if read.place:
            data["place"] = clean(f"{code}: place", read.place)
        if read.fixed:
            data["fixed"] = True
        if one.get("note") not in (None, ""):
            data["note"] = clean(f"{code}: note", one["note"])
        if one.get("photo"):
            data["photo"] = _photo(Path(str(one["photo"])))
        return self.items[code], read, data

    def _why_not(self, code: str) -> str:
        if code in self.elsewhere:
            return _("{code} is answered once, as {other}").format(code=code, other=self.elsewhere[code])
        if code in self.idle:
            return _(
                "{code} does not apply to this unit by its register; mend the register with "
                "`auditor units set` and start the visit anew, or leave it out"
            ).format(code=code)
        return labelled(code, _("is retired") if code in self.retired else _("is no item of this visit"))


def _asked(db: Database, domains: Mapping[str, Domain], unit: Unit, on: date) -> dict[str, Item]:
    """Give the Items that are asked, by code, with the thresholds of the day's layers."""
    layers = layer_step.layers(db)
    return {
        item.code: item.with_value(thresholds(domain, on, layers).get(item.code))
        for domain in domains.values()
        for item in domain.asked(unit)
    }


def _doubts(item: Item, read: Answer, shares: Container[str]) -> Iterator[str]:
    """Say what is kept although its author may have meant something else."""
    code = item.code
    if read.answer == "pass" and read.breaks(item):
        yield _("{code}: {found} is not {op} {value} {unit}, and the answer is pass; it is kept so").format(
            code=code, found=f"{read.value:g}", op=item.op, value=f"{item.value:g}", unit=item.unit
        )
    if read.answer == "partly" and (item.severity == "veto" or "direct" in item.scheme):
        yield _("{code} decides alone: partly counts half and decides nothing; was it a fail?").format(
            code=code
        )
    if read.answer == "fail" and code in shares and read.value is not None:
        yield _("{code}: a number alone decides nothing; write a share n/m, as the form says").format(
            code=code
        )


def _photo(path: Path) -> dict[str, Any]:
    """Give what is kept of a photo: its name, size and hash; the file itself stays where it lies."""
    if not path.is_file():
        raise FileMissing(file=path)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    size = path.stat().st_size
    if not size:
        raise UsageProblem(problem=_("{file} is an empty file").format(file=path))
    return {"name": path.name, "bytes": size, "sha256": found.hexdigest()}
