"""Plans: the list, one plan with its months, teams, load and map, its sheets, the door to what is sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.cures import cures_of
from auditor.desk.looks import group, part
from auditor.desk.news import news_of, register_of
from auditor.desk.papers import show_paper
from auditor.desk.rooms.home import due_of, next_of
from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.entities import SLOTS
from auditor.errors import AuditorError
from auditor.i18n import N_, _, language, ngettext
from auditor.pages import plan_words, repair_words
from auditor.pages import shortfall as shortfall_words
from auditor.pages.words import REASON_WORDS, SLOT_LETTERS, SLOT_WORDS, draw_name, word
from auditor.workflow import (
    door,
    draw_views,
    explaining,
    exporting,
    keys,
    loads,
    plan_news,
    plan_views,
    secrecy,
    shortfall,
    telling,
    visit_days,
)
from auditor.workflow.ceremony import STATES, number_of
from auditor.workflow.domains import domain_titles
from auditor.workflow.door import DEMONSTRATION, Seen
from auditor.workflow.plan_views import WAITING, PlanSight
from auditor.workflow.texts import whole_number

A_PAGE = 150
"""So many sorties stand in the table by team at once."""
LINES = 4
"""So many sorties are written into a day of the grid."""
FILES = {
    "plan.xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "tasks.html": ("html", "text/html; charset=utf-8"),
    "cars.html": ("html", "text/html; charset=utf-8"),
    "map.svg": ("svg", "image/svg+xml"),
    "plan.json": ("json", "application/json"),
}
"""What may be downloaded, by name: the format that `exporting.files_of` is asked for, and its type."""
FILE_WORDS = {
    "plan.xlsx": N_("workbook: a sheet a day and a team"), "tasks.html": N_("task sheets, one A4 a team"),
    "cars.html": N_("vehicle requests"), "map.svg": N_("map"), "plan.json": N_("for programs"),
}  # fmt: skip
STATE_TONES = {WAITING: "ready", "planned": "running", "closed": "done", DEMONSTRATION: "todo"}
LOAD_WORDS = {
    "used": N_("used"), "leave": N_("on leave"), "duty": N_("duty, rest"), "held": N_("kept for others"),
    "early": N_("before the draw"), "share": N_("share reached"), "cars": N_("no car left"),
    "alone": N_("no team there"), "not-needed": N_("not needed"), "sealed": N_("sealed"),
}  # fmt: skip


def state_word(state: str) -> str:
    """Say what a plan is."""
    if state == WAITING:
        return _("drawn, to be planned")
    return {"planned": _("sealed"), "closed": _("closed, public"), DEMONSTRATION: _("demonstration")}.get(
        state, _(STATES.get(state, state))
    )


# the list


def show_plans(visit: Visit) -> Response:
    """Show all plans, of one month where one is asked for."""
    found = plan_views.rows(visit.db)
    month = visit.month()
    mine = [one for one in found if month in one.months] if month else found
    waiting: dict[str, plan_views.PlanRow] = {}
    for one in mine:
        if one.state == WAITING:
            waiting.setdefault(one.programme, one)
    return visit.show(
        "plans/list.html",
        nav="/plans",
        rows=[one for one in mine if one.state != WAITING],
        waiting=list(waiting.values()),
        month=month,
        others=len(found) > len(mine),
        state_word=state_word,
        tones=STATE_TONES,
        needs_password=openings.needs_password(visit),
        levels=[(key, word(SECRECY_CHOICES, key)) for key in SECRECY_CHOICES],
        due=_due_by_number(visit),
    )


def _due_by_number(visit: Visit) -> dict[int, list[tuple[str, str]]]:
    """Say in counts what each sealed plan waits for as far as this browser may know, each with its page."""
    today = visit.now.date()
    found: dict[int, list[tuple[str, str]]] = {}
    for one in due_of(visit):
        at = f"/plans/{one.number}"
        lines = found.setdefault(one.number, [])
        if one.today is not None and one.today.due:
            n = one.today.due
            text = ngettext("release {n} visit of today", "release {n} visits of today", n).format(n=n)
            lines.append((text, f"{at}/days/{today}"))
        elif one.unknown:
            lines.append((_("release today's visits, if there are any"), f"{at}/days/{today}"))
        told = one.today.told and one.today.open if one.today is not None else 0
        if told:
            text = ngettext("{n} of today without an outcome", "{n} of today without an outcome", told)
            lines.append((text.format(n=told), f"{at}/days/{today}"))
        if one.open:
            text = ngettext(
                "{n} of past days without an outcome", "{n} of past days without an outcome", one.open
            )
            lines.append((text.format(n=one.open), f"{at}/days/{one.past[0].day}"))
        news = len(plan_news.news(visit.db, number_of(visit.db, one.number), today))
        if news:
            text = ngettext("{n} thing became known since", "{n} things became known since", news)
            lines.append((text.format(n=news), at))
        if one.over:
            lines.append((_("close and publish"), f"/draws/{one.number}"))
    return found


SECRECY_CHOICES = {
    "balanced": N_("balanced: at most two stops of a sortie lie near each other"),
    "strict": N_("strict: one stop of a sortie gives no other away"),
    "cheap": N_("cheap: the fewest kilometres"),
}


def make_plan(visit: Visit) -> Response:
    """Plan a programme's numbers as long work."""
    arguments = {"programme": visit.field("programme")}
    if visit.field("secrecy") in SECRECY_CHOICES:
        arguments["secrecy"] = visit.field("secrecy")
    return visit.work("plan", arguments, secrets=openings.key_secrets(visit))


