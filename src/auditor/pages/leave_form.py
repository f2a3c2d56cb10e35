"""The form of a request of leave, or of a report of being out of town (请假审批表、外出报备表), one A4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from auditor.i18n import _, listed, ngettext
from auditor.pages.duty_words import HALF_WORDS, LEAVE_STATE_WORDS, WHERE_WORDS
from auditor.pages.html import text
from auditor.pages.sheets import date_words, facts_html, filled, heading, sheet, signatures
from auditor.pages.words import word

CSS = """
.opinion{border:1px solid var(--ink);border-radius:3px;min-height:26mm;padding:4px 10px;margin-top:8px}
.facts th{width:40mm}.facts td{padding:5px 0}.facts th{padding:5px 8px 5px 0}ul.clashes{margin:0;padding-left:1.2em}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveFormView:
    """A request as its form shows it; `returned` is the first day back, `clashes` are sentences."""

    bureau: str
    id: str
    out_of_town: bool
    name: str
    post: str
    office: str
    phone: str
    first: date
    last: date
    half: str
    where: str
    acting: str
    state: str
    by: str
    note: str
    returned: date | None
    clashes: tuple[str, ...]
    drill: bool = False


def leave_html(view: LeaveFormView) -> str:
    """Give the form, filled as far as it is known: no reason is asked and none is printed."""
    title = _("Report of being out of town") if view.out_of_town else _("Request of leave")
    days = (view.last - view.first).days + 1
    told = _("{first} to {last}").format(first=date_words(view.first), last=date_words(view.last))
    if view.first == view.last:
        told = date_words(view.first)
    told += f" {word(HALF_WORDS, view.half)}" if view.half else ""
    count = ngettext("{n} day", "{n} days", days).format(n=days) if not view.half else _("half a day")
    clashes = "".join(f"<li>{text(one)}</li>" for one in view.clashes)
    decided = view.state in ("approved", "refused", "returned", "withdrawn")
    words = _("not agreed") if view.state == "refused" else _("agreed")
    opinion = f"{words} · {view.by}" + (f" · {view.note}" if view.note else "") if decided else ""
    body = [
        heading(view.bureau, title, view.id, word(LEAVE_STATE_WORDS, view.state)),
        facts_html(
            (
                (_("full name"), filled(view.name)),
                (_("post"), filled(view.post)),
                (_("unit or department"), filled(view.office)),
                (_("duty telephone"), filled(view.phone)),
                (_("days of absence"), text(_("{when} ({count})").format(when=told, count=count))),
                (_("in the county or out"), text(word(WHERE_WORDS, view.where))),
                (_("acting head"), filled(view.acting)),
                (
                    _("duty and key periods"),
                    f'<ul class="clashes">{clashes}</ul>' if clashes else text(_("none in these days")),
                ),
                (_("back on"), filled(date_words(view.returned) if view.returned else "")),
            )
        ),
        f'<div class="opinion">{text(_("Decision: agreed / not agreed"))}<br>{text(opinion)}</div>\n',
        signatures(
            (_("applicant (signed)"), _("acting head (signed)"), _("leader in charge (signed)"), _("date"))
        ),
    ]
    return sheet(listed((title, view.name)), "".join(body), drill=view.drill, css=CSS)
