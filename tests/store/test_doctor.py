"""The doctor: a whole bureau has nothing to mend, each ill has one finding with its cure, nothing changes."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.entities import Unit
from auditor.store import backup as backups
from auditor.store import doctor, opening
from auditor.store.backup import backup
from auditor.store.doctor import Content, cloud_of, is_remote, look
from auditor.store.errors import DamagedFile
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.units import put_units, read_units
from auditor.store.writing import write_tx

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RELEASE = Path(__file__).parent.parent / "data" / "releases" / "0.1.0.db.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new bureau's file, alone in its folder."""
    folder = tmp_path / "bureau"
    create_bureau(folder / "bureau.db", {"name": "试"}, NOW)
    return folder / "bureau.db"


def write(path: Path, *ids: str) -> None:
    """Write some Units, and leave the file closed."""
    opened = open_bureau(path)
    with write_tx(opened, "units", NOW) as tx:
        put_units(tx, [Unit(id=one, name=one * 200) for one in ids])
    close_bureau(opened)


def in_use(path: Path, into: Path, *ids: str) -> Path:
    """The folder as it lies on the disk while somebody writes some Units: the file, its -wal and -shm."""
    opened = open_bureau(path)
    with write_tx(opened, "units", NOW) as tx:
        put_units(tx, [Unit(id=one, name=one * 200) for one in ids])
    shutil.copytree(path.parent, into)
    close_bureau(opened)
    return into / path.name


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder; of the locks in a -shm only that they are there."""
    return {one.name: b"" if one.suffix == ".db-shm" else one.read_bytes() for one in folder.iterdir()}


def ills(path: Path) -> list[str]:
    """What the doctor would have mended; each has its cure, and looking changes nothing."""
    before = bytes_of(path.parent)
    found = [one for one in look(path, NOW) if not one.ok]
    assert bytes_of(path.parent) == before
    assert all(one.cure for one in found)
    return [one.what for one in found]


def altered(path: Path, at: int, data: bytes) -> None:
    """Replace some bytes."""
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(bytes(content))


def tampered(path: Path, sql: str) -> None:
    """Change something behind the log's back."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda path: path.unlink(), "bureau"),
        (lambda path: path.write_text("id,name\n"), "bureau"),
        (lambda path: altered(path, 4096, b"\xff" * 3000), "bureau"),
        (lambda path: altered(path, 60, (999).to_bytes(4, "big")), "bureau"),
        (lambda path: path.write_bytes(path.read_bytes()[:-4096]), "bureau"),
        (lambda path: tampered(path, "update settings set value = 'x'"), "log"),
        (lambda path: tampered(path, "drop table log"), "log"),
        (lambda path: path.with_name(".bureau.db.importing").write_bytes(b""), "left beside"),
        (lambda path: path.with_name(".bureau.db.ab_3x9kq.new-wal").write_bytes(b""), "left beside"),
        (lambda path: path.with_name("..bureau.db.importing.ab_3x9kq.new").write_bytes(b""), "left beside"),
        (lambda path: path.with_name("bureau.db-journal").write_bytes(b"\0" * 512), "left beside"),
    ],
)
def test_the_doctor_names_what_ails_and_its_cure(
    path: Path, harm: Callable[[Path], object], what: str
) -> None:
    """A whole bureau has nothing to mend; a harmed one has one thing, with what to do."""
    assert ills(path) == []
    harm(path)
    assert ills(path) == [what]


@pytest.mark.parametrize("kept", [("-wal", "-shm"), ("-wal",)])
def test_what_a_kill_left_in_the_wal_is_no_ill(path: Path, tmp_path: Path, kept: tuple[str, ...]) -> None:
    """It is told how many entries lie there, and they are still there when the doctor has looked."""
    left = in_use(path, tmp_path / "left", "a")
    for suffix in {"-wal", "-shm"} - set(kept):
        left.with_name(left.name + suffix).unlink()
    assert ills(left) == []
    (told,) = [one.found for one in look(left, NOW) if one.what == "beside it"]
    assert "bureau.db-wal only: 1 " in told
    assert backup(left, tmp_path / "copy.db") == 2
    opened = open_bureau(left)
    assert [one.id for one in read_units(opened)] == ["a"]
    close_bureau(opened)
    assert [one.name for one in left.parent.iterdir()] == ["bureau.db"]


