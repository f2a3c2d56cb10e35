"""``roster.xlsx``: the month as bureaus print it, a sheet for each person, and the counters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from auditor.i18n import _, labelled, listed
from auditor.pages.roster_views import MemberView, PostView, RosterView, half_day_words, remark, remarks
from auditor.pages.words import COUNTED_WORDS, ROLE_WORDS, month_name, weekday, word
from auditor.pages.workbooks import book_bytes, fill, plain

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROOM = 215
"""So many letters side by side can still be read on an A4 lying on its side."""
NAME, TITLE, PHONE = 11, 14, 14
"""Widths of what is told of a person."""
MOST = {"name": 13, "title": 20, "phone": 18}
"""So wide at most are they made where somebody's is longer, lest each line of the month is two."""
COLOURS = {"weekend": "ECEFF3", "holiday": "FBE3E1"}
KEY_COLOUR = "FFF3C4"
"""A work day in a key period; weekends and holidays keep theirs."""
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def roster_workbook(view: RosterView) -> bytes:
    """Give the workbook: the month, a line a day and leaders first; a sheet a person; the counters."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = _("Duty roster")
    _month(sheet, view)
    _counters(book.create_sheet(_("Counters")), view)
    if view.departures:
        _departures(book.create_sheet(_("Turns left")), view)
    _contacts(book.create_sheet(_("Contacts")), view)
    taken = {one.casefold() for one in book.sheetnames}
    for member in view.members:
        _person(book.create_sheet(sheet_title(member, taken)), view, member)
    return book_bytes(book)


def sheet_title(member: MemberView, taken: set[str]) -> str:
    """Give a sheet the name of its person, with his id where another has it already; note it as taken."""
    plain = NOT_IN_A_TITLE.sub(" ", member.name).strip(" '")[:31] or "-"
    found, number = plain, 1
    while found.casefold() in taken:
        more = f" {member.id}" if number == 1 else f" {number}"
        found = plain[: 31 - len(more)] + NOT_IN_A_TITLE.sub(" ", more)[:31]
        number += 1
    taken.add(found.casefold())
    return found


def columns(post: PostView, told: int) -> list[tuple[str, str, int]]:
    """Give what is told of who fills a post: field of the member, title, width.

    `told` is 2 for all of everybody, 1 where only leaders have their title, 0 where others have their name
    alone.
    """
    leader = post.role == "leader"
    found = [("name", _("full name"), NAME)]
    if leader or told == 2:
        found.append(("title", _("post"), TITLE))
    if leader or told >= 1:
        found.append(("phone", _("duty telephone"), PHONE))
    return found


def _month(sheet: Worksheet, view: RosterView) -> None:
    from openpyxl.styles import PatternFill

    by_post = [columns(post, 0) for post in view.posts]
    for told in (2, 1):
        tried = [columns(post, told) for post in view.posts]
        if sum(width for several in tried for _field, _title, width in several) + 45 <= ROOM:
            by_post = tried
            break
    wider = [
        [(field, title, _fitting(view, post, field, width)) for field, title, width in several]
        for post, several in zip(view.posts, by_post, strict=True)
    ]
    if sum(width for several in wider for _field, _title, width in several) + 45 <= ROOM:
        by_post = wider
    over = [(_("day"), 1), (_("weekday"), 1)]
    titles, widths = ["", ""], [12, 9]
    for post, several in zip(view.posts, by_post, strict=True):
        over.append(("\n".join(filter(None, (post.name, post.hours, post.note))), len(several)))
        titles += [title for _field, title, _width in several]
        widths += [max(width, 13) if len(several) == 1 else width for _field, _title, width in several]
    over.append((_("remarks"), 1))
    rows = []
    for day in view.days:
        cells: list[Any] = [day.day.isoformat(), weekday(day.day)]
        for post, several in zip(view.posts, by_post, strict=True):
            there = view.on(day.day, post.id)
            cells += ["\n".join(getattr(one, field) for one in there) for field, _title, _width in several]
        rows.append((*cells, "\n".join(remarks(view, day))))
    top = fill(
        sheet, _marks(view), heading(view), [*titles, ""], rows, [*widths, 24], over=over, one_page=True
    )
    for at, day in enumerate(view.days, start=top + 1):
        colour = COLOURS.get(day.cls) or (KEY_COLOUR if day.key_period else "")
        if colour:
            for cell in sheet[at]:
                cell.fill = PatternFill("solid", start_color=colour)
    _approval(sheet, view, top + len(rows) + 2, len(titles) + 1)


def _fitting(view: RosterView, post: PostView, field: str, width: int) -> int:
    """Give the width at which everybody's name, title or telephone is one line, as far as there is room."""
    told = {str(getattr(one, field)) for day in view.days for one in view.on(day.day, post.id)}
    longest = max((sum(2 if one > "\xff" else 1.05 for one in part) for part in told), default=0.0)
    return max(width, min(MOST[field], ceil(longest) + 1))


