"""What lies beside the bureau's file for the desk: its secret, which desk runs, its log, its work."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

A_MONTH_S = 31 * 24 * 3600


class Places:
    """The folder ``FILE.desk`` beside the bureau's file, mode 0700; elsewhere if that cannot be written."""

    def __init__(self, db: Path) -> None:
        self.db = Path(os.path.realpath(db))  # one bureau under two names has one desk
        folder = self.db.with_name(self.db.name + ".desk")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(folder)
        except OSError:
            folder = Path(tempfile.mkdtemp(prefix="auditor-desk-"))
        self.folder = folder

    @property
    def running(self) -> Path:
        """Which desk runs for this file."""
        return self.folder / "running.json"

    @property
    def log(self) -> Path:
        """Where faults are kept."""
        return self.folder / "desk.log"

    @property
    def work(self) -> Path:
        """Where long work is noted."""
        return self.folder / "work"

    def upload(self, name: str) -> Path:
        """Give a fresh place for a file that was dropped; its name is kept, cut, without its folders."""
        folder = self.folder / "uploads" / secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True)
        plain = "".join(" " if letter in '/\\:*?"<>|' or ord(letter) < 32 else letter for letter in name)
        stem, dot, suffix = plain.strip(" .").rpartition(".")
        name = stem or suffix
        name = name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}"  # its end tells a part from a whole
        return folder / (name + (dot and stem and f".{suffix[:10]}") or "file")

    def tidy(self, now_s: float) -> None:
        """Take away dropped files and notes of work that nobody has touched for a month."""
        for path in (*self.folder.glob("uploads/*/*"), *self.work.glob("*")):
            with contextlib.suppress(OSError):
                if now_s - path.stat().st_mtime > A_MONTH_S:
                    path.unlink()
        for folder in self.folder.glob("uploads/*"):
            with contextlib.suppress(OSError):
                folder.rmdir()  # refused while something lies in it

    def secret(self) -> bytes:
        """Give the secret beside the file, mode 0600; made at the first time."""
        path = self.folder / "secret"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        text = path.read_bytes().strip()
        if not re.fullmatch(b"[0-9a-f]{64}", text):
            path.unlink()
            return self.secret()
        return bytes.fromhex(text.decode())


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a small file, whole or not at all, for its owner only."""
    write_whole(path, json.dumps(value, ensure_ascii=False).encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all, for its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    beside.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a small file; empty where it is not there or cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
