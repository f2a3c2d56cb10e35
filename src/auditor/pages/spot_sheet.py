"""The caller's sheet of spot checks (查岗记录表): who is called when, with boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.i18n import _, listed
from auditor.pages.duty_words import LINE_WORDS, RESULT_WORDS
from auditor.pages.html import text
from auditor.pages.sheets import heading, sheet, signatures
from auditor.pages.words import day_name, word

CSS = """
.call{border:1.5px solid var(--ink);border-radius:4px;padding:4px 10px;margin:8px 0;break-inside:avoid}
.call h2{margin:2px 0;display:flex;justify-content:space-between;gap:10px;font-size:12pt}
.call table{font-size:10pt}.call td,.call th{padding:2px 6px}.tick{white-space:nowrap;margin-right:12px}
.tick:before{content:"☐ "}.note{border-bottom:1px solid var(--line);height:8mm;font-size:9pt;color:var(--soft)}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One call: its id, when it is due, the desk, the posts by name, each with people and telephones."""

    id: str
    due: datetime
    desk: str
    posts: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


def spot_html(rows: Sequence[SheetRow], *, bureau: str, number: int, drill: bool) -> str:
    """Give the sheet of the calls that are to be made now and in the next 24 hours."""
    title = _("Spot check of duty desks: record of calls")
    under = _("Draw {number} of spot checks").format(number=number)
    how = _(
        "Call the desk's line; if nobody answers, the mobile; then wait five minutes to be called back. "
        "Write what was found by post; seconds are not counted and nobody is ranked."
    )
    body = [heading(bureau, title, under), f'<p class="means">{text(how)}</p>\n']
    body += [_call(row) for row in rows] or [f"<p>{text(_('no call is due'))}</p>\n"]
    body.append(signatures((_("caller (signed)"), _("date"))))
    return sheet(title, "".join(body), drill=drill, css=CSS)


def _call(row: SheetRow) -> str:
    lines = "".join(f'<span class="tick">{text(word(LINE_WORDS, one))}</span>' for one in LINE_WORDS)
    results = "".join(f'<span class="tick">{text(word(RESULT_WORDS, one))}</span>' for one in RESULT_WORDS)
    posts = "".join(
        f'<tr><th scope="row">{text(post)}</th><td>{text(listed(people))}</td>'
        f"<td>{text(listed(phones))}</td><td>{results}</td></tr>\n"
        for post, people, phones in row.posts
    )
    when = f"{day_name(row.due.date())} {row.due:%H:%M}"
    return (
        f'<section class="call"><h2><span>{text(row.desk)}</span><span>{text(when)} · {text(row.id)}</span></h2>\n'
        f"<p>{lines}</p><table><tbody>\n{posts}</tbody></table>"
        f'<p class="note">{text(_("note"))}</p></section>\n'
    )
