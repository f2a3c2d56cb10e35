"""What may be wrong with a bureau's file or the computer it lies on, each with its cure."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from auditor.entities import BUREAU_CLOCK, Breach
from auditor.errors import AuditorError
from auditor.i18n import _
from auditor.store.errors import AlreadyThere, Busy, DamagedFile, told
from auditor.store.log import verify_log
from auditor.store.opening import (
    LOOKS,
    as_it_lies,
    copy_in_memory,
    is_at_rest,
    reading,
    refuse_taken,
    stamp_of,
)
from auditor.store.schema import STEPS

FREE_BYTES = 200 * 2**20
FREE_TIMES = 3
"""Free space for so many files as big as the bureau: a -wal, a backup and what is made beside."""

CLOCK_SLACK = timedelta(minutes=10)
"""How far a computer's clock may lie behind the log before it is told."""

PASSWORD = "planning_password"
"""The setting that tells whether the planning key has a password: "yes" or "no"."""

DEMONSTRATION = "demonstration"
"""The setting of a bureau whose clock was its month's, on purpose."""

NETWORK_TYPES = {
    "9p", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse.ceph", "fuse.davfs2", "fuse.glusterfs",
    "fuse.gvfsd-fuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse", "glusterfs", "lustre",
    "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf",
}  # fmt: skip
"""File systems of another computer (or of a virtual one's host), as /proc/mounts names them."""

CLOUDS = {
    "OneDrive": ("onedrive",),
    "Dropbox": ("dropbox",),
    "iCloud": ("icloud", "icloud drive", "iclouddrive", "mobile documents", "com~apple~clouddocs"),
    "Google Drive": ("google drive", "googledrive", "google 云端硬盘", "我的云端硬盘"),
    "坚果云": ("坚果云", "我的坚果云", "nutstore"),
    "百度网盘": ("百度网盘", "百度云同步盘", "baidusyncdisk", "baidunetdiskworkspace"),
    "WPS云盘": ("wps云盘", "wps cloud files", "wpsdrive", "wps云文档"),
    "微云": ("微云", "微云同步助手", "weiyun"),
}
"""Programs that copy a folder to the net behind its user's back, with the folders' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing looked at. `ok` is True where nothing needs doing; `cure` says what to do else."""

    what: str
    ok: bool
    found: str
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a bureau's file holds: its faults, the leaves of its log, and how old its tables are.

    `fault` is SQLite's first, or empty; the log is read only where there is none. `last_at` is the
    moment of the log's last entry, None where there is none.
    """

    fault: str
    steps: int
    breaches: tuple[Breach, ...] = ()
    leaves: tuple[bytes, ...] = ()
    last_at: datetime | None = None
    demonstration: bool = False
    password: str = ""
    """Whether the planning key has a password: "yes", "no", or empty where there is no key yet."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.fault and not self.breaches


