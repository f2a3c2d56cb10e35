"""Forms of the desk's pages as a browser without scripts sends them, and long work done in this process."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from auditor.desk import work
from auditor.desk.jobs import Job, Jobs
from auditor.desk.places import write_json
from auditor.i18n import language, set_language
from desk_client import Client

Fields = dict[str, list[str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, Fields]] = []
        self.main: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {key: value or "" for key, value in attrs}
        if "main" in of.get("class", "").split():
            self.main.append(of.get("data-action", ""))
        if tag == "form":
            self.found.append((of.get("method", "get"), of.get("action", ""), {}))
        if not self.found:
            return
        fields = self.found[-1][2]
        name, kind = of.get("name", ""), of.get("type", "text")
        if (
            tag == "input"
            and name
            and kind != "file"
            and ("checked" in of or kind not in ("radio", "checkbox"))
        ):
            fields.setdefault(name, []).append(of.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in fields or "selected" in of):
            fields[self._select] = [of.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def form_of(page: str, action: str, number: int = -1) -> Fields:
    """What a form of a page sends if nobody changes it; the last of several with this address."""
    parser = _Forms()
    parser.feed(page)
    return [fields for _method, address, fields in parser.found if address == action][number]


def main_actions(page: str) -> list[str]:
    """The filled buttons of a page, by their `data-action`."""
    parser = _Forms()
    parser.feed(page)
    return parser.main


def send(
    client: Client, page: str, action: str, *, number: int = -1, files: Any = None, **typed: object
) -> Any:
    """Send a form of a page as it stands, with what was typed; do not follow."""
    fields: dict[str, object] = {**form_of(page, action, number), **typed}
    return client.post(action, data=fields, files=files, follow_redirects=False)


_waiting: list[tuple[Path, Mapping[str, str]]] = []


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let long work be done in this process, once `finished` asks for it."""

    def launch(jobs: Jobs, number: int, order: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        path: Path = jobs._order(number)
        write_json(path, {**order, "pid": 0, "started": ""})
        _waiting.append((path, secrets))

    _waiting.clear()
    monkeypatch.setattr(Jobs, "_launch", launch)


def finished(client: Client, answer: Any) -> Job:
    """Do the work that a form began, as `python -m auditor.desk.work` would; give what came of it."""
    assert answer.status_code == 303, answer.text
    spoken = language()
    while _waiting:
        path, secrets = _waiting.pop()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(json.dumps(dict(secrets)) + "\n"))
            patch.setattr(work.signal, "signal", lambda *given: None)
            work.main(path)
    set_language(spoken)
    job = client.desk.jobs.job(int(answer.headers["location"].rpartition("/")[2]))
    assert job is not None
    return job
