"""At the end of a period: the visits of which nobody said what became were done as they were planned."""

from __future__ import annotations

from datetime import datetime

from auditor.store import Database
from auditor.store.numbers import read_outcomes
from auditor.workflow import releasing
from auditor.workflow.ceremony import number_of
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.repairs import read_current, unrecorded


def note_rest_done(db: Database, number: int, password: AskPassword, now: datetime, *, drill: bool) -> int:
    """Note that every visit that stands and has no outcome was done; give how many these are.

    Raises
    ------
    NoNumber, OutOfOrder, PasswordNeeded, WrongPassword, UsageProblem
    """
    _sealed, current = read_current(db, number_of(db, number), open_key(db, password))
    rest = unrecorded(current, read_outcomes(db, number))
    if not rest:
        return 0
    return releasing.record_outcome(db, number, rest, "done", "", password, now, drill=drill)
