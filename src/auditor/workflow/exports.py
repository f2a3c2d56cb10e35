"""The step of what comes out: records, calendars, workbooks, task sheets, the page of the month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from auditor.checklists.asking import asked_once
from auditor.entities import Inspector, Person, Unit
from auditor.i18n import _, labelled, language, ngettext
from auditor.pages.evidence import evidence_text
from auditor.pages.html import banners
from auditor.pages.roster_workbook import roster_workbook
from auditor.pages.summary import summary_html
from auditor.pages.tasks import task_html
from auditor.pages.views import (
    DrawnView,
    DutyView,
    FairView,
    MonthView,
    NoteView,
    PersonView,
    PlaceView,
    SortieView,
    StopView,
)
from auditor.pages.words import (
    REASON_WORDS,
    RULE_NAMES,
    RULE_WORDS,
    SLOT_WORDS,
    month_name,
    word,
)
from auditor.pages.workbooks import plan_workbook
from auditor.roster.fairness import spreads
from auditor.roster.problem import POSTS
from auditor.workflow import plans
from auditor.workflow.called import names_apart
from auditor.workflow.demo import Loop, verify_command
from auditor.workflow.domains import domain_titles
from auditor.workflow.duty import roster_outputs, rosters
from auditor.workflow.papers import json_text


def write_all(loop: Loop, folder: Path, out: Path) -> None:
    """Write everything a demonstration gives into `folder`; `out` is where it will stand."""
    (folder / "programme.toml").write_bytes(loop.programme.encode())
    for name, record in (
        ("draw.json", loop.closed),
        ("plan.json", loop.planned.record),
        ("roster.json", loop.roster),
    ):
        (folder / name).write_bytes(json_text(record).encode())
    (folder / "people").mkdir()
    for name, data in _roster_files(loop).items():
        (folder / name).write_bytes(data)
    view = month_view(loop, out)
    (folder / "summary.html").write_bytes(summary_html(view).encode())
    (folder / "plan.xlsx").write_bytes(plan_workbook(view))
    (folder / "tasks").mkdir()
    for sortie in view.sorties:
        page = task_html(sortie, bureau=view.bureau, synthetic=view.synthetic, provisional=view.provisional)
        (folder / "tasks" / f"{sortie.day:%m-%d}-{sortie.slot}-{sortie.key}.html").write_bytes(page.encode())


def _names(loop: Loop) -> dict[str, str]:
    """Everyone's name by id: the people of the duty desk and the inspectors."""
    known: dict[str, Person | Inspector] = {one.id: one for one in loop.people}
    return names_apart((known | {one.id: one for one in loop.inspectors}).values())


def _roster_files(loop: Loop) -> dict[str, bytes]:
    """Give the roster's workbook and calendars by file; the calendars name the bureau "demo"."""
    office = roster_outputs.Office(
        bureau="demo",
        name=loop.bureau_name,
        staff={one.id: Person(id=one.id, name=one.name, roles=("inspector",)) for one in loop.inspectors}
        | {one.id: one for one in loop.people},
        inspectors=loop.inspectors,
        days=loop.month.of,
    )
    kept = roster_outputs.Kept(
        month=loop.month.key, record=loop.roster, seats=roster_outputs.seats_of([loop.roster])
    )
    marks = banners(loop.synthetic, loop.month.provisional, not loop.synthetic)
    view = roster_outputs.view_of(kept, loop.month, office, marks)
    return {"roster.xlsx": roster_workbook(view)} | roster_outputs.calendars_of(
        office, [kept], loop.now, span=loop.month.key, plain_names=True
    )


def _why(loop: Loop, unit: Unit) -> str:
    """Say in words what a unit's risk share consists of."""
    found = sum(one.unit == unit.id for one in loop.findings)
    parts = [_("2 for every unit")]
    if found:
        parts.append(ngettext("2 × {n} past finding", "2 × {n} past findings", found).format(n=found))
    if unit.boarders:
        parts.append(_("2 for boarders"))
    if unit.tags:
        parts.append(f"{len(unit.tags)}: {'、'.join(unit.tags)}")
    rest = loop.frame.shares[unit.id] - 2 - 2 * found - (2 if unit.boarders else 0) - len(unit.tags)
    if rest:
        parts.append(_("{points} of other plugins").format(points=rest))
    return " + ".join(parts)


