"""Several connections of one program, and another program that comes and goes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from auditor.store import once
from auditor.store.sessions import Sessions
from auditor.workflow import bureau
from desk_client import NOW

WRITES = """
import sys
from datetime import datetime
from pathlib import Path
from auditor.store.records import put_settings
from auditor.store.writing import write_tx
from auditor.workflow.bureau import opened
with opened(Path(sys.argv[1])) as db, write_tx(db, "settings", datetime.fromisoformat(sys.argv[2])) as tx:
    put_settings(tx, {"name": sys.argv[3]})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="locks of files are kept otherwise there")
def test_what_another_program_wrote_is_seen_by_every_connection(tmp_path: Path) -> None:
    """A second connection leaves the first one its lock: nobody deletes the -wal while it is open."""
    path = tmp_path / "bureau.db"
    bureau.init(path, "甲县教育局", (118.0, 32.0), NOW)
    sessions = Sessions(path)
    with sessions.reading() as one, sessions.reading() as two:
        before = once.revision_of(one)
        assert once.revision_of(two) == before
    for step in (1, 2):
        subprocess.run(
            [sys.executable, "-c", WRITES, str(path), NOW.isoformat(), f"{step}县教育局"], check=True
        )
        assert path.with_name(path.name + "-wal").exists()
        with sessions.reading() as one, sessions.reading() as two:
            assert once.revision_of(one) == before + step
            assert once.revision_of(two) == before + step
    sessions.close()
    assert bureau.verify_log(path) == []
