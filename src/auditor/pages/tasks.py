"""``tasks/*.html``: a printable A4 sheet for a sortie (检查任务单)."""

from __future__ import annotations

from auditor.entities import Item
from auditor.i18n import _, language
from auditor.pages.html import banners, page, table, text
from auditor.pages.views import SortieView
from auditor.pages.words import (
    EVIDENCE_WORDS,
    KIND_WORDS,
    SEVERITY_WORDS,
    SLOT_WORDS,
    day_name,
    word,
)

CSS = """
@page{size:A4;margin:14mm 12mm}
main{max-width:860px}h1{font-size:22px;text-align:center}h2{font-size:17px}
.facts td:first-child{width:7.5em;color:var(--soft)}
.stop{break-before:page}.stop.first{break-before:auto}
.check{font-size:12.5px}.check td,.check th{padding:3px 5px}.check td:nth-child(1){white-space:nowrap}
.check td:nth-child(n+5){text-align:center;font-size:16px;line-height:1.1}
.check th:nth-child(n+5){white-space:normal;min-width:2.4em;max-width:4.2em;font-weight:400}
.sign{margin-top:26px;line-height:2.4}
.note td{height:26px}
"""


def task_html(sortie: SortieView, *, bureau: str, synthetic: bool, provisional: bool) -> str:
    """Give the sheet of one sortie: where, when, who, and the checklists with boxes to tick."""
    title = _("Inspection task {key}").format(key=sortie.key)
    joined = "、".join(sortie.team) if language() == "zh" else ", ".join(sortie.team)
    facts = (
        (_("education bureau"), bureau),
        (_("day"), f"{day_name(sortie.day)} {word(SLOT_WORDS, sortie.slot)}"),
        (_("team"), joined),
        (_("way"), f"{sortie.metres / 1000:.1f} km"),
    )
    parts = [f"<h1>{text(title)}</h1>\n"]
    parts.append(
        '<table class="facts"><tbody>'
        + "".join(f"<tr><td>{text(what)}</td><td>{text(value)}</td></tr>" for what, value in facts)
        + "</tbody></table>\n"
    )
    parts.append(
        table(
            (_("arrival"), _("unit"), _("township"), _("domains"), _("minutes")),
            [
                (
                    text(stop.start),
                    text(stop.unit),
                    text(stop.township),
                    text("、".join(stop.domains) if language() == "zh" else ", ".join(stop.domains)),
                    str(stop.minutes),
                )
                for stop in sortie.stops
            ],
            numbers=(4,),
        )
    )
    parts.append(
        f'<p class="soft">{text(_("No notice, no greeting, no report, no escort; show your papers on arrival."))}</p>\n'
    )
    for number, stop in enumerate(sortie.stops):
        parts.append(f'<section class="stop{" first" if number == 0 else ""}">\n')
        point = f"{stop.lng:.5f}, {stop.lat:.5f}"
        if stop.stand_in:
            point += " " + _("(stand-in: the register has no point)")
        parts.append(
            f"<h2>{text(stop.start)} {text(stop.unit)}</h2>\n"
            f'<p class="soft">{text(word(KIND_WORDS, stop.kind))} · {text(stop.township)} · '
            f"{text(stop.unit_id)} · {text(point)}</p>\n"
        )
        for name, items in stop.checklists:
            parts.append(f"<h3>{text(name)}</h3>\n{_checklist(items)}")
        parts.append(
            f'<p class="sign">{text(_("Inspectors"))} ____________________ ____________________ '
            f"{text(_('For the unit'))} ____________________ {text(_('Time'))} ____:____ – ____:____</p>\n</section>\n"
        )
    return page(f"{title} · {bureau}", banners(synthetic, provisional), "".join(parts), CSS)


def _checklist(items: tuple[Item, ...]) -> str:
    rows = []
    for item in items:
        unsure = _("[unverified]") if "unverified" in item.source else ""
        wording = item.zh if language() == "zh" else item.en
        rows.append(
            (
                text(item.code),
                f"{text(wording)} <span class='soft'>{text(unsure)}</span><br>"
                f'<span class="soft">{text(item.basis)}</span>',
                text(word(SEVERITY_WORDS, item.severity)),
                text(word(EVIDENCE_WORDS, item.evidence)),
                *"□□□□□",
            )
        )
    answers = (_("pass"), _("partly"), _("fail"), _("n/a"), _("not checked"))
    titles = (_("code"), _("item and basis"), _("severity"), _("evidence"), *answers)
    return f'<div class="check">{table(titles, rows)}</div>'
