"""``auditor plugins``: what is loaded, what failed, and a checklist's score."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from auditor.cli.options import json_option, lang_option, now_option, show, table
from auditor.errors import WARNINGS, FileMissing, UsageProblem
from auditor.i18n import _, language


@click.group(help=_("See the domains that are loaded, their checklists and scores."))
def plugins() -> None:
    """Group of the commands about plugins."""


@plugins.command(
    "list",
    help=_(
        "List every plugin found, with the error of each that did not load (exit 5 then).\n\n"
        "\b\nExample:\n  auditor --plugins-dir my-plugins plugins list"
    ),
)
@json_option
@lang_option
@click.pass_context
def list_plugins(ctx: click.Context, as_json: bool) -> None:
    """Print one row a plugin."""
    from auditor.workflow.domains import load_all

    loaded = load_all(ctx.obj)
    rows = [
        (row.key, row.name, row.version, row.items, _("ok") if row.ok else row.error, row.sha256[:12])
        for row in loaded.listed
    ]
    titles = (_("key"), _("name"), _("version"), _("items"), _("state"), "sha256")
    show([row.record() for row in loaded.listed], as_json, table(titles, rows))
    if loaded.failed:
        ctx.exit(WARNINGS)


@plugins.command("show", help=_("Show one domain's checklist.\n\n\b\nExample:\n  auditor plugins show fire"))
@click.argument("key")
@json_option
@lang_option
@click.pass_context
def show_domain(ctx: click.Context, key: str, as_json: bool) -> None:
    """Print the items of one domain."""
    from dataclasses import asdict

    from auditor.workflow.domains import load_all

    domain = load_all(ctx.obj).domain(key)
    text = table(
        (_("code"), _("severity"), _("evidence"), _("item"), _("basis")),
        [
            (item.code, item.severity, item.evidence, item.zh if language() == "zh" else item.en, item.basis)
            for item in domain.items
        ],
    )
    show({"key": domain.key, "items": [asdict(item) for item in domain.items]}, as_json, text)


@plugins.command(
    "score",
    help=_(
        'Score ANSWERS, a JSON file {"unit": {facts}, "answers": {code: answer}}; nothing is stored.\n\n'
        "\b\nAnswers: pass, partly, fail, na, not-checked.\n"
        "\b\nExample:\n  auditor plugins score fire answers.json"
    ),
)
@click.argument("key")
@click.argument("answers", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    type=click.Choice(["weighted", "grade", "key-items", "major-hazard", "campus"]),
    default=None,
    help=_("How to score (else the domain's own)."),
)
@now_option
@json_option
@lang_option
@click.pass_context
def score_answers(
    ctx: click.Context, now: datetime, key: str, answers: Path, profile: str | None, as_json: bool
) -> None:
    """Print what the answers come to."""
    from auditor.pages.words import BAND_WORDS, DETERMINATION_WORDS, word
    from auditor.workflow.domains import load_all, score

    if not answers.is_file():
        raise FileMissing(file=answers)
    try:
        document = json.loads(answers.read_text(encoding="utf-8-sig"))
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageProblem(
            problem=_("{file} is not JSON in UTF-8: {error}").format(file=answers, error=error)
        ) from error
    record = score(load_all(ctx.obj), key, document, answers, profile=profile or "", on=now.date())
    points = "–" if record["score"] is None else record["score"]
    text = _("score {points}, band {band}, {checked} of {of} items checked; major hazard: {found}").format(
        points=points,
        band=word(BAND_WORDS, str(record["band"])) or "–",
        checked=record["checked"],
        of=record["of"],
        found=word(DETERMINATION_WORDS, str(record["determination"])),
    )
    show(record, as_json, text)
