"""A month's work as six steps: how far each is, what is missing, and which is next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from auditor.i18n import N_, _, language
from auditor.pages.words import POST_WORDS, word
from auditor.store import Database
from auditor.store.log import last_of_kinds
from auditor.store.numbers import read_numbers
from auditor.store.records import read_plan
from auditor.store.rosters import read_roster
from auditor.store.staff import read_staff
from auditor.store.units import find_units
from auditor.workflow import plan_news
from auditor.workflow import programmes as programme_step
from auditor.workflow.called import staff_names
from auditor.workflow.duty import roster_given, roster_revisions
from auditor.workflow.duty.rosters import duties_of
from auditor.workflow.months import BEIJING, calendar_of, month_of, next_month

WAITS, READY, RUNNING, DONE, STALE = "todo", "ready", "running", "done", "stale"
"""How far a step is: todo waits for an earlier one, stale was made before an input changed."""

STEPS = ("register", "programme", "draw", "plan", "roster", "calendars")

STAFF_KINDS = ("people", "people import", "inspectors import", "people set", "import undo")
LEAVE_KINDS = ("leave import", "leave add", "leave cancel", "leave approve", "leave return")
YEAR_KINDS = ("calendars import", "calendars drop")
ROSTER_KINDS = (*STAFF_KINDS, *LEAVE_KINDS, *YEAR_KINDS, "roster wish", "roster settings")
"""What the log calls the deeds that change what a roster was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: its key, how far it is, the numbers that it shows, what is missing.

    `note` and `missing` are texts marked for the catalogue; `facts` fill them.
    """

    key: str
    state: str
    note: str = ""
    missing: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def _shown(self) -> dict[str, Any]:
        """Give the facts with blanks between thousands."""
        return {
            key: f"{one:,}".replace(",", " ") if isinstance(one, int) else one
            for key, one in self.facts.items()
        }

    @property
    def told(self) -> str:
        """Say what stands, in the language of the context."""
        return _(self.note).format(**self._shown())

    @property
    def lacks(self) -> str:
        """Say what is missing."""
        return _(self.missing).format(**self._shown())


def month_at(now: datetime) -> str:
    """Give the month that is worked on: this one, from the 20th on the next one."""
    today = now.astimezone(BEIJING).date()
    return next_month(now) if today.day >= 20 else f"{today:%Y-%m}"


def steps(db: Database, month: str, today: date) -> list[Step]:
    """Give the six steps of a month in their order, as they stand on a day.

    Raises
    ------
    UsageProblem
        For what is no month.
    """
    period = month_of(month, calendar_of(db))
    register = _register(db)
    mine = [
        one for one in programme_step.programmes(db) if one.first <= period.last and period.first <= one.last
    ]
    ids = {one.id for one in mine}
    numbers = [one for one in read_numbers(db) if one["programme"] in ids and one["state"] != "abandoned"]
    demo = read_plan(db, month)
    programme = _programme(register, [one.name for one in mine], demo)
    draw = _draw(programme, numbers, demo)
    plan = _plan(db, draw, numbers, demo, today)
    roster = _roster(db, register, month)
    return [register, programme, draw, plan, roster, _calendars(db, month, roster)]


def next_step(found: list[Step]) -> Step | None:
    """Give the step whose button is the main one: the first that is ready, running or stale."""
    for one in found:
        if one.state in (RUNNING, READY, STALE):
            return one
    return None


def _register(db: Database) -> Step:
    units = find_units(db, limit=0)[1]
    people = len(read_staff(db))
    facts = {"units": units, "people": people}
    if not units:
        return Step(key="register", state=READY, missing=N_("no units yet: drop the register"), facts=facts)
    if not people:
        return Step(
            key="register", state=READY, note=N_("{units} units"), missing=N_("no staff yet: drop the list"),
            facts=facts,
        )  # fmt: skip
    return Step(key="register", state=DONE, note=N_("{units} units, {people} people"), facts=facts)


def _programme(register: Step, names: list[str], demo: Mapping[str, Any] | None) -> Step:
    if names:
        return Step(
            key="programme", state=DONE, note=N_("{name}") if len(names) == 1 else N_("{n} programmes"),
            facts={"name": names[0], "n": len(names)},
        )  # fmt: skip
    if demo is not None:
        return Step(key="programme", state=DONE, note=N_("demonstration"))
    if register.state != DONE:
        return Step(key="programme", state=WAITS, missing=N_("first the register"))
    return Step(key="programme", state=READY, missing=N_("none for this month"))


def _draw(programme: Step, numbers: list[dict[str, Any]], demo: Mapping[str, Any] | None) -> Step:
    if demo is not None and not numbers:
        return Step(key="draw", state=DONE, note=N_("demonstration"))
    if not numbers:
        state = READY if programme.state == DONE else WAITS
        missing = N_("nothing drawn yet") if state == READY else N_("first the programme")
        return Step(key="draw", state=state, missing=missing)
    drawn = [one for one in numbers if one["state"] in ("run", "planned", "closed")]
    if len(drawn) == len(numbers):
        count = sum(one["facts"]["n"] for one in drawn if "facts" in one)
        return Step(key="draw", state=DONE, note=N_("{n} units drawn"), facts={"n": count})
    waiting = next(one for one in numbers if one not in drawn)
    missing = N_("no. {number}: now commit") if waiting["state"] == "frozen" else N_("no. {number}: now draw")
    return Step(key="draw", state=READY, missing=missing, facts={"number": waiting["number"]})


def _plan(
    db: Database, draw: Step, numbers: list[dict[str, Any]], demo: Mapping[str, Any] | None, today: date
) -> Step:
    planned = [one for one in numbers if one["state"] in ("planned", "closed")]
    if demo is not None and not numbers:
        return Step(key="plan", state=DONE, note=N_("{n} visits"), facts={"n": len(demo.get("visits", ()))})
    if not planned or len(planned) < len(numbers):
        state = READY if draw.state == DONE else WAITS
        return Step(
            key="plan", state=state, missing=N_("not planned yet") if state == READY else N_("first the draw")
        )
    changed = [one for one in planned if plan_news.news(db, one, today)]
    if changed:
        return Step(
            key="plan", state=STALE, missing=N_(
                "staff, leave, calendar or days without visits changed since: see if a visit is touched"
            ),
            facts={"number": changed[0]["number"]},
        )  # fmt: skip
    return Step(key="plan", state=DONE, note=N_("planned and sealed"))


def _later(one: str, other: str) -> bool:
    first, second = (
        moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
        for moment in (datetime.fromisoformat(one), datetime.fromisoformat(other))
    )
    return first > second


def _roster(db: Database, register: Step, month: str) -> Step:
    last = roster_revisions.last(db, month)
    if last is None:
        if register.facts["people"]:
            return Step(key="roster", state=READY, missing=N_("not made yet"))
        return Step(key="roster", state=WAITS, missing=N_("first the staff"))
    state = last["state"]
    if state in (roster_revisions.PUBLISHED, roster_revisions.LOCKED):
        note = N_("published") if state == roster_revisions.PUBLISHED else N_("locked")
        return Step(key="roster", state=DONE, note=note)
    changed = last_of_kinds(db, ROSTER_KINDS)
    if last["at"] and changed and _later(changed, last["at"]):
        return Step(key="roster", state=STALE, missing=N_("staff, leave, calendar or wishes changed since"))
    missing = {
        roster_revisions.DRAFT: N_("draft: send it for approval"),
        roster_revisions.SUBMITTED: N_("waits for approval"),
        roster_revisions.APPROVED: N_("approved: publish it"),
    }[state]
    return Step(key="roster", state=READY, missing=missing)


def _calendars(db: Database, month: str, roster: Step) -> Step:
    if roster.state == DONE:
        went, last = roster_given.given(db).get(month), roster_revisions.last(db, month)
        if went is not None and last is not None and roster_revisions.went_out(db, month, went):
            return Step(key="calendars", state=DONE, note=N_("downloaded"))
        if went is not None:
            return Step(key="calendars", state=STALE, missing=N_("duties moved since: download again"))
        return Step(key="calendars", state=READY, missing=N_("download and print"))
    return Step(key="calendars", state=WAITS, missing=N_("first the roster"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDay:
    """Who is on duty on a day: the names of each post, posts in the roster's order."""

    day: date
    cls: str
    names: Mapping[str, tuple[str, ...]]


