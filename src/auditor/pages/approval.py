"""The approval of a plan by a leader (计划审批表): counts only, and the fingerprint of the sealed list."""

from __future__ import annotations

from auditor.i18n import N_, _
from auditor.pages.html import table, text
from auditor.pages.plan_views import ApprovalView
from auditor.pages.qr import qr_svg
from auditor.pages.sheets import (
    counts_html,
    digest_html,
    facts_html,
    heading,
    level_words,
    number_words,
    period_words,
    seal_html,
    sheet,
    signatures,
)

CSS = """
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(70mm,100%),1fr));gap:0 10mm}
.two table{font-size:9.5pt;min-width:0}.two>div{min-width:0}
.two th,.two td{padding:2px 6px}ul.means{padding-left:1.8em}
.opinion{border:1px solid var(--ink);border-radius:3px;height:24mm;padding:2px 8px;margin-top:8px;font-size:9pt;color:var(--soft)}
"""
MEANS = (
    N_(
        "Approved is how much is inspected and with which means; whom and when was drawn by lot and stays sealed."
    ),
    N_(
        "This page names no unit, no inspector of a visit and no day of one; nobody needs the list to approve it."
    ),
    N_(
        "The list itself is the annex, sealed for the planning key. Opened, it must give the plan root above "
        "(auditor plan show --annex FILE)."
    ),
    N_(
        "A change after the approval is a repair of the plan, with its reason; nobody can take a visit out unseen."
    ),
)


def approval_html(view: ApprovalView) -> str:
    """Give the page, one A4, to be printed and signed before the first visit."""
    title = _("Approval of a plan of inspections")
    root = _("Fingerprint of the sealed plan (plan root)")
    used, usable = view.half_days
    counts = (
        (str(view.visits), _("visits")),
        (str(view.sorties), _("sorties")),
        (str(view.days), _("days with a sortie")),
        *([(f"{view.metres / 1000:.0f} km", _("driven in all"))] if view.metres is not None else []),
        (str(view.units), _("units in locked list (N)")),
        (f"{used} / {usable}", _("half-days of inspectors used, of those it may use")),
        (str(sum(n for _name, n in view.unplaced)), _("drawn visits without a place")),
        (f"{view.visits / view.sorties:.1f}" if view.sorties else "–", _("visits a sortie")),
    )
    body = [
        heading(view.bureau, title, number_words(view.number), level_words(view.level)),
        facts_html(
            (
                (_("programme"), text(view.programme)),
                (_("period"), text(period_words(view.first, view.last))),
                (_("legal basis"), text(view.basis)),
                *([(_("secrecy of pattern"), text(view.secrecy))] if view.secrecy else []),
                *([(_("repairs since it was sealed"), text(_repaired(view)))] if view.repairs else []),
            )
        ),
        counts_html(counts),
        '<div class="two">\n',
        _counted(_("Visits by domain (a visit may have several)"), _("domain"), view.domains),
        _counted(_("Without a place, by reason"), _("reason"), view.unplaced),
        "</div>\n",
        seal_html(root, view.plan_root, qr_svg(view.plan_root, _("QR code of the plan's fingerprint"))),
        facts_html(((_("sealed annex"), f"{text(view.annex)} {digest_html(view.annex_sha256)}"),)),
        f'<ul class="means">{"".join(f"<li>{text(_(one))}</li>" for one in MEANS)}</ul>\n',
        f'<div class="opinion">{text(_("Opinion of the leader: agreed / not agreed, because"))}</div>\n',
        signatures(
            (_("clerk (signed)"), _("head of the office (signed)"), _("leader in charge (signed)"), _("date"))
        ),
    ]
    return sheet(title, "".join(body), drill=view.drill, css=CSS)


def _repaired(view: ApprovalView) -> str:
    """Say of a repaired plan what the counts are of, and that the annex is as it was sealed."""
    told = _(
        "{n}; the counts are of the plan as it stands now, {ordered} of its visits ordered; the annex is the "
        "list as it was sealed"
    ).format(n=view.repairs, ordered=view.ordered)
    if view.ordered_left:
        told += _("; {n} more were ordered and found no day").format(n=view.ordered_left)
    return told


def _counted(title: str, what: str, rows: tuple[tuple[str, int], ...]) -> str:
    cells = [(text(name), str(n)) for name, n in rows] or [(text(_("none")), "0")]
    return f"<div><h2>{text(title)}</h2>\n{table((what, _('how many')), cells, numbers=(1,), label=title)}</div>\n"
