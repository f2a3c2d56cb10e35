"""``auditor roster show``, ``export``, ``hours``; ``auditor calendars export``: what a roster gives out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import bureau_options, say, show, table
from auditor.cli.past import Day
from auditor.cli.plan_out import fitted
from auditor.errors import UsageProblem
from auditor.i18n import _, labelled, language, listed, ngettext

if TYPE_CHECKING:
    from auditor.entities import CalendarDay
    from auditor.pages.roster_views import MemberView, RosterView
    from auditor.store import Database
    from auditor.workflow.duty.roster_outputs import Kept, OnDuty

FORMATS = ("xlsx", "json", "ics", "txt", "csv", "svg")
month_option = click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one made)."))
out_option = click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help=_("The folder.")
)


def kept_of(db: Database, month: str | None) -> Kept:
    """Give the roster of the month asked for, else of the last one; raises UsageProblem without one."""
    from auditor.cli.checks import stored_month
    from auditor.workflow.duty.roster_outputs import kept_months

    several = kept_months(db)
    return several[stored_month(several, month, _("roster"))]


@click.command(
    "show",
    help=_(
        "Show a month's roster as a grid of weeks, with its state, and who is on duty now and next. --rows: "
        "a line a day; --people: a line a person; --person: the duties of one person; --on-duty: only who is "
        "on duty now and next.\n\n"
        "\b\nExamples:\n  auditor roster show --db auditor-demo/bureau.db\n"
        "  auditor roster show --month 2026-12 --rows\n"
        "  auditor roster show --person o01"
    ),
)
@click.option("--rows", is_flag=True, help=_("A line a day, with a column for each post."))
@click.option("--people", is_flag=True, help=_("A line a person, with a column for each day."))
@click.option("--person", metavar="ID|NAME", help=_("The duties of this person, with whom, and counters."))
@click.option("--on-duty", is_flag=True, help=_("Only who is on duty now, and who comes next."))
@month_option
@bureau_options()
def show_roster(
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    rows: bool,
    people: bool,
    person: str | None,
    on_duty: bool,
) -> None:
    """Print a grid, a table or somebody's duties."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_outputs as step

    if rows + people + on_duty + (person is not None) > 1:
        raise UsageProblem(problem=_("choose one of --rows, --people, --person and --on-duty"))
    with opened(db) as database:
        there, after = step.on_duty(database, now)
        told = on_duty_lines(there, after, now)
        if on_duty:
            record = {"now": [one.record() for one in there], "next": [one.record() for one in after]}
            show(record, as_json, "\n".join(told) or _("no roster says who is on duty"))
            return
        kept = kept_of(database, month)
        view = step.roster_view(database, kept)
        who = step.member_named(database, view, person) if person is not None else None
    if who is not None:
        show(person_record(view, who), as_json, person_lines(view, who))
        return
    grid = rows_text(view) if rows else people_text(view) if people else grid_text(view)
    text = "\n".join([head(view), *told, *lacking_lines(view), "", grid, "", legend(view, people)])
    show(kept.record, as_json, text)


def head(view: RosterView) -> str:
    """Give the line above a roster: whose, which month, its state and revision, what must be known."""
    from auditor.pages.roster_workbook import heading

    return " · ".join(one for one in (heading(view).strip(), view.standing, *view.marks) if one)


def on_duty_lines(there: Sequence[OnDuty], after: Sequence[OnDuty], now: datetime) -> list[str]:
    """Say who is on duty now, a line for each moment at which some end; and who begins next."""

    def people(several: Sequence[OnDuty]) -> str:
        by_post: dict[str, list[str]] = {}
        for one in several:
            who = f"{one.name} {one.phone}".rstrip()
            # what has begun is taken over, what is to come is repaired
            duty = f"{one.start:%Y-%m-%d}/{one.post.id}"
            command = f"roster take-over {one.name} {duty}" if one.start <= now else "roster repair"
            by_post.setdefault(one.post.name, []).append(
                _("{who} (away: `auditor {command}` says who can come)").format(who=who, command=command)
                if one.away
                else who
            )
        return _("; ").join(f"{post} {listed(found)}" for post, found in by_post.items())

    lines = [
        labelled(
            _("on duty now, until {time}").format(time=_moment(end, now)),
            people([one for one in there if one.end == end]),
        )
        for end in sorted({one.end for one in there})
    ]
    if after:
        since = _moment(after[0].start, now)
        lines.append(labelled(_("next, from {time}").format(time=since), people(after)))
    if {one.state for one in (*there, *after)} - {"", "published", "locked"}:
        lines.append(_("(this roster is not published yet)"))
    return lines


