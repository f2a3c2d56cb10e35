"""Processes of this computer: whether one still lives is told by its number and when it started."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auditor.errors import AuditorError
from auditor.i18n import N_


class NoProcess(AuditorError):
    """The computer starts no further program."""

    sentence = N_("no further program can be started now ({found}); close some others and try again")


@contextmanager
def starting() -> Iterator[None]:
    """Start a process within; raises NoProcess where this computer has no room for one."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.ENOMEM):
            raise
        raise NoProcess(found=error.strerror) from error


NO_WINDOW = 0x08000000 if sys.platform == "win32" else 0
"""The `creationflags` of a process that must not show a black window over the clerk's pages."""
MOST_S = 60
"""So long a small thing may take that a page waits for."""


def ask(module: str, order: Mapping[str, Any]) -> subprocess.CompletedProcess[bytes]:
    """Give an order to a module of ours in a process of its own, on standard input; give what it answered.

    Raises
    ------
    NoProcess, subprocess.TimeoutExpired
    """
    with starting():
        return subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=MOST_S,
            check=False,
            creationflags=NO_WINDOW,
        )


if sys.platform == "win32":

    def _on_windows(pid: int) -> str:
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = kernel.OpenProcess(0x1000, False, pid)
        if not handle:
            return ""
        times = [ctypes.c_ulonglong() for _ in range(4)]
        code = ctypes.c_ulong()
        try:
            if not kernel.GetProcessTimes(handle, *(ctypes.byref(one) for one in times)):
                return ""
            kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        finally:
            kernel.CloseHandle(handle)
        return str(times[0].value) if code.value == 259 else ""


def started_at(pid: int) -> str:
    """Give when a process started, as this system counts it; "" where there is no such process."""
    if sys.platform.startswith("linux"):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        fields = stat.rpartition(")")[2].split()  # the name in front may hold blanks
        return "" if fields[0] == "Z" else fields[19]
    if sys.platform == "win32":
        return _on_windows(pid)
    done = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def lives(pid: int, started: str) -> bool:
    """Whether the process that started then under this number still runs."""
    return bool(started) and started_at(pid) == started


def end(pid: int, started: str) -> None:
    """End a process that was started by us; another one under its number is left alone."""
    if lives(pid, started):
        try:
            os.kill(pid, signal.SIGTERM)
        except OSError:
            return
