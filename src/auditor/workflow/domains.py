"""The step between plugins and rooms: load them, ask them, and say what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from auditor.entities import ANSWERS, Unit
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.plugins import Plugins, load_plugins


def load_all(folders: Sequence[Path] | None = None) -> Plugins:
    """Load the core's own answers to the hooks, the installed plugins and those of `folders`."""
    from auditor.risk import points

    return load_plugins(tuple(folders or ()), builtin=(points,))


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


def score(plugins: Plugins, key: str, document: object, file: Path) -> dict[str, object]:
    """Score one Domain's answers; raises UsageProblem naming file and answer that cannot be read."""
    domain = plugins.domain(key)
    if not isinstance(document, Mapping) or not isinstance(document.get("answers"), Mapping):
        raise UsageProblem(
            problem=_('{file}: write {{"unit": {{…}}, "answers": {{code: answer}}}}').format(file=file)
        )
    answers = dict(document["answers"])
    codes = {item.code for item in domain.items}
    for code, answer in answers.items():
        if code not in codes:
            raise UsageProblem(
                problem=_("{file}: {code} is no item of {key}").format(file=file, code=code, key=key)
            )
        if answer not in ANSWERS:
            raise UsageProblem(
                problem=_("{file}: {code}: {answer} is no answer; write one of {known}").format(
                    file=file, code=code, answer=answer, known=", ".join(ANSWERS)
                )
            )
    scores = plugins.ask(
        "auditor_score", domain=domain, unit=_unit(document.get("unit", {}), file), answers=answers
    )
    if not scores:
        raise UsageProblem(problem=_("no plugin scores the domain {key}").format(key=key))
    _plugin, result = scores[0]
    return {
        "score": result.points,
        "band": result.band,
        "checked": result.checked,
        "of": result.of,
        "vetoed": list(result.vetoed),
    }