def _moment(at: datetime, now: datetime) -> str:
    """Write a moment by its clock; with its day, unless that is today."""
    from auditor.pages.words import day_name

    if at.date() == now.astimezone(at.tzinfo).date():
        return f"{at:%H:%M}"
    return f"{day_name(at.date())} {at:%H:%M}"


def lacking_lines(view: RosterView) -> list[str]:
    """Say which seats nobody fills."""
    from auditor.pages.words import day_name

    if not view.lacking:
        return []
    told = [
        f"{day_name(day)} {view.post(post).name}" + (f" ×{count}" if count > 1 else "")
        for day, post, count in view.lacking
    ]
    return [labelled(_("nobody fills"), listed(told))]


def legend(view: RosterView, people: bool = False) -> str:
    """Say what the marks of posts mean, and when each is kept; beside `people` those of days too."""
    told = [" ".join(filter(None, (post.mark, "=", post.name, post.hours, post.note))) for post in view.posts]
    if people:
        told += [f"- = {_('weekend')}", f"* = {_('day off by the notice')}", f"/ = {_('on leave')}"]
    elif any(day.key_period for day in view.days):
        told.append(f"! = {_('key period')}")
    return "   ".join(told)


def grid_text(view: RosterView) -> str:
    """Lay a month out as weeks, Monday first: in each day what it is and, a line each, who is on duty."""
    from shutil import get_terminal_size

    from auditor.pages.roster_views import weeks
    from auditor.pages.words import WEEKDAYS

    def cell(day: CalendarDay | None) -> list[str]:
        if day is None:
            return [""]
        lines = [f"{day.day.day:>2}{'!' if day.key_period else ' '}{_day_mark(day)}".rstrip()]
        for post in view.posts:
            lines += [f"{post.mark} {one.name}" for one in view.on(day.day, post.id)]
        return lines

    grid = []
    for days in weeks(view.days):
        found = {one.day.weekday(): one for one in days}
        grid.append([cell(found.get(at)) for at in range(7)])
    most = max((wide(line) for week in grid for lines in week for line in lines), default=6)
    room = (get_terminal_size((120, 24)).columns - 6) // 7
    width = max(6, min(most, room))
    names = [f"周{name}" if language() == "zh" else name for name in WEEKDAYS[language()]]
    out = ["|".join(fitted(name, width) for name in names).rstrip()]
    for week in grid:
        out.append("+".join("-" * width for _lines in week))
        for row in zip_longest(*week, fillvalue=""):
            out.append("|".join(fitted(_tight(text, width), width) for text in row).rstrip())
    return "\n".join(out)


def _tight(text: str, width: int) -> str:
    """Take the blank out between mark and name where a Han name is whole without it: 夜欧阳娜娜."""
    mark, _blank, name = text.partition(" ")
    return mark + name if wide(text) == width + 1 and name[:1] > "\xff" else text


def wide(text: str) -> int:
    """Give how many columns of a terminal a text takes."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _day_mark(day: CalendarDay) -> str:
    """Say shortly what a day is: its holiday, or a make-up workday."""
    if day.cls == "work" and day.day.weekday() > 4:
        return _("workday")
    return day.name if day.cls == "holiday" else ""


def rows_text(view: RosterView) -> str:
    """Lay a month out as a line a day: day, weekday, who is on each post, remarks."""
    from auditor.pages.roster_views import remarks
    from auditor.pages.words import weekday

    rows = [
        (
            day.day.isoformat(),
            weekday(day.day),
            *(listed(one.name for one in view.on(day.day, post.id)) for post in view.posts),
            " ".join(remarks(view, day)),
        )
        for day in view.days
    ]
    titles = (_("day"), _("weekday"), *(post.name for post in view.posts), _("remarks"))
    return table(titles, rows)


def people_text(view: RosterView) -> str:
    """Lay a month out as a line a person: the post's mark on each day of a duty, / on leave; then sums."""
    from auditor.pages.words import COUNTED_WORDS, WEEKDAYS, word

    letters = [WEEKDAYS[language()][day.day.weekday()][:1] for day in view.days]
    offs = ["*" if day.cls == "holiday" else "-" if day.cls == "weekend" else "" for day in view.days]
    classes = [name for name in view.classes if any(one.counters for one in view.members)]
    rows: list[tuple[object, ...]] = [
        ("", *letters, *([""] * len(classes))),
        ("", *offs, *([""] * len(classes))),
    ]
    for one in view.members:
        own: dict[Any, str] = {}
        for seat in view.of(one.id):
            own[seat.day] = own.get(seat.day, "") + view.post(seat.post).mark
        cells = [own.get(day.day, "/" if day.day in one.leave else "") for day in view.days]
        rows.append((one.name, *cells, *(one.counters.get(name, (0, 0))[1] for name in classes)))
    titles = ["", *(str(day.day.day) for day in view.days), *(word(COUNTED_WORDS, name) for name in classes)]
    return _narrow(titles, rows, len(view.days))


