"""``auditor plugins``: what is loaded, what failed, and a checklist's score."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import bureau_options, json_option, lang_option, no_doubles, say, show, table
from auditor.errors import FAILED, WARNINGS, FileMissing, UsageProblem
from auditor.i18n import _, language

if TYPE_CHECKING:
    from datetime import date

    from auditor.checklists import Fault
    from auditor.plugins.bundles import Bundle


@click.group(help=_("See the domains that are loaded, their checklists and scores."))
def plugins() -> None:
    """Group of the commands about plugins."""


@plugins.command(
    "list",
    help=_(
        "List every plugin found, with the error of each that did not load (exit 5 then).\n\n"
        "What does not come with auditor is tried in a process of its own; bundles are those of --db.\n\n"
        "\b\nExample:\n  auditor --plugins-dir my-plugins plugins list"
    ),
)
@bureau_options()
@click.pass_context
def list_plugins(ctx: click.Context, db: Path, now: datetime, as_json: bool) -> None:
    """Print one row a plugin."""
    from auditor.workflow.domains import list_rows

    rows = list_rows(ctx.obj)
    if db.exists():
        from auditor.workflow import bundles
        from auditor.workflow.bureau import opened

        with opened(db) as database:
            rows += bundles.rows(database, now.date(), frozenset(str(row["key"]) for row in rows))
    chinese = [row.pop("zh") for row in rows]
    names = chinese if language() == "zh" else [row["name"] for row in rows]
    cells = [
        (row["key"], name, row["version"], row["items"], _state(row), str(row["sha256"])[:12])
        for row, name in zip(rows, names, strict=True)
    ]
    titles = (_("key"), _("name"), _("version"), _("items"), _("state"), "sha256")
    show(rows, as_json, table(titles, cells))
    if not all(row["ok"] for row in rows):
        ctx.exit(WARNINGS)


def _state(row: Mapping[str, Any]) -> str:
    """Say how a plugin is, and what a person should know about a bundle."""
    words = [_("ok") if row["ok"] else str(row["error"])]
    if "bundle" in row:
        words.append(_("bundle of this bureau"))
        if row["instead"]:
            words.append(_("stands in for the one that comes with auditor"))
        if not row["signer"]:
            words.append(_("not signed"))
    return "; ".join(words)


@plugins.command(
    "show",
    help=_(
        "Show one domain's checklist, or write it as a workbook that reads back the same.\n\n"
        "\b\nExamples:\n  auditor plugins show fire\n  auditor plugins show fire --xlsx fire.xlsx\n"
        "  auditor plugins show fire --html fire.html"
    ),
)
@click.argument("key")
@click.option("--xlsx", type=click.Path(path_type=Path), metavar="FILE", help=_("Write it as a workbook."))
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Write it as a form to print on A4 and fill by hand."),
)
@bureau_options()
@click.pass_context
def show_domain(
    ctx: click.Context, db: Path, now: datetime, key: str, xlsx: Path | None, page: Path | None, as_json: bool
) -> None:
    """Print the items of one domain."""
    from auditor.pages.words import EVIDENCE_WORDS, SEVERITY_WORDS, item_text, word
    from auditor.workflow import experts
    from auditor.workflow.domains import load_for, named_domain

    domain = named_domain(load_for(ctx.obj, db, now.date()), key)
    written = {xlsx: experts.write_sheet, page: experts.write_page}
    made = [(file, write) for file, write in written.items() if file is not None]
    for file, write in made:
        write(domain, file)
    if made:
        files = [str(file) for file, _write in made]
        text = "\n".join(_("{file} is made").format(file=file) for file in files)
        show({"files": files} if len(files) > 1 else {"file": files[0]}, as_json, text)
        return
    text = table(
        (_("code"), _("severity"), _("evidence"), _("item"), _("basis")),
        [
            (
                item.code,
                word(SEVERITY_WORDS, item.severity),
                word(EVIDENCE_WORDS, item.evidence),
                item_text(item),
                item.basis,
            )
            for item in domain.items
        ],
    )
    show(experts.record(domain), as_json, text)


@plugins.command(
    "check",
    help=_(
        "Check a domain's file, or those of a folder, and list every fault (exit 1 if any).\n\n"
        "\b\nExample:\n  auditor plugins check pools"
    ),
)
@click.argument("path", type=click.Path(path_type=Path))
@json_option
@lang_option
@click.pass_context
def check(ctx: click.Context, path: Path, as_json: bool) -> None:
    """Print the faults."""
    from auditor.workflow import experts

    if not path.exists():
        raise FileMissing(file=path)
    _show_faults(experts.check(path), as_json)


def _fault_text(one: Fault) -> str:
    if one.sheet:
        from auditor.checklists.sheet import column

        return _("{file}, sheet {sheet}, row {line}: {code} {key}: {problem}").format(
            file=one.file, sheet=one.sheet, line=one.line, code=one.code or "–",
            key=column(one.key, head=not one.code), problem=one.problem,
        )  # fmt: skip
    return _("{file}, line {line}: {code} {key}: {problem}").format(
        file=one.file, line=one.line, code=one.code or "–", key=one.key, problem=one.problem
    )


def _show_faults(faults: Sequence[Fault], as_json: bool) -> None:
    rows = [
        {"file": one.file, "line": one.line, "code": one.code, "key": one.key, "problem": one.problem}
        | ({"sheet": one.sheet} if one.sheet else {})
        for one in faults
    ]
    show({"faults": rows}, as_json, "\n".join(map(_fault_text, faults)) or _("no fault found"))
    if faults:
        click.get_current_context().exit(FAILED)


@plugins.command(
    "new",
    help=_(
        "Make a domain from a workbook: first the empty form, then the folder ./NAME from the filled one. "
        "NAME alone makes the folder with one item as an example, to be edited as text.\n\n"
        "\b\nExamples:\n  auditor plugins new --template pools.xlsx\n"
        "  auditor plugins new pools --from pools.xlsx"
    ),
)
@click.argument("name", required=False)
@click.option("--template", type=click.Path(path_type=Path), metavar="FILE", help=_("Write the empty form."))
@click.option("--from", "source", type=click.Path(path_type=Path), metavar="FILE", help=_("The filled form."))
@json_option
@lang_option
def new(name: str | None, template: Path | None, source: Path | None, as_json: bool) -> None:
    """Write the form, or make the folder."""
    import re

    from auditor.workflow import experts

    if template is not None:
        experts.write_template(template)
        show({"file": str(template)}, as_json, _("{file} is made").format(file=template))
        return
    if not name:
        raise UsageProblem(problem=_("write NAME --from FILE.xlsx, or --template FILE.xlsx"))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise UsageProblem(problem=_("{name}: a name has small letters, digits and _").format(name=name))
    if source is None:
        made = experts.new_skeleton(name, Path(name))
        show({"file": str(made)}, as_json, _("{file} is made, with one item as an example").format(file=made))
        return
    if not source.is_file():
        raise FileMissing(file=source)
    target, read = experts.new_from_sheet(name, source, Path(name))
    for note in read.notes:
        say(note)
    if read.faults:
        say(_("{count} faults; nothing was written").format(count=len(read.faults)))
        _show_faults(read.faults, as_json)
    show({"file": str(target)}, as_json, _("{file} is made").format(file=target))


@plugins.command(
    "keygen",
    help=_(
        "Make a pair of keys to sign bundles with; keep secret.key to yourself.\n\n"
        "\b\nExample:\n  auditor plugins keygen --out my-keys"
    ),
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help=_("Where to."))
@json_option
@lang_option
def keygen(out: Path, as_json: bool) -> None:
    """Make the keys."""
    from auditor.plugins.bundles import keygen as step

    public = step(out)
    show({"key": public}, as_json, _("public key: {key}").format(key=public))


@plugins.command(
    "bundle",
    help=_(
        "Pack a plugin's folder into one signed file; the same folder and key give the same bytes.\n\n"
        "\b\nExample:\n  auditor plugins bundle pools --key my-keys --out pools.zip"
    ),
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), metavar="FOLDER", help=_("The folder of the keys."))
@click.option("--unsigned", is_flag=True, help=_("Do not sign it."))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help=_("Where to."))
@json_option
@lang_option
def bundle(folder: Path, key: Path | None, unsigned: bool, out: Path, as_json: bool) -> None:
    """Pack and sign."""
    from auditor.workflow import bundles

    if (key is None) != unsigned:
        raise UsageProblem(problem=_("name the keys with --key FOLDER, or say --unsigned"))
    made = bundles.make(folder, key, out)
    show(_bundle_record(out, made), as_json, _bundle_text(out, made))


def _bundle_record(file: Path, made: Bundle) -> dict[str, object]:
    return {
        "file": str(file), "name": made.name, "key": made.key, "version": made.version, "sha256": made.sha256,
        "signer": made.signer or None, "content": made.content,
    }  # fmt: skip


def _bundle_text(file: Path, made: Bundle) -> str:
    return _("{file}: {name} {version}, sha256 {sha256}, signed by {signer}").format(
        file=file, name=made.name, version=made.version, sha256=made.sha256, signer=made.signer or _("nobody")
    )


@plugins.command(
    "allow",
    help=_(
        "Verify a bundle and allow exactly these bytes on this bureau. Compare the hash with the one that "
        "its author told you.\n\n\b\nExample:\n  auditor plugins allow pools.zip --until 2027-08-31"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--until", metavar="DATE", help=_("The last day on which it may be used."))
@click.option("--allow-unsigned", is_flag=True, help=_("Take it although nobody signed it."))
@click.option("--new-key", is_flag=True, help=_("Take it although another key signed it than before."))
@bureau_options()
def allow(
    db: Path, now: datetime, as_json: bool, file: Path, until: str | None, allow_unsigned: bool, new_key: bool
) -> None:
    """Allow a bundle."""
    from auditor.workflow import bundles
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import shipped_versions

    day = _day(until, "--until")
    with opened(db) as database:
        made = bundles.allow(
            database,
            file,
            until=day,
            allow_unsigned=allow_unsigned,
            new_key=new_key,
            shipped=shipped_versions(),
            now=now,
        )
    text = _("allowed here: {bundle}").format(bundle=_bundle_text(file, made))
    show(_bundle_record(file, made), as_json, text)


def _day(text: str | None, option: str) -> date | None:
    from datetime import date as day

    try:
        return day.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageProblem(
            problem=_("{option} {text}: write a date like 2027-08-31").format(option=option, text=text)
        ) from error


@plugins.command(
    "add",
    help=_(
        "Add an allowed bundle to this bureau. One whose key ships with auditor stands in for it.\n\n"
        "\b\nExample:\n  auditor plugins add pools.zip"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--allow-code", is_flag=True, help=_("Take a bundle whose code will be run."))
@click.option("--allow-unsigned", is_flag=True, help=_("Take it although nobody signed it."))
@click.option("--new-key", is_flag=True, help=_("Take it although another key signed it than before."))
@bureau_options()
def add(
    db: Path,
    now: datetime,
    as_json: bool,
    file: Path,
    allow_code: bool,
    allow_unsigned: bool,
    new_key: bool,
) -> None:
    """Add a bundle."""
    from auditor.workflow import bundles
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import shipped_versions

    with opened(db) as database:
        done = bundles.add(
            database,
            file,
            allow_code=allow_code,
            allow_unsigned=allow_unsigned,
            new_key=new_key,
            shipped=shipped_versions(),
            now=now,
        )
    text = _("added: {bundle}").format(bundle=_bundle_text(file, done.bundle))
    if done.instead:
        text += "\n" + _("it stands in for the domain {key} that comes with auditor").format(
            key=done.bundle.key
        )
    show({**_bundle_record(file, done.bundle), "instead": done.instead}, as_json, text)


@plugins.command(
    "remove", help=_("Take a bundle away again.\n\n\b\nExample:\n  auditor plugins remove pools")
)
@click.argument("name")
@bureau_options()
def remove(db: Path, now: datetime, as_json: bool, name: str) -> None:
    """Take a bundle away, by its name or its key."""
    from auditor.workflow import bundles
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        done = bundles.remove(database, name, now)
    if not done:
        raise UsageProblem(
            problem=_("{name} is no bundle here; see `auditor plugins list`").format(name=name)
        )
    show({"removed": name}, as_json, _("{name} is taken away").format(name=name))


@plugins.command(
    "revoke",
    help=_(
        "Revoke a bundle's hash or a key for good; nothing that bears it is loaded any more.\n\n"
        "\b\nExample:\n  auditor plugins revoke HASH"
    ),
)
@click.argument("what", metavar="HASH|KEY")
@bureau_options()
def revoke(db: Path, now: datetime, as_json: bool, what: str) -> None:
    """Revoke a hash or a key."""
    import re

    from auditor.workflow import bundles
    from auditor.workflow.bureau import opened

    if not re.fullmatch(r"[0-9a-f]{64}", what):
        raise UsageProblem(problem=_("{what}: a hash or key has 64 letters 0-9 a-f").format(what=what))
    with opened(db) as database:
        hit = bundles.revoke(database, what, now)
    text = _("{what} is revoked; here it hits {names}").format(
        what=what, names=", ".join(hit) or _("no bundle that was added")
    )
    show({"revoked": what, "bundles": hit}, as_json, text)


@plugins.group(help=_("What a province, a city or this bureau lays over a domain's rules."))
def layer() -> None:
    """Group of the commands about layers."""


@layer.command(
    "add",
    help=_(
        "Add a layer from a TOML file: domain, level, document, from, and to, bands, count, values.\n\n"
        "\b\nExample:\n  auditor plugins layer add 省实施细则.toml"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
@click.pass_context
def add_layer(ctx: click.Context, db: Path, now: datetime, as_json: bool, file: Path) -> None:
    """Add a layer."""
    from auditor.workflow import layers
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    with opened(db) as database:
        made = layers.add(database, file, load_all(ctx.obj, database, now.date()), now)
    text = _("{domain}: {document} ({level}) holds from {start}").format(
        domain=made["domain"], document=made["document"], level=made["level"], start=made["from"]
    )
    show(made, as_json, text)


@layer.command("list", help=_("List the layers.\n\n\b\nExample:\n  auditor plugins layer list"))
@bureau_options()
def list_layers(db: Path, now: datetime, as_json: bool) -> None:
    """Print the layers."""
    from auditor.workflow import layers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        rows = layers.rows(database)
    titles = (_("domain"), _("level"), _("document number"), _("from"), _("to"))
    cells = [(one["domain"], one["level"], one["document"], one["from"], one["to"]) for one in rows]
    show(rows, as_json, table(titles, cells))


@layer.command(
    "remove",
    help=_(
        "Take a layer away.\n\n"
        "\b\nExample:\n  auditor plugins layer remove fire province 川教厅办函〔2025〕10号"
    ),
)
@click.argument("domain")
@click.argument("level", type=click.Choice(["national", "province", "city", "bureau"]))
@click.argument("document")
@bureau_options()
def remove_layer(db: Path, now: datetime, as_json: bool, domain: str, level: str, document: str) -> None:
    """Take a layer away."""
    from auditor.workflow import layers
    from auditor.workflow.bureau import opened

    with opened(db) as database:
        done = layers.remove(database, domain, level, document, now)
    if not done:
        raise UsageProblem(problem=_("there is no such layer; see `auditor plugins layer list`"))
    show({"removed": document}, as_json, _("{name} is taken away").format(name=document))


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
@bureau_options()
@click.pass_context
def score_answers(
    ctx: click.Context, db: Path, now: datetime, key: str, answers: Path, profile: str | None, as_json: bool
) -> None:
    """Print what the answers come to."""
    from auditor.pages.words import BAND_WORDS, DETERMINATION_WORDS, word
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_for, score
    from auditor.workflow.layers import layers

    if not answers.is_file():
        raise FileMissing(file=answers)
    try:
        document = json.loads(answers.read_text(encoding="utf-8-sig"), object_pairs_hook=no_doubles)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(
            problem=_("{file} is not JSON in UTF-8: {error}").format(file=answers, error=error)
        ) from error
    over = []
    if db.exists():
        with opened(db) as database:
            over = layers(database)
    plugins = load_for(ctx.obj, db, now.date())
    record = score(plugins, key, document, answers, profile=profile or "", on=now.date(), layers=over)
    points = "–" if record["score"] is None else record["score"]
    text = _("score {points}, band {band}, {checked} of {of} items checked; major hazard: {found}").format(
        points=points,
        band=word(BAND_WORDS, str(record["band"])) or "–",
        checked=record["checked"],
        of=record["of"],
        found=word(DETERMINATION_WORDS, str(record["determination"])),
    )
    show(record, as_json, text)
