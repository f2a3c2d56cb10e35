"""What the printed sheets of a ceremony share: paper, fingerprints in groups, dates, lines to sign, the drill's mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from auditor.entities import BUREAU_CLOCK
from auditor.i18n import N_, _, language, listed
from auditor.pages.html import page, text
from auditor.pages.words import month_name, weekday, word

MONO = 'ui-monospace,Consolas,"Noto Sans Mono","DejaVu Sans Mono",monospace'
CSS = f"""
:root{{color-scheme:light;--ink:#14181c;--soft:#47515b;--paper:#fff;--line:#aab4be;--tint:#f2f4f6;--warn-bg:#b3261e;--warn:#fff}}
@page{{size:A4;margin:10mm 13mm}}
body{{font-size:10.5pt;line-height:1.45}}main{{max-width:186mm;padding:14px 2px 24px;position:relative}}
.office{{text-align:center;font-size:12pt;margin:0}}
h1{{font-size:17pt;text-align:center;margin:2px 0 0}}.under{{text-align:center;color:var(--soft);margin:2px 0 8px}}
h2{{font-size:11pt;margin:7px 0 2px}}
table.facts{{font-size:9.5pt;border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}}
.facts th{{width:33mm;white-space:normal;padding:2.5px 8px 2.5px 0;color:var(--soft)}}
.facts td{{padding:2.5px 0;overflow-wrap:anywhere}}.facts tr:last-child>*{{border-bottom:0}}
.counts{{display:grid;grid-template-columns:repeat(4,1fr);gap:8px;margin:8px 0}}
.counts div{{border:1px solid var(--line);border-radius:4px;padding:2px 8px;font-size:9pt;color:var(--soft)}}
.counts b{{display:block;font-size:14pt;line-height:1.2;color:var(--ink)}}
.digest{{font-family:{MONO};font-size:7.6pt;color:var(--ink);white-space:nowrap}}.digest i{{font-style:normal}}
.named{{line-height:1.3;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 10px;align-items:baseline}}
.seal{{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:14px;align-items:center;border:2px solid var(--ink);
border-radius:5px;padding:5px 6px 5px 14px;margin:8px 0;break-inside:avoid}}
.seal h2{{margin:0 0 3px}}.seal svg.qr{{width:29mm;height:29mm}}
.hash{{display:block;font-family:{MONO};font-size:15.5pt;font-weight:600;line-height:1.5;white-space:nowrap}}
.cells{{display:flex;flex-wrap:wrap;gap:2.6mm;margin:3px 0 0;align-items:center}}
.cells i{{display:block;width:13mm;height:12mm;border:1.5px solid var(--ink);border-radius:3px}}
.cells.many i{{width:7.4mm;height:8mm;border-width:1px}}.cells.many{{gap:1.5mm}}
.cells.line i{{width:100%;height:9mm;border-width:0 0 1.5px;border-radius:0}}
.values{{display:flex;flex-wrap:wrap;gap:2.4mm;margin:3px 0}}
.values b{{min-width:12mm;padding:1mm 1.5mm;text-align:center;font-size:16pt;line-height:1.3;border:1.5px solid var(--ink);border-radius:3px}}
.values.many b{{min-width:7.2mm;font-size:10pt;padding:.6mm}}.values.many{{gap:1.4mm}}
.means{{margin:6px 0;padding:3px 10px;border-left:4px solid var(--ink);background:var(--tint);break-inside:avoid}}
.sign{{display:grid;grid-template-columns:repeat(auto-fit,minmax(38mm,1fr));gap:10px;margin-top:8px;break-inside:avoid}}
.sign div{{border:1px solid var(--ink);border-radius:3px;height:17mm;padding:2px 6px;font-size:9pt;color:var(--soft)}}
.fill{{display:inline-block;min-width:70mm;border-bottom:1px solid var(--ink)}}
ol.steps{{margin:4px 0;padding-left:1.6em}}ol.steps li{{margin:3px 0}}
.banner{{font-size:14pt;letter-spacing:.08em}}
.drill{{position:fixed;inset:0;display:grid;place-items:center;pointer-events:none;z-index:9;overflow:hidden}}
.drill b{{transform:rotate(-32deg);white-space:nowrap;font-size:min(15vw,31mm);line-height:1;color:#b3261e;opacity:.17}}
@media screen{{main{{padding-left:14px;padding-right:14px}}}}
@media screen and (max-width:700px){{.counts{{grid-template-columns:repeat(2,1fr)}}.seal,.named{{grid-template-columns:minmax(0,1fr)}}
.hash{{font-size:min(15.5pt,4vw)}}.digest{{white-space:normal;overflow-wrap:anywhere}}}}
@media print{{body{{font-size:10.5pt}}main{{padding:0 .5mm}}.banner{{background:none;color:#b3261e;border:2px solid;padding:1px 20px;margin-bottom:3px}}}}
"""

LEVELS = {
    "simple": N_("simple level"),
    "standard": N_("standard level"),
    "strict": N_("strict level"),
}
NONE_BEFORE = "0" * 64
WATERMARK = '<div class="drill" aria-hidden="true"><b>演练 DRILL</b></div>\n'
"""In both languages on every page, so that nobody takes a rehearsal's paper for a real one."""
MOST_CELLS = 20
FEW_CELLS = 7
"""Values of an event have cells to write into up to MOST_CELLS, smaller ones from more than FEW_CELLS on."""


def sheet(title: str, body: str, *, drill: bool, css: str = "") -> str:
    """Give a whole page on white paper; a drill says so above it and across it."""
    return page(title, drill_banner(drill), body + (WATERMARK if drill else ""), CSS + css)


def drill_banner(drill: bool) -> list[str]:
    """Give what stands above a page of a drill; nothing otherwise."""
    return [_("Drill: not valid")] if drill else []


def heading(bureau: str, title: str, *under: str) -> str:
    """Give the bureau's name, the title and a line of facts under it."""
    return (
        f'<p class="office">{text(bureau)}</p>\n<h1>{text(title)}</h1>\n'
        f'<p class="under">{" · ".join(text(one) for one in under if one)}</p>\n'
    )


def number_words(number: int) -> str:
    """Give a draw's number in the ledger as people say it."""
    return _("Number {number}").format(number=number)


def level_words(level: str) -> str:
    """Give the word for a level."""
    return word(LEVELS, level)


def date_words(day: date) -> str:
    """Give a date as people write it: 2026年12月1日, or 1 December 2026."""
    month = month_name(f"{day:%Y-%m}")
    return f"{month}{day.day}日" if language() == "zh" else f"{day.day} {month}"


def moment_words(at: datetime) -> str:
    """Give a moment with its weekday, in the bureau's time, with its offset; one without a zone as it is."""
    at = at.astimezone(BUREAU_CLOCK) if at.utcoffset() is not None else at
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    offset = at.isoformat()[-6:] if at.utcoffset() is not None else ""
    if language() == "zh":
        told = f"{date_words(at)}（周{weekday(at)}）{clock}"
        return f"{told}（UTC{offset}）" if offset else told
    told = f"{weekday(at)} {date_words(at)}, {clock}"
    return f"{told} (UTC{offset})" if offset else told


def period_words(first: date, last: date) -> str:
    """Give a period by its first and last day."""
    return _("{first} to {last}").format(first=date_words(first), last=date_words(last))


def share_words(millionths: int) -> str:
    """Give millionths as a percentage, without needless zeros."""
    return f"{millionths / 10_000:.4f}".rstrip("0").rstrip(".") + " %"


def grouped(digits: str, size: int = 8) -> list[str]:
    """Split digits into groups, the last perhaps shorter."""
    return [digits[at : at + size] for at in range(0, len(digits), size)]


def hash_html(digest: str, label: str, *, a_line: int = 4) -> str:
    """Give a fingerprint to be read by people: groups of eight, `a_line` of them in a line."""
    spans = [f"<span>{text(one)}</span>" for one in grouped(digest)]
    lines = [" ".join(spans[at : at + a_line]) for at in range(0, len(spans), a_line)]
    return f'<code class="hash" aria-label="{text(label)}">{"<br>".join(lines)}</code>'


def digest_html(digest: str) -> str:
    """Give a fingerprint in small print, in one piece for whoever copies it."""
    return f'<span class="digest">{text(digest)}</span>'


def named_digests(rows: Iterable[tuple[str, str]]) -> str:
    """Give a line for each name and its fingerprint."""
    return "".join(
        f'<div class="named"><span>{text(name)}</span>{digest_html(digest)}</div>' for name, digest in rows
    )


def seal_html(title: str, digest: str, code: str) -> str:
    """Give a fingerprint in a frame, its QR code beside it."""
    return (
        f'<section class="seal"><div><h2>{text(title)}</h2>{hash_html(digest, title)}</div>{code}</section>\n'
    )


def facts_html(rows: Iterable[tuple[str, str]]) -> str:
    """Lay out names and values, which are already HTML."""
    body = "".join(f'<tr><th scope="row">{text(name)}</th><td>{cell}</td></tr>\n' for name, cell in rows)
    return f'<table class="facts"><tbody>\n{body}</tbody></table>\n'


def counts_html(rows: Iterable[tuple[str, str]]) -> str:
    """Give a few figures large, each with what it counts."""
    cells = "".join(f"<div><b>{text(figure)}</b>{text(name)}</div>" for figure, name in rows)
    return f'<div class="counts">{cells}</div>\n'


def empty_cells(numbers: int) -> str:
    """Give boxes for a value to be written in by hand; a line where they are many, or are digits."""
    kind = "line" if not 0 < numbers <= MOST_CELLS else "many" if numbers > FEW_CELLS else ""
    boxes = "<i></i>" * (1 if kind == "line" else numbers)
    return f'<div class="{f"cells {kind}".strip()}">{boxes}</div>\n'


def value_html(value: str, numbers: int) -> str:
    """Give a value: each number in a box of its own, hexadecimal digits in groups of eight."""
    parts = value.split() if numbers else grouped(value)
    kind = "values many" if len(parts) > FEW_CELLS else "values"
    return f'<div class="{kind}">{" ".join(f"<b>{text(one)}</b>" for one in parts)}</div>\n'


def signatures(names: Sequence[str]) -> str:
    """Give a box to sign for each name."""
    return f'<div class="sign">{"".join(f"<div>{text(one)}</div>" for one in names)}</div>\n'


def filled(value: str) -> str:
    """Give a text, or a line on which it is written by hand."""
    return text(value) if value else '<span class="fill">&nbsp;</span>'


def names_or(names: Sequence[str], otherwise: str) -> str:
    """Join the names that are not empty, or give what stands instead."""
    known = [one for one in names if one]
    return listed(known) if known else otherwise
