"""What was published of a closed number, as bytes, from the bureau's own file."""

from __future__ import annotations

import json

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.store import Database
from auditor.store.numbers import read_number, read_numbers
from auditor.store.records import read_draw
from auditor.workflow.telling import ledger_of


class NotClosed(AuditorError):
    """Nothing of a number is published before its close."""

    sentence = N_("number {number} is not closed; its transcript is published after its period")


def published(db: Database, number: int) -> tuple[bytes, bytes]:
    """Give the transcript of a closed number and the ledger as it stands; raises NotClosed."""
    record = read_number(db, number)
    transcript = read_draw(db, number) if record is not None and record["state"] == "closed" else None
    if transcript is None:
        raise NotClosed(number=number)
    return _bytes(transcript), ledger_bytes(db)


def ledger_bytes(db: Database) -> bytes:
    """Give ``ledger.json`` as it stands: every committed number."""
    return _bytes(ledger_of([one for one in read_numbers(db) if "commit" in one]))


def _bytes(record: object) -> bytes:
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