def _narrow(titles: Sequence[str], rows: Sequence[Sequence[object]], days: int) -> str:
    """Lay out a table whose columns of days stand one blank apart."""
    cells = [[str(cell) for cell in row] for row in [list(titles), *rows]]
    widths = [max(wide(row[at]) for row in cells) for at in range(len(titles))]
    lines = []
    for row in cells:
        text = row[0] + " " * (widths[0] - wide(row[0]))
        for at in range(1, len(row)):
            gap = " " if at <= days else "  "
            text += gap + " " * (widths[at] - wide(row[at])) + row[at]
        lines.append(text.rstrip())
    return "\n".join(lines)


def person_record(view: RosterView, who: MemberView) -> dict[str, Any]:
    """Give somebody's duties for programs."""
    return {
        "person": who.id,
        "name": who.name,
        "month": view.month,
        "revision": view.revision,
        "duties": [
            {
                "date": seat.day.isoformat(),
                "post": seat.post,
                "seat": seat.seat,
                "with": [{"post": post.id, "person": other.id} for post, other in view.beside(seat)],
            }
            for seat in view.of(who.id)
        ],
        "standby": list(who.standby),
        "counters": {name: {"carried": was, "new": new} for name, (was, new) in who.counters.items()},
    }


def person_lines(view: RosterView, who: MemberView) -> str:
    """Lay out somebody's duties: day, post, time, with whom; counters and stand-by below."""
    from auditor.pages.roster_views import remark
    from auditor.pages.roster_workbook import own_lines
    from auditor.pages.words import day_name

    by_day = {one.day: one for one in view.days}
    rows = []
    for seat in view.of(who.id):
        post = view.post(seat.post)
        others = listed(f"{other.name} {one.name}" for other, one in view.beside(seat))
        special = remark(by_day[seat.day]) if seat.day in by_day else ""
        rows.append((day_name(seat.day), post.name, post.hours, others, special))
    contact = " ".join(one for one in (who.name, who.title, who.phone) if one)
    text = table((_("day"), _("duty"), _("from – to"), _("on duty with"), _("remarks")), rows)
    return "\n".join(
        [head(view), contact, text if rows else _("no duty in this month"), *own_lines(view, who)]
    )


@click.command(
    "export",
    help=_(
        "Write what a month's roster gives out into DIR: roster.xlsx to print (the month, a sheet a person, "
        "counters), roster.json, duty.ics for the office and people/*.ics for each person, short texts for "
        "a chat (month.txt, week-*.txt, people/*.txt), hours.csv for pay, fairness.svg. A roster that is not "
        "published yet says so. No file is written over.\n\n"
        "\b\nExamples:\n  auditor roster export --month 2026-12 --out 值班表\n"
        "  auditor roster export --format xlsx --format ics --out duty"
    ),
)
@out_option
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help=_("Only this kind of file (may be repeated); else all."),
)
@month_option
@bureau_options()
def export(
    db: Path, now: datetime, as_json: bool, out: Path, formats: tuple[str, ...], month: str | None
) -> None:
    """Write the files."""
    from auditor.workflow import papers
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_outputs as step

    with opened(db) as database:
        kept = kept_of(database, month)
        files = step.files_of(database, kept, now, formats=formats or FORMATS)
    written = papers.write_folder(out, files, secret=False)
    say_written(written, out, as_json)
    if not kept.in_force:
        say(_("the roster of {month} is not published yet; its files say so").format(month=kept.month))


def say_written(written: Sequence[Path], out: Path, as_json: bool) -> None:
    """Say which files were made: those of the folder by name, those for each person by their number."""
    own = [one for one in written if one.parent == out]
    lines = [str(one) for one in own]
    kinds: dict[str, int] = {}
    for one in written:
        if one.parent != out:
            kinds[one.suffix] = kinds.get(one.suffix, 0) + 1
    lines += [
        labelled(out / "people" / f"*{suffix}", ngettext("{n} file", "{n} files", count).format(n=count))
        for suffix, count in sorted(kinds.items())
    ]
    show([str(one) for one in written], as_json, "\n".join(lines))


