"""``auditor visit``: a visit started, answered item by item, decided and closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import bureau_options, domains_text, no_doubles, say, show, table, titles_here
from auditor.errors import WARNINGS, FileMissing, UsageProblem
from auditor.i18n import _, language, some


@click.group(help=_("A visit on the spot: started, answered item by item, decided, closed."))
def visit() -> None:
    """Group of the commands about visits."""


@visit.command(
    "start",
    help=_(
        "Start a visit; outside this month's plan it needs the basis of an order.\n\n"
        "\b\nExample:\n  auditor visit start 5100000001 --domain fire --directed 安委办〔2026〕8号"
    ),
)
@click.argument("unit")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    required=True,
    metavar="KEY",
    help=_("What is inspected (may be repeated)."),
)
@click.option(
    "--directed", default="", metavar="BASIS", help=_("The document or order of a visit outside the draw.")
)
@bureau_options()
@click.pass_context
def start(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    unit: str,
    domains: tuple[str, ...],
    directed: str,
) -> None:
    """Start a visit."""
    from auditor.workflow import visits
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import domain_titles, load_all

    with opened(db) as database:
        plugins = load_all(ctx.obj, database, now.date())
        made = visits.start(database, unit, domains, plugins, directed=directed, now=now)
    text = _("visit {id} to {name}: {domains}").format(
        id=made["id"], name=made["name"], domains=domains_text(made["domains"], domain_titles(plugins))
    )
    show({"visit": made["id"], "unit": made["unit"], "domains": made["domains"]}, as_json, text)


@visit.command(
    "answer",
    help=_(
        "Answer one item (pass, partly, fail, na, not-checked), or all of a file.\n\n"
        "\b\nExamples:\n  auditor visit answer V20261201-01 FIR-10 fail --value 1 --place 1号楼\n"
        "  auditor visit answer V20261201-01 --file answers.json"
    ),
)
@click.argument("visit_id", metavar="VISIT")
@click.argument("item", required=False)
@click.argument("answer", required=False)
@click.option("--value", help=_("The number measured or counted, or a share like 3/20."))
@click.option("--place", default="", help=_("Where: a building, room or vehicle."))
@click.option("--note", default="", help=_("A remark about the place, never about a person."))
@click.option(
    "--photo", type=click.Path(path_type=Path), help=_("A photo; its name, size and hash are kept.")
)
@click.option("--fixed", is_flag=True, help=_("It was put right at once."))
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help=_('A JSON list of {"item", "answer", …}, or {code: answer}.'),
)
@click.option(
    "--base", type=int, help=_("The revision that you saw; a later answer to the same item is a conflict.")
)
@bureau_options()
@click.pass_context
def answer(
    ctx: click.Context,
    /,
    db: Path,
    now: datetime,
    as_json: bool,
    visit_id: str,
    item: str | None,
    answer: str | None,
    file: Path | None,
    base: int | None,
    **more: Any,
) -> None:
    """Add answers and say what should be looked at again."""
    from auditor.workflow.answering import answer as step
    from auditor.workflow.bureau import opened

    if (file is None) == (item is None or answer is None):
        raise UsageProblem(problem=_("write ITEM ANSWER, or --file FILE"))
    if file is not None:
        given = _of_file(file)
    else:
        given = [{"item": item, "answer": answer} | _given(more)]
    with opened(db) as database:
        kept = step(database, visit_id, given, base=base, now=now)
    for sentence in kept.told:
        say(sentence)
    record = {"answered": kept.count, "told": list(kept.told)}
    show(record, as_json, _("{count} answers kept").format(count=kept.count))
    if kept.told:
        ctx.exit(WARNINGS)


def _given(more: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options that were given; an empty one is refused and not taken for none."""
    for name, value in more.items():
        if value == "" and name == "value":
            raise UsageProblem(problem=_("--{name} is empty").format(name=name))
    return {name: value for name, value in more.items() if value not in (None, "", False)}


def _of_file(file: Path) -> list[Mapping[str, Any]]:
    """Read a file of answers: a list of operations, or a table of code to answer, answers or a table."""
    if not file.is_file():
        raise FileMissing(file=file)
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=no_doubles)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(
            problem=_("{file} is not JSON in UTF-8: {error}").format(file=file, error=error)
        ) from error
    if isinstance(document, dict):
        document = document.get("answers", document)
    if isinstance(document, dict):
        rows: list[Any] = []
        for code, one in document.items():
            for each in one if isinstance(one, list) and one else [one]:
                rows.append({"item": code} | (each if isinstance(each, dict) else {"answer": each}))
        document = rows
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise UsageProblem(
            problem=_('{file}: write a list of {{"item": …, "answer": …}}, or {{code: answer}}').format(
                file=file
            )
        )
    return document


@visit.command(
    "decide",
    help=_(
        "Keep what a person decides beside the computed suggestion; name the post, not the person.\n\n"
        "\b\nExample:\n  auditor visit decide V20261201-01 --by 安全科长 --level general --reason 当场停用"
    ),
)
@click.argument("visit_id", metavar="VISIT")
@click.option("--by", required=True, help=_("The post that decides."))
@click.option(
    "--level",
    required=True,
    type=click.Choice(["major", "general", "none", "重大", "一般", "无"]),
    help=_("The level of hazard."),
)
@click.option("--reason", required=True, help=_("Why."))
@bureau_options()
def decide(db: Path, now: datetime, as_json: bool, visit_id: str, by: str, level: str, reason: str) -> None:
    """Keep a decision."""
    from auditor.workflow import visits
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        level = {"重大": "major", "一般": "general", "无": "none"}.get(level, level)
        visits.decide(database, visit_id, by=by, level=level, reason=reason, now=now)
    show({"visit": visit_id, "level": level}, as_json, _("the decision is kept"))