# one plan


def plan_of(visit: Visit) -> Mapping[str, Any] | str:
    """Give the number's record, or the month of a demonstration, that the address names; raises NotFound."""
    ident = visit.of["id"]
    number = whole_number(ident)
    if number is not None:
        record = plan_views.number(visit.db, number)
        if record is None:
            raise NotFound
        return record
    if not re.fullmatch(r"\d{4}-\d{2}", ident) or ident not in telling.demonstrations(visit.db):
        raise NotFound
    return ident


def look(visit: Visit, of: Mapping[str, Any] | str) -> tuple[Seen, openings.Opening]:
    """Give what this browser may see of a plan, and where what is made of it is remembered."""
    own = openings.of_visit(visit)
    public = openings.of_desk(visit.desk).public
    sealed = not isinstance(of, str) and of["state"] == "planned"
    holder = own if own is not None and sealed else public
    mark = ("seen", visit.of["id"], visit.revision, visit.flag("sealed"))
    seen = holder.made(
        mark,
        lambda: door.look(visit.db, of, own.key if own and sealed else None, as_sealed=visit.flag("sealed")),
    )
    return seen, holder


def sight_of(visit: Visit, seen: Seen, holder: openings.Opening) -> PlanSight:
    """Give the rows of a plan that was looked at."""
    mark = ("sight", visit.of["id"], visit.revision, visit.flag("sealed"), language(), visit.now.date())
    return holder.made(
        mark, lambda: plan_views.sight(visit.db, seen, visit.plugins(), visit.now.date(), register_of(visit))
    )


def common(visit: Visit) -> dict[str, Any]:
    """Give what every page of one plan shows; raises NotFound."""
    of = plan_of(visit)
    seen, holder = look(visit, of)
    ident = visit.of["id"]
    return {
        "of": of,
        "seen": seen,
        "holder": holder,
        "ident": ident,
        "at": f"/plans/{part(ident)}",
        "name": plan_views.name_of(visit.db, seen),
        "slot_word": lambda slot: word(SLOT_WORDS, slot),
        "slot_letter": lambda slot: word(SLOT_LETTERS, slot),
        "nav": "/plans",
    }  # fmt: skip


def show_plan(visit: Visit) -> Response:
    """Show one plan as far as this browser may see it."""
    return _plan_page(visit)


