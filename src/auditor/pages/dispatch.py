"""What a team takes along: the task sheet on one A4 (检查任务单), and the request for a car (派车单).

Heights are in millimetres and nothing wraps where room is counted, so that a sheet is one page by its
construction, whatever the names and however many the items.
"""

from __future__ import annotations

from math import floor

from auditor.entities import SLOTS, Item
from auditor.i18n import N_, _, language, listed
from auditor.pages.fitting import columns, fit, items_of, shared, wanted
from auditor.pages.html import text
from auditor.pages.plan_views import PlanView
from auditor.pages.sheets import MONO, WATERMARK, date_words, drill_banner, number_words, sheet
from auditor.pages.views import SortieView, StopView
from auditor.pages.words import KIND_WORDS, SEVERITY_WORDS, SLOT_WORDS, threshold, weekday, word

ROOM_MM = 206.0
"""What the visits of a sheet share, between the heading and the boxes to sign."""
LINE_MM = 4.2
ABOUT_MM, TIGHT_MM = 25.0, 12.8
"""A visit without its lines: title, two lines of facts, the line to sign; or title and one, signed there."""
LEAST_LINES = 2
"""Every visit has room for so many lines."""
EASY = 5
"""Up to so many visits have room for a line to sign of their own."""
CODES_MM, CODE_MM = 165.0, 2.65

TASK_CSS = f"""
@page{{size:A4;margin:10mm 11mm}}
main{{max-width:188mm;padding:0}}
.a4{{position:relative;width:188mm;height:275mm;overflow:hidden;display:flex;flex-direction:column;font-size:8.5pt;line-height:4.2mm}}
.a4>*{{flex:none}}.a4>.drill{{position:absolute}}.a4+.a4{{break-before:page}}
.a4 .banner{{height:5.5mm;line-height:5mm;font-size:9.5pt;padding:0;margin:0 0 1mm;background:none;color:#b3261e;border:.4mm solid;letter-spacing:.05em}}
.a4 p,.a4 h1,.a4 h2{{margin:0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}}
.a4 .office{{height:5mm;font-size:10.5pt;line-height:5mm}}.a4 h1{{height:8mm;line-height:8mm;font-size:16pt}}
.head{{display:grid;grid-template-columns:1.25fr 1fr 1fr;border:.3mm solid var(--ink);height:13mm}}
.head div{{height:6.5mm;line-height:6.5mm;padding:0 2mm;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;border-bottom:.2mm solid var(--line)}}
.head b,.ask b{{font-weight:400;color:var(--soft);margin-right:1.5mm}}
.rule{{height:5.5mm;line-height:5.5mm;font-weight:600}}
.visits{{height:{ROOM_MM}mm;overflow:hidden}}
.visit{{border-top:.3mm solid var(--ink);padding:0 0 calc(1.6mm*var(--s));font-size:calc(8.5pt*var(--s));line-height:calc(4.2mm*var(--s));overflow:hidden}}
.visit p{{height:calc(4.2mm*var(--s))}}
.a4 .visit h2{{height:calc(6.4mm*var(--s));line-height:calc(6.4mm*var(--s));font-size:calc(11pt*var(--s));display:flex;gap:2.5mm}}
.visit h2 em{{font-style:normal;min-width:0;overflow:hidden;text-overflow:ellipsis}}
.visit h2 span{{flex:0 1 auto;min-width:34mm;font-weight:400;font-size:calc(9pt*var(--s));color:var(--soft);overflow:hidden;text-overflow:ellipsis}}
.visit h2 u{{flex:none;margin-left:auto;min-width:52mm;border-bottom:.2mm solid var(--ink);text-decoration:none;font-weight:400;font-size:calc(8.5pt*var(--s));color:var(--soft)}}
.visit .bad{{color:#9f1d20}}.visit .bad b{{font-family:{MONO};font-size:.9em}}
.worded,.codes{{display:grid;gap:0 2mm}}.worded{{grid-template-columns:1fr 1fr}}.worded.alone{{grid-template-columns:1fr}}
.worded span,.codes span{{height:calc(4.2mm*var(--s));white-space:nowrap;overflow:hidden;text-overflow:ellipsis}}
.codes{{gap:0}}.codes span,.worded b{{font-family:{MONO};font-size:calc(7.5pt*var(--s));font-weight:400}}
.veto,.worded .veto b{{font-weight:700}}
.sev{{display:grid;grid-template-columns:21mm 1fr}}.sev>b{{font-size:.9em;height:calc(4.2mm*var(--s));white-space:nowrap;overflow:hidden}}
.ask{{display:grid;grid-template-columns:2.2fr 1fr 1fr 1.4fr;gap:4mm;height:calc(8mm*var(--s));align-items:end}}
.ask div{{border-bottom:.2mm solid var(--ink);white-space:nowrap;overflow:hidden}}
.boxes{{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:2.5mm;height:15mm;margin-top:auto}}
.boxes div{{border:.3mm solid var(--ink);border-radius:1mm;padding:.6mm 1.6mm;color:var(--soft);overflow:hidden;line-height:4mm}}
.foot{{height:9mm;color:var(--soft);font-size:7.6pt;line-height:4.3mm;overflow:hidden;padding-top:.4mm}}
@media screen{{.a4{{margin:12mm auto;outline:1px solid var(--line);outline-offset:8mm}}}}
"""
REQUEST_CSS = """
@page{size:A4;margin:0}
main{max-width:210mm;padding:0}
.half{position:relative;height:148mm;width:210mm;overflow:hidden;padding:9mm 16mm 6mm;font-size:10.5pt}
.half>.drill{position:absolute}.half>.drill b{font-size:26mm}.half:nth-child(even){border-top:1px dashed var(--ink)}
.half:nth-child(2n+3){break-before:page}
.half .banner{background:none;color:#b3261e;border:.4mm solid;padding:0;font-size:10.5pt;margin:0 0 1mm}
.half h1{font-size:17pt;letter-spacing:.3em;margin:0}.half .office{font-size:11.5pt}.half .under{margin:0 0 2mm}
.req{display:grid;grid-template-columns:1fr 1fr;border:.4mm solid var(--ink);border-width:.4mm 0 0 .4mm}
.req div{border:.2mm solid var(--ink);border-width:0 .3mm .3mm 0;padding:1.5mm 2.5mm;min-height:9.6mm;overflow:hidden;overflow-wrap:anywhere}
.req b{font-weight:400;color:var(--soft);margin-right:2.5mm}.req .wide{grid-column:1/3}.req .to{min-height:12mm;max-height:24mm;font-weight:600}
.half .boxes{display:grid;grid-template-columns:repeat(3,1fr);gap:4mm;margin-top:3mm}
.half .boxes div{border-bottom:.3mm solid var(--ink);height:11mm;color:var(--soft)}
@media screen{.half{margin:4mm auto;outline:1px solid var(--line)}}
"""
DESTINATION = N_("within the county, on official business (县域内公务)")
"""What a request for a car says of where it goes until the day is over: the driver's office is told no more."""


