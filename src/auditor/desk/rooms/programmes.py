"""Programmes: the list, a month's one made from a few fields or dropped as a file, one to read and print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from auditor.desk.looks import part
from auditor.desk.papers import give_paper, show_paper
from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.draw.canon import digest
from auditor.draw.programmes import LEAST_FLOOR, MODES, STRATA, BadProgramme, Programme
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.programme_words import VALUE_WORDS, programme_rows
from auditor.pages.words import GRADE_WORDS, word
from auditor.workflow import draw_views, home, papers, programme_forms, programmes
from auditor.workflow import units as units_step
from auditor.workflow.ceremony import STATES
from auditor.workflow.domains import domain_titles
from auditor.workflow.people import list_inspectors

TEXTS = (
    "month", "from", "to", "name", "basis", "item", "document", "how", "units", "share", "weekly", "floor",
    "strata", "overdue", "driver_seat", "mix", *programme_forms.NUMBERS,
)  # fmt: skip
LISTS = ("domains", "grades", "modes")
MOST_NOTES = 3


class NoFile(AuditorError):
    """No file was chosen."""

    sentence = N_("choose the programme's file (.toml) first")


def show_programmes(visit: Visit) -> Response:
    """Show the list; with a month that has none, the form to make one stands on the page at once."""
    month = visit.month()
    rows = sorted(programmes.rows(visit.db), key=lambda one: (one["from"], one["id"]), reverse=True)
    titles = domain_titles(visit.plugins())
    shown = [
        {
            **one,
            "told": listed(titles.get(key, key) for key in one["domains"]),
            "here": bool(month) and draw_views.in_month(one["from"], one["to"], month),
        }
        for one in rows
    ]
    if not rows or (month and not any(one["here"] for one in shown)):
        return _form(visit, _fresh(visit, month or home.month_at(visit.now)), rows=shown)
    return visit.show("programmes/list.html", nav="/programmes", rows=shown, month=month)


def _fresh(visit: Visit, month: str) -> dict[str, Any]:
    return programme_forms.fresh(visit.db, visit.plugins(), month)


def new_programme(visit: Visit) -> Response:
    """Show the form of a new programme, or of one that may still be changed."""
    key = visit.text("of")
    if key:
        made, _data = programmes.programme_of(visit.db, key)
        return _form(visit, programme_forms.values_of(made), of=made)
    return _form(visit, _fresh(visit, visit.month() or home.month_at(visit.now)))


def _form(
    visit: Visit,
    values: Mapping[str, Any],
    *,
    faults: Mapping[str, str] | None = None,
    of: Programme | None = None,
    rows: list[dict[str, Any]] | None = None,
    low: bool = False,
) -> Response:
    titles = domain_titles(visit.plugins())
    held = {key for one in list_inspectors(visit.db) for key in one["domains"]}
    return visit.show(
        "programmes/form.html",
        status=400 if faults or low else 200,
        nav="/programmes",
        values=values,
        faults=faults or {},
        of=of,
        same=of is not None and programme_forms.may_change(visit.db, of.id),
        rows=rows or [],
        domains=[(key, titles[key], key in held) for key in sorted(titles)],
        strata=[(one, word(VALUE_WORDS, one)) for one in STRATA],
        grades=[(one, word(GRADE_WORDS, one)) for one in programme_forms.GRADES],
        modes=MODES,
        low=low,
        open=bool(set(faults or ()) - {"", "month", "name", "basis", "domains", "units", "share", "team"})
        or low,
    )


def save_programme(visit: Visit) -> Response:
    """Keep what the form says as a programme's document."""
    values: dict[str, Any] = {name: visit.field(name) for name in TEXTS}
    values |= {name: visit.fields(name) for name in LISTS}
    base = None
    if visit.field("of"):
        base = programmes.programme_of(visit.db, visit.field("of"))[0]
    keep_id = base is not None and programme_forms.may_change(visit.db, base.id)
    key = base.id if base is not None and keep_id else programme_forms.free_id(visit.db, values["month"])
    try:
        document = programme_forms.document(values, key, base)
    except programme_forms.FaultyFields as error:
        return _form(visit, values, faults=error.faults, of=base)
    return _keep(visit, document.encode(), f"{key}.toml", values=values, of=base)


