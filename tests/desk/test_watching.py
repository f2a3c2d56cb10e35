"""Whoever watches work is led to its result; two pages at once load the plugins once."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

from auditor.desk import app
from auditor.desk.jobs import DONE
from auditor.workflow import bureau, domains
from desk_client import NOW, desk_of, revision_in, text_of, wait


def test_watched_work_leads_to_its_result(tmp_path: Path) -> None:
    """The question of a second is answered with the way there; asked as a page, it is shown with a button."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    client = desk_of(file)
    number = client.desk.jobs.start("county", {}, {}, revision=revision_in(file), number="a")
    assert wait(client, number) == DONE
    assert 'href="/welcome?at=5"' in client.page(f"/jobs/{number}")
    answer = client.get(f"/jobs/{number}", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/welcome?at=5")
    assert "120 units and" in text_of(client.page("/welcome?at=5"))


def test_no_page_asks_with_a_script_in_an_attribute() -> None:
    """The policy forbids what evaluates: a filter of a trigger, a handler, a computed value."""
    folder = Path(app.__file__).parent / "templates"
    for file in folder.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r'hx-trigger="[^"]*\[|hx-on|"js:|\son\w+=', text), file.name


def test_pages_at_once_load_the_plugins_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that met msgspec's types for the first time together ended the process."""
    file = tmp_path / "bureau.db"
    bureau.init(file, "", None, NOW)
    desk = desk_of(file).desk
    calls: list[int] = []
    real = domains.load_all

    def slow(*given: object, **more: object) -> object:
        calls.append(threading.get_ident())
        time.sleep(0.2)
        return real(*given, **more)

    monkeypatch.setattr(domains, "load_all", slow)

    def ask() -> None:
        with bureau.opened(file) as db:
            desk.plugins(db, NOW.date())

    threads = [threading.Thread(target=ask) for _one in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(calls) == 1
