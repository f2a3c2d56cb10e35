"""A domain's checklist as a table with boxes to tick, and as a blank form for one visit."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.entities import Domain, Item
from auditor.i18n import N_, _, language, listed
from auditor.pages.html import css_string, page, text
from auditor.pages.words import (
    EVIDENCE_WORDS,
    SEVERITY_WORDS,
    UNVERIFIED,
    basis_text,
    threshold,
    word,
)

CHECKLIST_CSS = """
.check table{font-size:13px;table-layout:fixed;min-width:720px}
.check td,.check th{padding:4px 4px;border:1px solid var(--line);overflow-wrap:anywhere}
.check th{white-space:normal;font-weight:600;text-align:center;vertical-align:middle;background:var(--tint)}
.check .code{width:6em}.check .how{width:6.5em}.check .box{width:3.7em}.check .note{width:7.5em}
.check td.box{text-align:center;font-size:17px;line-height:1.1;padding:4px 0;margin:0;background:none;border-radius:0}
.check th.box{font-weight:400;font-size:11.5px;padding:3px 1px;margin:0;border-radius:0}
.check b.veto{color:var(--holiday-ink)}.check small{font-size:11.5px;display:block;line-height:1.35}
.need{white-space:nowrap;font-weight:600}
@media print{.check th.box{font-size:6.8pt}.check table{font-size:8.6pt;min-width:0}.check small{font-size:7.4pt}
.check td,.check th{border-color:#9aa5af;padding:2px 3px}.check td.box{font-size:12pt}}
"""
FORM_CSS = """
@page{size:A4;margin:13mm 11mm 14mm;%s}
main{max-width:860px}h1{font-size:22px;text-align:center;margin:12px 0 8px}
.lines{display:grid;grid-template-columns:2fr 1fr 1.4fr;gap:6px 18px;margin:6px 0 12px}
.lines span{display:block;border-bottom:1px solid var(--ink);min-height:26px}
.lines,.check tr{break-inside:avoid}.check .scroll{padding-right:1px}
.lines div::first-letter,.check th:not(.box)::first-letter{text-transform:uppercase}
@media (max-width:700px){.lines{grid-template-columns:minmax(0,1fr)}}
"""

BOXES = '<td class="box">□</td>' * 5


def checklist(name: str, items: Sequence[Item], *, with_how: bool = False) -> str:
    """Give a table of Items, each with the five answers to tick and room for a remark.

    Parameters
    ----------
    with_how
        Whether how an Item is checked stands below it; it is written in Chinese only.
    """
    answers = (_("pass"), _("partly"), _("fail"), _("n/a"), _("not checked"))
    head = (
        ("code", listed((_("code"), _("severity")))),
        ("", _("item and basis")),
        ("how", _("evidence")),
        *(("box", answer) for answer in answers),
        ("note", _("place, number, photo, put right at once")),
    )
    titles = "".join(f'<th scope="col" class="{kind}">{text(title)}</th>' for kind, title in head)
    return (
        f'<div class="check"><div class="scroll" tabindex="0" role="region" aria-label="{text(name)}">'
        f"<table><thead><tr>{titles}</tr></thead><tbody>\n"
        f"{''.join(_row(item, with_how) for item in items)}</tbody></table></div></div>\n"
    )


def _row(item: Item, with_how: bool) -> str:
    wording = item.zh if language() == "zh" else item.en
    wanted = threshold(item.op, item.value, item.unit)
    unsure = ""
    if "unverified" in item.source and UNVERIFIED not in item.zh:
        unsure = f" {text(_('[unverified]'))}"
    need = f' <span class="need">[{text(wanted)}]</span>{unsure}' if wanted else ""
    how = f'<small class="soft">{text(item.how)}</small>' if with_how and language() == "zh" else ""
    basis = f"{text(basis_text(item))}{'' if wanted else unsure}"
    return (
        f'<tr><td>{text(item.code)}<small><b class="{text(item.severity)}">'
        f"{text(word(SEVERITY_WORDS, item.severity))}</b></small></td>"
        f'<td>{text(wording)}{need}{how}<small class="soft">{basis}</small></td>'
        f"<td>{text(word(EVIDENCE_WORDS, item.evidence))}{_asked_more(item)}</td>"
        f"{BOXES}<td></td></tr>\n"
    )


def _asked_more(item: Item) -> str:
    """Say for what an Item is answered each time, and what an answer must bring."""
    told = [_(PER_WORDS[item.per])] if item.per else []
    answers = {"pass": _("pass"), "partly": _("partly"), "fail": _("fail")}
    told += [
        _("{answer}: {what}").format(
            answer=answers[rule.on], what=_("with photo") if rule.ask == "photo" else _("with number")
        )
        for rule in item.follow_up
    ]
    return "".join(f"<small>{text(one)}</small>" for one in told)


PER_WORDS = {"building": N_("each building"), "room": N_("each room"), "vehicle": N_("each vehicle")}


def checklist_html(domain: Domain) -> str:
    """Give a domain's whole checklist as a form for A4, to be filled by hand in one visit."""
    name = domain.zh if language() == "zh" else domain.en
    title = _("Checklist: {name}").format(name=name)
    asked = (_("unit"), _("day"), _("Inspectors"), _("For the unit (signed)"), _("Time"), _("place"))
    lines = "".join(f"<div>{text(one)}<span></span></div>" for one in asked)
    count = _("{count} items, version {version}").format(count=len(domain.items), version=domain.version)
    boxes = (
        f"@bottom-left{{content:{css_string(f'{title} · {domain.version}')};font:8pt sans-serif}}"
        '@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}'
    )
    body = (
        f"<h1>{text(title)}</h1>\n"
        f'<p class="soft">{text(count)} · {text(_("One answer an item; look [unverified] numbers up before you rely on them."))}</p>\n'
        f'<div class="lines">{lines}</div>\n{checklist(name, domain.items, with_how=True)}'
    )
    return page(title, [], body, (FORM_CSS % boxes) + CHECKLIST_CSS)
