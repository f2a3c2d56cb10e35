"""One picture of how duty is shared (SVG): a row a person, a bar a class, the fair part as a line."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.i18n import _, labelled
from auditor.pages.html import text
from auditor.pages.roster_views import MemberView, RosterView
from auditor.pages.words import COUNTED_WORDS, ROLE_WORDS, month_name, word

NAMES, MOST_NAMES = 112, 200
"""Room for the names, in pixels: at least, and at most where somebody's is longer."""
LETTER = 7.0
"""Width of a Latin letter; a Han letter is twice as wide."""
CLASS = 138
"""Width of a class's column: bar, then its numbers."""
BAR = 84
ROW, HEAD, LINE, GAP = 19, 56, 17, 34
CSS = (
    "text{font:12px 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;fill:#1b1f24}"
    ".s{fill:#4d5761}.b{font-weight:700}.t{font-size:15px;font-weight:700}"
)
CARRIED, NEW, FAIR = "#b9c6d3", "#2f6db0", "#9f1d20"


def fairness_picture(view: RosterView) -> str:
    """Draw the counters of everybody who has any, by role; a file of its own on white paper.

    In each class's column a bar has what a person brought with him (pale) and what the month adds (dark);
    the upright line is what would be his part if all could be shared alike, so that a bar that ends at it
    is fair. Roles have their own scale in each class.
    """
    groups: dict[str, list[MemberView]] = {}
    for one in view.members:
        if one.counters:
            groups.setdefault(one.role, []).append(one)
    longest = max((_letters(one.name) for people in groups.values() for one in people), default=0.0)
    room = min(MOST_NAMES, max(NAMES, round(longest * LETTER) + 24))
    wide = room + CLASS * max(1, len(view.classes)) + 12
    title = _("{bureau}: how duty is shared in {month}").format(
        bureau=view.bureau, month=month_name(view.month)
    )
    states = _lines([one for one in (view.standing, *view.marks) if one], wide - 24)
    parts = [f'<text class="t" x="12" y="24">{text(title)}</text>\n']
    parts += [
        f'<text class="s" x="12" y="{42 + LINE * at}">{text(line)}</text>\n' for at, line in enumerate(states)
    ]
    top = HEAD + LINE * len(states)
    parts += _legend(top - 10)
    for role, people in groups.items():
        parts.append(f'<text class="b" x="12" y="{top + 14}">{text(word(ROLE_WORDS, role))}</text>\n')
        for at, name in enumerate(view.classes):
            x = room + CLASS * at
            parts.append(f'<text class="s" x="{x}" y="{top + 14}">{text(word(COUNTED_WORDS, name))}</text>\n')
        top += 22
        for row, one in enumerate(people):
            parts.append(_row(view.classes, one, people, top + ROW * row, room))
        top += ROW * len(people) + GAP - 16
    told = _("How {n} people share their duties").format(n=sum(map(len, groups.values())))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {top}" width="{wide}" height="{top}" '
        f'role="img" aria-label="{text(told)}"><style>{CSS}</style>\n'
        f'<rect width="{wide}" height="{top}" fill="#fff"/>\n{"".join(parts)}</svg>\n'
    )


def _legend(at: int) -> list[str]:
    """Say what the colours mean, on the line at `at`."""
    marks = (
        (f'<rect x="0" y="-9" width="16" height="9" fill="{CARRIED}"/>', _("carried")),
        (f'<rect x="0" y="-9" width="16" height="9" fill="{NEW}"/>', _("this month")),
        (f'<path d="M8 -11v13" stroke="{FAIR}" stroke-width="2"/>', _("fair part")),
    )
    return [
        f'<g transform="translate({12 + 110 * number} {at})">{mark}<text class="s" x="22" y="0">{text(told)}</text></g>\n'
        for number, (mark, told) in enumerate(marks)
    ]


def _lines(parts: Sequence[str], room: float) -> list[str]:
    """Join parts to lines that are no wider than `room` pixels, as far as no part alone is wider."""
    found: list[str] = []
    for part in parts:
        longer = f"{found[-1]} · {part}" if found else part
        if found and sum(12 if one > "\xff" else 6.5 for one in longer) <= room:
            found[-1] = longer
        else:
            found.append(part)
    return found


def _row(classes: Sequence[str], one: MemberView, group: Sequence[MemberView], top: int, room: int) -> str:
    parts = [f'<text x="12" y="{top + 13}">{text(_cut(one.name, (room - 14) / LETTER))}</text>']
    for at, name in enumerate(classes):
        x = room + CLASS * at
        carried, new = one.counters.get(name, (0, 0))
        most = max(
            1.0,
            *(float(sum(other.counters.get(name, (0, 0)))) for other in group),
            *(float(other.expected[name]) for other in group if name in other.expected),
        )
        scale = BAR / most
        told = labelled(one.name, f"{word(COUNTED_WORDS, name)} {carried} + {new}")
        parts.append(f"<g><title>{text(told)}</title>")
        parts.append(f'<rect x="{x}" y="{top + 3}" width="{BAR}" height="12" fill="#f4f6f8"/>')
        if carried > 0:
            parts.append(
                f'<rect x="{x}" y="{top + 3}" width="{carried * scale:.1f}" height="12" fill="{CARRIED}"/>'
            )
        if new > 0:
            parts.append(
                f'<rect x="{x + max(0, carried) * scale:.1f}" y="{top + 3}" width="{new * scale:.1f}" '
                f'height="12" fill="{NEW}"/>'
            )
        if one.expected.get(name):
            line = x + float(one.expected[name]) * scale
            parts.append(f'<path d="M{line:.1f} {top + 1}v16" stroke="{FAIR}" stroke-width="1.6"/>')
        parts.append(f'<text class="s" x="{x + BAR + 6}" y="{top + 13}">{carried} + {new}</text></g>')
    return "".join(parts) + "\n"


def _letters(name: str) -> float:
    """Measure a name in Latin letters: a Han letter is twice as wide."""
    return sum(2 if one > "\xff" else 1.1 for one in name)


def _cut(name: str, room: float) -> str:
    """Shorten a name to so many Latin letters."""
    if _letters(name) <= room:
        return name
    kept = name
    while kept and _letters(kept) + 2 > room:
        kept = kept[:-1]
    return kept + "…"
