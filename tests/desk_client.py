"""A desk to test pages with: an application that was let in, over a bureau that a test may change."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from auditor.desk.app import Desk, make_app
from auditor.desk.door import Door
from auditor.desk.guard import Guard
from auditor.desk.jobs import RUNNING
from auditor.desk.places import Places
from auditor.i18n import set_language
from auditor.store import once
from auditor.workflow import bureau, county
from auditor.workflow.domains import load_all

PORT = 24_242
NOW = datetime.fromisoformat("2026-12-08T09:00:00+08:00")


def county_in(path: Path, now: datetime = NOW) -> Path:
    """Make a bureau that holds the synthetic county; give its file."""
    bureau.init(path, county.NAME, county.START, now)
    with bureau.opened(path) as db:
        county.fill(db, load_all(), now)
    return path


def desk_of(path: Path, *, language: str = "en", now: datetime = NOW, enter: bool = True) -> Client:
    """Give a client of a desk over a bureau's file, through the door unless told otherwise."""
    set_language(language)
    places = Places(path)
    desk = Desk(places, Door(places.secret(), "run", PORT), now=now)
    client = Client(Guard(make_app(desk), desk.door), base_url=f"http://127.0.0.1:{PORT}")
    client.desk = desk
    if enter:
        assert client.get("/", params={"key": desk.door.key}).status_code == 200
    return client


class Client(TestClient):
    """A browser without scripts that keeps cookies and follows links."""

    desk: Desk

    def page(self, address: str, **headers: str) -> str:
        """Give the text of a page that must be there."""
        answer = self.get(address, headers=headers)
        assert answer.status_code == 200, (address, answer.status_code, text_of(answer.text))
        return answer.text

    def submit(self, address: str, page: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Send a form whose token stands on `page`, as it was given by `page()`; do not follow."""
        token = token_of(page)
        return self.post(address, data={"token": token, **(fields or {})}, follow_redirects=False, **more)


def revision_in(file: Path) -> str:
    """Give the revision of a bureau's file."""
    with bureau.opened(file) as db:
        return once.revision_of(db)


def entries_in(file: Path) -> int:
    """Give how many entries the log of a bureau's file has."""
    with bureau.opened(file) as db:
        return once.entries_of(db)


def token_of(page: str) -> str:
    """Give the token of the last form of a page."""
    return re.findall(r'name="token" value="([^"]+)"', page)[-1]


def was_of(page: str) -> str:
    """Give what the form of a page showed."""
    found = re.search(r'name="was" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def text_of(page: str) -> str:
    """Give the words of a page's main part, blanks folded."""
    main = page.partition("<main")[2] or page
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def wait(client: Client, number: int, timeout_s: float = 60) -> str:
    """Wait until work is no longer running; give what it is."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        job = client.desk.jobs.job(number)
        assert job is not None
        if job.state != RUNNING:
            return str(job.state)
        time.sleep(0.05)
    raise TimeoutError
