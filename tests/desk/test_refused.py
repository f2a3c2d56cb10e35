"""A form that is refused: the page says why, leads back, and what was typed stands there again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from markupsafe import escape

from auditor.workflow import bureau, units
from desk_browsing import browser_running, desk_running
from desk_client import county_in, desk_of, text_of

NOW = "2026-12-08T09:00:00+08:00"
TYPED = {"who": "nobody such", "first": "2026-12-09", "last": "2026-12-10"}


def test_a_sentence_names_pages_and_no_command(tmp_path: Path) -> None:
    """What a command line would say with a command to type; in both languages."""
    file = county_in(tmp_path / "bureau.db")
    for language, page in (("en", "the page “People”"), ("zh", "“人员”页")):
        client = desk_of(file, language=language)
        answer = client.submit("/leave/new", client.page("/leave/new"), TYPED)
        assert page in text_of(answer.text)
        assert "auditor people" not in answer.text


def test_what_was_typed_stands_there_again(tmp_path: Path) -> None:
    """In a browser with scripts; once, and never where somebody comes another way."""
    file = county_in(tmp_path / "bureau.db")
    with browser_running() as browser, desk_running(file, now=NOW, lang="en") as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_url("**/")
        form = url.partition("/?")[0] + "/leave/new"
        page.goto(form)
        for name, value in TYPED.items():
            page.fill(f"[name={name}]", value)
        page.click("[data-action=save]")
        page.click("[data-action=back]")
        page.wait_for_load_state()
        assert {name: page.input_value(f"[name={name}]") for name in TYPED} == TYPED
        page.goto(form)
        assert {page.input_value(f"[name={name}]") for name in TYPED} == {""}
        page.close()


HOSTILE = (
    '甲校 `auditor units"><form action=/quit>',
    "乙校（0123456789abcdef）",
    "丙校 ` <b>",
    "丁校 `auditor units retire 1` (0123456789abcdef)",
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_typed_is_never_taken_for_a_command(tmp_path: Path, language: str) -> None:
    """Names with backticks, commands and ids of visits stand as they are, in lists, titles and fields."""
    file = county_in(tmp_path / "bureau.db")
    with bureau.opened(file) as db:
        now = datetime.fromisoformat(NOW)
        ids = [
            units.add_unit(db, {"id": f"x{at}", "name": name}, now=now).id for at, name in enumerate(HOSTILE)
        ]
    plain = desk_of(file, language=language)
    for name, one in zip(HOSTILE, ids, strict=True):
        page = plain.page(f"/units/{one}")
        assert f'value="{escape(name)}"' in page
        assert str(escape(name)) in plain.page(f"/search?q={one}")
    together = plain.page("/search?q=校")
    assert all(str(escape(name)) in together for name in HOSTILE)
    assert together.count("<form") == plain.page("/search?q=0099001002").count("<form")