def duty_ahead(db: Database, today: date, days: int = 7) -> tuple[dict[str, str], list[DutyDay]]:
    """Give the words of the posts and the duties of the next days, today first; empty without any."""
    last = today + timedelta(days=days - 1)
    months = sorted({f"{today:%Y-%m}", f"{last:%Y-%m}"})
    stored = {key: roster for key in months if (roster := read_roster(db, key)) is not None}
    if not stored:
        return {}, []
    known = staff_names(db)
    posts: dict[str, str] = {}
    found: dict[date, dict[str, list[str]]] = {}
    for roster in stored.values():
        for row in roster["posts"]:
            posts.setdefault(row["id"], _post_word(row))
        for duty in duties_of({**roster, "before": []}):
            if today <= duty.day <= last:
                of_day = found.setdefault(duty.day, {})
                of_day.setdefault(duty.post, []).append(known.get(duty.person, duty.person))
    of = calendar_of(db)
    classes = {one.day: one.cls for month in months for one in month_of(month, of).days}
    rows = [
        DutyDay(day=day, cls=classes.get(day, ""), names={key: tuple(who) for key, who in found[day].items()})
        for day in sorted(found)
    ]
    return {key: word for key, word in posts.items() if any(key in one.names for one in rows)}, rows


def _post_word(row: Mapping[str, Any]) -> str:
    if language() == "zh" and row.get("zh"):
        return str(row["zh"])
    return word(POST_WORDS, row["id"])


def without_point(db: Database) -> int:
    """Count the open Units that have no coordinates."""
    return find_units(db, where={"lat": [None], "closed": [""]}, limit=0)[1]
