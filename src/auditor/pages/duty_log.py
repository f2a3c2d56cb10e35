"""The duty log of a day (值班日志): who was on duty, what came in, patrol rounds, hand-over; A4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.i18n import _, language, listed
from auditor.pages.html import table, text
from auditor.pages.sheets import facts_html, heading, sheet, signatures
from auditor.pages.words import day_name

CSS = """
.scroll td:first-child{white-space:nowrap}h2{margin-top:12px}.problem{font-weight:600}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry: its number of the day, the time as it is told, who wrote it; `corrects` an earlier number."""

    number: str
    kind: str
    at: str
    by: str
    to: str
    place: str
    problem: str
    text: str
    corrects: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """A duty day: `on_duty` are posts by name with people and telephones, `key_period` its name or ""."""

    bureau: str
    day: date
    key_period: str
    on_duty: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    lines: tuple[LogLine, ...]
    drill: bool = False


def _day(day: date) -> str:
    """Say a day with its year: what is filed is read years later."""
    return f"{day.year}年{day_name(day)}" if language() == "zh" else f"{day_name(day)} {day.year}"


def log_html(view: LogView) -> str:
    """Give the page of a duty day, from its beginning to its hand-over."""
    title = _("Duty log")
    kinds = {
        kind: [one for one in view.lines if one.kind == kind] for kind in ("entry", "patrol", "hand-over")
    }
    body = [
        heading(view.bureau, title, _day(view.day), view.key_period),
        facts_html(
            (post, text(listed(people) + (f" {listed(phones)}" if phones else "")))
            for post, people, phones in view.on_duty
        ),
        f"<h2>{text(_('What came in and what was done'))}</h2>\n",
        _rows(
            kinds["entry"], (_("time"), _("what"), _("written by")), lambda one: (_told(one), text(one.by))
        ),
        f"<h2>{text(_('Patrol rounds'))}</h2>\n",
        _rows(
            kinds["patrol"],
            (_("time"), _("place of the round"), _("problem"), _("what was done"), _("patrolled by")),
            lambda one: (
                text(one.place),
                f'<span class="problem">{text(one.problem)}</span>' if one.problem else text(_("none")),
                _told(one),
                text(one.by),
            ),
        ),
        f"<h2>{text(_('Hand-over'))}</h2>\n",
        _rows(
            kinds["hand-over"],
            (_("time"), _("what is handed over"), _("handed over by"), _("taken over by")),
            lambda one: (_told(one), text(one.by), text(one.to)),
        ),
        signatures((_("handed over by (signed)"), _("taken over by (signed)"), _("leader on duty (signed)"))),
    ]
    return sheet(title, "".join(body), drill=view.drill, css=CSS)


def _told(line: LogLine) -> str:
    told = text(line.text)
    if line.corrects:
        told += f' <span class="soft">{text(_("(corrects {number})").format(number=line.corrects))}</span>'
    return told


def _rows(lines: Sequence[LogLine], titles: Sequence[str], cells: Callable[[LogLine], Sequence[str]]) -> str:
    """Lay out the entries of one kind; a table without entries says so."""
    rows = [(f"{text(one.at)} <small>{text(one.number)}</small>", *cells(one)) for one in lines]
    return table(titles, rows or [(text(_("none")), *("" for _title in titles[1:]))], label=titles[1])
