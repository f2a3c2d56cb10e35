"""Everything we raise on purpose: the facts as attributes, one sentence, an exit code.

A sentence says where, what was found and what to do. Exit codes: 1 failed, 2 usage, 3 infeasible,
4 verification failed, 5 done with warnings.
"""

from __future__ import annotations

import re

from auditor.i18n import N_, _

DONE, FAILED, USAGE, INFEASIBLE, UNVERIFIED, WARNINGS = range(6)


class AuditorError(Exception):
    """Base of all we raise on purpose; ``exit_code`` is what the command line returns."""

    exit_code = FAILED
    sentence = N_("something went wrong")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(_(self.sentence).format(**facts))


class UsageProblem(AuditorError):
    """A command was asked for something that it cannot take."""

    exit_code = USAGE
    sentence = N_("{problem}")


class Infeasible(AuditorError):
    """No plan or roster exists under the rules; the reason says what stands in the way."""

    exit_code = INFEASIBLE
    sentence = N_("{reason}")


class VerificationFailed(AuditorError):
    """A check found breaches; they were printed."""

    exit_code = UNVERIFIED
    sentence = N_("{count} breaches found")


class FileMissing(AuditorError):
    """A file that was named is not there."""

    exit_code = USAGE
    sentence = N_("{file}: there is no such file; check the name and the folder")


_TOML_PLACE = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.S
)
TOML_WORDS = {
    "Invalid value": N_("the value cannot be read; texts stand in straight quotation marks"),
    "Invalid statement": N_("a line begins with a key, such as units = 9"),
    "Expected '=' after a key in a key/value pair": N_("there is no = after the key"),
    "Invalid initial character for a key part": N_("a key is written in letters, digits, - and _"),
    "Expected newline or end of document after a statement": N_("something stands behind the value"),
    "Unterminated string": N_("the quotation mark at the end is missing"),
    "Unclosed array": N_("the ] at the end is missing, or a comma"),
    "Unclosed inline table": N_("the closing brace is missing, or a comma"),
    "Cannot overwrite a value": N_("the key stands twice"),
    "Unescaped '\\' in a string": N_("write a backslash as two"),
    "Expected ']' at the end of a table declaration": N_("the ] at the end is missing"),
}
"""What the reader of TOML says, for people; what is not here is told as it says it."""


def toml_fault(error: Exception) -> str:
    """Say what a reader of TOML found, with row and column as it has them."""
    found = _TOML_PLACE.match(str(error))
    if found is None:
        return str(error)
    what = found["what"]
    if what in TOML_WORDS:
        what = _(TOML_WORDS[what])
    elif what.startswith("Illegal character '\\n'"):
        what = _("the quotation mark at the end is missing")
    elif what.startswith("Illegal character"):
        what = _("a character that cannot stand here")
    if found["line"] is None:
        return _("at the end: {what}").format(what=what)
    return _("row {line}, column {column}: {what}").format(
        line=found["line"], column=found["column"], what=what
    )
