"""The staff: the list, one person by form with history and leave, a new one by form."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk.looks import aside, part
from auditor.desk.rooms.imports import field_word
from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.entities import ROLES
from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.duty_words import LEAVE_KIND_WORDS
from auditor.pages.words import word
from auditor.workflow import leave_lists
from auditor.workflow import staffing as step
from auditor.workflow.deeds import deed_words
from auditor.workflow.domains import domain_titles
from auditor.workflow.months import BEIJING

A_PAGE = 50

ROLE_WORDS = {
    "leader": N_("leader"), "officer": N_("officer"), "driver": N_("driver"),
    "network": N_("network desk"), "inspector": N_("inspector"),
}  # fmt: skip
PLAIN = ("name", "id", "post", "department", "phone", "half_days", "share", "from", "to")
PLACES = ("conflicts", "kin", "borrowed", "area")
NOTES = {
    "id": N_("a number of the office; empty: the name"),
    "phone": N_("the duty telephone, no private number"),
    "half_days": N_("half-days a month for visits"),
    "share": N_("part of a full duty load, above 0 to 1"),
    "from": N_("first day here; empty: always"),
    "to": N_("last day here; empty: not known"),
    "conflicts": N_("units (codes), townships or districts; several with ; between them"),
    "kin": N_("where relatives work; several with ; between them"),
    "borrowed": N_("the school that this person is borrowed from"),
    "area": N_("units, townships or central schools looked after; several with ; between them"),
}
DATES = ("from", "to")


def show_people(visit: Visit) -> Response:
    """Show one page of the list."""
    today = visit.now.astimezone(BEIJING).date()
    filters = {
        "role": visit.text("role"), "domain": visit.text("domain"), "department": visit.text("department"),
        "here": visit.text("here"),
    }  # fmt: skip
    text, sort = visit.text("q"), visit.text("sort")
    if sort.removeprefix("-") not in step.SORTS:
        sort = ""
    limit = min(visit.number("limit", A_PAGE), 500) or A_PAGE
    offset = visit.number("offset")
    search = step.Search(text=text, sort=sort or "id", limit=limit, offset=offset, today=today, **filters)
    rows, count = step.find_staff(visit.db, search)
    whole = step.find_staff(visit.db, step.Search(limit=0))[1]
    titles = domain_titles(visit.plugins())
    return visit.show(
        "people/list.html",
        nav="/people",
        rows=[
            one
            | {
                "role_words": listed(_(ROLE_WORDS[role]) for role in one["roles"]),
                "domain_words": listed(titles.get(key, key) for key in one["domains"]),
                "gone": bool(one["to"]) and one["to"] < today.isoformat(),
                "coming": bool(one["from"]) and one["from"] > today.isoformat(),
            }
            for one in rows
        ],
        list=SimpleNamespace(
            text=text, sort=sort, count=count, limit=limit, offset=offset, whole=whole, query=visit.query,
            narrowed=bool(text or any(filters.values())), **filters,
        ),
        many=ngettext("{n} person", "{n} people", whole).format(n=whole),
        roles=[("", _("all roles"))] + [(key, _(text)) for key, text in ROLE_WORDS.items()],
        domains=[("", _("all domains")), *list(titles.items())],
        departments=[("", _("all departments"))]
        + [(key, f"{key}{aside(n)}") for key, n in step.departments(visit.db).items()],
        words={
            name: field_word("people", name)
            for name in ("id", "name", "roles", "department", "post", "domains", "phone", "half_days")
        },
        heres=[("", _("here and gone")), ("here", _("here today")), ("gone", _("not here today"))],
    )  # fmt: skip


def _form(visit: Visit, record: dict[str, Any] | None, **more: Any) -> Response:
    titles = domain_titles(visit.plugins())
    shown = step.typed(record) if record is not None else dict.fromkeys(step.FIELDS, "")
    strange = [key for key in (record or {}).get("domains", ()) if key not in titles]
    return visit.show(
        "people/person.html",
        nav="/people",
        person=record,
        shown=shown,
        plain=[(name, field_word("people", name)) for name in PLAIN],
        places=[(name, field_word("people", name)) for name in PLACES],
        words={name: field_word("people", name) for name in ("roles", "domains")},
        notes={name: _(text) for name, text in NOTES.items()},
        dates=DATES,
        roles=[(key, _(ROLE_WORDS[key]), record is not None and key in record["roles"]) for key in ROLES],
        domains=[(key, text, record is not None and key in record["domains"]) for key, text in titles.items()]
        + [(key, key, True) for key in strange],
        **more,
    )


def show_person(visit: Visit) -> Response:
    """Show one person."""
    record = step.person(visit.db, visit.of["id"])
    titles = domain_titles(visit.plugins())
    today = visit.now.astimezone(BEIJING).date()
    leave, _count = leave_lists.find_leave(
        visit.db, leave_lists.Search(person=record["id"], sort="-from", limit=12, today=today)
    )
    leave = [one | {"kind_word": word(LEAVE_KIND_WORDS, one["kind"]) if one["kind"] else ""} for one in leave]
    past = [
        {
            "at": one.at,
            "what": deed_words(one.what),
            "reason": one.reason,
            "changes": [
                {
                    "word": field_word("people", change["field"]),
                    "before": _told(change["field"], change["before"], titles),
                    "after": _told(change["field"], change["after"], titles),
                }
                for change in (one.changes if at else ())
            ],
        }
        for at, one in enumerate(step.history(visit.db, record["id"]))
    ]
    return _form(visit, record, leave=leave, past=past[::-1])


def _told(name: str, value: Any, titles: dict[str, str]) -> str:
    if value in (None, "", []):
        return ""
    if name == "roles":
        return listed(_(ROLE_WORDS[role]) for role in value)
    if name == "domains":
        return listed(titles.get(key, key) for key in value)
    return listed(map(str, value)) if isinstance(value, list) else str(value)


def new_person(visit: Visit) -> Response:
    """Show the empty form."""
    return _form(visit, None, leave=[], past=[])


def _sent(visit: Visit) -> dict[str, str]:
    """Give what the form says: boxes joined, for those fields that it has."""
    sent = set(visit.names(""))
    values = {name: visit.field(name) for name in (*PLAIN, *PLACES) if name in sent}
    for name in ("roles", "domains"):
        if f"has-{name}" in sent or name in sent:
            values[name] = ";".join(visit.fields(name))
    return values


def save_new(visit: Visit) -> Response:
    """Note a new person."""
    values = _sent(visit)
    plugins = visit.plugins()
    with visit.writing() as db:
        made = step.add_person(db, values, plugins=plugins, now=visit.now)
    return visit.go(f"/people/{part(made)}", _("noted"))


def save_person(visit: Visit) -> Response:
    """Change what the form changed; ask where somebody else changed the same meanwhile."""
    record = step.person(visit.db, visit.of["id"])
    now = step.typed(record)
    values = _sent(visit)
    values.pop("id", None)
    changed, clash = visit.changed(now, values)
    page_of = f"/people/{part(record['id'])}"
    if clash:
        rows = [
            {"name": name, "word": field_word("people", name), "yours": values[name], "current": now[name]}
            for name in clash
        ]
        return visit.ask_stale(rows, back=page_of, nav="/people")
    if not changed:
        return visit.go(page_of, _("nothing changed"))
    plugins = visit.plugins()
    with visit.writing() as db:
        done = step.set_person(
            db, record["id"], changed, plugins=plugins, reason=visit.field("reason"), now=visit.now
        )
    return visit.go(page_of, _("saved") if done else _("nothing changed"))


ROUTES = (
    page("/people", show_people),
    page("/people/-/new", new_person),
    act("/people/-/new", save_new),
    page("/people/{id:path}", show_person),
    act("/people/{id:path}", save_person),
)
