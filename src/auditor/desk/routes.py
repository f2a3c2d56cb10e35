"""How pages are declared, and what surrounds each: language, form token, errors in words."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auditor.desk import faults
from auditor.desk.page_names import name_pages
from auditor.desk.visit import Visit
from auditor.i18n import LANGUAGES, _, say_as, set_language
from auditor.store.errors import DamagedFile, told

Page = Callable[[Visit], Response]
MOST_FIELDS = 20_000

LANG_COOKIE = "auditor_lang"
A_YEAR = 365 * 24 * 3600


def page(path: str, function: Page) -> Route:
    """Declare a page: what it answers changes nothing."""
    return Route(path, _served(function, writes=False), methods=["GET"])


def act(path: str, function: Page) -> Route:
    """Declare what a form does."""
    return Route(path, _served(function, writes=True), methods=["POST"])


def spoken_by(request: Request) -> str:
    """Give the language of an answer: asked for, chosen before, said to the program, else the browser's."""
    desk = request.app.state.desk
    asked = request.query_params.get("lang", "")
    kept = request.cookies.get(LANG_COOKIE, "")
    told = preferred(request.headers.get("accept-language", "")) if not desk.language_said else ""
    return next((one for one in (asked, kept, told, desk.language) if one in LANGUAGES), "en")


def preferred(header: str) -> str:
    """Give the first language of ours in a browser's Accept-Language; "" where it names none."""
    found: list[tuple[float, int, str]] = []
    for at, piece in enumerate(header[:500].split(",")):
        name, _semicolon, weight = piece.strip().partition(";q=")
        try:
            worth = float(weight or 1)
        except ValueError:
            worth = 0.0
        own = name.lower().partition("-")[0]
        if own in LANGUAGES and worth > 0:
            found.append((-worth, at, own))
    return min(found)[2] if found else ""


def _served(function: Page, *, writes: bool) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def serve(request: Request) -> Response:
        desk = request.app.state.desk
        desk.touch()
        asked = request.query_params.get("lang", "")
        set_language(spoken_by(request))
        say_as(name_pages)
        form: FormData | None = None
        token = ("", "")
        if writes:
            try:
                form = await request.form(max_fields=MOST_FIELDS, max_files=20, max_part_size=1 << 20)
            except (HTTPException, ClientDisconnect, ValueError):
                return PlainTextResponse(_("the form did not arrive whole; send it again") + "\n", 400)
            sent = form.get("token", "")
            found = desk.door.read_token(sent) if isinstance(sent, str) else None
            if found is None:
                return PlainTextResponse(
                    _("this form is not the desk's own; open its page again and repeat it") + "\n", 403
                )
            token = found
        answer = await run_in_threadpool(
            _answer, function, Visit(desk, request, form, token), writes, token[0]
        )
        if form is not None:
            await form.close()
        if asked in LANGUAGES:
            answer.set_cookie(LANG_COOKIE, asked, max_age=A_YEAR, httponly=True, samesite="strict", path="/")
        return answer

    return serve


def _answer(function: Page, visit: Visit, writes: bool, number: str) -> Response:
    """Make one answer; whatever goes wrong is said on a page."""
    try:
        try:
            with told(visit.desk.places.db):
                if writes:
                    faults.refuse_done(visit, number)
                return function(visit)
        except DamagedFile as error:
            visit.leave()
            visit.desk.sessions.close()  # what is open was of another file, or is as broken
            return faults.page_of(visit, error)
        except Exception as error:
            visit.leave()
            return faults.page_of(visit, error)
    finally:
        visit.leave()
