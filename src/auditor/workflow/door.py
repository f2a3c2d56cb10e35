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
from auditor.workflow.carried import as_it_was, carried_out
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
        one and `instead_of` the one that was drawn; `stop` is the arrival of the visit with which it shares
        one stop, where the sortie goes there anyway. Without the key of a sealed plan those that were
        released; empty where there is no plan yet.
    fallen
        Visits that were sealed or ordered and to which nobody goes: dropped before they were told, or called
        off. They have an outcome.
    cars
        How many sorties may be out at once, by kind of half-day, as frozen; empty of a demonstration.
    as_sealed
        Whether it is told as it was sealed, without what became of it.
    told
        Which of the visits were released: they are no secret.
    outcomes
        What became of these visits, by id, as far as it was recorded.
    record
        The plan's record as it was sealed; None unless all of it may be seen.
    salts
        Of the records of a sealed plan that was opened: with them it can be held against its root.
    standing
        The plan as it stands after its repairs, in the shape of a record without what was counted when it
        was sealed; of a closed number as it was carried out, with the outcomes. None where nothing differs
        from what was sealed or it is not all to be seen. `record` stays what was sealed.
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
    fallen: tuple[Mapping[str, Any], ...] = ()
    told: frozenset[str] = frozenset()
    as_sealed: bool = False
    cars: Mapping[str, int] = field(default_factory=dict)

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


def look(
    db: Database, of: Mapping[str, Any] | str, ask: AskPassword | None, *, as_sealed: bool = False
) -> Seen:
    """Give what a caller may see of a plan; `ask` is None for one without the planning key.

    Parameters
    ----------
    of
        A number's record, or the month of a demonstration.
    as_sealed
        Whether it is wanted as it was sealed, whatever became of it; else as it stands, or of a closed
        number as it was carried out.

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
    released = {visit["id"]: visit for _of, visit in read_released(db, number)}
    known = read_outcomes(db, number)
    fallen: list[Mapping[str, Any]] = []
    if public:
        record = read_plans(db)[plan_key(of)][1]
        if not as_sealed:
            standing, away, known = carried_out(db, of, record)
            fallen = [*away]
    elif state == "planned" and ask is not None:
        sealed, current = read_current(db, of, open_key(db, ask))
        record, salts = sealed.record, sealed.salts
        if current.log and not as_sealed:
            standing = as_it_stands(record, current)
            gone = [one for one in record["visits"] if one["id"] in current.gone]
            fallen = [one for one in gone if one["id"] not in released]
    if record is not None:
        starts = record.get("starts", {})
        visits = [with_start(one, starts) for one in (record if standing is None else standing)["visits"]]
        fallen = [with_start(one, starts) for one in fallen]
        if not public and not as_sealed:  # what was told stays told, also where it was dropped afterwards
            there = {one["id"] for one in visits}
            visits += [one for name, one in released.items() if name not in there]
    else:
        visits = list(released.values())
    if not public and not as_sealed:
        visits = [as_it_was(one, known) for one in visits]
    facts = dict(of.get("counts", {}))
    if of.get("repairs") and not public:
        facts = {name: value for name, value in facts.items() if name not in OUTDATED}
        facts["repairs"] = of["repairs"]
    if "plan_root" in of:
        facts["plan_root"] = of["plan_root"]
    first, last = of["facts"]["period"]
    if as_sealed:
        known = {}
    return _seen(
        db,
        visits,
        known,
        fallen=fallen,
        told=frozenset(released),
        as_sealed=as_sealed,
        cars=of["facts"].get("cars", {}),
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
        read_outcomes(db, number),
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


def _seen(
    db: Database,
    visits: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
    *,
    number: int,
    fallen: Sequence[Mapping[str, Any]] = (),
    **facts: Any,
) -> Seen:
    """Put visits into order, with own ids and stand-ins."""
    own = {neutral: one for one, neutral in plans.staff_key(db, number).items()}

    def here(several: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
        found = []
        for visit in several:
            mine = {**visit, "team": [own.get(one, one) for one in visit["team"]]}
            by = known.get(visit["id"], {}).get("by")
            found.append(mine | {"unit": by, "instead_of": visit["unit"]} if by else mine)
        stops = {
            (one["sortie"], one["date"], one["unit"]): one["start"]
            for one in found
            if "instead_of" not in one
        }
        for one in found:
            stop = stops.get((one["sortie"], one["date"], one["unit"]))
            if "instead_of" in one and stop is not None:
                one["stop"] = stop
        return tuple(sorted(found, key=lambda one: (one["date"], one["start"], one["sortie"], one["id"])))

    told, away = here(visits), here(fallen)
    return Seen(
        number=number,
        visits=told,
        fallen=away,
        outcomes={one["id"]: known[one["id"]] for one in (*told, *away) if one["id"] in known},
        **facts,
    )
