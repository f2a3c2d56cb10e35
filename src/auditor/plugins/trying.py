"""Try a plugin in a process of its own, with a limit of time: what it does there stays there."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import pluggy

from auditor.checklists import load_domain
from auditor.entities import Domain
from auditor.i18n import _, language
from auditor.plugins.bundles import CODE, Bundle, unpack

SECONDS = 5.0
"""A plugin that is tried out may take so long."""


class BytesFile:
    """A file that lies in memory, as far as `load_domain` needs one: a name and bytes."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data

    def read_bytes(self) -> bytes:
        """Give its bytes."""
        return self._data


def read_domain(bundle: Bundle) -> Domain:
    """Read the domain's file of a bundle; raises BadDomain."""
    return load_domain(BytesFile(bundle.domain_file, bundle.files[bundle.domain_file]))


def load_bundle(bundle: Bundle) -> Any:
    """Give what pluggy registers for a bundle: a namespace with its domain, or its module, run here.

    Code is compiled from the checked bytes; it finds its other files in ``__bundle__``.
    """
    if CODE not in bundle.files:
        domain = read_domain(bundle)
        module = ModuleType(bundle.name)
        module.__dict__["auditor_domain"] = pluggy.HookimplMarker("auditor")(lambda: domain)
        return module
    module = ModuleType(bundle.name)
    module.__dict__["__bundle__"] = {
        path: BytesFile(path, data) for path, data in bundle.files.items() if not path.endswith(".py")
    }
    code = compile(bundle.files[CODE], f"<{bundle.name}>", "exec")
    exec(code, module.__dict__)  # a person allowed these very bytes with --allow-code
    return module


def try_bundle(data: bytes, seconds: float = SECONDS) -> dict[str, Any]:
    """Load a bundle and say what it is: ``{"ok", "error", "key", "name", "version", "items"}``.

    A bundle of data is read here; code runs in a child process.
    """
    bundle = unpack(Path("bundle.zip"), data)
    if not bundle.has_code:
        try:
            domain = read_domain(bundle)
        except Exception as error:
            return _failed(str(error))
        return _told(domain)
    return _child({"bundle": base64.b64encode(data).decode()}, seconds)


def try_path(path: Path, seconds: float = SECONDS) -> dict[str, Any]:
    """Load a plugin of a folder in a child process and say what it is."""
    return _child({"path": str(path)}, seconds)


def try_installed(name: str, value: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Load an installed plugin in a child process and say what it is."""
    return _child({"entry": [name, value]}, seconds)


def _failed(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error, "key": "", "name": "", "zh": "", "version": "", "items": 0,
            "sha256": "", "codes": []}  # fmt: skip


_SHAPE = {key: type(one) for key, one in _failed("").items()}
"""What a child answers; anything else is no answer of ours."""


def _told(domain: Domain) -> dict[str, Any]:
    return {
        "ok": True,
        "error": "",
        "key": domain.key,
        "name": domain.en,
        "zh": domain.zh,
        "version": domain.version,
        "items": len(domain.items),
        "sha256": "",
        "codes": sorted(domain.codes),
    }


def _child(question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Ask a child process; whatever it does instead of answering is the error."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "auditor.plugins.trying"],
            input=json.dumps({"lang": language(), **question}).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _failed(_("it did not load within {seconds} seconds").format(seconds=int(seconds)))
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or {key: type(one) for key, one in answer.items()} != _SHAPE:
        return _failed(_("it ended with {code} while it loaded").format(code=done.returncode))
    return answer


@contextmanager
def _kept_out() -> Iterator[TextIO]:
    """Keep what a plugin prints out of the answer."""
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield kept
    finally:
        sys.stdout = kept


def main() -> None:
    """Answer one question from standard input, as the last line of standard output."""
    from auditor.i18n import set_language
    from auditor.plugins.loading import load_one

    question = json.load(sys.stdin)
    set_language(question["lang"])
    with _kept_out():
        answer = load_one(question)
    print(json.dumps(answer, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    main()
