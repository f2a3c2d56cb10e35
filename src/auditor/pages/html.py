"""HTML in small: escaped text, elements, and the frame that every page has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from auditor.i18n import _, language

CSS = """
:root{--ink:#1b1f24;--soft:#4d5761;--paper:#fff;--line:#d5dbe1;--tint:#f4f6f8;--weekend:#eceff3;
--holiday:#fbe3e1;--holiday-ink:#9f1d20;--primary:#0b5cad;--lead:#43217d;--lead-bg:#e7defa;
--day:#5c4300;--day-bg:#fff3c4;--night:#fff;--night-bg:#2b3a55;--morning:#c2410c;--afternoon:#1d6fb8;
--evening:#5b3fa0;--warn-bg:#fff3c4;--warn:#5c4300;--bar:#8fa3b5}
@media (prefers-color-scheme:dark){@media screen{:root{--ink:#e8ebee;--soft:#aab4be;--paper:#14181c;
--line:#39424b;--tint:#1d2329;--weekend:#232a31;--holiday:#4a2020;--holiday-ink:#ffb4ae;--primary:#7db7f0;
--morning:#f19066;--afternoon:#74b4ef;--evening:#b9a4ee;--warn-bg:#4b3d10;--warn:#ffe9a8;--bar:#5d7285}}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
color:var(--ink);background:var(--paper);font-variant-numeric:tabular-nums}
main{max-width:1240px;margin:0 auto;padding:16px 20px 48px}
.banner{background:var(--warn-bg);color:var(--warn);padding:6px 20px;font-weight:600;text-align:center}
h1{font-size:26px;margin:18px 0 2px}h2{font-size:20px;margin:36px 0 8px}h3{font-size:16px;margin:18px 0 6px}
p{margin:6px 0}.soft{color:var(--soft)}p.lead{font-size:17px}
table{border-collapse:collapse;width:100%;font-size:14.5px}
th,td{border-bottom:1px solid var(--line);padding:5px 10px;text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}td.n,th.n{text-align:right}
.scroll{overflow-x:auto;position:relative}.scroll:focus-visible{outline:2px solid var(--primary);outline-offset:2px}
.bars td,.bars th{padding:2px 10px;vertical-align:middle}.facts th{white-space:nowrap}
.sums{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(170px,46%),1fr));gap:12px;margin:18px 0}
.sum{border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.sum b{display:block;font-size:26px;line-height:1.2}.sum small{color:var(--soft);display:block}
.two{display:grid;grid-template-columns:minmax(0,1.25fr) minmax(0,1fr);gap:28px}
.box{background:var(--tint);border-radius:8px;padding:10px 16px;margin:10px 0}
code,.mono{font-family:ui-monospace,Consolas,"DejaVu Sans Mono",monospace;font-size:13.5px;
overflow-wrap:anywhere}
.month{table-layout:fixed;font-size:13px;border:1px solid var(--line)}
.month th{background:var(--tint);text-align:center;padding:2px;border:1px solid var(--line)}
.cell{border:1px solid var(--line);height:112px;padding:3px 5px;overflow:hidden}
.cell .wd{display:none}
.cell.weekend{background:var(--weekend)}.cell.holiday{background:var(--holiday)}
.cell.none{background:var(--tint)}
.cell .date{font-weight:700;margin-right:5px}.holiday .date,.holiday .name{color:var(--holiday-ink)}
.cell.key{border-top:3px solid var(--holiday-ink)}
.duty{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:20px}
.sq{display:inline-block;width:17px;height:17px;line-height:17px;text-align:center;border-radius:3px;
font-size:12px;margin-right:4px}
.sq.lead{background:var(--lead-bg);color:#43217d}.sq.day{background:#fff3c4;color:#5c4300}
.sq.night{background:#2b3a55;color:#fff}.duty.lead{font-weight:700}
.trip{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:19px;border-left:3px solid;
padding-left:4px;margin-top:1px}
.morning{color:var(--morning)}.afternoon{color:var(--afternoon)}.evening{color:var(--evening)}
.tag{border:1px solid;border-radius:4px;padding:0 5px;font-size:13px;white-space:nowrap}
svg{max-width:100%;height:auto;display:block}svg text{fill:var(--ink);font-size:12px}
.legend{font-size:13.5px;color:var(--soft);margin:4px 0}.legend>span{display:inline-block;margin-right:14px;white-space:nowrap}
.dot{display:inline-block;width:10px;height:10px;border-radius:50%;background:currentColor;margin-right:4px}
@media (max-width:900px){.two{grid-template-columns:minmax(0,1fr)}
.scroll>table,.scroll>svg{min-width:620px}main{padding:10px 12px 40px}}
@media screen and (max-width:700px){.month,.month tbody,.month tr,.month td{display:block}
.month thead,.month .none{display:none}.cell .wd{display:inline}.cell{height:auto;padding:4px 8px;border-width:1px 0 0}
.duty{display:inline-block;margin-right:12px}}
@page{size:A4;margin:12mm}
@media print{body{font-size:10.5pt}table{font-size:9pt}th,td{padding:3px 6px}svg[viewBox]{max-height:140mm}.legend{break-after:avoid}
.month{font-size:8pt;break-inside:avoid}.cell{height:92px}
h2{font-size:13pt;margin-top:18px}.sums{grid-template-columns:repeat(3,1fr)}.sum b{font-size:16pt}code{font-size:8.5pt}main{max-width:none;padding:0}h2{break-after:avoid}
tr,.cell,svg,.box,.sum{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}.scroll>table{min-width:0}h3{break-after:avoid}.banner{border:1px solid}a{color:inherit}}
"""


def text(value: object) -> str:
    """Escape a value for HTML."""
    return escape(str(value), quote=True)


def css_string(value: str) -> str:
    """Write a value as a CSS string that can stand in a style element: what is not plain is escaped."""
    return (
        '"' + "".join(one if one.isalnum() or one in " ·:,." else f"\\{ord(one):x} " for one in value) + '"'
    )


def table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[int] = (),
    label: str = "",
    css: str = "",
) -> str:
    """Lay out a table whose cells are already HTML.

    `numbers` are the columns set to the right, `label` names the table to those who do not see it,
    `css` is a class of its scrolling frame.
    """
    mark = {at: ' class="n"' for at in numbers}
    head = "".join(f'<th scope="col"{mark.get(at, "")}>{text(t)}</th>' for at, t in enumerate(titles))
    body = "".join(
        "<tr>" + "".join(f"<td{mark.get(at, '')}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="{f"scroll {css}".strip()}" tabindex="0" role="region" aria-label="{text(label or titles[0])}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n"
    )


def banners(synthetic: bool, provisional: bool, invented_people: bool = False) -> list[str]:
    """Give what must stand on every page: open demonstration, synthetic data, provisional calendar."""
    found = [_("Open demonstration (not sealed)")]
    if synthetic:
        found.append(_("synthetic data: no real county, school or person"))
    elif invented_people:
        found.append(_("people on duty are partly invented"))
    if provisional:
        found.append(_("provisional calendar: no official notice yet"))
    return found


def page(title: str, banner: Sequence[str], body: str, css: str = "") -> str:
    """Give a whole page: one file, no network."""
    lang = "zh-CN" if language() == "zh" else "en"
    above = f'<div class="banner" role="note">{" · ".join(map(text, banner))}</div>\n' if banner else ""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{CSS}{css}</style>\n</head>\n<body>\n"
        f"{above}<main>\n{body}</main>\n</body>\n</html>\n"
    )