@visit.command(
    "close",
    help=_(
        "Close a visit; it is scored by the checklists that it began with.\n\n"
        "\b\nExample:\n  auditor visit close V20261201-01"
    ),
)
@click.argument("visit_id", metavar="VISIT")
@bureau_options()
@click.pass_context
def close(ctx: click.Context, db: Path, now: datetime, as_json: bool, visit_id: str) -> None:
    """Close a visit and print what it came to."""
    from auditor.workflow import visits
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import domain_titles, load_all

    with opened(db) as database:
        plugins = load_all(ctx.obj, database, now.date())
        found = visits.close(database, visit_id, plugins, now=now)
    show(found, as_json, _text(found, domain_titles(plugins)))


@visit.command(
    "show",
    help=_(
        "Show a visit: its answers, what they come to, and who decided.\n\n"
        "\b\nExample:\n  auditor visit show V20261201-01 --json"
    ),
)
@click.argument("visit_id", metavar="VISIT")
@bureau_options()
@click.pass_context
def show_visit(ctx: click.Context, db: Path, now: datetime, as_json: bool, visit_id: str) -> None:
    """Print a visit."""
    from auditor.workflow import visits
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import domain_titles, load_all

    with opened(db) as database:
        plugins = load_all(ctx.obj, database, now.date())
        found = visits.show(database, visit_id, plugins)
    show(found, as_json, _text(found, domain_titles(plugins)))


def _text(found: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    from auditor.pages.words import BAND_WORDS, DETERMINATION_WORDS, LEVEL_WORDS, word

    state = _("ended {at}").format(at=_moment(found["closed_at"])) if found["closed_at"] else _("open")
    lines = [f"{found['id']}  {found['name']}  ({state})"]
    for key, one in found["domains"].items():
        lines.append(
            _("{domain}: ").format(domain=titles.get(key, key))
            + _("score {points}, band {band}, {checked} of {of} items checked; major hazard: {found}").format(
                points="–" if one["score"] is None else one["score"],
                band=word(BAND_WORDS, one["band"]) or "–",
                checked=one["checked"],
                of=one["of"],
                found=word(DETERMINATION_WORDS, one["determination"]),
            )
        )
        open_ones = [
            row["code"] for row in one["items"]
            if "answered_as" not in row
            and (not row["answers"] or any(each["answer"] == "not-checked" for each in row["answers"]))
        ]  # fmt: skip
        if open_ones:
            lines.append("  " + _("unchecked: {codes}").format(codes=some(open_ones, 10)))
        lines += [
            "  " + _("{code}{place}: pass, although {value} was found and {wanted} is asked").format(
                code=row["code"], place=f" ({each['place']})" if each.get("place") else "",
                value=each["value"], wanted=each["against"],
            )
            for row in one["items"] for each in row["answers"] if "against" in each
        ]  # fmt: skip
        for why in one["why"]:
            if why.get("note"):
                lines.append(f"  {why['note']}")
        rows = {row["code"]: row for row in one["items"]}
        lines += [f"  {_hazard(rows[hazard['code']], hazard)}" for hazard in one["hazards"]]
    for decision in found["decisions"]:
        lines.append(
            _("decided by {by}: {level} ({reason})").format(
                by=decision["by"], level=word(LEVEL_WORDS, decision["level"]), reason=decision["reason"]
            )
        )
    return "\n".join(lines)


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M")


def _hazard(item: Mapping[str, Any], hazard: Mapping[str, Any]) -> str:
    """Say what must be put right: where, what was found, by when, and on which basis."""
    place = hazard.get("place", "")
    given: Mapping[str, Any] = next((one for one in item["answers"] if one.get("place", "") == place), {})
    found = [
        place,
        str(given.get("value", "")),
        _("major hazard") if hazard["level"] == "major" else "",
        _("put right at once") if hazard.get("fixed") else "",
        _("partly") if given.get("answer") == "partly" else "",
    ]
    told = ", ".join(one for one in found if one)
    wording = item["zh"] if language() == "zh" else item["en"]
    fault = (
        item["fault"] if item["fault"] and language() == "zh" else _("not so: {item}").format(item=wording)
    )
    days = item["rectify_days"]
    when = ""
    if not item["binding"]:
        when = _("; advice, not an order")
    elif days is not None and not hazard.get("fixed"):
        when = _("; within {days} days").format(days=days)
    unsure = "" if item["verified"] else _(" [unverified]")
    basis = item["basis"] + unsure + when
    note = _("; remark: {note}").format(note=given["note"]) if given.get("note") else ""
    return f"{item['code']}{_(' ({told})').format(told=told) if told else ''}: {fault} [{basis}{note}]"


@visit.command("list", help=_("List the visits.\n\n\b\nExample:\n  auditor visit list --json"))
@bureau_options()
def list_visits(db: Path, now: datetime, as_json: bool) -> None:
    """Print the visits by id."""
    from auditor.workflow import visits
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = visits.list_visits(database)
        names = {} if as_json else titles_here(database, now)
    titles = (_("visit"), _("unit"), _("name"), _("domains"), _("directed"), _("state"))
    cells = [
        (
            one["id"],
            one["unit"],
            one["name"],
            domains_text(one["domains"], names),
            one["directed"],
            _("ended") if one["closed_at"] else _("open"),
        )
        for one in rows
    ]
    show(rows, as_json, table(titles, cells))