@click.command(
    "hours",
    help=_(
        "Hours on duty of a period for those who pay: duties by the class of the day on which they start, "
        "hours by the class of the day on which they lie, night hours, stand-by apart. Of published rosters "
        "only.\n\n"
        "\b\nExamples:\n  auditor roster hours --month 2026-12\n"
        "  auditor roster hours --from 2026-10-01 --to 2026-12-31 --out 第四季度.csv"
    ),
)
@click.option("--from", "first", type=Day(), metavar="YYYY-MM-DD", help=_("The first day (with --to)."))
@click.option("--to", "last", type=Day(), metavar="YYYY-MM-DD", help=_("The last day (with --from)."))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help=_("Write a table (.csv, .xlsx or .json).")
)
@month_option
@bureau_options()
def hours(
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    first: datetime | None,
    last: datetime | None,
    out: Path | None,
) -> None:
    """Print or write the hours."""
    from auditor.pages.words import CLASS_WORDS, word
    from auditor.tables.writing import write_table
    from auditor.workflow import papers
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_outputs as step
    from auditor.workflow.months import calendar_of, month_of

    if (first is None) != (last is None) or (first is not None and month is not None):
        raise UsageProblem(problem=_("choose --month, or --from and --to together"))
    if first is not None and last is not None and last < first:
        raise UsageProblem(
            problem=_("{last} lies before {first}").format(last=last.date(), first=first.date())
        )
    if out is not None:
        papers.refuse_taken(out)
    with opened(db) as database:
        if first is not None and last is not None:
            start, end = first.date(), last.date()
        else:
            of = month_of(kept_of(database, month).month, calendar_of(database))
            start, end = of.first, of.last
        rows = step.hours_rows(database, step.hours_between(database, start, end), start, end)
        left_out = step.drafts_between(database, start, end)
    titles = step.hours_titles()
    if left_out:
        say(_("not published yet, and left out: {months}").format(months=listed(left_out)))
    if out is not None:
        write_table(out, titles, rows)
        show({"file": str(out), "rows": len(rows)}, as_json, _("{file} is made").format(file=out))
        return
    text = table(
        (
            titles["person"], titles["name"], titles["duties"], titles["hours"], _("work days"),
            word(CLASS_WORDS, "weekend"), word(CLASS_WORDS, "holiday"), _("at night"),
            titles["standby_hours"],
        ),
        [
            [
                row[name]
                for name in (
                    "person", "name", "duties", "hours", "hours_work", "hours_weekend", "hours_holiday",
                    "hours_night", "standby_hours",
                )
            ]
            for row in rows
        ],
    )  # fmt: skip
    show(rows, as_json, text if rows else _("no duty starts in these days"))


@click.group(help=_("The bureau's year: holidays, terms, key periods; duty calendars (.ics) to give out."))
def calendars() -> None:
    """Group of the commands about calendars."""


@calendars.command(
    "export",
    help=_(
        "Write the duty calendars into DIR: duty.ics for the office, complete, and people/*.ics for each "
        "person, with the stand-by half-days under one text and nothing about visits. All published "
        "rosters; with --month that month's, published or not. A roster that may still move is tentative. No "
        "file is written over.\n\n"
        "\b\nExample:\n  auditor calendars export --out calendars"
    ),
)
@out_option
@click.option("--month", metavar="YYYY-MM", help=_("Only this month."))
@bureau_options()
def export_calendars(db: Path, now: datetime, as_json: bool, out: Path, month: str | None) -> None:
    """Write the calendars."""
    from auditor.workflow import papers
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_outputs as step

    with opened(db) as database:
        if month is not None:
            several = [kept_of(database, month)]
        else:
            last = kept_of(database, None)
            several = [one for one in step.kept_months(database).values() if one.in_force]
            if not several:
                raise UsageProblem(
                    problem=_(
                        "no roster is published yet; publish one, or ask for a draft by its month: "
                        "--month {month}"
                    ).format(month=last.month)
                )
        files = step.calendars_of(step.office_of(database), several, now)
    say_written(papers.write_folder(out, files, secret=False), out, as_json)


commands: list[click.Command] = [show_roster, export, hours]
groups: list[click.Group] = [calendars]
