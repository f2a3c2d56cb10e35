"""Start the desk: one for a bureau's file, on loopback, until it is told to end or nobody comes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import http.client
import logging
import logging.handlers
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from auditor.desk import processes
from auditor.desk.door import Door
from auditor.desk.places import Places, read_json, write_json
from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, language, set_language

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Receive, Scope, Send

    from auditor.desk.app import Desk

LOOPBACK = ("127.0.0.1", "localhost")
FIRST_PORT, PORTS = 20_000, 10_000
SLOW_S = 15.0
"""So long a desk that runs may take to answer, on a computer that is busy; then another one is started."""
IDLE_S = 12 * 3600.0
"""After so long without a request and without work the desk ends itself."""


class NotHere(AuditorError):
    """The desk was asked to listen to the network."""

    exit_code = USAGE
    sentence = N_(
        "{host}: the desk answers this computer only (127.0.0.1): it has no accounts and no encryption yet, "
        "so that anybody in the network could read and change everything"
    )


class PortTaken(AuditorError):
    """A port that was asked for is taken."""

    sentence = N_("port {port} is taken by another program; name another one, or leave --port away")


def port_of(db: Path) -> int:
    """Give the port that a bureau's file stands for: the same at every start."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(db))).digest()
    return FIRST_PORT + int.from_bytes(digest[:4], "big") % PORTS


def listening(port: int) -> socket.socket | None:
    """Listen on a port of loopback, or give None where it is taken."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        one.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind(("127.0.0.1", port))
        one.listen(128)
    except OSError:
        one.close()
        return None
    return one


def some_port(db: Path, wanted: int | None) -> socket.socket:
    """Listen on the port that was asked for, else on the file's own, else on the next free one.

    Raises
    ------
    PortTaken
    """
    if wanted is not None:
        found = listening(wanted)
        if found is None:
            raise PortTaken(port=wanted)
        return found
    first = port_of(db)
    for port in range(first, first + 200):
        found = listening(port)
        if found is not None:
            return found
    raise PortTaken(port=first)


def running(places: Places) -> Door | None:
    """Give the door of the desk that runs for this file, if one does and answers."""
    noted = read_json(places.running)
    pid, port = noted.get("pid"), noted.get("port")
    if not isinstance(pid, int) or not isinstance(port, int) or not 0 < port < 65536:
        return None  # no note of ours, or what a full disk left of one
    if not processes.lives(pid, str(noted.get("started", ""))):
        return None
    door = Door(places.secret(), str(noted.get("run", "")), port)
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=SLOW_S)
    try:
        connection.request("GET", "/health", headers={"Cookie": f"{door.cookie_name}={door.cookie}"})
        return door if connection.getresponse().status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def keep_log(places: Places) -> None:
    """Let faults be written beside the file."""
    handler = logging.handlers.RotatingFileHandler(
        places.log, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in ("auditor.desk", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.WARNING)
        logger.propagate = False


def serve(
    places: Places,
    listener: socket.socket,
    *,
    plugins_dirs: Sequence[Path] = (),
    now: datetime | None = None,
    language_said: bool = True,
    ready: Callable[[str], None],
) -> None:
    """Serve until a signal, 退出 in the menu, or twelve hours of quiet; `ready` is told the address.

    Where nobody named a language (`language_said`), the first page speaks the browser's.
    """
    import uvicorn

    from auditor.desk.guard import Guard

    keep_log(places)
    door = Door(places.secret(), secrets.token_hex(8), listener.getsockname()[1])

    def build() -> tuple[Desk, ASGIApp]:
        from auditor.desk.compiled import Compiled

        compiled = Compiled()
        compiled.begin()
        from auditor.desk.app import Desk, make_app

        set_language(speaks)
        places.tidy(time.time())
        desk = Desk(
            places, door, plugins_dirs=plugins_dirs, now=now, language_said=language_said, compiled=compiled
        )
        return desk, make_app(desk)

    speaks = language()
    late = _Late(build)

    class Server(uvicorn.Server):
        """Ends well: uvicorn would raise the signal again, and the exit code would not be 0."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if self.should_exit:
                self.force_exit = True
            self.should_exit = True

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            write_json(
                places.running,
                {
                    "pid": os.getpid(),
                    "started": processes.started_at(os.getpid()),
                    "port": door.port,
                    "run": door.run,
                },
            )
            ready(door.url)
            self.watch = asyncio.create_task(self._watch())

        async def _watch(self) -> None:
            desk, _app = await late.built()
            while not self.should_exit:
                await asyncio.sleep(0.2)
                quiet = time.monotonic() - desk.last_request > IDLE_S
                if desk.stop or (quiet and desk.jobs.running() is None):
                    self.should_exit = True

    config = uvicorn.Config(
        Guard(late, door),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
        http="h11",
    )
    server = Server(config)
    try:
        asyncio.run(_with_few_threads(server, listener))
    finally:
        if read_json(places.running).get("pid") == os.getpid():
            places.running.unlink(missing_ok=True)
        late.close()


class _Late:
    """The rooms, loaded beside the first request: the address is told before."""

    def __init__(self, build: Callable[[], tuple[Desk, ASGIApp]]) -> None:
        self._build = build
        self._built: asyncio.Future[tuple[Desk, ASGIApp]] | None = None

    def built(self) -> asyncio.Future[tuple[Desk, ASGIApp]]:
        """Give desk and application once they are there."""
        if self._built is None:
            found: concurrent.futures.Future[tuple[Desk, ASGIApp]] = concurrent.futures.Future()
            found.set_running_or_notify_cancel()

            def build() -> None:
                try:
                    found.set_result(self._build())
                except BaseException as error:
                    found.set_exception(error)

            # of the loop's own threads it would wait for this one, though it is told to end at once
            threading.Thread(target=build, daemon=True).start()
            self._built = asyncio.wrap_future(found)
        return self._built

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        _desk, app = await self.built()
        await app(scope, receive, send)

    def close(self) -> None:
        """Close the bureau's file."""
        built = self._built
        if built is not None and built.done() and not built.cancelled() and built.exception() is None:
            built.result()[0].close()


async def _with_few_threads(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve with six threads: with forty, thirty readers beside a solver wait longer."""
    import anyio.to_thread

    anyio.to_thread.current_default_thread_limiter().total_tokens = 6
    await server.serve(sockets=[listener])
