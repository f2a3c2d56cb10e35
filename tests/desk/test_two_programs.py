"""The desk and another program on one file: what each writes, the other sees, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from auditor.store.opening import examine
from auditor.store.sessions import Sessions
from auditor.workflow import bureau, units
from desk_client import NOW

OTHER = """
import sys
from datetime import datetime
from pathlib import Path
from auditor.workflow import bureau, units
with bureau.opened(Path(sys.argv[1])) as db:
    units.add_unit(db, {"id": sys.argv[2], "name": "u"}, now=datetime.fromisoformat(sys.argv[3]))
"""


def other_adds(path: Path, unit: str) -> None:
    """Let another program open the file, add a unit, and close the file."""
    subprocess.run([sys.executable, "-c", OTHER, str(path), unit, NOW.isoformat()], check=True)


def test_another_program_that_ends_takes_no_file_away_beneath_an_open_desk(tmp_path: Path) -> None:
    """Two pages at once, then a command line between two of the desk's own writes: three units are three."""
    path = tmp_path / "bureau.db"
    bureau.init(path, "县", None, NOW)
    desk = Sessions(path)
    with desk.reading(), desk.reading():
        pass
    examine(path)  # a look at the file's head must not drop the locks of the connections that are open
    with desk.reading() as db:
        before = units.list_units(db)
        other_adds(path, "1")
        assert units.list_units(db) == before
    assert path.with_name("bureau.db-wal").exists()
    with desk.writing() as db:
        units.add_unit(db, {"id": "2", "name": "u"}, now=NOW)
    other_adds(path, "3")
    with desk.reading() as first, desk.reading() as second:
        for db in (first, second):
            assert [one.id for one in units.list_units(db)] == ["1", "2", "3"]
    desk.close()
    assert bureau.verify_log(path) == []
