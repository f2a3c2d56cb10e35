"""What happens beneath an open desk: a backup brought back, a newer release, a disk without room."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from auditor.desk import jobs
from auditor.store.backup import backup, restore
from auditor.store.errors import LeftBeside
from auditor.store.opening import SIDE_FILES
from auditor.store.schema import STEPS
from auditor.workflow import bureau, units
from desk_client import NOW, county_in, desk_of, revision_in, text_of, was_of

UNIT = "0099001025"


def put(file: Path, students: str) -> None:
    """Write one more entry into the log."""
    with bureau.opened(file) as db:
        units.set_unit(db, UNIT, {"students": students}, reason="", now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A bureau with the synthetic county."""
    return county_in(tmp_path / "bureau.db")


def test_a_restored_backup_with_as_many_entries_is_another_state(file: Path) -> None:
    """What was remembered is not shown for it, and a form made before it is stale."""
    client = desk_of(file)
    copy = file.with_name("copy.db")
    backup(file, copy)
    put(file, "111")
    before = revision_in(file)
    page = client.page(f"/units/{UNIT}")
    with bureau.opened(file) as db:
        assert client.desk.kept("probe", db, lambda: "old") == "old"
    back = file.with_name("back.db")
    restore(copy, back)
    for suffix in SIDE_FILES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    back.replace(file)
    put(file, "222")
    assert revision_in(file).partition("-")[0] == before.partition("-")[0]
    assert 'value="222"' in client.page(f"/units/{UNIT}")
    with bureau.opened(file) as db:
        assert client.desk.kept("probe", db, lambda: "new") == "new"
    assert client.submit(f"/units/{UNIT}", page, {"students": "333", "was": was_of(page)}).status_code == 409


def test_a_newer_release_beneath_an_open_desk_is_said_and_nothing_is_written(file: Path) -> None:
    """It brought the file up in place: the connections that were open do not go on with it."""
    client = desk_of(file)
    page = client.page(f"/units/{UNIT}")
    with closing(sqlite3.connect(file)) as other:
        other.execute(f"pragma user_version = {len(STEPS) + 1}")
        other.commit()
    answer = client.get(f"/units/{UNIT}")
    assert answer.status_code == 409
    assert "newer auditor" in text_of(answer.text)
    sent = client.submit(f"/units/{UNIT}", page, {"students": "7"})
    assert sent.status_code == 409
    assert "newer auditor" in text_of(sent.text)


def test_a_full_disk_is_said_and_leaves_no_process_that_waits(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the work cannot be written: its process is ended, and the page says what to do."""
    client = desk_of(file)
    started = []
    popen = jobs.subprocess.Popen

    def start(*words: object, **more: object) -> object:
        started.append(popen(*words, **more))
        return started[-1]

    def full(path: Path, _value: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(jobs.subprocess, "Popen", start)
    monkeypatch.setattr(jobs, "write_json", full)
    page = client.page("/rosters/2026-12")
    answer = client.submit("/rosters/2026-12/make", page)
    assert answer.status_code == 409
    assert "No space left on device" in text_of(answer.text)
    assert "make room" in text_of(answer.text)
    assert [one.poll() is not None for one in started] == [True]
    assert client.desk.jobs.running() is None


def test_a_file_that_finds_no_room_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dropped file that cannot be kept beside the bureau's."""
    client = desk_of(file)
    page = client.page("/units")
    shutil.rmtree(client.desk.places.folder / "uploads", ignore_errors=True)

    def full(_name: str) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(client.desk.places, "upload", full)
    answer = client.submit("/imports/units", page, files={"file": ("a.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 409
    assert "make room" in text_of(answer.text)


def test_what_an_open_desk_left_beside_is_told_before_a_backup_is_brought_back(file: Path) -> None:
    """The file was moved away under a running desk: its -wal is still there, and the desk is named."""
    copy = file.with_name("copy.db")
    backup(file, copy)
    client = desk_of(file)
    client.page("/units")
    file.rename(file.with_name("moved.db"))
    file.with_name("bureau.db-wal").touch()
    with pytest.raises(LeftBeside, match="end the desk"):
        restore(copy, file)
    file.with_name("bureau.db-wal").unlink()
    file.with_name("bureau.db-shm").unlink(missing_ok=True)
    restore(copy, file)
    client.page("/units")
