"""Templates compiled beside the pages, by a process of its own: ``python -m auditor.desk.compiled``.

A large page would wait for it a good part of its first look, and the server would keep the memory that
compiling takes. Nothing is kept on a disk, for what is read back would be run.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, BinaryIO

from jinja2 import BytecodeCache

from auditor.desk.looks import environment
from auditor.desk.processes import NO_WINDOW

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

NICE = 10
"""Pages come first."""


class Compiled(BytecodeCache):
    """What the other process has compiled so far; a template that is not there yet is compiled here."""

    def __init__(self) -> None:
        self._found: dict[str, bytes] = {}
        self._child: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Let the other process begin; where it cannot, nothing comes of it."""
        with contextlib.suppress(OSError):
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "auditor.desk.compiled"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=NO_WINDOW,
            )
            threading.Thread(target=self._follow, args=(self._child,), daemon=True).start()

    def _follow(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with child.stdout as pipe:
            self._take(pipe)
        child.wait()

    def _take(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(EOFError, ValueError, TypeError, OSError):
            while True:
                key, code = marshal.load(pipe)  # of a process of ours, started a moment ago
                self._found[key] = code

    def end(self) -> None:
        """Let the other process end, if it is at work still."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled, once: it is remembered as a template then."""
        code = self._found.pop(bucket.key, None)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep nothing of what was compiled here."""


class _Told(BytecodeCache):
    """Tells what was compiled."""

    def __init__(self, to: BinaryIO) -> None:
        self._to = to

    def load_bytecode(self, bucket: Bucket) -> None:
        """Know nothing."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Tell one template."""
        marshal.dump((bucket.key, bucket.bytecode_to_string()), self._to)
        self._to.flush()


def main(to: BinaryIO) -> None:
    """Compile every template, the largest first, and tell each as `marshal` writes it."""
    looks = environment()
    looks.bytecode_cache = _Told(to)
    assert looks.loader is not None
    sizes = {name: len(looks.loader.get_source(looks, name)[0]) for name in looks.list_templates()}
    for name in sorted(sizes, key=lambda one: (-sizes[one], one)):
        looks.get_template(name)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICE)
    with contextlib.suppress(BrokenPipeError):
        main(sys.stdout.buffer)
