"""The one door to the visits of a plan: what a caller may see of it, with the planning key or without.

Every output of a plan (tables, workbook, task sheets, vehicle requests, map, JSON, load) takes its visits
from `look` and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.store import Database
from auditor.store.numbers import read_outcomes, read_released
from auditor.store.records import read_draw, read_plans
from auditor.workflow import plans
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.releasing import with_start
from auditor.workflow.repairs import as_it_stands, read_current
from auditor.workflow.telling import plan_key

OUTDATED = frozenset(["secrecy", "even"])
"""Which public facts of a plan a repair may change: nobody counts them again."""
DEMONSTRATION = "demonstration"
"""The state of a plan that was never sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a caller may see of one plan.

    Attributes
    ----------
    key
        A demonstration's month, else programme and number.
    state
        The number's state, or DEMONSTRATION.
    facts
        What is public of every number: its counts and its plan root, as far as it has them.
    public
        Whether the whole plan is no secret any more.
    visits
        By day, start and id; everyone's own id in `team`. Where another unit stands in, `unit` is that
        one and `instead_of` the one that was drawn. Without the key of a sealed plan those that were
        released; empty where there is no plan yet.
    outcomes
        What became of these visits, by id, as far as it was recorded.
    record
        The plan's record as it was sealed; None unless all of it may be seen.
    salts
        Of the records of a sealed plan that was opened: with them it can be held against its root.
    standing
        The plan as it stands after its repairs, in the shape of a record without what was counted when it
        was sealed; None where it was never repaired or is not all to be seen. `record` stays what was
        sealed.
    """

    number: int
    key: str
    programme: str
    first: str
    last: str
    state: str
    drill: bool
    facts: Mapping[str, Any]
    public: bool
    visits: tuple[Mapping[str, Any], ...]
    outcomes: Mapping[str, Mapping[str, Any]]
    record: Mapping[str, Any] | None
    salts: Mapping[str, str] = field(default_factory=dict)
    standing: Mapping[str, Any] | None = None

    @property
    def secret(self) -> bool:
        """Whether something is here that is not public."""
        return self.record is not None and not self.public

    @property
    def whole(self) -> Mapping[str, Any]:
        """The plan's record; raises ValueError where not all of it may be seen."""
        if self.record is None:
            raise ValueError(f"{self.key} was not opened")
        return self.record

    def listed(self) -> Mapping[str, Any]:
        """Give it for programs: the whole record as it stands; else counts, root and the released visits."""
        if self.standing is not None:
            return self.standing
        if self.record is not None:
            return self.record
        return {
            "number": self.number,
            "state": self.state,
            **self.facts,
            "released": list(self.visits),
        }


def look(db: Database, of: Mapping[str, Any] | str, ask: AskPassword | None) -> Seen:
    """Give what a caller may see of a plan; `ask` is None for one without the planning key.

    Parameters
    ----------
    of
        A number's record, or the month of a demonstration.

    Raises
    ------
    PasswordNeeded, age.WrongPassword, age.NotSealedForThisKey, NotTheSealedPlan
    """
    if isinstance(of, str):
        return _demonstration(db, of)
    number, state = of["number"], of["state"]
    public = state == "closed"
    record: Mapping[str, Any] | None = None
    salts: Mapping[str, str] = {}
    standing: Mapping[str, Any] | None = None
    if public:
        record = read_plans(db)[plan_key(of)][1]
    elif state == "planned" and ask is not None:
        sealed, current = read_current(db, of, open_key(db, ask))
        record, salts = sealed.record, sealed.salts
        if current.log:
            standing = as_it_stands(record, current)
    if record is not None:
        now = record if standing is None else standing
        visits = [with_start(one, record.get("starts", {})) for one in now["visits"]]
    else:
        visits = [visit for owner, visit in read_released(db) if owner == number]
    facts = dict(of.get("counts", {}))
    if of.get("repairs") and not public:
        facts = {name: value for name, value in facts.items() if name not in OUTDATED}
        facts["repairs"] = of["repairs"]
    if "plan_root" in of:
        facts["plan_root"] = of["plan_root"]
    first, last = of["facts"]["period"]
    return _seen(
        db,
        visits,
        number=number,
        key=plan_key(of),
        programme=of["programme"],
        first=first,
        last=last,
        state=state,
        drill=of["drill"],
        facts=facts,
        public=public,
        record=record,
        salts=salts,
        standing=standing,
    )


def _demonstration(db: Database, month: str) -> Seen:
    number, record = read_plans(db)[month]
    closed = read_draw(db, number) or {}
    first, last = closed["commit"]["spec"]["period"]
    return _seen(
        db,
        record["visits"],
        number=number,
        key=month,
        programme="",
        first=first,
        last=last,
        state=DEMONSTRATION,
        drill=False,
        facts={"plan_root": closed["plan_root"]} | _told(record),
        public=True,
        record=record,
    )


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a record that was never sealed says of share and wishes."""
    found = {
        "share": record.get("share"),
        "cut": record.get("cut"),
        "given_up": record.get("fairness", {}).get("given_up"),
    }
    return {name: value for name, value in found.items() if value}


def _seen(db: Database, visits: Sequence[Mapping[str, Any]], *, number: int, **facts: Any) -> Seen:
    """Put visits into order, with own ids and stand-ins."""
    own = {neutral: one for one, neutral in plans.staff_key(db, number).items()}
    known = read_outcomes(db, number)
    told = []
    for visit in visits:
        found = {**visit, "team": [own.get(one, one) for one in visit["team"]]}
        by = known.get(visit["id"], {}).get("by")
        told.append(found | {"unit": by, "instead_of": visit["unit"]} if by else found)
    return Seen(
        number=number,
        visits=tuple(sorted(told, key=lambda one: (one["date"], one["start"], one["id"]))),
        outcomes={one["id"]: known[one["id"]] for one in told if one["id"] in known},
        **facts,
    )
