"""The evidence of a reason in a sentence: records keep numbers and codes, people read words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from auditor.i18n import N_, _, listed
from auditor.pages.words import SLOT_WORDS, word

_FORMS = {
    "unreachable": (
        (
            r"(?P<slots>[a-z+]+|-): (?P<metres>\d+) m, (?P<there>\d+)\+(?P<visit>\d+)\+(?P<back>\d+) min",
            N_("{slots}: {km} km away; {there} min there, {visit} min at the unit, {back} min back"),
        ),
    ),
    "closed": ((r"(?P<n>\d+)/(?P<of>\d+)(?: days)?", N_("open on {n} of {of} days")),),
    "no-skill": (
        (r"(?P<domains>[^:]+): 0(?: teams of \d+)?", N_("no team holds together: {domains}")),
        (r"0/(?P<of>\d+)", N_("{of} days are open")),
    ),
    "no-team": (
        (
            r"(?P<slots>[a-z+]+): (?P<n>\d+)/(?P<of>\d+)(?: days)?, mix",
            N_("{slots}: a team of two departments on {n} of {of} days"),
        ),
        (r"(?P<slots>[a-z+]+): (?P<n>\d+)/(?P<of>\d+)(?: days)?", N_("{slots}: a team on {n} of {of} days")),
        (r"(?P<n>\d+)/(?P<of>\d+)", N_("a team on {n} of {of} open days")),
    ),
    "capacity": (
        (r"(?P<n>\d+)(?: kept before)?", N_("{n} units were kept before it")),
        (r"(?P<n>\d+)/(?P<of>\d+)", N_("a team on {n} of {of} open days")),
    ),
    "no-day": ((r"0/0", N_("no day is open")),),
}
"""How each reason's evidence is written, now and in older plans, and how it is told."""


def evidence_text(reason: str, evidence: str, domains: Mapping[str, str]) -> str:
    """Tell the recorded evidence of a reason; domains by their names, given by key.

    What is written otherwise than any version writes it is told as it is.
    """
    for form, sentence in _FORMS.get(reason, ()):
        found = re.fullmatch(form, evidence)
        if found:
            facts = found.groupdict()
            return _(sentence).format(**facts | _in_words(facts, domains))
    return evidence


def _in_words(facts: Mapping[str, str], domains: Mapping[str, str]) -> dict[str, str]:
    told = {}
    if "slots" in facts:
        told["slots"] = listed(word(SLOT_WORDS, one) for one in facts["slots"].split("+"))
    if "domains" in facts:
        told["domains"] = listed(domains.get(one, one) for one in facts["domains"].split("+"))
    if "metres" in facts:
        told["km"] = f"{int(facts['metres']) / 1000:.1f}"
    return told
