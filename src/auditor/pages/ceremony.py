"""The ceremony before witnesses: the protocol signed before the event, the screen for all, the record after."""

from __future__ import annotations

from auditor.i18n import N_, _, labelled
from auditor.pages.ceremony_views import EventView, ProtocolView, RecordView, WitnessScreenView
from auditor.pages.html import page, text
from auditor.pages.qr import qr_svg
from auditor.pages.sheets import (
    MONO,
    MOST_CELLS,
    NONE_BEFORE,
    WATERMARK,
    counts_html,
    drill_banner,
    empty_cells,
    facts_html,
    filled,
    grouped,
    hash_html,
    heading,
    level_words,
    moment_words,
    named_digests,
    names_or,
    number_words,
    period_words,
    seal_html,
    share_words,
    sheet,
    signatures,
    value_html,
)
from auditor.pages.words import draw_name

MOST_FRAMES = 3
"""The hashes of so many frames are shown; of more their number is told."""
SCREEN_CSS = f"""
:root{{color-scheme:dark;--u:min(1vw,1.7777vh);--ink:#f4f7fa;--soft:#b6c2ce;--paper:#0b1016;--warn-bg:#c62828;--warn:#fff}}
html,body{{height:100%;overflow:hidden}}
body{{display:flex;flex-direction:column;line-height:1.3;font-size:calc(var(--u)*1.9)}}
main{{flex:1;min-height:0;width:100%;max-width:none;padding:calc(var(--u)*1.6) calc(var(--u)*3);display:flex;flex-direction:column;
justify-content:space-between;text-align:center}}
.banner{{font-size:calc(var(--u)*2.2);padding:calc(var(--u)*.3)}}
h1{{font-size:calc(var(--u)*2.5);margin:0;line-height:1.25}}p{{margin:0}}
h1,.what{{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;overflow-wrap:anywhere}}
h2{{font-size:calc(var(--u)*1.9);font-weight:400;color:var(--soft);margin:0 0 calc(var(--u)*.3)}}
.hash{{display:block;font-family:{MONO};font-size:calc(var(--u)*3.4);font-weight:600;line-height:1.42;white-space:nowrap;color:#ffe08a}}
.hash span:nth-of-type(even){{color:#fff}}.root .hash{{font-size:calc(var(--u)*1.95)}}
.balls{{display:flex;flex-wrap:wrap;justify-content:center;gap:calc(var(--u)*1.1);min-height:calc(var(--u)*6)}}
.balls b{{min-width:calc(var(--u)*6);height:calc(var(--u)*6);padding:0 calc(var(--u)*.6);border-radius:calc(var(--u)*3);display:grid;
place-items:center;font-size:calc(var(--u)*3.6);line-height:1;background:#f4f7fa;color:#0b1016;border:calc(var(--u)*.3) solid #f4f7fa}}
.balls .open{{background:none;border-style:dashed;border-color:#8796a5;color:#8796a5}}
.balls.many{{gap:calc(var(--u)*.55);min-height:0}}
.balls.many b{{min-width:calc(var(--u)*4);height:calc(var(--u)*4);font-size:calc(var(--u)*2);padding:0 calc(var(--u)*.3);border-width:calc(var(--u)*.2)}}
.balls.text{{font-family:{MONO};font-size:calc(var(--u)*2.1);gap:0 calc(var(--u)*1.2);align-content:center}}
.figures{{display:flex;justify-content:center;gap:calc(var(--u)*7)}}.figures b{{font-size:calc(var(--u)*3.6);margin-right:calc(var(--u)*.7)}}
.figures span{{color:var(--soft)}}.what{{color:var(--soft);font-size:calc(var(--u)*1.6);margin-top:calc(var(--u)*.5)}}
.drill{{position:fixed;inset:0;display:grid;place-items:center;pointer-events:none;overflow:hidden}}
.drill b{{transform:rotate(-26deg);white-space:nowrap;font-size:calc(var(--u)*14.5);line-height:1;color:#ff6b60;opacity:.3}}
@media print{{@page{{size:A4 landscape;margin:0}}html,body{{height:100%}}body{{font-size:calc(var(--u)*1.9);print-color-adjust:exact;
-webkit-print-color-adjust:exact;background:var(--paper)}}main{{padding:calc(var(--u)*1.6) calc(var(--u)*3)}}
h2{{font-size:calc(var(--u)*1.9);margin:0}}.banner{{border:0}}}}
"""


