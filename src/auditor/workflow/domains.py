"""The step between plugins and rooms: load them, ask them, and say what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from auditor.checklists import scoring
from auditor.checklists.answers import Answers, BadAnswer, read_answers
from auditor.checklists.layers import Layer
from auditor.checklists.scoring import Outcome
from auditor.entities import Domain, Score, Unit
from auditor.errors import UsageProblem
from auditor.i18n import _, language, listed
from auditor.plugins import PluginFailed, Plugins, load_plugins
from auditor.plugins.loading import Added
from auditor.register.kinds import kind_of

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
    from auditor.store.bundles import read_bundles
    from auditor.workflow.bundles import kept_bundle

    found = []
    for kept in read_bundles(db):
        bundle, error = kept_bundle(db, kept, on)
        found.append(
            Added(
                name=kept.name,
                key=kept.key,
                version=kept.version,
                bundle=None if error else bundle,
                error=error,
            )
        )
    return found


def domain_titles(plugins: Plugins) -> dict[str, str]:
    """Give the name of every loaded domain in the language of the context, by key."""
    return {key: one.zh if language() == "zh" else one.en for key, one in plugins.domains.items()}


def domain_names(plugins: Plugins) -> dict[str, str]:
    """Give the key of each name that a domain may be written with.

    Besides key and names this is any part of a Chinese name that no other has: 消防 for 消防安全.
    """
    parts: dict[str, set[str]] = {}
    for key, domain in plugins.domains.items():
        for start, end in combinations(range(len(domain.zh) + 1), 2):
            if end - start > 1:
                parts.setdefault(domain.zh[start:end].casefold(), set()).add(key)
    names = {part: min(keys) for part, keys in parts.items() if len(keys) == 1}
    for key, domain in plugins.domains.items():
        names |= dict.fromkeys((name.casefold() for name in (key, domain.zh, domain.en)), key)
    return names


def known_domains(plugins: Plugins) -> str:
    """Name every domain that is loaded, by key and title."""
    titles = domain_titles(plugins)
    return listed(f"{key} {titles[key]}" for key in sorted(plugins.domains))


def named_domain(plugins: Plugins, key: str) -> Domain:
    """Give the Domain that a person named.

    Raises
    ------
    UsageProblem
        If no plugin is called so; with those that there are.
    DomainMissing
        If its plugin did not load.
    """
    if key in plugins.domains or any(row.key == key for row in plugins.failed):
        return plugins.domain(key)
    named = domain_names(plugins).get(key.strip().casefold())
    if named is None:
        raise UsageProblem(
            problem=_("{key} is no domain; there are {known}").format(key=key, known=known_domains(plugins))
        )
    return plugins.domain(named)


def shipped_versions() -> dict[str, str]:
    """Give key and version of the domains that come with auditor."""
    return {key: domain.version for key, domain in load_plugins(only_ours=True).domains.items()}


def shipped_codes() -> dict[str, str]:
    """Give every code, also retired ones, of the domains that come with auditor, each with its domain."""
    domains = load_plugins(only_ours=True).domains.values()
    return {code: domain.key for domain in domains for code in domain.codes}


def list_rows(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Give the rows of ``plugins list``: what comes with us is loaded here, all else in a child process."""
    from auditor.plugins.loading import foreign
    from auditor.plugins.trying import try_installed, try_path

    loaded = load_plugins(only_ours=True)
    rows = [row.record() for row in loaded.listed]
    ours = {path.parent for path in loaded.origins}
    codes = {code: domain.key for domain in loaded.domains.values() for code in domain.codes}
    keys = {str(row["key"]) for row in rows}
    for name, version, where in foreign(folders):
        if isinstance(where, Path) and where.resolve() in ours:
            continue  # what comes with us, by the other door
        tried = try_path(where) if isinstance(where, Path) else try_installed(where.name, where.value)
        taken = next((codes[one] for one in tried["codes"] if one in codes), "")
        if tried["ok"] and (tried["key"] in keys or taken):
            problem = _("the key {key} is already taken by another plugin").format(key=tried["key"])
            if tried["key"] not in keys:
                problem = _("a code of it is one of the domain {key}; choose another").format(key=taken)
            tried |= {"ok": False, "error": problem, "items": 0}
        keys.add(tried["key"])
        codes |= dict.fromkeys(tried["codes"], tried["key"])
        rows.append(
            {
                "key": tried["key"] if tried["ok"] else name,
                "name": tried["name"] if tried["ok"] else name,
                "zh": tried["zh"] if tried["ok"] else name,
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
    unit = Unit(id="-", name="-")
    for key, value in facts.items():
        try:
            read = msgspec.convert(value, get_type_hints(Unit)[key])
        except msgspec.ValidationError as error:
            problem = _("{file}: the unit's {key}: {value} is not of its kind").format(
                file=file, key=key, value=str(value)[:40]
            )
            raise UsageProblem(problem=problem) from error
        found: dict[str, Any] = {key: (kind_of(str(read)) or read) if key == "kind" else read}
        unit = replace(unit, **found)
    return unit


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
    domain = named_domain(plugins, key)
    known = {"unit", "answers", "since"}
    if (
        not isinstance(document, Mapping)
        or not isinstance(document.get("answers"), Mapping)
        or not set(document) <= known
        or not isinstance(document.get("since", {}), Mapping)
        or not set(document.get("since", {})) <= {"licence", "incident"}
    ):
        raise UsageProblem(
            problem=_(
                '{file}: write {{"unit": {{…}}, "answers": {{code: answer}}}}, and under "since" the days of '
                '"licence" and "incident" if need be'
            ).format(file=file)
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
    elsewhere: Mapping[str, str] | None = None,
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
    if not isinstance(given, Score):
        raise PluginFailed(plugin=plugin, hook="auditor_score", why=_("it gave no Score"))
    why = {"part": "score", "layer": "national", "document": "", "note": f"plugin {plugin}"}
    return replace(
        found,
        score=given.points,
        band=given.band,
        checked=given.checked,
        of=given.of,
        vetoed=given.vetoed,
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