def month_view(loop: Loop, out: Path) -> MonthView:
    """Put a demonstration into the values that its pages show."""
    names = _names(loop)
    by_neutral = {neutral: names[own] for own, neutral in loop.drawn.staff_key.items()}
    units = loop.frame.units
    points = plans.points_of(units, loop.start)
    domain_name = domain_titles(loop.plugins)
    made = loop.planned.made
    order = {slot: at for at, slot in enumerate(SLOT_WORDS)}
    sorties = []
    for sortie in sorted(made.sorties, key=lambda one: (made.days[one.key], order[one.slot], one.key)):
        stops = tuple(
            StopView(
                start=plans.clock(stop.start),
                minutes=stop.minutes,
                unit=units[stop.unit].name,
                unit_id=stop.unit,
                kind=units[stop.unit].kind,
                township=units[stop.unit].township or units[stop.unit].district,
                domains=tuple(domain_name[key] for key in stop.domains),
                lat=points[stop.unit][0],
                lng=points[stop.unit][1],
                stand_in=units[stop.unit].lat is None,
                checklists=tuple(
                    (domain_name[key], items)
                    for key, items in asked_once(
                        {key: loop.plugins.domains[key] for key in stop.domains}, units[stop.unit]
                    ).items()
                ),
            )
            for stop in sortie.stops
        )
        sorties.append(
            SortieView(
                key=sortie.key,
                day=date.fromisoformat(made.days[sortie.key]),
                slot=sortie.slot,
                team=tuple(by_neutral[one] for one in made.teams[sortie.key]),
                lead=units[made.leads[sortie.key]].name,
                metres=sortie.metres,
                stops=stops,
            )
        )
    slots: dict[str, list[str]] = {}
    for one in sorties:
        for stop in one.stops:
            slots.setdefault(stop.unit_id, []).append(one.slot)
    drawn = set(loop.drawn.chosen)
    carried = {row["id"]: row["carried"] for row in loop.roster["people"]}
    role = {row["id"]: row["role"] for row in loop.roster["people"]}
    duties: dict[date, list[DutyView]] = {}
    for day in loop.month.days:
        for post in POSTS:
            people = tuple(
                names[row["person"]]
                for row in loop.roster["assignments"]
                if row["date"] == day.day.isoformat() and row["post"] == post.id
            )
            duties.setdefault(day.day, []).append(DutyView(post=post.id, people=people))
    return MonthView(
        bureau=loop.bureau_name,
        month=loop.month.key,
        synthetic=loop.synthetic,
        provisional=loop.month.provisional,
        invented_people=not loop.synthetic,
        sources=loop.month.sources,
        days=loop.month.days,
        headlines=tuple(headlines(loop)),
        notes=tuple(loop.notes),
        next_steps=tuple(next_steps(loop, out)),
        figures=tuple(figures(loop)),
        commit_sha256=loop.closed["commit_sha256"],
        plan_root=loop.closed["plan_root"],
        command=verify_command(loop, out),
        start=loop.start,
        places=tuple(
            PlaceView(
                name=unit.name,
                lat=points[unit.id][0],
                lng=points[unit.id][1],
                drawn=unit.id in drawn,
                slots=tuple(slots.get(unit.id, ())),
            )
            for unit in units.values()
        ),
        sorties=tuple(sorties),
        drawn=tuple(
            DrawnView(
                unit=units[one].name,
                unit_id=one,
                township=units[one].township or units[one].district,
                kind=units[one].kind,
                pi=loop.pi[one],
                share=loop.frame.shares[one],
                why=_why(loop, units[one]),
            )
            for one in sorted(drawn, key=lambda one: (-loop.pi[one], one))
        ),
        unplaced=tuple(
            NoteView(
                what=f"{units[one.unit].name}（{'、'.join(domain_name[key] for key in one.domains)}）"
                if language() == "zh"
                else f"{units[one.unit].name} ({', '.join(domain_name[key] for key in one.domains)})",
                why=word(REASON_WORDS, one.reason),
                detail=evidence_text(one.reason, one.evidence, domain_name),
            )
            for one in made.unplaced
        ),
        departures=tuple(_departure(one, by_neutral) for one in made.departures),
        duties={day: tuple(found) for day, found in duties.items()},
        fairness=tuple(
            FairView(
                name=names[who],
                role=role[who],
                counters={
                    name: (carried[who][name], total - carried[who][name]) for name, total in found.items()
                },
            )
            for who, found in loop.roster["counters"].items()
        ),
        standby={
            names[who]: half_days for who, half_days in rosters.pattern(loop.inspectors, loop.month).items()
        },
        people={one.name: PersonView(name=one.name, post=one.post, phone=one.phone) for one in loop.people},
    )


