"""``tasks/*.html``: a printable A4 sheet for a sortie (检查任务单)."""

from __future__ import annotations

from auditor.i18n import _, listed
from auditor.pages.checklist import CHECKLIST_CSS, checklist
from auditor.pages.html import banners, css_string, page, table, text
from auditor.pages.views import SortieView, StopView
from auditor.pages.words import KIND_WORDS, SLOT_WORDS, day_name, word

CSS = """
@page{size:A4;margin:15mm 11mm 14mm;%s}
main{max-width:860px}h1{font-size:22px;text-align:center;margin:12px 0 8px}h2{font-size:18px}
.facts th{width:8em}.stop{break-before:page}.stop>h2{margin-top:18px}
%s.sign{display:grid;grid-template-columns:2fr 1.2fr 1.5fr;gap:18px;margin-top:30px;break-inside:avoid}
.sign span{border-bottom:1px solid var(--ink);min-height:34px;display:block}
@media (max-width:700px){.sign{grid-template-columns:minmax(0,1fr)}}
@media print{h1{margin:10px 0 6px}.stop>h2{margin-top:0}
h3{margin:10px 0 4px}.sign{margin-top:20px}}
"""


def task_html(sortie: SortieView, *, bureau: str, synthetic: bool, provisional: bool) -> str:
    """Give the sheet of one sortie: where, when, who, and the checklists with boxes to tick."""
    title = _("Inspection task {key}").format(key=sortie.key)
    when = f"{day_name(sortie.day)} {word(SLOT_WORDS, sortie.slot)}"
    facts = (
        (_("education bureau"), bureau),
        (_("day"), when),
        (_("team"), listed(sortie.team)),
        (_("way"), f"{sortie.metres / 1000:.1f} km"),
        (_("cars"), "____________________"),
        *((who, "　".join(["____________"] * count)) for who, count in sortie.seats.items()),
    )
    parts = [f"<h1>{text(title)}</h1>\n"]
    parts.append(
        '<table class="facts"><tbody>'
        + "".join(
            f'<tr><th scope="row">{text(what)}</th><td>{text(value)}</td></tr>' for what, value in facts
        )
        + "</tbody></table>\n"
    )
    parts.append(
        table(
            (_("arrival"), _("unit"), _("township"), _("domains"), _("minutes")),
            [
                (
                    text(stop.start),
                    f"<b>{text(stop.unit)}</b>",
                    text(stop.township),
                    text(listed(stop.domains)),
                    str(stop.minutes),
                )
                for stop in sortie.stops
            ],
            numbers=(4,),
            label=_("visits"),
        )
    )
    parts.append(
        f'<p class="soft">{text(_("No notice, no greeting, no report, no escort; show your papers on arrival."))}</p>\n'
    )
    parts += [_stop(stop) for stop in sortie.stops]
    banner = banners(synthetic, provisional)
    # margin boxes repeat on every printed page, which an element of the page does not
    boxes = (
        f"@top-center{{content:{css_string(' · '.join(banner))};font:8pt sans-serif}}"
        f"@bottom-left{{content:{css_string(f'{bureau} · {title} · {when}')};font:8pt sans-serif}}"
        '@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}'
    )
    return page(f"{title} · {bureau}", banner, "".join(parts), CSS % (boxes, CHECKLIST_CSS))


def _stop(stop: StopView) -> str:
    """Give one visit's pages: where it is, a table a domain, the lines to sign."""
    point = f"{stop.lng:.5f}, {stop.lat:.5f}"
    if stop.stand_in:
        point += " " + _("(stand-in: the register has no point)")
    about = (word(KIND_WORDS, stop.kind), stop.township, stop.unit_id, point)
    parts = [
        f'<section class="stop">\n<h2>{text(stop.start)} {text(stop.unit)}</h2>\n'
        f'<p class="soft">{" · ".join(text(one) for one in about if one)}</p>\n'
    ]
    parts += [f"<h3>{text(name)}</h3>\n{checklist(name, items)}" for name, items in stop.checklists]
    signed = (_("Inspectors"), _("For the unit (signed)"), _("Time"))
    lines = "".join(f"<div>{text(who)}<span></span></div>" for who in signed)
    parts.append(f'<div class="sign">{lines}</div>\n</section>\n')
    return "".join(parts)