def _keep(
    visit: Visit,
    data: bytes,
    name: str,
    *,
    values: Mapping[str, Any] | None = None,
    of: Programme | None = None,
) -> Response:
    """Keep a document; a form is shown again with its faults beside the fields."""
    plugins = visit.plugins()
    accept = bool(visit.field("lower"))
    try:
        with visit.writing() as db:
            added = programmes.add_document(db, data, name, plugins, visit.now, accept_lower_floor=accept)
    except BadProgramme as error:
        if values is None:
            raise
        return _form(visit, values, faults=programme_forms.faults_of(error), of=of)
    except programmes.LowFloor:
        if values is None:
            raise UsageProblem(
                problem=_(
                    "{file}: its floor leaves units a chance below 0.3 of the mean; tick the box beside "
                    "the file if that is meant"
                ).format(file=name)
            ) from None
        told = {"floor": _("below {least} % of the mean chance: tick the box if that is meant").format(
            least=LEAST_FLOOR // 10_000)}  # fmt: skip
        return _form(visit, values, faults=told, of=of, low=True)
    words = {"new": _("the programme is kept"), "changed": _("the programme is changed")}
    said = [words.get(added.state, _("nothing changed")), *added.notes[:MOST_NOTES]]
    return visit.go(f"/programmes/{part(added.programme.id)}", " · ".join(said))


def add_file(visit: Visit) -> Response:
    """Keep a dropped programme's file, to the byte."""
    sent = visit.file("file")
    if sent is None:
        raise NoFile
    with sent.path.open("rb") as stream:
        data = stream.read(programmes.MOST_BYTES + 1)
    if len(data) > programmes.MOST_BYTES:
        fault = _("larger than {most} bytes").format(most=programmes.MOST_BYTES)
        raise BadProgramme(file=sent.name, faults=fault)
    return _keep(visit, data, sent.name)


def show_programme(visit: Visit) -> Response:
    """Show what one programme says, and its one next step."""
    made, data = programmes.programme_of(visit.db, visit.of["id"])
    plugins = visit.plugins()
    record = programmes.record(made, digest(data))
    numbers = [one for one in draw_views.number_rows(visit.db, visit.now) if one.programme == made.id]
    going = [one for one in numbers if one.state in draw_views.GOING]
    told = programme_rows({**record, "sha256": ""}, domain_titles(plugins))
    return visit.show(
        "programmes/programme.html",
        nav="/programmes",
        made=made,
        many=programmes.number_words(made),
        rows=told[1:],
        sha256=record["sha256"],
        public=programmes.public_row(visit.db, made, plugins),
        numbers=numbers,
        states={key: _(text) for key, text in STATES.items()},
        going=going[0] if going else None,
        missing=_missing(visit, made),
        too_many=_too_many(visit, made),
        locked=draw_views.uncommitted(visit.db),
        over=visit.now.date() >= made.last,
        may_change=programme_forms.may_change(visit.db, made.id),
    )


def _too_many(visit: Visit, made: Programme) -> str:
    """Say that more units are asked for than there are; "" where there are enough, or none yet."""
    open_ones = units_step.find_units(visit.db, units_step.Search(where={"closed": ""}, limit=0))[1]
    if made.units is None or not 0 < open_ones < made.units:
        return ""
    return _(
        "{asked} units are to be drawn, and the register has {n} open ones: all of them would be."
    ).format(asked=made.units, n=open_ones)


def _missing(visit: Visit, made: Programme) -> tuple[str, str, str] | None:
    """Say what is lacking before a list can be locked: a sentence, the room that helps and its word."""
    count = units_step.find_units(visit.db, units_step.Search(limit=0))[1]
    if not count:
        return _("There are no units yet."), "/units", _("To the units")
    inspectors = len(list_inspectors(visit.db))
    if inspectors < made.team:
        text = ngettext(
            "A team is {team} inspectors, and there is {n}.",
            "A team is {team} inspectors, and there are {n}.",
            inspectors,
        )
        return text.format(team=made.team, n=inspectors), "/people", _("To the people")
    return None


def _public_page(visit: Visit) -> tuple[str, Programme]:
    made, _data = programmes.programme_of(visit.db, visit.of["id"])
    return papers.programme_page(visit.db, made, programmes.public_row(visit.db, made, visit.plugins())), made


def show_public(visit: Visit) -> Response:
    """Show the row of the published list (抽查事项清单), as it is printed."""
    text, made = _public_page(visit)
    return show_paper(visit, text, back=f"/programmes/{part(made.id)}")


def give_public(visit: Visit) -> Response:
    """Give the published list as a file."""
    text, made = _public_page(visit)
    return give_paper(visit, text, f"{made.id}.html")


def give_document(visit: Visit) -> Response:
    """Give the programme's document as it is kept: its fingerprint stands in the commitment."""
    made, data = programmes.programme_of(visit.db, visit.of["id"])
    return visit.give(data, f"{made.id}.toml", "application/toml")


ROUTES = (
    page("/programmes", show_programmes),
    act("/programmes", save_programme),
    page("/programmes/new", new_programme),
    act("/programmes/file", add_file),
    page("/programmes/{id:path}/public", show_public),
    page("/programmes/{id:path}/public.html", give_public),
    page("/programmes/{id:path}/document.toml", give_document),
    page("/programmes/{id:path}", show_programme),
)
