"""Every link and every form of the desk: nothing leads nowhere, nothing breaks, nothing is unescaped.

The pages of a plan whose key has a password are crawled in `test_days.py`, where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from desk_client import desk_of, text_of
from desk_crawling import Reader, crawl, kind_of
from desk_here import files_here, work_never
from desk_worlds import HOSTILE, MANY, demo_in, fresh_in, hostile_in, large_in


@pytest.mark.parametrize(
    ("make", "language"),
    [
        pytest.param(fresh_in, "zh", id="fresh"),
        pytest.param(demo_in, "zh", id="a month's work"),
        pytest.param(hostile_in, "en", id="hostile names, English"),
    ],
)
def test_every_link_leads_somewhere_and_every_form_is_answered(
    make: Callable[[Path], Path], language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No dead link, no 5xx, no script or style in a page, one main button, no name that is a tag.

    Long work is asked for, and not done; `benchmarks/desk_crawl.py` has it done.
    """
    path = make(tmp_path)
    work_never(monkeypatch)
    files_here(monkeypatch)
    done = crawl(desk_of(path, language=language), forbidden=(HOSTILE, ' onfocus="x'))
    assert "\n".join(done.faults) == ""
    assert len(done.pages) >= 8
    assert done.sent >= 3


def test_fifteen_thousand_units_break_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two years of records too: one page and one form of each kind; long work is asked for, and not done.

    `benchmarks/desk_crawl.py` looks at more pages, and has the work done that the forms begin.
    """
    path = large_in(tmp_path)
    work_never(monkeypatch)
    files_here(monkeypatch)
    done = crawl(desk_of(path, language="zh"), forbidden=(HOSTILE, ' onfocus="x'), alike=1)
    assert "\n".join(done.faults) == ""
    assert f"{MANY}" in re.sub(r"\s", "", text_of(done.pages["/units"]))
    assert len(done.pages) >= 40
    assert done.sent >= 30


def test_the_crawl_sees_what_is_wrong() -> None:
    """A style, a handler, an inline script and a second main button are told."""
    reader = Reader()
    reader.feed('<p style="x"><a class="button main" href="/a" onclick="x"></a><script>1</script>')
    assert reader.unsafe == ["p style", "a onclick", "inline script"]
    reader.feed('<button class="button main"></button>')
    assert reader.mains == 2
    assert kind_of("/units/99%2F1?lang=zh&q=a") == "/units/*?q"
