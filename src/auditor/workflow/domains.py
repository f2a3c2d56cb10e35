"""The step between plugins and rooms: load them, ask them, and say what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.checklists import scoring
from auditor.checklists.answers import Answers, BadAnswer, read_answers
from auditor.checklists.layers import Layer
from auditor.checklists.scoring import Outcome
from auditor.entities import Domain, Unit
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.plugins import Plugins, load_plugins
from auditor.plugins.loading import Added

if TYPE_CHECKING:
    from auditor.store import Database


def load_all(
    folders: Sequence[Path] | None = None, db: Database | None = None, on: date | None = None
) -> Plugins:
    """Load the core's own answers to the hooks, the installed plugins, those of `folders` and a bureau's.

    Parameters
    ----------
    db
        The bureau whose bundles are loaded too; None for none.
    on
        The day on which they must be allowed.
    """
    from auditor.risk import points

    added = [] if db is None or on is None else _added(db, on)
    return load_plugins(tuple(folders or ()), builtin=(points,), bundles=added)


def load_for(folders: Sequence[Path] | None, path: Path, on: date) -> Plugins:
    """Load as `load_all` does, with the bundles of a bureau's file if it is there."""
    from auditor.workflow.bureau import opened

    if not path.exists():
        return load_all(folders)
    with opened(path) as db:
        return load_all(folders, db, on)


def _added(db: Database, on: date) -> list[Added]:
    """Give the bundles of a bureau, each with why it may not be used."""
    from auditor.plugins.bundles import BadBundle, unpack
    from auditor.store.bundles import read_bundles
    from auditor.workflow.bundles import why_not

    found = []
    for kept in read_bundles(db):
        error, bundle = why_not(db, kept.sha256, kept.signer, on), None
        if not error:
            try:
                bundle = unpack(Path(kept.name), kept.data)
            except BadBundle as bad:
                error = str(bad)
        found.append(Added(name=kept.name, key=kept.key, version=kept.version, bundle=bundle, error=error))
    return found


def shipped_keys() -> frozenset[str]:
    """Give the keys of the domains that come with auditor."""
    return frozenset(load_plugins(only_ours=True).domains)


def shipped_codes(besides: str) -> dict[str, str]:
    """Give every code, also retired ones, of the shipped domains but one, each with its domain."""
    return {
        code: domain.key
        for domain in load_plugins(only_ours=True).domains.values()
        if domain.key != besides
        for code in domain.codes
    }


def list_rows(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Give the rows of ``plugins list``: what comes with us is loaded here, all else in a child process."""
    from auditor.plugins.loading import foreign
    from auditor.plugins.trying import try_installed, try_path

    rows = [row.record() for row in load_plugins(only_ours=True).listed]
    keys = {str(row["key"]) for row in rows}
    for name, version, where in foreign(folders):
        tried = try_path(where) if isinstance(where, Path) else try_installed(where.name, where.value)
        if tried["ok"] and tried["key"] in keys:
            tried |= {"ok": False, "error": _("the key {key} is already taken by another plugin").format(
                key=tried["key"]), "items": 0}  # fmt: skip
        keys.add(tried["key"])
        rows.append(
            {
                "key": tried["key"] if tried["ok"] else name,
                "name": tried["name"] if tried["ok"] else name,
                "version": tried["version"] or version,
                "sha256": tried["sha256"],
                "items": tried["items"],
                "ok": tried["ok"],
                "error": tried["error"] or None,
            }
        )
    return rows


def _unit(facts: object, file: Path) -> Unit:
    known = {field.name for field in fields(Unit)}
    if not isinstance(facts, Mapping) or not set(facts) <= known:
        strange = sorted(set(facts) - known) if isinstance(facts, Mapping) else ["unit"]
        raise UsageProblem(
            problem=_("{file}: unknown facts of the unit: {names}; known are {known}").format(
                file=file, names=", ".join(map(str, strange)), known=", ".join(sorted(known))
            )
        )
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()
    }
    return replace(Unit(id="-", name="-"), **given)


def score(
    plugins: Plugins,
    key: str,
    document: object,
    file: Path,
    *,
    profile: str = "",
    on: date,
    layers: Sequence[Layer] = (),
) -> dict[str, object]:
    """Score one Domain's answers by a profile; a plugin that scores its Domain itself goes first.

    Raises
    ------
    UsageProblem
        Naming file and answer that cannot be read.
    """
    domain = plugins.domain(key)
    if not isinstance(document, Mapping) or not isinstance(document.get("answers"), Mapping):
        raise UsageProblem(
            problem=_('{file}: write {{"unit": {{…}}, "answers": {{code: answer}}}}').format(file=file)
        )
    unit = _unit(document.get("unit", {}), file)
    try:
        answers = read_answers(domain, document["answers"])
        since = {
            str(what): date.fromisoformat(str(day)) for what, day in dict(document.get("since", {})).items()
        }
    except BadAnswer as error:
        raise UsageProblem(problem=f"{file}: {error}") from error
    except ValueError as error:
        raise UsageProblem(
            problem=_("{file}: since: write dates like 2026-12-01").format(file=file)
        ) from error
    return record_of(
        outcome(plugins, domain, unit, answers, profile=profile, on=on, layers=layers, since=since)
    )


def outcome(
    plugins: Plugins,
    domain: Domain,
    unit: Unit,
    answers: Answers,
    *,
    profile: str = "",
    on: date,
    layers: Sequence[Layer] = (),
    elsewhere: Sequence[str] = (),
    since: Mapping[str, date] | None = None,
) -> Outcome:
    """Give what answers come to: by the Domain's plugin if it scores itself, else by the profile."""
    found = scoring.score(
        domain, unit, answers, profile=profile, on=on, layers=layers, elsewhere=elsewhere, since=since
    )
    words = {code: scoring.worst(several) for code, several in answers.items()}
    own = [] if profile else plugins.ask("auditor_score", domain=domain, unit=unit, answers=words)
    if not own:
        return found
    plugin, given = own[0]
    why = {"part": "score", "layer": "national", "document": "", "note": f"plugin {plugin}"}
    return replace(
        found,
        score=given.points,
        band=given.band,
        checked=given.checked,
        of=given.of,
        why=(why, *found.why[1:]),
    )


def record_of(found: Outcome) -> dict[str, object]:
    """Give the record of ``plugins score --json``."""
    return {
        "score": found.score,
        "band": found.band,
        "checked": found.checked,
        "of": found.of,
        "determination": found.determination,
        "hazards": [dict(one) for one in found.hazards],
        "layer": found.layer,
        "why": [dict(one) for one in found.why],
        "vetoed": list(found.vetoed),
    }
