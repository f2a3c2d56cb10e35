"""A form that is refused: the page says why, leads back, and what was typed stands there again."""

from __future__ import annotations

from pathlib import Path

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