def _plan_page(visit: Visit, said_bad: str = "", status: int = 200) -> Response:
    told = common(visit)
    seen: Seen = told["seen"]
    sight = sight_of(visit, seen, told["holder"])
    mark = ("load", visit.of["id"], visit.revision, visit.flag("sealed"))
    load = told["holder"].made(mark, lambda: loads.loads(visit.db, seen)) if _has_plan(seen) else []
    cures = None
    if sight.left:
        titles = domain_titles(visit.plugins())
        cures = cures_of(visit, visit.of["id"], seen, told["holder"], _names(visit), titles)
    mark = ("never placed", visit.of["id"], visit.revision, visit.flag("sealed"))
    never = (
        []
        if seen.as_sealed
        else told["holder"].made(mark, lambda: plan_views.never_placed(visit.db, seen, told["holder"].key))
    )
    return visit.show(
        "plans/plan.html",
        cures=cures,
        never=repair_words.unplaced_lines(never, domain_titles(visit.plugins())) if never else [],
        status=status,
        **told,
        said_bad=said_bad,
        news=news_of(visit, told["of"], seen),
        sight=sight,
        lines=LINES,
        teams=sight.by_team(visit.number("offset"), A_PAGE),
        list=SimpleNamespace(
            count=len(sight.sorties), limit=A_PAGE, offset=visit.number("offset"), query=visit.query
        ),
        today=visit.now.date(),
        state=(state_word(seen.state), STATE_TONES.get(seen.state, "todo")),
        sums=_sums(seen, sight, len(never)),
        gain=_gain(sight),
        has_plan=_has_plan(seen),
        open=seen.record is not None,
        sealed=seen.state == "planned",
        needs_password=keys.has_password(visit.db),
        secrecy=secrecy.secrecy_text(seen.facts["secrecy"]) if seen.facts.get("secrecy") else "",
        short=_short(seen),
        load=load,
        load_most=max((len(one.half_days) for one in load), default=1),
        pattern=_pattern(load) if seen.record is None else {},
        load_words={key: _(text) for key, text in LOAD_WORDS.items()},
        why_word=lambda one: word(REASON_WORDS, shortfall.told_reason(one.why, seen.cars)),
        group=group,
        can_repair=under_way(told["of"], seen),
        waits=waits_today(visit, told["of"], seen),
        over=not isinstance(told["of"], str)
        and draw_views.next_of(told["of"], visit.now) == draw_views.CLOSE,
        past=[one for one in visit_days.day_rows(seen) if one.open and one.day < visit.now.date()]
        if seen.state == "planned"
        else [],
    )


def under_way(of: Mapping[str, Any] | str, seen: Seen) -> bool:
    """Whether a plan is sealed and not abandoned: it is carried out, and repaired."""
    return seen.state == "planned" and not (isinstance(of, str) or of.get("abandoned"))


def waits_today(visit: Visit, of: Mapping[str, Any] | str, seen: Seen) -> bool:
    """Whether visits of today are to be released, or may be as far as this browser may know."""
    return not isinstance(of, str) and visit_days.waits(visit.db, of, seen, visit.now.date())


def _pattern(load: Sequence[loads.Load]) -> dict[str, list[tuple[str, int]]]:
    """Count by day and half-day who stands by and is not on leave or duty: it was public before the draw."""
    found: dict[str, dict[str, int]] = {}
    for one in load:
        for half_day, state in one.half_days.items():
            if state not in (loads.LEAVE, loads.DUTY):
                day, _slash, slot = half_day.partition("/")
                counts = found.setdefault(day, {})
                counts[slot] = counts.get(slot, 0) + 1
    return {day: [(slot, counts[slot]) for slot in SLOTS if slot in counts] for day, counts in found.items()}


def _has_plan(seen: Seen) -> bool:
    return seen.public or "plan_root" in seen.facts


def _sums(seen: Seen, sight: PlanSight, never: int) -> list[tuple[str, str, str]]:
    facts = seen.facts
    if seen.record is not None:
        visits = sum(len(one.stops) for one in sight.sorties)
        sorties, unplaced = len(sight.sorties), len(sight.left) + never
    else:
        visits, sorties, unplaced = (int(facts.get(name, 0)) for name in ("visits", "sorties", "unplaced"))
    found = [
        (str(visits), ngettext("visit to make", "visits to make", visits), ""),
        (str(sorties), ngettext("half-day trip", "half-day trips", sorties), ""),
    ]
    if sight.metres is not None:
        found.append((f"{sight.metres / 1000:.1f}", _("km"), ""))
    words = ngettext("visit not placed", "visits not placed", unplaced)
    found.append((str(unplaced), words, "bad" if unplaced else ""))
    return found


def _gain(sight: PlanSight) -> str:
    if sight.bound_m is None or not sight.objective_m:
        return ""
    if sight.bound_m >= sight.objective_m:
        return _("proven shortest")
    gap = 100 * (sight.objective_m - sight.bound_m) / sight.objective_m
    return _("at most {gap} % could be gained").format(gap=f"{gap:.1f}")


def _short(seen: Seen) -> list[str]:
    return [one.removeprefix("- ") for one in shortfall_words.shortfall_lines(seen.facts)]


