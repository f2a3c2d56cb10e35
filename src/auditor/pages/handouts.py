"""Papers that people take along: a custodian's share, the notice left at a school, the published list's row."""

from __future__ import annotations

import hashlib

from auditor.i18n import N_, _
from auditor.pages.ceremony_views import NoticeView, ProgrammeRowView, SharePaperView
from auditor.pages.html import table, text
from auditor.pages.qr import qr_svg
from auditor.pages.sheets import (
    MONO,
    WATERMARK,
    date_words,
    digest_html,
    drill_banner,
    facts_html,
    filled,
    grouped,
    hash_html,
    heading,
    number_words,
    period_words,
    sheet,
)

LINE = 16
"""Digits of a share in one line on paper."""
VERSION = "auditor-draw/v1"
SHARE_CSS = f"""
.fold{{border-top:1.5px dashed var(--ink);margin:8mm 0;text-align:center;font-size:9pt;color:var(--soft)}}
.fold span{{position:relative;top:-.75em;background:var(--paper);padding:0 8px}}
.facts th{{width:44mm}}.facts .digest{{font-size:9.5pt}}
.secret{{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:16px;align-items:center;break-inside:avoid}}
.secret svg.qr{{width:44mm;height:44mm}}
.secret table{{width:auto;justify-self:start;font-family:{MONO};font-size:17pt;line-height:1.6;white-space:nowrap}}
.secret td,.secret th{{border:0;padding:0 14px 0 0;font-size:17pt}}
.secret th,.secret thead th{{font-size:9.5pt;font-weight:400;vertical-align:middle}}
.secret .check{{border-left:1.5px solid var(--line);padding-left:10px;color:var(--soft)}}
@media screen and (max-width:700px){{.secret{{grid-template-columns:minmax(0,1fr)}}.secret td{{font-size:4vw;padding-right:5px}}
.facts .digest{{font-size:9pt}}}}
@media print{{.outside{{min-height:130mm}}}}
"""
NOTICE_CSS = """
@page{size:A4;margin:0}
main{max-width:210mm}.half{position:relative;overflow:hidden;padding:8mm 13mm 6mm}
.half>.drill{position:absolute}.half>.drill b{font-size:32mm}
.half h1{font-size:16pt}.half .office{font-size:12pt}.half .banner{background:none;color:#b3261e;border:2px solid;padding:0 12px;font-size:11pt}
.half p{margin:3px 0}.half .under{margin:0 0 2px}
.both{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:12px;align-items:center;break-inside:avoid;
border:1.5px solid var(--ink);border-radius:5px;padding:3px 4px 3px 12px;margin:4px 0}
.both h2{font-size:10pt;margin:3px 0 0}.both .hash{font-size:14pt;line-height:1.4}
.both svg.qr{width:46mm;height:46mm}.half{font-size:10.5pt;line-height:1.45}
.stamp{text-align:right;padding-right:16mm}
@media screen{.again{display:none}}
@media screen and (max-width:700px){.both{grid-template-columns:minmax(0,1fr)}.both .hash{font-size:min(13pt,3.3vw)}.half{padding:8px}}
@media print{main{max-width:none}.half{height:148mm;font-size:10.5pt}.again{border-top:1px dashed var(--ink)}}
"""
ROW_CSS = """
@page{size:A4 landscape;margin:12mm}
main{max-width:1120px}.list{margin-top:10px}.list table{table-layout:fixed;border:1.5px solid var(--ink);min-width:900px}
.list th,.list td{border:1px solid var(--line);padding:5px 6px;overflow-wrap:anywhere;white-space:normal;font-size:9.5pt;color:var(--ink)}
.list th{background:var(--tint);text-align:center;vertical-align:middle}
.list th:nth-child(3),.list th:nth-child(10){width:15%}.list th:nth-child(6),.list th:nth-child(7){width:8.8%}.list th{font-size:8.8pt}
@media print{main{max-width:none}.list table{min-width:0}.list td{font-size:9pt}.list th{font-size:8.4pt}}
"""


def line_check(digits: str) -> str:
    """Give the two check digits of a line of a share: the first of SHA-256 of its hexadecimal digits."""
    return hashlib.sha256(digits.encode("utf-8")).hexdigest()[:2]


def share_paper(view: SharePaperView) -> str:
    """Give the paper copy of one share for a signed envelope, one A4 page; it is a secret."""
    title = _("Share of the random number: paper copy")
    rows = []
    for at, digits in enumerate(grouped(view.share, LINE), 1):
        cells = "".join(f"<td>{text(one)}</td>" for one in grouped(digits, 4))
        rows.append(f'<tr><th scope="row">{at}</th>{cells}<td class="check">{line_check(digits)}</td></tr>\n')
    code = qr_svg(view.share, _("QR code of the share"))
    steps = (_(FOLD), _(DELETE), _(TYPE).format(number=view.number), _(CHECK), _(SCAN))
    body = (
        '<section class="outside">\n'
        + heading("", title, number_words(view.number), _("secret until the period is over"))
        + facts_html(
            (
                (_("custodian"), f"<b>{text(view.custodian)}</b>"),
                (_("public fingerprint of this share"), digest_html(view.share_sha256)),
            )
        )
        + f'<ol class="steps">{"".join(f"<li>{text(one)}</li>" for one in steps)}</ol>\n</section>\n'
        + f'<div class="fold"><span>{text(_("fold here, the digits inside"))}</span></div>\n'
        + f"<h2>{text(_('The share: 64 hexadecimal digits (0–9, a–f) in four lines of 16'))}</h2>\n"
        + '<div class="secret"><table><thead><tr>'
        + f'<th scope="col">{text(_("line"))}</th><th scope="colgroup" colspan="4">{text(_("16 digits"))}</th>'
        + f'<th scope="col" class="check">{text(_("check digits"))}</th></tr></thead>\n'
        + f"<tbody>{''.join(rows)}</tbody></table>{code}</div>\n"
    )
    return sheet(title, body, drill=view.drill, css=SHARE_CSS)


