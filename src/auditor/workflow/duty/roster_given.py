"""Which revisions of rosters went out as calendars: what was downloaded is out of date once a duty moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from auditor.store import Database
from auditor.store.records import put_settings, read_settings
from auditor.store.writing import write_tx

GIVEN = "calendars_given"


def given(db: Database) -> dict[str, int]:
    """Give the revision of each month whose calendars went out last; empty where none did."""
    found = json.loads(read_settings(db).get(GIVEN, "{}"))
    return {str(month): int(revision) for month, revision in found.items()}


def note_given(db: Database, revisions: Mapping[str, int], now: datetime) -> None:
    """Keep that calendars of these months went out, each with the roster's revision."""
    with write_tx(db, "calendars export", now) as tx:
        known = given(db) | dict(revisions)
        put_settings(tx, {GIVEN: json.dumps(known, sort_keys=True)})
