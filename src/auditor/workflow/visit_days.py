"""The days of a sealed plan while it is carried out: what is to be released, told, noted, and closed.

Whoever does not have the planning key learns of what was released and of nothing else: whether a day to
come has visits at all is sealed too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auditor.draw.outcomes import OUTCOMES
from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_
from auditor.store import Database
from auditor.store.numbers import read_frozen_part, read_numbers, read_outcomes, read_released
from auditor.workflow import draw_views, plan_views, telling
from auditor.workflow.carried import as_it_was
from auditor.workflow.ceremony import number_of
from auditor.workflow.door import Seen
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.releasing import StandIn, release, stood_in, with_start
from auditor.workflow.repairs import read_current

STAYS = "replaced"
"""The outcome that nobody changes any more."""
CHOICES = tuple(one for one in OUTCOMES if one != STAYS)
"""What may be said of a visit."""


class OtherDay(AuditorError):
    """Somebody wants to release the visits of a day that is not today."""

    exit_code = USAGE
    sentence = N_("visits are released on their day: this is the page of {day}, and today is {today}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day of a plan as far as it may be seen.

    `told` of its visits were released; of `open` ones nobody has said what became, which matters from the
    day on; `due` are both open and not released.
    """

    day: date
    sorties: int
    visits: int
    told: int
    open: int
    due: int

    @property
    def sealed(self) -> int:
        """How many of its visits were not released."""
        return self.visits - self.told


def day_rows(seen: Seen) -> list[DayRow]:
    """Give the days on which a plan has visits that may be seen, in their order."""
    return _rows(seen.visits, seen.outcomes, seen.told)


def _rows(
    visits: Iterable[Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]], told: Iterable[str]
) -> list[DayRow]:
    by_day: dict[str, list[Mapping[str, Any]]] = {}
    for one in visits:
        by_day.setdefault(one["date"], []).append(one)
    released = frozenset(told)
    return [
        DayRow(
            day=date.fromisoformat(day),
            sorties=len({(one["sortie"], tuple(one["team"])) for one in several}),
            visits=len(several),
            told=sum(one["id"] in released for one in several),
            open=sum(one["id"] not in known for one in several),
            due=sum(one["id"] not in known and one["id"] not in released for one in several),
        )
        for day, several in sorted(by_day.items())
    ]


def may_have_visits(db: Database, record: Mapping[str, Any], day: date) -> bool:
    """Whether a number may have visits on a day, as everybody knows: somebody stands by then."""
    field = read_frozen_part(db, record["number"], "field") or {"days": ()}
    first, last = record["facts"]["period"]
    return first <= day.isoformat() <= last and day.isoformat() in field["days"]


def waits(db: Database, record: Mapping[str, Any], seen: Seen, today: date) -> bool:
    """Whether visits of today are to be released; without the planning key, whether there may be any."""
    if record["state"] != "planned" or record.get("abandoned"):
        return False
    if seen.record is None:
        return _only_the_key_tells(db, record, (one for _of, one in read_released(db, seen.number)), today)
    return any(one.day == today and one.due for one in day_rows(seen))


def _only_the_key_tells(
    db: Database, record: Mapping[str, Any], released: Iterable[Mapping[str, Any]], today: date
) -> bool:
    """Whether a number may have visits of today, none of which was released: they are, all at once."""
    told = any(one["date"] == today.isoformat() for one in released)
    return not told and may_have_visits(db, record, today)


