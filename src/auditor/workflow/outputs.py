"""The step of what a plan gives out: what the door lets through, with names, roads, items and past faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from auditor.checklists.asking import asked_once
from auditor.draw.outcomes import NO_RECORD
from auditor.entities import Unit
from auditor.i18n import N_, _, labelled, language, listed
from auditor.pages.evidence import evidence_text
from auditor.pages.html import banners
from auditor.pages.plan_views import PlanView
from auditor.pages.views import FaultView, NoteView, PlaceView, SortieView, StopView
from auditor.pages.words import (
    GRADE_WORDS,
    LEFT_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
    RULE_WORDS,
    SLOT_WORDS,
    month_name,
    word,
)
from auditor.plan.legs import metres
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.findings import read_findings
from auditor.store.numbers import read_frozen_part, read_standings
from auditor.store.records import read_draw, read_settings
from auditor.store.units import read_aliases, read_units
from auditor.store.visits import read_operations, read_visits
from auditor.visits.operations import Operation, standing
from auditor.workflow import county, plans
from auditor.workflow.domains import domain_titles
from auditor.workflow.door import Seen
from auditor.workflow.programmes import programme_of
from auditor.workflow.telling import names_of, seats_of

JOINT = "联合"
"""The mode of a programme whose visits other bodies join."""
SECRET = N_("Secret: the plan is sealed")


def units_of(db: Database) -> dict[str, Unit]:
    """Give the Units of the register by id, also by the ids that they had before."""
    found = {one.id: one for one in read_units(db)}
    return {old: found[new] for old, new in read_aliases(db).items() if new in found} | found


def named_rows(
    db: Database, seen: Seen, plugins: Plugins | None = None, *, today: date, fallen: bool = False
) -> list[dict[str, Any]]:
    """Give a row for each visit that may be seen: its record with the names of unit and team.

    `domains` are named where `plugins` are given, else keys; `became` says what became of it. Visits that
    fell away are among them where `fallen` says so. Rows are in order of day and arrival.
    """
    units, (_names, people) = units_of(db), names_of(db)
    words = domain_titles(plugins) if plugins is not None else {}
    visits = sorted(
        (*seen.visits, *(seen.fallen if fallen else ())),
        key=lambda one: (one["date"], one["start"], one["sortie"], one["id"]),
    )
    return [
        {
            **visit,
            "name": _name(units, visit["unit"]),
            "team": [people.get(one, one) for one in visit["team"]],
            "domains": [words.get(one, one) for one in visit["domains"]],
            "became": became(seen, visit, today),
        }
        for visit in visits
    ]


def became(seen: Seen, visit: Mapping[str, Any], today: date) -> str:
    """Say in words what became of a visit: outcome, reason, the other day that it had; "" while to come."""
    if seen.as_sealed or not seen.programme:
        return ""
    outcome = seen.outcomes.get(visit["id"], {"outcome": "", "reason": NO_RECORD})
    told = []
    if outcome["reason"] != NO_RECORD:
        ended = word(OUTCOME_WORDS, outcome["outcome"])
        if "instead_of" in visit:
            ended = _("instead of the unit drawn")
        told.append(labelled(ended, word(LEFT_WORDS, outcome["reason"])) if outcome["reason"] else ended)
    elif visit["date"] < today.isoformat():
        told.append(_("nothing recorded"))
    sealed = {one["id"]: one["date"] for one in seen.record["visits"]} if seen.record is not None else {}
    was, really = sealed.get(visit["id"], visit["date"]), outcome.get("date", visit["date"])
    if told and was != really and outcome["outcome"] != "cancelled":
        other = _("was planned for {day}").format(day=was)
        told.append(other if visit["date"] == really else _("on {day}").format(day=really))
    return listed(told)


def _went(seen: Seen, visit: Mapping[str, Any]) -> bool:
    """Whether, as far as anybody recorded, the team went there on the day that the visit is told with.

    Nobody went where no team was told until the number was closed.
    """
    outcome = seen.outcomes.get(visit["id"], {"outcome": "", "reason": NO_RECORD})
    if outcome["reason"] == NO_RECORD:
        return seen.state != "closed" or visit["id"] in seen.told
    if outcome["outcome"] == "moved":
        return bool(outcome.get("date") == visit["date"])
    return bool(outcome["outcome"] != "cancelled")


def _name(units: Mapping[str, Unit], unit: str) -> str:
    return units[unit].name if unit in units else unit


def places_of(db: Database, seen: Seen) -> plans.Places:
    """Give where the units of a plan's frames are: as frozen, else as the register says now."""
    frozen = read_frozen_part(db, seen.number, "places")
    if frozen is not None:
        return plans.frozen_places(frozen)
    closed = read_draw(db, seen.number) or {"frames": {}}
    units, _former, _lost = plans.units_of_frames(db, closed["frames"])
    return plans.places_of(units, plans.start_of(db))