def protocol(view: ProtocolView) -> str:
    """Give the protocol (随机抽取见证记录), one A4 page, to be printed and signed before the event."""
    title = _("Witness record of a draw (sealed beforehand)")
    sealed = _("Fingerprint sealed beforehand (SHA-256)")
    frames = [
        (
            _("{draw} (n = {n})").format(draw=draw_name(one.key), n=one.n) if one.n else draw_name(one.key),
            one.sha256,
        )
        for one in view.frames[:MOST_FRAMES]
    ]
    more = ""
    if len(view.frames) > MOST_FRAMES:
        more = (
            '<div class="soft">'
            + text(
                _("and {count} more draws; the fingerprint below fixes their lists too").format(
                    count=len(view.frames) - MOST_FRAMES
                )
            )
            + "</div>"
        )
    shares = [(one.custodian or _("the office's computer"), one.sha256) for one in view.shares]
    first = view.previous == NONE_BEFORE
    body = [
        heading(
            view.bureau,
            title,
            number_words(view.number),
            level_words(view.level),
            _("print and sign before the first ball"),
        ),
        facts_html(
            (
                (_("programme"), text(view.programme)),
                (_("period"), text(period_words(view.first, view.last))),
                (_("legal basis"), text(view.basis)),
            )
        ),
        counts_html(
            (
                (str(view.units), _("units in locked list (N)")),
                (str(view.n), _("units to be drawn (n)")),
                (share_words(view.floor), _("floor, of the equal chance n/N")),
                (str(view.certain), _("units certain")),
            )
        ),
        facts_html(
            (
                (_("public event"), _event(view.event)),
                (_("fallback"), _event(view.fallback)),
                (_("locked lists"), named_digests(frames) + more),
                (_("staff and days"), named_digests([(_("who could go, and when"), view.field_sha256)])),
                (_("shares"), named_digests(shares)),
                (
                    _("number before"),
                    text(_("none: this is the first"))
                    if first
                    else named_digests([(number_words(view.number - 1), view.previous)]),
                ),
            )
        ),
        seal_html(sealed, view.commit_sha256, qr_svg(view.commit_sha256, _("QR code of the fingerprint"))),
        f"<h2>{text(_('Value of the event, written in by hand'))}</h2>\n",
        empty_cells(view.event.numbers),
        f'<div class="means"><p>{text(_(SIGNING))}</p></div>\n',
        signatures((_("clerk (signed)"), _("witness (signed)"), _("date and time of signing"))),
        f"<p>{text(_('The fingerprint is also published at:'))} {filled(view.published_at)}</p>\n",
    ]
    return sheet(title, "".join(body), drill=view.drill, css=PROTOCOL_CSS)


SIGNING = N_(
    "My signature means: I saw the whole fingerprint above before the first ball was drawn (before the event), "
    "it is the one on the screen, and I keep a copy of this page."
)
PROTOCOL_CSS = ".facts th,.facts td{padding-top:1.5px;padding-bottom:1.5px}.counts,.seal{margin:6px 0}.means p{margin:1px 0}"


def _event(event: EventView) -> str:
    """Say what happens, when, and how its value is written down."""
    return f'{text(event.what)}<br><b>{text(moment_words(event.at))}</b> · <span class="soft">{text(event.form)}</span>'


def witness_screen(view: WitnessScreenView) -> str:
    """Give the page for a projector: dark, without scrolling at any size of 16:9, and without any unit."""
    title = f"{view.bureau} · {number_words(view.number)} · {view.programme}"
    sealed = _("Fingerprint sealed beforehand (SHA-256)")
    root = ""
    if view.plan_root:
        name = _("Fingerprint of the sealed plan (plan root)")
        root = f'<section class="root"><h2>{text(name)}</h2>{hash_html(view.plan_root, name, a_line=8)}</section>\n'
    figures = ((view.units, _("units in the list (N)")), (view.n, _("to be drawn (n)")))
    body = (
        f"<h1>{text(title)}</h1>\n"
        f"<section><h2>{text(sealed)}</h2>{hash_html(view.commit_sha256, sealed)}</section>\n"
        f"<section><h2>{text(_('Public event'))} · {text(moment_words(view.event.at))}</h2>"
        f'{_balls(view)}<p class="what">{text(view.event.what)}</p></section>\n'
        f'<div class="figures">{"".join(f"<div><b>{count}</b><span>{text(name)}</span></div>" for count, name in figures)}</div>\n'
        f"{root}<p>{text(_('Compare the digits with the paper you signed.'))}</p>\n"
    )
    return page(title, drill_banner(view.drill), body + (WATERMARK if view.drill else ""), SCREEN_CSS)


