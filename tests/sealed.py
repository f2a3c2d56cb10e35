"""A small bureau for the tests of the sealed draw, and how its commands are called."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner, Result

from auditor.cli.main import auditor
from auditor.draw import shares as shares_room
from auditor.workflow import county, keys

FOLDER = county.folder()
DECEMBER = """\
id = "2026-12"
name = "12月校园安全随机抽查"
from = 2026-12-01
to = 2026-12-31
basis = "四川省学校安全条例第六条"
item = "学校安全工作的监督检查"
domains = ["dorms", "fire", "food", "transport"]
units = 9
"""


STAFF = 24
"""All officers of the county inspect, each of them everything on four half-days, about twelve sorties of
two in all: whatever plan the salts give, more than half of them can stand in for anybody."""
OFFICERS = [
    "id,name,department,domains,conflicts,half_days",
    *(f"o{at:02d},检查员{at},安全管理股,fire;food;transport;dorms,,4" for at in range(1, STAFF + 1)),
]
FOURTEEN = DECEMBER.replace("units = 9", "units = 14")
"""So many units that in any plan some of them share a sortie."""


SALTS = os.environ.get("AUDITOR_TEST_SALTS", "青石")
"""Other salts draw other lists: a test that is true of any of them passes with any word here."""


@contextmanager
def salted(name: str) -> Iterator[None]:
    """Let shares and neutral ids come of SALTS and a name, not of chance, so that a run can be repeated."""
    numbers = count()

    def made(size: int) -> bytes:
        return sha256(f"{SALTS}/{name}/{next(numbers)}".encode()).digest()[:size]

    chance = SimpleNamespace(token_bytes=made, token_hex=lambda size: made(size).hex())
    with patch.object(shares_room, "secrets", chance), patch.object(keys, "secrets", chance):
        yield


class Bureau:
    """A bureau's file in a folder, a clock that each command is given, and salts of the folder's name.

    The number that pytest puts behind a name counts what ran before in the same process; it is left out.
    """

    def __init__(self, folder: Path, level: str = "simple", *extra: object) -> None:
        self.folder = folder
        self.calls = 0
        self.db = folder / "bureau.db"
        self.now = "2026-11-26T09:00:00+08:00"
        self.ok("init", "--name", "青石县教育局", "--at", "105.2108,30.5205", "--level", level, *extra)

    def run(self, *arguments: object, input: str | None = None) -> Result:
        """Call a command on this bureau at its clock."""
        words = [str(one) for one in arguments]
        if "verify" not in words[:2]:
            words += ["--db", str(self.db), "--now", self.now]
        self.calls += 1
        with salted(f"{self.folder.name.rstrip('0123456789')}/{self.calls}"):
            return CliRunner().invoke(auditor, words, input=input)

    def ok(self, *arguments: object, input: str | None = None) -> str:
        """Call a command that must succeed; give what it prints to standard output."""
        done = self.run(*arguments, input=input)
        assert done.exit_code in (0, 5), (arguments, done.output)
        assert "Traceback" not in done.output
        return done.stdout

    def json(self, *arguments: object) -> Any:
        """Call a command that must succeed; give its JSON."""
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, *arguments: object, code: int = 1) -> str:
        """Call a command that must be refused and change nothing; give what it says."""
        before = self.tables()
        done = self.run(*arguments)
        assert done.exit_code == code, (arguments, done.exit_code, done.output)
        assert "Traceback" not in done.output
        assert self.tables() == before, arguments
        return done.stderr

    def tables(self) -> Any:
        """All rows of the bureau's file, the log's count too."""
        from auditor.store.log import read_tables
        from auditor.workflow.bureau import opened

        with opened(self.db) as db:
            count = db.execute("select count(*) from log").fetchone()
            return read_tables(db), count

    def county(self, units: Sequence[str] | None = None, inspectors: Sequence[str] | None = None) -> None:
        """Import the synthetic county: its units and inspectors (or these rows), staff and leave."""
        rows = (FOLDER / "units.csv").read_text(encoding="utf-8-sig").splitlines()
        (self.folder / "units.csv").write_text("\n".join(units or rows) + "\n", encoding="utf-8")
        self.ok("units", "import", self.folder / "units.csv")
        self.ok("people", "import", FOLDER / "people.csv")
        rows = (FOLDER / "inspectors.csv").read_text(encoding="utf-8-sig").splitlines()
        (self.folder / "inspectors.csv").write_text("\n".join(inspectors or rows) + "\n", encoding="utf-8")
        self.ok("inspectors", "import", self.folder / "inspectors.csv")
        self.ok("leave", "import", FOLDER / "leave.csv")

    def programme(self, text: str = DECEMBER, name: str = "p.toml", *extra: object) -> None:
        """Keep a programme."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.ok("programme", "add", self.folder / name, *extra)

    def sealed(self, number: int, identity: str | None = None) -> Any:
        """What lies in a number's sealed plan, opened behind the program's back with the planning key."""
        from auditor.workflow.bureau import opened
        from auditor.workflow.ceremony import number_of
        from auditor.workflow.keys import open_key
        from auditor.workflow.sealing import open_plan

        with opened(self.db) as db:
            return open_plan(db, number_of(db, number), identity or open_key(db, lambda: None))

    def drawn(self, number: int) -> Any:
        """What a number drew, opened behind the program's back."""
        from auditor.workflow.bureau import opened
        from auditor.workflow.ceremony import number_of
        from auditor.workflow.keys import open_key
        from auditor.workflow.sealing import open_drawn

        with opened(self.db) as db:
            return open_drawn(db, number_of(db, number), open_key(db, lambda: None))


def copied(source: Path, folder: Path, now: str) -> Bureau:
    """A copy of a bureau's folder in one that is not there yet, with a clock of its own."""
    copytree(source, folder)
    own = object.__new__(Bureau)
    own.folder, own.db, own.now, own.calls = folder, folder / "bureau.db", now, 0
    return own


PASSWORD = "保险柜 7"
"""Of the planning key of `drawn_under_password`."""


def key(bureau: Bureau) -> list[object]:
    """How the command line opens that key."""
    return ["--password-file", bureau.folder / "pw"]


def drawn_under_password(folder: Path) -> Bureau:
    """A bureau whose number 1 is drawn and waits for its plan; its planning key has a password."""
    (folder / "pw").write_text(PASSWORD + "\n", encoding="utf-8")
    bureau = Bureau(folder, "simple", "--password-file", folder / "pw")
    bureau.county(inspectors=OFFICERS)
    bureau.programme(FOURTEEN)
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", *key(bureau))
    return bureau


def county_rows() -> list[str]:
    """The lines of the synthetic county's register, its head first."""
    return (FOLDER / "units.csv").read_text(encoding="utf-8-sig").splitlines()


def drawn_simply(
    folder: Path,
    *,
    beacon: str = "3 1 4 1 5 9",
    plan: bool = True,
    inspectors: Sequence[str] | None = None,
    programme: str = DECEMBER,
) -> Bureau:
    """A bureau at level simple whose number 1 was drawn, and planned unless not wanted."""
    bureau = Bureau(folder)
    bureau.county(inspectors=inspectors)
    bureau.programme(programme)
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", beacon)
    if plan:
        bureau.ok("plan", "make", "--programme", "2026-12", "--work", 10)
    return bureau
