"""The register of units: the list, one unit by form with its history, the latest import taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from auditor.desk.looks import aside, part
from auditor.desk.maps import map_of
from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, language, listed, ngettext
from auditor.pages.words import KIND_WORDS, word
from auditor.register.columns import UNIT_TITLES, UNIT_TITLES_EN
from auditor.register.editing import HalfPoint, Misread
from auditor.register.flags import FLAGS
from auditor.workflow import units as step
from auditor.workflow.deeds import deed_words
from auditor.workflow.domains import domain_titles
from auditor.workflow.history import inspections_of
from auditor.workflow.months import BEIJING

A_PAGE = 50
MOST_MISSING = 500
"""So many units are shown to be closed together; a file that lacks more is likely another one."""

LIST = ("id", "name", "kind", "township", "students", "boarders")
FORM = (
    "name", "kind", "district", "township", "students", "boarders", "canteen", "buses", "ownership", "lng",
    "lat", "tags", "sponsor", "parent", "closed",
)  # fmt: skip
"""The fields of the form, in its order."""

NOTES = {
    "tags": N_("several with ; between them"),
    "closed": N_("the day on which it closed; empty: open"),
    "lng": N_("degrees, WGS-84"),
    "lat": N_("degrees, WGS-84"),
}


def field_word(name: str) -> str:
    """Say a field in the language of the context."""
    return (UNIT_TITLES if language() == "zh" else UNIT_TITLES_EN).get(name, name)


def shown_value(name: str, value: Any) -> str:
    """Write a field as the form shows it, and as `set_unit` reads it."""
    if value is None:
        return ""
    if name == "canteen":
        return "yes" if value else "no"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        return ";".join(map(str, value))
    return str(value)


def told_value(name: str, value: Any) -> str:
    """Write a field for reading: kinds in words."""
    if isinstance(value, (list, tuple)):
        return listed(map(str, value))
    return word(KIND_WORDS, value) if name == "kind" and value else shown_value(name, value)


def show_units(visit: Visit) -> Response:
    """Show one page of the list."""
    filters = {
        "township": visit.text("township"), "kind": visit.text("kind"), "open": visit.text("open"),
    }  # fmt: skip
    text = visit.text("q")
    sort = visit.text("sort")
    if sort.removeprefix("-") not in LIST:
        sort = ""
    where = {key: filters[key] for key in ("township", "kind") if filters[key]}
    if filters["open"] == "open":
        where["closed"] = ""
    elif filters["open"] == "nopoint":
        where |= {"lat": "", "closed": ""}
    elif filters["open"] == "missing":
        return _show_missing(visit)
    limit = min(visit.number("limit", A_PAGE), 500) or A_PAGE
    offset = visit.number("offset")
    search = step.Search(text=text, where=where, sort=sort or "id", limit=limit, offset=offset)
    units, count = step.find_units(visit.db, search)
    townships = step.unit_counts(visit.db, "township")
    kinds = step.unit_counts(visit.db, "kind")
    whole = sum(kinds.values())
    mapped = visit.flag("map")
    return visit.show(
        "units/list.html",
        nav="/units",
        units=units,
        list=SimpleNamespace(
            text=text, sort=sort, count=count, limit=limit, offset=offset, whole=whole, query=visit.query,
            narrowed=bool(text or any(filters.values())), **filters,
        ),
        townships=[("", _("all townships"))]
        + [(key, f"{key}{aside(n)}") for key, n in townships.items() if key],
        kinds=[("", _("all kinds"))]
        + [(key, f"{word(KIND_WORDS, key)}{aside(n)}") for key, n in kinds.items() if key],
        opens=[
            ("", _("open and closed")),
            ("open", _("open ones only")),
            ("nopoint", _("without a point on the map")),
            ("missing", _("not in the latest file")),
        ],
        words={name: field_word(name) for name in LIST},
        kind_words={key: word(KIND_WORDS, key) for key in kinds if key},
        mapped=mapped,
        map=map_of(step.find_points(visit.db, search)) if mapped else None,
    )  # fmt: skip


def _show_missing(visit: Visit) -> Response:
    """Show the open units that the latest file did not have, to be closed together."""
    missing = step.missing_units(visit.db)
    return visit.show(
        "units/missing.html",
        nav="/units",
        units=missing[:MOST_MISSING],
        count=len(missing),
        words={name: field_word(name) for name in LIST},
        today=visit.now.astimezone(BEIJING).date().isoformat(),
    )


def new_unit(visit: Visit) -> Response:
    """Show the empty form."""
    return visit.show(
        "units/new.html",
        nav="/units",
        fields=[("id", field_word("id")), *((name, field_word(name)) for name in FORM if name != "closed")],
        notes={name: _(text) for name, text in NOTES.items()}
        | {"id": _("as text, with its zeros; may stay empty")},
        kinds=[("", _("not known"))] + [(key, _(text)) for key, text in KIND_WORDS.items()],
        townships=sorted(key for key in step.unit_counts(visit.db, "township") if key),
    )


@contextmanager
def _in_form_words() -> Iterator[None]:
    """Say what is wrong with a form by the names of its own fields, as they stand on the page."""
    try:
        yield
    except Misread as error:
        field, example = str(error.facts["field"]), str(error.facts["example"])
        if field == "kind":
            example = word(KIND_WORDS, "primary")
        raise UsageProblem(
            problem=_("{field}: {value} cannot be read; write it like {example}").format(
                field=field_word(field), value=error.facts["value"], example=example
            )
        ) from error
    except HalfPoint as error:
        raise UsageProblem(
            problem=_("{lng} and {lat} belong together: fill in both, or neither").format(
                lng=field_word("lng"), lat=field_word("lat")
            )
        ) from error


def save_new(visit: Visit) -> Response:
    """Note a new unit."""
    values = {name: visit.field(name) for name in ("id", *FORM) if visit.field(name)}
    with _in_form_words(), visit.writing() as db:
        made = step.add_unit(db, values, reason=visit.field("reason"), now=visit.now)
    return visit.go(f"/units/{part(made.id)}", _("noted"))


def close_units(visit: Visit) -> Response:
    """Close the units that were ticked, on a day."""
    ids = visit.fields("id")
    if not ids:
        raise UsageProblem(problem=_("no unit was ticked"))
    try:
        closed = date.fromisoformat(visit.field("on")).isoformat()
    except ValueError as error:
        raise UsageProblem(
            problem=_("{day} is no day; write it like 2026-12-01").format(day=visit.field("on"))
        ) from error
    with visit.writing() as db:
        done = step.retire(db, ids, closed=closed, reason=visit.field("reason"), now=visit.now)
    text = ngettext("{n} unit is closed", "{n} units are closed", len(done)).format(n=len(done))
    return visit.go(f"/units/{part(done[0].id)}" if len(ids) == 1 and done else "/units", text)


def _record(visit: Visit) -> dict[str, Any]:
    """Give the unit of the address with what is doubtful about it; raises NoSuchUnit."""
    register = visit.desk.kept("register", visit.db, lambda: step.whole_register(visit.db))
    return step.show_unit(visit.db, visit.of["id"], register)


def show_unit(visit: Visit) -> Response:
    """Show one unit."""
    record = _record(visit)
    past = [
        {
            "at": one.at,
            "what": deed_words(one.what),
            "reason": one.reason,
            "changes": _told_changes(one.changes) if one.what == step.SET else [],
        }
        for one in reversed(step.history(visit.db, record["id"]))
    ]
    titles = domain_titles(visit.plugins())
    visits = [
        {
            "day": f"{one.on:%Y-%m-%d}",
            "domains": listed(titles.get(key, key) for key in one.domains),
            "directed": one.directed,
        }
        for one in inspections_of(visit.db, {record["id"], *record["aliases"]})
    ]
    return visit.show(
        "units/unit.html",
        nav="/units",
        unit=record,
        shown={name: shown_value(name, record[name]) for name in FORM},
        fields=[(name, field_word(name)) for name in FORM],
        notes={name: _(text) for name, text in NOTES.items()},
        kinds=[("", _("not known"))] + [(key, _(text)) for key, text in KIND_WORDS.items()],
        flag_words=[f"{_(FLAGS[flag][0])} → {_(FLAGS[flag][1])}" for flag in record["flags"]],
        sites=record["sites"],
        past=past,
        visits=visits[:20],
        today=visit.now.astimezone(BEIJING).date().isoformat(),
    )


def _told_changes(changes: list[dict[str, Any]]) -> list[Mapping[str, str]]:
    told = [
        {
            "word": field_word(one["field"]),
            "before": told_value(one["field"], one["before"]),
            "after": told_value(one["field"], one["after"]),
        }
        for one in changes
    ]
    return [one for one in told if one["before"] != one["after"]]


def save_unit(visit: Visit) -> Response:
    """Change what the form changed; ask where somebody else changed the same meanwhile."""
    record = _record(visit)
    now = {name: shown_value(name, record[name]) for name in FORM}
    sent = set(visit.names(""))
    yours = {name: visit.field(name) for name in FORM if name in sent}
    changed, clash = visit.changed(now, yours)
    page_of = f"/units/{part(record['id'])}"
    if clash:
        rows = [
            {
                "name": name,
                "word": field_word(name),
                "yours": told_value(name, yours[name]),
                "current": told_value(name, record[name]),
            }
            for name in clash
        ]
        return visit.ask_stale(rows, back=page_of, nav="/units")
    if not changed:
        return visit.go(page_of, _("nothing changed"))
    with _in_form_words(), visit.writing() as db:
        done = step.set_unit(db, record["id"], changed, reason=visit.field("reason"), now=visit.now)
    return visit.go(page_of, _("saved") if done else _("nothing changed"))


def undo_import(visit: Visit) -> Response:
    """Take the latest import back."""
    with visit.writing() as db:
        answer = step.undo(db, visit.now)
    text = _(
        "taken back: an import that added {added} and changed {changed} units; "
        "{restored} have their earlier values again, {removed} are gone again"
    )
    return visit.go("/units", text.format(**answer))


ROUTES = (
    page("/units", show_units),
    act("/units/undo", undo_import),
    page("/units/-/new", new_unit),
    act("/units/-/new", save_new),
    act("/units/-/close", close_units),
    page("/units/{id:path}", show_unit),
    act("/units/{id:path}", save_unit),
)
