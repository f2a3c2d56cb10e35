"""What became known since a plan was made or repaired, for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from auditor.desk.looks import day_words, query
from auditor.desk.visit import Visit
from auditor.entities import Unit
from auditor.i18n import _
from auditor.pages.words import BLACKOUT_WORDS, SLOT_WORDS, word
from auditor.workflow import past, plan_news, plan_views, units
from auditor.workflow.door import Seen
from auditor.workflow.months import calendar_of, period_of


def register_of(visit: Visit) -> Sequence[Unit]:
    """Give all units, read once for a revision."""
    return visit.desk.kept("register", visit.db, lambda: units.whole_register(visit.db))


def news_of(visit: Visit, of: Mapping[str, Any] | str, seen: Seen) -> list[dict[str, Any]]:
    """Say what became known since the plan was sealed or repaired; the visits it touches where it is open."""
    if isinstance(of, str):
        return []
    found = plan_news.news(visit.db, of, visit.now.date())
    if not found:
        return []
    people, register = plan_views.people_names(visit.db), register_of(visit)
    scopes = {one.id: (one.id, one.township, one.district, one.kind) for one in register}
    said = {
        plan_news.LEAVE: _("{name} is on leave"), plan_news.PERSON: _("{name}: changed among the staff"),
        plan_news.BLACKOUT: _("{name}: days without visits"),
        plan_news.YEAR: _("{name}: the calendar changed"),
    }  # fmt: skip
    names = {one.id: one.name for one in register}
    first, last = map(date.fromisoformat, of["facts"]["period"])
    working = {day.isoformat() for day in period_of(first, last, calendar_of(visit.db)).working}
    to_come = None if seen.record is None else _to_come(seen)
    blackouts = past.list_blackouts(visit.db)

    def why(one: plan_news.News) -> str:
        """Give the reason of days without visits, as who set them wrote it."""
        told = [
            row for row in blackouts if row["scope"] == one.of and row["from"] <= f"{one.first}" <= row["to"]
        ]
        return (told[0]["reason"] or _(BLACKOUT_WORDS[told[0]["kind"]])) if told else ""

    rows = []
    for one in found:
        name = names.get(one.of, one.of or _("all units")) if one.kind == plan_news.BLACKOUT else ""
        repair = {"kind": "absent", "who": one.of, "first": f"{one.first}", "last": f"{one.last}"}
        touched = None if to_come is None else plan_news.touched(one, to_come, scopes, working)
        rows.append({
            "text": said[one.kind].format(name=name or people.get(one.of, one.of)),
            "first": one.first,
            "last": one.last,
            "repair": query(repair if one.kind == plan_news.LEAVE else {"kind": "move"}),
            "touched": touched,
            "visits": [] if one.kind in (plan_news.LEAVE, plan_news.PERSON) else [
                (visit_words(row, names), query({"kind": "move", "visit": row["id"], "reason": why(one)}))
                for row in touched or ()
            ],
        })  # fmt: skip
    return rows


def visit_words(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say a visit of an opened plan: day, half-day, unit."""
    return f"{day_words(one['date'])} {word(SLOT_WORDS, one['slot'])} {names.get(one['unit'], one['unit'])}"


def _to_come(seen: Seen) -> list[Mapping[str, Any]]:
    """Give the visits of an opened plan of which nothing was told and nothing became."""
    return [one for one in seen.visits if one["id"] not in seen.told and one["id"] not in seen.outcomes]
