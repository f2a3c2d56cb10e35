"""The map of a month's visits as SVG: units as dots, tours as lines, no background and no network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import cos, radians

from auditor.i18n import _
from auditor.pages.html import text
from auditor.pages.views import PlaceView, SortieView
from auditor.pages.words import SLOT_WORDS, word

WIDTH = 720
MARGIN = 34
KM_PER_DEGREE = 111.195
LABEL_HEIGHT = 14
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (0.8, -1), (-0.8, -1), (0.8, 1), (-0.8, 1))
"""Where a label may stand beside its dot (right, down), the dearest first."""

HEAD = 32
"""Room for the title of a map that is a file of its own."""
FILE_CSS = (
    "svg{--ink:#1b1f24;--soft:#4d5761;--paper:#fff;--bar:#8fa3b5;--holiday-ink:#9f1d20}"
    "text{fill:#1b1f24;font:12px 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    ".morning{color:#c2410c}.afternoon{color:#1d6fb8}.evening{color:#5b3fa0}"
)

Box = tuple[float, float, float, float]


def map_svg(start: tuple[float, float], places: Sequence[PlaceView], sorties: Sequence[SortieView]) -> str:
    """Draw places by longitude (shrunk by the latitude's cosine) and latitude, with a scale bar.

    A drawn place has the colour of its half-day and a label where one fits without covering another.
    """
    starts = {start: _("start")} | {one.start: one.start_name for one in sorties if one.start is not None}
    lats = [*(lat for lat, _lng in starts), *(place.lat for place in places)]
    lngs = [*(lng for _lat, lng in starts), *(place.lng for place in places)]
    middle = (min(lats) + max(lats)) / 2
    shrink = cos(radians(middle))
    wide = max((max(lngs) - min(lngs)) * shrink, 0.01)
    high = max(max(lats) - min(lats), 0.01)
    scale = min((WIDTH - 2 * MARGIN) / wide, 620 / high)
    height = round(high * scale) + 2 * MARGIN + 24
    indent = (WIDTH - wide * scale) / 2

    def at(lat: float, lng: float) -> tuple[float, float]:
        return (
            round(indent + (lng - min(lngs)) * shrink * scale, 1),
            round(MARGIN + (max(lats) - lat) * scale, 1),
        )

    dots = "".join("M{} {}h0".format(*at(one.lat, one.lng)) for one in places if not one.drawn)
    parts = [
        f'<path d="{dots}" stroke="var(--bar)" stroke-width="6" stroke-linecap="round" fill="none"/>'
        if dots
        else ""
    ]
    for sortie in sorties:
        home = sortie.start or start
        corners = [home, *((stop.lat, stop.lng) for stop in sortie.stops), home]
        line = " ".join("{},{}".format(*at(*corner)) for corner in corners)
        stops = ", ".join(stop.unit for stop in sortie.stops)
        parts.append(
            f'<polyline class="{sortie.slot}" points="{line}" fill="none" stroke="currentColor" '
            f'stroke-width="1.6" stroke-opacity=".55"><title>{text(sortie.key)}: {text(stops)}</title></polyline>'
        )
    shown = [place for place in sorted(places, key=lambda one: (-one.lat, one.name)) if place.drawn]
    taken = [
        *(_around(*at(*one), 8) for one in starts),
        *(_around(*at(one.lat, one.lng), 5) for one in shown),
    ]
    labels = []
    for place in shown:
        x, y = at(place.lat, place.lng)
        slot = place.slots[0] if place.slots else ""
        style = f'class="{slot}" fill="currentColor"' if slot else 'fill="none" stroke="var(--holiday-ink)"'
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="5.5" {style} stroke-width="2"><title>{text(place.name)}</title></circle>'
        )
        name = place.name if len(place.name) <= 16 else place.name[:15] + "…"
        size = sum(12 if ord(letter) > 255 else 6.6 for letter in name)
        for far, (left, down) in product(range(0, 90, 13), DIRECTIONS):
            middle_x = x + left * (9 + size / 2 + far)
            middle_y = y + down * (13 + far)
            box = (
                middle_x - size / 2,
                middle_y - LABEL_HEIGHT / 2,
                middle_x + size / 2,
                middle_y + LABEL_HEIGHT / 2,
            )
            inside = box[0] >= 2 and box[2] <= WIDTH - 2 and box[1] >= 2 and box[3] <= height - 24
            if inside and all(_apart(box, other) for other in taken):
                taken.append(box)
                if far:
                    labels.append(
                        f'<path d="M{x} {y}L{min(max(x, box[0]), box[2]):.1f} {min(max(y, box[1]), box[3]):.1f}" '
                        'stroke="var(--soft)" stroke-width=".8"/>'
                    )
                labels.append(
                    f'<text x="{box[0]:.1f}" y="{box[3] - 3:.1f}" paint-order="stroke" stroke="var(--paper)" '
                    f'stroke-width="3">{text(name)}</text>'
                )
                break
    for home, name in starts.items():
        x, y = at(*home)
        parts.append(
            f'<rect x="{x - 7}" y="{y - 7}" width="14" height="14" fill="var(--ink)"><title>{text(name)}</title></rect>'
        )
    km = next((one for one in (20, 10, 5, 2, 1) if one / KM_PER_DEGREE * scale < WIDTH / 4), 1)
    length = km / KM_PER_DEGREE * scale
    bottom = height - 10
    parts.append(
        f'<path d="M{MARGIN} {bottom - 5}v5h{length:.1f}v-5" stroke="var(--ink)" fill="none"/>'
        f'<text x="{MARGIN + length + 6:.1f}" y="{bottom + 1}">{km} km</text>'
        f'<path d="M{WIDTH - 22} {bottom}v-22m-5 8l5-8 5 8" stroke="var(--ink)" fill="none"/>'
        f'<text x="{WIDTH - 46}" y="{bottom - 8}">{text(_("N"))}</text>'
    )
    told = _("Map of {drawn} drawn units among {all}").format(
        drawn=sum(one.drawn for one in places), all=len(places)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" aria-label="{text(told)}">'
        f"{''.join(parts)}{''.join(labels)}</svg>\n"
    )


def map_file(
    title: str, start: tuple[float, float], places: Sequence[PlaceView], sorties: Sequence[SortieView]
) -> str:
    """Give the map as a file of its own, on white paper under a title."""
    drawing = map_svg(start, places, sorties)
    height = int(drawing.partition(f'viewBox="0 0 {WIDTH} ')[2].partition('"')[0])
    inner = drawing.partition(">")[2].rpartition("</svg>")[0]
    marks = [(f'class="{slot}" style="fill:currentColor">●', word(SLOT_WORDS, slot)) for slot in SLOT_WORDS]
    if any(place.drawn and not place.slots for place in places):
        marks.insert(0, ('style="fill:var(--holiday-ink)">○', _("no visit")))
    legend = "".join(
        f'<text x="{WIDTH - MARGIN - 64 * (len(marks) - at) + 10}" y="-8"><tspan {mark}</tspan> {text(told)}</text>\n'
        for at, (mark, told) in enumerate(marks)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -{HEAD} {WIDTH} {height + HEAD}" width="{WIDTH}" '
        f'height="{height + HEAD}">\n<title>{text(title)}</title>\n<style>{FILE_CSS}</style>\n'
        f'<rect x="0" y="-{HEAD}" width="{WIDTH}" height="{height + HEAD}" fill="#fff"/>\n'
        f'<text x="{MARGIN}" y="-8" style="font-size:15px;font-weight:600">{text(title)}</text>\n{legend}{inner}</svg>\n'
    )


def _around(x: float, y: float, half: float) -> Box:
    return (x - half, y - half, x + half, y + half)


def _apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
