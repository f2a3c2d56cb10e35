"""The desk as one application: its rooms collected, its guard around them."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route

from auditor import __version__
from auditor.desk import rooms
from auditor.desk.door import Door
from auditor.desk.jobs import Jobs
from auditor.desk.looks import environment
from auditor.desk.places import Places
from auditor.desk.routes import page, spoken_by
from auditor.desk.statics import Statics
from auditor.desk.symptoms import Symptoms
from auditor.desk.visit import NotFound, Visit
from auditor.i18n import N_, _, language, set_language
from auditor.store.sessions import Sessions
from auditor.workflow.months import BEIJING

if TYPE_CHECKING:
    from auditor.desk.compiled import Compiled
    from auditor.plugins import Plugins
    from auditor.store import Database

Kept = TypeVar("Kept")

NAV = (
    ("/", N_("Home")), ("/units", N_("Units")), ("/people", N_("People")), ("/leave", N_("Leave")),
    ("/programmes", N_("Programmes")), ("/draws", N_("Draws")), ("/plans", N_("Plans")),
    ("/rosters", N_("Rosters")), ("/calendars", N_("Calendars")), ("/domains", N_("Domains")),
    ("/verify", N_("Verify")),
)  # fmt: skip
"""The header's links."""


class Desk:
    """What all pages of one running desk share."""

    nav = NAV

    def __init__(
        self,
        places: Places,
        door: Door,
        *,
        plugins_dirs: Sequence[Path] = (),
        now: datetime | None = None,
        language_said: bool = True,
        compiled: Compiled | None = None,
    ) -> None:
        self.language_said = language_said
        self.places = places
        self.door = door
        self.language = language()
        self.sessions = Sessions(places.db)
        self.statics = Statics()
        self.looks = environment(static=self.statics.url, version=__version__)
        self.looks.bytecode_cache = self._compiled = compiled
        self.jobs = Jobs(places, self.sessions, plugins_dirs, now)
        self.symptoms = Symptoms(places.db)
        self.plugins_dirs = tuple(plugins_dirs)
        self.said_cookie = f"auditor_said_{door.port}"
        self.last_request = time.monotonic()
        self.stop = False
        self._now = now.astimezone(BEIJING) if now is not None else None
        self._said: dict[str, str] = {}
        self._kept: dict[str, tuple[str, Any]] = {}
        self._plugins: tuple[object, Plugins] | None = None
        self._loading = threading.Lock()
        self.routes: list[BaseRoute] = []

    def now(self) -> datetime:
        """Give this moment in the bureau's time, or the one that the desk was told to take."""
        return self._now or datetime.now(BEIJING).replace(microsecond=0)

    @property
    def is_drill(self) -> bool:
        """Whether the moment was named: what is made then is marked as a drill."""
        return self._now is not None

    def touch(self) -> None:
        """Note that somebody is here."""
        self.last_request = time.monotonic()

    def close(self) -> None:
        """Close the bureau's file, and end what works beside the pages."""
        if self._compiled is not None:
            self._compiled.end()
        self.sessions.close()

    def keep_said(self, text: str) -> str:
        """Keep a sentence for the next page; give its name."""
        name = secrets.token_hex(6)
        self._said[name] = text
        while len(self._said) > 100:
            self._said.pop(next(iter(self._said)), None)
        return name

    def said(self, name: str) -> str:
        """Give a kept sentence once."""
        return self._said.pop(name, "") if name else ""

    def has(self, path: str) -> bool:
        """Whether a page stands at an address."""
        scope = {"type": "http", "path": path, "method": "GET"}
        return any(one.matches(scope)[0] is Match.FULL for one in self.routes)

    def kept(self, name: str, db: Database, make: Callable[[], Kept]) -> Kept:
        """Give what `make` gives for this revision of the log: made once, for all visits to come.

        For what is read whole and shown often; what is given is never changed.
        """
        from auditor.store.once import revision_of

        revision = revision_of(db)
        found = self._kept.get(name)
        if found is None or found[0] != revision:
            found = self._kept[name] = (revision, make())
        value: Kept = found[1]
        return value

    def plugins(self, db: Database, on: date) -> Plugins:
        """Give the plugins, loaded once for a day and revision of the log, by one thread for all that wait.

        Two at once would load everything twice; and msgspec (0.22) ends the process with a fault of memory
        where two threads meet a type for the first time together.
        """
        from auditor.store.once import revision_of
        from auditor.workflow.domains import load_all

        mark = (on, revision_of(db), language())
        with self._loading:
            if self._plugins is None or self._plugins[0] != mark:
                self._plugins = (mark, load_all(self.plugins_dirs, db, on))
            return self._plugins[1]


def room_routes() -> list[Route]:
    """Collect what the rooms declare, rooms by name; plain addresses stand before those that hold a key."""
    found: list[Route] = []
    for one in sorted(pkgutil.iter_modules(rooms.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{rooms.__name__}.{one.name}")
        found += module.ROUTES
    return sorted(found, key=lambda one: _vagueness(one.path))


def _vagueness(path: str) -> int:
    """Say how much an address leaves open: a key that may hold slashes would take what stands behind it."""
    if "{" not in path:
        return 0
    if ":path}" not in path:
        return 1
    return 3 if path.endswith(":path}") else 2


async def _static(request: Request) -> Response:
    answer = request.app.state.desk.statics.answer(request)
    return answer if answer is not None else Response(status_code=404)


def _nothing(visit: Visit) -> Response:
    raise NotFound


async def _not_so(request: Request, error: Exception) -> Response:
    set_language(spoken_by(request))
    return PlainTextResponse(
        _("this address answers nothing that is asked so; go back and look again") + "\n", 405
    )


def make_app(desk: Desk) -> Starlette:
    """Build the application of a desk; `guard.Guard` goes around it."""
    desk.routes = [Route("/static/{digest}/{name}", _static, methods=["GET"]), *room_routes()]
    app = Starlette(
        routes=[*desk.routes, page("/{path:path}", _nothing)],
        exception_handlers={405: _not_so},
        middleware=[Middleware(GZipMiddleware, minimum_size=800, compresslevel=5)],
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app
