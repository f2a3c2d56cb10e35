"""The contract with plugins: who is asked, when, how often, which answers count.

A plugin may take fewer arguments than a spec has. Give no defaults to the arguments of an
implementation: pluggy up to 1.6 leaves them unfilled, 1.7 fills them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pluggy

from auditor.entities import Domain, Finding, Score, Unit

hookspec = pluggy.HookspecMarker("auditor")


@hookspec
def auditor_domain() -> Domain:  # type: ignore[empty-body]  # pluggy never calls a spec
    """Give the Domain that this plugin stands for.

    Asked of every plugin once, after all are loaded. A plugin that only adds points or scores
    leaves this hook out. Two Domains with one key are an error of the plugin that came later.
    """


@hookspec
def auditor_risk_points(unit: Unit, findings: Sequence[Finding]) -> int | None:
    """Give risk points for one Unit, or None if this plugin does not know its kind.

    Asked of every plugin for every Unit; the points of all plugins are summed. Give the same
    points for the same arguments (no clock, no chance, no network): a Draw is checked later by
    repeating it.

    Parameters
    ----------
    findings
        The Findings of `unit`, newest first; empty for a Unit never visited.

    Returns
    -------
    Points from 0 (nothing known against it) to 100.
    """


@hookspec(firstresult=True)
def auditor_score(domain: Domain, unit: Unit, answers: Mapping[str, str]) -> Score | None:
    """Score the answers to one Domain's checklist, or None if this Domain is not yours.

    Asked when a checklist is scored; the first answer that is not None counts. Pure: no clock, no
    chance, no network.

    Parameters
    ----------
    answers
        Item code to one of ``pass partly fail na not-checked``; an Item that is missing was not
        checked.

    Returns
    -------
    The Score; ``points`` is None while no Item counts.
    """
