"""Pages have names where the command line has commands: sentences said in both places name what is there."""

from __future__ import annotations

import re
from functools import lru_cache

from auditor.i18n import N_, _, language

PAGE_OF = {
    "units": N_("Units"), "people": N_("People"), "inspectors": N_("People"), "leave": N_("Leave"),
    "programme": N_("Programmes"), "draw": N_("Draws"), "plan": N_("Plans"), "roster": N_("Rosters"),
    "calendars": N_("Calendars"), "blackouts": N_("Calendars"),
}  # fmt: skip
"""The page where is done what a command does, by the command's first word."""
PAGE_OF_DAYS = PAGE_OF["plan"]
"""Where visits are released and said what became of them: on the days of a plan."""
_COMMAND = re.compile(rf" ?`auditor ({'|'.join(PAGE_OF)})\b( (?:outcome|release)\b)?[^`]*` ?")


_VISIT_ID = re.compile(r"(?: \(|（)(?:\{visit\}|[0-9a-f]{16})[)）]")


def name_pages(text: str) -> str:
    """Name pages where sentences said at a command line too name commands; leave ids of visits out.

    A visit is named there as `unit (id)`, for its id is typed; on a page it is a link. A text is given as
    the catalogue has it (`i18n.say_as`): what somebody typed is not in it. Only a sentence that another
    process said is given whole; it is never part of a form, nor of a page's own markup.
    """
    return _named(text, language()) if "`auditor " in text or _VISIT_ID.search(text) else text


@lru_cache(maxsize=1024)
def _named(text: str, language_now: str) -> str:
    text = _VISIT_ID.sub("", text)

    def named(found: re.Match[str]) -> str:
        page = _("the page “{name}”").format(name=_(PAGE_OF_DAYS if found[2] else PAGE_OF[found[1]]))
        if language_now == "zh":
            return page
        return " " * found[0].startswith(" ") + page + " " * found[0].endswith(" ")

    return _COMMAND.sub(named, text)
