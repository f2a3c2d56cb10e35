"""Empty forms for the register and for staff, in the language of who asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.entities import BLACKOUTS, KINDS
from auditor.i18n import _, language
from auditor.pages.duty_words import HALF_WORDS
from auditor.register.columns import (
    STAFF_TITLES,
    STAFF_TITLES_EN,
    TAG_COLUMNS,
    UNIT_TITLES,
    UNIT_TITLES_EN,
)
from auditor.register.staff import ROLE_WORDS
from auditor.register.year_days import KIND_WORDS
from auditor.tables.forms import Form, write_form

if TYPE_CHECKING:
    from auditor.plugins import Plugins


def unit_form(path: Path) -> None:
    """Write an empty form for units; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    titles = dict(UNIT_TITLES if zh else UNIT_TITLES_EN)
    form = Form(
        sheet=_("units"),
        titles=titles,
        choices={
            "kind": list(KINDS.values()) if zh else list(KINDS),
            "canteen": ["是", "否"] if zh else ["yes", "no"],
            "tags": list(TAG_COLUMNS),
            "ownership": ["公办", "民办"] if zh else ["public", "private"],
        },
        explained={
            "id": _("the school's code, as text, with its zeros; leave it empty if there is none"),
            "name": _("the full name; the one column that must be filled in"),
            "kind": _("one of the list"),
            "district": _("county or district"),
            "township": _("township or street; visits are drawn by township"),
            "lat": _("degrees north, WGS-84, such as 30.520500"),
            "lng": _("degrees east, WGS-84, such as 105.210800"),
            "students": _("a whole number"),
            "boarders": _("a whole number, 0 if there are none"),
            "canteen": _("whether there is a canteen"),
            "buses": _("how many school buses, 0 if there are none"),
            "tags": _("several with ; between"),
            "ownership": _("public or private"),
            "sponsor": _("who runs it"),
            "parent": _("the central school in charge of it"),
            "closed": _("the day on which it closed; empty while it is open"),
            "site_of": _("for a site or teaching point: the name or code of its school"),
        },
        text_fields=("id", "parent", "site_of"),
    )
    write_form(path, form)


def staff_form(path: Path, plugins: Plugins) -> None:
    """Write an empty form for staff; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    titles = dict(STAFF_TITLES if zh else STAFF_TITLES_EN)
    form = Form(
        sheet=_("staff"),
        titles=titles,
        choices={
            "roles": [words[0] for words in ROLE_WORDS.values()] if zh else list(ROLE_WORDS),
            "domains": [domain.zh if zh else domain.key for domain in plugins.domains.values()],
        },
        explained={
            "id": _("a number of the office, as text; without it the name is taken"),
            "name": _("the full name; the one column that must be filled in"),
            "roles": _("one of the list, several with ; between"),
            "post": _("the office held"),
            "phone": _("the duty telephone, no private number"),
            "department": _("the home department"),
            "domains": _("what this person may inspect, several with ; between"),
            "conflicts": _("units (codes), townships or districts never to be inspected by this person"),
            "half_days": _("half-days a month for visits, 4 if empty"),
            "share": _("part of a full duty load, above 0 to 1, 1 if empty"),
            "from": _("first day here, such as 2026-12-01; empty if always"),
            "to": _("last day here; empty if not known"),
            "kin": _("where relatives work: units, townships, districts or a central school"),
            "borrowed": _("the school that this person is borrowed from"),
            "area": _("units, townships or central schools that this person looks after (联片包校)"),
        },
        text_fields=("id", "phone"),
    )
    write_form(path, form)


def leave_form(path: Path) -> None:
    """Write an empty form for leave; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    names = (
        ("姓名", "开始日期", "结束日期", "时段", "假别") if zh else ("person", "from", "to", "half", "kind")
    )
    form = Form(
        sheet=_("leave"),
        titles=dict(zip(("person", "from", "to", "half", "kind"), names, strict=True)),
        choices={"half": [_(word) for word in HALF_WORDS.values()]},
        explained={
            "person": _("the name, or the number of the office where two bear it"),
            "from": _("the first day, such as 2026-12-01"),
            "to": _("the last day of leave, that day too; empty for one day"),
            "half": _("morning or afternoon where only half a day is meant"),
            "kind": _("what kind of leave; no reason is asked for"),
        },
        text_fields=("person",),
    )
    write_form(path, form)


def past_form(path: Path, plugins: Plugins) -> None:
    """Write an empty form for past inspections; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    names = (
        ("检查对象", "检查日期", "检查领域", "检查人员", "交办文号")
        if zh
        else ("unit", "date", "domains", "people", "directed")
    )
    form = Form(
        sheet=_("past inspections"),
        titles=dict(zip(("unit", "on", "domains", "people", "directed"), names, strict=True)),
        choices={"domains": [domain.zh if zh else domain.key for domain in plugins.domains.values()]},
        explained={
            "unit": _("the code, or a name that one unit bears"),
            "on": _("the day of the inspection, such as 2026-06-01"),
            "domains": _("what was inspected, several with ; between"),
            "people": _("who inspected, several with ; between; may stay empty"),
            "directed": _("the number of the order, where one was behind it"),
        },
        text_fields=("unit",),
    )
    write_form(path, form)


def year_form(path: Path) -> None:
    """Write an empty form for the days of a year; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    fields = ("name", "from", "to", "kind", "work", "source")
    names = ("名称", "开始日期", "结束日期", "类别", "调休上班", "来源") if zh else fields
    form = Form(
        sheet=_("days of the year"),
        titles=dict(zip(fields, names, strict=True)),
        choices={"kind": [words[0] if zh else key for key, words in KIND_WORDS.items()]},
        explained={
            "name": _("what the days are called, such as 国庆节"),
            "from": _("the first day, such as 2026-12-01"),
            "to": _("the last day, that day too; empty for one day"),
            "kind": _(
                "one of the list: day off, make-up workday, a day as the week has it, key period, term, "
                "days without lessons"
            ),
            "work": _("beside a holiday: the weekend days worked in exchange, with 、 between"),
            "source": _("the notice and its number; with it the days count as official"),
        },
        text_fields=("work", "source"),
        widths={"name": 18, "from": 14, "to": 14, "kind": 14, "work": 26, "source": 40},
    )
    write_form(path, form)


def blackout_form(path: Path) -> None:
    """Write an empty form for days without visits; raises UsageProblem, CannotWriteTable."""
    zh = language() == "zh"
    fields = ("scope", "from", "to", "kind", "reason")
    names = ("范围", "开始日期", "结束日期", "类别", "事由") if zh else fields
    form = Form(
        sheet=_("days without visits"),
        titles=dict(zip(fields, names, strict=True)),
        choices={"kind": list(BLACKOUTS.values() if zh else BLACKOUTS)},
        explained={
            "scope": _("a code, name, township, district or kind; empty or 全部 for all"),
            "from": _("the first day, such as 2026-12-01"),
            "to": _("the last day, that day too; empty for one day"),
            "kind": _("one of the list"),
            "reason": _("in words, for the list"),
        },
        text_fields=("scope",),
    )
    write_form(path, form)


def list_form(what: str, path: Path, plugins: Plugins) -> None:
    """Write the empty form of a list, or of the days of a year (calendars); raises what those raise."""
    if what == "units":
        unit_form(path)
    elif what == "leave":
        leave_form(path)
    elif what == "past":
        past_form(path, plugins)
    elif what == "blackouts":
        blackout_form(path)
    elif what == "calendars":
        year_form(path)
    else:
        staff_form(path, plugins)