def plan_view(db: Database, seen: Seen, plugins: Plugins, now: datetime, *, day: date | None) -> PlanView:
    """Put what may be seen of a plan into the values that its pages show; of one day where one is given."""
    places = places_of(db, seen)
    sorties = _sorties(db, seen, seen.visits, plugins, places, day, now.date())
    fallen = tuple(
        replace(one, fallen=True) for one in _sorties(db, seen, seen.fallen, plugins, places, day, now.date())
    )
    record = seen.record if day is None and seen.record is not None else {"unplaced": [], "departures": []}
    units, words = units_of(db), domain_titles(plugins)
    programme = programme_of(db, seen.programme)[0] if seen.programme else None
    seats = tuple(
        _("{who}: name, telephone").format(who=who)
        for who, count in sorted(seats_of(db, seen.number).items())
        for _seat in range(count)
    ) or ((_("joint visit: body, name, telephone"),) if programme and JOINT in programme.modes else ())
    return PlanView(
        bureau=read_settings(db).get("name", ""),
        programme=programme.name if programme else month_name(seen.key),
        number=seen.number,
        first=date.fromisoformat(seen.first),
        last=date.fromisoformat(seen.last),
        marks=tuple(_marks(db, seen)),
        secret=_(SECRET) if seen.secret and seen.programme else "",
        drill=seen.drill,
        today=now.date(),
        start=places.start,
        places=_places(places, sorties, units, record["unplaced"]),
        sorties=sorties,
        fallen=fallen,
        unplaced=tuple(
            NoteView(
                what=_("{unit}: {domains}").format(
                    unit=_name(units, one["unit"]),
                    domains=listed(words.get(key, key) for key in one["domains"]),
                ),
                why=word(REASON_WORDS, one["reason"]),
                detail=evidence_text(one["reason"], one["evidence"], words),
            )
            for one in record["unplaced"]
        ),
        departures=tuple(_departures(db, seen, record["departures"])),
        partners=seats,
    )


def _marks(db: Database, seen: Seen) -> list[str]:
    if seen.programme:
        return []
    return banners(county.is_synthetic(db), bool(seen.whole.get("provisional")))