@pytest.mark.parametrize("size", [1, 60])
def test_a_wal_of_another_file_is_known(path: Path, tmp_path: Path, size: int) -> None:
    """Whether it breaks the file, or is whole and would put another bureau's rows in its place."""
    other = tmp_path / "other" / "bureau.db"
    create_bureau(other, {"name": "别处"}, NOW)
    stray = in_use(other, tmp_path / "stray", *(f"{at}" for at in range(size)))
    write(path, *(f"own{at}" for at in range(size)))
    shutil.copy(stray.with_name("bureau.db-wal"), path.parent)
    assert ills(path) == ["left beside"]
    path.with_name("bureau.db-wal").unlink()
    assert ills(path) == []


def test_an_older_wal_of_the_same_file_is_known(path: Path, tmp_path: Path) -> None:
    """A file brought back from a backup, beside the -wal of the day before."""
    stray = in_use(path, tmp_path / "stray", "a")
    write(path, "b")
    write(path, "c")
    shutil.copy(stray.with_name("bureau.db-wal"), path.parent)
    assert ills(path) == ["left beside"]


def test_a_file_copied_without_its_wal_is_told_where_it_can_be_known(path: Path, tmp_path: Path) -> None:
    """Copied while the -wal was being brought home, it is cut short; the cure is to copy it again."""
    write(path, *(f"{at}" for at in range(300)))
    before = path.stat().st_size
    write(path, *(f"later{at}" for at in range(300)))
    path.write_bytes(path.read_bytes()[:before])
    (ill,) = [one for one in look(path, NOW) if not one.ok]
    assert ill.what == "bureau"
    assert "auditor backup" in ill.cure
    assert "-wal" in ill.cure


def test_a_former_release_is_looked_at_and_backed_up_as_it_is(tmp_path: Path) -> None:
    """Neither brings it up: that is for a command that works on it."""
    old = tmp_path / "old" / "bureau.db"
    old.parent.mkdir()
    old.write_bytes(gzip.decompress(RELEASE.read_bytes()))
    assert ills(old) == []
    assert any("earlier auditor" in one.found for one in look(old, NOW))
    backup(old, tmp_path / "copy.db")
    for file in (old, tmp_path / "copy.db"):
        assert int.from_bytes(file.read_bytes()[60:64], "big") == 1


def test_a_backup_of_a_damaged_file_in_use_names_that_file(path: Path, tmp_path: Path) -> None:
    """And not the copy that was made of it."""
    write(path, *(f"{at}" for at in range(300)))
    left = in_use(path, tmp_path / "left", "a")
    altered(left, 8 * 4096, b"\xff" * 4096)
    with pytest.raises(DamagedFile, match=str(left)):
        backup(left, tmp_path / "copies" / "copy.db")
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        (r"\\server\share\bureau", True),
        (r"\\?\UNC\server\share\bureau", True),
        (r"\\?\C:\bureau", False),
        (r"C:\bureau", False),
        ("/mnt/office files/bureau", True),
        ("/mnt/office", False),
        ("/mnt/school/bureau", True),
        ("/mnt/school/local/bureau", False),
        ("/mnt/schools", False),
        ("/home/jia", False),
    ],
)
def test_a_network_drive_is_known_by_its_mount_or_its_name(path: str, remote: bool) -> None:
    """The innermost mount counts, of two on one folder the later; a blank is written as a number."""
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\n//srv/a /mnt/office\\040files cifs rw 0 0\n"
        "srv:/b /mnt/school nfs4 rw 0 0\n/dev/sdb1 /mnt/school/local ext4 rw 0 0\n"
        "jia@srv:/ /home/jia fuse.sshfs rw 0 0\n/dev/sdc1 /home/jia ext4 rw 0 0\n"
    )
    assert is_remote(path, mounts) is remote