def _approval(sheet: Worksheet, view: RosterView, at: int, wide: int) -> None:
    """Write the line under the table on which the roster is approved, by hand where nobody is on record."""
    line = "____________"
    by, day = view.approved
    told = _("Approved by: {by}    Made by: {line}    Date: {day}")
    cell = sheet.cell(at, 1, plain(told.format(by=by or line, line=line, day=day or line)))
    cell.data_type = "s"
    sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=wide)
    sheet.row_dimensions[at].height = 30


def heading(view: RosterView) -> str:
    """Give the title of a month's roster."""
    return _("{bureau}: duty roster of {month}").format(bureau=view.bureau, month=month_name(view.month))


def _marks(view: RosterView) -> list[str]:
    """Give what stands under each title: the state, and what must be known of the data."""
    return [*filter(None, [view.standing]), *view.marks]


def _counters(sheet: Worksheet, view: RosterView) -> None:
    """Fill the sheet of counters: what everybody brought with him and what the month adds, by class."""
    names = [word(COUNTED_WORDS, name) for name in view.classes]
    rows = []
    for one in view.members:
        cells: list[Any] = [one.name, word(ROLE_WORDS, one.role), f"{one.share} %"]
        for name in view.classes:
            carried, new = one.counters.get(name, (0, 0))
            cells.append(f"{carried} + {new} = {carried + new}" if one.counters else "")
            off = float(carried + new - one.expected[name]) if name in one.expected else None
            cells.append("" if off is None else f"{off:+.1f}")
        rows.append(cells)
    over = [(_("full name"), 1), (_("role"), 1), (_("share"), 1), *((name, 2) for name in names)]
    titles = ["", "", "", *[_("carried + new"), _("deviation")] * len(names)]
    fill(
        sheet, _marks(view), _("Duties, carried + new"), titles, rows,
        [14, 16, 9, *[15, 9] * len(names)], over=over, upright=True, one_page=True,
    )  # fmt: skip


def _departures(sheet: Worksheet, view: RosterView) -> None:
    """Fill the sheet of turns of the rotation that were left, and why."""
    rows = [
        (
            one.day.isoformat(),
            weekday(one.day),
            view.post(one.post).name,
            one.turn or "–",
            one.given or "–",
            one.why,
        )
        for one in view.departures
    ]
    titles = (_("day"), _("weekday"), _("duty"), _("whose turn"), _("given to"), _("why"))
    title = _("Where the rotation was left, and why")
    fill(sheet, _marks(view), title, titles, rows, (12, 9, 14, 14, 16, 46), upright=True)


def _contacts(sheet: Worksheet, view: RosterView) -> None:
    """Fill the sheet of everybody's title and duty telephone, which a month of many posts has no room for."""
    rows = [
        (one.name, word(ROLE_WORDS, one.role), one.title, one.phone, len(view.of(one.id)))
        for one in view.members
    ]
    titles = (_("full name"), _("role"), _("post"), _("duty telephone"), _("duties in the month"))
    fill(sheet, _marks(view), _("Contacts"), titles, rows, (16, 16, 20, 20, 20), upright=True)


def _person(sheet: Worksheet, view: RosterView, member: MemberView) -> None:
    """Fill the sheet of one person: the own duties, who is on duty beside, counters, stand-by."""
    by_day = {one.day: one for one in view.days}
    rows: list[Sequence[Any]] = []
    for seat in view.of(member.id):
        post = view.post(seat.post)
        others = [f"{other.name} {who.name} {who.phone}".rstrip() for other, who in view.beside(seat)]
        day = by_day.get(seat.day)
        rows.append(
            (
                seat.day.isoformat(),
                weekday(seat.day),
                post.name,
                post.hours,
                "\n".join(others),
                remark(day) if day else "",
            )
        )
    title = _("{name}: duty in {month}").format(name=member.name, month=month_name(view.month))
    titles = (_("day"), _("weekday"), _("duty"), _("from – to"), _("on duty with"), _("remarks"))
    marks = [view.bureau, *_marks(view)]
    top = fill(sheet, marks, title, titles, rows, (12, 9, 14, 22, 44, 24), upright=True)
    at = top + len(rows) + 2
    for line in own_lines(view, member):
        cell = sheet.cell(at, 1, plain(line))
        cell.data_type = "s"
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=len(titles))
        at += 1


def own_lines(view: RosterView, member: MemberView) -> list[str]:
    """Give what stands under somebody's duties: the counters, and the stand-by half-days of the month."""
    found = []
    if member.counters:
        told = [
            labelled(word(COUNTED_WORDS, name), "{} + {}".format(*member.counters[name]))
            for name in view.classes
            if name in member.counters
        ]
        found.append(labelled(_("carried + new"), "  ".join(told)))
    if member.standby:
        found.append(labelled(_("Stand-by half-days"), listed(half_day_words(member.standby))))
    return found