def _balls(view: WitnessScreenView) -> str:
    """Give the event's value: balls, empty ones while it is not there; long values as text."""
    numbers = view.event.numbers
    if 0 < numbers <= MOST_CELLS:
        balls = [f"<b>{text(one)}</b>" for one in view.value.split()] or ['<b class="open">?</b>'] * numbers
        return f'<div class="balls{" many" if numbers > 10 else ""}">{" ".join(balls)}</div>'
    parts = view.value.split() if numbers else grouped(view.value)
    told = " ".join(f"<span>{text(one)}</span>" for one in parts) or text(_("still to come"))
    return f'<div class="balls text">{told}</div>'


def record(view: RecordView) -> str:
    """Give the record of the draw (抽取记录), one A4 page, to be signed after it; no unit stands on it."""
    title = _("Record of a random draw")
    sealed = _("Fingerprint sealed beforehand (SHA-256)")
    root = _("Fingerprint of the sealed plan (plan root)")
    sources = {
        "event": _("the public event"),
        "fallback": _("the fallback, because the event published nothing by then"),
    }
    source = sources.get(view.source, view.source)
    body = [
        heading(view.bureau, title, number_words(view.number), level_words(view.level)),
        facts_html(
            (
                (_("programme"), text(view.programme)),
                (_("period"), text(period_words(view.first, view.last))),
                (_("what counted"), text(source)),
                (_("fallback") if view.source == "fallback" else _("event"), _event(view.event)),
                (_("value published"), f"<b>{text(moment_words(view.occurred_at))}</b>"),
            )
        ),
        f"<h2>{text(_('Value'))}</h2>\n{value_html(view.value, view.event.numbers)}",
        counts_html(
            (
                (str(view.units), _("units in locked list (N)")),
                (str(view.drawn), _("units drawn in the main draw")),
            )
        ),
        seal_html(sealed, view.commit_sha256, qr_svg(view.commit_sha256, _("QR code of the fingerprint"))),
    ]
    if view.plan_root:
        code = qr_svg(view.plan_root, _("QR code of the plan's fingerprint"))
        body.append(seal_html(root, view.plan_root, code))
    else:
        body.append(
            f'<div class="means"><p>{text(labelled(root, _("not there yet: the plan is not sealed")))}</p></div>\n'
        )
    body += [
        f'<h2>{text(_("Next steps"))}</h2>\n<ol class="steps">{_steps(view)}</ol>\n',
        f'<div class="means"><p>{text(_(ATTESTING))}</p></div>\n',
        signatures((_("clerk (signed)"), _("witness (signed)"), _("date and time of signing"))),
    ]
    return sheet(title, "".join(body), drill=view.drill, css=RECORD_CSS)


ATTESTING = N_(
    "My signature means: the value above is the one that I saw drawn or published, and the fingerprint is the "
    "one signed before it. Which units were drawn was not shown."
)
RECORD_CSS = ".counts{grid-template-columns:repeat(2,1fr)}"
KEEPERS = {
    "simple": N_(
        "The office keeps the sealed key and plan under its password until the period is over; "
        "the witness keeps a copy of both signed pages."
    ),
    "standard": N_(
        "{custodians} keep their shares and envelopes closed until the period is over; "
        "the office keeps the sealed key and plan; the witness keeps a copy of both signed pages."
    ),
    "strict": N_(
        "{custodians} keep their shares and envelopes closed until the period is over; only the recovery "
        "key of the discipline office opens the sealed key; the witness keeps a copy of both signed pages."
    ),
}


def _steps(view: RecordView) -> str:
    """Say what follows: what is published and when, and who keeps what."""
    first = (
        _("Publish the plan's fingerprint before the first visit, at: ")
        if view.plan_root
        else _("Make and seal the plan; publish its fingerprint before the first visit, at: ")
    )
    custodians = names_or(view.custodians, _("The custodians"))
    keepers = _(KEEPERS.get(view.level, KEEPERS["simple"])).format(custodians=custodians)
    last = _(
        "After the last day of the period, open the shares and publish the whole record of the draw, the "
        "programme's file and the ledger; anyone may then repeat the draw."
    )
    return (
        f"<li>{text(first)}{filled(view.published_at)}</li>"
        f"<li>{text(keepers)}</li><li>{text(_(UNTIL_THEN))}</li><li>{text(last)}</li>"
    )


UNTIL_THEN = N_(
    "Until then the list of drawn units and the plan stay secret; each team learns its unit on the day."
)