def open_plan(visit: Visit) -> Response:
    """Open what is sealed for this browser."""
    of = plan_of(visit)
    try:
        held = keys.Held(keys.open_key(visit.db, lambda: visit.field("password")))
        door.look(visit.db, of, held)
    except AuditorError as error:
        return _plan_page(visit, str(error), 400)
    return openings.keep(visit, held.identity, visit.go(f"/plans/{part(visit.of['id'])}"))


def explain_plan(visit: Visit) -> Response:
    """Look for what would place the visits that were left out, as long work."""
    of = plan_of(visit)
    sealed = not isinstance(of, str) and of["state"] == "planned"
    secrets = openings.key_secrets(visit) if sealed else {}
    return visit.work("explain", {"ident": visit.of["id"]}, secrets=secrets)


def lock_plan(visit: Visit) -> Response:
    """Lock it again."""
    answer = visit.go(f"/plans/{part(visit.of['id'])}", _("locked again: what is sealed is hidden"))
    return openings.lock(visit, answer)


def show_sortie(visit: Visit) -> Response:
    """Show one sortie: its stops, why this day, and why these two."""
    told = common(visit)
    seen: Seen = told["seen"]
    sight = sight_of(visit, seen, told["holder"])
    sorties = sight.sortie(visit.of["key"])
    if not sorties:
        raise NotFound
    lines: list[str] = []
    if seen.record is not None:
        own = [one for one in seen.record["visits"] if one["sortie"] == visit.of["key"]]
        if own:
            found = plan_views.why(
                visit.db, seen, _world(visit, told), own[0]["unit"], sortie=visit.of["key"]
            )
            (row,) = [one for one in found if one["draw"] == own[0]["draw"]]
            lines = plan_words.visit_lines(row["visits"][0], *_names(visit))[1:]
        else:
            lines = [_("it was added or cut off by a repair; its day and team are the least change, no lot")]
    return visit.show("plans/sortie.html", **told, sorties=sorties, lines=_nested(lines), fresh=_fresh(seen))


def show_unit(visit: Visit) -> Response:
    """Show all that a plan may tell of one unit: its chance, how it was drawn, day and team, or why not."""
    told = common(visit)
    seen: Seen = told["seen"]
    unit = visit.of["unit"]
    names, people = _names(visit)
    rows: list[dict[str, Any]] = []
    sight = sight_of(visit, seen, told["holder"])
    if seen.record is None:
        explaining.released_of(visit.db, seen, unit)
    elif _has_plan(seen):
        titles = domain_titles(visit.plugins())
        for one in plan_views.why(visit.db, seen, _world(visit, told), unit):
            # day and team stand above, with no id of a visit
            heads = {plan_words.visit_lines(own, names, people)[0] for own in one["visits"]}
            lines = plan_words.unit_text(one, names, people, titles).splitlines()[1:]
            rows.append({
                "draw": draw_name(one["draw"]),
                "percent": f"{one['pi'] / 10_000:.2f}",
                "drawn": one["drawn"],
                "lines": _nested([line for line in lines if line not in heads]),
            })  # fmt: skip
    own = [(sortie, stop) for sortie in sight.sorties for stop in sortie.stops if stop.unit == unit]
    return visit.show(
        "plans/unit.html",
        **told,
        unit=unit,
        unit_name=names.get(unit, unit),
        rows=rows,
        own=own,
        left=[one for one in sight.left if one.unit == unit],
        why_word=lambda one: word(REASON_WORDS, shortfall.told_reason(one.why, seen.cars)),
        fresh=_fresh(seen),
        can_repair=seen.state == "planned",
        today=visit.now.date(),
    )


def _world(visit: Visit, told: Mapping[str, Any]) -> explaining.World:
    holder: openings.Opening = told["holder"]
    key = holder.key if told["seen"].state == "planned" else None
    mark = ("world", visit.of["id"], visit.revision)
    return holder.made(mark, lambda: explaining.open_world(visit.db, told["seen"], visit.plugins(), key))


def _names(visit: Visit) -> tuple[Mapping[str, str], Mapping[str, str]]:
    def make() -> tuple[Mapping[str, str], Mapping[str, str]]:
        return {one.id: one.name for one in register_of(visit)}, plan_views.people_names(visit.db)

    return visit.desk.kept("names", visit.db, make)


