"""The loaded domains, their checklists to read and print, and bundles that are added by dropping a file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from auditor.desk.routes import act, page
from auditor.desk.visit import NotFound, Visit
from auditor.entities import Domain, Item
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, language, listed
from auditor.pages.checklist import checklist_html
from auditor.pages.words import EVIDENCE_WORDS, SEVERITY_WORDS, SLOT_WORDS, basis_text, item_text, word
from auditor.workflow import bundles, experts, layers
from auditor.workflow.domains import domain_titles

PROFILES = {
    "weighted": N_("points of 100"), "grade": N_("mean of 0 to 10"), "key-items": N_("failed key items"),
    "major-hazard": N_("failed items and whether there is a major hazard"),
    "campus": N_("100 less a deduction for each fault"),
}  # fmt: skip


def show_domains(visit: Visit) -> Response:
    """Show what is loaded, what failed, and which bundles this bureau added."""
    plugins = visit.plugins()
    titles = domain_titles(plugins)
    added = {one["key"]: one for one in bundles.added(visit.db)}
    rows = [
        {
            "key": row.key,
            "name": titles.get(row.key, row.name),
            "version": row.version,
            "count": row.items,
            "error": row.error,
            "loaded": row.key in plugins.domains,
            "bundle": added.get(row.key),
            "sha256": row.sha256,
        }
        for row in plugins.listed
    ]
    rows.sort(key=lambda row: (not row["error"], str(row["key"])))
    return visit.show(
        "domains/list.html",
        nav="/domains",
        rows=rows,
        failed=[row for row in rows if row["error"]],
        layers=[
            {**one, "domain": titles.get(one["domain"], one["domain"])}
            for one in layers.rows(visit.db)
        ],
    )  # fmt: skip


def _domain(visit: Visit) -> Domain:
    found = visit.plugins().domains.get(visit.of["key"])
    if found is None:
        raise NotFound
    return found


def show_domain(visit: Visit) -> Response:
    """Show one checklist."""
    domain = _domain(visit)
    text = visit.text("q")
    items = [_item(one) for one in domain.items]
    found = [one for one in items if text.casefold() in " ".join(map(str, one.values())).casefold()]
    return visit.show(
        "domains/domain.html",
        nav="/domains",
        domain=domain,
        name=domain_titles(visit.plugins())[domain.key],
        items=found,
        whole=len(items),
        text=text,
        windows=listed(word(SLOT_WORDS, one.slot) for one in domain.windows),
        profile=_(PROFILES.get(domain.profile, domain.profile)),
        vetoes=sum(one.severity == "veto" for one in domain.items),
        bundle=next((one for one in bundles.added(visit.db) if one["key"] == domain.key), None),
    )


def _item(one: Item) -> dict[str, Any]:
    return {
        "code": one.code,
        "text": item_text(one),
        "severity": one.severity,
        "severity_word": word(SEVERITY_WORDS, one.severity),
        "evidence": word(EVIDENCE_WORDS, one.evidence),
        "basis": basis_text(one),
        "how": one.how if language() == "zh" else "",
        "unverified": "unverified" in one.source,
    }


def sheet(visit: Visit) -> Response:
    """Give a checklist as the workbook that reads back the same."""
    domain = _domain(visit)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.xlsx"
        experts.write_sheet(domain, file)
        data = file.read_bytes()
    return visit.give(
        data,
        f"{domain.key}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def form(visit: Visit) -> Response:
    """Give a checklist as a form for A4, to be filled by hand."""
    domain = _domain(visit)
    return visit.give(checklist_html(domain).encode(), f"{domain.key}.html", "text/html; charset=utf-8")


def add(visit: Visit) -> Response:
    """Try a dropped bundle in a process of its own and add it."""
    sent = visit.file("file")
    if sent is None:
        raise UsageProblem(problem=_("choose the bundle's file (.zip) first"))
    ticked = {name: bool(visit.field(name)) for name in ("code", "unsigned", "new_key")}
    return visit.work("bundle", {"file": str(sent.path), "name": sent.name, **ticked})


def remove(visit: Visit) -> Response:
    """Take a bundle away."""
    with visit.writing() as db:
        done = bundles.remove(db, visit.field("name"), visit.now)
    return visit.go("/domains", _("taken away") if done else _("nothing changed"))


ROUTES = (
    page("/domains", show_domains),
    act("/domains/add", add),
    act("/domains/remove", remove),
    page("/domains/{key}/sheet.xlsx", sheet),
    page("/domains/{key}/form.html", form),
    page("/domains/{key}", show_domain),
)