def examine_content(connection: sqlite3.Connection, path: Path) -> Content:
    """Check what a connection sees, on a copy in memory that is brought up to this version.

    Raises
    ------
    NewerFile
    """
    steps = connection.execute("pragma user_version").fetchone()[0]
    fault = str(connection.execute("pragma integrity_check(1)").fetchone()[0]).splitlines()[0]
    if fault != "ok":
        return Content(fault=fault, steps=steps)
    orphan = connection.execute("pragma foreign_key_check").fetchone()
    if orphan is not None:
        return Content(fault=f"foreign key of {orphan[0]} to {orphan[2]}", steps=steps)
    log: list[tuple[bytes, str]] = []
    demonstration, password = False, ""
    with suppress(sqlite3.OperationalError):  # a table that is lost is named below
        log = connection.execute("select leaf, at from log order by idx").fetchall()
        mark = connection.execute("select value from settings where key = ?", [DEMONSTRATION]).fetchone()
        demonstration = mark is not None
        kept = connection.execute("select value from settings where key = ?", [PASSWORD]).fetchone()
        password = kept[0] if kept else ""
    db = copy_in_memory(connection, path)
    try:
        breaches = tuple(verify_log(db))
    finally:
        db.conn.close()
    return Content(
        fault="",
        steps=steps,
        breaches=breaches,
        leaves=tuple(leaf for leaf, _at in log),
        last_at=_moment(log[-1][1]) if log else None,
        demonstration=demonstration,
        password=password,
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def sqlite_is_safe(number: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (fixed in 3.51.3, 3.50.7 and 3.44.6).

    The bug needs two connections that write at once; auditor writes with one.
    """
    if number >= (3, 51, 3) or number < (3, 7, 0):
        return True
    return (3, 50, 7) <= number < (3, 51, 0) or (3, 44, 6) <= number < (3, 45, 0)


def mount_type(path: str, mounts: str) -> str:
    """Give the type of the file system that an absolute path lies on, by the text of /proc/mounts."""
    kind, longest = "", 0
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # blanks in a folder's name are written as \040
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[1]).rstrip("/")
        if (path == point or path.startswith(point + "/")) and len(point) + 1 >= longest:
            kind, longest = fields[2], len(point) + 1
    return kind


def is_remote(path: str, mounts: str) -> bool:
    r"""Whether an absolute path lies on another computer: ``\\server\share``, or by its mount's type."""
    if re.match(r"\\\\(?![?.]\\)|\\\\[?.]\\UNC\\", path, re.IGNORECASE):
        return True
    return mount_type(path, mounts) in NETWORK_TYPES


def _drive_is_remote(path: Path) -> bool:
    """Whether Windows says that a drive's letter stands for another computer."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(path.drive + "\\") == 4)
    return False


def cloud_of(path: Path) -> str:
    """Name the cloud program whose folder a path lies in, by the folders' names; empty where in none."""
    for part in path.parts:
        for cloud, names in CLOUDS.items():
            # "OneDrive - 某某县教育局" and "Dropbox (个人)" are such folders, "Dropboxes" is none
            if any(re.match(re.escape(name) + "(?![a-z0-9])", part.lower()) for name in names):
                return cloud
    return ""


def _place(folder: Path) -> Symptom:
    real = folder.resolve()
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        mounts = ""
    what = _("place")
    if is_remote(str(real), mounts) or is_remote(str(folder), mounts) or _drive_is_remote(real):
        return Symptom(
            what=what,
            ok=False,
            found=_("{folder} lies on a network drive, where two programs can spoil the file").format(
                folder=folder
            ),
            cure=_(
                "move the bureau to this computer's own disk, and put only copies there with `auditor backup`"
            ),
        )
    cloud = cloud_of(real) or cloud_of(folder)
    if cloud:
        return Symptom(
            what=what,
            ok=False,
            found=_("{folder} is synchronised by {cloud}, which copies the file while it is written").format(
                folder=folder, cloud=cloud
            ),
            cure=_("move the bureau out of that folder, and put copies there with `auditor backup` instead"),
        )
    return Symptom(what=what, ok=True, found=_("a disk of this computer"))


def _space(path: Path, folder: Path) -> Symptom:
    size = sum(file.stat().st_size for file in (path, _beside(path, "-wal")) if file.is_file())
    need = max(FREE_BYTES, FREE_TIMES * size)
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    return Symptom(
        what=_("free space"),
        ok=free >= need,
        found=f"{free / 2**30:.1f} GB" if free >= 2**30 else f"{free // 2**20} MB",
        cure="" if free >= need else _("free at least {need} MB").format(need=-(-need // 2**20)),
    )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _leftovers(path: Path) -> Iterator[Symptom]:
    """Name files that a program made beside the bureau and, being killed, did not take away."""
    name = r"\.+" + re.escape(path.name)  # what is made beside a file that is itself made beside has two dots
    made = re.compile(name + r"(\.importing|\.\w+\.new)+(-wal|-shm|-journal)?")
    names = sorted(one.name for one in path.absolute().parent.iterdir() if made.fullmatch(one.name))
    if names:
        yield Symptom(
            what=_("left beside"),
            ok=False,
            found=", ".join(names),
            cure=_("close every auditor, then delete them: a program that was killed left them half-made"),
        )


def _wal(path: Path, seen: Content | None) -> tuple[Content | None, list[Symptom]]:
    """Judge what lies beside a bureau's file; give the content that counts and what to say.

    Nothing in a -wal names the file it belongs to. But the log only grows: a -wal that breaks the
    file, or whose log does not go on where the file's log ends, belongs to another. That a file was
    copied without its -wal cannot be known while both are whole: it is an earlier state.
    """
    journal, wal = _beside(path, "-journal"), _beside(path, "-wal")
    if journal.is_file() and journal.stat().st_size:
        found = _("{file} is none of this bureau's, and SQLite would play it into it").format(file=journal)
        cure = _("close every auditor, move that file away and keep it, then look again")
        return seen, [Symptom(what=_("left beside"), ok=False, found=found, cure=cure)]
    if not wal.is_file() or not wal.stat().st_size:
        return seen, []
    alone = None
    with suppress(AuditorError, sqlite3.Error), closing(sqlite3.connect(as_it_lies(path), uri=True)) as bare:
        alone = examine_content(bare, path)
    if alone is None or not alone.whole:
        found = _("a part of the bureau lies in {file} only").format(file=wal)
    elif seen is None or not seen.whole or seen.leaves[: len(alone.leaves)] != alone.leaves:
        found = _("{file} does not belong to this bureau: without it the bureau is whole").format(file=wal)
        cure = _("close every auditor, move that file away and keep it, then look again")
        return alone, [Symptom(what=_("left beside"), ok=False, found=found, cure=cure)]
    elif seen.leaves == alone.leaves:
        return seen, []
    else:
        found = _("log entries that lie in {file} only: {count}").format(
            count=len(seen.leaves) - len(alone.leaves), file=wal
        )
    # no harm: the next command brings them home, unless somebody copies the one file without the other
    found += _(" (auditor is open, or was killed; until it has run again, do not copy one file alone)")
    return seen, [Symptom(what=_("beside it"), ok=True, found=found)]


def _clock(content: Content, now: datetime) -> Symptom:
    late = content.last_at is not None and content.last_at > now + CLOCK_SLACK and not content.demonstration
    told_at = now.astimezone(BUREAU_CLOCK).strftime("%Y-%m-%d %H:%M")
    if not late or content.last_at is None:
        return Symptom(what=_("clock"), ok=True, found=told_at)
    return Symptom(
        what=_("clock"),
        ok=False,
        found=_("{now} lies before the log's last entry, {last}").format(
            now=told_at, last=content.last_at.astimezone(BUREAU_CLOCK).strftime("%Y-%m-%d %H:%M")
        ),
        cure=_(
            "set the computer's date, time and time zone; if they are right, an entry was written with --now"
        ),
    )


def _planning_key(content: Content) -> Symptom:
    told = {
        "yes": _("opens with a password"),
        "no": _("has no password: whoever has this file can open a sealed plan"),
    }
    return Symptom(
        what=_("planning key"),
        ok=True,
        found=told.get(content.password, _("none yet: it is made at the first freeze, without a password")),
    )


def look(path: Path, now: datetime | None = None) -> list[Symptom]:
    """Look at a bureau's file, its folder and this computer without changing any of them.

    Parameters
    ----------
    now
        An aware moment to compare the log with; the computer's clock where it is None.
    """
    folder = path.absolute().parent
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    symptoms = [
        Symptom(
            what=_("folder"),
            ok=writable,
            found=str(folder) if writable else _("{folder} cannot be written").format(folder=folder),
            cure="" if writable else _("choose a folder of your own"),
        ),
        _place(folder),
        _space(path, folder),
    ]
    safe = sqlite_is_safe(sqlite3.sqlite_version_info)
    symptoms.append(
        Symptom(
            what="SQLite",
            ok=True,
            found=sqlite3.sqlite_version
            + ("" if safe else _(" (do not let two programs write this file at once)")),
        )
    )
    symptoms.append(Symptom(what="Python", ok=True, found=platform.python_version()))
    try:
        symptoms.append(Symptom(what="OR-Tools", ok=True, found=version("ortools")))
    except PackageNotFoundError:
        symptoms.append(Symptom(what="OR-Tools", ok=False, found="–", cure="pip install ortools"))
    if folder.is_dir():
        symptoms += _leftovers(path)
    if path.exists():
        return symptoms + _look_inside(path, now or datetime.now(UTC))
    try:
        refuse_taken(path)
    except AlreadyThere as error:  # SQLite would play it into a new file of this name
        symptoms.append(Symptom(what=_("bureau"), ok=False, found=str(error), cure=_("see above")))
    symptoms.append(
        Symptom(
            what=_("bureau"),
            ok=False,
            found=_("{file} is not there").format(file=path),
            cure=_("make one with `auditor init`, or name it with --db"),
        )
    )
    return symptoms


def _read(path: Path) -> tuple[Content | None, AuditorError | OSError | None]:
    """Give what a file holds, or why it cannot be read."""
    try:
        with told(path), reading(path) as connection:
            return examine_content(connection, path), None
    except (AuditorError, OSError) as error:
        return None, error


def _look_inside(path: Path, now: datetime) -> list[Symptom]:
    """Look at a file that is there: its protection, what lies beside it, its pages, its log."""
    symptoms = []
    if not os.access(path, os.W_OK):
        symptoms.append(
            Symptom(
                what=_("protection"),
                ok=False,
                found=_("{file} is read-only").format(file=path),
                cure=_(
                    "take off its write protection (Properties, Read-only), or copy it to your own folder"
                ),
            )
        )
    for _look in range(LOOKS):
        stamp = stamp_of(path)
        content, refused = _read(path)
        content, beside = _wal(path, content)
        good = content is not None and content.whole and all(one.ok for one in beside)
        if good or is_at_rest(path, stamp):
            break
    else:
        told_busy = str(Busy(file=path))
        return [*symptoms, Symptom(what=_("bureau"), ok=False, found=told_busy, cure=_("see above"))]
    symptoms += beside
    copied_badly = _("copy it again with `auditor backup`, or with its -wal beside it; else restore a backup")
    if content is None:
        cure = copied_badly if isinstance(refused, DamagedFile) else _("see above")
        return [*symptoms, Symptom(what=_("bureau"), ok=False, found=str(refused), cure=cure)]
    if content.fault:
        return [*symptoms, Symptom(what=_("bureau"), ok=False, found=content.fault, cure=copied_badly)]
    older = content.steps < len(STEPS)
    symptoms.append(
        Symptom(
            what=_("bureau"),
            ok=True,
            found=str(path)
            + (_(" (of an earlier auditor; the next command brings it up to this one)") if older else ""),
        )
    )
    first = content.breaches[0] if content.breaches else None
    symptoms.append(
        Symptom(
            what=_("log"),
            ok=first is None,
            found=_("{count} entries, the tables agree").format(count=len(content.leaves))
            if first is None
            else f"{first.rule} {first.where}: {first.what}",
            cure="" if first is None else _("compare with a backup: `auditor restore FILE --db NEW`"),
        )
    )
    return [*symptoms, _planning_key(content), _clock(content, now)]