def _departure(one: Any, by_neutral: Mapping[str, str]) -> NoteView:
    def told(value: str | tuple[str, ...]) -> str:
        return value if isinstance(value, str) else "、".join(by_neutral[who] for who in value)

    what = _("sortie {key}: day {lot}") if one.of == "day" else _("sortie {key}: team {lot}")
    return NoteView(
        what=what.format(key=one.sortie, lot=told(one.lot)),
        why=word(RULE_WORDS, one.rule),
        detail=_("{given}, choice {rank} after it").format(given=told(one.given), rank=one.rank),
    )


def unplaced_units(loop: Loop) -> list[str]:
    """Give the drawn units that lack a visit for some of their domains, by id."""
    return sorted({one.unit for one in loop.planned.made.unplaced})


def headlines(loop: Loop) -> list[str]:
    """Give the first lines, weightiest first; what limits the month all stands in the first."""
    drawn = len(loop.drawn.chosen)
    missing = len(unplaced_units(loop))
    warnings = []
    if missing * 10 > drawn:
        warnings.append(
            _("{missing} of {drawn} drawn units ({percent} %) could not be placed; see why below.").format(
                missing=missing, drawn=drawn, percent=round(100 * missing / drawn)
            )
        )
    if loop.month.out_of_term:
        warnings.append(
            _(
                "Outside term: only units with boarders and training centres are in the frame ({n} of {all})."
            ).format(n=len(loop.frame.units), all=len(loop.units))
        )
    lines = [" ".join(warnings)] if warnings else []
    lines.append(
        _("{n} of {all} units were drawn for {month}; {visits} visits in {sorties} sorties, {km} km.").format(
            n=drawn,
            all=len(loop.frame.units),
            month=month_name(loop.month.key),
            visits=len(loop.planned.visits),
            sorties=len(loop.planned.made.sorties),
            km=f"{_metres(loop) / 1000:.0f}",
        )
    )
    if drawn == len(loop.frame.units):
        lines.append(_("The month's half-days carry every unit of the frame: nothing is left to chance."))
    if loop.month.provisional:
        lines.append(_("Plan and roster are provisional (暂定): the year's holiday notice is not known."))
    return lines


def _metres(loop: Loop) -> int:
    return sum(sortie.metres for sortie in loop.planned.made.sorties)


def _gap(loop: Loop) -> str:
    record = loop.planned.record
    if record["objective_m"] == record["bound_m"]:
        return _("proven shortest")
    gap = 100 * (record["objective_m"] - record["bound_m"]) / max(record["objective_m"], 1)
    return _("at most {gap} % above the proven bound").format(gap=f"{gap:.1f}")


def figures(loop: Loop) -> list[tuple[str, str, str]]:
    """Give the month's sums: number, what it counts, detail."""
    drawn, count = len(loop.drawn.chosen), len(loop.frame.units)
    certain = sum(pi == 1_000_000 for pi in loop.pi.values())
    least = min(loop.pi.values())
    made = loop.planned.made
    rules: dict[str, int] = {}
    for one in made.departures:
        rules[one.rule] = rules.get(one.rule, 0) + 1
    nights = spreads(loop.roster)["officer", "night"]
    return [
        (
            f"{drawn} / {count}",
            _("units drawn"),
            _("chances {least}–{most} %, {certain} certain").format(
                least=f"{least / 10_000:.1f}",
                most=f"{max(loop.pi.values()) / 10_000:.1f}",
                certain=certain,
            ),
        ),
        (
            f"{12 * (drawn - len(unplaced_units(loop))) / count:.1f}",
            _("visits a year for a unit"),
            _("on average; at least {floor} whatever its risk").format(floor=f"{12 * least / 1_000_000:.1f}"),
        ),
        (f"{_metres(loop) / 1000:.0f} km", _("driven"), _gap(loop)),
        (
            str(len(unplaced_units(loop))),
            _("drawn units without a place"),
            ", ".join(sorted({one.reason for one in made.unplaced})) or _("all have one"),
        ),
        (
            str(len(made.departures)),
            _("lots that gave way"),
            ", ".join(f"{word(RULE_NAMES, rule)} {n}" for rule, n in sorted(rules.items())) or _("none"),
        ),
        (
            f"{nights[0]}–{nights[1]}",
            _("nights for each officer"),
            _("fairest, proven")
            if loop.roster["status"] == "optimal"
            else _("bound {bound} of {objective}").format(
                bound=loop.roster["bound"], objective=loop.roster["objective"]
            ),
        ),
    ]


