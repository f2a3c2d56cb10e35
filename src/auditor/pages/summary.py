"""``summary.html``: a month at a glance, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from auditor.entities import CalendarDay
from auditor.i18n import _, labelled, language, listed
from auditor.pages.html import banners, page, table, text
from auditor.pages.map import map_svg
from auditor.pages.views import FairView, MonthView
from auditor.pages.words import (
    CLASS_WORDS,
    KIND_WORDS,
    POST_MARKS,
    POST_WORDS,
    ROLE_WORDS,
    SLOT_LETTERS,
    SLOT_WORDS,
    WEEKDAYS,
    day_name,
    month_name,
    weekday,
    word,
)

BAR = 46
"""Half the width of a fairness bar, in pixels."""


def summary_html(view: MonthView) -> str:
    """Give the page."""
    title = _("{bureau}: inspections and duty in {month}").format(
        bureau=view.bureau, month=month_name(view.month)
    )
    parts = [f"<h1>{text(title)}</h1>\n"]
    parts += [f'<p class="lead">{text(line)}</p>\n' for line in view.headlines]
    parts.append('<div class="sums">')
    parts += [
        f'<div class="sum"><b>{text(number)}</b>{text(what)}<small>{text(detail)}</small></div>'
        for number, what, detail in view.figures
    ]
    parts.append("</div>\n")
    parts.append(f'<div class="two"><div><h2>{text(_("Where the visits are"))}</h2>\n')
    parts.append(_legend(_("not drawn this month")))
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{text(_("Where the visits are"))}">'
    parts.append(f"{region}{map_svg(view.start, view.places, view.sorties)}</div>")
    parts.append(f"</div><div>{_unplaced(view)}</div></div>\n")
    parts.append(f"<h2>{text(_('The month'))}</h2>\n" + _posts_legend() + _grid(view))
    parts.append(f"<h2>{text(_('Who goes when'))}</h2>\n" + _trips(view))
    parts.append(f"<h2>{text(_('What was drawn, and why'))}</h2>\n" + _drawn(view))
    parts.append(f"<h2>{text(_('How duty is shared'))}</h2>\n" + _fairness(view))
    parts.append(f"<h2>{text(_('Stand-by half-days'))}</h2>\n" + _standby(view))
    parts.append(f"<h2>{text(_('Check it yourself'))}</h2>\n" + _verification(view))
    parts.append(f"<h2>{text(_('What to do next'))}</h2>\n")
    parts.append("<ul>" + "".join(f"<li>{text(step)}</li>" for step in view.next_steps) + "</ul>\n")
    if view.notes:
        parts.append(f"<h2>{text(_('What was taken as given'))}</h2>\n")
        parts.append("<ul>" + "".join(f"<li>{text(note)}</li>" for note in view.notes) + "</ul>\n")
    return page(title, banners(view.synthetic, view.provisional, view.invented_people), "".join(parts))


def _legend(rest: str) -> str:
    spans = "".join(
        f'<span class="{slot}"><i class="dot"></i>{text(word(SLOT_WORDS, slot))}</span>'
        for slot in SLOT_WORDS
    )
    return (
        f'<p class="legend">{spans}<span><i class="dot" style="color:var(--bar)"></i>{text(rest)}</span>'
        f"<span>■ {text(_('start'))}</span></p>\n"
    )


def _posts_legend() -> str:
    spans = "".join(
        f'<span><i class="sq {post}" style="font-style:normal">{mark}</i>{text(word(POST_WORDS, post))}</span>'
        for post, mark in POST_MARKS.items()
    )
    trips = "".join(
        f'<span class="{slot}">{text(word(SLOT_LETTERS, slot))} = {text(word(SLOT_WORDS, slot))}</span>'
        for slot in SLOT_WORDS
    )
    return f'<p class="legend">{spans}{trips}</p>\n'


def _grid(view: MonthView) -> str:
    if not view.days:
        return ""
    names = [f"周{name}" if language() == "zh" else name for name in WEEKDAYS[language()]]
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    cells = ['<td class="none"></td>'] * view.days[0].day.weekday()
    cells += [_cell(view, day) for day in view.days]
    cells += ['<td class="none"></td>'] * (-len(cells) % 7)
    weeks = (f"<tr>{''.join(cells[at : at + 7])}</tr>\n" for at in range(0, len(cells), 7))
    return f'<table class="month"><thead><tr>{head}</tr></thead><tbody>\n{"".join(weeks)}</tbody></table>\n'


def _cell(view: MonthView, day: CalendarDay) -> str:
    """Give a day of the month: its name, who is on duty, which sorties go (no unit is named)."""
    classes = ["cell", day.cls if day.cls != "work" else "", "key" if day.key_period else ""]
    label = day.name
    if day.cls == "work" and day.day.weekday() > 4:
        label = _("make-up workday")
    key_period = "" if day.key_period in label else day.key_period
    lines = [
        f'<span class="date">{day.day.day}</span><span class="soft wd">{text(weekday(day.day))} </span>'
        f'<span class="name">{text(label)}</span> <span class="soft">{text(key_period)}</span><br>'
    ]
    for duty in view.duties.get(day.day, ()):
        mark = POST_MARKS.get(duty.post, "")
        lines += [
            f'<div class="duty {text(duty.post)}"><span class="sq {text(duty.post)}">{mark}</span>{text(person)}</div>'
            for person in duty.people
        ]
    trips = [sortie for sortie in view.sorties if sortie.day == day.day]
    for sortie in trips[:4]:
        stops = listed(stop.unit for stop in sortie.stops)
        lines.append(
            f'<div class="trip {sortie.slot}" title="{text(stops)}">{text(word(SLOT_LETTERS, sortie.slot))} '
            f"{text(' '.join(sortie.team))} · {len(sortie.stops)}</div>"
        )
    if len(trips) > 4:
        lines.append(f"<div>+{len(trips) - 4}</div>")
    return f'<td class="{" ".join(filter(None, classes))}">{"".join(lines)}</td>'


def _trips(view: MonthView) -> str:
    rows = []
    for sortie in sorted(view.sorties, key=lambda one: (one.day, list(SLOT_WORDS).index(one.slot), one.key)):
        stops = "<br>".join(
            f"{text(stop.start)} {text(stop.unit)} "
            f'<span class="soft">{text(" ".join((stop.township, *stop.domains)))}</span>'
            for stop in sortie.stops
        )
        rows.append(
            (
                text(day_name(sortie.day)),
                f'<span class="{sortie.slot}">{text(word(SLOT_WORDS, sortie.slot))}</span>',
                text(listed(sortie.team)),
                stops,
                f"{sortie.metres / 1000:.1f}",
            )
        )
    if not rows:
        return f"<p>{text(_('No visit is planned.'))}</p>\n"
    return table((_("day"), _("half-day"), _("team"), _("visits"), "km"), rows, (4,), _("Who goes when"))


def _unplaced(view: MonthView) -> str:
    parts = [f"<h2>{text(_('What could not be placed, and where a lot gave way'))}</h2>\n"]
    if view.unplaced:
        parts.append(
            table(
                (_("not placed"), _("why"), _("figures")),
                [(text(one.what), text(one.why), text(one.detail)) for one in view.unplaced],
                label=_("not placed"),
            )
        )
    else:
        parts.append(f"<p>{text(_('Every drawn unit has its visit.'))}</p>\n")
    if view.departures:
        parts.append(
            table(
                (_("lot that gave way"), _("rule"), _("instead")),
                [(text(one.what), text(one.why), text(one.detail)) for one in view.departures],
            )
        )
    else:
        parts.append(f"<p>{text(_('Every sortie has the day and team of its lot.'))}</p>\n")
    return "".join(parts)


def _drawn(view: MonthView) -> str:
    rows = [
        (
            text(one.unit),
            text(one.township),
            text(word(KIND_WORDS, one.kind)),
            f"{one.pi / 10_000:.1f} %",
            str(one.share),
            text(one.why),
        )
        for one in view.drawn
    ]
    titles = (_("unit"), _("township"), _("kind"), _("chance"), _("risk share"), _("what it consists of"))
    return table(titles, rows, (3, 4), _("What was drawn, and why"))


def _fairness(view: MonthView) -> str:
    parts = []
    for role in ROLE_WORDS:
        group = [one for one in view.fairness if one.role == role]
        if not group:
            continue
        parts.append(f"<h3>{text(word(ROLE_WORDS, role))}</h3>\n")
        titles = [_("name"), *(word(CLASS_WORDS, name) for name in CLASS_WORDS)]
        rows = [_fair_row(one, group) for one in group]
        parts.append(table(titles, rows, label=word(ROLE_WORDS, role), css="bars"))
    parts.append(
        f'<p class="soft">{text(_("Bars show the difference from the group mean; a + b is carried + new."))}</p>\n'
    )
    return "".join(parts)


def _fair_row(one: FairView, group: Sequence[FairView]) -> list[str]:
    cells = [text(one.name)]
    for name in CLASS_WORDS:
        carried, new = one.counters.get(name, (0, 0))
        totals = [sum(other.counters.get(name, (0, 0))) for other in group]
        mean = sum(totals) / len(totals)
        off = carried + new - mean
        largest = max(2.0, *(abs(total - mean) for total in totals))
        size = round(abs(off) / largest * BAR, 1)
        left = BAR - size if off < 0 else BAR
        told = labelled(word(CLASS_WORDS, name), f"{carried + new} ({off:+.1f})")
        colour = "var(--bar)" if abs(off) <= 1 else "var(--primary)"
        cells.append(
            f'<svg width="{2 * BAR + 52}" height="16" viewBox="0 0 {2 * BAR + 52} 16" role="img" '
            f'aria-label="{text(told)}"><path d="M{BAR} 0v16" stroke="var(--line)"/>'
            f'<rect x="{left}" y="3" width="{size}" height="10" fill="{colour}"/>'
            f'<text x="{2 * BAR + 6}" y="12">{carried} + {new}</text></svg>'
        )
    return cells


def _standby(view: MonthView) -> str:
    rows = [
        (
            text(name),
            " ".join(
                f'<span class="tag {slot}">{int(day[-2:])} {text(word(SLOT_LETTERS, slot))}</span>'
                for day, slot in (half_day.split("/") for half_day in half_days)
            ),
        )
        for name, half_days in view.standby.items()
    ]
    told = _("Public, equal for all, set before roster and draw; a plan uses at most half of them.")
    return f'<p class="soft">{text(told)}</p>\n' + table(
        (_("name"), _("day and half-day")), rows, label=_("Stand-by half-days"), css="bars"
    )


def _verification(view: MonthView) -> str:
    sources = "; ".join(
        f"{one.get('source')} ({one.get('status')}"
        + (f", {_('not verified against the notice')})" if not one.get("verified") else ")")
        for one in view.sources
    )
    when = []
    if view.days:
        first, last = view.days[0].day, view.days[-1].day
        when.append(labelled(_("Period"), f"{first} – {last}"))
        when.append(labelled(_("event"), f"{first - timedelta(days=1)} 22:00"))
    when.append(labelled(_("Calendar"), sources))
    return (
        '<div class="box">'
        f"<p>{text(_('Fingerprint of what was fixed before the draw'))}<br><code>{text(view.commit_sha256)}</code></p>"
        f"<p>{text(_('Fingerprint of the plan'))}<br><code>{text(view.plan_root)}</code></p>"
        f"<p>{text(_('Anyone runs the whole draw again with'))}<br><code>{text(view.command)}</code></p>"
        f'<p class="soft">{text(" · ".join(when))}</p></div>\n'
    )
