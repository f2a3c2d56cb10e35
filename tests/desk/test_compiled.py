"""Templates come compiled from a process of their own, once each; without it pages are the same."""

from __future__ import annotations

import io
import marshal
import time
from typing import Any

import pytest

from auditor.desk import compiled as room
from auditor.desk.compiled import Compiled
from auditor.desk.looks import environment

LARGE = "plans/plan.html"


@pytest.fixture(scope="module")
def found() -> Compiled:
    """What the other process compiled, once it has ended."""
    cache = Compiled()
    cache.begin()
    until = time.monotonic() + 60
    while time.monotonic() < until and len(cache._found) < len(environment().list_templates()):
        time.sleep(0.05)
    return cache


def test_every_template_comes_from_the_other_process(
    found: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is compiled here, the code is what would be compiled here, and nothing of it is kept twice."""
    looks = environment()
    names = looks.list_templates()
    assert len(found._found) == len(names) > 50
    assert looks.loader is not None
    text, file, _fresh = looks.loader.get_source(looks, LARGE)
    own = looks.compile(text, LARGE, file)
    code = marshal.loads(found._found[found.get_cache_key(LARGE, file)][-len(marshal.dumps(own)) :])
    assert code == own
    looks.bytecode_cache = found
    monkeypatch.setattr(type(looks), "compile", lambda *_one, **_named: pytest.fail("compiled here"))
    assert [looks.get_template(name).name for name in names] == names
    assert found._found == {}


@pytest.mark.parametrize("spoiled", [b"", b"x" * 9, marshal.dumps(("k", b"nothing of Jinja"))])
def test_what_the_other_process_never_told_is_compiled_here(
    spoiled: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be started, dies half-way, or tells what is no code: the page is there all the same."""
    cache = Compiled()
    cache._take(io.BytesIO(spoiled))
    monkeypatch.setattr(room.subprocess, "Popen", _cannot)
    cache.begin()
    looks = environment()
    looks.bytecode_cache = cache
    cache._found = dict.fromkeys([cache.get_cache_key("stale.html", None)], b"nothing of Jinja")
    assert looks.get_template("stale.html").blocks
    cache.end()


def _cannot(*_asked: Any, **_named: Any) -> Any:
    raise OSError("no process")