def tasks_html(view: PlanView) -> str:
    """Give the task sheets of all sorties that may be seen, one A4 page for each."""
    title = _("Inspection task sheet")
    body = "".join(_task(view, sortie) for sortie in view.sorties)
    return sheet(title, body or _nothing(), drill=False, css=TASK_CSS)


def _nothing() -> str:
    return f"<p>{text(_('No visit may be seen here.'))}</p>\n"


def _marks(view: PlanView, sortie: SortieView) -> str:
    told = [*drill_banner(view.drill), *view.marks_of([sortie])]
    return f'<div class="banner" role="note">{" · ".join(map(text, told))}</div>\n' if told else ""


def _when(sortie: SortieView) -> str:
    mark = f"（周{weekday(sortie.day)}）" if language() == "zh" else f" ({weekday(sortie.day)})"
    return f"{date_words(sortie.day)}{mark} {word(SLOT_WORDS, sortie.slot)}"


def _way(sortie: SortieView) -> str:
    """Give the kilometres, and where they begin and end if that is not the usual place."""
    way = f"{sortie.metres / 1000:.1f} km"
    return f"{way} · {_('from and to {start}').format(start=sortie.start_name)}" if sortie.start_name else way


def _task(view: PlanView, sortie: SortieView) -> str:
    """Give one sortie's sheet: visits with past faults first and items by severity, then boxes to sign."""
    title = _("Inspection task sheet")
    facts = (
        (_("day"), _when(sortie)),
        (_("team"), listed(sortie.team)),
        (_("sortie"), f"{sortie.key} · {number_words(view.number)}"),
        (_("programme"), view.programme),
        (_("way"), _way(sortie)),
        (_("car, driver"), ""),
    )
    head = "".join(f"<div><b>{text(name)}</b>{text(value)}</div>" for name, value in facts)
    boxes = (
        *(_("inspector: {name}").format(name=name) for name in sortie.team),
        *view.partners,
        _("sent by (signed)"),
    )
    return (
        f'<section class="a4">\n{_marks(view, sortie)}<p class="office">{text(view.bureau)}</p>\n<h1>{text(title)}</h1>\n'
        f'<div class="head">{head}</div>\n'
        f'<p class="rule">{text(_("No notice, no greeting, no report, no escort; show your papers on arrival."))}</p>\n'
        f'<div class="visits">\n{_visits(sortie)}</div>\n'
        f'<div class="boxes">{"".join(f"<div>{text(one)}</div>" for one in boxes)}</div>\n'
        f'<div class="foot">{text(_(HOW_TO))}</div>\n{WATERMARK if view.drill else ""}</section>\n'
    )


