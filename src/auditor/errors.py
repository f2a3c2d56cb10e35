"""Everything we raise on purpose: the facts as attributes, one sentence, an exit code.

A sentence says where, what was found and what to do. Exit codes: 1 failed, 2 usage, 3 infeasible,
4 verification failed, 5 done with warnings.
"""

from __future__ import annotations

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