def cure(loop: Loop) -> str:
    """Say what would place the units left out for capacity; "" where none was."""
    made = loop.planned.made
    left = [one for one in made.unplaced if one.reason == "capacity"]
    if not left:
        return ""
    more = -(-2 * len(left) // 3)
    return _(
        "About {sorties} more sorties would place the {count} visits left out: {half_days} more half-days of "
        "inspectors, or as many more half-days of a car where both are out."
    ).format(sorties=more, count=len(left), half_days=2 * more)


def next_steps(loop: Loop, out: Path) -> list[str]:
    """Say what to do next."""
    steps = []
    if cure(loop):
        steps.append(cure(loop))
    if loop.synthetic:
        steps.append(
            _("Run it on your own register: {program} demo --units schools.xlsx").format(program=loop.program)
        )
    steps += [
        _("Print the task sheets in {folder}").format(folder=out / "tasks"),
        _("Send {duty} to the office and people/*.ics to each person").format(duty=out / "duty.ics"),
        _("Check plan and roster: {program} plan check --db {db}; {program} roster check --db {db}").format(
            program=loop.program, db=out / "bureau.db"
        ),
    ]
    if any(not one.get("verified") for one in loop.month.sources):
        steps.append(_("Compare the calendar's days off with this year's official notice"))
    return steps


def summary_text(loop: Loop, out: Path) -> str:
    """Say the month in a screenful that a person likes to read."""
    view = month_view(loop, out)
    mark = "、" if language() == "zh" else ", "
    first, *rest = view.headlines
    told = banners(view.synthetic, view.provisional, view.invented_people)
    lines = [first, " · ".join(told), *rest, ""]
    lines += [f"  {number:>9}  {what} – {detail}" for number, what, detail in view.figures]
    lines += ["", _("Drawn, likeliest first:")]
    for one in view.drawn[:8]:
        lines.append(f"  {one.pi / 10_000:5.1f} %  {one.unit}  [{one.why}]")
    if len(view.drawn) > 8:
        lines.append(_("  … and {count} more in summary.html").format(count=len(view.drawn) - 8))
    lines += ["", _("Who goes when (first ten):")]
    for sortie in view.sorties[:10]:
        stops = mark.join(f"{stop.start} {stop.unit}" for stop in sortie.stops)
        lines.append(
            f"  {sortie.day:%m-%d} {word(SLOT_WORDS, sortie.slot)}  "
            + labelled(mark.join(sortie.team), stops)
        )
    for note in view.unplaced:
        lines += [_("Not placed: {what}: {why}").format(what=note.what, why=note.why) + f" ({note.detail})"]
    lines += ["", _("On duty in the first week:")]
    for day in view.days[:7]:
        people = "  ".join(labelled(post, mark.join(who)) for post, who in _posts(view, day.day))
        lines.append(f"  {day.day:%m-%d} {people}")
    lines += ["", _("Taken as given:"), *(f"  {note}" for note in view.notes)] if view.notes else []
    lines += ["", _("Seed: {seed}").format(seed=loop.seed), f"commit_sha256  {view.commit_sha256}"]
    lines += [f"plan_root      {view.plan_root}", _("Anyone checks the draw with:"), f"  {view.command}", ""]
    lines += [_("Next:"), *(f"  · {step}" for step in view.next_steps), ""]
    lines.append(_("Look at {file}").format(file=out / "summary.html"))
    return "\n".join(lines)


def _posts(view: MonthView, day: date) -> list[tuple[str, tuple[str, ...]]]:
    from auditor.pages.words import POST_WORDS

    return [(word(POST_WORDS, duty.post), duty.people) for duty in view.duties[day]]


def summary_record(loop: Loop, out: Path) -> dict[str, Any]:
    """Give the summary for programs."""
    return {
        "out": str(out),
        "month": loop.month.key,
        "seed": loop.seed,
        "units": len(loop.frame.units),
        "drawn": len(loop.drawn.chosen),
        "visits": len(loop.planned.visits),
        "sorties": len(loop.planned.made.sorties),
        "unplaced": len(unplaced_units(loop)),
        "departures": len(loop.planned.made.departures),
        "metres": _metres(loop),
        "objective_m": loop.planned.record["objective_m"],
        "bound_m": loop.planned.record["bound_m"],
        "roster": {name: loop.roster[name] for name in ("status", "objective", "bound")},
        "provisional": loop.month.provisional,
        "commit_sha256": loop.closed["commit_sha256"],
        "plan_root": loop.closed["plan_root"],
        "verify": verify_command(loop, out),
        "notes": loop.notes,
    }