HOW_TO = N_(
    "Tick □ for an item in order, × for one that is not, ○ for one that is rightly missing; leave what was not "
    "checked. Wording, thresholds and bases: the full checklist of each domain. Write each "
    "× into the record of the visit afterwards."
)


def _visits(sortie: SortieView) -> str:
    """Share the room of a sheet among its visits; what finds none is counted, never silently left out."""
    stops = sortie.stops
    tight = len(stops) > EASY
    fixed = TIGHT_MM if tight else ABOUT_MM
    scale = min(1.0, ROOM_MM / (len(stops) * (fixed + LEAST_LINES * LINE_MM)))
    side_by_side = columns([item for stop in stops for item in items_of(stop)], CODES_MM / scale, CODE_MM)
    room = floor((ROOM_MM / scale - len(stops) * fixed) / LINE_MM)
    given = shared([wanted(stop, side_by_side) for stop in stops], room)
    return "".join(
        _visit(at, stop, lines, side_by_side, scale, tight)
        for at, (stop, lines) in enumerate(zip(stops, given, strict=True), 1)
    )


def _visit(at: int, stop: StopView, lines: int, side_by_side: int, scale: float, tight: bool) -> str:
    fitted = fit(stop, lines, side_by_side)
    count = {severity: 0 for severity in SEVERITY_WORDS}
    for item in items_of(stop):
        count[item.severity] += 1
    items = _("{all} items ({each})").format(
        all=sum(count.values()),
        each=listed(f"{word(SEVERITY_WORDS, key)} {n}" for key, n in count.items() if n),
    )
    if fitted.left:
        items += " · " + _("{n} more on the full checklist").format(n=fitted.left)
    known = _("no fault on record")
    if stop.faults:
        known = _("{n} past faults, the newest {shown} here").format(
            n=len(stop.faults), shown=len(fitted.faults)
        )
    known = f"<span{' class=bad' if stop.faults or stop.standing else ''}>{text(listed(one for one in (stop.standing, known) if one))}</span>"
    point = f"{stop.lng:.5f}, {stop.lat:.5f}"
    if stop.stand_in:
        point += " " + _("(stand-in: the register has no point)")
    about = [word(KIND_WORDS, stop.kind), stop.township, stop.unit_id, point]
    told = text(" · ".join(one for one in about if one))
    minutes = _("{n} min").format(n=stop.minutes)
    notes = [_("(ordered)")] if stop.ordered else []
    if stop.at_stop_of:
        where = _("(stands in for {unit}, at the stop of {time})")
        notes.append(where.format(unit=stop.instead_of, time=stop.at_stop_of))
    elif stop.instead_of:
        notes.append(_("(stands in for {unit})").format(unit=stop.instead_of))
    if stop.outcome:
        notes.append(f"[{stop.outcome}]")
    instead = " ".join(notes)
    sign = f"<u>{text(_('For the unit (signed)'))}</u>" if tight else ""
    parts = [
        f'<section class="visit" style="--s:{scale:.3f}">\n<h2><em>{at}. {text(stop.start)} {text(stop.unit)} {text(instead)}</em>'
        f"<span>{text(minutes)} · {text(listed(stop.domains))}</span>{sign}</h2>\n"
    ]
    if tight:
        parts.append(f"<p>{text(items)} · {known} · {told}</p>\n")
    else:
        parts.append(f'<p class="soft">{told}</p>\n<p>{known} · {text(items)}</p>\n')
    parts += [
        f'<p class="bad">{one.day.isoformat()} <b>{text(one.code)}</b> '
        f"{text(word(SEVERITY_WORDS, one.severity))} {text(one.what)}</p>\n"
        for one in fitted.faults
    ]
    if fitted.alone:
        parts.append(f'<div class="worded alone">{"".join(map(_worded, fitted.alone))}</div>\n')
    if fitted.worded:
        parts.append(f'<div class="worded">{"".join(map(_worded, fitted.worded))}</div>\n')
    for severity, codes in fitted.codes:
        cells = "".join(f"<span>□{text(item.code)}</span>" for item in codes)
        parts.append(
            f'<div class="sev {severity}"><b>{text(word(SEVERITY_WORDS, severity))}</b>'
            f'<div class="codes" style="grid-template-columns:repeat({side_by_side},1fr)">{cells}</div></div>\n'
        )
    if not tight:
        asked = (_("For the unit (signed)"), _("arrived"), _("left"), _("remarks"))
        parts.append(f'<div class="ask">{"".join(f"<div><b>{text(one)}</b></div>" for one in asked)}</div>\n')
    return "".join(parts) + "</section>\n"