@pytest.mark.parametrize(
    ("folder", "cloud"),
    [
        ("/home/jia/OneDrive - 某某县教育局/督导", "OneDrive"),
        ("/home/jia/onedrive", "OneDrive"),
        ("/home/jia/Dropbox (个人)", "Dropbox"),
        ("/home/jia/Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("/home/jia/Nutstore Files/督导", "坚果云"),
        ("/home/jia/我的坚果云", "坚果云"),
        ("/d/BaiduSyncdisk", "百度网盘"),
        ("/d/WPS云盘/督导", "WPS云盘"),
        ("/home/jia/Google Drive", "Google Drive"),
        ("/home/jia/Dropboxes", ""),
        ("/home/jia/BaiduNetdiskDownload", ""),
        ("/home/jia/督导", ""),
    ],
)
def test_a_cloud_folder_is_known_by_its_name(folder: str, cloud: str) -> None:
    """The programs' own names for their folders, with what they add; a name that only begins so is none."""
    assert cloud_of(Path(folder)) == cloud


def test_a_bureau_in_a_cloud_folder_or_on_a_network_drive_is_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the way out: the bureau here, copies there; a folder that only leads there is no way out."""
    shutil.copytree(path.parent, tmp_path / "坚果云" / "督导")
    assert ills(tmp_path / "坚果云" / "督导" / "bureau.db") == ["place"]
    (tmp_path / "link").symlink_to(tmp_path / "坚果云" / "督导", target_is_directory=True)
    assert ills(tmp_path / "link" / "bureau.db") == ["place"]
    monkeypatch.setattr(doctor, "NETWORK_TYPES", {doctor.mount_type(str(path), mounts())})
    assert ills(path) == ["place"]


def mounts() -> str:
    """The mounts of this computer, or skip."""
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8")
    except OSError:
        pytest.skip("this system does not tell its mounts")


@pytest.mark.parametrize(("free", "enough"), [(300 * 2**20, True), (300 * 2**20 - 1, False)])
def test_free_space_is_measured_by_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, free: int, enough: bool
) -> None:
    """Three times the file, but never less than 200 MB."""
    with path.open("rb+") as file:
        file.truncate(100 * 2**20)
    usage = shutil.disk_usage(path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    (space,) = [one for one in look(path, NOW) if one.what == "free space"]
    assert space.ok is enough
    assert ("300 MB" in space.cure) is not enough


def test_a_write_protected_file_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system says it; whoever runs this may write everywhere."""
    monkeypatch.setattr(doctor.os, "access", lambda file, _mode: file != path)
    assert ills(path) == ["protection"]


def test_a_clock_before_the_log_is_told(path: Path) -> None:
    """Ten minutes are no matter; more is a wrong date, and a demonstration's clock was its month's."""
    late = timedelta(minutes=10)
    assert [one.found for one in look(path, NOW) if one.what == "clock"] == ["2026-12-01 08:00"]
    assert [one.what for one in look(path, NOW - late) if not one.ok] == []
    assert [one.what for one in look(path, NOW - late - timedelta(seconds=1)) if not one.ok] == ["clock"]
    opened = open_bureau(path)
    with write_tx(opened, "demo", NOW) as tx:
        tx.put("settings", [{"key": "demonstration", "value": "1"}])
    close_bureau(opened)
    assert [one.what for one in look(path, NOW - timedelta(days=400)) if not one.ok] == []


def torn_once(path: Path, write_meanwhile: bool, bad: object) -> Callable[..., object]:
    """What reads a file torn the first time, while somebody perhaps writes it, and then gives nothing."""
    turns = iter(range(2))

    def read(*_arguments: object) -> object:
        if next(turns, 1):
            return None
        if write_meanwhile:
            write(path, f"{id(turns)}")
        return bad

    return read


@pytest.mark.parametrize("write_meanwhile", [True, False])
def test_what_was_torn_while_another_program_wrote_is_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, write_meanwhile: bool
) -> None:
    """Pages read without a lock are damaged only if the file was at rest: else it is no ill of the file."""
    torn = torn_once(path, write_meanwhile, DamagedFile(file=path, found="torn"))
    monkeypatch.setattr(opening, "_damage", torn)
    if write_meanwhile:
        close_bureau(open_bureau(path))
    else:
        with pytest.raises(DamagedFile):
            open_bureau(path)


@pytest.mark.parametrize("write_meanwhile", [True, False])
def test_what_was_torn_while_it_was_backed_up_or_looked_at_is_read_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_meanwhile: bool
) -> None:
    """And named as damaged if nobody wrote it."""
    real = doctor.examine_content
    for room in (backups, doctor):
        torn = torn_once(path, write_meanwhile, Content(fault="torn", steps=1))
        monkeypatch.setattr(
            room, "examine_content", lambda seen, of, torn=torn: torn(seen, of) or real(seen, of)
        )
    assert [one.found for one in look(path, NOW) if not one.ok] == ([] if write_meanwhile else ["torn"])
    if write_meanwhile:
        assert backup(path, tmp_path / "copy.db") == 3
    else:
        with pytest.raises(DamagedFile, match="torn"):
            backup(path, tmp_path / "copy.db")
