"""Empty forms for the register and for staff, in the language of who asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.entities import KINDS
from auditor.i18n import _, language
from auditor.register.columns import (
    STAFF_TITLES,
    STAFF_TITLES_EN,
    TAG_COLUMNS,
    UNIT_TITLES,
    UNIT_TITLES_EN,
)
from auditor.register.staff import ROLE_WORDS
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