def _worded(item: Item) -> str:
    wording = item.zh if language() == "zh" else item.en
    wanted_number = threshold(item.op, item.value, item.unit)
    need = f" [{wanted_number}]" if wanted_number else ""
    return f'<span class="{text(item.severity)}">□<b>{text(item.code)}</b> {text(wording)}{text(need)}</span>'


def requests_html(view: PlanView) -> str:
    """Give a request for a car for every sortie that may be seen, two on an A4 page, to be cut.

    Until its day is over a request says day, half-day and people, and nothing from which a unit could be
    guessed: neither way nor hour of arrival nor how many visits.
    """
    title = _("Vehicle request")
    body = "".join(_request(view, sortie, title) for sortie in view.sorties)
    return sheet(title, body or _nothing(), drill=False, css=REQUEST_CSS)


def destination(sortie: SortieView, over: bool) -> str:
    """Give where a car goes, as its request says: the units of those visits that were made, once it is over."""
    if not over:
        return _(DESTINATION)
    return listed(stop.unit for stop in sortie.stops if stop.went) or _("nobody went")


def _request(view: PlanView, sortie: SortieView, title: str) -> str:
    over = view.today > sortie.day
    opens, closes = SLOTS[sortie.slot]
    hours = f"{opens // 60:02d}:{opens % 60:02d}–{closes // 60:02d}:{closes % 60:02d}"
    people = len(sortie.team) + len(view.partners)
    facts = (
        ("", _("day"), _when(sortie)),
        ("", _("hours"), hours),
        ("", _("used by"), listed(sortie.team)),
        ("", _("number of people"), str(people)),
        ("wide to", _("destination"), destination(sortie, over)),
        ("", _("purpose"), _("official business")),
        ("", _("way"), _way(sortie) if over else ""),
        ("", _("number plate"), ""),
        ("", _("driver"), ""),
        ("", _("kilometres and time at departure"), ""),
        ("", _("kilometres and time at return"), ""),
    )
    cells = "".join(
        f"<div{f' class={chr(34)}{css}{chr(34)}' if css else ''}><b>{text(name)}</b>{text(value)}</div>"
        for css, name, value in facts
    )
    signed = (_("asked by (signed)"), _("car office (signed)"), _("approved by (signed)"))
    return (
        f'<section class="half">\n{_marks(view, sortie)}<p class="office">{text(view.bureau)}</p>\n<h1>{text(title)}</h1>\n'
        f'<p class="under">{text(number_words(view.number))} · {text(sortie.key)}</p>\n'
        f'<div class="req">{cells}</div>\n'
        f'<div class="boxes">{"".join(f"<div>{text(one)}</div>" for one in signed)}</div>\n'
        f"{WATERMARK if view.drill else ''}</section>\n"
    )