def _nested(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Put indented lines below the line before them."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("  ") and found:
            found[-1][1].append(line.strip())
        else:
            found.append((line, []))
    return found


def _fresh(seen: Seen) -> str:
    """Say of a repaired plan that it is explained as it was sealed."""
    if seen.standing is None or not seen.standing.get("repairs"):
        return ""
    return _("repairs since it was sealed: {n}; what follows is about the plan as it was sealed").format(
        n=seen.standing["repairs"]
    )


# sheets


def show_sheets(visit: Visit) -> Response:
    """Show the days and what can be printed and downloaded of each."""
    told = common(visit)
    sight = sight_of(visit, told["seen"], told["holder"])
    days: dict[date, int] = {}
    for one in sight.sorties:
        days[one.day] = days.get(one.day, 0) + 1
    today = visit.now.date()
    day = _day(visit)
    if day is None:
        day = next((one for one in sorted(days) if one >= today), None)
    return visit.show(
        "plans/sheets.html", **told, days=sorted(days.items()), day=day, today=today,
        sorties=sight.on(day) if day is not None else (),
        files=[(name, _(text)) for name, text in FILE_WORDS.items()], locked=is_locked(told["seen"]),
        waits=waits_today(visit, told["of"], told["seen"]), next=next_of(visit, ("roster", "calendars")),
    )  # fmt: skip


def _day(visit: Visit) -> date | None:
    text = visit.text("day")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


class Locked(AuditorError):
    """Nothing of a sealed plan may be seen in this browser."""

    sentence = N_(
        "the plan is locked in this browser and nothing of this was released, so the file would be empty; "
        "open the sealed plan on its page, then download it again"
    )


def is_locked(seen: Seen) -> bool:
    """Whether a plan is sealed and this browser did not open it, or it locked itself."""
    return seen.state == "planned" and seen.record is None


def _file(visit: Visit, name: str) -> str | bytes:
    of = plan_of(visit)
    seen, _holder = look(visit, of)
    kind, day = FILES[name][0], _day(visit)
    told = [one for one in seen.visits if day is None or one["date"] == day.isoformat()]
    if not told and is_locked(seen) and kind != "json":
        raise Locked
    files = exporting.files_of(visit.db, seen, visit.plugins(), visit.now, formats=[kind], day=day)
    return files[name]


def download(visit: Visit) -> Response:
    """Give a file."""
    name = visit.of["name"]
    if name not in FILES:
        raise NotFound
    data = _file(visit, name)
    data = data.encode() if isinstance(data, str) else data
    stem, _dot, kind = name.partition(".")
    day = _day(visit)
    called = f"{stem}-{visit.of['id']}{f'-{day}' if day else ''}.{kind}"
    return visit.give(data, called, FILES[name][1])


_SCALE = re.compile(r'class="([a-z]+)" style="--s:(\d)\.(\d{3})"')
_COLUMNS = re.compile(r'class="([a-z]+)" style="grid-template-columns:repeat\((\d+),1fr\)"')


def print_sheets(visit: Visit) -> Response:
    """Show task sheets or vehicle requests to be printed: the same page as the file."""
    of = {"tasks": "tasks.html", "cars": "cars.html"}.get(visit.of["which"])
    if of is None:
        raise NotFound
    text = _without_attributes(str(_file(visit, of)))
    return show_paper(visit, text, back=f"/plans/{part(visit.of['id'])}/sheets")


def _without_attributes(text: str) -> str:
    """Put what style attributes say into the sheet's style: the desk's pages may have none."""
    scales = sorted({(one, rest) for _class, one, rest in _SCALE.findall(text)})
    columns = sorted({count for _class, count in _COLUMNS.findall(text)})
    css = "".join(f".s{one}{rest}{{--s:{one}.{rest}}}" for one, rest in scales)
    css += "".join(f".c{count}{{grid-template-columns:repeat({count},1fr)}}" for count in columns)
    text = _SCALE.sub(r'class="\1 s\2\3"', text)
    text = _COLUMNS.sub(r'class="\1 c\2"', text)
    return text.replace("</style>", f"{css}</style>", 1)


ROUTES = (
    page("/plans", show_plans),
    act("/plans/make", make_plan),
    page("/plans/{id}", show_plan),
    act("/plans/{id}/open", open_plan),
    act("/plans/{id}/lock", lock_plan),
    act("/plans/{id}/explain", explain_plan),
    page("/plans/{id}/sorties/{key}", show_sortie),
    page("/plans/{id}/units/{unit:path}", show_unit),
    page("/plans/{id}/sheets", show_sheets),
    page("/plans/{id}/print/{which}", print_sheets),
    page("/plans/{id}/files/{name}", download),
)