FOLD = N_(
    "Print one copy. Fold it with the digits inside, put it into an opaque envelope, seal it, and sign across the flap."
)
DELETE = N_(
    "Delete the file of this page after printing, from the recycle bin too; leave nothing in the printer."
)
TYPE = N_(
    "To type it back: open the envelope before witnesses, and type the four lines with their check digits on the "
    "desk's page of draw no. {number} (or with auditor draw run {number} --share-text). Blanks and capital letters "
    "do not matter."
)
CHECK = N_(
    "Each line of 16 digits ends with the first two hexadecimal digits of SHA-256 of these 16 digits (small "
    "letters, without blanks). A wrong digit is found in its line with a chance of 255 in 256, and always by "
    "the public fingerprint."
)
SCAN = N_(
    "The QR code holds the same 64 digits, without check digits. Read it only with a scanner that has no network, "
    "never with a telephone."
)


def notice(view: NoticeView) -> str:
    """Give the notice for a visited school: two alike on an A4 page, to be cut; neither unit nor day on it."""
    title = _("Notice: this inspection was drawn by lot")
    code = qr_svg(notice_text(view), _("QR code of both fingerprints"))
    sealed = _("Fingerprint sealed before the draw (SHA-256)")
    root = _("Fingerprint of the sealed plan (plan root)")
    banner = "".join(
        f'<div class="banner" role="note">{text(one)}</div>\n' for one in drill_banner(view.drill)
    )
    half = (
        banner
        + heading(
            view.bureau, title, number_words(view.number), view.programme, period_words(view.first, view.last)
        )
        + f"<p>{text(_(LOT))}</p>\n"
        + f'<div class="both"><div><h2>{text(sealed)}</h2>{hash_html(view.commit_sha256, sealed)}'
        + f"<h2>{text(root)}</h2>{hash_html(view.plan_root, root)}</div>{code}</div>\n"
        + f"<p>{text(_(PROMISE).format(last=date_words(view.last)))}</p>\n"
        + f"<p>{text(_(KEEP))}</p>\n"
        + f"<p>{text(_('Published at:'))} {filled(view.published_at)}</p>\n"
        + f'<p class="stamp">{text(_("{bureau} (seal)").format(bureau=view.bureau))}</p>\n'
        + (WATERMARK if view.drill else "")
    )
    body = (
        f'<section class="half">\n{half}</section>\n'
        f'<section class="half again" aria-hidden="true">\n{half}</section>\n'
    )
    return sheet(title, body, drill=False, css=NOTICE_CSS)


def notice_text(view: NoticeView) -> str:
    """Give what the notice's QR code says: the contract's version, the number and both fingerprints."""
    return "\n".join((VERSION, str(view.number), view.commit_sha256, view.plan_root))


LOT = N_(
    "Nobody chose your school for this visit: it came out of a draw by lot, under rules and from a list that were "
    "fixed beforehand. Day and inspectors follow lots as well, except where a stated rule forbids one. Being drawn "
    "says nothing against your school. The two fingerprints below were published before the draw and before the "
    "first visit; since then nobody could change anything unseen."
)
PROMISE = N_(
    "After {last} the whole record of the draw is published. Anyone may then check it: open verify.html in a "
    "browser (no network needed), choose the published file, and compare or type in both fingerprints; it "
    "repeats the draw and shows your own school."
)
KEEP = N_(
    "Please keep this notice until then. If a digit differs from what is published, tell the discipline office."
)


def programme_row(view: ProgrammeRowView) -> str:
    """Give the bureau's published list of items of random inspection (抽查事项清单), on A4 landscape."""
    title = _("List of items of random inspection")
    titles = (
        _("inspection item"), _("sub-item"), _("inspection basis"), _("inspecting body"), _("inspected units"),
        _("part inspected"), _("frequency"), _("way of inspection"), _("inspectors required"), _("remarks"),
    )  # fmt: skip
    rows = [
        [
            text(cell)
            for cell in (
                one.item, one.sub_item, one.basis, one.body, one.objects,
                one.share, one.frequency, one.way, one.staff, one.remarks,
            )
        ]
        for one in view.rows
    ]  # fmt: skip
    body = heading(view.bureau, title, view.programme) + table(titles, rows, label=title, css="list")
    return sheet(title, body, drill=view.drill, css=ROW_CSS)