def release_day(
    db: Database, number: int, day: date, password: AskPassword, now: datetime, *, drill: bool = False
) -> int:
    """Release the visits of one number on their day; give how many, also of those told before.

    Raises
    ------
    OtherDay, OutOfOrder, and what `release` raises
    """
    if day != now.date():
        raise OtherDay(day=day.isoformat(), today=f"{now:%Y-%m-%d}")
    return len(release(db, number, password, now, drill=drill))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What was recorded of a visit, as a form shows it: `day` and `team` "" where they are those of the plan.

    `who` are the neutral ids of `team`.
    """

    outcome: str = ""
    reason: str = ""
    day: str = ""
    team: str = ""
    who: tuple[str, ...] = ()


def noted(db: Database, seen: Seen) -> dict[str, Noted]:
    """Give what was recorded of the visits that may be seen, by id; empty for those of which nothing was."""
    own, people = telling.own_ids(db, seen.number), plan_views.people_names(db)
    found = {one["id"]: Noted() for one in seen.visits}
    for visit, one in seen.outcomes.items():
        if visit in found:
            team = tuple(one.get("team", ()))
            found[visit] = Noted(
                outcome=one["outcome"],
                reason=one.get("reason", ""),
                day=one.get("date", ""),
                team=", ".join(people.get(own.get(who, who), who) for who in team),
                who=team,
            )
    return found


def may_note(record: Mapping[str, Any], seen: Seen, today: date) -> frozenset[str]:
    """Name the visits of which it may be said here what became of them: theirs is today or past.

    Without the planning key these are the released ones of which nobody has said it; with it all, but for
    those whose unit was replaced.
    """
    if record["state"] != "planned" or record.get("abandoned"):
        return frozenset()
    until = [one for one in seen.visits if one["date"] <= today.isoformat()]
    if seen.record is None:
        return frozenset(one["id"] for one in until if one["id"] not in seen.outcomes)
    return frozenset(
        one["id"] for one in until if seen.outcomes.get(one["id"], {}).get("outcome", "") != STAYS
    )


def may_stand_in(record: Mapping[str, Any], seen: Seen, today: date) -> frozenset[str]:
    """Name the visits for which the next of the reserve order may be taken here.

    They were drawn and released, theirs is today or past, the period is not over, and nobody has said yet
    what became of them.
    """
    if today.isoformat() > seen.last:
        return frozenset()
    ids = may_note(record, seen, today) & seen.told - seen.outcomes.keys()
    return frozenset(one["id"] for one in seen.visits if one["id"] in ids and one.get("source") != "directed")


def stand_in_told(db: Database, seen: Seen, visit_id: str, key: AskPassword | None) -> StandIn | None:
    """Say what it means that another unit stands in at a visit; None where nobody does, or none may know.

    Raises
    ------
    age.NotSealedForThisKey, NotTheSealedPlan
    """
    if all(one["id"] != visit_id for one in seen.visits):
        return None
    visits = [one for _of, one in read_released(db, seen.number)]
    if key is not None and all(one["id"] != visit_id for one in visits):
        sealed, current = read_current(db, number_of(db, seen.number), open_key(db, key))
        visits = [with_start(one, sealed.record.get("starts", {})) for one in current.visits]
    return stood_in(db, seen.number, visit_id, visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a number with a sealed plan waits for.

    Attributes
    ----------
    over
        Whether its period is over: it is to be closed.
    today
        Its visits of today as far as they may be seen; None where there are none to be seen.
    unknown
        Whether only the planning key can tell if today has visits to be released.
    past
        The days before today with visits of which nobody has said what became, the first first.
    """

    number: int
    over: bool
    today: DayRow | None
    unknown: bool
    past: tuple[DayRow, ...]

    @property
    def open(self) -> int:
        """How many visits of past days nobody has said of what became."""
        return sum(one.open for one in self.past)


def due(db: Database, now: datetime, key: AskPassword | None) -> list[Due]:
    """Give what every number with a sealed plan waits for, by number; `key` is None for one without it.

    Raises
    ------
    age.NotSealedForThisKey, NotTheSealedPlan
    """
    today = now.date()
    found = []
    for record in read_numbers(db):
        if record["state"] != "planned" or record.get("abandoned"):
            continue
        number = record["number"]
        released = {one["id"]: one for _of, one in read_released(db, number)}
        known = read_outcomes(db, number)
        rows = _rows(_visits(db, record, released, known, key), known, released)
        own = next((one for one in rows if one.day == today), None)
        found.append(
            Due(
                number=number,
                over=draw_views.next_of(record, now) == draw_views.CLOSE,
                today=own,
                unknown=key is None and _only_the_key_tells(db, record, released.values(), today),
                past=tuple(one for one in rows if one.day < today and one.open),
            )
        )
    return found


def _visits(
    db: Database,
    record: Mapping[str, Any],
    released: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
    key: AskPassword | None,
) -> Sequence[Mapping[str, Any]]:
    """Give the visits of a number that may be seen, as they really were."""
    several = dict(released)
    if key is not None:
        _sealed, current = read_current(db, record, open_key(db, key))
        several |= {one["id"]: one for one in current.visits}
    return [as_it_was(one, known) for one in several.values()]