def _sorties(
    db: Database,
    seen: Seen,
    several: Sequence[Mapping[str, Any]],
    plugins: Plugins,
    places: plans.Places,
    day: date | None,
    today: date,
) -> tuple[SortieView, ...]:
    """Give the sorties of visits, by day and half-day, their stops in the order of arrival.

    A visit that really had another day or team than its sortie is one of its own.
    """
    if not several:
        return ()
    units, (_names, people) = units_of(db), names_of(db)
    grouped: dict[tuple[str, int, str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    slots = list(SLOT_WORDS)
    for visit in several:
        if day is None or visit["date"] == day.isoformat():
            half_day = (visit["date"], slots.index(visit["slot"]), visit["sortie"], tuple(visit["team"]))
            grouped.setdefault(half_day, []).append(visit)
    shown = {visit["unit"] for several in grouped.values() for visit in several}
    faults, standings = faults_of(db, shown, plugins), standing_words(db, shown)
    found = []
    for (on, slot, key, _team), visits in sorted(grouped.items()):
        start = visits[0].get("from", "")
        stops = tuple(
            _stop(visit, seen, units, places, plugins, faults, standings, today) for visit in visits
        )
        found.append(
            SortieView(
                key=key,
                day=date.fromisoformat(on),
                slot=slots[slot],
                team=tuple(people.get(one, one) for one in visits[0]["team"]),
                lead=_name(units, visits[0]["lead"]),
                metres=_way(places.starts.get(start, places.start), stops),
                stops=stops,
                sealed=any(one["id"] not in seen.told for one in visits),
                start=places.starts.get(start),
                start_name=start.removeprefix("@"),
            )
        )
    return tuple(found)


def _way(start: tuple[float, float], stops: Sequence[StopView]) -> int:
    """Give the metres from the start over all stops and back; visits at one stop are driven to once."""
    corners = [start, *((stop.lat, stop.lng) for stop in stops if not stop.at_stop_of), start]
    return sum(metres(one, other, plans.FACTOR) for one, other in pairwise(corners))


def _stop(
    visit: Mapping[str, Any],
    seen: Seen,
    units: Mapping[str, Unit],
    places: plans.Places,
    plugins: Plugins,
    faults: Mapping[str, Sequence[FaultView]],
    standings: Mapping[str, str],
    today: date,
) -> StopView:
    unit = units.get(visit["unit"], Unit(id=visit["unit"], name=visit["unit"]))
    domains = {key: plugins.domain(key) for key in visit["domains"]}
    words = domain_titles(plugins)
    lat, lng = places.points.get(visit["unit"], places.start)
    former = visit.get("instead_of")
    return StopView(
        start=visit["start"],
        minutes=visit["minutes"],
        unit=unit.name,
        unit_id=visit["unit"],
        kind=unit.kind,
        township=unit.township or unit.district,
        domains=tuple(words[key] for key in visit["domains"]),
        lat=lat,
        lng=lng,
        stand_in=visit["unit"] in places.stand_ins or visit["unit"] not in places.points,
        checklists=tuple((words[key], items) for key, items in asked_once(domains, unit).items()),
        visit=visit["id"],
        instead_of=_name(units, former) if former else "",
        at_stop_of=visit.get("stop", ""),
        ordered=visit.get("source") == "directed",
        outcome=became(seen, visit, today),
        went=_went(seen, visit),
        standing=standings.get(visit["unit"], ""),
        faults=tuple(faults.get(visit["unit"], ())),
    )


def _places(
    places: plans.Places,
    sorties: Sequence[SortieView],
    units: Mapping[str, Unit],
    unplaced: Sequence[Mapping[str, Any]],
) -> tuple[PlaceView, ...]:
    """Give every unit of the frames as a dot; a name only to those that may be seen."""
    slots: dict[str, list[str]] = {one["unit"]: [] for one in unplaced}
    for sortie in sorties:
        for stop in sortie.stops:
            slots.setdefault(stop.unit_id, []).append(sortie.slot)
    return tuple(
        PlaceView(
            name=_name(units, unit) if unit in slots else "",
            lat=lat,
            lng=lng,
            drawn=unit in slots,
            slots=tuple(slots.get(unit, ())),
        )
        for unit, (lat, lng) in sorted(places.points.items())
    )


def _departures(db: Database, seen: Seen, departures: Sequence[Mapping[str, Any]]) -> list[NoteView]:
    if not departures:
        return []
    _units, people = names_of(db)
    own = {neutral: one for one, neutral in plans.staff_key(db, seen.number).items()}

    def told(value: str | Sequence[str]) -> str:
        return (
            value if isinstance(value, str) else listed(people.get(own.get(one, one), one) for one in value)
        )

    titles = {"day": _("sortie {key}: day {lot}"), "team": _("sortie {key}: team {lot}")}
    return [
        NoteView(
            what=titles[one["of"]].format(key=one["sortie"], lot=told(one["lot"])),
            why=word(RULE_WORDS, one["rule"]),
            detail=_("{given}, choice {rank} after it").format(given=told(one["given"]), rank=one["rank"]),
        )
        for one in departures
    ]


def faults_of(db: Database, units: set[str], plugins: Plugins) -> dict[str, list[FaultView]]:
    """Give the faults on record of these units, the newest first: imported ones, and those of our visits."""
    items = {item.code: item for domain in plugins.domains.values() for item in domain.items}
    aliases = read_aliases(db)
    now_called = {aliases.get(one, one) for one in units}
    known: dict[str, dict[tuple[str, str], str]] = {}
    for finding in read_findings(db):
        unit = aliases.get(finding.unit, finding.unit)
        known.setdefault(unit, {})[finding.found_on.isoformat(), finding.item] = finding.severity
    for visit in read_visits(db):
        unit = aliases.get(visit["unit"], visit["unit"])
        if unit in now_called:
            answers = standing([Operation(**one) for one in read_operations(db, visit["id"])])
            for code, several in answers.items():
                if code in items and any(one["answer"] in ("fail", "partly") for one in several):
                    known.setdefault(unit, {})[visit["started_at"][:10], code] = items[code].severity

    def what(code: str) -> str:
        if code not in items:
            return ""
        return (items[code].fault or items[code].zh) if language() == "zh" else items[code].en

    return {
        unit: [
            FaultView(day=date.fromisoformat(on), code=code, severity=severity, what=what(code))
            for (on, code), severity in sorted(
                known.get(aliases.get(unit, unit), {}).items(), key=lambda one: one[0], reverse=True
            )
        ]
        for unit in units
    }


def standing_words(db: Database, units: set[str]) -> dict[str, str]:
    """Say what the bureau's file knows of these units as a whole: an overdue major hazard, a grade."""
    grades, overdue = read_standings(db)
    found = {}
    for unit in units:
        told = [_("a major hazard is overdue")] if unit in overdue else []
        if unit in grades:
            told.append(_("risk grade: {grade}").format(grade=word(GRADE_WORDS, grades[unit])))
        if told:
            found[unit] = listed(told)
    return found
